//! The inside of a Claude vocabulary file, as `scripts/claude_vocabulary.py` writes it: numbers
//! and a trie in one adaptive binary arithmetic code. The script's `Encoder` and `Writer` are the
//! mirror image of what is here, and both must keep the same integer arithmetic.

use super::character::Characters;
use super::normalize::Compositions;
use super::trie::{Builder, INNER, Trie};
use crate::error::{Error, Result};

/// Pieces are shorter than this, in bytes. The tiler's window relies on it.
const MAX_PIECE_BYTES: usize = 255;
/// There are fewer runs of characters of one kind (2,700 in Unicode 15.0), fewer canonical
/// decompositions (2,061) and fewer parts of characters (467) than this.
const MAX_LIST: usize = 1 << 13;
/// The trie has fewer nodes than this. Claude 3's has 58,391.
const MAX_NODES: usize = 1 << 17;

/// Everything in a file.
pub(super) struct Contents {
    /// The least number of characters of a word written with the marker for capitals; 0: none is.
    pub(super) capitals_min: u32,
    pub(super) characters: Characters,
    pub(super) compositions: Compositions,
    /// Sequences of two or three bytes that are one token within a character that is no piece.
    pub(super) parts: Vec<[u8; 3]>,
    pub(super) trie: Trie,
    /// Pieces that are one character over and over: the character and how often. In order.
    pub(super) repeats: Vec<(Vec<u8>, usize)>,
}

/// Reads the payload of a vocabulary file.
///
/// # Errors
///
/// `invalid_input` where it is not what the script writes.
pub(super) fn contents(payload: &[u8]) -> Result<Contents> {
    let mut reader = Reader::new(payload);
    let capitals_min = reader.number(0);
    if capitals_min == 1 {
        // A single capital would be written in two ways.
        return Err(bad("words of one letter in capitals"));
    }

    let kinds = reader.number(1);
    if !(1..=256).contains(&kinds) {
        return Err(bad(format!("{kinds} kinds of characters found, wanted 1 to 256")));
    }
    let kinds = (0..kinds).map(|_| (reader.number(2) << 14) | reader.number(3)).collect();
    let mut characters = Characters::new(kinds);
    for run in 0.. {
        if characters.complete() {
            break;
        }
        at_most("runs of characters", run)?;
        let (kind, length) = (reader.number(4), reader.number(5));
        characters.add(kind, length.saturating_add(1))?;
    }

    let mut delta = 0;
    for point in 0..0x1_0000 {
        if characters.of(point).lowers() {
            delta = reader.signed(6).wrapping_add(delta);
            characters.add_lower(point, point.wrapping_add_signed(delta));
        }
    }
    let mut compositions = Vec::new();
    let (mut first, mut second) = (0u32, 0u32);
    let decomposing = characters.decomposing();
    at_most("decompositions", decomposing.len())?;
    for point in decomposing {
        first = first.wrapping_add_signed(reader.signed(7));
        second = second.wrapping_add_signed(reader.signed(8));
        compositions.push((point, first, second, !characters.of(point).changes_alone()));
    }
    let compositions = Compositions::new(&compositions);

    let count = reader.number(9);
    at_most("parts of characters", count as usize)?;
    let mut parts = Vec::new();
    let mut part = 0u32;
    for _ in 0..count {
        part = part.wrapping_add(reader.number(10));
        let [0, a, b, c] = part.to_be_bytes() else {
            return Err(bad(format!("a part of a character of four bytes, {part:#x}")));
        };
        parts.push([a, b, c]);
    }

    let mut tree = Tree { reader, builder: Builder::default(), path: Vec::new(), repeats: vec![] };
    tree.node(0, 0, 0)?;
    let trie = tree.builder.build()?;
    Ok(Contents { capitals_min, characters, compositions, parts, trie, repeats: tree.repeats })
}

fn at_most(what: &str, count: usize) -> Result<()> {
    if count < MAX_LIST {
        Ok(())
    } else {
        Err(bad(format!("{count} {what}, wanted fewer than {MAX_LIST}")))
    }
}

fn bad(what: impl std::fmt::Display) -> Error {
    Error::invalid_input(format!("Claude vocabulary is not well made: {what}"))
}

/// In how many contexts a [`Model`] knows a bit. Four made the files 2 % smaller, and slower.
const CONTEXTS: usize = 2;

/// Adaptive probabilities of bits in two contexts, mixed by weights that learn.
struct Model {
    shift: u32,
    /// 22 bits of probability of a one, 10 bits of how often the context was seen.
    states: Vec<u32>,
    weights: Vec<[i32; CONTEXTS]>,
}

impl Model {
    fn new(table_bits: u32, selectors: usize) -> Self {
        Self {
            shift: 32 - table_bits,
            states: vec![1 << 31; 1 << table_bits],
            weights: vec![[39_322; CONTEXTS]; selectors],
        }
    }
}

/// A hash of what is known; `slot` keeps the contexts apart.
fn context(slot: u32, values: &[u32]) -> u32 {
    values.iter().fold(slot.wrapping_mul(0x9E37_79B1), |hash, value| {
        (hash ^ value).wrapping_mul(0x85EB_CA6B).rotate_right(15)
    })
}

