//! The usage in a provider's response body, in whatever accounting the provider has.
//!
//! The accountings were read from genai-prices 0.2.3 (MIT) and compared with it on 1,972 recorded
//! bodies (`tests/usage.rs`).

use super::{Usage, wrong};
use crate::chat::whole_number;
use crate::error::{Error, Result};
use serde_json::Value;

/// Who counts how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accounting {
    /// OpenAI's chat completions and all that copy them: `prompt_tokens` holds what was cached.
    Chat,
    /// OpenAI's responses: the same in other words.
    Responses,
    /// Anthropic's messages: `input_tokens` holds neither cache reads nor writes.
    Messages,
    /// Bedrock's Converse: as Anthropic's, in camel case.
    Converse,
    /// Gemini: thoughts are counted beside the answer.
    Gemini,
    /// Cohere: what was billed.
    CohereBilled,
    /// Cohere: what the model saw.
    CohereTokens,
    /// Embeddings have no output.
    Embeddings,
}

/// Reads the usage out of a response body, or out of the last chunks or events of a stream, into
/// the one normal form: input includes cache reads and writes, output includes reasoning.
///
/// `provider` (`"openai"`, `"anthropic"`, `"aws"`, `"google"`, ...) and `flavor` (`"chat"`,
/// `"responses"`, `"anthropic"`, `"embeddings"`, `"default"`: the provider's own) tell how the
/// provider counts; without a flavor the body's own field names do.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where the body has no usage, a count is not a whole number, or
/// a part is larger than its whole.
pub fn read_usage(body: &Value, provider: Option<&str>, flavor: Option<&str>) -> Result<Usage> {
    let found = find(body).ok_or_else(|| {
        let wanted = "an object with a provider's counts of tokens (`usage`, `usageMetadata`)";
        wrong("body.usage", body.get("usage").unwrap_or(&Value::Null), wanted)
    })?;
    let provider = provider.unwrap_or_default().to_ascii_lowercase();
    let counts = Counts { object: found };
    let accounting = flavor
        .and_then(|flavor| stated(&provider, &flavor.to_ascii_lowercase()))
        .unwrap_or_else(|| counts.accounting());
    let usage = counts.read(accounting, &provider)?;
    check(&usage)?;
    Ok(usage)
}

/// Reads the counts of a chat's answer, as they stand in a chunk or a completion, by the rules of
/// [`read_usage`]. `None` where they contradict each other, where input or output is missing (some
/// gateways count the prompt first), or both are 0: no answer has none.
pub fn answer_usage(counts: &Value) -> Option<Usage> {
    let object = Counts { object: counts };
    let accounting = object.accounting();
    let usage = object.read(accounting, "").ok()?;
    check(&usage).ok()?;
    let counted = usage.input_tokens > 0 || usage.output_tokens > 0;
    (accounting != Accounting::Embeddings && counted).then_some(usage)
}

/// Where the counts stand: in the body, in the event of a stream, or they are the body itself.
fn find(body: &Value) -> Option<&Value> {
    const PLACES: [&str; 9] = [
        "/usage",
        "/usageMetadata",
        "/usage_metadata",
        "/response/usage",
        "/response/usageMetadata",
        "/message/usage",
        "/x_groq/usage",
        "/meta/billed_units",
        "",
    ];
    const COUNTS: [&str; 6] = [
        "prompt_tokens",
        "input_tokens",
        "inputTokens",
        "promptTokenCount",
        "billed_units",
        "output_tokens",
    ];
    let counts = |value: &Value| {
        COUNTS.iter().any(|name| value.get(name).is_some()) || value.get("tokens").is_some()
    };
    PLACES
        .iter()
        .filter_map(|place| body.pointer(place))
        .find(|value| counts(value))
        .or_else(|| body.pointer("/usageMetadata"))
}

/// The accounting that a provider's flavor stands for; `None`: the body has to tell.
fn stated(provider: &str, flavor: &str) -> Option<Accounting> {
    match flavor {
        "chat" => Some(Accounting::Chat),
        "responses" => Some(Accounting::Responses),
        "anthropic" | "messages" => Some(Accounting::Messages),
        "converse" => Some(Accounting::Converse),
        "embeddings" => Some(Accounting::Embeddings),
        "tokens" => Some(Accounting::CohereTokens),
        "default" => match provider {
            "anthropic" | "minimax" => Some(Accounting::Messages),
            "aws" | "amazon" | "bedrock" => Some(Accounting::Converse),
            "google" | "gemini" | "vertex" => Some(Accounting::Gemini),
            "cohere" => Some(Accounting::CohereBilled),
            _ => None,
        },
        _ => None,
    }
}

