//! A policy for the routers of others: as much as they can be told, and notes of what they cannot.

use super::policy::{Criticality, Policy};
use super::{level, preset::Preset};
use crate::catalog::{Catalog, Model};
use crate::chat::Usage;
use crate::cost::{Money, calculate_cost, price_of};
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use crate::sort::sort;
use serde_json::Value;
use std::cmp::Reverse;

/// Whose configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `config.yaml` of a LiteLLM proxy (JSON is YAML): `model_list` and `router_settings`.
    LiteLlm,
    /// Fields of an OpenRouter request.
    OpenRouter,
    /// A Portkey gateway configuration.
    Portkey,
}

impl Target {
    /// Finds one by name.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for another name.
    pub fn by_name(name: &str) -> Result<Self> {
        match name {
            "litellm" => Ok(Self::LiteLlm),
            "openrouter" => Ok(Self::OpenRouter),
            "portkey" => Ok(Self::Portkey),
            _ => Err(Error::invalid_input(format!(
                "target: found {name:?}, wanted litellm, openrouter or portkey"
            ))),
        }
    }
}

/// A candidate as others are told of it.
struct Named<'a> {
    name: &'a str,
    model: Option<&'a Model>,
    level: Option<u8>,
    price: Option<Money>,
}

impl Named<'_> {
    /// `lab/id`, as LiteLLM and OpenRouter spell it; a name with a slash is the caller's own.
    fn with_lab(&self) -> String {
        match self.model {
            Some(model) if !self.name.contains('/') => {
                format!("{}/{}", provider(&model.lab), self.name)
            }
            _ => self.name.to_owned(),
        }
    }

    fn provider(&self) -> &str {
        let own = self.name.split_once('/').map(|(lab, _)| lab);
        own.or_else(|| self.model.map(|model| provider(&model.lab))).unwrap_or("openai")
    }
}

/// The name of a lab as a provider.
fn provider(lab: &str) -> &str {
    if lab == "google" { "gemini" } else { lab }
}

/// The group that requests are sent to.
const GROUP: &str = "promptfare";

/// Writes `policy` for `target`: `{ config, notes }`.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where the policy names no candidate that it allows.
pub fn export(policy: &Policy, target: Target, catalog: &Catalog) -> Result<Value> {
    let is = |list: &[String], name: &str| list.iter().any(|one| one == name);
    let mut named: Vec<Named<'_>> = Vec::new();
    for name in &policy.candidates {
        if is(&policy.forbidden, name) || !(policy.allowed.is_empty() || is(&policy.allowed, name))
        {
            continue;
        }
        let resolved = catalog.resolve(name).ok();
        let usage = Usage { input_tokens: 1000, output_tokens: 500, ..Usage::default() };
        let price = resolved.as_ref().and_then(|resolved| {
            let rates = price_of(resolved, None).ok()?.rates;
            calculate_cost(&rates, &usage).ok().map(|cost| cost.usd)
        });
        let model = resolved.map(|resolved| resolved.model);
        let own = policy.levels.iter().find(|(known, _)| known == name).map(|(_, level)| *level);
        named.push(Named { name, model, level: own.or_else(|| model.and_then(level::of)), price });
    }
    // From the cheapest up; fallbacks climb from there.
    let place = |name: &str| policy.candidates.iter().position(|one| one == name);
    sort(&mut named, |a, b| {
        (a.price.is_none(), a.price, place(a.name)) < (b.price.is_none(), b.price, place(b.name))
    });
    let strongest = (0..named.len()).max_by_key(|index| {
        named.get(*index).map(|one| (one.level.unwrap_or(0), one.price, Reverse(*index)))
    });
    let (Some(cheap), Some(strong)) = (named.first(), strongest.and_then(|i| named.get(i))) else {
        return Err(Error::invalid_input(
            "policy.candidates: found none that is allowed, wanted at least one model",
        ));
    };
    let stated = policy.criticality.or(policy.preset.map(Preset::criticality)).unwrap_or_default();
    let wished = policy.r#override.as_deref();
    let wished = named.iter().find(|one| wished == Some(one.name));
    let first = wished.unwrap_or(if stated == Criticality::Ordinary { cheap } else { strong });
    let share = policy.dial.filter(|_| wished.is_none() && stated != Criticality::Critical);
    let rest: Vec<&Named<'_>> = named.iter().filter(|one| one.name != first.name).collect();
    let config = match target {
        Target::LiteLlm => litellm(&named, first, strong, cheap, share, &rest),
        Target::OpenRouter => {
            let models: Vec<String> =
                std::iter::once(first).chain(rest.iter().copied()).map(Named::with_lab).collect();
            json!({"model": first.with_lab(), "models": models, "provider": {"allow_fallbacks": true}})
        }
        Target::Portkey => portkey(first, strong, cheap, share, &rest),
    };
    Ok(json!({"config": config, "notes": notes(policy, target)}))
}

