//! The stored ledger. In one store of IndexedDB, under the ledger's name:
//!
//! - `NAME/r/MOMENT ID`: a record, as the text of its row;
//! - `NAME/c/DAY[model,task,experiment,arm]`: a cell, as its text;
//! - `NAME/m`: how many records there are, and how often others than the latest changed.
//!
//! A record, its cell and the count are written in one transaction: all of it or nothing, and no
//! other tab comes between. What cannot be read is left where it is, counted and told; a cell is
//! counted anew from its records.

use super::super::storage::{Keys, Storage, Transaction};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::cell::{Cell, Cells, Key, day_of, start_of};
use crate::ledger::{Record, Said, Wanted};
use serde_json::{Value, json};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

const STORE: &str = "receipts";

/// The version of what is stored as a whole.
const VERSION: u64 = 1;

/// Records that are read at once.
const PAGE: u32 = 2_000;

/// Keys that are read at once.
const KEYS: u32 = 50_000;

const DAY_MS: u64 = 86_400_000;

/// After so many days a day's cells are put together with those of its month.
const DAYS_APART: u64 = 400;

/// The most cells; the oldest go first.
const CELLS: usize = 20_000;

/// What the entry beside the records says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many records there are.
    count: u64,
    /// Raised where others than the latest cells changed.
    epoch: u64,
    /// How often everything was forgotten.
    pub clears: u64,
    /// When the last record was sent that had to go.
    gone: Option<u64>,
}

/// What was written.
pub struct Written {
    /// The cells as they are now.
    pub cells: Cells,
    /// The state as it is now.
    pub state: State,
    /// How many records were new.
    pub added: usize,
    /// How many are older than what is kept.
    pub too_old: usize,
}

/// One stored ledger.
pub struct Shelf {
    storage: Storage,
    name: String,
    most: u64,
    /// Keys of entries that could not be read.
    damaged: RefCell<Vec<String>>,
}

impl Shelf {
    /// Opens it, puts in order what is old, and reads the cells.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] where there is no storage, or a newer module wrote what is there.
    pub async fn open(
        name: String,
        most: u64,
        days: Option<u64>,
        now_ms: f64,
    ) -> Result<(Self, Cells, State)> {
        let storage = Storage::open().await?;
        let shelf = Self { storage, name, most, damaged: RefCell::default() };
        let now = now_ms as u64;
        let transaction = shelf.storage.begin(&[STORE], true).await?;
        let mut state = shelf.state(&transaction).await?;
        let mut cells = Cells::default();
        let old = day_of(now.saturating_sub(DAYS_APART * DAY_MS));
        let mut changed = false;
        for (name, text) in shelf.cell_entries(&transaction, "").await? {
            let Some(key) = Key::read(&name) else {
                shelf.note(shelf.key('c', &name));
                continue;
            };
            let cell = shelf.cell_of(&transaction, &key, text).await?;
            if key.day.len() > 7 && key.day < old {
                let month = key.of_month();
                let mut sum = cells.get(&month).cloned().unwrap_or_default();
                sum.merge(&cell.0);
                shelf.place_cell(&transaction, &month, &sum)?;
                transaction.delete(STORE, Keys::One(&shelf.key('c', &name))).await?;
                cells.put(month, sum);
                changed = true;
                continue;
            }
            if cell.1 {
                shelf.place_cell(&transaction, &key, &cell.0)?;
                changed = true;
            }
            cells.put(key, cell.0);
        }
        // Labels are the caller's: thousands of them must not fill the page.
        while cells.list().len() > CELLS {
            let Some((oldest, _)) = cells.list().first().cloned() else { break };
            transaction.delete(STORE, Keys::One(&shelf.key('c', &oldest.write()))).await?;
            cells.take(&oldest);
            changed = true;
        }
        if let Some(days) = days {
            let least = now.saturating_sub(days.saturating_mul(DAY_MS));
            changed |= shelf.drop_before(&transaction, &mut state, least).await?;
        }
        changed |= shelf.make_room(&transaction, &mut state).await?;
        if changed {
            state.epoch += 1;
            shelf.place_state(&transaction, state)?;
        }
        transaction.commit().await?;
        Ok((shelf, cells, state))
    }

    /// What notes to other tabs are about.
    pub fn topic(&self) -> String {
        format!("{STORE}:{}", self.name)
    }

    /// How many entries could not be read so far.
    pub fn damaged(&self) -> usize {
        self.damaged.borrow().len()
    }

    fn note(&self, key: String) {
        let mut damaged = self.damaged.borrow_mut();
        if !damaged.contains(&key) && damaged.len() < 10_000 {
            damaged.push(key);
        }
    }

    fn key(&self, kind: char, rest: &str) -> String {
        format!("{}/{kind}/{rest}", self.name)
    }

