//! Texts to compare on: parts of files, and made-up ones that aim at the split patterns and the
//! merges.

use std::path::{Path, PathBuf};

/// A small generator of chances (xorshift64*), so that every run has the same texts.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A length, short more often than long.
    fn length(&mut self, most: usize) -> usize {
        let most = 1 + self.below(most);
        1 + self.below(most)
    }
}

/// What the split patterns treat specially, and what tokenizers are known to stumble over.
const SPECIAL: &[&str] = &[
    " ",
    "  ",
    "   ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{85}",
    "\u{a0}",
    "\u{1680}",
    "\u{2028}",
    "\u{3000}",
    "\u{200b}",
    "\u{feff}",
    "\0",
    "'s",
    "'S",
    "'t",
    "'re",
    "'RE",
    "'ve",
    "'m",
    "'ll",
    "'Ll",
    "'d",
    "'ſ",
    "'",
    "’s",
    "/",
    "//",
    "/\n",
    "!",
    "...",
    "===",
    "-->",
    "0",
    "12",
    "345",
    "6789",
    "٣",
    "१२३",
    "²",
    "Ⅷ",
    "½",
    "\u{301}",
    "\u{300}\u{301}",
    "\u{20e3}",
    "\u{fe0f}",
    "\u{e0100}",
    "e\u{301}",
    "ǅ",
    "ʰ",
    "ª",
    "漢",
    "漢字",
    "かな",
    "カナ",
    "한국어",
    "ไทย",
    "हिन्दी",
    "العربية",
    "עברית",
    "Русский",
    "Ελληνικά",
    "ß",
    "İ",
    "ı",
    "ſ",
    "K",
    "Å",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪",
    "👍🏽",
    "1️⃣",
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|endofprompt|>",
    "<|start|>",
    "camelCase",
    "XMLHttpRequest",
    "snake_case",
    "A",
    "a",
    "Z",
    "Aa",
    "aA",
    "AAa",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{1f9ff}",
    "{\"a\":1,\"b\":[true,null]}",
    "https://",
    "    if (",
    "\\n",
    "\\u00e9",
    "U+0041",
    "#!/bin/sh",
];

/// The first and last characters of ranges with letters, marks and numbers of many scripts.
const ALPHABET: &[(u32, u32)] = &[
    (0x20, 0x7e),
    (0x41, 0x5a),
    (0x61, 0x7a),
    (0x30, 0x39),
    (0xa0, 0x24f),
    (0x250, 0x36f),
    (0x370, 0x3ff),
    (0x400, 0x52f),
    (0x530, 0x5ff),
    (0x600, 0x6ff),
    (0x900, 0x97f),
    (0x980, 0xdff),
    (0xe00, 0xe7f),
    (0xf00, 0xfff),
    (0x10a0, 0x10ff),
    (0x1100, 0x11ff),
    (0x1200, 0x137f),
    (0x13a0, 0x13ff),
    (0x1780, 0x17ff),
    (0x1e00, 0x1fff),
    (0x2000, 0x206f),
    (0x2070, 0x2bff),
    (0x3000, 0x30ff),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7a3),
    (0xfb00, 0xfdff),
    (0xff00, 0xffef),
    (0x10400, 0x1044f),
    (0x1d400, 0x1d7ff),
    (0x1f300, 0x1faff),
    (0x20000, 0x2a6df),
];

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A made-up text.
pub fn made_up(chance: &mut Chance) -> String {
    let mut text = String::new();
    match chance.below(10) {
        0 => {
            for _ in 0..chance.length(40) {
                text.push_str(chance.of(SPECIAL));
            }
        }
        1 => {
            // One block of Unicode, whatever is in it.
            let block = (chance.below(0x11_0000) & !0x7f) as u32;
            let block = if chance.below(4) == 0 { block } else { block & 0x1ff80 };
            for _ in 0..chance.length(60) {
                text.extend(char::from_u32(block + chance.below(0x80) as u32));
            }
        }
        2 => {
            let (first, last) = chance.of(ALPHABET);
            for _ in 0..chance.length(120) {
                text.extend(char::from_u32(
                    first + chance.below((last - first + 1) as usize) as u32,
                ));
                if chance.below(8) == 0 {
                    text.push(' ');
                }
            }
        }
        3 => {
            for _ in 0..chance.length(60) {
                let (first, last) = chance.of(ALPHABET);
                text.extend(char::from_u32(
                    first + chance.below((last - first + 1) as usize) as u32,
                ));
                if chance.below(6) == 0 {
                    text.push_str(chance.of(SPECIAL));
                }
            }
        }
        4 => {
            let letters =
                if chance.below(2) == 0 { BASE64 } else { &BASE64[..2 + chance.below(52)] };
            for _ in 0..chance.length(400) {
                text.push(char::from(chance.of(letters)));
            }
        }
        5 => {
            // A run, perhaps of more than one thing, with something at its ends.
            let units: Vec<&str> = (0..1 + chance.below(3)).map(|_| chance.of(SPECIAL)).collect();
            text.push_str(chance.of(SPECIAL));
            for _ in 0..chance.length(300) {
                text.push_str(chance.of(&units));
            }
            text.push_str(chance.of(SPECIAL));
        }
        6 => {
            let unit = chance
                .of(&['a', ' ', '=', '\n', '漢', '0', '-', '*', 'A', 'é', '\u{301}', '🎉', '\t']);
            text.extend(std::iter::repeat_n(unit, chance.length(900)));
            text.push_str(chance.of(SPECIAL));
        }
        7 => {
            for _ in 0..chance.length(60) {
                text.push_str(chance.of(&[
                    " ", "  ", "\t", "\n", "\r\n", "\u{3000}", "\u{a0}", "a", "1", ".", "\u{301}",
                ]));
            }
        }
        8 => {
            text.push('{');
            for i in 0..chance.length(30) {
                text.push_str(&format!(
                    "\"k{}\":[{},{:?}],",
                    i,
                    chance.below(1 << 40),
                    chance.of(SPECIAL)
                ));
            }
            text.push('}');
        }
        _ => {
            for _ in 0..chance.length(40) {
                text.extend(char::from_u32(chance.below(0x11_0000) as u32));
                text.extend(char::from_u32(chance.below(0x3_0000) as u32));
            }
        }
    }
    text
}

/// All files below `folder`, in the order of their names.
pub fn files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files(&entry.path(), found)?;
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// A part of `content`, between two characters; every fourth has something changed.
pub fn part(content: &str, chance: &mut Chance) -> String {
    let start = content.floor_char_boundary(chance.below(content.len()));
    let end = content.floor_char_boundary((start + chance.length(3000)).min(content.len()));
    let mut text = content[start..end].to_owned();
    if chance.below(4) == 0 {
        for _ in 0..chance.length(6) {
            let from = text.floor_char_boundary(chance.below(text.len() + 1));
            let to = text.floor_char_boundary((from + chance.below(5)).min(text.len()));
            text.replace_range(from..to, chance.of(SPECIAL));
        }
    }
    text
}
