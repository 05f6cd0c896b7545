//! A number of tokens with its honest doubt.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// An expected number of tokens between two ends. `low <= tokens <= high`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// The lower end.
    pub low: u64,
    /// The expected number.
    pub tokens: u64,
    /// The upper end.
    pub high: u64,
}

impl Interval {
    /// A number without doubt.
    pub const fn exact(tokens: u64) -> Self {
        Self { low: tokens, tokens, high: tokens }
    }

    /// An interval from its ends and the number expected; what is out of order is put in order.
    pub fn new(low: u64, tokens: u64, high: u64) -> Self {
        Self { low: low.min(tokens), tokens, high: high.max(tokens) }
    }

    /// The same number with more doubt: `below` tokens less, `above` tokens more.
    #[must_use]
    pub fn widened(self, below: u64, above: u64) -> Self {
        Self {
            low: self.low.saturating_sub(below),
            tokens: self.tokens,
            high: self.high.saturating_add(above),
        }
    }

    /// Whether there is no doubt.
    pub fn is_exact(self) -> bool {
        self.low == self.high
    }

    /// `self` without `other`'s expected tokens, doubt kept as it is.
    #[must_use]
    pub fn less(self, tokens: u64) -> Self {
        Self {
            low: self.low.saturating_sub(tokens),
            tokens: self.tokens.saturating_sub(tokens),
            high: self.high.saturating_sub(tokens),
        }
    }
}

impl Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_add(other.low),
            tokens: self.tokens.saturating_add(other.tokens),
            high: self.high.saturating_add(other.high),
        }
    }
}

impl AddAssign for Interval {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Interval {
    fn sum<I: Iterator<Item = Self>>(intervals: I) -> Self {
        intervals.fold(Self::default(), Add::add)
    }
}
