//! Tools on offer that nothing speaks of: never called, not named anywhere, and without a word in
//! common with what anyone in the conversation asked or was told.

use super::edit::Whole;
use super::field::{Field, Speaker, is_breakpoint, list};
use super::passage::{SEED, hash};
use super::topic::{Words, is_readable};
use crate::sort::sort;
use serde_json::Value;

/// Words that what is asked must have before a tool is held to be of no use for it.
const FEWEST_WORDS: usize = 3;

/// Tools of such names serve any question; that no word of it is theirs says nothing.
const FOR_ANYTHING: [&str; 34] = [
    "search", "ask", "delegat", "answer", "final", "memor", "note", "think", "file", "read",
    "write", "edit", "run", "exec", "bash", "shell", "code", "brows", "web", "fetch", "plan",
    "todo", "agent", "handoff", "transfer", "finish", "submit", "respon", "retriev", "query",
    "lookup", "find", "tool", "output",
];

/// Tools that can go, each by itself.
pub(super) fn unused(request: &Value, fields: &[Field], out: &mut Vec<Vec<Whole>>) {
    let tools = list(request, "tools");
    let choice = request.get("tool_choice");
    let is_free = choice.is_none_or(|choice| {
        choice.is_null()
            || [choice.as_str(), choice.get("type").and_then(Value::as_str)].contains(&Some("auto"))
    });
    // One tool is there for a reason.
    if !is_free || tools.len() < 2 {
        return;
    }
    let mut asked = Words::default();
    let mut said = Words::default();
    let mut named: Vec<u64> = Vec::new();
    for field in fields {
        match field.speaker {
            Speaker::User => asked.add(&field.text),
            Speaker::System => {}
            _ => continue,
        }
        said.add(&field.text);
        if field.speaker == Speaker::User && !is_readable(&field.text) {
            return;
        }
        for name in field.text.split(|char: char| !is_of_name(char)) {
            named.push(hash(SEED, name.as_bytes()));
        }
    }
    sort(&mut named, |a, b| a < b);
    let said = said.sorted();
    if asked.sorted().len() < FEWEST_WORDS {
        return;
    }
    let called = called(request);
    let mut found: Vec<usize> = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        let function = tool.get("function").unwrap_or(tool);
        let Some(name) = function.get("name").and_then(Value::as_str) else { continue };
        let has_schema =
            function.get("parameters").is_some() || function.get("input_schema").is_some();
        let is_named = !name.chars().all(is_of_name)
            || named.binary_search(&hash(SEED, name.as_bytes())).is_ok();
        let serves_all = {
            let name = name.to_ascii_lowercase();
            FOR_ANYTHING.iter().any(|word| name.contains(word))
        };
        if !has_schema || serves_all || is_named || is_breakpoint(tool) || called.contains(&name) {
            continue;
        }
        let mut words = Words::default();
        words.add(name);
        if let Some(description) = function.get("description").and_then(Value::as_str) {
            words.add(description);
        }
        for name in ["parameters", "input_schema"] {
            if let Some(schema) = function.get(name) {
                schema_words(schema, &mut words, 0);
            }
        }
        // What hardly says anything of itself cannot be told to be of no use.
        let words = words.sorted();
        if words.len() >= FEWEST_WORDS && words.common(&said) == 0 {
            found.push(index);
        }
    }
    // Where none fits, it is the guess that fits nothing: some are needed.
    if found.len() < tools.len() {
        out.extend(found.into_iter().map(|index| vec![Whole::Tool(index)]));
    }
}

/// The signs that functions' names are made of.
fn is_of_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-')
}

/// The names and descriptions in a schema.
fn schema_words(schema: &Value, words: &mut Words, depth: usize) {
    if depth > 16 {
        return;
    }
    match schema {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if !matches!(name.as_str(), "properties" | "required" | "additionalProperties") {
                    words.add(name);
                }
                schema_words(inner, words, depth + 1);
            }
        }
        Value::Array(list) => {
            for inner in list {
                schema_words(inner, words, depth + 1);
            }
        }
        Value::String(text) => words.add(text),
        _ => {}
    }
}

/// The names of all functions that were called.
fn called(request: &Value) -> Vec<&str> {
    let mut out = Vec::new();
    for message in list(request, "messages") {
        for call in list(message, "tool_calls") {
            out.extend(call.pointer("/function/name").and_then(Value::as_str));
        }
        for part in list(message, "content") {
            if part.get("type").and_then(Value::as_str) == Some("tool_use") {
                out.extend(part.get("name").and_then(Value::as_str));
            }
        }
    }
    out
}
