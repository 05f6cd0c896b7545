//! The request as text to copy: `curl`, `fetch`, and OpenAI's SDKs. The key is never in it.

use super::request::ChatRequest;
use crate::error::{Error, Result};
use serde_json::Value;

/// The form of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A shell command.
    Curl,
    /// JavaScript, no library.
    Fetch,
    /// JavaScript, npm package `openai`.
    OpenaiNode,
    /// Python, PyPI package `openai`.
    OpenaiPython,
}

impl Language {
    /// The spelling in options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Fetch => "fetch",
            Self::OpenaiNode => "openai-node",
            Self::OpenaiPython => "openai-python",
        }
    }

    /// Reads the spelling.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for any other word.
    pub fn from_name(name: &str) -> Result<Self> {
        [Self::Curl, Self::Fetch, Self::OpenaiNode, Self::OpenaiPython]
            .into_iter()
            .find(|language| language.name() == name)
            .ok_or_else(|| {
                Error::invalid_input(format!(
                    "language: found {name:?}, wanted curl, fetch, openai-node or openai-python"
                ))
            })
    }
}

/// Writes `request` as a program that sends it to `{base_url}/chat/completions`, reading the key
/// from the environment variable `API_KEY`.
pub fn snippet(request: &ChatRequest, base_url: &str, language: Language) -> String {
    let base = base_url.trim_end_matches('/');
    let body = request.to_value();
    let streams = request.stream == Some(true);
    match language {
        Language::Curl => {
            let flag = if streams { " -N" } else { "" };
            format!(
                "curl{flag} {} \\\n  -H \"Authorization: Bearer $API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d {}\n",
                shell(&format!("{base}/chat/completions")),
                shell(&pretty(&body))
            )
        }
        Language::Fetch => format!(
            "const response = await fetch({}, {{\n  method: \"POST\",\n  headers: {{\n    \"Authorization\": `Bearer ${{API_KEY}}`,\n    \"Content-Type\": \"application/json\",\n  }},\n  body: JSON.stringify({}),\n}});\n",
            quoted(&format!("{base}/chat/completions")),
            indented(&pretty(&body), "  ")
        ),
        Language::OpenaiNode => {
            let read = if streams {
                "for await (const chunk of answer) {\n  process.stdout.write(chunk.choices[0]?.delta?.content ?? \"\");\n}\n"
            } else {
                "console.log(answer.choices[0].message.content);\n"
            };
            format!(
                "import OpenAI from \"openai\";\n\nconst client = new OpenAI({{ baseURL: {}, apiKey: process.env.API_KEY }});\nconst answer = await client.chat.completions.create({});\n{read}",
                quoted(base),
                pretty(&body)
            )
        }
        Language::OpenaiPython => {
            let read = if streams {
                "for chunk in answer:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or \"\", end=\"\")\n"
            } else {
                "print(answer.choices[0].message.content)\n"
            };
            let (known, extra) = split_python(&body);
            let mut arguments: String = known
                .iter()
                .map(|(name, value)| format!("    {name}={},\n", python(value, 1)))
                .collect();
            if let Some(extra) = extra {
                arguments.push_str(&format!("    extra_body={},\n", python(&extra, 1)));
            }
            format!(
                "import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url={}, api_key=os.environ[\"API_KEY\"])\nanswer = client.chat.completions.create(\n{arguments})\n{read}",
                quoted(base)
            )
        }
    }
}

/// JSON with two spaces of indent.
fn pretty(value: &Value) -> String {
    // Writing a `Value` cannot fail; the compact form is the same JSON.
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

fn indented(text: &str, by: &str) -> String {
    text.replace('\n', &format!("\n{by}"))
}

/// A JSON string is a JavaScript and a Python string too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// In single quotes nothing is special to a shell but the single quote itself.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Named arguments of the `openai` package's `create`; what it does not name goes into
/// `extra_body`, as it would otherwise be refused (openai-python 2.x, 2026-11).
fn split_python(body: &Value) -> (Vec<(&str, &Value)>, Option<Value>) {
    const NAMED: [&str; 24] = [
        "model",
        "messages",
        "audio",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "metadata",
        "modalities",
        "n",
        "parallel_tool_calls",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "seed",
        "service_tier",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
    ];
    let mut known = Vec::new();
    let mut extra = serde_json::Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        if NAMED.contains(&name.as_str()) {
            known.push((name.as_str(), value));
        } else {
            extra.insert(name.clone(), value.clone());
        }
    }
    (known, (!extra.is_empty()).then_some(Value::Object(extra)))
}

/// A JSON value as a Python literal.
fn python(value: &Value, depth: usize) -> String {
    let inner = "    ".repeat(depth + 1);
    let outer = "    ".repeat(depth);
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) if !items.is_empty() => {
            let items: String =
                items.iter().map(|item| format!("{inner}{},\n", python(item, depth + 1))).collect();
            format!("[\n{items}{outer}]")
        }
        Value::Object(fields) if !fields.is_empty() => {
            let fields: String = fields
                .iter()
                .map(|(name, item)| {
                    format!("{inner}{}: {},\n", quoted(name), python(item, depth + 1))
                })
                .collect();
            format!("{{\n{fields}{outer}}}")
        }
        other => other.to_string(),
    }
}
