//! Which language a person writes in, told by the small words that every sentence needs, or by the
//! script. Too little to tell from is told as such.

use super::scan::{Scan, Word, hash};
use crate::sort::sort;

/// A language and its small words, of our own choosing; for English, German, French and Spanish, whose
/// prompts are short more often than not, also the commonest orders.
const LISTS: [(&str, &str); 22] = [
    (
        "en",
        "the of and to is it that this for with you your what how are my me i was be by from an or not at \
         write make give explain please which who why where when should can could would do does have has \
         there their they don't it's into about some here compare summarize summarise extract translate \
         need want find fix list let's as if so on below following answer analyze describe tell our we \
         thanks create draft between all but proofread recommend calculate these those what's",
    ),
    (
        "de",
        "der die das und ist nicht ein eine einen einem einer mit für auf von zu den dem des ich du sie wir \
         mir mich was wie warum wer bitte im am zum zur über unter oder aber auch noch nur wenn dass kann \
         kannst schreib schreibe erkläre fasse mach mache gib nenne erstelle vergleiche übersetze meine mein \
         wird sind hat habe haben aus bei nach keine kein antworte folgenden brauche wo wann hallo nenne in",
    ),
    (
        "fr",
        "le la les un une des du de et est pas que qui quel quelle dans pour sur avec je tu il elle nous vous \
         mon ma mes ton ce cet cette ces au aux en sont sans ou comment pourquoi combien écris rédige résume \
         explique traduis donne fais réponds peux suivant mais plus par notre quels quelles être",
    ),
    (
        "es",
        "el la los las un una de del y en que es por para con no se su sus mi me lo al como más pero son qué \
         cuál cómo cuándo dónde quién escribe redacta resume explica traduce dame haz responde puedes \
         siguiente está este esta hay sin cuánto nuestra nuestro debe o muy corrige también tiempo hace dime algo \
         explícame nombre hacer tiene cuáles compara crea prepara yo le nos cada entre sobre desde tengo",
    ),
    (
        "it",
        "il lo la gli un una di del della dei delle e è che per con non si sono come più nel nella alla al \
         dal ha questo questa scrivi riassumi confronta qualcosa cosa quale perché ma anche o dell'acqua \
         seguente da i le due spiega fai testo nostro nostra",
    ),
    (
        "pt",
        "o a os as um uma de do da dos das e é que para por com não se na no em nos nas ao mais como mas foi \
         seu sua você escreva resuma explique compare algo nosso nossa isso este esta são qual pelo pela \
         uma texto seguir ter deve",
    ),
    (
        "nl",
        "de het een en van is dat niet te op voor met zijn ik je er maar om ook aan naar bij wat hoe waarom \
         schrijf vat samen maak iets onze deze dit volgende wordt hebben heeft die in tekst vergelijk twee",
    ),
    (
        "sv",
        "och att det som en ett är på av för med till den har inte om ett jag du vad hur skriv sammanfatta \
         följande text gör något de i från var kan",
    ),
    (
        "da",
        "og at det som en et er på af for med til den har ikke om jeg du hvad hvordan skriv noget vores \
         sammenlign de fra kan følgende osv i",
    ),
    (
        "no",
        "og at det som en et er på av for med til den har ikke om jeg du hva hvordan skriv noe vår følgende fra kan i",
    ),
    (
        "pl",
        "i w na z do się nie że jest to jak o po dla od za przez są ale co czy przez napisz coś streść nasz \
         naszą zrób poniższy tekst tym był ze oraz porównaj itd jakoś",
    ),
    (
        "cs",
        "a v na se je že do s z o k ale jak pro by co to následující text napiš shrň jednou nebo jsou ve od podle",
    ),
    (
        "sk",
        "a v na sa je že do s z o k ale ako pre by čo to nasledujúci text napíš alebo sú vo od podľa",
    ),
    (
        "ro",
        "și de la în cu pe nu este un o că din pentru care mai sunt al ale scrie ceva pentru noastră pagina \
         compară cele două ce cum textul",
    ),
    (
        "hu",
        "a az és hogy nem is egy ez van volt de meg csak legyen valami következő szöveget mi hogyan írj foglald össze",
    ),
    (
        "fi",
        "ja on ei se että hän oli joka mutta kun niin seuraava teksti tee siitä jotenkin mitä miten kirjoita tiivistä",
    ),
    (
        "tr",
        "ve bir bu da de için ile ne olarak çok daha gibi o ama mi mı nasıl neden yaz aşağıdaki metni özetle \
         şey olsun neresidir kadar en",
    ),
    (
        "id",
        "yang dan di ini itu untuk dengan tidak dari dalam pada adalah saya anda akan ke bisa apa bagaimana tulis buat",
    ),
    (
        "vi",
        "và của là có không cho một các được những này với trong để người tôi bạn như thế nào viết hãy",
    ),
    (
        "ca",
        "el la els les un una de del i en que és per amb no es al com més però són què escriu resumeix el següent",
    ),
    ("la", "et in est non ad cum ut sed quod qui ex ab de atque aut omnis unam per quam divisa"),
    ("hr", "i u na je se da za su s od ne što kako ili ali iz do kao napiši sljedeći tekst nešto"),
];

