//! The least number of pieces that tile a stretch of text: dynamic programming over the trie, and
//! a byte floor for characters that no piece covers.

use super::character::width;
use super::trie::{BEGIN, END, INNER, Node, Trie, WORD};

/// Pieces have at most 255 bytes, so what lies further ahead or behind need not be known.
const WINDOW: usize = 512;
const REACH: usize = 256;
/// A run of one character is worth its own loop from here on.
const LONG_RUN: usize = 16;
/// Stretches of so many bytes are looked up before they are tiled.
const SHORT: usize = 4;
/// No tiling is known yet.
const UNKNOWN: u64 = u64::MAX / 2;

/// What runs of one character cost.
struct Ladder {
    /// By length, until they repeat: `period` characters more are `step` tokens more.
    costs: Vec<u64>,
    period: usize,
    step: u64,
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
        periods as u64 * self.step + self.costs.get(rest).copied().unwrap_or(0)
    }

    /// Of a character that is in no piece with itself.
    fn alone(floor: u64) -> Self {
        Self { costs: vec![0], period: 1, step: floor }
    }

    /// Of a character of which so many in a row are pieces, and one by itself costs `floor`.
    ///
    /// With pieces of at most `m` characters the cost of `n` depends on the `m` costs before it.
    /// So where `m` in a row are one more than those `m` before them, all after them are.
    fn new(lengths: &[usize], floor: u64) -> Self {
        let period = lengths.iter().max().copied().unwrap_or(1);
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
        Self { costs, period, step: 1 }
    }
}

/// The bytes of a character as a number, in the order of the bytes.
fn number(character: &[u8]) -> u32 {
    character
        .iter()
        .zip([24, 16, 8, 0])
        .fold(0, |all, (&byte, shift)| all | u32::from(byte) << shift)
}

/// What tiling needs of a vocabulary.
pub(super) struct Pieces {
    trie: Trie,
    /// The characters of which several in a row are a piece, as [`number`]s, in order.
    ladders: Vec<(u32, Ladder)>,
    /// The nodes of two ASCII characters, where most walks begin.
    starts: Vec<Option<Node>>,
    /// Two bytes within a character that are one token, as a set of 65,536 bits.
    pairs: Vec<u64>,
    /// Three bytes that are.
    triples: Vec<[u8; 3]>,
    /// Every run of one, two and three ASCII digits is a piece.
    digits_by_three: bool,
}

