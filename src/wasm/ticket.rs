//! A plan, as it comes back from JavaScript to be sent.

use super::budget::Fund;
use crate::chat::ChatRequest;
use crate::error::{Error, Result};
use crate::ledger::{Estimate, Interval, Record};
use crate::privacy::Vault;
use serde_json::Value;
use std::rc::Rc;

/// What is sent, read from a plan.
pub(super) struct Ticket {
    pub(super) plan_id: String,
    pub(super) model: String,
    pub(super) request: ChatRequest,
    /// The other candidates that could take it, in order: for a failover.
    pub(super) others: Vec<String>,
    pub(super) estimate: Option<Estimate>,
    /// The experiment that it is part of, as the plan says it.
    pub(super) experiment: Option<Value>,
    /// What was expected of the answer before any history.
    pub(super) typical: Option<Value>,
    pub(super) fund: Fund,
    /// How many values were masked, and what they were, where this client still knows it.
    pub(super) masked: u64,
    pub(super) vault: Option<Rc<Vault>>,
    /// What the ledger keeps of the plan.
    pub(super) record: Record,
}

impl Ticket {
    /// Reads a plan that [`crate::plan`] made; JavaScript had it in its hands since.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming what is missing.
    pub(super) fn read(plan: &Value) -> Result<Self> {
        let text = |name: &str| {
            plan.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                Error::invalid_input(format!("plan.{name}: wanted a string; is this a plan?"))
            })
        };
        let request = plan.get("request").cloned().unwrap_or_default();
        let possible =
            |other: &&Value| other.get("possible").and_then(Value::as_bool) == Some(true);
        let others = plan
            .pointer("/route/alternatives")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(possible)
            .filter_map(|other| other.get("model")?.as_str().map(str::to_owned))
            .collect();
        Ok(Self {
            plan_id: text("id")?,
            model: text("model")?,
            request: read_planned(request)?,
            others,
            estimate: read_estimate(plan),
            experiment: plan.get("experiment").filter(|placed| placed.is_object()).cloned(),
            typical: plan.pointer("/cost/typicalOutputTokens").cloned(),
            fund: Fund::read(plan),
            masked: plan.pointer("/privacy/masked").and_then(Value::as_u64).unwrap_or(0),
            vault: None,
            record: Record::of_plan(plan),
        })
    }
}

/// The plan's estimate; none where the price was not known.
fn read_estimate(plan: &Value) -> Option<Estimate> {
    let tokens = plan.get("tokens")?;
    let count = |value: &Value, name: &str| value.get(name)?.as_u64();
    let cost = plan.get("cost").filter(|cost| cost.is_object());
    let output = cost.and_then(|cost| cost.get("outputTokens"));
    let output_tokens = match output {
        Some(output) => Interval {
            low: count(output, "low")?,
            expected: count(output, "expected")?,
            high: count(output, "high")?,
        },
        // Nothing was promised of an answer whose model is not known.
        None => return None,
    };
    let usd = |name: &str| cost?.get(name)?.as_str().map(str::to_owned);
    // The cost was told by the count as the own bills have moved it.
    let input = cost.and_then(|cost| cost.get("inputTokens"));
    let input_tokens = match input {
        Some(input) => Interval {
            low: count(input, "low")?,
            expected: count(input, "expected")?,
            high: count(input, "high")?,
        },
        None => Interval {
            low: count(tokens, "low")?,
            expected: count(tokens, "tokens")?,
            high: count(tokens, "high")?,
        },
    };
    Some(Estimate {
        input_tokens,
        output_tokens,
        usd: match (usd("low"), usd("expected"), usd("high")) {
            (Some(low), Some(expected), Some(high)) => Some(Interval { low, expected, high }),
            _ => None,
        },
    })
}

/// A request as a plan holds it.
fn read_planned(value: Value) -> Result<ChatRequest> {
    ChatRequest::from_value(value)
        .map_err(|error| Error::invalid_input(format!("plan.{}", error.message())))
}
