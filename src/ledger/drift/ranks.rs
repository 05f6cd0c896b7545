//! Sequential tests that need to know nothing of how the quiet traffic is spread.
//!
//! Where requests are exchangeable, the rank of each new value among all so far is even and
//! independent of the ranks before it (the smoothed p-values of conformal prediction: Vovk, Gammerman
//! and Shafer 2005; Vovk, "Testing randomness online", 2021). Bets on small ranks are then worth 1 on
//! average, whatever the values are: lengths, ratios, times, heavy tails, ties. Added up in the manner
//! of Shiryaev and Roberts (an *e-detector*: Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric
//! framework for sequential change detection", 2023), the sum is a martingale less the number of
//! requests, so that the mean number of quiet requests until it reaches `A` is at least `A`.
//!
//! Where requests follow each other (a session, a time of day), ranks do too, and bets are made
//! smaller by as much: that is no promise, but nearly all false alarms of such traffic are gone.

/// Quiet requests to a false alarm of one test, on average, at least. Eight tests watch a model: one
/// false alarm in 10,000 quiet requests, or fewer.
pub const QUIET: f64 = 80_000.0;

/// Bets `e p^(e-1)` on a small p: the smaller `e`, the more on the very small ones.
const BETS: [f64; 3] = [0.15, 0.35, 0.65];

/// A bet's sum over all places at which something may have changed.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// The sum of the products since each place.
    total: f64,
    /// The logarithm of the product since the first.
    log: f64,
    /// Where that was lowest, and how low: the product since then is the largest of all.
    lowest: f64,
    since: usize,
}

impl Sum {
    /// `calm` is the part of a bet's logarithm that counts: a bet to a power below 1 is worth no more
    /// than 1 on average (Jensen), so the promise stays.
    fn add(&mut self, value: f64, at: usize, calm: f64) {
        let value = if calm < 1.0 { value.powf(calm) } else { value };
        if self.log < self.lowest {
            self.lowest = self.log;
            self.since = at;
        }
        self.total = ((self.total + 1.0) * value).min(1e200);
        self.log += value.ln();
    }
}

/// Bets that one p-value after the other is small.
#[derive(Clone, Debug, Default)]
pub struct Bets {
    sums: [Sum; BETS.len()],
}

impl Bets {
    fn add(&mut self, p: f64, at: usize, calm: f64) {
        let p = p.clamp(1e-12, 1.0);
        for (sum, bet) in self.sums.iter_mut().zip(BETS) {
            sum.add(bet * p.powf(bet - 1.0), at, calm);
        }
    }

    fn evidence(&self) -> f64 {
        let mut total = 0.0;
        for sum in &self.sums {
            total += sum.total;
        }
        total / BETS.len() as f64
    }

    /// The largest of the sums, and the place that it speaks for.
    fn strongest(&self) -> (f64, usize) {
        let mut found = (0.0, 0);
        for sum in &self.sums {
            if sum.total > found.0 {
                found = (sum.total, sum.since);
            }
        }
        found
    }
}

