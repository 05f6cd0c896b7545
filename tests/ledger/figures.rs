//! Sketches and intervals, held to exact values and to others' figures.

use super::*;

/// Numbers from 0 to 1, the same every time: SplitMix64 (Steele, Lea, Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let (one, other) = (1.0 - self.next(), self.next());
        (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }
}

fn sketch_of(values: &[f64]) -> Sketch {
    let mut sketch = Sketch::default();
    values.iter().for_each(|value| sketch.add(*value));
    sketch
}

fn exact(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len()) - 1]
}

#[test]
fn quantiles_of_heavy_tails_are_within_one_percent() {
    let mut chance = Chance(1);
    let mut worst = 0.0_f64;
    for (name, make) in [
        (
            "lognormal",
            &mut (|chance: &mut Chance| 900.0 * (1.3 * chance.normal()).exp())
                as &mut dyn FnMut(&mut Chance) -> f64,
        ),
        ("Pareto, a = 1.1", &mut |chance: &mut Chance| {
            40.0 * (1.0 - chance.next()).powf(-1.0 / 1.1)
        }),
        ("two humps", &mut |chance: &mut Chance| {
            if chance.next() < 0.8 { 5.0 + chance.next() } else { 30_000.0 * (1.0 + chance.next()) }
        }),
        ("steps of a clock", &mut |chance: &mut Chance| (chance.next() * 50.0).floor() / 10.0),
    ] {
        let mut values: Vec<f64> = (0..50_000).map(|_| make(&mut chance)).collect();
        let sketch = sketch_of(&values);
        values.sort_by(f64::total_cmp);
        for share in [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0] {
            let (found, wanted) = (sketch.quantile(share).unwrap(), exact(&values, share));
            let error = if wanted == 0.0 { found } else { (found / wanted - 1.0).abs() };
            assert!(
                error <= RELATIVE_ERROR * (1.0 + 1e-9),
                "{name} at {share}: {found} for {wanted}"
            );
            worst = worst.max(error);
        }
    }
    assert!(worst > RELATIVE_ERROR / 2.0, "{worst}: does this still compare anything?");
}

proptest! {
    #[test]
    fn sketches_of_parts_are_the_sketch_of_the_whole(
        parts in prop::collection::vec(prop::collection::vec(0.0_f64..1e6, 0..40), 1..6),
    ) {
        let all: Vec<f64> = parts.concat();
        let whole = sketch_of(&all);
        let merge = |order: &mut dyn Iterator<Item = &Vec<f64>>| {
            order.fold(Sketch::default(), |mut sum, part| { sum.merge(&sketch_of(part)); sum })
        };
        prop_assert_eq!(&merge(&mut parts.iter()), &whole);
        prop_assert_eq!(&merge(&mut parts.iter().rev()), &whole);
        // In any grouping: the second half put together first.
        let (left, right) = parts.split_at(parts.len() / 2);
        let mut grouped = merge(&mut left.iter());
        grouped.merge(&merge(&mut right.iter()));
        prop_assert_eq!(&grouped, &whole);
        prop_assert_eq!(whole.count(), all.len() as u64);
        let mut text = String::new();
        whole.write(&mut text);
        prop_assert_eq!(Sketch::read(&text), Some(whole.clone()));
        let mut rest = whole;
        all.iter().for_each(|value| rest.remove(*value));
        prop_assert_eq!(rest, Sketch::default());
    }
}

#[test]
fn a_sketch_takes_any_number() {
    let odd = [f64::NAN, f64::INFINITY, -5.0, 0.0, 1e-300, 1e300];
    let sketch = sketch_of(&odd);
    assert_eq!(sketch.count(), 5);
    assert_eq!(sketch.quantile(0.5), Some(0.0));
    assert!(sketch.quantile(1.0).unwrap() > 9.8e8);
    assert_eq!((Sketch::default().quantile(0.5), Sketch::default().at(1)), (None, None));
}

pub(super) fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found}, wanted {wanted} within {within}");
}

#[test]
fn shares_have_wilsons_interval() {
    // statsmodels 0.15.0: proportion_confint(k, n, 0.05, "wilson").
    for (n, k, low, high) in [
        (20, 0, 0.0, 0.161_125_158_052_819_4),
        (20, 20, 0.838_874_841_947_180_4, 1.0),
        (20, 13, 0.432_854_276_685_236_2, 0.818_808_175_898_918),
        (100, 50, 0.403_831_530_365_995_6, 0.596_168_469_634_004_4),
        (263, 81, 0.255_288_519_878_274_2, 0.366_209_576_982_800_04),
        (100_000, 99_990, 0.999_815_915_304_549_2, 0.999_945_679_265_490_4),
    ] {
        let found = wilson(n, f64::from(k) / n as f64);
        near(found.0, low, 1e-12);
        near(found.1, high, 1e-12);
    }
}

