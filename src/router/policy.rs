//! What the caller wants of a pick: plain data, read from JSON and written back to it. Its schema is
//! `docs/policy.schema.json`.

use super::calibration::{self, Shift};
use super::preset::Preset;
use super::signal::Question;
use super::{Candidate, stakes::Domain};
use crate::cost::Money;
use crate::error::{Error, Result};
use crate::json::json;
use serde_json::{Map, Value};

/// How much hangs on the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criticality {
    /// An error costs a second try.
    #[default]
    Ordinary,
    /// An error costs time or goodwill.
    Important,
    /// An error is grave: legal, medical, financial, scientific.
    Critical,
}

impl Criticality {
    /// Every level, least first.
    pub const ALL: [Self; 3] = [Self::Ordinary, Self::Important, Self::Critical];

    /// The stable spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Important => "important",
            Self::Critical => "critical",
        }
    }
}

/// Which way to fail where the score knows next to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// The cheapest candidate.
    Cheap,
    /// The strongest candidate.
    Safe,
}

/// A conversation whose beginning lies in a provider's prompt cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The model that holds it.
    pub model: String,
    /// How long it is, in that model's tokens.
    pub prefix_tokens: u64,
}

/// What a person has settled once for all requests of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The last ask contains this, whatever the case.
    pub contains: Option<String>,
    /// The kind of task, as [`super::features::Category::name`] spells it.
    pub kind: Option<String>,
    /// The field of the stakes.
    pub stakes: Option<Domain>,
    /// The model to take.
    pub model: String,
}

/// The user's own past prompts, without their texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// `need` of each, 0 to 1.
    pub needs: Vec<f64>,
    /// How many of them went to the strongest candidate; `None` where that is not known.
    pub strong: Option<u64>,
}

/// What the caller wants of a pick.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The models to choose from; empty: the caller has other means of naming them.
    pub candidates: Vec<String>,
    /// Only these, where there are any.
    pub allowed: Vec<String>,
    /// Never these.
    pub forbidden: Vec<String>,
    /// This one, if it can take the request.
    pub r#override: Option<String>,
    /// The first that fits the request settles it, if its model can take the request.
    pub rules: Vec<Rule>,
    /// The most that one request may cost: its worst case, with the answer that it is taken to need.
    pub max_cost: Option<Money>,
    /// How much hangs on the answer; `None`: what the preset, the switches and the prompt say.
    pub criticality: Option<Criticality>,
    /// `Some(false)`: retired models are never picked. `None`: only where nothing else is left.
    pub allow_retired: Option<bool>,
    /// The use that the requests are for.
    pub preset: Option<Preset>,
    /// The article's five questions, answered by the caller, in the order of [`Question::ALL`];
    /// `None`: read from the prompt.
    pub switches: [Option<bool>; 5],
    /// Share of calls that shall go to the strongest candidate, 0 to 1.
    pub dial: Option<f64>,
    /// What to do where the score is unsure; `None`: go by the base rate.
    pub unsure: Option<Unsure>,
    /// What a right answer is worth beside a wrong one; `None`: by criticality.
    pub worth: Option<Money>,
    /// Where the conversation so far is cached.
    pub session: Option<Session>,
    /// Measured milliseconds until the answer is there, by model.
    pub latency: Vec<(String, u64)>,
    /// What a second of waiting is worth.
    pub second: Option<Money>,
    /// The caller's own levels of models, 0 to 9, above those of the lists.
    pub levels: Vec<(String, u8)>,
    /// Past prompts, which the dial goes by.
    pub traffic: Traffic,
    /// What the user's own feedback says of kinds of task.
    pub calibration: Vec<Shift>,
}

/// The fields of a policy.
const FIELDS: &str = "candidates, allowed, forbidden, override, rules, maxCostUsd, criticality, allowRetired, preset, switches, dial, unsure, worthUsd, session, latencyMs, secondUsd, levels, traffic, calibration";
/// More past prompts than these are not read: the newest stand last.
const MOST_TRAFFIC: usize = 1000;

