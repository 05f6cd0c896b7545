//! Names as gateways write them: how many are found, measured on labelled names.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shared;

use promptfare::catalog::{Catalog, Service, Variant, resolve_model};
use promptfare::cost::price_of;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// Labels whose model goes by another id here.
const OTHER_IDS: &[(&str, &str)] = &[
    ("alibaba/qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-2507"),
    ("anthropic/claude-3-7-sonnet-20250219", "claude-3-7-sonnet"),
    ("anthropic/claude-3-haiku-20240307", "claude-3-haiku"),
    ("anthropic/claude-haiku-4-5-20251001", "claude-haiku-4-5"),
    ("anthropic/claude-opus-4-1-20250805", "claude-opus-4-1"),
    ("anthropic/claude-opus-4-20250514", "claude-opus-4"),
    ("anthropic/claude-opus-4-5-20251101", "claude-opus-4-5"),
    ("anthropic/claude-sonnet-4-20250514", "claude-sonnet-4"),
    ("anthropic/claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
    ("deepseek/deepseek-chat", "deepseek-chat(v3.2)"),
    ("deepseek/deepseek-r1", "deepseek-reasoner"),
    ("google/gemini-flash-latest", "gemini-3.8-flash"),
    ("ibm/granite-4-h-small", "granite-4.0-h-small"),
    ("meta/llama-4-maverick-17b-instruct", "llama-4-maverick"),
    ("meta/llama-4-scout-17b-instruct", "llama-4-scout"),
    ("mistral/ministral-3-8b-instruct-2512", "ministral-8b-2512"),
    ("mistral/mistral-medium-2604", "mistral-medium-3.5"),
    ("nvidia/nemotron-3-ultra-550b-a55b", "nemotron-3-ultra-550b"),
    ("openai/gpt-4o-2024-05-13", "gpt-4o"),
    ("openai/gpt-4o-2024-08-06", "gpt-4o"),
    ("openai/gpt-4o-2024-11-20", "gpt-4o"),
    ("tencent/hy3", "hunyuan-hy3"),
];

#[test]
fn names_of_gateways_are_found_and_never_mistaken() {
    let Some(lines) = shared::text("data/alias_vectors.jsonl.gz") else { return };
    let plain = |name: &str| name.to_lowercase().replace(['.', '_'], "-");
    let mut ids: BTreeMap<String, &str> = Catalog::shipped()
        .models()
        .iter()
        .map(|model| (format!("{}/{}", plain(&model.lab), plain(&model.id)), model.id.as_str()))
        .collect();
    ids.extend(OTHER_IDS.iter().map(|(label, id)| (plain(label), *id)));
    let label = |canonical: &str| {
        let canonical = plain(canonical);
        // The labels name two makers differently.
        let canonical =
            canonical.replace("zhipuai/", "zai/").replace("bytedance-seed/", "bytedance/");
        ids.get(&canonical).copied()
    };
    let (mut right, mut missed, mut wrong) = (0, Vec::new(), Vec::new());
    let (mut absent, mut mistaken) = (0, Vec::new());
    for line in lines.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let (id, canonical) = (text("id"), text("canonical"));
        let found = Catalog::shipped().find(&id).map(|found| found.model.id.as_str());
        match (label(&canonical), found) {
            (Some(wanted), Some(found)) if wanted == found => right += 1,
            (Some(wanted), None) => missed.push(format!("{id} ({wanted})")),
            (Some(_), Some(found)) => wrong.push(format!("{id} is {canonical}, found {found}")),
            (None, None) => absent += 1,
            (None, Some(found)) => mistaken.push(format!("{id} is {canonical}, found {found}")),
        }
    }
    let shipped = right + missed.len() + wrong.len();
    let others = absent + mistaken.len();
    let percent = |part: usize, all: usize| 100.0 * part as f64 / all as f64;
    println!(
        "names of shipped models: {shipped}: {right} right ({:.2} %), {} wrong ({:.2} %), {} missed ({:.2} %)",
        percent(right, shipped),
        wrong.len(),
        percent(wrong.len(), shipped),
        missed.len(),
        percent(missed.len(), shipped),
    );
    println!(
        "names of other models: {others}: {absent} not found, as is right, {} mistaken ({:.2} %)",
        mistaken.len(),
        percent(mistaken.len(), others)
    );
    wrong.iter().for_each(|line| println!("  wrong: {line}"));
    mistaken.iter().for_each(|line| println!("  mistaken: {line}"));
    missed.iter().for_each(|line| println!("  missed: {line}"));
    assert!(shipped > 1300 && others > 1000, "{shipped} of shipped models, {others} of others");
    assert!(right * 100 >= shipped * 98, "{right} of {shipped} right");
    assert!(wrong.len() * 1000 <= shipped * 2, "{} of {shipped} wrong", wrong.len());
    assert!(mistaken.len() * 100 <= others, "{} of {others} mistaken", mistaken.len());
}

