//! No output format: a summary, an extraction, a comparison, a report or an analysis is ordered, and
//! nothing says in what shape or how long.

use super::lexicon::*;
use super::own::ask;
use super::scan::{Scan, Sentence, Word};
use super::{Draft, Kind, Request};

/// What is ordered, what to add, and why.
struct Work {
    bits: u64,
    name: &'static str,
    /// In the order of the lexicons: English, German, French, Spanish.
    add: [&'static str; 4],
}

const WORKS: [Work; 4] = [
    Work {
        bits: SUMMARY,
        name: "summary",
        add: [
            "Answer in at most five bullet points.",
            "Antworte in höchstens fünf Stichpunkten.",
            "Réponds en cinq points au plus.",
            "Responde en cinco puntos como máximo.",
        ],
    },
    Work {
        bits: EXTRACT,
        name: "extraction",
        add: [
            "Answer as a table with one row per item.",
            "Antworte als Tabelle mit einer Zeile je Fund.",
            "Réponds par un tableau, une ligne par élément.",
            "Responde con una tabla, una fila por elemento.",
        ],
    },
    Work {
        bits: COMPARE,
        name: "comparison",
        add: [
            "Answer as a table, then one sentence with your conclusion.",
            "Antworte mit einer Tabelle und einem Satz als Schluss.",
            "Réponds par un tableau, puis une phrase de conclusion.",
            "Responde con una tabla y una frase de conclusión.",
        ],
    },
    Work {
        bits: ANALYSE | REPORT,
        name: "report",
        add: [
            "Write at most 300 words with a heading for each section.",
            "Schreibe höchstens 300 Wörter mit einer Überschrift je Abschnitt.",
            "Écris 300 mots au plus, avec un titre par section.",
            "Escribe como máximo 300 palabras, con un título por sección.",
        ],
    },
];

pub(super) fn look(request: &Request<'_>, drafts: &mut Vec<Draft>) {
    if request.continues || request.formed || request.more {
        return;
    }
    let forms = |scan: &Scan| {
        scan.sentences.iter().any(|sentence| {
            sentence.own && scan.words_of(sentence).iter().any(|word| word.bits & FORM != 0)
        })
    };
    // A form in material set apart is none; but after a colon one may stand: "Output: JSON".
    if request.texts.iter().any(|text| forms(&text.scan)) {
        return;
    }
    for (index, text) in request.asks().iter().enumerate() {
        let scan = &text.scan;
        // Answers to choose from.
        if scan.options > 1 {
            return;
        }
        // A question beside the order says what is wanted.
        let questions = scan.sentences.iter().filter(|sentence| {
            let words = scan.words_of(sentence);
            sentence.own && sentence.sign == b'?' && !polite(words)
        });
        if questions.count() > 0 {
            return;
        }
        for sentence in scan.sentences.iter().filter(|sentence| sentence.own) {
            let words = scan.words_of(sentence);
            let Some(work) = ordered(words, sentence) else { continue };
            // Several orders in one prompt: the summary may be a step, not the answer.
            let orders =
                scan.sentences.iter().filter(|one| one.own && ask(scan.words_of(one)).is_some());
            if orders.count() > 1 {
                return;
            }
            let language = LEXICONS.iter().position(|one| one.code == request.code).unwrap_or(0);
            let add = work.add.get(language).copied().unwrap_or_default();
            let closed = matches!(sentence.sign, b'.' | b'?' | b'!');
            let (at, text) = if closed {
                (sentence.end, format!(" {add}"))
            } else {
                // Before what it works on: a sentence of its own cannot stand after a colon.
                (sentence.start, format!("{add} "))
            };
            drafts.push(Draft {
                kind: Kind::NoFormat,
                text: request.above + index,
                start: sentence.start,
                end: sentence.end,
                others: Vec::new(),
                reason: format!(
                    "A {} can have many shapes and lengths, and none is named: the answer's form and \
                     price are left to chance.",
                    work.name
                ),
                fix: format!("Name the shape and the length, for example: \"{add}\""),
                edit: Some((at, at, text)),
            });
            return;
        }
    }
}

/// Whether a question is an order in a polite form.
fn polite(words: &[Word]) -> bool {
    ask(words).is_some()
}

/// The work that a sentence orders.
fn ordered(words: &[Word], sentence: &Sentence) -> Option<&'static Work> {
    let found = ask(words)?;
    let rest = words.get(found.at + 1..).unwrap_or_default();
    let after = rest.iter().fold(0, |all, word| all | word.bits);
    // A word on length or form that is no noun of one: "in 200", "top 3".
    if words.iter().any(|word| {
        word.value.is_some_and(|value| value > 1)
            && word.bits & STOP == 0
            && word.value < Some(1_000)
    }) && found.bits & COMPARE == 0
    {
        return None;
    }
    let near = rest.iter().take(5);
    let noun = found.bits & REPORT != 0 || near.clone().any(|word| word.bits & REPORT != 0);
    let bits = if found.bits & (WRITE | GIVE) != 0 || found.bits & ASK == 0 {
        // "Write a report", "I need an analysis": the noun decides.
        if !noun {
            let works = SUMMARY | COMPARE | ANALYSE;
            near.fold(0, |all, word| all | word.bits)
                & works
                & if after & REPORT != 0 { works } else { 0 }
        } else {
            let named =
                rest.iter().chain(words.get(found.at)).find(|word| word.bits & REPORT != 0)?;
            if named.bits & (SUMMARY | COMPARE) != 0 {
                named.bits & (SUMMARY | COMPARE)
            } else {
                REPORT
            }
        }
    } else {
        found.bits & (SUMMARY | EXTRACT | COMPARE | ANALYSE)
    };
    let work = WORKS.iter().find(|work| work.bits & bits != 0)?;
    if work.bits & EXTRACT != 0 {
        // One thing has no form to choose.
        let several = after & SEVERAL != 0 || rest.iter().any(|word| word.before == b',');
        return several.then_some(work);
    }
    if bits & ANALYSE != 0 && bits & REPORT == 0 && found.bits & ANALYSE != 0 {
        return (after & DATA != 0).then_some(work);
    }
    if work.bits & COMPARE != 0 && rest.len() < 2 {
        return None;
    }
    // German "zusammen" is of a summary with "fasse" only.
    (sentence.sign != b'?' || polite(words)).then_some(work)
}
