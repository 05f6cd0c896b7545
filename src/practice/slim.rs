//! What can be left out of a request, and what that saves: proposals, each a diff with the tokens and
//! the money counted anew on the whole request.
//!
//! A proposal is *lossless* (the same JSON values, the same text but for space that says nothing) or it
//! changes the meaning, never both. Code, quotations and strings stay as they are to the byte, and a
//! lossless proposal leaves their surroundings alone where it is in doubt. Nothing is changed until it
//! is accepted; any proposals may be accepted together, in any order.

mod duplicate;
mod edit;
mod field;
mod filler;
mod json;
mod layout;
mod passage;
mod space;
mod table;
mod tools;
mod topic;
mod turns;

use super::Fare;
use crate::cost::Money;
use crate::error::{Error, Result};
use edit::{Cut, Whole};
use field::{Field, Speaker, fields, is_breakpoint, list};
use layout::Kind as LineKind;
use serde_json::{Value, json};

/// What a proposal takes away. Later ones are stronger: where two want the same place, they have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Space that says nothing.
    Whitespace,
    /// Space between the tokens of JSON.
    Json,
    /// Padding of tables.
    Table,
    /// Politeness and hedges.
    Filler,
    /// A passage in nearly the same words as an earlier one.
    NearDuplicate,
    /// A passage that was said before, word for word.
    Duplicate,
    /// The result of a tool that was answered long since.
    ToolResult,
    /// An exchange that has nothing to do with the question.
    StaleTurn,
    /// A tool that nothing speaks of.
    UnusedTool,
}

impl Kind {
    /// Every kind, the strongest last.
    pub const ALL: [Kind; 9] = [
        Self::Whitespace,
        Self::Json,
        Self::Table,
        Self::Filler,
        Self::NearDuplicate,
        Self::Duplicate,
        Self::ToolResult,
        Self::StaleTurn,
        Self::UnusedTool,
    ];

    /// The stable spelling, e.g. `"near_duplicate"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whitespace => "whitespace",
            Self::Json => "json",
            Self::Table => "table",
            Self::Filler => "filler",
            Self::NearDuplicate => "near_duplicate",
            Self::Duplicate => "duplicate",
            Self::ToolResult => "tool_result",
            Self::StaleTurn => "stale_turn",
            Self::UnusedTool => "unused_tool",
        }
    }

    /// Whether values and text stay the same.
    pub const fn is_lossless(self) -> bool {
        matches!(self, Self::Whitespace | Self::Json | Self::Table)
    }

    const fn takes_passages(self) -> bool {
        matches!(self, Self::NearDuplicate | Self::Duplicate)
    }

    const fn why(self) -> &'static str {
        match self {
            Self::Whitespace => {
                "space at the ends of lines, between words, around paragraphs: no reader of Markdown or prose sees it"
            }
            Self::Json => {
                "space between the tokens of JSON; numbers, strings and order stay as written"
            }
            Self::Table => "padding of a table's cells and rules; the cells stay",
            Self::Filler => "words that ask for nothing",
            Self::NearDuplicate => {
                "a paragraph in nearly the same words as an earlier one; the first stays, so that a cached head of the request does"
            }
            Self::Duplicate => {
                "said before, word for word; the first stays, so that a cached head of the request does"
            }
            Self::ToolResult => "a long result of a tool, answered before the question",
            Self::StaleTurn => {
                "an earlier exchange that shares no word with the question and the turns before it"
            }
            Self::UnusedTool => {
                "a tool that was never called, is named nowhere, and shares no word with what is asked"
            }
        }
    }
}

/// One thing that could be left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Stable: it depends on what this proposal changes, and on nothing else.
    pub id: String,
    /// What it takes away.
    pub kind: Kind,
    cuts: Vec<Cut>,
    wholes: Vec<Whole>,
}

/// Tokens and money of one form of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Input tokens of the whole request.
    pub tokens: u64,
    /// They are not fewer.
    pub low: u64,
    /// They are not more.
    pub high: u64,
    /// Whether they were counted and not estimated.
    pub exact: bool,
    /// What they cost as uncached input, USD; `None` where no price is known.
    pub usd: Option<Money>,
}

