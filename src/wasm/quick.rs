//! The short way from a model's name and a usage to money, for those who price many: names are
//! resolved once a day, numbers come in and one text goes out. `price.js` is its other half, which
//! reads and writes the objects.

use super::catalog::{catalog, turn};
use super::convert::{to_js, to_json};
use super::{Js, thrown};
use crate::catalog::Rates;
use crate::chat::Usage;
use crate::cost::{self, Alternatives, Extras, PriceSource};
use crate::error::Result;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// More names than this are not one application's.
const MOST: usize = 1000;

/// A name's price today.
struct Known {
    rates: Rates,
    others: Alternatives,
    notes: Vec<String>,
    /// For JavaScript, frozen: all results of the day share it.
    source: JsValue,
}

#[derive(Default)]
struct Book {
    /// Of the catalogue, as [`turn`] says.
    turn: i32,
    known: Vec<Known>,
    /// How often it was begun anew: places of an older book hold no more.
    age: u32,
}

thread_local! {
    static BOOK: RefCell<Book> = RefCell::default();
}

/// Looks up what a name costs today: its place in the book of prices, the book's age, and where the
/// price is from, as a list of three.
///
/// # Errors
/// Kind `unknown_model`; `unsupported` where there is no price.
#[wasm_bindgen(js_name = knownPrice)]
pub fn known_price(name: &str) -> Js {
    thrown((|| {
        let catalog = catalog();
        let resolved = catalog.resolve(name)?;
        let today = super::transport::today();
        let priced = cost::price_of(&resolved, Some(&today))?;
        let source = to_json(&PriceSource::of(priced.price, &catalog, Some(&today)))?;
        let source =
            js_sys::Object::freeze(&to_js(&source)?.unchecked_into::<js_sys::Object>()).into();
        let known = Known {
            others: Alternatives::of(&resolved, priced.price)?,
            rates: priced.rates,
            notes: priced.notes,
            source,
        };
        Ok(BOOK.with_borrow_mut(|book| {
            if book.turn != turn() || book.known.len() >= MOST {
                *book = Book { turn: turn(), known: Vec::new(), age: book.age + 1 };
            }
            let told: [JsValue; 3] =
                [(book.known.len() as u32).into(), book.age.into(), known.source.clone()];
            book.known.push(known);
            JsValue::from(told.iter().collect::<js_sys::Array>())
        }))
    })())
}

/// What a usage costs at a price that was looked up: lines of `usd`, `input`, `output`, `fees` and the
/// notes. Nothing where the book is another by now. A negative number is one that was not named.
///
/// # Errors
/// As [`super::calculate_cost`].
#[wasm_bindgen(js_name = costAtKnown)]
#[allow(clippy::too_many_arguments)] // Numbers cross the border at no cost, an object does not.
pub fn cost_at_known(
    place: usize,
    age: u32,
    input: f64,
    output: f64,
    cache_read: f64,
    cache_write: f64,
    cache_write_1h: f64,
    reasoning: f64,
    input_audio: f64,
    cache_read_audio: f64,
    input_image: f64,
    output_audio: f64,
    output_image: f64,
    requests: f64,
    web_searches: f64,
) -> Js<Option<String>> {
    let named = |count: f64| (count >= 0.0).then_some(count as u64);
    let usage = Usage {
        input_tokens: input as u64,
        output_tokens: output as u64,
        cache_read_tokens: named(cache_read),
        cache_write_tokens: named(cache_write),
        cache_write_1h_tokens: named(cache_write_1h),
        reasoning_tokens: named(reasoning),
    };
    let extras = Extras {
        input_audio: input_audio as u64,
        cache_read_audio: cache_read_audio as u64,
        input_image: input_image as u64,
        output_audio: output_audio as u64,
        output_image: output_image as u64,
        requests: named(requests).unwrap_or(1),
        web_searches: web_searches as u64,
    };
    BOOK.with_borrow(|book| {
        let current = book.age == age && book.turn == turn();
        match book.known.get(place).filter(|_| current) {
            Some(known) => thrown(lines(known, &usage, &extras).map(Some)),
            None => Ok(None),
        }
    })
}

fn lines(known: &Known, usage: &Usage, extras: &Extras) -> Result<String> {
    let mut cost = cost::calculate_whole_cost(&known.rates, usage, extras)?;
    cost.notes.extend_from_slice(&known.notes);
    known.others.note(&mut cost, usage, extras)?;
    let mut told = cost.usd.to_string();
    for money in [cost.input, cost.output, cost.fees] {
        told.push('\n');
        told.push_str(&money.to_string());
    }
    for note in cost.notes {
        told.push('\n');
        // A line each.
        told.push_str(&note.replace('\n', " "));
    }
    Ok(told)
}
