//! What proposals change, and how accepted ones come together: never two at one place.

use super::field::{Field, list};
use super::{Kind, Proposal};
use crate::sort::sort;
use serde_json::Value;

/// A piece of a text that goes, and what stands there instead. Bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The index of its field.
    pub field: usize,
    pub start: usize,
    pub end: usize,
    pub with: String,
    /// What must stay for this to be right, as field, start and end: the first of two passages.
    pub keeps: Option<(usize, usize, usize)>,
}

impl Cut {
    pub(super) fn new(field: usize, start: usize, end: usize, with: &str) -> Self {
        Self { field, start, end, with: with.to_owned(), keeps: None }
    }
}

/// A message or a tool that goes whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    Message(usize),
    Tool(usize),
}

/// The request after the proposals of `accepted`, which stand in any order. Where two want the same
/// place the stronger kind has it (in the order of [`Kind::ALL`], from the end); what relies on a
/// passage that another one takes away is left out, and so is what would leave a text empty.
pub(super) fn applied(request: &Value, fields: &[Field], accepted: &[&Proposal]) -> Value {
    let mut messages = Vec::new();
    let mut tools = Vec::new();
    for proposal in accepted {
        for whole in &proposal.wholes {
            match *whole {
                Whole::Message(index) => messages.push(index),
                Whole::Tool(index) => tools.push(index),
            }
        }
    }
    sort(&mut messages, |a, b| a < b);
    let is_gone = |field: usize| {
        let message = fields.get(field).and_then(|field| field.message);
        message.is_some_and(|index| messages.binary_search(&index).is_ok())
    };
    let mut chosen: Vec<Vec<&Cut>> = vec![Vec::new(); fields.len()];
    // What must stay, for each field, in order.
    let mut kept: Vec<Vec<(usize, usize)>> = vec![Vec::new(); fields.len()];
    for kind in Kind::ALL.iter().rev() {
        let mut wanted: Vec<Vec<&Cut>> = vec![Vec::new(); fields.len()];
        for proposal in accepted.iter().filter(|proposal| proposal.kind == *kind) {
            for cut in &proposal.cuts {
                let relies = cut.keeps.is_none_or(|(field, start, end)| {
                    !is_gone(field)
                        && chosen.get(field).is_some_and(|cuts| {
                            !overlaps(cuts, start, end, |cut| (cut.start, cut.end))
                        })
                });
                if let (true, Some(wanted)) = (relies, wanted.get_mut(cut.field)) {
                    wanted.push(cut);
                }
            }
        }
        for (index, mut cuts) in wanted.into_iter().enumerate() {
            sort(&mut cuts, |a, b| (a.start, a.end) < (b.start, b.end));
            let (Some(field), Some(here)) = (fields.get(index), chosen.get_mut(index)) else {
                continue;
            };
            let stays = kept.get(index).map_or(&[][..], Vec::as_slice);
            let is_passage = kind.takes_passages();
            cuts.retain(|cut| {
                let is_had = overlaps(here, cut.start, cut.end, |cut| (cut.start, cut.end));
                let is_kept = is_passage && overlaps(stays, cut.start, cut.end, |span| *span);
                !(is_had || is_kept)
            });
            if cuts.is_empty() {
                continue;
            }
            let mut all = here.clone();
            all.extend(&cuts);
            sort(&mut all, |a, b| a.start < b.start);
            if !is_blank(&written(&field.text, &all)) || is_blank(&field.text) {
                *here = all;
                for cut in cuts {
                    if let Some((field, start, end)) = cut.keeps
                        && let Some(kept) = kept.get_mut(field)
                    {
                        kept.push((start, end));
                    }
                }
            }
        }
        for spans in &mut kept {
            merge(spans);
        }
    }
    let mut out = request.clone();
    for (field, cuts) in fields.iter().zip(&chosen) {
        if let (false, Some(Value::String(text))) =
            (cuts.is_empty(), out.pointer_mut(&field.pointer))
        {
            *text = written(&field.text, cuts);
        }
    }
    remove(&mut out, "messages", &messages);
    sort(&mut tools, |a, b| a < b);
    remove(&mut out, "tools", &tools);
    // An empty list of tools is refused, and so is a choice among none.
    if !tools.is_empty()
        && list(&out, "tools").is_empty()
        && let Some(fields) = out.as_object_mut()
    {
        for name in ["tools", "tool_choice", "parallel_tool_calls"] {
            fields.shift_remove(name);
        }
    }
    out
}

fn remove(request: &mut Value, name: &str, indices: &[usize]) {
    if let Some(Value::Array(list)) = request.get_mut(name) {
        let mut index = 0;
        list.retain(|_| {
            index += 1;
            indices.binary_search(&(index - 1)).is_err()
        });
    }
}

/// Joins what touches. In order of their beginnings.
fn merge(spans: &mut Vec<(usize, usize)>) {
    sort(spans, |a, b| a < b);
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans.drain(..) {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    *spans = out;
}

/// Whether any of `spans`, which are in order and apart, has a place in common with `start..end`.
fn overlaps<T>(spans: &[T], start: usize, end: usize, of: impl Fn(&T) -> (usize, usize)) -> bool {
    let after = spans.partition_point(|span| of(span).1 <= start);
    spans.get(after).is_some_and(|span| of(span).0 < end)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The text after cuts that are in order and apart.
fn written(text: &str, cuts: &[&Cut]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for cut in cuts {
        out.push_str(text.get(at..cut.start).unwrap_or_default());
        out.push_str(&cut.with);
        at = cut.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// For each cut of `cuts`, which are in order, its place in UTF-16 units.
pub(super) fn utf16(text: &str, cuts: &[&Cut]) -> Vec<(usize, usize)> {
    let units = |from: usize, to: usize| {
        text.get(from..to).map_or(0, |piece| piece.chars().map(char::len_utf16).sum::<usize>())
    };
    let (mut at, mut passed) = (0, 0);
    let mut out = Vec::new();
    for cut in cuts {
        passed += units(at, cut.start);
        let length = units(cut.start, cut.end);
        out.push((passed, passed + length));
        passed += length;
        at = cut.end;
    }
    out
}
