//! A workflow under way: which stage is next, what became of the last one, and when it is over. All
//! of it is plain data without a key, so that it can be stored and gone on with.
//!
//! ```text
//! next -> task -> started -> finished -> next -> ... -> receipt
//! ```

use super::check::{Answered, check};
use super::stage::{AGAIN, filled_request};
use super::{EXCERPT, shown, wrong};
use crate::chat::{ChatRequest, Role};
use crate::cost::Money;
use crate::error::{Error, Result};
use crate::json::Fields;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Waiting,
    Running,
    Done,
    /// Did not pass, and may not be tried again.
    Failed,
    /// Not needed.
    Skipped,
}

const STATUSES: [(Status, &str); 5] = [
    (Status::Waiting, "waiting"),
    (Status::Running, "running"),
    (Status::Done, "done"),
    (Status::Failed, "failed"),
    (Status::Skipped, "skipped"),
];

/// How far one stage is.
struct Progress {
    id: String,
    /// As the plan has it.
    stage: Map<String, Value>,
    status: Status,
    /// What was sent for it and what came of it, without texts.
    attempts: Vec<Value>,
    /// Its answer: the one that passed, else the last one.
    text: String,
    /// Why that did not pass.
    findings: Vec<String>,
    /// What is held ready while it runs.
    reserved: Money,
}

/// A workflow under way.
pub struct Run {
    plan: Map<String, Value>,
    request: ChatRequest,
    stages: Vec<Progress>,
    limit: Option<Money>,
    /// Why no further stage is begun: `"stopped"`, `"budget"` or `"errored"`; and that in words.
    pause: Option<(String, String)>,
    notes: Vec<String>,
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Sets a field of an object.
fn put(value: &mut Value, name: &str, field: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(name.to_owned(), field);
    }
}

