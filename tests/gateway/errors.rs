//! What an error answer means.

use super::NOW_MS;
use promptfare::ErrorKind::{self, *};
use promptfare::error::{Error, Overflow};
use promptfare::gateway::{Failure, Headers, Redactor, classify_error, classify_value};
use proptest::prelude::*;
use serde_json::{Value, json};

fn classify(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    let headers: Vec<_> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let redactor = Redactor::default();
    classify_error(&Failure {
        status: Some(status),
        headers: Headers(&headers),
        body,
        now_ms: NOW_MS,
        redactor: &redactor,
    })
}

/// What LiteLLM makes of a provider's error.
fn wrapped(class: &str, words: &str, kind: &str, code: u16) -> String {
    json!({"error": {"message": format!("litellm.{class}: {class}: OpenAIException - {words}\n\nLiteLLM: model group 'quota/overloaded' failed with the error above and no fallback model group was found for it. Fallbacks are configured for: rate limit/429."),
        "type": kind, "param": null, "code": code.to_string()}}).to_string()
}

fn plain(words: &str, kind: &str, code: Value) -> String {
    json!({"error": {"message": words, "type": kind, "param": null, "code": code}}).to_string()
}

#[test]
fn errors_are_told_apart() {
    let openai =
        |status, words: &str, kind: &str, code: &str| (status, plain(words, kind, json!(code)));
    let ours = "Your request is not OK";
    let cases: Vec<((u16, String), ErrorKind)> = vec![
        (openai(400, ours, "invalid_request_error", "invalid_value"), InvalidRequest),
        (openai(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key"), Authentication),
        (openai(402, "Pay first", "insufficient_quota", "insufficient_quota"), Quota),
        (openai(403, "Not in your country", "forbidden", "unsupported_country_region_territory"), Permission),
        (openai(404, "The model `nope` does not exist", "invalid_request_error", "model_not_found"), UnknownModel),
        (openai(408, "Too slow", "timeout", "timeout"), Timeout),
        (openai(409, "Conflict", "conflict", "conflict"), Server),
        (openai(413, "Too much", "invalid_request_error", "payload_too_large"), InvalidRequest),
        (openai(422, "Cannot", "invalid_request_error", "unprocessable"), InvalidRequest),
        (openai(429, "Slow down", "requests", "rate_limit_exceeded"), RateLimit),
        (openai(429, "You exceeded your current quota", "insufficient_quota", "insufficient_quota"), Quota),
        (openai(500, "Broken", "server_error", ""), Server),
        (openai(502, "Bad gateway", "server_error", ""), Server),
        (openai(503, "Overloaded", "server_error", "overloaded"), Overloaded),
        (openai(503, "Down for maintenance", "server_error", ""), Server),
        (openai(504, "Gateway timeout", "server_error", ""), Timeout),
        (openai(529, "Overloaded", "overloaded_error", ""), Overloaded),
        (openai(400, "This model's maximum context length is 8192 tokens", "invalid_request_error", "context_length_exceeded"), ContextOverflow),
        (openai(400, "filtered", "invalid_request_error", "content_filter"), Policy),
        // The same through LiteLLM: codes only in the words, names of models behind them.
        ((400, wrapped("BadRequestError", ours, "invalid_request_error", 400)), InvalidRequest),
        ((401, wrapped("AuthenticationError", "Incorrect API key provided", "authentication_error", 401)), Authentication),
        ((402, wrapped("APIError", "Insufficient credits", "invalid_request_error", 402)), Quota),
        ((403, wrapped("APIError", "Not in your country", "permission_error", 403)), Permission),
        ((404, wrapped("NotFoundError", "The model `nope` does not exist", "invalid_request_error", 404)), UnknownModel),
        ((408, wrapped("Timeout", "Too slow", "invalid_request_error", 408)), Timeout),
        ((429, wrapped("RateLimitError", "Slow down", "throttling_error", 429)), RateLimit),
        ((429, wrapped("RateLimitError", "You exceeded your current quota, see billing", "throttling_error", 429)), Quota),
        ((500, wrapped("InternalServerError", "Connection error.", "internal_server_error", 500)), Server),
        ((503, wrapped("ServiceUnavailableError", "Overloaded", "internal_server_error", 503)), Overloaded),
        ((529, wrapped("APIError", "Overloaded", "internal_server_error", 529)), Overloaded),
        ((400, wrapped("ContextWindowExceededError", "too long", "invalid_request_error", 400)), ContextOverflow),
        ((400, wrapped("ContentPolicyViolationError", "no", "invalid_request_error", 400)), Policy),
        ((400, wrapped("BadRequestError", "filtered due to the prompt triggering content management policy", "invalid_request_error", 400)), Policy),
        ((400, wrapped("BadRequestError", "x", "invalid_request_error", 400).replace("OpenAIException - x", "You passed in model=x. There are no healthy deployments for this model")), UnknownModel),
        ((400, plain("No connected db.", "no_db_connection", json!("400"))), Authentication),
        ((401, plain("Authentication Error, No api key passed in.", "auth_error", json!("401"))), Authentication),
        ((400, plain("Budget has been exceeded! Current cost: 2.1, Max budget: 2.0", "budget_exceeded", json!("400"))), Quota),
        // Other gateways and providers.
        ((400, json!({"status": "failure", "message": "Either x-portkey-config or x-portkey-provider header is required"}).to_string()), InvalidRequest),
        ((500, json!({"status": "failure", "message": "Something went wrong"}).to_string()), Server),
        ((500, json!({"html-message": "<html><body>502 Bad Gateway</body></html>"}).to_string()), Server),
        ((404, json!({"detail": "Not Found"}).to_string()), InvalidRequest),
        ((422, json!({"detail": [{"loc": ["body", "messages"], "msg": "field required"}]}).to_string()), InvalidRequest),
        ((429, json!({"error": {"code": 429, "message": "Rate limit exceeded"}}).to_string()), RateLimit),
        ((502, json!({"error": "All providers failed: Rate limit reached (429)"}).to_string()), RateLimit),
        ((402, json!({"error": {"code": 402, "message": "This request requires more credits"}}).to_string()), Quota),
        ((403, json!({"error": {"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["violence"]}}}).to_string()), Policy),
        ((400, json!({"error": {"code": 400, "message": "nope/nope is not a valid model ID"}}).to_string()), UnknownModel),
        ((404, json!({"error": {"code": 404, "message": "No endpoints found for nope/nope."}}).to_string()), UnknownModel),
        ((404, json!({"error": {"code": 404, "message": "No endpoints found that support tool use."}}).to_string()), Unsupported),
        ((400, json!({"error": {"code": 400, "message": "Provider returned error", "metadata": {"raw": "{\"error\":{\"message\":\"prompt is too long: 210000 tokens > 200000 maximum\"}}"}}}).to_string()), ContextOverflow),
        ((400, json!({"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}}).to_string()), Quota),
        ((404, json!({"type": "error", "error": {"type": "not_found_error", "message": "model: claude-x"}}).to_string()), UnknownModel),
        ((400, json!({"object": "error", "message": "This model's maximum context length is 4096 tokens", "code": 400}).to_string()), ContextOverflow),
        ((400, json!([{"error": {"code": 400, "message": "API key not valid. Invalid API key.", "status": "INVALID_ARGUMENT"}}]).to_string()), Authentication),
        ((429, json!({"error": {"message": "Request too large for m on tokens per min (TPM): Limit 30000, Requested 40000.", "type": "tokens", "code": "rate_limit_exceeded"}}).to_string()), InvalidRequest),
        // No JSON, or none at all.
        ((502, "<html><head><title>502 Bad Gateway</title></head></html>".into()), Server),
        ((500, "Internal Server Error".into()), Server),
        ((500, String::new()), Server),
        ((429, String::new()), RateLimit),
        ((401, "null".into()), Authentication),
        ((404, "<!doctype html><h1>Not found</h1>".into()), InvalidRequest),
        ((302, String::new()), Protocol),
        // What a model or a person is called must not decide.
        ((400, plain("temperature: must be below 2 (model rate-limit-8192 of Overloaded Inc.)", "invalid_request_error", json!(null))), InvalidRequest),
        ((400, plain("max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens", "invalid_request_error", json!(null))), InvalidRequest),
    ];
    for ((status, body), wanted) in &cases {
        let error = classify(*status, &[], body);
        assert_eq!(error.kind(), *wanted, "{status} {body}\n{error}");
        assert_eq!(error.status(), Some(*status));
        assert!(
            error.message().contains(&status.to_string()) && !error.message().contains('<'),
            "{error}"
        );
        assert!(!error.message().contains("model group"), "{error}");
    }
    println!("{} error bodies of our own", cases.len());
}

#[test]
fn an_error_carries_what_helps() {
    let error = classify(400, &[("X-Request-Id", "req_1")], &json!({"error": {"message": "Missing required parameter: 'messages'.", "type": "invalid_request_error", "param": "messages", "code": "400"}}).to_string());
    assert_eq!((error.parameter(), error.request_id()), (Some("messages"), Some("req_1")));
    let error = classify(
        400,
        &[],
        &plain(
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 200000 tokens.",
            "invalid_request_error",
            json!("context_length_exceeded"),
        ),
    );
    assert_eq!(error.overflow(), Some(Overflow { found: 200_000, limit: 128_000 }));
    assert!(error.message().contains("200000"));
    let error = classify(
        429,
        &[("retry-after", "2"), ("retry-after-ms", "1500"), ("x-should-retry", "false")],
        "{}",
    );
    assert_eq!((error.retry_after_ms(), error.should_retry()), (Some(1500), Some(false)));
    // Where headers cannot be read, the words tell.
    for (words, wanted) in [
        ("Please try again in 1.5s.", Some(1500)),
        ("try again in 20 seconds", Some(20_000)),
        ("try again in 350ms", Some(350)),
        ("Try again in 2 minutes", Some(120_000)),
        ("try again in a while", None),
    ] {
        let error = classify(429, &[], &plain(words, "requests", json!("rate_limit_exceeded")));
        assert_eq!(error.retry_after_ms(), wanted, "{words}");
    }
    // Quota does not pass, whatever the header says.
    assert_eq!(classify(402, &[("retry-after", "2")], "").retry_after_ms(), None);
    // Anthropic's request id is in the body.
    assert_eq!(
        classify(500, &[], r#"{"type":"error","error":{"type":"api_error"},"request_id":"req_2"}"#)
            .request_id(),
        Some("req_2")
    );
    // A page of words is cut, keys are taken out.
    let long = format!("sk-canary0123456789 {}", "word ".repeat(5000));
    let error = classify(400, &[], &long);
    assert!(
        error.message().chars().count() < 600 && !error.message().contains("canary"),
        "{error}"
    );
    assert!(classify(404, &[], "").message().contains("base URL"));
}

proptest! {
    #[test]
    fn nothing_a_server_sends_panics(status in 100u16..=999, body in ".{0,200}", name in "[a-z-]{0,20}", value in ".{0,30}") {
        let error = classify(status, &[(&name, &value), ("retry-after", &value)], &body);
        prop_assert!(error.message().len() < 4000);
    }

    #[test]
    fn no_json_panics(text in r#"\{"(error|message|code|detail|type)":(\{"(message|code|error|metadata)":("[a-z0-9 >+]{0,40}"|[1-9][0-9]{0,3}|null|\[\])\}|"[a-z]{0,9}"|\[\{"msg":1\}\]|null)\}"#) {
        classify(400, &[], &text);
        let value: Value = serde_json::from_str(&text).unwrap();
        classify_value(&value, &Redactor::default());
    }
}
