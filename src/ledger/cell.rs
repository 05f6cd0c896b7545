//! What receipts add up to, by day, model, task and experiment: small enough to be kept when the
//! receipts themselves are gone, and put together in any order.

use super::record::{ENDINGS, Record};
use super::sketch::Sketch;
use crate::cost::Money;
use crate::json::json;
use serde_json::Value;

const DAY_MS: u64 = 86_400_000;

/// A figure of a cell: a whole number, which is added to and taken from exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// How many requests; the four endings follow in the order of [`ENDINGS`].
    Requests = 0,
    /// Answers that were kept from an earlier request.
    Cached = 5,
    /// Requests with more than one attempt.
    Retried,
    /// Requests whose cost is known.
    Costs,
    /// The sum of the costs, in picodollars (1e-12 USD).
    Cost,
    /// The sum of their squares, in square nanodollars (1e-18 USD²).
    CostSquares,
    /// The sum of their cubes, in cubic nanodollars.
    CostCubes,
    /// Answers of which it was said how right they are.
    Judged,
    /// Those of them of which a person said it.
    JudgedByPerson,
    /// How right, in millionths, all together.
    Right,
    /// Requests that did what they were for.
    Done,
    /// Thumbs up.
    Up,
    /// Thumbs down.
    Down,
    /// Scores of 1; those of 2 to 5 follow.
    Scores,
    /// Requests that can be held against the strongest candidate.
    Compared = 22,
    /// Their bills, in picodollars.
    ComparedBill,
    /// What the strongest candidate was estimated at for them: low, in picodollars.
    StrongestLow,
    /// Expected.
    StrongestExpected,
    /// High.
    StrongestHigh,
}

/// How many figures there are.
const FIGURES: usize = 27;

/// What some receipts add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    figures: [i128; FIGURES],
    /// When the first was sent, in milliseconds since 1970; 0 where there is none.
    pub first: u64,
    /// When the last was sent.
    pub last: u64,
    /// Milliseconds to the first piece; answers that were kept are left out.
    pub first_piece: Sketch,
    /// Milliseconds between pieces, the mean of each answer.
    pub per_piece: Sketch,
    /// Milliseconds to the end, of answers that ended by themselves.
    pub total: Sketch,
}

/// What a cell is of. In order of the days.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `YYYY-MM-DD`, UTC; of old ones `YYYY-MM`.
    pub day: String,
    /// The model that was asked.
    pub model: String,
    /// What for; empty where nobody said.
    pub task: String,
    /// The experiment; empty for none.
    pub experiment: String,
    /// Its arm.
    pub arm: String,
}

impl Key {
    /// Where a record is counted.
    pub fn of(record: &Record) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            day: day_of(record.sent_at),
            model: record.model.clone(),
            task: text(record.task()),
            experiment: text(record.experiment.as_deref()),
            arm: text(record.arm.as_deref()),
        }
    }

    /// As a text that begins with the day.
    pub fn write(&self) -> String {
        format!("{}{}", self.day, json!([self.model, self.task, self.experiment, self.arm]))
    }

    /// Reads what [`Key::write`] wrote; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (day, rest) = text.split_at_checked(text.find('[')?)?;
        let rest: Value = serde_json::from_str(rest).ok()?;
        let mut words = rest.as_array()?.iter();
        let mut word = || words.next()?.as_str().map(str::to_owned);
        let (model, task, experiment, arm) = (word()?, word()?, word()?, word()?);
        (day.len() == 10 || day.len() == 7).then(|| Self {
            day: day.to_owned(),
            model,
            task,
            experiment,
            arm,
        })
    }

    /// The same of its whole month.
    pub fn of_month(&self) -> Self {
        Self { day: self.day.chars().take(7).collect(), ..self.clone() }
    }
}

