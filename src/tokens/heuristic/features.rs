//! What the estimate looks at: one pass over the text, counting how many of each kind of thing
//! there are. No allocation, time linear in the text, nothing remembered but one small state.

/// Scripts and kinds of character whose prices differ from tokenizer to tokenizer. The order is
/// the order of the coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Space,
    Newline,
    Tab,
    Latin,
    Digit,
    Punctuation,
    Greek,
    Cyrillic,
    Armenian,
    Georgian,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Oriya,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Thai,
    SouthEastAsian,
    Ethiopic,
    Hangul,
    Kana,
    Han,
    RareHan,
    WidePunctuation,
    Symbol,
    Emoji,
    OtherPlane,
    Mark,
    Other,
}

const KINDS: usize = Kind::Other as usize + 1;

/// Letters as the pair table sees them: none (a border of the word), `a` to `z`, any other.
const LETTERS: usize = 28;
const OTHER_LETTER: u8 = 27;

/// Latin words of 1, 2, ... 12 letters, of 13 to 16, of 17 to 24, and longer.
const LENGTHS: usize = 15;

/// Named places of the counts that are neither kinds nor pairs.
mod place {
    pub const LENGTHS: usize = 0;
    pub const GLUED_WORD: usize = LENGTHS + super::LENGTHS;
    pub const CAPITALISED: usize = GLUED_WORD + 1;
    pub const HUMP: usize = CAPITALISED + 1;
    pub const CAPITALS: usize = HUMP + 1;
    pub const LONG_LETTERS: usize = CAPITALS + 1;
    pub const DIGIT_TRIPLES: usize = LONG_LETTERS + 1;
    pub const DIGIT_AFTER_SPACE: usize = DIGIT_TRIPLES + 1;
    pub const DIGIT_LETTER: usize = DIGIT_AFTER_SPACE + 1;
    pub const REPEATED: usize = DIGIT_LETTER + 1;
    pub const PUNCTUATION_AFTER_SPACE: usize = REPEATED + 1;
    pub const PUNCTUATION_PAIR: usize = PUNCTUATION_AFTER_SPACE + 1;
    pub const SPACE_RUN: usize = PUNCTUATION_PAIR + 1;
    pub const SPACE_RUN_DOUBLINGS: usize = SPACE_RUN + 1;
    pub const NEWLINE_RUN: usize = SPACE_RUN_DOUBLINGS + 1;
    pub const INDENTED_LINE: usize = NEWLINE_RUN + 1;
    pub const AFTER_SPACE: usize = INDENTED_LINE + 1;
    pub const CHARACTERS: usize = AFTER_SPACE + 1;
    pub const RUNS: usize = CHARACTERS + super::KINDS;
    pub const ASCII: usize = RUNS + super::KINDS;
    pub const PAIRS: usize = ASCII + 32;
    pub const END: usize = PAIRS + super::LETTERS * super::LETTERS;
}

/// How many numbers describe a text.
pub const FEATURES: usize = place::END;

/// Where the letter pairs begin: everything before is a plain count, everything from here on is a
/// pair of letters inside a Latin word.
pub const PAIRS_FROM: usize = place::PAIRS;

/// Groups of features whose errors are alike, for the width of the interval: Latin words, digits,
/// ASCII punctuation and white space, Cyrillic and Greek, other alphabets, East Asian, the rest.
pub const GROUPS: usize = 7;

/// The group that a feature's tokens belong to.
pub fn group_of(feature: usize) -> usize {
    let kind = match feature {
        place::LENGTHS..place::DIGIT_TRIPLES | place::PAIRS.. => return 0,
        place::DIGIT_TRIPLES..place::REPEATED => return 1,
        place::REPEATED..place::CHARACTERS | place::ASCII..place::PAIRS => return 2,
        place::CHARACTERS..place::RUNS => feature - place::CHARACTERS,
        _ => feature - place::RUNS,
    };
    match kind {
        k if k == Kind::Latin as usize => 0,
        k if k == Kind::Digit as usize => 1,
        k if k <= Kind::Punctuation as usize => 2,
        k if k == Kind::Cyrillic as usize || k == Kind::Greek as usize => 3,
        k if (Kind::Armenian as usize..=Kind::Ethiopic as usize).contains(&k) => 4,
        k if (Kind::Hangul as usize..=Kind::WidePunctuation as usize).contains(&k) => 5,
        _ => 6,
    }
}

/// The counts that describe a text. Counts of two texts add up to those of the joined text, up to
/// the runs that the seam cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    counts: [u32; FEATURES],
}

impl Default for Features {
    fn default() -> Self {
        Self { counts: [0; FEATURES] }
    }
}

