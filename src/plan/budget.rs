//! What a plan may cost: whether it fits the budget as it was last known, the limit on the answer
//! that keeps it there, and what would fit where it does not.

use super::{Planned, Planner};
use crate::catalog::{Catalog, Resolved, Service};
use crate::chat::{ChatRequest, Content, Message, Part, Role};
use crate::cost::{CacheWrite, Limit, Money, Size, Worst};
use crate::error::{Error, ErrorKind, Result};
use crate::json::Fields;
use crate::router::Policy;
use crate::tokens::{TokenEstimate, count_content};
use serde::Serialize;
use serde_json::{Map, Value};

/// Fewer tokens than this are no answer: the least that OpenAI's `max_output_tokens` takes
/// (platform.openai.com, API reference, 2026-11-22).
const SHORTEST_ANSWER: u64 = 16;

/// A limit that the budget sets by itself is so many times the upper end of what is expected, and at
/// least [`ROOM_AT_LEAST`] tokens. All that is left would be reserved otherwise, and all of it would
/// be gone for the day if the tab died or the connection were lost.
const ROOM_FACTOR: u64 = 4;

/// See [`ROOM_FACTOR`].
const ROOM_AT_LEAST: u64 = 4096;

/// The budget that a plan must fit, as it was last known.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// The caps. None: the plan may cost anything.
    pub limits: Vec<Limit>,
    /// Whether the day's book is the one of all tabs; `None`: no cap of a day is set.
    pub shared: Option<bool>,
    /// Whether models without a known price may be asked, uncounted.
    pub allow_unknown: bool,
    /// Models beside the candidates that may be proposed where nothing fits.
    pub spare: Vec<String>,
}

impl Allowance {
    /// What may still be spent on one request.
    pub fn room(&self) -> Option<Money> {
        self.limits.iter().map(Limit::left).min()
    }
}

/// Whether a plan fits its budget.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanBudget {
    /// The most that it can cost; `None` where the price is not known.
    pub worst_usd: Option<Money>,
    /// The most tokens of the answer that this stands for.
    pub max_tokens: Option<u64>,
    /// Whether it fits what is left, as last known.
    pub fits: bool,
    /// Whether the day's book is the one of all tabs; `None`: no cap of a day is set.
    pub shared: Option<bool>,
    /// Each cap, with what is left: [`Limit::to_value`].
    pub caps: Vec<Value>,
    /// What would fit, where this does not, each with its price.
    pub options: Vec<Value>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// The size of the request as JSON that this stands for, in bytes.
    pub bytes: usize,
}

/// The most that `request` can cost on the model called `name`, by the tokens of its answer; its
/// input has `low` to `high` tokens. `at`: the day whose prices hold.
///
/// # Errors
/// [`ErrorKind::UnknownModel`]; [`ErrorKind::Unsupported`] where no price is known.
pub fn worst_case(
    request: &ChatRequest,
    resolved: &Resolved<'_>,
    (low, high): (u64, u64),
    at: Option<&str>,
) -> Result<Worst> {
    let size = Size {
        low: low.min(high),
        high: high.max(low),
        cache: cache_write(request),
        answers: request.extra.get("n").and_then(Value::as_u64).unwrap_or(1),
    };
    let mut served = resolved.clone();
    // The tier that a request may ask for by a field, where it is dearer than what the name says.
    if request.extra.get("service_tier").and_then(Value::as_str) == Some("priority") {
        served.variant.service = Some(Service::Priority);
    }
    Worst::of(&served, size, at)
}

/// The most that a request to be sent can cost. `tokens`: its input on that model.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where no price is known; [`ErrorKind::Budget`] where the answer has no
/// limit at all.
pub fn worst_of_sending(
    catalog: &Catalog,
    request: &ChatRequest,
    name: &str,
    tokens: (u64, u64),
    at: Option<&str>,
) -> Result<Money> {
    let resolved = catalog.resolve(name)?;
    let worst = worst_case(request, &resolved, tokens, at)?;
    let most = request.max_tokens.or(resolved.model.max_output).ok_or_else(|| {
        Error::new(
            ErrorKind::Budget,
            format!("budget: found no limit on the answer of {name}, wanted maxTokens"),
        )
    })?;
    Ok(worst.with(most))
}

