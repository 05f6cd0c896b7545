//! Merging a piece: from bytes to tokens.
//!
//! The definition: while two neighbouring tokens make a token, merge the pair of the lowest rank,
//! the leftmost of equals. A piece of a few bytes is merged just so. A long one is cut into windows
//! that are merged alone and then sewn together, because of two facts about byte-pair encoding
//! in which a token's rank is its id and larger than its parts' (*github/rust-gems*, `crates/bpe`,
//! proves them):
//!
//! 1. Tokens in a row are the encoding of their bytes if and only if every two neighbours are.
//! 2. Whether two neighbours are can be told from how they were made, see [`meets`].
//!
//! So a seam at which the neighbours meet is right, and one at which they do not is mended by
//! merging the bytes around it again, more of them until both new seams are right. Windows grow
//! when mending gets long, so that texts made to resist (a run of spaces is one) cost `n log n`.

use super::tables::{NONE, Tables};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Up to here the lowest rank is looked for by walking; behind, a heap finds it.
const WALKED: usize = 64;
/// The bytes of the first windows.
const WINDOW: usize = 48;
/// Mending that took more tokens than this of a side makes windows grow.
const PATIENCE: usize = 8;

/// The tokens of a piece.
///
/// `out` is only room to work in; what it holds before does not matter.
pub(super) fn merge(tables: &Tables, piece: &[u8], out: &mut Vec<u32>) {
    out.clear();
    if piece.len() <= WALKED {
        merge_walking(tables, piece, out);
        return;
    }
    let mut window = WINDOW;
    let mut fresh = Vec::with_capacity(WALKED);
    let mut mended = Vec::with_capacity(WALKED);
    // Where the tokens of `out` end.
    let mut done = 0;
    while done < piece.len() {
        let end = (done + window).min(piece.len());
        fresh.clear();
        merge_directly(tables, piece.get(done..end).unwrap_or_default(), &mut fresh);
        if out.last().zip(fresh.first()).is_none_or(|(&left, &right)| meets(tables, left, right)) {
            out.append(&mut fresh);
        } else {
            let taken = mend(tables, piece, done, out, &fresh, &mut mended);
            if taken > PATIENCE {
                window *= 2;
            }
        }
        done = end;
    }
}

/// Sews the tokens of `fresh`, which begin at `seam`, to those of `out`, which end there. Says how
/// many tokens of a side had to be merged again.
fn mend(
    tables: &Tables,
    piece: &[u8],
    seam: usize,
    out: &mut Vec<u32>,
    fresh: &[u32],
    mended: &mut Vec<u32>,
) -> usize {
    let lengths = |tokens: &[u32]| tokens.iter().map(|&t| tables.length(t)).sum::<usize>();
    let mut taken = 2;
    loop {
        let kept = out.len().saturating_sub(taken);
        let (before, left) = out.split_at(kept);
        let (right, behind) = fresh.split_at(taken.min(fresh.len()));
        let range = seam - lengths(left)..seam + lengths(right);
        mended.clear();
        merge_directly(tables, piece.get(range).unwrap_or_default(), mended);
        let sound = |left: Option<&u32>, right: Option<&u32>| {
            left.zip(right).is_none_or(|(&left, &right)| meets(tables, left, right))
        };
        if sound(before.last(), mended.first()) && sound(mended.last(), behind.first()) {
            let behind = behind.len();
            out.truncate(kept);
            out.append(mended);
            out.extend_from_slice(fresh.get(fresh.len() - behind..).unwrap_or_default());
            return taken;
        }
        taken *= 2;
    }
}

/// Whether two tokens can stand side by side in an encoding.
///
/// They can if at no time while they were made a pair across their border would have been merged.
/// So their making is undone, the latest merge first; `limit` is the time of the last step undone,
/// which a pair across the border must not have come before. Of two merges of one rank the left
/// comes first.
pub(super) fn meets(tables: &Tables, mut left: u32, mut right: u32) -> bool {
    let mut limit = NONE;
    loop {
        if tables.pair(left, right) < limit {
            return false;
        }
        // A byte is its own part.
        let left_part = tables.parts(left).1;
        let right_part = tables.parts(right).0;
        if left > right && left_part != left || right_part == right {
            if left_part == left {
                return true;
            }
            (limit, left) = (left, left_part);
        } else {
            (limit, right) = (right + 1, right_part);
        }
    }
}

