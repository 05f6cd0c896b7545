//! Mutation fuzzing of every reader of foreign bytes: vocabulary files, pictures, requests, bodies,
//! streams, texts. A panic, or a reading that takes longer than its bytes allow, is a failure.
//!
//! ```sh
//! cargo run --release --example fuzz -- 30    # seconds for each reader
//! ```

use promptfare::catalog::Catalog;
use promptfare::chat::{ChatRequest, read_usage};
use promptfare::gateway::{Profile, Redactor};
use promptfare::stream::{Answer, End};
use promptfare::tokens::bpe::{Bpe, Encoding};
use promptfare::tokens::claude::Claude;
use promptfare::tokens::{Vocabularies, estimate_tokens, image, vocabulary};
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A small generator of pseudo-random numbers (SplitMix64): the same run every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// Changes bytes, cuts, doubles and swaps parts: one to eight times.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            let length = self.below(bytes.len().saturating_sub(at)).min(64);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => {
                    let part: Vec<u8> = bytes.iter().skip(at).take(length).copied().collect();
                    let place = self.below(bytes.len() + 1);
                    bytes.splice(place..place, part);
                }
                2 => drop(bytes.splice(at..at + length, [])),
                3 => {
                    let extreme = [0x00, 0xff, 0x7f, 0x80, b'"', b'\\', b'{', b'\n'];
                    let byte = extreme.get(self.below(extreme.len())).copied().unwrap_or(0);
                    if let Some(place) = bytes.get_mut(at) {
                        *place = byte;
                    }
                }
                _ => {
                    let byte = self.next().to_le_bytes()[0];
                    if let Some(place) = bytes.get_mut(at) {
                        *place = byte;
                    }
                }
            }
        }
        bytes
    }
}

/// A reader under test: its name, what it is fed with at first, and what it does.
struct Target {
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    read: Reader,
}

/// Reads bytes; only a panic or the time it takes is of interest.
type Reader = Box<dyn Fn(&[u8])>;

fn file(name: &str) -> Vec<u8> {
    let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| {
        eprintln!("{path}: {error}");
        std::process::exit(2)
    })
}

/// A vocabulary's payload behind a header that fits it: what a forger would send.
fn with_header(name: &'static str, read: fn(&[u8])) -> Target {
    let whole = file(name);
    let payload = vocabulary::read(&whole).map(|(_, payload)| payload.to_vec()).unwrap_or_default();
    Target {
        name: match name {
            "claude-3" => "claude-3 payload",
            "claude-4.7" => "claude-4.7 payload",
            _ => "cl100k_base payload",
        },
        seeds: vec![payload],
        read: Box::new(move |bytes| {
            if let Ok(forged) = vocabulary::write(name, bytes) {
                read(&forged);
            }
        }),
    }
}

