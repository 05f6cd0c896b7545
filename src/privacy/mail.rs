//! E-mail addresses: the part of RFC 5322, section 3.4.1, that people use (a dot-atom at a domain
//! with a name of a top-level domain), with the letters of other scripts that RFC 6531 adds.

use super::scan::{at, before};
use super::{Found, Kind};

/// RFC 5321, section 4.5.3.1: 64 octets before the sign, 255 behind it.
const LOCAL: usize = 64;
const DOMAIN: usize = 255;

/// Ends of file names that follow an `@` in program texts (`icon@2x.png`), and are no top-level domain.
const FILES: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "json", "html", "tgz"];

/// The character that begins here: whether it may stand in an address without being ASCII, and
/// its bytes. Letters of the Latin, Greek and Cyrillic scripts; those of scripts that are written
/// without spaces only where `wide` (they would run into the words around).
fn letter(bytes: &[u8], place: usize, wide: bool) -> usize {
    match at(bytes, place) {
        // U+00C0 to U+024F, U+0370 to U+052F; the two signs among them are no letters.
        0xC3 if !matches!(at(bytes, place + 1), 0x97 | 0xB7) => 2,
        0xC4..=0xC9 | 0xCD..=0xD4 => 2,
        // U+0900 to U+1FFF, U+3040 to U+9FFF, U+AC00 to U+D7A3.
        0xE0..=0xE1 | 0xE4..=0xED if wide => 3,
        0xE3 if wide && at(bytes, place + 1) >= 0x81 => 3,
        _ => 0,
    }
}

/// The same for the character that ends here.
fn letter_before(bytes: &[u8], place: usize, wide: bool) -> usize {
    for length in 2..=3 {
        let found = place.checked_sub(length).map_or(0, |start| letter(bytes, start, wide));
        if found == length {
            return length;
        }
    }
    0
}

fn in_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
}

/// An address, seen from its sign.
pub(super) fn at_sign(bytes: &[u8], place: usize) -> Option<Found> {
    let wide = letter(bytes, place + 1, true) == 3;
    let mut start = place;
    while place - start <= LOCAL {
        let step =
            if in_local(before(bytes, start)) { 1 } else { letter_before(bytes, start, wide) };
        if step == 0 {
            break;
        }
        start -= step;
    }
    if place - start > LOCAL {
        return None;
    }
    // Line ends that are written out, quotes and full stops do not belong to it.
    if before(bytes, start) == b'\\' && matches!(at(bytes, start), b'n' | b'r' | b't') {
        start += 1;
    }
    while start < place && matches!(at(bytes, start), b'.' | b'\'' | b'-' | b'%' | b'+') {
        start += 1;
    }
    // A handle of a social network (`@me@host.example`), the user of an address (`//me@host.example`).
    let left = before(bytes, start);
    let user = left == b'/' && before(bytes, start.saturating_sub(1)) == b'/';
    if start == place || before(bytes, place) == b'.' || left == b'@' || user {
        return None;
    }
    let (end, last) = domain(bytes, place + 1, wide)?;
    let top = bytes.get(last..end)?;
    let ascii = top.iter().all(u8::is_ascii);
    let named = top.iter().all(u8::is_ascii_alphabetic) || top.starts_with(b"xn--") || !ascii;
    if last == place + 1 || top.len() < 2 || top.len() > 24 || !named {
        return None;
    }
    if FILES.iter().any(|name| top.eq_ignore_ascii_case(name.as_bytes())) {
        return None;
    }
    // `git@host.example:path` is where a repository is.
    let user = bytes.get(start..place)?;
    let path = at(bytes, end) == b':' && at(bytes, end + 1).is_ascii_alphabetic();
    if user == b"git" || (path && !at(bytes, end + 1).is_ascii_uppercase()) {
        return None;
    }
    Some(Found { kind: Kind::Email, start, end, sure: !is_reserved(bytes.get(place + 1..end)?) })
}

/// Where the domain ends, and where its last label begins.
fn domain(bytes: &[u8], start: usize, wide: bool) -> Option<(usize, usize)> {
    let (mut end, mut label) = (start, start);
    let mut place = start;
    let mut last = start;
    while place - start <= DOMAIN {
        let byte = at(bytes, place);
        let step = match byte {
            b'-' if place > label => 1,
            _ if byte.is_ascii_alphanumeric() => 1,
            _ => letter(bytes, place, wide),
        };
        if step > 0 {
            place += step;
            if byte != b'-' {
                end = place;
                last = label;
            }
            continue;
        }
        let goes_on =
            at(bytes, place + 1).is_ascii_alphanumeric() || letter(bytes, place + 1, wide) > 0;
        if byte != b'.' || place == label || !goes_on {
            break;
        }
        place += 1;
        label = place;
    }
    (end > start && place - start <= DOMAIN).then_some((end, last))
}

/// RFC 2606 and RFC 6761: domains that nobody has.
fn is_reserved(domain: &[u8]) -> bool {
    let domain = domain.to_ascii_lowercase();
    let ends = |name: &str| {
        let rest = domain.strip_suffix(name.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
    };
    [
        "example.com",
        "example.org",
        "example.net",
        "example",
        "test",
        "invalid",
        "localhost",
        "local",
    ]
    .iter()
    .any(|name| ends(name))
}
