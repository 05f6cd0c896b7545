//! The way back: stand-ins in an answer become the values again, although a piece may end anywhere.

use super::LABELS;
use super::scan::at;
use std::rc::Rc;

/// The most digits of a stand-in's number.
const DIGITS: usize = 7;

/// What a text begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A stand-in, of so many bytes.
    Whole { label: usize, number: u32, length: usize },
    /// It ends where one could go on: of these labels, with this number so far.
    Part { labels: u8, number: u32 },
    /// None.
    Other,
}

/// Reads a stand-in at the beginning of a text. Small letters are accepted, and one sign between word
/// and number.
pub(super) fn read(text: &[u8]) -> Read {
    if at(text, 0) != b'[' {
        return Read::Other;
    }
    let mut labels = 0u8;
    for (label, word) in LABELS.iter().enumerate() {
        let word = word.as_bytes();
        let said = text.get(1..text.len().min(1 + word.len())).unwrap_or_default();
        if !word.get(..said.len()).is_some_and(|same| same.eq_ignore_ascii_case(said)) {
            continue;
        }
        let mut place = 1 + said.len();
        // Some write it as they write other names: `[EMAIL_1]`, in Markdown `[EMAIL\_1]`.
        while place < text.len().min(word.len() + 3) && at(text, place) == b'\\' {
            place += 1;
        }
        if matches!(at(text, place), b'_' | b'-' | b' ') {
            place += 1;
        }
        if place >= text.len() {
            labels |= 1 << label;
            continue;
        }
        let from = place;
        let mut number = 0u32;
        while at(text, place).is_ascii_digit() && place - from < DIGITS {
            number = number * 10 + u32::from(at(text, place) - b'0');
            place += 1;
        }
        // No number begins with 0.
        if at(text, from) == b'0' {
            continue;
        }
        if place >= text.len() {
            return Read::Part { labels: 1 << label, number };
        }
        if place > from && at(text, place) == b']' {
            return Read::Whole { label, number, length: place + 1 };
        }
    }
    if labels == 0 { Read::Other } else { Read::Part { labels, number: 0 } }
}

/// The values behind stand-ins.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Vault {
    values: [Vec<Option<String>>; LABELS.len()],
}

/// It never shows what it holds.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    pub(super) fn put(&mut self, label: usize, number: u32, value: &str) {
        let (Some(list), Ok(place)) = (self.values.get_mut(label), usize::try_from(number)) else {
            return;
        };
        while list.len() <= place {
            list.push(None);
        }
        if let Some(slot) = list.get_mut(place) {
            *slot = Some(value.to_owned());
        }
    }

    fn get(&self, label: usize, number: u32) -> Option<&str> {
        self.values.get(label)?.get(usize::try_from(number).ok()?)?.as_deref()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Vec::is_empty)
    }

    /// Whether a stand-in of one of these labels may still come.
    fn may_come(&self, labels: u8, number: u32) -> bool {
        let mut lists = self.values.iter().enumerate();
        lists.any(|(label, list)| labels & (1 << label) != 0 && list.len() > number as usize)
    }

    /// A whole text with the values in it.
    pub fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let held = self.pour(text, false, &mut out);
        out.push_str(text.get(held..).unwrap_or_default());
        out
    }

    /// The same for JSON in a text: values are written as JSON writes them in a string.
    pub fn restore_json(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let held = self.pour(text, true, &mut out);
        out.push_str(text.get(held..).unwrap_or_default());
        out
    }

    /// Writes what is sure; gives where a stand-in may have begun that is not whole yet.
    fn pour(&self, text: &str, json: bool, out: &mut String) -> usize {
        let mut done = 0;
        for (place, _) in text.match_indices('[') {
            if place < done {
                continue;
            }
            match read(text.as_bytes().get(place..).unwrap_or_default()) {
                Read::Whole { label, number, length } => {
                    if let Some(value) = self.get(label, number) {
                        out.push_str(text.get(done..place).unwrap_or_default());
                        if json {
                            let written = serde_json::Value::from(value).to_string();
                            out.push_str(written.get(1..written.len() - 1).unwrap_or_default());
                        } else {
                            out.push_str(value);
                        }
                        done = place + length;
                    }
                }
                Read::Part { labels, number } if self.may_come(labels, number) => {
                    out.push_str(text.get(done..place).unwrap_or_default());
                    return place;
                }
                _ => {}
            }
        }
        out.push_str(text.get(done..).unwrap_or_default());
        text.len()
    }
}

/// Restores a text that comes in pieces. It holds back no more than what may be the beginning of a
/// stand-in, and only until the next piece tells.
#[derive(Clone, Debug)]
pub struct Restorer {
    vault: Rc<Vault>,
    json: bool,
    held: String,
}

impl Restorer {
    /// For a text; with `json`, for JSON whose strings hold stand-ins.
    pub fn new(vault: Rc<Vault>, json: bool) -> Self {
        Self { vault, json, held: String::new() }
    }

    /// The next piece, as far as it is sure.
    pub fn push(&mut self, piece: &str) -> String {
        let mut out = String::with_capacity(piece.len());
        if self.held.is_empty() {
            let held = self.vault.pour(piece, self.json, &mut out);
            self.held.push_str(piece.get(held..).unwrap_or_default());
        } else {
            self.held.push_str(piece);
            let text = std::mem::take(&mut self.held);
            let held = self.vault.pour(&text, self.json, &mut out);
            self.held.push_str(text.get(held..).unwrap_or_default());
        }
        out
    }

    /// What was held back: no stand-in came of it.
    pub fn end(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}
