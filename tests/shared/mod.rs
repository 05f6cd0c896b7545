//! What several test files need: data beside the project, where it is present, and a planner.

#![allow(dead_code, clippy::unwrap_used)] // Each test file takes the part that it needs, and reports by panicking.

use promptfare::catalog::Catalog;
use promptfare::chat::ChatRequest;
use promptfare::cost::Horizon;
use promptfare::error::Result;
use promptfare::plan::Planner;
use promptfare::practice::Fare;
use promptfare::tokens::{TokenEstimate, Vocabularies};
use serde_json::Value;
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

/// Tokens and money by the crate itself, without vocabularies.
pub struct Heart;

impl Fare for Heart {
    fn tokens(&self, request: &Value, model: &str) -> Result<TokenEstimate> {
        let request = ChatRequest::from_value(request.clone())?;
        with_planner(|planner| Ok(planner.estimate(&request, model, true)?.tokens))
    }

    fn cost(&self, request: &Value, model: &str) -> Result<Option<Value>> {
        let request = ChatRequest::from_value(request.clone())?;
        with_planner(|planner| {
            let planned = planner.estimate(&request, model, true)?;
            Ok(planned.cost.map(|cost| serde_json::to_value(cost).unwrap()))
        })
    }

    fn limits(&self, model: &str) -> Result<(Option<u64>, Option<u64>)> {
        let found = promptfare::catalog::resolve_model(model)?.model;
        Ok((found.context_window, found.max_output))
    }

    fn max_input(&self, model: &str) -> Result<Option<u64>> {
        Ok(promptfare::catalog::resolve_model(model)?.model.max_input)
    }
}
