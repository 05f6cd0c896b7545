//! What the receipts of production tell.

use super::super::convert::{field, string_field, to_value};
use super::super::{Js, give};
use crate::error::{Error, Result};
use crate::ledger::experiment::{Metric, judge};
use crate::ledger::{Record, drift, proposal, reconcile as hold};
use crate::plan::Experiment;
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// Reads a list of what `client.receipts()` gives: records, oldest first.
fn records(value: &JsValue) -> Result<Vec<Record>> {
    let value = to_value("records", value)?;
    let Value::Array(list) = &value else {
        return Err(Error::invalid_input("records: wanted a list of receipts, oldest first"));
    };
    let mut records = Vec::new();
    for (place, one) in list.iter().enumerate() {
        let record = Record::from_json(one);
        records.push(record.map_err(|error| {
            Error::invalid_input(format!("records[{place}].{}", error.message()))
        })?);
    }
    Ok(records)
}

/// Holds estimates against bills.
///
/// # Errors
/// Kind `invalid_input` where the records are none.
#[wasm_bindgen]
pub fn reconcile(list: &JsValue) -> Js {
    give(records(list).map(|list| hold(&list)))
}

/// Watches for changes of the requests and of the models.
///
/// # Errors
/// Kind `invalid_input` where the records are none.
#[wasm_bindgen(js_name = watchDrift)]
pub fn watch_drift(list: &JsValue) -> Js {
    give(records(list).map(|list| drift::watch(&list)))
}

/// Proposes changes of a policy.
///
/// # Errors
/// Kind `invalid_input`, naming the field, or the accepted id that is not proposed.
#[wasm_bindgen(js_name = proposePolicy)]
pub fn propose_policy(list: &JsValue, policy: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let accepted = match field(options, "accept") {
            None => Vec::new(),
            Some(given) => {
                let wrong = || Error::invalid_input("accept: wanted a list of proposals' ids");
                let given = to_value("accept", &given)?;
                let mut ids = Vec::new();
                for id in given.as_array().ok_or_else(wrong)? {
                    ids.push(id.as_str().ok_or_else(wrong)?.to_owned());
                }
                ids
            }
        };
        proposal::propose(&records(list)?, &to_value("policy", policy)?, &accepted)
    })())
}

/// Judges an experiment by one metric.
///
/// # Errors
/// Kind `invalid_input`, naming the field.
#[wasm_bindgen(js_name = judgeExperiment)]
pub fn judge_experiment(list: &JsValue, experiment: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let experiment = Experiment::from_value(&to_value("experiment", experiment)?)?;
        let metric = string_field(options, "metric")?;
        let metric = Metric::from_name(metric.as_deref().unwrap_or("completed"))?;
        let effect = match field(options, "effect") {
            None => None,
            Some(value) => {
                Some(value.as_f64().filter(|effect| effect.is_finite()).ok_or_else(|| {
                    Error::invalid_input(
                        "effect: wanted a number: a difference of shares, or a ratio",
                    )
                })?)
            }
        };
        Ok(judge(&experiment, &records(list)?, metric, effect))
    })())
}
