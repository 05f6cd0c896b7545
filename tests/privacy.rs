//! Secrets and personal data: found, masked, restored.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::string_slice)] // Tests report by panicking.

#[path = "../examples/privacy_report/generate.rs"]
mod generate;

use generate::{Lot, document, value};
use promptfare::chat::{ChatRequest, mask};
use promptfare::privacy::{Action, Found, Kind, Look, Masker, Options, Restorer, Vault, find};
use promptfare::stream::{Piece, ToolCallDelta, Unmask};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::{Duration, Instant};

fn told(text: &str) -> Vec<(&'static str, &str)> {
    let found = find(text, Look::ALL);
    found.iter().map(|one| (one.kind.name(), &text[one.start..one.end])).collect()
}

/// 36 characters whose checksum does not hold.
const DRAWN: &str = "q7RkT2mZ9xLw4VbN8cYd3HfJ6gPs5KaE1uXo";

#[test]
fn finds_what_has_a_form() {
    let pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n-----END EC PRIVATE KEY-----";
    let cases: Vec<(String, &str, String)> = vec![
        (format!("use ghp_{DRAWN}."), "github", format!("ghp_{DRAWN}")),
        (format!("key=sk-proj-{DRAWN}"), "openai", format!("sk-proj-{DRAWN}")),
        (format!("\\nsk-ant-api03-{DRAWN}"), "anthropic", format!("sk-ant-api03-{DRAWN}")),
        (pem.to_owned(), "private-key", pem.to_owned()),
        (pem.replace('\n', "\\n"), "private-key", pem.replace('\n', "\\n")),
        ("postgres://app:p@ss7word@db/x".into(), "url-password", "p@ss7word".into()),
        ("\"password\": \"hunter2!\",".into(), "assigned", "hunter2!".into()),
        ("DB_PASSWORD=hunter2!x\n".into(), "assigned", "hunter2!x".into()),
        ("<password>hunter2!</password>".into(), "assigned", "hunter2!".into()),
        ("mail bob@mail.de, please".into(), "email", "bob@mail.de".into()),
        ("schreib an jürgen@müller.de!".into(), "email", "jürgen@müller.de".into()),
        ("发到zhang@example.cn吧".into(), "email", "zhang@example.cn".into()),
        ("'bob@mail.de'".into(), "email", "bob@mail.de".into()),
        ("call +49 171 1234567 today".into(), "phone", "+49 171 1234567".into()),
        ("(212) 555-0187".into(), "phone", "(212) 555-0187".into()),
        ("Tel.: 612345678".into(), "phone", "612345678".into()),
        ("card 4111 1111 1111 1111, exp 04/27".into(), "card", "4111 1111 1111 1111".into()),
        ("378282246310005".into(), "card", "378282246310005".into()),
        ("DE89 3704 0044 0532 0130 00".into(), "iban", "DE89 3704 0044 0532 0130 00".into()),
        ("gb82west12345698765432".into(), "iban", "gb82west12345698765432".into()),
        ("from 81.2.69.142:443".into(), "ip", "81.2.69.142".into()),
        ("at 2a01:4f8:c2c:123f::1.".into(), "ip", "2a01:4f8:c2c:123f::1".into()),
        ("ether 3c:22:fb:7a:01:9d up".into(), "mac", "3c:22:fb:7a:01:9d".into()),
        ("SSN 219-09-9998".into(), "us-ssn", "219-09-9998".into()),
    ];
    for (text, kind, value) in &cases {
        assert_eq!(told(text), [(*kind, value.as_str())], "{text}");
    }
}

#[test]
fn leaves_alone_what_only_looks_so() {
    for text in [
        "sk-... and sk-xxxxxxxxxxxxxxxxxxxxxxxx and your-api-key-here",
        "AKIAIOSFODNN7EXAMPLE",
        "password: string; token = get_token(1); secret = os.environ[\"X1\"]",
        "DATABASE_URL=postgres://user:password@localhost/db TOKEN=${TOKEN1}",
        "Password: at least 8 characters",
        "risk-adjusted task-force-2024 desk_live_abcdefghijklmnop1234",
        "icon@2x.png, lodash@4.17.21, @media, git@github.com:acme/shop.git, user@host",
        "version 1.2.3.4, Chrome/120.0.6099.71, pip install x==21.3.44.101",
        "2025-03-12T08:12:31Z, 12.03.2025 08:30, 03/12/2025, 08:30-12:15",
        "ISBN 978-3-16-148410-0, ISBN 0-306-40615-2",
        "4111 1111 1111 1112 and DE88 3704 0044 0532 0130 00",
        "550e8400-e29b-41d4-a716-446655440000 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "std::vector<a::b> dead::beef 12:34:56 1:8:28:70:56:28:8:1",
        "000-12-3456 666-12-3456 912-34-5678 123-00-4567",
        "-----BEGIN PUBLIC KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n-----END PUBLIC KEY-----",
        "\"max_tokens\": 4096, \"timestampCallStart\": 1756328400",
    ] {
        assert_eq!(told(text), [], "{text}");
    }
}

