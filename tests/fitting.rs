//! Long context and versions: what is left out, what stays, and at what price.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::panic)] // Tests report by panicking.

mod shared;

use promptfare::error::{ErrorKind, Result};
use promptfare::practice::Fare;
use promptfare::practice::fit::{Choice, Fit, FitOptions, Trimmed, fit};
use promptfare::practice::version::{Change, Kind, Piece, compare, diff};
use promptfare::tokens::TokenEstimate;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::Heart;
use std::cell::Cell;
use unicode_segmentation::UnicodeSegmentation;

/// A tokenizer that can be followed by hand: a token for a byte of all that is said, 3 for a message; windows
/// by name; no prices. Counts how often it is asked for a whole request.
struct Plain {
    window: u64,
    asked: Cell<usize>,
}

impl Plain {
    fn new(window: u64) -> Self {
        Self { window, asked: Cell::new(0) }
    }
}

fn bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(list) => list.iter().map(bytes).sum(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !["role", "id", "type"].contains(&name.as_str()))
            .map(|(_, one)| bytes(one))
            .sum(),
        _ => 0,
    }
}

impl Fare for Plain {
    fn tokens(&self, request: &Value, _: &str) -> Result<TokenEstimate> {
        let messages = request["messages"].as_array().unwrap();
        if messages.len() != 1 {
            self.asked.set(self.asked.get() + 1);
        }
        let tokens = messages.iter().map(|one| 3 + bytes(one)).sum();
        Ok(TokenEstimate {
            tokens,
            low: tokens,
            high: tokens,
            exact: true,
            method: "plain".into(),
            parts: None,
        })
    }

    fn cost(&self, _: &Value, _: &str) -> Result<Option<Value>> {
        Ok(None)
    }

    fn limits(&self, _: &str) -> Result<(Option<u64>, Option<u64>)> {
        Ok((Some(self.window), None))
    }
}

fn trimmed(fit: &Fit) -> Option<&Trimmed> {
    fit.options.iter().find_map(|one| match one {
        Choice::Trim { trimmed, .. } => Some(&**trimmed),
        _ => None,
    })
}

fn options(room: u64, pinned: &[usize]) -> FitOptions {
    FitOptions {
        model: Some("claude-sonnet-4".into()),
        answer_tokens: Some(room),
        pinned: pinned.to_vec(),
        ..FitOptions::default()
    }
}

// ---------------------------------------------------------------- conversations

fn words(count: usize, seed: usize) -> String {
    let list = [
        "ferry",
        "noon",
        "ticket",
        "harbour",
        "wind",
        "e\u{301}t\u{e9}",
        "船",
        "👩‍👩‍👧",
        "route",
        "price.",
    ];
    (0..count).map(|n| list[(n * 7 + seed * 3 + n / 5) % list.len()]).collect::<Vec<_>>().join(" ")
}

/// A step of a conversation.
#[derive(Clone, Debug)]
enum Step {
    User(usize),
    Answer(usize),
    /// Calls with their results, and how many results are missing.
    Calls(usize, usize, usize),
    /// The same in Anthropic's blocks.
    Blocks(usize, usize),
    System(usize),
    Stray,
    Picture,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0usize..60).prop_map(Step::User),
        4 => (0usize..60).prop_map(Step::Answer),
        3 => (1usize..4, 0usize..40).prop_map(|(n, size)| Step::Calls(n, 0, size)),
        1 => (1usize..4, 0usize..40).prop_map(|(n, size)| Step::Calls(n, 1, size)),
        2 => (1usize..3, 0usize..40).prop_map(|(n, size)| Step::Blocks(n, size)),
        1 => (0usize..20).prop_map(Step::System),
        1 => Just(Step::Stray),
        1 => Just(Step::Picture),
    ];
    prop::collection::vec(step, 0..24)
}

