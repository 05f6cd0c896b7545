//! A pick, explained: what spoke for and against it, what would change it, what it may lose.

use super::decide::{
    FEEDBACK, Obstacle, Obstacles, Pick, Situation, UNSURE, Why, criticality, decide, expected,
    in_session, pair, worth,
};
use super::policy::{Criticality, Policy};
use super::signal::{self, Question, Signal};
use super::{dial, model};
use crate::chat::retirement;
use crate::cost::Money;
use crate::json::json;
use serde::Serialize;
use serde_json::Value;
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counterfactual {
    /// The change, in words.
    pub change: String,
    /// The pick then.
    pub model: String,
    /// The change as data: `policy` (fields to set, null to take one away), `need` (another value of
    /// the score), or `without` (`"capability"` or `"context"`: what would not stand in the way).
    pub flip: Value,
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

/// What the score is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The kind of task.
    pub category: &'static str,
    /// `need` in log-odds: the sum of the contributions, exactly.
    pub log_odds: f64,
    /// What adds how much, in log-odds: the base rate ("category") and the features that weigh most;
    /// "others" is the sum of the rest.
    pub contributions: Vec<(&'static str, f64)>,
    /// 0 to 1: how far the score rests on outcomes of prompts like this one; near 0 it is the
    /// base rate.
    pub confidence: f64,
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
    /// The strongest candidate.
    pub strongest: String,
    /// The cheapest candidate.
    pub cheapest: String,
    /// What `need` is made of.
    pub score: Explained,
    /// The five questions.
    pub signals: Vec<Signal>,
    /// How much hangs on the answer: stated, the preset's, or what the prompt shows.
    pub criticality: &'static str,
    /// The share of the caller's own prompts (of those in training, until there are any) that would
    /// go to the strongest candidate at the prices of this one.
    pub expected_share: f64,
    /// Hashes and figures from which the decision can be made again: see [`super::replay`]. A planner
    /// writes it; null where there was none.
    pub receipt: Value,
}

/// The contributions that are told one by one.
const TOLD: usize = 8;

pub(super) fn explain(
    situation: &Situation<'_>,
    obstacles: &[Obstacles],
    policy: &Policy,
    pick: Pick,
) -> Route {
    let (strongest, cheapest) = pair(situation, policy);
    let is_pair = strongest != cheapest;
    let need = if is_pair { situation.score.need } else { 0.0 };
    let confidence = match () {
        () if !is_pair => 1.0,
        () if pick.index == strongest => 1.0 - model::weak_only(),
        () => 1.0 - need,
    };
    let mut may_lose = Vec::new();
    if is_pair && strongest != pick.index {
        let of = model::questions(situation.score.category);
        let moved = situation.score.contributions.iter().any(|(name, _)| *name == FEEDBACK);
        let moved = if moved { ", moved by your feedback" } else { "" };
        may_lose.push(format!(
            "in about {} of 100 such prompts a stronger model was right where a weaker one was not (public outcomes of 2023 and 2024, {of} questions of this kind{moved}): {} may be right where {} is not",
            of_hundred(need),
            situation.name(strongest),
            situation.name(pick.index),
        ));
    }
    let signals = signal::signals(&situation.words, situation.candidates, policy);
    let (counterfactuals, expected_share) =
        changes(situation, obstacles, policy, &signals, pick, strongest);
    let others = (0..situation.candidates.len()).filter(|index| *index != pick.index);
    Route {
        model: situation.name(pick.index).to_owned(),
        need,
        confidence,
        reasons: reasons(situation, obstacles, policy, &signals, pick, strongest),
        counterfactuals,
        alternatives: others
            .map(|index| alternative(situation, obstacles, policy, index, pick.index))
            .collect(),
        may_lose,
        strongest: situation.name(strongest).to_owned(),
        cheapest: situation.name(cheapest).to_owned(),
        score: explained(&situation.score),
        criticality: criticality(policy, &signals).name(),
        signals,
        expected_share,
        receipt: Value::Null,
    }
}

fn explained(score: &model::Score) -> Explained {
    let mut contributions: Vec<_> = score.contributions.iter().take(TOLD).copied().collect();
    if score.contributions.len() > TOLD {
        contributions.push(("others", score.contributions.iter().skip(TOLD).map(|(_, v)| v).sum()));
    }
    Explained {
        category: score.category.name(),
        log_odds: score.log_odds,
        contributions,
        confidence: score.confidence,
    }
}

/// A share from 0 to 1, as so many of a hundred.
fn of_hundred(share: f64) -> u32 {
    (share * 100.0 + 0.5) as u32
}

/// In words, for the reasons.
const fn meaning(question: Question) -> &'static str {
    match question {
        Question::Accuracy => "accuracy is non-negotiable",
        Question::Speed => "speed and cost are paramount",
        Question::Long => "the text is extremely long",
        Question::Budget => "the budget is tight",
        Question::Creative => "the task is creative, nuanced or abstract",
    }
}

