//! The ledger of a client: in memory for the session, and where `ClientOptions.ledger` is on, in
//! IndexedDB ([`shelf`]) for all tabs and days. A ledger that cannot be written takes nothing from an
//! answer: the receipt says so, and it is counted in memory.

mod shelf;

use super::convert::{
    count_field, date_field, field, flag_field, string_field, to_value_again, wrong,
};
use super::storage::{Notes, Readings};
use super::transport::now_ms;
use crate::chat::ChatRequest;
use crate::cost::PastAnswer;
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use crate::ledger::cell::{Cells, day_of};
use crate::ledger::shelf::{Change, Desk, Shelf, State};
use crate::ledger::{
    By, Ledger, Opinion, Query, Receipt, Record, Said, USUAL_MOST, Wanted, export, proposal,
    read_export, table,
};
use crate::router::calibration::{self, Outcome, Shift};
use js_sys::{Array, Function, JSON, Promise};
use serde_json::Value;
use shelf::Stored;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The most receipts that a ledger may be asked to keep.
const MOST: u64 = 1_000_000;

/// The latest receipts that are learnt from.
const LEARNT_FROM: usize = 5_000;

/// The most that are written in one transaction.
const BATCH: usize = 1_000;

const DAY_MS: f64 = 86_400_000.0;

/// A record that waits to be written, and who waits for it.
type Waiting = (Record, Function);

/// The ledger of one client.
pub(super) struct Kept {
    /// What is in memory: this session's.
    session: RefCell<Ledger>,
    /// Names of records of the session that could not be stored: they are counted in memory.
    loose: RefCell<Vec<String>>,
    /// What is stored, as this page last knew it.
    stored: RefCell<Cells>,
    known: Cell<State>,
    shelf: Option<Stored>,
    /// Why nothing is stored although it was asked for.
    trouble: Option<String>,
    /// Whether it was asked for at all.
    asked: bool,
    keep_text: bool,
    judge: Option<Function>,
    /// What is learnt from, by the receipt's name; `None`: nobody consented to that.
    outcomes: Option<RefCell<Vec<(String, Outcome)>>>,
    waiting: RefCell<Vec<Waiting>>,
    writing: Cell<bool>,
    notes: RefCell<Option<Notes>>,
    /// When what other tabs wrote is read.
    readings: Readings,
}

impl Kept {
    /// Reads `options.ledger` and `options.judge`, and opens what is stored.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field. Where storage is refused, it is none.
    pub(super) async fn open(options: &JsValue) -> Result<Rc<Self>> {
        let judge = match field(options, "judge") {
            None => None,
            Some(judge) => {
                Some(judge.dyn_into().map_err(|found| wrong("judge", &found, "a function"))?)
            }
        };
        let given = field(options, "ledger").filter(JsValue::is_truthy);
        let asked = given.is_some();
        let given = given.unwrap_or_default();
        let name = string_field(&given, "name")?.unwrap_or_else(|| "default".to_owned());
        if name.is_empty() || name.len() > 100 || name.contains('/') {
            return Err(wrong("ledger.name", &name.into(), "1 to 100 bytes without /"));
        }
        let most = match count_field(&given, "maxReceipts")? {
            None => USUAL_MOST as u64,
            Some(most @ 1..=MOST) => most,
            Some(other) => {
                let other = JsValue::from(other as f64);
                return Err(wrong("ledger.maxReceipts", &other, "1 to 1000000"));
            }
        };
        let days = count_field(&given, "maxDays")?;
        let keep_text = flag_field(&given, "keepText")?.unwrap_or(false);
        let mut kept = Self {
            session: RefCell::new(Ledger::new(most as usize)),
            loose: RefCell::default(),
            stored: RefCell::default(),
            known: Cell::default(),
            shelf: None,
            trouble: None,
            asked,
            keep_text,
            judge,
            outcomes: flag_field(options, "learn")?.unwrap_or(false).then(RefCell::default),
            waiting: RefCell::default(),
            writing: Cell::default(),
            notes: RefCell::default(),
            readings: Readings::default(),
        };
        if asked {
            match kept.open_shelf(Shelf::new(name, most), days).await {
                Ok(shelf) => kept.shelf = Some(shelf),
                Err(error) => kept.trouble = Some(error.message().to_owned()),
            }
        }
        let kept = Rc::new(kept);
        kept.relearn().await;
        if let Some(shelf) = &kept.shelf {
            let weak = Rc::downgrade(&kept);
            kept.notes.replace(Notes::about(&shelf.topic(), move || {
                if let Some(kept) = weak.upgrade() {
                    kept.heard();
                }
            }));
        }
        Ok(kept)
    }