/// `4096 / (1 + e^(-x / 256))` at every 128th `x` from -2048.
#[rustfmt::skip]
const KNOTS: [i32; 33] = [
    1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348,
    3607, 3785, 3901, 3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094,
];

/// The logistic function in fixed point; 1 to 4095.
fn squash(x: i32) -> i32 {
    if x > 2047 {
        return 4095;
    }
    if x < -2047 {
        return 1;
    }
    let knot = |index: i32| usize::try_from(index).ok().and_then(|i| KNOTS.get(i)).copied();
    let (low, part) = ((x >> 7) + 16, x & 127);
    (knot(low).unwrap_or(1) * (128 - part) + knot(low + 1).unwrap_or(4095) * part + 64) >> 7
}

/// The arithmetic decoder. Past the end of its bytes it reads zeros.
struct Decoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    low: u32,
    high: u32,
    value: u32,
    /// The inverse of [`squash`].
    stretch: Vec<i16>,
    /// How far a probability moves towards a bit, by how often it did.
    rates: [i64; 256],
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut stretch = Vec::with_capacity(4096);
        for x in -2047i16..=2047 {
            let filled = usize::try_from(squash(x.into())).unwrap_or(0) + 1;
            if filled > stretch.len() {
                stretch.resize(filled, x);
            }
        }
        stretch.resize(4096, 2047);
        let mut rates = [0; 256];
        for (rate, count) in rates.iter_mut().zip(0i64..) {
            *rate = 655_360 / (10 * count + 16);
        }
        let mut decoder =
            Self { bytes: bytes.iter(), low: 0, high: u32::MAX, value: 0, stretch, rates };
        for _ in 0..4 {
            decoder.value = (decoder.value << 8) | decoder.byte();
        }
        decoder
    }

    fn byte(&mut self) -> u32 {
        self.bytes.next().copied().unwrap_or(0).into()
    }

    /// The next bit, given what is known: the contexts, and the `node` within the number or
    /// label that is being read. `selector` picks the weights.
    fn bit(
        &mut self,
        model: &mut Model,
        contexts: &[u32; CONTEXTS],
        node: u32,
        selector: u32,
    ) -> bool {
        let Some(weights) = model.weights.get_mut(selector as usize) else { return false };
        let mut places = [0usize; CONTEXTS];
        let mut inputs = [0i32; CONTEXTS];
        let mut dot = 0i64;
        for (((base, weight), place), input) in
            contexts.iter().zip(weights.iter()).zip(&mut places).zip(&mut inputs)
        {
            let hash = (base ^ node.wrapping_mul(0x9E37_79B1)).wrapping_mul(0xC2B2_AE35);
            *place = ((hash ^ (hash >> 15)).wrapping_mul(0x27D4_EB2F) >> model.shift) as usize;
            let state = model.states.get(*place).copied().unwrap_or(0);
            // A context that was never seen says nothing.
            if state & 1023 != 0 {
                *input = self.stretch.get((state >> 20) as usize).copied().unwrap_or(0).into();
            }
            dot += i64::from(*input) * i64::from(*weight);
        }
        let p = squash((dot >> 16).clamp(-2047, 2047) as i32);
        // `low <= high` always: see the end of this function.
        let middle = self.low + ((self.high - self.low) >> 12) * p.unsigned_abs();
        let bit = self.value <= middle;
        if bit {
            self.high = middle;
        } else {
            self.low = middle.wrapping_add(1);
        }
        while (self.low ^ self.high) & 0xFF00_0000 == 0 {
            self.low <<= 8;
            self.high = (self.high << 8) | 255;
            self.value = (self.value << 8) | self.byte();
        }
        let error = ((i32::from(bit) << 12) - p) * 14;
        let target = if bit { 4_194_303 } else { 0 };
        for ((weight, input), place) in weights.iter_mut().zip(inputs).zip(places) {
            *weight = weight.wrapping_add((input * error + 8192) >> 14);
            if let Some(state) = model.states.get_mut(place) {
                let (count, probability) = (*state & 1023, i64::from(*state >> 10));
                let rate = self.rates.get(count as usize).copied().unwrap_or(0);
                let probability = probability + (((target - probability) * rate) >> 16);
                *state = ((probability as u32) << 10) | (count + 1).min(255);
            }
        }
        bit
    }
}

/// Numbers, each in a table of its own.
struct Reader<'a> {
    decoder: Decoder<'a>,
    numbers: Model,
    /// The last two numbers of each table.
    history: [(u32, u32); 16],
}

impl<'a> Reader<'a> {
    fn new(payload: &'a [u8]) -> Self {
        Self { decoder: Decoder::new(payload), numbers: Model::new(16, 32), history: [(0, 0); 16] }
    }

