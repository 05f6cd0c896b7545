//! Claude's counts: equal to `ctok`'s on the golden texts, and to themselves however a text is cut
//! or edited. `scripts/compare_claude.py` holds them to `ctok` on hundreds of thousands of texts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use promptfare::tokens::claude::{Claude, Content, Family, Frame};
use promptfare::tokens::live::{LiveCounter, Tokenizer};
use promptfare::tokens::vocabulary;
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Instant;

fn file(family: Family) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/vocabularies");
    std::fs::read(format!("{folder}/{}.bin", family.name())).unwrap()
}

static OLD: LazyLock<Claude> =
    LazyLock::new(|| Claude::from_bytes(&file(Family::Claude3)).unwrap());
static NEW: LazyLock<Claude> =
    LazyLock::new(|| Claude::from_bytes(&file(Family::Claude47)).unwrap());

/// The three ways in which a content is counted.
fn ways() -> [Content<&'static Claude>; 3] {
    [
        Content { claude: &OLD, frame: Frame::Transcript },
        Content { claude: &NEW, frame: Frame::Transcript },
        Content { claude: &NEW, frame: Frame::Markers },
    ]
}

#[test]
fn equals_the_golden_counts() {
    let golden = include_str!("golden/claude_counts.jsonl");
    let mut texts = 0;
    for line in golden.lines() {
        let (text, wanted): (String, Vec<u64>) = serde_json::from_str(line).unwrap();
        let contents = ways().map(|way| way.count(&text));
        let found = [&contents[..], &[OLD.tile(&text), NEW.tile(&text)]].concat();
        assert_eq!(found[..wanted.len()], wanted[..], "{text:?}");
        texts += 1;
    }
    assert!(texts > 800, "{texts} golden texts");
}

#[test]
fn knows_its_family() {
    assert_eq!((OLD.family(), NEW.family()), (Family::Claude3, Family::Claude47));
    assert_eq!(OLD.family().name(), "claude-3");
}

#[test]
fn refuses_other_files() {
    let good = file(Family::Claude47);
    let message = |bytes: &[u8]| Claude::from_bytes(bytes).unwrap_err().message().to_owned();
    assert!(message(&good[..good.len() - 1]).contains("length"));
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert!(message(&altered).contains("SHA-256"));
    let (_, payload) = vocabulary::read(&good).unwrap();
    let renamed = vocabulary::write("claude-5", payload).unwrap();
    assert!(message(&renamed).contains("\"claude-5\""));
    assert!(message(&vocabulary::write("claude-3", &[]).unwrap()).contains("not well made"));
}

/// Adversarial texts take their time in proportion to their length.
#[test]
fn is_linear() {
    for part in
        ["a", " ", "=", "\n", "字", "nation", "-=", "e\u{301}", "\u{323}\u{301}", "'s", "²2"]
    {
        // The best of some, since other work may come between.
        let seconds = |length: usize| {
            let text = part.repeat(length / part.len());
            let rounds = (0..5).map(|_| {
                let begin = Instant::now();
                let _ = ways().map(|way| way.count(&text));
                begin.elapsed().as_secs_f64()
            });
            rounds.fold(f64::MAX, f64::min)
        };
        let (short, long) = (seconds(20_000).max(1e-4), seconds(400_000));
        // Twenty times the length; four hundred times the time would be quadratic.
        assert!(long < 120.0 * short, "{part:?}: {short} s, then {long} s");
    }
}

/// Texts of few characters of many kinds, so that all rules meet.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => "[a-zA-Z]{1,6}",
        4 => Just(" ".to_owned()),
        2 => "[ \n\t\r]{1,4}",
        2 => "'(s|t|ll|S|d)? ?",
        3 => "[!-/:-@]{1,3}",
        2 => "[0-9]{1,5}",
        2 => "[\u{e0}-\u{ff}\u{300}-\u{303}\u{323}\u{345}]{1,3}",
        2 => "[字中文。、」】々한국가\u{1100}\u{1161}\u{11a8}]{1,3}",
        2 => "[かガ\u{3099}ーа-яЁا-ي٠-٩२०्ाกา\u{e4d}\u{e32}]{1,3}",
        2 => "[©²½№\u{fe0f}⚖😀\u{200d}\u{7f}\u{1}\u{0}\u{e000}\u{fdd0}\u{a0}\u{3000}“’]{1,3}",
        1 => ("[a=.\u{301}字 \n-]", 10usize..200).prop_map(|(c, times)| c.repeat(times)),
    ];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn counts_the_same_in_parts(text in texts()) {
        for way in ways() {
            let mut parts: Vec<String> = vec![String::new()];
            let mut left = None;
            for right in text.chars() {
                if left.is_some_and(|left| way.is_border(left, right)) {
                    parts.push(String::new());
                }
                parts.last_mut().unwrap().push(right);
                left = Some(right);
            }
            let end = parts.len() - 1;
            let sum: u64 = parts
                .iter()
                .enumerate()
                .map(|(index, part)| way.count_part(part, index == 0, index == end))
                .sum();
            prop_assert_eq!(sum, way.count(&text), "{:?}: {:?}", way, parts);
        }
    }

    #[test]
    fn a_text_without_newline_at_its_end_tiles_as_between_markers(text in texts()) {
        let tiled = NEW.tile(&text);
        let content = NEW.count(&text, Frame::Markers);
        prop_assert!(tiled == content || text.contains('\n'));
    }

    #[test]
    fn takes_any_text(text in any::<String>()) {
        for way in ways() {
            prop_assert!(way.count(&text) <= 2 * text.len() as u64 + 4);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn is_the_same_after_every_edit(
        text in texts(),
        times in 1usize..60,
        edits in prop::collection::vec((any::<(prop::sample::Index, prop::sample::Index)>(), texts()), 1..12),
    ) {
        for way in ways() {
            let mut whole: Vec<u16> = text.repeat(times).encode_utf16().collect();
            let mut counter = LiveCounter::new(way, &whole);
            prop_assert_eq!(counter.tokens(), way.count(&String::from_utf16_lossy(&whole)));
            for ((start, delete), insert) in &edits {
                let start = start.index(whole.len() + 1);
                let delete = delete.index(whole.len() - start + 1);
                let insert: Vec<u16> = insert.encode_utf16().collect();
                whole.splice(start..start + delete, insert.iter().copied());
                let found = counter.splice(start, delete, &insert).unwrap();
                prop_assert_eq!(found, way.count(&String::from_utf16_lossy(&whole)));
            }
        }
    }
}

proptest! {
    // Each case reads a whole vocabulary. `PROPTEST_CASES` asks for more.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 64, ..ProptestConfig::default() })]

    /// A payload that was altered and hashed anew gives an error or a tokenizer, never a panic.
    #[test]
    fn takes_any_payload(changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4), cut: prop::sample::Index) {
        let good = file(Family::Claude47);
        let (_, payload) = vocabulary::read(&good).unwrap();
        let mut payload = payload.to_vec();
        for (at, value) in changes {
            let at = at.index(payload.len());
            payload[at] = value;
        }
        payload.truncate(cut.index(payload.len() * 4).max(1));
        if let Ok(claude) = Claude::from_bytes(&vocabulary::write("claude-3", &payload).unwrap()) {
            for text in ["a bc ABCD e\u{301} \u{344} 字😀 12 ==================", "", " x\n\n"] {
                claude.count(text, Frame::Transcript);
                claude.tile(text);
            }
        }
    }
}
