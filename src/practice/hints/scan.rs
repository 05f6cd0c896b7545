//! One reading of a text: its words, its sentences, and which of them are the writer's own. Code,
//! quotations, tables, logs and sections set apart are stepped over, so that nothing in them is
//! taken for an instruction.

/// A word of the writer's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Of its letters, folded; 0 stands for a quotation or inline code.
    pub hash: u32,
    /// Bytes in the text.
    pub start: usize,
    pub end: usize,
    /// The last sign between the word before and this one, in the same sentence; 0 for none.
    pub before: u8,
    /// The number that it is in digits.
    pub value: Option<u32>,
    /// The classes of the lexicon.
    pub bits: u64,
}

/// A sentence, or a line of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    /// Words, as indices into [`Scan::words`].
    pub first: usize,
    pub last: usize,
    /// Bytes in the text.
    pub start: usize,
    pub end: usize,
    /// `.`, `?`, `!`, `:` or a line's end.
    pub sign: u8,
    /// Paragraph, counted from 0.
    pub block: usize,
    /// Whether it is a line of a list.
    pub item: bool,
    /// Whether the writer asks or orders in it, as far as its place tells.
    pub own: bool,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub words: Vec<Word>,
    pub sentences: Vec<Sentence>,
    /// Lines of code, logs, tables and data, fenced or not.
    pub machine_lines: usize,
    /// Lines of plain text outside of sections set apart.
    pub plain_lines: usize,
    /// Paragraphs after which something set apart stands.
    pub blocks: usize,
    /// Letters of Latin script, and of others, outside of machine lines.
    pub latin: usize,
    pub other: usize,
    /// The first letter of another script.
    pub script: Option<char>,
    /// Lines marked A, B, C: the answers to choose from.
    pub options: usize,
}

impl Scan {
    pub(super) fn words_of(&self, sentence: &Sentence) -> &[Word] {
        self.words.get(sentence.first..sentence.last).unwrap_or_default()
    }
}

const SEED: u32 = 0x811c_9dc5;

const fn mixed(hash: u32, byte: u32) -> u32 {
    (hash ^ byte).wrapping_mul(0x0100_0193)
}

/// Lower case, without accent; the apostrophes are one.
fn folded(letter: char) -> char {
    match letter {
        'A'..='Z' => letter.to_ascii_lowercase(),
        'à'..='å' | 'À'..='Å' => 'a',
        'è'..='ë' | 'È'..='Ë' => 'e',
        'ì'..='ï' | 'Ì'..='Ï' => 'i',
        'ò'..='ö' | 'Ò'..='Ö' => 'o',
        'ù'..='ü' | 'Ù'..='Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        'ß' => 's',
        '\u{2019}' => '\'',
        other => other,
    }
}

/// The hash of a word as [`scan`] makes it: FNV-1a, 32 bits, over folded letters.
pub(super) fn hash(word: &str) -> u32 {
    let mut hash = SEED;
    for letter in word.chars() {
        hash = mixed(hash, u32::from(folded(letter)));
        if letter == 'ß' {
            hash = mixed(hash, u32::from('s'));
        }
    }
    hash
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Plain,
    Machine,
    Apart,
}

/// Reads `text`; `marked` says whether a line of dashes sets a section apart, as it does in what a
/// person types, rather than dividing the chapters of a system message.
pub(super) fn scan(text: &str, marked: bool) -> Scan {
    let mut reader = Reader {
        text,
        scan: Scan::default(),
        from: 0,
        start: None,
        quote: None,
        sign: 0,
        item: false,
        option: false,
    };
    let mut fence: Option<char> = None;
    let mut rule = false;
    let mut tag: Option<&str> = None;
    let mut at = 0;
    let mut blank = true;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        let kind = if let Some(mark) = fence {
            if is_fence(trimmed) == Some(mark) {
                fence = None;
            }
            Kind::Machine
        } else if let Some(mark) = is_fence(trimmed) {
            fence = Some(mark);
            Kind::Machine
        } else if let Some(name) = tag {
            if closes(trimmed, name) {
                tag = None;
            }
            Kind::Apart
        } else if marked && is_rule(trimmed) {
            rule = !rule;
            Kind::Apart
        } else if rule || trimmed.starts_with('>') {
            Kind::Apart
        } else if let Some(name) = opens(trimmed) {
            if !closes(trimmed, name) {
                tag = Some(name);
            }
            Kind::Apart
        } else if trimmed.is_empty() {
            Kind::Blank
        } else if is_machine(trimmed) || (trimmed.starts_with('#') && line.starts_with("  ")) {
            Kind::Machine
        } else {
            Kind::Plain
        };
        let lettered =
            trimmed.starts_with(|c: char| c.is_ascii_alphabetic()) && marker(trimmed) > 0;
        reader.scan.options += usize::from(lettered && fence.is_none());
        if kind == Kind::Plain {
            reader.scan.plain_lines += 1;
            reader.line(line, start, blank);
            blank = false;
        } else {
            reader.scan.machine_lines += usize::from(kind == Kind::Machine);
            reader.close(b'\n');
            reader.quote = None;
            if !blank {
                reader.scan.blocks += 1;
            }
            blank = true;
        }
    }
    reader.close(b'\n');
    reader.scan
}

