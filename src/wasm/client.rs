//! The client: plans, sends, lists, remembers this session's receipts.

use super::answer::Answer;
use super::answers::Answers;
use super::budget::Purse;
use super::convert::{
    count_field, describe, field, flag_field, string_field, to_js, to_json, to_value,
    to_value_again,
};
use super::endpoint;
use super::gate::Gate;
use super::guard::{Guard, Guarded};
use super::ledger::{Kept, read_feedback};
use super::models;
use super::ride::{self, Setup};
use super::routing;
use super::sink::Sink;
use super::ticket::Ticket;
use super::transport::{self, Stop, Timeouts};
use super::{
    Js, answer_tokens, candidates_of, day, give, promise, read_prompt, thrown, vocabularies,
};
use crate::cache::{Terms, scope_key};
use crate::chat::{self, ChatRequest, RequestOptions};
use crate::cost::{Money, MoneyInterval};
use crate::error::{Error, Result};
use crate::gateway::{self, Limits};
use crate::json::json;
use crate::plan::{self, Arm, Experiment, Placed, Plan, Planner};
use crate::prompt::Tier;
use crate::router::{Policy, Traffic};
use crate::workflow;
use js_sys::Promise;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

/// What is to be planned.
struct Asked<'a> {
    request: &'a ChatRequest,
    /// The prompt that it came from, where its words may depend on the model.
    prompt: Option<&'a plan::Asked<'a>>,
    names: &'a [String],
    policy: &'a Policy,
}

/// How it is to be planned: whether it is masked, and as which arm of an experiment.
struct Manner<'a> {
    mask: bool,
    arm: Option<&'a Arm>,
}

/// Plans, sends, and remembers what happened.
#[wasm_bindgen]
pub struct Client {
    setup: Rc<Setup>,
    models: Vec<String>,
    policy: Policy,
    traffic: RefCell<Traffic>,
    experiments: Vec<Experiment>,
    kept: Rc<Kept>,
    guard: Guard,
}

#[wasm_bindgen]
impl Client {
    /// Makes a client. No request is sent.
    ///
    /// # Errors
    /// Kind `invalid_input`, naming the option.
    pub async fn create(options: JsValue) -> Js<Client> {
        thrown(Self::read(&options).await)
    }

    async fn read(options: &JsValue) -> Result<Self> {
        if !options.is_object() {
            return Err(Error::invalid_input("options: wanted an object with baseUrl"));
        }
        let (endpoint, more) = endpoint::read_all(options)?;
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
        let usual = Limits::default();
        let answers = match field(options, "cache").filter(JsValue::is_truthy) {
            None => None,
            Some(value) => {
                let terms = Terms::from_value(&to_value("cache", &value)?)?;
                let places: Vec<_> = std::iter::once(&endpoint).chain(&more).collect();
                let places: Vec<_> =
                    places.iter().filter_map(|place| place.profile.base_url.as_deref()).collect();
                let scope = scope_key(&terms, &places);
                Some(Answers::open(terms, scope).await)
            }
        };
        Ok(Self {
            setup: Rc::new(Setup {
                endpoint,
                more,
                timeouts,
                limits: Limits {
                    budget_ms: count_field(options, "retryBudgetMs")?.unwrap_or(usual.budget_ms),
                    failover: flag_field(options, "failover")?.unwrap_or(usual.failover),
                    ..usual
                },
                gate: Gate::new(count_field(options, "concurrency")?),
                answers,
                health: RefCell::default(),
                merged: RefCell::default(),
                purse: Purse::open(options).await?,
                sink: Sink::read(options)?,
            }),
            models: super::names(options, "models")?,
            policy,
            traffic: RefCell::default(),
            experiments: match field(options, "experiments") {
                Some(list) => Experiment::list(&to_value("experiments", &list)?)?,
                None => Vec::new(),
            },
            kept: Kept::open(options).await?,
            guard: Guard::open(options)?,
        })
    }

