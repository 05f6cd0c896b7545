//! The three kinds, as stages. The words to the models are our own.

use super::{FLAGGED, Options};
use crate::chat::{ChatRequest, Content, Part, Role};
use serde_json::{Map, Value};

/// Which workflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A fast model first; a deep one where its answer does not pass.
    #[default]
    Tiered,
    /// A deep outline, fast sections side by side, supplements.
    Content,
    /// A deep design, fast functions and tests, deep debugging.
    Code,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Tiered, Self::Content, Self::Code];

    /// The stable spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tiered => "tiered",
            Self::Content => "content",
            Self::Code => "code",
        }
    }

    /// The kind of that spelling.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

const OUTLINE: &str = "{prompt}\n\nDo not write this text yet. Make its outline: {count} numbered sections, one line each, a title, a colon, and what the section says.{titles} Nothing before or after the list. Write in the language of the request.";
const SECTION: &str = "This text is being written:\n{prompt}\n\nIts outline:\n{outline}\n\nWrite section {number} of {count} alone{title}, with its title as a heading, ready for print. The other sections are written elsewhere: leave to them what is theirs. Write in the language of the request.";
const SUPPLEMENT: &str = "This text was asked for:\n{prompt}\n\nIts sections:\n{sections}\n\nNow write only this for it: {title}. Write in the language of the request.";
const DESIGN: &str = "{prompt}\n\nDo not write the program yet. Design it: {count} numbered functions, each with its name, its signature, what it promises, its edge cases and its errors, and which calls which.{titles}";
const FUNCTION: &str = "This program is being written:\n{prompt}\n\nIts design:\n{design}\n\nWrite function {number} of {count} alone{title}, complete, in one block of code, with no other text.";
const TESTS: &str = "This program was asked for:\n{prompt}\n\nIts design:\n{design}\n\nIts functions:\n{functions}\n\nWrite tests for it, the edge cases of the design included, in one block of code, with no other text.";
const DEBUG: &str = "This program was asked for:\n{prompt}\n\nIts design:\n{design}\n\nIts functions:\n{functions}\n\nIts tests:\n{tests}\n\nSomething is wrong. Find the fault, say in one sentence what it was, and give all functions anew, corrected and complete, in one block of code.";

/// What is said where an answer did not pass before.
pub(super) const AGAIN: &str = "\n\n---\nAn earlier answer to this did not pass: {findings}\nIt began:\n{earlier}\n---\nAnswer afresh and completely, without a word on the earlier one.";

/// A stage before it has a model.
#[derive(Clone, Debug, Default)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) role: &'static str,
    pub(super) deep: bool,
    /// The stages that must be done before.
    pub(super) after: Vec<String>,
    /// The stage in whose place it answers, where that did not pass; only then it is run.
    pub(super) rescues: Option<String>,
    pub(super) runs: f64,
    pub(super) again: f64,
    pub(super) attempts: u32,
    pub(super) template: String,
    /// What flows into the template: a name in it, and the stages whose answers stand there.
    pub(super) inputs: Vec<(&'static str, Vec<String>)>,
    number: usize,
    count: usize,
    title: String,
    titles: String,
    checks: Vec<String>,
}

impl Stage {
    /// What stands for a name of the template before anything flows.
    pub(super) fn constant(&self, name: &str, prompt: &str) -> String {
        match name {
            "prompt" => prompt.to_owned(),
            "number" => self.number.to_string(),
            "count" => self.count.to_string(),
            "title" => self.title.clone(),
            "titles" => self.titles.clone(),
            _ => String::new(),
        }
    }

    pub(super) fn to_value(&self) -> Map<String, Value> {
        let inputs: Map<String, Value> = self
            .inputs
            .iter()
            .map(|(name, ids)| ((*name).to_owned(), Value::from(ids.clone())))
            .collect();
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
        put("id", self.id.clone().into());
        put("role", self.role.into());
        put("tier", if self.deep { "deep" } else { "fast" }.into());
        put("after", self.after.clone().into());
        put("rescues", self.rescues.clone().into());
        put("runs", self.runs.into());
        put("again", self.again.into());
        put("attempts", self.attempts.into());
        put("template", self.template.clone().into());
        put("inputs", Value::Object(inputs));
        for name in ["number", "count", "title", "titles"] {
            put(name, self.constant(name, "").into());
        }
        put("checks", self.checks.clone().into());
        out
    }
}

