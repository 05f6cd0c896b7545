//! What slimming saves on recorded requests, and what it would change.
//!
//! ```text
//! cargo run --release --example slimming_report -- ../shared/data/usage/items.jsonl[.gz] [--show lossless|changing|KIND N SEED]
//! ```
//!
//! Reads records of real requests (each distinct request once), finds what could be left out, counts
//! every proposal anew on the whole request with the vocabularies of `vocabularies/`, and prints tables:
//! per kind of proposal and per kind of request, how many have one and what it saves. `--show` prints
//! N proposals, drawn by SEED over all requests, as diffs for a person to judge; `--show KIND` those of one kind. A `.gz` file is unpacked
//! by the system's `gzip`.

#![allow(clippy::indexing_slicing)] // JSON's `value["name"]` gives null, never a panic.

#[path = "usage_report/convert.rs"]
#[allow(dead_code)] // The bill and the family are of no concern here.
mod convert;

use promptfare::catalog::Catalog;
use promptfare::chat::ChatRequest;
use promptfare::cost::Horizon;
use promptfare::error::Result;
use promptfare::plan::Planner;
use promptfare::practice::Fare;
use promptfare::practice::slim::{Kind, slim};
use promptfare::tokens::{TokenEstimate, Vocabularies};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};

/// Tokens and money by the crate itself.
struct Heart {
    vocabularies: Vocabularies,
}

impl Heart {
    fn estimate(&self, request: &Value, model: &str) -> Result<(TokenEstimate, Option<Value>)> {
        let horizon = Horizon::default();
        let planner = Planner {
            catalog: Catalog::shipped(),
            vocabularies: &self.vocabularies,
            at: None,
            answer: None,
            provider: None,
            horizon: &horizon,
            past: &|_| Vec::new(),
            past_inputs: &|_| Vec::new(),
        };
        let request = ChatRequest::from_value(request.clone())?;
        let planned = planner.estimate(&request, model, true)?;
        Ok((planned.tokens, planned.cost.and_then(|cost| serde_json::to_value(cost).ok())))
    }
}

impl Fare for Heart {
    fn tokens(&self, request: &Value, model: &str) -> Result<TokenEstimate> {
        Ok(self.estimate(request, model)?.0)
    }

    fn cost(&self, request: &Value, model: &str) -> Result<Option<Value>> {
        Ok(self.estimate(request, model)?.1)
    }

    fn limits(&self, model: &str) -> Result<(Option<u64>, Option<u64>)> {
        let found = promptfare::catalog::resolve_model(model)?.model;
        Ok((found.context_window, found.max_output))
    }
}

/// Sums of one kind of request.
#[derive(Default)]
struct Group {
    requests: u64,
    any: u64,
    any_lossless: u64,
    tokens: u64,
    lossless: u64,
    all: u64,
    picodollars: u128,
    lossless_picodollars: u128,
    all_picodollars: u128,
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("wanted the path of items.jsonl or items.jsonl.gz")?;
    let show = (arguments.get(1).map(String::as_str) == Some("--show")).then(|| {
        let number = |index: usize| arguments.get(index).and_then(|n| n.parse::<u64>().ok());
        (
            arguments.get(2).cloned().unwrap_or_default(),
            number(3).unwrap_or(30),
            number(4).unwrap_or(1),
        )
    });
    let heart = Heart { vocabularies: load_vocabularies()? };
    let mut seen = BTreeSet::new();
    let mut left_out: BTreeMap<String, u64> = BTreeMap::new();
    let mut kinds: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut shown: Vec<(u64, String)> = Vec::new();
    let mut exact = 0;
    let mut requests = 0;
    for line in BufReader::new(open(path)?).lines() {
        let item: Value = serde_json::from_str(&line?)?;
        let record = match convert::record(&item) {
            Ok(record) => record,
            Err(why) => {
                *left_out.entry(why).or_default() += 1;
                continue;
            }
        };
        let model = item["model"].as_str().unwrap_or_default();
        if !seen.insert(hash(&format!("{model}{}", record.request))) {
            *left_out.entry("the same request again".into()).or_default() += 1;
            continue;
        }
        let slimming = match slim(&record.request, model, &heart, &[]) {
            Ok(slimming) => slimming,
            Err(error) => {
                *left_out.entry(error.kind().to_string()).or_default() += 1;
                continue;
            }
        };
        let before = slimming.before.tokens;
        exact += u64::from(slimming.before.exact);
        let request = requests;
        requests += 1;
        let saved = |after: u64| before.saturating_sub(after);
        for name in [record.feature.as_str(), "all"] {
            let group = groups.entry(name.to_owned()).or_default();
            group.requests += 1;
            group.tokens += before;
            group.any += u64::from(!slimming.proposals.is_empty());
            group.any_lossless += u64::from(slimming.lossless.tokens < before);
            group.lossless += saved(slimming.lossless.tokens);
            group.all += saved(slimming.all.tokens);
            let money = (slimming.before.usd, slimming.lossless.usd, slimming.all.usd);
            if let (Some(before), Some(lossless), Some(all)) = money {
                group.picodollars += before.picodollars();
                group.lossless_picodollars += before.saturating_sub(lossless).picodollars();
                group.all_picodollars += before.saturating_sub(all).picodollars();
            }
        }
        for (proposal, weight) in &slimming.proposals {
            let place = Kind::ALL.iter().position(|kind| *kind == proposal.kind).unwrap_or(0);
            *kinds.entry(place).or_default().entry(request).or_default() += saved(weight.tokens);
        }
        if let Some((which, _, seed)) = &show {
            let value = slimming.to_value(&record.request);
            for proposal in value["proposals"].as_array().into_iter().flatten() {
                let of = if proposal["lossless"] == true { "lossless" } else { "changing" };
                if which == of || proposal["kind"] == which.as_str() {
                    let text = diff(proposal, &record.request);
                    // The same passage comes in many recordings: once is enough.
                    let key = hash(&format!("{seed}{text}"));
                    shown.push((key, format!("{} {}\n{text}", item["id"], record.feature)));
                }
            }
        }
    }
    if let Some((_, count, _)) = show {
        shown.sort();
        shown.dedup_by_key(|(key, _)| *key);
        println!("{} distinct", shown.len());
        for (_, text) in shown.iter().take(count as usize) {
            println!("=== {text}\n");
        }
        return Ok(());
    }
    print_kinds(&kinds, &groups, requests);
    print_groups(&groups);
    println!("\n{requests} distinct requests, {exact} of them counted exactly");
    for (why, count) in left_out {
        println!("left out: {count} {why}");
    }
    Ok(())
}

