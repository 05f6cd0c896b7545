//! What a gateway writes for a model -> the model.
//!
//! Names follow a loose grammar, `[gateway/][region|host/]*[lab/]name[-date][-vN:M][@version][:variant]*`.
//! A name is first split by its punctuation ([`super::grammar`]); what is left is looked up as it
//! is, then with more and more peeled off that does not tell models apart. Each step asks for exact
//! keys only, and two different answers at one step are no answer: a wrong price is worse than none.
//! A date is peeled only where the catalogue lists the name with it, or it is the day on which the
//! model came out. (Grammar: read from the names in models.dev, 2026-09-30, MIT.)

use super::grammar::{self, Candidate};
use super::{Catalog, Model};
use crate::error::{Error, Result};
use serde::Serialize;
use std::collections::HashMap;

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
    #[serde(skip_serializing_if = "std::ops::Not::not")]
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

/// The names of a catalogue's models: every name as it is listed, and the keys of [`grammar::key`].
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    exact: Keys,
    keys: Keys,
    /// Keys without any punctuation, for the last step.
    squeezed: Keys,
}

/// Places of models by name; `None`: two models share the name, so it means neither.
type Keys = HashMap<String, Option<usize>>;

impl Names {
    pub(super) fn of(models: &[Model]) -> Result<Self> {
        let mut names = Self::default();
        for (index, model) in models.iter().enumerate() {
            if names.exact.insert(model.id.to_ascii_lowercase(), Some(index)).is_some() {
                return Err(Error::invalid_input(format!(
                    "catalogue: found {:?} twice, wanted every id once",
                    model.id
                )));
            }
            let key = grammar::key(&model.id);
            share(&mut names.squeezed, grammar::squeezed(&key), index);
            share(&mut names.keys, key, index);
        }
        let ids = names.keys.clone();
        for (index, model) in models.iter().enumerate() {
            for alias in &model.aliases {
                // An id always means its own model; of two equal aliases the first holds.
                names.exact.entry(alias.to_ascii_lowercase()).or_insert(Some(index));
                let parsed = grammar::parse(alias);
                let key = grammar::key(&parsed.name);
                // A word without a number ("large") names a model at one gateway only, unless it is
                // the maker's own "latest"; and so does a date that is not in the model's id.
                let number = key.bytes().any(|byte| byte.is_ascii_digit());
                let latest = parsed.is_of_maker() && key.ends_with("-latest");
                let dated = key.rsplit_once('-').is_some_and(|(_, word)| is_month_and_day(word))
                    && !grammar::key(&model.id).ends_with(&key);
                if (number || latest) && !dated && !ids.contains_key(&key) {
                    // Short names run into each other without their punctuation.
                    if key.len() >= 10 {
                        share(&mut names.squeezed, grammar::squeezed(&key), index);
                    }
                    share(&mut names.keys, key, index);
                }
            }
        }
        Ok(names)
    }

    /// From now on `name`, as it is, means this model.
    pub(super) fn put(&mut self, name: &str, index: usize) {
        self.exact.insert(name.to_ascii_lowercase(), Some(index));
    }

    fn find(&self, candidate: &Candidate) -> Option<usize> {
        let keys = if candidate.squeezed { &self.squeezed } else { &self.keys };
        keys.get(&candidate.key).copied().flatten()
    }
}

/// `0902`.
fn is_month_and_day(word: &str) -> bool {
    let number = word.parse().unwrap_or(0);
    word.len() == 4 && (1..=12).contains(&(number / 100)) && (1..=31).contains(&(number % 100))
}

fn share(keys: &mut Keys, key: String, index: usize) {
    keys.entry(key)
        .and_modify(|known| *known = known.filter(|known| *known == index))
        .or_insert(Some(index));
}

/// How many things may be peeled off a name.
const STEPS: usize = 4;
/// How many names are tried in all; a name that needs more is not one.
const MOST: usize = 200;
/// Longer names are not names.
const LONGEST: usize = 256;

/// The model's place in the catalogue and what the name says beside it.
pub(super) fn resolve(names: &Names, models: &[Model], id: &str) -> Option<(usize, Variant)> {
    let given = id.trim().to_ascii_lowercase();
    if given.len() > LONGEST || given.starts_with("ft:") {
        // A tuned model has a price of its own.
        return None;
    }
    let parsed = grammar::parse(&given);
    let (index, variant) = match names.exact.get(&given).copied().flatten() {
        Some(index) => (index, parsed.candidate().variant),
        None => search(parsed.candidate(), |candidate| {
            let index = names.find(candidate)?;
            models.get(index).is_some_and(|model| candidate.fits(model)).then_some(index)
        })?,
    };
    // A listed name may say more than the model too (`minimax-m2.7:free`, `gpt-5.5-fast`): what has to
    // be peeled off it to come to the model's id. Where nothing leads there, what is known already.
    let id = models.get(index).map(|model| grammar::key(&model.id));
    let to_id = search(parsed.candidate(), |candidate| {
        (!candidate.squeezed && Some(&candidate.key) == id.as_ref()).then_some(index)
    });
    Some(to_id.unwrap_or((index, variant)))
}

/// Peels one thing more at each step, until a step finds something; two different findings are none.
fn search(
    first: Candidate,
    find: impl Fn(&Candidate) -> Option<usize>,
) -> Option<(usize, Variant)> {
    let mut seen: Vec<(String, bool)> = Vec::new();
    let mut level = vec![first];
    for _ in 0..=STEPS {
        let mut hits = level.iter().filter_map(|candidate| Some((find(candidate)?, candidate)));
        if let Some((index, candidate)) = hits.next() {
            let sure = hits.all(|(other, _)| other == index);
            return sure.then(|| (index, candidate.variant.clone()));
        }
        let mut next = Vec::new();
        for candidate in level.iter().flat_map(Candidate::peeled) {
            let name = (candidate.key.clone(), candidate.squeezed);
            if !seen.contains(&name) {
                seen.push(name);
                next.push(candidate);
            }
        }
        level = next;
        if seen.len() > MOST {
            break;
        }
    }
    None
}
