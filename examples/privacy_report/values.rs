//! Values to plant, made by the formats that their makers document, and things that only look like
//! them. Nothing here uses the detectors.

/// SplitMix64 (Steele, Lea and Flood, 2014): the same documents for the same seed everywhere.
pub struct Lot(u64);

impl Lot {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    pub fn of(&mut self, letters: &str, count: usize) -> String {
        let letters = letters.as_bytes();
        (0..count).map(|_| letters[self.below(letters.len())] as char).collect()
    }

    fn digits(&mut self, count: usize) -> String {
        self.of("0123456789", count)
    }
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";
const WEB: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token of GitHub's form: 30 drawn characters and six of checksum, table-driven here.
fn checked(lot: &mut Lot, prefix: &str) -> String {
    let body = lot.of(BASE62, 30);
    let mut table = [0u32; 256];
    for (place, slot) in table.iter_mut().enumerate() {
        *slot = (0..8)
            .fold(place as u32, |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 });
    }
    let mut sum = body
        .bytes()
        .fold(!0u32, |c, byte| table[((c ^ u32::from(byte)) & 255) as usize] ^ (c >> 8));
    sum = !sum;
    let mut check = Vec::new();
    for _ in 0..6 {
        check.push(BASE62.as_bytes()[(sum % 62) as usize] as char);
        sum /= 62;
    }
    check.reverse();
    format!("{prefix}{body}{}", check.into_iter().collect::<String>())
}

fn luhn_digit(number: &str) -> u32 {
    let mut sum = 0;
    for (place, digit) in number.bytes().rev().enumerate() {
        let digit = u32::from(digit - b'0');
        sum += if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    }
    (10 - sum % 10) % 10
}

fn card_digits(lot: &mut Lot) -> String {
    let (start, length) = match lot.below(8) {
        0..=2 => ("4".to_owned(), 16),
        3 | 4 => (format!("5{}", 1 + lot.below(5)), 16),
        5 => ((if lot.below(2) == 0 { "34" } else { "37" }).to_owned(), 15),
        6 => ("6011".to_owned(), 16),
        _ => (format!("22{}", 30 + lot.below(60)), 16),
    };
    let body = format!("{start}{}", lot.digits(length - 1 - start.len()));
    format!("{body}{}", luhn_digit(&body))
}

