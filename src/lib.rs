//! **promptfare** tells the fare and the route of a prompt before the ride, and holds the estimate
//! against the bill after it.
//!
//! One natural line runs through the crate, and a module uses only modules to its left
//! (plus [`catalog`] and [`error`], which everybody may use):
//!
//! ```text
//! prompt -> privacy -> chat -> tokens -> cost -> router -> plan -> practice -> workflow -> gateway ->
//! stream -> cache -> ledger
//! ```
//!
//! Three values travel along it, each made once:
//!
//! - a [`plan::Plan`], before sending: the request, the estimate per candidate, the pick and why;
//! - a [`stream::Answer`], while it comes: pieces, then exactly one ending;
//! - a [`ledger::Receipt`], after: usage, true cost, timing, estimate against bill.
//!
//! Words are kept apart: a *price* is a rate, a *cost* is money, an *estimate* is before, *usage*
//! is after, a *count* is exact. What is unknown is `None`, never zero.
//!
//! Time, randomness, storage and the network come in as arguments, so everything here runs and is
//! tested on any machine. Only `wasm` knows JavaScript.

pub mod cache;
pub mod catalog;
pub mod chat;
pub mod cost;
pub mod error;
pub mod gateway;
mod json;
pub mod ledger;
mod letter;
pub mod plan;
pub mod practice;
pub mod privacy;
pub mod prompt;
pub mod router;
mod sort;
pub mod stream;
pub mod tokens;
pub mod workflow;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, ErrorKind, Result};