struct Reader<'a> {
    text: &'a str,
    scan: Scan,
    /// The first word of the sentence under way, and its first byte.
    from: usize,
    start: Option<usize>,
    /// What closes the quotation under way.
    quote: Option<char>,
    sign: u8,
    item: bool,
    option: bool,
}

impl Reader<'_> {
    /// One line of plain text; `fresh` where a paragraph begins.
    fn line(&mut self, line: &str, offset: usize, fresh: bool) {
        let indent = line.len() - line.trim_start().len();
        let marker = marker(line.trim_start());
        let begins = line.trim_start().chars().next().is_some_and(|c| c.is_uppercase() || c == '¿');
        if fresh || marker > 0 || self.item || begins {
            self.close(b'\n');
        }
        self.item = marker > 0;
        self.option =
            marker > 0 && line.trim_start().starts_with(|c: char| c.is_ascii_alphabetic());
        let mut letters = line.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if at < indent + marker {
                continue;
            }
            let here = offset + at;
            if let Some(close) = self.quote {
                if letter == close || (close == '\u{201c}' && letter == '\u{201d}') {
                    self.quote = None;
                }
                continue;
            }
            if let Some(close) = closing(letter) {
                self.quote = Some(close);
                self.push(0, here, here + letter.len_utf8(), None);
                continue;
            }
            if letter.is_alphanumeric() {
                let mut hash = SEED;
                let mut end = here;
                let mut number: Option<u32> = Some(0);
                let mut length = 0;
                let mut next = Some((at, letter));
                while let Some((place, one)) = next {
                    end = offset + place + one.len_utf8();
                    length += 1;
                    if one.is_alphabetic() {
                        // Latin with its extensions ends there.
                        if one < '\u{250}' {
                            self.scan.latin += 1;
                        } else {
                            self.scan.other += 1;
                            // Japanese has Chinese letters too; its own tell it.
                            let kana = matches!(one, '\u{3040}'..='\u{30ff}');
                            if kana || self.scan.script.is_none() {
                                self.scan.script = Some(one);
                            }
                        }
                    }
                    let joins = matches!(one, '\'' | '\u{2019}' | ',' | '.');
                    if !(joins && number.is_some()) {
                        hash = mixed(hash, u32::from(folded(one)));
                        if one == 'ß' {
                            hash = mixed(hash, u32::from('s'));
                        }
                        number = match (number, one.to_digit(10)) {
                            (Some(so_far), Some(digit)) => {
                                Some(so_far.saturating_mul(10).saturating_add(digit))
                            }
                            _ => None,
                        };
                    }
                    let Some((_, following)) = letters.peek().copied() else { break };
                    let after = line.get(place + one.len_utf8() + following.len_utf8()..);
                    let beyond = after.and_then(|rest| rest.chars().next());
                    let inside = following.is_alphanumeric()
                        || match following {
                            // French elision ends a word: l'analyse.
                            '\'' | '\u{2019}' => {
                                length > 1
                                    && number.is_none()
                                    && beyond.is_some_and(char::is_alphabetic)
                            }
                            ',' | '.' => {
                                number.is_some() && beyond.is_some_and(|c| c.is_ascii_digit())
                            }
                            _ => false,
                        };
                    if !inside {
                        break;
                    }
                    next = letters.next();
                }
                self.push(hash, here, end, number);
                continue;
            }
            let after = letters.peek().map(|(_, c)| *c);
            match letter {
                '?' | '!' => self.close(letter as u8),
                '.' if after.is_none_or(char::is_whitespace) => {
                    // After "etc." and "e.g." the sentence goes on in lower case.
                    let rest = line.get(at + 1..).unwrap_or_default().trim_start();
                    let goes_on = rest.chars().next().is_some_and(char::is_lowercase);
                    if !goes_on || !self.shortened() {
                        self.close(b'.');
                    }
                }
                ',' | ';' | ':' | '(' | ')' | '-' => self.sign = letter as u8,
                '\u{2013}' | '\u{2014}' => self.sign = b'-',
                _ => {}
            }
        }
    }

    /// Whether the last word is one that a point shortens.
    fn shortened(&self) -> bool {
        let Some(word) = self.scan.words.last() else { return false };
        let said = self.text.get(word.start..word.end).unwrap_or_default();
        said.len() == 1
            || [
                "etc", "usw", "vs", "ca", "bzw", "ggf", "evtl", "approx", "max", "min", "al",
                "inkl",
            ]
            .contains(&said)
    }

    fn push(&mut self, hash: u32, start: usize, end: usize, value: Option<u32>) {
        if self.start.is_none() {
            self.start = Some(start);
            self.sign = 0;
        }
        let before = self.sign;
        self.sign = 0;
        self.scan.words.push(Word { hash, start, end, before, value, bits: 0 });
    }

    fn close(&mut self, sign: u8) {
        let Some(start) = self.start.take() else { return };
        let last = self.scan.words.len();
        let end = self.scan.words.last().map_or(start, |word| word.end);
        // A line that ends with a colon announces what follows.
        let sign = if sign == b'\n' && self.sign == b':' { b':' } else { sign };
        // The sign itself belongs to its sentence.
        let tail = self.text.get(end..).unwrap_or_default();
        let closes = tail.starts_with(sign as char) && sign != b'\n';
        self.scan.sentences.push(Sentence {
            first: self.from,
            last,
            start,
            end: end + usize::from(closes),
            sign,
            block: self.scan.blocks,
            item: self.item,
            own: !self.option,
        });
        self.from = last;
        self.sign = 0;
    }
}

