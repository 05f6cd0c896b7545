//! One receipt as a span.

use super::names::provider;
use super::{Context, Settings};
use crate::json::{Fields, json};
use serde_json::Value;

/// `SpanKind.CLIENT` and `StatusCode.ERROR` of OTLP: JSON writes enums as numbers.
const CLIENT: u8 = 3;
const ERROR: u8 = 2;

/// Most characters of a text that goes with a span, where texts go at all.
const MOST_CONTENT: usize = 16_384;

/// A receipt, and what belongs to it.
pub(super) struct Told<'a> {
    pub(super) receipt: &'a Value,
    pub(super) request: &'a Value,
    pub(super) context: &'a Context,
    pub(super) settings: &'a Settings,
}

/// A name with its value, as OTLP writes it.
pub(super) fn attribute(name: &str, value: Value) -> Value {
    json!({"key": name, "value": value})
}

/// The attributes of one thing; what is not known is not among them.
#[derive(Default)]
pub(super) struct Attributes(pub(super) Vec<Value>);

impl Attributes {
    pub(super) fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|text| !text.is_empty()) {
            self.0.push(attribute(name, json!({"stringValue": value})));
        }
    }

    /// OTLP's JSON writes integers of 64 bits as texts.
    fn whole(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.0.push(attribute(name, json!({"intValue": value.to_string()})));
        }
    }

    fn number(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.0.push(attribute(name, json!({"doubleValue": value})));
        }
    }

    fn flag(&mut self, name: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.0.push(attribute(name, json!({"boolValue": value})));
        }
    }

    fn texts(&mut self, name: &str, values: &[&str]) {
        if !values.is_empty() {
            let mut list = Vec::new();
            for value in values {
                list.push(json!({"stringValue": value}));
            }
            self.0.push(attribute(name, json!({"arrayValue": {"values": list}})));
        }
    }
}

