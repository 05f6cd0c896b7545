//! The words that the hints are found by, of our own choosing, in four languages.

mod english;
mod french;
mod german;
mod spanish;

use super::scan::{Word, hash};
use crate::sort::sort;

/// Classes of words.
pub(super) const WRITE: u64 = 1;
/// Orders that work on a text that is there.
pub(super) const TRANSFORM: u64 = 1 << 1;
pub(super) const SUMMARY: u64 = 1 << 2;
pub(super) const EXTRACT: u64 = 1 << 3;
pub(super) const COMPARE: u64 = 1 << 4;
pub(super) const ANALYSE: u64 = 1 << 5;
/// Any other order.
pub(super) const ORDER: u64 = 1 << 6;
pub(super) const QUESTION: u64 = 1 << 7;
/// "can", "could" before "you".
pub(super) const POLITE: u64 = 1 << 8;
/// What may stand before an order.
pub(super) const FILLER: u64 = 1 << 9;
/// What names the form or the length of an answer.
pub(super) const FORM: u64 = 1 << 10;
/// What labels material: "Text: ...".
pub(super) const MATERIAL: u64 = 1 << 11;
/// What announces material.
pub(super) const ANNOUNCE: u64 = 1 << 12;
/// What points back to something said before.
pub(super) const BACK: u64 = 1 << 13;
/// What tells that two instructions are each for a part.
pub(super) const PART: u64 = 1 << 14;
/// Help is wanted, or something does not work.
pub(super) const TROUBLE: u64 = 1 << 15;
pub(super) const UNIT_WORD: u64 = 1 << 16;
pub(super) const UNIT_SENTENCE: u64 = 1 << 17;
pub(super) const TONGUE: u64 = 1 << 18;
/// Nouns of works whose form is open: report, overview.
pub(super) const REPORT: u64 = 1 << 19;
/// What shows that more than one thing is to be extracted.
pub(super) const SEVERAL: u64 = 1 << 20;
pub(super) const FIRST: u64 = 1 << 21;
pub(super) const SECOND: u64 = 1 << 22;
pub(super) const WISH: u64 = 1 << 23;
/// Words that say nothing of a subject.
pub(super) const STOP: u64 = 1 << 24;
pub(super) const DUTY: u64 = 1 << 25;
pub(super) const ANSWER: u64 = 1 << 26;
/// What an analysis without a form is of: data, feedback.
pub(super) const DATA: u64 = 1 << 27;
pub(super) const GREETING: u64 = 1 << 28;
pub(super) const CLOSING: u64 = 1 << 29;
pub(super) const STATE: u64 = 1 << 30;
pub(super) const NEGATION: u64 = 1 << 31;
/// Orders that give something: use, include, list. What is negated and ordered is compared by object.
pub(super) const GIVE: u64 = 1 << 32;
/// Words between an order and its object that do not change it.
pub(super) const NEUTRAL: u64 = 1 << 33;
/// "also", "by the way".
pub(super) const ADDITIVE: u64 = 1 << 34;
pub(super) const PREPOSITION: u64 = 1 << 35;
pub(super) const EXACTLY: u64 = 1 << 36;
pub(super) const PLEASE: u64 = 1 << 37;
pub(super) const IN: u64 = 1 << 38;
pub(super) const ONLY: u64 = 1 << 39;
pub(super) const ARTICLE: u64 = 1 << 40;
/// A kind of ask of its own: to calculate, to recommend, to mend a text, to translate.
pub(super) const CALCULATE: u64 = 1 << 41;
pub(super) const RECOMMEND: u64 = 1 << 42;
pub(super) const EXPLAIN: u64 = 1 << 43;
/// Distributive words and beginnings: a length beside them is of a part.
pub(super) const SHARE: u64 = 1 << 46;
/// Parts of a text: a length or a manner beside them is of that part.
pub(super) const SECTION: u64 = 1 << 47;
/// Conditions: "unless", "if".
pub(super) const CONDITION: u64 = 1 << 44;
/// Set by the reader: a number in words; its value stands in the word.
const NUMBER: u64 = 1 << 45;