struct Counts<'a> {
    object: &'a Value,
}

impl Counts<'_> {
    /// By the field names.
    fn accounting(&self) -> Accounting {
        let has = |name: &str| self.object.get(name).is_some_and(|value| !value.is_null());
        if has("prompt_tokens") {
            if has("completion_tokens") { Accounting::Chat } else { Accounting::Embeddings }
        } else if has("inputTokens") {
            Accounting::Converse
        } else if has("billed_units") {
            Accounting::CohereBilled
        } else if has("tokens") {
            Accounting::CohereTokens
        } else if has("promptTokenCount") || has("candidatesTokenCount") {
            Accounting::Gemini
        } else if has("cache_read_input_tokens") || has("cache_creation_input_tokens") {
            Accounting::Messages
        } else if has("input_tokens") && !has("output_tokens") {
            Accounting::Embeddings
        } else {
            Accounting::Responses
        }
    }

    fn count(&self, path: &str) -> Result<Option<u64>> {
        match self.object.pointer(path) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => whole_number(value).map(Some).ok_or_else(|| {
                wrong(&format!("usage{}", path.replace('/', ".")), value, "a number of tokens")
            }),
        }
    }

    fn wanted(&self, path: &str) -> Result<u64> {
        self.count(path)?.ok_or_else(|| {
            wrong(&format!("usage{}", path.replace('/', ".")), &Value::Null, "a number of tokens")
        })
    }

    fn first(&self, paths: &[&str]) -> Result<Option<u64>> {
        for path in paths {
            if let Some(count) = self.count(path)? {
                return Ok(Some(count));
            }
        }
        Ok(None)
    }

    fn read(&self, accounting: Accounting, provider: &str) -> Result<Usage> {
        match accounting {
            Accounting::Chat => self.chat(),
            Accounting::Responses => Ok(Usage {
                input_tokens: self.wanted("/input_tokens")?,
                output_tokens: self.wanted("/output_tokens")?,
                cache_read_tokens: self.count("/input_tokens_details/cached_tokens")?,
                cache_write_tokens: self.count("/input_tokens_details/cache_write_tokens")?,
                cache_write_1h_tokens: None,
                reasoning_tokens: self.count("/output_tokens_details/reasoning_tokens")?,
            }),
            Accounting::Messages => self.messages(provider),
            Accounting::Converse => {
                let read = self.count("/cacheReadInputTokens")?;
                let write = self.count("/cacheWriteInputTokens")?;
                Ok(Usage {
                    input_tokens: sum(&[Some(self.wanted("/inputTokens")?), read, write])?,
                    output_tokens: self.wanted("/outputTokens")?,
                    cache_read_tokens: read,
                    cache_write_tokens: write,
                    cache_write_1h_tokens: self.written_for("1h")?,
                    reasoning_tokens: None,
                })
            }
            Accounting::Gemini => self.gemini(),
            Accounting::CohereBilled => {
                let place =
                    if self.object.get("billed_units").is_some() { "/billed_units" } else { "" };
                Ok(Usage {
                    input_tokens: self.wanted(&format!("{place}/input_tokens"))?,
                    output_tokens: self.count(&format!("{place}/output_tokens"))?.unwrap_or(0),
                    ..Usage::default()
                })
            }
            Accounting::CohereTokens => Ok(Usage {
                input_tokens: self.wanted("/tokens/input_tokens")?,
                output_tokens: self.wanted("/tokens/output_tokens")?,
                cache_read_tokens: self.count("/cached_tokens")?,
                ..Usage::default()
            }),
            Accounting::Embeddings => {
                let input = self.first(&["/prompt_tokens", "/input_tokens"])?;
                let input_tokens = match input {
                    Some(count) => count,
                    None => self.wanted("/prompt_tokens")?,
                };
                Ok(Usage { input_tokens, ..Usage::default() })
            }
        }
    }

    /// Gateways put Anthropic's words beside OpenAI's, and some put its exclusive count into
    /// `prompt_tokens`; the total tells which.
    fn chat(&self) -> Result<Usage> {
        let mut input = self.wanted("/prompt_tokens")?;
        let mut output = self.wanted("/completion_tokens")?;
        let total = self.count("/total_tokens")?;
        let read = self.first(&[
            "/prompt_tokens_details/cached_tokens",
            "/cache_read_input_tokens",
            "/prompt_cache_hit_tokens",
        ])?;
        let write = self.first(&[
            "/prompt_tokens_details/cache_write_tokens",
            "/prompt_tokens_details/cache_creation_tokens",
            "/cache_creation_input_tokens",
        ])?;
        let reasoning = self.count("/completion_tokens_details/reasoning_tokens")?;
        let beside = sum(&[read, write])?;
        let without = sum(&[Some(input), Some(output)])?;
        if beside > 0 && total == Some(sum(&[Some(without), Some(beside)])?) {
            input = sum(&[Some(input), Some(beside)])?;
        }
        // xAI counts reasoning beside the completion.
        if let Some(beside) = reasoning.filter(|count| *count > 0)
            && total == Some(sum(&[Some(without), Some(beside)])?)
        {
            output = sum(&[Some(output), Some(beside)])?;
        }
        Ok(Usage {
            input_tokens: input,
            output_tokens: output,
            cache_read_tokens: read,
            cache_write_tokens: write,
            cache_write_1h_tokens: None,
            reasoning_tokens: reasoning,
        })
    }

    fn messages(&self, provider: &str) -> Result<Usage> {
        let read = self.count("/cache_read_input_tokens")?;
        let write = self.count("/cache_creation_input_tokens")?;
        Ok(Usage {
            input_tokens: sum(&[Some(self.wanted("/input_tokens")?), read, write])?,
            output_tokens: self.wanted("/output_tokens")?,
            cache_read_tokens: read,
            cache_write_tokens: write,
            cache_write_1h_tokens: self.count("/cache_creation/ephemeral_1h_input_tokens")?,
            // The clouds' own bills do not tell thinking apart, and the labelled bodies follow them.
            reasoning_tokens: match provider {
                "aws" | "azure" | "google" => None,
                _ => self.count("/output_tokens_details/thinking_tokens")?,
            },
        })
    }

    fn gemini(&self) -> Result<Usage> {
        let prompt = self.count("/promptTokenCount")?;
        let candidates = self.count("/candidatesTokenCount")?;
        let thoughts = self.count("/thoughtsTokenCount")?;
        let tools = self.count("/toolUsePromptTokenCount")?;
        let total = self.count("/totalTokenCount")?;
        if prompt.is_none() && candidates.is_none() && total.is_none() {
            return Err(wrong("usage.promptTokenCount", &Value::Null, "a number of tokens"));
        }
        // Some gateways count the thoughts among the candidates; then the total is whole without
        // them.
        let among = thoughts.is_some_and(|count| count > 0 && Some(count) <= candidates)
            && total.is_some()
            && total == Some(sum(&[prompt, tools, candidates])?);
        Ok(Usage {
            input_tokens: sum(&[prompt, tools])?,
            output_tokens: sum(&[candidates, thoughts.filter(|_| !among)])?,
            cache_read_tokens: self.count("/cachedContentTokenCount")?,
            cache_write_tokens: None,
            cache_write_1h_tokens: None,
            reasoning_tokens: thoughts,
        })
    }

    /// Bedrock lists what it wrote by how long it keeps it.
    fn written_for(&self, ttl: &str) -> Result<Option<u64>> {
        let Some(details) = self.object.get("cacheDetails").and_then(Value::as_array) else {
            return Ok(None);
        };
        let found =
            details.iter().find(|entry| entry.get("ttl").and_then(Value::as_str) == Some(ttl));
        match found.and_then(|entry| entry.get("inputTokens")) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => whole_number(value)
                .map(Some)
                .ok_or_else(|| wrong("usage.cacheDetails", value, "a number of tokens")),
        }
    }
}

fn sum(counts: &[Option<u64>]) -> Result<u64> {
    counts
        .iter()
        .flatten()
        .try_fold(0u64, |sum, count| sum.checked_add(*count))
        .ok_or_else(|| Error::invalid_input("usage: found more than 1.8e19 tokens, wanted fewer"))
}

/// Refuses parts that are larger than their whole.
fn check(usage: &Usage) -> Result<()> {
    let cached = sum(&[usage.cache_read_tokens, usage.cache_write_tokens])?;
    let parts = [
        ("cached input", cached, "input", usage.input_tokens),
        (
            "1-hour cache writes",
            usage.cache_write_1h_tokens.unwrap_or(0),
            "cache writes",
            usage.cache_write_tokens.unwrap_or(0),
        ),
        ("reasoning", usage.reasoning_tokens.unwrap_or(0), "output", usage.output_tokens),
    ];
    match parts.into_iter().find(|(_, part, _, whole)| part > whole) {
        None => Ok(()),
        Some((name, part, all, whole)) => Err(Error::invalid_input(format!(
            "usage: found {part} tokens of {name}, wanted at most the {whole} of {all}"
        ))),
    }
}
