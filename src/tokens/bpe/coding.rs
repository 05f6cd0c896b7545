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

/// The first bits behind the leading one of a number are worth a model; the rest is noise.
const MODELLED_BITS: u32 = 2;
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

/// What a token looks like from its two sides.
#[derive(Clone, Copy, Default)]
struct Class {
    /// The class of its first byte.
    first: u8,
    /// `first`, or behind a space that of the second byte and 64.
    beginning: u8,
    /// The class of the first byte of its last character.
    ending: u8,
}

impl Class {
    fn of_byte(byte: u8) -> Self {
        let class = class_of_byte(byte);
        Self { first: class, beginning: class, ending: class }
    }

    fn of_merge(left: Self, left_is_space: bool, right: Self) -> Self {
        Self {
            first: left.first,
            beginning: if left_is_space { right.first + 64 } else { left.beginning },
            ending: if right.ending == CONTINUATION { left.ending } else { right.ending },
        }
    }
}

/// Either half of the coder: takes a bit with its model and gives back the same bit (coding), or
/// ignores what it is given and gives back the bit that was coded (decoding).
trait Coder {
    /// A bit under an adaptive model.
    fn bit(&mut self, model: &mut u16, bit: u32) -> u32;
    /// The lowest `count <= 16` bits of `bits`, all equally likely.
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

/// The models of a number: its length in bits, then the bits below the leading one.
#[derive(Clone)]
struct Number {
    length: [u16; 32],
    head: [[u16; 1 << MODELLED_BITS]; 32],
}

impl Number {
    const NEW: Self = Self { length: [EVEN; 32], head: [[EVEN; 1 << MODELLED_BITS]; 32] };

    /// Codes `value < 2^18`.
    fn code(&mut self, coder: &mut impl Coder, value: u32) -> u32 {
        let value = value + 1;
        let length = code_tree(coder, &mut self.length, value.ilog2());
        // Lengths that no coder writes are cut to what the arithmetic below can hold.
        let length = length.min(18);
        let below = value & ((1 << value.ilog2()) - 1);
        let Some(head) = self.head.get_mut(length as usize) else { return 0 };
        let mut node = 1;
        let modelled = length.min(MODELLED_BITS);
        for level in 0..modelled {
            let Some(model) = head.get_mut(node) else { break };
            node = node << 1 | coder.bit(model, below >> (length - 1 - level) & 1) as usize;
        }
        let rest = length - modelled;
        let tail = coder.raw(rest, below & ((1 << rest) - 1));
        ((node as u32) << rest | tail) - 1
    }
}

/// The tokens of each class, the most used first.
struct Ranking {
    lists: Vec<Vec<u32>>,
    /// By class: how many tokens were used more than `n` times, for every `n` that occurred.
    above: Vec<Vec<u32>>,
    /// By token: how often it was used.
    uses: Vec<u32>,
    /// By token: its place in its list.
    places: Vec<u32>,
}

impl Ranking {
    fn new(classes: usize, tokens: usize) -> Self {
        Self {
            lists: vec![Vec::new(); classes],
            above: vec![Vec::new(); classes],
            uses: Vec::with_capacity(tokens),
            places: Vec::with_capacity(tokens),
        }
    }

    /// Adds the next token.
    fn add(&mut self, class: u8) {
        let token = self.uses.len() as u32;
        self.uses.push(0);
        if let Some(list) = self.lists.get_mut(usize::from(class)) {
            self.places.push(list.len() as u32);
            list.push(token);
        }
    }

    /// The place of `token`, for the coder.
    fn place(&self, token: u32) -> u32 {
        self.places.get(token as usize).copied().unwrap_or(0)
    }

    /// The token at `place`, which is used once more.
    fn take(&mut self, class: u8, place: u32) -> Option<u32> {
        let list = self.lists.get_mut(usize::from(class))?;
        let above = self.above.get_mut(usize::from(class))?;
        let token = *list.get(place as usize)?;
        let uses = self.uses.get_mut(token as usize)?;
        if above.len() <= *uses as usize {
            above.push(0);
        }
        // The first token that was used no more often changes places with this one: the list stays
        // sorted without a search.
        let boundary = above.get_mut(*uses as usize)?;
        let other = *list.get(*boundary as usize)?;
        *self.places.get_mut(other as usize)? = place;
        *self.places.get_mut(token as usize)? = *boundary;
        *list.get_mut(place as usize)? = other;
        *list.get_mut(*boundary as usize)? = token;
        *boundary += 1;
        *uses += 1;
        Some(token)
    }
}

/// What is known so far, the same while coding and decoding.
struct Model {
    classes: Vec<Class>,
    space: u32,
    lefts: Ranking,
    rights: Ranking,
    ending: [u16; ENDINGS],
    left: Vec<Number>,
    beginning: Vec<[u16; BEGINNINGS]>,
    right: Vec<Number>,
}

impl Model {
    fn new(alphabet: &[u8; BYTES], tokens: usize) -> Self {
        let mut model = Self {
            classes: Vec::with_capacity(tokens),
            space: alphabet.iter().position(|&byte| byte == b' ').unwrap_or(0) as u32,
            lefts: Ranking::new(ENDINGS, tokens),
            rights: Ranking::new(BEGINNINGS, tokens),
            ending: [EVEN; ENDINGS],
            left: vec![Number::NEW; ENDINGS],
            beginning: vec![[EVEN; BEGINNINGS]; 2 * ENDINGS],
            right: vec![Number::NEW; 2 * BEGINNINGS],
        };
        for &byte in alphabet {
            model.add(Class::of_byte(byte));
        }
        model
    }

