//! Instructions that cannot both be followed. Two in one sentence, or where a word tells that each is
//! for a part or a case of its own, are left alone.

use super::lexicon::*;
use super::own::ask;
use super::scan::{Sentence, Word};
use super::{Draft, Kind, Request};

/// The most that is compared of each sort of instruction.
const MOST: usize = 64;

/// Where something is said: text, sentence, words of it, bytes.
#[derive(Clone, Copy)]
struct Said {
    text: usize,
    sentence: usize,
    start: usize,
    end: usize,
}

/// A length that is wanted.
#[derive(Clone, Copy)]
struct Length {
    said: Said,
    least: u32,
    most: u32,
    sentences: bool,
    /// Whether the number is said to be exact.
    exact: bool,
}

/// Something forbidden or ordered.
struct Rule {
    said: Said,
    /// The order's own word, 0 for "without" and "no".
    verb: u32,
    gives: bool,
    /// The words of the object, the last of them its head.
    object: Vec<(u32, String)>,
    /// Whether the prohibition is of everything of the kind, or the order names nothing narrower.
    plain: bool,
}

#[derive(Default)]
struct Seen {
    /// For each tag of [`OPPOSED`], first of the pair, then second.
    phrases: [[Option<Said>; 2]; OPPOSED.len()],
    lengths: Vec<Length>,
    tongues: Vec<(Said, u32)>,
    forbidden: Vec<Rule>,
    ordered: Vec<Rule>,
}

pub(super) fn look(request: &Request<'_>, drafts: &mut Vec<Draft>) {
    let mut seen = Seen::default();
    for (index, text) in request.texts.iter().enumerate() {
        let mut found = Vec::new();
        for (at, sentence) in text.scan.sentences.iter().enumerate() {
            let words = text.scan.words_of(sentence);
            let all = words.iter().fold(0, |all, word| all | word.bits);
            if !sentence.own {
                continue;
            }
            // A part or a case of its own.
            let part = all & PART != 0;
            let order = ask(words);
            let whose = (index, at);
            found.clear();
            request.lexicon.phrases(words, &mut found);
            // A text that is turned from one form into the other has both.
            let turns = order.is_some_and(|ask| ask.bits & TRANSFORM != 0 && ask.bits & GIVE == 0);
            if sentence.sign != b'?' || order.is_some() {
                if !part && all & (SHARE | SECTION) == 0 {
                    lengths(words, &found, whose, all, &mut seen.lengths);
                }
                if !part && all & CONDITION == 0 {
                    tongues(words, whose, &mut seen.tongues);
                }
                // These have such a word in themselves: "below the JSON", "in the first person".
                if part || all & SECTION != 0 {
                    found.retain(|one| {
                        matches!(one.tag, Tag::Outside | Tag::FirstPerson | Tag::ThirdPerson)
                    });
                }
                if !turns {
                    phrases(words, &found, whose, &mut seen.phrases);
                }
            }
            if !part {
                rules(text.text, words, sentence, whose, order.map(|ask| ask.at), &mut seen);
            }
        }
    }
    compare(&seen, drafts);
}

fn said(words: &[Word], first: usize, last: usize, whose: (usize, usize)) -> Said {
    let start = words.get(first).map_or(0, |word| word.start);
    let end = words.get(last.saturating_sub(1)).map_or(start, |word| word.end);
    Said { text: whose.0, sentence: whose.1, start, end }
}

fn phrases(
    words: &[Word],
    found: &[Found],
    whose: (usize, usize),
    seen: &mut [[Option<Said>; 2]; OPPOSED.len()],
) {
    for one in found {
        // "Not formal" is no order to be formal; the tags that forbid hold their own negation.
        let forbids = matches!(one.tag, Tag::NoList | Tag::NoTable | Tag::OnlyThis);
        let near = words.get(one.first.saturating_sub(3)..one.first).unwrap_or_default();
        if !forbids && near.iter().any(|word| word.bits & NEGATION != 0) {
            continue;
        }
        for (pair, places) in OPPOSED.iter().zip(seen.iter_mut()) {
            for (tag, place) in [pair.0, pair.1].into_iter().zip(places.iter_mut()) {
                // The prohibition has the words of what it forbids: the same sentence holds both.
                if tag == one.tag && place.is_none() {
                    *place = Some(said(words, one.first, one.last, whose));
                }
            }
        }
    }
}

