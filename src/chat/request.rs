//! The request: its types, reading and writing.

use crate::json::{Fields, json};
use serde_json::{Map, Value};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions of the application.
    System,
    /// OpenAI's name for [`Role::System`] on reasoning models.
    Developer,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

impl Role {
    pub(crate) const ALL: [Role; 5] =
        [Role::System, Role::Developer, Role::User, Role::Assistant, Role::Tool];

    /// The spelling on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// An image in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct ImagePart {
    /// A `data:` URL, or an address that the provider fetches (its size is then unknown here).
    pub url: String,
    /// `"low"`, `"high"`, `"auto"` or what else a provider takes.
    pub detail: Option<String>,
    /// Width and height in pixels, where the caller states them (a promptfare extension, never
    /// sent: `width` and `height` beside `url`).
    pub size: Option<(u32, u32)>,
}

/// A document in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct FilePart {
    /// The whole part as it was given, `{"type":"file","file":{...}}`.
    pub value: Value,
}

impl FilePart {
    /// `file.file_data`: a `data:` URL or base64 text.
    pub fn data(&self) -> Option<&str> {
        self.value.get("file")?.get("file_data")?.as_str()
    }

    /// `file.filename`.
    pub fn name(&self) -> Option<&str> {
        self.value.get("file")?.get("filename")?.as_str()
    }
}

/// A part of a message's content.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text, with the fields beside `text` (for instance `cache_control`).
    Text {
        /// The text.
        text: String,
        /// Other fields of the part.
        extra: Map<String, Value>,
    },
    /// An image.
    Image(ImagePart),
    /// A document.
    File(FilePart),
    /// A kind that is passed through as it is (`input_audio`, vendor extras).
    Other(Value),
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `null` or absent: a message that only calls tools.
    None,
    /// One text.
    Text(String),
    /// Several parts.
    Parts(Vec<Part>),
}

impl Content {
    /// All the text, parts joined with nothing.
    pub fn text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text { text, .. } => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
        }
    }
}

/// A call that the model asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The call's name, which its result repeats.
    pub id: String,
    /// The function.
    pub name: String,
    /// The arguments: JSON as text, as the model wrote it.
    pub arguments: String,
}

/// One turn, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
    /// The participant's name, where given.
    pub name: Option<String>,
    /// Calls of an assistant message.
    pub tool_calls: Vec<ToolCall>,
    /// For a tool message: the call that it answers.
    pub tool_call_id: Option<String>,
    /// Other fields, passed through.
    pub extra: Map<String, Value>,
}

impl Message {
    /// A message of plain text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: Content::Text(text.into()),
            name: None,
            tool_calls: Vec::new(),
            tool_call_id: None,
            extra: Map::new(),
        }
    }
}

/// A function that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// The function's name. Empty for a vendor's built-in tool, which stands in `extra` whole.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// JSON schema of its arguments, key order kept.
    pub parameters: Option<Value>,
    /// `strict`, where given.
    pub strict: Option<bool>,
    /// For a tool that is not a function: the whole value, passed through.
    pub other: Option<Value>,
    /// Fields beside `function` (`cache_control`), passed through.
    pub extra: Map<String, Value>,
}

/// Whether and what the model must call.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolChoice {
    /// The model decides (the default when there are tools).
    Auto,
    /// No call.
    None,
    /// Some call. `"required"` on the wire, Anthropic's `any`.
    Required,
    /// This function.
    Named(String),
    /// Anything else, passed through.
    Other(Value),
}

/// An OpenAI-compatible chat request. Fields that no rule here needs stay in `extra` as they came.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// The model's name as the gateway knows it. `None` until one is chosen.
    pub model: Option<String>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Functions on offer.
    pub tools: Vec<Tool>,
    /// What must be called.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several calls in one answer are allowed.
    pub parallel_tool_calls: Option<bool>,
    /// `{"type":"json_schema",...}`, `{"type":"json_object"}`.
    pub response_format: Option<Value>,
    /// The most tokens that the answer may have, in whichever field it was given
    /// (`max_tokens` or `max_completion_tokens`); [`ChatRequest::to_value`] writes
    /// `max_tokens_field`.
    pub max_tokens: Option<u64>,
    /// The field that `max_tokens` is written to.
    pub max_tokens_field: MaxTokensField,
    /// `"minimal"`, `"low"`, `"medium"`, `"high"` and what else providers take.
    pub reasoning_effort: Option<String>,
    /// Whether the answer streams.
    pub stream: Option<bool>,
    /// Everything else (`temperature`, `stop`, `thinking`, vendor extras), order kept.
    pub extra: Map<String, Value>,
}

