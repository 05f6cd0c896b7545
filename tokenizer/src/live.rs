//! Counting while a text is edited, at a cost that follows the edit and not the text.
//!
//! A tokenizer knows places at which a text can be cut so that both parts count the same alone as
//! together ([`Tokenizer::is_border`]): before the space between two words, for one. The text is
//! kept in chunks that end at such borders, each with its count. An edit counts anew the chunks that
//! it touches, and those that a vanished border joins to them; the others keep their counts.

use crate::error::{Error, Result};

/// Counts texts, and knows where a text can be cut.
pub trait Tokenizer {
    /// How many tokens `text` is.
    fn count(&self, text: &str) -> u64;

    /// How many tokens `text` is as a part of a text that was cut at borders; `first` and `last`
    /// say whether it is the beginning and the end of the whole. Where what surrounds the whole
    /// matters, they differ; by default they do not.
    fn count_part(&self, text: &str, first: bool, last: bool) -> u64 {
        let _ = (first, last);
        self.count(text)
    }

    /// Whether every text that has these two characters side by side counts the same in two parts,
    /// cut between them, as in one: for all `a` and `b`, the counts of the parts `a + left` and
    /// `right + b` add up to that of `a + left + right + b`. It may always say no, but cuts are
    /// what makes edits cheap.
    fn is_border(&self, left: char, right: char) -> bool;

    /// A counter of its own for a long `text` in which there is no border, if the tokenizer has a way
    /// to count it anew at a cost that follows the edit. For tokenizers to which the place of a part
    /// does not matter.
    fn run(&self, text: &str) -> Option<Box<dyn Run>> {
        let _ = text;
        None
    }
}

/// A long text without a border, while it is edited.
pub trait Run: Send {
    /// How many tokens the text is.
    fn tokens(&self) -> u64;

    /// Replaces `delete` UTF-16 code units at `start`, which are there, by `insert`. False where this
    /// edit is not one that the run can take; then it is not used any more.
    fn splice(&mut self, start: usize, delete: usize, insert: &[u16]) -> bool;
}

/// A tokenizer behind a reference, a box or the like.
impl<P> Tokenizer for P
where
    P: std::ops::Deref,
    P::Target: Tokenizer,
{
    fn count(&self, text: &str) -> u64 {
        (**self).count(text)
    }

    fn count_part(&self, text: &str, first: bool, last: bool) -> u64 {
        (**self).count_part(text, first, last)
    }

    fn is_border(&self, left: char, right: char) -> bool {
        (**self).is_border(left, right)
    }

    fn run(&self, text: &str) -> Option<Box<dyn Run>> {
        (**self).run(text)
    }
}

/// The length of a chunk that is aimed at, in UTF-16 code units; one of twice as many is cut.
const CHUNK: usize = 512;
/// A chunk longer than this, in UTF-16 code units, is counted as a run if the tokenizer knows how.
const RUN: usize = 8 * CHUNK;

/// A part of the text between two borders.
struct Chunk {
    /// UTF-16, in which surrogates may be alone.
    units: Vec<u16>,
    /// As a part that is, or is not, the first and the last.
    tokens: u64,
    place: (bool, bool),
    /// Where there is one, the place does not matter to the count.
    run: Option<Box<dyn Run>>,
}

/// The number of tokens of a text that is edited.
///
/// Offsets and lengths are in UTF-16 code units, as JavaScript has them. A splice may cut a
/// surrogate pair; surrogates that are alone are kept, count as U+FFFD, and are a character again
/// once they meet.
pub struct LiveCounter<T> {
    tokenizer: T,
    chunks: Vec<Chunk>,
    /// The sum of the chunks.
    tokens: u64,
    /// The length of the text.
    length: usize,
    /// Room for a chunk as UTF-8.
    text: String,
}

impl<T: Tokenizer> LiveCounter<T> {
    /// Begins with `text`, which is UTF-16.
    pub fn new(tokenizer: T, text: &[u16]) -> Self {
        let mut counter =
            Self { tokenizer, chunks: Vec::new(), tokens: 0, length: 0, text: String::new() };
        counter.replace(0, 0, text.to_vec());
        counter
    }

    /// How many tokens the text is.
    pub fn tokens(&self) -> u64 {
        if self.chunks.is_empty() { self.tokenizer.count("") } else { self.tokens }
    }

