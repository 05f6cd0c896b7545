//! Values that the text itself calls a password, a token, a key: `DB_PASSWORD=...`,
//! `"api_key": "..."`, `<password>...</password>`, `Authorization: Bearer ...` (RFC 6750, RFC 7617).
//!
//! A name says little by itself (`token: string`, `password = read()`), so the value has to look drawn
//! by lot as well. Nothing of this is sure.

use super::scan::{at, before, run};
use super::secret::{drawn, made_up};
use super::{Found, Kind};

/// The longest name and the longest value that are looked at, in bytes.
const NAME: usize = 48;
const VALUE: usize = 200;

/// What a name ends with, in small letters without separators.
const PASSWORDS: [&str; 12] = [
    "password",
    "passwd",
    "passwort",
    "pwd",
    "passphrase",
    "dbpass",
    "userpass",
    "kennwort",
    "contrasena",
    "motdepasse",
    "senha",
    "wachtwoord",
];
const KEYS: [&str; 24] = [
    "apikey",
    "secretkey",
    "accesskey",
    "secretaccesskey",
    "accountkey",
    "sharedaccesskey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "authkey",
    "sharedkey",
    "secret",
    "apisecret",
    "token",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "sessiontoken",
    "credential",
    "credentials",
    "subscriptionkey",
    "licensekey",
    "hmackey",
];

#[derive(Clone, Copy, PartialEq)]
enum Calls {
    Password,
    Key,
    Header,
}

/// A value behind `=`, `:` or the `>` of an element, seen from that sign.
pub(super) fn at_sign(bytes: &[u8], place: usize) -> Option<Found> {
    let sign = at(bytes, place);
    // Only the first of `:=`, `=>`, `==`.
    if matches!(before(bytes, place), b'=' | b':' | b'!' | b'<' | b'>' | b'+' | b'-') {
        return None;
    }
    let mut end = place;
    while end > 0 && place - end < 4 && before(bytes, end) == b' ' && sign != b'>' {
        end -= 1;
    }
    // `"name":`, `['name'] =`, and the same inside of a text: `\"name\":`.
    for _ in 0..3 {
        if matches!(before(bytes, end), b'"' | b'\'' | b'`' | b']' | b'\\' | b'*') {
            end -= 1;
        }
    }
    let mut start = end;
    while end - start < NAME && in_name(before(bytes, start)) {
        start -= 1;
    }
    let element = sign == b'>';
    if start == end || (element && before(bytes, start) != b'<') {
        return None;
    }
    let (name, aws) = plain_name(bytes.get(start..end)?);
    let calls = called(&name)?;
    value_after(bytes, place, calls, element, aws, &name)
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// The name in small letters without separators, and whether it speaks of AWS.
fn plain_name(name: &[u8]) -> (Vec<u8>, bool) {
    let mut plain = Vec::with_capacity(name.len());
    for byte in name {
        match byte {
            b'_' | b'-' | b'.' => {}
            // The n of "contraseña".
            0xC3 => plain.push(b'n'),
            0x80.. => {}
            _ => plain.push(byte.to_ascii_lowercase()),
        }
    }
    let aws = plain.windows(3).any(|part| part == b"aws")
        || plain.ends_with(b"secretaccesskey")
        || plain.ends_with(b"secretkey");
    (plain, aws)
}

fn called(name: &[u8]) -> Option<Calls> {
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word.as_bytes()));
    if ends(&["authorization", "xapikey"]) {
        return Some(Calls::Header);
    }
    if name == b"pass" || name == b"pw" || ends(&PASSWORDS) {
        return Some(Calls::Password);
    }
    ends(&KEYS).then_some(Calls::Key)
}

fn value_after(
    bytes: &[u8],
    place: usize,
    calls: Calls,
    element: bool,
    aws: bool,
    name: &[u8],
) -> Option<Found> {
    let mut start = run(bytes, place, 3, |byte| matches!(byte, b'=' | b':' | b'>'));
    start = run(bytes, start, 16, |byte| matches!(byte, b' ' | b'\t'));
    // Bold in Markdown: `**Password:** x`.
    if calls == Calls::Password && at(bytes, start) == b'*' && at(bytes, start + 1) == b'*' {
        start = run(bytes, start + 2, 2, |byte| byte == b' ');
    }
    if at(bytes, start) == b'\\' && matches!(at(bytes, start + 1), b'"' | b'\'') {
        start += 1;
    }
    let quote = Some(at(bytes, start)).filter(|sign| matches!(sign, b'"' | b'\'' | b'`'));
    if quote.is_some() {
        start += 1;
    }
    let mut kind = Kind::Assigned;
    if calls == Calls::Header || calls == Calls::Key {
        for scheme in ["Bearer ", "Basic ", "Token "] {
            let word = bytes.get(start..start + scheme.len());
            if word.is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes())) {
                start += scheme.len();
                kind = Kind::Bearer;
            }
        }
    }
    let mut end = start;
    while end - start < VALUE && !closes(bytes, end, quote, element) {
        end += 1;
    }
    if end - start >= VALUE {
        return None;
    }
    while quote.is_none() && end > start && matches!(before(bytes, end), b'.' | b':') {
        end -= 1;
    }
    let value = bytes.get(start..end)?;
    if value.contains(&b' ') || refers(value, quote.is_some() || element) {
        return None;
    }
    let one = |kind, sure| Some(Found { kind, start, end, sure });
    let in_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if value.len() == 88 && value.ends_with(b"==") && value.iter().all(in_base64) {
        // docs.microsoft.com, "Configure Azure Storage connection strings": 64 bytes in base 64.
        return one(Kind::Azure, name.ends_with(b"accountkey"));
    }
    if aws && value.len() == 40 && value.iter().all(in_base64) && drawn(value) {
        // docs.aws.amazon.com, "Manage access keys for IAM users": 40 characters.
        return one(Kind::AwsSecret, false);
    }
    if is_example(value) {
        return None;
    }
    let strong = match calls {
        Calls::Password => is_password(value),
        Calls::Header => is_token(value),
        Calls::Key => is_key(value),
    };
    if strong { one(kind, false) } else { None }
}

