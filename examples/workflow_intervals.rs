//! Holds the totals of planned workflows against recorded usage.
//!
//! ```text
//! cargo run --release --example workflow_intervals -- ../shared/data/usage/items.jsonl[.gz] [replays]
//! ```
//!
//! A workflow is put together from real records of one project: each stage is a request with the
//! usage that its provider reported, and what flows between stages is as long as the recorded answers
//! were. The interval comes from the plan's own simulation, and knows of that project nothing but
//! the requests: lengths of answers, and how much they go together, are fitted on the other projects.
//! Prices are those of a fast and a deep model (3 and 15, 15 and 75 USD per million tokens). Whether a
//! stage escalates is drawn with the probability that the plan was told.
//!
//! Printed: how much lengths of one project go together, by kind of answer; how often the checks
//! speak against a recorded answer; and the share of true totals inside the interval, every project
//! weighing the same, beside two simpler ways to add up: as if all stages were independent, and as if
//! all were at the same end. A `.gz` file is unpacked by the system's `gzip`.

#![allow(clippy::indexing_slicing)] // JSON's `value["name"]` gives null, never a panic.

#[path = "usage_report/convert.rs"]
#[allow(dead_code)]
mod convert;

use promptfare::chat::ChatRequest;
use promptfare::tokens::{EstimateOptions, Vocabularies, estimate_tokens};
use promptfare::workflow::check::{Answered, check};
use promptfare::workflow::forecast::{Inflow, Leg, Spread, forecast};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

/// Answers of a project, to count in a group: as in `scripts/answer-length.mjs`.
const LEAST: usize = 10;
/// Records of one project and group that are replayed; lengths are fitted on all.
const REPLAYED: usize = 80;
const FAST: (u64, u64) = (3_000_000, 15_000_000);
const DEEP: (u64, u64) = (15_000_000, 75_000_000);
const EXCERPT: f64 = 200.0;

/// A recorded exchange: the request's tokens as estimated and as billed, and the answer's.
#[derive(Clone, Copy)]
struct Record {
    low: u64,
    tokens: u64,
    high: u64,
    billed: u64,
    output: u64,
}

/// Group, then project.
type Lengths = BTreeMap<String, BTreeMap<String, Vec<u64>>>;
type Records = BTreeMap<(String, String), Vec<Record>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("wanted the path of items.jsonl or items.jsonl.gz")?;
    let replays: usize = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let (mut lengths, records) = read(&path)?;
    for projects in lengths.values_mut() {
        projects.retain(|_, all| all.len() >= LEAST);
    }
    println!("| kind of answer | answers | projects | how much lengths go together |");
    println!("| --- | ---: | ---: | ---: |");
    for (group, projects) in &lengths {
        let answers: usize = projects.values().map(Vec::len).sum();
        println!("| {group} | {answers} | {} | {:.2} |", projects.len(), together(projects, ""));
    }
    println!(
        "\n| workflow | replays | projects | true total inside | worst project | high end over mean | inside, as if independent | high end | inside, all at one end | high end |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for kind in ["tiered", "content", "code"] {
        report(kind, replays, &lengths, &records);
    }
    Ok(())
}

/// Shares inside of one project, by way of adding up.
#[derive(Default)]
struct Tally {
    inside: [f64; 3],
    wide: [f64; 3],
    count: f64,
}

fn report(kind: &str, replays: usize, lengths: &Lengths, records: &Records) {
    let mut projects: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut random = Random(11);
    for task in ["text", "tools", "structured"] {
        let plain = format!("{task}.plain");
        let reasoning = format!("{task}.reasoning");
        let mut names: Vec<&String> =
            lengths.values().flat_map(|projects| projects.keys()).collect();
        names.sort();
        names.dedup();
        for project in names {
            let known = |group: &str| {
                lengths.get(group).is_some_and(|all| all.contains_key(project) && all.len() > 3)
            };
            let fast = if known(&plain) { &plain } else { &reasoning };
            let deep = if known(&reasoning) { &reasoning } else { &plain };
            if !known(fast) || !known(deep) {
                continue;
            }
            let fitted = [fast, deep].map(|group| {
                (interval(&lengths[group], project), together(&lengths[group], project))
            });
            let Some(own) = records
                .get(&(fast.clone(), project.clone()))
                .zip(records.get(&(deep.clone(), project.clone())))
            else {
                continue;
            };
            let tally = projects.entry(project).or_default();
            for replay in 0..replays {
                let share = [0.1, 0.3, 0.5][replay % 3];
                one(kind, share, own, &fitted, &mut random, tally);
            }
        }
    }
    let mean =
        |of: &dyn Fn(&Tally) -> f64| projects.values().map(of).sum::<f64>() / projects.len() as f64;
    let worst = projects.values().map(|tally| tally.inside[0] / tally.count).fold(1.0, f64::min);
    let count: f64 = projects.values().map(|tally| tally.count).sum();
    let cell = |way: usize| {
        format!(
            "{:.1} % | {:.2}",
            100.0 * mean(&|tally| tally.inside[way] / tally.count),
            mean(&|tally| tally.wide[way] / tally.count)
        )
    };
    let (first, width) = (
        100.0 * mean(&|tally| tally.inside[0] / tally.count),
        mean(&|tally| tally.wide[0] / tally.count),
    );
    println!(
        "| {kind} | {count} | {} | {first:.1} % | {:.1} % | {width:.2} | {} | {} |",
        projects.len(),
        100.0 * worst,
        cell(1),
        cell(2)
    );
}

