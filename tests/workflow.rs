//! Workflows: planned whole, run stage by stage, stopped, gone on with, and never beyond their limit.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test reports by panicking.

mod shared;

use promptfare::chat::ChatRequest;
use promptfare::cost::Money;
use promptfare::workflow::run::Run;
use promptfare::workflow::{Options, plan, step};
use promptfare::{Error, ErrorKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::with_planner;

const NAMES: [&str; 2] = ["claude-opus-4", "claude-sonnet-4"];

fn planned_for(prompt: Value, options: Value) -> Result<Value, Error> {
    let request = ChatRequest::from_value(prompt)?;
    let options = Options::from_value(&options)?;
    with_planner(|planner| {
        plan("workflow-1".to_owned(), planner, &request, &NAMES.map(str::to_owned), &options)
    })
}

fn planned(options: Value) -> Value {
    let prompt = json!({"messages": [{"role": "system", "content": "Be brief."},
                                     {"role": "user", "content": "Explain monads with one picture."}]});
    planned_for(prompt, options).unwrap()
}

fn usd(value: &Value) -> Money {
    Money::parse(value.as_str().unwrap()).unwrap()
}

/// A receipt as the client writes it.
fn receipt(task: &Value, text: &str, usd: &str) -> Value {
    json!({"id": "receipt-1", "model": task["model"], "ending": "completed", "text": text,
           "usage": {"inputTokens": 10, "outputTokens": 20}, "cost": {"usd": usd},
           "costSource": "usage", "attempts": [{}], "toolCalls": []})
}

/// Runs to the end: `answer` gives text and verdict for a task.
fn run(plan: &Value, mut answer: impl FnMut(&Value) -> (String, Value)) -> (Value, Vec<String>) {
    let mut order = Vec::new();
    let mut next = step(plan, &json!({"resume": true})).unwrap();
    for _ in 0..200 {
        if next["task"].is_null() {
            return (next, order);
        }
        let task = next["task"].clone();
        order.push(format!(
            "{} {}",
            task["stage"].as_str().unwrap(),
            task["model"].as_str().unwrap()
        ));
        let begun = step(&next["state"], &json!({"started": task["stage"], "reservedUsd": "0.01"}))
            .unwrap();
        let (text, verdict) = answer(&task);
        let message = json!({"finished": task["stage"], "receipt": receipt(&task, &text, "0.001"), "verdict": verdict});
        next = step(&begun["state"], &message).unwrap();
    }
    panic!("it never ends");
}

fn prompt_of(task: &Value) -> &str {
    task["request"]["messages"][1]["content"].as_str().unwrap()
}

#[test]
fn a_plan_tells_its_total_before_the_first_call() {
    for (options, stages) in [
        (json!({"kind": "tiered"}), 2),
        (json!({"kind": "content", "sections": 4, "supplements": ["a title", "a summary"]}), 7),
        (json!({"kind": "code", "functions": ["parse", "print"]}), 5),
    ] {
        let plan = planned(options);
        assert_eq!(plan["models"], json!({"fast": NAMES[1], "deep": NAMES[0]}));
        let list = plan["stages"].as_array().unwrap();
        assert_eq!(list.len(), stages);
        for one in list.iter().chain([&plan["total"]]) {
            let money = ["low", "expected", "high"].map(|end| usd(&one["usd"][end]));
            assert!(money.is_sorted() && money[2] > Money::ZERO, "{one}");
            for kind in ["inputTokens", "outputTokens"] {
                let ends = ["low", "expected", "high"].map(|end| one[kind][end].as_u64().unwrap());
                assert!(ends.is_sorted() && ends[2] > 0, "{one}");
            }
        }
        assert!(
            list.iter().all(|stage| stage["runs"]
                .as_f64()
                .is_some_and(|share| share > 0.0 && share <= 1.0))
        );
    }
}

#[test]
fn likely_escalation_costs_more_and_stated_answers_count() {
    let total = |options: Value| usd(&planned(options)["total"]["usd"]["expected"]);
    let never = total(json!({"kind": "tiered", "escalation": 0}));
    let always = total(json!({"kind": "tiered", "escalation": 1}));
    let some = total(json!({"kind": "tiered", "escalation": 0.3}));
    assert!(never < some && some < always);
    // By default it is the router's score, not nothing.
    assert!(total(json!({"kind": "tiered"})) > never);
    // Sonnet 4 reasons only where it is asked to: all of its answer flows on.
    let long = json!({"section": {"low": 900, "expected": 1000, "high": 1100}});
    let plan = planned(json!({"kind": "content", "sections": 3, "answerTokens": long}));
    let section = &plan["stages"][1]["outputTokens"];
    assert!(section["expected"].as_u64().unwrap().abs_diff(1020) < 60, "{section}");
    // What flows is paid again: the supplement takes in three sections.
    assert!(plan["stages"][4]["inputTokens"]["expected"].as_u64().unwrap() > 2900);
}

#[test]
fn tiered_passes_a_refusal_up_with_what_was_tried() {
    let plan = planned(json!({"kind": "tiered"}));
    let (done, order) = run(&plan, |task| match task["stage"].as_str() {
        Some("fast") => ("I'm sorry, but I can't help with that.".to_owned(), Value::Null),
        _ => {
            let prompt = prompt_of(task);
            assert!(prompt.starts_with("Explain monads with one picture."));
            assert!(
                prompt.contains("i can't help with") && prompt.contains("I'm sorry, but"),
                "{prompt}"
            );
            assert_eq!(task["request"]["messages"][0]["content"], "Be brief.");
            ("A box in a box.".to_owned(), Value::Null)
        }
    });
    assert_eq!(order, ["fast claude-sonnet-4", "deep claude-opus-4"]);
    let receipt = &done["receipt"];
    assert_eq!(
        (&receipt["ending"], &receipt["text"]),
        (&json!("completed"), &json!("A box in a box."))
    );
    assert_eq!(receipt["usd"], "0.002");
    assert_eq!(receipt["stages"].as_array().unwrap().len(), 2);
    assert_eq!(receipt["comparison"]["billed"], "0.002");
    let (done, order) = run(&plan, |_| ("A box.".to_owned(), Value::Null));
    assert_eq!((order.len(), &done["receipt"]["text"]), (1, &json!("A box.")));
    assert_eq!(done["state"]["stages"]["deep"]["status"], "skipped");
}

#[test]
fn loops_have_a_cap_and_then_it_is_a_persons_turn() {
    let plan = planned(json!({"kind": "tiered", "loops": 3}));
    let (done, order) = run(&plan, |_| ("So-so.".to_owned(), json!("too short")));
    assert_eq!(order.len(), 4, "one fast and three deep attempts");
    assert_eq!(done["receipt"]["ending"], "handed");
    let handed = &done["receipt"]["handed"];
    assert_eq!(handed[1]["stage"], "deep");
    assert_eq!(handed[1]["findings"], json!(["too short"]));
    assert_eq!(handed[1]["tried"], "So-so.");
}

#[test]
fn a_schema_is_held_in_tiered() {
    let schema = json!({"type": "object", "required": ["n"], "format": "x"});
    let plan = planned(json!({"kind": "tiered", "schema": schema}));
    let (done, order) = run(&plan, |task| {
        let text = if task["stage"] == "fast" { "{\"m\": 1}" } else { "{\"n\": 1}" };
        (text.to_owned(), Value::Null)
    });
    assert_eq!(order.len(), 2);
    assert_eq!(done["receipt"]["text"], "{\"n\": 1}");
    assert_eq!(done["receipt"]["notes"], json!(["not checked, of the schema: format"]));
}

#[test]
fn content_writes_its_sections_side_by_side() {
    let plan = planned(json!({"kind": "content", "sections": ["Boxes", "Pipes", "Trains"]}));
    let mut next = step(&plan, &json!({"resume": true})).unwrap();
    let outline = next["task"].clone();
    assert!(prompt_of(&outline).contains("They are: Boxes; Pipes; Trains."));
    next = step(&next["state"], &json!({"started": "outline"})).unwrap();
    assert!(next["task"].is_null() && next["receipt"].is_null());
    next = step(
        &next["state"],
        &json!({"finished": "outline", "receipt": receipt(&outline, "1. {prompt}", "0.01")}),
    )
    .unwrap();
    let mut tasks = Vec::new();
    while !next["task"].is_null() {
        tasks.push(next["task"].clone());
        next = step(&next["state"], &json!({"started": next["task"]["stage"]})).unwrap();
    }
    assert_eq!(tasks.len(), 3, "all sections are under way at once");
    assert!(prompt_of(&tasks[1]).contains("section 2 of 3 alone, \u{201c}Pipes\u{201d}"));
    assert!(
        prompt_of(&tasks[1]).contains("1. {prompt}"),
        "what a model wrote is not read as a template"
    );
    for task in tasks.iter().rev() {
        let text = format!("Text of {}", task["stage"].as_str().unwrap());
        next = step(
            &next["state"],
            &json!({"finished": task["stage"], "receipt": receipt(task, &text, "0.01")}),
        )
        .unwrap();
    }
    let supplement = next["task"].clone();
    assert!(
        prompt_of(&supplement)
            .contains("Text of section-1\n\nText of section-2\n\nText of section-3")
    );
    next = step(&next["state"], &json!({"started": "supplement-1"})).unwrap();
    next = step(
        &next["state"],
        &json!({"finished": "supplement-1", "receipt": receipt(&supplement, "In short.", "0.01")}),
    )
    .unwrap();
    assert_eq!(next["receipt"]["ending"], "completed");
    assert_eq!(
        next["receipt"]["text"],
        "Text of section-1\n\nText of section-2\n\nText of section-3\n\nIn short."
    );
    assert_eq!(next["receipt"]["usd"], "0.05");
}

#[test]
fn code_debugs_what_its_tests_find() {
    let plan = planned(json!({"kind": "code", "functions": 2}));
    let (done, order) = run(&plan, |task| {
        let verdict = if task["stage"] == "tests" {
            json!("2 of 5 tests fail: off by one")
        } else {
            Value::Null
        };
        if task["stage"] == "debug" {
            assert!(
                prompt_of(task).contains("off by one")
                    && prompt_of(task).contains("Code of function-2")
            );
        }
        (format!("Code of {}", task["stage"].as_str().unwrap()), verdict)
    });
    assert_eq!(order.last().unwrap(), "debug claude-opus-4");
    assert_eq!(done["receipt"]["ending"], "completed");
    assert_eq!(done["receipt"]["text"], "Code of debug\n\nCode of tests");
    let (done, order) =
        run(&plan, |task| (format!("Code of {}", task["stage"].as_str().unwrap()), Value::Null));
    assert_eq!(order.len(), 4, "nothing to debug");
    assert_eq!(
        done["receipt"]["text"],
        "Code of function-1\n\nCode of function-2\n\nCode of tests"
    );
}

#[test]
fn stopped_and_gone_on_with() {
    let plan = planned(json!({"kind": "content", "sections": 2}));
    let mut next = step(&plan, &json!({"resume": true})).unwrap();
    let task = next["task"].clone();
    next = step(&next["state"], &json!({"started": "outline", "reservedUsd": "0.02"})).unwrap();
    let mut aborted = receipt(&task, "1. Box", "0.004");
    aborted["ending"] = "aborted".into();
    next = step(&next["state"], &json!({"finished": "outline", "receipt": aborted})).unwrap();
    assert_eq!(next["receipt"]["ending"], "stopped");
    assert_eq!(next["receipt"]["usd"], "0.004");
    // Stored as text and read again: it goes on where it was, and keeps what was spent.
    let stored: Value = serde_json::from_str(&next["state"].to_string()).unwrap();
    let (done, order) = run(&stored, |_| ("Text.".to_owned(), Value::Null));
    assert_eq!(order.len(), 4);
    assert_eq!(done["receipt"]["ending"], "completed");
    assert_eq!(done["receipt"]["usd"], "0.008");
    // A page that died in the middle of a stage begins it again, and says that its cost is not known.
    next = step(&plan, &json!({"resume": true})).unwrap();
    next = step(&next["state"], &json!({"started": "outline", "reservedUsd": "0.02"})).unwrap();
    let mut run = Run::from_value(&next["state"]).unwrap();
    assert_eq!(run.ready().unwrap()["stage"], "outline");
    assert!(run.receipt("r")["notes"][0].as_str().unwrap().starts_with("outline was interrupted"));
}

#[test]
fn an_error_ends_it_and_leaves_it_ready() {
    let plan = planned(json!({"kind": "tiered"}));
    let mut next = step(&plan, &json!({"resume": true})).unwrap();
    let mut errored = receipt(&next["task"], "", "0");
    errored["ending"] = "errored".into();
    errored["cost"] = Value::Null;
    errored["error"] = json!({"kind": "server", "message": "the backend is gone"});
    next = step(&next["state"], &json!({"started": "fast", "reservedUsd": "0.01"})).unwrap();
    next = step(&next["state"], &json!({"finished": "fast", "receipt": errored.clone()})).unwrap();
    assert_eq!(next["receipt"]["ending"], "errored");
    assert_eq!(next["receipt"]["reason"], "fast: the backend is gone");
    assert_eq!(
        (&next["receipt"]["usd"], &next["receipt"]["unknownCosts"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(
        run(&next["state"], |_| ("Fine.".to_owned(), Value::Null)).0["receipt"]["ending"],
        "completed"
    );
    // What the provider's policy refuses is a case for the deep tier.
    next = step(&plan, &json!({"resume": true})).unwrap();
    errored["error"]["kind"] = "policy".into();
    next = step(&next["state"], &json!({"finished": "fast", "receipt": errored})).unwrap();
    assert_eq!(next["task"]["stage"], "deep");
}

#[test]
fn what_is_left_shrinks_by_what_is_spent_and_held() {
    let plan = planned(json!({"kind": "content", "sections": 3, "maxCostUsd": 0.1}));
    let mut next = step(&plan, &json!({"resume": true})).unwrap();
    assert_eq!(next["task"]["leftUsd"], "0.1");
    let outline = next["task"].clone();
    next = step(&next["state"], &json!({"started": "outline", "reservedUsd": "0.06"})).unwrap();
    next = step(
        &next["state"],
        &json!({"finished": "outline", "receipt": receipt(&outline, "1.", "0.02")}),
    )
    .unwrap();
    assert_eq!(next["task"]["leftUsd"], "0.08");
    next = step(&next["state"], &json!({"started": "section-1", "reservedUsd": "0.05"})).unwrap();
    assert_eq!(next["task"]["leftUsd"], "0.03");
    next =
        step(&next["state"], &json!({"pause": "budget", "reason": "section-2: too dear"})).unwrap();
    assert!(next["task"].is_null() && next["receipt"].is_null(), "one still runs");
    next = step(
        &next["state"],
        &json!({"finished": "section-1", "receipt": receipt(&outline, "A.", "0.04")}),
    )
    .unwrap();
    assert_eq!(next["receipt"]["ending"], "budget");
    let more = step(&next["state"], &json!({"resume": true, "maxCostUsd": "0.5"})).unwrap();
    assert_eq!(more["task"]["leftUsd"], "0.44");
    // An attempt that nobody billed counts as what was held for it.
    next = step(&plan, &json!({"resume": true})).unwrap();
    next = step(&next["state"], &json!({"started": "outline", "reservedUsd": "0.06"})).unwrap();
    let mut lost = receipt(&outline, "", "0");
    (lost["cost"], lost["ending"]) = (Value::Null, "aborted".into());
    next = step(&next["state"], &json!({"finished": "outline", "receipt": lost})).unwrap();
    next = step(&next["state"], &json!({"resume": true})).unwrap();
    assert_eq!(next["task"]["leftUsd"], "0.04");
}

#[test]
fn pictures_stay_beside_the_text() {
    let prompt = json!({"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "text", "text": "What is it?"}]}]});
    let plan = planned_for(prompt, json!({"kind": "tiered"})).unwrap();
    let (_, order) = run(&plan, |task| {
        let parts = task["request"]["messages"][0]["content"].as_array().unwrap();
        assert_eq!((parts.len(), &parts[1]["type"]), (2, &json!("image_url")));
        assert!(parts[0]["text"].as_str().unwrap().starts_with("What is it?"));
        ("I'm not sure.".to_owned(), Value::Null)
    });
    assert_eq!(order.len(), 3);
}

#[test]
fn wrong_options_are_named() {
    for (options, wanted) in [
        (json!({"kind": "magic"}), "workflow.kind: found \"magic\""),
        (json!({}), "workflow.kind"),
        (json!({"kind": "tiered", "escalation": 2}), "workflow.escalation: found 2"),
        (json!({"kind": "content", "sections": 0}), "workflow.sections: found 0"),
        (json!({"kind": "tiered", "loops": 9}), "workflow.loops"),
        (json!({"kind": "tiered", "lops": 2}), "workflow.lops"),
        (json!({"kind": "tiered", "maxCostUsd": -1}), "workflow.maxCostUsd"),
    ] {
        let error = planned_for(json!({"messages": [{"role": "user", "content": "x"}]}), options)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains(wanted), "{error}");
    }
    assert!(planned_for(json!({"messages": []}), json!({"kind": "tiered"})).is_err());
    for state in [
        json!(null),
        json!({"plan": 3}),
        json!({"stages": [], "schema": 2}),
        json!({"schema": 1, "stages": [{}], "request": {"messages": []}}),
    ] {
        assert_eq!(
            step(&state, &json!({"resume": true})).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
}

/// Any value of JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9.{}]{0,8}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,6}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever passes or fails, a run ends within its caps, begins nothing twice at once, and its
    /// receipt adds up.
    #[test]
    fn every_run_ends(kind in 0..3usize, loops in 1..4u32, verdicts in prop::collection::vec(any::<bool>(), 60)) {
        let kind = ["tiered", "content", "code"][kind];
        let plan = planned(json!({"kind": kind, "loops": loops}));
        let mut verdicts = verdicts.into_iter();
        let (done, order) = run(&plan, |_| ("Text.".to_owned(), verdicts.next().unwrap_or(true).into()));
        prop_assert!(order.len() <= 6 * loops as usize);
        let receipt = &done["receipt"];
        prop_assert!(receipt["ending"] == "completed" || receipt["ending"] == "handed");
        prop_assert_eq!(receipt["stages"].as_array().unwrap().len(), order.len());
        prop_assert_eq!(usd(&receipt["usd"]), Money::from_picodollars(1_000_000_000).checked_mul(order.len() as u64).unwrap());
        prop_assert_eq!(receipt["ending"] == "handed", !receipt["handed"].as_array().unwrap().is_empty());
    }

    /// A state that came back spoilt never panics.
    #[test]
    fn spoilt_states_are_survived(place in 0..7usize, spoilt in any_json(), message in any_json()) {
        let plan = planned(json!({"kind": "tiered"}));
        let mut state = step(&plan, &json!({"resume": true})).unwrap()["state"].clone();
        let places = ["/plan/stages", "/plan/stages/0", "/plan/stages/1/after", "/stages/fast", "/stages/fast/attempts", "/pause", "/plan/request"];
        *state.pointer_mut(places[place]).unwrap() = spoilt;
        if let Ok(next) = step(&state, &json!({"started": "fast"})) {
            let _ = step(&next["state"], &json!({"finished": "fast", "receipt": message}));
        }
        let _ = step(&state, &message);
    }
}
