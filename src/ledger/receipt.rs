//! One request's receipt.

use crate::chat::{ToolCall, Usage};
use crate::cost::Money;
use crate::error::Error;
use crate::json::json;
use crate::stream::{Answer, Ending};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What became of one request. Every field is what happened; unknown is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The receipt's own name.
    pub id: String,
    /// The plan that was sent.
    pub plan_id: String,
    /// `"completed"`, `"truncated"`, `"errored"` or `"aborted"`.
    pub ending: &'static str,
    /// For a truncated answer: why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it ended, in the gateway's word.
    pub finish_reason: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The model that the gateway says answered.
    pub answered_by: Option<String>,
    /// The provider behind the gateway, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The gateway's name for the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_id: Option<String>,
    /// All text that came, whatever the ending.
    pub text: String,
    /// All reasoning that came.
    pub reasoning: Option<String>,
    /// Why the model declined, where it did so apart from the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Calls that the model asked for.
    #[serde(serialize_with = "tool_calls")]
    pub tool_calls: Vec<ToolCall>,
    /// What was used.
    pub usage: Option<Usage>,
    /// Where that is from.
    pub usage_source: UsageSource,
    /// Whether the answer was kept from an earlier request: nothing was sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
    /// What it cost.
    pub cost: Option<Bill>,
    /// Where that is from.
    pub cost_source: CostSource,
    /// What the known price makes of the usage, where the gateway stated its own figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<Bill>,
    /// When and how long.
    pub timing: Timing,
    /// Everything that was tried, in order, the one that answered last.
    pub attempts: Vec<Attempt>,
    /// The estimate against the bill; `None` where either is missing.
    pub comparison: Option<Comparison>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorRecord>,
}

/// In the OpenAI-compatible shape.
fn tool_calls<S: Serializer>(calls: &[ToolCall], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(calls.iter().map(|call| -> Value {
        json!({"id": call.id, "type": "function",
               "function": {"name": call.name, "arguments": call.arguments}})
    }))
}

/// Where usage is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UsageSource {
    /// The gateway reported it.
    Gateway,
    /// None was: the answer was kept from an earlier request.
    Cache,
    /// Counted here, because the gateway reported none (as after an abort).
    Estimated,
    /// Not known.
    None,
}

impl UsageSource {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Cache => "cache",
            Self::Estimated => "estimated",
            Self::None => "none",
        }
    }
}

/// Where a cost is from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CostSource {
    /// The gateway's own figure in its answer.
    Charged,
    /// The gateway's own figure in a header.
    Header,
    /// Nothing: the answer was kept from an earlier request.
    Cache,
    /// Price times the reported usage.
    Usage,
    /// Price times an estimated usage.
    Estimated,
    /// Not known.
    None,
}

impl CostSource {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::Header => "header",
            Self::Cache => "cache",
            Self::Usage => "usage",
            Self::Estimated => "estimated",
            Self::None => "none",
        }
    }
}

/// What a request cost, in USD, decimal strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// All together.
    pub usd: String,
    /// For input; `None` where the gateway named only the sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// For output; `None` where the gateway named only the sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// What a reader should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// When, and how long. Milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// When it was sent, since 1970.
    pub sent_at: f64,
    /// From sending to the first piece; `None` where none came.
    pub first_piece_ms: Option<f64>,
    /// From sending to the last piece.
    pub last_piece_ms: Option<f64>,
    /// How many pieces came.
    pub pieces: u64,
    /// From sending to the end, retries included.
    pub total_ms: f64,
    /// Before sending, in the queue of the client's own limit of requests at once.
    pub queued_ms: f64,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The model that was asked.
    pub model: String,
    /// Where: the base address; a number behind it tells several with the same one apart.
    pub endpoint: String,
    /// Not tried at all: it failed lately and cools down.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// Milliseconds from the start of the first attempt.
    pub started_ms: f64,
    /// Milliseconds that it took.
    pub duration_ms: f64,
    /// Tries of its own that the gateway reports, beyond the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_retries: Option<u32>,
    /// What went wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorRecord>,
}

/// An error, as a receipt keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorRecord {
    /// [`crate::ErrorKind::name`].
    pub kind: &'static str,
    /// What a person reads.
    pub message: String,
    /// The HTTP status, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The gateway's name for the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl From<&Error> for ErrorRecord {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind().name(),
            message: error.message().to_owned(),
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
        }
    }
}

/// An interval that was told before sending: tokens as numbers, money as decimal strings of USD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval<T> {
    /// The least that was expected.
    pub low: T,
    /// What was expected.
    pub expected: T,
    /// The most that was expected.
    pub high: T,
}

/// The plan's estimate, for the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Tokens of input.
    pub input_tokens: Interval<u64>,
    /// Tokens of output.
    pub output_tokens: Interval<u64>,
    /// Cost; `None` where the price was not known.
    pub usd: Option<Interval<String>>,
}

/// The estimate against the bill.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Tokens of input.
    pub input_tokens: TokenComparison,
    /// Tokens of output. An answer that was cut short says little about the estimate.
    pub output_tokens: TokenComparison,
    /// Cost, where both are known.
    pub usd: Option<UsdComparison>,
}

/// Estimated against billed tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TokenComparison {
    /// What was expected.
    pub estimated: u64,
    /// The interval's lower end.
    pub low: u64,
    /// Its upper end.
    pub high: u64,
    /// What the gateway reported.
    pub billed: u64,
    /// Whether that lies in the interval, ends included.
    pub inside: bool,
}

