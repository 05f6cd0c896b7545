//! How a text is split into pieces before any merge: the split patterns of tiktoken, by hand.
//!
//! The patterns are those of tiktoken 0.14.0, `tiktoken_ext/openai_public.py`. An alternative is
//! taken where it stands first, not where it is longest; a piece is found by one walk forwards and
//! at most one step back to where the walk last could have ended, so splitting is linear.

use super::classes::{Classes, LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, SPACE, UPPER};
use std::ops::Range;

/// Which split pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// ```text
    /// '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+
    /// |\s++$|\s*[\r\n]|\s+(?!\S)|\s
    /// ```
    Cl100k,
    /// ```text
    /// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
    /// |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
    /// |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
    /// ```
    O200k,
}

/// The pieces of texts.
pub(super) struct Scanner {
    pattern: Pattern,
    classes: Classes,
    /// By the first byte of a piece: how many bytes stand before its letters if it is a word, or
    /// `NO_WORD`.
    heads: [u8; 256],
}

/// What begins with this byte is no word of ASCII letters.
const NO_WORD: u8 = 2;

impl Scanner {
    pub(super) fn new(pattern: Pattern) -> Self {
        let classes = Classes::new();
        let mut heads = [NO_WORD; 256];
        for (byte, head) in (0..0x80).zip(&mut heads) {
            let class = classes.ascii(byte);
            if class & LETTER != 0 {
                *head = 0;
            } else if class & (NUMBER | NEWLINE) == 0
                // There a contraction goes before a word.
                && (byte != b'\'' || pattern == Pattern::O200k)
            {
                *head = 1;
            }
        }
        Self { pattern, classes, heads }
    }

    /// Where the piece ends that begins at `at`, a place between two characters of the UTF-8
    /// `text`. More than `at` unless that is the end.
    #[inline]
    pub(super) fn piece_end(&self, text: &[u8], at: usize) -> usize {
        match self.pattern {
            Pattern::O200k => self.piece_end_o200k(text, at),
            Pattern::Cl100k => self.piece_end_cl100k(text, at),
        }
    }

    /// The length of a piece, if it is a word of ASCII letters, maybe with another ASCII character
    /// before it, and ends within the 16 bytes that it begins; else 0. Most pieces of most texts.
    #[inline]
    pub(super) fn quick_word(&self, words: [u64; 2]) -> usize {
        let head = self.heads.get(words[0] as usize & 0xff).copied().unwrap_or(NO_WORD);
        if head == NO_WORD {
            return 0;
        }
        let start = u32::from(head);
        let [small, large] = letters(words);
        let end = match self.pattern {
            Pattern::O200k => {
                let capitals = start + (large >> start).trailing_ones();
                capitals + (small >> capitals).trailing_ones()
            }
            Pattern::Cl100k => start + ((small | large) >> start).trailing_ones(),
        };
        if end == start || end > 15 {
            return 0;
        }
        let [low, high] = words;
        let next = (if end < 8 { low >> (8 * end) } else { high >> (8 * (end - 8)) }) as u8;
        // The word may go on, or have a contraction behind it.
        if next >= 0x80 || next == b'\'' && self.pattern == Pattern::O200k {
            return 0;
        }
        end as usize
    }

    /// Which split pattern.
    pub(super) fn pattern(&self) -> Pattern {
        self.pattern
    }

    /// The class of a character.
    pub(super) fn class(&self, character: char) -> u8 {
        self.classes.of(character)
    }

    /// Whether a piece always ends between these two characters, whatever stands around them, and
    /// each part is split the same without the other.
    pub(super) fn is_border(&self, left: char, right: char) -> bool {
        // Only ASCII is looked at by itself.
        let head = u8::try_from(u32::from(right)).unwrap_or(0xff);
        self.parts(self.classes.of(left), self.classes.of(right), head)
    }

    /// As [`Self::is_border`], from the characters' classes and the first byte of the right one.
    #[inline]
    fn parts(&self, left: u8, right: u8, head: u8) -> bool {
        let blank = right & SPACE != 0 && right & NEWLINE == 0;
        match left {
            // Not both numbers: they come in threes.
            class if class & NUMBER != 0 => right & NUMBER == 0,
            // A word ends before anything but letters, marks and contractions, in o200k_base before
            // a capital, too.
            class if class & LETTER != 0 => {
                right & (SPACE | NUMBER) != 0
                    || right == OTHER && head != b'\''
                    || self.pattern == Pattern::O200k
                        && class & UPPER == 0
                        && right & LETTER != 0
                        && right & LOWER == 0
            }
            // Symbols may have line breaks behind them, and symbols or marks a word.
            OTHER | MARK => blank || right & NUMBER != 0,
            // Line breaks may have a slash behind them, which belongs to the symbols before.
            class if class & NEWLINE != 0 => {
                right & (LETTER | NUMBER) != 0 || right == OTHER && head != b'/'
            }
            // The last of many spaces is split from them unless they end the text.
            _ => false,
        }
    }

