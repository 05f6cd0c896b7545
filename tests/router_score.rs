//! The score of a request: what it may depend on, what it may not, and that it is the same number
//! on every machine.

use promptfare::chat::ChatRequest;
use promptfare::router::features::{self, Category};
use promptfare::router::model::{self, Score};
use proptest::prelude::*;
use serde_json::{Value, json};

fn request(value: Value) -> ChatRequest {
    ChatRequest::from_value(value).unwrap_or_else(|error| unreadable(&error.to_string()))
}

fn unreadable(why: &str) -> ChatRequest {
    assert!(why.is_empty(), "{why}");
    ask("")
}

fn ask(prompt: &str) -> ChatRequest {
    request(json!({"messages": [{"role": "user", "content": prompt}]}))
}

fn score(request: &ChatRequest) -> Score {
    model::score(&features::extract(request))
}

/// Requests of our own with the bits of their scores. `tests/router_wasm.rs` holds the same file
/// against WebAssembly. After training anew: `ROUTER_GOLDEN=write cargo test --test router_score`.
const GOLDEN: &str = include_str!("golden/router.jsonl");

fn golden() -> impl Iterator<Item = (ChatRequest, String, Value)> {
    GOLDEN.lines().map(|line| {
        let row: Value = serde_json::from_str(line).unwrap_or_default();
        let field = |name: &str| row.get(name).cloned().unwrap_or_default();
        (request(field("request")), field("bits").as_str().unwrap_or_default().to_owned(), row)
    })
}

