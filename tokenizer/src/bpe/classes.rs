//! What the split patterns want to know of a character: a few bits, from Unicode 16.0, which is
//! what tiktoken's regular expressions know (crate regex-syntax 0.8.11 in tiktoken 0.14.0).
//!
//! `classes.bin` is written by `tools/vocabulary`: for each run of characters of one class, its
//! length as a variable-length number (seven bits a byte, lowest first), then the class. What lies
//! behind the last run is of no class.

/// A member of `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`.
pub(super) const UPPER: u8 = 1;
/// A member of `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`.
pub(super) const LOWER: u8 = 2;
/// A member of `\p{L}`.
pub(super) const LETTER: u8 = 4;
/// A member of `\p{N}`.
pub(super) const NUMBER: u8 = 8;
/// A member of `\s`.
pub(super) const SPACE: u8 = 16;
/// A member of `[\r\n]`; `SPACE` as well.
pub(super) const NEWLINE: u8 = 32;
/// Any member of `\p{M}`: both cases, and no letter.
pub(super) const MARK: u8 = UPPER | LOWER;
/// None of the above: punctuation, symbols, controls, unassigned.
pub(super) const OTHER: u8 = 0;

static RUNS: &[u8] = include_bytes!("classes.bin");

/// Characters in a block: the lowest eight bits of a character choose within it.
const BLOCK: usize = 256;

/// The class of every character, as a table of blocks; equal blocks are there once.
pub(super) struct Classes {
    /// By character / 256: where its block begins, / 256.
    blocks: Vec<u8>,
    classes: Vec<u8>,
    ascii: [u8; 128],
}

impl Classes {
    pub(super) fn new() -> Self {
        let mut classes: Vec<u8> = Vec::with_capacity(150 * BLOCK);
        let mut blocks = Vec::with_capacity(0x11_0000 / BLOCK);
        // Blocks of one class are the many; only they are looked for.
        let mut uniform = [None; 64];
        for (length, class) in runs() {
            let mut length = length as usize;
            while length > 0 {
                let filled = classes.len() % BLOCK;
                let known = uniform.get_mut(usize::from(class));
                if filled == 0
                    && length >= BLOCK
                    && let Some(known) = known
                {
                    let place = *known.get_or_insert((classes.len() / BLOCK) as u8);
                    blocks.push(place);
                    if usize::from(place) * BLOCK == classes.len() {
                        classes.resize(classes.len() + BLOCK, class);
                    }
                    length -= BLOCK;
                } else {
                    if filled == 0 {
                        blocks.push((classes.len() / BLOCK) as u8);
                    }
                    let taken = length.min(BLOCK - filled);
                    classes.resize(classes.len() + taken, class);
                    length -= taken;
                }
            }
        }
        classes.resize(classes.len().next_multiple_of(BLOCK), OTHER);
        let ascii = std::array::from_fn(|i| classes.get(i).copied().unwrap_or(OTHER));
        Self { blocks, classes, ascii }
    }

    /// The class of the character that begins at `at` in the UTF-8 `text`, and its length in bytes.
    /// Behind the end: `OTHER` and 0.
    #[inline]
    pub(super) fn at(&self, text: &[u8], at: usize) -> (u8, usize) {
        match text.get(at) {
            Some(&byte) if byte < 0x80 => (self.ascii(byte), 1),
            Some(_) => self.beyond_ascii(text, at),
            None => (OTHER, 0),
        }
    }

    /// The class of a character.
    pub(super) fn of(&self, character: char) -> u8 {
        let mut text = [0; 4];
        let _ = character.encode_utf8(&mut text);
        self.at(&text, 0).0
    }

    #[inline]
    pub(super) fn ascii(&self, byte: u8) -> u8 {
        self.ascii.get(usize::from(byte & 0x7f)).copied().unwrap_or(OTHER)
    }

    #[inline]
    fn beyond_ascii(&self, text: &[u8], at: usize) -> (u8, usize) {
        let tail = |i: usize| usize::from(text.get(at + i).copied().unwrap_or(0) & 0x3f);
        let lead = usize::from(text.get(at).copied().unwrap_or(0));
        let (character, length) = if lead < 0xe0 {
            ((lead & 0x1f) << 6 | tail(1), 2)
        } else if lead < 0xf0 {
            ((lead & 0xf) << 12 | tail(1) << 6 | tail(2), 3)
        } else {
            ((lead & 7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
        };
        let block = self.blocks.get(character / BLOCK).copied().unwrap_or(0);
        let place = usize::from(block) * BLOCK + character % BLOCK;
        // Behind the last run nothing has a class; the first block is never meant there.
        let class = if character / BLOCK < self.blocks.len() {
            self.classes.get(place).copied().unwrap_or(OTHER)
        } else {
            OTHER
        };
        (class, length)
    }
}

/// The runs of `classes.bin`: how many characters, of which class.
fn runs() -> impl Iterator<Item = (u32, u8)> {
    let mut bytes = RUNS.iter().copied();
    std::iter::from_fn(move || {
        let (mut length, mut shift) = (0u32, 0);
        loop {
            let byte = bytes.next()?;
            length |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 21 {
                return Some((length, bytes.next()?));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_characters() {
        let classes = Classes::new();
        for (character, wanted) in [
            ('A', UPPER | LETTER),
            ('ǅ', UPPER | LETTER),
            ('z', LOWER | LETTER),
            ('ſ', LOWER | LETTER),
            ('ʰ', UPPER | LOWER | LETTER),
            ('漢', UPPER | LOWER | LETTER),
            ('\u{31350}', UPPER | LOWER | LETTER),
            ('\u{0301}', MARK),
            ('\u{e0100}', MARK),
            ('7', NUMBER),
            ('²', NUMBER),
            ('Ⅷ', NUMBER),
            (' ', SPACE),
            ('\u{3000}', SPACE),
            ('\u{85}', SPACE),
            ('\n', SPACE | NEWLINE),
            ('\u{200b}', OTHER),
            ('🎉', OTHER),
            ('\u{10ffff}', OTHER),
        ] {
            let text = character.to_string();
            assert_eq!(classes.at(text.as_bytes(), 0), (wanted, text.len()), "{character:?}");
        }
    }

    #[test]
    fn agrees_with_the_standard_library_where_it_can() {
        let classes = Classes::new();
        for character in '\0'..=char::MAX {
            let space = classes.of(character) & SPACE != 0;
            assert_eq!(space, character.is_whitespace(), "{character:?}");
        }
    }

    #[test]
    fn the_blocks_can_be_numbered_by_a_byte() {
        assert!(Classes::new().classes.len() / BLOCK <= 256);
    }
}
