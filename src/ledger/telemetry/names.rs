//! The conventions' names, in one table for each generation of them. They are still in development.

/// The names of one generation of the conventions for generative models.
#[derive(Debug, PartialEq, Eq)]
pub struct Names {
    /// Its name in the options.
    pub id: &'static str,
    /// What the names can be looked up by; empty where that generation has no address yet.
    pub schema_url: &'static str,
    /// Histogram, seconds: from sending to the end.
    pub duration: &'static str,
    /// Histogram, seconds: from sending to the first piece.
    pub first_chunk: &'static str,
    /// Histogram, seconds: between two pieces.
    pub per_chunk: &'static str,
    /// Histogram, tokens of the input.
    pub input_tokens: &'static str,
    /// Histogram, tokens of the output.
    pub output_tokens: &'static str,
    /// The attribute that tells the two apart, where they are of one name.
    pub token_type: Option<&'static str>,
    /// Attribute: how much the model is to reason.
    pub reasoning_level: &'static str,
    /// Attribute: input tokens written to the provider's cache.
    pub cache_write: &'static str,
    /// Attribute: output tokens that were reasoning.
    pub reasoning_tokens: &'static str,
}

impl Names {
    /// What collectors and dashboards know today: `gen_ai.client.operation.*` and
    /// `gen_ai.client.token.usage` (opentelemetry.io, semantic conventions 1.41, read 2026-11-22).
    pub const OPERATION: Self = Self {
        id: "operation",
        schema_url: "https://opentelemetry.io/schemas/1.41.0",
        duration: "gen_ai.client.operation.duration",
        first_chunk: "gen_ai.client.operation.time_to_first_chunk",
        per_chunk: "gen_ai.client.operation.time_per_output_chunk",
        input_tokens: "gen_ai.client.token.usage",
        output_tokens: "gen_ai.client.token.usage",
        token_type: Some("gen_ai.token.type"),
        reasoning_level: "gen_ai.request.reasoning.level",
        cache_write: "gen_ai.usage.cache_creation.input_tokens",
        reasoning_tokens: "gen_ai.usage.reasoning.output_tokens",
    };

    /// What is to follow: `gen_ai.client.inference.*` (semantic-conventions-genai, client inference,
    /// read 2026-11-22).
    pub const INFERENCE: Self = Self {
        id: "inference",
        schema_url: "",
        duration: "gen_ai.client.inference.duration",
        first_chunk: "gen_ai.client.inference.time_to_first_chunk",
        per_chunk: "gen_ai.client.inference.time_per_output_chunk",
        input_tokens: "gen_ai.client.inference.operation.input_tokens",
        output_tokens: "gen_ai.client.inference.operation.output_tokens",
        token_type: None,
        reasoning_level: "gen_ai.request.reasoning.level",
        cache_write: "gen_ai.usage.cache_write.input_tokens",
        reasoning_tokens: "gen_ai.usage.reasoning.output_tokens",
    };

    /// The generation of that name.
    pub fn find(id: &str) -> Option<&'static Self> {
        const ALL: [&Names; 2] = [&Names::OPERATION, &Names::INFERENCE];
        ALL.into_iter().find(|names| names.id == id)
    }
}

/// The provider, in the conventions' word where they have one (well-known values of
/// `gen_ai.provider.name`, read 2026-11-22). `lab` is who made the model.
pub(super) fn provider(lab: &str) -> String {
    const KNOWN: [(&str, &str); 10] = [
        ("amazon", "aws.bedrock"),
        ("google", "gcp.gen_ai"),
        ("ibm", "ibm.watsonx.ai"),
        ("microsoft", "azure.ai.inference"),
        ("mistral", "mistral_ai"),
        ("mistral ai", "mistral_ai"),
        ("mistralai", "mistral_ai"),
        ("moonshot", "moonshot_ai"),
        ("moonshotai", "moonshot_ai"),
        ("xai", "x_ai"),
    ];
    let lower = lab.to_ascii_lowercase();
    for (name, word) in KNOWN {
        if name == lower {
            return word.to_owned();
        }
    }
    lower
}
