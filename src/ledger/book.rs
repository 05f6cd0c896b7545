//! The ledger: the records that are in memory, and the cells they are counted in. What outlives the
//! page is kept beside it (`wasm`); without that, this is all there is.

use super::cell::Cells;
use super::kpis::{Query, kpis};
use super::record::{Opinion, Record, millionths, wrong};
use super::table;
use crate::cost::PastAnswer;
use crate::error::{Error, Result};
use crate::json::json;
use serde_json::{Map, Value};

/// How many records are kept where nothing else was said.
pub const USUAL_MOST: usize = 10_000;

/// The records in memory, and what all of them add up to, also those that had to go.
#[derive(Clone, Debug)]
pub struct Ledger {
    records: Vec<Record>,
    cells: Cells,
    most: usize,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new(USUAL_MOST)
    }
}

/// What is wanted of the records.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// When, which model and which task.
    pub of: Query,
    /// Of this experiment.
    pub experiment: Option<String>,
    /// At most so many, the latest.
    pub limit: Option<usize>,
}

impl Wanted {
    /// Whether a record is wanted. Moments count to the millisecond here.
    pub fn admits(&self, record: &Record) -> bool {
        let of = &self.of;
        of.since.is_none_or(|ms| record.sent_at >= ms)
            && of.until.is_none_or(|ms| record.sent_at <= ms)
            && of.model.as_ref().is_none_or(|model| *model == record.model)
            && of.task.as_deref().is_none_or(|task| record.task() == Some(task))
            && (self.experiment.is_none() || self.experiment == record.experiment)
    }
}

impl Ledger {
    /// An empty one, for so many records. When it is full the oldest half a hundredth goes; they
    /// stay counted.
    pub fn new(most: usize) -> Self {
        Self { records: Vec::new(), cells: Cells::default(), most: most.max(1) }
    }

    /// The records in memory, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What is counted here.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Keeps a record in memory, and counts it unless it is counted elsewhere.
    pub fn add(&mut self, record: Record, counted: bool) {
        if counted {
            self.cells.count(&record, false);
        }
        self.records.push(record);
        if self.records.len() > self.most {
            self.records.drain(..1 + self.most / 200);
        }
    }

    /// Counts a record that is kept here, because nobody else does.
    pub fn count(&mut self, record: &Record) {
        self.cells.count(record, false);
    }

    /// The record of this name.
    pub fn find(&self, id: &str) -> Option<&Record> {
        self.records.iter().rev().find(|record| record.id == id)
    }

    /// Takes over what is not here yet, and counts it. Gives how many that were.
    pub fn take_in(&mut self, records: Vec<Record>) -> usize {
        let mut names = Map::new();
        for record in &self.records {
            names.insert(record.id.clone(), Value::Null);
        }
        let mut added = 0;
        for record in records {
            if !names.contains_key(&record.id) {
                self.add(record, true);
                added += 1;
            }
        }
        added
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.most);
    }

    /// Changes a record in memory by what was said of it; `counted`: it is counted here. Gives whether
    /// it is here.
    pub fn change(&mut self, id: &str, said: &Said, counted: bool) -> bool {
        let Some(record) = self.records.iter_mut().rev().find(|record| record.id == id) else {
            return false;
        };
        let old = record.clone();
        said.apply(record);
        if counted {
            self.cells.count(&old, true);
            self.cells.count(record, false);
        }
        true
    }

    /// What inputs of `model` were counted at before any history, and what they were billed, oldest
    /// first.
    pub fn past_inputs(&self, model: &str) -> Vec<PastAnswer> {
        let mut past = Vec::new();
        for record in &self.records {
            let reported = record.usage_source.as_deref() == Some("gateway");
            if record.model != model || !reported {
                continue;
            }
            if let (Some(estimated), Some(billed)) =
                (record.input_estimate.expected, record.input_tokens)
            {
                past.push(PastAnswer { estimated, billed });
            }
        }
        past
    }

    /// What whole answers of `model` were estimated at before any history, and what they were billed,
    /// oldest first.
    pub fn past_answers(&self, model: &str) -> Vec<PastAnswer> {
        let mut past = Vec::new();
        for record in &self.records {
            let reported = !matches!(record.usage_source.as_deref(), Some("estimated" | "cache"));
            if record.model != model || record.ending != "completed" || !reported {
                continue;
            }
            let estimated = record.output_typical.or(record.output_estimate.expected);
            if let (Some(estimated), Some(billed)) = (estimated, record.output_tokens) {
                past.push(PastAnswer { estimated, billed });
            }
        }
        past
    }

    /// The key figures; `stored`: what is counted elsewhere.
    pub fn kpis(&self, stored: &Cells, query: &Query) -> Value {
        kpis(&[stored, &self.cells], query)
    }

    /// The records in memory that are wanted.
    pub fn wanted<'a>(&'a self, wanted: &'a Wanted) -> Vec<&'a Record> {
        let mut list = Vec::new();
        for record in self.records.iter().rev() {
            if wanted.admits(record) && wanted.limit.is_none_or(|limit| list.len() < limit) {
                list.push(record);
            }
        }
        list.reverse();
        list
    }

    /// The records in memory, for [`read_export`].
    pub fn export(&self) -> Value {
        let mut records = Vec::new();
        for record in &self.records {
            records.push(record.to_json());
        }
        export(records)
    }
}

