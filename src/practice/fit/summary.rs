//! Summarising first: what a cheap model asks for it, and what the shorter request costs then.

use super::cut;
use super::trim::{Outcome, Trimmed, Trimmer, with_messages};
use super::{Candidate, units};
use crate::cost::{Money, MoneyInterval};
use crate::error::Result;
use crate::practice::{Fare, amount, border};
use serde_json::{Value, json};

/// A summary may have an eighth of what it stands for, within these bounds, in tokens. Our own choice.
const SHARE: u64 = 8;
const SHORTEST: u64 = 100;
const LONGEST: u64 = 1_000;

/// What is asked of the summariser, by which its calls are priced.
pub const INSTRUCTION: &str = "Summarise the earlier part of a conversation so that it can go on \
without it. Keep names, numbers, decisions, open questions and what was asked for. Write nothing else.";

/// What stands before the summary in the shorter request.
const HEADING: &str = "Summary of the earlier part of this conversation:\n";

/// Summarise first, then ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Who summarises: of the candidates with a known window the one on which the whole request costs the
    /// least.
    pub model: String,
    /// How many calls that takes: from the second on, each continues the summary of those before.
    pub calls: usize,
    /// The limit that each call's answer is to have, in tokens.
    pub summary_tokens: u64,
    /// How many messages are summarised, beside the middle of a text that is cut.
    pub messages: usize,
    /// All calls of the summariser.
    pub summarising: MoneyInterval,
    /// The shorter request then.
    pub then: MoneyInterval,
    /// Both.
    pub usd: MoneyInterval,
    /// What the shorter request weighs, in tokens: with an empty summary, and with one of the full length.
    pub tokens: (u64, u64),
}

/// `None` where it cannot be priced or where even so it does not fit.
pub(super) fn summarise(
    trimmer: &Trimmer<'_>,
    trimmed: &Trimmed,
    candidates: &[Candidate],
    target: u64,
) -> Result<Option<Summary>> {
    let length = (weight(trimmed) / SHARE).clamp(SHORTEST, LONGEST);
    let mut cheapest: Option<(&Candidate, Money)> = None;
    for one in candidates {
        let (Some(usd), Some(_)) = (one.usd, one.most_input()) else { continue };
        if cheapest.is_none_or(|(_, least)| usd.expected < least) {
            cheapest = Some((one, usd.expected));
        }
    }
    let Some((summariser, _)) = cheapest else { return Ok(None) };
    let fare = trimmer.fare;
    // Room for the summary: what it weighs at full length is counted, not believed.
    let mut room = length.saturating_add(40);
    for _ in 0..4 {
        let Some(smaller) = target.checked_sub(room) else { return Ok(None) };
        let Outcome::Fits(kept) = trimmer.trim(smaller)? else { return Ok(None) };
        let places: Vec<usize> = kept.dropped.iter().map(|one| one.message).collect();
        let text = cut::transcript(trimmer.messages, &places, kept.cut.as_ref());
        // The conversation's own beginning stands for the summary, of which only the length is known.
        let weight = weight(&kept).max(1);
        let bytes = u128::from(length) * text.len() as u128 / u128::from(weight);
        let bytes = usize::try_from(bytes).unwrap_or(text.len()).min(text.len());
        let stand_in = text.get(..border::last(&text, bytes)).unwrap_or_default();
        let Some(full) = fare.cost(&with_summary(trimmer, &kept, stand_in), trimmer.model)? else {
            return Ok(None);
        };
        let Some(most) = amount::tokens(&full, "inputTokens", "high") else { return Ok(None) };
        if most > target {
            room = room.saturating_add(most - target).saturating_add(8);
            continue;
        }
        let empty = fare.cost(&with_summary(trimmer, &kept, ""), trimmer.model)?;
        let Some(empty) = empty else { return Ok(None) };
        let least = amount::tokens(&empty, "inputTokens", "low");
        let (Some(least), Some(low), Some(high)) =
            (least, amount::interval(&empty), amount::interval(&full))
        else {
            return Ok(None);
        };
        let then =
            MoneyInterval { low: low.low.min(high.low), expected: high.expected, high: high.high };
        let Some((calls, summarising)) = calls(fare, summariser, &text, length, stand_in)? else {
            return Ok(None);
        };
        let Some(usd) = summarising.checked_add(then) else { return Ok(None) };
        return Ok(Some(Summary {
            model: summariser.model.clone(),
            calls,
            summary_tokens: length,
            messages: places.len(),
            summarising,
            then,
            usd,
            tokens: (least.min(most), most),
        }));
    }
    Ok(None)
}

