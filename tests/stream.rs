//! The stream: any cutting of the bytes gives the same events, and every answer ends once, truly.

// Where a test indexes wrongly, its panic is the report.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod shared;

use promptfare::ErrorKind;
use promptfare::chat::Usage;
use promptfare::error::Error;
use promptfare::gateway::{Profile, Redactor, Secret};
use promptfare::stream::{Answer, Decoder, End, Ending, Event, Piece};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A small generator, so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

fn events_of<'a>(slices: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for slice in slices {
        decoder.push(slice, &mut events).unwrap();
    }
    events
}

/// With the end of the stream, which dispatches a last event that is whole.
fn events_to_the_end(bytes: &[u8], size: usize) -> Vec<Event> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for slice in bytes.chunks(size.max(1)) {
        decoder.push(slice, &mut events).unwrap();
    }
    decoder.finish(&mut events);
    events
}

fn random_slices<'a>(bytes: &'a [u8], dice: &mut Dice) -> Vec<&'a [u8]> {
    let mut slices = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (head, tail) = rest.split_at((1 + dice.below(97)).min(rest.len()));
        slices.push(head);
        rest = tail;
    }
    slices
}

fn data(text: &str) -> Event {
    Event { data: text.to_owned(), ..Event::default() }
}

fn named(event: &str, text: &str) -> Event {
    Event { event: Some(event.to_owned()), ..data(text) }
}

// ------------------------------------------------------------------------------------- events

