//! Whole requests against recorded bills and against the rules they were derived with.
//!
//! The records stay where they are (`../shared`, or `PROMPTFARE_SHARED`); without them these tests
//! say so and end.

use promptfare::catalog::{Capabilities, Model, Status, Tokenizer};
use promptfare::chat::ChatRequest;
use promptfare::tokens::{EstimateOptions, TokenEstimate, Vocabularies, estimate_tokens};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

fn shared(path: &str) -> Option<String> {
    let root = std::env::var_os("PROMPTFARE_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let path = root.join(path);
    if !path.exists() {
        println!("left out: no {}", path.display());
        return None;
    }
    let mut child = std::process::Command::new("gzip")
        .arg("-dc")
        .arg(&path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("gzip runs");
    let mut text = String::new();
    child.stdout.take().expect("its output").read_to_string(&mut text).expect("UTF-8");
    child.wait().expect("gzip ends");
    Some(text)
}

fn vocabularies() -> &'static Vocabularies {
    static LOADED: OnceLock<Vocabularies> = OnceLock::new();
    LOADED.get_or_init(|| {
        let mut vocabularies = Vocabularies::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/vocabularies");
        for name in ["claude-3", "claude-4.7", "o200k_base", "cl100k_base"] {
            let file = ["pfv", "bin"]
                .iter()
                .find_map(|ending| std::fs::read(format!("{folder}/{name}.{ending}")).ok())
                .unwrap_or_else(|| panic!("no file for {name}"));
            vocabularies.load(name, &file).expect("a whole file");
        }
        vocabularies
    })
}

fn model(lab: &str, id: &str, tokenizer: &str) -> Model {
    Model {
        id: id.to_owned(),
        lab: lab.to_owned(),
        aliases: Vec::new(),
        tokenizer: Tokenizer::from(tokenizer.to_owned()),
        context_window: None,
        max_input: None,
        max_output: None,
        cache_min_tokens: None,
        capabilities: Capabilities::default(),
        prices: Vec::new(),
        released: None,
        status: Status::Active,
    }
}

fn estimate(request: Value, model: &Model, provider: &str) -> TokenEstimate {
    let request = ChatRequest::from_value(request).expect("a request");
    let options = EstimateOptions {
        provider: matches!(provider, "bedrock" | "openrouter").then(|| provider.to_owned()),
    };
    let estimate = estimate_tokens(&request, model, vocabularies(), &options).expect("an estimate");
    assert!(estimate.low <= estimate.tokens && estimate.tokens <= estimate.high);
    assert!(!estimate.exact || estimate.low == estimate.high);
    let parts = estimate.parts.as_ref().expect("parts");
    assert_eq!(parts.values().sum::<u64>(), estimate.tokens);
    estimate
}

/// The same request as a client of an OpenAI-compatible gateway writes it.
fn openai_shaped(native: &Value) -> Value {
    let mut messages = Vec::new();
    match &native["system"] {
        Value::Null => {}
        Value::Array(blocks) => messages.push(json!({"role": "system", "content": blocks})),
        text => messages.push(json!({"role": "system", "content": text})),
    }
    for message in native["messages"].as_array().expect("messages") {
        let Value::Array(blocks) = &message["content"] else {
            messages.push(message.clone());
            continue;
        };
        let (mut parts, mut calls) = (Vec::new(), Vec::new());
        for block in blocks {
            match block["type"].as_str() {
                Some("tool_use") => calls.push(json!({"id": block["id"], "type": "function",
                    "function": {"name": block["name"], "arguments": block["input"].to_string()}})),
                Some("tool_result") => {
                    let mut content = block["content"].clone();
                    if let Value::Array(inner) = &mut content {
                        inner.iter_mut().for_each(|one| *one = part(one));
                    }
                    let mut result = json!({"role": "tool", "tool_call_id": block["tool_use_id"], "content": content});
                    if block["is_error"] == true {
                        result["is_error"] = json!(true);
                    }
                    messages.push(result);
                }
                _ => parts.push(part(block)),
            }
        }
        if parts.is_empty() && calls.is_empty() && !blocks.is_empty() {
            continue;
        }
        let mut out = json!({"role": message["role"]});
        out["content"] = match parts.as_slice() {
            [] => Value::Null,
            [one] if one["type"] == "text" => one["text"].clone(),
            _ => parts.into(),
        };
        if !calls.is_empty() {
            out["tool_calls"] = calls.into();
        }
        messages.push(out);
    }
    let mut out = Map::new();
    out.insert("messages".into(), messages.into());
    if let Some(tools) = native["tools"].as_array() {
        let tools = tools.iter().map(|tool| {
            json!({"type": "function", "function": {"name": tool["name"],
                "description": tool["description"], "parameters": tool["input_schema"]}})
        });
        out.insert("tools".into(), tools.collect());
    }
    let choice = &native["tool_choice"];
    let word = match choice["type"].as_str() {
        Some("any") => Some(json!("required")),
        Some("tool") => Some(json!({"type": "function", "function": {"name": choice["name"]}})),
        Some(word) => Some(json!(word)),
        None => None,
    };
    if let Some(word) = word {
        out.insert("tool_choice".into(), word);
    }
    if choice["disable_parallel_tool_use"] == true {
        out.insert("parallel_tool_calls".into(), json!(false));
    }
    let schema = [&native["output_format"]["schema"], &native["output_config"]["format"]["schema"]];
    if let Some(schema) = schema.into_iter().find(|schema| schema.is_object()) {
        out.insert(
            "response_format".into(),
            json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}),
        );
    }
    if native["thinking"].is_object() {
        out.insert("thinking".into(), native["thinking"].clone());
    }
    Value::Object(out)
}

