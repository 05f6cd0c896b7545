//! What can be seen of an answer without knowing the right one: that it declines, that it is unsure
//! of itself, that it is cut, that it is not what its schema asks for.
//!
//! Signs, not verdicts: they read words and shapes. How often they fire on recorded answers stands in
//! `docs/workflows.md`. The phrases are our own, in twelve languages, 2026-11.

use super::schema;
use crate::letter::lowered;
use serde::Serialize;
use serde_json::Value;

/// Something that speaks against an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `"refusal"`, `"hedging"`, `"truncation"`, `"empty"`, `"schema"`, or `"own"` for the caller's.
    pub check: &'static str,
    /// What was seen, in words.
    pub text: String,
}

/// What is held against an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answered<'a> {
    /// Its text.
    pub text: &'a str,
    /// The words in which the model declined apart from the text.
    pub refusal: Option<&'a str>,
    /// How it ended, as a receipt says: `"completed"`, `"truncated"`, ...
    pub ending: &'a str,
    /// Whether it calls functions: then it may have no text.
    pub calls: bool,
}

/// Characters of the beginning in which a refusal is looked for: an answer that declines says so first.
const OPENING: usize = 240;
/// Characters of the beginning and of the end in which doubt is looked for.
const EDGE: usize = 600;

/// "I can't do this", as it is said to a person who asked. One is enough.
const DECLINES: &[&str] = &[
    // English
    "i can't help with",
    "i can't assist",
    "i cannot help with",
    "i cannot assist",
    "i can't provide",
    "i cannot provide",
    "i can't comply",
    "i cannot comply",
    "i cannot fulfill",
    "i can't fulfill",
    "i'm unable to",
    "i am unable to",
    "i'm not able to",
    "i am not able to",
    "i won't be able to",
    "i must decline",
    "i have to decline",
    "i can't do that",
    "i cannot do that",
    // German
    "dabei kann ich nicht helfen",
    "kann ich dir nicht helfen",
    "kann ich ihnen nicht helfen",
    "ich kann dabei nicht",
    "ich kann das nicht",
    "kann ich leider nicht",
    "ich kann leider nicht",
    // French
    "je ne peux pas vous aider",
    "je ne peux pas t'aider",
    "je ne peux pas fournir",
    "je ne suis pas en mesure",
    "je ne peux malheureusement pas",
    // Spanish
    "no puedo ayudarte",
    "no puedo ayudarle",
    "no puedo ayudar con",
    "no puedo proporcionar",
    "lo siento, pero no",
    // Portuguese
    "não posso ajudar",
    "não posso fornecer",
    "desculpe, mas não",
    // Italian
    "non posso aiutarti",
    "non posso aiutarla",
    "non sono in grado di",
    "mi dispiace, ma non",
    // Russian
    "я не могу помочь",
    "не могу выполнить",
    "к сожалению, я не могу",
    // Chinese
    "我无法提供",
    "我无法协助",
    "我不能提供",
    "无法帮助您",
    "无法为您",
    "我無法提供",
    "無法協助",
    // Japanese
    "お手伝いできません",
    "お答えできません",
    "提供することはできません",
    "対応できません",
    // Korean
    "도와드릴 수 없습니다",
    "제공할 수 없습니다",
    "도와 드릴 수 없습니다",
    // Arabic
    "لا أستطيع مساعدتك",
    "لا يمكنني مساعدتك",
    "لا يمكنني تقديم",
    "لا أستطيع تقديم",
    // Hindi
    "मदद नहीं कर सकता",
    "मदद नहीं कर सकती",
    "सहायता नहीं कर सकता",
];

