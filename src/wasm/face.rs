//! The functions of the first module. Each reads its arguments, calls the heart, and writes the
//! result. Their documentation for users is `types.d.ts`.

use super::catalog::{catalog, shown};
use super::convert::{count_field, date_field, field, string_field, to_json, to_value};
use super::{Js, give, promise, thrown, transport};
use crate::catalog::Rates;
use crate::chat::{self, ChatRequest, RequestOptions, Usage};
use crate::cost;
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use crate::plan::{CacheWish, Planner};
use crate::prompt::Prompt;
use crate::router::Policy;
use crate::tokens::{self, EstimateOptions, Vocabularies, image};
use crate::workflow;
use js_sys::Promise;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

thread_local! {
    static VOCABULARIES: RefCell<Rc<Vocabularies>> = RefCell::default();
}

/// The vocabularies that are loaded now.
pub(super) fn vocabularies() -> Rc<Vocabularies> {
    VOCABULARIES.with(|held| held.borrow().clone())
}

/// Reads a chat request.
pub(super) fn read_request(value: &JsValue) -> Result<ChatRequest> {
    ChatRequest::from_value(to_value("request", value)?)
}

/// Reads a prompt, or a chat request where it has `messages`.
pub(super) fn read_prompt(value: &JsValue) -> Result<std::result::Result<Prompt, ChatRequest>> {
    let value = to_value("prompt", value)?;
    if value.get("messages").is_some() {
        return ChatRequest::from_value(value).map(Err);
    }
    Prompt::from_value(value).map(Ok)
}

/// The day of `options.at`, or today: `YYYY-MM-DD`.
pub(super) fn day(options: &JsValue) -> Result<String> {
    let ms = date_field(options, "at")?.unwrap_or_else(js_sys::Date::now);
    let text = String::from(js_sys::Date::new(&ms.into()).to_iso_string());
    Ok(text.chars().take(10).collect())
}

/// `options.answerTokens`: a number, or an interval.
pub(super) fn answer_tokens(options: &JsValue) -> Result<Option<cost::TokenInterval>> {
    let Some(given) = field(options, "answerTokens") else {
        return Ok(None);
    };
    let wrong = || {
        Error::invalid_input(
            "answerTokens: wanted a whole number of tokens, or { low, expected, high } of them",
        )
    };
    let value = to_value("answerTokens", &given)?;
    let count = |value: &Value| value.as_u64().ok_or_else(wrong);
    if value.is_number() {
        let tokens = count(&value)?;
        return Ok(Some(cost::TokenInterval { low: tokens, expected: tokens, high: tokens }));
    }
    let end = |name: &str| value.get(name).ok_or_else(wrong).and_then(count);
    Ok(Some(cost::TokenInterval {
        low: end("low")?,
        expected: end("expected")?,
        high: end("high")?,
    }))
}

/// What an estimate is asked beyond one request.
pub(super) fn horizon(options: &JsValue) -> Result<cost::Horizon> {
    let mut given = serde_json::Map::new();
    for name in ["session", "runsPerDay", "currency", "history"] {
        if let Some(value) = field(options, name) {
            given.insert(name.to_owned(), to_value(name, &value)?);
        }
    }
    cost::Horizon::from_value(&Value::Object(given))
}

pub(super) fn names(options: &JsValue, name: &str) -> Result<Vec<String>> {
    let Some(list) = field(options, name) else {
        return Ok(Vec::new());
    };
    let wrong = || Error::invalid_input(format!("{name}: wanted a list of models' names"));
    if !js_sys::Array::is_array(&list) {
        return Err(wrong());
    }
    js_sys::Array::from(&list).iter().map(|item| item.as_string().ok_or_else(wrong)).collect()
}

/// Finds a model by its id or by a name that a gateway gives it.
///
/// # Errors
/// Kind `unknown_model`, with the nearest known names.
#[wasm_bindgen(js_name = resolveModel)]
pub fn resolve_model(id: &str) -> Js {
    let catalog = catalog();
    give(catalog.resolve(id).and_then(|resolved| shown(&resolved, &transport::today())))
}

