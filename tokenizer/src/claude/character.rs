//! What there is to know of every character: its class, its case, how it is normalised. The facts
//! come with the vocabulary file, whose generator (`scripts/claude_vocabulary.py`) derives them.

use crate::error::{Error, Result};

/// How many code points Unicode has.
const CODE_POINTS: u32 = 0x11_0000;
/// Below this, characters are looked up in a flat table.
const BASIC: u32 = 0x1_0000;
/// Above it, the runs of characters of one kind are found by pages of so many.
const PAGE: u32 = 256;

/// What a character is in a text, for the words and markers of Claude's tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Of a script that is tiled character by character without markers: ideographs, Hangul
    /// syllables, everything beyond U+FFFF.
    Letter,
    /// A decimal digit of no common script: like punctuation towards spaces.
    Decimal,
    /// A fraction, superscript or other number, the same.
    Number,
    /// A symbol or punctuation mark that is no [`Class::Punctuation`].
    Symbol,
    /// A variation selector: it belongs to what is before it.
    Selector,
    /// An ASCII digit.
    Digit,
    /// An Arabic digit, which joins ASCII digits but is marked towards spaces.
    ForeignDigit,
    /// ASCII punctuation and a few symbols more.
    Punctuation,
    /// Space, tab, newline, ideographic space.
    Space,
    /// A letter or mark of words.
    Wordy,
}

/// What normalisation does to a character after canonical composition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Keep,
    /// A control character: dropped before SARA AA is looked at.
    DropEarly,
    /// A character of the private use area: dropped after that.
    Drop,
    Space,
    Apostrophe,
    Quote,
    /// Thai SARA AA, which composes with a NIKHAHIT before it.
    SaraAa,
}

/// All traits of a character, packed as in the file.
#[derive(Clone, Copy, Default)]
pub(super) struct Traits(u32);

impl Traits {
    pub(super) fn class(self) -> Class {
        match self.0 & 15 {
            1 => Class::Decimal,
            2 => Class::Number,
            3 => Class::Symbol,
            4 => Class::Selector,
            5 => Class::Digit,
            6 => Class::ForeignDigit,
            7 => Class::Punctuation,
            8 => Class::Space,
            9 => Class::Wordy,
            _ => Class::Letter,
        }
    }
    pub(super) fn is_wordy(self) -> bool {
        self.0 & 15 == 9
    }
    /// The traits of either, for questions of "any character of the word".
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    fn has(self, bit: u32) -> bool {
        (self.0 >> bit) & 1 == 1
    }
    /// A mark that opens a word where no letter is before it.
    pub(super) fn is_stray(self) -> bool {
        self.has(4)
    }
    pub(super) fn is_upper(self) -> bool {
        self.has(5)
    }
    pub(super) fn is_lower(self) -> bool {
        self.has(6)
    }
    /// A letter or mark without case in a word, which keeps it from being "capitals".
    pub(super) fn is_caseless(self) -> bool {
        self.has(7)
    }
    /// Capital sharp s: its word is written as it is.
    pub(super) fn keeps_case(self) -> bool {
        self.has(8)
    }
    /// A letter of words that still is a symbol towards an apostrophe on its right.
    pub(super) fn is_symbolic(self) -> bool {
        self.has(9)
    }
    /// It has a lower-case form.
    pub(super) fn lowers(self) -> bool {
        self.has(10)
    }
    pub(super) fn fold(self) -> Fold {
        match (self.0 >> 11) & 7 {
            1 => Fold::DropEarly,
            2 => Fold::Drop,
            3 => Fold::Space,
            4 => Fold::Apostrophe,
            5 => Fold::Quote,
            6 => Fold::SaraAa,
            _ => Fold::Keep,
        }
    }
    /// The canonical combining class.
    pub(super) fn combining(self) -> u8 {
        (self.0 >> 14) as u8
    }
    /// Canonical composition changes it wherever it stands.
    pub(super) fn changes_alone(self) -> bool {
        self.has(22)
    }
    /// It may compose with a character before it.
    pub(super) fn may_compose(self) -> bool {
        self.has(23)
    }
    /// It has a canonical decomposition in the file, or is a Hangul syllable, whose traits are not
    /// told apart here.
    pub(super) fn is_composed(self) -> bool {
        self.has(24) || self.class() == Class::Letter
    }
    /// It has a canonical decomposition in the file.
    pub(super) fn decomposes(self) -> bool {
        self.has(24)
    }
    /// Normalisation leaves it as it is, whatever is before it.
    pub(super) fn is_inert(self) -> bool {
        self.0 & (0x1FFF << 11) == 0
    }
    /// A starter that no character before it can change.
    pub(super) fn is_barrier(self) -> bool {
        self.0 & (0x3FF << 14) == 0
    }
}

/// The traits of all characters, and their lower-case forms.
pub(super) struct Characters {
    kinds: Vec<Traits>,
    ascii: [Traits; 128],
    /// The kind of each character below U+10000.
    basic: Vec<u8>,
    /// The others: the first code point of each run of one kind, and the kind.
    beyond: Vec<(u32, u8)>,
    /// For each page of characters there, the run in which it begins.
    pages: Vec<u16>,
    /// How many code points were added.
    filled: u32,
    lower: Vec<(u16, u16)>,
}

