//! What the gateway says was used.

use serde::{Deserialize, Serialize};

/// Tokens after the fact, in one normal form whatever the provider: input includes cache reads and
/// writes, writes include one-hour writes, output includes reasoning. Unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// All input.
    pub input_tokens: u64,
    /// All output.
    pub output_tokens: u64,
    /// Input read from the provider's prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read_tokens: Option<u64>,
    /// Input written to it, one-hour writes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_tokens: Option<u64>,
    /// Input written to it for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "cacheWrite1hTokens")]
    pub cache_write_1h_tokens: Option<u64>,
    /// Output that was reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
}
