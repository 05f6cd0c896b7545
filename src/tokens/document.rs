//! Documents: what is in a PDF or text file that a message carries, as far as it can be told
//! without unpacking it.

use super::Interval;
use super::counter::Texts;
use super::image::bytes_of_data_url;
use crate::catalog::Model;
use crate::chat::Part;
use serde_json::Value;

/// What is known of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// Its text, where it is a text file or the caller states it (`text` beside the part's type).
    pub text: Option<String>,
    /// Width and height of its pages in points, where it is a PDF whose pages can be seen or the
    /// caller states them (`page_sizes`).
    pub pages: Vec<(f64, f64)>,
    /// Whether it is paged (a PDF), also where its pages cannot be seen.
    pub paged: bool,
    /// Its name or title, where given.
    pub name: Option<String>,
    /// Whether the provider is asked to cite from it.
    pub cited: bool,
    /// Whether the data is here at all: of an address or a file's id nothing is known.
    pub present: bool,
}

/// Most bytes of a PDF that are looked through.
const MOST_BYTES: usize = 64 << 20;

impl Document {
    /// Reads a part of a message: `{"type":"file","file":{"file_data":...}}` as OpenAI has it,
    /// `{"type":"document","source":{...}}` as Anthropic has it. `None` for other parts.
    pub fn of(part: &Part) -> Option<Self> {
        let value = match part {
            Part::File(file) => &file.value,
            Part::Other(value) => value,
            _ => return None,
        };
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        if !matches!(kind, "document" | "file" | "input_file" | "document_url") {
            return None;
        }
        let cited =
            value.get("citations").and_then(|c| c.get("enabled")) == Some(&Value::Bool(true));
        let name = ["title", "name", "filename"]
            .iter()
            .find_map(|key| value.get(key).or_else(|| value.get("file")?.get(key))?.as_str())
            .map(str::to_owned);
        let stated = Self { cited, name: name.clone(), ..Self::stated(value) };
        if stated.present {
            return Some(stated);
        }
        let text_at = |(outer, inner): (&str, &str)| value.get(outer)?.get(inner)?.as_str();
        let data = text_at(("file", "file_data"))
            .or_else(|| value.get("file_data")?.as_str())
            .or_else(|| text_at(("source", "data")));
        let media_type = text_at(("source", "media_type")).unwrap_or_default();
        if let Some(blocks) = value.get("source").and_then(|source| source.get("content")) {
            // Anthropic's own division into blocks of text.
            let texts = blocks.as_array().into_iter().flatten().filter_map(|b| b.get("text"));
            let text: String = texts.filter_map(Value::as_str).collect();
            return Some(Self { text: Some(text), present: true, ..stated });
        }
        let Some(data) = data else { return Some(stated) };
        if text_at(("source", "type")) == Some("text") || media_type.starts_with("text/") {
            return Some(Self { text: Some(data.to_owned()), present: true, ..stated });
        }
        let bytes = bytes_of_data_url(data, MOST_BYTES);
        Some(Self { cited, name, ..Self::from_bytes(&bytes) })
    }

    /// What the caller says of it (promptfare's extension, for callers who know more than the
    /// bytes show).
    fn stated(value: &Value) -> Self {
        let side = |v: &Value, at: usize| v.get(at).and_then(Value::as_f64).unwrap_or(0.0);
        let pages: Vec<(f64, f64)> = value
            .get("page_sizes")
            .and_then(Value::as_array)
            .map(|list| list.iter().map(|size| (side(size, 0), side(size, 1))).collect())
            .unwrap_or_default();
        let text = value.get("text").and_then(Value::as_str).map(str::to_owned);
        Self {
            present: text.is_some() || !pages.is_empty(),
            paged: !pages.is_empty(),
            text,
            pages,
            ..Self::default()
        }
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"%PDF") {
            return Self { pages: pdf_pages(bytes), paged: true, present: true, ..Self::default() };
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if !bytes.is_empty() => {
                Self { text: Some(text.to_owned()), present: true, ..Self::default() }
            }
            _ => Self { present: !bytes.is_empty(), ..Self::default() },
        }
    }
}

/// Sizes of a PDF's pages in points, as far as its page objects stand there unpacked: each
/// `/Type /Page` counts one, with the `/MediaBox` of the same object or else the last one seen.
/// Newer files pack their objects; then this is empty.
fn pdf_pages(bytes: &[u8]) -> Vec<(f64, f64)> {
    let mut pages = Vec::new();
    let mut inherited = (612.0, 792.0);
    for object in split(bytes, b"endobj") {
        let own = find(object, b"/MediaBox").and_then(|at| media_box(object.get(at + 9..)?));
        if let Some(size) = own {
            inherited = size;
        }
        if is_page(object) && pages.len() < 10_000 {
            pages.push(own.unwrap_or(inherited));
        }
    }
    pages
}

fn split<'a>(bytes: &'a [u8], at: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let current = rest?;
        match find(current, at) {
            Some(end) => {
                rest = current.get(end + at.len()..);
                current.get(..end)
            }
            None => {
                rest = None;
                Some(current)
            }
        }
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// `/Type`, white space, `/Page`, and not `/Pages`.
fn is_page(object: &[u8]) -> bool {
    let mut rest = object;
    while let Some(at) = find(rest, b"/Type") {
        rest = rest.get(at + 5..).unwrap_or_default();
        let word = rest.trim_ascii_start();
        if word.starts_with(b"/Page") && !word.get(5).is_some_and(u8::is_ascii_alphanumeric) {
            return true;
        }
    }
    false
}

