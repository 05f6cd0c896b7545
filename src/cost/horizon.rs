//! Beyond one request: a session whose history grows, a month of runs, and another currency to show
//! them in. US dollars stay the truth.

use super::money::decimal;
use super::rates::{alternatives, price_of};
use super::{
    CostEstimate, Money, MoneyInterval, PastAnswer, TokenInterval, calculate_cost, too_much,
};
use crate::catalog::{Rates, Resolved, is_day};
use crate::chat::{Usage, whole_number};
use crate::error::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Days of a month here.
const DAYS: u64 = 30;
/// Most turns of a session.
const MOST_TURNS: u64 = 1000;

/// What an estimate is asked beyond one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Horizon {
    /// A conversation that begins with the request.
    pub session: Option<Session>,
    /// How many requests (or sessions, where there is one) a day has.
    pub runs_per_day: Option<u64>,
    /// A currency to show beside US dollars.
    pub currency: Option<Currency>,
    /// The user's own answers, oldest first.
    pub history: Vec<PastAnswer>,
}

/// A conversation: every turn sends all that was said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Requests in all, the first included.
    pub turns: u64,
    /// Tokens of each later question; `None`: as many as the request's last message.
    pub user_tokens: Option<u64>,
    /// Whether the provider's prompt cache is counted on: each turn reads what the one before sent.
    pub cached: bool,
}

/// A rate of exchange that the caller knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
    /// ISO 4217, e.g. `"EUR"`.
    pub code: String,
    /// Units for one US dollar: a decimal string of at most 6 decimals.
    pub per_usd: String,
    /// The day of that rate, `YYYY-MM-DD`.
    pub as_of: String,
}

/// What [`Horizon::look`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outlook {
    /// The session. Its ends are sums of the turns' ends: wider than those of one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_session: Option<MoneyInterval>,
    /// Thirty days of runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_month: Option<MoneyInterval>,
    /// The same in another currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<Value>,
}

fn wrong(place: &str, value: &Value, wanted: &str) -> Error {
    let found: String = value.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}: found {found}, wanted {wanted}"))
}

impl Horizon {
    /// Reads the options `session`, `runsPerDay`, `currency` and `history`, each where it is there.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the option, the value found and the value wanted.
    pub fn from_value(options: &Value) -> Result<Self> {
        let given = |name: &str| options.get(name).filter(|value| !value.is_null());
        let count = |place: &str, value: &Value| {
            whole_number(value).ok_or_else(|| wrong(place, value, "a whole number, 0 or more"))
        };
        let session = given("session").map(|value| -> Result<Session> {
            let turns = value.get("turns").unwrap_or(&Value::Null);
            let user = value.get("userTokens").filter(|tokens| !tokens.is_null());
            Ok(Session {
                turns: whole_number(turns)
                    .filter(|turns| (1..=MOST_TURNS).contains(turns))
                    .ok_or_else(|| wrong("session.turns", turns, "1 to 1000"))?,
                user_tokens: user.map(|user| count("session.userTokens", user)).transpose()?,
                cached: value.get("cached") == Some(&Value::Bool(true)),
            })
        });
        let currency = given("currency").map(Currency::from_value);
        let mut history = Vec::new();
        if let Some(value) = given("history") {
            let list = value.as_array().ok_or_else(|| {
                wrong("history", value, "a list of { estimated, billed } in tokens, oldest first")
            })?;
            for past in list {
                let tokens = |name: &str| {
                    count(&format!("history.{name}"), past.get(name).unwrap_or(&Value::Null))
                };
                history.push(PastAnswer {
                    estimated: tokens("estimated")?,
                    billed: tokens("billed")?,
                });
            }
        }
        Ok(Self {
            session: session.transpose()?,
            runs_per_day: given("runsPerDay")
                .map(|value| count("runsPerDay", value))
                .transpose()?,
            currency: currency.transpose()?,
            history,
        })
    }

    /// Adds session, month and currency to an estimate, at the prices of `resolved` on the day `at`.
    /// `user_tokens` is what a later question has where the session does not say.
    ///
    /// # Errors
    /// What [`super::estimate_cost`] refuses.
    pub fn look(
        &self,
        estimate: &mut CostEstimate,
        resolved: &Resolved<'_>,
        user_tokens: u64,
        at: Option<&str>,
    ) -> Result<()> {
        let mut outlook = Outlook::default();
        if let Some(session) = self.session {
            let user = session.user_tokens.unwrap_or(user_tokens);
            outlook.per_session = Some(session.cost(estimate, resolved, user, at)?);
            if let Some(turn) = session.beyond(estimate, resolved, user) {
                estimate
                    .notes
                    .push(format!("the session may pass the model's window in turn {turn}"));
            }
        }
        if let Some(runs) = self.runs_per_day {
            let run = outlook.per_session.unwrap_or(estimate.usd);
            let runs = runs.checked_mul(DAYS).ok_or_else(too_much)?;
            outlook.per_month = Some(run.checked_mul(runs).ok_or_else(too_much)?);
        }
        if let Some(currency) = &self.currency {
            let mut shown = currency.of(&estimate.usd)?;
            for (name, money) in [
                ("perThousand", Some(estimate.per_thousand)),
                ("perSession", outlook.per_session),
                ("perMonth", outlook.per_month),
            ] {
                if let (Some(money), Some(fields)) = (money, shown.as_object_mut()) {
                    fields.insert(name.to_owned(), currency.of(&money)?);
                }
            }
            if let Some(fields) = shown.as_object_mut() {
                for (name, text) in [
                    ("code", &currency.code),
                    ("perUsd", &currency.per_usd),
                    ("asOf", &currency.as_of),
                ] {
                    fields.insert(name.to_owned(), text.as_str().into());
                }
            }
            outlook.display = Some(shown);
        }
        estimate.outlook = outlook;
        Ok(())
    }
}

