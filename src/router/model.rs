//! From features to the score: the probability that the stronger tier succeeds where the weaker
//! fails.
//!
//! A category has a base, in log-odds; small trees add what the features show beyond it, shrunk by
//! how many outcomes the category was trained on and by how far the ask is like them. All values
//! are integers of 2⁻¹⁶, so that every sum is exact, in any order, on any machine; the one
//! exponential at the end is our own. Trained by `trainer/train.py`; what it is worth stands in
//! `docs/router.md`.

use super::features::{COUNT, Category, Features};
use crate::sort::sort;
use std::sync::OnceLock;

/// The weights. Layout, little-endian: `PFR2`; number of categories and of sets of trees (`u8` each);
/// share of outcomes where only the weaker was right (`u16`, in 65,536ths); quantiles of `need` in
/// training (their number as `u8`, then `u16` each, in 65,536ths). Per category base and shift of the
/// trees' sum (`i32` each), gain and trust in 256ths (`u16` each), its set (`u8`, 255 for none; the
/// first set serves all), questions it was trained on (`u32`). Per feature the number of its thresholds
/// (`u8`); then the low and the high bytes of all thresholds, which are the upper halves of `f32`s. Per set
/// the number of trees (`u16`), their depth and the binary exponent of a leaf's unit (`u8` each);
/// then column by column, as all trees are complete: of each inner node the feature, then of each the
/// threshold's number (past the last one: always left), then the leaves (`i8`).
const WEIGHTS: &[u8] = include_bytes!("../data/router.bin");
/// Values are integers of this part of one, in log-odds.
const UNIT: f64 = 65_536.0;
/// Trust and familiarity are told in 256ths.
const PARTS: f64 = 256.0;

/// The score of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// 0 to 1: the probability that the stronger tier succeeds where the weaker fails.
    pub need: f64,
    /// The same in log-odds: the sum of the contributions.
    pub log_odds: f64,
    /// The kind of task.
    pub category: Category,
    /// What each feature adds, in log-odds, largest first; `"category"` is the base. Their sum is
    /// [`Score::log_odds`] exactly.
    pub contributions: Vec<(&'static str, f64)>,
    /// 0 to 1: how far the score rests on outcomes of prompts like this one. 0 where nothing but
    /// the base rate is known, as for a kind of task or a language without outcomes.
    pub confidence: f64,
}

impl Score {
    /// Moves the score by `log_odds`, told under `name` behind the base. A multiple of 2⁻¹⁶ keeps the
    /// sum exact.
    pub(super) fn shift(&mut self, name: &'static str, log_odds: f64) {
        self.contributions.insert(1, (name, log_odds));
        self.log_odds += log_odds;
        self.need = sigmoid(self.log_odds);
    }
}

/// Scores what was read from a request.
pub fn score(features: &Features) -> Score {
    let weights = weights();
    let category = features.category;
    let known = weights.categories.get(category.index()).copied().unwrap_or_default();
    let mut sums = [0_i64; COUNT];
    let own = weights.sets.get(usize::from(known.set));
    for trees in weights.sets.first().into_iter().chain(own) {
        for tree in 0..trees.count {
            weights.walk(trees, tree, features, &mut sums);
        }
    }
    // 2^-16 times 2^-8 times 2^-8, and far below 2^20 of it: every sum and product is exact.
    let familiar = f64::from(features.familiar.min(256)) / PARTS;
    let gain = f64::from(known.gain) / PARTS * familiar;
    let exact = |sum: i64| sum as f64 / UNIT;
    let base = f64::from(known.base) / UNIT + exact(i64::from(known.shift)) * gain;
    let mut contributions = vec![("category", base)];
    for ((name, _), sum) in features.values.iter().zip(sums) {
        if sum != 0 && gain > 0.0 {
            contributions.push((name, exact(sum) * gain));
        }
    }
    sort(&mut contributions, |a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(b.0)).is_lt());
    let log_odds = contributions.iter().map(|(_, value)| value).sum();
    let confidence = f64::from(known.trust) / PARTS * familiar;
    Score { need: sigmoid(log_odds), log_odds, category, contributions, confidence }
}

