//! Addresses of networks: IPv6 (RFC 4291, section 2.2) and hardware addresses, seen from their first
//! colon or hyphen. IPv4 is read with the other numbers.

use super::scan::{at, before, run};
use super::{Found, Kind};

fn hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn alone(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'_' && byte < 0x80
}

/// `00:1a:2b:3c:4d:5e`, or an address of IPv6.
pub(super) fn at_colon(bytes: &[u8], place: usize) -> Option<Found> {
    let mut start = place;
    while place - start < 5 && hex(before(bytes, start)) {
        start -= 1;
    }
    if place - start > 4 || !alone(before(bytes, start)) || before(bytes, start) == b':' {
        return None;
    }
    if let Some(found) = hardware(bytes, start, b':') {
        return Some(found);
    }
    let end = version_six(bytes, start)?;
    let told = bytes.get(start..end)?;
    // fc00::/7 (RFC 4193), fe80::/10 (RFC 4291), 2001:db8::/32 (RFC 3849), the loopback.
    let group: u32 = told
        .iter()
        .take_while(|byte| hex(**byte))
        .fold(0, |sum, byte| sum * 16 + (*byte as char).to_digit(16).unwrap_or(0));
    let inner = group == 0
        || matches!(group, 0xfc00..=0xfdff | 0xfe80..=0xfebf)
        || told.get(..8).is_some_and(|net| net.eq_ignore_ascii_case(b"2001:db8"));
    Some(Found { kind: Kind::Ip, start, end, sure: !inner })
}

/// The end of an address of IPv6 that begins here. Names of programs (`a::b`) are written like short
/// ones, so a shortened one has to show a digit, and either three groups or a beginning that such
/// addresses have.
fn version_six(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut place, mut groups, mut gap) = (start, 0, false);
    let mut tail = false;
    loop {
        let end = run(bytes, place, 5, hex);
        if end - place > 4 {
            return None;
        }
        let tailed = at(bytes, end) == b'.' && at(bytes, end + 1).is_ascii_digit();
        if end > place && tailed && (gap || groups == 6) {
            // The last 32 bits as of version 4.
            place = run(bytes, place, 16, |byte| byte.is_ascii_digit() || byte == b'.');
            groups += 2;
            tail = true;
            break;
        }
        if end > place {
            groups += 1;
        }
        place = end;
        if at(bytes, place) != b':' || groups == 8 {
            break;
        }
        if at(bytes, place + 1) == b':' {
            if gap {
                return None;
            }
            gap = true;
            place += 2;
        } else if end > start && hex(at(bytes, place + 1)) {
            place += 1;
        } else {
            // The colon of a sentence.
            break;
        }
    }
    let told = bytes.get(start..place)?;
    let stops = !at(bytes, place).is_ascii_alphanumeric()
        && at(bytes, place) != b'_'
        && !(at(bytes, place) == b':' && hex(at(bytes, place + 1)));
    // Without a gap the first group is of a network, not of a list of small numbers.
    let first = told.iter().take_while(|byte| hex(**byte)).count();
    if !stops || (!gap && (groups != 8 || first < 3)) || (gap && groups > 7) {
        return None;
    }
    let digits = told.iter().any(u8::is_ascii_digit);
    let known = told.len() > 4
        && (told.starts_with(b"2") || told.starts_with(b"3"))
        && told.iter().take(4).all(|byte| hex(*byte));
    let local = [b"fe80", b"FE80"].iter().any(|net| told.starts_with(*net));
    let unique = matches!(told.get(..2), Some(b"fd" | b"fc" | b"FD" | b"FC"))
        && told.get(..4).is_some_and(|group| group.iter().all(|byte| hex(*byte)));
    let named = told == b"::1" || (digits && (groups >= 3 || known || local || unique || tail));
    named.then_some(place)
}

/// `00-1A-2B-3C-4D-5E`.
pub(super) fn at_hyphen(bytes: &[u8], place: usize) -> Option<Found> {
    let start = place.checked_sub(2)?;
    // Most hyphens stand between words.
    if at(bytes, place + 3) != b'-' || !alone(before(bytes, start)) || before(bytes, start) == b'-'
    {
        return None;
    }
    hardware(bytes, start, b'-')
}

/// Six pairs of hexadecimal digits (IEEE 802, "Guidelines for use of EUI"), and no more: longer rows of
/// them are fingerprints.
fn hardware(bytes: &[u8], start: usize, sign: u8) -> Option<Found> {
    for pair in 0..6 {
        let place = start + 3 * pair;
        let ended = pair == 5 || at(bytes, place + 2) == sign;
        if !hex(at(bytes, place)) || !hex(at(bytes, place + 1)) || !ended {
            return None;
        }
    }
    let end = start + 17;
    let after = at(bytes, end);
    let told = bytes.get(start..end)?;
    let same = told.iter().filter(|byte| hex(**byte)).all(|byte| *byte == at(told, 0));
    if !alone(after) || (after == sign && hex(at(bytes, end + 1))) || same {
        return None;
    }
    Some(Found { kind: Kind::Mac, start, end, sure: true })
}
