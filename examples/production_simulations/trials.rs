//! Experiments whose arms are alike, and others.

use crate::draw::Draw;
use promptfare::ledger::experiment::{ALPHA, ALPHA_RATIO, Comparison, SampleRatio, Scale};

const UNITS: usize = 2000;
const LOOK: usize = 20;

/// How the values of an arm are drawn; the effect is added to a rate or to a logarithm.
struct Metric {
    name: &'static str,
    scale: Scale,
    weight: f64,
    draw: fn(&mut Draw, f64) -> f64,
}

fn coin(draw: &mut Draw, rate: f64) -> f64 {
    f64::from(u8::from(draw.chance(rate)))
}

const METRICS: [Metric; 10] = [
    Metric {
        name: "rate of 50 %",
        scale: Scale::Share,
        weight: 0.5,
        draw: |d, e| coin(d, 0.5 + e),
    },
    Metric {
        name: "rate of 5 %",
        scale: Scale::Share,
        weight: 0.5,
        draw: |d, e| coin(d, 0.05 + e),
    },
    Metric {
        name: "rate of 0.5 %",
        scale: Scale::Share,
        weight: 0.5,
        draw: |d, e| coin(d, 0.005 + e),
    },
    Metric {
        name: "rate of 99 %, arms 90:10",
        scale: Scale::Share,
        weight: 0.1,
        draw: |d, e| coin(d, 0.99 - e),
    },
    Metric {
        name: "rate of 20 %, arms 95:5",
        scale: Scale::Share,
        weight: 0.05,
        draw: |d, e| coin(d, 0.2 + e),
    },
    Metric {
        name: "score, mostly 0 or 1",
        scale: Scale::Share,
        weight: 0.5,
        draw: |d, e| if d.chance(0.8) { coin(d, 0.7 + e) } else { (d.even() + e).clamp(0.0, 1.0) },
    },
    Metric {
        name: "cost, log-normal, sd 1",
        scale: Scale::Ratio,
        weight: 0.5,
        draw: |d, e| e + d.normal(),
    },
    Metric {
        name: "cost, log-normal, sd 2, arms 90:10",
        scale: Scale::Ratio,
        weight: 0.1,
        draw: |d, e| e + 2.0 * d.normal(),
    },
    Metric {
        name: "latency, Pareto 1.5",
        scale: Scale::Ratio,
        weight: 0.5,
        draw: |d, e| e - d.even().ln() / 1.5,
    },
    Metric {
        name: "logarithms themselves heavy (Student's t, 2)",
        scale: Scale::Ratio,
        weight: 0.5,
        draw: |d, e| {
            let (a, b) = (d.normal(), d.normal());
            e + d.normal() / ((a * a + b * b) / 2.0).sqrt()
        },
    },
];

/// What one run tells: at which look the arms were told apart, if at all, and which was ahead.
struct Told {
    /// By the capital.
    capital: Option<usize>,
    /// By the interval, from 100 units on.
    interval: Option<usize>,
    /// By both at the same look: the verdict.
    verdict: Option<(usize, bool)>,
    /// Whether the interval left the truth out at any look, from 100 units on.
    missed: bool,
    ratio: bool,
}

fn one(metric: &Metric, effect: f64, units: usize, draw: &mut Draw) -> Told {
    let mut comparison = Comparison::new(metric.scale, metric.weight);
    let mut ratio = SampleRatio::new(&[1.0 - metric.weight, metric.weight]);
    let mut told =
        Told { capital: None, interval: None, verdict: None, missed: false, ratio: false };
    let truth = if metric.name.starts_with("rate of 99") { -effect } else { effect };
    for at in 1..=units {
        let second = draw.chance(metric.weight);
        ratio.add(usize::from(second));
        comparison.add((metric.draw)(draw, if second { effect } else { 0.0 }), second);
        if at % LOOK > 0 {
            continue;
        }
        let sure = comparison.evidence() >= 1.0 / ALPHA;
        let (low, value, high) = comparison.difference(ALPHA).unwrap_or((-1e9, 0.0, 1e9));
        let apart = low > 0.0 || high < 0.0;
        if sure && told.capital.is_none() {
            told.capital = Some(at);
        }
        if apart && at >= 100 && told.interval.is_none() {
            told.interval = Some(at);
        }
        if sure && apart && told.verdict.is_none() {
            told.verdict = Some((at, value > 0.0));
        }
        told.missed |= at >= 100 && !(low..=high).contains(&truth);
        told.ratio |= ratio.evidence() >= 1.0 / ALPHA_RATIO;
    }
    told
}

