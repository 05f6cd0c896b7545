//! A better prompt for less: what speaks against a request as it stands, what can be left out of it,
//! and what that saves. Everything here proposes; nothing is changed until it is accepted.
//!
//! Tokens and money come in through [`Fare`], so that these modules stand without counters and prices
//! of their own.

mod amount;
mod border;
pub mod fit;
pub mod hints;
pub mod slim;
pub mod version;

use crate::error::Result;
use crate::tokens::TokenEstimate;
use serde_json::{Value, json};

/// Who tells what a request weighs and costs.
pub trait Fare {
    /// Tokens of the whole request on `model`, as it will be billed.
    ///
    /// # Errors
    /// What the counting refuses: an unknown model, a request of another shape.
    fn tokens(&self, request: &Value, model: &str) -> Result<TokenEstimate>;

    /// The estimate of the whole request on `model`, in the fields of `CostEstimate` of the published
    /// types (`low`, `expected`, `high`, `input`, ... in USD as decimal strings); `None` where no price
    /// is known.
    ///
    /// # Errors
    /// What the estimate refuses: an unknown model, a request of another shape.
    fn cost(&self, request: &Value, model: &str) -> Result<Option<Value>>;

    /// Context window and longest answer of `model`, in tokens; `None` where it is not known.
    ///
    /// # Errors
    /// [`crate::ErrorKind::UnknownModel`].
    fn limits(&self, model: &str) -> Result<(Option<u64>, Option<u64>)>;

    /// The most tokens of input that `model` takes, where that is told apart from its window; `None` where
    /// it is not known.
    ///
    /// # Errors
    /// [`crate::ErrorKind::UnknownModel`].
    fn max_input(&self, model: &str) -> Result<Option<u64>> {
        let _ = model;
        Ok(None)
    }
}

/// A count as the published types have it, without its parts.
fn shown(tokens: &TokenEstimate) -> Value {
    json!({
        "tokens": tokens.tokens,
        "low": tokens.low,
        "high": tokens.high,
        "exact": tokens.exact,
        "method": tokens.method,
    })
}
