//! One request on its way: attempts, the stream, the receipt. What to do about a failure is decided
//! by [`crate::gateway`]; this carries it out.

mod exchange;

use crate::json::{Fields, json};
pub(super) use exchange::read_error;
use exchange::{Came, hand_over};

use super::answer::{Answer, Feed};
use super::answers::Answers;
use super::budget::{Outcome, Purse, Ready};
use super::convert::{error_to_js, to_js, to_json};
use super::endpoint::Endpoint;
use super::gate::{Gate, Pass};
use super::guard;
use super::ledger::Kept;
use super::sink::{Sink, Trace};
use super::ticket::Ticket;
use super::transport::{self, Cause, Stop, Timeouts, now_ms};
use super::vocabularies;
use crate::catalog::Catalog;
use crate::chat::Usage;
use crate::cost::{self, Money};
use crate::error::{Error, ErrorKind, Result};
use crate::gateway::{self, Course, Decision, Health, Limits, Profile, Redactor};
use crate::ledger::{Attempt, Bill, CostSource, ErrorRecord, Estimate, Receipt, Sent, Timing};
use crate::stream::{self, End, Ending};
use crate::tokens;
use js_sys::Promise;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// What all requests of a client share.
pub(super) struct Setup {
    /// Where requests go; of several, the one that is named first.
    pub(super) endpoint: Endpoint,
    /// The others.
    pub(super) more: Vec<Endpoint>,
    pub(super) timeouts: Timeouts,
    pub(super) limits: Limits,
    /// Lets so many requests out at once.
    pub(super) gate: Gate,
    /// Answers that are kept, where that was asked for.
    pub(super) answers: Option<Answers>,
    /// Which models failed lately, over all requests of the client.
    pub(super) health: RefCell<Health>,
    /// The catalogue with the gateway's own list, where that was asked for.
    pub(super) merged: RefCell<Option<Rc<Catalog>>>,
    /// The caps, and what is spent and reserved.
    pub(super) purse: Rc<Purse>,
    /// Who is told of receipts, where that was asked for.
    pub(super) sink: Option<Sink>,
}

impl Setup {
    /// All places that answer.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.endpoint).chain(&self.more)
    }

    /// The catalogue that this client plans and prices by.
    pub(super) fn catalog(&self) -> Rc<Catalog> {
        self.merged.borrow().clone().unwrap_or_else(super::catalog::catalog)
    }
}

