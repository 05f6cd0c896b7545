//! Several calls that answer one request together: tiered (a fast model first, a deep one where its
//! answer does not pass), content (a deep outline, fast sections side by side, supplements), code (a
//! deep design, fast functions and tests, deep debugging).
//!
//! A workflow is planned whole before its first call: stages as plain data, and a total that is an
//! interval, the probability of escalation included ([`forecast()`]). Then a [`run::Run`] tells which
//! stage is next, driven from outside by [`step`]; the caller sends it and brings back the receipt.
//! Nothing here knows time or network.

/// An object of JSON from its fields. One function makes them all: written out by `json!`, each would
/// be code of its own.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        crate::workflow::object(&mut [$(($name, serde_json::Value::from($value))),*])
    };
}

pub mod check;
pub mod forecast;
pub mod run;
mod schema;
mod stage;
mod step;

pub use stage::Kind;
pub use step::step;

use crate::chat::{ChatRequest, Role, Usage};
use crate::cost::{Money, TokenInterval, calculate_cost, price_of};
use crate::error::{Error, ErrorKind, Result};
use crate::json::Fields;
use crate::plan::{Planned, Planner};
use crate::router::Policy;
use forecast::{Forecast, Inflow, Leg, Range, Spread, TOGETHER, forecast};
use serde_json::{Map, Value};

/// Characters of an answer that did not pass which the next attempt is told.
const EXCERPT: usize = 600;
/// How often the checks of this crate speak against an answer, where the caller expects nothing else:
/// 2.7 % of 11,380 recorded answers with text (`examples/workflow_intervals`, 2026-11-22).
const FLAGGED: f64 = 0.03;

/// What a workflow is made of.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which of the three.
    pub kind: Kind,
    /// The model for the quick stages; `None`: the cheapest candidate for this request.
    pub fast: Option<String>,
    /// The model for the hard stages; `None`: the dearest candidate.
    pub deep: Option<String>,
    /// The probability that the fast answer does not pass (tiered), or that the tests fail (code);
    /// `None`: the router's score, that the stronger succeeds where the weaker fails.
    pub escalation: Option<f64>,
    /// Sections (content) or functions (code), each by a title that may be empty.
    pub parts: Vec<String>,
    /// What is written beside the sections (content), in words.
    pub supplements: Vec<String>,
    /// The most attempts of a stage that did not pass, 1 to 5; then it is a person's turn.
    pub loops: u32,
    /// Checks of every answer: [`check::check`].
    pub checks: Vec<String>,
    /// A JSON Schema for the final answer (tiered).
    pub schema: Option<Value>,
    /// The caller's expectation of answers, by role.
    pub answers: Vec<(String, TokenInterval)>,
    /// The most that all of it may cost.
    pub max_cost: Option<Money>,
}

impl Options {
    /// Reads options.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut options = Self {
            loops: 2,
            checks: ["refusal", "hedging", "truncation"].map(str::to_owned).to_vec(),
            ..Self::default()
        };
        let fields =
            value.as_object().ok_or_else(|| wrong("workflow", value, "an object with kind"))?;
        let mut kind = None;
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let place = format!("workflow.{name}");
            let wrong = |wanted: &str| wrong(&place, value, wanted);
            match name.as_str() {
                "kind" => kind = value.as_str().and_then(Kind::from_name),
                "fast" | "deep" => {
                    let model =
                        Some(value.as_str().ok_or_else(|| wrong("a model's name"))?.to_owned());
                    if name == "fast" { options.fast = model } else { options.deep = model }
                }
                "escalation" => {
                    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
                    options.escalation = Some(share.ok_or_else(|| wrong("0 to 1"))?);
                }
                "sections" | "functions" => {
                    options.parts =
                        parts(value).ok_or_else(|| wrong("1 to 20, or as many titles"))?;
                }
                "supplements" | "checks" => {
                    let list = texts(value).ok_or_else(|| wrong("a list of at most 20 texts"))?;
                    if name == "checks" {
                        options.checks = list
                    } else {
                        options.supplements = list
                    }
                }
                "loops" => {
                    let loops = value.as_u64().filter(|loops| (1..=5).contains(loops));
                    options.loops = loops
                        .and_then(|loops| u32::try_from(loops).ok())
                        .ok_or_else(|| wrong("1 to 5"))?;
                }
                "schema" => options.schema = Some(value.clone()),
                "answerTokens" => {
                    for (role, tokens) in value.as_object().into_iter().flatten() {
                        let end = |name: &str| tokens.get(name).unwrap_or(tokens).as_u64();
                        let (Some(low), Some(expected), Some(high)) =
                            (end("low"), end("expected"), end("high"))
                        else {
                            return Err(wrong(
                                "by role, a number of tokens or { low, expected, high }",
                            ));
                        };
                        options.answers.push((role.clone(), TokenInterval { low, expected, high }));
                    }
                }
                "maxCostUsd" => options.max_cost = Some(Money::from_value(&place, value)?),
                _ => {
                    return Err(wrong(
                        "kind, fast, deep, escalation, sections, functions, supplements, loops, checks, schema, answerTokens or maxCostUsd",
                    ));
                }
            }
        }
        let found = value.get("kind").unwrap_or(&Value::Null);
        options.kind =
            kind.ok_or_else(|| wrong("workflow.kind", found, "tiered, content or code"))?;
        Ok(options)
    }
}

