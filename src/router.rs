//! Which of the candidates should take a request, and why: hard filters first, then a plain rule
//! that prefers the cheaper tier. The dearer one needs a reason.

mod explain;
pub mod features;
mod letter;
pub mod model;
mod need;
mod policy;
pub mod stakes;

pub use explain::{Alternative, Counterfactual, Reason, Route, Speaks};
pub use need::{BaseRate, Kind};
pub use policy::{Criticality, Policy};

use crate::catalog::{Model, Status};
use crate::chat::{ChatRequest, refusals};
use crate::cost::{CostEstimate, Money};
use crate::error::{Error, ErrorKind, Result};
use crate::tokens::TokenEstimate;

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
}

/// Why a candidate cannot take the request. The order is that of the errors, where none can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Obstacle {
    Forbidden,
    Retired,
    Budget,
    Capability,
    Context,
}

impl Obstacle {
    pub(crate) const ALL: [Self; 5] =
        [Self::Forbidden, Self::Retired, Self::Budget, Self::Capability, Self::Context];
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
    if candidates.is_empty() {
        return Err(Error::invalid_input("candidates: found none, wanted at least one model"));
    }
    let obstacles: Vec<Vec<(Obstacle, String)>> =
        candidates.iter().map(|candidate| in_the_way(request, candidate, policy)).collect();
    let kind = Kind::of(request);
    let Some(pick) = choose(candidates, &obstacles, policy, kind, None)? else {
        return Err(none_left(candidates, &obstacles));
    };
    Ok(explain::explain(candidates, &obstacles, policy, kind, pick))
}

/// Everything in the way of one candidate.
fn in_the_way(
    request: &ChatRequest,
    candidate: &Candidate<'_>,
    policy: &Policy,
) -> Vec<(Obstacle, String)> {
    let name = &candidate.name;
    let mut found = Vec::new();
    if policy.forbidden.iter().any(|forbidden| policy::same(forbidden, candidate)) {
        found.push((Obstacle::Forbidden, format!("{name} is forbidden by the policy")));
    }
    if let Some(model) = candidate.model {
        if policy.allow_retired == Some(false) && matches!(model.status, Status::Retired { .. }) {
            let text = crate::chat::retirement(model).unwrap_or_default();
            found.push((Obstacle::Retired, text));
        }
        found.extend(refusals(request, model).into_iter().map(|text| (Obstacle::Capability, text)));
        found.extend(
            overflow(name, model, &candidate.tokens, request.max_tokens)
                .map(|text| (Obstacle::Context, text)),
        );
    }
    if let Some(most) = policy.max_cost {
        match &candidate.cost {
            Some(cost) if cost.usd.high > most => found.push((
                Obstacle::Budget,
                format!("{name} may cost up to ${}, the limit is ${most}", cost.usd.high),
            )),
            None => found.push((
                Obstacle::Budget,
                format!("the price of {name} is not known, so a limit of ${most} cannot be kept"),
            )),
            _ => {}
        }
    }
    found
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

/// The rule. `ignoring` leaves one kind of obstacle out, to find out what it changes.
pub(crate) fn choose(
    candidates: &[Candidate<'_>],
    obstacles: &[Vec<(Obstacle, String)>],
    policy: &Policy,
    kind: Kind,
    ignoring: Option<Obstacle>,
) -> Result<Option<usize>> {
    let free = |index: usize| {
        obstacles.get(index).is_some_and(|list| list.iter().all(|(o, _)| Some(*o) == ignoring))
    };
    if let Some(name) = &policy.r#override {
        let Some(index) = candidates.iter().position(|c| policy::same(name, c)) else {
            return Err(Error::invalid_input(format!(
                "override: found {name:?}, wanted one of the candidates"
            )));
        };
        return Ok(free(index).then_some(index));
    }
    let possible: Vec<usize> = (0..candidates.len()).filter(|index| free(*index)).collect();
    let chosen = if wants_strongest(policy.criticality, kind) {
        possible
            .iter()
            .copied()
            .max_by(|a, b| strength(candidates, *a).cmp(&strength(candidates, *b)))
    } else {
        possible
            .iter()
            .copied()
            .min_by(|a, b| expense(candidates, *a).cmp(&expense(candidates, *b)))
    };
    Ok(chosen)
}

/// The plain rule: where an error would be grave, always; where it would matter, if the kind of
/// task shows a gap of at least one in ten; otherwise never unasked.
pub(crate) fn wants_strongest(criticality: Criticality, kind: Kind) -> bool {
    match criticality {
        Criticality::Ordinary => false,
        Criticality::Important => kind.base_rate().strong_only >= 0.1,
        Criticality::Critical => true,
    }
}

/// This prompt's expected cost; an unknown price comes last.
pub(crate) fn expense(candidates: &[Candidate<'_>], index: usize) -> (bool, Option<Money>) {
    let cost = candidates.get(index).and_then(|c| c.cost.as_ref()).map(|cost| cost.usd.expected);
    (cost.is_none(), cost)
}

/// Until measured quality is in the catalogue, the dearer of two models for this prompt counts as
/// the stronger; among equals, the one named first.
pub(crate) fn strength(
    candidates: &[Candidate<'_>],
    index: usize,
) -> (Option<Money>, std::cmp::Reverse<usize>) {
    (expense(candidates, index).1, std::cmp::Reverse(index))
}

fn none_left(candidates: &[Candidate<'_>], obstacles: &[Vec<(Obstacle, String)>]) -> Error {
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
