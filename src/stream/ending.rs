//! How an answer ends.

use crate::error::Error;

/// How the bytes ended, as the network tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The response came to its end.
    Clean,
    /// The connection broke, a time limit ran out, or no response could be had.
    Cut(Error),
    /// The caller stopped it.
    Aborted,
}

/// How an answer ended. Exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Whole: a `finish_reason` that says so, a clean end, no error anywhere.
    Completed,
    /// It ended early, but nothing failed: the limit of tokens, a content filter, or a clean end
    /// without a `finish_reason`. The words say which.
    Truncated(String),
    /// Something failed.
    Errored(Error),
    /// The caller stopped it.
    Aborted,
}

impl Ending {
    /// The spelling in a receipt.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Truncated(_) => "truncated",
            Self::Errored(_) => "errored",
            Self::Aborted => "aborted",
        }
    }
}

/// What a `finish_reason` says against the answer being whole; `None` where it says it is.
pub(super) fn early(reason: &str) -> Option<String> {
    match reason.to_ascii_lowercase().as_str() {
        "stop" | "tool_calls" | "function_call" | "end_turn" | "tool_use" | "stop_sequence"
        | "eos" | "eos_token" | "complete" | "completed" => None,
        "length" | "max_tokens" | "model_length" | "max_output_tokens" => {
            Some(format!("the answer reached its limit of tokens (finish_reason {reason:?})"))
        }
        "content_filter" | "safety" | "recitation" | "refusal" | "prohibited_content" => {
            Some(format!("a content filter ended the answer (finish_reason {reason:?})"))
        }
        _ => {
            let shown: String = reason.chars().take(60).collect();
            Some(format!("finish_reason {shown:?} does not say that the answer is whole"))
        }
    }
}
