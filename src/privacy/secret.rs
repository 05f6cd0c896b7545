//! Keys of known makers, private keys, and passwords in addresses.
//!
//! The formats are what the makers document, or show in their documentation's examples; all read on
//! 2026-11-22 unless a line says otherwise:
//!
//! - OpenAI `sk-`, `sk-proj-`, `sk-svcacct-`, `sk-admin-`: platform.openai.com/docs, API keys;
//! - Anthropic `sk-ant-`: docs.anthropic.com, API overview and Admin API;
//! - OpenRouter `sk-or-v1-`: openrouter.ai/docs, provisioning keys;
//! - GitHub `ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_` with a checksum, `github_pat_`: docs.github.com,
//!   "About authentication to GitHub"; github.blog 2021-04-05 (base 62, CRC-32 in the last six);
//! - npm `npm_`, the same form: github.blog/changelog 2021-09-23;
//! - GitLab `glpat-` and its others: docs.gitlab.com, "Token prefixes";
//! - Slack `xoxb-` and its others, `xapp-`: api.slack.com/authentication/token-types;
//! - AWS `AKIA`, `ASIA`: docs.aws.amazon.com, IAM identifiers, "Understanding unique ID prefixes";
//! - Google `AIza` and 35 more: cloud.google.com/docs/authentication/api-keys;
//! - Stripe `sk_`, `rk_` with `live` or `test`, `whsec_`: docs.stripe.com/keys;
//! - Twilio `SK` and 32 hexadecimal digits: twilio.com/docs/iam/api-keys;
//! - SendGrid `SG.`: docs.sendgrid.com, API keys;
//! - PyPI `pypi-`: pypi.org/help/#apitoken; Hugging Face `hf_`: huggingface.co/docs/hub/security-tokens;
//! - others of one table: their beginnings as GitHub's secret scanning partners declare them
//!   (docs.github.com, "Supported secret scanning patterns");
//! - JSON web tokens: RFC 7519, RFC 7515 section 3.1; PEM: RFC 7468, RFC 5958; passwords in
//!   addresses: RFC 3986 section 3.2.1.

use super::scan::{at, before, goes_on, run, word_start};
use super::{Found, Kind};

/// What may follow a beginning.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Letters and digits.
    Plain,
    /// And `_`, `-`.
    Web,
    /// And `.` between them.
    Dotted,
}

/// A maker's beginning, whose it is, what follows, and how much of it at least.
const BEGINNINGS: [(&str, Kind, Of, usize); 56] = [
    ("sk-ant-", Kind::Anthropic, Of::Web, 24),
    ("sk-or-", Kind::OpenRouter, Of::Web, 24),
    ("sk-proj-", Kind::OpenAi, Of::Web, 24),
    ("sk-svcacct-", Kind::OpenAi, Of::Web, 24),
    ("sk-admin-", Kind::OpenAi, Of::Web, 24),
    ("sk-None-", Kind::OpenAi, Of::Web, 24),
    ("sk-lf-", Kind::ApiKey, Of::Web, 24),
    ("sk-", Kind::OpenAi, Of::Plain, 20),
    ("ghp_", Kind::GitHub, Of::Plain, 36),
    ("gho_", Kind::GitHub, Of::Plain, 36),
    ("ghu_", Kind::GitHub, Of::Plain, 36),
    ("ghs_", Kind::GitHub, Of::Dotted, 36),
    ("ghr_", Kind::GitHub, Of::Plain, 36),
    ("github_pat_", Kind::GitHub, Of::Web, 40),
    ("glpat-", Kind::GitLab, Of::Dotted, 20),
    ("gldt-", Kind::GitLab, Of::Dotted, 20),
    ("glrt-", Kind::GitLab, Of::Dotted, 20),
    ("glptt-", Kind::GitLab, Of::Dotted, 20),
    ("glcbt-", Kind::GitLab, Of::Dotted, 20),
    ("gloas-", Kind::GitLab, Of::Dotted, 20),
    ("glft-", Kind::GitLab, Of::Dotted, 20),
    ("glsoat-", Kind::GitLab, Of::Dotted, 20),
    ("glagent-", Kind::GitLab, Of::Dotted, 20),
    ("xoxb-", Kind::Slack, Of::Web, 20),
    ("xoxp-", Kind::Slack, Of::Web, 20),
    ("xoxa-", Kind::Slack, Of::Web, 20),
    ("xoxr-", Kind::Slack, Of::Web, 20),
    ("xoxs-", Kind::Slack, Of::Web, 20),
    ("xoxe-", Kind::Slack, Of::Dotted, 20),
    ("xapp-", Kind::Slack, Of::Web, 24),
    ("sk_live_", Kind::Stripe, Of::Plain, 16),
    ("sk_test_", Kind::Stripe, Of::Plain, 16),
    ("rk_live_", Kind::Stripe, Of::Plain, 16),
    ("rk_test_", Kind::Stripe, Of::Plain, 16),
    ("whsec_", Kind::Stripe, Of::Plain, 24),
    ("npm_", Kind::Npm, Of::Plain, 36),
    ("pypi-Ag", Kind::PyPi, Of::Web, 40),
    ("hf_", Kind::HuggingFace, Of::Plain, 30),
    ("gsk_", Kind::ApiKey, Of::Plain, 40),
    ("xai-", Kind::ApiKey, Of::Plain, 40),
    ("pplx-", Kind::ApiKey, Of::Plain, 32),
    ("r8_", Kind::ApiKey, Of::Plain, 32),
    ("vck_", Kind::ApiKey, Of::Plain, 24),
    ("dop_v1_", Kind::ApiKey, Of::Plain, 60),
    ("doo_v1_", Kind::ApiKey, Of::Plain, 60),
    ("dckr_pat_", Kind::ApiKey, Of::Web, 24),
    ("shpat_", Kind::ApiKey, Of::Plain, 32),
    ("shpss_", Kind::ApiKey, Of::Plain, 32),
    ("lin_api_", Kind::ApiKey, Of::Plain, 32),
    ("ntn_", Kind::ApiKey, Of::Plain, 40),
    ("tvly-", Kind::ApiKey, Of::Web, 24),
    ("nvapi-", Kind::ApiKey, Of::Web, 40),
    ("PMAK-", Kind::ApiKey, Of::Web, 40),
    ("rubygems_", Kind::ApiKey, Of::Plain, 40),
    ("sntrys_", Kind::ApiKey, Of::Web, 40),
    ("key-", Kind::ApiKey, Of::Plain, 32),
];

