//! Retries and failover.

use super::NOW_MS;
use promptfare::ErrorKind::{self, *};
use promptfare::error::{Error, Overflow};
use promptfare::gateway::{
    Candidate, Course, Decision, Headers, Health, Limits, attempts_by_gateway, back_off_ms, decide,
};

fn places() -> Vec<Candidate> {
    let place = |model: &str, window: Option<u64>| Candidate {
        endpoint: "https://gw.example/v1".into(),
        model: model.into(),
        context_window: window,
        weight: 1.0,
    };
    vec![
        place("small", Some(8_000)),
        place("unknown", None),
        place("middle", Some(32_000)),
        place("large", Some(200_000)),
    ]
}

fn course(candidates: &[Candidate]) -> Course<'_> {
    Course {
        candidates,
        current: 0,
        tried: &[],
        tries: 1,
        gateway_retries: 0,
        had_content: false,
        elapsed_ms: 100,
        now_ms: NOW_MS,
    }
}

fn decided(course: &Course<'_>, error: &Error) -> Decision {
    decide(course, error, &Limits::default(), &Health::default(), 0.5)
}

fn http(status: u16, kind: ErrorKind) -> Error {
    Error::new(kind, "x").with_status(status)
}

#[test]
fn what_is_retried_and_what_is_not() {
    let one = &places()[..1];
    for (error, retried) in [
        (http(408, Timeout), true),
        (http(409, Server), true),
        (http(425, Server), true),
        (http(429, RateLimit), true),
        (http(500, Server), true),
        (http(502, Server), true),
        (http(503, Overloaded), true),
        (http(504, Timeout), true),
        (http(529, Overloaded), true),
        (Error::new(Network, "x"), true),
        (Error::new(Timeout, "x"), true),
        (Error::new(Overloaded, "in the stream, before content"), true),
        (http(400, InvalidRequest), false),
        (http(401, Authentication), false),
        (http(402, Quota), false),
        (http(403, Permission), false),
        (http(404, UnknownModel), false),
        (http(413, InvalidRequest), false),
        (http(422, InvalidRequest), false),
        (http(429, Quota), false),
        (http(400, ContextOverflow), false),
        (http(400, Policy), false),
        (http(200, Protocol), false),
        (Error::new(Aborted, "x"), false),
        (Error::new(Budget, "x"), false),
        (Error::new(InvalidInput, "x"), false),
        (Error::new(Unsupported, "x"), false),
    ] {
        let decision = decided(&course(one), &error);
        assert_eq!(matches!(decision, Decision::Retry { .. }), retried, "{error:?}: {decision:?}");
        if !retried {
            assert!(matches!(decision, Decision::GiveUp(_)));
        }
        // One more try, then no more.
        let second = Course { tries: 2, ..course(one) };
        assert!(matches!(decided(&second, &error), Decision::GiveUp(_)));
        // Never after content, never without time.
        assert!(matches!(
            decided(&Course { had_content: true, ..course(one) }, &error),
            Decision::GiveUp(_)
        ));
        assert!(matches!(
            decided(&Course { elapsed_ms: 30_000, ..course(one) }, &error),
            Decision::GiveUp(_)
        ));
        let none = Limits { budget_ms: 0, ..Limits::default() };
        assert!(matches!(
            decide(
                &Course { elapsed_ms: 0, ..course(one) },
                &error,
                &none,
                &Health::default(),
                0.5
            ),
            Decision::GiveUp(_)
        ));
    }
}

#[test]
fn should_retry_is_obeyed_both_ways() {
    let one = &places()[..1];
    assert!(matches!(
        decided(&course(one), &http(500, Server).with_should_retry(false)),
        Decision::GiveUp(_)
    ));
    assert!(matches!(
        decided(&course(one), &http(400, InvalidRequest).with_should_retry(true)),
        Decision::Retry { .. }
    ));
    // Still not after content, still not for ever.
    let late = http(400, InvalidRequest).with_should_retry(true);
    assert!(matches!(
        decided(&Course { had_content: true, ..course(one) }, &late),
        Decision::GiveUp(_)
    ));
    assert!(matches!(decided(&Course { tries: 2, ..course(one) }, &late), Decision::GiveUp(_)));
}

