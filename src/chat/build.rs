//! From a prompt to a request.

use super::render::{Manner, Rendered, render};
use super::request::{ChatRequest, MaxTokensField};
use crate::catalog::Model;
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use crate::prompt::{Format, Prompt, Tier};
use serde_json::{Map, Value};

/// Everything about a request that is not the prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestOptions {
    /// The model's name as the gateway knows it.
    pub model: Option<String>,
    /// The most tokens that the answer may have.
    pub max_tokens: Option<u64>,
    /// Randomness; providers take 0 to 1 or 0 to 2.
    pub temperature: Option<f64>,
    /// Share of the probability mass to draw from, 0 to 1.
    pub top_p: Option<f64>,
    /// A text, or texts, at which the answer ends.
    pub stop: Option<Value>,
    /// `"minimal"`, `"low"`, `"medium"`, `"high"` and what else a provider takes.
    pub reasoning_effort: Option<String>,
    /// `{"type":"json_schema",...}`, `{"type":"json_object"}`.
    pub response_format: Option<Value>,
    /// Functions on offer, as on the wire.
    pub tools: Option<Value>,
    /// What must be called, as on the wire.
    pub tool_choice: Option<Value>,
    /// Whether several calls in one answer are allowed.
    pub parallel_tool_calls: Option<bool>,
    /// Ask for a streamed answer, with its usage.
    pub stream: Option<bool>,
    /// Fields of one gateway, passed through.
    pub extra: Option<Map<String, Value>>,
    /// Which words are added to the prompt's own.
    pub tier: Tier,
    /// The most tokens that the prompt's examples may come to.
    pub examples_tokens: Option<u64>,
    /// The places of the examples that were chosen within it; `None`: all of them stay.
    pub examples: Option<Vec<usize>>,
}

impl RequestOptions {
    /// Reads options: camelCase names, `null` or absent for unset. Fields of other names are left
    /// to other readers.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where a field has a value of another kind.
    pub fn from_value(value: Value) -> Result<Self> {
        let fields = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(fields) => fields,
            other => {
                return Err(Error::invalid_input(format!(
                    "options: found {other}, wanted an object"
                )));
            }
        };
        let mut options = Self::default();
        for (name, value) in fields {
            match (name.as_str(), value) {
                (_, Value::Null) => {}
                ("model", Value::String(text)) => options.model = Some(text),
                ("reasoningEffort", Value::String(text)) => options.reasoning_effort = Some(text),
                ("maxTokens", Value::Number(count)) if count.is_u64() => {
                    options.max_tokens = count.as_u64();
                }
                ("temperature", Value::Number(number)) => options.temperature = number.as_f64(),
                ("topP", Value::Number(number)) => options.top_p = number.as_f64(),
                ("parallelToolCalls", Value::Bool(flag)) => {
                    options.parallel_tool_calls = Some(flag);
                }
                ("stream", Value::Bool(flag)) => options.stream = Some(flag),
                ("stop", any) => options.stop = Some(any),
                ("responseFormat", any) => options.response_format = Some(any),
                ("tools", any) => options.tools = Some(any),
                ("toolChoice", any) => options.tool_choice = Some(any),
                ("extra", Value::Object(extra)) => options.extra = Some(extra),
                ("tier", Value::String(name)) => options.tier = Tier::from_name(&name)?,
                ("examplesTokens", Value::Number(count)) if count.is_u64() => {
                    options.examples_tokens = count.as_u64();
                }
                (_, found) => {
                    let wanted = match name.as_str() {
                        "model" | "reasoningEffort" | "tier" => "a text",
                        "maxTokens" | "examplesTokens" => "a whole number, 0 or more",
                        "temperature" | "topP" => "a number",
                        "parallelToolCalls" | "stream" => "true or false",
                        "extra" => "an object",
                        _ => continue,
                    };
                    return Err(Error::invalid_input(format!(
                        "options: {name}: found {found}, wanted {wanted}"
                    )));
                }
            }
        }
        Ok(options)
    }
}