/// The longest word before the first `-` or `_` of a beginning.
const LONGEST: usize = 8;
/// The longest key that is looked for, in bytes.
const MOST: usize = 400;

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

pub(super) fn web(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn dotted(byte: u8) -> bool {
    web(byte) || byte == b'.'
}

fn found(kind: Kind, start: usize, end: usize, sure: bool) -> Option<Found> {
    Some(Found { kind, start, end, sure })
}

/// A key with a maker's beginning, seen from the first `-` or `_` in it.
pub(super) fn after_prefix(bytes: &[u8], place: usize) -> Option<Found> {
    let start = word_start(bytes, place, LONGEST)?;
    if start == place || matches!(before(bytes, start), b'-' | b'_') {
        return None;
    }
    let first = at(bytes, start);
    for (beginning, kind, of, least) in BEGINNINGS {
        if beginning.as_bytes().first() != Some(&first) || !goes_on(bytes, start, beginning) {
            continue;
        }
        let belongs = match of {
            Of::Plain => plain,
            Of::Web => web,
            Of::Dotted => dotted,
        };
        let after = start + beginning.len();
        let mut end = run(bytes, after, MOST, belongs);
        // A full stop at the end belongs to the sentence.
        while end > after && matches!(at(bytes, end - 1), b'.' | b'-') {
            end -= 1;
        }
        let value = bytes.get(after..end).unwrap_or_default();
        if value.len() < least || !drawn(value) {
            // Of two beginnings that fit, the longer one is the maker's.
            return None;
        }
        return found(kind, start, end, checks_out(kind, beginning, value));
    }
    None
}

/// Whether a value looks drawn by lot rather than written by hand: two kinds of letters and digits
/// at least, many different ones, and none of the words that examples are made of.
pub(super) fn drawn(value: &[u8]) -> bool {
    mixed(value, 2)
}

fn mixed(value: &[u8], least: usize) -> bool {
    let (mut seen, mut lower, mut upper, mut digits) = ([false; 128], 0, 0, 0);
    let (mut different, mut longest, mut same) = (0usize, 0usize, 0usize);
    let mut last = 0;
    for byte in value {
        match byte {
            b'a'..=b'z' => lower += 1,
            b'A'..=b'Z' => upper += 1,
            b'0'..=b'9' => digits += 1,
            _ => {}
        }
        if let Some(seen) = seen.get_mut(usize::from(*byte))
            && !std::mem::replace(seen, true)
        {
            different += 1;
        }
        same = if *byte == last { same + 1 } else { 1 };
        longest = longest.max(same);
        last = *byte;
    }
    let kinds = usize::from(lower > 0) + usize::from(upper > 0) + usize::from(digits > 0);
    kinds >= least && different >= 8.min(value.len() / 2) && longest < 6 && !made_up(value)
}

/// Words that stand in examples instead of a value.
const MADE_UP: [&str; 14] = [
    "example",
    "your",
    "xxxx",
    "placeholder",
    "redacted",
    "changeme",
    "dummy",
    "insert",
    "replace",
    "goes-here",
    "goes_here",
    "1234567890abcdef",
    "abcdefghijklmnop",
    "0123456789",
];

/// Whether a value is one of those that stand in examples.
pub(super) fn made_up(value: &[u8]) -> bool {
    for start in 0..value.len().min(64) {
        let rest = value.get(start..).unwrap_or_default();
        let first = at(rest, 0).to_ascii_lowercase();
        for word in MADE_UP {
            if word.as_bytes().first() != Some(&first) {
                continue;
            }
            let same = rest.get(..word.len());
            if same.is_some_and(|same| same.eq_ignore_ascii_case(word.as_bytes())) {
                return true;
            }
        }
    }
    false
}

/// Of tokens with a documented checksum: whether it holds. Others have none.
fn checks_out(kind: Kind, beginning: &str, value: &[u8]) -> bool {
    let has_one = matches!(kind, Kind::GitHub | Kind::Npm) && beginning.len() == 4;
    if !has_one || value.len() != 36 {
        return true;
    }
    let Some((drawn, digits)) = value.split_at_checked(30) else {
        return true;
    };
    let mut told: u64 = 0;
    for digit in digits {
        let worth = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            _ => digit.wrapping_sub(b'a').wrapping_add(36),
        };
        told = told * 62 + u64::from(worth);
    }
    u64::from(crc32(drawn)) == told
}

