//! Prompts with the hints a careful editor would give (`tests/practice/hints/README.md`), and how the
//! detectors do on them.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)] // A file of ours that cannot be read must fail.

use promptfare::practice::hints::{Kind, Review, review};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A label: a kind, and the words meant where it is about words.
pub struct Label {
    pub kind: Kind,
    pub spans: Vec<String>,
}

pub struct Case {
    pub language: String,
    pub labels: Vec<Label>,
    pub request: Value,
}

pub fn read(name: &str) -> Vec<Case> {
    let path = format!("{}/tests/practice/hints/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.strip_prefix("## ").unwrap();
    text.split("\n## ").map(case).collect()
}

fn case(text: &str) -> Case {
    let (head, body) = text.split_once('\n').unwrap();
    let (language, labels) = head.split_once('|').unwrap();
    let labels = labels.split(';').map(str::trim).filter(|label| !label.is_empty()).map(|label| {
        let mut parts = label.split(['«', '»']);
        let name = parts.next().unwrap().trim();
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let spans = parts.step_by(2).map(str::to_owned).filter(|span| !span.is_empty()).collect();
        Label { kind: kind.unwrap_or_else(|| panic!("no kind {name}")), spans }
    });
    let labels: Vec<Label> = labels.collect();
    let mut messages: Vec<(String, String)> = Vec::new();
    for line in body.trim_end().lines() {
        match line {
            "@system" | "@user" | "@assistant" => {
                messages.push((line[1..].to_owned(), String::new()))
            }
            _ => {
                if messages.is_empty() {
                    messages.push(("user".into(), String::new()));
                }
                let (_, text) = messages.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let messages: Vec<Value> = messages
        .iter()
        .map(|(role, text)| json!({ "role": role, "content": text.trim_end() }))
        .collect();
    let all =
        messages.iter().map(|message| message["content"].as_str().unwrap()).collect::<String>();
    for span in labels.iter().flat_map(|label| &label.spans) {
        assert!(all.contains(span.as_str()), "«{span}» is not in its prompt");
    }
    Case { language: language.trim().to_owned(), labels, request: json!({ "messages": messages }) }
}

/// Hints given that a label has, hints given that none has, labels without a hint.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub right: u32,
    pub wrong: u32,
    pub missed: u32,
}

impl Tally {
    pub fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong).max(1))
    }

    pub fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.missed).max(1))
    }
}

/// What was made of one case: given hints and whether each is right, and labels that were missed.
pub struct Judged {
    pub given: Vec<(Kind, String, bool)>,
    pub missed: Vec<(Kind, String)>,
    pub review: Review,
}

pub fn judge(case: &Case) -> Judged {
    let review = review(&case.request, None, None).unwrap();
    let mut taken = vec![false; case.labels.len()];
    let mut given = Vec::new();
    for hint in &review.hints {
        let content =
            |message: usize| case.request["messages"][message]["content"].as_str().unwrap();
        let places: Vec<_> = std::iter::once(&hint.place).chain(&hint.others).collect();
        let fits = |label: &Label| {
            label.kind == hint.kind
                && (label.spans.is_empty()
                    || label.spans.iter().any(|span| {
                        places.iter().any(|place| {
                            let text = content(place.message);
                            text.match_indices(span.as_str()).any(|(at, _)| {
                                let start = text[..at].encode_utf16().count();
                                let end = start + span.encode_utf16().count();
                                place.start < end && start < place.end
                            })
                        })
                    }))
        };
        // A label is met once: a second hint for it is one too many.
        let found = (0..taken.len()).find(|at| !taken[*at] && fits(&case.labels[*at]));
        if let Some(at) = found {
            taken[at] = true;
        }
        given.push((hint.kind, hint.place.quote.clone(), found.is_some()));
    }
    let left = case.labels.iter().zip(&taken).filter(|(_, taken)| !**taken);
    let missed = left.map(|(label, _)| (label.kind, label.spans.join(" / "))).collect();
    Judged { given, missed, review }
}

/// Tallies by kind and by language, in the order of their names, and over all.
pub struct Tallies {
    pub kinds: BTreeMap<&'static str, Tally>,
    pub languages: BTreeMap<String, (u32, Tally)>,
    pub all: Tally,
}

pub fn tallies(cases: &[Case]) -> Tallies {
    let mut out =
        Tallies { kinds: BTreeMap::new(), languages: BTreeMap::new(), all: Tally::default() };
    for case in cases {
        let judged = judge(case);
        let language = if ["en", "de", "fr", "es"].contains(&case.language.as_str()) {
            case.language.clone()
        } else {
            "other".to_owned()
        };
        let (count, language) = out.languages.entry(language).or_default();
        *count += 1;
        for (kind, _, right) in &judged.given {
            for tally in [&mut out.all, &mut *language, out.kinds.entry(kind.name()).or_default()] {
                if *right {
                    tally.right += 1;
                } else {
                    tally.wrong += 1;
                }
            }
        }
        for (kind, _) in &judged.missed {
            for tally in [&mut out.all, &mut *language, out.kinds.entry(kind.name()).or_default()] {
                tally.missed += 1;
            }
        }
    }
    out
}
