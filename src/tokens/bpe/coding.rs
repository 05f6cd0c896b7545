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

/// Either half of the coder: takes a bit with its model and gives back the same bit (coding), or
/// ignores what it is given and gives back the bit that was coded (decoding).
trait Coder {
    /// A bit under an adaptive model.
    fn bit(&mut self, model: &mut u16, bit: u32) -> u32;
    /// The lowest `count <= 18` bits of `bits`, all equally likely.
    fn raw(&mut self, count: u32, bits: u32) -> u32;
}

/// A number of `BITS` bits, each under a model that knows the bits above it.
fn code_tree<const NODES: usize>(
    coder: &mut impl Coder,
    models: &mut [u16; NODES],
    value: u32,
) -> u32 {
    let mut node = 1;
    for level in (0..NODES.ilog2()).rev() {
        let Some(model) = models.get_mut(node) else { break };
        node = node << 1 | coder.bit(model, value >> level & 1) as usize;
    }
    (node - NODES) as u32
}

/// The models of how long a number is. The bits behind its leading one are as good as noise.
type Length = [u16; 32];

/// Codes a number below 2^18.
fn code_number(coder: &mut impl Coder, length: &mut Length, value: u32) -> u32 {
    let value = value + 1;
    // Lengths that no coder writes are cut to what is coded below.
    let bits = code_tree(coder, length, value.ilog2()).min(18);
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
    ending: [u16; ENDINGS],
    left: Vec<Length>,
    beginning: Vec<[u16; BEGINNINGS]>,
    right: Vec<Length>,
}

impl Model {
    fn new(alphabet: &[u8; BYTES], tokens: usize) -> Self {
        let mut model = Self {
            classes: Vec::with_capacity(tokens),
            space: alphabet.iter().position(|&byte| byte == b' ').unwrap_or(0) as u32,
            lefts: Ranking::new(ENDINGS),
            rights: Ranking::new(BEGINNINGS),
            ending: [EVEN; ENDINGS],
            left: vec![[EVEN; 32]; ENDINGS],
            beginning: vec![[EVEN; BEGINNINGS]; 2 * ENDINGS],
            right: vec![[EVEN; 32]; 2 * BEGINNINGS],
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

        let ending = code_tree(coder, &mut self.ending, ending.into()) as u8;
        let length = self.left.get_mut(usize::from(ending))?;
        let left = self.lefts.take(ending, code_number(coder, length, left_place))?;

        let spaced = usize::from(left == self.space);
        let models = self.beginning.get_mut(2 * usize::from(ending) + spaced)?;
        let beginning = code_tree(coder, models, beginning.into()) as u8;
        let length = self.right.get_mut(2 * usize::from(beginning) + spaced)?;
        let right = self.rights.take(beginning, code_number(coder, length, right_place))?;

        self.add(Class::of_merge(self.class(left)?, spaced == 1, self.class(right)?));
        Some((left, right))
    }
}

/// A model that knows nothing: both bits are equally likely. Models are probabilities of a 0 in
/// units of 2^-15.
const EVEN: u16 = 1 << (MODEL_BITS - 1);
const MODEL_BITS: u32 = 15;
/// How fast a model follows what it sees.
const ADAPTATION: u32 = 6;

/// Learns a bit, which is all ones in `mask` if it is 1. A model stays within 64..=32705: both bits
/// remain possible. No branch: bits are what a processor cannot foresee.
#[inline]
fn adapt(model: &mut u16, mask: u64) {
    let aim = (1 << MODEL_BITS) - (mask as i32 & ((1 << MODEL_BITS) - (1 << ADAPTATION)));
    let from = i32::from(*model);
    *model = (from + ((aim - from) >> ADAPTATION)) as u16;
}

/// Reads the bits. Behind the end of the bytes there are zeros.
///
/// The range has 64 bits and is refilled by 32 when it has fewer than that left.
struct Decoder<'a> {
    words: std::slice::Iter<'a, [u8; 4]>,
    tail: &'a [u8],
    range: u64,
    /// How far the coded number lies above the lower end of the range.
    offset: u64,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let (words, tail) = bytes.as_chunks();
        let mut decoder = Self { words: words.iter(), tail, range: u64::MAX, offset: 0 };
        decoder.offset = decoder.word() << 32;
        decoder.offset |= decoder.word();
        decoder
    }

    #[cold]
    fn last_word(&mut self) -> u64 {
        let mut word = [0; 4];
        for (to, from) in word.iter_mut().zip(std::mem::take(&mut self.tail)) {
            *to = *from;
        }
        u32::from_be_bytes(word).into()
    }

    #[inline]
    fn word(&mut self) -> u64 {
        match self.words.next() {
            Some(word) => u32::from_be_bytes(*word).into(),
            None => self.last_word(),
        }
    }

    #[inline]
    fn refill(&mut self) {
        if self.range >> 32 == 0 {
            self.range <<= 32;
            self.offset = self.offset << 32 | self.word();
        }
    }
}

impl Coder for Decoder<'_> {
    #[inline]
    fn bit(&mut self, model: &mut u16, _: u32) -> u32 {
        let bound = (self.range >> MODEL_BITS) * u64::from(*model);
        let bit = u64::from(self.offset >= bound);
        let mask = bit.wrapping_neg();
        self.offset -= bound & mask;
        self.range = (self.range & mask).wrapping_add((bound ^ mask).wrapping_sub(mask));
        adapt(model, mask);
        self.refill();
        bit as u32
    }

    #[inline]
    fn raw(&mut self, count: u32, _: u32) -> u32 {
        self.range >>= count;
        let bits = (self.offset / self.range).min((1 << count) - 1);
        self.offset -= bits * self.range;
        self.refill();
        bits as u32
    }
}

/// Writes the bits.
struct Encoder {
    bytes: Vec<u8>,
    range: u64,
    low: u64,
}

impl Encoder {
    fn refill(&mut self) {
        if self.range >> 32 == 0 {
            self.range <<= 32;
            self.bytes.extend_from_slice(&((self.low >> 32) as u32).to_be_bytes());
            self.low <<= 32;
        }
    }

    /// Raises the lower end, carrying into what was written.
    fn raise(&mut self, by: u64) {
        let (low, carry) = self.low.overflowing_add(by);
        self.low = low;
        if carry {
            for byte in self.bytes.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        // Any number in the range will do; the one with the most zeros at its end is the shortest,
        // as the decoder reads zeros behind the end.
        let zeros = self.range.ilog2();
        self.raise((1 << zeros) - 1);
        self.bytes.extend_from_slice(&(self.low >> zeros << zeros).to_be_bytes());
        while self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

impl Coder for Encoder {
    fn bit(&mut self, model: &mut u16, bit: u32) -> u32 {
        let bound = (self.range >> MODEL_BITS) * u64::from(*model);
        if bit == 0 {
            self.range = bound;
        } else {
            self.raise(bound);
            self.range -= bound;
        }
        adapt(model, u64::from(bit).wrapping_neg());
        self.refill();
        bit
    }

    fn raw(&mut self, count: u32, bits: u32) -> u32 {
        self.range >>= count;
        self.raise(u64::from(bits) * self.range);
        self.refill();
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
        let mut coder = Encoder { bytes: Vec::new(), range: u64::MAX, low: 0 };
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