fn found(name: &str) -> (String, Variant) {
    let found = resolve_model(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.given, name);
    (found.model.id.clone(), found.variant)
}

#[test]
fn every_gateways_spelling() {
    for (name, id) in [
        ("claude-opus-4-20250514", "claude-opus-4"),
        ("anthropic/claude-opus-4", "claude-opus-4"),
        ("openrouter/anthropic/claude-opus-4", "claude-opus-4"),
        ("anthropic.claude-opus-4-20250514-v1:0", "claude-opus-4"),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
            "claude-sonnet-4",
        ),
        (
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-4-6-v1",
            "claude-opus-4-6",
        ),
        ("publishers/anthropic/models/claude-sonnet-4@20250514", "claude-sonnet-4"),
        (
            "projects/mine/locations/us-east5/publishers/anthropic/models/claude-opus-4-8",
            "claude-opus-4-8",
        ),
        ("anthropic--claude-4-opus", "claude-opus-4"),
        ("claude-4-sonnet", "claude-sonnet-4"),
        ("claude-sonnet-3-7", "claude-3-7-sonnet"),
        ("databricks-claude-opus-4-8", "claude-opus-4-8"),
        ("~anthropic/claude-opus-latest", "claude-opus-5-5"),
        ("claude-sonnet-4[1m]", "claude-sonnet-4"),
        ("claude-opus-4.8-high", "claude-opus-4-8"),
        ("accounts/fireworks/models/glm-5p2", "glm-5.2"),
        ("@cf/openai/gpt-oss-120b", "gpt-oss-120b"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("gpt-5.4-2026-03-05", "gpt-5.4"),
        ("GPT-5", "gpt-5"),
        ("openai-gpt-54-mini", "gpt-5.4-mini"),
        ("Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", "qwen3-235b-a22b-2507"),
        ("meta-llama/Llama-3.3-70B", "llama-3.3-70b-instruct"),
        ("llama3.3:70b", "llama-3.3-70b-instruct"),
        ("deepseek.r1-v1:0", "deepseek-reasoner"),
        ("deepseek-chat", "deepseek-chat(v3.2)"),
        ("gpt-35-turbo", "gpt-3.5-turbo"),
    ] {
        assert_eq!(found(name).0, id, "{name}");
    }
}

#[test]
fn what_tells_models_apart_is_not_peeled_off() {
    for name in [
        "gpt-4-0125-preview",
        "gpt-5-2025-01-01",
        "gpt-5-codex",
        "grok-4-fast",
        "grok-4-1-fast-reasoning",
        "deepseek-r1-distill-llama-70b",
        "deepseek-v4-flash-0731",
        "qwen3.8-max-preview",
        "minimax-m2.7-highspeed",
        "gemini-2.5-flash-image",
        "gemini-2.5-pro-tts",
        "gpt-4o-audio-preview",
        "claude-opus-4-9",
        "claude-2",
        "ft:gpt-4o-2024-08-06:acme::abc",
        "large",
        "latest",
        "-",
        "claude",
        "anthropic/",
        "openai/gpt",
    ] {
        let wrong = resolve_model(name).map(|found| found.model.id.clone());
        assert!(wrong.is_err(), "{name}: found {wrong:?}");
    }
}

