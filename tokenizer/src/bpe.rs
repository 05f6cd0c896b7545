//! OpenAI's byte-pair vocabularies: counts that equal tiktoken's on every text.
//!
//! A text is split into pieces by a fixed pattern (`scan`); a piece is merged from its bytes (`merge`),
//! looking up tables (`tables`) that are built straight from a vocabulary file (`coding`), unless it
//! was counted lately (`memo`). All of it is linear in the text, whatever it holds; strings that
//! look like special tokens are text.

mod classes;
mod coding;
mod memo;
mod merge;
mod run;
mod scan;
mod short;
mod tables;
mod words;

pub use coding::Merges;

use super::live::{Run, Tokenizer};
use super::vocabulary;
use crate::error::Result;
use crate::lately::{self, Lately};
use memo::Memo;
use merge::Room;
use run::LongPiece;
use scan::{Pattern, Scanner};
use std::ops::Range;
use std::sync::{Arc, Mutex, TryLockError};
use tables::Tables;
use words::Words;

/// Which of OpenAI's vocabularies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// GPT-4 and GPT-3.5.
    Cl100kBase,
    /// GPT-4o and later. `o200k_harmony` has the same text and more special tokens.
    O200kBase,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Encoding; 2] = [Self::Cl100kBase, Self::O200kBase];

    /// The name as tiktoken spells it, which is also the vocabulary file's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cl100kBase => "cl100k_base",
            Self::O200kBase => "o200k_base",
        }
    }
}

/// A loaded vocabulary, ready to count.
pub struct Bpe {
    encoding: Encoding,
    scanner: Arc<Scanner>,
    tables: Arc<Tables>,
    /// For whoever counts first; another thread that counts at the same time brings its own.
    desk: Mutex<Desk>,
}

/// What counting needs beside the vocabulary, kept from text to text: 3.5 MB at the most.
struct Desk {
    pieces: Pieces,
    /// Parts of texts.
    parts: Lately,
}

struct Pieces {
    /// Short ones, and longer ones.
    memo: Memo,
    lately: Lately,
    room: Room,
    /// Made once so many pieces were counted that it pays.
    words: Option<Words>,
    counted: u32,
}

/// Pieces to count before [`Words`] are made, which takes about as long: the first count, of a text that
/// is not long, is not to wait for it.
const PATIENCE: u32 = 2000;

impl Desk {
    fn new() -> Self {
        let pieces = Pieces {
            memo: Memo::new(),
            lately: Lately::new(1 << 11, 1 << 18),
            room: Room::default(),
            words: None,
            counted: 0,
        };
        Self { pieces, parts: Lately::new(1 << 14, 1 << 21) }
    }
}

/// How many bytes a part of a text has that is looked up as a whole.
const PART: Range<usize> = 96..lately::LONGEST;

impl Bpe {
    /// Loads the vocabulary file of `encoding`.
    ///
    /// # Errors
    ///
    /// `invalid_input` where `file` is not that vocabulary, or is cut or damaged.
    pub fn from_bytes(encoding: Encoding, file: &[u8]) -> Result<Self> {
        let merges = Merges::decode(vocabulary::read_named(file, encoding.name())?)?;
        Self::new(encoding, &merges)
    }

    /// A vocabulary from its merges, with the split pattern of `encoding`.
    ///
    /// # Errors
    ///
    /// `invalid_input` where a token is made of later tokens, or is too long.
    pub fn new(encoding: Encoding, merges: &Merges) -> Result<Self> {
        let pattern = match encoding {
            Encoding::Cl100kBase => Pattern::Cl100k,
            Encoding::O200kBase => Pattern::O200k,
        };
        Ok(Self {
            encoding,
            scanner: Arc::new(Scanner::new(pattern)),
            tables: Arc::new(Tables::new(merges)?),
            desk: Mutex::new(Desk::new()),
        })
    }

    /// Which vocabulary this is.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many tokens `text` is.
    pub fn count(&self, text: &str) -> u64 {
        self.count_till_limit(text, u64::MAX).unwrap_or(u64::MAX)
    }

    /// How many tokens `text` is, or `None` as soon as there are more than `limit`.
    pub fn count_till_limit(&self, text: &str, limit: u64) -> Option<u64> {
        match self.desk.try_lock() {
            Ok(mut desk) => self.count_at(&mut desk, text.as_bytes(), limit),
            // Whatever a thread that died left there, a slot of the memo is written whole.
            Err(TryLockError::Poisoned(desk)) => {
                self.count_at(&mut desk.into_inner(), text.as_bytes(), limit)
            }
            Err(TryLockError::WouldBlock) => {
                self.count_at(&mut Desk::new(), text.as_bytes(), limit)
            }
        }
    }

    fn count_at(&self, desk: &mut Desk, text: &[u8], limit: u64) -> Option<u64> {
        let Desk { pieces, parts } = desk;
        let (mut at, mut count) = (0, 0);
        while at < text.len() && count <= limit {
            let end = match self.scanner.part_end(text, at, PART) {
                Some(end) => end,
                None => {
                    (at, count) = self.count_without_border(pieces, text, at, count, limit)?;
                    continue;
                }
            };
            let part = text.get(at..end).unwrap_or_default();
            count += parts.count(part, 0, || self.count_pieces(pieces, part));
            at = end;
        }
        (count <= limit).then_some(count)
    }

