//! One error type. Its [`ErrorKind`] is what a program switches on, its message is what a person
//! reads: the thing, the value found, the value wanted, in lower case, without blame.

use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, as a program sees it. In JavaScript: `error.kind`, spelt as [`ErrorKind::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing, wrong or expired.
    Authentication,
    /// The key is good, but may not do this.
    Permission,
    /// The account has no credit or quota left. Waiting does not help.
    Quota,
    /// Too many requests or tokens for now. Waiting helps.
    RateLimit,
    /// The request and the room for its answer are larger than the model's window.
    ContextOverflow,
    /// A content policy refused the request or the answer.
    Policy,
    /// No model of that name is known. See [`Error::nearest`].
    UnknownModel,
    /// The gateway refused the request as malformed or not allowed for this model.
    InvalidRequest,
    /// The gateway or the provider behind it failed.
    Server,
    /// The provider is alive but out of capacity for now.
    Overloaded,
    /// No answer could be had from the network.
    Network,
    /// A time limit ran out.
    Timeout,
    /// The gateway's bytes are not what the protocol promises.
    Protocol,
    /// The caller stopped it.
    Aborted,
    /// This model or gateway cannot do what was asked.
    Unsupported,
    /// It would cost more than the budget allows.
    Budget,
    /// The browser's storage is missing, full or broken.
    Storage,
    /// A value given by the caller is not acceptable.
    InvalidInput,
}

impl ErrorKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [ErrorKind; 18] = [
        Self::Authentication,
        Self::Permission,
        Self::Quota,
        Self::RateLimit,
        Self::ContextOverflow,
        Self::Policy,
        Self::UnknownModel,
        Self::InvalidRequest,
        Self::Server,
        Self::Overloaded,
        Self::Network,
        Self::Timeout,
        Self::Protocol,
        Self::Aborted,
        Self::Unsupported,
        Self::Budget,
        Self::Storage,
        Self::InvalidInput,
    ];

    /// The stable spelling, e.g. `"rate_limit"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::RateLimit => "rate_limit",
            Self::ContextOverflow => "context_overflow",
            Self::Policy => "policy",
            Self::UnknownModel => "unknown_model",
            Self::InvalidRequest => "invalid_request",
            Self::Server => "server",
            Self::Overloaded => "overloaded",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::Aborted => "aborted",
            Self::Unsupported => "unsupported",
            Self::Budget => "budget",
            Self::Storage => "storage",
            Self::InvalidInput => "invalid_input",
        }
    }

    /// The kind of this [`name`](Self::name).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of this crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Apart, so that a `Result` stays small: each `?` copies it.
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    /// What only some errors have.
    details: Option<Box<Details>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Details {
    status: Option<u16>,
    request_id: Option<String>,
    retry_after_ms: Option<u64>,
    should_retry: Option<bool>,
    parameter: Option<String>,
    overflow: Option<Overflow>,
    shortage: Option<Shortage>,
    nearest: Vec<String>,
    source: Option<Error>,
}

/// By how much a request is larger than a model's window, where the gateway said so. Tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// What the request came to, with the room for its answer where the gateway counts that in.
    pub found: u64,
    /// The most that the model takes.
    pub limit: u64,
}

/// Which cap of a budget a request does not fit, and by how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// `"request"`, `"session"` or `"day"`.
    pub cap: &'static str,
    /// USD, decimal strings, in the order of [`Shortage::NAMES`]: the cap; what was spent; what is
    /// reserved for requests under way; for those whose bill is not known; the most that this one
    /// can cost; what is left under the cap.
    pub amounts: [String; 6],
}

impl Shortage {
    /// What the amounts are, as JavaScript names them.
    pub const NAMES: [&str; 6] =
        ["capUsd", "spentUsd", "reservedUsd", "unsettledUsd", "wantedUsd", "leftUsd"];
}

