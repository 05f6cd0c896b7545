//! English.

use super::{Lexicon, Tag, *};

pub(super) const LEXICON: Lexicon = Lexicon {
    code: "en",
    numbers: "one single|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|hundred",
    words: &[
        (
            WRITE,
            "write draft compose create generate design plan build make produce prepare develop outline \
             brainstorm invent give tell come put do",
        ),
        (
            TRANSFORM,
            "translate rewrite rephrase paraphrase shorten correct proofread edit fix convert turn \
             sort put localise localize refactor redo polish improve update change simplify expand continue \
             complete classify categorize categorise label rate solve review check validate revise adapt \
             handle clean",
        ),
        (SUMMARY, "summarize summarise summary recap"),
        (EXTRACT, "extract pull"),
        (COMPARE, "compare comparison contrast"),
        (ANALYSE, "analyze analyse analysis evaluate assess"),
        (
            ORDER,
            "find help act pretend let add remove identify discuss judge quote rename count start begin play \
             search read open load run print group plot delete set move sing imagine avoid keep remember \
             ask wait teach show present present return output turn work debug format implement determine express obtain perform distinguish consider assume suppose \
             simulate construct prove derive verify sketch indicate select match fill arrange examine \
             differentiate organize organise create fetch get retrieve book order schedule send call guess choose pick",
        ),
        (
            GIVE,
            "use include add mention list give start state show name write contain begin provide insert",
        ),
        (CALCULATE, "calculate compute convert"),
        (RECOMMEND, "recommend suggest"),
        (EXPLAIN, "explain describe define"),
        (ANSWER, "answer reply respond speak"),
        (QUESTION, "what who whom whose which when where why how whats hows wheres whos"),
        (
            QUESTION | STOP,
            "is are was were do does did can could would will should may am has have isn't aren't don't \
             doesn't",
        ),
        (POLITE, "can could would will"),
        (
            FILLER,
            "please pls plz kindly also and then now so oh hey hi hello first firstly second secondly third \
             next finally separately just well ok okay hmm or thanks maybe additionally lastly again but \
             by one another lets let's only always dear always instead afterwards",
        ),
        (PLEASE, "please pls plz"),
        (ADDITIVE, "also separately additionally another oh btw besides unrelated way"),
        (
            FORM,
            "list lists table tables tabular bullet bullets bulleted json csv xml yaml markdown html column \
             columns row rows section sections heading headings paragraph paragraphs sentence sentences word \
             words page pages line lines essay letter email mail tweet outline format formatted template \
             schema slide slides memo chart diagram numbered headline briefly brief short concise concisely \
             checklist matrix spreadsheet speech script post function query tl tldr step steps shown example \
             examples fields keys label only yes score rating grade minutes characters tokens poem rap haiku \
             newsletter brochure object array",
        ),
        (
            MATERIAL,
            "text article review document essay policy draft decision section email mail message contract \
             paragraph transcript notes context data code invoice summary clause story intro abstract report \
             input output log reviews texts comment comments lyrics statement passage",
        ),
        (ANNOUNCE, "following below this these here attached my our here's its"),
        (
            BACK | STOP,
            "it its this that these those they them their he she his her him there above same former latter \
             such which",
        ),
        (
            PART,
            "first then afterwards after followed itself elsewhere next finally unless except otherwise \
             separate separately whereas second third version versions part parts either below above \
             under later",
        ),
        (SHARE, "each per every start begin"),
        (
            SECTION,
            "introduction intro conclusion subject headline title header footer middle section heading",
        ),
        (
            TROUBLE,
            "error fails failed failing broken stuck help cannot can't won't doesn't isn't not no problem \
             issue trouble wrong why need want wondering question idea unable crash crashes missing lost \
             confused worried struggling how what never nobody",
        ),
        (UNIT_WORD, "word words"),
        (UNIT_SENTENCE, "sentence sentences"),
        (
            TONGUE,
            "english german french spanish italian portuguese dutch polish russian turkish chinese japanese \
             korean arabic hindi danish swedish norwegian finnish greek welsh czech",
        ),
        (REPORT, "report overview summary analysis comparison"),
        (
            SEVERAL,
            "all every key main important information details entities data names dates contact points items facts",
        ),
        (FIRST | STOP, "i me my mine i'm i'd i've i'll we us"),
        (SECOND, "you your you're yours assistant chatgpt"),
        (WISH, "need want like love"),
        (
            STOP,
            "the a an and or but of to in on at by for from with as if so be been being not no yes me us you \
             your my our please also just some any more most very than then into about out up down over \
             under between much many long short best good get got make made write tell give need want \
             would like know explain what's thing things way one two three",
        ),
        (DUTY, "must should shall needs have need"),
        (
            DATA,
            "data feedback sales survey market competitor competitors strengths results trends numbers \
             figures pricing responses pros weaknesses",
        ),
        (GREETING, "dear hello hi subject"),
        (CLOSING, "regards sincerely wishes cheers faithfully"),
        (STATE, "is are was were has had have contains currently"),
        (NEGATION, "don't never no without avoid not dont"),
        (
            NEUTRAL,
            "the a an any anything all plenty lots lot of full complete some several clarifying source \
             numbered each every at least everything including many always only to be in with own more in \
             please three two me use",
        ),
        (
            PREPOSITION,
            "in for on from with at of to by from as unless except that when where if until before",
        ),
        (EXACTLY, "exactly precisely"),
        (IN, "in"),
        (ONLY, "only"),
        (ARTICLE, "the"),
        (
            CONDITION,
            "if unless when whenever where customer customers user wrote depending translate translation",
        ),
    ],
    phrases: &[
        (
            Tag::Vague,
            "make * better|make * good|make * nice|make * nicer|make * great|make * cool|make * cooler|\
             make * pop|make * awesome|make * amazing|make * pretty|make * prettier|improve it somehow|\
             improve this somehow|do your thing|do your magic|work your magic|do whatever you think is best|\
             do whatever you think|do whatever you like|do whatever you want|do something with it|make * more interesting|spice it up|make * look good|make * look nice|\
             make * sound good|make * sound better|make * look better|jazz it up",
        ),
        (
            Tag::VagueIn,
            "some stuff|some stuff about|stuff about|as appropriate|as needed|as necessary|appropriately|\
             something cool|something nice|something good|something interesting|something great|\
             something catchy|something special|something creative|something different|something fun|\
             some nice things|a good one|where appropriate|if appropriate|something like this",
        ),
        (
            Tag::Padding,
            "and stuff|stuff like that|and stuff like that|things like that|and things like that|and so on|\
             and so forth|etc|et cetera|or whatever|or something|or something like that|somehow|\
             and whatnot|and all that",
        ),
        (
            Tag::AtMost,
            "at most|no more than|not more than|maximum|max|maximum of|up to|under|fewer than|less than|\
             within|not exceed|a maximum of|keep it to",
        ),
        (
            Tag::AtLeast,
            "at least|no fewer than|no less than|minimum|a minimum of|minimum of|more than|not less than|not fewer than",
        ),
        (
            Tag::NoList,
            "no bullet points|no bullets|no bulleted list|no lists|no list|without bullet points|\
             don't use bullet points|don't use lists|do not use lists|do not use bullet points|\
             do not use a list|don't use a list|without a list|without lists|avoid bullet points|\
             never use bullet points|never use lists|avoid lists",
        ),
        (
            Tag::List,
            "bulleted list|as a list|use a numbered list|as bullet points|in bullet points|use bullet points|\
             a numbered list|as a numbered list|as bullets|bullet list|use bullets",
        ),
        (
            Tag::NoTable,
            "no table|no tables|don't use tables|do not use tables|without tables|without a table|\
             don't use a table|do not use a table|never use tables|avoid tables",
        ),
        (
            Tag::Table,
            "as a table|in a table|use a table|in table form|as a markdown table|in tabular form",
        ),
        (
            Tag::OnlyJson,
            "respond only with json|only output valid json|output only json|only json|json only|\
             respond only in json|only with json|output only valid json|only valid json|only return json|\
             return only json|return only valid json|respond with json only|only in json|only a json object|\
             nothing but json|reply only with json|answer only with json|only respond with json|\
             only output json|answer only in json|reply only in json|respond with valid json only",
        ),
        (
            Tag::Outside,
            "after the json|below the json|outside the json|before the json|outside of the json|\
             above the json|beside the json|in prose outside|explain * in prose|explain * in a paragraph|\
             in addition to the json",
        ),
        (
            Tag::Formal,
            "formal tone|strictly formal|formal language|formal style|formal register|formally|\
             in formal english|be formal|very formal",
        ),
        (
            Tag::Slang,
            "slang|be casual|casual tone|casual and|informal|chatty|colloquial|casual language|\
             informal tone|very casual|relaxed and casual",
        ),
        (
            Tag::Brief,
            "keep your answer short|be brief|keep it short|keep it brief|be concise|keep it concise|\
             answer briefly|as short as possible|as briefly as possible|keep the answer short|\
             keep your answer brief|keep the answer brief|short answer only",
        ),
        (
            Tag::Detailed,
            "as detailed as possible|in great detail|in full detail|be exhaustive|cover every|\
             as much detail as possible|be very detailed|in as much detail|very detailed|extremely detailed|\
             every detail|leave nothing out|in exhaustive detail",
        ),
        (Tag::FirstPerson, "in the first person|in first person|first person|use the first person"),
        (Tag::ThirdPerson, "third person|in the third person"),
        (Tag::Lower, "lowercase only|all lowercase|only lowercase|all in lowercase|in lowercase"),
        (
            Tag::Upper,
            "all caps|in capitals|all capitals|in uppercase|all uppercase|capital letters only",
        ),
        (
            Tag::OnlyThis,
            "use only the information|only use the information|use only the document|use only the text|\
             only the information in|using only the|based only on|only from the document|\
             do not use outside knowledge|don't use outside knowledge|only use the text",
        ),
        (
            Tag::OwnKnowledge,
            "your own knowledge|from your knowledge|your general knowledge|outside knowledge|\
             general knowledge|other sources",
        ),
    ],
};