    /// The length of the text, in UTF-16 code units.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Replaces `delete` code units at `start` by `insert`, and says how many tokens the text is
    /// then.
    ///
    /// # Errors
    ///
    /// `invalid_input` where the text does not reach so far; it stays as it is.
    pub fn splice(&mut self, start: usize, delete: usize, insert: &[u16]) -> Result<u64> {
        let end = start.checked_add(delete).filter(|&end| end <= self.length).ok_or_else(|| {
            Error::invalid_input(format!(
                "splice deletes {delete} from offset {start}, wanted within a text of {}",
                self.length
            ))
        })?;
        // The chunks that hold the deleted part; for none, the one that ends where it begins.
        let (mut first, mut before) = (0, 0);
        while let Some(chunk) = self.chunks.get(first) {
            if before + chunk.units.len() >= start {
                break;
            }
            before += chunk.units.len();
            first += 1;
        }
        if let Some(tokens) = self.splice_run(first, start - before, end - before, insert) {
            return Ok(tokens);
        }
        let (mut last, mut behind) = (first, before);
        while let Some(chunk) = self.chunks.get(last).filter(|_| behind < end || last == first) {
            behind += chunk.units.len();
            last += 1;
        }
        let head = self.chunks.get(first).and_then(|chunk| chunk.units.get(..start - before));
        let tail = last
            .checked_sub(1)
            .and_then(|last| self.chunks.get(last))
            .and_then(|chunk| chunk.units.get(chunk.units.len().saturating_sub(behind - end)..));
        let units = [head.unwrap_or_default(), insert, tail.unwrap_or_default()].concat();
        self.replace(first, last, units);
        Ok(self.tokens())
    }

    /// Replaces a part of a chunk that is a run, away from its ends, if the run can do that.
    fn splice_run(
        &mut self,
        chunk: usize,
        start: usize,
        end: usize,
        insert: &[u16],
    ) -> Option<u64> {
        let chunk = self.chunks.get_mut(chunk)?;
        let run = chunk.run.as_mut()?;
        // Not where a surrogate could find or lose its other half.
        let around = [start.checked_sub(1)?, start, end.checked_sub(1)?, end]
            .map(|at| chunk.units.get(at).copied().unwrap_or(u16::MAX));
        if around
            .iter()
            .chain(insert)
            .any(|&unit| is_high(unit) || is_low(unit) || unit == u16::MAX)
            || chunk.units.len() + insert.len() < RUN + (end - start)
            || !run.splice(start, end - start, insert)
        {
            chunk.run = None;
            return None;
        }
        chunk.units.splice(start..end, insert.iter().copied());
        self.length = self.length - (end - start) + insert.len();
        self.tokens = self.tokens - chunk.tokens + run.tokens();
        chunk.tokens = run.tokens();
        Some(self.tokens)
    }

    /// Puts `units` in the place of the chunks `first..last`, together with neighbours that no
    /// border parts from them.
    fn replace(&mut self, mut first: usize, mut last: usize, mut units: Vec<u16>) {
        loop {
            // Chunks that became small join the next, lest they become many.
            let is_small = units.len() < CHUNK / 2;
            if let Some(next) = self.chunks.get(last)
                && (is_small || !self.parts(&units, &next.units))
            {
                units.extend_from_slice(&next.units);
                last += 1;
            } else if let Some(before) = first.checked_sub(1)
                && let Some(chunk) = self.chunks.get(before)
                && !self.parts(&chunk.units, &units)
            {
                units.splice(..0, chunk.units.iter().copied());
                first = before;
            } else {
                break;
            }
        }
        let mut fresh = Vec::new();
        let mut rest = units.as_slice();
        while !rest.is_empty() {
            let (chunk, behind) = rest.split_at(self.cut(rest));
            let place =
                (first == 0 && fresh.is_empty(), last == self.chunks.len() && behind.is_empty());
            let run = if chunk.len() > RUN {
                self.text.clear();
                self.text.extend(characters(chunk));
                self.tokenizer.run(&self.text)
            } else {
                None
            };
            let tokens = match &run {
                Some(run) => run.tokens(),
                None => count(&self.tokenizer, &mut self.text, chunk, place),
            };
            fresh.push(Chunk { units: chunk.to_vec(), tokens, place, run });
            rest = behind;
        }
        let sums = |chunks: &[Chunk]| {
            chunks.iter().fold((0, 0), |(length, tokens), chunk| {
                (length + chunk.units.len(), tokens + chunk.tokens)
            })
        };
        let gone = sums(self.chunks.get(first..last).unwrap_or_default());
        let come = sums(&fresh);
        self.length = self.length - gone.0 + come.0;
        self.tokens = self.tokens - gone.1 + come.1;
        let behind = first + fresh.len();
        self.chunks.splice(first..last, fresh);
        // A neighbour may have become the first or the last, or be it no more.
        let end = self.chunks.len();
        for index in first.checked_sub(1).into_iter().chain([behind]) {
            if let Some(chunk) = self.chunks.get_mut(index) {
                let place = (index == 0, index + 1 == end);
                if chunk.place != place && chunk.run.is_none() {
                    let tokens = count(&self.tokenizer, &mut self.text, &chunk.units, place);
                    self.tokens = self.tokens - chunk.tokens + tokens;
                    (chunk.tokens, chunk.place) = (tokens, place);
                }
            }
        }
    }

