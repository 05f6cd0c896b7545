//! How long the answer may be, before there is one.

use super::adaptive::Tracker;
use super::hints::{self, Hint};
use crate::catalog::Model;
use crate::chat::ChatRequest;
use crate::tokens::TokenEstimate;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// The tokens that an answer may have, reasoning included. `low <= expected <= high`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerLength {
    /// The lower end.
    pub low: u64,
    /// The mean.
    pub expected: u64,
    /// The upper end.
    pub high: u64,
    /// The mean without the user's own history, where that has moved it.
    pub typical: Option<u64>,
    /// The share of answers that lie between `low` and `high`, as measured; `None`: not measured.
    pub coverage: Option<f64>,
    /// The same with the user's own history, for [`AnswerLength::learned`].
    #[serde(skip)]
    pub learned: Option<f64>,
    /// How the interval came about.
    pub method: String,
}

/// What is asked for, as far as it changes how long answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Text for a person.
    Text,
    /// An answer that may call functions.
    Tools,
    /// An answer held to a schema.
    Structured,
}

impl Task {
    /// What `request` asks for.
    pub fn of(request: &ChatRequest) -> Self {
        let format = request.response_format.as_ref().and_then(|format| format.get("type"));
        if format.and_then(|kind| kind.as_str()).is_some_and(|kind| kind.starts_with("json")) {
            Self::Structured
        } else if request.tools.is_empty() {
            Self::Text
        } else {
            Self::Tools
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Tools => "tools",
            Self::Structured => "structured",
        }
    }
}

/// What was measured of one kind of answers, see `scripts/answer-length.mjs`.
struct Group {
    low: u64,
    expected: u64,
    high: u64,
    coverage: Option<f64>,
    learned: Option<f64>,
    answers: u64,
    repositories: u64,
    /// Whose interval it is, in words: of answers that were to have a form, or of all.
    asked: &'static str,
}

impl Group {
    /// The interval of `hint` where it was measured in this group, else the group's. One word that was
    /// not measured is a bare answer. A named number of words was not measured at all: the interval is
    /// widened to hold two tokens for each, and 4/3 are expected, as English has.
    fn of(name: &str, hint: Option<Hint>) -> Option<Self> {
        let group = groups().get(name)?;
        let own = |name: &str| group.get("hints").and_then(|hints| hints.get(name));
        let name = hint.map_or("", |hint| hint.name);
        let name = if name == "word" && own(name).is_none() { "only" } else { name };
        let hinted = own(name);
        let from = hinted.unwrap_or(group);
        let each = if hinted.is_some() { hint.map_or(1, |hint| hint.number) } else { 1 };
        let count = |field: &str| from.get(field).and_then(Value::as_u64);
        let mut found = Self {
            low: count("low")? * each,
            expected: count("expected")? * each,
            high: count("high")? * each,
            coverage: from.get("coverage")?.as_f64(),
            learned: group.get("learned")?.as_f64(),
            answers: count("answers")?,
            repositories: count("repositories")?,
            asked: match name {
                "words" => ", widened for the words asked for",
                _ if hinted.is_none() => "",
                "word" => " that were to be a word",
                "sentences" => " that were to have so many sentences",
                "only" => " that were to say nothing else",
                _ => " that were to be long",
            },
        };
        if let Some(Hint { name: "words", number }) = hint {
            found.expected = found.expected.max(number * 4 / 3);
            found.high = found.high.max(number * 2);
            (found.coverage, found.learned) = (None, None);
        }
        Some(found)
    }
}

fn groups() -> &'static Map<String, Value> {
    static GROUPS: OnceLock<Map<String, Value>> = OnceLock::new();
    GROUPS.get_or_init(|| {
        // A test reads all of it, so the empty default is never what is shipped.
        match serde_json::from_str(include_str!("../data/answer-length.json")) {
            Ok(Value::Object(mut file)) => match file.shift_remove("groups") {
                Some(Value::Object(groups)) => groups,
                _ => Map::new(),
            },
            _ => Map::new(),
        }
    })
}