#[test]
fn says_what_is_sure() {
    let sure = |text: &str| find(text, Look::ALL)[0].sure;
    for seed in 0..50 {
        // Of the documented form, with its checksum.
        assert!(sure(&value("npm", &mut Lot::new(seed), false)));
    }
    assert!(!sure(&format!("ghp_{DRAWN}")) && !sure("DB_PASSWORD=hunter2!x"));
    assert!(sure("81.2.69.142") && !sure("192.168.0.17") && !sure("bob@example.com"));
}

/// Precision and recall on the documents of the report, fewer of them. The bounds are far below what
/// the report prints.
#[test]
fn finds_what_was_planted() {
    for held in [false, true] {
        let mut lot = Lot::new(if held { 12 } else { 11 });
        let (mut planted, mut hit, mut found, mut right) = (0, 0, 0, 0);
        for _ in 0..600 {
            let made = document(&mut lot, held);
            let list = find(&made.text, Look::ALL);
            let covers = |one: &Found, start: usize, end: usize| {
                one.start <= start && one.end >= end && one.end - one.start <= end - start + 2
            };
            let secret = |name: &str| Kind::ALL.iter().any(|k| k.name() == name && k.is_secret());
            planted += made.planted.len();
            hit += made
                .planted
                .iter()
                .filter(|p| {
                    list.iter()
                        .any(|o| o.kind.is_secret() == secret(&p.kind) && covers(o, p.start, p.end))
                })
                .count();
            found += list.len();
            right += list
                .iter()
                .filter(|o| {
                    made.planted
                        .iter()
                        .any(|p| o.kind.is_secret() == secret(&p.kind) && covers(o, p.start, p.end))
                })
                .count();
        }
        assert!(planted > 1_000 && hit * 100 >= planted * 95, "{hit} of {planted}");
        assert!(right * 100 >= found * 95, "{right} of {found}");
    }
}

/// Every sort of text that is all beginnings; half a second for 200 kB is a hundred times what it takes.
#[test]
fn takes_no_longer_for_hostile_texts() {
    for part in [
        "4",
        "@",
        ".",
        "-",
        ":",
        "=",
        "_",
        "[",
        "\"",
        "\\",
        "a@",
        "a.",
        "sk-",
        "://",
        "://a:",
        "eyJ.",
        "1 ",
        "1-",
        "1.",
        "DE44",
        "DE44 ",
        "password=",
        "password: '",
        "-----BEGIN PRIVATE KEY-----",
        "a-1-",
        "[EMAIL",
        "0123 4567890 ",
        "1:1:",
        "::",
        "x@a.b.",
        "Bearer a1",
        "é@",
        "用户@",
        "ghp_",
        "AKIA",
        "http://a:a@",
        "\\n",
        "(1) ",
        "+1 ",
        "Tel 1",
    ] {
        let text = part.repeat(200_000 / part.len());
        let began = Instant::now();
        let found = find(&text, Look::ALL);
        let (masked, vault) = masked_text(&text);
        assert_eq!(vault.restore(&masked), text, "{part}");
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{part}: {:?}, {}",
            began.elapsed(),
            found.len()
        );
    }
}

fn everything() -> Options {
    Options { secrets: Action::Mask, personal: Action::Mask, allow: Vec::new() }
}

fn masked_text(text: &str) -> (String, Vault) {
    let mut masker = Masker::new(everything());
    masker.look(None, None, text);
    masker.settle();
    let masked = masker.mask(text).unwrap_or_else(|| text.to_owned());
    (masked, masker.into_vault())
}

fn masked_request(value: Value) -> (Value, Vault, Value) {
    let mut request = ChatRequest::from_value(value).unwrap();
    let mut masker = Masker::new(everything());
    mask::look(&request, &mut masker);
    mask::mask(&mut request, &masker);
    let told = masker.told();
    (request.to_value(), masker.into_vault(), told)
}

