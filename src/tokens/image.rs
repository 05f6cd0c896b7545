//! What a picture costs: rules by provider and model, as data with their evidence, and the size of
//! a picture read from its header.
//!
//! Evidence is the recorded usage that was examined on 2026-11-22 (requests whose text is counted
//! exactly, so that the rest is the picture), or a provider's documentation where no record tells.

mod advice;
mod size;

pub use advice::{Advice, advice};
pub(crate) use size::bytes_of_data_url;
pub use size::{Size, size_of_base64, size_of_bytes, size_of_data_url};

use super::Interval;
use super::model::{ClaudeVersion, claude_version, has_word};
use crate::catalog::Model;

/// How a model counts a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ImageRule {
    /// Claude: patches of `patch` pixels, `weight` tokens each, after a shrink to `long_edge` and
    /// `most` tokens.
    ClaudePatches {
        /// Side of a patch in pixels.
        patch: u32,
        /// Tokens per patch.
        weight: u64,
        /// Longest side that is not shrunk, in pixels.
        long_edge: u32,
        /// Most tokens of patches.
        most: u64,
    },
    /// OpenAI: `base` and `tile` tokens per 512-pixel tile, after a shrink into 2048 x 2048 and to
    /// 768 on the short side.
    Tiles {
        /// Tokens per picture; all that `detail: "low"` costs.
        base: u64,
        /// Tokens per tile.
        tile: u64,
    },
    /// OpenAI's smaller models: patches of 32 pixels, at most 1536 after a shrink, times a factor
    /// in hundredths, rounded up, and one.
    Patches {
        /// Hundredths of a token per patch.
        hundredths: u64,
    },
    /// Mistral: patches in rows, one more token at each row's end, after a shrink to `long_edge`.
    Rows {
        /// Side of a patch in pixels.
        patch: u32,
        /// Longest side that is not shrunk, in pixels.
        long_edge: u32,
    },
    /// The same for every size.
    Flat(Interval),
    /// Not known how: from one number to another, so wide that it is no more than a warning.
    Unknown(Interval),
}

/// A rule with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourcedRule {
    /// The rule.
    pub rule: ImageRule,
    /// What was seen, or who says so.
    pub source: &'static str,
    /// Whether enough records agree to call a count exact.
    pub certain: bool,
}

const fn sourced(rule: ImageRule, certain: bool, source: &'static str) -> SourcedRule {
    SourcedRule { rule, source, certain }
}

const fn span(low: u64, tokens: u64, high: u64) -> Interval {
    Interval { low, tokens, high }
}

