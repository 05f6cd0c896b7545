//! What each line of a text is: prose, which may be looked at, or something that nobody may touch:
//! code, a quotation, a block of JSON, a table, a formula.
//!
//! In doubt a line is not prose. One reading takes time in proportion to the text's length: every
//! search either moves on past what it found or ends the paragraph.

use super::{json, table};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Prose,
    /// Code without a fence: indented, or written like code.
    Code,
    /// Of a fence, a quotation, JSON, a table.
    Fixed,
}

/// A line, in bytes of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub start: usize,
    /// Without the end of the line, be it LF or CR LF.
    pub end: usize,
    pub kind: Kind,
    /// The tagged block that it stands in (`<document>` ... `</document>`); 0 outside of any.
    pub region: u32,
}

impl Line {
    pub(super) fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A text, read.
pub(super) struct Layout {
    pub lines: Vec<Line>,
    /// For each byte whether nobody may touch it.
    pub locked: Vec<bool>,
    /// Objects and arrays that stand on lines of their own.
    pub json: Vec<(usize, usize)>,
    /// Tables, as first line and line after the last.
    pub tables: Vec<(usize, usize)>,
    /// Spaces that every line begins with.
    pub margin: usize,
}

/// How many paragraphs a quotation may run through whose end does not come.
const LONGEST_QUOTATION: usize = 12;
/// Tags that are open at once.
const DEEPEST_TAG: usize = 32;

/// The lines of a text, none of them looked at yet.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let bare = line.strip_suffix('\r').unwrap_or(line);
        let kind = if bare.trim().is_empty() { Kind::Blank } else { Kind::Prose };
        out.push(Line { start, end: start + bare.len(), kind, region: 0 });
        start += line.len() + 1;
    }
    out
}

/// Reads a text.
pub(super) fn read(text: &str) -> Layout {
    let lines = lines(text);
    let margin = margin(text, &lines);
    let mut layout = Layout {
        lines,
        locked: vec![false; text.len()],
        json: Vec::new(),
        tables: Vec::new(),
        margin,
    };
    layout.blocks(text);
    layout.regions(text);
    layout.paragraphs(text);
    layout
}

/// The spaces that every line begins with that is not blank; 0 where one begins with a tab.
fn margin(text: &str, lines: &[Line]) -> usize {
    let mut margin = usize::MAX;
    for line in lines {
        if line.kind != Kind::Blank {
            margin = margin.min(indent(line.text(text)));
        }
    }
    if margin == usize::MAX { 0 } else { margin }
}

/// Spaces at the head of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The length of a list's marker (`-`, `*`, `+`, `12.`, `3)`) at the head of a line without its
/// indentation; 0 where there is none. A space follows it.
pub(super) fn marker(line: &str) -> usize {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = line.get(digits..).unwrap_or_default();
    let signs: &[char] = if digits == 0 { &['-', '*', '+', '•'] } else { &['.', ')'] };
    match rest.chars().next() {
        Some(sign) if digits < 4 && signs.contains(&sign) => {
            let length = digits + sign.len_utf8();
            let spaced = line.get(length..).is_some_and(|after| after.starts_with(' '));
            if spaced { length } else { 0 }
        }
        _ => 0,
    }
}

impl Layout {
    fn lock(&mut self, start: usize, end: usize) {
        if let Some(part) = self.locked.get_mut(start..end) {
            part.fill(true);
        }
    }

    /// Locks lines from `first` up to `after`, as `kind`; blank ones too.
    fn lock_lines(&mut self, first: usize, after: usize, kind: Kind) {
        let mut span = None;
        if let Some(lines) = self.lines.get_mut(first..after) {
            for line in lines {
                line.kind = kind;
                let (start, _) = span.unwrap_or((line.start, line.end));
                span = Some((start, line.end));
            }
        }
        if let Some((start, end)) = span {
            self.lock(start, end);
        }
    }