/// What closes a quotation that `letter` opens.
const fn closing(letter: char) -> Option<char> {
    Some(match letter {
        '"' => '"',
        '\u{201c}' | '\u{201d}' => '\u{201d}',
        '\u{201e}' => '\u{201c}',
        '«' => '»',
        '»' => '«',
        '\u{2018}' => '\u{2019}',
        '`' => '`',
        _ => return None,
    })
}

/// The bytes of a list's mark with the space after it: `- `, `* `, `12. `, `3) `, `A. `, `## `.
fn marker(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    let mut letters = line.chars();
    let lettered = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next().is_some_and(|c| matches!(c, '.' | ')'));
    let sign = if digits > 0 && digits <= 3 {
        usize::from(rest.starts_with(['.', ')'])) + digits
    } else if lettered {
        2
    } else if let Some(bullet) = line.chars().next().filter(|c| matches!(c, '-' | '*' | '•' | '–'))
    {
        bullet.len_utf8()
    } else {
        line.bytes().take_while(|byte| *byte == b'#').count()
    };
    let marked = sign > digits && line.get(sign..).is_some_and(|rest| rest.starts_with(' '));
    if marked { sign + 1 } else { 0 }
}

fn is_fence(line: &str) -> Option<char> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~' | '"'))?;
    let length = line.bytes().take_while(|byte| *byte == mark as u8).count();
    (length >= 3 && (mark != '"' || length == line.len())).then_some(mark)
}

/// A line of three or more of the same of these signs.
fn is_rule(line: &str) -> bool {
    let Some(first) = line.bytes().next().filter(|b| matches!(b, b'-' | b'=' | b'*' | b'_' | b'#'))
    else {
        return false;
    };
    line.len() >= 3 && line.bytes().all(|byte| byte == first)
}

/// The name of the tag that a line opens with.
fn opens(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('<')?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
    let name =
        rest.get(..end).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    rest.get(end..)?.contains('>').then_some(name)
}

fn closes(line: &str, name: &str) -> bool {
    let Some(at) = line.rfind("</") else { return false };
    line.get(at + 2..).is_some_and(|rest| rest.starts_with(name))
}

