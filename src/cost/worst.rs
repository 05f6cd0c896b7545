//! What a request can cost at most: what a budget must hold ready for it.

use super::rates::{alternatives, tier_starts};
use super::{Money, calculate_cost, price_of, too_much};
use crate::catalog::Resolved;
use crate::chat::Usage;
use crate::error::Result;

/// Which of the provider's caches a request asks to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CacheWrite {
    /// None.
    #[default]
    None,
    /// The ordinary one, of five minutes.
    Short,
    /// The one of an hour.
    Long,
}

/// The size of a request, as far as its cost depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Fewest tokens of input: a tier below it cannot apply.
    pub low: u64,
    /// Most tokens of input.
    pub high: u64,
    /// The caches that it asks for.
    pub cache: CacheWrite,
    /// How many answers it asks for (`n`), each of which may be as long as the limit; at least 1.
    pub answers: u64,
}

/// The most that a request can cost, by the tokens of its answer: the dearest of all prices that
/// sources state, of all tiers that its size may reach, of the caches it may write, and of output
/// and reasoning. Each way of being billed is a straight line over the tokens of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    /// What input costs, and what each token of each answer adds.
    lines: Vec<(Money, Money)>,
}

impl Worst {
    /// The most that a request of this size can cost on `resolved` on the day `at` (`YYYY-MM-DD`;
    /// without it, the catalogue's day).
    ///
    /// Anthropic writes its cache only where a request says so (docs.anthropic.com, prompt caching,
    /// 2026-11-22); of other providers with a price for it, it is taken that they may.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Unsupported`] where no price is known, or it is beyond 3.4e26 USD;
    /// [`crate::ErrorKind::InvalidInput`] for a bad day.
    pub fn of(resolved: &Resolved<'_>, size: Size, at: Option<&str>) -> Result<Self> {
        let priced = price_of(resolved, at)?;
        let mut rates = vec![priced.rates];
        rates.extend(
            alternatives(priced.price, &resolved.variant)?.into_iter().map(|(_, other)| other),
        );
        let asked = match resolved.model.lab.as_str() {
            "anthropic" => size.cache,
            _ => size.cache.max(CacheWrite::Short),
        };
        let mut lines = Vec::new();
        for rates in &rates {
            let mut inputs = vec![size.low.min(size.high), size.high];
            for start in tier_starts(rates) {
                let both = [start, start.saturating_add(1)];
                inputs.extend(both.into_iter().filter(|at| (size.low..=size.high).contains(at)));
            }
            for input in inputs {
                for cache in [CacheWrite::None, CacheWrite::Short, CacheWrite::Long] {
                    if cache > asked {
                        break;
                    }
                    let of = |output: u64, reasoning: Option<u64>| {
                        let usage = Usage {
                            input_tokens: input,
                            output_tokens: output,
                            cache_write_tokens: (cache > CacheWrite::None).then_some(input),
                            cache_write_1h_tokens: (cache > CacheWrite::Short).then_some(input),
                            reasoning_tokens: reasoning,
                            ..Usage::default()
                        };
                        calculate_cost(rates, &usage)
                    };
                    let fixed = of(0, None)?.usd;
                    let each = of(1, None)?.output.max(of(1, Some(1))?.output);
                    let each = each.checked_mul(size.answers.max(1)).ok_or_else(too_much)?;
                    lines.push((fixed, each));
                }
            }
        }
        Ok(Self { lines })
    }

    /// The most that the request can cost where each answer has at most so many tokens.
    pub fn with(&self, output_tokens: u64) -> Money {
        let cost = |(fixed, each): &(Money, Money)| {
            let sum = each.checked_mul(output_tokens).and_then(|output| fixed.checked_add(output));
            sum.unwrap_or(Money::MAX)
        };
        self.lines.iter().map(cost).max().unwrap_or(Money::MAX)
    }

    /// The most tokens that each answer may have for `money`; `None` where input alone costs more.
    pub fn tokens_for(&self, money: Money) -> Option<u64> {
        let mut most = u64::MAX;
        for (fixed, each) in &self.lines {
            let left = money.picodollars().checked_sub(fixed.picodollars())?;
            if let Some(tokens) = left.checked_div(each.picodollars()) {
                most = most.min(u64::try_from(tokens).unwrap_or(u64::MAX));
            }
        }
        Some(most)
    }
}
