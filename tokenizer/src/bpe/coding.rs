//! How the merges of a vocabulary are written: about 25 bits for each, and no file compresses
//! further.
//!
//! A byte-pair vocabulary is a list of merges: token 256 + i is made of two earlier tokens, *left*
//! and *right*. Both are coded with an adaptive binary range coder under a simple model of how
//! tokens meet:
//!
//! - every token has a [`Class`] by the character it begins with and one by the character it ends
//!   with; the class of *right*'s beginning is coded given the class of *left*'s end, because
//!   scripts keep to themselves and small letters follow small letters;
//! - within a class, a token is coded by its place in a list that is kept sorted by how often each
//!   token has been used so far, so that common tokens have small places.
//!
//! What the coder and the decoder share is [`Model`]; they differ in the [`Coder`] it is run with,
//! so they cannot drift apart. Nothing here trusts its input.

use crate::error::{Error, Result};

/// The number of single bytes, which are the first tokens.
pub(super) const BYTES: usize = 256;
/// More tokens than any vocabulary has; an id fits in 18 bits, which the tables rely on.
pub(super) const MAXIMUM_TOKENS: usize = 1 << 18;

/// Classes of what a token ends with are below this, and a tree of their bits has as many nodes.
const ENDINGS: usize = 64;
/// Classes of what a token begins with, twice: as it is, and behind a space.
const BEGINNINGS: usize = 128;

/// The class of a byte as the beginning of a character.
fn class_of_byte(byte: u8) -> u8 {
    match byte {
        b' ' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        b'\n' | b'\r' | b'\t' => 4,
        0..=0x7f => 5,
        // A continuation byte tells nothing of its script.
        0x80..=0xbf => CONTINUATION,
        // Lead bytes tell the script: Cyrillic, Arabic, Devanagari, Han ...
        0xc0..=0xef => byte - 0xc0 + 7,
        0xf0..=0xff => 55,
    }
}

/// The class of a continuation byte.
const CONTINUATION: u8 = 6;
/// Added to the class of what stands behind a space, whose own class is 0.
const BEHIND_SPACE: u8 = 64;

/// What a token looks like from its two sides.
#[derive(Clone, Copy, Default)]
struct Class {
    /// The class of its first byte; behind a space that of the second byte, and 64.
    beginning: u8,
    /// The class of the first byte of its last character.
    ending: u8,
}

impl Class {
    fn of_byte(byte: u8) -> Self {
        let class = class_of_byte(byte);
        Self { beginning: class, ending: class }
    }

    fn of_merge(left: Self, left_is_space: bool, right: Self) -> Self {
        let first_of_right = if right.beginning < BEHIND_SPACE { right.beginning } else { 0 };
        Self {
            beginning: if left_is_space { BEHIND_SPACE + first_of_right } else { left.beginning },
            ending: if right.ending == CONTINUATION { left.ending } else { right.ending },
        }
    }
}

/// Either half of the coder: takes what is to be coded and gives it back (coding), or ignores what it
/// is given and gives back what was coded (decoding).
trait Coder {
    /// A value below `N` with its adaptive frequencies, which learn it.
    fn symbol<const N: usize>(&mut self, symbols: &mut Symbols<N>, value: u32) -> u32;
    /// The lowest `count <= 18` bits of `bits`, all equally likely.
    fn raw(&mut self, count: u32, bits: u32) -> u32;
}

/// Frequencies are in units of 2^-10.
const SCALE_BITS: u32 = 10;
const SCALE: usize = 1 << SCALE_BITS;
/// The slot of values that were not seen yet; they are coded in full behind it.
const UNSEEN: u8 = 255;
/// Counts are halved when there are so many, so that the frequencies follow.
const MEMORY: u16 = 2048;

