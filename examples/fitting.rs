//! What long context costs: the ways out for one conversation, priced, and how long it takes to find them.
//!
//! ```text
//! cargo run --release --example fitting [vocabulary folder]
//! ```
//!
//! The conversation is made here: 2,000 messages, about 1 MB of invented English, a call with its result
//! in every twentieth exchange. With a vocabulary folder (`vocabularies/` of this project) counts are exact.

#![allow(clippy::indexing_slicing)] // JSON's `value["name"]` gives null, never a panic.

use promptfare::catalog::Catalog;
use promptfare::chat::ChatRequest;
use promptfare::cost::Horizon;
use promptfare::error::Result;
use promptfare::plan::Planner;
use promptfare::practice::Fare;
use promptfare::practice::fit::{Choice, FitOptions, fit};
use promptfare::practice::version::compare;
use promptfare::tokens::{TokenEstimate, Vocabularies};
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::Instant;

const WORDS: [&str; 40] = [
    "the",
    "ferry",
    "leaves",
    "harbour",
    "at",
    "noon",
    "and",
    "a",
    "ticket",
    "costs",
    "less",
    "when",
    "it",
    "is",
    "bought",
    "before",
    "Friday",
    "because",
    "fares",
    "rise",
    "with",
    "demand",
    "on",
    "summer",
    "weekends",
    "while",
    "residents",
    "keep",
    "their",
    "own",
    "price",
    "through",
    "winter",
    "unless",
    "storms",
    "close",
    "northern",
    "route",
    "for",
    "repairs",
];

struct Heart {
    vocabularies: Vocabularies,
    counts: Cell<usize>,
}

impl Heart {
    fn with<T>(&self, run: impl FnOnce(&Planner<'_>) -> T) -> T {
        run(&Planner {
            catalog: Catalog::shipped(),
            vocabularies: &self.vocabularies,
            at: None,
            answer: None,
            provider: None,
            horizon: &Horizon::default(),
            past: &|_| Vec::new(),
            past_inputs: &|_| Vec::new(),
        })
    }
}

impl Fare for Heart {
    fn tokens(&self, request: &Value, model: &str) -> Result<TokenEstimate> {
        if request["messages"].as_array().is_some_and(|list| list.len() > 1) {
            self.counts.set(self.counts.get() + 1);
        }
        let request = ChatRequest::from_value(request.clone())?;
        self.with(|planner| Ok(planner.estimate(&request, model, true)?.tokens))
    }

    fn cost(&self, request: &Value, model: &str) -> Result<Option<Value>> {
        let request = ChatRequest::from_value(request.clone())?;
        let planned = self.with(|planner| {
            let planned = planner.estimate(&request, model, true)?;
            Ok::<_, promptfare::Error>(planned.cost.as_ref().map(serde_json::to_value))
        })?;
        planned.transpose().map_err(|error| promptfare::Error::invalid_input(error.to_string()))
    }

    fn limits(&self, model: &str) -> Result<(Option<u64>, Option<u64>)> {
        let found = promptfare::catalog::resolve_model(model)?.model;
        Ok((found.context_window, found.max_output))
    }