    /// Finds what takes whole lines.
    fn blocks(&mut self, text: &str) {
        // Beginnings of JSON that is known to have no end.
        let mut dead: Vec<usize> = Vec::new();
        // Where the last object or array ended; what stands in it is none of its own.
        let mut read_to = 0;
        let mut index = 0;
        let mut in_list = false;
        while let Some(line) = self.lines.get(index).copied() {
            let whole = line.text(text);
            let inner = whole.trim_start();
            let start = line.start + whole.len() - inner.len();
            if line.kind == Kind::Blank {
                index += 1;
                continue;
            }
            while dead.last().is_some_and(|place| *place < start) {
                dead.pop();
            }
            let may_be_json = start >= read_to && dead.last() != Some(&start);
            let after = match inner.as_bytes().first() {
                Some(b'`' | b'~' | b'$' | b'"' | b'\'' | b'<') => self.fence(text, index, inner),
                Some(b'{' | b'[') if may_be_json => {
                    match json::scan(text.as_bytes(), start) {
                        Ok(end) => {
                            read_to = end;
                            self.json_block(text, index, start, end)
                        }
                        Err(open) => {
                            // Outermost last, so that each is met at the end of the list.
                            dead = open;
                            dead.reverse();
                            None
                        }
                    }
                }
                Some(b'>') => Some(index + 1),
                _ => None,
            };
            if let Some(after) = after {
                self.lock_lines(index, after, Kind::Fixed);
                index = after.max(index + 1);
                continue;
            }
            if whole.contains(['|', '+']) {
                let (rows, regular) =
                    table::length(text, self.lines.get(index..).unwrap_or_default());
                if rows > 0 && indent(whole) < self.margin + 4 {
                    if regular {
                        self.tables.push((index, index + rows));
                    }
                    self.lock_lines(index, index + rows, Kind::Fixed);
                    index += rows;
                    continue;
                }
            }
            if let Some(after) = self.triple(text, index) {
                self.lock_lines(index, after, Kind::Fixed);
                index = after.max(index + 1);
                continue;
            }
            let is_item = marker(inner) > 0;
            let is_deep =
                indent(whole) >= self.margin + 4 || whole.trim_start_matches(' ').starts_with('\t');
            if is_deep && !(is_item && in_list) {
                self.lock_lines(index, index + 1, Kind::Code);
            } else {
                in_list = is_item || (in_list && is_deep);
            }
            index += 1;
        }
    }

    /// The line after a block that opens with a fence, a formula's `$$` or a tag of code.
    fn fence(&self, text: &str, index: usize, inner: &str) -> Option<usize> {
        for sign in ['`', '~'] {
            let length = inner.len() - inner.trim_start_matches(sign).len();
            if length >= 3 {
                let info = inner.get(length..).unwrap_or_default();
                if sign == '`' && info.contains('`') {
                    return None; // An inline span.
                }
                return Some(self.closing(text, index, |line| {
                    let line = line.trim();
                    line.len() >= length && line.chars().all(|char| char == sign)
                }));
            }
        }
        if inner.starts_with("$$") && !inner.trim_end().get(2..).is_some_and(|r| r.ends_with("$$"))
        {
            return Some(self.closing(text, index, |line| line.trim_end().ends_with("$$")));
        }
        for tag in ["pre", "code", "script", "style", "blockquote", "quote"] {
            let rest = inner.strip_prefix('<').and_then(|rest| rest.strip_prefix(tag));
            if rest.is_some_and(|rest| rest.starts_with(['>', ' '])) {
                let close = format!("</{tag}>");
                if inner.contains(&close) {
                    return Some(index + 1);
                }
                return Some(self.closing(text, index, |line| line.contains(&close)));
            }
        }
        None
    }

    /// The line after the first one behind `index` that `ends` it; the end of the text where none does.
    fn closing(&self, text: &str, index: usize, ends: impl Fn(&str) -> bool) -> usize {
        for (place, line) in self.lines.iter().enumerate().skip(index + 1) {
            if ends(line.text(text)) {
                return place + 1;
            }
        }
        self.lines.len()
    }

