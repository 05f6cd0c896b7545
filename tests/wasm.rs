//! The exports as JavaScript meets them, in headless Chromium: real values, real errors, null where
//! null was promised.
#![cfg(target_arch = "wasm32")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use js_sys::{Array, Function, JSON, Object, Reflect};
use promptfare::wasm::{
    Client, LiveCounter, build_request, calculate_cost, count_tokens, estimate_cost,
    estimate_tokens, image_advice, load_vocabulary, read_usage, request_snippet, resolve_model,
    route,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

#[path = "wasm/budget.rs"]
mod budget;
#[path = "wasm/storage.rs"]
mod storage;
#[path = "wasm/workshop.rs"]
mod workshop;

wasm_bindgen_test_configure!(run_in_browser);

fn js(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap())
}

fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_else(|| panic!("{path} is no string"))
}

fn number(value: &JsValue, path: &str) -> f64 {
    get(value, path).as_f64().unwrap_or_else(|| panic!("{path} is no number"))
}

const HELLO: &str = r#"{"model":"claude-sonnet-4","messages":[{"role":"user","content":"Hello"}]}"#;

#[wasm_bindgen_test]
fn a_model_is_a_plain_object_with_nulls() {
    let model = resolve_model("anthropic/claude-opus-4").unwrap();
    assert_eq!(text(&model, "id"), "claude-opus-4");
    assert_eq!(text(&model, "status.state"), "retired");
    assert_eq!(number(&model, "contextWindow"), 200_000.0);
    assert!(Array::is_array(&get(&model, "prices")));
    let cohere = resolve_model("command-a-03-2025").unwrap();
    assert!(get(&cohere, "cacheMinTokens").is_null(), "unknown is null");
}