fn object(fields: &mut [(&str, Value)]) -> Value {
    let fields = fields.iter_mut().map(|(name, value)| ((*name).to_owned(), std::mem::take(value)));
    Value::Object(fields.collect())
}

/// Money as the decimal string it is in JSON, or null.
fn shown(money: Option<Money>) -> Value {
    Value::from(money.map(|money| money.to_string()))
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let found: String = found.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}: found {found}, wanted {wanted}"))
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let list = value.as_array().filter(|list| list.len() <= 20)?;
    list.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// A number of parts, or their titles.
fn parts(value: &Value) -> Option<Vec<String>> {
    match value.as_u64() {
        Some(count) if (1..=20).contains(&count) => {
            Some((0..count).map(|_| String::new()).collect())
        }
        _ => texts(value).filter(|list| !list.is_empty()),
    }
}

/// Plans a workflow for `request` over the models called `names`. `id` is its own name.
///
/// # Errors
/// What the estimates and [`crate::router::route`] refuse; [`ErrorKind::InvalidInput`] where there
/// is nothing to choose from, or the request has no text of a person.
pub fn plan(
    id: String,
    planner: &Planner<'_>,
    request: &ChatRequest,
    names: &[String],
    options: &Options,
) -> Result<Value> {
    let asked = request.messages.iter().rev().find(|message| message.role == Role::User);
    let asked = asked.map(|message| message.content.text()).unwrap_or_default();
    if asked.trim().is_empty() {
        return Err(Error::invalid_input("workflow: found no text of a person, wanted a prompt"));
    }
    let (fast, deep) = pair(planner, request, names, options)?;
    let whole = [&fast, &deep].map(|model| planner.estimate(request, model, false));
    let [fast_prompt, deep_prompt] = whole;
    let prompt = [fast_prompt?, deep_prompt?].map(|planned| planned.tokens.tokens.max(1) as f64);
    let characters = asked.chars().count().max(1) as f64;
    let escalation = match options.escalation {
        Some(stated) => stated,
        None => {
            let pair = [fast.clone(), deep.clone()];
            planner.route(request, &pair, &Policy::default(), false)?.0.need
        }
    };
    let stages = stage::stages(options, escalation);
    let mut legs: Vec<Leg> = Vec::with_capacity(stages.len());
    let mut told: Vec<Told> = Vec::with_capacity(stages.len());
    let mut notes = Vec::new();
    for stage in &stages {
        let (model, own) = if stage.deep { (&deep, prompt[1]) } else { (&fast, prompt[0]) };
        // A tokenizer's tokens per character, from this very prompt; its frame counts a little.
        let density = (own / characters).clamp(0.2, 1.5);
        let excerpt = EXCERPT as f64 * density;
        let body =
            stage::filled_request(request, &stage.template, &|name| stage.constant(name, &asked));
        let stated =
            options.answers.iter().find(|(role, _)| role == stage.role).map(|(_, tokens)| *tokens);
        let planned = Planner { answer: stated.or(planner.answer), ..*planner }
            .estimate(&body, model, false)?;
        let output = expected_answer(&planned, planner, &body)?;
        let mut inflows = Vec::new();
        for (from, all) in stage
            .inputs
            .iter()
            .flat_map(|(_, ids)| ids)
            .map(|id| (id, true))
            .chain(stage.rescues.iter().map(|id| (id, false)))
        {
            let Some(from) = stages.iter().position(|other| other.id == *from) else { continue };
            let theirs = if stages.get(from).is_some_and(|other| other.deep) {
                prompt[1]
            } else {
                prompt[0]
            };
            inflows.push(Inflow {
                from,
                scale: own / theirs,
                most: if all { f64::MAX } else { excerpt },
            });
        }
        let price = price(&planned, planner)?;
        if price.is_none() {
            notes.extend(planned.note.clone());
        }
        let capabilities = planned.resolved.as_ref().map(|found| &found.model.capabilities);
        let tokens = &planned.tokens;
        let limit = body
            .max_tokens
            .or_else(|| planned.resolved.as_ref().and_then(|found| found.model.max_output));
        legs.push(Leg {
            runs: stage.runs,
            again: stage.again,
            attempts: stage.attempts,
            input: Spread::new(tokens.low, tokens.tokens, tokens.high, None),
            output: Spread::new(output.low, output.expected, output.high, limit),
            reasons: capabilities
                .is_some_and(|of| of.reasoning.as_deref().is_some_and(always_reasons)),
            inflows,
            told: excerpt + 40.0,
            price: price.unwrap_or_default(),
        });
        told.push(Told { model: model.clone(), priced: price.is_some(), answer: stated });
    }
    let figures = forecast(&legs, TOGETHER);
    let priced = told.iter().all(|one| one.priced);
    notes.dedup();
    let mut base = request.clone();
    base.model = None;
    let stages: Vec<Value> = stages
        .iter()
        .zip(&told)
        .zip(&figures.stages)
        .map(|((stage, told), figures)| {
            let mut value = stage.to_value();
            told.write(&mut value, figures);
            Value::Object(value)
        })
        .collect();
    Ok(object! {
        "schema": 1,
        "id": id,
        "kind": options.kind.name(),
        "models": object! { "fast": fast, "deep": deep },
        "escalation": escalation,
        "request": base.to_value(),
        "stages": stages,
        "total": total(figures.total, priced),
        "answerSchema": options.schema.clone(),
        "maxCostUsd": shown(options.max_cost),
        "notes": notes,
    })
}

