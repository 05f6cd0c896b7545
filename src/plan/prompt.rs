//! A prompt whose words depend on the model: what each candidate would get, and what is said of it.

use super::{Planned, Planner};
use crate::catalog::Model;
use crate::chat::{ChatRequest, Manner, Rendered, rendered, takes_schema};
use crate::error::Result;
use crate::prompt::{Format, Prompt, Tier};
use crate::router::{Policy, tier_levels};
use crate::tokens::{ChosenExamples, EstimateOptions, choose_examples};
use serde_json::{Map, Value};

/// A prompt to be planned, and how it is to be put.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The prompt.
    pub prompt: &'a Prompt,
    /// Whose words are added; [`Tier::Auto`]: as suits the candidate.
    pub tier: Tier,
    /// The most tokens that its examples may come to.
    pub examples_tokens: Option<u64>,
}

/// What one candidate would get.
#[derive(Clone, Debug)]
pub struct Dressed {
    /// Its request.
    pub request: ChatRequest,
    /// How the prompt was put for it.
    pub told: Rendered,
    /// With which tier.
    pub tier: Tier,
    /// Which examples it has, where there was a budget for them.
    pub examples: Option<ChosenExamples>,
}

/// OpenAI on its reasoning models: "think step by step" is not needed, and may even be in the way
/// ("Reasoning best practices", platform.openai.com, read 2026-11-22).
const REASONS_BY_ITSELF: &str = "tier deep: its maker says that this model reasons by itself and needs no \"step by step\" (OpenAI, Reasoning best practices, 2026-11-22)";

/// The note on a schema that no response format holds.
const IN_WORDS: &str =
    "the JSON Schema is told in words: not every candidate is known to be held to one";

/// The note where no sentence could be added.
const NO_LANGUAGE: &str = ": no sentence was added: the prompt is in none of English, German, French, Spanish, Portuguese and Italian, or it is not clear in which";

impl Asked<'_> {
    /// Whether candidates get requests of their own.
    fn differs(&self) -> bool {
        self.tier != Tier::Plain || self.examples_tokens.is_some()
    }
}

impl<'a> Planner<'a> {
    /// Whether a JSON Schema is to be told in words: where one of the candidates is not known to be
    /// held to it, so that each of them can take over from another.
    pub(super) fn schema_in_words(&self, asked: &Asked<'_>, names: &[String]) -> bool {
        let holds = |name: &String| match self.catalog.resolve(name) {
            Ok(resolved) => takes_schema(resolved.model),
            Err(_) => false,
        };
        matches!(asked.prompt.parts.format, Some(Format::Schema(_))) && !names.iter().all(holds)
    }

    /// Every candidate, with the request that it would get where that is one of its own. `request` is
    /// the prompt's with nothing added.
    pub(super) fn candidates(
        &self,
        request: &ChatRequest,
        asked: Option<&Asked<'_>>,
        schema_in_words: bool,
        names: &[String],
        policy: &Policy,
    ) -> Result<Vec<Planned<'a>>> {
        let Some(asked) = asked.filter(|asked| asked.differs()) else {
            return self.estimates(request, names, false);
        };
        let mut found = Vec::new();
        for name in names {
            let resolved = self.catalog.resolve(name).ok();
            found.push((name.as_str(), resolved.map(|resolved| resolved.model)));
        }
        let tiers = match asked.tier {
            Tier::Auto => tier_levels(&found, policy),
            other => vec![other; found.len()],
        };
        let options = EstimateOptions { provider: self.provider.map(str::to_owned) };
        let mut planned = Vec::new();
        for ((name, model), tier) in found.into_iter().zip(tiers) {
            let mut examples = None;
            if let Some(budget) = asked.examples_tokens {
                let unlisted = Model::unlisted(name);
                let (model, words) = (model.unwrap_or(&unlisted), self.vocabularies);
                examples = Some(choose_examples(asked.prompt, budget, model, words, &options)?);
            }
            let kept = examples.as_ref().map(|examples| examples.chosen.as_slice());
            let manner = Manner { tier, schema_in_words, examples: kept };
            let (own, told) = rendered(request, asked.prompt, manner)?;
            let mut one = self.estimate(&own, name, false)?;
            one.dressed = Some(Dressed { request: own, told, tier, examples });
            planned.push(one);
        }
        Ok(planned)
    }
}

/// What a plan says of how the prompt was put for its model; `None` where nothing was done to it.
pub(super) fn said(picked: &Planned<'_>, in_words: bool, notes: &mut Vec<String>) -> Option<Value> {
    if in_words {
        notes.push(IN_WORDS.to_owned());
    }
    let Dressed { told, tier, examples, .. } = picked.dressed.as_ref()?;
    let name = tier.name();
    if *tier != Tier::Plain {
        let mut note = String::from("tier ");
        note.push_str(name);
        if told.language.is_none() {
            note.push_str(NO_LANGUAGE);
        } else {
            note.push_str(": added to the prompt: ");
            note.push_str(&told.added.join(" "));
        }
        if told.steps > 0 {
            note.push_str("; the asks are numbered as steps");
        }
        notes.push(note);
        let reasons = picked.resolved.as_ref().is_some_and(|resolved| {
            let kind = resolved.model.capabilities.reasoning.as_deref();
            resolved.model.lab == "openai" && !matches!(kind, None | Some("none"))
        });
        if *tier == Tier::Deep && reasons {
            notes.push(REASONS_BY_ITSELF.to_owned());
        }
    }
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("tier", name.into());
    put("added", told.added.as_slice().into());
    put("steps", told.steps.into());
    put("language", told.language.map_or(Value::Null, Value::from));
    put("examples", examples.as_ref().map_or(Value::Null, |one| chosen(one, notes)));
    Some(Value::Object(fields))
}

/// Which examples stayed.
fn chosen(examples: &ChosenExamples, notes: &mut Vec<String>) -> Value {
    let (left, all) = (examples.left_out.len(), examples.chosen.len());
    if left > 0 {
        notes.push(format!("{left} of {} examples were left out", left + all));
    }
    let mut fields = Map::new();
    for (name, value) in [
        ("chosen", examples.chosen.as_slice().into()),
        ("leftOut", examples.left_out.as_slice().into()),
        ("tokens", examples.tokens.into()),
        ("exact", Value::Bool(examples.exact)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}
