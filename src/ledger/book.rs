//! The receipts of a session, without their texts, and what they add up to.

use crate::cost::{Money, PastAnswer};
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};

/// Fields of a receipt that hold what was said: they are never kept.
const SAID: [&str; 4] = ["text", "reasoning", "refusal", "toolCalls"];

/// The receipts of a session, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    receipts: Vec<Map<String, Value>>,
    feedback: Vec<(String, Value)>,
}

impl Ledger {
    /// Keeps a receipt (as it is written to JSON), without what was said.
    pub fn add(&mut self, receipt: Value) {
        if let Value::Object(mut fields) = receipt {
            for name in SAID {
                fields.shift_remove(name);
            }
            self.receipts.push(fields);
        }
    }

    /// Ties feedback to a receipt.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where no such receipt is here, or the feedback has
    /// another shape than `{ thumb?, score?, tags?, words? }`.
    pub fn add_feedback(&mut self, receipt_id: &str, feedback: &Value) -> Result<()> {
        if !self.receipts.iter().any(|receipt| text(receipt, "id") == Some(receipt_id)) {
            return Err(Error::invalid_input(format!(
                "feedback: found no receipt {receipt_id:?}, wanted one of this session"
            )));
        }
        check_feedback(feedback)?;
        self.feedback.push((receipt_id.to_owned(), feedback.clone()));
        Ok(())
    }

    /// What whole answers of `model` were estimated at before any history, and what they were billed,
    /// oldest first.
    pub fn past_answers(&self, model: &str) -> Vec<PastAnswer> {
        let own = self.receipts.iter().filter(|receipt| {
            text(receipt, "model") == Some(model) && text(receipt, "ending") == Some("completed")
        });
        let past = own.filter_map(|receipt| {
            let output = receipt.get("comparison")?.get("outputTokens")?;
            let estimated = output.get("typical").or_else(|| output.get("estimated"))?;
            Some(PastAnswer {
                estimated: estimated.as_u64()?,
                billed: output.get("billed")?.as_u64()?,
            })
        });
        past.collect()
    }

    /// The figures: how many, how they ended, what they cost, how long they took.
    pub fn kpis(&self) -> Value {
        let model_of = |receipt: &Map<_, _>| text(receipt, "model").unwrap_or("unknown").to_owned();
        let mut models: Vec<String> = Vec::new();
        for receipt in &self.receipts {
            let model = model_of(receipt);
            if let Err(place) = models.binary_search(&model) {
                models.insert(place, model);
            }
        }
        let all: Vec<_> = self.receipts.iter().collect();
        let endings: Map<String, Value> = ["completed", "truncated", "errored", "aborted"]
            .into_iter()
            .map(|ending| (ending.to_owned(), ended(&all, ending).into()))
            .collect();
        let per_model: Map<String, Value> = models
            .into_iter()
            .map(|model| {
                let own = self.receipts.iter().filter(|receipt| model_of(receipt) == model);
                let figures = self.model_kpis(&own.collect::<Vec<_>>());
                (model, figures)
            })
            .collect();
        json!({
            "requests": all.len(),
            "endings": endings,
            "costUsd": spent(&all).to_string(),
            "costUnknown": all.iter().filter(|receipt| billed(receipt).is_none()).count(),
            "perModel": per_model,
        })
    }

    fn model_kpis(&self, receipts: &[&Map<String, Value>]) -> Value {
        let thumbs = |wanted: &str| {
            self.feedback
                .iter()
                .filter(|(id, feedback)| {
                    feedback.get("thumb").and_then(Value::as_str) == Some(wanted)
                        && receipts.iter().any(|receipt| text(receipt, "id") == Some(id))
                })
                .count()
        };
        json!({
            "requests": receipts.len(),
            "completed": ended(receipts, "completed"),
            "costUsd": spent(receipts).to_string(),
            "firstPieceMs": spread(receipts, "firstPieceMs"),
            "totalMs": spread(receipts, "totalMs"),
            "feedback": {"up": thumbs("up"), "down": thumbs("down")},
        })
    }

    /// Everything that is kept.
    pub fn export(&self) -> Value {
        let feedback: Vec<Value> = self
            .feedback
            .iter()
            .map(|(id, feedback)| json!({"receiptId": id, "feedback": feedback}))
            .collect();
        json!({"schema": 1, "receipts": self.receipts, "feedback": feedback})
    }

    /// Takes back what [`Ledger::export`] gave. Receipts that are here already are not doubled.
    /// Either all of it is taken or nothing.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is no such export.
    pub fn import(&mut self, data: &Value) -> Result<()> {
        let wrong = |what: &str| Error::invalid_input(format!("import: wanted {what}"));
        if data.get("schema").and_then(Value::as_u64) != Some(1) {
            return Err(wrong("an export of schema 1"));
        }
        let list = |name: &str| data.get(name).and_then(Value::as_array);
        let receipts = list("receipts").ok_or_else(|| wrong("a list of receipts"))?;
        let feedback = list("feedback").ok_or_else(|| wrong("a list of feedback"))?;
        let mut merged = self.clone();
        for receipt in receipts {
            let fields = receipt.as_object().ok_or_else(|| wrong("receipts that are objects"))?;
            let id = text(fields, "id").ok_or_else(|| wrong("an id in every receipt"))?;
            if text(fields, "ending").is_none() || text(fields, "model").is_none() {
                return Err(wrong("a model and an ending in every receipt"));
            }
            if !merged.receipts.iter().any(|known| text(known, "id") == Some(id)) {
                merged.add(receipt.clone());
            }
        }
        for entry in feedback {
            let id = entry.get("receiptId").and_then(Value::as_str);
            let id = id.ok_or_else(|| wrong("a receiptId in all feedback"))?;
            let given = entry.get("feedback").unwrap_or(&Value::Null);
            if !merged.feedback.iter().any(|(known, held)| known == id && held == given) {
                merged.add_feedback(id, given)?;
            }
        }
        *self = merged;
        Ok(())
    }
}

