//! Records of four APIs, turned into the OpenAI-compatible shape and a model.

use promptfare::catalog::{Model, Tokenizer};
use serde_json::{Map, Value, json};

/// A record ready to estimate.
pub struct Record {
    pub request: Value,
    pub model: Model,
    pub provider: Option<String>,
    pub bill: u64,
    /// Provider and generation, for the table.
    pub family: String,
    /// What is special about the request, for the table.
    pub feature: String,
    pub repository: String,
}

/// Reads one record, or says why it is left out.
pub fn record(item: &Value) -> Result<Record, String> {
    let of = |name: &str| item[name].as_str().unwrap_or_default();
    let (provider, api) = (of("provider"), of("api"));
    let request = &item["request"];
    let features: Vec<&str> =
        item["features"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for left_out in ["server_tools", "file_ref", "stateful", "url_media", "audio", "video", "media"]
    {
        if features.contains(&left_out) {
            return Err(format!("feature {left_out}"));
        }
    }
    let (family, model) = model(of("model"), provider).ok_or("model of no rule or estimate")?;
    let request = match api {
        "anthropic.messages" => media(request),
        "openai.chat" => media(request),
        "bedrock.converse" => converse(request),
        "openai.responses" => responses(request)?,
        _ if request.get("contents").is_some() => gemini(request),
        _ if request.get("messages").is_some() => media(request),
        _ => return Err("shape of another API".into()),
    };
    let number = |name: &str| item[name].as_u64().unwrap_or(0);
    let cached = number("cache_creation_input_tokens") + number("cache_read_input_tokens");
    let apart = matches!(api, "anthropic.messages" | "bedrock.converse");
    let bill = number("input_tokens") + if apart { cached } else { 0 };
    if bill == 0 {
        return Err("no bill".into());
    }
    let suffix = if api == "openai.responses" { ", Responses API" } else { "" };
    let gateway = match provider {
        "openrouter" => " through OpenRouter",
        "bedrock" if family.starts_with("Claude") => " on Bedrock",
        "azure" => " on Azure",
        _ => "",
    };
    Ok(Record {
        feature: feature(&features, &request),
        request,
        model,
        provider: if api == "openai.responses" && provider != "openrouter" {
            Some("openai-responses".to_owned())
        } else {
            matches!(provider, "openrouter" | "azure" | "bedrock" | "vertex" | "groq")
                .then(|| provider.to_owned())
        },
        bill,
        family: format!("{family}{gateway}{suffix}"),
        repository: of("repo").to_owned(),
    })
}

fn feature(features: &[&str], request: &Value) -> String {
    let has = |name: &str| features.contains(&name);
    let mut names = Vec::new();
    if has("thinking") || has("thinking_blocks") {
        names.push("thinking");
    }
    if has("pdf") || has("document") {
        names.push("document");
    }
    if has("image") {
        names.push("image");
    }
    if has("structured") {
        names.push("schema");
    }
    if has("tool_results") || has("tool_calls") {
        names.push("tool loop");
    } else if has("tools") {
        names.push(match &request["tool_choice"] {
            Value::Object(choice)
                if choice.get("type") != Some(&json!("auto"))
                    && choice.get("type") != Some(&json!("none")) =>
            {
                "tools, forced"
            }
            _ => "tools",
        });
    }
    if names.is_empty() {
        return if has("system") { "text and system" } else { "text" }.to_owned();
    }
    names.join(", ")
}

fn model(id: &str, provider: &str) -> Option<(String, Model)> {
    let id = id.to_ascii_lowercase();
    let has = |word: &str| id.contains(word);
    let (family, lab, tokenizer) = if has("claude") {
        let later =
            ["4-7", "4.7", "4-8", "4.8", "sonnet-5", "opus-5", "fable", "mythos", "haiku-5"];
        match later.iter().any(|word| has(word)) {
            true => ("Claude 4.7 and later", "anthropic", "claude-4.7"),
            false if has("claude-2") || has("claude-instant") => return None,
            false => ("Claude 3 to 4.6", "anthropic", "claude-3"),
        }
    } else if has("gpt-oss") {
        ("gpt-oss", "openai", "o200k_base")
    } else if ["audio", "realtime", "instruct", "davinci", "search", "image", "embed"]
        .iter()
        .any(|w| has(w))
    {
        return None;
    } else if has("gpt-4o") || has("gpt-4.1") {
        ("GPT-4o, GPT-4.1", "openai", "o200k_base")
    } else if has("gpt-5") {
        ("GPT-5", "openai", "o200k_base")
    } else if has("gpt-4") || has("gpt-3.5") {
        ("GPT-4, GPT-3.5", "openai", "cl100k_base")
    } else if ["o1", "o3", "o4"]
        .iter()
        .any(|w| id.rsplit('/').next().is_some_and(|n| n.starts_with(w)))
    {
        ("o-series", "openai", "o200k_base")
    } else if has("gemini") {
        ("Gemini", "google", "gemma3-like")
    } else if has("grok") {
        ("Grok", "xai", "grok")
    } else if has("mistral")
        || has("pixtral")
        || has("magistral")
        || has("codestral")
        || has("devstral")
    {
        ("Mistral", "mistral", "tekken")
    } else if has("deepseek") {
        ("DeepSeek", "deepseek", "deepseek")
    } else if has("llama") {
        ("Llama", "meta", "llama3")
    } else if has("kimi") {
        ("Kimi", "moonshotai", "kimi")
    } else if has("nova") {
        ("Nova", "amazon", "nova")
    } else if has("qwen") {
        ("Qwen", "alibaba", "qwen")
    } else {
        return None;
    };
    let _ = provider;
    Some((
        family.to_owned(),
        Model {
            lab: lab.to_owned(),
            tokenizer: Tokenizer::from(tokenizer.to_owned()),
            ..Model::unlisted(&id)
        },
    ))
}

/// Media that the record only describes, as parts that state their size.
fn media(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(media).collect(),
        Value::Object(fields) => {
            if let Some(part) = described(fields) {
                return part;
            }
            if let Some(length) = fields.get("__len__").and_then(Value::as_u64) {
                // A text of which the record only tells the length.
                return Value::String("x".repeat(length.min(1 << 20) as usize));
            }
            in_order(fields.iter().map(|(k, v)| (k.clone(), media(v))).collect())
        }
        other => other.clone(),
    }
}

