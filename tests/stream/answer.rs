//! Answers: their text, their endings, their errors.

use super::{DONE, answer, delta, of, reason, run, sse};
use promptfare::ErrorKind;
use promptfare::chat::Usage;
use promptfare::error::Error;
use promptfare::gateway::{Profile, Redactor, Secret};
use promptfare::stream::{Answer, End, Ending};
use proptest::prelude::*;
use serde_json::json;

fn error_of(answer: &Answer) -> &Error {
    match answer.ending() {
        Some(Ending::Errored(error)) => error,
        other => panic!("wanted an error, found {other:?}"),
    }
}

#[test]
fn a_whole_answer_is_completed() {
    let parts = [
        delta(json!({"role": "assistant", "content": "", "refusal": null})),
        delta(json!({"content": "Hello"})),
        delta(json!({"content": " there 👋🏽"})),
        reason("stop"),
        sse(&json!({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 24,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 8}, "cost": 1.35e-5}})),
        DONE.to_owned(),
    ];
    let got = of(&parts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(got.ending(), Some(&Ending::Completed));
    assert_eq!((got.text(), got.id(), got.model()), ("Hello there 👋🏽", Some("c1"), Some("m-1")));
    assert_eq!(
        got.usage(),
        Some(&Usage {
            input_tokens: 9,
            output_tokens: 24,
            cache_read_tokens: Some(4),
            reasoning_tokens: Some(8),
            ..Usage::default()
        })
    );
    assert_eq!(got.charged_usd(), Some("0.0000135"));
    assert!(got.is_over() && got.has_content());
}

#[test]
fn endings_are_true() {
    let text = delta(json!({"content": "abc"}));
    let (stop, length, filter, odd) = (
        reason("stop"),
        reason("length"),
        reason("content_filter"),
        reason("insufficient_system_resource"),
    );
    let cut = || End::Cut(Error::new(ErrorKind::Network, "connection lost"));
    let cases: Vec<(&str, Vec<&str>, End, &str)> = vec![
        ("whole", vec![&text, &stop, DONE], End::Clean, "completed"),
        ("[DONE] missing", vec![&text, &stop], End::Clean, "completed"),
        ("[DONE] without a reason", vec![&text, DONE], End::Clean, "truncated"),
        ("neither", vec![&text], End::Clean, "truncated"),
        ("limit", vec![&text, &length, DONE], End::Clean, "truncated"),
        ("limit, then stop", vec![&text, &length, &stop, DONE], End::Clean, "truncated"),
        ("filter", vec![&text, &filter, DONE], End::Clean, "truncated"),
        ("a reason that is no success", vec![&text, &odd, DONE], End::Clean, "truncated"),
        ("cut in the text", vec![&text], cut(), "errored"),
        ("cut after the reason", vec![&text, &stop], cut(), "errored"),
        ("cut after everything", vec![&text, &stop, DONE], cut(), "completed"),
        ("stopped", vec![&text], End::Aborted, "aborted"),
        ("nothing at all", vec![], End::Clean, "errored"),
        ("only comments", vec![": OPENROUTER PROCESSING\n\n"], End::Clean, "errored"),
        ("nothing, stopped", vec![], End::Aborted, "aborted"),
        ("nothing, cut", vec![], cut(), "errored"),
    ];
    for (name, parts, end, wanted) in cases {
        let (mut got, _) = run(answer(), parts.concat().as_bytes(), end);
        assert_eq!(got.ending().unwrap().name(), wanted, "{name}");
        let kept = if parts.iter().any(|part| part.contains("abc")) { "abc" } else { "" };
        assert_eq!(got.text(), kept, "{name}: text is kept");
        // Once ended, nothing changes it.
        let before = got.ending().cloned();
        assert!(got.push(text.as_bytes()).is_empty() && got.finish(End::Aborted).is_empty());
        assert_eq!((got.ending(), got.text()), (before.as_ref(), kept));
    }
    let ollama = Answer::new(&Profile::by_id("ollama").unwrap(), None, Redactor::default());
    let (got, _) = run(ollama, [text.as_str(), DONE].concat().as_bytes(), End::Clean);
    assert_eq!(got.ending(), Some(&Ending::Completed), "a profile may allow it");
}