fn texts() -> Vec<Vec<u8>> {
    [
        "The quick brown fox can't jump over 12,345 lazy dogs.\r\n\r\n\tfn main() { }",
        "日本語テキスト 한국어 русский العربية हिन्दी ไทย e\u{301}\u{200d}👩\u{200d}👩\u{200d}👧",
        "    \n \n\t\t<|endoftext|> aaaaaaaaaaaaaaaaaaaaaaaaaaaa ======== \u{fffd}\u{feff}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

fn targets() -> Vec<Target> {
    let picture = |bytes: &[u8]| {
        image::size_of_bytes(bytes);
    };
    let png =
        [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0"[..], &[0; 16]]
            .concat();
    let gif = b"GIF89a\x40\x01\xf0\0\x80\0\0".to_vec();
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03\x01\x22\0\x02\x11\x01\x03\x11\x01".to_vec();
    let webp = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x7f\x02\0\xdf\x01\0".to_vec();
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0mif1miafavif\0\0\0\x28meta\0\0\0\0\0\0\0\x1ciprp\0\0\0\x14ipco\0\0\0\x14ispe\0\0\0\0\0\0\x02\x80\0\0\x01\xe0".to_vec();
    let request = r#"{"model":"claude-opus-4","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":[1,2]}"}}]},{"role":"tool","tool_call_id":"c","content":"r"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"array","items":{"type":"number"}}}}}}],"max_tokens":9}"#;
    let body = r#"{"usage":{"prompt_tokens":9,"completion_tokens":24,"prompt_tokens_details":{"cached_tokens":4},"cost":0.1}}"#;
    let stream = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Gr\u{fc}\u{df}e \u{1f44b}\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\r\n\r\ndata: [DONE]\n\n";
    let mut vocabularies = Vocabularies::new();
    for name in ["claude-3", "claude-4.7", "cl100k_base"] {
        if let Err(error) = vocabularies.load(name, &file(name)) {
            eprintln!("{name}: {error}");
            std::process::exit(2);
        }
    }
    let loaded = vocabularies.clone();
    vec![
        Target {
            name: "vocabulary header",
            seeds: vec![file("claude-4.7"), b"pfv\x01".to_vec()],
            read: Box::new(|bytes| drop(vocabulary::read(bytes).map(|_| ()))),
        },
        with_header("claude-3", |bytes| drop(Claude::from_bytes(bytes))),
        with_header("claude-4.7", |bytes| drop(Claude::from_bytes(bytes))),
        with_header("cl100k_base", |bytes| drop(Bpe::from_bytes(Encoding::Cl100kBase, bytes))),
        Target {
            name: "pictures",
            seeds: vec![png, gif, jpeg, webp, avif],
            read: Box::new(picture),
        },
        Target {
            name: "texts",
            seeds: texts(),
            read: Box::new(move |bytes| {
                let text = String::from_utf8_lossy(bytes);
                for model in ["claude-opus-4", "claude-opus-4-8", "gpt-4", "gemini-2.5-pro"] {
                    if let Ok(resolved) = Catalog::shipped().resolve(model) {
                        promptfare::tokens::count_content(&text, resolved.model, &loaded);
                    }
                }
            }),
        },
        Target {
            name: "requests",
            seeds: vec![request.as_bytes().to_vec()],
            read: Box::new(move |bytes| {
                let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
                let Ok(request) = ChatRequest::from_value(value) else { return };
                for model in ["claude-opus-4", "claude-opus-4-8", "gpt-4", "gemini-2.5-pro"] {
                    if let Ok(resolved) = Catalog::shipped().resolve(model) {
                        let options = Default::default();
                        drop(estimate_tokens(&request, resolved.model, &vocabularies, &options));
                    }
                }
            }),
        },
        Target {
            name: "bodies",
            seeds: vec![body.as_bytes().to_vec()],
            read: Box::new(|bytes| {
                if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
                    drop(read_usage(&value, None, None));
                }
            }),
        },
        Target {
            name: "streams",
            seeds: vec![stream.as_bytes().to_vec()],
            read: Box::new(|bytes| {
                let mut answer = Answer::new(&Profile::custom(), None, Redactor::new(None));
                for part in bytes.chunks(7) {
                    answer.push(part);
                }
                answer.finish(End::Clean);
                assert!(answer.ending().is_some(), "an answer without an ending");
            }),
        },
        Target {
            name: "model names",
            seeds: vec![
                b"us.anthropic.claude-opus-4-20250514-v1:0".to_vec(),
                b"openrouter/openai/gpt-5:free".to_vec(),
            ],
            read: Box::new(|bytes| {
                drop(Catalog::shipped().resolve(&String::from_utf8_lossy(bytes)).map(|_| ()));
            }),
        },
    ]
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10);
    let limit = Duration::from_secs(seconds);
    let mut failures = 0;
    std::panic::set_hook(Box::new(|_| {}));
    println!(
        "| reader | inputs | seconds | slowest, ms | failures |\n| --- | --- | --- | --- | --- |"
    );
    for target in targets() {
        let mut random = Random(0x70_72_6f_6d_70_74);
        let start = Instant::now();
        let (mut inputs, mut failed, mut slowest) = (0u64, 0u64, Duration::ZERO);
        // Inputs breed: what was read lately is mutated further.
        let mut pool = target.seeds.clone();
        while start.elapsed() < limit {
            let seed = pool.get(random.below(pool.len())).cloned().unwrap_or_default();
            let input = random.mutate(&seed);
            let began = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| (target.read)(&input)));
            let took = began.elapsed();
            slowest = slowest.max(took);
            inputs += 1;
            if result.is_err() || took > Duration::from_secs(2) {
                failed += 1;
                let shown: String = String::from_utf8_lossy(&input).chars().take(200).collect();
                eprintln!("{}: failed on {} bytes: {shown:?}", target.name, input.len());
            }
            if pool.len() < 64 {
                pool.push(input);
            } else if random.below(16) == 0 {
                let place = target.seeds.len() + random.below(pool.len() - target.seeds.len());
                if let Some(old) = pool.get_mut(place) {
                    *old = input;
                }
            }
        }
        println!(
            "| {} | {inputs} | {:.0} | {:.1} | {failed} |",
            target.name,
            start.elapsed().as_secs_f64(),
            slowest.as_secs_f64() * 1000.0
        );
        failures += failed;
    }
    if failures > 0 {
        std::process::exit(1);
    }
}
