//! What several test files need: data beside the project, where it is present, and a planner.

#![allow(dead_code, clippy::unwrap_used)] // Each test file takes the part that it needs, and reports by panicking.

use promptfare::catalog::Catalog;
use promptfare::cost::Horizon;
use promptfare::plan::Planner;
use promptfare::tokens::Vocabularies;
use std::path::PathBuf;

/// A file or folder of the shared data; `None`, said in one line, where it is not present.
pub fn place(path: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("PROMPTFARE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    let place = shared.join(path);
    if place.exists() {
        return Some(place);
    }
    println!("left out: no {}", place.display());
    None
}

/// The text of a gzipped file of the shared data.
pub fn text(path: &str) -> Option<String> {
    let place = place(path)?;
    let output = std::process::Command::new("gzip").arg("-dc").arg(&place).output().unwrap();
    assert!(output.status.success(), "gzip could not read {}", place.display());
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The answers that real gateways were recorded with.
pub fn transcripts() -> Option<PathBuf> {
    place("gateways/transcripts")
}

/// Runs with a planner that knows the shipped catalogue and nothing of its caller.
pub fn with_planner<T>(run: impl FnOnce(&Planner<'_>) -> T) -> T {
    let vocabularies = Vocabularies::new();
    run(&Planner {
        catalog: Catalog::shipped(),
        vocabularies: &vocabularies,
        at: None,
        answer: None,
        provider: None,
        horizon: &Horizon::default(),
        past: &|_| Vec::new(),
        past_inputs: &|_| Vec::new(),
    })
}
