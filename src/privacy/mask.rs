//! Stand-ins: the same one wherever the same value stands, none that the texts hold already.

use super::options::{Action, Options};
use super::restore::{Read, Vault, read};
use super::scan::{at, run};
use super::{Found, Kind, LABELS, find};
use crate::json::json;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The message, from 0; `None`: outside of the messages (tools, other fields).
    pub message: Option<usize>,
    /// The part of its content, from 0; `None` where the content is one text.
    pub part: Option<usize>,
    /// From here to there in that text, in UTF-16 units; in a tool call's arguments, the text around
    /// it in quotation marks.
    pub start: usize,
    /// The end.
    pub end: usize,
}

/// One value that was found, and where.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// See [`Found::sure`]; so for any of its places.
    pub sure: bool,
    /// How often it stands there.
    pub count: usize,
    /// The first of the places, at most `PLACES` (20).
    pub places: Vec<Place>,
    /// What is sent for it; `None`: the value itself.
    pub stand_in: Option<String>,
    value: String,
}

/// The most places of one value, and the most values, that are told one by one.
pub const PLACES: usize = 20;
const TOLD: usize = 200;
/// Stand-ins in a text with numbers from here on cannot meet ours: no prompt holds so many values.
const MOST: usize = 1_000_000;

/// Looks through the texts of a request, then changes them.
#[derive(Debug)]
pub struct Masker {
    options: Options,
    findings: Vec<Finding>,
    known: HashMap<String, usize>,
    /// Stand-ins that are written in the texts.
    taken: [Vec<bool>; LABELS.len()],
    vault: Vault,
}

