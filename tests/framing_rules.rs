//! Rules of framing on requests of our own making: what differs between two requests is what the
//! rule says. The evidence for the rules is recorded usage (`docs/tokens.md`).

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A panic is a test's report.

use promptfare::catalog::{Model, Tokenizer};
use promptfare::chat::ChatRequest;
use promptfare::tokens::{EstimateOptions, TokenEstimate, Vocabularies, estimate_tokens, image};
use serde_json::{Value, json};
use std::sync::OnceLock;

fn vocabularies() -> &'static Vocabularies {
    static LOADED: OnceLock<Vocabularies> = OnceLock::new();
    LOADED.get_or_init(|| {
        let mut vocabularies = Vocabularies::new();
        for name in ["claude-3", "claude-4.7", "o200k_base", "cl100k_base"] {
            let path = format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"));
            let file = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            vocabularies.load(name, &file).expect("a whole file");
        }
        vocabularies
    })
}

fn model(id: &str) -> Model {
    let (lab, tokenizer) = match id {
        _ if id.contains("claude") && (id.contains("4-8") || id.contains("-5-9")) => {
            ("anthropic", "claude-4.7")
        }
        _ if id.contains("claude") => ("anthropic", "claude-3"),
        _ if id.contains("gemini") => ("google", "gemma3-like"),
        "gpt-4" | "gpt-4-turbo" => ("openai", "cl100k_base"),
        _ => ("openai", "o200k_base"),
    };
    let tokenizer = Tokenizer::from(tokenizer.to_owned());
    Model { lab: lab.to_owned(), tokenizer, ..Model::unlisted(id) }
}

fn estimate(request: Value, id: &str, provider: &str) -> TokenEstimate {
    let request = ChatRequest::from_value(request).expect("a request");
    let provider = (!provider.is_empty()).then(|| provider.to_owned());
    let options = EstimateOptions { provider };
    estimate_tokens(&request, &model(id), vocabularies(), &options).expect("an estimate")
}

fn tokens(request: Value, id: &str, provider: &str) -> u64 {
    estimate(request, id, provider).tokens
}

fn tool(name: &str, deferred: bool) -> Value {
    let mut tool = json!({"name": name, "description": "What a ride costs.", "input_schema":
        {"type": "object", "properties": {"from": {"type": "string"}}, "required": ["from"]}});
    if deferred {
        tool["defer_loading"] = json!(true);
    }
    tool
}

fn asked(tools: Value) -> Value {
    json!({"messages": [{"role": "user", "content": "Hello"}], "tools": tools})
}

#[test]
fn a_deferred_tool_costs_nothing_until_a_result_refers_to_it() {
    let id = "claude-sonnet-4-6";
    let alone = tokens(asked(json!([tool("fare", false)])), id, "");
    assert_eq!(tokens(asked(json!([tool("fare", false), tool("stop", true)])), id, ""), alone);
    assert!(tokens(asked(json!([tool("fare", false), tool("stop", false)])), id, "") > alone + 30);
    let found = |content: Value| {
        json!({"messages": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "fare", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": content}]}],
            "tools": [tool("fare", false), tool("stop", true)]})
    };
    let shown = found(json!([{"type": "tool_reference", "tool_name": "stop"}]));
    assert!(tokens(shown, id, "") > tokens(found(json!("stop")), id, "") + 30);
}

#[test]
fn since_4_8_a_later_system_text_is_a_turn() {
    let id = "claude-opus-4-8";
    let talk = |system: &[&str]| {
        let mut messages = vec![
            json!({"role": "user", "content": "Hello"}),
            json!({"role": "assistant", "content": "Hello"}),
        ];
        messages.extend(system.iter().map(|text| json!({"role": "system", "content": text})));
        messages.push(json!({"role": "user", "content": "Hello"}));
        json!({"messages": messages})
    };
    let (none, one, two) = (
        tokens(talk(&[]), id, ""),
        tokens(talk(&["Hello"]), id, ""),
        tokens(talk(&["Hello", "Hello"]), id, ""),
    );
    // "Hello" is three tokens of this vocabulary, a turn two; neighbours are joined by one.
    assert_eq!((one, two), (none + 5, none + 9));
}

#[test]
fn openrouter_cuts_white_space_off_the_end() {
    let ask = |text: &str| json!({"messages": [{"role": "user", "content": text}]});
    let id = "anthropic/claude-haiku-4.5";
    assert_eq!(tokens(ask("Hello. "), id, "openrouter"), tokens(ask("Hello."), id, "openrouter"));
    assert!(tokens(ask("Hello. "), id, "") >= tokens(ask("Hello."), id, ""));
}

