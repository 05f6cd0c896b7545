//! Inference that may be looked at after every record.

/// False positives of a comparison, at most.
pub const ALPHA: f64 = 0.05;
/// The same for a sample ratio that is not the planned one: that stops an experiment.
pub const ALPHA_RATIO: f64 = 0.01;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Values from 0 to 1; the difference of the means. A rate is the mean of noughts and ones.
    Share,
    /// Positive values with long tails (money, times, lengths), as logarithms; the difference is the
    /// logarithm of the ratio of the geometric means.
    Ratio,
}

/// Stakes of the bets on the assignment, either way.
const STAKES: [f64; 6] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6];

/// Values of one arm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arm {
    /// How many.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// The sum of squared distances from it (Welford 1962).
    squares: f64,
}

impl Arm {
    /// Takes the next value.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let away = value - self.mean;
        self.mean += away / self.count as f64;
        self.squares += away * (value - self.mean);
    }

    /// The variance; for shares of two possible answers never nothing, however alike the first are:
    /// as if half of one of each had been seen (Jeffreys' prior).
    pub fn variance(&self, scale: Scale) -> f64 {
        let count = self.count as f64;
        match scale {
            Scale::Share => {
                let mean = (count * self.mean + 0.5) / (count + 1.0);
                (self.squares + mean * (1.0 - mean)) / (count + 1.0)
            }
            Scale::Ratio => self.squares / (count - 1.0).max(1.0),
        }
    }
}

/// Compares two arms.
///
/// The evidence is that of bets on which arm a unit is in, placed after its value is seen: where the
/// arms make no difference, the assignment is a lottery of known weights whatever the values are, so
/// every bet is fair, and capital of 20 is reached with a probability of at most 1/20 (Ville 1939),
/// at any number of looks, for any spread of values, from the first record on. The stake is a mixture
/// of twelve.
#[derive(Clone, Debug)]
pub struct Comparison {
    scale: Scale,
    /// The probability of the second arm.
    weight: f64,
    capital: [[f64; STAKES.len()]; 2],
    best: f64,
    all: Arm,
    arms: [Arm; 2],
}

impl Comparison {
    /// Nothing seen yet. `weight` is the probability of the second arm, between 0 and 1.
    pub fn new(scale: Scale, weight: f64) -> Self {
        Self {
            scale,
            weight: weight.clamp(1e-6, 1.0 - 1e-6),
            capital: [[1.0; STAKES.len()]; 2],
            best: 1.0,
            all: Arm::default(),
            arms: Default::default(),
        }
    }

    /// Takes the next unit's value: a share, or the logarithm of a positive value. What is not finite
    /// is left out.
    pub fn add(&mut self, value: f64, second: bool) {
        if !value.is_finite() {
            return;
        }
        // How the value stands among all so far, -1 to 1; it must not depend on this unit's arm.
        let stands = match self.scale {
            Scale::Share => {
                let count = self.all.count as f64;
                value.clamp(0.0, 1.0) - (count * self.all.mean + 0.5) / (count + 1.0)
            }
            Scale::Ratio if self.all.count < 2 => 0.0,
            Scale::Ratio => {
                let spread = self.all.variance(self.scale).sqrt().max(1e-9);
                ((value - self.all.mean) / (3.0 * spread)).clamp(-1.0, 1.0)
            }
        };
        let drawn = if second { 1.0 - self.weight } else { -self.weight };
        // No bet may lose more than there is.
        let most = 0.95 / self.weight.max(1.0 - self.weight);
        let mut total = 0.0;
        for (way, capital) in [1.0, -1.0].into_iter().zip(&mut self.capital) {
            for (stake, held) in STAKES.into_iter().zip(capital) {
                *held = (*held * (1.0 + way * stake.min(most) * stands * drawn)).min(1e200);
                total += *held;
            }
        }
        self.best = self.best.max(total / (2 * STAKES.len()) as f64);
        self.all.add(value);
        let [first, other] = &mut self.arms;
        if second { other.add(value) } else { first.add(value) }
    }

    /// The largest capital so far: 1 over it is a p-value at any time.
    pub fn evidence(&self) -> f64 {
        self.best
    }

    /// The arms, the first one first.
    pub fn arms(&self) -> &[Arm; 2] {
        &self.arms
    }

    /// The second arm less the first, with a confidence sequence of level 1 - `alpha` around it.
    ///
    /// Robbins' normal mixture with the variances as they are estimated (Waudby-Smith, Arbour, Sinha,
    /// Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
    /// 2021) needs enough of everything: fifty units in each arm, and for shares ten of either answer.
    /// Before that, shares have the union of exact sequences of each arm ([`share`]); ratios have none.
    pub fn difference(&self, alpha: f64) -> Option<(f64, f64, f64)> {
        let [first, second] = &self.arms;
        let value = second.mean - first.mean;
        let mut enough = first.count.min(second.count) >= 50;
        if self.scale == Scale::Share {
            for arm in &self.arms {
                let rarer = arm.mean.min(1.0 - arm.mean) * arm.count as f64;
                enough &= rarer >= 10.0;
            }
        }
        if enough {
            let radius = radius(self.variance() * self.units(), self.units(), alpha);
            return Some((value - radius, value, value + radius));
        }
        if self.scale == Scale::Ratio || first.count.min(second.count) == 0 {
            return None;
        }
        let one = share(first.mean * first.count as f64, first.count as f64, alpha / 2.0);
        let other = share(second.mean * second.count as f64, second.count as f64, alpha / 2.0);
        Some((other.0 - one.1, value, other.1 - one.0))
    }

