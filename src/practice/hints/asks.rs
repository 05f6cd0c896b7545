//! Several asks at once that have nothing to do with each other: each would be answered better, and
//! cheaper, on its own.

use super::lexicon::*;
use super::own::ask;
use super::scan::Word;
use super::{Draft, Kind, Request};

/// From so many asks on; three only where a word says that another thing comes.
const MANY: usize = 4;
const WITH_ADDITIVE: usize = 3;
/// The most that are compared.
const MOST: usize = 16;

struct One {
    start: usize,
    end: usize,
    /// The first four letters of the words that name its subject, as they stand.
    subjects: Vec<String>,
    kind: u64,
}

pub(super) fn look(request: &Request<'_>, drafts: &mut Vec<Draft>) {
    let [text] = request.asks() else { return };
    let scan = &text.scan;
    if scan.options > 1 {
        return;
    }
    let mut asks: Vec<One> = Vec::new();
    let mut additive = false;
    let mut others = 0;
    for sentence in &scan.sentences {
        let words = scan.words_of(sentence);
        if !sentence.own {
            others += 1;
            continue;
        }
        // The steps of one procedure.
        if sentence.item {
            return;
        }
        let order = ask(words);
        if order.is_none() && sentence.sign != b'?' {
            others += usize::from(words.len() > 4);
            continue;
        }
        if asks.len() == MOST {
            return;
        }
        // What points back belongs to what was said before.
        let back = |word: &Word| word.bits & BACK != 0;
        let open = words.iter().any(|word| word.hash == 0);
        if !asks.is_empty() && words.iter().take(12).any(back) && !open {
            return;
        }
        additive |= !asks.is_empty() && words.iter().take(4).any(|word| word.bits & ADDITIVE != 0);
        let mut subjects = Vec::new();
        for word in words {
            let said = text.text.get(word.start..word.end).unwrap_or_default();
            let long = said.chars().count() >= 4;
            if word.hash != 0
                && word.value.is_none()
                && long
                && word.bits & (STOP | ASK | FILLER | QUESTION) == 0
            {
                subjects.push(said.chars().take(5).flat_map(char::to_lowercase).collect());
            }
        }
        let kind = order.map_or(QUESTION, |order| order.bits & ASK);
        asks.push(One { start: sentence.start, end: sentence.end, subjects, kind });
    }
    let enough = if additive { WITH_ADDITIVE } else { MANY };
    if asks.len() < enough || others * 2 > asks.len() {
        return;
    }
    for (at, one) in asks.iter().enumerate() {
        if one.subjects.is_empty() && at > 0 && one.kind & QUESTION != 0 {
            return;
        }
        let mut rest = asks.iter().skip(at + 1);
        if rest.any(|other| one.subjects.iter().any(|word| other.subjects.contains(word))) {
            return;
        }
    }
    // Different things are asked in different ways; questions alone are taken for one matter's, unless
    // a word says that another thing comes.
    let alike = asks.iter().all(|one| asks.first().is_some_and(|first| first.kind & one.kind != 0));
    if alike {
        return;
    }
    let Some(second) = asks.get(1) else { return };
    let mut places = Vec::new();
    for (at, one) in asks.iter().enumerate() {
        if at != 1 {
            places.push((request.above, one.start, one.end));
        }
    }
    drafts.push(Draft {
        kind: Kind::ManyAsks,
        text: request.above,
        start: second.start,
        end: second.end,
        others: places,
        reason: format!(
            "{} things are asked that have nothing to do with each other: each takes attention from the \
             others, and all go to the model that the hardest needs.",
            asks.len()
        ),
        fix: "Send each as a request of its own: easy ones can go to a cheaper model.".to_owned(),
        edit: None,
    });
}
