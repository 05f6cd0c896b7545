//! The budget: caps, and books of what was spent and what is held ready for what is under way.
//!
//! Before a request leaves, the most that it can cost is reserved; its true cost takes the
//! reservation's place afterwards. Nothing is sent that does not fit beside all that was spent and
//! all that is reserved, so new sends never pass a cap. What was spent is always written down, also
//! beyond a cap. A reservation whose bill will never be known stays, at its worst case, until its
//! book is closed: the money may have been spent.

use super::Money;
use crate::error::{Error, ErrorKind, Result, Shortage};
use crate::json::Fields;
use serde_json::{Map, Value};

/// What a cap holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// One request.
    Request,
    /// One session.
    Session,
    /// One day.
    Day,
}

impl Cap {
    /// The stable spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Session => "session",
            Self::Day => "day",
        }
    }

    /// In a sentence: "the cap of ...".
    const fn of(self) -> &'static str {
        match self {
            Self::Request => "one request",
            Self::Session => "this session",
            Self::Day => "today",
        }
    }
}

/// The most that may be spent; `None`: no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// By one request.
    pub request: Option<Money>,
    /// By one session.
    pub session: Option<Money>,
    /// On one day.
    pub day: Option<Money>,
}

/// How one cap stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it holds for.
    pub cap: Cap,
    /// The most that may be spent.
    pub most: Money,
    /// What was spent.
    pub spent: Money,
    /// What is held ready for requests under way.
    pub reserved: Money,
    /// What may have been spent by requests whose bill is not known.
    pub unsettled: Money,
}

impl Limit {
    /// What may still be reserved.
    pub fn left(&self) -> Money {
        self.most
            .saturating_sub(self.spent)
            .saturating_sub(self.reserved)
            .saturating_sub(self.unsettled)
    }

    /// For JavaScript: amounts as decimal strings.
    pub fn to_value(&self) -> Value {
        let amounts = [
            ("usd", self.most),
            ("spentUsd", self.spent),
            ("reservedUsd", self.reserved),
            ("unsettledUsd", self.unsettled),
            ("leftUsd", self.left()),
        ];
        let mut fields = Map::new();
        fields.put("cap", self.cap.name().into());
        for (name, amount) in amounts {
            fields.insert(name.to_owned(), amount.to_string().into());
        }
        Value::Object(fields)
    }

    fn check(&self, wanted: Money, model: &str) -> Result<()> {
        let left = self.left();
        if wanted <= left {
            return Ok(());
        }
        let taken = match self.cap {
            Cap::Request => String::new(),
            _ => {
                let held = sum(self.reserved, self.unsettled);
                format!(" ({} USD spent, {held} USD reserved)", self.spent)
            }
        };
        let text = format!(
            "budget: found up to {wanted} USD for a request to {model}, wanted at most {left} USD: the cap of {} is {} USD{taken}",
            self.cap.of(),
            self.most,
        );
        let amounts = [self.most, self.spent, self.reserved, self.unsettled, wanted, left];
        let shortage =
            Shortage { cap: self.cap.name(), amounts: amounts.map(|one| one.to_string()) };
        Err(Error::new(ErrorKind::Budget, text).with_shortage(shortage))
    }
}

impl Caps {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How the caps stand. `living` are the pages that still live; `None`: all of them may.
    pub fn limits(&self, session: &Book, day: &Book, living: Option<&[String]>) -> Vec<Limit> {
        let empty = Book::default();
        let mut limits = Vec::new();
        for (cap, most, book) in [
            (Cap::Request, self.request, &empty),
            (Cap::Session, self.session, session),
            (Cap::Day, self.day, day),
        ] {
            if let Some(most) = most {
                let (reserved, unsettled) = book.held(living);
                limits.push(Limit { cap, most, spent: book.spent, reserved, unsettled });
            }
        }
        limits
    }

    /// Reserves `held` for a request to `model` in both books, or in neither.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] with the first cap that it does not fit, and its numbers
    /// ([`Error::shortage`]).
    pub fn reserve(
        &self,
        session: &mut Book,
        day: &mut Book,
        held: Held,
        model: &str,
    ) -> Result<()> {
        for limit in self.limits(session, day, None) {
            limit.check(held.most, model)?;
        }
        session.held.push(held.clone());
        day.held.push(held);
        Ok(())
    }
}

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its own name.
    pub id: String,
    /// The page that sent the request.
    pub page: String,
    /// The most that the request can cost.
    pub most: Money,
    /// Whether its bill will never be known.
    pub lost: bool,
}

/// What was spent in a session or on a day, and what is reserved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    spent: Money,
    held: Vec<Held>,
}

/// The sum; more than can be held is the largest amount that can.
fn sum(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(Money::MAX)
}

impl Book {
    /// What was spent.
    pub fn spent(&self) -> Money {
        self.spent
    }

    /// What is held ready for requests of pages that live, and for those whose bill will not come.
    pub fn held(&self, living: Option<&[String]>) -> (Money, Money) {
        let (mut alive, mut dead) = (Money::ZERO, Money::ZERO);
        for held in &self.held {
            let is_dead = held.lost || living.is_some_and(|all| !all.contains(&held.page));
            let of = if is_dead { &mut dead } else { &mut alive };
            *of = sum(*of, held.most);
        }
        (alive, dead)
    }

    /// Writes down what a request really cost, in place of its reservation. Also where there is no
    /// such reservation: money that is spent is spent.
    pub fn settle(&mut self, id: &str, cost: Money) {
        self.held.retain(|held| held.id != id);
        self.spent = sum(self.spent, cost);
    }

    /// Notes that the bill of a reservation will never be known: it stays.
    pub fn lose(&mut self, id: &str) {
        for held in self.held.iter_mut().filter(|held| held.id == id) {
            held.lost = true;
        }
    }

    /// For the store: what was spent, then a line for each reservation.
    pub fn to_text(&self) -> String {
        let mut text = self.spent.to_string();
        for held in &self.held {
            let state = if held.lost { "lost" } else { "held" };
            text = text
                + "\n"
                + state
                + " "
                + &held.most.to_string()
                + " "
                + &held.id
                + " "
                + &held.page;
        }
        text
    }

    /// Reads back what [`Book::to_text`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] for anything else: a book that cannot be read is not an empty one.
    pub fn from_text(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            let found: String = text.chars().take(80).collect();
            Error::new(
                ErrorKind::Storage,
                format!("budget: found {found:?} in the store, wanted a book"),
            )
        })
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let mut book = Self { spent: Money::parse(lines.next()?).ok()?, held: Vec::new() };
        for line in lines {
            let mut words = line.splitn(4, ' ');
            let lost = match words.next()? {
                "lost" => true,
                "held" => false,
                _ => return None,
            };
            book.held.push(Held {
                lost,
                most: Money::parse(words.next()?).ok()?,
                id: words.next()?.to_owned(),
                page: words.next()?.to_owned(),
            });
        }
        Some(book)
    }
}
