//! From a prompt to messages.

use super::request::{Content, FilePart, ImagePart, Message, Part, Role};
use crate::json::json;
use crate::prompt::language::{self, ENGLISH, Language};
use crate::prompt::{Attachment, Format, Prompt, Tier, steps};
use serde_json::{Map, Value};

/// How to render.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner<'a> {
    /// Whose words are added; [`Tier::Auto`] adds none.
    pub tier: Tier,
    /// Whether a JSON Schema is told in words, because the model is not held to one otherwise.
    pub schema_in_words: bool,
    /// The places of the examples that stay; `None`: all of them.
    pub examples: Option<&'a [usize]>,
}

/// A prompt as messages, and what was done to get there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The messages.
    pub messages: Vec<Message>,
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
///
/// `history` are the prompt's earlier turns, read.
pub fn render(prompt: &Prompt, history: Vec<Message>, manner: Manner<'_>) -> Rendered {
    let parts = &prompt.parts;
    let suffix = &free_suffix(prompt);
    let spoken = language_of(prompt);
    let mut out = Rendered { language: spoken.map(|one| one.code), ..Rendered::default() };
    let mut examples = Vec::new();
    for (index, example) in parts.examples.iter().enumerate() {
        if manner.examples.is_none_or(|kept| kept.contains(&index)) {
            examples.push(message(Role::User, &example.input));
            examples.push(message(Role::Assistant, &example.output));
        }
    }
    let teaches = !examples.is_empty() && !prompt.text.trim().is_empty();
    let (task, ask) = asks(prompt, manner.tier, spoken, &mut out);

    let mut system = Paragraphs::default();
    if let Some(role) = &parts.role {
        if role.trim_end().ends_with(['.', '!', '?', '。', '！', '？']) {
            system.add(role);
        } else {
            system.tagged("role", suffix, None, role);
        }
    }
    if let Some(text) = &prompt.system {
        system.add(text);
    }
    if teaches && !task.is_empty() {
        system.add(&task);
    }
    match &parts.format {
        Some(Format::Words(words)) => system.tagged("format", suffix, None, words),
        Some(Format::Schema(schema)) if manner.schema_in_words => {
            let mut words = spoken.unwrap_or(ENGLISH).schema.to_owned();
            out.added.push(words.clone());
            words.push('\n');
            words.push_str(&schema.to_string());
            system.tagged("format", suffix, None, &words);
        }
        Some(Format::Schema(schema)) => out.response_format = Some(response_format(schema)),
        None => {}
    }
    if !parts.constraints.is_empty() {
        let mut list = String::from("- ");
        list.push_str(&parts.constraints.join("\n- "));
        system.tagged("constraints", suffix, None, &list);
    }
    let added = sentences(manner.tier, spoken, out.steps > 0, parts.format.is_some());
    if !added.is_empty() {
        system.add(&added.join(" "));
        for sentence in added {
            out.added.push(sentence.to_owned());
        }
    }

    if let Some(text) = system.0 {
        out.messages.push(message(Role::System, &text));
    }
    for one in history {
        if !matches!(one.role, Role::System | Role::Developer) {
            out.messages.append(&mut examples);
        }
        out.messages.push(one);
    }
    out.messages.append(&mut examples);
    out.messages.push(turn(prompt, suffix, if teaches { "" } else { &task }, &ask));
    out
}

