//! Whether intervals hold as often as they say, on traffic of many kinds.

use crate::draw::Draw;
use promptfare::cost::Tracker;

const REQUESTS: usize = 1000;
const WINDOW: usize = 200;

/// One kind of traffic: what is known beforehand, and the logarithm of billed over estimated at a
/// request, beside the interval of somebody who knows where it is drawn from.
struct Traffic {
    name: &'static str,
    /// Ratios of billed to expected tokens.
    prior: (f64, f64),
    draw: fn(&mut Draw, usize, &mut f64) -> f64,
    /// Whether tokens are so few that rounding to whole ones counts: what is expected then.
    expected: f64,
}

/// Texts of models that do not reason (`src/data/answer-length.json`): 3 to 381 tokens, 113 expected.
const ANSWERS: (f64, f64) = (3.0 / 113.0, 381.0 / 113.0);
const COUNTS: (f64, f64) = (0.8, 1.25);

fn gone(at: usize) -> f64 {
    at as f64 / REQUESTS as f64
}

const KINDS: [Traffic; 17] = [
    Traffic {
        name: "answers as typical",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, _| 1.5 * d.normal() - 1.0,
    },
    Traffic {
        name: "answers thrice as long, alike",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, _| 1.1 + 0.15 * d.normal(),
    },
    Traffic {
        name: "answers far beyond the prior",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, _| 3.0 + 0.6 * d.normal(),
    },
    Traffic {
        name: "slow drift, to three times",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| 3f64.ln() * gone(t) + 0.7 * d.normal(),
    },
    Traffic {
        name: "slow drift, alike, to a third",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| -3f64.ln() * gone(t) + 0.15 * d.normal(),
    },
    Traffic {
        name: "sudden, three times",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| if t < 500 { 0.0 } else { 3f64.ln() } + 0.7 * d.normal(),
    },
    Traffic {
        name: "sudden, three times, alike",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| if t < 500 { 0.0 } else { 3f64.ln() } + 0.15 * d.normal(),
    },
    Traffic {
        name: "sudden, a third",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| if t < 500 { 0.0 } else { -3f64.ln() } + 0.4 * d.normal(),
    },
    Traffic {
        name: "three times and back, each 200",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| if t / 200 % 2 == 0 { 0.0 } else { 3f64.ln() } + 0.4 * d.normal(),
    },
    Traffic {
        name: "heavy tails (log of Student's t, 2)",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, _| {
            let (a, b) = (d.normal(), d.normal());
            0.5 * d.normal() / ((a * a + b * b) / 2.0).sqrt()
        },
    },
    Traffic {
        name: "heavy tail (Pareto, 1.1)",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, _| -1.0 - d.even().ln() / 1.1,
    },
    Traffic {
        name: "mixture: 70 % short, 30 % long",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, _| {
            if d.chance(0.7) { -3.0 + 0.3 * d.normal() } else { 1.6 + 0.4 * d.normal() }
        },
    },
    Traffic {
        name: "day and night, period 100",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, t, _| 0.7 * (t as f64 * std::f64::consts::TAU / 100.0).sin() + 0.5 * d.normal(),
    },
    Traffic {
        name: "one follows the other (AR 0.8)",
        prior: ANSWERS,
        expected: 113.0,
        draw: |d, _, s| {
            *s = 0.8 * *s + 0.6 * d.normal();
            0.7 * *s
        },
    },
    Traffic {
        name: "a word or two (whole tokens)",
        prior: (2.0 / 7.0, 12.0 / 7.0),
        expected: 7.0,
        draw: |d, _, _| ((2.0 + 8.0 * d.even()).round() / 7.0).ln(),
    },
    Traffic {
        name: "input, estimated",
        prior: COUNTS,
        expected: 2000.0,
        draw: |d, _, _| 0.05 + 0.06 * d.normal(),
    },
    Traffic {
        name: "input, estimated, +36 % at 500",
        prior: COUNTS,
        expected: 2000.0,
        draw: |d, t, _| if t < 500 { 0.0 } else { 1.36f64.ln() } + 0.06 * d.normal(),
    },
];

pub fn run(seeds: u64) {
    println!("{REQUESTS} requests from the first on, {seeds} seeds; promised 90 %.\n");
    println!(
        "| traffic | coverage, mean | least | most | seeds within 2 points | windows of {WINDOW}, 5 % to 95 % | width, of the oracle's | coverage without learning |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (place, kind) in KINDS.iter().enumerate() {
        let (mut held, mut windows, mut widths, mut bare) = (vec![], vec![], vec![], vec![]);
        for seed in 0..seeds {
            let found = one(kind, seed, place as u64);
            held.push(found.held);
            windows.extend(found.windows);
            widths.push(found.width);
            bare.push(found.bare);
        }
        let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len().max(1) as f64;
        let close = held.iter().filter(|held| (**held - 0.9).abs() <= 0.02).count();
        held.sort_by(f64::total_cmp);
        windows.sort_by(f64::total_cmp);
        let at = |list: &[f64], share: f64| {
            list.get((share * (list.len() - 1) as f64) as usize).copied().unwrap_or(f64::NAN)
        };
        println!(
            "| {} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} to {:.1} % | {:.2} | {:.1} % |",
            kind.name,
            100.0 * mean(&held),
            100.0 * at(&held, 0.0),
            100.0 * at(&held, 1.0),
            100.0 * close as f64 / seeds as f64,
            100.0 * at(&windows, 0.05),
            100.0 * at(&windows, 0.95),
            mean(&widths),
            100.0 * mean(&bare),
        );
    }
    costs(seeds);
}