/// Starts a request; it goes on whether or not anybody reads the answer.
pub(super) fn start(setup: Rc<Setup>, ticket: Ticket, stop: Stop, kept: Rc<Kept>) -> Answer {
    let (masked, vault) = (ticket.masked, ticket.vault.clone());
    let feed = Feed::new(stop.clone(), vault.clone().map(stream::Unmask::new));
    let mut settle = None;
    let receipt = Promise::new(&mut |resolve, _| settle = Some(resolve));
    let driven = feed.clone();
    let typical = ticket.typical.clone();
    let experiment = ticket.experiment.clone();
    let trace = setup.sink.as_ref().and_then(Sink::begin);
    let told = setup.clone();
    let (record, request) = (ticket.record.clone(), ticket.request.clone());
    super::spawn(async move {
        let (mut receipt, thrown, budget) =
            Ride::new(setup, ticket, stop.clone(), driven.clone(), trace.clone()).run().await;
        stop.release();
        // What was masked is not kept in clear either.
        let noted = kept.note(record, &receipt, &request);
        if let Some(vault) = &vault {
            guard::restore(&mut receipt, vault);
        }
        driven.end(thrown);
        let noted = kept.noted(noted).await;
        // A receipt holds texts and safe integers only: writing it cannot fail.
        let mut shown = to_json(&receipt).unwrap_or_default();
        let output = shown.pointer_mut("/comparison/outputTokens").and_then(Value::as_object_mut);
        if let (Some(output), Some(typical)) = (output, typical) {
            output.put("typical", typical);
        }
        for (name, value) in [("budget", budget), ("ledger", noted), ("experiment", experiment)] {
            if let (Some(fields), Some(value)) = (shown.as_object_mut(), value) {
                fields.insert(name.to_owned(), value);
            }
        }
        if let (Some(fields), Some(trace)) = (shown.as_object_mut(), &trace) {
            let ids = json!({"traceId": trace.trace_id, "spanId": trace.span_id});
            fields.put("trace", ids);
        }
        if let (Some(fields), true) = (shown.as_object_mut(), masked > 0) {
            fields.put("privacy", guard::told(masked, vault.is_some()));
        }
        let shown = to_js(&shown).unwrap_or_default();
        if let Some(sink) = &told.sink {
            sink.record(&shown, &to_js(&request.to_value()).unwrap_or_default());
        }
        if let Some(resolve) = settle {
            // A promise's own function does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, &shown);
        }
        kept.judge(&receipt, &shown).await;
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
    came: Rc<Cell<Came>>,
    attempts: Vec<Attempt>,
    header_usd: Option<String>,
    /// Tries of its own that the gateway reported for the last attempt.
    gateway_retries: u32,
    queued_ms: f64,
    cached: bool,
    /// Whether the request of the last attempt left the page.
    left: bool,
    /// What became of each reservation.
    settled: Vec<Value>,
    /// By what it is found in traces.
    trace: Option<Trace>,
}

/// What a ride ends with: the receipt, what iteration throws, and what became of the budget.
type Ended = (Receipt, Option<JsValue>, Option<Value>);

impl Ride {
    fn new(setup: Rc<Setup>, ticket: Ticket, stop: Stop, feed: Feed, trace: Option<Trace>) -> Self {
        Self {
            setup,
            ticket,
            stop,
            feed,
            started: now_ms(),
            came: Rc::default(),
            attempts: Vec::new(),
            header_usd: None,
            gateway_retries: 0,
            queued_ms: 0.0,
            cached: false,
            left: false,
            settled: Vec::new(),
            trace,
        }
    }

    fn elapsed(&self) -> f64 {
        now_ms() - self.started
    }

    /// Everything, up to the receipt and what iteration throws.
    async fn run(mut self) -> Ended {
        // Held until all is settled: the next request finds what this one did not spend.
        let mut pass = None;
        let (answer, ready) = self.drive(&mut pass).await;
        self.settle(answer, ready).await
    }

    /// Attempts, until one of them is the answer; and what is still reserved for it.
    async fn drive(&mut self, pass: &mut Option<Pass>) -> (stream::Answer, Option<Ready>) {
        let setup = self.setup.clone();
        let kept = match &setup.answers {
            Some(answers) => answers.find(&self.ticket.request, &self.ticket.model).await,
            None => None,
        };
        if let Some(answer) = kept.filter(|_| self.stop.cause().is_none()) {
            hand_over(&self.feed, &answer.0, self.started, &self.came);
            self.cached = true;
            return (answer.1, None);
        }
        *pass = setup.gate.enter(&self.stop).await;
        self.queued_ms = self.elapsed();
        self.started = now_ms();
        if pass.is_none() {
            let answer = aborted(&setup.endpoint.profile);
            return (answer, None);
        }
        let (candidates, places) = self.candidates();
        let (mut current, mut tries, mut tried) = (0, 1, Vec::new());
        let mut failed = None;
        loop {
            let (Some(candidate), Some(endpoint)) = (
                candidates.get(current),
                places.get(current).and_then(|place| setup.endpoints().nth(*place)),
            ) else {
                let answer = aborted(&setup.endpoint.profile);
                return (answer, None);
            };
            let ready = match self.reserve(endpoint, &candidate.model).await {
                Ok(ready) => ready,
                Err(error) => {
                    self.settled.push(Purse::refused(&error));
                    // Where an attempt failed before, that is what went wrong.
                    let answer = failed.unwrap_or_else(|| {
                        let mut answer =
                            stream::Answer::new(&endpoint.profile, None, Redactor::new(None));
                        answer.finish(End::Cut(error));
                        answer
                    });
                    return (answer, None);
                }
            };
            let answer = self.attempt(endpoint, &candidate.model).await;
            let Some(error) = answer.error().cloned() else {
                self.note(candidate, None);
                self.keep(&answer).await;
                return (answer, ready);
            };
            self.note(candidate, Some(&error));
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
            let health = setup.health.borrow().clone();
            match gateway::decide(&course, &error, &setup.limits, &health, js_sys::Math::random()) {
                Decision::GiveUp(_) => return (answer, ready),
                Decision::Retry { after_ms } => {
                    self.let_go(ready, &answer).await;
                    transport::sleep(after_ms as f64, &self.stop).await;
                    tries += 1;
                }
                Decision::Failover { to } => {
                    self.let_go(ready, &answer).await;
                    tried.push(current);
                    (current, tries) = (to, 1);
                }
            }
            self.stop.forget_timeout();
            if self.stop.cause().is_some() {
                let answer = aborted(&setup.endpoint.profile);
                return (answer, None);
            }
            failed = Some(answer);
        }
    }

    /// Holds ready what one attempt can cost at most. Each attempt has its own: the one before may
    /// have been billed too.
    async fn reserve(&self, endpoint: &Endpoint, model: &str) -> Result<Option<Ready>> {
        let (purse, fund) = (&self.setup.purse, &self.ticket.fund);
        if !purse.counts(fund.request) {
            return Ok(None);
        }
        let catalog = self.setup.catalog();
        let most = fund.most(&catalog, &self.ticket.request, model, &endpoint.profile.id);
        purse.reserve(model, most, fund.request).await.map(Some)
    }

    /// Settles an attempt that others follow: it brought no bill.
    async fn let_go(&mut self, ready: Option<Ready>, answer: &stream::Answer) {
        if let Some(ready) = ready {
            let outcome =
                if self.may_be_billed(answer) { Outcome::Unknown } else { Outcome::Unused };
            let settled = self.setup.purse.settle(ready, outcome).await;
            self.settled.push(settled);
        }
    }

    /// Whether an attempt without a bill may be billed all the same. One that was refused is not;
    /// one whose answer got lost on the way may be.
    fn may_be_billed(&self, answer: &stream::Answer) -> bool {
        if !self.left || answer.has_content() {
            return self.left;
        }
        match answer.error() {
            None => true,
            Some(error) => match error.status() {
                // A server in between gave up waiting; 520 to 527 are Cloudflare's words for it
                // (developers.cloudflare.com, 2026-11-22).
                Some(status) => {
                    matches!(status, 200..=299 | 408 | 502 | 504 | 520..=527)
                }
                None => error.kind() != ErrorKind::InvalidInput,
            },
        }
    }

    /// Keeps the answer for the same request, where that was asked for.
    async fn keep(&self, answer: &stream::Answer) {
        let model = self.attempts.last().map(|attempt| &attempt.model);
        if let (Some(answers), Some(model)) = (&self.setup.answers, model)
            && *model == self.ticket.model
        {
            answers.keep(&self.ticket.request, model, answer).await;
        }
    }

    /// The picked model at each endpoint, then the others that could take the request, in the order
    /// in which they are to be tried; and the endpoint of each.
    fn candidates(&mut self) -> (Vec<gateway::Candidate>, Vec<usize>) {
        let setup = self.setup.clone();
        let catalog = setup.catalog();
        let others = self.ticket.others.iter().filter(|_| setup.limits.failover);
        let mut given = Vec::new();
        for name in std::iter::once(&self.ticket.model).chain(others) {
            let model = catalog.resolve(name).ok().map(|resolved| resolved.model);
            given.extend(setup.endpoints().map(|endpoint| gateway::Candidate {
                endpoint: endpoint.name.clone(),
                model: name.clone(),
                context_window: model.and_then(|model| model.context_window),
                weight: endpoint.weight,
            }));
        }
        let (health, now) = (setup.health.borrow(), now_ms() as u64);
        let order = health.order(&given, now, js_sys::Math::random);
        let count = self.setup.more.len() + 1;
        let places = order.iter().map(|at| at % count).collect();
        let candidates: Vec<_> = order.iter().filter_map(|at| given.get(*at).cloned()).collect();
        if candidates.first().is_some_and(|first| first.model != self.ticket.model) {
            let picked = candidates.iter().filter(|other| other.model == self.ticket.model);
            self.attempts
                .extend(picked.map(|other| passed_over(other, health.cools_ms(other, now))));
        }
        (candidates, places)
    }

    fn note(&self, candidate: &gateway::Candidate, error: Option<&Error>) {
        let mut health = self.setup.health.borrow_mut();
        match error {
            Some(error) => health.failed(candidate, error, now_ms() as u64),
            None => health.succeeded(candidate),
        }
    }

    /// One attempt, noted.
    async fn attempt(&mut self, endpoint: &Endpoint, model: &str) -> stream::Answer {
        let started_ms = self.elapsed();
        let answer = self.exchange(endpoint, model).await;
        self.attempts.push(Attempt {
            model: model.to_owned(),
            endpoint: endpoint.name.clone(),
            skipped: false,
            started_ms,
            duration_ms: self.elapsed() - started_ms,
            gateway_retries: (self.gateway_retries > 0).then_some(self.gateway_retries),
            error: answer.error().map(ErrorRecord::from),
        });
        answer
    }

    /// The receipt, what iteration throws, and the end of the reservation.
    async fn settle(mut self, answer: stream::Answer, ready: Option<Ready>) -> Ended {
        let thrown = match (answer.ending(), self.stop.cause()) {
            (Some(Ending::Errored(error)), _) => Some(error_to_js(error)),
            (Some(Ending::Aborted), Some(Cause::Signal(reason))) => Some(reason),
            _ => None,
        };
        let asked =
            self.attempts.last().map_or(&self.ticket.model, |attempt| &attempt.model).clone();
        let (total_ms, came) = (self.elapsed(), self.came.get());
        let may_be_billed = self.may_be_billed(&answer);
        let catalog = self.setup.catalog();
        let estimate = self.ticket.estimate.as_ref();
        let sent = Sent {
            id: transport::fresh_id("receipt"),
            plan_id: self.ticket.plan_id,
            estimated_usage: match answer.usage() {
                Some(_) => None,
                None => estimated_usage(&catalog, estimate, &asked, &answer),
            },
            model: asked.clone(),
            estimate: self.ticket.estimate,
            timing: Timing {
                sent_at: self.started,
                first_piece_ms: came.first_ms,
                last_piece_ms: came.last_ms,
                pieces: came.pieces,
                total_ms,
                queued_ms: self.queued_ms,
            },
            cached: self.cached,
            attempts: self.attempts,
            header_usd: self.header_usd,
        };
        let receipt =
            Receipt::new(sent, &answer, |answered, usage| price(&catalog, answered, &asked, usage));
        if let Some(ready) = ready {
            let cost = receipt.cost.as_ref().and_then(|bill| Money::parse(&bill.usd).ok());
            let outcome = match cost {
                Some(cost) if receipt.cost_source == CostSource::Estimated => {
                    Outcome::Estimated(cost)
                }
                Some(cost) => Outcome::Billed(cost),
                None if may_be_billed => Outcome::Unknown,
                None => Outcome::Unused,
            };
            self.settled.push(self.setup.purse.settle(ready, outcome).await);
        }
        let budget = self.setup.purse.told(self.settled);
        (receipt, thrown, budget)
    }
}

/// A candidate that was not tried, because it failed lately.
fn passed_over(candidate: &gateway::Candidate, cools_ms: u64) -> Attempt {
    let words = format!("not tried: it failed lately, and cools down for another {cools_ms} ms");
    Attempt {
        model: candidate.model.clone(),
        endpoint: candidate.endpoint.clone(),
        skipped: true,
        started_ms: 0.0,
        duration_ms: 0.0,
        gateway_retries: None,
        error: Some(ErrorRecord::from(&Error::new(ErrorKind::Overloaded, words))),
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
