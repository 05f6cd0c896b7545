//! What is kept of a receipt: objects, rows, tables.

use super::*;

fn words() -> impl Strategy<Value = Option<String>> {
    // What tables and spreadsheets trip over, often.
    prop::option::of(prop_oneof![
        "[=+@'\"\t,;\r\n-][ -~]{0,8}",
        "\\PC{1,12}",
        "[\"',\r\n]{1,4}",
        Just("\u{feff}x".to_owned()),
    ])
}

fn money() -> impl Strategy<Value = Option<Money>> {
    prop::option::of(any::<u64>().prop_map(|pico| Money::from_picodollars(pico.into())))
}

fn share() -> impl Strategy<Value = Option<f64>> {
    prop::option::of((0_u32..=1_000_000).prop_map(|millionths| f64::from(millionths) / 1e6))
}

fn tenth() -> impl Strategy<Value = Option<f64>> {
    prop::option::of((0_u32..60_000_000).prop_map(|tenths| f64::from(tenths) / 10.0))
}

prop_compose! {
    fn decision()(
        task in words(), experiment in words(), arm in words(), provider in words(),
        need in share(), low in money(), expected in money(), high in money(),
        count in prop::option::of(0_u64..1 << 53), cost in money(), name in "\\PC{1,9}",
    ) -> Record {
        Record {
            task, experiment, arm, provider, need, cost,
            candidates: expected.map(|expected| (name, expected)).into_iter().collect(),
            estimate: Span { low, expected, high },
            output_estimate: Span { low: count, expected: None, high: count },
            ..Record::default()
        }
    }
}

prop_compose! {
    pub(super) fn any_record()(
        decided in decision(), id in "\\PC{1,20}", model in "[=+@'\", \\PC]{1,20}",
        sent_at in 0_u64..8_640_000_000_000_000,
        ending in prop::sample::select(vec!["completed", "truncated", "errored", "aborted"]),
        first in tenth(), total in tenth(), pieces in prop::option::of(0_u64..10_000),
        score in share(), said in words(),
        thumb in prop::option::of(prop::sample::select(vec!["up", "down"])),
        stars in prop::option::of(1_u64..=5), correct in any::<Option<bool>>(),
        tags in prop::collection::vec("\\PC{0,6}", 0..3), tries in 0_usize..3,
        kind in prop::option::of(Just("rate_limit".to_owned())), skipped in any::<bool>(),
    ) -> Record {
        let tried = Tried {
            model: model.clone(), endpoint: id.clone(), skipped, duration_ms: 12.5, error: kind,
        };
        Record {
            id, model, sent_at, ending: ending.to_owned(), score, pieces,
            first_piece_ms: first, last_piece_ms: first, total_ms: total,
            attempts: vec![tried; tries],
            feedback: Opinion {
                thumb: thumb.map(str::to_owned), score: stars, correct, completed: correct, tags,
                words: said,
            },
            ..decided
        }
    }
}

proptest! {
    #[test]
    fn a_record_comes_back_from_each_of_its_forms(record in any_record()) {
        let through = |value: &Value| serde_json::from_str::<Value>(&value.to_string()).unwrap();
        prop_assert_eq!(&Record::from_json(&through(&record.to_json())).unwrap(), &record);
        prop_assert_eq!(&Record::from_row(&through(&record.to_row())).unwrap(), &record);
        let mut text = table::head();
        table::write(&record, &mut text);
        table::write(&record, &mut text);
        prop_assert_eq!(table::read(&text).unwrap(), vec![record.clone(), record]);
    }

    #[test]
    fn no_text_stops_the_readers(text in "\\PC{0,80}", rest in "[\"',\r\n|:0-9-]{0,40}") {
        let _ = table::read(&format!("{}{text}", table::head()));
        let _ = table::read(&format!("v,id,model\r\n1,{rest}"));
        let _ = (Cell::read(&format!("1|1|2|{rest}")), Sketch::read(&rest), Key::read(&text));
        let _ = Sketch::read(&text);
        let value = serde_json::from_str(&rest).unwrap_or(Value::from(text.as_str()));
        let _ = (Record::from_json(&value), Record::from_row(&json!([1, value])));
        let _ = read_export(&value);
    }

    #[test]
    fn no_cell_of_a_table_is_a_formula(record in any_record()) {
        let mut text = String::new();
        table::write(&record, &mut text);
        // Read as a spreadsheet does: cells apart, then their first sign.
        for cell in cells_of(&text) {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
}

/// The cells of a table, by a reader of its own.
fn cells_of(text: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut signs, mut quoted) = (text.chars().peekable(), false);
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => cells.push(String::new()),
            sign => cells.last_mut().unwrap().push(sign),
        }
    }
    cells
}

