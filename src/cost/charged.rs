//! What the gateway itself says it charged.

use super::Money;
use serde_json::Value;

/// Reads the amount that a gateway states, in USD: it wins over any calculation. `usage.cost` is a
/// number at OpenRouter (always) and LiteLLM (in the usage chunk), a text at some, and at Perplexity
/// an object with `total_cost`. `None` where it is not an amount.
pub fn read_charged(stated: &Value) -> Option<Money> {
    match stated {
        Value::Number(number) => Money::stated(&number.to_string()),
        Value::String(text) => Money::stated(text),
        Value::Object(fields) => read_charged(fields.get("total_cost")?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_was_charged() {
        let read = |stated: Value| read_charged(&stated).map(|money| money.to_string());
        assert_eq!(read(json!(0.00042)).as_deref(), Some("0.00042"));
        assert_eq!(read(json!(1.5e-5)).as_deref(), Some("0.000015"));
        assert_eq!(read(json!(0)).as_deref(), Some("0"));
        assert_eq!(read(json!("0.01")).as_deref(), Some("0.01"));
        let nested = json!({"input_tokens_cost": 0.1, "total_cost": 0.3});
        assert_eq!(read(nested).as_deref(), Some("0.3"));
        for none in [json!({}), json!(null), json!(-1), json!([]), json!("free")] {
            assert_eq!(read(none), None);
        }
    }
}
