//! What a gateway says it charged, as it stands in a body or header: often a float, with the noise
//! of one (`0.0016499999999999998`), often with an exponent (`1.35e-05`).

use crate::cost::Money;

/// Decimals that are kept: 1e-12 USD holds every known price exactly, below it is noise.
const DECIMALS: i64 = 12;

/// A decimal number, with or without exponent, in 1e-12 USD, rounded to the nearest. `None` for
/// what is not a sum of money: a sign, no digits, more than 1e24 USD.
fn picodollars(text: &str) -> Option<u128> {
    let lower = text.trim().to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i64 = exponent.parse().ok().filter(|e: &i64| e.abs() <= 400)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || whole.len().saturating_add(fraction.len()) > 400 {
        return None;
    }
    // The number is its digits with the point after `point` of them.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let keep = point.checked_add(DECIMALS)?;
    let mut value = 0u128;
    let mut place = 0i64;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.is_ascii_digit().then(|| u128::from(byte - b'0'))?;
        if place < keep {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else if place == keep && digit >= 5 {
            value = value.checked_add(1)?;
        }
        place += 1;
    }
    while place < keep && value > 0 {
        value = value.checked_mul(10)?;
        place += 1;
    }
    (value <= 10u128.pow(36)).then_some(value)
}

/// What a gateway wrote, as a clean decimal string of USD.
pub(crate) fn decimal(text: &str) -> Option<String> {
    picodollars(text).map(|amount| Money::from_picodollars(amount).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_goes_and_amounts_stay() {
        for (text, wanted) in [
            ("0.0016499999999999998", "0.00165"),
            ("1.35e-05", "0.0000135"),
            ("8.5E-4", "0.00085"),
            ("0.0076509169000000005", "0.0076509169"),
            ("0", "0"),
            ("0.0", "0"),
            ("5e+2", "500"),
            ("12", "12"),
            ("1e-13", "0"),
            ("9.5e-13", "0.000000000001"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "-1", "free", ".5", "1e", "1e999", "NaN", "0x10", "1.2.3", "9e30"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