/// Estimated against billed cost, USD, decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsdComparison {
    /// The interval's lower end.
    pub low: String,
    /// What was expected.
    pub expected: String,
    /// Its upper end.
    pub high: String,
    /// What was charged, or price times usage.
    pub billed: String,
    /// Whether that lies in the interval, ends included.
    pub inside: bool,
}

impl Comparison {
    /// Holds an estimate against what was used and what it cost.
    pub fn new(estimate: &Estimate, usage: &Usage, cost: Option<&Bill>) -> Self {
        Self {
            input_tokens: tokens(&estimate.input_tokens, usage.input_tokens),
            output_tokens: tokens(&estimate.output_tokens, usage.output_tokens),
            usd: estimate.usd.as_ref().zip(cost).and_then(|(usd, bill)| money(usd, &bill.usd)),
        }
    }
}

fn tokens(estimate: &Interval<u64>, billed: u64) -> TokenComparison {
    TokenComparison {
        estimated: estimate.expected,
        low: estimate.low,
        high: estimate.high,
        billed,
        inside: (estimate.low..=estimate.high).contains(&billed),
    }
}

fn money(estimate: &Interval<String>, billed: &str) -> Option<UsdComparison> {
    let (low, high) = (Money::parse(&estimate.low).ok()?, Money::parse(&estimate.high).ok()?);
    Some(UsdComparison {
        low: estimate.low.clone(),
        expected: estimate.expected.clone(),
        high: estimate.high.clone(),
        billed: billed.to_owned(),
        inside: (low..=high).contains(&Money::parse(billed).ok()?),
    })
}

/// What the sender knows beside the answer itself.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The receipt's own name.
    pub id: String,
    /// The plan that was sent.
    pub plan_id: String,
    /// The model that was asked.
    pub model: String,
    /// The plan's estimate.
    pub estimate: Option<Estimate>,
    /// When and how long.
    pub timing: Timing,
    /// Everything that was tried.
    pub attempts: Vec<Attempt>,
    /// Whether the answer was kept from an earlier request.
    pub cached: bool,
    /// Usage counted here, for where the gateway reports none.
    pub estimated_usage: Option<Usage>,
    /// What a header says was charged: USD, a decimal string.
    pub header_usd: Option<String>,
}

impl Receipt {
    /// Writes the receipt of an answer that has ended. `price` tells what a usage costs on the
    /// model that answered (named by the gateway), or `None` where its price is not known; it is
    /// where the gateway says what it charged, that is `listed` beside it.
    ///
    /// An answer that has not ended is taken as aborted: nobody will read the rest.
    pub fn new(
        sent: Sent,
        answer: &Answer,
        price: impl FnOnce(&str, &Usage) -> Option<Bill>,
    ) -> Self {
        let aborted = Ending::Aborted;
        let ending = answer.ending().unwrap_or(&aborted);
        let error = match ending {
            Ending::Errored(error) => Some(ErrorRecord::from(error)),
            _ => None,
        };
        let reason = match ending {
            Ending::Truncated(words) => Some(words.clone()),
            _ => None,
        };
        let reported = answer.usage().cloned();
        // Nothing is used up by a request that was refused or never answered.
        let estimated = sent.estimated_usage.filter(|_| answer.has_content());
        let (usage, usage_source) = match (reported, estimated) {
            (Some(usage), _) => (Some(usage), UsageSource::Gateway),
            (None, Some(usage)) => (Some(usage), UsageSource::Estimated),
            (None, None) => (None, UsageSource::None),
        };
        let (usage, usage_source) = match sent.cached {
            true => (Some(Usage::default()), UsageSource::Cache),
            false => (usage, usage_source),
        };
        let total = |usd: String| Bill { usd, ..Bill::default() };
        let answered_by = answer.model().map(str::to_owned);
        let charged = answer.charged_usd().map(str::to_owned);
        let stated = charged.is_some() || sent.header_usd.is_some();
        let model = answered_by.as_deref().unwrap_or(&sent.model);
        let priced = usage.as_ref().filter(|_| !sent.cached).and_then(|usage| price(model, usage));
        // A usage that was counted here is no ground to doubt a bill.
        let listed = priced.clone().filter(|_| stated && usage_source == UsageSource::Gateway);
        let (cost, cost_source) = match (charged, sent.header_usd) {
            _ if sent.cached => (Some(total(Money::ZERO.to_string())), CostSource::Cache),
            (Some(usd), _) => (Some(total(usd)), CostSource::Charged),
            (None, Some(usd)) => (Some(total(usd)), CostSource::Header),
            (None, None) => {
                let source = match (&priced, usage_source) {
                    (Some(_), UsageSource::Gateway) => CostSource::Usage,
                    (Some(_), _) => CostSource::Estimated,
                    (None, _) => CostSource::None,
                };
                (priced, source)
            }
        };
        // An estimate is only held against what the gateway reported, not against another one.
        let billed = usage.as_ref().filter(|_| usage_source == UsageSource::Gateway);
        let comparison = sent
            .estimate
            .as_ref()
            .zip(billed)
            .map(|(estimate, usage)| Comparison::new(estimate, usage, cost.as_ref()));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            id: sent.id,
            plan_id: sent.plan_id,
            ending: ending.name(),
            reason,
            finish_reason: answer.finish_reason().map(str::to_owned),
            model: sent.model,
            answered_by,
            provider: answer.provider().map(str::to_owned),
            answer_id: answer.id().map(str::to_owned),
            text: answer.text().to_owned(),
            reasoning: some(answer.reasoning()),
            refusal: some(answer.refusal()),
            tool_calls: answer.tool_calls().to_vec(),
            usage,
            usage_source,
            cached: sent.cached,
            cost,
            cost_source,
            listed,
            timing: sent.timing,
            attempts: sent.attempts,
            comparison,
            error,
        }
    }
}
