//! Money: exact against the cost vectors, and its laws.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shared;

use promptfare::catalog::{Catalog, Rate, Rates, Resolved, Service, Tier, Variant, resolve_model};
use promptfare::chat::{ChatRequest, Usage};
use promptfare::cost::{
    AnswerLength, Extras, Horizon, Money, calculate_cost, calculate_model_cost,
    calculate_whole_cost, estimate_cost, price_of,
};
use promptfare::tokens::TokenEstimate;
use promptfare::{Error, ErrorKind};
use proptest::prelude::*;
use serde_json::{Value, json};

fn usage_of(vector: &Value) -> Usage {
    let count = |name: &str| vector[name].as_u64();
    Usage {
        input_tokens: count("input_tokens").unwrap_or(0),
        output_tokens: count("output_tokens").unwrap_or(0),
        cache_read_tokens: count("cache_read_tokens"),
        cache_write_tokens: count("cache_write_tokens"),
        cache_write_1h_tokens: count("cache_write_1h_tokens"),
        reasoning_tokens: count("output_reasoning_tokens"),
    }
}

/// The vectors have small amounts with an exponent: `3.3E-7`.
fn money(text: &str) -> Money {
    let Some((mantissa, exponent)) = text.split_once("E-") else {
        return Money::parse(text).unwrap();
    };
    let digits = mantissa.replace('.', "");
    let whole = mantissa.find('.').unwrap_or(mantissa.len());
    let zeros = "0".repeat(exponent.parse::<usize>().unwrap() - whole);
    Money::parse(&format!("0.{zeros}{digits}")).unwrap()
}

/// Compares every line and returns how many there were. Where both engines bill nothing for output
/// that has no price, an error is wanted instead.
fn compare(lines: &str) -> (usize, usize) {
    let (mut exact, mut refused) = (0, 0);
    for line in lines.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let rates = Rates::from_value(&vector["rates"]).unwrap();
        let usage = usage_of(&vector["usage"]);
        if rates.output_mtok.is_none() && usage.output_tokens > 0 {
            let error = calculate_cost(&rates, &usage).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{line}");
            refused += 1;
            continue;
        }
        let cost = calculate_cost(&rates, &usage).unwrap_or_else(|e| panic!("{e}: {line}"));
        let money = |name: &str| money(vector[name].as_str().unwrap());
        assert_eq!(cost.usd, money("cost_usd"), "{line}");
        assert_eq!(cost.input, money("input_cost_usd"), "{line}");
        assert_eq!(cost.output, money("output_cost_usd"), "{line}");
        exact += 1;
    }
    (exact, refused)
}

#[test]
fn golden_vectors_are_exact() {
    let (exact, refused) = compare(include_str!("golden/cost_vectors.jsonl"));
    assert_eq!(exact + refused, 395);
    assert!(exact > 350, "{exact} exact, {refused} refused");
}

#[test]
fn all_shared_vectors_are_exact() {
    let Some(lines) = shared::text("data/cost_vectors.jsonl.gz") else { return };
    let (exact, refused) = compare(&lines);
    println!("cost vectors: {exact} exact, {refused} refused for want of a price");
    assert!(exact + refused > 6000);
}

fn usd(model: &str, usage: &Usage) -> String {
    let resolved = resolve_model(model).unwrap();
    let priced = price_of(&resolved, None).unwrap();
    calculate_cost(&priced.rates, usage).unwrap().usd.to_string()
}

#[test]
fn the_pair_of_models() {
    let usage = Usage { input_tokens: 100_000, output_tokens: 1_000, ..Usage::default() };
    assert_eq!(usd("claude-opus-4", &usage), "1.575");
    assert_eq!(usd("claude-sonnet-4", &usage), "0.315");
    let cached = Usage { cache_read_tokens: Some(90_000), ..usage };
    assert_eq!(usd("claude-opus-4", &cached), "0.36");
}

