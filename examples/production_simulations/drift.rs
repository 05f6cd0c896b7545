//! False alarms on quiet traffic, and how soon a change is told.

use crate::draw::Draw;
use promptfare::ledger::drift::{Kinds, Misses, Numbers, QUIET, watch};
use promptfare::ledger::{Record, Span};

pub fn run(seeds: u64) {
    quiet(seeds);
    whole(seeds);
    delays(seeds);
}

type Stream = fn(&mut Draw, usize, &mut f64) -> f64;

const LONG: usize = 10_000;

fn quiet(seeds: u64) {
    let streams: [(&str, Stream); 10] = [
        ("ratio, exact count (always 1)", |_, _, _| 0.0),
        (
            "ratio, exact but for 1 in 100",
            |d, _, _| if d.chance(0.01) { 0.1 * d.normal() } else { 0.0 },
        ),
        ("ratio, estimated, 4 %", |d, _, _| 0.04 * d.normal()),
        ("length, log-normal", |d, _, _| 6.0 + 1.2 * d.normal()),
        ("length, two kinds", |d, _, _| if d.chance(0.8) { 3.0 } else { 8.0 } + 0.5 * d.normal()),
        ("latency, Pareto 1.5", |d, _, _| -d.even().ln() / 1.5),
        ("whole numbers, 1 to 4", |d, _, _| (4.0 * d.even()).ceil()),
        ("not quiet by assumption: AR 0.5", |d, _, s| {
            *s = 0.5 * *s + d.normal();
            *s
        }),
        ("not quiet by assumption: AR 0.9", |d, _, s| {
            *s = 0.9 * *s + d.normal();
            *s
        }),
        ("not quiet by assumption: day and night, 200", |d, t, _| {
            (t as f64 * std::f64::consts::TAU / 200.0).sin() + d.normal()
        }),
    ];
    println!(
        "Quiet traffic, {seeds} seeds of {LONG} requests; promised: at most {:.3} false alarms of a test in them.\n",
        LONG as f64 / QUIET
    );
    println!(
        "| traffic | false alarms in {LONG} requests, mean | seeds with any |\n| --- | --- | --- |"
    );
    for (place, (name, stream)) in streams.iter().enumerate() {
        let (mut alarms, mut any) = (0, 0);
        for seed in 0..seeds {
            let mut draw = Draw::new(seed, 100 + place as u64);
            let (mut test, mut state, mut here) = (Numbers::new(1), 0.0, 0);
            for at in 0..LONG {
                test.add(stream(&mut draw, at, &mut state));
                if test.evidence() >= QUIET {
                    here += 1;
                    test = test.again();
                }
            }
            alarms += here;
            any += usize::from(here > 0);
        }
        row(name, alarms, any, seeds);
    }
    for (place, (name, shares)) in KINDS.iter().enumerate() {
        let (mut alarms, mut any) = (0, 0);
        for seed in 0..seeds {
            let mut draw = Draw::new(seed, 200 + place as u64);
            let (mut test, mut here) = (Kinds::new(2), 0);
            for _ in 0..LONG {
                test.add(NAMES[draw.one_of(shares)]);
                if test.evidence() >= QUIET {
                    here += 1;
                    test = test.again();
                }
            }
            alarms += here;
            any += usize::from(here > 0);
        }
        row(name, alarms, any, seeds);
    }
    let (mut alarms, mut any) = (0, 0);
    for seed in 0..seeds {
        let mut draw = Draw::new(seed, 300);
        let (mut test, mut here) = (Misses::new(), 0);
        for _ in 0..LONG {
            test.add(draw.chance(0.1), 0.1);
            if test.evidence() >= QUIET {
                here += 1;
                test = Misses::new();
            }
        }
        alarms += here;
        any += usize::from(here > 0);
    }
    row("estimates that miss one in ten", alarms, any, seeds);
    println!();
}

