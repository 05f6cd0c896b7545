//! The tiers that a prompt can be put for.

use crate::error::{Error, Result};

/// How a prompt is put for a model: as it was written, or with the words that suit a tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Nothing is added that the person did not write.
    #[default]
    Plain,
    /// Step by step, every conclusion justified, alternatives considered.
    Deep,
    /// Short and direct; a complex ask split into steps.
    Fast,
    /// As suits the model that is picked: to be settled by a plan.
    Auto,
}

impl Tier {
    /// Reads a tier's name.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is none.
    pub fn from_name(name: &str) -> Result<Self> {
        for tier in [Self::Plain, Self::Deep, Self::Fast, Self::Auto] {
            if tier.name() == name {
                return Ok(tier);
            }
        }
        Err(Error::invalid_input(format!(
            "options: tier: found {name:?}, wanted deep, fast, plain or (in a plan) auto"
        )))
    }

    /// The stable spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Deep => "deep",
            Self::Fast => "fast",
            Self::Auto => "auto",
        }
    }
}
