//! How much of what is planted is found, and how much else.
//!
//! ```text
//! cargo run --release --example privacy_report              # both tables, tokens of stand-ins, time on 1 MB
//! cargo run --release --example privacy_report -- --misses  # what went wrong on the development part
//! cargo run --release --example privacy_report -- --real FILE [FIELD]   # findings in texts of your own
//! ```
//!
//! The documents are made from templates and values by a seed: a development part, and a part with
//! other templates, other seeds and more ways of writing, that is only counted. A value counts as found where one
//! finding of its group (secret, personal) covers it and at most two bytes more. A finding counts as
//! right where it covers a planted value in that way.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A program that reports by printing.
#![allow(clippy::string_slice)]

#[path = "privacy_report/generate.rs"]
mod generate;

use generate::{Document, Lot, document};
use promptfare::catalog::Catalog;
use promptfare::privacy::{Found, Kind, Look, find};
use promptfare::tokens::{Vocabularies, count_content};
use std::collections::BTreeMap;
use std::time::Instant;

const DOCUMENTS: usize = 5_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--misses") => misses(false),
        Some("--held-misses") => misses(true),
        Some("--real") => real(&arguments[1], arguments.get(2).map(String::as_str)),
        _ => {
            table("development", 1, false);
            table("held out", 2, true);
            stand_ins();
            time();
        }
    }
}

fn group(name: &str) -> bool {
    Kind::ALL.iter().find(|kind| kind.name() == name).expect("a kind").is_secret()
}

fn covers(found: &Found, start: usize, end: usize) -> bool {
    found.start <= start && found.end >= end && (found.end - found.start) <= (end - start) + 2
}

#[derive(Default, Clone)]
struct Count {
    planted: u64,
    hit: u64,
    found: u64,
    right: u64,
}

fn documents(seed: u64, held: bool, count: usize) -> Vec<Document> {
    let mut lot = Lot::new(seed);
    (0..count).map(|_| document(&mut lot, held)).collect()
}

fn count(documents: &[Document]) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for made in documents {
        let found = find(&made.text, Look::ALL);
        for planted in &made.planted {
            let secret = group(&planted.kind);
            let hit = found.iter().any(|one| {
                one.kind.is_secret() == secret && covers(one, planted.start, planted.end)
            });
            let entry = counts.entry(planted.kind.clone()).or_default();
            entry.planted += 1;
            entry.hit += u64::from(hit);
        }
        for one in &found {
            let secret = one.kind.is_secret();
            let right = made
                .planted
                .iter()
                .any(|p| group(&p.kind) == secret && covers(one, p.start, p.end));
            let entry = counts.entry(one.kind.name().to_owned()).or_default();
            entry.found += 1;
            entry.right += u64::from(right);
        }
    }
    counts
}

/// Wilson's interval at 95 %.
fn wilson(hits: u64, all: u64) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    let (n, p, z) = (all as f64, hits as f64 / all as f64, 1.96f64);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    format!(
        "{:.1} % ({:.1}–{:.1})",
        100.0 * p,
        100.0 * (middle - half).max(0.0),
        100.0 * (middle + half).min(1.0)
    )
}

fn table(name: &str, seed: u64, held: bool) {
    let documents = documents(seed, held, DOCUMENTS);
    let counts = count(&documents);
    let bytes: usize = documents.iter().map(|made| made.text.len()).sum();
    println!(
        "\n{name}: {} documents, {:.2} MB, seed {seed}\n",
        documents.len(),
        bytes as f64 / 1e6
    );
    println!("| kind | planted | recall | found | precision |\n|---|---:|---:|---:|---:|");
    let (mut sums, mut all) = ([Count::default(), Count::default()], Count::default());
    for kind in Kind::ALL {
        let Some(one) = counts.get(kind.name()) else { continue };
        println!(
            "| {} | {} | {} | {} | {} |",
            kind.name(),
            one.planted,
            wilson(one.hit, one.planted),
            one.found,
            wilson(one.right, one.found)
        );
        for sum in [&mut sums[usize::from(!kind.is_secret())], &mut all] {
            sum.planted += one.planted;
            sum.hit += one.hit;
            sum.found += one.found;
            sum.right += one.right;
        }
    }
    for (name, sum) in [("secrets", &sums[0]), ("personal", &sums[1]), ("all", &all)] {
        println!(
            "| **{name}** | {} | {} | {} | {} |",
            sum.planted,
            wilson(sum.hit, sum.planted),
            sum.found,
            wilson(sum.right, sum.found)
        );
    }
}

