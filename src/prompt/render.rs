//! From a prompt to messages.

use super::language::{self, ENGLISH, Language};
use super::{Attachment, Format, Prompt, steps};
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};

/// How a prompt is put for a model: as it was written, or with the words that suit a tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Nothing is added that the person did not write.
    #[default]
    Plain,
    /// Step by step, every conclusion justified, alternatives considered.
    Deep,
    /// Short and direct; a complex ask split into steps.
    Fast,
    /// As suits the model that is picked: to be settled by a plan.
    Auto,
}

impl Tier {
    /// Reads a tier's name.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] where it is none.
    pub fn from_name(name: &str) -> Result<Self> {
        for tier in [Self::Plain, Self::Deep, Self::Fast, Self::Auto] {
            if tier.name() == name {
                return Ok(tier);
            }
        }
        Err(Error::invalid_input(format!(
            "options: tier: found {name:?}, wanted deep, fast, plain or (in a plan) auto"
        )))
    }

    /// The stable spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Deep => "deep",
            Self::Fast => "fast",
            Self::Auto => "auto",
        }
    }
}

/// How to render.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Whose words are added; [`Tier::Auto`] adds none.
    pub tier: Tier,
    /// Whether a JSON Schema is told in words, because the model is not held to one otherwise.
    pub schema_in_words: bool,
}

/// A prompt as messages, and what was done to get there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The messages, in the gateway's words.
    pub messages: Vec<Value>,
    /// What the answer is held to, where the prompt has a JSON Schema.
    pub response_format: Option<Value>,
    /// Every sentence that the person did not write. Tags and numbers stand around their words.
    pub added: Vec<String>,
    /// Into how many steps the ask was split; 0: it was not.
    pub steps: usize,
    /// The code of the language that sentences are added in; `None`: none was recognised.
    pub language: Option<&'static str>,
}

/// Renders a prompt. One rule for every model, so that another model changes a string and nothing
/// else; and what stays the same from one request to the next comes first, so that the provider's
/// prompt cache finds it:
///
/// 1. The system message: role, `system`, task (where there are examples and a text), format,
///    constraints, the tier's sentences. Parts stand a blank line apart.
/// 2. Examples, as pairs of a user's and an assistant's message.
/// 3. The history.
/// 4. The person's message: documents and attachments in their order, images, then the task and the
///    text. The ask comes last.
///
/// A role that is a sentence, `system`, task and text stand as they were written. Everything else
/// stands in tags of its own name: `<format>`, `<constraints>`, `<document title="…">`, `<file
/// name="…">`. The tags get a number where anything written has such a tag itself, so that content
/// can neither end its own tag nor pass for another; it is never changed.
///
/// Sources: documents above the ask, each in `<document>` tags (Anthropic, "Long context prompting
/// tips", platform.claude.com, read 2026-11-22); XML-like tags do well around long documents, and
/// instructions stated once belong above them (OpenAI, "GPT-4.1 Prompting Guide", cookbook of
/// 2025-04-14); examples as pairs of turns (OpenAI, "Prompt engineering", platform.openai.com,
/// 2026-11-22).
pub fn render(prompt: &Prompt, manner: Manner) -> Rendered {
    let parts = &prompt.parts;
    let suffix = free_suffix(prompt);
    let spoken = language_of(prompt);
    let mut out = Rendered { language: spoken.map(|one| one.code), ..Rendered::default() };
    let teaches = !parts.examples.is_empty() && !prompt.text.trim().is_empty();
    let (task, ask) = asks(prompt, manner.tier, spoken, &mut out);

    let mut system = Vec::new();
    if let Some(role) = &parts.role {
        let sentence = role.trim_end().ends_with(['.', '!', '?', '。', '！', '？']);
        system.push(if sentence { role.clone() } else { tagged("role", &suffix, "", role) });
    }
    system.extend(prompt.system.clone());
    if teaches && !task.is_empty() {
        system.push(task.clone());
    }
    match &parts.format {
        Some(Format::Words(words)) => system.push(tagged("format", &suffix, "", words)),
        Some(Format::Schema(schema)) if manner.schema_in_words => {
            let words = spoken.unwrap_or(ENGLISH).schema;
            out.added.push(words.to_owned());
            system.push(tagged("format", &suffix, "", &format!("{words}\n{schema}")));
        }
        Some(Format::Schema(schema)) => out.response_format = Some(response_format(schema)),
        None => {}
    }
    if !parts.constraints.is_empty() {
        let list = format!("- {}", parts.constraints.join("\n- "));
        system.push(tagged("constraints", &suffix, "", &list));
    }
    let added = sentences(manner.tier, spoken, out.steps > 0, parts.format.is_some());
    if !added.is_empty() {
        system.push(added.join(" "));
        out.added.extend(added.into_iter().map(str::to_owned));
    }

    if !system.is_empty() {
        out.messages.push(message("system", system.join("\n\n")));
    }
    let mut history = prompt.history.iter().peekable();
    while let Some(one) = history.next_if(|one| {
        matches!(one.get("role").and_then(Value::as_str), Some("system" | "developer"))
    }) {
        out.messages.push(one.clone());
    }
    for example in &parts.examples {
        out.messages.push(message("user", example.input.clone()));
        out.messages.push(message("assistant", example.output.clone()));
    }
    out.messages.extend(history.cloned());
    let mut turn = Turn::default();
    for document in &parts.context {
        let title = document.title.as_deref().map(|title| attribute("title", title));
        turn.text(tagged("document", &suffix, &title.unwrap_or_default(), &document.text));
    }
    for attachment in &parts.attachments {
        turn.attach(attachment, &suffix);
    }
    for url in &prompt.images {
        turn.part(json!({"type": "image_url", "image_url": {"url": url}}));
    }
    let mut last = Vec::new();
    if !teaches && !task.is_empty() {
        last.push(task);
    }
    if !ask.is_empty() || last.is_empty() {
        last.push(ask);
    }
    turn.text(last.join("\n\n"));
    out.messages.push(turn.end());
    out
}

