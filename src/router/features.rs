//! What a request shows of its own difficulty: counts and shares read from the person's last ask
//! and from the tools on offer. Integers and `f32` divisions only, so that every target computes
//! the same bits.
//!
//! Nothing here recognises the template of a test: marks of enumerations and answer sheets, tags
//! and labels are taken away first, and how many alternatives a list has is not counted.

mod lexicon;
mod markup;
mod program;
mod text;
mod tools;

use crate::chat::{ChatRequest, Role};
use lexicon::Class;
use text::Shape;
use tools::Fit;

/// A kind of task, as far as its signs show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Category {
    /// There are functions to choose from and to call.
    ToolUse,
    /// A program to write.
    CodeWriting,
    /// A program to read, run in the head, explain or mend.
    CodeReading,
    /// A calculation told in everyday words.
    WordProblem,
    /// Formal mathematics.
    Mathematics,
    /// A question of a field of knowledge.
    Knowledge,
    /// Something to write.
    Writing,
    /// Something to extract, summarise, translate or sort.
    Extraction,
    /// Anything else.
    General,
}

impl Category {
    /// Every category, in the order of declaration, which is that of the weights.
    pub const ALL: [Self; 9] = [
        Self::ToolUse,
        Self::CodeWriting,
        Self::CodeReading,
        Self::WordProblem,
        Self::Mathematics,
        Self::Knowledge,
        Self::Writing,
        Self::Extraction,
        Self::General,
    ];

    /// The stable spelling, e.g. `"tool_use"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ToolUse => "tool_use",
            Self::CodeWriting => "code_writing",
            Self::CodeReading => "code_reading",
            Self::WordProblem => "word_problem",
            Self::Mathematics => "mathematics",
            Self::Knowledge => "knowledge",
            Self::Writing => "writing",
            Self::Extraction => "extraction",
            Self::General => "general",
        }
    }

    /// The position in [`Category::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// The number of features.
pub const COUNT: usize = 117;