fn misses(held: bool) {
    let around = |text: &str, start: usize, end: usize| {
        let from = floor(text, start.saturating_sub(30));
        let to = floor(text, (end + 20).min(text.len()));
        format!("{}⟦{}⟧{}", &text[from..start], &text[start..end], &text[end..to])
            .replace('\n', "⏎")
    };
    let mut shown: BTreeMap<String, u32> = BTreeMap::new();
    for made in documents(if held { 2 } else { 1 }, held, DOCUMENTS) {
        let found = find(&made.text, Look::ALL);
        for p in &made.planted {
            if !found
                .iter()
                .any(|one| one.kind.is_secret() == group(&p.kind) && covers(one, p.start, p.end))
            {
                let seen = shown.entry(format!("missed {}", p.kind)).or_default();
                *seen += 1;
                if *seen <= 12 {
                    println!("missed {}: {}", p.kind, around(&made.text, p.start, p.end));
                }
            }
        }
        for one in &found {
            if !made
                .planted
                .iter()
                .any(|p| group(&p.kind) == one.kind.is_secret() && covers(one, p.start, p.end))
            {
                let seen = shown.entry(format!("wrong {}", one.kind.name())).or_default();
                *seen += 1;
                if *seen <= 12 {
                    println!(
                        "wrong {}: {}",
                        one.kind.name(),
                        around(&made.text, one.start, one.end)
                    );
                }
            }
        }
    }
    println!("{shown:?}");
}

/// The last place up to `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn vocabularies() -> (Vocabularies, Vec<(&'static str, &'static str)>) {
    let models = vec![
        ("o200k_base", "gpt-5"),
        ("cl100k_base", "gpt-4"),
        ("claude-3", "claude-opus-4"),
        ("claude-4.7", "claude-opus-5-5"),
    ];
    let mut loaded = Vocabularies::new();
    for (name, _) in &models {
        let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        loaded.load(name, &std::fs::read(path).unwrap()).unwrap();
    }
    (loaded, models)
}

