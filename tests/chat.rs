//! From a prompt to a request, and from a request to text.

#![allow(clippy::unwrap_used)] // A test reports by panicking.

use promptfare::ErrorKind;
use promptfare::catalog::{Catalog, Model};
use promptfare::chat::{
    ChatRequest, Language, RequestOptions, build_request, refusals, retirement, snippet,
};
use promptfare::prompt::Prompt;
use serde_json::{Value, json};

fn model(id: &str) -> &'static Model {
    Catalog::shipped().resolve(id).unwrap().model
}

fn build(prompt: Value, options: Value) -> promptfare::Result<Value> {
    let prompt = Prompt::from_value(prompt)?;
    let options = RequestOptions::from_value(options)?;
    let model = options.model.as_deref().map(model);
    build_request(&prompt, &options, model).map(|request| request.to_value())
}

#[test]
fn the_articles_call_exactly() {
    let request = build(json!("Write a haiku."), json!({"model": "gpt-5"})).unwrap();
    assert_eq!(
        request.to_string(),
        r#"{"model":"gpt-5","messages":[{"role":"user","content":"Write a haiku."}]}"#
    );
    let parsed = ChatRequest::from_value(request).unwrap();
    let base = "https://api.xroute.ai/openai/v1";
    let curl = snippet(&parsed, base, Language::Curl);
    assert_eq!(
        curl,
        "curl 'https://api.xroute.ai/openai/v1/chat/completions' \\\n  -H \"Authorization: Bearer $API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\n  \"model\": \"gpt-5\",\n  \"messages\": [\n    {\n      \"role\": \"user\",\n      \"content\": \"Write a haiku.\"\n    }\n  ]\n}'\n"
    );
    assert!(snippet(&parsed, base, Language::Fetch).contains("/openai/v1/chat/completions"));
    assert!(
        snippet(&parsed, base, Language::OpenaiNode)
            .contains("baseURL: \"https://api.xroute.ai/openai/v1\"")
    );
    let python = snippet(&parsed, base, Language::OpenaiPython);
    assert!(python.contains("model=\"gpt-5\",\n    messages=[\n"), "{python}");
}

#[test]
fn a_shell_and_python_read_the_snippets() {
    let text = "It's \"quoted\" $HOME `ls` \\ back\nnew line — 日本語 None true";
    let request = build(
        json!(text),
        json!({"model": "gpt-5", "maxTokens": 9, "stream": true, "extra": {"provider": {"a": null, "b": true}}}),
    )
    .unwrap();
    let parsed = ChatRequest::from_value(request.clone()).unwrap();
    let curl = snippet(&parsed, "http://127.0.0.1:1/v1/", Language::Curl);
    // The shell itself shows what curl would be given.
    let shown = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("curl() {{ for last; do :; done; printf %s \"$last\"; }}\n{curl}"))
        .output()
        .unwrap();
    let body: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(body, request);

    let python = snippet(&parsed, "http://127.0.0.1:1/v1", Language::OpenaiPython);
    let call = python.split("answer = client.chat.completions.create(").nth(1).unwrap();
    let call = call.split("\n)\n").next().unwrap();
    let script = format!("import json\nprint(json.dumps(dict({call}\n)))");
    let Ok(shown) = std::process::Command::new("python3").arg("-c").arg(script).output() else {
        eprintln!("left out: no python3 to read the Python text with");
        return;
    };
    let mut body: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let extra = body.as_object_mut().unwrap().remove("extra_body").unwrap();
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    assert_eq!(body, request);
}

#[test]
fn options_go_where_the_gateway_expects_them() {
    let request = build(
        json!({"text": "What is this?", "system": "Be brief.", "images": ["data:image/png;base64,AA"],
               "history": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}),
        json!({"model": "gpt-5", "maxTokens": 50, "reasoningEffort": "low", "stream": true,
               "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
               "toolChoice": "auto", "parallelToolCalls": false, "extra": {"user": "u1"}}),
    )
    .unwrap();
    let roles: Vec<&str> = request["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(
        request["messages"][3]["content"][0]["image_url"]["url"],
        "data:image/png;base64,AA"
    );
    assert_eq!(request["max_completion_tokens"], 50);
    assert!(request.get("max_tokens").is_none());
    assert_eq!(request["stream_options"], json!({"include_usage": true}));
    assert_eq!(request["user"], "u1");
    assert_eq!(request["parallel_tool_calls"], false);
    let other = build(json!("x"), json!({"model": "claude-sonnet-4", "maxTokens": 50})).unwrap();
    assert_eq!(other["max_tokens"], 50);
}