/// Costs: of an input and an answer, both with their intervals, at 3 and 15 USD per million tokens. The
/// ends of the cost are those of both, so that it holds whatever both hold.
fn costs(seeds: u64) {
    println!("\nCosts; promised at least 90 %.\n");
    println!("| input | coverage, mean | least | most |\n| --- | --- | --- | --- |");
    for (name, tokens, noise) in [
        ("1,000 tokens, exact", 1000.0, 0.0),
        ("1,000 tokens, estimated within 6 %", 1000.0, 0.06),
        ("50,000 tokens, estimated within 6 %", 50_000.0, 0.06),
    ] {
        let mut held = Vec::new();
        for seed in 0..seeds {
            let mut draw = Draw::new(seed, 50);
            let mut input = Tracker::new(COUNTS.0.ln(), COUNTS.1.ln());
            let mut answer = Tracker::new(ANSWERS.0.ln(), ANSWERS.1.ln());
            let mut inside = 0u32;
            for _ in 0..REQUESTS {
                let (bill, length) = (noise * draw.normal(), 0.7 * draw.normal());
                let known = if noise > 0.0 { input.ends() } else { (0.0, 0.0) };
                let told = answer.ends();
                let cost = |input: f64, answer: f64| {
                    3.0 * tokens * input.exp() + 15.0 * 113.0 * answer.exp()
                };
                let range = cost(known.0, told.0)..=cost(known.1, told.1);
                inside += u32::from(range.contains(&cost(bill, length)));
                input.add(bill, known);
                answer.add(length, told);
            }
            held.push(f64::from(inside) / REQUESTS as f64);
        }
        held.sort_by(f64::total_cmp);
        let mean = held.iter().sum::<f64>() / seeds as f64;
        println!(
            "| {name} | {:.1} % | {:.1} % | {:.1} % |",
            100.0 * mean,
            100.0 * held[0],
            100.0 * held[held.len() - 1]
        );
    }
}

struct Found {
    held: f64,
    windows: Vec<f64>,
    width: f64,
    bare: f64,
}

fn one(kind: &Traffic, seed: u64, place: u64) -> Found {
    let mut draw = Draw::new(seed, place);
    let prior = (kind.prior.0.ln(), kind.prior.1.ln());
    let mut tracker = Tracker::new(prior.0, prior.1);
    let (mut held, mut bare, mut windows) = (0, 0, vec![0u32; REQUESTS / WINDOW]);
    let (mut width, mut state) = (0.0, 0.0);
    let whole = |log: f64| (kind.expected * log.exp()).round().max(0.5);
    for at in 0..REQUESTS {
        let bill = whole((kind.draw)(&mut draw, at, &mut state));
        let (low, high) = tracker.ends();
        let (low, high) = (
            (kind.expected * low.exp() + 1e-6).floor(),
            (kind.expected * high.exp() - 1e-6).ceil(),
        );
        let inside = (low..=high).contains(&bill);
        held += u32::from(inside);
        bare += u32::from((whole(prior.0)..=whole(prior.1)).contains(&bill));
        if let Some(window) = windows.get_mut(at / WINDOW) {
            *window += u32::from(inside);
        }
        width += (high.max(0.5) / low.max(0.5)).ln();
        let log = |tokens: f64| (tokens.max(0.5) / kind.expected).ln();
        tracker.add(log(bill), (log(low), log(high)));
    }
    // The oracle: 90 % of what is drawn at each request, by many draws of that request.
    let (mut oracle, mut many) = (0.0, Draw::new(seed, 1000 + place));
    for at in (0..REQUESTS).step_by(100) {
        let mut here = Vec::new();
        for _ in 0..400 {
            let mut state = many.normal();
            here.push(whole((kind.draw)(&mut many, at, &mut state)));
        }
        here.sort_by(f64::total_cmp);
        oracle += (here[379] / here[20]).ln();
    }
    let share = |count: u32, of: usize| f64::from(count) / of as f64;
    Found {
        held: share(held, REQUESTS),
        windows: windows.into_iter().map(|count| share(count, WINDOW)).collect(),
        width: width / REQUESTS as f64 / (oracle / (REQUESTS as f64 / 100.0)),
        bare: share(bare, REQUESTS),
    }
}
