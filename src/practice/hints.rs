//! Hints: what a careful editor would say of a request before it is sent. Each names its place, its
//! reason and what to write instead. Rules and words, no model; silent when unsure, and in languages
//! other than English, German, French and Spanish.
//!
//! Held to prompts of our own writing (`tests/practice/hints/`); figures in `docs/hints.md`.

mod asks;
mod contradiction;
mod format;
mod language;
mod lexicon;
mod own;
mod scan;
mod system;
mod task;
mod vague;

use super::Fare;
use crate::error::{Error, Result};
use lexicon::{LEXICONS, Lexicon, Table};
use scan::Scan;
use serde_json::{Value, json};

/// What a hint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing is asked for.
    NoTask,
    /// A summary, comparison, report or extraction without a word on its form.
    NoFormat,
    /// A word carries the instruction that says nothing.
    Vague,
    /// Two instructions exclude each other.
    Contradiction,
    /// Several tasks that have nothing to do with each other.
    ManyAsks,
    /// A system message that says the same again, or is longer than all the rest.
    LongSystem,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::NoTask,
        Self::NoFormat,
        Self::Vague,
        Self::Contradiction,
        Self::ManyAsks,
        Self::LongSystem,
    ];

    /// The stable spelling, e.g. `"no_task"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoTask => "no_task",
            Self::NoFormat => "no_format",
            Self::Vague => "vague",
            Self::Contradiction => "contradiction",
            Self::ManyAsks => "many_asks",
            Self::LongSystem => "long_system",
        }
    }
}

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Position in `messages`.
    pub message: usize,
    /// Position in the message's content, where that is a list of parts.
    pub part: Option<usize>,
    /// UTF-16 code units from the beginning of that text.
    pub start: usize,
    /// UTF-16 code units; not included.
    pub end: usize,
    /// What stands there.
    pub quote: String,
}

/// A change that carries out a hint: `text` for what stands between `start` and `end`, in UTF-16 code
/// units of the text that the hint's place is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// First unit that is replaced.
    pub start: usize,
    /// The first after it.
    pub end: usize,
    /// What comes there.
    pub text: String,
}

/// Tokens of the whole request, as [`Fare::tokens`] tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// As it is.
    pub before: u64,
    /// With the hint's edit.
    pub after: u64,
}

/// One hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it is about.
    pub kind: Kind,
    /// Where.
    pub place: Place,
    /// Where else: the instruction that is contradicted, the other asks.
    pub others: Vec<Place>,
    /// Why it is a fault.
    pub reason: String,
    /// What to write instead.
    pub fix: String,
    /// A change that does so, where one can be proposed.
    pub edit: Option<Edit>,
    /// What that changes; `None` without an edit, a model or a counter.
    pub tokens: Option<Effect>,
}

/// The language that the last ask is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// ISO 639-1; `None` where it cannot be told, as in code alone.
    pub code: Option<&'static str>,
    /// Whether hints are given for it.
    pub supported: bool,
    /// Whether it was told with some certainty.
    pub sure: bool,
}

/// All that is said of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// In which language it was read.
    pub language: Language,
    /// In the order of their places.
    pub hints: Vec<Hint>,
    /// Why there are none, or not all.
    pub notes: Vec<String>,
}

/// The most hints of a review.
const MOST: usize = 24;
/// The most of them whose tokens are counted: each is a count of the whole request.
const COUNTED: usize = 8;

/// One text of the request, read.
struct Text<'a> {
    message: usize,
    part: Option<usize>,
    text: &'a str,
    scan: Scan,
}

/// A hint before its places are told in UTF-16 units: bytes of the text in `texts`.
struct Draft {
    kind: Kind,
    text: usize,
    start: usize,
    end: usize,
    others: Vec<(usize, usize, usize)>,
    reason: String,
    fix: String,
    edit: Option<(usize, usize, String)>,
}

/// What the rules look at.
struct Request<'a> {
    lexicon: Table,
    code: &'static str,
    /// System and developer messages, then the texts of the last message of the person.
    texts: Vec<Text<'a>>,
    /// How many of `texts` are instructions above the conversation.
    above: usize,
    /// Whether the person continues a conversation.
    continues: bool,
    /// Whether the request holds more than text, tools, or the form of the answer.
    more: bool,
    formed: bool,
}

impl Request<'_> {
    fn asks(&self) -> &[Text<'_>] {
        self.texts.get(self.above..).unwrap_or_default()
    }

    fn instructions(&self) -> &[Text<'_>] {
        self.texts.get(..self.above).unwrap_or_default()
    }
}