    /// The first border that is at least `length.start` and less than `length.end` bytes behind `at`,
    /// or the end of the text if that is nearer. `None` where there is none.
    #[inline]
    pub(super) fn part_end(&self, text: &[u8], at: usize, length: Range<usize>) -> Option<usize> {
        let last = at + length.end - 1;
        let mut left_at = at + length.start - 1;
        // Where a character begins.
        while let Some(0x80..=0xbf) = text.get(left_at) {
            left_at += 1;
        }
        let (mut left, mut width) = self.classes.at(text, left_at);
        loop {
            let place = left_at + width;
            let Some(&head) = text.get(place) else {
                return (text.len() <= last).then_some(text.len());
            };
            if place > last {
                return None;
            }
            let (right, next_width) = self.classes.at(text, place);
            if self.parts(left, right, head) {
                return Some(place);
            }
            (left_at, left, width) = (place, right, next_width);
        }
    }

    #[inline]
    fn piece_end_o200k(&self, text: &[u8], at: usize) -> usize {
        let (class, length) = self.classes.at(text, at);
        let next = at + length;
        if class & LETTER != 0 {
            return self.word_o200k(text, at, at, class);
        }
        if class & NUMBER != 0 {
            return self.number(text, next);
        }
        let (next_class, next_length) = self.classes.at(text, next);
        // Anything but a number or a line break may stand before a word. A mark may as well be part
        // of it.
        if class & NEWLINE == 0 && (next_class & MARK != 0 || class == MARK) {
            return self.word_o200k(text, at, next, class);
        }
        if class == OTHER {
            return self.symbols(text, next);
        }
        if text.get(at) == Some(&b' ') && next_class == OTHER && next_length != 0 {
            return self.symbols(text, next + next_length);
        }
        self.spaces(text, at)
    }

    /// The first two alternatives: a word whose letters begin at `start`, behind at most one other
    /// character at `at` of class `class`. There is a letter or a mark at one of the two.
    #[inline]
    fn word_o200k(&self, text: &[u8], at: usize, start: usize, class: u8) -> usize {
        let mut end = start;
        // Where the capitals could give back what may stand in the lower part as well.
        let mut both = None;
        let (mut next, mut length) = self.classes.at(text, end);
        while next & UPPER != 0 {
            end += length;
            if next & LOWER != 0 {
                both = Some(end);
            }
            (next, length) = self.classes.at(text, end);
        }
        if next & LOWER != 0 {
            end = self.run(text, end + length, LOWER);
        } else if let Some(both) = both {
            end = both;
        } else if class == MARK {
            // A mark before capitals: the first alternative takes the mark alone.
            end = start;
        }
        debug_assert!(end > at);
        end + contraction(text, end)
    }

    fn piece_end_cl100k(&self, text: &[u8], at: usize) -> usize {
        let (class, length) = self.classes.at(text, at);
        let next = at + length;
        if class & LETTER != 0 {
            return self.run(text, next, LETTER);
        }
        if class & NUMBER != 0 {
            return self.number(text, next);
        }
        let contraction = contraction(text, at);
        if contraction != 0 {
            return at + contraction;
        }
        let (next_class, next_length) = self.classes.at(text, next);
        if class & NEWLINE == 0 && next_class & LETTER != 0 {
            return self.run(text, next + next_length, LETTER);
        }
        let symbol = |class| class == OTHER || class == MARK;
        if symbol(class) {
            return self.symbols(text, next);
        }
        if text.get(at) == Some(&b' ') && symbol(next_class) && next_length != 0 {
            return self.symbols(text, next + next_length);
        }
        self.spaces(text, at)
    }

    /// Where the characters of a class in `wanted` end.
    #[inline]
    fn run(&self, text: &[u8], mut at: usize, wanted: u8) -> usize {
        loop {
            let (class, length) = self.classes.at(text, at);
            if class & wanted == 0 {
                return at;
            }
            at += length;
        }
    }

    /// `\p{N}{1,3}` behind the first.
    #[inline]
    fn number(&self, text: &[u8], mut at: usize) -> usize {
        for _ in 0..2 {
            let (class, length) = self.classes.at(text, at);
            if class & NUMBER == 0 {
                break;
            }
            at += length;
        }
        at
    }