impl Policy {
    /// Reads a policy; null is the default one.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted. A field
    /// of another name is an error too: a misspelt limit must not be lost.
    pub fn from_value(value: Value) -> Result<Self> {
        let mut policy = Self::default();
        if value.is_null() {
            return Ok(policy);
        }
        for (name, value) in object("policy", &value)? {
            let place = &format!("policy.{name}");
            match name.as_str() {
                _ if value.is_null() => {}
                "candidates" => policy.candidates = names(place, value)?,
                "allowed" => policy.allowed = names(place, value)?,
                "forbidden" => policy.forbidden = names(place, value)?,
                "override" => policy.r#override = Some(text(place, value, "a model's name")?),
                "rules" => policy.rules = rules(place, value)?,
                "maxCostUsd" => policy.max_cost = Some(Money::from_value(place, value)?),
                "criticality" => {
                    let found = Criticality::ALL.into_iter().find(|c| *value == c.name());
                    let wanted = "ordinary, important or critical";
                    policy.criticality = Some(found.ok_or_else(|| wrong(place, value, wanted))?);
                }
                "allowRetired" => policy.allow_retired = Some(flag(place, value)?),
                "preset" => {
                    let found = value.as_str().and_then(Preset::by_name);
                    policy.preset =
                        Some(found.ok_or_else(|| wrong(place, value, &Preset::names()))?);
                }
                "switches" => {
                    for (name, value) in object(place, value)? {
                        let place = &format!("{place}.{name}");
                        let index = Question::ALL.iter().position(|q| q.name() == name);
                        let switch = index.and_then(|index| policy.switches.get_mut(index));
                        let wanted = "one of accuracy, speed, long, budget, creative";
                        let switch = switch.ok_or_else(|| wrong(place, value, wanted))?;
                        *switch = if value.is_null() { None } else { Some(flag(place, value)?) };
                    }
                }
                "dial" => policy.dial = Some(share(place, value)?),
                "unsure" => {
                    policy.unsure = match value.as_str() {
                        Some("cheap") => Some(Unsure::Cheap),
                        Some("safe") => Some(Unsure::Safe),
                        _ => return Err(wrong(place, value, "cheap or safe")),
                    }
                }
                "worthUsd" => policy.worth = Some(Money::from_value(place, value)?),
                "session" => {
                    let (model, prefix) = (value.get("model"), value.get("prefixTokens"));
                    let prefix = prefix.and_then(Value::as_u64);
                    let (Some(model), Some(prefix_tokens)) = (model, prefix) else {
                        return Err(wrong(place, value, "{ model, prefixTokens }, a whole number"));
                    };
                    let model = text(&format!("{place}.model"), model, "a model's name")?;
                    policy.session = Some(Session { model, prefix_tokens });
                }
                "latencyMs" => {
                    policy.latency = pairs(place, value, u64::MAX, "milliseconds, a whole number")?;
                }
                "secondUsd" => policy.second = Some(Money::from_value(place, value)?),
                "levels" => {
                    let read = pairs(place, value, 9, "a whole number from 0 to 9")?;
                    let small = |(name, level)| (name, u8::try_from(level).unwrap_or(9));
                    policy.levels = read.into_iter().map(small).collect();
                }
                "traffic" => policy.traffic = traffic(place, value)?,
                "calibration" => policy.calibration = calibration::read(place, value)?,
                _ => return Err(wrong(place, value, &format!("one of {FIELDS}"))),
            }
        }
        Ok(policy)
    }