fn check_feedback(feedback: &Value) -> Result<()> {
    let wrong = |field: &str, wanted: &str| {
        let found = feedback.get(field).unwrap_or(feedback);
        Error::invalid_input(format!("feedback.{field}: found {found}, wanted {wanted}"))
    };
    let fields = feedback.as_object().ok_or_else(|| wrong("thumb", "an object"))?;
    for (name, value) in fields {
        let fine = match name.as_str() {
            "thumb" => matches!(value.as_str(), Some("up" | "down")),
            "score" => matches!(value.as_u64(), Some(1..=5)),
            "tags" => value.as_array().is_some_and(|tags| tags.iter().all(Value::is_string)),
            "words" => value.is_string(),
            _ => return Err(wrong(name, "one of thumb, score, tags, words")),
        };
        if !fine {
            return Err(wrong(
                name,
                "thumb up or down, score 1 to 5, tags as texts, words as text",
            ));
        }
    }
    Ok(())
}

fn text<'a>(receipt: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    receipt.get(name).and_then(Value::as_str)
}

fn billed(receipt: &Map<String, Value>) -> Option<Money> {
    Money::parse(receipt.get("cost")?.get("usd")?.as_str()?).ok()
}

fn spent(receipts: &[&Map<String, Value>]) -> Money {
    receipts
        .iter()
        .filter_map(|receipt| billed(receipt))
        .fold(Money::ZERO, |sum, cost| sum.checked_add(cost).unwrap_or(sum))
}

fn ended(receipts: &[&Map<String, Value>], ending: &str) -> usize {
    receipts.iter().filter(|receipt| text(receipt, "ending") == Some(ending)).count()
}

/// Median and 90th percentile (nearest rank) of a time; null where there is none.
fn spread(receipts: &[&Map<String, Value>], name: &str) -> Value {
    // In rising order. The session's receipts are few enough to put each in its place.
    let mut times: Vec<f64> = Vec::with_capacity(receipts.len());
    for receipt in receipts {
        if let Some(time) = receipt.get("timing").and_then(|timing| timing.get(name)?.as_f64()) {
            times.insert(times.partition_point(|other| *other <= time), time);
        }
    }
    let rank = |percent: usize| {
        let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(place).copied()
    };
    match (rank(50), rank(90)) {
        (Some(median), Some(p90)) => json!({"median": median, "p90": p90}),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(id: &str, ending: &str, usd: Option<&str>, ms: f64) -> Value {
        json!({"id": id, "model": "m", "ending": ending, "text": "said", "reasoning": "thought",
               "toolCalls": [], "cost": usd.map(|usd| json!({"usd": usd})),
               "timing": {"sentAt": 0.0, "firstPieceMs": ms, "totalMs": ms}})
    }

    fn filled() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.add(receipt("a", "completed", Some("0.1"), 10.0));
        ledger.add(receipt("b", "completed", Some("0.2"), 30.0));
        ledger.add(receipt("c", "errored", None, 20.0));
        ledger.add_feedback("b", &json!({"thumb": "up", "words": "good"})).unwrap();
        ledger
    }

    #[test]
    fn adds_up() {
        let kpis = filled().kpis();
        assert_eq!(kpis["requests"], 3);
        assert_eq!(kpis["costUsd"], "0.3");
        assert_eq!(kpis["costUnknown"], 1);
        assert_eq!(kpis["endings"]["errored"], 1);
        assert_eq!(kpis["perModel"]["m"]["totalMs"], json!({"median": 20.0, "p90": 30.0}));
        assert_eq!(kpis["perModel"]["m"]["feedback"], json!({"up": 1, "down": 0}));
        assert_eq!(Ledger::default().kpis()["requests"], 0);
    }

    #[test]
    fn keeps_no_text_and_comes_back_whole() {
        let ledger = filled();
        let export = ledger.export();
        assert!(!export.to_string().contains("said") && !export.to_string().contains("thought"));
        let mut other = Ledger::default();
        other.import(&export).unwrap();
        other.import(&export).unwrap();
        assert_eq!(other.export(), export);
        assert_eq!(other.kpis(), ledger.kpis());
    }

    #[test]
    fn refuses_what_is_no_export_or_feedback() {
        let mut ledger = filled();
        for bad in [
            json!({}),
            json!({"schema": 2}),
            json!({"schema": 1, "receipts": [{}], "feedback": []}),
        ] {
            assert!(ledger.import(&bad).is_err(), "{bad}");
        }
        for bad in [json!("up"), json!({"thumb": 1}), json!({"score": 9}), json!({"stars": 3})] {
            assert!(ledger.add_feedback("a", &bad).is_err(), "{bad}");
        }
        assert!(ledger.add_feedback("nobody", &json!({"thumb": "up"})).is_err());
        assert_eq!(ledger.export(), filled().export());
    }
}