impl Features {
    /// Counts one text.
    pub fn of(text: &str) -> Self {
        let mut features = Self::default();
        features.add_text(text);
        features
    }

    /// Counts another text on top.
    pub fn add_text(&mut self, text: &str) {
        self.add_characters(None, &mut text.chars());
    }

    /// Counts characters on top that follow a run of the kind `before`, and do not go on with it.
    pub(super) fn add_characters(
        &mut self,
        before: Option<Kind>,
        characters: &mut dyn Iterator<Item = char>,
    ) {
        let mut scan = Scan { before, ..Scan::default() };
        for character in characters {
            scan.step(self, character);
        }
        scan.end_run(self);
    }

    /// Adds the counts of another text.
    pub(super) fn put(&mut self, other: &Self) {
        for (count, by) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*by);
        }
    }

    /// Takes the counts of another text away.
    pub(super) fn take(&mut self, other: &Self) {
        for (count, by) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_sub(*by);
        }
    }

    /// The counts, in the order of the coefficients.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    fn add(&mut self, place: usize, by: u32) {
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(by);
        }
    }
}

/// What the pass remembers: the run it is in.
struct Scan {
    /// The kind of the run before the first one.
    before: Option<Kind>,
    kind: Kind,
    length: u32,
    previous: char,
    previous_letter: u8,
    previous_upper: bool,
    capitals: u32,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            before: None,
            kind: Kind::Newline,
            length: 0,
            previous: '\0',
            previous_letter: 0,
            previous_upper: false,
            capitals: 0,
        }
    }
}

impl Scan {
    fn step(&mut self, features: &mut Features, character: char) {
        let kind = kind_of(character);
        if self.length > 0 && kind == Kind::Mark && self.kind != Kind::Space {
            // A mark belongs to the letter before it.
            features.add(place::CHARACTERS + Kind::Mark as usize, 1);
            return;
        }
        if kind != self.kind || self.length == 0 {
            self.begin_run(features, kind);
        }
        features.add(place::CHARACTERS + kind as usize, 1);
        match kind {
            Kind::Latin => self.letter(features, character),
            Kind::Punctuation => {
                features.add(place::ASCII + ascii_place(character), 1);
                if self.length > 0 {
                    let pair = if self.previous == character {
                        place::REPEATED
                    } else {
                        place::PUNCTUATION_PAIR
                    };
                    features.add(pair, 1);
                }
            }
            Kind::Digit if self.length.is_multiple_of(3) => features.add(place::DIGIT_TRIPLES, 1),
            _ => {}
        }
        self.previous = character;
        self.length = self.length.saturating_add(1);
    }

    fn begin_run(&mut self, features: &mut Features, kind: Kind) {
        let before = if self.length > 0 { Some(self.kind) } else { self.before };
        self.end_run(features);
        let glued = before.is_some_and(|k| !matches!(k, Kind::Space | Kind::Newline | Kind::Tab));
        features.add(place::RUNS + kind as usize, 1);
        match kind {
            Kind::Latin if glued => features.add(place::GLUED_WORD, 1),
            Kind::Digit if before == Some(Kind::Space) => {
                features.add(place::DIGIT_AFTER_SPACE, 1);
            }
            Kind::Punctuation if before == Some(Kind::Space) => {
                features.add(place::PUNCTUATION_AFTER_SPACE, 1);
            }
            Kind::Space | Kind::Newline | Kind::Tab | Kind::Latin => {}
            _ if before == Some(Kind::Space) => features.add(place::AFTER_SPACE, 1),
            _ => {}
        }
        if matches!(
            (before, kind),
            (Some(Kind::Digit), Kind::Latin) | (Some(Kind::Latin), Kind::Digit)
        ) {
            features.add(place::DIGIT_LETTER, 1);
        }
        if before == Some(Kind::Newline) && matches!(kind, Kind::Space | Kind::Tab) {
            features.add(place::INDENTED_LINE, 1);
        }
        self.kind = kind;
        self.length = 0;
        self.previous_letter = 0;
        self.previous_upper = false;
        self.capitals = 0;
        self.previous = '\0';
    }

    fn letter(&mut self, features: &mut Features, character: char) {
        let letter = match character.to_ascii_lowercase() {
            lower @ 'a'..='z' => lower as u8 - b'a' + 1,
            _ => OTHER_LETTER,
        };
        let upper = character.is_uppercase();
        if upper {
            self.capitals += 1;
            if self.length == 0 {
                features.add(place::CAPITALISED, 1);
            } else if !self.previous_upper {
                features.add(place::HUMP, 1);
            }
        }
        self.pair(features, letter);
        self.previous_letter = letter;
        self.previous_upper = upper;
    }