/// Loads a vocabulary, so that counts of its models become exact.
///
/// # Errors
/// Kind `network` where the file cannot be had, `invalid_input` where it is not that vocabulary.
#[wasm_bindgen(js_name = loadVocabulary)]
pub fn load_vocabulary(name: String, source: JsValue) -> Promise {
    promise(async move {
        tokens::check_vocabulary_name(&name)?;
        let bytes = transport::read_file(&format!("vocabulary {name}"), source).await?;
        let mut loaded = Vocabularies::clone(&vocabularies());
        loaded.load(&name, &bytes)?;
        VOCABULARIES.with(|held| held.replace(Rc::new(loaded)));
        Ok(JsValue::UNDEFINED)
    })
}

/// Tokens of bare text.
///
/// # Errors
/// Kind `unknown_model`.
#[wasm_bindgen(js_name = countTokens)]
pub fn count_tokens(text: &str, model: &str) -> Js {
    let catalog = catalog();
    give(
        catalog
            .resolve(model)
            .map(|resolved| tokens::count_content(text, resolved.model, &vocabularies()))
            .and_then(|tokens| to_json(&tokens)),
    )
}

/// Tokens of a whole request.
///
/// # Errors
/// Kind `unknown_model`, or `invalid_input` for a request of the wrong shape.
#[wasm_bindgen(js_name = estimateTokens)]
pub fn estimate_tokens(request: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let request = read_request(request)?;
        let name = named_model(&request, options)?;
        let catalog = catalog();
        let resolved = catalog.resolve(&name)?;
        let served = EstimateOptions { provider: string_field(options, "provider")? };
        to_json(&tokens::estimate_tokens(&request, resolved.model, &vocabularies(), &served)?)
    })())
}

fn named_model(request: &ChatRequest, options: &JsValue) -> Result<String> {
    string_field(options, "model")?.or_else(|| request.model.clone()).ok_or_else(|| {
        Error::invalid_input(
            "request.model: found nothing, wanted a model's name here or in the options",
        )
    })
}

/// What a smaller picture would save on a model; null where size makes no difference, or the size
/// cannot be read.
///
/// # Errors
/// Kind `unknown_model`; `invalid_input` for a picture of another kind.
#[wasm_bindgen(js_name = imageAdvice)]
pub fn image_advice(picture: &JsValue, model: &str) -> Js {
    give((|| {
        let catalog = catalog();
        let model = catalog.resolve(model)?.model;
        let size = match picture.as_string() {
            Some(url) => image::size_of_data_url(&url),
            None => match transport::bytes_of(picture) {
                Some(bytes) => image::size_of_bytes(&bytes),
                None => Some((side(picture, "width")?, side(picture, "height")?)),
            },
        };
        let show = |(width, height): (u32, u32)| json!({"width": width, "height": height});
        let advice = size.and_then(|(width, height)| image::advice(model, width, height));
        Ok(advice.map_or(Value::Null, |advice| {
            let cheaper = advice.cheaper.map(|((width, height), tokens)| {
                json!({"width": width, "height": height, "tokens": tokens})
            });
            json!({"tokens": advice.tokens, "sameView": advice.same_view.map(show),
                   "cheaper": cheaper, "saved": advice.saved, "lossless": advice.lossless})
        }))
    })())
}

fn side(picture: &JsValue, name: &str) -> Result<u32> {
    let found = count_field(picture, name)?;
    found.and_then(|pixels| u32::try_from(pixels).ok()).ok_or_else(|| {
        Error::invalid_input(format!(
            "picture.{name}: wanted pixels; a picture is a data URL, bytes, or {{ width, height }}"
        ))
    })
}

