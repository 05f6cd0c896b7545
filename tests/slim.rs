//! Slimming: what is lossless loses nothing, what is protected stays to the byte, what is accepted comes
//! together, and what is said to be saved is counted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::panic)] // Tests report by panicking.

mod shared;

use promptfare::error::{ErrorKind, Result};
use promptfare::practice::Fare;
use promptfare::practice::slim::{Kind, Slimming, apply, proposals, slim};
use promptfare::tokens::TokenEstimate;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use shared::Heart;

/// A token for each byte that is said; no prices.
struct Bytes;

fn bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(list) => list.iter().map(bytes).sum(),
        Value::Object(fields) => fields.values().map(bytes).sum(),
        _ => 1,
    }
}

impl Fare for Bytes {
    fn tokens(&self, request: &Value, _: &str) -> Result<TokenEstimate> {
        let tokens = bytes(request);
        let method = "bytes".to_owned();
        Ok(TokenEstimate { tokens, low: tokens, high: tokens, exact: true, method, parts: None })
    }

    fn cost(&self, _: &Value, _: &str) -> Result<Option<Value>> {
        Ok(None)
    }

    fn limits(&self, _: &str) -> Result<(Option<u64>, Option<u64>)> {
        Ok((None, None))
    }
}

fn asked(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": text}]})
}

fn said(request: &Value) -> &str {
    request["messages"][0]["content"].as_str().unwrap()
}

/// The ids of the proposals of a request, lossless ones only or all.
fn ids(request: &Value, lossless: bool) -> Vec<String> {
    let all = proposals(request).into_iter();
    all.filter(|p| p.kind.is_lossless() || !lossless).map(|p| p.id).collect()
}

fn lossless(request: &Value) -> Value {
    apply(request, &ids(request, true)).unwrap()
}

/// A text after all of one kind.
fn after(text: &str, kind: Kind) -> String {
    let request = asked(text);
    let ids: Vec<String> =
        proposals(&request).into_iter().filter(|p| p.kind == kind).map(|p| p.id).collect();
    said(&apply(&request, &ids).unwrap()).to_owned()
}

// ---------------------------------------------------------------- fragments

/// JSON in two forms at once: with space between its tokens, and without. Numbers are written in ways
/// that a reader would not write them again.
fn both_jsons() -> impl Strategy<Value = (String, String)> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "1",
            "-0",
            "1.50",
            "1e5",
            "1E+05",
            "12345678901234567890",
            "0.1000"
        ])
        .prop_map(|n| (n.to_owned(), n.to_owned())),
        prop::sample::select(vec![
            r#""""#,
            r#""a  b""#,
            r#""x \" y""#,
            r#""é   \u00e9""#,
            r#""{ \"no\": [ 1 ] }""#,
            r#""\\""#,
        ])
        .prop_map(|s| (s.to_owned(), s.to_owned())),
        Just(("null".to_owned(), "null".to_owned())),
    ];
    let space = || prop::sample::select(vec!["", " ", "\n", "\n    ", "\t", "  "]);
    let tree = leaf.prop_recursive(4, 24, 5, move |inner| {
        let member = (prop::sample::select(vec!["\"a\"", "\"a \"", "\"b\""]), inner.clone());
        prop_oneof![
            (prop::collection::vec(inner, 0..4), space(), space()).prop_map(|(list, a, b)| {
                let (wide, tight): (Vec<_>, Vec<_>) = list.into_iter().unzip();
                (
                    format!("[{a}{}{b}]", wide.join(&format!("{b},{a}"))),
                    format!("[{}]", tight.join(",")),
                )
            }),
            (prop::collection::vec(member, 0..4), space(), space()).prop_map(|(list, a, b)| {
                let wide: Vec<_> = list.iter().map(|(k, v)| format!("{k}{b}:{a}{}", v.0)).collect();
                let tight: Vec<_> = list.iter().map(|(k, v)| format!("{k}:{}", v.1)).collect();
                (
                    format!("{{{a}{}{b}}}", wide.join(&format!(",{a}"))),
                    format!("{{{}}}", tight.join(",")),
                )
            }),
        ]
    });
    tree.prop_filter("objects and lists", |(wide, _)| wide.starts_with(['{', '['])).prop_map(
        |(wide, tight)| (format!("{{\n  \"of\": {wide}\n}}"), format!("{{\"of\":{tight}}}")),
    )
}