/// What can be left out of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Slimming {
    /// The request as it stands.
    pub before: Weight,
    /// What can be left out, each with the weight of the request without it alone.
    pub proposals: Vec<(Proposal, Weight)>,
    /// With all lossless proposals.
    pub lossless: Weight,
    /// With all proposals.
    pub all: Weight,
    /// With the accepted ones: what `request` weighs.
    pub accepted: Weight,
    /// The request after the accepted proposals, and no other.
    pub request: Value,
    fields: Vec<Field>,
    warnings: Vec<Option<&'static str>>,
}

/// Bytes that may be counted for the proposals of one kind. A small request has one proposal for each
/// passage; a large one has them together, so that counting takes no longer than is pleasant.
const COUNTED_BYTES: usize = 2 << 20;
/// Proposals of one kind.
const MOST_OF_A_KIND: usize = 12;

/// Finds what can be left out of `request` on `model`, and applies what is in `accept`. Each proposal is
/// weighed alone on the whole request, and one that saves no token on this model is not made.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for an id in `accept` that is none of this request's; what the
/// counting refuses: an unknown model, a request of another shape.
pub fn slim(request: &Value, model: &str, fare: &dyn Fare, accept: &[String]) -> Result<Slimming> {
    let scale = Scale { model, fare };
    let before = scale.weigh(request, None)?;
    let fields = fields(request);
    let found = find(request, &fields);
    let accepted = chosen(&found, accept)?;
    let after = edit::applied(request, &fields, &accepted);
    let accepted =
        if accepted.is_empty() { before.clone() } else { scale.weigh(&after, Some(&before))? };
    let mut proposals = Vec::new();
    for proposal in found {
        let without = edit::applied(request, &fields, &[&proposal]);
        let weight = scale.weigh(&without, Some(&before))?;
        if weight.tokens < before.tokens {
            proposals.push((proposal, weight));
        }
    }
    let together = |lossless_only: bool| {
        let mut all = Vec::new();
        for (proposal, _) in &proposals {
            if proposal.kind.is_lossless() || !lossless_only {
                all.push(proposal);
            }
        }
        match all.as_slice() {
            [] => Ok(before.clone()),
            // Counted already.
            [one] => Ok(weight_of(&proposals, one).unwrap_or(&before).clone()),
            all => scale.weigh(&edit::applied(request, &fields, all), Some(&before)),
        }
    };
    let (lossless, all) = (together(true)?, together(false)?);
    let warnings =
        proposals.iter().map(|(proposal, _)| warning(request, &fields, proposal)).collect();
    Ok(Slimming { before, proposals, lossless, all, accepted, request: after, fields, warnings })
}

fn weight_of<'a>(proposals: &'a [(Proposal, Weight)], one: &Proposal) -> Option<&'a Weight> {
    proposals.iter().find(|(proposal, _)| proposal.id == one.id).map(|(_, weight)| weight)
}

/// The request after the proposals whose ids are in `accept`, in any order; all others are as if they
/// had not been made.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for an id that is none of this request's.
pub fn apply(request: &Value, accept: &[String]) -> Result<Value> {
    let fields = fields(request);
    let found = find(request, &fields);
    Ok(edit::applied(request, &fields, &chosen(&found, accept)?))
}

/// The proposals that are found in a request, weighed or not.
pub fn proposals(request: &Value) -> Vec<Proposal> {
    find(request, &fields(request))
}

fn chosen<'a>(found: &'a [Proposal], accept: &[String]) -> Result<Vec<&'a Proposal>> {
    for id in accept {
        if !found.iter().any(|proposal| proposal.id == *id) {
            let shown: String = id.chars().take(40).collect();
            return Err(Error::invalid_input(format!(
                "accept: found {shown:?}, wanted the id of a proposal for this very request"
            )));
        }
    }
    Ok(found.iter().filter(|proposal| accept.contains(&proposal.id)).collect())
}

