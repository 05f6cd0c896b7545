//! What belongs to the router beside `route`: replaying a decision, models side by side, policies for
//! other routers.

use super::catalog::catalog;
use super::convert::{field, to_json, to_value};
use super::{Js, day, give, read_request};
use crate::error::{Error, Result};
use crate::router::{self, Policy, Target, Traffic};
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// Makes a decision again from its receipt.
///
/// # Errors
/// Kind `invalid_input` for another receipt; else what `route` refuses.
#[wasm_bindgen(js_name = replayRoute)]
pub fn replay_route(receipt: &JsValue, request: &JsValue) -> Js {
    give((|| {
        let receipt = to_value("receipt", receipt)?;
        to_json(&router::replay(&receipt, &read_request(request)?, &catalog())?)
    })())
}

/// Models side by side in nine dimensions.
///
/// # Errors
/// Kind `unknown_model`.
#[wasm_bindgen(js_name = compareModels)]
pub fn compare_models(models: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let list = to_value("models", models)?;
        let wrong = || Error::invalid_input("models: wanted a list of models' names");
        let (catalog, day) = (catalog(), day(options)?);
        let measured = match field(options, "latencyMs") {
            Some(value) => to_value("latencyMs", &value)?,
            None => Value::Null,
        };
        let row = |name: &Value| {
            let name = name.as_str().ok_or_else(wrong)?;
            let latency = measured.get(name).and_then(Value::as_u64);
            Ok(router::dimensions(&catalog, &catalog.resolve(name)?, latency, Some(&day)))
        };
        list.as_array().ok_or_else(wrong)?.iter().map(row).collect::<Result<Value>>()
    })())
}

/// A policy for another router.
///
/// # Errors
/// Kind `invalid_input`, naming the field or the target.
#[wasm_bindgen(js_name = exportPolicy)]
pub fn export_policy(policy: &JsValue, target: &str) -> Js {
    give((|| {
        let policy = Policy::from_value(to_value("policy", policy)?)?;
        router::export(&policy, Target::by_name(target)?, &catalog())
    })())
}

/// So many past prompts are remembered.
const REMEMBERED: usize = 500;

/// Remembers the need of a plan that is sent, and whether the strongest candidate takes it.
pub(super) fn remember(traffic: &mut Traffic, plan: &Value) {
    let route = |name: &str| plan.pointer(&format!("/route/{name}"));
    let need = route("need").and_then(Value::as_f64).filter(|need| (0.0..=1.0).contains(need));
    let (Some(need), Some(strongest)) = (need, route("strongest")) else { return };
    // Without a choice there was no decision.
    if route("cheapest") == Some(strongest) || traffic.needs.len() >= REMEMBERED {
        return;
    }
    traffic.needs.push(need);
    let strong = traffic.strong.unwrap_or(0);
    traffic.strong = Some(strong + u64::from(plan.get("model") == Some(strongest)));
}
