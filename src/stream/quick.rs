//! The common chunk, read without building a tree: a piece of text or reasoning and nothing else.
//! Nine of ten chunks are of this kind; all others, and everything unexpected, go the patient way
//! of [`super::chunk`]. Both ways read the same (a property test compares them).

use super::chunk::ChatChunk;
use crate::gateway::Places;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Fields that hold more than text; where one is there and not null, the chunk is not common.
type More = Option<IgnoredAny>;

#[derive(Deserialize)]
struct Common<'a> {
    id: Option<&'a str>,
    model: Option<&'a str>,
    provider: Option<&'a str>,
    object: Option<&'a str>,
    choices: [Choice; 1],
    usage: More,
    x_groq: More,
    error: More,
    r#type: More,
    status: More,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u64>,
    delta: Delta,
    finish_reason: More,
    error: More,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    reasoning: Option<String>,
    reasoning_content: Option<String>,
    reasoning_details: More,
    refusal: More,
    tool_calls: More,
    function_call: More,
}

/// Whether all that `places` name is looked at here.
pub(super) fn suits(places: &Places) -> bool {
    places.usage.iter().chain(&places.cost).all(|place| {
        ["/usage", "/x_groq"].iter().any(|top| {
            place.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    })
}

/// The chunk, if it is a common one. `known` are the id, model and provider of the answer so far:
/// what is the same again is left out.
pub(super) fn read(data: &str, known: [Option<&str>; 3]) -> Option<ChatChunk> {
    let chunk: Common<'_> = serde_json::from_str(data).ok()?;
    let [choice] = chunk.choices;
    let delta = choice.delta;
    let more = [
        chunk.usage,
        chunk.x_groq,
        chunk.error,
        chunk.r#type,
        chunk.status,
        choice.finish_reason,
        choice.error,
        delta.reasoning_details,
        delta.refusal,
        delta.tool_calls,
        delta.function_call,
    ];
    let is_common = more.iter().all(Option::is_none)
        && choice.index.unwrap_or(0) == 0
        && chunk.object != Some("error");
    if !is_common {
        return None;
    }
    let new = |found: Option<&str>, known: Option<&str>| {
        found.filter(|text| !text.is_empty() && Some(*text) != known).map(str::to_owned)
    };
    let [id, model, provider] = known;
    let reasoning = delta.reasoning.filter(|text| !text.is_empty()).or(delta.reasoning_content);
    Some(ChatChunk {
        id: new(chunk.id, id),
        model: new(chunk.model, model),
        provider: new(chunk.provider, provider),
        text: delta.content.unwrap_or_default(),
        reasoning: reasoning.unwrap_or_default(),
        has_choices: true,
        ..ChatChunk::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            4 => "[a-zé👋 ]{0,5}".prop_map(Value::String),
            2 => Just(Value::Null),
            3 => prop::sample::select(vec![
                json!({}), json!([]), json!(0), json!(false), json!("error"), json!({"message": "m"}),
                json!([{"text": "x"}]), json!({"prompt_tokens": 1, "completion_tokens": 2}),
            ]),
        ]
    }

    fn fields(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
        prop::collection::vec((prop::sample::select(names), value()), 0..4)
            .prop_map(|list| list.into_iter().map(|(n, v)| (n.to_owned(), v)).collect::<Value>())
    }

    proptest! {
        #[test]
        fn both_ways_read_the_same(
            top in fields(&["id", "model", "provider", "object", "usage", "x_groq", "error", "type", "status", "foo"]),
            choice in fields(&["index", "finish_reason", "error", "text", "message", "logprobs"]),
            delta in fields(&["content", "reasoning", "reasoning_content", "reasoning_details", "refusal", "tool_calls", "function_call", "role"]),
        ) {
            let (mut top, mut choice) = (top, choice);
            choice["delta"] = delta;
            top["choices"] = json!([choice]);
            let data = top.to_string();
            if let Some(quick) = read(&data, [None; 3]) {
                prop_assert_eq!(quick, ChatChunk::read(top, &Places::default()));
            }
        }
    }

    #[test]
    fn common_chunks_go_the_quick_way() {
        for data in [
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"x \u00e9"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"z"}"#,
            r#"{"choices":[{"delta":{"content":null,"reasoning_content":"x"}}]}"#,
        ] {
            assert!(read(data, [None; 3]).is_some(), "{data}");
        }
        let known = read(
            r#"{"id":"c","model":"m","choices":[{"delta":{}}]}"#,
            [Some("c"), Some("old"), None],
        );
        assert_eq!(known.map(|chunk| (chunk.id, chunk.model)), Some((None, Some("m".to_owned()))));
        assert!(suits(&Places::default()));
        assert!(!suits(&Places { cost: vec!["/usages".to_owned()], ..Places::default() }));
    }
}
