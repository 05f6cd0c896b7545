//! A piece of great length, edited.
//!
//! Some texts have no border for a long way: a megabyte of letters or of spaces. Such a piece is kept
//! as blocks of tokens. An edit merges the block that it touches again, and the blocks beside it
//! until the seams are right, which is the same mending as in [`super::merge`]. A piece of one
//! character over and over has nothing to keep: its count follows from its length.
//!
//! An edit is taken only where it cannot change how the text is split: within the piece, away from
//! its ends, where all characters are of one kind, by characters of that kind.

use super::classes::{LETTER, LOWER, MARK, NEWLINE, OTHER, SPACE, UPPER};
use super::merge::{Room, count_same, meets};
use super::scan::{Pattern, Scanner};
use super::tables::Tables;
use crate::live::{Run, characters};
use std::sync::Arc;

/// How far from the ends of a piece it can be edited, in characters.
const MARGIN: usize = 8;
/// The UTF-16 code units of a block that is aimed at; one of twice as many is cut.
const BLOCK: usize = 256;

/// What all characters of a piece are, but for those near its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// All have the `LOWER` bit: what may follow a small letter in a word of o200k_base.
    Lower,
    /// All are capitals.
    Capital,
    /// All are letters: a word of cl100k_base.
    Letter,
    /// All are symbols or marks.
    Symbol,
    /// All are spaces but line breaks.
    Blank,
    /// All are line breaks.
    Newline,
    /// All are spaces, and the last is a line break.
    Space,
    /// All are ASCII digits. They are many pieces, of three.
    Digit,
}

impl Kind {
    fn has(self, class: u8) -> bool {
        match self {
            Self::Lower => class & LOWER != 0,
            Self::Capital => class & UPPER != 0 && class & LOWER == 0,
            Self::Letter => class & LETTER != 0,
            Self::Symbol => class == OTHER || class == MARK,
            Self::Blank => class & SPACE != 0 && class & NEWLINE == 0,
            Self::Newline => class & NEWLINE != 0,
            Self::Space => class & SPACE != 0,
            // Told by the bytes.
            Self::Digit => false,
        }
    }
}

/// A part of a piece between two of its tokens.
struct Block {
    units: Vec<u16>,
    tokens: Vec<u32>,
}

/// How the piece is kept.
enum Body {
    /// One ASCII character, so many times.
    Same(u8, usize),
    /// Digits, any three of which are a token.
    Digits,
    Blocks(Vec<Block>),
}

/// A text that is one long piece, nearly.
pub(super) struct LongPiece {
    tables: Arc<Tables>,
    scanner: Arc<Scanner>,
    kind: Kind,
    body: Body,
    /// The code units before the piece, and those of the piece.
    before: usize,
    length: usize,
    /// The tokens outside of the piece, and those of the piece.
    outside: u64,
    inside: u64,
    room: Room,
}

impl LongPiece {
    /// The longest piece of `text`, if it is most of it and can be edited.
    pub(super) fn new(scanner: &Arc<Scanner>, tables: &Arc<Tables>, text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut room = Room::default();
        let make = |kind, body, before, length, outside, inside, room| Self {
            tables: tables.clone(),
            scanner: scanner.clone(),
            kind,
            body,
            before,
            length,
            outside,
            inside,
            room,
        };
        if bytes.iter().all(u8::is_ascii_digit) {
            let texts = (0..10).map(|n| format!("{n}"));
            let texts = texts.chain((0..100).map(|n| format!("{n:02}")));
            let mut texts = texts.chain((0..1000).map(|n| format!("{n:03}")));
            let threes = bytes.len().div_ceil(3) as u64;
            return texts
                .all(|text| room.count(tables, text.as_bytes()) == 1)
                .then(|| make(Kind::Digit, Body::Digits, 0, bytes.len(), 0, threes, room));
        }
        let (mut at, mut outside, mut longest) = (0, 0, 0..0);
        while at < bytes.len() {
            let end = scanner.piece_end(bytes, at);
            if end - at > bytes.len() / 2 {
                longest = at..end;
            } else {
                outside += room.count(tables, bytes.get(at..end)?);
            }
            at = end;
        }
        let piece = text.get(longest.clone())?;
        let units: Vec<u16> = piece.encode_utf16().collect();
        let before = text.get(..longest.start)?.encode_utf16().count();
        let blocks = Body::Blocks(Vec::new());
        let kind = kind(scanner, piece)?;
        let mut run = make(kind, blocks, before, units.len(), outside, 0, room);
        match piece.as_bytes() {
            [first, rest @ ..] if first.is_ascii() && rest.iter().all(|byte| byte == first) => {
                run.body = Body::Same(*first, units.len());
                run.inside = count_same(tables, *first, units.len());
            }
            _ => {
                let blocks = run.blocks(&units);
                run.inside = blocks.iter().map(|block| block.tokens.len() as u64).sum();
                run.body = Body::Blocks(blocks);
            }
        }
        Some(run)
    }

