//! What the records say for another policy: proposals, each with its evidence, as a difference of the
//! policy that a person accepts or leaves. Nothing is changed by itself.

use super::interval::wilson;
use super::record::Record;
use crate::error::{Error, Result};
use crate::json::json;
use crate::router::Policy;
use crate::router::calibration::{Outcome, learn, write};
use crate::router::features::Category;
use serde_json::{Map, Value};

/// So many requests a model needs before anything is said of how often it fails, or how long it takes.
const LEAST: u64 = 20;
/// A model that fails in more than this share of its requests is not worth asking first: each
/// failure costs a wait. Our own choice (2026-11).
const FAILS: f64 = 0.2;
/// A shift or a time that differs by less than this is not worth a person's attention.
const WORTH_TELLING: f64 = 0.1;

/// What people, or the caller's judge, said of an answer: whether it was good. What is in the middle
/// says nothing.
pub fn good(record: &Record) -> Option<bool> {
    let said = &record.feedback;
    if let Some(correct) = said.correct {
        return Some(correct);
    }
    match (said.thumb.as_deref(), said.score) {
        (Some(thumb), _) => Some(thumb == "up"),
        (None, Some(4..)) => Some(true),
        (None, Some(..=2)) => Some(false),
        (None, Some(_)) => None,
        (None, None) => record.score.map(|score| score >= 0.5),
    }
}

/// What a record says of its kind of task; `None` where nobody judged the answer, or there was no
/// choice of models.
pub fn outcome(record: &Record) -> Option<Outcome> {
    let good = good(record)?;
    let name = record.category.as_deref()?;
    let kind = Category::ALL.into_iter().find(|kind| kind.name() == name)?;
    let (strongest, cheapest) = (record.strongest.as_deref()?, record.cheapest.as_deref()?);
    if strongest == cheapest || record.cached == Some(true) {
        return None;
    }
    // What one's own feedback had moved before is taken out: it must not count twice.
    let need = record.own_need.or(record.need)?.clamp(0.001, 0.999);
    let log_odds = (need / (1.0 - need)).ln();
    Some(Outcome { kind, log_odds, strong: record.model == strongest, good })
}

/// Proposals for `policy`, and the policy with those among them whose ids are in `accepted`.
///
/// `{ proposals: [{ id, path, before, after, why, evidence }], policy, notes }`. An id names what is
/// proposed, not how: the same proposal has the same id tomorrow.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where `policy` is none, or an accepted id is not proposed.
pub fn propose(records: &[Record], policy: &Value, accepted: &[String]) -> Result<Value> {
    let read = Policy::from_value(policy.clone())?;
    let mut proposals = Vec::new();
    let mut notes = Vec::new();
    calibration(records, &read, &mut proposals, &mut notes);
    let models = Seen::of(records);
    failing(&models, &read, &mut proposals);
    latency(&models, &read, &mut proposals);
    let mut after = policy.as_object().cloned().unwrap_or_default();
    for id in accepted {
        let found = proposals.iter().find(|proposal| proposal.get("id") == Some(&json!(id)));
        let Some(proposal) = found else {
            return Err(Error::invalid_input(format!(
                "accept: found {id:?}, wanted the id of one of the {} proposals",
                proposals.len()
            )));
        };
        set(&mut after, proposal);
    }
    // What is proposed is a policy.
    let after = Value::Object(after);
    Policy::from_value(after.clone())?;
    Ok(json!({"proposals": proposals, "policy": after, "notes": notes}))
}

/// Puts a proposal's value where its path says: a field, or one of a field's own.
fn set(policy: &mut Map<String, Value>, proposal: &Value) {
    let path = proposal.get("path").and_then(Value::as_str).unwrap_or_default();
    let value = proposal.get("after").cloned().unwrap_or_default();
    match path.split_once('/') {
        None => {
            policy.insert(path.to_owned(), value);
        }
        Some((field, name)) => {
            let inner = policy.entry(field).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Some(inner) = inner.as_object_mut() {
                if value.is_null() {
                    inner.remove(name);
                } else {
                    inner.insert(name.to_owned(), value);
                }
            }
        }
    }
}

