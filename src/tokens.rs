//! How many tokens a text or a whole request is: exactly where the tokenizer allows it, as an
//! interval where it does not.
//!
//! A bare text is counted by [`count_tokens`]: with a loaded vocabulary exactly, without one by
//! [`heuristic`]. A whole request is counted by [`estimate_tokens`]: `framing` knows what a
//! provider puts around and between the texts, [`image`] what pictures cost.

mod counter;
mod document;
mod examples;
mod framing;
pub mod heuristic;
pub mod image;
mod interval;
mod model;
mod parts;

pub use counter::{
    TextCounter, Vocabularies, check_vocabulary_name, count_content, count_tokens, exact_method,
    is_marked, live_tokenizer,
};
pub use examples::{ChosenExamples, choose_examples};
pub use framing::{EstimateOptions, estimate_tokens};
pub use interval::Interval;
pub use parts::Parts;
pub use promptfare_tokenizer::{bpe, claude, live, vocabulary};

use crate::error::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// A number of tokens before sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenEstimate {
    /// The expected number of tokens; with `exact`, the number.
    pub tokens: u64,
    /// The lower end of the interval. `low <= tokens <= high`.
    pub low: u64,
    /// The upper end of the interval.
    pub high: u64,
    /// Whether the number is certain: then `low == tokens == high`.
    pub exact: bool,
    /// How the number came about, e.g. `"heuristic"`, `"o200k_base"`,
    /// `"claude-3 (reconstruction)"`.
    pub method: String,
    /// Where the tokens are (`messages`, `system`, `tools`, `images`, `framing`, ...), for a whole
    /// request. The parts add up to `tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
}

impl TokenEstimate {
    /// Reads what [`Serialize`] writes.
    ///
    /// # Errors
    /// Kind `invalid_input`, naming the field. A part that no counter here names is one.
    pub fn from_value(value: &Value) -> Result<Self> {
        let wrong = |name: &str| {
            Error::invalid_input(format!("estimate.{name}: wanted that of a token estimate"))
        };
        let number =
            |name: &str| value.get(name).and_then(Value::as_u64).ok_or_else(|| wrong(name));
        let parts = value.get("parts").filter(|parts| !parts.is_null());
        let method = value.get("method").and_then(Value::as_str);
        Ok(Self {
            tokens: number("tokens")?,
            low: number("low")?,
            high: number("high")?,
            exact: value.get("exact").and_then(Value::as_bool).ok_or_else(|| wrong("exact"))?,
            method: method.ok_or_else(|| wrong("method"))?.to_owned(),
            parts: parts.map(Parts::from_value).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_estimate_is_read_as_it_was_written() {
        for parts in [None, Some(Parts::new([1, 0, 3, 4, 5, 6, 7, 8]))] {
            let (method, exact) = ("heuristic".to_owned(), false);
            let estimate = TokenEstimate { tokens: 34, low: 30, high: 40, exact, method, parts };
            let written = serde_json::to_value(&estimate).unwrap();
            assert_eq!(TokenEstimate::from_value(&written), Ok(estimate));
        }
        let wrong = json!({"tokens": 1, "low": 1, "high": -1, "exact": true, "method": "x"});
        let error = TokenEstimate::from_value(&wrong).unwrap_err();
        assert!(error.message().contains("estimate.high"), "{error}");
    }
}
