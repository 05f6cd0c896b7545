//! The languages that instructions of a tier can be added in, and which of them a text is in.

/// What there is of one language.
pub(crate) struct Language {
    /// Its code (ISO 639-1).
    pub(crate) code: &'static str,
    /// Words that show it: what an ask begins with, then function words.
    verbs: &'static str,
    function: &'static str,
    /// What joins a further ask in the same sentence.
    pub(crate) then: &'static str,
    /// What may stand before it, or before the verb of an ask.
    pub(crate) before: &'static str,
    /// The deep tier's sentences: step by step, justify, consider alternatives.
    pub(crate) deep: &'static str,
    /// The fast tier's: short and direct.
    pub(crate) fast: &'static str,
    /// Where asks are numbered.
    pub(crate) steps: &'static str,
    /// Where a format is asked for.
    pub(crate) keep: &'static str,
    /// Above a JSON Schema, where the model is not held to it otherwise.
    pub(crate) schema: &'static str,
}

pub(crate) const ENGLISH: &Language = &Language {
    code: "en",
    verbs: " add analyse analyze answer calculate check choose classify compare correct count \
        create define describe design draft evaluate explain extract find fix generate give \
        identify improve justify list make name outline propose prove rank read recommend \
        rewrite show solve sort suggest summarise summarize tell translate turn write ",
    function: " the and of to is are what how with for that this from you your please it by be which \
        why does can should not into one my a in i am do we our me when where who while \
        could would will has have was there at or but if about any ",
    then: "then",
    before: " please and then also finally first next ",
    deep: "Think step by step before you answer. Justify each conclusion. Consider alternatives, and say why you prefer your answer.",
    fast: "Answer directly and briefly, without a preamble.",
    steps: "Do the numbered steps in order.",
    keep: "Keep the answer itself to the format.",
    schema: "Answer with JSON alone that fits this JSON Schema:",
};

/// English first. Address and grammar were written for this place, not translated by a machine.
pub(crate) const LANGUAGES: [&Language; 6] = [
    ENGLISH,
    &Language {
        code: "de",
        verbs: " analysiere begründe beschreibe berechne bewerte entwirf erkläre erstelle fasse finde \
            formuliere gib korrigiere liste löse nenne ordne prüfe schreibe schreib schlage \
            sortiere übersetze verbessere vergleiche zähle zeige ",
        function: " der die das und ist nicht ein eine einen wie was mit für von zu den dem auf im bitte \
            ich sie warum des welche sind aus zum zur soll sollte kann oder mein meine meinen in \
            wer wann wo habe hat wird dass man es aber bei nach als über mir wir ",
        then: "dann",
        before: " bitte und dann auch schließlich zuerst ",
        deep: "Denke Schritt für Schritt, bevor du antwortest. Begründe jede Schlussfolgerung. Erwäge Alternativen und sage, warum du deine Antwort vorziehst.",
        fast: "Antworte direkt und kurz, ohne Einleitung.",
        steps: "Erledige die nummerierten Schritte der Reihe nach.",
        keep: "Die Antwort selbst hält sich an das Format.",
        schema: "Antworte nur mit JSON, das diesem JSON-Schema entspricht:",
    },
    &Language {
        code: "fr",
        verbs: " analysez analyse calculez classez comparez compare corrigez décrivez décris donnez \
            donne écrivez écris expliquez explique extrayez listez énumérez nommez proposez \
            rédigez rédige résumez résume traduisez traduis trouvez trouve vérifiez ",
        function: " le la les et est des un une pour dans que qui avec sur du au aux ce cette comment \
            pourquoi quel quelle vous il de en sont je mon ma mes ou où quand peut dois par mais \
            ne pas nous son sa ses leur on plus ",
        then: "puis",
        before: " et puis aussi enfin ensuite ",
        deep: "Réfléchissez étape par étape avant de répondre. Justifiez chaque conclusion. Envisagez d’autres possibilités et dites pourquoi vous préférez votre réponse.",
        fast: "Répondez directement et brièvement, sans préambule.",
        steps: "Suivez les étapes numérotées dans l’ordre.",
        keep: "La réponse elle-même respecte le format.",
        schema: "Répondez uniquement par du JSON conforme à ce schéma JSON :",
    },
    &Language {
        code: "es",
        verbs: " analiza calcula clasifica compara corrige crea da dame describe encuentra enumera \
            escribe explica extrae haz indica nombra ordena propón redacta resume traduce ",
        function: " el la los las y es un una para en que con por del al cómo qué como este esta se de \
            su no cuál son lo entre mi mis o cuándo dónde cuánto puedo debo hay tiene más pero \
            si yo me sin sobre hasta ",
        then: "luego",
        before: " por favor y luego también finalmente primero ",
        deep: "Piensa paso a paso antes de responder. Justifica cada conclusión. Considera alternativas y di por qué prefieres tu respuesta.",
        fast: "Responde de forma directa y breve, sin preámbulos.",
        steps: "Sigue los pasos numerados en orden.",
        keep: "La respuesta misma respeta el formato.",
        schema: "Responde solo con JSON que cumpla este esquema JSON:",
    },
    &Language {
        code: "pt",
        verbs: " analise calcule classifique compare corrija crie descreva dê encontre enumere \
            escreva explique extraia faça indique liste ordene proponha redija resuma traduza ",
        function: " o a os as e é um uma para em que com por do da dos das no na como este esta não se \
            de ao qual são entre meu minha ou quando onde quanto posso devo há tem mais mas eu \
            me sem sobre até pelo pela ",
        then: "depois",
        before: " por favor e depois também finalmente primeiro ",
        deep: "Pense passo a passo antes de responder. Justifique cada conclusão. Considere alternativas e diga por que prefere a sua resposta.",
        fast: "Responda de forma direta e breve, sem preâmbulo.",
        steps: "Siga os passos numerados na ordem.",
        keep: "A própria resposta respeita o formato.",
        schema: "Responda apenas com JSON que siga este esquema JSON:",
    },
    &Language {
        code: "it",
        verbs: " analizza calcola classifica confronta correggi crea dammi descrivi elenca estrai fai \
            indica ordina proponi redigi riassumi scrivi spiega spiegami traduci trova ",
        function: " il la lo gli le e è un una per in che con di del della dei come questo questa non \
            sono da al perché quale tra mio mia i o ma più mi si quanto quando dove posso devo \
            ho nel nella sul sulla dal chi serve ",
        then: "poi",
        before: " per favore e poi anche infine prima ",
        deep: "Ragiona passo per passo prima di rispondere. Motiva ogni conclusione. Considera le alternative e spiega perché preferisci la tua risposta.",
        fast: "Rispondi in modo diretto e breve, senza preamboli.",
        steps: "Segui i passi numerati nell’ordine.",
        keep: "La risposta stessa rispetta il formato.",
        schema: "Rispondi solo con JSON conforme a questo schema JSON:",
    },
];

