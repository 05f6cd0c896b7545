//! Feedback moves the router per kind of task: bounded, told, and undone by leaving it out.
//! `cargo run --release --example feedback_simulation` shows what it is worth.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // Tests report by panicking.

mod shared;

use promptfare::chat::ChatRequest;
use promptfare::router::calibration::{LEAST_OUTCOMES, MOST, Outcome, learn};
use promptfare::router::features::Category;
use promptfare::router::{Policy, Route, replay};
use proptest::prelude::*;
use serde_json::{Value, json};

fn request() -> ChatRequest {
    let ask = "Write a function in Python that merges two sorted lists.";
    ChatRequest::from_value(json!({"messages": [{"role": "user", "content": ask}]})).unwrap()
}

fn route(policy: &Value) -> Route {
    let names = ["claude-opus-4-5", "claude-haiku-4-5"].map(str::to_owned);
    let policy = Policy::from_value(policy.clone()).unwrap();
    shared::with_planner(|planner| planner.route(&request(), &names, &policy, false).unwrap().0)
}

fn outcomes(kind: Category, weak: usize, failed: usize, strong: usize) -> Vec<Outcome> {
    let one = |strong, good| Outcome { kind, log_odds: -1.0, strong, good };
    let mut list = Vec::new();
    list.extend((0..weak).map(|index| one(false, index >= failed)));
    list.extend((0..strong).map(|_| one(true, true)));
    list
}

#[test]
fn a_shift_is_told_and_undone_by_leaving_it_out() {
    let before = route(&json!({}));
    assert_eq!(before.score.category, "code_writing");
    let shift = json!({"calibration": {"code_writing": {"logOdds": 0.75, "outcomes": 40}}});
    let after = route(&shift);
    assert!((after.score.log_odds - before.score.log_odds - 0.75).abs() < 1e-12);
    assert!(after.need > before.need);
    assert!(after.score.contributions.contains(&("feedback", 0.75)));
    let sum: f64 = after.score.contributions.iter().map(|(_, value)| value).sum();
    assert_eq!(sum, after.score.log_odds, "the contributions add up to the score");
    let told = after.reasons.iter().find(|reason| reason.code == "feedback").unwrap();
    assert!(told.text.contains("40 answers"), "{}", told.text);
    let other = json!({"calibration": {"writing": {"logOdds": 0.75, "outcomes": 40}}});
    assert_eq!(route(&other).score, before.score, "another kind is left alone");
    assert_eq!(route(&json!({"calibration": {}})).score, before.score);
}

#[test]
fn a_shifted_decision_replays() {
    let shift = json!({"calibration": {"code_writing": {"logOdds": 1.25, "outcomes": 40}}});
    let route = route(&shift);
    let again =
        replay(&route.receipt, &request(), promptfare::catalog::Catalog::shipped()).unwrap();
    assert!(again.same, "{again:?}");
}

#[test]
fn few_outcomes_move_nothing() {
    let few = outcomes(Category::Writing, LEAST_OUTCOMES - 1, LEAST_OUTCOMES - 1, 50);
    assert!(learn(&few).is_empty());
    assert!(learn(&outcomes(Category::Writing, 0, 0, 500)).is_empty(), "nothing of the weaker");
}

#[test]
fn failures_of_the_weaker_raise_the_need_and_successes_lower_it() {
    let up = learn(&outcomes(Category::Writing, 100, 80, 50));
    let down = learn(&outcomes(Category::Writing, 100, 5, 50));
    assert!(up[0].log_odds > 0.5 && down[0].log_odds < -0.5, "{up:?} {down:?}");
    assert_eq!((up[0].kind, up[0].outcomes), (Category::Writing, 150));
    // Where the strong one fails as often, the failures are no reason to take it.
    let mut both = outcomes(Category::Writing, 100, 80, 0);
    both.extend(outcomes(Category::Writing, 100, 80, 0).into_iter().map(|mut one| {
        one.strong = true;
        one
    }));
    assert!(learn(&both)[0].log_odds < 0.0);
}

