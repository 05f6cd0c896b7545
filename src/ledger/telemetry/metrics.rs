//! Receipts as histograms and sums.

use super::span::{Attributes, Told, attribute, nanoseconds};
use crate::json::json;
use serde_json::Value;

/// Boundaries in seconds, and in tokens, as the conventions advise (`ExplicitBucketBoundaries` of
/// `gen_ai.client.operation.duration` and `gen_ai.client.token.usage`, read 2026-11-22).
const SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Dollars: from a ten-thousandth to a thousand.
const USD: [f64; 14] =
    [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0];

/// Most series of all metrics together; what comes beyond goes into one without attributes, as
/// OpenTelemetry's own limit has it (`otel.metric.overflow`). A series is about 800 bytes: all of them
/// fit what a browser sends of a page that is left (64 KiB, fetch standard, `keepalive`).
const MOST_SERIES: usize = 60;

/// `AggregationTemporality` of OTLP.
const DELTA: u8 = 1;
const CUMULATIVE: u8 = 2;

/// What was measured, by what it is told apart by.
#[derive(Clone, Debug)]
pub(super) struct Metrics {
    cumulative: bool,
    since_ms: f64,
    series: Vec<Series>,
    /// Whether there is something that was not taken yet.
    fresh: bool,
}

#[derive(Clone, Debug)]
struct Series {
    name: &'static str,
    unit: &'static str,
    attributes: Vec<Value>,
    bounds: &'static [f64; 14],
    counts: [u64; 15],
    sum: f64,
    least: f64,
    most: f64,
}

impl Metrics {
    pub(super) const fn new(cumulative: bool, now_ms: f64) -> Self {
        Self { cumulative, since_ms: now_ms, series: Vec::new(), fresh: false }
    }

    pub(super) fn record(&mut self, told: &Told<'_>) {
        // An answer of our own cache was no call of a model.
        if told.is_cached() {
            return;
        }
        let names = told.settings.names;
        let mut with_error = told.common();
        with_error.text("error.type", told.error_type());
        if let Some(ms) = told.receipt_number("/timing/totalMs") {
            self.add(names.duration, "s", with_error.0, &SECONDS, ms / 1000.0, 1);
        }
        let common = told.common().0;
        if told.streams() {
            if let Some(ms) = told.receipt_number("/timing/firstPieceMs") {
                self.add(names.first_chunk, "s", common.clone(), &SECONDS, ms / 1000.0, 1);
            }
            self.gaps(told, &common);
        }
        if told.receipt_text("/usageSource") == Some("gateway") {
            for (pointer, name, kind) in [
                ("/usage/inputTokens", names.input_tokens, "input"),
                ("/usage/outputTokens", names.output_tokens, "output"),
            ] {
                let Some(tokens) = told.receipt_whole(pointer) else { continue };
                let mut list = Attributes(common.clone());
                if let Some(token_type) = names.token_type {
                    list.text(token_type, Some(kind));
                }
                self.add(name, "{token}", list.0, &TOKENS, tokens as f64, 1);
            }
        }
        if let Some(usd) = told.receipt_usd("/cost/usd") {
            self.add("promptfare.client.cost", "{USD}", common, &USD, usd, 1);
        }
    }

    /// The times between pieces: the receipt tells how many there were and how long they took
    /// together, so each counts as the mean of its answer.
    fn gaps(&mut self, told: &Told<'_>, common: &[Value]) {
        let pieces = told.receipt_whole("/timing/pieces").unwrap_or(0);
        let first = told.receipt_number("/timing/firstPieceMs");
        let last = told.receipt_number("/timing/lastPieceMs");
        if let (2.., Some(first), Some(last)) = (pieces, first, last) {
            let gaps = pieces - 1;
            let each = (last - first).max(0.0) / 1000.0 / gaps as f64;
            self.add(told.settings.names.per_chunk, "s", common.to_vec(), &SECONDS, each, gaps);
        }
    }