/// The name that the limit on the answer goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaxTokensField {
    /// `max_tokens`: the old name, which every gateway takes.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`: the only one that OpenAI's reasoning models take.
    MaxCompletionTokens,
}

impl MaxTokensField {
    /// The spelling on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }
}

impl ChatRequest {
    /// Writes the request in the OpenAI-compatible shape, fields in the order people expect:
    /// `model`, `messages`, then the rest.
    pub fn to_value(&self) -> Value {
        let mut out = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                out.insert(name.to_owned(), value);
            }
        };
        put("model", self.model.clone().map(Value::String));
        put("messages", Some(self.messages.iter().map(Message::to_value).collect()));
        if !self.tools.is_empty() {
            put("tools", Some(self.tools.iter().map(Tool::to_value).collect()));
        }
        put("tool_choice", self.tool_choice.as_ref().map(ToolChoice::to_value));
        put("parallel_tool_calls", self.parallel_tool_calls.map(Value::Bool));
        put("response_format", self.response_format.clone());
        put(self.max_tokens_field.name(), self.max_tokens.map(Value::from));
        put("reasoning_effort", self.reasoning_effort.clone().map(Value::String));
        put("stream", self.stream.map(Value::Bool));
        for (name, value) in &self.extra {
            put(name, Some(value.clone()));
        }
        Value::Object(out)
    }
}

impl Message {
    fn to_value(&self) -> Value {
        let mut out = Map::new();
        out.put("role", self.role.name().into());
        match &self.content {
            Content::None => {
                // Absent content is refused by some gateways, null by none that was measured.
                out.put("content", Value::Null);
            }
            Content::Text(text) => {
                out.put("content", text.clone().into());
            }
            Content::Parts(parts) => {
                out.put("content", parts.iter().map(Part::to_value).collect());
            }
        }
        if let Some(name) = &self.name {
            out.put("name", name.clone().into());
        }
        if !self.tool_calls.is_empty() {
            let calls = self.tool_calls.iter().map(|call| {
                json!({"id": call.id, "type": "function",
                       "function": {"name": call.name, "arguments": call.arguments}})
            });
            out.put("tool_calls", calls.collect());
        }
        if let Some(id) = &self.tool_call_id {
            out.put("tool_call_id", id.clone().into());
        }
        out.extend(self.extra.clone());
        Value::Object(out)
    }
}

impl Part {
    fn to_value(&self) -> Value {
        match self {
            Self::Text { text, extra } => {
                let mut out = Map::new();
                out.put("type", "text".into());
                out.put("text", text.clone().into());
                out.extend(extra.clone());
                Value::Object(out)
            }
            Self::Image(image) => {
                let mut inner = Map::new();
                inner.put("url", image.url.clone().into());
                if let Some(detail) = &image.detail {
                    inner.put("detail", detail.clone().into());
                }
                json!({"type": "image_url", "image_url": inner})
            }
            Self::File(file) => file.value.clone(),
            Self::Other(value) => value.clone(),
        }
    }
}

impl Tool {
    fn to_value(&self) -> Value {
        if let Some(other) = &self.other {
            return other.clone();
        }
        let mut function = Map::new();
        function.put("name", self.name.clone().into());
        if let Some(description) = &self.description {
            function.put("description", description.clone().into());
        }
        if let Some(parameters) = &self.parameters {
            function.put("parameters", parameters.clone());
        }
        if let Some(strict) = self.strict {
            function.put("strict", strict.into());
        }
        let mut out = Map::new();
        out.put("type", "function".into());
        out.put("function", Value::Object(function));
        out.extend(self.extra.clone());
        Value::Object(out)
    }
}

impl ToolChoice {
    fn to_value(&self) -> Value {
        match self {
            Self::Auto => "auto".into(),
            Self::None => "none".into(),
            Self::Required => "required".into(),
            Self::Named(name) => json!({"type": "function", "function": {"name": name}}),
            Self::Other(value) => value.clone(),
        }
    }
}