/// An even number between 0 and 1 for a place, the same each time: where values are equal, it decides
/// which came first. It is drawn by nothing that is watched.
fn even(seed: u64, at: usize) -> f64 {
    let mut mixed = (seed << 40).wrapping_add(at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    ((mixed >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// How much each request tells of its own where requests follow each other: one over the
/// autocorrelation time of the ranks, from all but the latest requests, so that a change that has just
/// come counts in full.
#[derive(Clone, Debug, Default)]
struct Calm {
    /// The latest ranks, less a half: `FAR` and `FRESH` of them.
    ranks: Vec<f64>,
    /// Sums of the products of ranks so far apart; the first is of squares.
    products: Vec<f64>,
    count: usize,
}

/// The farthest apart that ranks are looked at, and the latest requests that are not.
const FAR: usize = 60;
const FRESH: usize = 30;

impl Calm {
    /// Takes the next rank, 0..1; gives the part of a bet on it that counts.
    fn add(&mut self, rank: f64) -> f64 {
        let part = self.part();
        self.ranks.push(rank - 0.5);
        if let Some(place) = self.ranks.len().checked_sub(FRESH + 1) {
            self.products.resize(FAR + 1, 0.0);
            let known = self.ranks.get(..=place).unwrap_or_default();
            let last = known.last().copied().unwrap_or_default();
            for (product, rank) in self.products.iter_mut().zip(known.iter().rev()) {
                *product += last * rank;
            }
            self.count += 1;
        }
        if self.ranks.len() > FAR + FRESH {
            self.ranks.remove(0);
        }
        part
    }

    fn part(&self) -> f64 {
        let square = self.products.first().copied().unwrap_or_default();
        if self.count < FRESH || square <= 0.0 {
            return 1.0;
        }
        // Chance alone makes correlations of this size: they end the sum.
        let noise = 2.0 / (self.count as f64).sqrt();
        let mut time = 1.0;
        for product in self.products.iter().skip(1) {
            let correlation = product / square;
            if correlation < noise {
                break;
            }
            time += 2.0 * correlation;
        }
        1.0 / time
    }
}

/// Watches numbers: whether they become larger, smaller, or spread wider than all so far.
#[derive(Clone, Debug)]
pub struct Numbers {
    seed: u64,
    rising: Vec<f64>,
    calm: Calm,
    ways: [Bets; 3],
}

impl Numbers {
    /// Nothing seen yet. Tests that run side by side have seeds of their own.
    pub fn new(seed: u64) -> Self {
        Self { seed, rising: Vec::new(), calm: Calm::default(), ways: Default::default() }
    }

    /// Begins again after a change; how far requests follow each other is still known.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { calm: self.calm.clone(), ..Self::new(self.seed) }
    }

    /// Takes the next number. What is not finite is left out.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let at = self.rising.len();
        let below = self.rising.partition_point(|other| *other < value);
        let upto = self.rising.partition_point(|other| *other <= value);
        let above = (at - upto) as f64 + even(self.seed, at) * (upto - below + 1) as f64;
        let larger = above / (at + 1) as f64;
        let smaller = 1.0 - larger;
        let [up, down, wide] = &mut self.ways;
        let calm = self.calm.add(larger);
        up.add(larger, at, calm);
        down.add(smaller, at, calm);
        wide.add(2.0 * larger.min(smaller), at, calm);
        self.rising.insert(upto, value);
    }

    /// The e-detector's value: an alarm from [`QUIET`] on.
    pub fn evidence(&self) -> f64 {
        let [up, down, wide] = &self.ways;
        (up.evidence() + down.evidence() + wide.evidence()) / 3.0
    }

    /// How many were seen, and from which of them on (0: the first) it most likely changed.
    pub fn since(&self) -> usize {
        let mut found = (0.0, 0);
        for way in &self.ways {
            let strongest = way.strongest();
            if strongest.0 > found.0 {
                found = strongest;
            }
        }
        found.1
    }
}

/// Kinds that are told apart; further ones count as others.
const KINDS: usize = 8;

/// Watches kinds: whether any of them becomes more frequent than it was so far.
#[derive(Clone, Debug)]
pub struct Kinds {
    seed: u64,
    seen: usize,
    /// Each kind since it was first seen: its number, and the bets on it.
    kinds: Vec<(String, usize, Bets, Calm)>,
}

impl Kinds {
    /// Nothing seen yet.
    pub fn new(seed: u64) -> Self {
        Self { seed, seen: 0, kinds: Vec::new() }
    }

    /// Begins again after a change; how far requests follow each other is still known.
    #[must_use]
    pub fn again(&self) -> Self {
        let mut kinds = Vec::new();
        for (name, _, _, calm) in &self.kinds {
            kinds.push((name.clone(), 0, Bets::default(), calm.clone()));
        }
        Self { seed: self.seed, seen: 0, kinds }
    }

    /// Takes the next kind.
    pub fn add(&mut self, kind: &str) {
        let at = self.seen;
        let all = (at + 1) as f64;
        let mut known = false;
        for (place, (name, count, bets, calm)) in self.kinds.iter_mut().enumerate() {
            let tie = even(self.seed + 16 * place as u64, at);
            // Of those that are of the kind, this one included, or of those that are not.
            let p = if name == kind {
                known = true;
                *count += 1;
                tie * *count as f64 / all
            } else {
                (*count as f64 + tie * (all - *count as f64)) / all
            };
            let calm = calm.add(p);
            bets.add(p, at, calm);
        }
        // A kind is bet on from the request after its first.
        if !known && self.kinds.len() < KINDS {
            self.kinds.push((kind.to_owned(), 1, Bets::default(), Calm::default()));
        }
        self.seen += 1;
    }

    /// The e-detector's value: an alarm from [`QUIET`] on.
    pub fn evidence(&self) -> f64 {
        let mut total = 0.0;
        for (_, _, bets, _) in &self.kinds {
            total += bets.evidence();
        }
        total / KINDS as f64
    }

    /// The kind that most likely became more frequent, and from which request on (0: the first).
    pub fn since(&self) -> (&str, usize) {
        let mut found = (0.0, "", 0);
        for (name, _, bets, _) in &self.kinds {
            let (total, since) = bets.strongest();
            if total > found.0 {
                found = (total, name, since);
            }
        }
        (found.1, found.2)
    }
}

/// Watches for more misses than were promised: here the quiet rate is known, and nothing must be seen
/// before.
#[derive(Clone, Debug)]
pub struct Misses {
    seen: usize,
    sums: [Sum; 2],
}

/// Rates of misses that are bet on.
const MISSES: [f64; 2] = [0.4, 0.9];

impl Misses {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self { seen: 0, sums: Default::default() }
    }

    /// Takes the next one; at most the share `promised` of them miss.
    pub fn add(&mut self, missed: bool, promised: f64) {
        for (sum, rate) in self.sums.iter_mut().zip(MISSES) {
            let value = match missed {
                true => rate / promised,
                false => (1.0 - rate) / (1.0 - promised),
            };
            sum.add(value, self.seen, 1.0);
        }
        self.seen += 1;
    }

    /// The e-detector's value: an alarm from [`QUIET`] on.
    pub fn evidence(&self) -> f64 {
        let [first, second] = &self.sums;
        (first.total + second.total) / 2.0
    }

    /// From which of them on (0: the first) it most likely holds.
    pub fn since(&self) -> usize {
        let [first, second] = &self.sums;
        if first.total > second.total { first.since } else { second.since }
    }
}

impl Default for Misses {
    fn default() -> Self {
        Self::new()
    }
}