fn grouped(digits: &str, sizes: &[usize], sign: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = digits;
    for size in sizes {
        let (part, next) = rest.split_at((*size).min(rest.len()));
        if !part.is_empty() {
            parts.push(part);
        }
        rest = next;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts.join(sign)
}

fn mod97(text: &str) -> u32 {
    text.chars().fold(0, |rest, c| {
        let worth = c.to_digit(36).unwrap();
        (rest * if worth > 9 { 100 } else { 10 } + worth) % 97
    })
}

fn iban(lot: &mut Lot) -> String {
    let (country, body) = match lot.below(7) {
        0 | 1 => ("DE", lot.digits(18)),
        2 => ("GB", format!("{}{}", lot.of(UPPER, 4), lot.digits(14))),
        3 => (
            "FR",
            format!("{}{}{}", lot.digits(10), lot.of(BASE62, 11).to_uppercase(), lot.digits(2)),
        ),
        4 => ("NL", format!("{}{}", lot.of(UPPER, 4), lot.digits(10))),
        5 => ("ES", lot.digits(20)),
        _ => ("CH", lot.digits(17)),
    };
    let check = 98 - mod97(&format!("{body}{country}00"));
    let whole = format!("{country}{check:02}{body}");
    if lot.below(2) == 0 { whole } else { grouped(&whole, &[4; 8], " ") }
}

fn email(lot: &mut Lot, held: bool) -> String {
    let first = [
        "anna",
        "john",
        "m.garcia",
        "li.wei",
        "o'brien",
        "Petra_Novak",
        "j.smith83",
        "kundenservice",
        "ines",
        "tom+news",
    ];
    let last = ["mueller", "smith", "rossi", "dupont", "kowalski", "tanaka", "svensson", "okafor"];
    let hosts = [
        "gmail.com",
        "web.de",
        "orange.fr",
        "uni-leipzig.de",
        "acme.co.uk",
        "mail.ru",
        "posteo.net",
        "sub.dept.example.org",
        "startup.io",
        "qq.com",
    ];
    if held && lot.below(8) == 0 {
        return ["jürgen@müller-söhne.de", "info@пример.рф", "用户@例子.广告"][lot.below(3)]
            .to_owned();
    }
    let local = match lot.below(3) {
        0 => lot.pick(&first).to_owned(),
        1 => format!("{}.{}", lot.pick(&first), lot.pick(&last)),
        _ => format!("{}{}", lot.pick(&last), 1 + lot.below(9999)),
    };
    format!("{local}@{}", lot.pick(&hosts))
}

fn north_american(lot: &mut Lot) -> (String, String, String) {
    (
        format!("{}{}", 2 + lot.below(8), lot.digits(2)),
        format!("{}{}", 2 + lot.below(8), lot.digits(2)),
        lot.digits(4),
    )
}

/// A telephone number that shows by itself that it is one.
fn phone(lot: &mut Lot, held: bool) -> String {
    let styles = if held { 16 } else { 11 };
    match lot.below(styles) {
        0 => format!("+49 {} {}", 151 + lot.below(28), lot.digits(8)),
        1 => format!("+1 {}-{}-{}", 2 + lot.below(8), lot.digits(3), lot.digits(4))
            .replacen("+1 ", "+1 4", 1)
            .replacen("-", "5-", 1),
        2 => {
            let (a, b, c) = north_american(lot);
            format!("({a}) {b}-{c}")
        }
        3 => {
            let (a, b, c) = north_american(lot);
            format!("{a}-{b}-{c}")
        }
        4 => format!("030 {}", lot.digits(7)),
        5 => format!("0{}/{}", 151 + lot.below(28), lot.digits(7)),
        6 => format!(
            "+33 {} {} {} {} {}",
            1 + lot.below(7),
            lot.digits(2),
            lot.digits(2),
            lot.digits(2),
            lot.digits(2)
        ),
        7 => format!(
            "0{} {} {} {} {}",
            1 + lot.below(7),
            lot.digits(2),
            lot.digits(2),
            lot.digits(2),
            lot.digits(2)
        ),
        8 => format!("+44 20 {} {}", lot.digits(4), lot.digits(4)),
        9 => format!("+4917{}", lot.digits(8)),
        10 => format!("020 7{} {}", lot.digits(3), lot.digits(4)),
        11 => {
            let (a, b, c) = north_american(lot);
            format!("{a}.{b}.{c}")
        }
        12 => format!("+49 (0)89 {}", lot.digits(7)),
        13 => format!("(0341) {}", lot.digits(6)),
        14 => format!("+81-3-{}-{}", lot.digits(4), lot.digits(4)),
        _ => format!("0049 171 {}", lot.digits(7)),
    }
}

/// One that only the word before it shows.
fn bare_phone(lot: &mut Lot) -> String {
    match lot.below(5) {
        0 => format!("6{} {} {}", lot.digits(2), lot.digits(3), lot.digits(3)),
        1 => format!("0151{}", lot.digits(8)),
        2 => format!("{}{}", 2 + lot.below(8), lot.digits(6)),
        3 => {
            format!("{} {} {} {}", 20 + lot.below(70), lot.digits(2), lot.digits(2), lot.digits(2))
        }
        _ => format!("1{}{}", [3, 5, 8][lot.below(3)], lot.digits(9)),
    }
}

fn pem(lot: &mut Lot, line: &str) -> String {
    let name =
        lot.pick(&["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"]);
    let lines: Vec<_> = (0..3 + lot.below(20)).map(|_| lot.of(BASE64, 64)).collect();
    let end = lot.of(BASE64, 32);
    format!(
        "-----BEGIN {name}-----{line}{}{line}{end}=={line}-----END {name}-----",
        lines.join(line)
    )
}

fn password(lot: &mut Lot) -> String {
    let words = ["Sommer", "dragon", "Monkey", "tigre", "hunter", "Winter", "qwert", "Passw0rd"];
    match lot.below(4) {
        0 => {
            format!("{}{}{}", lot.pick(&words), 1 + lot.below(9999), lot.pick(&["!", "#", "?", ""]))
        }
        1 => format!(
            "a{}7",
            lot.of("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%*+-_", 12)
        ),
        2 => format!("{}{}", lot.of(BASE62, 20), lot.below(10)),
        _ => format!("{}-{}-{}9", lot.of(LOWER, 6), lot.of(BASE62, 6), lot.of(BASE62, 5)),
    }
}

/// A value of this kind.
pub fn value(kind: &str, lot: &mut Lot, held: bool) -> String {
    match kind {
        "email" => email(lot, held),
        "phone" => phone(lot, held),
        "bare_phone" => bare_phone(lot),
        "card" => {
            let digits = card_digits(lot);
            match (lot.below(3), digits.len()) {
                (0, _) => digits,
                (_, 15) => grouped(&digits, &[4, 6, 5], " "),
                (1, _) => grouped(&digits, &[4; 4], " "),
                _ => grouped(&digits, &[4; 4], "-"),
            }
        }
        "iban" => iban(lot),
        "ip" => match lot.below(4) {
            0 => {
                let mut group = || lot.of(HEX, 4);
                format!("2a01:{}:{}:{}::{}", group(), group(), group(), group())
            }
            1 => {
                let groups: Vec<_> = (0..7).map(|_| lot.of(HEX, 4)).collect();
                format!("2003:{}", groups.join(":"))
            }
            2 => format!("192.168.{}.{}", lot.below(256), 1 + lot.below(254)),
            _ => format!(
                "{}.{}.{}.{}",
                11 + lot.below(112),
                lot.below(256),
                lot.below(256),
                1 + lot.below(254)
            ),
        },
        "mac" => {
            let sign = lot.pick(&[":", ":", "-"]);
            let pairs: Vec<_> = (0..6).map(|_| lot.of(HEX, 2)).collect();
            let text = pairs.join(sign);
            if sign == "-" { text.to_uppercase() } else { text }
        }
        "us-ssn" => format!(
            "{}{}-{}{}-{}{}",
            1 + lot.below(5),
            lot.digits(2),
            1 + lot.below(9),
            lot.digits(1),
            1 + lot.below(9),
            lot.digits(3)
        ),
        "openai" => match lot.below(3) {
            0 => format!("sk-{}T3BlbkFJ{}", lot.of(BASE62, 20), lot.of(BASE62, 20)),
            1 => format!("sk-proj-{}T3BlbkFJ{}", lot.of(WEB, 74), lot.of(BASE62, 74)),
            _ => format!("sk-svcacct-{}T3BlbkFJ{}", lot.of(WEB, 58), lot.of(BASE62, 58)),
        },
        "anthropic" => format!("sk-ant-api03-{}AA", lot.of(WEB, 93)),
        "openrouter" => format!("sk-or-v1-{}", lot.of(HEX, 64)),
        "github" => match lot.below(4) {
            0 => format!("github_pat_{}_{}", lot.of(BASE62, 22), lot.of(BASE62, 59)),
            1 => checked(lot, "gho_"),
            2 => checked(lot, "ghs_"),
            _ => checked(lot, "ghp_"),
        },
        "gitlab" => format!("glpat-{}a", lot.of(WEB, 19)),
        "slack" => match lot.below(2) {
            0 => format!("xoxb-{}-{}-{}", lot.digits(12), lot.digits(13), lot.of(BASE62, 24)),
            _ => format!(
                "xoxp-{}-{}-{}-{}",
                lot.digits(12),
                lot.digits(12),
                lot.digits(12),
                lot.of(HEX, 32)
            ),
        },
        "aws-key-id" => format!(
            "{}{}",
            lot.pick(&["AKIA", "ASIA"]),
            lot.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
        ),
        "aws-secret" => lot.of(BASE64, 40),
        "google" => format!("AIzaSy{}", lot.of(WEB, 32) + "x"),
        "stripe" => format!(
            "{}{}",
            lot.pick(&["sk_live_", "rk_live_", "sk_test_"]),
            if lot.below(2) == 0 {
                lot.of(BASE62, 24)
            } else {
                format!("51{}", lot.of(BASE62, 97))
            }
        ),
        "twilio" => format!("SK{}", lot.of(HEX, 32)),
        "sendgrid" => format!("SG.{}.{}", lot.of(BASE62, 22), lot.of(WEB, 42) + "k"),
        "npm" => checked(lot, "npm_"),
        "pypi" => format!("pypi-AgEIcHlwaS5vcmc{}b", lot.of(WEB, 140)),
        "huggingface" => {
            format!("hf_{}", lot.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 34))
        }
        "azure" => format!("{}==", lot.of(BASE64, 86)),
        "jwt" => {
            let header = lot.pick(&[
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9",
                "eyJhbGciOiJFUzI1NiIsImtpZCI6IjQyIn0",
            ]);
            format!("{header}.eyJ{}.{}", lot.of(WEB, 60), lot.of(WEB, 42) + "s")
        }
        "private-key" => pem(lot, "\n"),
        "private-key-json" => pem(lot, "\\n"),
        "assigned-password" | "url-password" => password(lot),
        "assigned-token" | "bearer" => match lot.below(3) {
            0 => lot.of(HEX, 32),
            1 => lot.of(BASE62, 40),
            _ => lot.of(WEB, 42) + "q",
        },
        _ => panic!("no such kind: {kind}"),
    }
}

