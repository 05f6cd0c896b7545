//! What is promised of production traffic, held to in small; `examples/production_simulations` prints
//! the whole (`docs/statistics.md`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

#[path = "../examples/production_simulations/draw.rs"]
mod draw;

use draw::Draw;
use promptfare::catalog::resolve_model;
use promptfare::cost::{AnswerLength, Money, PastAnswer, Task, Tracker, learned_tokens};
use promptfare::ledger::drift::{Kinds, Misses, Numbers, QUIET, watch};
use promptfare::ledger::experiment::{
    ALPHA, Comparison, Metric, SampleRatio, Scale, judge, radius, share,
};
use promptfare::ledger::interval::wilson;
use promptfare::ledger::{Record, Span, reconcile};
use promptfare::plan::Experiment;
use promptfare::tokens::TokenEstimate;
use serde_json::json;

// ---------------------------------------------------------------- intervals

/// The value of a request, by its place.
type Stream<'a> = &'a dyn Fn(&mut Draw, usize) -> f64;

/// Coverage of 1,000 requests from the first on, for values drawn by `draw`.
fn covered(seed: u64, draw_one: Stream<'_>) -> f64 {
    let mut draw = Draw::new(seed, 1);
    let mut tracker = Tracker::new(-3.6, 1.2);
    let mut held = 0;
    for at in 0..1000 {
        let bill = draw_one(&mut draw, at);
        let (low, high) = tracker.ends();
        held += i32::from((low..=high).contains(&bill));
        tracker.add(bill, (low, high));
    }
    f64::from(held) / 1000.0
}

