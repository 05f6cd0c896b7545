//! A prompt whose words depend on the model: what each candidate would get, and what is said of it.

use super::{Planned, Planner};
use crate::catalog::Model;
use crate::chat::{ChatRequest, rendered, takes_schema};
use crate::error::Result;
use crate::prompt::{Format, Manner, Prompt, Rendered, Tier};
use crate::router::{Policy, tier_levels};
use crate::tokens::{ChosenExamples, EstimateOptions, choose_examples};
use serde_json::{Value, json};

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

impl Asked<'_> {
    /// Whether candidates get requests of their own.
    fn differs(&self) -> bool {
        self.tier != Tier::Plain || self.examples_tokens.is_some()
    }

    fn has_schema(&self) -> bool {
        matches!(self.prompt.parts.format, Some(Format::Schema(_)))
    }
}

impl<'a> Planner<'a> {
    /// The request that the route is decided on: nothing added, every example there. A JSON Schema is
    /// told in words where one of the candidates is not known to be held to it, so that each of them
    /// can take over from another.
    pub(super) fn undressed(
        &self,
        request: &ChatRequest,
        asked: &Asked<'_>,
        names: &[String],
    ) -> Result<(ChatRequest, bool)> {
        let holds = |name: &String| {
            self.catalog.resolve(name).is_ok_and(|resolved| takes_schema(resolved.model))
        };
        let in_words = asked.has_schema() && !names.iter().all(holds);
        if !in_words {
            return Ok((request.clone(), false));
        }
        let manner = Manner { tier: Tier::Plain, schema_in_words: true };
        Ok((rendered(request, asked.prompt, manner)?.0, true))
    }

    /// Every candidate with what it would get.
    pub(super) fn dressed(
        &self,
        request: &ChatRequest,
        asked: &Asked<'_>,
        schema_in_words: bool,
        names: &[String],
        policy: &Policy,
    ) -> Result<Vec<Planned<'a>>> {
        let mut found = Vec::new();
        for name in names {
            let resolved = self.catalog.resolve(name).ok();
            found.push((name.as_str(), resolved.map(|resolved| resolved.model)));
        }
        let tiers = match asked.tier {
            Tier::Auto => tier_levels(&found, policy),
            other => vec![other; found.len()],
        };
        let mut planned = Vec::new();
        for ((name, model), tier) in found.into_iter().zip(tiers) {
            let mut prompt = asked.prompt.clone();
            let options = EstimateOptions { provider: self.provider.map(str::to_owned) };
            let examples = match asked.examples_tokens {
                None => None,
                Some(budget) => {
                    let unlisted;
                    let model = match model {
                        Some(model) => model,
                        None => {
                            unlisted = Model::unlisted(name);
                            &unlisted
                        }
                    };
                    let words = self.vocabularies;
                    Some(choose_examples(&mut prompt, budget, model, words, &options)?)
                }
            };
            let manner = Manner { tier, schema_in_words };
            let (own, told) = rendered(request, &prompt, manner)?;
            let mut one = self.estimate(&own, name, false)?;
            one.dressed = Some(Dressed { request: own, told, tier, examples });
            planned.push(one);
        }
        Ok(planned)
    }

    /// Every candidate of a plan, and the request that the route is decided on.
    pub(super) fn candidates(
        &self,
        request: &ChatRequest,
        asked: Option<&Asked<'_>>,
        names: &[String],
        policy: &Policy,
    ) -> Result<(ChatRequest, Vec<Planned<'a>>, bool)> {
        let Some(asked) = asked else {
            return Ok((request.clone(), self.estimates(request, names, false)?, false));
        };
        let (plain, in_words) = self.undressed(request, asked, names)?;
        let planned = if asked.differs() {
            self.dressed(&plain, asked, in_words, names, policy)?
        } else {
            self.estimates(&plain, names, false)?
        };
        Ok((plain, planned, in_words))
    }
}

/// What a plan says of how the prompt was put for its model; `None` where nothing was done to it.
pub(super) fn said(picked: &Planned<'_>, in_words: bool, notes: &mut Vec<String>) -> Option<Value> {
    if in_words {
        notes.push(format!(
            "the JSON Schema is told in words: {} or another candidate is not known to be held to one",
            picked.name
        ));
    }
    let Dressed { told, tier, examples, .. } = picked.dressed.as_ref()?;
    let tier = if *tier == Tier::Auto { Tier::Plain } else { *tier };
    let name = tier.name();
    if tier != Tier::Plain {
        if told.language.is_none() {
            notes.push(format!(
                "tier {name}: no sentence was added: the prompt is in none of English, German, French, Spanish, Portuguese and Italian, or it is not clear in which"
            ));
        } else {
            notes.push(format!("tier {name}: added to the prompt: {}", told.added.join(" ")));
        }
        if told.steps > 0 {
            notes.push(format!("tier {name}: {} asks are numbered as steps", told.steps));
        }
        let model = picked.resolved.as_ref().map(|resolved| resolved.model);
        let reasons = |model: &Model| {
            model.lab == "openai"
                && model.capabilities.reasoning.as_deref().is_some_and(|kind| kind != "none")
        };
        if tier == Tier::Deep && model.is_some_and(reasons) {
            notes.push(REASONS_BY_ITSELF.to_owned());
        }
    }
    let examples = examples.as_ref().map(|examples| {
        if !examples.left_out.is_empty() {
            let (left, all) = (examples.left_out.len(), examples.chosen.len());
            notes.push(format!(
                "{left} of {} examples were left out; the others come to {}{} tokens",
                left + all,
                if examples.exact { "" } else { "about " },
                examples.tokens
            ));
        }
        json!({"chosen": examples.chosen, "leftOut": examples.left_out, "tokens": examples.tokens,
               "exact": examples.exact})
    });
    Some(json!({"tier": name, "added": told.added, "steps": told.steps, "language": told.language,
                "examples": examples}))
}
