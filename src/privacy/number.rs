//! Numbers that belong to a person: payment cards, bank accounts, telephones, social security; and
//! addresses of IPv4, which are written with digits too.
//!
//! The rule for telephones, because nothing about their digits can be checked: a number with `+` and
//! 8 to 15 digits (ITU-T E.164); one of North America, three, three and four digits with signs between
//! them, neither of the first two groups beginning with 0 or 1 (nationalnanpa.com, central office
//! codes); one that begins with a single 0, has 9 to 12 digits, and is divided; and any of 7 to 15
//! digits behind a word for telephone. Not behind words for orders, tickets, accounts and the like.

use super::scan::{at, before, goes_on, run, word_before};
use super::{Found, Kind};

/// Words before a telephone number, and before numbers that are none.
const PHONE_WORDS: [&str; 30] = [
    "phone",
    "tel",
    "telephone",
    "telefon",
    "téléphone",
    "teléfono",
    "telefono",
    "telefoon",
    "mobile",
    "mobil",
    "móvil",
    "cell",
    "handy",
    "fax",
    "call",
    "ruf",
    "whatsapp",
    "sms",
    "portable",
    "celular",
    "durchwahl",
    "телефон",
    "тел",
    "моб",
    "電話",
    "电话",
    "手机",
    "电话号码",
    "전화",
    "cellulare",
];
const OTHER_WORDS: [&str; 39] = [
    "order",
    "invoice",
    "ticket",
    "isbn",
    "issn",
    "ref",
    "reference",
    "serial",
    "sku",
    "part",
    "article",
    "case",
    "account",
    "konto",
    "kto",
    "bestell",
    "rechnung",
    "artikel",
    "auftrag",
    "id",
    "no",
    "nr",
    "version",
    "v",
    "build",
    "commit",
    "tracking",
    "doi",
    "arxiv",
    "item",
    "batch",
    "lot",
    "code",
    "sendung",
    "pedido",
    "commande",
    "facture",
    "issue",
    "ordine",
];
const VERSION_WORDS: [&str; 17] = [
    "version",
    "versions",
    "v",
    "ver",
    "release",
    "build",
    "section",
    "chapter",
    "kapitel",
    "rev",
    "revision",
    "firmware",
    "driver",
    "upgrade",
    "rfc",
    "abschnitt",
    "clause",
];
const ADDRESS_WORDS: [&str; 14] = [
    "inet", "client", "peer", "remote", "ip", "host", "server", "dns", "address", "ping", "addr",
    "gateway", "resolver", "adresse",
];

/// Groups of digits with what stands between them.
struct Groups {
    /// Where each begins, and how many digits it has.
    list: [(usize, usize); 12],
    count: usize,
    digits: usize,
    end: usize,
}

impl Groups {
    fn get(&self, place: usize) -> (usize, usize) {
        self.list.get(place).copied().filter(|_| place < self.count).unwrap_or((0, 0))
    }

    /// Whether the first groups have these lengths.
    fn are(&self, lengths: &[usize]) -> bool {
        lengths.len() <= self.count
            && lengths.iter().enumerate().all(|(place, length)| self.get(place).1 == *length)
    }

    /// Where the group of this place ends.
    fn end_of(&self, place: usize) -> usize {
        let (start, length) = self.get(place);
        start + length
    }
}

