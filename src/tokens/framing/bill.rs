//! Tokens by where they are, while they are being added up.

use crate::tokens::counter::Texts;
use crate::tokens::parts::{Part, Parts};
use crate::tokens::{Interval, TokenEstimate};

/// The parts, under short names.
pub(super) mod part {
    use crate::tokens::parts::Part;

    pub const SYSTEM: Part = Part::System;
    pub const MESSAGES: Part = Part::Messages;
    pub const TOOLS: Part = Part::Tools;
    pub const TOOL_CALLS: Part = Part::ToolCalls;
    pub const IMAGES: Part = Part::Images;
    pub const FILES: Part = Part::Files;
    pub const SCHEMA: Part = Part::Schema;
    pub const FRAMING: Part = Part::Framing;
}

/// Tokens by part. A rule that is not certain makes the whole inexact, even where its interval
/// happens to be a single number.
#[derive(Debug, Default)]
pub(super) struct Bill {
    parts: [Interval; 8],
    uncertain: bool,
    below: u64,
    above: u64,
}

impl Bill {
    pub fn add(&mut self, part: Part, tokens: Interval) {
        if let Some(interval) = self.parts.get_mut(part as usize) {
            *interval += tokens;
        }
    }

    pub fn add_exact(&mut self, part: Part, tokens: u64) {
        self.add(part, Interval::exact(tokens));
    }

    /// Takes tokens away again, which a rule counts less than the sum of its parts.
    pub fn less(&mut self, part: Part, tokens: u64) {
        if let Some(interval) = self.parts.get_mut(part as usize) {
            *interval = interval.less(tokens);
        }
    }

    /// The tokens expected of a part so far.
    pub fn expected(&self, part: Part) -> u64 {
        self.parts.get(part as usize).map_or(0, |interval| interval.tokens)
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
        let sum: Interval = self.parts.iter().copied().sum();
        let sum = sum.widened(self.below, self.above);
        TokenEstimate {
            tokens: sum.tokens,
            low: sum.low,
            high: sum.high,
            exact: texts.is_exact() && !self.uncertain && sum.is_exact(),
            method: texts.method(),
            parts: Some(Parts::new(self.parts.map(|interval| interval.tokens))),
        }
    }
}
