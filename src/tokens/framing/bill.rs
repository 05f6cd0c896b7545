//! Tokens by where they are, while they are being added up.

use crate::tokens::counter::Texts;
use crate::tokens::{Interval, TokenEstimate};
use std::collections::BTreeMap;

/// The part of a request that tokens belong to. The names are those of [`TokenEstimate::parts`].
pub(super) mod part {
    pub const SYSTEM: &str = "system";
    pub const MESSAGES: &str = "messages";
    pub const TOOLS: &str = "tools";
    pub const TOOL_CALLS: &str = "toolCalls";
    pub const IMAGES: &str = "images";
    pub const FILES: &str = "files";
    pub const SCHEMA: &str = "schema";
    pub const FRAMING: &str = "framing";
}

/// Tokens by part. A rule that is not certain makes the whole inexact, even where its interval
/// happens to be a single number.
#[derive(Debug, Default)]
pub(super) struct Bill {
    parts: BTreeMap<&'static str, Interval>,
    uncertain: bool,
}

impl Bill {
    pub fn add(&mut self, part: &'static str, tokens: Interval) {
        *self.parts.entry(part).or_default() += tokens;
    }

    #[allow(dead_code)]
    pub fn add_exact(&mut self, part: &'static str, tokens: u64) {
        self.add(part, Interval::exact(tokens));
    }

    /// Marks the whole as not certain.
    pub fn doubt(&mut self) {
        self.uncertain = true;
    }

    /// More doubt, not more tokens: `below` fewer or `above` more may be billed.
    #[allow(dead_code)]
    pub fn widen(&mut self, below: u64, above: u64) {
        self.uncertain = true;
        self.parts.entry(part::FRAMING).or_default();
        if let Some(framing) = self.parts.get_mut(part::FRAMING) {
            *framing = Interval {
                low: framing.low.saturating_sub(below),
                tokens: framing.tokens,
                high: framing.high.saturating_add(above),
            };
        }
    }

    pub fn total(self, texts: Texts) -> TokenEstimate {
        let sum: Interval = self.parts.values().copied().sum();
        let parts =
            self.parts.iter().filter(|(_, i)| i.tokens > 0).map(|(&name, i)| (name, i.tokens));
        TokenEstimate {
            tokens: sum.tokens,
            low: sum.low,
            high: sum.high,
            exact: texts.is_exact() && !self.uncertain && sum.is_exact(),
            method: texts.method(),
            parts: Some(parts.collect()),
        }
    }
}
