//! The sums of a session.

use super::receipt::{Receipt, UsageSource};
use crate::cost::Money;
use serde::Serialize;

/// The sums over the receipts added so far. What is not known is counted, never taken as zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// How many requests.
    pub requests: u64,
    /// How many ended whole.
    pub completed: u64,
    /// How many were cut short without an error.
    pub truncated: u64,
    /// How many failed.
    pub errored: u64,
    /// How many were stopped by the caller.
    pub aborted: u64,
    /// All input tokens that are known.
    pub input_tokens: u64,
    /// All output tokens that are known.
    pub output_tokens: u64,
    /// Requests whose usage is not known, or only estimated.
    pub usage_not_reported: u64,
    /// All costs that are known.
    pub cost_usd: Money,
    /// Requests with content whose cost is not known.
    pub cost_unknown: u64,
    /// Requests whose billed input tokens could be held against the estimate.
    pub compared: u64,
    /// Those of them inside the estimate's interval.
    pub input_inside: u64,
    /// Those of them whose billed output tokens were inside the interval.
    pub output_inside: u64,
}

impl Session {
    /// Adds a receipt.
    pub fn add(&mut self, receipt: &Receipt) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.requests, 1);
        let ending = match receipt.ending {
            "completed" => &mut self.completed,
            "truncated" => &mut self.truncated,
            "errored" => &mut self.errored,
            _ => &mut self.aborted,
        };
        add(ending, 1);
        if let Some(usage) = &receipt.usage {
            add(&mut self.input_tokens, usage.input_tokens);
            add(&mut self.output_tokens, usage.output_tokens);
        }
        add(&mut self.usage_not_reported, (receipt.usage_source != UsageSource::Gateway).into());
        let cost = receipt.cost.as_ref().and_then(|cost| Money::parse(&cost.usd).ok());
        match cost {
            Some(cost) => self.cost_usd = self.cost_usd.checked_add(cost).unwrap_or(self.cost_usd),
            // A request that was refused costs nothing; one that answered does.
            None if receipt.error.is_none() || !receipt.text.is_empty() => {
                add(&mut self.cost_unknown, 1);
            }
            None => {}
        }
        if let Some(comparison) = &receipt.comparison {
            add(&mut self.compared, 1);
            add(&mut self.input_inside, comparison.input_tokens.inside.into());
            add(&mut self.output_inside, comparison.output_tokens.inside.into());
        }
    }
}