fn media_box(rest: &[u8]) -> Option<(f64, f64)> {
    let start = find(rest.get(..rest.len().min(200))?, b"[")?;
    let inner = rest.get(start + 1..)?;
    let inner = inner.get(..find(inner.get(..inner.len().min(200))?, b"]")?)?;
    let mut numbers = std::str::from_utf8(inner).ok()?.split_ascii_whitespace().map(points);
    let mut next = || numbers.next()?;
    let (left, bottom, right, top) = (next()?, next()?, next()?, next()?);
    let (width, height) = ((right - left).abs(), (top - bottom).abs());
    (width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0)
        .then_some((width, height))
}

/// A number as PDF writes it (ISO 32000-1, 7.3.3): digits with at most one point and a sign, no
/// exponent. Rust's own reader of floats is not worth its 10 kB table of powers here.
fn points(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 || whole.len() > 9 || fraction.len() > 9 {
        return None;
    }
    let number = |digits: &str| {
        digits.bytes().try_fold(0_u32, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
        })
    };
    let power: u32 = fraction.bytes().fold(1, |power, _| power * 10);
    Some(sign * (f64::from(number(whole)?) + f64::from(number(fraction)?) / f64::from(power)))
}

/// Tokens of a document, or of a part of unknown kind, where nothing better is known than that its
/// text counts and that each page counts as a picture of 0 to 1,600 tokens.
pub(crate) fn generic(part: &Part, model: &Model, through_gateway: bool, texts: Texts) -> Interval {
    let Some(document) = Document::of(part) else {
        // A short video is 3,054 tokens on Nova (4 records).
        return Interval::new(0, 20, 4000);
    };
    if !document.present {
        return Interval::new(0, 1500, 20_000);
    }
    let pages = document.pages.len() as u64;
    let text = document
        .text
        .as_deref()
        .map_or(Interval::new(0, 400 * pages.max(1), 1500 * pages.max(1)), |text| {
            texts.count(text)
        });
    // Gemini: 258 a page on 2.5, up to 1,290 elsewhere; the text is in the page.
    if model.lab == "google" {
        return Interval::new(258 * pages, 258 * pages, 1290 * pages + text.high)
            + Interval::new(0, 0, 60);
    }
    // OpenAI: the text and 216 for a page (35 records of four models from May 2025 to February 2026,
    // with a text beside it; 4 less without one, 7 records). Before: 120 more for two pages less
    // their picture; 996 on 3 records of March 2026. A gateway sends the text (6 records).
    let page = match (model.lab.as_str(), document.paged, through_gateway) {
        (_, false, _) => 0,
        ("openai", _, true) => 8,
        ("openai", ..) => 216,
        _ => 300,
    };
    text + Interval::new(0, page * pages, 1600 * pages + 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::FilePart;
    use proptest::prelude::*;
    use serde_json::json;

    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 2 /MediaBox [0 0 595 842] >>\nendobj\n3 0 obj << /Type /Page /Parent 2 0 R >> endobj 4 0 obj\n<< /Type/Page /MediaBox [ 0 0 612.0 792 ] >>\nendobj\n";

    #[test]
    fn pages_are_seen() {
        let document = Document::from_bytes(PDF);
        assert_eq!(document.pages, [(595.0, 842.0), (612.0, 792.0)]);
        assert!(document.paged && document.present);
    }

    #[test]
    fn shapes_of_parts() {
        let of = |value: Value| Document::of(&Part::Other(value)).unwrap();
        let text = of(
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hello"}}),
        );
        assert_eq!(text.text.as_deref(), Some("hello"));
        let stated = of(json!({"type": "document", "page_sizes": [[612, 792]], "text": "a"}));
        assert_eq!((stated.pages.len(), stated.text.as_deref()), (1, Some("a")));
        let file = Part::File(FilePart {
            value: json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0xLjQKMSAwIG9iago8PCAvVHlwZSAvUGFnZSA+PgplbmRvYmo="}}),
        });
        assert_eq!(Document::of(&file).unwrap().pages, [(612.0, 792.0)]);
        assert!(!of(json!({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}})).present);
        assert!(Document::of(&Part::Other(json!({"type": "input_audio"}))).is_none());
    }

    proptest! {
        #[test]
        fn damaged_files_end_quietly(changes in proptest::collection::vec((0..PDF.len(), any::<u8>()), 0..20), end in 0..PDF.len()) {
            let mut bytes = PDF.to_vec();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            let document = Document::from_bytes(&bytes[..end]);
            prop_assert!(document.pages.len() <= 4);
        }
    }
}

#[cfg(test)]
mod number_tests {
    use super::points;
    use proptest::prelude::*;

    #[test]
    fn reads_what_pdf_writes_and_nothing_else() {
        for (text, wanted) in [
            ("612", Some(612.0)),
            ("-.5", Some(-0.5)),
            ("+595.28", Some(595.28)),
            ("4.", Some(4.0)),
        ] {
            assert_eq!(points(text), wanted, "{text}");
        }
        for text in ["", ".", "-", "1e3", "1.2.3", "NaN", "--1", "1234567890", "0x1"] {
            assert_eq!(points(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_reader(whole in 0u32..1_000_000, fraction in 0u32..10_000) {
            let text = format!("{whole}.{fraction:04}");
            let (ours, theirs) = (points(&text).unwrap(), text.parse::<f64>().unwrap());
            prop_assert!((ours - theirs).abs() <= theirs.abs() * 1e-12);
        }
    }
}
