//! Functions as GPT-4 of June 2023 reads them, which `gpt-4` still names: an older rendering, without
//! titles, defaults and descriptions of what is inside of objects.
//!
//! Derived on 2026-11-22 from 85 recorded requests with functions and no calls, of 4 repositories:
//! all but 4 to 3 tokens. That later models of the generation do otherwise, the same definitions
//! show (27 records).

use super::super::bill::{Bill, part};
use super::super::json::{self, DEEPEST, MINIFIED};
use crate::chat::{ChatRequest, Tool, ToolChoice};
use crate::tokens::counter::Texts;
use crate::tokens::model::has_word;
use serde_json::{Map, Value};

/// Whether an id names GPT-4 as it was in June 2023 or before.
pub(super) fn is_of_june(id: &str) -> bool {
    let later = ["turbo", "preview", "1106", "0125", "vision"];
    has_word(id, "gpt-4") && !later.iter().any(|word| has_word(id, word))
}

/// Adds the functions of a request and their choice.
pub(super) fn add(
    bill: &mut Bill,
    request: &ChatRequest,
    functions: &[&Tool],
    has_system: bool,
    texts: Texts,
) {
    if functions.is_empty() {
        return;
    }
    bill.add(part::TOOLS, texts.count(&section(functions)));
    let former = request.extra.get("function_call").and_then(|call| call.get("name")?.as_str());
    let named = match &request.tool_choice {
        Some(ToolChoice::Named(name)) => Some((name.as_str(), 13)),
        _ => former.map(|name| (name, 10)),
    };
    let around = match named {
        Some((name, around)) => {
            bill.add(part::TOOL_CALLS, texts.count(name));
            around
        }
        // Functions cost less after a system text.
        None if has_system => match request.tool_choice {
            Some(ToolChoice::Required) => 8,
            _ => 5,
        },
        None => 6,
    };
    bill.add_exact(part::FRAMING, around);
    bill.widen(4, 4);
}

fn section(functions: &[&Tool]) -> String {
    let mut out = String::from("namespace functions {\n\n");
    for tool in functions {
        if let Some(text) = tool.description.as_deref().filter(|text| !text.is_empty()) {
            out.push_str(&format!("// {text}\n"));
        }
        let schema = tool.parameters.as_ref().unwrap_or(&Value::Null);
        let definitions = schema.get("$defs").or_else(|| schema.get("definitions"));
        let mut renderer =
            Renderer { definitions: definitions.and_then(Value::as_object), budget: 4000 };
        let rows = renderer.rows(schema, 0);
        match rows.is_empty() {
            true => out.push_str(&format!("type {} = () => any;\n\n", tool.name)),
            false => out.push_str(&format!("type {} = (_: {{\n{rows}}}) => any;\n\n", tool.name)),
        }
    }
    out.push_str("} // namespace functions");
    out
}

struct Renderer<'a> {
    definitions: Option<&'a Map<String, Value>>,
    /// Types that may still be rendered; a bound for schemas that refer to themselves.
    budget: u32,
}

impl<'a> Renderer<'a> {
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|p| p.rsplit('/').next());
        name.and_then(|name| self.definitions?.get(name)).unwrap_or(schema)
    }

    /// The properties of an object, one a line, indented by two spaces a level.
    fn rows(&mut self, schema: &'a Value, depth: usize) -> String {
        let mut out = String::new();
        let indent = "  ".repeat(depth.min(DEEPEST));
        let required = schema.get("required").and_then(Value::as_array);
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
            let Some(kind) = self.kind(property, depth + 1) else { continue };
            if depth == 0 && !text.is_empty() {
                out.push_str(&format!("// {text}\n"));
            }
            let is_required =
                required.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(name)));
            let mark = if is_required { "" } else { "?" };
            out.push_str(&format!("{indent}{name}{mark}: {kind},\n"));
        }
        out
    }

    /// `None` for an object of which nothing is said: its property is left out (40 records).
    fn kind(&mut self, schema: &'a Value, depth: usize) -> Option<String> {
        self.budget = self.budget.saturating_sub(1);
        if depth > DEEPEST || self.budget == 0 {
            return Some("any".to_owned());
        }
        let schema = self.resolved(schema);
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let values: Vec<String> =
                values.iter().map(|value| json::print(value, MINIFIED)).collect();
            return Some(values.join(" | "));
        }
        let kind = match schema.get("type").and_then(Value::as_str) {
            Some("integer") => "number".to_owned(),
            Some("object") => {
                let rows = self.rows(schema, depth);
                if rows.is_empty() {
                    return None;
                }
                format!("{{\n{rows}}}")
            }
            Some("array") => {
                let items = schema.get("items").and_then(|items| self.kind(items, depth));
                format!("{}[]", items.as_deref().unwrap_or("any"))
            }
            Some(name) => name.to_owned(),
            None => "any".to_owned(),
        };
        Some(kind)
    }
}
