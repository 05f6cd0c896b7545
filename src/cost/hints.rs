//! The form that a request asks its answer to have, as far as it tells how long the answer is.

use crate::chat::{ChatRequest, Content, Role};
use serde_json::Value;
use std::sync::OnceLock;

/// What is asked for, by the name that `src/data/answer-length.json` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hint {
    /// `word`: up to three words, or yes or no. `sentences`: so many. `only`: the bare answer.
    /// `long`: in detail, an essay. `words`: a hundred or more, not at most.
    pub name: &'static str,
    /// How many; 1 where none is named.
    pub number: u64,
}

/// Characters that are read at either end of a text: what is pasted between says nothing of the form.
const END: usize = 500;

/// English as it was measured; German, French, Spanish, Italian, Portuguese and Dutch are translated,
/// not measured. Accents are folded away, and a phrase begins with the space before its first word.
fn phrases() -> &'static Value {
    static PHRASES: OnceLock<Value> = OnceLock::new();
    // A test reads every kind of phrase, so the empty default is never what is shipped.
    PHRASES.get_or_init(|| {
        serde_json::from_str(include_str!("../data/answer-hints.json")).unwrap_or_default()
    })
}

/// The hint of the last question, else that of the instructions above the conversation.
pub(super) fn of_request(request: &ChatRequest) -> Option<Hint> {
    let read = |content: &Content| match content {
        Content::Text(text) => of_text(text),
        other => of_text(&other.text()),
    };
    let blank = |content: &Content| match content {
        Content::Text(text) => text.trim().is_empty(),
        other => other.text().trim().is_empty(),
    };
    let mut asks = request.messages.iter().rev().filter(|message| message.role == Role::User);
    let ask = asks.find(|message| !blank(&message.content));
    ask.and_then(|message| read(&message.content)).or_else(|| {
        let mut above = String::new();
        for message in &request.messages {
            if matches!(message.role, Role::System | Role::Developer) {
                above.push_str(&message.content.text());
                above.push(' ');
            }
        }
        of_text(&above)
    })
}

/// The form that `text` asks for; `None` where it names none or contradicts itself.
pub(super) fn of_text(text: &str) -> Option<Hint> {
    let words = words(text);
    let has = |kind: &str| {
        let mut listed = phrases().get(kind).and_then(Value::as_array).into_iter().flatten();
        listed.any(|phrase| phrase.as_str().is_some_and(|phrase| words.contains(phrase)))
    };
    let named = numbered(&words);
    let few = match named {
        // The answers that were held to a limit were as short as others.
        Some(("word", 100..)) if has("limit") => return None,
        Some(("word", number @ 100..)) => return Some(Hint { name: "words", number }),
        Some(("word", ..=3)) => Some(Hint { name: "word", number: 1 }),
        Some(("sentence", number @ ..=20)) => Some(Hint { name: "sentences", number }),
        _ => None,
    };
    let one = |name| Some(Hint { name, number: 1 });
    if has("long") {
        return if few.is_some() || has("short") || has("only") { None } else { one("long") };
    }
    if named.is_some() {
        few
    } else if has("word") {
        one("word")
    } else if has("only") {
        one("only")
    } else {
        None
    }
}

/// Words of letters and digits in lower case, a space around each.
fn words(text: &str) -> String {
    let mut out = String::from(" ");
    let all = text.char_indices().nth(2 * END).is_none();
    let mut push = |part: &str| {
        for letter in part.chars() {
            match folded(letter) {
                Some(letter) => out.push(letter),
                None if !out.ends_with(' ') => out.push(' '),
                None => {}
            }
        }
    };
    if all {
        push(text);
    } else {
        let first = text.char_indices().nth(END).map_or(0, |(at, _)| at);
        let last = text.char_indices().nth_back(END - 1).map_or(0, |(at, _)| at);
        push(text.get(..first).unwrap_or_default());
        push(" ");
        push(text.get(last..).unwrap_or_default());
    }
    push(" ");
    out
}

/// A letter or digit in lower case and without its accent; `None` for what stands between words.
/// Beyond Latin everything that is not of the blocks of punctuation is a letter.
fn folded(letter: char) -> Option<char> {
    Some(match letter {
        'à'..='ä' | 'À'..='Ä' => 'a',
        'è'..='ë' | 'È'..='Ë' => 'e',
        'ì'..='ï' | 'Ì'..='Ï' => 'i',
        'ò'..='ö' | 'Ò'..='Ö' => 'o',
        'ù'..='ü' | 'Ù'..='Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        'a'..='z' | '0'..='9' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        '\u{c0}'..='\u{1fff}' | '\u{2070}'..='\u{2fff}' | '\u{3040}'.. => letter,
        _ => return None,
    })
}