fn prose() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "river", "answers", "the", "winter", "a", "Measure", "lamp", "über", "数据", "old,",
        "again.", "seven", "Please", "note", "that", "work?", "(so)", "to", "x",
    ]);
    let gap = prop::sample::select(vec![
        " ", " ", " ", "  ", "   ", "\n", " \n", "  \n", "\n\n", "\n\n\n\n", "\n \n\n",
    ]);
    (
        prop::sample::select(vec!["", "- ", "*   ", "1.  ", "  ", "## ", "    - "]),
        prop::collection::vec((word, gap), 2..24),
    )
        .prop_map(|(head, words)| {
            let text: String = words.iter().map(|(word, gap)| format!("{word}{gap}")).collect();
            format!("{head}{text}")
        })
}

/// What nobody may touch; none of it is a part of another.
fn kept() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "```\nlet  x = 1 ;   \n\n\n\n  y\n```",
        "~~~json\n{ \"a\" :   1 }\n~~~",
        "    indented   code  \n\n\n    more   of it",
        "> quoted   by someone.  Twice",
        "say `a   b` here",
        "he said \"so   it  goes\" once",
        "sie sagte „ja   und  nein“ dazu",
        "il dit «oui   et  non» alors",
        "she wrote “all   is  well” there",
        "the 'odd   one' out",
        "\"\"\"\nkeep   this \n\n\n\nand this\n\"\"\"",
        "<pre>\n a   b\n</pre>",
        "$$\nx   = y\n$$",
    ])
    .prop_map(str::to_owned)
}

fn table() -> impl Strategy<Value = (String, Vec<Vec<String>>)> {
    let cell = prop::sample::select(vec!["a", "two words", "", "1.50", "x \\| y", "`k  v`", "ü"]);
    (2..4_usize).prop_flat_map(move |columns| {
        (prop::collection::vec(prop::collection::vec(cell.clone(), columns), 2..5), 0..9_usize)
            .prop_map(move |(mut rows, pad)| {
                rows[0] = vec!["head"; columns];
                let mut out = Vec::new();
                for (index, row) in rows.iter().enumerate() {
                    let cells: Vec<String> = row.iter().map(|c| format!(" {c:pad$} ")).collect();
                    out.push(format!("|{}|", cells.join("|")));
                    if index == 0 {
                        out.push(format!("|{}|", vec!["-".repeat(pad + 3); columns].join("|")));
                    }
                }
                let rows =
                    rows.into_iter().map(|r| r.into_iter().map(str::to_owned).collect()).collect();
                (out.join("\n"), rows)
            })
    })
}

/// Anything at all, of the signs that matter here.
fn anything() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "`", "```", "\"", "'", "“", "”", "„", "«", "»", "|", "+", "---", "-", "{", "}", "[", "]",
        ":", ",", "<a>", "</a>", "<pre>", "/", " ", "  ", "    ", "\n", "\n\n", "\r\n", "\t", "#",
        "*", "1.", "a", "word ", "please ", ".", "?", "é", "数", "$$", ">", "~~~", "|---|",
        "\"\"\"", "\\", "1", "\u{2028}", "\u{a0}",
    ]);
    prop::collection::vec(sign, 0..60).prop_map(|signs| signs.concat())
}

/// What is left of a text without its space and with its rules one sign long.
fn bones(text: &str) -> String {
    let mut out = String::new();
    for char in text
        .chars()
        .filter(|char| !matches!(char, ' ' | '\t' | '\n' | '\r') && !char.is_whitespace())
    {
        if !(matches!(char, '-' | '=') && out.ends_with(char)) {
            out.push(char);
        }
    }
    out
}

