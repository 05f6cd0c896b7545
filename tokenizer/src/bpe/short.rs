//! Merging a few bytes, which is what counting a text nearly always comes down to.
//!
//! The lowest rank is found without a walk over all: ranks stand in blocks of eight, and the lowest
//! of each block is kept. A rank and its place are one number, so the least of them is the leftmost of
//! equals too.

use super::tables::{NONE, Tables};

/// The most bytes that [`count_few`] merges.
pub(super) const FEW: usize = 16;

/// How many tokens at most [`FEW`] bytes are. So few are best kept side by side: the gap that a merge
/// leaves is closed.
pub(super) fn count_few(tables: &Tables, bytes: &[u8]) -> u64 {
    let mut tokens = [0; FEW];
    // What a token and the one behind it merge to.
    let mut ranks = [NONE; FEW];
    let mut count = bytes.len().min(FEW);
    for (token, &byte) in tokens.iter_mut().zip(bytes) {
        *token = tables.byte(byte);
    }
    for (rank, (&left, &right)) in ranks.iter_mut().zip(bytes.iter().zip(bytes.iter().skip(1))) {
        *rank = tables.byte_pair(left, right);
    }
    // Places are taken modulo their number, so that the compiler sees that they are within.
    let get = |of: &[u32; FEW], place: usize| of.get(place % FEW).copied().unwrap_or(NONE);
    let set = |of: &mut [u32; FEW], place: usize, value| {
        if let Some(slot) = of.get_mut(place % FEW) {
            *slot = value;
        }
    };
    loop {
        let (mut lowest, mut at) = (NONE, 0);
        for (place, &rank) in ranks.iter().enumerate().take(count) {
            if rank < lowest {
                (lowest, at) = (rank, place);
            }
        }
        if lowest == NONE {
            return count as u64;
        }
        count -= 1;
        set(&mut tokens, at, lowest);
        for place in at + 1..count {
            let (token, rank) = (get(&tokens, place + 1), get(&ranks, place + 1));
            set(&mut tokens, place, token);
            set(&mut ranks, place, rank);
        }
        let last = at + 1 == count;
        let behind = if last { NONE } else { tables.pair(lowest, get(&tokens, at + 1)) };
        set(&mut ranks, at, behind);
        if at > 0 {
            let before = tables.pair(get(&tokens, at - 1), lowest);
            set(&mut ranks, at - 1, before);
        }
    }
}

/// The most bytes that are merged so.
pub(super) const MOST: usize = 64;
const BLOCK: usize = 8;
/// A key is a rank (18 bits) above a place (6 bits).
const PLACE_BITS: u32 = MOST.ilog2();

/// At most [`MOST`] bytes, being merged. Places are those of the bytes; a token has the place of its
/// first byte.
pub(super) struct Short {
    length: usize,
    tokens: [u32; MOST],
    /// The place of the token behind; `length` behind the last.
    behind: [u8; MOST],
    /// The place of the token before; out of range before the first.
    before: [u8; MOST],
    /// What the token and the one behind merge to, as a key; `NONE` where they do not.
    keys: [u32; MOST],
    lowest: [u32; MOST / BLOCK],
}

impl Default for Short {
    fn default() -> Self {
        Self {
            length: 0,
            tokens: [0; MOST],
            behind: [0; MOST],
            before: [0; MOST],
            keys: [NONE; MOST],
            lowest: [NONE; MOST / BLOCK],
        }
    }
}

fn key(rank: u32, place: usize) -> u32 {
    if rank == NONE { NONE } else { rank << PLACE_BITS | place as u32 }
}

impl Short {
    /// Merges the first [`MOST`] of `bytes`, and says how many tokens they are.
    #[inline]
    pub(super) fn merge(&mut self, tables: &Tables, bytes: &[u8]) -> usize {
        let length = bytes.len().min(MOST);
        self.length = length;
        let blocks = length.div_ceil(BLOCK);
        let mut left = None;
        for (place, &byte) in bytes.iter().take(MOST).enumerate() {
            self.set_token(place, tables.byte(byte));
            self.set_neighbours(place, place.wrapping_sub(1), place + 1);
            if let Some(left) = left {
                self.set_key(place - 1, tables.byte_pair(left, byte));
            }
            left = Some(byte);
        }
        // What was merged here before.
        for place in length.saturating_sub(1)..blocks * BLOCK {
            self.set_key(place, NONE);
        }
        for block in 0..blocks {
            self.find_lowest(block);
        }
        let mut count = length;
        loop {
            let lowest = self.lowest.iter().take(blocks).fold(NONE, |a, &b| a.min(b));
            if lowest == NONE {
                return count;
            }
            count -= 1;
            // The rank of a merge is the token that it makes.
            let (token, place) = (lowest >> PLACE_BITS, lowest as usize % MOST);
            let gone = self.behind(place);
            let (before, behind) = (self.before(place), self.behind(gone));
            self.set_token(place, token);
            self.set_key(gone, NONE);
            self.set_neighbours(place, before, behind);
            let mut rank = NONE;
            if behind < length {
                rank = tables.pair(token, self.token(behind));
                self.set_before(behind, place);
            }
            self.set_key(place, rank);
            self.find_lowest(place / BLOCK);
            if gone / BLOCK != place / BLOCK {
                self.find_lowest(gone / BLOCK);
            }
            if before < length {
                self.set_key(before, tables.pair(self.token(before), token));
                self.find_lowest(before / BLOCK);
            }
        }
    }

    /// The tokens that came out.
    pub(super) fn tokens(&self) -> impl Iterator<Item = u32> {
        let mut place = 0;
        std::iter::from_fn(move || {
            let token = (place < self.length).then(|| self.token(place))?;
            place = self.behind(place);
            Some(token)
        })
    }

    #[inline]
    fn find_lowest(&mut self, block: usize) {
        let start = block * BLOCK % MOST;
        let keys = self.keys.get(start..start + BLOCK).unwrap_or_default();
        let lowest = keys.iter().fold(NONE, |a, &b| a.min(b));
        if let Some(slot) = self.lowest.get_mut(block) {
            *slot = lowest;
        }
    }

    // Places are taken modulo `MOST`, so that the compiler sees that they are within.

    #[inline]
    fn token(&self, place: usize) -> u32 {
        self.tokens.get(place % MOST).copied().unwrap_or(0)
    }

    #[inline]
    fn set_token(&mut self, place: usize, token: u32) {
        if let Some(slot) = self.tokens.get_mut(place % MOST) {
            *slot = token;
        }
    }

    #[inline]
    fn set_key(&mut self, place: usize, rank: u32) {
        if let Some(slot) = self.keys.get_mut(place % MOST) {
            *slot = key(rank, place);
        }
    }

    #[inline]
    fn before(&self, place: usize) -> usize {
        self.before.get(place % MOST).copied().unwrap_or(0).into()
    }

    #[inline]
    fn behind(&self, place: usize) -> usize {
        self.behind.get(place % MOST).copied().unwrap_or(0).into()
    }

    #[inline]
    fn set_before(&mut self, place: usize, before: usize) {
        if let Some(slot) = self.before.get_mut(place % MOST) {
            *slot = before as u8;
        }
    }

    #[inline]
    fn set_neighbours(&mut self, place: usize, before: usize, behind: usize) {
        self.set_before(place, before);
        if let Some(slot) = self.behind.get_mut(place % MOST) {
            *slot = behind as u8;
        }
    }
}
