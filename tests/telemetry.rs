//! Receipts as OTLP/HTTP JSON. `tests/e2e/telemetry.test.mjs` sends them to a strict collector.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use promptfare::ledger::telemetry::{Context, Settings, Telemetry};
use serde_json::{Value, json};

fn settings(more: Value) -> Settings {
    let mut options = json!({"serviceName": "shop"});
    for (name, value) in more.as_object().unwrap() {
        options[name] = value.clone();
    }
    Settings::from_value(&options, "tab-1").unwrap()
}

fn context(number: u64) -> Context {
    Context {
        trace_id: format!("{number:032x}"),
        span_id: format!("{number:016x}"),
        lab: Some("Anthropic".to_owned()),
        origin: Some("https://shop.example".to_owned()),
    }
}

fn receipt() -> Value {
    json!({
        "id": "receipt_1", "planId": "plan_1", "ending": "completed", "finishReason": "stop",
        "model": "claude-sonnet-4", "answeredBy": "claude-sonnet-4-20250514", "answerId": "msg_1",
        "text": "a secret answer", "reasoning": null, "toolCalls": [],
        "usage": {"inputTokens": 15, "outputTokens": 43, "cacheReadTokens": 5},
        "usageSource": "gateway", "cost": {"usd": "0.00069"}, "costSource": "usage",
        "timing": {"sentAt": 1_795_340_640_123.0, "firstPieceMs": 300.0, "totalMs": 1300.0,
                   "queuedMs": 0.0, "pieces": 5, "lastPieceMs": 1100.0},
        "attempts": [
            {"model": "claude-sonnet-4", "endpoint": "https://a.example:8443/v1", "startedMs": 0.0,
             "durationMs": 50.0, "error": {"kind": "overloaded", "message": "secret", "status": 529}},
            {"model": "claude-sonnet-4", "endpoint": "/gateway/v1", "startedMs": 60.0, "durationMs": 1200.0},
        ],
        "comparison": {"usd": {"low": "0.0003", "expected": "0.0006", "high": "0.002",
                               "billed": "0.00069", "inside": true}},
    })
}

fn request() -> Value {
    json!({"model": "claude-sonnet-4", "stream": true, "max_tokens": 200, "temperature": 0.5,
           "messages": [{"role": "user", "content": "a secret question"}]})
}

fn attributes(span: &Value) -> Value {
    let mut map = json!({});
    for pair in span["attributes"].as_array().unwrap() {
        map[pair["key"].as_str().unwrap()] = pair["value"].clone();
    }
    map
}

fn spans(body: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(body).unwrap();
    body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
}

fn metric(body: &str, name: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(body).unwrap();
    let list = body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap().clone();
    let found = list.into_iter().find(|metric| metric["name"] == name);
    found.map_or_else(Vec::new, |metric| {
        metric["histogram"]["dataPoints"].as_array().unwrap().clone()
    })
}

#[test]
fn a_receipt_is_a_span_under_the_conventions_names() {
    let mut telemetry = Telemetry::new(settings(json!({})), 0.0);
    telemetry.record(&receipt(), &request(), &context(1));
    let (batch, _) = telemetry.take(60_000, 1_795_340_700_000.0);
    let body = batch.traces.unwrap();
    assert!(!body.contains("secret"), "what was said is not told unless that is asked for");
    let span = &spans(&body)[0];
    assert_eq!(span["name"], "chat claude-sonnet-4");
    assert_eq!(span["kind"], 3);
    assert_eq!(span["startTimeUnixNano"], "1795340640123000000");
    assert_eq!(span["endTimeUnixNano"], "1795340641423000000");
    assert_eq!(span.get("status"), None);
    let given = attributes(span);
    for (name, value) in [
        ("gen_ai.operation.name", json!({"stringValue": "chat"})),
        ("gen_ai.provider.name", json!({"stringValue": "anthropic"})),
        ("gen_ai.request.model", json!({"stringValue": "claude-sonnet-4"})),
        ("gen_ai.response.model", json!({"stringValue": "claude-sonnet-4-20250514"})),
        ("gen_ai.request.max_tokens", json!({"intValue": "200"})),
        ("gen_ai.usage.input_tokens", json!({"intValue": "15"})),
        ("gen_ai.usage.output_tokens", json!({"intValue": "43"})),
        (
            "gen_ai.response.finish_reasons",
            json!({"arrayValue": {"values": [{"stringValue": "stop"}]}}),
        ),
        ("gen_ai.response.time_to_first_chunk", json!({"doubleValue": 0.3})),
        ("server.address", json!({"stringValue": "shop.example"})),
        ("server.port", json!({"intValue": "443"})),
        ("promptfare.cost.usd", json!({"doubleValue": 0.00069})),
        ("promptfare.estimate.usd.inside", json!({"boolValue": true})),
    ] {
        assert_eq!(given[name], value, "{name}");
    }
    assert_eq!(given.get("gen_ai.system"), None, "the name of before");
    let event = &span["events"][0];
    assert_eq!(event["timeUnixNano"], "1795340640173000000");
    assert_eq!(attributes(event)["error.type"], json!({"stringValue": "overloaded"}));
}

