//! Rates times usage is money, exactly. Intervals before sending, the worst case, and the budget it must fit.
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

mod adaptive;
mod budget;
mod charged;
mod estimate;
mod extras;
mod hints;
mod horizon;
mod length;
mod money;
mod rates;
mod worst;

pub use adaptive::Tracker;
pub use budget::{Book, Cap, Caps, Held, Limit};
pub use charged::read_charged;
pub use estimate::{CostEstimate, MoneyInterval, PriceSource, TokenInterval, estimate_cost};
pub use extras::Extras;
pub use horizon::{Currency, Horizon, Outlook, Session};
pub use length::{AnswerLength, PastAnswer, Task, learned_tokens};
pub use money::Money;
pub(crate) use money::millionths;
pub use rates::{Priced, price_of};
pub use worst::{CacheWrite, Size, Worst};

use crate::catalog::{Price, Rates, Resolved};
use crate::chat::Usage;
use crate::error::{Error, ErrorKind, Result};
use rates::per_token;
use serde::Serialize;

/// What was spent: `usd` is `input` plus `output` plus `fees`, to the last digit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// All of it.
    pub usd: Money,
    /// Input, cache reads and writes included.
    pub input: Money,
    /// Output, reasoning included.
    pub output: Money,
    /// Requests and searches, where they are paid by the piece.
    #[serde(skip_serializing_if = "Money::is_zero")]
    pub fees: Money,
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
    calculate_whole_cost(rates, usage, &Extras::default())
}

/// What a usage cost on a model, and by which price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelCost {
    /// The money.
    #[serde(flatten)]
    pub cost: Cost,
    /// Where the price is from, and how old it is.
    pub price: PriceSource,
}

/// What `usage` costs on a resolved model at its price of the day `at` (`YYYY-MM-DD`; without it, the
/// catalogue's day), service and region of the name included. Where other sources or hosts state
/// another price, a note says what it would be by theirs.
///
/// # Errors
/// As [`calculate_whole_cost`] and [`price_of`].
pub fn calculate_model_cost(
    resolved: &Resolved<'_>,
    usage: &Usage,
    extras: &Extras,
    at: Option<&str>,
) -> Result<ModelCost> {
    let priced = price_of(resolved, at)?;
    let mut cost = calculate_whole_cost(&priced.rates, usage, extras)?;
    cost.notes.extend(priced.notes);
    Alternatives::of(resolved, priced.price)?.note(&mut cost, usage, extras)?;
    Ok(ModelCost { cost, price: PriceSource::of(priced.price, resolved.catalog, at) })
}

/// What other sources or hosts ask for the same service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternatives(Vec<(String, Rates)>);

impl Alternatives {
    /// Of `price`, for the service and region that the name states.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where a factor makes a price of more than 6 decimals.
    pub fn of(resolved: &Resolved<'_>, price: &Price) -> Result<Self> {
        let mut found = Vec::new();
        for (other, rates) in rates::alternatives(price, &resolved.variant)? {
            let when = other.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
            found.push((format!("{}{when}", other.source), rates));
        }
        Ok(Self(found))
    }

    /// Notes on `cost` what the same usage would be by each that differs.
    ///
    /// # Errors
    /// As [`calculate_whole_cost`].
    pub fn note(&self, cost: &mut Cost, usage: &Usage, extras: &Extras) -> Result<()> {
        for (source, rates) in &self.0 {
            let theirs = calculate_whole_cost(rates, usage, extras)?.usd;
            if theirs != cost.usd {
                cost.notes.push(format!("by the price of {source}: {theirs} USD"));
            }
        }
        Ok(())
    }
}