#[test]
fn waits_are_bounded_and_never_nothing() {
    let one = &places()[..1];
    let wait = |error: &Error| match decided(&course(one), error) {
        Decision::Retry { after_ms } => after_ms,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(1500)), 1500);
    assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(20_000)), 20_000);
    assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(1)), 250, "never at once");
    for own in [0, 60_001, 120_000, u64::MAX] {
        assert_eq!(wait(&http(429, RateLimit).with_retry_after_ms(own)), back_off_ms(1, 0.5));
    }
    // Advice that does not fit into the time is not followed early: the answer is no.
    assert!(matches!(
        decided(&course(one), &http(429, RateLimit).with_retry_after_ms(45_000)),
        Decision::GiveUp(_)
    ));
    for tries in 0..70 {
        let (low, high) = (back_off_ms(tries, 0.0), back_off_ms(tries, 1.0));
        assert!((250..=8000).contains(&low) && low <= high && high <= 8000);
        assert!(
            back_off_ms(tries, f64::NAN) <= high
                && back_off_ms(tries, -9.0) == low
                && back_off_ms(tries, 9.0) == high
        );
    }
    assert_eq!([1, 2, 3].map(|tries| back_off_ms(tries, 1.0)), [500, 1000, 2000]);
}

#[test]
fn failover_goes_where_it_can_succeed() {
    let all = places();
    let second = Course { tries: 2, ..course(&all) };
    for kind in [Network, Timeout, RateLimit, Server, Overloaded] {
        assert!(
            matches!(decided(&course(&all), &Error::new(kind, "x")), Decision::Retry { .. }),
            "first again"
        );
        assert_eq!(decided(&second, &Error::new(kind, "x")), Decision::Failover { to: 1 });
    }
    for kind in [UnknownModel, Permission, Protocol, Unsupported] {
        assert_eq!(decided(&course(&all), &Error::new(kind, "x")), Decision::Failover { to: 1 });
    }
    for kind in [Authentication, Quota, Policy, InvalidRequest, Aborted, Budget, InvalidInput] {
        assert!(
            matches!(decided(&course(&all), &Error::new(kind, "x")), Decision::GiveUp(_)),
            "{kind}"
        );
    }
    // Another endpoint has another account; the same one has not.
    let mut two = places();
    two[2].endpoint = "https://other.example/v1".into();
    for kind in [Authentication, Quota] {
        let decision = decided(&course(&two), &Error::new(kind, "x"));
        assert_eq!(decision, Decision::Failover { to: 2 }, "{kind}");
    }
    assert!(matches!(decided(&course(&two), &Error::new(Policy, "x")), Decision::GiveUp(_)));
    // A long wait is not waited out where another can take it.
    assert_eq!(
        decided(&course(&all), &http(429, RateLimit).with_retry_after_ms(20_000)),
        Decision::Failover { to: 1 }
    );
    // Too large: only a window that is known to be larger, and large enough.
    let overflow = Error::new(ContextOverflow, "x");
    assert_eq!(decided(&course(&all), &overflow), Decision::Failover { to: 2 });
    let by_far = overflow.clone().with_overflow(Overflow { found: 40_000, limit: 8_000 });
    assert_eq!(decided(&course(&all), &by_far), Decision::Failover { to: 3 });
    let hopeless = overflow.clone().with_overflow(Overflow { found: 400_000, limit: 8_000 });
    assert!(matches!(decided(&course(&all), &hopeless), Decision::GiveUp(_)));
    assert!(matches!(
        decided(&Course { current: 3, ..course(&all) }, &overflow),
        Decision::GiveUp(_)
    ));
    assert!(
        matches!(decided(&Course { current: 1, ..course(&all) }, &overflow), Decision::GiveUp(_)),
        "unknown window"
    );
    // Those that failed before are left out; when none is left, it ends.
    assert_eq!(
        decided(&Course { tried: &[1], ..second }, &Error::new(Server, "x")),
        Decision::Failover { to: 2 }
    );
    assert!(matches!(
        decided(&Course { tried: &[1, 2, 3], ..second }, &Error::new(Server, "x")),
        Decision::GiveUp(_)
    ));
    let alone = Limits { failover: false, ..Limits::default() };
    assert!(matches!(
        decide(&second, &Error::new(Server, "x"), &alone, &Health::default(), 0.5),
        Decision::GiveUp(_)
    ));
    // A gateway that retried by itself is asked once more, not oftener.
    let patient = Limits { tries: 5, failover: false, ..Limits::default() };
    let retried = |tries, gateway_retries| {
        decide(
            &Course { tries, gateway_retries, ..course(&all) },
            &Error::new(Server, "x"),
            &patient,
            &Health::default(),
            0.5,
        )
    };
    assert!(matches!(retried(3, 0), Decision::Retry { .. }));
    assert!(matches!(retried(1, 9), Decision::Retry { .. }));
    assert!(matches!(retried(2, 9), Decision::GiveUp(_)));
}