type Fitted = ((u64, u64, u64), f64);

/// One replay: the plan's interval, and the true total of records drawn from one project.
fn one(
    kind: &str,
    share: f64,
    (fast, deep): (&Vec<Record>, &Vec<Record>),
    fitted: &[Fitted; 2],
    random: &mut Random,
    tally: &mut Tally,
) {
    // (deep, probability, attempts, what flows in)
    let shape: Vec<(bool, f64, u32, Vec<usize>)> = match kind {
        "tiered" => vec![(false, 1.0, 1, vec![]), (true, share, 2, vec![0])],
        "content" => vec![
            (true, 1.0, 1, vec![]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 2, vec![1, 2, 3, 4]),
        ],
        _ => vec![
            (true, 1.0, 1, vec![]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 2, vec![0]),
            (false, 1.0, 1, vec![0, 1, 2, 3]),
            (true, share, 2, vec![0, 1, 2, 3, 4]),
        ],
    };
    let mut legs = Vec::new();
    let mut truth = 0_u64;
    let mut text: Vec<u64> = Vec::new();
    for (is_deep, runs, attempts, inflows) in &shape {
        let pool = if *is_deep { deep } else { fast };
        let ((low, expected, high), _) = fitted[usize::from(*is_deep)];
        let price = if *is_deep { DEEP } else { FAST };
        let again = if *runs < 1.0 { share } else { 0.03 };
        let first = pool[random.below(pool.len())];
        let tiered = kind == "tiered";
        let taken = |tokens: u64| if tiered { tokens.min(EXCERPT as u64) } else { tokens };
        legs.push(Leg {
            runs: *runs,
            again,
            attempts: *attempts,
            input: Spread::new(first.low, first.tokens, first.high, None),
            output: Spread::new(low, expected, high, None),
            reasons: false,
            inflows: inflows
                .iter()
                .map(|from| Inflow {
                    from: *from,
                    scale: 1.0,
                    most: if tiered { EXCERPT } else { f64::MAX },
                })
                .collect(),
            told: EXCERPT,
            price,
        });
        let begun = random.next() < *runs;
        let mut last = 0;
        if begun {
            let mut input =
                first.billed + inflows.iter().map(|from| taken(text[*from])).sum::<u64>();
            for attempt in 0..*attempts {
                last = pool[random.below(pool.len())].output;
                truth += input * price.0 + last * price.1;
                if attempt + 1 == *attempts || random.next() >= again {
                    break;
                }
                input += last.min(EXCERPT as u64);
            }
        }
        text.push(last);
    }
    let rho = (fitted[0].1 + fitted[1].1) / 2.0;
    for (way, rho) in [rho, 0.0, 1.0].into_iter().enumerate() {
        let found = forecast(&legs, rho).total[2];
        tally.inside[way] += f64::from(found.low <= truth && truth <= found.high);
        tally.wide[way] += found.high as f64 / found.expected.max(1) as f64;
    }
    tally.count += 1.0;
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.next() * count as f64) as usize).min(count - 1)
    }
}

/// All lengths but those of `without`, each with its weight: every project weighs the same.
fn weighted(projects: &BTreeMap<String, Vec<u64>>, without: &str) -> Vec<(u64, f64)> {
    let mut all = Vec::new();
    for (name, lengths) in projects.iter().filter(|(name, _)| *name != without) {
        let _ = name;
        all.extend(lengths.iter().map(|length| (*length, 1.0 / lengths.len() as f64)));
    }
    all.sort_by_key(|(length, _)| *length);
    all
}

/// The interval that holds nine tenths, and the mean.
fn interval(projects: &BTreeMap<String, Vec<u64>>, without: &str) -> (u64, u64, u64) {
    let all = weighted(projects, without);
    let total: f64 = all.iter().map(|(_, weight)| weight).sum();
    let at = |share: f64| {
        let mut sum = 0.0;
        all.iter()
            .find(|(_, weight)| {
                sum += weight;
                sum >= share * total - 1e-9
            })
            .map_or(0, |(length, _)| *length)
    };
    let mean = all.iter().map(|(length, weight)| *length as f64 * weight).sum::<f64>() / total;
    (at(0.05), (mean.round() as u64).clamp(at(0.05), at(0.95)), at(0.95))
}

