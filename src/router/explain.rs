//! A pick, explained: what spoke for and against it, what would change it, what it may lose.

use super::{
    Candidate, Criticality, Kind, Obstacle, Policy, choose, expense, strength, wants_strongest,
};
use crate::chat::retirement;
use serde::Serialize;
use std::cmp::Ordering;

/// Which way a reason points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    /// For the pick.
    For,
    /// Against it, or against another candidate.
    Against,
    /// Neither: to know.
    Note,
}

/// A reason in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A stable name.
    pub code: &'static str,
    /// Which way it points.
    pub speaks: Speaks,
    /// In words.
    pub text: String,
}

/// What would have to be different for another pick. Each is tried before it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counterfactual {
    /// The change, in words.
    pub change: String,
    /// The pick then.
    pub model: String,
}

/// A candidate that was not picked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alternative {
    /// Its name.
    pub model: String,
    /// Whether it could take the request.
    pub possible: bool,
    /// Why not, or what it would mean.
    pub text: String,
    /// Its expected cost in USD, where known.
    pub expected_usd: Option<String>,
}

/// A pick with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// The picked candidate, by the name that the caller gave it.
    pub model: String,
    /// 0 to 1: the probability that the strongest candidate succeeds where the cheapest fails.
    pub need: f64,
    /// 0 to 1: the probability that another pick would not have served better.
    pub confidence: f64,
    /// What spoke for and against.
    pub reasons: Vec<Reason>,
    /// What would change the pick.
    pub counterfactuals: Vec<Counterfactual>,
    /// The others.
    pub alternatives: Vec<Alternative>,
    /// What the pick may lose against the strongest candidate.
    pub may_lose: Vec<String>,
}

pub(super) fn explain(
    candidates: &[Candidate<'_>],
    obstacles: &[Vec<(Obstacle, String)>],
    policy: &Policy,
    kind: Kind,
    pick: usize,
) -> Route {
    let indices = 0..candidates.len();
    let strongest = indices.clone().max_by_key(|index| strength(candidates, *index));
    let cheapest = indices.clone().min_by_key(|index| expense(candidates, *index));
    let is_pair = strongest != cheapest;
    let rate = kind.base_rate();
    let name = |index: usize| {
        candidates.get(index).map(|candidate| candidate.name.clone()).unwrap_or_default()
    };
    let need = if is_pair { rate.strong_only } else { 0.0 };
    let confidence = match () {
        () if !is_pair => 1.0,
        () if Some(pick) == strongest => 1.0 - rate.weak_only,
        () => 1.0 - rate.strong_only,
    };
    let mut may_lose = Vec::new();
    if let Some(strongest) = strongest.filter(|strongest| is_pair && *strongest != pick) {
        may_lose.push(format!(
            "in about {} of 100 such tasks ({}) a stronger model was right where a weaker one was not: {}; {} may be right where {} is not",
            of_hundred(rate.strong_only),
            kind.name(),
            rate.evidence,
            name(strongest),
            name(pick),
        ));
    }
    Route {
        model: name(pick),
        need,
        confidence,
        reasons: reasons(candidates, obstacles, policy, kind, pick),
        counterfactuals: counterfactuals(candidates, obstacles, policy, kind, pick),
        alternatives: indices
            .filter(|index| *index != pick)
            .map(|index| alternative(candidates, obstacles, index, pick))
            .collect(),
        may_lose,
    }
}

/// A share from 0 to 1, as so many of a hundred.
fn of_hundred(share: f64) -> u32 {
    (share * 100.0 + 0.5) as u32
}

fn reasons(
    candidates: &[Candidate<'_>],
    obstacles: &[Vec<(Obstacle, String)>],
    policy: &Policy,
    kind: Kind,
    pick: usize,
) -> Vec<Reason> {
    let mut list = Vec::new();
    let mut say = |code, speaks, text: String| list.push(Reason { code, speaks, text });
    let Some(picked) = candidates.get(pick) else {
        return list;
    };
    let name = &picked.name;
    if policy.r#override.is_some() {
        say("override", Speaks::For, format!("{name} was asked for"));
    } else if candidates.len() == 1 {
        say("only", Speaks::For, format!("{name} is the only candidate"));
    } else if wants_strongest(policy.criticality, kind) {
        let grave = policy.criticality == Criticality::Critical;
        let why = if grave { "an error would be grave" } else { "an error would matter" };
        say("criticality", Speaks::For, format!("{why}, so the strongest candidate takes it"));
    } else {
        let text = match &picked.cost {
            Some(cost) => format!(
                "{name} is expected to cost ${}, the least of all that can take it",
                cost.usd.expected
            ),
            None => format!("{name} is the first that can take it; its price is not known"),
        };
        say("cheaper", Speaks::For, text);
    }
    let rate = kind.base_rate();
    if candidates.len() > 1 {
        say(
            "kind",
            if rate.strong_only < 0.1 { Speaks::For } else { Speaks::Note },
            format!(
                "{}: of 100 such tasks the stronger of two tiers alone was right in {}",
                kind.name(),
                of_hundred(rate.strong_only)
            ),
        );
    }
    if let Some(text) = picked.model.and_then(retirement) {
        say("retired", Speaks::Against, text);
    }
    if picked.model.is_none() {
        say(
            "unknown_model",
            Speaks::Note,
            format!("{name} is not in the catalogue: price and limits are not known"),
        );
    }
    for (index, list) in obstacles.iter().enumerate().filter(|(index, _)| *index != pick) {
        for (obstacle, text) in list {
            let _ = index;
            say(code(*obstacle), Speaks::Against, text.clone());
        }
    }
    list
}

const fn code(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Forbidden => "forbidden",
        Obstacle::Retired => "retired",
        Obstacle::Budget => "budget",
        Obstacle::Capability => "capability",
        Obstacle::Context => "context",
    }
}

