//! Which pieces are tokens as a whole: most words that a text has for the first time. One look tells
//! it, where merging takes several for each byte.
//!
//! The bytes of a token merge to it, in a vocabulary as training makes one; tiktoken, too, looks up the
//! whole piece before it merges.

use super::coding::BYTES;
use super::tables::{Tables, spread};

/// The longest token that is looked up, in bytes; most that are words are no longer.
pub(super) const LONGEST: usize = 7;

/// The tokens of 2 to [`LONGEST`] bytes: 2 MB for o200k_base.
pub(super) struct Words {
    /// Keys by their hash, open addressing; 0 is none.
    slots: Vec<u64>,
}

/// A token's bytes, below its length.
#[inline]
fn key(bytes: u64, length: usize) -> u64 {
    bytes | (length as u64) << 56
}

impl Words {
    /// From the tables: a few milliseconds.
    pub(super) fn new(tables: &Tables) -> Self {
        // By token: its bytes, the first in the lowest; nonsense where they are too many.
        let mut spelt = vec![0u64; tables.tokens()];
        for byte in 0..=u8::MAX {
            if let Some(own) = spelt.get_mut(tables.byte(byte) as usize) {
                *own = byte.into();
            }
        }
        let mut keys = Vec::new();
        for token in BYTES as u32..spelt.len() as u32 {
            let length = tables.length(token);
            if length > LONGEST {
                continue;
            }
            let (left, right) = tables.parts(token);
            let bytes = |token: u32| spelt.get(token as usize).copied().unwrap_or(0);
            let own = bytes(left) | bytes(right) << (8 * tables.length(left));
            keys.push(key(own, length));
            if let Some(slot) = spelt.get_mut(token as usize) {
                *slot = own;
            }
        }
        let mut slots = vec![0; (keys.len() + keys.len() / 4 + 1).next_power_of_two()];
        let mask = slots.len() - 1;
        for key in keys {
            let mut place = spread(key) as usize & mask;
            while slots.get(place).is_some_and(|&slot| slot != 0) {
                place = (place + 1) & mask;
            }
            if let Some(slot) = slots.get_mut(place) {
                *slot = key;
            }
        }
        Self { slots }
    }

    /// Whether a piece of 2 to [`LONGEST`] bytes is a token; it is the beginning of `word`.
    #[inline]
    pub(super) fn holds(&self, word: u64, length: usize) -> bool {
        let key = key(word & !(u64::MAX << (8 * length)), length);
        let mask = self.slots.len() - 1;
        let mut place = spread(key) as usize & mask;
        while let Some(&slot) = self.slots.get(place)
            && slot != 0
        {
            if slot == key {
                return true;
            }
            place = (place + 1) & mask;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::coding::Merges;
    use super::super::merge::Room;
    use super::*;
    use crate::vocabulary;

    /// Every token is found, and merges from its bytes; what does not is not found.
    #[test]
    fn knows_what_merges_to_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vocabularies/o200k_base.bin");
        let file = std::fs::read(path).unwrap();
        let merges = Merges::decode(vocabulary::read(&file).unwrap().1).unwrap();
        let tables = Tables::new(&merges).unwrap();
        let words = Words::new(&tables);
        let mut room = Room::default();
        let mut spelt: Vec<Vec<u8>> = merges.alphabet.iter().map(|&byte| vec![byte]).collect();
        for &(left, right) in &merges.pairs {
            let bytes = [&spelt[left as usize][..], &spelt[right as usize]].concat();
            spelt.push(bytes);
        }
        let mut known = 0;
        for bytes in spelt.iter().filter(|bytes| (2..=LONGEST).contains(&bytes.len())) {
            // The token, and its neighbour by one bit, which mostly is none.
            for change in [0, 4] {
                let mut word = [0xff; 8];
                word[..bytes.len()].copy_from_slice(bytes);
                word[bytes.len() - 1] ^= change;
                let found = words.holds(u64::from_le_bytes(word), bytes.len());
                assert_eq!(found, room.count(&tables, &word[..bytes.len()]) == 1, "{word:x?}");
                known += usize::from(found);
            }
        }
        assert!(known > 100_000, "{known} words");
    }
}
