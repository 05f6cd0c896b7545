//! Prints, for each JSON string on a line of standard input, the counts that the token heuristic
//! sees, as a JSON list. `scripts/fit-heuristic.py` fits its coefficients on them, so that there is
//! one extractor and not two.

use promptfare::tokens::heuristic::{FEATURES, Features, GROUPS, PAIRS_FROM, group_of};
use std::io::{BufRead, BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if std::env::args().nth(1).as_deref() == Some("--layout") {
        let groups: Vec<Vec<usize>> = (0..GROUPS)
            .map(|group| (0..FEATURES).filter(|&f| group_of(f) == group).collect())
            .collect();
        writeln!(out, "{}", serde_json::json!({"pairsFrom": PAIRS_FROM, "groups": groups}))?;
        return Ok(());
    }
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        serde_json::to_writer(&mut out, Features::of(&text).counts())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
