//! Which counter counts a text: the exact one where its vocabulary is loaded, else the estimate.

use super::bpe::{Bpe, Encoding};
use super::claude::{Claude, Content, Family, Frame};
use super::model::claude_version;
use super::{Interval, TokenEstimate, heuristic, live};
use crate::catalog::{Model, Tokenizer};
use crate::error::{Error, Result};
use std::sync::Arc;

/// An exact counter of one vocabulary.
pub trait TextCounter {
    /// Tokens of a bare text. For Claude: what the text adds as the whole content of one user
    /// message.
    fn count(&self, text: &str) -> u64;

    /// The same between fixed markers, as Claude 4.8 and later have them: nothing at the text's
    /// borders merges with the frame. The same as [`TextCounter::count`] except for Claude.
    fn count_marked(&self, text: &str) -> u64 {
        self.count(text)
    }

    /// Tokens of a whole framed transcript that stands for itself, no frame assumed around it. The
    /// same as [`TextCounter::count`] except for Claude.
    fn tile(&self, transcript: &str) -> u64 {
        self.count(transcript)
    }

    /// The same counter for a text that is edited; `marked` as in [`TextCounter::count_marked`].
    fn live(self: Arc<Self>, marked: bool) -> Box<dyn live::Tokenizer>;
}

impl TextCounter for Bpe {
    fn count(&self, text: &str) -> u64 {
        Bpe::count(self, text)
    }

    fn live(self: Arc<Self>, _marked: bool) -> Box<dyn live::Tokenizer> {
        Box::new(self)
    }
}

impl TextCounter for Claude {
    fn count(&self, text: &str) -> u64 {
        Claude::count(self, text, Frame::Transcript)
    }

    fn count_marked(&self, text: &str) -> u64 {
        Claude::count(self, text, Frame::Markers)
    }

    fn tile(&self, transcript: &str) -> u64 {
        Claude::tile(self, transcript)
    }

    fn live(self: Arc<Self>, marked: bool) -> Box<dyn live::Tokenizer> {
        let frame = if marked { Frame::Markers } else { Frame::Transcript };
        Box::new(Content { claude: self, frame })
    }
}

/// A counter that several readers share.
pub type SharedCounter = Arc<dyn TextCounter + Send + Sync>;

/// The vocabularies that are loaded. None at first; counting works all the same, as an estimate.
#[derive(Clone, Default)]
pub struct Vocabularies {
    claude_3: Option<SharedCounter>,
    claude_47: Option<SharedCounter>,
    o200k_base: Option<SharedCounter>,
    cl100k_base: Option<SharedCounter>,
}

impl std::fmt::Debug for Vocabularies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let loaded =
            [Tokenizer::Claude3, Tokenizer::Claude47, Tokenizer::O200kBase, Tokenizer::Cl100kBase]
                .into_iter()
                .filter(|tokenizer| self.get(tokenizer).is_some());
        f.debug_list().entries(loaded.map(|tokenizer| tokenizer.name().to_owned())).finish()
    }
}

impl Vocabularies {
    /// No vocabulary.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the counter of a vocabulary in place. For a tokenizer without an exact counter this
    /// does nothing and answers `false`.
    pub fn insert(&mut self, tokenizer: &Tokenizer, counter: SharedCounter) -> bool {
        let place = match tokenizer {
            Tokenizer::Claude3 => &mut self.claude_3,
            Tokenizer::Claude47 => &mut self.claude_47,
            Tokenizer::O200kBase => &mut self.o200k_base,
            Tokenizer::Cl100kBase => &mut self.cl100k_base,
            Tokenizer::Other(_) => return false,
        };
        *place = Some(counter);
        true
    }

    /// Reads a vocabulary's file and counts with it from now on.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for a name that is none of the four, or a file that is
    /// not that vocabulary, whole.
    pub fn load(&mut self, name: &str, file: &[u8]) -> Result<()> {
        check_vocabulary_name(name)?;
        let tokenizer = Tokenizer::from(name.to_owned());
        let counter: SharedCounter = match tokenizer {
            Tokenizer::O200kBase => Arc::new(Bpe::from_bytes(Encoding::O200kBase, file)?),
            Tokenizer::Cl100kBase => Arc::new(Bpe::from_bytes(Encoding::Cl100kBase, file)?),
            Tokenizer::Claude3 => Arc::new(claude(file, Family::Claude3)?),
            Tokenizer::Claude47 => Arc::new(claude(file, Family::Claude47)?),
            Tokenizer::Other(_) => return check_vocabulary_name(name),
        };
        self.insert(&tokenizer, counter);
        Ok(())
    }

