//! Server-sent events, read incrementally: bytes in any slicing, events out.
//!
//! The grammar is the WHATWG HTML Living Standard, "Parsing an event stream" (read 2026-11-22),
//! with one addition at the end of the stream, see [`Decoder::finish`].

use crate::error::{Error, ErrorKind, Result};
use std::borrow::Cow;

/// The most bytes that one event may have, its unfinished line included: 16 MiB. An endless line
/// would otherwise take all the memory of the page.
pub const EVENT_LIMIT: usize = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event of the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The `event` field, where there was one that is not empty.
    pub event: Option<String>,
    /// The `data` lines, joined with a newline.
    pub data: String,
    /// The `id` field of this event, where there was one.
    pub id: Option<String>,
    /// The `retry` field of this event in milliseconds, where it was a number.
    pub retry: Option<u64>,
}

/// The incremental parser. Its time is linear in the bytes, however they are cut.
#[derive(Debug)]
pub struct Decoder {
    /// An unfinished line; empty for a comment, whose bytes are not kept.
    line: Vec<u8>,
    in_comment: bool,
    /// The last byte was a carriage return: a newline that follows belongs to it.
    after_return: bool,
    first_line: bool,
    /// The event so far; `has_data` tells an empty `data` line from none.
    event: Event,
    has_data: bool,
    limit: usize,
    failed: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A parser at the start of a stream, with [`EVENT_LIMIT`].
    pub fn new() -> Self {
        Self::with_limit(EVENT_LIMIT)
    }

    /// A parser with another limit for one event, in bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            line: Vec::new(),
            in_comment: false,
            after_return: false,
            first_line: true,
            event: Event::default(),
            has_data: false,
            limit,
            failed: false,
        }
    }

    /// Reads the next bytes and appends the events that they complete to `events`.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`], once, when an event is larger than the limit. Events before it are
    /// in `events`; whatever follows is ignored, because its borders can no longer be told.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<()> {
        let mut rest = bytes;
        while !self.failed && !rest.is_empty() {
            if self.after_return {
                self.after_return = false;
                if let [b'\n', after @ ..] = rest {
                    rest = after;
                    continue;
                }
            }
            if self.line.is_empty() && rest.first() == Some(&b':') {
                self.in_comment = true;
            }
            let Some(end) = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r') else {
                self.hold(rest)?;
                break;
            };
            let (head, tail) = rest.split_at(end);
            self.after_return = tail.first() == Some(&b'\r');
            rest = tail.get(1..).unwrap_or_default();
            if self.in_comment {
                self.in_comment = false;
                self.first_line = false;
            } else if self.line.is_empty() {
                self.read_line(head, events)?;
            } else {
                self.hold(head)?;
                let line = std::mem::take(&mut self.line);
                self.read_line(&line, events)?;
            }
        }
        Ok(())
    }

    /// Ends the stream. An event that lacks its blank line is appended all the same if its data is
    /// whole: JSON, or `[DONE]`. (The standard drops it; some gateways end without the blank line.)
    pub fn finish(&mut self, events: &mut Vec<Event>) {
        if !self.failed && !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            // A line too long for the limit is not whole either.
            let _ = self.read_line(&line, events);
        }
        let data = self.event.data.trim();
        let whole = data == "[DONE]" || serde_json::from_str::<serde_json::Value>(data).is_ok();
        if !self.failed && self.has_data && whole {
            self.dispatch(events);
        }
        *self = Self::with_limit(self.limit);
        self.failed = true;
    }

    /// Whether an event was too large, or the stream was ended: no more events will come.
    pub fn is_over(&self) -> bool {
        self.failed
    }

    /// Keeps a part of a line whose end has not come yet.
    fn hold(&mut self, part: &[u8]) -> Result<()> {
        if self.in_comment {
            return Ok(());
        }
        self.check(self.line.len().saturating_add(part.len()))?;
        self.line.extend_from_slice(part);
        Ok(())
    }

    /// `more` bytes on top of the data that is held.
    fn check(&mut self, more: usize) -> Result<()> {
        if self.event.data.len().saturating_add(more) <= self.limit {
            return Ok(());
        }
        self.failed = true;
        self.line = Vec::new();
        self.event = Event::default();
        Err(Error::new(
            ErrorKind::Protocol,
            format!("stream: one event has more than {} bytes, the most that is read", self.limit),
        ))
    }

    fn read_line(&mut self, line: &[u8], events: &mut Vec<Event>) -> Result<()> {
        let mut line = line;
        if std::mem::take(&mut self.first_line) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(events);
            return Ok(());
        }
        let mut halves = line.splitn(2, |&byte| byte == b':');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                let text = String::from_utf8_lossy(value);
                // Broken bytes grow when they become U+FFFD, so the decoded size counts.
                self.check(text.len().saturating_add(1))?;
                if !self.has_data {
                    self.has_data = true;
                    self.event.data = text.into_owned();
                } else {
                    self.event.data.push('\n');
                    self.event.data.push_str(&text);
                }
            }
            b"event" => {
                self.event.event = Some(String::from_utf8_lossy(value))
                    .filter(|text| !text.is_empty())
                    .map(Cow::into_owned);
            }
            b"id" if !value.contains(&0) => {
                self.event.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                self.event.retry =
                    std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
            }
            _ => {}
        }
        Ok(())
    }

    fn dispatch(&mut self, events: &mut Vec<Event>) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            events.push(event);
        }
    }
}