    /// Writes what differs from the default, in the order and the shape that
    /// [`Policy::from_value`] reads.
    pub fn to_value(&self) -> Value {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| {
            let nothing = match &value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(fields) => fields.is_empty(),
                _ => false,
            };
            if !nothing {
                fields.insert(name.to_owned(), value);
            }
        };
        let money = |money: Option<Money>| json!(money.map(|money| money.to_string()));
        put("candidates", json!(self.candidates));
        put("allowed", json!(self.allowed));
        put("forbidden", json!(self.forbidden));
        put("override", json!(self.r#override));
        put("rules", self.rules.iter().map(rule_value).collect());
        put("maxCostUsd", money(self.max_cost));
        put("criticality", json!(self.criticality.map(Criticality::name)));
        put("allowRetired", json!(self.allow_retired));
        put("preset", json!(self.preset.map(Preset::name)));
        let switches = Question::ALL.iter().zip(self.switches);
        let switches = switches.filter_map(|(q, on)| Some((q.name().to_owned(), on?.into())));
        put("switches", Value::Object(switches.collect()));
        put("dial", json!(self.dial));
        let unsure = |unsure| if unsure == Unsure::Cheap { "cheap" } else { "safe" };
        put("unsure", json!(self.unsure.map(unsure)));
        put("worthUsd", money(self.worth));
        let session = |s: &Session| json!({"model": s.model, "prefixTokens": s.prefix_tokens});
        put("session", self.session.as_ref().map_or(Value::Null, session));
        let latency = self.latency.iter().map(|(name, ms)| (name.clone(), json!(ms)));
        put("latencyMs", Value::Object(latency.collect()));
        put("secondUsd", money(self.second));
        let levels = self.levels.iter().map(|(name, level)| (name.clone(), json!(level)));
        put("levels", Value::Object(levels.collect()));
        if self.traffic != Traffic::default() {
            put("traffic", json!({"needs": self.traffic.needs, "strong": self.traffic.strong}));
        }
        put("calibration", calibration::write(&self.calibration));
        Value::Object(fields)
    }

    /// The caller's answer to one of the five questions.
    pub fn switch(&self, question: Question) -> Option<bool> {
        self.switches.get(question as usize).copied().flatten()
    }
}

fn rule_value(rule: &Rule) -> Value {
    let stakes = rule.stakes.map(Domain::name);
    let mut value = json!({"contains": rule.contains, "kind": rule.kind, "stakes": stakes, "model": rule.model});
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

/// Whether `name` means this candidate: as the caller named it, or by its catalogue id.
pub(super) fn same(name: &str, candidate: &Candidate<'_>) -> bool {
    name == candidate.name || candidate.model.is_some_and(|model| model.id == name)
}

fn rules(place: &str, value: &Value) -> Result<Vec<Rule>> {
    let list = value.as_array().ok_or_else(|| wrong(place, value, "a list of rules"))?;
    let mut rules = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let place = &format!("{place}[{index}]");
        let mut rule = Rule::default();
        for (name, value) in object(place, value)? {
            let place = &format!("{place}.{name}");
            match name.as_str() {
                "contains" => rule.contains = Some(text(place, value, "a text")?),
                "kind" => {
                    let known = super::features::Category::ALL.map(|kind| kind.name());
                    let found = known.into_iter().find(|name| *value == **name);
                    let wanted = || wrong(place, value, &format!("one of {}", known.join(", ")));
                    rule.kind = Some(found.ok_or_else(wanted)?.to_owned());
                }
                "stakes" => {
                    let found = Domain::ALL.into_iter().find(|domain| *value == domain.name());
                    let wanted = "legal, medical, financial or scientific";
                    rule.stakes = Some(found.ok_or_else(|| wrong(place, value, wanted))?);
                }
                "model" => rule.model = text(place, value, "a model's name")?,
                _ => return Err(wrong(place, value, "one of contains, kind, stakes, model")),
            }
        }
        let condition = rule.contains.is_some() || rule.kind.is_some() || rule.stakes.is_some();
        if rule.model.is_empty() || !condition {
            return Err(wrong(place, value, "a model, and one of contains, kind, stakes at least"));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn traffic(place: &str, value: &Value) -> Result<Traffic> {
    let mut traffic = Traffic::default();
    for (name, value) in object(place, value)? {
        let place = &format!("{place}.{name}");
        match name.as_str() {
            "needs" => {
                let list = value.as_array().ok_or_else(|| wrong(place, value, "a list"))?;
                let newest = list.len().saturating_sub(MOST_TRAFFIC);
                let needs = list.iter().skip(newest).map(|need| share(place, need));
                traffic.needs = needs.collect::<Result<_>>()?;
            }
            "strong" if value.is_null() => {}
            "strong" => {
                let count = value.as_u64();
                traffic.strong = Some(count.ok_or_else(|| wrong(place, value, "a whole number"))?);
            }
            _ => return Err(wrong(place, value, "needs or strong")),
        }
    }
    let read = u64::try_from(traffic.needs.len()).unwrap_or(u64::MAX);
    // A count of more prompts than were read says nothing of those that were.
    traffic.strong = traffic.strong.filter(|strong| *strong <= read && read < MOST_TRAFFIC as u64);
    Ok(traffic)
}

fn object<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| wrong(place, value, "an object"))
}

fn text(place: &str, value: &Value, wanted: &str) -> Result<String> {
    let found = value.as_str().filter(|text| !text.is_empty());
    found.map(str::to_owned).ok_or_else(|| wrong(place, value, wanted))
}

fn flag(place: &str, value: &Value) -> Result<bool> {
    value.as_bool().ok_or_else(|| wrong(place, value, "true or false"))
}

fn share(place: &str, value: &Value) -> Result<f64> {
    let found = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
    found.ok_or_else(|| wrong(place, value, "a number from 0 to 1"))
}

fn names(place: &str, value: &Value) -> Result<Vec<String>> {
    let list = value.as_array().ok_or_else(|| wrong(place, value, "a list of names"))?;
    list.iter().map(|item| text(place, item, "a model's name")).collect()
}

fn pairs(place: &str, value: &Value, most: u64, wanted: &str) -> Result<Vec<(String, u64)>> {
    let mut read = Vec::new();
    for (name, value) in object(place, value)? {
        let found = value.as_u64().filter(|number| *number <= most);
        let place = format!("{place}.{name}");
        read.push((name.clone(), found.ok_or_else(|| wrong(&place, value, wanted))?));
    }
    Ok(read)
}

/// An error in the form that all readers here have; a long value is cut.
pub(super) fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let found: String = found.to_string().chars().take(80).collect();
    Error::invalid_input(format!("{place}: found {found}, wanted {wanted}"))
}