impl Error {
    /// An error of `kind` whose `message` names the thing, the value found and the value wanted.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::of(kind, message.into())
    }

    #[cold]
    fn of(kind: ErrorKind, message: String) -> Self {
        Self { inner: Box::new(Inner { kind, message, details: None }) }
    }

    /// Shorthand for the most common kind: a value of the caller's that is not acceptable.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// Adds the HTTP status that carried the error.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.details().status = Some(status);
        self
    }

    /// Adds the gateway's own name for the request, for its support desk.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.details().request_id = Some(id.into());
        self
    }

    /// Adds how long the gateway asks to wait, in milliseconds.
    #[must_use]
    pub fn with_retry_after_ms(mut self, ms: u64) -> Self {
        self.details().retry_after_ms = Some(ms);
        self
    }

    /// Adds the gateway's own word on whether a retry makes sense (`x-should-retry`).
    #[must_use]
    pub fn with_should_retry(mut self, should: bool) -> Self {
        self.details().should_retry = Some(should);
        self
    }

    /// Adds the name of the request's field that was refused.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>) -> Self {
        self.details().parameter = Some(name.into());
        self
    }

    /// Adds the sizes of a context overflow.
    #[must_use]
    pub fn with_overflow(mut self, overflow: Overflow) -> Self {
        self.details().overflow = Some(overflow);
        self
    }

    /// Adds the numbers of a budget that is too small.
    #[must_use]
    pub fn with_shortage(mut self, shortage: Shortage) -> Self {
        self.details().shortage = Some(shortage);
        self
    }

    /// Adds the names that come closest to one that is not known.
    #[must_use]
    pub fn with_nearest(mut self, nearest: Vec<String>) -> Self {
        self.details().nearest = nearest;
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn with_source(mut self, source: Error) -> Self {
        self.details().source = Some(source);
        self
    }

    fn details(&mut self) -> &mut Details {
        self.inner.details.get_or_insert_default()
    }

    /// What a program switches on.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// What a person reads.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The HTTP status, where there was one.
    pub fn status(&self) -> Option<u16> {
        self.inner.details.as_ref()?.status
    }

    /// The gateway's name for the request, where it gave one.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.details.as_ref()?.request_id.as_deref()
    }

    /// How long the gateway asks to wait, in milliseconds, where it said so.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.inner.details.as_ref()?.retry_after_ms
    }

    /// Whether the gateway itself says that a retry makes sense, where it said so.
    pub fn should_retry(&self) -> Option<bool> {
        self.inner.details.as_ref()?.should_retry
    }

    /// The field of the request that was refused, where the gateway named it.
    pub fn parameter(&self) -> Option<&str> {
        self.inner.details.as_ref()?.parameter.as_deref()
    }

    /// For [`ErrorKind::ContextOverflow`]: the sizes, where the gateway named them.
    pub fn overflow(&self) -> Option<Overflow> {
        self.inner.details.as_ref()?.overflow
    }

    /// For [`ErrorKind::Budget`]: the cap and its numbers, where a cap is in the way.
    pub fn shortage(&self) -> Option<&Shortage> {
        self.inner.details.as_ref()?.shortage.as_ref()
    }

    /// For [`ErrorKind::UnknownModel`]: the nearest known names, nearest first.
    pub fn nearest(&self) -> &[String] {
        self.inner.details.as_ref().map_or(&[], |details| &details.nearest)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.details.as_ref()?.source.as_ref().map(|e| e as _)
    }
}

/// What the counters cannot take is a value that was given.
impl From<promptfare_tokenizer::Error> for Error {
    fn from(error: promptfare_tokenizer::Error) -> Self {
        Self::invalid_input(error.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_snake_case() {
        let names: std::collections::BTreeSet<_> =
            ErrorKind::ALL.iter().map(|k| k.name()).collect();
        assert_eq!(names.len(), ErrorKind::ALL.len());
        assert!(ErrorKind::ALL.iter().all(|kind| ErrorKind::by_name(kind.name()) == Some(*kind)));
        assert_eq!(ErrorKind::by_name("Network"), None);
        assert!(names.iter().all(|n| n.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }

    #[test]
    fn carries_what_it_was_given() {
        let inner = Error::invalid_input("inner");
        let e = Error::new(ErrorKind::RateLimit, "too many requests")
            .with_status(429)
            .with_request_id("req_1")
            .with_retry_after_ms(1500)
            .with_source(inner);
        assert_eq!(e.kind(), ErrorKind::RateLimit);
        assert_eq!(
            (e.status(), e.request_id(), e.retry_after_ms()),
            (Some(429), Some("req_1"), Some(1500))
        );
        assert_eq!(e.to_string(), "too many requests");
        assert_eq!(
            std::error::Error::source(&e).map(ToString::to_string).as_deref(),
            Some("inner")
        );
    }
}
