//! German, without umlauts' dots, as the reader folds them.

use super::{Lexicon, Tag, *};

pub(super) const LEXICON: Lexicon = Lexicon {
    code: "de",
    numbers: "ein einen einem eine einer eines einziger einzigen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|\
              zehn|zwölf|fünfzehn|zwanzig|hundert",
    words: &[
        (
            WRITE,
            "schreib schreibe schreiben verfasse verfassen erstelle erstellen entwirf entwerfen plane planen \
             mach mache machen gib geben formuliere formulieren erfinde entwickle gestalte bau baue bereite \
             erzähl erzähle verfass",
        ),
        (
            TRANSFORM,
            "übersetze übersetzen übersetz korrigiere korrigieren verbessere verbessern kürze kürzen ändere \
             überarbeite überarbeiten umformuliere ergänze prüfe prüfen sortiere ordne wandle vereinfache",
        ),
        (SUMMARY, "zusammenfassen zusammenfassung zusammen"),
        (EXTRACT, "extrahiere extrahieren"),
        (COMPARE, "vergleiche vergleichen vergleich vergleichst gegenüber"),
        (ANALYSE, "analysiere analysieren analyse bewerte bewerten auswerten"),
        (
            ORDER,
            "fasse fass stell stelle finde finden hilf helfen zeig zeige such suche suchen lies zähle rate \
             sag sage sagen rechne berechne spiel denk denke frag frage merke beginne ordne sieze duze",
        ),
        (GIVE, "verwende benutze nutze nenne nennen gib erwähne füge zeige schreibe liste"),
        (CALCULATE, "berechne rechne berechnen"),
        (RECOMMEND, "empfiehl empfehle empfehlen"),
        (EXPLAIN, "erkläre erklär erklären beschreibe beschreiben beschreib"),
        (ANSWER, "antworte antworten beantworte"),
        (
            QUESTION,
            "was wer wen wem wessen welche welcher welches welchen wann wo warum wieso weshalb wie wohin \
             woher womit worin woran wofür wozu wieviel",
        ),
        (
            QUESTION | STOP,
            "ist sind war kann können könnte soll sollte muss darf hat haben gibt wird werden bin hast",
        ),
        (POLITE, "kannst könntest können könnten würdest würden magst"),
        (
            FILLER,
            "bitte und dann noch auch außerdem jetzt so hallo hi hey zuerst erstens zweitens drittens zudem \
             oder also übrigens danach ferner nun mir mich bitte moin sowie weiterhin",
        ),
        (PLEASE, "bitte"),
        (ADDITIVE, "außerdem übrigens zudem noch ferner nebenbei sachen"),
        (
            FORM,
            "liste listen tabelle tabellen stichpunkt stichpunkte stichpunkten stichpunktliste aufzählung \
             json csv xml markdown spalte spalten zeile zeilen abschnitt abschnitte abschnitten überschrift \
             überschriften absatz absätze absätzen satz sätze sätzen wort worte wörter wörtern seite seiten \
             brief mail email format vorlage gegliedert kurz knapp nummeriert nummerierte aufsatz essay \
             diagramm beispiel zeichen punkte punkten schritt schritte nur note",
        ),
        (
            MATERIAL,
            "text artikel entwurf protokoll mail email brief vertrag dokument absatz rezension notizen code \
             kontext daten rechnung eingabe ausgabe abschnitt",
        ),
        (
            ANNOUNCE,
            "folgenden folgende folgendes folgender unten diesen dieser diese dieses hier mein meine meinen unser",
        ),
        (
            BACK | STOP,
            "er sie ihn ihm ihr ihnen sein seine dieser diese dieses diesen diesem das dies davon daran \
             darin darüber damit dazu dort oben derselbe dafür",
        ),
        (
            PART,
            "zuerst dann danach anschließend zunächst abschließend außer erst gefolgt teil darunter dahinter \
             nachher sonst erste zweite",
        ),
        (SHARE, "jeweils pro je jede jeder jedes jeden jedem beginne"),
        (SECTION, "einleitung schluss betreff titel überschrift abschnitt"),
        (
            TROUBLE,
            "fehler kaputt hilfe nicht kein keine keinen problem warum brauche will möchte obwohl geht \
             funktioniert leider nichts nie verloren",
        ),
        (UNIT_WORD, "wort worte worten wörter wörtern"),
        (UNIT_SENTENCE, "satz sätze sätzen"),
        (
            TONGUE,
            "deutsch englisch französisch spanisch italienisch portugiesisch niederländisch polnisch russisch \
             türkisch chinesisch japanisch arabisch finnisch schwedisch",
        ),
        (REPORT, "bericht überblick zusammenfassung analyse übersicht vergleich"),
        (SEVERAL, "alle sämtliche wichtigsten informationen daten namen angaben kontaktdaten"),
        (FIRST | STOP, "ich mir mich wir uns"),
        (SECOND, "du dir dich dein deine sie ihnen ihr"),
        (WISH, "brauche bräuchte möchte will hätte wünsche benötige"),
        (
            STOP,
            "der die das den dem des ein eine einen einem einer eines und oder aber von vom zu zum zur in im \
             ins auf an am bei mit nach aus für um über unter als wenn dass so sehr auch noch nur schon mal \
             man sich nicht kein keine mein meine dein deine unser unsere hier wie viel lange heißt habe hat \
             ist sind brauche bitte gib schreib erkläre geht",
        ),
        (DUTY, "muss müssen soll sollen sollte"),
        (
            DATA,
            "marktlage daten umfrage ergebnisse verkaufszahlen feedback stärken schwächen zahlen wettbewerber",
        ),
        (GREETING, "sehr liebe lieber hallo guten betreff"),
        (CLOSING, "grüßen grüße gruß"),
        (STATE, "ist sind war hat hatte haben"),
        (NEGATION, "kein keine keinen nicht nie niemals ohne"),
        (
            NEUTRAL,
            "die der das ein eine einen alle viele jede jeden jedes voll vollständige dabei bitte immer",
        ),
        (PREPOSITION, "in im für auf von vom mit bei zu zum zur an am aus wenn außer bis"),
        (EXACTLY, "genau exakt"),
        (IN, "auf in"),
        (ONLY, "nur ausschließlich"),
        (ARTICLE, "der die das"),
        (CONDITION, "wenn falls sofern außer kunde kunden übersetze übersetzung"),
    ],
    phrases: &[
        (
            Tag::Vague,
            "mach es besser|mach das besser|mach ihn besser|mach sie besser|mach es schöner|mach das schöner|\
             mach es gut|mach was draus|mach etwas daraus|verbessere es irgendwie|mache es besser|mach es irgendwie besser",
        ),
        (
            Tag::VagueIn,
            "wie du meinst|wie auch immer|was auch immer|wie du willst|irgendwas schönes|irgendwas gutes|irgendetwas schönes|irgendwas nettes|etwas schönes|etwas nettes|\
             etwas gutes|etwas cooles|was schönes|was nettes|etwas interessantes|was gutes|\
             irgendwas|irgendetwas|etwas tolles|nach bedarf|gegebenenfalls|entsprechend anpassen|was cooles",
        ),
        (
            Tag::Padding,
            "usw|und so weiter|und so fort|etc|oder so|oder so was|oder sowas|und sowas|irgendwie|und ähnliches|\
             u s w|und dergleichen|oder ähnliches|und so was",
        ),
        (Tag::AtMost, "höchstens|maximal|nicht mehr als|bis zu|weniger als|max"),
        (Tag::AtLeast, "mindestens|wenigstens|nicht weniger als|mehr als|minimum"),
        (
            Tag::NoList,
            "keine aufzählung|keine liste|keine listen|keine stichpunkte|ohne aufzählung|ohne liste|\
             ohne stichpunkte|keine aufzählungen|benutze keine listen|verwende keine listen",
        ),
        (
            Tag::List,
            "als stichpunktliste|als liste|als aufzählung|in stichpunkten|als nummerierte liste|als stichpunkte",
        ),
        (Tag::NoTable, "keine tabelle|keine tabellen|ohne tabelle|ohne tabellen"),
        (Tag::Table, "als tabelle|in einer tabelle|in tabellenform|in eine tabelle"),
        (
            Tag::OnlyJson,
            "nur json|ausschließlich json|nur mit json|ausschließlich mit json|nur als json|nur in json|\
             nur gültiges json|ausschließlich gültiges json|nur im json",
        ),
        (
            Tag::Outside,
            "nach dem json|unter dem json|außerhalb des json|vor dem json|neben dem json",
        ),
        (
            Tag::Formal,
            "förmlich|formell|sehr förmlich|in förmlichem ton|formellen ton|förmlichen ton",
        ),
        (Tag::Slang, "umgangssprachlich|jugendsprache|umgangssprache|locker und flapsig|salopp"),
        (
            Tag::Brief,
            "fasse dich kurz|fass dich kurz|so kurz wie möglich|halte dich kurz|kurz und knapp|antworte kurz|\
             möglichst kurz|fassen sie sich kurz",
        ),
        (
            Tag::Detailed,
            "so ausführlich wie möglich|möglichst ausführlich|sehr ausführlich|in allen einzelheiten|\
             mit allen details|bis ins detail|so detailliert wie möglich|möglichst detailliert",
        ),
        (Tag::FirstPerson, "in der ich form|in der ersten person|aus der ich perspektive"),
        (Tag::ThirdPerson, "in der dritten person"),
        (Tag::Lower, "nur kleinbuchstaben|alles klein"),
        (Tag::Upper, "nur großbuchstaben|in großbuchstaben"),
        (
            Tag::OnlyThis,
            "nur die informationen|nur das dokument|nur den text|ausschließlich den text|nur aus dem text",
        ),
        (
            Tag::OwnKnowledge,
            "eigenem wissen|dein eigenes wissen|deinem wissen|allgemeinwissen|anderen quellen",
        ),
        (Tag::Familiar, "duze|duze die leser|in der du form|duzen"),
        (Tag::Polite, "sieze|sieze den leser|in der sie form|siezen"),
    ],
};