#[test]
fn candidates_cool_down_and_take_turns() {
    let all = places();
    let mut health = Health::default();
    health.failed(&all[1], &http(429, RateLimit).with_retry_after_ms(20_000), NOW_MS);
    assert_eq!(health.cools_ms(&all[1], NOW_MS + 5_000), 15_000);
    let second = Course { tries: 2, ..course(&all) };
    let decision = decide(&second, &Error::new(Server, "x"), &Limits::default(), &health, 0.5);
    assert_eq!(decision, Decision::Failover { to: 2 }, "the one that cools down is passed over");
    let last = Course { tried: &[2, 3], ..second };
    let decision = decide(&last, &Error::new(Server, "x"), &Limits::default(), &health, 0.5);
    assert_eq!(decision, Decision::Failover { to: 1 }, "better than none");
    assert_eq!(health.order(&all, NOW_MS, || 0.5), [0, 2, 3, 1]);
    assert_eq!(health.order(&all, NOW_MS + 20_000, || 0.5), [0, 1, 2, 3]);
    // Failures in a row cool longer, up to a minute; a success heals; a bad request says nothing.
    for (failures, wanted) in [(1, 1000), (2, 2000), (3, 4000)] {
        health.failed(&all[0], &Error::new(Server, "x"), NOW_MS);
        assert_eq!(health.cools_ms(&all[0], NOW_MS), wanted, "{failures}");
    }
    (0..90).for_each(|_| health.failed(&all[0], &Error::new(Server, "x"), NOW_MS));
    assert_eq!(health.cools_ms(&all[0], NOW_MS), 60_000);
    health.succeeded(&all[0]);
    health.failed(&all[0], &http(400, InvalidRequest), NOW_MS);
    health.failed(&all[0], &http(401, Authentication), NOW_MS);
    assert_eq!(health.cools_ms(&all[0], NOW_MS), 0);
    // Endpoints of one model share the load by weight.
    let share = |endpoint: &str, weight| Candidate {
        endpoint: endpoint.into(),
        model: "m".into(),
        context_window: None,
        weight,
    };
    let two = [share("a", 3.0), share("b", 1.0), share("off", 0.0)];
    let mut seed = 42u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let firsts: Vec<_> =
        (0..4000).map(|_| Health::default().order(&two, NOW_MS, &mut random)[0]).collect();
    let of_a = firsts.iter().filter(|at| **at == 0).count();
    assert!((2850..3150).contains(&of_a), "{of_a} of 4000, wanted about 3000");
    assert!(!firsts.contains(&2));
}

#[test]
fn the_gateways_own_tries_are_read() {
    let read = |name: &str, value: &str| {
        attempts_by_gateway(Headers(&[(name.to_owned(), value.to_owned())]))
    };
    assert_eq!(read("x-litellm-attempted-retries", "2"), Some(2));
    assert_eq!(read("X-Portkey-Retry-Attempt-Count", "0"), Some(0));
    assert_eq!(read("x-portkey-retry-attempt-count", "-1"), None);
    assert_eq!(read("other", "2"), None);
}