fn diff(proposal: &Value, request: &Value) -> String {
    let mut out = format!("{} saves {}", proposal["kind"], proposal["saved"]["tokens"]);
    for edit in proposal["edits"].as_array().into_iter().flatten() {
        if edit.get("remove").is_some() {
            let text = edit["before"].to_string();
            out.push_str(&format!("\n  remove {}", text.chars().take(600).collect::<String>()));
            continue;
        }
        let text = edit["path"].as_str().and_then(|path| request.pointer(path));
        let units: Vec<u16> =
            text.and_then(Value::as_str).unwrap_or_default().encode_utf16().collect();
        let place = |name: &str| edit[name].as_u64().unwrap_or(0) as usize;
        let (start, end) = (place("start"), place("end"));
        let head = String::from_utf16_lossy(&units[start.saturating_sub(40)..start]);
        let tail = String::from_utf16_lossy(&units[end..units.len().min(end + 40)]);
        let short = |text: &Value| -> String {
            text.as_str().unwrap_or_default().chars().take(500).collect()
        };
        out.push_str(&format!(
            "\n  {} {head:?} [-{:?}-] {{+{:?}+}} {tail:?}",
            edit["path"].as_str().unwrap_or_default(),
            short(&edit["before"]),
            short(&edit["after"]),
        ));
    }
    let head: String = out.chars().take(3000).collect();
    head
}

fn percent(part: u128, whole: u128) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn print_kinds(
    kinds: &BTreeMap<usize, BTreeMap<usize, u64>>,
    groups: &BTreeMap<String, Group>,
    requests: usize,
) {
    let tokens = groups.get("all").map_or(0, |group| group.tokens);
    println!(
        "| kind | lossless | requests with it | % | tokens saved in each, median | 90 % below | saved in all | % of all input |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (place, kind) in Kind::ALL.iter().enumerate() {
        let mut saved: Vec<u64> =
            kinds.get(&place).map(|saved| saved.values().copied().collect()).unwrap_or_default();
        saved.sort_unstable();
        let quantile = |q: f64| {
            let last = saved.len().saturating_sub(1);
            saved.get((last as f64 * q).round() as usize).copied().unwrap_or(0)
        };
        let sum: u64 = saved.iter().sum();
        println!(
            "| {} | {} | {} | {:.1} | {} | {} | {sum} | {:.2} |",
            kind.name(),
            if kind.is_lossless() { "yes" } else { "no" },
            saved.len(),
            percent(saved.len() as u128, requests as u128),
            quantile(0.5),
            quantile(0.9),
            percent(sum.into(), tokens.into()),
        );
    }
}

fn print_groups(groups: &BTreeMap<String, Group>) {
    println!(
        "\n| request | n | with a lossless one % | with any % | input tokens | lossless saves % | all save % | of money, lossless % | all % |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, group) in groups {
        if group.requests < 20 {
            continue;
        }
        println!(
            "| {name} | {} | {:.1} | {:.1} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
            group.requests,
            percent(group.any_lossless.into(), group.requests.into()),
            percent(group.any.into(), group.requests.into()),
            group.tokens,
            percent(group.lossless.into(), group.tokens.into()),
            percent(group.all.into(), group.tokens.into()),
            percent(group.lossless_picodollars, group.picodollars),
            percent(group.all_picodollars, group.picodollars),
        );
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn open(path: &str) -> std::result::Result<Box<dyn Read>, Box<dyn std::error::Error>> {
    if !path.ends_with(".gz") {
        return Ok(Box::new(std::fs::File::open(path)?));
    }
    let child = std::process::Command::new("gzip")
        .args(["-dc", path])
        .stdout(std::process::Stdio::piped())
        .spawn()?;
    Ok(Box::new(child.stdout.ok_or("no output of gzip")?))
}

fn load_vocabularies() -> std::result::Result<Vocabularies, Box<dyn std::error::Error>> {
    let mut vocabularies = Vocabularies::new();
    for name in ["claude-3", "claude-4.7", "o200k_base", "cl100k_base"] {
        let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        vocabularies.load(name, &file)?;
    }
    Ok(vocabularies)
}