    /// A quotation between `"""` or `'''`, whole lines of it.
    fn triple(&self, text: &str, index: usize) -> Option<usize> {
        let line = self.lines.get(index)?.text(text);
        for sign in ["\"\"\"", "'''"] {
            let count = line.matches(sign).count();
            if count == 0 {
                continue;
            }
            if count % 2 == 0 {
                return Some(index + 1);
            }
            return Some(self.closing(text, index, |line| line.contains(sign)));
        }
        None
    }

    /// Takes an object or array that ends at `end` as a block, where nothing else is on its lines.
    fn json_block(&mut self, text: &str, index: usize, start: usize, end: usize) -> Option<usize> {
        let span = text.get(start..end)?;
        if span.len() < 20 && !span.contains('\n') {
            return None; // `[1]`, `[ ]`: a note, a box.
        }
        let mut last = index;
        while self.lines.get(last)?.end < end {
            last += 1;
        }
        let after = text.get(end..self.lines.get(last)?.end)?;
        if !after.trim().is_empty() {
            return None;
        }
        self.json.push((start, end));
        Some(last + 1)
    }

    /// Which tagged block each line is in.
    fn regions(&mut self, text: &str) {
        let mut open: Vec<(&str, u32)> = Vec::new();
        let mut number = 0;
        for line in &mut self.lines {
            let inner = text.get(line.start..line.end).unwrap_or_default().trim();
            let mut region = open.first().map_or(0, |(_, region)| *region);
            if let Some(name) = inner.strip_prefix("</").map(name) {
                if let Some(place) = open.iter().rposition(|(tag, _)| *tag == name) {
                    open.truncate(place);
                }
            } else if let Some(name) = inner.strip_prefix('<').map(name).filter(|n| !n.is_empty()) {
                if region == 0 {
                    number += 1;
                    region = number;
                }
                let closed = inner.rsplit("</").next().is_some_and(|rest| {
                    rest.len() < inner.len() && rest.trim_end_matches('>').trim() == name
                });
                if !closed && !inner.ends_with("/>") && open.len() < DEEPEST_TAG {
                    open.push((name, region));
                }
            }
            line.region = region;
        }
    }

    /// Looks into the paragraphs of prose.
    fn paragraphs(&mut self, text: &str) {
        let mut index = 0;
        let mut quoting = 0;
        while index < self.lines.len() {
            let first = index;
            let mut like_code = false;
            while let Some(line) = self.lines.get(index).filter(|line| line.kind == Kind::Prose) {
                like_code |= is_like_code(line.text(text));
                index += 1;
            }
            if index == first {
                index += 1;
                continue;
            }
            if like_code {
                self.lock_lines(first, index, Kind::Code);
                continue;
            }
            let ends = (self.lines.get(first), self.lines.get(index - 1));
            let (Some(start), Some(end)) = (ends.0.map(|l| l.start), ends.1.map(|l| l.end)) else {
                continue;
            };
            let odd = self.spans(text, start, end);
            if quoting > 0 || odd {
                self.lock_lines(first, index, Kind::Fixed);
                quoting = match (quoting, odd) {
                    (0, true) => LONGEST_QUOTATION,
                    (_, true) => 0,
                    (left, false) => left - 1,
                };
            }
        }
    }

