//! One chunk of a chat stream, or one whole chat completion, read with patience: unknown fields,
//! nulls and values of another type than expected are passed over, never an error.
//!
//! The shapes are those recorded from OpenAI, Azure, OpenRouter, Groq, Mistral, DeepSeek, Z.AI,
//! LiteLLM, Portkey and aimock (2026-11-22).

use crate::chat::{Usage, answer_usage};
use crate::cost::read_charged;
use crate::gateway::Places;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A part of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolCallDelta {
    /// Which call of the answer it belongs to, from 0.
    pub index: usize,
    /// The call's id, where this part names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The function, where this part names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The next part of the arguments' JSON text.
    pub arguments: String,
}

/// What one chunk says. Empty and `None` mean that it says nothing of the kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatChunk {
    /// The answer's id.
    pub id: Option<String>,
    /// The model that answers; after a gateway's fallback not the one that was asked.
    pub model: Option<String>,
    /// The provider behind the gateway.
    pub provider: Option<String>,
    /// Text for the person.
    pub text: String,
    /// The model's reasoning.
    pub reasoning: String,
    /// Why the model declines, where the provider keeps that apart from the text.
    pub refusal: String,
    /// Parts of tool calls; `index` is the provider's, see [`ChatChunk::has_index`].
    pub tool_calls: Vec<ToolCallDelta>,
    /// Whether the tool call parts carry the provider's own index.
    pub has_index: bool,
    /// Why the answer ends.
    pub finish_reason: Option<String>,
    /// The usage so far, or in all.
    pub usage: Option<Usage>,
    /// What the gateway says it charged: USD, a decimal string.
    pub charged_usd: Option<String>,
    /// An error object, wherever it stood.
    pub error: Option<Value>,
    /// Whether there were `choices` at all, even none of them (`[]`).
    pub has_choices: bool,
}

impl ChatChunk {
    /// Reads a chunk or a whole completion. `places` tells where this gateway puts cost and usage.
    pub fn read(value: Value, places: &Places) -> Self {
        let mut chunk = Self::default();
        let usage = places.usage.iter().filter_map(|place| lookup(&value, place));
        chunk.usage = usage.filter(|usage| usage.is_object()).find_map(answer_usage);
        let mut cost = places.cost.iter().filter_map(|place| lookup(&value, place));
        chunk.charged_usd = cost.find_map(read_charged).map(|usd| usd.to_string());
        let Value::Object(mut fields) = value else {
            return chunk;
        };
        chunk.error = take_error(&mut fields);
        chunk.id = take_text(&mut fields, "id");
        chunk.model = take_text(&mut fields, "model");
        chunk.provider = take_text(&mut fields, "provider");
        let Some(Value::Array(choices)) = fields.get_mut("choices") else {
            return chunk;
        };
        chunk.has_choices = true;
        // One answer is asked for. Should there be more, theirs must not mix with the first one's.
        let is_first = |choice: &&mut Value| {
            choice.get("index").and_then(Value::as_u64).is_none_or(|index| index == 0)
        };
        for choice in choices.iter_mut().filter(is_first) {
            if let Value::Object(choice) = choice {
                chunk.take_choice(choice);
            }
        }
        chunk
    }

    /// Whether it carries something of the answer itself.
    pub fn has_content(&self) -> bool {
        !(self.text.is_empty()
            && self.reasoning.is_empty()
            && self.refusal.is_empty()
            && self.tool_calls.is_empty())
    }

    fn take_choice(&mut self, choice: &mut Map<String, Value>) {
        if let Some(reason) = take_text(choice, "finish_reason") {
            if reason == "error" && self.error.is_none() {
                let said = choice.get("error").filter(|error| is_error(error)).cloned();
                self.error = Some(said.unwrap_or_else(|| "finish_reason \"error\"".into()));
            }
            self.finish_reason = Some(reason);
        }
        for name in ["delta", "message"] {
            if let Some(Value::Object(delta)) = choice.get_mut(name) {
                self.take_delta(delta);
                return;
            }
        }
        // The shape of the older, plain completions.
        if let Some(text) = take_text(choice, "text") {
            self.text.push_str(&text);
        }
    }

