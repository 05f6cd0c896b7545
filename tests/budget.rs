//! The budget: no interleaving of requests passes a cap; what was spent is never lost.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test reports by panicking.

use promptfare::catalog::resolve_model;
use promptfare::chat::Usage;
use promptfare::cost::{
    Book, CacheWrite, Caps, Held, Money, Size, Worst, calculate_cost, price_of,
};
use promptfare::{Error, ErrorKind};
use proptest::prelude::*;

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn pico(amount: u64) -> Money {
    Money::from_picodollars(u128::from(amount))
}

fn held(id: &str, most: Money) -> Held {
    Held { id: id.to_owned(), page: "page".to_owned(), most, lost: false }
}

#[test]
fn over_the_cap_the_error_has_the_numbers() {
    let caps = Caps { day: Some(money("1")), ..Caps::default() };
    let (mut session, mut day) = (Book::default(), Book::default());
    caps.reserve(&mut session, &mut day, held("a", money("0.5")), "m").unwrap();
    day.settle("a", money("0.25"));
    session.settle("a", money("0.25"));
    caps.reserve(&mut session, &mut day, held("b", money("0.6")), "m").unwrap();
    let error =
        caps.reserve(&mut session, &mut day, held("c", money("0.2")), "the model").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    assert_eq!(
        error.message(),
        "budget: found up to 0.2 USD for a request to the model, wanted at most 0.15 USD: the cap of today is 1 USD (0.25 USD spent, 0.6 USD reserved)"
    );
    let shortage = error.shortage().unwrap();
    assert_eq!(shortage.amounts, ["1", "0.25", "0.6", "0", "0.2", "0.15"]);
    assert_eq!(shortage.cap, "day");
    caps.reserve(&mut session, &mut day, held("c", money("0.15")), "m").unwrap();
    assert_eq!(caps.limits(&session, &day, None)[0].left(), Money::ZERO);
}

#[test]
fn one_cap_is_enough_to_refuse_and_then_no_book_changes() {
    let (mut session, mut day) = (Book::default(), Book::default());
    let all = Caps { request: Some(money("3")), session: Some(money("4")), day: Some(money("9")) };
    all.reserve(&mut session, &mut day, held("a", money("3")), "m").unwrap();
    let refused = |caps: &Caps, most: &str| -> Error {
        let (mut session, mut day) = (session.clone(), day.clone());
        let before = (session.clone(), day.clone());
        let error = caps.reserve(&mut session, &mut day, held("b", money(most)), "m").unwrap_err();
        assert_eq!((session, day), before);
        error
    };
    assert_eq!(refused(&all, "3.1").shortage().unwrap().cap, "request");
    assert_eq!(refused(&all, "2").shortage().unwrap().cap, "session");
    let today = Caps { day: Some(money("4")), ..Caps::default() };
    assert_eq!(refused(&today, "2").shortage().unwrap().cap, "day");
}

#[test]
fn a_bill_that_never_comes_stays_reserved() {
    let caps = Caps { day: Some(money("1")), ..Caps::default() };
    let (mut session, mut day) = (Book::default(), Book::default());
    let own = Held { page: "dead".to_owned(), ..held("a", money("0.4")) };
    caps.reserve(&mut session, &mut day, own, "m").unwrap();
    caps.reserve(&mut session, &mut day, held("b", money("0.3")), "m").unwrap();
    caps.reserve(&mut session, &mut day, held("c", money("0.2")), "m").unwrap();
    day.lose("c");
    let living = ["page".to_owned()];
    let limit = caps.limits(&session, &day, Some(&living))[0];
    assert_eq!((limit.reserved, limit.unsettled), (money("0.3"), money("0.6")));
    assert_eq!(limit.left(), money("0.1"));
    // Where nobody knows who lives, all may.
    let limit = caps.limits(&session, &day, None)[0];
    assert_eq!((limit.reserved, limit.unsettled), (money("0.7"), money("0.2")));
    assert_eq!(limit.left(), money("0.1"));
    // A page that only slept comes back with its bill.
    day.settle("a", money("0.01"));
    assert_eq!(caps.limits(&session, &day, Some(&living))[0].left(), money("0.49"));
}

#[test]
fn what_was_spent_is_written_down_beyond_the_cap_too() {
    let caps = Caps { session: Some(money("1")), ..Caps::default() };
    let (mut session, mut day) = (Book::default(), Book::default());
    caps.reserve(&mut session, &mut day, held("a", money("1")), "m").unwrap();
    session.settle("a", money("1.5"));
    let limit = caps.limits(&session, &day, None)[0];
    assert_eq!((limit.spent, limit.left()), (money("1.5"), Money::ZERO));
    assert!(caps.reserve(&mut session, &mut day, held("b", pico(1)), "m").is_err());
    // What costs nothing is always within reach.
    caps.reserve(&mut session, &mut day, held("c", Money::ZERO), "m").unwrap();
    session.settle("of another day", money("0.5"));
    assert_eq!(session.spent(), money("2"));
}