#[test]
fn texts_go_only_where_that_is_asked_for_and_never_out_of_a_masked_answer() {
    let told = |receipt: &Value| {
        let mut telemetry = Telemetry::new(settings(json!({"content": true})), 0.0);
        telemetry.record(receipt, &request(), &context(1));
        telemetry.take(60_000, 1.0).0.traces.unwrap()
    };
    let body = told(&receipt());
    assert!(body.contains("a secret question") && body.contains("a secret answer"));
    let mut masked = receipt();
    masked["privacy"] = json!({"masked": 2});
    assert!(!told(&masked).contains("a secret answer"));
}

#[test]
fn errors_are_told_by_kind() {
    let mut failed = receipt();
    failed["ending"] = json!("errored");
    failed["usage"] = Value::Null;
    failed["usageSource"] = json!("none");
    failed["cost"] = Value::Null;
    failed["error"] = json!({"kind": "timeout", "message": "secret", "status": 504});
    let mut telemetry = Telemetry::new(settings(json!({})), 0.0);
    telemetry.record(&failed, &request(), &context(1));
    let (batch, _) = telemetry.take(60_000, 1.0);
    let span = &spans(batch.traces.as_ref().unwrap())[0];
    assert_eq!(span["status"], json!({"code": 2}));
    assert_eq!(attributes(span)["error.type"], json!({"stringValue": "timeout"}));
    let metrics = batch.metrics.unwrap();
    assert_eq!(metric(&metrics, "gen_ai.client.token.usage"), Vec::<Value>::new());
    let duration = &metric(&metrics, "gen_ai.client.operation.duration")[0];
    assert_eq!(attributes(duration)["error.type"], json!({"stringValue": "timeout"}));
}

#[test]
fn histograms_add_up_and_begin_anew_once_they_are_taken() {
    let mut telemetry = Telemetry::new(settings(json!({})), 1000.0);
    for _ in 0..3 {
        telemetry.record(&receipt(), &request(), &context(1));
    }
    let (batch, _) = telemetry.take(60_000, 2000.0);
    let body = batch.metrics.unwrap();
    let duration = &metric(&body, "gen_ai.client.operation.duration")[0];
    assert_eq!(
        (&duration["count"], &duration["startTimeUnixNano"]),
        (&json!("3"), &json!("1000000000"))
    );
    let counts = duration["bucketCounts"].as_array().unwrap();
    let bounds = duration["explicitBounds"].as_array().unwrap();
    assert_eq!(counts.len(), bounds.len() + 1);
    // 1.3 s lies above 1.28 and below 2.56.
    let place = bounds.iter().position(|bound| bound == 2.56).unwrap();
    assert_eq!(counts[place], "3");
    let tokens = metric(&body, "gen_ai.client.token.usage");
    assert_eq!(tokens.len(), 2, "input and output are told apart");
    assert_eq!(tokens[0]["sum"], json!(45.0));
    let gaps = &metric(&body, "gen_ai.client.operation.time_per_output_chunk")[0];
    assert_eq!((&gaps["count"], &gaps["sum"]), (&json!("12"), &json!(2.4000000000000004)));
    telemetry.record(&receipt(), &request(), &context(2));
    let (batch, _) = telemetry.take(60_000, 3000.0);
    let again = &metric(batch.metrics.as_ref().unwrap(), "gen_ai.client.operation.duration")[0];
    assert_eq!((&again["count"], &again["startTimeUnixNano"]), (&json!("1"), &json!("2000000000")));
    assert_eq!(
        telemetry.take(60_000, 4000.0).0,
        Default::default(),
        "nothing new, nothing to send"
    );
}

#[test]
fn cumulative_histograms_go_on() {
    let mut telemetry = Telemetry::new(settings(json!({"temporality": "cumulative"})), 0.0);
    for round in 1..=2 {
        telemetry.record(&receipt(), &request(), &context(round));
        let (batch, _) = telemetry.take(60_000, round as f64);
        let body = batch.metrics.unwrap();
        let point = &metric(&body, "gen_ai.client.operation.duration")[0];
        assert_eq!(point["count"], round.to_string());
        assert!(body.contains("\"aggregationTemporality\":2"));
        assert_eq!(telemetry.take(60_000, 9.0).0, Default::default(), "once for what is new");
    }
}