/// How many different questions of a category the weights were trained on.
pub fn questions(category: Category) -> u32 {
    weights().categories.get(category.index()).map_or(0, |known| known.questions)
}

/// The share of outcomes in training where only the weaker model was right, 0 to 1.
pub fn weak_only() -> f64 {
    f64::from(weights().weak_only) / UNIT
}

/// Quantiles of `need` in training, evenly spaced from the least to the greatest.
pub fn quantiles() -> impl Iterator<Item = f64> {
    weights().quantiles.iter().map(|value| f64::from(*value) / UNIT)
}

/// What tells these weights from others: FNV-1a, 64 bits.
pub fn version() -> u64 {
    WEIGHTS.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    base: i32,
    shift: i32,
    gain: u16,
    trust: u16,
    set: u8,
    questions: u32,
}

/// Complete trees of one depth, column by column.
#[derive(Debug)]
struct Trees {
    count: usize,
    depth: u32,
    exponent: u32,
    nodes: &'static [u8],
    thresholds: &'static [u8],
    leaves: &'static [u8],
}

impl Trees {
    const fn inner(&self) -> usize {
        (1 << self.depth) - 1
    }

    fn leaf(&self, tree: usize, leaf: usize) -> i64 {
        let value = self.leaves.get(leaf * self.count + tree).copied().unwrap_or(0);
        i64::from(i8::from_le_bytes([value])) << self.exponent
    }

    /// The values of all nodes in breadth-first order. An inner node's is the mean of its children,
    /// rounded down.
    fn values(&self, tree: usize) -> [i64; 16] {
        let mut values = [0; 16];
        let inner = self.inner();
        for node in (0..=2 * inner).rev() {
            let of = |child: usize| values.get(child).copied().unwrap_or(0);
            let value = match node.checked_sub(inner) {
                Some(leaf) => self.leaf(tree, leaf),
                None => (of(2 * node + 1) + of(2 * node + 2)) >> 1,
            };
            if let Some(place) = values.get_mut(node) {
                *place = value;
            }
        }
        values
    }
}

#[derive(Debug, Default)]
struct Weights {
    weak_only: u16,
    quantiles: Vec<u16>,
    categories: Vec<Known>,
    /// Per feature, where its thresholds begin and how many there are.
    places: Vec<(usize, u8)>,
    thresholds: Vec<f32>,
    sets: Vec<Trees>,
}

impl Weights {
    /// Adds to each feature what its splits change on the way from the root to the leaf.
    fn walk(&self, trees: &Trees, tree: usize, features: &Features, sums: &mut [i64; COUNT]) {
        let values = trees.values(tree);
        let mut at = 0_usize;
        for _ in 0..trees.depth {
            let column = at * trees.count + tree;
            let feature = usize::from(trees.nodes.get(column).copied().unwrap_or(0));
            let number = trees.thresholds.get(column).copied().unwrap_or(0);
            let value = features.values.get(feature).map_or(0.0, |(_, value)| *value);
            let child = 2 * at + 1 + usize::from(self.is_above(feature, number, value));
            let of = |node: usize| values.get(node).copied().unwrap_or(0);
            if let Some(sum) = sums.get_mut(feature) {
                *sum += of(child) - of(at);
            }
            at = child;
        }
    }

    fn is_above(&self, feature: usize, number: u8, value: f32) -> bool {
        let (start, count) = self.places.get(feature).copied().unwrap_or_default();
        number < count
            && self
                .thresholds
                .get(start + usize::from(number))
                .is_some_and(|threshold| value > *threshold)
    }
}

/// The weights, read once. They are part of the crate, and a test reads them to the last byte.
fn weights() -> &'static Weights {
    static READ: OnceLock<Weights> = OnceLock::new();
    READ.get_or_init(|| parse(WEIGHTS).unwrap_or_default())
}

