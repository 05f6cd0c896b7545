//! The texts of a request: where each stands and who speaks it.

use serde_json::Value;

/// Who speaks a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    System,
    User,
    Assistant,
    /// What a tool gave back.
    Result,
    /// The arguments of a call: JSON as text.
    Arguments,
    /// What a tool says of itself.
    Description,
}

/// One text of the request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// Where it stands, as a JSON pointer (RFC 6901).
    pub pointer: String,
    pub text: String,
    pub speaker: Speaker,
    /// The index of its message.
    pub message: Option<usize>,
    /// Whether it is all of its message's content, so that space at its ends separates nothing.
    pub alone: bool,
    /// Whether it belongs to the last thing that was asked.
    pub ask: bool,
}

/// Every text that may be looked at, in the order of the request. Parts that carry `cache_control`
/// are left out: they are what a provider's cache is keyed by.
pub(super) fn fields(request: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    for (index, tool) in list(request, "tools").iter().enumerate() {
        if is_breakpoint(tool) {
            continue;
        }
        for (place, holder) in [("/function", tool.get("function")), ("", Some(tool))] {
            if let Some(Value::String(text)) = holder.and_then(|h| h.get("description")) {
                let pointer = format!("/tools/{index}{place}/description");
                add(&mut found, pointer, text, Speaker::Description, None, true);
            }
        }
    }
    if let Some(system) = request.get("system") {
        content(&mut found, "/system", system, Speaker::System, None);
    }
    for (index, message) in list(request, "messages").iter().enumerate() {
        let speaker = match role(message) {
            "system" | "developer" => Speaker::System,
            "user" => Speaker::User,
            "assistant" => Speaker::Assistant,
            "tool" => Speaker::Result,
            _ => continue,
        };
        if is_breakpoint(message) {
            continue;
        }
        if let Some(inner) = message.get("content") {
            content(&mut found, &format!("/messages/{index}/content"), inner, speaker, Some(index));
        }
        for (number, call) in list(message, "tool_calls").iter().enumerate() {
            if let Some(Value::String(text)) = call.pointer("/function/arguments") {
                let pointer = format!("/messages/{index}/tool_calls/{number}/function/arguments");
                add(&mut found, pointer, text, Speaker::Arguments, Some(index), true);
            }
        }
    }
    let last = found.iter().rev().find(|f| f.speaker == Speaker::User).and_then(|f| f.message);
    for field in &mut found {
        field.ask = field.speaker == Speaker::User && field.message == last;
    }
    found
}

/// The list called `name`; nothing where there is none.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Who speaks a message, in the wire's words.
pub(super) fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a part, message or tool marks the end of a cached prefix.
pub(super) fn is_breakpoint(value: &Value) -> bool {
    value.get("cache_control").is_some_and(|mark| !mark.is_null())
        || value.pointer("/function/cache_control").is_some_and(|mark| !mark.is_null())
}

fn add(
    found: &mut Vec<Field>,
    pointer: String,
    text: &str,
    speaker: Speaker,
    message: Option<usize>,
    alone: bool,
) {
    let text = text.to_owned();
    found.push(Field { pointer, text, speaker, message, alone, ask: false });
}

fn content(
    found: &mut Vec<Field>,
    place: &str,
    value: &Value,
    speaker: Speaker,
    message: Option<usize>,
) {
    let parts = match value {
        Value::String(text) => {
            return add(found, place.to_owned(), text, speaker, message, true);
        }
        Value::Array(parts) => parts,
        _ => return,
    };
    let alone = parts.len() == 1;
    for (index, part) in parts.iter().enumerate() {
        if is_breakpoint(part) {
            continue;
        }
        if let Value::String(text) = part {
            add(found, format!("{place}/{index}"), text, speaker, message, alone);
            continue;
        }
        match part.get("type").and_then(Value::as_str) {
            Some("text" | "input_text") => {
                if let Some(Value::String(text)) = part.get("text") {
                    add(found, format!("{place}/{index}/text"), text, speaker, message, alone);
                }
            }
            // Anthropic's results stand in a message of the user's; there is nothing deeper.
            Some("tool_result") if speaker != Speaker::Result => {
                if let Some(inner) = part.get("content") {
                    let place = format!("{place}/{index}/content");
                    content(found, &place, inner, Speaker::Result, message);
                }
            }
            _ => {}
        }
    }
}
