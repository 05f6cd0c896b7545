//! Practice: hints held to labelled prompts, and what holds of them whatever comes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)] // A test that cannot read must fail.

#[path = "practice/labelled.rs"]
mod labelled;
mod shared;

use labelled::{read, tallies};
use promptfare::practice::hints::{Kind, Review, applied, review};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn ask(text: &str) -> Review {
    review(&json!({ "messages": [{ "role": "user", "content": text }] }), None, None).unwrap()
}

fn kinds(review: &Review) -> Vec<Kind> {
    review.hints.iter().map(|hint| hint.kind).collect()
}

#[test]
fn nine_of_ten_hints_are_right_on_prompts_kept_apart() {
    let cases = read("held");
    assert!(cases.len() + read("dev").len() >= 320 && cases.len() >= 170);
    let silent = cases.iter().filter(|case| case.labels.is_empty()).count();
    assert!(silent * 100 >= cases.len() * 45, "{silent} deserve no hint");
    let tallies = tallies(&cases);
    for (kind, tally) in &tallies.kinds {
        println!(
            "{kind}: precision {:.2}, recall {:.2}, {} given, {} labels",
            tally.precision(),
            tally.recall(),
            tally.right + tally.wrong,
            tally.right + tally.missed
        );
    }
    println!("all: precision {:.2}, recall {:.2}", tallies.all.precision(), tallies.all.recall());
    assert!(tallies.all.precision() >= 0.9, "{:?}", tallies.all);
    // Silence is precise too: a floor under what is found.
    assert!(tallies.all.recall() >= 0.7, "{:?}", tallies.all);
    for kind in Kind::ALL {
        let tally = tallies.kinds[kind.name()];
        assert!(tally.precision() >= 0.8 && tally.right > 0, "{}: {tally:?}", kind.name());
    }
    let (_, other) = tallies.languages["other"];
    assert_eq!(other.right + other.wrong, 0, "a language that is not supported");
}

#[test]
fn languages_that_are_not_supported_are_named() {
    for (text, code) in [
        ("Riassumi il seguente testo. Fai qualcosa di bello per il nostro sito.", "it"),
        ("Streść poniższy tekst. Zrób to jakoś ładnie i nie za długo.", "pl"),
        ("Напиши что-нибудь хорошее для нашего сайта и т. д.", "ru"),
        ("何かいい感じの文章を書いてください。", "ja"),
        ("لخص النص التالي في جملة واحدة.", "ar"),
    ] {
        let review = ask(text);
        assert_eq!(
            (review.language.code, review.language.supported),
            (Some(code), false),
            "{text}"
        );
        assert!(review.hints.is_empty() && !review.notes.is_empty());
    }
    // Too little to tell from.
    let short = ask("ok");
    assert!(!short.language.supported && short.hints.is_empty());
}

#[test]
fn what_is_quoted_or_code_holds_no_instruction() {
    for text in [
        "Which of these is vague? \"make it good\" or `etc.` or 'some stuff'",
        "Fix the typo in the next lines.\n```\n// make it better, do not use X. Use X.\n```",
        "> In one sentence. At least 300 words.\n\nIs this mail rude?",
        "Is the brief below clear? Answer yes or no.\n<brief>\nUse no lists. Answer as a list. Make it good.\n</brief>",
    ] {
        assert_eq!(kinds(&ask(text)), [], "{text}");
    }
}

#[test]
fn places_are_in_utf_16_units() {
    let text =
        "🎂🎂 Ein Satz? Please write a toast for Zoë 🎂, make it funny and stuff. She likes 🚲.";
    let review = ask(text);
    let hint = review.hints.iter().find(|hint| hint.kind == Kind::Vague).unwrap();
    assert_eq!(hint.place.quote, "and stuff");
    let units: Vec<u16> = text.encode_utf16().collect();
    assert_eq!(String::from_utf16(&units[hint.place.start..hint.place.end]).unwrap(), "and stuff");
    let request = json!({ "messages": [{ "role": "user", "content": text }] });
    let changed = applied(&request, hint).unwrap();
    assert_eq!(
        changed["messages"][0]["content"],
        "🎂🎂 Ein Satz? Please write a toast for Zoë 🎂, make it funny. She likes 🚲."
    );
}

#[test]
fn an_edit_is_counted_on_the_whole_request() {
    let rule = "Never promise a date of delivery to a customer who asks for one. ";
    let mut system = String::new();
    for number in 0..24 {
        system.push_str(&format!(
            "Rule {number} concerns shelf {number} and its {number} boxes of tea. "
        ));
        system.push_str(rule);
    }
    let request = json!({
        "model": "gpt-4o",
        "messages": [
            { "role": "system", "content": [{ "type": "text", "text": system }] },
            { "role": "user", "content": "Where is my parcel, please?" },
        ],
    });
    let review = review(&request, Some("gpt-4o"), Some(&shared::Heart)).unwrap();
    assert_eq!(kinds(&review), [Kind::LongSystem]);
    let hint = &review.hints[0];
    assert_eq!((hint.place.message, hint.place.part), (0, Some(0)));
    let changed = applied(&request, hint).unwrap();
    let left = changed["messages"][0]["content"][0]["text"].as_str().unwrap();
    assert_eq!(left.matches("Never promise").count(), 1);
    assert_eq!(left.matches("concerns shelf").count(), 24);
    let tokens = hint.tokens.unwrap();
    assert!(tokens.after + 150 < tokens.before, "{tokens:?}");
}

