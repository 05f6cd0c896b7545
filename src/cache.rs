//! Answers kept for the very same request. What is the same, what may be kept, how long, and what
//! goes first when there is no more room; where it is kept is the caller's business.

use crate::chat::ChatRequest;
use crate::error::{Error, Result};
use crate::gateway::{Profile, Redactor};
use crate::json::json;
use crate::sort::sort;
use crate::stream::{Answer, Ending};
use promptfare_tokenizer::vocabulary::sha256;
use serde_json::{Map, Value};

/// What is kept, and for how long. [`Terms::default`] are the public defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long an answer holds, in milliseconds. Default a day.
    pub ttl_ms: u64,
    /// The most answers. Default 1,000.
    pub max_entries: usize,
    /// The most bytes of all answers together. Default 10 MB.
    pub max_bytes: usize,
    /// Whose answers: those of another scope are never given. Default `""`.
    pub scope: String,
    /// Whether answers that were drawn by lot may be kept: the next one would be another.
    pub allow_sampling: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            ttl_ms: 86_400_000,
            max_entries: 1_000,
            max_bytes: 10_000_000,
            scope: String::new(),
            allow_sampling: false,
        }
    }
}

impl Terms {
    /// Reads `{ ttlMs?, maxEntries?, maxBytes?, scope?, allowSampling? }`, or `true` for the
    /// defaults.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut terms = Self::default();
        if *value == Value::Bool(true) {
            return Ok(terms);
        }
        let wrong = |name: &str, found: &Value, wanted: &str| {
            Error::invalid_input(format!("cache{name}: found {found}, wanted {wanted}"))
        };
        let fields = value.as_object().ok_or_else(|| wrong("", value, "true or an object"))?;
        for (name, value) in fields {
            let most = || value.as_u64().and_then(|count| usize::try_from(count).ok());
            let read = match (name.as_str(), value) {
                (_, Value::Null) => Some(()),
                ("ttlMs", _) => value.as_u64().map(|ms| terms.ttl_ms = ms),
                ("maxEntries", _) => most().map(|count| terms.max_entries = count),
                ("maxBytes", _) => most().map(|count| terms.max_bytes = count),
                ("scope", Value::String(text)) => {
                    terms.scope.clone_from(text);
                    Some(())
                }
                ("allowSampling", Value::Bool(flag)) => {
                    terms.allow_sampling = *flag;
                    Some(())
                }
                _ => None,
            };
            let wanted = match name.as_str() {
                "ttlMs" | "maxEntries" | "maxBytes" => "a whole number, 0 or more",
                "scope" => "a text",
                "allowSampling" => "true or false",
                _ => "one of ttlMs, maxEntries, maxBytes, scope, allowSampling",
            };
            read.ok_or_else(|| wrong(&format!(".{name}"), value, wanted))?;
        }
        Ok(terms)
    }

    /// Whether answers to this request may be kept and given again: one answer, at a temperature of
    /// exactly 0 unless sampling is allowed. Where no temperature is named, providers take 1.
    pub fn admits(&self, request: &ChatRequest) -> bool {
        let number = |name: &str| request.extra.get(name).and_then(Value::as_f64);
        let several = request.extra.get("n").is_some_and(|n| !n.is_null() && *n != json!(1));
        !several && (self.allow_sampling || number("temperature") == Some(0.0))
    }
}

/// What belongs to these terms and addresses: 16 hexadecimal digits.
pub fn scope_key(terms: &Terms, endpoints: &[&str]) -> String {
    let mut key = digest(&[&[terms.scope.as_str()][..], endpoints].concat());
    key.truncate(16);
    key
}

/// The key of a request as it is sent (`model` and all): 64 hexadecimal digits of SHA-256 over its
/// canonical text. The request itself cannot be read from it.
pub fn request_key(request: &ChatRequest) -> String {
    digest(&[&canonical(&request.to_value()).to_string()])
}

fn digest(parts: &[&str]) -> String {
    // Lengths first, so that no two lists of parts run together into the same bytes.
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    let mut text = String::with_capacity(64);
    for byte in sha256(&[&bytes]) {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    text
}

/// The request with the fields in one order wherever their order means nothing: its own fields,
/// those of a message, of a part of its content. Schemas of tools and of answers, and whatever a
/// vendor added, stay as they are: providers print them to the model in the order in which they came.
fn canonical(request: &Value) -> Value {
    let verbatim = |_: &str, value: &Value| value.clone();
    sorted(request, &|name, value| match name {
        "messages" => list(value, &|message| {
            sorted(message, &|name, value| match name {
                "content" => list(value, &|part| {
                    sorted(part, &|name, value| match name {
                        "image_url" | "file" | "input_audio" => sorted(value, &verbatim),
                        _ => value.clone(),
                    })
                }),
                _ => value.clone(),
            })
        }),
        "stream_options" | "tool_choice" => sorted(value, &verbatim),
        _ => value.clone(),
    })
}

fn list(value: &Value, each: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(each).collect(),
        other => other.clone(),
    }
}