/// The properties of a schema in the order of `required`, which is the order that libraries write
/// them in. The recordings' keys are sorted; lists kept their order.
fn in_order(mut schema: Map<String, Value>) -> Value {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let mut ordered = Map::new();
        for name in required.iter().filter_map(Value::as_str) {
            if let Some(one) = properties.shift_remove(name) {
                ordered.insert(name.to_owned(), one);
            }
        }
        ordered.extend(std::mem::take(properties));
        *properties = ordered;
    }
    Value::Object(schema)
}

/// A content part whose data is described somewhere inside it.
fn described(fields: &Map<String, Value>) -> Option<Value> {
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
    if !matches!(
        kind,
        "image" | "image_url" | "document" | "document_url" | "file" | "input_image" | "input_file"
    ) {
        return None;
    }
    let found = find_media(&Value::Object(fields.clone()), 0)?;
    let detail = fields
        .get("image_url")
        .and_then(|u| u.get("detail"))
        .or_else(|| fields.get("detail"))
        .cloned();
    let mut part = part_of(&found, detail, fields.get("citations").cloned());
    if let Some(title) = fields.get("title").filter(|_| kind == "document") {
        part["title"] = title.clone();
    }
    Some(part)
}

fn part_of(found: &Value, detail: Option<Value>, citations: Option<Value>) -> Value {
    if let (Some(width), Some(height)) = (found["width"].as_u64(), found["height"].as_u64()) {
        let mut url = json!({"url": "data:image/png;base64,", "width": width, "height": height});
        if let Some(detail) = detail.filter(Value::is_string) {
            url["detail"] = detail;
        }
        return json!({"type": "image_url", "image_url": url});
    }
    let mut out = json!({"type": "document"});
    if let Some(citations) = citations {
        out["citations"] = citations;
    }
    for name in ["page_sizes", "text"] {
        if !found[name].is_null() {
            out[name] = found[name].clone();
        }
    }
    out
}

fn find_media(value: &Value, depth: usize) -> Option<Value> {
    if value.get("__media__").is_some() {
        return Some(value.clone());
    }
    let inner: Vec<&Value> = match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => return None,
    };
    inner.into_iter().filter(|_| depth < 6).find_map(|one| find_media(one, depth + 1))
}