    /// Tokens, cost and pick. Nothing leaves the page.
    ///
    /// # Errors
    /// Where no candidate can take the request, or an option is not acceptable.
    pub fn plan(&self, prompt: &JsValue, options: &JsValue) -> Js {
        give(self.make_plan(prompt, options).and_then(|plan| to_json(&plan)))
    }

    /// A workflow's stages and its total. Nothing leaves the page.
    ///
    /// # Errors
    /// As [`Client::plan`]; kind `invalid_input` for a workflow of another shape.
    #[wasm_bindgen(js_name = planWorkflow)]
    pub fn plan_workflow(&self, prompt: &JsValue, shape: &JsValue, options: &JsValue) -> Js {
        give((|| {
            let shape = workflow::Options::from_value(&to_value("workflow", shape)?)?;
            let mut made = Ok(Value::Null);
            // Each stage is masked when it is planned, and its answer restored for the next one.
            let manner = Manner { mask: false, arm: None };
            self.prepare(prompt, options, manner, &mut |planner, asked| {
                let id = transport::fresh_id("workflow");
                made = workflow::plan(id, planner, asked.request, asked.names, &shape);
            })?;
            made
        })())
    }

    fn make_plan(&self, prompt: &JsValue, options: &JsValue) -> Result<Plan> {
        let mut made = Err(Error::invalid_input("plan: found nothing to plan"));
        let placed = self.place(options)?;
        let (arm, placed) = placed.map_or((None, None), |(arm, placed)| (Some(arm), Some(placed)));
        let manner = Manner { mask: true, arm };
        let guarded = self.prepare(prompt, options, manner, &mut |planner, asked| {
            let allowance = self.setup.purse.allowance(asked.policy.max_cost, &self.models);
            let id = transport::fresh_id("plan");
            let Asked { request, prompt, names, policy } = asked;
            made = planner.plan_prompt(id, request, prompt, names, policy, &allowance);
        })?;
        let mut plan = made?;
        plan.experiment = placed;
        plan.task = string_field(options, "task")?;
        // What would be refused there is told here, before anything is sent.
        let profile = &self.setup.endpoint.profile;
        profile.check(&plan.request)?;
        plan.notes.extend(profile.notes(&plan.request));
        guarded.mask_request(&mut plan.request)?;
        plan.privacy = self.guard.keep(&plan.id, guarded, &mut plan.notes);
        Ok(plan)
    }

    /// The arm that the options' unit is in: of the experiment that they name, else of the first.
    fn place(&self, options: &JsValue) -> Result<Option<(&Arm, Placed)>> {
        let Some(unit) = string_field(options, "unit")? else { return Ok(None) };
        let named = string_field(options, "experiment")?;
        let wanted = |one: &&Experiment| named.as_ref().is_none_or(|id| one.id == *id);
        match (self.experiments.iter().find(wanted), named) {
            (Some(experiment), _) => Ok(experiment.place(&unit)),
            (None, None) => Ok(None),
            (None, Some(id)) => Err(Error::invalid_input(format!(
                "experiment: found {id:?}, wanted one of the client's experiments"
            ))),
        }
    }

