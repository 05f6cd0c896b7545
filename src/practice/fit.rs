//! Long context: whether a request fits a model's window with room for its answer, and what to do where it
//! does not. A bigger model, a trimmed conversation, a summary first: each with its price.
//!
//! Nothing is trimmed behind anybody's back: what would be dropped is listed, and the request that was
//! given is never changed.

mod cut;
mod options;
mod summary;
mod trim;
mod units;

pub use cut::Cut;
pub use options::FitOptions;
pub use summary::{INSTRUCTION, Summary};
pub use trim::{Dropped, Kept, Trimmed};
pub use units::Orphan;

use super::{Fare, amount, shown};
use crate::cost::MoneyInterval;
use crate::error::{Error, Result};
use crate::tokens::TokenEstimate;
use serde_json::{Map, Value, json};
use trim::{Outcome, Trimmer};

/// Room for an answer of which nothing is known, in tokens: no limit asked for, no price and so no
/// estimate of its length. Our own choice, and no more than the model's longest answer.
const ROOM: u64 = 4_096;

/// Whether a model takes the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The model, as it was named.
    pub model: String,
    /// What the request weighs on it.
    pub tokens: TokenEstimate,
    /// Tokens kept free for the answer.
    pub room: u64,
    /// The model's context window, in tokens, question and answer together; `None` where it is not known.
    pub context_window: Option<u64>,
    /// The most tokens of input that it takes, where that is told apart.
    pub max_input: Option<u64>,
    /// The caller's own limit on question and answer together.
    pub limit_tokens: Option<u64>,
    /// Whether it surely fits, surely does not, or cannot be told.
    pub fits: Option<bool>,
    /// Why not, or why it cannot be told, in a sentence.
    pub reason: Option<String>,
    /// By how many tokens it is over, at the upper end of the count, where it is not sure to fit.
    pub over_by: Option<u64>,
    /// What the request costs as it is; `None` where no price is known.
    pub usd: Option<MoneyInterval>,
}

impl Candidate {
    /// The most tokens of input that leave room for the answer; `None` where no limit is known.
    fn most(&self) -> Option<u64> {
        let whole = self.limit();
        let beside = whole.map(|whole| whole.saturating_sub(self.room));
        match (beside, self.max_input) {
            (Some(beside), Some(most)) => Some(beside.min(most)),
            (one, other) => one.or(other),
        }
    }

    /// The most tokens of input whatever the answer is; `None` where no limit is known.
    fn most_input(&self) -> Option<u64> {
        match (self.limit(), self.max_input) {
            (Some(whole), Some(most)) => Some(whole.min(most)),
            (one, other) => one.or(other),
        }
    }

    fn limit(&self) -> Option<u64> {
        match (self.context_window, self.limit_tokens) {
            (Some(window), Some(limit)) => Some(window.min(limit)),
            (one, other) => one.or(other),
        }
    }

    /// As the published types have it.
    pub fn to_value(&self) -> Value {
        json!({
            "model": self.model,
            "tokens": shown(&self.tokens),
            "room": self.room,
            "contextWindow": self.context_window,
            "maxInput": self.max_input,
            "fits": self.fits,
            "reason": self.reason,
            "overBy": self.over_by,
            "usd": amount::show(self.usd),
        })
    }
}

/// Something that can be done where a request does not fit, with its price.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Another of the candidates, which surely takes it all.
    Bigger {
        /// The model.
        model: String,
        /// What the request weighs on it.
        tokens: TokenEstimate,
        /// What it costs there; `None` where no price is known.
        usd: Option<MoneyInterval>,
    },
    /// The same model with less of the conversation.
    Trim {
        /// The model.
        model: String,
        /// The trimmed request and what it lacks.
        trimmed: Box<Trimmed>,
        /// What it costs then.
        usd: Option<MoneyInterval>,
    },
    /// The same model with a summary of what would be dropped.
    Summarise {
        /// The model that answers.
        model: String,
        /// How, and what it costs.
        summary: Box<Summary>,
    },
}

/// What a request is to a set of models, and what can be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The model asked about first, then the others in the order given.
    pub candidates: Vec<Candidate>,
    /// What can be done where the first does not surely fit; cheapest bigger models first.
    pub options: Vec<Choice>,
    /// Where no trimming helps: what cannot be dropped.
    pub stuck: Option<Stuck>,
    /// Calls without results and results without calls in the request as it is.
    pub orphans: Vec<Orphan>,
}

