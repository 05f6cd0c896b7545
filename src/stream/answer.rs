//! The answer as it grows: bytes in, pieces out, and one ending that is true. Neither `[DONE]` nor
//! a `finish_reason` means success by itself (gateways send both after errors), and text that came
//! is kept whatever the ending.

use super::calls::Calls;
use super::chunk::{ChatChunk, ToolCallDelta, has_error};
use super::ending::{End, Ending, early};
use super::quick;
use super::sse::{Decoder, EVENT_LIMIT, Event};
use super::surrogate::{Halves, mend};
use crate::chat::{ToolCall, Usage};
use crate::error::{Error, ErrorKind};
use crate::gateway::{Places, Profile, Redactor, classify_value, not_an_answer};
use serde::Serialize;
use serde_json::Value;

/// The next part of an answer: at least one of its fields is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// Text for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The model's reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// Why the model declines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Parts of tool calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCallDelta>,
}

/// What the bytes turn out to be.
#[derive(Debug)]
enum Form {
    /// Not a byte yet that tells.
    Unknown,
    /// Server-sent events.
    Events,
    /// JSON, kept until it is whole.
    Json(Vec<u8>),
    /// Something else: only its beginning is kept, for the message.
    Other(Vec<u8>),
}

/// How much of a body that is no answer is kept, in bytes.
const EXCERPT: usize = 2048;

/// The state of one answer. No network, no time: bytes are pushed in, then one end.
#[derive(Debug)]
pub struct Answer {
    places: Places,
    /// Whether common chunks may be read the quick way.
    quick: bool,
    may_end_without_finish_reason: bool,
    redactor: Redactor,
    content_type: Option<String>,
    form: Form,
    decoder: Decoder,
    /// The beginning of the bytes, until the first event shows that they are a stream.
    head: Vec<u8>,
    events: Vec<Event>,
    chunks: usize,
    text: String,
    reasoning: String,
    refusal: String,
    calls: Calls,
    halves: [Halves; 3],
    id: Option<String>,
    model: Option<String>,
    provider: Option<String>,
    finish_reason: Option<String>,
    usage: Option<Usage>,
    charged_usd: Option<String>,
    error: Option<Error>,
    done: bool,
    ending: Option<Ending>,
}

impl Answer {
    /// An answer of this gateway. `content_type` is the header's value, where it can be read;
    /// `redactor` takes the key out of what the gateway says.
    pub fn new(profile: &Profile, content_type: Option<&str>, redactor: Redactor) -> Self {
        Self {
            places: profile.places.clone(),
            quick: quick::suits(&profile.places),
            may_end_without_finish_reason: profile.may_end_without_finish_reason,
            redactor,
            content_type: content_type.map(str::to_ascii_lowercase),
            form: Form::Unknown,
            decoder: Decoder::new(),
            head: Vec::new(),
            events: Vec::new(),
            chunks: 0,
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            calls: Calls::default(),
            halves: Default::default(),
            id: None,
            model: None,
            provider: None,
            finish_reason: None,
            usage: None,
            charged_usd: None,
            error: None,
            done: false,
            ending: None,
        }
    }

