//! Claude's framing: what Anthropic's API puts around messages, tools, calls, results, pictures
//! and documents.
//!
//! All rules are renderings: texts that make the counts come out right; the text that the model
//! reads was never seen. Derived from recorded usage, examined on 2026-11-22 (2,642 requests to
//! derive, 1,934 kept aside to check; the share that each rule explains stands at the rule). A rule
//! that missed more than one in a hundred of the requests kept aside makes the estimate an
//! interval.
//!
//! Claude 3 to 4.7 read a transcript (`\n\nHuman: ...\n\nAssistant:`), whose seams merge with the
//! texts, so the whole is counted at once. Since 4.8 turns stand between fixed markers.

mod tools;
mod transcript;

use super::EstimateOptions;
use super::bill::{Bill, part};
use super::json;
use crate::catalog::Model;
use crate::chat::{ChatRequest, Content, Message, Part, Role};
use crate::tokens::counter::Texts;
use crate::tokens::document::Document;
use crate::tokens::model::{ClaudeVersion, Tier};
use crate::tokens::{Interval, image};
use serde_json::Value;

pub(super) fn add(
    bill: &mut Bill,
    request: &ChatRequest,
    model: &Model,
    version: ClaudeVersion,
    texts: Texts,
    options: &EstimateOptions,
) {
    let has_tools = !request.tools.is_empty();
    let system = system_text(request, has_tools);
    let provider = options.provider.as_deref();
    transcript::add(bill, request, &system, version, texts, provider);
    if !system.is_empty() {
        // With tools: 4 records. Sonnet 4.6 and Opus 4.7 have it with every system text.
        let always = version.is(4, 7) || (version.is(4, 6) && version.tier == Tier::Sonnet);
        if !version.at_least(4, 8) && (has_tools || always) {
            bill.add_exact(part::FRAMING, 1);
        }
        let later = request.messages.iter().skip(1).filter(|m| m.role == Role::System).count();
        if later > 0 {
            // A system message in the middle: up to 34 more where it stays there (13 records).
            bill.widen(3, if version.at_least(4, 7) { 35 } else { 2 });
        }
        // v3 text with system: 95.8 % of 284 records exact, 87.4 % of 159 kept aside, most of the
        // others one less; 4.8: 2 less on 7 of 29.
        if version.at_least(4, 8) {
            bill.widen(2, 0);
        } else if provider.is_some() {
            bill.widen(1, 1);
        }
    }
    if has_tools {
        tools::add(bill, request, version, texts);
    }
    for message in request.messages.iter() {
        add_media(bill, request, message, model, version, texts, provider);
    }
    let framed = has_tools || !system.is_empty();
    add_thinking(bill, request, model, version, framed, texts);
    if let Some(schema) = schema_of(request) {
        // 88 % of 68 records exact, 82 % of 61 kept aside; constraints that the client library
        // rewrites take 1 to 3 away.
        bill.add_exact(part::SCHEMA, 81 + u64::from(framed || version.is(4, 6)));
        bill.add(part::SCHEMA, texts.count(&json::print_indented(schema)));
        bill.widen(3, 2);
    }
}

/// The system messages' texts, joined with nothing (2 records); trimmed where there are tools.
fn system_text(request: &ChatRequest, has_tools: bool) -> String {
    let messages = request.messages.iter();
    let text: String = messages
        .filter(|m| matches!(m.role, Role::System | Role::Developer))
        .map(|m| m.content.text())
        .collect();
    if has_tools { text.trim().to_owned() } else { text }
}

/// Extended thinking: 28, one more with system or tools, one more since Claude 4 (Haiku 4.5 always;
/// Sonnet 4, 4.5 and 4.6 by recording date, four times in five). 117 records, all within this
/// interval; of 144 kept aside 97.9 %. Adaptive thinking costs nothing.
fn add_thinking(
    bill: &mut Bill,
    request: &ChatRequest,
    model: &Model,
    version: ClaudeVersion,
    framed: bool,
    texts: Texts,
) {
    let native = request
        .extra
        .get("thinking")
        .is_some_and(|thinking| thinking.get("type").and_then(Value::as_str) == Some("enabled"));
    // OpenRouter's `reasoning` (9 records) and OpenAI's `reasoning_effort` become a thinking budget
    // on models that take one.
    let reasoning = request.extra.get("reasoning").is_some_and(|reasoning| {
        let off = reasoning.get("enabled") == Some(&Value::Bool(false))
            || reasoning.get("effort").and_then(Value::as_str) == Some("none");
        reasoning.is_object() && !off
    });
    // OpenRouter's `:thinking` names a variant that always does (1 record).
    let variant = model.id.ends_with(":thinking");
    let effort = request.reasoning_effort.as_deref().is_some_and(|effort| effort != "none");
    let budget = version.at_least(3, 7) && !version.at_least(4, 6);
    if native || (budget && (reasoning || effort || variant)) {
        // Sonnet 4.6 does not tell system and tools apart: 29 in any case.
        let newer = u64::from(version.at_least(4, 0));
        let framed = u64::from(framed && !version.is(4, 6));
        bill.add_exact(part::FRAMING, 28 + framed + newer);
        bill.widen(if native { 1 } else { 30 }, 1);
    }
    add_kept_thinking(bill, request, version, texts);
}

