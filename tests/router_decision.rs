//! The decision around the score: what changes the pick, and whether what is said of it is true.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test reports by panicking.

mod shared;

use promptfare::catalog::{Catalog, Model};
use promptfare::chat::ChatRequest;
use promptfare::cost::Money;
use promptfare::plan::Planned;
use promptfare::router::{
    self, Candidate, Counterfactual, Policy, Route, Target, dimensions, export, replay,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::with_planner;

const PAIR: [&str; 2] = ["claude-opus-4", "claude-sonnet-4"];
const THREE: [&str; 3] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"];

fn read(request: &Value) -> ChatRequest {
    ChatRequest::from_value(request.clone()).unwrap()
}

fn try_route(request: &Value, policy: &Value) -> promptfare::Result<Route> {
    let policy = Policy::from_value(policy.clone())?;
    with_planner(|planner| {
        planner.route(&read(request), &policy.candidates, &policy, true).map(|(route, _)| route)
    })
}

fn route(request: &Value, policy: Value) -> Route {
    try_route(request, &policy).unwrap()
}

fn ask(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}]})
}

fn codes(route: &Route) -> Vec<&str> {
    route.reasons.iter().map(|reason| reason.code).collect()
}

#[test]
fn dearer_only_with_a_reason() {
    let plain = ask("Which rivers flow through Hamburg?");
    assert_eq!(route(&plain, json!({"candidates": THREE})).model, "claude-haiku-5-5");
    for reason in [
        json!({"criticality": "important"}),
        json!({"criticality": "critical"}),
        json!({"preset": "strategy"}),
        json!({"switches": {"accuracy": true}}),
        json!({"switches": {"creative": true}}),
        json!({"worthUsd": 2}),
        json!({"dial": 1}),
    ] {
        let mut policy = json!({"candidates": THREE});
        policy.as_object_mut().unwrap().extend(reason.as_object().unwrap().clone());
        assert_eq!(route(&plain, policy).model, "claude-opus-5-5", "{reason}");
    }
    // Power at a tight budget is the middle; speed takes back what the words would raise.
    let tight = json!({"candidates": THREE, "switches": {"budget": true}});
    assert_eq!(route(&plain, tight).model, "claude-sonnet-5-5");
    let poem = ask("Write a poem about the Elbe.");
    assert_eq!(route(&poem, json!({"candidates": THREE})).model, "claude-opus-5-5");
    let hasty = json!({"candidates": THREE, "switches": {"speed": true}});
    assert_eq!(route(&poem, hasty).model, "claude-haiku-5-5");
    let long =
        json!({"candidates": ["claude-opus-4", "claude-sonnet-5-5"], "switches": {"long": true}});
    assert_eq!(route(&plain, long).model, "claude-sonnet-5-5");
    // Waiting a minute for an answer costs more than it is worth.
    let waits = json!({"candidates": PAIR, "criticality": "important", "switches": {"speed": true},
                       "latencyMs": {"claude-opus-4": 60_000, "claude-sonnet-4": 5_000}});
    assert_eq!(route(&plain, waits).model, "claude-sonnet-4");
}

