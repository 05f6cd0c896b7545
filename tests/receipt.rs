//! The receipt: what it says of usage and cost, and where each is from.

use promptfare::ErrorKind;
use promptfare::chat::Usage;
use promptfare::error::Error;
use promptfare::gateway::{Profile, Redactor};
use promptfare::ledger::{
    Bill, CostSource, Estimate, Interval, Receipt, Sent, Timing, UsageSource,
};
use promptfare::stream::{Answer, End};
use serde_json::json;

fn answer(body: &str, end: End) -> Answer {
    let mut answer = Answer::new(&Profile::custom(), None, Redactor::default());
    answer.push(body.as_bytes());
    answer.finish(end);
    answer
}

fn body(usage: serde_json::Value) -> String {
    json!({"id": "c1", "model": "asked-2026-01-01", "provider": "p", "usage": usage, "choices": [{"index": 0,
        "message": {"content": "Hi", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]},
        "finish_reason": "tool_calls"}]}).to_string()
}

fn sent() -> Sent {
    Sent {
        id: "r1".into(),
        plan_id: "p1".into(),
        model: "asked".into(),
        estimate: Some(Estimate {
            input_tokens: Interval { low: 8, expected: 9, high: 10 },
            output_tokens: Interval { low: 10, expected: 50, high: 100 },
            usd: Some(Interval {
                low: "0.0001".into(),
                expected: "0.0005".into(),
                high: "0.001".into(),
            }),
        }),
        timing: Timing {
            sent_at: 1e12,
            first_piece_ms: Some(12.0),
            last_piece_ms: Some(12.0),
            pieces: 1,
            total_ms: 99.5,
            queued_ms: 0.0,
        },
        attempts: vec![],
        cached: false,
        estimated_usage: Some(Usage { input_tokens: 9, output_tokens: 1, ..Usage::default() }),
        header_usd: None,
    }
}

fn bill(usd: &str) -> Option<Bill> {
    Some(Bill {
        usd: usd.into(),
        input: Some("0.0002".into()),
        output: Some("0.0001".into()),
        notes: vec![],
    })
}

#[test]
fn the_best_source_of_a_cost_wins() {
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 120});
    let charged = json!({"prompt_tokens": 9, "completion_tokens": 120, "cost": 0.002});
    let header = || Sent { header_usd: Some("0.0007".into()), ..sent() };
    let make = |sent: Sent, usage: &serde_json::Value| {
        Receipt::new(sent, &answer(&body(usage.clone()), End::Clean), |model, usage| {
            // The model that answered is priced, not the one that was asked.
            assert_eq!((model, usage.output_tokens), ("asked-2026-01-01", 120));
            bill("0.0003")
        })
    };
    for (receipt, usd, source) in [
        (make(header(), &charged), "0.002", CostSource::Charged),
        (make(header(), &usage), "0.0007", CostSource::Header),
        (make(sent(), &usage), "0.0003", CostSource::Usage),
    ] {
        assert_eq!((receipt.cost.unwrap().usd.as_str(), receipt.cost_source), (usd, source));
        assert_eq!(receipt.usage_source, UsageSource::Gateway);
        let comparison = receipt.comparison.unwrap();
        assert!(comparison.input_tokens.inside && !comparison.output_tokens.inside);
        assert_eq!(comparison.usd.unwrap().inside, usd != "0.002");
    }
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let cut =
        || End::Cut(Error::new(ErrorKind::Network, "lost").with_status(502).with_request_id("q"));
    let part = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n";
    // Text came, usage did not: it is estimated, says so, and is held against no estimate.
    let receipt = Receipt::new(sent(), &answer(part, End::Aborted), |_, _| bill("0.0003"));
    assert_eq!((receipt.ending, receipt.text.as_str()), ("aborted", "Hel"));
    assert_eq!(
        (receipt.usage_source, receipt.cost_source),
        (UsageSource::Estimated, CostSource::Estimated)
    );
    assert!(receipt.comparison.is_none() && receipt.error.is_none());
    // Nothing came: nothing is known.
    let receipt = Receipt::new(sent(), &answer("", cut()), |_, _| panic!("nothing to price"));
    assert_eq!(
        (receipt.ending, receipt.usage_source, receipt.cost_source),
        ("errored", UsageSource::None, CostSource::None)
    );
    let error = receipt.error.unwrap();
    assert_eq!(
        (error.kind, error.status, error.request_id.as_deref()),
        ("network", Some(502), Some("q"))
    );
    // No price for the model.
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 20});
    let receipt = Receipt::new(sent(), &answer(&body(usage), End::Clean), |_, _| None);
    assert_eq!((receipt.cost.as_ref(), receipt.cost_source), (None, CostSource::None));
    assert!(receipt.comparison.as_ref().unwrap().usd.is_none());
}

#[test]
fn it_is_written_as_the_types_say() {
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 20, "cost": 1.35e-5});
    let receipt = Receipt::new(sent(), &answer(&body(usage), End::Clean), |_, _| None);
    assert_eq!(
        serde_json::to_value(&receipt).unwrap(),
        json!({
            "id": "r1", "planId": "p1", "ending": "completed", "finishReason": "tool_calls",
            "model": "asked", "answeredBy": "asked-2026-01-01", "provider": "p", "answerId": "c1",
            "text": "Hi", "reasoning": null,
            "toolCalls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            "usage": {"inputTokens": 9, "outputTokens": 20}, "usageSource": "gateway",
            "cost": {"usd": "0.0000135"}, "costSource": "charged",
            "timing": {"sentAt": 1e12, "firstPieceMs": 12.0, "lastPieceMs": 12.0, "pieces": 1, "totalMs": 99.5, "queuedMs": 0.0}, "attempts": [],
            "comparison": {
                "inputTokens": {"estimated": 9, "low": 8, "high": 10, "billed": 9, "inside": true},
                "outputTokens": {"estimated": 50, "low": 10, "high": 100, "billed": 20, "inside": true},
                "usd": {"low": "0.0001", "expected": "0.0005", "high": "0.001", "billed": "0.0000135", "inside": false},
            },
        })
    );
}
