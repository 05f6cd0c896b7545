//! After: what was used and charged, how it ended, and whether the estimate held; what is kept of it,
//! and what that adds up to. Time and ids come as arguments.

mod book;
pub mod cell;
pub mod drift;
pub mod experiment;
pub mod interval;
mod kpis;
pub mod proposal;
mod receipt;
mod reconcile;
pub mod record;
pub mod shelf;
pub mod sketch;
pub mod table;
pub mod telemetry;

pub use book::{Ledger, Said, USUAL_MOST, Wanted, export, read_export};
pub use kpis::{By, LEAST, Query, kpis};
pub use receipt::{
    Attempt, Bill, Comparison, CostSource, ErrorRecord, Estimate, Interval, Receipt, Sent, Timing,
    TokenComparison, UsageSource, UsdComparison,
};
pub use reconcile::reconcile;
pub use record::{Opinion, Record, Span, Tried};
