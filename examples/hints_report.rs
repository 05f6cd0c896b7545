//! Precision and recall of the hints on prompts of our own writing, as `docs/hints.md` shows them.
//!
//! ```text
//! cargo run --release --example hints_report [-- dev | held] [--misses]
//! ```
//!
//! Without a name both parts are printed. `--misses` names each hint that no label has, and each label
//! that was missed. To look at prompts that nobody labelled, one JSON object with `prompt` or `request` in
//! a line (a `.gz` file is unpacked by the system's `gzip`):
//!
//! ```text
//! cargo run --release --example hints_report -- --look FILE... [--show N]
//! ```
//!
//! prints how often each hint is given, and N of each to judge by eye.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)] // A report may stop.

#[path = "../tests/practice/labelled.rs"]
mod labelled;

use labelled::{Tally, judge, read, tallies};
use promptfare::practice::hints::review;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Wilson's interval of a share, 95 %.
fn wilson(right: u32, all: u32) -> (f64, f64) {
    let (n, z) = (f64::from(all.max(1)), 1.959_964);
    let p = f64::from(right) / n;
    let middle = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

fn share(right: u32, all: u32) -> String {
    if all == 0 {
        return "none".to_owned();
    }
    let (low, high) = wilson(right, all);
    format!("{:.2} ({low:.2} to {high:.2})", f64::from(right) / f64::from(all))
}

fn row(name: &str, prompts: &str, tally: &Tally) {
    let given = tally.right + tally.wrong;
    let labels = tally.right + tally.missed;
    println!(
        "| {name} | {prompts} | {labels} | {given} | {} | {} |",
        share(tally.right, given),
        share(tally.right, labels)
    );
}

/// A request in OpenAI's shape, as far as these rules read it.
fn request(item: &Value) -> Option<Value> {
    if let Some(prompt) = item["prompt"].as_str() {
        return Some(json!({ "messages": [{ "role": "user", "content": prompt }] }));
    }
    let mut request = item["request"].as_object()?.clone();
    let system = request.remove("system");
    let messages = request.get_mut("messages")?.as_array_mut()?;
    if let Some(system) = system {
        messages.insert(0, json!({ "role": "system", "content": system }));
    }
    Some(Value::Object(request))
}

fn look(arguments: &[String]) {
    let number =
        arguments.iter().position(|one| one == "--show").and_then(|at| arguments.get(at + 1));
    let show: usize = number.map_or(0, |number| number.parse().unwrap());
    let files = arguments.iter().filter(|one| one.contains(".jsonl"));
    println!("| file | prompts | read in | hints |\n| --- | ---: | --- | --- |");
    let mut shown = String::new();
    for file in files {
        let bytes = if file.ends_with(".gz") {
            std::process::Command::new("gzip").arg("-dc").arg(file).output().unwrap().stdout
        } else {
            std::fs::read(file).unwrap()
        };
        let text = String::from_utf8(bytes).unwrap();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        let mut tongues: BTreeMap<&str, usize> = BTreeMap::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut count = 0;
        for line in text.lines() {
            let item: Value = serde_json::from_str(line).unwrap();
            let Some(request) = request(&item) else { continue };
            // Each text once: recorded requests repeat the same few.
            if !seen.insert(request["messages"].to_string()) {
                continue;
            }
            count += 1;
            let review = review(&request, None, None).unwrap();
            let told = review.language.code.filter(|_| review.language.supported);
            *tongues.entry(told.unwrap_or("none")).or_default() += 1;
            for hint in &review.hints {
                let found = kinds.entry(hint.kind.name()).or_default();
                *found += 1;
                if *found <= show {
                    let content = &request["messages"][hint.place.message]["content"];
                    let all: String = content.to_string().chars().take(400).collect();
                    let others: Vec<&str> =
                        hint.others.iter().map(|one| one.quote.as_str()).collect();
                    let quote: String = hint.place.quote.chars().take(120).collect();
                    shown.push_str(&format!(
                        "{}: «{quote}» {others:?}\n    {all}\n",
                        hint.kind.name()
                    ));
                }
            }
        }
        let name = std::path::Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
        println!("| {name} | {count} | {tongues:?} | {kinds:?} |");
    }
    print!("{shown}");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--look") {
        return look(&arguments);
    }
    let misses = arguments.iter().any(|argument| argument == "--misses");
    for part in ["dev", "held"] {
        if ["dev", "held"].iter().any(|one| arguments.iter().any(|argument| argument == one))
            && !arguments.iter().any(|argument| argument == part)
        {
            continue;
        }
        let cases = read(part);
        let tallies = tallies(&cases);
        println!("\n{part}: {} prompts\n", cases.len());
        println!("| | prompts | labels | hints | precision | recall |");
        println!("| --- | ---: | ---: | ---: | --- | --- |");
        for (kind, tally) in &tallies.kinds {
            row(&format!("`{kind}`"), "", tally);
        }
        for (language, (count, tally)) in &tallies.languages {
            row(language, &count.to_string(), tally);
        }
        row("all", &cases.len().to_string(), &tallies.all);
        if !misses {
            continue;
        }
        for case in &cases {
            let judged = judge(case);
            let text = case.request["messages"].as_array().unwrap().last().unwrap()["content"]
                .as_str()
                .unwrap();
            let short: String = text.chars().take(90).collect::<String>().replace('\n', " ");
            for (kind, quote, _) in judged.given.iter().filter(|(.., right)| !right) {
                println!("WRONG  {:13} {} «{quote}» in: {short}", kind.name(), case.language);
            }
            for (kind, spans) in &judged.missed {
                println!(
                    "MISSED {:13} {} «{spans}» in: {short} {:?}",
                    kind.name(),
                    case.language,
                    judged.review.language
                );
            }
        }
    }
}
