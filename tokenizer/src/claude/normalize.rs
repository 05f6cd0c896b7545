//! What Claude's tokenizer does to a text before anything else: canonical composition (NFC), then
//! some characters dropped or folded into others. A text that stays as it is, is not copied.
//!
//! Rules: `ctok` 1.3.0, `normalize.nfc`; NFC: Unicode Standard Annex 15 with the data of
//! Unicode 15.0.

use super::character::{Characters, Fold, Traits, decode, width};
use std::borrow::Cow;

/// Hangul syllables compose by arithmetic: The Unicode Standard 15.0, section 3.12.
mod hangul {
    pub(super) const SYLLABLES: u32 = 0xAC00;
    pub(super) const LEADS: u32 = 0x1100;
    pub(super) const VOWELS: u32 = 0x1161;
    pub(super) const TAILS: u32 = 0x11A7;
    pub(super) const LEAD_COUNT: u32 = 19;
    pub(super) const VOWEL_COUNT: u32 = 21;
    /// One of them is "no tail".
    pub(super) const TAIL_COUNT: u32 = 28;
    pub(super) const COUNT: u32 = LEAD_COUNT * VOWEL_COUNT * TAIL_COUNT;
}

/// Canonical decompositions, and the pairs that compose.
pub(super) struct Compositions {
    /// Character, first part, second part or 0; in the order of the characters.
    apart: Vec<(u32, u32, u32)>,
    /// First part, second part, character: a hash table, at most half full.
    together: Vec<(u32, u32, u32)>,
}

/// The slots of a table of `size` in the order in which they are looked at; `size` is a power of 2.
fn probe(first: usize, size: usize) -> impl Iterator<Item = usize> {
    (0..size).map(move |step| (first + step) & (size - 1))
}

/// Where a pair is looked for first.
fn slot_of(first: u32, second: u32) -> usize {
    (first.wrapping_mul(0x9E37_79B1) ^ second.wrapping_mul(0x85EB_CA6B)) as usize >> 5
}

impl Compositions {
    /// Of characters in order: the character, its first part, its second or 0, and whether they
    /// compose again.
    pub(super) fn new(all: &[(u32, u32, u32, bool)]) -> Self {
        let apart = all.iter().map(|&(point, first, second, _)| (point, first, second)).collect();
        let size = (2 * all.len()).next_power_of_two();
        let mut together = vec![(0, 0, 0); size];
        for &(point, first, second, recomposes) in all {
            if recomposes && second != 0 {
                let free = probe(slot_of(first, second), size)
                    .find(|&slot| together.get(slot).is_some_and(|&(_, _, point)| point == 0));
                if let Some(slot) = free.and_then(|slot| together.get_mut(slot)) {
                    *slot = (first, second, point);
                }
            }
        }
        Self { apart, together }
    }

    fn compose(&self, first: u32, second: u32) -> Option<u32> {
        use hangul::*;
        let (lead, vowel) = (first.wrapping_sub(LEADS), second.wrapping_sub(VOWELS));
        if lead < LEAD_COUNT && vowel < VOWEL_COUNT {
            return Some(SYLLABLES + (lead * VOWEL_COUNT + vowel) * TAIL_COUNT);
        }
        let (syllable, tail) = (first.wrapping_sub(SYLLABLES), second.wrapping_sub(TAILS));
        if syllable < COUNT
            && syllable.is_multiple_of(TAIL_COUNT)
            && (1..TAIL_COUNT).contains(&tail)
        {
            return Some(first + tail);
        }
        for slot in probe(slot_of(first, second), self.together.len()) {
            match self.together.get(slot) {
                Some(&(a, b, composed)) if a == first && b == second && composed != 0 => {
                    return Some(composed);
                }
                Some(&(_, _, composed)) if composed != 0 => {}
                _ => break,
            }
        }
        None
    }

    /// Appends the full canonical decomposition. A file that decomposes in circles gets no deeper
    /// than `depth`; the deepest of Unicode is 4.
    fn decompose(&self, point: u32, depth: u32, out: &mut impl FnMut(u32)) {
        use hangul::*;
        let syllable = point.wrapping_sub(SYLLABLES);
        if syllable < COUNT {
            out(LEADS + syllable / (VOWEL_COUNT * TAIL_COUNT));
            out(VOWELS + syllable / TAIL_COUNT % VOWEL_COUNT);
            if !syllable.is_multiple_of(TAIL_COUNT) {
                out(TAILS + syllable % TAIL_COUNT);
            }
            return;
        }
        let found = self.apart.binary_search_by_key(&point, |&(from, _, _)| from);
        match found.ok().filter(|_| depth > 0).and_then(|index| self.apart.get(index)) {
            None => out(point),
            Some(&(_, first, second)) => {
                self.decompose(first, depth - 1, out);
                if second != 0 {
                    self.decompose(second, depth - 1, out);
                }
            }
        }
    }
}

