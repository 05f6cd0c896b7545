//! Before sending, all at once: the request for each candidate, its tokens and cost, the pick, and
//! whether it fits the budget.

mod budget;
mod cache;
mod experiment;
mod prompt;

pub use budget::{Allowance, PlanBudget, worst_case, worst_of_sending};
pub use cache::CacheWish;
pub use experiment::{Arm, Experiment, Placed};
pub use prompt::{Asked, Dressed};

use crate::catalog::{Catalog, Model, Resolved};
use crate::chat::{ChatRequest, Manner, Usage, adapt, rendered};
use crate::cost::{self, AnswerLength, CostEstimate, Horizon, Money, PastAnswer, TokenInterval};
use crate::error::{Error, ErrorKind, Result};
use crate::router::{self, Candidate, Policy, Route, Session};
use crate::tokens::{EstimateOptions, TokenEstimate, Vocabularies, estimate_tokens};
use serde::Serialize;
use serde_json::Value;

/// What a plan is made with.
#[derive(Clone, Copy)]
pub struct Planner<'a> {
    /// Where models and prices are looked up.
    pub catalog: &'a Catalog,
    /// The vocabularies that are loaded.
    pub vocabularies: &'a Vocabularies,
    /// The day whose prices hold, `YYYY-MM-DD`; `None`: the catalogue's day.
    pub at: Option<&'a str>,
    /// The caller's own expectation of the answer.
    pub answer: Option<TokenInterval>,
    /// Who serves the request (`"openrouter"`, `"bedrock"`, ...), where that changes its tokens.
    pub provider: Option<&'a str>,
    /// What is asked beyond one request; its history holds for every model.
    pub horizon: &'a Horizon,
    /// The user's own answers of one model, by the name it has in the plan.
    pub past: &'a dyn Fn(&str) -> Vec<PastAnswer>,
    /// The same of its input: what was counted, and what was billed.
    pub past_inputs: &'a dyn Fn(&str) -> Vec<PastAnswer>,
}

/// A candidate, planned.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    /// The name that the caller gave it, which goes on the wire.
    pub name: String,
    /// The catalogue's entry; `None` for a model that only the caller knows.
    pub resolved: Option<Resolved<'a>>,
    /// Tokens of the request on this model.
    pub tokens: TokenEstimate,
    /// What it would cost there; `None` where the price is not known.
    pub cost: Option<CostEstimate>,
    /// Why there is no cost.
    pub note: Option<String>,
    /// Its own request, where the prompt's words depend on the model.
    pub dressed: Option<Dressed>,
}

/// Before sending: the request, the estimates, the pick and why.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The plan's own name.
    pub id: String,
    /// The picked model, in the name that the caller gave it.
    pub model: String,
    /// What will be sent.
    pub request: Value,
    /// What the model or the gateway makes of it otherwise than it was asked.
    pub notes: Vec<String>,
    /// Tokens on the picked model.
    pub tokens: TokenEstimate,
    /// Its cost; `None` where the price is not known.
    pub cost: Option<CostEstimate>,
    /// Every candidate.
    pub candidates: Vec<PlannedCandidate>,
    /// The pick, explained.
    pub route: Route,
    /// How it stands with the budget; `None` where there is none.
    pub budget: Option<PlanBudget>,
    /// How the prompt was put for the picked model: `tier`, the sentences `added`, the number of
    /// `steps`, the `language`, which `examples` stayed. `None` where it stands as it was written.
    pub prompt: Option<Value>,
    /// What was found that should not leave in clear; null where nobody looked. The caller's to set.
    pub privacy: Value,
    /// The experiment that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Placed>,
    /// What the caller calls this kind of request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
}

/// What a plan tells of one candidate.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedCandidate {
    /// In the name that the caller gave it.
    pub model: String,
    /// Tokens of the request there.
    pub tokens: TokenEstimate,
    /// Its cost; `None` where the price is not known.
    pub cost: Option<CostEstimate>,
    /// Why there is no cost.
    pub note: Option<String>,
}

impl<'a> Planner<'a> {
    /// Looks a name up. With `listed_only`, an unknown one is an error; otherwise it is planned
    /// without a price, because gateways give models names of their own.
    fn resolve(
        &self,
        name: &str,
        listed_only: bool,
    ) -> Result<(Option<Resolved<'a>>, Option<String>)> {
        match self.catalog.resolve(name) {
            Ok(resolved) => Ok((Some(resolved), None)),
            Err(error) if listed_only => Err(error),
            Err(error) => Ok((None, Some(error.message().to_owned()))),
        }
    }

