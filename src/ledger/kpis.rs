//! The key figures, from cells: accuracy, latency, satisfaction, completion, cost per interaction, and
//! what is saved against sending everything to the strongest model. Each with its interval, with how
//! many it stands on, and since when; where there is too little for an interval, that is said instead.

use super::cell::{Cell, Cells, Figure, Key, day_of};
use super::interval::{ranks, skewed_mean, wilson};
use super::record::{ENDINGS, wrong};
use super::sketch::Sketch;
use crate::cost::Money;
use crate::error::Result;
use crate::json::{Fields, json};
use serde_json::{Map, Value};

/// From how many on a share or a mean has an interval worth showing: from here the interval of a mean
/// of skewed costs held in about nine of ten simulated samples or more (`docs/ledger.md`).
pub const LEAST: u64 = 20;

/// What figures are asked of, and by what they are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// From the (UTC) day of this moment on, in milliseconds since 1970.
    pub since: Option<u64>,
    /// Up to and with the day of this moment.
    pub until: Option<u64>,
    /// Of this model.
    pub model: Option<String>,
    /// Of this task.
    pub task: Option<String>,
    /// Told apart by this as well.
    pub by: Option<By>,
}

/// By what figures are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The model that was asked.
    Model,
    /// What the request is for.
    Task,
    /// The day, UTC.
    Day,
    /// The arm of an experiment.
    Arm,
}

impl By {
    /// Reads its name.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for another one.
    pub fn read(name: &str) -> Result<Self> {
        match name {
            "model" => Ok(Self::Model),
            "task" => Ok(Self::Task),
            "day" => Ok(Self::Day),
            "arm" => Ok(Self::Arm),
            _ => Err(wrong("by", &json!(name), "model, task, day or arm")),
        }
    }
}

impl Query {
    fn admits(&self, key: &Key) -> bool {
        // Of a month that days were put together to, the month is what can be compared.
        let within = |day: &str| day.chars().take(key.day.len()).collect::<String>();
        self.since.is_none_or(|ms| key.day >= within(&day_of(ms)))
            && self.until.is_none_or(|ms| key.day <= within(&day_of(ms)))
            && self.model.as_ref().is_none_or(|model| *model == key.model)
            && self.task.as_ref().is_none_or(|task| *task == key.task)
    }
}

/// The key figures of all cells that `query` admits.
pub fn kpis(cells: &[&Cells], query: &Query) -> Value {
    let mut all = Cell::default();
    let mut models: Vec<(String, Cell)> = Vec::new();
    let mut groups: Vec<(String, Cell)> = Vec::new();
    for (key, cell) in cells.iter().flat_map(|cells| cells.list()) {
        if cell.is_empty() || !query.admits(key) {
            continue;
        }
        all.merge(cell);
        merge_into(&mut models, &key.model, cell);
        let group = match query.by {
            None | Some(By::Model) => continue,
            Some(By::Task) => key.task.clone(),
            Some(By::Day) => key.day.clone(),
            Some(By::Arm) if key.experiment.is_empty() => continue,
            Some(By::Arm) => format!("{}/{}", key.experiment, key.arm),
        };
        merge_into(&mut groups, &group, cell);
    }
    if query.by == Some(By::Model) {
        groups.clone_from(&models);
    }
    let mut told = figures(&all);
    let mut per_model = Map::new();
    for (model, cell) in &models {
        let mut figures = figures(cell);
        put(&mut figures, "completed", count(cell, Figure::Requests, 1).into());
        put(&mut figures, "firstPieceMs", spread(&cell.first_piece));
        put(&mut figures, "totalMs", spread(&cell.total));
        let (up, down) = (count(cell, Figure::Up, 0), count(cell, Figure::Down, 0));
        put(&mut figures, "feedback", json!({"up": up, "down": down}));
        per_model.insert(model.clone(), Value::Object(figures));
    }
    told.put("perModel", Value::Object(per_model));
    if query.by.is_some() {
        let mut list = Vec::new();
        for (key, cell) in &groups {
            let mut figures = figures(cell);
            figures.shift_insert(0, "key".to_owned(), key.as_str().into());
            list.push(Value::Object(figures));
        }
        told.put("groups", Value::Array(list));
    }
    Value::Object(told)
}

