//! A complex ask, told apart into its steps. Only where that is plain to see: every sentence asks.

use super::language::{Language, asks, spaced};

/// Longer texts hold more than asks.
const LONGEST: usize = 2000;

/// The asks of `text` in their order, every sign of it kept but the blanks between them; `None`
/// where it is one ask, or holds anything that is not one, or is a list already.
pub(crate) fn of(text: &str, language: &Language) -> Option<Vec<String>> {
    let text = text.trim();
    if text.len() > LONGEST || text.contains("```") {
        return None;
    }
    let mut steps = Vec::new();
    for line in text.lines() {
        for sentence in sentences(line) {
            if !is_ask(sentence, language) {
                return None;
            }
            let mut rest = sentence;
            while let Some((first, second)) = joined(rest, language) {
                steps.push(first.to_owned());
                rest = second;
            }
            steps.push(rest.to_owned());
        }
    }
    (steps.len() > 1).then_some(steps)
}

/// The sentences of a line: up to a mark of their end before a blank.
fn sentences(line: &str) -> Vec<&str> {
    let mut list = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let mut end = rest.len();
        let mut marked = false;
        for (at, sign) in rest.char_indices() {
            if marked && sign.is_whitespace() {
                end = at;
                break;
            }
            marked = matches!(sign, '.' | '?' | '!');
        }
        let (sentence, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !sentence.trim().is_empty() {
            list.push(sentence.trim());
        }
        rest = after;
    }
    list
}

/// Whether a sentence is a question, or begins with a verb that asks.
fn is_ask(sentence: &str, language: &Language) -> bool {
    if sentence.ends_with('?') {
        return true;
    }
    for word in sentence.split_whitespace() {
        let word = bare(word);
        if !language.before.contains(&word) {
            return asks(language, &word);
        }
    }
    false
}

/// A sentence with a further ask: after a comma, a semicolon or "and", before "then" and a verb.
fn joined<'a>(sentence: &'a str, language: &Language) -> Option<(&'a str, &'a str)> {
    let mut start = 0;
    // The last two words, with the place where each begins.
    let mut past: [(usize, &str); 2] = [(0, ""); 2];
    for word in sentence.split_inclusive(char::is_whitespace) {
        let [(first, one), (second, two)] = past;
        let then = bare(two).trim() == language.then;
        if then && asks(language, &bare(word)) && second > 0 {
            // "…, then list", or "… and then list": "and" goes with what follows.
            let and = language.before.contains(&bare(one));
            let at = if and { first } else { second };
            let marked = and || one.trim_end().ends_with([',', ';']);
            if let (true, true, Some((head, tail))) =
                (marked, at > 0, sentence.split_at_checked(at))
            {
                return Some((head.trim_end(), tail));
            }
        }
        past = [(second, two), (start, word)];
        start += word.len();
    }
    None
}

/// A word without the marks around it, in lower case between blanks.
fn bare(word: &str) -> String {
    spaced(word.trim_matches(|sign: char| !sign.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::super::language::{ENGLISH, of as language_of};
    use super::*;

    #[test]
    fn asks_are_told_apart() {
        for (text, wanted) in [
            (
                "Summarise the text. Then list its risks. What is missing?",
                &["Summarise the text.", "Then list its risks.", "What is missing?"] as &[_],
            ),
            (
                "Summarise the text, then translate it into German, and then count its words.",
                &[
                    "Summarise the text,",
                    "then translate it into German,",
                    "and then count its words.",
                ],
            ),
            ("Explain the proof.\nList its gaps.", &["Explain the proof.", "List its gaps."]),
        ] {
            assert_eq!(of(text, ENGLISH).unwrap(), wanted, "{text}");
        }
        let german = "Fasse den Text zusammen. Nenne bitte die Risiken.";
        let language = language_of(german).unwrap();
        assert_eq!((language.code, of(german, language).unwrap().len()), ("de", 2));
    }

    #[test]
    fn what_is_not_all_asks_stays() {
        for text in [
            "Explain monads with one picture.",
            "My dog is ill. He ate chocolate. What should I do?",
            "If it rains, then list the options.",
            "Summarise Dr. Smith's paper. List the risks.",
            "Compare and contrast the two.",
            "1. Explain it.\n2. List it.",
            "Fix this:\n```\nlist. read.\n```",
            "Summarise this. The cat sat on the mat.",
            "",
        ] {
            assert_eq!(of(text, ENGLISH), None, "{text}");
        }
    }
}