/// Thinking blocks of earlier answers. They are dropped once a person speaks again; within a tool
/// loop they stay: the visible text and 9 (3 records of Sonnet 4). Since 4.6 they stay for good and
/// the visible text stands for a hidden one (16 to 379 tokens, 30 records), which the signature
/// holds, encrypted, in base64: 28 tokens for 100 of its characters beyond the first 170 (14
/// records of 348 to 1,468 characters, half of them within 15 tokens, all within a third and 40).
fn add_kept_thinking(bill: &mut Bill, request: &ChatRequest, version: ClaudeVersion, texts: Texts) {
    let last_user = request.messages.iter().rposition(|m| m.role == Role::User).unwrap_or(0);
    for (index, message) in request.messages.iter().enumerate() {
        let Content::Parts(parts) = &message.content else { continue };
        for one in parts {
            let Part::Other(value) = one else { continue };
            if !is_thinking(value) {
                continue;
            }
            if version.at_least(4, 6) {
                let signature = value.get("signature").and_then(Value::as_str).unwrap_or_default();
                let hidden = (signature.len() as u64).saturating_sub(170) * 28 / 100;
                bill.add_exact(part::MESSAGES, hidden);
                bill.widen(hidden / 3 + 40, if hidden == 0 { 400 } else { hidden / 3 + 40 });
            } else if index > last_user {
                let text = value.get("thinking").and_then(Value::as_str).unwrap_or_default();
                let tokens = texts.count(text);
                bill.add(part::MESSAGES, tokens + Interval::exact(9));
                bill.widen(9 + tokens.tokens, 100);
            }
        }
    }
}