#[test]
fn tiers_move_the_whole_request_beyond_their_start() {
    let at = |model: &str, input_tokens| {
        usd(model, &Usage { input_tokens, output_tokens: 1_000, ..Usage::default() })
    };
    // 0.1 and 0.5 USD per million up to 100,000 tokens, 0.5 and 2.5 beyond.
    assert_eq!(at("claude-haiku-5-5", 100_000), "0.0105");
    assert_eq!(at("claude-haiku-5-5", 100_001), "0.0525005");
    // xAI's boundary belongs to the upper side.
    assert_eq!(at("grok-4.3", 199_999), "0.25249875");
    assert_eq!(at("grok-4.3", 200_000), "0.505");
}

#[test]
fn the_day_chooses_the_price() {
    let resolved = resolve_model("gemini-4-argon").unwrap();
    let on = |day: &str| price_of(&resolved, Some(day)).unwrap().rates.input_mtok;
    assert_eq!(on("2026-11-30"), Some(Rate::Flat("2".to_owned())));
    assert_eq!(on("2026-12-01"), Some(Rate::Flat("4".to_owned())));
    assert_eq!(on("2026-12-01T08:00:00Z"), Some(Rate::Flat("4".to_owned())));
    for bad in ["tomorrow", "2026-1-1", "", "20261201"] {
        assert_eq!(price_of(&resolved, Some(bad)).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn unknown_is_not_zero() {
    let resolved = resolve_model("ernie-5.0").unwrap();
    assert_eq!(price_of(&resolved, None).unwrap_err().kind(), ErrorKind::Unsupported);
    let rates = Rates::from_value(&json!({"input_mtok": "3", "output_mtok": null})).unwrap();
    let usage = |output_tokens| Usage { input_tokens: 1, output_tokens, ..Usage::default() };
    assert_eq!(calculate_cost(&rates, &usage(0)).unwrap().usd.to_string(), "0.000003");
    let error = calculate_cost(&rates, &usage(7)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.message(), "rates: found no price for 7 output tokens, wanted output_mtok");
    let free = Rates::from_value(&json!({"input_mtok": "0", "output_mtok": "0"})).unwrap();
    assert_eq!(calculate_cost(&free, &usage(7)).unwrap().usd.to_string(), "0");
}

#[test]
fn a_part_larger_than_its_whole_is_refused() {
    let rates = Rates::from_value(&json!({"input_mtok": "3", "output_mtok": "15"})).unwrap();
    let whole = Usage { input_tokens: 10, output_tokens: 10, ..Usage::default() };
    let refused = |usage: &Usage, part: &str| {
        let error = calculate_cost(&rates, usage).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().starts_with(&format!("usage.{part}: found ")), "{error}");
    };
    refused(&Usage { cache_read_tokens: Some(11), ..whole.clone() }, "cacheReadTokens");
    refused(
        &Usage { cache_read_tokens: Some(6), cache_write_tokens: Some(5), ..whole.clone() },
        "cacheWriteTokens",
    );
    refused(
        &Usage { cache_write_tokens: Some(5), cache_write_1h_tokens: Some(6), ..whole.clone() },
        "cacheWrite1hTokens",
    );
    refused(&Usage { reasoning_tokens: Some(11), ..whole.clone() }, "reasoningTokens");
    refused(&Usage { cache_read_tokens: Some(u64::MAX), ..whole }, "cacheReadTokens");
}

#[test]
fn notes_say_which_rate_stood_in() {
    let rates = Rates::from_value(&json!({"input_mtok": "3", "output_mtok": "15"})).unwrap();
    let usage = Usage {
        input_tokens: 100,
        output_tokens: 10,
        cache_read_tokens: Some(40),
        reasoning_tokens: Some(5),
        ..Usage::default()
    };
    let cost = calculate_cost(&rates, &usage).unwrap();
    assert_eq!(
        cost.notes,
        ["40 cache read tokens have no rate of their own: priced by input_mtok"]
    );
    assert_eq!(
        serde_json::to_value(calculate_cost(&rates, &Usage::default()).unwrap()).unwrap(),
        json!({"usd": "0", "input": "0", "output": "0"})
    );
}

#[test]
fn rates_are_refused_by_name() {
    let message = |value: Value| Rates::from_value(&value).unwrap_err().message().to_owned();
    assert!(message(json!({"input_mtok": 3})).starts_with("rates.input_mtok: found 3, wanted"));
    assert!(message(json!({"input_mtok": "-3"})).contains("found \"-3\""));
    assert!(message(json!({"input_mtok": "0.0000001"})).contains("at most 6 decimals"));
    assert!(message(json!({"input_mtok": "99999999999999999999"})).starts_with("rates.input_mtok"));
    assert!(message(json!("claude")).starts_with("rates: found \"claude\""));
    let tiers = json!({"input_mtok": {"base": "1", "tiers": [
        {"start": 5, "price": "1"}, {"start": 5, "price": "2"}]}});
    assert!(message(tiers).starts_with("rates.input_mtok.tiers[1].start"));
    assert!(message(json!({"output_mtok": {"base": "1"}})).starts_with("rates.output_mtok.tiers"));
    let ignored = json!({"input_mtok": "1", "audio_hours": 7, "web_searches_kcount": null});
    assert!(Rates::from_value(&ignored).is_ok());
}

fn exact(tokens: u64) -> TokenEstimate {
    let method = "test".to_owned();
    TokenEstimate { tokens, low: tokens, high: tokens, exact: true, method, parts: None }
}

#[test]
fn an_estimate_holds_what_the_sources_say() {
    let answer = AnswerLength::stated(100, 500, 1_000);
    let estimate = |model: &str, input: &TokenEstimate| {
        estimate_cost(&resolve_model(model).unwrap(), input, &answer, None).unwrap()
    };
    let sure = estimate("claude-sonnet-4", &exact(1_000));
    assert_eq!(sure.usd.low.to_string(), "0.0045");
    assert_eq!(sure.usd.expected.to_string(), "0.0105");
    assert_eq!(sure.usd.high.to_string(), "0.018");
    assert_eq!(sure.per_thousand.expected.to_string(), "10.5");
    assert_eq!(sure.input.low, sure.input.high);
    assert!(sure.notes.is_empty());
    let json = serde_json::to_value(&sure).unwrap();
    assert_eq!((&json["low"], &json["perThousand"]["high"]), (&json!("0.0045"), &json!("18")));
    assert_eq!(json["price"]["checked"], "2026-11-22");
    // Two hosts, two prices: the interval is as wide as they are apart.
    let wide = estimate("deepseek-v4-pro", &exact(1_000_000));
    assert_eq!(wide.input.expected.to_string(), "1.32");
    assert_eq!(wide.input.low.to_string(), "0.435");
    assert_eq!(wide.input.high.to_string(), "1.74");
    assert!(wide.notes.iter().any(|note| note.contains("UTC")), "{:?}", wide.notes);
    // Input that may or may not pass the threshold.
    let unsure = TokenEstimate { low: 90_000, high: 110_000, exact: false, ..exact(100_000) };
    let tiered = estimate("claude-haiku-5-5", &unsure);
    assert_eq!(tiered.input.low.to_string(), "0.009");
    assert_eq!(tiered.input.expected.to_string(), "0.01");
    assert_eq!(tiered.input.high.to_string(), "0.055");
}

#[test]
fn every_priced_model_of_the_catalogue_calculates() {
    let usage = Usage {
        input_tokens: 300_000,
        output_tokens: 1_000,
        cache_read_tokens: Some(1_000),
        cache_write_tokens: Some(1_000),
        cache_write_1h_tokens: Some(10),
        reasoning_tokens: Some(10),
    };
    let services = [
        None,
        Some(Service::Batch),
        Some(Service::Flex),
        Some(Service::Priority),
        Some(Service::Fast),
    ];
    let catalog = Catalog::shipped();
    let mut prices = 0;
    for model in catalog.models() {
        for (service, region) in services.into_iter().flat_map(|s| [(s, None), (s, Some("eu"))]) {
            for day in ["2025-01-01", "2026-11-22", "2027-06-01"] {
                let variant =
                    Variant { service, region: region.map(str::to_owned), ..Variant::default() };
                let resolved = Resolved { catalog, model, given: model.id.clone(), variant };
                let Ok(priced) = price_of(&resolved, Some(day)) else {
                    assert!(model.prices.is_empty(), "{}: {service:?}", model.id);
                    continue;
                };
                let cost = calculate_cost(&priced.rates, &usage);
                assert!(cost.is_ok(), "{} {service:?} {region:?} on {day}: {cost:?}", model.id);
                prices += 1;
            }
        }
    }
    assert!(prices > 3_000, "{prices}");
}

#[test]
fn audio_images_and_pieces_have_their_own_prices() {
    let rates =
        Rates::from_value(&json!({"input_mtok": "1", "output_mtok": "4", "cache_read_mtok": "0.1",
        "input_audio_mtok": "10", "cache_audio_read_mtok": "2", "output_audio_mtok": "40",
        "requests_kcount": "12", "web_searches_kcount": "10"}))
        .unwrap();
    let usage = Usage {
        input_tokens: 1_000,
        output_tokens: 100,
        cache_read_tokens: Some(400),
        ..Usage::default()
    };
    let extras = Extras {
        input_audio: 300,
        cache_read_audio: 100,
        output_audio: 50,
        web_searches: 2,
        ..Extras::default()
    };
    let cost = calculate_whole_cost(&rates, &usage, &extras).unwrap();
    // 400 text, 300 cached text, 200 audio, 100 cached audio.
    assert_eq!(cost.input.to_string(), "0.00263");
    assert_eq!(cost.output.to_string(), "0.0022");
    assert_eq!(cost.fees.to_string(), "0.032");
    assert_eq!(cost.usd.to_string(), "0.03683");
    let plain = Rates { seldom: Vec::new(), ..rates.clone() };
    let searching = calculate_whole_cost(&plain, &usage, &extras).unwrap_err();
    assert_eq!(searching.kind(), ErrorKind::Unsupported);
    let heard = Extras { web_searches: 0, ..extras.clone() };
    let notes = calculate_whole_cost(&plain, &usage, &heard).unwrap().notes;
    assert!(notes[0].contains("200 audio tokens have no rate of their own"), "{notes:?}");
    let impossible = Extras { input_audio: 1_001, ..Extras::default() };
    let error = calculate_whole_cost(&rates, &usage, &impossible).unwrap_err();
    assert!(error.message().starts_with("usage.inputAudioTokens"), "{error}");
    assert_eq!(serde_json::to_value(&rates).unwrap()["requests_kcount"], "12");
}

#[test]
fn fees_of_the_catalogue() {
    let usage = Usage { input_tokens: 1_000, output_tokens: 100, ..Usage::default() };
    let cost = |model: &str, extras: &Extras| {
        let resolved = resolve_model(model).unwrap();
        calculate_model_cost(&resolved, &usage, extras, None).map(|found| found.cost)
    };
    let searched = Extras { web_searches: 3, ..Extras::default() };
    assert_eq!(cost("claude-opus-4", &searched).unwrap().fees.to_string(), "0.03");
    // Half price for tokens, not for searches.
    let batch = cost("claude-opus-4-6:batch", &searched).unwrap();
    assert_eq!(
        (batch.fees.to_string().as_str(), batch.input.to_string().as_str()),
        ("0.03", "0.0025")
    );
    assert_eq!(cost("sonar", &Extras::default()).unwrap().fees.to_string(), "0.012");
    assert!(cost("gpt-4", &searched).is_err());
    let wide = cost("deepseek-v4-pro", &Extras::default()).unwrap();
    assert!(wide.notes.iter().any(|note| note.contains("by the price of")), "{:?}", wide.notes);
}

fn horizon(options: Value) -> promptfare::Result<Horizon> {
    Horizon::from_value(&options)
}

#[test]
fn sessions_months_and_currencies() {
    let resolved = resolve_model("claude-sonnet-4").unwrap();
    let estimate = |options: Value| {
        let answer = AnswerLength::stated(500, 500, 500);
        let mut estimate = estimate_cost(&resolved, &exact(1_000), &answer, None).unwrap();
        horizon(options).unwrap().look(&mut estimate, &resolved, 200, None).unwrap();
        serde_json::to_value(&estimate).unwrap()
    };
    // 1,000, then 1,700, then 2,400 tokens of input, and 500 of answer each: 3 and 15 USD.
    let session = estimate(json!({"session": {"turns": 3}}));
    assert_eq!(session["perSession"]["expected"], "0.0378");
    assert_eq!(session["perMonth"], Value::Null);
    // The first prompt is too short for the cache, the second writes, the third reads 1,700 of it.
    let cached = estimate(json!({"session": {"turns": 3, "cached": true}, "runsPerDay": 10}));
    assert_eq!(cached["perSession"]["expected"], "0.03501");
    assert_eq!(cached["perMonth"]["expected"], "10.503");
    let low = Money::parse(cached["perSession"]["low"].as_str().unwrap()).unwrap();
    assert!(low <= Money::parse("0.03501").unwrap());
    let shown = estimate(
        json!({"runsPerDay": 1, "currency": {"code": "EUR", "perUsd": "0.92", "asOf": "2026-11-20"}}),
    );
    assert_eq!(shown["expected"], "0.0105");
    assert_eq!(shown["display"]["expected"], "0.00966");
    assert_eq!(shown["display"]["perMonth"]["expected"], "0.2898");
    assert_eq!(shown["display"]["asOf"], "2026-11-20");
    let long = estimate(json!({"session": {"turns": 500}}));
    assert!(long["notes"][0].as_str().unwrap().contains("in turn 285"), "{}", long["notes"]);
    for bad in [
        json!({"session": {"turns": 0}}),
        json!({"session": {}}),
        json!({"session": {"turns": 1001}}),
        json!({"runsPerDay": -1}),
        json!({"currency": {"code": "EUR", "perUsd": "0.92"}}),
        json!({"currency": {"code": "euro", "perUsd": "0.92", "asOf": "2026-11-20"}}),
        json!({"currency": {"code": "EUR", "perUsd": 0.92, "asOf": "2026-11-20"}}),
        json!({"currency": {"code": "EUR", "perUsd": "0", "asOf": "2026-11-20"}}),
        json!({"history": [{"estimated": 1}]}),
        json!({"history": 7}),
    ] {
        let error = horizon(bad.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
    }
}

fn length(model: &str, text: &str, fields: Value) -> AnswerLength {
    let mut request = json!({"messages": [{"role": "user", "content": text}]});
    for (name, value) in fields.as_object().unwrap() {
        request[name] = value.clone();
    }
    let request = ChatRequest::from_value(request).unwrap();
    AnswerLength::of_request(&request, resolve_model(model).unwrap().model)
}

#[test]
fn the_form_asked_for_tells_the_length() {
    let plain = |text: &str| length("claude-sonnet-4", text, json!({}));
    let texts = [
        "Is the sky blue? Answer in one word.",
        "Why is the sky blue? Answer in one sentence.",
        "Why is the sky blue? Answer in two sentences.",
        "Why is the sky blue?",
        "Write an essay on why the sky is blue.",
        "Write a 2000-word essay on why the sky is blue.",
    ];
    let lengths = texts.map(plain);
    for pair in lengths.windows(2) {
        assert!(pair[0].expected < pair[1].expected, "{pair:?}");
        assert!(pair[0].high < pair[1].high, "{pair:?}");
    }
    assert!(lengths[0].method.ends_with("that were to be a word"), "{}", lengths[0].method);
    let model = resolve_model("gpt-4o").unwrap().model;
    let typical = AnswerLength::typical(model, promptfare::cost::Task::Text, None);
    assert_eq!(length("gpt-4o", texts[3], json!({})), typical);
    // What was measured is told; what was not is not.
    assert!(lengths[..5].iter().all(|length| length.coverage.is_some_and(|share| share > 0.8)));
    assert_eq!((lengths[5].coverage, lengths[5].high), (None, 4_000));
    // For a model that reasons one word was not measured: it is as a bare answer.
    let reasoned = |text: &str| length("gpt-5", text, json!({}));
    assert!(reasoned(texts[0]).high < reasoned(texts[3]).high);
    assert_eq!(reasoned(texts[0]), reasoned("What is 12 times 12? Return only the number."));
    assert_eq!(reasoned(texts[1]), reasoned(texts[3]));
    // Schemas and functions go by other things.
    let schema = json!({"response_format": {"type": "json_object"}});
    let tools = json!({"tools": [{"type": "function", "function": {"name": "look"}}]});
    for fields in [schema, tools] {
        let with = length("claude-sonnet-4", texts[0], fields.clone());
        assert_eq!(with, length("claude-sonnet-4", texts[3], fields));
    }
}

fn rate() -> impl Strategy<Value = Rate> {
    let price =
        (0u64..2_000, 0u64..1_000_000).prop_map(|(whole, part)| format!("{whole}.{part:06}"));
    let tiers = proptest::collection::btree_map(0u64..1_000, price.clone(), 0..3);
    (price, tiers).prop_map(|(base, tiers)| {
        let tiers: Vec<Tier> =
            tiers.into_iter().map(|(start, price)| Tier { start, price }).collect();
        if tiers.is_empty() { Rate::Flat(base) } else { Rate::Tiered { base, tiers } }
    })
}

fn rates() -> impl Strategy<Value = Rates> {
    let some = || proptest::option::of(rate());
    (rate(), rate(), some(), some(), some(), some()).prop_map(|(i, o, r, w, h, t)| Rates {
        input_mtok: Some(i),
        output_mtok: Some(o),
        cache_read_mtok: r,
        cache_write_mtok: w,
        cache_write_1h_mtok: h,
        output_reasoning_mtok: t,
        ..Rates::default()
    })
}

fn flat(rate: Option<Rate>) -> Option<Rate> {
    rate.map(|rate| match rate {
        Rate::Tiered { base, .. } => Rate::Flat(base),
        flat => flat,
    })
}

fn all_flat(rates: Rates) -> Rates {
    Rates {
        input_mtok: flat(rates.input_mtok),
        output_mtok: flat(rates.output_mtok),
        cache_read_mtok: flat(rates.cache_read_mtok),
        cache_write_mtok: flat(rates.cache_write_mtok),
        cache_write_1h_mtok: flat(rates.cache_write_1h_mtok),
        output_reasoning_mtok: flat(rates.output_reasoning_mtok),
        ..Rates::default()
    }
}

fn usage() -> impl Strategy<Value = Usage> {
    [0u64..500, 0..500, 0..500, 0..500, 0..500, 0..500].prop_map(|[i, r, w, h, o, t]| Usage {
        input_tokens: i + r + w + h,
        output_tokens: o + t,
        cache_read_tokens: Some(r),
        cache_write_tokens: Some(w + h),
        cache_write_1h_tokens: Some(h),
        reasoning_tokens: Some(t),
    })
}

proptest! {
    #[test]
    fn the_form_asked_for_never_passes_the_limit(limit in 1u64..3_000, number in 0u64..10_000, form in 0usize..7) {
        let text = [
            format!("In {number} words."), format!("In {number} sentences."), "Yes or no?".to_owned(),
            "Return only the number.".to_owned(), format!("Write an essay of {number} words"),
            "Explain in detail.".to_owned(), format!("Give {number} examples"),
        ];
        for model in ["claude-sonnet-4", "gpt-5", "gpt-4o"] {
            let cut = length(model, &text[form], json!({"max_tokens": limit}));
            prop_assert!(cut.low <= cut.expected && cut.expected <= cut.high && cut.high <= limit);
            let whole = length(model, &text[form], json!({}));
            prop_assert!(0 < whole.low && whole.low <= whole.expected && whole.expected <= whole.high);
        }
    }

    #[test]
    fn parts_add_up_to_the_whole(rates in rates(), usage in usage()) {
        let cost = calculate_cost(&rates, &usage).unwrap();
        prop_assert_eq!(cost.input.checked_add(cost.output), Some(cost.usd));
        prop_assert_eq!(Money::parse(&cost.usd.to_string()), Ok(cost.usd));
    }

    #[test]
    fn more_output_never_costs_less(rates in rates(), usage in usage(), more in 0u64..1_000) {
        let longer = Usage { output_tokens: usage.output_tokens + more, ..usage.clone() };
        let (less, more) = (calculate_cost(&rates, &usage), calculate_cost(&rates, &longer));
        prop_assert!(less.unwrap().usd <= more.unwrap().usd);
    }

    #[test]
    fn more_input_never_costs_less_without_tiers(rates in rates(), usage in usage(), more in 0u64..1_000) {
        let rates = all_flat(rates);
        let longer = Usage { input_tokens: usage.input_tokens + more, ..usage.clone() };
        let (less, more) = (calculate_cost(&rates, &usage), calculate_cost(&rates, &longer));
        prop_assert!(less.unwrap().usd <= more.unwrap().usd);
    }

    /// One token more of a class, whole and all, never costs less; and it costs what its rate says.
    #[test]
    fn every_class_rises(rates in rates(), usage in usage(), class in 0usize..6, more in 1u64..500) {
        let rates = all_flat(rates);
        let mut longer = usage.clone();
        let grown = match class {
            0 | 1 => None,
            2 => Some(&mut longer.cache_read_tokens),
            3 => Some(&mut longer.cache_write_tokens),
            4 => {
                longer.cache_write_tokens = longer.cache_write_tokens.map(|all| all + more);
                Some(&mut longer.cache_write_1h_tokens)
            }
            _ => Some(&mut longer.reasoning_tokens),
        };
        if let Some(part) = grown {
            *part = part.map(|tokens| tokens + more);
        }
        if class == 1 || class == 5 { longer.output_tokens += more } else { longer.input_tokens += more }
        let less = calculate_cost(&rates, &usage).unwrap();
        let dearer = calculate_cost(&rates, &longer).unwrap();
        prop_assert!(less.usd <= dearer.usd && less.input <= dearer.input && less.output <= dearer.output);
        let price = [&rates.input_mtok, &rates.output_mtok, &rates.cache_read_mtok, &rates.cache_write_mtok,
            &rates.cache_write_1h_mtok, &rates.output_reasoning_mtok][class];
        if let Some(Rate::Flat(price)) = price {
            let alone = Money::parse(price).unwrap().picodollars() / 1_000_000 * u128::from(more);
            prop_assert_eq!(dearer.usd.picodollars() - less.usd.picodollars(), alone);
        }
    }

    /// No way of counting it is ever below zero, more than the dearest rate, or changed by the order.
    #[test]
    fn extras_stay_within_bounds(usage in usage(), [audio, image, spoken, searches] in [0u64..600, 0..600, 0..600, 0..9]) {
        let rates = Rates::from_value(&json!({"input_mtok": "2", "output_mtok": "2", "input_audio_mtok": "7",
            "output_audio_mtok": "9", "input_image_mtok": "1", "web_searches_kcount": "10"})).unwrap();
        let extras = Extras { input_audio: audio, input_image: image, output_audio: spoken,
            web_searches: searches, ..Extras::default() };
        match calculate_whole_cost(&rates, &usage, &extras) {
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidInput),
            Ok(cost) => {
                let most = (usage.input_tokens * 7 + usage.output_tokens * 9) * 1_000_000 + searches * 10_000_000_000;
                prop_assert!(cost.usd.picodollars() <= u128::from(most));
                prop_assert!(cost.usd >= cost.fees && cost.usd >= cost.input);
            }
        }
    }

    #[test]
    fn flat_rates_cost_the_same_in_one_request_or_two(rates in rates(), one in usage(), two in usage()) {
        let rates = all_flat(rates);
        let add = |a: Option<u64>, b: Option<u64>| Some(a.unwrap() + b.unwrap());
        let both = Usage {
            input_tokens: one.input_tokens + two.input_tokens,
            output_tokens: one.output_tokens + two.output_tokens,
            cache_read_tokens: add(one.cache_read_tokens, two.cache_read_tokens),
            cache_write_tokens: add(one.cache_write_tokens, two.cache_write_tokens),
            cache_write_1h_tokens: add(one.cache_write_1h_tokens, two.cache_write_1h_tokens),
            reasoning_tokens: add(one.reasoning_tokens, two.reasoning_tokens),
        };
        let cost = |usage: &Usage| calculate_cost(&rates, usage).unwrap().usd;
        prop_assert_eq!(cost(&one).checked_add(cost(&two)), Some(cost(&both)));
        prop_assert_eq!(cost(&two).checked_add(cost(&one)), Some(cost(&both)));
    }

    #[test]
    fn anything_is_answered(input in any::<u64>(), output in any::<u64>(), read in any::<u64>(),
                            write in any::<u64>(), hour in any::<u64>(), reasoning in any::<u64>(),
                            price in "[0-9.e+-]{0,24}") {
        let usage = Usage {
            input_tokens: input, output_tokens: output, cache_read_tokens: Some(read),
            cache_write_tokens: Some(write), cache_write_1h_tokens: Some(hour),
            reasoning_tokens: Some(reasoning),
        };
        let rates = Rates { input_mtok: Some(Rate::Flat(price.clone())), output_mtok: Some(Rate::Flat(price)), ..Rates::default() };
        let known = |e: Error| matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported);
        prop_assert!(calculate_cost(&rates, &usage).map_err(known).err().unwrap_or(true));
    }

    #[test]
    fn an_estimate_holds_every_cost_within_it(
        tokens in 0u64..400_000, spread in 0u64..50_000, place in 0.0f64..=1.0,
        low in 0u64..1_000, wide in 0u64..1_000, model in 0usize..120,
    ) {
        let catalog = Catalog::shipped();
        let model = &catalog.models()[model];
        let resolved = catalog.resolve(&model.id).unwrap();
        prop_assume!(price_of(&resolved, None).is_ok());
        let input = TokenEstimate { low: tokens, high: tokens + spread, exact: false, ..exact(tokens + spread / 2) };
        let answer = AnswerLength::stated(low, low + wide / 2, low + wide);
        let estimate = estimate_cost(&resolved, &input, &answer, None).unwrap();
        let within = |width: u64| (width as f64 * place) as u64;
        let usage = Usage {
            input_tokens: tokens + within(spread), output_tokens: low + within(wide), ..Usage::default()
        };
        let cost = calculate_cost(&price_of(&resolved, None).unwrap().rates, &usage).unwrap();
        prop_assert!(estimate.usd.low <= cost.usd && cost.usd <= estimate.usd.high);
        prop_assert!(estimate.usd.low <= estimate.usd.expected && estimate.usd.expected <= estimate.usd.high);
    }
}