/// The person's message: what the ask rests on, then the ask.
fn turn(prompt: &Prompt, suffix: &str, task: &str, ask: &str) -> Message {
    let mut parts = Vec::new();
    let mut text = Paragraphs::default();
    for document in &prompt.parts.context {
        let title = document.title.as_deref().map(|title| ("title", title));
        text.tagged("document", suffix, title, &document.text);
    }
    for attachment in &prompt.parts.attachments {
        match attachment {
            Attachment::Text { name, text: inside } => {
                text.tagged("file", suffix, Some(("name", name)), inside);
            }
            Attachment::Image { name, url } => {
                if let Some(name) = name {
                    let mut label = name.replace(char::is_control, " ");
                    label.push(':');
                    text.add(&label);
                }
                text.end_into(&mut parts);
                parts.push(image(url));
            }
            Attachment::File { name, data } => {
                text.end_into(&mut parts);
                // OpenAI wants a name with the data of a file (API reference, 2026-11-22).
                let kind =
                    if data.starts_with("data:application/pdf") { "file.pdf" } else { "file" };
                let name = name.as_deref().unwrap_or(kind);
                let value = json!({"type": "file", "file": {"filename": name, "file_data": data}});
                parts.push(Part::File(FilePart { value }));
            }
        }
    }
    for url in &prompt.images {
        text.end_into(&mut parts);
        parts.push(image(url));
    }
    if !task.is_empty() {
        text.add(task);
    }
    if !ask.is_empty() || task.is_empty() {
        text.add(ask);
    }
    let mut turn = message(Role::User, "");
    turn.content = if parts.is_empty() {
        Content::Text(text.0.unwrap_or_default())
    } else {
        text.end_into(&mut parts);
        Content::Parts(parts)
    };
    turn
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
    let (mut first, mut second) = (task.join("\n"), prompt.text.clone());
    if tier != Tier::Fast {
        return (first, second);
    }
    let own = |step: &String| {
        step.trim_start().starts_with(|sign: char| sign.is_ascii_digit() || sign == '-')
    };
    let steps = match (task.as_slice(), spoken) {
        ([], Some(language)) => steps::of(&second, language),
        ([one], Some(language)) => steps::of(one, language),
        // A list that has numbers or dashes already keeps them.
        ([_, _, ..], _) if !task.iter().any(own) => Some(task.clone()),
        _ => None,
    };
    if let Some(steps) = steps {
        out.steps = steps.len();
        let numbered = if task.is_empty() { &mut second } else { &mut first };
        numbered.clear();
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                numbered.push('\n');
            }
            numbered.push_str(&(index + 1).to_string());
            numbered.push_str(". ");
            numbered.push_str(step);
        }
    }
    (first, second)
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

/// Never inlined: there are few prompts, and the module is smaller.
#[inline(never)]
fn message(role: Role, text: &str) -> Message {
    Message::text(role, text)
}

fn image(url: &str) -> Part {
    Part::Image(ImagePart { url: url.to_owned(), detail: None, size: None })
}

/// Texts a blank line apart; `None` until there is one.
#[derive(Default)]
struct Paragraphs(Option<String>);

impl Paragraphs {
    /// Begins a paragraph.
    fn begin(&mut self) -> &mut String {
        if let Some(text) = &mut self.0 {
            text.push_str("\n\n");
        }
        self.0.get_or_insert_default()
    }

    fn add(&mut self, text: &str) {
        self.begin().push_str(text);
    }

    /// Adds `text` in tags called `name`, with an attribute whose value cannot end it.
    fn tagged(&mut self, name: &str, suffix: &str, attribute: Option<(&str, &str)>, text: &str) {
        let out = self.begin();
        for piece in ["<", name, suffix] {
            out.push_str(piece);
        }
        if let Some((key, value)) = attribute {
            for piece in [" ", key, "=\""] {
                out.push_str(piece);
            }
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
        }
        for piece in [">\n", text, "\n</", name, suffix, ">"] {
            out.push_str(piece);
        }
    }

    /// Ends here, as a part of a message where there is any.
    fn end_into(&mut self, parts: &mut Vec<Part>) {
        if let Some(text) = self.0.take() {
            parts.push(Part::Text { text, extra: Map::new() });
        }
    }
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
    for text in parts.task.iter().chain(&parts.constraints) {
        look(text);
    }
    if let Some(text) = &parts.role {
        look(text);
    }
    match &parts.format {
        Some(Format::Words(words)) => look(words),
        Some(Format::Schema(schema)) => look(&schema.to_string()),
        None => {}
    }
    for document in &parts.context {
        look(&document.text);
    }
    for attachment in &parts.attachments {
        if let Attachment::Text { text, .. } = attachment {
            look(text);
        }
    }
    let mut number = 1u32;
    while used.contains(&number) {
        number += 1;
    }
    let mut suffix = String::new();
    if number > 1 {
        suffix.push('-');
        suffix.push_str(&number.to_string());
    }
    suffix
}
