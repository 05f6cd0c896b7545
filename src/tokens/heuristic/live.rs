//! The estimate of a text that is edited, at a cost that follows the edit and not the text.
//!
//! The estimate rests on counts, and counts add up. An edit takes away what its stretch of the text
//! counted and adds what it counts then; the stretch reaches to the next places on both sides where
//! one kind of character ends and another begins, since nothing that is counted looks further.

use super::estimate_features;
use super::features::{Features, Kind, kind_of};
use crate::catalog::Tokenizer;
use crate::error::{Error, Result};
use crate::tokens::Interval;

/// The estimate of a text while it is edited. Offsets and lengths are in UTF-16 code units, as
/// JavaScript has them; a surrogate that is alone counts as U+FFFD.
pub struct LiveEstimate {
    tokenizer: Tokenizer,
    features: Features,
    /// The text before the last edit's end, and the text after it, backwards: an edit near the last
    /// one moves little.
    before: Vec<u16>,
    after: Vec<u16>,
}

impl LiveEstimate {
    /// Begins with `text`, which is UTF-16.
    pub fn new(tokenizer: Tokenizer, text: &[u16]) -> Self {
        let features = Features::default();
        let mut live = Self { tokenizer, features, before: text.to_vec(), after: Vec::new() };
        live.features = live.count(0, text.len());
        live
    }

    /// What the whole text is estimated at: the same as [`super::estimate`] says of it.
    pub fn estimate(&self) -> Interval {
        estimate_features(&self.features, &self.tokenizer)
    }

    /// The length of the text, in UTF-16 code units.
    pub fn length(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Replaces `delete` code units at `start` by `insert`.
    ///
    /// # Errors
    /// `invalid_input` where the text does not reach so far; it stays as it is.
    pub fn splice(&mut self, start: usize, delete: usize, insert: &[u16]) -> Result<()> {
        let length = self.length();
        let end = start.checked_add(delete).filter(|&end| end <= length).ok_or_else(|| {
            Error::invalid_input(format!(
                "splice deletes {delete} from offset {start}, wanted within a text of {length}"
            ))
        })?;
        // Two units away, so that no surrogate beside the border finds or loses its other half.
        let left = (1..start.saturating_sub(1)).rev().find(|&at| self.is_border(at)).unwrap_or(0);
        let right = (end + 2..length).find(|&at| self.is_border(at)).unwrap_or(length);
        self.features.take(&self.count(left, right));
        while self.before.len() > start {
            self.after.extend(self.before.pop());
        }
        while self.before.len() < start {
            self.before.extend(self.after.pop());
        }
        self.after.truncate(length - end);
        self.before.extend_from_slice(insert);
        let come = self.count(left, right - delete + insert.len());
        self.features.put(&come);
        Ok(())
    }

    /// What a stretch of the text counts, after what stands before it.
    fn count(&self, left: usize, right: usize) -> Features {
        let mut features = Features::default();
        let before = self.character_before(left).map(kind_of);
        let units = (left..right).filter_map(|at| self.unit(at));
        let mut characters =
            char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER));
        features.add_characters(before, &mut characters);
        features
    }

    /// Whether a run of one kind of character ends here and another begins.
    fn is_border(&self, at: usize) -> bool {
        let (Some(before), Some(after)) = (self.character_before(at), self.character_at(at)) else {
            return false;
        };
        let (before, after) = (kind_of(before), kind_of(after));
        let inside = self.unit(at).is_some_and(is_low)
            && at.checked_sub(1).and_then(|at| self.unit(at)).is_some_and(is_high);
        !inside && before != after && before != Kind::Mark && after != Kind::Mark
    }

    fn unit(&self, at: usize) -> Option<u16> {
        match at.checked_sub(self.before.len()) {
            None => self.before.get(at).copied(),
            Some(at) => self.after.get(self.after.len().checked_sub(at + 1)?).copied(),
        }
    }

    fn character_at(&self, at: usize) -> Option<char> {
        let units = [self.unit(at)?, self.unit(at + 1).unwrap_or_default()];
        char::decode_utf16(units).next().map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn character_before(&self, at: usize) -> Option<char> {
        let last = self.unit(at.checked_sub(1)?)?;
        let high = at.checked_sub(2).and_then(|at| self.unit(at)).filter(|&unit| is_high(unit));
        let start = if is_low(last) && high.is_some() { at - 2 } else { at - 1 };
        self.character_at(start)
    }
}

fn is_high(unit: u16) -> bool {
    matches!(unit, 0xd800..=0xdbff)
}

fn is_low(unit: u16) -> bool {
    matches!(unit, 0xdc00..=0xdfff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_not_there() {
        let mut live = LiveEstimate::new(Tokenizer::Claude3, &[65, 32]);
        assert!(live.splice(1, 2, &[]).unwrap_err().message().contains("a text of 2"));
        assert!(live.splice(1, usize::MAX, &[]).is_err());
        live.splice(0, 2, &[]).unwrap();
        assert_eq!((live.length(), live.estimate()), (0, Interval::exact(0)));
    }

    /// Letters, marks, digits, white space, Han, punctuation and halves of pairs, alone and in runs.
    fn units() -> impl Strategy<Value = Vec<u16>> {
        let unit = prop::sample::select(vec![
            97, 98, 65, 66, 0xe9, 0x301, 48, 57, 32, 10, 9, 0x2e, 0x2e, 0x7b, 0x4e2d, 0x3042,
            0x430, 0x300, 0xd83d, 0xde00, 0xd83d, 0xde00, 0x200d, 0xfe0f, 0x1b,
        ]);
        let repeated = (unit.clone(), 1_usize..40).prop_map(|(unit, times)| vec![unit; times]);
        prop_oneof![3 => prop::collection::vec(unit, 0..12), 1 => repeated]
    }

    proptest! {
        #[test]
        fn equals_the_estimate_of_the_whole_after_every_edit(
            text in prop::collection::vec(units(), 0..6),
            edits in prop::collection::vec((any::<(prop::sample::Index, prop::sample::Index)>(), units()), 0..30),
        ) {
            let mut whole = text.concat();
            let mut live = LiveEstimate::new(Tokenizer::Claude3, &whole);
            for ((start, delete), insert) in edits {
                let start = start.index(whole.len() + 1);
                let delete = delete.index(whole.len() - start + 1) / 2;
                whole.splice(start..start + delete, insert.iter().copied());
                live.splice(start, delete, &insert).unwrap();
                let text = String::from_utf16_lossy(&whole);
                prop_assert_eq!(&live.features, &Features::of(&text), "{:?}", text);
                prop_assert_eq!(live.estimate(), super::super::estimate(&text, &Tokenizer::Claude3));
                prop_assert_eq!(live.length(), whole.len());
            }
        }
    }
}
