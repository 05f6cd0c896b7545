//! Random numbers from a seed: the same on every machine.

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Draw(u64);

impl Draw {
    /// A stream of its own for every seed and place.
    pub fn new(seed: u64, place: u64) -> Self {
        // Mixed twice: streams of seeds side by side must not be the same one, a step on.
        let mut mixed = Self(seed);
        let first = mixed.next();
        Self(Self(first ^ place).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1, neither of them.
    pub fn even(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.even() < share
    }

    /// Standard normal (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.even().ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos()
    }

    /// One of `shares`, which add up to 1.
    pub fn one_of(&mut self, shares: &[f64]) -> usize {
        let mut left = self.even();
        for (place, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return place;
            }
        }
        shares.len().saturating_sub(1)
    }
}
