//! What has to be left out until a request fits: whole units, oldest first; then the middle of one text.

use super::cut::{self, Cut};
use super::units::{Units, role};
use crate::error::Result;
use crate::practice::{Fare, border};
use crate::tokens::TokenEstimate;
use serde_json::{Map, Value, json};
use std::cell::RefCell;

/// A message that is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropped {
    /// Its place among the messages.
    pub message: usize,
    /// Who spoke.
    pub role: String,
    /// What it weighs alone, with what stands around it, in tokens; `None` where it cannot be counted alone.
    pub tokens: Option<u64>,
    /// Its beginning, in one line.
    pub preview: String,
    /// Why it is this one.
    pub reason: &'static str,
}

/// A message that stays whatever happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its place among the messages.
    pub message: usize,
    /// Who speaks.
    pub role: String,
    /// What it weighs alone, in tokens; `None` where it cannot be counted alone.
    pub tokens: Option<u64>,
    /// Why it stays.
    pub reason: &'static str,
}

/// A request made to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Trimmed {
    /// The request: the messages that stay, every one as it was, but for the one that is cut.
    pub request: Value,
    /// What it weighs.
    pub tokens: TokenEstimate,
    /// What is left out, in the order of the conversation.
    pub dropped: Vec<Dropped>,
    /// The text of which the middle is left out, where dropping was not enough.
    pub cut: Option<Cut>,
}

/// What came of trimming.
pub(super) enum Outcome {
    Fits(Box<Trimmed>),
    /// Even the least is too large: what it weighs, and what it is made of.
    Impossible(TokenEstimate, Vec<Kept>),
}

/// A request that is being made to fit.
pub(super) struct Trimmer<'a> {
    pub fare: &'a dyn Fare,
    pub model: &'a str,
    pub messages: &'a [Value],
    /// The request without its messages.
    pub rest: &'a Map<String, Value>,
    pub units: &'a Units,
    /// The least that a request weighs.
    frame: u64,
    /// The units that may go, in the order in which they do.
    order: Vec<usize>,
    /// Of every message that was weighed alone, what it weighs.
    weights: RefCell<Vec<Option<Option<u64>>>>,
    /// What is left with so many units gone, where that was counted: nothing is counted twice.
    counted: RefCell<Vec<(usize, TokenEstimate)>>,
    /// How many bytes the first so many of them are together.
    sums: Vec<u64>,
}

impl<'a> Trimmer<'a> {
    /// Puts in order what may go.
    pub(super) fn new(
        fare: &'a dyn Fare,
        model: &'a str,
        messages: &'a [Value],
        rest: &'a Map<String, Value>,
        units: &'a Units,
        whole: &TokenEstimate,
    ) -> Self {
        // What stands broken is refused anyway: it goes first. Then the oldest.
        let mut order = Vec::new();
        for broken in [true, false] {
            for (place, unit) in units.list.iter().enumerate() {
                if unit.broken == broken && unit.kept.is_empty() {
                    order.push(place);
                }
            }
        }
        let empty = json!({"messages": [{"role": "user", "content": ""}]});
        let mut made = Self {
            frame: fare.tokens(&empty, model).map_or(0, |empty| empty.tokens),
            fare,
            model,
            messages,
            rest,
            units,
            order,
            weights: RefCell::new(vec![None; messages.len()]),
            counted: RefCell::new(vec![(0, whole.clone())]),
            sums: vec![0],
        };
        let mut sum = 0u64;
        for place in &made.order {
            for message in units.list.get(*place).into_iter().flat_map(|unit| &unit.messages) {
                let Some(value) = messages.get(*message) else { continue };
                sum = sum.saturating_add(bytes(value)).saturating_add(1);
            }
            made.sums.push(sum);
        }
        made
    }

    /// What a message weighs beside the least request there is. Counted once.
    fn alone(&self, place: usize) -> Option<u64> {
        let known = self.weights.borrow().get(place).copied().flatten();
        if let Some(known) = known {
            return known;
        }
        let alone = json!({"messages": [self.messages.get(place)?]});
        let weight = self.fare.tokens(&alone, self.model).ok();
        let weight = weight.map(|weight| weight.tokens.saturating_sub(self.frame));
        if let Some(slot) = self.weights.borrow_mut().get_mut(place) {
            *slot = Some(weight);
        }
        weight
    }

    /// The places of the messages that are left when the first `count` units are gone.
    fn left(&self, count: usize) -> Vec<usize> {
        let mut gone = vec![false; self.messages.len()];
        for unit in self.order.iter().take(count) {
            for message in self.units.list.get(*unit).into_iter().flat_map(|unit| &unit.messages) {
                if let Some(slot) = gone.get_mut(*message) {
                    *slot = true;
                }
            }
        }
        let mut left = Vec::new();
        for (place, gone) in gone.iter().enumerate() {
            if !gone {
                left.push(place);
            }
        }
        left
    }

    fn request(&self, left: &[usize]) -> Value {
        let messages = left.iter().filter_map(|place| self.messages.get(*place)).cloned().collect();
        with_messages(self.rest, messages)
    }

    fn count(&self, request: &Value) -> Result<TokenEstimate> {
        self.fare.tokens(request, self.model)
    }

