//! Models side by side in the nine dimensions of the comparison, each from a source with its day;
//! what no source tells is left blank.

use super::level;
use crate::catalog::{Catalog, Resolved};
use crate::cost::price_of;
use crate::json::json;
use serde_json::{Map, Value};

/// The comparison of this pair names what each is for; of other models it says nothing.
const COMPARED: [(&str, &str, &str); 2] = [
    (
        "claude-opus-4",
        "research and data analysis, strategy, software design and debugging, legal and medical documents, long creative writing, tutoring, financial risk",
        "depth",
    ),
    (
        "claude-sonnet-4",
        "customer support, moderation, routine content, developer productivity, extraction and summaries, workflows, recommendations",
        "speed and cost",
    ),
];
const COMPARISON: &str = "the comparison of Opus 4 and Sonnet 4 that the fourteen uses are from: its own judgement, not a measurement";
/// The words for [`level::of`], from 0.
const LEVELS: [&str; 5] = ["smallest", "small", "middle", "flagship", "above the flagship"];

/// The nine dimensions of a model. `latency` is the caller's own measure, in milliseconds. Each is
/// `{ value, source, checked }` or null.
pub fn dimensions(
    catalog: &Catalog,
    resolved: &Resolved<'_>,
    latency: Option<u64>,
    at: Option<&str>,
) -> Value {
    let model = resolved.model;
    let can = &model.capabilities;
    let day = catalog.date();
    let known = |value: Value, source: &str, checked: &str| match value {
        Value::Null => Value::Null,
        value => json!({"value": value, "source": source, "checked": checked}),
    };
    let listed = |value: Value| known(value, "catalogue: models.dev, LiteLLM, genai-prices", day);
    let price = price_of(resolved, at).ok();
    let cost = price.map_or(Value::Null, |priced| {
        let rates = serde_json::to_value(&priced.rates).unwrap_or_default();
        known(rates, &priced.price.source, &priced.price.checked)
    });
    let word = level::of(model).and_then(|level| LEVELS.get(usize::from(level)));
    let compared = COMPARED.iter().find(|(id, ..)| *id == model.id);
    let told = |text: Option<&str>| known(json!(text), COMPARISON, "2026-11-22");
    let code = ["code", "codestral", "devstral"].iter().any(|word| model.id.contains(word));
    let mut fields = Map::new();
    for (name, value) in [
        ("reasoningDepth", listed(json!(can.reasoning))),
        ("taskComplexity", known(json!(word), level::SOURCE, day)),
        ("latency", known(json!(latency), "the caller's own measure, in milliseconds", day)),
        ("cost", cost),
        ("contextWindow", listed(json!(model.context_window))),
        ("code", known(json!(code.then_some("specialist")), level::SOURCE, day)),
        ("vision", listed(json!(can.vision))),
        ("bestFor", told(compared.map(|(_, uses, _)| *uses))),
        ("primaryAdvantage", told(compared.map(|(.., advantage)| *advantage))),
    ] {
        fields.insert(name.to_owned(), value);
    }
    json!({"model": model.id, "dimensions": fields})
}
