//! What headers say: how long to wait, whether to retry, the request's name.

/// The headers of an answer, names in any case. A page sees few of them across origins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a>(pub &'a [(String, String)]);

impl<'a> Headers<'a> {
    /// The first header of that name.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// The first of `names` that is there.
    pub fn first(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// How long the gateway asks to wait, in milliseconds. `now_ms` is the time since 1970, for
    /// dates. `None` where nothing is asked, it cannot be read, or it lies in the past.
    pub fn retry_after_ms(&self, now_ms: u64) -> Option<u64> {
        let millis = self
            .first(&["retry-after-ms", "llm_provider-retry-after-ms"])
            .and_then(|text| milliseconds(text, 1));
        millis.or_else(|| {
            let text = self.first(&["retry-after", "llm_provider-retry-after"])?;
            match milliseconds(text, 1000) {
                Some(ms) => Some(ms),
                None => http_date_ms(text)?.checked_sub(now_ms).filter(|wait| *wait > 0),
            }
        })
    }

    /// `x-should-retry`, the gateway's or that of the provider behind LiteLLM.
    pub fn should_retry(&self) -> Option<bool> {
        match self.first(&["x-should-retry", "llm_provider-x-should-retry"])? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The name that the gateway gave the request.
    pub fn request_id(&self) -> Option<&'a str> {
        self.first(&[
            "x-request-id",
            "request-id",
            "x-litellm-call-id",
            "x-portkey-trace-id",
            "x-vercel-id",
            "llm_provider-x-request-id",
            "cf-ray",
        ])
        .filter(|id| !id.is_empty())
    }
}

/// A decimal number of units of so many milliseconds, as text, in whole milliseconds. Above a day
/// it is not meant.
pub(super) fn milliseconds(text: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // In tenths of a millisecond; what is smaller does not count.
    let mut tenths = whole.checked_mul(unit)?.checked_mul(10)?;
    let mut place = unit;
    for digit in fraction.bytes().map(|byte| u64::from(byte - b'0')) {
        tenths = tenths.checked_add(digit * place)?;
        place /= 10;
    }
    Some(tenths / 10).filter(|ms| *ms <= 86_400_000)
}

/// An HTTP date (RFC 9110, 5.6.7, the preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`) in
/// milliseconds since 1970.
fn http_date_ms(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(',')?.1.split_whitespace();
    let day: u64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == month_name)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if hour > 23 || minute > 59 || second > 60 || words.next() != Some("GMT") {
        return None;
    }
    // Days since 1970 with years that begin in March, so that the leap day comes last.
    let (shifted_year, shifted_month) =
        if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
    let days_from_march_0 =
        365 * shifted_year + leap_days + (153 * shifted_month + 2) / 5 + day - 1;
    let days = days_from_march_0.checked_sub(719_468)?;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER_22_2026: u64 = 1_795_340_640_000; // Sun, 22 Nov 2026 09:44:00 GMT

    fn headers(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn wait(list: &[(&str, &str)]) -> Option<u64> {
        Headers(&headers(list)).retry_after_ms(NOVEMBER_22_2026)
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        assert_eq!(wait(&[("Retry-After", "2")]), Some(2000));
        assert_eq!(wait(&[("retry-after", "0.5")]), Some(500));
        assert_eq!(wait(&[("retry-after", "1.0625")]), Some(1062));
        assert_eq!(wait(&[("retry-after", "2"), ("retry-after-ms", "1500")]), Some(1500));
        assert_eq!(wait(&[("retry-after-ms", "1500.9")]), Some(1500));
        assert_eq!(wait(&[("llm_provider-retry-after", "7")]), Some(7000));
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 09:44:03 GMT")]), Some(3000));
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 09:38:26 GMT")]), None);
        for garbage in [
            "soon",
            "-5",
            "NaN",
            "inf",
            "1e99",
            "",
            ".",
            "18446744073709551615",
            "1.2.3",
            "Sun, 99 Nov 2026 09:44:03 GMT",
        ] {
            assert_eq!(wait(&[("retry-after", garbage)]), None, "{garbage}");
        }
    }
    #[test]
    fn http_dates_are_right() {
        assert_eq!(http_date_ms("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(http_date_ms("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(http_date_ms("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000_000));
        assert_eq!(http_date_ms("Sun, 22 Nov 2026 09:44:00 GMT"), Some(NOVEMBER_22_2026));
    }
}
