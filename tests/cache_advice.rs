//! Advice on the provider's prompt cache.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shared;

use promptfare::chat::ChatRequest;
use promptfare::cost::Money;
use promptfare::plan::CacheWish;
use serde_json::{Value, json};
use shared::with_planner;

fn advice(request: &Value, model: &str, wish: &CacheWish) -> Value {
    let request = ChatRequest::from_value(request.clone()).unwrap();
    with_planner(|planner| planner.cache_advice(&request, model, wish).unwrap())
}

fn long(words: usize) -> String {
    "the price of the ride is told before ".repeat(words / 8)
}

fn talk() -> Value {
    json!({"messages": [
        {"role": "system", "content": long(8_000)},
        {"role": "user", "content": long(2_000)},
        {"role": "assistant", "content": [{"type": "text", "text": "Noted.", "cache_control": {"type": "ephemeral"}}]},
        {"role": "user", "content": "And now?"}],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]})
}

fn money(advice: &Value, name: &str) -> Money {
    Money::parse(advice[name].as_str().unwrap_or_else(|| panic!("{name}: {advice}"))).unwrap()
}

#[test]
fn marks_stand_where_the_prefix_is_long_enough() {
    let wish = CacheWish { set: true, ..CacheWish::default() };
    let found = advice(&talk(), "claude-opus-4", &wish);
    assert_eq!((&found["kind"], &found["minTokens"]), (&json!("explicit"), &json!(1024)));
    let after: Vec<&str> = found["breakpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["after"].as_str().unwrap())
        .collect();
    // One tool alone is too short.
    assert_eq!(after, ["system", "history"]);
    assert_eq!(found["prefix"]["longEnough"], true);
    let request = &found["request"];
    assert!(request["tools"][0].get("cache_control").is_none());
    let mark = |message: usize| request["messages"][message].pointer("/content/0/cache_control");
    assert_eq!(mark(0), Some(&json!({"type": "ephemeral"})));
    assert_eq!(mark(2), Some(&json!({"type": "ephemeral"})));
    assert_eq!((mark(1), mark(3)), (None, None));
    let hour = advice(&talk(), "claude-opus-4", &CacheWish { hour: true, ..wish });
    assert_eq!(hour["request"]["messages"][0]["content"][0]["cache_control"]["ttl"], "1h");
}

#[test]
fn it_pays_as_the_prices_say() {
    let wish = CacheWish { switch_to: Some("claude-sonnet-4".to_owned()), ..CacheWish::default() };
    let found = advice(&talk(), "claude-opus-4", &wish);
    let tokens = found["prefix"]["tokens"].as_u64().unwrap();
    // 15, 1.5, 18.75 and 30 USD per million tokens.
    let per_million = |price: u64| Money::from_picodollars(u128::from(tokens * price * 10_000));
    assert_eq!(money(&found, "plainUsd"), per_million(1500));
    assert_eq!(money(&found, "readUsd"), per_million(150));
    assert_eq!(money(&found, "writeUsd"), per_million(1875));
    assert_eq!(money(&found, "write1hUsd"), per_million(3000));
    // 3.75 more to write, 13.5 saved by each read; for an hour 15 more.
    assert_eq!((&found["paysAfterReads"], &found["paysAfterReads1h"]), (&json!(1), &json!(2)));
    let switching = &found["switching"];
    assert_eq!(switching["insteadOfUsd"], found["readUsd"]);
    assert!(money(switching, "firstUsd") > money(switching, "insteadOfUsd"), "{switching}");
}

#[test]
fn others_cache_by_themselves_or_not_at_all() {
    let wish = CacheWish { set: true, ..CacheWish::default() };
    let openai = advice(&talk(), "gpt-5", &wish);
    assert_eq!((&openai["kind"], &openai["minTokens"]), (&json!("automatic"), &json!(1024)));
    assert_eq!((&openai["breakpoints"], &openai["writeUsd"]), (&json!([]), &Value::Null));
    assert_eq!(openai["paysAfterReads"], 1);
    assert!(!openai["request"].to_string().contains("cache_control"));
    let none = advice(&talk(), "gpt-4", &wish);
    assert_eq!((&none["kind"], &none["paysAfterReads"]), (&json!("none"), &Value::Null));
    // Nothing comes again of one question alone.
    let alone = advice(
        &json!({"messages": [{"role": "user", "content": long(9_000)}]}),
        "claude-opus-4",
        &wish,
    );
    assert_eq!((&alone["prefix"], &alone["breakpoints"]), (&Value::Null, &json!([])));
    let short = json!({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]});
    let short = advice(&short, "claude-opus-4", &wish);
    assert_eq!(
        (&short["prefix"]["longEnough"], &short["breakpoints"]),
        (&json!(false), &json!([]))
    );
}