fn counterfactuals(
    candidates: &[Candidate<'_>],
    obstacles: &[Vec<(Obstacle, String)>],
    policy: &Policy,
    kind: Kind,
    pick: usize,
) -> Vec<Counterfactual> {
    let mut list: Vec<Counterfactual> = Vec::new();
    let mut try_out = |policy: &Policy, ignoring: Option<Obstacle>, change: &str| {
        if let Ok(Some(index)) = choose(candidates, obstacles, policy, kind, ignoring)
            && index != pick
            && let Some(other) = candidates.get(index)
        {
            list.push(Counterfactual { change: change.to_owned(), model: other.name.clone() });
        }
    };
    if policy.r#override.is_some() {
        let free = Policy { r#override: None, ..policy.clone() };
        try_out(&free, None, "if no model had been asked for");
    }
    for (criticality, change) in [
        (Criticality::Ordinary, "if an error cost only a second try (criticality ordinary)"),
        (Criticality::Critical, "if an error would be grave (criticality critical)"),
    ] {
        if criticality != policy.criticality {
            try_out(&Policy { criticality, ..policy.clone() }, None, change);
        }
    }
    for obstacle in Obstacle::ALL {
        let change = match obstacle {
            Obstacle::Forbidden => "if it were not forbidden",
            Obstacle::Retired => "if retired models were allowed",
            Obstacle::Budget => "if there were no limit to the cost",
            Obstacle::Capability => "if the request did without what a candidate cannot take",
            Obstacle::Context => "if the request were short enough for every candidate",
        };
        try_out(policy, Some(obstacle), change);
    }
    list
}

fn alternative(
    candidates: &[Candidate<'_>],
    obstacles: &[Vec<(Obstacle, String)>],
    index: usize,
    pick: usize,
) -> Alternative {
    let expected = |index: usize| expense(candidates, index).1;
    let in_the_way = obstacles.get(index).map(Vec::as_slice).unwrap_or_default();
    let text = if !in_the_way.is_empty() {
        let texts: Vec<&str> = in_the_way.iter().map(|(_, text)| text.as_str()).collect();
        texts.join("; ")
    } else {
        match (expected(index), expected(pick)) {
            (Some(other), Some(own)) => match other.cmp(&own) {
                Ordering::Greater => format!("is expected to cost ${other}, more than ${own}"),
                Ordering::Less => format!("is expected to cost ${other}, less than ${own}"),
                Ordering::Equal => format!("is expected to cost ${own} too"),
            },
            _ => "its price cannot be compared".to_owned(),
        }
    };
    Alternative {
        model: candidates.get(index).map(|candidate| candidate.name.clone()).unwrap_or_default(),
        possible: in_the_way.is_empty(),
        text,
        expected_usd: expected(index).map(|money| money.to_string()),
    }
}