/// Tokens that a stand-in adds to a sentence, by the ways to write one.
fn stand_ins() {
    let (loaded, models) = vocabularies();
    println!("\ntokens of ten stand-ins in a sentence, by style\n");
    println!(
        "| style | {} |\n|---|{}",
        models.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" | "),
        "---:|".repeat(models.len())
    );
    for (style, left, middle, right) in [
        ("[EMAIL_1]", "[", "_", "]"),
        ("<EMAIL_1>", "<", "_", ">"),
        ("{{EMAIL_1}}", "{{", "_", "}}"),
        ("[EMAIL-1]", "[", "-", "]"),
        ("[EMAIL1]", "[", "", "]"),
        ("EMAIL_1", "", "_", ""),
        ("[[EMAIL 1]]", "[[", " ", "]]"),
        ("__EMAIL_1__", "__", "_", "__"),
        ("«EMAIL_1»", "«", "_", "»"),
    ] {
        let write = |with: bool| -> String {
            let words = [
                "EMAIL", "PHONE", "SECRET", "CARD", "IBAN", "IP", "EMAIL", "PHONE", "SECRET", "MAC",
            ];
            words
                .iter()
                .enumerate()
                .map(|(n, word)| {
                    format!(
                        "Please write to {} today. ",
                        if with {
                            format!("{left}{word}{middle}{}{right}", n + 1)
                        } else {
                            String::new()
                        }
                    )
                })
                .collect()
        };
        let cells = models.iter().map(|(_, model)| {
            let model = Catalog::shipped().resolve(model).unwrap().model;
            let tokens = |text: &str| count_content(text, model, &loaded).tokens;
            (tokens(&write(true)) - tokens(&write(false))).to_string()
        });
        println!("| `{style}` | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

fn time() {
    let mega = |text: &str| -> String {
        let mut whole = text.repeat(1_000_000 / text.len() + 1);
        whole.truncate(floor(&whole, 1_000_000));
        whole
    };
    let mixed: String =
        documents(3, true, 3_000).iter().map(|made| format!("{}\n\n", made.text)).collect();
    let prose = include_str!("../docs/router.md").to_owned() + include_str!("../docs/cost.md");
    println!(
        "\ntime for 1 MB, best of five\n\n| text | findings | secrets only | all |\n|---|---:|---:|---:|"
    );
    for (name, text) in [
        ("documentation of this project", mega(&prose)),
        ("the generated documents", mega(&mixed)),
        ("only digits", mega("4")),
        ("only @", mega("@")),
        ("only full stops", mega(".")),
        ("only hyphens", mega("-")),
        ("only colons", mega(":")),
        ("a@a@", mega("a@")),
        ("a.a.a", mega("a.")),
        ("sk-sk-sk-", mega("sk-")),
        ("://://", mega("://")),
        ("eyJ.eyJ.", mega("eyJ.")),
        ("1 1 1 1", mega("1 ")),
        ("DE44DE44", mega("DE44")),
        ("DE44 DE44", mega("DE44 ")),
        ("password=password=", mega("password=")),
        ("-----BEGIN PRIVATE KEY-----", mega("-----BEGIN PRIVATE KEY-----")),
        ("a-1-", mega("a-1-")),
        ("[EMAIL_", mega("[EMAIL_")),
        ("0 1234567 ", mega("0123 4567890 ")),
        ("1:1:1:", mega("1:")),
        ("password: 'x", mega("password: 'x")),
        ("x@a.b.c.d", mega("x@a.b.c.d")),
        ("Bearer ", mega("Bearer aaaaaaaaaaaaaaaaaaaaaaaaa")),
    ] {
        let run = |look: Look| {
            let best = (0..5)
                .map(|_| {
                    let began = Instant::now();
                    std::hint::black_box(find(&text, look));
                    began.elapsed()
                })
                .min()
                .unwrap();
            format!("{:.1} ms", best.as_secs_f64() * 1e3 * 1e6 / text.len() as f64)
        };
        println!(
            "| {name} | {} | {} | {} |",
            find(&text, Look::ALL).len(),
            run(Look { secrets: true, personal: false }),
            run(Look::ALL)
        );
    }
}

/// Findings in real texts: JSON lines (of one field, or every string in them), or a plain text.
fn real(path: &str, field: Option<&str>) {
    let raw = if path.ends_with(".gz") {
        let output = std::process::Command::new("gzip").arg("-dc").arg(path).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    } else {
        std::fs::read_to_string(path).unwrap()
    };
    fn strings(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) if !text.starts_with("data:") => out.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
            serde_json::Value::Object(fields) => {
                fields.values().for_each(|item| strings(item, out))
            }
            _ => {}
        }
    }
    let mut texts = Vec::new();
    for line in raw.lines() {
        match serde_json::from_str::<serde_json::Value>(line) {
            Ok(value) => strings(field.map_or(&value, |name| &value[name]), &mut texts),
            Err(_) => texts.push(line.to_owned()),
        }
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for text in &texts {
        for one in find(text, Look::ALL) {
            *counts.entry(one.kind.name()).or_default() += 1;
            let from = floor(text, one.start.saturating_sub(40));
            let to = floor(text, (one.end + 20).min(text.len()));
            println!(
                "{}\t{}\t{}⟦{}⟧{}",
                one.kind.name(),
                one.sure,
                text[from..one.start].replace('\n', "⏎"),
                text[one.start..one.end].replace('\n', "⏎"),
                text[one.end..to].replace('\n', "⏎")
            );
        }
    }
    eprintln!("{} texts, {:.2} MB: {counts:?}", texts.len(), bytes as f64 / 1e6);
}
