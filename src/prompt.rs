//! What a person typed, before it becomes a request.

use crate::error::{Error, Result};
use serde_json::Value;

/// A prompt with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prompt {
    /// What is asked.
    pub text: String,
    /// Instructions that stand above the conversation.
    pub system: Option<String>,
    /// Images, as `data:` URLs or addresses.
    pub images: Vec<String>,
    /// Earlier turns, oldest first, in the gateway's words.
    pub history: Vec<Value>,
}

impl Prompt {
    /// A prompt of text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Reads a prompt: a string, or an object with `text` and optional `system`, `images`,
    /// `history`.
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
        let wrong = |name: &str, wanted: &str| {
            Error::invalid_input(format!("prompt.{name}: wanted {wanted}, found another kind"))
        };
        let text = match fields.shift_remove("text") {
            Some(Value::String(text)) => text,
            None => {
                return Err(Error::invalid_input("prompt.text: found nothing, wanted a string"));
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
        match fields.keys().next() {
            Some(name) => Err(Error::invalid_input(format!(
                "prompt.{name}: not a field of a prompt; wanted text, system, images, history"
            ))),
            None => Ok(Self { text, system, images, history }),
        }
    }
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
        ] {
            let error = Prompt::from_value(value).unwrap_err();
            assert!(error.message().contains(names), "{error} does not name {names}");
        }
    }
}
