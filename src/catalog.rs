//! What is known of the models: names, prices, limits, capabilities. Data stands in
//! `src/data/catalog.json`, written by `scripts/catalog.mjs`.
//!
//! ```
//! let resolved = promptfare::catalog::resolve_model("anthropic/claude-opus-4")?;
//! assert_eq!(resolved.model.id, "claude-opus-4");
//! # Ok::<(), promptfare::Error>(())
//! ```

mod check;
mod days;
mod grammar;
mod nearest;
mod read;
mod resolve;
mod shipped;

pub use days::{days_between, is_day};
pub use resolve::{Resolved, Service, Variant};
pub use shipped::{Catalog, resolve_model};

use serde::{Serialize, Serializer};

/// The tokenizer that a model counts with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub enum Tokenizer {
    /// Claude 3 to Opus 4.6, so Opus 4 and Sonnet 4 too.
    Claude3,
    /// Claude Opus 4.7 and later.
    Claude47,
    /// OpenAI since GPT-4o; `o200k_harmony` encodes plain text the same way.
    O200kBase,
    /// OpenAI's GPT-4 and GPT-3.5.
    Cl100kBase,
    /// One whose vocabulary promptfare does not have: counts are estimates. The name is the
    /// catalogue's, e.g. `"gemma3-like"`; `"?"` where not even the name is known.
    Other(String),
}

impl Tokenizer {
    /// The name, which for the four exact ones is also the vocabulary's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Claude3 => "claude-3",
            Self::Claude47 => "claude-4.7",
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for Tokenizer {
    fn from(name: String) -> Self {
        match name.as_str() {
            "claude-3" => Self::Claude3,
            "claude-4.7" => Self::Claude47,
            "o200k_base" => Self::O200kBase,
            "cl100k_base" => Self::Cl100kBase,
            _ => Self::Other(name),
        }
    }
}

impl From<Tokenizer> for String {
    fn from(tokenizer: Tokenizer) -> Self {
        tokenizer.name().to_owned()
    }
}

/// A model of the catalogue. Unknown is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The canonical id, e.g. `"claude-opus-4"`.
    pub id: String,
    /// Who made it, e.g. `"anthropic"`; empty where only a gateway names the model.
    pub lab: String,
    /// Other names that gateways and clouds give it, beyond those that [`Catalog::resolve`] reaches
    /// by rule.
    pub aliases: Vec<String>,
    /// How it counts.
    pub tokenizer: Tokenizer,
    /// Most tokens of input and output together, where a source says so.
    pub context_window: Option<u64>,
    /// Most tokens of input, where a source says so.
    pub max_input: Option<u64>,
    /// Most tokens of an answer.
    pub max_output: Option<u64>,
    /// Fewest tokens of a prefix that the provider's prompt cache takes.
    pub cache_min_tokens: Option<u64>,
    /// What it can take and do.
    pub capabilities: Capabilities,
    /// Dated prices, oldest first. Empty: no price is known, which is not a price of zero.
    pub prices: Vec<Price>,
    /// The day it came out, `YYYY-MM-DD`, or `YYYY-MM` where only the month is known.
    pub released: Option<String>,
    /// Whether its maker still serves it.
    pub status: Status,
}

impl Model {
    /// A model that only a gateway or a caller names: nothing but the name is known of it.
    pub fn unlisted(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            lab: String::new(),
            aliases: Vec::new(),
            tokenizer: Tokenizer::Other("?".to_owned()),
            context_window: None,
            max_input: None,
            max_output: None,
            cache_min_tokens: None,
            capabilities: Capabilities::default(),
            prices: Vec::new(),
            released: None,
            status: Status::default(),
        }
    }

    /// The price that holds on the day `at` (`YYYY-MM-DD`; a longer ISO 8601 time counts by its
    /// first ten characters): the one with the latest `from` that is not after it. `None` where
    /// no price is known for that day.
    pub fn price_at(&self, at: &str) -> Option<&Price> {
        let day = at.get(..10).unwrap_or(at);
        self.prices.iter().rev().find(|price| price.from.as_deref().is_none_or(|from| from <= day))
    }
}

/// What a model can take and do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Images in messages.
    pub vision: Option<bool>,
    /// PDF files in messages.
    pub pdf: Option<bool>,
    /// Audio in messages.
    pub audio: Option<bool>,
    /// Functions.
    pub tools: Option<bool>,
    /// Several calls in one answer.
    pub parallel_tools: Option<bool>,
    /// `tool_choice` may force a call.
    pub forced_tool_choice: Option<bool>,
    /// Answers held to a JSON schema.
    pub json_schema: Option<bool>,
    /// `temperature`, `top_p`, `top_k` other than the default.
    pub sampling: Option<bool>,
    /// How its reasoning is steered: `"none"`, `"effort"`, `"budget_tokens"`, `"adaptive"`, ...
    pub reasoning: Option<String>,
}

/// Whether a model is still served by its maker. Gateways may differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum Status {
    /// Served, as far as the sources say.
    #[default]
    Active,
    /// Announced to end.
    Deprecated {
        /// The day it ends, `YYYY-MM-DD`, where announced.
        retires: Option<String>,
        /// The model to take instead.
        replacement: Option<String>,
    },
    /// No longer served by its maker.
    Retired {
        /// The day it ended, `YYYY-MM-DD`, where known.
        on: Option<String>,
        /// The model to take instead.
        replacement: Option<String>,
    },
}

