//! No task: material, a letter or a bare topic, and nothing asked.

use super::lexicon::*;
use super::own::{ask, is_letter};
use super::scan::Sentence;
use super::{Draft, Kind, Request, Text};

/// Words of a system message from which it may well say what to do with what comes.
const INSTRUCTED: usize = 12;
/// A topic has so many words at most.
const TOPIC: usize = 4;
/// Plain statements are told as material from so many words.
const STATEMENTS: usize = 20;

pub(super) fn look(request: &Request<'_>, drafts: &mut Vec<Draft>) {
    let above: usize = request.instructions().iter().map(|text| text.scan.words.len()).sum();
    let [text] = request.asks() else { return };
    if request.continues || request.more || above > INSTRUCTED || request.formed {
        return;
    }
    // "You are a helpful assistant" orders nothing; "translate what comes" does.
    let orders = |text: &Text<'_>| text.scan.words.iter().any(|word| word.bits & (ASK | FORM) != 0);
    if request.instructions().iter().any(orders) {
        return;
    }
    let Some(found) = judge(request, text) else { return };
    let first = text.text.trim_start();
    let start = text.text.len() - first.len();
    // The first line, or as much of it as can be read at a glance.
    let line = first.lines().next().unwrap_or_default().trim_end();
    let end = line.char_indices().nth(120).map_or(line.len(), |(at, _)| at);
    let (reason, fix) = found;
    drafts.push(Draft {
        kind: Kind::NoTask,
        text: request.above,
        start,
        end: start + end,
        others: Vec::new(),
        reason: reason.to_owned(),
        fix: fix.to_owned(),
        edit: None,
    });
}

const ORDER: &str = "Say first what is to be done with it, for example \"Summarise the following in three \
    sentences:\" or \"Find the bug in this function:\".";

fn judge(request: &Request<'_>, text: &Text<'_>) -> Option<(&'static str, &'static str)> {
    let scan = &text.scan;
    if scan.options > 1 {
        return None;
    }
    if scan.sentences.is_empty() {
        let lines = scan.machine_lines;
        let bare = scan.plain_lines == 0
            && lines > 0
            && text.text.len() >= 40
            && !asks_among(request, text.text);
        return bare
            .then_some(("Only code or data stands here, and nothing is asked about it.", ORDER));
    }
    if is_letter(scan) {
        // A letter to the assistant itself asks it for something.
        let works = WRITE | TRANSFORM | SUMMARY | EXTRACT | COMPARE | ANALYSE;
        let asks = scan.words.iter().filter(|word| word.bits & works & !ORDER_LIKE != 0).count();
        let to_assistant = scan.words.iter().take(12).any(|word| is_assistant(word.hash));
        return (!to_assistant && asks < 3).then_some((
            "A letter stands here, and nothing is said of what to do with it.",
            ORDER,
        ));
    }
    let bits = scan.words.iter().fold(0, |all, word| all | word.bits);
    let [first, ..] = scan.sentences.as_slice() else { return None };
    if scan.sentences.len() == 1 && scan.machine_lines == 0 {
        let words = scan.words_of(first);
        let topic = words.len() >= 2
            && words.len() <= TOPIC
            && words.first().is_some_and(|word| word.bits & ARTICLE != 0)
            && first.sign == b'\n'
            && bits & (ASK | QUESTION | FIRST | SECOND | TROUBLE | PLEASE | STATE) == 0
            && words.iter().all(|word| word.hash != 0 && word.value.is_none() && word.before == 0);
        return topic.then_some((
            "A topic is named, and nothing is asked about it.",
            "Ask a question or give an order, and say what you need it for, for example \"Explain ... to a \
             beginner in 200 words.\"",
        ));
    }
    // Statements alone: nobody asks, orders, wishes, or is in trouble; and they tell what is or was.
    let works = TRANSFORM | SUMMARY | EXTRACT | COMPARE | CALCULATE | RECOMMEND | EXPLAIN;
    let asks = bits & (works | SECOND | WISH | PLEASE | TROUBLE) != 0;
    let tells =
        |sentence: &Sentence| scan.words_of(sentence).iter().any(|word| word.bits & STATE != 0);
    let telling = scan.sentences.iter().filter(|sentence| tells(sentence)).count();
    // Where there are formulas, the exercise is among them.
    let formulas = text.text.contains(['$', '=', '^', '\\']);
    let open =
        formulas || scan.sentences.last().is_some_and(|last| last.sign != b'.' && last.block == 0);
    if asks || open || scan.words.len() < STATEMENTS || telling * 2 < scan.sentences.len() {
        return None;
    }
    for sentence in &scan.sentences {
        let words = scan.words_of(sentence);
        let opens = words.first().is_some_and(|word| word.bits & (ASK | QUESTION) != 0);
        if sentence.sign == b'?' || opens || ask(words).is_some() {
            return None;
        }
    }
    // A request in another language among the statements is still one.
    if request.code != "en" && text.text.contains('?') {
        return None;
    }
    // "I" tells of a person with a wish; "my" and "our" only of whose it is.
    let person = scan.words.iter().any(|word| is_i(word.hash));
    (!person).then_some(("Facts are told here, and nothing is asked.", ORDER))
}

/// Words that are orders and everyday nouns or verbs at once say little in a letter.
const ORDER_LIKE: u64 = GIVE | ORDER_BITS;
const ORDER_BITS: u64 = super::lexicon::ORDER;

/// Whether a line of what looks like code, data or a formula begins as an order or a question does, or
/// is one.
fn asks_among(request: &Request<'_>, text: &str) -> bool {
    // Formulas are set in sentences as often as alone.
    if text.contains('\\') || text.contains("? ") || text.trim_end().ends_with('?') {
        return true;
    }
    for line in text.lines() {
        if line.bytes().filter(|byte| *byte == b'$').count() > 1 {
            return true;
        }
        let word = line.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let mut letters = word.chars();
        let capital = letters.next().is_some_and(char::is_uppercase);
        let small = letters.next().is_some_and(char::is_lowercase);
        if capital
            && small
            && request.lexicon.classes(super::scan::hash(word)) & (ASK | QUESTION) != 0
        {
            return true;
        }
    }
    false
}

fn is_i(hash: u32) -> bool {
    ["i", "im", "ich", "je", "j", "yo", "me", "mir", "mich"]
        .into_iter()
        .any(|word| super::scan::hash(word) == hash)
}

fn is_assistant(hash: u32) -> bool {
    ["assistant", "chatgpt", "claude", "gpt", "ai", "ki", "assistent", "asistente"]
        .into_iter()
        .any(|word| super::scan::hash(word) == hash)
}
