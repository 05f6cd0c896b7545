//! Streams cut and mutated at random, and what a chunk costs.

use super::{DONE, Dice, answer, delta, random_slices, reason, sse};
use promptfare::ErrorKind;
use promptfare::error::Error;
use promptfare::stream::{End, Ending};
use serde_json::{Value, json};

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

/// The text that a reader of whole events finds in a part of a stream up to its first error, by
/// other means than the code under test: split at blank lines, parse, pick.
fn text_by_hand(part: &str) -> String {
    let normal = part.replace("\r\n", "\n");
    let mut text = String::new();
    for event in normal.split("\n\n") {
        let Some(data) = event.strip_prefix("data: ") else { continue };
        if let Ok(value) = serde_json::from_str::<Value>(data) {
            text += value["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
            if value["error"].is_object() {
                break;
            }
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
