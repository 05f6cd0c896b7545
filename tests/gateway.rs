//! Gateways: what their errors mean, what goes out to them, and when to try again.

// Where a test indexes wrongly, its panic is the report.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod shared;

use promptfare::ErrorKind::{self, *};
use promptfare::error::{Error, Overflow};
use promptfare::gateway::*;
use promptfare::stream::{Answer, End, Ending};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

/// Sun, 22 Nov 2026 09:44:00 GMT.
const NOW_MS: u64 = 1_795_340_640_000;

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

// ------------------------------------------------------------------------------ classification

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

// ---------------------------------------------------------------------------- recorded gateways

struct Capture {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    end: End,
}

fn capture(folder: &Path, name: &str) -> Option<Capture> {
    let raw = std::fs::read(folder.join(format!("{name}.response.raw"))).ok()?;
    let head = String::from_utf8_lossy(&raw);
    let head = head.split("\r\n\r\n").next()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    let reads: Value =
        serde_json::from_slice(&std::fs::read(folder.join(format!("{name}.reads.json"))).ok()?)
            .ok()?;
    let end = match (reads["end"].as_str(), reads["chunked_terminator_seen"].as_bool()) {
        (Some("timeout"), _) => End::Cut(Error::new(Timeout, "no byte for a minute")),
        (Some("close" | "reset"), Some(false)) => End::Cut(Error::new(Network, "connection lost")),
        _ => End::Clean,
    };
    Some(Capture {
        status,
        headers,
        body: std::fs::read(folder.join(format!("{name}.response.body"))).ok()?,
        end,
    })
}

/// What a client must say of a capture: the ending, and the kind of error.
fn say(capture: &Capture) -> (&'static str, Option<ErrorKind>, Answer) {
    let redactor = Redactor::default();
    let mut answer = Answer::new(
        &Profile::custom(),
        Headers(&capture.headers).get("content-type"),
        redactor.clone(),
    );
    if (200..300).contains(&capture.status) {
        answer.push(&capture.body);
        answer.finish(capture.end.clone());
    } else {
        let body = String::from_utf8_lossy(&capture.body);
        answer.finish(End::Cut(classify_error(&Failure {
            status: Some(capture.status),
            headers: Headers(&capture.headers),
            body: &body,
            now_ms: NOW_MS,
            redactor: &redactor,
        })));
    }
    let kind = match answer.ending() {
        Some(Ending::Errored(error)) => Some(error.kind()),
        _ => None,
    };
    (answer.ending().unwrap().name(), kind, answer)
}