    /// Opens what is stored, and learns what it says.
    async fn open_shelf(&self, shelf: Shelf, days: Option<u64>) -> Result<Stored> {
        let stored = Stored::open(shelf).await?;
        let now = now_ms() as u64;
        let mut open = |desk: &mut Desk| stored.shelf.open(desk, days, now);
        let change = stored.run("the ledger", true, &mut open).await?;
        self.learn(change);
        Ok(stored)
    }

    fn tell(&self) {
        if let Some(notes) = &*self.notes.borrow() {
            notes.tell();
        }
    }

    /// Another tab wrote. Many notes at once are one reading, or two.
    fn heard(self: Rc<Self>) {
        if self.readings.asked() {
            super::spawn(async move {
                loop {
                    // What cannot be read now is read at the next note.
                    let _ = self.refresh().await;
                    if !self.readings.again() {
                        break;
                    }
                }
            });
        }
    }

    /// Reads what other tabs wrote: the cells of today and yesterday, or all where others changed.
    async fn refresh(&self) -> Result<()> {
        let Some(shelf) = &self.shelf else { return Ok(()) };
        let yesterday = day_of((now_ms() - DAY_MS).max(0.0) as u64);
        let known = self.known.get();
        let mut read = |desk: &mut Desk| shelf.shelf.refresh(desk, known, &yesterday);
        let change = shelf.run("the ledger", false, &mut read).await?;
        // Nothing is awaited from here on: what is newer would be forgotten.
        if change.state.clears != self.known.get().clears {
            self.forget();
        }
        self.learn(change);
        Ok(())
    }

    /// Forgets what is in memory.
    fn forget(&self) {
        self.session.borrow_mut().clear();
        if let Some(outcomes) = &self.outcomes {
            outcomes.take();
        }
        self.loose.borrow_mut().clear();
        self.stored.take();
    }

    /// What whole answers of `model` were estimated at, and what they were billed.
    pub(super) fn past_answers(&self, model: &str) -> Vec<PastAnswer> {
        self.session.borrow().past_answers(model)
    }

    /// What feedback says of kinds of task, where the user consented to learning from it.
    pub(super) fn calibration(&self) -> Vec<Shift> {
        let Some(outcomes) = &self.outcomes else { return Vec::new() };
        let mut list = Vec::new();
        for (_, outcome) in outcomes.borrow().iter() {
            list.push(*outcome);
        }
        calibration::learn(&list)
    }

    /// Takes over what is said of one answer of this session; `false` where it is none.
    fn relearn_one(&self, id: &str) -> bool {
        let session = self.session.borrow();
        let Some(record) = session.find(id) else { return false };
        if let Some(outcomes) = &self.outcomes {
            let mut outcomes = outcomes.borrow_mut();
            outcomes.retain(|(name, _)| name != id);
            outcomes.extend(proposal::outcome(record).map(|outcome| (id.to_owned(), outcome)));
        }
        true
    }

    /// Reads what was said of the latest answers that are stored. What cannot be read teaches nothing.
    async fn relearn(&self) {
        let (Some(outcomes), Some(shelf)) = (&self.outcomes, &self.shelf) else { return };
        let wanted = Wanted { limit: Some(LEARNT_FROM), ..Wanted::default() };
        let Ok(records) = shelf.wanted(&wanted, 0, now_ms() as u64).await else { return };
        let mut list = Vec::new();
        for record in records {
            list.extend(proposal::outcome(&record).map(|outcome| (record.id, outcome)));
        }
        outcomes.replace(list);
    }

    /// What inputs of `model` were counted at, and what they were billed.
    pub(super) fn past_inputs(&self, model: &str) -> Vec<PastAnswer> {
        self.session.borrow().past_inputs(model)
    }

    /// Fills a record in and takes it over, at once in memory. Where it is to be stored, gives the
    /// promise that is kept when it is.
    pub(super) fn note(
        self: &Rc<Self>,
        mut record: Record,
        receipt: &Receipt,
        request: &ChatRequest,
    ) -> Option<Promise> {
        record.close(receipt);
        if self.keep_text {
            let messages = request.to_value().get("messages").map(Value::to_string);
            record.prompt = messages;
            record.text = Some(receipt.text.clone());
        }
        self.session.borrow_mut().add(record.clone(), self.shelf.is_none());
        self.shelf.as_ref()?;
        let stored = Promise::new(&mut |resolve, _| {
            self.waiting.borrow_mut().push((record.clone(), resolve));
        });
        if !self.writing.replace(true) {
            let kept = self.clone();
            super::spawn(async move { kept.write_waiting().await });
        }
        Some(stored)
    }

