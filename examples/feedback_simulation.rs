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

/// The pair, weak first, and what a right answer is worth in USD: little enough that some kinds of task
/// go to the weak one by themselves, and much enough that some do not.
const PAIR: [&str; 2] = ["claude-haiku-4-5", "claude-opus-4-5"];
const WORTHS: [f64; 2] = [0.01, 0.02];
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
fn route(prompt: &str, calibration: &Value, worth: f64) -> Route {
    let request = json!({"messages": [{"role": "user", "content": prompt}]});
    let request = ChatRequest::from_value(request).unwrap();
    let policy = json!({"worthUsd": worth, "calibration": calibration, "allowRetired": true});
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
    fn won(self, worth: f64) -> f64 {
        (self.good * worth - self.usd) / self.all
    }
}

/// One simulated user, and the router's means.
#[derive(Clone, Copy)]
struct User {
    seed: u64,
    /// By how much the score of each kind is off, in log-odds.
    truth: f64,
    /// Whether feedback counts.
    learns: bool,
    /// Whether the router is told the truth.
    known: bool,
    /// Calls every answer bad, whatever it was.
    all_bad: bool,
    /// What a good answer is worth, USD.
    worth: f64,
    /// Of an answer of the weak and of the strong model, USD.
    prices: [f64; 2],
}

impl User {
    /// How the user fares in the second half of the requests, and the shifts at the end.
    fn fare(self) -> (Sum, Vec<Shift>) {
        let mut chance = Chance(self.seed);
        let mut outcomes: Vec<Outcome> = Vec::new();
        let (mut shifts, mut decided) = (Vec::new(), Vec::new());
        let mut sum = Sum::default();
        for number in 0..REQUESTS {
            if number % 100 == 0 {
                shifts = if self.learns { learn(&outcomes) } else { Vec::new() };
                decided = self.decide(&shifts);
            }
            let place = (chance.next() * PROMPTS.len() as f64) as usize;
            let (strong, log_odds) = decided[place];
            let need = sigmoid(log_odds + self.truth).min(1.0 - BOTH_FAIL - ONLY_WEAK);
            let fate = chance.next();
            // Both fail; only the weaker one is right; only the stronger one is; both are.
            let good = match () {
                () if fate < BOTH_FAIL => false,
                () if fate < BOTH_FAIL + ONLY_WEAK => !strong,
                () if fate < BOTH_FAIL + ONLY_WEAK + need => strong,
                () => true,
            };
            if chance.next() < SAYS {
                let good = (good != (chance.next() < ERRS)) && !self.all_bad;
                outcomes.push(Outcome { kind: PROMPTS[place].1, log_odds, strong, good });
            }
            if number >= REQUESTS / 2 {
                sum.good += f64::from(u8::from(good));
                sum.usd += self.prices[usize::from(strong)];
                sum.strong += f64::from(u8::from(strong));
                sum.all += 1.0;
            }
        }
        (sum, shifts)
    }

    /// For each prompt whether the strong model takes it, and the score without feedback.
    fn decide(&self, shifts: &[Shift]) -> Vec<(bool, f64)> {
        let told = self.truth.clamp(-1.5, 1.5);
        let truth = PROMPTS.map(|(_, kind)| Shift { kind, log_odds: told, outcomes: 1 });
        let calibration = if self.known { write(&truth) } else { write(shifts) };
        let mut decided = Vec::new();
        for (prompt, kind) in PROMPTS {
            let route = route(prompt, &calibration, self.worth);
            assert_eq!(route.score.category, kind.name(), "{prompt}");
            let own = route.score.contributions.iter().find(|(name, _)| *name == "feedback");
            let plain = route.score.log_odds - own.map_or(0.0, |(_, shift)| *shift);
            decided.push((route.model == PAIR[1], plain));
        }
        decided
    }
}

/// All users of one kind together, and the largest shift among them.
fn all(user: User) -> (Sum, f64) {
    let (mut sum, mut most) = (Sum::default(), 0.0_f64);
    for number in 0..USERS {
        let (one, shifts) = User { seed: number * 7919 + 1, ..user }.fare();
        sum.good += one.good;
        sum.usd += one.usd;
        sum.strong += one.strong;
        sum.all += one.all;
        for shift in shifts {
            most = most.max(shift.log_odds.abs());
        }
    }
    (sum, most)
}

fn main() {
    // What an answer of each costs here: the mean over the prompts.
    let mut prices = [0.0; 2];
    for (prompt, _) in PROMPTS {
        let route = route(prompt, &json!({}), 1.0);
        for (place, model) in PAIR.iter().enumerate() {
            let figures = route.receipt["candidates"].as_array().unwrap();
            let own = figures.iter().find(|one| one["model"] == *model).unwrap();
            prices[place] += own["cost"]["expected"].as_str().unwrap().parse::<f64>().unwrap()
                / PROMPTS.len() as f64;
        }
    }
    println!(
        "{USERS} users for each row, {REQUESTS} requests each, {} kinds of task; {:.0} % of answers judged, {:.0} % of judgements wrong. An answer costs ${:.4} on {} and ${:.4} on {}. Second half of the requests; won: worth of good answers less their price, per 1,000 requests.\n",
        PROMPTS.len(),
        SAYS * 100.0,
        ERRS * 100.0,
        prices[0],
        PAIR[0],
        prices[1],
        PAIR[1],
    );
    println!(
        "| a good answer is worth | truth beside the score (log-odds) | won without feedback | with feedback | knowing the truth | to the strongest: without | with | knowing |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let plain = User {
        seed: 0,
        truth: 0.0,
        learns: false,
        known: false,
        all_bad: false,
        worth: 0.0,
        prices,
    };
    for worth in WORTHS {
        for truth in [-1.5, -0.75, 0.0, 0.75, 1.5] {
            let plain = User { truth, worth, ..plain };
            let ways = [plain, User { learns: true, ..plain }, User { known: true, ..plain }];
            let sums = ways.map(|user| all(user).0);
            let won = sums.map(|sum| format!("${:.2}", sum.won(worth) * 1000.0)).join(" | ");
            let strong =
                sums.map(|sum| format!("{:.0} %", sum.strong / sum.all * 100.0)).join(" | ");
            println!("| ${worth} | {truth:+} | {won} | {strong} |");
        }
    }
    println!("\nA user who calls every answer bad, whatever it was:\n");
    println!(
        "| a good answer is worth | truth | largest shift | to the strongest | won without feedback | with |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: |");
    for worth in WORTHS {
        for truth in [-0.75, 0.0, 0.75] {
            let plain = User { truth, worth, all_bad: true, ..plain };
            let (without, _) = all(plain);
            let (with, most) = all(User { learns: true, ..plain });
            println!(
                "| ${worth} | {truth:+} | {most:.2} | {:.0} % | ${:.2} | ${:.2} |",
                with.strong / with.all * 100.0,
                without.won(worth) * 1000.0,
                with.won(worth) * 1000.0,
            );
        }
    }
}