#[test]
fn quantiles_have_the_ranks_of_the_binomial_distribution() {
    // scipy 1.17.1, binom.cdf and binom.sf, searched over all ranks.
    for (n, share, low, high) in [
        (5, 0.5, None, None),
        (6, 0.5, Some(1), Some(6)),
        (20, 0.5, Some(6), Some(15)),
        (35, 0.9, Some(28), None),
        (36, 0.9, Some(29), Some(36)),
        (100, 0.9, Some(84), Some(96)),
        (1_000, 0.5, Some(469), Some(532)),
        (100_000, 0.9, Some(89_814), Some(90_187)),
        (100_000, 0.5, Some(49_690), Some(50_311)),
        (0, 0.5, None, None),
    ] {
        assert_eq!(ranks(n, share), (low, high), "{n} at {share}");
    }
    // Not slow, and not out of bounds, where there are very many.
    let (low, high) = ranks(1_000_000_000_000, 0.9);
    assert!(low.unwrap() < 900_000_000_000 && high.unwrap() > 900_000_000_000);
}

fn sums(values: &[f64]) -> (f64, f64, f64) {
    values.iter().fold((0.0, 0.0, 0.0), |(a, b, c), x| (a + x, b + x * x, c + x * x * x))
}

#[test]
fn means_of_skewed_values_have_halls_interval() {
    // scipy 1.17.1: t.ppf(0.975, degrees).
    for (degrees, wanted) in [
        (19.0, 2.093_024_054),
        (29.0, 2.045_229_642),
        (49.0, 2.009_575_237),
        (199.0, 1.971_956_544),
        (99_999.0, 1.959_987_708),
    ] {
        near(student(degrees), wanted, 2e-5);
    }
    // The transformation written anew with numpy 2 and scipy 1.17.1.
    let values =
        [1., 1., 1., 1., 2., 2., 2., 2., 3., 3., 3., 4., 4., 5., 6., 8., 11., 15., 30., 80.];
    let (sum, squares, cubes) = sums(&values);
    let (mean, low, high) = skewed_mean(20, sum, squares, cubes).unwrap();
    near(mean, 9.2, 1e-12);
    near(low, 3.504_776_425_759_497_5, 1e-3);
    near(high, 39.495_471_293_470_416, 1e-2);
    assert_eq!(skewed_mean(3, 6.0, 12.0, 24.0), Some((2.0, 2.0, 2.0)));
    assert_eq!(skewed_mean(1, 6.0, 36.0, 216.0), None);
}

/// How many of `times` samples of `n` had an interval that held the truth: of the mean, by Hall and by
/// Student; and of the median, through a sketch.
fn held(n: usize, times: u32, sigma: f64, chance: &mut Chance) -> (u32, u32, u32) {
    let mean = (sigma * sigma / 2.0).exp();
    let (mut hall, mut plain, mut ranked) = (0, 0, 0);
    for _ in 0..times {
        let values: Vec<f64> = (0..n).map(|_| (sigma * chance.normal()).exp()).collect();
        let (sum, squares, cubes) = sums(&values);
        let (middle, low, high) = skewed_mean(n as u64, sum, squares, cubes).unwrap();
        hall += u32::from((low..=high).contains(&mean));
        let error = ((squares / n as f64 - middle * middle) / (n as f64 - 1.0)).sqrt();
        plain += u32::from((middle - mean).abs() <= student(n as f64 - 1.0) * error);
        let sketch = sketch_of(&values);
        let (low, high) = ranks(n as u64, 0.5);
        let low = sketch.at(low.unwrap()).unwrap().low;
        // The median of a lognormal distribution around 0 is 1.
        ranked += u32::from(low <= 1.0 && sketch.at(high.unwrap()).unwrap().high >= 1.0);
    }
    (hall, plain, ranked)
}

#[test]
fn intervals_hold_as_often_as_they_say_or_nearly() {
    let mut chance = Chance(7);
    let (hall, plain, ranked) = held(50, 4_000, 1.0, &mut chance);
    // Of 4,000: 95 % are 3,800. Hall's misses some on skewed values; Student's own misses many more.
    assert!((3_660..=3_860).contains(&hall), "{hall}");
    assert!(plain < hall - 60, "{plain} and {hall}");
    assert!(ranked >= 3_770, "{ranked}");
}

/// Prints the table of docs/ledger.md: `cargo test --test ledger -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
fn how_often_intervals_hold() {
    let mut chance = Chance(11);
    for sigma in [0.5, 1.0, 1.5] {
        for n in [20_usize, 50, 200, 1_000] {
            let times = if n > 500 { 4_000 } else { 20_000 };
            let (hall, plain, ranked) = held(n, times, sigma, &mut chance);
            let part = |held: u32| 100.0 * f64::from(held) / f64::from(times);
            println!(
                "sigma {sigma}, n {n}: Hall {:.1} %, Student {:.1} %, median {:.1} %",
                part(hall),
                part(plain),
                part(ranked),
            );
        }
    }
}
