//! A JSON schema for the answer, as OpenAI's chat models read it.

use super::super::json::{self, MINIFIED};
use crate::chat::ChatRequest;
use serde_json::{Map, Value};

/// The name and the section of a JSON schema for the answer.
pub(super) fn section(request: &ChatRequest) -> Option<(String, String)> {
    let format = request.response_format.as_ref()?.get("json_schema")?;
    let name = format.get("name").and_then(Value::as_str).unwrap_or_default();
    let mut section = format!("# Response Formats\n\n## {name}\n\n");
    if let Some(text) = format.get("description").and_then(Value::as_str) {
        section.push_str(&format!("// {text}\n"));
    }
    let schema = kept(format.get("schema").unwrap_or(&Value::Null), false, 0);
    section.push_str(&json::print(&schema, MINIFIED));
    Some((name.to_owned(), section))
}

/// A schema without the keys that the API does not show to the model, in the order it shows them.
fn kept(schema: &Value, names: bool, depth: usize) -> Value {
    const FIRST: [&str; 4] = ["title", "type", "description", "properties"];
    const DROPPED: [&str; 8] = [
        "additionalProperties",
        "required",
        "$schema",
        "strict",
        "format",
        "exclusiveMinimum",
        "minimum",
        "maximum",
    ];
    if depth > json::DEEPEST {
        return Value::Null;
    }
    match schema {
        Value::Array(list) => list.iter().map(|one| kept(one, false, depth + 1)).collect(),
        Value::Object(fields) if names => Value::Object(
            fields.iter().map(|(name, one)| (name.clone(), kept(one, false, depth + 1))).collect(),
        ),
        Value::Object(fields) => {
            let rest = fields.keys().map(String::as_str).filter(|name| !FIRST.contains(name));
            let order = FIRST.into_iter().chain(rest).filter(|name| !DROPPED.contains(name));
            let mut out = Map::new();
            for name in order {
                if let Some(one) = fields.get(name) {
                    let names = matches!(name, "properties" | "$defs" | "definitions");
                    out.insert(name.to_owned(), kept(one, names, depth + 1));
                }
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}