#[test]
fn the_same_value_has_the_same_stand_in_everywhere() {
    let key = format!("sk-proj-{DRAWN}");
    let (sent, vault, told) = masked_request(json!({
        "model": "gpt-5", "user": "bob@mail.de",
        "messages": [
            {"role": "system", "content": "Contact: bob@mail.de"},
            {"role": "user", "name": "bob@mail.de", "content": [{"type": "text", "text": format!("{key} and eve@mail.de and [EMAIL2]")},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
                "function": {"name": "send", "arguments": "{\"to\": \"bob@mail.de\", \"password\": \"a\\\"b,7!c\", \"n\": 1.50, \"card\": 4111111111111111}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "sent to bob@mail.de"},
        ],
        "tools": [{"type": "function", "function": {"name": "send", "description": "e.g. eve@mail.de", "parameters": {"type": "object", "properties": {"to": {"type": "string", "default": "bob@mail.de"}}}}}],
    }));
    let wire = sent.to_string();
    for value in ["bob@mail.de", "eve@mail.de", &key, "4111111111111111", "b,7!c"] {
        assert!(!wire.contains(value), "{value} in {wire}");
        assert!(!told.to_string().contains(value), "{told}");
    }
    assert_eq!(sent["messages"][0]["content"], "Contact: [EMAIL1]");
    assert_eq!(sent["messages"][1]["content"][0]["text"], "[SECRET1] and [EMAIL3] and [EMAIL2]");
    assert_eq!(
        (&sent["user"], &sent["messages"][1]["name"]),
        (&json!("[EMAIL1]"), &json!("[EMAIL1]"))
    );
    assert_eq!(sent["messages"][3]["content"], "sent to [EMAIL1]");
    let arguments = sent["messages"][2]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    assert_eq!(
        arguments,
        "{\"to\": \"[EMAIL1]\", \"password\": \"[SECRET2]\", \"n\": 1.50, \"card\": \"[CARD1]\"}"
    );
    let back: Value = serde_json::from_str(&vault.restore_json(arguments)).unwrap();
    assert_eq!((&back["password"], &back["to"]), (&json!("a\"b,7!c"), &json!("bob@mail.de")));
    // Places are in UTF-16 units of the text as it was.
    let place = &told["found"][1]["places"][0];
    assert_eq!(
        (&place["message"], &place["part"], &place["start"]),
        (&json!(1), &json!(0), &json!(0))
    );
    assert_eq!((&told["counts"]["email"], &told["masked"]), (&json!(2), &json!(5)));
}

#[test]
fn a_conversation_that_goes_on_keeps_its_stand_ins() {
    let first = json!({"messages": [{"role": "user", "content": "bob@mail.de"}]});
    let next = json!({"messages": [{"role": "user", "content": "bob@mail.de"},
        {"role": "assistant", "content": "Wrote to bob@mail.de"}, {"role": "user", "content": "and eve@mail.de"}]});
    assert_eq!(masked_request(first).0["messages"][0], masked_request(next).0["messages"][0]);
}

#[test]
fn what_is_allowed_stays() {
    let options =
        Options::from_value(&json!({"personal": "mask", "allow": ["@acme.com", "10.0.0.7"]}))
            .unwrap();
    let mut masker = Masker::new(options);
    let text = "a@acme.com b@acme.org 10.0.0.7 DB_PASSWORD=hunter2!x";
    masker.look(None, None, text);
    masker.settle();
    assert_eq!(masker.mask(text).unwrap(), "a@acme.com [EMAIL1] 10.0.0.7 DB_PASSWORD=hunter2!x");
    assert!(masker.refused().is_empty());
    for (value, names) in [
        (json!({"secret": "mask"}), "privacy.secret"),
        (json!({"secrets": "hide"}), "privacy.secrets"),
        (json!({"allow": "x"}), "privacy.allow"),
        (json!([]), "privacy"),
    ] {
        assert!(Options::from_value(&value).unwrap_err().message().contains(names));
    }
}

#[test]
fn restores_what_models_make_of_stand_ins() {
    let (_, vault) = masked_text("bob@mail.de");
    for said in ["[EMAIL1]", "[email1]", "[EMAIL_1]", "[EMAIL\\_1]", "[EMAIL-1]", "[Email 1]"] {
        assert_eq!(vault.restore(&format!("x {said}.")), "x bob@mail.de.", "{said}");
    }
    for other in
        ["[EMAIL12]", "[EMAIL01]", "[EMAIL2]", "EMAIL1", "[EMAIL1", "[PHONE1]", "[[", "[EMAILS1]"]
    {
        assert_eq!(vault.restore(other), other);
    }
}

/// All ways to cut a text into `parts` pieces would be many; every place, and every pair of places, is cut.
#[test]
fn restores_whatever_the_cut() {
    let text = "Grüße an bob@mail.de und eve@mail.de, [EMAIL und password: 'a\"b7!c'";
    let (masked, vault) = masked_text(text);
    let vault = Rc::new(vault);
    for answer in [
        masked.clone(),
        format!("{masked}[EMAIL1][EMAIL2][EMAIL12][email1][[EMAIL1] [SECRET"),
        "[EMA".to_owned(),
    ] {
        let whole = vault.restore(&answer);
        let cuts: Vec<usize> =
            (0..=answer.len()).filter(|at| answer.is_char_boundary(*at)).collect();
        for (n, first) in cuts.iter().enumerate() {
            for second in &cuts[n..] {
                let mut restorer = Restorer::new(vault.clone(), false);
                let mut out = restorer.push(&answer[..*first]);
                out += &restorer.push(&answer[*first..*second]);
                out += &restorer.push(&answer[*second..]);
                out += &restorer.end();
                assert_eq!(out, whole);
            }
        }
    }
}

#[test]
fn holds_back_no_more_than_it_must() {
    let (_, vault) = masked_text("bob@mail.de");
    let mut restorer = Restorer::new(Rc::new(vault), false);
    for (piece, out) in [
        ("a [", "a "),
        ("x", "[x"),
        ("[P", "[P"),
        ("[EMAIL", ""),
        ("2", "[EMAIL2"),
        ("[EMAIL", ""),
        ("1", ""),
        ("]!", "bob@mail.de!"),
    ] {
        assert_eq!(restorer.push(piece), out, "{piece}");
    }
    assert_eq!(restorer.end(), "");
}

#[test]
fn restores_every_part_of_a_piece_by_itself() {
    let (_, vault) = masked_text("password: 'a\"b7!c' bob@mail.de");
    let mut unmask = Unmask::new(Rc::new(vault));
    let call = |index, arguments: &str| ToolCallDelta {
        index,
        arguments: arguments.to_owned(),
        ..ToolCallDelta::default()
    };
    let mut said = (String::new(), String::new(), [String::new(), String::new()]);
    let mut pieces: Vec<Piece> = Vec::new();
    for place in 0..9 {
        let at = |text: &str| text.get(place..place + 1).map(str::to_owned);
        pieces.push(Piece {
            text: at("[EMAIL1]"),
            reasoning: at("[SECRET1]"),
            refusal: None,
            tool_calls: vec![
                call(0, &at("\"[EMAIL1]").unwrap_or_default()),
                call(1, &at("[SECRET1]").unwrap_or_default()),
            ],
        });
    }
    let mut take = |piece: Option<Piece>| {
        if let Some(piece) = piece {
            assert_ne!(piece, Piece::default());
            said.0 += &piece.text.unwrap_or_default();
            said.1 += &piece.reasoning.unwrap_or_default();
            for delta in piece.tool_calls {
                said.2[delta.index] += &delta.arguments;
            }
        }
    };
    for piece in &pieces {
        take(unmask.push(piece));
    }
    take(unmask.end());
    assert_eq!((said.0.as_str(), said.1.as_str()), ("bob@mail.de", "a\"b7!c"));
    assert_eq!(said.2, ["\"bob@mail.de".to_owned(), "a\\\"b7!c".to_owned()]);
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was(seed in any::<u64>(), cuts in prop::collection::vec(1usize..40, 0..400)) {
        let made = document(&mut Lot::new(seed), seed % 2 == 0);
        let (masked, vault) = masked_text(&made.text);
        for one in find(&made.text, Look::ALL) {
            // A short value may be part of another.
            prop_assert!(one.end - one.start < 8 || !masked.contains(&made.text[one.start..one.end]));
        }
        prop_assert_eq!(vault.restore(&masked), made.text.clone());
        let mut restorer = Restorer::new(Rc::new(vault), false);
        let (mut out, mut rest) = (String::new(), masked.as_str());
        for cut in cuts {
            let most = cut.min(rest.len());
            let at = (0..=most).rev().find(|at| rest.is_char_boundary(*at)).unwrap();
            out += &restorer.push(&rest[..at]);
            rest = &rest[at..];
        }
        out += &restorer.push(rest);
        out += &restorer.end();
        prop_assert_eq!(out, made.text);
    }

    #[test]
    fn any_bytes_are_read(text in "(?s).{0,400}", json in prop::bool::ANY) {
        let found = find(&text, Look::ALL);
        for pair in found.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start);
        }
        for one in &found {
            prop_assert!(text.get(one.start..one.end).is_some_and(|value| !value.is_empty()));
        }
        let (masked, vault) = masked_text(&text);
        prop_assert_eq!(vault.restore(&masked), text.clone());
        if json {
            let arguments = json!({"password": text, "list": [text]}).to_string();
            let mut masker = Masker::new(everything());
            masker.look_json(None, &arguments);
            masker.settle();
            let masked = masker.mask_json(&arguments).unwrap_or(arguments.clone());
            prop_assert!(serde_json::from_str::<Value>(&masked).is_ok());
            let back: Value = serde_json::from_str(&masker.into_vault().restore_json(&masked)).unwrap();
            prop_assert_eq!(back, serde_json::from_str::<Value>(&arguments).unwrap());
        }
    }
}
