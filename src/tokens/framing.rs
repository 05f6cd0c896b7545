//! What a whole request costs beyond its texts: the words that a provider puts around messages,
//! instructions, tools, calls and results, and what pictures and documents come to.

mod bill;
mod claude;
mod general;
mod json;
mod media;
mod openai;

use super::counter::Texts;
use super::model::claude_version;
use super::{TokenEstimate, Vocabularies};
use crate::catalog::Model;
use crate::chat::ChatRequest;
use crate::error::{Error, Result};
use bill::Bill;

/// What is known of the way that a request takes, beyond the request itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EstimateOptions {
    /// Who serves it: `"openrouter"`, `"azure"`, `"bedrock"`, `"vertex"`, ... where not the model's
    /// own laboratory; `"openai-responses"` where the gateway turns it into a request to OpenAI's
    /// Responses API, which frames functions and schemas in a way of its own.
    pub provider: Option<String>,
}

/// Estimates the input tokens of a whole request on `model`, as its provider bills them: exactly
/// where the rules are known and the vocabulary is loaded, else as an interval.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for a request without messages.
pub fn estimate_tokens(
    request: &ChatRequest,
    model: &Model,
    vocabularies: &Vocabularies,
    options: &EstimateOptions,
) -> Result<TokenEstimate> {
    if request.messages.is_empty() {
        return Err(Error::invalid_input(
            "messages: found an empty list, wanted at least one message",
        ));
    }
    let texts = Texts::new(&model.tokenizer, vocabularies);
    let mut bill = Bill::default();
    if let Some(version) = claude_version(&model.id) {
        claude::add(&mut bill, request, model, version, texts, options);
    } else if let Some(dialect) = openai::dialect(model) {
        openai::add(&mut bill, request, model, dialect, texts, options);
    } else {
        general::add(&mut bill, request, model, texts, options);
    }
    Ok(bill.total(texts))
}
