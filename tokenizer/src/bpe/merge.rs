//! Merging a piece: from bytes to tokens.
//!
//! The definition: while two neighbouring tokens make a token, merge the pair of the lowest rank,
//! the leftmost of equals. A token's rank is its id, and is larger than its parts'; so all pairs of the
//! lowest rank may be merged in one round, and every later round has a larger rank.
//!
//! A piece of a few bytes is merged just so (`short`). A long one is cut into windows that are merged alone and
//! then sewn together, because of two facts about byte-pair encoding (*github/rust-gems*,
//! `crates/bpe`, proves them):
//!
//! 1. Tokens in a row are the encoding of their bytes if and only if every two neighbours are.
//! 2. Whether two neighbours are can be told from how they were made, see [`meets`].
//!
//! So a seam at which the neighbours meet is right, and one at which they do not is mended by
//! merging the bytes around it again, more of them until both new seams are right. Windows grow
//! when mending gets long, so that even texts made to resist cost no more than `n log n`.

use super::short::{FEW, MOST, Short, count_few};
use super::tables::{NONE, Tables};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The bytes of a window to begin with: a multiple of the lengths of most repetitions, so that
/// windows repeat where the text does, and need not be merged again.
const WINDOW: usize = 48;
/// More than a window's bytes are merged in rounds as long as there are at most so many (runs and
/// repetitions need few), then with a heap.
const ROUNDS: usize = 32;
/// Mending that took more tokens than this of a side makes windows grow.
const PATIENCE: usize = 8;

/// Room to merge in, kept from piece to piece.
#[derive(Default)]
pub(super) struct Room {
    /// The tokens of the piece so far.
    tokens: Vec<u32>,
    window: Window,
    mended: Window,
}

impl Room {
    /// The tokens of a piece.
    #[inline]
    pub(super) fn merge(&mut self, tables: &Tables, piece: &[u8]) -> &[u32] {
        if piece.len() <= MOST {
            self.window.merge(tables, piece);
            &self.window.tokens
        } else {
            self.merge_long(tables, piece);
            &self.tokens
        }
    }

    /// How many tokens a piece is.
    #[inline]
    pub(super) fn count(&mut self, tables: &Tables, piece: &[u8]) -> u64 {
        if piece.len() <= FEW {
            count_few(tables, piece)
        } else if piece.len() <= MOST {
            self.window.short.merge(tables, piece) as u64
        } else if let [first, rest @ ..] = piece
            && rest.iter().all(|byte| byte == first)
        {
            count_same(tables, *first, piece.len())
        } else {
            self.merge_long(tables, piece);
            self.tokens.len() as u64
        }
    }

    #[inline(never)]
    fn merge_long(&mut self, tables: &Tables, piece: &[u8]) {
        self.tokens.clear();
        let (mut done, mut length) = (0, WINDOW);
        // The window before, whose tokens are still there, and the seam that was looked at last.
        let mut known: &[u8] = &[];
        let mut seam = None;
        while done < piece.len() {
            let end = (done + length).min(piece.len());
            let bytes = piece.get(done..end).unwrap_or_default();
            if bytes != known {
                self.window.merge(tables, bytes);
                known = bytes;
            }
            let here = (self.tokens.last().copied(), self.window.tokens.first().copied());
            if seam == Some(here) || sound(tables, here.0.as_ref(), here.1.as_ref()) {
                seam = Some(here);
                self.tokens.extend_from_slice(&self.window.tokens);
            } else if self.mend(tables, piece, done) > PATIENCE {
                length *= 2;
            }
            done = end;
        }
    }

