//! A run that is driven from outside, message by message.

use super::run::Run;
use crate::cost::Money;
use crate::error::Result;
use serde_json::Value;

fn words<'v>(message: &'v Value, name: &str) -> &'v str {
    message.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// One step of a run that is driven from outside, all of it plain data: `state` (a plan or a state)
/// and what happened go in, the new state and what is to be done come out.
///
/// | message | meaning |
/// | --- | --- |
/// | `{ resume: true, maxCostUsd? }` | begin, or go on with a stored state |
/// | `{ started, reservedUsd? }` | that stage was sent |
/// | `{ finished, receipt, verdict? }` | that stage came back |
/// | `{ pause, reason }` | begin no further stage |
/// | `{}` | what next? |
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where `state` is none.
pub fn step(state: &Value, message: &Value) -> Result<Value> {
    let resumed = message.get("resume").is_some();
    let mut run = if resumed { Run::from_value(state)? } else { Run::kept(state)? };
    let mut findings = Vec::new();
    if let Some(most) = message.get("maxCostUsd").filter(|most| resumed && !most.is_null()) {
        run.set_limit(Some(Money::from_value("maxCostUsd", most)?));
    }
    if let Some(id) = message.get("started").and_then(Value::as_str) {
        run.started(id, Money::parse(words(message, "reservedUsd")).ok())?;
    }
    if let Some(id) = message.get("finished").and_then(Value::as_str) {
        let nothing = Value::Null;
        let receipt = message.get("receipt").unwrap_or(&nothing);
        findings = run.finished(id, receipt, message.get("verdict").unwrap_or(&nothing))?;
    }
    if let Some(why) = message.get("pause").and_then(Value::as_str) {
        run.pause(why, words(message, "reason"));
    }
    let task = run.ready();
    let ending = run.ending().map(str::to_owned);
    let receipt = ending.as_ref().map(|_| run.receipt(words(message, "id")));
    Ok(object! { "state": run.to_value(), "task": task, "findings": findings, "receipt": receipt })
}
