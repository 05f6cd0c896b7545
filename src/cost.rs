//! Rates times usage is money, exactly. Intervals before sending, and the budget they must fit.
//!
//! ```
//! use promptfare::{catalog::resolve_model, chat::Usage, cost};
//!
//! let resolved = resolve_model("claude-opus-4")?;
//! let priced = cost::price_of(&resolved, None)?;
//! let usage = Usage { input_tokens: 100_000, output_tokens: 1_000, ..Usage::default() };
//! assert_eq!(cost::calculate_cost(&priced.rates, &usage)?.usd.to_string(), "1.575");
//! # Ok::<(), promptfare::Error>(())
//! ```

mod charged;
mod estimate;
mod length;
mod money;
mod rates;

pub use charged::read_charged;
pub use estimate::{
    CostEstimate, MoneyInterval, PriceSource, TokenInterval, check_budget, estimate_cost,
};
pub use length::{AnswerLength, Task};
pub use money::Money;
pub use rates::{Priced, price_of};

use crate::catalog::Rates;
use crate::chat::Usage;
use crate::error::{Error, ErrorKind, Result};
use rates::PerToken;
use serde::Serialize;

/// What was spent: `usd` is `input` plus `output`, to the last digit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// All of it.
    pub usd: Money,
    /// Input, cache reads and writes included.
    pub input: Money,
    /// Output, reasoning included.
    pub output: Money,
    /// Which tokens had no rate of their own and took the wider one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Computes what `usage` costs at `rates`. Tiers are chosen by all of the input, cache included, and
/// move the whole request; a class without a rate takes the wider class's: cache reads and writes
/// that of input, one-hour writes that of writes, reasoning that of output.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where a part of the usage is larger than its whole, or a rate is not a
/// decimal string; [`ErrorKind::Unsupported`] where tokens have no price at all, which is not a price
/// of zero, or the sum is beyond 3.4e26 USD.
pub fn calculate_cost(rates: &Rates, usage: &Usage) -> Result<Cost> {
    let parts = Parts::of(usage)?;
    let per_token = PerToken::of(rates, usage.input_tokens)?;
    let mut bill = Bill::default();
    let PerToken { input, output, cache_read, cache_write, cache_write_1h, reasoning } = per_token;
    let by_input = ("input_mtok", input);
    let by_write = ("cache_write_mtok", cache_write);
    let by_output = ("output_mtok", output);

    let mut money_in = Money::ZERO;
    for (name, tokens, choices) in [
        ("input", parts.input, &[by_input] as &[_]),
        ("cache read", parts.cache_read, &[("cache_read_mtok", cache_read), by_input]),
        ("cache write", parts.cache_write, &[by_write, by_input]),
        (
            "1-hour cache write",
            parts.cache_write_1h,
            &[("cache_write_1h_mtok", cache_write_1h), by_write, by_input],
        ),
    ] {
        money_in = bill.add(money_in, name, tokens, choices)?;
    }
    let mut money_out = Money::ZERO;
    for (name, tokens, choices) in [
        ("output", parts.output, &[by_output] as &[_]),
        ("reasoning", parts.reasoning, &[("output_reasoning_mtok", reasoning), by_output]),
    ] {
        money_out = bill.add(money_out, name, tokens, choices)?;
    }
    let usd = money_in.checked_add(money_out).ok_or_else(too_much)?;
    Ok(Cost { usd, input: money_in, output: money_out, notes: bill.notes })
}

fn too_much() -> Error {
    Error::new(ErrorKind::Unsupported, "cost: found more than 3.4e26 USD, wanted less")
}

#[derive(Default)]
struct Bill {
    notes: Vec<String>,
}

impl Bill {
    /// Adds `tokens` at the first price that is known; the first choice is the class's own.
    fn add(
        &mut self,
        sum: Money,
        name: &str,
        tokens: u64,
        choices: &[(&str, Option<u64>)],
    ) -> Result<Money> {
        if tokens == 0 {
            return Ok(sum);
        }
        let found = choices
            .iter()
            .enumerate()
            .find_map(|(place, (rate, price))| Some((place, *rate, (*price)?)));
        let Some((place, rate, price)) = found else {
            let wanted = choices.last().map_or("a rate", |(rate, _)| rate);
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("rates: found no price for {tokens} {name} tokens, wanted {wanted}"),
            ));
        };
        // Reasoning without a rate of its own is ordinary: it is output. The others are worth a word.
        if place > 0 && name != "reasoning" {
            self.notes.push(format!(
                "{tokens} {name} tokens have no rate of their own: priced by {rate}"
            ));
        }
        Money::from_picodollars(u128::from(price))
            .checked_mul(tokens)
            .and_then(|money| sum.checked_add(money))
            .ok_or_else(too_much)
    }
}

/// Usage cut into parts that do not overlap.
struct Parts {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_1h: u64,
    output: u64,
    reasoning: u64,
}

impl Parts {
    fn of(usage: &Usage) -> Result<Self> {
        let [read, write, write_1h, reasoning] = [
            usage.cache_read_tokens,
            usage.cache_write_tokens,
            usage.cache_write_1h_tokens,
            usage.reasoning_tokens,
        ]
        .map(Option::unwrap_or_default);
        let within = |part: &str, tokens: u64, whole: &str, all: u64| {
            all.checked_sub(tokens).ok_or_else(|| {
                Error::invalid_input(format!(
                    "usage.{part}: found {tokens}, wanted at most {whole}, which is {all}"
                ))
            })
        };
        let cache_write = within("cacheWrite1hTokens", write_1h, "cacheWriteTokens", write)?;
        let uncached = within("cacheReadTokens", read, "inputTokens", usage.input_tokens)?;
        let input =
            within("cacheWriteTokens", write, "inputTokens without cacheReadTokens", uncached)?;
        let output = within("reasoningTokens", reasoning, "outputTokens", usage.output_tokens)?;
        Ok(Self {
            input,
            cache_read: read,
            cache_write,
            cache_write_1h: write_1h,
            output,
            reasoning,
        })
    }
}
