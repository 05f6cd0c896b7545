//! Passages that were said before: word for word, or in nearly the same words.
//!
//! The first of two stays. It is the one that later text refers back to, and what a provider has
//! cached is the head of a request: what is taken away behind it leaves the head as it was.

use super::edit::Cut;
use super::field::{Field, Speaker};
use super::passage::{Passage, SEED, extent, hash};
use crate::sort::sort;

/// Words that a repeated passage must have to be worth a proposal.
const FEWEST_WORDS: usize = 12;
/// The same for one in nearly the same words.
const FEWEST_WORDS_NEAR: usize = 20;
/// Words that what is asked must keep.
const FEWEST_LEFT: usize = 4;
/// How alike two paragraphs must be: three-word sequences in common, of all that either has
/// (Jaccard), in percent.
const ALIKE: usize = 80;
/// Bytes that a tool's result must have for its repetition to be worth a proposal.
const SHORTEST_RESULT: usize = 200;
/// What stands where a result was.
const SAME_RESULT: &str = "(the same result as before)";

/// Repeated passages, and which of `all` they take.
pub(super) fn exact(fields: &[Field], all: &[Passage], out: &mut Vec<Cut>) -> Vec<bool> {
    let mut places: Vec<(u64, usize)> = Vec::new();
    let mut left = vec![0_usize; fields.len()];
    for (index, passage) in all.iter().enumerate() {
        if !passage.locked && passage.words > 0 {
            places.push((passage.hash, index));
        }
        if let Some(words) = left.get_mut(passage.field) {
            *words += passage.words;
        }
    }
    sort(&mut places, |a, b| a < b);
    let mut taken = vec![false; all.len()];
    let mut index = 0;
    while let Some(passage) = all.get(index) {
        let (mut length, mut words, mut first) = (0, 0, 0);
        if !passage.locked && passage.words > 0 {
            let from = places.partition_point(|place| *place < (passage.hash, 0));
            for (_, earlier) in places.iter().skip(from).take(3) {
                if *earlier >= index {
                    break;
                }
                let (run, weight) = same_run(fields, all, &taken, *earlier, index);
                if weight > words {
                    (length, words, first) = (run, weight, *earlier);
                }
            }
        }
        let is_ask = fields.get(passage.field).is_some_and(|field| field.ask);
        let rest = left.get(passage.field).copied().unwrap_or(0).saturating_sub(words);
        if words < FEWEST_WORDS || (is_ask && rest < FEWEST_LEFT) {
            index += 1;
            continue;
        }
        if let Some(words) = left.get_mut(passage.field) {
            *words = rest;
        }
        let last = index + length - 1;
        push(fields, all, (index, last), (first, first + length - 1), out);
        if let Some(run) = taken.get_mut(index..=last) {
            run.fill(true);
        }
        index = last + 1;
    }
    taken
}

fn push(
    fields: &[Field],
    all: &[Passage],
    (from, to): (usize, usize),
    (first, last): (usize, usize),
    out: &mut Vec<Cut>,
) {
    let (Some(passage), Some(first), Some(last)) = (all.get(from), all.get(first), all.get(last))
    else {
        return;
    };
    let Some(field) = fields.get(passage.field) else { return };
    let (start, end) = extent(&field.text, all, from, to);
    let mut cut = Cut::new(passage.field, start, end, "");
    cut.keeps = Some((first.field, first.start, last.end));
    out.push(cut);
}

/// How many passages from `later` on say the same as those from `earlier` on, and their words.
fn same_run(
    fields: &[Field],
    all: &[Passage],
    taken: &[bool],
    earlier: usize,
    later: usize,
) -> (usize, usize) {
    let (mut length, mut words) = (0, 0);
    let head = (all.get(earlier).map(|p| p.field), all.get(later).map(|p| (p.field, p.region)));
    while earlier + length < later {
        let (Some(one), Some(two)) = (all.get(earlier + length), all.get(later + length)) else {
            break;
        };
        let is_same = one.hash == two.hash
            && !one.locked
            && !two.locked
            && two.words > 0
            && taken.get(earlier + length) == Some(&false)
            && head == (Some(one.field), Some((two.field, two.region)))
            && one.may_stand_for(two)
            && says_the_same(fields, one, two);
        if !is_same {
            break;
        }
        words += two.words;
        length += 1;
    }
    (length, words)
}

fn says_the_same(fields: &[Field], one: &Passage, two: &Passage) -> bool {
    match (fields.get(one.field), fields.get(two.field)) {
        (Some(a), Some(b)) => one.text(a).split_whitespace().eq(two.text(b).split_whitespace()),
        _ => false,
    }
}

/// A paragraph that can be compared.
struct Paragraph {
    first: usize,
    last: usize,
    /// Of three words each, in order, each once.
    shingles: Vec<u64>,
    words: Vec<String>,
}

