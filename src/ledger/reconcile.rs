//! Estimates against bills: how often the bill was inside, and how far it was from what was expected,
//! of the last fifty and of all.

use super::interval::wilson;
use super::record::Record;
use crate::cost::Money;
use crate::json::{Fields, json};
use serde_json::Value;

/// The latest that are told apart from all.
const LAST: usize = 50;
/// What intervals are to hold ([`crate::cost::AnswerLength`], [`crate::tokens`]), and exact counts.
const PROMISED: f64 = 0.9;
const EXACT: f64 = 0.99;

/// An estimate and its bill: tokens, or USD.
#[derive(Clone, Copy)]
struct Pair {
    expected: f64,
    billed: f64,
    inside: bool,
    promised: f64,
}

#[derive(Clone, Copy)]
enum Of {
    InputTokens,
    OutputTokens,
    Usd,
}

impl Of {
    const fn words(self) -> &'static str {
        match self {
            Self::InputTokens => "input tokens",
            Self::OutputTokens => "answer lengths",
            Self::Usd => "costs",
        }
    }

    /// The estimate that was told, and the bill; `None` where either is missing, or nothing was asked.
    fn read(self, record: &Record) -> Option<Pair> {
        if record.cached == Some(true) {
            return None;
        }
        let billed = record.usage_source.as_deref() == Some("gateway");
        // An answer that was cut short, or failed, says little of how long it would have been.
        let whole = record.ending == "completed";
        let tokens = |low: Option<u64>, expected: Option<u64>, high: Option<u64>, bill| {
            let bill: u64 = Option::filter(bill, |_| billed)?;
            let (low, high) = (low?, high?);
            Some(Pair {
                expected: expected? as f64,
                billed: bill as f64,
                inside: (low..=high).contains(&bill),
                promised: if low == high { EXACT } else { PROMISED },
            })
        };
        match self {
            Self::InputTokens => {
                let told = match record.input_learned.expected {
                    Some(_) => record.input_learned,
                    None => record.input_estimate,
                };
                tokens(told.low, told.expected, told.high, record.input_tokens)
            }
            Self::OutputTokens => {
                let told = record.output_estimate;
                tokens(told.low, told.expected, told.high, record.output_tokens.filter(|_| whole))
            }
            Self::Usd => {
                let known =
                    matches!(record.cost_source.as_deref(), Some("charged" | "header" | "usage"));
                let bill = record.cost.filter(|_| known && whole)?;
                let (low, high) = (record.estimate.low?, record.estimate.high?);
                Some(Pair {
                    expected: dollars(record.estimate.expected?),
                    billed: dollars(bill),
                    inside: (low..=high).contains(&bill),
                    promised: PROMISED,
                })
            }
        }
    }
}

/// For shares of money only; sums and bills stay in integers.
fn dollars(money: Money) -> f64 {
    money.picodollars() as f64 / 1e12
}

fn short(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn figures(pairs: &[Pair], of: Of) -> Value {
    let inside = pairs.iter().filter(|pair| pair.inside).count();
    if pairs.is_empty() {
        return Value::Null;
    }
    let count = pairs.len() as f64;
    let coverage = inside as f64 / count;
    let (low, high) = wilson(pairs.len() as u64, coverage);
    let (mut expected, mut billed, mut away, mut promised) = (0.0, 0.0, 0.0, 0.0);
    let mut errors = Vec::new();
    for pair in pairs {
        expected += pair.expected;
        billed += pair.billed;
        away += (pair.expected - pair.billed).abs();
        promised += pair.promised;
        if pair.billed > 0.0 {
            errors.push((pair.expected / pair.billed - 1.0).abs());
        }
    }
    crate::sort::sort(&mut errors, |a, b| a < b);
    let promised = promised / count;
    let words = format!(
        "{inside} of {} {} were inside ({} %; {} to {} % at 95 % confidence), promised {} %",
        pairs.len(),
        of.words(),
        (100.0 * coverage).round(),
        (100.0 * low).round(),
        (100.0 * high).round(),
        (100.0 * promised).round()
    );
    json!({
        "n": pairs.len(),
        "inside": inside,
        "coverage": short(coverage),
        "low": short(low),
        "high": short(high),
        "promised": short(promised),
        // Whether what was promised can be so, by what was seen.
        "kept": (low..=high).contains(&promised) || coverage >= promised,
        "meanError": away / count,
        "medianError": errors.get(errors.len() / 2).map(|error| short(*error)),
        "bias": (billed > 0.0).then(|| short(expected / billed - 1.0)),
        "words": words,
    })
}

fn each(records: &[&Record]) -> Value {
    let of = |of: Of| {
        let mut pairs = Vec::new();
        for record in records {
            pairs.extend(of.read(record));
        }
        let last = pairs.get(pairs.len().saturating_sub(LAST)..).unwrap_or_default();
        json!({"last50": figures(last, of), "all": figures(&pairs, of)})
    };
    json!({
        "inputTokens": of(Of::InputTokens),
        "outputTokens": of(Of::OutputTokens),
        "usd": of(Of::Usd),
    })
}

/// Holds estimates against bills. `records` are in order, oldest first. Shares are 0..1; `meanError` is
/// in tokens or USD, `medianError` and `bias` are shares of the bill; what nothing is known of is null.
///
/// `{ records, inputTokens: { last50, all }, outputTokens, usd, perModel: [{ model, .. }], words }`
pub fn reconcile(records: &[Record]) -> Value {
    let mut models: Vec<(&str, Vec<&Record>)> = Vec::new();
    let mut all = Vec::new();
    for record in records {
        all.push(record);
        match models.iter_mut().find(|(model, _)| *model == record.model) {
            Some((_, own)) => own.push(record),
            None => models.push((&record.model, vec![record])),
        }
    }
    let mut whole = each(&all);
    let mut words = Vec::new();
    for name in ["inputTokens", "outputTokens", "usd"] {
        let said = whole.pointer(&format!("/{name}/last50/words")).and_then(Value::as_str);
        words.extend(said.map(str::to_owned));
    }
    let mut per_model = Vec::new();
    for (model, own) in models {
        let mut figures = each(&own);
        if let Some(fields) = figures.as_object_mut() {
            fields.put("model", model.into());
            fields.put("records", own.len().into());
        }
        per_model.push(figures);
    }
    if let Some(fields) = whole.as_object_mut() {
        fields.put("records", records.len().into());
        fields.put("perModel", per_model.into());
        let words = match words.is_empty() {
            true => "No estimate could be held against a bill yet.".to_owned(),
            false => format!("Of the last 50: {}.", words.join("; ")),
        };
        fields.put("words", words.into());
    }
    whole
}
