//! What a page may lay over the shipped catalogue, and what it may not.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use promptfare::ErrorKind;
use promptfare::catalog::{Catalog, Rate, resolve_model};
use promptfare::chat::Usage;
use promptfare::cost::{Extras, calculate_model_cost, price_of};
use serde_json::{Value, json};

fn good() -> Value {
    json!({"id": "good", "lab": "l", "aliases": ["fine"], "tokenizer": "?", "contextWindow": 1000,
        "maxOutput": 100, "cacheMinTokens": 10, "released": "2026-05", "capabilities": {},
        "prices": [{"checked": "2026-11-01", "source": "s", "rates": {"input_mtok": "3", "output_mtok": "15"}}]})
}

fn catalog(model: &Value) -> Value {
    json!({"schema": 1, "date": "2026-12-01", "models": [model,
        {"id": "other", "lab": "l", "aliases": [], "tokenizer": "?", "capabilities": {}, "prices": []}]})
}

fn load(model: &Value) -> promptfare::Result<Catalog> {
    Catalog::shipped().overlaid(&Catalog::from_value(&catalog(model))?)
}

fn lay(over: &mut Value, fields: Option<&Value>) {
    for (name, value) in fields.and_then(Value::as_object).into_iter().flatten() {
        over[name] = value.clone();
    }
}

#[test]
fn what_cannot_be_is_refused_and_named() {
    assert!(load(&good()).is_ok());
    let list: Value = serde_json::from_str(include_str!("impossible.json")).unwrap();
    let entries = list["entries"].as_array().unwrap();
    for entry in entries {
        let mut model = good();
        lay(&mut model, entry.get("model"));
        lay(&mut model["prices"][0], entry.get("price"));
        let error = load(&model).err().unwrap_or_else(|| panic!("taken: {}", entry["why"]));
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let place = if model["id"] == "" { "catalogue" } else { "good" };
        assert!(
            error.message().starts_with(place) || error.message().starts_with("other"),
            "{error}"
        );
        assert!(error.message().contains("wanted"), "{error}");
    }
    assert!(entries.len() > 30);
}

#[test]
fn earlier_prices_stay_under_a_newer_one() {
    let newer = json!({"schema": 1, "date": "2026-12-10", "models": [
        {"id": "claude-opus-4", "lab": "anthropic", "aliases": [], "tokenizer": "claude-3", "contextWindow": 200_000,
         "prices": [{"from": "2026-12-01", "checked": "2026-12-10", "source": "a page",
                     "rates": {"input_mtok": "7", "output_mtok": "35"}}]}]});
    let both = Catalog::shipped().overlaid(&Catalog::from_value(&newer).unwrap()).unwrap();
    let input = |day: &str| {
        price_of(&both.resolve("anthropic/claude-opus-4").unwrap(), Some(day))
            .unwrap()
            .rates
            .input_mtok
    };
    assert_eq!(input("2026-11-30"), Some(Rate::Flat("15".to_owned())));
    assert_eq!(input("2026-12-01"), Some(Rate::Flat("7".to_owned())));
    assert_eq!(resolve_model("claude-opus-4").unwrap().model.prices.len(), 1);
}

#[test]
fn a_gateways_list_is_found_by_its_own_names_first() {
    let shipped = Catalog::shipped();
    let entry = json!({"id": "us.lab/claude-opus-4", "pricing": {"prompt": "0.00001", "completion": "0.00005"}});
    let known = resolve_model("claude-opus-4").unwrap().model;
    let model =
        promptfare::gateway::listed(&entry, Some(known), "https://g/models", "2026-12-24").unwrap();
    assert_eq!(model.id, "claude-opus-4");
    let merged = shipped.with_listed(vec![("us.lab/claude-opus-4".to_owned(), model)]);
    let usage = Usage { input_tokens: 1_000_000, ..Usage::default() };
    let cost = |name: &str| {
        let resolved = merged.resolve(name).unwrap();
        calculate_model_cost(&resolved, &usage, &Extras::default(), Some("2026-12-25")).unwrap()
    };
    let theirs = cost("us.lab/claude-opus-4");
    assert_eq!(theirs.cost.usd.to_string(), "10");
    assert_eq!(theirs.price.source, "https://g/models");
    assert_eq!(theirs.price.age_days, Some(1));
    assert!(theirs.cost.notes.is_empty(), "{:?}", theirs.cost.notes);
    let makers = cost("claude-opus-4");
    assert_eq!((makers.cost.usd.to_string().as_str(), makers.price.age_days), ("15", Some(33)));
}

#[test]
fn a_price_of_nothing_is_not_what_is_shown_where_another_source_has_one() {
    let resolved = resolve_model("command-a-plus-05-2026").unwrap();
    assert_eq!(
        price_of(&resolved, None).unwrap().rates.input_mtok,
        Some(Rate::Flat("2.5".to_owned()))
    );
    for model in Catalog::shipped().models() {
        for price in &model.prices {
            assert_ne!(price.rates.input_mtok, Some(Rate::Flat("0".to_owned())), "{}", model.id);
        }
    }
}