/// The language of the prompt's own instructions: of its task, else of role, format and constraints
/// with the text.
fn language_of(prompt: &Prompt) -> Option<&'static Language> {
    let parts = &prompt.parts;
    if !parts.task.is_empty() {
        return language::of(&parts.task.join("\n"));
    }
    let mut words = parts.constraints.join("\n");
    if let Some(Format::Words(format)) = &parts.format {
        words.push('\n');
        words.push_str(format);
    }
    for text in [&parts.role, &prompt.system].into_iter().flatten() {
        words.push('\n');
        words.push_str(text);
    }
    words.push('\n');
    words.push_str(&prompt.text);
    language::of(&words)
}

/// The task and the text, in steps for the fast tier where they hold several asks.
fn asks(
    prompt: &Prompt,
    tier: Tier,
    spoken: Option<&'static Language>,
    out: &mut Rendered,
) -> (String, String) {
    let task = &prompt.parts.task;
    let mut numbered = |steps: Vec<String>| {
        out.steps = steps.len();
        let mut lines = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            lines.push(format!("{}. {step}", index + 1));
        }
        lines.join("\n")
    };
    let split = |text: &str| steps::of(text, spoken?);
    let (mut first, mut second) = (task.join("\n"), prompt.text.clone());
    if tier == Tier::Fast {
        match task.as_slice() {
            [] => {
                if let Some(steps) = split(&second) {
                    second = numbered(steps);
                }
            }
            [one] => {
                if let Some(steps) = split(one) {
                    first = numbered(steps);
                }
            }
            several if several.iter().all(|one| begins_with_word(one)) => {
                first = numbered(several.to_vec());
            }
            _ => {}
        }
    }
    (first, second)
}

/// Whether a step has no number or dash of its own.
fn begins_with_word(step: &str) -> bool {
    step.trim_start().starts_with(|sign: char| sign.is_alphabetic() || !sign.is_ascii())
}

/// What a tier adds, in the prompt's language.
fn sentences(
    tier: Tier,
    spoken: Option<&'static Language>,
    steps: bool,
    format: bool,
) -> Vec<&'static str> {
    let Some(language) = spoken else {
        return Vec::new();
    };
    match tier {
        Tier::Plain | Tier::Auto => Vec::new(),
        Tier::Deep if format => vec![language.deep, language.keep],
        Tier::Deep => vec![language.deep],
        Tier::Fast if steps => vec![language.steps, language.fast],
        Tier::Fast => vec![language.fast],
    }
}

/// The response format that holds an answer to `schema`, under the schema's title.
fn response_format(schema: &Value) -> Value {
    let title = schema.get("title").and_then(Value::as_str).unwrap_or_default();
    // What OpenAI takes for a name: letters, digits, _ and -, at most 64 (API reference, 2026-11-22).
    let mut name = String::new();
    for sign in title.chars().take(64) {
        name.push(if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '_' });
    }
    if name.is_empty() {
        name.push_str("answer");
    }
    json!({"type": "json_schema", "json_schema": {"name": name, "schema": schema}})
}

