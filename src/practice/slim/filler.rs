//! Words that ask for nothing: politeness and hedges at the head of a sentence, thanks in advance.
//! The lists are our own, English and German. In German only what leaves the order of the words right:
//! what stands before `dass` or takes the first place of a sentence stays.

use super::edit::Cut;
use super::field::{Field, Speaker};
use super::layout::{Layout, marker};
use super::passage::{Passage, extent};

/// What begins a sentence, and what it becomes. Longer ones first.
const HEADS: [(&str, &str); 44] = [
    ("it is important to note that ", ""),
    ("it's important to note that ", ""),
    ("it should be noted that ", ""),
    ("it is worth noting that ", ""),
    ("it's worth noting that ", ""),
    ("please keep in mind that ", ""),
    ("please be aware that ", ""),
    ("please be advised that ", ""),
    ("please note that ", ""),
    ("keep in mind that ", ""),
    ("be aware that ", ""),
    ("note that ", ""),
    ("i would really appreciate it if you could ", ""),
    ("i would appreciate it if you could ", ""),
    ("i was wondering if you could ", ""),
    ("it would be great if you could ", ""),
    ("i would like you to ", ""),
    ("i'd like you to ", ""),
    ("i want you to ", ""),
    ("i need you to ", ""),
    ("your task is to ", ""),
    ("your job is to ", ""),
    ("could you please ", ""),
    ("would you please ", ""),
    ("can you please ", ""),
    ("will you please ", ""),
    ("if possible, please ", "if possible, "),
    ("needless to say, ", ""),
    ("to be honest, ", ""),
    ("basically, ", ""),
    ("essentially, ", ""),
    ("obviously, ", ""),
    ("in order to ", "to "),
    ("due to the fact that ", "because "),
    ("in the event that ", "if "),
    ("könntest du bitte ", ""),
    ("könnten sie bitte ", ""),
    ("kannst du bitte ", ""),
    ("können sie bitte ", ""),
    ("würdest du bitte ", ""),
    ("würden sie bitte ", ""),
    ("wichtiger hinweis: ", ""),
    ("please ", ""),
    ("bitte ", ""),
];

/// Sentences that can go whole.
const SENTENCES: [&str; 16] = [
    "thank you",
    "thanks",
    "many thanks",
    "thank you very much",
    "thank you so much",
    "thank you in advance",
    "thanks in advance",
    "thank you for your help",
    "thanks for your help",
    "i hope this helps",
    "i hope you are doing well",
    "i hope this message finds you well",
    "vielen dank",
    "danke im voraus",
    "vielen dank im voraus",
    "danke für deine hilfe",
];

/// What can go from the sentences of the system and the user, outside of documents in tags.
pub(super) fn cuts(fields: &[Field], layouts: &[Layout], all: &[Passage], out: &mut Vec<Cut>) {
    for (index, passage) in all.iter().enumerate() {
        let (Some(field), Some(layout)) = (fields.get(passage.field), layouts.get(passage.field))
        else {
            continue;
        };
        if passage.region != 0 || !matches!(field.speaker, Speaker::System | Speaker::User) {
            continue;
        }
        let text = passage.text(field);
        let bare = text.trim_end_matches(['.', '!']);
        if bare.len() < 40 && SENTENCES.contains(&bare.to_lowercase().as_str()) && !passage.locked {
            let (start, end) = extent(&field.text, all, index, index);
            // Thanks that are all there is are what is said.
            if end - start < field.text.trim().len() {
                out.push(Cut::new(passage.field, start, end, ""));
            }
            continue;
        }
        let item = marker(text);
        let item = item + usize::from(item > 0);
        let start = passage.start + item;
        let Some(text) = text.get(item..) else { continue };
        for (head, becomes) in HEADS {
            let Some(rest) = after(text, head) else { continue };
            let Some(next) = rest.chars().next().filter(|char| char.is_alphabetic()) else { break };
            if head == "bitte " && rest.starts_with("um ") {
                break;
            }
            let end = start + text.len() - rest.len() + next.len_utf8();
            let is_free = layout.locked.get(start..end).is_some_and(|bytes| !bytes.contains(&true));
            if !is_free {
                break;
            }
            let mut with = format!("{becomes}{next}");
            if text.starts_with(char::is_uppercase) {
                let mut chars = with.chars();
                let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
                with = first + chars.as_str();
            }
            out.push(Cut::new(passage.field, start, end, &with));
            // A request that was put as a question is none any more.
            let mark = passage.end.saturating_sub(1);
            let is_asked =
                head.contains(" you ") || head.contains(" du ") || head.contains(" sie ");
            if is_asked
                && field.text.get(mark..passage.end) == Some("?")
                && mark >= end
                && layout.locked.get(mark) == Some(&false)
            {
                out.push(Cut::new(passage.field, mark, passage.end, "."));
            }
            break;
        }
    }
}

/// What follows `head`, whatever its letters' case.
fn after<'a>(text: &'a str, head: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in head.chars() {
        let found = rest.next()?;
        if found != wanted && !found.to_lowercase().eq([wanted]) {
            return None;
        }
    }
    Some(rest.as_str())
}
