//! A small part of JSON Schema (draft 2020-12): `type`, `required`, `properties`, `enum`, `const`,
//! `items`, `additionalProperties: false`, and bounds of numbers. What it does not know it names.

use serde_json::Value;

/// Deeper than any schema in use, shallower than the stack.
const DEEPEST: usize = 64;
/// More than this many faults tell nothing new.
const MOST: usize = 8;

/// The JSON in an answer: all of it, or the one fenced block in it.
pub fn read_answer(text: &str) -> Option<Value> {
    let whole = text.trim();
    serde_json::from_str(whole).ok().or_else(|| {
        let (_, rest) = whole.split_once("```")?;
        let (block, rest) = rest.split_once("```")?;
        let body = block.split_once('\n').map_or(block, |(_, body)| body);
        (!rest.contains("```")).then(|| serde_json::from_str(body).ok())?
    })
}

/// Holds `value`, which stands at `place`, to `schema`. Faults are added to `wrong` in words, words of
/// the schema that are not known to `unknown`.
pub fn hold(
    schema: &Value,
    value: &Value,
    place: &str,
    wrong: &mut Vec<String>,
    unknown: &mut Vec<String>,
) {
    let fields = match schema {
        Value::Object(fields) if place.matches(['.', '[']).count() < DEEPEST => fields,
        Value::Bool(true) => return,
        Value::Bool(false) => return fault(wrong, place, value, "nothing"),
        _ => return note(unknown, "a schema of another kind"),
    };
    for (word, wanted) in fields {
        match word.as_str() {
            "type" => {
                let one = |name: &Value| name.as_str().is_some_and(|name| is(value, name));
                if !(one(wanted) || wanted.as_array().is_some_and(|list| list.iter().any(one))) {
                    let words = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
                    fault(wrong, place, value, &words);
                }
            }
            "enum" => {
                if !wanted.as_array().is_some_and(|list| list.iter().any(|one| same(one, value))) {
                    fault(wrong, place, value, &format!("one of {wanted}"));
                }
            }
            "const" if !same(wanted, value) => fault(wrong, place, value, &wanted.to_string()),
            "minimum" | "maximum" => {
                if let (Some(bound), Some(number)) = (wanted.as_f64(), value.as_f64())
                    && if word == "minimum" { number < bound } else { number > bound }
                {
                    fault(wrong, place, value, &format!("a {word} of {wanted}"));
                }
            }
            "required" => {
                let names = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
                for name in names.filter(|name| value.is_object() && value.get(name).is_none()) {
                    fault(
                        wrong,
                        &format!("{place}.{name}"),
                        &Value::Null,
                        "a value: it is required",
                    );
                }
            }
            "properties" => {
                let inner = wanted.as_object().into_iter().flatten();
                for (name, schema) in inner {
                    if let Some(value) = value.get(name) {
                        hold(schema, value, &format!("{place}.{name}"), wrong, unknown);
                    }
                }
            }
            "additionalProperties" if *wanted == Value::Bool(false) => {
                let known = fields.get("properties");
                for (name, value) in value.as_object().into_iter().flatten() {
                    if known.and_then(|known| known.get(name)).is_none() {
                        fault(wrong, &format!("{place}.{name}"), value, "no other properties");
                    }
                }
            }
            "additionalProperties" if *wanted == Value::Bool(true) => {}
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    hold(wanted, item, &format!("{place}[{index}]"), wrong, unknown);
                }
            }
            // Words for people.
            "const" | "title" | "description" | "$schema" | "$id" | "$comment" | "default"
            | "examples" => {}
            _ => note(unknown, word),
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        // 3.0 is an integer (JSON Schema 2020-12, 6.1.1).
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        _ => false,
    }
}

/// Equality in which 3 and 3.0 are one number.
fn same(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(a), Some(b)) if a == b)
}

fn fault(wrong: &mut Vec<String>, place: &str, found: &Value, wanted: &str) {
    if wrong.len() < MOST {
        let found: String = found.to_string().chars().take(60).collect();
        wrong.push(format!("{place}: found {found}, wanted {wanted}"));
    }
}

fn note(unknown: &mut Vec<String>, word: &str) {
    if unknown.len() < MOST && !unknown.iter().any(|known| known == word) {
        unknown.push(word.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn held(schema: Value, value: Value) -> (Vec<String>, Vec<String>) {
        let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
        hold(&schema, &value, "$", &mut wrong, &mut unknown);
        (wrong, unknown)
    }

    #[test]
    fn each_word_passes_what_it_should_and_nothing_else() {
        for (schema, good, bad) in [
            (json!({"type": "integer"}), json!(3.0), json!(3.5)),
            (json!({"type": ["string", "null"]}), json!(null), json!(1)),
            (json!({"enum": ["a", 2]}), json!(2.0), json!("b")),
            (json!({"const": {"a": 1}}), json!({"a": 1}), json!({"a": 2})),
            (json!({"minimum": 2, "maximum": 3}), json!(3), json!(4)),
            (json!({"required": ["a"]}), json!({"a": null}), json!({"b": 1})),
            (json!({"required": ["a"]}), json!("no object"), json!({})),
            (json!({"items": {"type": "string"}}), json!(["a"]), json!(["a", 1])),
            (
                json!({"properties": {"a": {"items": {"enum": [1]}}}}),
                json!({"a": [1]}),
                json!({"a": [2]}),
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": false}),
                json!({"a": 1}),
                json!({"b": 1}),
            ),
        ] {
            assert_eq!(held(schema.clone(), good), (vec![], vec![]), "{schema}");
            assert_eq!(held(schema.clone(), bad).0.len(), 1, "{schema}");
        }
        assert_eq!(held(json!(false), json!(1)).0.len(), 1);
        assert_eq!(
            held(json!({"properties": {"a": {"items": {"type": "string"}}}}), json!({"a": [1]})).0,
            ["$.a[0]: found 1, wanted string"]
        );
    }

    #[test]
    fn what_it_does_not_know_it_names() {
        let schema = json!({"oneOf": [], "$ref": "#/x", "title": "T", "items": {"pattern": "a"}});
        assert_eq!(held(schema, json!(["b"])).1, ["oneOf", "$ref", "pattern"]);
        let mut deep = json!({"type": "array"});
        for _ in 0..100 {
            deep = json!({"items": deep});
        }
        let mut value = json!([]);
        for _ in 0..100 {
            value = json!([value]);
        }
        assert!(!held(deep, value).1.is_empty());
    }
}