#[test]
fn every_case_of_the_grammar() {
    let cases: Vec<(&[u8], Vec<Event>)> = vec![
        (b"data: a\n\ndata: b\n\n", vec![data("a"), data("b")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", vec![data("a"), data("b")]),
        (b"data: a\r\rdata: b\r\r", vec![data("a"), data("b")]),
        (b"data: a\n\r\ndata: b\r\n\ndata: c\r\n\r", vec![data("a"), data("b"), data("c")]),
        (b"\xEF\xBB\xBFdata: a\n\n", vec![data("a")]),
        (b"\xEF\xBB\xBF: hello\ndata: a\n\n", vec![data("a")]),
        // A byte order mark later is part of a field's name.
        (b"data: a\n\n\xEF\xBB\xBFdata: b\n\n", vec![data("a")]),
        (b"data:x\n\ndata: x\n\ndata:  x\n\n", vec![data("x"), data("x"), data(" x")]),
        (b"data\n\n", vec![data("")]),
        (b"data:\n\n", vec![data("")]),
        (b"data: a\ndata: b\ndata\n\n", vec![data("a\nb\n")]),
        (b": one\n\n: two\ndata: a\n: three\ndata: b\n\n", vec![data("a\nb")]),
        (b"foo: x\ndatax: y\n data: z\ndata: a\n\n", vec![data("a")]),
        (b"event: error\ndata: a\n\ndata: b\n\n", vec![named("error", "a"), data("b")]),
        // An event without data is none, and its name does not pass to the next one.
        (b"event: ping\n\ndata: a\n\n", vec![data("a")]),
        (b"event: x\nevent:\ndata: a\n\n", vec![data("a")]),
        (b"id: 7\ndata: a\n\n", vec![Event { id: Some("7".into()), ..data("a") }]),
        (b"id: 7\0\ndata: a\n\n", vec![data("a")]),
        (b"id\ndata: a\n\n", vec![Event { id: Some(String::new()), ..data("a") }]),
        (b"retry: 5000\ndata: a\n\n", vec![Event { retry: Some(5000), ..data("a") }]),
        (b"retry: 5s\ndata: a\n\nretry: -1\ndata: b\n\n", vec![data("a"), data("b")]),
        (b"retry: 99999999999999999999999\ndata: a\n\n", vec![data("a")]),
        (b"\n\n\n\r\n\rdata: a\n\n\n\n", vec![data("a")]),
        (b"data: a:b: c\n\n", vec![data("a:b: c")]),
        ("data: Grüße 👩‍👩‍👧‍👦 日本\n\n".as_bytes(), vec![data("Grüße 👩‍👩‍👧‍👦 日本")]),
        (b"data: \xF0\x9F\x91\n\ndata: a\xFFb\n\n", vec![data("\u{FFFD}"), data("a\u{FFFD}b")]),
        (b"data: \xE2\x82\n\ndata: \xC0\x80\n\n", vec![data("\u{FFFD}"), data("\u{FFFD}\u{FFFD}")]),
        (b"data: {\"a\":1}", vec![]),
        (b"", vec![]),
    ];
    for (bytes, wanted) in cases {
        for size in [1, 2, 3, 7, 64, usize::MAX] {
            let got = events_of(bytes.chunks(size.min(bytes.len().max(1))));
            assert_eq!(got, wanted, "{:?} in slices of {size}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn a_last_event_without_blank_line_comes_if_it_is_whole() {
    for (text, wanted) in [
        ("data: {\"a\":1}", vec![data("{\"a\":1}")]),
        ("data: {\"a\":1}\n", vec![data("{\"a\":1}")]),
        ("data: {\"a\":1}\r", vec![data("{\"a\":1}")]),
        ("data: [DONE]", vec![data("[DONE]")]),
        (
            "event: error\ndata: {\"a\":1}\nid: 1",
            vec![Event { id: Some("1".into()), ..named("error", "{\"a\":1}") }],
        ),
        ("data: {\"a\":", vec![]),
        ("data: {\"a\":1}\ndata: {\"b", vec![]),
        (": comment", vec![]),
        ("data: [DON", vec![]),
    ] {
        for size in [1, 5, 1000] {
            assert_eq!(events_to_the_end(text.as_bytes(), size), wanted, "{text:?}");
        }
    }
}

#[test]
fn recorded_streams_give_the_recorded_events() {
    let Some(folder) = shared::transcripts() else { return };
    let mut compared = 0;
    for gateway in ["litellm", "portkey", "aimock", "direct", "recorded"] {
        for entry in std::fs::read_dir(folder.join(gateway)).unwrap() {
            let oracle = entry.unwrap().path();
            let name = oracle.to_string_lossy().into_owned();
            let Some(source) = name.strip_suffix(".events.json") else { continue };
            let bytes = std::fs::read(source).unwrap();
            let wanted: Value = serde_json::from_slice(&std::fs::read(&oracle).unwrap()).unwrap();
            let wanted: Vec<_> = wanted["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| {
                    let text = |name: &str| event[name].as_str().map(str::to_owned);
                    (text("event"), text("id"), text("data").unwrap())
                })
                .collect();
            let mut dice = Dice(bytes.len() as u64 + 1);
            let mut cuttings: Vec<Vec<&[u8]>> = [1, 2, 3, 7, 64, bytes.len().max(1)]
                .iter()
                .map(|size| bytes.chunks(*size).collect())
                .collect();
            cuttings.extend((0..5).map(|_| random_slices(&bytes, &mut dice)));
            for slices in cuttings {
                let got: Vec<_> =
                    events_of(slices).into_iter().map(|e| (e.event, e.id, e.data)).collect();
                assert_eq!(got, wanted, "{source}");
            }
            compared += 1;
        }
    }
    println!("{compared} recorded streams, 11 cuttings each");
    assert!(compared > 50, "only {compared} recorded streams were found");
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_events(
        lines in prop::collection::vec(
            prop_oneof![
                Just("".to_owned()), "data: ?[a-z:é👋 ]{0,12}", ":[a-z]{0,4}", "(event|id|retry|x):[ a-z0-9]{0,6}",
                "data: \\{\"a\":[0-9]{1,4}\\}",
            ], 0..24),
        ends in prop::collection::vec(prop_oneof![Just("\n"), Just("\r\n"), Just("\r")], 24),
        broken in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cuts in prop::collection::vec(1usize..9, 1..40),
    ) {
        let mut bytes: Vec<u8> = lines.iter().zip(&ends).flat_map(|(line, end)| [line.as_bytes(), end.as_bytes()].concat()).collect();
        for (at, byte) in broken {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let whole = events_to_the_end(&bytes, bytes.len());
        let mut decoder = Decoder::new();
        let (mut events, mut rest, mut sizes) = (Vec::new(), bytes.as_slice(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (head, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            decoder.push(head, &mut events).unwrap();
            rest = tail;
        }
        decoder.finish(&mut events);
        prop_assert_eq!(events, whole);
    }
}

#[test]
fn one_huge_line_in_tiny_pieces_takes_linear_time_and_bounded_memory() {
    let time = |kilobytes: usize| {
        let start = std::time::Instant::now();
        let mut decoder = Decoder::new();
        let mut events = Vec::new();
        decoder.push(b"data: ", &mut events).unwrap();
        for _ in 0..kilobytes * 1024 / 16 {
            decoder.push(b"0123456789abcdef", &mut events).unwrap();
        }
        decoder.push(b"\n\n", &mut events).unwrap();
        assert_eq!(events[0].data.len(), kilobytes * 1024);
        start.elapsed()
    };
    time(256);
    let (small, large) = (time(512), time(8192));
    // 16 times the bytes; quadratic time would be 256 times as long.
    assert!(large < small * 80 + std::time::Duration::from_millis(50), "{small:?}, {large:?}");
}

#[test]
fn an_event_larger_than_the_limit_is_an_error_once() {
    let mut decoder = Decoder::with_limit(100);
    let mut events = Vec::new();
    decoder.push(b"data: first\n\ndata: ", &mut events).unwrap();
    let error = decoder.push(&[b'x'; 200], &mut events).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("100"), "{error}");
    assert_eq!(events, [data("first")]);
    decoder.push(b"\n\ndata: later\n\n", &mut events).unwrap();
    decoder.finish(&mut events);
    assert_eq!(events.len(), 1);
    // Many lines of one event add up, and broken bytes count as what they become.
    let mut decoder = Decoder::with_limit(100);
    assert!((0..20).any(|_| decoder.push(b"data: 0123456789\n", &mut events).is_err()));
    let mut decoder = Decoder::with_limit(100);
    assert!(decoder.push(&[&b"data: "[..], &[0xFF; 60], b"\n"].concat(), &mut events).is_err());
    // A comment is not kept, however long; a full event is.
    let mut decoder = Decoder::with_limit(100);
    decoder.push(b":", &mut events).unwrap();
    (0..50).for_each(|_| decoder.push(&[b'c'; 50], &mut events).unwrap());
    decoder.push(b"\ndata: still here\n\n", &mut events).unwrap();
    assert_eq!(events.last(), Some(&data("still here")));
    let mut decoder = Decoder::new();
    let megabytes = vec![b'x'; 16_000_000];
    decoder.push(&[b"data: ", megabytes.as_slice(), b"\n\n"].concat(), &mut events).unwrap();
    assert_eq!(events.last().map(|event| event.data.len()), Some(16_000_000));
}

// ------------------------------------------------------------------------------------ answers

fn answer() -> Answer {
    Answer::new(&Profile::custom(), Some("text/event-stream; charset=utf-8"), Redactor::default())
}

fn sse(chunk: &Value) -> String {
    format!("data: {chunk}\n\n")
}

fn delta(delta: Value) -> String {
    sse(&json!({"id": "c1", "object": "chat.completion.chunk", "model": "m-1",
                "choices": [{"index": 0, "delta": delta, "finish_reason": null}], "usage": null}))
}

fn reason(reason: &str) -> String {
    sse(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

const DONE: &str = "data: [DONE]\n\n";

fn run(mut answer: Answer, bytes: &[u8], end: End) -> (Answer, Vec<Piece>) {
    let mut pieces = answer.push(bytes);
    assert!(answer.ending().is_none(), "no ending before the end");
    pieces.extend(answer.finish(end));
    assert!(answer.ending().is_some());
    let text: String = pieces.iter().filter_map(|piece| piece.text.as_deref()).collect();
    assert_eq!(text, answer.text(), "the pieces are the text");
    (answer, pieces)
}

fn of(parts: &[&str]) -> Answer {
    run(answer(), parts.concat().as_bytes(), End::Clean).0
}

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
fn tool_calls_are_put_together() {
    let calls = |list: Value| delta(json!({"tool_calls": list}));
    let check = |parts: &[String], wanted: &[(&str, &str, &str)]| {
        let mut bytes: String = parts.concat();
        bytes.push_str(&reason("tool_calls"));
        let (got, pieces) = run(answer(), bytes.as_bytes(), End::Clean);
        let found: Vec<_> = got
            .tool_calls()
            .iter()
            .map(|c| (c.id.as_str(), c.name.as_str(), c.arguments.as_str()))
            .collect();
        assert_eq!(found, wanted);
        // The pieces say the same, part by part.
        for (index, (_, _, arguments)) in wanted.iter().enumerate() {
            let parts: String = pieces
                .iter()
                .flat_map(|p| &p.tool_calls)
                .filter(|d| d.index == index)
                .map(|d| d.arguments.as_str())
                .collect();
            assert_eq!(parts, *arguments);
        }
    };
    check(
        &[
            calls(
                json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "weather", "arguments": ""}}]),
            ),
            calls(json!([{"index": 0, "function": {"name": "", "arguments": "{\"city\":"}}])),
            calls(json!([{"index": 0, "function": {"name": null, "arguments": "\"Zürich\"}"}}])),
            calls(
                json!([{"index": 1, "id": "b", "function": {"name": "time", "arguments": "{}"}}]),
            ),
        ],
        &[("a", "weather", "{\"city\":\"Zürich\"}"), ("b", "time", "{}")],
    );
    // The name and id repeated in every part; interleaved calls.
    check(
        &[
            calls(
                json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}, {"index": 1, "id": "b", "function": {"name": "g", "arguments": "3"}}]),
            ),
            calls(
                json!([{"index": 1, "id": "b", "function": {"name": "g", "arguments": "4"}}, {"index": 0, "id": "a", "function": {"name": "f", "arguments": "2"}}]),
            ),
        ],
        &[("a", "f", "12"), ("b", "g", "34")],
    );
    // No index at all; two calls both at index 0; the arguments as an object; the old name.
    check(
        &[
            calls(json!([{"id": "a", "function": {"name": "f", "arguments": "1"}}])),
            calls(json!([{"function": {"arguments": "2"}}])),
            calls(json!([{"id": "b", "function": {"name": "g", "arguments": {"x": 1}}}])),
        ],
        &[("a", "f", "12"), ("b", "g", "{\"x\":1}")],
    );
    check(
        &[
            calls(json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}])),
            calls(json!([{"index": 0, "id": "b", "function": {"name": "f", "arguments": "2"}}])),
        ],
        &[("a", "f", "1"), ("b", "f", "2")],
    );
    check(
        &[
            delta(json!({"function_call": {"name": "f", "arguments": "{"}})),
            delta(json!({"function_call": {"arguments": "}"}})),
        ],
        &[("", "f", "{}")],
    );
    // A huge index does not make huge memory.
    check(
        &[calls(
            json!([{"index": 4_000_000_000u64, "id": "a", "function": {"name": "f", "arguments": "1"}}]),
        )],
        &[("a", "f", "1")],
    );
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