impl Session {
    /// The prompt of turn `turn` (from 0): all before it, an answer and a question for each.
    fn prompt(turn: u64, first: u64, answer: u64, user: u64) -> u64 {
        first.saturating_add(answer.saturating_add(user).saturating_mul(turn))
    }

    /// The first turn whose prompt and answer may not fit, from 1.
    fn beyond(self, estimate: &CostEstimate, resolved: &Resolved<'_>, user: u64) -> Option<u64> {
        let window = resolved.model.context_window?;
        let (input, answer) = (estimate.input_tokens.high, estimate.output_tokens.high);
        (0..self.turns)
            .find(|turn| Self::prompt(*turn, input, answer, user).saturating_add(answer) > window)
            .map(|turn| turn + 1)
    }

    fn cost(
        self,
        estimate: &CostEstimate,
        resolved: &Resolved<'_>,
        user: u64,
        at: Option<&str>,
    ) -> Result<MoneyInterval> {
        let priced = price_of(resolved, at)?;
        let mut rates = vec![priced.rates];
        rates.extend(alternatives(priced.price, &resolved.variant)?.into_iter().map(|(_, r)| r));
        let least = resolved.model.cache_min_tokens.unwrap_or(1024);
        let (inputs, outputs) = (estimate.input_tokens, estimate.output_tokens);
        let mut sum = MoneyInterval::default();
        for turn in 0..self.turns {
            let all = |end: fn(&TokenInterval) -> u64| -> Result<Vec<Money>> {
                let (first, answer) = (end(&inputs), end(&outputs));
                let prompt = Self::prompt(turn, first, answer, user);
                let before = match turn.checked_sub(1) {
                    Some(turn) => Self::prompt(turn, first, answer, user),
                    None => 0,
                };
                let mut found = Vec::new();
                for rates in &rates {
                    let plain =
                        Usage { input_tokens: prompt, output_tokens: answer, ..Usage::default() };
                    found.push(calculate_cost(rates, &plain)?.usd);
                    found.push(calculate_cost(rates, &cached(rates, plain, before, least))?.usd);
                }
                Ok(found)
            };
            let lowest = all(|tokens| tokens.low)?.into_iter().min();
            let highest = all(|tokens| tokens.high)?.into_iter().max();
            let expected = all(|tokens| tokens.expected)?.get(usize::from(self.cached)).copied();
            let turn = MoneyInterval {
                low: lowest.unwrap_or_default(),
                expected: expected.unwrap_or_default(),
                high: highest.unwrap_or_default(),
            };
            sum = sum.checked_add(turn).ok_or_else(too_much)?;
        }
        Ok(sum)
    }
}

/// The same usage where the provider's cache takes each prompt, and reads what the turn before sent.
fn cached(rates: &Rates, usage: Usage, before: u64, least: u64) -> Usage {
    if rates.cache_read_mtok.is_none() || usage.input_tokens < least {
        return usage;
    }
    let read = if before < least { 0 } else { before };
    let write = rates.cache_write_mtok.as_ref().map(|_| usage.input_tokens - read);
    Usage { cache_read_tokens: Some(read), cache_write_tokens: write, ..usage }
}

impl Currency {
    fn from_value(value: &Value) -> Result<Self> {
        let text = |name: &str, wanted: &str, fits: fn(&str) -> bool| {
            let found = value.get(name).unwrap_or(&Value::Null);
            let fitting = found.as_str().filter(|text| fits(text)).map(str::to_owned);
            fitting.ok_or_else(|| wrong(&format!("currency.{name}"), found, wanted))
        };
        Ok(Self {
            code: text("code", "three capital letters, such as \"EUR\"", |code| {
                code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
            })?,
            per_usd: text("perUsd", "units for one US dollar, such as \"0.92\"", |rate| {
                decimal(rate, 6).is_some_and(|rate| (1..10u128.pow(12)).contains(&rate))
            })?,
            as_of: text("asOf", "the day of the rate, YYYY-MM-DD", is_day)?,
        })
    }

    /// Exactly: 12 decimals of money times 6 of the rate.
    fn of(&self, money: &MoneyInterval) -> Result<Value> {
        let rate = decimal(&self.per_usd, 6).ok_or_else(too_much)?;
        let one = |money: Money| -> Result<Value> {
            let units = money.picodollars().checked_mul(rate).ok_or_else(too_much)?;
            let digits = format!("{units:0>19}");
            let (whole, fraction) =
                digits.split_at_checked(digits.len().saturating_sub(18)).unwrap_or((&digits, ""));
            let text = format!("{whole}.{fraction}");
            Ok(text.trim_end_matches('0').trim_end_matches('.').into())
        };
        let mut shown = Map::new();
        for (name, end) in [("low", money.low), ("expected", money.expected), ("high", money.high)]
        {
            shown.insert(name.to_owned(), one(end)?);
        }
        Ok(Value::Object(shown))
    }
}
