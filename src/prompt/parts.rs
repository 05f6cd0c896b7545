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
    /// Reads the parts among a prompt's fields, and leaves the others to their reader. By reference and
    /// name by name: this is read once, and lean.
    pub(super) fn read(fields: &Map<String, Value>) -> Result<Self> {
        let mut parts = Self::default();
        for name in FIELDS {
            let value = match fields.get(name) {
                None | Some(Value::Null) => continue,
                Some(value) => value,
            };
            match (name, value) {
                ("role", Value::String(text)) => parts.role = filled(text),
                ("role", _) => return Err(wrong(name, "a text")),
                ("format", Value::Object(_)) => parts.format = Some(Format::Schema(value.clone())),
                ("format", Value::String(text)) => parts.format = filled(text).map(Format::Words),
                ("format", _) => return Err(wrong(name, "a text or a JSON Schema object")),
                (_, Value::String(text)) if name != "examples" && name != "attachments" => {
                    parts.add(name, filled(text));
                }
                (_, Value::Array(list)) => {
                    for (index, one) in list.iter().enumerate() {
                        match one {
                            Value::String(text) if name == "task" || name == "constraints" => {
                                parts.add(name, filled(text));
                            }
                            Value::Object(fields) if name != "task" && name != "constraints" => {
                                let place = format!("{name}[{index}]");
                                parts.add_entry(name, &Entry { place: &place, fields })?;
                            }
                            _ => return Err(wrong(name, "texts, or objects where it takes them")),
                        }
                    }
                }
                _ => return Err(wrong(name, "a list")),
            }
        }
        Ok(parts)
    }

    fn add(&mut self, name: &str, text: Option<String>) {
        let Some(text) = text else {
            return;
        };
        match name {
            "task" => self.task.push(text),
            "constraints" => self.constraints.push(text),
            _ => self.context.push(Document { title: None, text }),
        }
    }

    fn add_entry(&mut self, name: &str, entry: &Entry<'_>) -> Result<()> {
        if name == "examples" {
            entry.only(&["input", "output", "weight"])?;
            let weight = match entry.fields.get("weight") {
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
        } else if name == "context" {
            entry.only(&["title", "text"])?;
            let (title, text) = (entry.text("title")?, entry.needed("text")?);
            self.context.push(Document { title, text });
        } else {
            entry.only(&["name", "text", "image", "file"])?;
            let name = entry.text("name")?;
            let found = (entry.text("text")?, entry.text("image")?, entry.text("file")?);
            self.attachments.push(match found {
                (Some(text), None, None) => match name {
                    Some(name) => Attachment::Text { name, text },
                    None => return Err(entry.wrong("name", "a text")),
                },
                (None, Some(url), None) => Attachment::Image { name, url },
                (None, None, Some(data)) if data.starts_with("data:") => {
                    Attachment::File { name, data }
                }
                (None, None, Some(_)) => return Err(entry.wrong("file", "a data: URL")),
                _ => return Err(wrong(entry.place, "one of text, image, file")),
            });
        }
        Ok(())
    }
}

/// One object of a list.
struct Entry<'a> {
    place: &'a str,
    fields: &'a Map<String, Value>,
}

impl Entry<'_> {
    fn wrong(&self, name: &str, wanted: &str) -> Error {
        wrong(&format!("{}.{name}", self.place), wanted)
    }

    /// Refuses fields of other names.
    fn only(&self, names: &[&str]) -> Result<()> {
        for name in self.fields.keys() {
            if !names.contains(&name.as_str()) {
                return Err(self.wrong(name, "no such field"));
            }
        }
        Ok(())
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(filled(text)),
            Some(_) => Err(self.wrong(name, "a text")),
        }
    }

    fn needed(&self, name: &str) -> Result<String> {
        match self.text(name)? {
            Some(text) => Ok(text),
            None => Err(self.wrong(name, "a text that is not blank")),
        }
    }
}

fn filled(text: &str) -> Option<String> {
    if text.trim().is_empty() { None } else { Some(text.to_owned()) }
}