/// A cell for each row of a table, read in another way than the crate does.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let line = line.trim().replace("\\|", "\u{1}");
        let inner = line.strip_prefix('|').unwrap().strip_suffix('|').unwrap();
        inner.split('|').map(|c| c.trim().replace('\u{1}', "\\|")).collect()
    };
    text.trim().lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, line)| cells(line)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn json_keeps_every_token_as_written((wide, tight) in both_jsons()) {
        let alone = asked(&wide);
        let slim = lossless(&alone);
        prop_assert_eq!(said(&slim), &tight);
        prop_assert!(serde_json::from_str::<Value>(&tight).is_ok());
        let among = asked(&format!("Look at this.\n\n{wide}\n\nThat was it."));
        let slim = lossless(&among);
        prop_assert_eq!(said(&slim), format!("Look at this.\n\n{tight}\n\nThat was it."));
        let call = json!({"messages": [{"role": "user", "content": "go"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function",
                "function": {"name": "f", "arguments": wide}}]},
            {"role": "tool", "tool_call_id": "c", "content": wide}]});
        let slim = lossless(&call);
        prop_assert_eq!(&slim["messages"][1]["tool_calls"][0]["function"]["arguments"], &tight);
        prop_assert_eq!(&slim["messages"][2]["content"], &tight);
    }

    #[test]
    fn tables_keep_their_cells((drawn, wanted) in table()) {
        let slim = lossless(&asked(&drawn));
        prop_assert_eq!(rows(said(&slim)), wanted.clone());
        prop_assert_eq!(rows(&drawn), wanted);
        prop_assert!(said(&slim).len() <= drawn.len());
    }

    #[test]
    fn prose_keeps_its_words_and_breaks(text in prop::collection::vec(prose(), 1..5)) {
        let text = text.join("\n");
        let slim = lossless(&asked(&text));
        let slim = said(&slim);
        prop_assert!(text.split_whitespace().eq(slim.split_whitespace()));
        // Paragraphs stay paragraphs, lines stay lines, and hard breaks stay.
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|l| !l.is_empty()).collect()
        };
        prop_assert_eq!(lines(&text), lines(slim));
        let parts = |text: &str| {
            let lines: Vec<&str> = text.trim().lines().collect();
            lines.windows(2).filter(|w| w[0].trim().is_empty() && !w[1].trim().is_empty()).count()
        };
        prop_assert_eq!(parts(&text), parts(slim));
        let breaks = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            lines.windows(2).filter(|w| w[0].ends_with("  ") && !w[0].trim().is_empty() && !w[1].trim().is_empty()).count()
        };
        prop_assert_eq!(breaks(&text), breaks(slim));
    }

    #[test]
    fn code_and_quotations_stay_to_the_byte(pieces in prop::collection::vec((prose(), kept()), 1..5)) {
        let text: String = pieces.iter().map(|(prose, kept)| format!("{prose}\n\n{kept}\n\n")).collect();
        let request = asked(&text);
        let slim = lossless(&request);
        for (_, kept) in &pieces {
            prop_assert!(said(&slim).contains(kept.as_str()), "{:?} is lost in {:?}", kept, said(&slim));
        }
        prop_assert_eq!(bones(&text), bones(said(&slim)));
    }

    #[test]
    fn what_is_lossless_is_done_at_once(text in anything(), more in prose()) {
        let request = json!({"messages": [
            {"role": "system", "content": more},
            {"role": "user", "content": [{"type": "text", "text": text}]},
            {"role": "tool", "tool_call_id": "x", "content": text},
        ], "tools": [{"type": "function", "function": {"name": "f", "description": text, "parameters": {}}}]});
        let once = lossless(&request);
        for place in ["/messages/0/content", "/messages/1/content/0/text", "/messages/2/content", "/tools/0/function/description"] {
            let both = (request.pointer(place).unwrap(), once.pointer(place).unwrap());
            prop_assert_eq!(bones(both.0.as_str().unwrap()), bones(both.1.as_str().unwrap()));
        }
        let again: Vec<_> = proposals(&once).into_iter().filter(|p| p.kind.is_lossless()).collect();
        prop_assert!(again.is_empty(), "{:?} in {}", again, once);
    }

    #[test]
    fn any_proposals_come_together_in_any_order(
        texts in prop::collection::vec((prop_oneof![prose(), anything(), kept()], 0..4_u8), 1..8),
        picks in prop::collection::vec(any::<Index>(), 0..6),
    ) {
        // What is said twice makes duplicates.
        let mut messages = Vec::new();
        for (index, (text, role)) in texts.iter().enumerate() {
            let role = ["user", "assistant", "user", "system"][usize::from(*role)];
            let again = &texts[index / 2].0;
            let text = format!("{text}\n\nOne long sentence that is said in every message of the whole talk here.\n\n{again}");
            messages.push(json!({"role": role, "content": text}));
        }
        let request = json!({"messages": messages});
        let all = ids(&request, false);
        let mut some: Vec<String> = picks.iter().filter(|_| !all.is_empty()).map(|pick| all[pick.index(all.len())].clone()).collect();
        let result = apply(&request, &some).unwrap();
        some.reverse();
        some.extend(some.clone());
        prop_assert_eq!(&apply(&request, &some).unwrap(), &result);
        let slimming = slim(&request, "m", &Bytes, &some).unwrap();
        prop_assert_eq!(&slimming.request, &result);
        check(&request, &slimming);
        // Nothing is ever emptied.
        for (before, after) in request["messages"].as_array().unwrap().iter().zip(apply(&request, &all).unwrap()["messages"].as_array().unwrap()) {
            prop_assert_eq!(before["content"].as_str().unwrap().trim().is_empty(), after["content"].as_str().unwrap().trim().is_empty());
        }
    }
}

