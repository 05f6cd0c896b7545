//! Whether requests or models have changed: told from the records, in order, as soon as it is sure.
//!
//! Eight tests watch each model, each with at least [`QUIET`] quiet requests to a false alarm on
//! average, whatever the values are: together at most one in 10,000. Their promise is for requests
//! that do not depend on each other; how it is where they follow each other, or days and nights differ,
//! is measured (`docs/statistics.md`). Two more things
//! are no tests: a model of another name, and a bill at another price, are told at the first record.

mod price;
mod ranks;
mod script;

pub use ranks::{Kinds, Misses, Numbers, QUIET};
pub use script::script;

use super::record::Record;
use crate::json::json;
use serde_json::Value;

/// What one test was shown of a record.
enum Seen {
    /// A logarithm.
    Number(f64),
    /// A kind's name.
    Kind(String),
    /// Whether a promise was broken, and how often that may be.
    Miss(bool, f64),
}

enum Test {
    Numbers(Box<Numbers>),
    Kinds(Kinds),
    Misses(Misses),
}

/// One test of one model.
struct Monitor {
    what: What,
    test: Test,
    /// What it was shown since it last began, each with the place of its record.
    seen: Vec<(usize, Seen)>,
    shown: usize,
    done: bool,
}

/// What is watched. The place in the list is the seed of the test's ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Ratio,
    Estimate,
    InputLength,
    InputKind,
    InputLanguage,
    AnswerLength,
    Latency,
    Refusals,
}

const ALL: [What; 8] = [
    What::Ratio,
    What::Estimate,
    What::InputLength,
    What::InputKind,
    What::InputLanguage,
    What::AnswerLength,
    What::Latency,
    What::Refusals,
];

/// Bills that differ from a count that is told as exact: at most one in a hundred was unexplained when
/// the rules were taken as exact, and some models had two (`docs/tokens.md`).
const EXACT_OFF: f64 = 0.02;
/// Bills outside an estimate's interval: it is to hold nine of ten.
const ESTIMATE_OFF: f64 = 0.1;

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Ratio => "billed_over_counted",
            Self::Estimate => "input_estimate",
            Self::InputLength => "input_length",
            Self::InputKind => "input_kind",
            Self::InputLanguage => "input_language",
            Self::AnswerLength => "answer_length",
            Self::Latency => "latency",
            Self::Refusals => "refusals",
        }
    }

    /// What it is called in a sentence, and what to do where it has changed.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Ratio => (
                "billed input over counted input",
                "The model's tokenizer, or what the gateway adds to a prompt, has changed: compare prices per prompt again.",
            ),
            Self::Estimate => (
                "bills outside what was counted before sending",
                "Load the model's vocabulary, or check which model and provider answer.",
            ),
            Self::InputLength => (
                "the length of the requests",
                "Look at what is sent now: limits and budgets may have to follow.",
            ),
            Self::InputKind => (
                "the kind of the requests",
                "Look at what is asked now: another policy or preset may fit better.",
            ),
            Self::InputLanguage => (
                "the script of the requests",
                "Look at how well and how dearly the model does in it: tokens differ by language.",
            ),
            Self::AnswerLength => (
                "the length of the answers against what was expected",
                "Budgets follow by themselves; ask for the form that is wanted, or compare answers.",
            ),
            Self::Latency => {
                ("the time to the first piece", "Look at the gateway's state, or add an endpoint.")
            }
            Self::Refusals => (
                "refusals",
                "Look at what is refused: the model's policy or the requests have changed.",
            ),
        }
    }

    fn test(self) -> Test {
        let seed = self as u64 + 1;
        match self {
            Self::InputKind | Self::InputLanguage | Self::Refusals => Test::Kinds(Kinds::new(seed)),
            Self::Estimate => Test::Misses(Misses::new()),
            _ => Test::Numbers(Box::new(Numbers::new(seed))),
        }
    }

    /// What there is to see in a record; `None` where it does not tell.
    fn read(self, record: &Record) -> Option<Seen> {
        let billed = || {
            let billed = record.usage_source.as_deref() == Some("gateway");
            record.input_tokens.filter(|tokens| billed && *tokens > 0)
        };
        let log = |tokens: u64| (tokens as f64).max(0.5).ln();
        let counted = record.input_estimate;
        match self {
            Self::Ratio => {
                let expected = counted.expected.filter(|tokens| *tokens > 0)?;
                Some(Seen::Number(log(billed()?) - log(expected)))
            }
            Self::Estimate => {
                let (low, high) = (counted.low?, counted.high?);
                let promised = if low == high { EXACT_OFF } else { ESTIMATE_OFF };
                Some(Seen::Miss(!(low..=high).contains(&billed()?), promised))
            }
            Self::InputLength => Some(Seen::Number(log(counted.expected.or_else(billed)?))),
            Self::InputKind => record.task().map(|task| Seen::Kind(task.to_owned())),
            Self::InputLanguage => record.language.clone().map(Seen::Kind),
            Self::AnswerLength => {
                let whole = record.ending == "completed"
                    && record.usage_source.as_deref() == Some("gateway");
                let expected = record.output_typical.or(record.output_estimate.expected)?;
                let tokens = record.output_tokens.filter(|_| whole && expected > 0)?;
                Some(Seen::Number(log(tokens) - log(expected)))
            }
            // To a hundredth of a second at least: clocks of browsers are coarse.
            Self::Latency => record.first_piece_ms.map(|ms| Seen::Number((ms + 10.0).ln())),
            Self::Refusals => {
                let refused = record.refused()?;
                Some(Seen::Kind(if refused { "refused" } else { "answered" }.to_owned()))
            }
        }
    }
}