#[test]
fn errors_are_found_wherever_they_stand() {
    let text = delta(json!({"content": "abc"}));
    let overloaded =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let cases: Vec<(String, ErrorKind)> = vec![
        (
            sse(
                &json!({"error": {"message": "The server had an error", "type": "server_error", "code": "server_error"}}),
            ),
            ErrorKind::Server,
        ),
        (
            sse(&json!({"error": {"message": "x: y - Overloaded", "type": null, "code": "500"}})),
            ErrorKind::Overloaded,
        ),
        (
            sse(
                &json!({"provider": "p", "error": {"code": 502, "message": "Provider disconnected"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}),
            ),
            ErrorKind::Server,
        ),
        (
            sse(
                &json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "error", "error": {"code": 429, "message": "slow down"}}]}),
            ),
            ErrorKind::RateLimit,
        ),
        (reason("error"), ErrorKind::Server),
        (format!("event: error\n{}", sse(&overloaded)), ErrorKind::Overloaded),
        (
            format!(
                "event: error\n{}",
                sse(
                    &json!({"message": "Tool call validation failed", "type": "invalid_request_error", "status_code": 400})
                )
            ),
            ErrorKind::InvalidRequest,
        ),
        ("event: error\ndata: upstream gone\n\n".to_owned(), ErrorKind::Server),
        (sse(&overloaded), ErrorKind::Overloaded),
        (
            sse(&json!({"object": "error", "message": "max length", "code": 400})),
            ErrorKind::InvalidRequest,
        ),
        (sse(&json!({"error": "out of memory"})), ErrorKind::Server),
        (
            sse(
                &json!({"error": {"message": "maximum context length is 8192 tokens, you requested 9000 tokens", "code": "400"}}),
            ),
            ErrorKind::ContextOverflow,
        ),
        (
            sse(
                &json!([{"error": {"code": 429, "message": "Resource exhausted", "status": "RESOURCE_EXHAUSTED"}}]),
            ),
            ErrorKind::RateLimit,
        ),
        ("data: {\"id\":\"c1\",\"choices\":[{\"ind\n\n".to_owned(), ErrorKind::Protocol),
        ("data: 17\n\n".to_owned(), ErrorKind::Protocol),
        ("data: Internal error\n\n".to_owned(), ErrorKind::Protocol),
    ];
    let stop = reason("stop");
    for (error, kind) in &cases {
        // Whatever follows: text is kept, and the answer is no success.
        for after in [vec![], vec![DONE], vec![&text, &stop, DONE]] {
            let parts = [vec![text.as_str(), error], after].concat();
            let got = of(&parts);
            assert_eq!(error_of(&got).kind(), *kind, "{error}");
            assert!(got.text().starts_with("abc"));
            assert_eq!(error_of(&got).status(), None);
        }
        // Alone, and before any content: still an error.
        assert_eq!(error_of(&of(&[error])).kind(), *kind, "{error}");
    }
    // The first error is the cause; the cut after it is not.
    let bytes = [text.as_str(), &cases[0].0].concat();
    let (got, _) =
        run(answer(), bytes.as_bytes(), End::Cut(Error::new(ErrorKind::Network, "lost")));
    assert_eq!(error_of(&got).kind(), ErrorKind::Server);
    // An error's usage and text are still read (seen of OpenRouter).
    let got = of(&[
        &sse(&json!({"error": {"code": 400, "message": "Token limit reached"},
        "choices": [{"index": 0, "delta": {"content": "z"}}],
        "usage": {"prompt_tokens": 43, "completion_tokens": 10, "cost": 0}})),
        DONE,
    ]);
    assert_eq!(error_of(&got).kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        (got.text(), got.charged_usd(), got.usage().map(|u| u.input_tokens)),
        ("z", Some("0"), Some(43))
    );
    // What is no error.
    for error in [json!(null), json!(""), json!({}), json!(false)] {
        let got = of(&[&text, &sse(&json!({"error": error, "choices": []})), &stop]);
        assert_eq!(got.ending(), Some(&Ending::Completed));
    }
}

