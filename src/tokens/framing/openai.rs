//! OpenAI's chat models: what the API puts around messages, functions, calls and results.
//!
//! All rules are renderings that make recorded usage come out right (8,100 chat requests to OpenAI
//! and Azure, examined on 2026-11-22; half of the repositories to derive, the other half to check;
//! figures in `docs/tokens.md`).

mod older;
mod schema;
mod typescript;

use super::EstimateOptions;
use super::bill::{Bill, part};
use super::json::{self, MINIFIED, PYTHON, SPACED};
use super::media;
use crate::catalog::{Model, Tokenizer};
use crate::chat::{ChatRequest, Message, Role, Tool, ToolCall, ToolChoice};
use crate::tokens::Interval;
use crate::tokens::counter::Texts;
use crate::tokens::model::has_word;
use crate::tokens::parts::Part;
use serde_json::{Map, Value};

/// What differs between generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Tokens of the request as such.
    base: u64,
    /// Tokens of an assistant's message beyond the 4 of every message.
    assistant: u64,
    /// Tokens that having functions brings, after a system message and without one.
    tools: (u64, u64),
    /// Tokens around one call and its result.
    call: u64,
    /// Tokens around several calls of one message and their results.
    calls: u64,
    generation: Generation,
    /// Whether records support the plain rules for this model.
    known: bool,
    /// Whether OpenRouter passes the request on.
    through_gateway: bool,
    /// Whether the request goes to the Responses API in the end.
    responses: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    /// GPT-4 as it was in June 2023: functions in an older rendering.
    June,
    /// GPT-3.5 and the later GPT-4.
    Four,
    /// GPT-4o and GPT-4.1. Plain chat: 2,334 of 2,339 records exact.
    FourO,
    /// o1, o3, o4-mini. Plain chat: 15 of 16 records exact.
    Reasoning,
    /// gpt-oss: 96 records of text, 73 % exact; a schema is not shown to the model.
    Oss,
    /// GPT-5 to 5.4. Plain chat: 122 of 122 records exact.
    Five,
}

/// The dialect of an OpenAI chat model; `None` for audio, search and other special ones.
pub(super) fn dialect(model: &Model) -> Option<Dialect> {
    let id = model.id.to_ascii_lowercase();
    let special = ["audio", "search", "realtime", "instruct", "transcribe", "image"];
    if special.iter().any(|word| has_word(&id, word)) {
        return None;
    }
    let older = Dialect {
        base: 3,
        assistant: 0,
        tools: (0, 0),
        call: 12,
        calls: 20,
        generation: Generation::FourO,
        known: true,
        through_gateway: false,
        responses: false,
    };
    if model.tokenizer == Tokenizer::Cl100kBase {
        if older::is_of_june(&id) {
            return Some(Dialect { generation: Generation::June, ..older });
        }
        return Some(Dialect { generation: Generation::Four, ..older });
    }
    if ["gpt-4o", "gpt-4.1", "chatgpt-4o", "gpt-4.5"].iter().any(|word| has_word(&id, word)) {
        return Some(older);
    }
    if ["o1", "o3", "o4"].iter().any(|word| has_word(&id, word)) {
        // o1-mini has no system text: 4 of 5 records.
        let base = if has_word(&id, "o1-mini") || has_word(&id, "o1-preview") { 3 } else { 2 };
        return Some(Dialect { base, generation: Generation::Reasoning, ..older });
    }
    let five = Dialect {
        base: 2,
        assistant: 2,
        tools: (85, 82),
        call: 18,
        calls: 26,
        generation: Generation::Five,
        known: true,
        through_gateway: false,
        responses: false,
    };
    if has_word(&id, "gpt-oss") {
        // 125 records: GPT-5's frame and a system text of 59 to 61.
        return Some(Dialect {
            base: 61,
            tools: (20, 17),
            known: false,
            generation: Generation::Oss,
            ..five
        });
    }
    if has_word(&id, "gpt-5") {
        let later = ["gpt-5.5", "gpt-5.6", "gpt-5.7", "gpt-5.8", "gpt-5.9"];
        return Some(Dialect { known: !later.iter().any(|word| has_word(&id, word)), ..five });
    }
    (has_word(&id, "gpt") || model.lab == "openai").then_some(Dialect { known: false, ..five })
}