/// The day of a moment (milliseconds since 1970), `YYYY-MM-DD`, UTC; by Howard Hinnant's
/// `civil_from_days` (howardhinnant.github.io/date_algorithms.html).
pub fn day_of(ms: u64) -> String {
    let days = ms / DAY_MS + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// When a day of [`day_of`] begins; of a month (`YYYY-MM`), its first day. `None` for what is neither.
pub fn start_of(day: &str) -> Option<u64> {
    let mut parts = day.split('-');
    let mut part = || parts.next().map(str::parse::<u64>);
    let (year, month) = (part()?.ok()?, part()?.ok()?);
    let day = part().unwrap_or(Ok(1)).ok()?;
    if !(1970..300_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days.saturating_sub(719_468) * DAY_MS)
}

impl Cell {
    /// One of the figures.
    pub fn get(&self, figure: Figure) -> i128 {
        self.offset(figure, 0)
    }

    /// The figure that follows one by so many.
    pub fn offset(&self, figure: Figure, more: usize) -> i128 {
        self.figures.get(figure as usize + more).copied().unwrap_or(0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.get(Figure::Requests) == 0
    }

    /// Adds to the figure that follows one by so many; or takes from it.
    #[inline(never)]
    fn add(&mut self, taken_out: bool, figure: Figure, more: usize, value: i128) {
        if let Some(sum) = self.figures.get_mut(figure as usize + more) {
            *sum = sum.saturating_add(if taken_out { value.saturating_neg() } else { value });
        }
    }

    /// Counts a record, or takes one out that was counted.
    pub fn count(&mut self, record: &Record, taken_out: bool) {
        self.last = self.last.max(record.sent_at);
        self.first = match self.first {
            0 => record.sent_at,
            first => first.min(record.sent_at),
        };
        self.add(taken_out, Figure::Requests, 0, 1);
        for (place, ending) in ENDINGS.iter().enumerate() {
            self.add(taken_out, Figure::Requests, place + 1, i128::from(record.ending == *ending));
        }
        let cached = record.cached == Some(true);
        self.add(taken_out, Figure::Cached, 0, i128::from(cached));
        let tried = record.attempts.iter().filter(|attempt| !attempt.skipped).count();
        self.add(taken_out, Figure::Retried, 0, i128::from(tried > 1));
        if let Some(cost) = record.cost {
            let pico = pico(cost);
            let nano = (pico + 500) / 1_000;
            self.add(taken_out, Figure::Costs, 0, 1);
            self.add(taken_out, Figure::Cost, 0, pico);
            self.add(taken_out, Figure::CostSquares, 0, nano.saturating_mul(nano));
            self.add(
                taken_out,
                Figure::CostCubes,
                0,
                nano.saturating_mul(nano).saturating_mul(nano),
            );
        }
        if let Some(right) = record.accuracy() {
            self.add(taken_out, Figure::Judged, 0, 1);
            self.add(
                taken_out,
                Figure::JudgedByPerson,
                0,
                i128::from(record.feedback.correct.is_some()),
            );
            self.add(taken_out, Figure::Right, 0, (right * 1e6).round() as i128);
        }
        self.add(taken_out, Figure::Done, 0, i128::from(record.completed()));
        self.add(
            taken_out,
            Figure::Up,
            0,
            i128::from(record.feedback.thumb.as_deref() == Some("up")),
        );
        self.add(
            taken_out,
            Figure::Down,
            0,
            i128::from(record.feedback.thumb.as_deref() == Some("down")),
        );
        if let Some(score @ 1..=5) = record.feedback.score {
            self.add(taken_out, Figure::Scores, score as usize - 1, 1);
        }
        if let Some((strongest, bill)) = record.against_strongest() {
            let expected = strongest.expected.unwrap_or(bill);
            self.add(taken_out, Figure::Compared, 0, 1);
            self.add(taken_out, Figure::ComparedBill, 0, pico(bill));
            self.add(taken_out, Figure::StrongestLow, 0, pico(strongest.low.unwrap_or(expected)));
            self.add(taken_out, Figure::StrongestExpected, 0, pico(expected));
            self.add(taken_out, Figure::StrongestHigh, 0, pico(strongest.high.unwrap_or(expected)));
        }
        if cached {
            return;
        }
        let whole = record.ending == "completed" || record.ending == "truncated";
        for (sketch, time) in [
            (&mut self.first_piece, record.first_piece_ms),
            (&mut self.per_piece, record.per_piece_ms()),
            (&mut self.total, record.total_ms.filter(|_| whole)),
        ] {
            match time {
                Some(time) if taken_out => sketch.remove(time),
                Some(time) => sketch.add(time),
                None => {}
            }
        }
    }

    /// Counts all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in self.figures.iter_mut().zip(&other.figures) {
            *sum = sum.saturating_add(*more);
        }
        self.last = self.last.max(other.last);
        if self.first == 0 || (other.first != 0 && other.first < self.first) {
            self.first = other.first;
        }
        self.first_piece.merge(&other.first_piece);
        self.per_piece.merge(&other.per_piece);
        self.total.merge(&other.total);
    }

    /// As a text: the version, the first and the last moment, the figures, the three sketches, and a
    /// sum of all that.
    pub fn write(&self) -> String {
        let mut text = format!("1|{}|{}|", self.first, self.last);
        for (place, figure) in self.figures.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&figure.to_string());
        }
        for sketch in [&self.first_piece, &self.per_piece, &self.total] {
            text.push('|');
            sketch.write(&mut text);
        }
        let sum = sum_of(&text);
        text.push_str(&format!("|{sum}"));
        text
    }

    /// Reads what [`Cell::write`] wrote; `None` for anything else, and where it was damaged since.
    pub fn read(text: &str) -> Option<Self> {
        let (text, sum) = text.rsplit_once('|')?;
        if sum != sum_of(text).to_string() {
            return None;
        }
        let mut parts = text.split('|');
        if parts.next()? != "1" {
            return None;
        }
        let mut cell = Self {
            first: parts.next()?.parse().ok()?,
            last: parts.next()?.parse().ok()?,
            ..Self::default()
        };
        let mut found = parts.next()?.split(',');
        for figure in &mut cell.figures {
            *figure = found.next()?.parse().ok().filter(|figure: &i128| *figure >= 0)?;
        }
        cell.first_piece = Sketch::read(parts.next()?)?;
        cell.per_piece = Sketch::read(parts.next()?)?;
        cell.total = Sketch::read(parts.next()?)?;
        (found.next().is_none() && parts.next().is_none()).then_some(cell)
    }
}

