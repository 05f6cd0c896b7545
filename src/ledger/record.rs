//! What is kept of a receipt: the decision, the estimate, the bill, the ending, the times, and what
//! people and judges said of it. No prompt and no answer, unless that was asked for.
//!
//! A [`Record`] has one list of fields ([`Record::each`]), and three forms that follow from it:
//!
//! - an object ([`Record::to_json`]), which JavaScript gets, with the names and places that the same
//!   things have in a receipt (`cost.usd`, `timing.sentAt`);
//! - a row ([`Record::to_row`]): the values alone, in the order of the list, a third of the size;
//!   this is what is stored;
//! - a line of a table (`super::table`), with the paths as its head.
//!
//! All three begin with the version. Within a version fields are only added, at the end of the list:
//! what an older module wrote is read, and what a newer one added is left alone.

mod slot;

pub use slot::Slot;

use super::receipt::{Receipt, UsageSource};
use crate::cost::Money;
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use serde_json::{Map, Value};

/// The version of all three forms. One that is higher is not read: its fields may mean other things.
pub const VERSION: u64 = 1;

/// The four endings of a receipt.
pub const ENDINGS: [&str; 4] = ["completed", "truncated", "errored", "aborted"];

/// The latest moment that JavaScript's `Date` knows, in milliseconds since 1970.
const LAST_MS: u64 = 8_640_000_000_000_000;

/// Fields of a record, and where a plan has them.
const OF_PLAN: [(&str, &str); 23] = [
    ("task", "/task"),
    ("experiment.id", "/experiment/id"),
    ("experiment.arm", "/experiment/arm"),
    ("experiment.unit", "/experiment/unit"),
    ("estimate.inputTokens.learned.low", "/cost/inputTokens/low"),
    ("estimate.inputTokens.learned.expected", "/cost/inputTokens/expected"),
    ("estimate.inputTokens.learned.high", "/cost/inputTokens/high"),
    ("route.need", "/route/need"),
    ("route.confidence", "/route/confidence"),
    ("route.category", "/route/score/category"),
    ("route.criticality", "/route/criticality"),
    ("route.strongest", "/route/strongest"),
    ("route.cheapest", "/route/cheapest"),
    ("estimate.inputTokens.low", "/tokens/low"),
    ("estimate.inputTokens.expected", "/tokens/tokens"),
    ("estimate.inputTokens.high", "/tokens/high"),
    ("estimate.outputTokens.low", "/cost/outputTokens/low"),
    ("estimate.outputTokens.expected", "/cost/outputTokens/expected"),
    ("estimate.outputTokens.high", "/cost/outputTokens/high"),
    ("estimate.outputTokens.typical", "/cost/typicalOutputTokens"),
    ("estimate.usd.low", "/cost/low"),
    ("estimate.usd.expected", "/cost/expected"),
    ("estimate.usd.high", "/cost/high"),
];

/// A low, an expected and a high, each known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<T> {
    /// The lower end.
    pub low: Option<T>,
    /// What was expected.
    pub expected: Option<T>,
    /// The upper end.
    pub high: Option<T>,
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self { low: None, expected: None, high: None }
    }
}