/// The text as Claude's tokenizer reads it.
pub(super) fn normalize<'a>(
    text: &'a str,
    characters: &Characters,
    compositions: &Compositions,
) -> Cow<'a, str> {
    // Printable ASCII, tabs and newlines: nothing to do, and quick to see.
    let (chunks, rest) = text.as_bytes().as_chunks::<32>();
    let plain = |&b: &u8| (b' '..0x7F).contains(&b) || b == b'\n' || b == b'\t';
    if chunks.iter().all(|chunk| chunk.iter().fold(true, |all, b| all & plain(b)))
        && rest.iter().all(plain)
    {
        return Cow::Borrowed(text);
    }
    match compose(text, characters, compositions) {
        Cow::Borrowed(text) => fold(text, characters),
        Cow::Owned(text) => match fold(&text, characters) {
            Cow::Owned(folded) => Cow::Owned(folded),
            Cow::Borrowed(_) => Cow::Owned(text),
        },
    }
}

/// Canonical composition.
fn compose<'a>(
    text: &'a str,
    characters: &Characters,
    compositions: &Compositions,
) -> Cow<'a, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut scratch = Scratch::default();
    // Everything before `copied` is in `out`; nothing from `barrier` on is changed by what is
    // before it.
    let (mut copied, mut barrier) = (0, 0);
    // The character before, and its traits.
    let mut before: Option<(u32, Traits)> = None;
    let mut at = 0;
    while let Some(&head) = bytes.get(at) {
        let point = decode(bytes, at, head);
        if head < 0x80 {
            (barrier, before) = (at, Some((point, Traits::default())));
            at += 1;
            continue;
        }
        let traits = characters.of(point);
        if traits.is_barrier() {
            barrier = at;
        } else if changes(traits, point, before, compositions) {
            let mut end = at;
            while let Some((traits, width)) = characters.at(bytes, end) {
                if traits.is_barrier() {
                    break;
                }
                end += width;
            }
            out.push_str(text.get(copied..barrier).unwrap_or_default());
            let region = text.get(barrier..end).unwrap_or_default();
            scratch.recompose(region, characters, compositions, &mut out);
            (copied, barrier, before, at) = (end, end, None, end);
            continue;
        }
        before = Some((point, traits));
        at += width(head);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Whether a character that is no barrier changes here, or may.
fn changes(
    traits: Traits,
    point: u32,
    before: Option<(u32, Traits)>,
    compositions: &Compositions,
) -> bool {
    if traits.changes_alone() {
        return true;
    }
    let class = traits.combining();
    let Some((first, before)) = before else { return false };
    let last = before.combining();
    if last != 0 {
        // Two marks: they may be out of order, and the second may reach past the first. A starter
        // composes with a starter that is right before it, not across marks.
        class != 0 && (last > class || traits.may_compose())
    } else {
        // A starter that is composed already may have taken in a mark that comes after this one.
        traits.may_compose()
            && (class != 0 && before.decomposes() || compositions.compose(first, point).is_some())
    }
}

/// Room for a stretch that is composed anew.
#[derive(Default)]
struct Scratch {
    /// Characters and their combining classes.
    parts: Vec<(u32, u8)>,
    sorted: Vec<(u32, u8)>,
    composed: Vec<u32>,
}

impl Scratch {
    /// Appends the canonical composition of a text that begins with a starter, or is the
    /// beginning.
    fn recompose(
        &mut self,
        text: &str,
        characters: &Characters,
        compositions: &Compositions,
        out: &mut String,
    ) {
        let Self { parts, sorted, composed } = self;
        parts.clear();
        composed.clear();
        let mut ordered = true;
        let mut last = 0;
        let mut push = |point: u32, class: u8| {
            ordered &= class == 0 || last <= class;
            last = class;
            parts.push((point, class));
        };
        for c in text.chars() {
            let traits = characters.of(c.into());
            if traits.changes_alone() || traits.is_composed() {
                compositions.decompose(c.into(), 8, &mut |point| {
                    push(point, characters.of(point).combining());
                });
            } else {
                push(c.into(), traits.combining());
            }
        }
        if !ordered {
            for marks in parts.chunk_by_mut(|a, b| a.1 != 0 && b.1 != 0) {
                order(marks, sorted);
            }
        }
        // Where the last starter is, and the class of the last character that stayed after it.
        let mut starter: Option<usize> = None;
        let mut last: Option<u8> = None;
        for &(point, class) in parts.iter() {
            let open = last.is_none_or(|last| last < class);
            let first = starter.filter(|_| open).and_then(|at| composed.get_mut(at));
            if let Some(first) = first
                && let Some(together) = compositions.compose(*first, point)
            {
                *first = together;
                continue;
            }
            if class == 0 {
                (starter, last) = (Some(composed.len()), None);
            } else {
                last = Some(class);
            }
            composed.push(point);
        }
        out.extend(composed.iter().copied().filter_map(char::from_u32));
    }
}

/// Puts marks in the order of their classes, those of one class as they were. There are few, or
/// somebody wants to see us slow: then their classes are counted.
fn order(marks: &mut [(u32, u8)], room: &mut Vec<(u32, u8)>) {
    if marks.len() <= 32 {
        for end in 1..marks.len() {
            for at in (1..=end).rev() {
                match marks.get_mut(at - 1..=at) {
                    Some([a, b]) if a.1 > b.1 => std::mem::swap(a, b),
                    _ => break,
                }
            }
        }
        return;
    }
    let mut starts = [0usize; 256];
    for &(_, class) in marks.iter() {
        if let Some(count) = starts.get_mut(usize::from(class)) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += std::mem::replace(start, sum);
    }
    room.clear();
    room.extend_from_slice(marks);
    for &(point, class) in room.iter() {
        if let Some(start) = starts.get_mut(usize::from(class)) {
            if let Some(place) = marks.get_mut(*start) {
                *place = (point, class);
            }
            *start += 1;
        }
    }
}

/// Drops and folds characters.
fn fold<'a>(text: &'a str, characters: &Characters) -> Cow<'a, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    // Whether something was dropped late since the last character that stayed.
    let mut parted = false;
    let mut at = 0;
    while let Some((traits, width)) = characters.at(bytes, at) {
        let fold = traits.fold();
        let kept = match fold {
            Fold::Keep => {
                at += width;
                parted = false;
                continue;
            }
            Fold::DropEarly => "",
            Fold::Drop => {
                parted = true;
                ""
            }
            Fold::Space => " ",
            Fold::Apostrophe => "'",
            Fold::Quote => "\"",
            Fold::SaraAa => {
                let begun = text.get(copied..at).unwrap_or_default();
                let behind = if begun.is_empty() { out.as_str() } else { begun };
                if parted || !behind.ends_with('\u{E4D}') {
                    at += width;
                    parted = false;
                    continue;
                }
                out.push_str(begun);
                out.pop();
                copied = at;
                "\u{E33}"
            }
        };
        parted &= kept.is_empty();
        out.push_str(text.get(copied..at).unwrap_or_default());
        out.push_str(kept);
        at += width;
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::decode;
    use crate::vocabulary;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static TABLES: LazyLock<(Characters, Compositions)> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vocabularies/claude-4.7.bin");
        let file = std::fs::read(path).unwrap();
        let contents = decode::contents(vocabulary::read(&file).unwrap().1).unwrap();
        (contents.characters, contents.compositions)
    });

    /// Without a look at what may stay as it is.
    fn from_scratch(text: &str) -> String {
        let mut out = String::new();
        Scratch::default().recompose(text, &TABLES.0, &TABLES.1, &mut out);
        out
    }

    fn all(is: impl Fn(Traits) -> bool) -> Vec<char> {
        (0..0x11_0000).filter_map(char::from_u32).filter(|&c| is(TABLES.0.of(c.into()))).collect()
    }

    #[test]
    fn composes_what_is_known() {
        for (text, composed) in [
            ("e\u{301}", "é"),
            ("\u{1fa0}\u{301}", "\u{1fa4}"),
            ("\u{3c9}\u{345}\u{313}\u{301}", "\u{1fa4}"),
            ("a\u{323}\u{302}", "ậ"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("\u{212b}\u{958}\u{344}", "Å\u{915}\u{93c}\u{308}\u{301}"),
            ("\u{1d15e}", "\u{1d157}\u{1d165}"),
            ("\u{9c7}\u{9be}", "\u{9cb}"),
        ] {
            assert_eq!(compose(text, &TABLES.0, &TABLES.1), composed);
        }
    }

    /// Every character that is composed or composes, before every one that may change.
    #[test]
    fn sees_every_pair_that_changes() {
        let second = all(|traits| !traits.is_barrier());
        let mut first = all(Traits::decomposes);
        first.extend("aωאक字\u{1100}가각".chars());
        first.extend(&second);
        assert!(first.len() > 2_500 && second.len() > 2_000);
        for &a in &first {
            for &b in &second {
                let text = String::from_iter([a, b]);
                assert_eq!(compose(&text, &TABLES.0, &TABLES.1), from_scratch(&text), "{text:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn equals_composition_from_scratch(
            places in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8), 0..8),
        ) {
            static SETS: LazyLock<[Vec<char>; 4]> = LazyLock::new(|| [
                all(Traits::decomposes),
                all(|traits| traits.may_compose()),
                all(|traits| traits.combining() != 0),
                "aeoωαחक字 \u{1100}\u{1161}가".chars().collect(),
            ]);
            let text: String =
                places.iter().map(|(at, set)| *at.get(&SETS[usize::from(*set)])).collect();
            prop_assert_eq!(compose(&text, &TABLES.0, &TABLES.1), from_scratch(&text));
        }
    }
}