#[test]
fn the_five_questions_are_found_and_can_be_answered_instead() {
    let found = |request: &Value, policy: Value| {
        let route = route(request, policy);
        let on = |signal: &&promptfare::router::Signal| signal.on;
        route.signals.iter().filter(on).map(|s| s.question).collect::<Vec<_>>().join(" ")
    };
    let pair = json!({"candidates": PAIR});
    assert_eq!(found(&ask("My lawyer says the lease is void."), pair.clone()), "accuracy");
    assert_eq!(found(&ask("Kurz und knapp: wie wird das Wetter?"), pair.clone()), "speed");
    assert_eq!(found(&ask(&"word ".repeat(110_000)), pair.clone()), "long");
    assert_eq!(found(&ask("Écris un poème sur la mer."), pair.clone()), "creative");
    let capped = json!({"candidates": ["claude-opus-5-5", "claude-sonnet-5-5"]});
    let dear =
        route(&ask("Name a river."), capped.clone()).receipt["candidates"][0]["cost"].clone();
    let capped = json!({"candidates": capped["candidates"], "maxCostUsd": dear["high"]});
    assert_eq!(found(&ask("Name a river."), capped), "budget");
    assert_eq!(found(&ask("Name a river."), pair), "");
    let off = json!({"candidates": PAIR, "switches": {"accuracy": false, "long": true}});
    let answered = route(&ask("My lawyer says the lease is void."), off);
    assert_eq!(answered.model, "claude-sonnet-4");
    assert!(answered.signals[0].found && !answered.signals[0].on && answered.signals[0].stated);
    assert!(answered.signals[2].on && answered.signals[2].evidence.is_empty());
}

#[test]
fn rules_and_wishes_hold_unless_the_model_cannot() {
    let rules = json!([{"contains": "INVOICE", "model": "claude-opus-4"},
                       {"kind": "writing", "model": "claude-opus-4"},
                       {"stakes": "medical", "model": "gpt-9"}]);
    let policy = json!({"candidates": PAIR, "rules": rules});
    let ruled = route(&ask("Read this invoice."), policy.clone());
    assert_eq!((ruled.model.as_str(), codes(&ruled)[0]), ("claude-opus-4", "rule"));
    assert!(ruled.counterfactuals.iter().any(|c| c.change.contains("saved rules")));
    assert_eq!(route(&ask("Name a river."), policy.clone()).model, "claude-sonnet-4");
    // A rule for a model that is no candidate says nothing.
    let other = route(&ask("Which dose of ibuprofen is safe for a patient?"), policy);
    assert!(!codes(&other).contains(&"rule"));
    let only = json!({"candidates": THREE, "allowed": ["claude-sonnet-5-5"]});
    let allowed = route(&ask("Name a river."), only);
    assert_eq!(allowed.model, "claude-sonnet-5-5");
    assert!(allowed.alternatives.iter().all(|a| a.text.contains("not among the allowed")));
}

#[test]
fn what_is_not_known_is_told() {
    let request = read(&ask("Name a river."));
    with_planner(|planner| {
        let names = ["claude-opus-5-5".to_owned(), "my-own".to_owned()];
        let policy = Policy::from_value(json!({"criticality": "critical"})).unwrap();
        let (known, _) = planner.route(&request, &names, &policy, false).unwrap();
        assert_eq!(known.model, "claude-opus-5-5");
        assert!(codes(&known).contains(&"level_unknown"));
        // With a level of the caller's own it can be the strongest; without a price it comes last.
        let both = ["my-own".to_owned(), "my-other".to_owned()];
        let policy =
            Policy::from_value(json!({"criticality": "critical", "levels": {"my-other": 5}}));
        let (own, _) = planner.route(&request, &both, &policy.unwrap(), false).unwrap();
        assert_eq!(own.model, "my-other");
        assert_eq!(own.alternatives[0].expected_usd, None);
    });
    let russian = ask("Объясни, почему трава зелёная, простыми словами.");
    let cheap =
        route(&russian, json!({"candidates": PAIR, "unsure": "cheap", "criticality": "important"}));
    let safe = route(&russian, json!({"candidates": PAIR, "unsure": "safe"}));
    assert_eq!([cheap.model.as_str(), safe.model.as_str()], ["claude-sonnet-4", "claude-opus-4"]);
    assert!(codes(&safe).contains(&"unsure") && codes(&safe).contains(&"base_rate"));
    assert!(safe.score.confidence < 0.05);
}

