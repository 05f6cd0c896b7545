//! What went wrong, told from status, headers and body. Gateways wrap and mangle the errors of the
//! providers behind them, so codes, types and words are all read, most specific first.
//!
//! The shapes and words were measured on LiteLLM 1.106.2, Portkey 1.15.2 and aimock 1.43.0 on
//! 2026-11-22; those of providers that were not measured are from their documentation.

use super::headers::Headers;
use super::said::{Said, overflow};
use super::secret::Redactor;
use super::url::authority;
use crate::error::{Error, ErrorKind};
use serde_json::Value;

/// The most characters of a gateway's words that go into a message.
const LONGEST: usize = 400;

/// An answer that is an error.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// The HTTP status; `None` for an error inside a stream that began well.
    pub status: Option<u16>,
    /// The headers that can be read.
    pub headers: Headers<'a>,
    /// The body as text.
    pub body: &'a str,
    /// The time since 1970 in milliseconds, for dates in headers.
    pub now_ms: u64,
    /// Takes keys out of the gateway's words.
    pub redactor: &'a Redactor,
}

/// Tells what an error answer means: kind, status, request id, when to try again, which parameter,
/// by how much too large. The message has the status and the gateway's own words, without keys.
pub fn classify_error(failure: &Failure<'_>) -> Error {
    let value = serde_json::from_str(failure.body)
        .unwrap_or_else(|_| Value::String(failure.body.trim().to_owned()));
    build(failure, Said::read(&value))
}

/// The same for an error that is JSON already, in a stream or in a body with status 200. It has no
/// status of its own: the HTTP status was a success.
pub fn classify_value(value: &Value, redactor: &Redactor) -> Error {
    let failure =
        Failure { status: None, headers: Headers::default(), body: "", now_ms: 0, redactor };
    build(&failure, Said::read(value))
}

fn build(failure: &Failure<'_>, said: Said) -> Error {
    let kind = said.kind(failure.status);
    let words = failure.redactor.redact(&plain_words(&said.own_words()));
    let words = shorten(&words, LONGEST);
    let mut message = phrase(kind).to_owned();
    match failure.status {
        Some(status) => message.push_str(&format!(" (HTTP {status})")),
        None => message.push_str(" (in its answer)"),
    }
    message.push_str(": ");
    message.push_str(if words.is_empty() { "it says nothing more" } else { &words });
    if failure.status == Some(404) && kind == ErrorKind::InvalidRequest {
        message.push_str("; is the base URL right?");
    }
    if said.tag("no_db_connection") {
        message.push_str("; a LiteLLM proxy without a database says so of a key it does not know");
    }
    let mut error = Error::new(kind, message);
    if let Some(status) = failure.status {
        error = error.with_status(status);
    }
    if let Some(id) = failure.headers.request_id().or(said.request_id.as_deref()) {
        error = error.with_request_id(failure.redactor.redact(&shorten(id, 200)));
    }
    let wait = failure.headers.retry_after_ms(failure.now_ms).or_else(|| said.wait_ms());
    if let (Some(wait), true) = (wait, may_pass(kind)) {
        error = error.with_retry_after_ms(wait);
    }
    if let Some(should) = failure.headers.should_retry() {
        error = error.with_should_retry(should);
    }
    if let (Some(parameter), ErrorKind::InvalidRequest | ErrorKind::Unsupported) =
        (&said.parameter, kind)
    {
        error = error.with_parameter(failure.redactor.redact(&shorten(parameter, 100)));
    }
    if kind == ErrorKind::ContextOverflow
        && let Some(overflow) = overflow(&said.text)
    {
        error = error.with_overflow(overflow);
    }
    error
}

/// Kinds for which a time to wait means something.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::RateLimit | ErrorKind::Overloaded | ErrorKind::Server | ErrorKind::Timeout
    )
}

