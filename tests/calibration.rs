//! Feedback moves the router per kind of task: bounded, told, and undone by leaving it out.
//! `cargo run --release --example feedback_simulation` shows what it is worth.

#![allow(clippy::unwrap_used)]

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
