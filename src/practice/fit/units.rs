//! What of a conversation stays together: a question with its answer, a call with its results.

use crate::error::{Error, Result};
use serde_json::Value;

/// Messages that are dropped together or not at all.
#[derive(Debug, Default)]
pub(super) struct Unit {
    /// Their places, rising.
    pub messages: Vec<usize>,
    /// Why it cannot be dropped; empty where it can.
    pub kept: &'static str,
    /// A call without its result or a result without its call: providers refuse it as it stands.
    pub broken: bool,
}

/// A call or a result that stands alone. Providers refuse a request with it (OpenAI: "messages with role
/// 'tool' must be a response to a preceding message with 'tool_calls'", read at
/// github.com/microsoft/semantic-kernel/issues/12708; Anthropic: "each `tool_result` block must have a
/// corresponding `tool_use` block in the previous message", read at
/// github.com/openai/openai-agents-python/issues/1797; both 2026-11-22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its place among the messages.
    pub message: usize,
    /// The call's id.
    pub id: String,
    /// Whether the result stands without its call; else the call without its result.
    pub result: bool,
}

/// A conversation as units, and what every message is.
pub(super) struct Units {
    pub list: Vec<Unit>,
    /// System and developer messages, pinned ones: never dropped and never cut.
    pub fixed: Vec<bool>,
    pub orphans: Vec<Orphan>,
}

pub(super) fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

fn is_instruction(message: &Value) -> bool {
    matches!(role(message), "system" | "developer")
}

fn text_at<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn parts(message: &Value) -> &[Value] {
    message.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Ids of the calls that a message makes, in OpenAI's shape and in Anthropic's.
fn calls(message: &Value) -> Vec<&str> {
    let mut ids = Vec::new();
    for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        ids.push(text_at(call, "id"));
    }
    for part in parts(message) {
        if text_at(part, "type") == "tool_use" {
            ids.push(text_at(part, "id"));
        }
    }
    ids
}

/// Ids of the calls that a message answers.
fn results(message: &Value) -> Vec<&str> {
    let mut ids = Vec::new();
    if role(message) == "tool" {
        ids.push(text_at(message, "tool_call_id"));
    }
    for part in parts(message) {
        if text_at(part, "type") == "tool_result" {
            ids.push(text_at(part, "tool_use_id"));
        }
    }
    ids
}

/// A person's word: a user message that answers no call.
fn is_turn(message: &Value) -> bool {
    role(message) == "user" && results(message).is_empty()
}

/// Which message a result answers, and what stands alone.
struct Links {
    /// For a result, the message with its call.
    call_of: Vec<Option<usize>>,
    broken: Vec<bool>,
    orphans: Vec<Orphan>,
}

impl Links {
    fn of(messages: &[Value]) -> Self {
        let mut links =
            Self { call_of: Vec::new(), broken: vec![false; messages.len()], orphans: Vec::new() };
        // Every call so far: its id, its message, whether it has a result.
        let mut open: Vec<(&str, usize, bool)> = Vec::new();
        for (place, message) in messages.iter().enumerate() {
            let mut first = None;
            for id in results(message) {
                match open.iter_mut().rev().find(|(known, _, _)| *known == id) {
                    Some((_, call, answered)) => {
                        *answered = true;
                        first = Some(first.map_or(*call, |other: usize| other.min(*call)));
                    }
                    None => links.alone(place, id, true),
                }
            }
            links.call_of.push(first);
            for id in calls(message) {
                open.push((id, place, false));
            }
        }
        for (id, place, answered) in open {
            if !answered {
                links.alone(place, id, false);
            }
        }
        links
    }

    fn alone(&mut self, message: usize, id: &str, result: bool) {
        if let Some(broken) = self.broken.get_mut(message) {
            *broken = true;
        }
        self.orphans.push(Orphan { message, id: id.to_owned(), result });
    }

    fn call_of(&self, place: usize) -> Option<usize> {
        self.call_of.get(place).copied().flatten()
    }

    fn is_broken(&self, place: usize) -> bool {
        self.broken.get(place).copied().unwrap_or(false)
    }
}

