//! The final form of a vocabulary: what merging looks up, built straight from the merges.

use super::coding::{BYTES, Merges};
use crate::error::{Error, Result};

/// No token, and the rank of a pair that does not merge.
pub(super) const NONE: u32 = u32::MAX;

/// No token is longer. The longest of both vocabularies has 128 bytes.
pub(super) const LONGEST: usize = 255;
/// The lowest bits of a slot are a token, the others its two parts, of as many bits each.
const TOKEN_BITS: u32 = 18;
const TOKEN_MASK: u64 = (1 << TOKEN_BITS) - 1;

/// Tokens by their parts: 4 MB for o200k_base.
pub(super) struct Tables {
    /// By byte: its token.
    bytes: [u32; BYTES],
    /// By two bytes: the token they make, or `NONE`.
    byte_pairs: Vec<u32>,
    /// By token: its two parts; a byte's token is both parts of itself.
    parts: Vec<(u32, u32)>,
    /// By token: how many bytes it has.
    lengths: Vec<u8>,
    /// Merged tokens, by the hash of their parts: open addressing, a fifth of the slots free at the
    /// least. One look tells all; 0 is a slot without a token.
    slots: Vec<u64>,
    /// A bit for the hash of each merge, of eight times as many. Most pairs are none, and 256 kB
    /// stay nearer to the processor than the slots.
    filter: Vec<u64>,
}

/// Spreads a key over the 64 bits of a hash: a multiplication (the constant is the golden ratio, as
/// Knuth chose it), then the high half over the low.
#[inline]
pub(super) fn spread(key: u64) -> u64 {
    let product = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

#[inline]
fn key(left: u32, right: u32) -> u64 {
    (u64::from(left) << TOKEN_BITS | u64::from(right)) << TOKEN_BITS
}

#[cfg(test)]
thread_local! {
    /// How many pairs were looked up: what merging costs, whatever the machine is doing.
    pub(super) static LOOKED_UP: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

impl Tables {
    pub(super) fn new(merges: &Merges) -> Result<Self> {
        let merged = merges.pairs.len();
        let mut tables = Self {
            bytes: [0; BYTES],
            byte_pairs: vec![NONE; BYTES * BYTES],
            parts: Vec::with_capacity(BYTES + merged),
            lengths: Vec::with_capacity(BYTES + merged),
            slots: vec![0; (merged + merged / 4 + 1).next_power_of_two()],
            filter: vec![0; (merged / 8).next_power_of_two()],
        };
        for (token, &byte) in (0..).zip(&merges.alphabet) {
            if let Some(slot) = tables.bytes.get_mut(usize::from(byte)) {
                *slot = token;
            }
            tables.parts.push((token, token));
            tables.lengths.push(1);
        }
        for (token, &(left, right)) in (BYTES as u32..).zip(&merges.pairs) {
            let bytes =
                match (merges.alphabet.get(left as usize), merges.alphabet.get(right as usize)) {
                    (Some(&left), Some(&right)) => Some((left, right)),
                    _ => None,
                };
            tables.add(token, left, right, bytes)?;
        }
        Ok(tables)
    }

    /// Adds a merged token; `bytes` if it has just two.
    ///
    /// Not a part of the loop around it: WebAssembly engines run a function as first compiled,
    /// several times slower, until a later call.
    #[inline(never)]
    fn add(&mut self, token: u32, left: u32, right: u32, bytes: Option<(u8, u8)>) -> Result<()> {
        let length = self.length(left) + self.length(right);
        if length > LONGEST || left >= token || right >= token {
            return Err(Error::invalid_input(format!(
                "vocabulary is malformed: token {token} is made of {left} and {right} and has \
                 {length} bytes, wanted at most {LONGEST}"
            )));
        }
        self.parts.push((left, right));
        self.lengths.push(length as u8);
        if let Some((left, right)) = bytes
            && let Some(slot) = self.byte_pairs.get_mut(usize::from(left) << 8 | usize::from(right))
        {
            *slot = token;
        }
        let key = key(left, right);
        let hash = spread(key);
        let words = self.filter.len() - 1;
        if let Some(word) = self.filter.get_mut((hash >> 38) as usize & words) {
            *word |= 1 << (hash >> 32 & 63);
        }
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 {
                *slot = key | u64::from(token);
                break;
            }
            if *slot & !TOKEN_MASK == key {
                return Err(Error::invalid_input(format!(
                    "vocabulary is malformed: tokens {left} and {right} merge twice"
                )));
            }
            place = (place + 1) & mask;
        }
        Ok(())
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
        #[cfg(test)]
        LOOKED_UP.set(LOOKED_UP.get() + 1);
        let key = key(left, right);
        let hash = spread(key);
        if !self.may_hold(hash) {
            return NONE;
        }
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        while let Some(&slot) = self.slots.get(place) {
            if slot & !TOKEN_MASK == key && slot != 0 {
                return (slot & TOKEN_MASK) as u32;
            }
            if slot == 0 {
                break;
            }
            place = (place + 1) & mask;
        }
        NONE
    }

    #[inline]
    fn may_hold(&self, hash: u64) -> bool {
        let word = self.filter.get((hash >> 38) as usize & (self.filter.len() - 1));
        word.is_some_and(|word| word >> (hash >> 32 & 63) & 1 != 0)
    }

    /// How many tokens there are.
    pub(super) fn tokens(&self) -> usize {
        self.parts.len()
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
}
