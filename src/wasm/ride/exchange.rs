//! One attempt: the request out, the answer in.

use super::super::answer::Feed;
use super::super::endpoint::Endpoint;
use super::super::transport::{self, Cause, Failure, Opened, now_ms};
use super::{Ride, aborted};
use crate::chat::{adapt, check};
use crate::error::{Error, ErrorKind, Result};
use crate::gateway::{self, Headers, Redactor};
use crate::stream::{self, End};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Most bytes of an error's body that are read.
const ERROR_BODY: usize = 64 * 1024;

impl Ride {
    /// Sends the request to `model` and reads the answer to its end.
    pub(super) async fn exchange(&mut self, endpoint: &Endpoint, model: &str) -> stream::Answer {
        self.gateway_retries = 0;
        self.left = false;
        let profile = &endpoint.profile;
        let failed = |error: Error| {
            let mut answer = stream::Answer::new(profile, None, Redactor::new(None));
            answer.finish(End::Cut(error));
            answer
        };
        let key = endpoint.key.get(&self.stop).await;
        if self.stop.cause().is_some() {
            return aborted(profile);
        }
        let key = match key {
            Ok(key) => key,
            Err(error) => return failed(error),
        };
        let redactor = Redactor::new(key.clone());
        let body = match self.body_for(model) {
            Ok(body) => body,
            Err(error) => return failed(error),
        };
        let mut http = match profile.request(&body, key.as_ref()) {
            Ok(http) => http,
            Err(error) => return failed(error),
        };
        if let Some(trace) = &self.trace
            && (profile.trace_context || transport::is_same_origin(&http.url))
        {
            http.headers.push(("traceparent".to_owned(), trace.header()));
        }
        // A page that is offline gets nothing out.
        self.left = self.stop.cause().is_none() && transport::is_online() != Some(false);
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
                let mut answer = stream::Answer::new(profile, None, redactor.clone());
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
            // A body that does not come takes nothing from what the status says.
            return if matches!(self.stop.cause(), Some(Cause::Signal(_) | Cause::Left)) {
                let mut answer = stream::Answer::new(profile, None, redactor.clone());
                answer.finish(self.end_of(Failure::Stopped, &http.url, &redactor));
                answer
            } else {
                failed(error)
            };
        }
        // A stream's headers are written before its cost is known (LiteLLM then says 0).
        let streams = content_type.as_deref().is_some_and(|kind| kind.contains("event-stream"));
        self.header_usd = if streams { None } else { profile.cost_from_headers(Headers(&headers)) };
        let answer = stream::Answer::new(profile, content_type.as_deref(), redactor.clone());
        let answer = Rc::new(RefCell::new(Some(answer)));
        let (reading, feed) = (answer.clone(), self.feed.clone());
        let (started, came) = (self.started, self.came.clone());
        let poured = opened.pour(Box::new(move |bytes| {
            let mut answer = reading.borrow_mut();
            let Some(answer) = &mut *answer else { return false };
            hand_over(&feed, &answer.push(bytes), started, &came);
            !answer.is_over()
        }));
        let poured = poured.await;
        let end = poured
            .map_or_else(|failure| self.end_of(failure, &http.url, &redactor), |()| End::Clean);
        opened.close();
        // The reader of the body may live on for a while; the answer does not stay with it.
        let Some(mut answer) = answer.take() else {
            return failed(Error::new(ErrorKind::Protocol, "answer: read twice"));
        };
        hand_over(&self.feed, &answer.finish(end), self.started, &self.came);
        answer
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
}

/// When pieces came, from the start of the request.
#[derive(Clone, Copy, Default)]
pub(super) struct Came {
    pub(super) first_ms: Option<f64>,
    pub(super) last_ms: Option<f64>,
    pub(super) pieces: u64,
}

/// Gives pieces to whoever reads, and notes when they came.
pub(super) fn hand_over(feed: &Feed, pieces: &[stream::Piece], started: f64, came: &Cell<Came>) {
    if !pieces.is_empty() {
        let (before, now) = (came.get(), now_ms() - started);
        came.set(Came {
            first_ms: before.first_ms.or(Some(now)),
            last_ms: Some(now),
            pieces: before.pieces + pieces.len() as u64,
        });
    }
    for piece in pieces {
        feed.push(piece);
    }
}

/// Reads an error's body, or as much of it as is worth reading, and says what it means.
pub(in super::super) async fn read_error(
    opened: &mut Opened,
    headers: &[(String, String)],
    redactor: &Redactor,
) -> Error {
    let (body, _) = opened.body(ERROR_BODY).await;
    gateway::classify_error(&gateway::Failure {
        status: Some(opened.status()),
        headers: Headers(headers),
        body: &String::from_utf8_lossy(&body),
        now_ms: now_ms() as u64,
        redactor,
    })
}
