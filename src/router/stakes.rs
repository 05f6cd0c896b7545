//! Where an error costs dear: legal, medical, financial and scientific matters, recognised by a
//! small lexicon of our own in fifteen languages. A sign, not a verdict: it says which words it saw.

mod lexicon;

use crate::letter::lowered;
use crate::sort::sort;
use std::sync::OnceLock;

/// A field in which an error costs dear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// Law, contracts, courts.
    Legal,
    /// Health, medicines, symptoms.
    Medical,
    /// Taxes, loans, investments.
    Financial,
    /// Research and its analysis.
    Scientific,
}

impl Domain {
    /// Every field, in the order of declaration.
    pub const ALL: [Self; 4] = [Self::Legal, Self::Medical, Self::Financial, Self::Scientific];

    /// The stable spelling, e.g. `"legal"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::Medical => "medical",
            Self::Financial => "financial",
            Self::Scientific => "scientific",
        }
    }
}

/// A field that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stake {
    /// The field.
    pub domain: Domain,
    /// The words that speak for it, as they stand in the text, in its order; at most eight.
    pub evidence: Vec<String>,
}

/// The most characters that are read.
const MOST_CHARACTERS: usize = 20_000;
/// The most words that are kept as evidence of one field.
const MOST_EVIDENCE: usize = 8;
/// A strong entry counts two, a weak one one; so much is needed.
const ENOUGH: u32 = 2;
/// Everyday words gather in a long text: for so many words of text, weak ones alone need one more.
const WORDS_PER_WEAK: usize = 80;

/// Recognises the fields of `text`, strongest first.
pub fn recognise(text: &str) -> Vec<Stake> {
    let text: String = text.chars().take(MOST_CHARACTERS).collect();
    let words = words(&text);
    let mut found: [Found; 4] = Default::default();
    let mut count = 0_usize;
    for (index, word) in words.iter().enumerate() {
        count += 1;
        if is_run_on(word) {
            count += word.chars().count() / 2;
            let length = word.chars().count();
            let next = words.get(index + 1).copied().unwrap_or_default();
            let letters: Vec<char> = format!("{word} {next}").chars().collect();
            for start in 0..length {
                let piece: String = letters.iter().skip(start).take(8).collect();
                if may_begin(&piece) {
                    look_up(&piece, true, &mut found);
                }
            }
            continue;
        }
        let lower = lowered(word);
        if may_begin(&lower) {
            let mut phrase = lower.clone();
            for next in words.iter().skip(index + 1).take(2) {
                phrase.push(' ');
                phrase.push_str(&lowered(next));
            }
            look_up(&phrase, false, &mut found);
        }
        for particle in ["وال", "بال", "لل", "ال", "و", "ب", "ل", "ف", "ك"] {
            if let Some(rest) =
                lower.strip_prefix(particle).filter(|rest| rest.chars().count() >= 3)
                && may_begin(rest)
            {
                look_up(rest, false, &mut found);
            }
        }
    }
    let mut stakes: Vec<(u32, Stake)> = Domain::ALL
        .into_iter()
        .zip(found)
        .filter_map(|(domain, found)| {
            let weak = u32::try_from(found.weak.len()).unwrap_or(u32::MAX);
            let extra = u32::try_from(count / WORDS_PER_WEAK).unwrap_or(u32::MAX);
            let strength = found.strong * 2 + weak;
            let enough = if found.strong > 0 { ENOUGH } else { ENOUGH.saturating_add(extra) };
            (strength >= enough).then_some((strength, Stake { domain, evidence: found.evidence }))
        })
        .collect();
    sort(&mut stakes, |a, b| (b.0, a.1.domain) < (a.0, b.1.domain));
    stakes.into_iter().map(|(_, stake)| stake).collect()
}

#[derive(Default)]
struct Found {
    strong: u32,
    weak: Vec<usize>,
    evidence: Vec<String>,
}

/// An entry of the lexicon.
struct Entry {
    text: String,
    domain: Domain,
    strong: bool,
    open: bool,
}

