//! Counting a text as it is edited.

use super::{Js, thrown, vocabularies};
use crate::error::{Error, Result};
use crate::tokens::{self, heuristic::LiveEstimate, live};
use js_sys::JsString;
use wasm_bindgen::prelude::*;

/// Counts a text as it is edited; offsets are UTF-16 code units.
#[wasm_bindgen]
pub struct LiveCounter {
    counter: Counter,
}

enum Counter {
    /// The vocabulary was loaded: an edit costs what it changes.
    Exact(live::LiveCounter<Box<dyn live::Tokenizer>>),
    /// An estimate from what the text is made of, kept in parts: an edit costs what it changes.
    Estimated(Box<LiveEstimate>),
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
            let catalog = super::catalog::catalog();
            let model = catalog.resolve(model)?.model;
            let text: Vec<u16> = text.map(|text| text.iter().collect()).unwrap_or_default();
            let counter = match tokens::live_tokenizer(model, &vocabularies()) {
                Some(tokenizer) => Counter::Exact(live::LiveCounter::new(tokenizer, &text)),
                None => {
                    Counter::Estimated(Box::new(LiveEstimate::new(model.tokenizer.clone(), &text)))
                }
            };
            Ok(Self { counter })
        })())
    }

    /// Replaces `delete_count` units at `start` by `insert`; the new number of tokens.
    ///
    /// # Errors
    /// Kind `invalid_input` where the range is not within the text.
    pub fn splice(&mut self, start: f64, delete_count: f64, insert: &JsString) -> Js<f64> {
        thrown((|| {
            let range = self.range(start, delete_count)?;
            let insert: Vec<u16> = insert.iter().collect();
            let tokens = match &mut self.counter {
                Counter::Exact(live) => live.splice(range.start, range.len(), &insert)?,
                Counter::Estimated(live) => {
                    live.splice(range.start, range.len(), &insert)?;
                    live.estimate().tokens
                }
            };
            Ok(tokens as f64)
        })())
    }

    fn range(&self, start: f64, delete_count: f64) -> Result<std::ops::Range<usize>> {
        let whole = |number: f64| number >= 0.0 && number.fract() == 0.0;
        let length = match &self.counter {
            Counter::Exact(live) => live.length(),
            Counter::Estimated(live) => live.length(),
        };
        if !(whole(start) && whole(delete_count) && start + delete_count <= length as f64) {
            // Written by JavaScript: Rust's own writer of floats is 8 kB of the module.
            let shown = |number: f64| {
                let text = js_sys::Number::from(number).to_string_with_radix(10);
                text.map(String::from).unwrap_or_default()
            };
            let (start, count) = (shown(start), shown(delete_count));
            return Err(Error::invalid_input(format!(
                "splice: found start {start} and deleteCount {count}, wanted whole numbers within the {length} units of the text"
            )));
        }
        Ok(start as usize..(start + delete_count) as usize)
    }

    /// The number of tokens now.
    #[wasm_bindgen(getter)]
    pub fn tokens(&self) -> f64 {
        match &self.counter {
            Counter::Exact(live) => live.tokens() as f64,
            Counter::Estimated(live) => live.estimate().tokens as f64,
        }
    }

    /// Whether that number is exact.
    #[wasm_bindgen(getter)]
    pub fn exact(&self) -> bool {
        matches!(self.counter, Counter::Exact(_))
    }
}
