//! The ledger in memory: exports, feedback, bounds.

use super::*;

fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    (0..3).for_each(|n| ledger.add(record(n, "fast", "0.1"), true));
    ledger.add(Record { ending: "errored".to_owned(), cost: None, ..record(3, "deep", "0") }, true);
    ledger
}

fn figures(ledger: &Ledger) -> Value {
    ledger.kpis(&Cells::default(), &Query::default())
}

#[test]
fn an_export_comes_back_as_json_and_as_a_table() {
    let mut ledger = ledger();
    let said =
        Opinion::from_json(&json!({"thumb": "up", "words": "=HYPERLINK(\"x\"),\nfine"})).unwrap();
    assert!(ledger.change("r1", &Said::Feedback(said), true));
    assert!(ledger.change("r2", &Said::Score(0.5), true));
    assert!(!ledger.change("nobody", &Said::Score(1.0), true));
    let export = ledger.export();
    assert_eq!(export["feedback"][0]["receiptId"], "r1");
    let mut csv = table::head();
    ledger.records().iter().for_each(|record| table::write(record, &mut csv));
    assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\"),\nfine\""), "{csv}");
    for data in [export.clone(), export.to_string().into(), csv.into()] {
        let mut other = Ledger::default();
        assert_eq!(other.take_in(read_export(&data).unwrap()), 4);
        assert_eq!(other.take_in(read_export(&data).unwrap()), 0, "nothing is doubled");
        assert_eq!(other.export(), export);
        assert_eq!(figures(&other), figures(&ledger));
    }
}

#[test]
fn exports_from_before_versions_are_read() {
    let receipt = |n: u64| {
        json!({
            "id": format!("r{n}"), "planId": "p", "ending": "completed", "model": "gpt-5",
            "timing": {"sentAt": n, "firstPieceMs": 1, "totalMs": 2}, "attempts": [], "cost": null,
            "finishReason": null, "usage": null, "answeredBy": null,
            "comparison": {"inputTokens": {}, "outputTokens": {"estimated": 500, "typical": 456, "low": 1,
                           "high": 2, "billed": 3000, "inside": false}, "usd": null},
        })
    };
    let data = json!({"schema": 1, "receipts": [receipt(1), receipt(2), receipt(1)],
                      "feedback": [{"receiptId": "r2", "feedback": {"thumb": "down"}}]});
    let mut ledger = Ledger::default();
    assert_eq!(ledger.take_in(read_export(&data).unwrap()), 2);
    let past = ledger.past_answers("gpt-5");
    assert_eq!((past.len(), past[0].estimated, past[0].billed), (2, 456, 3000));
    assert_eq!(ledger.find("r2").unwrap().feedback.thumb.as_deref(), Some("down"));
    assert_eq!(figures(&ledger)["perModel"]["gpt-5"]["feedback"], json!({"up": 0, "down": 1}));
}

#[test]
fn what_is_no_export_says_where() {
    let fine = ledger().export();
    let with = |path: &str, value: Value| {
        let mut bad = fine.clone();
        *bad.pointer_mut(path).unwrap() = value;
        read_export(&bad).unwrap_err().message().to_owned()
    };
    assert!(with("/schema", json!(2)).starts_with("schema: found 2"));
    assert!(with("/receipts", json!("all")).starts_with("receipts: found"));
    assert!(with("/receipts/2/ending", json!("?")).starts_with("receipts[2].ending: found \"?\""));
    assert!(with("/receipts/1/v", json!(9)).contains("newer version"));
    let stray = json!([{"receiptId": "nobody", "feedback": {}}]);
    assert!(with("/feedback", stray).starts_with("feedback[0].receiptId: found \"nobody\""));
    let bad = json!([{"receiptId": "r1", "feedback": {"stars": 5}}]);
    assert!(with("/feedback", bad).contains("feedback.stars"));
    for (text, says) in [
        ("{", "no JSON"),
        ("", "wanted another kind of value"),
        ("v,id,weather\r\n", "line 1: found \"weather\""),
        ("v,id,id\r\n", "line 1: found \"id\""),
        ("v,id\r\n1,a,b\r\n", "line 2: row: found 3, wanted 2 cells"),
        ("v,id\r\n2,a\r\n", "line 2: v: found \"2\""),
        (
            "v,id,model,ending,timing.sentAt\r\n1,a,m,completed,1\r\n1,b,m,badly,2\r\n",
            "line 3: ending: found \"badly\"",
        ),
        (
            "v,id,model,ending,timing.sentAt,cost.usd\r\n1,a,m,completed,1,much\r\n",
            "line 2: cost.usd: found \"much\"",
        ),
        ("v,id\r\n1,\"a\r\n", "wanted a closing quotation mark"),
        ("v,id\r\n1,\"a\"b\r\n", "wanted a comma"),
    ] {
        match read_export(&json!(text)) {
            Err(error) => assert!(error.message().contains(says), "{text:?}: {}", error.message()),
            // A table without lines is an empty one.
            Ok(records) => assert!(text.is_empty() && records.is_empty(), "{text:?}"),
        }
    }
}

#[test]
fn feedback_of_another_shape_is_refused() {
    for (bad, field) in [
        (json!("up"), "feedback"),
        (json!({"thumb": 1}), "feedback.thumb"),
        (json!({"thumb": "sideways"}), "feedback.thumb"),
        (json!({"score": 9}), "feedback.score"),
        (json!({"score": 0}), "feedback.score"),
        (json!({"stars": 3}), "feedback.stars"),
        (json!({"tags": "a"}), "feedback.tags"),
        (json!({"correct": "yes"}), "feedback.correct"),
    ] {
        let message = Opinion::from_json(&bad).unwrap_err().message().to_owned();
        assert!(message.starts_with(&format!("{field}: found ")), "{bad}: {message}");
    }
    let mut said = Opinion::from_json(&json!({"thumb": "up", "tags": ["a"]})).unwrap();
    said.add(
        Opinion::from_json(&json!({"score": 4, "tags": ["a", "b"], "thumb": "down"})).unwrap(),
    );
    assert_eq!((said.thumb.as_deref(), said.score, said.tags.len()), (Some("down"), Some(4), 2));
    assert!(Opinion::default().is_empty() && !said.is_empty());
}

#[test]
fn it_is_bounded_and_what_goes_stays_counted() {
    let mut ledger = Ledger::new(400);
    (0..1_000).for_each(|n| ledger.add(record(n, "fast", "0.001"), true));
    assert!((390..=400).contains(&ledger.records().len()), "{}", ledger.records().len());
    assert_eq!(ledger.records().last().unwrap().id, "r999");
    assert_eq!(figures(&ledger)["requests"], 1_000);
    assert_eq!(figures(&ledger)["costUsd"], "1");
    let wanted = Wanted { limit: Some(2), ..Wanted::default() };
    let ids: Vec<_> = ledger.wanted(&wanted).iter().map(|record| record.id.clone()).collect();
    assert_eq!(ids, ["r998", "r999"]);
    let of = Query { until: Some(NOON + 700), ..Query::default() };
    assert_eq!(ledger.wanted(&Wanted { of, ..Wanted::default() }).last().unwrap().id, "r700");
    ledger.clear();
    assert_eq!((ledger.records().len(), figures(&ledger)["requests"].clone()), (0, json!(0)));
}