#[test]
fn a_conversation_stays_where_its_cache_is_unless_the_gain_is_worth_it() {
    let long = json!({"messages": [
        {"role": "user", "content": "word ".repeat(30_000)},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "And why?"}]});
    let session = json!({"model": "claude-opus-4", "prefixTokens": 30_000});
    let stays = route(&long, json!({"candidates": PAIR, "session": session}));
    assert_eq!((stays.model.as_str(), codes(&stays)[0]), ("claude-opus-4", "session"));
    assert!(stays.counterfactuals.iter().any(|c| c.flip == json!({"policy": {"session": null}})));
    // A short beginning is not worth it, and one that the provider does not keep saves nothing.
    let short = json!({"model": "claude-opus-4", "prefixTokens": 900});
    assert_eq!(
        route(&long, json!({"candidates": PAIR, "session": short})).model,
        "claude-sonnet-4"
    );
    // On the cheaper model it takes more worth to leave than without a cache.
    let least = |policy: &Value| {
        let worth = |cents: u64| {
            let mut policy = policy.clone();
            policy["worthUsd"] = json!(format!("{}.{:02}", cents / 100, cents % 100));
            route(&long, policy).model == "claude-opus-4"
        };
        (1..200).map(|step| step * 20).find(|cents| worth(*cents))
    };
    let free = least(&json!({"candidates": PAIR})).unwrap();
    let session = json!({"model": "claude-sonnet-4", "prefixTokens": 30_000});
    let held = least(&json!({"candidates": PAIR, "session": session})).unwrap();
    assert!(held > free, "{held} cents, {free} without a cache");
}

#[test]
fn contributions_add_up_and_bits_are_kept() {
    for text in
        ["Name a river.", "Prove that 2^n > n for all integers n.", "Write a haiku about rust."]
    {
        let route = route(&ask(text), json!({"candidates": PAIR}));
        let sum: f64 = route.score.contributions.iter().map(|(_, value)| value).sum();
        assert_eq!(sum.to_bits(), route.score.log_odds.to_bits());
        assert!((1.0 / (1.0 + (-sum).exp()) - route.need).abs() < 1e-12);
        assert!(route.score.contributions.len() <= 9);
    }
}

/// Streams of prompts of several kinds, the dial at several places: after fifty prompts the share
/// of calls that went to the stronger is within three points of the dial, whatever the traffic.
#[test]
fn the_dial_holds_its_share_on_the_callers_own_traffic() {
    let english = ["Name a river.", "Why is the sky blue?", "Which gene causes cystic fibrosis?"];
    let mut worst = 0.0_f64;
    let mut shown = 0.0_f64;
    for (name, kind) in [("mixed", 0), ("one language without outcomes", 1), ("changing", 2)] {
        for dial in [0.05, 0.2, 0.5, 0.8] {
            let (mut needs, mut strong, mut away) = (Vec::<f64>::new(), 0_u32, 0.0_f64);
            for step in 0..150_usize {
                let text = match (kind, step) {
                    (1, _) => format!("Почему {step}?"),
                    (2, 75..) => {
                        format!("Compute the integral of x^{} from 0 to {}.", step % 7, step % 5)
                    }
                    _ => format!(
                        "{} {}",
                        english[step * 7 % 3],
                        "Explain how and why. ".repeat(step * 5 % 11)
                    ),
                };
                let traffic = json!({"needs": needs, "strong": strong});
                let policy = json!({"candidates": PAIR, "dial": dial, "traffic": traffic});
                let route = route(&ask(&text), policy);
                strong += u32::from(route.model == PAIR[0]);
                needs.push(route.need);
                let share = f64::from(strong) / (step + 1) as f64;
                if step + 1 >= 50 {
                    away = away.max((share - dial).abs());
                    shown = shown.max((route.expected_share - dial).abs());
                }
            }
            println!(
                "{name}, dial {dial}: at most {:.1} points away from prompt 50 to 150",
                away * 100.0
            );
            worst = worst.max(away);
        }
    }
    assert!(worst <= 0.03, "{worst}");
    assert!(shown <= 0.03, "{shown}");
    let never = route(&ask("Name a river."), json!({"candidates": PAIR, "dial": 0}));
    assert_eq!((never.model.as_str(), never.expected_share), ("claude-sonnet-4", 0.0));
}

