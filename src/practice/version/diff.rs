//! Two texts, word by word: what both have, what only the earlier and what only the later one has.
//!
//! The shortest edit script by Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its Variations",
//! Algorithmica 1, 1986), with a bound on its work: where two texts differ too much it goes by lines, and
//! words only within the lines that changed; where even the lines differ too much, what lies between the
//! common beginning and the common end stands as replaced.

use crate::practice::border::is_border;
use serde_json::{Value, json};

/// The most edits that are looked for at one level. The trace takes their square in numbers: 1 MB.
const MOST_EDITS: usize = 500;

/// Up to so many words on both sides together a text goes by words at once.
const MOST_WORDS: usize = 40_000;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In both.
    Same,
    /// Only in the earlier one.
    Removed,
    /// Only in the later one.
    Added,
}

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which side it is on.
    pub kind: Kind,
    /// The text.
    pub text: String,
}

impl Piece {
    pub(super) fn to_value(&self) -> Value {
        let kind = match self.kind {
            Kind::Same => "same",
            Kind::Removed => "removed",
            Kind::Added => "added",
        };
        json!({"kind": kind, "text": self.text})
    }
}

/// What was changed from `before` to `after`. The pieces that are not added, joined, are `before`; those
/// that are not removed are `after`. Neighbours differ in kind, and what is removed stands before what is
/// added in its place.
pub fn diff(before: &str, after: &str) -> Vec<Piece> {
    let mut made = Made(Vec::new());
    let (one, other) = (words(before), words(after));
    if one.len() + other.len() <= MOST_WORDS
        && let Some(edits) = edits(&one, &other)
    {
        made.take(&edits, &one, &other);
    } else {
        by_lines(&mut made, before, after);
    }
    made.joined()
}

/// Lines first; then words within the lines that changed.
fn by_lines(made: &mut Made, before: &str, after: &str) {
    let one: Vec<&str> = before.split_inclusive('\n').collect();
    let other: Vec<&str> = after.split_inclusive('\n').collect();
    let edits = edits(&one, &other).unwrap_or_else(|| replaced(&one, &other));
    // What was removed and added since both last agreed.
    let (mut gone, mut new) = (String::new(), String::new());
    let (mut at, mut to) = (0, 0);
    for edit in edits.iter().chain([&Kind::Same]) {
        match edit {
            Kind::Removed => {
                gone.push_str(one.get(at).copied().unwrap_or_default());
                at += 1;
            }
            Kind::Added => {
                new.push_str(other.get(to).copied().unwrap_or_default());
                to += 1;
            }
            Kind::Same => {
                let (old_words, new_words) = (words(&gone), words(&new));
                let small = old_words.len() + new_words.len() <= MOST_WORDS;
                let inner = if small { self::edits(&old_words, &new_words) } else { None };
                match inner {
                    Some(inner) => made.take(&inner, &old_words, &new_words),
                    None => {
                        made.add(Kind::Removed, &gone);
                        made.add(Kind::Added, &new);
                    }
                }
                gone.clear();
                new.clear();
                made.add(Kind::Same, one.get(at).copied().unwrap_or_default());
                (at, to) = (at + 1, to + 1);
            }
        }
    }
}

/// A text as words, white space and single signs; cut only between characters as a reader sees them.
fn words(text: &str) -> Vec<&str> {
    let class = |one: char| match one {
        _ if one.is_whitespace() => 0u8,
        _ if one.is_ascii_punctuation() => 1,
        // Scripts without spaces go by characters.
        '\u{3001}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff9d}' => 2,
        _ => 3,
    };
    let mut list = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, after) in text.char_indices() {
        if let Some(before) = before
            && (class(before) != class(after) || matches!(class(after), 1 | 2))
            && is_border(before, after)
        {
            list.push(text.get(start..at).unwrap_or_default());
            start = at;
        }
        before = Some(after);
    }
    if start < text.len() {
        list.push(text.get(start..).unwrap_or_default());
    }
    list
}

/// How much two lists have in common at their beginning and, beyond that, at their end.
fn common(one: &[&str], other: &[&str]) -> (usize, usize) {
    let mut head = 0;
    while head < one.len() && one.get(head) == other.get(head) {
        head += 1;
    }
    let most = one.len().min(other.len()) - head.min(other.len());
    let mut tail = 0;
    while tail < most && one.get(one.len() - 1 - tail) == other.get(other.len() - 1 - tail) {
        tail += 1;
    }
    (head, tail)
}

/// All between the common ends as replaced.
fn replaced(one: &[&str], other: &[&str]) -> Vec<Kind> {
    let (head, tail) = common(one, other);
    let mut list = vec![Kind::Same; head];
    list.resize(list.len() + one.len() - head - tail, Kind::Removed);
    list.resize(list.len() + other.len() - head - tail, Kind::Added);
    list.resize(list.len() + tail, Kind::Same);
    list
}