#[test]
fn policies_are_checked() {
    for (value, names) in [
        (json!(7), "policy.calibration: found 7"),
        (json!({"cooking": {}}), "policy.calibration.cooking"),
        (json!({"writing": {"logOdds": 9, "outcomes": 1}}), "policy.calibration.writing"),
        (json!({"writing": {"logOdds": 1}}), "policy.calibration.writing"),
    ] {
        let error = Policy::from_value(json!({"calibration": value})).unwrap_err();
        assert!(error.message().contains(names), "{error}");
    }
}

proptest! {
    #[test]
    fn no_feedback_moves_more_than_the_bound(
        list in proptest::collection::vec((0..9_usize, -8.0..8.0_f64, any::<bool>(), any::<bool>()), 0..300),
    ) {
        let list: Vec<Outcome> = list
            .into_iter()
            .map(|(kind, log_odds, strong, good)| Outcome { kind: Category::ALL[kind], log_odds, strong, good })
            .collect();
        let shifts = learn(&list);
        let written = json!({"calibration": promptfare::router::calibration::write(&shifts)});
        let read = Policy::from_value(written).unwrap();
        prop_assert_eq!(&read.calibration, &shifts);
        for shift in shifts {
            prop_assert!(shift.log_odds.abs() <= MOST);
        }
    }

    #[test]
    fn one_more_failure_never_lowers_the_need(failed in 0..60_usize, strong in 0..40_usize) {
        let shift = |failed| {
            let list = outcomes(Category::General, 60, failed, strong);
            learn(&list).first().map_or(0.0, |shift| shift.log_odds)
        };
        prop_assert!(shift(failed + 1) >= shift(failed));
    }
}

mod proposals {
    use super::{LEAST_OUTCOMES, json};
    use promptfare::ErrorKind;
    use promptfare::ledger::Record;
    use promptfare::ledger::proposal::{good, outcome, propose};
    use promptfare::router::Policy;
    use serde_json::Value;

    /// A receipt of a writing task with a choice of two models.
    fn record(number: usize, model: &str, more: Value) -> Record {
        let mut value = json!({
            "id": format!("receipt_{number}"), "model": model, "ending": "completed",
            "timing": {"sentAt": 1_795_340_640_000_u64 + number as u64, "totalMs": 900.0},
            "route": {"need": 0.3, "category": "writing", "strongest": "claude-opus-5-5", "cheapest": "claude-haiku-5-5"},
        });
        for (name, field) in more.as_object().unwrap() {
            value[name] = field.clone();
        }
        Record::from_json(&value).unwrap()
    }

    fn judged(failed: usize) -> Vec<Record> {
        let said = |bad: bool| json!({"feedback": {"thumb": if bad { "down" } else { "up" }}});
        (0..60).map(|n| record(n, "claude-haiku-5-5", said(n < failed))).collect()
    }

    #[test]
    fn what_was_said_of_an_answer_is_good_or_bad_or_says_nothing() {
        for (said, wanted) in [
            (json!({"feedback": {"thumb": "up"}}), Some(true)),
            (json!({"feedback": {"thumb": "up", "correct": false}}), Some(false)),
            (json!({"feedback": {"score": 4}}), Some(true)),
            (json!({"feedback": {"score": 3}}), None),
            (json!({"feedback": {"score": 1}}), Some(false)),
            (json!({"score": 0.9}), Some(true)),
            (json!({"score": 0.2}), Some(false)),
            (json!({"feedback": {"words": "hm"}}), None),
            (json!({}), None),
        ] {
            assert_eq!(good(&record(1, "claude-haiku-5-5", said.clone())), wanted, "{said}");
        }
        let kept = json!({"feedback": {"thumb": "up"}, "cached": true});
        assert_eq!(outcome(&record(1, "claude-haiku-5-5", kept)), None);
        let strong = record(1, "claude-opus-5-5", json!({"feedback": {"thumb": "up"}}));
        assert!(outcome(&strong).unwrap().strong);
    }

