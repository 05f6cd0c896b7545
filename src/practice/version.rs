//! Versions of a prompt side by side: what was changed, and what that does to tokens and money.

mod diff;
mod fields;

pub use diff::{Kind, Piece, diff};
pub use fields::{Change, Field};

use super::{Fare, amount};
use crate::cost::{Money, MoneyInterval};
use crate::error::{Error, Result};
use crate::tokens::TokenEstimate;
use serde_json::{Value, json};

/// What one version weighs and costs, and how its answers came out where there were any.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// What the caller calls it.
    pub label: Option<String>,
    /// The whole request, in tokens.
    pub tokens: TokenEstimate,
    /// One request; `None` where no price is known.
    pub usd: Option<MoneyInterval>,
    /// Its input alone.
    pub input: Option<MoneyInterval>,
    /// A thousand requests.
    pub per_thousand: Option<MoneyInterval>,
    /// What was billed, where receipts were given.
    pub billed: Option<Billed>,
}

/// What came of a version's requests, by their receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// How many receipts.
    pub receipts: u64,
    /// How many ended in each way: completed, truncated, errored, aborted.
    pub endings: [u64; 4],
    /// Of how many the usage is known, and their tokens together.
    pub with_usage: u64,
    /// Tokens of input together.
    pub input_tokens: u64,
    /// Tokens of output together.
    pub output_tokens: u64,
    /// Of how many the cost is known.
    pub with_cost: u64,
    /// Their cost together.
    pub usd: Money,
}

/// The endings that a receipt can have.
const ENDINGS: [&str; 4] = ["completed", "truncated", "errored", "aborted"];

/// A difference with a sign: after less before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The lower end.
    pub low: i128,
    /// What is expected.
    pub expected: i128,
    /// The upper end.
    pub high: i128,
}

/// Two versions of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The model by which both are weighed.
    pub model: String,
    /// The earlier one.
    pub before: Weighed,
    /// The later one.
    pub after: Weighed,
    /// Every text and field that either has, in the order of the request.
    pub fields: Vec<Field>,
    /// Tokens more (or fewer, below 0) in the later one. Where both counts are exact, so is this.
    pub tokens: Difference,
    /// Its input costs so much more, in picodollars; `None` where no price is known.
    pub input: Option<Difference>,
}

/// Compares two versions on `model`. Each is a request, or `{ request, label?, receipts? }`.
///
/// The difference is that of the intervals: its ends hold whatever the true counts are within them. The
/// money is that of the input, which is what a version changes by itself; how long the answers become is
/// told by receipts.
///
/// # Errors
/// [`crate::ErrorKind::UnknownModel`]; [`crate::ErrorKind::InvalidInput`] for a version of another shape.
pub fn compare(before: &Value, after: &Value, model: &str, fare: &dyn Fare) -> Result<Comparison> {
    let (one, other) = (request_of("before", before)?, request_of("after", after)?);
    let before = weighed("before", before, one, model, fare)?;
    let after = weighed("after", after, other, model, fare)?;
    let tokens = Difference::of(
        [before.tokens.low, before.tokens.tokens, before.tokens.high].map(i128::from),
        [after.tokens.low, after.tokens.tokens, after.tokens.high].map(i128::from),
    );
    let input = match (before.input, after.input) {
        (Some(one), Some(other)) => {
            ends(one).and_then(|one| Some(Difference::of(one, ends(other)?)))
        }
        _ => None,
    };
    let fields = fields::compare(one, other);
    Ok(Comparison { model: model.to_owned(), before, after, fields, tokens, input })
}

impl Difference {
    fn of(before: [i128; 3], after: [i128; 3]) -> Self {
        let ([low, expected, high], [new_low, new, new_high]) = (before, after);
        Self { low: new_low - high, expected: new - expected, high: new_high - low }
    }
}

fn ends(money: MoneyInterval) -> Option<[i128; 3]> {
    let end = |money: Money| i128::try_from(money.picodollars()).ok();
    Some([end(money.low)?, end(money.expected)?, end(money.high)?])
}

fn wrong(name: &str, wanted: &str) -> Error {
    Error::invalid_input(format!("{name}: found something else, wanted {wanted}"))
}

fn request_of<'a>(name: &str, version: &'a Value) -> Result<&'a Value> {
    let request = version.get("request").unwrap_or(version);
    if request.get("messages").is_some_and(Value::is_array) {
        return Ok(request);
    }
    Err(wrong(name, "a request with `messages`, or a version with such a `request`"))
}

