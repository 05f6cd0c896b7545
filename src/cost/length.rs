//! How long the answer may be, before there is one.

use crate::catalog::Model;
use crate::chat::ChatRequest;
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
    /// The share of answers that lie between `low` and `high`, as measured; `None`: not measured.
    pub coverage: Option<f64>,
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
    coverage: f64,
    answers: u64,
    repositories: u64,
}

impl Group {
    fn of(name: &str) -> Option<Self> {
        let group = groups().get(name)?;
        let count = |field: &str| group.get(field).and_then(Value::as_u64);
        Some(Self {
            low: count("low")?,
            expected: count("expected")?,
            high: count("high")?,
            coverage: group.get("coverage")?.as_f64()?,
            answers: count("answers")?,
            repositories: count("repositories")?,
        })
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
        Self { low, expected, high, coverage: None, method: "stated".to_owned() }
    }

    /// What is typical for `task` on `model`, cut at `max_tokens` and at the model's largest answer.
    ///
    /// The intervals are those of 13,746 answers in recorded API traffic of up to 17 open-source
    /// projects (`scripts/answer-length.mjs`, 2026-11): mostly short exchanges. They hold about 90 %
    /// of the answers of a project that was left out; `coverage` is that measure. An application that
    /// asks for longer texts should state its own interval, or learn it from its receipts.
    pub fn typical(model: &Model, task: Task, max_tokens: Option<u64>) -> Self {
        let reasons = model.capabilities.reasoning.as_deref().map(|kind| kind != "none");
        let kinds: &[&str] = match reasons {
            Some(true) => &["reasoning"],
            Some(false) => &["plain"],
            None => &["plain", "reasoning"],
        };
        let found: Vec<Group> =
            kinds.iter().filter_map(|kind| Group::of(&format!("{}.{kind}", task.name()))).collect();
        let smallest = |of: fn(&Group) -> u64| found.iter().map(of).min();
        let largest = |of: fn(&Group) -> u64| found.iter().map(of).max();
        let limit = [max_tokens, model.max_output].into_iter().flatten().min().unwrap_or(u64::MAX);
        let answers: u64 = found.iter().map(|group| group.answers).sum();
        let repositories = largest(|group| group.repositories).unwrap_or(0);
        let sum: u64 = found.iter().map(|group| group.expected).sum();
        let mean = sum / u64::try_from(found.len().max(1)).unwrap_or(1);
        Self {
            low: smallest(|group| group.low).unwrap_or(0).min(limit),
            expected: mean.min(limit),
            high: largest(|group| group.high).unwrap_or(limit).min(limit),
            coverage: found.iter().map(|group| group.coverage).reduce(f64::min),
            method: format!("typical of {answers} recorded answers ({repositories} projects)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

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
        assert!(groups().keys().all(|name| Group::of(name).is_some()));
    }

    #[test]
    fn puts_a_stated_interval_in_order() {
        for (a, b, c) in [(1, 5, 9), (1, 9, 5), (5, 1, 9), (5, 9, 1), (9, 1, 5), (9, 5, 1)] {
            let length = AnswerLength::stated(a, b, c);
            assert_eq!((length.low, length.expected, length.high), (1, 5, 9));
        }
    }
}