fn find(request: &Value, fields: &[Field]) -> Vec<Proposal> {
    let mut layouts = Vec::new();
    let mut passages = Vec::new();
    let mut about_space = false;
    for (index, field) in fields.iter().enumerate() {
        let is_asking = matches!(field.speaker, Speaker::System | Speaker::User);
        let layout = layout::read(&field.text);
        if is_asking {
            passage::passages(index, field, &layout, &mut passages);
            about_space |= space::is_about_space(&field.text);
        }
        layouts.push(layout);
    }
    let mut out = Vec::new();
    let mut add = |kind, cuts: Vec<Cut>| gather(request, fields, kind, cuts, &mut out);
    if !about_space {
        let (mut spaces, mut jsons, mut tables) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (field, layout)) in fields.iter().zip(&layouts).enumerate() {
            space::cuts(index, field, layout, &mut spaces);
            blocks(index, field, layout, &mut jsons, &mut tables);
        }
        add(Kind::Whitespace, spaces);
        add(Kind::Json, jsons);
        add(Kind::Table, tables);
    }
    let mut cuts = Vec::new();
    filler::cuts(fields, &layouts, &passages, &mut cuts);
    add(Kind::Filler, cuts);
    let mut cuts = Vec::new();
    let taken = duplicate::exact(fields, &passages, &mut cuts);
    duplicate::results(fields, &mut cuts);
    add(Kind::Duplicate, cuts);
    let mut cuts = Vec::new();
    duplicate::near(fields, &passages, taken, &mut cuts);
    add(Kind::NearDuplicate, cuts);
    let mut cuts = Vec::new();
    turns::answered(request, fields, &mut cuts);
    add(Kind::ToolResult, cuts);
    let mut wholes = Vec::new();
    turns::stale(request, fields, &mut wholes);
    gather_wholes(request, fields, Kind::StaleTurn, wholes, &mut out);
    let mut wholes = Vec::new();
    tools::unused(request, fields, &mut wholes);
    gather_wholes(request, fields, Kind::UnusedTool, wholes, &mut out);
    out
}

/// JSON and tables of a text.
fn blocks(
    place: usize,
    field: &Field,
    layout: &layout::Layout,
    jsons: &mut Vec<Cut>,
    tables: &mut Vec<Cut>,
) {
    if field.speaker == Speaker::Description {
        return;
    }
    for (start, end) in &layout.json {
        let text = field.text.get(*start..*end).unwrap_or_default();
        let with = json::compact(text);
        if with.len() < text.len() {
            jsons.push(Cut::new(place, *start, *end, &with));
        }
    }
    // A table among code, or in a result that may be a file, is not a table.
    let is_whole = layout.lines.iter().all(|line| line.kind != LineKind::Code);
    if !is_whole || field.speaker == Speaker::Result {
        return;
    }
    for (first, after) in &layout.tables {
        let lines = layout.lines.get(*first..*after).unwrap_or_default();
        let (Some(from), Some(to)) = (lines.first(), lines.last()) else { continue };
        let with = table::compact(&field.text, lines);
        if with.len() < to.end - from.start {
            tables.push(Cut::new(place, from.start, to.end, &with));
        }
    }
}

/// How many proposals a kind may have, each of which is one counting of the request.
fn most(fields: &[Field]) -> usize {
    let bytes: usize = fields.iter().map(|field| field.text.len()).sum();
    (COUNTED_BYTES / bytes.max(1)).clamp(1, MOST_OF_A_KIND)
}

/// Makes proposals of cuts: one for each passage, or for each text where a kind has many small cuts.
fn gather(request: &Value, fields: &[Field], kind: Kind, cuts: Vec<Cut>, out: &mut Vec<Proposal>) {
    let mut groups: Vec<Vec<Cut>> = Vec::new();
    let by_text = matches!(kind, Kind::Whitespace | Kind::Filler);
    let mut end = (0, 0);
    for mut cut in cuts {
        // The space between two that go belongs to the first.
        if (cut.field, cut.start) < end {
            cut.start = end.1;
        }
        if cut.start >= cut.end {
            continue;
        }
        end = (cut.field, cut.end);
        match groups.last_mut() {
            Some(group) if by_text && group.last().is_some_and(|c| c.field == cut.field) => {
                group.push(cut);
            }
            _ => groups.push(vec![cut]),
        }
    }
    if groups.len() > most(fields) {
        groups = vec![groups.into_iter().flatten().collect()];
    }
    for cuts in groups {
        push(request, fields, kind, cuts, Vec::new(), out);
    }
}

