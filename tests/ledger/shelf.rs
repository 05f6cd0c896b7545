//! What is stored, on a store of texts that can break.

use super::cells::counted;
use super::*;

/// A store of texts, as IndexedDB is one.
type Store = BTreeMap<String, String>;

/// Does a piece of work as the browser would: all of what it leaves is written. Gives how often it was
/// done from its beginning.
fn run(
    store: &mut Store,
    work: &mut dyn FnMut(&mut Desk) -> promptfare::Result<Option<Change>>,
) -> promptfare::Result<(Change, usize)> {
    let mut desk = Desk::default();
    for times in 1..10 {
        desk.again();
        if let Some(change) = work(&mut desk)? {
            for (from, to) in &desk.gone {
                store.retain(|key, _| key < from || key >= to);
            }
            store.extend(desk.written.iter().cloned());
            return Ok((change, times));
        }
        for ask in std::mem::take(&mut desk.asked) {
            let range = store.range(ask.from.clone()..ask.to.clone()).take(ask.most as usize);
            let text = |text: &String| if ask.values { text.clone() } else { String::new() };
            let found = range.map(|(key, value)| (key.clone(), text(value))).collect();
            desk.put(ask, found);
        }
    }
    panic!("it never has all that it asks for");
}

fn write(store: &mut Store, shelf: &Shelf, records: &[Record], imported: bool) -> Change {
    run(store, &mut |desk| shelf.write(desk, records, imported)).unwrap().0
}

fn open(store: &mut Store, shelf: &Shelf, days: Option<u64>, now: u64) -> Change {
    run(store, &mut |desk| shelf.open(desk, days, now)).unwrap().0
}

fn records_in(store: &Store) -> Vec<Record> {
    let rows = store.iter().filter(|(key, _)| key.contains("/r/"));
    rows.map(|(_, text)| Record::from_row(&serde_json::from_str(text).unwrap()).unwrap()).collect()
}

fn told_by(cells: &Cells) -> Value {
    kpis(&[cells], &Query { by: Some(By::Day), ..Query::default() })
}

proptest! {
    #[test]
    fn what_is_stored_is_always_whole(
        works in prop::collection::vec((0_u8..8, 0_u64..40, 0_u64..4), 1..30),
    ) {
        // Two tabs; each work may die before it is written, and leaves nothing then.
        let (mut store, tabs) = (Store::new(), [(); 2].map(|()| Shelf::new("a".to_owned(), 1_000)));
        let mut acknowledged: Vec<Record> = Vec::new();
        for (at, (what, n, days)) in works.into_iter().enumerate() {
            let shelf = &tabs[at % 2];
            let mut own = record(at as u64 * 100 + n, "fast", "0.001");
            own.sent_at += days * DAY_MS;
            match what {
                0 => {
                    let mut dead = store.clone();
                    write(&mut dead, shelf, &[own], false);
                }
                1 => {
                    let batch = [own.clone(), Record { id: format!("{}b", own.id), ..own.clone() }];
                    write(&mut store, shelf, &batch, false);
                    acknowledged.extend(batch);
                }
                2 if !acknowledged.is_empty() => {
                    let chosen = n as usize % acknowledged.len();
                    let said = Said::Score(0.5);
                    let (id, when) = (acknowledged[chosen].id.clone(), acknowledged[chosen].sent_at);
                    let known = (n % 2 == 0).then_some(when);
                    run(&mut store, &mut |desk| shelf.change(desk, &id, known, &said)).unwrap();
                    said.apply(&mut acknowledged[chosen]);
                }
                3 => {
                    let told = write(&mut store, shelf, &acknowledged, true);
                    prop_assert_eq!(told.added, 0, "nothing is there twice");
                }
                _ => {
                    write(&mut store, shelf, std::slice::from_ref(&own), false);
                    acknowledged.push(own);
                }
            }
        }
        let mut there = records_in(&store);
        let order = |list: &mut Vec<Record>| list.sort_by(|a, b| a.id.cmp(&b.id));
        order(&mut there);
        order(&mut acknowledged);
        prop_assert_eq!(&there, &acknowledged);
        let opened = open(&mut store, &Shelf::new("a".to_owned(), 1_000), None, NOON);
        prop_assert_eq!(opened.state.count, there.len() as u64);
        prop_assert_eq!(told_by(&opened.cells), told_by(&counted(&there)));
    }
}

#[test]
fn a_full_shelf_lets_the_oldest_go_and_keeps_them_counted() {
    let (mut store, shelf) = (Store::new(), Shelf::new("a".to_owned(), 100));
    for n in 0..250 {
        write(&mut store, &shelf, &[record(n, "fast", "0.001")], false);
    }
    let there = records_in(&store);
    assert!((97..=100).contains(&there.len()), "{}", there.len());
    assert_eq!(there.last().unwrap().id, "r249");
    let opened = open(&mut store, &shelf, None, NOON);
    assert_eq!(opened.state.count, there.len() as u64);
    assert_eq!(told_by(&opened.cells)["requests"], 250);
    // What had to go is counted: it is not taken in again.
    let all: Vec<Record> = (0..250).map(|n| record(n, "fast", "0.001")).collect();
    let told = write(&mut store, &shelf, &all, true);
    assert_eq!((told.added, told.too_old), (0, 250 - there.len()));
    assert_eq!(told_by(&open(&mut store, &shelf, None, NOON).cells)["requests"], 250);
    // An import that is too large for the shelf keeps its latest.
    let (mut store, shelf) = (Store::new(), Shelf::new("b".to_owned(), 100));
    let told = write(&mut store, &shelf, &all, true);
    assert_eq!(told.added, 250);
    assert!(records_in(&store).len() <= 100 && records_in(&store).last().unwrap().id == "r249");
    assert_eq!(told_by(&open(&mut store, &shelf, None, NOON).cells)["requests"], 250);
    // Days that are over.
    let late = open(&mut store, &shelf, Some(30), NOON + 31 * DAY_MS);
    assert_eq!((records_in(&store).len(), late.state.count), (0, 0));
    assert_eq!(told_by(&late.cells)["requests"], 250);
}

