//! What feedback does to routing, on simulated users whose truth is known.
//!
//! `cargo run --release --example feedback_simulation` prints the tables of `docs/statistics.md`.
//!
//! Each user has kinds of task in which the stronger model is needed more, or less, often than the score
//! says: by a shift of the score that the router does not know. A prompt is routed by the crate's own
//! rule, its answer is good or not by the user's truth, and for some of the answers the user says so,
//! now and then wrongly. After every 100 requests the calibration is learnt anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // An example reports by panicking.

use promptfare::catalog::Catalog;
use promptfare::chat::ChatRequest;
use promptfare::cost::Horizon;
use promptfare::plan::Planner;
use promptfare::router::calibration::{Outcome, Shift, learn, write};
use promptfare::router::features::Category;
use promptfare::router::{Policy, Route};
use promptfare::tokens::Vocabularies;
use serde_json::{Value, json};

/// The pair, weak first, and what a right answer is worth in USD.
const PAIR: [&str; 2] = ["claude-haiku-4-5", "claude-opus-4-5"];
const WORTH: f64 = 0.05;
/// Share of answers that the user judges, and of judgements that are wrong.
const SAYS: f64 = 0.3;
const ERRS: f64 = 0.05;
/// In this share of prompts both models fail, in this only the stronger one.
const BOTH_FAIL: f64 = 0.15;
const ONLY_WEAK: f64 = 0.03;
const REQUESTS: usize = 3_000;
const USERS: u64 = 40;

const PROMPTS: [(&str, Category); 6] = [
    (
        "Write a function in Python that merges two sorted lists without duplicates.",
        Category::CodeWriting,
    ),
    ("Write a short poem about the first snow in a mountain village.", Category::Writing),
    (
        "Summarize the following text in three sentences: The council met on Monday and discussed the new bridge.",
        Category::Extraction,
    ),
    ("Prove that the square root of 2 is irrational.", Category::Mathematics),
    ("How do I keep a sourdough starter alive in a warm kitchen?", Category::General),
    ("Which enzyme unwinds the DNA double helix during replication?", Category::Knowledge),
];

/// SplitMix64 (Steele, Lea, Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A decision that was made once: routing depends on prompt and calibration alone.
fn route(prompt: &str, calibration: &Value) -> Route {
    let request = json!({"messages": [{"role": "user", "content": prompt}]});
    let request = ChatRequest::from_value(request).unwrap();
    let policy = json!({"worthUsd": WORTH, "calibration": calibration, "allowRetired": true});
    let vocabularies = Vocabularies::new();
    let planner = Planner {
        catalog: Catalog::shipped(),
        vocabularies: &vocabularies,
        at: None,
        answer: None,
        provider: None,
        horizon: &Horizon::default(),
        past: &|_| Vec::new(),
        past_inputs: &|_| Vec::new(),
    };
    let policy = Policy::from_value(policy).unwrap();
    planner.route(&request, &PAIR.map(str::to_owned), &policy, false).unwrap().0
}

#[derive(Clone, Copy, Default)]
struct Sum {
    good: f64,
    usd: f64,
    strong: f64,
    all: f64,
}

impl Sum {
    /// What was won: the worth of good answers less their price, per request.
    fn won(self) -> f64 {
        (self.good * WORTH - self.usd) / self.all
    }
}

/// How one user fares: `truth` shifts the score of each kind, `learns` says whether feedback counts,
/// `all_bad` is a user who calls every answer bad. Gives the second half of the requests, and the shifts
/// at the end.
fn user(
    seed: u64,
    truth: f64,
    learns: bool,
    known: bool,
    all_bad: bool,
    prices: [f64; 2],
) -> (Sum, Vec<Shift>) {
    let mut chance = Chance(seed);
    let mut outcomes: Vec<Outcome> = Vec::new();
    let told = |shift: f64| {
        let shift = shift.clamp(-1.5, 1.5);
        let all = PROMPTS.map(|(_, kind)| Shift { kind, log_odds: shift, outcomes: 1 });
        write(&all)
    };
    let mut shifts = Vec::new();
    let mut decided: Vec<(bool, f64)> = Vec::new();
    let mut sum = Sum::default();
    for number in 0..REQUESTS {
        if number % 100 == 0 {
            shifts = if learns { learn(&outcomes) } else { Vec::new() };
            let calibration = if known { told(truth) } else { write(&shifts) };
            decided = PROMPTS
                .iter()
                .map(|(prompt, kind)| {
                    let route = route(prompt, &calibration);
                    assert_eq!(route.score.category, kind.name(), "{prompt}");
                    let own =
                        route.score.contributions.iter().find(|(name, _)| *name == "feedback");
                    let plain = route.score.log_odds - own.map_or(0.0, |(_, shift)| *shift);
                    (route.model == PAIR[1], plain)
                })
                .collect();
        }
        let place = (chance.next() * PROMPTS.len() as f64) as usize;
        let (strong, log_odds) = decided[place];
        let need = sigmoid(log_odds + truth).min(1.0 - BOTH_FAIL - ONLY_WEAK);
        let fate = chance.next();
        // Both fail; only the stronger one does; only the weaker one does; neither.
        let good = match () {
            () if fate < BOTH_FAIL => false,
            () if fate < BOTH_FAIL + ONLY_WEAK => !strong,
            () if fate < BOTH_FAIL + ONLY_WEAK + need => strong,
            () => true,
        };
        if chance.next() < SAYS {
            let said = (good != (chance.next() < ERRS)) && !all_bad;
            outcomes.push(Outcome { kind: PROMPTS[place].1, log_odds, strong, good: said });
        }
        if number >= REQUESTS / 2 {
            sum.good += f64::from(u8::from(good));
            sum.usd += prices[usize::from(strong)];
            sum.strong += f64::from(u8::from(strong));
            sum.all += 1.0;
        }
    }
    (sum, shifts)
}