#[test]
fn every_recorded_fault_is_told_truly() {
    let Some(folder) = shared::transcripts() else { return };
    // Fault, then what is said: directly, through LiteLLM, through Portkey. `-`: no such capture.
    // A kind is an errored answer of that kind.
    let table = "
        up-ok            completed        completed        completed
        up-tools         completed        completed        completed
        up-ok200err      server           server           server
        up-truncjson     protocol         server           server
        up-e400          invalid_request  invalid_request  invalid_request
        up-e401          authentication   authentication   authentication
        up-e402          quota            quota            quota
        up-e403          permission       permission       permission
        up-e404          unknown_model    unknown_model    unknown_model
        up-e408          timeout          timeout          timeout
        up-e409          server           server           server
        up-e413          invalid_request  invalid_request  invalid_request
        up-e422          invalid_request  protocol         invalid_request
        up-e429          rate_limit       rate_limit       rate_limit
        up-e429date      rate_limit       rate_limit       rate_limit
        up-e429quota     quota            quota            quota
        up-e500          server           server           server
        up-e502          server           server           server
        up-e503          overloaded       overloaded       overloaded
        up-e529          overloaded       overloaded       overloaded
        up-ectx          context_overflow context_overflow context_overflow
        up-epolicy       policy           policy           policy
        up-html502       server           server           server
        up-empty500      server           server           server
        up-dropbefore    -                server           server
        up-stream-ok     completed        completed        completed
        up-stream-tools  completed        completed        completed
        up-stream-keepalive completed     completed        completed
        up-stream-crlf   completed        completed        completed
        up-stream-cr     completed        completed        completed
        up-stream-nospace completed       completed        completed
        up-stream-withevent completed     completed        completed
        up-stream-utf8split completed     completed        completed
        up-stream-nodone completed        completed        completed
        up-stream-miderr server           server           server
        up-stream-miderror_or server      server           server
        up-stream-miderr_event overloaded overloaded       overloaded
        up-stream-midbadjson protocol     server           protocol
        up-stream-drop   network          server           truncated
        up-stream-fin    truncated        completed        truncated
        up-stream-errfirst overloaded     server           overloaded
        up-stream-stall  timeout          timeout          timeout
        up-stream-e429   rate_limit       rate_limit       rate_limit";
    let alone = "
        litellm normal completed
        litellm stream completed
        litellm stream-usage completed
        litellm tools-stream completed
        litellm fb-429 completed
        litellm mock-429 rate_limit
        litellm mock-429-stream rate_limit
        litellm mock-500 server
        litellm mock-context context_overflow
        litellm mock-timeout timeout
        litellm e400-badjson invalid_request
        litellm e400-nomessages invalid_request
        litellm e400-unknownmodel unknown_model
        litellm e401-badkey authentication
        litellm e401-nokey server
        litellm prisma-e401-nokey authentication
        litellm e404-path invalid_request
        litellm models protocol
        portkey badconfig invalid_request
        portkey badjson server
        portkey badroute invalid_request
        portkey noprovider invalid_request
        portkey retry overloaded
        portkey timeout timeout
        portkey fallback completed
        aimock e429 rate_limit
        aimock or-failover completed
        aimock or-stream-usage completed
        aimock v1-stream-usage completed";
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<_> = line.split_whitespace().collect();
        for (gateway, wanted) in ["direct", "litellm", "portkey"].iter().zip(&words[1..]) {
            if *wanted != "-" {
                rows.push(((*gateway).to_owned(), words[0].to_owned(), (*wanted).to_owned()));
            }
        }
    }
    for line in alone.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        rows.push((words[0].clone(), words[1].clone(), words[2].clone()));
    }
    let mut wrong = Vec::new();
    for (gateway, name, wanted) in &rows {
        let Some(capture) = capture(&folder.join(gateway), name) else {
            wrong.push(format!("{gateway}/{name}: no capture"));
            continue;
        };
        let (ending, kind, answer) = say(&capture);
        let said = kind.map_or(ending, ErrorKind::name);
        let words = answer.error().map(Error::message).unwrap_or_default();
        println!("{gateway:8} {name:24} {said:16} {words}");
        if said != wanted {
            wrong.push(format!("{gateway}/{name}: wanted {wanted}, said {said}: {words}"));
        }
        if name.starts_with("up-stream")
            && kind.is_some_and(|kind| kind != RateLimit)
            && !name.contains("errfirst")
        {
            assert!(answer.text().starts_with("Grüße 👋🏽"), "{gateway}/{name}: text is kept");
        }
        // The captures' own prompts: whole answers say exactly this.
        if said == "completed"
            && name.starts_with("up-stream")
            && !name.contains("tools")
            && !name.contains("fin")
        {
            assert_eq!(
                answer.text(),
                "Grüße 👋🏽 – naïve café: 日本語テキスト 👩‍👩‍👧‍👦.",
                "{gateway}/{name}"
            );
            assert!(
                answer.usage().is_some_and(|usage| usage.input_tokens == 9),
                "{gateway}/{name}"
            );
        }
        if name == "or-stream-usage" {
            assert_eq!(answer.text(), "Opus: a considered answer — naïve café, 日本語, 👩‍👩‍👧‍👦.");
            assert_eq!(answer.charged_usd(), Some("0.001755"));
        }
        if name.contains("ectx") {
            assert_eq!(
                answer.error().unwrap().overflow(),
                Some(Overflow { found: 200_000, limit: 128_000 })
            );
        }
    }
    println!("{} recorded answers", rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn recorded_providers_are_read() {
    let Some(folder) = shared::transcripts() else { return };
    let mut read = 0;
    for entry in std::fs::read_dir(folder.join("recorded")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut bytes = std::fs::read(&path).unwrap();
        if name.ends_with(".chunks.txt") {
            let text = String::from_utf8(bytes).unwrap();
            bytes =
                text.lines().flat_map(|line| format!("data: {line}\n\n").into_bytes()).collect();
        } else if !name.ends_with(".sse") {
            continue;
        }
        let mut answer = Answer::new(&Profile::custom(), None, Redactor::default());
        answer.push(&bytes);
        answer.finish(End::Clean);
        let fails =
            name.contains("test_openrouter_stream_error") || name.contains("error_streaming--0");
        assert_eq!(
            answer.ending().unwrap().name(),
            if fails { "errored" } else { "completed" },
            "{name}"
        );
        assert!(
            answer.has_content() && answer.model().is_some() && answer.id().is_some(),
            "{name}"
        );
        if !fails {
            assert!(answer.usage().is_some_and(|usage| usage.input_tokens > 0), "{name}");
        }
        for call in answer.tool_calls() {
            assert!(!call.id.is_empty() && !call.name.is_empty(), "{name}");
            serde_json::from_str::<Value>(&call.arguments).unwrap();
        }
        if name.contains("thinking") || name.contains("deepseek") {
            assert!(!answer.reasoning().is_empty(), "{name}");
        }
        if name.contains("web_search") {
            assert_eq!(answer.charged_usd(), Some("0.0076509169"));
        }
        read += 1;
    }
    println!("{read} streams of real providers");
    assert!(read > 10);
}

// ------------------------------------------------------------------------------------ profiles

#[test]
fn the_shipped_profiles_are_read() {
    let file: Vec<Value> = serde_json::from_str(include_str!("../src/data/profiles.json")).unwrap();
    let known = Profile::known();
    assert_eq!(known.len(), file.len());
    for value in &file {
        let profile = Profile::from_value(value).unwrap();
        assert!(!profile.name.is_empty() && !profile.source.is_empty());
        assert_eq!(profile.checked.len(), 10);
        assert!(known.contains(&profile));
    }
    for id in [
        "xroute",
        "openrouter",
        "litellm",
        "portkey",
        "vercel",
        "openai",
        "anthropic",
        "ollama",
        "vllm",
        "custom",
    ] {
        assert_eq!(Profile::by_id(id).unwrap().id, id);
    }
    assert!(Profile::by_id("nope").unwrap_err().message().contains("openrouter"));
}

#[test]
fn the_host_tells_the_gateway() {
    for (url, id) in [
        ("https://api.xroute.ai/openai/v1", "xroute"),
        ("https://openrouter.ai/api/v1/", "openrouter"),
        ("https://API.OpenAI.com/v1", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://127.0.0.1:4000", "litellm"),
        ("https://ai-gateway.vercel.sh/v1", "vercel"),
        ("https://api.anthropic.com/v1", "anthropic"),
        ("/gateway/v1", "custom"),
        ("https://example.com:11434/v1", "custom"),
        ("https://notopenrouter.ai/v1", "custom"),
        ("https://openrouter.ai.evil.example/v1", "custom"),
    ] {
        let profile = Profile::for_base_url(url).unwrap();
        assert_eq!((profile.id.as_str(), profile.base_url.as_deref()), (id, Some(url)));
    }
    assert_eq!(Profile::for_base_url("ftp://x").unwrap_err().kind(), InvalidInput);
}

#[test]
fn the_articles_own_call() {
    let chat = json!({"model": "gpt-5", "messages": [{"role": "user", "content": "Your text prompt here"}]});
    let key = Secret::new("canary-key-0123456789").unwrap();
    let request = Profile::by_id("xroute").unwrap().request(&chat, Some(&key)).unwrap();
    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "https://api.xroute.ai/openai/v1/chat/completions")
    );
    assert_eq!(
        request.headers,
        [
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Authorization".to_owned(), "Bearer canary-key-0123456789".to_owned()),
        ]
    );
    assert_eq!(request.body, chat.to_string());
    assert!(!format!("{request:?}").contains("canary"));
    let keyless = Profile::by_id("xroute").unwrap().request(&chat, None).unwrap();
    assert_eq!(keyless.headers.len(), 1);
}

