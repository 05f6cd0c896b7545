//! Tool calls.

use super::{answer, delta, reason, run};
use promptfare::stream::End;
use serde_json::{Value, json};

#[test]
fn tool_calls_are_put_together() {
    let calls = |list: Value| delta(json!({"tool_calls": list}));
    let check = |parts: &[String], wanted: &[(&str, &str, &str)]| {
        let mut bytes: String = parts.concat();
        bytes.push_str(&reason("tool_calls"));
        let (got, pieces) = run(answer(), bytes.as_bytes(), End::Clean);
        let found: Vec<_> = got
            .tool_calls()
            .iter()
            .map(|c| (c.id.as_str(), c.name.as_str(), c.arguments.as_str()))
            .collect();
        assert_eq!(found, wanted);
        // The pieces say the same, part by part.
        for (index, (_, _, arguments)) in wanted.iter().enumerate() {
            let parts: String = pieces
                .iter()
                .flat_map(|p| &p.tool_calls)
                .filter(|d| d.index == index)
                .map(|d| d.arguments.as_str())
                .collect();
            assert_eq!(parts, *arguments);
        }
    };
    check(
        &[
            calls(
                json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "weather", "arguments": ""}}]),
            ),
            calls(json!([{"index": 0, "function": {"name": "", "arguments": "{\"city\":"}}])),
            calls(json!([{"index": 0, "function": {"name": null, "arguments": "\"Zürich\"}"}}])),
            calls(
                json!([{"index": 1, "id": "b", "function": {"name": "time", "arguments": "{}"}}]),
            ),
        ],
        &[("a", "weather", "{\"city\":\"Zürich\"}"), ("b", "time", "{}")],
    );
    // The name and id repeated in every part; interleaved calls.
    check(
        &[
            calls(
                json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}, {"index": 1, "id": "b", "function": {"name": "g", "arguments": "3"}}]),
            ),
            calls(
                json!([{"index": 1, "id": "b", "function": {"name": "g", "arguments": "4"}}, {"index": 0, "id": "a", "function": {"name": "f", "arguments": "2"}}]),
            ),
        ],
        &[("a", "f", "12"), ("b", "g", "34")],
    );
    // No index at all; two calls both at index 0; the arguments as an object; the old name.
    check(
        &[
            calls(json!([{"id": "a", "function": {"name": "f", "arguments": "1"}}])),
            calls(json!([{"function": {"arguments": "2"}}])),
            calls(json!([{"id": "b", "function": {"name": "g", "arguments": {"x": 1}}}])),
        ],
        &[("a", "f", "12"), ("b", "g", "{\"x\":1}")],
    );
    check(
        &[
            calls(json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}])),
            calls(json!([{"index": 0, "id": "b", "function": {"name": "f", "arguments": "2"}}])),
        ],
        &[("a", "f", "1"), ("b", "f", "2")],
    );
    check(
        &[
            delta(json!({"function_call": {"name": "f", "arguments": "{"}})),
            delta(json!({"function_call": {"arguments": "}"}})),
        ],
        &[("", "f", "{}")],
    );
    // A huge index does not make huge memory.
    check(
        &[calls(
            json!([{"index": 4_000_000_000u64, "id": "a", "function": {"name": "f", "arguments": "1"}}]),
        )],
        &[("a", "f", "1")],
    );
}
