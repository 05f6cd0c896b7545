//! What receipts add up to, and the key figures.

use super::figures::near;
use super::records::any_record;
use super::*;

proptest! {
    #[test]
    fn cells_of_parts_are_the_cell_of_the_whole(
        records in prop::collection::vec(any_record(), 1..12), cut in 0_usize..12,
    ) {
        let cell_of = |records: &[Record]| {
            let mut cell = Cell::default();
            records.iter().for_each(|record| cell.count(record, false));
            cell
        };
        let whole = cell_of(&records);
        let (left, right) = records.split_at(cut.min(records.len()));
        let (mut one, mut other) = (cell_of(right), cell_of(left));
        let again = one.clone();
        one.merge(&other);
        prop_assert_eq!(&one, &whole);
        other.merge(&again);
        prop_assert_eq!(&other, &whole);
        prop_assert_eq!(Cell::read(&whole.write()), Some(whole.clone()));
        // What is said later takes the place of what was counted.
        let mut changed = whole.clone();
        let mut record = records[0].clone();
        changed.count(&record, true);
        record.feedback.add(Opinion { thumb: Some("up".to_owned()), score: Some(5), ..Opinion::default() });
        changed.count(&record, false);
        let mut anew = records.clone();
        anew[0] = record;
        prop_assert_eq!(changed, cell_of(&anew));
    }

    #[test]
    fn a_damaged_cell_is_no_cell(place in 0_usize..400, sign in any::<u8>()) {
        let mut cells = Cells::default();
        (0..30).for_each(|n| cells.count(&record(n, "fast", "0.0025"), false));
        let text = cells.list()[0].1.write();
        let mut bytes = text.clone().into_bytes();
        let place = place % bytes.len();
        bytes[place] = sign;
        if let Some(damaged) = String::from_utf8(bytes).ok().filter(|damaged| *damaged != text) {
            prop_assert_eq!(Cell::read(&damaged), None);
        }
        prop_assert!(Cell::read(&text[..place]).is_none());
    }

    #[test]
    fn days_are_those_of_the_catalogue(days in prop_oneof![0_u64..2_932_800, 7_000_u64..48_000]) {
        // To the end of 9999.
        let day = day_of(days * DAY_MS + 5);
        prop_assert_eq!(start_of(&day), Some(days * DAY_MS), "{}", day);
        // The catalogue knows those of 1990 to 2099.
        if (7_305..47_482).contains(&days) {
            prop_assert_eq!(days_between("1990-01-01", &day), Some(days as i64 - 7_305));
        }
        prop_assert_eq!(start_of(&day[..7]), Some(days * DAY_MS - (day[8..].parse::<u64>().unwrap() - 1) * DAY_MS));
    }

    #[test]
    fn keys_come_back(record in any_record()) {
        let key = Key::of(&record);
        if key.day.len() == 10 {
            prop_assert_eq!(Key::read(&key.write()), Some(key));
        }
    }
}

pub(super) fn counted(records: &[Record]) -> Cells {
    let mut cells = Cells::default();
    records.iter().for_each(|record| cells.count(record, false));
    cells
}

fn told(records: &[Record]) -> Value {
    kpis(&[&counted(records)], &Query::default())
}

#[test]
fn too_little_data_says_so() {
    let three: Vec<Record> = (0..3).map(|n| record(n, "fast", "0.001")).collect();
    let kpis = told(&three);
    assert_eq!((&kpis["requests"], &kpis["costUsd"]), (&json!(3), &json!("0.003")));
    let completion = &kpis["completion"];
    assert_eq!((&completion["value"], &completion["n"]), (&Value::Null, &json!(3)));
    assert_eq!(completion["note"], "too little data: 3 of 20 wanted");
    assert_eq!(kpis["latency"]["totalMs"]["median"]["note"], "too little data: 3 of 6 wanted");
    assert_eq!(kpis["latency"]["totalMs"]["p90"]["note"], "too little data: 3 of 36 wanted");
    assert_eq!(kpis["costPerInteraction"]["note"], "too little data: 3 of 20 wanted");
    assert_eq!(kpis["accuracy"]["n"], 0);
    let none = told(&[]);
    assert_eq!(none["requests"], 0);
    assert_eq!(none["since"], Value::Null);
    assert_eq!(none["savings"]["usd"], Value::Null);
    assert_eq!(none["perModel"], json!({}));
}