    /// `[^\s\p{L}\p{N}]+[\r\n/]*` (or without the slash) behind the first.
    #[inline]
    fn symbols(&self, text: &[u8], mut at: usize) -> usize {
        loop {
            let (class, length) = self.classes.at(text, at);
            if (class != OTHER && class != MARK) || length == 0 {
                break;
            }
            at += length;
        }
        let slash = self.pattern == Pattern::O200k;
        while let Some(b'\r' | b'\n' | b'/') = text.get(at).filter(|&&b| slash || b != b'/') {
            at += 1;
        }
        at
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break, else all but the last character,
    /// which may belong to a word, else what there is.
    ///
    /// `cl100k_base` takes spaces at the end of the text whole, line breaks and all; no token holds
    /// a line break and ends in another space, so the tokens are the same.
    #[inline]
    fn spaces(&self, text: &[u8], at: usize) -> usize {
        let (mut end, mut last, mut line) = (at, at, None);
        loop {
            let (class, length) = self.classes.at(text, end);
            if class & SPACE == 0 {
                break match line {
                    Some(line) => line,
                    None if length != 0 && last > at => last,
                    None => end,
                };
            }
            last = end;
            end += length;
            if class & NEWLINE != 0 {
                line = Some(end);
            }
        }
    }
}

/// Which of 16 bytes are small ASCII letters, and which are large ones: a bit for each.
#[inline]
fn letters(words: [u64; 2]) -> [u32; 2] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    // In each byte, which is below 128: the highest bit where it is at least `least`.
    let from = |bytes: u64, least: u8| bytes + u64::from(0x80 - least) * EACH;
    // The highest bits of the bytes, side by side.
    let gather = |bits: u64| ((bits & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let [mut small, mut large] = [0; 2];
    for (word, shift) in words.into_iter().zip([0, 8]) {
        let bytes = word & !HIGH;
        small |= gather(from(bytes, b'a') & !from(bytes, b'z' + 1) & !word) << shift;
        large |= gather(from(bytes, b'A') & !from(bytes, b'Z' + 1) & !word) << shift;
    }
    [small as u32, large as u32]
}

/// The length of `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at `at`, or 0. Without case, `ſ` (U+017F) is an s.
#[inline]
fn contraction(text: &[u8], at: usize) -> usize {
    if text.get(at) != Some(&b'\'') {
        return 0;
    }
    let small = |i: usize| text.get(at + i).map_or(0, u8::to_ascii_lowercase);
    match (small(1), small(2)) {
        (b's' | b't' | b'm' | b'd', _) => 2,
        (b'r' | b'v', b'e') | (b'l', b'l') | (0xc5, 0xbf) => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::memo::words;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn quick_words_are_pieces(text in "[a-zA-Z ]{0,12}[ -~]{0,12}[a-zA-Z'é\u{301}ʰ\n]{0,9}.{0,4}") {
            for pattern in [Pattern::Cl100k, Pattern::O200k] {
                split(pattern, &text);
            }
        }
    }

    #[test]
    fn knows_the_letters() {
        for byte in 0..=255u8 {
            for place in 0..16 {
                let mut bytes = [b'?'; 16];
                bytes[place] = byte;
                let bit = |is: bool| u32::from(is) << place;
                let wanted = [bit(byte.is_ascii_lowercase()), bit(byte.is_ascii_uppercase())];
                assert_eq!(letters(words(&bytes, 0)), wanted, "{byte:#x} at {place}");
            }
        }
    }

    fn split(pattern: Pattern, text: &str) -> Vec<&str> {
        let scanner = Scanner::new(pattern);
        let (mut at, mut pieces) = (0, Vec::new());
        while at < text.len() {
            let end = scanner.piece_end(text.as_bytes(), at);
            let quick = scanner.quick_word(words(text.as_bytes(), at));
            assert!(quick == 0 || quick == end - at, "{pattern:?} {text:?} at {at}: {quick}");
            pieces.push(text.get(at..end).unwrap());
            at = end;
        }
        assert_eq!(scanner.piece_end(text.as_bytes(), at), at);
        pieces
    }

    /// Pieces by hand, from the alternatives of the patterns.
    #[test]
    fn splits_as_the_patterns_say() {
        use Pattern::{Cl100k, O200k};
        for (pattern, text, wanted) in [
            (O200k, "Hello  World's end", "Hello· · World's· end"),
            (Cl100k, "Hello  World's end", "Hello· · World·'s· end"),
            (O200k, "camelCaseXMLParser", "camel·Case·XMLParser"),
            (Cl100k, "camelCaseXMLParser", "camelCaseXMLParser"),
            (O200k, "漢字ABC漢ABC", "漢字ABC漢·ABC"),
            (O200k, "\u{301}ABC", "\u{301}·ABC"),
            (O200k, "\u{301}abC", "\u{301}ab·C"),
            (Cl100k, "e\u{301}a", "e·\u{301}a"),
            (O200k, " \u{301}x", " \u{301}x"),
            (Cl100k, " \u{301}\u{301}x", " \u{301}\u{301}·x"),
            (O200k, "1234567 89", "123·456·7· ·89"),
            (O200k, "a//b\n/\n c", "a·//·b·\n·/\n· c"),
            (Cl100k, "a!/\n\n/b", "a·!/\n\n·/b"),
            (O200k, "a!/\n\n/b", "a·!/\n\n/·b"),
            (O200k, "x \n\n   y", "x· \n\n·  · y"),
            (O200k, "x\t\t9", "x·\t·\t·9"),
            (O200k, "x   ", "x·   "),
            (O200k, "(don'T ((x", "(don'T· ((·x"),
            (Cl100k, "'LLama 'tis'ſ", "'LL·ama· '·tis·'ſ"),
            (O200k, "a'ſ 'sx", "a'ſ· '·sx"),
            (O200k, "\r\n\u{3000}漢", "\r\n·\u{3000}漢"),
            (O200k, "<|endoftext|>", "<|·endoftext·|>"),
        ] {
            let wanted: Vec<&str> = wanted.split('·').collect();
            assert_eq!(split(pattern, text), wanted, "{pattern:?} {text:?}");
        }
    }
}
