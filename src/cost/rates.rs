//! From prices, which are text, to numbers that money can be computed with.

use super::money::decimal;
use crate::catalog::{Price, Rate, Rates, Resolved, ServicePrice, Tier, Variant};
use crate::error::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// Decimals of a rate in USD per million tokens; so many make whole picodollars per token.
const DECIMALS: usize = 6;

/// The classes of tokens that have a price, in the spelling of [`Rates`].
const INPUT: &str = "input_mtok";
const OUTPUT: &str = "output_mtok";
const CACHE_READ: &str = "cache_read_mtok";
const CACHE_WRITE: &str = "cache_write_mtok";
const CACHE_WRITE_1H: &str = "cache_write_1h_mtok";
const REASONING: &str = "output_reasoning_mtok";

impl Rates {
    /// Reads rates from JSON. Fields without a count in [`crate::chat::Usage`] are ignored; prices
    /// are decimal strings in USD per 1,000,000 tokens, never numbers.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(fields) = value else {
            return Err(wrong("rates", value, "an object such as {\"input_mtok\": \"3\"}"));
        };
        Ok(Self {
            input_mtok: read_rate(fields, INPUT)?,
            output_mtok: read_rate(fields, OUTPUT)?,
            cache_read_mtok: read_rate(fields, CACHE_READ)?,
            cache_write_mtok: read_rate(fields, CACHE_WRITE)?,
            cache_write_1h_mtok: read_rate(fields, CACHE_WRITE_1H)?,
            output_reasoning_mtok: read_rate(fields, REASONING)?,
        })
    }

    /// These rates with the ones that `other` states laid over them.
    pub(super) fn overlaid(&self, other: &Self) -> Self {
        let either =
            |new: &Option<Rate>, old: &Option<Rate>| new.as_ref().or(old.as_ref()).cloned();
        Self {
            input_mtok: either(&other.input_mtok, &self.input_mtok),
            output_mtok: either(&other.output_mtok, &self.output_mtok),
            cache_read_mtok: either(&other.cache_read_mtok, &self.cache_read_mtok),
            cache_write_mtok: either(&other.cache_write_mtok, &self.cache_write_mtok),
            cache_write_1h_mtok: either(&other.cache_write_1h_mtok, &self.cache_write_1h_mtok),
            output_reasoning_mtok: either(
                &other.output_reasoning_mtok,
                &self.output_reasoning_mtok,
            ),
        }
    }

    fn map(&self, change: impl Fn(&str) -> Result<String>) -> Result<Self> {
        let rate = |rate: &Option<Rate>| -> Result<Option<Rate>> {
            Ok(match rate {
                None => None,
                Some(Rate::Flat(price)) => Some(Rate::Flat(change(price)?)),
                Some(Rate::Tiered { base, tiers }) => Some(Rate::Tiered {
                    base: change(base)?,
                    tiers: tiers
                        .iter()
                        .map(|tier| Ok(Tier { start: tier.start, price: change(&tier.price)? }))
                        .collect::<Result<_>>()?,
                }),
            })
        };
        Ok(Self {
            input_mtok: rate(&self.input_mtok)?,
            output_mtok: rate(&self.output_mtok)?,
            cache_read_mtok: rate(&self.cache_read_mtok)?,
            cache_write_mtok: rate(&self.cache_write_mtok)?,
            cache_write_1h_mtok: rate(&self.cache_write_1h_mtok)?,
            output_reasoning_mtok: rate(&self.output_reasoning_mtok)?,
        })
    }
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let shown: String = found.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}: found {shown}, wanted {wanted}"))
}

fn read_rate(fields: &Map<String, Value>, name: &str) -> Result<Option<Rate>> {
    const WANTED: &str = "a decimal string in USD per million tokens, at most 6 decimals";
    let price = |place: &str, value: Option<&Value>| -> Result<String> {
        let value = value.unwrap_or(&Value::Null);
        match value.as_str() {
            Some(text) if picodollars(text).is_some() => Ok(text.to_owned()),
            _ => Err(wrong(&format!("rates.{place}"), value, WANTED)),
        }
    };
    let tiered = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(tiered)) => tiered,
        Some(value) => return Ok(Some(Rate::Flat(price(name, Some(value))?))),
    };
    let list = tiered.get("tiers").and_then(Value::as_array).ok_or_else(|| {
        let found = tiered.get("tiers").unwrap_or(&Value::Null);
        wrong(&format!("rates.{name}.tiers"), found, "a list of {start, price}")
    })?;
    let mut tiers: Vec<Tier> = Vec::with_capacity(list.len());
    for (index, tier) in list.iter().enumerate() {
        let place = format!("{name}.tiers[{index}]");
        let start = tier.get("start").unwrap_or(&Value::Null);
        let start = crate::chat::whole_number(start)
            .ok_or_else(|| wrong(&format!("rates.{place}.start"), start, "a number of tokens"))?;
        if tiers.last().is_some_and(|last| last.start >= start) {
            let place = format!("rates.{place}.start");
            return Err(wrong(&place, &start.into(), "tiers in rising order of start"));
        }
        tiers.push(Tier { start, price: price(&format!("{place}.price"), tier.get("price"))? });
    }
    Ok(Some(Rate::Tiered { base: price(&format!("{name}.base"), tiered.get("base"))?, tiers }))
}

/// USD per million tokens -> picodollars per token.
fn picodollars(price: &str) -> Option<u64> {
    decimal(price, DECIMALS).and_then(|rate| u64::try_from(rate).ok())
}

