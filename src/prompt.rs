//! What was typed, before it becomes a request: a text, or the parts of a prompt that a person tells
//! apart. [`crate::chat::render`] makes messages of them, by rules that stand at the function.

pub mod examples;
pub(crate) mod language;
mod parts;
pub(crate) mod steps;
mod tier;

pub use parts::{Attachment, Document, Example, Format, Parts};
pub use tier::Tier;

use crate::error::{Error, Result};
use serde_json::Value;

/// A prompt with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prompt {
    /// What is asked; beside a task, what the task is done on.
    pub text: String,
    /// Instructions that stand above the conversation.
    pub system: Option<String>,
    /// Images, as `data:` URLs or addresses.
    pub images: Vec<String>,
    /// Earlier turns, oldest first, in the gateway's words.
    pub history: Vec<Value>,
    /// What was told apart: role, format, examples and so on. None of it must be there.
    pub parts: Parts,
}

impl Prompt {
    /// A prompt of text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Shows every text of the prompt itself to `change`; the history is in the gateway's words.
    pub fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        change(&mut self.text);
        self.system.iter_mut().for_each(&mut *change);
        self.parts.each_text(change);
    }

    /// Reads a prompt: a string, or an object with `text` or `task`, and optional `system`, `images`,
    /// `history` and the fields of [`Parts`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: Value) -> Result<Self> {
        let mut fields = match value {
            Value::String(text) => return Ok(Self::text(text)),
            Value::Object(fields) => fields,
            other => {
                return Err(Error::invalid_input(format!(
                    "prompt: found {other}, wanted a string or an object with `text`"
                )));
            }
        };
        let parts = Parts::read(&fields)?;
        let text = match fields.shift_remove("text") {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) if !parts.task.is_empty() => String::new(),
            None => {
                return Err(Error::invalid_input(
                    "prompt.text: found nothing, wanted a string (or `task`)",
                ));
            }
            Some(_) => return Err(wrong("text", "a string")),
        };
        let system = match fields.shift_remove("system") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(wrong("system", "a string")),
        };
        let images = match fields.shift_remove("images") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list
                .into_iter()
                .map(|image| match image {
                    Value::String(url) => Ok(url),
                    _ => Err(wrong("images", "a list of addresses or data URLs")),
                })
                .collect::<Result<_>>()?,
            Some(_) => return Err(wrong("images", "a list of addresses or data URLs")),
        };
        let history = match fields.shift_remove("history") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(wrong("history", "a list of messages")),
        };
        match fields.keys().find(|name| !parts::FIELDS.contains(&name.as_str())) {
            Some(name) => Err(Error::invalid_input(format!(
                "prompt.{name}: not a field of a prompt; wanted text, system, images, history, {}",
                parts::FIELDS.join(", ")
            ))),
            None => Ok(Self { text, system, images, history, parts }),
        }
    }
}

/// A field of another kind.
fn wrong(name: &str, wanted: &str) -> Error {
    Error::invalid_input(format!("prompt.{name}: wanted {wanted}, found another kind"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_both_forms() {
        assert_eq!(Prompt::from_value(json!("hi")).unwrap(), Prompt::text("hi"));
        let prompt = Prompt::from_value(
            json!({"text": "hi", "system": null, "images": ["https://a/b.png"]}),
        )
        .unwrap();
        assert_eq!((prompt.system, prompt.images.len()), (None, 1));
    }

    #[test]
    fn names_what_is_wrong() {
        for (value, names) in [
            (json!(7), "prompt: found 7"),
            (json!({"system": "x"}), "prompt.text"),
            (json!({"text": "x", "system": 1}), "prompt.system"),
            (json!({"text": "x", "images": "y"}), "prompt.images"),
            (json!({"text": "x", "sytem": "y"}), "prompt.sytem"),
            (json!({"task": 3}), "prompt.task"),
            (json!({"task": ["a", 3]}), "prompt.task"),
            (json!({"task": "  "}), "prompt.text"),
            (json!({"text": "x", "role": ["y"]}), "prompt.role"),
            (json!({"text": "x", "format": 1}), "prompt.format"),
            (json!({"text": "x", "constraints": {}}), "prompt.constraints"),
            (json!({"text": "x", "examples": [{"input": "y"}]}), "prompt.examples[0].output"),
            (
                json!({"text": "x", "examples": [{"input": "y", "output": "z", "weight": -1}]}),
                "prompt.examples[0].weight",
            ),
            (json!({"text": "x", "context": [{"title": "y"}]}), "prompt.context[0].text"),
            (json!({"text": "x", "attachments": [{"name": "y"}]}), "prompt.attachments[0]"),
            (json!({"text": "x", "attachments": [{"text": "y"}]}), "prompt.attachments[0].name"),
            (
                json!({"text": "x", "attachments": [{"file": "https://a/b.pdf"}]}),
                "prompt.attachments[0].file",
            ),
            (
                json!({"text": "x", "attachments": [{"image": "u", "file": "data:,"}]}),
                "prompt.attachments[0]",
            ),
        ] {
            let error = Prompt::from_value(value).unwrap_err();
            assert!(error.message().contains(names), "{error} does not name {names}");
        }
    }

    /// What a form leaves empty is not there.
    #[test]
    fn blank_parts_are_none() {
        let blank = json!({"text": "x", "role": " ", "format": "", "constraints": ["", "\n"],
            "task": null, "context": "", "examples": [], "attachments": null});
        assert_eq!(Prompt::from_value(blank).unwrap(), Prompt::text("x"));
    }
}
