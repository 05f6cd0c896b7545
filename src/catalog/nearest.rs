//! The known names that are most like one that is not known.

use super::Model;
use std::collections::HashSet;

/// Up to three ids whose names are most like `id`, nearest first.
pub(super) fn nearest(models: &[Model], id: &str) -> Vec<String> {
    // Longer names are not names; and the work below is quadratic in the length.
    let wanted: Vec<char> = id.to_lowercase().chars().take(80).collect();
    let wanted_words = words(&wanted);
    let mut scored: Vec<(f64, &str)> = models
        .iter()
        .filter_map(|model| {
            let score = std::iter::once(&model.id)
                .chain(&model.aliases)
                .map(|name| {
                    let name: Vec<char> = name.to_lowercase().chars().collect();
                    likeness(&wanted, &wanted_words, &name)
                })
                .fold(0.0, f64::max);
            (score >= 0.35).then_some((score, model.id.as_str()))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, id)| id.to_owned()).collect()
}

fn words(name: &[char]) -> HashSet<String> {
    let name: String = name.iter().collect();
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// From 0 to 1: half for letters in common, half for words in common.
fn likeness(wanted: &[char], wanted_words: &HashSet<String>, name: &[char]) -> f64 {
    let longest = wanted.len().max(name.len()).max(1);
    let letters = 1.0 - distance(wanted, name) as f64 / longest as f64;
    let name_words = words(name);
    let all = wanted_words.union(&name_words).count().max(1);
    let shared = wanted_words.intersection(&name_words).count();
    (letters + shared as f64 / all as f64) / 2.0
}

/// Levenshtein's distance: insertions, deletions and substitutions.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}
