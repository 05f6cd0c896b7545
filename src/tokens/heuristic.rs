//! An estimate of the tokens of a text from what kinds of characters it is made of, with an
//! interval. Always at hand, in one pass, for every tokenizer.
//!
//! The text is described by counts ([`Features`]): characters and runs by script, Latin words by
//! length, pairs of neighbouring letters, digits, punctuation, white space. Each tokenizer family
//! has one coefficient per count, fitted by `scripts/fit-heuristic.py` against exact counters on
//! texts of some hundred languages, code and data; the width of the interval was fitted on other
//! sources than the coefficients, and its coverage measured on yet others (`docs/tokens.md`).

mod coefficients;
mod features;
mod live;

use super::Interval;
use crate::catalog::Tokenizer;
pub use features::{FEATURES, Features, GROUPS, PAIRS_FROM, group_of};
pub use live::LiveEstimate;

/// Unit of the stored plain coefficients and widths, in tokens.
const UNIT: f64 = 1.0 / 1024.0;
/// Unit of the stored coefficients of letter pairs, in tokens.
const PAIR_UNIT: f64 = 1.0 / 64.0;

/// One tokenizer family's coefficients.
struct Family {
    name: &'static str,
    plain: &'static [i16],
    pairs: &'static [i8],
    /// Per group of [`group_of`], then per root of the tokens, then for the text as such.
    widths: &'static [i16],
}

/// Estimates the tokens of a bare text, in tokens of `tokenizer`. Never exact: the interval was
/// made to hold 90 to 95 % of texts of sources that it was not fitted on.
pub fn estimate(text: &str, tokenizer: &Tokenizer) -> Interval {
    estimate_features(&Features::of(text), tokenizer)
}

/// The same from counts already taken, e.g. summed over the pieces of an edited text.
pub fn estimate_features(features: &Features, tokenizer: &Tokenizer) -> Interval {
    let Some(family) = family(tokenizer) else { return Interval::exact(0) };
    let coefficients = family
        .plain
        .iter()
        .map(|&k| f64::from(k) * UNIT)
        .chain(family.pairs.iter().map(|&k| f64::from(k) * PAIR_UNIT));
    let mut groups = [0.0_f64; GROUPS];
    let mut any = false;
    for (feature, (&count, coefficient)) in features.counts().iter().zip(coefficients).enumerate() {
        if count == 0 {
            continue;
        }
        any = true;
        if let Some(group) = groups.get_mut(group_of(feature)) {
            *group += f64::from(count) * coefficient;
        }
    }
    if !any {
        return Interval::exact(0);
    }
    let tokens = groups.iter().sum::<f64>().max(1.0);
    let shares = groups.iter().map(|g| g.max(0.0)).chain([tokens.sqrt(), 1.0]);
    let half: f64 = family.widths.iter().zip(shares).map(|(&w, x)| f64::from(w) * UNIT * x).sum();
    let whole = |x: f64| if x < 1.0 { 1 } else { x.round() as u64 };
    Interval { low: whole(tokens - half), tokens: whole(tokens), high: whole(tokens + half) }
}

/// The family that a tokenizer belongs to; the one for all others if its name is not known.
fn family(tokenizer: &Tokenizer) -> Option<&'static Family> {
    let name = tokenizer.name();
    let prefixes = ["gemma", "tekken", "deepseek", "llama", "qwen"];
    let wanted = prefixes.into_iter().find(|p| name.starts_with(p)).unwrap_or(name);
    // "o200k?": said to be OpenAI's, not shown.
    let wanted = if name.starts_with("o200k") { "o200k_base" } else { wanted };
    let by_name = |wanted: &str| coefficients::FAMILIES.iter().find(|f| f.name == wanted);
    by_name(wanted).or_else(|| by_name("unknown"))
}
