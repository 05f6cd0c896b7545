//! The least number of pieces that tile a stretch of text: dynamic programming over the trie, and
//! a byte floor for characters that no piece covers.

use super::character::width;
use super::trie::{BEGIN, END, INNER, Node, Trie, WORD};
use std::collections::HashMap;

/// Pieces have at most 255 bytes, so what lies further ahead or behind need not be known.
const WINDOW: usize = 512;
const REACH: usize = 256;
/// A run of one character is worth its own loop from here on.
const LONG_RUN: usize = 16;
/// No tiling is known yet.
const UNKNOWN: u64 = u64::MAX / 2;

/// The pieces that are one character over and over.
struct Ladder {
    character: Vec<u8>,
    /// How many characters the pieces have, longest first.
    lengths: Vec<usize>,
    /// The cost of runs, by length, until it repeats with a `period`.
    costs: Vec<u64>,
    period: usize,
}

impl Ladder {
    /// The cost of `length` characters in a row, with nothing beside them.
    fn cost(&self, length: usize) -> u64 {
        if let Some(&cost) = self.costs.get(length) {
            return cost;
        }
        let beyond = length - self.costs.len();
        let periods = beyond / self.period + 1;
        let rest = length - periods * self.period;
        periods as u64 + self.costs.get(rest).copied().unwrap_or(0)
    }

    /// With pieces of at most `m` characters the cost of `n` depends on the `m` costs before it.
    /// So where `m` in a row are one more than those `m` before them, all after them are.
    fn new(character: Vec<u8>, mut lengths: Vec<usize>, floor: u64) -> Self {
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.dedup();
        let period = lengths.first().copied().unwrap_or(1);
        let mut costs: Vec<u64> = vec![0];
        let mut periodic = 0;
        // The bound is the one of the coin problem: it is met long before.
        while periodic < period && costs.len() < 2 * period * period + 2 {
            let next = costs.len();
            let pieces = lengths.iter().filter_map(|&k| costs.get(next.checked_sub(k)?));
            let least = pieces.map(|cost| cost + 1).min().unwrap_or(UNKNOWN);
            let cost = least.min(costs.last().map_or(0, |cost| cost + floor));
            let before = next.checked_sub(period).and_then(|at| costs.get(at));
            periodic = if before.is_some_and(|b| b + 1 == cost) { periodic + 1 } else { 0 };
            costs.push(cost);
        }
        Self { character, lengths, costs, period }
    }
}

/// What tiling needs of a vocabulary.
pub(super) struct Pieces {
    trie: Trie,
    ladders: Vec<Ladder>,
    /// Two bytes within a character that are one token, as a set of 65,536 bits.
    pairs: Vec<u64>,
    /// Three bytes that are.
    triples: Vec<[u8; 3]>,
    /// The first bytes of the characters of `ladders`.
    ladder_heads: [bool; 256],
    /// Every run of one, two and three ASCII digits is a piece.
    digits_by_three: bool,
}

impl Pieces {
    pub(super) fn new(trie: Trie, parts: &[[u8; 3]], repeats: Vec<(Vec<u8>, usize)>) -> Self {
        let mut pairs = vec![0u64; 1024];
        let mut triples = Vec::new();
        for &[a, b, c] in parts {
            if c != 0 {
                triples.push([a, b, c]);
            } else if let Some(word) = pairs.get_mut(usize::from(a) << 2 | usize::from(b) >> 6) {
                *word |= 1 << (b & 63);
            }
        }
        let mut pieces = Self {
            trie,
            ladders: vec![],
            ladder_heads: [false; 256],
            pairs,
            triples,
            digits_by_three: false,
        };
        let mut lengths: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (character, length) in repeats {
            lengths.entry(character).or_default().push(length);
        }
        for (character, lengths) in lengths {
            // Whitespace is only ever asked for by the run.
            let space = matches!(character.as_slice(), [b' ' | b'\n' | b'\t'] | [0xE3, 0x80, 0x80]);
            if space || lengths.iter().any(|&length| length >= LONG_RUN) {
                let floor = pieces.character(&character);
                if let Some(head) =
                    character.first().and_then(|&b| pieces.ladder_heads.get_mut(usize::from(b)))
                {
                    *head = true;
                }
                pieces.ladders.push(Ladder::new(character, lengths, floor));
            }
        }
        let is_piece = |text: String| {
            pieces.trie.find(text.as_bytes()).is_some_and(|node| node.forms() & INNER != 0)
        };
        pieces.digits_by_three = (0..10).all(|n| is_piece(n.to_string()))
            && (0..100).all(|n| is_piece(format!("{n:02}")))
            && (0..1000).all(|n| is_piece(format!("{n:03}")));
        pieces
    }

