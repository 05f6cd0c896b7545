//! Gateways as data: where they are, what they want, what they rename or refuse, where cost and
//! usage stand, how their streams end. The known ones are in `src/data/profiles.json`; any other
//! one is the caller's JSON of the same shape.

use super::headers::Headers;
use super::secret::Secret;
use super::url::{authority, join_url};
use crate::cost::Money;
use crate::error::{Error, ErrorKind, Result};
use crate::json::json;
use serde_json::{Map, Value};
use std::fmt;

/// What is known of a gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// A short name, e.g. `"openrouter"`.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Where it is, without `/chat/completions`. `None` for software that everybody runs
    /// elsewhere.
    pub base_url: Option<String>,
    /// Hosts that are this gateway: `host`, `host:port`, `*.domain` or `*:port`.
    pub hosts: Vec<String>,
    /// Headers beside `Content-Type` and the key's. Each can break a strict gateway's preflight,
    /// so there are none but where the gateway demands it.
    pub headers: Vec<(String, String)>,
    /// The header that carries the key.
    pub key: KeyHeader,
    /// Fields of the request that this gateway calls otherwise: ours, theirs.
    pub rename: Vec<(String, String)>,
    /// Fields that it refuses.
    pub refused: Vec<Refusal>,
    /// Fields that it takes and does not heed.
    pub ignored: Vec<String>,
    /// Fields of its own, beyond OpenAI's.
    pub extras: Vec<String>,
    /// Fields that are added where the request has none of that name.
    pub defaults: Map<String, Value>,
    /// Whether usage in a stream is asked for with `stream_options.include_usage`.
    pub stream_usage: bool,
    /// Whether a stream that ends cleanly without a `finish_reason` is a whole answer.
    pub may_end_without_finish_reason: bool,
    /// Whether pages of other origins may send it the header `traceparent`.
    pub trace_context: bool,
    /// Where cost and usage stand in its answers.
    pub places: Places,
    /// Where this was read, and what it rests on.
    pub source: String,
    /// The day it was last compared with its source, `YYYY-MM-DD`.
    pub checked: String,
}

/// The header that carries the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHeader {
    /// The header's name.
    pub name: String,
    /// What stands before the key in its value, e.g. `"Bearer "`.
    pub prefix: String,
}

/// A field that a gateway refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field's name.
    pub field: String,
    /// Why, for the message.
    pub reason: String,
}

/// Where cost and usage stand in answers, as JSON pointers (RFC 6901) from the top of a chunk or
/// body, first found wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// What was charged, in USD.
    pub cost: Vec<String>,
    /// The usage object.
    pub usage: Vec<String>,
    /// Headers with what was charged, in USD, read where the body has no cost.
    pub cost_headers: Vec<String>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            cost: vec!["/usage/cost".to_owned()],
            usage: vec!["/usage".to_owned(), "/x_groq/usage".to_owned()],
            cost_headers: Vec::new(),
        }
    }
}