/// CRC-32 as in ISO 3309 and RFC 1952.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

/// Keys without `-` or `_` after their beginning, seen from a letter that is rare.
pub(super) fn fixed(bytes: &[u8], place: usize) -> Option<Found> {
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let (back, beginning, kind, belongs, least, most): (_, _, _, fn(u8) -> bool, _, _) =
        match at(bytes, place) {
            b'I' if goes_on(bytes, place.checked_sub(2)?, "AKIA") => {
                (2, 4, Kind::AwsKeyId, upper, 16, 16)
            }
            b'I' if goes_on(bytes, place.checked_sub(2)?, "ASIA") => {
                (2, 4, Kind::AwsKeyId, upper, 16, 16)
            }
            b'K' if before(bytes, place) == b'S' => {
                (1, 2, Kind::Twilio, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'), 32, 32)
            }
            b'G' if before(bytes, place) == b'S' && at(bytes, place + 1) == b'.' => {
                return sendgrid(bytes, place - 1);
            }
            b'J' if goes_on(bytes, place.checked_sub(2)?, "eyJ") => {
                return web_token(bytes, place - 2);
            }
            _ if goes_on(bytes, place.checked_sub(1)?, "AIza") => (1, 4, Kind::Google, web, 35, 35),
            _ => return None,
        };
    let start = place - back;
    if !at_border(bytes, start) {
        return None;
    }
    let after = start + beginning;
    let end = run(bytes, after, most + 1, belongs);
    let value = bytes.get(after..end)?;
    let whole = value.len() >= least && value.len() <= most && !plain(at(bytes, end));
    // One id of AWS in thirty has no digit.
    let kinds = if kind == Kind::AwsKeyId { 1 } else { 2 };
    if whole && mixed(value, kinds) { found(kind, start, end, true) } else { None }
}

/// Whether a key may begin here.
fn at_border(bytes: &[u8], start: usize) -> bool {
    word_start(bytes, start, 1) == Some(start)
        && !matches!(before(bytes, start), b'_' | b'/' | b'+')
        // The letters of a line end that is written out.
        || (before(bytes, start.saturating_sub(1)) == b'\\'
            && matches!(before(bytes, start), b'n' | b'r' | b't'))
}

/// `SG.`, 22 characters, a full stop, 43 characters.
fn sendgrid(bytes: &[u8], start: usize) -> Option<Found> {
    let middle = run(bytes, start + 3, 33, web);
    let end = run(bytes, middle + 1, 65, web);
    let fits = (16..=32).contains(&(middle - start - 3))
        && at(bytes, middle) == b'.'
        && (16..=64).contains(&(end - middle - 1));
    let value = bytes.get(start + 3..end)?;
    if fits && at_border(bytes, start) && drawn(value) {
        found(Kind::SendGrid, start, end, true)
    } else {
        None
    }
}

/// The longest header of a web token that is read, in characters of base 64.
const HEADER: usize = 1_000;
/// The longest web token, in bytes.
const TOKEN: usize = 16_000;

/// Three parts of base 64, the first of which is a header of RFC 7515: an object with `alg`.
fn web_token(bytes: &[u8], start: usize) -> Option<Found> {
    if !at_border(bytes, start) || before(bytes, start) == b'.' {
        return None;
    }
    let first = run(bytes, start, HEADER, web);
    if at(bytes, first) != b'.' || !has_algorithm(bytes.get(start..first)?) {
        return None;
    }
    let second = run(bytes, first + 1, TOKEN, web);
    if second - first < 5 || at(bytes, second) != b'.' {
        return None;
    }
    // The signature is empty where the algorithm is "none".
    let end = run(bytes, second + 1, TOKEN, web);
    found(Kind::Jwt, start, end, true)
}

fn has_algorithm(header: &[u8]) -> bool {
    let mut text = Vec::with_capacity(header.len());
    let (mut held, mut bits) = (0u32, 0);
    for byte in header {
        let worth = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        held = (held << 6) | u32::from(worth);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            text.push((held >> bits) as u8);
        }
    }
    text.windows(5).any(|name| name == b"\"alg\"")
}

