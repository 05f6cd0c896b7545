//! Counts of Claude's tokenizers.
//!
//! Anthropic publishes no tokenizer. The counts here are those of `ctok` 1.3.0 (Sander Land, MIT
//! licence; see NOTICE), which reconstructed two of them from measurements: the one of Claude 3 to
//! Opus 4.6 and the one of Opus 4.7 and later. The rules were read there and written anew; the
//! vocabulary files are derived from it by `scripts/claude_vocabulary.py`, and
//! `scripts/compare_claude.py` holds the counts here to the counts there. So a count is exact as
//! far as the reconstruction is, and its method must say that it is one.
//!
//! A text is normalised (`normalize`), read as runs of characters of one class that write markers
//! at their borders (`stream`), and tiled with the least number of pieces (`tile`, over `trie`).
//! What there is to know of characters (`character`) comes with the vocabulary file (`decode`).
//! The time is linear in the length of the text, whatever the text is.

mod character;
mod decode;
mod normalize;
mod stream;
mod tile;
mod trie;

use crate::error::{Error, Result};
use crate::lately::Lately;
use crate::{live, vocabulary};
use character::Characters;
use normalize::Compositions;
use std::sync::{Mutex, TryLockError};
use stream::{Room, Stream};
use tile::Pieces;

/// Which of the two known tokenizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Claude 3 to Opus 4.6, with Opus 4 and Sonnet 4.
    Claude3,
    /// Opus 4.7 and later.
    Claude47,
}

impl Family {
    /// The name of its vocabulary file: `"claude-3"` or `"claude-4.7"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claude3 => "claude-3",
            Self::Claude47 => "claude-4.7",
        }
    }
}

/// What stands around the text of a message, and how the text can merge with it.
///
/// Source: `ctok` 1.3.0, `main.FAMILIES` and the `message_overhead` of its vocabularies; read
/// 2026-11-22.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// A transcript of turns: Claude 3 to Opus 4.7. A single space at the head of the text is free,
    /// and a head that can take in no beginning of a word pays for it.
    Transcript,
    /// Fixed markers: Opus 4.8 and later. The head is read as it is.
    Markers,
}

/// A tokenizer of Claude.
pub struct Claude {
    family: Family,
    /// The least length of a word written with the marker for capitals; 0: none is.
    capitals_min: u32,
    characters: Characters,
    compositions: Compositions,
    pieces: Pieces,
    /// For whoever counts first; another thread that counts at the same time brings its own.
    desk: Mutex<Desk>,
}

/// What counting needs beside the vocabulary, kept from text to text: 2.6 MB at the most.
struct Desk {
    /// Parts of texts.
    parts: Lately,
    room: Room,
}

impl Desk {
    fn new() -> Self {
        Self { parts: Lately::new(1 << 14, 1 << 21), room: Room::default() }
    }
}

/// At least so many bytes has a part of a text that is looked up as a whole.
const PART: usize = 96;

impl std::fmt::Debug for Claude {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claude").field("family", &self.family).finish_non_exhaustive()
    }
}