/// Reads the usage out of a provider's response body.
///
/// # Errors
/// Kind `invalid_input` where there is none, or it is impossible.
#[wasm_bindgen(js_name = readUsage)]
pub fn read_usage(body: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let provider = string_field(options, "provider")?;
        let flavor = string_field(options, "flavor")?;
        let body = to_value("body", body)?;
        let usage = chat::read_usage(&body, provider.as_deref(), flavor.as_deref())?;
        let mut value = to_json(&usage)?;
        if let Some(fields) = value.as_object_mut() {
            cost::Extras::of_body(&body, &usage).write(fields);
        }
        Ok(value)
    })())
}

/// What a usage costs, exactly.
///
/// # Errors
/// Where a price is unknown, or the usage is impossible.
#[wasm_bindgen(js_name = calculateCost)]
pub fn calculate_cost(model: &JsValue, usage: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let usage = to_value("usage", usage)?;
        let (usage, extras) = (Usage::from_value(&usage)?, cost::Extras::from_value(&usage)?);
        let day = day(options)?;
        let Some(name) = model.as_string() else {
            let rates = Rates::from_value(&to_value("rates", model)?)?;
            return to_json(&cost::calculate_whole_cost(&rates, &usage, &extras)?);
        };
        let catalog = catalog();
        let resolved = catalog.resolve(&name)?;
        to_json(&cost::calculate_model_cost(&resolved, &usage, &extras, Some(&day))?)
    })())
}

/// What a request will cost.
///
/// # Errors
/// Kind `unknown_model`; `unsupported` where there is no price.
#[wasm_bindgen(js_name = estimateCost)]
pub fn estimate_cost(request: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let request = read_request(request)?;
        let day = day(options)?;
        let provider = string_field(options, "provider")?;
        let (catalog, vocabularies) = (catalog(), vocabularies());
        let horizon = horizon(options)?;
        let planner = Planner {
            catalog: &catalog,
            vocabularies: &vocabularies,
            at: Some(&day),
            answer: answer_tokens(options)?,
            provider: provider.as_deref(),
            horizon: &horizon,
            past: &|_| Vec::new(),
            past_inputs: &|_| Vec::new(),
        };
        let estimate = |name: &str| {
            let planned = planner.estimate(&request, name, true)?;
            planned.cost.ok_or_else(|| {
                let note = planned.note.unwrap_or_default();
                Error::new(crate::ErrorKind::Unsupported, note)
            })
        };
        let candidates = names(options, "candidates")?;
        let all = candidates.iter().map(|name| estimate(name)).collect::<Result<Vec<_>>>()?;
        let first = match (&request.model, all.first()) {
            (Some(name), _) => estimate(name)?,
            (None, Some(first)) => first.clone(),
            (None, None) => estimate(&named_model(&request, options)?)?,
        };
        let mut value = to_json(&first)?;
        if let (Some(fields), false) = (value.as_object_mut(), all.is_empty()) {
            fields.put("candidates", to_json(&all)?);
        }
        Ok(value)
    })())
}

/// Advice on the provider's prompt cache for a request.
///
/// # Errors
/// Kind `unknown_model`; `unsupported` where there is no price.
#[wasm_bindgen(js_name = cacheAdvice)]
pub fn cache_advice(request: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let request = read_request(request)?;
        let name = named_model(&request, options)?;
        let (day, provider) = (day(options)?, string_field(options, "provider")?);
        let (catalog, vocabularies) = (catalog(), vocabularies());
        let ttl = string_field(options, "ttl")?;
        if let Some(ttl) = ttl.as_deref().filter(|ttl| !matches!(*ttl, "5m" | "1h")) {
            let wanted = format!("ttl: found {ttl:?}, wanted \"5m\" or \"1h\"");
            return Err(Error::invalid_input(wanted));
        }
        let wish = CacheWish {
            hour: ttl.as_deref() == Some("1h"),
            set: field(options, "set").is_some_and(|flag| flag.is_truthy()),
            switch_to: string_field(options, "switchTo")?,
        };
        let planner = Planner {
            catalog: &catalog,
            vocabularies: &vocabularies,
            at: Some(&day),
            answer: None,
            provider: provider.as_deref(),
            horizon: &cost::Horizon::default(),
            past: &|_| Vec::new(),
            past_inputs: &|_| Vec::new(),
        };
        planner.cache_advice(&request, &name, &wish)
    })())
}