    /// Sews the window's tokens, which begin at `seam`, to those that end there. Says how many
    /// tokens of a side had to be merged again.
    fn mend(&mut self, tables: &Tables, piece: &[u8], seam: usize) -> usize {
        let length = |tokens: &[u32]| tokens.iter().map(|&t| tables.length(t)).sum::<usize>();
        let mut taken = 2;
        loop {
            let kept = self.tokens.len().saturating_sub(taken);
            let (before, left) = self.tokens.split_at(kept);
            let (right, behind) = self.window.tokens.split_at(taken.min(self.window.tokens.len()));
            let range = seam - length(left)..seam + length(right);
            self.mended.merge(tables, piece.get(range).unwrap_or_default());
            let mended = &self.mended.tokens;
            if sound(tables, before.last(), mended.first())
                && sound(tables, mended.last(), behind.first())
            {
                self.tokens.truncate(kept);
                self.tokens.extend_from_slice(mended);
                self.tokens.extend_from_slice(behind);
                return taken;
            }
            taken *= 2;
        }
    }
}

/// How many tokens a byte is, `times` over.
///
/// Its tokens are kept as runs of equals, of which there are few, so that a million bytes take
/// microseconds.
pub(super) fn count_same(tables: &Tables, byte: u8, times: usize) -> u64 {
    let mut runs = vec![(tables.byte(byte), times as u64)];
    runs.retain(|&(_, times)| times > 0);
    loop {
        let within = |&(token, times): &(u32, u64)| {
            if times > 1 { tables.pair(token, token) } else { NONE }
        };
        let across = runs.iter().zip(runs.iter().skip(1)).map(|(l, r)| tables.pair(l.0, r.0));
        let lowest = runs.iter().map(within).chain(across).min().unwrap_or(NONE);
        if lowest == NONE {
            return runs.iter().map(|&(_, times)| times).sum();
        }
        let (left, right) = tables.parts(lowest);
        let mut merged: Vec<(u32, u64)> = Vec::with_capacity(runs.len() + 2);
        let mut push = |token, times| match merged.last_mut() {
            _ if times == 0 => {}
            Some(last) if last.0 == token => last.1 += times,
            _ => merged.push((token, times)),
        };
        let mut rest = runs.iter().copied().peekable();
        // Whether the first token of this run was merged with the last of the one before.
        let mut taken = 0;
        while let Some((token, times)) = rest.next() {
            let times = times - std::mem::take(&mut taken);
            if left == right && token == left {
                push(lowest, times / 2);
                push(token, times % 2);
            } else if token == left && times > 0 && rest.peek().is_some_and(|next| next.0 == right)
            {
                push(token, times - 1);
                push(lowest, 1);
                taken = 1;
            } else {
                push(token, times);
            }
        }
        runs = merged;
    }
}