fn closes(bytes: &[u8], place: usize, quote: Option<u8>, element: bool) -> bool {
    let byte = at(bytes, place);
    if byte < b' ' || place >= bytes.len() {
        return true;
    }
    match quote {
        // What is quoted inside of a text ends with a backslash and a quote.
        Some(sign) => {
            byte == sign || (byte == b'\\' && matches!(at(bytes, place + 1), b'"' | b'\''))
        }
        None if element => byte == b'<',
        None => {
            // A comma, a full-width sign, a bracket: the sentence or the code goes on.
            matches!(byte, b' ' | b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'|')
                || matches!(byte, b')' | b'}' | b']')
                || (byte == b'&' && at(bytes, place + 1).is_ascii_alphabetic())
                || (byte == b'\\' && matches!(at(bytes, place + 1), b'n' | b'r' | b't' | b'"'))
                || byte >= 0xE2
        }
    }
}

/// Whether a value is written to be filled in, or tells where the value is.
fn is_example(value: &[u8]) -> bool {
    let first = at(value, 0);
    let words: [&[u8]; 12] = [
        b"env",
        b"process.",
        b"os.",
        b"config",
        b"settings",
        b"self.",
        b"this.",
        b"secret",
        b"vault:",
        b"enc",
        b"none",
        b"secretref",
    ];
    let opens =
        |word: &&[u8]| value.get(..word.len()).is_some_and(|v| v.eq_ignore_ascii_case(word));
    matches!(first, b'$' | b'%' | b'<' | b'{' | b'[' | b'@' | b'(' | b'*' | b'.' | b'/' | b'&')
        || value.windows(2).any(|two| two == b"${" || two == b"{{" || two == b"$(")
        || value.windows(3).any(|three| three == b"..." || three == b"://" || three == b"***")
        || words.iter().any(opens)
        || made_up(value)
}

/// Whether an unquoted value is an expression of a program: a call, an index, a path of names.
fn refers(value: &[u8], quoted: bool) -> bool {
    let calls = |byte: &u8| matches!(byte, b'(' | b'[' | b'{');
    let path = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-' | b'?');
    !quoted && (value.iter().any(calls) || value.iter().all(path))
}

/// Six characters or more, letters and something beside letters, not all of it a number with its unit.
fn is_password(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let signs = value.iter().filter(|byte| byte.is_ascii_punctuation() && !b"-_.".contains(byte));
    let different =
        value.iter().enumerate().filter(|(n, b)| !value.iter().take(*n).any(|o| o == *b));
    (6..=128).contains(&value.len())
        && letters >= 1
        && (digits > 0 || signs.count() > 0)
        && different.count() >= 5
        && !is_slug(value)
}

/// Sixteen characters or more of those that keys are made of, drawn by lot, with digits among them.
fn is_key(value: &[u8]) -> bool {
    let of_keys = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~')
    };
    value.len() >= 16
        && value.iter().all(of_keys)
        && value.iter().filter(|byte| byte.is_ascii_digit()).count()
            >= if value.len() < 24 { 2 } else { 1 }
        && value.iter().any(|byte| byte.is_ascii_alphabetic())
        && drawn(value)
        && !is_slug(value)
}

/// What stands where only a token can: long ones may have no digit.
fn is_token(value: &[u8]) -> bool {
    let upper = value.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=')
    };
    let long = value.len() >= 32 && upper >= 6 && value.iter().all(plain) && drawn(value);
    is_key(value) || long
}

/// Words and numbers with separators between them: a name, not something drawn by lot.
fn is_slug(value: &[u8]) -> bool {
    let parts = value.split(|byte| matches!(byte, b'-' | b'_' | b'.' | b'/'));
    let mut count = 0;
    for part in parts {
        let word = part.iter().all(|byte| byte.is_ascii_alphabetic());
        let number = part.len() <= 4 && part.iter().all(|byte| byte.is_ascii_digit());
        let version = part.len() <= 3;
        if !word && !number && !version {
            return false;
        }
        count += 1;
    }
    count >= 2
}

/// What follows the word Bearer, wherever it stands.
pub(super) fn bearer(bytes: &[u8], place: usize) -> Option<Found> {
    let word = bytes.get(place..place + 7)?;
    if !word.eq_ignore_ascii_case(b"bearer ") || before(bytes, place).is_ascii_alphanumeric() {
        return None;
    }
    let start = place + 7;
    // token68 of RFC 7235, section 2.1.
    let mut end =
        run(bytes, start, VALUE, |byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    while end > start && before(bytes, end) == b'.' {
        end -= 1;
    }
    let value = bytes.get(start..end)?;
    let fits = end - start < VALUE && is_token(value) && !is_example(value);
    fits.then_some(Found { kind: Kind::Bearer, start, end, sure: false })
}
