//! What is stored of a ledger, in a store of texts by keys in order, under the ledger's name:
//!
//! - `NAME/r/MOMENT ID`: a record, as the text of its row;
//! - `NAME/c/DAY[model,task,experiment,arm]`: a cell, as its text;
//! - `NAME/m`: how many records there are, and how often others than the latest cells changed.
//!
//! A piece of work reads and writes within one transaction, through a [`Desk`]: it is done from its
//! beginning, asks for what is not on the desk yet, and is done again when that is there. So it is
//! written straight on, without waiting anywhere, and leaves what it writes on the desk: all of it is
//! written, or nothing.
//!
//! What cannot be read is left where it is, counted and told; a cell is counted anew from its records.

use super::book::Said;
use super::cell::{Cell, Cells, Key, day_of, start_of};
use super::record::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::json::json;
use serde_json::Value;
use std::cell::RefCell;

/// The version of what is stored as a whole.
const VERSION: u64 = 1;

/// The most cells; the oldest go first.
const CELLS: usize = 20_000;

const DAY_MS: u64 = 86_400_000;

/// After so many days a day's cells are put together with those of its month.
const DAYS_APART: u64 = 400;

/// The entries from one key up to another, without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The first key.
    pub from: String,
    /// What follows the last.
    pub to: String,
    /// At most so many, the first.
    pub most: u32,
    /// With their values; otherwise the keys alone are wanted.
    pub values: bool,
}

/// What a piece of work has before it: what was read, and what it leaves to be written.
#[derive(Debug, Default)]
pub struct Desk {
    read: Vec<(Ask, Vec<(String, String)>)>,
    /// What is to be read.
    pub asked: Vec<Ask>,
    /// What is to be taken away: from a key up to another, without it. Before anything is written.
    pub gone: Vec<(String, String)>,
    /// What is to be written.
    pub written: Vec<(String, String)>,
}

impl Desk {
    /// Puts what was asked for on the desk. A value that is no text is an empty one.
    pub fn put(&mut self, ask: Ask, found: Vec<(String, String)>) {
        self.read.push((ask, found));
    }

    /// Clears away what a piece of work left that could not be finished.
    pub fn again(&mut self) {
        self.gone.clear();
        self.written.clear();
    }

    fn read(&mut self, from: &str, to: &str, most: u64, values: bool) -> Option<Entries> {
        let (from, to) = (from.to_owned(), to.to_owned());
        let ask = Ask { from, to, most: most.try_into().unwrap_or(u32::MAX), values };
        let found = self.read.iter().find(|(read, _)| *read == ask);
        if found.is_none() && !self.asked.contains(&ask) {
            self.asked.push(ask);
            return None;
        }
        found.map(|(_, found)| found.clone())
    }

    fn get(&mut self, key: &str) -> Option<Option<String>> {
        let mut found = self.read(key, &after(key), 1, true)?;
        Some(found.pop().map(|(_, text)| text))
    }

    fn remove(&mut self, key: &str) {
        self.gone.push((key.to_owned(), after(key)));
    }
}

type Entries = Vec<(String, String)>;

/// What follows a key.
pub fn after(key: &str) -> String {
    format!("{key}\0")
}

/// What the entry beside the records says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many records there are.
    pub count: u64,
    /// Raised where others than the latest cells changed.
    pub epoch: u64,
    /// How often everything was forgotten.
    pub clears: u64,
    /// When the last record was sent that had to go.
    pub gone: Option<u64>,
}

/// About when a request ended, by its receipt's name where this client gave it: it begins with the
/// milliseconds since 1970, eleven hexadecimal digits until the year 2527.
fn ended_at(id: &str) -> Option<u64> {
    let digits = id.strip_prefix("receipt_")?.get(..11)?;
    u64::from_str_radix(digits, 16).ok()
}

/// What was changed, or read.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The cells that it is about, as they are now.
    pub cells: Cells,
    /// The state as it is now.
    pub state: State,
    /// How many records were new.
    pub added: usize,
    /// How many are older than what is kept.
    pub too_old: usize,
    /// Whether these are all cells.
    pub all: bool,
}

/// One stored ledger.
#[derive(Debug)]
pub struct Shelf {
    name: String,
    most: u64,
    /// Keys of entries that could not be read.
    damaged: RefCell<Vec<String>>,
}