/// Whether there is no seam, or one that is right.
fn sound(tables: &Tables, left: Option<&u32>, right: Option<&u32>) -> bool {
    left.zip(right).is_none_or(|(&left, &right)| meets(tables, left, right))
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

/// Bytes that are merged alone.
#[derive(Default)]
struct Window {
    tokens: Vec<u32>,
    short: Short,
    /// What a token and the one behind it merge to; `NONE` for the last.
    ranks: Vec<u32>,
}

impl Window {
    fn merge(&mut self, tables: &Tables, bytes: &[u8]) {
        if bytes.len() > MOST {
            return self.merge_rounds(tables, bytes);
        }
        self.short.merge(tables, bytes);
        self.tokens.clear();
        self.tokens.extend(self.short.tokens());
    }

    /// Merges what is too long to be short.
    fn merge_rounds(&mut self, tables: &Tables, bytes: &[u8]) {
        self.tokens.clear();
        self.tokens.extend(bytes.iter().map(|&byte| tables.byte(byte)));
        self.ranks.clear();
        let pairs = bytes.iter().zip(bytes.iter().skip(1));
        self.ranks.extend(pairs.map(|(&left, &right)| tables.byte_pair(left, right)));
        let mut lowest = self.ranks.iter().copied().min().unwrap_or(NONE);
        self.ranks.push(NONE);
        let mut rounds = 0;
        while lowest != NONE {
            if rounds == ROUNDS {
                self.merge_heaping(tables);
                return;
            }
            lowest = self.round(tables, lowest);
            rounds += 1;
        }
    }

    /// Merges every pair of the rank `lowest`, and says which rank is the lowest then.
    #[inline]
    fn round(&mut self, tables: &Tables, lowest: u32) -> u32 {
        let (tokens, ranks) = (self.tokens.as_mut_slice(), self.ranks.as_mut_slice());
        let (mut from, mut to, mut next_lowest) = (0, 0, NONE);
        // What was written last: the token, what it merges to as far as is known, if it is new.
        let (mut last, mut last_rank, mut last_is_new) = (0, NONE, false);
        while let (Some(&token), Some(&rank)) = (tokens.get(from), ranks.get(from)) {
            let is_new = rank == lowest;
            let token = if is_new { lowest } else { token };
            if to > 0 {
                if is_new || last_is_new {
                    last_rank = tables.pair(last, token);
                }
                next_lowest = next_lowest.min(last_rank);
                if let Some(slot) = ranks.get_mut(to - 1) {
                    *slot = last_rank;
                }
            }
            if let Some(slot) = tokens.get_mut(to) {
                *slot = token;
            }
            (last, last_rank, last_is_new) = (token, rank, is_new);
            from += 1 + usize::from(is_new);
            to += 1;
        }
        if let Some(slot) = ranks.get_mut(to.wrapping_sub(1)) {
            *slot = NONE;
        }
        self.tokens.truncate(to);
        self.ranks.truncate(to);
        next_lowest
    }

    /// Goes on merging, with a heap.
    fn merge_heaping(&mut self, tables: &Tables) {
        let mut links: Vec<Link> = (0u32..)
            .zip(&self.tokens)
            .map(|(place, &token)| Link { token, before: place.wrapping_sub(1), behind: place + 1 })
            .collect();
        // Rank and place of what may be merged; out of date where the place has another token by
        // now.
        let mut heap: BinaryHeap<Reverse<(u32, u32)>> = self
            .ranks
            .iter()
            .zip(0u32..)
            .filter(|&(&rank, _)| rank != NONE)
            .map(|(&rank, place)| Reverse((rank, place)))
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
        self.tokens.clear();
        self.tokens.extend(links.iter().map(|link| link.token).filter(|&token| token != NONE));
    }
}

/// A token and its neighbours, while merging with a heap.
#[derive(Clone, Copy, Default)]
struct Link {
    /// `NONE` once it is a part of the one before.
    token: u32,
    before: u32,
    behind: u32,
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
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn every_way_is_the_definition(
            choices in prop::collection::vec((letters(2..40), any::<prop::sample::Index>()), 1..60),
            text in letters(0..700),
        ) {
            let tables = trained(&choices);
            let wanted = by_definition(&tables, &text);
            let mut room = Room::default();
            prop_assert_eq!(room.merge(&tables, &text), &wanted);
            // Again, in room that was used, and every other way.
            prop_assert_eq!(room.merge(&tables, &text), &wanted);
            room.window.merge(&tables, &text);
            prop_assert_eq!(&room.window.tokens, &wanted);
            prop_assert_eq!(room.count(&tables, &text), wanted.len() as u64);
            let few = &text[..text.len().min(FEW)];
            prop_assert_eq!(count_few(&tables, few), by_definition(&tables, few).len() as u64);
            prop_assert_eq!(room.window.short.merge(&tables, few) as u64, count_few(&tables, few));
            room.window.merge_rounds(&tables, &text);
            prop_assert_eq!(&room.window.tokens, &wanted);
            room.window.tokens = text.iter().map(|&byte| tables.byte(byte)).collect();
            room.window.ranks =
                text.windows(2).map(|pair| tables.byte_pair(pair[0], pair[1])).collect();
            room.window.merge_heaping(&tables);
            prop_assert_eq!(&room.window.tokens, &wanted);
        }

        #[test]
        fn runs_count_as_defined(
            choices in prop::collection::vec((letters(2..40), any::<prop::sample::Index>()), 1..60),
            times in 0usize..400,
        ) {
            let tables = trained(&choices);
            let wanted = by_definition(&tables, &vec![b'a'; times]).len() as u64;
            prop_assert_eq!(count_same(&tables, b'a', times), wanted);
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