#[test]
fn what_could_not_be_sent_comes_back_whole() {
    let mut telemetry = Telemetry::new(settings(json!({})), 0.0);
    for number in 1..=3 {
        telemetry.record(&receipt(), &request(), &context(number));
    }
    let (first, taken) = telemetry.take(60_000, 1.0);
    telemetry.record(&receipt(), &request(), &context(4));
    telemetry.put_back(taken, true, true);
    let (second, _) = telemetry.take(60_000, 1.0);
    assert_eq!((first.spans, second.spans), (3, 4));
    let ids: Vec<_> =
        spans(second.traces.as_ref().unwrap()).iter().map(|span| span["spanId"].clone()).collect();
    assert_eq!(ids[0], format!("{:016x}", 1));
    assert_eq!(ids[3], format!("{:016x}", 4));
    let point = &metric(second.metrics.as_ref().unwrap(), "gen_ai.client.operation.duration")[0];
    assert_eq!((&point["count"], &point["startTimeUnixNano"]), (&json!("4"), &json!("0000")));
}

#[test]
fn what_waits_is_bounded_and_batches_are_small_enough() {
    let mut telemetry = Telemetry::new(settings(json!({})), 0.0);
    for number in 1..=600 {
        let mut other = receipt();
        other["model"] = json!(format!("model-{number}"));
        telemetry.record(&other, &request(), &context(number));
    }
    assert_eq!((telemetry.waiting(), telemetry.dropped()), (512, 88));
    let mut sent = 0;
    let mut overflowed = false;
    for _ in 0..200 {
        let (batch, _) = telemetry.take(60_000, 1.0);
        sent += batch.spans;
        let metrics = batch.metrics.unwrap_or_default();
        overflowed |= metrics.contains("otel.metric.overflow");
        // A browser lets 64 KiB out of a page that is left, of all requests together.
        assert!(metrics.len() + batch.traces.unwrap_or_default().len() < 65_536);
    }
    assert!(overflowed, "series are bounded too");
    assert_eq!(sent, 512);
}

#[test]
fn the_names_can_be_switched() {
    let mut telemetry = Telemetry::new(settings(json!({"conventions": "inference"})), 0.0);
    telemetry.record(&receipt(), &request(), &context(1));
    let body = telemetry.take(60_000, 1.0).0.metrics.unwrap();
    assert!(body.contains("gen_ai.client.inference.duration"));
    assert!(!body.contains("gen_ai.client.operation"));
    assert_eq!(
        metric(&body, "gen_ai.client.inference.operation.input_tokens")[0]["sum"],
        json!(15.0)
    );
}

#[test]
fn an_answer_of_our_own_cache_is_no_call_of_a_model() {
    let mut cached = receipt();
    cached["cached"] = json!(true);
    cached["usageSource"] = json!("cache");
    let mut telemetry = Telemetry::new(settings(json!({})), 0.0);
    telemetry.record(&cached, &request(), &context(1));
    let (batch, _) = telemetry.take(60_000, 1.0);
    assert_eq!(batch.metrics, None);
    let given = attributes(&spans(&batch.traces.unwrap())[0]);
    assert_eq!(given["promptfare.cached"], json!({"boolValue": true}));
    assert_eq!(given.get("gen_ai.usage.input_tokens"), None);
}

#[test]
fn receipts_of_any_shape_are_taken() {
    let mut telemetry = Telemetry::new(settings(json!({"content": true})), 0.0);
    for odd in
        [json!(null), json!([]), json!({"timing": 7, "attempts": {}, "error": []}), json!("x")]
    {
        telemetry.record(&odd, &odd, &Context::default());
    }
    assert_eq!(telemetry.take(60_000, 1.0).0.spans, 4);
}

#[test]
fn options_are_checked() {
    for (options, names) in [
        (json!({}), "telemetry.serviceName: found null"),
        (json!({"serviceName": 7}), "telemetry.serviceName: found 7"),
        (json!({"serviceName": "a", "attributes": {"b": 1}}), "telemetry.attributes"),
        (json!({"serviceName": "a", "conventions": "old"}), "telemetry.conventions: found \"old\""),
        (json!({"serviceName": "a", "content": "yes"}), "telemetry.content"),
        (json!({"serviceName": "a", "temporality": 1}), "telemetry.temporality"),
    ] {
        let error = Settings::from_value(&options, "tab").unwrap_err();
        assert!(error.message().contains(names), "{error}");
    }
}
