//! The budget of a client: one book for its session, one for the day, which all tabs of the origin
//! share through [`super::storage`]. What is reserved and what is settled is decided by
//! [`crate::cost::Caps`] and [`crate::cost::Book`]; this keeps the books.

use super::convert::{field, shortage, string_field, to_value, wrong};
use super::storage::{Keys, Notes, Readings, Storage, living_pages, page_id};
use super::transport::{fresh_id, now_ms, today};
use super::vocabularies;
use crate::catalog::Catalog;
use crate::chat::ChatRequest;
use crate::cost::{Book, Caps, Held, Limit, Money};
use crate::error::{Error, ErrorKind, Result};
use crate::json::{Fields, json};
use crate::plan::{Allowance, worst_of_sending};
use crate::tokens::{EstimateOptions, estimate_tokens};
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The store of the days' books, by day and name of the budget.
const STORE: &str = "budget";

/// How long a day's book is kept, in milliseconds: a request may be settled after its day.
const KEPT_MS: f64 = 35.0 * 86_400_000.0;

/// The page's local day, `YYYY-MM-DD`.
fn local_day(ms: f64) -> String {
    let zone = js_sys::Date::new(&ms.into()).get_timezone_offset() * 60_000.0;
    let shifted = js_sys::Date::new(&(ms - zone).into());
    String::from(shifted.to_iso_string()).chars().take(10).collect()
}

/// The day's book, as this page last knew it.
#[derive(Default)]
struct Known {
    key: String,
    book: Book,
    /// The pages that lived then.
    living: Option<Vec<String>>,
}

/// The caps of a client, and its books.
#[derive(Default)]
pub(super) struct Purse {
    caps: Caps,
    allow_unknown: bool,
    name: String,
    session: RefCell<Book>,
    known: RefCell<Known>,
    /// `None`: the day's book is kept in memory.
    storage: Option<Storage>,
    notes: RefCell<Option<Notes>>,
    /// When what other tabs wrote is read.
    readings: Readings,
}

/// What a plan says of its own cost, for the moment when it is sent.
pub(super) struct Fund {
    /// The plan's own cap.
    pub(super) request: Option<Money>,
    /// Tokens of input by model, low and high.
    inputs: Vec<(String, u64, u64)>,
    /// The size of the request that they stand for.
    bytes: Option<u64>,
}

impl Fund {
    /// Reads a plan, which JavaScript had in its hands.
    pub(super) fn read(plan: &Value) -> Self {
        let budget = plan.get("budget");
        let caps = budget.and_then(|budget| budget.get("caps")?.as_array());
        let request = caps.into_iter().flatten().find_map(|cap| {
            (cap.get("cap")?.as_str()? == "request")
                .then(|| Money::parse(cap.get("usd")?.as_str()?).ok())?
        });
        let input = |one: &Value| {
            let count = |name: &str| one.get("tokens")?.get(name)?.as_u64();
            Some((one.get("model")?.as_str()?.to_owned(), count("low")?, count("high")?))
        };
        let candidates = plan.get("candidates").and_then(Value::as_array);
        Self {
            request,
            inputs: candidates.into_iter().flatten().filter_map(input).collect(),
            bytes: budget.and_then(|budget| budget.get("bytes")?.as_u64()),
        }
    }

    /// The most that `request` can cost on `model`. It is counted again where it is not the one
    /// that was planned.
    ///
    /// # Errors
    /// Where the price is not known, or the answer has no limit.
    pub(super) fn most(
        &self,
        catalog: &Catalog,
        request: &ChatRequest,
        model: &str,
        provider: &str,
    ) -> Result<Money> {
        let day = today();
        let planned = self.inputs.iter().find(|(name, _, _)| name == model);
        let tokens = match planned {
            Some((_, low, high)) if self.bytes == Some(bytes_of(request)) => (*low, *high),
            _ => {
                let vocabularies = vocabularies();
                let options = EstimateOptions { provider: Some(provider.to_owned()) };
                let resolved = catalog.resolve(model)?;
                let tokens = estimate_tokens(request, resolved.model, &vocabularies, &options)?;
                (tokens.low, tokens.high)
            }
        };
        worst_of_sending(catalog, request, model, tokens, Some(&day))
    }
}

fn bytes_of(request: &ChatRequest) -> u64 {
    request.to_value().to_string().len() as u64
}

/// A reservation of this page.
pub(super) struct Ready {
    held: Held,
    key: String,
}

/// What became of a reservation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The gateway reported what it cost, or what was used.
    Billed(Money),
    /// No bill came, but what was used is estimated.
    Estimated(Money),
    /// Nothing was used.
    Unused,
    /// It may have been billed, nobody knows how much.
    Unknown,
}