impl Pieces {
    /// `repeats` are in the order of their characters.
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
        let start = |pair: usize| trie.find(&[(pair >> 7) as u8, (pair & 127) as u8]);
        let starts = (0..1 << 14).map(start).collect();
        let mut pieces =
            Self { trie, ladders: vec![], starts, pairs, triples, digits_by_three: false };
        for same in repeats.chunk_by(|a, b| a.0 == b.0) {
            let Some((character, _)) = same.first() else { continue };
            let lengths: Vec<usize> = same.iter().map(|&(_, length)| length).collect();
            let ladder = Ladder::new(&lengths, pieces.character(character));
            pieces.ladders.push((number(character), ladder));
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

    /// The forms of the piece that is an ASCII word at the head of `text`, a letter of any case and
    /// small letters, and the length of the word; the first letter is looked for in lower case.
    #[inline]
    pub(super) fn plain_word(&self, text: &[u8]) -> (u8, usize) {
        let Some((&head, rest)) = text.split_first() else { return (0, 0) };
        let mut node = self.trie.step_or_end(self.trie.root(), head | 0x20);
        let mut length = 1;
        for &byte in rest {
            if !byte.is_ascii_lowercase() {
                break;
            }
            node = self.trie.step_or_end(node, byte);
            length += 1;
        }
        (node.forms(), length)
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
        // What a ladder says of one.
        if length == 1 {
            return self.character(character);
        }
        match self.ladder(character) {
            Some(ladder) => ladder.cost(length),
            None => self.character(character) * length as u64,
        }
    }

    fn ladder(&self, character: &[u8]) -> Option<&Ladder> {
        let found = self.ladders.binary_search_by_key(&number(character), |&(own, _)| own);
        self.ladders.get(found.ok()?).map(|(_, ladder)| ladder)
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
        let markers = u64::from(begin) + u64::from(end);
        let Some(&head) = text.first() else { return markers };
        // Short stretches, as of punctuation, are mostly one piece or one character.
        if text.len() <= SHORT {
            let forms = self.trie.find(text).map_or(0, Node::forms);
            let cost = cost_of(forms, begin, end);
            if cost == Some(1) {
                return 1;
            }
            if text.len() == width(head) {
                return cost.unwrap_or_else(|| markers + self.character(text));
            }
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

impl Default for Window {
    fn default() -> Self {
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
        for ahead in 0..width {
            if let Some(cost) = self.window.costs.get_mut((at + REACH + ahead) % WINDOW) {
                *cost = UNKNOWN;
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
            && let Some(next) = self.long_run(at, width, begin)
        {
            return next;
        }
        let (here, last) = (self.least(at), self.text.len());
        // What begins here cannot better a tiling of everything that takes one piece more.
        if last - at >= REACH || here + 1 < self.least(last) {
            match self.text.get(at + 1) {
                Some(&next) if !begin && head < 0x80 && next < 0x80 && at + 2 < last => {
                    self.relax(at + 1, here + 1);
                    let pair = usize::from(head) << 7 | usize::from(next);
                    if let Some(&Some(node)) = self.pieces.starts.get(pair) {
                        let is_piece = node.forms() & INNER != 0;
                        self.relax(at + 2, if is_piece { here + 1 } else { UNKNOWN });
                        self.walk(node, at + 2, here, 0);
                    }
                }
                _ => self.advance_slowly(at, width, here, begin),
            }
        }
        self.clear(at, width);
        at + width
    }

    /// As [`Self::advance`], from any place.
    fn advance_slowly(&mut self, at: usize, width: usize, here: u64, begin: bool) {
        let Some(character) = self.text.get(at..at + width) else { return };
        let root = self.pieces.trie.root();
        let single = if begin {
            self.walk_from_beginning(root, at, here)
        } else {
            self.walk(root, at, here, at + width)
        };
        if !single {
            let floor = if width == 1 { 1 } else { self.pieces.floor(character) };
            let closing = u64::from(self.end && at + width == self.text.len());
            self.relax(at + width, here + u64::from(begin) + floor + closing);
        }
    }

    /// Walks on from `node`, which ends at `at`; `here` is the cost where the piece began, with no
    /// beginning of a word to take in. Says whether there is a piece that ends at `first`.
    #[inline]
    fn walk(&mut self, mut node: Node, at: usize, here: u64, first: usize) -> bool {
        let Some((&final_byte, inner)) = self.text.get(at..).and_then(<[u8]>::split_last) else {
            return false;
        };
        let mut single = false;
        let mut place = at;
        for &byte in inner {
            let Some(next) = self.pieces.trie.step(node, byte) else { return single };
            node = next;
            place += 1;
            // No branch: whether it is a piece cannot be foreseen.
            let is_piece = node.forms() & INNER != 0;
            single |= place == first && is_piece;
            self.relax(place, if is_piece { here + 1 } else { UNKNOWN });
        }
        if let Some(node) = self.pieces.trie.step(node, final_byte)
            && let Some(cost) = cost_of(node.forms(), false, self.end)
        {
            self.relax(place + 1, here + cost);
            single |= place + 1 == first && node.forms() & INNER != 0;
        }
        single
    }

    /// As [`Self::walk`], from the beginning of a word and the root.
    fn walk_from_beginning(&mut self, mut node: Node, mut at: usize, here: u64) -> bool {
        let last = self.text.len();
        let first = at + self.text.get(at).map_or(1, |&head| width(head));
        let mut single = false;
        while let Some(next) = self.text.get(at).and_then(|&b| self.pieces.trie.step(node, b)) {
            node = next;
            at += 1;
            single |= at == first && node.forms() & INNER != 0;
            if let Some(cost) = cost_of(node.forms(), true, self.end && at == last) {
                self.relax(at, here + cost);
            }
        }
        single
    }

    /// Tiles a long run of one character without walking through all pieces at every place.
    /// Returns where the run ends.
    fn long_run(&mut self, at: usize, width: usize, begin: bool) -> Option<usize> {
        let (text, pieces) = (self.text, self.pieces);
        let character = text.get(at..at + width)?;
        let is_next = |place: usize| text.get(place..place + width) == Some(character);
        if !is_next(at + (LONG_RUN - 1) * width) {
            return None;
        }
        let mut end = at + width;
        while is_next(end) {
            end += width;
        }
        let length = (end - at) / width;
        if length < LONG_RUN {
            return None;
        }
        let alone;
        let ladder = match pieces.ladder(character) {
            Some(ladder) => ladder,
            None => {
                alone = Ladder::alone(pieces.character(character));
                &alone
            }
        };
        let here = self.least(at);
        if begin {
            self.walk_from_beginning(pieces.trie.root(), at, here);
        }
        // Within the run only pieces of its own matter: so a cost is that of a place reached from
        // outside, and of the run from there. Few such places are not bettered by others.
        let reached = length.min(REACH / width);
        let mut sources = vec![(0, here + u64::from(begin))];
        for place in 1..reached {
            let cost = self.least(at + place * width);
            if cost < UNKNOWN && cost < least_from(&sources, ladder, place) {
                sources.push((place, cost));
            }
        }
        for place in (at..end).step_by(width).take(WINDOW) {
            self.clear(place, width);
        }
        let closing = u64::from(self.end && end == text.len());
        self.relax(end, least_from(&sources, ladder, length) + closing);
        // Pieces that begin in the run and take in something after it.
        let mut node = pieces.trie.root();
        for back in 1..=length {
            let next = character.iter().try_fold(node, |node, &b| pieces.trie.step(node, b));
            let Some(next) = next else { break };
            node = next;
            let here = least_from(&sources, ladder, length - back);
            if end < text.len() {
                self.walk(node, end, here, 0);
            } else if let Some(cost) = cost_of(node.forms(), false, self.end) {
                self.relax(end, here + cost);
            }
        }
        Some(end)
    }
}

/// The least cost of a place in a run of one character, from the places before it in `sources`.
fn least_from(sources: &[(usize, u64)], ladder: &Ladder, place: usize) -> u64 {
    let costs = sources.iter().filter_map(|&(source, cost)| {
        place.checked_sub(source).map(|length| cost + ladder.cost(length))
    });
    costs.min().unwrap_or(UNKNOWN)
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
