//! What the caller wants of a fit.

use crate::chat::whole_number;
use crate::error::{Error, Result};
use serde_json::Value;

/// What the caller wants of a fit. The default asks about the request's own model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FitOptions {
    /// The model that is to answer. Default: the first candidate, else the request's own.
    pub model: Option<String>,
    /// Other models that could.
    pub candidates: Vec<String>,
    /// Tokens to keep free for the answer. Default: the limit that the request sets, else the upper end of
    /// the estimated answer, else (no price is known) the model's longest answer, 4,096 at most.
    pub answer_tokens: Option<u64>,
    /// Places of messages that are never dropped and never cut.
    pub pinned: Vec<usize>,
    /// How many of the latest messages are not dropped; a long text in them may be cut.
    pub keep_last: usize,
    /// The caller's own limit on question and answer together, where it is smaller than the window.
    pub limit_tokens: Option<u64>,
}

impl FitOptions {
    /// Reads `model`, `candidates`, `answerTokens`, `pinned`, `keepLast` and `limitTokens`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut made = Self::default();
        let fields = match value {
            Value::Null => return Ok(made),
            Value::Object(fields) => fields,
            other => return Err(wrong("options", other, "an object")),
        };
        for (name, value) in fields {
            if value.is_null() {
                continue;
            }
            match name.as_str() {
                "model" => made.model = Some(word(name, value)?),
                "candidates" => {
                    for one in list(name, value)? {
                        made.candidates.push(word(name, one)?);
                    }
                }
                "answerTokens" => made.answer_tokens = Some(number(name, value)?),
                "limitTokens" => made.limit_tokens = Some(number(name, value)?),
                "keepLast" => made.keep_last = place(name, value)?,
                "pinned" => {
                    for one in list(name, value)? {
                        made.pinned.push(place(name, one)?);
                    }
                }
                _ => {
                    let wanted = "model, candidates, answerTokens, pinned, keepLast or limitTokens";
                    return Err(wrong("options", &Value::String(name.clone()), wanted));
                }
            }
        }
        Ok(made)
    }

    /// The models to ask about, each once, the one that is to answer first.
    pub(super) fn models(&self, request: &Value) -> Result<Vec<String>> {
        let own = request.get("model").and_then(Value::as_str);
        let first = match (&self.model, self.candidates.first()) {
            (Some(model), _) => Some(model.as_str()),
            (None, Some(model)) => Some(model.as_str()),
            (None, None) => own,
        };
        let Some(first) = first else {
            return Err(Error::invalid_input("model: found none, wanted `model` or `candidates`"));
        };
        let mut models = vec![first.to_owned()];
        for one in &self.candidates {
            if !models.contains(one) {
                models.push(one.clone());
            }
        }
        Ok(models)
    }
}

fn wrong(name: &str, found: &Value, wanted: &str) -> Error {
    let shown: String = found.to_string().chars().take(40).collect();
    Error::invalid_input(format!("{name}: found {shown}, wanted {wanted}"))
}

fn word(name: &str, value: &Value) -> Result<String> {
    match value.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(wrong(name, value, "the name of a model")),
    }
}

fn list<'a>(name: &str, value: &'a Value) -> Result<&'a [Value]> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| wrong(name, value, "a list"))
}

fn number(name: &str, value: &Value) -> Result<u64> {
    whole_number(value)
        .filter(|number| *number > 0)
        .ok_or_else(|| wrong(name, value, "a whole number of tokens above 0"))
}

fn place(name: &str, value: &Value) -> Result<usize> {
    whole_number(value)
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| wrong(name, value, "a whole number, 0 or more"))
}