#[test]
fn behind_the_end_only_usage_counts_however_the_bytes_are_cut() {
    let text = delta(json!({"content": "all of it"}));
    let more = delta(json!({"content": " and more"}));
    let stop = reason("stop");
    let usage = sse(&json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}));
    let error = sse(&json!({"error": {"message": "broken", "code": 500}}));
    let bad = "data: {\"choices\":[{\"ind\n\n".to_owned();
    let done = DONE.to_owned();
    let cases = [
        ("[DONE], then text", vec![&text, &stop, &done, &more, &usage], "completed"),
        ("[DONE], then an error", vec![&text, &stop, &done, &error, &usage], "completed"),
        ("[DONE], then garbage", vec![&text, &stop, &done, &bad, &usage], "completed"),
        ("an error, then text", vec![&text, &error, &more, &stop, &usage, &done], "errored"),
        ("garbage, then text", vec![&text, &bad, &more, &stop, &usage, &done], "errored"),
    ];
    for (name, parts, ending) in cases {
        let bytes: String = parts.iter().map(|part| part.as_str()).collect();
        for size in [1, 7, 100, bytes.len()] {
            let mut got = answer();
            for slice in bytes.as_bytes().chunks(size) {
                got.push(slice);
            }
            got.finish(End::Clean);
            assert_eq!(got.text(), "all of it", "{name}, {size}");
            assert_eq!(got.ending().map(Ending::name), Some(ending), "{name}, {size}");
            assert_eq!(got.usage().map(|usage| usage.output_tokens), Some(4), "{name}, {size}");
        }
    }
}

