//! Counts texts with both Claude vocabularies, for `scripts/compare-claude.py`.
//!
//! Standard input: one JSON string a line. Standard output: for each, the content counts of
//! Claude 3, of Opus 4.7 and of Opus 4.8, then the bare tilings of the two vocabularies.

use promptfare::tokens::claude::{Claude, Frame};
use std::io::{BufRead, BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/vocabularies");
    let load = |name: &str| -> Result<Claude, Box<dyn std::error::Error>> {
        Ok(Claude::from_bytes(&std::fs::read(format!("{folder}/{name}.pfv"))?)?)
    };
    let (old, new) = (load("claude-3")?, load("claude-4.7")?);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        writeln!(
            out,
            "{} {} {} {} {}",
            old.count(&text, Frame::Transcript),
            new.count(&text, Frame::Transcript),
            new.count(&text, Frame::Markers),
            old.tile(&text),
            new.tile(&text),
        )?;
    }
    Ok(out.flush()?)
}