#[test]
fn enough_data_has_intervals() {
    let mut records: Vec<Record> =
        (0..100).map(|n| record(n, "fast", if n % 10 == 0 { "0.05" } else { "0.001" })).collect();
    for (n, record) in records.iter_mut().enumerate() {
        record.feedback.thumb = Some(if n < 80 { "up" } else { "down" }.to_owned());
        record.feedback.score = Some(if n < 50 { 5 } else { 3 });
        record.score = Some(if n < 90 { 1.0 } else { 0.0 });
        record.feedback.completed = Some(n != 3);
    }
    // A person's word stands over the judge's.
    records[99].feedback.correct = Some(true);
    let kpis = told(&records);
    near(kpis["accuracy"]["value"].as_f64().unwrap(), 0.91, 1e-9);
    assert_eq!((&kpis["accuracy"]["n"], &kpis["accuracy"]["byPersons"]), (&json!(100), &json!(1)));
    let (low, high) = wilson(100, 0.91);
    near(kpis["accuracy"]["low"].as_f64().unwrap(), low, 1e-12);
    near(kpis["accuracy"]["high"].as_f64().unwrap(), high, 1e-12);
    near(kpis["completion"]["value"].as_f64().unwrap(), 0.99, 1e-9);
    near(kpis["satisfaction"]["thumbs"]["value"].as_f64().unwrap(), 0.8, 1e-9);
    near(kpis["satisfaction"]["score"]["value"].as_f64().unwrap(), 4.0, 1e-9);
    assert_eq!(kpis["satisfaction"]["scores"], json!([0, 0, 50, 0, 50]));
    assert_eq!(kpis["costPerInteraction"]["value"], "0.0059");
    let ends = ["low", "high"]
        .map(|end| kpis["costPerInteraction"][end].as_str().unwrap().parse::<f64>().unwrap());
    assert!(
        ends[0] < 0.0059 && 0.0059 < ends[1] && ends[1] - 0.0059 > 0.0059 - ends[0],
        "{ends:?}"
    );
    let median = &kpis["latency"]["totalMs"]["median"];
    near(median["value"].as_f64().unwrap(), 1_049.0, 11.0);
    assert!(
        median["low"].as_f64().unwrap() < 1_049.0 && median["high"].as_f64().unwrap() > 1_049.0
    );
    assert_eq!(median["since"], NOON);
    // 40 gaps from the first piece to the last.
    near(kpis["latency"]["perPieceMs"]["p90"]["value"].as_f64().unwrap(), 19.75, 0.21);
    assert_eq!(kpis["since"], NOON);
    assert_eq!(kpis["until"], NOON + 99);
    assert_eq!(LEAST, 20);
}

#[test]
fn savings_are_held_against_the_same_requests() {
    let mut records = vec![
        record(1, "fast", "0.001"),
        // The strongest itself saves nothing, whatever was estimated.
        record(2, "deep", "0.5"),
        record(3, "fast", "0.02"),
        record(4, "fast", "0.001"),
        record(5, "fast", "0.001"),
    ];
    records[3].strongest_estimate = Span::default();
    records[4].cost = None;
    let savings = told(&records)["savings"].clone();
    // 0.01 + 0.01 on the strongest, 0.021 paid.
    assert_eq!(savings["usd"], "-0.001");
    assert_eq!((&savings["low"], &savings["high"]), (&json!("-0.013"), &json!("0.039")));
    assert_eq!((&savings["n"], &savings["unknown"]), (&json!(3), &json!(2)));
    assert_eq!(savings["billUsd"], "0.521");
    // An answer that was kept saves even what the strongest would have cost.
    let kept = Record { cached: Some(true), ..record(6, "deep", "0") };
    assert_eq!(told(&[kept])["savings"]["usd"], "0.01");
}

#[test]
fn figures_are_told_apart() {
    let mut records = vec![record(1, "fast", "0.001"), record(2, "deep", "0.5")];
    records.push(Record { sent_at: NOON + DAY_MS, ..record(3, "fast", "0.002") });
    records[2].task = Some("support".to_owned());
    records[1].experiment = Some("e".to_owned());
    records[1].arm = Some("b".to_owned());
    records[1].ending = "errored".to_owned();
    let cells = counted(&records);
    let ask = |query: Query| kpis(&[&cells], &query);
    let requests = |query: Query| ask(query)["requests"].as_u64().unwrap();
    assert_eq!(requests(Query { since: Some(NOON + DAY_MS), ..Query::default() }), 1);
    assert_eq!(requests(Query { until: Some(NOON), ..Query::default() }), 2);
    assert_eq!(requests(Query { model: Some("fast".to_owned()), ..Query::default() }), 2);
    assert_eq!(requests(Query { task: Some("code".to_owned()), ..Query::default() }), 2);
    let keys = |by: By| {
        let told = ask(Query { by: Some(by), ..Query::default() });
        let groups = told["groups"].as_array().unwrap().clone();
        groups
            .iter()
            .map(|group| {
                (group["key"].as_str().unwrap().to_owned(), group["requests"].as_u64().unwrap())
            })
            .collect::<Vec<_>>()
    };
    let own =
        |list: &[(&str, u64)]| list.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(keys(By::Model), own(&[("deep", 1), ("fast", 2)]));
    assert_eq!(keys(By::Task), own(&[("code", 2), ("support", 1)]));
    assert_eq!(keys(By::Day), own(&[("2026-11-22", 2), ("2026-11-23", 1)]));
    assert_eq!(keys(By::Arm), own(&[("e/b", 1)]));
    assert!(By::read("weather").unwrap_err().message().starts_with("by: found"));
    let per_model = &ask(Query::default())["perModel"];
    assert_eq!(per_model["deep"]["completed"], 0);
    assert_eq!(per_model["deep"]["totalMs"], Value::Null);
    assert_eq!(per_model["fast"]["costUsd"], "0.003");
    near(per_model["fast"]["totalMs"]["median"].as_f64().unwrap(), 1_001.0, 10.1);
    // A month that was put together is asked for by its days.
    let mut months = Cells::default();
    let (key, cell) = &cells.list()[0];
    months.put(key.of_month(), cell.clone());
    let month = |since: u64| {
        kpis(&[&months], &Query { since: Some(since), ..Query::default() })["requests"].clone()
    };
    assert_eq!((month(NOON), month(NOON + 30 * DAY_MS)), (json!(1), json!(0)));
}
