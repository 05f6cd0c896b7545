//! Tokens by where they are.

use crate::error::{Error, Result};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// The part of a request that tokens belong to: its place in [`Parts::NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Files,
    Framing,
    Images,
    Messages,
    Schema,
    System,
    ToolCalls,
    Tools,
}

/// How many tokens each part of a request has. Written as an object of those that have any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts([u64; 8]);

impl Parts {
    /// What a part is called.
    pub const NAMES: [&'static str; 8] =
        ["files", "framing", "images", "messages", "schema", "system", "toolCalls", "tools"];

    pub(super) const fn new(tokens: [u64; 8]) -> Self {
        Self(tokens)
    }

    /// The tokens of a part; none where it has none, or is no part.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.iter().find(|(part, _)| *part == name).map(|(_, tokens)| tokens)
    }

    /// The parts that have tokens, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Self::NAMES.into_iter().zip(self.0).filter(|(_, tokens)| *tokens > 0)
    }

    /// All tokens.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, tokens| sum.saturating_add(*tokens))
    }

    /// Reads what [`Serialize`] writes.
    ///
    /// # Errors
    /// Kind `invalid_input` for another part, or what is no number of tokens.
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut parts = Self::default();
        for (name, tokens) in value.as_object().into_iter().flatten() {
            let place = Self::NAMES.iter().position(|part| part == name);
            match (place.and_then(|place| parts.0.get_mut(place)), tokens.as_u64()) {
                (Some(held), Some(tokens)) => *held = tokens,
                _ => {
                    return Err(Error::invalid_input(format!(
                        "estimate.parts.{name}: found {tokens}, wanted tokens of a known part"
                    )));
                }
            }
        }
        Ok(parts)
    }
}

impl Serialize for Parts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, tokens) in self.iter() {
            map.serialize_entry(name, &tokens)?;
        }
        map.end()
    }
}
