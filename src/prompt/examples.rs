//! Which examples are worth their tokens: the set of the greatest weight within a budget, exactly.

use super::{Parts, Prompt};
use crate::error::{Error, Result};

/// The most steps that choosing takes: examples times budget.
const MOST_WORK: u64 = 1 << 28;

/// What each example of `prompt` is worth, in thousandths: what its writer says, else one and one
/// more for every word of four letters or more that its input has in common with the ask (by the
/// first six letters, so that "summarise" and "summary" are alike; signs of scripts without spaces
/// count each). Weights add up: what two examples have in common is counted twice.
pub fn weights(prompt: &Prompt) -> Vec<u64> {
    let Parts { task, examples, .. } = &prompt.parts;
    let mut ask = stems(&prompt.text);
    if ask.is_empty() {
        ask = stems(&task.join(" "));
    }
    let mut weights = Vec::new();
    for example in examples {
        weights.push(example.weight.unwrap_or_else(|| {
            let shared = stems(&example.input).iter().filter(|stem| ask.contains(stem)).count();
            1000 * (1 + shared as u64)
        }));
    }
    weights
}

/// The different beginnings of a text's words.
fn stems(text: &str) -> Vec<String> {
    let mut stems = Vec::new();
    let mut word = String::new();
    for sign in text.chars().chain(Some(' ')) {
        // From U+2E80 on (CJK radicals, kana, ideographs, Hangul) a sign says about what a word does.
        let alone = sign >= '\u{2e80}';
        if sign.is_alphanumeric() && !alone {
            word.push(crate::letter::lower(sign));
            continue;
        }
        if word.chars().count() >= 4 {
            add(&mut stems, word.chars().take(6).collect());
        }
        word.clear();
        if alone && sign.is_alphanumeric() {
            add(&mut stems, sign.to_string());
        }
    }
    stems
}

fn add(stems: &mut Vec<String>, stem: String) {
    if !stems.contains(&stem) {
        stems.push(stem);
    }
}

/// The places of the items that weigh most together within `budget` tokens; among such sets one of
/// the fewest tokens. `items` are `(weight, tokens)`; one of weight 0 is never taken.
///
/// This is the 0/1 knapsack, solved exactly by dynamic programming over tokens: `n` times `budget`
/// steps and as many bits, at most 2^28.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where that would be more.
pub fn best(items: &[(u64, u64)], budget: u64) -> Result<Vec<usize>> {
    let mut all = 0u64;
    for (_, tokens) in items {
        all = all.saturating_add(*tokens);
    }
    let room = budget.min(all);
    if (items.len() as u64).saturating_mul(room) > MOST_WORK {
        return Err(Error::invalid_input(format!(
            "examplesTokens: found {} examples for {room} tokens, wanted at most {MOST_WORK} of their product",
            items.len()
        )));
    }
    let room = room as usize;
    // `most[tokens]`: the greatest weight within so many tokens, of the items so far.
    let mut most = vec![0u64; room + 1];
    let mut taken: Vec<Vec<u64>> = Vec::new();
    for (weight, tokens) in items {
        let mut bits = vec![0u64; room / 64 + 1];
        let tokens = usize::try_from(*tokens).unwrap_or(usize::MAX);
        if tokens <= room {
            let before = most.clone();
            let with = before.iter().map(|below| below.saturating_add(*weight));
            for (at, (slot, with)) in most.iter_mut().enumerate().skip(tokens).zip(with).map(flat) {
                if with > *slot {
                    *slot = with;
                    if let Some(word) = bits.get_mut(at / 64) {
                        *word |= 1 << (at % 64);
                    }
                }
            }
        }
        taken.push(bits);
    }
    let greatest = most.last();
    let mut left = most.iter().position(|weight| Some(weight) == greatest).unwrap_or(0);
    let mut chosen = Vec::new();
    for (index, (bits, (_, tokens))) in taken.iter().zip(items).enumerate().rev() {
        if bits.get(left / 64).is_some_and(|word| word >> (left % 64) & 1 == 1) {
            chosen.push(index);
            left = left.saturating_sub(*tokens as usize);
        }
    }
    chosen.reverse();
    Ok(chosen)
}

fn flat<A, B, C>(((a, b), c): ((A, B), C)) -> (A, (B, C)) {
    (a, (b, c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn likeness_is_shared_beginnings() {
        let prompt =
            Prompt::from_value(json!({"text": "Summarise this quarterly report.", "examples": [
            {"input": "A summary of reports, quarterly", "output": "x"},
            {"input": "the cat", "output": "x"},
            {"input": "anything", "output": "x", "weight": 2.5}]}));
        assert_eq!(weights(&prompt.unwrap()), [4000, 1000, 2500]);
        let prompt = Prompt::from_value(json!({"task": "翻訳する", "text": "価格", "examples": [
            {"input": "価値", "output": "x"}]}));
        assert_eq!(weights(&prompt.unwrap()), [2000]);
    }

    #[test]
    fn too_much_work_is_refused() {
        let items = vec![(1, 1_000_000); 300];
        assert!(best(&items, u64::MAX).unwrap_err().message().contains("examplesTokens"));
        assert_eq!(best(&[(1, u64::MAX)], 10).unwrap(), [] as [usize; 0]);
        assert_eq!(best(&[(1, 0), (0, 1)], 0).unwrap(), [0]);
    }
}