#[test]
fn a_book_comes_back_whole_and_a_broken_one_is_not_empty() {
    let caps = Caps::default();
    let (mut session, mut day) = (Book::default(), Book::default());
    caps.reserve(&mut session, &mut day, held("a", money("0.000000000001")), "m").unwrap();
    caps.reserve(&mut session, &mut day, held("b", money("2")), "m").unwrap();
    day.lose("a");
    day.settle("b", money("1.25"));
    assert_eq!(Book::from_text(&day.to_text()), Ok(day.clone()));
    for bad in [
        "",
        "-1",
        "1\n",
        "1\nheld",
        "1\nheld 1 id",
        "1\nheld one id page",
        "1\nspent 1 id page",
        "1 1",
    ] {
        let error = Book::from_text(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage, "{bad}");
    }
}

#[derive(Clone, Debug)]
enum Act {
    /// A page asks for so much.
    Send { page: usize, most: u64 },
    /// The bill of the request at this place of those under way, so many thousandths of the most.
    Bill { place: usize, share: u64 },
    /// No bill will come.
    Lose { place: usize },
    /// A page dies with all its requests.
    Die { page: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..3usize, 0..400u64).prop_map(|(page, most)| Act::Send { page, most }),
        3 => (0..9usize, 0..=1000u64).prop_map(|(place, share)| Act::Bill { place, share }),
        1 => (0..9usize).prop_map(|place| Act::Lose { place }),
        1 => (0..3usize).prop_map(|page| Act::Die { page }),
    ];
    prop::collection::vec(act, 0..120)
}

