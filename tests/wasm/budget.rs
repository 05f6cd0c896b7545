//! The budget of a client, in a real browser, without a gateway.

use super::{get, js, text};
use js_sys::Array;
use promptfare::wasm::Client;
use promptfare::wasm::storage::Storage;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// A client of a budget; nothing listens at port 9 of loopback.
async fn client(budget: &str) -> Client {
    let options = format!(
        r#"{{"baseUrl":"http://127.0.0.1:9/v1","models":["claude-opus-4","claude-sonnet-4"],"retryBudgetMs":0,"budget":{budget}}}"#
    );
    Client::create(js(&options)).await.unwrap()
}

fn plan(client: &Client, options: &str) -> JsValue {
    client.plan(&"Explain monads.".into(), &js(options)).unwrap()
}

async fn receipt(client: &Client, plan: &JsValue) -> JsValue {
    let answer = client.send(plan, &JsValue::UNDEFINED).unwrap();
    JsFuture::from(answer.receipt()).await.unwrap()
}

async fn cap(client: &Client, place: u32) -> JsValue {
    Array::from(&get(&client.budget().await.unwrap(), "caps")).get(place)
}

#[wasm_bindgen_test]
async fn a_plan_says_what_is_left_and_what_fits() {
    let client = client(r#"{"requestUsd":"0.05","sessionUsd":1,"name":"plan"}"#).await;
    let fitting = plan(&client, "{}");
    assert_eq!(get(&fitting, "budget.fits"), JsValue::TRUE);
    assert!(get(&fitting, "budget.shared").is_null(), "no day, nothing to share");
    let most = get(&fitting, "budget.maxTokens").as_f64().unwrap();
    assert_eq!(get(&fitting, "request.max_tokens").as_f64(), Some(most));
    assert!(most > 1000.0 && text(&fitting, "budget.worstUsd").parse::<f64>().unwrap() <= 0.05);
    let notes = Array::from(&get(&fitting, "budget.notes"));
    assert!(notes.get(0).as_string().unwrap().contains("no limit on the answer"));
    let caps = Array::from(&get(&fitting, "budget.caps"));
    assert_eq!(text(&caps.get(0), "leftUsd"), "0.05");
    assert_eq!(text(&caps.get(1), "leftUsd"), "1");

    // $75 per million: 4,000 tokens are 0.3 USD.
    let dear = plan(&client, r#"{"model":"claude-opus-4","maxTokens":4000}"#);
    assert_eq!(get(&dear, "budget.fits"), JsValue::FALSE);
    assert_eq!(get(&dear, "request.max_tokens").as_f64(), Some(4000.0), "it stays as asked");
    let options = Array::from(&get(&dear, "budget.options"));
    let smaller = options.get(0);
    assert_eq!(text(&smaller, "change"), "answer");
    let fits = get(&smaller, "maxTokens").as_f64().unwrap();
    assert!(fits > 500.0 && fits < 667.0, "{fits}");
    let again = plan(&client, &format!(r#"{{"model":"claude-opus-4","maxTokens":{fits}}}"#));
    assert_eq!(get(&again, "budget.fits"), JsValue::TRUE, "what is proposed fits");
    assert_eq!(text(&again, "budget.worstUsd"), text(&smaller, "usd"));
    let more = fits + 1.0;
    let again = plan(&client, &format!(r#"{{"model":"claude-opus-4","maxTokens":{more}}}"#));
    assert_eq!(get(&again, "budget.fits"), JsValue::FALSE, "and no token more");

    let refused = receipt(&client, &dear).await;
    assert_eq!(text(&refused, "ending"), "errored");
    assert_eq!(text(&refused, "error.kind"), "budget");
    assert_eq!(Array::from(&get(&refused, "attempts")).length(), 0);
    assert_eq!(text(&refused, "budget.refused.cap"), "request");
    assert_eq!(text(&cap(&client, 1).await, "leftUsd"), "1", "nothing stays reserved");
}

#[wasm_bindgen_test]
async fn another_model_and_a_shorter_context_are_proposed() {
    let client = client(r#"{"requestUsd":"0.04"}"#).await;
    let mut messages = Vec::new();
    for _ in 0..10 {
        let words = "word ".repeat(400);
        messages.push(format!(
            r#"{{"role":"user","content":"{words}"}},{{"role":"assistant","content":"Yes."}}"#
        ));
    }
    let request = js(&format!(
        r#"{{"model":"claude-opus-4","max_tokens":100,"messages":[{},{{"role":"user","content":"And now?"}}]}}"#,
        messages.join(",")
    ));
    let dear = client.plan(&request, &JsValue::UNDEFINED).unwrap();
    assert_eq!(get(&dear, "budget.fits"), JsValue::FALSE);
    let options: Vec<JsValue> = Array::from(&get(&dear, "budget.options")).iter().collect();
    let changes: Vec<String> = options.iter().map(|option| text(option, "change")).collect();
    assert_eq!(changes, ["model", "context"], "input alone is too dear for any answer");
    assert_eq!(text(&options[0], "model"), "claude-sonnet-4");
    for option in &options {
        assert!(text(option, "usd").parse::<f64>().unwrap() <= 0.04);
    }
    // The plan without those messages fits, and with two more it does not.
    let drop = get(&options[1], "dropMessages").as_f64().unwrap() as usize;
    assert!(drop > 2 && drop < 20 && drop.is_multiple_of(2), "{drop}");
    let fits = |drop: usize| {
        let rest: Array = Array::from(&get(&request, "messages")).slice(drop as u32, 21);
        let shorter = js(r#"{"model":"claude-opus-4","max_tokens":100}"#);
        js_sys::Reflect::set(&shorter, &"messages".into(), &rest).unwrap();
        get(&client.plan(&shorter, &JsValue::UNDEFINED).unwrap(), "budget.fits").is_truthy()
    };
    assert!(fits(drop));
    assert!(!fits(drop - 4), "{drop}");
}

#[wasm_bindgen_test]
async fn a_connection_that_is_lost_may_have_cost_and_stays() {
    let client = client(r#"{"dayUsd":"0.5","name":"lost"}"#).await;
    let sent = plan(&client, r#"{"maxTokens":1000}"#);
    let receipt = receipt(&client, &sent).await;
    assert_eq!(text(&receipt, "error.kind"), "network");
    assert_eq!(text(&receipt, "budget.settledBy"), "unsettled");
    assert_eq!(get(&receipt, "budget.shared"), JsValue::TRUE);
    let worst = text(&sent, "budget.worstUsd");
    assert_eq!(text(&receipt, "budget.reservedUsd"), worst);
    let state = cap(&client, 0).await;
    assert_eq!(text(&state, "unsettledUsd"), worst);
    assert_eq!((text(&state, "spentUsd"), text(&state, "reservedUsd")), ("0".into(), "0".into()));
    // Another client of the day, as after a reload, finds it.
    let other = self::client(r#"{"dayUsd":"0.5","name":"lost"}"#).await;
    assert_eq!(text(&cap(&other, 0).await, "leftUsd"), text(&state, "leftUsd"));
    let elsewhere = self::client(r#"{"dayUsd":"0.5","name":"another"}"#).await;
    assert_eq!(text(&cap(&elsewhere, 0).await, "leftUsd"), "0.5");
}

#[wasm_bindgen_test]
async fn what_left_the_page_not_costs_nothing() {
    let client = client(r#"{"sessionUsd":"0.5"}"#).await;
    let sent = plan(&client, "{}");
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"signal".into(), &web_sys::AbortSignal::abort()).unwrap();
    let answer = client.send(&sent, &options).unwrap();
    let receipt = JsFuture::from(answer.receipt()).await.unwrap();
    assert_eq!(text(&receipt, "ending"), "aborted");
    assert!(get(&receipt, "budget").is_undefined(), "nothing was reserved");
    assert_eq!(text(&cap(&client, 0).await, "leftUsd"), "0.5");
}

#[wasm_bindgen_test]
async fn an_unknown_price_is_refused_unless_allowed() {
    let ask = r#"{"model":"my-own-model"}"#;
    let strict = client(r#"{"sessionUsd":1}"#).await;
    let refused = plan(&strict, ask);
    assert_eq!(get(&refused, "budget.fits"), JsValue::FALSE);
    assert!(get(&refused, "budget.worstUsd").is_null());
    let end = receipt(&strict, &refused).await;
    assert_eq!(text(&end, "error.kind"), "budget");
    assert!(text(&end, "error.message").contains("budget.unknownCost"));
    let open = client(r#"{"sessionUsd":1,"unknownCost":"allow"}"#).await;
    let allowed = plan(&open, ask);
    assert_eq!(get(&allowed, "budget.fits"), JsValue::TRUE);
    let end = receipt(&open, &allowed).await;
    assert_eq!(text(&end, "error.kind"), "network", "it was let through");
}

#[wasm_bindgen_test]
async fn a_plan_that_was_changed_is_counted_again() {
    let client = client(r#"{"requestUsd":"0.01"}"#).await;
    let changed = plan(&client, r#"{"maxTokens":100}"#);
    let content = JsValue::from("word ".repeat(20_000));
    let message = Array::from(&get(&changed, "request.messages")).get(0);
    js_sys::Reflect::set(&message, &"content".into(), &content).unwrap();
    let end = receipt(&client, &changed).await;
    assert_eq!(text(&end, "error.kind"), "budget");
    let wanted: f64 = text(&end, "budget.refused.wantedUsd").parse().unwrap();
    assert!(wanted > 0.03, "{wanted}");
}

#[wasm_bindgen_test]
async fn a_misspelt_cap_and_a_broken_book_are_told() {
    for (budget, wanted) in [
        (r#"{"dailyUsd":1}"#, "budget.dailyUsd: wanted one of"),
        (r#"{"dayUsd":-1}"#, "budget.dayUsd: found -1"),
        (r#"{"unknownCost":"maybe"}"#, "budget.unknownCost: found \"maybe\""),
        (r#""1 USD""#, "budget: found \"1 USD\", wanted an object"),
    ] {
        let options = js(&format!(r#"{{"baseUrl":"http://127.0.0.1:9/v1","budget":{budget}}}"#));
        let error = Client::create(options).await.err().unwrap();
        assert_eq!(text(&error, "kind"), "invalid_input");
        assert!(text(&error, "message").starts_with(wanted), "{}", text(&error, "message"));
    }
    let client = client(r#"{"dayUsd":"0.5","name":"broken"}"#).await;
    let state = client.budget().await.unwrap();
    let key = format!("{} {}", text(&state, "day"), text(&state, "name"));
    let storage = Storage::open().await.unwrap();
    storage.put("budget", &key, &"nonsense".into()).await.unwrap();
    let end = receipt(&client, &plan(&client, "{}")).await;
    assert_eq!(text(&end, "error.kind"), "storage", "a book that cannot be read is not empty");
    assert_eq!(Array::from(&get(&end, "attempts")).length(), 0);
}

#[wasm_bindgen_test]
async fn every_attempt_that_may_be_billed_has_its_reservation() {
    // Two models at a dead gateway: two attempts each, and a failover between them.
    let options = js(
        r#"{"baseUrl":"http://127.0.0.1:9/v1","models":["claude-opus-4","claude-sonnet-4"],"retryBudgetMs":900,"budget":{"sessionUsd":1}}"#,
    );
    let client = Client::create(options).await.unwrap();
    let end = receipt(&client, &plan(&client, r#"{"maxTokens":1000}"#)).await;
    let attempts = Array::from(&get(&end, "attempts"));
    assert!(attempts.length() > 1, "{}", attempts.length());
    let earlier = Array::from(&get(&end, "budget.earlier"));
    assert_eq!(earlier.length() + 1, attempts.length());
    let dollars = |value: &JsValue, name: &str| text(value, name).parse::<f64>().unwrap();
    let all: f64 = earlier.iter().map(|one: JsValue| dollars(&one, "reservedUsd")).sum::<f64>()
        + dollars(&end, "budget.reservedUsd");
    let state = cap(&client, 0).await;
    assert!((dollars(&state, "unsettledUsd") - all).abs() < 1e-9);
    // Where the second does not fit any more, the first error is what is told.
    let options = js(
        r#"{"baseUrl":"http://127.0.0.1:9/v1","models":["claude-sonnet-4"],"retryBudgetMs":900,"budget":{"sessionUsd":"0.02"}}"#,
    );
    let client = Client::create(options).await.unwrap();
    let end = receipt(&client, &plan(&client, r#"{"maxTokens":1000}"#)).await;
    assert_eq!(Array::from(&get(&end, "attempts")).length(), 1);
    assert_eq!(text(&end, "error.kind"), "network");
    assert_eq!(text(&end, "budget.refused.cap"), "session");
    assert_eq!(get(&end, "budget.reservedUsd"), JsValue::NULL);
}