/// A record of a quiet model, billed `factor` times what it would be.
fn record(draw: &mut Draw, at: usize, exact: bool, factor: f64) -> Record {
    let counted = (6.0 + 1.0 * draw.normal()).exp().round().max(20.0);
    let noise = if exact { 0.0 } else { 0.04 * draw.normal() };
    let billed = (counted * factor * noise.exp()).round();
    let span = if exact { (counted, counted) } else { (0.85 * counted, 1.15 * counted) };
    let task = ["chat", "code", "extraction"][draw.one_of(&[0.7, 0.2, 0.1])];
    let language = ["latin", "han"][draw.one_of(&[0.9, 0.1])];
    Record {
        id: at.to_string(),
        model: "m".to_owned(),
        ending: "completed".to_owned(),
        task: Some(task.to_owned()),
        language: Some(language.to_owned()),
        finish_reason: Some(if draw.chance(0.01) { "refusal" } else { "stop" }.to_owned()),
        input_estimate: Span {
            low: Some(span.0 as u64),
            expected: Some(counted as u64),
            high: Some(span.1 as u64),
        },
        output_estimate: Span { low: Some(20), expected: Some(300), high: Some(1500) },
        input_tokens: Some(billed as u64),
        output_tokens: Some((5.5 + 0.8 * draw.normal()).exp() as u64),
        usage_source: Some("gateway".to_owned()),
        first_piece_ms: Some((6.5 + 0.5 * draw.normal()).exp() - 10.0 * draw.even().ln()),
        ..Record::default()
    }
}

/// All eight tests of a model together, by `watch` itself.
fn whole(seeds: u64) {
    let mut alarms = Vec::new();
    for seed in 0..seeds.div_ceil(2) {
        let mut draw = Draw::new(seed, 350);
        let records: Vec<Record> =
            (0..LONG).map(|at| record(&mut draw, at, seed % 2 == 0, 1.0)).collect();
        alarms.push(watch(&records)["alarms"].as_array().unwrap().len());
    }
    let all: usize = alarms.iter().sum();
    println!(
        "All eight tests of a model, {} runs of {LONG} quiet records: {:.2} false alarms a run on average, {} at most, none in {}.\n",
        alarms.len(),
        all as f64 / alarms.len() as f64,
        alarms.iter().max().unwrap(),
        alarms.iter().filter(|count| **count == 0).count(),
    );
    println!(
        "The whole watch, {seeds} seeds: requests from the change to the first alarm of what was counted and billed.\n"
    );
    println!(
        "| change | quiet before | median | 95 % | most | within 20 | never in 300 | before the change | since, off by (median) |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    for (exact, factor, name) in [
        (true, 1.36, "+36 %, exact count"),
        (false, 1.36, "+36 %, estimated within 4 %, told ±15 %"),
        (false, 0.74, "−26 %, estimated within 4 %, told ±15 %"),
        (true, 1.05, "+5 %, exact count"),
        (true, 1.1, "+10 %, exact count"),
        (false, 1.1, "+10 %, estimated within 4 %, told ±15 %"),
    ] {
        for before in [0usize, 20, 50, 100, 500] {
            let mut told = Vec::new();
            for seed in 0..seeds {
                let mut draw = Draw::new(seed, 360);
                let records: Vec<Record> = (0..before + 300)
                    .map(|at| record(&mut draw, at, exact, if at < before { 1.0 } else { factor }))
                    .collect();
                let found = watch(&records);
                let first = found["alarms"].as_array().unwrap().iter().find(|alarm| {
                    alarm["what"] == "billed_over_counted" || alarm["what"] == "input_estimate"
                });
                let place = |name: &str, alarm: &serde_json::Value| {
                    alarm[name].as_str().unwrap().parse::<i64>().unwrap() - before as i64
                };
                told.push(first.map(|alarm| (place("raisedBy", alarm) + 1, place("since", alarm))));
            }
            show(name, before, &told);
        }
    }
    println!();
}

