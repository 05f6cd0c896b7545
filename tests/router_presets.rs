//! The fourteen uses, on prompts of our own writing: `built.tsv` was at hand while the presets were
//! made, `held.tsv` was written before them and is looked at only to measure. Each line: preset,
//! language, the tier that the use is sent to, prompt.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test reports by panicking.

mod shared;

use promptfare::chat::ChatRequest;
use promptfare::router::{Policy, Preset, Route};
use serde_json::{Value, json};
use shared::with_planner;
use std::collections::BTreeMap;

/// The compared pair, and today's: deep, fast.
const PAIRS: [[&str; 2]; 2] =
    [["claude-opus-4", "claude-sonnet-4"], ["claude-opus-5-5", "claude-sonnet-5-5"]];

fn route(prompt: &str, policy: Value) -> Route {
    let request =
        ChatRequest::from_value(json!({"messages": [{"role": "user", "content": prompt}]}));
    let policy = Policy::from_value(policy).unwrap();
    with_planner(|planner| {
        planner.route(&request.unwrap(), &policy.candidates, &policy, true).unwrap().0
    })
}

/// Per preset (right, all), with the preset and without it; the languages.
fn measure(table: &str, pair: [&str; 2]) -> BTreeMap<String, [usize; 3]> {
    let mut found: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for line in table.lines() {
        let mut columns = line.split('\t');
        let [preset, _, tier, prompt] = [(); 4].map(|()| columns.next().unwrap_or_default());
        let wanted = pair[usize::from(tier == "fast")];
        let by_preset = route(prompt, json!({"candidates": pair, "preset": preset}));
        let alone = route(prompt, json!({"candidates": pair}));
        let row = found.entry(preset.to_owned()).or_default();
        row[0] += 1;
        row[1] += usize::from(by_preset.model == wanted);
        row[2] += usize::from(alone.model == wanted);
        if by_preset.model != wanted && std::env::var("PRESET_MISSES").is_ok() {
            println!("{line} -> {}: {:?}", by_preset.model, by_preset.reasons[0].text);
        }
    }
    found
}

fn show(title: &str, found: &BTreeMap<String, [usize; 3]>) {
    println!(
        "\n{title}\n\n| use | prompts | with the preset | by the prompt alone |\n| --- | ---: | ---: | ---: |"
    );
    let mut sum = [0; 3];
    for (preset, row) in found {
        println!("| {preset} | {} | {} | {} |", row[0], row[1], row[2]);
        sum = [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]];
    }
    println!("| **all** | {} | **{}** | {} |", sum[0], sum[1], sum[2]);
}

#[test]
fn nine_of_ten_go_where_the_comparison_sends_them() {
    for pair in PAIRS {
        let built = measure(include_str!("presets/built.tsv"), pair);
        show(&format!("built.tsv, {}", pair.join(" and ")), &built);
        let held = measure(include_str!("presets/held.tsv"), pair);
        show(&format!("held.tsv, {}", pair.join(" and ")), &held);
        assert_eq!(held.len(), Preset::all().count());
        for (preset, [all, right, _]) in held {
            assert!(all >= 10, "{preset}: only {all} prompts");
            assert!(right * 10 >= all * 9, "{preset}: {right} of {all}");
        }
    }
    let languages: std::collections::BTreeSet<_> = include_str!("presets/held.tsv")
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
        .collect();
    assert!(languages.len() >= 10, "{languages:?}");
}

#[test]
fn a_preset_says_so_and_a_stated_criticality_stands_above_it() {
    let pair = PAIRS[0];
    let support = json!({"candidates": pair, "preset": "customer-support"});
    let found = route("My lawyer says I can sue you for the burns.", support);
    assert_eq!(found.model, "claude-sonnet-4");
    assert!(found.signals[0].on && found.reasons.iter().any(|reason| reason.code == "accuracy"));
    assert!(found.reasons.iter().any(|reason| reason.code == "preset"));
    let grave =
        json!({"candidates": pair, "preset": "customer-support", "criticality": "critical"});
    assert_eq!(route("Where is my parcel?", grave).model, "claude-opus-4");
    let cheap = json!({"candidates": pair, "preset": "legal-medical", "criticality": "ordinary"});
    assert_eq!(route("Is this clause valid?", cheap).model, "claude-sonnet-4");
    for preset in Preset::all() {
        assert_eq!(Preset::by_name(preset.name()), Some(preset));
        assert!(!preset.title().is_empty());
    }
    let error = Policy::from_value(json!({"preset": "poetry"})).unwrap_err();
    assert!(error.message().contains("customer-support"), "{error}");
}