/// A request as it goes out. Printing it shows neither header values nor the body.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method, `"POST"`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Headers, the key among them.
    pub headers: Vec<(String, String)>,
    /// The body: JSON.
    pub body: String,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl Profile {
    /// Every known gateway, the generic `"custom"` last.
    pub fn known() -> Vec<Self> {
        // The file is part of the crate and a test reads it, so this falls back only where a
        // change to it was never tested.
        let file: Value =
            serde_json::from_str(include_str!("../data/profiles.json")).unwrap_or_default();
        let list = file.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|value| Self::from_value(value).ok()).collect()
    }

    /// A generic OpenAI-compatible gateway.
    pub fn custom() -> Self {
        Self {
            id: "custom".to_owned(),
            name: "OpenAI-compatible gateway".to_owned(),
            base_url: None,
            hosts: Vec::new(),
            headers: Vec::new(),
            key: KeyHeader { name: "Authorization".to_owned(), prefix: "Bearer ".to_owned() },
            rename: Vec::new(),
            refused: Vec::new(),
            ignored: Vec::new(),
            extras: Vec::new(),
            defaults: Map::new(),
            stream_usage: true,
            may_end_without_finish_reason: false,
            trace_context: false,
            places: Places::default(),
            source: String::new(),
            checked: String::new(),
        }
    }

    /// The known gateway of that [`Profile::id`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the known ids.
    pub fn by_id(id: &str) -> Result<Self> {
        let known = Self::known();
        let ids: Vec<_> = known.iter().map(|profile| profile.id.clone()).collect();
        known.into_iter().find(|profile| profile.id == id).ok_or_else(|| {
            Error::invalid_input(format!("gateway: found {id:?}, wanted one of {}", ids.join(", ")))
        })
    }

    /// The gateway at an address: a known one where the host (or a port that only it uses) says
    /// so, else the generic one. Its `base_url` is the address given.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for what is not an address of a gateway, see [`join_url`].
    pub fn for_base_url(url: &str) -> Result<Self> {
        join_url(url, "chat/completions")?;
        let found = authority(url.trim()).and_then(|host| {
            Self::known().into_iter().find(|known| known.hosts.iter().any(|h| matches(h, &host)))
        });
        let mut profile = found.unwrap_or_else(Self::custom);
        profile.base_url = Some(url.trim().to_owned());
        Ok(profile)
    }

    /// Reads a profile. `id` or `name` is required; what is left out is as in [`Profile::custom`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] naming the field, the value found and the value wanted; an
    /// unknown field is an error, because it is a misspelt one.
    pub fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(fields) = value else {
            return Err(wrong("gateway", value, "an object"));
        };
        let mut profile = Self::custom();
        for (name, value) in fields {
            match name.as_str() {
                "id" => profile.id = text("id", value)?,
                "name" => profile.name = text("name", value)?,
                "baseUrl" => profile.base_url = Some(text("baseUrl", value)?),
                "hosts" => profile.hosts = texts("hosts", value)?,
                "headers" => profile.headers = pairs("headers", value)?,
                "keyHeader" => profile.key = key_header(value)?,
                "rename" => profile.rename = pairs("rename", value)?,
                "refused" => {
                    let pairs = pairs("refused", value)?.into_iter();
                    profile.refused =
                        pairs.map(|(field, reason)| Refusal { field, reason }).collect();
                }
                "ignored" => profile.ignored = texts("ignored", value)?,
                "extras" => profile.extras = texts("extras", value)?,
                "defaults" => profile.defaults = object("defaults", value)?.clone(),
                "streamUsage" => profile.stream_usage = flag("streamUsage", value)?,
                "mayEndWithoutFinishReason" => {
                    profile.may_end_without_finish_reason = flag(name, value)?;
                }
                "traceContext" => profile.trace_context = flag(name, value)?,
                "places" => profile.places = places(value)?,
                "source" => profile.source = text("source", value)?,
                "checked" => profile.checked = text("checked", value)?,
                _ => {
                    return Err(Error::invalid_input(format!(
                        "gateway: found field {name:?}, wanted one of {}",
                        FIELDS.join(", ")
                    )));
                }
            }
        }
        if !fields.contains_key("id") && !fields.contains_key("name") {
            return Err(wrong("gateway.name", &Value::Null, "a text"));
        }
        if let Some(url) = &profile.base_url {
            join_url(url, "chat/completions")?;
        }
        for (name, value) in &profile.headers {
            check_header(name, value)?;
        }
        check_header(&profile.key.name, &profile.key.prefix)?;
        Ok(profile)
    }

    /// The address that chats are sent to.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where the profile has no base address, or not an acceptable one.
    pub fn chat_url(&self) -> Result<String> {
        self.url("chat/completions")
    }

    /// The address that lists the models.
    ///
    /// # Errors
    /// As [`Profile::chat_url`].
    pub fn models_url(&self) -> Result<String> {
        self.url("models")
    }

    fn url(&self, path: &str) -> Result<String> {
        let base = self.base_url.as_deref().ok_or_else(|| {
            Error::invalid_input(format!("baseUrl: {} has none by itself, wanted one", self.name))
        })?;
        join_url(base, path)
    }

    /// Builds what goes out for a chat request (as [`crate::chat::ChatRequest::to_value`] writes
    /// it): renames what this gateway calls otherwise, adds its defaults and, for a stream, the
    /// wish for usage. `Content-Type`, the key's header and the profile's own headers are all the
    /// headers there are.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for a field that this gateway refuses, with the reason;
    /// [`ErrorKind::InvalidInput`] for a request that is not an object, or a bad address.
    pub fn request(&self, chat: &Value, key: Option<&Secret>) -> Result<HttpRequest> {
        self.check(chat)?;
        let mut body = object("request", chat)?.clone();
        for (ours, theirs) in &self.rename {
            if !body.contains_key(ours) {
                continue;
            }
            // Rebuilt in order, so that the renamed field stays in its place.
            let renamed = body.into_iter().map(|(name, value)| {
                if name == *ours { (theirs.clone(), value) } else { (name, value) }
            });
            body = renamed.collect();
        }
        for (name, value) in &self.defaults {
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let streams = body.get("stream").and_then(Value::as_bool) == Some(true);
        if streams && self.stream_usage {
            let options = body.entry("stream_options").or_insert_with(|| json!({}));
            if let Value::Object(options) = options {
                options.entry("include_usage").or_insert(Value::Bool(true));
            }
        }
        Ok(HttpRequest {
            method: "POST",
            url: self.chat_url()?,
            headers: self.request_headers(key),
            body: Value::Object(body).to_string(),
        })
    }

    /// Refuses what this gateway is known to refuse.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] with the field and the reason.
    pub fn check(&self, chat: &Value) -> Result<()> {
        let set = |field: &str| chat.get(field).is_some_and(|value| !value.is_null());
        match self.refused.iter().find(|refusal| set(&refusal.field)) {
            None => Ok(()),
            Some(Refusal { field, reason }) => Err(Error::new(
                ErrorKind::Unsupported,
                format!("{field}: {} refuses it: {reason}", self.name),
            )
            .with_parameter(field.clone())),
        }
    }

    /// The headers of any request to this gateway.
    pub fn request_headers(&self, key: Option<&Secret>) -> Vec<(String, String)> {
        let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        if let Some(key) = key {
            headers.push((self.key.name.clone(), format!("{}{}", self.key.prefix, key.expose())));
        }
        headers.extend(self.headers.iter().cloned());
        headers
    }

    /// What becomes of fields of `chat` on their way to this gateway, one sentence each: those that
    /// it calls otherwise, and those that it takes and does not heed.
    pub fn notes(&self, chat: &Value) -> Vec<String> {
        let set = |field: &str| chat.get(field).is_some_and(|value| !value.is_null());
        let renamed = self.rename.iter().filter(|(ours, _)| set(ours));
        let renamed = renamed.map(|(ours, theirs)| {
            format!("{ours} goes out as {theirs}: so {} calls it", self.name)
        });
        let ignored = self.ignored.iter().filter(|field| set(field));
        let ignored =
            ignored.map(|field| format!("{} takes {field} and does not heed it", self.name));
        renamed.chain(ignored).collect()
    }

    /// What was charged, from headers: a decimal string of USD. For an answer whose body has none.
    pub fn cost_from_headers(&self, headers: Headers<'_>) -> Option<String> {
        let names = self.places.cost_headers.iter();
        names
            .filter_map(|name| headers.get(name))
            .find_map(Money::stated)
            .map(|usd| usd.to_string())
    }
}