#[test]
fn reading_and_writing_lose_nothing() {
    let value = json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]},
            {"role": "user", "content": "q", "name": "ann"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"b\":1,\"a\":2}"}}]},
            {"role": "tool", "content": "r", "tool_call_id": "c1"},
            {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}]}
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"z": 1, "a": 2}, "strict": true}},
                  {"type": "web_search"}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "temperature": 0.5,
        "provider": {"order": ["x"]}
    });
    let request = ChatRequest::from_value(value.clone()).unwrap();
    assert_eq!(request.to_value(), value);
    assert_eq!(ChatRequest::from_value(request.to_value()).unwrap(), request);
}

#[test]
fn both_shapes_mean_the_same() {
    let theirs = ChatRequest::from_value(json!({
        "system": "s", "max_tokens": 5,
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": [{"type": "text", "text": "t"}, {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "r"}]}],
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any"}
    }))
    .unwrap();
    let value = theirs.to_value();
    assert_eq!(value["messages"][0], json!({"role": "system", "content": "s"}));
    assert_eq!(
        value["messages"][2]["tool_calls"][0]["function"],
        json!({"name": "f", "arguments": "{\"a\":1}"})
    );
    assert_eq!(value["messages"][3]["role"], "tool");
    assert_eq!(value["tools"][0]["function"]["parameters"], json!({"type": "object"}));
    assert_eq!(value["tool_choice"], "required");
}

#[test]
fn a_wrong_shape_is_named_with_its_place() {
    for (value, wanted) in [
        (json!([]), "request: found a list, wanted an object"),
        (json!({}), "messages: found null, wanted a list"),
        (
            json!({"messages": [{"role": "boss", "content": "x"}]}),
            "messages[0].role: found \"boss\"",
        ),
        (json!({"messages": [{"role": "user", "content": 7}]}), "messages[0].content: found 7"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
            "messages[0].content[0].image_url",
        ),
        (json!({"messages": [], "max_tokens": -1}), "max_tokens: found -1"),
        (
            json!({"messages": [], "tools": [{"type": "function", "function": {}}]}),
            "tools[0].function.name",
        ),
        (json!({"messages": [], "tool_choice": "maybe"}), "tool_choice: found \"maybe\""),
    ] {
        let error = ChatRequest::from_value(value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains(wanted), "{error} does not say {wanted}");
    }
    let error = build(json!("x"), json!({"maxTokens": "many"})).unwrap_err();
    assert!(error.message().starts_with("options: "), "{error}");
}

#[test]
fn what_the_model_would_refuse_is_refused_here() {
    let with = |options: Value| build(json!("x"), options).unwrap_err();
    let hot = with(json!({"model": "claude-opus-4-7", "temperature": 0.2}));
    assert_eq!(hot.kind(), ErrorKind::Unsupported);
    assert!(hot.message().contains("claude-opus-4-7 takes no temperature: found 0.2"), "{hot}");
    assert!(build(json!("x"), json!({"model": "claude-opus-4-7", "temperature": 1})).is_ok());
    assert!(build(json!("x"), json!({"model": "claude-opus-4", "temperature": 0.2})).is_ok());

    let tool = json!([{"type": "function", "function": {"name": "f"}}]);
    let forced = with(json!({"model": "claude-opus-5-5", "tools": tool, "toolChoice": "required"}));
    assert!(forced.message().contains("cannot be forced"), "{forced}");

    let long = with(json!({"model": "claude-opus-4", "maxTokens": 32_001}));
    assert!(long.message().contains("at most 32000 tokens: found max_tokens 32001"), "{long}");

    let blind =
        Catalog::shipped().models().iter().find(|m| m.capabilities.vision == Some(false)).unwrap();
    let picture = ChatRequest::from_value(json!({"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}]}))
    .unwrap();
    assert!(refusals(&picture, blind)[0].contains("takes text only"));
    assert!(refusals(&picture, model("claude-opus-4")).is_empty());
}

#[test]
fn a_retired_model_names_its_replacement() {
    let text = retirement(model("claude-opus-4")).unwrap();
    assert!(
        text.contains("is retired by its maker (since 2026-06-15); its replacement is "),
        "{text}"
    );
    assert_eq!(retirement(model("claude-sonnet-5-5")), None);
}