#[test]
fn profiles_change_the_request() {
    let profile = Profile::from_value(&json!({
        "name": "Ours", "baseUrl": "https://gw.example/v1/", "headers": {"x-team": "blue"},
        "keyHeader": {"name": "api-key", "prefix": ""}, "rename": {"max_completion_tokens": "max_tokens"},
        "refused": {"logit_bias": "its tokenizer is its own"}, "ignored": ["user"],
        "defaults": {"safe": true, "model": "never"}, "places": {"cost": ["/bill/usd"], "costHeaders": ["x-cost"]},
    })).unwrap();
    let chat = json!({"model": "m", "max_completion_tokens": 5, "stream": true, "user": "u", "logit_bias": null});
    let request = profile.request(&chat, Some(&Secret::new("k").unwrap())).unwrap();
    assert_eq!(request.url, "https://gw.example/v1/chat/completions");
    assert_eq!(
        request.body,
        r#"{"model":"m","max_tokens":5,"stream":true,"user":"u","logit_bias":null,"safe":true,"stream_options":{"include_usage":true}}"#
    );
    assert_eq!(
        request.headers[1..],
        [("api-key".to_owned(), "k".to_owned()), ("x-team".to_owned(), "blue".to_owned())]
    );
    assert_eq!(profile.ignored_fields(&chat), ["user"]);
    let refused = profile.request(&json!({"logit_bias": {}}), None).unwrap_err();
    assert_eq!((refused.kind(), refused.parameter()), (Unsupported, Some("logit_bias")));
    assert!(refused.message().contains("tokenizer"));
    // The caller's own wish about usage stays; no stream, no wish.
    let own = json!({"stream": true, "stream_options": {"include_usage": false}});
    assert_eq!(
        profile.request(&own, None).unwrap().body,
        r#"{"stream":true,"stream_options":{"include_usage":false},"safe":true,"model":"never"}"#
    );
    assert!(
        !Profile::by_id("openai")
            .unwrap()
            .request(&json!({"stream": false}), None)
            .unwrap()
            .body
            .contains("stream_options")
    );
    // Cost where the profile says it stands.
    let mut answer = Answer::new(&profile, None, Redactor::default());
    answer.push_body(br#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"bill":{"usd":"0.25"},"usage":{"cost":9}}"#);
    assert_eq!(answer.charged_usd(), Some("0.25"));
    let headers = vec![("X-Cost".to_owned(), "1.35e-05".to_owned())];
    assert_eq!(profile.cost_from_headers(Headers(&headers)).as_deref(), Some("0.0000135"));
}

#[test]
fn a_bad_profile_says_what_is_wrong() {
    for (profile, words) in [
        (json!([]), "gateway"),
        (json!({}), "gateway.name"),
        (json!({"name": 3}), "gateway.name: found 3"),
        (json!({"name": "x", "baseUrl": "host"}), "baseUrl"),
        (json!({"name": "x", "streamUsage": "yes"}), "gateway.streamUsage"),
        (json!({"name": "x", "hosts": "h"}), "gateway.hosts"),
        (json!({"name": "x", "hosts": [1]}), "hosts[0]"),
        (json!({"name": "x", "headers": {"x y": "1"}}), "x y"),
        (json!({"name": "x", "headers": {"x": "a\nb"}}), "header x"),
        (json!({"name": "x", "headers": {"x": 1}}), "headers.x"),
        (json!({"name": "x", "rename": []}), "gateway.rename"),
        (json!({"name": "x", "keyHeader": {"nam": "x"}}), "gateway.keyHeader"),
        (json!({"name": "x", "places": {"costs": []}}), "costs"),
        (json!({"name": "x", "baseURL": "https://x"}), "baseURL"),
    ] {
        let error = Profile::from_value(&profile).unwrap_err();
        assert_eq!(error.kind(), InvalidInput);
        assert!(error.message().contains(words), "{profile}: {error}");
    }
    assert_eq!(Profile::custom().chat_url().unwrap_err().kind(), InvalidInput);
}

// --------------------------------------------------------------------------- retry and failover

fn places() -> Vec<Candidate> {
    let place = |model: &str, window: Option<u64>| Candidate {
        endpoint: "https://gw.example/v1".into(),
        model: model.into(),
        context_window: window,
        weight: 1.0,
    };
    vec![
        place("small", Some(8_000)),
        place("unknown", None),
        place("middle", Some(32_000)),
        place("large", Some(200_000)),
    ]
}

fn course(candidates: &[Candidate]) -> Course<'_> {
    Course {
        candidates,
        current: 0,
        tried: &[],
        tries: 1,
        gateway_retries: 0,
        had_content: false,
        elapsed_ms: 100,
        now_ms: NOW_MS,
    }
}