fn digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// Reads digits in groups: between them one sign of a telephone number, or a bracket and a space.
fn groups(bytes: &[u8], start: usize) -> Groups {
    let mut read = Groups { list: [(0, 0); 12], count: 0, digits: 0, end: start };
    let mut place = start;
    while let Some(slot) = read.list.get_mut(read.count) {
        let end = run(bytes, place, 24, digit);
        *slot = (place, end - place);
        read.count += 1;
        read.digits += end - place;
        read.end = end;
        let gap =
            run(bytes, end, 3, |byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'));
        let signs = bytes.get(end..gap).unwrap_or_default();
        let divides = match signs {
            [_] => signs != b"(",
            [b')', b' ' | b'-'] | [b' ' | b'-', b'('] => true,
            [b' ', b'-' | b'/', b' '] | [b')', b' ', b'-'] => true,
            _ => false,
        };
        if !divides || !digit(at(bytes, gap)) || read.digits > 20 {
            break;
        }
        place = gap;
    }
    read
}

/// What begins with this digit; and where to go on, past digits that have been looked at.
pub(super) fn at_digit(bytes: &[u8], place: usize) -> (Option<Found>, usize) {
    let mut left = before(bytes, place);
    if left.is_ascii_alphabetic() && before(bytes, place - 1) == b'\\' {
        // A line end that is written out.
        left = b'\n';
    }
    if left.is_ascii_alphanumeric() || left == b'_' {
        let found = account(bytes, place);
        // Names and hexadecimal numbers: not one number in them.
        let end = found.map_or(place, |found| found.end);
        return (found, run(bytes, end, usize::MAX, |byte| byte.is_ascii_alphanumeric()));
    }
    let first = run(bytes, place, usize::MAX, digit);
    let read = groups(bytes, place);
    let found = version_four(bytes, place, &read)
        .or_else(|| card(bytes, place, &read))
        .or_else(|| social(bytes, place, &read))
        .or_else(|| phone(bytes, place, &read));
    (found, first)
}

/// Whether a number stands for itself here: not the end of a longer one, of a name, or of a path.
fn begins(bytes: &[u8], start: usize, divided: bool) -> bool {
    let left = before(bytes, start);
    let further = before(bytes, start.saturating_sub(1));
    match left {
        // A column of a table, unless it may be the decimals of a number.
        b',' => divided || !further.is_ascii_digit(),
        b'-' | b'.' | b'/' => !further.is_ascii_alphanumeric(),
        b':' => !further.is_ascii_digit(),
        b'#' | b'$' | b'%' => false,
        _ => !left.is_ascii_alphanumeric() && left != b'_',
    }
}

fn ends(bytes: &[u8], end: usize, divided: bool) -> bool {
    let (next, further) = (at(bytes, end), at(bytes, end + 1));
    match next {
        b'-' | b'/' => !further.is_ascii_alphanumeric(),
        b',' => divided || !further.is_ascii_digit(),
        b'.' | b':' => !further.is_ascii_digit(),
        b'%' => false,
        _ => !next.is_ascii_alphanumeric() && next != b'_' && next != b'@',
    }
}

/// `192.0.2.1` (RFC 791 in the notation of RFC 6943, section 3.1.1): four numbers of at most 255
/// without zeros before them. Not behind a word for versions. Where all four are below 100, as in most
/// numbers of versions and sections and one address in forty, only with a port, a prefix length, or a
/// word for addresses.
fn version_four(bytes: &[u8], start: usize, read: &Groups) -> Option<Found> {
    if read.count < 4 {
        return None;
    }
    let mut octets = [0u16; 4];
    for (place, octet) in octets.iter_mut().enumerate() {
        let (from, length) = read.get(place);
        let text = bytes.get(from..from + length)?;
        if length > 3 || (length > 1 && text.starts_with(b"0")) {
            return None;
        }
        if place < 3
            && (at(bytes, from + length) != b'.' || read.get(place + 1).0 != from + length + 1)
        {
            return None;
        }
        *octet = text.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        if *octet > 255 {
            return None;
        }
    }
    let end = read.end_of(3);
    let (next, further) = (at(bytes, end), at(bytes, end + 1));
    let left = before(bytes, start);
    let further_left = before(bytes, start.saturating_sub(1));
    // `Chrome/120.0.0.0`, `name-1.2.3.4.tar.gz`, `==1.2.3.4`, `1.2.3.4.5`, `^1.2.3.4`.
    // `image:16.1.2.3`
    let tag = left == b':' && further_left.is_ascii_lowercase();
    // `user:word@10.0.0.7:6379` is no version: none has a port.
    let port = next == b':' && further.is_ascii_digit();
    let product = matches!(left, b'/' | b'-' | b'.' | b'@')
        && further_left.is_ascii_alphanumeric()
        && !(left == b'@' && port);
    let required = (left == b'=' && matches!(further_left, b'=' | b'>' | b'<' | b'~' | b'!'))
        || matches!(left, b'^' | b'~' | b'#');
    let longer = (next == b'.' && further.is_ascii_alphanumeric())
        || (next == b'-' && further.is_ascii_alphanumeric())
        || next.is_ascii_alphanumeric()
        || next == b'_';
    if product || required || longer || word_before(bytes, start, 12, &VERSION_WORDS) {
        return None;
    }
    let [a, b, _, _] = octets;
    let small = octets.iter().all(|octet| *octet < 100) && !matches!(a, 10 | 127);
    let net = (next == b':' || next == b'/') && further.is_ascii_digit();
    // A line of a server's log begins so.
    let said = net
        || left == b'/'
        || goes_on(bytes, end, " - ")
        || word_before(bytes, start, 24, &ADDRESS_WORDS);
    // Nobody's: "this host" and masks.
    if a == 0 || a == 255 || ((small || tag) && !said) {
        return None;
    }
    // RFC 1918, RFC 6598, RFC 5737, loopback, link-local, multicast and beyond.
    let inner = matches!(a, 10 | 127 | 224..)
        || matches!((a, b), (172, 16..=31) | (192, 168) | (169, 254) | (100, 64..=127))
        || matches!(octets, [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _]);
    Some(Found { kind: Kind::Ip, start, end, sure: !inner })
}

/// A payment card: digits as cards have them (ISO/IEC 7812-1), in one piece or in the groups that are
/// printed, beginning as a known issuer's do, with the check digit of Luhn's formula.
fn card(bytes: &[u8], start: usize, read: &Groups) -> Option<Found> {
    const PRINTED: [&[usize]; 5] =
        [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[6, 13]];
    let whole = read.get(0).1;
    let count = if (13..=19).contains(&whole) {
        1
    } else {
        PRINTED.iter().find(|lengths| read.are(lengths))?.len()
    };
    let sign = at(bytes, read.end_of(0));
    let mut number = Vec::with_capacity(19);
    for place in 0..count {
        let (from, length) = read.get(place);
        let joined = read.end_of(place.saturating_sub(1)) + 1 == from
            && before(bytes, from) == sign
            && matches!(sign, b' ' | b'-');
        if place > 0 && !joined {
            return None;
        }
        number.extend(bytes.get(from..from + length)?.iter().map(|digit| digit - b'0'));
    }
    let end = read.end_of(count - 1);
    let divided = count > 1;
    // A row of numbers, of which four make a card.
    let row = sign == b' '
        && divided
        && ((before(bytes, start) == b' ' && digit(before(bytes, start.saturating_sub(1))))
            || (at(bytes, end) == b' ' && run(bytes, end + 1, 5, digit) == end + 5));
    if row
        || !begins(bytes, start, divided)
        || !ends(bytes, end, divided)
        || !luhn(&number)
        || !issued(&number)
    {
        return None;
    }
    // One in ten long numbers has the check digit by chance.
    if count == 1 && word_before(bytes, start, 20, &OTHER_WORDS) {
        return None;
    }
    Some(Found { kind: Kind::Card, start, end, sure: true })
}

fn luhn(number: &[u8]) -> bool {
    let mut sum = 0u32;
    for (place, digit) in number.iter().rev().enumerate() {
        let worth = u32::from(*digit) << (place & 1);
        sum += if worth > 9 { worth - 9 } else { worth };
    }
    sum.is_multiple_of(10) && number.iter().any(|digit| *digit != at(number, 0))
}

/// Ranges of issuers (as in en.wikipedia.org/wiki/Payment_card_number; not looked up anew): Visa, Mastercard,
/// American Express, Discover, JCB, Diners, UnionPay, Maestro, Mir, RuPay.
fn issued(number: &[u8]) -> bool {
    let first = |count: usize| number.iter().take(count).fold(0u32, |n, d| n * 10 + u32::from(*d));
    let (two, three, four, length) = (first(2), first(3), first(4), number.len());
    match first(1) {
        4 => matches!(length, 13 | 16 | 19),
        5 => match two {
            51..=55 => length == 16,
            50 | 56..=58 => length >= 16,
            _ => false,
        },
        2 => matches!(four, 2221..=2720 | 2200..=2204) && length == 16,
        3 => match two {
            34 | 37 => length == 15,
            35 => (3528..=3589).contains(&four) && length >= 16,
            36 | 38 | 39 => length == 14 || length == 16,
            _ => matches!(three, 300..=305 | 309) && (length == 14 || length == 16),
        },
        6 => {
            let known = matches!(four, 6011 | 6521 | 6522 | 6759 | 6763)
                || matches!(three, 644..=649 | 508 | 817)
                || matches!(two, 60 | 62 | 65 | 63 | 67);
            known && length >= 16
        }
        8 => matches!(two, 81 | 82) && length == 16,
        _ => false,
    }
}

/// `078-05-1120`: three, two and four digits. Never 000, 666 or 900 and above, 00, 0000 (ssa.gov,
/// "Social Security Number Randomization").
fn social(bytes: &[u8], start: usize, read: &Groups) -> Option<Found> {
    if !read.are(&[3, 2, 4]) {
        return None;
    }
    let end = read.end_of(2);
    let told = bytes.get(start..end)?;
    let [area @ .., b'-', g1, g2, b'-', s1, s2, s3, s4] = told else {
        return None;
    };
    let never = area == b"000" || area == b"666" || area.starts_with(b"9");
    if never || (g1, g2) == (&b'0', &b'0') || [s1, s2, s3, s4].iter().all(|digit| **digit == b'0') {
        return None;
    }
    let other = word_before(bytes, start, 20, &OTHER_WORDS);
    let whole = begins(bytes, start, true) && ends(bytes, end, true);
    (whole && !other).then_some(Found { kind: Kind::UsSsn, start, end, sure: true })
}

/// A telephone number, by the rule above.
fn phone(bytes: &[u8], digits: usize, read: &Groups) -> Option<Found> {
    let mut start = digits;
    let bracket = before(bytes, start) == b'(';
    if bracket {
        start -= 1;
    }
    let abroad = before(bytes, start) == b'+';
    if abroad {
        start -= 1;
    }
    if !begins(bytes, start, abroad || read.count > 1)
        || (abroad && matches!(before(bytes, start), b')' | b']' | b'+'))
    {
        return None;
    }
    let mut last = read.count - 1;
    let mut count = read.digits;
    let length = |place: usize| read.get(place).1;
    // What follows a whole number is not of it: "… 1234567 12".
    while last > 0
        && (count > 15
            || (count > 10
                && length(last) <= 2
                && length(last - 1) >= 4
                && before(bytes, read.get(last).0) != b'-'))
    {
        count -= length(last);
        last -= 1;
    }
    let lengths = |wanted: &[usize]| last + 1 == wanted.len() && read.are(wanted);
    let opens = |place: usize| at(bytes, read.get(place).0);
    let north = |place: usize| {
        opens(place) >= b'2'
            && opens(place + 1) >= b'2'
            && length(place) == 3
            && length(place + 1) == 3
    };
    let american = (lengths(&[3, 3, 4]) && north(0))
        || (lengths(&[1, 3, 3, 4]) && opens(0) == b'1' && north(1));
    // "(0)" of "+49 (0)30".
    let trunk = opens(0) == b'0' && at(bytes, digits + 1) != b'0' && is_even(bytes, read, last);
    let national = trunk && (9..=12).contains(&count) && (2..=5).contains(&length(0));
    let prefixed = opens(0) == b'0'
        && at(bytes, digits + 1) == b'0'
        && (11..=15).contains(&count)
        && (2..=5).contains(&length(0))
        && last > 0;
    let end = read.end_of(last);
    if !ends(bytes, end, abroad || last > 0) || count > 15 || is_date(bytes, read) {
        return None;
    }
    let named = || word_before(bytes, start, 24, &PHONE_WORDS);
    let other = || word_before(bytes, start, 20, &OTHER_WORDS);
    let (found, sure) = if abroad {
        (count >= 8 && opens(0) != b'0', true)
    } else if american || national || prefixed {
        // The end of a longer number in groups is none.
        let inside =
            before(bytes, start) == b' ' && before(bytes, start.saturating_sub(1)).is_ascii_digit();
        (named() || !(inside || other()), false)
    } else {
        (count >= 7 && named() && !is_amount(bytes, read, last), false)
    };
    found.then_some(Found { kind: Kind::Phone, start, end, sure })
}

/// Day, month and year in some order, or a year first.
fn is_date(bytes: &[u8], read: &Groups) -> bool {
    let worth = |place: usize| {
        let (from, length) = read.get(place);
        let text = bytes.get(from..from + length).unwrap_or_default();
        text.iter().take(4).fold(0u32, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')))
    };
    let day = |place: usize| read.get(place).1 <= 2 && (1..=31).contains(&worth(place));
    let year = |place: usize| read.get(place).1 == 4 && (1900..=2100).contains(&worth(place));
    (day(0) && day(1) && year(2)) || (year(0) && day(1) && day(2) && read.count <= 6)
}

/// Divided, and behind the first group always by the same sign.
fn is_even(bytes: &[u8], read: &Groups, last: usize) -> bool {
    let sign = |place: usize| at(bytes, read.end_of(place));
    last > 0 && (2..last).all(|place| sign(place) == sign(1))
}

/// One number with a decimal point.
fn is_amount(bytes: &[u8], read: &Groups, last: usize) -> bool {
    last == 1 && at(bytes, read.end_of(0)) == b'.' && read.get(1).1 <= 2
}

/// Countries of the register and the length of their numbers (ISO 13616; swift.com, "IBAN Registry",
/// release 99, 2024).
const COUNTRIES: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22\
    DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26\
    IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23\
    PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22\
    VG24XK20YE30";

/// An account number, seen from the first digit behind the country: as long as that country's are,
/// in one piece or in groups, and 1 by the check of ISO 7064 (mod 97-10).
fn account(bytes: &[u8], digits: usize) -> Option<Found> {
    let start = digits.checked_sub(2)?;
    let country = bytes.get(start..digits)?.to_ascii_uppercase();
    let left = before(bytes, start);
    if left.is_ascii_alphanumeric() || left == b'_' || !digit(at(bytes, digits + 1)) {
        return None;
    }
    let mut length = None;
    for entry in COUNTRIES.as_bytes().chunks_exact(4) {
        if let [a, b, tens, ones] = entry
            && [*a, *b] == country.as_slice()
        {
            length = Some(usize::from(tens - b'0') * 10 + usize::from(ones - b'0'));
        }
    }
    let length = length?;
    let (mut place, mut taken) = (start, 0);
    // The check reads the first four characters last.
    let (mut sum, mut head) = (0u32, 0u32);
    while taken < length {
        let byte = at(bytes, place).to_ascii_uppercase();
        let worth = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            b' ' | b'-' if taken >= 4 && before(bytes, place).is_ascii_alphanumeric() => {
                place += 1;
                continue;
            }
            _ => return None,
        };
        let times = if worth > 9 { 100 } else { 10 };
        let part = if taken < 4 { &mut head } else { &mut sum };
        *part = if taken < 4 { *part * times + worth } else { (*part * times + worth) % 97 };
        taken += 1;
        place += 1;
    }
    // Two letters are four digits, two digits two more.
    let checked = (u64::from(sum) * 1_000_000 + u64::from(head)) % 97 == 1;
    let ended = !at(bytes, place).is_ascii_alphanumeric() && at(bytes, place) != b'_';
    (checked && ended).then_some(Found { kind: Kind::Iban, start, end: place, sure: true })
}