    fn pair(&self, features: &mut Features, letter: u8) {
        let pair = usize::from(self.previous_letter) * LETTERS + usize::from(letter);
        features.add(place::PAIRS + pair, 1);
    }

    fn end_run(&mut self, features: &mut Features) {
        let length = self.length;
        if length == 0 {
            return;
        }
        match self.kind {
            Kind::Latin => {
                self.pair(features, 0);
                let bucket = match length {
                    1..=12 => length as usize - 1,
                    13..=16 => 12,
                    17..=24 => 13,
                    _ => 14,
                };
                features.add(place::LENGTHS + bucket, 1);
                if length > 24 {
                    features.add(place::LONG_LETTERS, length - 24);
                }
                if self.capitals > 1 {
                    features.add(place::CAPITALS, self.capitals);
                }
            }
            Kind::Space if length > 1 => {
                features.add(place::SPACE_RUN, 1);
                features.add(place::SPACE_RUN_DOUBLINGS, length.ilog2());
            }
            Kind::Newline if length > 1 => features.add(place::NEWLINE_RUN, 1),
            _ => {}
        }
        self.length = 0;
    }
}

/// The 32 printable ASCII characters that are neither letters nor digits, in their own order.
fn ascii_place(character: char) -> usize {
    match character {
        '!'..='/' => character as usize - '!' as usize,
        ':'..='@' => character as usize - ':' as usize + 15,
        '['..='`' => character as usize - '[' as usize + 22,
        '{'..='~' => character as usize - '{' as usize + 28,
        _ => 31,
    }
}

/// Ranges after Unicode 16's blocks, coarse on purpose.
pub(super) fn kind_of(character: char) -> Kind {
    match character as u32 {
        0x20 | 0xA0 => Kind::Space,
        0x0A | 0x0D => Kind::Newline,
        0x09 => Kind::Tab,
        0x30..=0x39 => Kind::Digit,
        0x41..=0x5A | 0x61..=0x7A => Kind::Latin,
        0x21..=0x7E => Kind::Punctuation,
        0x00..=0x1F | 0x7F..=0x9F => Kind::Other,
        0xAA | 0xB5 | 0xBA => Kind::Latin,
        0xD7 | 0xF7 | 0xA1..=0xBF => Kind::Symbol,
        0xC0..=0x02AF | 0x1E00..=0x1EFF | 0x2C60..=0x2C7F | 0xA720..=0xA7FF => Kind::Latin,
        0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF => Kind::Mark,
        0xFE00..=0xFE0F | 0xFE20..=0xFE2F | 0x200D => Kind::Mark,
        0x0370..=0x03FF | 0x1F00..=0x1FFF => Kind::Greek,
        0x0400..=0x052F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Kind::Cyrillic,
        0x0530..=0x058F => Kind::Armenian,
        0x0590..=0x05FF => Kind::Hebrew,
        0x0600..=0x06FF | 0x0750..=0x077F | 0x08A0..=0x08FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFE => {
            Kind::Arabic
        }
        0x0900..=0x097F | 0xA8E0..=0xA8FF => Kind::Devanagari,
        0x0980..=0x09FF => Kind::Bengali,
        0x0A00..=0x0A7F => Kind::Gurmukhi,
        0x0A80..=0x0AFF => Kind::Gujarati,
        0x0B00..=0x0B7F => Kind::Oriya,
        0x0B80..=0x0BFF => Kind::Tamil,
        0x0C00..=0x0C7F => Kind::Telugu,
        0x0C80..=0x0CFF => Kind::Kannada,
        0x0D00..=0x0D7F => Kind::Malayalam,
        0x0D80..=0x0DFF => Kind::Sinhala,
        0x0E00..=0x0E7F => Kind::Thai,
        0x0E80..=0x0FFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0xAA60..=0xAA7F => {
            Kind::SouthEastAsian
        }
        0x10A0..=0x10FF | 0x1C90..=0x1CBF | 0x2D00..=0x2D2F => Kind::Georgian,
        0x1200..=0x139F | 0x2D80..=0x2DDF => Kind::Ethiopic,
        0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7FF => Kind::Hangul,
        0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9F => Kind::Kana,
        0x4E00..=0x9FFF => Kind::Han,
        0x2E80..=0x2FDF | 0x3400..=0x4DBF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF => Kind::RareHan,
        0x3000..=0x303F | 0xFF00..=0xFF65 | 0xFFA0..=0xFFEF => Kind::WidePunctuation,
        0x2000..=0x2BFF | 0xFFF0..=0xFFFF => Kind::Symbol,
        0x1_F000..=0x1_FAFF => Kind::Emoji,
        0x1_0000.. => Kind::OtherPlane,
        _ => Kind::Other,
    }
}
