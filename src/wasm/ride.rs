//! One request on its way: attempts, the stream, the receipt. What to do about a failure is decided
//! by [`crate::gateway`]; this carries it out.

use super::answer::{Answer, Feed};
use super::client::{Key, read_planned};
use super::convert::{error_to_js, to_js, to_json};
use super::transport::{self, Cause, Failure, Opened, Stop, Timeouts, now_ms};
use super::vocabularies;
use crate::catalog::Catalog;
use crate::chat::{ChatRequest, Usage, adapt, check};
use crate::cost;
use crate::error::{Error, ErrorKind, Result};
use crate::gateway::{self, Course, Decision, Headers, Health, Limits, Profile, Redactor};
use crate::ledger::{
    Attempt, Bill, ErrorRecord, Estimate, Interval, Ledger, Receipt, Sent, Timing,
};
use crate::stream::{self, End, Ending};
use crate::tokens;
use js_sys::Promise;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Most bytes of an error's body that are read.
const ERROR_BODY: usize = 64 * 1024;

/// Most bytes of a list of models: OpenRouter's, the longest known, had 0.6 MB in 2026.
const MODELS_BODY: usize = 16 * 1024 * 1024;

/// What all requests of a client share.
pub(super) struct Setup {
    pub(super) profile: Profile,
    pub(super) key: Key,
    pub(super) timeouts: Timeouts,
    pub(super) retry_budget_ms: u64,
    /// Which models failed lately, over all requests of the client.
    pub(super) health: RefCell<Health>,
    /// The catalogue with the gateway's own list, where that was asked for.
    pub(super) merged: RefCell<Option<Rc<Catalog>>>,
}

impl Setup {
    /// The catalogue that this client plans and prices by.
    pub(super) fn catalog(&self) -> Rc<Catalog> {
        self.merged.borrow().clone().unwrap_or_else(super::catalog::catalog)
    }
}

/// What is sent, read from a plan.
pub(super) struct Ticket {
    plan_id: String,
    model: String,
    request: ChatRequest,
    /// The other candidates that could take it, in order: for a failover.
    others: Vec<String>,
    estimate: Option<Estimate>,
    /// What was expected of the answer before any history.
    typical: Option<Value>,
}

impl Ticket {
    /// Reads a plan that [`crate::plan`] made; JavaScript had it in its hands since.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming what is missing.
    pub(super) fn read(plan: &Value) -> Result<Self> {
        let text = |name: &str| {
            plan.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                Error::invalid_input(format!("plan.{name}: wanted a string; is this a plan?"))
            })
        };
        let request = plan.get("request").cloned().unwrap_or_default();
        let possible =
            |other: &&Value| other.get("possible").and_then(Value::as_bool) == Some(true);
        let others = plan
            .pointer("/route/alternatives")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(possible)
            .filter_map(|other| other.get("model")?.as_str().map(str::to_owned))
            .collect();
        Ok(Self {
            plan_id: text("id")?,
            model: text("model")?,
            request: read_planned(request)?,
            others,
            estimate: read_estimate(plan),
            typical: plan.pointer("/cost/typicalOutputTokens").cloned(),
        })
    }
}

/// The plan's estimate; none where the price was not known.
fn read_estimate(plan: &Value) -> Option<Estimate> {
    let tokens = plan.get("tokens")?;
    let count = |value: &Value, name: &str| value.get(name)?.as_u64();
    let cost = plan.get("cost").filter(|cost| cost.is_object());
    let output = cost.and_then(|cost| cost.get("outputTokens"));
    let output_tokens = match output {
        Some(output) => Interval {
            low: count(output, "low")?,
            expected: count(output, "expected")?,
            high: count(output, "high")?,
        },
        // Nothing was promised of an answer whose model is not known.
        None => return None,
    };
    let usd = |name: &str| cost?.get(name)?.as_str().map(str::to_owned);
    Some(Estimate {
        input_tokens: Interval {
            low: count(tokens, "low")?,
            expected: count(tokens, "tokens")?,
            high: count(tokens, "high")?,
        },
        output_tokens,
        usd: match (usd("low"), usd("expected"), usd("high")) {
            (Some(low), Some(expected), Some(high)) => Some(Interval { low, expected, high }),
            _ => None,
        },
    })
}