/// What each class of tokens costs for a prompt of one size, in picodollars per token.
#[derive(Clone, Copy, Debug)]
pub(super) struct PerToken {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
    pub(super) cache_write_1h: Option<u64>,
    pub(super) reasoning: Option<u64>,
}

impl PerToken {
    /// The prices that hold for a prompt of `input_tokens`, cache included. Each rate has its own
    /// tiers; the one with the largest `start` that is exceeded holds.
    pub(super) fn of(rates: &Rates, input_tokens: u64) -> Result<Self> {
        let of = |name: &str, rate: &Option<Rate>| -> Result<Option<u64>> {
            let price = match rate {
                None => return Ok(None),
                Some(Rate::Flat(price)) => price,
                Some(Rate::Tiered { base, tiers }) => tiers
                    .iter()
                    .filter(|tier| input_tokens > tier.start)
                    .max_by_key(|tier| tier.start)
                    .map_or(base, |tier| &tier.price),
            };
            picodollars(price).map(Some).ok_or_else(|| {
                wrong(
                    &format!("rates.{name}"),
                    &Value::String(price.clone()),
                    "a decimal string in USD per million tokens, at most 6 decimals",
                )
            })
        };
        Ok(Self {
            input: of(INPUT, &rates.input_mtok)?,
            output: of(OUTPUT, &rates.output_mtok)?,
            cache_read: of(CACHE_READ, &rates.cache_read_mtok)?,
            cache_write: of(CACHE_WRITE, &rates.cache_write_mtok)?,
            cache_write_1h: of(CACHE_WRITE_1H, &rates.cache_write_1h_mtok)?,
            reasoning: of(REASONING, &rates.output_reasoning_mtok)?,
        })
    }
}

/// Every prompt size at which a rate changes, as the largest size of the lower side.
pub(super) fn tier_starts(rates: &Rates) -> Vec<u64> {
    [
        &rates.input_mtok,
        &rates.output_mtok,
        &rates.cache_read_mtok,
        &rates.cache_write_mtok,
        &rates.cache_write_1h_mtok,
        &rates.output_reasoning_mtok,
    ]
    .into_iter()
    .flatten()
    .filter_map(|rate| match rate {
        Rate::Flat(_) => None,
        Rate::Tiered { tiers, .. } => Some(tiers.iter().map(|tier| tier.start)),
    })
    .flatten()
    .collect()
}

/// The rates that a name asks for, with notes on what they leave open.
#[derive(Clone, Debug, PartialEq)]
pub struct Priced<'a> {
    /// The catalogue's price, with its day and source.
    pub price: &'a Price,
    /// Its rates, after the service and region of the name.
    pub rates: Rates,
    /// What a person should know: a service without a price of its own, a region.
    pub notes: Vec<String>,
}

/// The price of a resolved model on the day `at` (`YYYY-MM-DD`; without it, the catalogue's day):
/// standard, or that of the service and region which the name states.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where no price is known; [`ErrorKind::InvalidInput`] for a bad day.
pub fn price_of<'a>(resolved: &Resolved<'a>, at: Option<&str>) -> Result<Priced<'a>> {
    let price = resolved.catalog.price(resolved.model, at)?;
    let mut notes = Vec::new();
    let rates = apply(price, &resolved.variant, &mut notes)?;
    Ok(Priced { price, rates, notes })
}

/// The rates of `price` for a service and a region.
pub(super) fn apply(price: &Price, variant: &Variant, notes: &mut Vec<String>) -> Result<Rates> {
    if variant.free {
        notes.push("the name says free of charge; the gateway's limits for that hold".to_owned());
        return price.rates.map(|_| Ok("0".to_owned()));
    }
    let mut rates = price.rates.clone();
    if let Some(service) = variant.service {
        // OpenAI's fast mode is its priority service (genai-prices 0.2.3 prices them alike).
        let found = price
            .service(service.name())
            .or_else(|| (service.name() == "fast").then(|| price.service("priority")).flatten());
        rates = match found {
            Some(ServicePrice::Rates(own)) => own.as_ref().clone(),
            Some(ServicePrice::Factor(factor)) => rates.map(|rate| times(rate, factor))?,
            None => {
                notes.push(format!("no price is known for {}: standard price", service.name()));
                rates
            }
        };
    }
    if let Some(region) = &variant.region {
        match price.service("regional") {
            Some(ServicePrice::Factor(factor)) => {
                notes.push(format!("endpoint of region {region}: {factor} times the price"));
                rates = rates.map(|rate| times(rate, factor))?;
            }
            Some(ServicePrice::Rates(own)) => rates = own.as_ref().clone(),
            None => notes.push(format!("no price is known for region {region}: standard price")),
        }
    }
    Ok(rates)
}

/// The exact product of two decimal strings.
fn times(rate: &str, factor: &str) -> Result<String> {
    let product = decimal(rate, DECIMALS)
        .zip(decimal(factor, DECIMALS))
        .and_then(|(rate, factor)| rate.checked_mul(factor))
        .filter(|product| product % 1_000_000 == 0)
        .map(|product| product / 1_000_000);
    match product {
        Some(rate) => Ok(format!("{}.{:06}", rate / 1_000_000, rate % 1_000_000)),
        None => Err(Error::new(
            ErrorKind::Unsupported,
            format!("price: found {rate} times {factor}, wanted at most 6 decimals"),
        )),
    }
}