/// A private key in PEM, from the hyphens before BEGIN to those after END; where there is no end, as
/// far as it looks like one. Line ends may be written out as in JSON.
pub(super) fn private_key(bytes: &[u8], start: usize) -> Option<Found> {
    let label = start + 11;
    let mut end = run(bytes, label, 40, |byte| byte.is_ascii_uppercase() || byte == b' ');
    let named = bytes.get(label..end)?;
    let private = named.ends_with(b"PRIVATE KEY") || named.ends_with(b"PRIVATE KEY BLOCK");
    if !private || !goes_on(bytes, end, "-----") {
        return None;
    }
    end += 5;
    let (mut line, mut longest) = (0usize, 0);
    // Headers (`DEK-Info: AES-256-CBC,...`) have hyphens, but never five.
    while !goes_on(bytes, end, "-----") {
        let byte = at(bytes, end);
        let key = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if !key && !b"\\\r\n\t :,-".contains(&byte) {
            break;
        }
        line = if key { line + 1 } else { 0 };
        longest = longest.max(line);
        end += 1;
    }
    // An example has dots, words or nothing where the key would be.
    if longest < 40 {
        return None;
    }
    if goes_on(bytes, end, "-----END ") {
        end = run(bytes, end + 9, 40, |byte| byte.is_ascii_uppercase() || byte == b' ');
        end = run(bytes, end, 5, |byte| byte == b'-');
    }
    found(Kind::PrivateKey, start, end, true)
}

/// The longest user or password of an address.
const USER: usize = 256;

/// The password of `scheme://user:password@host`, seen from the colon before the slashes.
pub(super) fn in_url(bytes: &[u8], place: usize) -> Option<Found> {
    if !before(bytes, place).is_ascii_alphanumeric() {
        return None;
    }
    let ends = |byte: u8| {
        byte <= b' ' || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`')
    };
    let user = place + 3;
    let mut colon = user;
    while colon - user < USER && !matches!(at(bytes, colon), b':' | b'@') && !ends(at(bytes, colon))
    {
        colon += 1;
    }
    if at(bytes, colon) != b':' {
        return None;
    }
    let start = colon + 1;
    let mut end = None;
    for next in start..bytes.len().min(start + USER) {
        if ends(at(bytes, next)) && !matches!(at(bytes, next), b'?' | b'#') {
            break;
        }
        // Of several, the last divides: people forget to write those of a password as %40.
        if at(bytes, next) == b'@' {
            end = Some(next);
        }
    }
    let end = end.filter(|end| *end > start)?;
    let value = bytes.get(start..end)?;
    // `host:8080?to=me@host.example`
    let port = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(at(value, port), b'?' | b'#') {
        return None;
    }
    let named = ["password", "passwd", "pass", "pwd", "pw", "secret", "token", "key", "passwort"];
    let example = named.iter().any(|name| value.eq_ignore_ascii_case(name.as_bytes()))
        || matches!(at(value, 0), b'$' | b'{' | b'%' | b'*' | b'[')
        || value.iter().all(|byte| *byte == at(value, 0) || matches!(byte, b'.' | b'*'))
        || made_up(value);
    if example { None } else { found(Kind::UrlPassword, start, end, true) }
}
