//! Money in integers, shown as decimal strings.

use crate::error::{Error, Result};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// Decimals of the smallest unit, 1e-12 USD.
const DECIMALS: usize = 12;

/// An amount of US dollars, in whole picodollars (1e-12 USD), never negative. A rate of at most six
/// decimals per million tokens is a whole number of picodollars per token, so nothing is rounded.
///
/// Shown, and in JSON, as a decimal string without exponent, sign or trailing zeros: `"0.0036"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(u128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// More than all there is: the largest amount that can be held.
    pub const MAX: Self = Self(u128::MAX);

    /// So many picodollars (1e-12 USD).
    pub const fn from_picodollars(picodollars: u128) -> Self {
        Self(picodollars)
    }

    /// The amount in picodollars (1e-12 USD).
    pub const fn picodollars(self) -> u128 {
        self.0
    }

    /// Whether it is nothing.
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` beyond 3.4e26 USD.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// So many tokens at a price of so many picodollars each.
    pub(super) const fn of(price: u64, tokens: u64) -> Self {
        // The product of two 64-bit numbers always fits.
        Self(price as u128 * tokens as u128)
    }

    /// What is left after `other`; nothing where that is more.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times the amount, or `None` beyond 3.4e26 USD.
    pub fn checked_mul(self, times: u64) -> Option<Self> {
        self.0.checked_mul(u128::from(times)).map(Self)
    }

    /// Reads a decimal string of USD with at most 12 decimals.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        decimal(text, DECIMALS).map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Error::invalid_input(format!(
                "amount: found {shown:?}, wanted US dollars as a decimal string of at most {DECIMALS} decimals"
            ))
        })
    }

    /// Reads an amount that a program states: a decimal string, or a number, rounded to the nearest
    /// 1e-12 USD (`0.1 + 0.2` has more).
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming `place`, for anything else.
    pub fn from_value(place: &str, value: &Value) -> Result<Self> {
        let read = match value {
            Value::String(text) => Self::parse(text).ok(),
            Value::Number(number) => Self::stated(&number.to_string()),
            _ => None,
        };
        read.ok_or_else(|| {
            let shown: String = value.to_string().chars().take(40).collect();
            Error::invalid_input(format!(
                "{place}: found {shown}, wanted US dollars, 0 or more, as a decimal string or a number"
            ))
        })
    }
}

impl Money {
    /// Reads an amount as gateways write it: often a float, with the noise of one
    /// (`0.0016499999999999998`), often with an exponent (`1.35e-05`); rounded to the nearest 1e-12
    /// USD, which holds every known price exactly. `None` for what is no amount, or more than 1e24.
    pub fn stated(text: &str) -> Option<Self> {
        rounded(text).map(Self)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match u64::try_from(self.0) {
            // Much faster, for up to 18 million dollars.
            Ok(small) => format!("{small:0>width$}", width = DECIMALS + 1),
            Err(_) => format!("{:0>width$}", self.0, width = DECIMALS + 1),
        };
        let (whole, fraction) =
            digits.split_at_checked(digits.len() - DECIMALS).unwrap_or((&digits, ""));
        match fraction.trim_end_matches('0') {
            "" => f.pad(whole),
            fraction => f.pad(&format!("{whole}.{fraction}")),
        }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// 1_250_000 -> `"1.25"`: a rate as it is written.
pub(crate) fn millionths(value: u128) -> String {
    let text = format!("{}.{:06}", value / 1_000_000, value % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `"1.25"` with 6 decimals -> 1_250_000. `None` for a sign, an exponent, more decimals, nothing at
/// all, or more than fits.
pub(super) fn decimal(text: &str, decimals: usize) -> Option<u128> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || fraction.len() > decimals {
        return None;
    }
    let digits = || whole.bytes().chain(fraction.bytes());
    let missing = decimals - fraction.len();
    // Nearly every price has few digits: then nothing can overflow, and 64 bits are much faster.
    if whole.len() + decimals <= 18 {
        let mut sum = 0u64;
        for byte in digits() {
            sum = sum * 10 + byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        }
        return Some(u128::from((0..missing).fold(sum, |sum, _| sum * 10)));
    }
    let padding = std::iter::repeat_n(b'0', missing);
    digits().chain(padding).try_fold(0u128, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u128::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// A decimal number, with or without exponent, in picodollars, rounded to the nearest. `None` for
/// what is no amount: a sign, no digits, more than 1e24 USD.
fn rounded(text: &str) -> Option<u128> {
    let lower = text.trim().to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i64 = exponent.parse().ok().filter(|e: &i64| e.abs() <= 400)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || whole.len().saturating_add(fraction.len()) > 400 {
        return None;
    }
    // The number is its digits with the point after `point` of them.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let keep = point.checked_add(DECIMALS as i64)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_without_exponent_or_trailing_zeros() {
        for (picodollars, text) in [
            (0, "0"),
            (1, "0.000000000001"),
            (3_600_000_000, "0.0036"),
            (1_575_000_000_000, "1.575"),
            (20_000_000_000_000, "20"),
            (u128::MAX, "340282366920938463463374607.431768211455"),
        ] {
            assert_eq!(Money(picodollars).to_string(), text);
            assert_eq!(Money::parse(text), Ok(Money(picodollars)));
        }
    }

    #[test]
    fn reads_only_plain_decimals() {
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "0.0000000000001", "NaN"]
        {
            assert!(Money::parse(text).is_err(), "{text:?}");
        }
        assert!(Money::parse(&"9".repeat(60)).is_err());
        assert_eq!(Money::parse("0.10"), Money::parse("0.1"));
    }

    #[test]
    fn reads_what_programs_state() {
        let read = |value: Value| Money::from_value("maxCostUsd", &value).map(|m| m.to_string());
        assert_eq!(read(json!(0.05)).as_deref(), Ok("0.05"));
        assert_eq!(read(json!("0.05")).as_deref(), Ok("0.05"));
        assert_eq!(read(json!(0.1 + 0.2)).as_deref(), Ok("0.3"));
        assert_eq!(read(json!(1e-7)).as_deref(), Ok("0.0000001"));
        assert_eq!(read(json!(1.5e-20)).as_deref(), Ok("0"));
        assert_eq!(read(json!(25)).as_deref(), Ok("25"));
        assert_eq!(read(json!(1e20)).as_deref(), Ok("100000000000000000000"));
        for bad in [json!(-0.1), json!(null), json!("free"), json!([1]), json!(1e300)] {
            let error = read(bad).unwrap_err();
            assert!(error.message().starts_with("maxCostUsd: found "), "{error}");
        }
    }

    #[test]
    fn noise_goes_and_amounts_stay() {
        let read = |text: &str| Money::stated(text).map(|money| money.to_string());
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
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "-1", "free", ".5", "1e", "1e999", "NaN", "0x10", "1.2.3", "9e30"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
