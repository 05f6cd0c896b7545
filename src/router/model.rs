//! From features to the score: the probability that the stronger tier succeeds where the weaker
//! fails.
//!
//! A category has a base, in log-odds; small trees add what the features show beyond it, shrunk by
//! how many outcomes the category was trained on and by how far the ask is like them. All values
//! are integers of 2⁻¹⁶, so that every sum is exact, in any order, on any machine; the one
//! exponential at the end is our own. Trained by `trainer/train.py`; what it is worth stands in
//! `docs/router.md`.

use super::features::{COUNT, Category, Features};
use std::sync::OnceLock;

/// The weights. Layout, little-endian: `PFR1`, number of categories and of sets of trees (`u8`
/// each); per category base and shift of the trees' sum (`i32` each), gain and trust in 256ths (`u16`
/// each), its set (`u8`, 255 for none; the first set serves all), questions it was trained on (`u32`); per set the
/// number of trees (`u16`); per tree the number of nodes (`u8`) in preorder; per node feature (`u8`, 255 for a leaf) and value relative to the
/// root (`i16`), and unless it is a leaf threshold (`f32`) and index of the right child (`u8`).
const WEIGHTS: &[u8] = include_bytes!("../data/router.bin");
/// Values are integers of this part of one, in log-odds.
const UNIT: f64 = 65_536.0;
/// Trust and familiarity are told in 256ths.
const PARTS: f64 = 256.0;
const LEAF: u8 = 255;

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

/// Scores what was read from a request.
pub fn score(features: &Features) -> Score {
    let weights = weights();
    let category = features.category;
    let known = weights.categories.get(category.index()).copied().unwrap_or_default();
    let mut sums = [0_i64; COUNT];
    let own = weights.sets.get(usize::from(known.set));
    for tree in weights.sets.first().into_iter().chain(own).flatten() {
        walk(tree, features, &mut sums);
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
    contributions.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(b.0)));
    let log_odds = contributions.iter().map(|(_, value)| value).sum();
    let confidence = f64::from(known.trust) / PARTS * familiar;
    Score { need: sigmoid(log_odds), log_odds, category, contributions, confidence }
}

/// How many different questions of a category the weights were trained on.
pub fn questions(category: Category) -> u32 {
    weights().categories.get(category.index()).map_or(0, |known| known.questions)
}

/// Adds to each feature what its splits change on the way from the root to the leaf.
fn walk(tree: &[Node], features: &Features, sums: &mut [i64; COUNT]) {
    let mut at = 0_usize;
    // A child stands after its parent, so that this ends; the count of nodes bounds it anyway.
    for _ in 0..tree.len() {
        let Some(node) = tree.get(at).filter(|node| node.feature != LEAF) else { return };
        let value = features.values.get(usize::from(node.feature)).map_or(0.0, |(_, value)| *value);
        let child = if value <= node.threshold { at + 1 } else { usize::from(node.right) };
        if let (Some(next), Some(sum)) = (tree.get(child), sums.get_mut(usize::from(node.feature)))
        {
            *sum += i64::from(next.value) - i64::from(node.value);
        }
        at = child;
    }
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

#[derive(Clone, Copy, Debug)]
struct Node {
    feature: u8,
    value: i16,
    threshold: f32,
    right: u8,
}

#[derive(Debug, Default)]
struct Weights {
    categories: Vec<Known>,
    sets: Vec<Vec<Vec<Node>>>,
}

/// The weights, read once. They are part of the crate, and a test reads them to the last byte.
fn weights() -> &'static Weights {
    static READ: OnceLock<Weights> = OnceLock::new();
    READ.get_or_init(|| parse(WEIGHTS).unwrap_or_default())
}

fn parse(bytes: &[u8]) -> Option<Weights> {
    let mut rest = bytes.strip_prefix(b"PFR1")?;
    let (categories, sets) =
        (u8::from_le_bytes(take(&mut rest)?), u8::from_le_bytes(take(&mut rest)?));
    let mut weights = Weights::default();
    for _ in 0..categories {
        weights.categories.push(Known {
            base: i32::from_le_bytes(take(&mut rest)?),
            shift: i32::from_le_bytes(take(&mut rest)?),
            gain: u16::from_le_bytes(take(&mut rest)?),
            trust: u16::from_le_bytes(take(&mut rest)?),
            set: u8::from_le_bytes(take(&mut rest)?),
            questions: u32::from_le_bytes(take(&mut rest)?),
        });
    }
    for _ in 0..sets {
        let count = u16::from_le_bytes(take(&mut rest)?);
        weights.sets.push((0..count).map(|_| tree(&mut rest)).collect::<Option<Vec<_>>>()?);
    }
    rest.is_empty().then_some(weights)
}

fn tree(rest: &mut &[u8]) -> Option<Vec<Node>> {
    let nodes = u8::from_le_bytes(take(rest)?);
    (0..nodes)
        .map(|_| {
            let feature = u8::from_le_bytes(take(rest)?);
            let value = i16::from_le_bytes(take(rest)?);
            let leaf = feature == LEAF;
            let threshold = if leaf { 0.0 } else { f32::from_le_bytes(take(rest)?) };
            let right = if leaf { 0 } else { u8::from_le_bytes(take(rest)?) };
            Some(Node { feature, value, threshold, right })
        })
        .collect()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

/// The logistic function.
fn sigmoid(x: f64) -> f64 {
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
        assert!(WEIGHTS.len() <= 64 * 1024, "{} bytes", WEIGHTS.len());
        for tree in weights.sets.iter().flatten() {
            for (at, node) in tree.iter().enumerate().filter(|(_, node)| node.feature != LEAF) {
                assert!(usize::from(node.feature) < COUNT);
                assert!(usize::from(node.right) > at + 1 && usize::from(node.right) < tree.len());
            }
        }
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