impl Characters {
    pub(super) fn new(kinds: Vec<u32>) -> Self {
        Self {
            kinds: kinds.into_iter().map(Traits).collect(),
            ascii: [Traits::default(); 128],
            basic: Vec::with_capacity(BASIC as usize),
            beyond: Vec::new(),
            pages: Vec::new(),
            filled: 0,
            lower: Vec::new(),
        }
    }

    /// Adds the kind of the next `length` characters.
    pub(super) fn add(&mut self, kind: u32, length: u32) -> Result<()> {
        let left = CODE_POINTS - self.filled;
        let Some((&traits, kind)) = self.kinds.get(kind as usize).zip(u8::try_from(kind).ok())
        else {
            return Err(Error::invalid_input(format!(
                "Claude vocabulary is not well made: character kind {kind} found, wanted below {}",
                self.kinds.len()
            )));
        };
        let end = self.filled + length.min(left);
        for point in self.filled..end.min(128) {
            if let Some(slot) = self.ascii.get_mut(point as usize) {
                *slot = traits;
            }
        }
        self.basic.resize(end.min(BASIC) as usize, kind);
        if end > BASIC {
            let run = u16::try_from(self.beyond.len()).unwrap_or(u16::MAX);
            while BASIC + self.pages.len() as u32 * PAGE < end {
                self.pages.push(run);
            }
            self.beyond.push((self.filled.max(BASIC), kind));
        }
        self.filled = end;
        Ok(())
    }

    pub(super) fn complete(&self) -> bool {
        self.filled == CODE_POINTS
    }

    #[inline]
    pub(super) fn of(&self, point: u32) -> Traits {
        if let Some(&traits) = self.ascii.get(point as usize) {
            return traits;
        }
        let kind = match self.basic.get(point as usize) {
            Some(&kind) => kind,
            None => {
                let page = (point.wrapping_sub(BASIC) / PAGE) as usize;
                let run = self.pages.get(page).map_or(0, |&run| usize::from(run));
                let runs = self.beyond.get(run..).unwrap_or_default();
                let found = runs.iter().take_while(|&&(first, _)| first <= point).last();
                found.map_or(0, |&(_, kind)| kind)
            }
        };
        self.kinds.get(usize::from(kind)).copied().unwrap_or_default()
    }

    /// The traits of the character that begins at `at`, and its length in bytes; `None` at the end.
    #[inline]
    pub(super) fn at(&self, text: &[u8], at: usize) -> Option<(Traits, usize)> {
        let head = *text.get(at)?;
        if let Some(&traits) = self.ascii.get(usize::from(head)) {
            return Some((traits, 1));
        }
        Some((self.of(decode(text, at, head)), width(head)))
    }

    pub(super) fn add_lower(&mut self, point: u32, lower: u32) {
        if let (Ok(point), Ok(lower)) = (u16::try_from(point), u16::try_from(lower)) {
            self.lower.push((point, lower));
        }
    }

    /// Appends the text in lower case, as Claude's tokenizer writes it.
    pub(super) fn push_lower(&self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(&head) = text.get(at) {
            if head < 0x80 {
                out.push(head.to_ascii_lowercase());
                at += 1;
                continue;
            }
            let point = decode(text, at, head);
            let end = at + width(head);
            let lower = u16::try_from(point)
                .ok()
                .filter(|_| self.of(point).lowers())
                .and_then(|p| self.lower.binary_search_by_key(&p, |&(from, _)| from).ok())
                .and_then(|index| self.lower.get(index))
                .and_then(|&(_, to)| char::from_u32(to.into()));
            match lower {
                Some(lower) => {
                    out.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => out.extend_from_slice(text.get(at..end).unwrap_or_default()),
            }
            at = end;
        }
    }

    /// The characters that have a canonical decomposition, but for Hangul, in order.
    pub(super) fn decomposing(&self) -> Vec<u32> {
        let mut points = Vec::new();
        for point in 0..BASIC {
            if self.of(point).decomposes() {
                points.push(point);
            }
        }
        let mut end = CODE_POINTS;
        let mut runs = Vec::new();
        for &(first, _) in self.beyond.iter().rev() {
            if self.of(first).decomposes() {
                runs.push(first..end);
            }
            end = first;
        }
        for run in runs.into_iter().rev() {
            points.extend(run);
        }
        points
    }
}

/// How many bytes the character has that begins with `head`.
#[inline]
pub(super) fn width(head: u8) -> usize {
    match head {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// The code point at `at`, where `head` is, in bytes that are UTF-8.
#[inline]
pub(super) fn decode(text: &[u8], at: usize, head: u8) -> u32 {
    let next = |k: usize| u32::from(text.get(at + k).copied().unwrap_or(0) & 0x3F);
    match head {
        0..0xC0 => head.into(),
        0xC0..0xE0 => (u32::from(head & 0x1F) << 6) | next(1),
        0xE0..0xF0 => (u32::from(head & 0x0F) << 12) | (next(1) << 6) | next(2),
        _ => (u32::from(head & 0x07) << 18) | (next(1) << 12) | (next(2) << 6) | next(3),
    }
}
