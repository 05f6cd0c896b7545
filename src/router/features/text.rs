//! What can be counted in a text in one reading, after the marks of an enumeration, of an answer
//! sheet or of a template are taken away.

use super::lexicon::{self, CLASSES, Class, Hits, hash};
use super::markup::{is_label, is_tag, shortened, without_marker};
use super::program::{Code, looks_like_code};
use crate::letter::{is_upper, lowered};
use crate::sort::sort;

/// Counts of one text.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub characters: u32,
    pub words: u32,
    pub letters: u32,
    pub upper: u32,
    pub not_latin: u32,
    pub not_ascii_letters: u32,
    pub long_words: u32,
    pub word_letters: u32,
    pub distinct_words: u32,
    pub sentences: u32,
    pub longest_sentence: u32,
    pub lines: u32,
    pub short_lines: u32,
    pub numeric_lines: u32,
    pub numbers: u32,
    pub distinct_numbers: u32,
    pub decimals: u32,
    pub largest_digits: u32,
    pub percents: u32,
    pub currency: u32,
    pub fractions: u32,
    pub questions: u32,
    pub commas: u32,
    pub quoted: u32,
    pub names: u32,
    pub identifiers: u32,
    pub tex: u32,
    pub formula_signs: u32,
    pub single_letters: u32,
    pub bounds: u32,
    pub largest_power: u32,
    pub number_sentences: u32,
    pub hits: Hits,
    pub first_hits: u64,
    pub last_hits: u64,
    pub first_word: u64,
    pub imperatives: u64,
    pub ends_as_question: bool,
    pub ends_open: bool,
    pub blanks: u32,
    pub code: Code,
}

impl Shape {
    /// Reads `text`.
    pub(super) fn of(text: &str) -> Self {
        let text = &shortened(text);
        let mut shape = Self::empty();
        let mut fenced = false;
        let mut seen: Vec<u32> = Vec::new();
        let mut seen_numbers: Vec<u32> = Vec::new();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.iter().rposition(|line| !is_label(line)).unwrap_or(0);
        let mut reader = Reader { first: true, ..Reader::default() };
        for (index, raw) in lines.iter().enumerate() {
            let trimmed = raw.trim();
            if trimmed.starts_with("```") {
                fenced = !fenced;
                continue;
            }
            if trimmed.is_empty() || is_tag(trimmed) || (index > last && is_label(trimmed)) {
                continue;
            }
            if fenced || looks_like_code(trimmed) {
                shape.code.read(raw);
                continue;
            }
            let (line, marked) = without_marker(trimmed);
            reader.line(line, marked, &mut shape, &mut seen, &mut seen_numbers);
        }
        reader.end_sentence(&mut shape);
        shape.distinct_words = distinct(&mut seen);
        shape.distinct_numbers = distinct(&mut seen_numbers);
        shape.last_hits = reader.last_set;
        shape.ends_as_question = reader.ended_by == Some('?');
        shape.ends_open =
            matches!(reader.stem_end, Some(c) if c.is_alphanumeric() || c == ',' || c == ':');
        shape
    }

    fn empty() -> Self {
        Self {
            characters: 0,
            words: 0,
            letters: 0,
            upper: 0,
            not_latin: 0,
            not_ascii_letters: 0,
            long_words: 0,
            word_letters: 0,
            distinct_words: 0,
            sentences: 0,
            longest_sentence: 0,
            lines: 0,
            short_lines: 0,
            numeric_lines: 0,
            numbers: 0,
            distinct_numbers: 0,
            decimals: 0,
            largest_digits: 0,
            percents: 0,
            currency: 0,
            fractions: 0,
            questions: 0,
            commas: 0,
            quoted: 0,
            names: 0,
            identifiers: 0,
            tex: 0,
            formula_signs: 0,
            single_letters: 0,
            bounds: 0,
            largest_power: 0,
            number_sentences: 0,
            hits: [0; CLASSES],
            first_hits: 0,
            last_hits: 0,
            first_word: 0,
            imperatives: 0,
            ends_as_question: false,
            ends_open: false,
            blanks: 0,
            code: Code::default(),
        }
    }