/// One request, as a ledger keeps it. What is not known, or was not asked for, is `None` or empty.
/// The path of each field in JSON is that of [`Record::each`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The receipt's own name.
    pub id: String,
    /// When it was sent: milliseconds since 1970, UTC.
    pub sent_at: u64,
    /// The model that was asked, in the plan's name.
    pub model: String,
    /// One of [`ENDINGS`].
    pub ending: String,
    /// The model that the gateway says answered, where it says so.
    pub answered_by: Option<String>,
    /// The provider behind the gateway, where it says so.
    pub provider: Option<String>,
    /// Why it ended, in the gateway's word.
    pub finish_reason: Option<String>,
    /// [`crate::ErrorKind::name`], for one that failed.
    pub error_kind: Option<String>,
    /// The HTTP status of the failure.
    pub error_status: Option<u64>,
    /// Whether the answer was kept from an earlier request; `None`: it was not.
    pub cached: Option<bool>,
    /// What the request is for, in the caller's word; see [`Record::task`].
    pub task: Option<String>,
    /// The experiment that it is part of.
    pub experiment: Option<String>,
    /// Its arm there.
    pub arm: Option<String>,

    /// 0..1: the probability that the strongest candidate succeeds where the cheapest fails.
    pub need: Option<f64>,
    /// 0..1: how sure the pick was.
    pub confidence: Option<f64>,
    /// The router's kind of task.
    pub category: Option<String>,
    /// `"ordinary"`, `"important"` or `"critical"`.
    pub criticality: Option<String>,
    /// The strongest candidate.
    pub strongest: Option<String>,
    /// The cheapest candidate.
    pub cheapest: Option<String>,

    /// Tokens of input, before.
    pub input_estimate: Span<u64>,
    /// Tokens of output, before.
    pub output_estimate: Span<u64>,
    /// Tokens of output that were expected before any history moved it.
    pub output_typical: Option<u64>,
    /// The cost on the picked model, before.
    pub estimate: Span<Money>,
    /// The cost of this same request on the strongest candidate, before.
    pub strongest_estimate: Span<Money>,
    /// Every candidate whose price is known, with its expected cost.
    pub candidates: Vec<(String, Money)>,

    /// Tokens of input, after, cache included.
    pub input_tokens: Option<u64>,
    /// Tokens of output, after, reasoning included.
    pub output_tokens: Option<u64>,
    /// Input read from the provider's prompt cache.
    pub cache_read_tokens: Option<u64>,
    /// Input written to it.
    pub cache_write_tokens: Option<u64>,
    /// Input written to it for an hour.
    pub cache_write_1h_tokens: Option<u64>,
    /// Output that was reasoning.
    pub reasoning_tokens: Option<u64>,
    /// Where the usage is from: `"gateway"`, `"cache"`, `"estimated"` or `"none"`.
    pub usage_source: Option<String>,
    /// The bill.
    pub cost: Option<Money>,
    /// Where the bill is from: `"charged"`, `"header"`, `"cache"`, `"usage"`, `"estimated"`, `"none"`.
    pub cost_source: Option<String>,

    /// Before sending, in the client's own queue, in milliseconds.
    pub queued_ms: Option<f64>,
    /// From sending to the first piece.
    pub first_piece_ms: Option<f64>,
    /// From sending to the last piece.
    pub last_piece_ms: Option<f64>,
    /// From sending to the end, retries included.
    pub total_ms: Option<f64>,
    /// How many pieces came.
    pub pieces: Option<u64>,
    /// Everything that was tried.
    pub attempts: Vec<Tried>,

    /// 0..1: what the caller's judge or check said of the answer; 1 is right.
    pub score: Option<f64>,
    /// What people said of it.
    pub feedback: Opinion,
    /// The messages that were sent, as JSON; only where that was asked for.
    pub prompt: Option<String>,
    /// The answer; only where that was asked for.
    pub text: Option<String>,

    /// Tokens of input, before, as the user's own bills moved the count ([`Record::input_estimate`]
    /// stays what was counted).
    pub input_learned: Span<u64>,
    /// The script of the last question ([`super::drift::script`]).
    pub language: Option<String>,
    /// Whether the model declined; `None`: not known, or it did not.
    pub declined: Option<bool>,
    /// What the usage costs by the catalogue, where the gateway stated its own figure.
    pub listed: Option<Money>,
    /// The same for input alone.
    pub listed_input: Option<Money>,
    /// The unit that was assigned to the arm (a person, a session), as a hash that is not the same in
    /// another experiment.
    pub unit: Option<String>,
    /// `need` without what the user's own feedback added to it, where there was any.
    pub own_need: Option<f64>,
}

/// One try of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// The model that was asked.
    pub model: String,
    /// The base address.
    pub endpoint: String,
    /// Not tried at all: it failed lately and cooled down.
    pub skipped: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// [`crate::ErrorKind::name`] of what went wrong.
    pub error: Option<String>,
}