    /// Whether `text` as a whole word with these markers is one piece.
    #[inline]
    pub(super) fn is_piece(&self, text: &[u8], form: u8) -> bool {
        self.trie.find(text).is_some_and(|node| node.forms() & form != 0)
    }

    /// The cost of one character by itself.
    pub(super) fn character(&self, bytes: &[u8]) -> u64 {
        if bytes.len() == 1 || self.is_piece(bytes, INNER) { 1 } else { self.floor(bytes) }
    }

    /// The cost of a character that is no piece: a tiling of its bytes.
    fn floor(&self, bytes: &[u8]) -> u64 {
        let (mut one, mut two, mut three) = (UNKNOWN, UNKNOWN, 0);
        let mut cost = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            cost = three + 1;
            if let Some(&before) = at.checked_sub(1).and_then(|b| bytes.get(b))
                && self.is_pair(before, byte)
            {
                cost = cost.min(two.saturating_add(1));
            }
            if at >= 2 && self.triples.iter().any(|t| bytes.get(at - 2..=at) == Some(t)) {
                cost = cost.min(one.saturating_add(1));
            }
            (one, two, three) = (two, three, cost);
        }
        cost
    }

    #[inline]
    fn is_pair(&self, a: u8, b: u8) -> bool {
        let word = self.pairs.get(usize::from(a) << 2 | usize::from(b) >> 6);
        word.is_some_and(|word| (word >> (b & 63)) & 1 == 1)
    }

    /// The cost of the same character `length` times, with no marker beside it.
    pub(super) fn run(&self, character: &[u8], length: usize) -> u64 {
        match character.first().and_then(|&head| self.ladder(head, character)) {
            Some(ladder) => ladder.cost(length),
            None => self.character(character) * length as u64,
        }
    }

    #[inline]
    fn ladder(&self, head: u8, character: &[u8]) -> Option<&Ladder> {
        let known = self.ladder_heads.get(usize::from(head)).copied().unwrap_or(false);
        known.then(|| self.ladders.iter().find(|ladder| ladder.character == character))?
    }

    /// The cost of a run of ASCII digits; `begin` as for [`Self::tile`].
    pub(super) fn digits(&self, text: &[u8], begin: bool, window: &mut Window) -> u64 {
        if self.digits_by_three && !begin {
            text.len().div_ceil(3) as u64
        } else {
            self.tile(text, begin, false, window)
        }
    }

    /// The least number of pieces that tile `text`, with the marker for the beginning of a word
    /// before it (`begin`) and the one for its end after it (`end`). `text` is UTF-8 without NUL.
    pub(super) fn tile(&self, text: &[u8], begin: bool, end: bool, window: &mut Window) -> u64 {
        if text.is_empty() {
            return u64::from(begin) + u64::from(end);
        }
        let mut tiling = Tiling { pieces: self, text, end, window };
        tiling.start();
        let mut at = tiling.advance(0, begin);
        // The first piece may be all there is.
        if text.len() < REACH && tiling.least(text.len()) == 1 {
            return 1;
        }
        while at < text.len() {
            at = tiling.advance(at, false);
        }
        tiling.least(text.len())
    }
}

/// The least costs of what ends near the place that is looked at: a ring of [`WINDOW`] places.
pub(super) struct Window {
    costs: [u64; WINDOW],
}

impl Window {
    pub(super) fn new() -> Self {
        Self { costs: [UNKNOWN; WINDOW] }
    }
}

/// One tiling under way.
struct Tiling<'a> {
    pieces: &'a Pieces,
    text: &'a [u8],
    end: bool,
    window: &'a mut Window,
}

