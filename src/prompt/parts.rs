//! The parts of a prompt that a person can tell apart.

use super::wrong;
use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// The names of the parts in a prompt's object.
pub(super) const FIELDS: [&str; 7] =
    ["task", "role", "format", "constraints", "examples", "context", "attachments"];

/// The most that an example may weigh.
const HEAVIEST: f64 = 1e6;

/// Everything of a prompt that has a place of its own. What is blank is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// What is to be done, one ask or several in order.
    pub task: Vec<String>,
    /// Who the model is to be.
    pub role: Option<String>,
    /// How the answer is to look.
    pub format: Option<Format>,
    /// What the answer must hold to.
    pub constraints: Vec<String>,
    /// How it is done, shown.
    pub examples: Vec<Example>,
    /// What the answer is to rest on.
    pub context: Vec<Document>,
    /// Texts, pictures and files that go with the ask.
    pub attachments: Vec<Attachment>,
}

/// How the answer is to look.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    /// In words.
    Words(String),
    /// By a JSON Schema.
    Schema(Value),
}

impl Parts {
    /// Shows every text to `change`; pictures and files are none.
    pub fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        self.task.iter_mut().for_each(&mut *change);
        self.role.iter_mut().for_each(&mut *change);
        if let Some(Format::Words(words)) = &mut self.format {
            change(words);
        }
        self.constraints.iter_mut().for_each(&mut *change);
        for example in &mut self.examples {
            change(&mut example.input);
            change(&mut example.output);
        }
        for document in &mut self.context {
            document.title.iter_mut().for_each(&mut *change);
            change(&mut document.text);
        }
        for attachment in &mut self.attachments {
            match attachment {
                Attachment::Text { name, text } => {
                    change(name);
                    change(text);
                }
                Attachment::Image { name, .. } | Attachment::File { name, .. } => {
                    name.iter_mut().for_each(&mut *change);
                }
            }
        }
    }
}

/// One example: what comes in, and what is to come out.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What comes in.
    pub input: String,
    /// What is to come out.
    pub output: String,
    /// What it is worth beside the others, in thousandths; `None`: by its likeness to the ask.
    pub weight: Option<u64>,
}

/// A text that the answer is to rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: Option<String>,
    /// Its text.
    pub text: String,
}

/// What goes with the ask.
#[derive(Clone, Debug, PartialEq)]
pub enum Attachment {
    /// A file of text.
    Text {
        /// The file's name.
        name: String,
        /// What is in it.
        text: String,
    },
    /// A picture.
    Image {
        /// The file's name.
        name: Option<String>,
        /// A `data:` URL or an address.
        url: String,
    },
    /// A file that the model reads itself.
    File {
        /// The file's name.
        name: Option<String>,
        /// A `data:` URL.
        data: String,
    },
}

impl Parts {
    /// Takes the parts out of a prompt's fields.
    pub(super) fn take(fields: &mut Map<String, Value>) -> Result<Self> {
        let mut parts = Self::default();
        for name in FIELDS {
            let Some(value) = fields.shift_remove(name).filter(|value| !value.is_null()) else {
                continue;
            };
            match name {
                "task" => parts.task = texts(name, value)?,
                "role" => parts.role = texts(name, value)?.pop(),
                "constraints" => parts.constraints = texts(name, value)?,
                "format" => {
                    parts.format = match value {
                        Value::Object(_) => Some(Format::Schema(value)),
                        Value::String(text) => filled(text).map(Format::Words),
                        _ => return Err(wrong(name, "a text or a JSON Schema object")),
                    };
                }
                "context" if value.is_string() => {
                    for text in texts(name, value)? {
                        parts.context.push(Document { title: None, text });
                    }
                }
                _ => {
                    let Value::Array(list) = value else {
                        return Err(wrong(name, "a list"));
                    };
                    for (index, one) in list.into_iter().enumerate() {
                        parts.add(name, Entry::new(format!("{name}[{index}]"), one)?)?;
                    }
                }
            }
        }
        Ok(parts)
    }

    fn add(&mut self, name: &str, mut entry: Entry) -> Result<()> {
        match name {
            "examples" => {
                let weight = match entry.fields.shift_remove("weight") {
                    None | Some(Value::Null) => None,
                    Some(value) => match value.as_f64() {
                        Some(weight) if (0.0..=HEAVIEST).contains(&weight) => {
                            Some((weight * 1000.0 + 0.5) as u64)
                        }
                        _ => return Err(entry.wrong("weight", "a number from 0 to 1,000,000")),
                    },
                };
                let (input, output) = (entry.needed("input")?, entry.needed("output")?);
                self.examples.push(Example { input, output, weight });
            }
            "context" => {
                let (title, text) = (entry.text("title")?, entry.needed("text")?);
                self.context.push(Document { title, text });
            }
            _ => {
                let name = entry.text("name")?;
                let [text, image, file] =
                    [entry.text("text")?, entry.text("image")?, entry.text("file")?];
                self.attachments.push(match (text, image, file) {
                    (Some(text), None, None) => match name {
                        Some(name) => Attachment::Text { name, text },
                        None => return Err(entry.wrong("name", "a text")),
                    },
                    (None, Some(url), None) => Attachment::Image { name, url },
                    (None, None, Some(data)) if data.starts_with("data:") => {
                        Attachment::File { name, data }
                    }
                    (None, None, Some(_)) => return Err(entry.wrong("file", "a data: URL")),
                    _ => return Err(wrong(&entry.place, "one of text, image, file")),
                });
            }
        }
        match entry.fields.keys().next() {
            Some(other) => Err(entry.wrong(other, "no such field")),
            None => Ok(()),
        }
    }
}

/// One object of a list.
struct Entry {
    place: String,
    fields: Map<String, Value>,
}

impl Entry {
    fn new(place: String, value: Value) -> Result<Self> {
        match value {
            Value::Object(fields) => Ok(Self { place, fields }),
            _ => Err(wrong(&place, "an object")),
        }
    }

    fn wrong(&self, name: &str, wanted: &str) -> Error {
        wrong(&format!("{}.{name}", self.place), wanted)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.fields.shift_remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(filled(text)),
            Some(_) => Err(self.wrong(name, "a text")),
        }
    }

    fn needed(&mut self, name: &str) -> Result<String> {
        match self.text(name)? {
            Some(text) => Ok(text),
            None => Err(self.wrong(name, "a text that is not blank")),
        }
    }
}

/// A text, or a list of them (not for `role`).
fn texts(name: &str, value: Value) -> Result<Vec<String>> {
    let list = match value {
        Value::String(_) => vec![value],
        Value::Array(list) if name != "role" => list,
        _ => return Err(wrong(name, "a text")),
    };
    let mut texts = Vec::new();
    for one in list {
        match one {
            Value::String(text) => texts.extend(filled(text)),
            _ => return Err(wrong(name, "texts")),
        }
    }
    Ok(texts)
}

fn filled(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}