fn decided(course: &Course<'_>, error: &Error) -> Decision {
    decide(course, error, &Limits::default(), &Health::default(), 0.5)
}

fn http(status: u16, kind: ErrorKind) -> Error {
    Error::new(kind, "x").with_status(status)
}

#[test]
fn what_is_retried_and_what_is_not() {
    let one = &places()[..1];
    for (error, retried) in [
        (http(408, Timeout), true),
        (http(409, Server), true),
        (http(425, Server), true),
        (http(429, RateLimit), true),
        (http(500, Server), true),
        (http(502, Server), true),
        (http(503, Overloaded), true),
        (http(504, Timeout), true),
        (http(529, Overloaded), true),
        (Error::new(Network, "x"), true),
        (Error::new(Timeout, "x"), true),
        (Error::new(Overloaded, "in the stream, before content"), true),
        (http(400, InvalidRequest), false),
        (http(401, Authentication), false),
        (http(402, Quota), false),
        (http(403, Permission), false),
        (http(404, UnknownModel), false),
        (http(413, InvalidRequest), false),
        (http(422, InvalidRequest), false),
        (http(429, Quota), false),
        (http(400, ContextOverflow), false),
        (http(400, Policy), false),
        (http(200, Protocol), false),
        (Error::new(Aborted, "x"), false),
        (Error::new(Budget, "x"), false),
        (Error::new(InvalidInput, "x"), false),
        (Error::new(Unsupported, "x"), false),
    ] {
        let decision = decided(&course(one), &error);
        assert_eq!(matches!(decision, Decision::Retry { .. }), retried, "{error:?}: {decision:?}");
        if !retried {
            assert!(matches!(decision, Decision::GiveUp(_)));
        }
        // One more try, then no more.
        let second = Course { tries: 2, ..course(one) };
        assert!(matches!(decided(&second, &error), Decision::GiveUp(_)));
        // Never after content, never without time.
        assert!(matches!(
            decided(&Course { had_content: true, ..course(one) }, &error),
            Decision::GiveUp(_)
        ));
        assert!(matches!(
            decided(&Course { elapsed_ms: 30_000, ..course(one) }, &error),
            Decision::GiveUp(_)
        ));
        let none = Limits { budget_ms: 0, ..Limits::default() };
        assert!(matches!(
            decide(
                &Course { elapsed_ms: 0, ..course(one) },
                &error,
                &none,
                &Health::default(),
                0.5
            ),
            Decision::GiveUp(_)
        ));
    }
}

