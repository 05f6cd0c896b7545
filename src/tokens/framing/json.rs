//! JSON as providers print it into a prompt: spaces, escapes and key order are tokens.

use crate::sort::sort;
use serde_json::{Map, Value};

/// How a value is printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// `", "` and `": "` as Python's `json.dumps` does, or no spaces.
    pub spaced: bool,
    /// Everything outside of printable ASCII as `\uXXXX`, as Python does by default.
    pub ascii: bool,
    /// Keys of objects in alphabetical order.
    pub sorted: bool,
}

/// Python's `json.dumps(value)`.
pub(super) const PYTHON: Style = Style { spaced: true, ascii: true, sorted: false };
/// Python's `json.dumps(value, ensure_ascii=False)`.
pub(super) const SPACED: Style = Style { spaced: true, ascii: false, sorted: false };
/// No spaces, as JavaScript's `JSON.stringify(value)`.
pub(super) const MINIFIED: Style = Style { spaced: false, ascii: false, sorted: false };
/// Python's `json.dumps(value, sort_keys=True)`.
pub(super) const SORTED: Style = Style { spaced: true, ascii: true, sorted: true };

/// Deeper than any schema or argument that makes sense; a bound for hostile ones.
pub(super) const DEEPEST: usize = 100;

/// Prints a value.
pub(super) fn print(value: &Value, style: Style) -> String {
    let mut out = String::new();
    write(value, style, &mut out, 0);
    out
}

/// Prints with line breaks and an indent of two spaces, keys as they come.
pub(super) fn print_indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn write(value: &Value, style: Style, out: &mut String, depth: usize) {
    if depth > DEEPEST {
        out.push_str("null");
        return;
    }
    match value {
        Value::String(text) => quote(text, style.ascii, out),
        Value::Array(list) => {
            out.push('[');
            for (index, one) in list.iter().enumerate() {
                if index > 0 {
                    out.push_str(if style.spaced { ", " } else { "," });
                }
                write(one, style, out, depth + 1);
            }
            out.push(']');
        }
        Value::Object(fields) => write_object(fields, style, out, depth),
        other => out.push_str(&other.to_string()),
    }
}

fn write_object(fields: &Map<String, Value>, style: Style, out: &mut String, depth: usize) {
    let mut entries: Vec<(&String, &Value)> = fields.iter().collect();
    if style.sorted {
        sort(&mut entries, |a, b| a.0 < b.0);
    }
    out.push('{');
    for (index, (key, one)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push_str(if style.spaced { ", " } else { "," });
        }
        quote(key, style.ascii, out);
        out.push_str(if style.spaced { ": " } else { ":" });
        write(one, style, out, depth + 1);
    }
    out.push('}');
}

/// A text in quotes, escaped.
pub(super) fn quote(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ if ascii || character < ' ' => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn prints_as_python_does() {
        let value = json!({"b": ["é", "😀", 1, 1.5, null, true], "a": "\"\\\n\u{7f}"});
        assert_eq!(
            print(&value, PYTHON),
            r#"{"b": ["\u00e9", "\ud83d\ude00", 1, 1.5, null, true], "a": "\"\\\n\u007f"}"#
        );
        assert_eq!(print(&value, SORTED).find("\"a\""), Some(1));
        assert_eq!(
            print(&value, MINIFIED),
            "{\"b\":[\"é\",\"😀\",1,1.5,null,true],\"a\":\"\\\"\\\\\\n\u{7f}\"}"
        );
    }

    #[test]
    fn depth_is_bounded() {
        let mut value = json!(1);
        for _ in 0..1000 {
            value = json!([value]);
        }
        assert!(print(&value, PYTHON).contains("null"));
    }
}