    /// What is left weighs with the first `gone` units gone.
    fn weight(&self, gone: usize) -> Result<TokenEstimate> {
        for (known, weight) in self.counted.borrow().iter() {
            if *known == gone {
                return Ok(weight.clone());
            }
        }
        let weight = self.count(&self.request(&self.left(gone)))?;
        self.counted.borrow_mut().push((gone, weight.clone()));
        Ok(weight)
    }

    /// The request with the fewest units gone, oldest first, that is surely at most `target` tokens.
    pub(super) fn trim(&self, target: u64) -> Result<Outcome> {
        let whole = self.weight(0)?;
        if whole.high <= target {
            return Ok(self.done(self.request(&self.left(0)), whole, 0, None));
        }
        let all = self.order.len();
        let least = self.weight(all)?;
        if least.high > target {
            return self.cut(self.request(&self.left(all)), least, target);
        }
        // Too many tokens with `few` units gone, few enough with `many`.
        let (mut few, mut many) = (None, (all, least.high));
        for (gone, weight) in self.counted.borrow().iter() {
            if weight.high > target {
                if few.is_none_or(|(known, _)| known < *gone) {
                    few = Some((*gone, weight.high));
                }
            } else if *gone < many.0 {
                many = (*gone, weight.high);
            }
        }
        let mut turn = 0;
        while let Some(low) = few
            && many.0.saturating_sub(low.0) > 1
        {
            turn += 1;
            // Half-way now and then: bytes are no promise of tokens.
            let next =
                if turn % 4 == 0 { low.0.midpoint(many.0) } else { self.guess(low, many, target) };
            let high = self.weight(next)?.high;
            if high <= target { many = (next, high) } else { few = Some((next, high)) }
        }
        let weight = self.weight(many.0)?;
        Ok(self.done(self.request(&self.left(many.0)), weight, many.0, None))
    }

    /// The least number of units between two that were counted at which, by the bytes, it should fit.
    fn guess(&self, few: (usize, u64), many: (usize, u64), target: u64) -> usize {
        let sum = |count: usize| self.sums.get(count).copied().unwrap_or(0);
        let (from, to) = (sum(few.0), sum(many.0));
        let span = u128::from(to.saturating_sub(from).max(1));
        let fall = u128::from(few.1.saturating_sub(many.1));
        let excess = u128::from(few.1.saturating_sub(target));
        let mut next = few.0 + 1;
        while next + 1 < many.0 {
            let gone = u128::from(sum(next).saturating_sub(from));
            if gone * fall / span >= excess {
                break;
            }
            next += 1;
        }
        next
    }

    /// Nothing more can go: the middle of the longest text that may be cut.
    fn cut(&self, least: Value, weight: TokenEstimate, target: u64) -> Result<Outcome> {
        let all = self.order.len();
        let left = self.left(all);
        let place = cut::longest(self.messages, &left, &self.units.fixed);
        if let Some(place) = place {
            let count = |request: &Value| self.count(request);
            let shift = left.iter().position(|one| *one == place.message).unwrap_or(0);
            if let Some((request, tokens, cut)) =
                cut::middle(&least, &place, shift, weight.tokens, target, &count)?
            {
                return Ok(self.done(request, tokens, all, Some(cut)));
            }
        }
        let mut kept = Vec::new();
        for place in left {
            let Some(message) = self.messages.get(place) else { continue };
            let unit = self.units.list.iter().find(|unit| unit.messages.contains(&place));
            kept.push(Kept {
                message: place,
                role: role(message).to_owned(),
                tokens: self.alone(place),
                reason: unit.map_or("instructions", |unit| unit.kept),
            });
        }
        Ok(Outcome::Impossible(weight, kept))
    }

    fn done(
        &self,
        request: Value,
        tokens: TokenEstimate,
        count: usize,
        cut: Option<Cut>,
    ) -> Outcome {
        let mut gone: Vec<(usize, &'static str)> = Vec::new();
        for unit in self.order.iter().take(count) {
            let Some(unit) = self.units.list.get(*unit) else { continue };
            let reason = if unit.broken {
                "a call without its result, or a result without its call: providers refuse it"
            } else {
                "the oldest that may go"
            };
            for message in &unit.messages {
                gone.push((*message, reason));
            }
        }
        crate::sort::sort(&mut gone, |one, other| one.0 < other.0);
        let mut dropped = Vec::new();
        for (place, reason) in gone {
            let Some(message) = self.messages.get(place) else { continue };
            dropped.push(Dropped {
                message: place,
                role: role(message).to_owned(),
                tokens: self.alone(place),
                preview: border::preview(&cut::said(message)),
                reason,
            });
        }
        Outcome::Fits(Box::new(Trimmed { request, tokens, dropped, cut }))
    }
}

/// The request with these messages, at the place where they stood.
pub(super) fn with_messages(rest: &Map<String, Value>, messages: Vec<Value>) -> Value {
    let mut request = rest.clone();
    request.insert("messages".to_owned(), Value::Array(messages));
    Value::Object(request)
}

/// Bytes of all texts within, for the search, which counts again.
fn bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(list) => list.iter().map(bytes).sum(),
        Value::Object(fields) => fields.values().map(bytes).sum(),
        _ => 1,
    }
}