fn parse(bytes: &'static [u8]) -> Option<Weights> {
    let mut rest = bytes.strip_prefix(b"PFR2")?;
    let rest = &mut rest;
    let (categories, sets) = (byte(rest)?, byte(rest)?);
    let mut weights = Weights { weak_only: u16::from_le_bytes(take(rest)?), ..Weights::default() };
    for _ in 0..byte(rest)? {
        weights.quantiles.push(u16::from_le_bytes(take(rest)?));
    }
    for _ in 0..categories {
        weights.categories.push(Known {
            base: i32::from_le_bytes(take(rest)?),
            shift: i32::from_le_bytes(take(rest)?),
            gain: u16::from_le_bytes(take(rest)?),
            trust: u16::from_le_bytes(take(rest)?),
            set: byte(rest)?,
            questions: u32::from_le_bytes(take(rest)?),
        });
    }
    let mut count = 0;
    for _ in 0..COUNT {
        let own = byte(rest)?;
        weights.places.push((count, own));
        count += usize::from(own);
    }
    let low = part(rest, count)?;
    for (low, high) in low.iter().zip(part(rest, count)?) {
        weights.thresholds.push(f32::from_le_bytes([0, 0, *low, *high]));
    }
    for _ in 0..sets {
        let count = usize::from(u16::from_le_bytes(take(rest)?));
        let depth = u32::from(byte(rest)?);
        // Deeper trees have no place in `values`.
        if depth > 3 {
            return None;
        }
        let exponent = u32::from(byte(rest)?.min(16));
        let inner = (1 << depth) - 1;
        weights.sets.push(Trees {
            count,
            depth,
            exponent,
            nodes: part(rest, count * inner)?,
            thresholds: part(rest, count * inner)?,
            leaves: part(rest, count * (inner + 1))?,
        });
    }
    rest.is_empty().then_some(weights)
}

fn byte(rest: &mut &'static [u8]) -> Option<u8> {
    take(rest).map(|[byte]| byte)
}

fn part(rest: &mut &'static [u8], count: usize) -> Option<&'static [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn take<const N: usize>(rest: &mut &'static [u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

/// The logistic function.
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + exponential(-x))
}

/// e to the power of `x` by addition, multiplication and division alone: the platform's own differs
/// in the last bit from one to the next. Within 1e-15 of it, relatively; `x` is held within ±30.
fn exponential(x: f64) -> f64 {
    // ln 2 in two parts, the first with few enough bits that its small multiples are exact.
    const HIGH: f64 = 6.931_471_803_691_238e-1;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = x.clamp(-30.0, 30.0);
    let power = (x / std::f64::consts::LN_2 + 0.5).floor();
    let rest = x - power * HIGH - power * LOW;
    let mut sum = 1.0;
    for term in (1..=16_u8).rev() {
        sum = 1.0 + rest * sum / f64::from(term);
    }
    let two = if power < 0.0 { 0.5 } else { 2.0 };
    (0..power.abs() as u32).fold(sum, |value, _| value * two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_read_to_the_last_byte_and_are_small() {
        let weights = parse(WEIGHTS).unwrap();
        assert_eq!(weights.categories.len(), Category::ALL.len());
        assert!(WEIGHTS.len() <= 16 * 1024, "{} bytes", WEIGHTS.len());
        assert_eq!(weights.places.len(), COUNT);
        for set in &weights.sets {
            assert!(set.count > 0 && set.depth > 0);
            assert!(set.nodes.iter().all(|feature| usize::from(*feature) < COUNT));
        }
        assert!(weights.quantiles.is_sorted());
        assert!(weak_only() > 0.0 && weak_only() < 0.2);
        assert!(parse(&WEIGHTS[..WEIGHTS.len() - 1]).is_none());
    }

    #[test]
    fn the_exponential_is_the_exponential() {
        for step in -3000..=3000 {
            let x = f64::from(step) / 100.0;
            assert!((exponential(x) / x.exp() - 1.0).abs() < 1e-14, "{x}");
        }
    }
}