/// Lengths: "in one sentence", "at least 300 words".
fn lengths(
    words: &[Word],
    found: &[Found],
    whose: (usize, usize),
    all: u64,
    seen: &mut Vec<Length>,
) {
    for (at, word) in words.iter().enumerate() {
        let Some(value) = word.value.filter(|value| *value > 0) else { continue };
        let unit = (at + 1..at + 3).find_map(|next| {
            let word = words.get(next).filter(|word| word.before == 0 || word.before == b'-')?;
            (word.bits & (UNIT_WORD | UNIT_SENTENCE) != 0).then_some((next, word.bits))
        });
        let Some((unit, bits)) = unit else { continue };
        let sentences = bits & UNIT_SENTENCE != 0;
        let bound = found.iter().find(|one| {
            matches!(one.tag, Tag::AtMost | Tag::AtLeast) && one.last <= at && at - one.last <= 1
        });
        let near = words.get(at.saturating_sub(3)..at).unwrap_or_default();
        let has = |bits: u64| near.iter().any(|word| word.bits & bits != 0);
        let first = bound.map_or(at, |one| one.first);
        // What a text has now is no order, unless it must have it.
        if has(STATE) && all & DUTY == 0 {
            continue;
        }
        let exact = has(EXACTLY);
        let (least, most) = match bound.map(|one| one.tag) {
            Some(Tag::AtMost) => (0, value),
            Some(Tag::AtLeast) => (value, u32::MAX),
            // A bare number is a length where it is ordered: "in two sentences", "2,000-word".
            _ if exact || has(IN) || (!sentences && value >= 100) => (value, value),
            _ => continue,
        };
        if sentences && value > 100 {
            continue;
        }
        let start = if bound.is_none() && (exact || has(IN)) {
            let lead = near.iter().rev().take_while(|word| word.bits & (EXACTLY | IN) == 0).count();
            at.saturating_sub(lead + 1)
        } else {
            first
        };
        if seen.len() < MOST {
            seen.push(Length {
                said: said(words, start, unit + 1, whose),
                least,
                most,
                sentences,
                exact,
            });
        }
    }
}

/// "Answer in French".
fn tongues(words: &[Word], whose: (usize, usize), seen: &mut Vec<(Said, u32)>) {
    for (at, word) in words.iter().enumerate() {
        if word.bits & ANSWER == 0 {
            continue;
        }
        let tongue = (at + 1..at + 4).find(|next| {
            words.get(*next).is_some_and(|word| word.bits & TONGUE != 0 && word.before == 0)
        });
        let Some(tongue) = tongue else { continue };
        let leads = tongue > 0 && words.get(tongue - 1).is_some_and(|word| word.bits & IN != 0);
        let negated = at > 0 && words.get(at - 1).is_some_and(|word| word.bits & NEGATION != 0);
        // "In French or German" leaves a choice.
        let choice = words.iter().filter(|word| word.bits & TONGUE != 0).count() > 1;
        if leads && !negated && !choice && seen.len() < MOST {
            let hash = words.get(tongue).map_or(0, |word| word.hash);
            seen.push((said(words, at, tongue + 1, whose), hash));
        }
    }
}