/// What people said of an answer. Each field alone may be given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    /// `"up"` or `"down"`.
    pub thumb: Option<String>,
    /// 1 to 5.
    pub score: Option<u64>,
    /// Whether the answer was right.
    pub correct: Option<bool>,
    /// Whether it did what it was for; without it, the ending tells.
    pub completed: Option<bool>,
    /// Labels.
    pub tags: Vec<String>,
    /// In words.
    pub words: Option<String>,
}

impl Record {
    /// Shows every field to `visit`, with its path in JSON. The order is that of the rows.
    ///
    /// # Errors
    /// The first that `visit` gives.
    pub fn each(
        &mut self,
        visit: &mut dyn FnMut(&'static str, Slot<'_>) -> Result<()>,
    ) -> Result<()> {
        visit("id", Slot::Name(&mut self.id))?;
        visit("timing.sentAt", Slot::Moment(&mut self.sent_at))?;
        visit("model", Slot::Name(&mut self.model))?;
        visit("ending", Slot::Name(&mut self.ending))?;
        visit("answeredBy", Slot::Text(&mut self.answered_by))?;
        visit("provider", Slot::Text(&mut self.provider))?;
        visit("finishReason", Slot::Text(&mut self.finish_reason))?;
        visit("error.kind", Slot::Text(&mut self.error_kind))?;
        visit("error.status", Slot::Count(&mut self.error_status))?;
        visit("cached", Slot::Flag(&mut self.cached))?;
        visit("task", Slot::Text(&mut self.task))?;
        visit("experiment.id", Slot::Text(&mut self.experiment))?;
        visit("experiment.arm", Slot::Text(&mut self.arm))?;
        visit("route.need", Slot::Number(&mut self.need))?;
        visit("route.confidence", Slot::Number(&mut self.confidence))?;
        visit("route.category", Slot::Text(&mut self.category))?;
        visit("route.criticality", Slot::Text(&mut self.criticality))?;
        visit("route.strongest", Slot::Text(&mut self.strongest))?;
        visit("route.cheapest", Slot::Text(&mut self.cheapest))?;
        let [low, expected, high] = ends(&mut self.input_estimate);
        visit("estimate.inputTokens.low", Slot::Count(low))?;
        visit("estimate.inputTokens.expected", Slot::Count(expected))?;
        visit("estimate.inputTokens.high", Slot::Count(high))?;
        let [low, expected, high] = ends(&mut self.output_estimate);
        visit("estimate.outputTokens.low", Slot::Count(low))?;
        visit("estimate.outputTokens.expected", Slot::Count(expected))?;
        visit("estimate.outputTokens.high", Slot::Count(high))?;
        visit("estimate.outputTokens.typical", Slot::Count(&mut self.output_typical))?;
        let [low, expected, high] = ends(&mut self.estimate);
        visit("estimate.usd.low", Slot::Money(low))?;
        visit("estimate.usd.expected", Slot::Money(expected))?;
        visit("estimate.usd.high", Slot::Money(high))?;
        let [low, expected, high] = ends(&mut self.strongest_estimate);
        visit("estimate.strongestUsd.low", Slot::Money(low))?;
        visit("estimate.strongestUsd.expected", Slot::Money(expected))?;
        visit("estimate.strongestUsd.high", Slot::Money(high))?;
        visit("estimate.candidates", Slot::Costs(&mut self.candidates))?;
        visit("usage.inputTokens", Slot::Count(&mut self.input_tokens))?;
        visit("usage.outputTokens", Slot::Count(&mut self.output_tokens))?;
        visit("usage.cacheReadTokens", Slot::Count(&mut self.cache_read_tokens))?;
        visit("usage.cacheWriteTokens", Slot::Count(&mut self.cache_write_tokens))?;
        visit("usage.cacheWrite1hTokens", Slot::Count(&mut self.cache_write_1h_tokens))?;
        visit("usage.reasoningTokens", Slot::Count(&mut self.reasoning_tokens))?;
        visit("usageSource", Slot::Text(&mut self.usage_source))?;
        visit("cost.usd", Slot::Money(&mut self.cost))?;
        visit("costSource", Slot::Text(&mut self.cost_source))?;
        visit("timing.queuedMs", Slot::Number(&mut self.queued_ms))?;
        visit("timing.firstPieceMs", Slot::Number(&mut self.first_piece_ms))?;
        visit("timing.lastPieceMs", Slot::Number(&mut self.last_piece_ms))?;
        visit("timing.totalMs", Slot::Number(&mut self.total_ms))?;
        visit("timing.pieces", Slot::Count(&mut self.pieces))?;
        visit("attempts", Slot::Attempts(&mut self.attempts))?;
        visit("score", Slot::Number(&mut self.score))?;
        visit("feedback.thumb", Slot::Text(&mut self.feedback.thumb))?;
        visit("feedback.score", Slot::Count(&mut self.feedback.score))?;
        visit("feedback.correct", Slot::Flag(&mut self.feedback.correct))?;
        visit("feedback.completed", Slot::Flag(&mut self.feedback.completed))?;
        visit("feedback.tags", Slot::Words(&mut self.feedback.tags))?;
        visit("feedback.words", Slot::Text(&mut self.feedback.words))?;
        visit("prompt", Slot::Text(&mut self.prompt))?;
        visit("text", Slot::Text(&mut self.text))?;
        let [low, expected, high] = ends(&mut self.input_learned);
        visit("estimate.inputTokens.learned.low", Slot::Count(low))?;
        visit("estimate.inputTokens.learned.expected", Slot::Count(expected))?;
        visit("estimate.inputTokens.learned.high", Slot::Count(high))?;
        visit("language", Slot::Text(&mut self.language))?;
        visit("declined", Slot::Flag(&mut self.declined))?;
        visit("cost.listedUsd", Slot::Money(&mut self.listed))?;
        visit("cost.listedInputUsd", Slot::Money(&mut self.listed_input))?;
        visit("experiment.unit", Slot::Text(&mut self.unit))?;
        visit("route.ownNeed", Slot::Number(&mut self.own_need))
    }