    /// The next number of `table`: how many bits it has, then the bits.
    fn number(&mut self, table: u32) -> u32 {
        let (first, second) = self.history.get(table as usize).copied().unwrap_or_default();
        let contexts = [context(1, &[table, first]), context(2, &[table, first, second])];
        let mut node = 1;
        let mut bit = |node: &mut u32| {
            let bit = u32::from(self.decoder.bit(&mut self.numbers, &contexts, *node, table));
            *node = (*node << 1) | bit;
            bit
        };
        let length = (0..5).fold(0, |length, _| (length << 1) | bit(&mut node));
        let number = (0..length).fold(1u32, |number, _| (number << 1) | bit(&mut node)) - 1;
        if let Some(history) = self.history.get_mut(table as usize) {
            *history = (number, first);
        }
        number
    }

    fn signed(&mut self, table: u32) -> i32 {
        let number = self.number(table);
        let half = (number >> 1) as i32;
        if number & 1 == 0 { half } else { -half - 1 }
    }
}

/// The trie of pieces, read in depth-first order.
struct Tree<'a> {
    reader: Reader<'a>,
    builder: Builder,
    path: Vec<u8>,
    repeats: Vec<(Vec<u8>, usize)>,
}

/// The models of the trie, which live as long as it is read.
struct TreeModels {
    labels: Model,
    ends: Model,
    forms: Model,
}

impl Tree<'_> {
    fn node(&mut self, parent: usize, parent_forms: u32, pending: u32) -> Result<()> {
        let mut models = TreeModels {
            labels: Model::new(17, 256),
            ends: Model::new(16, 64),
            forms: Model::new(16, 128),
        };
        self.read(&mut models, parent, parent_forms, pending)
    }

    /// Reads what is below the node `this`, whose label is the last of the path. `pending` is how
    /// many bytes its last character still wants.
    fn read(
        &mut self,
        models: &mut TreeModels,
        this: usize,
        parent_forms: u32,
        pending: u32,
    ) -> Result<()> {
        let decoder = &mut self.reader.decoder;
        let mut last = self.path.iter().rev().map(|&byte| u32::from(byte));
        let mut byte = || last.next().unwrap_or(256);
        let (c1, c2) = (byte(), byte());
        let depth = (self.path.len() as u32).min(15);
        let mut forms = 0;
        if pending == 0 && depth > 0 {
            let contexts = [context(1, &[c1, c2]), context(2, &[parent_forms, depth])];
            let leaf = decoder.bit(&mut models.ends, &contexts, 1, depth);
            let contexts = [
                context(1, &[leaf.into(), c1, c2]),
                context(2, &[leaf.into(), parent_forms, depth]),
            ];
            if leaf || decoder.bit(&mut models.forms, &contexts, 0, 112 + depth) {
                let mut known = 1;
                for k in 0..6 {
                    let bit =
                        u32::from(decoder.bit(&mut models.forms, &contexts, known, k * 16 + depth));
                    forms |= bit << k;
                    known = (known << 1) | bit;
                }
                self.piece(this, forms);
            }
            if leaf {
                return Ok(());
            }
        }
        if self.path.len() >= MAX_PIECE_BYTES {
            return Err(bad(format!("a piece of more than {MAX_PIECE_BYTES} bytes")));
        }
        let mut previous = 0;
        for number in 0u32.. {
            let decoder = &mut self.reader.decoder;
            let place = number.min(3);
            if number > 0 {
                let contexts = [context(3, &[previous, c1]), context(4, &[forms, depth, place])];
                if !decoder.bit(&mut models.ends, &contexts, 1, place * 16 + depth) {
                    break;
                }
            }
            let contexts = [context(1, &[c1, c2]), context(2, &[c1, previous])];
            // Labels grow: while nothing tells this one from the one before, a bit cannot fall.
            let (mut known, mut tight) = (1, number > 0);
            for shift in (0..8).rev() {
                let before = tight && (previous >> shift) & 1 == 1;
                let bit = before || decoder.bit(&mut models.labels, &contexts, known, known);
                tight &= before || !bit;
                known = (known << 1) | u32::from(bit);
            }
            let label = known & 255;
            if label == 0 || (number > 0 && label <= previous) {
                return Err(bad(format!("byte {label} after byte {previous}")));
            }
            previous = label;
            let child = self.builder.child(this, label as u8);
            if child >= MAX_NODES {
                return Err(bad(format!("more than {MAX_NODES} nodes")));
            }
            let pending = match label {
                0..0x80 => 0,
                0x80..0xC0 => pending.saturating_sub(1),
                0xC0..0xE0 => 1,
                0xE0..0xF0 => 2,
                _ => 3,
            };
            self.path.push(label as u8);
            self.read(models, child, forms, pending)?;
            self.path.pop();
        }
        Ok(())
    }

    fn piece(&mut self, node: usize, forms: u32) {
        self.builder.set_forms(node, forms as u8);
        let Some(&head) = self.path.first() else { return };
        let width = super::character::width(head);
        // Is it one character over and over?
        if forms & u32::from(INNER) != 0
            && self.path.len().is_multiple_of(width)
            && self.path.get(width..) == self.path.get(..self.path.len().saturating_sub(width))
            && let Some(character) = self.path.get(..width)
        {
            self.repeats.push((character.to_vec(), self.path.len() / width));
        }
    }
}