    /// Tokens and cost of `request` on the model called `name`.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownModel`] with `listed_only`; what the token estimate refuses.
    pub fn estimate(
        &self,
        request: &ChatRequest,
        name: &str,
        listed_only: bool,
    ) -> Result<Planned<'a>> {
        let (resolved, mut note) = self.resolve(name, listed_only)?;
        let options = EstimateOptions { provider: self.provider.map(str::to_owned) };
        let Some(found) = &resolved else {
            let model = Model::unlisted(name);
            let tokens = estimate_tokens(request, &model, self.vocabularies, &options)?;
            return Ok(Planned {
                name: name.to_owned(),
                resolved,
                tokens,
                cost: None,
                note,
                dressed: None,
            });
        };
        let tokens = estimate_tokens(request, found.model, self.vocabularies, &options)?;
        let answer = self.answer(request, found.model, name);
        // The count stays what it is; money follows what bills have made of it.
        let learned = cost::learned_tokens(&tokens, &(self.past_inputs)(name));
        let input = learned.as_ref().unwrap_or(&tokens);
        let cost = match cost::estimate_cost(found, input, &answer, self.at) {
            Ok(mut cost) => {
                let user = self.last_message(request, found.model, &options)?;
                self.horizon.look(&mut cost, found, user, self.at)?;
                Some(cost)
            }
            // No price is no error of the plan: it is shown as unknown.
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                note = Some(error.message().to_owned());
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Planned { name: name.to_owned(), resolved, tokens, cost, note, dressed: None })
    }

    /// The length that the answer may have.
    pub fn answer(&self, request: &ChatRequest, model: &Model, name: &str) -> AnswerLength {
        if let Some(own) = self.answer {
            return AnswerLength::stated(own.low, own.expected, own.high);
        }
        let typical = AnswerLength::of_request(request, model);
        let limit = [request.max_tokens, model.max_output].into_iter().flatten().min();
        let mut history = (self.past)(name);
        history.extend(&self.horizon.history);
        typical.learned(&history, limit)
    }

    /// Tokens of the request's last message, for the later questions of a session.
    fn last_message(
        &self,
        request: &ChatRequest,
        model: &Model,
        options: &EstimateOptions,
    ) -> Result<u64> {
        if self.horizon.session.is_none_or(|session| session.user_tokens.is_some()) {
            return Ok(0);
        }
        let mut last = ChatRequest { model: None, ..request.clone() };
        last.messages = request.messages.last().cloned().into_iter().collect();
        last.tools.clear();
        last.response_format = None;
        Ok(estimate_tokens(&last, model, self.vocabularies, options)?.tokens)
    }

    /// What `one` saves where the session's beginning is read from its cache; `None` where a price is
    /// not known, or the beginning is too short for the provider to keep.
    fn cached(&self, one: &Planned<'_>, session: &Session) -> Option<Money> {
        let resolved = one.resolved.as_ref()?;
        let prefix = session.prefix_tokens.min(one.tokens.tokens);
        if resolved.model.cache_min_tokens.is_some_and(|least| prefix < least) {
            return None;
        }
        let rates = cost::price_of(resolved, self.at).ok()?.rates;
        let read = |cached: u64| {
            let usage = Usage {
                input_tokens: one.tokens.tokens,
                cache_read_tokens: Some(cached),
                ..Usage::default()
            };
            cost::calculate_cost(&rates, &usage).ok().map(|cost| cost.usd.picodollars())
        };
        Some(Money::from_picodollars(read(0)?.saturating_sub(read(prefix)?)))
    }

    /// Picks one of `names` for `request`.
    ///
    /// # Errors
    /// What [`Planner::estimate`] and [`router::route`] refuse.
    pub fn route(
        &self,
        request: &ChatRequest,
        names: &[String],
        policy: &Policy,
        listed_only: bool,
    ) -> Result<(Route, Vec<Planned<'a>>)> {
        let planned = self.estimates(request, names, listed_only)?;
        Ok((self.pick(request, &planned, policy, false)?, planned))
    }

    fn estimates(
        &self,
        request: &ChatRequest,
        names: &[String],
        listed_only: bool,
    ) -> Result<Vec<Planned<'a>>> {
        names.iter().map(|name| self.estimate(request, name, listed_only)).collect()
    }

    /// Picks one of `planned`. `allow_unknown`: a limit on the cost does not stop a model whose price
    /// is not known.
    fn pick(
        &self,
        request: &ChatRequest,
        planned: &[Planned<'a>],
        policy: &Policy,
        allow_unknown: bool,
    ) -> Result<Route> {
        let uncounted = allow_unknown.then_some(Money::ZERO);
        let candidates: Vec<Candidate<'_>> = planned
            .iter()
            .map(|one| Candidate {
                name: one.name.clone(),
                model: one.resolved.as_ref().map(|resolved| resolved.model),
                tokens: one.tokens.clone(),
                cost: one.cost.clone(),
                most: policy.max_cost.and_then(|_| self.needed(request, one).or(uncounted)),
                cached: policy.session.as_ref().and_then(|session| self.cached(one, session)),
            })
            .collect();
        let mut route = router::route(request, &candidates, policy)?;
        route.receipt = router::receipt(request, self.catalog, &candidates, policy, &route.model);
        Ok(route)
    }

    /// Plans `request` for one of `names`, within `allowance`. `id` is the plan's own name. Where
    /// money alone is in the way of all of them, the plan is made all the same: its budget says that
    /// it does not fit, and what would.
    ///
    /// # Errors
    /// What [`Planner::route`] refuses.
    pub fn plan(
        &self,
        id: String,
        request: &ChatRequest,
        names: &[String],
        policy: &Policy,
        allowance: &Allowance,
    ) -> Result<Plan> {
        self.plan_prompt(id, request, None, names, policy, allowance)
    }

    /// The same for a prompt whose words depend on the model. `request` is the prompt's with nothing
    /// added: the route is decided on it, so that no added sentence moves it; tokens, cost and budget
    /// are those of what each candidate would get.
    ///
    /// # Errors
    /// As [`Planner::plan`].
    pub fn plan_prompt(
        &self,
        id: String,
        request: &ChatRequest,
        asked: Option<&Asked<'_>>,
        names: &[String],
        policy: &Policy,
        allowance: &Allowance,
    ) -> Result<Plan> {
        let in_words = asked.is_some_and(|asked| self.schema_in_words(asked, names));
        let reworded = match asked {
            Some(asked) if in_words => {
                let manner = Manner { schema_in_words: true, ..Manner::default() };
                Some(rendered(request, asked.prompt, manner)?.0)
            }
            _ => None,
        };
        let request = reworded.as_ref().unwrap_or(request);
        let planned = self.candidates(request, asked, in_words, names, policy)?;
        let room = [allowance.room(), policy.max_cost].into_iter().flatten().min();
        let within = |max_cost: Option<Money>| {
            let policy = Policy { max_cost, ..policy.clone() };
            self.pick(request, &planned, &policy, allowance.allow_unknown)
        };
        let route = within(room).or_else(|error| match room {
            Some(_) => within(None),
            None => Err(error),
        })?;
        let picked = planned.iter().find(|one| one.name == route.model).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("plan: {} is no candidate", route.model))
        })?;
        let own = picked.dressed.as_ref().map(|dressed| &dressed.request);
        let mut chosen = own.unwrap_or(request).clone();
        chosen.model = Some(picked.name.clone());
        let mut budget =
            room.map(|room| self.budget(&mut chosen, picked, &planned, policy, allowance, room));
        let mut notes = Vec::new();
        if let Some(resolved) = &picked.resolved {
            notes.extend(adapt(&mut chosen, resolved.model));
        }
        let prompt = prompt::said(picked, in_words, &mut notes);
        let request = chosen.to_value();
        if let Some(budget) = &mut budget {
            budget.bytes = request.to_string().len();
        }
        Ok(Plan {
            id,
            model: picked.name.clone(),
            request,
            notes,
            tokens: picked.tokens.clone(),
            cost: picked.cost.clone(),
            candidates: planned
                .iter()
                .map(|one| PlannedCandidate {
                    model: one.name.clone(),
                    tokens: one.tokens.clone(),
                    cost: one.cost.clone(),
                    note: one.note.clone(),
                })
                .collect(),
            route,
            budget,
            prompt,
            privacy: Value::Null,
            experiment: None,
            task: None,
        })
    }
}