    /// Reads what is to be planned, and hands it to `plan` with what it is planned by.
    fn prepare(
        &self,
        prompt: &JsValue,
        options: &JsValue,
        manner: Manner<'_>,
        plan: &mut dyn FnMut(&Planner<'_>, Asked<'_>),
    ) -> Result<Guarded> {
        let Manner { mask, arm } = manner;
        let mut policy = match (arm.and_then(|arm| arm.policy.clone()), field(options, "policy")) {
            (Some(value), _) => Policy::from_value(value)?,
            (None, Some(value)) => Policy::from_value(to_value("policy", &value)?)?,
            (None, None) => self.policy.clone(),
        };
        if let Some(most) = field(options, "maxCostUsd") {
            let value = to_value("maxCostUsd", &most)?;
            policy.max_cost = Some(Money::from_value("maxCostUsd", &value)?);
        }
        if policy.traffic == Traffic::default() {
            policy.traffic = self.traffic.borrow().clone();
        }
        if policy.calibration.is_empty() {
            policy.calibration = self.kept.calibration();
        }
        let asked = RequestOptions::from_value(to_value("options", options)?)?;
        let mut typed = read_prompt(prompt)?;
        match (arm, &mut typed) {
            (Some(arm), Ok(prompt)) => arm.instruct_prompt(prompt),
            (Some(arm), Err(request)) => arm.instruct(request),
            (None, _) => {}
        }
        let plain = RequestOptions { model: None, tier: Tier::Plain, ..asked.clone() };
        let mut request = match &typed {
            Ok(prompt) => chat::build_request(prompt, &plain, None)?,
            Err(request) => request.clone(),
        };
        let guarded = self.guard.look(options, &mut request, mask)?;
        // What is put together anew for a tier, is put together of masked parts.
        if let (Ok(prompt), true) = (&mut typed, mask) {
            guarded.mask_prompt(prompt);
        }
        let (tier, examples_tokens) = (asked.tier, asked.examples_tokens);
        let put = typed.as_ref().ok().map(|prompt| plan::Asked { prompt, tier, examples_tokens });
        if put.is_none() && (tier != Tier::Plain || examples_tokens.is_some()) {
            return Err(Error::invalid_input(
                "options: tier, examplesTokens: found a request with messages, wanted a prompt",
            ));
        }
        // A client streams unless it is told otherwise: an answer is read as it comes.
        if request.stream.is_none() {
            request.stream = Some(true);
        }
        if request.stream == Some(true) {
            request.extra.entry("stream_options").or_insert_with(|| json!({"include_usage": true}));
        }
        // A model that the options or the request name is the caller's choice; otherwise there is
        // one to be made.
        let placed = arm.and_then(|arm| arm.model.clone());
        let names = match placed.or(asked.model).or_else(|| request.model.clone()) {
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
            provider: Some(&self.setup.endpoint.profile.id),
            horizon: &super::horizon(options)?,
            past: &|name| self.kept.past_answers(name),
            past_inputs: &|name| self.kept.past_inputs(name),
        };
        let prompt = put.as_ref();
        plan(&planner, Asked { request: &request, prompt, names: &names, policy: &policy });
        Ok(guarded)
    }

    /// Plans a list of prompts, to be sent ahead, with what they will cost together.
    ///
    /// # Errors
    /// As [`Client::plan`].
    pub fn precompute(&self, prompts: &JsValue, options: &JsValue) -> Js {
        give((|| {
            if !js_sys::Array::is_array(prompts) {
                return Err(Error::invalid_input("prompts: wanted a list of prompts"));
            }
            let mut plans = Vec::new();
            for prompt in js_sys::Array::from(prompts).iter() {
                plans.push(self.make_plan(&prompt, options)?);
            }
            // One price that is not known makes the sum unknown.
            let mut costs = plans.iter().map(|plan| plan.cost.as_ref().map(|cost| cost.usd));
            let cost = costs.try_fold(MoneyInterval::default(), |sum, cost| sum.checked_add(cost?));
            Ok(json!({"plans": to_json(&plans)?, "cost": to_json(&cost)?}))
        })())
    }

    /// How the caps stand now; null where there are none.
    ///
    /// # Errors
    /// Kind `storage`.
    pub fn budget(&self) -> Promise {
        let purse = self.setup.purse.clone();
        promise(async move { to_js(&purse.state().await?) })
    }

    /// Forgets the kept answers, and says how many there were.
    ///
    /// # Errors
    /// Kind `storage`.
    #[wasm_bindgen(js_name = purgeCache)]
    pub fn purge_cache(&self) -> Promise {
        let setup = self.setup.clone();
        promise(async move {
            match &setup.answers {
                Some(answers) => Ok(answers.purge().await?.into()),
                None => Ok(0.into()),
            }
        })
    }

