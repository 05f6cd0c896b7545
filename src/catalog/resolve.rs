//! What a gateway writes for a model -> the model.

use super::{Catalog, Model};
use crate::error::{Error, Result};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A name, understood.
#[derive(Clone, Debug)]
pub struct Resolved<'a> {
    /// The catalogue that knows it.
    pub catalog: &'a Catalog,
    /// The model.
    pub model: &'a Model,
    /// The name as it was given: what goes on the wire.
    pub given: String,
    /// What the name says beside the model, where that changes the price.
    pub variant: Variant,
}

/// What a name says about how and where the model is served. Only what changes the price is kept:
/// effort, thinking and dates do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// Offered without charge (`:free`).
    pub free: bool,
    /// Another service than the standard one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The region that the endpoint is bound to (`eu`, `us-east-1`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The host or cloud that the name states (`groq`, `amazon-bedrock`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// How a request is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Within a day, at a lower price.
    Batch,
    /// When there is room, at a lower price.
    Flex,
    /// Before others, at a higher price.
    Priority,
    /// On faster machines, at a higher price.
    Fast,
}

impl Service {
    /// The key in [`super::Price::services`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
        }
    }
}

/// The names of a catalogue's models, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    exact: HashMap<String, usize>,
}

impl Names {
    pub(super) fn of(models: &[Model]) -> Result<Self> {
        let mut exact = HashMap::new();
        for (index, model) in models.iter().enumerate() {
            if exact.insert(model.id.to_lowercase(), index).is_some() {
                return Err(Error::invalid_input(format!(
                    "catalogue: found {:?} twice, wanted every id once",
                    model.id
                )));
            }
        }
        for (index, model) in models.iter().enumerate() {
            for alias in &model.aliases {
                // An id always means its own model; of two equal aliases the first holds.
                exact.entry(alias.to_lowercase()).or_insert(index);
            }
        }
        Ok(Self { exact })
    }
}

/// The model's place in the catalogue and what the name says beside it.
pub(super) fn resolve(names: &Names, id: &str) -> Option<(usize, Variant)> {
    let index = names.exact.get(&id.trim().to_lowercase())?;
    Some((*index, Variant::default()))
}

/// Up to three ids whose names are most like `id`, nearest first.
pub(super) fn nearest(models: &[Model], id: &str) -> Vec<String> {
    // Longer names are not names; and the work below is quadratic in the length.
    let wanted: Vec<char> = id.to_lowercase().chars().take(80).collect();
    let wanted_words = words(&wanted);
    let mut scored: Vec<(f64, &str)> = models
        .iter()
        .filter_map(|model| {
            let score = std::iter::once(&model.id)
                .chain(&model.aliases)
                .map(|name| {
                    let name: Vec<char> = name.to_lowercase().chars().collect();
                    likeness(&wanted, &wanted_words, &name)
                })
                .fold(0.0, f64::max);
            (score >= 0.35).then_some((score, model.id.as_str()))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, id)| id.to_owned()).collect()
}

fn words(name: &[char]) -> HashSet<String> {
    let name: String = name.iter().collect();
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// From 0 to 1: half for letters in common, half for words in common.
fn likeness(wanted: &[char], wanted_words: &HashSet<String>, name: &[char]) -> f64 {
    let longest = wanted.len().max(name.len()).max(1);
    let letters = 1.0 - distance(wanted, name) as f64 / longest as f64;
    let name_words = words(name);
    let all = wanted_words.union(&name_words).count().max(1);
    let shared = wanted_words.intersection(&name_words).count();
    (letters + shared as f64 / all as f64) / 2.0
}

/// Levenshtein's distance: insertions, deletions and substitutions.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
