//! One natural line: a module uses only modules to its left, plus `catalog`, `error`, `json`, `letter` and `sort`.

#![allow(clippy::unwrap_used)] // A test that cannot read the sources must fail.

use std::fs;
use std::path::{Path, PathBuf};

const LINE: [&str; 13] = [
    "prompt", "privacy", "chat", "tokens", "cost", "router", "plan", "practice", "workflow",
    "gateway", "stream", "cache", "ledger",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn modules_look_only_to_their_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut uses = 0;
    for file in &files {
        let relative = file.strip_prefix(&root).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs");
        let may_use = match LINE.iter().position(|name| *name == module) {
            Some(place) => &LINE[..=place],
            None if ["catalog", "error", "json", "letter", "sort"].contains(&module) => &[],
            None => continue, // lib.rs names all, wasm uses all.
        };
        let text = fs::read_to_string(file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for part in code.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if used.is_empty()
                    || ["error", "catalog", "json", "letter", "sort"].contains(&used.as_str())
                {
                    continue;
                }
                uses += 1;
                assert!(
                    may_use.contains(&used.as_str()),
                    "{}:{}: {module} uses {used}, which is not to its left",
                    relative.display(),
                    number + 1
                );
            }
        }
    }
    assert!(uses > 10, "only {uses} uses found: does this test still read the code?");
}

#[test]
fn only_wasm_knows_javascript() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tokenizer"), &mut files);
    for file in files {
        let relative = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().into_owned();
        if relative.starts_with("wasm") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for name in ["wasm_bindgen", "js_sys", "web_sys", "gloo_net"] {
            assert!(!text.contains(name), "{relative} names {name}");
        }
    }
}
