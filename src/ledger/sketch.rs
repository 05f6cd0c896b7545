//! Quantiles of times that come one by one, in little room, and that can be put together from parts.

/// The relative error of a quantile: 1 %.
pub const RELATIVE_ERROR: f64 = 0.01;

/// What is smaller is taken as nothing: a thousandth of a millisecond.
const SMALLEST: f64 = 1e-3;

/// What is larger is taken as this: eleven days in milliseconds.
const LARGEST: f64 = 1e9;

/// The bucket of what is taken as nothing; far below the others.
const NOTHING: i32 = -10_000;

/// How often each size came, in buckets whose ends are 2 % apart: a DDSketch (Masson, Rim, Lee,
/// "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019,
/// doi:10.14778/3352063.3352135), with all buckets kept. Counts are whole numbers: sketches of parts
/// that are put together are the sketch of the whole, in any order, exactly; and what was counted can
/// be taken out again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Buckets and their counts, in rising order, without empty ones.
    buckets: Vec<(i32, u64)>,
}

/// Where a rank lies: the bucket's ends, and the value that is within 1 % of all that is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The lower end.
    pub low: f64,
    /// In the middle.
    pub value: f64,
    /// The upper end.
    pub high: f64,
}

/// The logarithm of what one bucket's end is to the next.
fn step() -> f64 {
    ((1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR)).ln()
}

fn bucket_of(value: f64) -> i32 {
    if value >= SMALLEST { (value.min(LARGEST).ln() / step()).ceil() as i32 } else { NOTHING }
}

impl Sketch {
    /// How many were counted.
    pub fn count(&self) -> u64 {
        let mut count = 0_u64;
        for (_, more) in &self.buckets {
            count = count.saturating_add(*more);
        }
        count
    }

    /// Counts a value; what is no number is left out.
    pub fn add(&mut self, value: f64) {
        if !value.is_nan() {
            self.put(bucket_of(value), 1);
        }
    }

    /// Takes a value out that was counted.
    pub fn remove(&mut self, value: f64) {
        if let Ok(place) = self.find(bucket_of(value))
            && let Some((_, count)) = self.buckets.get_mut(place)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.buckets.remove(place);
            }
        }
    }

    /// Counts all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            self.put(*bucket, *count);
        }
    }

    fn find(&self, bucket: i32) -> Result<usize, usize> {
        self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket)
    }

    fn put(&mut self, bucket: i32, more: u64) {
        match self.find(bucket) {
            Ok(place) => {
                if let Some((_, count)) = self.buckets.get_mut(place) {
                    *count = count.saturating_add(more);
                }
            }
            Err(place) => self.buckets.insert(place, (bucket, more)),
        }
    }

    /// Where the value of this rank lies (1 is the smallest); `None` where there are not so many.
    pub fn at(&self, rank: u64) -> Option<Place> {
        let mut seen = 0_u64;
        for (bucket, count) in &self.buckets {
            seen = seen.saturating_add(*count);
            if seen >= rank.max(1) {
                return Some(place_of(*bucket));
            }
        }
        None
    }

    /// The value that a share of all (0..1) does not pass, by nearest rank; `None` where none was
    /// counted.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (self.count() as f64 * share).ceil().max(1.0) as u64;
        self.at(rank).map(|place| place.value)
    }

    /// As a text: `bucket:count,bucket:count`, each bucket as its distance to the one before.
    pub fn write(&self, text: &mut String) {
        let mut before = 0;
        for (place, (bucket, count)) in self.buckets.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&format!("{}:{count}", bucket - before));
            before = *bucket;
        }
    }

    /// Reads what [`Sketch::write`] wrote; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let mut sketch = Self::default();
        let mut before = 0_i32;
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (distance, count) = part.split_once(':')?;
            let bucket = before.checked_add(distance.parse().ok()?)?;
            let count: u64 = count.parse().ok()?;
            let rises = sketch.buckets.last().is_none_or(|(last, _)| *last < bucket);
            if !rises || count == 0 || !(NOTHING..=-NOTHING).contains(&bucket) {
                return None;
            }
            sketch.buckets.push((bucket, count));
            before = bucket;
        }
        Some(sketch)
    }
}

fn place_of(bucket: i32) -> Place {
    if bucket == NOTHING {
        return Place { low: 0.0, value: 0.0, high: SMALLEST };
    }
    let high = (f64::from(bucket) * step()).exp();
    let low = (f64::from(bucket - 1) * step()).exp();
    // As far, in parts of itself, from one end as from the other.
    Place { low, value: 2.0 * low * high / (low + high), high }
}