    /// Whether there is a border between two texts that are not empty.
    fn parts(&self, left: &[u16], right: &[u16]) -> bool {
        let ([.., high], [low, ..]) = (left, right) else { return false };
        if is_high(*high) && is_low(*low) {
            return false;
        }
        let end = left.get(left.len().saturating_sub(2)..).unwrap_or_default();
        let beginning = right.get(..2).unwrap_or(right);
        characters(end)
            .last()
            .zip(characters(beginning).next())
            .is_some_and(|(left, right)| self.tokenizer.is_border(left, right))
    }

    /// How much of `units`, which are not empty, is the next chunk.
    fn cut(&self, units: &[u16]) -> usize {
        if units.len() <= 2 * CHUNK {
            return units.len();
        }
        let mut at = CHUNK;
        // Not within a pair.
        while units.get(at).is_some_and(|&unit| is_low(unit)) {
            at += 1;
        }
        let mut left = None;
        for right in characters(units.get(at..).unwrap_or_default()) {
            if left.is_some_and(|left| self.tokenizer.is_border(left, right)) {
                return at;
            }
            left = Some(right);
            at += right.len_utf16();
        }
        units.len()
    }
}

/// The tokens of a chunk at its place; `text` is room for it as UTF-8.
fn count(
    tokenizer: &impl Tokenizer,
    text: &mut String,
    units: &[u16],
    (first, last): (bool, bool),
) -> u64 {
    text.clear();
    text.extend(characters(units));
    tokenizer.count_part(text, first, last)
}

fn is_high(unit: u16) -> bool {
    matches!(unit, 0xd800..=0xdbff)
}

fn is_low(unit: u16) -> bool {
    matches!(unit, 0xdc00..=0xdfff)
}

/// The characters of UTF-16; a surrogate that is alone is U+FFFD, which is one code unit as well.
pub(crate) fn characters(units: &[u16]) -> impl Iterator<Item = char> {
    char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tokens are words with the space before them; counts are wrong if a cut is.
    struct Words;

    impl Tokenizer for Words {
        fn count(&self, text: &str) -> u64 {
            let spaced = |c: char| c == ' ';
            let ends =
                text.chars().zip(text.chars().skip(1)).filter(|&(l, r)| !spaced(l) && spaced(r));
            u64::from(!text.is_empty())
                + ends.count() as u64
                + 7 * text.matches('\u{fffd}').count() as u64
        }

        fn is_border(&self, left: char, right: char) -> bool {
            left != ' ' && right == ' '
        }
    }

    #[test]
    fn refuses_what_is_not_there() {
        let mut counter = LiveCounter::new(Words, &[65, 32]);
        assert!(counter.splice(1, 2, &[]).unwrap_err().message().contains("a text of 2"));
        assert!(counter.splice(3, 0, &[]).is_err());
        assert!(counter.splice(1, usize::MAX, &[]).is_err());
        assert_eq!((counter.tokens(), counter.length()), (2, 2));
        assert_eq!(counter.splice(2, 0, &[32, 66, 32]).unwrap(), 3);
    }

    fn units() -> impl Strategy<Value = Vec<u16>> {
        let unit =
            prop_oneof![4 => 97u16..100, 2 => Just(32), 1 => Just(0xd83d), 1 => Just(0xde00)];
        let repeated = (prop::collection::vec(unit.clone(), 1..9), 1usize..700);
        prop_oneof![
            3 => prop::collection::vec(unit, 0..6),
            1 => repeated.prop_map(|(units, times)| units.repeat(times)),
        ]
    }

    proptest! {
        #[test]
        fn equals_a_full_count_after_every_edit(
            text in units(),
            edits in prop::collection::vec((any::<(prop::sample::Index, prop::sample::Index)>(), units()), 0..40),
        ) {
            let mut counter = LiveCounter::new(Words, &text);
            let mut whole = text;
            for ((start, delete), insert) in edits {
                let start = start.index(whole.len() + 1);
                let delete = delete.index(whole.len() - start + 1) / 3;
                whole.splice(start..start + delete, insert.iter().copied());
                let found = counter.splice(start, delete, &insert).unwrap();
                prop_assert_eq!(found, Words.count(&String::from_utf16_lossy(&whole)));
                prop_assert_eq!(counter.length(), whole.len());
            }
        }
    }
}
