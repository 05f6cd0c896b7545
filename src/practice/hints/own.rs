//! Which sentences are the writer's own asks, and which are material to work on.

use super::lexicon::*;
use super::scan::{Scan, Sentence, Word};

/// The order in a sentence: which word, as an index into its words, and its classes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub at: usize,
    pub bits: u64,
}

/// The most words before an order.
const LEAD: usize = 8;
/// The most words between "can you" and its verb, which stands last in German.
const REACH: usize = 24;

/// The order that `words` begin with, or that follows a "please" or a comma in them.
pub(super) fn ask(words: &[Word]) -> Option<Ask> {
    let bits = |at: usize| words.get(at).map_or(0, |word| word.bits);
    let order = |at: usize| (bits(at) & ASK != 0).then(|| Ask { at, bits: bits(at) });
    let mut at = 0;
    // "By the way, ...", "One more thing: ...".
    if bits(0) & FILLER != 0 && bits(0) & ASK == 0 {
        let sign =
            (1..6).find(|at| words.get(*at).is_some_and(|word| matches!(word.before, b',' | b':')));
        at = sign.filter(|at| words.iter().take(*at).all(|word| word.bits & ASK == 0)).unwrap_or(0);
    }
    while at < LEAD && bits(at) & FILLER != 0 && bits(at) & ASK == 0 {
        if bits(at) & POLITE != 0 {
            break;
        }
        at += 1;
    }
    // "Can you please ..."; Spanish leaves the pronoun out.
    if bits(at) & POLITE != 0 {
        let you = bits(at + 1) & SECOND != 0 || bits(at) & QUESTION == 0;
        if you {
            // The verb follows at once, or stands last as the German infinitive does.
            let mut next = at + 1;
            while next < at + 5
                && bits(next) & (FILLER | SECOND | FIRST) != 0
                && bits(next) & ASK == 0
            {
                next += 1;
            }
            return order(next).or_else(|| order(words.len() - 1).filter(|_| words.len() < REACH));
        }
    }
    // "I would like you to ...", "I need a report".
    if bits(at) & FIRST != 0 || bits(at) & WISH != 0 {
        let wish = (at..at + 4).find(|place| bits(*place) & WISH != 0);
        if let Some(wish) = wish {
            for next in wish + 1..words.len().min(wish + REACH) {
                let to = bits(next.saturating_sub(1)) & (SECOND | ARTICLE) == 0;
                if bits(next) & (ASK | REPORT) != 0 && (to || bits(next) & REPORT != 0) {
                    return Some(Ask { at: next, bits: bits(next) });
                }
            }
            return None;
        }
    }
    if let Some(mut found) = order(at) {
        // German verbs come in two: "fasse ... zusammen", "stelle ... gegenüber".
        let last = words.last().map_or(0, |word| word.bits);
        if found.bits & ORDER != 0 && last & FORM == 0 {
            found.bits |= last & (SUMMARY | COMPARE);
        }
        return Some(found);
    }
    // "Here is my letter, please improve it."
    let shows = words.iter().take(3).any(|word| word.bits & ANNOUNCE != 0);
    for next in 1..words.len() {
        let word = words.get(next)?;
        if word.bits & ASK == 0 || word.bits & QUESTION != 0 {
            continue;
        }
        let before = bits(next - 1);
        if before & PLEASE != 0 || (shows && matches!(word.before, b',' | b'-')) {
            return Some(Ask { at: next, bits: word.bits });
        }
    }
    None
}

/// Whether a sentence opens as an ask or an instruction does.
fn opens(words: &[Word]) -> bool {
    let mut at = 0;
    while at < LEAD
        && words.get(at).is_some_and(|word| word.bits & FILLER != 0 && word.bits & ASK == 0)
    {
        at += 1;
    }
    let leads = words.iter().take(at + 1);
    leads.fold(0, |all, word| all | word.bits) & (ASK | QUESTION | PLEASE | NEGATION) != 0
        || words.get(at).is_some_and(|word| word.bits & DUTY != 0)
}

/// Where the label that a sentence begins with ends: "Review: ...", "Section 4: ...".
fn label(words: &[Word]) -> Option<usize> {
    for at in 1..=3 {
        let colon = words.get(at).is_some_and(|word| word.before == b':');
        if colon || words.len() == at {
            let named = words.get(..at)?.iter().any(|word| word.bits & MATERIAL != 0);
            let form = words.get(..at)?.iter().skip(1).any(|word| word.bits & FORM != 0);
            return (named && !form && colon).then_some(at);
        }
    }
    None
}

/// Marks the sentences of a person's message that are material. A letter from beginning to end is
/// material as a whole.
pub(super) fn settle(scan: &mut Scan) {
    if is_letter(scan) {
        for sentence in &mut scan.sentences {
            sentence.own = false;
        }
        return;
    }
    let mut asked: Option<usize> = None;
    let mut announced: Option<usize> = None;
    let mut cut: Option<usize> = None;
    for at in 0..scan.sentences.len() {
        let Some(mut sentence) = scan.sentences.get(at).copied() else { return };
        let words = scan.words_of(&sentence);
        let block = sentence.block;
        if announced.is_some_and(|after| block > after) || cut == Some(block) {
            sentence.own = false;
        } else if label(words).is_some() {
            sentence.own = false;
            cut = Some(block);
        } else if asked.is_some_and(|asked| block > asked) && !opens(words) {
            sentence.own = false;
        } else {
            let found = ask(words);
            if found.is_some() || sentence.sign == b'?' {
                asked.get_or_insert(block);
                if sentence.sign == b':' || words.iter().any(|word| word.bits & ANNOUNCE != 0) {
                    announced.get_or_insert(block);
                }
            }
            // "Put in order: ..." is followed by what is to be put in order.
            if let Some(found) = found.filter(|found| found.bits & TRANSFORM != 0) {
                let colon = words.iter().skip(found.at + 1).position(|word| word.before == b':');
                // A quotation is stepped over by itself.
                let quoted = colon.is_some_and(|colon| {
                    words.get(found.at + 1 + colon).is_some_and(|word| word.hash == 0)
                });
                if quoted {
                } else if let Some(colon) = colon {
                    sentence.last = sentence.first + found.at + 1 + colon;
                    let end =
                        scan.words.get(sentence.last - 1).map_or(sentence.end, |word| word.end);
                    sentence.end = end;
                    sentence.sign = b'\n';
                    cut = Some(block);
                } else if sentence.sign == b':' {
                    cut = Some(block);
                    announced.get_or_insert(block);
                }
            }
        }
        if let Some(place) = scan.sentences.get_mut(at) {
            *place = sentence;
        }
    }
}

/// A greeting first, a close last.
pub(super) fn is_letter(scan: &Scan) -> bool {
    let count = scan.sentences.len();
    let greets = scan.sentences.iter().take(1).any(|sentence| {
        let words = scan.words_of(sentence);
        words.first().is_some_and(|word| word.bits & GREETING != 0)
            && !words
                .iter()
                .any(|word| word.bits & SECOND != 0 && word.bits & FIRST == 0 && words.len() < 6)
    });
    let short = |sentence: &Sentence| sentence.last - sentence.first <= 12;
    let closes = scan.sentences.iter().skip(count.saturating_sub(3)).any(|sentence| {
        short(sentence) && scan.words_of(sentence).iter().any(|word| word.bits & CLOSING != 0)
    });
    greets && closes && count >= 3
}
