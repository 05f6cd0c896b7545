//! Which generation a model's id names: the rules of framing go by generation, not by every id.

/// The generation that a Claude model's id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaudeVersion {
    /// The size: haiku, sonnet, opus, ...
    pub tier: Tier,
    /// `(4, 5)` for Sonnet 4.5; `(4, 0)` for Sonnet 4.
    pub version: (u32, u32),
    /// For Claude 3.5 Sonnet only: the October 2024 release, which counts tools differently.
    pub october: bool,
}

/// The sizes that Claude models come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The fast one.
    Haiku,
    /// The middle one.
    Sonnet,
    /// The deep one.
    Opus,
    /// Fable, Mythos and what may come.
    Other,
}

impl ClaudeVersion {
    /// Whether the version is this one.
    pub fn is(self, major: u32, minor: u32) -> bool {
        self.version == (major, minor)
    }

    /// Whether the version is this one or later.
    pub fn at_least(self, major: u32, minor: u32) -> bool {
        self.version >= (major, minor)
    }

    /// Whether it is a Haiku.
    pub fn is_haiku(self) -> bool {
        self.tier == Tier::Haiku
    }
}

/// Reads a Claude id in any of the ways that it is written: `claude-3-5-haiku-20241022`,
/// `anthropic/claude-haiku-4.5`, `us.anthropic.claude-sonnet-4-20250514-v1:0`, `claude-opus-4@20250514`.
pub fn claude_version(id: &str) -> Option<ClaudeVersion> {
    let id = id.to_ascii_lowercase();
    let (_, rest) = id.split_once("claude")?;
    let words = rest.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let mut tier = None;
    let mut numbers = Vec::new();
    let mut date = None;
    let mut ended = false;
    for word in words {
        match word {
            "haiku" => tier = Some(Tier::Haiku),
            "sonnet" => tier = Some(Tier::Sonnet),
            "opus" => tier = Some(Tier::Opus),
            "fable" | "mythos" => tier = Some(Tier::Other),
            _ => match word.parse::<u32>() {
                Ok(number) if number < 100 && !ended && numbers.len() < 2 => numbers.push(number),
                Ok(number) => {
                    ended = true;
                    date = date.or(Some(number));
                }
                // After `v1` come a deployment's numbers, not the model's.
                Err(_) => ended |= !numbers.is_empty(),
            },
        }
    }
    let mut numbers = numbers.into_iter();
    let version = (numbers.next()?, numbers.next().unwrap_or(0));
    let tier = tier?;
    Some(ClaudeVersion { tier, version, october: date != Some(20_240_620) })
}

/// Whether `word` stands in `id` at a place where a name begins.
pub fn has_word(id: &str, word: &str) -> bool {
    id.match_indices(word).any(|(at, _)| {
        at == 0 || id.as_bytes().get(at - 1).is_some_and(|b| !b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling() {
        let of = |id: &str| claude_version(id).map(|v| (v.tier, v.version));
        assert_eq!(of("claude-3-5-haiku-20241022"), Some((Tier::Haiku, (3, 5))));
        assert_eq!(of("anthropic/claude-3.5-haiku"), Some((Tier::Haiku, (3, 5))));
        assert_eq!(of("anthropic/claude-haiku-4.5"), Some((Tier::Haiku, (4, 5))));
        assert_eq!(of("us.anthropic.claude-sonnet-4-20250514-v1:0"), Some((Tier::Sonnet, (4, 0))));
        assert_eq!(of("claude-sonnet-4-0"), Some((Tier::Sonnet, (4, 0))));
        assert_eq!(of("claude-opus-4@20250514"), Some((Tier::Opus, (4, 0))));
        assert_eq!(of("claude-opus-4-1-20250805"), Some((Tier::Opus, (4, 1))));
        assert_eq!(of("claude-4-sonnet-20250514"), Some((Tier::Sonnet, (4, 0))));
        assert_eq!(of("claude-3-opus-20240229"), Some((Tier::Opus, (3, 0))));
        assert_eq!(of("claude-sonnet-5"), Some((Tier::Sonnet, (5, 0))));
        assert_eq!(of("claude-fable-5-1"), Some((Tier::Other, (5, 1))));
        assert_eq!(of("anthropic.claude-3-5-sonnet-20241022-v2:0"), Some((Tier::Sonnet, (3, 5))));
        assert_eq!(of("gpt-4o"), None);
        assert!(claude_version("claude-3-5-sonnet-latest").unwrap().october);
        assert!(!claude_version("anthropic.claude-3-5-sonnet-20240620-v1:0").unwrap().october);
    }

    #[test]
    fn finds_words() {
        assert!(has_word("openai/gpt-4o-mini", "gpt-4o"));
        assert!(!has_word("xgpt-4o", "gpt-4o"));
    }
}
