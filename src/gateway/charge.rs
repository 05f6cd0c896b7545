//! What a gateway says it charged, as it stands in a body or header: often a float, with the noise
//! of one (`0.0016499999999999998`), often with an exponent (`1.35e-05`).

use crate::cost::Money;

/// What a gateway wrote, as a clean decimal string of USD.
pub(crate) fn decimal(text: &str) -> Option<String> {
    Money::read_stated(text).map(|amount| amount.to_string())
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
