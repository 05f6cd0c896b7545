//! What waits to be sent to a collector of OpenTelemetry. `telemetry.js` sends it.

use crate::ledger::telemetry::{Context, Settings, Taken, Telemetry};
use crate::wasm::convert::{string_field, to_value, to_value_again};
use crate::wasm::{Js, give, thrown};
use serde_json::json;
use wasm_bindgen::prelude::*;

/// Receipts, as spans and metrics.
#[wasm_bindgen]
pub struct TelemetryQueue {
    inner: Telemetry,
    taken: Option<Taken>,
}

#[wasm_bindgen]
impl TelemetryQueue {
    /// An empty one.
    ///
    /// # Errors
    /// Kind `invalid_input`, naming the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, instance: &str, now_ms: f64) -> Js<TelemetryQueue> {
        thrown((|| {
            let settings = Settings::from_value(&to_value("telemetry", options)?, instance)?;
            Ok(Self { inner: Telemetry::new(settings, now_ms), taken: None })
        })())
    }

    /// Takes a receipt and the request that was sent; `context` is `{ traceId, spanId, lab, origin }`.
    ///
    /// # Errors
    /// Kind `invalid_input` where one of them is no value of JSON.
    pub fn record(&mut self, receipt: &JsValue, request: &JsValue, context: &JsValue) -> Js<()> {
        thrown((|| {
            let receipt = to_value_again("receipt", receipt)?;
            let request = to_value_again("request", request)?;
            let context = Context {
                trace_id: string_field(context, "traceId")?.unwrap_or_default(),
                span_id: string_field(context, "spanId")?.unwrap_or_default(),
                lab: string_field(context, "lab")?,
                origin: string_field(context, "origin")?,
            };
            self.inner.record(&receipt, &request, &context);
            Ok(())
        })())
    }

    /// The next bodies, `{ traces, metrics, spans }`; null where there is nothing for one of them.
    ///
    /// # Errors
    /// None in practice; a conversion may fail.
    pub fn take(&mut self, most_bytes: usize, now_ms: f64) -> Js {
        let (batch, taken) = self.inner.take(most_bytes, now_ms);
        self.taken = Some(taken);
        give(Ok(json!({"traces": batch.traces, "metrics": batch.metrics, "spans": batch.spans})))
    }

    /// Puts back what was last taken and could not be sent.
    #[wasm_bindgen(js_name = putBack)]
    pub fn put_back(&mut self, traces: bool, metrics: bool) {
        if let Some(taken) = self.taken.take() {
            self.inner.put_back(taken, traces, metrics);
        }
    }

    /// How many spans wait.
    #[wasm_bindgen(getter)]
    pub fn waiting(&self) -> usize {
        self.inner.waiting()
    }

    /// How many spans were let go of because too many waited.
    #[wasm_bindgen(getter)]
    pub fn dropped(&self) -> f64 {
        self.inner.dropped() as f64
    }
}