    /// As an object: `{ v, id, model, ending, timing: { sentAt, .. }, .. }`, without the fields that
    /// are not known.
    pub fn to_json(&self) -> Value {
        let mut fields = Map::new();
        fields.put("v", VERSION.into());
        // Writing never fails.
        let _ = self.clone().each(&mut |path, slot| {
            let value = slot.write();
            if !value.is_null() {
                place(&mut fields, path, value);
            }
            Ok(())
        });
        Value::Object(fields)
    }

    /// Reads an object of [`Record::to_json`], or a receipt as one was exported before there were
    /// versions. Fields of other names are left alone.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_json(value: &Value) -> Result<Self> {
        check_version(value.get("v").unwrap_or(&json!(VERSION)))?;
        let mut record = Self::default();
        record.each(&mut |path, slot| {
            let found = path.split('.').try_fold(value, |value, name| value.get(name));
            slot.read(path, found.unwrap_or(&Value::Null))
        })?;
        record.read_comparison(value);
        record.checked()
    }

    /// The estimate, from where a receipt has it.
    fn read_comparison(&mut self, value: &Value) {
        let count = |path: &str| value.pointer(path).and_then(Value::as_u64);
        let span = |of: &str, expected: &str| Span {
            low: count(&format!("/comparison/{of}/low")),
            expected: count(&format!("/comparison/{of}/{expected}")),
            high: count(&format!("/comparison/{of}/high")),
        };
        if self.input_estimate == Span::default() {
            self.input_estimate = span("inputTokens", "estimated");
        }
        if self.output_estimate == Span::default() && self.output_typical.is_none() {
            self.output_estimate = span("outputTokens", "estimated");
            self.output_typical = count("/comparison/outputTokens/typical");
            // What was compared was a bill.
            if self.output_tokens.is_none() {
                self.output_tokens = count("/comparison/outputTokens/billed");
            }
        }
    }

    /// As a row: the version, then the values in the order of [`Record::each`], without the unknown
    /// ones at the end.
    pub fn to_row(&self) -> Value {
        let mut row = vec![Value::from(VERSION)];
        // Writing never fails.
        let _ = self.clone().each(&mut |_, slot| {
            row.push(slot.write());
            Ok(())
        });
        while row.last().is_some_and(Value::is_null) {
            row.pop();
        }
        Value::Array(row)
    }

    /// Reads a row.
    ///
    /// # Errors
    /// As [`Record::from_json`].
    pub fn from_row(row: &Value) -> Result<Self> {
        let values = row.as_array().ok_or_else(|| wrong("record", row, "a row of values"))?;
        let mut values = values.iter();
        check_version(values.next().unwrap_or(&Value::Null))?;
        let mut record = Self::default();
        record.each(&mut |path, slot| slot.read(path, values.next().unwrap_or(&Value::Null)))?;
        record.checked()
    }

    /// What holds of every record, beyond the kinds of its fields.
    pub(super) fn checked(self) -> Result<Self> {
        let share = |path: &str, value: Option<f64>| match value {
            Some(value) if value > 1.0 => Err(wrong(path, &json!(value), "a number from 0 to 1")),
            _ => Ok(()),
        };
        for (path, name) in [("id", &self.id), ("model", &self.model)] {
            if name.is_empty() || name.len() > 500 {
                return Err(wrong(path, &json!(name), "a text of 1 to 500 bytes"));
            }
        }
        if !ENDINGS.contains(&self.ending.as_str()) {
            let wanted = "completed, truncated, errored or aborted";
            return Err(wrong("ending", &json!(self.ending), wanted));
        }
        if self.sent_at > LAST_MS {
            return Err(wrong("timing.sentAt", &json!(self.sent_at), "milliseconds since 1970"));
        }
        share("route.need", self.need)?;
        share("route.confidence", self.confidence)?;
        share("route.ownNeed", self.own_need)?;
        share("score", self.score)?;
        self.feedback.check()?;
        Ok(self)
    }

    /// What is known of a request before it is sent, from its plan (as JSON): the decision and the
    /// estimate. The rest is filled in by [`Record::close`].
    pub fn of_plan(plan: &Value) -> Self {
        let mut record = Self::default();
        // What is not as it should be is not known: a page had the plan in its hands.
        let _ = record.each(&mut |path, slot| {
            let found = OF_PLAN.iter().find(|(own, _)| *own == path);
            if let Some(value) = found.and_then(|(_, place)| plan.pointer(place)) {
                let _ = slot.read(path, value);
            }
            Ok(())
        });
        record.need = record.need.map(millionths);
        record.confidence = record.confidence.map(millionths);
        record.own_need = crate::router::calibration::untouched(plan).map(millionths);
        record.language = language(plan);
        for candidate in plan.get("candidates").and_then(Value::as_array).into_iter().flatten() {
            let Some(model) = candidate.get("model").and_then(Value::as_str) else { continue };
            let cost = usd(candidate.get("cost"));
            if let Some(expected) = cost.expected {
                record.candidates.push((model.to_owned(), expected));
            }
            if record.strongest.as_deref() == Some(model) {
                record.strongest_estimate = cost;
            }
        }
        // Where no bills have moved it, the cost is by the count itself.
        if record.input_learned == record.input_estimate {
            record.input_learned = Span::default();
        }
        record
    }

    /// Fills in what came of it.
    pub fn close(&mut self, receipt: &Receipt) {
        let usage = receipt.usage.as_ref().filter(|_| receipt.usage_source != UsageSource::None);
        let timing = &receipt.timing;
        self.id.clone_from(&receipt.id);
        self.sent_at = timing.sent_at.max(0.0) as u64;
        self.model.clone_from(&receipt.model);
        self.ending = receipt.ending.to_owned();
        self.answered_by = receipt.answered_by.clone().filter(|name| *name != receipt.model);
        self.provider.clone_from(&receipt.provider);
        self.finish_reason.clone_from(&receipt.finish_reason);
        self.error_kind = receipt.error.as_ref().map(|error| error.kind.to_owned());
        self.error_status = receipt.error.as_ref().and_then(|error| error.status).map(u64::from);
        self.cached = receipt.cached.then_some(true);
        self.input_tokens = usage.map(|usage| usage.input_tokens);
        self.output_tokens = usage.map(|usage| usage.output_tokens);
        self.cache_read_tokens = usage.and_then(|usage| usage.cache_read_tokens);
        self.cache_write_tokens = usage.and_then(|usage| usage.cache_write_tokens);
        self.cache_write_1h_tokens = usage.and_then(|usage| usage.cache_write_1h_tokens);
        self.reasoning_tokens = usage.and_then(|usage| usage.reasoning_tokens);
        self.usage_source = Some(receipt.usage_source.name().to_owned());
        self.cost = receipt.cost.as_ref().and_then(|bill| Money::parse(&bill.usd).ok());
        self.cost_source = Some(receipt.cost_source.name().to_owned());
        let money = |usd: &str| Money::parse(usd).ok();
        self.listed = receipt.listed.as_ref().and_then(|bill| money(&bill.usd));
        self.listed_input = receipt.listed.as_ref().and_then(|bill| money(bill.input.as_ref()?));
        self.declined = receipt.refusal.as_ref().map(|_| true);
        self.queued_ms = Some(tenths(timing.queued_ms)).filter(|ms| *ms > 0.0);
        self.first_piece_ms = timing.first_piece_ms.map(tenths);
        self.last_piece_ms = timing.last_piece_ms.map(tenths);
        self.total_ms = Some(tenths(timing.total_ms));
        self.pieces = Some(timing.pieces);
        self.attempts.clear();
        for attempt in &receipt.attempts {
            self.attempts.push(Tried {
                model: attempt.model.clone(),
                endpoint: attempt.endpoint.clone(),
                skipped: attempt.skipped,
                duration_ms: tenths(attempt.duration_ms),
                error: attempt.error.as_ref().map(|error| error.kind.to_owned()),
            });
        }
    }

    /// What the request is for: the caller's word, else the router's kind of task.
    pub fn task(&self) -> Option<&str> {
        self.task.as_deref().or(self.category.as_deref())
    }

    /// The mean time between two pieces, in milliseconds; `None` for fewer than two.
    pub fn per_piece_ms(&self) -> Option<f64> {
        let gaps = self.pieces?.checked_sub(1).filter(|gaps| *gaps > 0)?;
        Some((self.last_piece_ms? - self.first_piece_ms?).max(0.0) / gaps as f64)
    }

    /// How right the answer was, 0..1: a person's word stands over the judge's.
    pub fn accuracy(&self) -> Option<f64> {
        match self.feedback.correct {
            Some(correct) => Some(f64::from(u8::from(correct))),
            None => self.score,
        }
    }

    /// Whether the model declined to answer, by its own word or by the gateway's; `None` where no
    /// answer came to an end.
    pub fn refused(&self) -> Option<bool> {
        let named = self.finish_reason.as_deref().is_some_and(|reason| {
            ["content_filter", "refusal", "safety", "guardrail_intervened"].contains(&reason)
        });
        match self.ending.as_str() {
            _ if named || self.declined == Some(true) => Some(true),
            "completed" | "truncated" => Some(false),
            _ => None,
        }
    }

    /// Whether the request did what it was for: a person's word, else whether it ended whole.
    pub fn completed(&self) -> bool {
        self.feedback.completed.unwrap_or(self.ending == "completed")
    }

    /// What is saved on this request against the strongest candidate: its estimate there, less the
    /// bill. Nothing where the strongest answered; `None` where a figure is not known.
    ///
    /// Gives the estimate and the bill.
    pub fn against_strongest(&self) -> Option<(Span<Money>, Money)> {
        let bill = self.cost?;
        if self.strongest.as_deref()? == self.model && self.cached != Some(true) {
            return Some((Span { low: Some(bill), expected: Some(bill), high: Some(bill) }, bill));
        }
        self.strongest_estimate.expected.map(|_| (self.strongest_estimate, bill))
    }
}