#[test]
fn the_bits_are_those_that_were_written_down() {
    if std::env::var("ROUTER_GOLDEN").as_deref() == Ok("write") {
        let mut out = String::new();
        for (request, _, mut row) in golden() {
            let score = score(&request);
            if let Some(row) = row.as_object_mut() {
                row.insert("category".into(), score.category.name().into());
                row.insert("need".into(), format!("{:.4}", score.need).into());
                row.insert("bits".into(), format!("{:016x}", score.need.to_bits()).into());
            }
            out.push_str(&format!("{row}\n"));
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/router.jsonl");
        assert!(std::fs::write(path, out).is_ok());
        return;
    }
    let mut count = 0;
    for (request, bits, row) in golden() {
        assert_eq!(format!("{:016x}", score(&request).need.to_bits()), bits, "{row}");
        count += 1;
    }
    assert!(count >= 20);
}

#[test]
fn a_kind_of_task_is_recognised() {
    let tool = json!([{"type": "function", "function": {"name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]);
    let weather =
        json!({"messages": [{"role": "user", "content": "Rain in Oslo?"}], "tools": tool});
    assert_eq!(score(&request(weather)).category, Category::ToolUse);
    for (prompt, category) in [
        (
            "Write a Rust function that returns the median of a slice without sorting it; add unit tests.",
            Category::CodeWriting,
        ),
        (
            "What does this print?\n```python\ndef f(x):\n    for i in range(3):\n        x += i\n    return x\nprint(f(2))\n```",
            Category::CodeReading,
        ),
        (
            "Mara buys 3 boxes with 12 pencils each and gives away 7 pencils. How many pencils are left?",
            Category::WordProblem,
        ),
        (
            "Let $f(x) = x^3 - 3x + 1$. Find all real roots of $f(x) = 0$ and prove that they are distinct.",
            Category::Mathematics,
        ),
        ("Which enzyme unwinds the double helix during DNA replication?", Category::Knowledge),
        ("Write a short poem about a lighthouse in winter.", Category::Writing),
        (
            "Summarize the following text in two sentences: The harbour was closed for a week.",
            Category::Extraction,
        ),
        ("Good morning, and thanks for yesterday.", Category::General),
    ] {
        assert_eq!(score(&ask(prompt)).category, category, "{prompt}");
    }
}

#[test]
fn contributions_add_up_to_the_score_exactly() {
    for (request, _, row) in golden() {
        let score = score(&request);
        let sum: f64 = score.contributions.iter().map(|(_, value)| value).sum();
        let backwards: f64 = score.contributions.iter().rev().map(|(_, value)| value).sum();
        assert_eq!(sum.to_bits(), score.log_odds.to_bits(), "{row}");
        assert_eq!(backwards.to_bits(), score.log_odds.to_bits(), "{row}");
        assert!((1.0 / (1.0 + (-sum).exp()) - score.need).abs() < 1e-12);
        assert!(score.contributions.iter().any(|(name, _)| *name == "category"));
        assert!((0.0..=1.0).contains(&score.confidence));
    }
}

/// A benchmark's template must leave no trace: how alternatives are marked, what the answer sheet
/// says, which tags stand around a listing.
#[test]
fn templates_leave_no_trace() {
    let stem = "Which gas do plants take in for photosynthesis?";
    let choices = ["Oxygen", "Carbon dioxide", "Helium", "Neon"];
    let with = |mark: &dyn Fn(usize) -> String, end: &str| {
        let lines: Vec<String> =
            choices.iter().enumerate().map(|(i, text)| format!("{}{text}", mark(i))).collect();
        features::extract(&ask(&format!("{stem}\n{}{end}", lines.join("\n"))))
    };
    let letter = |i: usize| char::from(b'A' + u8::try_from(i).unwrap_or(0));
    let plain = with(&|i| format!("{}. ", letter(i)), "");
    assert_eq!(plain, with(&|i| format!("{}. ", letter(i)), "\nAnswer:"));
    assert_eq!(plain, with(&|i| format!("({}) ", letter(i).to_ascii_lowercase()), ""));
    assert_eq!(plain, with(&|i| format!("{}) ", i + 1), "\n\nYour answer:"));
    assert_eq!(plain, with(&|_| "- ".to_owned(), ""));
    let program = "What does it return?\ndef f(a):\n    return a[::-1]\nprint(f('abc'))";
    let tagged =
        "What does it return?\n[PYTHON]\ndef f(a):\n    return a[::-1]\nprint(f('abc'))\n[/PYTHON]";
    assert_eq!(features::extract(&ask(program)), features::extract(&ask(tagged)));
}

#[test]
fn only_the_last_ask_and_the_tools_count() {
    let last = "How many ways are there to seat five people at a round table?";
    let alone = score(&ask(last));
    let talk = request(json!({"messages": [
        {"role": "system", "content": "You are a careful lawyer. Write code. Prove everything."},
        {"role": "user", "content": "Write a novel about integrals."},
        {"role": "assistant", "content": "Once upon a time"},
        {"role": "user", "content": last},
    ]}));
    assert_eq!(score(&talk), alone);
}

#[test]
fn tools_told_in_the_system_message_are_tools() {
    let parameters = json!({"type": "object", "required": ["city"],
        "properties": {"city": {"type": "string", "description": "The city."}}});
    let function = json!({"name": "get_weather", "description": "Weather of a city.", "parameters": parameters});
    let user = json!({"role": "user", "content": "What is the weather in Oslo and in Bergen?"});
    let field =
        request(json!({"messages": [user], "tools": [{"type": "function", "function": function}]}));
    let words = request(json!({"messages": [
        {"role": "system", "content": json!([function]).to_string()}, user]}));
    assert_eq!(score(&field), score(&words));
}

/// Where there were no outcomes, the score says so and keeps near the base rate.
#[test]
fn another_language_is_less_sure() {
    let english =
        score(&ask("Explain why the French Revolution broke out in 1789 and what the king did."));
    let german = score(&ask(
        "Erkläre, warum die Französische Revolution 1789 ausbrach und was der König tat.",
    ));
    let russian =
        score(&ask("Объясни, почему началась Французская революция и что сделал король."));
    assert!(english.confidence > 0.7);
    assert!(german.confidence < 0.5 * english.confidence, "{german:?}");
    assert!(russian.confidence < 0.05, "{russian:?}");
    assert!(model::questions(Category::Knowledge) > 5_000);
}

proptest! {
    #[test]
    fn any_text_has_a_score(text in "(?s).{0,400}", system in "(?s).{0,60}") {
        let value = json!({"messages": [
            {"role": "system", "content": format!("[{system}")}, {"role": "user", "content": text}]});
        let score = score(&request(value));
        prop_assert!(score.need > 0.0 && score.need < 1.0);
        let sum: f64 = score.contributions.iter().map(|(_, value)| value).sum();
        prop_assert_eq!(sum.to_bits(), score.log_odds.to_bits());
    }

    #[test]
    fn any_text_has_stakes(text in "(?s).{0,300}") {
        for stake in promptfare::router::stakes::recognise(&text) {
            prop_assert!(!stake.evidence.is_empty());
        }
    }
}
