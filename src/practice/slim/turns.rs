//! Turns that have nothing to do with what is asked now, and results of tools that were answered.
//!
//! Careful in every doubt: the instructions, the first exchange (it often sets the task), the last two
//! and whatever shares a word with them or with the question stay.

use super::edit::{Cut, Whole};
use super::field::{Field, Speaker, list, role};
use super::topic::{Words, is_readable};
use serde_json::Value;

/// Exchanges that stay before the question.
const KEPT_BEFORE: usize = 2;
/// Words that a question must have before anything is held to be unrelated to it.
const FEWEST_WORDS: usize = 3;
/// Bytes of a result that was answered, from which leaving it out is worth a proposal.
const LONGEST_RESULT: usize = 1000;

/// Words that look back over the conversation, or that say what holds for all of it.
const LOOKING_BACK: [&str; 32] = [
    "above",
    "earlier",
    "previous",
    "before",
    "so far",
    "conversation",
    "everything",
    "all of",
    "again",
    "we discussed",
    "you said",
    "i said",
    "you mentioned",
    "i mentioned",
    "i told",
    "you told",
    "recap",
    "summar",
    "continue",
    "remember",
    "from now on",
    "always",
    "never ",
    "my name",
    "call me",
    "oben",
    "vorhin",
    "bisher",
    "gespräch",
    "zusammenfass",
    "ab jetzt",
    "immer",
];

fn looks_back(text: &str) -> bool {
    let text = text.to_lowercase();
    LOOKING_BACK.iter().any(|words| text.contains(words))
}

/// A question and what followed it: messages from `first` up to `after`.
struct Exchange {
    first: usize,
    after: usize,
    /// All that was said.
    words: Words,
    /// What the person said.
    asked: Words,
    /// Whether it may go: text only, whole, and nothing in it that holds for later.
    movable: bool,
    /// Whether it ends with an answer, and no call is open.
    whole: bool,
    /// The last message of an assistant that says something.
    answered: usize,
}

/// Exchanges that can go, each as the messages that it is made of.
pub(super) fn stale(request: &Value, fields: &[Field], out: &mut Vec<Vec<Whole>>) {
    let Some(question) = question(fields) else { return };
    let exchanges = exchanges(request, fields);
    let Some(last) = exchanges.len().checked_sub(1 + KEPT_BEFORE) else { return };
    let mut near = Words::default();
    near.add(&question);
    if near.clone().sorted().len() < FEWEST_WORDS {
        return;
    }
    let mut wanted = vec![near.sorted()];
    for exchange in exchanges.iter().skip(last) {
        wanted.push(exchange.asked.clone());
    }
    for exchange in exchanges.iter().take(last).skip(1) {
        if exchange.movable
            && exchange.whole
            && exchange.words.len() >= FEWEST_WORDS
            && wanted.iter().all(|words| exchange.words.common(words) == 0)
        {
            out.push((exchange.first..exchange.after).map(Whole::Message).collect());
        }
    }
}

/// Long results that an assistant has answered, in exchanges before the last one, and that share at
/// most one word with the question.
pub(super) fn answered(request: &Value, fields: &[Field], out: &mut Vec<Cut>) {
    if !fields.iter().any(is_long_result) {
        return;
    }
    let Some(question) = question(fields) else { return };
    let exchanges = exchanges(request, fields);
    let Some(before) = exchanges.len().checked_sub(1) else { return };
    let mut words = Words::default();
    words.add(&question);
    let wanted = words.sorted();
    if wanted.len() < FEWEST_WORDS {
        return;
    }
    for (index, field) in fields.iter().enumerate() {
        let Some(message) = field.message else { continue };
        if !is_long_result(field) {
            continue;
        }
        let is_answered = exchanges.iter().take(before).any(|exchange| {
            (exchange.first..exchange.after).contains(&message) && exchange.answered > message
        });
        let mut words = Words::default();
        words.add(&field.text);
        if is_answered && is_readable(&field.text) && words.sorted().common(&wanted) < 2 {
            let count = field.text.chars().count();
            let note = format!("(left out: a result of {count} characters that was answered)");
            out.push(Cut::new(index, 0, field.text.len(), &note));
        }
    }
}

