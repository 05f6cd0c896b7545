//! Vague words: they carry the instruction, and nobody can check whether it was followed.

use super::lexicon::*;
use super::own::ask;
use super::{Draft, Kind, Request};

pub(super) fn look(request: &Request<'_>, drafts: &mut Vec<Draft>) {
    let article = super::scan::hash("a");
    for (index, text) in request.texts.iter().enumerate() {
        let scan = &text.scan;
        let mut found = Vec::new();
        for sentence in scan.sentences.iter().filter(|sentence| sentence.own) {
            let words = scan.words_of(sentence);
            found.clear();
            request.lexicon.phrases(words, &mut found);
            if found.is_empty() {
                continue;
            }
            let ask = ask(words);
            // What is asked is described, not ordered.
            if sentence.sign == b'?' && ask.is_none() {
                continue;
            }
            let mut until = 0;
            for one in &found {
                let ordered = match one.tag {
                    // An order of its own: first in its sentence, or after "and", "please" or a comma.
                    Tag::Vague => {
                        let before = one.first.checked_sub(1).and_then(|at| words.get(at));
                        let comma = words.get(one.first).is_some_and(|word| word.before != 0);
                        let leads = ask.is_some_and(|ask| ask.at == one.first);
                        let narrow = words.get(one.first + 1).is_none_or(|word| {
                            word.hash != article && word.bits & PREPOSITION == 0
                        });
                        narrow
                            && (leads
                                || comma
                                || before.is_none_or(|word| word.bits & (FILLER | STOP) == FILLER))
                            || words
                                .get(one.first..one.last)
                                .unwrap_or_default()
                                .iter()
                                .any(|word| word.bits & SECOND != 0)
                    }
                    // System messages are instructions from end to end, but their "etc." closes an
                    // enumeration that the rule before it explains.
                    Tag::VagueIn | Tag::Padding => {
                        index >= request.above && ask.is_some_and(|ask| ask.at < one.first)
                    }
                    _ => false,
                };
                if !ordered || one.first < until {
                    continue;
                }
                let colon = words.iter().take(one.first).any(|word| word.before == b':');
                if one.tag == Tag::Padding
                    && colon
                    && ask.is_some_and(|ask| ask.bits & TRANSFORM != 0)
                {
                    continue;
                }
                let next = words.get(one.last);
                // "Make it better for beginners", "by adding", "than": there the measure is.
                let measured = next.is_some_and(|word| {
                    (word.before == b':' && word.hash != 0)
                        || (word.before == 0 && word.bits & PREPOSITION != 0)
                });
                if one.tag == Tag::Vague && (measured || sentence.sign == b':') {
                    continue;
                }
                let (Some(first), Some(last)) =
                    (words.get(one.first), words.get(one.last.saturating_sub(1)))
                else {
                    continue;
                };
                if one.first > 0
                    && words.get(one.first - 1).is_some_and(|word| word.bits & NEGATION != 0)
                {
                    continue;
                }
                until = one.last;
                let said = text.text.get(first.start..last.end).unwrap_or_default();
                let (reason, fix) = match one.tag {
                    Tag::Padding => (
                        format!("\"{said}\" leaves it to the model what else belongs here."),
                        "Name everything that belongs here, or leave these words out.",
                    ),
                    Tag::VagueIn => (
                        format!(
                            "\"{said}\" can mean anything: nobody can check whether it was done."
                        ),
                        "Say what exactly: the subject, the reader, the tone, the length.",
                    ),
                    _ => (
                        format!("\"{said}\" sets a goal without a measure."),
                        "Say what is wrong with it now and by what a good result is recognised: shorter, \
                         friendlier, faster, for whom.",
                    ),
                };
                let before = one.first.checked_sub(1).and_then(|at| words.get(at));
                let edit = before.filter(|_| one.tag == Tag::Padding).map(|before| {
                    // The point of "etc." goes with it where the sentence goes on.
                    let point = next.is_some()
                        && text.text.get(last.end..).is_some_and(|rest| rest.starts_with('.'));
                    (before.end, last.end + usize::from(point), String::new())
                });
                drafts.push(Draft {
                    kind: Kind::Vague,
                    text: index,
                    start: first.start,
                    end: last.end,
                    others: Vec::new(),
                    reason,
                    fix: fix.to_owned(),
                    edit,
                });
            }
        }
    }
}