    fn max_input(&self, model: &str) -> Result<Option<u64>> {
        Ok(promptfare::catalog::resolve_model(model)?.model.max_input)
    }
}

/// Sentences of invented English, the same in every run.
fn prose(seed: &mut u64, length: usize) -> String {
    let mut text = String::new();
    let mut words = 0;
    while text.len() < length {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = WORDS[(*seed >> 33) as usize % WORDS.len()];
        text.push_str(word);
        words += 1;
        text.push_str(if words % 13 == 0 { ".\n" } else { " " });
    }
    text
}

fn conversation(messages: usize, bytes: usize) -> Value {
    let mut seed = 1;
    let each = bytes / messages;
    let mut list =
        vec![json!({"role": "system", "content": "You sell tickets. Answer in one paragraph."})];
    while list.len() + 4 < messages {
        let n = list.len();
        list.push(json!({"role": "user", "content": prose(&mut seed, each)}));
        if n % 40 == 1 {
            let id = format!("call_{n}");
            list.push(json!({"role": "assistant", "content": null, "tool_calls": [
                {"id": id, "type": "function", "function": {"name": "timetable", "arguments": "{\"day\":\"Friday\"}"}},
            ]}));
            list.push(
                json!({"role": "tool", "tool_call_id": id, "content": prose(&mut seed, each)}),
            );
        }
        list.push(json!({"role": "assistant", "content": prose(&mut seed, each)}));
    }
    list.push(json!({"role": "user", "content": "Which crossing was the cheapest?"}));
    json!({"messages": list, "max_tokens": 1000})
}

fn money(usd: &Value) -> String {
    if usd.is_null() {
        return "not known".to_owned();
    }
    let end =
        |name: &str| usd[name].as_str().unwrap_or_default().chars().take(7).collect::<String>();
    format!("{} to {}", end("low"), end("high"))
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut vocabularies = Vocabularies::new();
    if let Some(folder) = std::env::args().nth(1) {
        for name in ["o200k_base", "claude-3", "claude-4.7"] {
            vocabularies.load(name, &std::fs::read(format!("{folder}/{name}.bin"))?)?;
        }
    }
    let heart = Heart { vocabularies, counts: Cell::new(0) };
    let request = conversation(2_000, 1_000_000);
    let messages = request["messages"].as_array().map_or(0, Vec::len);
    println!("{messages} messages, {} bytes of JSON", request.to_string().len());
    for (model, limit) in [("gpt-4o", None), ("claude-opus-4", None), ("gpt-4o", Some(16_000))] {
        let options = FitOptions {
            model: Some(model.to_owned()),
            candidates: ["claude-haiku-4-5", "gpt-4.1", "gpt-4.1-mini"].map(str::to_owned).to_vec(),
            limit_tokens: limit,
            ..FitOptions::default()
        };
        heart.counts.set(0);
        let started = Instant::now();
        let made = fit(&request, &options, &heart)?;
        let took = started.elapsed().as_millis();
        println!(
            "\n{model}{}: {took} ms, {} counts of more than one message",
            limit.map_or_else(String::new, |n| format!(", held to {n} tokens")),
            heart.counts.get()
        );
        println!("| candidate | tokens | window | fits | as it is, USD |");
        println!("| --- | --- | --- | --- | --- |");
        for one in &made.candidates {
            let value = one.to_value();
            let fits = one.fits.map_or("cannot be told", |fits| if fits { "yes" } else { "no" });
            println!(
                "| {} | {} to {} | {} | {fits} | {} |",
                one.model,
                one.tokens.low,
                one.tokens.high,
                value["contextWindow"],
                money(&value["usd"])
            );
        }
        println!("| way out | tokens | USD |");
        println!("| --- | --- | --- |");
        for one in &made.options {
            let value = one.to_value();
            let tokens = format!("{} to {}", value["tokens"]["low"], value["tokens"]["high"]);
            let what = match one {
                Choice::Bigger { model, .. } => format!("{model} instead"),
                Choice::Trim { trimmed, .. } => {
                    format!("{} messages dropped", trimmed.dropped.len())
                }
                Choice::Summarise { summary, .. } => format!(
                    "{} messages summarised by {} in {} calls",
                    summary.messages, summary.model, summary.calls
                ),
            };
            println!("| {what} | {tokens} | {} |", money(&value["usd"]));
        }
    }

    // One long text: its middle goes.
    let mut seed = 9;
    let one = json!({"messages": [{"role": "user", "content": prose(&mut seed, 1_000_000)}], "max_tokens": 1000});
    let started = Instant::now();
    let made = fit(
        &one,
        &FitOptions { model: Some("gpt-4o".to_owned()), ..FitOptions::default() },
        &heart,
    )?;
    let took = started.elapsed().as_millis();
    for choice in &made.options {
        if let Choice::Trim { trimmed, .. } = choice {
            let cut = trimmed.cut.as_ref();
            println!(
                "\none message of 1 MB, gpt-4o: {took} ms; {} of 127000 tokens used, mark {:?}",
                trimmed.tokens.high,
                cut.map(|cut| cut.mark.trim().to_owned())
            );
        }
    }

    let text =
        |value: &Value| value["messages"][0]["content"].as_str().unwrap_or_default().to_owned();
    let before = text(&one);
    let after = json!({"messages": [{"role": "user", "content": before.replace("because fares rise", "since fares climb")}]});
    let started = Instant::now();
    let made = compare(&one, &after, "gpt-4o", &heart)?;
    let pieces: usize = made.fields.iter().map(|field| field.pieces.len()).sum();
    println!(
        "\ntwo versions of 1 MB: {} ms, {pieces} pieces, {} tokens more",
        started.elapsed().as_millis(),
        made.tokens.expected
    );
    Ok(())
}