/// What every slimming must be: edits in place and apart, and every figure counted.
fn check(request: &Value, slimming: &Slimming) {
    let value = slimming.to_value(request);
    assert_eq!(value["before"]["tokens"], bytes(request));
    assert_eq!(value["accepted"]["tokens"], bytes(&slimming.request));
    let mut lossless = Vec::new();
    let mut all = Vec::new();
    for proposal in value["proposals"].as_array().unwrap() {
        let id = proposal["id"].as_str().unwrap().to_owned();
        let alone = apply(request, std::slice::from_ref(&id)).unwrap();
        assert_eq!(proposal["tokensAfter"], bytes(&alone), "{id}");
        assert!(bytes(&alone) < bytes(request), "{id} saves nothing");
        assert_eq!(proposal["saved"]["tokens"], bytes(request) - bytes(&alone));
        let mut expected = request.clone();
        let mut last = (String::new(), 0);
        for edit in proposal["edits"].as_array().unwrap().iter().rev() {
            if edit.get("remove").is_some() {
                assert_eq!(
                    request.pointer(edit["remove"].as_str().unwrap()).unwrap(),
                    &edit["before"]
                );
                continue;
            }
            let path = edit["path"].as_str().unwrap();
            let of = |name: &str| edit[name].as_u64().unwrap() as usize;
            let text = expected.pointer_mut(path).unwrap();
            let mut units: Vec<u16> = text.as_str().unwrap().encode_utf16().collect();
            let before: Vec<u16> = edit["before"].as_str().unwrap().encode_utf16().collect();
            assert_eq!(units[of("start")..of("end")], before, "{id}");
            assert!(last.0 != path || of("end") <= last.1, "{id}: edits overlap");
            last = (path.to_owned(), of("start"));
            units.splice(of("start")..of("end"), edit["after"].as_str().unwrap().encode_utf16());
            *text = String::from_utf16(&units).unwrap().into();
        }
        if !id.starts_with("stale") && !id.starts_with("unused") {
            assert_eq!(alone, expected, "{id}: what is shown is what is done");
        }
        if proposal["lossless"] == true {
            lossless.push(id.clone());
        }
        all.push(id);
    }
    assert_eq!(value["lossless"]["tokens"], bytes(&apply(request, &lossless).unwrap()));
    assert_eq!(value["all"]["tokens"], bytes(&apply(request, &all).unwrap()));
}