pub(super) fn add(
    bill: &mut Bill,
    request: &ChatRequest,
    model: &Model,
    dialect: Dialect,
    texts: Texts,
    options: &EstimateOptions,
) {
    let through_gateway = options.provider.as_deref() == Some("openrouter");
    let responses = options.provider.as_deref() == Some("openai-responses");
    let dialect = Dialect { through_gateway, responses, ..dialect };
    bill.add_exact(part::FRAMING, dialect.base);
    match dialect.generation {
        Generation::Oss => bill.widen(12, 30),
        _ if !dialect.known => bill.widen(3, 12),
        _ => {}
    }
    let former = former_functions(request);
    // What is deferred is found by search, and not shown before (7 records).
    let deferred = |tool: &Tool| tool.extra.get("defer_loading") == Some(&Value::Bool(true));
    let functions = request.tools.iter().chain(&former);
    let functions = functions.filter(|tool| tool.other.is_none() && !deferred(tool));
    let mut functions: Vec<&Tool> = functions.collect();
    if dialect.generation == Generation::June {
        let has_system = request.messages.iter().any(|m| m.role == Role::System);
        older::add(bill, request, &functions, has_system, texts);
        functions.clear();
    }
    add_instructions(bill, request, &functions, dialect, texts);
    let mut messages = request.messages.iter().enumerate().peekable();
    while let Some((index, message)) = messages.next() {
        if message.role == Role::Tool {
            // A result without its call.
            bill.add(part::MESSAGES, texts.count(&message.content.text()));
            bill.add_exact(part::FRAMING, 4);
            bill.widen(4, 20);
            continue;
        }
        add_message(bill, message, index == 0, model, dialect, texts);
        if message.tool_calls.is_empty() {
            continue;
        }
        let mut results = Vec::new();
        while let Some((_, result)) = messages.next_if(|(_, next)| next.role == Role::Tool) {
            results.push(result);
        }
        add_calls(bill, &message.tool_calls, &results, dialect, texts);
        for result in results {
            media::add_parts_of_result(bill, result, model, texts, dialect.through_gateway);
        }
    }
    add_choice(bill, request, dialect, texts);
    // Gateways may answer from other deployments, and count what they add: 12 less to 10 more on 11
    // of 34 records with functions through OpenRouter.
    if through_gateway && !request.tools.is_empty() {
        bill.widen(12, 12);
    }
}

/// Functions in the field that `tools` has replaced (30 records).
fn former_functions(request: &ChatRequest) -> Vec<Tool> {
    let list = request.extra.get("functions").and_then(Value::as_array);
    let text = |function: &Value, name: &str| function.get(name)?.as_str().map(str::to_owned);
    list.into_iter()
        .flatten()
        .map(|function| Tool {
            name: text(function, "name").unwrap_or_default(),
            description: text(function, "description"),
            parameters: function.get("parameters").cloned(),
            strict: None,
            other: None,
            extra: Map::new(),
        })
        .collect()
}

/// Whether the first message is the place where functions and schemas are appended. A system
/// message further down is not: a new one is put in front (15 records).
fn opens_with_instructions(request: &ChatRequest) -> bool {
    request.messages.first().is_some_and(|m| matches!(m.role, Role::System | Role::Developer))
}

/// The first system message with the functions and the schema after it, or a system message of
/// their own.
fn add_instructions(
    bill: &mut Bill,
    request: &ChatRequest,
    functions: &[&Tool],
    dialect: Dialect,
    texts: Texts,
) {
    let opening = opens_with_instructions(request);
    let mut text = match request.messages.first() {
        Some(message) if opening => message.content.text(),
        _ => String::new(),
    };
    let mut before = if opening { texts.count(&text) } else { Interval::default() };
    if opening {
        bill.add(part::SYSTEM, before);
    }
    if request.tools.iter().any(|tool| tool.other.is_some()) {
        // A tool of the provider's own: its definition is not in the request.
        bill.add(part::TOOLS, Interval::new(0, 120, 3000));
        bill.doubt();
    }
    let mut format = schema::section(request);
    if dialect.generation == Generation::Oss
        && let Some((_, section)) = format.take()
    {
        // 16 records: nothing; 2 through Groq: the schema and more.
        bill.widen(0, 100 + 2 * texts.count(&section).high);
    }
    if functions.is_empty() && format.is_none() {
        return;
    }
    let mut append = |bill: &mut Bill, name: Part, section: &str| {
        if !text.is_empty() || opening {
            text.push_str("\n\n");
        }
        text.push_str(section);
        let after = texts.count(&text);
        bill.add(name, after.less(before.tokens));
        before = after;
    };
    // In the Responses API no message is made for them (190 of 200 records).
    if !opening && !dialect.responses {
        bill.add_exact(part::FRAMING, 4);
    }
    if !functions.is_empty() {
        append(bill, part::TOOLS, &typescript::tools_section(functions.iter().copied()));
        let (after_system, alone) = match dialect.generation {
            // 78 of 95 records within one token.
            Generation::Five if dialect.responses => (4, 4),
            _ => dialect.tools,
        };
        bill.add_exact(part::FRAMING, if opening { after_system } else { alone });
        bill.less(part::TOOLS, 1);
        if dialect.responses {
            add_responses(bill, request, dialect);
        }
        doubt_definitions(bill, functions, dialect, texts);
    }
    if let Some((name, section)) = format {
        append(bill, part::SCHEMA, &section);
        // The name comes once more where the answer begins; not on GPT-5.
        if dialect.responses {
            // 79 records of GPT-4o.
            bill.add_exact(part::SCHEMA, u64::from(dialect.generation == Generation::FourO));
        } else if !matches!(dialect.generation, Generation::Five | Generation::Oss) {
            bill.add(part::SCHEMA, texts.count(&name) + Interval::exact(2));
        }
        // 47 % of 235 records exact, 95 % within these bounds: keys that the API drops from a
        // schema are only partly known.
        let schema = bill.expected(part::SCHEMA);
        bill.widen(2 + schema / 20, 4 + schema / 40);
    }
}

