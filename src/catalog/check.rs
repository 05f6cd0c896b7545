//! What cannot be true is refused, with the entry named: a catalogue that a page lays over the shipped
//! one decides what is shown as a price. `scripts/catalog.mjs` holds what it writes to the same rules,
//! and `tests/impossible.json` holds both to the same list of bad entries.

use super::days::{days, is_day};
use super::{Model, Price, Rate, Rates, ServicePrice, Status};
use crate::error::{Error, Result};
use std::collections::HashMap;

/// Services that a price may have.
const SERVICES: [&str; 5] = ["batch", "flex", "priority", "fast", "regional"];
/// No limit of tokens is larger.
const MOST_TOKENS: u64 = 100_000_000;
/// No rate is larger, in USD per million tokens or per thousand requests.
const MOST_USD: u64 = 10_000;

/// Each entry for itself.
pub(super) fn entries(date: &str, models: &[Model]) -> Result<()> {
    if !is_day(date) {
        return refuse("catalogue", "date", date, "a day, YYYY-MM-DD");
    }
    models.iter().try_for_each(|model| entry(date, model))
}

/// The entries beside each other: a name means one model only, and a replacement is there.
pub(super) fn names(models: &[Model]) -> Result<()> {
    let mut names: HashMap<String, Option<usize>> = HashMap::new();
    for (index, model) in models.iter().enumerate() {
        for name in std::iter::once(&model.id).chain(&model.aliases) {
            let other = names.insert(name.to_ascii_lowercase(), Some(index)).flatten();
            if other.is_some_and(|other| other != index) {
                return refuse(&model.id, "aliases", name, "a name that no other model has");
            }
        }
    }
    for model in models {
        if let Some(id) = replacement(&model.status)
            && !models.iter().any(|other| other.id == id)
        {
            return refuse(&model.id, "status.replacement", id, "a model of the catalogue");
        }
    }
    Ok(())
}

fn refuse<T>(place: &str, field: &str, found: &str, wanted: &str) -> Result<T> {
    let found: String = found.chars().take(60).collect();
    Err(Error::invalid_input(format!("{place}.{field}: found {found:?}, wanted {wanted}")))
}

fn replacement(status: &Status) -> Option<&str> {
    match status {
        Status::Active => None,
        Status::Deprecated { replacement, .. } | Status::Retired { replacement, .. } => {
            replacement.as_deref()
        }
    }
}

fn entry(date: &str, model: &Model) -> Result<()> {
    let id = model.id.as_str();
    if id.is_empty() || id.len() > 256 {
        return refuse("catalogue", "id", id, "1 to 256 letters");
    }
    let window = model.context_window.unwrap_or(MOST_TOKENS);
    for (field, limit, most) in [
        ("contextWindow", model.context_window, MOST_TOKENS),
        ("maxInput", model.max_input, window),
        ("maxOutput", model.max_output, window),
        ("cacheMinTokens", model.cache_min_tokens, window),
    ] {
        if let Some(tokens) = limit
            && !(1..=most).contains(&tokens)
        {
            return refuse(id, field, &tokens.to_string(), &format!("1 to {most} tokens"));
        }
    }
    if let Some(day) = &model.released
        && !is_day(day)
        && days(&format!("{day}-01")).is_none()
    {
        return refuse(id, "released", day, "a day or a month");
    }
    match &model.status {
        Status::Retired { on: Some(on), .. } if !is_day(on) || on.as_str() > date => {
            refuse(id, "status.on", on, &format!("a day up to the catalogue's {date}"))?;
        }
        Status::Deprecated { retires: Some(day), .. } if !is_day(day) || day.as_str() <= date => {
            refuse(id, "status.retires", day, &format!("a day after the catalogue's {date}"))?;
        }
        _ => {}
    }
    if replacement(&model.status) == Some(id) {
        return refuse(id, "status.replacement", id, "another model");
    }
    let mut last = "";
    for (place, price) in model.prices.iter().enumerate() {
        let from = price.from.as_deref().unwrap_or_default();
        if place > 0 && from <= last {
            return refuse(id, "prices.from", from, &format!("a later day than {last:?}"));
        }
        last = from;
        check_price(id, price)?;
    }
    Ok(())
}

fn check_price(id: &str, price: &Price) -> Result<()> {
    for (field, day) in
        [("prices.checked", Some(&price.checked)), ("prices.from", price.from.as_ref())]
    {
        if let Some(day) = day.filter(|day| !is_day(day)) {
            return refuse(id, field, day, "a day, YYYY-MM-DD");
        }
    }
    if price.source.trim().is_empty() {
        return refuse(id, "prices.source", "", "where the price was read");
    }
    let (Some(input), Some(_)) = (&price.rates.input_mtok, &price.rates.output_mtok) else {
        return refuse(id, "prices.rates", "one price", "a price of input and one of output");
    };
    check_rates(id, &price.rates)?;
    if let Some(read) = &price.rates.cache_read_mtok
        && amount(base(read)) > amount(base(input))
    {
        return refuse(
            id,
            "prices.rates.cache_read_mtok",
            base(read),
            "at most the price of input",
        );
    }
    for other in &price.alternatives {
        check_rates(id, &other.rates)?;
    }
    for (name, service) in &price.services {
        if !SERVICES.contains(&name.as_str()) {
            return refuse(id, "prices.services", name, "batch, flex, priority, fast or regional");
        }
        match service {
            ServicePrice::Rates(rates) => check_rates(id, rates)?,
            ServicePrice::Factor(factor) => check_amount(id, name, factor)?,
        }
    }
    Ok(())
}

fn base(rate: &Rate) -> &str {
    match rate {
        Rate::Flat(price) | Rate::Tiered { base: price, .. } => price,
    }
}

fn check_rates(id: &str, rates: &Rates) -> Result<()> {
    for (name, rate) in rates.known() {
        check_amount(id, name, base(rate))?;
        if let Rate::Tiered { tiers, .. } = rate {
            let mut last = 0;
            for tier in tiers {
                check_amount(id, name, &tier.price)?;
                if tier.start <= last {
                    let start = tier.start.to_string();
                    return refuse(id, name, &start, "tiers in rising order of start");
                }
                last = tier.start;
            }
            if tiers.is_empty() {
                return refuse(id, name, "no tiers", "at least one, or a plain price");
            }
        }
    }
    Ok(())
}

/// A decimal string in millionths.
fn amount(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 6 || whole.len() > 6 {
        return None;
    }
    format!("{whole}{fraction:0<6}").parse().ok()
}

fn check_amount(id: &str, name: &str, text: &str) -> Result<()> {
    match amount(text) {
        Some(millionths) if millionths <= MOST_USD * 1_000_000 => Ok(()),
        _ => refuse(id, name, text, "a decimal string up to 10000 of at most 6 decimals"),
    }
}
