//! The client: plans, sends, lists, remembers this session's receipts.

use super::answer::Answer;
use super::convert::{count_field, describe, field, string_field, to_js, to_json, to_value};
use super::ride::{self, Setup};
use super::routing;
use super::transport::{self, Stop, Timeouts};
use super::{Js, answer_tokens, candidates_of, day, give, read_prompt, thrown, vocabularies};
use crate::chat::{self, ChatRequest, RequestOptions};
use crate::cost::Money;
use crate::error::{Error, ErrorKind, Result};
use crate::gateway::{self, Profile, Secret};
use crate::ledger::Ledger;
use crate::plan::{Plan, Planner};
use crate::router::{Policy, Traffic};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

/// Where the key comes from. It is never stored, and never shown.
#[derive(Clone)]
pub(super) enum Key {
    /// None: a same-origin proxy has it.
    None,
    /// The caller's string, in memory only.
    Held(Secret),
    /// Asked for before each request.
    Callback(js_sys::Function),
}

impl Key {
    fn read(options: &JsValue) -> Result<Self> {
        let Some(value) = field(options, "apiKey") else {
            return Ok(Self::None);
        };
        if let Some(function) = value.dyn_ref::<js_sys::Function>() {
            return Ok(Self::Callback(function.clone()));
        }
        let Some(text) = value.as_string() else {
            return Err(Error::invalid_input(
                "apiKey: wanted a string or a function that gives one",
            ));
        };
        if !field(options, "allowKeyInPage").is_some_and(|flag| flag.is_truthy()) {
            return Err(Error::invalid_input(
                "apiKey: a string is a long-lived key that every script of the page can read; use a same-origin proxy or a callback that gives short-lived keys, or say allowKeyInPage: true",
            ));
        }
        Ok(Self::Held(Secret::new(text)?))
    }

    /// The key for one request.
    pub(super) async fn get(&self) -> Result<Option<Secret>> {
        let function = match self {
            Self::None => return Ok(None),
            Self::Held(secret) => return Ok(Some(secret.clone())),
            Self::Callback(function) => function,
        };
        let failed = |_| {
            // What a callback throws may hold the key itself.
            Error::new(ErrorKind::Authentication, "apiKey: the callback failed to give a key")
        };
        let given = function.call0(&JsValue::UNDEFINED).map_err(failed)?;
        let given = match given.dyn_into::<js_sys::Promise>() {
            Ok(promise) => wasm_bindgen_futures::JsFuture::from(promise).await.map_err(failed)?,
            Err(value) => value,
        };
        let text = given.as_string().ok_or_else(|| {
            Error::new(ErrorKind::Authentication, "apiKey: the callback gave no string")
        })?;
        Secret::new(text).map(Some)
    }
}

/// Plans, sends, and remembers what happened.
#[wasm_bindgen]
pub struct Client {
    setup: Rc<Setup>,
    models: Vec<String>,
    policy: Policy,
    traffic: RefCell<Traffic>,
    ledger: Rc<RefCell<Ledger>>,
}

#[wasm_bindgen]
impl Client {
    /// Makes a client. No request is sent.
    ///
    /// # Errors
    /// Kind `invalid_input`, naming the option.
    pub async fn create(options: JsValue) -> Js<Client> {
        thrown(Self::read(&options))
    }

    fn read(options: &JsValue) -> Result<Self> {
        if !options.is_object() {
            return Err(Error::invalid_input("options: wanted an object with baseUrl"));
        }
        let base = string_field(options, "baseUrl")?
            .ok_or_else(|| Error::invalid_input("baseUrl: found nothing, wanted an address"))?;
        let profile = read_profile(options, &base)?;
        // Wrong addresses are told now, not at the first send.
        profile.chat_url()?;
        let policy = match field(options, "policy") {
            Some(value) => Policy::from_value(to_value("policy", &value)?)?,
            None => Policy::default(),
        };
        let timeouts = field(options, "timeouts").unwrap_or_default();
        let usual = Timeouts::default();
        let timeouts = Timeouts {
            first_byte_ms: count_field(&timeouts, "firstByteMs")?.unwrap_or(usual.first_byte_ms),
            idle_ms: count_field(&timeouts, "idleMs")?.unwrap_or(usual.idle_ms),
            total_ms: count_field(&timeouts, "totalMs")?.unwrap_or(usual.total_ms),
        };
        Ok(Self {
            setup: Rc::new(Setup {
                profile,
                key: Key::read(options)?,
                timeouts,
                retry_budget_ms: count_field(options, "retryBudgetMs")?.unwrap_or(30_000),
                health: RefCell::default(),
                merged: RefCell::default(),
            }),
            models: super::names(options, "models")?,
            policy,
            traffic: RefCell::default(),
            ledger: Rc::default(),
        })
    }

    /// Tokens, cost and pick. Nothing leaves the page.
    ///
    /// # Errors
    /// Where no candidate can take the request, or an option is not acceptable.
    pub fn plan(&self, prompt: &JsValue, options: &JsValue) -> Js {
        give(self.make_plan(prompt, options).and_then(|plan| to_json(&plan)))
    }