/// About what is left out, in tokens.
fn weight(trimmed: &Trimmed) -> u64 {
    let mut sum = trimmed.cut.as_ref().map_or(0, |cut| cut.tokens);
    for one in &trimmed.dropped {
        sum = sum.saturating_add(one.tokens.unwrap_or(0));
    }
    sum
}

/// The request that was trimmed, with the summary as a user message behind the leading instructions.
fn with_summary(trimmer: &Trimmer<'_>, kept: &Trimmed, summary: &str) -> Value {
    let mut messages =
        kept.request.get("messages").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut at = 0;
    while messages.get(at).is_some_and(|one| matches!(units::role(one), "system" | "developer")) {
        at += 1;
    }
    messages.insert(at, json!({"role": "user", "content": format!("{HEADING}{summary}")}));
    with_messages(trimmer.rest, messages)
}

/// How many calls it takes to summarise `text`, and what they cost together: the lower end with typical
/// answers, the expected and the upper one with answers that use all of their limit.
fn calls(
    fare: &dyn Fare,
    summariser: &Candidate,
    text: &str,
    length: u64,
    stand_in: &str,
) -> Result<Option<(usize, MoneyInterval)>> {
    let Some(most) = summariser.most_input() else { return Ok(None) };
    let Some(most) = most.checked_sub(length) else { return Ok(None) };
    let mut pieces = 1usize;
    'sizes: for _ in 0..24 {
        let mut sum = MoneyInterval::default();
        let mut from = 0;
        let mut made = 0usize;
        // The earlier summary takes its place in every piece but the first.
        let size = text.len().div_ceil(pieces);
        while from < text.len() || made == 0 {
            let rest = text.get(from..).unwrap_or_default();
            let mut end = border::last(rest, size);
            if end == 0 {
                end = rest.len();
            }
            let piece = rest.get(..end).unwrap_or_default();
            let earlier = if made == 0 { "" } else { stand_in };
            let request = json!({
                "messages": [
                    {"role": "system", "content": INSTRUCTION},
                    {"role": "user", "content": format!("{earlier}{piece}")},
                ],
                "max_tokens": length,
            });
            let Some(estimate) = fare.cost(&request, &summariser.model)? else { return Ok(None) };
            let high = amount::tokens(&estimate, "inputTokens", "high");
            if high.is_none_or(|high| high > most) {
                // As many more as this one is too long by.
                let high = high.map_or(2, |high| high.div_ceil(most.max(1) / 16 + 1));
                let sixteenths = usize::try_from(high).unwrap_or(usize::MAX);
                pieces = (pieces.saturating_mul(sixteenths) / 16).max(pieces + 1);
                if pieces > 10_000 {
                    return Ok(None);
                }
                continue 'sizes;
            }
            let next = priced(&estimate, length).and_then(|usd| sum.checked_add(usd));
            let Some(next) = next else { return Ok(None) };
            sum = next;
            made += 1;
            from += end;
        }
        return Ok(Some((made, sum)));
    }
    Ok(None)
}

/// One call of the summariser, whose answer may take all of its limit.
fn priced(estimate: &Value, length: u64) -> Option<MoneyInterval> {
    let whole = amount::interval(estimate)?;
    let input = amount::field(estimate, "input")?;
    let output = amount::field(estimate, "output")?;
    let at_limit = |money: Money, end: &str| {
        let tokens = amount::tokens(estimate, "outputTokens", end)?;
        // No answer foreseen, no price for one known.
        amount::scaled(money, length.max(tokens), tokens)
    };
    let expected = input.expected.checked_add(at_limit(output.expected, "expected")?)?;
    let high = input.high.checked_add(at_limit(output.high, "high")?)?;
    Some(MoneyInterval {
        low: whole.low,
        expected: expected.max(whole.low),
        high: high.max(expected),
    })
}