impl AnswerLength {
    /// An interval that the caller knows better. The three are put in order.
    pub fn stated(low: u64, expected: u64, high: u64) -> Self {
        let (least, most) = (low.min(expected).min(high), low.max(expected).max(high));
        let middle = low.min(expected).max(low.max(expected).min(high));
        let (low, expected, high) = (least, middle, most);
        Self {
            low,
            expected,
            high,
            typical: None,
            coverage: None,
            learned: None,
            method: "stated".to_owned(),
        }
    }

    /// What is typical for `task` on `model`, cut at `max_tokens` and at the model's largest answer.
    ///
    /// The intervals are those of 13,746 answers in recorded API traffic of up to 17 open-source
    /// projects (`scripts/answer-length.mjs`, 2026-11): mostly short exchanges. They hold about 90 %
    /// of the answers of a project that was left out; `coverage` is that measure (`docs/cost.md`). An
    /// application that asks for longer texts should state its own interval, or learn it from its
    /// receipts.
    pub fn typical(model: &Model, task: Task, max_tokens: Option<u64>) -> Self {
        Self::of_kind(model, task, max_tokens, reasons(model), None)
    }

    /// As [`AnswerLength::typical`] for `request`, and by the form that it asks for: one word, so many
    /// sentences, nothing but the answer, an essay (in the last question, else in the instructions).
    /// Claude thinks only where it is asked to, and so the recorded answers were told apart.
    pub fn of_request(request: &ChatRequest, model: &Model) -> Self {
        let thinking = request.extra.get("thinking").and_then(|thinking| thinking.get("type"));
        let asked = thinking.is_some_and(|kind| kind != "disabled")
            || request.extra.contains_key("reasoning")
            || request.reasoning_effort.as_deref().is_some_and(|effort| effort != "none");
        let (task, most) = (Task::of(request), request.max_tokens);
        let reasons = if model.lab == "anthropic" && !asked { Some(false) } else { reasons(model) };
        // Calls and schemas go by other things: there the hints did not help.
        let hint = if task == Task::Text { hints::of_request(request) } else { None };
        Self::of_kind(model, task, most, reasons, hint)
    }

    fn of_kind(
        model: &Model,
        task: Task,
        max_tokens: Option<u64>,
        reasons: Option<bool>,
        hint: Option<Hint>,
    ) -> Self {
        let kinds: &[&str] = match reasons {
            Some(true) => &["reasoning"],
            Some(false) => &["plain"],
            None => &["plain", "reasoning"],
        };
        let found: Vec<Group> = kinds
            .iter()
            .filter_map(|kind| Group::of(&format!("{}.{kind}", task.name()), hint))
            .collect();
        let smallest = |of: fn(&Group) -> u64| found.iter().map(of).min();
        let largest = |of: fn(&Group) -> u64| found.iter().map(of).max();
        let limit = [max_tokens, model.max_output].into_iter().flatten().min().unwrap_or(u64::MAX);
        let answers: u64 = found.iter().map(|group| group.answers).sum();
        let repositories = largest(|group| group.repositories).unwrap_or(0);
        let sum: u64 = found.iter().map(|group| group.expected).sum();
        let mean = sum / u64::try_from(found.len().max(1)).unwrap_or(1);
        let asked = found.iter().map(|group| group.asked).find(|asked| !asked.is_empty());
        let asked = asked.unwrap_or_default();
        Self {
            low: smallest(|group| group.low).unwrap_or(0).min(limit),
            expected: mean.min(limit),
            high: largest(|group| group.high).unwrap_or(limit).min(limit),
            typical: None,
            coverage: found.iter().filter_map(|group| group.coverage).reduce(f64::min),
            learned: found.iter().filter_map(|group| group.learned).reduce(f64::min),
            method: format!(
                "typical of {answers} recorded answers ({repositories} projects){asked}"
            ),
        }
    }
}

/// Whether answers of `model` are reasoned, where that is known.
fn reasons(model: &Model) -> Option<bool> {
    model.capabilities.reasoning.as_deref().map(|kind| kind != "none")
}

/// What an answer was estimated at, without history, and what it was billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastAnswer {
    /// The expected tokens.
    pub estimated: u64,
    /// The true tokens.
    pub billed: u64,
}

/// Bills that are looked at, the latest: more would take long for nothing.
const LATEST: usize = 1000;