/// Merges as defined, in whichever way suits the length.
fn merge_directly(tables: &Tables, bytes: &[u8], out: &mut Vec<u32>) {
    if bytes.len() <= WALKED {
        merge_walking(tables, bytes, out);
    } else {
        merge_heaping(tables, bytes, out);
    }
}

/// Merges at most [`WALKED`] bytes and appends the tokens.
fn merge_walking(tables: &Tables, bytes: &[u8], out: &mut Vec<u32>) {
    let mut tokens = [0u32; WALKED];
    let mut ranks = [NONE; WALKED];
    let count = walk(tables, bytes, &mut tokens, &mut ranks);
    out.extend(tokens.iter().take(count));
}

/// How many tokens at most [`WALKED`] bytes are.
pub(super) fn count_short(tables: &Tables, bytes: &[u8]) -> Option<usize> {
    (bytes.len() <= WALKED).then(|| walk(tables, bytes, &mut [0; WALKED], &mut [NONE; WALKED]))
}

/// The tokens of `bytes` into `tokens`, and how many there are. `ranks` is what a token and the one
/// behind it merge to.
#[inline]
fn walk(
    tables: &Tables,
    bytes: &[u8],
    tokens: &mut [u32; WALKED],
    ranks: &mut [u32; WALKED],
) -> usize {
    let mut count = bytes.len().min(WALKED);
    let mut previous = 0;
    for (i, &byte) in bytes.iter().take(WALKED).enumerate() {
        if let Some(token) = tokens.get_mut(i) {
            *token = tables.byte(byte);
        }
        if let Some(rank) = i.checked_sub(1).and_then(|i| ranks.get_mut(i)) {
            *rank = tables.byte_pair(previous, byte);
        }
        previous = byte;
    }
    loop {
        let (mut lowest, mut at) = (NONE, 0);
        for (i, &rank) in ranks.iter().enumerate().take(count.saturating_sub(1)) {
            if rank < lowest {
                (lowest, at) = (rank, i);
            }
        }
        if lowest == NONE {
            return count;
        }
        let get = |tokens: &[u32; WALKED], i: usize| tokens.get(i).copied().unwrap_or(0);
        // The rank of a merge is the token that it makes.
        if let Some(token) = tokens.get_mut(at) {
            *token = lowest;
        }
        tokens.copy_within(at + 2..count, at + 1);
        ranks.copy_within(at + 2..count, at + 1);
        count -= 1;
        let last = at + 1 == count;
        if let Some(rank) = ranks.get_mut(at) {
            *rank = if last { NONE } else { tables.pair(lowest, get(tokens, at + 1)) };
        }
        if let Some(before) = at.checked_sub(1)
            && let Some(rank) = ranks.get_mut(before)
        {
            *rank = tables.pair(get(tokens, before), lowest);
        }
    }
}

/// A token and its neighbours, while merging with a heap.
#[derive(Clone, Copy, Default)]
struct Link {
    token: u32,
    before: u32,
    behind: u32,
}

/// Merges any number of bytes below 4 GiB and appends the tokens.
fn merge_heaping(tables: &Tables, bytes: &[u8], out: &mut Vec<u32>) {
    let end = bytes.len() as u32;
    let mut links: Vec<Link> = (0u32..)
        .zip(bytes)
        .map(|(i, &byte)| Link {
            token: tables.byte(byte),
            before: i.wrapping_sub(1),
            behind: i + 1,
        })
        .collect();
    // Rank and place of what may be merged; out of date where the link has another token by now.
    let mut heap: BinaryHeap<Reverse<(u32, u32)>> = bytes
        .windows(2)
        .zip(0u32..)
        .filter_map(|(pair, place)| match *pair {
            [left, right] => Some((tables.byte_pair(left, right), place)),
            _ => None,
        })
        .filter(|&(rank, _)| rank != NONE)
        .map(Reverse)
        .collect();
    let get = |links: &[Link], place: u32| links.get(place as usize).copied();
    while let Some(Reverse((rank, place))) = heap.pop() {
        let Some(left) = get(&links, place) else { continue };
        let Some(right) = get(&links, left.behind) else { continue };
        if left.token == NONE || (left.token, right.token) != tables.parts(rank) {
            continue;
        }
        if let Some(link) = links.get_mut(left.behind as usize) {
            link.token = NONE;
        }
        if let Some(link) = links.get_mut(place as usize) {
            (link.token, link.behind) = (rank, right.behind);
        }
        if let Some(link) = links.get_mut(right.behind as usize) {
            link.before = place;
            let merged = tables.pair(rank, link.token);
            if merged != NONE {
                heap.push(Reverse((merged, place)));
            }
        }
        if let Some(link) = get(&links, left.before) {
            let merged = tables.pair(link.token, rank);
            if merged != NONE {
                heap.push(Reverse((merged, left.before)));
            }
        }
    }
    let mut place = 0;
    while place < end {
        let Some(link) = get(&links, place) else { break };
        out.push(link.token);
        place = link.behind;
    }
}