    /// The encoding of `units`, cut between tokens where characters end as well.
    fn blocks(&mut self, units: &[u16]) -> Vec<Block> {
        let text: String = characters(units).collect();
        let tokens = self.room.merge(&self.tables, text.as_bytes());
        let mut blocks = Vec::new();
        let mut rest = text.as_str();
        let (mut first, mut bytes) = (0, 0);
        for (last, &token) in (1..).zip(tokens) {
            bytes += self.tables.length(token);
            let at_end = bytes == rest.len();
            // In bytes: ASCII has one a unit, and what has three a unit gets blocks of a third.
            if (bytes >= BLOCK || at_end)
                && let Some((head, tail)) = rest.split_at_checked(bytes)
            {
                blocks.push(Block {
                    units: head.encode_utf16().collect(),
                    tokens: tokens.get(first..last).unwrap_or_default().to_vec(),
                });
                (rest, first, bytes) = (tail, last, 0);
            }
        }
        blocks
    }

    /// Replaces `start..end` of the piece.
    fn replace(&mut self, blocks: &mut Vec<Block>, start: usize, end: usize, insert: &[u16]) {
        let (mut first, mut before) = (0, 0);
        while let Some(block) = blocks.get(first).filter(|b| before + b.units.len() <= start) {
            before += block.units.len();
            first += 1;
        }
        let (mut last, mut behind) = (first, before);
        while let Some(block) = blocks.get(last).filter(|_| behind < end || last == first) {
            behind += block.units.len();
            last += 1;
        }
        let units = |blocks: &[Block]| -> Vec<u16> {
            blocks.iter().flat_map(|block| block.units.iter().copied()).collect()
        };
        let mut middle = units(blocks.get(first..last).unwrap_or_default());
        middle.splice(start - before..end - before, insert.iter().copied());
        let mut step = 1;
        let fresh = loop {
            let fresh = self.blocks(&middle);
            let first_token = fresh.first().and_then(|block| block.tokens.first());
            let last_token = fresh.last().and_then(|block| block.tokens.last());
            let left = first.checked_sub(1).and_then(|left| blocks.get(left)?.tokens.last());
            let right = blocks.get(last).and_then(|right| right.tokens.first());
            // Without a middle the two sides meet, and are joined if they do not.
            let (left_ok, right_ok) = match (first_token, last_token) {
                (Some(first_token), Some(last_token)) => (
                    left.is_none_or(|&left| meets(&self.tables, left, *first_token)),
                    right.is_none_or(|&right| meets(&self.tables, *last_token, right)),
                ),
                _ => (
                    left.zip(right).is_none_or(|(&l, &r)| meets(&self.tables, l, r)),
                    left.is_some() || right.is_none(),
                ),
            };
            if left_ok && right_ok {
                break fresh;
            }
            if !left_ok {
                let from = first.saturating_sub(step);
                middle.splice(..0, units(blocks.get(from..first).unwrap_or_default()));
                first = from;
            }
            if !right_ok {
                let to = (last + step).min(blocks.len());
                middle.extend(units(blocks.get(last..to).unwrap_or_default()));
                last = to;
            }
            step *= 2;
        };
        let count = |blocks: &[Block]| blocks.iter().map(|b| b.tokens.len() as u64).sum::<u64>();
        self.inside -= count(blocks.get(first..last).unwrap_or_default());
        self.inside += count(&fresh);
        blocks.splice(first..last, fresh);
    }
}

impl Run for LongPiece {
    fn tokens(&self) -> u64 {
        self.outside + self.inside
    }

    fn splice(&mut self, start: usize, delete: usize, insert: &[u16]) -> bool {
        // Two code units a character at the most.
        let margin = 2 * MARGIN;
        let Some(start) = start.checked_sub(self.before).filter(|&start| start >= margin) else {
            return false;
        };
        let end = start + delete;
        if end + margin > self.length || self.length - delete < 4 * margin {
            return false;
        }
        let fits = |c: char| match self.kind {
            Kind::Digit => c.is_ascii_digit(),
            kind => kind.has(self.scanner.class(c)),
        };
        if !characters(insert).all(fits) {
            return false;
        }
        match &mut self.body {
            Body::Same(byte, times) => {
                if insert.iter().any(|&unit| unit != u16::from(*byte)) {
                    return false;
                }
                *times = *times - delete + insert.len();
                self.inside = count_same(&self.tables, *byte, *times);
            }
            Body::Digits => {
                self.inside = (self.length - delete + insert.len()).div_ceil(3) as u64;
            }
            Body::Blocks(blocks) => {
                let mut blocks = std::mem::take(blocks);
                self.replace(&mut blocks, start, end, insert);
                self.body = Body::Blocks(blocks);
            }
        }
        self.length = self.length - delete + insert.len();
        true
    }
}

/// What all characters of a piece are, but for those near its ends.
fn kind(scanner: &Scanner, piece: &str) -> Option<Kind> {
    let count = piece.chars().count();
    let kinds: &[Kind] = match scanner.pattern() {
        Pattern::O200k => &[Kind::Lower, Kind::Capital],
        Pattern::Cl100k => &[Kind::Letter],
    };
    let ends_line = piece.ends_with(['\r', '\n']);
    kinds
        .iter()
        .chain(&[Kind::Symbol, Kind::Blank, Kind::Newline])
        .chain(ends_line.then_some(&Kind::Space))
        .find(|kind| {
            let inner = piece.chars().take(count.saturating_sub(MARGIN)).skip(MARGIN);
            // Spaces behind symbols are another piece, so there it must be all.
            let skipped =
                if **kind == Kind::Space { piece.chars().take(MARGIN) } else { "".chars().take(0) };
            count > 4 * MARGIN && skipped.chain(inner).all(|c| kind.has(scanner.class(c)))
        })
        .copied()
}
