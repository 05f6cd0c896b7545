//! The decision: what cannot be is taken away, what was settled holds, and among the rest the
//! expected worth of an answer less its price is weighed. Pure, and in integers.

use super::policy::{Criticality, Policy, Rule, Unsure, same};
use super::signal::{self, Question, Signal, Words};
use super::{Candidate, dial, level, model, stakes::Domain};
use crate::catalog::Status;
use crate::chat::{ChatRequest, Role, refusals};
use crate::cost::Money;
use crate::error::{Error, Result};
use std::cmp::Reverse;

/// Why a candidate cannot take the request. The order is that of the errors, where none can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    Forbidden,
    Retired,
    Budget,
    Capability,
    Context,
}

/// What stands in the way of one candidate, each in words.
pub(super) type Obstacles = Vec<(Obstacle, String)>;

/// Worth of a right answer where a wrong one costs time or goodwill: about two minutes of a person's
/// at 36 USD an hour; where it is grave, a thousand times that. Our own assumption (2026-11), to
/// be replaced by `worthUsd`. An ordinary failure costs a second try, on the strongest model.
const IMPORTANT: u128 = 1_000_000_000_000;
const CRITICAL: u128 = 1_000 * IMPORTANT;
/// A second of waiting, where speed is paramount: the same 36 USD an hour.
const SECOND: u128 = 10_000_000_000;
/// The name of what one's own feedback contributes to the score.
pub(super) const FEEDBACK: &str = "feedback";
/// Below this the score rests on the base rate alone: it is unsure.
pub(super) const UNSURE: f64 = 0.25;

/// Everything that the decision reads, whatever the policy.
pub(super) struct Situation<'a> {
    pub request: &'a ChatRequest,
    pub candidates: &'a [Candidate<'a>],
    pub score: model::Score,
    pub words: Words,
    /// The last ask, in lower case.
    ask: String,
}

impl<'a> Situation<'a> {
    pub(super) fn of(
        request: &'a ChatRequest,
        candidates: &'a [Candidate<'a>],
        policy: &Policy,
    ) -> Self {
        let last = request.messages.iter().rev().find(|message| message.role == Role::User);
        let ask = last.map(|message| message.content.text()).unwrap_or_default();
        let mut score = model::score(&super::features::extract(request));
        if let Some(shift) = policy.calibration.iter().find(|s| s.kind == score.category) {
            score.shift(FEEDBACK, shift.log_odds);
        }
        let words = Words::of(&ask, score.category);
        Self { request, candidates, score, words, ask: crate::letter::lowered(&ask) }
    }

    /// The policy's first rule that fits the ask.
    pub(super) fn rule<'p>(&self, policy: &'p Policy) -> Option<&'p Rule> {
        policy.rules.iter().find(|rule| {
            let holds = |text: &String| self.ask.contains(&crate::letter::lowered(text));
            rule.contains.as_ref().is_none_or(holds)
                && rule.kind.as_ref().is_none_or(|kind| kind == self.score.category.name())
                && rule.stakes.is_none_or(|field: Domain| {
                    self.words.stakes.iter().any(|stake| stake.domain == field)
                })
        })
    }

    /// Everything in the way of each candidate.
    pub(super) fn obstacles(&self, policy: &Policy) -> Vec<Obstacles> {
        self.candidates
            .iter()
            .map(|candidate| in_the_way(self.request, candidate, policy))
            .collect()
    }

    /// [`decide`], with the signals that `policy` gives.
    pub(super) fn decide(
        &self,
        policy: &Policy,
        obstacles: &[Obstacles],
        need: f64,
        ignoring: Option<Obstacle>,
    ) -> Result<Option<Pick>> {
        let signals = signal::signals(&self.words, self.candidates, policy);
        decide(self, policy, &signals, obstacles, need, ignoring)
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.candidates.get(index).map_or("", |candidate| &candidate.name)
    }
}