impl Purse {
    /// Reads `options.budget` and opens the day's book.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the field; [`ErrorKind::Storage`] where the day's book
    /// cannot be read.
    pub(super) async fn open(options: &JsValue) -> Result<Rc<Self>> {
        let mut purse = Self::default();
        if let Some(given) = field(options, "budget") {
            purse.read(&given)?;
        }
        if purse.caps.day.is_some() {
            // Where it is refused, the day is counted in this page alone, and that is said.
            purse.storage = Storage::open().await.ok();
        }
        let purse = Rc::new(purse);
        if let Some(storage) = &purse.storage {
            let weak = Rc::downgrade(&purse);
            let notes = Notes::about(STORE, move || {
                if let Some(purse) = weak.upgrade() {
                    purse.heard();
                }
            });
            purse.notes.replace(notes);
            purse.refresh().await?;
            let oldest = local_day(now_ms() - KEPT_MS);
            // Old books are only in the way; where they stay, nothing is lost.
            let _ = storage.delete(STORE, Keys::Before(&oldest)).await;
        }
        Ok(purse)
    }

    fn read(&mut self, given: &JsValue) -> Result<()> {
        let value = to_value("budget", given)?;
        let fields =
            value.as_object().ok_or_else(|| wrong("budget", given, "an object with caps"))?;
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let cap = match name.as_str() {
                "requestUsd" => &mut self.caps.request,
                "sessionUsd" => &mut self.caps.session,
                "dayUsd" => &mut self.caps.day,
                "name" | "unknownCost" => continue,
                // A misspelt cap must not be lost.
                _ => {
                    return Err(Error::invalid_input(format!(
                        "budget.{name}: wanted one of requestUsd, sessionUsd, dayUsd, name, unknownCost"
                    )));
                }
            };
            *cap = Some(Money::from_value(&format!("budget.{name}"), value)?);
        }
        self.name = string_field(given, "name")?.unwrap_or_else(|| "default".to_owned());
        self.allow_unknown = match string_field(given, "unknownCost")?.as_deref() {
            None | Some("refuse") => false,
            Some("allow") => true,
            Some(other) => {
                return Err(wrong("budget.unknownCost", &other.into(), "refuse or allow"));
            }
        };
        Ok(())
    }

    /// The key of today's book.
    fn key(&self) -> String {
        format!("{} {}", local_day(now_ms()), self.name)
    }

    /// Today's book as it was last known; yesterday's is not today's.
    fn today(&self) -> Book {
        let known = self.known.borrow();
        if known.key == self.key() { known.book.clone() } else { Book::default() }
    }

    /// Keeps the book of `key` in mind, unless its day is over.
    fn learn(&self, key: String, book: Book) {
        if key == self.key() {
            let mut known = self.known.borrow_mut();
            (known.key, known.book) = (key, book);
        }
    }

    fn tell(&self) {
        if let Some(notes) = &*self.notes.borrow() {
            notes.tell();
        }
    }

    /// Another tab changed the day's book. Many notes at once are one reading, or two.
    fn heard(self: Rc<Self>) {
        if self.readings.asked() {
            super::spawn(async move {
                loop {
                    // What cannot be read now is read when something is to be sent.
                    let _ = self.refresh().await;
                    if !self.readings.again() {
                        break;
                    }
                }
            });
        }
    }

    /// Reads the day's book anew.
    async fn refresh(&self) -> Result<()> {
        let Some(storage) = &self.storage else { return Ok(()) };
        let living = living_pages().await;
        self.known.borrow_mut().living = living;
        let key = self.key();
        // Nothing is awaited between reading and learning: a newer book would be forgotten.
        let book = read_book(storage.get(STORE, &key).await?)?;
        self.learn(key, book);
        Ok(())
    }

    fn caps(&self, request: Option<Money>) -> Caps {
        let request = [self.caps.request, request].into_iter().flatten().min();
        Caps { request, ..self.caps }
    }

    fn limits(&self, request: Option<Money>) -> Vec<Limit> {
        let session = self.session.borrow();
        let known = self.known.borrow();
        self.caps(request).limits(&session, &self.today(), known.living.as_deref())
    }

    fn shared(&self) -> Option<bool> {
        self.caps.day.map(|_| self.storage.is_some())
    }

    /// What a plan may cost, as last known. `request`: its own cap. `spare`: models to propose.
    pub(super) fn allowance(&self, request: Option<Money>, spare: &[String]) -> Allowance {
        Allowance {
            limits: self.limits(request),
            shared: self.shared(),
            allow_unknown: self.allow_unknown,
            spare: spare.to_vec(),
        }
    }

    /// How the caps stand now, for JavaScript; null where there are none.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub(super) async fn state(&self) -> Result<Value> {
        if self.caps.is_empty() {
            return Ok(Value::Null);
        }
        self.refresh().await?;
        let caps: Vec<Value> = self.limits(None).iter().map(Limit::to_value).collect();
        Ok(json!({"caps": caps, "shared": self.shared(), "day": local_day(now_ms()),
                  "name": self.name}))
    }

    /// Whether requests are held against a cap at all. `request`: the plan's own.
    pub(super) fn counts(&self, request: Option<Money>) -> bool {
        !self.caps(request).is_empty()
    }

    /// Reserves the most that a request to `model` can cost, in all books or in none: in the day's
    /// book within one transaction, which no other tab can come between. `most`: `Err` where it is
    /// not known.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] where it does not fit; [`ErrorKind::Storage`] where the day's book
    /// cannot be read or written: what could not be written down is not sent.
    pub(super) async fn reserve(
        &self,
        model: &str,
        most: Result<Money>,
        request: Option<Money>,
    ) -> Result<Ready> {
        let most = match most {
            Ok(most) => most,
            Err(error) if error.kind() == ErrorKind::Budget => return Err(error),
            Err(_) if self.allow_unknown => Money::ZERO,
            Err(error) => {
                return Err(Error::new(
                    ErrorKind::Budget,
                    format!(
                        "budget: found no price of {model}, wanted one, because a cap is set; budget.unknownCost \"allow\" sends it uncounted"
                    ),
                )
                .with_source(error));
            }
        };
        let (id, page) = (fresh_id("held"), page_id());
        let ready = Ready { held: Held { id, page, most, lost: false }, key: self.key() };
        let caps = self.caps(request);
        let take = |day: &mut Book| {
            let held = ready.held.clone();
            caps.reserve(&mut self.session.borrow_mut(), day, held, model)
        };
        let Some(storage) = &self.storage else {
            let mut day = self.today();
            take(&mut day)?;
            self.learn(ready.key.clone(), day);
            return Ok(ready);
        };
        let mut written = None;
        let mut change = |old| {
            let mut day = read_book(old)?;
            take(&mut day)?;
            written = Some(day.clone());
            Ok(Some(day.to_text().into()))
        };
        if let Err(error) = storage.update(STORE, &ready.key, &mut change).await {
            if written.is_some() {
                self.session.borrow_mut().settle(&ready.held.id, Money::ZERO);
            }
            return Err(error);
        }
        self.learn(ready.key.clone(), written.unwrap_or_default());
        self.tell();
        Ok(ready)
    }

    /// Puts what a request really cost in its reservation's place. Gives what a receipt says of it.
    pub(super) async fn settle(&self, ready: Ready, outcome: Outcome) -> Value {
        let Ready { held, key } = ready;
        let close = |book: &mut Book| match outcome {
            Outcome::Billed(cost) | Outcome::Estimated(cost) => book.settle(&held.id, cost),
            Outcome::Unused => book.settle(&held.id, Money::ZERO),
            Outcome::Unknown => book.lose(&held.id),
        };
        close(&mut self.session.borrow_mut());
        let mut note = None;
        match &self.storage {
            None => {
                let mut known = self.known.borrow_mut();
                if known.key == key {
                    close(&mut known.book);
                }
            }
            Some(storage) => {
                let mut written = None;
                let mut change = |old| {
                    let mut day = read_book(old)?;
                    close(&mut day);
                    written = Some(day.clone());
                    Ok(Some(day.to_text().into()))
                };
                match storage.update(STORE, &key, &mut change).await {
                    Ok(()) => self.learn(key, written.unwrap_or_default()),
                    // The reservation stays: more is held back than was spent, never less.
                    Err(error) => note = Some(error.message().to_owned()),
                }
                self.tell();
            }
        }
        let (by, cost) = match outcome {
            Outcome::Billed(cost) => ("bill", Some(cost)),
            Outcome::Estimated(cost) => ("estimate", Some(cost)),
            Outcome::Unused => ("unused", Some(Money::ZERO)),
            Outcome::Unknown => ("unsettled", None),
        };
        json!({"reservedUsd": held.most, "settledUsd": cost, "settledBy": by, "note": note})
    }

    /// What a receipt says of the budget: its last reservation, with the earlier ones of failed
    /// attempts, and how the caps stand now. `None` where nothing was held against a cap.
    pub(super) fn told(&self, mut settled: Vec<Value>) -> Option<Value> {
        let mut last = settled.pop()?;
        if let Some(fields) = last.as_object_mut() {
            if !settled.is_empty() {
                fields.put("earlier", settled.into());
            }
            let caps: Vec<Value> = self.limits(None).iter().map(Limit::to_value).collect();
            fields.put("caps", caps.into());
            fields.put("shared", json!(self.shared()));
        }
        Some(last)
    }

    /// What a receipt says of a request that was not let through.
    pub(super) fn refused(error: &Error) -> Value {
        let numbers = error.shortage().map(shortage);
        json!({"reservedUsd": null, "settledUsd": "0", "settledBy": "unused", "refused": numbers})
    }
}

fn read_book(kept: Option<JsValue>) -> Result<Book> {
    match kept {
        None => Ok(Book::default()),
        Some(kept) => Book::from_text(&kept.as_string().unwrap_or_default()),
    }
}
