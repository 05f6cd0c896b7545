//! What was counted lately: words repeat, within a text and from one text to the next.
//!
//! A piece of up to 24 bytes is kept whole beside its count, so a hit is exact; two pieces that fall
//! on one slot take it from each other. 128 kB in all, which stays in a processor's near cache,
//! where the tables of a vocabulary do not.

use super::tables::spread;

/// Slots for pieces of up to 7 bytes; the eighth is the count.
const SHORT: usize = 1 << 13;
/// Slots for pieces of up to 24 bytes.
const LONG: usize = 1 << 11;
/// The longest piece that is kept, in bytes.
pub(super) const KEPT: usize = 24;

#[derive(Clone, Copy, Default)]
struct Long {
    words: [u64; 3],
    count: u64,
}

/// Pieces and their counts.
pub(super) struct Memo {
    short: Vec<u64>,
    long: Vec<Long>,
}

impl Memo {
    pub(super) fn new() -> Self {
        Self { short: vec![0; SHORT], long: vec![Long::default(); LONG] }
    }

    /// The count of the piece at `start..end` of `text`, from memory or else from `count`.
    #[inline]
    pub(super) fn count(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        count: impl FnOnce(&[u8]) -> u64,
    ) -> u64 {
        let length = end - start;
        let piece = || text.get(start..end).unwrap_or_default();
        // Pieces are filled up with zeros, so one that ends in a zero would look like a shorter one.
        if length > KEPT || text.get(end.wrapping_sub(1)).is_none_or(|&last| last == 0) {
            return count(piece());
        }
        let words = match text.get(start..start + KEPT).and_then(|bytes| bytes.first_chunk()) {
            Some(bytes) => words(bytes),
            None => {
                let mut bytes = [0; KEPT];
                for (to, from) in bytes.iter_mut().zip(piece()) {
                    *to = *from;
                }
                words(&bytes)
            }
        };
        let [first, second, third] = words;
        if length < 8 {
            let key = first & !(u64::MAX << (8 * length));
            let Some(slot) = self.short.get_mut(spread(key) as usize % SHORT) else { return 0 };
            if *slot & (u64::MAX >> 8) != key {
                *slot = key | count(piece()) << 56;
            }
            return *slot >> 56;
        }
        let keep = |word: u64, before: usize| {
            let bytes = length.saturating_sub(before);
            if bytes < 8 { word & !(u64::MAX << (8 * bytes)) } else { word }
        };
        let words = [first, keep(second, 8), keep(third, 16)];
        let [_, second, third] = words;
        let hash = spread(spread(first ^ third.rotate_left(32)) ^ second);
        let Some(slot) = self.long.get_mut(hash as usize % LONG) else { return 0 };
        if slot.words != words {
            *slot = Long { words, count: count(piece()) };
        }
        slot.count
    }
}

#[inline]
fn words(bytes: &[u8; KEPT]) -> [u64; 3] {
    let mut words = [0; 3];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn remembers_what_was_counted(texts in prop::collection::vec("[ab\0é]{0,30}", 1..200)) {
            let mut memo = Memo::new();
            // A count that tells texts apart and fits where counts are kept.
            let count = |bytes: &[u8]| bytes.iter().fold(7u64, |h, &b| (h * 31 + u64::from(b)) % 251);
            for text in &texts {
                for start in 0..text.len().min(3) {
                    let bytes = text.as_bytes();
                    let found = memo.count(bytes, start, bytes.len(), count);
                    prop_assert_eq!(found, count(&bytes[start..]));
                }
            }
        }
    }
}
