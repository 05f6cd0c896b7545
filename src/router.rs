//! Which of the candidates should take a request, and why. Hard filters first; then what was settled
//! (a wish, a saved rule); then the expected worth of an answer less its price. The cheaper tier is
//! taken unless there is a reason for the dearer.

pub mod calibration;
mod decide;
mod dial;
mod dimension;
mod explain;
mod export;
pub mod features;
mod level;
pub mod model;
mod policy;
mod preset;
mod receipt;
mod signal;
pub mod stakes;

pub use dimension::dimensions;
pub use explain::{Alternative, Counterfactual, Explained, Reason, Route, Speaks};
pub use export::{Target, export};
pub(crate) use level::tier_levels;
pub use policy::{Criticality, Policy, Rule, Session, Traffic, Unsure};
pub use preset::Preset;
pub(crate) use receipt::write as receipt;
pub use receipt::{Replay, replay};
pub use signal::{Question, Signal};

use crate::catalog::Model;
use crate::chat::ChatRequest;
use crate::cost::{CostEstimate, Money};
use crate::error::{Error, ErrorKind, Result};
use crate::tokens::TokenEstimate;
use decide::{Obstacle, Obstacles, Pick, Situation};

/// A model that could take the request, with what it would cost there.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The name that the caller gave it.
    pub name: String,
    /// The catalogue's entry; `None` for a model that only the caller knows.
    pub model: Option<&'a Model>,
    /// The tokens of the request on this model.
    pub tokens: TokenEstimate,
    /// What it would cost; `None` where the price is not known.
    pub cost: Option<CostEstimate>,
    /// The most that it may cost, which the policy's limit holds for; `None` where the price is not
    /// known.
    pub most: Option<Money>,
    /// What the policy's session saves there, because its beginning is read from the cache.
    pub cached: Option<Money>,
}

/// Picks one of `candidates` for `request` under `policy`.
///
/// # Errors
/// Where no candidate can take the request: [`ErrorKind::ContextOverflow`] if only length is in
/// the way, [`ErrorKind::Budget`] if only money is, else [`ErrorKind::Unsupported`]; the message
/// says for each what is in its way. [`ErrorKind::InvalidInput`] where there are no candidates, or
/// the override is not among them.
pub fn route(
    request: &ChatRequest,
    candidates: &[Candidate<'_>],
    policy: &Policy,
) -> Result<Route> {
    let situation = Situation::of(request, candidates, policy);
    let (obstacles, pick) = picked(&situation, policy)?;
    Ok(explain::explain(&situation, &obstacles, policy, pick))
}

/// The pick alone, without its explanation: its name.
pub(crate) fn pick(
    request: &ChatRequest,
    candidates: &[Candidate<'_>],
    policy: &Policy,
) -> Result<String> {
    let situation = Situation::of(request, candidates, policy);
    let (_, pick) = picked(&situation, policy)?;
    Ok(situation.name(pick.index).to_owned())
}

fn picked(situation: &Situation<'_>, policy: &Policy) -> Result<(Vec<Obstacles>, Pick)> {
    if situation.candidates.is_empty() {
        return Err(Error::invalid_input("candidates: found none, wanted at least one model"));
    }
    let obstacles = situation.obstacles(policy);
    match situation.decide(policy, &obstacles, situation.score.need, None)? {
        Some(pick) => Ok((obstacles, pick)),
        None => Err(none_left(situation.candidates, &obstacles)),
    }
}

/// Whether a prompt of at least `tokens.low` tokens, with the room asked for its answer, is more
/// than the model's window takes.
pub fn overflow(
    name: &str,
    model: &Model,
    tokens: &TokenEstimate,
    max_tokens: Option<u64>,
) -> Option<String> {
    let low = tokens.low;
    if let Some(most) = model.max_input.filter(|most| low > *most) {
        return Some(format!("{name} takes {most} tokens of input, the request is {low} or more"));
    }
    let room = max_tokens.unwrap_or(1);
    let window = model.context_window?;
    (low.saturating_add(room) > window).then(|| {
        format!(
            "{name} has a window of {window} tokens; the request is {low} or more, and its answer needs room for {room}"
        )
    })
}

fn none_left(candidates: &[Candidate<'_>], obstacles: &[Obstacles]) -> Error {
    let only = |wanted: Obstacle| {
        obstacles.iter().all(|list| list.iter().all(|(obstacle, _)| *obstacle == wanted))
    };
    let kind = if only(Obstacle::Context) {
        ErrorKind::ContextOverflow
    } else if only(Obstacle::Budget) {
        ErrorKind::Budget
    } else {
        ErrorKind::Unsupported
    };
    let reasons: Vec<String> = candidates
        .iter()
        .zip(obstacles)
        .map(|(candidate, list)| {
            let texts: Vec<&str> = list.iter().map(|(_, text)| text.as_str()).collect();
            if texts.is_empty() { candidate.name.clone() } else { texts.join(", and ") }
        })
        .collect();
    Error::new(kind, format!("no candidate can take this request: {}", reasons.join("; ")))
}
