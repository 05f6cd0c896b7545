//! The known names that are most like one that is not known.

use super::Model;

/// How many names are told.
const MOST: usize = 3;

/// The three ids whose names are most like `id`, however little that is, nearest first; of equally near ones, in the order
/// of the alphabet.
pub(super) fn nearest(models: &[Model], id: &str) -> Vec<String> {
    // Longer names are not names; and the work below is quadratic in the length.
    let wanted = Name::of(id.chars().take(80));
    let mut best: Vec<(f64, &str)> = Vec::new();
    for model in models {
        let score = std::iter::once(&model.id)
            .chain(&model.aliases)
            .map(|name| wanted.likeness(&Name::of(name.chars())))
            .fold(0.0, f64::max);
        let nearer = |other: &(f64, &str)| {
            other.0 > score || other.0 >= score && other.1 < model.id.as_str()
        };
        let place = best.iter().take_while(|other| nearer(other)).count();
        best.insert(place, (score, &model.id));
        best.truncate(MOST);
    }
    best.into_iter().map(|(_, id)| id.to_owned()).collect()
}

/// A name, ready to be compared.
struct Name {
    letters: Vec<char>,
    /// Each once.
    words: Vec<String>,
}

impl Name {
    fn of(letters: impl Iterator<Item = char>) -> Self {
        let letters: Vec<char> = letters.map(|c| c.to_ascii_lowercase()).collect();
        let mut words: Vec<String> = Vec::new();
        for word in letters.split(|c| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let word = word.iter().collect();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Self { letters, words }
    }

    /// From 0 to 1: half for letters in common, half for words in common.
    fn likeness(&self, other: &Self) -> f64 {
        let longest = self.letters.len().max(other.letters.len()).max(1);
        let letters = 1.0 - distance(&self.letters, &other.letters) as f64 / longest as f64;
        let shared = self.words.iter().filter(|word| other.words.contains(word)).count();
        let all = (self.words.len() + other.words.len() - shared).max(1);
        (letters + shared as f64 / all as f64) / 2.0
    }
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
