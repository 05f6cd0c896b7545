//! In which script a text is written: as near to its language as can be told without a word list.

/// Blocks of letters (Unicode 16), the names of their scripts.
const BLOCKS: [(u32, u32, &str); 14] = [
    (0x41, 0x24f, "latin"),
    (0x370, 0x3ff, "greek"),
    (0x400, 0x52f, "cyrillic"),
    (0x530, 0x58f, "armenian"),
    (0x590, 0x5ff, "hebrew"),
    (0x600, 0x77f, "arabic"),
    (0x900, 0xdff, "indic"),
    (0xe00, 0xeff, "thai"),
    (0x10a0, 0x10ff, "georgian"),
    (0x1100, 0x11ff, "hangul"),
    (0x1e00, 0x1eff, "latin"),
    (0x3040, 0x30ff, "kana"),
    (0x3400, 0x9fff, "han"),
    (0xac00, 0xd7af, "hangul"),
];

/// Letters that are looked at.
const LOOKED: usize = 2000;

/// The script of most letters at the beginning of `text`; a text of which a tenth is kana is
/// Japanese, and counts as `"kana"`. `None` without letters.
pub fn script(text: &str) -> Option<&'static str> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let mut letters = 0;
    for letter in text.chars().filter(|letter| letter.is_alphabetic()).take(LOOKED) {
        let code = u32::from(letter);
        let found = BLOCKS.iter().find(|(from, to, _)| (*from..=*to).contains(&code));
        let name = found.map_or("other", |(_, _, name)| name);
        letters += 1;
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    if counts.iter().any(|(name, count)| *name == "kana" && 10 * count >= letters) {
        return Some("kana");
    }
    counts.iter().max_by_key(|(_, count)| *count).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::script;

    #[test]
    fn scripts_are_told_apart() {
        for (text, wanted) in [
            ("The fare before the ride.", Some("latin")),
            ("Стоимость до поездки", Some("cyrillic")),
            ("出发前的票价", Some("han")),
            ("出発前の運賃をみる", Some("kana")),
            ("요금을 미리", Some("hangul")),
            ("12 + 3 = 15", None),
        ] {
            assert_eq!(script(text), wanted, "{text}");
        }
    }
}
