//! The middle of one text, left out with a mark in its place.

use super::units::role;
use crate::error::Result;
use crate::practice::border;
use crate::tokens::TokenEstimate;
use serde_json::Value;

/// Of a text that is cut at least so many bytes stay at either end: less would be no text any more. Our own
/// choice.
const LEAST: usize = 300;

/// A text of which the middle is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The message's place in the request as it came.
    pub message: usize,
    /// The part of its content, where that is a list.
    pub part: Option<usize>,
    /// About how many tokens are left out: by the share of bytes of what the whole text weighs.
    pub tokens: u64,
    /// What is left out begins at so many bytes, and
    pub start: usize,
    /// ends before so many.
    pub end: usize,
    /// The same in UTF-16 units, as JavaScript counts.
    pub units: (usize, usize),
    /// What stands in its place.
    pub mark: String,
    /// The beginning of what is left out, in one line.
    pub preview: String,
    /// All of what is left out.
    pub(super) text: String,
}

/// Where a text stands: in a message's content, in a part of it, in a part of a tool's result.
pub(super) struct Place {
    pub message: usize,
    part: Option<usize>,
    inner: Option<usize>,
    in_result: bool,
    text: String,
}

/// All that a message says, in words: texts, calls with their arguments, and that there is a picture or a
/// file.
pub(super) fn said(message: &Value) -> String {
    let mut text = String::new();
    let mut add = |piece: &str| {
        if !text.is_empty() && !piece.is_empty() {
            text.push('\n');
        }
        text.push_str(piece);
    };
    match message.get("content") {
        Some(Value::String(content)) => add(content),
        Some(Value::Array(parts)) => {
            for part in parts {
                match part {
                    Value::String(text) => add(text),
                    _ => add(&part_said(part)),
                }
            }
        }
        _ => {}
    }
    for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let Some(function) = call.get("function") else { continue };
        let field = |name: &str| function.get(name).and_then(Value::as_str).unwrap_or_default();
        add(&format!("{}({})", field("name"), field("arguments")));
    }
    text
}

fn part_said(part: &Value) -> String {
    let field = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    match field("type") {
        "text" | "input_text" => field("text").to_owned(),
        "tool_use" => {
            let input = part.get("input").map(Value::to_string).unwrap_or_default();
            format!("{}({input})", field("name"))
        }
        "tool_result" => said(part),
        kind => format!("[{kind}]"),
    }
}

/// The longest text of the messages `left` that are not `fixed`; `None` where none is long enough.
pub(super) fn longest(messages: &[Value], left: &[usize], fixed: &[bool]) -> Option<Place> {
    let mut found: Option<Place> = None;
    for message in left {
        if fixed.get(*message).copied().unwrap_or(true) {
            continue;
        }
        let Some(content) = messages.get(*message).and_then(|one| one.get("content")) else {
            continue;
        };
        let mut offer = |text: &str, part, inner, in_result| {
            let longer = found.as_ref().is_none_or(|other| text.len() > other.text.len());
            if longer && text.len() > 4 * LEAST {
                found = Some(Place {
                    message: *message,
                    part,
                    inner,
                    in_result,
                    text: text.to_owned(),
                });
            }
        };
        texts(content, &mut |text, part| offer(text, part, None, false));
        for (place, part) in content.as_array().into_iter().flatten().enumerate() {
            if let Some(inside) = part.get("content") {
                texts(inside, &mut |text, inner| offer(text, Some(place), inner, true));
            }
        }
    }
    found
}