impl Masker {
    /// For these wishes.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            findings: Vec::new(),
            known: HashMap::new(),
            taken: Default::default(),
            vault: Vault::default(),
        }
    }

    fn action(&self, kind: Kind) -> Action {
        if kind.is_secret() { self.options.secrets } else { self.options.personal }
    }

    fn masks(&self) -> bool {
        self.options.secrets == Action::Mask || self.options.personal == Action::Mask
    }

    fn find(&self, text: &str) -> Vec<Found> {
        let Some(look) = self.options.look() else {
            return Vec::new();
        };
        let mut found = find(text, look);
        if !self.options.allow.is_empty() {
            found.retain(|one| !self.options.allows(text.get(one.start..one.end).unwrap_or("")));
        }
        found
    }

    /// Looks through a text. All texts first, then [`Masker::settle`], then [`Masker::mask`].
    pub fn look(&mut self, message: Option<usize>, part: Option<usize>, text: &str) {
        self.note_taken(text);
        let (mut bytes, mut units) = (0, 0);
        for one in self.find(text) {
            let between = text.get(bytes..one.start).unwrap_or_default();
            let value = text.get(one.start..one.end).unwrap_or_default();
            let start = units + length(between);
            let end = start + length(value);
            (bytes, units) = (one.end, end);
            self.note(&one, value, Place { message, part, start, end });
        }
    }

    /// The same for JSON in a text: a tool call's arguments. Strings are read as what they say.
    pub fn look_json(&mut self, message: Option<usize>, text: &str) {
        if !is_json(text) {
            return self.look(message, None, text);
        }
        self.note_taken(text);
        for leaf in leaves(text) {
            let start = length(text.get(..leaf.start).unwrap_or_default());
            let end = start + length(text.get(leaf.start..leaf.end).unwrap_or_default());
            for one in self.find_in(&leaf) {
                let value = leaf.text.get(one.start..one.end).unwrap_or_default();
                self.note(&one, value, Place { message, part: None, start, end });
            }
        }
    }

    /// What stands in a leaf, seen with the name before it.
    fn find_in(&self, leaf: &Leaf) -> Vec<Found> {
        // In quotation marks that are not in it.
        let sign = ['"', '\'', '`'].into_iter().find(|sign| !leaf.text.contains(*sign));
        let sign = sign.unwrap_or('"');
        let ahead = format!("{}\": {sign}", leaf.name);
        let mut found = self.find(&format!("{ahead}{}{sign}", leaf.text));
        found.retain_mut(|one| {
            let inside = one.start >= ahead.len();
            one.start = one.start.saturating_sub(ahead.len());
            one.end = one.end.saturating_sub(ahead.len());
            inside && one.end <= leaf.text.len()
        });
        found
    }

    fn note_taken(&mut self, text: &str) {
        if !self.masks() {
            return;
        }
        for (place, _) in text.match_indices('[') {
            let rest = text.as_bytes().get(place..).unwrap_or_default();
            let Read::Whole { label, number, .. } = read(rest) else {
                continue;
            };
            let number = number as usize;
            if let Some(list) = self.taken.get_mut(label).filter(|_| number < MOST) {
                if list.len() <= number {
                    list.resize(number + 1, false);
                }
                if let Some(slot) = list.get_mut(number) {
                    *slot = true;
                }
            }
        }
    }

    fn note(&mut self, one: &Found, value: &str, place: Place) {
        let at = match self.known.get(value) {
            Some(at) => *at,
            None => {
                let at = self.findings.len();
                self.known.insert(value.to_owned(), at);
                self.findings.push(Finding {
                    kind: one.kind,
                    sure: one.sure,
                    count: 0,
                    places: Vec::new(),
                    stand_in: None,
                    value: value.to_owned(),
                });
                at
            }
        };
        if let Some(finding) = self.findings.get_mut(at) {
            finding.count += 1;
            finding.sure |= one.sure;
            if finding.places.len() < PLACES {
                finding.places.push(place);
            }
        }
    }

    /// Chooses the stand-ins, in the order in which the values were found: a conversation that goes on
    /// keeps those that it has.
    pub fn settle(&mut self) {
        let mut next = [1u32; LABELS.len()];
        for at in 0..self.findings.len() {
            let Some(kind) = self.findings.get(at).map(|finding| finding.kind) else {
                return;
            };
            if self.action(kind) != Action::Mask {
                continue;
            }
            let label = kind.label();
            let (Some(number), Some(word)) = (next.get_mut(label), LABELS.get(label)) else {
                return;
            };
            let taken = |number: u32| self.taken.get(label)?.get(number as usize).copied();
            while taken(*number) == Some(true) {
                *number += 1;
            }
            if let Some(finding) = self.findings.get_mut(at) {
                finding.stand_in = Some(format!("[{word}{number}]"));
                self.vault.put(label, *number, &finding.value);
            }
            *number += 1;
        }
    }

    /// The text with stand-ins; `None` where nothing in it is masked.
    pub fn mask(&self, text: &str) -> Option<String> {
        if self.vault.is_empty() {
            return None;
        }
        self.replace(text, &self.find(text))
    }

    fn replace(&self, text: &str, found: &[Found]) -> Option<String> {
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for one in found {
            let value = text.get(one.start..one.end).unwrap_or_default();
            let finding = self.known.get(value).and_then(|at| self.findings.get(*at));
            let Some(stand_in) = finding.and_then(|finding| finding.stand_in.as_ref()) else {
                continue;
            };
            masked.push_str(text.get(done..one.start).unwrap_or_default());
            masked.push_str(stand_in);
            done = one.end;
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        (done > 0).then_some(masked)
    }

    /// The same for JSON in a text, which stays JSON; what is not masked stays as it was written.
    pub fn mask_json(&self, text: &str) -> Option<String> {
        if self.vault.is_empty() {
            return None;
        }
        if !is_json(text) {
            return self.mask(text);
        }
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for leaf in leaves(text) {
            let found = self.find_in(&leaf);
            let Some(new) = self.replace(&leaf.text, &found) else {
                continue;
            };
            masked.push_str(text.get(done..leaf.start).unwrap_or_default());
            masked.push_str(&Value::String(new).to_string());
            done = leaf.end;
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        (done > 0).then_some(masked)
    }

    /// Masks or looks through every string of a value, whatever its shape.
    pub fn look_value(&mut self, value: &Value) {
        each_text(value, &mut |text| self.look(None, None, text));
    }

    /// The value with stand-ins in its strings.
    pub fn mask_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.mask(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_value(item)),
            Value::Object(fields) => {
                for (name, item) in fields.iter_mut() {
                    if !is_fixed(name) {
                        self.mask_value(item);
                    }
                }
            }
            _ => {}
        }
    }

    /// What was found, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether anything is to be masked.
    pub fn has_masked(&self) -> bool {
        !self.vault.is_empty()
    }

    /// The kinds that forbid sending, each once.
    pub fn refused(&self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        for finding in &self.findings {
            let name = finding.kind.name();
            if self.action(finding.kind) == Action::Refuse && !kinds.contains(&name) {
                kinds.push(name);
            }
        }
        kinds
    }

    /// The values behind the stand-ins.
    pub fn into_vault(self) -> Vault {
        self.vault
    }

    /// What was found, to be shown: no value is in it.
    pub fn told(&self) -> Value {
        let mut counts = Map::new();
        for finding in &self.findings {
            let sum = counts.get(finding.kind.name()).and_then(Value::as_u64).unwrap_or(0);
            counts.insert(finding.kind.name().to_owned(), (sum + 1).into());
        }
        let mut found = Vec::new();
        for finding in self.findings.iter().take(TOLD) {
            let mut places = Vec::new();
            for place in &finding.places {
                places.push(json!({"message": place.message, "part": place.part,
                                   "start": place.start, "end": place.end}));
            }
            found.push(json!({"kind": finding.kind.name(), "secret": finding.kind.is_secret(),
                "sure": finding.sure, "count": finding.count, "places": places,
                "masked": finding.stand_in.is_some(), "placeholder": finding.stand_in}));
        }
        let masked = self.findings.iter().filter(|one| one.stand_in.is_some()).count();
        json!({"found": found, "counts": counts, "masked": masked})
    }
}