/// How much lengths of one project go together: the share of the variance of ranks that lies between
/// projects is the correlation of two answers of one project, and two answers that each follow the
/// project with probability `p` are correlated by `p * p`.
fn together(projects: &BTreeMap<String, Vec<u64>>, without: &str) -> f64 {
    let all = weighted(projects, without);
    let total: f64 = all.iter().map(|(_, weight)| weight).sum();
    let mut rank: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    let mut sum = 0.0;
    for (length, weight) in &all {
        let entry = rank.entry(*length).or_insert((sum, sum));
        sum += weight;
        entry.1 = sum;
    }
    let of = |length: &u64| rank.get(length).map_or(0.0, |(from, to)| (from + to) / (2.0 * total));
    let means: Vec<f64> = projects
        .iter()
        .filter(|(name, _)| *name != without)
        .map(|(_, all)| all.iter().map(of).sum::<f64>() / all.len() as f64)
        .collect();
    let between =
        means.iter().map(|mean| (mean - 0.5).powi(2)).sum::<f64>() / means.len().max(1) as f64;
    let variance =
        all.iter().map(|(length, weight)| weight * (of(length) - 0.5).powi(2)).sum::<f64>() / total;
    (between / variance.max(1e-9)).clamp(0.0, 1.0).sqrt()
}

const CUT: [&str; 6] =
    ["length", "max_tokens", "incomplete", "content_filter", "guardrail_intervened", "MAX_TOKENS"];

fn reasons(item: &Value) -> bool {
    let model = item["model"].as_str().unwrap_or_default().to_ascii_lowercase();
    let has = |name: &str| {
        item["features"].as_array().is_some_and(|all| all.iter().any(|feature| feature == name))
    };
    let name = model.rsplit('/').next().unwrap_or_default();
    let o_series = ["o1", "o3", "o4"]
        .iter()
        .any(|start| name == *start || name.starts_with(&format!("{start}-")));
    has("thinking")
        || has("thinking_blocks")
        || o_series
        || (model.contains("grok-4") && !model.contains("non-reasoning"))
        || [
            "gpt-5",
            "gpt-oss",
            "gemini-2.5",
            "gemini-3",
            "reasoner",
            "thinking",
            "deepseek-r1",
            "deepseek-v4",
            "qwen3",
            "kimi-k2",
            "glm-",
            "magistral",
            "nova-2",
        ]
        .iter()
        .any(|part| model.contains(part))
}

fn group(item: &Value) -> String {
    let has = |name: &str| {
        item["features"].as_array().is_some_and(|all| all.iter().any(|feature| feature == name))
    };
    let task = if has("structured") {
        "structured"
    } else if has("tools") || has("server_tools") {
        "tools"
    } else {
        "text"
    };
    format!("{task}.{}", if reasons(item) { "reasoning" } else { "plain" })
}

/// The text of a recorded answer, whatever its shape: all strings called "text" or "content".
fn said(value: &Value, out: &mut String) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| said(item, out)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text)
                        if matches!(name.as_str(), "text" | "content" | "output_text") =>
                    {
                        out.push_str(text)
                    }
                    Value::String(_) => {}
                    _ => said(value, out),
                }
            }
        }
        _ => {}
    }
}

fn read(path: &str) -> Result<(Lengths, Records), Box<dyn std::error::Error>> {
    let mut vocabularies = Vocabularies::new();
    for name in ["claude-3", "claude-4.7", "o200k_base", "cl100k_base"] {
        let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        vocabularies
            .load(name, &std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?)?;
    }
    let (mut lengths, mut records): (Lengths, Records) = Default::default();
    let mut flagged: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut answers, mut some) = (0, 0);
    for line in BufReader::new(open(path)?).lines() {
        let item: Value = serde_json::from_str(&line?)?;
        let output = item["output_tokens"].as_u64().unwrap_or(0);
        if item["kind"] != "usage" || output == 0 {
            continue;
        }
        let cut = CUT.contains(&item["stop_reason"].as_str().unwrap_or_default());
        let mut text = String::new();
        match &item["response_content"] {
            Value::String(own) => text.push_str(own),
            other => said(other, &mut text),
        }
        if !text.is_empty() {
            answers += 1;
            let ending = if cut { "truncated" } else { "completed" };
            let answered = Answered { text: &text, ending, refusal: None, calls: false };
            let (found, _) = check(answered, &["refusal", "hedging", "truncation"], None);
            some += usize::from(!found.is_empty());
            for finding in found {
                *flagged.entry(finding.check).or_default() += 1;
            }
        }
        if cut {
            continue;
        }
        let (group, project) = (group(&item), item["repo"].as_str().unwrap_or_default().to_owned());
        lengths.entry(group.clone()).or_default().entry(project.clone()).or_default().push(output);
        let kept = records.entry((group, project)).or_default();
        if kept.len() >= REPLAYED {
            continue;
        }
        let Ok(record) = convert::record(&item) else { continue };
        let Ok(request) = ChatRequest::from_value(record.request) else { continue };
        let options = EstimateOptions { provider: record.provider.clone() };
        let Ok(estimate) = estimate_tokens(&request, &record.model, &vocabularies, &options) else {
            continue;
        };
        kept.push(Record {
            low: estimate.low,
            tokens: estimate.tokens,
            high: estimate.high,
            billed: record.bill,
            output,
        });
    }
    records.retain(|_, all| !all.is_empty());
    println!(
        "The checks speak against {some} of {answers} recorded answers with text ({:.1} %): {}\n",
        100.0 * some as f64 / answers.max(1) as f64,
        flagged
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok((lengths, records))
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
