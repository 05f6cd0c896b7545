//! Days as numbers (the civil calendar).

/// `2025-05-14` or `20250514` -> days since 0000-03-01; `None` for what is no day of 1990 to 2099.
pub(super) fn days(text: &str) -> Option<i64> {
    let mut number: i64 = 0;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' if place < 10 => number = number * 10 + i64::from(byte - b'0'),
            b'-' if text.len() == 10 && (place == 4 || place == 7) => {}
            _ => return None,
        }
    }
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let leap = i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let longest = match month {
        2 => 28 + leap,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1990..2100).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=longest).contains(&day)
        || !matches!(text.len(), 8 | 10)
    {
        return None;
    }
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day)
}

/// Whether this is a day, `YYYY-MM-DD`, possibly followed by a time.
pub fn is_day(text: &str) -> bool {
    let (day, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    day.len() == 10 && days(day).is_some() && (rest.is_empty() || rest.starts_with(['T', ' ']))
}

/// Days from one day to another (`YYYY-MM-DD`, possibly followed by a time); negative where the
/// second is the earlier one, `None` where one is no day.
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    Some(days(to.get(..10)?)? - days(from.get(..10)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_over_months_and_years() {
        assert_eq!(days_between("2026-11-22", "2026-11-22"), Some(0));
        assert_eq!(days_between("2024-02-28", "2024-03-01T08:00:00Z"), Some(2));
        assert_eq!(days_between("2026-12-31", "2027-01-01"), Some(1));
        assert_eq!(days_between("2027-01-01", "2026-01-01"), Some(-365));
        assert_eq!(days("20250514"), days("2025-05-14"));
    }

    #[test]
    fn knows_what_is_no_day() {
        for bad in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-00-10",
            "2026-1-1",
            "20261201",
            "2026-11-22x",
        ] {
            assert!(!is_day(bad), "{bad}");
        }
        assert!(is_day("2024-02-29") && is_day("2026-11-22T10:00:00Z"));
    }
}
