//! French, without accents, as the reader folds them.

use super::{Lexicon, Tag, *};

pub(super) const LEXICON: Lexicon = Lexicon {
    code: "fr",
    numbers: "un une seul seule|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|cent",
    words: &[
        (
            WRITE,
            "écris écrivez écrire rédige rédigez rédiger crée créez créer prépare préparez préparer fais faites \
             faire donne donnez donner conçois invente imagine propose planifie compose élabore dis raconte",
        ),
        (
            TRANSFORM,
            "traduis traduisez traduire corrige corrigez corriger améliore améliorez améliorer réécris \
             reformule raccourcis modifie simplifie complète vérifie classe trie convertis adapte",
        ),
        (SUMMARY, "résume résumez résumer résumé synthétise"),
        (EXTRACT, "extrais extrayez extraire relève"),
        (COMPARE, "compare comparez comparer comparaison"),
        (ANALYSE, "analyse analysez analyser évalue évaluez"),
        (
            ORDER,
            "trouve trouvez cherche aide montre liste imagine joue commence lis garde évite suis sois présente",
        ),
        (
            GIVE,
            "utilise utilisez inclus ajoute ajoutez mentionne donne liste cite emploie présente",
        ),
        (CALCULATE, "calcule calculez convertis"),
        (RECOMMEND, "recommande recommandez conseille suggère"),
        (EXPLAIN, "explique expliquez expliquer décris décrivez décrire définis"),
        (ANSWER, "réponds répondez répondre parle"),
        (QUESTION, "que quoi qui quel quelle quels quelles quand où pourquoi comment combien"),
        (QUESTION | STOP, "est sont peut dois doit faut a ont"),
        (POLITE, "peux pouvez pourrais pourriez veux voudrais"),
        (
            FILLER,
            "et aussi puis alors ensuite enfin bonjour salut s'il te vous plaît svp d'abord de plus autre chose moi également merci",
        ),
        (PLEASE, "svp plaît"),
        (ADDITIVE, "aussi également ailleurs"),
        (
            FORM,
            "liste listes tableau tableaux puce puces json csv xml markdown colonne colonnes ligne lignes \
             section sections titre titres paragraphe paragraphes phrase phrases mot mots page pages lettre \
             mail courriel format modèle bref brève brièvement court courte points point numérotée étapes \
             exemple seulement note essai plan",
        ),
        (
            MATERIAL,
            "texte article document contrat courriel mail lettre brouillon avis notes données extrait",
        ),
        (ANNOUNCE, "suivant suivante suivants suivantes dessous ce cet cette ces voici mon ma mes"),
        (
            BACK | STOP,
            "il elle ils elles lui leur le la les celui celle ceux ce cela ça ceci y en dessus même",
        ),
        (PART, "abord puis ensuite après suivi suivie sauf partie première deuxième"),
        (SHARE, "chaque par commence"),
        (SECTION, "introduction conclusion titre objet section"),
        (
            TROUBLE,
            "erreur panne aide pas ne problème pourquoi besoin veux voudrais rien jamais plus impossible",
        ),
        (UNIT_WORD, "mot mots"),
        (UNIT_SENTENCE, "phrase phrases"),
        (
            TONGUE,
            "français anglais allemand espagnol italien portugais néerlandais polonais russe arabe japonais finnois",
        ),
        (REPORT, "rapport synthèse résumé analyse comparaison aperçu"),
        (SEVERAL, "tous toutes principales informations données noms dates coordonnées principaux"),
        (FIRST | STOP, "je j me moi mon ma mes nous notre nos"),
        (SECOND, "tu te toi vous votre ton ta"),
        (WISH, "besoin veux voudrais souhaite aimerais faut"),
        (
            STOP,
            "le la les l un une des du de d et ou à au aux en dans sur sous par pour avec sans ce cet cette \
             ces que qu qui est sont il elle on ne pas plus très aussi mon ma mes ton ta notre se s n c dire \
             temps fait faut moi donne écris explique",
        ),
        (DUTY, "doit doivent dois faut devra"),
        (DATA, "données ventes sondage résultats marché concurrents forces faiblesses chiffres"),
        (GREETING, "bonjour madame monsieur cher chère objet"),
        (CLOSING, "cordialement salutations"),
        (STATE, "est sont a ont avait était"),
        (NEGATION, "sans pas jamais aucun aucune"),
        (NEUTRAL, "le la les un une des de tous toutes toujours"),
        (PREPOSITION, "dans pour sur de du des avec à au aux par si sauf"),
        (EXACTLY, "exactement précisément"),
        (IN, "en"),
        (ONLY, "seulement uniquement"),
        (ARTICLE, ""),
        (CONDITION, "si sauf client clients lorsque quand traduis traduction"),
    ],
    phrases: &[
        (
            Tag::Vague,
            "rends le mieux|améliore ça un peu|fais comme tu veux|fais au mieux|fais ta magie|\
             fais quelque chose de bien",
        ),
        (
            Tag::VagueIn,
            "comme tu veux|comme tu le sens|quelque chose de bien|quelque chose de sympa|quelque chose de beau|quelque chose de joli|\
             un truc sympa|un truc bien|un truc cool|des trucs|quelque chose d intéressant|si nécessaire|\
             selon les besoins|quelque chose d original",
        ),
        (
            Tag::Padding,
            "etc|et ainsi de suite|et cetera|ou autre chose|et tout ça|ou un truc comme ça|et des trucs comme ça|des choses comme ça|ou je ne sais quoi",
        ),
        (Tag::AtMost, "au plus|au maximum|maximum|pas plus de|moins de|jusqu à"),
        (Tag::AtLeast, "au moins|au minimum|minimum|pas moins de|plus de"),
        (
            Tag::NoList,
            "sans liste|sans listes|pas de liste|pas de listes|sans puces|pas de puces|aucune liste|n utilise pas de liste",
        ),
        (Tag::List, "sous forme de liste|liste à puces|en liste|liste numérotée|avec des puces"),
        (Tag::NoTable, "sans tableau|sans tableaux|pas de tableau|pas de tableaux|aucun tableau"),
        (Tag::Table, "dans un tableau|sous forme de tableau|en tableau"),
        (
            Tag::OnlyJson,
            "uniquement en json|seulement en json|uniquement du json|seulement du json|uniquement avec du json|que du json",
        ),
        (Tag::Outside, "après le json|sous le json|en dehors du json|avant le json|à côté du json"),
        (Tag::Formal, "ton formel|très formel|langage soutenu|registre soutenu|ton soutenu"),
        (Tag::Slang, "argot|langage familier|ton familier|registre familier|très familier"),
        (
            Tag::Brief,
            "sois bref|soyez bref|sois brève|sois concis|soyez concis|réponds brièvement|le plus court possible|fais court",
        ),
        (
            Tag::Detailed,
            "le plus détaillé possible|la plus détaillée possible|en détail|très détaillé|très détaillée|le plus de détails possible|dans les moindres détails",
        ),
        (Tag::FirstPerson, "à la première personne"),
        (Tag::ThirdPerson, "à la troisième personne"),
        (Tag::Lower, "en minuscules"),
        (Tag::Upper, "en majuscules"),
        (
            Tag::OnlyThis,
            "uniquement les informations|seulement les informations|uniquement le document|uniquement le texte",
        ),
        (Tag::OwnKnowledge, "tes propres connaissances|vos propres connaissances|d autres sources"),
        (Tag::Familiar, "tutoie|tutoyez|tutoie le lecteur"),
        (Tag::Polite, "vouvoie|vouvoyez|vouvoie le lecteur"),
    ],
};