/// Every order.
pub(super) const ASK: u64 = WRITE
    | TRANSFORM
    | SUMMARY
    | EXTRACT
    | COMPARE
    | ANALYSE
    | ORDER
    | GIVE
    | CALCULATE
    | RECOMMEND
    | EXPLAIN
    | ANSWER;

/// Classes of phrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tag {
    /// Vague by itself.
    Vague,
    /// Vague in an order.
    VagueIn,
    /// The same, and the order stands without it.
    Padding,
    AtMost,
    AtLeast,
    /// Pairs of contradictions, one after the other.
    NoList,
    List,
    NoTable,
    Table,
    OnlyJson,
    Outside,
    Formal,
    Slang,
    Brief,
    Detailed,
    FirstPerson,
    ThirdPerson,
    Lower,
    Upper,
    OnlyThis,
    OwnKnowledge,
    Familiar,
    Polite,
}

/// Pairs that cannot both be followed.
pub(super) const OPPOSED: [(Tag, Tag, &str); 9] = [
    (Tag::NoList, Tag::List, "one forbids a list, the other orders one"),
    (Tag::NoTable, Tag::Table, "one forbids a table, the other orders one"),
    (Tag::OnlyJson, Tag::Outside, "one wants JSON alone, the other wants text beside it"),
    (Tag::Formal, Tag::Slang, "the tones exclude each other"),
    (Tag::Brief, Tag::Detailed, "one wants it short, the other in full detail"),
    (Tag::FirstPerson, Tag::ThirdPerson, "the text can be in one person only"),
    (Tag::Lower, Tag::Upper, "one wants small letters only, the other capitals"),
    (Tag::OnlyThis, Tag::OwnKnowledge, "one forbids other sources, the other asks for them"),
    (Tag::Familiar, Tag::Polite, "the reader can be addressed in one way only"),
];

/// A language.
pub(super) struct Lexicon {
    pub code: &'static str,
    pub words: &'static [(u64, &'static str)],
    /// Alternatives with `|` between them; `*` stands for up to three words.
    pub phrases: &'static [(Tag, &'static str)],
    /// One to ten, twelve, twenty: alternatives of each, `|` between the numbers.
    pub numbers: &'static str,
}

pub(super) const LEXICONS: [&Lexicon; 4] =
    [&english::LEXICON, &german::LEXICON, &french::LEXICON, &spanish::LEXICON];

const VALUES: [u32; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 100];

#[derive(Clone)]
struct Bits([u64; 64]);

impl Bits {
    const fn new() -> Self {
        Self([0; 64])
    }

    fn add(&mut self, hash: u32) {
        if let Some(word) = self.0.get_mut((hash >> 6 & 63) as usize) {
            *word |= 1 << (hash & 63);
        }
    }

    fn may_have(&self, hash: u32) -> bool {
        self.0.get((hash >> 6 & 63) as usize).is_some_and(|word| word >> (hash & 63) & 1 == 1)
    }
}

struct Phrase {
    tag: Tag,
    /// Hashes; 0 for up to three words.
    words: Vec<u32>,
}

/// A lexicon ready to look up in.
pub(super) struct Table {
    /// One bit for the low twelve of each hash, of words and of phrases' first words: most words of a
    /// text are none of them, and are told so at once.
    known: Bits,
    opening: Bits,
    words: Vec<(u32, u64, u32)>,
    phrases: Vec<Phrase>,
}

/// A phrase that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub tag: Tag,
    /// Words, as indices into those that were searched.
    pub first: usize,
    pub last: usize,
}