// ---------------------------------------------------------------- what is found

#[test]
fn space_goes_where_it_says_nothing() {
    for (text, wanted) in [
        (
            "\n        Check the result.\n\n        Then:\n          - say so\n        ",
            "Check the result.\n\nThen:\n  - say so",
        ),
        (
            "One.  Two words   stand here apart \t\nand on",
            "One. Two words stand here apart\nand on",
        ),
        ("a line that breaks   \nhere", "a line that breaks  \nhere"),
        ("First.\n\n\n\n\nSecond.   \n\nThird.", "First.\n\nSecond.\n\nThird."),
        (
            "*   **Cold:** below zero it freezes\n*   **Warm:** above it thaws",
            "* **Cold:** below zero it freezes\n* **Warm:** above it thaws",
        ),
        ("Mix the names.\r\n\r\n\r\nThen stop.", "Mix the names.\r\n\r\nThen stop."),
        // Columns, code, a question about space.
        (
            "name   age   town here\nAnn    31    Rome here",
            "name   age   town here\nAnn    31    Rome here",
        ),
        ("if x  {\n  return   1;\n}", "if x  {\n  return   1;\n}"),
        (
            "Why is the indentation of this   text off?",
            "Why is the indentation of this   text off?",
        ),
    ] {
        assert_eq!(after(text, Kind::Whitespace), wanted, "{text:?}");
    }
}

#[test]
fn an_answer_of_a_tool_may_be_a_file() {
    let request = json!({"messages": [{"role": "user", "content": "go on"},
        {"role": "tool", "tool_call_id": "a", "content": "Some words.  More words.   \n\n\n\nEnd. \n"}]});
    assert_eq!(lossless(&request), request);
}

#[test]
fn filler_goes_and_sentences_stay_sentences() {
    for (text, wanted) in [
        (
            "Please note that the API is slow. Could you please make it fast?",
            "The API is slow. Make it fast.",
        ),
        ("I would like you to write a poem. Thanks in advance!", "Write a poem."),
        ("- please sort the list\n- In order to win, run.", "- sort the list\n- To win, run."),
        ("Könntest du bitte den Text kürzen? Vielen Dank.", "Den Text kürzen."),
        ("Bitte beachte, dass es regnet.", "Beachte, dass es regnet."),
        // A quotation, a document, thanks that are all there is.
        (
            "He wrote \"Please note that I left.\" to me.",
            "He wrote \"Please note that I left.\" to me.",
        ),
        (
            "<document>\nPlease note that rent is due.\n</document>\nSum it up.",
            "<document>\nPlease note that rent is due.\n</document>\nSum it up.",
        ),
        ("Thank you!", "Thank you!"),
    ] {
        assert_eq!(after(text, Kind::Filler), wanted, "{text:?}");
    }
}

const RULES: &str = "Every answer names its source, gives the day on which it was read, and says what it does not know.";

#[test]
fn what_was_said_before_goes_and_the_first_stays() {
    let text = format!("{RULES}\n\nNow to the weather of the north.\n\n{RULES}\n\nIt was cold.");
    let wanted = format!("{RULES}\n\nNow to the weather of the north.\n\nIt was cold.");
    assert_eq!(after(&text, Kind::Duplicate), wanted);
    // Two documents in tags of their own may say the same.
    let text = format!("<a>\n{RULES}\n</a>\n<b>\n{RULES}\n</b>\nCompare these.");
    assert_eq!(after(&text, Kind::Duplicate), text);
    // With code in it, it stays.
    let coded = RULES.replace("source", "`source`");
    let text = format!("{coded}\n\nWords between.\n\n{coded}");
    assert_eq!(after(&text, Kind::Duplicate), text);
    // What was announced is referred to.
    let text = format!("Rules:\n\n{RULES}\n\nNow once more the very same rules:\n\n{RULES}\n\nGo.");
    assert!(after(&text, Kind::Duplicate).contains("rules:\n\n(as above)\n\nGo."));
}

