//! The final form of a vocabulary: what counting looks up, built straight from the merges.

use super::coding::{BYTES, Merges};
use crate::error::{Error, Result};

/// No token, and the rank of a pair that does not merge.
pub(super) const NONE: u32 = u32::MAX;

/// No token is longer. The longest of both vocabularies has 128 bytes.
pub(super) const LONGEST: usize = 255;
/// All tokens that are longer than a word together are not longer. Those of o200k_base have 0.7 MB.
const MOST_BYTES: usize = 1 << 23;
/// The lowest bits of a slot are a token, the others a part of its key's hash.
const TOKEN_BITS: u32 = 18;
const TOKEN_MASK: u32 = (1 << TOKEN_BITS) - 1;

/// Tokens by their parts and by their bytes.
///
/// All tables have open addressing and a power of two of slots, a third of them free at the least. About 7 MB for
/// o200k_base.
pub(super) struct Tables {
    /// By byte: its token.
    bytes: [u32; BYTES],
    /// By two bytes: the token they make, or `NONE`.
    byte_pairs: Vec<u32>,
    /// By token: its two parts; a byte's token is both parts of itself.
    parts: Vec<(u32, u32)>,
    /// By token: how many bytes it has.
    lengths: Vec<u8>,
    /// Merged tokens, by the hash of their parts.
    pairs: Slots,
    /// The tokens of two to eight bytes as little-endian numbers, by the hash of themselves. A token
    /// that ends in a zero byte would look like a shorter one and is left out, so a piece that
    /// does is always merged.
    short: Vec<u64>,
    /// Longer tokens, by the hash of their bytes.
    long: Slots,
    /// By token: where its bytes begin in `long_bytes`, for longer tokens.
    long_starts: Vec<u32>,
    long_bytes: Vec<u8>,
}

/// A hash table of tokens whose keys are kept elsewhere.
struct Slots {
    slots: Vec<u32>,
}

impl Slots {
    fn new(tokens: usize) -> Self {
        Self { slots: vec![0; (tokens + tokens / 2).next_power_of_two().max(2)] }
    }

    /// The token under `hash` that `is` the one. Token 0 is a byte and is in no table.
    #[inline]
    fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let tag = (hash as u32) & !TOKEN_MASK;
        let mut place = self.place(hash);
        loop {
            let slot = *self.slots.get(place)?;
            if slot == 0 {
                return None;
            }
            if slot & !TOKEN_MASK == tag && is(slot & TOKEN_MASK) {
                return Some(slot & TOKEN_MASK);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    fn insert(&mut self, hash: u64, token: u32) {
        let mut place = self.place(hash);
        let mask = self.slots.len() - 1;
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 {
                *slot = (hash as u32) & !TOKEN_MASK | token;
                return;
            }
            place = (place + 1) & mask;
        }
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.slots.len() - 1)
    }
}

/// Spreads a key over the 64 bits of a hash: a multiplication (the constant is the golden ratio, as
/// Knuth chose it), then the high half over the low.
#[inline]
fn spread(key: u64) -> u64 {
    let product = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

#[inline]
fn hash_of_pair(left: u32, right: u32) -> u64 {
    spread(u64::from(left) << 32 | u64::from(right)).rotate_left(32)
}

/// The hash of more than eight bytes.
#[inline]
fn hash_of_bytes(bytes: &[u8]) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    let last = bytes.last_chunk::<8>().copied().unwrap_or_default();
    let mut hash = bytes.len() as u64;
    for word in words {
        hash = spread(hash ^ u64::from_le_bytes(*word));
    }
    spread(hash ^ u64::from_le_bytes(last)).rotate_left(32)
}

