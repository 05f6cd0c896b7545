//! What was counted lately: parts of texts, whole, each beside its count.
//!
//! A conversation is counted again with every turn, and a text with every change; most of it is what it
//! was. A hit is compared byte by byte, so it is exact. Memory is taken as texts are counted, up to a
//! limit; then the newest takes the place of the oldest.

/// The longest part that is kept, in bytes.
pub(crate) const LONGEST: usize = 512;
/// The shortest.
pub(crate) const SHORTEST: usize = 8;

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    /// How many bytes were kept before this part.
    start: u32,
    /// Its length, below its kind; 0 for none.
    length: u32,
    count: u32,
}

/// Parts and their counts. A part is on one of two slots, where it takes the place of the elder.
pub(crate) struct Lately {
    slots: Vec<[Slot; 2]>,
    /// A ring of `limit` bytes, once it is full.
    bytes: Vec<u8>,
    limit: usize,
    /// How many bytes were ever kept.
    kept: u32,
}

impl Lately {
    /// Room for parts of `limit` bytes together, and for `2 * pairs` parts, which take 32 bytes a
    /// pair; both are powers of two.
    pub(crate) fn new(pairs: usize, limit: usize) -> Self {
        Self {
            slots: vec![Default::default(); pairs],
            bytes: Vec::new(),
            limit: limit.next_power_of_two().max(LONGEST),
            kept: 0,
        }
    }

    /// The count of `part`, from memory or else from `count`. What tells counts of equal parts apart
    /// is `kind`.
    #[inline]
    pub(crate) fn count(&mut self, part: &[u8], kind: u32, count: impl FnOnce() -> u64) -> u64 {
        let (Some(last), SHORTEST..=LONGEST) = (part.last_chunk(), part.len()) else {
            return count();
        };
        let kind = kind << 16 | part.len() as u32;
        let (mut one, mut two) = (u64::from_le_bytes(*last), u64::from(kind));
        let (pairs, rest) = part.as_chunks::<16>();
        for pair in pairs {
            let pair = u128::from_le_bytes(*pair);
            (one, two) = (mix(one ^ pair as u64), mix(two ^ (pair >> 64) as u64));
        }
        if let Some(word) = rest.first_chunk() {
            one = mix(one ^ u64::from_le_bytes(*word));
        }
        let hash = mix(one ^ two.rotate_left(32));
        let (place, hash) = (hash as usize & (self.slots.len() - 1), (hash >> 32) as u32);
        let Some(&[first, second]) = self.slots.get(place) else { return 0 };
        for slot in [first, second] {
            if slot.hash == hash && slot.length == kind && self.holds(slot.start, part) {
                return slot.count.into();
            }
        }
        let count = count();
        self.keep(place, part, Slot { hash, start: 0, length: kind, count: count as u32 });
        count
    }

    /// Whether this part was kept from `start` on, and not overwritten since.
    #[inline]
    fn holds(&self, start: u32, part: &[u8]) -> bool {
        let place = start as usize & (self.limit - 1);
        (self.kept - start) as usize <= self.limit
            && self.bytes.get(place..place + part.len()).is_some_and(|known| equal(known, part))
    }

    #[inline(never)]
    fn keep(&mut self, place: usize, part: &[u8], slot: Slot) {
        let left = self.limit - (self.kept as usize & (self.limit - 1));
        if left < part.len() {
            // Not around the end.
            self.kept = self.kept.saturating_add(left as u32);
        }
        if self.kept > u32::MAX - 2 * self.limit as u32 {
            self.slots.fill(Default::default());
            self.kept = 0;
        }
        let start = self.kept as usize & (self.limit - 1);
        let end = start + part.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(bytes) = self.bytes.get_mut(start..end) {
            bytes.copy_from_slice(part);
        }
        if let Some(pair) = self.slots.get_mut(place) {
            *pair = [Slot { start: self.kept, ..slot }, pair[0]];
        }
        self.kept += part.len() as u32;
    }
}

/// Spreads a word over the bits of a hash.
#[inline]
fn mix(word: u64) -> u64 {
    let product = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

/// Whether two texts of one length are equal: eight bytes at a time, which WebAssembly's own comparison
/// is not.
#[inline]
fn equal(left: &[u8], right: &[u8]) -> bool {
    let words = left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0);
    words.fold(0, |differ, (l, r)| differ | (u64::from_le_bytes(*l) ^ u64::from_le_bytes(*r))) == 0
        && left.last_chunk::<8>() == right.last_chunk::<8>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn remembers_what_was_counted(
            texts in prop::collection::vec("[ab\0é]{0,9}[a-b]{0,300}", 1..60),
            pairs in 0u32..9,
            limit in 0usize..2000,
        ) {
            let mut lately = Lately::new(1 << pairs, limit);
            let count = |part: &[u8], kind: u32| {
                part.iter().fold(7 + u64::from(kind), |h, &b| (h * 31 + u64::from(b)) % 65_521)
            };
            for text in &texts {
                for end in (0..=text.len()).rev().take(9) {
                    for kind in 0..3 {
                        let part = &text.as_bytes()[..end];
                        let found = lately.count(part, kind, || count(part, kind));
                        prop_assert_eq!(found, count(part, kind));
                        prop_assert!(lately.bytes.len() <= limit.next_power_of_two().max(LONGEST));
                    }
                }
            }
        }

        #[test]
        fn does_not_count_twice(length in SHORTEST..=LONGEST, numbers in prop::collection::vec(0..500u64, 1..300)) {
            let mut lately = Lately::new(1 << 4, 1 << 13);
            for number in numbers {
                let part = format!("{number:0length$}");
                prop_assert_eq!(lately.count(part.as_bytes(), 0, || number), number);
                prop_assert_eq!(lately.count(part.as_bytes(), 0, || 999), number);
            }
        }
    }
}
