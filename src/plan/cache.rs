//! The provider's prompt cache, for one request: where breakpoints belong, whether the prefix is long
//! enough, when it pays, and what switching the model throws away.
//!
//! Rules: Anthropic caches a prefix in the order tools, system, messages up to a block that is marked
//! `cache_control`, at most four of them, for five minutes or an hour
//! (<https://platform.claude.com/docs/en/build-with-claude/prompt-caching>); Alibaba and Amazon take
//! marks too, where their price list has a price for writing. OpenAI caches by itself, from 1,024
//! tokens on (<https://platform.openai.com/docs/guides/prompt-caching>), and so do the others that
//! have a price for reading. A change before a mark, of a tool or a word, throws all of it away, and so
//! does another model. As of 2026-11. Prices and least lengths are the catalogue's.

use super::Planner;
use crate::catalog::Model;
use crate::chat::{ChatRequest, Content, Message, Part, Role, Usage};
use crate::cost::{self, Money};
use crate::error::Result;
use crate::json::Fields;
use crate::tokens::{EstimateOptions, TokenEstimate, estimate_tokens};
use serde_json::{Map, Value};

/// Most marks in a request.
const MOST: usize = 4;

/// What is asked beside the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheWish {
    /// `"1h"` rather than five minutes.
    pub hour: bool,
    /// Give the request back with its marks set.
    pub set: bool,
    /// A model that one thinks of switching to.
    pub switch_to: Option<String>,
}

/// A place where the prefix may end.
struct Place {
    /// In words.
    after: &'static str,
    /// The message, or `None` for the last tool.
    message: Option<usize>,
    tokens: TokenEstimate,
}