/// Builds the OpenAI-compatible request.
///
/// # Errors
/// Kind `unknown_model`; `unsupported` where the chosen model would refuse it.
#[wasm_bindgen(js_name = buildRequest)]
pub fn build_request(prompt: &JsValue, options: &JsValue) -> Js {
    give((|| {
        let prompt = Prompt::from_value(to_value("prompt", prompt)?)?;
        let mut options = RequestOptions::from_value(to_value("options", options)?)?;
        let catalog = catalog();
        let resolved = options.model.as_deref().map(|id| catalog.resolve(id)).transpose()?;
        let model = resolved.as_ref().map(|resolved| resolved.model);
        if let Some(budget) = options.examples_tokens {
            let model = model.ok_or_else(|| {
                Error::invalid_input("examplesTokens: wanted a model too, whose tokens they are")
            })?;
            let served = EstimateOptions::default();
            let words = vocabularies();
            let chosen = tokens::choose_examples(&prompt, budget, model, &words, &served)?;
            options.examples = Some(chosen.chosen);
        }
        chat::build_request(&prompt, &options, model).map(|request| request.to_value())
    })())
}

/// The request as text to copy.
///
/// # Errors
/// Kind `invalid_input` for a request or a language of another kind.
#[wasm_bindgen(js_name = requestSnippet)]
pub fn request_snippet(request: &JsValue, options: &JsValue) -> Js<String> {
    thrown((|| {
        let request = read_request(request)?;
        let base = string_field(options, "baseUrl")?
            .ok_or_else(|| Error::invalid_input("baseUrl: found nothing, wanted an address"))?;
        let language = string_field(options, "language")?.unwrap_or_else(|| "curl".to_owned());
        Ok(chat::snippet(&request, &base, chat::Language::from_name(&language)?))
    })())
}

/// Picks a model.
///
/// # Errors
/// Kind `unknown_model`; where no candidate can take the request, the kind says what is in the way.
#[wasm_bindgen]
pub fn route(request: &JsValue, policy: &JsValue) -> Js {
    give((|| {
        let request = read_request(request)?;
        let policy = Policy::from_value(to_value("policy", policy)?)?;
        let names = candidates_of(&policy, &request, &[]);
        let day = day(&JsValue::UNDEFINED)?;
        let (catalog, vocabularies) = (catalog(), vocabularies());
        let planner = Planner {
            catalog: &catalog,
            vocabularies: &vocabularies,
            at: Some(&day),
            answer: None,
            provider: None,
            horizon: &cost::Horizon::default(),
            past: &|_| Vec::new(),
            past_inputs: &|_| Vec::new(),
        };
        to_json(&planner.route(&request, &names, &policy, true)?.0)
    })())
}

/// One step of a workflow that `workflow.js` drives.
///
/// # Errors
/// Kind `invalid_input` where `state` is none.
#[wasm_bindgen(js_name = stepWorkflow)]
pub fn step_workflow(state: &JsValue, message: &JsValue) -> Js {
    give((|| {
        let mut message = to_value("message", message)?;
        if let Some(fields) = message.as_object_mut() {
            fields.put("id", transport::fresh_id("receipt").into());
        }
        workflow::step(&to_value("workflow", state)?, &message)
    })())
}

/// The models to choose from: the policy's, else the client's, else the request's own, else the
/// current pair of one lab's deep and fast tier.
pub(super) fn candidates_of(policy: &Policy, request: &ChatRequest, own: &[String]) -> Vec<String> {
    if !policy.candidates.is_empty() {
        return policy.candidates.clone();
    }
    if !own.is_empty() {
        return own.to_vec();
    }
    match &request.model {
        Some(name) => vec![name.clone()],
        None => DEFAULT_PAIR.map(str::to_owned).to_vec(),
    }
}

/// Where nothing is named: the current successors of the pair that the article compares.
const DEFAULT_PAIR: [&str; 2] = ["claude-opus-5-5", "claude-sonnet-5-5"];