/// Starts a request; it goes on whether or not anybody reads the answer.
pub(super) fn start(
    setup: Rc<Setup>,
    ticket: Ticket,
    stop: Stop,
    ledger: Rc<RefCell<Ledger>>,
) -> Answer {
    let feed = Feed::new(stop.clone());
    let mut settle = None;
    let receipt = Promise::new(&mut |resolve, _| settle = Some(resolve));
    let driven = feed.clone();
    let typical = ticket.typical.clone();
    spawn_local(async move {
        let (receipt, thrown) = Ride::new(setup, ticket, stop.clone(), driven.clone()).run().await;
        stop.release();
        // A receipt holds texts and safe integers only: writing it cannot fail.
        let mut receipt = to_json(&receipt).unwrap_or_default();
        let output = receipt.pointer_mut("/comparison/outputTokens").and_then(Value::as_object_mut);
        if let (Some(output), Some(typical)) = (output, typical) {
            output.insert("typical".to_owned(), typical);
        }
        let shown = to_js(&receipt).unwrap_or_default();
        ledger.borrow_mut().add(receipt);
        if let Some(resolve) = settle {
            // A promise's own function does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, &shown);
        }
        driven.end(thrown);
    });
    Answer::new(feed, receipt)
}

/// One request, from the first attempt to the receipt.
struct Ride {
    setup: Rc<Setup>,
    ticket: Ticket,
    stop: Stop,
    feed: Feed,
    started: f64,
    first_piece_ms: Option<f64>,
    attempts: Vec<Attempt>,
    header_usd: Option<String>,
    /// Tries of its own that the gateway reported for the last attempt.
    gateway_retries: u32,
}

impl Ride {
    fn new(setup: Rc<Setup>, ticket: Ticket, stop: Stop, feed: Feed) -> Self {
        Self {
            setup,
            ticket,
            stop,
            feed,
            started: now_ms(),
            first_piece_ms: None,
            attempts: Vec::new(),
            header_usd: None,
            gateway_retries: 0,
        }
    }

    fn elapsed(&self) -> f64 {
        now_ms() - self.started
    }

    /// Everything, up to the receipt and what iteration throws.
    async fn run(mut self) -> (Receipt, Option<JsValue>) {
        let candidates = self.candidates();
        let limits = Limits { budget_ms: self.setup.retry_budget_ms, ..Limits::default() };
        let (mut current, mut tries, mut tried) = (0, 1, Vec::new());
        loop {
            let model = candidates.get(current).map_or_else(String::new, |one| one.model.clone());
            let answer = self.attempt(&model).await;
            let Some(error) = answer.error().cloned() else {
                self.note(candidates.get(current), None);
                return self.settle(answer);
            };
            self.note(candidates.get(current), Some(&error));
            let course = Course {
                candidates: &candidates,
                current,
                tried: &tried,
                tries,
                gateway_retries: self.gateway_retries,
                had_content: answer.has_content(),
                elapsed_ms: self.elapsed() as u64,
                now_ms: now_ms() as u64,
            };
            let health = self.setup.health.borrow().clone();
            match gateway::decide(&course, &error, &limits, &health, js_sys::Math::random()) {
                Decision::GiveUp(_) => return self.settle(answer),
                Decision::Retry { after_ms } => {
                    transport::sleep(after_ms as f64, &self.stop).await;
                    tries += 1;
                }
                Decision::Failover { to } => {
                    tried.push(current);
                    (current, tries) = (to, 1);
                }
            }
            self.stop.forget_timeout();
            if self.stop.cause().is_some() {
                let answer = aborted(&self.setup.profile);
                return self.settle(answer);
            }
        }
    }

    /// The picked model, then the others that could take the request.
    fn candidates(&self) -> Vec<gateway::Candidate> {
        let endpoint = self.setup.profile.base_url.clone().unwrap_or_default();
        let catalog = self.setup.catalog();
        std::iter::once(&self.ticket.model)
            .chain(&self.ticket.others)
            .map(|name| {
                let model = catalog.resolve(name).ok().map(|resolved| resolved.model);
                gateway::Candidate {
                    endpoint: endpoint.clone(),
                    model: name.clone(),
                    context_window: model.and_then(|model| model.context_window),
                    weight: 1.0,
                }
            })
            .collect()
    }

    fn note(&self, candidate: Option<&gateway::Candidate>, error: Option<&Error>) {
        let Some(candidate) = candidate else { return };
        let mut health = self.setup.health.borrow_mut();
        match error {
            Some(error) => health.failed(candidate, error, now_ms() as u64),
            None => health.succeeded(candidate),
        }
    }

    /// One attempt, noted.
    async fn attempt(&mut self, model: &str) -> stream::Answer {
        let started_ms = self.elapsed();
        let answer = self.exchange(model).await;
        self.attempts.push(Attempt {
            model: model.to_owned(),
            endpoint: self.setup.profile.base_url.clone().unwrap_or_default(),
            started_ms,
            duration_ms: self.elapsed() - started_ms,
            gateway_retries: (self.gateway_retries > 0).then_some(self.gateway_retries),
            error: answer.error().map(ErrorRecord::from),
        });
        answer
    }

