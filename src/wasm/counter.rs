//! Counting a text as it is edited.

use super::{Js, thrown, vocabularies};
use crate::catalog::{self, Tokenizer};
use crate::error::{Error, Result};
use crate::tokens::{self, TokenEstimate, Vocabularies};
use js_sys::JsString;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Counts a text as it is edited; offsets are UTF-16 code units.
#[wasm_bindgen]
pub struct LiveCounter {
    tokenizer: Tokenizer,
    vocabularies: Rc<Vocabularies>,
    /// UTF-16, so that an edit may cut a surrogate pair and a later one may mend it.
    text: Vec<u16>,
    now: TokenEstimate,
}

#[wasm_bindgen]
impl LiveCounter {
    /// A counter for `text` on `model`, exact if the model's vocabulary is loaded by now.
    ///
    /// # Errors
    /// Kind `unknown_model`.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &str, text: Option<JsString>) -> Js<LiveCounter> {
        thrown((|| {
            let resolved = catalog::resolve_model(model)?;
            let text: Vec<u16> = text.map(|text| text.iter().collect()).unwrap_or_default();
            let tokenizer = resolved.model.tokenizer.clone();
            let vocabularies = vocabularies();
            let now = count(&text, &tokenizer, &vocabularies);
            Ok(Self { tokenizer, vocabularies, text, now })
        })())
    }

    /// Replaces `delete_count` units at `start` by `insert`; the new number of tokens.
    ///
    /// # Errors
    /// Kind `invalid_input` where the range is not within the text.
    pub fn splice(&mut self, start: f64, delete_count: f64, insert: &JsString) -> Js<f64> {
        thrown((|| {
            let range = self.range(start, delete_count)?;
            self.text.splice(range, insert.iter());
            self.now = count(&self.text, &self.tokenizer, &self.vocabularies);
            Ok(self.now.tokens as f64)
        })())
    }

    fn range(&self, start: f64, delete_count: f64) -> Result<std::ops::Range<usize>> {
        let whole = |number: f64| number >= 0.0 && number.fract() == 0.0;
        let length = self.text.len();
        if !(whole(start) && whole(delete_count) && start + delete_count <= length as f64) {
            return Err(Error::invalid_input(format!(
                "splice: found start {start} and deleteCount {delete_count}, wanted whole numbers within the {length} units of the text"
            )));
        }
        Ok(start as usize..(start + delete_count) as usize)
    }

    /// The number of tokens now.
    #[wasm_bindgen(getter)]
    pub fn tokens(&self) -> f64 {
        self.now.tokens as f64
    }

    /// Whether that number is exact.
    #[wasm_bindgen(getter)]
    pub fn exact(&self) -> bool {
        self.now.exact
    }
}

fn count(text: &[u16], tokenizer: &Tokenizer, vocabularies: &Vocabularies) -> TokenEstimate {
    tokens::count_tokens(&String::from_utf16_lossy(text), tokenizer, vocabularies)
}
