//! `catalog.json` -> models, by hand: derived readers of the same shapes are many times as large in
//! WebAssembly, and say less of where a value is wrong.

use super::check;
use super::{
    Alternative, Capabilities, Model, Price, Rate, Rates, ServicePrice, Status, Tier, Tokenizer,
};
use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// The schema that is read here.
const SCHEMA: u64 = 1;

/// The day that the file speaks of, and its models.
pub(super) fn file(value: &Value) -> Result<(String, Vec<Model>)> {
    let file = Fields::of("catalogue", value)?;
    let schema = file.count("schema")?;
    if schema != Some(SCHEMA) {
        let found = schema.map_or("no".to_owned(), |schema| schema.to_string());
        return Err(Error::invalid_input(format!(
            "catalogue: found schema {found}, wanted {SCHEMA}"
        )));
    }
    let models = file.list("models")?.iter().map(model).collect::<Result<Vec<_>>>()?;
    let date = file.needed("date")?;
    check::entries(&date, &models)?;
    Ok((date, models))
}

fn model(value: &Value) -> Result<Model> {
    let id = Fields::of("catalogue.models", value)?.needed("id")?;
    let model = Fields::of(&id, value)?;
    let mut aliases = Vec::new();
    for alias in model.list("aliases")? {
        let alias = alias.as_str().ok_or_else(|| wrong(&id, "aliases", alias, "texts"))?;
        aliases.push(alias.to_owned());
    }
    Ok(Model {
        lab: model.needed("lab")?,
        aliases,
        tokenizer: Tokenizer::from(model.needed("tokenizer")?),
        context_window: model.count("contextWindow")?,
        max_input: model.count("maxInput")?,
        max_output: model.count("maxOutput")?,
        cache_min_tokens: model.count("cacheMinTokens")?,
        capabilities: match model.get("capabilities") {
            None => Capabilities::default(),
            Some(value) => capabilities(&Fields::of(&id, value)?)?,
        },
        prices: model
            .list("prices")?
            .iter()
            .map(|value| price(&id, value))
            .collect::<Result<_>>()?,
        released: model.text("released")?,
        status: match model.get("status") {
            None => Status::default(),
            Some(value) => status(&Fields::of(&id, value)?)?,
        },
        id,
    })
}

fn capabilities(fields: &Fields<'_>) -> Result<Capabilities> {
    Ok(Capabilities {
        vision: fields.flag("vision")?,
        pdf: fields.flag("pdf")?,
        audio: fields.flag("audio")?,
        tools: fields.flag("tools")?,
        parallel_tools: fields.flag("parallelTools")?,
        forced_tool_choice: fields.flag("forcedToolChoice")?,
        json_schema: fields.flag("jsonSchema")?,
        sampling: fields.flag("sampling")?,
        reasoning: fields.text("reasoning")?,
    })
}

fn status(fields: &Fields<'_>) -> Result<Status> {
    let replacement = fields.text("replacement")?;
    let state = fields.needed("state")?;
    match state.as_str() {
        "active" => Ok(Status::Active),
        "deprecated" => Ok(Status::Deprecated { retires: fields.text("retires")?, replacement }),
        "retired" => Ok(Status::Retired { on: fields.text("on")?, replacement }),
        _ => {
            Err(wrong(fields.place, "state", &Value::from(state), "active, deprecated or retired"))
        }
    }
}

fn price(place: &str, value: &Value) -> Result<Price> {
    let price = Fields::of(place, value)?;
    let services = match price.get("services") {
        None => None,
        Some(value) => Some(Fields::of(place, value)?.fields),
    };
    Ok(Price {
        from: price.text("from")?,
        checked: price.needed("checked")?,
        source: price.needed("source")?,
        rates: rates(&price)?,
        services: services
            .into_iter()
            .flatten()
            .map(|(name, value)| Ok((name.clone(), service(place, value)?)))
            .collect::<Result<_>>()?,
        alternatives: price
            .list("alternatives")?
            .iter()
            .map(|value| {
                let other = Fields::of(place, value)?;
                Ok(Alternative {
                    source: other.needed("source")?,
                    note: other.text("note")?,
                    rates: rates(&other)?,
                })
            })
            .collect::<Result<_>>()?,
    })
}

fn service(place: &str, value: &Value) -> Result<ServicePrice> {
    match value {
        Value::String(factor) => Ok(ServicePrice::Factor(factor.clone())),
        own => Ok(ServicePrice::Rates(Box::new(all_rates(&Fields::of(place, own)?)?))),
    }
}

/// The field `rates`.
fn rates(fields: &Fields<'_>) -> Result<Rates> {
    let value = fields.get("rates").unwrap_or(&Value::Null);
    all_rates(&Fields::of(fields.place, value)?)
}

fn all_rates(fields: &Fields<'_>) -> Result<Rates> {
    Rates::read(&mut |name| rate(fields, name))
}

fn rate(fields: &Fields<'_>, name: &str) -> Result<Option<Rate>> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(price)) => Ok(Some(Rate::Flat(price.clone()))),
        Some(tiered) => {
            let tiered = Fields::of(fields.place, tiered)?;
            let mut tiers = Vec::new();
            for tier in tiered.list("tiers")? {
                let tier = Fields::of(fields.place, tier)?;
                let start = tier.count("start")?.ok_or_else(|| tier.missing("start"))?;
                tiers.push(Tier { start, price: tier.needed("price")? });
            }
            Ok(Some(Rate::Tiered { base: tiered.needed("base")?, tiers }))
        }
    }
}

/// The fields of an object; `null` is the same as absent.
struct Fields<'a> {
    /// Whose they are, for errors.
    place: &'a str,
    fields: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn of(place: &'a str, value: &'a Value) -> Result<Self> {
        match value {
            Value::Object(fields) => Ok(Self { place, fields }),
            other => {
                let found: String = other.to_string().chars().take(60).collect();
                Err(Error::invalid_input(format!("{place}: found {found}, wanted an object")))
            }
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(wrong(self.place, name, other, "a text")),
        }
    }

    /// A text that must be there.
    fn needed(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Error {
        wrong(self.place, name, &Value::Null, "a value")
    }

    fn count(&self, name: &str) -> Result<Option<u64>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                None => Err(wrong(self.place, name, value, "a whole number, 0 or more")),
                count => Ok(count),
            },
        }
    }

    fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong(self.place, name, other, "true or false")),
        }
    }

    /// Empty where it is absent.
    fn list(&self, name: &str) -> Result<&'a [Value]> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(wrong(self.place, name, other, "a list")),
        }
    }
}

fn wrong(place: &str, name: &str, found: &Value, wanted: &str) -> Error {
    let found: String = found.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}.{name}: found {found}, wanted {wanted}"))
}
