//! What a text is about, in its plainest form: which words it has.

use super::passage::{SEED, hash};
use crate::sort::sort;

/// Words of four letters and more that say nothing of a topic, cut to six letters; in order.
const COMMON: [&str; 112] = [
    "aber",
    "about",
    "above",
    "after",
    "again",
    "also",
    "answer",
    "auch",
    "available",
    "based",
    "been",
    "before",
    "being",
    "below",
    "best",
    "between",
    "bitte",
    "both",
    "call",
    "can't",
    "could",
    "dass",
    "does",
    "doing",
    "done",
    "each",
    "every",
    "exampl",
    "find",
    "first",
    "following",
    "from",
    "functi",
    "gets",
    "give",
    "given",
    "going",
    "good",
    "have",
    "help",
    "here",
    "inform",
    "input",
    "into",
    "just",
    "know",
    "like",
    "list",
    "look",
    "made",
    "make",
    "many",
    "more",
    "most",
    "much",
    "must",
    "name",
    "need",
    "number",
    "object",
    "only",
    "other",
    "output",
    "please",
    "provid",
    "questi",
    "reques",
    "result",
    "return",
    "should",
    "show",
    "some",
    "string",
    "such",
    "sure",
    "take",
    "tell",
    "text",
    "than",
    "that",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "this",
    "those",
    "time",
    "tool",
    "type",
    "until",
    "used",
    "user",
    "using",
    "value",
    "very",
    "want",
    "well",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "will",
    "with",
    "work",
    "would",
    "your",
    "yours",
];

/// A set of words, by their first six letters, hashed and in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Vec<u64>);

impl Words {
    /// Adds the words of a text. `parseXmlFile` and `parse_xml_file` are three words each.
    pub(super) fn add(&mut self, text: &str) {
        let mut word = String::new();
        let mut was_small = false;
        for char in text.chars().chain([' ']) {
            let is_letter = char.is_alphabetic();
            if !is_letter || (was_small && char.is_uppercase()) {
                self.put(&word);
                word.clear();
            }
            was_small = char.is_lowercase();
            if is_letter && word.len() < 80 {
                word.extend(char.to_lowercase());
            }
        }
    }

    fn put(&mut self, word: &str) {
        if word.chars().count() < 4 || COMMON.binary_search(&word).is_ok() {
            return;
        }
        let stem: String = word.chars().take(6).collect();
        if COMMON.binary_search(&stem.as_str()).is_err() {
            self.0.push(hash(SEED, stem.as_bytes()));
        }
    }

    /// In order, each once; what the questions below want.
    pub(super) fn sorted(mut self) -> Self {
        sort(&mut self.0, |a, b| a < b);
        self.0.dedup();
        self
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many words both have.
    pub(super) fn common(&self, other: &Self) -> usize {
        self.0.iter().filter(|word| other.0.binary_search(word).is_ok()).count()
    }
}

/// Whether a text is in letters whose words this can tell apart: Latin, Greek, Cyrillic.
pub(super) fn is_readable(text: &str) -> bool {
    text.chars().all(|char| !char.is_alphabetic() || char < '\u{0530}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_in_order() {
        assert!(COMMON.is_sorted());
    }

    #[test]
    fn names_are_taken_apart() {
        let words = |text: &str| {
            let mut words = Words::default();
            words.add(text);
            words.sorted()
        };
        assert_eq!(words("parseXmlFile").common(&words("a file to parse")), 2);
        assert_eq!(words("weather_forecast").common(&words("Forecasts of WEATHER")), 2);
        assert_eq!(words("what would this be").len(), 0);
        assert!(is_readable("Größe, размер") && !is_readable("天気"));
    }
}