#[test]
fn nearly_the_same_goes_but_not_what_says_another_thing() {
    let long = "The committee met in the old hall by the river and talked for hours about the bridge, the school and \
        the library that the town wants to build before the winter comes and the roads are closed by snow again.";
    let alike = long.replace("talked", "spoke");
    let text = format!("{long}\n\nSomething else.\n\n{alike}");
    let request = json!({"messages": [{"role": "system", "content": text}, {"role": "user", "content": "What now?"}]});
    let found = proposals(&request);
    assert!(found.iter().any(|p| p.kind == Kind::NearDuplicate), "{found:?}");
    for (from, to) in [("hours", "7 hours"), ("wants", "never wants"), ("river", "Rhine")] {
        let text = format!("{long}\n\nSomething else.\n\n{}", long.replace(from, to));
        let request = json!({"messages": [{"role": "system", "content": text}, {"role": "user", "content": "What now?"}]});
        assert!(proposals(&request).iter().all(|p| p.kind != Kind::NearDuplicate), "{to}");
    }
}

/// A talk: exchanges of one question and one answer, then a question.
fn talk(exchanges: &[(&str, &str)], question: &str) -> Value {
    let mut messages = vec![json!({"role": "system", "content": "You are a guide."})];
    for (asked, answered) in exchanges {
        messages.push(json!({"role": "user", "content": asked}));
        messages.push(json!({"role": "assistant", "content": answered}));
    }
    messages.push(json!({"role": "user", "content": question}));
    json!({"messages": messages})
}

#[test]
fn turns_that_have_nothing_to_do_with_the_question_can_go_whole() {
    let exchanges = [
        ("Which castles stand near Heidelberg?", "Schloss Heidelberg, and some ruins."),
        ("How do bicycle brakes squeal?", "Dirty pads vibrate against rims."),
        ("Where do storks winter?", "Mostly in Africa, south of deserts."),
        ("And which falcons breed on castles?", "Kestrels breed on towers."),
    ];
    let question = "Do kestrels near castles hunt swallows during daylight?";
    let request = talk(&exchanges, question);
    let stale: Vec<_> =
        proposals(&request).into_iter().filter(|p| p.kind == Kind::StaleTurn).collect();
    assert_eq!(stale.len(), 1);
    let slim = apply(&request, &[stale[0].id.clone()]).unwrap();
    assert_eq!(slim["messages"].as_array().unwrap().len(), 8);
    assert!(!slim.to_string().contains("squeal") && slim.to_string().contains("Heidelberg"));
    // A question that looks back, a word that holds for later, a picture.
    let back = talk(&exchanges, "Summarise what kestrels, castles and swallows were said to do");
    assert!(proposals(&back).iter().all(|p| p.kind != Kind::StaleTurn));
    let mut always = exchanges;
    always[1].0 = "Bicycle brakes squeal. From now on call me Jo.";
    assert!(proposals(&talk(&always, question)).iter().all(|p| p.kind != Kind::StaleTurn));
    let mut picture = request;
    picture["messages"][3]["content"] = json!([{"type": "text", "text": "How do bicycle brakes squeal?"},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}]);
    assert!(proposals(&picture).iter().all(|p| p.kind != Kind::StaleTurn));
}

