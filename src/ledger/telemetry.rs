//! Receipts as OpenTelemetry reads them: spans and metrics of the conventions for generative models,
//! written as OTLP/HTTP JSON. What leaves is what happened, never what was said, unless that is asked
//! for. Nothing is sent from here.

mod metrics;
mod names;
mod span;

pub use names::Names;

use crate::error::{Error, Result};
use crate::json::json;
use metrics::Metrics;
use serde_json::Value;
use std::collections::VecDeque;

/// Most spans that wait; where one more comes, the oldest goes. 512 is a quarter of the queue of
/// OpenTelemetry's own batch processor, whose batches are of 512 (opentelemetry.io, SDK environment
/// variables, read 2026-11-22): a page sends few requests.
const MOST_SPANS: usize = 512;

/// Who sends, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Name and value of what describes the page: `service.name` and others.
    pub resource: Vec<(String, String)>,
    /// Under which names.
    pub names: &'static Names,
    /// Whether texts go too.
    pub content: bool,
    /// Whether metrics hold all since the beginning, or only what is new since they were last taken.
    pub cumulative: bool,
}

/// What one receipt does not know of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// Who made the model, as the catalogue names it.
    pub lab: Option<String>,
    /// Where addresses without a host lead to: the page's own origin.
    pub origin: Option<String>,
}

/// What waits to be sent.
#[derive(Clone, Debug)]
pub struct Telemetry {
    settings: Settings,
    spans: VecDeque<Value>,
    metrics: Metrics,
    dropped: u64,
}

/// Bodies for the collector's two paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// For `/v1/traces`.
    pub traces: Option<String>,
    /// For `/v1/metrics`.
    pub metrics: Option<String>,
    /// How many spans that is.
    pub spans: usize,
}

impl Settings {
    /// Reads `{ serviceName, attributes?, conventions?, content?, temporality? }`; `instance` names this
    /// page among those of the same service.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(options: &Value, instance: &str) -> Result<Self> {
        let wrong = |field: &str, wanted: &str| {
            let found = options.get(field).unwrap_or(&Value::Null);
            Error::invalid_input(format!("telemetry.{field}: found {found}, wanted {wanted}"))
        };
        let Some(service) = options.get("serviceName").and_then(Value::as_str) else {
            return Err(wrong("serviceName", "the name of your page or service"));
        };
        let mut resource = vec![
            ("service.name".to_owned(), service.to_owned()),
            ("service.instance.id".to_owned(), instance.to_owned()),
        ];
        match options.get("attributes") {
            None | Some(Value::Null) => {}
            Some(Value::Object(given)) => {
                for (name, value) in given {
                    let Some(text) = value.as_str() else {
                        return Err(wrong("attributes", "names with texts"));
                    };
                    resource.push((name.clone(), text.to_owned()));
                }
            }
            Some(_) => return Err(wrong("attributes", "names with texts")),
        }
        let names = match options.get("conventions") {
            None | Some(Value::Null) => &Names::OPERATION,
            Some(Value::String(name)) => Names::find(name)
                .ok_or_else(|| wrong("conventions", "\"operation\" or \"inference\""))?,
            Some(_) => return Err(wrong("conventions", "\"operation\" or \"inference\"")),
        };
        let content = match options.get("content") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => return Err(wrong("content", "true or false")),
        };
        let cumulative = match options.get("temporality") {
            None | Some(Value::Null) => false,
            Some(Value::String(name)) if name == "delta" => false,
            Some(Value::String(name)) if name == "cumulative" => true,
            Some(_) => return Err(wrong("temporality", "\"delta\" or \"cumulative\"")),
        };
        Ok(Self { resource, names, content, cumulative })
    }
}

impl Telemetry {
    /// Begins at `now_ms`, milliseconds since 1970.
    pub fn new(settings: Settings, now_ms: f64) -> Self {
        Self {
            metrics: Metrics::new(settings.cumulative, now_ms),
            settings,
            spans: VecDeque::new(),
            dropped: 0,
        }
    }

    /// Takes a receipt (as it is written to JSON) and the request that was sent.
    pub fn record(&mut self, receipt: &Value, request: &Value, context: &Context) {
        let told = span::Told { receipt, request, context, settings: &self.settings };
        if self.spans.len() >= MOST_SPANS {
            self.spans.pop_front();
            self.dropped += 1;
        }
        self.spans.push_back(told.span());
        self.metrics.record(&told);
    }

    /// How many spans wait.
    pub fn waiting(&self) -> usize {
        self.spans.len()
    }

    /// How many spans were let go of because too many waited.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What waits, as bodies of together at most about `most_bytes`; the oldest spans first, the others
    /// wait on. Give it back by [`Telemetry::put_back`] where it could not be sent.
    pub fn take(&mut self, most_bytes: usize, now_ms: f64) -> (Batch, Taken) {
        let metrics = self.metrics.body(now_ms);
        let metrics_text = metrics.map(|list| self.envelope("resourceMetrics", "metrics", list));
        let mut left = most_bytes.saturating_sub(metrics_text.as_ref().map_or(0, String::len));
        let mut taken = Vec::new();
        while let Some(span) = self.spans.front() {
            let size = span.to_string().len() + 1;
            if size > left && !(taken.is_empty() && size > most_bytes) {
                break;
            }
            left = left.saturating_sub(size);
            taken.extend(self.spans.pop_front());
        }
        let traces = match taken.is_empty() {
            true => None,
            false => Some(self.envelope("resourceSpans", "spans", Value::Array(taken.clone()))),
        };
        let counted = metrics_text.is_some().then(|| self.metrics.taken(now_ms));
        let spans = taken.len();
        (Batch { traces, metrics: metrics_text, spans }, Taken { spans: taken, metrics: counted })
    }

    /// Puts back what could not be sent: `traces` and `metrics` say which of the two.
    pub fn put_back(&mut self, taken: Taken, traces: bool, metrics: bool) {
        if traces {
            for span in taken.spans.into_iter().rev() {
                if self.spans.len() >= MOST_SPANS {
                    self.dropped += 1;
                } else {
                    self.spans.push_front(span);
                }
            }
        }
        if let (true, Some(counted)) = (metrics, taken.metrics) {
            self.metrics.put_back(counted);
        }
    }

    /// One resource, one scope, and the list under its name.
    fn envelope(&self, outer: &str, inner: &str, list: Value) -> String {
        let mut attributes = Vec::new();
        for (name, value) in &self.settings.resource {
            attributes.push(span::attribute(name, json!({"stringValue": value})));
        }
        let scope = json!({"name": "promptfare", "version": env!("CARGO_PKG_VERSION")});
        let scopes = match inner {
            "spans" => "scopeSpans",
            _ => "scopeMetrics",
        };
        let body = json!({outer: [{
            "resource": {"attributes": attributes},
            scopes: [{"scope": scope, inner: list, "schemaUrl": self.settings.names.schema_url}],
        }]});
        body.to_string()
    }
}

/// What a [`Batch`] was made of.
#[derive(Clone, Debug)]
pub struct Taken {
    spans: Vec<Value>,
    metrics: Option<Metrics>,
}