#[test]
fn a_receipt_replays_to_the_same_pick() {
    let request = ask("My lawyer says the lease is void.");
    let policy = json!({"candidates": PAIR, "session": {"model": PAIR[0], "prefixTokens": 5}});
    let receipt = route(&request, policy).receipt;
    let again = replay(&receipt, &read(&request), Catalog::shipped()).unwrap();
    assert!(again.same && again.model == "claude-opus-4", "{again:?}");
    let other = replay(&receipt, &read(&ask("Name a river.")), Catalog::shipped()).unwrap();
    assert_eq!(other.differs, ["request", "pick"]);
    let mut forged = receipt.clone();
    forged["settings"]["criticality"] = json!("critical");
    assert_eq!(replay(&forged, &read(&request), Catalog::shipped()).unwrap().differs, ["policy"]);
    for broken in [json!(null), json!({"schema": 2}), json!({"schema": 1, "candidates": [{}]})] {
        assert!(replay(&broken, &read(&request), Catalog::shipped()).is_err());
    }
}

#[test]
fn nine_dimensions_with_their_sources_and_blanks() {
    let of = |id: &str| {
        let resolved = Catalog::shipped().resolve(id).unwrap();
        dimensions(Catalog::shipped(), &resolved, (id == PAIR[0]).then_some(900), None)
    };
    let opus = of("claude-opus-4");
    let fields = opus["dimensions"].as_object().unwrap();
    assert_eq!(fields.len(), 9);
    assert_eq!(fields["contextWindow"]["value"], 200_000);
    assert_eq!(fields["latency"]["value"], 900);
    assert_eq!(fields["cost"]["value"]["input_mtok"], "15");
    for (name, field) in fields.iter().filter(|(_, field)| !field.is_null()) {
        for part in ["source", "checked"] {
            assert!(field[part].as_str().is_some_and(|text| text.len() >= 4), "{name}.{part}");
        }
    }
    let blank = of("ernie-5.0");
    for name in ["cost", "contextWindow", "latency", "bestFor"] {
        assert!(blank["dimensions"][name].is_null(), "{name}: {blank}");
    }
}

#[test]
fn other_routers_are_told_what_they_can_be_told() {
    let policy = json!({"candidates": ["claude-opus-4", "gpt-5-mini", "gemini-2.5-pro"], "dial": 0.25,
                        "forbidden": ["gpt-5-mini"], "maxCostUsd": 1});
    let policy = Policy::from_value(policy).unwrap();
    let written =
        |name: &str| export(&policy, Target::by_name(name).unwrap(), Catalog::shipped()).unwrap();
    let litellm = written("litellm");
    let list = litellm["config"]["model_list"].as_array().unwrap();
    assert!(!litellm.to_string().contains("gpt-5-mini"), "forbidden models are left out");
    let weights: Vec<f64> =
        list.iter().filter_map(|entry| entry["litellm_params"]["weight"].as_f64()).collect();
    assert_eq!(weights, [0.25, 0.75]);
    assert_eq!(list[0]["litellm_params"]["model"], "gemini/gemini-2.5-pro");
    assert!(litellm["notes"].to_string().contains("maxCostUsd"));
    let openrouter = written("openrouter");
    assert_eq!(openrouter["config"]["models"].as_array().unwrap().len(), 2);
    let portkey = written("portkey");
    assert_eq!(portkey["config"]["targets"][1]["targets"][0]["weight"], 0.25);
    assert!(Target::by_name("kong").is_err());
    let none =
        Policy::from_value(json!({"candidates": ["gpt-5"], "forbidden": ["gpt-5"]})).unwrap();
    assert!(export(&none, Target::LiteLlm, Catalog::shipped()).is_err());
}

