//! The ledger: what it keeps, what that adds up to, and how sure the figures are.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice)]

use promptfare::catalog::days_between;
use promptfare::cost::Money;
use promptfare::ledger::cell::{Cell, Cells, Key, day_of, start_of};
use promptfare::ledger::interval::{ranks, skewed_mean, student, wilson};
use promptfare::ledger::shelf::{Change, Desk, Shelf};
use promptfare::ledger::sketch::{RELATIVE_ERROR, Sketch};
use promptfare::ledger::{
    By, LEAST, Ledger, Opinion, Query, Record, Said, Span, Tried, Wanted, kpis, read_export, table,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

mod book;
mod cells;
mod figures;
mod records;
mod shelf;

const DAY_MS: u64 = 86_400_000;

/// 2026-11-22, noon.
const NOON: u64 = 1_795_348_800_000;

fn usd(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// A receipt of `model` that cost `cost`, the `n`th.
fn record(n: u64, model: &str, cost: &str) -> Record {
    Record {
        id: format!("r{n}"),
        sent_at: NOON + n,
        model: model.to_owned(),
        ending: "completed".to_owned(),
        category: Some("code".to_owned()),
        strongest: Some("deep".to_owned()),
        cheapest: Some("fast".to_owned()),
        strongest_estimate: Span {
            low: Some(usd("0.004")),
            expected: Some(usd("0.01")),
            high: Some(usd("0.03")),
        },
        cost: Some(usd(cost)),
        usage_source: Some("gateway".to_owned()),
        first_piece_ms: Some(200.0 + n as f64),
        last_piece_ms: Some(1_000.0),
        total_ms: Some(1_000.0 + n as f64),
        pieces: Some(41),
        ..Record::default()
    }
}