/// The first number that stands before a unit, with at most one word between.
fn numbered(words: &str) -> Option<(&'static str, u64)> {
    let list: Vec<&str> = words.split_ascii_whitespace().collect();
    for (at, word) in list.iter().enumerate() {
        let next = |step: usize| list.get(at + step).copied();
        let number = match *word {
            "a" if at > 0 && list.get(at - 1) == Some(&"in") && next(1) != Some("few") => 1,
            word => number(word),
        };
        if number > 0
            && let Some(unit) = next(1).and_then(unit).or_else(|| next(2).and_then(unit))
        {
            return Some((unit, number));
        }
    }
    None
}

fn number(word: &str) -> u64 {
    if word.len() <= 4 && word.bytes().all(|digit| digit.is_ascii_digit()) {
        return word.parse().unwrap_or(0);
    }
    let mut spelled = phrases().get("numbers").and_then(Value::as_array).into_iter().flatten();
    spelled.position(|spellings| lists(spellings, word)).map_or(0, |at| at as u64 + 1)
}

fn unit(word: &str) -> Option<&'static str> {
    let units = phrases().get("units")?.as_object()?;
    units.iter().find(|(_, spellings)| lists(spellings, word)).map(|(name, _)| name.as_str())
}

/// Whether `spellings`, words with a space between, has `word`.
fn lists(spellings: &Value, word: &str) -> bool {
    spellings.as_str().is_some_and(|all| all.split_ascii_whitespace().any(|one| one == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Message;
    use proptest::prelude::*;

    fn found(text: &str) -> (&'static str, u64) {
        of_text(text).map_or(("", 1), |hint| (hint.name, hint.number))
    }

    /// The same examples that `scripts/answer-length.mjs` holds its own scan to.
    #[test]
    fn examples_are_read_as_the_script_reads_them() {
        let examples: Vec<(String, String, u64)> =
            serde_json::from_str(include_str!("../../tests/golden/answer-hints.json")).unwrap();
        for (text, hint, number) in &examples {
            assert_eq!(found(text), (hint.as_str(), *number), "{text}");
        }
        for name in ["word", "sentences", "only", "long", "words", ""] {
            assert!(examples.iter().any(|(_, hint, _)| hint == name), "{name}");
        }
    }

    #[test]
    fn every_phrase_is_one_that_can_be_met() {
        for kind in ["word", "only", "long", "short", "limit"] {
            for phrase in phrases()[kind].as_array().unwrap() {
                let phrase = phrase.as_str().unwrap();
                assert_eq!(words(phrase).trim(), phrase.trim());
            }
        }
        assert_eq!(phrases()["numbers"].as_array().unwrap().len(), 10);
        for (name, spellings) in phrases()["units"].as_object().unwrap() {
            let spellings = spellings.as_str().unwrap();
            assert!(spellings.split(' ').all(|word| word.is_empty() || unit(word) == Some(name)));
        }
    }

    #[test]
    fn the_last_question_comes_before_the_instructions() {
        let request = |lines: &[(Role, &str)]| {
            let messages: Vec<Value> = lines
                .iter()
                .map(|(role, text)| serde_json::json!({"role": role.name(), "content": text}))
                .collect();
            ChatRequest::from_value(serde_json::json!({"messages": messages})).unwrap()
        };
        let name = |lines: &[(Role, &str)]| of_request(&request(lines)).map(|hint| hint.name);
        let above = (Role::System, "Answer in one sentence.");
        let essay = (Role::User, "Write an essay on the tides.");
        let plain = (Role::User, "What are the tides?");
        assert_eq!(name(&[above, plain]), Some("sentences"));
        assert_eq!(name(&[above, essay]), Some("long"));
        assert_eq!(name(&[essay, (Role::Assistant, "..."), plain]), None);
        assert_eq!(name(&[essay, (Role::User, " ")]), Some("long"));
        let mut empty = request(&[plain]);
        empty.messages = vec![Message::text(Role::User, "")];
        assert_eq!(of_request(&empty), None);
    }

    #[test]
    fn what_is_pasted_between_says_nothing() {
        let pasted = "Write an essay. ".repeat(200);
        let cut = format!("{} {pasted} {}", "x ".repeat(400), "y ".repeat(400));
        assert_eq!(found(&cut), ("", 1));
        assert_eq!(found(&format!("{cut} Sum it up in one sentence.")), ("sentences", 1));
        assert_eq!(found(&format!("Sum it up in one sentence: {cut}")), ("sentences", 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,1200}") {
            let hint = of_text(&text);
            prop_assert!(hint.is_none_or(|hint| hint.number >= 1 && hint.number < 10_000));
        }
    }
}
