//! One field of a record: what it may hold, read from JSON and written to it.

use super::{Tried, wrong};
use crate::cost::Money;
use crate::error::Result;
use crate::json::{Fields, json};
use serde_json::{Map, Value};

/// The largest whole number that JavaScript holds exactly.
const SAFE: u64 = 9_007_199_254_740_991;

/// A field, to be read or written. Null, and an empty list, is what is not known.
pub enum Slot<'a> {
    /// A text that is always there.
    Name(&'a mut String),
    /// A text.
    Text(&'a mut Option<String>),
    /// A moment that is always there: whole milliseconds since 1970.
    Moment(&'a mut u64),
    /// A whole number.
    Count(&'a mut Option<u64>),
    /// A number, 0 or more.
    Number(&'a mut Option<f64>),
    /// USD: a decimal string.
    Money(&'a mut Option<Money>),
    /// True or false.
    Flag(&'a mut Option<bool>),
    /// Texts.
    Words(&'a mut Vec<String>),
    /// Names with what they cost: an object.
    Costs(&'a mut Vec<(String, Money)>),
    /// Attempts: objects.
    Attempts(&'a mut Vec<Tried>),
}

impl Slot<'_> {
    /// Its value as JSON; null where it is not known.
    pub fn write(self) -> Value {
        let empty_is_null = |list: Vec<Value>| match list.is_empty() {
            true => Value::Null,
            false => Value::Array(list),
        };
        match self {
            Self::Name(text) => Value::from(text.as_str()),
            Self::Text(text) => match text.as_deref() {
                None | Some("") => Value::Null,
                Some(text) => text.into(),
            },
            Self::Moment(ms) => Value::from(*ms),
            Self::Count(count) => count.map_or(Value::Null, Value::from),
            Self::Number(number) => number.map_or(Value::Null, short),
            Self::Money(money) => money.map_or(Value::Null, |money| money.to_string().into()),
            Self::Flag(flag) => flag.map_or(Value::Null, Value::from),
            Self::Words(words) => {
                empty_is_null(words.iter().map(|word| word.as_str().into()).collect())
            }
            Self::Costs(costs) => {
                let mut fields = Map::new();
                for (name, cost) in costs.iter() {
                    fields.insert(name.clone(), cost.to_string().into());
                }
                if fields.is_empty() { Value::Null } else { Value::Object(fields) }
            }
            Self::Attempts(list) => empty_is_null(list.iter().map(write_attempt).collect()),
        }
    }

    /// Takes a value over. `path` is what an error calls it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is of another kind.
    pub fn read(self, path: &str, value: &Value) -> Result<()> {
        let fine = match self {
            Self::Name(place) => value.as_str().map(|text| text.clone_into(place)),
            // Fractions of a millisecond are cut off.
            Self::Moment(place) => {
                let ms = value.as_f64().filter(|ms| (0.0..SAFE as f64).contains(ms));
                ms.map(|ms| *place = ms as u64)
            }
            _ if value.is_null() => return Ok(()),
            Self::Text(place) => value
                .as_str()
                .map(|text| *place = Some(text.to_owned()).filter(|text| !text.is_empty())),
            Self::Count(place) => whole(value).map(|count| *place = Some(count)),
            Self::Number(place) => {
                let number = value.as_f64().filter(|number| *number >= 0.0);
                number.map(|number| *place = Some(number))
            }
            Self::Money(place) => {
                let money = value.as_str().and_then(|text| Money::parse(text).ok());
                money.map(|money| *place = Some(money))
            }
            Self::Flag(place) => value.as_bool().map(|flag| *place = Some(flag)),
            Self::Words(place) => read_words(value).map(|words| *place = words),
            Self::Costs(place) => read_costs(value).map(|costs| *place = costs),
            Self::Attempts(place) => read_attempts(value).map(|list| *place = list),
        };
        fine.ok_or_else(|| wrong(path, value, "another kind of value: see LedgerRecord"))
    }
}

/// Whole numbers as JavaScript writes them: `12`, not `12.0`.
fn short(number: f64) -> Value {
    if number.fract() == 0.0 && number <= SAFE as f64 {
        Value::from(number as u64)
    } else {
        Value::from(number)
    }
}

fn whole(value: &Value) -> Option<u64> {
    match value.as_u64() {
        Some(count) => Some(count).filter(|count| *count <= SAFE),
        None => {
            let number = value.as_f64()?;
            (number >= 0.0 && number.fract() == 0.0 && number <= SAFE as f64)
                .then_some(number as u64)
        }
    }
}

fn read_words(value: &Value) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for word in value.as_array()? {
        words.push(word.as_str()?.to_owned());
    }
    Some(words)
}

fn read_costs(value: &Value) -> Option<Vec<(String, Money)>> {
    let mut costs = Vec::new();
    for (name, cost) in value.as_object()? {
        costs.push((name.clone(), Money::parse(cost.as_str()?).ok()?));
    }
    Some(costs)
}

fn write_attempt(tried: &Tried) -> Value {
    let mut value = json!({"model": tried.model, "endpoint": tried.endpoint,
                           "durationMs": short(tried.duration_ms)});
    if let Some(fields) = value.as_object_mut() {
        if tried.skipped {
            fields.put("skipped", true.into());
        }
        if let Some(kind) = &tried.error {
            fields.put("error", json!({"kind": kind}));
        }
    }
    value
}

fn read_attempts(value: &Value) -> Option<Vec<Tried>> {
    let mut attempts = Vec::new();
    for one in value.as_array()? {
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        attempts.push(Tried {
            model: text("model").to_owned(),
            endpoint: text("endpoint").to_owned(),
            skipped: one.get("skipped").and_then(Value::as_bool).unwrap_or(false),
            duration_ms: one.get("durationMs").and_then(Value::as_f64).unwrap_or(0.0).max(0.0),
            error: one.pointer("/error/kind").and_then(Value::as_str).map(str::to_owned),
        });
        one.as_object()?;
    }
    Some(attempts)
}
