//! Sorting for lists of a page's size, at a page's price.

/// Puts a list in order, by Shell's sort with Ciura's gaps (2001), continued by 2.25. Not stable: what
/// `comes_before` says of two is all that decides. The standard library's sorts are faster for long
/// lists, and 4 kB of the module for each type that they are used with (measured 2026-11-22: 56 kB for
/// a dozen); this one is some hundred bytes.
pub(crate) fn sort<T>(list: &mut [T], comes_before: impl Fn(&T, &T) -> bool) {
    for gap in [45_000, 20_000, 9_000, 4_000, 1_750, 701, 301, 132, 57, 23, 10, 4, 1] {
        for start in gap..list.len() {
            let mut place = start;
            while let Some(lower) = place.checked_sub(gap) {
                match (list.get(place), list.get(lower)) {
                    (Some(one), Some(other)) if comes_before(one, other) => list.swap(place, lower),
                    _ => break,
                }
                place = lower;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sort;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library(
            mut list in prop::collection::vec(any::<u16>(), 0..3_000),
        ) {
            let mut wanted = list.clone();
            wanted.sort_unstable();
            sort(&mut list, |a, b| a < b);
            prop_assert_eq!(list, wanted);
        }
    }

    #[test]
    fn long_lists_take_no_long_time() {
        let mut list: Vec<u32> = (0..200_000).map(|i: u32| i.wrapping_mul(2_654_435_761)).collect();
        let mut wanted = list.clone();
        wanted.sort_unstable();
        sort(&mut list, |a, b| a < b);
        assert_eq!(list, wanted);
    }
}
