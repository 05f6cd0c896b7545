//! The functions of the second module, `promptfare/workshop`: what a page wants now and then and
//! should not download before. Their documentation for users is `workshop/types.d.ts`.
//!
//! Tokens and money come from the first module ([`fare`]), so that counters and prices are not
//! downloaded twice.

mod fare;
mod fit;
mod hints;
mod production;
mod slim;
mod telemetry;

pub use fare::{JsFare, use_fare};
pub use fit::{compare_versions, fit_request};
pub use hints::review_prompt;
pub use production::{judge_experiment, propose_policy, reconcile, watch_drift};
pub use slim::slim_request;
pub use telemetry::TelemetryQueue;
