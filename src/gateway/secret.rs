//! Keys that do not show: a [`Secret`] hides itself when printed, a [`Redactor`] takes keys out of
//! words that come from elsewhere (gateways echo keys in their messages).

use crate::error::{Error, Result};
use std::fmt;

/// What stands in the place of a key.
const HIDDEN: &str = "[key hidden]";

/// An API key. Printing it shows nothing of it; [`Secret::expose`] is the only way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key; spaces and newlines around it, as they come with copying, are dropped.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for an empty key, or one with characters that no header
    /// can carry. The message never shows the key.
    pub fn new(key: impl AsRef<str>) -> Result<Self> {
        let key = key.as_ref().trim();
        if key.is_empty() {
            return Err(Error::invalid_input("apiKey: found an empty string, wanted a key"));
        }
        if let Some(at) = key.chars().position(|c| !c.is_ascii_graphic()) {
            return Err(Error::invalid_input(format!(
                "apiKey: character {} cannot stand in a header, wanted visible ASCII without spaces",
                at.saturating_add(1)
            )));
        }
        Ok(Self(key.to_owned()))
    }

    /// The key itself, for the header that carries it and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([key hidden])")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Takes keys out of text: the key given, if any, whatever follows `Bearer`, and everything that
/// looks like a key of a known make.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    key: Option<Secret>,
}

/// How keys of known makers begin (OpenAI, Anthropic, OpenRouter, LiteLLM: `sk-`; Groq, xAI,
/// Google, Vercel, Portkey-style, GitHub, Hugging Face, Perplexity, Replicate).
const BEGINNINGS: [&str; 11] =
    ["sk-", "sk_", "pk-", "gsk_", "xai-", "AIza", "vck_", "ghp_", "hf_", "pplx-", "r8_"];

/// The fewest characters after a beginning that make a key: shorter ones are words about keys.
const FEWEST: usize = 8;

impl Redactor {
    /// For text that may also hold `key`.
    pub fn new(key: Option<Secret>) -> Self {
        Self { key }
    }

    /// `text` with every key replaced.
    pub fn redact(&self, text: &str) -> String {
        let known = match &self.key {
            // A very short key would also blank out ordinary words; no gateway issues such keys,
            // but people use "x" or "none" for local ones.
            Some(key) if key.0.len() >= FEWEST => text.replace(&key.0, HIDDEN),
            _ => text.to_owned(),
        };
        redact_lookalikes(&known)
    }
}

fn redact_lookalikes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some(first) = rest.chars().next() {
        let at_border = !before.is_some_and(|c| c.is_ascii_alphanumeric());
        if at_border && let Some((kept, length)) = key_at(rest) {
            out.push_str(kept);
            out.push_str(HIDDEN);
            rest = rest.get(length..).unwrap_or_default();
            before = Some(']');
            continue;
        }
        out.push(first);
        before = Some(first);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    out
}

/// A key at the start of `text`: the part before it that stays (`Bearer `), and the length of both
/// in bytes.
fn key_at(text: &str) -> Option<(&str, usize)> {
    let scheme = text.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer "));
    if let Some(scheme) = scheme {
        let length = key_length(text.get(7..)?);
        return (length >= FEWEST).then(|| (scheme, length.saturating_add(7)));
    }
    let beginning = BEGINNINGS.iter().find(|beginning| text.starts_with(**beginning))?;
    let length = key_length(text);
    (length >= beginning.len().saturating_add(FEWEST)).then_some(("", length))
}

/// Bytes that belong to a key: letters, digits and the signs that keys use; `*` and `.` because
/// gateways show the ends of a key with the middle starred or dotted out.
fn key_length(text: &str) -> usize {
    let taken = text
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-_.*+/=~".contains(b))
        .collect::<Vec<_>>();
    // A full stop at the end belongs to the sentence.
    taken.iter().rposition(|b| *b != b'.').map_or(0, |last| last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show() {
        let secret = Secret::new(" canary-key-123456 \n").unwrap();
        assert_eq!(secret.expose(), "canary-key-123456");
        assert!(
            !format!("{secret} {secret:?} {:?}", Redactor::new(Some(secret.clone())))
                .contains("canary")
        );
        let refused = Secret::new("canary\u{7f}key").unwrap_err();
        assert!(!refused.message().contains("canary"), "{refused}");
        assert!(Secret::new("  ").is_err());
    }

    #[test]
    fn keys_are_taken_out_and_words_stay() {
        let redactor = Redactor::new(Some(Secret::new("my-own-key-of-any-make").unwrap()));
        for (text, wanted) in [
            (
                "Incorrect API key provided: sk-proj-abcdEFGH1234.",
                "Incorrect API key provided: [key hidden].",
            ),
            ("got my-own-key-of-any-make!", "got [key hidden]!"),
            ("Authorization: Bearer abcdef.ghijkl=", "Authorization: Bearer [key hidden]"),
            ("sk-ant-...wxyz1234 is wrong", "[key hidden] is wrong"),
            ("sk-***", "sk-***"),
            ("task-management-system stays", "task-management-system stays"),
            ("a bearer of news", "a bearer of news"),
            ("Grüße 👋🏽", "Grüße 👋🏽"),
        ] {
            assert_eq!(redactor.redact(text), wanted);
        }
    }
}