/// Runs the adaptive interval over past bills, oldest first. `low <= expected <= high` is what is
/// known beforehand. `None` where nothing can be learned.
fn followed(low: u64, expected: u64, high: u64, history: &[PastAnswer]) -> Option<Tracker> {
    if history.is_empty() || expected == 0 {
        return None;
    }
    let middle = log(expected);
    let mut tracker = Tracker::new(log(low) - middle, log(high) - middle);
    let latest = history.get(history.len().saturating_sub(LATEST)..).unwrap_or_default();
    for past in latest {
        if past.estimated > 0 {
            let middle = log(past.estimated);
            let (low, high) = whole(&tracker, past.estimated);
            tracker.add(log(past.billed) - middle, (log(low) - middle, log(high) - middle));
        }
    }
    (tracker.kept() > 0).then_some(tracker)
}

/// No tokens are as many as half a one here: a logarithm needs something.
fn log(tokens: u64) -> f64 {
    (tokens as f64).max(0.5).ln()
}

/// The ends for `expected` tokens, outward to whole ones; what is whole but for the last digit is not
/// moved.
fn whole(tracker: &Tracker, expected: u64) -> (u64, u64) {
    let (low, high) = tracker.ends();
    let scale = expected as f64;
    ((scale * low.exp() + 1e-6).floor() as u64, (scale * high.exp() - 1e-6).ceil() as u64)
}

/// The three numbers that `tracker` makes of `expected`, at most `limit`.
fn told(tracker: &Tracker, expected: u64, limit: u64) -> (u64, u64, u64) {
    let scale = expected as f64;
    let (low, high) = whole(tracker, expected);
    let mut sum = 0.0;
    for own in tracker.latest() {
        sum += own.exp();
    }
    let (weight, mean) = (tracker.weight(), sum / tracker.kept() as f64);
    let middle = scale * ((1.0 - weight) + weight * mean);
    let (low, high) = (low.min(limit), high.min(limit));
    (low, (middle as u64).clamp(low, high), high)
}

impl AnswerLength {
    /// The interval after the user's own answers, oldest first, cut at `limit` tokens: it moves to
    /// hold nine of ten of them, each in proportion to what was expected of it ([`Tracker`]). The more
    /// own answers there are, the less the typical ones count; only the latest hundred shape it.
    #[must_use]
    pub fn learned(self, history: &[PastAnswer], limit: Option<u64>) -> Self {
        let Some(tracker) = followed(self.low, self.expected, self.high, history) else {
            return self;
        };
        let (low, expected, high) = told(&tracker, self.expected, limit.unwrap_or(u64::MAX));
        Self {
            low,
            expected,
            high,
            typical: Some(self.expected),
            coverage: self.learned,
            learned: None,
            method: format!("{}, and {} own answers", self.method, tracker.kept()),
        }
    }
}