/// How lines of programs, logs and data begin.
const OPENINGS: &str = "import |from |def |class |fn |func |function |const |let |var |public |private |\
    static |return |SELECT |INSERT |UPDATE |CREATE TABLE|FROM |WHERE |#include|//|/*|@|Traceback |File \"|\
    struct |impl |pub |package |using |namespace |if (|for (|while (|#!|<?|$ |async |await |export |* @";

/// Whether a line, without the space around it, is of a program, a log, a table or a record.
fn is_machine(line: &str) -> bool {
    // "Explain this query: SELECT ..." is a sentence whatever follows its colon.
    let head = line.split(": ").next().filter(|head| head.len() < line.len()).unwrap_or_default();
    let words = head.split(' ').filter(|word| word.chars().all(char::is_alphabetic)).count();
    if words >= 2 && words == head.split(' ').count() {
        return false;
    }
    // An exception's line, a call alone.
    if words <= 1 && !head.contains(' ') && (head.ends_with("Error") || head.ends_with("Exception"))
    {
        return true;
    }
    if line.starts_with("File \"") || line.starts_with("Traceback ") {
        return true;
    }
    if line.ends_with("()") && !line.contains(' ') {
        return true;
    }
    // A time stands first in a log.
    let stamp = line.trim_start_matches('[');
    let digits = stamp.bytes().take(10).filter(u8::is_ascii_digit).count();
    if digits >= 8 && stamp.as_bytes().get(4) == Some(&b'-') {
        return true;
    }
    // Three plain words in a row are a sentence's, formulas or not, except in comments and records.
    let structural = line.starts_with(['/', '#', '*', '|', '{', '}', '"', '\'', '[', '<', '@'])
        || line.ends_with(['{', '}', ';']);
    if line.starts_with(['{', '[']) && line.ends_with(['}', ']']) && line.len() > 2 {
        return true;
    }
    let mut row = 0;
    for word in line.split(' ') {
        let plain = word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        row = if plain { row + 1 } else { 0 };
        if row == 3 && !structural {
            return false;
        }
    }
    let mut signs = 0;
    let mut letters = 0;
    let mut spaces = 0;
    let mut tight = 0;
    let mut bars = 0;
    let mut before = ' ';
    for letter in line.chars() {
        match letter {
            '{' | '}' | '[' | ']' | '=' | '<' | '>' | '_' | '\\' | '@' | '#' | '$' | '^' | '&'
            | '*' | '+' | '~' => signs += 1,
            ';' | '(' => signs += usize::from(before.is_alphanumeric()),
            '|' => bars += 1,
            ' ' | '\t' => spaces += 1,
            _ if letter.is_alphabetic() => letters += 1,
            _ => {}
        }
        if matches!(before, ',' | ';') && !letter.is_whitespace() {
            tight += 1;
        }
        before = letter;
    }
    let ends = matches!(before, '{' | '}' | ';' | '[' | ']') || line.ends_with("):");
    if signs + bars > 0 && ends && !line.contains(". ") && letters < 4 * (signs + bars) + 40 {
        return true;
    }
    let all = signs + bars + letters;
    if (signs + bars) * 8 > all && (signs + bars >= 2 || letters == 0) {
        return true;
    }
    // A record: separators with nothing around them, hardly a space.
    if tight >= 2 && spaces <= 2 * tight {
        return true;
    }
    if letters == 0 && line.len() >= 2 {
        return true;
    }
    if signs > 0 || line.ends_with(['"', '\'', ':', ';', ')', ',']) {
        let opening = OPENINGS.split('|').any(|opening| line.starts_with(opening));
        if opening && (signs > 0 || !line.ends_with(['.', '?', '!', ','])) {
            return !line.contains(", ") || signs > 0;
        }
    }
    // `key: value` and `- key: value` with a key that no sentence begins with.
    let key = line.trim_start_matches("- ");
    let end = key.find(':').unwrap_or(0);
    let name = key.get(..end).unwrap_or_default();
    let plain =
        name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    if !name.is_empty()
        && plain
        && (key.len() == end + 1
            || (key != line && letters < 40)
            || !key.trim_end().get(end + 2..).unwrap_or(" ").contains(' '))
    {
        return name.len() > 2;
    }
    line.starts_with(". ")
        || line.starts_with(".filter(")
        || (line.starts_with('.') && signs + tight > 0)
        || (line.starts_with('.') && line.contains('('))
}
