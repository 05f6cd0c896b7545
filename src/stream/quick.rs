//! The common chunk, read without building a tree: a piece of text or of reasoning and nothing else.
//! Nine of ten chunks are of this kind; all others, and everything unexpected, go the patient way of
//! [`super::chunk`]. Both ways read the same (a property test compares them); what it saves is
//! printed by `node benches/stream/run.mjs`.

use super::chunk::ChatChunk;
use crate::gateway::Places;

/// Whether all that `places` name is looked at here.
pub(super) fn suits(places: &Places) -> bool {
    places.usage.iter().chain(&places.cost).all(|place| {
        ["/usage", "/x_groq"].iter().any(|top| {
            place.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    })
}

/// The chunk, if it is a common one. `known` are the id, model and provider of the answer so far:
/// what is the same again is left out.
pub(super) fn read(data: &str, known: [Option<&str>; 3]) -> Option<ChatChunk> {
    let mut scan = Scan { text: data, at: 0 };
    let mut chunk = ChatChunk::default();
    scan.fields(|scan, name| {
        let at = match name {
            "choices" if !chunk.has_choices => {
                chunk.has_choices = true;
                return scan.choices(&mut chunk);
            }
            "usage" | "x_groq" | "error" | "type" | "status" => return scan.null(),
            "object" => return (scan.scalar()? != Some("error")).then_some(()),
            "id" => 0,
            "model" => 1,
            "provider" => 2,
            "choices" => return None,
            _ => return scan.scalar().map(drop),
        };
        let found = scan.word()?.filter(|text| !text.is_empty());
        let new = found.filter(|text| known.get(at) != Some(&Some(*text))).map(str::to_owned);
        match at {
            0 => chunk.id = new,
            1 => chunk.model = new,
            _ => chunk.provider = new,
        }
        Some(())
    })?;
    (scan.peek().is_none() && chunk.has_choices).then_some(chunk)
}

/// A place in the text. Each method answers `None` for what is not common.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn eat_word(&mut self, word: &[u8]) -> Option<()> {
        self.rest().starts_with(word).then(|| self.at += word.len())
    }

    fn null(&mut self) -> Option<()> {
        self.peek()?;
        self.eat_word(b"null")
    }

    /// An object, field by field.
    fn fields(&mut self, mut field: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let name = self.word()??;
            self.eat(b':')?;
            field(self, name)?;
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    /// One choice, the first.
    fn choices(&mut self, chunk: &mut ChatChunk) -> Option<()> {
        let mut seen = false;
        self.eat(b'[')?;
        self.fields(|scan, name| match name {
            "delta" if !seen => {
                seen = true;
                scan.delta(chunk)
            }
            "finish_reason" | "message" | "text" => scan.null(),
            "index" => scan.eat(b'0'),
            "delta" => None,
            _ => scan.scalar().map(drop),
        })?;
        self.eat(b']')?;
        seen.then_some(())
    }

    fn delta(&mut self, chunk: &mut ChatChunk) -> Option<()> {
        let mut other = String::new();
        self.fields(|scan, name| {
            match name {
                "content" => chunk.text = scan.text()?,
                "reasoning" => chunk.reasoning = scan.text()?,
                "reasoning_content" => other = scan.text()?,
                "refusal" | "tool_calls" | "function_call" | "reasoning_details" => scan.null()?,
                _ => drop(scan.scalar()?),
            }
            Some(())
        })?;
        if chunk.reasoning.is_empty() {
            chunk.reasoning = other;
        }
        Some(())
    }

    /// A text as it is written, between its quotes, and whether it has escapes.
    fn raw(&mut self) -> Option<(&'a str, bool)> {
        self.eat(b'"')?;
        let (start, mut escapes) = (self.at, false);
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    escapes = true;
                    self.at += 2;
                }
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        let raw = self.text.get(start..self.at)?;
        self.at += 1;
        Some((raw, escapes))
    }

    /// A text without escapes; `Some(None)` for null.
    fn word(&mut self) -> Option<Option<&'a str>> {
        if self.peek()? == b'n' {
            return self.null().map(|()| None);
        }
        self.raw().filter(|(_, escapes)| !escapes).map(|(text, _)| Some(text))
    }

    /// A text, or nothing for null.
    fn text(&mut self) -> Option<String> {
        if self.peek()? == b'n' {
            return self.null().map(|()| String::new());
        }
        let (raw, escapes) = self.raw()?;
        if escapes { unescape(raw) } else { Some(raw.to_owned()) }
    }

    /// Any value that is no list, no object and no fraction; the text, where it is one.
    fn scalar(&mut self) -> Option<Option<&'a str>> {
        match self.peek()? {
            b'"' => self.word(),
            b'n' => self.null().map(|()| None),
            b't' => self.eat_word(b"true").map(|()| None),
            b'f' => self.eat_word(b"false").map(|()| None),
            b'0' => self.eat(b'0').map(|()| None),
            _ => {
                let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
                self.at += digits;
                (digits > 0).then_some(None)
            }
        }
    }
}

