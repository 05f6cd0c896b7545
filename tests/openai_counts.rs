//! OpenAI's vocabularies: counts that tiktoken gave, and what must hold for every text.
//!
//! The large comparison, with tiktoken itself, is a command: see `tools/vocabulary`.

#![allow(clippy::unwrap_used)]

use promptfare::tokens::bpe::{Bpe, Encoding};
use promptfare::tokens::live::{LiveCounter, Tokenizer};
use proptest::prelude::*;
use std::sync::LazyLock;

fn file(encoding: Encoding) -> Vec<u8> {
    let name = encoding.name();
    std::fs::read(format!("{}/vocabularies/{name}.bin", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn bpe(encoding: Encoding) -> &'static Bpe {
    static LOADED: LazyLock<[Bpe; 2]> = LazyLock::new(|| {
        Encoding::ALL.map(|encoding| Bpe::from_bytes(encoding, &file(encoding)).unwrap())
    });
    LOADED.iter().find(|bpe| bpe.encoding() == encoding).unwrap()
}

/// `tests/golden/openai_counts.jsonl`: texts of our own, counted by tiktoken 0.14.0.
#[test]
fn counts_as_tiktoken_does() {
    let mut checked = 0;
    for line in include_str!("golden/openai_counts.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let times = row["times"].as_u64().unwrap_or(1) as usize;
        let text = row["text"].as_str().unwrap().repeat(times);
        for encoding in Encoding::ALL {
            let (bpe, wanted) = (bpe(encoding), row[encoding.name()].as_u64().unwrap());
            assert_eq!(bpe.count(&text), wanted, "{encoding:?} {line}");
            assert_eq!(bpe.encode(&text).len() as u64, wanted, "{encoding:?} {line}");
            assert_eq!(bpe.count_till_limit(&text, wanted), Some(wanted));
            assert_eq!(
                wanted.checked_sub(1).and_then(|limit| bpe.count_till_limit(&text, limit)),
                None
            );
            checked += 1;
        }
    }
    assert!(checked >= 100);
}

#[test]
fn a_wrong_file_is_an_error() {
    let [cl100k, o200k] = Encoding::ALL.map(file);
    assert!(Bpe::from_bytes(Encoding::O200kBase, &cl100k).is_err());
    assert!(Bpe::from_bytes(Encoding::Cl100kBase, &o200k).is_err());
    assert!(Bpe::from_bytes(Encoding::O200kBase, &o200k[..o200k.len() - 1]).is_err());
    let mut altered = o200k.clone();
    altered[300_000] ^= 1;
    let error = Bpe::from_bytes(Encoding::O200kBase, &altered).err().unwrap();
    assert!(error.message().contains("SHA-256"), "{error}");
}

/// What the split patterns and the merges treat differently, and runs of it.
fn hostile() -> impl Strategy<Value = String> {
    let unit = prop::sample::select(vec![
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\u{3000}",
        "a",
        "B",
        "ab",
        "é",
        "漢",
        "\u{301}",
        "ʰ",
        "ǅ",
        "1",
        "234",
        "٣",
        "'",
        "'s",
        "'LL",
        "ſ",
        "/",
        "//",
        "!",
        "=",
        "🎉",
        "\u{fffd}",
        "\0",
        "<|endoftext|>",
    ]);
    let run = (prop::collection::vec(unit.clone(), 1..4), 1usize..200);
    prop_oneof![
        4 => prop::collection::vec(unit, 0..12).prop_map(|units| units.concat()),
        1 => run.prop_map(|(units, times)| units.concat().repeat(times)),
        1 => any::<String>(),
    ]
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(Encoding::ALL.to_vec())
}

proptest! {
    #[test]
    fn borders_part_counts(encoding in encodings(), a in hostile(), b in hostile(), c in hostile()) {
        let (bpe, text) = (bpe(encoding), [a, b, c].concat());
        let whole = bpe.count(&text);
        for (at, right) in text.char_indices() {
            let (head, tail) = text.split_at(at);
            if let Some(left) = head.chars().next_back()
                && bpe.is_border(left, right)
            {
                prop_assert_eq!(bpe.count(head) + bpe.count(tail), whole, "{:?} {:?}", head, tail);
            }
        }
    }

    #[test]
    fn live_counts_are_full_counts(
        encoding in encodings(),
        text in hostile(),
        edits in prop::collection::vec((any::<(prop::sample::Index, prop::sample::Index)>(), hostile()), 0..12),
    ) {
        let bpe = bpe(encoding);
        let mut whole: Vec<u16> = text.encode_utf16().collect();
        let mut counter = LiveCounter::new(bpe, &whole);
        for ((start, delete), insert) in edits {
            let insert: Vec<u16> = insert.encode_utf16().collect();
            let start = start.index(whole.len() + 1);
            let delete = delete.index(whole.len() - start + 1) / 2;
            whole.splice(start..start + delete, insert.iter().copied());
            let found = counter.splice(start, delete, &insert).unwrap();
            prop_assert_eq!(found, bpe.count(&String::from_utf16_lossy(&whole)));
        }
    }
}

/// A piece that is long enough to be a run, and what may be typed into it.
fn run() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    prop::sample::select(vec![
        (vec!["a"], vec!["a", "aa", "a", "aaa"]),
        (vec![" "], vec![" ", "  ", "\t", "\n"]),
        (vec!["\n"], vec!["\n", " "]),
        (vec!["=\n", "\n"], vec!["\n", "\n\n", "/"]),
        (vec!["=", "-", "*"], vec!["=", "-", "\u{301}", "/", "'"]),
        (vec!["a", "b", "the", "ing", "z"], vec!["a", "the", "é", "漢", "B", "'"]),
        (vec!["漢", "字", "的", "一", "是"], vec!["漢", "不", "a", "A", "ʰ", "\u{301}"]),
        (vec!["A", "B", "THE"], vec!["A", "OF", "Ж", "a", "ʰ"]),
        (vec![" \n", "\t", "\r\n"], vec![" ", "\n", "\t", "\u{3000}", "a"]),
        (vec!["🎉", "🚀", "\u{fe0f}"], vec!["🎉", "!", "\u{301}"]),
        (vec!["7", "٣"], vec!["7", "12", "٣"]),
        (vec!["e\u{301}", "\u{301}"], vec!["\u{301}", "e"]),
    ])
    .prop_flat_map(|(units, typed)| {
        (prop::collection::vec(prop::sample::select(units), 1..40), 3000usize..9000, Just(typed))
    })
    .prop_map(|(units, times, typed)| (units.concat().repeat(times / units.len() + 1), typed))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn live_counts_are_full_counts_in_runs(
        encoding in encodings(),
        (text, typed) in run(),
        before in prop::sample::select(vec!["", " ", "x ", "(", "((", "A", "\u{301}", "\n", "漢"]),
        behind in prop::sample::select(vec!["", " ", "x", "ABC", "'s", "\n", "  9", "/", "漢"]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..400, any::<prop::sample::Index>()), 1..12),
    ) {
        let bpe = bpe(encoding);
        let mut whole: Vec<u16> = [before, &text, behind].concat().encode_utf16().collect();
        let mut counter = LiveCounter::new(bpe, &whole);
        prop_assert_eq!(counter.tokens(), bpe.count(&String::from_utf16_lossy(&whole)));
        for (start, delete, insert) in edits {
            let insert: Vec<u16> = typed[insert.index(typed.len())].encode_utf16().collect();
            let start = start.index(whole.len() + 1);
            let delete = delete.saturating_sub(200).min(whole.len() - start);
            whole.splice(start..start + delete, insert.iter().copied());
            let found = counter.splice(start, delete, &insert).unwrap();
            prop_assert_eq!(found, bpe.count(&String::from_utf16_lossy(&whole)));
        }
    }
}