/// Input tokens after the user's own bills, oldest first (`estimated`: what was counted before any
/// history): an estimated count moves as [`AnswerLength::learned`] does. A count that is exact stays:
/// where bills differ from it, something has changed, and that is to be told, not learned.
pub fn learned_tokens(counted: &TokenEstimate, history: &[PastAnswer]) -> Option<TokenEstimate> {
    if counted.exact || counted.low >= counted.high {
        return None;
    }
    let tracker = followed(counted.low, counted.tokens, counted.high, history)?;
    let (low, tokens, high) = told(&tracker, counted.tokens, u64::MAX);
    let method = format!("{}, and {} own bills", counted.method, tracker.kept());
    Some(TokenEstimate { tokens, low, high, exact: false, method, parts: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn typical() -> AnswerLength {
        let resolved = crate::catalog::resolve_model("claude-sonnet-4").unwrap();
        AnswerLength::typical(resolved.model, Task::Text, None)
    }

    #[test]
    fn own_answers_shift_and_narrow_the_interval() {
        let prior = typical();
        assert_eq!(prior.clone().learned(&[], None), prior);
        let past = |billed: u64| PastAnswer { estimated: prior.expected, billed };
        let long: Vec<PastAnswer> = (0..60).map(|n| past(900 + n)).collect();
        let learned = prior.clone().learned(&long, None);
        assert!(learned.high >= 958 && learned.high <= 980, "{learned:?}");
        assert!(learned.low > prior.low && learned.expected > 800, "{learned:?}");
        assert_eq!(learned.typical, Some(prior.expected));
        assert!(learned.coverage.is_some_and(|share| share > 0.85));
        let one = prior.clone().learned(&long[..1], None);
        assert!(one.low <= prior.low + 2 && one.high >= 900, "{one:?}");
        // An estimate of twice as much, and a bill of twice as much, say the same.
        let double =
            long.iter().map(|p| PastAnswer { estimated: 2 * p.estimated, billed: 2 * p.billed });
        let double = prior.clone().learned(&double.collect::<Vec<_>>(), None);
        assert!(double.high.abs_diff(learned.high) <= 1);
        let cut = prior.learned(&long, Some(100));
        assert!(cut.low <= cut.expected && cut.expected <= cut.high && cut.high <= 413, "{cut:?}");
    }

    /// Written by `scripts/answer-learning.mjs`, which learns the same way.
    #[test]
    fn learns_as_the_script_learns() {
        let cases: Value =
            serde_json::from_str(include_str!("../../tests/golden/answer-learning.json")).unwrap();
        for case in cases.as_array().unwrap() {
            let count = |value: &Value| value.as_u64().unwrap();
            let length = AnswerLength::stated(
                count(&case["low"]),
                count(&case["expected"]),
                count(&case["high"]),
            );
            let history: Vec<PastAnswer> = case["history"]
                .as_array()
                .unwrap()
                .iter()
                .map(|past| PastAnswer { estimated: count(&past[0]), billed: count(&past[1]) })
                .collect();
            let found = length.learned(&history, None);
            let (low, high) = (count(&case["learned"][0]), count(&case["learned"][1]));
            assert!(
                found.low.abs_diff(low) <= 1 && found.high.abs_diff(high) <= 1,
                "{found:?} {case}"
            );
        }
        assert_eq!(cases.as_array().unwrap().len(), 24);
    }

    #[test]
    fn claude_thinks_only_where_it_is_asked_to() {
        let sonnet = crate::catalog::resolve_model("claude-sonnet-4").unwrap().model;
        let high = |fields: &str| {
            let text = format!(r#"{{"messages":[{{"role":"user","content":"x"}}]{fields}}}"#);
            let request = ChatRequest::from_value(serde_json::from_str(&text).unwrap()).unwrap();
            AnswerLength::of_request(&request, sonnet).high
        };
        let thinking = r#","thinking":{"type":"enabled","budget_tokens":2000}"#;
        assert!(high("") < high(thinking));
        assert_eq!(high(r#","reasoning_effort":"high""#), high(thinking));
        assert_eq!(high(r#","thinking":{"type":"disabled"}"#), high(""));
    }

    #[test]
    fn strange_histories_are_survived() {
        let extremes = [0, 1, u64::MAX];
        for estimated in extremes {
            for billed in extremes {
                let history = [PastAnswer { estimated, billed }; 3];
                let length = typical().learned(&history, None);
                assert!(length.low <= length.expected && length.expected <= length.high);
            }
        }
    }

    #[test]
    fn every_kind_of_task_has_an_ordered_interval() {
        for model in Catalog::shipped().models() {
            for task in [Task::Text, Task::Tools, Task::Structured] {
                let length = AnswerLength::typical(model, task, None);
                assert!(
                    0 < length.low && length.low <= length.expected,
                    "{}: {length:?}",
                    model.id
                );
                assert!(length.expected <= length.high && length.high < 10_000, "{length:?}");
                assert!(length.coverage.is_some_and(|share| share > 0.85 && share < 1.0));
                let cut = AnswerLength::typical(model, task, Some(3));
                assert!(cut.high <= 3 && cut.low <= cut.expected && cut.expected <= cut.high);
            }
        }
        assert_eq!(groups().len(), 6);
        assert!(groups().keys().all(|name| Group::of(name, None).is_some()));
    }

    #[test]
    fn puts_a_stated_interval_in_order() {
        for (a, b, c) in [(1, 5, 9), (1, 9, 5), (5, 1, 9), (5, 9, 1), (9, 1, 5), (9, 5, 1)] {
            let length = AnswerLength::stated(a, b, c);
            assert_eq!((length.low, length.expected, length.high), (1, 5, 9));
        }
    }
}