/// Looks at `request`, a request in OpenAI's shape, and says what could be clearer. With a `model` and
/// a `fare` it tells the tokens of each edit.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where `request` is not an object with a list `messages`; what
/// `fare` refuses.
pub fn review(request: &Value, model: Option<&str>, fare: Option<&dyn Fare>) -> Result<Review> {
    let Some(messages) = request.get("messages").and_then(Value::as_array) else {
        return Err(Error::invalid_input(
            "request: found no list of messages; wanted an object with \"messages\"",
        ));
    };
    let role = |message: &Value| match message.get("role").and_then(Value::as_str) {
        Some("system" | "developer") => 's',
        Some("user") => 'u',
        _ => 'o',
    };
    let mut texts = Vec::new();
    let mut more = has(request, "tools") || has(request, "functions");
    for (index, message) in messages.iter().enumerate() {
        if role(message) == 's' {
            read(message, index, false, &mut texts, &mut more);
        }
    }
    let above = texts.len();
    let last = messages.iter().rposition(|message| role(message) == 'u');
    if let Some(last) = last {
        read(messages.get(last).unwrap_or(&Value::Null), last, true, &mut texts, &mut more);
    }
    let continues = messages.iter().take(last.unwrap_or(0)).any(|message| role(message) != 's');
    let mut review = Review {
        language: Language { code: None, supported: true, sure: false },
        hints: Vec::new(),
        notes: Vec::new(),
    };
    let Some(lexicon) = language(&texts, above, &mut review) else { return Ok(review) };
    let mut seen = Request {
        lexicon: Table::of(lexicon),
        code: lexicon.code,
        texts,
        above,
        continues,
        more,
        formed: has(request, "response_format"),
    };
    for (index, text) in seen.texts.iter_mut().enumerate() {
        seen.lexicon.mark(&mut text.scan.words);
        if index >= above {
            own::settle(&mut text.scan);
        }
    }
    let mut drafts = Vec::new();
    system::look(&seen, messages, &mut drafts);
    if review.language.code.is_some() {
        contradiction::look(&seen, &mut drafts);
        vague::look(&seen, &mut drafts);
        format::look(&seen, &mut drafts);
        asks::look(&seen, &mut drafts);
    }
    task::look(&seen, &mut drafts);
    if drafts.len() > MOST {
        review.notes.push(format!("Only the first {MOST} of {} hints are given.", drafts.len()));
        drafts.truncate(MOST);
    }
    crate::sort::sort(&mut drafts, |a, b| (a.text, a.start, a.kind) < (b.text, b.start, b.kind));
    let mut ruler = Ruler::default();
    for draft in drafts {
        review.hints.push(finished(draft, &seen.texts, &mut ruler));
    }
    if let (Some(model), Some(fare)) = (model, fare) {
        count(request, model, fare, &mut review)?;
    }
    Ok(review)
}

fn has(request: &Value, name: &str) -> bool {
    match request.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(_) => true,
    }
}

/// Reads the texts of one message.
fn read<'a>(
    message: &'a Value,
    index: usize,
    marked: bool,
    texts: &mut Vec<Text<'a>>,
    more: &mut bool,
) {
    match message.get("content") {
        Some(Value::String(text)) => {
            texts.push(Text { message: index, part: None, text, scan: scan::scan(text, marked) });
        }
        Some(Value::Array(parts)) => {
            for (part, value) in parts.iter().enumerate() {
                if let Some(text) = value.get("text").and_then(Value::as_str) {
                    let scan = scan::scan(text, marked);
                    texts.push(Text { message: index, part: Some(part), text, scan });
                } else {
                    *more = true;
                }
            }
        }
        _ => {}
    }
}

