//! What all stages together will cost, before the first call: the plan is run a thousand times on
//! paper. Deterministic: the generator is seeded, and nothing but sums, products and square roots is
//! used, which every machine rounds alike.

use crate::cost::Money;
use crate::sort::sort;

/// How often a plan is run on paper. The ends of the interval move by about 2 % of their rank.
const DRAWS: usize = 1000;
/// The share of the runs on paper that lies between the ends told, in thousandths. What that
/// is worth on projects that were left out: `docs/workflows.md`.
const KEPT: usize = 900;
/// How much the lengths of one run go together: with this probability an answer stands as high in
/// its distribution as the others of the run. An application asks for short answers or for long ones:
/// measured on the same records (`docs/workflows.md`, 2026-11-22).
pub const TOGETHER: f64 = 0.5;

/// A length in tokens that is known as an interval: a twentieth of the values lies below `low`, a
/// twentieth above `high`; between them they are even on a logarithmic scale, on either side of a
/// middle that gives the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    low: f64,
    middle: f64,
    high: f64,
    most: f64,
}

/// `from` at 0, `to` at 1, and evenly by ratio between.
fn between(from: f64, to: f64, share: f64) -> f64 {
    let (mut from, mut to, mut share) = (from, to, share);
    for _ in 0..8 {
        let half = (from * to).sqrt();
        share *= 2.0;
        if share < 1.0 {
            to = half;
        } else {
            from = half;
            share -= 1.0;
        }
    }
    from + (to - from) * share
}

impl Spread {
    /// From the interval's ends, its mean, and the most that is possible at all.
    pub fn new(low: u64, expected: u64, high: u64, most: Option<u64>) -> Self {
        let low = low.min(expected) as f64;
        let (expected, high) = (expected as f64, high.max(expected) as f64);
        let most = most.map_or(f64::MAX, |most| most as f64);
        let mut spread = Self { low, middle: expected, high, most };
        // The middle whose distribution has the mean, by halving; the ends where there is none.
        let (mut from, mut to) = (low, high);
        while to - from > 0.5 + expected / 256.0 {
            spread.middle = (from + to) / 2.0;
            let mean = (0..40).map(|step| spread.at((f64::from(step) + 0.5) / 40.0)).sum::<f64>();
            if mean / 40.0 < expected { from = spread.middle } else { to = spread.middle }
        }
        spread
    }

    /// One that is known.
    pub fn exactly(tokens: u64) -> Self {
        Self::new(tokens, tokens, tokens, None)
    }

    /// The length below which the share `rank` of all lie, 0 to 1.
    pub fn at(&self, rank: f64) -> f64 {
        if self.low >= self.high {
            return self.high.min(self.most);
        }
        let low = self.low.max(1.0);
        let (middle, high) = (self.middle.max(low), self.high.max(low));
        let length = if rank < 0.05 {
            low * (0.5 + 10.0 * rank)
        } else if rank < 0.5 {
            between(low, middle, (rank - 0.05) / 0.45)
        } else if rank < 0.95 {
            between(middle, high, (rank - 0.5) / 0.45)
        } else {
            // The last twentieth: up to twice the upper end.
            high * (1.0 + 20.0 * (rank - 0.95))
        };
        length.min(self.most)
    }
}

/// What flows into a stage from an earlier one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inflow {
    /// The number of the earlier stage.
    pub from: usize,
    /// Tokens here for one token there: models have different tokenizers.
    pub scale: f64,
    /// The most tokens that are taken over.
    pub most: f64,
}

/// A stage on paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// The probability that it is run at all, where all that flows into it was.
    pub runs: f64,
    /// The probability of each further attempt.
    pub again: f64,
    /// The most attempts.
    pub attempts: u32,
    /// What its own words come to.
    pub input: Spread,
    /// Its answer, reasoning included.
    pub output: Spread,
    /// Whether the answer holds reasoning, which is billed but does not flow on. Then any share of it
    /// may.
    pub reasons: bool,
    /// What flows in.
    pub inflows: Vec<Inflow>,
    /// What each further attempt is told of the one before, in tokens at most.
    pub told: f64,
    /// The price of a token of input and of output, in picodollars.
    pub price: (u64, u64),
}

/// Three figures of a thing that is not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Its lower end.
    pub low: u64,
    /// Its mean.
    pub expected: u64,
    /// Its upper end.
    pub high: u64,
}

/// What runs on paper came to: tokens of input and output, and picodollars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// All of it.
    pub total: [Range; 3],
    /// Each stage, over the runs in which it was run; all of its attempts.
    pub stages: Vec<[Range; 3]>,
}

