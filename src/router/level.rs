//! How strong a model is meant to be: the place that its maker gives it in the product line, read
//! off the names. An order that the labs sell by, not a measurement: no table of today's models on
//! one set of tasks was at hand. Unknown is unknown.

use super::{Candidate, Policy, policy};
use crate::catalog::Model;
use crate::prompt::Tier;
use std::cmp::Ordering;

/// The middle of a line.
pub(super) const MIDDLE: u8 = 2;
/// Where the order is read, and when.
pub(super) const SOURCE: &str =
    "product lines of the makers, by the names of the catalogue (models.dev and LiteLLM), 2026-11";

/// Words of a name and the level that they mean; the first that the name holds decides. The price
/// lists of 2026-11 are in the same order within each line.
const WORDS: [(&str, u8); 47] = [
    ("mythos", 4),
    ("fable", 4),
    ("astra", 4),
    ("flash-lite", 0),
    ("opus", 3),
    ("sonnet", 2),
    ("haiku", 1),
    ("sol", 3),
    ("terra", 2),
    ("luna", 1),
    ("nano", 0),
    ("mini", 1),
    ("micro", 0),
    ("small", 1),
    ("medium", 2),
    ("ministral", 0),
    ("lite", 1),
    ("flash", 1),
    ("premier", 3),
    ("nova-pro", 2),
    ("solar-pro", 2),
    ("pro", 3),
    ("plus", 2),
    ("max", 3),
    ("large", 3),
    ("ultra", 3),
    ("maverick", 2),
    ("scout", 1),
    ("8b", 0),
    ("20b", 0),
    ("31b", 1),
    ("70b", 1),
    ("120b", 1),
    ("235b", 2),
    ("r7b", 0),
    ("command-a", 2),
    ("reasoner", 3),
    ("thinking", 3),
    ("deepseek-chat", 2),
    ("grok-code", 1),
    ("grok", 3),
    ("glm", 3),
    ("kimi", 3),
    ("gpt-4o", 2),
    ("gpt-3", 0),
    ("gpt", 3),
    ("o3", 3),
];

/// The level of a catalogue model: 0 to [`MOST`].
pub(super) fn of(model: &Model) -> Option<u8> {
    WORDS.iter().find(|(word, _)| has_word(&model.id, word)).map(|(_, level)| *level)
}

/// Whether `word` stands in `id` between marks, so that "mini" is not in "gemini".
fn has_word(id: &str, word: &str) -> bool {
    id.match_indices(word).any(|(at, _)| {
        let end = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        let before = id.get(..at).and_then(|text| text.chars().next_back());
        let after = id.get(at + word.len()..).and_then(|text| text.chars().next());
        end(before) && (end(after) || after.is_some_and(|c| c.is_ascii_digit()))
    })
}

/// The caller's own level of a candidate, or that of its line.
pub(super) fn of_candidate(candidate: &Candidate<'_>, policy: &Policy) -> Option<u8> {
    let own = policy.levels.iter().find(|(name, _)| policy::same(name, candidate));
    own.map(|(_, level)| *level).or_else(|| candidate.model.and_then(of))
}

/// Which tier each candidate (its name and its catalogue entry) is for. Where their levels differ,
/// the upper half of the ladder between the lowest and the highest of them is deep, the lower half
/// fast, its middle neither. Where they do not differ, a model above the middle of its maker's line
/// is deep, another fast. Without a level: plain.
pub(crate) fn tier_levels(candidates: &[(&str, Option<&Model>)], policy: &Policy) -> Vec<Tier> {
    let mut levels = Vec::new();
    for (name, model) in candidates {
        let is = |known: &str| known == *name || model.is_some_and(|model| model.id == known);
        let own = policy.levels.iter().find(|(known, _)| is(known)).map(|(_, level)| *level);
        levels.push(own.or_else(|| model.and_then(of)));
    }
    let low = levels.iter().flatten().copied().min().unwrap_or(0);
    let high = levels.iter().flatten().copied().max().unwrap_or(0);
    let mut tiers = Vec::new();
    for level in levels {
        let Some(level) = level else {
            tiers.push(Tier::Plain);
            continue;
        };
        let (above, below) = if low < high { (level - low, high - level) } else { (level, MIDDLE) };
        tiers.push(match above.cmp(&below) {
            Ordering::Greater => Tier::Deep,
            Ordering::Equal if low < high => Tier::Plain,
            _ => Tier::Fast,
        });
    }
    tiers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn tiers_follow_the_levels() {
        use Tier::{Deep, Fast, Plain};
        let tiers = |names: &[&str], policy: &Policy| {
            let entry = |name: &&str| Catalog::shipped().resolve(name).ok().map(|one| one.model);
            let found: Vec<_> = names.iter().map(|name| (*name, entry(name))).collect();
            tier_levels(&found, policy)
        };
        let usual = Policy::default();
        assert_eq!(tiers(&["claude-opus-4", "claude-sonnet-4"], &usual), [Deep, Fast]);
        assert_eq!(
            tiers(&["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"], &usual),
            [Deep, Plain, Fast]
        );
        assert_eq!(tiers(&["claude-opus-5-5"], &usual), [Deep]);
        assert_eq!(tiers(&["claude-sonnet-5-5"], &usual), [Fast]);
        assert_eq!(tiers(&["gemini-4-argon", "my-own", "gpt-5"], &usual), [Plain, Plain, Deep]);
        let own = Policy { levels: vec![("my-own".to_owned(), 9)], ..Policy::default() };
        assert_eq!(tiers(&["my-own", "gpt-5"], &own), [Deep, Fast]);
    }

    /// The level of one model of a line is never below that of another which is cheaper.
    #[test]
    fn the_lines_are_in_the_order_of_their_names() {
        let level = |id: &str| of(Catalog::shipped().resolve(id).unwrap().model);
        for (line, wanted) in [
            (&["claude-opus-4", "claude-sonnet-4", "claude-3-haiku"] as &[_], [3, 2, 1]),
            (&["claude-fable-5", "claude-opus-5-5", "claude-sonnet-5-5"], [4, 3, 2]),
            (&["gpt-5", "gpt-5-mini", "gpt-5-nano"], [3, 1, 0]),
            (&["gpt-6-astra", "gpt-6-sol", "gpt-6-luna"], [4, 3, 1]),
            (&["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"], [3, 1, 0]),
            (&["nova-premier", "nova-pro", "nova-micro"], [3, 2, 0]),
        ] {
            let levels: Vec<_> = line.iter().map(|id| level(id)).collect();
            assert_eq!(levels, wanted.map(Some), "{line:?}");
        }
        assert_eq!(level("gemini-4-argon"), None);
        assert_eq!(of(&Model::unlisted("my-own-model")), None);
        let known = Catalog::shipped().models().iter().filter(|model| of(model).is_some()).count();
        println!("{known} of {} models have a level", Catalog::shipped().models().len());
    }
}