fn kind_of(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn is_thinking(value: &Value) -> bool {
    matches!(kind_of(value), "thinking" | "redacted_thinking" | "reasoning")
}

/// The schema of `response_format`, or of Anthropic's `output_config.format` or `output_format`.
fn schema_of(request: &ChatRequest) -> Option<&Value> {
    let native = || {
        let config = request.extra.get("output_config").and_then(|config| config.get("format"));
        config.or_else(|| request.extra.get("output_format"))?.get("schema")
    };
    let format = request.response_format.as_ref();
    format
        .and_then(|format| format.get("json_schema")?.get("schema"))
        .or_else(native)
        .filter(|schema| schema.is_object())
}

fn add_media(
    bill: &mut Bill,
    request: &ChatRequest,
    message: &Message,
    model: &Model,
    version: ClaudeVersion,
    texts: Texts,
    provider: Option<&str>,
) {
    let Content::Parts(parts) = &message.content else { return };
    let rule = image::rule(model);
    let in_result = message.role == Role::Tool;
    let has_text = !message.content.text().is_empty();
    let (mut first, mut documents) = (true, 0);
    for part in parts {
        match part {
            Part::Text { text, .. } => {
                first &= text.is_empty();
                continue;
            }
            Part::Image(picture) if in_result && provider == Some("openrouter") => {
                // OpenRouter drops pictures from results: 12 of 16 records.
                let tokens = rule.rule.tokens(super::media::size_of(picture), None);
                bill.widen(0, tokens.high + 30);
            }
            Part::Image(picture) => {
                let size = super::media::size_of(picture);
                bill.add(part::IMAGES, rule.rule.tokens(size, None));
                // 142 records: 99.3 % exact; of 69 kept aside 72.5 %, the others one more.
                let around = match (in_result, first) {
                    (false, true) => 2,
                    (false, false) => 3,
                    // 40 records, 57.5 % exact: two shapes only.
                    (true, _) if has_text => 3 + 18,
                    (true, _) => 3 + 12,
                };
                bill.add_exact(part::FRAMING, around);
                bill.widen(if in_result { 3 } else { 0 }, if in_result { 8 } else { 1 });
            }
            Part::Other(value) if tools::is_reference(value) => {
                tools::add_reference(bill, request, value, version, texts);
            }
            Part::File(_) | Part::Other(_) => {
                let result = in_result.then_some(has_text);
                let place = Place { first, documents, result };
                add_document(bill, part, place, version, texts, provider);
                documents += 1;
            }
        }
        first = false;
    }
}

/// Where a document stands.
#[derive(Clone, Copy)]
struct Place {
    /// Whether nothing stands before it in its message.
    first: bool,
    /// How many documents do.
    documents: usize,
    /// In a tool's result: whether a text stands beside it.
    result: Option<bool>,
}

/// Documents. A text document: 35 and its text, one or two more at the head of a turn (7 records,
/// 57 % exact). A PDF: 43, a picture of each page, and the page's text as Anthropic extracts it,
/// which differs from any other extraction (60 records inside [-7, +1], of 144 kept aside 87.5 %).
fn add_document(
    bill: &mut Bill,
    part: &Part,
    Place { first, documents, result }: Place,
    version: ClaudeVersion,
    texts: Texts,
    provider: Option<&str>,
) {
    if matches!(part, Part::Other(value) if is_thinking(value)) {
        return;
    }
    bill.doubt();
    let Some(document) = Document::of(part) else {
        // A block of the provider's own (a tool's reference, a search result).
        bill.add(part::FILES, Interval::new(0, 20, 3000));
        return;
    };
    if !document.present {
        bill.add(part::FILES, Interval::new(0, 1500, 20_000));
        return;
    }
    if document.cited {
        // 19 records: 546 to 605 for texts, 514 to 1,598 for a PDF of one page; 802 to 870 and 3,966
        // since 5.
        let (tokens, above) = if version.at_least(4, 8) { (810, 3200) } else { (550, 1100) };
        bill.add_exact(part::FILES, tokens);
        bill.widen(60, above);
    }
    match provider {
        // Bedrock's Converse shows the document's name: 12 and the name's own tokens (18 records).
        Some("bedrock") if document.name.is_some() => {
            bill.add(part::FILES, texts.count(document.name.as_deref().unwrap_or_default()));
            bill.add_exact(part::FILES, 12);
            bill.widen(3, 3);
            if result == Some(false) {
                // A document that is all of a result was not read (4 of 4 records, one client).
                bill.widen(0, 3000 * document.pages.len() as u64);
                return;
            }
        }
        // OpenRouter may read the text out of a PDF and send that (2 records).
        Some("openrouter") => bill.widen(1700 * document.pages.len() as u64, 400),
        _ => {}
    }
    let text = document.text.as_deref().map(|text| match text {
        "" => Interval::exact(0),
        text => texts.count(&without_ligatures(text)),
    });
    if !document.paged {
        bill.add(part::FILES, text.unwrap_or(Interval::new(0, 500, 5000)));
        bill.add_exact(part::FILES, 35 + u64::from(first));
        bill.widen(1, 1);
        return;
    }
    let pages = document.pages.len().max(1) as u64;
    bill.add_exact(
        part::FILES,
        43 + match result {
            None => 0,
            Some(false) => 4,
            Some(true) => 18,
        },
    );
    for &(width, height) in &document.pages {
        bill.add(part::FILES, page(width, height, version));
    }
    if document.pages.is_empty() {
        bill.add(part::FILES, Interval::new(1400, 1540, 60_000));
    }
    bill.add(part::FILES, text.unwrap_or(Interval::new(0, 400 * pages, 2000 * pages)));
    if documents == 0 && result.is_none() && document.text.is_some_and(|text| text.contains('\n')) {
        // 46 records of 2 files with several lines; none of the 9 with one line or without text.
        bill.add_exact(part::FILES, 1);
    }
    let words = text.map_or(0, |text| text.tokens);
    bill.widen(10 + words / 10, 4 + words / 20);
}

/// Letters that fonts join, apart again: so are they in what Anthropic reads out of a PDF (50
/// records of one file with one of them: 4 tokens).
fn without_ligatures(text: &str) -> String {
    const JOINED: [(char, &str); 5] =
        [('ﬀ', "ff"), ('ﬁ', "fi"), ('ﬂ', "fl"), ('ﬃ', "ffi"), ('ﬄ', "ffl")];
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match JOINED.iter().find(|(joined, _)| *joined == letter) {
            Some((_, apart)) => out.push_str(apart),
            None => out.push(letter),
        }
    }
    out
}

/// The picture of a page: Letter 34 x 45 patches, A4 33 x 47; Letter on Haiku 3.5 1564.
fn page(width: f64, height: f64, version: ClaudeVersion) -> Interval {
    let near = |a: f64, b: f64| (a - b).abs() <= 3.0;
    let (short, long) = (width.min(height), width.max(height));
    let letter = near(short, 612.0) && near(long, 792.0);
    let a4 = near(short, 595.0) && near(long, 842.0);
    match (letter, a4) {
        // Claude 3 reads the text and sees no page (2 records).
        _ if !version.at_least(3, 5) => Interval::new(0, 0, 1700),
        (true, _) if version.is(3, 5) && version.is_haiku() => Interval::exact(1564),
        (true, _) => Interval::exact(1530),
        (_, true) if !(version.is(3, 5) && version.is_haiku()) => Interval::exact(1551),
        _ => Interval::new(1300, 1540, 1700),
    }
}
