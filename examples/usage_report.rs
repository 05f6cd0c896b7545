//! Holds estimates against recorded bills.
//!
//! ```text
//! cargo run --release --example usage_report -- ../shared/data/usage/items.jsonl[.gz] [--misses GROUP | --records]
//! ```
//!
//! Reads records of real requests with the usage that the provider reported, turns each request
//! into the OpenAI-compatible shape, estimates it with the vocabularies of `vocabularies/`, and
//! prints a table: per provider family and feature, on two halves of the repositories (by a hash
//! of their names), the number of records, the share exact, the median and 90th percentile of the
//! error, the share of bills inside the interval, and of those that were said to be exact the
//! share that was. `--misses` prints the estimates of a group that differ from the bill, `--records`
//! every estimate beside its bill as a line of JSON. A `.gz` file is unpacked by the system's `gzip`.

#![allow(clippy::indexing_slicing)] // JSON's `value["name"]` gives null, never a panic.

#[path = "usage_report/convert.rs"]
mod convert;

use promptfare::chat::ChatRequest;
use promptfare::tokens::{EstimateOptions, TokenEstimate, Vocabularies, estimate_tokens};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

/// One estimate beside its bill.
struct Held {
    estimate: TokenEstimate,
    bill: u64,
}

impl Held {
    fn error_percent(&self) -> f64 {
        100.0 * self.estimate.tokens.abs_diff(self.bill) as f64 / self.bill.max(1) as f64
    }

    fn inside(&self) -> bool {
        (self.estimate.low..=self.estimate.high).contains(&self.bill)
    }

    fn exact(&self) -> bool {
        self.estimate.tokens == self.bill
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("wanted the path of items.jsonl or items.jsonl.gz")?;
    let misses = match arguments.next().as_deref() {
        Some("--misses") => Some(arguments.next().unwrap_or_default()),
        _ => None,
    };
    let heuristic_only = std::env::args().any(|a| a == "--heuristic");
    let records = std::env::args().any(|a| a == "--records");
    let vocabularies = if heuristic_only { Vocabularies::new() } else { load_vocabularies()? };
    let mut rows: BTreeMap<(String, String, bool), Vec<Held>> = BTreeMap::new();
    let mut left_out: BTreeMap<String, u64> = BTreeMap::new();
    for line in BufReader::new(open(&path)?).lines() {
        let item: Value = serde_json::from_str(&line?)?;
        let record = match convert::record(&item) {
            Ok(record) => record,
            Err(why) => {
                *left_out.entry(why).or_default() += 1;
                continue;
            }
        };
        let request = match ChatRequest::from_value(record.request) {
            Ok(request) => request,
            Err(error) => {
                *left_out.entry(format!("not a request: {error}")).or_default() += 1;
                continue;
            }
        };
        let options = EstimateOptions { provider: record.provider.clone() };
        let estimate = match estimate_tokens(&request, &record.model, &vocabularies, &options) {
            Ok(estimate) => estimate,
            Err(error) => {
                *left_out.entry(format!("no estimate: {error}")).or_default() += 1;
                continue;
            }
        };
        let held = Held { estimate, bill: record.bill };
        if misses
            .as_deref()
            .is_some_and(|group| format!("{} {}", record.family, record.feature).contains(group))
            && !held.exact()
        {
            println!(
                "{:+} [{}..{}] bill {} {} {} {} {} {:?} {}",
                held.bill as i64 - held.estimate.tokens as i64,
                held.estimate.low,
                held.estimate.high,
                held.bill,
                record.model.id,
                record.feature,
                record.repository,
                item["id"],
                held.estimate.parts,
                item["path"].as_str().unwrap_or_default()
            );
        }
        let half = half_of(&record.repository);
        if records {
            println!(
                "{}",
                serde_json::json!({
                    "id": item["id"], "family": record.family, "feature": record.feature,
                    "model": record.model.id, "repository": record.repository,
                    "half": if half { "A" } else { "B" }, "bill": held.bill,
                    "tokens": held.estimate.tokens, "low": held.estimate.low,
                    "high": held.estimate.high, "exact": held.estimate.exact,
                    "parts": held.estimate.parts,
                })
            );
        }
        rows.entry((record.family.clone(), record.feature, half)).or_default().push(held);
    }
    if misses.is_none() && !records {
        print_table(&rows);
        for (why, count) in left_out {
            println!("left out: {count} {why}");
        }
    }
    Ok(())
}

fn open(path: &str) -> Result<Box<dyn Read>, Box<dyn std::error::Error>> {
    if !path.ends_with(".gz") {
        return Ok(Box::new(std::fs::File::open(path)?));
    }
    let child = std::process::Command::new("gzip")
        .args(["-dc", path])
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    Ok(Box::new(child.stdout.ok_or("no output of gzip")?))
}

fn load_vocabularies() -> Result<Vocabularies, Box<dyn std::error::Error>> {
    let mut vocabularies = Vocabularies::new();
    for name in ["claude-3", "claude-4.7", "o200k_base", "cl100k_base"] {
        let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        vocabularies.load(name, &file)?;
    }
    Ok(vocabularies)
}

/// Half of the repositories, by FNV-1a of the name.
fn half_of(repository: &str) -> bool {
    let hash = repository.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash & 1 == 0
}

fn print_table(rows: &BTreeMap<(String, String, bool), Vec<Held>>) {
    println!(
        "| family | feature | repositories | n | exact % | within 2 % | median error % | 90 % below | bill inside % | said exact: n, right % |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut totals: BTreeMap<(String, String, bool), Vec<&Held>> = BTreeMap::new();
    for ((family, feature, half), held) in rows {
        // Fewer tell nothing; they are in the totals below.
        if held.len() >= 5 {
            print_row(family, feature, *half, &held.iter().collect::<Vec<_>>());
        }
        totals.entry((family.clone(), "all".into(), *half)).or_default().extend(held);
    }
    println!(
        "\n| family | feature | repositories | n | exact % | within 2 % | median error % | 90 % below | bill inside % | said exact: n, right % |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for ((family, feature, half), held) in &totals {
        print_row(family, feature, *half, held);
    }
}

fn print_row(family: &str, feature: &str, half: bool, held: &[&Held]) {
    let share = |of: &dyn Fn(&Held) -> bool, all: &[&Held]| {
        100.0 * all.iter().filter(|h| of(h)).count() as f64 / all.len().max(1) as f64
    };
    let mut errors: Vec<f64> = held.iter().map(|h| h.error_percent()).collect();
    errors.sort_by(f64::total_cmp);
    let quantile = |q: f64| errors[((errors.len() - 1) as f64 * q).round() as usize];
    let said: Vec<&Held> = held.iter().copied().filter(|h| h.estimate.exact).collect();
    println!(
        "| {family} | {feature} | {} | {} | {:.1} | {:.1} | {:.2} | {:.2} | {:.1} | {}, {:.1} |",
        if half { "A" } else { "B" },
        held.len(),
        share(&Held::exact, held),
        share(&|h| h.error_percent() <= 2.0, held),
        quantile(0.5),
        quantile(0.9),
        share(&Held::inside, held),
        said.len(),
        share(&Held::exact, &said),
    );
}
