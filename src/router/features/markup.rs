//! The marks of an enumeration, of an answer sheet or of a template, which are taken away before
//! anything is counted.

/// The most characters that are read: a longer ask is read at its beginning and its end.
const MOST_CHARACTERS: usize = 16_000;

/// The beginning and the end of a text that is too long to be read whole.
pub(super) fn shortened(text: &str) -> String {
    if text.len() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let half = MOST_CHARACTERS / 2;
    let head: String = text.chars().take(half).collect();
    let mut tail: Vec<char> = text.chars().rev().take(half).collect();
    tail.reverse();
    head.chars().chain(std::iter::once('\n')).chain(tail).collect()
}

/// A template's tag on a line of its own: `[INPUT]`, `<context>`, `### `.
pub(super) fn is_tag(line: &str) -> bool {
    let inner = line
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .or_else(|| line.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')));
    inner.is_some_and(|inner| {
        let name = inner.strip_prefix('/').unwrap_or(inner);
        !name.is_empty()
            && name.len() <= 24
            && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
    })
}

/// A label that waits for an answer: at most three words and a colon.
pub(super) fn is_label(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.strip_suffix([':', '\u{ff1a}']).is_some_and(|name| {
            name.split_whitespace().count() <= 3
                && name.chars().all(|c| c.is_alphabetic() || c == ' ')
        })
}

/// A line without the mark of its place in an enumeration (`A.`, `(b)`, `3)`, `-`), and whether
/// there was one. All marks are alike: nothing is learnt from which kind it was.
pub(super) fn without_marker(line: &str) -> (&str, bool) {
    if let Some(rest) =
        ["- ", "* ", "\u{2022} ", "\u{2013} "].iter().find_map(|mark| line.strip_prefix(mark))
    {
        return (rest.trim_start(), true);
    }
    let opened = line.strip_prefix('(').unwrap_or(line);
    let rest = opened.trim_start_matches(|c: char| c.is_ascii_digit());
    let label = if rest.len() < opened.len() && opened.len() - rest.len() <= 2 {
        Some(rest)
    } else {
        let mut characters = opened.chars();
        match characters.next() {
            Some(c) if c.is_ascii_alphabetic() => Some(characters.as_str()),
            _ => None,
        }
    };
    label
        .and_then(|rest| rest.strip_prefix(['.', ')']))
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map_or((line, false), |rest| (rest.trim_start(), true))
}
