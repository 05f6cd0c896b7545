//! What an error body says, whatever its shape, and what kind of error that is.
//!
//! Words and codes were measured on LiteLLM 1.106.2, Portkey 1.15.2 and aimock 1.43.0 on
//! 2026-11-22; those of providers that were not measured are from their documentation.

use super::headers::milliseconds;
use crate::error::{ErrorKind, Overflow};
use serde_json::{Map, Value};

/// What an error body says, whatever its shape.
#[derive(Debug, Default)]
pub(super) struct Said {
    message: String,
    /// The provider's own words that a gateway attached to its own.
    attached: String,
    /// `code`, `type`, `status` in lower case.
    tags: Vec<String>,
    /// A status found in the body.
    status: Option<u16>,
    pub(super) parameter: Option<String>,
    pub(super) request_id: Option<String>,
    /// All words in lower case, filled by `read`.
    pub(super) text: String,
}

impl Said {
    pub(super) fn read(value: &Value) -> Self {
        let mut said = Self::default();
        said.take(value, 0);
        said.text = said.own_words().to_ascii_lowercase();
        said
    }

    /// The shapes: `{error:{...}}`, `{error:"..."}`, `{type:"error",error:{...}}`,
    /// `{object:"error",message}`, `{status:"failure",message}`, `{detail}`, `{html-message}`,
    /// `{errors:[...]}`, `[{error}]`, and the words alone.
    fn take(&mut self, value: &Value, depth: u8) {
        match value {
            // Deeper nesting than any gateway's is not followed.
            _ if depth > 4 => {}
            Value::String(text) => self.message = text.clone(),
            Value::Array(list) => {
                if let Some(first) = list.first() {
                    self.take(first, depth + 1);
                }
            }
            Value::Object(fields) => self.take_fields(fields, depth),
            _ => {}
        }
    }

    fn take_fields(&mut self, fields: &Map<String, Value>, depth: u8) {
        let text =
            |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        for name in ["code", "type", "status", "status_code"] {
            match fields.get(name) {
                Some(Value::String(tag)) => {
                    self.status = self.status.or_else(|| http_failure(tag.parse().ok()?));
                    self.tags.push(tag.to_ascii_lowercase());
                }
                Some(Value::Number(number)) => {
                    self.status = self.status.or_else(|| http_failure(number.as_u64()?));
                }
                _ => {}
            }
        }
        // LiteLLM writes the missing parameter as the word "None".
        if let Some(name) = text("param").filter(|name| *name != "None") {
            self.parameter = Some(name.to_owned());
        }
        if let Some(id) = text("request_id") {
            self.request_id = Some(id.to_owned());
        }
        let words = ["message", "detail", "msg", "html-message", "error_description", "title"];
        if let Some(words) = words.iter().find_map(|name| text(name)) {
            self.message = words.to_owned();
        }
        if let Some(Value::Array(details)) = fields.get("detail") {
            self.message = details.iter().map(detail).collect::<Vec<_>>().join("; ");
        }
        if let Some(metadata) = fields.get("metadata") {
            match metadata.get("raw") {
                Some(Value::String(raw)) => self.attached = raw.clone(),
                Some(Value::Null) | None => {}
                Some(raw) => self.attached = raw.to_string(),
            }
            if let Some(Value::Array(reasons)) = metadata.get("reasons") {
                let reasons: Vec<_> = reasons.iter().filter_map(Value::as_str).collect();
                self.attached = format!("{} flagged: {}", self.attached, reasons.join(", "));
            }
        }
        for name in ["errors", "error"] {
            if let Some(inner @ (Value::Object(_) | Value::Array(_) | Value::String(_))) =
                fields.get(name)
            {
                self.take(inner, depth + 1);
            }
        }
    }

    /// The message and what is attached, without the paragraphs that LiteLLM puts behind every
    /// error about itself (they hold names of models, which must not be taken for words).
    pub(super) fn own_words(&self) -> String {
        let message =
            ["\n\nLiteLLM: model group", "\n\nDeployment Info:", " Received Model Group="]
                .iter()
                .fold(self.message.as_str(), |words, tail| {
                    words.split_once(tail).map_or(words, |(own, _)| own)
                });
        match self.attached.is_empty() {
            true => message.trim().to_owned(),
            false => format!("{} ({})", message.trim(), self.attached.trim()),
        }
    }

