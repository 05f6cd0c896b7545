//! How a text is split into pieces before any merge: the split patterns of tiktoken, by hand.
//!
//! The patterns are those of tiktoken 0.14.0, `tiktoken_ext/openai_public.py`. An alternative is
//! taken where it stands first, not where it is longest; a piece is found by one walk forwards and
//! at most one step back to where the walk last could have ended, so splitting is linear.

use super::classes::{Classes, LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, SPACE, UPPER};

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
}

impl Scanner {
    pub(super) fn new(pattern: Pattern) -> Self {
        Self { pattern, classes: Classes::new() }
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
        let of = self.classes.of(right);
        let blank = of & SPACE != 0 && of & NEWLINE == 0;
        match self.classes.of(left) {
            // Not both numbers: they come in threes.
            class if class & NUMBER != 0 => of & NUMBER == 0,
            // A word ends before anything but letters, marks and contractions, in o200k_base before
            // a capital, too.
            class if class & LETTER != 0 => {
                of & (SPACE | NUMBER) != 0
                    || of == OTHER && right != '\''
                    || self.pattern == Pattern::O200k
                        && class & UPPER == 0
                        && of & LETTER != 0
                        && of & LOWER == 0
            }
            // Symbols may have line breaks behind them, and symbols or marks a word.
            OTHER | MARK => blank || of & NUMBER != 0,
            // Line breaks may have a slash behind them, which belongs to the symbols before.
            class if class & NEWLINE != 0 => {
                of & (LETTER | NUMBER) != 0 || of == OTHER && right != '/'
            }
            // The last of many spaces is split from them unless they end the text.
            _ => false,
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
    use super::*;

    fn split(pattern: Pattern, text: &str) -> Vec<&str> {
        let scanner = Scanner::new(pattern);
        let (mut at, mut pieces) = (0, Vec::new());
        while at < text.len() {
            let end = scanner.piece_end(text.as_bytes(), at);
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