fn gather_wholes(
    request: &Value,
    fields: &[Field],
    kind: Kind,
    mut groups: Vec<Vec<Whole>>,
    out: &mut Vec<Proposal>,
) {
    if groups.len() > most(fields) {
        groups = vec![groups.into_iter().flatten().collect()];
    }
    for wholes in groups {
        push(request, fields, kind, Vec::new(), wholes, out);
    }
}

fn push(
    request: &Value,
    fields: &[Field],
    kind: Kind,
    cuts: Vec<Cut>,
    wholes: Vec<Whole>,
    out: &mut Vec<Proposal>,
) {
    let mut sum = passage::hash(passage::SEED, kind.name().as_bytes());
    for cut in &cuts {
        let Some(field) = fields.get(cut.field) else { continue };
        let before = field.text.get(cut.start..cut.end).unwrap_or_default();
        let place = format!("{}:{}:", field.pointer, cut.start);
        for piece in [place.as_str(), before, "\u{0}", &cut.with, "\u{0}"] {
            sum = passage::hash(sum, piece.as_bytes());
        }
    }
    for whole in &wholes {
        let (pointer, value) = removed(request, *whole);
        sum = passage::hash(passage::hash(sum, pointer.as_bytes()), value.to_string().as_bytes());
    }
    out.push(Proposal { id: format!("{}-{sum:016x}", kind.name()), kind, cuts, wholes });
}

fn removed(request: &Value, whole: Whole) -> (String, &Value) {
    let (name, index) = match whole {
        Whole::Message(index) => ("messages", index),
        Whole::Tool(index) => ("tools", index),
    };
    (format!("/{name}/{index}"), list(request, name).get(index).unwrap_or(&Value::Null))
}

/// Weighs requests on one model.
struct Scale<'a> {
    model: &'a str,
    fare: &'a dyn Fare,
}

impl Scale<'_> {
    /// Counting is done once: where there is a cost, the tokens stand in it.
    fn weigh(&self, request: &Value, before: Option<&Weight>) -> Result<Weight> {
        if let Some(before) = before.filter(|before| before.usd.is_some())
            && let Some(cost) = self.fare.cost(request, self.model)?
        {
            let of = |name: &str| cost.pointer(name).and_then(Value::as_u64);
            if let (Some(low), Some(tokens), Some(high)) =
                (of("/inputTokens/low"), of("/inputTokens/expected"), of("/inputTokens/high"))
            {
                let exact = before.exact && low == tokens && tokens == high;
                return Ok(Weight { tokens, low, high, exact, usd: input_of(&cost) });
            }
        }
        let found = self.fare.tokens(request, self.model)?;
        let usd = match before {
            Some(_) => None,
            None => self.fare.cost(request, self.model)?.as_ref().and_then(input_of),
        };
        let exact = found.exact && found.low == found.tokens && found.tokens == found.high;
        Ok(Weight { tokens: found.tokens, low: found.low, high: found.high, exact, usd })
    }
}

/// The cost of the input alone.
fn input_of(cost: &Value) -> Option<Money> {
    Money::parse(cost.pointer("/input/expected")?.as_str()?).ok()
}