impl Planner<'_> {
    /// Advice on the prompt cache for `request` on the model called `name`, as JSON
    /// (`CacheAdvice` in `types.d.ts`).
    ///
    /// # Errors
    /// [`crate::ErrorKind::UnknownModel`]; what the token estimate and the price refuse.
    pub fn cache_advice(
        &self,
        request: &ChatRequest,
        name: &str,
        wish: &CacheWish,
    ) -> Result<Value> {
        let resolved = self.catalog.resolve(name)?;
        let model = resolved.model;
        let priced = cost::price_of(&resolved, self.at)?;
        let rates = &priced.rates;
        let kind = match model.lab.as_str() {
            _ if rates.cache_read_mtok.is_none() => "none",
            "anthropic" | "alibaba" | "amazon" if rates.cache_write_mtok.is_some() => "explicit",
            _ => "automatic",
        };
        let openai = (model.lab == "openai").then_some(1024);
        let least = model.cache_min_tokens.or(openai);
        let long = |tokens: &TokenEstimate| match least {
            Some(least) if tokens.low >= least => Some(true),
            Some(least) if tokens.high < least => Some(false),
            _ => None,
        };
        let mut places = self.places(request, model)?;
        // The last message is new each time; what stands before it comes again.
        let all = places.pop().map_or(0, |last| last.tokens.tokens);
        let prefix = places.last().map(|place| place.tokens.clone());
        let worth: Vec<&Place> =
            places.iter().filter(|place| long(&place.tokens) != Some(false)).collect();
        let chosen = worth.get(worth.len().saturating_sub(MOST)..).unwrap_or_default();
        let breakpoints: Vec<Value> = match kind {
            "explicit" => chosen
                .iter()
                .map(|place| {
                    object([
                        ("after", place.after.into()),
                        ("message", place.message.into()),
                        ("tokens", place.tokens.tokens.into()),
                        ("longEnough", long(&place.tokens).into()),
                    ])
                })
                .collect(),
            _ => Vec::new(),
        };
        let tokens = prefix.as_ref().map_or(0, |prefix| prefix.tokens);
        // The tier is chosen by the whole prompt.
        let whole = all.max(tokens);
        let at = |read: u64, write: u64, hour: u64| -> Result<Money> {
            let usage = Usage {
                input_tokens: whole,
                cache_read_tokens: Some(read),
                cache_write_tokens: Some(write),
                cache_write_1h_tokens: Some(hour),
                ..Usage::default()
            };
            cost::calculate_cost(rates, &usage).map(|cost| cost.input)
        };
        let beside = at(0, 0, 0)?.picodollars();
        let plain = beside / u128::from(whole.max(1)) * u128::from(tokens);
        // What is beside the prefix costs the same either way.
        let alone =
            |all: Money| Money::from_picodollars(all.picodollars().saturating_sub(beside - plain));
        let plain = Money::from_picodollars(plain);
        let read = alone(at(tokens, 0, 0)?);
        let written = rates.cache_write_mtok.is_some() && kind != "none";
        let write = if written { Some(alone(at(0, tokens, 0)?)) } else { None };
        let hour = rates.cache_write_1h_mtok.is_some() && kind == "explicit";
        let write_hour = if hour { Some(alone(at(0, tokens, tokens)?)) } else { None };
        // So many reads make good what writing costs more than plain input.
        let pays = |write: Option<Money>| {
            let extra = write.unwrap_or(plain).picodollars().saturating_sub(plain.picodollars());
            let saved = plain.picodollars().checked_sub(read.picodollars()).filter(|s| *s > 0)?;
            u64::try_from(extra.div_ceil(saved)).ok().map(|reads| reads.max(1))
        };
        let worthwhile = kind != "none" && tokens > 0;
        let switching = match &wish.switch_to {
            Some(other) if worthwhile => {
                let other = self.catalog.resolve(other)?;
                // The other model writes the prefix anew where its price list has that.
                let theirs = cost::price_of(&other, self.at)?.rates;
                let there = self
                    .places(request, other.model)?
                    .iter()
                    .rev()
                    .nth(1)
                    .map_or(0, |place| place.tokens.tokens);
                let usage = Usage {
                    input_tokens: there,
                    cache_write_tokens: theirs.cache_write_mtok.as_ref().map(|_| there),
                    ..Usage::default()
                };
                let first = cost::calculate_cost(&theirs, &usage)?.usd;
                object([
                    ("model", other.model.id.as_str().into()),
                    ("firstUsd", first.to_string().into()),
                    ("insteadOfUsd", read.to_string().into()),
                ])
            }
            _ => Value::Null,
        };
        let money = |money: Option<Money>| Value::from(money.map(|money| money.to_string()));
        let shown = prefix.as_ref().map(|prefix| {
            object([
                ("tokens", prefix.tokens.into()),
                ("low", prefix.low.into()),
                ("high", prefix.high.into()),
                ("exact", prefix.exact.into()),
                ("longEnough", long(prefix).into()),
            ])
        });
        let paid = if worthwhile { pays(write) } else { None };
        let marks = if kind == "explicit" { chosen } else { &[] };
        let mut advice = object([
            ("model", model.id.as_str().into()),
            ("kind", kind.into()),
            ("minTokens", least.into()),
            ("prefix", shown.unwrap_or_default()),
            ("breakpoints", breakpoints.into()),
            ("plainUsd", money(Some(plain))),
            ("readUsd", money((kind != "none").then_some(read))),
            ("writeUsd", money(write)),
            ("write1hUsd", money(write_hour)),
            ("paysAfterReads", paid.into()),
            ("paysAfterReads1h", write_hour.and_then(|_| pays(write_hour)).into()),
            ("switching", switching),
        ]);
        if let (true, Some(fields)) = (wish.set, advice.as_object_mut()) {
            fields.put("request", marked(request, marks, wish.hour).to_value());
        }
        Ok(advice)
    }

    /// Where the prefix may end, shortest first; the last place is the whole request.
    fn places(&self, request: &ChatRequest, model: &Model) -> Result<Vec<Place>> {
        let options = EstimateOptions { provider: self.provider.map(str::to_owned) };
        let is_system = |message: &&Message| matches!(message.role, Role::System | Role::Developer);
        let system: Vec<Message> = request.messages.iter().filter(is_system).cloned().collect();
        // Without a question after it no prefix is a request: a point stands for one, and what it
        // costs alone is taken away.
        let point = Message::text(Role::User, ".");
        let count = |tools: bool, messages: Vec<Message>| -> Result<TokenEstimate> {
            let mut part = ChatRequest { messages, ..request.clone() };
            part.response_format = None;
            if !tools {
                part.tools.clear();
            }
            estimate_tokens(&part, model, self.vocabularies, &options)
        };
        let alone = count(false, vec![point.clone()])?.tokens;
        let mut places = Vec::new();
        let mut push = |after, message, messages: Vec<Message>| -> Result<()> {
            let mut tokens = count(true, messages)?;
            for end in [&mut tokens.tokens, &mut tokens.low, &mut tokens.high] {
                *end = end.saturating_sub(alone);
            }
            places.push(Place { after, message, tokens });
            Ok(())
        };
        if !request.tools.is_empty() {
            push("tools", None, vec![point.clone()])?;
        }
        if let Some(last) = request.messages.iter().rposition(|message| is_system(&message)) {
            let mut messages = system.clone();
            messages.push(point.clone());
            push("system", Some(last), messages)?;
        }
        // The last message before the newest that can carry a mark.
        let (before, newest) = match request.messages.len().checked_sub(1) {
            Some(newest) => (request.messages.get(..newest).unwrap_or_default(), newest),
            None => (&[][..], 0),
        };
        let said = before.iter().rposition(|message| {
            matches!(message.role, Role::User | Role::Assistant)
                && !message.content.text().is_empty()
        });
        if let Some(said) = said {
            let mut messages: Vec<Message> = before.iter().take(said + 1).cloned().collect();
            messages.push(point);
            push("history", Some(said), messages)?;
        }
        let whole = count(true, request.messages.clone())?;
        places.push(Place { after: "message", message: Some(newest), tokens: whole });
        Ok(places)
    }
}

/// An object of JSON; smaller code than the macro's.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut map = Map::new();
    for (name, value) in &fields {
        map.insert((*name).to_owned(), value.clone());
    }
    Value::Object(map)
}

/// The request with these marks and no others.
fn marked(request: &ChatRequest, marks: &[&Place], hour: bool) -> ChatRequest {
    let mut request = request.clone();
    let mut mark = object([("type", "ephemeral".into())]);
    if let (true, Some(fields)) = (hour, mark.as_object_mut()) {
        fields.put("ttl", "1h".into());
    }
    for tool in &mut request.tools {
        tool.extra.shift_remove("cache_control");
    }
    for message in &mut request.messages {
        if let Content::Parts(parts) = &mut message.content {
            for part in parts {
                if let Part::Text { extra, .. } = part {
                    extra.shift_remove("cache_control");
                }
            }
        }
    }
    for place in marks {
        let Some(index) = place.message else {
            if let Some(tool) = request.tools.last_mut() {
                tool.extra.put("cache_control", mark.clone());
            }
            continue;
        };
        let Some(message) = request.messages.get_mut(index) else { continue };
        if let Content::Text(text) = &mut message.content {
            let text = std::mem::take(text);
            message.content = Content::Parts(vec![Part::Text { text, extra: Default::default() }]);
        }
        if let Content::Parts(parts) = &mut message.content {
            let last = parts.iter_mut().rev().find_map(|part| match part {
                Part::Text { extra, .. } => Some(extra),
                _ => None,
            });
            if let Some(extra) = last {
                extra.put("cache_control", mark.clone());
            }
        }
    }
    request
}