impl Monitor {
    fn new(what: What) -> Self {
        Self { what, test: what.test(), seen: Vec::new(), shown: 0, done: false }
    }

    fn show(&mut self, seen: &Seen) {
        match (&mut self.test, seen) {
            (Test::Numbers(test), Seen::Number(value)) => test.add(*value),
            (Test::Kinds(test), Seen::Kind(kind)) => test.add(kind),
            (Test::Misses(test), Seen::Miss(missed, promised)) => test.add(*missed, *promised),
            _ => {}
        }
    }

    fn evidence(&self) -> f64 {
        match &self.test {
            Test::Numbers(test) => test.evidence(),
            Test::Kinds(test) => test.evidence(),
            Test::Misses(test) => test.evidence(),
        }
    }

    /// Shows the record at `at` of `records` to the test; gives an alarm, and begins again from where
    /// the change was.
    fn add(&mut self, records: &[&Record], at: usize) -> Option<Value> {
        let record = records.get(at)?;
        let seen = self.what.read(record).filter(|_| !self.done)?;
        self.show(&seen);
        self.seen.push((at, seen));
        self.shown += 1;
        let evidence = self.evidence();
        if evidence < QUIET {
            return None;
        }
        let (kind, since) = match &self.test {
            Test::Numbers(test) => (String::new(), test.since()),
            Test::Kinds(test) => (test.since().0.to_owned(), test.since().1),
            Test::Misses(test) => (String::new(), test.since()),
        };
        let since = since.min(self.seen.len().saturating_sub(1));
        let after = self.seen.split_off(since);
        let first = after.first().and_then(|(place, _)| records.get(*place))?;
        let sizes = sizes(&self.seen, &after, &kind);
        let (subject, advice) = self.what.words();
        let said = said(self.what, subject, &kind, &sizes, after.len());
        let alarm = json!({
            "what": self.what.name(),
            "model": record.model,
            "raisedBy": record.id,
            "since": first.id,
            "sinceAt": first.sent_at,
            "records": after.len(),
            "before": sizes.before,
            "after": sizes.after,
            "kind": if kind.is_empty() { Value::Null } else { kind.into() },
            "evidence": (evidence.min(1e15)).floor(),
            "words": said,
            "advice": advice,
        });
        // A promise that is not kept is told once; what has changed is the new quiet.
        self.done = matches!(self.test, Test::Misses(_));
        self.test = match &self.test {
            Test::Numbers(test) => Test::Numbers(Box::new(test.again())),
            Test::Kinds(test) => Test::Kinds(test.again()),
            Test::Misses(_) => Test::Misses(Misses::new()),
        };
        for (_, seen) in &after {
            self.show(seen);
        }
        self.seen = after;
        Some(alarm)
    }
}

/// How large it is: medians (of what was a logarithm), or shares.
struct Sizes {
    before: Option<f64>,
    after: Option<f64>,
}

fn sizes(before: &[(usize, Seen)], after: &[(usize, Seen)], kind: &str) -> Sizes {
    let size = |list: &[(usize, Seen)]| {
        let mut values = Vec::new();
        for (_, seen) in list {
            values.push(match seen {
                Seen::Number(value) => *value,
                Seen::Kind(name) => f64::from(u8::from(name == kind)),
                Seen::Miss(missed, _) => f64::from(u8::from(*missed)),
            });
        }
        if values.is_empty() {
            return None;
        }
        if let Some((_, Seen::Number(_))) = list.first() {
            crate::sort::sort(&mut values, |a, b| a < b);
            return values.get(values.len() / 2).map(|middle| rounded(middle.exp()));
        }
        Some(rounded(values.iter().sum::<f64>() / values.len() as f64))
    };
    Sizes { before: size(before), after: size(after) }
}

