//! A system message that says the same again, or that outweighs everything else. It is sent with every
//! request of a conversation, so that each repeated word is paid again each time.

use super::scan::{Scan, Word};
use super::{Draft, Kind, Request};
use serde_json::Value;

/// Words from which repetition is told. 300 words are some 400 tokens of English at the providers' rule
/// of thumb of 100 tokens to 75 words (OpenAI, "What are tokens and how to count them", read 2026-11).
const LONG: usize = 300;
/// One word in so many is said before.
const SHARE: usize = 8;
/// Words in a row that count as said before.
const ROW: usize = 6;
/// Words from which length alone is told: 3,000 tokens, where the reasoning of the models of its day
/// fell off markedly (Levy, Jacoby, Goldberg, "Same Task, More Tokens", 2024).
const HUGE: usize = 2_250;
/// And only where it is so many times the rest of the request.
const TIMES: usize = 10;

pub(super) fn look(request: &Request<'_>, messages: &[Value], drafts: &mut Vec<Draft>) {
    for (index, text) in request.instructions().iter().enumerate() {
        let words = &text.scan.words;
        let count = words.len();
        if count < LONG {
            continue;
        }
        let repeated = repeated(words);
        let start = words.first().map_or(0, |word| word.start);
        let mut draft = Draft {
            kind: Kind::LongSystem,
            text: index,
            start,
            end: text.scan.sentences.first().map_or(start, |sentence| sentence.end),
            others: Vec::new(),
            reason: String::new(),
            fix: String::new(),
            edit: None,
        };
        if repeated * SHARE >= count {
            let (places, shorter) = without_repetition(text.text, &text.scan);
            if let Some((start, end)) = places.first() {
                (draft.start, draft.end) = (*start, *end);
            }
            for (start, end) in places.iter().skip(1).take(8) {
                draft.others.push((index, *start, *end));
            }
            draft.reason = format!(
                "Of the {count} words of this system message, {repeated} were said before; they are sent \
                 and paid with every request."
            );
            draft.fix =
                "Say each rule once, where it belongs; the edit leaves out sentences that stand \
                 there word for word before."
                    .to_owned();
            if !places.is_empty() {
                draft.edit = Some((0, text.text.len(), shorter));
            }
            drafts.push(draft);
        } else if count >= HUGE {
            let rest: usize = messages.iter().map(size).sum();
            if text.text.len() >= TIMES * rest.saturating_sub(text.text.len()) {
                draft.reason = format!(
                    "This system message has {count} words, more than {TIMES} times the rest of the request."
                );
                draft.fix = "Keep what every answer needs; give rules for rare cases, and reference text, \
                     only with the requests that need them, or keep them in the provider's prompt cache."
                    .to_owned();
                drafts.push(draft);
            }
        }
    }
}

/// Bytes of a message's text.
fn size(message: &Value) -> usize {
    match message.get("content") {
        Some(Value::String(text)) => text.len(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.map(str::len).sum()
        }
        _ => 0,
    }
}

/// A set of numbers that grows to what it was made for.
struct Set(Vec<u64>);

impl Set {
    fn of(count: usize) -> Self {
        Self(vec![0; (count * 2).next_power_of_two()])
    }

    /// Whether it was there before.
    fn insert(&mut self, value: u64) -> bool {
        let value = value.max(1);
        let mask = self.0.len() - 1;
        let mut at = (value ^ (value >> 29)) as usize & mask;
        // It is half empty, so an empty place comes.
        for _ in 0..=mask {
            let Some(place) = self.0.get_mut(at) else { return false };
            if *place == value {
                return true;
            }
            if *place == 0 {
                *place = value;
                return false;
            }
            at = (at + 1) & mask;
        }
        false
    }
}

fn mixed(words: &[Word]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for word in words {
        hash = (hash ^ u64::from(word.hash)).wrapping_mul(0x0000_0100_0000_01b3);
        hash ^= hash >> 31;
    }
    hash
}

/// How many words stand in rows that were there before.
fn repeated(words: &[Word]) -> usize {
    let mut seen = Set::of(words.len());
    let (mut count, mut until) = (0, 0);
    for (at, row) in words.windows(ROW).enumerate() {
        if seen.insert(mixed(row)) {
            let from = until.max(at);
            until = at + ROW;
            count += until - from;
        }
    }
    count
}

/// Sentences that were said before, word for word, and the text without them.
fn without_repetition(text: &str, scan: &Scan) -> (Vec<(usize, usize)>, String) {
    let mut seen = Set::of(scan.sentences.len());
    let mut places = Vec::new();
    let mut shorter = String::with_capacity(text.len());
    let mut kept = 0;
    for sentence in &scan.sentences {
        let words = scan.words_of(sentence);
        let quotes = words.iter().any(|word| word.hash == 0);
        if words.len() < 2 || quotes || !seen.insert(mixed(words)) {
            continue;
        }
        places.push((sentence.start, sentence.end));
        shorter.push_str(text.get(kept..sentence.start).unwrap_or_default());
        let rest = text.get(sentence.end..).unwrap_or_default();
        kept = sentence.end + (rest.len() - rest.trim_start_matches(' ').len());
        // A line of a list goes with its mark and its end.
        let next = text.get(kept..).unwrap_or_default();
        if sentence.item && (next.is_empty() || next.starts_with('\n')) {
            let near = shorter.len().saturating_sub(12);
            let near = (near..=shorter.len()).find(|at| shorter.is_char_boundary(*at)).unwrap_or(0);
            if let Some(line) = shorter.get(near..).and_then(|tail| tail.rfind('\n')) {
                shorter.truncate(near + line + 1);
                kept += usize::from(next.starts_with('\n'));
            }
        }
    }
    shorter.push_str(text.get(kept..).unwrap_or_default());
    let end = shorter.trim_end().len();
    shorter.truncate(end);
    (places, shorter)
}