    /// The key of the first record that was sent at this moment or later.
    fn from(&self, sent_at: u64) -> String {
        self.key('r', &format!("{sent_at:016}"))
    }

    fn record_key(&self, record: &Record) -> String {
        format!("{} {}", self.from(record.sent_at), record.id)
    }

    /// What follows all records.
    fn records_end(&self) -> String {
        // "0" follows "/".
        format!("{}/r0", self.name)
    }

    async fn state(&self, transaction: &Transaction) -> Result<State> {
        let found = transaction.get(STORE, &format!("{}/m", self.name)).await?;
        let text = found.and_then(|text| text.as_string()).unwrap_or_default();
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let count = |name: &str| value.get(name).and_then(Value::as_u64);
        match (count("v"), count("count")) {
            (Some(VERSION), Some(held)) => Ok(State {
                count: held,
                epoch: count("epoch").unwrap_or(0),
                clears: count("clears").unwrap_or(0),
                gone: count("gone"),
            }),
            (Some(newer), _) if newer > VERSION => Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "storage: found a ledger {:?} of version {newer}, wanted {VERSION}: a newer version of promptfare wrote it, and it is left alone",
                    self.name
                ),
            )),
            // The first time, or damaged: counted.
            _ => {
                let (from, end) = (self.key('r', ""), self.records_end());
                let held = transaction.count(STORE, Keys::Between(&from, &end)).await?;
                Ok(State { count: held.into(), ..State::default() })
            }
        }
    }

    fn place_state(&self, transaction: &Transaction, state: State) -> Result<()> {
        let State { count, epoch, clears, gone } = state;
        let value = json!({"v": VERSION, "count": count, "epoch": epoch, "clears": clears,
                           "gone": gone});
        transaction.place(STORE, &format!("{}/m", self.name), &value.to_string().into())
    }

    fn place_cell(&self, transaction: &Transaction, key: &Key, cell: &Cell) -> Result<()> {
        transaction.place(STORE, &self.key('c', &key.write()), &cell.write().into())
    }

    /// The cells from a day on, by their keys' texts.
    async fn cell_entries(
        &self,
        transaction: &Transaction,
        day: &str,
    ) -> Result<Vec<(String, JsValue)>> {
        let (mut from, end) = (self.key('c', day), format!("{}/c0", self.name));
        let start = self.key('c', "");
        let mut all = Vec::new();
        loop {
            let page = transaction.entries(STORE, Keys::Between(&from, &end), PAGE).await?;
            let more = page.len() == PAGE as usize;
            for (key, value) in page {
                from = format!("{key}\0");
                all.push((key.strip_prefix(&start).unwrap_or_default().to_owned(), value));
            }
            if !more {
                return Ok(all);
            }
        }
    }

    /// A cell as it is stored. Where that cannot be read, it is counted anew from its records, and
    /// the second is true.
    async fn cell_of(
        &self,
        transaction: &Transaction,
        key: &Key,
        stored: JsValue,
    ) -> Result<(Cell, bool)> {
        if stored.is_undefined() {
            return Ok((Cell::default(), false));
        }
        if let Some(cell) = stored.as_string().and_then(|text| Cell::read(&text)) {
            return Ok((cell, false));
        }
        self.note(self.key('c', &key.write()));
        let month = key.day.len() == 7;
        let start = start_of(&key.day).unwrap_or(0);
        let days = if month { 31 } else { 1 };
        let mut cell = Cell::default();
        let mut from = self.from(start);
        let end = self.from(start + days * DAY_MS);
        while let Some(page) = self.page(transaction, &mut from, &end).await? {
            for record in page {
                let own = Key::of(&record);
                if own == *key || (month && own.of_month() == *key) {
                    cell.count(&record, false);
                }
            }
        }
        Ok((cell, true))
    }

    /// The records of the next page, and where the one after begins; `None` at the end.
    async fn page(
        &self,
        transaction: &Transaction,
        from: &mut String,
        end: &str,
    ) -> Result<Option<Vec<Record>>> {
        let entries = transaction.entries(STORE, Keys::Between(from, end), PAGE).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let mut records = Vec::new();
        for (key, value) in entries {
            *from = format!("{key}\0");
            match read_row(&value) {
                Some(record) => records.push(record),
                None => self.note(key),
            }
        }
        Ok(Some(records))
    }

    /// Writes records and counts them. `imported`: those that are there already, and those that are
    /// older than what had to go (they may be counted already), are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`]: nothing of it is written.
    pub async fn write(&self, records: &[Record], imported: bool) -> Result<Written> {
        let transaction = self.storage.begin(&[STORE], true).await?;
        let mut state = self.state(&transaction).await?;
        let known = match imported {
            true => self.known_keys(&transaction, records).await?,
            false => Vec::new(),
        };
        let mut cells = Cells::default();
        let (mut added, mut too_old) = (0, 0);
        for record in records {
            let place = self.record_key(record);
            if known.binary_search(&place).is_ok() {
                continue;
            }
            if imported && state.gone.is_some_and(|gone| record.sent_at <= gone) {
                too_old += 1;
                continue;
            }
            let key = Key::of(record);
            if cells.get(&key).is_none() {
                let name = self.key('c', &key.write());
                let stored = transaction.get(STORE, &name).await?.unwrap_or_default();
                let cell = self.cell_of(&transaction, &key, stored).await?.0;
                cells.put(key.clone(), cell);
            }
            cells.count(record, false);
            transaction.place(STORE, &place, &record.to_row().to_string().into())?;
            added += 1;
        }
        for (key, cell) in cells.list() {
            self.place_cell(&transaction, key, cell)?;
        }
        state.count += added as u64;
        state.epoch += u64::from(imported);
        self.make_room(&transaction, &mut state).await?;
        self.place_state(&transaction, state)?;
        transaction.call_it(format!("{added} receipts"));
        transaction.commit().await?;
        Ok(Written { cells, state, added, too_old })
    }

    /// The keys that are there from the first of `records` to the last, in order.
    async fn known_keys(
        &self,
        transaction: &Transaction,
        records: &[Record],
    ) -> Result<Vec<String>> {
        let moments = records.iter().map(|record| record.sent_at);
        let (Some(first), Some(last)) = (moments.clone().min(), moments.max()) else {
            return Ok(Vec::new());
        };
        let (mut from, end) = (self.from(first), self.from(last + 1));
        let mut known = Vec::new();
        loop {
            let page = transaction.keys(STORE, Keys::Between(&from, &end), KEYS).await?;
            let more = page.len() == KEYS as usize;
            known.extend(page);
            match known.last() {
                Some(last) if more => from = format!("{last}\0"),
                _ => return Ok(known),
            }
        }
    }

    /// Takes the oldest records away where there are too many: a fiftieth more than needed, so that
    /// this is seldom. Gives whether there were.
    async fn make_room(&self, transaction: &Transaction, state: &mut State) -> Result<bool> {
        if state.count <= self.most {
            return Ok(false);
        }
        let mut over = state.count - self.most + self.most / 50;
        let (mut from, end) = (self.key('r', ""), self.records_end());
        while over > 0 {
            let many = over.min(KEYS.into()) as u32;
            let keys = transaction.keys(STORE, Keys::Between(&from, &end), many).await?;
            let Some(last) = keys.last() else { break };
            let next = format!("{last}\0");
            transaction.delete(STORE, Keys::Between(&from, &next)).await?;
            state.gone = self.moment_of(last).or(state.gone);
            state.count = state.count.saturating_sub(keys.len() as u64);
            over -= keys.len() as u64;
            from = next;
        }
        Ok(true)
    }

    fn moment_of(&self, key: &str) -> Option<u64> {
        key.strip_prefix(&self.key('r', ""))?.split(' ').next()?.parse().ok()
    }

    /// Takes away the records that were sent before a moment.
    async fn drop_before(
        &self,
        transaction: &Transaction,
        state: &mut State,
        least: u64,
    ) -> Result<bool> {
        let (from, end) = (self.key('r', ""), self.from(least));
        let many = transaction.count(STORE, Keys::Between(&from, &end)).await?;
        if many > 0 {
            transaction.delete(STORE, Keys::Between(&from, &end)).await?;
            state.count = state.count.saturating_sub(many.into());
            state.gone = state.gone.max(Some(least.saturating_sub(1)));
        }
        Ok(many > 0)
    }

    /// Writes what was said of an answer into its record, and counts it anew. `sent_at`: when it was
    /// sent, where that is known.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where there is no such record; [`ErrorKind::Storage`].
    pub async fn change(&self, id: &str, sent_at: Option<u64>, said: &Said) -> Result<Written> {
        let transaction = self.storage.begin(&[STORE], true).await?;
        let mut state = self.state(&transaction).await?;
        let place = match sent_at {
            Some(sent_at) => Some(format!("{} {id}", self.from(sent_at))),
            None => self.find(&transaction, id).await?,
        };
        let stored = match &place {
            Some(place) => transaction.get(STORE, place).await?,
            None => None,
        };
        let (Some(place), Some(stored)) = (place, stored) else {
            return Err(Error::invalid_input(format!(
                "feedback: found no receipt {id:?}, wanted one that this ledger keeps"
            )));
        };
        let Some(mut record) = read_row(&stored) else {
            self.note(place);
            return Err(Error::new(
                ErrorKind::Storage,
                format!("storage: the receipt {id:?} cannot be read; it is left as it is"),
            ));
        };
        let old = record.clone();
        said.apply(&mut record);
        let mut key = Key::of(&record);
        let mut name = self.key('c', &key.write());
        let mut found = transaction.get(STORE, &name).await?.unwrap_or_default();
        if found.is_undefined() {
            // Its day is put together with its month.
            key = key.of_month();
            name = self.key('c', &key.write());
            found = transaction.get(STORE, &name).await?.unwrap_or_default();
        }
        let mut cell = self.cell_of(&transaction, &key, found).await?.0;
        cell.count(&old, true);
        cell.count(&record, false);
        let mut cells = Cells::default();
        self.place_cell(&transaction, &key, &cell)?;
        cells.put(key, cell);
        transaction.place(STORE, &place, &record.to_row().to_string().into())?;
        state.epoch += 1;
        self.place_state(&transaction, state)?;
        transaction.call_it(format!("what was said of {id:?}"));
        transaction.commit().await?;
        Ok(Written { cells, state, added: 0, too_old: 0 })
    }

    /// The key of the record of this name, the latest first.
    async fn find(&self, transaction: &Transaction, id: &str) -> Result<Option<String>> {
        let (mut from, end) = (self.key('r', ""), self.records_end());
        let ending = format!(" {id}");
        loop {
            let keys = transaction.keys(STORE, Keys::Between(&from, &end), KEYS).await?;
            if let Some(found) = keys.iter().find(|key| key.ends_with(&ending)) {
                return Ok(Some(found.clone()));
            }
            match keys.last() {
                Some(last) => from = format!("{last}\0"),
                None => return Ok(None),
            }
        }
    }

    /// The state, and the cells from `day` on, or all of them (then the last is true) where others
    /// changed since `known`.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn read_cells(
        &self,
        known: State,
        day: &str,
    ) -> Result<(State, Vec<(Key, Cell)>, bool)> {
        let transaction = self.storage.begin(&[STORE], false).await?;
        let state = self.state(&transaction).await?;
        let whole = state.epoch != known.epoch || state.clears != known.clears;
        let mut cells = Vec::new();
        for (name, text) in self.cell_entries(&transaction, if whole { "" } else { day }).await? {
            let read = text.as_string().and_then(|text| Cell::read(&text));
            match (Key::read(&name), read) {
                (Some(key), Some(cell)) => cells.push((key, cell)),
                _ => self.note(self.key('c', &name)),
            }
        }
        Ok((state, cells, whole))
    }

    /// Forgets everything under this name.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`]: nothing is forgotten.
    pub async fn clear(&self) -> Result<State> {
        let transaction = self.storage.begin(&[STORE], true).await?;
        let old = self.state(&transaction).await?;
        let (from, end) = (format!("{}/", self.name), format!("{}0", self.name));
        transaction.delete(STORE, Keys::Between(&from, &end)).await?;
        let state = State { epoch: old.epoch + 1, clears: old.clears + 1, ..State::default() };
        self.place_state(&transaction, state)?;
        transaction.commit().await?;
        self.damaged.borrow_mut().clear();
        Ok(state)
    }

    /// The records that are wanted, oldest first. `first`: when the first was sent. With a limit they
    /// are looked for from the end, in spans that grow.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn wanted(&self, wanted: &Wanted, first: u64, now: u64) -> Result<Vec<Record>> {
        let floor = wanted.of.since.unwrap_or(0).max(first);
        // Clocks of other tabs and days may be ahead.
        let mut end = match wanted.of.until {
            Some(until) => self.from(until.saturating_add(1)),
            None => self.records_end(),
        };
        let mut latest = wanted.of.until.unwrap_or(now).min(now);
        let mut span = if wanted.limit.is_some() { DAY_MS } else { u64::MAX };
        let mut found: Vec<Record> = Vec::new();
        let transaction = self.storage.begin(&[STORE], false).await?;
        loop {
            let start = latest.saturating_sub(span).max(floor);
            let mut from = self.from(start);
            let mut part = Vec::new();
            while let Some(page) = self.page(&transaction, &mut from, &end).await? {
                for record in page {
                    if wanted.admits(&record) {
                        part.push(record);
                    }
                }
            }
            part.append(&mut found);
            found = part;
            let enough = wanted.limit.is_some_and(|limit| found.len() >= limit);
            if enough || start <= floor {
                return Ok(found);
            }
            end = self.from(start);
            latest = start;
            span = span.saturating_mul(4);
        }
    }
}

fn read_row(value: &JsValue) -> Option<Record> {
    let row: Value = serde_json::from_str(&value.as_string()?).ok()?;
    Record::from_row(&row).ok()
}