fn weighed(
    name: &str,
    version: &Value,
    request: &Value,
    model: &str,
    fare: &dyn Fare,
) -> Result<Weighed> {
    let about = version.get("request").map(|_| version);
    let field =
        |name: &str| about.and_then(|version| version.get(name)).filter(|one| !one.is_null());
    let label = match field("label") {
        None => None,
        Some(Value::String(label)) => Some(label.clone()),
        Some(_) => return Err(wrong(&format!("{name}.label"), "text")),
    };
    let billed = match field("receipts") {
        None => None,
        Some(Value::Array(list)) => Some(billed(&format!("{name}.receipts"), list)?),
        Some(_) => return Err(wrong(&format!("{name}.receipts"), "a list of receipts")),
    };
    let tokens = fare.tokens(request, model)?;
    let estimate = fare.cost(request, model)?;
    let of = |name: &str| estimate.as_ref().and_then(|estimate| amount::field(estimate, name));
    Ok(Weighed {
        label,
        tokens,
        usd: estimate.as_ref().and_then(amount::interval),
        input: of("input"),
        per_thousand: of("perThousand"),
        billed,
    })
}

fn billed(name: &str, receipts: &[Value]) -> Result<Billed> {
    let mut sum = Billed::default();
    for (place, receipt) in receipts.iter().enumerate() {
        let ending = receipt.get("ending").and_then(Value::as_str).unwrap_or_default();
        let Some(at) = ENDINGS.iter().position(|one| *one == ending) else {
            return Err(wrong(&format!("{name}[{place}].ending"), "a receipt's ending"));
        };
        sum.receipts += 1;
        if let Some(count) = sum.endings.get_mut(at) {
            *count += 1;
        }
        if let Some(usage) = receipt.get("usage").filter(|usage| usage.is_object()) {
            let tokens =
                |name: &str| usage.get(name).and_then(crate::chat::whole_number).unwrap_or(0);
            sum.with_usage += 1;
            sum.input_tokens = sum.input_tokens.saturating_add(tokens("inputTokens"));
            sum.output_tokens = sum.output_tokens.saturating_add(tokens("outputTokens"));
        }
        if let Some(usd) = receipt.get("cost").and_then(|cost| cost.get("usd")) {
            let usd = Money::from_value(&format!("{name}[{place}].cost.usd"), usd)?;
            sum.with_cost += 1;
            sum.usd = sum
                .usd
                .checked_add(usd)
                .ok_or_else(|| wrong(name, "receipts of less than 3.4e26 USD together"))?;
        }
    }
    Ok(sum)
}

impl Billed {
    fn to_value(&self) -> Value {
        let mut endings = serde_json::Map::new();
        for (name, count) in ENDINGS.iter().zip(self.endings) {
            endings.insert((*name).to_owned(), count.into());
        }
        // To the nearest 1e-12 USD; of nothing there is no mean.
        let known = u128::from(self.with_cost);
        let mean = |whole: u128| (whole + known / 2).checked_div(known);
        let each =
            mean(self.usd.picodollars()).map(|each| Money::from_picodollars(each).to_string());
        json!({
            "receipts": self.receipts,
            "endings": endings,
            "withUsage": self.with_usage,
            "inputTokens": self.input_tokens,
            "outputTokens": self.output_tokens,
            "withCost": self.with_cost,
            "usd": self.usd.to_string(),
            "usdEach": each,
        })
    }
}

impl Weighed {
    fn to_value(&self) -> Value {
        json!({
            "label": self.label,
            "tokens": super::shown(&self.tokens),
            "usd": amount::show(self.usd),
            "input": amount::show(self.input),
            "perThousand": amount::show(self.per_thousand),
            "billed": self.billed.as_ref().map(Billed::to_value),
        })
    }
}

/// An amount with its sign, as a decimal string.
fn signed(picodollars: i128) -> String {
    let money = Money::from_picodollars(picodollars.unsigned_abs());
    if picodollars < 0 { format!("-{money}") } else { money.to_string() }
}

impl Comparison {
    /// As the published types have it.
    pub fn to_value(&self) -> Value {
        let fields: Vec<Value> = self.fields.iter().map(Field::to_value).collect();
        let tokens = |end: i128| Value::from(i64::try_from(end).unwrap_or(i64::MAX));
        let money = |times: i128| {
            self.input.map(|all| {
                let end = |end: i128| signed(end.saturating_mul(times));
                json!({"low": end(all.low), "expected": end(all.expected), "high": end(all.high)})
            })
        };
        json!({
            "model": self.model,
            "before": self.before.to_value(),
            "after": self.after.to_value(),
            "fields": fields,
            "difference": {
                "tokens": {
                    "low": tokens(self.tokens.low),
                    "expected": tokens(self.tokens.expected),
                    "high": tokens(self.tokens.high),
                    "exact": self.before.tokens.exact && self.after.tokens.exact,
                },
                "input": money(1),
                "inputPerThousand": money(1_000),
            },
        })
    }
}