    /// Sends a plan. Failures come out of the iteration, and stand in the receipt.
    ///
    /// # Errors
    /// Kind `invalid_input` where this is no plan.
    pub fn send(&self, plan: &JsValue, options: &JsValue) -> Js<Answer> {
        thrown((|| {
            let plan = to_value_again("plan", plan)?;
            let mut ticket = Ticket::read(&plan)?;
            ticket.vault = self.guard.vault(&ticket.plan_id);
            routing::remember(&mut self.traffic.borrow_mut(), &plan);
            let signal = match field(options, "signal") {
                None => None,
                Some(value) => Some(value.dyn_into::<AbortSignal>().map_err(|found| {
                    let found = describe(&found);
                    Error::invalid_input(format!("signal: found {found}, wanted an AbortSignal"))
                })?),
            };
            Ok(ride::start(self.setup.clone(), ticket, Stop::new(signal), self.kept.clone()))
        })())
    }

    /// The gateway's live list of models, each with its catalogue entry where it is known. With
    /// `options.merge` this client plans and prices by what the list states.
    ///
    /// # Errors
    /// What the gateway or the network answers instead.
    pub fn models(&self, options: JsValue) -> Promise {
        let setup = self.setup.clone();
        promise(async move {
            let merge = field(&options, "merge").is_some_and(|flag| flag.is_truthy());
            let (list, url) = models::list_models(&setup).await?;
            let day = transport::today();
            let (base, mut own) = (super::catalog::catalog(), Vec::new());
            for entry in &list {
                let id = models::model_id(entry).unwrap_or_default();
                let known = base.find(id).map(|found| found.model);
                let model = gateway::listed(entry, known, &url, &day);
                own.extend(model.map(|model| (id.to_owned(), model)));
            }
            let merged = Rc::new(base.with_listed(own));
            let mut shown = Vec::new();
            for id in list.iter().filter_map(models::model_id) {
                shown.push(super::catalog::listed(&merged, &base, id, &day)?);
            }
            if merge {
                setup.merged.replace(Some(merged));
            }
            to_js(&Value::Array(shown))
        })
    }

    /// Ties feedback to a receipt: in memory at once, in the stored ledger when the promise says so.
    ///
    /// # Errors
    /// Kind `invalid_input` for feedback of another shape, or a receipt that is not here.
    pub fn feedback(&self, receipt_id: &str, feedback: &JsValue) -> Js<Promise> {
        thrown(read_feedback(feedback).and_then(|said| self.kept.say(receipt_id, said)))
    }

    /// The key figures: of this session, or of all that the ledger keeps.
    ///
    /// # Errors
    /// Kind `invalid_input`, naming the option.
    pub fn kpis(&self, options: &JsValue) -> Js {
        give(self.kept.kpis(options))
    }

    /// This session's receipts, without their texts.
    ///
    /// # Errors
    /// None in practice; a conversion may fail.
    pub fn export(&self) -> Js {
        thrown(to_js(&self.kept.export()))
    }

    /// Takes back what an export gave, as JSON or as a table: all of it or nothing.
    ///
    /// # Errors
    /// Kind `invalid_input` where it is no such export, naming what is wrong.
    pub fn import(&self, data: &JsValue) -> Js<Promise> {
        thrown(self.kept.import(data))
    }

    /// The receipts that the ledger keeps: a list, or one text.
    ///
    /// # Errors
    /// Kind `invalid_input`, naming the option; kind `storage`.
    pub fn receipts(&self, options: JsValue) -> Promise {
        let kept = self.kept.clone();
        promise(async move { kept.receipts(&options).await })
    }

    /// Forgets all receipts, what they add up to, and what was said of them; in all tabs.
    ///
    /// # Errors
    /// Kind `storage`.
    pub fn clear(&self) -> Promise {
        let kept = self.kept.clone();
        promise(async move { kept.clear().await.map(|()| JsValue::UNDEFINED) })
    }
}