/// A price with its day and source.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// First day it holds, `YYYY-MM-DD`; `None`: for as long as is known.
    pub from: Option<String>,
    /// The day it was last compared with its source.
    pub checked: String,
    /// Where it was read.
    pub source: String,
    /// The price itself.
    pub rates: Rates,
    /// What another way of being served costs: `"batch"`, `"flex"`, `"priority"`, `"fast"`, and
    /// `"regional"` for an endpoint that is bound to a region.
    #[serde(serialize_with = "as_map", skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<(String, ServicePrice)>,
    /// What other sources or hosts say. An estimate is as wide as these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
}

impl Price {
    /// What one of [`Price::services`] costs; `None` where no price is known for it.
    pub fn service(&self, name: &str) -> Option<&ServicePrice> {
        self.services.iter().find(|(known, _)| known == name).map(|(_, price)| price)
    }
}

fn as_map<S: Serializer>(
    services: &[(String, ServicePrice)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(services.iter().map(|(name, price)| (name, price)))
}

/// What a service costs, as a factor or as a price of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ServicePrice {
    /// Every rate times this: a decimal string, e.g. `"0.5"`.
    Factor(String),
    /// Rates of its own.
    Rates(Box<Rates>),
}

/// A price that another source states, or that another host asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alternative {
    /// Where it was read.
    pub source: String,
    /// When or where it holds, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The rates that differ; the others are those of the price.
    pub rates: Rates,
}

/// Prices in USD per 1,000,000 tokens, in the field names of the price sources. Units that have no
/// count in a usage are ignored when reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Input that no narrower field prices.
    pub input_mtok: Option<Rate>,
    /// Output that no narrower field prices.
    pub output_mtok: Option<Rate>,
    /// Input read from the provider's prompt cache.
    pub cache_read_mtok: Option<Rate>,
    /// Input written to it (for five minutes).
    pub cache_write_mtok: Option<Rate>,
    /// Input written to it for an hour.
    pub cache_write_1h_mtok: Option<Rate>,
    /// Reasoning, where it is priced apart from output.
    pub output_reasoning_mtok: Option<Rate>,
    /// What few models price apart, by the names of [`Rates::SELDOM`].
    pub seldom: Vec<(&'static str, Rate)>,
}

impl Rates {
    /// Audio and images (per million tokens), requests and searches (`_kcount`: USD per 1,000).
    pub const SELDOM: [&'static str; 7] = [
        "input_audio_mtok",
        "cache_audio_read_mtok",
        "output_audio_mtok",
        "input_image_mtok",
        "output_image_mtok",
        "requests_kcount",
        "web_searches_kcount",
    ];

    /// The rates that every model may have, by name.
    pub(crate) fn usual(&self) -> [(&'static str, Option<&Rate>); 6] {
        [
            ("input_mtok", self.input_mtok.as_ref()),
            ("output_mtok", self.output_mtok.as_ref()),
            ("cache_read_mtok", self.cache_read_mtok.as_ref()),
            ("cache_write_mtok", self.cache_write_mtok.as_ref()),
            ("cache_write_1h_mtok", self.cache_write_1h_mtok.as_ref()),
            ("output_reasoning_mtok", self.output_reasoning_mtok.as_ref()),
        ]
    }

    /// Every rate that is known, by name.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&'static str, &Rate)> {
        let seldom = self.seldom.iter().map(|(name, rate)| (*name, rate));
        self.usual().into_iter().filter_map(|(name, rate)| Some((name, rate?))).chain(seldom)
    }

    /// Reads each rate by its name.
    pub(crate) fn read(
        read: &mut dyn FnMut(&'static str) -> crate::error::Result<Option<Rate>>,
    ) -> crate::error::Result<Self> {
        let mut rates = Self {
            input_mtok: read("input_mtok")?,
            output_mtok: read("output_mtok")?,
            cache_read_mtok: read("cache_read_mtok")?,
            cache_write_mtok: read("cache_write_mtok")?,
            cache_write_1h_mtok: read("cache_write_1h_mtok")?,
            output_reasoning_mtok: read("output_reasoning_mtok")?,
            seldom: Vec::new(),
        };
        for name in Self::SELDOM {
            if let Some(rate) = read(name)? {
                rates.seldom.push((name, rate));
            }
        }
        Ok(rates)
    }
}

impl Serialize for Rates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.known())
    }
}

/// One price, or one that depends on the size of the whole prompt. Decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Rate {
    /// The same for every prompt.
    Flat(String),
    /// By the size of the prompt: the tier with the largest `start` that is *exceeded* holds.
    Tiered {
        /// Below all tiers.
        base: String,
        /// In rising order of `start`.
        tiers: Vec<Tier>,
    },
}

/// A price for prompts of more than `start` tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tier {
    /// Tokens of input, cache included, that must be exceeded.
    pub start: u64,
    /// USD per 1,000,000 tokens.
    pub price: String,
}