    /// Sends the request to `model` and reads the answer to its end.
    async fn exchange(&mut self, model: &str) -> stream::Answer {
        self.gateway_retries = 0;
        let profile = self.setup.profile.clone();
        let failed = |error: Error| {
            let mut answer = stream::Answer::new(&profile, None, Redactor::new(None));
            answer.finish(End::Cut(error));
            answer
        };
        let key = match self.setup.key.get().await {
            Ok(key) => key,
            Err(error) => return failed(error),
        };
        let redactor = Redactor::new(key.clone());
        let body = match self.body_for(model) {
            Ok(body) => body,
            Err(error) => return failed(error),
        };
        let http = match profile.request(&body, key.as_ref()) {
            Ok(http) => http,
            Err(error) => return failed(error),
        };
        let opened = transport::open(
            http.method,
            &http.url,
            &http.headers,
            Some(&http.body),
            self.setup.timeouts,
            &self.stop,
        );
        let mut opened = match opened.await {
            Ok(opened) => opened,
            Err(failure) => {
                let mut answer = stream::Answer::new(&profile, None, redactor.clone());
                answer.finish(self.end_of(failure, &http.url, &redactor));
                return answer;
            }
        };
        let headers = opened.headers();
        self.gateway_retries = gateway::attempts_by_gateway(Headers(&headers)).unwrap_or(0);
        let content_type = Headers(&headers).get("content-type").map(str::to_owned);
        if !(200..300).contains(&opened.status()) {
            let error = read_error(&mut opened, &headers, &redactor).await;
            opened.close();
            return if self.stop.cause().is_some() {
                let mut answer = stream::Answer::new(&profile, None, redactor.clone());
                answer.finish(self.end_of(Failure::Stopped, &http.url, &redactor));
                answer
            } else {
                failed(error)
            };
        }
        self.header_usd = profile.cost_from_headers(Headers(&headers));
        let mut answer = stream::Answer::new(&profile, content_type.as_deref(), redactor.clone());
        let end = loop {
            match opened.read().await {
                Ok(Some(bytes)) => {
                    let pieces = answer.push(&bytes);
                    self.hand_over(&pieces);
                    if answer.is_over() {
                        break End::Clean;
                    }
                }
                Ok(None) => break End::Clean,
                Err(failure) => break self.end_of(failure, &http.url, &redactor),
            }
        };
        let pieces = answer.finish(end);
        self.hand_over(&pieces);
        opened.close();
        answer
    }

    fn hand_over(&mut self, pieces: &[stream::Piece]) {
        for piece in pieces {
            if self.first_piece_ms.is_none() {
                self.first_piece_ms = Some(self.elapsed());
            }
            if let Ok(piece) = to_json(piece).and_then(|piece| to_js(&piece)) {
                self.feed.push(piece);
            }
        }
    }

    /// The request as this model takes it.
    fn body_for(&self, model: &str) -> Result<Value> {
        let mut request = self.ticket.request.clone();
        if model != self.ticket.model || request.model.is_none() {
            request.model = Some(model.to_owned());
            if let Ok(resolved) = self.setup.catalog().resolve(model) {
                check(&request, resolved.model)?;
                adapt(&mut request, resolved.model);
            }
        }
        Ok(request.to_value())
    }

    /// What a failure of the network means for the answer.
    fn end_of(&self, failure: Failure, url: &str, redactor: &Redactor) -> End {
        match failure {
            Failure::Invalid(error) => End::Cut(error),
            Failure::Network(words) => End::Cut(gateway::network_error(
                url,
                transport::page_origin().as_deref(),
                transport::is_online(),
                &words,
                redactor,
            )),
            Failure::Stopped => match self.stop.cause() {
                Some(Cause::TimedOut(error)) => End::Cut(error),
                _ => End::Aborted,
            },
        }
    }

    /// The receipt, and what iteration throws.
    fn settle(self, answer: stream::Answer) -> (Receipt, Option<JsValue>) {
        let thrown = match (answer.ending(), self.stop.cause()) {
            (Some(Ending::Errored(error)), _) => Some(error_to_js(error)),
            (Some(Ending::Aborted), Some(Cause::Signal(reason))) => Some(reason),
            _ => None,
        };
        let asked =
            self.attempts.last().map_or(&self.ticket.model, |attempt| &attempt.model).clone();
        let total_ms = self.elapsed();
        let catalog = self.setup.catalog();
        let estimate = self.ticket.estimate.as_ref();
        let sent = Sent {
            id: transport::fresh_id("receipt"),
            plan_id: self.ticket.plan_id,
            estimated_usage: estimated_usage(&catalog, estimate, &asked, &answer),
            model: asked.clone(),
            estimate: self.ticket.estimate,
            timing: Timing { sent_at: self.started, first_piece_ms: self.first_piece_ms, total_ms },
            attempts: self.attempts,
            header_usd: self.header_usd,
        };
        let receipt =
            Receipt::new(sent, &answer, |answered, usage| price(&catalog, answered, &asked, usage));
        (receipt, thrown)
    }
}

