//! The texts and fields of two requests, held against each other.

use super::diff::{Piece, diff};
use serde_json::{Value, json};

/// What became of a text or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is as it was.
    Same,
    /// It is another now.
    Changed,
    /// Only the earlier version has it.
    Removed,
    /// Only the later one has it.
    Added,
}

impl Change {
    const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Added => "added",
        }
    }
}

/// A text or a field of either version.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What it is: `system`, `user`, `tool get_weather`, `temperature`, ...
    pub name: String,
    /// Its message's place in the earlier version.
    pub before: Option<usize>,
    /// Its message's place in the later one.
    pub after: Option<usize>,
    /// What became of it.
    pub change: Change,
    /// Its text, word by word; for anything but the text of a message its JSON.
    pub pieces: Vec<Piece>,
}

impl Field {
    pub(super) fn to_value(&self) -> Value {
        let pieces: Vec<Value> = self.pieces.iter().map(Piece::to_value).collect();
        json!({
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "change": self.change.name(),
            "pieces": pieces,
        })
    }
}

/// Something of a request, with all of it as text.
struct Item {
    name: String,
    place: Option<usize>,
    text: String,
}

/// Every message, function and other field of both, in the order of the requests.
pub(super) fn compare(before: &Value, after: &Value) -> Vec<Field> {
    let mut made = Vec::new();
    aligned(&mut made, &messages(before), &messages(after));
    aligned(&mut made, &tools(before), &tools(after));
    aligned(&mut made, &rest(before), &rest(after));
    made
}

/// Pairs items of one name in their order; those that are equal first, so that a turn put in between does
/// not make all that follow it look changed.
fn aligned(made: &mut Vec<Field>, one: &[Item], other: &[Item]) {
    let mut to = 0;
    let mut at = 0;
    while at < one.len() || to < other.len() {
        match (one.get(at), other.get(to)) {
            (Some(item), Some(new)) if item.name == new.name && item.text == new.text => {
                made.push(field(Some(item), Some(new)));
                (at, to) = (at + 1, to + 1);
            }
            (Some(_), Some(_)) => {
                // The nearest place where both agree again.
                let equal = |a: &Item, b: &Item| a.name == b.name && a.text == b.text;
                let (left, right) =
                    (one.get(at..).unwrap_or_default(), other.get(to..).unwrap_or_default());
                let (mut skip, mut pass) = (left.len(), right.len());
                'near: for sum in 1..left.len().saturating_add(right.len()).min(NEAR) {
                    for down in 0..=sum {
                        if let (Some(a), Some(b)) = (left.get(down), right.get(sum - down))
                            && equal(a, b)
                        {
                            (skip, pass) = (down, sum - down);
                            break 'near;
                        }
                    }
                }
                let (old, new) =
                    (left.get(..skip).unwrap_or_default(), right.get(..pass).unwrap_or_default());
                paired(made, old, new);
                (at, to) = (at + skip, to + pass);
            }
            (item, new) => {
                made.push(field(item, new));
                (at, to) = (at + usize::from(item.is_some()), to + usize::from(new.is_some()));
            }
        }
    }
}

/// So far both lists are looked through for a place where they agree again.
const NEAR: usize = 200;

/// Between two places of agreement: items of the same name in their order are the same one changed.
fn paired(made: &mut Vec<Field>, old: &[Item], new: &[Item]) {
    let mut from = 0;
    for item in old {
        let found = new.iter().skip(from).take(NEAR).position(|one| one.name == item.name);
        match found {
            Some(offset) => {
                for added in new.iter().skip(from).take(offset) {
                    made.push(field(None, Some(added)));
                }
                made.push(field(Some(item), new.get(from + offset)));
                from += offset + 1;
            }
            None => made.push(field(Some(item), None)),
        }
    }
    for added in new.iter().skip(from) {
        made.push(field(None, Some(added)));
    }
}

fn field(before: Option<&Item>, after: Option<&Item>) -> Field {
    let text = |item: Option<&Item>| item.map(|item| item.text.clone()).unwrap_or_default();
    let (old, new) = (text(before), text(after));
    let change = match (before, after) {
        (Some(_), Some(_)) if old == new => Change::Same,
        (Some(_), Some(_)) => Change::Changed,
        (Some(_), None) => Change::Removed,
        _ => Change::Added,
    };
    Field {
        name: before.or(after).map(|item| item.name.clone()).unwrap_or_default(),
        before: before.and_then(|item| item.place),
        after: after.and_then(|item| item.place),
        change,
        pieces: diff(&old, &new),
    }
}

fn messages(request: &Value) -> Vec<Item> {
    let mut list = Vec::new();
    // Anthropic's own place for the system text.
    if let Some(system) = request.get("system").filter(|system| !system.is_null()) {
        list.push(Item { name: "system".to_owned(), place: None, text: text_of(system) });
    }
    for (place, message) in
        request.get("messages").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let role = message.get("role").and_then(Value::as_str).unwrap_or("message");
        let mut text = message.get("content").map(text_of).unwrap_or_default();
        for (name, value) in message.as_object().into_iter().flatten() {
            if name != "role" && name != "content" {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&format!("{name}: {value}"));
            }
        }
        list.push(Item { name: role.to_owned(), place: Some(place), text });
    }
    list
}

/// Texts as they are, each part on lines of its own; anything else as JSON.
fn text_of(content: &Value) -> String {
    match content {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let mut all = String::new();
            for part in parts {
                if !all.is_empty() {
                    all.push('\n');
                }
                match (part.as_object().map(serde_json::Map::len), part.get("text")) {
                    (Some(2), Some(Value::String(text))) => all.push_str(text),
                    _ => all.push_str(&part.to_string()),
                }
            }
            all
        }
        other => other.to_string(),
    }
}

fn tools(request: &Value) -> Vec<Item> {
    let mut list = Vec::new();
    for tool in request.get("tools").and_then(Value::as_array).into_iter().flatten() {
        let function = tool.get("function").unwrap_or(tool);
        let name = function.get("name").or_else(|| tool.get("type")).and_then(Value::as_str);
        let name = format!("tool {}", name.unwrap_or_default());
        list.push(Item { name, place: None, text: tool.to_string() });
    }
    list
}

fn rest(request: &Value) -> Vec<Item> {
    let mut list = Vec::new();
    for (name, value) in request.as_object().into_iter().flatten() {
        if matches!(name.as_str(), "messages" | "tools" | "system") || value.is_null() {
            continue;
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        list.push(Item { name: name.clone(), place: None, text });
    }
    // The order of fields says nothing.
    crate::sort::sort(&mut list, |one, other| one.name < other.name);
    list
}
