//! Intervals that learn from what was billed, so that they hold as often as they say.
//!
//! What is tracked is the logarithm of billed over estimated. Each end of the interval is a quantile
//! of a mixture of what is known beforehand and of the latest own bills; the level of that quantile
//! moves with the end's own record: each bill beyond the end lowers it, each bill within raises it a
//! little, so that the sum of misses cannot run away from what was promised, whatever the traffic
//! does. This is conformal control with an error integrator whose reply saturates (Angelopoulos,
//! Candès and Tibshirani, "Conformal PID control for time series prediction", 2023; the idea of moving
//! the level is Gibbs and Candès, "Adaptive conformal inference under distribution shift", 2021), over
//! quantiles of a window instead of a learned score. The two ends are tracked apart: lengths are
//! skewed.

/// The share of bills that may lie beyond each end: intervals are to hold 90 %.
const BEYOND: f64 = 0.05;
/// Bills that what is known beforehand weighs as much as, and how many of the latest own ones count.
const PRIOR: f64 = 3.0;
const KEPT: usize = 100;
/// How far a level moves, in its logarithm, for one bill more beyond the end than was promised.
const GAIN: f64 = 0.1;
/// A level stays within these multiples of [`BEYOND`]: many equal bills must not wind it up.
const LEAST: f64 = 0.05;
const MOST: f64 = 3.0;

/// Follows one stream of bills. All numbers are logarithms of billed over estimated.
#[derive(Clone, Debug)]
pub struct Tracker {
    /// The interval known beforehand: a twentieth lies beyond either end.
    prior: (f64, f64),
    /// The latest, oldest first; and the same in rising order.
    latest: Vec<f64>,
    rising: Vec<f64>,
    /// Bills beyond the lower and the upper end, less those that were promised.
    surplus: (f64, f64),
}

impl Tracker {
    /// Begins with the interval that is known beforehand. `low <= high`.
    pub fn new(low: f64, high: f64) -> Self {
        // Something between the two must be possible.
        let high = high.max(low + 1e-6);
        Self { prior: (low, high), latest: Vec::new(), rising: Vec::new(), surplus: (0.0, 0.0) }
    }

    /// How many of the latest bills count.
    pub fn kept(&self) -> usize {
        self.latest.len()
    }

    /// What the latest bills weigh beside what is known beforehand, 0..1.
    pub fn weight(&self) -> f64 {
        let own = self.latest.len() as f64;
        own / (PRIOR + own)
    }

    /// The latest bills, oldest first.
    pub fn latest(&self) -> &[f64] {
        &self.latest
    }

    /// The interval for the next bill.
    pub fn ends(&self) -> (f64, f64) {
        let (low, high) = self.prior;
        let count = self.rising.len();
        let above = |rank: usize| count.checked_sub(rank + 1).and_then(|at| self.rising.get(at));
        let below = |rank: usize| self.rising.get(rank).map(|value| -value);
        let upper = self.end(low, high, level(self.surplus.1), &|rank| above(rank).copied());
        let lower = -self.end(-high, -low, level(self.surplus.0), &below);
        // The levels can cross only where both are far from what was promised.
        (lower.min(upper), upper.max(lower))
    }

    /// The least value with at most `level` of the mixture above it. `own` gives the own bills from
    /// the largest down.
    fn end(&self, low: f64, high: f64, level: f64, own: &dyn Fn(usize) -> Option<f64>) -> f64 {
        let weight = self.weight();
        let count = self.latest.len();
        let share = |rank: usize| weight * rank as f64 / count.max(1) as f64;
        // Above the value of this rank lie `rank` own bills; the rest of the level is the prior's.
        let mut floor = f64::INFINITY;
        for rank in 0..=count {
            let left = level - share(rank);
            if left < 0.0 {
                break;
            }
            let wanted = quantile(low, high, left / (1.0 - weight));
            let bottom = own(rank).unwrap_or(f64::NEG_INFINITY);
            if wanted >= floor {
                break;
            }
            floor = wanted.max(bottom);
            if wanted > bottom {
                break;
            }
        }
        // Beyond the largest own bill nothing is known but how the largest ones lie apart: an
        // exponential tail of logarithms, as long as the upper tenth is (Hill 1975).
        let (Some(largest), true) = (own(0), level < share(1)) else { return floor };
        let tenth = count / 10 + 1;
        let from = own(tenth).unwrap_or(largest);
        let mut sum = 0.0;
        for rank in 0..tenth {
            sum += own(rank).unwrap_or(from) - from;
        }
        let tail = largest + (sum / tenth as f64).max(0.02) * (share(1) / level).ln();
        floor.max(tail)
    }