fn texts(content: &Value, offer: &mut dyn FnMut(&str, Option<usize>)) {
    match content {
        Value::String(text) => offer(text, None),
        Value::Array(parts) => {
            for (place, part) in parts.iter().enumerate() {
                match part {
                    Value::String(text) => offer(text, Some(place)),
                    _ => {
                        if let Some(text) = part.get("text").and_then(Value::as_str) {
                            offer(text, Some(place));
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

/// Puts a text in the place of the one that stood there; `at` is where its message stands now.
fn put(request: &mut Value, place: &Place, at: usize, text: String) {
    let content = request
        .get_mut("messages")
        .and_then(|messages| messages.get_mut(at))
        .and_then(|message| message.get_mut("content"));
    let Some(content) = content else { return };
    let slot = match (place.in_result, place.part) {
        (true, Some(part)) => match content.get_mut(part).and_then(|one| one.get_mut("content")) {
            Some(inside) => slot(inside, place.inner),
            None => None,
        },
        (_, part) => slot(content, part),
    };
    if let Some(slot) = slot {
        *slot = Value::String(text);
    }
}

fn slot(content: &mut Value, part: Option<usize>) -> Option<&mut Value> {
    match part {
        None => Some(content),
        Some(part) => {
            let one = content.get_mut(part)?;
            if one.is_string() { Some(one) } else { one.get_mut("text") }
        }
    }
}

/// The fence that stands open at the end of `text`, if any: the line's run of backquotes or tildes
/// (CommonMark 0.31.2, section 4.5).
fn open_fence(text: &str) -> Option<String> {
    let mut open: Option<String> = None;
    for line in text.lines() {
        let inner = line.trim_start_matches(' ');
        let mark = match inner.as_bytes().first() {
            Some(mark @ (b'`' | b'~')) if line.len() - inner.len() <= 3 => char::from(*mark),
            _ => continue,
        };
        let run = inner.len() - inner.trim_start_matches(mark).len();
        if run < 3 {
            continue;
        }
        let rest = inner.trim_start_matches(mark).trim();
        match &open {
            Some(fence) => {
                if fence.starts_with(mark) && run >= fence.len() && rest.is_empty() {
                    open = None;
                }
            }
            None if mark == '`' && rest.contains('`') => {}
            None => open = Some(mark.to_string().repeat(run.min(40))),
        }
    }
    open
}

/// What is kept of a text where `keep` bytes may stay: three fifths at its beginning, where the task and
/// the headings stand, the rest at its end. Our own choice.
fn split(text: &str, keep: usize) -> (usize, usize) {
    let head = keep / 5 * 3;
    let start = border::last(text, head);
    let end = border::first(text, text.len().saturating_sub(keep - head));
    (start, end.max(start))
}

/// The text with a mark for what stands between `start` and `end`. Code fences that this would tear open
/// are closed before the mark and opened again behind it.
fn marked(text: &str, (start, end): (usize, usize), tokens: u64) -> (String, String) {
    let head = text.get(..start).unwrap_or_default();
    let tail = text.get(end..).unwrap_or_default();
    let mut mark = String::new();
    if !head.is_empty() && !head.ends_with('\n') {
        mark.push('\n');
    }
    if let Some(fence) = open_fence(head) {
        mark.push_str(&fence);
        mark.push('\n');
    }
    mark.push_str(&format!("[… about {tokens} tokens left out …]\n"));
    if let Some(fence) = open_fence(text.get(..end).unwrap_or_default()) {
        mark.push_str(&fence);
        mark.push('\n');
    }
    let whole = format!("{head}{mark}{tail}");
    (whole, mark)
}

/// Leaves out the middle of the text at `place`, as little as it takes to be surely at most `target` tokens,
/// to within a hundredth. `whole`: the expected tokens of `request`, in which its message stands at `at`.
/// `None` where the least that must stay is too much.
pub(super) fn middle(
    request: &Value,
    place: &Place,
    at: usize,
    whole: u64,
    target: u64,
    count: &dyn Fn(&Value) -> Result<TokenEstimate>,
) -> Result<Option<(Value, TokenEstimate, Cut)>> {
    let text = place.text.as_str();
    let mut scratch = request.clone();
    put(&mut scratch, place, at, String::new());
    // What the text weighs, for the mark.
    let weight = whole.saturating_sub(count(&scratch)?.tokens);
    let about = |(start, end): (usize, usize)| {
        let share = u128::from(weight) * (end - start) as u128 / text.len().max(1) as u128;
        u64::try_from(share).unwrap_or(u64::MAX)
    };
    // Enough is left out with `few` bytes kept; too little with `many`.
    let (mut few, mut many) = (2 * LEAST, text.len());
    let mut few_high = None;
    let mut many_high = None;
    let mut best = None;
    for turn in 0..16 {
        let keep = match (few_high, many_high) {
            (None, _) => few,
            (Some(low), Some(high)) if high > low && turn % 4 != 3 => {
                let rise = u128::from(target.saturating_sub(low)) * (many - few) as u128;
                few + usize::try_from(rise / u128::from(high - low)).unwrap_or(0)
            }
            // By the expected weight of its bytes, at first.
            (Some(low), None) if turn == 1 => {
                let rise = u128::from(target.saturating_sub(low)) * text.len() as u128;
                few + usize::try_from(rise / u128::from(weight.max(1))).unwrap_or(0)
            }
            _ => few.midpoint(many),
        };
        // A little less than what should just do, so that it mostly does.
        let keep = (keep - (keep - few).min(keep / 500)).clamp(few, many);
        let between = split(text, keep);
        if between.0 == between.1 && keep < text.len() && few_high.is_some() {
            many = keep;
            continue;
        }
        let tokens = about(between);
        let (marked, mark) = marked(text, between, tokens);
        put(&mut scratch, place, at, marked);
        let counted = count(&scratch)?;
        if counted.high <= target {
            let close = target - counted.high <= target / 100;
            (few, few_high) = (keep, Some(counted.high));
            best = Some((between, tokens, mark, counted));
            if close {
                break;
            }
        } else if few_high.is_none() {
            return Ok(None);
        } else {
            (many, many_high) = (keep, Some(counted.high));
        }
        if many.saturating_sub(few) <= 16 {
            break;
        }
    }
    let Some((between, tokens, mark, counted)) = best else { return Ok(None) };
    let (start, end) = between;
    let (whole, _) = marked(text, between, tokens);
    put(&mut scratch, place, at, whole);
    let utf16 = |end: usize| text.get(..end).unwrap_or_default().encode_utf16().count();
    let out = text.get(start..end).unwrap_or_default();
    let cut = Cut {
        message: place.message,
        part: place.part,
        tokens,
        start,
        end,
        units: (utf16(start), utf16(end)),
        mark,
        preview: border::preview(out),
        text: out.to_owned(),
    };
    Ok(Some((scratch, counted, cut)))
}

/// The messages `dropped` and the text that was cut, as one text to be summarised.
pub(super) fn transcript(messages: &[Value], dropped: &[usize], cut: Option<&Cut>) -> String {
    let mut text = String::new();
    for place in dropped {
        let Some(message) = messages.get(*place) else { continue };
        text.push_str(role(message));
        text.push_str(": ");
        text.push_str(&said(message));
        text.push_str("\n\n");
    }
    if let Some(cut) = cut {
        text.push_str(&cut.text);
    }
    text
}