/// FNV-1a of 32 bits (Fowler, Noll, Vo; www.isthe.com/chongo/tech/comp/fnv).
fn sum_of(text: &str) -> u32 {
    let mut sum = 0x811C_9DC5_u32;
    for byte in text.bytes() {
        sum = (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    sum
}

fn pico(money: Money) -> i128 {
    i128::try_from(money.picodollars()).unwrap_or(i128::MAX)
}

/// Many cells, in order of their keys.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    list: Vec<(Key, Cell)>,
}

impl Cells {
    /// All of them.
    pub fn list(&self) -> &[(Key, Cell)] {
        &self.list
    }

    /// The cell of a key.
    pub fn get(&self, key: &Key) -> Option<&Cell> {
        let place = self.list.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
        self.list.get(place).map(|(_, cell)| cell)
    }

    /// Puts a cell in the place of the one that is there.
    pub fn put(&mut self, key: Key, cell: Cell) {
        match self.list.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(place) => {
                if let Some(found) = self.list.get_mut(place) {
                    found.1 = cell;
                }
            }
            Err(place) => self.list.insert(place, (key, cell)),
        }
    }

    /// Counts a record, or takes one out that was counted.
    pub fn count(&mut self, record: &Record, taken_out: bool) {
        let key = Key::of(record);
        match self.list.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(place) => {
                if let Some((_, cell)) = self.list.get_mut(place) {
                    cell.count(record, taken_out);
                }
            }
            Err(place) => {
                let mut cell = Cell::default();
                cell.count(record, taken_out);
                self.list.insert(place, (key, cell));
            }
        }
    }
}