/// What else functions cost in the Responses API.
fn add_responses(bill: &mut Bill, request: &ChatRequest, dialect: Dialect) {
    if dialect.generation == Generation::FourO {
        // 76 of 90 records; 9 more where some call is required (4 records; 8 or 15 on 13).
        bill.less(part::TOOLS, 2);
        if matches!(request.tool_choice, Some(ToolChoice::Required)) {
            bill.add_exact(part::FRAMING, 9);
            bill.widen(9, 8);
        }
    }
    // Calls and results: up to three less (40 records), several at once up to four for each.
    let calls: u64 = request.messages.iter().map(|m| m.tool_calls.len() as u64).sum();
    bill.widen(1 + 4 * calls, 1 + 4 * calls);
}

/// How sure the rendering of these definitions is.
fn doubt_definitions(bill: &mut Bill, functions: &[&Tool], dialect: Dialect, texts: Texts) {
    match dialect.generation {
        Generation::FourO | Generation::Five | Generation::Oss | Generation::June => {}
        // 46 records, 40 of them exact.
        Generation::Four => bill.widen(3, 3),
        // 2 records of o3-mini, one more than this each; none of o3 and o4-mini.
        Generation::Reasoning => bill.widen(2, 88),
    }
    let mut repeated = Vec::new();
    let mut unsure = 0;
    for tool in functions {
        let Some(schema) = &tool.parameters else { continue };
        typescript::repeated_descriptions(schema, &mut repeated, 0);
        let printed = json::print(schema, MINIFIED);
        for word in [
            "\"format\":",
            "\"anyOf\":",
            "\"oneOf\":",
            "\"allOf\":",
            "\"$ref\":",
            "\"minimum\":",
            "\"examples\":",
        ] {
            unsure += printed.matches(word).count() as u64;
        }
    }
    for text in repeated {
        let tokens = texts.count(&text) + Interval::exact(2);
        if matches!(dialect.generation, Generation::FourO | Generation::Five) {
            bill.add(part::TOOLS, tokens);
        } else {
            // One record of two.
            bill.widen(0, tokens.high);
        }
        unsure += 1;
    }
    // Unions, formats and limits: 9 of 13 records that miss have one.
    bill.widen(2 * unsure, 6 * unsure);
    // The order of properties is the client's; recorded requests had lost it, which moves a seam.
    bill.widen(1, 1);
}

fn add_message(
    bill: &mut Bill,
    message: &Message,
    first: bool,
    model: &Model,
    dialect: Dialect,
    texts: Texts,
) {
    let text = message.content.text();
    // An assistant's call without words is no message of its own.
    if !message.tool_calls.is_empty() && text.is_empty() {
        return;
    }
    bill.add_exact(part::FRAMING, 4);
    if message.role == Role::Assistant {
        bill.add_exact(part::FRAMING, dialect.assistant);
    }
    let system = matches!(message.role, Role::System | Role::Developer);
    if !(first && system) {
        let place = if system { part::SYSTEM } else { part::MESSAGES };
        bill.add(place, texts.count(&text));
    }
    if let Some(name) = &message.name {
        // 8 records: one, and the name's own tokens where it is not the role's.
        bill.add_exact(part::FRAMING, 1);
        if name != message.role.name() {
            bill.add(part::FRAMING, texts.count(name));
        }
        bill.widen(1, 1);
    }
    media::add_parts(bill, message, model, texts, dialect.through_gateway);
}