fn sorted(value: &Value, each: &dyn Fn(&str, &Value) -> Value) -> Value {
    let Value::Object(fields) = value else {
        return value.clone();
    };
    let mut pairs: Vec<_> = fields.iter().collect();
    sort(&mut pairs, |a, b| a.0 < b.0);
    pairs
        .into_iter()
        .map(|(name, value)| (name.clone(), each(name, value)))
        .collect::<Map<_, _>>()
        .into()
}

/// What is kept of an answer: a chat completion as text. `None` for what must not be given again:
/// anything but a completed answer of text (no error, nothing cut short, no refusal, no tool calls).
pub fn record(answer: &Answer) -> Option<String> {
    let whole = answer.ending() == Some(&Ending::Completed)
        && !answer.text().is_empty()
        && answer.refusal().is_empty()
        && answer.tool_calls().is_empty();
    whole.then(|| {
        json!({"id": answer.id(), "model": answer.model(), "provider": answer.provider(),
               "choices": [{"index": 0, "finish_reason": answer.finish_reason(),
                            "message": {"role": "assistant", "content": answer.text(),
                                        "reasoning": answer.reasoning()}}]})
        .to_string()
    })
}

/// The answer of a record; `None` where it is none (a store that others can write to may hold
/// anything).
pub fn replay(record: &str) -> Option<Answer> {
    // It was completed by the rules of its own gateway.
    let profile = Profile { may_end_without_finish_reason: true, ..Profile::custom() };
    let mut answer = Answer::new(&profile, Some("application/json"), Redactor::default());
    answer.push_body(record.as_bytes());
    self::record(&answer).is_some().then_some(answer)
}

/// One kept answer, as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// [`request_key`].
    pub key: String,
    /// Bytes of its record.
    pub bytes: usize,
    /// When it was kept, in milliseconds since 1970.
    pub kept_ms: u64,
    /// When it was last given.
    pub used_ms: u64,
}

/// What is kept in one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index(Vec<Held>);

impl Index {
    /// Reads what [`Index::write`] wrote; what cannot be read is left out.
    pub fn read(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let held = |entry: &Value| {
            let number = |place: usize| entry.get(place)?.as_u64();
            Some(Held {
                key: entry.get(0)?.as_str()?.to_owned(),
                bytes: usize::try_from(number(1)?).ok()?,
                kept_ms: number(2)?,
                used_ms: number(3)?,
            })
        };
        Self(value.as_array().into_iter().flatten().filter_map(held).collect())
    }

    /// As text, to be kept beside the answers.
    pub fn write(&self) -> String {
        self.0
            .iter()
            .map(|h| json!([h.key, h.bytes, h.kept_ms, h.used_ms]))
            .collect::<Value>()
            .to_string()
    }

    /// What is held.
    pub fn held(&self) -> &[Held] {
        &self.0
    }

    /// Whether an answer is there and still holds.
    pub fn holds(&self, key: &str, terms: &Terms, now_ms: u64) -> bool {
        self.0.iter().any(|held| held.key == key && !held.is_old(terms, now_ms))
    }

    /// Notes that an answer was given.
    pub fn used(&mut self, key: &str, now_ms: u64) {
        if let Some(held) = self.0.iter_mut().find(|held| held.key == key) {
            held.used_ms = now_ms;
        }
    }

    /// Takes in a new answer, if one of its size may be kept, and gives the keys that have to go for
    /// it: what is too old, then what was not used for the longest time.
    pub fn take_in(
        &mut self,
        key: &str,
        bytes: usize,
        terms: &Terms,
        now_ms: u64,
    ) -> Option<Vec<String>> {
        if bytes > terms.max_bytes || terms.max_entries == 0 || terms.ttl_ms == 0 {
            return None;
        }
        self.0.retain(|held| held.key != key);
        let mut gone = Vec::new();
        let mut kept = Vec::with_capacity(self.0.len() + 1);
        for held in self.0.drain(..) {
            if held.is_old(terms, now_ms) { gone.push(held.key) } else { kept.push(held) }
        }
        sort(&mut kept, |a, b| a.used_ms > b.used_ms);
        let (mut count, mut sum) = (1usize, bytes);
        for held in kept {
            sum = sum.saturating_add(held.bytes);
            count = count.saturating_add(1);
            if count > terms.max_entries || sum > terms.max_bytes {
                gone.push(held.key);
            } else {
                self.0.push(held);
            }
        }
        self.0.push(Held { key: key.to_owned(), bytes, kept_ms: now_ms, used_ms: now_ms });
        Some(gone)
    }
}

impl Held {
    /// Kept longer ago than it holds; or in the future, by a clock that was wrong.
    fn is_old(&self, terms: &Terms, now_ms: u64) -> bool {
        now_ms.checked_sub(self.kept_ms).is_none_or(|age| age >= terms.ttl_ms)
    }
}