/// The lexicon of the ask's language; `None`, with the reason in `review`, where there is none.
fn language(texts: &[Text<'_>], above: usize, review: &mut Review) -> Option<&'static Lexicon> {
    let mut told = language::Told::default();
    let mut words = 0;
    // The ask first; where it is too short to tell, what stands above it.
    let asks = texts.iter().skip(above);
    for text in asks.chain(texts.iter().take(above)) {
        words += text.scan.words.len();
        if !told.sure {
            let next = language::of(&text.scan);
            if next.sure || told.code.is_none() {
                told = next;
            }
        }
    }
    review.language.code = told.code;
    review.language.sure = told.sure;
    let lexicon = LEXICONS.into_iter().find(|one| Some(one.code) == told.code);
    if told.sure && lexicon.is_some() {
        return lexicon;
    }
    if words == 0 && texts.iter().any(|text| text.scan.machine_lines > 0) {
        review.notes.push("There is no text to tell a language from, only code or data.".into());
        return LEXICONS.first().copied();
    }
    review.language.supported = false;
    let why = match told.code {
        _ if words == 0 => "There is nothing to read.".into(),
        Some(code) if told.sure => {
            format!(
                "Hints are given for English, German, French and Spanish; this seems to be \"{code}\"."
            )
        }
        _ => "Too little to tell the language from: no hints.".to_owned(),
    };
    review.notes.push(why);
    None
}

/// Tells UTF-16 units of bytes, going on from where it last was: hints come in the order of the text.
#[derive(Default)]
struct Ruler {
    text: usize,
    byte: usize,
    units: usize,
}

impl Ruler {
    fn units(&mut self, texts: &[Text<'_>], text: usize, byte: usize) -> usize {
        if text != self.text || byte < self.byte {
            *self = Self { text, byte: 0, units: 0 };
        }
        let whole = texts.get(text).map_or("", |text| text.text);
        for letter in whole.get(self.byte..byte).unwrap_or_default().bytes() {
            // A character begins with any byte but 10xxxxxx, and has two units where it has four bytes.
            self.units += usize::from(letter & 0xc0 != 0x80) + usize::from(letter >= 0xf0);
        }
        self.byte = byte;
        self.units
    }

    fn place(&mut self, texts: &[Text<'_>], text: usize, start: usize, end: usize) -> Place {
        let seen = texts.get(text);
        let quote = seen.and_then(|seen| seen.text.get(start..end)).unwrap_or_default().to_owned();
        Place {
            message: seen.map_or(0, |seen| seen.message),
            part: seen.and_then(|seen| seen.part),
            start: self.units(texts, text, start),
            end: self.units(texts, text, end),
            quote,
        }
    }
}

/// Bytes become UTF-16 units, and the quotation is cut out.
fn finished(draft: Draft, texts: &[Text<'_>], ruler: &mut Ruler) -> Hint {
    let place = ruler.place(texts, draft.text, draft.start, draft.end);
    let mut edit = None;
    if let Some((start, end, text)) = draft.edit {
        let start = ruler.units(texts, draft.text, start);
        edit = Some(Edit { start, end: ruler.units(texts, draft.text, end), text });
    }
    let mut others = Vec::new();
    for (index, start, end) in draft.others {
        others.push(ruler.place(texts, index, start, end));
    }
    Hint {
        kind: draft.kind,
        place,
        others,
        reason: draft.reason,
        fix: draft.fix,
        edit,
        tokens: None,
    }
}

/// Counts the request with each edit.
fn count(request: &Value, model: &str, fare: &dyn Fare, review: &mut Review) -> Result<()> {
    let mut before = None;
    let mut counted = 0;
    for hint in &mut review.hints {
        if hint.edit.is_none() {
            continue;
        }
        if counted == COUNTED {
            review.notes.push(format!("Tokens are counted for the first {COUNTED} edits."));
            break;
        }
        counted += 1;
        let whole = match before {
            Some(whole) => whole,
            None => *before.insert(fare.tokens(request, model)?.tokens),
        };
        let Some(changed) = applied(request, hint) else { continue };
        hint.tokens = Some(Effect { before: whole, after: fare.tokens(&changed, model)?.tokens });
    }
    Ok(())
}

/// `request` with the edit of `hint`; `None` where it has none, or its place is not there.
pub fn applied(request: &Value, hint: &Hint) -> Option<Value> {
    let edit = hint.edit.as_ref()?;
    let mut changed = request.clone();
    let content = changed.get_mut("messages")?.get_mut(hint.place.message)?.get_mut("content")?;
    let text = match hint.place.part {
        Some(part) => content.get_mut(part)?.get_mut("text")?,
        None => content,
    };
    let before = text.as_str()?;
    let (start, end) = (byte(before, edit.start)?, byte(before, edit.end)?);
    let mut after = String::from(before.get(..start)?);
    after.push_str(&edit.text);
    after.push_str(before.get(end..)?);
    *text = Value::String(after);
    Some(changed)
}

/// The byte at a UTF-16 offset; `None` inside of a character or beyond the text.
fn byte(text: &str, unit: usize) -> Option<usize> {
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        if units >= unit {
            return (units == unit).then_some(at);
        }
        units += letter.len_utf16();
    }
    (units == unit).then_some(text.len())
}

impl Place {
    fn to_value(&self) -> Value {
        json!({ "message": self.message, "part": self.part, "start": self.start, "end": self.end,
            "quote": self.quote })
    }
}

impl Review {
    /// As the published types have it.
    pub fn to_value(&self) -> Value {
        let mut hints = Vec::new();
        for hint in &self.hints {
            let mut others = Vec::new();
            for place in &hint.others {
                others.push(place.to_value());
            }
            let edit = hint.edit.as_ref();
            hints.push(json!({
                "kind": hint.kind.name(),
                "place": hint.place.to_value(),
                "others": others,
                "reason": hint.reason,
                "fix": hint.fix,
                "edit": edit.map(|edit| {
                    json!({ "start": edit.start, "end": edit.end, "text": edit.text })
                }),
                "tokens": hint.tokens.map(|tokens| {
                    json!({ "before": tokens.before, "after": tokens.after })
                }),
            }));
        }
        json!({
            "language": { "code": self.language.code, "supported": self.language.supported,
                "sure": self.language.sure },
            "hints": hints,
            "notes": self.notes,
        })
    }
}