impl Shelf {
    /// The ledger `name`, of at most so many records.
    pub fn new(name: String, most: u64) -> Self {
        Self { name, most, damaged: RefCell::default() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many entries could not be read so far.
    pub fn damaged(&self) -> usize {
        self.damaged.borrow().len()
    }

    fn note(&self, key: &str) {
        let mut damaged = self.damaged.borrow_mut();
        if damaged.len() < 10_000 && !damaged.iter().any(|known| known == key) {
            damaged.push(key.to_owned());
        }
    }

    fn key(&self, kind: char, rest: &str) -> String {
        format!("{}/{kind}{rest}", self.name)
    }

    /// The key of the first record that was sent at this moment or later.
    pub fn from(&self, sent_at: u64) -> String {
        self.key('r', &format!("/{sent_at:016}"))
    }

    /// What follows all records.
    pub fn end(&self) -> String {
        // "0" follows "/".
        self.key('r', "0")
    }

    fn record_key(&self, sent_at: u64, id: &str) -> String {
        format!("{} {id}", self.from(sent_at))
    }

    fn cell_key(&self, key: &Key) -> String {
        self.key('c', &format!("/{}", key.write()))
    }

    /// The record of an entry; `None`, and noted, where it cannot be read.
    pub fn record(&self, key: &str, text: &str) -> Option<Record> {
        let row: Option<Value> = serde_json::from_str(text).ok();
        let record = row.and_then(|row| Record::from_row(&row).ok());
        if record.is_none() {
            self.note(key);
        }
        record
    }

    fn state(&self, desk: &mut Desk) -> Result<Option<State>> {
        let Some(text) = desk.get(&self.key('m', "")) else { return Ok(None) };
        let value: Value = serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
        let count = |name: &str| value.get(name).and_then(Value::as_u64);
        let found = count("v").unwrap_or(0);
        if found > VERSION {
            let name = &self.name;
            return Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "storage: found the ledger {name:?} of version {found}, wanted {VERSION}: a newer version of promptfare wrote it, and it is left alone"
                ),
            ));
        }
        let held = match count("count") {
            Some(held) => held,
            // The first time, or damaged.
            None => match desk.read(&self.from(0), &self.end(), u64::MAX, false) {
                Some(keys) => keys.len() as u64,
                None => return Ok(None),
            },
        };
        let (epoch, clears) = (count("epoch").unwrap_or(0), count("clears").unwrap_or(0));
        Ok(Some(State { count: held, epoch, clears, gone: count("gone") }))
    }

    fn write_state(&self, desk: &mut Desk, state: State) {
        let State { count, epoch, clears, gone } = state;
        let value = json!({"v": VERSION, "count": count, "epoch": epoch, "clears": clears,
                           "gone": gone});
        desk.written.push((self.key('m', ""), value.to_string()));
    }

    fn write_cell(&self, desk: &mut Desk, key: &Key, cell: &Cell) {
        desk.written.push((self.cell_key(key), cell.write()));
    }

    /// A cell from its text, or counted anew where that is damaged (then the second is true).
    fn cell(&self, desk: &mut Desk, key: &Key, text: &str) -> Option<(Cell, bool)> {
        if let Some(cell) = Cell::read(text) {
            return Some((cell, false));
        }
        self.note(&self.cell_key(key));
        let month = key.day.len() == 7;
        let start = start_of(&key.day).unwrap_or(0);
        let end = start + if month { 31 } else { 1 } * DAY_MS;
        let mut cell = Cell::default();
        for (place, text) in desk.read(&self.from(start), &self.from(end), u64::MAX, true)? {
            let Some(record) = self.record(&place, &text) else { continue };
            let own = Key::of(&record);
            if own == *key || (month && own.of_month() == *key) {
                cell.count(&record, false);
            }
        }
        Some((cell, true))
    }

    /// The cells from a day on.
    fn cells(&self, desk: &mut Desk, day: &str) -> Option<Vec<(Key, String)>> {
        let (start, end) = (self.key('c', "/"), self.key('c', "0"));
        let mut cells = Vec::new();
        for (place, text) in desk.read(&format!("{start}{day}"), &end, u64::MAX, true)? {
            match place.strip_prefix(&start).and_then(Key::read) {
                Some(key) => cells.push((key, text)),
                None => self.note(&place),
            }
        }
        Some(cells)
    }

    /// Puts in order what is old, and reads the cells. `days`: how long records are kept.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] where a newer module wrote what is there.
    pub fn open(&self, desk: &mut Desk, days: Option<u64>, now: u64) -> Result<Option<Change>> {
        let Some(mut state) = self.state(desk)? else { return Ok(None) };
        let Some(entries) = self.cells(desk, "") else { return Ok(None) };
        let mut cells = Cells::default();
        let old = day_of(now.saturating_sub(DAYS_APART * DAY_MS));
        let before = desk.written.len() + desk.gone.len();
        let mut surplus = entries.len().saturating_sub(CELLS);
        for (key, text) in entries {
            // Labels are the caller's: thousands of them must not fill the page.
            if surplus > 0 {
                surplus -= 1;
                desk.remove(&self.cell_key(&key));
                continue;
            }
            let Some((cell, anew)) = self.cell(desk, &key, &text) else { return Ok(None) };
            if key.day.len() > 7 && key.day < old {
                let month = key.of_month();
                let mut sum = cells.get(&month).cloned().unwrap_or_default();
                sum.merge(&cell);
                self.write_cell(desk, &month, &sum);
                desk.remove(&self.cell_key(&key));
                cells.put(month, sum);
                continue;
            }
            if anew {
                self.write_cell(desk, &key, &cell);
            }
            cells.put(key, cell);
        }
        if let Some(days) = days {
            let least = now.saturating_sub(days.saturating_mul(DAY_MS));
            let (from, to) = (self.from(0), self.from(least));
            let Some(keys) = desk.read(&from, &to, u64::MAX, false) else { return Ok(None) };
            if !keys.is_empty() {
                state.count = state.count.saturating_sub(keys.len() as u64);
                state.gone = state.gone.max(Some(least.saturating_sub(1)));
                desk.gone.push((from, to));
            }
        }
        if !self.make_room(desk, &mut state) {
            return Ok(None);
        }
        if desk.written.len() + desk.gone.len() > before {
            state.epoch += 1;
            self.write_state(desk, state);
        }
        Ok(Some(Change { cells, state, all: true, ..Change::default() }))
    }

    /// Takes the oldest records away where there are too many: a fiftieth more than needed, so that
    /// this is seldom. Gives `false` where the keys are still to be read.
    fn make_room(&self, desk: &mut Desk, state: &mut State) -> bool {
        if state.count <= self.most {
            return true;
        }
        let over = state.count - self.most + self.most / 50;
        let Some(found) = desk.read(&self.from(0), &self.end(), over, false) else { return false };
        // What is being written may be among the oldest.
        let start = self.from(0);
        let mut keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        let new = desk.written.iter().map(|(key, _)| key.as_str());
        keys.extend(new.filter(|key| *key >= start.as_str() && *key < self.end().as_str()));
        crate::sort::sort(&mut keys, |one, other| one < other);
        keys.truncate(over as usize);
        let Some(last) = keys.last() else { return true };
        let sent = last.strip_prefix(&self.key('r', "/")).and_then(|rest| rest.split(' ').next());
        state.gone = sent.and_then(|sent| sent.parse().ok()).max(state.gone);
        state.count = state.count.saturating_sub(keys.len() as u64);
        let next = after(last);
        desk.written.retain(|(key, _)| *key < start || *key >= next);
        desk.gone.push((start, next));
        true
    }

    /// Writes records and counts them. `imported`: those that are there already, and those that are
    /// older than what had to go (they may be counted already), are left out.
    ///
    /// # Errors
    /// As [`Shelf::open`].
    pub fn write(
        &self,
        desk: &mut Desk,
        records: &[Record],
        imported: bool,
    ) -> Result<Option<Change>> {
        let Some(mut state) = self.state(desk)? else { return Ok(None) };
        let mut known = Vec::new();
        if imported {
            let moments = records.iter().map(|record| record.sent_at);
            let (first, last) = (moments.clone().min(), moments.max());
            let (from, to) = (first.unwrap_or(0), last.unwrap_or(0) + 1);
            let found = desk.read(&self.from(from), &self.from(to), u64::MAX, false);
            let Some(found) = found else { return Ok(None) };
            known = found;
            // The store orders by units of UTF-16, a search here by bytes.
            crate::sort::sort(&mut known, |one, other| one.0 < other.0);
        }
        let mut change = Change::default();
        let mut new = Vec::new();
        let mut whole = true;
        for record in records {
            let place = self.record_key(record.sent_at, &record.id);
            if known.binary_search_by(|(key, _)| key.as_str().cmp(&place)).is_ok() {
                continue;
            }
            if imported && state.gone.is_some_and(|gone| record.sent_at <= gone) {
                change.too_old += 1;
                continue;
            }
            let key = Key::of(record);
            if change.cells.get(&key).is_none() {
                let cell = match desk.get(&self.cell_key(&key)) {
                    Some(Some(text)) => self.cell(desk, &key, &text),
                    Some(None) => Some((Cell::default(), false)),
                    None => None,
                };
                whole &= cell.is_some();
                change.cells.put(key, cell.unwrap_or_default().0);
            }
            new.push((place, record));
        }
        if !whole {
            return Ok(None);
        }
        for (place, record) in new {
            change.cells.count(record, false);
            desk.written.push((place, record.to_row().to_string()));
            change.added += 1;
        }
        for (key, cell) in change.cells.list() {
            self.write_cell(desk, key, cell);
        }
        state.count += change.added as u64;
        state.epoch += u64::from(imported);
        if !self.make_room(desk, &mut state) {
            return Ok(None);
        }
        self.write_state(desk, state);
        change.state = state;
        Ok(Some(change))
    }

    /// Writes what was said of an answer into its record, and counts it anew. `sent_at`: when it was
    /// sent, where that is known.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where there is no such record; as [`Shelf::open`].
    pub fn change(
        &self,
        desk: &mut Desk,
        id: &str,
        sent_at: Option<u64>,
        said: &Said,
    ) -> Result<Option<Change>> {
        let Some(mut state) = self.state(desk)? else { return Ok(None) };
        let mut place = None;
        match sent_at {
            Some(sent_at) => place = Some(self.record_key(sent_at, id)),
            None => {
                let ending = format!(" {id}");
                let near = ended_at(id).map(|ms| (ms.saturating_sub(DAY_MS), ms + DAY_MS));
                for (from, to) in near.into_iter().chain([(0, u64::MAX)]) {
                    let to = if to == u64::MAX { self.end() } else { self.from(to) };
                    let keys = desk.read(&self.from(from), &to, u64::MAX, false);
                    let Some(keys) = keys else { return Ok(None) };
                    place = keys.into_iter().map(|(key, _)| key).find(|key| key.ends_with(&ending));
                    if place.is_some() {
                        break;
                    }
                }
            }
        }
        let place = place.unwrap_or_default();
        let text = match desk.get(&place) {
            None => return Ok(None),
            Some(None) => {
                let wanted = "one that this ledger keeps";
                return Err(super::record::wrong("feedback: receipt", &json!(id), wanted));
            }
            Some(Some(text)) => text,
        };
        let Some(mut record) = self.record(&place, &text) else {
            let text = format!("storage: the receipt {id:?} cannot be read; it is left as it is");
            return Err(Error::new(ErrorKind::Storage, text));
        };
        let old = record.clone();
        said.apply(&mut record);
        let mut key = Key::of(&record);
        let Some(mut found) = desk.get(&self.cell_key(&key)) else { return Ok(None) };
        if found.is_none() {
            // Its day is put together with its month.
            key = key.of_month();
            match desk.get(&self.cell_key(&key)) {
                None => return Ok(None),
                Some(month) => found = month,
            }
        }
        let cell = self.cell(desk, &key, &found.unwrap_or_default());
        let Some((mut cell, _)) = cell else { return Ok(None) };
        cell.count(&old, true);
        cell.count(&record, false);
        self.write_cell(desk, &key, &cell);
        desk.written.push((place, record.to_row().to_string()));
        state.epoch += 1;
        self.write_state(desk, state);
        let mut change = Change { state, ..Change::default() };
        change.cells.put(key, cell);
        Ok(Some(change))
    }

    /// The cells from `day` on, or all of them where others changed since `known`.
    ///
    /// # Errors
    /// As [`Shelf::open`].
    pub fn refresh(&self, desk: &mut Desk, known: State, day: &str) -> Result<Option<Change>> {
        let Some(state) = self.state(desk)? else { return Ok(None) };
        let all = state.epoch != known.epoch || state.clears != known.clears;
        let found = self.cells(desk, if all { "" } else { day });
        let Some(found) = found else { return Ok(None) };
        let mut change = Change { state, all, ..Change::default() };
        for (key, text) in found {
            match Cell::read(&text) {
                Some(cell) => change.cells.put(key, cell),
                None => self.note(&self.cell_key(&key)),
            }
        }
        Ok(Some(change))
    }

    /// Forgets everything under this name.
    ///
    /// # Errors
    /// As [`Shelf::open`].
    pub fn clear(&self, desk: &mut Desk) -> Result<Option<Change>> {
        let Some(old) = self.state(desk)? else { return Ok(None) };
        desk.gone.push((format!("{}/", self.name), format!("{}0", self.name)));
        let (epoch, clears) = (old.epoch + 1, old.clears + 1);
        let state = State { epoch, clears, ..State::default() };
        self.write_state(desk, state);
        self.damaged.borrow_mut().clear();
        Ok(Some(Change { state, all: true, ..Change::default() }))
    }
}