/// How often each value below `N`, a power of two, was seen.
///
/// The frequencies follow the counts at lengthening intervals, as to find a value's place must be a
/// mere look-up: decoding is a part of the time to the first count.
#[derive(Clone)]
struct Symbols<const N: usize> {
    counts: [u16; N],
    total: u16,
    /// At which total the frequencies are next brought up to date.
    due: u16,
    /// By value: where its slots begin, and how many there are.
    ranges: [(u16, u16); N],
    /// By slot: the value it belongs to.
    slots: [u8; SCALE],
}

impl<const N: usize> Symbols<N> {
    const NEW: Self =
        Self { counts: [0; N], total: 0, due: 1, ranges: [(0, 0); N], slots: [UNSEEN; SCALE] };

    /// The slots of what was not seen, which stand first.
    fn unseen(&self) -> (u16, u16) {
        (
            0,
            self.ranges
                .iter()
                .filter(|range| range.1 > 0)
                .map(|range| range.0)
                .min()
                .unwrap_or(SCALE as u16),
        )
    }

    #[inline]
    fn learn(&mut self, value: u32) {
        if let Some(count) = self.counts.get_mut(value as usize) {
            *count += 1;
        }
        self.total += 1;
        if self.total >= self.due {
            self.update();
        }
    }

    /// Brings the frequencies up to date.
    #[inline(never)]
    fn update(&mut self) {
        if self.total >= MEMORY {
            self.total = 0;
            for count in &mut self.counts {
                // What was seen stays seen.
                *count = count.div_ceil(2);
                self.total += *count;
            }
        }
        self.due = self.total + self.total / 2 + 1;
        let seen = self.counts.iter().filter(|&&count| count > 0).count();
        // One slot for everything unseen, one for each value seen; the others by the counts.
        let share = (SCALE - 1 - seen) as u32;
        let slots = |count: u16| match count {
            0 => 0,
            _ => 1 + (u32::from(count) * share / u32::from(self.total)) as usize,
        };
        let mut start = SCALE - self.counts.iter().map(|&count| slots(count)).sum::<usize>();
        self.slots.get_mut(..start).unwrap_or_default().fill(UNSEEN);
        for ((value, &count), range) in (0..).zip(&self.counts).zip(&mut self.ranges) {
            let length = slots(count);
            *range = (start as u16, length as u16);
            self.slots.get_mut(start..start + length).unwrap_or_default().fill(value);
            start += length;
        }
    }
}

/// Codes a number below 2^18: its length in bits, then the bits behind the leading one, which are as
/// good as noise.
#[inline]
fn code_number(coder: &mut impl Coder, lengths: &mut Symbols<32>, value: u32) -> u32 {
    let value = value + 1;
    // Lengths that no coder writes are cut to what is coded below.
    let bits = coder.symbol(lengths, value.ilog2()).min(18);
    let leading = 1 << bits;
    (leading | coder.raw(bits, value & (leading - 1))) - 1
}

/// The tokens of each class, the most used first.
struct Ranking {
    /// A token and how often it was used, in one number: to look up both costs one miss of the
    /// cache, and that is what decoding spends its time on.
    lists: Vec<Vec<u32>>,
    /// By class: how many tokens were used more than `n` times, for every `n` that occurred.
    above: Vec<Vec<u32>>,
}

impl Ranking {
    const USE: u32 = MAXIMUM_TOKENS as u32;
    const TOKEN: u32 = Self::USE - 1;

    fn new(classes: usize) -> Self {
        Self { lists: vec![Vec::new(); classes], above: vec![Vec::new(); classes] }
    }

    fn add(&mut self, class: u8, token: u32) {
        if let Some(list) = self.lists.get_mut(usize::from(class)) {
            list.push(token);
        }
    }

    /// The place of `token`, for the coder.
    fn place(&self, class: u8, token: u32) -> Option<u32> {
        let list = self.lists.get(usize::from(class))?;
        list.iter().position(|entry| entry & Self::TOKEN == token).map(|place| place as u32)
    }

