//! Where a text may be cut without tearing a character that a reader sees as one.
//!
//! The full rules (Unicode Standard Annex 29, "Unicode Text Segmentation", revision 45, 2024) need
//! tables of all marks, emoji and conjuncts. A cut needs less: *enough* places that surely are borders.
//! Here a place counts only where what follows is a character that never joins what stands before it:
//! anything of ASCII, letters of scripts without marks among them, ideographs, kana. Text that has none
//! of these for pages is not cut within. That every such place is a border by the full rules is held by a
//! property against `unicode-segmentation`.

/// Characters from the first to the last of each pair that continue nothing and are drawn into nothing
/// before them.
const STARTERS: [(char, char); 17] = [
    ('\u{c0}', '\u{2af}'),
    ('\u{370}', '\u{482}'),
    ('\u{48a}', '\u{52f}'),
    ('\u{5d0}', '\u{5ea}'),
    ('\u{620}', '\u{64a}'),
    ('\u{e01}', '\u{e30}'),
    ('\u{1e00}', '\u{1fff}'),
    ('\u{2010}', '\u{2027}'),
    ('\u{3001}', '\u{3029}'),
    ('\u{3041}', '\u{3096}'),
    ('\u{309b}', '\u{30ff}'),
    ('\u{3400}', '\u{4dbf}'),
    ('\u{4e00}', '\u{9fff}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{ff01}', '\u{ff9d}'),
    ('\u{20000}', '\u{2fa1f}'),
    ('\u{30000}', '\u{323af}'),
];

/// Blocks that hold the characters which draw the following one to themselves (`Prepend`). Wider than
/// these characters, so that new ones among them are held too.
const DRAWING: [(char, char); 7] = [
    ('\u{600}', '\u{605}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{d4e}', '\u{d4e}'),
    ('\u{11000}', '\u{11fff}'),
];

fn within(list: &[(char, char)], one: char) -> bool {
    list.iter().any(|(first, last)| *first <= one && one <= *last)
}

/// Whether there surely is a border between two characters that follow each other.
pub(super) fn is_border(before: char, after: char) -> bool {
    if before == '\r' && after == '\n' {
        return false;
    }
    if before.is_ascii_control() {
        return true;
    }
    (after.is_ascii() || within(&STARTERS, after)) && !within(&DRAWING, before)
}

/// How good a place for a cut is: a paragraph's end before a line's, a sentence's, a word's.
fn rank(earlier: char, before: char, after: char) -> u8 {
    if before == '\n' {
        return if earlier == '\n' || earlier == '\r' { 4 } else { 3 };
    }
    let ends = |one: char| matches!(one, '.' | '!' | '?' | ':' | ';');
    if matches!(before, '。' | '！' | '？') || (before == ' ' && ends(earlier)) {
        return 2;
    }
    u8::from(before.is_whitespace() || after.is_whitespace())
}

/// `at`, or the next place below it between two characters.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The best place within `from..=to` (bytes): of those of the best rank the last, or with `first` the
/// first. `None` where there is none.
fn best(text: &str, from: usize, to: usize, first: bool) -> Option<usize> {
    let mut found = None;
    let mut top = 0;
    let (mut earlier, mut before) = ('\0', None);
    // What stands before the range tells whether its first place is a border.
    let start = floor(text, from.saturating_sub(8));
    for (offset, after) in text.get(start..).unwrap_or_default().char_indices() {
        let at = start + offset;
        if at > to {
            break;
        }
        if let Some(before) = before
            && at >= from
            && is_border(before, after)
        {
            let rank = rank(earlier, before, after);
            if found.is_none() || rank > top || (rank == top && !first) {
                (found, top) = (Some(at), rank);
            }
        }
        earlier = before.unwrap_or('\0');
        before = Some(after);
    }
    found
}

/// Windows in which a better place is looked for: an eighth of what is kept, at most this many bytes.
const WIDEST: usize = 2_000;

/// The place at or below `limit` (bytes) where the text before it may end; 0 where there is none.
pub(super) fn last(text: &str, limit: usize) -> usize {
    if limit >= text.len() {
        return text.len();
    }
    let mut reach = (limit / 8).clamp(64, WIDEST);
    loop {
        let from = limit.saturating_sub(reach);
        if let Some(at) = best(text, from, limit, false) {
            return at;
        }
        if from == 0 {
            return 0;
        }
        reach = reach.saturating_mul(4);
    }
}

/// The place at or above `least` (bytes) where the text after it may begin; the end where there is none.
pub(super) fn first(text: &str, least: usize) -> usize {
    if least == 0 {
        return 0;
    }
    let mut reach = (text.len().saturating_sub(least) / 8).clamp(64, WIDEST);
    loop {
        let to = least.saturating_add(reach).min(text.len());
        if let Some(at) = best(text, least, to, true) {
            return at;
        }
        if to >= text.len() {
            return text.len();
        }
        reach = reach.saturating_mul(4);
    }
}

/// The beginning of a text in one line, for a list.
pub(super) fn preview(text: &str) -> String {
    const LONGEST: usize = 120;
    let text = text.trim();
    let end = if text.len() <= LONGEST { text.len() } else { last(text, LONGEST) };
    let mut shown = String::new();
    for word in text.get(..end).unwrap_or_default().split_whitespace() {
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    if end < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    fn borders(text: &str) -> Vec<usize> {
        text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect()
    }

    fn check(text: &str) {
        let borders = borders(text);
        let mut before = None;
        for (at, after) in text.char_indices() {
            if before.is_some_and(|before| is_border(before, after)) {
                assert!(borders.contains(&at), "{text:?} at {at}");
            }
            before = Some(after);
        }
    }

    #[test]
    fn every_starter_is_one() {
        let befores = [
            "a",
            "1",
            " ",
            "\r",
            "\n",
            "é",
            "e\u{301}",
            "船",
            "か",
            "👩\u{200d}",
            "🇩",
            "क\u{94d}",
            "\u{1100}",
            "\u{ac00}",
            "\u{600}",
            "\u{110bd}",
            "\u{d4e}",
            "ก",
            "\u{200d}",
            "©",
            "\u{11a3a}",
        ];
        for (first, last) in STARTERS.iter().chain([&('\0', '\u{7f}')]) {
            for after in *first..=*last {
                for before in befores {
                    check(&format!("{before}{after}"));
                }
            }
        }
    }

    #[test]
    fn every_character_that_draws_is_held() {
        for before in '\0'..=char::MAX {
            if borders(&format!("{before}a")).len() == 2 {
                assert!(!is_border(before, 'a') && !is_border(before, '船'), "{before:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut_at_borders(text in "\\PC{0,60}", limit in 0usize..200) {
            check(&text);
            let all = borders(&text);
            prop_assert!(all.contains(&last(&text, limit)) && last(&text, limit) <= limit.min(text.len()));
            let begin = first(&text, limit.min(text.len()));
            prop_assert!(all.contains(&begin) && begin >= limit.min(text.len()));
        }
    }

    #[test]
    fn paragraphs_are_better_than_words() {
        let text = "One two three.\n\nFour five. Six seven eight nine.";
        assert_eq!(last(text, 40), 16);
        assert_eq!(last(text, 15), 15);
        assert_eq!(first(text, 10), 16);
        assert_eq!(first(text, 18), 27);
        assert_eq!(last("👩‍👩‍👧👩‍👩‍👧", 30), 0);
        assert_eq!(preview("  One\n\n two  "), "One two");
    }
}