/// What feedback says of kinds of task.
fn calibration(
    records: &[Record],
    policy: &Policy,
    proposals: &mut Vec<Value>,
    notes: &mut Vec<String>,
) {
    let mut outcomes = Vec::new();
    for record in records {
        outcomes.extend(outcome(record));
    }
    let shifts = learn(&outcomes);
    for kind in Category::ALL {
        let of = |list: &[crate::router::calibration::Shift]| {
            list.iter().find(|shift| shift.kind == kind).copied()
        };
        let (before, after) = (of(&policy.calibration), of(&shifts));
        let own: Vec<&Outcome> = outcomes.iter().filter(|one| one.kind == kind).collect();
        let Some(after) = after else {
            if !own.is_empty() && before.is_none() {
                let words = kind.name().replace('_', " ");
                notes.push(format!(
                    "{words}: {} judged answers, too few of weaker models to say anything",
                    own.len()
                ));
            }
            continue;
        };
        let moved = after.log_odds - before.map_or(0.0, |shift| shift.log_odds);
        if moved.abs() < WORTH_TELLING {
            continue;
        }
        let (mut weak, mut failed) = (0_u64, 0_u64);
        for one in own.iter().filter(|one| !one.strong) {
            weak += 1;
            failed += u64::from(!one.good);
        }
        let way = if moved > 0.0 { "more" } else { "less" };
        let shown = |shift| write(&[shift]).get(kind.name()).cloned().unwrap_or_default();
        proposals.push(json!({
            "id": format!("calibration/{}", kind.name()),
            "path": format!("calibration/{}", kind.name()),
            "before": before.map(shown),
            "after": shown(after),
            "why": format!(
                "{}: of {weak} judged answers of weaker models {failed} were not good; such prompts go to the strongest {way} often",
                kind.name().replace('_', " ")
            ),
            "evidence": {"judged": own.len(), "weaker": weak, "weakerFailed": failed},
        }));
    }
}

/// How one model did.
struct Seen<'a> {
    model: &'a str,
    requests: u64,
    failed: u64,
    totals: Vec<f64>,
}

impl<'a> Seen<'a> {
    fn of(records: &'a [Record]) -> Vec<Self> {
        let mut seen: Vec<Self> = Vec::new();
        for record in records {
            // What the person stopped, and what was kept, says nothing of the model.
            if record.cached == Some(true) || record.ending == "aborted" {
                continue;
            }
            let place = match seen.iter().position(|one| one.model == record.model) {
                Some(place) => place,
                None => {
                    let model = &record.model;
                    seen.push(Self { model, requests: 0, failed: 0, totals: Vec::new() });
                    seen.len() - 1
                }
            };
            let Some(one) = seen.get_mut(place) else { continue };
            let kind = record.error_kind.as_deref();
            let its_own = matches!(
                kind,
                Some("server" | "overloaded" | "timeout" | "unknown_model" | "protocol")
            );
            one.requests += 1;
            one.failed += u64::from(its_own);
            if record.ending == "completed" {
                one.totals.extend(record.total_ms);
            }
        }
        seen
    }
}

/// Models that fail too often, where others are left.
fn failing(models: &[Seen<'_>], policy: &Policy, proposals: &mut Vec<Value>) {
    for one in models {
        let (low, _) = wilson(one.requests, one.failed as f64 / one.requests.max(1) as f64);
        let known = policy.forbidden.iter().any(|name| name == one.model);
        let left = policy.candidates.iter().any(|name| name != one.model)
            || (policy.candidates.is_empty() && models.len() > 1);
        if one.requests < LEAST || low <= FAILS || known || !left {
            continue;
        }
        let mut after = policy.forbidden.clone();
        after.push(one.model.to_owned());
        proposals.push(json!({
            "id": format!("forbidden/{}", one.model),
            "path": "forbidden",
            "before": policy.forbidden,
            "after": after,
            "why": format!(
                "{} failed in {} of {} requests: others should be asked first",
                one.model, one.failed, one.requests
            ),
            "evidence": {"requests": one.requests, "failed": one.failed, "low": low},
        }));
    }
}

/// Measured times, where the policy weighs them.
fn latency(models: &[Seen<'_>], policy: &Policy, proposals: &mut Vec<Value>) {
    let weighed = policy.second.is_some()
        || policy.switch(crate::router::Question::Speed) == Some(true)
        || !policy.latency.is_empty();
    if !weighed {
        return;
    }
    for one in models {
        let mut totals = one.totals.clone();
        if (totals.len() as u64) < LEAST {
            continue;
        }
        crate::sort::sort(&mut totals, |a, b| a < b);
        let Some(median) = totals.get(totals.len() / 2).map(|ms| ms.round().max(0.0) as u64) else {
            continue;
        };
        let before = policy.latency.iter().find(|(name, _)| name == one.model).map(|(_, ms)| *ms);
        let near = |ms: u64| ms.abs_diff(median) as f64 <= WORTH_TELLING * ms as f64;
        if before.is_some_and(near) {
            continue;
        }
        proposals.push(json!({
            "id": format!("latencyMs/{}", one.model),
            "path": format!("latencyMs/{}", one.model),
            "before": before,
            "after": median,
            "why": format!(
                "half of {} whole answers of {} were there within {median} ms",
                one.totals.len(),
                one.model
            ),
            "evidence": {"answers": one.totals.len()},
        }));
    }
}
