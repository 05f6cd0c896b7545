//! Documents with planted values, the same for the same seed.

#[path = "templates.rs"]
mod templates;
#[path = "values.rs"]
mod values;

use templates::{DEV, HELD, SECRETS};
pub use values::Lot;
use values::lookalike;
pub use values::value;

/// A value that stands in a document.
pub struct Planted {
    /// The published name of its kind.
    pub kind: String,
    pub start: usize,
    pub end: usize,
}

/// A text, and what has to be found in it.
pub struct Document {
    pub text: String,
    pub planted: Vec<Planted>,
}

/// One document of one to three templates, so that values have neighbours of every sort.
pub fn document(lot: &mut Lot, held: bool) -> Document {
    let templates = if held { HELD } else { DEV };
    let mut made = Document { text: String::new(), planted: Vec::new() };
    for _ in 0..1 + lot.below(3) {
        if !made.text.is_empty() {
            made.text.push_str("\n\n");
        }
        fill(&mut made, lot.pick(templates), lot, held);
    }
    made
}

fn fill(made: &mut Document, template: &str, lot: &mut Lot, held: bool) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('«') {
        made.text.push_str(before);
        let (slot, after) = after.split_once('»').expect("a slot ends");
        rest = after;
        if let Some(kind) = slot.strip_prefix('!') {
            made.text.push_str(&lookalike(kind, lot));
            continue;
        }
        let kind = if slot == "secret" { lot.pick(&SECRETS) } else { slot };
        let start = made.text.len();
        made.text.push_str(&value(kind, lot, held));
        let named = match kind {
            "bare_phone" => "phone",
            "private-key-json" => "private-key",
            "assigned-password" | "assigned-token" => "assigned",
            other => other,
        };
        made.planted.push(Planted { kind: named.to_owned(), start, end: made.text.len() });
    }
    made.text.push_str(rest);
}