    fn make_plan(&self, prompt: &JsValue, options: &JsValue) -> Result<Plan> {
        let mut policy = match field(options, "policy") {
            Some(value) => Policy::from_value(to_value("policy", &value)?)?,
            None => self.policy.clone(),
        };
        if let Some(most) = field(options, "maxCostUsd") {
            let value = to_value("maxCostUsd", &most)?;
            policy.max_cost = Some(Money::from_value("maxCostUsd", &value)?);
        }
        if policy.traffic == Traffic::default() {
            policy.traffic = self.traffic.borrow().clone();
        }
        let asked = RequestOptions::from_value(to_value("options", options)?)?;
        let mut request = match read_prompt(prompt)? {
            Ok(prompt) => chat::build_request(
                &prompt,
                &RequestOptions { model: None, ..asked.clone() },
                None,
            )?,
            Err(request) => request,
        };
        // A client streams unless it is told otherwise: an answer is read as it comes.
        if request.stream.is_none() {
            request.stream = Some(true);
        }
        if request.stream == Some(true) {
            request.extra.entry("stream_options").or_insert_with(|| json!({"include_usage": true}));
        }
        // A model that the options or the request name is the caller's choice; otherwise there is
        // one to be made.
        let names = match asked.model.or_else(|| request.model.clone()) {
            Some(name) => vec![name],
            None => candidates_of(&policy, &request, &self.models),
        };
        let day = day(options)?;
        let (catalog, vocabularies) = (self.setup.catalog(), vocabularies());
        let planner = Planner {
            catalog: &catalog,
            vocabularies: &vocabularies,
            at: Some(&day),
            answer: answer_tokens(options)?,
            provider: Some(&self.setup.profile.id),
        };
        planner.plan(transport::fresh_id("plan"), &request, &names, &policy)
    }

    /// Sends a plan. Failures come out of the iteration, and stand in the receipt.
    ///
    /// # Errors
    /// Kind `invalid_input` where this is no plan.
    pub fn send(&self, plan: &JsValue, options: &JsValue) -> Js<Answer> {
        thrown((|| {
            let plan = to_value("plan", plan)?;
            let ticket = ride::Ticket::read(&plan)?;
            routing::remember(&mut self.traffic.borrow_mut(), &plan);
            let signal = match field(options, "signal") {
                None => None,
                Some(value) => Some(value.dyn_into::<AbortSignal>().map_err(|found| {
                    let found = describe(&found);
                    Error::invalid_input(format!("signal: found {found}, wanted an AbortSignal"))
                })?),
            };
            Ok(ride::start(self.setup.clone(), ticket, Stop::new(signal), self.ledger.clone()))
        })())
    }

    /// The gateway's live list of models, each with its catalogue entry where it is known. With
    /// `options.merge` this client plans and prices by what the list states.
    ///
    /// # Errors
    /// What the gateway or the network answers instead.
    pub async fn models(&self, options: JsValue) -> Js {
        let setup = self.setup.clone();
        let merge = field(&options, "merge").is_some_and(|flag| flag.is_truthy());
        let read = async {
            let (list, url) = ride::list_models(&setup).await?;
            let day = transport::today();
            let (base, mut own) = (super::catalog::catalog(), Vec::new());
            for entry in &list {
                let id = ride::model_id(entry).unwrap_or_default();
                let known = base.find(id).map(|found| found.model);
                own.extend(gateway::listed(entry, known, &url, &day));
            }
            let merged = Rc::new(base.with_listed(own));
            let shown = list
                .iter()
                .filter_map(ride::model_id)
                .map(|id| super::catalog::listed(&merged, id, &day))
                .collect();
            if merge {
                setup.merged.replace(Some(merged.clone()));
            }
            shown
        };
        give(read.await)
    }

    /// Ties feedback to a receipt.
    ///
    /// # Errors
    /// Kind `invalid_input` for feedback of another shape, or a receipt that is not here.
    pub fn feedback(&self, receipt_id: &str, feedback: &JsValue) -> Js<()> {
        thrown((|| {
            let feedback = to_value("feedback", feedback)?;
            self.ledger.borrow_mut().add_feedback(receipt_id, &feedback)
        })())
    }

    /// The figures of this session.
    ///
    /// # Errors
    /// None in practice; a conversion may fail.
    pub fn kpis(&self) -> Js {
        give(Ok(self.ledger.borrow().kpis()))
    }

    /// This session's receipts, without their texts.
    ///
    /// # Errors
    /// None in practice; a conversion may fail.
    pub fn export(&self) -> Js {
        thrown(to_js(&self.ledger.borrow().export()))
    }

    /// Takes back what an export gave.
    ///
    /// # Errors
    /// Kind `invalid_input` where it is no such export.
    pub fn import(&self, data: &JsValue) -> Js<()> {
        thrown((|| {
            let data = to_value("data", data)?;
            self.ledger.borrow_mut().import(&data)
        })())
    }
}

fn read_profile(options: &JsValue, base: &str) -> Result<Profile> {
    let mut profile = match field(options, "profile") {
        None => Profile::for_base_url(base)?,
        Some(value) => match value.as_string() {
            Some(id) => Profile::by_id(&id)?,
            None => Profile::from_value(&to_value("profile", &value)?)?,
        },
    };
    profile.base_url = Some(base.to_owned());
    Ok(profile)
}

/// A request as a plan holds it.
pub(super) fn read_planned(value: Value) -> Result<ChatRequest> {
    ChatRequest::from_value(value)
        .map_err(|error| Error::invalid_input(format!("plan.{}", error.message())))
}
