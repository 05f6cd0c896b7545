//! Money as [`super::Fare`] tells it, read back into exact amounts.

use crate::cost::{Money, MoneyInterval};
use serde_json::{Value, json};

/// The interval in the fields `low`, `expected` and `high`; `None` where one of them is no amount.
pub(super) fn interval(value: &Value) -> Option<MoneyInterval> {
    let field = |name: &str| Money::parse(value.get(name)?.as_str()?).ok();
    Some(MoneyInterval { low: field("low")?, expected: field("expected")?, high: field("high")? })
}

/// The interval in one field of an estimate.
pub(super) fn field(estimate: &Value, name: &str) -> Option<MoneyInterval> {
    interval(estimate.get(name)?)
}

/// A number of tokens at a place such as `inputTokens.high`.
pub(super) fn tokens(estimate: &Value, name: &str, end: &str) -> Option<u64> {
    crate::chat::whole_number(estimate.get(name)?.get(end)?)
}

/// As the published types have it.
pub(super) fn show(money: Option<MoneyInterval>) -> Value {
    match money {
        None => Value::Null,
        Some(money) => json!({
            "low": money.low.to_string(),
            "expected": money.expected.to_string(),
            "high": money.high.to_string(),
        }),
    }
}

/// So many tokens where `of` tokens cost `money`, rounded up to the next 1e-12 USD.
pub(super) fn scaled(money: Money, tokens: u64, of: u64) -> Option<Money> {
    if of == 0 {
        return None;
    }
    let product = money.picodollars().checked_mul(u128::from(tokens))?;
    Some(Money::from_picodollars(product.div_ceil(u128::from(of))))
}