/// What an answer looks like in the streams of the random test: text of every width, errors and
/// odd shapes strewn in.
fn random_stream(dice: &mut Dice) -> String {
    let words = ["Grüße ", "👩‍👩‍👧‍👦", "naïve\n", "日本語", "plain ", "\"quoted\"", "a\\b"];
    let mut out = String::new();
    for _ in 0..1 + dice.below(12) {
        let word = words[dice.below(words.len())];
        out += &match dice.below(12) {
            0 => ": keep-alive\n\n".to_owned(),
            1 => delta(json!({"reasoning": word})),
            2 => delta(
                json!({"tool_calls": [{"index": dice.below(3), "function": {"name": "f", "arguments": word}}]}),
            ),
            3 => delta(json!({"content": word})).replace('\n', "\r\n"),
            4 => sse(&json!({"error": {"message": word, "code": 500 + dice.below(4)}})),
            5 => sse(
                &json!({"choices": [], "usage": {"prompt_tokens": dice.below(9), "completion_tokens": 3}}),
            ),
            _ => delta(json!({"content": word})),
        };
    }
    match dice.below(4) {
        0 => {}
        1 => out += &reason("length"),
        _ => out += &reason("stop"),
    }
    if dice.below(3) > 0 {
        out += DONE;
    }
    out
}

