//! What the chosen model would refuse is refused here first, by the catalogue's capabilities.

use super::request::{ChatRequest, Content, Part, ToolChoice};
use crate::catalog::{Model, Status};
use crate::error::{Error, ErrorKind, Result};
use serde_json::Value;

/// Refuses what `model` is known not to take: images, files, audio, tools, forced tool calls,
/// sampling settings, a JSON schema, an answer longer than it gives. What is unknown passes.
/// Whether the model is retired is a matter of the router; whether the prompt fits is one of the
/// token estimate.
///
/// # Errors
/// [`ErrorKind::Unsupported`], naming the model, what was asked and what it takes instead.
pub fn check(request: &ChatRequest, model: &Model) -> Result<()> {
    match refusals(request, model).into_iter().next() {
        Some(text) => Err(Error::new(ErrorKind::Unsupported, text)),
        None => Ok(()),
    }
}

/// Everything that [`check`] would refuse, one sentence each.
pub fn refusals(request: &ChatRequest, model: &Model) -> Vec<String> {
    let id = &model.id;
    let can = &model.capabilities;
    let mut found = Vec::new();
    let mut refuse = |known: Option<bool>, asked: bool, text: String| {
        if asked && known == Some(false) {
            found.push(text);
        }
    };
    let has = |wanted: fn(&Part) -> bool| {
        request.messages.iter().any(|message| match &message.content {
            Content::Parts(parts) => parts.iter().any(wanted),
            _ => false,
        })
    };
    refuse(
        can.vision,
        has(|part| matches!(part, Part::Image(_))),
        format!("{id} takes text only: found an image in the messages"),
    );
    refuse(
        can.pdf,
        has(|part| matches!(part, Part::File(_))),
        format!("{id} takes no files: found a file in the messages"),
    );
    refuse(
        can.audio,
        has(|part| matches!(part, Part::Other(value) if kind(value) == "input_audio")),
        format!("{id} takes no audio: found audio in the messages"),
    );
    refuse(
        can.tools,
        !request.tools.is_empty(),
        format!("{id} has no function calling: found {} tools", request.tools.len()),
    );
    let forced = matches!(request.tool_choice, Some(ToolChoice::Required | ToolChoice::Named(_)));
    refuse(
        can.forced_tool_choice,
        forced,
        format!(
            "{id} cannot be forced to call a tool: found tool_choice required or named, wanted auto or none"
        ),
    );
    refuse(
        can.json_schema,
        request.response_format.as_ref().is_some_and(|format| kind(format) == "json_schema"),
        format!("{id} does not hold answers to a JSON schema: found response_format json_schema"),
    );
    for name in ["temperature", "top_p", "top_k"] {
        if let Some(value) = request.extra.get(name).filter(|v| !v.is_null()) {
            // 1 is the documented default of temperature and top_p, and is accepted.
            let default = name != "top_k" && value.as_f64() == Some(1.0);
            refuse(
                can.sampling,
                !default,
                format!("{id} takes no {name}: found {value}, wanted it left out"),
            );
        }
    }
    if let (Some(asked), Some(most)) = (request.max_tokens, model.max_output)
        && asked > most
    {
        found.push(format!(
            "{id} answers with at most {most} tokens: found {} {asked}",
            request.max_tokens_field.name()
        ));
    }
    found
}

/// A sentence about a model that its maker has retired or announced to retire, with the
/// replacement named; `None` for one that is served.
pub fn retirement(model: &Model) -> Option<String> {
    let (what, day, replacement) = match &model.status {
        Status::Active => return None,
        Status::Deprecated { retires, replacement } => ("is deprecated", retires, replacement),
        Status::Retired { on, replacement } => ("is retired", on, replacement),
    };
    let mut text = format!("{} {what} by its maker", model.id);
    if let Some(day) = day {
        let word = if matches!(model.status, Status::Retired { .. }) { "since" } else { "from" };
        text.push_str(&format!(" ({word} {day})"));
    }
    if let Some(replacement) = replacement {
        text.push_str(&format!("; its replacement is {replacement}"));
    }
    Some(text)
}

fn kind(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}
