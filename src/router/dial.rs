//! The cost-quality dial: which share of calls goes to the strongest candidate, held to the caller's
//! own traffic.

use super::model;
use super::policy::Traffic;

/// As many prompts of one's own as this weigh as much as what was seen in training.
const PRIOR: f64 = 10.0;
/// Within so many calls what is missing is made up for, or what was too much. At three, the count
/// stays within a call or two of the share asked for.
const MAKE_UP: f64 = 3.0;

/// The share of past prompts that need the stronger model less than this one does, 0 to 1. Equal ones
/// count half. What was seen in training stands in until there are prompts of one's own.
pub(super) fn rank(need: f64, traffic: &Traffic) -> f64 {
    let (below, prior) = below(need, model::quantiles());
    let (own, count) = below_of(need, &traffic.needs);
    (below / prior.max(1.0) * PRIOR + own) / (PRIOR + count)
}

fn below_of(need: f64, needs: &[f64]) -> (f64, f64) {
    below(need, needs.iter().copied())
}

fn below(need: f64, needs: impl Iterator<Item = f64>) -> (f64, f64) {
    needs.fold((0.0, 0.0), |(below, count), other| {
        let part = if other < need {
            1.0
        } else if other == need {
            0.5
        } else {
            0.0
        };
        (below + part, count + 1.0)
    })
}

/// Whether a prompt goes to the strongest candidate, so that `dial` of all do.
pub(super) fn is_strong(need: f64, dial: f64, traffic: &Traffic) -> bool {
    if dial <= 0.0 || dial >= 1.0 {
        return dial >= 1.0;
    }
    let missing = traffic
        .strong
        .map_or(0.0, |strong| (dial * traffic.needs.len() as f64 - strong as f64) / MAKE_UP);
    rank(need, traffic) > 1.0 - (dial + missing).clamp(0.0, 1.0)
}

/// The share of prompts that `is` holds for: of one's own, or until there are any of those in training.
pub(super) fn share_of(is: impl Fn(&f64) -> bool, traffic: &Traffic) -> f64 {
    let needs: Vec<f64> = match traffic.needs.as_slice() {
        [] => model::quantiles().collect(),
        own => own.to_vec(),
    };
    let above = needs.iter().filter(|need| is(need)).count();
    above as f64 / needs.len().max(1) as f64
}