#[test]
fn a_call_and_its_result_go_together_or_stay() {
    let long = "Timetable of ferries between islands. ".repeat(60);
    let call = |id: &str, result: &str| {
        vec![
            json!({"role": "assistant", "content": null, "tool_calls": [{"id": id, "type": "function",
                "function": {"name": "load_timetable", "arguments": "{}"}}]}),
            json!({"role": "tool", "tool_call_id": id, "content": result}),
            json!({"role": "assistant", "content": "Done, they leave hourly."}),
        ]
    };
    let user = |text: &str| vec![json!({"role": "user", "content": text})];
    let messages: Vec<Value> = [
        user("Plan my holiday please"),
        call("a", &long),
        user("Ferries to the islands?"),
        call("b", &long),
        user("Hotels with breakfast?"),
        call("c", "none"),
        user("Museums about whales?"),
        call("d", "one"),
        user("Which museums about whales open on Monday mornings?"),
    ]
    .concat();
    let request = json!({"messages": messages});
    for proposal in proposals(&request) {
        let slim = apply(&request, &[proposal.id]).unwrap();
        let list = slim["messages"].as_array().unwrap();
        let calls: Vec<&Value> =
            list.iter().filter_map(|m| m.pointer("/tool_calls/0/id")).collect();
        let results: Vec<&Value> = list.iter().filter_map(|m| m.get("tool_call_id")).collect();
        assert_eq!(calls, results);
    }
    let kinds: Vec<Kind> = proposals(&request).iter().map(|p| p.kind).collect();
    for kind in [Kind::StaleTurn, Kind::ToolResult, Kind::Duplicate] {
        assert!(kinds.contains(&kind), "{kind:?} of {kinds:?}");
    }
    // The copy goes only where what it repeats stays.
    let both: Vec<String> = proposals(&request)
        .into_iter()
        .filter(|p| matches!(p.kind, Kind::ToolResult | Kind::Duplicate))
        .map(|p| p.id)
        .collect();
    let slim = apply(&request, &both).unwrap();
    assert!(!slim.to_string().contains("the same result as before"), "{slim}");
}

#[test]
fn tools_that_nothing_speaks_of_can_go() {
    let tool = |name: &str, about: &str| {
        json!({"type": "function", "function": {"name": name, "description": about,
            "parameters": {"type": "object", "properties": {}}}})
    };
    let request = json!({"model": "gpt-5", "messages": [
        {"role": "user", "content": "What will the weather be in Lisbon on Saturday evening?"}],
        "tools": [tool("weather_at", "Forecast for a town"), tool("book_flight", "Buys seats on airlines"),
                  tool("search", "Anything"), tool("pay_invoice", "Transfers money")]});
    let found = proposals(&request);
    let names: Vec<Kind> = found.iter().map(|p| p.kind).collect();
    assert_eq!(names, [Kind::UnusedTool, Kind::UnusedTool]);
    let slim = apply(&request, &found.iter().map(|p| p.id.clone()).collect::<Vec<_>>()).unwrap();
    let left: Vec<&str> = slim["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(left, ["weather_at", "search"]);
    let mut forced = request.clone();
    forced["tool_choice"] = json!("required");
    assert!(proposals(&forced).is_empty());
    let mut named = request;
    named["messages"][0]["content"] =
        json!("Weather in Lisbon on Saturday evening, then maybe pay_invoice and book_flight");
    assert!(proposals(&named).is_empty());
}

#[test]
fn money_and_warnings_are_told() {
    let pretty =
        serde_json::to_string_pretty(&json!({"rows": vec![json!({"a": 1, "b": [1, 2, 3]}); 60]}))
            .unwrap();
    let request = json!({"messages": [
        {"role": "system", "content": [{"type": "text", "text": pretty}, {"type": "text", "text": "Be brief.  Be kind.", "cache_control": {"type": "ephemeral"}}]},
        {"role": "user", "content": "How many rows are there?"}]});
    let slimming = slim(&request, "claude-sonnet-4", &Heart, &[]).unwrap();
    assert_eq!(slimming.request, request, "nothing is changed that is not accepted");
    let value = slimming.to_value(&request);
    let proposal = &value["proposals"][0];
    assert_eq!((&proposal["kind"], &proposal["lossless"]), (&json!("json"), &json!(true)));
    assert!(proposal["warning"].as_str().unwrap().contains("breakpoint"));
    // Three dollars a million.
    let saved = proposal["saved"]["tokens"].as_u64().unwrap();
    assert!(saved > 300, "{saved}");
    let usd = promptfare::cost::Money::parse(proposal["usdSaved"].as_str().unwrap()).unwrap();
    assert_eq!(usd.picodollars(), u128::from(saved) * 3_000_000);
    assert_eq!(proposal["saved"]["exact"], false, "no vocabulary is loaded");
    // The part that marks the breakpoint is not touched.
    assert!(!proposal["edits"].to_string().contains("Be kind"));
    let id = vec![proposal["id"].as_str().unwrap().to_owned()];
    let accepted = slim(&request, "claude-sonnet-4", &Heart, &id).unwrap();
    assert_eq!(
        accepted.accepted.tokens,
        Heart.tokens(&accepted.request, "claude-sonnet-4").unwrap().tokens
    );
    assert_eq!(
        slim(&request, "claude-sonnet-44", &Heart, &[]).unwrap_err().kind(),
        ErrorKind::UnknownModel
    );
    let error = slim(&request, "claude-sonnet-4", &Heart, &["json-1".to_owned()]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    // Without a price the tokens are told all the same.
    let unpriced = slim(&request, "ernie-5.0", &Heart, &[]).unwrap().to_value(&request);
    assert_eq!(unpriced["proposals"][0]["usdSaved"], Value::Null);
    assert!(unpriced["proposals"][0]["saved"]["tokens"].as_u64().unwrap() > 300);
}

#[test]
fn requests_of_anthropics_own_shape_are_read_too() {
    let request = json!({"system": "Be brief. \n\n\n\nBe kind.", "messages": [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "{\n  \"total\": 1,\n  \"rows\": [ ]\n}"}]}]}]});
    let slim = lossless(&request);
    assert_eq!(slim["system"], "Be brief.\n\nBe kind.");
    assert_eq!(
        slim["messages"][0]["content"][0]["content"][0]["text"],
        "{\"total\":1,\"rows\":[]}"
    );
}