fn litellm(
    named: &[Named<'_>],
    first: &Named<'_>,
    strong: &Named<'_>,
    cheap: &Named<'_>,
    share: Option<f64>,
    rest: &[&Named<'_>],
) -> Value {
    let entry = |group: &str, one: &Named<'_>, weight: Option<f64>| {
        let key =
            format!("os.environ/{}_API_KEY", one.provider().to_ascii_uppercase().replace('-', "_"));
        let mut params = json!({"model": one.with_lab(), "api_key": key});
        if let (Some(weight), Some(fields)) = (weight, params.as_object_mut()) {
            fields.put("weight", json!(weight));
        }
        json!({"model_name": group, "litellm_params": params})
    };
    let mut list: Vec<Value> = named.iter().map(|one| entry(one.name, one, None)).collect();
    match share {
        Some(share) if share > 0.0 && share < 1.0 => {
            list.push(entry(GROUP, strong, Some(share)));
            list.push(entry(GROUP, cheap, Some(1.0 - share)));
        }
        Some(share) => list.push(entry(GROUP, if share > 0.0 { strong } else { cheap }, None)),
        None => list.push(entry(GROUP, first, None)),
    }
    let names: Vec<&str> = rest.iter().map(|one| one.name).collect();
    let window = |one: &Named<'_>| one.model.and_then(|model| model.context_window);
    let wider: Vec<Value> = named
        .iter()
        .filter_map(|one| {
            let wider: Vec<&str> = named
                .iter()
                .filter(|other| window(one).is_some() && window(other) > window(one))
                .map(|other| other.name)
                .collect();
            let name = one.name;
            (!wider.is_empty()).then(|| json!({ name: wider }))
        })
        .collect();
    let fallbacks = if names.is_empty() { json!([]) } else { json!([{ GROUP: names }]) };
    json!({
        "model_list": list,
        "router_settings": {
            "routing_strategy": "simple-shuffle",
            "num_retries": 2,
            "fallbacks": fallbacks,
            "context_window_fallbacks": wider,
        },
    })
}

fn portkey(
    first: &Named<'_>,
    strong: &Named<'_>,
    cheap: &Named<'_>,
    share: Option<f64>,
    rest: &[&Named<'_>],
) -> Value {
    let bare = |one: &Named<'_>| one.name.split_once('/').map_or(one.name, |(_, id)| id).to_owned();
    let target = |one: &Named<'_>| json!({"provider": one.provider(), "override_params": {"model": bare(one)}});
    let weighted = |one: &Named<'_>, weight: f64| json!({"provider": one.provider(), "weight": weight, "override_params": {"model": bare(one)}});
    let usual = match share {
        Some(share) => json!({
            "name": "usual", "strategy": {"mode": "loadbalance"},
            "targets": [weighted(strong, share), weighted(cheap, 1.0 - share)],
        }),
        None => {
            let targets: Vec<Value> =
                std::iter::once(first).chain(rest.iter().copied()).map(target).collect();
            json!({"name": "usual", "strategy": {"mode": "fallback"}, "targets": targets})
        }
    };
    let mut critical = target(strong);
    if let Some(fields) = critical.as_object_mut() {
        fields.put("name", "critical".into());
    }
    json!({
        "strategy": {
            "mode": "conditional",
            "conditions": [{"query": {"metadata.criticality": {"$eq": "critical"}}, "then": "critical"}],
            "default": "usual",
        },
        "targets": [critical, usual],
        "retry": {"attempts": 2},
    })
}

/// What the policy says and the other router cannot be told.
fn notes(policy: &Policy, target: Target) -> Vec<String> {
    let value = policy.to_value();
    let told =
        ["candidates", "allowed", "forbidden", "override", "criticality", "preset", "levels"];
    let dial = |name: &str| name == "dial" && target != Target::OpenRouter;
    let fields = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let mut notes: Vec<String> = fields
        .filter(|name| !told.contains(name) && !dial(name))
        .map(|name| format!("{name} has no counterpart there and is left out"))
        .collect();
    if policy.dial.is_some() && target != Target::OpenRouter {
        notes.push("the dial's share is kept by chance there, not by need".to_owned());
    }
    notes.push("models are named lab/id: compare with the names that your gateway uses".to_owned());
    notes
}
