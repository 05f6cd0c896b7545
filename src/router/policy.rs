//! What the caller wants of a pick.

use super::Candidate;
use crate::cost::Money;
use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// How much hangs on the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Criticality {
    /// An error costs a second try.
    #[default]
    Ordinary,
    /// An error costs time or goodwill.
    Important,
    /// An error is grave: legal, medical, financial, scientific.
    Critical,
}

/// What the caller wants of a pick.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The models to choose from; empty: the caller has other means of naming them.
    pub candidates: Vec<String>,
    /// Never these.
    pub forbidden: Vec<String>,
    /// This one, if it can take the request.
    pub r#override: Option<String>,
    /// The most that one request may cost, at the upper end of its estimate.
    pub max_cost: Option<Money>,
    /// How much hangs on the answer.
    pub criticality: Criticality,
    /// `Some(false)`: retired models are never picked.
    pub allow_retired: Option<bool>,
}

impl Policy {
    /// Reads a policy; null is the default one.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted. A field
    /// of another name is an error too: a misspelt limit must not be lost.
    pub fn from_value(value: Value) -> Result<Self> {
        let fields = match value {
            Value::Null => return Ok(Self::default()),
            Value::Object(fields) => fields,
            other => return Err(wrong("policy", &other, "an object")),
        };
        let mut policy = Self::default();
        for (name, value) in &fields {
            match name.as_str() {
                _ if value.is_null() => {}
                "candidates" => policy.candidates = names(&fields, name)?,
                "forbidden" => policy.forbidden = names(&fields, name)?,
                "override" => match value.as_str() {
                    Some(id) => policy.r#override = Some(id.to_owned()),
                    None => return Err(wrong("policy.override", value, "a model's name")),
                },
                "maxCostUsd" => {
                    policy.max_cost = Some(Money::from_value("policy.maxCostUsd", value)?)
                }
                "criticality" => {
                    policy.criticality = match value.as_str() {
                        Some("ordinary") => Criticality::Ordinary,
                        Some("important") => Criticality::Important,
                        Some("critical") => Criticality::Critical,
                        _ => {
                            return Err(wrong(
                                "policy.criticality",
                                value,
                                "ordinary, important or critical",
                            ));
                        }
                    }
                }
                "allowRetired" => match value.as_bool() {
                    Some(flag) => policy.allow_retired = Some(flag),
                    None => return Err(wrong("policy.allowRetired", value, "true or false")),
                },
                _ => {
                    return Err(wrong(
                        &format!("policy.{name}"),
                        value,
                        "one of candidates, forbidden, override, maxCostUsd, criticality, allowRetired",
                    ));
                }
            }
        }
        Ok(policy)
    }
}

/// Whether `name` means this candidate: as the caller named it, or by its catalogue id.
pub(super) fn same(name: &str, candidate: &Candidate<'_>) -> bool {
    name == candidate.name || candidate.model.is_some_and(|model| model.id == name)
}

fn names(fields: &Map<String, Value>, field: &str) -> Result<Vec<String>> {
    let place = format!("policy.{field}");
    let list = fields.get(field).and_then(Value::as_array);
    let Some(list) = list else {
        return Err(wrong(&place, fields.get(field).unwrap_or(&Value::Null), "a list of names"));
    };
    list.iter()
        .map(|item| {
            item.as_str().map(str::to_owned).ok_or_else(|| wrong(&place, item, "a model's name"))
        })
        .collect()
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    Error::invalid_input(format!("{place}: found {found}, wanted {wanted}"))
}