fn some_models() -> impl Strategy<Value = Vec<String>> {
    let ids: Vec<String> = Catalog::shipped().models().iter().map(|m| m.id.clone()).collect();
    proptest::sample::subsequence(ids, 2..6).prop_shuffle()
}

fn prompt() -> impl Strategy<Value = String> {
    let starts = [
        "Name a river.",
        "My lawyer says the lease is void.",
        "Écris un poème sur la mer.",
        "Объясни, почему трава зелёная.",
        "Write a function that sorts a list in place, briefly.",
        "How many apples are left if Tom eats 3 of 12?",
    ];
    (proptest::sample::select(starts.to_vec()), 0usize..2000)
        .prop_map(|(start, words)| format!("{start} {}", "word ".repeat(words)))
}

fn policies() -> impl Strategy<Value = Value> {
    let on = || proptest::option::weighted(0.2, any::<bool>());
    (
        (some_models(), proptest::option::of(0usize..6), proptest::option::weighted(0.2, 0usize..6)),
        (proptest::option::of(0usize..3), proptest::option::of(0usize..14), proptest::option::weighted(0.3, 0.0..=1.0f64)),
        (proptest::option::of(0.0005..0.2f64), proptest::option::of(any::<bool>()), proptest::option::weighted(0.2, any::<bool>())),
        [on(), on(), on(), on(), on()],
        (proptest::option::of((0usize..6, 0u64..9000)), proptest::option::weighted(0.2, 0usize..6)),
        proptest::collection::vec(0.1..0.4f64, 0..40),
    )
        .prop_map(|((names, forbid, wish), (level, preset, dial), (cap, retired, unsure), switches, (session, rule), needs)| {
            let name = |index: usize| names[index % names.len()].clone();
            let presets: Vec<&str> = router::Preset::all().map(router::Preset::name).collect();
            let questions = ["accuracy", "speed", "long", "budget", "creative"];
            let answered = questions.iter().zip(switches).filter_map(|(q, on)| Some(((*q).to_owned(), json!(on?))));
            json!({
                "candidates": names,
                "forbidden": forbid.map(|i| vec![name(i)]),
                "override": wish.map(name),
                "criticality": level.map(|i| ["ordinary", "important", "critical"][i]),
                "preset": preset.map(|i| presets[i]),
                "dial": dial,
                "maxCostUsd": cap.map(|usd| format!("{usd:.6}")),
                "allowRetired": retired,
                "unsure": unsure.map(|cheap| if cheap { "cheap" } else { "safe" }),
                "switches": answered.collect::<serde_json::Map<_, _>>(),
                "session": session.map(|(i, tokens)| json!({"model": name(i), "prefixTokens": tokens})),
                "rules": rule.map(|i| json!([{"contains": "e", "model": name(i)}])),
                "traffic": {"strong": needs.len() / 3, "needs": needs},
            })
        })
}

/// The candidates with their obstacle of one kind truly gone: models of unlimited powers.
fn unlimited(planned: &[Planned<'_>], what: &str) -> Vec<Option<Model>> {
    let change = |one: &Planned<'_>| {
        let mut model = one.resolved.as_ref()?.model.clone();
        if what == "context" {
            (model.context_window, model.max_input) = (Some(u64::MAX), None);
        } else {
            model.capabilities = Default::default();
            model.max_output = None;
        }
        Some(model)
    };
    planned.iter().map(change).collect()
}

