//! Reading a request from JSON. Every error names the place, what was found and what is wanted.

use super::request::{
    ChatRequest, Content, FilePart, ImagePart, MaxTokensField, Message, Part, Role, Tool, ToolCall,
    ToolChoice,
};
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use serde_json::{Map, Value};

impl ChatRequest {
    /// Reads a request in the OpenAI-compatible shape, or in Anthropic's own.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the place (`messages[2].role`), the value found and the
    /// value wanted.
    pub fn from_value(value: Value) -> Result<Self> {
        let mut fields = object("request", value)?;
        let mut messages = Vec::new();
        if let Some(system) = fields.shift_remove("system").filter(|v| !v.is_null()) {
            let mut message = Message::text(Role::System, "");
            message.content = read_content("system", system)?.0;
            messages.push(message);
        }
        let list = match fields.shift_remove("messages") {
            Some(Value::Array(list)) => list,
            other => {
                return Err(wrong("messages", &other.unwrap_or(Value::Null), "a list of messages"));
            }
        };
        for (index, message) in list.into_iter().enumerate() {
            read_message(&format!("messages[{index}]"), message, &mut messages)?;
        }
        let tools = match fields.shift_remove("tools") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list
                .into_iter()
                .enumerate()
                .map(|(index, tool)| read_tool(&format!("tools[{index}]"), tool))
                .collect::<Result<_>>()?,
            Some(other) => return Err(wrong("tools", &other, "a list of tools")),
        };
        let mut parallel_tool_calls = boolean(&mut fields, "parallel_tool_calls")?;
        let tool_choice = match fields.shift_remove("tool_choice") {
            None | Some(Value::Null) => None,
            Some(value) => {
                if value.get("disable_parallel_tool_use").and_then(Value::as_bool) == Some(true) {
                    parallel_tool_calls = Some(false);
                }
                Some(read_tool_choice(value)?)
            }
        };
        let old = count(&mut fields, "max_tokens")?;
        let new = count(&mut fields, "max_completion_tokens")?;
        Ok(Self {
            model: string(&mut fields, "model")?,
            messages,
            tools,
            tool_choice,
            parallel_tool_calls,
            response_format: fields.shift_remove("response_format").filter(|v| !v.is_null()),
            max_tokens: new.or(old),
            max_tokens_field: match new {
                Some(_) => MaxTokensField::MaxCompletionTokens,
                None => MaxTokensField::MaxTokens,
            },
            reasoning_effort: string(&mut fields, "reasoning_effort")?,
            stream: boolean(&mut fields, "stream")?,
            extra: fields,
        })
    }
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    Error::invalid_input(format!("{place}: found {}, wanted {wanted}", excerpt(found)))
}

/// A value short enough for a message; a whole prompt does not belong into one.
fn excerpt(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => {
            format!("{:?}...", text.chars().take(40).collect::<String>())
        }
        other => other.to_string(),
    }
}

fn object(place: &str, value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => Err(wrong(place, &other, "an object")),
    }
}

fn string(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong(name, &other, "a string")),
    }
}

fn boolean(fields: &mut Map<String, Value>, name: &str) -> Result<Option<bool>> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(value)),
        Some(other) => Err(wrong(name, &other, "true or false")),
    }
}

fn count(fields: &mut Map<String, Value>, name: &str) -> Result<Option<u64>> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match whole_number(&value) {
            Some(number) if number > 0 => Ok(Some(number)),
            _ => Err(wrong(name, &value, "a whole number above 0")),
        },
    }
}

/// Whole numbers arrive from JavaScript as floats too.
pub(crate) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number >= 0.0 && number.fract() == 0.0 && number <= 9_007_199_254_740_991.0)
            .then_some(number as u64)
    })
}