    fn add(&mut self, class: Class) {
        self.classes.push(class);
        self.lefts.add(class.ending);
        self.rights.add(class.beginning);
    }

    fn class(&self, token: u32) -> Class {
        self.classes.get(token as usize).copied().unwrap_or_default()
    }

    /// Codes one merge and learns from it. `None` where a decoder met a place that is not there.
    fn code(&mut self, coder: &mut impl Coder, left: u32, right: u32) -> Option<(u32, u32)> {
        let class = self.class(left);
        let ending = code_tree(coder, &mut self.ending, class.ending.into()) as u8;
        let place = self.left.get_mut(usize::from(ending))?.code(coder, self.lefts.place(left));
        let left = self.lefts.take(ending, place)?;

        let class = self.class(right);
        let spaced = usize::from(left == self.space);
        let models = self.beginning.get_mut(2 * usize::from(ending) + spaced)?;
        let beginning = code_tree(coder, models, class.beginning.into()) as u8;
        let place = self
            .right
            .get_mut(2 * usize::from(beginning) + spaced)?
            .code(coder, self.rights.place(right));
        let right = self.rights.take(beginning, place)?;

        self.add(Class::of_merge(self.class(left), spaced == 1, self.class(right)));
        Some((left, right))
    }
}

/// A model that knows nothing: both bits are equally likely. Models are probabilities of a 0 in
/// units of 2^-15.
const EVEN: u16 = 1 << (MODEL_BITS - 1);
const MODEL_BITS: u32 = 15;
/// How fast a model follows what it sees.
const ADAPTATION: u32 = 6;
/// The range is kept above this.
const LEAST_RANGE: u32 = 1 << 24;

/// Learns a bit.
fn adapt(model: &mut u16, bit: u32) {
    if bit == 0 {
        *model += ((1 << MODEL_BITS) - *model) >> ADAPTATION;
    } else {
        *model -= *model >> ADAPTATION;
    }
}

/// Reads the bits. Behind the end of the bytes there are zeros.
struct Decoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    range: u32,
    /// How far the coded number lies above the lower end of the range; below `range`.
    offset: u32,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { bytes: bytes.iter(), range: u32::MAX, offset: 0 };
        for _ in 0..4 {
            decoder.offset = decoder.offset << 8 | decoder.byte();
        }
        decoder
    }

    fn byte(&mut self) -> u32 {
        self.bytes.next().copied().unwrap_or(0).into()
    }

    #[inline]
    fn normalize(&mut self) {
        while self.range < LEAST_RANGE {
            self.range <<= 8;
            self.offset = self.offset << 8 | self.byte();
        }
    }
}

impl Coder for Decoder<'_> {
    #[inline]
    fn bit(&mut self, model: &mut u16, _: u32) -> u32 {
        let bound = (self.range >> MODEL_BITS) * u32::from(*model);
        let bit = u32::from(self.offset >= bound);
        if bit == 0 {
            self.range = bound;
        } else {
            self.range -= bound;
            self.offset -= bound;
        }
        adapt(model, bit);
        self.normalize();
        bit
    }

    #[inline]
    fn raw(&mut self, count: u32, _: u32) -> u32 {
        self.range >>= count;
        let bits = (self.offset / self.range).min((1 << count) - 1);
        self.offset -= bits * self.range;
        self.normalize();
        bits
    }
}

/// Writes the bits.
struct Encoder {
    bytes: Vec<u8>,
    range: u32,
    low: u64,
}

impl Encoder {
    fn normalize(&mut self) {
        while self.range < LEAST_RANGE {
            self.range <<= 8;
            self.bytes.push((self.low >> 24) as u8);
            self.low = self.low << 8 & 0xffff_ffff;
        }
    }

    /// Raises the lower end, carrying into what was written.
    fn raise(&mut self, by: u32) {
        self.low += u64::from(by);
        if self.low >> 32 != 0 {
            self.low &= 0xffff_ffff;
            for byte in self.bytes.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(self.low as u32).to_be_bytes());
        // The decoder reads zeros behind the end.
        while self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

impl Coder for Encoder {
    fn bit(&mut self, model: &mut u16, bit: u32) -> u32 {
        let bound = (self.range >> MODEL_BITS) * u32::from(*model);
        if bit == 0 {
            self.range = bound;
        } else {
            self.raise(bound);
            self.range -= bound;
        }
        adapt(model, bit);
        self.normalize();
        bit
    }

    fn raw(&mut self, count: u32, bits: u32) -> u32 {
        self.range >>= count;
        self.raise(bits * self.range);
        self.normalize();
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
        let mut coder = Encoder { bytes: Vec::new(), range: u32::MAX, low: 0 };
        for (token, &(left, right)) in (BYTES as u32..).zip(&self.pairs) {
            if left >= token
                || right >= token
                || model.code(&mut coder, left, right) != Some((left, right))
            {
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
            let pair = model.code(&mut coder, 0, 0);
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
