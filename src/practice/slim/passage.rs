//! Sentences and paragraphs of prose, in which there is nothing that nobody may touch.

use super::field::Field;
use super::layout::{Kind, Layout, marker};

/// A sentence, an item of a list or a heading. Bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passage {
    pub field: usize,
    pub start: usize,
    pub end: usize,
    /// Which paragraph of the request it belongs to.
    pub paragraph: usize,
    /// The tagged block that it stands in; 0 outside of any.
    pub region: u32,
    pub words: usize,
    /// Whether it begins a paragraph or an item of a list.
    pub begins: bool,
    /// Of its words, whatever space is between them.
    pub hash: u64,
    /// Whether code or a quotation is in it.
    pub locked: bool,
}

impl Passage {
    pub(super) fn text<'a>(&self, field: &'a Field) -> &'a str {
        field.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether one may stand for the other: documents in tags of their own stay whole.
    pub(super) fn may_stand_for(&self, other: &Self) -> bool {
        self.region == other.region && (self.region == 0 || self.field == other.field)
    }
}

/// FNV-1a, continued.
pub(super) fn hash(mut from: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        from = (from ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    from
}

/// Where FNV-1a begins.
pub(super) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Adds the passages of a field.
pub(super) fn passages(place: usize, field: &Field, layout: &Layout, out: &mut Vec<Passage>) {
    let text = &field.text;
    let mut paragraph = out.last().map_or(0, |passage| passage.paragraph + 1);
    let mut start = None;
    let mut before = Kind::Blank;
    let mut region = 0;
    for line in &layout.lines {
        let whole = line.text(text);
        let inner = whole.trim_start();
        let begins = line.end - inner.len();
        let is_new = line.kind != Kind::Prose
            || before != Kind::Prose
            || line.region != region
            || marker(inner) > 0
            || inner.starts_with('#');
        if is_new && let Some(from) = start.take() {
            add(place, text, layout, (from, line.start), paragraph, region, out);
        }
        if line.kind != Kind::Prose || before != Kind::Prose || line.region != region {
            paragraph += 1;
        }
        before = line.kind;
        region = line.region;
        if line.kind != Kind::Prose {
            continue;
        }
        let mut from = start.unwrap_or(begins);
        for end in sentence_ends(inner) {
            add(place, text, layout, (from, begins + end), paragraph, region, out);
            from = begins + end;
        }
        let is_heading = inner.starts_with('#');
        if is_heading {
            add(place, text, layout, (from, line.end), paragraph, region, out);
        }
        let is_over =
            is_heading || text.get(from..line.end).is_none_or(|rest| rest.trim().is_empty());
        start = if is_over { None } else { Some(from) };
    }
    if let Some(from) = start {
        add(place, text, layout, (from, text.len()), paragraph, region, out);
    }
}

/// Where sentences end within a line: behind `.`, `!`, `?` and what closes after them, before space
/// or the line's end.
fn sentence_ends(line: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let mut ended = false;
    // The number of an item ends no sentence.
    let item = marker(line);
    for (at, char) in line.char_indices() {
        match char {
            _ if at < item => {}
            '.' | '!' | '?' | '。' | '！' | '？' => ended = true,
            ')' | ']' | '*' | '_' | '"' | '”' if ended => {}
            ' ' | '\t' => {
                if ended {
                    out.push(at);
                }
                ended = false;
            }
            _ => ended = false,
        }
    }
    if ended {
        out.push(line.len());
    }
    out
}

fn add(
    field: usize,
    text: &str,
    layout: &Layout,
    span: (usize, usize),
    paragraph: usize,
    region: u32,
    out: &mut Vec<Passage>,
) {
    let piece = text.get(span.0..span.1).unwrap_or_default();
    let start = span.0 + piece.len() - piece.trim_start().len();
    let end = span.0 + piece.trim_end().len();
    if start >= end {
        return;
    }
    let (mut words, mut sum) = (0, SEED);
    for word in piece.split_whitespace() {
        words += usize::from(word.contains(char::is_alphanumeric));
        sum = hash(hash(sum, word.as_bytes()), b" ");
    }
    let locked = layout.locked.get(start..end).is_none_or(|bytes| bytes.contains(&true));
    let begins = marker(piece.trim_start()) > 0
        || piece.trim_start().starts_with('#')
        || out.last().is_none_or(|p| p.paragraph != paragraph || p.field != field);
    out.push(Passage { field, start, end, paragraph, region, words, begins, hash: sum, locked });
}

/// What goes with the passages from `first` to `last` of `all`, which are of one field: they and the
/// space that parted them from their neighbours.
pub(super) fn extent(text: &str, all: &[Passage], first: usize, last: usize) -> (usize, usize) {
    let (Some(from), Some(to)) = (all.get(first), all.get(last)) else { return (0, 0) };
    let next = all.get(last + 1).filter(|p| p.paragraph == to.paragraph && p.field == to.field);
    let before = first
        .checked_sub(1)
        .and_then(|index| all.get(index))
        .filter(|p| p.paragraph == from.paragraph && p.field == from.field);
    match (before, next) {
        (_, Some(next)) => (from.start, next.start),
        (Some(before), None) => (before.end, to.end),
        (None, None) => {
            // Whole paragraphs: from the beginning of a line to the beginning of a line.
            let head = text.get(..from.start).unwrap_or_default();
            let start = head.rfind('\n').map_or(0, |at| at + 1);
            let rest = text.get(to.end..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            if blank == rest.len() {
                (head.trim_end().len(), text.len())
            } else {
                let line = rest.get(..blank).and_then(|space| space.rfind('\n'));
                (start, line.map_or(to.end, |at| to.end + at + 1))
            }
        }
    }
}
