//! Tables drawn with `|`: Markdown's (GitHub Flavored Markdown 0.29, 4.10) and grids with borders of
//! `+---+`. Their cells stay; what pads them to equal width goes.

use super::layout::Line;

/// The number of lines of the table that begins at the first of `lines` (0 where there is none), and
/// whether all its rows have the cells that its head has.
pub(super) fn length(text: &str, lines: &[Line]) -> (usize, bool) {
    let line = |index: usize| lines.get(index).map(|line| line.text(text));
    let Some(first) = line(0) else { return (0, false) };
    if is_border(first) {
        return grid(text, lines);
    }
    let Some(second) = line(1) else { return (0, false) };
    if !first.contains('|') || !is_rule(second) || cells(first).len() != cells(second).len() {
        return (0, false);
    }
    let mut count = 2;
    while line(count).is_some_and(|row| row.contains('|') && !row.trim().is_empty()) {
        count += 1;
    }
    (count, true)
}

/// A grid: a border first and last, and in every row as many cells as the border has. Where a row has
/// others (cells that span columns) it is a grid all the same, but not a regular one.
fn grid(text: &str, lines: &[Line]) -> (usize, bool) {
    let (mut columns, mut count, mut borders) = (0, 0, 0);
    let mut regular = true;
    for line in lines {
        let row = line.text(text).trim();
        if is_border(row) {
            let here = row.matches('+').count();
            regular &= columns == 0 || here == columns;
            columns = here;
            borders += 1;
        } else if row.len() > 1 && row.starts_with('|') && row.ends_with('|') {
            regular &= row.matches('|').count() == columns && !row.contains('\\');
        } else {
            break;
        }
        count += 1;
    }
    let last = lines.get(..count).and_then(<[Line]>::last);
    let closed = last.is_some_and(|line| is_border(line.text(text)));
    if borders < 2 || count < 3 { (0, false) } else { (count, regular && closed) }
}

/// `+----+:---+`, at most three spaces in.
fn is_border(line: &str) -> bool {
    let row = line.trim();
    row.len() > 4
        && row.starts_with('+')
        && row.ends_with('+')
        && row.chars().all(|char| matches!(char, '+' | '-' | '=' | ':'))
        && row.contains(['-', '='])
}

/// The line under a Markdown table's head.
fn is_rule(line: &str) -> bool {
    if !line.contains('|') || !line.contains('-') {
        return false;
    }
    for cell in cells(line) {
        let dashes = cell.strip_prefix(':').unwrap_or(cell);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        if dashes.is_empty() || !dashes.chars().all(|char| char == '-') {
            return false;
        }
    }
    true
}

/// The cells of a row, trimmed. A `\|` is text.
pub(super) fn cells(line: &str) -> Vec<&str> {
    let mut row = line.trim();
    row = row.strip_prefix('|').unwrap_or(row);
    let mut out = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, char) in row.char_indices() {
        if char == '|' && !escaped {
            out.push(row.get(start..at).unwrap_or_default().trim());
            start = at + 1;
        }
        escaped = char == '\\' && !escaped;
    }
    // What follows the last bar is a cell only where a row doesn't end with a bar.
    let rest = row.get(start..).unwrap_or_default().trim();
    if !rest.is_empty() || out.is_empty() {
        out.push(rest);
    }
    out
}

/// The table without its padding.
pub(super) fn compact(text: &str, lines: &[Line]) -> String {
    let mut out = String::new();
    let is_grid = lines.first().is_some_and(|line| is_border(line.text(text)));
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            // As it was, be it LF or CR LF.
            let before = lines.get(index - 1).map_or(0, |line| line.end);
            out.push_str(text.get(before..line.start).unwrap_or_default());
        }
        let row = line.text(text);
        let trimmed = row.trim_end();
        let indent = trimmed.len() - trimmed.trim_start().len();
        out.push_str(trimmed.get(..indent).unwrap_or_default());
        let trimmed = trimmed.trim_start();
        if is_grid && is_border(row) {
            border(&mut out, trimmed);
        } else if !is_grid && index == 1 {
            rule(&mut out, trimmed);
        } else {
            cells_of(&mut out, trimmed);
        }
    }
    out
}

fn border(out: &mut String, row: &str) {
    for part in row.split('+') {
        if part.is_empty() {
            continue;
        }
        out.push('+');
        dashes(out, part, if part.contains('=') { "===" } else { "---" });
    }
    out.push('+');
}

fn rule(out: &mut String, row: &str) {
    if row.starts_with('|') {
        out.push('|');
    }
    for (index, cell) in cells(row).into_iter().enumerate() {
        if index > 0 {
            out.push('|');
        }
        dashes(out, cell, "---");
    }
    if row.ends_with('|') {
        out.push('|');
    }
}

fn dashes(out: &mut String, cell: &str, dashes: &str) {
    if cell.starts_with(':') {
        out.push(':');
    }
    out.push_str(dashes);
    if cell.ends_with(':') {
        out.push(':');
    }
}

fn cells_of(out: &mut String, row: &str) {
    if row.starts_with('|') {
        out.push('|');
    }
    let (mut start, mut escaped) = (usize::from(row.starts_with('|')), false);
    let mut first = !row.starts_with('|');
    let mut put = |out: &mut String, cell: &str, last: bool| {
        let cell = cell.trim();
        if !first {
            out.push(' ');
        }
        first = false;
        out.push_str(cell);
        if !cell.is_empty() && !last {
            out.push(' ');
        }
    };
    for (at, char) in row.char_indices().skip(start) {
        if char == '|' && !escaped {
            put(out, row.get(start..at).unwrap_or_default(), false);
            out.push('|');
            start = at + 1;
        }
        escaped = char == '\\' && !escaped;
    }
    let rest = row.get(start..).unwrap_or_default();
    if !rest.trim().is_empty() {
        put(out, rest, true);
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::lines;
    use super::*;

    fn slim(text: &str) -> String {
        let lines = lines(text);
        let (count, regular) = length(text, &lines);
        assert!(regular);
        compact(text, lines.get(..count).unwrap())
    }

    #[test]
    fn takes_the_padding_out() {
        assert_eq!(
            slim("| Name   | Age  |\n|:-------|-----:|\n| Ann    |   31 |\n|        |    4 |"),
            "| Name | Age |\n|:---|---:|\n| Ann | 31 |\n| | 4 |"
        );
        assert_eq!(slim("a   |  b\n----|-----\n1   |  x \\|  y"), "a | b\n---|---\n1 | x \\|  y");
        assert_eq!(
            slim("+------+-----+\n| a    |   b |\n+======+=====+\n| 1    |   2 |\n+------+-----+"),
            "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+"
        );
    }

    #[test]
    fn leaves_what_is_none() {
        for text in
            ["a | b\nc | d", "a | b\n---", "x\n---|---", "+---+\nnone", "+--+--+\n| a |\n+--+--+"]
        {
            assert!(!length(text, &lines(text)).1, "{text}");
        }
    }
}