    /// As many units as tell as much where both arms are as large.
    fn units(&self) -> f64 {
        let (first, second) = (self.arms[0].count as f64, self.arms[1].count as f64);
        4.0 * first * second / (first + second).max(1.0)
    }

    /// Of the difference of the means.
    fn variance(&self) -> f64 {
        let [first, second] = &self.arms;
        first.variance(self.scale) / first.count.max(1) as f64
            + second.variance(self.scale) / second.count.max(1) as f64
    }

    /// How many more units, in the weights as they are, until a difference of `effect` is likely told:
    /// where the confidence sequence is as narrow as that and half as much again. `None` for no
    /// effect, or more than a thousand million.
    pub fn needed(&self, effect: f64, alpha: f64) -> Option<u64> {
        let each = self.variance() * self.units();
        let mut units = self.units().max(2.0);
        let start = units;
        let all = (self.arms[0].count + self.arms[1].count) as f64 / start;
        if effect == 0.0 || !effect.is_finite() {
            return None;
        }
        // In steps of two in a hundred: nobody needs it finer.
        while 1.5 * radius(each, units, alpha) > effect.abs() {
            units = (units * 1.02).ceil();
            if units > 1e9 {
                return None;
            }
        }
        Some(((units - start) * all) as u64)
    }
}

/// Units at which the confidence sequence is tightest.
const TIGHTEST: f64 = 500.0;

/// Half the width of the confidence sequence for a mean of `units` values of variance `variance`.
pub fn radius(variance: f64, units: f64, alpha: f64) -> f64 {
    // Their equation 14 for rho at the tightest number, equation 9 for the width.
    let logs = -2.0 * alpha.ln();
    let rho = (logs + logs.ln() + 1.0) / TIGHTEST;
    let grown = units * rho + 1.0;
    (variance * 2.0 * grown / (units * units * rho) * (grown.sqrt() / alpha).ln()).sqrt()
}

/// The confidence sequence of level 1 - `alpha` for a share, after `units` values from 0 to 1 that add
/// up to `sum`: the shares against which a mixture of all shares (Jeffreys' beta prior) has gained
/// less than 1/`alpha` (Robbins 1970; for two answers exact at any number of looks, for values between
/// them too, since the gain is convex).
pub fn share(sum: f64, units: f64, alpha: f64) -> (f64, f64) {
    let rest = (units - sum).max(0.0);
    let mixture = log_beta(sum + 0.5, rest + 0.5) - log_beta(0.5, 0.5);
    let outside = |share: f64| {
        let share = share.clamp(1e-12, 1.0 - 1e-12);
        mixture - sum * share.ln() - rest * (1.0 - share).ln() >= -alpha.ln()
    };
    let middle = if units > 0.0 { (sum / units).clamp(0.0, 1.0) } else { 0.5 };
    let bound = |end: f64| {
        if !outside(end) {
            return end;
        }
        let (mut beyond, mut within) = (end, middle);
        for _ in 0..50 {
            let half = f64::midpoint(beyond, within);
            if outside(half) { beyond = half } else { within = half }
        }
        within
    };
    (bound(0.0), bound(1.0))
}

fn log_beta(a: f64, b: f64) -> f64 {
    log_gamma(a) + log_gamma(b) - log_gamma(a + b)
}

/// Stirling's series (Abramowitz and Stegun 6.1.41) from 8 on, where it is right to 12 digits, and the
/// recurrence below.
fn log_gamma(value: f64) -> f64 {
    let (mut large, mut less) = (value, 0.0);
    while large < 8.0 {
        less += large.ln();
        large += 1.0;
    }
    let square = 1.0 / (large * large);
    let series =
        (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / large;
    (large - 0.5) * large.ln() - large + 0.5 * std::f64::consts::TAU.ln() + series - less
}

/// Evidence against the planned ratio of arms: the Bayes factor of a Dirichlet prior around it
/// (Lindon and Malek, "Anytime-valid inference for multinomial count data", 2020), whose capital is
/// fair where the ratio is the planned one.
#[derive(Clone, Debug)]
pub struct SampleRatio {
    weights: Vec<f64>,
    counts: Vec<f64>,
    /// Its logarithm, now and at the most.
    log: f64,
    best: f64,
}

/// Units that the prior weighs as much as.
const PRIOR: f64 = 100.0;

impl SampleRatio {
    /// Nothing seen yet. The weights add up to 1.
    pub fn new(weights: &[f64]) -> Self {
        Self { weights: weights.to_vec(), counts: vec![0.0; weights.len()], log: 0.0, best: 0.0 }
    }

    /// Takes the next unit's arm.
    pub fn add(&mut self, arm: usize) {
        let seen: f64 = self.counts.iter().sum();
        let (Some(weight), Some(count)) = (self.weights.get(arm), self.counts.get_mut(arm)) else {
            return;
        };
        self.log += ((PRIOR * weight + *count) / (PRIOR + seen)).ln() - weight.ln();
        self.best = self.best.max(self.log);
        *count += 1.0;
    }

    /// The factor now.
    pub fn now(&self) -> f64 {
        self.log.exp()
    }

    /// The largest so far: 1 over it is a p-value at any time.
    pub fn evidence(&self) -> f64 {
        self.best.min(400.0).exp()
    }
}