fn part(block: &Value) -> Value {
    if block["type"] != "image" {
        return block.clone();
    }
    json!({"type": "image_url", "image_url": {"url": png(block["width"].as_u64().expect("a width"), block["height"].as_u64().expect("a height"))}})
}

/// A data URL with the header of a picture of that size.
fn png(width: u64, height: u64) -> String {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend((width as u32).to_be_bytes());
    bytes.extend((height as u32).to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("data:image/png;base64,");
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(*chunk.get(at).unwrap_or(&0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = char::from(DIGITS[(group >> (18 - 6 * at) & 63) as usize]);
            text.push(if at > chunk.len() { '=' } else { digit });
        }
    }
    text
}

#[test]
fn equal_to_the_rules_on_recorded_claude_requests() {
    let Some(text) = shared("data/framing_vectors.jsonl.gz") else { return };
    let (mut all, mut equal, mut inside, mut billed) = (0, 0, 0, 0);
    let mut misses = Vec::new();
    for line in text.lines() {
        let vector: Value = serde_json::from_str(line).expect("JSON");
        let id = format!("claude-{}", vector["model"].as_str().expect("a model"));
        let tokenizer = if vector["family"] == "v3" { "claude-3" } else { "claude-4.7" };
        let mut model = model("anthropic", &id, tokenizer);
        let provider = vector["provider"].as_str().unwrap_or_default();
        // The rules know both releases of Claude 3.5 Sonnet by one name.
        let native = estimate(vector["request"].clone(), &model, provider);
        let bill = vector["input_tokens"].as_u64().expect("a bill");
        let reference = vector["reference"].as_u64().expect("a reference");
        if id == "claude-3-5-sonnet" && native.tokens != reference {
            model.id = "claude-3-5-sonnet-20240620".to_owned();
        }
        let native = estimate(vector["request"].clone(), &model, provider);
        let shaped = estimate(openai_shaped(&vector["request"]), &model, provider);
        assert_eq!(native, shaped, "{} in OpenAI's shape", vector["id"]);
        all += 1;
        equal += usize::from(native.tokens == reference);
        billed += usize::from(native.tokens == bill);
        inside += usize::from((native.low..=native.high).contains(&bill));
        if native.tokens != reference {
            misses.push(format!(
                "{:+} {id} {} {}",
                reference as i64 - native.tokens as i64,
                vector["tags"],
                vector["id"]
            ));
        }
    }
    println!(
        "{all} vectors: {equal} equal to the rules, {billed} to the bill, {inside} bills inside"
    );
    assert!(misses.is_empty(), "{}\n{}", misses.len(), misses.join("\n"));
    assert_eq!(inside, all);
}