fn in_the_way(request: &ChatRequest, candidate: &Candidate<'_>, policy: &Policy) -> Obstacles {
    let name = &candidate.name;
    let mut found = Vec::new();
    if policy.forbidden.iter().any(|forbidden| same(forbidden, candidate)) {
        found.push((Obstacle::Forbidden, format!("{name} is forbidden by the policy")));
    }
    if !policy.allowed.is_empty() && !policy.allowed.iter().any(|one| same(one, candidate)) {
        found.push((Obstacle::Forbidden, format!("{name} is not among the allowed models")));
    }
    if let Some(model) = candidate.model {
        if policy.allow_retired == Some(false) && is_retired(candidate) {
            let text = crate::chat::retirement(model).unwrap_or_default();
            found.push((Obstacle::Retired, text));
        }
        found.extend(refusals(request, model).into_iter().map(|text| (Obstacle::Capability, text)));
        // Room for the answer: what was asked for, or what such answers take.
        let typical = candidate.cost.as_ref().map(|cost| cost.output_tokens.expected);
        let room = request.max_tokens.or(typical);
        found.extend(
            super::overflow(name, model, &candidate.tokens, room)
                .map(|text| (Obstacle::Context, text)),
        );
    }
    if let Some(most) = policy.max_cost {
        match candidate.most {
            Some(worst) if worst > most => found.push((
                Obstacle::Budget,
                format!("{name} may cost up to ${worst}, the limit is ${most}"),
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

fn is_retired(candidate: &Candidate<'_>) -> bool {
    candidate.model.is_some_and(|model| matches!(model.status, Status::Retired { .. }))
}

/// Why the pick is the pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Override,
    Rule,
    Only,
    Dial,
    Unsure,
    /// The stronger is worth its price.
    Worth,
    Cheaper,
    /// The cheaper for this request, because its cache holds the conversation.
    Session,
}

/// A pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    pub index: usize,
    pub why: Why,
}

/// How much hangs on the answer: what is stated, the preset's, or what the prompt shows.
pub(super) fn criticality(policy: &Policy, signals: &[Signal]) -> Criticality {
    let on = |question| signal::is_on(signals, question);
    let stated = |question| policy.switch(question) == Some(true);
    if stated(Question::Accuracy) {
        return Criticality::Critical;
    }
    if let Some(criticality) = policy.criticality {
        return criticality;
    }
    let hasty = stated(Question::Speed) || stated(Question::Budget);
    let raised = on(Question::Accuracy) || (on(Question::Creative) && !on(Question::Speed));
    match policy.preset.map(super::Preset::criticality) {
        Some(Criticality::Ordinary) if !stated(Question::Creative) => Criticality::Ordinary,
        Some(own) if own != Criticality::Ordinary => own,
        _ if raised && !hasty => Criticality::Important,
        _ => Criticality::Ordinary,
    }
}

/// What a right answer is worth.
pub(super) fn worth(
    situation: &Situation<'_>,
    policy: &Policy,
    criticality: Criticality,
    strongest: usize,
) -> Money {
    policy.worth.unwrap_or_else(|| match criticality {
        Criticality::Ordinary => expected(situation, strongest).unwrap_or_default(),
        Criticality::Important => Money::from_picodollars(IMPORTANT),
        Criticality::Critical => Money::from_picodollars(CRITICAL),
    })
}

/// This prompt's expected cost, as if nothing were cached.
pub(super) fn expected(situation: &Situation<'_>, index: usize) -> Option<Money> {
    situation.candidates.get(index)?.cost.as_ref().map(|cost| cost.usd.expected)
}

/// The same, with what the session's cache saves.
pub(super) fn in_session(
    situation: &Situation<'_>,
    policy: &Policy,
    index: usize,
) -> Option<Money> {
    let full = expected(situation, index)?;
    let candidate = situation.candidates.get(index)?;
    let here = policy.session.as_ref().is_some_and(|session| same(&session.model, candidate));
    let saved = candidate.cached.filter(|_| here).unwrap_or_default();
    Some(Money::from_picodollars(full.picodollars().saturating_sub(saved.picodollars())))
}

/// The order from weak to strong: level, then price, then who was named first. One without a level
/// is taken for the weakest: no gain is claimed for it.
pub(super) fn strength(
    situation: &Situation<'_>,
    policy: &Policy,
    index: usize,
) -> (u8, Option<Money>, Reverse<usize>) {
    let candidate = situation.candidates.get(index);
    let level = candidate.and_then(|candidate| level::of_candidate(candidate, policy));
    (level.unwrap_or(0), expected(situation, index), Reverse(index))
}

/// The order from cheap to dear; an unknown price comes last.
fn expense(
    situation: &Situation<'_>,
    policy: &Policy,
    index: usize,
) -> (bool, Option<Money>, usize) {
    let cost = in_session(situation, policy, index);
    (cost.is_none(), cost, index)
}

/// The strongest and the cheapest of all candidates: the pair that `need` speaks of.
pub(super) fn pair(situation: &Situation<'_>, policy: &Policy) -> (usize, usize) {
    let all = || 0..situation.candidates.len();
    let strongest = all().max_by_key(|index| strength(situation, policy, *index));
    let fresh =
        |index: &usize| (expected(situation, *index).is_none(), expected(situation, *index));
    (strongest.unwrap_or(0), all().min_by_key(fresh).unwrap_or(0))
}

/// The rule. `need` may be another than the score's, and `ignoring` leaves one kind of obstacle out,
/// to find out what they change.
pub(super) fn decide(
    situation: &Situation<'_>,
    policy: &Policy,
    signals: &[Signal],
    obstacles: &[Obstacles],
    need: f64,
    ignoring: Option<Obstacle>,
) -> Result<Option<Pick>> {
    let free = |index: usize| {
        obstacles.get(index).is_some_and(|list| list.iter().all(|(o, _)| Some(*o) == ignoring))
    };
    let all = || 0..situation.candidates.len();
    let find = |name: &str| {
        all().find(|index| situation.candidates.get(*index).is_some_and(|c| same(name, c)))
    };
    if let Some(name) = &policy.r#override {
        let Some(index) = find(name) else {
            return Err(Error::invalid_input(format!(
                "override: found {name:?}, wanted one of the candidates"
            )));
        };
        return Ok(free(index).then_some(Pick { index, why: Why::Override }));
    }
    // A saved rule may be of another occasion: where its model is no candidate, or cannot take the
    // request, it says nothing.
    if let Some(index) = situation.rule(policy).and_then(|rule| find(&rule.model))
        && free(index)
    {
        return Ok(Some(Pick { index, why: Why::Rule }));
    }
    let mut possible: Vec<usize> = all().filter(|index| free(*index)).collect();
    narrow(situation, policy, signals, &mut possible);
    let by_strength = |index: &usize| strength(situation, policy, *index);
    let by_expense = |index: &usize| expense(situation, policy, *index);
    let (Some(strongest), Some(cheapest)) = (
        possible.iter().copied().max_by_key(by_strength),
        possible.iter().copied().min_by_key(by_expense),
    ) else {
        return Ok(None);
    };
    let pick = |index, why| Ok(Some(Pick { index, why }));
    if situation.candidates.len() == 1 {
        return pick(cheapest, Why::Only);
    }
    let criticality = criticality(policy, signals);
    if criticality != Criticality::Critical {
        match policy.unsure.filter(|_| situation.score.confidence < UNSURE) {
            Some(Unsure::Cheap) => return pick(cheapest, Why::Unsure),
            Some(Unsure::Safe) => return pick(strongest, Why::Unsure),
            None => {}
        }
        if let Some(dial) = policy.dial {
            let strong = dial::is_strong(need, dial, &policy.traffic);
            return pick(if strong { strongest } else { cheapest }, Why::Dial);
        }
    }
    let fresh =
        |index: &usize| (expected(situation, *index).is_none(), expected(situation, *index));
    let without_cache = possible.iter().copied().min_by_key(fresh);
    let gain = (need - model::weak_only()).max(0.0);
    let worth = worth(situation, policy, criticality, strongest);
    let second = match policy.second {
        Some(second) => second,
        None if policy.switch(Question::Speed) == Some(true) => Money::from_picodollars(SECOND),
        None => Money::ZERO,
    };
    let priced = possible.iter().any(|index| expected(situation, *index).is_some());
    let utility = |index: usize| {
        let candidate = situation.candidates.get(index)?;
        // Where no price is known at all, only strength is left to go by.
        let nothing = || (!priced).then_some(Money::ZERO);
        let cost = in_session(situation, policy, index).or_else(nothing)?;
        let part = place(situation, policy, &possible, index);
        // 2^-16 of a success, at a 2^-8th of the ladder; far above what money there is.
        let worth = i128::try_from(worth.picodollars().min(1 << 80)).ok()?;
        let won = worth * i128::from((gain * 65_536.0) as u32) * i128::from(part) / (65_536 * 256);
        let known = policy.latency.iter().find(|(name, _)| same(name, candidate));
        let waited =
            known.map_or(0, |(_, ms)| u128::from(*ms)) * second.picodollars().min(1 << 40) / 1000;
        let spent = cost.picodollars().min(1 << 100).saturating_add(waited);
        Some(won - i128::try_from(spent).ok()?)
    };
    let best = possible.iter().copied().max_by(|a, b| {
        let order = utility(*a).cmp(&utility(*b));
        order.then_with(|| by_expense(b).cmp(&by_expense(a)))
    });
    let best = best.unwrap_or(cheapest);
    let why = match () {
        () if best == cheapest && without_cache != Some(best) => Why::Session,
        () if best == cheapest => Why::Cheaper,
        () => Why::Worth,
    };
    pick(best, why)
}

/// Leaves out what is possible and still not wanted, as long as something remains.
fn narrow(
    situation: &Situation<'_>,
    policy: &Policy,
    signals: &[Signal],
    possible: &mut Vec<usize>,
) {
    let mut keep = |wanted: &dyn Fn(&Candidate<'_>) -> bool| {
        let is = |index: &usize| situation.candidates.get(*index).is_some_and(wanted);
        if possible.iter().any(is) {
            possible.retain(is);
        }
    };
    if policy.allow_retired.is_none() {
        keep(&|candidate| !is_retired(candidate));
    }
    let window = |c: &Candidate<'_>| c.model.and_then(|model| model.context_window);
    if policy.switch(Question::Long) == Some(true) {
        let widest = situation.candidates.iter().filter_map(window).max();
        keep(&|candidate| window(candidate).is_some() && window(candidate) == widest);
    }
    if policy.switch(Question::Budget) == Some(true)
        && criticality(policy, signals) != Criticality::Critical
    {
        keep(&|candidate| {
            level::of_candidate(candidate, policy).is_some_and(|level| level >= level::MIDDLE)
        });
    }
}

/// The place of a candidate on the ladder from the weakest to the strongest that can take the
/// request, in 256ths: by level, or where that tells nothing apart, by price.
fn place(situation: &Situation<'_>, policy: &Policy, possible: &[usize], index: usize) -> u32 {
    let scale = |of: &dyn Fn(usize) -> u128| {
        let low = possible.iter().map(|other| of(*other)).min().unwrap_or(0);
        let high = possible.iter().map(|other| of(*other)).max().unwrap_or(0);
        let span = high - low;
        (span > 0).then(|| (of(index) - low) * 256 / span)
    };
    let level = |index: usize| u128::from(strength(situation, policy, index).0);
    let price = |index: usize| {
        expected(situation, index).map_or(0, |cost| cost.picodollars().min(1 << 100))
    };
    let part = scale(&level).or_else(|| scale(&price)).unwrap_or(0);
    u32::try_from(part).unwrap_or(256)
}
