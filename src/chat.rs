//! The gateway's words: an OpenAI-compatible chat request, read from JSON and written to JSON
//! without losing a field that is not known here.
//!
//! [`ChatRequest::from_value`] also accepts Anthropic's own shape of the same things (`system` at
//! the top, `tool_use` and `tool_result` blocks, `input_schema`), because people paste both; it is
//! turned into the OpenAI-compatible one.

mod build;
mod check;
pub mod mask;
mod parse;
mod render;
mod request;
mod snippet;
mod usage;

pub use build::{RequestOptions, adapt, build_request, rendered, takes_schema};
pub use check::{check, refusals, retirement};
pub(crate) use parse::whole_number;
pub use render::{Manner, Rendered, render};
pub use request::{
    ChatRequest, Content, FilePart, ImagePart, MaxTokensField, Message, Part, Role, Tool, ToolCall,
    ToolChoice,
};
pub use snippet::{Language, snippet};
pub use usage::{Usage, answer_usage, read_usage};