/// Bedrock's Converse: untyped blocks, `toolUse`, `toolResult`, `toolConfig`.
fn converse(request: &Value) -> Value {
    let blocks = |content: &Value| -> Value {
        content.as_array().into_iter().flatten().filter_map(converse_block).collect()
    };
    let messages: Vec<Value> = request["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|m| json!({"role": m["role"], "content": blocks(&m["content"])}))
        .collect();
    let mut out = json!({"messages": messages});
    if let Some(system) = request.get("system").filter(|s| !s.is_null()) {
        out["system"] = blocks(system);
    }
    let tools: Vec<Value> = request["toolConfig"]["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|t| t.get("toolSpec"))
        .map(|t| json!({"name": t["name"], "description": t["description"], "input_schema": media(&t["inputSchema"]["json"])}))
        .collect();
    if !tools.is_empty() {
        out["tools"] = tools.into();
    }
    let choice = &request["toolConfig"]["toolChoice"];
    if choice.get("any").is_some() {
        out["tool_choice"] = json!({"type": "any"});
    } else if let Some(tool) = choice.get("tool") {
        out["tool_choice"] = json!({"type": "tool", "name": tool["name"]});
    }
    for (name, value) in request["additionalModelRequestFields"].as_object().into_iter().flatten() {
        let name = if name == "reasoning_config" { "thinking" } else { name };
        out[name] = value.clone();
    }
    let native = &request["outputConfig"]["textFormat"]["structure"]["jsonSchema"];
    if let Some(schema) =
        native["schema"].as_str().and_then(|s| serde_json::from_str::<Value>(s).ok())
    {
        out["response_format"] = json!({"type": "json_schema", "json_schema": {"name": native["name"], "schema": schema}});
    } else if let Some(format) =
        request.get("outputConfig").or_else(|| request.get("output_format"))
    {
        out["output_config"] = format.clone();
    }
    out
}

fn converse_block(block: &Value) -> Option<Value> {
    if let Some(text) = block.get("text") {
        return Some(json!({"type": "text", "text": text}));
    }
    if let Some(call) = block.get("toolUse") {
        return Some(
            json!({"type": "tool_use", "id": call["toolUseId"], "name": call["name"], "input": call["input"]}),
        );
    }
    if let Some(result) = block.get("toolResult") {
        let content: Vec<Value> =
            result["content"].as_array().into_iter().flatten().filter_map(converse_block).collect();
        return Some(
            json!({"type": "tool_result", "tool_use_id": result["toolUseId"], "content": content, "is_error": result["status"] == "error"}),
        );
    }
    if let Some(value) = block.get("json") {
        return Some(json!({"type": "text", "text": value.to_string()}));
    }
    if block.get("cachePoint").is_some() {
        return None;
    }
    if let Some(reasoning) = block.get("reasoningContent") {
        let text = &reasoning["reasoningText"];
        return Some(
            json!({"type": "thinking", "thinking": text["text"], "signature": media(&text["signature"])}),
        );
    }
    if let Some(text) = block["document"]["source"].get("text") {
        let citations = &block["document"]["citations"];
        let name = &block["document"]["name"];
        return Some(
            json!({"type": "document", "name": name, "text": text, "citations": citations}),
        );
    }
    if block.get("image").is_some() || block.get("document").is_some() {
        let citations = block["document"].get("citations").cloned();
        let mut part = match find_media(block, 0) {
            Some(found) => part_of(&found, None, citations),
            None => {
                json!({"type": "document", "source": block["document"]["source"], "citations": citations})
            }
        };
        if let Some(name) = block["document"].get("name") {
            part["name"] = name.clone();
        }
        return Some(part);
    }
    Some(json!({"type": "other", "value": block}))
}

/// Gemini's `generateContent`.
fn gemini(request: &Value) -> Value {
    let mut messages = Vec::new();
    let system = request.get("systemInstruction").or_else(|| request.get("system_instruction"));
    if let Some(system) = system.filter(|s| !s.is_null()) {
        messages.push(json!({"role": "system", "content": gemini_text(system)}));
    }
    for content in request["contents"].as_array().into_iter().flatten() {
        let role = if content["role"] == "model" { "assistant" } else { "user" };
        let (mut parts, mut calls) = (Vec::new(), Vec::new());
        for part in content["parts"].as_array().into_iter().flatten() {
            let get = |a: &str, b: &str| part.get(a).or_else(|| part.get(b));
            if let Some(text) = part.get("text") {
                parts.push(json!({"type": "text", "text": text}));
            } else if let Some(call) = get("functionCall", "function_call") {
                calls.push(json!({"id": call["name"], "type": "function", "function": {"name": call["name"], "arguments": call["args"].to_string()}}));
            } else if let Some(result) = get("functionResponse", "function_response") {
                let content = match find_media(result, 0) {
                    Some(found) => {
                        json!([{"type": "text", "text": result["response"].to_string()}, part_of(&found, None, None)])
                    }
                    None => json!(result["response"].to_string()),
                };
                messages.push(
                    json!({"role": "tool", "tool_call_id": result["name"], "content": content}),
                );
            } else if let Some(found) = find_media(part, 0) {
                parts.push(part_of(&found, None, None));
            }
        }
        if !parts.is_empty() || !calls.is_empty() {
            messages.push(json!({"role": role, "content": parts, "tool_calls": calls}));
        }
    }
    let mut tools = Vec::new();
    let single = [&request["tools"]];
    let list = request["tools"].as_array().map_or(single.to_vec(), |list| list.iter().collect());
    for tool in list {
        let list = tool.get("functionDeclarations").or_else(|| tool.get("function_declarations"));
        for f in list.and_then(Value::as_array).into_iter().flatten() {
            let parameters = f
                .get("parameters")
                .or_else(|| f.get("parametersJsonSchema"))
                .or_else(|| f.get("parameters_json_schema"));
            tools.push(json!({"type": "function", "function": {"name": f["name"], "description": f["description"], "parameters": parameters}}));
        }
    }
    let config = request.get("generationConfig").or_else(|| request.get("generation_config"));
    let schema = config.and_then(|c| {
        ["responseSchema", "response_schema", "responseJsonSchema", "response_json_schema"]
            .iter()
            .find_map(|n| c.get(n))
    });
    let mut out = json!({"messages": messages, "tools": tools});
    if let Some(schema) = schema {
        out["response_format"] =
            json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}});
    }
    out
}