    /// The tokens of a text that is not long.
    #[inline(never)]
    fn count_pieces(&self, pieces: &mut Pieces, text: &[u8]) -> u64 {
        let (mut at, mut count) = (0, 0);
        while at < text.len() {
            let (end, own) = self.next_piece(pieces, text, at, u64::MAX);
            (at, count) = (end, count + own);
        }
        count
    }

    /// Goes on where there is no border for long: over pieces of as many bytes as were looked at in
    /// vain. `None` once there are more tokens than `limit`.
    #[inline(never)]
    fn count_without_border(
        &self,
        pieces: &mut Pieces,
        text: &[u8],
        mut at: usize,
        mut count: u64,
        limit: u64,
    ) -> Option<(usize, u64)> {
        let end = at + PART.end;
        while at < end && at < text.len() {
            let (next, own) = self.next_piece(pieces, text, at, limit - count);
            (at, count) = (next, count.saturating_add(own));
            if count > limit {
                return None;
            }
        }
        Some((at, count))
    }

    /// Where the piece ends that begins at `at`, and its tokens; of more than `limit`, any number
    /// above it.
    #[inline]
    fn next_piece(&self, pieces: &mut Pieces, text: &[u8], at: usize, limit: u64) -> (usize, u64) {
        let words = memo::words(text, at);
        let length = match self.scanner.quick_word(words) {
            0 => self.scanner.piece_end(text, at) - at,
            length => length,
        };
        let piece = || text.get(at..at + length).unwrap_or_default();
        let Pieces { memo, lately, room, .. } = pieces;
        let count = match length {
            1 => 1,
            2..=memo::LONGEST => match memo.get(words, length) {
                Ok(count) => count,
                Err(place) => {
                    let count = self.count_short(pieces, words, piece());
                    pieces.memo.put(place, count);
                    count
                }
            },
            // No token is longer than `LONGEST`, so a piece far too long need not be merged.
            _ if (length / tables::LONGEST) as u64 > limit => u64::MAX,
            _ => lately.count(piece(), 0, || room.count(&self.tables, piece())),
        };
        (at + length, count)
    }

    /// The tokens of a piece of 2 to `memo::LONGEST` bytes, which is the beginning of `words`.
    #[inline(never)]
    fn count_short(&self, pieces: &mut Pieces, words: [u64; 2], piece: &[u8]) -> u64 {
        match &pieces.words {
            Some(known) if piece.len() <= words::LONGEST && known.holds(words[0], piece.len()) => 1,
            Some(_) => pieces.room.count(&self.tables, piece),
            None => {
                pieces.counted += 1;
                if pieces.counted > PATIENCE {
                    pieces.words = Some(Words::new(&self.tables));
                }
                pieces.room.count(&self.tables, piece)
            }
        }
    }

    /// The tokens of `text`, by their ids.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let text = text.as_bytes();
        let (mut room, mut tokens) = (Room::default(), Vec::new());
        let mut at = 0;
        while at < text.len() {
            let end = self.scanner.piece_end(text, at);
            let piece = text.get(at..end).unwrap_or_default();
            tokens.extend_from_slice(room.merge(&self.tables, piece));
            at = end;
        }
        tokens
    }
}

impl Tokenizer for Bpe {
    fn count(&self, text: &str) -> u64 {
        Bpe::count(self, text)
    }

    fn is_border(&self, left: char, right: char) -> bool {
        self.scanner.is_border(left, right)
    }

    fn run(&self, text: &str) -> Option<Box<dyn Run>> {
        LongPiece::new(&self.scanner, &self.tables, text).map(|run| Box::new(run) as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts made to resist: runs, repetitions, and letters without a space.
    fn resisting(length: usize) -> Vec<String> {
        let units = [
            "a", " ", "=", "\n", "漢", "ab", "aab", " \n", "\t ", "Aa", "\u{301}", "🎉", "é", "-*",
            "ཀ",
        ];
        let mut texts: Vec<String> =
            units.iter().map(|unit| unit.repeat(length / unit.len())).collect();
        let mut state = 1u64;
        let mut next = |end: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % end
        };
        for (first, count) in
            [('a', 2), ('a', 26), ('=', 2), (' ', 2), ('一', 20_000), ('\u{20000}', 40_000)]
        {
            let character = |n: u64| char::from_u32(first as u32 + n as u32).unwrap();
            let unit = character(0).len_utf8();
            texts.push((0..length / unit).map(|_| character(next(count))).collect());
        }
        texts
    }

    #[test]
    fn every_text_is_linear() {
        for encoding in Encoding::ALL {
            let path =
                format!("{}/../vocabularies/{}.bin", env!("CARGO_MANIFEST_DIR"), encoding.name());
            let bpe = Bpe::from_bytes(encoding, &std::fs::read(path).unwrap()).unwrap();
            let steps = |text: &str| {
                let before = tables::LOOKED_UP.get();
                let _ = bpe.count(text);
                (tables::LOOKED_UP.get() - before) as f64 / text.len() as f64
            };
            for (short, long) in resisting(1 << 12).iter().zip(resisting(1 << 16)) {
                let (short_steps, long_steps) = (steps(short), steps(&long));
                let name: String = short.chars().take(9).collect();
                assert!(long_steps < 8.0, "{encoding:?} {name:?}: {long_steps} look-ups a byte");
                assert!(
                    long_steps < 1.5 * short_steps + 0.1,
                    "{encoding:?} {name:?}: {short_steps} look-ups a byte become {long_steps}"
                );
            }
        }
    }
}
