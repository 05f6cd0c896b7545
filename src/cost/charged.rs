//! What the gateway itself says it charged.

use super::Money;
use serde_json::Value;

/// Reads the amount that a gateway states in a response body or in a chunk of a stream: it wins over
/// any calculation. `usage.cost` is a number of USD at OpenRouter (always) and LiteLLM (in the usage
/// chunk); at Perplexity it is an object with `total_cost`. `None` where there is none, or it is not
/// an amount.
pub fn read_charged_cost(body: &Value) -> Option<Money> {
    let cost = body.pointer("/usage/cost").or_else(|| body.pointer("/response/usage/cost"))?;
    let amount = if cost.is_object() { cost.get("total_cost")? } else { cost };
    if amount.is_null() {
        return None;
    }
    Money::from_value("usage.cost", amount).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_was_charged() {
        let read = |body: Value| read_charged_cost(&body).map(|money| money.to_string());
        assert_eq!(read(json!({"usage": {"cost": 0.00042}})).as_deref(), Some("0.00042"));
        assert_eq!(read(json!({"usage": {"cost": 1.5e-5}})).as_deref(), Some("0.000015"));
        assert_eq!(read(json!({"usage": {"cost": 0}})).as_deref(), Some("0"));
        assert_eq!(read(json!({"usage": {"cost": "0.01"}})).as_deref(), Some("0.01"));
        let nested = json!({"usage": {"cost": {"input_tokens_cost": 0.1, "total_cost": 0.3}}});
        assert_eq!(read(nested).as_deref(), Some("0.3"));
        for none in [
            json!({}),
            json!({"usage": null}),
            json!({"usage": {"cost": null}}),
            json!({"usage": {"cost": -1}}),
            json!({"usage": {"cost": []}}),
        ] {
            assert_eq!(read(none), None);
        }
    }
}
