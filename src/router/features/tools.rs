//! The tools of a request, and how they fit what is asked.

use super::lexicon::{self, Class, hash};
use crate::chat::{ChatRequest, Role, Tool};
use crate::letter::{is_upper, lower};
use crate::sort::sort;
use serde_json::Value;

/// The most tools, and the most words of one, that are read.
const MOST_TOOLS: usize = 64;
const MOST_WORDS: usize = 400;

/// What is known of the tools on offer.
#[derive(Clone, Debug, Default)]
pub(super) struct Fit {
    /// How many there are.
    pub tools: u32,
    /// Parameters of the tool that fits best, all and required.
    pub parameters: u32,
    pub required: u32,
    /// Parameters of that tool that are arrays or objects, and that allow only named values.
    pub nested: u32,
    pub enumerated: u32,
    /// Words of that tool's descriptions.
    pub words: u32,
    /// Share of the ask's words that the best tool knows; the second best; all together.
    pub best: f32,
    pub second: f32,
    pub together: f32,
    /// Share of the words of the best tool's name that the ask contains.
    pub name: f32,
    /// Tools of whose name half the words or more are in the ask.
    pub named: u32,
    /// Share of the best tool's required parameters of whose name a word is in the ask.
    pub parameter_words: f32,
}

struct Read {
    stems: Vec<u32>,
    name: Vec<u32>,
    parameters: u32,
    required: Vec<String>,
    nested: u32,
    enumerated: u32,
    words: u32,
}

/// Reads the tools of `request`, or those that its system message holds as a JSON array, which is
/// how models without a field for tools are told of them.
pub(super) fn fit(request: &ChatRequest, ask: &str) -> Fit {
    let mut tools: Vec<Read> = request.tools.iter().take(MOST_TOOLS).map(read_tool).collect();
    let mut count = request.tools.len();
    if tools.is_empty() {
        (tools, count) = told_in_words(request);
    }
    if tools.is_empty() {
        return Fit::default();
    }
    let mut asked = Vec::new();
    stems(ask, &mut asked);
    sorted(&mut asked);
    let share = |known: &[u32]| -> f32 {
        let hits = asked.iter().filter(|stem| known.binary_search(stem).is_ok()).count();
        ratio(hits, asked.len())
    };
    let mut fit = Fit { tools: to_u32(count), ..Fit::default() };
    let mut best = 0_usize;
    let mut best_value = -1.0_f32;
    let mut together: Vec<u32> = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        let covered = share(&tool.stems);
        let named = name_share(tool, &asked);
        fit.named += u32::from(named >= 0.5);
        together.extend(&tool.stems);
        let value = covered + named;
        if value > best_value {
            fit.second = if best_value < 0.0 { 0.0 } else { best_value };
            best_value = value;
            best = index;
        } else if value > fit.second {
            fit.second = value;
        }
    }
    sorted(&mut together);
    fit.together = share(&together);
    if let Some(tool) = tools.get(best) {
        fit.best = share(&tool.stems);
        fit.name = name_share(tool, &asked);
        fit.parameters = tool.parameters;
        fit.required = to_u32(tool.required.len());
        fit.nested = tool.nested;
        fit.enumerated = tool.enumerated;
        fit.words = tool.words;
        let hit = tool.required.iter().filter(|name| {
            let mut words = Vec::new();
            stems(name, &mut words);
            words.iter().any(|stem| asked.binary_search(stem).is_ok())
        });
        fit.parameter_words = ratio(hit.count(), tool.required.len());
    }
    fit
}

fn name_share(tool: &Read, asked: &[u32]) -> f32 {
    let hits = tool.name.iter().filter(|stem| asked.binary_search(stem).is_ok()).count();
    ratio(hits, tool.name.len())
}

fn read_tool(tool: &Tool) -> Read {
    read(&tool.name, tool.description.as_deref().unwrap_or_default(), tool.parameters.as_ref())
}

