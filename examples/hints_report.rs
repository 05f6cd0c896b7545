//! Precision and recall of the hints on prompts of our own writing, as `docs/hints.md` shows them.
//!
//! ```text
//! cargo run --release --example hints_report [-- dev | held] [--misses]
//! ```
//!
//! Without a name both parts are printed. `--misses` names each hint that no label has, and each label
//! that was missed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)] // A report may stop.

#[path = "../tests/practice/labelled.rs"]
mod labelled;

use labelled::{Tally, judge, read, tallies};

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

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
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