impl Told<'_> {
    pub(super) fn receipt_text(&self, pointer: &str) -> Option<&str> {
        self.receipt.pointer(pointer)?.as_str()
    }

    pub(super) fn receipt_number(&self, pointer: &str) -> Option<f64> {
        self.receipt.pointer(pointer)?.as_f64()
    }

    pub(super) fn receipt_whole(&self, pointer: &str) -> Option<u64> {
        self.receipt.pointer(pointer)?.as_u64()
    }

    /// An amount of money as the number that engines can add up; the receipt keeps the exact one.
    pub(super) fn receipt_usd(&self, pointer: &str) -> Option<f64> {
        self.receipt_text(pointer)?.parse().ok()
    }

    pub(super) fn is_cached(&self) -> bool {
        self.receipt.get("cached") == Some(&Value::Bool(true))
    }

    pub(super) fn streams(&self) -> bool {
        self.request.get("stream") == Some(&Value::Bool(true))
    }

    /// What every metric is told apart by.
    pub(super) fn common(&self) -> Attributes {
        let mut list = Attributes::default();
        list.text("gen_ai.operation.name", Some("chat"));
        list.text("gen_ai.provider.name", Some(&self.provider()));
        list.text("gen_ai.request.model", self.receipt_text("/model"));
        list.text("gen_ai.response.model", self.receipt_text("/answeredBy"));
        if let Some((host, port)) = self.server() {
            list.text("server.address", Some(&host));
            list.whole("server.port", Some(port));
        }
        list
    }

    /// What went wrong, in one word.
    pub(super) fn error_type(&self) -> Option<&str> {
        self.receipt_text("/error/kind")
    }

    fn provider(&self) -> String {
        let said = self.receipt_text("/provider");
        let known = said.or(self.context.lab.as_deref());
        // The attribute must be there; this is OpenTelemetry's word for what has none.
        known.map_or_else(|| "_OTHER".to_owned(), provider)
    }

    /// Host and port of the address that answered.
    fn server(&self) -> Option<(String, u64)> {
        let attempts = self.receipt.get("attempts")?.as_array()?;
        let endpoint = attempts.last()?.get("endpoint")?.as_str()?;
        host_of(endpoint).or_else(|| host_of(self.context.origin.as_deref()?))
    }

    pub(super) fn span(&self) -> Value {
        let sent_at = self.receipt_number("/timing/sentAt").unwrap_or(0.0);
        let total = self.receipt_number("/timing/totalMs").unwrap_or(0.0).max(0.0);
        let model = self.receipt_text("/model").unwrap_or_default();
        let name = format!("chat {model}");
        let mut span = json!({
            "traceId": self.context.trace_id,
            "spanId": self.context.span_id,
            "name": name,
            "kind": CLIENT,
            "startTimeUnixNano": nanoseconds(sent_at),
            "endTimeUnixNano": nanoseconds(sent_at + total),
            "attributes": self.attributes(),
            "events": self.events(sent_at),
        });
        if let (Some(_), Some(fields)) = (self.error_type(), span.as_object_mut()) {
            let mut status = json!({"code": ERROR});
            // A gateway's words may repeat what was said to it.
            if let (true, Some(message)) =
                (self.settings.content, self.receipt_text("/error/message"))
            {
                status = json!({"code": ERROR, "message": message});
            }
            fields.put("status", status);
        }
        span
    }

    fn attributes(&self) -> Vec<Value> {
        let names = self.settings.names;
        let mut list = self.common();
        list.text("error.type", self.error_type());
        list.text("gen_ai.response.id", self.receipt_text("/answerId"));
        if let Some(reason) = self.receipt_text("/finishReason") {
            list.texts("gen_ai.response.finish_reasons", &[reason]);
        }
        let asked = |field: &str| self.request.get(field);
        let most = asked("max_completion_tokens").or_else(|| asked("max_tokens"));
        list.whole("gen_ai.request.max_tokens", most.and_then(Value::as_u64));
        for (field, name) in [
            ("temperature", "gen_ai.request.temperature"),
            ("top_p", "gen_ai.request.top_p"),
            ("frequency_penalty", "gen_ai.request.frequency_penalty"),
            ("presence_penalty", "gen_ai.request.presence_penalty"),
        ] {
            list.number(name, asked(field).and_then(Value::as_f64));
        }
        list.whole("gen_ai.request.seed", asked("seed").and_then(Value::as_u64));
        let choices = asked("n").and_then(Value::as_u64);
        list.whole("gen_ai.request.choice.count", choices.filter(|count| *count != 1));
        list.text(names.reasoning_level, asked("reasoning_effort").and_then(Value::as_str));
        match asked("response_format").and_then(|format| format.get("type")?.as_str()) {
            Some("text") => list.text("gen_ai.output.type", Some("text")),
            Some(kind) if kind.starts_with("json") => list.text("gen_ai.output.type", Some("json")),
            _ => {}
        }
        if self.streams() {
            list.flag("gen_ai.request.stream", Some(true));
            let first = self.receipt_number("/timing/firstPieceMs");
            list.number("gen_ai.response.time_to_first_chunk", first.map(|ms| ms / 1000.0));
        }
        if self.receipt_text("/usageSource") == Some("gateway") {
            for (pointer, name) in [
                ("/usage/inputTokens", "gen_ai.usage.input_tokens"),
                ("/usage/outputTokens", "gen_ai.usage.output_tokens"),
                ("/usage/cacheReadTokens", "gen_ai.usage.cache_read.input_tokens"),
                ("/usage/cacheWriteTokens", names.cache_write),
                ("/usage/reasoningTokens", names.reasoning_tokens),
            ] {
                list.whole(name, self.receipt_whole(pointer));
            }
        }
        self.own(&mut list);
        if self.settings.content {
            self.content(&mut list);
        }
        list.0
    }

    /// What no convention has a name for.
    fn own(&self, list: &mut Attributes) {
        for (pointer, name) in [
            ("/id", "promptfare.receipt.id"),
            ("/planId", "promptfare.plan.id"),
            ("/ending", "promptfare.ending"),
            ("/costSource", "promptfare.cost.source"),
            ("/task", "promptfare.task"),
            ("/experiment/id", "promptfare.experiment.id"),
            ("/experiment/arm", "promptfare.experiment.arm"),
        ] {
            list.text(name, self.receipt_text(pointer));
        }
        for (pointer, name) in [
            ("/cost/usd", "promptfare.cost.usd"),
            ("/comparison/usd/low", "promptfare.estimate.usd.low"),
            ("/comparison/usd/expected", "promptfare.estimate.usd.expected"),
            ("/comparison/usd/high", "promptfare.estimate.usd.high"),
        ] {
            list.number(name, self.receipt_usd(pointer));
        }
        for (pointer, name) in [
            ("/comparison/inputTokens/estimated", "promptfare.estimate.input_tokens"),
            ("/comparison/outputTokens/estimated", "promptfare.estimate.output_tokens"),
        ] {
            list.whole(name, self.receipt_whole(pointer));
        }
        if let Some(inside) = self.receipt.pointer("/comparison/usd/inside") {
            list.flag("promptfare.estimate.usd.inside", inside.as_bool());
        }
        list.flag("promptfare.cached", self.is_cached().then_some(true));
        let attempts = self.receipt.get("attempts").and_then(Value::as_array);
        list.whole("promptfare.attempts", attempts.map(|list| list.len() as u64));
    }

    /// What was said, where that is asked for. Of a masked request the answer stays here: it was
    /// put back together in this page.
    fn content(&self, list: &mut Attributes) {
        let mut messages = Vec::new();
        let given = self.request.get("messages").and_then(Value::as_array);
        for message in given.into_iter().flatten() {
            let role = message.get("role").and_then(Value::as_str).unwrap_or("user");
            let mut parts = Vec::new();
            match message.get("content") {
                Some(Value::String(text)) => parts.push(text_part(text)),
                Some(Value::Array(given)) => {
                    for part in given {
                        if let Some(text) = part.get("text").and_then(Value::as_str) {
                            parts.push(text_part(text));
                        }
                    }
                }
                _ => {}
            }
            messages.push(json!({"role": role, "parts": parts}));
        }
        list.text("gen_ai.input.messages", Some(&Value::Array(messages).to_string()));
        if self.receipt.pointer("/privacy/masked").is_none()
            && let Some(text) = self.receipt_text("/text")
        {
            let reason = self.receipt_text("/finishReason").unwrap_or_default();
            let said = json!([{"role": "assistant", "parts": [text_part(text)],
                               "finish_reason": reason}]);
            list.text("gen_ai.output.messages", Some(&said.to_string()));
        }
    }

    /// Every attempt that failed.
    fn events(&self, sent_at: f64) -> Vec<Value> {
        let mut events = Vec::new();
        let attempts = self.receipt.get("attempts").and_then(Value::as_array);
        for attempt in attempts.into_iter().flatten() {
            let Some(error) = attempt.get("error") else { continue };
            let began = attempt.get("startedMs").and_then(Value::as_f64).unwrap_or(0.0);
            let took = attempt.get("durationMs").and_then(Value::as_f64).unwrap_or(0.0);
            let mut list = Attributes::default();
            list.text("gen_ai.request.model", attempt.get("model").and_then(Value::as_str));
            list.text("error.type", error.get("kind").and_then(Value::as_str));
            let status = error.get("status").and_then(Value::as_u64);
            list.whole("http.response.status_code", status);
            events.push(json!({
                "timeUnixNano": nanoseconds(sent_at + began + took),
                "name": "promptfare.attempt.failed",
                "attributes": list.0,
            }));
        }
        events
    }
}

fn text_part(text: &str) -> Value {
    let shown: String = text.chars().take(MOST_CONTENT).collect();
    json!({"type": "text", "content": shown})
}

/// Milliseconds since 1970 as nanoseconds in the form of OTLP's JSON.
pub(super) fn nanoseconds(ms: f64) -> String {
    // Whole microseconds: a float holds no more of the time since 1970.
    let micros = (ms.max(0.0) * 1000.0).round() as u64;
    format!("{micros}000")
}

/// Host and port of an address; `None` for one without a host.
fn host_of(address: &str) -> Option<(String, u64)> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ' ']).next()?;
    let authority = authority.rsplit('@').next()?;
    let usual = if scheme.eq_ignore_ascii_case("http") { 80 } else { 443 };
    // An IPv6 address has colons of its own, within brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (authority, usual),
    };
    (!host.is_empty()).then(|| (host.to_owned(), port))
}
