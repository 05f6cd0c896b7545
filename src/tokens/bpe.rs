//! OpenAI's byte-pair vocabularies: counts that equal tiktoken's on every text.
//!
//! A text is split into pieces by a fixed pattern ([`scan`]); a piece that is a token counts one, any
//! other is merged from its bytes ([`merge`]), looking up [`tables`] that are built from a
//! vocabulary file ([`coding`]). All of it is linear in the text, whatever it holds; strings that look
//! like special tokens are text.

mod classes;
mod coding;
mod merge;
mod scan;
mod tables;

pub use coding::Merges;

use super::vocabulary;
use crate::error::Result;
use scan::{Pattern, Scanner};
use tables::Tables;

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
    scanner: Scanner,
    tables: Tables,
}

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
        Ok(Self { encoding, scanner: Scanner::new(pattern), tables: Tables::new(merges)? })
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
        let text = text.as_bytes();
        let mut room = Vec::new();
        let (mut at, mut count) = (0, 0);
        while at < text.len() {
            let end = self.scanner.piece_end(text, at);
            // No token is longer than `LONGEST`, so a piece far too long need not be merged.
            if ((end - at) / tables::LONGEST) as u64 > limit - count {
                return None;
            }
            count += self.count_piece(text, at, end, &mut room);
            if count > limit {
                return None;
            }
            at = end;
        }
        Some(count)
    }

    /// The tokens of `text`, by their ids.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let text = text.as_bytes();
        let (mut room, mut tokens) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < text.len() {
            let end = self.scanner.piece_end(text, at);
            merge::merge(&self.tables, text.get(at..end).unwrap_or_default(), &mut room);
            tokens.append(&mut room);
            at = end;
        }
        tokens
    }

    #[inline]
    fn count_piece(&self, text: &[u8], at: usize, end: usize, room: &mut Vec<u32>) -> u64 {
        if end - at == 1 || self.tables.is_token(text, at, end) {
            return 1;
        }
        let piece = text.get(at..end).unwrap_or_default();
        let count = merge::count_short(&self.tables, piece).unwrap_or_else(|| {
            merge::merge(&self.tables, piece, room);
            room.len()
        });
        count as u64
    }
}
