//! The catalogue as a whole: read once, looked up by name.

use super::nearest::nearest;
use super::read;
use super::resolve::{self, Names, Resolved};
use super::{Model, Price};
use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::OnceLock;

/// The models, as of a day.
#[derive(Clone, Default)]
pub struct Catalog {
    date: String,
    models: Vec<Model>,
    names: Names,
}

impl fmt::Debug for Catalog {
    /// Short: a resolved name refers to the whole catalogue.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalog({} models, {})", self.models.len(), self.date)
    }
}

impl Catalog {
    /// The catalogue that this build carries.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Catalog> = OnceLock::new();
        // A test parses the same text, so the empty default is never what is shipped.
        SHIPPED
            .get_or_init(|| Self::parse(include_str!("../data/catalog.json")).unwrap_or_default())
    }

    /// Reads a catalogue of schema 1, for instance a newer one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where the text is not such a catalogue, or two models share an
    /// id.
    pub fn parse(text: &str) -> Result<Self> {
        let (date, models) = read::file(text)?;
        Self::new(date, models)
    }

    fn new(date: String, models: Vec<Model>) -> Result<Self> {
        let names = Names::of(&models)?;
        Ok(Self { date, models, names })
    }

    /// This catalogue with a newer one laid over it: models of the newer one replace those of the
    /// same id, the others stay.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where a model of one has an alias that is a model's id in the
    /// other.
    pub fn overlaid(&self, newer: &Self) -> Result<Self> {
        let mut models = self.models.clone();
        for model in &newer.models {
            match models.iter_mut().find(|known| known.id == model.id) {
                Some(known) => *known = model.clone(),
                None => models.push(model.clone()),
            }
        }
        Self::new(newer.date.clone().max(self.date.clone()), models)
    }

    /// The day that the catalogue speaks of, `YYYY-MM-DD`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Every model, in the order of the file.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model of exactly this canonical id.
    pub fn get(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The model that a gateway means by `id`, and what the name says beside it; `None` where no
    /// model of that name is known.
    pub fn find(&self, id: &str) -> Option<Resolved<'_>> {
        let (index, variant) = resolve::resolve(&self.names, &self.models, id)?;
        let model = self.models.get(index)?;
        Some(Resolved { catalog: self, model, given: id.to_owned(), variant })
    }

    /// As [`Catalog::find`], with an error that helps where nothing is found.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownModel`] with the nearest known names, never a guess.
    pub fn resolve(&self, id: &str) -> Result<Resolved<'_>> {
        self.find(id).ok_or_else(|| self.unknown(id))
    }

    fn unknown(&self, id: &str) -> Error {
        let shown: String = id.chars().take(120).collect();
        let nearest = nearest(&self.models, id);
        let hint = match nearest.as_slice() {
            [] => String::new(),
            names => format!("; nearest known: {}", names.join(", ")),
        };
        Error::new(
            ErrorKind::UnknownModel,
            format!(
                "model: found {shown:?}, wanted a model of the catalogue of {}{hint}",
                self.date
            ),
        )
        .with_nearest(nearest)
    }

    /// The price of `model` that holds on the day `at` (`YYYY-MM-DD`), or, without one, on the
    /// catalogue's own day.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where no price is known for that day: unknown is not zero.
    /// [`ErrorKind::InvalidInput`] where `at` is not a day.
    pub fn price<'a>(&self, model: &'a Model, at: Option<&str>) -> Result<&'a Price> {
        let at = at.unwrap_or(&self.date);
        if !is_day(at) {
            return Err(Error::invalid_input(format!(
                "at: found {at:?}, wanted a day, YYYY-MM-DD"
            )));
        }
        model.price_at(at).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("{}: no price is known for {at}, wanted one to calculate with", model.id),
            )
        })
    }
}

/// `YYYY-MM-DD`, possibly followed by a time.
fn is_day(text: &str) -> bool {
    let mut bytes = text.bytes();
    let shape = (0..10).all(|place| match bytes.next() {
        Some(b'-') => place == 4 || place == 7,
        Some(byte) => byte.is_ascii_digit() && place != 4 && place != 7,
        None => false,
    });
    shape && bytes.next().is_none_or(|byte| byte == b'T' || byte == b' ')
}

/// The model that a gateway means by `id`, in the shipped catalogue.
///
/// # Errors
/// [`ErrorKind::UnknownModel`] with the nearest known names.
pub fn resolve_model(id: &str) -> Result<Resolved<'static>> {
    Catalog::shipped().resolve(id)
}
