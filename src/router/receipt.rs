//! The receipt of a decision: hashes of what went in, and the few figures that it rests on, so that
//! it can be made again later, on another day's prices and with other vocabularies loaded.

use super::policy::wrong;
use super::{Candidate, Policy, Traffic, model, pick};
use crate::catalog::Catalog;
use crate::chat::ChatRequest;
use crate::cost::{CostEstimate, Money, MoneyInterval, TokenInterval};
use crate::error::Result;
use crate::json::json;
use crate::tokens::{TokenEstimate, vocabulary::sha256};
use serde::Serialize;
use serde_json::Value;

/// The shape that is written and read here.
const SCHEMA: u64 = 1;

/// Whether a decision comes out the same when it is made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Whether it does, from the same inputs.
    pub same: bool,
    /// The pick now, by the receipt's figures.
    pub model: String,
    /// What is not what it was: `"request"`, `"policy"`, `"catalogue"`, `"weights"`, `"pick"`.
    pub differs: Vec<&'static str>,
}

/// Writes the receipt of the pick called `model`.
pub(crate) fn write(
    request: &ChatRequest,
    catalog: &Catalog,
    candidates: &[Candidate<'_>],
    policy: &Policy,
    model: &str,
) -> Value {
    let figures = candidates.iter().map(|candidate| {
        let tokens = &candidate.tokens;
        let cost = candidate.cost.as_ref().map(|cost| {
            json!({"expected": cost.usd.expected.to_string(), "high": cost.usd.high.to_string(),
                   "outputTokens": cost.output_tokens.expected})
        });
        json!({"model": candidate.name, "tokens": tokens.tokens, "low": tokens.low, "high": tokens.high,
               "cost": cost, "most": candidate.most.map(|money| money.to_string()),
               "cached": candidate.cached.map(|money| money.to_string())})
    });
    // Past prompts are read by the dial alone.
    let mut policy = policy.clone();
    if policy.dial.is_none() {
        policy.traffic = Traffic::default();
    }
    let policy = policy.to_value();
    json!({
        "schema": SCHEMA,
        "model": model,
        "request": of_request(request),
        "policy": hash(policy.to_string().as_bytes()),
        "settings": policy,
        "catalogue": catalog.fingerprint(hash),
        "weights": format!("{:016x}", model::version()),
        "candidates": figures.collect::<Value>(),
    })
}

/// Makes the decision of `receipt` again for the same request, by the receipt's policy and figures.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where it is no such receipt; what [`super::route`] refuses.
pub fn replay(receipt: &Value, request: &ChatRequest, catalog: &Catalog) -> Result<Replay> {
    let field = |name: &str| receipt.get(name).unwrap_or(&Value::Null);
    if *field("schema") != SCHEMA {
        return Err(wrong("receipt.schema", field("schema"), "1"));
    }
    let settings = field("settings");
    let policy = &Policy::from_value(settings.clone())?;
    let list = field("candidates");
    let list = list.as_array().ok_or_else(|| wrong("receipt.candidates", list, "a list"))?;
    let candidates = list.iter().map(|one| read(one, catalog)).collect::<Result<Vec<_>>>()?;
    let model = pick(request, &candidates, policy)?;
    let mut differs = Vec::new();
    for (name, now) in [
        ("request", of_request(request)),
        ("policy", hash(settings.to_string().as_bytes())),
        ("catalogue", catalog.fingerprint(hash).to_owned()),
        ("weights", format!("{:016x}", model::version())),
    ] {
        if *field(name) != now {
            differs.push(name);
        }
    }
    if *field("model") != model {
        differs.push("pick");
    }
    Ok(Replay { same: differs.is_empty(), model, differs })
}

fn read<'a>(value: &Value, catalog: &'a Catalog) -> Result<Candidate<'a>> {
    let place = "receipt.candidates";
    let count = |value: &Value, name: &str| {
        let found = value.get(name).and_then(Value::as_u64);
        found.ok_or_else(|| wrong(place, value, &format!("{name}, a whole number")))
    };
    let money = |value: &Value, name: &str| {
        Money::from_value(place, value.get(name).unwrap_or(&Value::Null))
    };
    let name = value.get("model").and_then(Value::as_str);
    let name = name.ok_or_else(|| wrong(place, value, "model, a name"))?.to_owned();
    let present = |name: &str| value.get(name).filter(|found| !found.is_null());
    let (tokens, low, high) =
        (count(value, "tokens")?, count(value, "low")?, count(value, "high")?);
    let cost = match present("cost") {
        None => None,
        Some(cost) => {
            let (expected, high) = (money(cost, "expected")?, money(cost, "high")?);
            let answer = count(cost, "outputTokens")?;
            // Only what a decision reads; the rest is never looked at.
            Some(CostEstimate {
                usd: MoneyInterval { low: expected, expected, high },
                output_tokens: TokenInterval { low: answer, expected: answer, high: answer },
                ..CostEstimate::default()
            })
        }
    };
    Ok(Candidate {
        model: catalog.resolve(&name).ok().map(|resolved| resolved.model),
        tokens: TokenEstimate {
            tokens,
            low,
            high,
            exact: low == high,
            method: String::new(),
            parts: None,
        },
        cost,
        most: present("most").map(|_| money(value, "most")).transpose()?,
        cached: present("cached").map(|_| money(value, "cached")).transpose()?,
        name,
    })
}

fn of_request(request: &ChatRequest) -> String {
    hash(request.to_value().to_string().as_bytes())
}

/// SHA-256, in hexadecimal.
fn hash(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    sha256(&[bytes]).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
