//! The catalogue as a whole: read once, looked up by name.

use super::check;
use super::days::is_day;
use super::nearest::nearest;
use super::read;
use super::resolve::{self, Names, Resolved};
use super::{Model, Price};
use crate::error::{Error, ErrorKind, Result};
use serde_json::Value;
use std::fmt;
use std::sync::OnceLock;

/// The models, as of a day.
#[derive(Clone, Default)]
pub struct Catalog {
    date: String,
    models: Vec<Model>,
    names: Names,
    /// From here on the models are those of a gateway's own list.
    listed: usize,
    fingerprint: OnceLock<String>,
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
        SHIPPED.get_or_init(Self::read_shipped)
    }

    /// What tells this catalogue from others: `hash` of its models as JSON, computed once.
    pub(crate) fn fingerprint(&self, hash: fn(&[u8]) -> String) -> &str {
        // By way of a value: a writer of text for every kind in it would be 5 kB of the module.
        let text = || serde_json::to_value(&self.models).unwrap_or_default().to_string();
        self.fingerprint.get_or_init(|| hash(text().as_bytes()))
    }

    /// The catalogue that this build carries, for an owner of its own.
    pub(crate) fn read_shipped() -> Self {
        // A test parses the same text, so the empty default is never what is shipped.
        Self::parse(include_str!("../data/catalog.json")).unwrap_or_default()
    }

    /// Reads a catalogue of schema 1, for instance a newer one, and refuses what cannot be.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the entry, where the text is not such a catalogue, two
    /// models share an id, or an entry is impossible (`src/catalog/check.rs`).
    pub fn parse(text: &str) -> Result<Self> {
        let value = serde_json::from_str(text)
            .map_err(|e| Error::invalid_input(format!("catalogue: {e}, wanted schema 1")))?;
        Self::from_value(&value)
    }

    /// As [`Catalog::parse`], from JSON that is read already.
    ///
    /// # Errors
    /// As [`Catalog::parse`].
    pub fn from_value(value: &Value) -> Result<Self> {
        let (date, models) = read::file(value)?;
        Self::new(date, models)
    }

    fn new(date: String, models: Vec<Model>) -> Result<Self> {
        let names = Names::of(&models)?;
        let listed = models.len();
        Ok(Self { date, models, names, listed, fingerprint: OnceLock::new() })
    }

    /// This catalogue with a newer one laid over it: models of the newer one replace those of the
    /// same id, the others stay. Earlier prices stay too, where the newer ones say from when on they
    /// hold: yesterday's bill stays true.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where a name would mean two models, or a replacement is missing.
    pub fn overlaid(&self, newer: &Self) -> Result<Self> {
        let mut models: Vec<Model> = self.models.iter().take(self.listed).cloned().collect();
        for model in &newer.models {
            let Some(known) = models.iter_mut().find(|known| known.id == model.id) else {
                models.push(model.clone());
                continue;
            };
            let mut prices = std::mem::take(&mut known.prices);
            let since = model.prices.first().and_then(|price| price.from.as_ref());
            prices.retain(|old| since.is_some() && old.from.as_ref() < since);
            prices.extend(model.prices.iter().cloned());
            *known = Model { prices, ..model.clone() };
        }
        check::names(&models)?;
        Self::new(newer.date.clone().max(self.date.clone()), models)
    }

    /// This catalogue with the models of a gateway's own list beside it. Each is found by exactly its
    /// gateway's name, before any other; what that name says of a service or region is in its price.
    pub fn with_listed(&self, listed: Vec<(String, Model)>) -> Self {
        let mut catalog = self.clone();
        catalog.models.truncate(self.listed);
        for (name, model) in listed {
            catalog.names.put(&name, catalog.models.len());
            catalog.models.push(model);
        }
        catalog
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
        let variant = if index < self.listed { variant } else { resolve::Variant::default() };
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

/// The model that a gateway means by `id`, in the shipped catalogue.
///
/// # Errors
/// [`ErrorKind::UnknownModel`] with the nearest known names.
pub fn resolve_model(id: &str) -> Result<Resolved<'static>> {
    Catalog::shipped().resolve(id)
}