    #[test]
    fn feedback_is_proposed_and_changes_nothing_until_it_is_accepted() {
        let records = judged(45);
        let policy = json!({"candidates": ["claude-opus-5-5", "claude-haiku-5-5"], "dial": 0.5});
        let told = propose(&records, &policy, &[]).unwrap();
        assert_eq!(told["policy"], policy);
        let proposal = &told["proposals"][0];
        assert_eq!(
            (&proposal["id"], &proposal["before"]),
            (&json!("calibration/writing"), &Value::Null)
        );
        assert!(
            proposal["why"].as_str().unwrap().contains("60 judged answers of weaker models 45")
        );
        let accepted = ["calibration/writing".to_owned()];
        let after = propose(&records, &policy, &accepted).unwrap()["policy"].clone();
        let shift = Policy::from_value(after.clone()).unwrap().calibration[0];
        assert!(shift.log_odds > 0.3 && shift.outcomes == 60);
        assert_eq!(
            (&after["dial"], &after["candidates"]),
            (&policy["dial"], &policy["candidates"])
        );
        // Accepted, it is not proposed again; other records propose another value.
        assert_eq!(propose(&records, &after, &[]).unwrap()["proposals"], json!([]));
        let other = propose(&judged(5), &after, &[]).unwrap();
        assert!(!other["proposals"][0]["before"].is_null());
    }

    #[test]
    fn own_feedback_does_not_count_twice() {
        // The need that was shown had feedback in it; what it was without is kept beside it.
        let with = json!({"need": 0.6, "ownNeed": 0.3, "category": "writing",
                          "strongest": "claude-opus-5-5", "cheapest": "claude-haiku-5-5"});
        let said = json!({"route": with, "feedback": {"thumb": "down"}});
        let plain = record(1, "claude-haiku-5-5", json!({"feedback": {"thumb": "down"}}));
        assert_eq!(outcome(&record(1, "claude-haiku-5-5", said)), outcome(&plain));
    }

    #[test]
    fn models_that_fail_often_and_times_that_are_weighed_are_proposed() {
        let down = json!({"ending": "errored", "error": {"kind": "overloaded", "status": 529}});
        let mut records: Vec<Record> = (0..30)
            .map(|n| record(n, "gpt-5", if n % 2 == 0 { down.clone() } else { json!({}) }))
            .collect();
        records.extend((30..60).map(|n| record(n, "claude-haiku-5-5", json!({}))));
        let policy = json!({"candidates": ["gpt-5", "claude-haiku-5-5"]});
        let told = propose(&records, &policy, &[]).unwrap();
        let ids: Vec<&str> = told["proposals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["forbidden/gpt-5"], "times matter only where a second has a price");
        assert_eq!(told["proposals"][0]["after"], json!(["gpt-5"]));
        let hasty = json!({"secondUsd": "0.01", "forbidden": ["gpt-5"]});
        let told = propose(&records, &hasty, &["latencyMs/claude-haiku-5-5".to_owned()]).unwrap();
        assert_eq!(told["policy"]["latencyMs"], json!({"claude-haiku-5-5": 900}));
        assert_eq!(told["policy"]["forbidden"], json!(["gpt-5"]));
        // What the person stopped says nothing of the model.
        let stopped: Vec<Record> =
            (0..40).map(|n| record(n, "gpt-5", json!({"ending": "aborted"}))).collect();
        assert_eq!(propose(&stopped, &policy, &[]).unwrap()["proposals"], json!([]));
    }

    #[test]
    fn too_little_is_said_and_other_shapes_are_refused() {
        let few: Vec<Record> = judged(45).into_iter().take(LEAST_OUTCOMES - 1).collect();
        let told = propose(&few, &Value::Null, &[]).unwrap();
        assert_eq!(told["proposals"], json!([]));
        assert!(told["notes"][0].as_str().unwrap().contains("too few"));
        let error = propose(&few, &Value::Null, &["dial".to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains("found \"dial\""), "{error}");
        assert!(propose(&few, &json!({"nothing": 1}), &[]).is_err());
    }
}
