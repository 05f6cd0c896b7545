//! Kept answers: only the very same request gets one, and only a whole answer is kept.

// Where a test indexes wrongly, its panic is the report.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use promptfare::cache::{Index, Terms, record, replay, request_key, scope_key};
use promptfare::chat::ChatRequest;
use promptfare::error::{Error, ErrorKind};
use promptfare::gateway::{Profile, Redactor};
use promptfare::stream::{Answer, End};
use proptest::prelude::*;
use serde_json::{Value, json};

fn request(value: &Value) -> ChatRequest {
    ChatRequest::from_value(value.clone()).unwrap()
}

fn key(value: &Value) -> String {
    request_key(&request(value))
}

fn base() -> Value {
    json!({"model": "gpt-5", "temperature": 0, "top_p": 1, "max_tokens": 200, "stream": true,
           "stop": ["END", "STOP"], "seed": 7, "logit_bias": {"50256": -100},
           "messages": [
               {"role": "system", "content": "Never round 1,250.75."},
               {"role": "user", "content": "Is 17 not a prime? Add 250 and 35."},
               {"role": "assistant", "content": "It is. 285."},
               {"role": "user", "content": [{"type": "text", "text": "And 19?"},
                   {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}]}],
           "tools": [{"type": "function", "function": {"name": "add", "description": "Adds two numbers",
               "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}}],
           "tool_choice": {"type": "function", "function": {"name": "add"}},
           "response_format": {"type": "json_schema", "json_schema": {"name": "sum", "schema":
               {"type": "object", "properties": {"sum": {"type": "number"}, "why": {"type": "string"}}}}}})
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Changes what stands at a place by a little: a number, a word, an order, a setting.
fn change(value: &mut Value, dice: usize) -> bool {
    match value {
        Value::Number(number) => {
            *value =
                json!(number.as_f64().unwrap() + if dice.is_multiple_of(2) { 1.0 } else { -0.5 });
        }
        Value::Bool(flag) => *flag = !*flag,
        Value::String(text) => {
            let chars: Vec<char> = text.chars().collect();
            let at = dice % (chars.len() + 1);
            let (before, after): (String, String) =
                (chars[..at].iter().collect(), chars[at..].iter().collect());
            // One more character, one less, or a negation taken away or put in.
            *text = match dice % 4 {
                0 => format!("{before}0{after}"),
                1 if !after.is_empty() => before + &after.chars().skip(1).collect::<String>(),
                2 => format!("{before} not {after}"),
                _ if text.contains("not ") => text.replacen("not ", "", 1),
                _ => format!("{text}\u{a0}"),
            };
        }
        Value::Array(items) if items.len() > 1 => items.rotate_left(1),
        _ => return false,
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Numbers, negations, roles, models, settings, order: whatever is changed never hits.
    #[test]
    fn a_changed_request_never_hits(place in any::<prop::sample::Index>(), dice in 0usize..10_000) {
        let original = base();
        let mut all = Vec::new();
        places(&original, "", &mut all);
        let mut changed = original.clone();
        let place = &all[place.index(all.len())];
        if change(changed.pointer_mut(place).unwrap(), dice) && changed != original
            && let Ok(changed) = ChatRequest::from_value(changed.clone())
        {
            prop_assert_ne!(request_key(&changed), key(&original), "{} {}", place, dice);
        }
    }

    /// The order of fields means nothing where it is not shown to the model.
    #[test]
    fn an_order_that_means_nothing_hits(seed in any::<u64>()) {
        let mut state = seed | 1;
        let mut dice = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
        let mut shuffle = |value: &Value| -> Value {
            let mut pairs: Vec<_> = value.as_object().unwrap().iter().map(|(n, v)| (n.clone(), v.clone())).collect();
            pairs.sort_by_cached_key(|_| dice());
            Value::Object(pairs.into_iter().collect())
        };
        let mut other = shuffle(&base());
        for at in 0..4 {
            other["messages"][at] = shuffle(&other["messages"][at]);
        }
        for at in 0..2 {
            other["messages"][3]["content"][at] = shuffle(&other["messages"][3]["content"][at]);
        }
        other["messages"][3]["content"][1]["image_url"] = shuffle(&other["messages"][3]["content"][1]["image_url"]);
        prop_assert_eq!(key(&other), key(&base()));
    }

    #[test]
    fn no_record_and_no_index_panics(text in ".{0,80}") {
        replay(&text);
        prop_assert_eq!(Index::read(&text).held().len(), 0);
    }

    /// Whatever comes: never more than allowed, the newest always there, every key that went is told.
    #[test]
    fn the_limits_hold(steps in prop::collection::vec((0u8..20, 1usize..400, 0u64..500), 1..60), most in 1usize..8, bytes in 1usize..1000) {
        let terms = Terms { ttl_ms: 2_000, max_entries: most, max_bytes: bytes, ..Terms::default() };
        let mut index = Index::default();
        let mut there = std::collections::BTreeSet::new();
        let mut now = 1_000_000;
        for (name, size, later) in steps {
            now += later;
            let name = format!("k{name}");
            match index.take_in(&name, size, &terms, now) {
                Some(gone) => {
                    for key in gone {
                        prop_assert!(there.remove(&key), "{} was not there", key);
                    }
                    there.insert(name.clone());
                    prop_assert!(index.holds(&name, &terms, now) && !index.holds(&name, &terms, now + 2_000));
                }
                None => prop_assert!(size > bytes),
            }
            let held: std::collections::BTreeSet<_> = index.held().iter().map(|held| held.key.clone()).collect();
            prop_assert_eq!(&held, &there);
            prop_assert!(held.len() <= most && index.held().iter().map(|held| held.bytes).sum::<usize>() <= bytes);
            prop_assert_eq!(Index::read(&index.write()), index.clone());
        }
    }
}

#[test]
fn an_order_that_means_something_does_not_hit() {
    let mut schema = base();
    schema["tools"][0]["function"]["parameters"]["properties"] =
        json!({"b": {"type": "number"}, "a": {"type": "number"}});
    assert_ne!(key(&schema), key(&base()), "tools are printed to the model in their order");
    let mut answer = base();
    answer["response_format"]["json_schema"]["schema"]["properties"] =
        json!({"why": {"type": "string"}, "sum": {"type": "number"}});
    assert_ne!(key(&answer), key(&base()), "an answer is written in the order of its schema");
    assert_eq!(key(&base()).len(), 64);
}

#[test]
fn scopes_are_apart() {
    let scope = |name: &str, places: &[&str]| {
        scope_key(&Terms { scope: name.to_owned(), ..Terms::default() }, places)
    };
    assert_eq!(scope("anna", &["/v1"]), scope("anna", &["/v1"]));
    assert_ne!(scope("anna", &["/v1"]), scope("bert", &["/v1"]));
    assert_ne!(scope("anna", &["/v1"]), scope("anna", &["/v2"]));
    assert_ne!(scope("ab", &["c"]), scope("a", &["bc"]));
}

#[test]
fn sampling_is_kept_only_when_asked() {
    let asked = Terms { allow_sampling: true, ..Terms::default() };
    for (fields, strict, sampling) in [
        (json!({"temperature": 0}), true, true),
        (json!({"temperature": 0.0, "n": 1}), true, true),
        (json!({"temperature": 0.2}), false, true),
        (json!({"temperature": null}), false, true),
        (json!({}), false, true),
        (json!({"temperature": 0, "n": 2}), false, false),
    ] {
        let mut value = json!({"model": "m", "messages": [{"role": "user", "content": "x"}]});
        for (name, field) in fields.as_object().unwrap() {
            value[name] = field.clone();
        }
        let request = request(&value);
        assert_eq!(
            (Terms::default().admits(&request), asked.admits(&request)),
            (strict, sampling),
            "{fields}"
        );
    }
}

#[test]
fn only_a_whole_answer_of_text_is_kept() {
    let ended = |body: Value, end: End| {
        let mut answer = Answer::new(&Profile::custom(), None, Redactor::default());
        answer.push(format!("data: {body}\n\n").as_bytes());
        answer.finish(end);
        answer
    };
    let choice = |delta: Value, reason: Value| {
        json!({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
               "usage": {"prompt_tokens": 1, "completion_tokens": 2, "cost": 0.5}})
    };
    let text = || json!({"content": "Grüße 👋", "reasoning": "hm"});
    let whole = ended(choice(text(), json!("stop")), End::Clean);
    let kept = record(&whole).unwrap();
    let again = replay(&kept).unwrap();
    assert_eq!(
        (again.text(), again.reasoning(), again.model(), again.id(), again.finish_reason()),
        ("Grüße 👋", "hm", Some("m"), Some("c"), Some("stop"))
    );
    assert_eq!(
        (again.usage(), again.charged_usd()),
        (None, None),
        "what is given again costs nothing"
    );
    let lost = || Error::new(ErrorKind::Network, "lost");
    let call = json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]);
    for (answer, what) in [
        (ended(choice(text(), json!("length")), End::Clean), "cut short"),
        (ended(choice(text(), json!("content_filter")), End::Clean), "filtered"),
        (ended(choice(text(), Value::Null), End::Clean), "no reason"),
        (ended(choice(text(), json!("stop")), End::Cut(lost())), "cut"),
        (ended(choice(text(), json!("stop")), End::Aborted), "aborted"),
        (ended(json!({"error": {"message": "no"}}), End::Clean), "error"),
        (
            ended(
                choice(json!({"content": "x", "tool_calls": call}), json!("tool_calls")),
                End::Clean,
            ),
            "calls",
        ),
        (
            ended(choice(json!({"content": "x", "refusal": "no"}), json!("stop")), End::Clean),
            "refusal",
        ),
        (ended(choice(json!({"content": ""}), json!("stop")), End::Clean), "nothing"),
    ] {
        assert_eq!(record(&answer), None, "{what}");
    }
    for broken in ["", "null", "{}", "{\"choices\":[]}", "{\"error\":{\"message\":\"x\"}}"] {
        assert!(replay(broken).is_none(), "{broken}");
    }
}

#[test]
fn terms_are_read_with_care() {
    assert_eq!(Terms::from_value(&json!(true)), Ok(Terms::default()));
    let terms = Terms::from_value(
        &json!({"ttlMs": 5, "maxEntries": 2, "maxBytes": 9, "scope": "s", "allowSampling": true}),
    );
    assert_eq!(
        terms,
        Ok(Terms {
            ttl_ms: 5,
            max_entries: 2,
            max_bytes: 9,
            scope: "s".into(),
            allow_sampling: true
        })
    );
    for (bad, words) in [
        (json!("yes"), "cache: found"),
        (json!({"ttlMs": -1}), "cache.ttlMs"),
        (json!({"ttl": 1}), "cache.ttl: found 1, wanted one of"),
        (json!({"scope": 1}), "cache.scope"),
        (json!({"allowSampling": "no"}), "cache.allowSampling"),
    ] {
        let error = Terms::from_value(&bad).unwrap_err();
        assert!(error.message().contains(words), "{bad}: {error}");
    }
    // A clock that was wrong keeps nothing for ever.
    let mut index = Index::default();
    index.take_in("k", 1, &Terms::default(), 5_000_000).unwrap();
    assert!(!index.holds("k", &Terms::default(), 4_000_000));
}
