//! The score in WebAssembly: the same bits as native (`npm test -- wasm`), and its speed
//! (`node benches/router.mjs`). Runs in Node.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use js_sys::{Function, Reflect};
use promptfare::chat::ChatRequest;
use promptfare::router::{features, model};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

#[wasm_bindgen_test]
fn the_bits_are_those_of_the_native_score() {
    for line in include_str!("golden/router.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let request = ChatRequest::from_value(row["request"].clone()).unwrap();
        let score = model::score(&features::extract(&request));
        assert_eq!(
            format!("{:016x}", score.need.to_bits()),
            row["bits"].as_str().unwrap(),
            "{line}"
        );
    }
}

fn now() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into()).unwrap();
    let now: Function = Reflect::get(&performance, &"now".into()).unwrap().dyn_into().unwrap();
    now.call0(&performance).unwrap_or(JsValue::NULL).as_f64().unwrap()
}

#[wasm_bindgen_test]
#[ignore = "a measurement"]
fn a_prompt_of_2000_characters_is_scored_in_a_blink() {
    let mut prompts: Vec<String> = Vec::new();
    for line in include_str!("golden/router.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["request"]["messages"][0]["content"].as_str().unwrap().to_owned();
        if text.trim().len() > 20 {
            prompts.push(text.chars().chain("\n".chars()).cycle().take(2_000).collect());
        }
    }
    let requests: Vec<ChatRequest> = prompts
        .iter()
        .map(|text| {
            ChatRequest::from_value(json!({"messages": [{"role": "user", "content": text}]}))
                .unwrap()
        })
        .collect();
    let mut times = Vec::new();
    let mut of = vec![Vec::new(); requests.len()];
    for round in 0..40 {
        for (index, request) in requests.iter().enumerate() {
            let start = now();
            let score = model::score(&features::extract(request));
            let time = now() - start;
            assert!(score.need > 0.0);
            if round > 1 {
                times.push(time);
                of[index].push(time);
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    // On a busy machine the tail is the machine's: the slowest prompt's own median is the score's.
    let slowest = of.iter_mut().map(|times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    console_log!(
        "2,000 characters, {} runs: median {:.3} ms, 99th percentile {:.3} ms; slowest prompt's median {:.3} ms",
        times.len(),
        at(0.5),
        at(0.99),
        slowest.fold(0.0, f64::max)
    );
}