pub fn alike(runs: u64) {
    println!(
        "Arms alike: {runs} runs of {UNITS} units, a look after every {LOOK}. Promised: verdicts in at most {} %, stopped for the ratio in at most {} %.\n",
        100.0 * ALPHA,
        100.0 * ALPHA_RATIO
    );
    println!(
        "| metric | verdicts | by capital alone | by interval alone, from 100 units on | stopped for the ratio |\n| --- | --- | --- | --- | --- |"
    );
    for (place, metric) in METRICS.iter().enumerate() {
        let mut counts = [0u64; 4];
        for run in 0..runs {
            let told = one(metric, 0.0, UNITS, &mut Draw::new(run, 700 + place as u64));
            for (count, is) in counts.iter_mut().zip([
                told.verdict.is_some(),
                told.capital.is_some(),
                told.interval.is_some(),
                told.ratio,
            ]) {
                *count += u64::from(is);
            }
        }
        let share = |count: u64| 100.0 * count as f64 / runs as f64;
        let [verdicts, capital, interval, ratio] = counts.map(share);
        println!(
            "| {} | {verdicts:.2} % | {capital:.2} % | {interval:.2} % | {ratio:.2} % |",
            metric.name
        );
    }
}

pub fn power(runs: u64) {
    println!(
        "Arms that differ: {runs} runs of up to {} units, a look after every {LOOK}.\n",
        5 * UNITS
    );
    println!(
        "| metric | effect | told | the wrong arm | units, median | units, 90 % | fixed plan of 80 % power | interval missed the truth at any look |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    // Variance of the difference for one unit, for the plan of a fixed size (z 1.96 and 0.84).
    for (place, effect, words, variance) in [
        (0usize, 0.05, "to 55 %", 1.0),
        (0, 0.1, "to 60 %", 1.0),
        (1, 0.03, "to 8 %", 4.0 * 0.06),
        (2, 0.01, "to 1.5 %", 4.0 * 0.01),
        (3, 0.03, "to 96 %", 0.0384 / 0.1 + 0.0099 / 0.9),
        (4, 0.1, "to 30 %", 0.21 / 0.05 + 0.16 / 0.95),
        (5, 0.05, "0.05 more", 4.0 * 0.19),
        (6, 0.2, "+22 %", 4.0),
        (6, 0.4, "+49 %", 4.0),
        (7, 0.5, "+65 %", 4.0 * (1.0 / 0.1 + 1.0 / 0.9)),
        (8, 0.2, "+22 %", 4.0 / 2.25),
        (9, 0.4, "+49 %", f64::NAN),
    ] {
        let metric = &METRICS[place];
        let (mut looks, mut wrong, mut missed) = (Vec::new(), 0u64, 0u64);
        for run in 0..runs {
            let told = one(metric, effect, 5 * UNITS, &mut Draw::new(run, 800 + place as u64));
            missed += u64::from(told.missed);
            if let Some((at, ahead)) = told.verdict {
                looks.push(at);
                wrong += u64::from(ahead == metric.name.starts_with("rate of 99"));
            }
        }
        looks.sort_unstable();
        let at = |share: f64| {
            looks.get((share * runs as f64) as usize).map_or("-".to_owned(), usize::to_string)
        };
        let share = |count: u64| 100.0 * count as f64 / runs as f64;
        let fixed = variance * ((1.96 + 0.84) / effect) * ((1.96 + 0.84) / effect);
        let fixed = if fixed.is_nan() { "-".to_owned() } else { format!("{fixed:.0}") };
        println!(
            "| {} | {words} | {:.1} % | {:.2} % | {} | {} | {fixed} | {:.2} % |",
            metric.name,
            share(looks.len() as u64),
            share(wrong),
            at(0.5),
            at(0.9),
            share(missed),
        );
    }
    println!(
        "\n| sample ratio, planned 50:50 | stopped within {UNITS} units | units, median |\n| --- | --- | --- |"
    );
    for true_share in [0.5, 0.52, 0.55, 0.6] {
        let mut stops = Vec::new();
        for run in 0..runs {
            let mut draw = Draw::new(run, 900);
            let mut ratio = SampleRatio::new(&[0.5, 0.5]);
            stops.extend((1..=UNITS).find(|_| {
                ratio.add(usize::from(draw.chance(true_share)));
                ratio.evidence() >= 1.0 / ALPHA_RATIO
            }));
        }
        stops.sort_unstable();
        let median = stops.get(runs as usize / 2).map_or("-".to_owned(), usize::to_string);
        println!(
            "| {:.0}:{:.0} | {:.1} % | {median} |",
            100.0 - 100.0 * true_share,
            100.0 * true_share,
            100.0 * stops.len() as f64 / runs as f64
        );
    }
}
