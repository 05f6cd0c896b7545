//! The stream: any cutting of the bytes gives the same events, and every answer ends once, truly.

// Where a test indexes wrongly, its panic is the report.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)]

#[path = "../shared/mod.rs"]
mod shared;

mod answer;
mod calls;
mod mutated;
mod sse;

use promptfare::gateway::{Profile, Redactor};
use promptfare::stream::{Answer, End, Piece};
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