/// The shortest script from one list to the other, one entry for each item; `None` where it takes more than
/// [`MOST_EDITS`].
fn edits(one: &[&str], other: &[&str]) -> Option<Vec<Kind>> {
    let (head, tail) = common(one, other);
    let one = one.get(head..one.len() - tail).unwrap_or_default();
    let other = other.get(head..other.len() - tail).unwrap_or_default();
    if one.is_empty() || other.is_empty() {
        let mut list = vec![Kind::Same; head];
        list.resize(list.len() + one.len(), Kind::Removed);
        list.resize(list.len() + other.len(), Kind::Added);
        list.resize(list.len() + tail, Kind::Same);
        return Some(list);
    }
    let most = MOST_EDITS.min(one.len() + other.len());
    // How far each diagonal reaches in `one`; the diagonal `k` stands at `k + most + 1`.
    let mut reach = vec![0usize; 2 * most + 3];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    let mut found = false;
    'deeper: for depth in 0..=most {
        trace.push(reach.get(most + 1 - depth..most + 2 + depth).unwrap_or_default().to_vec());
        for step in 0..=depth {
            // k from -depth to depth in steps of two, held as k + most + 1.
            let place = most + 1 + 2 * step - depth;
            let lower = reach.get(place - 1).copied().unwrap_or(0);
            let upper = reach.get(place + 1).copied().unwrap_or(0);
            let down = step == 0 || (step < depth && lower < upper);
            let mut x = if depth == 0 {
                0
            } else if down {
                upper
            } else {
                lower + 1
            };
            // y = x - k; never negative on a diagonal that was reached.
            let mut y = (x + most + 1).checked_sub(place)?;
            while x < one.len() && one.get(x) == other.get(y) {
                (x, y) = (x + 1, y + 1);
            }
            if let Some(slot) = reach.get_mut(place) {
                *slot = x;
            }
            if x >= one.len() && y >= other.len() {
                found = true;
                break 'deeper;
            }
        }
    }
    if !found {
        return None;
    }
    let mut back = Vec::new();
    let (mut x, mut y) = (one.len(), other.len());
    for depth in (1..trace.len()).rev() {
        // The row before this depth: diagonals -depth to depth.
        let row = trace.get(depth)?;
        let at = |place: usize| row.get(place).copied().unwrap_or(0);
        // k + depth, from 0 to 2 * depth.
        let place = (x + depth).checked_sub(y)?;
        let down = place == 0 || (place < 2 * depth && at(place - 1) < at(place + 1));
        let from = if down { at(place + 1) } else { at(place - 1) };
        let begin = if down { from } else { from + 1 };
        while x > begin {
            back.push(Kind::Same);
            (x, y) = (x - 1, y.checked_sub(1)?);
        }
        if down {
            back.push(Kind::Added);
            y = y.checked_sub(1)?;
        } else {
            back.push(Kind::Removed);
            x = x.checked_sub(1)?;
        }
    }
    back.resize(back.len() + x, Kind::Same);
    let mut list = vec![Kind::Same; head];
    list.extend(back.iter().rev());
    list.resize(list.len() + tail, Kind::Same);
    Some(list)
}

/// Pieces as they come.
struct Made(Vec<Piece>);

impl Made {
    fn add(&mut self, kind: Kind, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ => self.0.push(Piece { kind, text: text.to_owned() }),
        }
    }

    fn take(&mut self, edits: &[Kind], one: &[&str], other: &[&str]) {
        let (mut at, mut to) = (0, 0);
        for edit in edits {
            match edit {
                Kind::Added => {
                    self.add(Kind::Added, other.get(to).copied().unwrap_or_default());
                    to += 1;
                }
                kind => {
                    self.add(*kind, one.get(at).copied().unwrap_or_default());
                    at += 1;
                    to += usize::from(*kind == Kind::Same);
                }
            }
        }
    }

    /// White space alone between two changes belongs to both: three words that were replaced read better
    /// as one change than as three.
    fn joined(self) -> Vec<Piece> {
        let mut list: Vec<Piece> = Vec::new();
        let (mut gone, mut new) = (String::new(), String::new());
        let mut pieces = self.0.into_iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece.kind {
                Kind::Removed => gone.push_str(&piece.text),
                Kind::Added => new.push_str(&piece.text),
                Kind::Same => {
                    let blank = !piece.text.contains('\n') && piece.text.trim().is_empty();
                    if blank && !gone.is_empty() && !new.is_empty() && pieces.peek().is_some() {
                        gone.push_str(&piece.text);
                        new.push_str(&piece.text);
                    } else {
                        flush(&mut list, &mut gone, &mut new);
                        list.push(piece);
                    }
                }
            }
        }
        flush(&mut list, &mut gone, &mut new);
        list
    }
}

fn flush(list: &mut Vec<Piece>, gone: &mut String, new: &mut String) {
    if !gone.is_empty() {
        list.push(Piece { kind: Kind::Removed, text: std::mem::take(gone) });
    }
    if !new.is_empty() {
        list.push(Piece { kind: Kind::Added, text: std::mem::take(new) });
    }
}