    /// Locks code and quotations inside a paragraph. Whether a straight quotation mark, or an opening
    /// one, is left without its other half.
    fn spans(&mut self, text: &str, start: usize, end: usize) -> bool {
        let bytes = text.as_bytes();
        let mut at = start;
        let mut barren = start; // No single quotation ends before this place.
        while at < end {
            let Some(&byte) = bytes.get(at) else { return false };
            let rest = text.get(at..end).unwrap_or_default();
            match byte {
                b'`' => {
                    let length = rest.len() - rest.trim_start_matches('`').len();
                    let close = closing_run(bytes, at + length, end, length);
                    self.lock(at, close.unwrap_or(end));
                    at = close.unwrap_or(end);
                }
                b'"' => match rest.get(1..).and_then(|rest| rest.find('"')) {
                    Some(length) => {
                        self.lock(at, at + length + 2);
                        at += length + 2;
                    }
                    None => return true,
                },
                b'\'' if at >= barren && opens(bytes, start, at) => match single(bytes, at, end) {
                    Ok(close) => {
                        self.lock(at, close);
                        at = close;
                    }
                    Err(line) => {
                        barren = line;
                        at += 1;
                    }
                },
                0xc2 | 0xe2 | 0xe3 => {
                    let opener = rest.chars().next().unwrap_or_default();
                    let closers: &[char] = match opener {
                        '“' => &['”'],
                        '„' => &['“', '”'],
                        '«' => &['»'],
                        '»' => &['«'],
                        '‹' => &['›'],
                        '「' => &['」'],
                        _ => &[],
                    };
                    let behind = rest.get(opener.len_utf8()..).unwrap_or_default();
                    if closers.is_empty() {
                        at += opener.len_utf8();
                    } else if let Some(length) = behind.find(closers) {
                        let close = at + opener.len_utf8() + length;
                        let width = text
                            .get(close..)
                            .and_then(|r| r.chars().next())
                            .map_or(1, char::len_utf8);
                        self.lock(at, close + width);
                        at = close + width;
                    } else {
                        return true;
                    }
                }
                _ => at += 1,
            }
        }
        false
    }
}

/// The name at the head of a tag.
fn name(tag: &str) -> &str {
    let end = tag
        .find(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | ':' | '.')))
        .unwrap_or(tag.len());
    match tag.as_bytes().first() {
        Some(first) if first.is_ascii_alphabetic() => tag.get(..end).unwrap_or_default(),
        _ => "",
    }
}

/// Where a run of exactly `length` backticks ends.
fn closing_run(bytes: &[u8], start: usize, end: usize, length: usize) -> Option<usize> {
    let (mut at, mut run) = (start, 0);
    while at < end {
        if bytes.get(at) == Some(&b'`') {
            run += 1;
        } else {
            if run == length {
                return Some(at);
            }
            run = 0;
        }
        at += 1;
    }
    (run == length).then_some(end)
}

/// Whether a single quotation mark can open: nothing like a word before it, something behind it.
fn opens(bytes: &[u8], start: usize, at: usize) -> bool {
    let before = (at > start).then(|| bytes.get(at - 1)).flatten();
    let after = bytes.get(at + 1);
    before
        .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'[' | b'=' | b':'))
        && after.is_some_and(|byte| !byte.is_ascii_whitespace())
}

/// Where a single quotation ends, within its line; else where that line ends.
fn single(bytes: &[u8], start: usize, end: usize) -> Result<usize, usize> {
    let mut at = start + 1;
    while at < end {
        match bytes.get(at) {
            Some(b'\n') => return Err(at),
            Some(b'\'') => {
                let next = bytes.get(at + 1).filter(|_| at + 1 < end);
                if next.is_none_or(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric()) {
                    return Ok(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Err(end)
}

/// Whether a line is written as programs are.
fn is_like_code(line: &str) -> bool {
    let line = line.trim();
    if line.ends_with([';', '{', '}']) || line.ends_with("):") || line.ends_with("]:") {
        return true;
    }
    const HEADS: [&str; 24] = [
        "def ",
        "class ",
        "import ",
        "#include",
        "function ",
        "const ",
        "let ",
        "var ",
        "public ",
        "private ",
        "return ",
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE ",
        "CREATE ",
        "@@ ",
        "+++ ",
        "--- ",
        "$ ",
        "#!/",
        "elif ",
        "fn ",
        "//",
    ];
    HEADS.iter().any(|head| line.starts_with(head))
}