/// Paragraphs in nearly the same words as an earlier one. Only those whose differences are plain words:
/// a number, a name or a negation that differs says another thing.
pub(super) fn near(fields: &[Field], all: &[Passage], taken: &[bool], out: &mut Vec<Cut>) {
    let paragraphs = paragraphs(fields, all, taken);
    // The smallest four of each paragraph's sequences: two that have 80 % in common have one of them
    // in common but for one pair in some hundreds, and nothing else need be compared.
    let mut places: Vec<(u64, usize)> = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        for shingle in paragraph.shingles.iter().take(4) {
            places.push((*shingle, index));
        }
    }
    sort(&mut places, |a, b| a < b);
    let mut gone = vec![false; paragraphs.len()];
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let Some(two) = all.get(paragraph.first) else { continue };
        let mut found = None;
        for shingle in paragraph.shingles.iter().take(4) {
            let from = places.partition_point(|place| *place < (*shingle, 0));
            for (same, earlier) in places.iter().skip(from).take(2) {
                if same != shingle || *earlier >= index {
                    break;
                }
                if gone.get(*earlier) != Some(&false) {
                    continue;
                }
                let Some(other) = paragraphs.get(*earlier) else { continue };
                let may = all.get(other.first).is_some_and(|one| one.may_stand_for(two));
                if found.is_none() && may && is_alike(other, paragraph) {
                    found = Some(other);
                }
            }
        }
        let is_ask = fields.get(two.field).is_some_and(|field| field.ask);
        if let (Some(other), false) = (found, is_ask) {
            push(fields, all, (paragraph.first, paragraph.last), (other.first, other.last), out);
            if let Some(gone) = gone.get_mut(index) {
                *gone = true;
            }
        }
    }
}

fn paragraphs(fields: &[Field], all: &[Passage], taken: &[bool]) -> Vec<Paragraph> {
    let mut out = Vec::new();
    let mut first = 0;
    while let Some(head) = all.get(first) {
        let mut last = first;
        let mut whole = true;
        let mut words = Vec::new();
        for (index, passage) in all.iter().enumerate().skip(first) {
            if passage.paragraph != head.paragraph || passage.field != head.field {
                break;
            }
            last = index;
            whole &= !passage.locked && taken.get(index) == Some(&false);
            if let (true, Some(field)) = (whole, fields.get(passage.field)) {
                add_words(passage.text(field), &mut words);
            }
        }
        if whole && words.len() >= FEWEST_WORDS_NEAR {
            let mut shingles = Vec::new();
            for three in words.windows(3) {
                let mut sum = SEED;
                for word in three {
                    sum = hash(hash(sum, word.as_bytes()), b" ");
                }
                shingles.push(sum);
            }
            sort(&mut shingles, |a, b| a < b);
            shingles.dedup();
            sort(&mut words, |a, b| a < b);
            out.push(Paragraph { first, last, shingles, words });
        }
        first = last + 1;
    }
    out
}

/// The words of a sentence, its first in small letters: only there a capital says nothing.
fn add_words(text: &str, out: &mut Vec<String>) {
    let mut first = true;
    for word in text.split(|char: char| !char.is_alphanumeric() && char != '\'' && char != '’') {
        if word.is_empty() {
            continue;
        }
        out.push(if first { word.to_lowercase() } else { word.to_owned() });
        first = false;
    }
}

fn is_alike(one: &Paragraph, two: &Paragraph) -> bool {
    let (a, b) = (one.shingles.len(), two.shingles.len());
    if a.min(b) * 100 < a.max(b) * ALIKE {
        return false;
    }
    let mut common = 0;
    both(&one.shingles, &two.shingles, &mut |_, is_common| common += usize::from(is_common));
    if common * 100 < (a + b - common) * ALIKE {
        return false;
    }
    let mut plain = true;
    both(&one.words, &two.words, &mut |word: &String, is_common| {
        plain &= is_common || is_plain(word)
    });
    plain
}

/// Goes through two ordered lists at once; `see` is told each element and whether both have it.
fn both<T: Ord>(one: &[T], two: &[T], see: &mut dyn FnMut(&T, bool)) {
    let (mut a, mut b) = (0, 0);
    loop {
        match (one.get(a), two.get(b)) {
            (Some(x), Some(y)) if x == y => {
                see(x, true);
                a += 1;
                b += 1;
            }
            (Some(x), Some(y)) if x < y => {
                see(x, false);
                a += 1;
            }
            (_, Some(y)) => {
                see(y, false);
                b += 1;
            }
            (Some(x), None) => {
                see(x, false);
                a += 1;
            }
            (None, None) => return,
        }
    }
}

/// Whether a word may differ between two passages that say the same.
fn is_plain(word: &str) -> bool {
    const WEIGHTY: [&str; 34] = [
        "not", "no", "never", "none", "nor", "neither", "cannot", "without", "except", "unless",
        "only", "always", "all", "any", "must", "before", "after", "more", "less", "most", "least",
        "nicht", "kein", "keine", "keinen", "nie", "niemals", "ohne", "außer", "nur", "immer",
        "alle", "mehr", "weniger",
    ];
    !word.contains(|char: char| char.is_numeric() || char.is_uppercase())
        && !WEIGHTY.contains(&word)
        && !word.ends_with("n't")
        && !word.ends_with("n’t")
}

/// Tools' results that came before, to the letter.
pub(super) fn results(fields: &[Field], out: &mut Vec<Cut>) {
    let mut places: Vec<(u64, usize)> = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if field.speaker == Speaker::Result && field.text.len() >= SHORTEST_RESULT {
            places.push((hash(SEED, field.text.as_bytes()), index));
        }
    }
    sort(&mut places, |a, b| a < b);
    for pair in places.chunk_by(|a, b| a.0 == b.0) {
        let Some((_, first)) = pair.first() else { continue };
        let Some(original) = fields.get(*first) else { continue };
        for (_, index) in pair.iter().skip(1) {
            if fields.get(*index).is_some_and(|field| field.text == original.text) {
                let mut cut = Cut::new(*index, 0, original.text.len(), SAME_RESULT);
                cut.keeps = Some((*first, 0, original.text.len()));
                out.push(cut);
            }
        }
    }
}