/// "Do not use X" and "use X".
fn rules(
    text: &str,
    words: &[Word],
    sentence: &Sentence,
    whose: (usize, usize),
    order: Option<usize>,
    seen: &mut Seen,
) {
    if sentence.sign == b'?' {
        return;
    }
    for (at, word) in words.iter().enumerate() {
        if word.bits & NEGATION == 0 || seen.forbidden.len() == MOST {
            continue;
        }
        let next = words.get(at + 1);
        let verb = next.filter(|next| next.bits & ASK != 0 && next.before == 0);
        let from = at + 1 + usize::from(verb.is_some());
        // Forbidden is what a sentence, or a part of it, begins with, and what "do not" and "must not"
        // stand before; "use no X", where the order is itself negated; and "without any X".
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or(0, |word| word.bits);
        let begins = words.iter().take(at).all(|word| word.bits & FILLER != 0) || word.before != 0;
        let orders = before & DUTY != 0
            || (before & QUESTION != 0
                && (at == 1 || words.get(at - 1).is_some_and(|word| word.before != 0)));
        let itself = at > 0 && order == Some(at - 1) && verb.is_none();
        let without =
            verb.is_none() && order.is_some() && next.is_some_and(|next| next.bits & NEUTRAL != 0);
        let opens = (verb.is_some() && (begins || orders)) || itself || without;
        let (object, last, qualified) = object(text, words, from);
        if !opens || qualified || object.is_empty() && verb.is_none() {
            continue;
        }
        let gives = verb.is_none_or(|verb| verb.bits & GIVE != 0);
        let start = if at > 0
            && verb.is_some()
            && words.get(at - 1).is_some_and(|word| word.bits & QUESTION != 0)
        {
            at - 1
        } else {
            at
        };
        seen.forbidden.push(Rule {
            said: said(words, start, last.max(at + 1), whose),
            verb: verb.map_or(0, |verb| verb.hash),
            gives,
            object,
            plain: true,
        });
    }
    for (at, word) in words.iter().enumerate() {
        let duty = word.bits & DUTY != 0
            && words.get(at + 1).is_some_and(|next| {
                next.bits & GIVE != 0
                    || next.bits & QUESTION != 0
                    || next.bits & PREPOSITION != 0
                    || is_be(next.hash)
            });
        let gives = Some(at) == order || duty;
        if !gives || seen.ordered.len() == MOST {
            continue;
        }
        let near = words.get(at.saturating_sub(2)..at + 2).unwrap_or_default();
        if near.iter().any(|word| word.bits & NEGATION != 0) {
            continue;
        }
        let verb = if duty { words.get(at + 1) } else { Some(word) };
        let Some(verb) = verb else { continue };
        let from = at + 1 + usize::from(duty);
        let mut object = Vec::new();
        let mut plain = true;
        let mut last = from;
        for (next, word) in words.iter().enumerate().skip(from).take(8) {
            if word.before == b':' || word.bits & NEGATION != 0 {
                break;
            }
            last = next + 1;
            let content =
                word.bits & (STOP | NEUTRAL | PREPOSITION | FILLER) == 0 && word.hash != 0;
            if content {
                object.push((word.hash, stem(text, word)));
            }
            plain &= word.hash != 0;
        }
        // What is narrower than what is forbidden does not contradict it.
        seen.ordered.push(Rule {
            said: said(words, at, last.max(at + 1), whose),
            verb: verb.hash,
            gives: duty || verb.bits & (GIVE | ORDER) != 0,
            object,
            plain,
        });
    }
}

fn is_be(hash: u32) -> bool {
    hash == super::scan::hash("be")
}

/// The words of an object up to the first preposition or sign, where they end, and whether a preposition narrows it.
fn object(text: &str, words: &[Word], from: usize) -> (Vec<(u32, String)>, usize, bool) {
    let mut object = Vec::new();
    let mut last = from;
    for (step, word) in words.iter().skip(from).enumerate() {
        if step > 0 && word.before != 0 {
            return (object, last, false);
        }
        if word.bits & PREPOSITION != 0 {
            return (object, last, true);
        }
        if word.hash == 0 || step >= 5 {
            return (Vec::new(), last, true);
        }
        if word.bits & (STOP | NEUTRAL) == 0 {
            object.push((word.hash, stem(text, word)));
            last = from + step + 1;
        }
    }
    (object, last, false)
}

