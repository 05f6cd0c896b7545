//! Prints what the router reads from requests, one JSON line each, for its trainer: the features
//! that the score is trained on are those that it reads in the browser, by the same code.
//!
//! Input: lines of `{"id", "prompt", "system"?}`. Output: `{"id", "category", "familiar", "need", "values"}`
//! after a first line with the features' names.

use promptfare::chat::ChatRequest;
use promptfare::router::{features, model};
use serde_json::{Value, json};
use std::io::{BufRead, BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (index, line) in std::io::stdin().lock().lines().enumerate() {
        let row: Value = serde_json::from_str(&line?)?;
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut messages = Vec::new();
        if !text("system").is_empty() {
            messages.push(json!({"role": "system", "content": text("system")}));
        }
        messages.push(json!({"role": "user", "content": text("prompt")}));
        let request = ChatRequest::from_value(json!({ "messages": messages }))?;
        let read = features::extract(&request);
        if index == 0 {
            let names: Vec<&str> = read.values.iter().map(|(name, _)| *name).collect();
            writeln!(out, "{}", json!({ "names": names }))?;
        }
        let values: Vec<f32> = read.values.iter().map(|(_, value)| *value).collect();
        let line = json!({"id": text("id"), "category": read.category.name(),
                          "familiar": f32::from(read.familiar) / 256.0,
                          "need": model::score(&read).need, "values": values});
        writeln!(out, "{line}")?;
    }
    Ok(())
}
