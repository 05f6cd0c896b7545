//! Slimming, for JavaScript.

use super::JsFare;
use crate::error::{Error, Result};
use crate::practice::slim::slim;
use crate::wasm::convert::to_value;
use crate::wasm::{Js, give};
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// `slimRequest` of `workshop.d.ts`.
#[wasm_bindgen(js_name = slimRequest)]
pub fn slim_request(request: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let request = to_value("request", request)?;
        let options = to_value("options", options)?;
        let model = options.get("model").filter(|model| !model.is_null()).or(request.get("model"));
        let model = model.and_then(Value::as_str).ok_or_else(|| {
            Error::invalid_input("model: found none, wanted options.model or the request's own")
        })?;
        Ok(slim(&request, model, &JsFare, &accepted(&options)?)?.to_value(&request))
    })())
}

fn accepted(options: &Value) -> Result<Vec<String>> {
    let list = match options.get("accept") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => {
            return Err(Error::invalid_input("options.accept: wanted a list of proposals' ids"));
        }
    };
    let mut out = Vec::new();
    for id in list {
        match id {
            Value::String(id) => out.push(id.clone()),
            _ => {
                return Err(Error::invalid_input(format!(
                    "options.accept[{}]: wanted a proposal's id",
                    out.len()
                )));
            }
        }
    }
    Ok(out)
}
