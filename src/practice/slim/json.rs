//! JSON that stands in a text: found by reading its grammar (RFC 8259), and written without the space
//! between its tokens. Numbers, escapes, order and repeated keys stay as written: nothing but space
//! outside of strings is left out, so the value cannot change.

/// Deeper nesting is left alone.
const DEEPEST: usize = 128;

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// Reads the object or array that begins at `start`: where it ends, or `None` with the beginnings of
/// those that are open where reading failed. They fail at the same place, so that trying them again
/// can be spared; without that a megabyte of brackets would be read a megabyte of times.
pub(super) fn scan(bytes: &[u8], start: usize) -> Result<usize, Vec<usize>> {
    let mut open: Vec<usize> = Vec::new();
    let mut wanted = Wanted::Value;
    let mut at = start;
    loop {
        let Some(&byte) = bytes.get(at) else { return Err(open) };
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            continue;
        }
        let takes_value = matches!(wanted, Wanted::Value | Wanted::ValueOrEnd);
        match byte {
            b'{' | b'[' if takes_value && open.len() < DEEPEST => {
                open.push(at);
                wanted = if byte == b'{' { Wanted::KeyOrEnd } else { Wanted::ValueOrEnd };
                at += 1;
            }
            b'}' | b']' => {
                let opener = open.last().and_then(|place| bytes.get(*place)).copied();
                let fits = match (opener, byte) {
                    (Some(b'{'), b'}') => matches!(wanted, Wanted::KeyOrEnd | Wanted::CommaOrEnd),
                    (Some(b'['), b']') => matches!(wanted, Wanted::ValueOrEnd | Wanted::CommaOrEnd),
                    _ => false,
                };
                if !fits {
                    return Err(open);
                }
                open.pop();
                at += 1;
                if open.is_empty() {
                    return Ok(at);
                }
                wanted = Wanted::CommaOrEnd;
            }
            b',' if wanted == Wanted::CommaOrEnd => {
                let in_object =
                    open.last().and_then(|place| bytes.get(*place)).copied() == Some(b'{');
                wanted = if in_object { Wanted::Key } else { Wanted::Value };
                at += 1;
            }
            b':' if wanted == Wanted::Colon => {
                wanted = Wanted::Value;
                at += 1;
            }
            b'"' if takes_value || matches!(wanted, Wanted::Key | Wanted::KeyOrEnd) => {
                let Some(end) = string(bytes, at) else { return Err(open) };
                at = end;
                wanted = if takes_value { Wanted::CommaOrEnd } else { Wanted::Colon };
            }
            _ if takes_value && !open.is_empty() => {
                let Some(end) = scalar(bytes, at) else { return Err(open) };
                at = end;
                wanted = Wanted::CommaOrEnd;
            }
            _ => return Err(open),
        }
    }
}

/// Where the string that begins at `start` ends.
fn string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match *bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' => {
                    let digits = bytes.get(at + 2..at + 6)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    at += 6;
                }
                _ => return None,
            },
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

/// Where the number or word that begins at `start` ends.
fn scalar(bytes: &[u8], start: usize) -> Option<usize> {
    for word in [&b"true"[..], b"false", b"null"] {
        if bytes.get(start..start + word.len()) == Some(word) {
            return Some(start + word.len());
        }
    }
    let digits = |mut at: usize| {
        let first = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        (at > first).then_some(at)
    };
    let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
    at = match bytes.get(at) {
        Some(b'0') => at + 1,
        _ => digits(at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    Some(at)
}

/// A JSON text without the space outside of its strings.
pub(super) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for char in text.chars() {
        if !inside && matches!(char, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        out.push(char);
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = inside;
        } else if char == '"' {
            inside = !inside;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_standard_reader_reads() {
        for (text, good) in [
            ("{}", true),
            ("[1, -0.5e+3, \"a\\u00e9\", null]", true),
            ("{\"a\": {\"b\": []}}", true),
            ("{\"a\" 1}", false),
            ("[01]", false),
            ("[1,]", false),
            ("{\"a\":1,}", false),
            ("[\"\\x\"]", false),
            ("[\"a\nb\"]", false),
            ("[1}", false),
            ("[truex]", false),
            ("[", false),
        ] {
            assert_eq!(scan(text.as_bytes(), 0).is_ok(), good, "{text}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn keeps_numbers_escapes_and_repeated_keys() {
        assert_eq!(
            compact("{ \"a b\" : 1.50 ,\n \"a b\": \"x\\\" \\u00e9 y\" }"),
            "{\"a b\":1.50,\"a b\":\"x\\\" \\u00e9 y\"}"
        );
    }
}