/// Rules for models that are not Claude, first match holds: laboratory, word of the id that must
/// begin there (empty: any), rule.
const RULES: &[(&str, &str, SourcedRule)] = &[
    (
        "openai",
        "gpt-4o-mini",
        sourced(
            ImageRule::Tiles { base: 2833, tile: 5667 },
            true,
            "25 records, 100x100 to 640x480",
        ),
    ),
    (
        "openai",
        "gpt-4.1-mini",
        sourced(
            ImageRule::Patches { hundredths: 162 },
            true,
            "2 records, 640x480; factor from OpenAI's documentation",
        ),
    ),
    (
        "openai",
        "gpt-4.1-nano",
        sourced(
            ImageRule::Patches { hundredths: 246 },
            true,
            "21 records, 128x128 and 540x360; factor from OpenAI's documentation",
        ),
    ),
    (
        "openai",
        "gpt-4.1",
        sourced(
            ImageRule::Tiles { base: 85, tile: 170 },
            false,
            "OpenAI's documentation; as gpt-4o",
        ),
    ),
    (
        "openai",
        "gpt-4o",
        sourced(ImageRule::Tiles { base: 85, tile: 170 }, true, "14 records, 100x100 to 3008x2000"),
    ),
    (
        "openai",
        "gpt-4",
        sourced(
            ImageRule::Tiles { base: 85, tile: 170 },
            false,
            "OpenAI's documentation; 3 records with an address",
        ),
    ),
    (
        "openai",
        "gpt-5-nano",
        sourced(
            ImageRule::Patches { hundredths: 150 },
            false,
            "9 records, 128x128 only: 25 and 24",
        ),
    ),
    ("openai", "gpt-5-mini", sourced(ImageRule::Patches { hundredths: 120 }, false, "few records")),
    (
        "openai",
        "gpt-5",
        sourced(ImageRule::Tiles { base: 70, tile: 140 }, false, "OpenAI's documentation"),
    ),
    (
        "openai",
        "o4-mini",
        sourced(
            ImageRule::Patches { hundredths: 172 },
            true,
            "8 records, 640x480; factor from OpenAI's documentation",
        ),
    ),
    (
        "openai",
        "o1",
        sourced(ImageRule::Tiles { base: 75, tile: 150 }, false, "OpenAI's documentation"),
    ),
    (
        "openai",
        "o3",
        sourced(ImageRule::Tiles { base: 75, tile: 150 }, false, "OpenAI's documentation"),
    ),
    (
        "openai",
        "",
        sourced(ImageRule::Unknown(span(20, 500, 3000)), false, "no record of this model"),
    ),
    (
        "google",
        "gemini-2.0",
        sourced(
            ImageRule::Unknown(span(258, 258, 1806)),
            false,
            "258 when small, 1,290 at 640x480",
        ),
    ),
    (
        "google",
        "gemini-1",
        sourced(ImageRule::Flat(span(258, 258, 258)), false, "Google's documentation"),
    ),
    (
        "google",
        "gemini-2.5",
        sourced(ImageRule::Flat(span(258, 258, 258)), true, "recorded up to 3008x2000"),
    ),
    (
        "google",
        "gemini",
        sourced(ImageRule::Flat(span(1060, 1090, 1120)), false, "1,085 to 1,107 recorded on 3.x"),
    ),
    (
        "google",
        "",
        sourced(ImageRule::Unknown(span(64, 258, 1120)), false, "no record of this model"),
    ),
    (
        "mistral",
        "pixtral-large",
        sourced(ImageRule::Rows { patch: 16, long_edge: 1024 }, false, "as pixtral-12b"),
    ),
    (
        "mistral",
        "pixtral-12b-latest",
        sourced(
            ImageRule::Rows { patch: 16, long_edge: 1024 },
            false,
            "9 records of 128x128: 72; 7 of pixtral-12b: 30, as newer models",
        ),
    ),
    (
        "mistral",
        "",
        sourced(
            ImageRule::Rows { patch: 28, long_edge: 1540 },
            false,
            "3 records, 64x64: 12 each; 5 of 128x128: 30",
        ),
    ),
    (
        "xai",
        "grok-2",
        sourced(ImageRule::Flat(span(256, 257, 1800)), false, "6 records of small pictures: 256"),
    ),
    (
        "xai",
        "",
        sourced(ImageRule::Flat(span(140, 256, 1800)), false, "10 records of small pictures"),
    ),
    (
        "meta",
        "",
        sourced(ImageRule::Unknown(span(145, 730, 2500)), false, "2 records of Llama 4 Scout"),
    ),
    ("", "", sourced(ImageRule::Unknown(span(20, 500, 3000)), false, "no record of this model")),
];

/// The rule by which `model` counts pictures.
pub fn rule(model: &Model) -> SourcedRule {
    if let Some(version) = claude_version(&model.id) {
        return claude_rule(version);
    }
    let id = model.id.to_ascii_lowercase();
    RULES
        .iter()
        .find(|(lab, word, _)| {
            (lab.is_empty() || model.lab == *lab) && (word.is_empty() || has_word(&id, word))
        })
        .map_or(
            sourced(ImageRule::Unknown(span(20, 500, 3000)), false, "no record of this model"),
            |(_, _, rule)| *rule,
        )
}

fn claude_rule(version: ClaudeVersion) -> SourcedRule {
    if version.at_least(4, 7) {
        return sourced(
            ImageRule::ClaudePatches { patch: 28, weight: 1, long_edge: 2576, most: 4784 },
            false,
            "1 size recorded (1800x1200: 2797); the limits are Anthropic's documentation's",
        );
    }
    if version.is(3, 5) && version.is_haiku() {
        return sourced(
            ImageRule::ClaudePatches { patch: 56, weight: 4, long_edge: 1568, most: 1568 },
            true,
            "5 sizes recorded, 128x128 to 995x996",
        );
    }
    sourced(
        ImageRule::ClaudePatches { patch: 28, weight: 1, long_edge: 1568, most: 1568 },
        true,
        "142 records, 99.3 % exact; on records kept aside 72.5 %, the rest one more",
    )
}

