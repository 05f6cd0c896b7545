//! The short way from a model's name and a usage to money, for those who price many: names are
//! resolved once a day, and objects are read and written field by field, without JSON between.

use super::catalog::catalog;
use super::convert::{to_js, to_json};
use super::{Js, thrown};
use crate::catalog::Rates;
use crate::chat::Usage;
use crate::cost::{self, Alternatives, Extras, PriceSource};
use crate::error::Result;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

const DAY_MS: f64 = 86_400_000.0;
/// More names than this are not one application's.
const MOST: usize = 1000;

#[wasm_bindgen]
extern "C" {
    type Given;
    #[wasm_bindgen(method, getter, structural, js_name = inputTokens)]
    fn input(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = outputTokens)]
    fn output(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = cacheReadTokens)]
    fn cache_read(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = cacheWriteTokens)]
    fn cache_write(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = cacheWrite1hTokens)]
    fn cache_write_1h(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = reasoningTokens)]
    fn reasoning(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = inputAudioTokens)]
    fn input_audio(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = cacheReadAudioTokens)]
    fn cache_read_audio(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = inputImageTokens)]
    fn input_image(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = outputAudioTokens)]
    fn output_audio(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = outputImageTokens)]
    fn output_image(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = webSearches)]
    fn web_searches(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = requests)]
    fn requests(this: &Given) -> JsValue;

    type Told;
    #[wasm_bindgen(method, setter, structural)]
    fn set_usd(this: &Told, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_input(this: &Told, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_output(this: &Told, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_fees(this: &Told, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_notes(this: &Told, value: Vec<String>);
    #[wasm_bindgen(method, setter, structural)]
    fn set_price(this: &Told, value: &JsValue);
}

/// A name's price on one day.
struct Known {
    day: f64,
    rates: Rates,
    others: Alternatives,
    notes: Vec<String>,
    /// For JavaScript, frozen: all results of the day share it.
    source: JsValue,
}

thread_local! {
    static KNOWN: RefCell<HashMap<String, Rc<Known>>> = RefCell::default();
}

/// Another catalogue is in use.
pub(super) fn forget() {
    KNOWN.with_borrow_mut(HashMap::clear);
}

/// What the usage costs today; `None` where the usage is not plainly an object of whole numbers: what
/// is wrong with it the long way tells.
pub(super) fn calculate_cost(name: &str, usage: &JsValue) -> Option<Js> {
    if !usage.is_object() {
        return None;
    }
    let (usage, extras) = read(usage.unchecked_ref())?;
    Some(thrown(known(name).and_then(|known| {
        let mut cost = cost::calculate_whole_cost(&known.rates, &usage, &extras)?;
        cost.notes.extend_from_slice(&known.notes);
        known.others.note(&mut cost, &usage, &extras)?;
        let told: Told = js_sys::Object::new().unchecked_into();
        told.set_usd(&cost.usd.to_string());
        told.set_input(&cost.input.to_string());
        told.set_output(&cost.output.to_string());
        if !cost.fees.is_zero() {
            told.set_fees(&cost.fees.to_string());
        }
        if !cost.notes.is_empty() {
            told.set_notes(cost.notes);
        }
        told.set_price(&known.source);
        Ok(told.into())
    })))
}

fn read(given: &Given) -> Option<(Usage, Extras)> {
    let count = |value: JsValue| match value.as_f64() {
        Some(number) if number >= 0.0 && number.fract() == 0.0 && number < 9e15 => {
            Some(Some(number as u64))
        }
        Some(_) => None,
        None => (value.is_undefined() || value.is_null()).then_some(None),
    };
    let usage = Usage {
        input_tokens: count(given.input())??,
        output_tokens: count(given.output())??,
        cache_read_tokens: count(given.cache_read())?,
        cache_write_tokens: count(given.cache_write())?,
        cache_write_1h_tokens: count(given.cache_write_1h())?,
        reasoning_tokens: count(given.reasoning())?,
    };
    let extras = Extras {
        input_audio: count(given.input_audio())?.unwrap_or(0),
        cache_read_audio: count(given.cache_read_audio())?.unwrap_or(0),
        input_image: count(given.input_image())?.unwrap_or(0),
        output_audio: count(given.output_audio())?.unwrap_or(0),
        output_image: count(given.output_image())?.unwrap_or(0),
        requests: count(given.requests())?.unwrap_or(1),
        web_searches: count(given.web_searches())?.unwrap_or(0),
    };
    Some((usage, extras))
}

fn known(name: &str) -> Result<Rc<Known>> {
    let day = (js_sys::Date::now() / DAY_MS).floor();
    let held = KNOWN.with_borrow(|known| known.get(name).filter(|one| one.day == day).cloned());
    if let Some(held) = held {
        return Ok(held);
    }
    let catalog = catalog();
    let resolved = catalog.resolve(name)?;
    let today = super::transport::today();
    let priced = cost::price_of(&resolved, Some(&today))?;
    let source = to_json(&PriceSource::of(priced.price, &catalog, Some(&today)))?;
    let known = Rc::new(Known {
        day,
        others: Alternatives::of(&resolved, priced.price)?,
        rates: priced.rates,
        notes: priced.notes,
        source: js_sys::Object::freeze(&to_js(&source)?.unchecked_into::<js_sys::Object>()).into(),
    });
    KNOWN.with_borrow_mut(|all| {
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(name.to_owned(), known.clone());
    });
    Ok(known)
}