fn main() {
    // What an answer of each costs here: the mean over the prompts.
    let mut prices = [0.0; 2];
    for (prompt, _) in PROMPTS {
        let route = route(prompt, &json!({}));
        for (place, model) in PAIR.iter().enumerate() {
            let figures = route.receipt["candidates"].as_array().unwrap();
            let own = figures.iter().find(|one| one["model"] == *model).unwrap();
            prices[place] += own["cost"]["expected"].as_str().unwrap().parse::<f64>().unwrap()
                / PROMPTS.len() as f64;
        }
    }
    println!(
        "{USERS} users for each row, {REQUESTS} requests each, {} kinds of task; {:.0} % of answers judged, {:.0} % of judgements wrong; a good answer is worth ${WORTH}. Second half of the requests; won: worth of good answers less their price, per 1,000 requests.\n",
        PROMPTS.len(),
        SAYS * 100.0,
        ERRS * 100.0
    );
    println!(
        "| truth beside the score (log-odds) | won without feedback | with feedback | by one who knows the truth | of what there is to win | to the strongest: without | with | knowing |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for truth in [-1.5, -0.75, 0.0, 0.75, 1.5] {
        let mut sums = [Sum::default(); 3];
        for seed in 0..USERS {
            for (place, (learns, known)) in
                [(false, false), (true, false), (false, true)].into_iter().enumerate()
            {
                let (one, _) = user(seed * 7919 + 1, truth, learns, known, false, prices);
                let sum = &mut sums[place];
                (sum.good, sum.usd) = (sum.good + one.good, sum.usd + one.usd);
                (sum.strong, sum.all) = (sum.strong + one.strong, sum.all + one.all);
            }
        }
        let [plain, learnt, knowing] = sums;
        let (span, got) = (knowing.won() - plain.won(), learnt.won() - plain.won());
        let share = if span.abs() * 1000.0 < 0.05 {
            "-".to_owned()
        } else {
            format!("{:.0} %", got / span * 100.0)
        };
        let percent = |sum: Sum| sum.strong / sum.all * 100.0;
        println!(
            "| {truth:+} | ${:.2} | ${:.2} | ${:.2} | {share} | {:.0} % | {:.0} % | {:.0} % |",
            plain.won() * 1000.0,
            learnt.won() * 1000.0,
            knowing.won() * 1000.0,
            percent(plain),
            percent(learnt),
            percent(knowing)
        );
    }
    println!("\nA user who calls every answer bad, whatever it was:\n");
    println!("| truth | largest shift | to the strongest | won without | with |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    for truth in [-0.75, 0.0, 0.75] {
        let (mut most, mut strong) = (0.0_f64, 0.0);
        let (mut plain, mut with) = (0.0, 0.0);
        for seed in 0..USERS {
            let (sum, shifts) = user(seed + 1, truth, true, false, true, prices);
            strong += sum.strong / sum.all / USERS as f64 * 100.0;
            with += sum.won() / USERS as f64;
            plain += user(seed + 1, truth, false, false, true, prices).0.won() / USERS as f64;
            for shift in shifts {
                most = most.max(shift.log_odds.abs());
            }
        }
        println!(
            "| {truth:+} | {most:.2} | {strong:.0} % | ${:.2} | ${:.2} |",
            plain * 1000.0,
            with * 1000.0
        );
    }
}
