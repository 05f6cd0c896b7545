//! The five questions that decide between a deep and a fast tier: is accuracy non-negotiable, are
//! speed and cost paramount, is the text extremely long, is the budget tight while power is needed,
//! is the task creative, nuanced or abstract? Each is looked for in the request, and can be answered
//! by the caller instead.

use super::features::Category;
use super::stakes::{self, Stake};
use super::{Candidate, Policy};
use crate::letter::lowered;
use serde::Serialize;

/// One of the five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Question {
    /// Is accuracy non-negotiable: legal, medical, scientific, financial?
    Accuracy,
    /// Are speed and cost paramount?
    Speed,
    /// Is the text extremely long?
    Long,
    /// Is the budget tight while power is needed?
    Budget,
    /// Is the task creative, nuanced or abstract?
    Creative,
}

impl Question {
    /// All five.
    pub const ALL: [Self; 5] =
        [Self::Accuracy, Self::Speed, Self::Long, Self::Budget, Self::Creative];

    /// The stable spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Speed => "speed",
            Self::Long => "long",
            Self::Budget => "budget",
            Self::Creative => "creative",
        }
    }
}

/// What is known on one of the five questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signal {
    /// Which, in its stable spelling.
    pub question: &'static str,
    /// Whether the request shows it.
    pub found: bool,
    /// Whether it holds: the caller's answer, else what was found.
    pub on: bool,
    /// Whether the caller has answered it.
    pub stated: bool,
    /// What shows it: words as they stand in the text, in lower case, or a figure.
    pub evidence: Vec<String>,
}

/// What the words of an ask show, whatever the policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub stakes: Vec<Stake>,
    speed: Vec<String>,
    creative: Vec<String>,
}

/// Tokens above which a text is called extremely long: a quarter of the 200,000 that the compared
/// pair takes, and where long-context prices begin to matter.
const LONG: u64 = 50_000;
/// Characters of an ask that are read for these words: what is wanted stands at its beginning.
const MOST: usize = 1_000;

/// Words that ask for haste or brevity; the beginning of a word is enough. English, then as in
/// [`stakes`]: German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Turkish,
/// Chinese, Japanese, Korean, Arabic, Hindi.
const SPEED: &str = "quickly|quick_|asap|briefly|in_one_sentence|one_word|yes_or_no|yes/no|right_away|\
    schnell|kurz_und_knapp|stichwort|ja_oder_nein|rapidement|brièvement|oui_ou_non|rápid|brevemente|\
    en_una_frase|sí_o_no|sì_o_no|velocemente|resumidamente|sim_ou_não|snel_|kortweg|ja_of_nee|szybko|krótko|tak_lub_nie|\
    быстро|кратко|одним_словом|да_или_нет|hızlı|kısaca|evet_ya_da_hayır|快速|简短|只回答|一句话|手短に|\
    簡潔に|一言で|짧게|빨리|한_문장|باختصار|بسرعة|نعم_أم_لا|संक्षेप|जल्दी";

/// Works and tones that a plain answer would spoil; a beginning is enough, languages as above.
const CREATIVE: &str = "poem|poetry|novel|novella|short_story|story|stories|fiction|sonnet|haiku|screenplay|\
    monologue|lyrics|fairy_tale|philosoph|nuance|allegor|metaphor|satire|gedicht|novelle|roman_|kurzgeschichte|\
    erzählung|märchen|drehbuch|monolog|poème|nouvelle_littéraire|conte_|récit|scénario|théâtre|cuento|poema|\
    novela|relato|guion|racconto|poesia|romanzo|fiaba|conto_|soneto|gedicht|verhaal|sprookje|toneelstuk|\
    wiersz|opowiadan|powieś|baśń|scenariusz_film|рассказ|стих|роман_|повест|сказк|поэм|монолог|hikâye|hikaye|öykü|\
    şiir|masal|小说|诗|散文|故事|童话|剧本|小説|短編|物語|詩|脚本|俳句|소설|시를|시_한|이야기|동화|희곡|قصة|قصيدة|رواية|مسرحية|\
    कहानी|कविता|उपन्यास|नाटक";

impl Words {
    /// Reads an ask. `category` tells a request to write from one about a book.
    pub(super) fn of(ask: &str, category: Category) -> Self {
        let short: String = ask.chars().take(MOST).collect();
        let text = format!("{}_", lowered(&short).replace([' ', '\n', '\t'], "_"));
        let mut found = [Vec::new(), Vec::new()];
        let lists = [SPEED, CREATIVE].map(|list| list.split('|').collect::<Vec<_>>());
        let mut before = '_';
        for (at, character) in text.char_indices() {
            // Scripts without spaces have no place where a word begins.
            if !before.is_alphanumeric() || character >= '\u{3000}' {
                let rest = text.get(at..).unwrap_or_default();
                for (list, found) in lists.iter().zip(&mut found) {
                    let entry = list.iter().find(|entry| rest.starts_with(**entry));
                    let word = entry.map(|entry| entry.trim_end_matches('_').replace('_', " "));
                    found.extend(word.filter(|_| found.len() < 4));
                }
            }
            before = character;
        }
        let [speed, creative] = found;
        let told = matches!(
            category,
            Category::ToolUse
                | Category::CodeWriting
                | Category::CodeReading
                | Category::Extraction
                | Category::WordProblem
                | Category::Mathematics
        );
        Self {
            stakes: stakes::recognise(ask),
            speed,
            creative: if told { Vec::new() } else { creative },
        }
    }
}

/// The five, for a request.
pub(super) fn signals(words: &Words, candidates: &[Candidate<'_>], policy: &Policy) -> Vec<Signal> {
    let tokens = candidates.iter().map(|candidate| candidate.tokens.tokens).max().unwrap_or(0);
    let expected = |c: &Candidate<'_>| c.cost.as_ref().map(|cost| cost.usd);
    let tight = policy.max_cost.filter(|most| {
        // Half of the limit for one answer is tight.
        let twice = |high: crate::cost::Money| high.checked_mul(2).is_none_or(|two| two > *most);
        candidates.iter().filter_map(expected).any(|usd| twice(usd.high))
    });
    let mut list = Vec::new();
    for question in Question::ALL {
        let evidence: Vec<String> = match question {
            Question::Accuracy => words
                .stakes
                .iter()
                .map(|stake| format!("{}: {}", stake.domain.name(), stake.evidence.join(", ")))
                .collect(),
            Question::Speed => words.speed.clone(),
            Question::Long if tokens >= LONG => vec![format!("{tokens} tokens")],
            Question::Long => Vec::new(),
            Question::Budget => tight.iter().map(|most| format!("limit ${most}")).collect(),
            Question::Creative => words.creative.clone(),
        };
        let found = !evidence.is_empty();
        let stated = policy.switch(question);
        list.push(Signal {
            question: question.name(),
            found,
            on: stated.unwrap_or(found),
            stated: stated.is_some(),
            evidence,
        });
    }
    list
}

/// Whether a question is answered with yes.
pub(super) fn is_on(signals: &[Signal], question: Question) -> bool {
    signals.get(question as usize).is_some_and(|signal| signal.on)
}