/// A text with its escapes resolved. Characters in two halves are left to the patient way.
fn unescape(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut chars = after.chars();
        let char = match chars.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let digits = chars.as_str().get(..4)?;
                let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                chars = chars.as_str().get(4..)?.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| hex)?)?
            }
            c @ ('"' | '\\' | '/') => c,
            _ => return None,
        };
        text.push(char);
        rest = chars.as_str();
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn patient(data: &str) -> Option<ChatChunk> {
        serde_json::from_str(data).ok().map(|value| ChatChunk::read(value, &Places::default()))
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            4 => "[a-zé👋 \"\\\\\n\u{1}/]{0,5}".prop_map(Value::String),
            2 => Just(Value::Null),
            3 => prop::sample::select(vec![
                json!({}), json!([]), json!(0), json!(-7), json!(1.5), json!(false), json!("error"),
                json!({"message": "m"}), json!([{"text": "x"}]),
                json!({"prompt_tokens": 1, "completion_tokens": 2}),
            ]),
        ]
    }

    fn fields(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
        prop::collection::vec((prop::sample::select(names), value()), 0..4)
            .prop_map(|list| list.into_iter().map(|(n, v)| (n.to_owned(), v)).collect::<Value>())
    }

    fn chunks() -> impl Strategy<Value = String> {
        let top = fields(&[
            "id", "model", "provider", "object", "usage", "x_groq", "error", "type", "status",
            "created",
        ]);
        let choice = fields(&["index", "finish_reason", "error", "text", "message", "logprobs"]);
        let delta = fields(&[
            "content",
            "reasoning",
            "reasoning_content",
            "reasoning_details",
            "refusal",
            "tool_calls",
            "function_call",
            "role",
        ]);
        (top, choice, delta, any::<bool>()).prop_map(|(mut top, mut choice, delta, pretty)| {
            choice["delta"] = delta;
            top["choices"] = json!([choice]);
            if pretty { format!("{top:#}") } else { top.to_string() }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn both_ways_read_the_same(data in chunks()) {
            if let Some(quick) = read(&data, [None; 3]) {
                prop_assert_eq!(Some(quick), patient(&data));
            }
        }

        /// What is not JSON is not read, and what another byte makes of it is read the same.
        #[test]
        fn both_ways_read_what_is_broken_the_same(data in chunks(), at in any::<prop::sample::Index>(), with in "[ -~é]?", length in 0usize..3) {
            let mut chars: Vec<char> = data.chars().collect();
            let at = at.index(chars.len());
            chars.splice(at..(at + length).min(chars.len()), with.chars());
            let data: String = chars.into_iter().collect();
            if let Some(quick) = read(&data, [None; 3]) {
                prop_assert_eq!(Some(quick), patient(&data), "{}", data);
            }
        }
    }

    #[test]
    fn common_chunks_go_the_quick_way() {
        for data in [
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"x \u00e9"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"z"}"#,
            r#"{ "choices": [ { "delta": { "content": null, "reasoning_content": "x\n" } } ] } "#,
        ] {
            assert_eq!(read(data, [None; 3]), patient(data), "{data}");
            assert!(read(data, [None; 3]).is_some(), "{data}");
        }
        let data = r#"{"id":"c","model":"m","choices":[{"delta":{}}]}"#;
        let known = read(data, [Some("c"), Some("old"), None]);
        assert_eq!(known.map(|chunk| (chunk.id, chunk.model)), Some((None, Some("m".to_owned()))));
        assert!(suits(&Places::default()));
        assert!(!suits(&Places { cost: vec!["/usages".to_owned()], ..Places::default() }));
    }
}