fn ids(stage: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = stage.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Run {
    /// Begins with a plan of [`super::plan`], or goes on with a state of [`Run::to_value`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is neither.
    pub fn from_value(value: &Value) -> Result<Self> {
        let state = value.get("plan").is_some();
        let plan = value.get("plan").unwrap_or(value);
        let (Some(fields), Some(list)) =
            (plan.as_object(), plan.get("stages").and_then(Value::as_array))
        else {
            return Err(wrong("workflow", plan, "a plan of planWorkflow, or the state of a run"));
        };
        if plan.get("schema").and_then(Value::as_u64) != Some(1) {
            return Err(wrong("workflow.schema", plan.get("schema").unwrap_or(&Value::Null), "1"));
        }
        let request = ChatRequest::from_value(plan.get("request").cloned().unwrap_or_default())
            .map_err(|error| Error::invalid_input(format!("workflow.{}", error.message())))?;
        let mut notes = ids(fields, "runNotes");
        let mut stages: Vec<Progress> = Vec::with_capacity(list.len());
        for stage in list {
            let (id, model) = (text(stage, "id"), text(stage, "model"));
            let Some(fields) = stage.as_object().filter(|_| !id.is_empty() && !model.is_empty())
            else {
                return Err(wrong("workflow.stages", stage, "stages with an id and a model"));
            };
            let rescued = stage.get("rescues").and_then(Value::as_str).map(str::to_owned);
            for needed in ids(fields, "after").iter().chain(&rescued) {
                if !stages.iter().any(|earlier| earlier.id == *needed) {
                    let found = Value::from(needed.clone());
                    return Err(wrong(
                        &format!("workflow.stages.{id}.after"),
                        &found,
                        "an earlier stage",
                    ));
                }
            }
            let known = value.get("stages").filter(|_| state).and_then(|stages| stages.get(id));
            let named = known.map_or("waiting", |known| text(known, "status"));
            let found = STATUSES.iter().find(|(_, name)| *name == named);
            let mut status = found.map_or(Status::Waiting, |(status, _)| *status);
            if status == Status::Running {
                // Nobody saw its end: it is begun again, and what it cost is not known.
                status = Status::Waiting;
                notes.push(format!("{id} was interrupted; what that attempt cost is not known"));
            }
            let list =
                |name: &str| known.and_then(|known| known.get(name)).and_then(Value::as_array);
            stages.push(Progress {
                id: id.to_owned(),
                stage: fields.clone(),
                status,
                attempts: list("attempts")
                    .into_iter()
                    .flatten()
                    .filter(|attempt| attempt.is_object())
                    .cloned()
                    .collect(),
                text: known.map(|known| text(known, "text")).unwrap_or_default().to_owned(),
                findings: list("findings")
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
                reserved: Money::ZERO,
            });
        }
        let limit = match plan.get("maxCostUsd") {
            None | Some(Value::Null) => None,
            Some(most) => Some(Money::from_value("workflow.maxCostUsd", most)?),
        };
        Ok(Self { plan: fields.clone(), request, stages, limit, pause: None, notes })
    }

    /// All of it, as plain data.
    pub fn to_value(&self) -> Value {
        let stages: Map<String, Value> = self
            .stages
            .iter()
            .map(|one| {
                let status = STATUSES.iter().find(|(status, _)| *status == one.status);
                (
                    one.id.clone(),
                    object! {
                        "status": status.map(|(_, name)| *name), "attempts": one.attempts.clone(),
                        "text": one.text.clone(), "findings": one.findings.clone(),
                        "reservedUsd": shown(Some(one.reserved)),
                    },
                )
            })
            .collect();
        let mut plan = self.plan.clone();
        plan.put("maxCostUsd", shown(self.limit));
        plan.put("runNotes", self.notes.clone().into());
        let pause = self.pause.clone().map(|(why, words)| vec![why, words]);
        object! { "schema": 1, "plan": plan, "stages": stages, "pause": pause }
    }

    /// Goes through what is kept between two steps, unlike a state that was stored: what runs, runs.
    ///
    /// # Errors
    /// As [`Run::from_value`].
    pub fn kept(value: &Value) -> Result<Self> {
        let mut run = Self::from_value(value)?;
        run.notes = value
            .get("plan")
            .and_then(Value::as_object)
            .map(|plan| ids(plan, "runNotes"))
            .unwrap_or_default();
        for one in &mut run.stages {
            let known =
                value.get("stages").and_then(|stages| stages.get(&one.id)).unwrap_or(&Value::Null);
            if text(known, "status") == "running" {
                one.status = Status::Running;
                one.reserved = Money::parse(text(known, "reservedUsd")).unwrap_or_default();
            }
        }
        if let Some([why, words]) = value.get("pause").and_then(Value::as_array).map(Vec::as_slice)
        {
            run.pause = Some((
                why.as_str().unwrap_or_default().to_owned(),
                words.as_str().unwrap_or_default().to_owned(),
            ));
        }
        Ok(run)
    }

    /// Takes another limit than the plan's.
    pub fn set_limit(&mut self, most: Option<Money>) {
        self.limit = most;
    }

    fn find(&mut self, id: &str) -> Result<&mut Progress> {
        self.stages
            .iter_mut()
            .find(|one| one.id == id)
            .ok_or_else(|| wrong("stage", &Value::from(id), "a stage of the plan"))
    }

    fn status(&self, id: &str) -> Status {
        self.stages.iter().find(|one| one.id == id).map_or(Status::Waiting, |one| one.status)
    }

    /// Whether what comes after a stage may go on: it is done, or another has done it in its place.
    fn is_settled(&self, id: &str) -> bool {
        let rescued = |one: &Progress| {
            one.status == Status::Done
                && one.stage.get("rescues").and_then(Value::as_str) == Some(id)
        };
        match self.status(id) {
            Status::Done | Status::Skipped => true,
            Status::Failed => self.stages.iter().any(rescued),
            Status::Waiting | Status::Running => false,
        }
    }

    /// The next stage that can be begun now; `None` where there is none (yet).
    pub fn ready(&mut self) -> Option<Value> {
        if self.pause.is_some() {
            return None;
        }
        for index in 0..self.stages.len() {
            let one = self.stages.get(index)?;
            if one.status != Status::Waiting {
                continue;
            }
            let rescues = one.stage.get("rescues").and_then(Value::as_str).map(str::to_owned);
            match rescues.as_deref().map(|id| self.status(id)) {
                Some(Status::Failed) | None => {}
                Some(Status::Done | Status::Skipped) => {
                    self.stages.get_mut(index)?.status = Status::Skipped;
                    continue;
                }
                Some(_) => continue,
            }
            let one = self.stages.get(index)?;
            if ids(&one.stage, "after").iter().all(|id| self.is_settled(id)) {
                return Some(self.task(one, rescues.as_deref()));
            }
        }
        None
    }

    fn task(&self, one: &Progress, rescues: Option<&str>) -> Value {
        // What was tried before: its own last attempt, else the stage in whose place it answers.
        let rescued = rescues.and_then(|id| self.stages.iter().find(|other| other.id == id));
        let tried = if one.findings.is_empty() { rescued } else { Some(one) };
        let mut template =
            one.stage.get("template").and_then(Value::as_str).unwrap_or_default().to_owned();
        if tried.is_some() {
            template.push_str(AGAIN);
        }
        let asked = self.request.messages.iter().rev().find(|message| message.role == Role::User);
        let asked = asked.map(|message| message.content.text()).unwrap_or_default();
        let of = |name: &str| {
            let inputs = one.stage.get("inputs").and_then(|inputs| inputs.get(name));
            match (name, inputs.and_then(Value::as_array)) {
                ("prompt", _) => asked.clone(),
                ("findings", _) => tried.map(|other| other.findings.join("; ")).unwrap_or_default(),
                ("earlier", _) => tried.map(|other| excerpt(&other.text)).unwrap_or_default(),
                (_, Some(list)) => {
                    let from = |id: &str| self.stages.iter().find(|other| other.id == id);
                    let texts: Vec<&str> = list
                        .iter()
                        .filter_map(|id| Some(from(id.as_str()?)?.text.trim()))
                        .collect();
                    texts.join("\n\n")
                }
                _ => one.stage.get(name).and_then(Value::as_str).unwrap_or_default().to_owned(),
            }
        };
        let request = filled_request(&self.request, &template, &of);
        let left = self.limit.map(|limit| {
            let used = self.used().picodollars();
            Money::from_picodollars(limit.picodollars().saturating_sub(used))
        });
        let field = |name: &str| one.stage.get(name).cloned();
        object! {
            "stage": one.id.clone(), "role": field("role"), "model": field("model"),
            "attempt": one.attempts.len() + 1, "request": request.to_value(),
            "answerTokens": field("answerTokens"), "leftUsd": left.map(|left| left.to_string()),
        }
    }

    /// What is spent and held ready. An attempt without a bill counts as what was held for it.
    fn used(&self) -> Money {
        let mut sum = 0_u128;
        for one in &self.stages {
            sum = sum.saturating_add(one.reserved.picodollars());
            for attempt in &one.attempts {
                let billed = [text(attempt, "usd"), text(attempt, "reservedUsd")];
                let known = billed.iter().find_map(|usd| Money::parse(usd).ok());
                sum = sum.saturating_add(known.unwrap_or_default().picodollars());
            }
        }
        Money::from_picodollars(sum)
    }

    /// A stage is on its way; `reserved` is the most it can cost, where that is known.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is no stage of the plan.
    pub fn started(&mut self, id: &str, reserved: Option<Money>) -> Result<()> {
        let one = self.find(id)?;
        one.status = Status::Running;
        one.reserved = reserved.unwrap_or_default();
        Ok(())
    }

    /// No further stage is begun: `"stopped"`, `"budget"` or `"errored"`, and why in words.
    pub fn pause(&mut self, why: &str, words: &str) {
        self.pause.get_or_insert((why.to_owned(), words.to_owned()));
    }

    /// A stage came back with `receipt`. `verdict` is the caller's own: `false` or words where it did
    /// not pass. Gives what speaks against the answer.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is no stage of the plan.
    pub fn finished(&mut self, id: &str, receipt: &Value, verdict: &Value) -> Result<Vec<String>> {
        let schema = self.plan.get("answerSchema").filter(|schema| schema.is_object()).cloned();
        let one = self.find(id)?;
        let ending = text(receipt, "ending");
        let error = receipt.get("error").unwrap_or(&Value::Null);
        let usd = receipt.get("cost").and_then(|cost| cost.get("usd")).cloned().unwrap_or_default();
        let told = |name: &str| receipt.get(name).cloned();
        let mut attempt = object! {
            "model": told("model"), "receiptId": told("id"), "ending": ending,
            "usage": told("usage"), "usd": usd.clone(), "costSource": told("costSource"),
        };
        // Sent, and nobody said what it cost: the most that it can have cost is kept.
        let unsaid = usd.is_null()
            && receipt
                .get("attempts")
                .and_then(Value::as_array)
                .is_some_and(|list| !list.is_empty());
        if unsaid {
            put(&mut attempt, "reservedUsd", shown(Some(one.reserved)));
        }
        one.reserved = Money::ZERO;
        let refused = matches!(text(error, "kind"), "policy" | "context_overflow");
        if matches!(ending, "aborted" | "errored") && !refused {
            one.attempts.push(attempt);
            one.status = Status::Waiting;
            let why = if ending == "aborted" { "stopped" } else { "errored" };
            let words = if ending == "aborted" { "it was stopped" } else { text(error, "message") };
            let words = format!("{id}: {words}");
            self.pause(why, &words);
            return Ok(Vec::new());
        }
        let wanted = ids(&one.stage, "checks");
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let answered = Answered {
            text: text(receipt, "text"),
            refusal: receipt.get("refusal").and_then(Value::as_str),
            ending,
            calls: receipt
                .get("toolCalls")
                .and_then(Value::as_array)
                .is_some_and(|calls| !calls.is_empty()),
        };
        let schema = schema
            .as_ref()
            .filter(|_| one.stage.get("role").and_then(Value::as_str) == Some("answer"));
        let (found, unknown) =
            if refused { Default::default() } else { check(answered, &wanted, schema) };
        let mut findings: Vec<String> = found.into_iter().map(|finding| finding.text).collect();
        if refused {
            findings.push(text(error, "message").to_owned());
        }
        match verdict {
            Value::Bool(false) => findings.push("it was found wanting".to_owned()),
            Value::String(words) if !words.is_empty() => findings.push(words.clone()),
            _ => {}
        }
        put(&mut attempt, "findings", findings.clone().into());
        one.attempts.push(attempt);
        one.text = answered.text.to_owned();
        one.findings.clone_from(&findings);
        let tried = one.attempts.iter().filter(|attempt| attempt.get("findings").is_some()).count();
        let most = one.stage.get("attempts").and_then(Value::as_u64).unwrap_or(1);
        one.status = match findings.is_empty() {
            true => Status::Done,
            false if (tried as u64) < most => Status::Waiting,
            false => Status::Failed,
        };
        if !unknown.is_empty() {
            self.notes.push(format!("not checked, of the schema: {}", unknown.join(", ")));
            self.notes.dedup();
        }
        Ok(findings)
    }

    /// How it ended, once nothing runs and nothing can be begun: `"completed"`, `"handed"` (a person's
    /// turn), `"stopped"`, `"budget"` or `"errored"`.
    pub fn ending(&mut self) -> Option<&str> {
        if self.stages.iter().any(|one| one.status == Status::Running) || self.ready().is_some() {
            return None;
        }
        let all = self.stages.iter().all(|one| self.is_settled(&one.id));
        Some(match &self.pause {
            _ if all => "completed",
            Some((why, _)) => why,
            None => "handed",
        })
    }

    /// Everything that was spent, beside what was expected; `id` is the receipt's own.
    pub fn receipt(&mut self, id: &str) -> Value {
        let ending = self.ending().map(str::to_owned);
        let mut spent = Money::ZERO;
        let (mut unknown, mut tokens) = (0_u64, [0_u64; 2]);
        let mut stages = Vec::new();
        for one in &self.stages {
            for attempt in &one.attempts {
                match Money::parse(text(attempt, "usd")) {
                    Ok(usd) => spent = spent.checked_add(usd).unwrap_or(spent),
                    Err(_) => unknown += 1,
                }
                for (sum, name) in tokens.iter_mut().zip(["inputTokens", "outputTokens"]) {
                    let count = attempt.get("usage").and_then(|usage| usage.get(name));
                    *sum = sum.saturating_add(count.and_then(Value::as_u64).unwrap_or(0));
                }
                let mut line = attempt.clone();
                put(&mut line, "stage", one.id.clone().into());
                stages.push(line);
            }
        }
        let [tokens_in, tokens_out] = tokens;
        let failed = self
            .stages
            .iter()
            .filter(|one| one.status == Status::Failed && !self.is_settled(&one.id));
        let failed: Vec<Value> = failed
            .map(|one| {
                let (findings, tried) = (one.findings.clone(), excerpt(&one.text));
                object! { "stage": one.id.clone(), "findings": findings, "tried": tried }
            })
            .collect();
        let estimated =
            self.plan.get("total").and_then(|total| total.get("usd")).filter(|usd| usd.is_object());
        let comparison = estimated.filter(|_| unknown == 0).map(|usd| {
            let end = |name: &str| Money::parse(text(usd, name)).unwrap_or_default();
            let mut line = usd.clone();
            put(&mut line, "billed", shown(Some(spent)));
            let inside = end("low") <= spent && spent <= end("high");
            put(&mut line, "inside", inside.into());
            line
        });
        let of_plan = |name: &str| self.plan.get(name).cloned();
        object! {
            "id": id, "workflowId": of_plan("id"), "kind": of_plan("kind"), "ending": ending,
            "reason": self.pause.as_ref().map(|(_, words)| words.as_str()), "text": self.text(),
            "usd": shown((unknown == 0).then_some(spent)), "knownUsd": shown(Some(spent)),
            "unknownCosts": unknown, "inputTokens": tokens_in, "outputTokens": tokens_out,
            "comparison": comparison, "stages": stages, "handed": failed,
            "notes": self.notes.clone(),
        }
    }

    /// The answer: of the roles that a person asked for, what passed.
    fn text(&self) -> String {
        let of = |role: &str| -> Vec<&str> {
            let own = |one: &&Progress| {
                one.status == Status::Done
                    && one.stage.get("role").and_then(Value::as_str) == Some(role)
            };
            self.stages.iter().filter(own).map(|one| one.text.trim()).collect()
        };
        let mut texts = of("answer");
        texts.extend(of("section"));
        texts.extend(of("supplement"));
        let mended = of("debug");
        texts.extend(if mended.is_empty() { of("function") } else { mended });
        let tests = self
            .stages
            .iter()
            .filter(|one| one.stage.get("role").and_then(Value::as_str) == Some("tests"));
        texts.extend(tests.filter(|one| self.is_settled(&one.id)).map(|one| one.text.trim()));
        texts.join("\n\n")
    }
}

/// The beginning of a text.
fn excerpt(text: &str) -> String {
    let mut short: String = text.trim().chars().take(EXCERPT).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    short
}