    /// How often words of `class` occur.
    pub(super) fn hits(&self, class: Class) -> u32 {
        self.hits.get(class as usize).copied().unwrap_or(0)
    }
}

/// The state between lines.
#[derive(Default)]
struct Reader {
    first: bool,
    sentence_words: u32,
    polite: bool,
    sentence_set: u64,
    sentence_numbers: bool,
    last_set: u64,
    ended_by: Option<char>,
    stem_end: Option<char>,
    listed: bool,
}

impl Reader {
    fn line(
        &mut self,
        line: &str,
        marked: bool,
        shape: &mut Shape,
        seen: &mut Vec<u32>,
        seen_numbers: &mut Vec<u32>,
    ) {
        if marked && !self.listed {
            self.end_sentence(shape);
        }
        self.listed |= marked;
        let mut word = String::new();
        let mut number = String::new();
        let mut previous = ' ';
        let mut line_letters = 0_u32;
        let mut line_digits = 0_u32;
        let mut characters = line.chars().peekable();
        shape.lines += 1;
        let mut length = 0_u32;
        let mut after_power = false;
        let line_has_bound = line.contains("\\le");
        while let Some(character) = characters.next() {
            length += 1;
            let next = characters.peek().copied().unwrap_or(' ');
            let in_number = character.is_ascii_digit()
                || (!number.is_empty() && matches!(character, '.' | ',') && next.is_ascii_digit());
            if in_number && word.is_empty() {
                number.push(character);
                line_digits += 1;
            } else if !number.is_empty() {
                if after_power && let Ok(power) = number.parse::<u32>() {
                    shape.largest_power = shape.largest_power.max(power.min(99));
                }
                after_power = false;
                self.sentence_numbers = true;
                end_number(&mut number, shape, seen_numbers);
            } else if after_power && !matches!(character, '{' | '^') {
                after_power = false;
            }
            let in_word = character.is_alphabetic()
                || (!word.is_empty()
                    && (character == '_'
                        || character.is_ascii_digit()
                        || (matches!(character, '\'' | '\u{2019}') && next.is_alphabetic())));
            if in_word {
                line_letters += 1;
                word.push(if character == '\u{2019}' { '\'' } else { character });
            } else if !word.is_empty() {
                self.end_word(&mut word, previous, shape, seen);
            }
            match character {
                '?' | '\u{ff1f}' | '\u{61f}' => {
                    shape.questions += 1;
                    self.ended_by = Some('?');
                    self.end_sentence(shape);
                }
                '.' | '!' | '\u{3002}' | '\u{964}' | '\u{ff01}' if !next.is_alphanumeric() => {
                    self.ended_by = Some('.');
                    self.end_sentence(shape);
                }
                '=' if previous == '<' => {
                    shape.bounds += 1;
                    shape.formula_signs += 1;
                }
                '\u{2264}' => {
                    shape.bounds += 1;
                    shape.formula_signs += 1;
                }
                '^' => {
                    shape.formula_signs += 1;
                    after_power = true;
                }
                ',' | ';' | '\u{3001}' | '\u{ff0c}' => shape.commas += 1,
                '%' => shape.percents += 1,
                '$' | '\u{20ac}' | '\u{a3}' | '\u{a5}' if next.is_ascii_digit() => {
                    shape.currency += 1;
                }
                '/' if previous.is_ascii_digit() && next.is_ascii_digit() => shape.fractions += 1,
                '"' | '`' | '\u{201c}' | '\u{ab}' | '\u{300c}' => shape.quoted += 1,
                '\\' if next.is_ascii_alphabetic() => {
                    shape.tex += 1;
                    shape.bounds += u32::from(next == 'l' && line_has_bound);
                }
                '$' if next.is_ascii_alphabetic()
                    || next == '\\'
                    || previous.is_ascii_alphabetic() =>
                {
                    shape.formula_signs += 1;
                }
                '=' | '+' | '*' | '<' | '>' | '\u{d7}' | '\u{2212}' | '\u{2265}' | '|' | '~'
                | '{' | '[' => shape.formula_signs += 1,
                '_' if next == '_' && previous != '_' => shape.blanks += 1,
                _ => {}
            }
            previous = character;
        }
        end_number(&mut number, shape, seen_numbers);
        if !word.is_empty() {
            self.end_word(&mut word, previous, shape, seen);
        }
        shape.characters += length + 1;
        if length <= 40 {
            shape.short_lines += 1;
        }
        if line_digits > 0 && line_letters <= line_digits + 3 {
            shape.numeric_lines += 1;
        }
        if !marked && !self.listed {
            self.stem_end = Some(previous);
        }
    }

