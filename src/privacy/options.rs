//! What is to become of what is found.

use super::Look;
use crate::error::{Error, Result};
use serde_json::Value;

/// What is done with one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is not looked for.
    #[default]
    Off,
    /// It is told, and sent as it is.
    Warn,
    /// A stand-in is sent for it.
    Mask,
    /// Nothing is sent.
    Refuse,
}

/// What is looked for, and what is done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keys, tokens, passwords. Default: warn.
    pub secrets: Action,
    /// What tells of a person. Default: off, because most mails and logs are full of it.
    pub personal: Action,
    /// Values that are not found, exactly as written; `@host.example` stands for all addresses there.
    pub allow: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { secrets: Action::Warn, personal: Action::Off, allow: Vec::new() }
    }
}

impl Options {
    /// Reads `{ secrets?, personal?, allow? }`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut options = Self::default();
        let wrong = |name: &str, wanted: &str| {
            Error::invalid_input(format!("privacy{name}: found another value, wanted {wanted}"))
        };
        let fields = value.as_object().ok_or_else(|| wrong("", "an object"))?;
        for (name, value) in fields {
            let wanted = "\"off\", \"warn\", \"mask\" or \"refuse\"";
            match (name.as_str(), value) {
                (_, Value::Null) => {}
                ("secrets", _) => {
                    options.secrets = action(value).ok_or_else(|| wrong(".secrets", wanted))?;
                }
                ("personal", _) => {
                    options.personal = action(value).ok_or_else(|| wrong(".personal", wanted))?;
                }
                ("allow", Value::Array(list)) => {
                    for item in list {
                        let text = item.as_str().ok_or_else(|| wrong(".allow", "texts"))?;
                        options.allow.push(text.to_owned());
                    }
                }
                ("allow", _) => return Err(wrong(".allow", "a list of texts")),
                _ => {
                    let wanted = format!("privacy.{name}: wanted one of secrets, personal, allow");
                    return Err(Error::invalid_input(wanted));
                }
            }
        }
        Ok(options)
    }

    /// What is to be looked for; `None` where that is nothing.
    pub fn look(&self) -> Option<Look> {
        let look =
            Look { secrets: self.secrets != Action::Off, personal: self.personal != Action::Off };
        (look.secrets || look.personal).then_some(look)
    }

    /// Whether a value may stand as it is.
    pub(super) fn allows(&self, value: &str) -> bool {
        self.allow.iter().any(|allowed| {
            allowed == value || (allowed.starts_with('@') && value.ends_with(allowed.as_str()))
        })
    }
}

fn action(value: &Value) -> Option<Action> {
    Some(match value.as_str()? {
        "off" => Action::Off,
        "warn" => Action::Warn,
        "mask" => Action::Mask,
        "refuse" => Action::Refuse,
        _ => return None,
    })
}