    fn take_delta(&mut self, delta: &mut Map<String, Value>) {
        match delta.get_mut("content") {
            Some(Value::String(text)) => append(&mut self.text, std::mem::take(text)),
            Some(Value::Array(parts)) => self.take_parts(parts),
            _ => {}
        }
        // OpenRouter says the same twice, as a text and as details.
        let reasoning =
            take_text(delta, "reasoning").or_else(|| take_text(delta, "reasoning_content"));
        match (reasoning, delta.get("reasoning_details")) {
            (Some(text), _) => append(&mut self.reasoning, text),
            (None, Some(Value::Array(details))) => {
                for detail in details {
                    for name in ["text", "summary"] {
                        if let Some(text) = detail.get(name).and_then(Value::as_str) {
                            self.reasoning.push_str(text);
                        }
                    }
                }
            }
            _ => {}
        }
        if let Some(refusal) = take_text(delta, "refusal") {
            append(&mut self.refusal, refusal);
        }
        if let Some(Value::Array(calls)) = delta.get_mut("tool_calls") {
            for call in calls.iter_mut() {
                if let Value::Object(call) = call {
                    self.take_call(call);
                }
            }
        }
        // The name of tool calls before 2023-11, still sent by some servers.
        if let Some(Value::Object(function)) = delta.get_mut("function_call") {
            let name = take_text(function, "name");
            let arguments = take_arguments(function);
            self.tool_calls.push(ToolCallDelta { index: 0, id: None, name, arguments });
            self.has_index = true;
        }
    }

    /// Content as a list of parts (Mistral): texts, and reasoning as `thinking`.
    fn take_parts(&mut self, parts: &mut [Value]) {
        for part in parts {
            match part {
                Value::String(text) => self.text.push_str(text),
                Value::Object(part) => {
                    if let Some(text) = take_text(part, "text") {
                        append(&mut self.text, text);
                    }
                    if let Some(text) = take_text(part, "refusal") {
                        append(&mut self.refusal, text);
                    }
                    match part.get("thinking") {
                        Some(Value::String(text)) => self.reasoning.push_str(text),
                        Some(Value::Array(thoughts)) => {
                            let texts = thoughts.iter().filter_map(|thought| thought.get("text"));
                            texts
                                .filter_map(Value::as_str)
                                .for_each(|t| self.reasoning.push_str(t));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }

    fn take_call(&mut self, call: &mut Map<String, Value>) {
        let index = call.get("index").and_then(Value::as_u64);
        self.has_index |= index.is_some();
        let mut delta = ToolCallDelta {
            index: index.and_then(|index| usize::try_from(index).ok()).unwrap_or_default(),
            id: take_text(call, "id"),
            ..ToolCallDelta::default()
        };
        if let Some(Value::Object(function)) = call.get_mut("function") {
            delta.name = take_text(function, "name");
            delta.arguments = take_arguments(function);
        }
        self.tool_calls.push(delta);
    }
}

/// What stands at a JSON pointer. As `Value::pointer`, without its allocations.
fn lookup<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(value, |value, token| {
        let token = match token.contains('~') {
            true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
            false => Cow::Borrowed(token),
        };
        match value {
            Value::Object(fields) => fields.get(token.as_ref()),
            Value::Array(list) => list.get(token.parse::<usize>().ok()?),
            _ => None,
        }
    })
}

/// The error of a chunk: `{error}`, `{type:"error"}`, `{object:"error"}`, `{status:"failure"}`.
fn take_error(fields: &mut Map<String, Value>) -> Option<Value> {
    if let Some(error) = fields.get_mut("error").filter(|error| is_error(error)) {
        return Some(error.take());
    }
    says_failure(fields).then(|| Value::Object(std::mem::take(fields)))
}

fn says_failure(fields: &Map<String, Value>) -> bool {
    let is = |name: &str, wanted: &str| fields.get(name).and_then(Value::as_str) == Some(wanted);
    is("type", "error") || is("object", "error") || is("status", "failure")
}

/// Whether [`ChatChunk::read`] would find an error at the top of it.
pub(super) fn has_error(value: &Value) -> bool {
    let Value::Object(fields) = value else {
        return false;
    };
    fields.get("error").is_some_and(is_error) || says_failure(fields)
}

/// `null`, `false`, `""` and `{}` in an error's place say that there is none.
fn is_error(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Number(_) => true,
    }
}

/// The text of a field, moved out; `None` where it is empty or no text.
fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.get_mut(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(std::mem::take(text)),
        _ => None,
    }
}

/// Arguments as JSON text; some servers send the object itself.
fn take_arguments(function: &mut Map<String, Value>) -> String {
    match function.get_mut("arguments") {
        Some(Value::String(text)) => std::mem::take(text),
        Some(value @ (Value::Object(_) | Value::Array(_))) => value.to_string(),
        _ => String::new(),
    }
}

fn append(to: &mut String, text: String) {
    if to.is_empty() {
        *to = text;
    } else {
        to.push_str(&text);
    }
}