/// Fields whose values are names, addresses or data that a provider reads as they are.
fn is_fixed(name: &str) -> bool {
    matches!(
        name,
        "type"
            | "pattern"
            | "$ref"
            | "$id"
            | "$schema"
            | "format"
            | "required"
            | "model"
            | "data"
            | "file_data"
            | "file_id"
            | "url"
            | "cache_control"
            | "signature"
            | "encrypted_content"
    )
}

fn each_text(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, see)),
        Value::Object(fields) => {
            for (name, item) in fields {
                if !is_fixed(name) {
                    each_text(item, see);
                }
            }
        }
        _ => {}
    }
}

/// UTF-16 units of a text.
fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn is_json(text: &str) -> bool {
    let open = text.trim_start().as_bytes().first().copied().unwrap_or(0);
    matches!(open, b'{' | b'[') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A string or a number of a JSON text, with the name of its field, and where it is written.
struct Leaf {
    name: String,
    text: String,
    start: usize,
    end: usize,
}

/// Strings, names among them, and long whole numbers, in order. `text` is JSON.
fn leaves(text: &str) -> Vec<Leaf> {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let (mut place, mut name) = (0, String::new());
    while place < bytes.len() {
        let start = place;
        match at(bytes, place) {
            b'"' => {
                place += 1;
                while place < bytes.len() && at(bytes, place) != b'"' {
                    place += if at(bytes, place) == b'\\' { 2 } else { 1 };
                }
                place += 1;
                let written = text.get(start..place).unwrap_or_default();
                let said: String = serde_json::from_str(written).unwrap_or_default();
                let next = run(bytes, place, usize::MAX, |byte| byte.is_ascii_whitespace());
                let is_name = at(bytes, next) == b':';
                let own = if is_name { String::new() } else { std::mem::take(&mut name) };
                if is_name {
                    name.clone_from(&said);
                }
                list.push(Leaf { name: own, text: said, start, end: place });
            }
            b'0'..=b'9' => {
                place = run(bytes, place, usize::MAX, |byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-')
                });
                let said = text.get(start..place).unwrap_or_default();
                if said.len() > 6 && said.bytes().all(|byte| byte.is_ascii_digit()) {
                    let name = name.clone();
                    list.push(Leaf { name, text: said.to_owned(), start, end: place });
                }
            }
            _ => place += 1,
        }
    }
    list
}
