//! Whether to try again, where, and when: decided from what is known, without clock, network or
//! dice of its own. Rules measured against openai-node 6, which retries exhausted quotas, retries
//! at once on a Retry-After in the past, and sleeps two minutes when told to (2026-11-22).

use super::headers::Headers;
use crate::error::{Error, ErrorKind};
use crate::sort::sort;

/// The longest Retry-After that is honoured, in milliseconds. A longer one is no advice for a
/// person who waits.
const LONGEST_ADVICE_MS: u64 = 60_000;

/// The shortest wait before any retry, in milliseconds: never at once.
const SHORTEST_WAIT_MS: u64 = 250;

/// How much is tried. [`Limits::default`] are the public defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time for retries and failover together, in milliseconds, from the start of the first
    /// attempt; no new attempt starts later. 0 switches both off. Default 30,000.
    pub budget_ms: u64,
    /// Tries on one candidate, the first one included. Default 2. Tries that the gateway reports
    /// of its own count, but one more of ours is always made.
    pub tries: u32,
    /// A longer wait than this is not waited out while another candidate can take the request, in
    /// milliseconds. Default 2,000.
    pub patience_ms: u64,
    /// Whether other candidates may take the request. Default true.
    pub failover: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { budget_ms: 30_000, tries: 2, patience_ms: 2_000, failover: true }
    }
}

/// A place that can take the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The gateway's base address.
    pub endpoint: String,
    /// The model's name there.
    pub model: String,
    /// Its window in tokens, where it is known.
    pub context_window: Option<u64>,
    /// Its share among endpoints with the same model; 1 where nothing else is wanted.
    pub weight: f64,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// All candidates, in the order in which they are to be tried.
    pub candidates: &'a [Candidate],
    /// The one that just failed.
    pub current: usize,
    /// Those that failed before and are not to be tried again.
    pub tried: &'a [usize],
    /// Tries on the current one, the one that just failed included.
    pub tries: u32,
    /// Tries of its own that the gateway reported, beyond its first.
    pub gateway_retries: u32,
    /// Whether any content reached the caller.
    pub had_content: bool,
    /// Milliseconds since the first attempt began.
    pub elapsed_ms: u64,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The same candidate again, after a wait.
    Retry {
        /// Milliseconds.
        after_ms: u64,
    },
    /// Another candidate, now. The old stream is to be closed first.
    Failover {
        /// Its place in [`Course::candidates`].
        to: usize,
    },
    /// No more; the words say why.
    GiveUp(&'static str),
}

/// Decides after a failure. `random` is from 0 to 1 and spreads the waits of many clients.
pub fn decide(
    course: &Course<'_>,
    error: &Error,
    limits: &Limits,
    health: &Health,
    random: f64,
) -> Decision {
    use ErrorKind::{Aborted, Budget, InvalidInput};
    if course.had_content {
        return Decision::GiveUp("content came already: another try would answer twice");
    }
    if matches!(error.kind(), Aborted | Budget | InvalidInput) {
        return Decision::GiveUp("it did not fail at the gateway");
    }
    if course.elapsed_ms >= limits.budget_ms {
        return Decision::GiveUp("the time for retries is used up");
    }
    let next = next_candidate(course, error, limits, health);
    if error.should_retry().unwrap_or_else(|| passes(error)) {
        let own = limits.tries.saturating_sub(course.gateway_retries).max(2);
        let after_ms = wait_ms(error, course.tries, random);
        let in_time = course.elapsed_ms.saturating_add(after_ms) < limits.budget_ms;
        let worth_it = after_ms <= limits.patience_ms || next.is_none();
        if limits.tries > 1 && course.tries < own && in_time && worth_it {
            return Decision::Retry { after_ms };
        }
    }
    match next {
        Some(to) => Decision::Failover { to },
        None => Decision::GiveUp("nothing is left that could succeed"),
    }
}

/// Whether the same request may succeed a little later. Quota, authentication, policy and context
/// overflow never do.
fn passes(error: &Error) -> bool {
    match (error.kind(), error.status()) {
        (
            ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::RateLimit
            | ErrorKind::Overloaded
            | ErrorKind::Server,
            status,
        ) => {
            status.is_none_or(|status| matches!(status, 200..=299 | 408 | 409 | 425 | 429 | 500..))
        }
        _ => false,
    }
}

/// Whether another model or endpoint may succeed where this one failed.
fn passes_elsewhere(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::RateLimit
            | ErrorKind::Overloaded
            | ErrorKind::Server
            | ErrorKind::Protocol
            | ErrorKind::Permission
            | ErrorKind::UnknownModel
            | ErrorKind::Unsupported
            | ErrorKind::ContextOverflow
    )
}

fn next_candidate(
    course: &Course<'_>,
    error: &Error,
    limits: &Limits,
    health: &Health,
) -> Option<usize> {
    if !limits.failover {
        return None;
    }
    let current = course.candidates.get(course.current);
    // Another account may be another matter; each endpoint has its own.
    let account = matches!(error.kind(), ErrorKind::Authentication | ErrorKind::Quota);
    let elsewhere = |candidate: &Candidate| {
        account && current.is_some_and(|current| current.endpoint != candidate.endpoint)
    };
    let can = |(at, candidate): &(usize, &Candidate)| {
        *at != course.current
            && (passes_elsewhere(error.kind()) || elsewhere(candidate))
            && !course.tried.contains(at)
            && (error.kind() != ErrorKind::ContextOverflow || holds_more(candidate, current, error))
    };
    let left = || course.candidates.iter().enumerate().filter(can);
    // One that cools down is better than none: the one whose time is up first.
    let rested = left().find(|(_, c)| health.cools_ms(c, course.now_ms) == 0);
    let found = rested.or_else(|| left().min_by_key(|(_, c)| health.cools_ms(c, course.now_ms)));
    found.map(|(at, _)| at)
}