impl ImageRule {
    /// Tokens of one picture of `size`, `detail` as OpenAI takes it. Without a size: from the
    /// cheapest to the dearest picture that this rule knows.
    pub fn tokens(&self, size: Option<Size>, detail: Option<&str>) -> Interval {
        if let Self::Flat(interval) | Self::Unknown(interval) = self {
            return *interval;
        }
        if let (Self::Tiles { base, .. }, Some("low")) = (self, detail) {
            return Interval::exact(*base);
        }
        match size {
            Some(size) => Interval::exact(self.of_size(size)),
            // Most pictures are larger than the largest that is not shrunk.
            None => Interval::new(
                self.of_size((1, 1)),
                self.of_size((1024, 1024)),
                self.of_size((4096, 4096)).max(self.of_size((4096, 2048))),
            ),
        }
    }

    fn of_size(&self, (width, height): Size) -> u64 {
        match *self {
            Self::ClaudePatches { patch, weight, long_edge, most } => {
                let (width, height) =
                    shrunk_to_patches((width, height), patch, weight, long_edge, most);
                patches(width, height, patch) * weight
            }
            Self::Tiles { base, tile } => {
                let (width, height) = shrunk_for_tiles((width, height));
                base + tile * patches(width, height, 512)
            }
            Self::Patches { hundredths } => {
                let (width, height) = shrunk_for_patches((width, height));
                // In floating point, as OpenAI does: 300 patches at 1.62 are 487, not 486 (2 records).
                let factor = hundredths as f64 / 100.0;
                (patches(width, height, 32) as f64 * factor).ceil() as u64 + 1
            }
            Self::Rows { patch, long_edge } => {
                let (width, height) = shrunk_to_edge((width, height), long_edge);
                let rows = u64::from(height.div_ceil(patch));
                let columns = u64::from(width.div_ceil(patch));
                rows * (columns + 1)
            }
            Self::Flat(interval) | Self::Unknown(interval) => interval.tokens,
        }
    }
}

fn patches(width: u32, height: u32, side: u32) -> u64 {
    let side = side.max(1);
    u64::from(width.div_ceil(side)) * u64::from(height.div_ceil(side))
}

/// One side of a picture whose other side shrinks from `from` to `to`, rounded, at least 1.
fn in_proportion(side: u32, to: u32, from: u32) -> u32 {
    let from = u64::from(from.max(1));
    let scaled = (u64::from(side) * u64::from(to) * 2 + from) / (2 * from);
    u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
}

/// The largest uniform shrink whose longest side is at most `edge`.
fn shrunk_to_edge((width, height): Size, edge: u32) -> Size {
    if width.max(height) <= edge {
        (width, height)
    } else if width >= height {
        (edge, in_proportion(height, edge, width))
    } else {
        (in_proportion(width, edge, height), edge)
    }
}

/// Claude's shrink: the largest uniform one with whole sides, the longest at most `long_edge`, that
/// makes at most `most` tokens. Found by halving, since tokens only grow with the longest side.
fn shrunk_to_patches(size: Size, patch: u32, weight: u64, long_edge: u32, most: u64) -> Size {
    let fits = |(w, h): Size| patches(w, h, patch) * weight <= most;
    let start = shrunk_to_edge(size, long_edge);
    if fits(start) {
        return start;
    }
    let (mut good, mut bad) = (1_u32, start.0.max(start.1));
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if fits(shrunk_to_edge(size, middle)) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    shrunk_to_edge(size, good)
}

/// OpenAI's shrink for the smaller models, from its documentation: to an area of 1536 patches, then
/// so that one side is a whole number of patches.
fn shrunk_for_patches((width, height): Size) -> Size {
    if patches(width, height, 32) <= 1536 {
        return (width, height);
    }
    let (w, h) = (f64::from(width) / 32.0, f64::from(height) / 32.0);
    let ratio = (1536.0 / (w * h)).sqrt();
    let whole = |side: f64| (side.floor() / side).max(f64::MIN_POSITIVE);
    let ratio = ratio * whole(w * ratio).min(whole(h * ratio));
    let side = |s: f64| ((s * ratio * 32.0).round() as u32).max(1);
    let (width, height) = (side(w), side(h));
    // Rounding of very long and thin pictures must not leave them above the limit.
    if patches(width, height, 32) > 1536 {
        (width.min(1536 * 32), height.min(32))
    } else {
        (width, height)
    }
}

/// OpenAI's shrink: into 2048 x 2048, then to 768 on the short side; never enlarged.
fn shrunk_for_tiles(size: Size) -> Size {
    let (width, height) = shrunk_to_edge(size, 2048);
    let short = width.min(height);
    if short <= 768 {
        return (width, height);
    }
    (in_proportion(width, 768, short), in_proportion(height, 768, short))
}

#[cfg(test)]
mod tests;
