//! The stored ledger in IndexedDB: carries out what [`crate::ledger::shelf`] decides, each piece of
//! work in one transaction.

use super::super::storage::{Keys, Storage};
use crate::error::Result;
use crate::ledger::shelf::{Change, Desk, Shelf, after};
use crate::ledger::{Record, Wanted};
use std::pin::Pin;
use wasm_bindgen::JsValue;

const STORE: &str = "receipts";

/// Records that are read at once.
const PAGE: u32 = 2_000;

const DAY_MS: u64 = 86_400_000;

/// A piece of work; `None` while something is still to be read.
pub type Work<'a> = &'a mut dyn FnMut(&mut Desk) -> Result<Option<Change>>;

/// A stored ledger, open.
pub struct Stored {
    storage: Storage,
    pub shelf: Shelf,
}

impl Stored {
    /// Opens the storage.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Storage`] where there is none, or the browser refuses it.
    pub async fn open(shelf: Shelf) -> Result<Self> {
        Ok(Self { storage: Storage::open().await?, shelf })
    }

    /// What notes to other tabs are about.
    pub fn topic(&self) -> String {
        format!("{STORE}:{}", self.shelf.name())
    }

    /// Does a piece of work in one transaction: what it leaves on the desk is written, or nothing.
    /// `what` is its name in an error.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Storage`]; what the work gives.
    pub fn run<'a>(
        &'a self,
        what: &'a str,
        writing: bool,
        work: Work<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Change>> + 'a>> {
        // In a box: each place that waits for it would hold, and take down, a copy of it.
        Box::pin(async move {
            let transaction = self.storage.begin(&[STORE], writing).await?;
            let mut desk = Desk::default();
            let change = loop {
                desk.again();
                if let Some(change) = work(&mut desk)? {
                    break change;
                }
                for ask in std::mem::take(&mut desk.asked) {
                    let keys = Keys::Between(&ask.from, &ask.to);
                    let mut texts = Vec::new();
                    if ask.values {
                        for (key, value) in transaction.entries(STORE, keys, ask.most).await? {
                            texts.push((key, value.as_string().unwrap_or_default()));
                        }
                    } else {
                        for key in transaction.keys(STORE, keys, ask.most).await? {
                            texts.push((key, String::new()));
                        }
                    }
                    desk.put(ask, texts);
                }
            };
            for (from, to) in &desk.gone {
                transaction.delete(STORE, Keys::Between(from, to)).await?;
            }
            for (key, text) in &desk.written {
                transaction.place(STORE, key, &JsValue::from(text.as_str()))?;
            }
            transaction.call_it(what.to_owned());
            transaction.commit().await?;
            Ok(change)
        })
    }

    /// The records that are wanted, oldest first. `first`: when the first was sent. With a limit they
    /// are looked for from the end, in spans that grow.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Storage`].
    pub async fn wanted(&self, wanted: &Wanted, first: u64, now: u64) -> Result<Vec<Record>> {
        let floor = wanted.of.since.unwrap_or(0).max(first);
        // Clocks of other tabs and days may be ahead.
        let mut end = match wanted.of.until {
            Some(until) => self.shelf.from(until.saturating_add(1)),
            None => self.shelf.end(),
        };
        let mut latest = wanted.of.until.unwrap_or(now).min(now);
        let mut span = if wanted.limit.is_some() { DAY_MS } else { u64::MAX };
        let mut found: Vec<Record> = Vec::new();
        let transaction = self.storage.begin(&[STORE], false).await?;
        loop {
            let start = latest.saturating_sub(span).max(floor);
            let mut from = self.shelf.from(start);
            let mut part = Vec::new();
            loop {
                let page = transaction.entries(STORE, Keys::Between(&from, &end), PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                from = after(last);
                for (key, value) in &page {
                    let text = value.as_string().unwrap_or_default();
                    if let Some(record) = self.shelf.record(key, &text)
                        && wanted.admits(&record)
                    {
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
            end = self.shelf.from(start);
            latest = start;
            span = span.saturating_mul(4);
        }
    }
}