    pub(super) fn tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|found| found == tag)
    }

    fn tagged(&self, tags: &[&str]) -> bool {
        tags.iter().any(|tag| self.tag(tag))
    }

    fn says(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.text.contains(mark))
    }

    pub(super) fn kind(&self, http_status: Option<u16>) -> ErrorKind {
        let status = http_status.filter(|status| *status >= 400).or(self.status);
        // A wrapper's 5xx, or no status at all, says nothing by itself: then words count.
        let open = status.is_none_or(|status| status >= 500);
        if status == Some(401)
            || self.tagged(&[
                "invalid_api_key",
                "authentication_error",
                "auth_error",
                "no_db_connection",
                "unauthorized",
                "token_not_found_in_db",
                "expired_key",
            ])
            || self.says(&["authenticationerror:", "incorrect api key", "invalid api key"])
        {
            return ErrorKind::Authentication;
        }
        if self.overflows() {
            return ErrorKind::ContextOverflow;
        }
        if self.tagged(&["content_filter", "content_policy_violation", "moderation_blocked"])
            || self.says(&[
                "contentpolicyviolation",
                "content management policy",
                "content policy",
                "usage policy",
                "usage policies",
                "responsibleaipolicy",
                "safety system",
                "content filtering policy",
                "input was flagged",
                "flagged:",
            ])
        {
            return ErrorKind::Policy;
        }
        if status == Some(402)
            || self.tagged(&[
                "insufficient_quota",
                "billing_hard_limit_reached",
                "billing_not_active",
                "insufficient_credits",
                "budget_exceeded",
                "billing_error",
            ])
            || self.says(&[
                "exceeded your current quota",
                "insufficient_quota",
                "insufficient credits",
                "insufficient balance",
                "credit balance is too low",
                "budget has been exceeded",
                "budgetexceeded",
                "billing hard limit",
                "requires more credits",
            ])
        {
            return ErrorKind::Quota;
        }
        if self.unknown_model(status) {
            return ErrorKind::UnknownModel;
        }
        if self.says(&["no endpoints found that support"]) {
            return ErrorKind::Unsupported;
        }
        // More tokens at once than the account may send in a minute: waiting cannot help.
        if self.says(&["request too large"]) && matches!(status, Some(413 | 429)) {
            return ErrorKind::InvalidRequest;
        }
        let overloaded = self.tagged(&["overloaded_error", "overloaded", "engine_overloaded"]);
        if status == Some(529) || overloaded {
            return ErrorKind::Overloaded;
        }
        if status == Some(429)
            || self.tagged(&[
                "rate_limit_exceeded",
                "rate_limit_error",
                "throttling_error",
                "resource_exhausted",
                "too_many_requests",
            ])
            || (open && self.says(&["ratelimiterror", "rate limit", "too many requests"]))
        {
            return ErrorKind::RateLimit;
        }
        if open && self.says(&["overloaded", "at capacity", "no capacity", "out of capacity"]) {
            return ErrorKind::Overloaded;
        }
        if matches!(status, Some(408 | 504 | 524))
            || self.tagged(&["timeout", "timeout_error", "deadline_exceeded"])
            || self.says(&["litellm.timeout", "apitimeouterror"])
            || (open && self.says(&["timed out", "timeout on reading", "deadline exceeded"]))
        {
            return ErrorKind::Timeout;
        }
        match status {
            Some(403) => ErrorKind::Permission,
            // A conflict or a request that came too early passes by itself.
            Some(409 | 425) => ErrorKind::Server,
            Some(400..=499) => ErrorKind::InvalidRequest,
            Some(_) => ErrorKind::Server,
            None if self.tagged(&["permission_error", "forbidden"]) => ErrorKind::Permission,
            None if self.tagged(&["invalid_request_error", "invalid_argument"]) => {
                ErrorKind::InvalidRequest
            }
            None if http_status.is_some_and(|status| (300..400).contains(&status)) => {
                ErrorKind::Protocol
            }
            None => ErrorKind::Server,
        }
    }

    fn overflows(&self) -> bool {
        self.tagged(&[
            "context_length_exceeded",
            "context_window_exceeded",
            "model_max_prompt_tokens_exceeded",
        ]) || self.says(&[
            "context_length_exceeded",
            "contextwindowexceeded",
            "maximum context length",
            "context window exceeded",
            "exceeds the context window",
            "exceed context limit",
            "exceeds the maximum number of tokens",
            "exceeds the model's context",
            "prompt is too long",
            "input is too long",
            "maximum prompt length",
            "maximum model length",
            "reduce the length of the messages",
            "exceeds the available context size",
        ])
    }

    fn unknown_model(&self, status: Option<u16>) -> bool {
        if self.tagged(&["model_not_found", "model_not_available", "unknown_model"]) {
            return true;
        }
        let may_be = status.is_none_or(|status| matches!(status, 400 | 403 | 404 | 422 | 500..));
        may_be
            && self.text.contains("model")
            && self.says(&[
                "no healthy deployments for this model",
                "is not a valid model",
                "invalid model name",
                "no such model",
                "unknown model",
                "model not found",
                "model_not_found",
                "unsupported model",
            ])
            || matches!(status, Some(400 | 403 | 404))
                && (self.text.contains("model")
                    && self.says(&["does not exist", "not found", "no endpoints found for"])
                    || self.says(&["no endpoints found for"])
                    || self.tag("not_found_error") && self.text.starts_with("model:"))
    }

    /// "Please try again in 1.5s", as providers write it: the only place where a page can read it
    /// when a gateway exposes no headers.
    pub(super) fn wait_ms(&self) -> Option<u64> {
        let (_, after) = self.text.split_once("try again in ")?;
        let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
        let (number, unit) = after.split_at_checked(end)?;
        let unit = unit.trim_start();
        let factor = if unit.starts_with("ms") || unit.starts_with("milli") {
            1
        } else if unit.starts_with('m') {
            60_000
        } else if unit.starts_with('s') {
            1000
        } else {
            return None;
        };
        milliseconds(number.trim_end_matches('.'), factor)
    }
}

