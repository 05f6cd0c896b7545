//! The crate `tiktoken` behind one function, for `npm run bench`.

use wasm_bindgen::prelude::*;

/// Tokens of a text in o200k_base.
#[wasm_bindgen]
pub fn count(text: &str) -> usize {
    tiktoken::get_encoding("o200k_base").map_or(0, |encoding| encoding.count(text))
}