/// What was read from one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Name and value, always in the same order. Counts, or shares of the words (0 to 1).
    pub values: [(&'static str, f32); COUNT],
    /// The kind of task.
    pub category: Category,
    /// How far the ask is like the English outcomes that the score was trained on, in 256ths: 256
    /// where it is English, less with letters of another script or without English function words.
    pub familiar: u16,
}

/// Reads `request`: its last message of the person, and its tools.
pub fn extract(request: &ChatRequest) -> Features {
    let ask = request
        .messages
        .iter()
        .rev()
        .find(|message| message.role == Role::User)
        .map(|message| message.content.text())
        .unwrap_or_default();
    let shape = Shape::of(&ask);
    let fit = tools::fit(request, &ask);
    let category = category(&shape, &fit);
    Features { values: values(&shape, &fit), category, familiar: familiar(&shape) }
}

#[expect(clippy::too_many_lines, reason = "one list, names beside values")]
fn values(shape: &Shape, fit: &Fit) -> [(&'static str, f32); COUNT] {
    use Class::*;
    let code = &shape.code;
    let words = shape.words.max(1);
    let count = |n: u32| n as f32;
    let share = |n: u32| n as f32 / words as f32;
    let of = |part: u32, whole: u32| part as f32 / whole.max(1) as f32;
    let hits = |class: Class| shape.hits(class);
    let density = |class: Class| share(hits(class));
    let asked = |class: Class| flag(shape.last_hits, class);
    let begins = |class: Class| flag(shape.first_word, class);
    let all = shape.characters.saturating_add(code.characters);
    [
        ("characters", count(all)),
        ("words", count(shape.words)),
        ("sentences", count(shape.sentences)),
        ("words_per_sentence", of(shape.words, shape.sentences)),
        ("longest_sentence", count(shape.longest_sentence)),
        ("letters_per_word", of(shape.word_letters, words)),
        ("long_words", share(shape.long_words)),
        ("distinct_words", share(shape.distinct_words)),
        ("upper_case", of(shape.upper, shape.letters)),
        ("names", share(shape.names)),
        ("names_count", count(shape.names)),
        ("identifiers", share(shape.identifiers)),
        ("characters_per_line", of(shape.characters, shape.lines)),
        ("short_lines", of(shape.short_lines, shape.lines)),
        ("numeric_lines", of(shape.numeric_lines, shape.lines)),
        ("numbers", count(shape.numbers)),
        ("numbers_share", share(shape.numbers)),
        ("distinct_numbers", count(shape.distinct_numbers)),
        ("decimals", of(shape.decimals, shape.numbers)),
        ("largest_digits", count(shape.largest_digits)),
        ("percents", count(shape.percents)),
        ("currency", count(shape.currency)),
        ("fractions", count(shape.fractions)),
        ("questions", count(shape.questions)),
        ("commas", share(shape.commas)),
        ("commas_count", count(shape.commas)),
        ("quoted", count(shape.quoted)),
        ("blanks", count(shape.blanks)),
        ("tex", count(shape.tex)),
        ("tex_share", share(shape.tex)),
        ("formula_signs", count(shape.formula_signs)),
        ("formula_share", of(shape.formula_signs, all)),
        ("single_letters", share(shape.single_letters)),
        ("bounds", count(shape.bounds)),
        ("largest_power", count(shape.largest_power)),
        ("number_sentences", of(shape.number_sentences, shape.sentences)),
        ("quantities", count(shape.numbers + hits(NumberWord) + hits(Multiplier) + hits(Rate))),
        ("ends_as_question", f32::from(u8::from(shape.ends_as_question))),
        ("ends_open", f32::from(u8::from(shape.ends_open))),
        ("law", density(Law)),
        ("medicine", density(Medicine)),
        ("biology", density(Biology)),
        ("chemistry", density(Chemistry)),
        ("physics", density(Physics)),
        ("engineering", density(Engineering)),
        ("economics", density(Economics)),
        ("business", density(Business)),
        ("psychology", density(Psychology)),
        ("history", density(History)),
        ("politics", density(Politics)),
        ("logic", density(Logic)),
        ("ethics", density(Ethics)),
        ("religion", density(Religion)),
        ("computing", density(Computing)),
        ("earth", density(Earth)),
        ("society", density(Society)),
        ("negations", density(Negation)),
        ("negation_asked", asked(Negation)),
        ("number_words", count(hits(NumberWord))),
        ("multipliers", count(hits(Multiplier))),
        ("rates", count(hits(Rate))),
        ("comparisons", count(hits(Comparison))),
        ("comparisons_share", density(Comparison)),
        ("time_units", count(hits(TimeUnit))),
        ("physical_units", count(hits(PhysicalUnit))),
        ("money", count(hits(Money))),
        ("hypotheses", count(hits(Hypothesis))),
        ("explanations", density(Explanation)),
        ("creation", density(Creation)),
        ("extraction", density(Extraction)),
        ("programming", density(Programming)),
        ("constraints", count(hits(Constraint))),
        ("sequence", count(hits(Sequence))),
        ("first_person", share(hits(FirstPerson))),
        ("quantifiers", density(Quantifier)),
        ("combinatorics", density(Combinatorics)),
        ("number_theory", density(NumberTheory)),
        ("geometry", density(Geometry)),
        ("analysis", density(Analysis)),
        ("statistics", density(Statistics)),
        ("stop_words", density(Stop)),
        ("judgement_asked", asked(Judgement)),
        ("structures", density(Structure)),
        ("optimum", density(Optimum)),
        ("quantity_asked", asked(Quantity)),
        ("persons", density(Person)),
        ("interrogative_asked", asked(Interrogative)),
        ("orders", f32::from(u8::from(shape.imperatives & ORDERS != 0))),
        ("begins_interrogative", begins(Interrogative)),
        ("conjunctions", count(hits(Conjunction))),
        ("code_lines", count(code.lines)),
        ("code_share", of(code.characters, all)),
        ("code_loops", count(code.loops)),
        ("code_branches", count(code.branches)),
        ("code_returns", count(code.returns)),
        ("code_calls", count(code.calls)),
        ("code_indexing", count(code.indexing)),
        ("code_slices", count(code.slices)),
        ("code_methods", count(code.methods)),
        ("code_mutations", count(code.mutations)),
        ("code_searches", count(code.searches)),
        ("code_cases", count(code.cases.saturating_add(code.checks))),
        ("code_logic", count(code.logic.saturating_add(code.comparisons))),
        ("code_arithmetic", count(code.arithmetic)),
        ("code_jumps", count(code.jumps)),
        ("code_literals", count(code.literal_characters)),
        ("code_depth", count(code.depth)),
        ("tools", count(fit.tools)),
        ("tool_parameters", count(fit.parameters)),
        ("tool_required", count(fit.required)),
        ("tool_nested", count(fit.nested)),
        ("tool_fit", fit.best),
        ("tool_fit_margin", fit.best + fit.name - fit.second),
        ("tool_fit_together", fit.together),
        ("tool_name_fit", fit.name),
        ("tools_named", count(fit.named)),
        ("tool_parameter_fit", fit.parameter_words),
    ]
}

/// Verbs that open an order.
const ORDERS: u64 = (1 << Class::Creation as u8)
    | (1 << Class::Extraction as u8)
    | (1 << Class::Explanation as u8)
    | (1 << Class::Programming as u8);

fn flag(set: u64, class: Class) -> f32 {
    f32::from(u8::from(has(set, class)))
}

const fn has(set: u64, class: Class) -> bool {
    set & (1 << class as u8) != 0
}

/// The kind of task by plain rules, most specific first.
fn category(shape: &Shape, fit: &Fit) -> Category {
    let hits = |class: Class| shape.hits(class);
    let words = shape.words.max(1);
    let code = &shape.code;
    if fit.tools > 0 {
        return Category::ToolUse;
    }
    let specification = hits(Class::Programming) + hits(Class::Structure);
    let specifies = specification >= 5
        && specification.saturating_mul(40) >= words
        && hits(Class::Constraint) >= 1
        && words > 60;
    let asks_program = hits(Class::Programming) * 8 >= words && code.lines < 3;
    if specifies || asks_program {
        return Category::CodeWriting;
    }
    if code.lines >= 3 && code.characters * 4 > shape.characters {
        return Category::CodeReading;
    }
    let formal = hits(Class::Combinatorics)
        + hits(Class::NumberTheory)
        + hits(Class::Geometry)
        + hits(Class::Analysis)
        + hits(Class::Statistics);
    let signs = shape.tex + shape.formula_signs;
    let everyday = hits(Class::Money)
        + hits(Class::TimeUnit)
        + hits(Class::Person)
        + hits(Class::PhysicalUnit)
        + hits(Class::Quantity)
        + hits(Class::Multiplier);
    let plain = formal.saturating_mul(8) >= words && formal > everyday;
    if signs * 6 >= words || (signs >= 3 && formal >= 1 && fields(shape) < formal) || plain {
        return Category::Mathematics;
    }
    let numbers = shape.numbers + hits(Class::NumberWord);
    if numbers >= 2 && has(shape.last_hits, Class::Quantity) && everyday * 12 >= words {
        return Category::WordProblem;
    }
    let orders = !shape.ends_as_question && !shape.ends_open;
    if orders && has(shape.imperatives, Class::Creation) {
        return Category::Writing;
    }
    if has(shape.imperatives, Class::Extraction) {
        return Category::Extraction;
    }
    if orders && has(shape.imperatives, Class::Explanation) {
        return Category::General;
    }
    if fields(shape) > 0 || (shape.ends_open && words >= 5) || hits(Class::Judgement) > 0 {
        return Category::Knowledge;
    }
    Category::General
}

/// Words of all fields of knowledge.
fn fields(shape: &Shape) -> u32 {
    use Class::*;
    let of = [
        Law,
        Medicine,
        Biology,
        Chemistry,
        Physics,
        Engineering,
        Economics,
        Business,
        Psychology,
        History,
        Politics,
        Logic,
        Ethics,
        Religion,
        Computing,
        Earth,
        Society,
    ];
    of.iter().map(|class| shape.hits(*class)).sum()
}

/// See [`Features::familiar`].
fn familiar(shape: &Shape) -> u16 {
    const WHOLE: u32 = 256;
    let latin = WHOLE - WHOLE * shape.not_latin.min(shape.letters) / shape.letters.max(1);
    // A quarter of the words of English prose are such; formulas and names have fewer, so that only
    // a text of plain words can be told to be of another language.
    let english = shape.hits(Class::English);
    let plain = shape.words >= 6
        && (shape.tex + shape.formula_signs + shape.numbers) * 4 < shape.words
        && shape.identifiers * 4 < shape.words;
    let known = if plain { (WHOLE * 12 * english / shape.words.max(1)).min(WHOLE) } else { WHOLE };
    u16::try_from(latin.min(known)).unwrap_or(256)
}
