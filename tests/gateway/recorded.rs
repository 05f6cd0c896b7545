//! Answers that real gateways were recorded with.

use super::{NOW_MS, shared};
use promptfare::ErrorKind::{self, *};
use promptfare::error::{Error, Overflow};
use promptfare::gateway::{Failure, Headers, Profile, Redactor, classify_error};
use promptfare::stream::{Answer, End, Ending};
use serde_json::Value;
use std::path::Path;

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