/// What cannot be dropped is too much by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Stuck {
    /// What is left when all is dropped that may be.
    pub tokens: TokenEstimate,
    /// The most that would fit, in tokens.
    pub most: u64,
    /// The messages that stay, with what each weighs.
    pub kept: Vec<Kept>,
    /// The same in a sentence.
    pub reason: String,
}

/// Says which of the candidates takes `request` with room for its answer, and, where the first one does not
/// surely, what can be done and at what price.
///
/// Every candidate's count and price is one each of the whole request. Trimming searches by the bytes of
/// what may go and counts what would be left, mostly two to four times; every fourth step halves what is
/// left of the search, so that for n units of b bytes together it is O(b log n) at worst. Each message that
/// goes is then weighed once, alone.
///
/// # Errors
/// [`crate::ErrorKind::UnknownModel`]; [`crate::ErrorKind::InvalidInput`] where no model is named, a pinned
/// place does not exist or the request has no list of messages.
pub fn fit(request: &Value, options: &FitOptions, fare: &dyn Fare) -> Result<Fit> {
    let Some(messages) = request.get("messages").and_then(Value::as_array) else {
        return Err(Error::invalid_input("request: found no list of messages, wanted `messages`"));
    };
    let units = units::units(messages, &options.pinned, options.keep_last)?;
    let mut candidates = Vec::new();
    for model in options.models(request)? {
        candidates.push(candidate(request, options, &model, fare)?);
    }
    let mut made =
        Fit { candidates, options: Vec::new(), stuck: None, orphans: units.orphans.clone() };
    let Some(first) = made.candidates.first().cloned() else { return Ok(made) };
    if first.fits == Some(true) {
        return Ok(made);
    }
    for other in made.candidates.iter().skip(1) {
        if other.fits == Some(true) {
            let choice = Choice::Bigger {
                model: other.model.clone(),
                tokens: other.tokens.clone(),
                usd: other.usd,
            };
            let dearer = |one: &Choice| match (one, other.usd) {
                (Choice::Bigger { usd: Some(theirs), .. }, Some(own)) => {
                    theirs.expected > own.expected
                }
                (Choice::Bigger { usd: None, .. }, Some(_)) => true,
                _ => false,
            };
            let at = made.options.iter().position(dearer).unwrap_or(made.options.len());
            made.options.insert(at, choice);
        }
    }
    let Some(target) = first.most() else { return Ok(made) };
    let mut rest = Map::new();
    for (name, value) in request.as_object().into_iter().flatten() {
        // Its place is kept: providers do not care, readers do.
        let value = if name == "messages" { Value::Null } else { value.clone() };
        rest.insert(name.clone(), value);
    }
    let trimmer = Trimmer::new(fare, &first.model, messages, &rest, &units, &first.tokens);
    match trimmer.trim(target)? {
        Outcome::Fits(trimmed) => {
            let usd = fare.cost(&trimmed.request, &first.model)?;
            let summary = summary::summarise(&trimmer, &trimmed, &made.candidates, target)?;
            made.options.push(Choice::Trim {
                model: first.model.clone(),
                trimmed,
                usd: usd.as_ref().and_then(amount::interval),
            });
            if let Some(summary) = summary {
                made.options.push(Choice::Summarise {
                    model: first.model.clone(),
                    summary: Box::new(summary),
                });
            }
        }
        Outcome::Impossible(tokens, kept) => {
            made.stuck = Some(stuck(&first, tokens, target, kept));
        }
    }
    Ok(made)
}

fn candidate(
    request: &Value,
    options: &FitOptions,
    model: &str,
    fare: &dyn Fare,
) -> Result<Candidate> {
    let tokens = fare.tokens(request, model)?;
    let estimate = fare.cost(request, model)?;
    let (context_window, max_output) = fare.limits(model)?;
    let asked = ["max_completion_tokens", "max_tokens"]
        .iter()
        .find_map(|name| request.get(*name).and_then(crate::chat::whole_number));
    let foreseen =
        estimate.as_ref().and_then(|estimate| amount::tokens(estimate, "outputTokens", "high"));
    let room = options.answer_tokens.or(asked).or(foreseen);
    let room = room.unwrap_or_else(|| max_output.unwrap_or(ROOM).min(ROOM));
    let mut made = Candidate {
        model: model.to_owned(),
        tokens,
        room,
        context_window,
        max_input: fare.max_input(model)?,
        limit_tokens: options.limit_tokens,
        fits: None,
        reason: None,
        over_by: None,
        usd: estimate.as_ref().and_then(amount::interval),
    };
    let Some(most) = made.most() else {
        made.reason = Some(format!("the context window of {model} is not known"));
        return Ok(made);
    };
    let TokenEstimate { low, high, .. } = made.tokens;
    let what = match (made.max_input, made.limit()) {
        (Some(input), Some(whole)) if input <= whole.saturating_sub(room) => {
            format!("{model} takes {input} tokens of input")
        }
        (_, Some(whole)) => {
            format!("{whole} tokens less {room} for the answer leave {most}")
        }
        _ => format!("{model} takes {most} tokens of input"),
    };
    made.fits = if high <= most && room <= made.limit().unwrap_or(u64::MAX) {
        Some(true)
    } else if low > most || room > made.limit().unwrap_or(u64::MAX) {
        made.reason = Some(format!("{what}; the request is {low} or more"));
        Some(false)
    } else {
        made.reason = Some(format!("{what}; the request is {low} to {high}: it may fit"));
        None
    };
    if made.fits != Some(true) {
        made.over_by = Some(high.saturating_sub(most));
    }
    Ok(made)
}

