//! What the gateway says was used.

mod body;

pub use body::{answer_usage, read_usage};

use super::whole_number;
use crate::error::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// Tokens after the fact, in one normal form whatever the provider: input includes cache reads and
/// writes, writes include one-hour writes, output includes reasoning. Unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// All input.
    pub input_tokens: u64,
    /// All output.
    pub output_tokens: u64,
    /// Input read from the provider's prompt cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<u64>,
    /// Input written to it, one-hour writes included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_tokens: Option<u64>,
    /// Input written to it for an hour.
    #[serde(skip_serializing_if = "Option::is_none", rename = "cacheWrite1hTokens")]
    pub cache_write_1h_tokens: Option<u64>,
    /// Output that was reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
}

impl Usage {
    /// Reads a usage in this normal form from JSON: whole numbers, `null` or absent for unknown.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(fields) = value else {
            return Err(wrong("usage", value, "an object with inputTokens and outputTokens"));
        };
        let count = |name: &str| match fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => whole_number(value)
                .map(Some)
                .ok_or_else(|| wrong(&format!("usage.{name}"), value, "a whole number, 0 or more")),
        };
        let wanted = |name: &str| {
            count(name)?.ok_or_else(|| {
                wrong(&format!("usage.{name}"), &Value::Null, "a whole number, 0 or more")
            })
        };
        Ok(Self {
            input_tokens: wanted("inputTokens")?,
            output_tokens: wanted("outputTokens")?,
            cache_read_tokens: count("cacheReadTokens")?,
            cache_write_tokens: count("cacheWriteTokens")?,
            cache_write_1h_tokens: count("cacheWrite1hTokens")?,
            reasoning_tokens: count("reasoningTokens")?,
        })
    }
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let shown: String = found.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}: found {shown}, wanted {wanted}"))
}
