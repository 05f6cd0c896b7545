//! Usage: the normal form, and how providers' bodies become it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shared;

use promptfare::catalog::Catalog;
use promptfare::chat::{Usage, read_usage};
use promptfare::cost::{Money, calculate_cost, price_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn the_normal_form_reads_by_name() {
    let read = |value| Usage::from_value(&value);
    let usage = read(json!({"inputTokens": 10.0, "outputTokens": 2, "cacheReadTokens": null,
        "cacheWrite1hTokens": 1, "cacheWriteTokens": 3}))
    .unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (10, 2));
    assert_eq!((usage.cache_read_tokens, usage.cache_write_tokens), (None, Some(3)));
    assert_eq!(read(serde_json::to_value(&usage).unwrap()), Ok(usage));
    let message = |value| read(value).unwrap_err().message().to_owned();
    assert!(
        message(json!({"inputTokens": -1, "outputTokens": 2}))
            .starts_with("usage.inputTokens: found -1")
    );
    assert!(message(json!({"inputTokens": 1})).starts_with("usage.outputTokens: found null"));
    assert!(message(json!({"inputTokens": 1.5, "outputTokens": 2})).contains("found 1.5"));
    assert!(message(json!([])).starts_with("usage: found []"));
}

#[test]
fn every_recorded_body_reads_as_labelled() {
    let Some(lines) = shared::text("data/body_vectors.jsonl.gz") else { return };
    let mut differing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut equal = 0;
    for line in lines.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let (provider, flavor) = (text("provider"), text("api_flavor"));
        let count = |name: &str| vector["usage"][name].as_u64().unwrap_or(0);
        let wanted = [
            count("input_tokens"),
            count("output_tokens"),
            count("cache_read_tokens"),
            count("cache_write_tokens"),
            count("cache_write_1h_tokens"),
            count("output_reasoning_tokens"),
        ];
        let found = read_usage(&vector["body"], Some(provider), Some(flavor)).map(|usage| {
            [
                usage.input_tokens,
                usage.output_tokens,
                usage.cache_read_tokens.unwrap_or(0),
                usage.cache_write_tokens.unwrap_or(0),
                usage.cache_write_1h_tokens.unwrap_or(0),
                usage.reasoning_tokens.unwrap_or(0),
            ]
        });
        if found == Ok(wanted) {
            equal += 1;
        } else {
            let line = format!("wanted {wanted:?}, found {found:?} in {}", vector["body"]);
            differing.entry(format!("{provider}/{flavor}")).or_default().push(line);
        }
    }
    let all = lines.lines().count();
    println!("usage in bodies: {equal} of {all} equal");
    for (who, lines) in &differing {
        println!("  {who}: {} differ, e.g. {}", lines.len(), lines[0]);
    }
    assert!(all > 1900 && equal == all, "{equal} of {all} equal");
}

fn read(body: Value) -> Usage {
    read_usage(&body, None, None).unwrap_or_else(|error| panic!("{error}: {body}"))
}

fn usage(counts: [u64; 2], [read, write, hour, reasoning]: [Option<u64>; 4]) -> Usage {
    Usage {
        input_tokens: counts[0],
        output_tokens: counts[1],
        cache_read_tokens: read,
        cache_write_tokens: write,
        cache_write_1h_tokens: hour,
        reasoning_tokens: reasoning,
    }
}

#[test]
fn openai_counts_the_cache_within_the_prompt() {
    let body = json!({"usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 15}}});
    assert_eq!(read(body), usage([100, 20], [Some(80), None, None, Some(15)]));
    let responses = json!({"usage": {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
        "input_tokens_details": {"cached_tokens": 80}, "output_tokens_details": {"reasoning_tokens": 15}}});
    assert_eq!(read(responses.clone()), usage([100, 20], [Some(80), None, None, Some(15)]));
    let event = json!({"type": "response.completed", "response": responses});
    assert_eq!(read(event), usage([100, 20], [Some(80), None, None, Some(15)]));
}

#[test]
fn anthropic_and_bedrock_count_the_cache_beside_the_input() {
    let body = json!({"usage": {"input_tokens": 10, "cache_creation_input_tokens": 30,
        "cache_read_input_tokens": 60, "output_tokens": 5,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}});
    let wanted = usage([100, 5], [Some(60), Some(30), Some(20), None]);
    assert_eq!(read(body.clone()), wanted);
    assert_eq!(read(json!({"type": "message_start", "message": body})), wanted);
    let converse = json!({"usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 105,
        "cacheReadInputTokens": 60, "cacheWriteInputTokens": 30,
        "cacheDetails": [{"ttl": "5m", "inputTokens": 10}, {"ttl": "1h", "inputTokens": 20}]}});
    assert_eq!(read(converse), wanted);
}

#[test]
fn gemini_counts_thoughts_beside_the_answer_unless_the_total_says_otherwise() {
    let body = |candidates: u64, total: u64| {
        json!({"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": candidates,
            "thoughtsTokenCount": 30, "totalTokenCount": total}})
    };
    assert_eq!(read(body(5, 45)), usage([10, 35], [None, None, None, Some(30)]));
    assert_eq!(read(body(35, 45)), usage([10, 35], [None, None, None, Some(30)]));
}

