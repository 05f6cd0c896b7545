//! One pass over the bytes. A table tells which bytes may be part of something; all others are
//! passed over at once. Every look to the left or right from there is bounded, so that no text, however
//! made, takes more than a fixed multiple of its length.

use super::{Found, Look, address, assigned, mail, number, secret};

/// A byte of the text; 0 outside of it.
pub(super) fn at(bytes: &[u8], place: usize) -> u8 {
    bytes.get(place).copied().unwrap_or(0)
}

/// The byte before a place; 0 at the beginning.
pub(super) fn before(bytes: &[u8], place: usize) -> u8 {
    place.checked_sub(1).map_or(0, |left| at(bytes, left))
}

/// Whether the text goes on so.
pub(super) fn goes_on(bytes: &[u8], place: usize, word: &str) -> bool {
    bytes.get(place..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
}

/// Where a run of bytes that `belongs` ends, at most `most` bytes on.
pub(super) fn run(bytes: &[u8], from: usize, most: usize, belongs: fn(u8) -> bool) -> usize {
    let end = bytes.len().min(from.saturating_add(most));
    let mut place = from;
    while place < end && belongs(at(bytes, place)) {
        place += 1;
    }
    place
}

/// The first letter of the word that a place stands in, or behind: at most `most` letters and digits to
/// the left. What a backslash before it makes of a first `n`, `r` or `t` (a line end written in JSON
/// or code) is no letter. `None` where the word is longer.
pub(super) fn word_start(bytes: &[u8], place: usize, most: usize) -> Option<usize> {
    let mut start = place;
    while before(bytes, start).is_ascii_alphanumeric() {
        start -= 1;
        if place - start > most {
            return None;
        }
    }
    let escaped = before(bytes, start) == b'\\' && matches!(at(bytes, start), b'n' | b'r' | b't');
    Some(if escaped && start < place { start + 1 } else { start })
}

/// Whether one of `words` (lower-case) stands in the `most` bytes to the left, on the same line. Words of
/// four letters or fewer have to stand alone; longer ones may be the beginning of a longer one.
pub(super) fn word_before(bytes: &[u8], place: usize, most: usize, words: &[&str]) -> bool {
    let from = place.saturating_sub(most);
    let line = bytes.get(from..place).unwrap_or_default();
    let skip = line.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut inside = false;
    for start in skip..line.len() {
        let first = at(line, start);
        let letter = first.is_ascii_alphabetic() || first >= 0xC3;
        // In `userPhone` a word begins inside; scripts without spaces have words anywhere.
        let within = inside && first < 0xE2;
        let begins = letter && (!within || first.is_ascii_uppercase());
        inside = first.is_ascii_lowercase() || first >= 0x80;
        if !begins {
            continue;
        }
        let rest = line.get(start..).unwrap_or_default();
        for word in words {
            let same = rest.get(..word.len());
            let same = same.is_some_and(|same| same.eq_ignore_ascii_case(word.as_bytes()));
            let short = word.len() <= 4 && (within || at(rest, word.len()).is_ascii_lowercase());
            if same && !short {
                return true;
            }
        }
    }
    false
}

const SECRET: u8 = 1;
const PERSONAL: u8 = 2;

/// What a byte may be part of.
#[allow(clippy::indexing_slicing)] // A constant: its indices are checked when it is compiled.
const MEANS: [u8; 256] = {
    let mut table = [0; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        table[digit as usize] = PERSONAL;
        digit += 1;
    }
    table[b'@' as usize] = PERSONAL;
    table[b':' as usize] = SECRET | PERSONAL;
    table[b'-' as usize] = SECRET | PERSONAL;
    table[b'=' as usize] = SECRET;
    table[b'>' as usize] = SECRET;
    table[b'_' as usize] = SECRET;
    table[b'I' as usize] = SECRET;
    table[b'J' as usize] = SECRET;
    table[b'K' as usize] = SECRET;
    table[b'G' as usize] = SECRET;
    table[b'B' as usize] = SECRET;
    table[b'b' as usize] = SECRET;
    table
};

pub(super) fn scan(text: &str, look: Look) -> Vec<Found> {
    let bytes = text.as_bytes();
    let wanted =
        (if look.secrets { SECRET } else { 0 }) | (if look.personal { PERSONAL } else { 0 });
    let mut found = Vec::new();
    let mut place = 0;
    // All the time of a common text goes by here.
    let means_much = |byte: &u8| MEANS.get(usize::from(*byte)).is_some_and(|m| m & wanted != 0);
    while let Some(skip) = bytes.get(place..).and_then(|rest| rest.iter().position(means_much)) {
        place += skip;
        let byte = at(bytes, place);
        let means = MEANS.get(usize::from(byte)).copied().unwrap_or(0) & wanted;
        let mut next = place + 1;
        let mut one = None;
        if means & SECRET != 0 {
            one = secret_at(bytes, place, byte);
        }
        if one.is_none() && means & PERSONAL != 0 {
            one = match byte {
                b'@' => mail::at_sign(bytes, place),
                b':' => address::at_colon(bytes, place),
                b'-' => address::at_hyphen(bytes, place),
                _ => {
                    let (one, end) = number::at_digit(bytes, place);
                    next = end.max(next);
                    one
                }
            };
        }
        if let Some(one) = one.filter(|one| text.get(one.start..one.end).is_some()) {
            // A key of a known maker may stand inside of a value that only its name calls one.
            if one.sure || !one.kind.is_secret() {
                next = next.max(one.end);
            }
            take(&mut found, one);
        }
        place = next;
    }
    found
}

fn secret_at(bytes: &[u8], place: usize, byte: u8) -> Option<Found> {
    match byte {
        b':' if goes_on(bytes, place, "://") => secret::in_url(bytes, place),
        b':' | b'=' | b'>' => assigned::at_sign(bytes, place),
        b'-' if goes_on(bytes, place, "-----BEGIN ") => secret::private_key(bytes, place),
        b'-' | b'_' => secret::after_prefix(bytes, place),
        b'B' | b'b' => assigned::bearer(bytes, place),
        _ => secret::fixed(bytes, place),
    }
}

/// Adds what was found. What overlaps an earlier one gives way to it, unless it is the surer secret.
fn take(found: &mut Vec<Found>, one: Found) {
    while let Some(last) = found.last() {
        if one.start >= last.end {
            break;
        }
        let surer = one.kind.is_secret() && one.sure && !last.sure;
        if !surer {
            return;
        }
        found.pop();
    }
    found.push(one);
}