    fn end_word(
        &mut self,
        word: &mut String,
        previous: char,
        shape: &mut Shape,
        seen: &mut Vec<u32>,
    ) {
        let mut letters = 0_u32;
        let (mut upper, mut foreign, mut marked, mut inner_upper, mut joined) = (0_u32, 0, 0, 0, 0);
        for (index, character) in word.chars().enumerate() {
            letters += 1;
            if is_upper(character) {
                upper += 1;
                inner_upper += u32::from(index > 0);
            }
            joined += u32::from(character == '_' || character.is_ascii_digit());
            if !character.is_ascii() && character.is_alphabetic() {
                marked += 1;
                foreign += u32::from(character > '\u{24f}');
            }
        }
        shape.words += 1;
        shape.letters += letters;
        shape.word_letters += letters;
        shape.upper += upper;
        shape.not_latin += foreign;
        shape.not_ascii_letters += marked;
        shape.long_words += u32::from(letters >= 9);
        if letters == 1 && previous != '\'' && !matches!(word.as_str(), "a" | "A" | "I" | "i") {
            shape.single_letters += 1;
        }
        if (inner_upper > 0 && inner_upper + 1 < letters && letters > 3) || joined > 0 {
            shape.identifiers += 1;
        } else if upper > 0 && self.sentence_words > 0 && letters > 1 {
            shape.names += 1;
        }
        let lower = if upper > 0 { lowered(word) } else { std::mem::take(word) };
        seen.push(hash(&lower));
        let mut set = lexicon::classes(&lower);
        if set == 0
            && let Some(singular) = lower.strip_suffix('s').or_else(|| lower.strip_suffix("'s"))
        {
            set = lexicon::classes(singular);
        }
        lexicon::count(set, &mut shape.hits);
        if self.first {
            shape.first_word = set;
            self.first = false;
        }
        if shape.sentences == 0 {
            shape.first_hits |= set;
        }
        // The verb that opens an order, with "please", "could you" or "I want you to" before it.
        let politeness = matches!(
            lower.as_str(),
            "please"
                | "can"
                | "could"
                | "would"
                | "will"
                | "you"
                | "now"
                | "also"
                | "then"
                | "help"
                | "me"
                | "want"
                | "to"
                | "i"
                | "need"
        );
        if !self.listed && (self.sentence_words == 0 || self.polite) && !politeness {
            shape.imperatives |= set;
        }
        self.polite = politeness && (self.sentence_words == 0 || self.polite);
        self.sentence_set |= set;
        self.sentence_words += 1;
        word.clear();
    }

    fn end_sentence(&mut self, shape: &mut Shape) {
        if self.sentence_words == 0 {
            return;
        }
        shape.sentences += 1;
        shape.longest_sentence = shape.longest_sentence.max(self.sentence_words);
        shape.number_sentences += u32::from(self.sentence_numbers);
        self.sentence_numbers = false;
        if !self.listed {
            self.last_set = self.sentence_set;
        }
        self.sentence_words = 0;
        self.sentence_set = 0;
    }
}

fn end_number(number: &mut String, shape: &mut Shape, seen: &mut Vec<u32>) {
    if number.is_empty() {
        return;
    }
    shape.numbers += 1;
    shape.decimals += u32::from(number.contains('.'));
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    shape.largest_digits = shape.largest_digits.max(u32::try_from(digits).unwrap_or(u32::MAX));
    seen.push(hash(number));
    number.clear();
}

fn distinct(seen: &mut Vec<u32>) -> u32 {
    sort(seen, |a, b| a < b);
    seen.dedup();
    u32::try_from(seen.len()).unwrap_or(u32::MAX)
}