/// Something that only looks like one.
pub fn lookalike(kind: &str, lot: &mut Lot) -> String {
    match kind {
        "uuid" => format!(
            "{}-{}-4{}-a{}-{}",
            lot.of(HEX, 8),
            lot.of(HEX, 4),
            lot.of(HEX, 3),
            lot.of(HEX, 3),
            lot.of(HEX, 12)
        ),
        "sha" => {
            let length = [7, 40, 64][lot.below(3)];
            lot.of(HEX, length)
        }
        "md5" => lot.of(HEX, 32),
        "version" => format!("{}.{}.{}", lot.below(30), lot.below(40), lot.below(99)),
        "version4" => {
            format!("{}.{}.{}.{}", lot.below(30), lot.below(20), lot.below(99), lot.below(255))
        }
        "date" => match lot.below(4) {
            0 => format!(
                "20{}-{:02}-{:02}",
                10 + lot.below(20),
                1 + lot.below(12),
                1 + lot.below(28)
            ),
            1 => format!(
                "{:02}.{:02}.20{}",
                1 + lot.below(28),
                1 + lot.below(12),
                10 + lot.below(20)
            ),
            2 => format!(
                "{:02}/{:02}/20{}",
                1 + lot.below(12),
                1 + lot.below(28),
                10 + lot.below(20)
            ),
            _ => format!(
                "20{}-{:02}-{:02}T{:02}:{:02}:{:02}.{}Z",
                10 + lot.below(20),
                1 + lot.below(12),
                1 + lot.below(28),
                lot.below(24),
                lot.below(60),
                lot.below(60),
                lot.digits(3)
            ),
        },
        "time" => format!("{:02}:{:02}:{:02}", lot.below(24), lot.below(60), lot.below(60)),
        "epoch" => format!("17{}", if lot.below(2) == 0 { lot.digits(8) } else { lot.digits(11) }),
        "isbn" => {
            let body = format!("978{}", lot.digits(9));
            let sum: u32 = body
                .bytes()
                .enumerate()
                .map(|(n, d)| u32::from(d - b'0') * if n % 2 == 0 { 1 } else { 3 })
                .sum();
            format!("978-{}-{}-{}-{}", &body[3..4], &body[4..7], &body[7..12], (10 - sum % 10) % 10)
        }
        "isbn10" => format!("0-{}-{}-{}", lot.digits(3), lot.digits(5), lot.digits(1)),
        "order" => match lot.below(4) {
            0 => format!("{}-{}-{}", lot.digits(3), lot.digits(7), lot.digits(7)),
            1 => format!("ORD-20{}-{}", 20 + lot.below(7), lot.digits(6)),
            2 => lot.digits(10),
            _ => format!("{}-{}", lot.digits(4), lot.digits(6)),
        },
        "colour" => format!("#{}", lot.of(HEX, 6)),
        "base64" => lot.of(BASE64, 120),
        "bad_card" => {
            let good = card_digits(lot);
            let (body, check) = good.split_at(good.len() - 1);
            grouped(
                &format!(
                    "{body}{}",
                    (check.parse::<u32>().unwrap() + 1 + lot.below(8) as u32) % 10
                ),
                &[4; 4],
                " ",
            )
        }
        "bad_iban" => {
            let body = lot.digits(18);
            let check = 98 - mod97(&format!("{body}DE00"));
            format!("DE{:02}{body}", (check + 7) % 97 + 2)
        }
        "number" => match lot.below(5) {
            0 => format!("{},{}.{}", 1 + lot.below(999), lot.digits(3), lot.digits(2)),
            1 => format!("{}.{}", lot.below(180), lot.digits(6)),
            2 => {
                let length = 5 + lot.below(8);
                lot.digits(length)
            }
            3 => format!("{} {} {}", 1 + lot.below(99), lot.digits(3), lot.digits(3)),
            _ => format!("{}e-{:02}", lot.below(10), lot.below(20)),
        },
        "range" => format!("{}-{}", 1000 + lot.below(900), 2000 + lot.below(900)),
        "name" => format!(
            "{}_{}_{}",
            lot.pick(&["get", "user", "max", "is"]),
            lot.pick(&["token", "password", "secret", "key"]),
            lot.pick(&["count", "hash", "field", "length"])
        ),
        "digits16" => lot.digits(16),
        _ => panic!("no such lookalike: {kind}"),
    }
}
