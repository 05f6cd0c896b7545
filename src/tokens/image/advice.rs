//! What a smaller picture would save.

use super::{ImageRule, Size, rule, shrunk_for_tiles, shrunk_to_edge, shrunk_to_patches};
use crate::catalog::Model;

/// A proposal to shrink a picture before sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it costs as it is, in tokens: what [`crate::tokens::TokenEstimate::parts`] has under
    /// `images` for it. What stands around it in a request (Claude: 2 to 3) is under `framing`.
    pub tokens: u64,
    /// The largest size in which the model sees the same pixels as now: the provider shrinks to it
    /// anyway. Fewer bytes to send; the tokens stay.
    pub same_view: Option<Size>,
    /// The largest smaller size, same proportions, that costs fewer tokens, and what it costs. It
    /// loses a little sharpness: at most one row or column of patches or tiles.
    pub cheaper: Option<(Size, u64)>,
    /// What `cheaper` saves, in tokens.
    pub saved: u64,
    /// Whether nothing is lost: `cheaper` is within one per cent of the size the model sees now.
    pub lossless: bool,
}

/// What a smaller version of a picture of `width` x `height` pixels would save on `model`. `None`
/// where size makes no difference to the price, or a side is 0.
pub fn advice(model: &Model, width: u32, height: u32) -> Option<Advice> {
    if width == 0 || height == 0 {
        return None;
    }
    let size = (width, height);
    let rule = rule(model).rule;
    let seen = match rule {
        ImageRule::ClaudePatches { patch, weight, long_edge, most } => {
            shrunk_to_patches(size, patch, weight, long_edge, most)
        }
        ImageRule::Tiles { .. } => shrunk_for_tiles(size),
        ImageRule::Rows { long_edge, .. } => shrunk_to_edge(size, long_edge),
        ImageRule::Patches { .. } => size,
        ImageRule::Flat(_) | ImageRule::Unknown(_) => return None,
    };
    let tokens = rule.of_size(size);
    let cheaper = next_cheaper(rule, size, seen, tokens);
    let edge = f64::from(seen.0.max(seen.1));
    Some(Advice {
        tokens,
        same_view: (seen != size).then_some(seen),
        saved: cheaper.map_or(0, |(_, cost)| tokens - cost),
        lossless: cheaper.is_some_and(|(small, _)| f64::from(small.0.max(small.1)) >= edge * 0.99),
        cheaper,
    })
}

/// The largest size below the one that is seen that costs less, found by halving: cost never falls
/// as a picture grows.
fn next_cheaper(rule: ImageRule, size: Size, seen: Size, tokens: u64) -> Option<(Size, u64)> {
    let cost = |edge: u32| rule.of_size(shrunk_to_edge(size, edge));
    let (mut good, mut bad) = (1_u32, seen.0.max(seen.1));
    if bad <= 1 || cost(good) >= tokens {
        return None;
    }
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if cost(middle) < tokens {
            good = middle;
        } else {
            bad = middle;
        }
    }
    let small = shrunk_to_edge(size, good);
    Some((small, rule.of_size(small)))
}