#[test]
fn should_retry_is_obeyed_both_ways() {
    let one = &places()[..1];
    assert!(matches!(
        decided(&course(one), &http(500, Server).with_should_retry(false)),
        Decision::GiveUp(_)
    ));
    assert!(matches!(
        decided(&course(one), &http(400, InvalidRequest).with_should_retry(true)),
        Decision::Retry { .. }
    ));
    // Still not after content, still not for ever.
    let late = http(400, InvalidRequest).with_should_retry(true);
    assert!(matches!(
        decided(&Course { had_content: true, ..course(one) }, &late),
        Decision::GiveUp(_)
    ));
    assert!(matches!(decided(&Course { tries: 2, ..course(one) }, &late), Decision::GiveUp(_)));
}

#[test]
fn waits_are_bounded_and_never_nothing() {
    let one = &places()[..1];
    let wait = |error: &Error| match decided(&course(one), error) {
        Decision::Retry { after_ms } => after_ms,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(1500)), 1500);
    assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(20_000)), 20_000);
    assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(1)), 250, "never at once");
    for own in [0, 60_001, 120_000, u64::MAX] {
        assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(own)), back_off_ms(1, 0.5));
    }
    // Advice that does not fit into the time is not followed early: the answer is no.
    assert!(matches!(
        decided(&course(one), &http(429, RateLimit).with_retry_after_ms(45_000)),
        Decision::GiveUp(_)
    ));
    for tries in 0..70 {
        let (low, high) = (back_off_ms(tries, 0.0), back_off_ms(tries, 1.0));
        assert!((250..=8000).contains(&low) && low <= high && high <= 8000);
        assert!(
            back_off_ms(tries, f64::NAN) <= high
                && back_off_ms(tries, -9.0) == low
                && back_off_ms(tries, 9.0) == high
        );
    }
    assert_eq!([1, 2, 3].map(|tries| back_off_ms(tries, 1.0)), [500, 1000, 2000]);
}