/// "I don't know". One is enough.
const DOUBTS: &[&str] = &[
    // English
    "i'm not sure",
    "i am not sure",
    "i don't know",
    "i do not know",
    "i'm not certain",
    "i am not certain",
    "i cannot verify",
    "i can't verify",
    "i may be wrong",
    "i might be wrong",
    "i could be wrong",
    "please double-check",
    "i don't have enough information",
    "i do not have enough information",
    // German
    "ich bin mir nicht sicher",
    "ich bin nicht sicher",
    "ich weiß es nicht",
    "ich weiß nicht",
    "ohne gewähr",
    // French
    "je ne suis pas sûr",
    "je ne suis pas certain",
    "je ne sais pas",
    // Spanish
    "no estoy seguro",
    "no estoy segura",
    "no lo sé",
    "no sé si",
    // Portuguese
    "não tenho certeza",
    "não sei se",
    "eu não sei",
    // Italian
    "non sono sicuro",
    "non sono sicura",
    "non lo so",
    "non ne sono certo",
    // Russian
    "я не уверен",
    "я не знаю",
    "не могу проверить",
    // Chinese
    "我不确定",
    "我不知道",
    "無法確定",
    "无法确定",
    "我不確定",
    // Japanese
    "確信が持てません",
    "わかりません",
    "分かりません",
    "確かではありません",
    // Korean
    "확실하지 않습니다",
    "잘 모르겠습니다",
    "확신할 수 없습니다",
    // Arabic
    "لست متأكدا",
    "لست متأكدًا",
    "لا أعرف",
    "لا أعلم",
    // Hindi
    "मुझे यकीन नहीं",
    "मुझे नहीं पता",
    "मैं निश्चित नहीं",
];

/// Runs the checks that `wanted` names (`"refusal"`, `"hedging"`, `"truncation"`), and holds the answer
/// to `schema` where there is one. An answer without a word is always told.
///
/// The second value: words of the schema that this does not know, and so did not check.
pub fn check(
    answered: Answered<'_>,
    wanted: &[&str],
    schema: Option<&Value>,
) -> (Vec<Finding>, Vec<String>) {
    let mut found = Vec::new();
    let mut tell = |check: &'static str, text: String| found.push(Finding { check, text });
    let text = answered.text.trim();
    if let Some(words) = answered.refusal.filter(|_| wanted.contains(&"refusal")) {
        let words: String = words.chars().take(OPENING).collect();
        tell("refusal", format!("it declined: {words}"));
    } else if text.is_empty() && !answered.calls {
        tell("empty", "it says nothing".to_owned());
    } else if let Some(words) =
        said(text, OPENING, 0, DECLINES).filter(|_| wanted.contains(&"refusal"))
    {
        tell("refusal", format!("it declines: \u{201c}{words}\u{201d}"));
    }
    if wanted.contains(&"hedging")
        && let Some(words) = said(text, EDGE, EDGE, DOUBTS)
    {
        tell("hedging", format!("it is unsure: \u{201c}{words}\u{201d}"));
    }
    if wanted.contains(&"truncation") {
        if answered.ending == "truncated" {
            tell("truncation", "it was cut before its end".to_owned());
        } else if text.matches("```").count() % 2 == 1 {
            tell("truncation", "a block of code has no end".to_owned());
        }
    }
    let mut unknown = Vec::new();
    if let Some(schema) = schema {
        match schema::read_answer(text) {
            Some(value) => {
                let mut wrong = Vec::new();
                schema::hold(schema, &value, "$", &mut wrong, &mut unknown);
                for text in wrong {
                    tell("schema", text);
                }
            }
            None => tell("schema", "found no JSON, wanted a value of the schema".to_owned()),
        }
    }
    (found, unknown)
}

