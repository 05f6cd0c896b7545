//! Choosing among a prompt's examples by what they weigh and what they cost.

use super::{EstimateOptions, Vocabularies, estimate_tokens};
use crate::catalog::Model;
use crate::chat::{ChatRequest, Message, Role};
use crate::error::Result;
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
/// tokens on `model`, and takes the others out of it. Each pair of messages is counted as what it
/// adds to a request, so the sum is exact where the counts are.
///
/// # Errors
/// What [`examples::best`] refuses.
pub fn choose_examples(
    prompt: &mut Prompt,
    budget: u64,
    model: &Model,
    vocabularies: &Vocabularies,
    options: &EstimateOptions,
) -> Result<ChosenExamples> {
    let mut out = ChosenExamples { exact: true, ..ChosenExamples::default() };
    let mut request = ChatRequest::from_value(serde_json::json!({"messages": []}))?;
    let last = Message::text(Role::User, "?");
    request.messages = vec![last.clone()];
    let alone = estimate_tokens(&request, model, vocabularies, options)?.tokens;
    let mut items = Vec::new();
    for (example, weight) in prompt.parts.examples.iter().zip(examples::weights(prompt)) {
        request.messages = vec![
            Message::text(Role::User, example.input.as_str()),
            Message::text(Role::Assistant, example.output.as_str()),
            last.clone(),
        ];
        let with = estimate_tokens(&request, model, vocabularies, options)?;
        out.exact &= with.exact;
        items.push((weight, with.tokens.saturating_sub(alone)));
    }
    out.chosen = examples::best(&items, budget)?;
    let all = std::mem::take(&mut prompt.parts.examples);
    for (index, (example, (_, tokens))) in all.into_iter().zip(items).enumerate() {
        if out.chosen.contains(&index) {
            prompt.parts.examples.push(example);
            out.tokens = out.tokens.saturating_add(tokens);
        } else {
            out.left_out.push(index);
        }
    }
    Ok(out)
}
