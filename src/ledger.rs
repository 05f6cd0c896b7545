//! After: what was used and charged, how it ended, and whether the estimate held. Time and ids
//! come as arguments.

mod book;
pub mod drift;
pub mod experiment;
mod receipt;
mod reconcile;
pub mod record;
mod session;
pub mod telemetry;

pub use book::Ledger;
pub use receipt::{
    Attempt, Bill, Comparison, CostSource, ErrorRecord, Estimate, Interval, Receipt, Sent, Timing,
    TokenComparison, UsageSource, UsdComparison,
};
pub use reconcile::{reconcile, wilson};
pub use record::{Opinion, Record, Span, Tried};
pub use session::Session;