    /// The token at `place`, which is used once more.
    #[inline]
    fn take(&mut self, class: u8, place: u32) -> Option<u32> {
        let list = self.lists.get_mut(usize::from(class))?;
        let above = self.above.get_mut(usize::from(class))?;
        let entry = *list.get(place as usize)?;
        let uses = (entry / Self::USE) as usize;
        // A token that was used so often that it cannot be counted further keeps its place.
        if let Some(used) = entry.checked_add(Self::USE) {
            if above.len() <= uses {
                above.push(0);
            }
            // The first token that was used no more often changes places with this one: the list
            // stays sorted without a search.
            let boundary = above.get_mut(uses)?;
            let other = *list.get(*boundary as usize)?;
            *list.get_mut(place as usize)? = other;
            *list.get_mut(*boundary as usize)? = used;
            *boundary += 1;
        }
        Some(entry & Self::TOKEN)
    }
}

/// What is known so far, the same while coding and decoding.
struct Model {
    classes: Vec<Class>,
    space: u32,
    lefts: Ranking,
    rights: Ranking,
    ending: Symbols<ENDINGS>,
    left: Vec<Symbols<32>>,
    beginning: Vec<Symbols<BEGINNINGS>>,
    right: Vec<Symbols<32>>,
}

impl Model {
    fn new(alphabet: &[u8; BYTES], tokens: usize) -> Self {
        let mut model = Self {
            classes: Vec::with_capacity(tokens),
            space: alphabet.iter().position(|&byte| byte == b' ').unwrap_or(0) as u32,
            lefts: Ranking::new(ENDINGS),
            rights: Ranking::new(BEGINNINGS),
            ending: Symbols::NEW,
            left: vec![Symbols::NEW; ENDINGS],
            beginning: vec![Symbols::NEW; 2 * ENDINGS],
            right: vec![Symbols::NEW; 2 * BEGINNINGS],
        };
        for &byte in alphabet {
            model.add(Class::of_byte(byte));
        }
        model
    }

    fn add(&mut self, class: Class) {
        let token = self.classes.len() as u32;
        self.classes.push(class);
        self.lefts.add(class.ending, token);
        self.rights.add(class.beginning, token);
    }

    fn class(&self, token: u32) -> Option<Class> {
        self.classes.get(token as usize).copied()
    }

    /// Codes one merge, the one that is given where the coder writes, and learns from it. `None`
    /// where a place is not there.
    ///
    /// Not a part of the loop around it: WebAssembly engines run a function as first compiled,
    /// several times slower, until a later call.
    #[inline(never)]
    fn code(&mut self, coder: &mut impl Coder, merge: Option<(u32, u32)>) -> Option<(u32, u32)> {
        let (mut ending, mut beginning, mut left_place, mut right_place) = (0, 0, 0, 0);
        if let Some((left, right)) = merge {
            (ending, beginning) = (self.class(left)?.ending, self.class(right)?.beginning);
            left_place = self.lefts.place(ending, left)?;
            right_place = self.rights.place(beginning, right)?;
        }

        let ending = coder.symbol(&mut self.ending, ending.into()) as u8;
        let length = self.left.get_mut(usize::from(ending))?;
        let left = self.lefts.take(ending, code_number(coder, length, left_place))?;

        let spaced = usize::from(left == self.space);
        let models = self.beginning.get_mut(2 * usize::from(ending) + spaced)?;
        let beginning = coder.symbol(models, beginning.into()) as u8;
        let length = self.right.get_mut(2 * usize::from(beginning) + spaced)?;
        let right = self.rights.take(beginning, code_number(coder, length, right_place))?;

        self.add(Class::of_merge(self.class(left)?, spaced == 1, self.class(right)?));
        Some((left, right))
    }
}

/// The state of either half is at least this between two steps, and below it times 2^32.
const LEAST_STATE: u64 = 1 << 31;