#[test]
fn the_row_of_version_1_is_what_it_was() {
    // What is stored out there must be read for ever: a change here is a new version.
    let row = json!([
        1, "receipt_1", 1_795_348_800_000_u64, "claude-sonnet-5", "truncated", "claude-sonnet-5-x",
        "anthropic", "length", null, null, null, "support", "greeting", "b", 0.25, 0.9, "code",
        "ordinary", "claude-opus-5", "claude-sonnet-5", 9, 10, 11, 20, 30, 40, 25, "0.001", "0.002",
        "0.003", "0.01", "0.02", "0.03", {"claude-opus-5": "0.02"}, 10, 31, 4, 5, 6, 7, "gateway",
        "0.0021", "usage", 1.5, 200.0, 900.0, 950.5, 12,
        [{"model": "claude-sonnet-5", "endpoint": "/v1", "durationMs": 950, "error": {"kind": "timeout"}}],
        0.5, "up", 4, true, false, ["short"], "fine", "[]", "Hi"
    ]);
    let record = Record::from_row(&row).unwrap();
    assert_eq!(record.to_row().to_string().replace("200.0", "200"), record.to_row().to_string());
    assert_eq!((record.pieces, record.total_ms), (Some(12), Some(950.5)));
    assert_eq!(record.feedback.words.as_deref(), Some("fine"));
    assert_eq!(record.attempts[0].error.as_deref(), Some("timeout"));
    let told = record.to_json();
    assert_eq!(told["v"], 1);
    assert_eq!(told["estimate"]["strongestUsd"]["expected"], "0.02");
    assert_eq!(told["usage"]["cacheWrite1hTokens"], 6);
    assert_eq!(told["experiment"], json!({"id": "greeting", "arm": "b"}));
    assert_eq!(told["text"], "Hi");
    assert_eq!(Record::from_row(&record.to_row()).unwrap(), record);
}

#[test]
fn what_is_no_record_is_refused_by_name() {
    let fine = record(1, "fast", "0.001").to_json();
    assert!(Record::from_json(&fine).is_ok());
    let with = |path: &str, value: Value| {
        let mut bad = fine.clone();
        match path.split_once('.') {
            Some((object, name)) => bad[object][name] = value,
            None => bad[path] = value,
        }
        Record::from_json(&bad).unwrap_err().message().to_owned()
    };
    for (path, value) in [
        ("id", json!("")),
        ("id", json!(7)),
        ("model", Value::Null),
        ("ending", json!("well")),
        ("cost.usd", json!(0.5)),
        ("cost.usd", json!("-1")),
        ("timing.sentAt", json!(-1)),
        ("timing.sentAt", json!(9e15)),
        ("timing.totalMs", json!("soon")),
        ("timing.firstPieceMs", json!(-3)),
        ("route.need", json!(1.5)),
        ("feedback.thumb", json!("sideways")),
        ("feedback.score", json!(6)),
        ("usage.inputTokens", json!(1.5)),
        ("score", json!(2)),
        ("attempts", json!([1])),
        ("cached", json!("no")),
    ] {
        let message = with(path, value.clone());
        assert!(message.starts_with(&format!("{path}: found ")), "{path} {value}: {message}");
    }
    assert!(with("v", json!(2)).contains("newer version"));
    assert!(with("v", json!("x")).contains("wanted 1"));
    assert!(Record::from_row(&json!([2, "id"])).unwrap_err().message().contains("newer version"));
    assert!(Record::from_row(&json!({"v": 1})).is_err());
}

#[test]
fn a_plan_gives_the_decision() {
    let plan = json!({
        "id": "p", "model": "fast", "task": "support", "experiment": {"id": "e", "arm": "a"},
        "tokens": {"tokens": 10, "low": 9, "high": 12},
        "cost": {"low": "0.001", "expected": "0.002", "high": "0.004", "typicalOutputTokens": 50,
                 "outputTokens": {"low": 1, "expected": 60, "high": 90}},
        "candidates": [
            {"model": "fast", "cost": {"low": "0.001", "expected": "0.002", "high": "0.004"}},
            {"model": "deep", "cost": {"low": "0.01", "expected": "0.02", "high": "0.04"}},
            {"model": "odd", "cost": null},
        ],
        "route": {"need": 0.3, "confidence": 0.8, "criticality": "ordinary", "strongest": "deep",
                  "cheapest": "fast", "score": {"category": "code"}},
        "request": {"messages": [{"role": "user", "content": "a secret"}]},
    });
    let record = Record::of_plan(&plan);
    assert_eq!(record.task(), Some("support"));
    assert_eq!((record.experiment.as_deref(), record.arm.as_deref()), (Some("e"), Some("a")));
    assert_eq!(record.strongest_estimate.high, Some(usd("0.04")));
    assert_eq!(record.candidates.len(), 2);
    assert_eq!((record.output_typical, record.output_estimate.expected), (Some(50), Some(60)));
    assert!(!record.to_json().to_string().contains("secret"));
    assert_eq!(Record::of_plan(&json!({})), Record::default());
    assert_eq!(Record { task: None, ..record }.task(), Some("code"));
}
