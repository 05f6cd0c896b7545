//! Confidence intervals, each of the kind that suits its figure. All are two-sided, 95 %.

/// The quantile of the normal distribution at 97.5 %.
const Z: f64 = 1.959_963_984_540_054;

/// The share that may lie beyond either end.
const TAIL: f64 = 0.025;

/// The interval of a share of which `mean` (0..1) was seen in `n`: Wilson's score interval (Wilson,
/// JASA 22, 1927; recommended by Brown, Cai, DasGupta, Statistical Science 16, 2001). It stays within
/// 0..1 and does not shrink to nothing where all or none were so.
///
/// Of other values between 0 and 1 it holds too, and is wide: none of the same mean varies more than
/// yes and no do.
pub fn wilson(n: u64, mean: f64) -> (f64, f64) {
    let n = n as f64;
    let square = Z * Z / n;
    let middle = (mean + square / 2.0) / (1.0 + square);
    let half = Z / (1.0 + square) * (mean * (1.0 - mean) / n + square / (4.0 * n)).max(0.0).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// The quantile at 97.5 % of Student's t distribution, by the expansion of Cornish and Fisher
/// (Abramowitz and Stegun, 26.7.5). Within 2e-5 from 19 degrees of freedom on.
pub fn student(degrees: f64) -> f64 {
    let (z, v) = (Z, degrees);
    let z3 = z * z * z;
    let (z5, z7) = (z3 * z * z, z3 * z3 * z);
    z + (z3 + z) / (4.0 * v)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * v * v)
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * v * v * v)
}

/// The mean of `n` values with these sums of themselves, their squares and their cubes, and its
/// interval: Student's, made straight for skewed values by Hall's cubic transformation (Hall, "On
/// the removal of skewness by transformation", JRSS B 54, 1992). Costs are skewed: a few requests
/// cost many times the others, and Student's own interval then misses the mean far more often than
/// one time in twenty, nearly always from below.
///
/// `None` for fewer than two.
pub fn skewed_mean(n: u64, sum: f64, squares: f64, cubes: f64) -> Option<(f64, f64, f64)> {
    if n < 2 {
        return None;
    }
    let n = n as f64;
    let mean = sum / n;
    let second = squares / n - mean * mean;
    // All the same, as far as these sums can tell.
    if second <= mean * mean * 1e-12 {
        return Some((mean, mean, mean));
    }
    let third = cubes / n - 3.0 * mean * squares / n + 2.0 * mean * mean * mean;
    let error = (second / (n - 1.0)).sqrt();
    let skew = third / (second * second.sqrt()) / n.sqrt();
    let reach = student(n - 1.0);
    let turned = |y: f64| {
        if skew.abs() < 1e-9 {
            return y;
        }
        (cube_root(1.0 + skew * (y - skew / 6.0)) - 1.0) * 3.0 / skew
    };
    Some((mean, mean - turned(reach) * error, mean - turned(-reach) * error))
}

/// By logarithms, which are here anyway; the library's own is 2 kB.
fn cube_root(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { (x.abs().ln() / 3.0).exp().copysign(x) }
}

/// The ranks (1 is the smallest) of `n` values between which the quantile of `share` lies, whatever
/// their distribution (David and Nagaraja, Order Statistics, 2003, 7.1): so many or fewer of them
/// are below it as a binomial distribution says. `None` where even the smallest, or the largest,
/// is not far enough out.
pub fn ranks(n: u64, share: f64) -> (Option<u64>, Option<u64>) {
    // In parts of the likeliest number, from there to both sides, until nothing is left to add.
    let odds = share / (1.0 - share);
    let likeliest = (((n + 1) as f64 * share) as u64).min(n);
    let (mut below, mut above) = (vec![1.0_f64], Vec::new());
    let (mut k, mut part) = (likeliest, 1.0_f64);
    while k > 0 && part > 1e-18 {
        part *= k as f64 / ((n - k + 1) as f64 * odds);
        k -= 1;
        below.push(part);
    }
    let first = k;
    (k, part) = (likeliest, 1.0);
    while k < n && part > 1e-18 {
        part *= (n - k) as f64 * odds / (k + 1) as f64;
        k += 1;
        above.push(part);
    }
    let last = k;
    let mut all = 0.0;
    for part in below.iter().chain(&above) {
        all += part;
    }
    let outermost = |parts: &mut dyn Iterator<Item = &f64>| {
        let mut sum = 0.0;
        let mut steps = 0;
        for part in parts {
            sum += part / all;
            if sum > TAIL {
                break;
            }
            steps += 1;
        }
        steps
    };
    let low = first + outermost(&mut below.iter().rev().chain(&above));
    let fell = outermost(&mut above.iter().rev().chain(&below));
    let high = (last + 1).saturating_sub(fell);
    (Some(low).filter(|low| *low >= 1), Some(high).filter(|high| *high <= n))
}