/// As [`calculate_cost`], with the audio, images, requests and searches among and beside the tokens.
///
/// # Errors
/// As [`calculate_cost`]; [`ErrorKind::Unsupported`] for searches whose fee is not known.
pub fn calculate_whole_cost(rates: &Rates, usage: &Usage, extras: &Extras) -> Result<Cost> {
    const INPUT: &str = "input_mtok";
    const READ: &str = "cache_read_mtok";
    const WRITE: &str = "cache_write_mtok";
    const OUTPUT: &str = "output_mtok";
    let parts = Parts::of(usage, extras)?;
    let mut bill = Bill { rates, size: usage.input_tokens, notes: Vec::new() };

    let mut money_in = Money::ZERO;
    for (name, tokens, choices) in [
        ("input", parts.input, &[INPUT] as &[_]),
        ("cache read", parts.cache_read, &[READ, INPUT]),
        ("cache write", parts.cache_write, &[WRITE, INPUT]),
        ("1-hour cache write", parts.cache_write_1h, &["cache_write_1h_mtok", WRITE, INPUT]),
        ("audio", parts.audio, &["input_audio_mtok", INPUT]),
        ("cached audio", extras.cache_read_audio, &["cache_audio_read_mtok", READ, INPUT]),
        ("image", extras.input_image, &["input_image_mtok", INPUT]),
    ] {
        money_in = bill.add(money_in, name, tokens, choices)?;
    }
    let mut money_out = Money::ZERO;
    for (name, tokens, choices) in [
        ("output", parts.output, &[OUTPUT] as &[_]),
        ("reasoning", parts.reasoning, &["output_reasoning_mtok", OUTPUT]),
        ("output audio", extras.output_audio, &["output_audio_mtok", OUTPUT]),
        ("output image", extras.output_image, &["output_image_mtok", OUTPUT]),
    ] {
        money_out = bill.add(money_out, name, tokens, choices)?;
    }
    let fees = bill.fees(extras)?;
    let usd = money_in
        .checked_add(money_out)
        .and_then(|sum| sum.checked_add(fees))
        .ok_or_else(too_much)?;
    Ok(Cost { usd, input: money_in, output: money_out, fees, notes: bill.notes })
}

fn too_much() -> Error {
    Error::new(ErrorKind::Unsupported, "cost: found more than 3.4e26 USD, wanted less")
}

struct Bill<'a> {
    rates: &'a Rates,
    /// All input, which chooses the tiers.
    size: u64,
    notes: Vec<String>,
}

impl Bill<'_> {
    /// Adds `tokens` at the first price that is known; the first choice is the class's own.
    fn add(&mut self, sum: Money, name: &str, tokens: u64, choices: &[&str]) -> Result<Money> {
        if tokens == 0 {
            return Ok(sum);
        }
        for (place, rate) in choices.iter().enumerate() {
            let Some(price) = per_token(self.rates, rate, self.size)? else { continue };
            // Reasoning without a rate of its own is ordinary: it is output. So are images, which
            // count as text nearly everywhere. The others are worth a word.
            if place > 0 && name != "reasoning" && !name.ends_with("image") {
                self.notes.push(format!(
                    "{tokens} {name} tokens have no rate of their own: priced by {rate}"
                ));
            }
            return sum.checked_add(Money::of(price, tokens)).ok_or_else(too_much);
        }
        let wanted = choices.last().unwrap_or(&"a rate");
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("rates: found no price for {tokens} {name} tokens, wanted {wanted}"),
        ))
    }

    /// What is paid by the piece: most models ask nothing for a request, but a search without a known
    /// fee is not free.
    fn fees(&self, extras: &Extras) -> Result<Money> {
        let mut sum = Money::ZERO;
        for (name, pieces) in
            [("requests_kcount", extras.requests), ("web_searches_kcount", extras.web_searches)]
        {
            if pieces == 0 {
                continue;
            }
            let Some(price) = per_token(self.rates, name, self.size)? else {
                if name == "requests_kcount" {
                    continue;
                }
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("rates: found no price for {pieces} web searches, wanted {name}"),
                ));
            };
            // USD per thousand is a thousand times the picodollars per token of USD per million.
            let fee = Money::from_picodollars(u128::from(price) * 1000).checked_mul(pieces);
            sum = fee.and_then(|fee| sum.checked_add(fee)).ok_or_else(too_much)?;
        }
        Ok(sum)
    }
}

/// Usage cut into parts that do not overlap.
struct Parts {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_1h: u64,
    /// Not cached.
    audio: u64,
    output: u64,
    reasoning: u64,
}

impl Parts {
    fn of(usage: &Usage, extras: &Extras) -> Result<Self> {
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
        let plain =
            within("cacheWriteTokens", write, "inputTokens without cacheReadTokens", uncached)?;
        let answer = within("reasoningTokens", reasoning, "outputTokens", usage.output_tokens)?;
        let cached_audio = extras.cache_read_audio;
        let audio =
            within("cacheReadAudioTokens", cached_audio, "inputAudioTokens", extras.input_audio)?;
        let cache_read = within("cacheReadAudioTokens", cached_audio, "cacheReadTokens", read)?;
        let text = within("inputAudioTokens", audio, "input that is not cached", plain)?;
        let input = within("inputImageTokens", extras.input_image, "input without audio", text)?;
        let spoken = within("outputAudioTokens", extras.output_audio, "the answer", answer)?;
        let output =
            within("outputImageTokens", extras.output_image, "the answer without audio", spoken)?;
        Ok(Self {
            input,
            cache_read,
            cache_write,
            cache_write_1h: write_1h,
            audio,
            output,
            reasoning,
        })
    }
}
