//! What a request will cost, as an interval.

use super::rates::{alternatives, price_of, tier_starts};
use super::{AnswerLength, Money, Outlook, calculate_cost, too_much};
use crate::catalog::{Catalog, Price, Rates, Resolved, days_between};
use crate::chat::Usage;
use crate::error::{Error, ErrorKind, Result};
use crate::tokens::TokenEstimate;
use serde::Serialize;

/// Money before sending. `low <= expected <= high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MoneyInterval {
    /// The lower end.
    pub low: Money,
    /// At the expected number of tokens and the catalogue's price.
    pub expected: Money,
    /// The upper end.
    pub high: Money,
}

impl MoneyInterval {
    /// End by end; `None` beyond 3.4e26 USD.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            low: self.low.checked_add(other.low)?,
            expected: self.expected.checked_add(other.expected)?,
            high: self.high.checked_add(other.high)?,
        })
    }

    /// So many requests of this kind; `None` beyond 3.4e26 USD.
    pub fn checked_mul(self, times: u64) -> Option<Self> {
        Some(Self {
            low: self.low.checked_mul(times)?,
            expected: self.expected.checked_mul(times)?,
            high: self.high.checked_mul(times)?,
        })
    }
}

/// Tokens before sending. `low <= expected <= high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokenInterval {
    /// The lower end.
    pub low: u64,
    /// The expected number.
    pub expected: u64,
    /// The upper end.
    pub high: u64,
}

/// Where the price of an estimate was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PriceSource {
    /// The sources.
    pub source: String,
    /// The day it was last compared with them, `YYYY-MM-DD`.
    pub checked: String,
    /// The first day it holds, where that is known.
    pub from: Option<String>,
    /// How many days ago it was compared, counted to the day of the calculation. Negative where it
    /// was asked for an earlier day.
    #[serde(rename = "ageDays")]
    pub age_days: Option<i64>,
}

impl PriceSource {
    /// Of `price`, on the day `at` or on the catalogue's own.
    pub fn of(price: &Price, catalog: &Catalog, at: Option<&str>) -> Self {
        Self {
            source: price.source.clone(),
            checked: price.checked.clone(),
            from: price.from.clone(),
            age_days: days_between(&price.checked, at.unwrap_or(catalog.date())),
        }
    }
}

/// What one request will cost on one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CostEstimate {
    /// The canonical id.
    pub model: String,
    /// All of it; in JSON, `low`, `expected` and `high` beside the other fields.
    #[serde(flatten)]
    pub usd: MoneyInterval,
    /// Input alone.
    pub input: MoneyInterval,
    /// Output alone.
    pub output: MoneyInterval,
    /// A thousand such requests.
    pub per_thousand: MoneyInterval,
    /// Tokens of input.
    pub input_tokens: TokenInterval,
    /// Tokens of output, reasoning included.
    pub output_tokens: TokenInterval,
    /// What would be expected without the user's own history, where that has moved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typical_output_tokens: Option<u64>,
    /// The share of answers within the interval of output, as measured; `None`: not measured.
    pub coverage: Option<f64>,
    /// How the numbers of tokens came about.
    pub method: String,
    /// Where the price is from.
    pub price: PriceSource,
    /// What a person should know: sources that disagree, a service without a price.
    pub notes: Vec<String>,
    /// Session, month and another currency, where they were asked for ([`super::Horizon::look`]).
    #[serde(flatten)]
    pub outlook: Outlook,
}

/// Estimates what a request costs: `input` tokens at the price of `resolved` on the day `at`
/// (`YYYY-MM-DD`; without it, the catalogue's day), and `output` tokens of answer. Where sources
/// disagree on the price, the interval holds what each of them says. No prompt cache is assumed.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where no price is known, [`ErrorKind::InvalidInput`] for a bad day.
pub fn estimate_cost(
    resolved: &Resolved<'_>,
    input: &TokenEstimate,
    output: &AnswerLength,
    at: Option<&str>,
) -> Result<CostEstimate> {
    let priced = price_of(resolved, at)?;
    let mut notes = priced.notes;
    let mut rates = vec![priced.rates];
    for (alternative, theirs) in alternatives(priced.price, &resolved.variant)? {
        rates.push(theirs);
        let when = alternative.note.as_deref().map(|note| format!(", {note}")).unwrap_or_default();
        notes.push(format!("{} states another price{when}", alternative.source));
    }
    let inputs = TokenInterval {
        low: input.low.min(input.tokens),
        expected: input.tokens,
        high: input.high.max(input.tokens),
    };
    let outputs = TokenInterval { low: output.low, expected: output.expected, high: output.high };
    let intervals = Intervals::of(&rates, inputs, outputs)?;
    Ok(CostEstimate {
        model: resolved.model.id.clone(),
        usd: intervals.usd,
        input: intervals.input,
        output: intervals.output,
        per_thousand: intervals.usd.checked_mul(1000).ok_or_else(too_much)?,
        input_tokens: inputs,
        output_tokens: outputs,
        typical_output_tokens: output.typical,
        coverage: output.coverage,
        method: format!("input: {}; output: {}", input.method, output.method),
        price: PriceSource::of(priced.price, resolved.catalog, at),
        notes,
        outlook: Outlook::default(),
    })
}

struct Intervals {
    usd: MoneyInterval,
    input: MoneyInterval,
    output: MoneyInterval,
}

impl Intervals {
    /// The smallest and largest cost at any of `rates` (the first is the expected one) and any size
    /// within the intervals. Cost rises with size except where a tier begins, so the ends of every
    /// tier are all that need to be tried.
    fn of(rates: &[Rates], inputs: TokenInterval, outputs: TokenInterval) -> Result<Self> {
        let cost = |rates: &Rates, input: u64, output: u64| {
            let usage = Usage { input_tokens: input, output_tokens: output, ..Usage::default() };
            calculate_cost(rates, &usage)
        };
        let first = rates
            .first()
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, "estimate: found no price"))?;
        let expected = cost(first, inputs.expected, outputs.expected)?;
        let one = |money| MoneyInterval { low: money, expected: money, high: money };
        let (mut usd, mut input, mut output) =
            (one(expected.usd), one(expected.input), one(expected.output));
        let widen = |interval: &mut MoneyInterval, money: Money| {
            interval.low = interval.low.min(money);
            interval.high = interval.high.max(money);
        };
        for rates in rates {
            let mut sizes = vec![inputs.low, inputs.high];
            for start in tier_starts(rates) {
                let both = [start, start.saturating_add(1)];
                sizes.extend(
                    both.into_iter().filter(|size| (inputs.low..=inputs.high).contains(size)),
                );
            }
            for size in sizes {
                for answer in [outputs.low, outputs.high] {
                    let cost = cost(rates, size, answer)?;
                    widen(&mut usd, cost.usd);
                    widen(&mut input, cost.input);
                    widen(&mut output, cost.output);
                }
            }
        }
        Ok(Self { usd, input, output })
    }
}