#[wasm_bindgen_test]
fn an_error_is_a_real_error_with_a_kind() {
    let error = resolve_model("claude-opus-44").unwrap_err();
    assert!(error.is_instance_of::<js_sys::Error>());
    assert_eq!(text(&error, "name"), "PromptfareError");
    assert_eq!(text(&error, "kind"), "unknown_model");
    assert!(Array::from(&get(&error, "nearest")).length() > 0);
    let error = estimate_tokens(&js(r#"{"messages":7}"#), &JsValue::UNDEFINED).unwrap_err();
    assert_eq!(text(&error, "kind"), "invalid_input");
    assert!(text(&error, "message").contains("messages: found 7"));
}

#[wasm_bindgen_test]
fn estimates_are_ordered_and_marked() {
    let count = count_tokens("How many tokens is this?", "gemini-2.5-pro").unwrap();
    assert!(number(&count, "low") <= number(&count, "tokens"));
    assert!(number(&count, "tokens") <= number(&count, "high"));
    assert_eq!(get(&count, "exact"), JsValue::FALSE);
    let whole = estimate_tokens(&js(HELLO), &JsValue::UNDEFINED).unwrap();
    let parts: Array = Object::values(get(&whole, "parts").unchecked_ref());
    let sum: f64 = parts.iter().map(|part: JsValue| part.as_f64().unwrap()).sum();
    assert_eq!(sum, number(&whole, "tokens"));
}

#[wasm_bindgen_test]
fn money_is_a_decimal_string() {
    let usage = js(r#"{"inputTokens":100000,"outputTokens":1000}"#);
    let cost = calculate_cost(&"claude-opus-4".into(), &usage, &JsValue::UNDEFINED).unwrap();
    assert_eq!(text(&cost, "usd"), "1.575");
    let cached = js(r#"{"inputTokens":100000,"outputTokens":1000,"cacheReadTokens":90000}"#);
    let cost = calculate_cost(&"claude-opus-4".into(), &cached, &JsValue::UNDEFINED).unwrap();
    assert_eq!(text(&cost, "usd"), "0.36");
    let rates = js(
        r#"{"input_mtok":"3","output_mtok":{"base":"15","tiers":[{"start":200000,"price":"22.5"}]}}"#,
    );
    let cost = calculate_cost(&rates, &usage, &JsValue::UNDEFINED).unwrap();
    assert_eq!(text(&cost, "usd"), "0.315");
    let wrong = js(r#"{"inputTokens":1,"outputTokens":0,"cacheReadTokens":2}"#);
    assert!(calculate_cost(&rates, &wrong, &JsValue::UNDEFINED).is_err());
}

#[wasm_bindgen_test]
fn an_estimate_has_low_expected_and_high() {
    let estimate =
        estimate_cost(&js(HELLO), &js(r#"{"candidates":["claude-opus-4","gpt-5"]}"#)).unwrap();
    assert_eq!(text(&estimate, "model"), "claude-sonnet-4");
    assert_eq!(Array::from(&get(&estimate, "candidates")).length(), 2);
    let [low, expected, high] =
        ["low", "expected", "high"].map(|end| text(&estimate, end).parse::<f64>().unwrap());
    assert!(0.0 < low && low <= expected && expected <= high);
    let unknown = estimate_cost(&js(r#"{"model":"nobody-1","messages":[]}"#), &JsValue::UNDEFINED);
    assert_eq!(text(&unknown.unwrap_err(), "kind"), "unknown_model");
}

#[wasm_bindgen_test]
fn usage_is_read_whoever_counts() {
    let body =
        js(r#"{"usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":5}}"#);
    let usage = read_usage(&body, &js(r#"{"provider":"anthropic"}"#)).unwrap();
    assert_eq!(number(&usage, "inputTokens"), 100.0);
    assert_eq!(number(&usage, "cacheReadTokens"), 90.0);
    assert!(get(&usage, "reasoningTokens").is_undefined());
}

#[wasm_bindgen_test]
fn the_articles_call() {
    let request = build_request(&"Hi".into(), &js(r#"{"model":"gpt-5"}"#)).unwrap();
    assert_eq!(
        String::from(JSON::stringify(&request).unwrap()),
        r#"{"model":"gpt-5","messages":[{"role":"user","content":"Hi"}]}"#
    );
    let options = js(r#"{"baseUrl":"https://api.xroute.ai/openai/v1","language":"curl"}"#);
    assert!(
        request_snippet(&request, &options).unwrap().starts_with("curl 'https://api.xroute.ai/")
    );
}

#[wasm_bindgen_test]
fn values_that_are_no_json_are_refused_or_left_out() {
    let request = js(HELLO).unchecked_into::<Object>();
    Reflect::set(&request, &"temperature".into(), &JsValue::UNDEFINED).unwrap();
    Reflect::set(&request, &"toString".into(), &Function::new_no_args("")).unwrap();
    assert!(estimate_tokens(&request, &JsValue::UNDEFINED).is_ok());
    Reflect::set(&request, &"itself".into(), &request).unwrap();
    let error = estimate_tokens(&request, &JsValue::UNDEFINED).unwrap_err();
    assert!(text(&error, "message").contains("contains itself"));
    Reflect::set(&request, &"itself".into(), &js_sys::BigInt::from(5u64)).unwrap();
    let error = estimate_tokens(&request, &JsValue::UNDEFINED).unwrap_err();
    assert!(text(&error, "message").contains("bigint"));
}

#[wasm_bindgen_test]
fn a_route_is_one_of_the_candidates() {
    let policy = js(r#"{"candidates":["claude-opus-4","claude-sonnet-4"]}"#);
    let request = js(r#"{"messages":[{"role":"user","content":"Hello"}]}"#);
    let picked = route(&request, &policy).unwrap();
    assert_eq!(text(&picked, "model"), "claude-sonnet-4");
    assert!((0.0..=1.0).contains(&number(&picked, "need")));
    assert!(Array::is_array(&get(&picked, "mayLose")));
    let default = route(&request, &JsValue::UNDEFINED).unwrap();
    assert_eq!(text(&default, "model"), "claude-sonnet-5-5");
}

#[wasm_bindgen_test]
fn a_live_counter_equals_a_fresh_count() {
    let mut counter = LiveCounter::new("gpt-5", Some("a 👋 b".into())).unwrap();
    let check = |counter: &LiveCounter, text: &str| {
        assert_eq!(counter.tokens(), number(&count_tokens(text, "gpt-5").unwrap(), "tokens"));
    };
    check(&counter, "a 👋 b");
    // Unit 3 is the second half of the hand: the first half alone counts as U+FFFD.
    counter.splice(3.0, 1.0, &"".into()).unwrap();
    check(&counter, "a \u{fffd} b");
    counter.splice(0.0, 5.0, &"whole words again".into()).unwrap();
    check(&counter, "whole words again");
    let error = counter.splice(99.0, 1.0, &"".into()).unwrap_err();
    assert_eq!(text(&error, "kind"), "invalid_input");
    assert!(counter.splice(-1.0, 0.0, &"".into()).is_err());
    assert!(counter.splice(0.5, 0.0, &"".into()).is_err());
}

#[wasm_bindgen_test]
async fn a_wrong_vocabulary_is_told() {
    let error = load_vocabulary("gpt-2".to_owned(), JsValue::NULL).await.unwrap_err();
    assert_eq!(text(&error, "kind"), "invalid_input");
    let bytes = js_sys::Uint8Array::from(&b"not a vocabulary"[..]);
    let error = load_vocabulary("o200k_base".to_owned(), bytes.into()).await.unwrap_err();
    assert_eq!(text(&error, "kind"), "invalid_input");
    let count = count_tokens("still counting", "gpt-5").unwrap();
    assert_eq!(text(&count, "method"), "heuristic");
}

#[wasm_bindgen_test]
async fn a_key_in_the_page_needs_a_word() {
    let refused = Client::create(js(
        r#"{"baseUrl":"https://example.org/v1","apiKey":"sk-canary-0123456789"}"#,
    ))
    .await;
    let error = refused.err().unwrap();
    assert_eq!(text(&error, "kind"), "invalid_input");
    assert!(!text(&error, "message").contains("canary"));
    assert!(Client::create(js(r#"{"baseUrl":"ftp://example.org"}"#)).await.is_err());
    assert!(Client::create(js("{}")).await.is_err());
}

#[wasm_bindgen_test]
async fn a_plan_is_made_without_the_network_and_a_dead_gateway_is_told() {
    // Port 9 of loopback: nothing listens there.
    let options = js(
        r#"{"baseUrl":"http://127.0.0.1:9/v1","models":["claude-opus-4","claude-sonnet-4"],"retryBudgetMs":0}"#,
    );
    let client = Client::create(options).await.unwrap();
    let plan = client.plan(&"Hello".into(), &js(r#"{"maxCostUsd":0.5}"#)).unwrap();
    assert_eq!(text(&plan, "model"), "claude-sonnet-4");
    assert_eq!(text(&plan, "request.model"), "claude-sonnet-4");
    assert_eq!(get(&plan, "request.stream"), JsValue::TRUE);
    assert!(text(&plan, "cost.high").parse::<f64>().unwrap() < 0.5);
    let named =
        client.plan(&js(HELLO.replace("sonnet", "opus").as_str()), &JsValue::UNDEFINED).unwrap();
    assert_eq!(text(&named, "model"), "claude-opus-4", "a model that the request names is kept");
    let dear = client.plan(&"Hello".into(), &js(r#"{"maxCostUsd":"0.000001"}"#)).unwrap();
    assert_eq!(get(&dear, "budget.fits"), JsValue::FALSE);
    let answer = client.send(&dear, &JsValue::UNDEFINED).unwrap();
    let refused = JsFuture::from(answer.receipt()).await.unwrap();
    assert_eq!(text(&refused, "error.kind"), "budget");
    assert_eq!(text(&refused, "budget.refused.leftUsd"), "0.000001");
    assert_eq!(Array::from(&get(&refused, "attempts")).length(), 0, "nothing was sent");

    let answer = client.send(&plan, &JsValue::UNDEFINED).unwrap();
    let receipt = JsFuture::from(answer.receipt()).await.unwrap();
    assert_eq!(text(&receipt, "ending"), "errored");
    assert_eq!(text(&receipt, "error.kind"), "network");
    let thrown = JsFuture::from(answer.iterate().next()).await.unwrap_err();
    assert_eq!(text(&thrown, "kind"), "network");
    assert_eq!(number(&client.kpis(&JsValue::UNDEFINED).unwrap(), "requests"), 2.0);
}

#[wasm_bindgen_test]
async fn a_signal_aborted_before_sends_nothing() {
    let client = Client::create(js(r#"{"baseUrl":"http://127.0.0.1:9/v1"}"#)).await.unwrap();
    let plan = client.plan(&"Hello".into(), &JsValue::UNDEFINED).unwrap();
    let reason = JsValue::from("my own reason");
    let options = Object::new();
    let signal = web_sys::AbortSignal::abort_with_reason(&reason);
    Reflect::set(&options, &"signal".into(), &signal).unwrap();
    let answer = client.send(&plan, &options).unwrap();
    let thrown = JsFuture::from(answer.iterate().next()).await.unwrap_err();
    assert_eq!(thrown, reason, "the reason comes back untouched");
    let receipt = JsFuture::from(answer.receipt()).await.unwrap();
    assert_eq!(text(&receipt, "ending"), "aborted");
}

#[wasm_bindgen_test]
fn a_smaller_picture_is_proposed() {
    let large = js(r#"{"width":3000,"height":2000}"#);
    let advice = image_advice(&large, "claude-opus-4").unwrap();
    assert!(number(&advice, "cheaper.tokens") < number(&advice, "tokens"));
    assert!(number(&advice, "sameView.width") < 3000.0);
    // 320 x 240: 12 by 9 patches of 28 pixels.
    let gif = js_sys::Uint8Array::from(&b"GIF89a\x40\x01\xf0\x00\x80\x00\x00"[..]);
    assert_eq!(number(&image_advice(&gif, "claude-opus-4").unwrap(), "tokens"), 108.0);
    assert!(image_advice(&"data:image/png;base64,AAAA".into(), "claude-opus-4").unwrap().is_null());
    let error = image_advice(&js(r#"{"width":1}"#), "claude-opus-4").unwrap_err();
    assert!(text(&error, "message").contains("picture.height"));
}
