//! Long context and versions of a prompt, for JavaScript.

use super::JsFare;
use crate::error::Error;
use crate::practice::{fit, version};
use crate::wasm::convert::{string_field, to_value};
use crate::wasm::{Js, give};
use wasm_bindgen::prelude::*;

/// `fitRequest` of `workshop.d.ts`.
#[wasm_bindgen(js_name = fitRequest)]
pub fn fit_request(request: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let request = to_value("request", request)?;
        let options = fit::FitOptions::from_value(&to_value("options", options)?)?;
        Ok(fit::fit(&request, &options, &JsFare)?.to_value())
    })())
}

/// `compareVersions` of `workshop.d.ts`.
#[wasm_bindgen(js_name = compareVersions)]
pub fn compare_versions(before: &JsValue, after: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let before = to_value("before", before)?;
        let after = to_value("after", after)?;
        let model = match string_field(options, "model")? {
            Some(model) => model,
            None => {
                let request = after.get("request").unwrap_or(&after);
                let own = request.get("model").and_then(serde_json::Value::as_str);
                own.map(str::to_owned).ok_or_else(|| {
                    Error::invalid_input(
                        "model: found none, wanted options.model or a request's own",
                    )
                })?
            }
        };
        Ok(version::compare(&before, &after, &model, &JsFare)?.to_value())
    })())
}