#[test]
fn the_total_tells_what_gateways_count_beside() {
    let exclusive = json!({"usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 105,
        "cache_read_input_tokens": 60, "cache_creation_input_tokens": 30}});
    assert_eq!(read(exclusive), usage([100, 5], [Some(60), Some(30), None, None]));
    let inclusive = json!({"usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105,
        "cache_read_input_tokens": 60, "cache_creation_input_tokens": 30}});
    assert_eq!(read(inclusive), usage([100, 5], [Some(60), Some(30), None, None]));
    let reasoning_beside = json!({"usage": {"prompt_tokens": 10, "completion_tokens": 5,
        "total_tokens": 35, "completion_tokens_details": {"reasoning_tokens": 20}}});
    assert_eq!(read(reasoning_beside), usage([10, 25], [None, None, None, Some(20)]));
}

#[test]
fn chunks_of_streams() {
    let counts = json!({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5});
    let wanted = usage([3, 2], [None; 4]);
    assert_eq!(read(json!({"choices": [], "usage": counts})), wanted);
    assert_eq!(read(json!({"choices": [], "usage": null, "x_groq": {"usage": counts}})), wanted);
    assert_eq!(read(counts), wanted);
    assert_eq!(read(json!({"usage": {"prompt_tokens": 3.0, "completion_tokens": 2.0}})), wanted);
    let embeddings = json!({"usage": {"prompt_tokens": 3, "total_tokens": 3}});
    assert_eq!(read(embeddings), usage([3, 0], [None; 4]));
}

#[test]
fn what_is_no_usage_is_refused() {
    let message = |body: Value| read_usage(&body, None, None).unwrap_err().message().to_owned();
    for body in [
        json!({}),
        json!(null),
        json!([]),
        json!("x"),
        json!({"usage": null}),
        json!({"usage": {}}),
    ] {
        assert!(message(body).starts_with("body.usage: found "));
    }
    assert_eq!(
        message(json!({"usage": {"prompt_tokens": -1, "completion_tokens": 2}})),
        "usage.prompt_tokens: found -1, wanted a number of tokens"
    );
    assert!(
        message(json!({"usage": {"prompt_tokens": 1, "completion_tokens": "2"}})).contains("\"2\"")
    );
    assert_eq!(
        message(json!({"usage": {"prompt_tokens": 1, "completion_tokens": 2,
            "prompt_tokens_details": {"cached_tokens": 5}}})),
        "usage: found 5 tokens of cached input, wanted at most the 1 of input"
    );
    assert!(
        message(json!({"usage": {"input_tokens": u64::MAX, "output_tokens": 1,
        "cache_read_input_tokens": 1}}))
        .contains("1.8e19")
    );
    assert!(
        read_usage(&json!({"usage": {"prompt_tokens": 1}}), Some("openai"), Some("chat")).is_err()
    );
}

/// From the body and the model's name to money, where the bill is that of the model's own maker for
/// text alone. What differs: prices by the hour (DeepSeek), and Bedrock's own for OpenAI's models.
#[test]
fn recorded_bodies_cost_what_they_are_labelled() {
    let Some(lines) = shared::text("data/body_vectors.jsonl.gz") else { return };
    let (mut equal, mut differing) = (0, Vec::new());
    for line in lines.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| vector[name].as_str();
        let (provider, flavor) = (text("provider").unwrap(), text("api_flavor").unwrap());
        let Some(labelled) = text("cost_usd") else { continue };
        let other = ["web_searches", "input_audio_tokens", "output_audio_tokens"];
        if other.iter().any(|unit| vector["usage"][unit].as_f64().unwrap_or(0.0) > 0.0) {
            continue;
        }
        let Some(resolved) = text("model").and_then(|name| Catalog::shipped().find(name)) else {
            continue;
        };
        let own = [provider, "aws", "azure"].contains(&resolved.model.lab.as_str())
            || (provider == "azure" && resolved.model.lab == "openai")
            || (provider == "aws"
                && ["anthropic", "amazon", "openai"].contains(&resolved.model.lab.as_str()));
        if !own {
            continue;
        }
        let usage = read_usage(&vector["body"], Some(provider), Some(flavor)).unwrap();
        let rates = price_of(&resolved, Some("2026-11-22")).unwrap().rates;
        let cost = calculate_cost(&rates, &usage).unwrap().usd;
        if Money::from_value("label", &labelled.parse::<serde_json::Number>().unwrap().into())
            == Ok(cost)
        {
            equal += 1;
        } else {
            differing.push(format!("{provider} {}: {cost} for {labelled}", resolved.given));
        }
    }
    let all = equal + differing.len();
    println!("cost of bodies: {equal} of {all} equal");
    differing.iter().for_each(|line| println!("  differs: {line}"));
    assert!(all > 500 && differing.len() * 100 <= all, "{equal} of {all} equal");
}
