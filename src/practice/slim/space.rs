//! Space that says nothing: at the ends of lines, between words of prose, more blank lines than one,
//! a margin that every line has.

use super::edit::Cut;
use super::field::{Field, Speaker};
use super::layout::{Kind, Layout, indent, marker};

/// Where a request is about space itself, space is not insignificant.
const ABOUT_SPACE: [&str; 26] = [
    "whitespace",
    "white space",
    "white-space",
    "indent",
    "newline",
    "new line",
    "line break",
    "linebreak",
    "line number",
    "blank line",
    "empty line",
    "trailing",
    "double space",
    "extra space",
    "spacing",
    "verbatim",
    "word for word",
    "byte for byte",
    "character by character",
    "ascii art",
    "ascii-art",
    "leerzeichen",
    "leerzeile",
    "zeilenumbr",
    "einrück",
    "wortwörtlich",
];

/// Whether a text asks for something about space, or for copying to the letter.
pub(super) fn is_about_space(text: &str) -> bool {
    let text = text.to_lowercase();
    ABOUT_SPACE.iter().any(|words| text.contains(words))
}

/// What can go from one text.
pub(super) fn cuts(place: usize, field: &Field, layout: &Layout, out: &mut Vec<Cut>) {
    // A tool's result may be a file, and an argument an edit of one: there every space counts.
    if matches!(field.speaker, Speaker::Result | Speaker::Arguments) {
        return;
    }
    let mut finder = Finder { place, text: &field.text, layout, out };
    let margin = if field.alone { finder.margin() } else { 0 };
    finder.lines(field.alone, margin);
}

struct Finder<'a> {
    place: usize,
    text: &'a str,
    layout: &'a Layout,
    out: &'a mut Vec<Cut>,
}

impl Finder<'_> {
    fn cut(&mut self, start: usize, end: usize, with: &str) {
        if start < end && self.text.get(start..end) != Some(with) {
            self.out.push(Cut::new(self.place, start, end, with));
        }
    }

    /// The margin that can go: nothing that is locked may begin a line.
    fn margin(&self) -> usize {
        for line in &self.layout.lines {
            let is_locked = self.layout.locked.get(line.start).copied().unwrap_or(false);
            if is_locked || matches!(line.kind, Kind::Code | Kind::Fixed) {
                return 0;
            }
        }
        self.layout.margin
    }

    fn lines(&mut self, alone: bool, margin: usize) {
        let layout = self.layout;
        let has_code = layout.lines.iter().any(|line| line.kind == Kind::Code);
        // The head of the first line of a text that stands alone is margin like any other.
        let mut at_head = alone && margin == layout.margin;
        let mut aligned = false;
        let mut index = 0;
        while let Some(line) = layout.lines.get(index) {
            if line.kind == Kind::Blank {
                let mut after = index;
                while layout.lines.get(after).is_some_and(|line| line.kind == Kind::Blank) {
                    after += 1;
                }
                self.blank(index, after, alone);
                index = after;
                continue;
            }
            let edge = if at_head { indent(line.text(self.text)) } else { 0 };
            at_head = false;
            if line.kind != Kind::Prose {
                index += 1;
                continue;
            }
            let begins = index == 0
                || layout.lines.get(index - 1).is_none_or(|line| line.kind != Kind::Prose);
            if begins {
                aligned = self.is_aligned(index);
            }
            self.cut(line.start, line.start + margin.max(edge), "");
            self.within(index, aligned, has_code);
            self.tail(index, alone);
            index += 1;
        }
    }

    /// Blank lines from `first` up to `after`: one is enough between two texts, none at the ends.
    fn blank(&mut self, first: usize, after: usize, alone: bool) {
        let layout = self.layout;
        let before = first.checked_sub(1).and_then(|index| layout.lines.get(index));
        let behind = layout.lines.get(after);
        let is_code =
            |line: Option<&super::layout::Line>| line.is_some_and(|line| line.kind == Kind::Code);
        if is_code(before) || is_code(behind) || (!alone && (before.is_none() || behind.is_none()))
        {
            return;
        }
        let start = before.map_or(0, |line| line.end);
        let end = behind.map_or(self.text.len(), |line| line.start);
        let with = match (before, behind) {
            (Some(_), Some(_)) if self.text.get(start..end).is_some_and(|s| s.contains('\r')) => {
                "\r\n\r\n"
            }
            (Some(_), Some(_)) => "\n\n",
            _ => "",
        };
        self.cut(start, end, with);
    }

    /// Space at the end of a line. Two spaces and more before another line are a line break of
    /// Markdown and stay, as two.
    fn tail(&mut self, index: usize, alone: bool) {
        let layout = self.layout;
        let Some(line) = layout.lines.get(index) else { return };
        let whole = line.text(self.text);
        let bare = whole.trim_end_matches([' ', '\t']);
        let start = line.start + bare.len();
        let next = layout.lines.get(index + 1);
        if start == line.end || bare.is_empty() || (next.is_none() && !alone) {
            return;
        }
        if layout.locked.get(start).copied().unwrap_or(true) {
            return;
        }
        let tail = whole.get(bare.len()..).unwrap_or_default();
        let breaks = next.is_some_and(|line| line.kind != Kind::Blank) && tail.ends_with("  ");
        self.cut(start, line.end, if breaks { "  " } else { "" });
    }

    /// Runs of spaces between words.
    fn within(&mut self, index: usize, aligned: bool, has_code: bool) {
        let Some(line) = self.layout.lines.get(index) else { return };
        let whole = line.text(self.text);
        if !whole.contains("  ") || whole.trim_end().contains('\t') || !is_wordy(whole) {
            return;
        }
        let mut wide = Vec::new();
        for run in runs(whole) {
            let locked =
                |at: usize| self.layout.locked.get(line.start + at).copied().unwrap_or(true);
            if locked(run.start) || locked(run.end - 1) {
                continue;
            }
            match run.kind {
                // What stands in an item is placed by the item's indentation; with code in it that
                // matters.
                Run::Marker if has_code || run.end - run.start > 4 => {}
                Run::Marker | Run::Sentence => wide.push(run),
                Run::Other if aligned => {}
                Run::Other => wide.push(run),
                Run::Fixed => {}
            }
        }
        for run in wide {
            self.cut(line.start + run.start, line.start + run.end, " ");
        }
    }

    /// Whether the paragraph that begins at `first` is set in columns: more than one line, or more
    /// than one place of a line, has wide space that no sentence explains.
    fn is_aligned(&self, first: usize) -> bool {
        let mut seen = 0;
        for line in self.layout.lines.iter().skip(first) {
            if line.kind != Kind::Prose {
                break;
            }
            let whole = line.text(self.text);
            if whole.contains("  ") {
                seen += runs(whole)
                    .iter()
                    .filter(|r| matches!(r.kind, Run::Other | Run::Fixed))
                    .count();
            }
        }
        seen > 1
    }
}