/// An answer that was stopped before it began.
fn aborted(profile: &Profile) -> stream::Answer {
    let mut answer = stream::Answer::new(profile, None, Redactor::new(None));
    answer.finish(End::Aborted);
    answer
}

/// Usage counted here: what the plan expected of the input, and the text that came.
fn estimated_usage(
    catalog: &Catalog,
    estimate: Option<&Estimate>,
    model: &str,
    answer: &stream::Answer,
) -> Option<Usage> {
    let resolved = catalog.resolve(model).ok()?;
    let said = format!("{}{}", answer.reasoning(), answer.text());
    let count = tokens::count_content(&said, resolved.model, &vocabularies());
    Some(Usage {
        input_tokens: estimate?.input_tokens.expected,
        output_tokens: count.tokens,
        ..Usage::default()
    })
}

/// What a usage costs on the model that answered, else on the one that was asked.
fn price(catalog: &Catalog, answered: &str, asked: &str, usage: &Usage) -> Option<Bill> {
    let resolved = catalog.resolve(answered).or_else(|_| catalog.resolve(asked)).ok()?;
    let (one, day) = (cost::Extras::default(), transport::today());
    let cost = cost::calculate_model_cost(&resolved, usage, &one, Some(&day)).ok()?.cost;
    Some(Bill {
        usd: cost.usd.to_string(),
        input: Some(cost.input.to_string()),
        output: Some(cost.output.to_string()),
        notes: cost.notes,
    })
}

/// Reads an error's body, or as much of it as is worth reading, and says what it means.
async fn read_error(
    opened: &mut Opened,
    headers: &[(String, String)],
    redactor: &Redactor,
) -> Error {
    let mut body = Vec::new();
    while body.len() < ERROR_BODY {
        match opened.read().await {
            Ok(Some(bytes)) => body.extend_from_slice(&bytes),
            Ok(None) | Err(_) => break,
        }
    }
    gateway::classify_error(&gateway::Failure {
        status: Some(opened.status()),
        headers: Headers(headers),
        body: &String::from_utf8_lossy(&body),
        now_ms: now_ms() as u64,
        redactor,
    })
}

/// What the gateway lists at `{base}/models`, and that address.
///
/// # Errors
/// What the gateway or the network answers instead.
pub(super) async fn list_models(setup: &Setup) -> Result<(Vec<Value>, String)> {
    let key = setup.key.get().await?;
    let redactor = Redactor::new(key.clone());
    let url = setup.profile.models_url()?;
    let headers: Vec<_> = setup
        .profile
        .request_headers(key.as_ref())
        .into_iter()
        // There is no content to have a type.
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .collect();
    let stop = Stop::default();
    let failed = |failure: Failure| match failure {
        Failure::Invalid(error) => error,
        Failure::Network(words) => gateway::network_error(
            &url,
            transport::page_origin().as_deref(),
            transport::is_online(),
            &words,
            &redactor,
        ),
        Failure::Stopped => match stop.cause() {
            Some(Cause::TimedOut(error)) => error,
            _ => Error::new(ErrorKind::Aborted, "models: stopped"),
        },
    };
    let mut opened = transport::open("GET", &url, &headers, None, setup.timeouts, &stop)
        .await
        .map_err(failed)?;
    let received = opened.headers();
    if !(200..300).contains(&opened.status()) {
        return Err(read_error(&mut opened, &received, &redactor).await);
    }
    let mut body = Vec::new();
    while let Some(bytes) = opened.read().await.map_err(failed)? {
        body.extend_from_slice(&bytes);
        if body.len() > MODELS_BODY {
            opened.close();
            return Err(Error::new(
                ErrorKind::Protocol,
                format!("models: found more than {MODELS_BODY} bytes, wanted a list of models"),
            ));
        }
    }
    // OpenAI's shape is { data: [{ id }] }; some gateways give the bare list.
    let body = String::from_utf8_lossy(&body);
    let value: Value = serde_json::from_str(&body).unwrap_or_default();
    let list = value.get("data").unwrap_or(&value).as_array().ok_or_else(|| {
        gateway::not_an_answer("something else than a list of models", &body, &redactor)
    })?;
    Ok((list.clone(), url))
}

/// The name in an entry of a list, or the entry itself where it is only a name.
pub(super) fn model_id(entry: &Value) -> Option<&str> {
    entry.get("id").unwrap_or(entry).as_str()
}