    /// What a receipt says of its being kept; `None` where nobody asked for it.
    pub(super) async fn noted(&self, stored: Option<Promise>) -> Option<Value> {
        let reason = match stored {
            None if !self.asked => return None,
            None => self.trouble.clone(),
            // A promise that is only ever resolved.
            Some(stored) => JsFuture::from(stored).await.unwrap_or_default().as_string(),
        };
        Some(told(reason))
    }

    /// Writes what waits, until nothing does. What comes while a transaction is under way is written
    /// together in the next.
    async fn write_waiting(self: Rc<Self>) {
        loop {
            let mut batch = self.waiting.take();
            let later = batch.split_off(batch.len().min(BATCH));
            self.waiting.replace(later);
            let Some(shelf) = self.shelf.as_ref().filter(|_| !batch.is_empty()) else { break };
            let (mut records, mut resolves) = (Vec::new(), Vec::new());
            for (record, resolve) in batch {
                records.push(record);
                resolves.push(resolve);
            }
            let mut write = |desk: &mut Desk| shelf.shelf.write(desk, &records, false);
            let what = format!("{} receipts", records.len());
            let reason = match shelf.run(&what, true, &mut write).await {
                Ok(change) => {
                    self.learn(change);
                    self.tell();
                    JsValue::NULL
                }
                Err(error) => {
                    let mut session = self.session.borrow_mut();
                    for record in &records {
                        session.count(record);
                        self.loose.borrow_mut().push(record.id.clone());
                    }
                    error.message().into()
                }
            };
            for resolve in resolves {
                // A promise's own function does not throw.
                let _ = resolve.call1(&JsValue::UNDEFINED, &reason);
            }
        }
        self.writing.set(false);
    }

    /// What was just read or written is what is stored.
    fn learn(&self, change: Change) {
        self.known.set(change.state);
        let mut stored = self.stored.borrow_mut();
        if change.all {
            *stored = change.cells;
            return;
        }
        for (key, cell) in change.cells.list() {
            stored.put(key.clone(), cell.clone());
        }
    }