/// The lexicon sorted by text, read once.
fn entries() -> &'static [Entry] {
    static READ: OnceLock<Vec<Entry>> = OnceLock::new();
    READ.get_or_init(|| {
        let mut entries: Vec<Entry> = lexicon::LISTS
            .iter()
            .flat_map(|(domain, strong, list)| {
                list.split_whitespace().map(|entry| {
                    let text = entry.trim_end_matches('*').replace('_', " ");
                    Entry { text, domain: *domain, strong: *strong, open: entry.ends_with('*') }
                })
            })
            .collect();
        sort(&mut entries, |a, b| (&a.text, a.domain, b.strong) < (&b.text, b.domain, a.strong));
        entries.dedup_by(|next, kept| next.text == kept.text && next.domain == kept.domain);
        entries
    })
}

/// Whether an entry begins as `text` does, by its first three characters at most. A false yes costs
/// only time: most words are told to be none of the lexicon's by three bits.
fn may_begin(text: &str) -> bool {
    static READ: OnceLock<Vec<u64>> = OnceLock::new();
    let bits = READ.get_or_init(|| {
        let mut bits = vec![0_u64; 1024];
        for entry in entries() {
            if let Some(hash) = beginnings(&entry.text).last()
                && let Some(word) = bits.get_mut(hash / 64)
            {
                *word |= 1 << (hash % 64);
            }
        }
        bits
    });
    let is_set = |hash: usize| bits.get(hash / 64).is_some_and(|word| word >> (hash % 64) & 1 == 1);
    beginnings(text).any(is_set)
}

/// Hashes, 16 bits, of the first, the first two and the first three characters.
fn beginnings(text: &str) -> impl Iterator<Item = usize> {
    text.chars().take(3).scan(7_u32, |hash, character| {
        *hash = (*hash ^ u32::from(character)).wrapping_mul(0x0100_0193);
        Some((*hash ^ (*hash >> 16)) as usize & 0xffff)
    })
}

/// Notes every entry that `words` begins with. An entry must end where a word ends, unless it is
/// open or the script sets no spaces between words (`run_on`).
fn look_up(words: &str, run_on: bool, found: &mut [Found; 4]) {
    let entries = entries();
    let mut key = words;
    while !key.is_empty() {
        let mut at = entries.partition_point(|entry| entry.text.as_str() <= key);
        while let Some(entry) = at.checked_sub(1).and_then(|before| entries.get(before)) {
            if entry.text != key {
                break;
            }
            at -= 1;
            let ends = words
                .strip_prefix(key)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
            if ends || entry.open || run_on {
                note(at, entry, key, found);
            }
        }
        // The longest prefix that can still be an entry is what the next smaller entry shares.
        let Some(before) = at.checked_sub(1).and_then(|before| entries.get(before)) else { return };
        let shared = key.chars().zip(before.text.chars()).take_while(|(a, b)| a == b);
        let length: usize = shared.map(|(a, _)| a.len_utf8()).sum();
        let shorter = key.char_indices().last().map_or(0, |(last, _)| last);
        key = key.get(..length.min(shorter)).unwrap_or_default();
    }
}

fn note(at: usize, entry: &Entry, text: &str, found: &mut [Found; 4]) {
    let Some(found) = found.get_mut(entry.domain as usize) else { return };
    if found.weak.contains(&at) {
        return;
    }
    if entry.strong {
        found.strong = found.strong.saturating_add(1);
    } else {
        found.weak.push(at);
    }
    if found.evidence.len() < MOST_EVIDENCE && !found.evidence.iter().any(|seen| seen == text) {
        found.evidence.push(text.to_owned());
    }
}

/// The words of a text: letters and digits, with hyphens and apostrophes inside, and the signs of
/// scripts that write vowels beside their letters.
fn words(text: &str) -> Vec<&str> {
    let inside = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '-' | '\'' | '\u{2019}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{963}')
    };
    text.split(|c: char| !inside(c))
        .map(|word| word.trim_matches(['-', '\'', '\u{2019}']))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Scripts without spaces between words, or with particles joined to them: Chinese, Japanese,
/// Korean.
fn is_run_on(word: &str) -> bool {
    word.chars().any(|c| {
        matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
    })
}