fn conversation(steps: &[Step], last: usize) -> Value {
    let mut messages = vec![json!({"role": "system", "content": "You sell tickets."})];
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::User(size) => messages.push(json!({"role": "user", "content": words(*size, n)})),
            Step::Answer(size) => messages.push(json!({"role": "assistant", "content": words(*size, n)})),
            Step::System(size) => messages.push(json!({"role": "system", "content": words(*size, n)})),
            Step::Calls(count, missing, size) => {
                let calls: Vec<Value> = (0..*count).map(|i| json!({"id": format!("c{n}-{i}"), "type": "function", "function": {"name": "look", "arguments": "{}"}})).collect();
                messages.push(json!({"role": "assistant", "content": null, "tool_calls": calls}));
                for i in *missing..*count {
                    messages.push(json!({"role": "tool", "tool_call_id": format!("c{n}-{i}"), "content": words(*size, n + i)}));
                }
            }
            Step::Blocks(count, size) => {
                let calls: Vec<Value> = (0..*count).map(|i| json!({"type": "tool_use", "id": format!("t{n}-{i}"), "name": "look", "input": {}})).collect();
                let results: Vec<Value> = (0..*count).map(|i| json!({"type": "tool_result", "tool_use_id": format!("t{n}-{i}"), "content": words(*size, n + i)})).collect();
                messages.push(json!({"role": "assistant", "content": calls}));
                messages.push(json!({"role": "user", "content": results}));
            }
            Step::Stray => messages.push(json!({"role": "tool", "tool_call_id": format!("stray{n}"), "content": "late"})),
            Step::Picture => messages.push(json!({"role": "user", "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}, "width": 64, "height": 64},
            ]})),
        }
    }
    messages.push(json!({"role": "user", "content": words(last, 99)}));
    json!({"messages": messages, "temperature": 1, "stream": true})
}

fn ids(message: &Value, calls: bool) -> Vec<String> {
    let mut found = Vec::new();
    if calls {
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            found.push(call["id"].as_str().unwrap().to_owned());
        }
    } else if message["role"] == "tool" {
        found.push(message["tool_call_id"].as_str().unwrap().to_owned());
    }
    let (kind, name) = if calls { ("tool_use", "id") } else { ("tool_result", "tool_use_id") };
    for part in message["content"].as_array().into_iter().flatten() {
        if part["type"] == kind {
            found.push(part[name].as_str().unwrap().to_owned());
        }
    }
    found
}

/// The places of the messages that stay, told by what was dropped; checks that they are as they were.
fn kept(request: &Value, made: &Trimmed) -> Vec<usize> {
    let all = request["messages"].as_array().unwrap();
    let dropped: Vec<usize> = made.dropped.iter().map(|one| one.message).collect();
    assert!(dropped.windows(2).all(|pair| pair[0] < pair[1]));
    let kept: Vec<usize> = (0..all.len()).filter(|place| !dropped.contains(place)).collect();
    let now = made.request["messages"].as_array().unwrap();
    assert_eq!(now.len(), kept.len());
    for (place, message) in kept.iter().zip(now) {
        if made.cut.as_ref().is_some_and(|cut| cut.message == *place) {
            continue;
        }
        assert_eq!(message.to_string(), all[*place].to_string());
    }
    // All beside the messages is as it was, in its order.
    let rest = |value: &Value| {
        let mut value = value.clone();
        value["messages"] = Value::Null;
        value.to_string()
    };
    assert_eq!(rest(&made.request), rest(request));
    kept
}