impl Forecast {
    /// The cost, of figures as [`forecast`] gives them.
    pub fn money(range: Range) -> [Money; 3] {
        [range.low, range.expected, range.high].map(|pico| Money::from_picodollars(pico.into()))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), as numbers from 0 to below 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// Runs the stages on paper. A stage takes in only what stands before it in the list. `together`:
/// [`TOGETHER`], unless the caller measured another.
pub fn forecast(legs: &[Leg], together: f64) -> Forecast {
    let mut random = Random(0x70_72_6f_6d_70_74);
    let mut all: [Vec<u64>; 3] = Default::default();
    let mut each: Vec<[Vec<u64>; 3]> = vec![Default::default(); legs.len()];
    let mut flowing: Vec<Option<f64>> = Vec::with_capacity(legs.len());
    for _ in 0..DRAWS {
        let common = random.next();
        let mut sum = [0_u64; 3];
        flowing.clear();
        for (leg, own) in legs.iter().zip(&mut each) {
            let mut input = leg.input.at(random.next());
            let mut ready = true;
            for inflow in &leg.inflows {
                match flowing.get(inflow.from).copied().flatten() {
                    Some(tokens) => input += (tokens * inflow.scale).min(inflow.most),
                    None => ready = false,
                }
            }
            if !ready || random.next() >= leg.runs {
                flowing.push(None);
                continue;
            }
            let mut spent = [0_u64; 3];
            let mut attempt = 0;
            let text = loop {
                let rank = if random.next() < together { common } else { random.next() };
                let output = leg.output.at(rank);
                let text = if leg.reasons { output * random.next() } else { output };
                // Whole tokens: below, money is exact.
                let (tokens_in, tokens_out) = (input as u64, output as u64);
                let cost = tokens_in
                    .saturating_mul(leg.price.0)
                    .saturating_add(tokens_out.saturating_mul(leg.price.1));
                for (sum, part) in spent.iter_mut().zip([tokens_in, tokens_out, cost]) {
                    *sum = sum.saturating_add(part);
                }
                attempt += 1;
                if attempt >= leg.attempts || random.next() >= leg.again {
                    break text;
                }
                input += text.min(leg.told);
            };
            flowing.push(Some(text));
            for ((place, sum), part) in own.iter_mut().zip(&mut sum).zip(spent) {
                place.push(part);
                *sum = sum.saturating_add(part);
            }
        }
        for (place, part) in all.iter_mut().zip(sum) {
            place.push(part);
        }
    }
    Forecast { total: all.map(range), stages: each.into_iter().map(|own| own.map(range)).collect() }
}

fn range(mut values: Vec<u64>) -> Range {
    sort(&mut values, |a, b| a < b);
    let count = values.len();
    let cut = count * (1000 - KEPT) / 2000;
    let sum: u128 = values.iter().map(|value| u128::from(*value)).sum();
    let mean = u64::try_from(sum / count.max(1) as u128).unwrap_or(u64::MAX);
    let low = values.get(cut).copied().unwrap_or(0);
    let high = values.get(count.saturating_sub(cut + 1)).copied().unwrap_or(0);
    Range { low: low.min(mean), expected: mean, high: high.max(mean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(low: u64, expected: u64, high: u64) -> Leg {
        Leg {
            runs: 1.0,
            again: 0.0,
            attempts: 1,
            input: Spread::exactly(100),
            output: Spread::new(low, expected, high, None),
            reasons: false,
            inflows: Vec::new(),
            told: 0.0,
            price: (3_000_000, 15_000_000),
        }
    }

    #[test]
    fn a_spread_has_its_ends_and_its_mean() {
        for (low, expected, high) in [(2, 113, 413), (10, 300, 900), (400, 500, 600), (20, 40, 100)]
        {
            let spread = Spread::new(low, expected, high, None);
            assert!((spread.at(0.05) - low as f64).abs() < 1.0, "{spread:?}");
            assert!((spread.at(0.95) - high as f64).abs() < 1.0, "{spread:?}");
            let mean = (0..1000).map(|n| spread.at((f64::from(n) + 0.5) / 1000.0)).sum::<f64>();
            let away = (mean / 1000.0 - expected as f64).abs() / expected as f64;
            assert!(away < 0.1, "{expected}: {}", mean / 1000.0);
            let steps = (0..100).map(|n| spread.at(f64::from(n) / 100.0)).collect::<Vec<_>>();
            assert!(steps.is_sorted());
        }
        assert_eq!(Spread::exactly(7).at(0.99), 7.0);
        assert!(Spread::new(5, 50, 500, Some(60)).at(0.999) <= 60.0);
        let strange = Spread::new(u64::MAX, 0, 0, Some(0));
        assert!(strange.at(0.5).is_finite());
    }

    #[test]
    fn what_is_certain_has_one_figure() {
        let certain = Leg { output: Spread::exactly(10), ..leg(0, 0, 0) };
        let found = forecast(&[certain.clone(), certain], TOGETHER);
        assert_eq!(found.total[0], Range { low: 200, expected: 200, high: 200 });
        let cost = 2 * (100 * 3_000_000 + 10 * 15_000_000);
        assert_eq!(found.total[2], Range { low: cost, expected: cost, high: cost });
        assert_eq!(found.stages.len(), 2);
    }

    #[test]
    fn the_same_every_time_and_wider_when_together() {
        let legs = vec![leg(50, 200, 700); 6];
        let one = forecast(&legs, 0.5);
        assert_eq!(one, forecast(&legs, 0.5));
        let (apart, close) = (forecast(&legs, 0.0).total[1], forecast(&legs, 1.0).total[1]);
        assert!(close.high - close.low > 3 * (apart.high - apart.low) / 2, "{apart:?} {close:?}");
        for range in one.total.iter().chain(one.stages.iter().flatten()) {
            assert!(range.low <= range.expected && range.expected <= range.high);
        }
    }

    #[test]
    fn escalation_costs_its_share() {
        let deep = Leg {
            runs: 0.25,
            inflows: vec![Inflow { from: 0, scale: 1.0, most: 50.0 }],
            ..leg(50, 200, 700)
        };
        let never = forecast(&[leg(50, 200, 700), Leg { runs: 0.0, ..deep.clone() }], TOGETHER);
        let some = forecast(&[leg(50, 200, 700), deep.clone()], TOGETHER);
        let share = some.total[1].expected as f64 / never.total[1].expected as f64;
        assert!((1.18..1.32).contains(&share), "{share}");
        // It takes in at most what it may.
        let more = some.stages[1][0];
        assert!(more.high <= 150 && more.low >= 100, "{more:?}");
        let loops = Leg { runs: 1.0, again: 1.0, attempts: 3, told: 30.0, ..deep };
        let three = forecast(&[leg(50, 200, 700), loops], TOGETHER).stages[1];
        assert!(three[1].expected > 500 && three[0].high <= 3 * 150 + 90, "{three:?}");
    }
}