fn phrase(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "the gateway refused the key",
        ErrorKind::Permission => "the key is not allowed to do this",
        ErrorKind::Quota => "the account has no credit or quota left",
        ErrorKind::RateLimit => "too many requests or tokens for now",
        ErrorKind::ContextOverflow => "the request is larger than the model's window",
        ErrorKind::Policy => "a content policy refused this",
        ErrorKind::UnknownModel => "the gateway does not know this model",
        ErrorKind::InvalidRequest => "the gateway refused the request",
        ErrorKind::Overloaded => "the provider is out of capacity for now",
        ErrorKind::Timeout => "the gateway or its provider ran out of time",
        ErrorKind::Unsupported => "the gateway cannot do what was asked",
        ErrorKind::Protocol => "the gateway's answer is not what the protocol promises",
        _ => "the gateway or its provider failed",
    }
}

/// A page of HTML as the words that it shows; other text as it is. White space is drawn together.
fn plain_words(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let is_page = ["<html", "<!doctype", "<head", "<body"].iter().any(|tag| lower.contains(tag));
    let mut words = String::with_capacity(text.len().min(4096));
    let mut in_tag = false;
    for c in text.chars().take(20_000) {
        match c {
            '<' if is_page => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                words.push(' ');
            }
            _ if in_tag => {}
            c if c.is_control() => words.push(' '),
            c => words.push(c),
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most).collect();
    short.push_str("...");
    short
}

/// An answer with a good status that is neither a stream nor a chat completion.
pub fn not_an_answer(found: &str, body: &str, redactor: &Redactor) -> Error {
    let words = shorten(&redactor.redact(&plain_words(body)), 200);
    let excerpt = if words.is_empty() { String::new() } else { format!(": {words:?}") };
    let wanted = "wanted a stream of chunks or a chat completion";
    Error::new(ErrorKind::Protocol, format!("answer: found {found}{excerpt}, {wanted}"))
}

/// The network gave no answer. A browser says the same `Failed to fetch` for many causes, so the
/// message lists those that are possible here.
///
/// `url` is where it was sent, `page` the origin of the page where there is one, `online` what the
/// browser says of itself, `cause` the words of the platform.
pub fn network_error(
    url: &str,
    page: Option<&str>,
    online: Option<bool>,
    cause: &str,
    redactor: &Redactor,
) -> Error {
    let host = authority(url);
    let target = host.as_deref().unwrap_or("this page's own server");
    let mut causes: Vec<&str> = Vec::new();
    if online == Some(false) {
        causes.push("the browser is offline");
    } else {
        causes.push("the server does not run, or its name or port is wrong");
        let same = host.is_none() || page.and_then(authority) == host;
        if page.is_some() && !same {
            causes.push(
                "it allows no requests from this page's origin (CORS), perhaps only for an error \
                 such as a wrong key",
            );
            let secure = |address: &str| address.to_ascii_lowercase().starts_with("https:");
            if page.is_some_and(secure) && !secure(url) {
                causes.push("an https page may not send to an http address (mixed content)");
            }
        }
        if page.is_some() {
            causes.push("the page's content security policy or an extension blocks it");
        }
        causes.push("the connection was cut");
    }
    let words = shorten(&redactor.redact(&plain_words(cause)), 200);
    let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
    let causes = causes.join("; or ");
    Error::new(ErrorKind::Network, format!("no answer from {target}{words}; possible: {causes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_causes_fit_the_situation() {
        let redactor = Redactor::default();
        let across = network_error(
            "http://gw.example:4000/v1",
            Some("https://app.example"),
            Some(true),
            "Failed to fetch",
            &redactor,
        );
        assert_eq!(across.kind(), ErrorKind::Network);
        for word in ["gw.example:4000", "CORS", "mixed content", "Failed to fetch"] {
            assert!(across.message().contains(word), "{word}: {across}");
        }
        let same = network_error("/gateway/v1", Some("https://app.example"), None, "", &redactor);
        assert!(!same.message().contains("CORS") && !same.message().contains("mixed"), "{same}");
        let offline = network_error("/x", Some("https://a.example"), Some(false), "", &redactor);
        assert!(offline.message().contains("offline") && !offline.message().contains("CORS"));
    }
}
