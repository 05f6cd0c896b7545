//! Profiles: what goes out to a gateway, and where it says what it charged.

use promptfare::ErrorKind::*;
use promptfare::gateway::Redactor;
use promptfare::gateway::{Headers, Profile, Secret};
use promptfare::stream::Answer;
use serde_json::{Value, json};

#[test]
fn the_shipped_profiles_are_read() {
    let file: Vec<Value> =
        serde_json::from_str(include_str!("../../src/data/profiles.json")).unwrap();
    let known = Profile::known();
    assert_eq!(known.len(), file.len());
    for value in &file {
        let profile = Profile::from_value(value).unwrap();
        assert!(!profile.name.is_empty() && !profile.source.is_empty());
        assert_eq!(profile.checked.len(), 10);
        assert!(known.contains(&profile));
    }
    for id in [
        "xroute",
        "openrouter",
        "litellm",
        "portkey",
        "vercel",
        "openai",
        "anthropic",
        "ollama",
        "vllm",
        "custom",
    ] {
        assert_eq!(Profile::by_id(id).unwrap().id, id);
    }
    assert!(Profile::by_id("nope").unwrap_err().message().contains("openrouter"));
}

#[test]
fn the_host_tells_the_gateway() {
    for (url, id) in [
        ("https://api.xroute.ai/openai/v1", "xroute"),
        ("https://openrouter.ai/api/v1/", "openrouter"),
        ("https://API.OpenAI.com/v1", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://127.0.0.1:4000", "litellm"),
        ("https://ai-gateway.vercel.sh/v1", "vercel"),
        ("https://api.anthropic.com/v1", "anthropic"),
        ("/gateway/v1", "custom"),
        ("https://example.com:11434/v1", "custom"),
        ("https://notopenrouter.ai/v1", "custom"),
        ("https://openrouter.ai.evil.example/v1", "custom"),
    ] {
        let profile = Profile::for_base_url(url).unwrap();
        assert_eq!((profile.id.as_str(), profile.base_url.as_deref()), (id, Some(url)));
    }
    assert_eq!(Profile::for_base_url("ftp://x").unwrap_err().kind(), InvalidInput);
}

#[test]
fn the_articles_own_call() {
    let chat = json!({"model": "gpt-5", "messages": [{"role": "user", "content": "Your text prompt here"}]});
    let key = Secret::new("canary-key-0123456789").unwrap();
    let request = Profile::by_id("xroute").unwrap().request(&chat, Some(&key)).unwrap();
    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "https://api.xroute.ai/openai/v1/chat/completions")
    );
    assert_eq!(
        request.headers,
        [
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Authorization".to_owned(), "Bearer canary-key-0123456789".to_owned()),
        ]
    );
    assert_eq!(request.body, chat.to_string());
    assert!(!format!("{request:?}").contains("canary"));
    let keyless = Profile::by_id("xroute").unwrap().request(&chat, None).unwrap();
    assert_eq!(keyless.headers.len(), 1);
}

#[test]
fn profiles_change_the_request() {
    let profile = Profile::from_value(&json!({
        "name": "Ours", "baseUrl": "https://gw.example/v1/", "headers": {"x-team": "blue"},
        "keyHeader": {"name": "api-key", "prefix": ""}, "rename": {"max_completion_tokens": "max_tokens"},
        "refused": {"logit_bias": "its tokenizer is its own"}, "ignored": ["user"],
        "defaults": {"safe": true, "model": "never"}, "places": {"cost": ["/bill/usd"], "costHeaders": ["x-cost"]},
    })).unwrap();
    let chat = json!({"model": "m", "max_completion_tokens": 5, "stream": true, "user": "u", "logit_bias": null});
    let request = profile.request(&chat, Some(&Secret::new("k").unwrap())).unwrap();
    assert_eq!(request.url, "https://gw.example/v1/chat/completions");
    assert_eq!(
        request.body,
        r#"{"model":"m","max_tokens":5,"stream":true,"user":"u","logit_bias":null,"safe":true,"stream_options":{"include_usage":true}}"#
    );
    assert_eq!(
        request.headers[1..],
        [("api-key".to_owned(), "k".to_owned()), ("x-team".to_owned(), "blue".to_owned())]
    );
    assert_eq!(profile.ignored_fields(&chat), ["user"]);
    let refused = profile.request(&json!({"logit_bias": {}}), None).unwrap_err();
    assert_eq!((refused.kind(), refused.parameter()), (Unsupported, Some("logit_bias")));
    assert!(refused.message().contains("tokenizer"));
    // The caller's own wish about usage stays; no stream, no wish.
    let own = json!({"stream": true, "stream_options": {"include_usage": false}});
    assert_eq!(
        profile.request(&own, None).unwrap().body,
        r#"{"stream":true,"stream_options":{"include_usage":false},"safe":true,"model":"never"}"#
    );
    assert!(
        !Profile::by_id("openai")
            .unwrap()
            .request(&json!({"stream": false}), None)
            .unwrap()
            .body
            .contains("stream_options")
    );
    // Cost where the profile says it stands.
    let mut answer = Answer::new(&profile, None, Redactor::default());
    answer.push_body(br#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"bill":{"usd":"0.25"},"usage":{"cost":9}}"#);
    assert_eq!(answer.charged_usd(), Some("0.25"));
    let headers = vec![("X-Cost".to_owned(), "1.35e-05".to_owned())];
    assert_eq!(profile.cost_from_headers(Headers(&headers)).as_deref(), Some("0.0000135"));
}

#[test]
fn a_bad_profile_says_what_is_wrong() {
    for (profile, words) in [
        (json!([]), "gateway"),
        (json!({}), "gateway.name"),
        (json!({"name": 3}), "gateway.name: found 3"),
        (json!({"name": "x", "baseUrl": "host"}), "baseUrl"),
        (json!({"name": "x", "streamUsage": "yes"}), "gateway.streamUsage"),
        (json!({"name": "x", "hosts": "h"}), "gateway.hosts"),
        (json!({"name": "x", "hosts": [1]}), "hosts[0]"),
        (json!({"name": "x", "headers": {"x y": "1"}}), "x y"),
        (json!({"name": "x", "headers": {"x": "a\nb"}}), "header x"),
        (json!({"name": "x", "headers": {"x": 1}}), "headers.x"),
        (json!({"name": "x", "rename": []}), "gateway.rename"),
        (json!({"name": "x", "keyHeader": {"nam": "x"}}), "gateway.keyHeader"),
        (json!({"name": "x", "places": {"costs": []}}), "costs"),
        (json!({"name": "x", "baseURL": "https://x"}), "baseURL"),
    ] {
        let error = Profile::from_value(&profile).unwrap_err();
        assert_eq!(error.kind(), InvalidInput);
        assert!(error.message().contains(words), "{profile}: {error}");
    }
    assert_eq!(Profile::custom().chat_url().unwrap_err().kind(), InvalidInput);
}