/// An export of records as JSON: `{ schema: 1, receipts, feedback }`. Feedback stands in the receipts
/// too; apart it is for those who read exports as they were before.
pub fn export(records: Vec<Value>) -> Value {
    let mut feedback = Vec::new();
    for record in &records {
        if let (Some(id), Some(said)) = (record.get("id"), record.get("feedback")) {
            feedback.push(json!({"receiptId": id, "feedback": said}));
        }
    }
    json!({"schema": 1, "receipts": records, "feedback": feedback})
}

/// Reads an export: JSON (as value or text) or a table. All of it or nothing; where the same receipt
/// stands in it twice, the first holds.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`], naming the receipt and the field.
pub fn read_export(data: &Value) -> Result<Vec<Record>> {
    let parsed;
    let data = match data.as_str() {
        None => data,
        Some(text) if text.trim_start().starts_with('{') => {
            parsed = serde_json::from_str::<Value>(text)
                .map_err(|error| Error::invalid_input(format!("data: this is no JSON: {error}")))?;
            &parsed
        }
        Some(text) => return table::read(text).map(|records| without_doubles(records).0),
    };
    if data.get("schema").and_then(Value::as_u64) != Some(1) {
        let found = data.get("schema").unwrap_or(data);
        return Err(wrong("schema", found, "an export of schema 1, or a table"));
    }
    let list = |name: &str| {
        let found = data.get(name).unwrap_or(&Value::Null);
        found.as_array().ok_or_else(|| wrong(name, found, "a list"))
    };
    let mut records = Vec::new();
    for (place, receipt) in list("receipts")?.iter().enumerate() {
        records.push(Record::from_json(receipt).map_err(|error| {
            Error::invalid_input(format!("receipts[{place}].{}", error.message()))
        })?);
    }
    let (mut records, places) = without_doubles(records);
    for (place, entry) in list("feedback")?.iter().enumerate() {
        let id = entry.get("receiptId").and_then(Value::as_str).unwrap_or_default();
        let said = Opinion::from_json(entry.get("feedback").unwrap_or(&Value::Null));
        let said = said.map_err(|error| {
            Error::invalid_input(format!("feedback[{place}]: {}", error.message()))
        })?;
        let about = places.get(id).and_then(Value::as_u64);
        let about = about.and_then(|about| records.get_mut(about as usize)).ok_or_else(|| {
            wrong(&format!("feedback[{place}].receiptId"), &json!(id), "one of the receipts")
        })?;
        about.feedback.add(said);
    }
    Ok(records)
}

/// The first of each name, and where it stands.
fn without_doubles(records: Vec<Record>) -> (Vec<Record>, Map<String, Value>) {
    let (mut kept, mut places) = (Vec::new(), Map::new());
    for record in records {
        if !places.contains_key(&record.id) {
            places.insert(record.id.clone(), kept.len().into());
            kept.push(record);
        }
    }
    (kept, places)
}

/// What is said of an answer afterwards.
#[derive(Clone, Debug)]
pub enum Said {
    /// By a person.
    Feedback(Opinion),
    /// By the caller's judge: 0 (wrong) to 1 (right).
    Score(f64),
}

impl Said {
    /// Writes it into the record.
    pub fn apply(&self, record: &mut Record) {
        match self {
            Self::Feedback(said) => record.feedback.add(said.clone()),
            Self::Score(score) => record.score = Some(millionths(*score)),
        }
    }
}
