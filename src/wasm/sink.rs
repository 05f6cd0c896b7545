//! Who is told of receipts, where the page asks for that: an object of its own, or the workshop's.

use super::convert::field;
use crate::error::{Error, Result};
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// What takes receipts.
pub(super) struct Sink {
    object: JsValue,
    record: Function,
    begin: Option<Function>,
}

/// By what a request is found in traces (W3C Trace Context, read 2026-11-22).
#[derive(Clone)]
pub(super) struct Trace {
    /// 32 hexadecimal digits.
    pub(super) trace_id: String,
    /// 16 hexadecimal digits.
    pub(super) span_id: String,
}

impl Sink {
    /// Reads the client's `telemetry`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it takes no receipts.
    pub(super) fn read(options: &JsValue) -> Result<Option<Self>> {
        let Some(object) = field(options, "telemetry") else { return Ok(None) };
        let function = |name: &str| field(&object, name)?.dyn_into::<Function>().ok();
        let (record, begin) = (function("record"), function("begin"));
        match record {
            Some(record) => Ok(Some(Self { object, record, begin })),
            None => Err(Error::invalid_input(
                "telemetry: found no function `record`, wanted what takes receipts, e.g. of openTelemetry",
            )),
        }
    }

    /// Names for a request that is about to leave; `None` where there are none that can be sent.
    pub(super) fn begin(&self) -> Option<Trace> {
        let given = self.begin.as_ref()?.call0(&self.object).ok()?;
        let digits = |name: &str, length: usize| {
            let text = field(&given, name)?.as_string()?;
            let fine = text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            fine.then_some(text)
        };
        Some(Trace { trace_id: digits("traceId", 32)?, span_id: digits("spanId", 16)? })
    }

    /// Tells of a receipt; what is thrown is the sink's own affair.
    pub(super) fn record(&self, receipt: &JsValue, request: &JsValue) {
        let _ = self.record.call2(&self.object, receipt, request);
    }
}

impl Trace {
    /// The header's value: sampled, since the receipt will be told.
    pub(super) fn header(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }
}