fn merge_into(list: &mut Vec<(String, Cell)>, name: &str, cell: &Cell) {
    let found = list.binary_search_by(|(other, _)| other.as_str().cmp(name));
    match found {
        Ok(place) => {
            if let Some((_, sum)) = list.get_mut(place) {
                sum.merge(cell);
            }
        }
        Err(place) => list.insert(place, (name.to_owned(), cell.clone())),
    }
}

fn count(cell: &Cell, figure: Figure, more: usize) -> u64 {
    u64::try_from(cell.offset(figure, more)).unwrap_or(0)
}

fn money(cell: &Cell, figure: Figure) -> Value {
    signed(cell.get(figure).max(0)).into()
}

/// All figures of one cell.
fn figures(cell: &Cell) -> Map<String, Value> {
    let requests = count(cell, Figure::Requests, 0);
    let mut endings = Map::new();
    for (place, ending) in ENDINGS.iter().enumerate() {
        endings.insert((*ending).to_owned(), count(cell, Figure::Requests, place + 1).into());
    }
    let costs = count(cell, Figure::Costs, 0);
    let (up, down) = (count(cell, Figure::Up, 0), count(cell, Figure::Down, 0));
    let mut scores = [0; 5];
    let (mut scored, mut stars) = (0_u64, 0_u64);
    for (place, held) in scores.iter_mut().enumerate() {
        *held = count(cell, Figure::Scores, place);
        scored += *held;
        stars += *held * place as u64;
    }
    let judged = count(cell, Figure::Judged, 0);
    let person = count(cell, Figure::JudgedByPerson, 0);
    let mut accuracy = share(cell, judged, cell.get(Figure::Right) as f64 / 1e6, (0.0, 1.0));
    if let Some(fields) = accuracy.as_object_mut() {
        fields.put("byPersons", person.into());
    }
    let moment = |ms: u64| if requests == 0 { Value::Null } else { ms.into() };
    let mut satisfaction = Map::new();
    put(&mut satisfaction, "thumbs", share(cell, up + down, up as f64, (0.0, 1.0)));
    put(&mut satisfaction, "score", share(cell, scored, stars as f64 / 4.0, (1.0, 5.0)));
    put(&mut satisfaction, "scores", scores.to_vec().into());
    let mut latency = Map::new();
    put(&mut latency, "firstPieceMs", quantiles(cell, &cell.first_piece));
    put(&mut latency, "perPieceMs", quantiles(cell, &cell.per_piece));
    put(&mut latency, "totalMs", quantiles(cell, &cell.total));
    let done = count(cell, Figure::Done, 0) as f64;
    let mut told = Map::new();
    put(&mut told, "requests", requests.into());
    put(&mut told, "since", moment(cell.first));
    put(&mut told, "until", moment(cell.last));
    put(&mut told, "endings", Value::Object(endings));
    put(&mut told, "cached", count(cell, Figure::Cached, 0).into());
    put(&mut told, "retried", count(cell, Figure::Retried, 0).into());
    put(&mut told, "costUsd", money(cell, Figure::Cost));
    put(&mut told, "costUnknown", requests.saturating_sub(costs).into());
    put(&mut told, "accuracy", accuracy);
    put(&mut told, "completion", share(cell, requests, done, (0.0, 1.0)));
    put(&mut told, "satisfaction", Value::Object(satisfaction));
    put(&mut told, "latency", Value::Object(latency));
    put(&mut told, "costPerInteraction", mean_cost(cell, costs));
    put(&mut told, "savings", savings(cell, requests));
    told
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.insert(name.to_owned(), value);
}

/// A figure with its interval.
fn figure(cell: &Cell, n: u64, [value, low, high]: [Value; 3], method: &str) -> Value {
    let mut fields = Map::new();
    put(&mut fields, "value", value);
    put(&mut fields, "low", low);
    put(&mut fields, "high", high);
    put(&mut fields, "n", n.into());
    put(&mut fields, "since", if cell.is_empty() { Value::Null } else { cell.first.into() });
    put(&mut fields, "method", method.into());
    Value::Object(fields)
}

/// What is said where there is too little for an interval.
fn too_little(cell: &Cell, n: u64, wanted: u64) -> Value {
    let mut told = figure(cell, n, [Value::Null, Value::Null, Value::Null], "");
    if let Value::Object(fields) = &mut told {
        fields.shift_remove("method");
        put(fields, "note", format!("too little data: {n} of {wanted} wanted").into());
    }
    told
}

