//! The short way of `countTokens`: a text that was written into the module's memory, counted by a
//! counter that was found before, gives a number. `count.js` is its other half.

use super::catalog::{catalog, turn};
use super::vocabularies;
use crate::catalog::Tokenizer;
use crate::tokens;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// More than so many bytes are given back after the count.
const KEPT: usize = 1 << 16;

/// The tokenizers with an exact counter. A counter's number is twice its place, and one more between
/// fixed markers; above these three bits, how often the catalogue was replaced before.
static TOKENIZERS: [Tokenizer; 4] =
    [Tokenizer::O200kBase, Tokenizer::Cl100kBase, Tokenizer::Claude3, Tokenizer::Claude47];

thread_local! {
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The number of the model's exact counter; -1 where it has none, or none by now.
#[wasm_bindgen(js_name = exactCounter)]
pub fn exact_counter(model: &str) -> i32 {
    let catalog = catalog();
    let Ok(resolved) = catalog.resolve(model) else { return -1 };
    let tokenizer = &resolved.model.tokenizer;
    let place = TOKENIZERS.iter().position(|own| own == tokenizer);
    let place = place.filter(|_| vocabularies().get(tokenizer).is_some());
    let marked = i32::from(tokens::is_marked(resolved.model));
    place.map_or(-1, |place| turn() << 3 | (place as i32) << 1 | marked)
}

fn tokenizer_of(counter: i32) -> Option<&'static Tokenizer> {
    TOKENIZERS.get((counter as usize >> 1) % TOKENIZERS.len())
}

/// How it counts, as in a token estimate.
#[wasm_bindgen(js_name = counterMethod)]
pub fn counter_method(counter: i32) -> String {
    tokenizer_of(counter).map(tokens::exact_method).unwrap_or_default()
}

/// Where in the module's memory there is room for so many bytes. What was written there stays if more
/// is asked for.
#[wasm_bindgen(js_name = textRoom)]
pub fn text_room(bytes: usize) -> usize {
    ROOM.with_borrow_mut(|room| {
        if room.len() < bytes {
            room.resize(bytes, 0);
        }
        room.as_mut_ptr() as usize
    })
}

/// The tokens of the first `length` bytes there; -1 where they are no text, or the counter
/// is not what it was.
#[wasm_bindgen(js_name = countRoom)]
pub fn count_room(length: usize, counter: i32) -> f64 {
    ROOM.with_borrow_mut(|room| {
        let text = room.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let vocabularies = vocabularies();
        let found = tokenizer_of(counter).and_then(|own| vocabularies.get(own));
        let found = found.filter(|_| counter >> 3 == turn());
        let tokens = text.zip(found).map(|(text, found)| match counter % 2 {
            0 => found.count(text),
            _ => found.count_marked(text),
        });
        if room.len() > KEPT {
            *room = Vec::new();
        }
        tokens.map_or(-1.0, |tokens| tokens as f64)
    })
}