#[test]
fn intervals_hold_what_they_promise_within_two_points() {
    let kinds: [(&str, Stream<'_>); 6] = [
        ("stationary", &|d, _| 0.8 * d.normal()),
        ("slow drift", &|d, t| 3f64.ln() * t as f64 / 1000.0 + 0.3 * d.normal()),
        ("sudden", &|d, t| if t < 500 { 0.0 } else { 3f64.ln() } + 0.3 * d.normal()),
        ("heavy tail", &|d, _| -1.0 - d.even().ln() / 1.1),
        ("mixture", &|d, _| if d.chance(0.7) { -3.0 } else { 1.6 } + 0.3 * d.normal()),
        ("far from the prior", &|d, _| 4.0 + 0.2 * d.normal()),
    ];
    for (name, draw_one) in kinds {
        for seed in 0..20 {
            let held = covered(seed, draw_one);
            assert!((held - 0.9).abs() <= 0.02, "{name}, seed {seed}: {held}");
        }
    }
}

#[test]
fn answers_are_learned_as_the_simulation_learns_them() {
    let model = resolve_model("gpt-4o").unwrap().model;
    let typical = AnswerLength::typical(model, Task::Text, None);
    let mut draw = Draw::new(1, 2);
    let (mut history, mut held) = (Vec::new(), 0);
    for _ in 0..300 {
        let estimated = 50 + (500.0 * draw.even()) as u64;
        let billed = (3.0 * estimated as f64 * (0.4 * draw.normal()).exp()).round() as u64;
        // What is expected of this request; the history is in proportion.
        let told = AnswerLength {
            low: typical.low * estimated / typical.expected,
            expected: estimated,
            high: typical.high * estimated / typical.expected,
            ..typical.clone()
        };
        let told = told.learned(&history, None);
        held += i32::from((told.low..=told.high).contains(&billed));
        history.push(PastAnswer { estimated, billed });
    }
    assert!((258..=282).contains(&held), "{held}");
    assert_eq!(typical.clone().learned(&history, None), typical.learned(&history, None));
}

#[test]
fn estimated_counts_are_learned_and_exact_ones_are_not() {
    let counted = TokenEstimate {
        tokens: 1000,
        low: 800,
        high: 1250,
        exact: false,
        method: "heuristic".to_owned(),
        parts: None,
    };
    let mut draw = Draw::new(1, 3);
    let mut past = || PastAnswer {
        estimated: 1000,
        billed: (1100.0 * (0.02 * draw.normal()).exp()).round() as u64,
    };
    let history: Vec<PastAnswer> = (0..50).map(|_| past()).collect();
    let learned = learned_tokens(&counted, &history).unwrap();
    assert!(learned.low > 1000 && learned.high < 1200 && learned.tokens.abs_diff(1100) < 15);
    let exact = TokenEstimate { low: 1000, high: 1000, exact: true, ..counted.clone() };
    assert_eq!(learned_tokens(&exact, &history), None);
    assert_eq!(learned_tokens(&counted, &[]), None);
}

// ---------------------------------------------------------------- reconcile

fn record(at: usize, counted: u64, billed: u64) -> Record {
    Record {
        id: at.to_string(),
        model: "m".to_owned(),
        ending: "completed".to_owned(),
        usage_source: Some("gateway".to_owned()),
        input_estimate: Span { low: Some(counted), expected: Some(counted), high: Some(counted) },
        output_estimate: Span { low: Some(10), expected: Some(100), high: Some(400) },
        input_tokens: Some(billed),
        output_tokens: Some(if at.is_multiple_of(10) { 500 } else { 110 }),
        estimate: Span {
            low: Money::parse("0.001").ok(),
            expected: Money::parse("0.002").ok(),
            high: Money::parse("0.003").ok(),
        },
        cost: Money::parse("0.0025").ok(),
        cost_source: Some("usage".to_owned()),
        ..Record::default()
    }
}

#[test]
fn estimates_are_held_against_bills() {
    let records: Vec<Record> = (0..200).map(|at| record(at, 1000, 1000)).collect();
    let found = reconcile(&records);
    assert_eq!(found["outputTokens"]["all"]["n"], 200);
    assert_eq!(found["outputTokens"]["all"]["coverage"], 0.9);
    assert_eq!(found["outputTokens"]["last50"]["inside"], 45);
    assert_eq!(found["inputTokens"]["last50"]["coverage"], 1.0);
    assert_eq!(found["inputTokens"]["last50"]["promised"], 0.99);
    assert_eq!(found["usd"]["all"]["bias"], -0.2);
    assert_eq!(found["perModel"][0]["model"], "m");
    assert!(found["words"].as_str().unwrap().contains("45 of 50 answer lengths were inside (90 %"));
    assert_eq!(reconcile(&[])["usd"]["all"], json!(null));
    // Brown, Cai and DasGupta, "Interval estimation for a binomial proportion" (2001): formula 4.
    let (low, high) = wilson(50, 0.9);
    assert!((low - 0.786_398).abs() < 1e-5 && (high - 0.956_524).abs() < 1e-5, "{low} {high}");
    let cut: Vec<Record> = records
        .iter()
        .map(|record| Record { ending: "truncated".to_owned(), ..record.clone() })
        .collect();
    assert_eq!(reconcile(&cut)["outputTokens"]["all"], json!(null));
}

// ---------------------------------------------------------------- drift

fn alarms(records: &[Record]) -> Vec<(String, String, i64)> {
    let found = watch(records);
    let place = |alarm: &serde_json::Value, name: &str| alarm[name].as_str().unwrap().to_owned();
    let list = found["alarms"].as_array().unwrap().iter();
    list.map(|alarm| {
        (place(alarm, "what"), place(alarm, "words"), place(alarm, "raisedBy").parse().unwrap())
    })
    .collect()
}

#[test]
fn a_new_tokenizer_is_told_within_twenty_requests() {
    for before in [0usize, 50, 400] {
        for seed in 0..10 {
            let mut draw = Draw::new(seed, 4);
            let records: Vec<Record> = (0..before + 20)
                .map(|at| {
                    let counted = (6.0 + draw.normal()).exp().max(50.0);
                    let noise = (0.04 * draw.normal()).exp();
                    let factor = if at < before { 1.0 } else { 1.36 };
                    let span = |share: f64| Some((share * counted) as u64);
                    let mut record = record(at, 1, (counted * factor * noise) as u64);
                    record.input_estimate =
                        Span { low: span(0.85), expected: span(1.0), high: span(1.15) };
                    record
                })
                .collect();
            let told = alarms(&records);
            let first = told.iter().find(|(what, ..)| what != "input_length").unwrap();
            assert!(first.2 >= before as i64, "{before} {seed}: {told:?}");
        }
    }
}

#[test]
fn quiet_traffic_stays_quiet() {
    let (mut alarms, mut draw) = (0, Draw::new(7, 5));
    let (mut numbers, mut kinds, mut misses) = (Numbers::new(1), Kinds::new(2), Misses::new());
    for _ in 0..10_000 {
        numbers.add(draw.normal());
        kinds.add(["a", "b", "c"][draw.one_of(&[0.9, 0.09, 0.01])]);
        misses.add(draw.chance(0.1), 0.1);
        alarms += i32::from(numbers.evidence() >= QUIET);
        alarms += i32::from(kinds.evidence() >= QUIET);
        alarms += i32::from(misses.evidence() >= QUIET);
    }
    assert_eq!(alarms, 0);
}

#[test]
fn kinds_and_refusals_and_names_are_told() {
    let mut draw = Draw::new(1, 6);
    let mut records: Vec<Record> = (0..800)
        .map(|at| {
            let mut record = record(at, 1000, 1000);
            record.output_tokens = Some((5.0 + 0.5 * draw.normal()).exp() as u64);
            record.language = Some(["latin", "han"][draw.one_of(&[0.95, 0.05])].to_owned());
            if at >= 500 {
                record.language = Some(["latin", "han"][draw.one_of(&[0.4, 0.6])].to_owned());
            }
            let refuses = if at < 500 { 0.01 } else { 0.4 };
            record.finish_reason = draw.chance(refuses).then(|| "content_filter".to_owned());
            record
        })
        .collect();
    records[100].answered_by = Some("m-2026-11-01".to_owned());
    let told = alarms(&records);
    let first = |what: &str| told.iter().find(|(name, ..)| name == what).unwrap();
    assert_eq!(first("model_name").2, 100);
    assert!(first("input_language").1.contains("han from"), "{told:?}");
    assert!((500..560).contains(&first("input_language").2), "{told:?}");
    assert!((500..700).contains(&first("refusals").2), "{told:?}");
}

// ---------------------------------------------------------------- experiments

#[test]
fn inference_equals_the_reference() {
    // scripts/compare_confseq.py: confseq 0.0.11, savvi 0.3.1, scipy 1.17.1.
    for (units, wanted) in [
        (10.0, 2.029_470_681),
        (100.0, 0.331_571_281),
        (1000.0, 0.097_057_294),
        (100_000.0, 0.011_606_334),
    ] {
        assert!((radius(1.0, units, ALPHA) - wanted).abs() < 1e-8, "{units}");
    }
    for (sum, units, alpha, low, high) in [
        (0.0, 20.0, 0.05, 0.0, 0.224_006_112),
        (7.0, 20.0, 0.05, 0.096_587_356, 0.685_511_731),
        (7.0, 20.0, 0.025, 0.085_526_588, 0.706_684_637),
        (950.0, 1000.0, 0.025, 0.919_063_081, 0.972_157_001),
        (3.5, 10.0, 0.05, 0.049_131_420, 0.786_366_277),
    ] {
        let found = share(sum, units, alpha);
        assert!((found.0 - low).abs() < 1e-8 && (found.1 - high).abs() < 1e-8, "{found:?}");
    }
    for (weights, counts, odds) in [
        (vec![0.5, 0.5], vec![520, 480], 0.623_052_039),
        (vec![0.5, 0.5], vec![620, 480], 1_040.446_98),
        (vec![0.1, 0.2, 0.7], vec![15, 60, 125], 17.866_083_1),
    ] {
        let mut ratio = SampleRatio::new(&weights);
        for (arm, count) in counts.into_iter().enumerate() {
            (0..count).for_each(|_| ratio.add(arm));
        }
        assert!((ratio.now() / odds - 1.0).abs() < 1e-7, "{} {odds}", ratio.now());
    }
}

#[test]
fn arms_that_are_alike_rarely_get_a_verdict() {
    let mut verdicts = 0;
    for run in 0..400 {
        let mut draw = Draw::new(run, 7);
        let mut comparison = Comparison::new(Scale::Share, 0.5);
        for _ in 0..1000 {
            let second = draw.chance(0.5);
            comparison.add(f64::from(u8::from(draw.chance(0.3))), second);
        }
        verdicts += i32::from(comparison.evidence() >= 1.0 / ALPHA);
    }
    // 5 % of 400 and three standard deviations.
    assert!(verdicts <= 33, "{verdicts}");
}

fn experiment() -> Experiment {
    Experiment::from_value(&json!({"id": "tone", "arms": [{"name": "now"}, {"name": "new"}]}))
        .unwrap()
}

fn trial(units: usize, seed: u64, rates: [f64; 2], costs: [&str; 2]) -> Vec<Record> {
    let experiment = experiment();
    let mut draw = Draw::new(seed, 8);
    (0..units)
        .map(|at| {
            let unit = format!("{seed} {at}");
            let arm = experiment.assign(&unit).unwrap();
            let place = usize::from(arm.name == "new");
            let mut record = record(at, 100, 100);
            record.experiment = Some("tone".to_owned());
            record.arm = Some(arm.name.clone());
            record.unit = Some(experiment.unit_hash(&unit));
            record.feedback.completed = Some(draw.chance(rates[place]));
            record.cost = Money::parse(costs[place]).ok();
            record
        })
        .collect()
}

#[test]
fn experiments_are_judged() {
    let different = trial(2000, 1, [0.6, 0.8], ["0.002", "0.001"]);
    let found = judge(&experiment(), &different, Metric::Completed, None);
    assert_eq!(found["verdict"], "b_better", "{found}");
    let value = found["comparisons"][0]["value"].as_f64().unwrap();
    assert!((value - 0.2).abs() < 0.07, "{value}");
    let few = judge(&experiment(), &different[..60], Metric::Completed, Some(0.05));
    assert_eq!(few["verdict"], "no_difference_yet");
    let needed = few["comparisons"][0]["needed"].as_u64().unwrap();
    assert!((2000..20_000).contains(&needed), "{few}");
    let cost = judge(&experiment(), &different, Metric::Cost, None);
    assert!((cost["comparisons"][0]["value"].as_f64().unwrap() - 0.5).abs() < 1e-9, "{cost}");
    assert_eq!(cost["verdict"], "b_better");
    // A unit counts once, however often it asks.
    let mut often = different[..60].to_vec();
    (0..40).for_each(|_| often.extend_from_within(..60));
    assert_eq!(judge(&experiment(), &often, Metric::Completed, Some(0.05))["arms"], few["arms"]);
    // One arm loses a third of its records on the way.
    let lost: Vec<Record> = different
        .iter()
        .enumerate()
        .filter(|(at, record)| record.arm.as_deref() == Some("now") || at % 3 > 0)
        .map(|(_, record)| record.clone())
        .collect();
    assert_eq!(judge(&experiment(), &lost, Metric::Completed, None)["verdict"], "stop_srm");
    assert!(Metric::from_name("happiness").is_err());
    assert_eq!(judge(&experiment(), &[], Metric::Thumb, None)["verdict"], "no_difference_yet");
}