fn message(role: &str, content: String) -> Value {
    json!({"role": role, "content": content})
}

/// `text` in tags called `name`.
fn tagged(name: &str, suffix: &str, attributes: &str, text: &str) -> String {
    format!("<{name}{suffix}{attributes}>\n{text}\n</{name}{suffix}>")
}

/// An attribute whose value cannot end it.
fn attribute(name: &str, value: &str) -> String {
    let mut out = format!(" {name}=\"");
    for sign in value.chars() {
        match sign {
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            sign if sign.is_control() => out.push(' '),
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}

/// The names of tags.
const TAGS: [&str; 5] = ["role", "format", "constraints", "document", "file"];

/// The first of "", "-2", "-3", ... with which no tag of ours begins or ends anywhere in what was
/// written. Every number that is passed over stands there, so this ends.
fn free_suffix(prompt: &Prompt) -> String {
    let parts = &prompt.parts;
    let mut used = Vec::new();
    let mut look = |text: &str| {
        for (at, _) in text.match_indices('<') {
            let rest = text.get(at + 1..).unwrap_or_default();
            let rest = rest.trim_start_matches(|sign: char| sign == '/' || sign.is_whitespace());
            for name in TAGS {
                let head = rest.get(..name.len());
                if !head.is_some_and(|head| head.eq_ignore_ascii_case(name)) {
                    continue;
                }
                let rest = rest.get(name.len()..).unwrap_or_default();
                let digits = rest.strip_prefix('-').unwrap_or_default();
                let end = digits.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(digits.len());
                // Without a number it is the bare tag; a longer one than this is never reached.
                used.push(digits.get(..end).and_then(|text| text.parse().ok()).unwrap_or(1u32));
            }
        }
    };
    look(&prompt.text);
    parts.task.iter().for_each(|text| look(text));
    parts.role.iter().for_each(|text| look(text));
    match &parts.format {
        Some(Format::Words(words)) => look(words),
        Some(Format::Schema(schema)) => look(&schema.to_string()),
        None => {}
    }
    parts.constraints.iter().for_each(|text| look(text));
    parts.context.iter().for_each(|document| look(&document.text));
    for attachment in &parts.attachments {
        if let Attachment::Text { text, .. } = attachment {
            look(text);
        }
    }
    let mut number = 1u32;
    while used.contains(&number) {
        number += 1;
    }
    if number == 1 { String::new() } else { format!("-{number}") }
}

/// The person's message, as it grows.
#[derive(Default)]
struct Turn {
    parts: Vec<Value>,
    text: Option<String>,
}

impl Turn {
    /// Texts that follow each other are one, a blank line apart.
    fn text(&mut self, text: String) {
        match &mut self.text {
            Some(before) => {
                before.push_str("\n\n");
                before.push_str(&text);
            }
            None => self.text = Some(text),
        }
    }

    fn part(&mut self, part: Value) {
        if let Some(text) = self.text.take() {
            self.parts.push(text_part(text));
        }
        self.parts.push(part);
    }

    fn attach(&mut self, attachment: &Attachment, suffix: &str) {
        match attachment {
            Attachment::Text { name, text } => {
                self.text(tagged("file", suffix, &attribute("name", name), text));
            }
            Attachment::Image { name, url } => {
                if let Some(name) = name {
                    let name: String = name
                        .chars()
                        .map(|sign| if sign.is_control() { ' ' } else { sign })
                        .collect();
                    self.text(format!("{name}:"));
                }
                self.part(json!({"type": "image_url", "image_url": {"url": url}}));
            }
            Attachment::File { name, data } => {
                let mut file = Map::new();
                // OpenAI wants a name with the data of a file (API reference, 2026-11-22).
                let kind =
                    if data.starts_with("data:application/pdf") { "file.pdf" } else { "file" };
                let name = name.clone().unwrap_or_else(|| kind.to_owned());
                file.insert("filename".to_owned(), name.into());
                file.insert("file_data".to_owned(), data.clone().into());
                self.part(json!({"type": "file", "file": file}));
            }
        }
    }

    fn end(mut self) -> Value {
        match (self.parts.is_empty(), self.text.take()) {
            (true, text) => message("user", text.unwrap_or_default()),
            (false, text) => {
                self.parts.extend(text.map(text_part));
                json!({"role": "user", "content": self.parts})
            }
        }
    }
}

fn text_part(text: String) -> Value {
    json!({"type": "text", "text": text})
}
