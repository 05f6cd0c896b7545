//! Tokens and money from the first module, by its own published functions.

use super::super::convert::{error_from_js, to_value_again};
use crate::error::{Error, ErrorKind, Result};
use crate::practice::Fare;
use crate::tokens::TokenEstimate;
use js_sys::{Function, JSON};
use serde_json::{Value, json};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// What the first module lends, in the order of [`use_fare`].
#[derive(Clone, Copy)]
enum Lent {
    EstimateTokens,
    EstimateCost,
    ResolveModel,
}

thread_local! {
    static LENT: RefCell<Option<[Function; 3]>> = const { RefCell::new(None) };
}

/// Takes the first module's functions; `workshop.js` hands them over when it starts this module.
#[wasm_bindgen(js_name = useFare)]
pub fn use_fare(estimate_tokens: Function, estimate_cost: Function, resolve_model: Function) {
    LENT.set(Some([estimate_tokens, estimate_cost, resolve_model]));
}

/// What a request weighs and costs, by the vocabularies and the catalogue that the page has loaded.
pub struct JsFare;

impl Fare for JsFare {
    fn tokens(&self, request: &Value, model: &str) -> Result<TokenEstimate> {
        let options = given(&json!({"model": model}))?;
        TokenEstimate::from_value(&ask(Lent::EstimateTokens, &given(request)?, &options)?)
    }

    fn cost(&self, request: &Value, model: &str) -> Result<Option<Value>> {
        let mut request = request.clone();
        if let Some(fields) = request.as_object_mut() {
            fields.insert("model".to_owned(), model.into());
        }
        match ask(Lent::EstimateCost, &given(&request)?, &JsValue::UNDEFINED) {
            // What has no price says so by this kind.
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
            cost => cost.map(Some),
        }
    }

    fn limits(&self, model: &str) -> Result<(Option<u64>, Option<u64>)> {
        let found = ask(Lent::ResolveModel, &model.into(), &JsValue::UNDEFINED)?;
        let limit = |name: &str| found.get(name).and_then(Value::as_u64);
        Ok((limit("contextWindow"), limit("maxOutput")))
    }

    fn max_input(&self, model: &str) -> Result<Option<u64>> {
        let found = ask(Lent::ResolveModel, &model.into(), &JsValue::UNDEFINED)?;
        Ok(found.get("maxInput").and_then(Value::as_u64))
    }
}

/// JSON for JavaScript as one text, which is faster than a call for each field.
fn given(value: &Value) -> Result<JsValue> {
    JSON::parse(&value.to_string()).map_err(|thrown| error_from_js("request", &thrown))
}

fn ask(lent: Lent, first: &JsValue, second: &JsValue) -> Result<Value> {
    let function = LENT.with_borrow(|held| {
        held.as_ref().and_then(|functions| functions.get(lent as usize).cloned())
    });
    let function = function.ok_or_else(|| {
        Error::invalid_input(
            "promptfare/workshop: found it not started, wanted `await init()` first",
        )
    })?;
    let answer = function
        .call2(&JsValue::UNDEFINED, first, second)
        .map_err(|thrown| error_from_js("promptfare", &thrown))?;
    to_value_again("promptfare", &answer)
}