/// Reads: the state (8 bytes, little endian), then words of 4 bytes that refill it. Behind the end of
/// the bytes there are zeros.
struct Decoder<'a> {
    words: std::slice::Iter<'a, [u8; 4]>,
    state: u64,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { words: bytes.as_chunks().0.iter(), state: 0 };
        decoder.state = decoder.word() | decoder.word() << 32;
        decoder
    }

    #[inline]
    fn word(&mut self) -> u64 {
        self.words.next().map_or(0, |word| u32::from_le_bytes(*word)).into()
    }

    #[inline]
    fn refill(&mut self) {
        if self.state < LEAST_STATE {
            self.state = self.state << 32 | self.word();
        }
    }
}

impl Coder for Decoder<'_> {
    #[inline]
    fn symbol<const N: usize>(&mut self, symbols: &mut Symbols<N>, _: u32) -> u32 {
        let slot = self.state as usize % SCALE;
        let symbol = symbols.slots.get(slot).copied().unwrap_or(UNSEEN);
        let (start, length) = match symbols.ranges.get(usize::from(symbol)) {
            Some(range) => *range,
            None => symbols.unseen(),
        };
        self.state = u64::from(length) * (self.state >> SCALE_BITS)
            + (slot as u64).saturating_sub(start.into());
        self.refill();
        let value = match symbol {
            UNSEEN => self.raw(N.ilog2(), 0),
            seen => seen.into(),
        };
        symbols.learn(value);
        value
    }

    #[inline]
    fn raw(&mut self, count: u32, _: u32) -> u32 {
        let bits = self.state as u32 & ((1 << count) - 1);
        self.state >>= count;
        self.refill();
        bits
    }
}

/// Writes. What is read first must be written last, so the steps are kept until the end.
#[derive(Default)]
struct Encoder {
    /// Of each step: the first slot, how many there are, and of how many as a power of two.
    steps: Vec<(u32, u32, u32)>,
}

impl Encoder {
    fn finish(self) -> Vec<u8> {
        let mut words = Vec::new();
        let mut state = LEAST_STATE;
        for (start, length, scale) in self.steps.into_iter().rev() {
            let length = u64::from(length);
            // Below this the state stays below its limit.
            if state >= (LEAST_STATE >> scale << 32) * length {
                words.push(state as u32);
                state >>= 32;
            }
            state = ((state / length) << scale) + state % length + u64::from(start);
        }
        words.extend([(state >> 32) as u32, state as u32]);
        words.iter().rev().flat_map(|word| word.to_le_bytes()).collect()
    }
}

impl Coder for Encoder {
    fn symbol<const N: usize>(&mut self, symbols: &mut Symbols<N>, value: u32) -> u32 {
        let range = symbols.ranges.get(value as usize).copied().filter(|range| range.1 > 0);
        let (start, length) = range.unwrap_or_else(|| symbols.unseen());
        self.steps.push((start.into(), length.into(), SCALE_BITS));
        if range.is_none() {
            self.raw(N.ilog2(), value);
        }
        symbols.learn(value);
        value
    }

    fn raw(&mut self, count: u32, bits: u32) -> u32 {
        self.steps.push((bits, 1, count));
        bits
    }
}

/// A vocabulary as it is learnt: the bytes in the order of their ids, then what each further token
/// is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merges {
    /// The byte of each of the first 256 tokens; every byte once.
    pub alphabet: [u8; BYTES],
    /// The two parts of token `256 + index`; both are smaller than it.
    pub pairs: Vec<(u32, u32)>,
}

