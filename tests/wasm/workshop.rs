//! The workshop's tokens and money come from the first module's own functions.

use super::{HELLO, js, text};
use js_sys::{Array, Function};
use promptfare::ErrorKind;
use promptfare::practice::Fare;
use promptfare::wasm::workshop::{JsFare, review_prompt, use_fare};
use promptfare::wasm::{estimate_cost, estimate_tokens, resolve_model};
use serde_json::Value;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

type Lent = dyn Fn(JsValue, JsValue) -> std::result::Result<JsValue, JsValue>;

fn function(run: fn(&JsValue, &JsValue) -> std::result::Result<JsValue, JsValue>) -> Function {
    let lent: Box<Lent> = Box::new(move |first, second| run(&first, &second));
    Closure::wrap(lent).into_js_value().into()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[wasm_bindgen_test]
fn what_a_request_weighs_and_costs_is_the_first_modules_word() {
    // What was never started has no fare.
    let too_early = JsFare.limits("gpt-5").unwrap_err();
    assert_eq!(too_early.kind(), ErrorKind::InvalidInput);
    assert!(too_early.message().contains("not started"), "{too_early}");

    use_fare(
        function(estimate_tokens),
        function(estimate_cost),
        function(|name, _| resolve_model(&name.as_string().unwrap())),
    );
    // The model asked for, not the one that the request names.
    let request = value(HELLO);
    let known = estimate_tokens(&js(HELLO), &js(r#"{"model":"gpt-5"}"#)).unwrap();
    let tokens = JsFare.tokens(&request, "gpt-5").unwrap();
    let parts: u64 = tokens.parts.as_ref().unwrap().total();
    assert_eq!((parts, tokens.tokens as f64), (tokens.tokens, super::number(&known, "tokens")));
    assert_eq!(tokens.method, text(&known, "method"));

    let cost = JsFare.cost(&request, "gpt-5").unwrap().unwrap();
    let asked = HELLO.replace("claude-sonnet-4", "gpt-5");
    let known = estimate_cost(&js(&asked), &JsValue::UNDEFINED).unwrap();
    assert_eq!(cost["expected"], text(&known, "expected"));
    assert_eq!(cost["model"], "gpt-5");
    assert_eq!(JsFare.cost(&request, "ernie-5.0"), Ok(None), "no price is no cost, and no error");

    assert_eq!(JsFare.limits("claude-opus-4"), Ok((Some(200_000), Some(32_000))));
    let unknown = JsFare.tokens(&request, "claude-opus-44").unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownModel);
    let nearest = resolve_model("claude-opus-44").unwrap_err();
    let nearest = Array::from(&super::get(&nearest, "nearest"));
    assert_eq!(unknown.nearest().len() as u32, nearest.length());
    assert!(unknown.nearest().contains(&"claude-opus-4".to_owned()));
}

#[wasm_bindgen_test]
fn a_hint_has_its_place_and_what_its_edit_saves() {
    use_fare(
        function(estimate_tokens),
        function(estimate_cost),
        function(|name, _| resolve_model(&name.as_string().unwrap())),
    );
    let request = r#"{"messages":[{"role":"user","content":"Write a toast for Zo\u00eb, funny and stuff. Keep it to 80 words."}]}"#;
    let review = review_prompt(&js(request), &js(r#"{"model":"gpt-5"}"#)).unwrap();
    let hint = Array::from(&super::get(&review, "hints")).get(0);
    assert_eq!(text(&hint, "kind"), "vague");
    let place = super::get(&hint, "place");
    assert_eq!(text(&place, "quote"), "and stuff");
    assert_eq!(super::number(&place, "start"), 29.0);
    let tokens = super::get(&hint, "tokens");
    assert!(super::number(&tokens, "after") < super::number(&tokens, "before"));
    let error = review_prompt(&js("[]"), &JsValue::UNDEFINED).unwrap_err();
    assert_eq!(text(&error, "kind"), "invalid_input");
}
