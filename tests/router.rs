//! The pick: what may never be picked, and whether the reasons are true.

mod shared;

use promptfare::ErrorKind;
use promptfare::catalog::Catalog;
use promptfare::chat::ChatRequest;
use promptfare::router::{Policy, Route};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::with_planner;

fn route(request: Value, policy: Value) -> promptfare::Result<Route> {
    let request = ChatRequest::from_value(request)?;
    let policy = Policy::from_value(policy)?;
    let names = policy.candidates.clone();
    with_planner(|planner| planner.route(&request, &names, &policy, true).map(|(route, _)| route))
}

fn ask(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}]})
}

const PAIR: [&str; 2] = ["claude-opus-4", "claude-sonnet-4"];

#[test]
fn the_cheaper_tier_unless_there_is_a_reason() {
    let ordinary = route(ask("Name three rivers."), json!({"candidates": PAIR})).unwrap();
    assert_eq!(ordinary.model, "claude-sonnet-4");
    assert!(ordinary.reasons.iter().any(|reason| reason.code == "cheaper"));
    assert!(ordinary.reasons.iter().any(|reason| reason.code == "retired"));
    assert!(!ordinary.may_lose.is_empty());
    assert!(ordinary.need > 0.0 && ordinary.need < 1.0);

    let grave =
        route(ask("Name three rivers."), json!({"candidates": PAIR, "criticality": "critical"}))
            .unwrap();
    assert_eq!(grave.model, "claude-opus-4");
    assert!(grave.may_lose.is_empty());
    assert_eq!(ordinary.need, grave.need);

    let wished = route(ask("x"), json!({"candidates": PAIR, "override": "claude-opus-4"})).unwrap();
    assert_eq!(wished.model, "claude-opus-4");
}

#[test]
fn the_one_model_that_can_take_it() {
    let models = Catalog::shipped().models();
    let blind = models
        .iter()
        .find(|m| {
            m.capabilities.vision == Some(false)
                && !m.prices.is_empty()
                && m.id.starts_with("deepseek")
        })
        .unwrap();
    let picture = json!({"messages": [{"role": "user", "content": [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}]});
    let seen = route(picture, json!({"candidates": [blind.id, "claude-opus-4"]})).unwrap();
    assert_eq!(seen.model, "claude-opus-4");
    let other = &seen.alternatives[0];
    assert!(!other.possible && other.text.contains("takes text only"), "{other:?}");
    assert!(seen.counterfactuals.iter().any(|c| c.model == blind.id));

    let long = "word ".repeat(300_000);
    let fits = route(ask(&long), json!({"candidates": ["claude-sonnet-4", "gpt-4.1"]})).unwrap();
    assert_eq!(fits.model, "gpt-4.1");
}

#[test]
fn nobody_can_take_it_and_the_error_says_why() {
    let long = "word ".repeat(1_000_000);
    let error = route(ask(&long), json!({"candidates": PAIR})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContextOverflow);
    assert!(error.message().contains("200000"), "{error}");

    let error =
        route(ask("x"), json!({"candidates": PAIR, "maxCostUsd": "0.0000001"})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);

    let error = route(ask("x"), json!({"candidates": PAIR, "forbidden": PAIR})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);

    let error = route(ask("x"), json!({"candidates": []})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);

    let error = route(ask("x"), json!({"candidates": ["gpt-7"]})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownModel);
    assert!(!error.nearest().is_empty());
}

#[test]
fn a_policy_says_what_is_wrong_with_it() {
    for (policy, wanted) in [
        (json!(7), "policy: found 7"),
        (json!({"maxCost": 1}), "policy.maxCost"),
        (json!({"maxCostUsd": -1}), "policy.maxCostUsd"),
        (json!({"candidates": "gpt-5"}), "policy.candidates"),
        (json!({"criticality": "high"}), "policy.criticality"),
    ] {
        let error = Policy::from_value(policy).unwrap_err();
        assert!(error.message().contains(wanted), "{error} does not say {wanted}");
    }
}

fn some_models() -> impl Strategy<Value = Vec<String>> {
    let ids: Vec<String> = Catalog::shipped().models().iter().map(|m| m.id.clone()).collect();
    proptest::sample::subsequence(ids, 1..6).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn never_a_forbidden_or_impossible_model(
        candidates in some_models(),
        forbid in proptest::collection::vec(any::<bool>(), 6),
        picture in any::<bool>(),
        cap in proptest::option::of(0.00001..0.1f64),
        criticality in proptest::sample::select(vec!["ordinary", "important", "critical"]),
        words in 1usize..3000,
        retired in any::<bool>(),
    ) {
        let forbidden: Vec<&String> =
            candidates.iter().zip(&forbid).filter(|(_, no)| **no).map(|(id, _)| id).collect();
        let mut content = vec![json!({"type": "text", "text": "word ".repeat(words)})];
        if picture {
            content.push(json!({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}));
        }
        let request = json!({"messages": [{"role": "user", "content": content}]});
        let mut policy = json!({"candidates": candidates, "forbidden": forbidden,
                                "criticality": criticality, "allowRetired": retired});
        if let Some(cap) = cap {
            policy["maxCostUsd"] = json!(cap);
        }
        match route(request.clone(), policy.clone()) {
            Err(error) => prop_assert!(matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::Budget | ErrorKind::ContextOverflow
            )),
            Ok(picked) => {
                prop_assert!(candidates.contains(&picked.model));
                prop_assert!(!forbidden.contains(&&picked.model));
                let model = Catalog::shipped().resolve(&picked.model).unwrap().model;
                prop_assert!(!(picture && model.capabilities.vision == Some(false)));
                let is_retired = matches!(model.status, promptfare::catalog::Status::Retired { .. });
                prop_assert!(retired || !is_retired);
                prop_assert!((0.0..=1.0).contains(&picked.need) && (0.0..=1.0).contains(&picked.confidence));
                prop_assert_eq!(picked.alternatives.len() + 1, candidates.len());
                // What is said of criticality is tried out.
                for counterfactual in &picked.counterfactuals {
                    for word in ["ordinary", "critical"] {
                        if counterfactual.change.ends_with(&format!("(criticality {word})")) {
                            let mut changed = policy.clone();
                            changed["criticality"] = json!(word);
                            let then = route(request.clone(), changed).map(|route| route.model);
                            prop_assert_eq!(then.as_ref(), Ok(&counterfactual.model));
                        }
                    }
                    prop_assert_ne!(&counterfactual.model, &picked.model);
                }
            }
        }
    }
}