fn changed_pick(request: &Value, policy: &Value, what: &str, receipt: &Value) -> Option<String> {
    let policy = Policy::from_value(policy.clone()).unwrap();
    let request = read(request);
    with_planner(|planner| {
        let estimate = |name: &String| planner.estimate(&request, name, true).unwrap();
        let planned: Vec<_> = policy.candidates.iter().map(estimate).collect();
        let models = unlimited(&planned, what);
        // What the session saves on a model, and the most it may cost, stand in the receipt.
        let noted = |name: &str, what: &str| {
            let rows = receipt["candidates"].as_array()?;
            let row = rows.iter().find(|row| row["model"] == name)?;
            Money::parse(row[what].as_str()?).ok()
        };
        let candidates: Vec<Candidate<'_>> = planned
            .iter()
            .zip(&models)
            .map(|(one, model)| Candidate {
                name: one.name.clone(),
                model: model.as_ref(),
                tokens: one.tokens.clone(),
                cost: one.cost.clone(),
                most: noted(&one.name, "most"),
                cached: noted(&one.name, "cached"),
            })
            .collect();
        router::route(&request, &candidates, &policy).ok().map(|route| route.model)
    })
}

fn check(
    request: &Value,
    policy: &Value,
    told: &Counterfactual,
    found: &Route,
) -> Result<(), TestCaseError> {
    if let Some(patch) = told.flip.get("policy") {
        let mut changed = policy.clone();
        changed.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        let then = try_route(request, &changed).map(|route| route.model);
        prop_assert_eq!(then.as_ref(), Ok(&told.model), "{}", &told.change);
    } else if let Some(what) = told.flip["without"].as_str() {
        let then = changed_pick(request, policy, what, &found.receipt);
        prop_assert_eq!(then.as_ref(), Some(&told.model), "{}", what);
    } else {
        let least = told.flip["need"].as_f64().unwrap();
        prop_assert!((0.0..=1.0).contains(&least) && least != found.need);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn counterfactuals_of_every_kind_are_true(prompt in prompt(), policy in policies(), picture in any::<bool>()) {
        let mut content = vec![json!({"type": "text", "text": prompt})];
        if picture {
            content.push(json!({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}));
        }
        let request = json!({"messages": [{"role": "user", "content": content}]});
        let Ok(found) = try_route(&request, &policy) else { return Ok(()) };
        for told in &found.counterfactuals {
            prop_assert_ne!(&told.model, &found.model);
            check(&request, &policy, told, &found)?;
        }
        prop_assert!((0.0..=1.0).contains(&found.expected_share));
        // A policy is written as it is read.
        let read = Policy::from_value(policy.clone()).unwrap();
        prop_assert_eq!(&Policy::from_value(read.to_value()).unwrap(), &read);
        // And every decision replays.
        let request = ChatRequest::from_value(request).unwrap();
        let again = replay(&found.receipt, &request, Catalog::shipped()).unwrap();
        prop_assert!(again.same, "{:?}", again);
    }
}

/// The schema names the fields that are read, and no others.
#[test]
fn the_schema_is_what_is_read() {
    let schema: Value = serde_json::from_str(include_str!("../docs/policy.schema.json")).unwrap();
    let fields = schema["properties"].as_object().unwrap();
    for (name, field) in fields {
        let example = &field["examples"][0];
        let read = Policy::from_value(json!({name: example}));
        let written = read.unwrap_or_else(|error| panic!("{error}")).to_value();
        assert!(written.get(name).is_some(), "{name}: {example} is read and not written");
        // Of the wrong type: an error that names field, value found and value wanted.
        let error = Policy::from_value(json!({name: {"x": [1]}})).unwrap_err();
        assert!(error.message().starts_with(&format!("policy.{name}")), "{error}");
        assert!(error.message().contains("found") && error.message().contains("wanted"), "{error}");
    }
    let wrong = Policy::from_value(json!({"nothing": 1})).unwrap_err();
    let listed = wrong.message().split("one of ").nth(1).unwrap();
    let mut read: Vec<&str> = listed.split(", ").collect();
    let mut told: Vec<&str> = fields.keys().map(String::as_str).collect();
    read.sort_unstable();
    told.sort_unstable();
    assert_eq!(read, told);
    let presets: Vec<&str> = router::Preset::all().map(router::Preset::name).collect();
    assert_eq!(fields["preset"]["enum"], json!(presets));
}