fn gemini_text(content: &Value) -> String {
    content["parts"].as_array().into_iter().flatten().filter_map(|p| p["text"].as_str()).collect()
}

/// OpenAI's Responses API, its input items as messages.
fn responses(request: &Value) -> Result<Value, String> {
    let mut messages = Vec::new();
    if let Some(text) = request["instructions"].as_str() {
        messages.push(json!({"role": "system", "content": text}));
    }
    match &request["input"] {
        Value::String(text) => messages.push(json!({"role": "user", "content": text})),
        Value::Array(list) => {
            for item in list {
                let kind = item["type"].as_str().unwrap_or("message");
                match kind {
                    "message" => {
                        let content = match media(&item["content"]) {
                            Value::Array(parts) => parts.into_iter().map(|mut part| {
                                if part["type"] == "output_text" { part["type"] = json!("text"); }
                                part
                            }).collect(),
                            other => other,
                        };
                        messages.push(json!({"role": item["role"], "content": content}));
                    }
                    "function_call" => {
                        let call = json!({"id": item["call_id"], "type": "function", "function": {"name": item["name"], "arguments": item["arguments"]}});
                        // Calls side by side are one message's.
                        match messages.last_mut().and_then(|last| last["tool_calls"].as_array_mut()) {
                            Some(calls) => calls.push(call),
                            None => messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]})),
                        }
                    }
                    "function_call_output" => messages.push(json!({"role": "tool", "tool_call_id": item["call_id"], "content": media(&item["output"])})),
                    "reasoning" => return Err("retained reasoning".into()),
                    _ => return Err("input item of another kind".into()),
                }
            }
        }
        _ => return Err("no input".into()),
    }
    let mut out = json!({"messages": messages});
    for name in ["tools", "tool_choice", "parallel_tool_calls"] {
        if let Some(value) = request.get(name) {
            out[name] = media(value);
        }
    }
    let format = &request["text"]["format"];
    if format["type"] == "json_schema" {
        out["response_format"] = json!({"type": "json_schema", "json_schema": {"name": format["name"], "schema": media(&format["schema"]), "description": format["description"]}});
    }
    Ok(out)
}