    /// Writes what is said of an answer, at once in memory. Where it is to be stored too, gives what
    /// does that.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where there is no such receipt, and nothing stored where one
    /// could be.
    pub(super) fn say(self: &Rc<Self>, id: &str, said: Said) -> Result<Promise> {
        let loose = self.shelf.is_none() || self.loose.borrow().iter().any(|name| name == id);
        let here = self.session.borrow_mut().change(id, &said, loose);
        self.relearn_one(id);
        if loose {
            if !here {
                let wanted = "one of this session";
                return Err(wrong("feedback: receipt", &id.into(), wanted));
            }
            return Ok(Promise::resolve(&JsValue::UNDEFINED));
        }
        let sent_at = self.session.borrow().find(id).map(|record| record.sent_at);
        let (kept, id) = (self.clone(), id.to_owned());
        Ok(super::promise(async move {
            let Some(shelf) = &kept.shelf else { return Ok(JsValue::UNDEFINED) };
            let mut change = |desk: &mut Desk| shelf.shelf.change(desk, &id, sent_at, &said);
            let change = shelf.run("feedback", true, &mut change).await?;
            kept.learn(change);
            kept.tell();
            if !kept.relearn_one(&id) {
                kept.relearn().await;
            }
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Asks the caller's judge, where there is one and there is something to judge. What the judge
    /// throws, or answers beside a number from 0 to 1 or a yes or no, is no score.
    pub(super) async fn judge(self: Rc<Self>, receipt: &Receipt, shown: &JsValue) {
        let Some(judge) = &self.judge else { return };
        if receipt.ending != "completed" && receipt.ending != "truncated" {
            return;
        }
        let Ok(said) = judge.call1(&JsValue::UNDEFINED, shown) else { return };
        let Ok(said) = JsFuture::from(Promise::resolve(&said)).await else { return };
        let score = said.as_f64().or_else(|| said.as_bool().map(|yes| f64::from(u8::from(yes))));
        if let Some(score) = score.filter(|score| (0.0..=1.0).contains(score))
            && let Ok(stored) = self.say(&receipt.id, Said::Score(score))
        {
            let _ = JsFuture::from(stored).await;
        }
    }

    /// The key figures.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the option.
    pub(super) fn kpis(&self, options: &JsValue) -> Result<Value> {
        let mut query = read_query(options)?;
        query.by = string_field(options, "by")?.map(|by| By::read(&by)).transpose()?;
        let mut kpis = self.session.borrow().kpis(&self.stored.borrow(), &query);
        if let Some(fields) = kpis.as_object_mut() {
            let damaged = self.shelf.as_ref().map_or(0, |stored| stored.shelf.damaged());
            fields.put("damaged", damaged.into());
            if self.asked {
                fields.put("ledger", told(self.trouble.clone()));
            }
        }
        Ok(kpis)
    }

    /// The session's records.
    pub(super) fn export(&self) -> Value {
        self.session.borrow().export()
    }

    /// Takes an export over: in memory at once, where nothing is stored.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the receipt and the field.
    pub(super) fn import(self: &Rc<Self>, data: &JsValue) -> Result<Promise> {
        let records = read_export(&to_value_again("data", data)?)?;
        let many = records.len();
        if self.shelf.is_none() {
            let added = self.session.borrow_mut().take_in(records);
            return Ok(Promise::resolve(&imported(added, many - added, 0)));
        }
        let kept = self.clone();
        Ok(super::promise(async move {
            let Some(shelf) = &kept.shelf else { return Ok(JsValue::UNDEFINED) };
            let mut write = |desk: &mut Desk| shelf.shelf.write(desk, &records, true);
            let change = shelf.run("the import", true, &mut write).await?;
            let (added, old) = (change.added, change.too_old);
            kept.learn(change);
            kept.tell();
            Ok(imported(added, many.saturating_sub(added + old), old))
        }))
    }

    /// Forgets everything, here, in storage and in the other tabs.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Storage`]: nothing is forgotten.
    pub(super) async fn clear(&self) -> Result<()> {
        let mut change = Change::default();
        if let Some(shelf) = &self.shelf {
            change = shelf.run("nothing", true, &mut |desk| shelf.shelf.clear(desk)).await?;
        }
        self.forget();
        self.learn(change);
        self.tell();
        Ok(())
    }

    /// The records that are wanted: as a list, or as one text.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the option; [`crate::ErrorKind::Storage`].
    pub(super) async fn receipts(&self, options: &JsValue) -> Result<JsValue> {
        let wanted = Wanted {
            of: read_query(options)?,
            experiment: string_field(options, "experiment")?,
            limit: count_field(options, "limit")?.map(|limit| limit as usize),
        };
        let format = string_field(options, "format")?.unwrap_or_default();
        if !matches!(format.as_str(), "" | "json" | "csv") {
            return Err(wrong("format", &format.into(), "json or csv"));
        }
        let first = self.stored.borrow().list().iter().map(|(_, cell)| cell.first).min();
        let mut records = match &self.shelf {
            Some(shelf) => shelf.wanted(&wanted, first.unwrap_or(0), now_ms() as u64).await?,
            None => Vec::new(),
        };
        let session = self.session.borrow();
        let loose = self.loose.borrow();
        for record in session.wanted(&wanted) {
            if self.shelf.is_none() || loose.contains(&record.id) {
                // The latest are at the end, and few are loose.
                let later = |other: &&Record| other.sent_at > record.sent_at;
                let after = records.iter().rev().take_while(later).count();
                records.insert(records.len() - after, record.clone());
            }
        }
        if let Some(more) = wanted.limit.and_then(|limit| records.len().checked_sub(limit)) {
            records.drain(..more);
        }
        match format.as_str() {
            "csv" => {
                let mut text = table::head();
                for record in &records {
                    table::write(record, &mut text);
                }
                Ok(text.into())
            }
            "json" => {
                let list = records.iter().map(Record::to_json).collect();
                Ok(export(list).to_string().into())
            }
            _ => list(&records),
        }
    }
}

/// As JavaScript's objects: through text, which is faster than a call for each field.
fn list(records: &[Record]) -> Result<JsValue> {
    let all = Array::new();
    for page in records.chunks(1_000) {
        let mut text = String::from("[");
        for record in page {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&record.to_json().to_string());
        }
        text.push(']');
        let page = JSON::parse(&text).map_err(|_| Error::invalid_input("receipts: unreadable"))?;
        for record in Array::from(&page).iter() {
            all.push(&record);
        }
    }
    Ok(all.into())
}

fn told(reason: Option<String>) -> Value {
    match reason {
        None => json!({"stored": true}),
        Some(reason) => json!({"stored": false, "reason": reason}),
    }
}

fn imported(added: usize, known: usize, too_old: usize) -> JsValue {
    let told = json!({"added": added, "known": known, "tooOld": too_old});
    super::convert::to_js(&told).unwrap_or_default()
}

fn read_query(options: &JsValue) -> Result<Query> {
    let moment = |name: &str| date_field(options, name).map(|ms| ms.map(|ms| ms.max(0.0) as u64));
    Ok(Query {
        since: moment("since")?,
        until: moment("until")?,
        model: string_field(options, "model")?,
        task: string_field(options, "task")?,
        by: None,
    })
}

/// What a page says of an answer.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`], naming the field.
pub(super) fn read_feedback(feedback: &JsValue) -> Result<Said> {
    Ok(Said::Feedback(Opinion::from_json(&super::convert::to_value("feedback", feedback)?)?))
}