    /// The exact counter of a tokenizer, if its vocabulary is loaded.
    pub fn get(&self, tokenizer: &Tokenizer) -> Option<&SharedCounter> {
        match tokenizer {
            Tokenizer::Claude3 => self.claude_3.as_ref(),
            Tokenizer::Claude47 => self.claude_47.as_ref(),
            Tokenizer::O200kBase => self.o200k_base.as_ref(),
            Tokenizer::Cl100kBase => self.cl100k_base.as_ref(),
            Tokenizer::Other(_) => None,
        }
    }
}

fn claude(file: &[u8], family: Family) -> Result<Claude> {
    let counter = Claude::from_bytes(file)?;
    if counter.family() == family {
        return Ok(counter);
    }
    Err(Error::invalid_input(format!(
        "vocabulary file: found {}, wanted {}",
        counter.family().name(),
        family.name()
    )))
}

/// Whether there is a vocabulary of that name.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where there is none.
pub fn check_vocabulary_name(name: &str) -> Result<()> {
    match Tokenizer::from(name.to_owned()) {
        Tokenizer::Other(_) => Err(Error::invalid_input(format!(
            "vocabulary: found {name:?}, wanted claude-3, claude-4.7, o200k_base or cl100k_base"
        ))),
        _ => Ok(()),
    }
}

/// A tokenizer with its counter, if there is one: what framing counts texts with.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    tokenizer: &'a Tokenizer,
    exact: Option<&'a SharedCounter>,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(tokenizer: &'a Tokenizer, vocabularies: &'a Vocabularies) -> Self {
        Self { tokenizer, exact: vocabularies.get(tokenizer) }
    }

    /// Tokens of a bare text.
    pub(crate) fn count(self, text: &str) -> Interval {
        match self.exact {
            Some(counter) => Interval::exact(counter.count(text)),
            None => heuristic::estimate(text, self.tokenizer),
        }
    }

    /// Tokens of a text between fixed markers.
    pub(crate) fn count_marked(self, text: &str) -> Interval {
        match self.exact {
            Some(counter) => Interval::exact(counter.count_marked(text)),
            None => heuristic::estimate(text, self.tokenizer),
        }
    }

    /// Tokens of a whole transcript.
    pub(crate) fn tile(self, transcript: &str) -> Interval {
        match self.exact {
            Some(counter) => Interval::exact(counter.tile(transcript)),
            None => heuristic::estimate(transcript, self.tokenizer),
        }
    }

    /// The name of the way of counting.
    pub(crate) fn method(self) -> String {
        self.exact.map_or_else(|| "heuristic".to_owned(), |_| exact_method(self.tokenizer))
    }

    /// Whether texts are counted and not estimated.
    pub(crate) fn is_exact(self) -> bool {
        self.exact.is_some()
    }
}

/// The name of the way in which a tokenizer's exact counter counts.
pub fn exact_method(tokenizer: &Tokenizer) -> String {
    match tokenizer {
        Tokenizer::Claude3 | Tokenizer::Claude47 => {
            format!("{} (reconstruction)", tokenizer.name())
        }
        _ => tokenizer.name().to_owned(),
    }
}

/// Counts a bare text, no framing around it: exactly where the vocabulary is loaded, else by
/// [`heuristic`]. For Claude: what the text adds as the whole content of one user message.
pub fn count_tokens(
    text: &str,
    tokenizer: &Tokenizer,
    vocabularies: &Vocabularies,
) -> TokenEstimate {
    let texts = Texts::new(tokenizer, vocabularies);
    let count = texts.count(text);
    TokenEstimate {
        tokens: count.tokens,
        low: count.low,
        high: count.high,
        exact: texts.is_exact(),
        method: texts.method(),
        parts: None,
    }
}

/// Counts a bare text for a model: as [`count_tokens`], and for Claude with the frame that the
/// model has. Before 4.8 a space at the head of a message is free; since then it is read.
pub fn count_content(text: &str, model: &Model, vocabularies: &Vocabularies) -> TokenEstimate {
    let mut estimate = count_tokens(text, &model.tokenizer, vocabularies);
    if let (true, Some(counter)) = (is_marked(model), vocabularies.get(&model.tokenizer)) {
        let tokens = counter.count_marked(text);
        (estimate.low, estimate.tokens, estimate.high) = (tokens, tokens, tokens);
    }
    estimate
}

/// Whether the model's messages stand between fixed markers: Claude since 4.8.
pub fn is_marked(model: &Model) -> bool {
    claude_version(&model.id).is_some_and(|version| version.at_least(4, 8))
}

/// What [`count_content`] counts with, for a text that is edited; `None` where the model's
/// vocabulary is not loaded.
pub fn live_tokenizer(
    model: &Model,
    vocabularies: &Vocabularies,
) -> Option<Box<dyn live::Tokenizer>> {
    vocabularies.get(&model.tokenizer).map(|counter| counter.clone().live(is_marked(model)))
}