fn read_message(place: &str, value: Value, out: &mut Vec<Message>) -> Result<()> {
    let mut fields = object(place, value)?;
    let role = match fields.shift_remove("role") {
        Some(Value::String(name)) => {
            Role::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| {
                wrong(
                    &format!("{place}.role"),
                    &Value::String(name),
                    "system, developer, user, assistant or tool",
                )
            })?
        }
        other => {
            return Err(wrong(&format!("{place}.role"), &other.unwrap_or(Value::Null), "a string"));
        }
    };
    let content_place = format!("{place}.content");
    let (content, blocks) =
        read_content(&content_place, fields.shift_remove("content").unwrap_or(Value::Null))?;
    let mut tool_calls = match fields.shift_remove("tool_calls") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list
            .into_iter()
            .enumerate()
            .map(|(index, call)| read_tool_call(&format!("{place}.tool_calls[{index}]"), call))
            .collect::<Result<_>>()?,
        Some(other) => {
            return Err(wrong(&format!("{place}.tool_calls"), &other, "a list of tool calls"));
        }
    };
    // Anthropic's blocks: results come first in a user turn, each becomes a message of its own.
    let mut had_blocks = false;
    for block in blocks {
        had_blocks = true;
        match block {
            Block::Call(call) => tool_calls.push(call),
            Block::Result(message) => out.push(message),
        }
    }
    let is_empty = match &content {
        Content::None => true,
        Content::Text(_) => false,
        Content::Parts(parts) => parts.is_empty(),
    };
    if had_blocks && is_empty && tool_calls.is_empty() {
        return Ok(());
    }
    out.push(Message {
        role,
        content: if had_blocks && is_empty { Content::None } else { content },
        name: string(&mut fields, "name")?,
        tool_calls,
        tool_call_id: string(&mut fields, "tool_call_id")?,
        extra: fields,
    });
    Ok(())
}

/// What stands in Anthropic's content, and beside the content in OpenAI's.
enum Block {
    Call(ToolCall),
    Result(Message),
}

fn read_content(place: &str, value: Value) -> Result<(Content, Vec<Block>)> {
    let list = match value {
        Value::Null => return Ok((Content::None, Vec::new())),
        Value::String(text) => return Ok((Content::Text(text), Vec::new())),
        Value::Array(list) => list,
        other => return Err(wrong(place, &other, "text or a list of parts")),
    };
    let mut parts = Vec::new();
    let mut blocks = Vec::new();
    for (index, part) in list.into_iter().enumerate() {
        let place = format!("{place}[{index}]");
        let part = match part {
            Value::String(text) => json!({"type": "text", "text": text}),
            other => other,
        };
        let mut fields = object(&place, part)?;
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "text" | "input_text" => {
                fields.shift_remove("type");
                let text = match fields.shift_remove("text") {
                    Some(Value::String(text)) => text,
                    other => {
                        return Err(wrong(
                            &format!("{place}.text"),
                            &other.unwrap_or(Value::Null),
                            "a string",
                        ));
                    }
                };
                parts.push(Part::Text { text, extra: fields });
            }
            "image_url" => parts.push(Part::Image(read_image_url(&place, fields)?)),
            "image" => parts.push(Part::Image(read_anthropic_image(&fields))),
            "file" => parts.push(Part::File(FilePart { value: Value::Object(fields) })),
            "tool_use" => {
                let input = fields.shift_remove("input").unwrap_or_else(|| json!({}));
                blocks.push(Block::Call(ToolCall {
                    id: text_of(&fields, "id"),
                    name: text_of(&fields, "name"),
                    arguments: input.to_string(),
                }));
            }
            "tool_result" => {
                let inner = fields.shift_remove("content").unwrap_or(Value::Null);
                let mut message = Message::text(Role::Tool, "");
                message.content = read_content(&format!("{place}.content"), inner)?.0;
                message.tool_call_id = Some(text_of(&fields, "tool_use_id"));
                if let Some(flag) = fields.shift_remove("is_error") {
                    message.extra.put("is_error", flag);
                }
                blocks.push(Block::Result(message));
            }
            _ => parts.push(Part::Other(Value::Object(fields))),
        }
    }
    Ok((Content::Parts(parts), blocks))
}