/// The mean of `n` values between 0 and 1 that make `sum` together, shown between `ends`.
fn share(cell: &Cell, n: u64, sum: f64, ends: (f64, f64)) -> Value {
    if n < LEAST {
        return too_little(cell, n, LEAST);
    }
    let mean = (sum / n as f64).clamp(0.0, 1.0);
    let (low, high) = wilson(n, mean);
    let shown = [mean, low, high].map(|value| Value::from(ends.0 + value * (ends.1 - ends.0)));
    figure(cell, n, shown, "mean; Wilson's interval, 95 %")
}

/// Median and 90th percentile with their intervals.
fn quantiles(cell: &Cell, sketch: &Sketch) -> Value {
    let n = sketch.count();
    let one = |share: f64, wanted: u64| {
        let (low, high) = ranks(n, share);
        let ends = (low.and_then(|low| sketch.at(low)), high.and_then(|high| sketch.at(high)));
        match (sketch.quantile(share), ends) {
            (Some(value), (Some(low), Some(high))) => {
                let method = "nearest rank, within 1 %; interval of order statistics, 95 %";
                figure(cell, n, [value.into(), low.low.into(), high.high.into()], method)
            }
            _ => too_little(cell, n, wanted),
        }
    };
    // Fewer have no value beyond which the quantile lies in less than one case of forty:
    // 0.5 ^ 6 and 0.9 ^ 36 are the first powers below 0.025.
    json!({"median": one(0.5, 6), "p90": one(0.9, 36)})
}

/// Median and 90th percentile alone; null where nothing was counted.
fn spread(sketch: &Sketch) -> Value {
    match (sketch.quantile(0.5), sketch.quantile(0.9)) {
        (Some(median), Some(p90)) => json!({"median": median, "p90": p90}),
        _ => Value::Null,
    }
}

/// The mean cost of a request, USD.
fn mean_cost(cell: &Cell, n: u64) -> Value {
    if n < LEAST {
        return too_little(cell, n, LEAST);
    }
    // In nanodollars, as the sums of the powers are.
    let sum = cell.get(Figure::Cost) as f64 / 1e3;
    let (squares, cubes) = (cell.get(Figure::CostSquares), cell.get(Figure::CostCubes));
    let whole = squares < i128::MAX && cubes < i128::MAX;
    let found = skewed_mean(n, sum, squares as f64, cubes as f64).filter(|_| whole);
    let Some((mean, low, high)) = found else {
        return too_little(cell, n, LEAST);
    };
    // To the nanodollar.
    let usd = [mean, low, high].map(|nano| {
        // More than 18 billion dollars a request is no cost that happens.
        let nano = nano.max(0.0).round() as u64;
        Money::from_picodollars(u128::from(nano) * 1_000).to_string().into()
    });
    figure(cell, n, usd, "mean; Hall's interval for skewed values, 95 %")
}

/// What was saved against sending each of the same requests to its strongest candidate.
fn savings(cell: &Cell, requests: u64) -> Value {
    let n = count(cell, Figure::Compared, 0);
    let bill = cell.get(Figure::ComparedBill);
    let less = |figure: Figure| {
        if n == 0 { Value::Null } else { signed(cell.get(figure).saturating_sub(bill)).into() }
    };
    let mut told = Map::new();
    put(&mut told, "usd", less(Figure::StrongestExpected));
    put(&mut told, "low", less(Figure::StrongestLow));
    put(&mut told, "high", less(Figure::StrongestHigh));
    put(&mut told, "billUsd", money(cell, Figure::ComparedBill));
    put(&mut told, "n", n.into());
    put(&mut told, "unknown", requests.saturating_sub(n).into());
    put(&mut told, "since", if n == 0 { Value::Null } else { cell.first.into() });
    let method = "estimates on the strongest candidate less the bills; their ends added end to end";
    put(&mut told, "method", method.into());
    Value::Object(told)
}

/// An amount that may be below nothing.
fn signed(picodollars: i128) -> String {
    let size = Money::from_picodollars(picodollars.unsigned_abs());
    if picodollars < 0 { format!("-{size}") } else { size.to_string() }
}