fn told_in_words(request: &ChatRequest) -> (Vec<Read>, usize) {
    let system = request
        .messages
        .iter()
        .find(|message| matches!(message.role, Role::System | Role::Developer))
        .map(|message| message.content.text())
        .unwrap_or_default();
    let text = system.trim();
    if !text.starts_with('[') || text.len() > 200_000 {
        return (Vec::new(), 0);
    }
    let Ok(Value::Array(list)) = serde_json::from_str::<Value>(text) else {
        return (Vec::new(), 0);
    };
    let read_one = |value: &Value| {
        let value = value.get("function").unwrap_or(value);
        let name = value.get("name")?.as_str()?;
        let parameters = value.get("parameters").or_else(|| value.get("input_schema"))?;
        let description = value.get("description").and_then(Value::as_str).unwrap_or_default();
        Some(read(name, description, Some(parameters)))
    };
    let tools: Vec<Read> = list.iter().take(MOST_TOOLS).filter_map(read_one).collect();
    let count = if tools.is_empty() { 0 } else { list.len() };
    (tools, count)
}

fn read(name: &str, description: &str, parameters: Option<&Value>) -> Read {
    let mut read = Read {
        stems: Vec::new(),
        name: Vec::new(),
        parameters: 0,
        required: Vec::new(),
        nested: 0,
        enumerated: 0,
        words: 0,
    };
    stems(name, &mut read.name);
    sorted(&mut read.name);
    read.stems.extend(&read.name);
    stems(description, &mut read.stems);
    let properties = parameters.and_then(|p| p.get("properties")).and_then(Value::as_object);
    for (key, value) in properties.into_iter().flatten().take(MOST_WORDS) {
        read.parameters += 1;
        stems(key, &mut read.stems);
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        if matches!(kind, "array" | "object" | "dict" | "tuple")
            || value.get("properties").is_some()
        {
            read.nested += 1;
        }
        let description = value.get("description").and_then(Value::as_str).unwrap_or_default();
        stems(description, &mut read.stems);
        let values =
            value.get("enum").or_else(|| value.get("items").and_then(|items| items.get("enum")));
        if let Some(values) = values.and_then(Value::as_array) {
            read.enumerated += 1;
            for value in values.iter().take(MOST_WORDS).filter_map(Value::as_str) {
                stems(value, &mut read.stems);
            }
        }
    }
    let required = parameters.and_then(|p| p.get("required")).and_then(Value::as_array);
    read.required = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect();
    read.words = to_u32(read.stems.len());
    read.stems.truncate(MOST_WORDS * 4);
    sorted(&mut read.stems);
    read
}

/// The stems of the words of `text` that carry meaning: lower case, names in camel or snake case
/// taken apart, common endings and everything after the sixth letter left out.
fn stems(text: &str, into: &mut Vec<u32>) {
    let mut word = String::new();
    let mut previous_lower = false;
    for character in text.chars().chain(std::iter::once(' ')) {
        let boundary = !character.is_alphanumeric() || (is_upper(character) && previous_lower);
        if boundary && !word.is_empty() {
            push_stem(&mut word, into);
        }
        if character.is_alphanumeric() {
            word.push(lower(character));
        }
        previous_lower = character.is_alphabetic() && !is_upper(character);
    }
}

fn push_stem(word: &mut String, into: &mut Vec<u32>) {
    let set = lexicon::classes(word);
    let empty = set & ((1 << Class::Stop as u8) | (1 << Class::FirstPerson as u8)) != 0;
    let number = word.bytes().all(|byte| byte.is_ascii_digit());
    if !empty && !number && word.chars().count() > 2 {
        let stem = ["ing", "ed", "es", "s", "e", "y"]
            .iter()
            .find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.len() >= 3))
            .unwrap_or(word);
        let short: String = stem.chars().take(6).collect();
        into.push(hash(&short));
    }
    word.clear();
}

fn sorted(stems: &mut Vec<u32>) {
    sort(stems, |a, b| a < b);
    stems.dedup();
}

fn ratio(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
