//! From prices, which are text, to numbers that money can be computed with.

use super::money::{decimal, millionths};
use crate::catalog::{Alternative, Price, Rate, Rates, Resolved, ServicePrice, Tier, Variant};
use crate::error::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// Decimals of a rate in USD per million tokens; so many make whole picodollars per token.
const DECIMALS: usize = 6;

const WANTED: &str = "a decimal string in USD per million tokens, at most 6 decimals";

impl Rates {
    /// Reads rates from JSON. Fields without a count in a usage are ignored; prices are decimal
    /// strings in USD per 1,000,000 tokens (`_kcount`: per 1,000), never numbers.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(fields) = value else {
            return Err(wrong("rates", value, "an object such as {\"input_mtok\": \"3\"}"));
        };
        Self::read(&mut |name| read_rate(fields, name))
    }

    fn rate(&self, name: &str) -> Option<&Rate> {
        self.known().find(|(known, _)| *known == name).map(|(_, rate)| rate)
    }

    /// These rates with the ones that `other` states laid over them.
    pub(super) fn overlaid(&self, other: &Self) -> Self {
        // Rates that are known can be read again.
        Self::read(&mut |name| Ok(other.rate(name).or_else(|| self.rate(name)).cloned()))
            .unwrap_or_default()
    }

    /// Every rate of tokens, changed; fees for requests and searches stay.
    fn map(&self, change: impl Fn(&str) -> Result<String>) -> Result<Self> {
        Self::read(&mut |name| match self.rate(name) {
            Some(Rate::Flat(price)) if name.ends_with("_mtok") => {
                Ok(Some(Rate::Flat(change(price)?)))
            }
            Some(Rate::Tiered { base, tiers }) if name.ends_with("_mtok") => {
                let mut changed = Vec::with_capacity(tiers.len());
                for tier in tiers {
                    changed.push(Tier { start: tier.start, price: change(&tier.price)? });
                }
                Ok(Some(Rate::Tiered { base: change(base)?, tiers: changed }))
            }
            rate => Ok(rate.cloned()),
        })
    }
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let shown: String = found.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}: found {shown}, wanted {wanted}"))
}

fn read_rate(fields: &Map<String, Value>, name: &str) -> Result<Option<Rate>> {
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

/// What one token of a class costs in a prompt of `input_tokens`, cache included, in picodollars. Each
/// rate has its own tiers; the one with the largest `start` that is exceeded holds.
pub(super) fn per_token(rates: &Rates, name: &str, input_tokens: u64) -> Result<Option<u64>> {
    let price = match rates.rate(name) {
        None => return Ok(None),
        Some(Rate::Flat(price)) => price,
        Some(Rate::Tiered { base, tiers }) => tiers
            .iter()
            .filter(|tier| input_tokens > tier.start)
            .max_by_key(|tier| tier.start)
            .map_or(base, |tier| &tier.price),
    };
    picodollars(price)
        .map(Some)
        .ok_or_else(|| wrong(&format!("rates.{name}"), &Value::String(price.clone()), WANTED))
}

/// Every prompt size at which a rate changes, as the largest size of the lower side.
pub(super) fn tier_starts(rates: &Rates) -> Vec<u64> {
    let mut starts = Vec::new();
    for (_, rate) in rates.known() {
        if let Rate::Tiered { tiers, .. } = rate {
            starts.extend(tiers.iter().map(|tier| tier.start));
        }
    }
    starts
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
            Some(ServicePrice::Rates(own)) => with_fees(own, &rates),
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
            Some(ServicePrice::Rates(own)) => rates = with_fees(own, &rates),
            None => notes.push(format!("no price is known for region {region}: standard price")),
        }
    }
    Ok(rates)
}

/// What other sources or hosts ask for the same service.
pub(super) fn alternatives<'a>(
    price: &'a Price,
    variant: &Variant,
) -> Result<Vec<(&'a Alternative, Rates)>> {
    let mut found = Vec::new();
    for alternative in &price.alternatives {
        if variant.free {
            break;
        }
        let mut other = price.clone();
        other.rates = other.rates.overlaid(&alternative.rates);
        // A service's own price is not what this source states; a factor applies to it too.
        found.push((alternative, apply(&other, variant, &mut Vec::new())?));
    }
    Ok(found)
}

/// A service's own rates, with the fees for requests and searches that hold for every service.
fn with_fees(own: &Rates, standard: &Rates) -> Rates {
    let fees = standard.seldom.iter().filter(|(name, _)| name.ends_with("_kcount"));
    let fees = Rates { seldom: fees.cloned().collect(), ..Rates::default() };
    fees.overlaid(own)
}

/// The exact product of two decimal strings.
fn times(rate: &str, factor: &str) -> Result<String> {
    let product = decimal(rate, DECIMALS)
        .zip(decimal(factor, DECIMALS))
        .and_then(|(rate, factor)| rate.checked_mul(factor))
        .filter(|product| product % 1_000_000 == 0)
        .map(|product| product / 1_000_000);
    match product {
        Some(rate) => Ok(millionths(rate)),
        None => Err(Error::new(
            ErrorKind::Unsupported,
            format!("price: found {rate} times {factor}, wanted at most 6 decimals"),
        )),
    }
}
