//! Gateways: what their errors mean, what goes out to them, and when to try again.

// Where a test indexes wrongly, its panic is the report.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../shared/mod.rs"]
mod shared;

mod errors;
mod profiles;
mod recorded;
mod recovery;

/// Sun, 22 Nov 2026 09:44:00 GMT.
const NOW_MS: u64 = 1_795_340_640_000;