fn reasons(
    situation: &Situation<'_>,
    obstacles: &[Obstacles],
    policy: &Policy,
    signals: &[Signal],
    pick: Pick,
    strongest: usize,
) -> Vec<Reason> {
    let mut list = Vec::new();
    let mut say = |code, speaks, text: String| list.push(Reason { code, speaks, text });
    let Some(picked) = situation.candidates.get(pick.index) else {
        return list;
    };
    let name = &picked.name;
    let need = situation.score.need;
    let level = criticality(policy, signals);
    let is_strongest = pick.index == strongest;
    let tier = if is_strongest { "strongest" } else { "cheapest" };
    match pick.why {
        Why::Override => say("override", Speaks::For, format!("{name} was asked for")),
        Why::Rule => say("rule", Speaks::For, format!("a saved rule sends such prompts to {name}")),
        Why::Only => say("only", Speaks::For, format!("{name} is the only candidate")),
        Why::Dial => say(
            "dial",
            Speaks::For,
            format!(
                "{} of 100 calls shall go to the strongest candidate; by need this prompt is above {} of 100, so the {tier} takes it",
                of_hundred(policy.dial.unwrap_or_default()),
                of_hundred(dial::rank(need, &policy.traffic)),
            ),
        ),
        Why::Unsure => say(
            "unsure",
            Speaks::For,
            format!("the score is unsure of such prompts, and then the {tier} shall take them"),
        ),
        Why::Worth => say(
            "criticality",
            Speaks::For,
            format!(
                "{}: a right answer counts ${}, and {name} is right more often by so much that it is worth its price",
                hangs(level),
                worth(situation, policy, level, strongest)
            ),
        ),
        Why::Session => say(
            "session",
            Speaks::For,
            format!(
                "the conversation is in the cache of {name}: there this prompt costs ${}, and a switch would throw the cache away",
                in_session(situation, policy, pick.index).unwrap_or_default()
            ),
        ),
        Why::Cheaper => say(
            "cheaper",
            Speaks::For,
            match expected(situation, pick.index) {
                Some(cost) => format!(
                    "{name} is expected to cost ${cost}, the least of all that can take it; a stronger one is not worth more here"
                ),
                None => format!("{name} is the first that can take it; its price is not known"),
            },
        ),
    }
    if situation.candidates.len() > 1 {
        let against = is_strongest || need < 0.1;
        say(
            "need",
            if against { Speaks::For } else { Speaks::Note },
            format!(
                "{}: of 100 such prompts about {} need the stronger model",
                situation.score.category.name().replace('_', " "),
                of_hundred(need)
            ),
        );
        let kind = situation.score.category;
        if let Some(own) = policy.calibration.iter().find(|shift| shift.kind == kind) {
            let before = model::sigmoid(situation.score.log_odds - own.log_odds);
            say(
                FEEDBACK,
                Speaks::Note,
                format!(
                    "your feedback on {} answers of this kind moves that from {} of 100",
                    own.outcomes,
                    of_hundred(before)
                ),
            );
        }
        if situation.score.confidence < UNSURE {
            let text = "no outcomes of prompts like this one are known: the need is the base rate";
            say("base_rate", Speaks::Note, text.to_owned());
        }
        let unknown = |c: &super::Candidate<'_>| super::level::of_candidate(c, policy).is_none();
        let names: Vec<&str> =
            situation.candidates.iter().filter(|c| unknown(c)).map(|c| c.name.as_str()).collect();
        if !names.is_empty() {
            let text = if names.len() == situation.candidates.len() {
                "the dearer counts as the stronger"
            } else {
                "it counts as the weakest"
            };
            say(
                "level_unknown",
                Speaks::Note,
                format!("how strong {} is, is not known: {text}", names.join(", ")),
            );
        }
    }
    if let Some(preset) = policy.preset {
        let tier = if preset.is_deep() { "deep" } else { "fast" };
        say("preset", Speaks::Note, format!("{} is a use for the {tier} tier", preset.title()));
    }
    for (question, signal) in Question::ALL.into_iter().zip(signals) {
        if signal.on || signal.found {
            let not = if signal.on { "" } else { "not, it was said: " };
            let by =
                if signal.stated { "as stated".to_owned() } else { signal.evidence.join("; ") };
            let speaks = match question {
                Question::Accuracy | Question::Creative if is_strongest => Speaks::For,
                Question::Speed | Question::Budget if !is_strongest => Speaks::For,
                _ => Speaks::Note,
            };
            say(signal.question, speaks, format!("{not}{} ({by})", meaning(question)));
        }
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
    for (index, list) in obstacles.iter().enumerate() {
        for (obstacle, text) in list.iter().filter(|_| index != pick.index) {
            say(code(*obstacle), Speaks::Against, text.clone());
        }
    }
    list
}

const fn hangs(criticality: Criticality) -> &'static str {
    match criticality {
        Criticality::Ordinary => "an error costs a second try",
        Criticality::Important => "an error would matter",
        Criticality::Critical => "an error would be grave",
    }
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

/// What would change the pick, and the share of prompts that goes to the strongest candidate.
fn changes(
    situation: &Situation<'_>,
    obstacles: &[Obstacles],
    policy: &Policy,
    signals: &[Signal],
    pick: Pick,
    strongest: usize,
) -> (Vec<Counterfactual>, f64) {
    let mut list: Vec<Counterfactual> = Vec::new();
    if situation.candidates.len() == 1 {
        return (list, 1.0);
    }
    let need = situation.score.need;
    let mut tell = |found: Option<Pick>, change: String, flip: Value| {
        if let Some(other) = found.filter(|other| other.index != pick.index) {
            let model = situation.name(other.index).to_owned();
            list.push(Counterfactual { change, model, flip });
        }
    };
    for change in every_change(policy, signals) {
        let (changed, text, patch) = change.apply(policy);
        let now = situation.obstacles(&changed);
        let found = situation.decide(&changed, &now, need, None).ok().flatten();
        tell(found, text, json!({ "policy": patch }));
    }
    for (obstacle, change) in [
        (Obstacle::Capability, "if every candidate could take what the request asks"),
        (Obstacle::Context, "if the request were short enough for every candidate"),
    ] {
        let found = situation.decide(policy, obstacles, need, Some(obstacle));
        let flip = json!({"without": code(obstacle)});
        tell(found.ok().flatten(), change.to_owned(), flip);
    }
    let at = |parts: u32| {
        let need = f64::from(parts) / 65_536.0;
        decide(situation, policy, signals, obstacles, need, None).ok().flatten()
    };
    let is_other = |parts: u32| at(parts).is_none_or(|other| other.index != pick.index);
    let own = (need * 65_536.0) as u32;
    // As need rises, the pick climbs: between an end that differs and the own need lies one border.
    for (mut same, mut other) in [(own + 1, 65_536), (own, 0)] {
        if is_other(same) || !is_other(other) {
            continue;
        }
        while same.abs_diff(other) > 1 {
            let middle = same.midpoint(other);
            if is_other(middle) { other = middle } else { same = middle }
        }
        let (least, more) = (f64::from(other) / 65_536.0, other > same);
        let word = if more { "or more" } else { "or less" };
        let change =
            format!("if {} of 100 such prompts {word} needed the stronger model", shown(least));
        tell(at(other), change, json!({ "need": least }));
    }
    // Where the strongest begins to be picked, for this prompt's cost.
    let is_strongest = |parts| at(parts).is_some_and(|found: Pick| found.index == strongest);
    let share = match policy.dial {
        Some(dial) if pick.why == Why::Dial => match policy.traffic.strong {
            // What was too much or too little is made up for: the share is held.
            Some(_) => dial,
            None => {
                let taken = |need: &f64| dial::is_strong(*need, dial, &policy.traffic);
                dial::share_of(taken, &policy.traffic)
            }
        },
        _ if is_strongest(0) => 1.0,
        _ if !is_strongest(65_536) => 0.0,
        _ => {
            let (mut low, mut high) = (0, 65_536);
            while high - low > 1 {
                let middle = u32::midpoint(low, high);
                if is_strongest(middle) { high = middle } else { low = middle }
            }
            let least = f64::from(high) / 65_536.0;
            dial::share_of(|need| *need >= least, &policy.traffic)
        }
    };
    (list, share)
}

/// With one decimal, so that a border near the prompt's own need can be told from it.
fn shown(share: f64) -> String {
    let tenths = (share * 1000.0 + 0.5) as u32;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A change of the policy that may change the pick.
#[derive(Clone, Copy)]
enum Change {
    Override,
    Rules,
    Criticality(Criticality),
    Preset,
    /// A question, answered with yes or no.
    Switch(Question, bool),
    Dial,
    Unsure,
    Session,
    Limit,
    Lists,
    Retired,
}

/// The changes that this policy leaves open.
fn every_change(policy: &Policy, signals: &[Signal]) -> Vec<Change> {
    let mut list = Vec::new();
    let mut put = |open: bool, change: Change| {
        if open {
            list.push(change);
        }
    };
    put(policy.r#override.is_some(), Change::Override);
    put(!policy.rules.is_empty(), Change::Rules);
    for criticality in Criticality::ALL {
        put(true, Change::Criticality(criticality));
    }
    put(policy.preset.is_some(), Change::Preset);
    for question in Question::ALL {
        put(true, Change::Switch(question, !signal::is_on(signals, question)));
    }
    put(policy.dial.is_some(), Change::Dial);
    put(policy.unsure.is_some(), Change::Unsure);
    put(policy.session.is_some(), Change::Session);
    put(policy.max_cost.is_some(), Change::Limit);
    put(!policy.forbidden.is_empty() || !policy.allowed.is_empty(), Change::Lists);
    put(policy.allow_retired != Some(true), Change::Retired);
    list
}

impl Change {
    /// The policy after it, the change in words, and as fields to set.
    fn apply(self, policy: &Policy) -> (Policy, String, Value) {
        let mut changed = policy.clone();
        let (text, patch) = match self {
            Self::Override => {
                changed.r#override = None;
                ("if no model had been asked for", json!({"override": null}))
            }
            Self::Rules => {
                changed.rules.clear();
                ("if there were no saved rules", json!({"rules": []}))
            }
            Self::Criticality(criticality) => {
                changed.criticality = Some(criticality);
                let text = match criticality {
                    Criticality::Ordinary => {
                        "if an error cost only a second try (criticality ordinary)"
                    }
                    Criticality::Important => "if an error would matter (criticality important)",
                    Criticality::Critical => "if an error would be grave (criticality critical)",
                };
                (text, json!({"criticality": criticality.name()}))
            }
            Self::Preset => {
                changed.preset = None;
                ("if no use were named (no preset)", json!({"preset": null}))
            }
            Self::Switch(question, on) => {
                if let Some(switch) = changed.switches.get_mut(question as usize) {
                    *switch = Some(on);
                }
                let not = if on { "if it held that" } else { "if it did not hold that" };
                let switches = changed.to_value().get("switches").cloned();
                let text = format!("{not} {}", meaning(question));
                return (changed, text, json!({ "switches": switches }));
            }
            Self::Dial => {
                changed.dial = None;
                ("if there were no dial", json!({"dial": null}))
            }
            Self::Unsure => {
                changed.unsure = None;
                let text = "if the base rate decided where the score is unsure";
                (text, json!({"unsure": null}))
            }
            Self::Session => {
                changed.session = None;
                ("if no conversation were cached", json!({"session": null}))
            }
            Self::Limit => {
                changed.max_cost = None;
                ("if there were no limit to the cost", json!({"maxCostUsd": null}))
            }
            Self::Lists => {
                (changed.forbidden, changed.allowed) = (Vec::new(), Vec::new());
                ("if it were not forbidden", json!({"forbidden": [], "allowed": []}))
            }
            Self::Retired => {
                changed.allow_retired = Some(true);
                ("if retired models were allowed", json!({"allowRetired": true}))
            }
        };
        (changed, text.to_owned(), patch)
    }
}

fn alternative(
    situation: &Situation<'_>,
    obstacles: &[Obstacles],
    policy: &Policy,
    index: usize,
    pick: usize,
) -> Alternative {
    let in_the_way = obstacles.get(index).map(Vec::as_slice).unwrap_or_default();
    let expected = |index: usize| -> Option<Money> { in_session(situation, policy, index) };
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
        model: situation.name(index).to_owned(),
        possible: in_the_way.is_empty(),
        text,
        expected_usd: expected(index).map(|money| money.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::chat::ChatRequest;
    use crate::cost::{CostEstimate, MoneyInterval};
    use crate::router::Candidate;
    use crate::tokens::TokenEstimate;

    /// At the border that is told the pick is the other, and a step before it still the same.
    #[test]
    fn the_borders_of_need_are_where_the_pick_changes() {
        let models = ["claude-opus-4", "claude-sonnet-4", "claude-haiku-5-5"];
        let candidate = |(name, cents): (&'static str, u128)| {
            let expected = Money::from_picodollars(cents * 10_000_000_000);
            let usd = MoneyInterval { low: expected, expected, high: expected };
            let tokens = TokenEstimate {
                tokens: 9,
                low: 9,
                high: 9,
                exact: true,
                method: String::new(),
                parts: None,
            };
            Candidate {
                name: name.to_owned(),
                model: Some(Catalog::shipped().resolve(name).unwrap().model),
                tokens,
                cost: Some(CostEstimate { usd, ..CostEstimate::default() }),
                most: None,
                cached: None,
            }
        };
        let value = json!({"messages": [{"role": "user", "content": "Why is the sky blue?"}]});
        let request = ChatRequest::from_value(value).unwrap();
        let candidates: Vec<_> = models.into_iter().zip([60, 12, 1]).map(candidate).collect();
        let situation = Situation::of(&request, &candidates, &Policy::default());
        let mut borders = 0;
        for dollars in 1..40 {
            let worth = Some(Money::from_picodollars(dollars * 500_000_000_000));
            let policy = Policy { worth, allow_retired: Some(true), ..Policy::default() };
            let obstacles = situation.obstacles(&policy);
            let at = |need: f64| {
                let pick = situation.decide(&policy, &obstacles, need, None).unwrap().unwrap();
                situation.name(pick.index).to_owned()
            };
            let own = situation.score.need;
            let route = crate::router::route(&request, &candidates, &policy).unwrap();
            assert_eq!(route.model, at(own));
            for told in route.counterfactuals {
                let Some(need) = told.flip.get("need").and_then(Value::as_f64) else { continue };
                let nearer = need + if need > own { -1.0 } else { 1.0 } / 65_536.0;
                assert_eq!((at(need), at(nearer)), (told.model, route.model.clone()));
                borders += 1;
            }
        }
        assert!(borders >= 40, "{borders}");
    }
}