impl Opinion {
    /// Reads feedback as a page gives it: `{ thumb?, score?, correct?, completed?, tags?, words? }`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_json(value: &Value) -> Result<Self> {
        let fields = value.as_object().ok_or_else(|| wrong("feedback", value, "an object"))?;
        for name in fields.keys() {
            if !["thumb", "score", "correct", "completed", "tags", "words"].contains(&name.as_str())
            {
                let wanted = "one of thumb, score, correct, completed, tags, words";
                return Err(wrong(&format!("feedback.{name}"), &json!(name), wanted));
            }
        }
        let mut record = Record::default();
        record.each(&mut |path, slot| match path.strip_prefix("feedback.") {
            Some(name) => slot.read(path, value.get(name).unwrap_or(&Value::Null)),
            None => Ok(()),
        })?;
        record.feedback.check()?;
        Ok(record.feedback)
    }

    fn check(&self) -> Result<()> {
        if self.thumb.as_deref().is_some_and(|thumb| thumb != "up" && thumb != "down") {
            return Err(wrong("feedback.thumb", &json!(self.thumb), "up or down"));
        }
        if self.score.is_some_and(|score| !(1..=5).contains(&score)) {
            return Err(wrong("feedback.score", &json!(self.score), "a whole number from 1 to 5"));
        }
        Ok(())
    }

    /// Takes over what `later` says.
    pub fn add(&mut self, later: Self) {
        self.thumb = later.thumb.or(self.thumb.take());
        self.score = later.score.or(self.score);
        self.correct = later.correct.or(self.correct);
        self.completed = later.completed.or(self.completed);
        self.words = later.words.or(self.words.take());
        for tag in later.tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The script of the last question of a plan's request.
fn language(plan: &Value) -> Option<String> {
    let messages = plan.pointer("/request/messages")?.as_array()?;
    let asks = |message: &&Value| message.get("role").and_then(Value::as_str) == Some("user");
    let content = messages.iter().rev().find(asks)?.get("content")?;
    let script = match content {
        Value::String(text) => super::drift::script(text),
        Value::Array(parts) => {
            let text = parts.iter().find_map(|part| part.get("text")?.as_str())?;
            super::drift::script(text)
        }
        _ => None,
    };
    script.map(str::to_owned)
}

fn ends<T>(span: &mut Span<T>) -> [&mut Option<T>; 3] {
    [&mut span.low, &mut span.expected, &mut span.high]
}

fn usd(cost: Option<&Value>) -> Span<Money> {
    let end = |name: &str| Money::parse(cost?.get(name)?.as_str()?).ok();
    Span { low: end("low"), expected: end("expected"), high: end("high") }
}

/// A share to a millionth: more is noise, and room.
pub(super) fn millionths(share: f64) -> f64 {
    (share.clamp(0.0, 1.0) * 1e6).round() / 1e6
}

/// To a tenth of a millisecond, which is what browsers' clocks tell.
fn tenths(ms: f64) -> f64 {
    (ms.max(0.0) * 10.0).round() / 10.0
}

/// Puts a value where a path says, and makes the objects on the way.
fn place(fields: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            fields.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

fn check_version(found: &Value) -> Result<()> {
    match found.as_u64() {
        Some(VERSION) => Ok(()),
        Some(newer) if newer > VERSION => Err(wrong(
            "v",
            found,
            "1; a newer version of promptfare wrote this, and its fields may mean other things",
        )),
        _ => Err(wrong("v", found, "1")),
    }
}

pub(super) fn wrong(path: &str, found: &Value, wanted: &str) -> Error {
    let shown: String = found.to_string().chars().take(80).collect();
    Error::invalid_input(format!("{path}: found {shown}, wanted {wanted}"))
}
