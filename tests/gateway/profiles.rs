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
    assert_eq!(
        profile.notes(&chat),
        [
            "max_completion_tokens goes out as max_tokens: so Ours calls it",
            "Ours takes user and does not heed it"
        ]
    );
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

#[test]
fn no_known_gateway_gets_a_header_that_it_does_not_need() {
    let key = Secret::new("canary-0123456789").unwrap();
    for profile in Profile::known() {
        let names: Vec<_> =
            profile.request_headers(Some(&key)).into_iter().map(|(name, _)| name).collect();
        let mut wanted = vec!["Content-Type", "Authorization"];
        if profile.id == "anthropic" {
            // Without it no browser gets an answer.
            wanted.push("anthropic-dangerous-direct-browser-access");
        }
        assert_eq!(names, wanted, "{}", profile.id);
    }
}

#[test]
fn what_each_known_gateway_does_with_a_request() {
    // Renamed, ignored, cost in the body, cost in a header, an end without finish_reason.
    let table = [
        ("xroute", "", "", true, false, false),
        ("openrouter", "", "", true, false, false),
        ("litellm", "", "", true, true, false),
        ("portkey", "", "", true, false, false),
        ("vercel", "", "", true, false, false),
        ("openai", "", "", false, false, false),
        ("anthropic", "", "seed", false, false, false),
        ("ollama", "max_completion_tokens", "tool_choice", false, false, true),
        ("vllm", "", "", false, false, false),
        ("custom", "", "", true, false, false),
    ];
    let chat = json!({"model": "m", "stream": true, "max_completion_tokens": 5, "seed": 1,
                      "tool_choice": "auto", "messages": []});
    for (id, renamed, ignored, in_body, in_header, may_end) in table {
        let mut profile = Profile::by_id(id).unwrap();
        profile.base_url.get_or_insert("https://gw.example/v1".to_owned());
        let sent: Value =
            serde_json::from_str(&profile.request(&chat, None).unwrap().body).unwrap();
        let field = if renamed.is_empty() { "max_completion_tokens" } else { "max_tokens" };
        assert_eq!(sent[field], 5, "{id}");
        assert_eq!(sent["stream_options"]["include_usage"], true, "{id}");
        let notes = profile.notes(&chat).join("; ");
        let told = |word: &str| word.is_empty() || notes.contains(word);
        assert!(told(renamed) && told(ignored), "{id}: {notes}");
        assert_eq!(notes.is_empty(), renamed.is_empty() && ignored.is_empty(), "{id}: {notes}");
        let mut answer = Answer::new(&profile, None, Redactor::default());
        answer.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"cost\":0.5}}\n\n");
        answer.finish(promptfare::stream::End::Clean);
        assert_eq!(answer.charged_usd().is_some(), in_body, "{id}");
        assert!(answer.usage().is_some(), "{id}");
        assert_eq!(answer.ending().unwrap().name() == "completed", may_end, "{id}");
        let headers = vec![("x-litellm-response-cost".to_owned(), "0.5".to_owned())];
        assert_eq!(profile.cost_from_headers(Headers(&headers)).is_some(), in_header, "{id}");
    }
}