/// The text that a reader of whole events finds in a part of a stream, by other means than the
/// code under test: split at blank lines, parse, pick.
fn text_by_hand(part: &str) -> String {
    let normal = part.replace("\r\n", "\n");
    let mut text = String::new();
    for event in normal.split("\n\n") {
        let Some(data) = event.strip_prefix("data: ") else { continue };
        if let Ok(value) = serde_json::from_str::<Value>(data) {
            text += value["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        }
    }
    text
}

#[test]
fn ten_thousand_cut_and_mutated_streams_end_once() {
    let mut endings = std::collections::BTreeMap::new();
    for seed in 1..=10_000u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let stream = random_stream(&mut dice);
        let cut = dice.below(stream.len() + 1);
        let mut bytes = stream.as_bytes()[..cut].to_vec();
        let mutated = dice.below(2) == 0;
        if mutated && !bytes.is_empty() {
            for _ in 0..1 + dice.below(6) {
                let at = dice.below(bytes.len());
                match dice.below(3) {
                    0 => bytes[at] = dice.below(256) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, dice.below(256) as u8),
                }
                if bytes.is_empty() {
                    break;
                }
            }
        }
        let end = match dice.below(3) {
            0 => End::Clean,
            1 => End::Cut(Error::new(ErrorKind::Network, "lost")),
            _ => End::Aborted,
        };
        let mut got = answer();
        let mut pieces = Vec::new();
        for slice in random_slices(&bytes, &mut dice) {
            pieces.extend(got.push(slice));
            assert!(got.ending().is_none());
        }
        pieces.extend(got.finish(end.clone()));
        let ending = got.ending().expect("an ending").clone();
        assert!(got.finish(End::Clean).is_empty() && got.push(b"data: {}\n\n").is_empty());
        assert_eq!(got.ending(), Some(&ending));
        let text: String = pieces.iter().filter_map(|piece| piece.text.as_deref()).collect();
        assert_eq!(text, got.text(), "seed {seed}");
        if !mutated {
            // A cut may fall into a character; what is before it is whole.
            let part = String::from_utf8_lossy(&bytes);
            assert_eq!(text, text_by_hand(&part), "seed {seed}: nothing lost, nothing added");
            let failed = got.error().is_some();
            match (&end, &ending) {
                (End::Aborted, Ending::Aborted) => {}
                (End::Aborted, other) => panic!("seed {seed}: aborted became {other:?}"),
                (_, Ending::Completed) => {
                    assert!(!failed && part.contains("\"finish_reason\":\"stop\""), "seed {seed}");
                }
                (End::Cut(_), Ending::Truncated(_)) => {
                    assert!(part.contains("[DONE]"), "seed {seed}")
                }
                _ => {}
            }
        }
        *endings.entry(ending.name()).or_insert(0) += 1;
    }
    println!("{endings:?}");
    assert_eq!(endings.len(), 4, "every ending occurs: {endings:?}");
}

/// A figure, not a check: `cargo test --release --test stream -- --ignored --nocapture`.
#[test]
#[ignore = "measures; run it alone"]
fn cost_per_chunk() {
    let chunk = sse(
        &json!({"id": "chatcmpl-3312b190-9f1d-4323", "object": "chat.completion.chunk",
        "created": 1_795_340_412, "model": "anthropic/claude-opus-4", "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "delta": {"content": " word"}, "logprobs": null, "finish_reason": null}],
        "usage": null}),
    );
    let count = 10 * 1024 * 1024 / chunk.len();
    let bytes = chunk.repeat(count);
    for size in [16, 300, 16 * 1024] {
        let start = std::time::Instant::now();
        let mut got = answer();
        let pieces: usize = bytes.as_bytes().chunks(size).map(|slice| got.push(slice).len()).sum();
        got.finish(End::Clean);
        let time = start.elapsed();
        assert_eq!(pieces, count);
        println!(
            "10 MB, {count} chunks, reads of {size} bytes: {time:?}, {:.2} microseconds per chunk",
            time.as_secs_f64() * 1e6 / count as f64
        );
    }
}