#[test]
fn length_alone_needs_thousands_of_words_and_little_beside_them() {
    let mut system = String::new();
    for number in 0..320 {
        system.push_str(&format!("The case with number {number} belongs to desk {}. ", number * 7));
    }
    let request = |user: &str| {
        json!({ "messages": [
            { "role": "system", "content": system },
            { "role": "user", "content": user },
        ] })
    };
    let short = review(&request("Which desk has case 12?"), None, None).unwrap();
    assert_eq!(kinds(&short), [Kind::LongSystem]);
    assert!(short.hints[0].edit.is_none());
    let long = "Our case is a long story, and here it goes on for a while. ".repeat(60);
    assert_eq!(kinds(&review(&request(&long), None, None).unwrap()), []);
}

#[test]
fn a_request_of_another_shape_is_an_error_or_silence() {
    assert!(review(&json!("text"), None, None).is_err());
    assert!(review(&json!({ "messages": {} }), None, None).is_err());
    for messages in
        [json!([]), json!([1, null, "x"]), json!([{ "role": "user", "content": [{}, 5] }])]
    {
        let review = review(&json!({ "messages": messages }), None, None).unwrap();
        assert!(review.hints.is_empty());
    }
}

/// What holds of every hint: its place is there, and its quotation is what stands there.
fn sound(request: &Value) {
    let review = review(request, None, None).unwrap();
    for hint in &review.hints {
        for place in std::iter::once(&hint.place).chain(&hint.others) {
            let content = &request["messages"][place.message]["content"];
            let text = match place.part {
                Some(part) => content[part]["text"].as_str().unwrap(),
                None => content.as_str().unwrap(),
            };
            let units: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(String::from_utf16(&units[place.start..place.end]).unwrap(), place.quote);
            assert!(!place.quote.is_empty());
        }
        if hint.edit.is_some() {
            let changed = applied(request, hint).unwrap();
            assert_ne!(&changed, request);
        }
    }
    assert!(review.to_value()["hints"].as_array().unwrap().len() <= 24);
}

#[test]
fn every_labelled_prompt_is_read_soundly() {
    for case in read("dev").iter().chain(&read("held")) {
        sound(&case.request);
    }
}

fn piece() -> impl Strategy<Value = String> {
    let words = [
        "make it good",
        "etc.",
        "Write",
        "summarize",
        "do not use lists",
        "as a bulleted list",
        "in one sentence",
        "at least 300 words",
        "answer in German",
        "answer in French",
        "and stuff",
        "please",
        "also",
        "?",
        ".",
        ":",
        "\n",
        "\n\n",
        "```\n",
        "\"",
        "„",
        "“",
        "«",
        "- ",
        "1. ",
        "A. ",
        "---\n",
        "<tag>\n",
        "</tag>\n",
        "🎂",
        "é",
        "fasse",
        "zusammen",
        "résume",
        "texte",
        "algo bonito",
        "the",
        "und",
        "der",
        "l'",
        "2,000-word",
        "...",
    ];
    prop_oneof![prop::sample::select(words.to_vec()).prop_map(str::to_owned), "\\PC{0,6}"]
}

proptest! {
    #[test]
    fn any_text_is_read_soundly(
        system in prop::collection::vec(piece(), 0..30),
        user in prop::collection::vec(piece(), 0..40),
        list in any::<bool>(),
    ) {
        let user = user.join(" ");
        let content = if list { json!([{ "type": "text", "text": user }]) } else { json!(user) };
        sound(&json!({ "messages": [
            { "role": "system", "content": system.join(" ") },
            { "role": "user", "content": content },
        ] }));
    }

    #[test]
    fn an_edit_leaves_what_it_does_not_name(user in prop::collection::vec(piece(), 0..40)) {
        let text = user.join(" ");
        let request = json!({ "messages": [{ "role": "user", "content": text }] });
        for hint in review(&request, None, None).unwrap().hints {
            let Some(edit) = &hint.edit else { continue };
            let changed = applied(&request, &hint).unwrap();
            let after: Vec<u16> = changed["messages"][0]["content"].as_str().unwrap().encode_utf16().collect();
            let before: Vec<u16> = text.encode_utf16().collect();
            prop_assert_eq!(&after[..edit.start], &before[..edit.start]);
            let tail = before.len() - edit.end;
            prop_assert_eq!(&after[after.len() - tail..], &before[edit.end..]);
        }
    }
}

/// A megabyte of what each rule looks at most closely takes no longer than its size explains.
#[test]
fn time_grows_with_the_text() {
    let pieces = [
        "Write a report and so on, etc. Make it good. ",
        "Do not use lists. Use a list of 5 words. At least 300 words. In one sentence. ",
        "What is it? Also translate this. By the way, who won? ",
        "Never mention prices, never mention names: mention them. \"quoted „ ",
        "- item one is said again and again.\n",
        "make make make make it it it ",
        "Ärger über die Straße, größer als „früher“ und so weiter. ",
        "plain words without an end ",
        "a.b.c: {\"x\": [1, 2]};\n",
    ];
    let took = |text: String, role: &str| {
        let request = json!({ "messages": [
            { "role": "system", "content": if role == "system" { text.as_str() } else { "" } },
            { "role": "user", "content": if role == "user" { text.as_str() } else { "Write a report." } },
        ] });
        let start = Instant::now();
        let review = review(&request, None, None).unwrap();
        assert!(review.hints.len() <= 24);
        start.elapsed()
    };
    for piece in pieces {
        for role in ["user", "system"] {
            let small =
                took(piece.repeat(100_000 / piece.len()), role).max(Duration::from_millis(5));
            let large = took(piece.repeat(1_000_000 / piece.len()), role);
            println!("{role} {large:?} {piece:?}");
            // Ten times the text: forty times leaves room for a busy machine, and none for squares.
            assert!(large < small * 40, "{role} {piece:?}: {small:?}, then {large:?}");
        }
    }
}