/// Function words of languages that there are no instructions in, so that they are not taken for
/// one that there are: Dutch, the Scandinavian ones, Polish, Czech, Romanian, Turkish, Finnish,
/// Hungarian, Indonesian, Catalan, Vietnamese.
const OTHERS: [&str; 11] = [
    " de het een van en is niet met op voor dat wat hoe ik te zijn aan wordt naar deze waarom schrijf welke kan mijn of wie wanneer waar bij in ",
    " och att det en är som på av för med og er i til et den ikke hvordan hvad skriv förklara jag jeg ",
    " i w z na jest nie do się co jak to są dla napisz wyjaśnij czy jaki jakie ma mój kiedy gdzie mogę ten ta po za o ",
    " a je na se že v co jak s pro napiš vysvětli jsou ",
    " și de la în este un o cu pe ce care nu scrie explică din pentru ",
    " ve bir bu için ile ne nasıl da de yaz açıkla nedir olarak mi mı hangi nerede kadar çok benim var daha gibi ",
    " ja on ei se mitä miten kirjoita selitä kuinka ",
    " a az és egy hogy nem mi írj magyarázd van ",
    " yang dan di ini itu dengan untuk apa tulis jelaskan dari adalah ",
    " el la els les i és un una per amb que escriu explica com dels de en ",
    " và của là một cho có những viết giải thích được ",
];

/// The language of `text`: the one whose words it has most of, if one has more than all others.
/// Without any known word, a text of ASCII letters alone is taken for English. `None`: another
/// language, or not clear; then nothing should be added.
pub(crate) fn of(text: &str) -> Option<&'static Language> {
    let mut hits = [0u32; LANGUAGES.len() + OTHERS.len()];
    let (mut words, mut letters, mut foreign, mut plain) = (0u32, 0u32, 0u32, true);
    for sign in text.chars().filter(|sign| sign.is_alphabetic()) {
        letters += 1;
        plain &= sign.is_ascii();
        // Beyond the Latin blocks, up to the Vietnamese ones that belong to them.
        if sign > '\u{24f}' && !('\u{1e00}'..='\u{1eff}').contains(&sign) {
            foreign += 1;
        }
    }
    if foreign * 2 > letters {
        return None;
    }
    for word in text.split(|sign: char| !sign.is_alphabetic()) {
        if word.is_empty() {
            continue;
        }
        words += 1;
        let word = spaced(word);
        let mut slots = hits.iter_mut();
        for (language, slot) in LANGUAGES.iter().zip(slots.by_ref()) {
            *slot += u32::from(language.function.contains(&word) || language.verbs.contains(&word));
        }
        for (list, slot) in OTHERS.iter().zip(slots) {
            *slot += u32::from(list.contains(&word));
        }
    }
    let most = hits.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return plain.then_some(ENGLISH);
    }
    let alone = hits.iter().filter(|count| **count == most).count() == 1;
    let place = hits.iter().position(|count| *count == most)?;
    let enough = most * 16 >= words;
    LANGUAGES.get(place).copied().filter(|_| alone && enough)
}

/// Whether an ask of `language` begins with `word`, as [`spaced`] gives it.
pub(crate) fn asks(language: &Language, word: &str) -> bool {
    language.verbs.contains(word)
}

/// A word in lower case between blanks, to be found in a list of words.
pub(crate) fn spaced(word: &str) -> String {
    let mut out = String::from(" ");
    for sign in word.chars() {
        out.push(crate::letter::lower(sign));
    }
    out.push(' ');
    out
}
