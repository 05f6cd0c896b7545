//! The exports. The only module that knows JavaScript.
use wasm_bindgen::prelude::*;
/// Test.
#[wasm_bindgen(js_name = "resolveModel")]
pub fn resolve_model(id: &str) -> String {
    id.to_owned()
}