proptest! {
    /// Three pages with a session each and one day for all: whatever happens in whatever order, no
    /// cap is passed while no bill is larger than the most that was reserved for it.
    #[test]
    fn no_interleaving_passes_a_cap(
        acts in acts(),
        request in prop::option::of(1..500u64),
        session in prop::option::of(1..1500u64),
        day in prop::option::of(1..3000u64),
    ) {
        let cap = |most: Option<u64>| most.map(pico);
        let caps = Caps { request: cap(request), session: cap(session), day: cap(day) };
        let mut sessions = [Book::default(), Book::default(), Book::default()];
        let mut today = Book::default();
        let mut under_way: Vec<(usize, String, u64)> = Vec::new();
        let (mut sent, mut billed, mut never) = (0u64, 0u64, 0u64);
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Send { page, most } => {
                    let id = number.to_string();
                    let wanted =
                        Held { id: id.clone(), page: page.to_string(), most: pico(most), lost: false };
                    let before = (sessions[page].clone(), today.clone());
                    match caps.reserve(&mut sessions[page], &mut today, wanted, "m") {
                        Ok(()) => {
                            prop_assert!(request.is_none_or(|cap| most <= cap));
                            under_way.push((page, id, most));
                            sent += most;
                        }
                        Err(error) => {
                            prop_assert_eq!(error.kind(), ErrorKind::Budget);
                            prop_assert_eq!(&before, &(sessions[page].clone(), today.clone()));
                        }
                    }
                }
                Act::Bill { place, share } if place < under_way.len() => {
                    let (page, id, most) = under_way.remove(place);
                    let cost = most * share / 1000;
                    sessions[page].settle(&id, pico(cost));
                    today.settle(&id, pico(cost));
                    (sent, billed) = (sent - most, billed + cost);
                }
                Act::Lose { place } if place < under_way.len() => {
                    let (page, id, most) = under_way.remove(place);
                    sessions[page].lose(&id);
                    today.lose(&id);
                    (sent, never) = (sent - most, never + most);
                }
                Act::Die { page } => {
                    sessions[page] = Book::default();
                    for (_, _, most) in under_way.extract_if(.., |(owner, _, _)| *owner == page) {
                        (sent, never) = (sent - most, never + most);
                    }
                }
                _ => {}
            }
            // The day's book counts all there is, exactly.
            let (reserved, lost) = today.held(None);
            prop_assert_eq!(today.spent(), pico(billed));
            prop_assert_eq!(reserved.checked_add(lost), Some(pico(sent + never)));
            prop_assert!(day.is_none_or(|cap| billed + sent + never <= cap));
            for book in &sessions {
                let (reserved, lost) = book.held(None);
                let taken = book.spent().picodollars() + reserved.picodollars() + lost.picodollars();
                prop_assert!(session.is_none_or(|cap| taken <= u128::from(cap)));
                for limit in caps.limits(book, &today, None) {
                    prop_assert!(limit.left() <= limit.most);
                }
            }
            prop_assert_eq!(Book::from_text(&today.to_text()), Ok(today.clone()));
        }
    }

    /// Bills may come in any order, also larger ones than were reserved.
    #[test]
    fn the_order_of_bills_is_nothing(
        costs in prop::collection::vec((0..1000u64, 0..1500u64), 0..12),
        order in any::<u64>(),
    ) {
        let mut day = Book::default();
        for (number, (most, _)) in costs.iter().enumerate() {
            Caps::default()
                .reserve(&mut Book::default(), &mut day, held(&number.to_string(), pico(*most)), "m")
                .unwrap();
        }
        let mut shuffled: Vec<usize> = (0..costs.len()).collect();
        shuffled.sort_by_key(|number| (*number as u64 + 1).wrapping_mul(order | 1).rotate_left(17));
        let mut other = day.clone();
        for (number, (_, cost)) in costs.iter().enumerate() {
            day.settle(&number.to_string(), pico(*cost));
        }
        for number in shuffled {
            other.settle(&number.to_string(), pico(costs[number].1));
        }
        prop_assert_eq!(&day, &other);
        prop_assert_eq!(day.spent(), pico(costs.iter().map(|(_, cost)| cost).sum()));
    }

    /// No usage within the size costs more than the worst case, on any model with a price; and the
    /// tokens that an amount buys are the most that it buys.
    #[test]
    fn nothing_costs_more_than_the_worst_case(
        index in any::<prop::sample::Index>(),
        low in 0..400_000u64,
        width in 0..300_000u64,
        at in 0.0..=1.0f64,
        output in 0..70_000u64,
        parts in prop::array::uniform4(0.0..=1.0f64),
        cache in 0..3usize,
        amount in 0..50_000_000_000_000u64,
    ) {
        let models: Vec<_> = promptfare::catalog::Catalog::shipped()
            .models()
            .iter()
            .filter(|model| !model.prices.is_empty())
            .collect();
        let resolved = resolve_model(&index.get(&models).id).unwrap();
        let size = Size {
            low,
            high: low + width,
            cache: [CacheWrite::None, CacheWrite::Short, CacheWrite::Long][cache],
            answers: 1,
        };
        let Ok(worst) = Worst::of(&resolved, size, None) else {
            return Err(TestCaseError::reject("no price for tokens"));
        };
        let share = |whole: u64, part: f64| (whole as f64 * part) as u64;
        let input = low + share(width, at);
        let written = if cache == 0 { 0 } else { share(input, parts[0]) };
        let usage = Usage {
            input_tokens: input,
            output_tokens: output,
            cache_read_tokens: Some(share(input - written, parts[1])),
            cache_write_tokens: Some(written),
            cache_write_1h_tokens: Some(if cache == 2 { share(written, parts[2]) } else { 0 }),
            reasoning_tokens: Some(share(output, parts[3])),
        };
        let rates = price_of(&resolved, None).unwrap().rates;
        let cost = calculate_cost(&rates, &usage).unwrap().usd;
        prop_assert!(cost <= worst.with(output), "{}: {cost} > {}", resolved.model.id, worst.with(output));
        prop_assert!(worst.with(output) <= worst.with(output + 1));
        match worst.tokens_for(pico(amount)) {
            None => prop_assert!(worst.with(0) > pico(amount)),
            Some(most) => {
                prop_assert!(worst.with(most) <= pico(amount) || most == u64::MAX);
                prop_assert!(most == u64::MAX || worst.with(most + 1) > pico(amount));
            }
        }
        let several = Worst::of(&resolved, Size { answers: 3, ..size }, None).unwrap();
        prop_assert_eq!(several.with(output), worst.with(output * 3));
    }
}

#[test]
fn the_worst_case_is_the_dearest_that_can_apply() {
    let worst = |model: &str, low: u64, high: u64, cache: CacheWrite| {
        let resolved = resolve_model(model).unwrap();
        Worst::of(&resolved, Size { low, high, cache, answers: 1 }, None).unwrap()
    };
    // $15 in, $18.75 written, $30 written for an hour, $75 out.
    let opus = |cache| worst("claude-opus-4", 900, 1000, cache).with(1000).to_string();
    assert_eq!(opus(CacheWrite::None), "0.09");
    assert_eq!(opus(CacheWrite::Short), "0.09375");
    assert_eq!(opus(CacheWrite::Long), "0.105");
    // $3 and $15 up to 200,000 tokens of input, $6 and $22.5 beyond; none of it by the low end.
    let sonnet =
        |high| worst("claude-sonnet-4", 100, high, CacheWrite::None).with(1000).to_string();
    assert_eq!(sonnet(200_000), "0.615");
    assert_eq!(sonnet(200_001), "1.222506");
    // OpenAI writes its cache unasked and bills that: $0.25 for $0.2.
    assert_eq!(worst("gpt-5.6-luna", 1000, 1000, CacheWrite::None).with(0).to_string(), "0.00025");
}