fn is_long_result(field: &Field) -> bool {
    field.speaker == Speaker::Result && field.text.len() >= LONGEST_RESULT
}

/// What is asked, where it can be read and does not look back.
fn question(fields: &[Field]) -> Option<String> {
    let mut text = String::new();
    for field in fields.iter().filter(|field| field.ask) {
        text.push_str(&field.text);
        text.push('\n');
    }
    (!text.is_empty() && is_readable(&text) && !looks_back(&text)).then_some(text)
}

fn exchanges(request: &Value, fields: &[Field]) -> Vec<Exchange> {
    let messages = list(request, "messages");
    let mut out: Vec<Exchange> = Vec::new();
    // The words of a single question are of no concern.
    if messages.iter().filter(|message| role(message) == "user").count() < 2 {
        return out;
    }
    let mut calls: Vec<&str> = Vec::new();
    let mut next = 0;
    for (index, message) in messages.iter().enumerate() {
        let from = next;
        while fields.get(next).is_some_and(|f| f.message.is_none_or(|place| place <= index)) {
            next += 1;
        }
        let texts = fields.get(from..next).unwrap_or_default();
        let texts: Vec<&Field> = texts.iter().filter(|f| f.message == Some(index)).collect();
        let asks = texts.iter().any(|field| field.speaker == Speaker::User);
        if role(message) == "user" && asks {
            calls.clear();
            out.push(Exchange {
                first: index,
                after: index,
                words: Words::default(),
                asked: Words::default(),
                movable: true,
                whole: false,
                answered: 0,
            });
        }
        let Some(exchange) = out.last_mut() else { continue };
        exchange.after = index + 1;
        exchange.movable &= is_plain(message, &mut calls);
        if matches!(role(message), "system" | "developer") {
            exchange.movable = false;
        }
        for field in texts {
            exchange.words.add(&field.text);
            exchange.movable &= is_readable(&field.text);
            match field.speaker {
                Speaker::User => {
                    exchange.asked.add(&field.text);
                    exchange.movable &= !looks_back(&field.text);
                }
                Speaker::Assistant if !field.text.trim().is_empty() => exchange.answered = index,
                _ => {}
            }
        }
        // Calls and results go together: an exchange ends with none open, and with an answer.
        exchange.whole = calls.is_empty() && role(message) == "assistant";
    }
    for exchange in &mut out {
        exchange.words = std::mem::take(&mut exchange.words).sorted();
        exchange.asked = std::mem::take(&mut exchange.asked).sorted();
    }
    out
}

fn kind(part: &Value) -> &str {
    part.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a message is text, calls and results alone. Keeps the list of calls that are open.
fn is_plain<'a>(message: &'a Value, calls: &mut Vec<&'a str>) -> bool {
    let mut plain = !super::field::is_breakpoint(message);
    let id = |value: &'a Value, name: &str| value.get(name).and_then(Value::as_str);
    for call in list(message, "tool_calls") {
        calls.push(id(call, "id").unwrap_or_default());
    }
    let close = |id: Option<&str>, calls: &mut Vec<&str>| {
        let place = calls.iter().position(|call| Some(*call) == id);
        match place {
            Some(place) => {
                calls.remove(place);
                true
            }
            None => false,
        }
    };
    if role(message) == "tool" {
        plain &= close(id(message, "tool_call_id"), calls);
    }
    for part in list(message, "content") {
        plain &= !super::field::is_breakpoint(part);
        match kind(part) {
            "text" | "input_text" => {}
            "tool_use" => calls.push(id(part, "id").unwrap_or_default()),
            "tool_result" => plain &= close(id(part, "tool_use_id"), calls),
            _ => plain = part.is_string() && plain,
        }
    }
    plain
}