#[test]
fn chunks_of_every_shape() {
    let got = of(&[
        &sse(&json!({"choices": [], "model": "", "prompt_filter_results": [{}]})),
        &delta(
            json!({"content": [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": [{"type": "text", "text": "t1"}]}, {"type": "reference"}, null]}),
        ),
        &delta(json!({"content": null, "reasoning_content": "t2"})),
        &delta(
            json!({"reasoning": "t3", "reasoning_details": [{"type": "reasoning.text", "text": "t3"}]}),
        ),
        &delta(
            json!({"reasoning": null, "reasoning_details": [{"type": "reasoning.summary", "summary": "t4"}, {"type": "reasoning.encrypted", "data": "xx"}]}),
        ),
        &delta(json!({"refusal": "I will not"})),
        &delta(json!({"content": 17, "tool_calls": null, "reasoning": {}, "annotations": []})),
        &sse(
            &json!({"choices": [null, 3, {"index": 1, "delta": {"content": "another answer"}}], "obfuscation": "xxxx"}),
        ),
        &sse(&json!({"choices": [{"delta": {"content": "b"}, "finish_reason": ""}]})),
        &sse(&json!({"choices": [{"index": 0, "text": "c"}]})),
        &sse(
            &json!({"choices": [{"index": 0, "message": {"content": "d"}, "finish_reason": "stop"}]}),
        ),
        "event: ping\ndata: {}\n\n",
        "event: ping\ndata: ping\n\n",
        "data:\n\n",
        &sse(&json!({"x_groq": {"usage": {"prompt_tokens": 5, "completion_tokens": 6}}})),
        &sse(&json!({"choices": [], "moderation": {"flagged": false}, "usage": null})),
        &sse(&json!({"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}})),
        "data:[DONE]\n\n",
    ]);
    assert_eq!(got.ending(), Some(&Ending::Completed));
    assert_eq!((got.text(), got.reasoning(), got.refusal()), ("abcd", "t1t2t3t4", "I will not"));
    assert_eq!(got.usage().map(|u| (u.input_tokens, u.output_tokens)), Some((5, 6)));
    // Usage on the finishing chunk, after it, after [DONE], and cumulative: the last one counts.
    let usage = |n: u64| json!({"prompt_tokens": n, "completion_tokens": n});
    let got = of(&[
        &sse(&json!({"choices": [{"index": 0, "delta": {"content": "x"}}], "usage": usage(1)})),
        &sse(
            &json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage(2)}),
        ),
        DONE,
        &sse(&json!({"choices": [], "usage": usage(3)})),
    ]);
    assert_eq!(got.usage().map(|u| u.output_tokens), Some(3));
    assert_eq!(got.ending(), Some(&Ending::Completed));
}

#[test]
fn bodies_where_a_stream_was_asked_for() {
    let whole = json!({"id": "c", "model": "m", "choices": [{"index": 0, "finish_reason": "stop",
        "message": {"role": "assistant", "content": "Hi", "reasoning_content": "hm",
            "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    .to_string();
    let as_type = |kind: Option<&str>, body: &str, size: usize| {
        let mut got = Answer::new(&Profile::custom(), kind, Redactor::default());
        for slice in body.as_bytes().chunks(size) {
            got.push(slice);
        }
        got.finish(End::Clean);
        got
    };
    for kind in [Some("application/json"), Some("text/event-stream"), None, Some("text/plain")] {
        for size in [1, 7, 10_000] {
            let got = as_type(kind, &format!("\n {whole}"), size);
            assert_eq!(
                (got.ending(), got.text(), got.reasoning()),
                (Some(&Ending::Completed), "Hi", "hm")
            );
            assert_eq!(got.tool_calls().len(), 1);
            for (body, wanted, words) in [
                ("null", ErrorKind::Protocol, "null"),
                ("{}", ErrorKind::Protocol, "choices"),
                ("[]", ErrorKind::Protocol, "choices"),
                (
                    r#"{"error":{"code":502,"message":"Provider returned error"}}"#,
                    ErrorKind::Server,
                    "Provider returned error",
                ),
                (r#"[{"error":{"code":401,"message":"no"}}]"#, ErrorKind::Authentication, "no"),
                (
                    r#"{"status":"failure","message":"Something went wrong"}"#,
                    ErrorKind::Server,
                    "Something",
                ),
                (r#"{"id":"c","choices":[{"index":0,"mess"#, ErrorKind::Protocol, "breaks off"),
                (
                    "<html><head><title>Sign in</title></head><body>Sign in</body></html>",
                    ErrorKind::Protocol,
                    "Sign in",
                ),
                ("Internal Server Error", ErrorKind::Protocol, "Internal Server Error"),
                ("", ErrorKind::Protocol, "empty"),
                ("\n\n", ErrorKind::Protocol, "empty"),
            ] {
                let got = as_type(kind, body, size);
                let error = error_of(&got);
                assert_eq!(error.kind(), wanted, "{body} as {kind:?} by {size}: {error}");
                assert!(error.message().contains(words), "{body} as {kind:?}: {error}");
                assert!(error.message().chars().count() < 500);
            }
        }
        // A stream under a wrong type is a stream.
        let stream = [delta(json!({"content": "x"})), reason("stop")].concat();
        assert_eq!(as_type(kind, &stream, 3).ending(), Some(&Ending::Completed), "{kind:?}");
    }
    // Not streamed at all, in one call.
    let mut got = Answer::new(&Profile::custom(), Some("application/json"), Redactor::default());
    assert_eq!(got.push_body(whole.as_bytes()).len(), 1);
    assert_eq!(got.ending(), Some(&Ending::Completed));
    // A body that breaks off with its connection is a network error, not a protocol error.
    let (got, _) =
        run(answer(), b"{\"id\":\"c\",\"cho", End::Cut(Error::new(ErrorKind::Network, "lost")));
    assert_eq!(error_of(&got).kind(), ErrorKind::Network);
}

proptest! {
    /// Servers written in JavaScript cut where they like, also within a character.
    #[test]
    fn characters_cut_in_half_are_whole_again(text in "[a-zé👋👩日\"\\\\]{0,30}", cuts in prop::collection::vec(1usize..4, 1..20)) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let (mut bytes, mut rest, mut sizes) = (String::new(), units.as_slice(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (part, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            let escaped: String = part.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            bytes += &format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{escaped}\",\"reasoning\":\"{escaped}\",\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{escaped}\"}}}}]}}}}]}}\n\n");
            rest = tail;
        }
        bytes += &reason("stop");
        let (got, _) = run(answer(), bytes.as_bytes(), End::Clean);
        prop_assert_eq!(got.ending(), Some(&Ending::Completed));
        prop_assert_eq!((got.text(), got.reasoning()), (text.as_str(), text.as_str()));
        if let Some(call) = got.tool_calls().first() {
            prop_assert_eq!(&call.arguments, &text);
        }
    }
}

#[test]
fn half_a_character_shows_where_the_other_never_came() {
    let half = r#"data: {"choices":[{"delta":{"content":"a\ud83d"}}]}"#.to_owned() + "\n\n";
    for (end, name) in [(End::Clean, "truncated"), (End::Aborted, "aborted")] {
        let (got, pieces) = run(answer(), half.as_bytes(), end);
        assert_eq!(
            (got.text(), got.ending().unwrap().name(), pieces.len()),
            ("a\u{FFFD}", name, 2)
        );
    }
    let mut got = Answer::new(&Profile::custom(), None, Redactor::default());
    got.push_body(
        br#"{"choices":[{"message":{"content":"\ud83d\udc69 \ud83d"},"finish_reason":"stop"}]}"#,
    );
    assert_eq!((got.text(), got.ending()), ("👩 \u{FFFD}", Some(&Ending::Completed)));
}

#[test]
fn keys_in_what_the_gateway_says_do_not_come_through() {
    let key = "canary-0123456789";
    for body in [
        format!("data: {{\"error\":{{\"message\":\"bad key {key}\",\"code\":401}}}}\n\n"),
        format!("data: broken {key}\n\n"),
        format!("<html>{key}</html>"),
        format!("{{\"x\":\"{key}\"}}"),
        format!("event: error\ndata: {key}\n\n"),
    ] {
        let redactor = Redactor::new(Some(Secret::new(key).unwrap()));
        let mut got = Answer::new(&Profile::custom(), None, redactor);
        got.push(body.as_bytes());
        got.finish(End::Clean);
        assert!(!format!("{:?}", got.ending()).contains("canary"), "{:?}", got.ending());
    }
}

#[test]
fn usage_is_read_by_the_same_rules_as_a_body() {
    let read = |usage: serde_json::Value| {
        let chunk = sse(&json!({"choices": [], "usage": usage}));
        of(&[&delta(json!({"content": "x"})), &chunk, &reason("stop")]).usage().cloned()
    };
    // Reasoning beside the completion (xAI): the total tells.
    let beside = read(json!({"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 16,
                             "completion_tokens_details": {"reasoning_tokens": 5}}));
    assert_eq!(beside.map(|usage| usage.output_tokens), Some(7));
    let without = read(json!({"input_tokens": 9, "cache_read_input_tokens": 90,
                              "output_tokens": 2}));
    assert_eq!(without.map(|usage| usage.input_tokens), Some(99));
    for unknown in [
        json!({"prompt_tokens": 9}),
        json!({"prompt_tokens": 9, "completion_tokens": null}),
        json!({"prompt_tokens": 0, "completion_tokens": 0}),
        json!({"prompt_tokens": 9, "completion_tokens": 2,
               "prompt_tokens_details": {"cached_tokens": 10}}),
        json!({"prompt_tokens": "many", "completion_tokens": 2}),
    ] {
        assert_eq!(read(unknown.clone()), None, "{unknown}");
    }
}
