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

    /// All of them.
    pub const ALL: [&str; 8] =
        [SYSTEM, MESSAGES, TOOLS, TOOL_CALLS, IMAGES, FILES, SCHEMA, FRAMING];
}

/// Tokens by part. A rule that is not certain makes the whole inexact, even where its interval
/// happens to be a single number.
#[derive(Debug, Default)]
pub(super) struct Bill {
    parts: BTreeMap<&'static str, Interval>,
    uncertain: bool,
    below: u64,
    above: u64,
}

impl Bill {
    pub fn add(&mut self, part: &'static str, tokens: Interval) {
        *self.parts.entry(part).or_default() += tokens;
    }

    pub fn add_exact(&mut self, part: &'static str, tokens: u64) {
        self.add(part, Interval::exact(tokens));
    }

    /// Takes tokens away again, which a rule counts less than the sum of its parts.
    pub fn less(&mut self, part: &'static str, tokens: u64) {
        if let Some(interval) = self.parts.get_mut(part) {
            *interval = interval.less(tokens);
        }
    }

    /// The tokens expected of a part so far.
    pub fn expected(&self, part: &'static str) -> u64 {
        self.parts.get(part).map_or(0, |interval| interval.tokens)
    }

    /// Marks the whole as not certain.
    pub fn doubt(&mut self) {
        self.uncertain = true;
    }

    /// More doubt, not more tokens: `below` fewer or `above` more may be billed.
    pub fn widen(&mut self, below: u64, above: u64) {
        self.uncertain |= below > 0 || above > 0;
        self.below = self.below.saturating_add(below);
        self.above = self.above.saturating_add(above);
    }

    pub fn total(self, texts: Texts) -> TokenEstimate {
        let sum: Interval = self.parts.values().copied().sum();
        let sum = sum.widened(self.below, self.above);
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