const FIELDS: [&str; 17] = [
    "id",
    "name",
    "baseUrl",
    "hosts",
    "headers",
    "keyHeader",
    "rename",
    "refused",
    "ignored",
    "extras",
    "defaults",
    "streamUsage",
    "mayEndWithoutFinishReason",
    "traceContext",
    "places",
    "source",
    "checked",
];

fn matches(pattern: &str, authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    if let Some(port) = pattern.strip_prefix("*:") {
        // A port alone tells something only of a machine of one's own.
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0");
        return local && authority.rsplit_once(':').is_some_and(|(_, found)| found == port);
    }
    if let Some(domain) = pattern.strip_prefix('*') {
        return host.ends_with(domain) && host.len() > domain.len();
    }
    pattern == authority || pattern == host
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let found = match found {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        // A text may be a key in the wrong place; it is not shown.
        Value::String(_) => "a text".to_owned(),
        other => other.to_string(),
    };
    Error::invalid_input(format!("{place}: found {found}, wanted {wanted}"))
}

fn text(name: &str, value: &Value) -> Result<String> {
    let found = value.as_str().filter(|text| !text.is_empty());
    found.map(str::to_owned).ok_or_else(|| wrong(&format!("gateway.{name}"), value, "a text"))
}

fn texts(name: &str, value: &Value) -> Result<Vec<String>> {
    let list = value
        .as_array()
        .ok_or_else(|| wrong(&format!("gateway.{name}"), value, "a list of texts"))?;
    list.iter().enumerate().map(|(at, item)| text(&format!("{name}[{at}]"), item)).collect()
}

fn flag(name: &str, value: &Value) -> Result<bool> {
    value.as_bool().ok_or_else(|| wrong(&format!("gateway.{name}"), value, "true or false"))
}

fn object<'a>(name: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| wrong(name, value, "an object"))
}

fn pairs(name: &str, value: &Value) -> Result<Vec<(String, String)>> {
    let fields = object(&format!("gateway.{name}"), value)?;
    let pair =
        |(key, value): (&String, &Value)| Ok((key.clone(), text(&format!("{name}.{key}"), value)?));
    fields.iter().map(pair).collect()
}

fn key_header(value: &Value) -> Result<KeyHeader> {
    let mut header = KeyHeader { name: String::new(), prefix: String::new() };
    for (name, value) in object("gateway.keyHeader", value)? {
        match (name.as_str(), value) {
            ("name", Value::String(text)) => header.name = text.clone(),
            ("prefix", Value::String(text)) => header.prefix = text.clone(),
            _ => return Err(wrong("gateway.keyHeader", value, "{name, prefix}, both texts")),
        }
    }
    Ok(header)
}

fn places(value: &Value) -> Result<Places> {
    let mut places = Places::default();
    for (name, value) in object("gateway.places", value)? {
        let list = texts(&format!("places.{name}"), value)?;
        match name.as_str() {
            "cost" => places.cost = list,
            "usage" => places.usage = list,
            "costHeaders" => places.cost_headers = list,
            _ => {
                return Err(Error::invalid_input(format!(
                    "gateway.places: found field {name:?}, wanted cost, usage or costHeaders"
                )));
            }
        }
    }
    Ok(places)
}

fn check_header(name: &str, value: &str) -> Result<()> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err(Error::invalid_input(format!("header: found name {name:?}, wanted a token")));
    }
    if !value.chars().all(|c| c == ' ' || c == '\t' || c.is_ascii_graphic()) {
        return Err(Error::invalid_input(format!(
            "header {name}: the value has characters that no header can carry, wanted visible ASCII"
        )));
    }
    Ok(())
}