impl Tables {
    pub(super) fn new(merges: &Merges) -> Result<Self> {
        let count = BYTES + merges.pairs.len();
        let mut tables = Self {
            bytes: [0; BYTES],
            byte_pairs: vec![NONE; BYTES * BYTES],
            parts: Vec::with_capacity(count),
            lengths: Vec::with_capacity(count),
            pairs: Slots::new(merges.pairs.len()),
            short: Vec::new(),
            long: Slots { slots: Vec::new() },
            long_starts: Vec::with_capacity(count),
            long_bytes: Vec::new(),
        };
        // By token: its first eight bytes.
        let mut heads: Vec<u64> = Vec::with_capacity(count);
        for (token, &byte) in (0..).zip(&merges.alphabet) {
            if let Some(slot) = tables.bytes.get_mut(usize::from(byte)) {
                *slot = token;
            }
            tables.parts.push((token, token));
            tables.lengths.push(1);
            tables.long_starts.push(0);
            heads.push(byte.into());
        }
        let mut long = 0;
        for (token, &(left, right)) in (BYTES as u32..).zip(&merges.pairs) {
            let length = tables.length(left) + tables.length(right);
            if length > LONGEST || left >= token || right >= token {
                return Err(Error::invalid_input(format!(
                    "vocabulary is malformed: token {token} is made of {left} and {right} and has \
                     {length} bytes, wanted at most {LONGEST}"
                )));
            }
            let (head, tail) = (
                heads.get(left as usize).copied().unwrap_or(0),
                heads.get(right as usize).copied().unwrap_or(0),
            );
            let shift = 8 * tables.length(left) as u32;
            heads.push(head | tail.checked_shl(shift).unwrap_or(0));
            tables.parts.push((left, right));
            tables.lengths.push(length as u8);
            tables.long_starts.push(tables.long_bytes.len() as u32);
            if length == 2 {
                let key = (head as usize) << 8 | tail as usize;
                if let Some(slot) = tables.byte_pairs.get_mut(key).filter(|slot| **slot == NONE) {
                    *slot = token;
                }
            }
            if length > 8 {
                long += 1;
                for part in [left, right] {
                    let head = heads.get(part as usize).copied().unwrap_or(0).to_le_bytes();
                    let length = tables.length(part);
                    if length > 8 {
                        let start = tables.long_start(part);
                        tables.long_bytes.extend_from_within(start..start + length);
                    } else {
                        tables.long_bytes.extend(head.iter().take(length));
                    }
                }
                if tables.long_bytes.len() > MOST_BYTES {
                    return Err(Error::invalid_input(
                        "vocabulary is malformed: its tokens have too many bytes",
                    ));
                }
            }
            tables.pairs.insert(hash_of_pair(left, right), token);
        }
        let short = count - long;
        tables.short = vec![0; (short + short / 2).next_power_of_two()];
        tables.long = Slots::new(long);
        for (token, &head) in (0u32..).zip(&heads).skip(BYTES) {
            match tables.length(token) {
                ..=8 => tables.insert_short(head, tables.length(token)),
                _ => {
                    let hash = hash_of_bytes(tables.long_token(token));
                    tables.long.insert(hash, token);
                }
            }
        }
        Ok(tables)
    }

    fn insert_short(&mut self, key: u64, length: usize) {
        if key >> (8 * (length - 1)) == 0 {
            return;
        }
        let mask = self.short.len() - 1;
        let mut place = spread(key) as usize & mask;
        while let Some(slot) = self.short.get_mut(place) {
            if *slot == 0 {
                *slot = key;
                return;
            }
            place = (place + 1) & mask;
        }
    }

    /// Whether `piece`, of two bytes or more, is a token. A token that ends in a zero byte may be
    /// denied.
    #[inline]
    pub(super) fn is_token(&self, text: &[u8], start: usize, end: usize) -> bool {
        let length = end - start;
        if length > 8 {
            let Some(piece) = text.get(start..end) else { return false };
            return length <= LONGEST
                && self
                    .long
                    .find(hash_of_bytes(piece), |token| self.long_token(token) == piece)
                    .is_some();
        }
        let word = match text.get(start..start + 8) {
            Some(bytes) => bytes.first_chunk::<8>().map_or(0, |word| u64::from_le_bytes(*word)),
            None => text
                .get(start..end)
                .unwrap_or_default()
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        let key = word & (u64::MAX >> (64 - 8 * length as u32));
        if key >> (8 * (length - 1)) == 0 {
            return false;
        }
        let mask = self.short.len() - 1;
        let mut place = spread(key) as usize & mask;
        loop {
            let slot = self.short.get(place).copied().unwrap_or(0);
            if slot == key || slot == 0 {
                return slot != 0;
            }
            place = (place + 1) & mask;
        }
    }

    /// The token of a single byte.
    #[inline]
    pub(super) fn byte(&self, byte: u8) -> u32 {
        self.bytes.get(usize::from(byte)).copied().unwrap_or(0)
    }

    /// The token that two bytes make, or `NONE`.
    #[inline]
    pub(super) fn byte_pair(&self, left: u8, right: u8) -> u32 {
        let key = usize::from(left) << 8 | usize::from(right);
        self.byte_pairs.get(key).copied().unwrap_or(NONE)
    }

    /// The token that two tokens make, which is also the rank of that merge, or `NONE`.
    #[inline]
    pub(super) fn pair(&self, left: u32, right: u32) -> u32 {
        let is = |token| self.parts(token) == (left, right);
        self.pairs.find(hash_of_pair(left, right), is).unwrap_or(NONE)
    }

    /// What a token is made of; for a byte, itself.
    #[inline]
    pub(super) fn parts(&self, token: u32) -> (u32, u32) {
        self.parts.get(token as usize).copied().unwrap_or((0, 0))
    }

    /// How many bytes a token has.
    #[inline]
    pub(super) fn length(&self, token: u32) -> usize {
        self.lengths.get(token as usize).copied().unwrap_or(1).into()
    }

    fn long_start(&self, token: u32) -> usize {
        self.long_starts.get(token as usize).copied().unwrap_or(0) as usize
    }

    fn long_token(&self, token: u32) -> &[u8] {
        let start = self.long_start(token);
        self.long_bytes.get(start..start + self.length(token)).unwrap_or_default()
    }
}
