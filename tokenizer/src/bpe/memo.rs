//! Short pieces that were counted lately: words repeat, within a text and from one text to the next.
//!
//! A piece is kept whole beside its count, so a hit is exact. It is one of two in its set, where it
//! takes the place of the elder.

/// Sets of two pieces: 512 kB.
const SETS: usize = 1 << 14;
/// The longest piece that fits in two words beside its length and its count, in bytes.
pub(super) const LONGEST: usize = 15;

/// The bytes of a piece of up to 15, filled up with zeros; in the highest byte its length above its
/// count, four bits each.
type Short = [u64; 2];
const COUNT_SHIFT: u32 = 56;
const COUNT_MASK: u64 = 15 << COUNT_SHIFT;
const LENGTH_SHIFT: u32 = 60;

/// What is left of the 16 bytes that a piece of this length begins.
#[inline]
fn keep(words: [u64; 2], length: usize) -> Short {
    let of = |bytes: usize| if bytes < 8 { !(u64::MAX << (8 * bytes)) } else { u64::MAX };
    [words[0] & of(length), words[1] & of(length.saturating_sub(8))]
}

/// Pieces and their counts.
pub(super) struct Memo {
    sets: Vec<[Short; 2]>,
}

impl Memo {
    pub(super) fn new() -> Self {
        Self { sets: vec![[[0; 2]; 2]; SETS] }
    }

    /// The count of a piece of 1 to [`LONGEST`] bytes, with which the 16 bytes `words` begin, if it
    /// is known; else the place to put it.
    #[inline]
    pub(super) fn get(&self, words: [u64; 2], length: usize) -> Result<u64, Place> {
        let [low, high] = keep(words, length);
        let high = high | (length as u64) << LENGTH_SHIFT;
        let hash = low ^ high.wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        let hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let set = (hash >> 50) as usize % SETS;
        for known in self.sets.get(set).copied().unwrap_or_default() {
            if known[0] == low && known[1] & !COUNT_MASK == high {
                return Ok((known[1] & COUNT_MASK) >> COUNT_SHIFT);
            }
        }
        Err(Place { set, key: [low, high] })
    }

    /// Keeps the count, below 16, of a piece that was not known.
    #[inline]
    pub(super) fn put(&mut self, place: Place, count: u64) {
        if let Some(set) = self.sets.get_mut(place.set) {
            let [low, high] = place.key;
            *set = [[low, high | count << COUNT_SHIFT], set[0]];
        }
    }
}

/// Where a piece is to be kept.
pub(super) struct Place {
    set: usize,
    key: Short,
}

/// The 16 bytes that begin at `at`, with zeros behind the end of the text.
#[inline]
pub(super) fn words(text: &[u8], at: usize) -> [u64; 2] {
    let rest = text.get(at..).unwrap_or_default();
    let bytes = match rest.first_chunk::<16>() {
        Some(bytes) => u128::from_le_bytes(*bytes),
        None => {
            let mut bytes = [0; 16];
            for (to, from) in bytes.iter_mut().zip(rest) {
                *to = *from;
            }
            u128::from_le_bytes(bytes)
        }
    };
    [bytes as u64, (bytes >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn remembers_what_was_counted(texts in prop::collection::vec("[ab\0é]{0,20}", 1..200)) {
            let mut memo = Memo::new();
            // A count that tells texts apart and fits where counts are kept.
            let count = |bytes: &[u8]| bytes.iter().fold(7u64, |h, &b| (h * 31 + u64::from(b)) % 13);
            for text in &texts {
                let bytes = text.as_bytes();
                for start in 0..bytes.len().min(3) {
                    for end in start + 1..=bytes.len().min(start + LONGEST) {
                        let piece = &bytes[start..end];
                        match memo.get(words(bytes, start), piece.len()) {
                            Ok(found) => prop_assert_eq!(found, count(piece)),
                            Err(place) => memo.put(place, count(piece)),
                        }
                        let found = memo.get(words(bytes, start), piece.len());
                        prop_assert_eq!(found.ok(), Some(count(piece)));
                    }
                }
            }
        }
    }
}