fn check_whole(request: &Value, made: &Trimmed, pinned: &[usize]) {
    let all = request["messages"].as_array().unwrap();
    let kept = kept(request, made);
    for (place, message) in all.iter().enumerate() {
        if message["role"] == "system" || pinned.contains(&place) || place + 1 == all.len() {
            assert!(kept.contains(&place), "message {place} is gone");
        }
    }
    // A pair that was whole is whole or gone.
    for (place, message) in all.iter().enumerate() {
        for id in ids(message, true) {
            for (other, answer) in all.iter().enumerate() {
                if ids(answer, false).contains(&id) {
                    assert_eq!(kept.contains(&place), kept.contains(&other), "half of {id}");
                }
            }
        }
    }
    if let Some(cut) = &made.cut {
        let place = kept.iter().position(|one| *one == cut.message).unwrap();
        let before = all[cut.message]["content"].as_str().unwrap();
        let after = made.request["messages"][place]["content"].as_str().unwrap();
        assert_eq!(format!("{}{}{}", &before[..cut.start], cut.mark, &before[cut.end..]), after);
        let borders: Vec<usize> =
            before.grapheme_indices(true).map(|(at, _)| at).chain([before.len()]).collect();
        assert!(borders.contains(&cut.start) && borders.contains(&cut.end), "{cut:?}");
        let units: Vec<u16> = before.encode_utf16().collect();
        assert_eq!(
            String::from_utf16(&units[cut.units.0..cut.units.1]).unwrap(),
            before[cut.start..cut.end]
        );
        assert!(!pinned.contains(&cut.message));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_trimmed_fits_and_is_whole(
        steps in steps(),
        last in prop_oneof![0usize..40, 600usize..900],
        pin in any::<prop::sample::Index>(),
        pins in 0usize..3,
        window in 300u64..6_000,
        heart in any::<bool>(),
    ) {
        let request = conversation(&steps, last);
        let count = request["messages"].as_array().unwrap().len();
        let pinned: Vec<usize> = (0..pins).map(|n| (pin.index(count) + n * 5) % count).filter(|place| last < 100 || *place + 1 < count).collect();
        let plain = Plain::new(window);
        let fare: &dyn Fare = if heart { &Heart } else { &plain };
        let options = FitOptions { limit_tokens: Some(window), ..options(100, &pinned) };
        let made = fit(&request, &options, fare).unwrap();
        let tokens = fare.tokens(&request, "claude-sonnet-4").unwrap();
        prop_assert_eq!(made.candidates[0].fits == Some(true), tokens.high + 100 <= window);
        match (trimmed(&made), &made.stuck) {
            (None, None) => prop_assert!(tokens.high + 100 <= window),
            (Some(trimmed), None) => {
                let now = fare.tokens(&trimmed.request, "claude-sonnet-4").unwrap();
                prop_assert_eq!(&now, &trimmed.tokens);
                prop_assert!(now.high + 100 <= window);
                check_whole(&request, trimmed, &pinned);
                if trimmed.dropped.iter().any(|one| one.reason.starts_with("the oldest")) {
                    // What stands broken went before.
                    let orphans = made.orphans.iter().filter(|one| one.message + 1 < count && !pinned.contains(&one.message));
                    for one in orphans {
                        let gone = trimmed.dropped.iter().any(|dropped| dropped.message == one.message);
                        let pin = pinned.iter().any(|place| *place > one.message.saturating_sub(5) && *place < one.message + 5);
                        prop_assert!(gone || pin, "{:?}", one);
                    }
                }
                let shifted: Vec<usize> = {
                    let kept = kept(&request, trimmed);
                    pinned.iter().map(|place| kept.iter().position(|one| one == place).unwrap()).collect()
                };
                let again = fit(&trimmed.request, &FitOptions { pinned: shifted, ..options.clone() }, fare).unwrap();
                prop_assert!(again.options.is_empty() && again.candidates[0].fits == Some(true));
            }
            (None, Some(stuck)) => {
                prop_assert!(stuck.tokens.high + 100 > window);
                prop_assert!(!stuck.kept.is_empty() && stuck.reason.contains("message"));
                prop_assert_eq!(stuck.most, window.saturating_sub(100));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    /// Against the simplest search there is: one more exchange gone at a time.
    #[test]
    fn no_fewer_would_do(
        sizes in prop::collection::vec((0usize..40, 0usize..40), 1..40),
        window in 150u64..4_000,
    ) {
        let mut messages = vec![json!({"role": "system", "content": "s"})];
        for (n, (asked, answered)) in sizes.iter().enumerate() {
            messages.push(json!({"role": "user", "content": words(*asked, n)}));
            messages.push(json!({"role": "assistant", "content": words(*answered, n)}));
        }
        messages.push(json!({"role": "user", "content": "And now?"}));
        let request = json!({"messages": messages});
        let plain = Plain::new(window);
        let made = fit(&request, &options(50, &[]), &plain).unwrap();
        let asked = plain.asked.get();
        let fewest = (0..=sizes.len()).find(|gone| {
            let mut less = messages.clone();
            less.drain(1..1 + 2 * gone);
            Plain::new(0).tokens(&json!({"messages": less}), "").unwrap().high + 50 <= window
        });
        prop_assert!(fewest.is_some());
        let dropped = trimmed(&made).map_or(0, |made| made.dropped.len());
        prop_assert_eq!(dropped, 2 * fewest.unwrap());
        prop_assert!(asked <= 8, "{} counts of the whole for {} exchanges", asked, sizes.len());
    }

    #[test]
    fn texts_are_cut_between_what_a_reader_sees(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "B7", " ", "\n", "\r\n", "\r", "\t", ". ", "。", "e\u{301}", " \u{301}", "\u{200d}", "\u{fe0f}", "👩‍👩‍👧", "👍🏽", "🇩🇪", "🇫", "한국", "\u{1100}\u{1161}\u{11a8}", "क्ष", "क्‍ष", "நி", "กำ", "ก็", "船を", "か\u{3099}", "\u{600}1", "\u{110bd}", "\u{d4e}ക", "שָׁ", "ё", "и\u{306}", "©", "©️", "#️⃣", "\u{302a}", "ﾊﾞ", "😀", "`", "word ",
        ]), 1_200..2_500),
        window in 1_500u64..6_000,
    ) {
        let text = pieces.concat();
        let request = json!({"messages": [{"role": "user", "content": text}]});
        let plain = Plain::new(window);
        let made = fit(&request, &options(100, &[]), &plain).unwrap();
        match (trimmed(&made), &made.stuck) {
            (Some(made), None) => {
                check_whole(&request, made, &[]);
                // A hundredth of the room, the borders' window, and the mark may be left unused.
                let used = made.tokens.high;
                prop_assert!(used + 100 <= window && used > (window - 100) / 2, "{} of {}", used, window);
            }
            (None, None) => prop_assert!(text.len() as u64 + 103 <= window),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn rounds_of_the_last_turn_go_too_but_never_the_last() {
    let mut messages = vec![json!({"role": "user", "content": "Find the cheapest ferry."})];
    for n in 0..30 {
        messages.push(json!({"role": "assistant", "content": null, "tool_calls": [{"id": format!("c{n}"), "type": "function", "function": {"name": "look", "arguments": "{}"}}]}));
        messages.push(
            json!({"role": "tool", "tool_call_id": format!("c{n}"), "content": words(30, n)}),
        );
    }
    let request = json!({"messages": messages});
    let made = fit(&request, &options(100, &[]), &Plain::new(1_000)).unwrap();
    let trimmed = trimmed(&made).unwrap();
    check_whole(&request, trimmed, &[]);
    let kept = kept(&request, trimmed);
    assert_eq!(kept[0], 0);
    assert_eq!(kept[1..], (61 - kept.len() + 1..61).collect::<Vec<_>>());
    assert!(kept.len() >= 3 && kept.len() < 61);
}

#[test]
fn a_pinned_answer_keeps_its_question_and_nothing_else() {
    let request = json!({"messages": [
        {"role": "user", "content": "a".repeat(300)},
        {"role": "assistant", "content": "My name is Ada."},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "b".repeat(300)},
        {"role": "assistant", "content": "pinned"},
        {"role": "user", "content": "now"},
    ]});
    let made = fit(&request, &options(10, &[5]), &Plain::new(100)).unwrap();
    assert_eq!(kept(&request, trimmed(&made).unwrap()), [2, 5, 6]);
    let error = fit(&request, &options(10, &[7]), &Plain::new(100)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().starts_with("pinned: found 7"), "{error}");
}

#[test]
fn a_torn_code_fence_is_closed_and_opened_again() {
    let code: String = (0..400).map(|n| format!("let x{n} = {n};\n")).collect();
    let text = format!("Explain:\n\n```rust\n{code}```\n\nThank you.");
    let request = json!({"messages": [{"role": "user", "content": text}]});
    let made = fit(&request, &options(100, &[]), &Plain::new(3_000)).unwrap();
    let trimmed = trimmed(&made).unwrap();
    let after = trimmed.request["messages"][0]["content"].as_str().unwrap();
    assert_eq!(after.matches("```").count(), 4, "{after}");
    assert!(after.contains("\n```\n[… about ") && after.contains(" tokens left out …]\n```\n"));
    assert!(after.starts_with("Explain:") && after.ends_with("Thank you."));
}

#[test]
fn what_cannot_be_dropped_is_named() {
    let request = json!({"messages": [
        {"role": "system", "content": "s".repeat(5_000)},
        {"role": "user", "content": "hello"},
    ]});
    let made = fit(&request, &options(100, &[]), &Plain::new(1_000)).unwrap();
    let stuck = made.stuck.unwrap();
    assert!(stuck.reason.contains("message 0 (system, instructions, "), "{}", stuck.reason);
    assert!(stuck.reason.contains("message 1 (user, the last "), "{}", stuck.reason);
}

#[test]
fn a_limit_that_is_not_known_is_said() {
    struct Unknown;
    impl Fare for Unknown {
        fn tokens(&self, request: &Value, model: &str) -> Result<TokenEstimate> {
            Plain::new(0).tokens(request, model)
        }
        fn cost(&self, _: &Value, _: &str) -> Result<Option<Value>> {
            Ok(None)
        }
        fn limits(&self, _: &str) -> Result<(Option<u64>, Option<u64>)> {
            Ok((None, None))
        }
    }
    let request = json!({"messages": [{"role": "user", "content": "hello"}]});
    let made = fit(
        &request,
        &FitOptions { model: Some("mine".into()), ..FitOptions::default() },
        &Unknown,
    )
    .unwrap();
    assert_eq!(made.candidates[0].fits, None);
    assert_eq!(
        made.candidates[0].reason.as_deref(),
        Some("the context window of mine is not known")
    );
    assert!(made.options.is_empty() && made.stuck.is_none());
}

#[test]
fn each_way_out_has_its_price() {
    // About 300,000 tokens: too much for 200,000, not for a million.
    let mut messages = vec![json!({"role": "system", "content": "You sell tickets."})];
    for n in 0..400 {
        messages.push(json!({"role": "user", "content": words(100, n)}));
        messages.push(json!({"role": "assistant", "content": words(150, n)}));
    }
    messages.push(json!({"role": "user", "content": "Which was the cheapest?"}));
    let request = json!({"messages": messages, "max_tokens": 2_000});
    let asked = FitOptions {
        model: Some("claude-opus-4".into()),
        candidates: ["claude-haiku-4-5", "gpt-4.1", "gpt-4.1-mini"].map(str::to_owned).to_vec(),
        ..FitOptions::default()
    };
    let made = fit(&request, &asked, &Heart).unwrap();
    println!("{:#}", serde_json::to_string(&made.to_value()["candidates"]).unwrap());
    assert_eq!(made.candidates[0].fits, Some(false));
    assert!(made.candidates.iter().all(|one| one.room == 2_000));
    let Choice::Bigger { model, usd: Some(bigger), .. } = &made.options[0] else {
        panic!("{:?}", made.options[0].to_value())
    };
    assert_eq!(model, "gpt-4.1-mini");
    let Choice::Trim { trimmed, usd: Some(trim), .. } = &made.options[2] else { panic!("no trim") };
    assert!(trimmed.dropped.iter().all(|one| one.tokens.is_some_and(|tokens| tokens > 50)));
    let Choice::Summarise { summary, .. } = &made.options[3] else { panic!("no summary") };
    assert_eq!(summary.model, "gpt-4.1-mini");
    assert_eq!(summary.usd, summary.summarising.checked_add(summary.then).unwrap());
    assert_eq!((summary.calls, summary.summary_tokens), (1, 1_000));
    assert!(summary.usd.high > trim.low && bigger.high < trim.low);
    for money in [bigger, trim, &summary.usd, &summary.summarising, &summary.then] {
        assert!(
            money.low <= money.expected && money.expected <= money.high && !money.low.is_zero()
        );
    }
    // Without a bigger one the summary takes several calls.
    let asked = FitOptions { candidates: vec!["claude-haiku-4-5".into()], ..asked };
    let made = fit(&request, &asked, &Heart).unwrap();
    let Choice::Summarise { summary, .. } = &made.options[1] else { panic!("no summary") };
    assert_eq!((summary.model.as_str(), summary.calls > 0), ("claude-haiku-4-5", true));
    let text = made.to_value().to_string();
    assert!(!text.contains("picodollars") && text.contains("\"kind\":\"summarise\""));
}

#[test]
fn options_are_read_and_refused_by_name() {
    let read = |value: Value| FitOptions::from_value(&value);
    let full = read(json!({"model": "a", "candidates": ["b"], "answerTokens": 5.0, "pinned": [0, 2], "keepLast": 3, "limitTokens": 900})).unwrap();
    assert_eq!((full.answer_tokens, full.keep_last, full.limit_tokens), (Some(5), 3, Some(900)));
    assert_eq!(full.pinned, [0, 2]);
    assert_eq!(read(Value::Null).unwrap(), FitOptions::default());
    for (bad, wanted) in [
        (json!({"answerTokens": 0}), "answerTokens: found 0"),
        (json!({"pinned": 3}), "pinned: found 3"),
        (json!({"pinned": [-1]}), "pinned: found -1"),
        (json!({"model": ""}), "model: found \"\""),
        (json!({"window": 3}), "options: found \"window\""),
        (json!([]), "options: found []"),
    ] {
        let error = read(bad).unwrap_err();
        assert!(error.message().starts_with(wanted), "{error}");
    }
}

// ---------------------------------------------------------------- versions

fn side(pieces: &[Piece], without: Kind) -> String {
    pieces.iter().filter(|piece| piece.kind != without).map(|piece| piece.text.as_str()).collect()
}

/// The longest common subsequence of two lists, the slow way.
fn common(one: &[&str], other: &[&str]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for item in one {
        let mut left_above = 0;
        for (at, word) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if item == word { left_above + 1 } else { above.max(row[at]) };
            left_above = above;
        }
    }
    row[other.len()]
}

proptest! {
    #[test]
    fn both_sides_of_a_difference_are_the_texts(
        before in "([ab船é\u{301} .\n]|word |line\n|👩‍👩‍👧|\r\n){0,60}",
        after in "([ab船é\u{301} .\n]|word |line\n|👩‍👩‍👧|\r\n){0,60}",
    ) {
        let pieces = diff(&before, &after);
        prop_assert_eq!(side(&pieces, Kind::Added), before.clone());
        prop_assert_eq!(side(&pieces, Kind::Removed), after.clone());
        prop_assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
        for pair in pieces.windows(2) {
            prop_assert!(pair[0].kind != pair[1].kind);
            prop_assert!((pair[0].kind, pair[1].kind) != (Kind::Added, Kind::Removed));
        }
        prop_assert_eq!(before == after, pieces.iter().all(|piece| piece.kind == Kind::Same));
    }

    #[test]
    fn no_shorter_difference_exists(
        before in prop::collection::vec(0usize..4, 0..40),
        after in prop::collection::vec(0usize..4, 0..40),
    ) {
        // Lines, which no joining of white space touches.
        let text = |list: &[usize]| list.iter().map(|n| ["a", "b", "c", "d"][*n]).collect::<Vec<_>>();
        let (one, other) = (text(&before), text(&after));
        let lines = |list: &[&str]| list.iter().map(|word| format!("{word}\n")).collect::<String>();
        let pieces = diff(&lines(&one), &lines(&other));
        let same: usize = pieces.iter().filter(|piece| piece.kind == Kind::Same).map(|piece| piece.text.len()).sum();
        // A line is a letter and its end, and ends may be had in common without their letters.
        prop_assert!(same >= 2 * common(&one, &other), "{:?}", pieces);
    }
}

#[test]
fn texts_that_have_little_in_common_take_no_long_time() {
    let text = |seed: usize, count: usize| {
        (0..count).map(|n| format!("{} ", (n * 7919 + seed) % 10_007)).collect::<String>()
    };
    let lines = |seed: usize| {
        (0..20_000).map(|n| format!("{} of {}\n", (n * 31 + seed) % 977, n)).collect::<String>()
    };
    let started = std::time::Instant::now();
    for (before, after) in [
        (text(1, 15_000), text(2, 15_000)),
        (text(1, 150_000), text(5, 150_000)),
        (lines(1), lines(2)),
        ("a".repeat(1_000_000), "b".repeat(1_000_000)),
    ] {
        let pieces = diff(&before, &after);
        assert_eq!(side(&pieces, Kind::Added), before);
        assert_eq!(side(&pieces, Kind::Removed), after);
    }
    // Lines of a long text that changed here and there are found.
    let before = lines(1);
    let after = before.replace("500 of ", "five hundred of ");
    let pieces = diff(&before, &after);
    let same: usize =
        pieces.iter().filter(|piece| piece.kind == Kind::Same).map(|piece| piece.text.len()).sum();
    assert!(same > before.len() - 200, "{same} of {}", before.len());
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

#[test]
fn a_version_is_told_from_the_next() {
    let before = json!({"messages": [
        {"role": "system", "content": "You are a helpful assistant. You answer questions about ferries."},
        {"role": "user", "content": "When does it leave?"},
    ], "temperature": 1, "tools": [{"type": "function", "function": {"name": "look"}}]});
    let after = json!({"messages": [
        {"role": "system", "content": "You answer questions about ferries in one sentence."},
        {"role": "user", "content": "Is it late?"},
        {"role": "assistant", "content": "No."},
        {"role": "user", "content": "When does it leave?"},
    ], "temperature": 0, "max_tokens": 100});
    let plain = Plain::new(1_000);
    let made = compare(&before, &after, "x", &plain).unwrap();
    let told: Vec<(String, Change)> =
        made.fields.iter().map(|field| (field.name.clone(), field.change)).collect();
    let wanted = [
        ("system", Change::Changed),
        ("user", Change::Added),
        ("assistant", Change::Added),
        ("user", Change::Same),
        ("tool look", Change::Removed),
        ("max_tokens", Change::Added),
        ("temperature", Change::Changed),
    ];
    assert_eq!(told, wanted.map(|(name, change)| (name.to_owned(), change)));
    let pieces: Vec<(Kind, &str)> =
        made.fields[0].pieces.iter().map(|piece| (piece.kind, piece.text.as_str())).collect();
    assert_eq!(
        pieces,
        [
            (Kind::Same, "You "),
            (Kind::Removed, "are a helpful assistant. You "),
            (Kind::Same, "answer questions about ferries"),
            (Kind::Added, " in one sentence"),
            (Kind::Same, "."),
        ]
    );
    let tokens = |request: &Value| i128::from(plain.tokens(request, "").unwrap().tokens);
    let more = tokens(&after) - tokens(&before);
    assert_eq!((made.tokens.low, made.tokens.expected, made.tokens.high), (more, more, more));
    let value = made.to_value();
    assert_eq!(value["difference"]["tokens"]["exact"], true);
    assert_eq!(value["difference"]["input"], Value::Null);
    assert_eq!(value["fields"][0]["pieces"][1]["kind"], "removed");
}

#[test]
fn versions_are_held_to_money_and_receipts() {
    let version = |text: &str, label: &str, receipts: Value| {
        json!({
            "label": label, "receipts": receipts,
            "request": {"messages": [{"role": "user", "content": text}]},
        })
    };
    let receipts = json!([
        {"ending": "completed", "usage": {"inputTokens": 40, "outputTokens": 10}, "cost": {"usd": "0.0001"}},
        {"ending": "completed", "usage": {"inputTokens": 41, "outputTokens": 30}, "cost": {"usd": "0.0002"}},
        {"ending": "errored", "usage": null, "cost": null},
    ]);
    let (long, short) = (words(400, 1), words(40, 1));
    let made = compare(
        &version(&long, "first", receipts),
        &version(&short, "second", Value::Null),
        "claude-sonnet-4",
        &Heart,
    )
    .unwrap();
    let value = made.to_value();
    assert_eq!(
        value["before"]["billed"],
        json!({
            "receipts": 3, "endings": {"completed": 2, "truncated": 0, "errored": 1, "aborted": 0},
            "withUsage": 2, "inputTokens": 81, "outputTokens": 40, "withCost": 2, "usd": "0.0003", "usdEach": "0.00015",
        })
    );
    assert_eq!(
        (&value["after"]["billed"], &value["after"]["label"]),
        (&Value::Null, &json!("second"))
    );
    let (one, other) = (made.before.input.unwrap(), made.after.input.unwrap());
    let input = made.input.unwrap();
    assert_eq!(input.low, other.low.picodollars() as i128 - one.high.picodollars() as i128);
    assert_eq!(input.high, other.high.picodollars() as i128 - one.low.picodollars() as i128);
    assert!(input.high < 0 && made.tokens.high < 0);
    let expected = value["difference"]["input"]["expected"].as_str().unwrap();
    assert!(expected.starts_with("-0.00"), "{expected}");
    assert!(value["difference"]["inputPerThousand"]["high"].as_str().unwrap().starts_with('-'));
    for (bad, wanted) in [
        (json!({"request": {}}), "before: "),
        (json!({"request": {"messages": []}, "label": 3}), "before.label: "),
        (json!({"request": {"messages": []}, "receipts": [{}]}), "before.receipts[0].ending: "),
    ] {
        let error =
            compare(&bad, &version("x", "", Value::Null), "claude-sonnet-4", &Heart).unwrap_err();
        assert!(error.message().starts_with(wanted), "{error}");
    }
}
