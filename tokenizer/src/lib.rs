//! The exact counters of promptfare, which names them `promptfare::tokens::{bpe, claude, live,
//! vocabulary}`.
//!
//! They are a crate of their own because they are the hot loops: `opt-level` is set by crate, and
//! the rest of promptfare is built small.

pub mod bpe;
pub mod claude;
mod error;
mod lately;
pub mod live;
pub mod vocabulary;

pub use error::{Error, Result};