#[test]
fn documents_by_provider() {
    let ask = |text: &str, name: &str| {
        json!({"messages": [{"role": "user", "content": [
            {"type": "text", "text": "What is it?"},
            {"type": "document", "name": name, "page_sizes": [[612, 792]], "text": text}]}]})
    };
    let claude = "claude-sonnet-4-5";
    // A letter that a font joins counts as the letters that it is.
    let fi = tokens(ask("a ﬁle", "a"), claude, "");
    assert_eq!(fi, tokens(ask("a file", "a"), claude, ""));
    assert_eq!(tokens(ask("a file", "fare"), claude, "bedrock"), fi + 12 + 1);
    // OpenAI: the text and 216; a gateway sends the text.
    let (direct, gateway) = (
        tokens(ask("a file", "a"), "gpt-4o", ""),
        tokens(ask("a file", "a"), "gpt-4o", "openrouter"),
    );
    assert_eq!(direct, gateway + 208);
    assert!(!estimate(ask("a file", "a"), "gpt-4o", "").exact);
}

#[test]
fn gpt_4_has_an_older_rendering() {
    let schema = json!({"type": "object", "title": "Ride", "required": ["from"], "properties": {
        "from": {"type": "string", "title": "From", "description": "Where it begins"},
        "any": {"type": "object", "description": "Nothing is said of it"}}});
    let request =
        asked(json!([{"type": "function", "function": {"name": "fare", "parameters": schema}}]));
    // The base, one message, one token of text, the functions' base, and the rendering:
    let text = "namespace functions {\n\ntype fare = (_: {\n// Where it begins\nfrom: string,\n}) => any;\n\n} // namespace functions";
    let cl100k = Tokenizer::Cl100kBase;
    let rendered = promptfare::tokens::count_tokens(text, &cl100k, vocabularies()).tokens;
    assert_eq!(tokens(request.clone(), "gpt-4", ""), 3 + 4 + 1 + 6 + rendered);
    assert!(tokens(request, "gpt-4-turbo", "") > 3 + 4 + 1 + 6 + rendered + 20);
    // The field that `tools` has replaced.
    let former = json!({"messages": [{"role": "user", "content": "Hello"}],
        "functions": [{"name": "fare", "parameters": {"type": "object", "properties": {"from": {"type": "string"}}}}]});
    let now = asked(json!([{"type": "function", "function": {"name": "fare", "parameters":
        {"type": "object", "properties": {"from": {"type": "string"}}}}}]));
    for id in ["gpt-4", "gpt-4o"] {
        assert_eq!(tokens(former.clone(), id, ""), tokens(now.clone(), id, ""), "{id}");
    }
}

#[test]
fn the_responses_api_makes_no_message_for_functions() {
    let request = asked(json!([{"type": "function", "function": {"name": "fare"}}]));
    let difference = |id: &str| {
        tokens(request.clone(), id, "") - tokens(request.clone(), id, "openai-responses")
    };
    assert_eq!((difference("gpt-4o"), difference("gpt-5")), (6, 82));
}

#[test]
fn gemini_counts_words_properties_and_functions() {
    let of = |properties: Value| {
        let tools = json!([{"type": "function", "function": {"name": "fare", "parameters": {"type": "object", "properties": properties}}}]);
        estimate(asked(tools), "gemini-2.5-flash", "")
    };
    let none = of(json!({}));
    let two = of(json!({"a": {"type": "string"}, "b": {"type": "string"}}));
    assert!((22..30).contains(&(two.tokens - none.tokens)), "{none:?} {two:?}");
    assert!(!none.exact && none.low < none.tokens);
}

#[test]
fn advice_and_parts_agree_on_pictures() {
    let request = |detail: &str| {
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,", "width": 640, "height": 480, "detail": detail}}]}]})
    };
    for id in
        ["claude-sonnet-4-5", "claude-3-5-haiku-20241022", "gpt-4o", "gpt-4.1-mini", "o4-mini"]
    {
        let parts = estimate(request("auto"), id, "").parts.expect("parts");
        let advice = image::advice(&model(id), 640, 480).expect("advice");
        assert_eq!(parts.get("images"), Some(advice.tokens), "{id}");
    }
    // 300 patches at 1.62, in floating point: one more than on paper.
    assert_eq!(
        estimate(request("auto"), "gpt-4.1-mini", "").parts.expect("parts").get("images"),
        Some(488)
    );
}
