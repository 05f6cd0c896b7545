//! Audio, images, requests and searches: what few models price apart from text.

use crate::chat::{Usage, whole_number};
use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// Counts beside the six of [`crate::chat::Usage`]. Tokens are parts of that usage's input and output,
/// in the way of genai-prices 0.2.3; 0 where nothing is said of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extras {
    /// Audio in the input, cached audio included.
    pub input_audio: u64,
    /// Audio read from the provider's prompt cache.
    pub cache_read_audio: u64,
    /// Images in the input that was not cached.
    pub input_image: u64,
    /// Audio in the answer.
    pub output_audio: u64,
    /// Images in the answer.
    pub output_image: u64,
    /// How many requests this is. One, where nothing is said.
    pub requests: u64,
    /// How many searches the provider made in the web.
    pub web_searches: u64,
}

impl Default for Extras {
    fn default() -> Self {
        Self {
            input_audio: 0,
            cache_read_audio: 0,
            input_image: 0,
            output_audio: 0,
            output_image: 0,
            requests: 1,
            web_searches: 0,
        }
    }
}

impl Extras {
    /// Reads them beside a usage in the normal form.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for what is no whole number.
    pub fn from_value(usage: &Value) -> Result<Self> {
        let count = |name: &str, absent: u64| match usage.get(name) {
            None | Some(Value::Null) => Ok(absent),
            Some(value) => whole_number(value).ok_or_else(|| {
                let found: String = value.to_string().chars().take(60).collect();
                Error::invalid_input(format!(
                    "usage.{name}: found {found}, wanted a whole number, 0 or more"
                ))
            }),
        };
        Ok(Self {
            input_audio: count("inputAudioTokens", 0)?,
            cache_read_audio: count("cacheReadAudioTokens", 0)?,
            input_image: count("inputImageTokens", 0)?,
            output_audio: count("outputAudioTokens", 0)?,
            output_image: count("outputImageTokens", 0)?,
            requests: count("requests", 1)?,
            web_searches: count("webSearches", 0)?,
        })
    }

    /// Reads them out of a provider's response body, as far as it states them: OpenAI's details,
    /// Gemini's list by modality, Anthropic's searches.
    pub fn of_body(body: &Value, usage: &Usage) -> Self {
        let first = |places: &[&str]| {
            places.iter().find_map(|place| whole_number(body.pointer(place)?)).unwrap_or(0)
        };
        let listed = |place: &str, modality: &str| -> u64 {
            let list = body.pointer(place).and_then(Value::as_array);
            let of = |entry: &Value| {
                let same = entry.get("modality")?.as_str()?.eq_ignore_ascii_case(modality);
                same.then(|| whole_number(entry.get("tokenCount")?)).flatten()
            };
            list.into_iter().flatten().filter_map(of).fold(0, u64::saturating_add)
        };
        let mut found = Self {
            input_audio: first(&[
                "/usage/prompt_tokens_details/audio_tokens",
                "/usage/input_token_details/audio_tokens",
            ])
            .max(listed("/usageMetadata/promptTokensDetails", "audio")),
            cache_read_audio: first(&[
                "/usage/input_token_details/cached_tokens_details/audio_tokens",
            ])
            .max(listed("/usageMetadata/cacheTokensDetails", "audio")),
            // Images are priced as text by all who say how many tokens they are, but OpenAI's makers
            // of images.
            input_image: first(&["/usage/input_tokens_details/image_tokens"]),
            output_audio: first(&[
                "/usage/completion_tokens_details/audio_tokens",
                "/usage/output_token_details/audio_tokens",
            ])
            .max(listed("/usageMetadata/candidatesTokensDetails", "audio")),
            output_image: first(&["/usage/output_tokens_details/image_tokens"])
                .max(listed("/usageMetadata/candidatesTokensDetails", "image")),
            requests: 1,
            web_searches: first(&["/usage/server_tool_use/web_search_requests"]),
        };
        // Who says how much audio there was does not always say how much of it was cached: what
        // cannot be new was.
        let read = usage.cache_read_tokens.unwrap_or(0);
        let new = usage
            .input_tokens
            .saturating_sub(read.saturating_add(usage.cache_write_tokens.unwrap_or(0)));
        let answer = usage.output_tokens.saturating_sub(usage.reasoning_tokens.unwrap_or(0));
        found.cache_read_audio = found.cache_read_audio.max(found.input_audio.saturating_sub(new));
        found.cache_read_audio = found.cache_read_audio.min(read).min(found.input_audio);
        found.input_audio = found.input_audio.min(new.saturating_add(found.cache_read_audio));
        let spoken = found.input_audio - found.cache_read_audio;
        found.input_image = found.input_image.min(new.saturating_sub(spoken));
        found.output_audio = found.output_audio.min(answer);
        found.output_image = found.output_image.min(answer - found.output_audio);
        found
    }

    /// Writes what there is beside a usage in the normal form.
    pub fn write(&self, usage: &mut Map<String, Value>) {
        for (name, count) in [
            ("inputAudioTokens", self.input_audio),
            ("cacheReadAudioTokens", self.cache_read_audio),
            ("inputImageTokens", self.input_image),
            ("outputAudioTokens", self.output_audio),
            ("outputImageTokens", self.output_image),
            ("webSearches", self.web_searches),
        ] {
            if count > 0 {
                usage.insert(name.to_owned(), count.into());
            }
        }
    }
}
