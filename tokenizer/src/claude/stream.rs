//! From a normalised text to its count: runs of characters of one class, the markers that they
//! write at their borders, and the tilings of what is between places that no piece crosses.
//!
//! Rules: `ctok` 1.3.0, `normalize.stream_norm`. Claude's tokenizer reads a text in which markers
//! stand for the beginning and the end of a word and for a capital first letter or a word in
//! capitals; one space between an end and a beginning is not written. A piece takes in a
//! beginning only before its text and an end only after it, and its text is of one kind: letters
//! of words, or digits, or punctuation, or one kind of space. (The generator of the vocabulary
//! files holds all pieces to that.) So the stream is never built: each stretch is tiled alone.

use super::character::{Characters, Class, Traits};
use super::tile::{Pieces, Window};
use super::trie::{CAPITALS, SHIFTED, WORD};

/// Suffixes that an apostrophe binds to the word before it, as whole words in lower case.
const CONTRACTIONS: [&[u8]; 7] = [b"s", b"t", b"d", b"m", b"ll", b"re", b"ve"];

/// Whether a text can be cut between two characters wherever they are side by side: nothing on
/// either side looks at, or is tiled with, what is on the other. The part after the cut counts as
/// one that is after a word ([`Stream::after_word`]).
pub(super) fn is_border(characters: &Characters, left: char, right: char) -> bool {
    // Only ASCII is looked at by itself.
    let head = |c: char| u8::try_from(u32::from(c)).unwrap_or(0xff);
    let side = |c: char| (characters.of(c.into()), head(c));
    parts(side(left), side(right))
}

/// As [`is_border`], from the traits of the characters and their first bytes.
#[inline]
fn parts((l, left): (Traits, u8), (r, right): (Traits, u8)) -> bool {
    if !l.is_inert() || !r.is_inert() {
        return false;
    }
    // Runs of these classes look at their neighbours' class at most, but for apostrophes, which
    // look further.
    let plain = |head: u8, traits: Traits| match traits.class() {
        Class::Punctuation if head == b'\'' => None,
        class @ (Class::Wordy | Class::Digit | Class::Punctuation | Class::Letter) => Some(class),
        _ => None,
    };
    match (left, right) {
        (_, b'\n') => l.class() != Class::Space,
        (b'\n', _) => r.class() != Class::Space,
        (_, b' ') => l.is_wordy(),
        _ => plain(left, l).zip(plain(right, r)).is_some_and(|(l, r)| l != r || l == Class::Letter),
    }
}

/// The first border that has at least `least` bytes before it, or the end of the text.
pub(super) fn part_end(characters: &Characters, text: &[u8], least: usize) -> usize {
    let mut left_at = least - 1;
    // Where a character begins.
    while let Some(0x80..=0xbf) = text.get(left_at) {
        left_at += 1;
    }
    let side = |at: usize| {
        let head = *text.get(at)?;
        characters.at(text, at).map(|(traits, width)| ((traits, head), at + width))
    };
    let Some((mut left, mut place)) = side(left_at) else { return text.len() };
    while let Some((right, next)) = side(place) {
        if parts(left, right) {
            return place;
        }
        (left, place) = (right, next);
    }
    text.len()
}

/// Counts one text.
pub(super) struct Stream<'a> {
    pub(super) pieces: &'a Pieces,
    pub(super) characters: &'a Characters,
    /// The least length of a word written with the marker for capitals; 0: none is.
    pub(super) capitals_min: u32,
    /// The text is after a beginning of a word that is not written yet.
    pub(super) begins: bool,
    /// The text is after the end of a word.
    pub(super) after_word: bool,
    pub(super) text: &'a [u8],
    pub(super) room: &'a mut Room,
}

/// Room to count in, kept from text to text.
#[derive(Default)]
pub(super) struct Room {
    window: Window,
    /// For a word in lower case.
    lowered: Vec<u8>,
}

/// What a run leaves behind for those after it.
#[derive(Clone, Copy, Default)]
struct Behind {
    /// The run is a lone apostrophe, and one that may bind a contraction.
    binds: bool,
    /// The run's right side is that of a symbol: an apostrophe after it binds nothing.
    symbolic: bool,
    /// The run wrote an end.
    ended: bool,
}

/// A stretch that is being gathered: where it begins, and whether it takes in a beginning.
#[derive(Clone, Copy)]
struct Stretch {
    from: usize,
    begin: bool,
}

