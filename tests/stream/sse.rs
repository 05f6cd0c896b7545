//! Events.

use super::{Dice, random_slices, shared};
use promptfare::ErrorKind;
use promptfare::stream::{Decoder, Event};
use proptest::prelude::*;
use serde_json::Value;

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

fn data(text: &str) -> Event {
    Event { data: text.to_owned(), ..Event::default() }
}

fn named(event: &str, text: &str) -> Event {
    Event { event: Some(event.to_owned()), ..data(text) }
}

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