#[test]
fn what_changes_the_price_is_kept() {
    let variant = |name: &str| found(name).1;
    assert_eq!(variant("claude-opus-4"), Variant::default());
    assert_eq!(variant("anthropic/claude-opus-4.1:thinking:8192"), Variant::default());
    assert_eq!(variant("global.anthropic.claude-opus-4-8"), Variant::default());
    assert!(variant("minimax-m2.7:free").free);
    assert!(variant("tencent/hy3-free").free);
    assert_eq!(variant("gpt-5.5-fast").service, Some(Service::Fast));
    assert_eq!(variant("openai/gpt-5.5:flex").service, Some(Service::Flex));
    assert_eq!(variant("claude-opus-5-5:batch").service, Some(Service::Batch));
    assert_eq!(variant("eu.anthropic.claude-opus-4-8").region.as_deref(), Some("eu"));
    assert_eq!(variant("gpt-5.5@eu").region.as_deref(), Some("eu"));
    assert_eq!(variant("groq/openai/gpt-oss-120b").host.as_deref(), Some("groq"));
}

#[test]
fn the_variant_is_in_the_price() {
    let input = |name: &str| {
        let priced = price_of(&resolve_model(name).unwrap(), None).unwrap();
        let rate = serde_json::to_value(&priced.rates.input_mtok).unwrap();
        let rate = rate.get("base").unwrap_or(&rate).as_str().unwrap().to_owned();
        (rate.parse::<f64>().unwrap(), priced.notes)
    };
    assert_eq!(input("claude-opus-4-8"), (5.0, vec![]));
    assert_eq!(input("claude-opus-4-8:batch"), (2.5, vec![]));
    assert_eq!(input("claude-opus-4-8-fast"), (10.0, vec![]));
    assert_eq!(input("gpt-5.5-fast"), (12.5, vec![]));
    assert_eq!(input("gpt-5.4:batch"), (1.25, vec![]));
    let (regional, notes) = input("eu.anthropic.claude-opus-4-8");
    assert_eq!(regional, 5.5);
    assert_eq!(notes, ["endpoint of region eu: 1.1 times the price"]);
    let (standard, notes) = input("glm-5.2-fast");
    assert_eq!(standard, 1.4);
    assert_eq!(notes, ["no price is known for fast: standard price"]);
    let (free, notes) = input("minimax-m2.7:free");
    assert_eq!((free, notes.len()), (0.0, 1));
}

proptest! {
    #[test]
    fn any_name_is_answered(name in "\\PC{0,300}") {
        let _ = Catalog::shipped().find(&name);
    }

    #[test]
    fn any_name_of_names_parts_is_answered(
        parts in proptest::collection::vec(
            prop_oneof!["[a-z]{1,4}", "[0-9p]{1,3}", Just("claude".to_owned()), Just("openai".to_owned()),
                Just("free".to_owned()), Just("20250514".to_owned()), Just("2025".to_owned())], 0..30),
        marks in proptest::collection::vec("[-./:@_]{1,2}", 30),
    ) {
        let name: String = parts.iter().zip(&marks).map(|(part, mark)| format!("{part}{mark}")).collect();
        if let Some(found) = Catalog::shipped().find(&name) {
            prop_assert!(Catalog::shipped().get(&found.model.id).is_some());
        }
    }
}

#[test]
fn an_unknown_names_error_is_short_whatever_the_name() {
    for name in
        ["gpt-\u{0}", "🚕🚕🚕", "../../etc/passwd", "<img src=x>", &"claude-".repeat(10_000)]
    {
        let error = resolve_model(name).unwrap_err();
        assert!(error.message().len() < 800 && error.nearest().len() <= 3, "{error}");
    }
}