impl Claude {
    /// Reads a vocabulary file, `vocabularies/claude-3.bin` or `vocabularies/claude-4.7.bin`.
    ///
    /// # Errors
    ///
    /// `invalid_input` where it is no such file, or is cut or altered.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (name, payload) = vocabulary::read(bytes)?;
        let family = [Family::Claude3, Family::Claude47]
            .into_iter()
            .find(|family| family.name() == name)
            .ok_or_else(|| {
                Error::invalid_input(format!(
                    "vocabulary file is {name:?}, wanted \"claude-3\" or \"claude-4.7\""
                ))
            })?;
        Self::from_payload(family, payload)
    }

    fn from_payload(family: Family, payload: &[u8]) -> Result<Self> {
        let contents = decode::contents(payload)?;
        Ok(Self {
            family,
            capitals_min: contents.capitals_min,
            characters: contents.characters,
            compositions: contents.compositions,
            pieces: Pieces::new(contents.trie, &contents.parts, contents.repeats),
            desk: Mutex::new(Desk::new()),
        })
    }

    /// Which tokenizer it is.
    pub fn family(&self) -> Family {
        self.family
    }

    /// What `text` adds, in tokens, as the whole content of one user message: the count of the
    /// message less that of the frame around it. It is what `ctok.token_count` gives less its
    /// `message_overhead`.
    ///
    /// Newlines at the end merge with those of the frame; spaces at the head by the `frame`.
    pub fn count(&self, text: &str, frame: Frame) -> u64 {
        self.part(text, frame, true, true)
    }

    /// What a part of a content adds: its head is that of the content if it is the `first`, and its
    /// end if it is the `last`.
    fn part(&self, text: &str, frame: Frame, first: bool, last: bool) -> u64 {
        match self.desk.try_lock() {
            Ok(mut desk) => self.part_at(&mut desk, text, frame, first, last),
            // Whatever a thread that died left there, what is remembered was written whole.
            Err(TryLockError::Poisoned(desk)) => {
                self.part_at(&mut desk.into_inner(), text, frame, first, last)
            }
            Err(TryLockError::WouldBlock) => {
                self.part_at(&mut Desk::new(), text, frame, first, last)
            }
        }
    }

    fn part_at(
        &self,
        desk: &mut Desk,
        text: &str,
        frame: Frame,
        mut first: bool,
        last: bool,
    ) -> u64 {
        let Desk { parts, room } = desk;
        let (mut rest, mut total) = (text, 0);
        loop {
            let end = stream::part_end(&self.characters, rest.as_bytes(), PART);
            let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let begins = first && frame == Frame::Transcript;
            let ends = last && behind.is_empty();
            let kind = u32::from(begins) | u32::from(!first) << 1 | u32::from(ends) << 2;
            total += parts
                .count(part.as_bytes(), kind, || self.part_anew(room, part, begins, !first, ends));
            if behind.is_empty() {
                return total;
            }
            (rest, first) = (behind, false);
        }
    }

    /// The count of a part: the frame left it a beginning of a word (`begins`), or it is after a word,
    /// and it is the end of the content (`ends`) or not.
    #[inline(never)]
    fn part_anew(
        &self,
        room: &mut Room,
        text: &str,
        begins: bool,
        after_word: bool,
        ends: bool,
    ) -> u64 {
        let normal = normalize::normalize(text, &self.characters, &self.compositions);
        let mut content: &str = &normal;
        let mut tail = 0;
        if ends {
            content = content.trim_end_matches('\n');
            let newlines = normal.len() - content.len();
            // The frame goes on with two newlines, which are one token by themselves.
            if newlines > 0 {
                tail = self.pieces.run(b"\n", newlines + 2) - 1;
            }
        }
        // The space must be there as written: one that normalisation made or laid bare is read.
        if begins
            && text.starts_with(' ')
            && !content.starts_with("  ")
            && let Some(rest) = content.strip_prefix(' ')
        {
            content = rest;
        }
        let (pieces, characters) = (&self.pieces, &self.characters);
        let (text, capitals_min) = (content.as_bytes(), self.capitals_min);
        tail + Stream { pieces, characters, capitals_min, begins, after_word, text, room }.count()
    }

    /// The tokens of `text` by itself: no frame before it or after it, no beginning of a word
    /// written before it, nothing trimmed. A whole transcript with its headings is counted so.
    ///
    /// `count(text, Frame::Markers)` is the same where the text does not end with a newline.
    pub fn tile(&self, text: &str) -> u64 {
        self.part(text, Frame::Markers, true, false)
    }
}

/// The content of one message, for [`live::LiveCounter`]. `C` is a [`Claude`] behind a reference,
/// an `Rc` or the like.
#[derive(Clone, Copy, Debug)]
pub struct Content<C> {
    /// The tokenizer.
    pub claude: C,
    /// What stands around the content.
    pub frame: Frame,
}

impl<C: std::ops::Deref<Target = Claude>> live::Tokenizer for Content<C> {
    fn count(&self, text: &str) -> u64 {
        self.claude.count(text, self.frame)
    }

    fn count_part(&self, text: &str, first: bool, last: bool) -> u64 {
        self.claude.part(text, self.frame, first, last)
    }

    fn is_border(&self, left: char, right: char) -> bool {
        stream::is_border(&self.claude.characters, left, right)
    }
}