impl Tiling<'_> {
    fn start(&mut self) {
        for cost in self.window.costs.iter_mut().take(REACH.min(self.text.len() + 1)) {
            *cost = UNKNOWN;
        }
        self.relax(0, 0);
    }

    #[inline]
    fn least(&self, at: usize) -> u64 {
        self.window.costs.get(at % WINDOW).copied().unwrap_or(UNKNOWN)
    }

    #[inline]
    fn relax(&mut self, at: usize, cost: u64) {
        if let Some(least) = self.window.costs.get_mut(at % WINDOW) {
            *least = cost.min(*least);
        }
    }

    /// Makes room for what is reached from the place after `at`; what is [`REACH`] behind goes.
    #[inline]
    fn clear(&mut self, at: usize, width: usize) {
        if at + REACH <= self.text.len() + WINDOW {
            for ahead in 0..width {
                if let Some(cost) = self.window.costs.get_mut((at + REACH + ahead) % WINDOW) {
                    *cost = UNKNOWN;
                }
            }
        }
    }

    /// Looks at all pieces that begin at `at`; returns the place to look at next. `begin` says
    /// that the marker for the beginning of a word is there to be taken in.
    #[inline]
    fn advance(&mut self, at: usize, begin: bool) -> usize {
        let Some(&head) = self.text.get(at) else { return self.text.len() };
        let width = width(head);
        if self.text.get(at + width) == Some(&head)
            && let Some(next) = self.long_run(at, head, width, begin)
        {
            return next;
        }
        let (here, last) = (self.least(at), self.text.len());
        // What begins here cannot better a tiling of everything that takes one piece more.
        if last - at >= REACH || here + 1 < self.least(last) {
            let single = self.walk(self.pieces.trie.root(), at, at, here, begin);
            if !single {
                let floor = match self.text.get(at..at + width) {
                    Some(character) if width > 1 => self.pieces.floor(character),
                    _ => 1,
                };
                let closing = u64::from(self.end && at + width == last);
                self.relax(at + width, here + u64::from(begin) + floor + closing);
            }
        }
        self.clear(at, width);
        at + width
    }

    /// Walks on from `node`, which ends at `at` and began at `from`, where the cost is `here`.
    /// Says whether the first character is a piece by itself.
    #[inline]
    fn walk(&mut self, mut node: Node, from: usize, mut at: usize, here: u64, begin: bool) -> bool {
        let last = self.text.len();
        let first = from + self.text.get(from).map_or(1, |&head| width(head));
        let mut single = false;
        while let Some(next) = self.text.get(at).and_then(|&b| self.pieces.trie.step(node, b)) {
            node = next;
            at += 1;
            let forms = node.forms();
            if forms == 0 {
                continue;
            }
            single |= at == first && forms & INNER != 0;
            if let Some(cost) = cost_of(forms, begin, self.end && at == last) {
                self.relax(at, here + cost);
            }
        }
        single
    }

    /// Tiles a long run of one character with pieces that are nothing else, without walking
    /// through all of them at every place. Returns where the run ends.
    fn long_run(&mut self, at: usize, head: u8, width: usize, begin: bool) -> Option<usize> {
        let (text, pieces) = (self.text, self.pieces);
        let character = text.get(at..at + width)?;
        let is_next = |place: usize| text.get(place..place + width) == Some(character);
        if !is_next(at + (LONG_RUN - 1) * width) {
            return None;
        }
        let ladder = pieces.ladder(head, character)?;
        let mut end = at + width;
        while is_next(end) {
            end += width;
        }
        let length = (end - at) / width;
        if length < LONG_RUN {
            return None;
        }
        // From the first character everything is looked at: its marker is there to be taken in.
        let here = self.least(at);
        let single = self.walk(pieces.trie.root(), at, at, here, begin);
        let floor = if single { 1 } else { pieces.character(character) };
        self.relax(at + width, here + u64::from(begin) + floor);
        self.clear(at, width);
        for place in 2..=length {
            let to = at + place * width;
            let closing = u64::from(self.end && to == text.len());
            let shorter = ladder.lengths.iter().filter(|&&k| k < place);
            let least = shorter.map(|&k| self.least(to - k * width)).min().unwrap_or(UNKNOWN);
            let least = least.saturating_add(1).min(self.least(to - width) + floor);
            self.relax(to, least.saturating_add(closing));
            if to < end {
                self.clear(to, width);
            }
        }
        // Pieces that begin in the run and take in something after it.
        let mut node = pieces.trie.root();
        for back in 1..length {
            let next = character.iter().try_fold(node, |node, &b| pieces.trie.step(node, b));
            let Some(next) = next else { break };
            node = next;
            let here = self.least(end - back * width);
            if end < text.len() {
                self.walk(node, end - back * width, end, here, false);
            } else if let Some(cost) = cost_of(node.forms(), false, self.end) {
                self.relax(end, here + cost);
            }
        }
        Some(end)
    }
}

/// The cost of a piece of one of these forms, with the markers that it does not take in:
/// the beginning of a word before it, its end after it. `None`: no such piece fits.
#[inline]
fn cost_of(forms: u8, begin: bool, end: bool) -> Option<u64> {
    let is = |form: u8| forms & form != 0;
    match (begin, end) {
        (false, false) if is(INNER) => Some(1),
        (false, true) if is(END) => Some(1),
        (false, true) if is(INNER) => Some(2),
        (true, false) if is(BEGIN) => Some(1),
        (true, false) if is(INNER) => Some(2),
        (true, true) if is(WORD) => Some(1),
        (true, true) if is(BEGIN) || is(END) => Some(2),
        (true, true) if is(INNER) => Some(3),
        _ => None,
    }
}