    /// Reads the next bytes of the response and gives what they add to the answer. After the end
    /// nothing is added.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if self.ending.is_some() {
            return pieces;
        }
        if matches!(self.form, Form::Unknown) {
            match self.tell_form(bytes) {
                Some(form) => self.form = form,
                // Blank so far: blank lines mean nothing in any form.
                None => return pieces,
            }
        }
        match &mut self.form {
            Form::Json(body) => {
                if body.len().saturating_add(bytes.len()) > EVENT_LIMIT {
                    let words = format!("answer: more than {EVENT_LIMIT} bytes in one JSON body");
                    self.error.get_or_insert(Error::new(ErrorKind::Protocol, words));
                    self.form = Form::Other(Vec::new());
                } else {
                    body.extend_from_slice(bytes);
                }
            }
            Form::Other(body) => keep_beginning(body, bytes),
            Form::Events | Form::Unknown => {
                if self.chunks == 0 {
                    keep_beginning(&mut self.head, bytes);
                }
                let mut events = std::mem::take(&mut self.events);
                let result = self.decoder.push(bytes, &mut events);
                for event in events.drain(..) {
                    self.take_event(event, &mut pieces);
                }
                self.events = events;
                if let Err(error) = result {
                    self.error.get_or_insert(error);
                }
            }
        }
        pieces
    }

    /// Reads a whole body that was not streamed. The same as [`Answer::push`] of all of it and a
    /// clean end.
    pub fn push_body(&mut self, body: &[u8]) -> Vec<Piece> {
        let mut pieces = self.push(body);
        pieces.extend(self.finish(End::Clean));
        pieces
    }

    /// Ends the answer, once; a second call changes nothing. What was still held back (an event
    /// without its blank line, a JSON body) comes out as pieces. Then [`Answer::ending`] is there.
    pub fn finish(&mut self, end: End) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if self.ending.is_some() {
            return pieces;
        }
        self.decoder.finish(&mut self.events);
        for event in std::mem::take(&mut self.events) {
            self.take_event(event, &mut pieces);
        }
        match std::mem::replace(&mut self.form, Form::Unknown) {
            Form::Json(body) => self.take_body(&body, &end, &mut pieces),
            Form::Other(body) if self.error.is_none() => {
                let found = match &self.content_type {
                    Some(kind) => format!("content of type {kind:?}"),
                    None => "something else".to_owned(),
                };
                self.error = Some(self.no_answer(&found, &body));
            }
            Form::Events if self.chunks == 0 && end == End::Clean => {
                let head = std::mem::take(&mut self.head);
                self.take_eventless(&head, &mut pieces);
            }
            _ => {}
        }
        self.end_halves(&mut pieces);
        self.ending = Some(self.end_as(end));
        pieces
    }

    /// The ending, once there is one.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Nothing worth waiting for follows: the stream said `[DONE]`, or told an error. The network
    /// may be closed now.
    pub fn is_over(&self) -> bool {
        self.done || self.error.is_some() || self.ending.is_some()
    }

    /// Whether any content came. From then on neither a retry nor a failover is allowed.
    pub fn has_content(&self) -> bool {
        !(self.text.is_empty()
            && self.reasoning.is_empty()
            && self.refusal.is_empty()
            && self.calls.list().is_empty())
    }

    /// What went wrong: the first error inside the answer, or what cut it.
    pub fn error(&self) -> Option<&Error> {
        match &self.ending {
            Some(Ending::Errored(error)) => Some(error),
            _ => self.error.as_ref(),
        }
    }

    /// All text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All reasoning so far.
    pub fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// Why the model declined, where it did so apart from the text.
    pub fn refusal(&self) -> &str {
        &self.refusal
    }

    /// The tool calls so far, put together from their parts.
    pub fn tool_calls(&self) -> &[ToolCall] {
        self.calls.list()
    }

    /// The answer's id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The model that the gateway says answered.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The provider behind the gateway, where it says so.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Why it ended, in the gateway's word.
    pub fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }

    /// The usage that the gateway reported last.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// What the gateway says it charged: USD, a decimal string.
    pub fn charged_usd(&self) -> Option<&str> {
        self.charged_usd.as_deref()
    }

    /// The first byte that is not blank tells: JSON begins with a bracket, HTML with `<`. The
    /// header decides only where the byte does not, because gateways send either under the wrong
    /// type.
    fn tell_form(&self, bytes: &[u8]) -> Option<Form> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
        let is = |kind: &str| self.content_type.as_deref().is_some_and(|t| t.contains(kind));
        Some(match first {
            b'{' | b'[' => Form::Json(Vec::new()),
            b'<' => Form::Other(Vec::new()),
            b':' | b'd' | b'e' | b'i' | b'r' => Form::Events,
            _ if is("json") => Form::Json(Vec::new()),
            _ if is("html") => Form::Other(Vec::new()),
            _ => Form::Events,
        })
    }

    fn take_event(&mut self, event: Event, pieces: &mut Vec<Piece>) {
        let data = event.data.trim();
        if data == "[DONE]" || data == "\"[DONE]\"" {
            self.done = true;
            self.chunks = self.chunks.saturating_add(1);
            return;
        }
        // An event without data keeps the connection alive, and so does a named one like "ping".
        let name = event.event.as_deref().unwrap_or_default();
        if data.is_empty() || matches!(name, "ping" | "heartbeat" | "keepalive" | "keep-alive") {
            return;
        }
        self.head = Vec::new();
        if self.quick && name != "error" {
            let known = [self.id.as_deref(), self.model.as_deref(), self.provider.as_deref()];
            if let Some(chunk) = quick::read(data, known) {
                return self.take_chunk(chunk, false, pieces);
            }
        }
        let (value, mended) = parse(data);
        match value {
            Ok(value) if name == "error" && !has_error(&value) => {
                self.chunks = self.chunks.saturating_add(1);
                self.fail(classify_value(&value, &self.redactor));
            }
            Ok(Value::Array(list)) => {
                for value in list {
                    let chunk = ChatChunk::read(value, &self.places);
                    self.take_chunk(chunk, mended, pieces);
                }
            }
            Ok(value @ Value::Object(_)) => {
                let chunk = ChatChunk::read(value, &self.places);
                self.take_chunk(chunk, mended, pieces);
            }
            Ok(_) | Err(_) if name == "error" => {
                self.chunks = self.chunks.saturating_add(1);
                self.fail(classify_value(&Value::String(data.to_owned()), &self.redactor));
            }
            // Part of the answer is lost: going on as if nothing were would be a lie.
            Ok(_) | Err(_) => {
                self.chunks = self.chunks.saturating_add(1);
                let shown: String = self.redactor.redact(data).chars().take(120).collect();
                self.fail(Error::new(
                    ErrorKind::Protocol,
                    format!("chunk {}: found {shown:?}, wanted a JSON object", self.chunks),
                ));
            }
        }
    }

    fn take_chunk(&mut self, chunk: ChatChunk, mended: bool, pieces: &mut Vec<Piece>) {
        self.chunks = self.chunks.saturating_add(1);
        // However the bytes are cut: behind the end only usage counts.
        let over = self.is_over();
        let replace = |mine: &mut Option<String>, new: Option<String>| {
            if new.is_some() {
                *mine = new;
            }
        };
        replace(&mut self.id, chunk.id);
        replace(&mut self.model, chunk.model);
        replace(&mut self.provider, chunk.provider);
        replace(&mut self.charged_usd, chunk.charged_usd);
        if chunk.usage.is_some() {
            self.usage = chunk.usage;
        }
        if over {
            return;
        }
        // One that says "early" is not taken back by one that says "whole".
        if let Some(reason) = chunk.finish_reason
            && self.finish_reason.as_deref().is_none_or(|old| early(old).is_none())
        {
            self.finish_reason = Some(reason);
        }
        if let Some(error) = &chunk.error {
            self.fail(classify_value(error, &self.redactor));
        }
        let mut piece = Piece::default();
        let [text, reasoning, refusal] = &mut self.halves;
        let take = |all: &mut String, halves: &mut Halves, new: String| {
            let new = halves.join(new, mended);
            all.push_str(&new);
            (!new.is_empty()).then_some(new)
        };
        piece.text = take(&mut self.text, text, chunk.text);
        piece.reasoning = take(&mut self.reasoning, reasoning, chunk.reasoning);
        piece.refusal = take(&mut self.refusal, refusal, chunk.refusal);
        for (at, delta) in chunk.tool_calls.into_iter().enumerate() {
            piece.tool_calls.push(self.calls.take(delta, chunk.has_index, at, mended));
        }
        if piece != Piece::default() {
            give(pieces, piece);
        }
    }

    /// A JSON body: a chat completion, or an error under a good status.
    fn take_body(&mut self, body: &[u8], end: &End, pieces: &mut Vec<Piece>) {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let (value, mended) = parse(&String::from_utf8_lossy(body));
        match value {
            Ok(value) => self.take_value(value, mended, pieces),
            // A cut body cannot be read; the cut is the cause and says more.
            Err(_) if *end != End::Clean => {}
            Err(_) => self.error = Some(self.no_answer("JSON that breaks off or is broken", body)),
        }
    }

    fn take_value(&mut self, value: Value, mended: bool, pieces: &mut Vec<Piece>) {
        let has_choices = value.get("choices").is_some_and(Value::is_array);
        match value {
            Value::Null => {
                // What LiteLLM makes of a provider's 422 (measured on 1.106.2).
                let error = not_an_answer(
                    "null (some gateways answer so when the provider \
                                           refused the request)",
                    "",
                    &self.redactor,
                );
                self.fail(error);
            }
            Value::Object(_) if has_choices || has_error(&value) => {
                let chunk = ChatChunk::read(value, &self.places);
                self.take_chunk(chunk, mended, pieces);
            }
            Value::Array(ref list) if list.iter().any(has_error) => {
                self.fail(classify_value(&value, &self.redactor));
            }
            other => {
                let error =
                    not_an_answer("JSON without choices", &other.to_string(), &self.redactor);
                self.fail(error);
            }
        }
    }

    /// The bytes looked like a stream, but held no event.
    fn take_eventless(&mut self, head: &[u8], pieces: &mut Vec<Piece>) {
        if head.len() < EXCERPT
            && let Ok(text) = std::str::from_utf8(head)
            && let Ok(value) = serde_json::from_str(text)
        {
            return self.take_value(value, false, pieces);
        }
        if self.error.is_none() {
            self.error = Some(self.no_answer("no events", head));
        }
    }

    /// A character whose second half never came.
    fn end_halves(&mut self, pieces: &mut Vec<Piece>) {
        let [text, reasoning, refusal] = &mut self.halves;
        let take = |all: &mut String, halves: &mut Halves| {
            let left = halves.end()?;
            all.push(left);
            Some(left.to_string())
        };
        let piece = Piece {
            text: take(&mut self.text, text),
            reasoning: take(&mut self.reasoning, reasoning),
            refusal: take(&mut self.refusal, refusal),
            tool_calls: Vec::new(),
        };
        if piece != Piece::default() {
            pieces.push(piece);
        }
    }

    fn no_answer(&self, found: &str, body: &[u8]) -> Error {
        not_an_answer(found, &String::from_utf8_lossy(body), &self.redactor)
    }

    /// The first error is the cause, those after it its consequences; behind `[DONE]` none counts.
    fn fail(&mut self, error: Error) {
        if !self.done {
            self.error.get_or_insert(error);
        }
    }

    fn end_as(&mut self, end: End) -> Ending {
        if end == End::Aborted {
            return Ending::Aborted;
        }
        if let Some(error) = &self.error {
            return Ending::Errored(error.clone());
        }
        let early = self.finish_reason.as_deref().and_then(early);
        if let End::Cut(error) = end {
            // After [DONE] the connection has nothing more to carry.
            let whole = self.done && self.finish_reason.is_some();
            if !whole {
                return Ending::Errored(error);
            }
        }
        if self.chunks == 0 && !self.has_content() && self.finish_reason.is_none() {
            return Ending::Errored(not_an_answer("an empty body", "", &self.redactor));
        }
        match (early, &self.finish_reason) {
            (Some(words), _) => Ending::Truncated(words),
            (None, Some(_)) => Ending::Completed,
            (None, None) if self.may_end_without_finish_reason => Ending::Completed,
            (None, None) => Ending::Truncated(
                "the stream ended without a finish_reason: the answer may not be whole".to_owned(),
            ),
        }
    }
}

/// JSON, also with characters cut in half; the second value tells whether it had to be mended.
fn parse(text: &str) -> (serde_json::Result<Value>, bool) {
    match serde_json::from_str(text) {
        Ok(value) => (Ok(value), false),
        Err(error) => match mend(text) {
            Some(mended) => (serde_json::from_str(&mended), true),
            None => (Err(error), false),
        },
    }
}

/// Adds a piece. What came in one read is one piece where it is only more text, or only more
/// reasoning: whoever shows it draws once.
fn give(pieces: &mut Vec<Piece>, piece: Piece) {
    if let Some(last) = pieces.last_mut()
        && last.refusal.is_none()
        && piece.refusal.is_none()
        && last.tool_calls.is_empty()
        && piece.tool_calls.is_empty()
    {
        match (&mut last.text, &mut last.reasoning, &piece.text, &piece.reasoning) {
            (Some(all), None, Some(more), None) | (None, Some(all), None, Some(more)) => {
                return all.push_str(more);
            }
            _ => {}
        }
    }
    pieces.push(piece);
}

fn keep_beginning(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = EXCERPT.saturating_sub(kept.len());
    kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
}
