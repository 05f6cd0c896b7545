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
/// Words that a text must keep.
const FEWEST_LEFT: usize = 4;
/// Words from which a passage of the question may go because an earlier turn had it: a document that
/// is pasted again. What is shorter may say how this question is to be answered.
const FEWEST_WORDS_OF_QUESTION: usize = 60;
/// What stands where a passage was that was announced (`in this format:`).
const ANNOUNCED: &str = "(as above)";
/// How alike two paragraphs must be: three-word sequences in common, of all that either has
/// (Jaccard), in percent.
const ALIKE: usize = 80;
/// Bytes that a tool's result must have for its repetition to be worth a proposal.
const SHORTEST_RESULT: usize = 200;
/// What stands where a result was.
const SAME_RESULT: &str = "(the same result as before)";

/// What repeated passages take.
pub(super) struct Taken {
    /// Which passages.
    passages: Vec<bool>,
    /// How many words each text keeps.
    left: Vec<usize>,
}

/// Repeated passages.
pub(super) fn exact(fields: &[Field], all: &[Passage], out: &mut Vec<Cut>) -> Taken {
    let mut places: Vec<(u64, usize)> = Vec::new();
    let mut left = Vec::new();
    for field in fields {
        left.push(field.text.split_whitespace().count());
    }
    for (index, passage) in all.iter().enumerate() {
        if !passage.locked && passage.words > 0 {
            places.push((passage.hash, index));
        }
    }
    sort(&mut places, |a, b| a < b);
    let mut taken = vec![false; all.len()];
    let mut index = 0;
    let mut standing = 0;
    while let Some(passage) = all.get(index) {
        let (mut length, mut words, mut first) = (0, 0, 0);
        if !passage.locked && passage.words > 0 {
            let from = places.partition_point(|place| *place < (passage.hash, 0));
            for (_, earlier) in places.iter().skip(from).take(3) {
                if *earlier >= index {
                    break;
                }
                let run = same_run(fields, all, &taken, *earlier, index);
                let (run, weight) = whole(all, (*earlier, index), run, standing);
                if weight > words {
                    (length, words, first) = (run, weight, *earlier);
                }
            }
        }
        let rest = left.get(passage.field).copied().unwrap_or(0).saturating_sub(words);
        if words < FEWEST_WORDS
            || rest < FEWEST_LEFT
            || !may_go(fields, passage, all.get(first), words)
        {
            index += 1;
            standing = index;
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
    Taken { passages: taken, left }
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
    let before = field.text.get(..passage.start).unwrap_or_default().trim_end();
    let mut cut = if before.ends_with(':') {
        let end = all.get(to).map_or(0, |passage| passage.end);
        Cut::new(passage.field, passage.start, end, ANNOUNCED)
    } else {
        let (start, end) = extent(&field.text, all, from, to);
        Cut::new(passage.field, start, end, "")
    };
    cut.keeps = Some((first.field, first.start, last.end));
    out.push(cut);
}

/// Whether a passage of `words` may go because of an earlier one. What is asked now is not said by a
/// turn before it, but for a document that is pasted again.
fn may_go(fields: &[Field], passage: &Passage, first: Option<&Passage>, words: usize) -> bool {
    let field = |passage: &Passage| fields.get(passage.field);
    match (field(passage), first.and_then(field)) {
        (Some(here), Some(there)) if here.ask => {
            here.pointer == there.pointer
                || there.speaker == Speaker::System
                || words >= FEWEST_WORDS_OF_QUESTION
        }
        (Some(_), Some(_)) => true,
        _ => false,
    }
}

/// As much of a run as can go without leaving half a thing: whole paragraphs and items of lists, or
/// sentences that were said right before; `standing` follows the last one before that stays.
fn whole(
    all: &[Passage],
    (earlier, later): (usize, usize),
    length: usize,
    standing: usize,
) -> (usize, usize) {
    let weigh = |length: usize| {
        let run = all.get(later..later + length).unwrap_or_default();
        (length, run.iter().map(|passage| passage.words).sum())
    };
    if length > 0 && earlier + length == standing {
        return weigh(length);
    }
    if all.get(later).is_none_or(|passage| !passage.begins) {
        return (0, 0);
    }
    let mut fits = 0;
    for ending in 1..=length {
        if all.get(later + ending).is_none_or(|passage| passage.begins) {
            fits = ending;
        }
    }
    weigh(fits)
}

/// How many passages from `later` on say the same as those from `earlier` on.
fn same_run(
    fields: &[Field],
    all: &[Passage],
    taken: &[bool],
    earlier: usize,
    later: usize,
) -> usize {
    let mut length = 0;
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
        length += 1;
    }
    length
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
    words: usize,
}

/// Paragraphs in nearly the same words as an earlier one. Only those whose differences are plain words:
/// a number, a name or a negation that differs says another thing.
pub(super) fn near(fields: &[Field], all: &[Passage], taken: Taken, out: &mut Vec<Cut>) {
    let Taken { passages, mut left } = taken;
    let paragraphs = paragraphs(fields, all, &passages);
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
                if found.is_none() && may && is_alike(fields, all, other, paragraph) {
                    found = Some(other);
                }
            }
        }
        let is_ask = fields.get(two.field).is_none_or(|field| field.ask);
        let words = left.get_mut(two.field).filter(|left| **left >= paragraph.words + FEWEST_LEFT);
        if let (Some(other), Some(left), false) = (found, words, is_ask) {
            *left -= paragraph.words;
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
        for (index, passage) in all.iter().enumerate().skip(first) {
            if passage.paragraph != head.paragraph || passage.field != head.field {
                break;
            }
            last = index;
            whole &= !passage.locked && taken.get(index) == Some(&false);
        }
        let mut hashes = Vec::new();
        if whole {
            for word in words(fields, all, first, last) {
                hashes.push(hash(SEED, word.as_bytes()));
            }
        }
        if hashes.len() >= FEWEST_WORDS_NEAR {
            let mut shingles = Vec::new();
            for three in hashes.windows(3) {
                let mut sum = SEED;
                for word in three {
                    sum = hash(sum, &word.to_le_bytes());
                }
                shingles.push(sum);
            }
            sort(&mut shingles, |a, b| a < b);
            shingles.dedup();
            out.push(Paragraph { first, last, shingles, words: hashes.len() });
        }
        first = last + 1;
    }
    out
}

/// The words of passages.
fn words(fields: &[Field], all: &[Passage], first: usize, last: usize) -> Vec<String> {
    let mut out = Vec::new();
    for passage in all.get(first..=last).unwrap_or_default() {
        if let Some(field) = fields.get(passage.field) {
            add_words(passage.text(field), &mut out);
        }
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

fn is_alike(fields: &[Field], all: &[Passage], one: &Paragraph, two: &Paragraph) -> bool {
    let (a, b) = (one.shingles.len(), two.shingles.len());
    if a.min(b) * 100 < a.max(b) * ALIKE {
        return false;
    }
    let mut common = 0;
    both(&one.shingles, &two.shingles, &mut |_, is_common| common += usize::from(is_common));
    if common * 100 < (a + b - common) * ALIKE {
        return false;
    }
    let sorted = |paragraph: &Paragraph| {
        let mut words = words(fields, all, paragraph.first, paragraph.last);
        sort(&mut words, |a, b| a < b);
        words
    };
    let mut plain = true;
    both(&sorted(one), &sorted(two), &mut |word: &String, is_common| {
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