/// What a provider's prompt cache makes of it.
fn warning(request: &Value, fields: &[Field], proposal: &Proposal) -> Option<&'static str> {
    let mut first = usize::MAX;
    for cut in &proposal.cuts {
        let Some(field) = fields.get(cut.field) else { continue };
        first = first.min(match (field.speaker, field.message) {
            (Speaker::Description, _) => 0,
            (_, Some(index)) => index + 2,
            (_, None) => 1,
        });
    }
    for whole in &proposal.wholes {
        first = first.min(match whole {
            Whole::Tool(_) => 0,
            Whole::Message(index) => index + 2,
        });
    }
    let marks = |value: &Value| {
        is_breakpoint(value)
            || list(value, "content").iter().any(is_breakpoint)
            || value.as_array().is_some_and(|parts| parts.iter().any(is_breakpoint))
    };
    let mut breakpoint = list(request, "tools").iter().any(marks).then_some(0);
    if request.get("system").is_some_and(marks) {
        breakpoint = Some(1);
    }
    let mut answered = None;
    for (index, message) in list(request, "messages").iter().enumerate() {
        if marks(message) {
            breakpoint = Some(index + 2);
        }
        if field::role(message) == "assistant" {
            answered = Some(index + 2);
        }
    }
    if breakpoint.is_some_and(|place| first <= place) {
        return Some(
            "stands before a cache_control breakpoint: the cached prefix is no longer found, and is written anew once",
        );
    }
    answered.is_some_and(|place| first < place).then_some(
        "was sent before: where the provider caches prompts, the cached prefix ends here once",
    )
}

impl Weight {
    fn to_value(&self) -> Value {
        json!({
            "tokens": self.tokens, "low": self.low, "high": self.high, "exact": self.exact,
            "usd": self.usd.map(|usd| usd.to_string()),
        })
    }

    /// How much less than `self` another is. Both of an estimate's ends err alike, so that what is
    /// saved is as uncertain as the whole, in proportion.
    fn less(&self, after: &Self) -> Value {
        let tokens = self.tokens.saturating_sub(after.tokens);
        let exact = self.exact && after.exact;
        let share = |end: u64| {
            let part = u128::from(tokens) * u128::from(end);
            u64::try_from(part / u128::from(self.tokens.max(1))).unwrap_or(u64::MAX)
        };
        let (low, high) =
            if exact { (tokens, tokens) } else { (share(self.low), share(self.high)) };
        json!({"tokens": tokens, "low": low, "high": high.max(tokens), "exact": exact})
    }
}

impl Proposal {
    /// Its edits: `path`, `start`, `end` (UTF-16), `before`, `after`; or `remove` and what is removed.
    fn edits(&self, request: &Value, fields: &[Field]) -> Vec<Value> {
        let mut out = Vec::new();
        for same in self.cuts.chunk_by(|a, b| a.field == b.field && a.end <= b.start) {
            let Some(field) = same.first().and_then(|cut| fields.get(cut.field)) else { continue };
            let places = edit::utf16(&field.text, &same.iter().collect::<Vec<_>>());
            for (cut, (start, end)) in same.iter().zip(places) {
                let before = field.text.get(cut.start..cut.end).unwrap_or_default();
                out.push(json!({
                    "path": field.pointer, "start": start, "end": end,
                    "before": before, "after": cut.with,
                }));
            }
        }
        for whole in &self.wholes {
            let (pointer, value) = removed(request, *whole);
            out.push(json!({"remove": pointer, "before": value}));
        }
        out
    }
}

impl Slimming {
    /// As JavaScript has it; `request` is the one that was given, and the result's `request` the one
    /// after the accepted proposals.
    pub fn to_value(&self, request: &Value) -> Value {
        let mut proposals = Vec::new();
        for ((proposal, weight), warning) in self.proposals.iter().zip(&self.warnings) {
            let usd = match (self.before.usd, weight.usd) {
                (Some(before), Some(after)) => Some(before.saturating_sub(after).to_string()),
                _ => None,
            };
            proposals.push(json!({
                "id": proposal.id, "kind": proposal.kind.name(),
                "lossless": proposal.kind.is_lossless(), "why": proposal.kind.why(),
                "edits": proposal.edits(request, &self.fields),
                "tokensBefore": self.before.tokens, "tokensAfter": weight.tokens,
                "saved": self.before.less(weight), "usdSaved": usd, "warning": warning,
            }));
        }
        json!({
            "before": self.before.to_value(), "proposals": proposals,
            "lossless": self.lossless.to_value(), "all": self.all.to_value(),
            "accepted": self.accepted.to_value(), "request": self.request,
        })
    }
}