#[cfg(test)]
mod tests {
    use super::super::coding::{BYTES, Merges};
    use super::*;
    use proptest::prelude::*;

    /// The definition, as plainly as can be.
    fn by_definition(tables: &Tables, bytes: &[u8]) -> Vec<u32> {
        let mut tokens: Vec<u32> = bytes.iter().map(|&b| tables.byte(b)).collect();
        loop {
            let ranks = tokens.windows(2).map(|w| tables.pair(w[0], w[1]));
            let Some((rank, at)) = ranks.zip(0..).filter(|&(rank, _)| rank != NONE).min() else {
                return tokens;
            };
            tokens.splice(at..at + 2, [rank]);
        }
    }

    /// A vocabulary as training makes one: each merge is of two tokens that stand side by side in
    /// an encoding with the merges so far. Three letters, so that everything meets everything.
    fn trained(choices: &[(Vec<u8>, prop::sample::Index)]) -> Tables {
        let mut merges = Merges { alphabet: std::array::from_fn(|i| i as u8), pairs: Vec::new() };
        for (text, choice) in choices {
            let tables = Tables::new(&merges).unwrap();
            let tokens = by_definition(&tables, text);
            if tokens.len() > 1 {
                let at = choice.index(tokens.len() - 1);
                if tables.length(tokens[at]) + tables.length(tokens[at + 1]) < 100 {
                    merges.pairs.push((tokens[at], tokens[at + 1]));
                }
            }
        }
        assert!(merges.pairs.len() <= choices.len() && BYTES == 256);
        Tables::new(&merges).unwrap()
    }

    fn letters(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(97u8..100, length.clone()),
            // Runs and repetitions, which are where windows resist.
            (prop::collection::vec(97u8..100, 1..6), length).prop_map(|(unit, length)| unit
                .into_iter()
                .cycle()
                .take(length)
                .collect()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn every_way_is_the_definition(
            choices in prop::collection::vec((letters(2..40), any::<prop::sample::Index>()), 1..60),
            text in letters(0..700),
        ) {
            let tables = trained(&choices);
            let wanted = by_definition(&tables, &text);
            let mut found = Vec::new();
            merge(&tables, &text, &mut found);
            prop_assert_eq!(&found, &wanted);
            found.clear();
            merge_heaping(&tables, &text, &mut found);
            prop_assert_eq!(&found, &wanted);
            if text.len() <= WALKED {
                found.clear();
                merge_walking(&tables, &text, &mut found);
                prop_assert_eq!(&found, &wanted);
                prop_assert_eq!(count_short(&tables, &text), Some(wanted.len()));
            }
        }

        #[test]
        fn neighbours_meet_where_their_bytes_encode_to_them(
            choices in prop::collection::vec((letters(2..40), any::<prop::sample::Index>()), 1..60),
            pair in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let tables = trained(&choices);
            let tokens: Vec<u32> = (97..100).chain(256..).take_while(|&t| t < 100 || tables.parts(t) != (0, 0)).collect();
            let (left, right) = (tokens[pair.0.index(tokens.len())], tokens[pair.1.index(tokens.len())]);
            let bytes = |token: u32| {
                let mut out = vec![token];
                while let Some(at) = out.iter().position(|&t| t >= 256) {
                    let (l, r) = tables.parts(out[at]);
                    out.splice(at..=at, [l, r]);
                }
                out.into_iter().map(|t| t as u8).collect::<Vec<_>>()
            };
            let both = [bytes(left), bytes(right)].concat();
            prop_assert_eq!(meets(&tables, left, right), by_definition(&tables, &both) == [left, right]);
        }
    }
}