impl Table {
    pub(super) fn of(lexicon: &Lexicon) -> Self {
        let mut all: Vec<(u32, u64, u32)> = Vec::new();
        for (bits, list) in lexicon.words {
            for word in list.split_ascii_whitespace() {
                all.push((hash(word), *bits, 0));
            }
        }
        for (spellings, value) in lexicon.numbers.split('|').zip(VALUES) {
            for word in spellings.split_ascii_whitespace() {
                all.push((hash(word), NUMBER | STOP, value));
            }
        }
        sort(&mut all, |a, b| a.0 < b.0);
        let mut words: Vec<(u32, u64, u32)> = Vec::with_capacity(all.len());
        for entry in all {
            match words.last_mut() {
                Some(last) if last.0 == entry.0 => {
                    last.1 |= entry.1;
                    last.2 = last.2.max(entry.2);
                }
                _ => words.push(entry),
            }
        }
        let mut phrases = Vec::new();
        for (tag, list) in lexicon.phrases {
            for phrase in list.split('|') {
                let mut parts = Vec::new();
                for word in phrase.split_ascii_whitespace() {
                    parts.push(if word == "*" { 0 } else { hash(word) });
                }
                phrases.push(Phrase { tag: *tag, words: parts });
            }
        }
        let first = |phrase: &Phrase| phrase.words.first().copied().unwrap_or_default();
        sort(&mut phrases, |a, b| (first(a), b.words.len()) < (first(b), a.words.len()));
        let (mut known, mut opening) = (Bits::new(), Bits::new());
        for (hash, ..) in &words {
            known.add(*hash);
        }
        for phrase in &phrases {
            opening.add(first(phrase));
        }
        Self { known, opening, words, phrases }
    }

    /// The classes of the word with this hash.
    pub(super) fn classes(&self, hash: u32) -> u64 {
        let at = self.words.partition_point(|(known, ..)| *known < hash);
        self.words.get(at).filter(|entry| entry.0 == hash).map_or(0, |entry| entry.1)
    }

    /// Gives each word its classes, and a number in words its value.
    pub(super) fn mark(&self, words: &mut [Word]) {
        for word in words {
            if !self.known.may_have(word.hash) {
                continue;
            }
            let at = self.words.partition_point(|(hash, ..)| *hash < word.hash);
            if let Some((_, bits, value)) = self.words.get(at).filter(|entry| entry.0 == word.hash)
            {
                word.bits = *bits;
                if bits & NUMBER != 0 {
                    word.value = Some(*value);
                }
            }
        }
    }

    /// The phrases in the words of one sentence, in their order.
    pub(super) fn phrases(&self, words: &[Word], found: &mut Vec<Found>) {
        for at in 0..words.len() {
            let Some(word) = words.get(at) else { return };
            if !self.opening.may_have(word.hash) {
                continue;
            }
            let first = |phrase: &Phrase| phrase.words.first().copied().unwrap_or_default();
            let mut place = self.phrases.partition_point(|phrase| first(phrase) < word.hash);
            while let Some(phrase) = self.phrases.get(place) {
                if first(phrase) != word.hash {
                    break;
                }
                place += 1;
                if let Some(length) = matched(&phrase.words, words.get(at..).unwrap_or_default()) {
                    found.push(Found { tag: phrase.tag, first: at, last: at + length });
                }
            }
        }
    }
}

/// How many of `words` a phrase takes, where they begin with it.
fn matched(phrase: &[u32], words: &[Word]) -> Option<usize> {
    let mut at = 0;
    let mut gap = 0;
    for part in phrase {
        if *part == 0 {
            gap = 3;
            continue;
        }
        let mut skipped = 0;
        loop {
            if words.get(at)?.hash == *part {
                break;
            }
            if skipped == gap {
                return None;
            }
            skipped += 1;
            at += 1;
        }
        // A gap is of one word at least.
        if gap > 0 && skipped == 0 {
            return None;
        }
        gap = 0;
        at += 1;
    }
    Some(at)
}