impl Stream<'_> {
    /// The number of tokens of the text.
    pub(super) fn count(mut self) -> u64 {
        let mut total = 0;
        let mut behind = Behind { ended: self.after_word, ..Behind::default() };
        let mut open: Option<Stretch> = None;
        // A space after an end is free if a beginning follows.
        let mut unpaid_space = false;
        let mut at = 0;
        let Some((first, _)) = self.characters.at(self.text, 0) else {
            return u64::from(self.begins);
        };
        // The beginning that the frame left is written here where the first run has none.
        let mut pending = self.begins && !self.first_begins(first);
        if pending && self.opens_word(0) {
            // What is handed to an apostrophe that opens a word is a space.
            total += self.pieces.run(b" ", 1);
            pending = false;
        }
        while let Some((traits, _)) = self.characters.at(self.text, at) {
            if !behind.binds
                && let (end, cost) = self.plain_words(at)
                && end > at
            {
                total += self.flush(&mut open, at, false) + cost;
                behind = Behind { ended: true, ..Behind::default() };
                (at, unpaid_space) = (end, false);
                continue;
            }
            let begin;
            let from = at;
            match traits.class() {
                Class::Wordy => {
                    let (end, word) = self.word(at);
                    if behind.binds && self.text.get(at..end).is_some_and(is_contraction) {
                        // The apostrophe is the beginning of this word.
                        total += self.flush(&mut open, end, true);
                        begin = false;
                    } else {
                        total += self.flush(&mut open, at, false) + self.tile_word(at, end, word);
                        begin = true;
                    }
                    behind = Behind { binds: false, symbolic: word.symbolic, ended: true };
                    at = end;
                }
                Class::Space => {
                    total += self.flush(&mut open, at, false) + u64::from(pending);
                    pending = false;
                    let end = self.run_end(at, |class| class == Class::Space);
                    if behind.ended && self.text.get(at..end) == Some(b" ") {
                        unpaid_space = true;
                    } else {
                        total += self.spaces(at, end);
                    }
                    behind = Behind::default();
                    at = end;
                    continue;
                }
                Class::Digit | Class::ForeignDigit => {
                    total += self.flush(&mut open, at, false);
                    let cost;
                    (at, begin, behind, cost) = self.digits(at, traits, pending);
                    total += cost;
                }
                class => {
                    let cost;
                    (at, begin, behind, cost) = self.other(at, class, &mut open, pending, behind);
                    total += cost;
                }
            }
            pending = false;
            if unpaid_space {
                unpaid_space = false;
                if !begin {
                    total += self.pieces.run(b" ", 1);
                }
            }
            debug_assert!(at > from, "every run has a character");
        }
        if unpaid_space {
            total += self.pieces.run(b" ", 1);
        }
        total + self.flush(&mut open, self.text.len(), false)
    }

    /// The way through most of most texts: words of small ASCII letters, at most the first a
    /// capital, with single spaces between them. Returns where they end, and their cost.
    fn plain_words(&mut self, mut at: usize) -> (usize, u64) {
        let mut total = 0;
        let mut next = at;
        while let Some(rest) = self.text.get(next..)
            && let Some(head) = rest.first()
            && head.is_ascii_alphabetic()
        {
            let (forms, length) = self.pieces.plain_word(rest);
            match rest.get(length) {
                // The word may go on.
                Some(byte) if *byte >= 0x80 || byte.is_ascii_uppercase() => break,
                _ => {}
            }
            let capital = head.is_ascii_uppercase();
            let whole = if capital { SHIFTED } else { WORD };
            total += if forms & whole != 0 {
                1
            } else {
                let word = rest.get(..length).unwrap_or_default();
                if capital {
                    self.room.lowered.clear();
                    self.room.lowered.extend(word.iter().map(u8::to_ascii_lowercase));
                    1 + self.pieces.tile(&self.room.lowered, true, true, &mut self.room.window)
                } else {
                    self.pieces.tile(word, true, true, &mut self.room.window)
                }
            };
            at = next + length;
            if self.text.get(at) != Some(&b' ') {
                break;
            }
            next = at + 1;
        }
        (at, total)
    }

    /// Tiles the open stretch, if there is one, up to `to`.
    fn flush(&mut self, open: &mut Option<Stretch>, to: usize, end: bool) -> u64 {
        open.take().map_or(0, |stretch| {
            let text = self.text.get(stretch.from..to).unwrap_or_default();
            self.pieces.tile(text, stretch.begin, end, &mut self.room.window)
        })
    }

    /// Whether the first run writes the frame's beginning itself, or can take it in.
    fn first_begins(&self, first: Traits) -> bool {
        match first.class() {
            Class::Wordy => true,
            Class::Punctuation => !self.opens_word(0),
            Class::Symbol | Class::Selector => true,
            Class::ForeignDigit => true,
            Class::Digit | Class::Letter => false,
            Class::Decimal | Class::Number => self.is_number(0, self.part_end(0, first.class())),
            Class::Space => self.text.first() == Some(&b' '),
        }
    }

    /// Whether the run of punctuation at `at` is a lone apostrophe before a word.
    fn opens_word(&self, at: usize) -> bool {
        self.text.get(at) == Some(&b'\'')
            && self.characters.at(self.text, at + 1).is_some_and(|(next, _)| next.is_wordy())
    }

    /// Whether there is a space before `at`, where a run begins.
    fn space_before(&self, at: usize) -> bool {
        match at.checked_sub(1) {
            None => self.begins,
            Some(before) => self.text.get(before) == Some(&b' '),
        }
    }

    /// Whether there is a space, and not two, at `at`, where a run ended.
    fn space_after(&self, at: usize) -> bool {
        self.text.get(at) == Some(&b' ') && self.text.get(at + 1) != Some(&b' ')
    }

    fn run_end(&self, mut at: usize, is: impl Fn(Class) -> bool) -> usize {
        while let Some((traits, width)) = self.characters.at(self.text, at)
            && is(traits.class())
        {
            at += width;
        }
        at
    }

    /// Where the run ends that begins at `at`, of punctuation or of one kind of the characters
    /// that are in no word. Selectors belong to what is before them, and alone to letters.
    fn part_end(&self, at: usize, class: Class) -> usize {
        match class {
            Class::Punctuation => self.run_end(at, |other| other == Class::Punctuation),
            Class::Symbol => {
                self.run_end(at, |other| matches!(other, Class::Symbol | Class::Selector))
            }
            Class::Decimal | Class::Number => self.run_end(at, |other| {
                matches!(other, Class::Decimal | Class::Number | Class::Selector)
            }),
            _ => self.run_end(at, |other| matches!(other, Class::Letter | Class::Selector)),
        }
    }

    /// Whether the run is of decimal digits or of other numbers, and nothing else.
    fn is_number(&self, at: usize, end: usize) -> bool {
        let Some((first, _)) = self.characters.at(self.text, at) else { return false };
        let class = first.class();
        matches!(class, Class::Decimal | Class::Number)
            && self.run_end(at, |other| other == class) == end
    }

    /// The cost of a run of whitespace that is written.
    fn spaces(&self, at: usize, end: usize) -> u64 {
        let run = self.text.get(at..end).unwrap_or_default();
        run.chunk_by(|a, b| a == b || *b >= 0x80 && *a >= 0x80)
            .map(|same| match same.first() {
                Some(&head) if head >= 0x80 => {
                    // U+3000, the only one beyond ASCII that normalisation leaves.
                    let character = same.get(..3).unwrap_or(same);
                    self.pieces.run(character, same.len() / character.len().max(1))
                }
                Some(_) => self.pieces.run(same.get(..1).unwrap_or(same), same.len()),
                None => 0,
            })
            .sum()
    }

    /// A run of digits: where it ends, whether it wrote a beginning, what it leaves, its cost.
    fn digits(&mut self, at: usize, first: Traits, pending: bool) -> (usize, bool, Behind, u64) {
        let mut end = at;
        let mut last = first.class();
        let mut plain = true;
        while let Some((traits, width)) = self.characters.at(self.text, end)
            && matches!(traits.class(), Class::Digit | Class::ForeignDigit)
        {
            last = traits.class();
            plain &= last == Class::Digit;
            end += width;
        }
        let run = self.text.get(at..end).unwrap_or_default();
        if plain {
            let cost = self.pieces.digits(run, pending, &mut self.room.window);
            return (end, false, Behind::default(), cost);
        }
        let begin = first.class() == Class::ForeignDigit && self.space_before(at);
        let foreign = last == Class::ForeignDigit;
        let ended = foreign && self.space_after(end);
        let cost = self.pieces.tile(run, begin || pending, ended, &mut self.room.window);
        (end, begin, Behind { binds: false, symbolic: foreign, ended }, cost)
    }

    /// A run of punctuation, symbols, numbers or letters of no word: as [`Self::digits`]. What is
    /// tiled together with what comes after it stays open.
    fn other(
        &mut self,
        at: usize,
        class: Class,
        open: &mut Option<Stretch>,
        pending: bool,
        behind: Behind,
    ) -> (usize, bool, Behind, u64) {
        if class == Class::Letter {
            return self.letters(at, open, pending);
        }
        let end = self.part_end(at, class);
        // The sides of the run that take a marker towards a space.
        let (left, right) = match class {
            Class::Punctuation => (!self.opens_word_run(at, end), true),
            Class::Selector => (true, self.ends_in_selector(at, end)),
            Class::Symbol => (true, true),
            _ => match self.is_number(at, end) {
                true => (true, true),
                false => (false, self.ends_in_selector(at, end)),
            },
        };
        let begin = left && self.space_before(at);
        let ended = right && self.space_after(end);
        let mut total = 0;
        if begin || pending {
            total += self.flush(open, at, false);
            *open = Some(Stretch { from: at, begin: true });
        }
        let mut place = at;
        while place < end
            && let Some((traits, width)) = self.characters.at(self.text, place)
        {
            if matches!(traits.class(), Class::Letter | Class::Selector) {
                // No piece has one of them and something else.
                total += self.flush(open, place, false);
                let character = self.text.get(place..place + width).unwrap_or_default();
                total += self.pieces.character(character);
            } else if open.is_none() {
                *open = Some(Stretch { from: place, begin: false });
            }
            place += width;
        }
        if ended {
            total += if open.is_some() { self.flush(open, end, true) } else { 1 };
        }
        let apostrophe = class == Class::Punctuation && self.text.get(at..end) == Some(b"'");
        let behind = Behind {
            binds: apostrophe && !behind.symbolic,
            symbolic: class == Class::Punctuation || right,
            ended,
        };
        (end, begin, behind, total)
    }

    /// A run of letters of no word, as [`Self::other`]: each is tiled alone, without markers.
    fn letters(
        &mut self,
        at: usize,
        open: &mut Option<Stretch>,
        pending: bool,
    ) -> (usize, bool, Behind, u64) {
        let mut total = self.flush(open, at, false) + u64::from(pending);
        let mut end = at;
        let mut selector = false;
        while let Some((traits, width)) = self.characters.at(self.text, end)
            && let class = traits.class()
            && matches!(class, Class::Letter | Class::Selector)
        {
            selector = class == Class::Selector;
            let character = self.text.get(end..end + width).unwrap_or_default();
            total += self.pieces.character(character);
            end += width;
        }
        // A selector at the end takes the marker of a symbol.
        let ended = selector && self.space_after(end);
        total += u64::from(ended);
        (end, false, Behind { binds: false, symbolic: selector, ended }, total)
    }

    fn opens_word_run(&self, at: usize, end: usize) -> bool {
        end == at + 1 && self.opens_word(at)
    }

    fn ends_in_selector(&self, at: usize, end: usize) -> bool {
        let run = self.text.get(at..end).unwrap_or_default();
        // All selectors, U+FE00 to U+FE0F, have three bytes.
        run.len()
            .checked_sub(3)
            .and_then(|last| self.characters.at(run, last))
            .is_some_and(|(traits, width)| width == 3 && traits.class() == Class::Selector)
    }

    /// A word: where it ends, and what is needed to write it.
    fn word(&self, at: usize) -> (usize, Word) {
        let mut end = at;
        let mut word = Word {
            stray: false,
            length: 0,
            head: Traits::default(),
            rest: Traits::default(),
            symbolic: false,
        };
        while let Some((traits, width)) = self.characters.at(self.text, end)
            && traits.is_wordy()
        {
            if word.length == 0 {
                // A mark without a letter before it opens the word, which is written as it is.
                word.stray = traits.is_stray();
                word.head = traits;
            } else {
                word.rest = word.rest.or(traits);
            }
            word.symbolic = traits.is_symbolic();
            word.length += 1;
            end += width;
        }
        (end, word)
    }

    /// The cost of a word.
    fn tile_word(&mut self, at: usize, end: usize, word: Word) -> u64 {
        let text = self.text.get(at..end).unwrap_or_default();
        let form = match word.case(self.capitals_min) {
            Case::AsItIs => return self.pieces.tile(text, true, true, &mut self.room.window),
            Case::Shifted => SHIFTED,
            Case::Capitals => CAPITALS,
        };
        self.room.lowered.clear();
        self.characters.push_lower(text, &mut self.room.lowered);
        if self.pieces.is_piece(&self.room.lowered, form) {
            return 1;
        }
        // Only whole words take in the marker for case; else it costs a token.
        1 + self.pieces.tile(&self.room.lowered, true, true, &mut self.room.window)
    }
}

fn is_contraction(word: &[u8]) -> bool {
    CONTRACTIONS.contains(&word)
}

/// What there is to know of a word.
#[derive(Clone, Copy)]
struct Word {
    /// It begins with a mark that has no letter.
    stray: bool,
    /// In characters.
    length: u32,
    head: Traits,
    /// The traits of all characters but the first.
    rest: Traits,
    /// The last character is a symbol, too.
    symbolic: bool,
}

/// How a word is written.
enum Case {
    AsItIs,
    Shifted,
    Capitals,
}

impl Word {
    fn case(&self, capitals_min: u32) -> Case {
        let all = self.head.or(self.rest);
        if self.stray || all.keeps_case() {
            Case::AsItIs
        } else if self.length >= capitals_min
            && capitals_min > 0
            && all.is_upper()
            && !all.is_lower()
            && !all.is_caseless()
        {
            Case::Capitals
        } else if self.head.is_upper() && !self.rest.is_upper() {
            Case::Shifted
        } else {
            Case::AsItIs
        }
    }
}