/// What a plan tells of a stage beyond its shape.
struct Told {
    model: String,
    priced: bool,
    answer: Option<TokenInterval>,
}

impl Told {
    fn write(&self, value: &mut Map<String, Value>, figures: &[Range; 3]) {
        value.put("model", self.model.clone().into());
        let answer = self.answer.map(|of| interval([of.low, of.expected, of.high]));
        value.put("answerTokens", Value::from(answer));
        if let Value::Object(total) = total(*figures, self.priced) {
            value.extend(total);
        }
    }
}

fn interval<T>([low, expected, high]: [T; 3]) -> Value
where
    Value: From<T>,
{
    object! { "low": low, "expected": expected, "high": high }
}

fn total([input, output, cost]: [Range; 3], priced: bool) -> Value {
    let tokens = |range: Range| interval([range.low, range.expected, range.high]);
    let usd = priced.then(|| interval(Forecast::money(cost).map(|usd| shown(Some(usd)))));
    object! { "inputTokens": tokens(input), "outputTokens": tokens(output), "usd": usd }
}

/// The fast and the deep model: as named, else the cheapest and the dearest for this request.
fn pair(
    planner: &Planner<'_>,
    request: &ChatRequest,
    names: &[String],
    options: &Options,
) -> Result<(String, String)> {
    let mut priced = Vec::with_capacity(names.len());
    if options.fast.is_none() || options.deep.is_none() {
        for name in names {
            let cost = planner.estimate(request, name, false)?.cost;
            priced.extend(cost.map(|cost| (cost.usd.expected, name)));
        }
    }
    // Where only one has a price, or none, the first and the last named.
    let cheapest =
        priced.iter().min_by_key(|(usd, _)| *usd).map(|(_, name)| *name).or(names.last());
    let dearest =
        priced.iter().max_by_key(|(usd, _)| *usd).map(|(_, name)| *name).or(names.first());
    let chosen = |own: &Option<String>, found: Option<&String>| {
        own.clone().or_else(|| found.cloned()).ok_or_else(|| {
            Error::invalid_input(
                "workflow: found no models, wanted fast and deep, or models of the client",
            )
        })
    };
    Ok((chosen(&options.fast, cheapest)?, chosen(&options.deep, dearest)?))
}

/// Whether a model reasons unless it is told not to: then a part of what is billed does not flow on.
/// The others reason where a request asks for it, which a workflow's does not by itself.
fn always_reasons(kind: &str) -> bool {
    kind.contains("always_on") || matches!(kind, "effort" | "yes")
}

/// The answer's length, also where there is no price.
fn expected_answer(
    planned: &Planned<'_>,
    planner: &Planner<'_>,
    body: &ChatRequest,
) -> Result<TokenInterval> {
    if let Some(cost) = &planned.cost {
        return Ok(cost.output_tokens);
    }
    let length = match &planned.resolved {
        Some(resolved) => planner.answer(body, resolved.model, &planned.name),
        None => {
            planner.answer(body, &crate::catalog::Model::unlisted(&planned.name), &planned.name)
        }
    };
    Ok(TokenInterval { low: length.low, expected: length.expected, high: length.high })
}

/// Picodollars for a token of input and of output, at the size of this stage; `None`: not known.
fn price(planned: &Planned<'_>, planner: &Planner<'_>) -> Result<Option<(u64, u64)>> {
    let (Some(resolved), Some(cost)) = (&planned.resolved, &planned.cost) else { return Ok(None) };
    let rates = price_of(resolved, planner.at)?.rates;
    let input = cost.input_tokens.high.max(1);
    let usage = Usage { input_tokens: input, output_tokens: 1, ..Usage::default() };
    let cost = calculate_cost(&rates, &usage)?;
    let each = |money: Money, tokens: u64| {
        u64::try_from(money.picodollars() / u128::from(tokens)).map_err(|_| {
            Error::new(
                ErrorKind::Unsupported,
                "workflow: found a price beyond 18 million USD per token",
            )
        })
    };
    Ok(Some((each(cost.input, input)?, each(cost.output, 1)?)))
}