#[test]
fn hostile_texts_take_no_long_time() {
    let size = 1 << 20;
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let texts = [
        fill("a"),
        fill("["),
        fill("[\n"),
        fill("{\"a\":\n"),
        fill("\""),
        fill("`"),
        fill("`a``b"),
        fill("'a "),
        fill("“"),
        fill("<a>\n"),
        fill("</a>\n"),
        fill("the same line again and again\n"),
        fill("a. "),
        fill(" "),
        fill("\n"),
        fill("|"),
        fill("|a|\n|-|\n"),
        fill("+--+\n| a |\n"),
        fill("please "),
        fill("Thank you. "),
        fill("```\n"),
        fill("\"\"\"\n"),
        fill("x  y\n"),
        fill("- a\n"),
        fill("数"),
        fill("a b c d e f g h i j k l m n o p q r s t u v\n\n"),
    ];
    // Paragraphs that all differ, each like the one before but for a few words.
    let mut different = String::new();
    for number in 0..6000_u32 {
        let word = |n: u32| format!("{:x}", n.wrapping_mul(2_654_435_761) % 9973);
        let words: Vec<String> = (0..28)
            .map(|place| word(number / 40 + place * 7 + u32::from(place == number % 28)))
            .collect();
        different.push_str(&format!("{} says it. ", words.join(" ")));
        different.push_str(if number % 3 == 0 { "\n\n" } else { "" });
    }
    for text in texts.iter().chain([&different]) {
        let started = std::time::Instant::now();
        let found = proposals(&asked(text));
        let all: Vec<String> = found.into_iter().map(|p| p.id).collect();
        apply(&asked(text), &all).unwrap();
        let took = started.elapsed();
        let head: String = text.chars().take(12).collect();
        println!("{head:?}: {} ms", took.as_millis());
        // A second each on a quiet machine; what is quadratic takes many minutes.
        assert!(took.as_secs() < 90, "{head:?}: {took:?}");
    }
}