#[test]
fn failover_goes_where_it_can_succeed() {
    let all = places();
    let second = Course { tries: 2, ..course(&all) };
    for kind in [Network, Timeout, RateLimit, Server, Overloaded] {
        assert!(
            matches!(decided(&course(&all), &Error::new(kind, "x")), Decision::Retry { .. }),
            "first again"
        );
        assert_eq!(decided(&second, &Error::new(kind, "x")), Decision::Failover { to: 1 });
    }
    for kind in [UnknownModel, Permission, Protocol, Unsupported] {
        assert_eq!(decided(&course(&all), &Error::new(kind, "x")), Decision::Failover { to: 1 });
    }
    for kind in [Authentication, Quota, Policy, InvalidRequest, Aborted, Budget, InvalidInput] {
        assert!(
            matches!(decided(&course(&all), &Error::new(kind, "x")), Decision::GiveUp(_)),
            "{kind}"
        );
    }
    // A long wait is not waited out where another can take it.
    assert_eq!(
        decided(&course(&all), &http(429, RateLimit).with_retry_after_ms(20_000)),
        Decision::Failover { to: 1 }
    );
    // Too large: only a window that is known to be larger, and large enough.
    let overflow = Error::new(ContextOverflow, "x");
    assert_eq!(decided(&course(&all), &overflow), Decision::Failover { to: 2 });
    let by_far = overflow.clone().with_overflow(Overflow { found: 40_000, limit: 8_000 });
    assert_eq!(decided(&course(&all), &by_far), Decision::Failover { to: 3 });
    let hopeless = overflow.clone().with_overflow(Overflow { found: 400_000, limit: 8_000 });
    assert!(matches!(decided(&course(&all), &hopeless), Decision::GiveUp(_)));
    assert!(matches!(
        decided(&Course { current: 3, ..course(&all) }, &overflow),
        Decision::GiveUp(_)
    ));
    assert!(
        matches!(decided(&Course { current: 1, ..course(&all) }, &overflow), Decision::GiveUp(_)),
        "unknown window"
    );
    // Those that failed before are left out; when none is left, it ends.
    assert_eq!(
        decided(&Course { tried: &[1], ..second }, &Error::new(Server, "x")),
        Decision::Failover { to: 2 }
    );
    assert!(matches!(
        decided(&Course { tried: &[1, 2, 3], ..second }, &Error::new(Server, "x")),
        Decision::GiveUp(_)
    ));
    let alone = Limits { failover: false, ..Limits::default() };
    assert!(matches!(
        decide(&second, &Error::new(Server, "x"), &alone, &Health::default(), 0.5),
        Decision::GiveUp(_)
    ));
    // A gateway that retried by itself is asked once more, not oftener.
    let patient = Limits { tries: 5, failover: false, ..Limits::default() };
    let retried = |tries, gateway_retries| {
        decide(
            &Course { tries, gateway_retries, ..course(&all) },
            &Error::new(Server, "x"),
            &patient,
            &Health::default(),
            0.5,
        )
    };
    assert!(matches!(retried(3, 0), Decision::Retry { .. }));
    assert!(matches!(retried(1, 9), Decision::Retry { .. }));
    assert!(matches!(retried(2, 9), Decision::GiveUp(_)));
}