/// Whether a window is known to be larger than the one that was too small, and large enough.
fn holds_more(candidate: &Candidate, current: Option<&Candidate>, error: &Error) -> bool {
    let Some(window) = candidate.context_window else {
        return false;
    };
    let too_small = error
        .overflow()
        .map(|overflow| overflow.limit)
        .into_iter()
        .chain(current.and_then(|current| current.context_window))
        .max();
    too_small.is_some_and(|too_small| window > too_small)
        && error.overflow().is_none_or(|overflow| window >= overflow.found)
}

/// The gateway's advice where it can be followed, otherwise our own back-off.
fn wait_ms(error: &Error, tries: u32, random: f64) -> u64 {
    match error.retry_after_ms() {
        Some(ms) if (1..=LONGEST_ADVICE_MS).contains(&ms) => ms.max(SHORTEST_WAIT_MS),
        _ => back_off_ms(tries, random),
    }
}

/// The wait before the next try, in milliseconds: it doubles from 500 to 8,000 with each try, and
/// its second half is left to chance, so that many clients do not come back at the same moment.
/// `random` is from 0 to 1.
pub fn back_off_ms(tries: u32, random: f64) -> u64 {
    let doubled = 500u64.saturating_mul(1 << tries.saturating_sub(1).min(4)).min(8_000);
    let half = doubled / 2;
    let chance = if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 };
    half.saturating_add((half as f64 * chance) as u64).max(SHORTEST_WAIT_MS)
}

/// Tries of its own that a gateway reports in its headers, beyond the first.
pub fn attempts_by_gateway(headers: Headers<'_>) -> Option<u32> {
    // Portkey writes -1 where it did not get as far as trying.
    headers
        .first(&["x-litellm-attempted-retries", "x-portkey-retry-attempt-count"])
        .and_then(|text| text.parse().ok())
}

/// Which candidates failed lately: each endpoint and model cools down for itself.
#[derive(Clone, Debug, Default)]
pub struct Health {
    states: Vec<State>,
}

/// One for each endpoint and model that failed: few.
#[derive(Clone, Debug, Default)]
struct State {
    endpoint: String,
    model: String,
    failures: u32,
    until_ms: u64,
}

impl Health {
    /// Notes a success: the candidate is well again.
    pub fn succeeded(&mut self, candidate: &Candidate) {
        self.states.retain(|state| !state.is_of(candidate));
    }

    /// Notes a failure. What says nothing against the candidate (a bad request, a wrong key, an
    /// abort) leaves it as it is. Otherwise it cools down for as long as the gateway asks (up to
    /// 60 seconds), or 1 second, doubling with each failure in a row up to 60.
    pub fn failed(&mut self, candidate: &Candidate, error: &Error, now_ms: u64) {
        if !passes(error) && error.kind() != ErrorKind::Protocol {
            return;
        }
        let known = self.states.iter().position(|state| state.is_of(candidate));
        let mut state = match known {
            Some(place) => self.states.swap_remove(place),
            None => State {
                endpoint: candidate.endpoint.clone(),
                model: candidate.model.clone(),
                ..State::default()
            },
        };
        state.failures = state.failures.saturating_add(1);
        let own = 1000u64.saturating_mul(1 << state.failures.saturating_sub(1).min(6));
        let cooling = error.retry_after_ms().unwrap_or(0).max(own).min(LONGEST_ADVICE_MS);
        state.until_ms = now_ms.saturating_add(cooling);
        self.states.push(state);
    }

    /// How long a candidate still cools down, in milliseconds; 0 where it is well.
    pub fn cools_ms(&self, candidate: &Candidate, now_ms: u64) -> u64 {
        let found = self.states.iter().find(|state| state.is_of(candidate));
        found.map_or(0, |state| state.until_ms.saturating_sub(now_ms))
    }

    /// The order in which to try candidates: as they are given, but endpoints of the same model
    /// that stand together take turns by weight, and those that cool down come last. `random`
    /// gives numbers from 0 to 1.
    pub fn order(
        &self,
        candidates: &[Candidate],
        now_ms: u64,
        mut random: impl FnMut() -> f64,
    ) -> Vec<usize> {
        let mut keyed = Vec::with_capacity(candidates.len());
        let mut group = 0usize;
        let mut last: Option<&str> = None;
        for (at, candidate) in candidates.iter().enumerate() {
            if last.is_some_and(|model| model != candidate.model) {
                group = group.saturating_add(1);
            }
            last = Some(&candidate.model);
            // The smallest of these wins with a probability in proportion to its weight.
            let chance = random().clamp(f64::MIN_POSITIVE, 1.0);
            let weight = if candidate.weight > 0.0 { candidate.weight } else { f64::MIN_POSITIVE };
            let turn = (-chance.ln() / weight).min(f64::MAX);
            let cooling = self.cools_ms(candidate, now_ms);
            keyed.push((cooling, group, turn, at));
        }
        sort(&mut keyed, |a, b| {
            let order = (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3));
            order.is_lt()
        });
        keyed.into_iter().map(|(_, _, _, at)| at).collect()
    }
}

impl State {
    fn is_of(&self, candidate: &Candidate) -> bool {
        self.endpoint == candidate.endpoint && self.model == candidate.model
    }
}