/// A word in lower case without the ending of a plural; of a long one its first six letters.
fn stem(text: &str, word: &Word) -> String {
    let said = text.get(word.start..word.end).unwrap_or_default().to_lowercase();
    let plain = said.strip_suffix('s').filter(|rest| rest.len() >= 3).unwrap_or(&said);
    let long: String = plain.chars().take(7).collect();
    long
}

fn apart(one: &Said, other: &Said) -> bool {
    one.text != other.text || one.sentence != other.sentence
}

fn compare(seen: &Seen, drafts: &mut Vec<Draft>) {
    let from = drafts.len();
    for ((_, _, why), [first, second]) in OPPOSED.iter().zip(&seen.phrases) {
        if let (Some(first), Some(second)) = (first, second)
            && apart(first, second)
        {
            push(first, second, why, from, drafts);
        }
    }
    for (at, one) in seen.lengths.iter().enumerate() {
        for other in seen.lengths.iter().skip(at + 1) {
            if apart(&one.said, &other.said) && clash(one, other) {
                push(&one.said, &other.said, "no answer has both lengths", from, drafts);
            }
        }
    }
    if let Some((first, tongue)) = seen.tongues.first()
        && let Some((second, _)) =
            seen.tongues.iter().find(|(said, other)| other != tongue && apart(first, said))
    {
        push(first, second, "the answer can be in one language only", from, drafts);
    }
    for no in &seen.forbidden {
        for yes in &seen.ordered {
            if apart(&no.said, &yes.said) && against(no, yes) {
                push(&no.said, &yes.said, "one forbids what the other orders", from, drafts);
            }
        }
    }
}

/// Whether no answer can have both lengths.
fn clash(one: &Length, other: &Length) -> bool {
    if one.sentences == other.sentences {
        let apart = one.least > other.most || other.least > one.most;
        // Two bare numbers may be of two things.
        let bound = |length: &Length| length.exact || length.least != length.most;
        return apart && bound(one) && bound(other);
    }
    let (sentences, words) = if one.sentences { (one, other) } else { (other, one) };
    // Sixty words are a very long sentence.
    sentences.most < 4 && words.least >= 100 && words.least > sentences.most.saturating_mul(60)
}

/// Whether `yes` orders what `no` forbids.
fn against(no: &Rule, yes: &Rule) -> bool {
    let Some((_, head)) = no.object.last() else {
        // "Don't explain": the same order given.
        return no.verb != 0 && no.verb == yes.verb;
    };
    let same = no.verb != 0 && no.verb == yes.verb;
    let gives = no.gives && yes.gives;
    if !(same || gives) || head.len() < 4 || no.object.len() > 3 {
        return false;
    }
    let alike =
        |a: &str, b: &str| a == b || (a.len() >= 6 && b.len() >= 6 && a.get(..6) == b.get(..6));
    // Every word of what is forbidden is ordered, and at most one that it does not know comes before.
    let all =
        no.object.iter().all(|(_, word)| yes.object.iter().any(|(_, other)| alike(word, other)));
    let place = yes.object.iter().position(|(_, other)| alike(head, other));
    all && yes.plain && place.is_some_and(|place| place < no.object.len())
}

fn push(one: &Said, other: &Said, why: &str, from: usize, drafts: &mut Vec<Draft>) {
    let (first, second) =
        if (one.text, one.start) < (other.text, other.start) { (one, other) } else { (other, one) };
    // One hint for two sentences is enough.
    let known = drafts.iter().skip(from).any(|draft| {
        let near = |start: usize, end: usize, said: &Said| start < said.end && said.start < end;
        draft.text == second.text && near(draft.start, draft.end, second)
    });
    if known || drafts.len() - from >= 8 {
        return;
    }
    drafts.push(Draft {
        kind: Kind::Contradiction,
        text: second.text,
        start: second.start,
        end: second.end,
        others: vec![(first.text, first.start, first.end)],
        reason: format!("This and an instruction before it cannot both be followed: {why}."),
        fix: "Keep the one that counts, or say for which part of the answer each is meant."
            .to_owned(),
        edit: None,
    });
}
