//! Choosing among a prompt's examples by what they weigh and what they cost.

use super::{EstimateOptions, Vocabularies, estimate_tokens};
use crate::catalog::Model;
use crate::chat::{ChatRequest, Message, Role};
use crate::error::Result;
use crate::json::json;
use crate::prompt::{Prompt, examples};

/// Which examples stay within a budget of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChosenExamples {
    /// The places of those that stay, in their order.
    pub chosen: Vec<usize>,
    /// The places of those that are left out.
    pub left_out: Vec<usize>,
    /// The tokens of those that stay, with what a request puts around each pair of messages.
    pub tokens: u64,
    /// Whether that is exact.
    pub exact: bool,
}

/// Chooses the examples of `prompt` that weigh most together ([`examples::weights`]) within `budget`
/// tokens on `model`. Each pair of messages is counted as what it adds to a request, so the sum is
/// exact where the counts are.
///
/// # Errors
/// What [`examples::best`] refuses.
pub fn choose_examples(
    prompt: &Prompt,
    budget: u64,
    model: &Model,
    vocabularies: &Vocabularies,
    options: &EstimateOptions,
) -> Result<ChosenExamples> {
    let mut out = ChosenExamples { exact: true, ..ChosenExamples::default() };
    let mut request =
        ChatRequest::from_value(json!({"messages": [{"role": "user", "content": "?"}]}))?;
    let alone = estimate_tokens(&request, model, vocabularies, options)?.tokens;
    let mut items = Vec::new();
    for (example, weight) in prompt.parts.examples.iter().zip(examples::weights(prompt)) {
        let pair = [(Role::Assistant, &example.output), (Role::User, &example.input)];
        for (role, text) in pair {
            request.messages.insert(0, Message::text(role, text.as_str()));
        }
        let with = estimate_tokens(&request, model, vocabularies, options)?;
        request.messages.drain(..2);
        out.exact &= with.exact;
        items.push((weight, with.tokens.saturating_sub(alone)));
    }
    out.chosen = examples::best(&items, budget)?;
    for (index, (_, tokens)) in items.iter().enumerate() {
        if out.chosen.contains(&index) {
            out.tokens = out.tokens.saturating_add(*tokens);
        } else {
            out.left_out.push(index);
        }
    }
    Ok(out)
}