    fn add(
        &mut self,
        name: &'static str,
        unit: &'static str,
        attributes: Vec<Value>,
        bounds: &'static [f64; 14],
        value: f64,
        times: u64,
    ) {
        self.fresh = true;
        let full = self.series.len() >= MOST_SERIES;
        let known = |series: &Series| series.name == name && series.attributes == attributes;
        let place = match self.series.iter().position(known) {
            Some(place) => place,
            None => {
                let attributes = match full {
                    false => attributes,
                    true => {
                        vec![attribute("otel.metric.overflow", json!({"boolValue": true}))]
                    }
                };
                let over = |series: &Series| series.name == name && series.attributes == attributes;
                match self.series.iter().position(over) {
                    Some(place) => place,
                    None => {
                        self.series.push(Series {
                            name,
                            unit,
                            attributes,
                            bounds,
                            counts: [0; 15],
                            sum: 0.0,
                            least: f64::INFINITY,
                            most: f64::NEG_INFINITY,
                        });
                        self.series.len() - 1
                    }
                }
            }
        };
        let Some(series) = self.series.get_mut(place) else { return };
        // A bucket holds what is above the boundary before it, up to its own.
        let bucket = bounds.iter().position(|bound| value <= *bound).unwrap_or(bounds.len());
        if let Some(count) = series.counts.get_mut(bucket) {
            *count += times;
        }
        series.sum += value * times as f64;
        series.least = series.least.min(value);
        series.most = series.most.max(value);
    }

    /// The list of metrics; `None` where nothing is new.
    pub(super) fn body(&self, now_ms: f64) -> Option<Value> {
        if !self.fresh {
            return None;
        }
        let mut list: Vec<Value> = Vec::new();
        for series in &self.series {
            let point = series.point(self.since_ms, now_ms);
            let same = list
                .iter_mut()
                .find(|metric| metric.get("name").and_then(Value::as_str) == Some(series.name));
            let points = same.and_then(|metric| metric.pointer_mut("/histogram/dataPoints"));
            match points.and_then(Value::as_array_mut) {
                Some(points) => points.push(point),
                None => list.push(json!({
                    "name": series.name,
                    "unit": series.unit,
                    "histogram": {
                        "aggregationTemporality": if self.cumulative { CUMULATIVE } else { DELTA },
                        "dataPoints": [point],
                    },
                })),
            }
        }
        Some(Value::Array(list))
    }

    /// What [`Metrics::body`] told, for the case that it does not arrive; the count begins anew unless
    /// it is cumulative.
    pub(super) fn taken(&mut self, now_ms: f64) -> Self {
        let taken = self.clone();
        self.fresh = false;
        if !self.cumulative {
            self.series.clear();
            self.since_ms = now_ms;
        }
        taken
    }

    /// Adds what did not arrive to what has come since.
    pub(super) fn put_back(&mut self, taken: Self) {
        self.fresh = true;
        if self.cumulative {
            return;
        }
        self.since_ms = taken.since_ms;
        for old in taken.series {
            let known = |series: &&mut Series| {
                series.name == old.name && series.attributes == old.attributes
            };
            match self.series.iter_mut().find(known) {
                None => self.series.push(old),
                Some(series) => {
                    for (count, more) in series.counts.iter_mut().zip(old.counts) {
                        *count += more;
                    }
                    series.sum += old.sum;
                    series.least = series.least.min(old.least);
                    series.most = series.most.max(old.most);
                }
            }
        }
    }
}

impl Series {
    fn point(&self, since_ms: f64, now_ms: f64) -> Value {
        let mut counts = Vec::new();
        let mut count = 0;
        for bucket in self.counts {
            counts.push(bucket.to_string());
            count += bucket;
        }
        json!({
            "attributes": self.attributes,
            "startTimeUnixNano": nanoseconds(since_ms),
            "timeUnixNano": nanoseconds(now_ms),
            "count": count.to_string(),
            "sum": self.sum,
            "bucketCounts": counts,
            "explicitBounds": self.bounds,
            "min": self.least,
            "max": self.most,
        })
    }
}
