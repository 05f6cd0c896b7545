//! The one thing that can be wrong here: a value that was given.

use std::fmt;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// A vocabulary file or an edit that is not acceptable. The message is what a person reads: the
/// thing, the value found, the value wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    /// An error whose `message` names the thing, the value found and the value wanted.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// What a person reads.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