#[test]
fn old_days_become_months_and_feedback_still_finds_them() {
    let (mut store, shelf) = (Store::new(), Shelf::new("a".to_owned(), 1_000));
    let records: Vec<Record> = (0..40)
        .map(|n| Record { sent_at: NOON + n * DAY_MS, ..record(n, "fast", "0.001") })
        .collect();
    write(&mut store, &shelf, &records, false);
    let before = told_by(&open(&mut store, &shelf, None, NOON).cells);
    let opened = open(&mut store, &shelf, None, NOON + 500 * DAY_MS);
    let days: Vec<&str> = opened.cells.list().iter().map(|(key, _)| key.day.as_str()).collect();
    assert_eq!(days, ["2026-11", "2026-12"]);
    assert_eq!(store.keys().filter(|key| key.contains("/c/")).count(), 2);
    let said = Said::Feedback(Opinion { thumb: Some("up".to_owned()), ..Opinion::default() });
    run(&mut store, &mut |desk| shelf.change(desk, "r3", None, &said)).unwrap();
    let after = told_by(&open(&mut store, &shelf, None, NOON + 500 * DAY_MS).cells);
    assert_eq!((&after["requests"], &after["costUsd"]), (&before["requests"], &before["costUsd"]));
    assert_eq!(after["satisfaction"]["thumbs"]["n"], 1);
}

#[test]
fn damage_is_told_and_what_can_be_is_counted_anew() {
    let (mut store, shelf) = (Store::new(), Shelf::new("a".to_owned(), 1_000));
    let records: Vec<Record> = (0..30).map(|n| record(n, "fast", "0.001")).collect();
    write(&mut store, &shelf, &records, false);
    let whole = store.clone();
    let sound = told_by(&open(&mut store, &shelf, None, NOON).cells);
    // Any one entry, cut anywhere.
    for (key, text) in &whole {
        for cut in [0, 1, text.len() / 2, text.len() - 1] {
            let mut store = whole.clone();
            store.insert(key.clone(), text[..cut].to_owned());
            let shelf = Shelf::new("a".to_owned(), 1_000);
            let opened = open(&mut store, &shelf, None, NOON);
            assert_eq!(told_by(&opened.cells), sound, "{key} cut at {cut}");
            assert_eq!(opened.state.count, 30);
            let told = write(&mut store, &shelf, &[record(99, "fast", "0.001")], false);
            assert_eq!(told.state.count, 31);
            if key.contains("/r/") {
                assert_eq!(shelf.damaged(), 0, "nobody has read it yet");
                assert!(shelf.record(key, &store[key]).is_none());
                assert_eq!(store[key], text[..cut], "it is left where it is");
            }
            assert_eq!(shelf.damaged(), usize::from(!key.ends_with("/m")), "{key}");
        }
    }
    // Of a newer version nothing is touched.
    store.insert("a/m".to_owned(), json!({"v": 2}).to_string());
    let before = store.clone();
    let refused = run(&mut store, &mut |desk| shelf.open(desk, None, NOON)).unwrap_err();
    assert!(refused.message().contains("version 2, wanted 1: a newer version"), "{refused}");
    let refused = run(&mut store, &mut |desk| shelf.write(desk, &records, false));
    assert!(refused.is_err() && store == before);
}

#[test]
fn others_hear_what_changed_and_forget_what_was_cleared() {
    let (mut store, shelf) = (Store::new(), Shelf::new("a".to_owned(), 1_000));
    let mut other = Store::new();
    write(&mut store, &shelf, &[record(1, "fast", "0.001")], false);
    other.extend([("b/m".to_owned(), "{}".to_owned()), ("a".to_owned(), "x".to_owned())]);
    store.extend(other.clone());
    let known = open(&mut store, &shelf, None, NOON).state;
    let today = day_of(NOON);
    let refresh =
        |store: &mut Store| run(store, &mut |desk| shelf.refresh(desk, known, &today)).unwrap().0;
    assert!(!refresh(&mut store).all);
    let said = Said::Score(1.0);
    run(&mut store, &mut |desk| shelf.change(desk, "r1", Some(NOON + 1), &said)).unwrap();
    assert!(refresh(&mut store).all, "a change may be of any day");
    // A name of this client tells about when it was: only there it is looked for.
    let own = Record { id: format!("receipt_{NOON:x}00112233"), ..record(7, "fast", "0.001") };
    write(&mut store, &shelf, std::slice::from_ref(&own), false);
    run(&mut store, &mut |desk| shelf.change(desk, &own.id, None, &said)).unwrap();
    // Imported from elsewhere, the name may lie.
    let moved = Record { sent_at: NOON + 9 * DAY_MS, id: format!("{}x", own.id), ..own };
    write(&mut store, &shelf, std::slice::from_ref(&moved), false);
    run(&mut store, &mut |desk| shelf.change(desk, &moved.id, None, &said)).unwrap();
    let nobody =
        run(&mut store, &mut |desk| shelf.change(desk, "nobody", None, &said)).unwrap_err();
    assert!(nobody.message().starts_with("feedback: receipt: found \"nobody\""), "{nobody}");
    let cleared = run(&mut store, &mut |desk| shelf.clear(desk)).unwrap().0;
    assert_eq!(cleared.state.clears, known.clears + 1);
    store.remove("a/m");
    assert_eq!(store, other, "nothing of others");
}