/// To four digits and no more: what is shown need not pretend.
fn rounded(value: f64) -> f64 {
    let unit = 10f64.powf(value.abs().max(1e-12).log10().floor() - 3.0);
    let short = (value / unit).round() * unit;
    // Without the noise of the last digit.
    (short * 1e9).round() / 1e9
}

fn percent(share: f64) -> i64 {
    (100.0 * share).round() as i64
}

fn said(what: What, subject: &str, kind: &str, sizes: &Sizes, records: usize) -> String {
    let after = sizes.after.unwrap_or_default();
    match (what, sizes.before) {
        (What::Estimate, _) => {
            format!("{subject}: {} % of the last {records}", percent(after))
        }
        (What::Refusals, before) => {
            let before =
                before.map_or(String::new(), |before| format!("{} % to ", percent(before)));
            format!("{subject}: {before}{} % of the last {records}", percent(after))
        }
        (What::InputKind | What::InputLanguage, before) => {
            let before = percent(before.unwrap_or_default());
            format!(
                "{subject}: {kind} from {before} % to {} % of the last {records}",
                percent(after)
            )
        }
        (_, Some(before)) if before > 0.0 => {
            let change = percent(after / before - 1.0);
            if change == 0 {
                return format!("{subject}: spread otherwise since {records} records");
            }
            let sign = if change > 0 { "+" } else { "" };
            format!("{subject}: {sign}{change} % since {records} records")
        }
        _ => format!("{subject}: changed since {records} records"),
    }
}

/// Watches `records`, oldest first: for each model its alarms, oldest first, and how each test stands.
///
/// `{ falseAlarms: { onePer }, models: [{ model, records, alarms, tests }], alarms }`, where `alarms`
/// beside `models` has all of them.
pub fn watch(records: &[Record]) -> Value {
    let mut models: Vec<(&str, Vec<&Record>)> = Vec::new();
    for record in records {
        // Nothing was sent for an answer that was kept.
        if record.cached == Some(true) {
            continue;
        }
        match models.iter_mut().find(|(model, _)| *model == record.model) {
            Some((_, own)) => own.push(record),
            None => models.push((&record.model, vec![record])),
        }
    }
    let (mut all, mut told) = (Vec::new(), Vec::new());
    for (model, own) in models {
        let mut monitors = ALL.map(Monitor::new);
        let mut alarms = Vec::new();
        let mut prices = price::Watch::default();
        let mut names: Vec<&str> = Vec::new();
        for (at, record) in own.iter().enumerate() {
            alarms.extend(another_name(record, &mut names, at));
            alarms.extend(prices.add(record));
            for monitor in &mut monitors {
                alarms.extend(monitor.add(&own, at));
            }
        }
        let mut tests = Vec::new();
        for monitor in &monitors {
            tests.push(json!({
                "what": monitor.what.name(),
                "records": monitor.shown,
                "evidence": monitor.evidence().min(1e15).floor(),
            }));
        }
        all.extend(alarms.iter().cloned());
        told.push(json!({"model": model, "records": own.len(), "alarms": alarms, "tests": tests}));
    }
    json!({
        "falseAlarms": {"onePer": QUIET as u64 / ALL.len() as u64, "tests": ALL.len()},
        "alarmFrom": QUIET as u64,
        "models": told,
        "alarms": all,
    })
}

/// Told once for each name, and again where it comes after another one: no test.
fn another_name<'a>(record: &'a Record, names: &mut Vec<&'a str>, at: usize) -> Option<Value> {
    // Who answered is not known where nothing came.
    if record.output_tokens.is_none() && record.answered_by.is_none() {
        return None;
    }
    let name = record.answered_by.as_deref().unwrap_or(&record.model);
    let before = names.last().copied();
    if before == Some(name) || (before.is_none() && name == record.model) {
        if before.is_none() {
            names.push(name);
        }
        return None;
    }
    if names.contains(&name) {
        return None;
    }
    names.push(name);
    let dated = name.rsplit('/').next().unwrap_or(name);
    let asked = record.model.rsplit('/').next().unwrap_or(&record.model);
    let advice = if dated.starts_with(asked) {
        "It is named as a version of the model that was asked: compare what it answers where it follows another."
    } else {
        "Another model than was asked: check the gateway's fallbacks and the price."
    };
    Some(json!({
        "what": "model_name",
        "model": record.model,
        "raisedBy": record.id,
        "since": record.id,
        "sinceAt": record.sent_at,
        "records": 1,
        "before": before.unwrap_or(&record.model),
        "after": name,
        "kind": null,
        "evidence": null,
        "words": format!("answered by {name}, {} {}", if at == 0 { "asked was" } else { "before it was" }, before.unwrap_or(&record.model)),
        "advice": advice,
    }))
}