fn text_of(fields: &Map<String, Value>, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn pixels(fields: &Map<String, Value>) -> Option<(u32, u32)> {
    let side = |name| fields.get(name).and_then(whole_number).and_then(|n| u32::try_from(n).ok());
    Some((side("width")?, side("height")?))
}

fn read_image_url(place: &str, mut fields: Map<String, Value>) -> Result<ImagePart> {
    match fields.shift_remove("image_url") {
        Some(Value::String(url)) => Ok(ImagePart { url, detail: None, size: pixels(&fields) }),
        Some(Value::Object(inner)) if inner.get("url").is_some_and(Value::is_string) => {
            Ok(ImagePart {
                url: text_of(&inner, "url"),
                detail: inner.get("detail").and_then(Value::as_str).map(str::to_owned),
                size: pixels(&inner).or_else(|| pixels(&fields)),
            })
        }
        other => Err(wrong(
            &format!("{place}.image_url"),
            &other.unwrap_or(Value::Null),
            "an object with a string `url`",
        )),
    }
}

fn read_anthropic_image(fields: &Map<String, Value>) -> ImagePart {
    let source = fields.get("source");
    let of = |name: &str| source.and_then(|s| s.get(name)).and_then(Value::as_str);
    let url = match (of("url"), of("media_type"), of("data")) {
        (Some(url), _, _) => url.to_owned(),
        (None, Some(media_type), Some(data)) => format!("data:{media_type};base64,{data}"),
        _ => String::new(),
    };
    ImagePart { url, detail: None, size: pixels(fields) }
}

fn read_tool_call(place: &str, value: Value) -> Result<ToolCall> {
    let fields = object(place, value)?;
    let function = fields.get("function").and_then(Value::as_object).ok_or_else(|| {
        wrong(
            &format!("{place}.function"),
            fields.get("function").unwrap_or(&Value::Null),
            "an object with `name` and `arguments`",
        )
    })?;
    let arguments = match function.get("arguments") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        // Some SDKs keep the parsed object; its text is what goes on the wire.
        Some(other) => other.to_string(),
    };
    Ok(ToolCall { id: text_of(&fields, "id"), name: text_of(function, "name"), arguments })
}

fn read_tool(place: &str, value: Value) -> Result<Tool> {
    let mut fields = object(place, value)?;
    let is_function = match fields.get("type").and_then(Value::as_str) {
        Some("function") => true,
        // Anthropic's own functions have no type, or "custom".
        None | Some("custom") => fields.contains_key("input_schema"),
        Some(_) => false,
    };
    if !is_function {
        return Ok(Tool {
            name: String::new(),
            description: None,
            parameters: None,
            strict: None,
            other: Some(Value::Object(fields)),
            extra: Map::new(),
        });
    }
    let mut function = match fields.shift_remove("function") {
        Some(Value::Object(function)) => function,
        // The flat form (Responses API, Anthropic): the function's fields stand in the tool.
        None => std::mem::take(&mut fields),
        Some(other) => {
            return Err(wrong(&format!("{place}.function"), &other, "an object with a `name`"));
        }
    };
    fields.shift_remove("type");
    function.shift_remove("type");
    let name = match string(&mut function, "name")? {
        Some(name) if !name.is_empty() => name,
        _ => return Err(wrong(&format!("{place}.function.name"), &Value::Null, "a name")),
    };
    Ok(Tool {
        name,
        description: string(&mut function, "description")?,
        parameters: function
            .shift_remove("parameters")
            .or_else(|| function.shift_remove("input_schema"))
            .filter(|v| !v.is_null()),
        strict: boolean(&mut function, "strict")?,
        other: None,
        extra: fields.into_iter().chain(function).collect(),
    })
}

fn read_tool_choice(value: Value) -> Result<ToolChoice> {
    let named = |name: Option<&Value>| {
        name.and_then(Value::as_str)
            .map(|name| ToolChoice::Named(name.to_owned()))
            .ok_or_else(|| wrong("tool_choice", &value, "the name of a function"))
    };
    match &value {
        Value::String(word) => match word.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" | "any" => Ok(ToolChoice::Required),
            _ => Err(wrong("tool_choice", &value, "auto, none, required or a named function")),
        },
        Value::Object(fields) => match fields.get("type").and_then(Value::as_str) {
            Some("auto") => Ok(ToolChoice::Auto),
            Some("none") => Ok(ToolChoice::None),
            Some("any" | "required") => Ok(ToolChoice::Required),
            Some("tool") => named(fields.get("name")),
            Some("function") => named(
                fields.get("function").and_then(|f| f.get("name")).or_else(|| fields.get("name")),
            ),
            _ => Ok(ToolChoice::Other(value)),
        },
        _ => Err(wrong("tool_choice", &value, "auto, none, required or a named function")),
    }
}