/// Which of the provider's caches the request asks for, anywhere in it.
fn cache_write(request: &ChatRequest) -> CacheWrite {
    let asked = |fields: Option<&Value>| match fields {
        None | Some(Value::Null) => CacheWrite::None,
        Some(mark) if mark.get("ttl").and_then(Value::as_str) == Some("1h") => CacheWrite::Long,
        Some(_) => CacheWrite::Short,
    };
    let of = |fields: &Map<String, Value>| asked(fields.get("cache_control"));
    let part = |part: &Part| match part {
        Part::Text { extra, .. } => of(extra),
        Part::Image(_) => CacheWrite::None,
        Part::File(file) => asked(file.value.get("cache_control")),
        Part::Other(value) => asked(value.get("cache_control")),
    };
    let message = |message: &Message| match &message.content {
        Content::Parts(parts) => parts.iter().map(part).max().unwrap_or_default(),
        _ => CacheWrite::None,
    };
    let messages = request.messages.iter().map(|one| of(&one.extra).max(message(one)));
    let tools = request.tools.iter().map(|tool| {
        of(&tool.extra).max(asked(tool.other.as_ref().and_then(|one| one.get("cache_control"))))
    });
    messages.chain(tools).max().unwrap_or_default().max(of(&request.extra))
}

/// Something that would fit, with the most that it can cost.
fn option(change: &str, model: &str, max_tokens: Option<u64>, usd: Money) -> Value {
    let mut fields = Map::new();
    for (name, value) in [
        ("change", change.into()),
        ("model", model.into()),
        ("maxTokens", max_tokens.map_or(Value::Null, Value::from)),
        ("usd", usd.to_string().into()),
    ] {
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}

impl<'a> Planner<'a> {
    fn worst(&self, request: &ChatRequest, planned: &Planned<'a>) -> Option<Worst> {
        let tokens = (planned.tokens.low, planned.tokens.high);
        worst_case(request, planned.resolved.as_ref()?, tokens, self.at).ok()
    }

    /// The most tokens that the answer is taken to need: the limit that is set, else the upper end
    /// of what is expected.
    fn answer_needed(&self, request: &ChatRequest, planned: &Planned<'a>) -> u64 {
        request.max_tokens.unwrap_or_else(|| match (&planned.cost, &planned.resolved) {
            (Some(cost), _) => cost.output_tokens.high,
            (None, Some(resolved)) => self.answer(request, resolved.model, &planned.name).high,
            (None, None) => 0,
        })
    }

    /// The least that must be held ready for a candidate: its worst case, with the answer that it
    /// is taken to need. `None` where the price is not known.
    pub(super) fn needed(&self, request: &ChatRequest, planned: &Planned<'a>) -> Option<Money> {
        let worst = self.worst(request, planned)?;
        Some(worst.with(self.answer_needed(request, planned)))
    }

    /// Sets the answer's limit where the request has none, and says how it stands with the budget.
    pub(super) fn budget(
        &self,
        request: &mut ChatRequest,
        picked: &Planned<'a>,
        others: &[Planned<'a>],
        policy: &Policy,
        allowance: &Allowance,
        room: Money,
    ) -> PlanBudget {
        let mut notes = Vec::new();
        let needed = self.answer_needed(request, picked);
        let worst = self.worst(request, picked);
        let fits = match &worst {
            Some(worst) => worst.with(needed) <= room,
            None => allowance.allow_unknown,
        };
        if worst.is_none() {
            let then = if fits { "it is not counted" } else { "no cap can be kept" };
            notes.push(format!("the price of {} is not known: {then}", picked.name));
        }
        if let (Some(worst), None) = (&worst, request.max_tokens) {
            let model = picked.resolved.as_ref().map(|resolved| resolved.model);
            let window = model.and_then(|model| model.context_window);
            let beside = window.and_then(|all| all.checked_sub(picked.tokens.high));
            let ample = needed.saturating_mul(ROOM_FACTOR).max(ROOM_AT_LEAST);
            let largest = model.and_then(|model| model.max_output);
            let bounds = [worst.tokens_for(room), largest, beside, Some(ample)];
            let most = bounds.into_iter().flatten().filter(|most| *most > 0).min();
            let most = if fits { most.unwrap_or(needed) } else { needed };
            notes.push(format!(
                "no limit on the answer was asked for: the budget sets {most} tokens"
            ));
            request.max_tokens = Some(most);
        }
        if request.extra.contains_key("web_search_options")
            || request.extra.contains_key("plugins")
            || request.tools.iter().any(|tool| tool.other.is_some())
        {
            notes.push("fees of the provider's own tools are not counted".to_owned());
        }
        let options = match &worst {
            _ if fits => Vec::new(),
            worst => self.options(request, picked, others, worst.as_ref(), policy, allowance, room),
        };
        PlanBudget {
            worst_usd: worst.map(|worst| worst.with(request.max_tokens.unwrap_or(needed))),
            max_tokens: request.max_tokens,
            fits,
            shared: allowance.shared,
            caps: allowance.limits.iter().map(Limit::to_value).collect(),
            options,
            notes,
            bytes: 0,
        }
    }

    /// What would fit: a smaller answer, a cheaper model, a trimmed context.
    #[allow(clippy::too_many_arguments)] // All of them are what the plan is made of.
    fn options(
        &self,
        request: &ChatRequest,
        picked: &Planned<'a>,
        others: &[Planned<'a>],
        worst: Option<&Worst>,
        policy: &Policy,
        allowance: &Allowance,
        room: Money,
    ) -> Vec<Value> {
        let mut list = Vec::new();
        if let Some(worst) = worst {
            let most = worst.tokens_for(room).unwrap_or(0);
            if most >= SHORTEST_ANSWER {
                list.push(option("answer", &picked.name, Some(most), worst.with(most)));
            }
        }
        // Models that the router would let through under this cap, cheapest first.
        let spare = allowance.spare.iter().filter(|name| {
            **name != picked.name && others.iter().all(|other| other.name != **name)
        });
        let spare: Vec<Planned<'a>> =
            spare.filter_map(|name| self.estimate(request, name, true).ok()).collect();
        let capped = Policy { max_cost: Some(room), r#override: None, ..policy.clone() };
        let mut cheaper: Vec<(Money, &str)> = Vec::new();
        for other in others.iter().chain(&spare) {
            let possible = other.name != picked.name
                && self.pick(request, std::slice::from_ref(other), &capped, false).is_ok();
            if let (true, Some(usd)) = (possible, self.needed(request, other)) {
                let place = cheaper.partition_point(|(less, _)| *less <= usd);
                cheaper.insert(place, (usd, &other.name));
            }
        }
        for (usd, model) in cheaper {
            list.push(option("model", model, request.max_tokens, usd));
        }
        list.extend(self.trimmed(request, picked, room));
        list
    }

    /// How much of the oldest exchanges must go until the rest fits. The system text and everything
    /// from the last user message on stay.
    fn trimmed(&self, request: &ChatRequest, picked: &Planned<'a>, room: Money) -> Option<Value> {
        let resolved = picked.resolved.as_ref()?;
        let output = request.max_tokens?;
        let TokenEstimate { low, high, .. } = picked.tokens;
        let cost = |high: u64| {
            let worst = worst_case(request, resolved, (low.min(high), high), self.at).ok()?;
            Some(worst.with(output))
        };
        // The largest input that fits lies in `fits..too_many`.
        let (mut fits, mut too_many) = (0, high);
        if cost(0)? > room {
            return None;
        }
        while too_many.saturating_sub(fits) > 1 {
            let middle = fits.midpoint(too_many);
            if cost(middle)? <= room { fits = middle } else { too_many = middle }
        }
        let drop = high.saturating_sub(fits);
        let is_user = |message: &&Message| message.role == Role::User;
        let last = request.messages.iter().rposition(|message| message.role == Role::User)?;
        let turns = request.messages.iter().take(last);
        let turns = turns.filter(|one| !matches!(one.role, Role::System | Role::Developer));
        // Whole exchanges go, so that no call loses its result: each begins with a user message.
        let (mut freed, mut messages, mut pending) = (0u64, 0u64, (0u64, 0u64));
        for turn in turns {
            if is_user(&turn) {
                (freed, messages) =
                    (freed.saturating_add(pending.0), messages.saturating_add(pending.1));
                pending = (0, 0);
                if freed >= drop {
                    break;
                }
            }
            let text = turn.content.text();
            // The upper end falls by more than this where the count is an estimate.
            let tokens = count_content(&text, resolved.model, self.vocabularies).tokens;
            pending = (pending.0.saturating_add(tokens), pending.1.saturating_add(1));
        }
        (freed, messages) = (freed.saturating_add(pending.0), messages.saturating_add(pending.1));
        (freed >= drop && messages > 0).then(|| {
            let usd = cost(high.saturating_sub(freed)).unwrap_or(room);
            let mut option = option("context", &picked.name, Some(output), usd);
            if let Some(fields) = option.as_object_mut() {
                fields.put("dropTokens", drop.into());
                fields.put("dropMessages", messages.into());
            }
            option
        })
    }
}
