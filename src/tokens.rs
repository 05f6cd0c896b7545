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

pub use counter::{
    TextCounter, Vocabularies, check_vocabulary_name, count_content, count_tokens, exact_method,
    is_marked, live_tokenizer,
};
pub use examples::{ChosenExamples, choose_examples};
pub use framing::{EstimateOptions, estimate_tokens};
pub use interval::Interval;
pub use promptfare_tokenizer::{bpe, claude, live, vocabulary};

use serde::Serialize;
use std::collections::BTreeMap;

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
    pub parts: Option<BTreeMap<&'static str, u64>>,
}
