//! Hints on a prompt, for JavaScript.

use super::JsFare;
use crate::practice::hints;
use crate::wasm::convert::{string_field, to_value};
use crate::wasm::{Js, give};
use wasm_bindgen::prelude::*;

/// `reviewPrompt` of `workshop.d.ts`, of a whole request.
#[wasm_bindgen(js_name = reviewPrompt)]
pub fn review_prompt(request: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let request = to_value("prompt", request)?;
        let model = string_field(options, "model")?;
        Ok(hints::review(&request, model.as_deref(), Some(&JsFare))?.to_value())
    })())
}