/// The stages of a workflow, each behind all that it needs.
pub(super) fn stages(options: &Options, escalation: f64) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let parts =
        if options.parts.is_empty() { vec![String::new(); 3] } else { options.parts.clone() };
    let ids = |role: &str, count: usize| -> Vec<String> {
        (1..=count).map(|number| format!("{role}-{number}")).collect()
    };
    let one = |id: &str, role: &'static str, deep: bool, template: &str, after: &[&str]| Stage {
        id: id.to_owned(),
        role,
        deep,
        runs: 1.0,
        again: FLAGGED,
        attempts: options.loops,
        template: template.to_owned(),
        after: after.iter().map(|id| (*id).to_owned()).collect(),
        inputs: Vec::new(),
        number: 1,
        count: parts.len(),
        checks: options.checks.clone(),
        ..Stage::default()
    };
    let listed = |stage: Stage| {
        let names: Vec<&str> =
            parts.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let titles = if names.is_empty() {
            String::new()
        } else {
            format!(" They are: {}.", names.join("; "))
        };
        Stage { titles, ..stage }
    };
    let part = |role: &'static str, template: &str, from: &'static str| {
        let each = ids(role, parts.len()).into_iter().zip(&parts).zip(1..);
        each.map(|((id, title), number)| Stage {
            inputs: vec![(from, vec![from.to_owned()])],
            number,
            title: if title.is_empty() {
                String::new()
            } else {
                format!(", \u{201c}{title}\u{201d}")
            },
            ..one(&id, role, false, template, &[from])
        })
        .collect::<Vec<Stage>>()
    };
    match options.kind {
        Kind::Tiered => {
            stages.push(Stage { attempts: 1, ..one("fast", "answer", false, "{prompt}", &[]) });
            stages.push(Stage {
                rescues: Some("fast".to_owned()),
                runs: escalation,
                again: escalation,
                ..one("deep", "answer", true, "{prompt}", &[])
            });
        }
        Kind::Content => {
            stages.push(listed(one("outline", "outline", true, OUTLINE, &[])));
            stages.extend(part("section", SECTION, "outline"));
            let sections = ids("section", parts.len());
            let usual = ["a summary in three sentences".to_owned()];
            let wanted =
                if options.supplements.is_empty() { &usual[..] } else { &options.supplements };
            for (title, number) in wanted.iter().zip(1..) {
                stages.push(Stage {
                    after: sections.clone(),
                    inputs: vec![("sections", sections.clone())],
                    title: title.clone(),
                    number,
                    ..one(&format!("supplement-{number}"), "supplement", false, SUPPLEMENT, &[])
                });
            }
        }
        Kind::Code => {
            stages.push(listed(one("design", "design", true, DESIGN, &[])));
            stages.extend(part("function", FUNCTION, "design"));
            let functions = ids("function", parts.len());
            let mut inputs =
                vec![("design", vec!["design".to_owned()]), ("functions", functions.clone())];
            let tests = one("tests", "tests", false, TESTS, &[]);
            stages.push(Stage { after: functions, attempts: 1, inputs: inputs.clone(), ..tests });
            inputs.push(("tests", vec!["tests".to_owned()]));
            stages.push(Stage {
                rescues: Some("tests".to_owned()),
                runs: escalation,
                again: escalation,
                inputs,
                ..one("debug", "debug", true, DEBUG, &[])
            });
        }
    }
    stages
}

/// Puts what `of` gives in the place of each `{name}`, once: what is put in is not read again.
pub(super) fn filled(template: &str, of: &dyn Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) if name.bytes().all(|byte| byte.is_ascii_lowercase()) => {
                out.push_str(&of(name));
                rest = after;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `request` with the template's text in the place of what the person asked last; pictures and files
/// stay beside it.
pub(super) fn filled_request(
    request: &ChatRequest,
    template: &str,
    of: &dyn Fn(&str) -> String,
) -> ChatRequest {
    let mut request = request.clone();
    let text = filled(template, of);
    let asked = request.messages.iter_mut().rev().find(|message| message.role == Role::User);
    let Some(asked) = asked else { return request };
    match &mut asked.content {
        Content::Parts(parts) => {
            let extra = Map::new();
            parts.retain(|part| !matches!(part, Part::Text { .. }));
            parts.insert(0, Part::Text { text, extra });
        }
        content => *content = Content::Text(text),
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_once() {
        let of =
            |name: &str| if name == "prompt" { "{count} {x".to_owned() } else { "3".to_owned() };
        assert_eq!(filled("a {prompt} {count} {Not} {} {", &of), "a {count} {x 3 {Not} 3 {");
    }

    #[test]
    fn every_stage_stands_behind_what_it_needs() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            let options = Options { kind, loops: 2, ..Options::default() };
            let mut known: Vec<String> = Vec::new();
            for stage in stages(&options, 0.2) {
                let inputs = stage.inputs.iter().flat_map(|(_, ids)| ids);
                for needed in stage.after.iter().chain(&stage.rescues).chain(inputs) {
                    assert!(known.contains(needed), "{}: {needed}", stage.id);
                }
                let mut missing = Vec::new();
                let seen = std::cell::RefCell::new(Vec::new());
                filled(&stage.template, &|name| {
                    seen.borrow_mut().push(name.to_owned());
                    String::new()
                });
                for name in seen.into_inner() {
                    let known = ["prompt", "number", "count", "title", "titles"]
                        .contains(&name.as_str())
                        || stage.inputs.iter().any(|(input, _)| *input == name);
                    if !known {
                        missing.push(name);
                    }
                }
                assert_eq!(missing, [] as [String; 0], "{}", stage.id);
                known.push(stage.id);
            }
        }
    }
}