fn http_failure(code: u64) -> Option<u16> {
    u16::try_from(code).ok().filter(|code| (400..600).contains(code))
}

/// One entry of FastAPI's list of what is wrong with the request.
fn detail(entry: &Value) -> String {
    let words = entry.get("msg").and_then(Value::as_str).unwrap_or_default();
    let place = entry.get("loc").and_then(Value::as_array).map(|parts| {
        let parts: Vec<_> = parts
            .iter()
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
            .collect();
        parts.join(".")
    });
    match place {
        Some(place) => format!("{place}: {words}"),
        None if words.is_empty() => entry.to_string(),
        None => words.to_owned(),
    }
}

/// The two sizes in the words of an overflow. Every provider names the limit and what came, in
/// either order; what came is the larger one. `input + room > limit` is added up.
pub(super) fn overflow(text: &str) -> Option<Overflow> {
    let numbers = numbers(text);
    let mut large = numbers.iter().filter(|(number, _)| *number >= 1000);
    let (first, _) = *large.next()?;
    let (mut second, plus) = *large.next()?;
    let mut first = first;
    if plus {
        first = first.checked_add(second)?;
        second = large.next()?.0;
    }
    (first != second).then(|| Overflow { found: first.max(second), limit: first.min(second) })
}

/// Whole numbers that stand alone (not parts of a model's name), with or without thousands
/// separators, and whether a plus sign stands before each.
fn numbers(text: &str) -> Vec<(u64, bool)> {
    let mut found = Vec::new();
    let mut plus = false;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '+');
        if bare == "+" {
            plus = true;
            continue;
        }
        let digits: String = bare.chars().filter(|c| *c != ',' && *c != '_').collect();
        if digits.chars().all(|c| c.is_ascii_digit())
            && let Ok(number) = digits.parse()
        {
            found.push((number, plus));
        }
        plus = false;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_an_overflow_are_found() {
        for (words, found, limit) in [
            (
                "This model's maximum context length is 128000 tokens. However, your messages resulted in 200000 tokens.",
                200_000,
                128_000,
            ),
            (
                "maximum context length is 8,192 tokens, however you requested 10,000 tokens (9000 in the messages, 1000 in the completion)",
                10_000,
                8192,
            ),
            ("prompt is too long: 210000 tokens > 200000 maximum", 210_000, 200_000),
            (
                "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease",
                210_000,
                200_000,
            ),
            (
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                1_200_000,
                1_048_576,
            ),
            (
                "model claude-3-5-sonnet-20241022: maximum prompt length is 131072 but the request contains 140000 tokens",
                140_000,
                131_072,
            ),
        ] {
            assert_eq!(
                overflow(&words.to_ascii_lowercase()),
                Some(Overflow { found, limit }),
                "{words}"
            );
        }
        assert_eq!(overflow("this is a mock context window exceeded error"), None);
    }
}
