//! The catalogue: whole, readable, and found by name.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use promptfare::ErrorKind;
use promptfare::catalog::{Catalog, Status, Tokenizer, resolve_model};

#[test]
fn the_shipped_catalogue_parses() {
    let catalog = Catalog::shipped();
    let parsed = Catalog::parse(include_str!("../src/data/catalog.json")).unwrap();
    assert_eq!(parsed.models(), catalog.models());
    assert_eq!(catalog.models().len(), 125);
    assert_eq!(catalog.date(), "2026-11-22");
}

#[test]
fn every_id_and_alias_finds_its_model() {
    for model in Catalog::shipped().models() {
        for name in std::iter::once(&model.id).chain(&model.aliases) {
            for name in [name.clone(), name.to_uppercase(), format!(" {name} ")] {
                let found = resolve_model(&name).unwrap_or_else(|e| panic!("{name}: {e}"));
                assert_eq!(found.model.id, model.id, "{name}");
            }
        }
    }
}

/// The canonical ids of the table that the catalogue is made from stay what they are.
#[test]
fn every_id_and_alias_of_the_table_finds_its_model() {
    let root = std::env::var("PROMPTFARE_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned());
    let Ok(table) = std::fs::read_to_string(format!("{root}/facts/models.csv")) else {
        println!("left out: no {root}/facts/models.csv");
        return;
    };
    for line in table.lines().skip(1) {
        let mut fields = line.split(',');
        let (id, aliases) = (fields.next().unwrap(), fields.nth(1).unwrap());
        for name in std::iter::once(id).chain(aliases.split(';')).filter(|name| !name.is_empty()) {
            let found = resolve_model(name).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(found.model.id, id, "{name}");
        }
    }
}

#[test]
fn tokenizers_by_generation() {
    let tokenizer = |id: &str| resolve_model(id).unwrap().model.tokenizer.clone();
    assert_eq!(tokenizer("claude-opus-4"), Tokenizer::Claude3);
    assert_eq!(tokenizer("claude-opus-4-6"), Tokenizer::Claude3);
    assert_eq!(tokenizer("claude-opus-4-7"), Tokenizer::Claude47);
    assert_eq!(tokenizer("claude-sonnet-5"), Tokenizer::Claude47);
    assert_eq!(tokenizer("gpt-5"), Tokenizer::O200kBase);
    assert_eq!(tokenizer("gpt-oss-20b"), Tokenizer::O200kBase);
    assert_eq!(tokenizer("gpt-4"), Tokenizer::Cl100kBase);
    assert_eq!(tokenizer("gpt-3.5-turbo"), Tokenizer::Cl100kBase);
    assert_eq!(tokenizer("gpt-6-sol"), Tokenizer::Other("o200k?".to_owned()));
}

#[test]
fn what_models_refuse_is_data() {
    let capabilities = |id: &str| resolve_model(id).unwrap().model.capabilities.clone();
    assert_eq!(capabilities("claude-opus-4").sampling, None);
    assert_eq!(capabilities("claude-opus-4-7").sampling, Some(false));
    assert_eq!(capabilities("claude-opus-5-5").forced_tool_choice, Some(false));
    assert_eq!(capabilities("claude-fable-5-1").forced_tool_choice, Some(false));
    assert_eq!(capabilities("gpt-4").vision, Some(false));
    assert_eq!(capabilities("ernie-5.0").vision, None);
}

#[test]
fn windows_and_inputs_are_apart_where_sources_are() {
    let limits = |id: &str| {
        let model = resolve_model(id).unwrap().model;
        (model.context_window, model.max_input, model.max_output)
    };
    assert_eq!(limits("gpt-5"), (Some(400_000), Some(272_000), Some(128_000)));
    assert_eq!(limits("gpt-6-sol"), (Some(1_050_000), Some(922_000), Some(128_000)));
    assert_eq!(limits("claude-opus-4"), (Some(200_000), None, Some(32_000)));
    assert_eq!(limits("claude-sonnet-4"), (Some(200_000), None, Some(64_000)));
}

#[test]
fn retired_models_name_their_replacement() {
    let status = |id: &str| resolve_model(id).unwrap().model.status.clone();
    let retired = |on: &str, replacement: &str| Status::Retired {
        on: Some(on.to_owned()),
        replacement: Some(replacement.to_owned()),
    };
    assert_eq!(status("claude-opus-4"), retired("2026-06-15", "claude-opus-5-5"));
    assert_eq!(status("claude-sonnet-4"), retired("2026-06-15", "claude-sonnet-5-5"));
    assert_eq!(status("claude-opus-5-5"), Status::Active);
}

#[test]
fn an_unknown_name_is_an_error_with_the_nearest() {
    let error = resolve_model("claude-opos-4").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownModel);
    assert_eq!(error.nearest().first().map(String::as_str), Some("claude-opus-4"));
    assert!(error.message().contains("found \"claude-opos-4\""), "{error}");
    assert!(error.message().contains("nearest known: claude-opus-4"), "{error}");
    assert!(resolve_model("gpt-7").unwrap_err().nearest().contains(&"gpt-5".to_owned()));
    for name in ["", "   ", "\u{0}", "🚕", &"x".repeat(1_000_000)] {
        let error = resolve_model(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownModel);
        assert!(error.message().len() < 1_000 && error.nearest().len() == 3);
    }
}

#[test]
fn a_newer_catalogue_lies_over_the_shipped_one() {
    let newer = Catalog::parse(
        r#"{"schema":1,"date":"2027-01-01","models":[
            {"id":"gpt-5","lab":"openai","tokenizer":"o200k_base","contextWindow":7},
            {"id":"gpt-9","lab":"openai","tokenizer":"?"}]}"#,
    )
    .unwrap();
    let both = Catalog::shipped().overlaid(&newer).unwrap();
    assert_eq!(both.date(), "2027-01-01");
    assert_eq!(both.models().len(), 126);
    assert_eq!(both.resolve("gpt-5").unwrap().model.context_window, Some(7));
    assert_eq!(both.resolve("GPT-9").unwrap().model.status, Status::Active);
    assert_eq!(both.resolve("claude-opus-4").unwrap().model.max_output, Some(32_000));
}

#[test]
fn what_is_no_catalogue_is_refused() {
    for text in ["", "[]", "{}", r#"{"schema":2,"date":"2027-01-01","models":[]}"#] {
        assert_eq!(Catalog::parse(text).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let twice = r#"{"schema":1,"date":"2027-01-01","models":[
        {"id":"a","lab":"b","tokenizer":"?"},{"id":"A","lab":"b","tokenizer":"?"}]}"#;
    assert!(Catalog::parse(twice).unwrap_err().message().contains("twice"));
}