#[test]
fn candidates_cool_down_and_take_turns() {
    let all = places();
    let mut health = Health::default();
    health.failed(&all[1], &http(429, RateLimit).with_retry_after_ms(20_000), NOW_MS);
    assert_eq!(health.cools_ms(&all[1], NOW_MS + 5_000), 15_000);
    let second = Course { tries: 2, ..course(&all) };
    let decision = decide(&second, &Error::new(Server, "x"), &Limits::default(), &health, 0.5);
    assert_eq!(decision, Decision::Failover { to: 2 }, "the one that cools down is passed over");
    let last = Course { tried: &[2, 3], ..second };
    let decision = decide(&last, &Error::new(Server, "x"), &Limits::default(), &health, 0.5);
    assert_eq!(decision, Decision::Failover { to: 1 }, "better than none");
    assert_eq!(health.order(&all, NOW_MS, || 0.5), [0, 2, 3, 1]);
    assert_eq!(health.order(&all, NOW_MS + 20_000, || 0.5), [0, 1, 2, 3]);
    // Failures in a row cool longer, up to a minute; a success heals; a bad request says nothing.
    for (failures, wanted) in [(1, 1000), (2, 2000), (3, 4000)] {
        health.failed(&all[0], &Error::new(Server, "x"), NOW_MS);
        assert_eq!(health.cools_ms(&all[0], NOW_MS), wanted, "{failures}");
    }
    (0..90).for_each(|_| health.failed(&all[0], &Error::new(Server, "x"), NOW_MS));
    assert_eq!(health.cools_ms(&all[0], NOW_MS), 60_000);
    health.succeeded(&all[0]);
    health.failed(&all[0], &http(400, InvalidRequest), NOW_MS);
    health.failed(&all[0], &http(401, Authentication), NOW_MS);
    assert_eq!(health.cools_ms(&all[0], NOW_MS), 0);
    // Endpoints of one model share the load by weight.
    let share = |endpoint: &str, weight| Candidate {
        endpoint: endpoint.into(),
        model: "m".into(),
        context_window: None,
        weight,
    };
    let two = [share("a", 3.0), share("b", 1.0), share("off", 0.0)];
    let mut seed = 42u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let firsts: Vec<_> =
        (0..4000).map(|_| Health::default().order(&two, NOW_MS, &mut random)[0]).collect();
    let of_a = firsts.iter().filter(|at| **at == 0).count();
    assert!((2850..3150).contains(&of_a), "{of_a} of 4000, wanted about 3000");
    assert!(!firsts.contains(&2));
}

#[test]
fn the_gateways_own_tries_are_read() {
    let read = |name: &str, value: &str| {
        attempts_by_gateway(Headers(&[(name.to_owned(), value.to_owned())]))
    };
    assert_eq!(read("x-litellm-attempted-retries", "2"), Some(2));
    assert_eq!(read("X-Portkey-Retry-Attempt-Count", "0"), Some(0));
    assert_eq!(read("x-portkey-retry-attempt-count", "-1"), None);
    assert_eq!(read("other", "2"), None);
}