/// What was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// ISO 639-1.
    pub code: Option<&'static str>,
    /// Whether it is told with some certainty.
    pub sure: bool,
}

/// Words of the first paragraph, and of the text, that are read.
const FIRST: usize = 60;
const MOST: usize = 300;

/// The language of what `scan` holds.
pub(super) fn of(scan: &Scan) -> Told {
    if scan.other > 0 && scan.other * 4 >= scan.latin {
        let code = scan.script.and_then(by_script);
        return Told { code, sure: code.is_some() && scan.other > scan.latin };
    }
    let block = scan.sentences.first().map_or(0, |sentence| sentence.block);
    let beyond = scan.sentences.iter().find(|sentence| sentence.block != block);
    let first = beyond.map_or(scan.words.len(), |sentence| sentence.first).min(FIRST);
    let table = table();
    let told = by_words(&table, scan.words.get(..first).unwrap_or_default());
    if told.sure { told } else { by_words(&table, scan.words.get(..MOST).unwrap_or(&scan.words)) }
}

fn table() -> Vec<(u32, u32)> {
    let mut all: Vec<(u32, u32)> = Vec::new();
    for (language, (_, list)) in LISTS.iter().enumerate() {
        for word in list.split_ascii_whitespace() {
            all.push((hash(word), 1 << language));
        }
    }
    sort(&mut all, |a, b| a.0 < b.0);
    let mut table: Vec<(u32, u32)> = Vec::with_capacity(all.len());
    for entry in all {
        match table.last_mut() {
            Some(last) if last.0 == entry.0 => last.1 |= entry.1,
            _ => table.push(entry),
        }
    }
    table
}

fn by_words(table: &[(u32, u32)], words: &[Word]) -> Told {
    // A word of one list alone says more than one of several.
    let mut scores = [0_u32; LISTS.len()];
    for word in words {
        let at = table.partition_point(|(hash, _)| *hash < word.hash);
        let Some((_, set)) = table.get(at).filter(|entry| entry.0 == word.hash) else { continue };
        let weight = match set.count_ones() {
            1 => 4,
            2 => 2,
            _ => 1,
        };
        for (language, score) in scores.iter_mut().enumerate() {
            if set >> language & 1 == 1 {
                *score += weight;
            }
        }
    }
    let mut best = (0, 0);
    let mut second = 0;
    for (language, score) in scores.iter().enumerate() {
        if *score > best.1 {
            second = best.1;
            best = (language, *score);
        } else if *score > second {
            second = *score;
        }
    }
    let sure =
        best.1 >= 3 && best.1 * 2 >= second * 3 && best.1 as usize * 4 >= words.len().min(40);
    let code = LISTS.get(best.0).map(|(code, _)| *code).filter(|_| best.1 > 0 && best.1 > second);
    Told { code, sure: sure && code.is_some() }
}

/// The commonest language of a script that hardly any other language has; `None` for others.
const fn by_script(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{370}'..='\u{3ff}' => "el",
        '\u{400}'..='\u{52f}' => "ru",
        '\u{590}'..='\u{5ff}' => "he",
        '\u{600}'..='\u{6ff}' => "ar",
        '\u{900}'..='\u{97f}' => "hi",
        '\u{e00}'..='\u{e7f}' => "th",
        '\u{3040}'..='\u{30ff}' => "ja",
        '\u{3400}'..='\u{9fff}' => "zh",
        '\u{ac00}'..='\u{d7a3}' => "ko",
        _ => return None,
    })
}