/// Calls of one message and the results that follow. One call: its minified arguments, its name
/// twice, once after `functions.` (578 records, 564 exact). Several: one call to
/// `multi_tool_use.parallel` with all of them, one result with a list of all (125 of 125 exact).
fn add_calls(
    bill: &mut Bill,
    calls: &[ToolCall],
    results: &[&Message],
    dialect: Dialect,
    texts: Texts,
) {
    if calls.len() != results.len() {
        bill.widen(12, 20);
    }
    match dialect.generation {
        // 4 records, exact but for the definitions.
        Generation::June | Generation::Four => bill.widen(3, 10),
        Generation::Five | Generation::Oss if calls.len() > 1 => bill.widen(2, 2),
        _ => {}
    }
    let said: Vec<String> = results.iter().map(|result| result.content.text()).collect();
    // The Responses API shows each call for itself, with one token more (150 records); several at
    // once with 3 to 4 less for each (60 records).
    if calls.len() == 1 || dialect.responses {
        for call in calls {
            add_call(bill, call, dialect, texts);
        }
        if dialect.responses && calls.len() > 1 {
            bill.less(part::TOOL_CALLS, 4 * calls.len() as u64);
        }
        bill.add(part::MESSAGES, said.iter().map(|text| texts.count(text)).sum());
        return;
    }
    let uses: Vec<Value> = calls
        .iter()
        .map(|call| {
            let parameters = serde_json::from_str(&call.arguments)
                .unwrap_or_else(|_| Value::String(call.arguments.clone()));
            serde_json::json!({"recipient_name": format!("functions.{}", call.name), "parameters": parameters})
        })
        .collect();
    let wrapped = json::print(&serde_json::json!({"tool_uses": uses}), MINIFIED);
    let list: Vec<Value> = said
        .into_iter()
        .map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
        .collect();
    bill.add(part::TOOL_CALLS, texts.count(&wrapped));
    let list = Value::Array(list);
    let raw = texts.count(&json::print(&list, SPACED));
    let escaped = texts.count(&json::print(&list, PYTHON));
    let saved = escaped.tokens.saturating_sub(raw.tokens);
    // Letters beyond ASCII stood there as `\u2019` (22 records of GPT-4o, 4 of GPT-5) and stand as they
    // are in later recordings (6 and 4, of the same requests).
    if matches!(dialect.generation, Generation::Five | Generation::Oss) {
        bill.add(part::MESSAGES, raw);
        bill.widen(0, saved);
    } else {
        bill.add(part::MESSAGES, escaped);
        bill.widen(saved, 0);
    }
    bill.add_exact(part::FRAMING, dialect.calls);
}

/// One call: its minified arguments, its name twice, once after `functions.`.
fn add_call(bill: &mut Bill, call: &ToolCall, dialect: Dialect, texts: Texts) {
    let arguments = match serde_json::from_str::<Value>(&call.arguments) {
        Ok(value) => json::print(&value, MINIFIED),
        Err(_) => call.arguments.clone(),
    };
    bill.add(part::TOOL_CALLS, texts.count(&arguments) + texts.count(&call.name));
    bill.add(part::TOOL_CALLS, texts.count(&format!("functions.{}", call.name)));
    bill.add_exact(part::FRAMING, dialect.call + u64::from(dialect.responses));
}

/// A named choice puts the call's head into the prompt: 6 and the name after `functions.` (40
/// records); nothing on GPT-5 (9 records), nor for `auto` and `required` (430 records).
fn add_choice(bill: &mut Bill, request: &ChatRequest, dialect: Dialect, texts: Texts) {
    if request.tools.is_empty() {
        return;
    }
    match &request.tool_choice {
        Some(ToolChoice::Named(name))
            if matches!(
                dialect.generation,
                Generation::Four | Generation::FourO | Generation::Reasoning
            ) =>
        {
            bill.add_exact(part::FRAMING, 6);
            bill.add(part::TOOL_CALLS, texts.count(&format!("functions.{name}")));
        }
        // 1 record of GPT-4o: one more.
        Some(ToolChoice::None) if dialect.generation == Generation::FourO => {
            bill.add_exact(part::FRAMING, 1);
            bill.widen(1, 1);
        }
        Some(ToolChoice::Other(_)) => bill.widen(0, 30),
        _ => {}
    }
}
