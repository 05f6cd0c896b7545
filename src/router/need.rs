//! How often the stronger model succeeds where the weaker fails, by kind of task: base rates
//! measured on public outcomes, nothing read into the wording of one prompt.

use crate::chat::{ChatRequest, Role};

/// A kind of task, recognised by plain signs in the person's last message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There are functions to choose from and to call.
    ToolUse,
    /// Code to write, read or mend.
    Code,
    /// A calculation or a proof.
    Mathematics,
    /// Anything else.
    General,
}

/// What was measured for a kind of task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaseRate {
    /// Share of tasks where only the stronger model succeeded, 0 to 1.
    pub strong_only: f64,
    /// Share of tasks where only the weaker model succeeded, 0 to 1.
    pub weak_only: f64,
    /// On what, for a person to read.
    pub evidence: &'static str,
}

impl Kind {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ToolUse => "a task with functions to call",
            Self::Code => "a task with code",
            Self::Mathematics => "a calculation or a proof",
            Self::General => "a question in words",
        }
    }

    /// Outcomes of two tiers on the same questions, counted on 2026-11-22. The pairs differ from
    /// kind to kind, because no public set covers one pair for all.
    pub const fn base_rate(self) -> BaseRate {
        match self {
            // 128 and 50 of 1,220.
            Self::ToolUse => BaseRate {
                strong_only: 0.105,
                weak_only: 0.041,
                evidence: "Claude 3 Opus against Sonnet, 1,220 function-calling tasks",
            },
            // 77 and 41 of 548.
            Self::Code => BaseRate {
                strong_only: 0.141,
                weak_only: 0.075,
                evidence: "Claude 3 Opus against Sonnet, 548 code-reasoning tasks",
            },
            // 48 and 15 of 926 word problems; 136 and 23 of 513 competition problems (Haiku).
            Self::Mathematics => BaseRate {
                strong_only: 0.128,
                weak_only: 0.026,
                evidence: "Claude 3 Opus against Sonnet or Haiku, 1,439 mathematics problems",
            },
            // 1,736 and 510 of 9,729.
            Self::General => BaseRate {
                strong_only: 0.178,
                weak_only: 0.052,
                evidence: "GPT-4 against Mixtral 8x7B, 9,729 knowledge questions",
            },
        }
    }

    /// Recognises the kind from the last message of the person and the tools on offer.
    pub fn of(request: &ChatRequest) -> Self {
        if !request.tools.is_empty() {
            return Self::ToolUse;
        }
        let last = request.messages.iter().rev().find(|message| message.role == Role::User);
        let text = last.map(|message| message.content.text()).unwrap_or_default();
        if looks_like_code(&text) {
            Self::Code
        } else if looks_like_mathematics(&text) {
            Self::Mathematics
        } else {
            Self::General
        }
    }
}

/// A fenced block, or two signs of a program.
fn looks_like_code(text: &str) -> bool {
    const SIGNS: [&str; 14] = [
        "fn ",
        "def ",
        "function ",
        "class ",
        "return ",
        "import ",
        "#include",
        "select ",
        "=> ",
        "();",
        "{\n",
        ");\n",
        "```",
        "console.",
    ];
    let lower = text.to_ascii_lowercase();
    lower.contains("```") || SIGNS.iter().filter(|sign| lower.contains(*sign)).count() >= 2
}

/// TeX, or an equation with digits.
fn looks_like_mathematics(text: &str) -> bool {
    let tex = ["\\frac", "\\sqrt", "\\sum", "\\int", "$$"].iter().any(|sign| text.contains(sign));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let operators = text.bytes().filter(|b| b"+*/=^".contains(b)).count();
    tex || (digits >= 2 && operators >= 2)
}