fn stuck(first: &Candidate, tokens: TokenEstimate, most: u64, kept: Vec<Kept>) -> Stuck {
    let mut reason = format!(
        "what must stay is {} tokens or more, {most} would fit on {}:",
        tokens.low, first.model
    );
    for (place, one) in kept.iter().take(8).enumerate() {
        let weight = one.tokens.map_or_else(|| "not counted".to_owned(), |n| format!("{n} tokens"));
        let comma = if place == 0 { "" } else { "," };
        reason.push_str(&format!(
            "{comma} message {} ({}, {}, {weight})",
            one.message, one.role, one.reason
        ));
    }
    if kept.len() > 8 {
        reason.push_str(&format!(" and {} more", kept.len() - 8));
    }
    Stuck { tokens, most, kept, reason }
}

impl Choice {
    /// As the published types have it.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Bigger { model, tokens, usd } => json!({
                "kind": "bigger", "model": model, "tokens": shown(tokens), "usd": amount::show(*usd),
            }),
            Self::Trim { model, trimmed, usd } => {
                let mut dropped = Vec::new();
                for one in &trimmed.dropped {
                    dropped.push(json!({
                        "message": one.message,
                        "role": one.role,
                        "tokens": one.tokens,
                        "preview": one.preview,
                        "reason": one.reason,
                    }));
                }
                let cut = trimmed.cut.as_ref().map(|cut| {
                    json!({
                        "message": cut.message,
                        "part": cut.part,
                        "tokens": cut.tokens,
                        "start": cut.units.0,
                        "end": cut.units.1,
                        "mark": cut.mark,
                        "preview": cut.preview,
                    })
                });
                json!({
                    "kind": "trim",
                    "model": model,
                    "request": trimmed.request,
                    "tokens": shown(&trimmed.tokens),
                    "dropped": dropped,
                    "cut": cut,
                    "usd": amount::show(*usd),
                })
            }
            Self::Summarise { model, summary } => json!({
                "kind": "summarise",
                "model": model,
                "summariser": summary.model,
                "calls": summary.calls,
                "summaryTokens": summary.summary_tokens,
                "messages": summary.messages,
                "tokens": {"low": summary.tokens.0, "high": summary.tokens.1},
                "usd": amount::show(Some(summary.usd)),
                "summarising": amount::show(Some(summary.summarising)),
                "then": amount::show(Some(summary.then)),
            }),
        }
    }
}

impl Fit {
    /// As the published types have it.
    pub fn to_value(&self) -> Value {
        let stuck = self.stuck.as_ref().map(|stuck| {
            let mut kept = Vec::new();
            for one in &stuck.kept {
                kept.push(json!({
                    "message": one.message,
                    "role": one.role,
                    "tokens": one.tokens,
                    "reason": one.reason,
                }));
            }
            json!({
                "tokens": shown(&stuck.tokens),
                "most": stuck.most,
                "kept": kept,
                "reason": stuck.reason,
            })
        });
        let mut orphans = Vec::new();
        for one in &self.orphans {
            let what = if one.result { "result without call" } else { "call without result" };
            orphans.push(json!({"message": one.message, "id": one.id, "what": what}));
        }
        json!({
            "candidates": self.candidates.iter().map(Candidate::to_value).collect::<Vec<_>>(),
            "options": self.options.iter().map(Choice::to_value).collect::<Vec<_>>(),
            "stuck": stuck,
            "orphans": orphans,
        })
    }
}
