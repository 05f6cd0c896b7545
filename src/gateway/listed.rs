//! A gateway's own list of models -> models with the prices and limits that it states.
//!
//! Read are the shapes in which prices are per token, as decimal strings or in fields that say so:
//! OpenRouter's (`pricing.prompt`, <https://openrouter.ai/docs/api-reference/list-available-models>),
//! Vercel's (`pricing.input` as a string), LiteLLM's (`input_cost_per_token`) and Requesty's
//! (`input_price`), all as of 2026-11. A price in a shape that leaves its unit open (a plain number in
//! `pricing.input`, as Together's per million) is left alone: a wrong price is worse than none.

use crate::catalog::{Model, Price, Rate, Rates};
use crate::cost::{self, Money};
use serde_json::Value;

/// Where each rate stands, per token or per piece.
const PLACES: [(&str, &[&str]); 8] = [
    ("input_mtok", &["/pricing/prompt", "/pricing/input", "/input_cost_per_token", "/input_price"]),
    (
        "output_mtok",
        &["/pricing/completion", "/pricing/output", "/output_cost_per_token", "/output_price"],
    ),
    (
        "cache_read_mtok",
        &["/pricing/input_cache_read", "/cache_read_input_token_cost", "/cached_price"],
    ),
    (
        "cache_write_mtok",
        &["/pricing/input_cache_write", "/cache_creation_input_token_cost", "/caching_price"],
    ),
    ("output_reasoning_mtok", &["/pricing/internal_reasoning"]),
    ("input_audio_mtok", &["/pricing/audio", "/input_cost_per_audio_token"]),
    ("requests_kcount", &["/pricing/request"]),
    ("web_searches_kcount", &["/pricing/web_search"]),
];

/// The model of one entry of a gateway's list: the catalogue's own (`known`), or one of which nothing
/// is known, with what the gateway states of price and limits. `source`
/// and `day` (`YYYY-MM-DD`) are written beside the price. `None` where the entry states neither.
pub fn listed(entry: &Value, known: Option<&Model>, source: &str, day: &str) -> Option<Model> {
    let id = entry.get("id").and_then(Value::as_str).filter(|id| id.len() <= 256)?;
    // LiteLLM's own list has the details one level down.
    let entry = entry.get("model_info").filter(|info| info.is_object()).unwrap_or(entry);
    let limit = |places: &[&str]| {
        let stated = places.iter().find_map(|place| entry.pointer(place)?.as_u64());
        stated.filter(|tokens| (1..=100_000_000).contains(tokens))
    };
    let window = limit(&["/context_length", "/context_window", "/max_model_len"]);
    let output = limit(&[
        "/top_provider/max_completion_tokens",
        "/max_completion_tokens",
        "/max_output_tokens",
    ]);
    let price = price(entry, source, day);
    if price.is_none() && window.is_none() && output.is_none() {
        return None;
    }
    // It keeps its own id: how it counts is known by that.
    let mut model = known.cloned().unwrap_or_else(|| Model::unlisted(id));
    if let Some(window) = window {
        // The maker's larger limits do not hold where the gateway's window is smaller.
        model.max_input = model.max_input.map(|most| most.min(window));
        model.max_output = model.max_output.map(|most| most.min(window));
        model.context_window = Some(window);
    }
    model.max_output = output.or(model.max_output);
    if let Some(price) = price {
        model.prices = vec![price];
    }
    Some(model)
}

fn price(entry: &Value, source: &str, day: &str) -> Option<Price> {
    let rates = Rates::read(&mut |name| {
        let places = PLACES.iter().find(|(rate, _)| *rate == name).map_or(&[][..], |(_, all)| *all);
        Ok(places.iter().find_map(|place| rate(entry.pointer(place)?, name, place)))
    })
    .ok()?;
    (rates.input_mtok.is_some() && rates.output_mtok.is_some()).then(|| Price {
        from: None,
        checked: day.to_owned(),
        source: source.to_owned(),
        rates,
        services: Vec::new(),
        alternatives: Vec::new(),
    })
}

/// USD per token (or per piece) -> USD per million (or per thousand). A price below zero is how
/// OpenRouter writes "it depends"; it is none.
fn rate(value: &Value, name: &str, place: &str) -> Option<Rate> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !place.starts_with("/pricing/") => number.to_string(),
        _ => return None,
    };
    // Picodollars per token are millionths of USD per million tokens.
    let picodollars = Money::stated(&text)?.picodollars();
    let millionths = if name.ends_with("_kcount") { picodollars / 1000 } else { picodollars };
    if millionths > 10_000_000_000 || (name.ends_with("_kcount") && millionths == 0) {
        return None;
    }
    Some(Rate::Flat(cost::millionths(millionths)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(entry: Value) -> Option<Model> {
        listed(&entry, None, "https://gateway.example/v1/models", "2026-11-22")
    }

    #[test]
    fn prices_per_token_become_prices_per_million() {
        let model = read(json!({"id": "lab/model", "context_length": 200_000,
            "pricing": {"prompt": "0.000015", "completion": "0.000075", "request": "0",
                        "web_search": "0.01", "input_cache_read": "0.0000015", "image": "0.024"},
            "top_provider": {"max_completion_tokens": 32_000}}))
        .unwrap();
        assert_eq!((model.context_window, model.max_output), (Some(200_000), Some(32_000)));
        let price = &model.prices[0];
        assert_eq!(
            serde_json::to_value(&price.rates).unwrap(),
            json!({"input_mtok": "15", "output_mtok": "75", "cache_read_mtok": "1.5", "web_searches_kcount": "10"})
        );
        assert_eq!((price.checked.as_str(), price.from.as_deref()), ("2026-11-22", None));
        let lite = json!({"id": "m", "model_info": {"input_cost_per_token": 3e-6, "output_cost_per_token": 1.5e-5}});
        assert_eq!(
            serde_json::to_value(&read(lite).unwrap().prices[0].rates).unwrap(),
            json!({"input_mtok": "3", "output_mtok": "15"})
        );
    }

    #[test]
    fn what_is_unclear_is_no_price() {
        for pricing in [
            json!({"prompt": "-1", "completion": "-1"}),
            json!({"input": 0.88, "output": 0.88}),
            json!({"prompt": "0.000015"}),
            json!({"prompt": "free", "completion": "0"}),
            json!({"prompt": "1", "completion": "1"}),
        ] {
            assert!(read(json!({"id": "m", "pricing": pricing})).is_none(), "{pricing}");
        }
        assert!(read(json!({"id": "m"})).is_none() && read(json!("m")).is_none());
        let limited = read(json!({"id": "m", "context_window": 8192})).unwrap();
        assert!(limited.prices.is_empty() && limited.context_window == Some(8192));
    }
}