/// The first of `phrases` within the first `head` or the last `tail` characters.
fn said<'p>(text: &str, head: usize, tail: usize, phrases: &[&'p str]) -> Option<&'p str> {
    let letters: Vec<char> = text.chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
    let first: String = letters.iter().take(head).collect();
    let last: String = letters.iter().skip(head.max(letters.len().saturating_sub(tail))).collect();
    let (first, last) = (lowered(&first), lowered(&last));
    phrases
        .iter()
        .copied()
        .find(|phrase| first.contains(phrase) || (tail > 0 && last.contains(phrase)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checks(text: &str) -> Vec<&'static str> {
        let answered = Answered { text, ending: "completed", ..Answered::default() };
        check(answered, &["refusal", "hedging", "truncation"], None)
            .0
            .iter()
            .map(|finding| finding.check)
            .collect()
    }

    #[test]
    fn refusals_in_twelve_languages() {
        for text in [
            "I\u{2019}m sorry, but I can\u{2019}t assist with that request.",
            "I'm unable to open the attachment you mention.",
            "Es tut mir leid, dabei kann ich nicht helfen.",
            "Je suis désolé, mais je ne peux pas vous aider à cela.",
            "Lo siento, pero no puedo hacer eso.",
            "Desculpe, mas não posso ajudar com isso.",
            "Mi dispiace, ma non posso farlo.",
            "К сожалению, я не могу выполнить эту просьбу.",
            "很抱歉，我无法提供这方面的信息。",
            "申し訳ありませんが、その内容にはお答えできません。",
            "죄송하지만 그 요청은 도와드릴 수 없습니다.",
            "عذرًا، لا يمكنني مساعدتك في هذا الأمر.",
            "क्षमा करें, मैं इसमें मदद नहीं कर सकता।",
        ] {
            assert_eq!(checks(text), ["refusal"], "{text}");
        }
    }

    #[test]
    fn ordinary_answers_pass() {
        for text in [
            "I cannot overstate how good this idea is. Begin with a prototype.",
            "The clause says the supplier cannot help with losses of data it did not cause.",
            "Sorry to hear that the train was late! Here is how to claim the fare back.",
            "No puedo más que felicitarte: el programa es correcto.",
            "Man kann das nicht genug betonen: erst messen, dann ändern.",
            "Nul ne peut vous aider mieux que votre mairie, qui délivre ce document.",
            "不确定性原理说明，位置与动量不能同时精确测量。",
            "この関数は値を返さないので、型は空です。",
            "Он не может делиться на ноль, поэтому функция возвращает ошибку.",
            "```js\nlet i = 1;\n```\nThat is all.",
        ] {
            assert_eq!(checks(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn doubt_at_either_end_and_not_between() {
        for text in [
            "I'm not sure, but it may be 1912.",
            "Ich bin mir nicht sicher, vermutlich 1912.",
            "Je ne suis pas certain de la date.",
            "No estoy seguro de la respuesta.",
            "Não tenho certeza da data.",
            "Non sono sicuro della data.",
            "Я не уверен, что это верно.",
            "我不确定这个答案。",
            "正確な日付は分かりません。",
            "정확한 날짜는 잘 모르겠습니다.",
            "لست متأكدا من التاريخ.",
            "मुझे यकीन नहीं है।",
        ] {
            assert_eq!(checks(text), ["hedging"], "{text}");
        }
        let long = "A sentence of the story. ".repeat(60);
        assert!(
            checks(&format!("{long}\u{201c}I don't know,\u{201d} she said. {long}")).is_empty()
        );
        assert_eq!(checks(&format!("{long}Please double-check the figures.")), ["hedging"]);
    }

    #[test]
    fn cut_and_empty() {
        assert_eq!(checks("```js\nlet i ="), ["truncation"]);
        assert_eq!(checks("  \n"), ["empty"]);
        let cut = Answered { text: "One, two", ending: "truncated", ..Answered::default() };
        assert_eq!(check(cut, &["truncation"], None).0.len(), 1);
        assert!(check(cut, &["refusal"], None).0.is_empty());
        let calls = Answered { calls: true, ending: "completed", ..Answered::default() };
        assert!(check(calls, &["refusal", "truncation"], None).0.is_empty());
        let declined =
            Answered { refusal: Some("No."), ending: "completed", ..Answered::default() };
        assert_eq!(check(declined, &["refusal"], None).0[0].text, "it declined: No.");
    }

    #[test]
    fn the_schema_is_held_and_its_unknown_words_are_told() {
        let schema = json!({"type": "object", "required": ["n"], "pattern": "x",
                            "properties": {"n": {"type": "integer"}}});
        let of = |text: &str| {
            check(Answered { text, ending: "completed", ..Answered::default() }, &[], Some(&schema))
        };
        assert_eq!(of("{\"n\": 3}"), (Vec::new(), vec!["pattern".to_owned()]));
        assert_eq!(of("Here:\n```json\n{\"n\": 3}\n```\n").0, []);
        assert_eq!(of("{\"n\": \"3\"}").0[0].text, "$.n: found \"3\", wanted integer");
        assert_eq!(of("three").0[0].check, "schema");
    }
}