/// Builds the OpenAI-compatible request for a prompt. `model` is the catalogue's entry of
/// `options.model`, where there is one: it decides the name of the maximum-tokens field.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for a part of the wrong shape, and what
/// [`check`](super::check) refuses.
pub fn build_request(
    prompt: &Prompt,
    options: &RequestOptions,
    model: Option<&Model>,
) -> Result<ChatRequest> {
    if options.tier == Tier::Auto {
        return Err(Error::invalid_input(
            "options: tier: found \"auto\", which a plan settles; wanted deep, fast or plain",
        ));
    }
    let has_schema = matches!(prompt.parts.format, Some(Format::Schema(_)));
    if has_schema && options.response_format.is_some() {
        return Err(Error::invalid_input(
            "prompt.format: found a JSON Schema, and options.responseFormat too; wanted one of them",
        ));
    }
    let mut fields = Map::new();
    fields.put("messages", Value::Array(prompt.history.clone()));
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    put("model", options.model.clone().map(Value::String));
    put("tools", options.tools.clone());
    put("tool_choice", options.tool_choice.clone());
    put("parallel_tool_calls", options.parallel_tool_calls.map(Value::Bool));
    put("response_format", options.response_format.clone());
    put("max_tokens", options.max_tokens.map(Value::from));
    put("reasoning_effort", options.reasoning_effort.clone().map(Value::String));
    put("temperature", options.temperature.map(Value::from));
    put("top_p", options.top_p.map(Value::from));
    put("stop", options.stop.clone());
    if let Some(stream) = options.stream {
        put("stream", Some(Value::Bool(stream)));
        if stream {
            // Without it most gateways stream no usage, and there would be no bill to compare.
            put("stream_options", Some(json!({"include_usage": true})));
        }
    }
    for (name, value) in options.extra.iter().flatten() {
        put(name, Some(value.clone()));
    }
    let mut request = ChatRequest::from_value(Value::Object(fields))?;
    let words = model.is_some_and(|model| !takes_schema(model));
    let manner = Manner {
        tier: options.tier,
        schema_in_words: words,
        examples: options.examples.as_deref(),
    };
    put_prompt(&mut request, prompt, manner);
    if let Some(model) = model {
        super::check(&request, model)?;
        adapt(&mut request, model);
    }
    Ok(request)
}

/// Whether `model` is known to hold an answer to a JSON Schema.
pub fn takes_schema(model: &Model) -> bool {
    model.capabilities.json_schema == Some(true)
}

/// Puts the prompt into a request whose messages are its history; says how that went.
fn put_prompt(request: &mut ChatRequest, prompt: &Prompt, manner: Manner<'_>) -> Rendered {
    let history = std::mem::take(&mut request.messages);
    let mut told = render(prompt, history, manner);
    request.messages = std::mem::take(&mut told.messages);
    if matches!(prompt.parts.format, Some(Format::Schema(_))) {
        request.response_format = told.response_format.take();
    }
    told
}

/// `request` with the messages (and the response format, where the prompt has a schema) of `prompt`
/// rendered in another manner; and how that went.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for a turn of the history of the wrong shape.
pub fn rendered(
    request: &ChatRequest,
    prompt: &Prompt,
    manner: Manner<'_>,
) -> Result<(ChatRequest, Rendered)> {
    let mut out = request.clone();
    out.messages = ChatRequest::from_value(json!({ "messages": prompt.history }))?.messages;
    let told = put_prompt(&mut out, prompt, manner);
    Ok((out, told))
}

/// Writes the maximum-tokens field under the name that the model takes: OpenAI's reasoning models
/// refuse `max_tokens` (platform documentation of Chat Completions, read through the `openai`
/// package 2.x, 2026-11). Says so, where that changed anything.
pub fn adapt(request: &mut ChatRequest, model: &Model) -> Option<String> {
    let before = request.max_tokens_field;
    let reasons = model.capabilities.reasoning.as_deref().is_some_and(|kind| kind != "none");
    request.max_tokens_field = if model.lab == "openai" && reasons {
        MaxTokensField::MaxCompletionTokens
    } else {
        MaxTokensField::MaxTokens
    };
    let after = request.max_tokens_field;
    (request.max_tokens.is_some() && before != after).then(|| {
        format!("{} goes out as {}: {} takes no other", before.name(), after.name(), model.id)
    })
}