#[derive(Clone, Copy)]
enum Run {
    /// Behind a list's marker.
    Marker,
    /// Behind the end of a sentence.
    Sentence,
    /// Between words.
    Other,
    /// Beside signs that may be drawing.
    Fixed,
}

struct Space {
    start: usize,
    end: usize,
    kind: Run,
}

/// Runs of two spaces and more between two things of a line.
fn runs(line: &str) -> Vec<Space> {
    let mut out = Vec::new();
    let head = indent(line);
    let inner = line.get(head..).unwrap_or_default();
    let item = head + marker(inner);
    let bytes = line.as_bytes();
    let mut at = head;
    while let Some(byte) = bytes.get(at) {
        if *byte != b' ' {
            at += 1;
            continue;
        }
        let start = at;
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        let Some(after) = bytes.get(at) else { break };
        if at - start < 2 || start == 0 {
            continue;
        }
        let before = bytes.get(start - 1).copied().unwrap_or_default();
        let is_word = |byte: u8| !byte.is_ascii() || byte.is_ascii_alphanumeric();
        let kind = if start == item && item > head {
            Run::Marker
        } else if matches!(before, b'.' | b'!' | b'?') && at - start < 4 && is_word(*after) {
            Run::Sentence
        } else if (is_word(before) || matches!(before, b',' | b';' | b')')) && is_word(*after) {
            Run::Other
        } else {
            Run::Fixed
        };
        out.push(Space { start, end: at, kind });
    }
    out
}

/// Whether a line is words for the most part, and not a drawing: at least three of them, and no sign
/// of box drawing.
fn is_wordy(line: &str) -> bool {
    let (mut letters, mut others) = (0, 0);
    for char in line.chars() {
        if ('\u{2500}'..='\u{259f}').contains(&char) {
            return false;
        }
        if char.is_alphanumeric() {
            letters += 1;
        } else if char != ' ' && char != '\t' {
            others += 1;
        }
    }
    letters > 2 * others && line.split(' ').filter(|word| !word.is_empty()).count() > 2
}