fn row(name: &str, alarms: usize, any: usize, seeds: u64) {
    println!("| {name} | {:.3} | {any} of {seeds} |", alarms as f64 / seeds as f64);
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const KINDS: [(&str, &[f64]); 4] = [
    ("kinds: 90, 6, 3, 1 %", &[0.9, 0.06, 0.03, 0.01]),
    ("kinds: five alike", &[0.2, 0.2, 0.2, 0.2, 0.2]),
    ("refusals: 1 %", &[0.99, 0.01]),
    ("refusals: 1 in 1,000", &[0.999, 0.001]),
];

fn delays(seeds: u64) {
    println!("Changes, {seeds} seeds: requests from the change to the alarm of one test.\n");
    println!(
        "| change | quiet before | median | 95 % | most | within 20 | never in 1,000 | before the change | since, off by (median) |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    for before in [20usize, 50, 200, 2000] {
        let ratios: [(&str, f64, f64); 8] = [
            ("billed over counted +36 %, exact", 0.0, 1.36),
            ("billed over counted +36 %, estimated within 4 %", 0.04, 1.36),
            ("billed over counted +36 %, estimated within 8 %", 0.08, 1.36),
            ("billed over counted −26 %, estimated within 4 %", 0.04, 0.74),
            ("billed over counted +10 %, estimated within 4 %", 0.04, 1.10),
            ("billed over counted +5 %, exact", 0.0, 1.05),
            ("billed over counted +5 %, estimated within 4 %", 0.04, 1.05),
            ("answers half as long (log-sd 0.8); also latency", 0.8, 0.5),
        ];
        for (place, (name, noise, factor)) in ratios.iter().enumerate() {
            let mut told = Vec::new();
            for seed in 0..seeds {
                let mut draw = Draw::new(seed, 400 + place as u64);
                let mut test = Numbers::new(1);
                told.push(one(before, &mut |at| {
                    let shift = if at < before { 0.0 } else { factor.ln() };
                    // Whole tokens of 1,000 or so.
                    test.add(
                        ((1000.0 * (shift + noise * draw.normal()).exp()).round() / 1000.0).ln(),
                    );
                    (test.evidence() >= QUIET).then(|| test.since())
                }));
            }
            show(name, before, &told);
        }
        let kinds: [(&str, &[f64], &[f64]); 3] = [
            ("a language from 5 to 30 %", &[0.95, 0.05], &[0.7, 0.3]),
            ("a new kind, 20 %", &[0.6, 0.4, 0.0], &[0.5, 0.3, 0.2]),
            ("refusals from 1 to 10 %", &[0.99, 0.01], &[0.9, 0.1]),
        ];
        for (place, (name, quiet, then)) in kinds.iter().enumerate() {
            let mut told = Vec::new();
            for seed in 0..seeds {
                let mut draw = Draw::new(seed, 500 + place as u64);
                let mut test = Kinds::new(2);
                told.push(one(before, &mut |at| {
                    test.add(NAMES[draw.one_of(if at < before { quiet } else { then })]);
                    (test.evidence() >= QUIET).then(|| test.since().1)
                }));
            }
            show(name, before, &told);
        }
    }
    for (name, promised, then) in [
        ("from the first request: +36 %, exact count (promised 2 % off)", 0.02, 1.0),
        ("from the first request: +36 % beyond every interval (promised 10 %)", 0.1, 1.0),
        ("from the first request: half of all beyond the interval", 0.1, 0.5),
    ] {
        let mut told = Vec::new();
        for seed in 0..seeds {
            let mut draw = Draw::new(seed, 600);
            let mut test = Misses::new();
            told.push(one(0, &mut |_| {
                test.add(draw.chance(then), promised);
                (test.evidence() >= QUIET).then(|| test.since())
            }));
        }
        show(name, 0, &told);
    }
}

/// Requests from the change to the alarm, negative before it, and where the alarm puts the change.
fn one(before: usize, step: &mut dyn FnMut(usize) -> Option<usize>) -> Option<(i64, i64)> {
    (0..before + 1000).find_map(|at| {
        let since = step(at)?;
        Some((at as i64 + 1 - before as i64, since as i64 - before as i64))
    })
}

fn show(name: &str, before: usize, told: &[Option<(i64, i64)>]) {
    let early = told.iter().flatten().filter(|(late, _)| *late <= 0).count();
    let mut late: Vec<i64> = told
        .iter()
        .map(|told| told.map_or(i64::MAX, |(late, _)| late))
        .filter(|late| *late > 0)
        .collect();
    late.sort_unstable();
    let mut off: Vec<i64> = told.iter().flatten().map(|(_, off)| off.abs()).collect();
    off.sort_unstable();
    let at = |list: &[i64], share: f64| {
        let place = (share * list.len().saturating_sub(1) as f64) as usize;
        match list.get(place) {
            None | Some(&i64::MAX) => "-".to_owned(),
            Some(late) => late.to_string(),
        }
    };
    let within = late.iter().filter(|late| **late <= 20).count();
    let never = late.iter().filter(|late| **late == i64::MAX).count();
    let all = told.len() as f64 / 100.0;
    println!(
        "| {name} | {before} | {} | {} | {} | {:.1} % | {:.1} % | {:.1} % | {} |",
        at(&late, 0.5),
        at(&late, 0.95),
        at(&late, 1.0),
        within as f64 / all,
        never as f64 / all,
        early as f64 / all,
        at(&off, 0.5),
    );
}
