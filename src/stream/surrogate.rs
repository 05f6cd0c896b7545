//! Characters cut in half. Servers written in JavaScript may cut an answer between the two halves
//! of a character outside the basic plane (an emoji) and send each half as `"\ud83d"`: no text
//! that Rust can hold, and an error to a strict JSON reader. Seen of aimock 1.43.0 on 2026-11-22;
//! JavaScript clients heal it by joining strings, so this heals it too.

/// Mark a half in mended JSON: Unicode sets these two apart as no characters. The half's number
/// follows, moved to the private use area.
const HIGH: char = '\u{FDD0}';
const LOW: char = '\u{FDD1}';
const SHIFTED: u32 = 0xE000;

/// JSON text whose escaped lone surrogates are replaced by marks that [`Halves::join`] understands.
/// `None` where there are none, so that it is broken for another reason.
pub(super) fn mend(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len());
    let mut mended = false;
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(at)?;
        out.push_str(before);
        let (length, mark) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, None),
            (Some(high @ 0xD800..=0xDBFF), _) => (6, Some((HIGH, high - 0xD800))),
            (Some(low @ 0xDC00..=0xDFFF), _) => (6, Some((LOW, low - 0xDC00))),
            (Some(_), _) => (6, None),
            // The escaped character, of whatever width; a backslash at the end stays.
            (None, _) => (1 + escape.chars().nth(1).map_or(0, char::len_utf8), None),
        };
        let (escape, after) = escape.split_at_checked(length)?;
        match mark {
            Some((kind, number)) => {
                out.push(kind);
                out.push(char::from_u32(SHIFTED + number)?);
                mended = true;
            }
            None => out.push_str(escape),
        }
        rest = after;
    }
    out.push_str(rest);
    mended.then_some(out)
}

/// The number of `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// Joins halves over the parts of one text.
#[derive(Clone, Debug, Default)]
pub(super) struct Halves {
    high: Option<u32>,
}

impl Halves {
    /// The next part, whole characters only: a half at its end is kept for the next part, a half
    /// without its other one becomes U+FFFD. `mended` tells that the part may hold marks.
    pub(super) fn join(&mut self, part: String, mended: bool) -> String {
        if part.is_empty() || (!mended && self.high.is_none()) {
            return part;
        }
        let mut out = String::with_capacity(part.len());
        let mut chars = part.chars();
        while let Some(c) = chars.next() {
            let number =
                |next: Option<char>| next.map_or(0, |c| u32::from(c).wrapping_sub(SHIFTED));
            match c {
                HIGH if mended => {
                    out.extend(self.end());
                    self.high = Some(number(chars.next()));
                }
                LOW if mended => {
                    let low = number(chars.next());
                    let whole = self.high.take().and_then(|high| {
                        char::from_u32(0x1_0000 + (high & 0x3FF) * 0x400 + (low & 0x3FF))
                    });
                    out.push(whole.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                _ => {
                    out.extend(self.end());
                    out.push(c);
                }
            }
        }
        out
    }

    /// A half that is left over, as U+FFFD.
    pub(super) fn end(&mut self) -> Option<char> {
        self.high.take().map(|_| char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(parts: &[&str]) -> String {
        let mut halves = Halves::default();
        let mut out = String::new();
        for part in parts {
            let json = format!("\"{part}\"");
            let (text, mended) = match serde_json::from_str::<String>(&json) {
                Ok(text) => (text, false),
                Err(_) => (serde_json::from_str(&mend(&json).unwrap()).unwrap(), true),
            };
            out.push_str(&halves.join(text, mended));
        }
        out.extend(halves.end());
        out
    }

    #[test]
    fn halves_become_whole_and_lone_ones_show() {
        for (parts, wanted) in [
            (vec!["a\\ud83d", "\\udc69b"], "a👩b"),
            (vec!["\\uD83D", "", "\\uDC69"], "👩"),
            (vec!["\\ud83d\\udc69\\ud83d", "\\udc69"], "👩👩"),
            (vec!["\\ud83d", "x"], "\u{FFFD}x"),
            (vec!["\\udc69\\ud83d"], "\u{FFFD}\u{FFFD}"),
            (vec!["\\ud83d\\ud83d", "\\udc69"], "\u{FFFD}👩"),
            (vec!["\\\\ud83d \\\"é\\\" \\ud83d", "\\udc69"], "\\ud83d \"é\" 👩"),
            (vec!["\u{FDD0}é"], "\u{FDD0}é"),
        ] {
            assert_eq!(joined(&parts), wanted, "{parts:?}");
        }
        for broken in ["{\"a\":", "\"\\", "\"\\u12", "\"\\é", "\"\\ud83", "plain"] {
            assert_eq!(mend(broken), None, "{broken}");
        }
    }
}