    /// Learns from a bill, for which the interval `told` was told (that of [`Tracker::ends`], rounded
    /// to whole tokens): first how the interval did, then the bill itself.
    pub fn add(&mut self, bill: f64, told: (f64, f64)) {
        let slack = 1e-9;
        self.surplus.0 = wound(self.surplus.0 + miss(bill < told.0 - slack));
        self.surplus.1 = wound(self.surplus.1 + miss(bill > told.1 + slack));
        if self.latest.len() >= KEPT {
            let oldest = self.latest.remove(0);
            let place = self.rising.partition_point(|other| *other < oldest);
            if place < self.rising.len() {
                self.rising.remove(place);
            }
        }
        self.latest.push(bill);
        let place = self.rising.partition_point(|other| *other < bill);
        self.rising.insert(place, bill);
    }
}

const fn miss(beyond: bool) -> f64 {
    if beyond { 1.0 - BEYOND } else { -BEYOND }
}

/// The level that so many misses beyond the promised ones leave.
fn level(surplus: f64) -> f64 {
    BEYOND * (-GAIN * surplus).exp()
}

/// A surplus within what a level can answer.
fn wound(surplus: f64) -> f64 {
    surplus.clamp(-MOST.ln() / GAIN, -LEAST.ln() / GAIN)
}

/// The value with the share `above` above it, of what is known beforehand: even between the ends, a
/// twentieth beyond each, falling off exponentially at the density of the middle.
fn quantile(low: f64, high: f64, above: f64) -> f64 {
    let width = (high - low) / (1.0 - 2.0 * BEYOND);
    let tail = |share: f64| BEYOND * width * (BEYOND / share).ln();
    if above >= 1.0 {
        f64::NEG_INFINITY
    } else if above > 1.0 - BEYOND {
        low - tail(1.0 - above)
    } else if above >= BEYOND {
        high - width * (above - BEYOND)
    } else {
        high + tail(above.max(1e-9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_bills_it_is_what_is_known_beforehand() {
        let (low, high) = Tracker::new(-1.0, 2.0).ends();
        assert!((low + 1.0).abs() < 1e-9 && (high - 2.0).abs() < 1e-9, "{low} {high}");
    }

    #[test]
    fn one_bill_moves_the_end_that_it_is_beyond() {
        let mut tracker = Tracker::new(-1.0, 1.0);
        tracker.add(3.0, tracker.ends());
        let (low, high) = tracker.ends();
        assert!(high >= 3.0 && low > -1.1 && low < -0.8, "{low} {high}");
        let mut equal = Tracker::new(-1.0, 1.0);
        (0..50).for_each(|_| equal.add(0.5, equal.ends()));
        let (low, high) = equal.ends();
        assert!((low - 0.5).abs() < 0.1 && (high - 0.5).abs() < 1e-9, "{low} {high}");
    }

    proptest! {
        #[test]
        fn any_bills_leave_an_interval(
            bills in prop::collection::vec(-80f64..80.0, 0..300),
            low in -5f64..5.0,
            width in 0f64..5.0,
        ) {
            let mut tracker = Tracker::new(low, low + width);
            for bill in bills {
                tracker.add(bill, tracker.ends());
                let (low, high) = tracker.ends();
                prop_assert!(low.is_finite() && high.is_finite() && low <= high);
                prop_assert!(tracker.kept() <= KEPT);
            }
        }

        /// Whatever comes, even chosen against it: misses stay near what was promised.
        #[test]
        fn misses_cannot_run_away(seed in any::<u64>(), scale in 0.1f64..3.0) {
            let mut tracker = Tracker::new(-1.0, 1.0);
            let (mut state, mut beyond, mut centre) = (seed, 0u32, 0.0);
            for _ in 0..1000 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let even = (state >> 11) as f64 / (1u64 << 53) as f64;
                centre += scale * 0.02 * (even - 0.5);
                let bill = centre + scale * (even * 37.0).fract();
                let (low, high) = tracker.ends();
                beyond += u32::from(bill < low - 1e-9 || bill > high + 1e-9);
                tracker.add(bill, (low, high));
            }
            prop_assert!((80..=120).contains(&beyond), "{beyond}");
        }
    }
}