/// Cuts `messages` into units. Before the last user message a unit is a whole exchange: a user message with
/// all that came after it. Behind it, and in an exchange of which something is pinned, a unit is one round:
/// an assistant message with the results of its calls. What stands alone is a unit of its own. The last
/// user message and the last message stay.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for a pinned place that there is not.
pub(super) fn units(messages: &[Value], pinned: &[usize], keep_last: usize) -> Result<Units> {
    let count = messages.len();
    let mut pins: Vec<bool> = vec![false; count];
    for place in pinned {
        match pins.get_mut(*place) {
            Some(one) => *one = true,
            None => {
                return Err(Error::invalid_input(format!(
                    "pinned: found {place}, wanted the place of one of {count} messages (the first is 0)"
                )));
            }
        }
    }
    let fixed = messages
        .iter()
        .zip(&pins)
        .map(|(message, pinned)| *pinned || is_instruction(message))
        .collect();
    for place in count.saturating_sub(keep_last)..count {
        if let Some(one) = pins.get_mut(place) {
            *one = true;
        }
    }
    let links = Links::of(messages);
    let last_turn = messages.iter().rposition(is_turn);
    // Which exchange goes by rounds, told at its first message, and which of its rounds are pinned.
    let mut by_rounds = vec![true; count];
    let (mut start, mut has_pin) = (0, false);
    for place in 0..=count {
        let message = messages.get(place);
        if message.is_none_or(is_turn) {
            let rounds = has_pin
                || last_turn.is_none_or(|last| last <= start)
                || !messages.get(start).is_some_and(is_turn);
            for one in by_rounds.iter_mut().take(place).skip(start) {
                *one = rounds;
            }
            (start, has_pin) = (place, false);
        }
        let pinned = pins.get(place).copied().unwrap_or(false);
        has_pin |= pinned && !message.is_some_and(is_instruction);
    }
    let mut list: Vec<Unit> = Vec::new();
    let mut unit_of: Vec<Option<usize>> = Vec::new();
    let mut current = None;
    for (place, message) in messages.iter().enumerate() {
        if is_instruction(message) {
            unit_of.push(None);
            continue;
        }
        let rounds = by_rounds.get(place).copied().unwrap_or(true);
        let begins = is_turn(message) || (rounds && role(message) == "assistant");
        let call = links.call_of(place);
        let of_call = call.and_then(|call| unit_of.get(call).copied().flatten());
        let of_broken = of_call.filter(|unit| list.get(*unit).is_some_and(|unit| unit.broken));
        let broken = links.is_broken(place);
        let unit = match (of_call, current) {
            (Some(unit), _) => unit,
            (None, Some(unit)) if !broken && !begins => unit,
            _ => {
                list.push(Unit::default());
                list.len() - 1
            }
        };
        if let (true, Some(one)) = (broken, list.get_mut(unit)) {
            one.broken = true;
        }
        if let (None, Some(call)) = (of_broken, call) {
            // All between a call and its result goes with them, or half an exchange would be left.
            for between in unit_of.iter_mut().skip(call) {
                if let Some(one) = between
                    && *one > unit
                    && list.get(*one).is_some_and(|other| !other.broken)
                {
                    *one = unit;
                }
            }
        }
        unit_of.push(Some(unit));
        if of_broken.is_none() && (!broken || of_call.is_some()) {
            current = Some(unit);
        }
    }
    let mut question = None;
    for (place, message) in messages.iter().enumerate() {
        if is_turn(message) {
            question = unit_of.get(place).copied().flatten();
        }
        let Some(unit) = unit_of.get(place).copied().flatten() else { continue };
        let pinned = pins.get(place).copied().unwrap_or(false);
        let why = match () {
            () if pinned => "pinned",
            () if last_turn == Some(place) => "the last user message",
            () if place + 1 == count => "the last message",
            () => "",
        };
        if let (true, Some(asked)) = (pinned, question.and_then(|unit| list.get_mut(unit)))
            && asked.kept.is_empty()
        {
            asked.kept = "the question of a pinned turn";
        }
        if let Some(one) = list.get_mut(unit) {
            one.messages.push(place);
            if !why.is_empty() {
                one.kept = why;
            }
        }
    }
    list.retain(|unit| !unit.messages.is_empty());
    Ok(Units { list, fixed, orphans: links.orphans })
}