impl Merges {
    /// The payload of a vocabulary file: the alphabet (256 bytes), the number of merges (4 bytes,
    /// little endian), the coded merges.
    ///
    /// # Errors
    ///
    /// `invalid_input` where a merge is made of itself or of a later token, or where there are too
    /// many.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let tokens = BYTES + self.pairs.len();
        if tokens > MAXIMUM_TOKENS {
            return Err(Error::invalid_input(format!(
                "vocabulary has {tokens} tokens, wanted at most {MAXIMUM_TOKENS}"
            )));
        }
        let mut model = Model::new(&self.alphabet, tokens);
        let mut coder = Encoder::default();
        for (token, &(left, right)) in (BYTES as u32..).zip(&self.pairs) {
            if model.code(&mut coder, Some((left, right))).is_none() {
                return Err(Error::invalid_input(format!(
                    "vocabulary's token {token} is made of {left} and {right}, wanted earlier tokens"
                )));
            }
        }
        let count = (self.pairs.len() as u32).to_le_bytes();
        Ok([&self.alphabet[..], &count, &coder.finish()].concat())
    }

    /// Reads what [`Merges::encode`] wrote.
    ///
    /// # Errors
    ///
    /// `invalid_input` where the payload is too short, has too many tokens, or does not decode.
    pub fn decode(payload: &[u8]) -> Result<Self> {
        let wrong = |what: &str| Error::invalid_input(format!("vocabulary is malformed: {what}"));
        let (alphabet, rest) =
            payload.split_first_chunk::<BYTES>().ok_or_else(|| wrong("no alphabet"))?;
        let (count, coded) = rest.split_first_chunk::<4>().ok_or_else(|| wrong("no length"))?;
        let mut seen = [false; BYTES];
        for &byte in alphabet {
            if let Some(seen) = seen.get_mut(usize::from(byte)) {
                *seen = true;
            }
        }
        if seen.contains(&false) {
            return Err(wrong("its alphabet is not every byte once"));
        }
        let count = u32::from_le_bytes(*count) as usize;
        if count > MAXIMUM_TOKENS - BYTES {
            return Err(wrong(&format!("{count} merges, wanted fewer than {MAXIMUM_TOKENS}")));
        }
        let mut model = Model::new(alphabet, BYTES + count);
        let mut coder = Decoder::new(coded);
        let mut pairs = Vec::with_capacity(count);
        for index in 0..count {
            let pair = model.code(&mut coder, None);
            pairs.push(pair.ok_or_else(|| wrong(&format!("merge {index} does not decode")))?);
        }
        Ok(Self { alphabet: *alphabet, pairs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn merges() -> impl Strategy<Value = Merges> {
        let alphabet = Just((0..=255u8).collect::<Vec<_>>()).prop_shuffle();
        let choices =
            prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..600);
        (alphabet, choices).prop_map(|(alphabet, choices)| Merges {
            alphabet: alphabet.try_into().unwrap(),
            pairs: choices
                .iter()
                .enumerate()
                .map(|(i, (l, r))| (l.index(BYTES + i) as u32, r.index(BYTES + i) as u32))
                .collect(),
        })
    }

    proptest! {
        #[test]
        fn decodes_what_it_encoded(merges in merges()) {
            prop_assert_eq!(Merges::decode(&merges.encode().unwrap()).unwrap(), merges);
        }

        #[test]
        fn takes_any_payload(merges in merges(), bytes: Vec<u8>, count in 0u32..2000) {
            let _ = Merges::decode(&bytes);
            let payload = [&merges.alphabet[..], &count.to_le_bytes(), &bytes].concat();
            if let Ok(found) = Merges::decode(&payload) {
                prop_assert_eq!(found.pairs.len(), count as usize);
                for (token, (left, right)) in (BYTES as u32..).zip(found.pairs) {
                    prop_assert!(left < token && right < token);
                }
            }
        }
    }

    #[test]
    fn refuses_what_cannot_be() {
        let alphabet = std::array::from_fn(|i| i as u8);
        assert!(Merges { alphabet, pairs: vec![(256, 0)] }.encode().is_err());
        assert!(Merges::decode(&[0; 400]).unwrap_err().message().contains("every byte once"));
        let payload = [&alphabet[..], &u32::MAX.to_le_bytes()].concat();
        assert!(Merges::decode(&payload).is_err());
    }
}
