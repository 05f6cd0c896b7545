//! Spanish, without accents, as the reader folds them.

use super::{Lexicon, Tag, *};

pub(super) const LEXICON: Lexicon = Lexicon {
    code: "es",
    numbers: "un una sola solo|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|cien",
    words: &[
        (
            WRITE,
            "escribe escriba escribir redacta redacte redactar crea cree crear prepara prepare preparar haz haga \
             hazlo hacer dame deme da diseña inventa planifica planea elabora cuenta cuéntame dime genera generar",
        ),
        (
            TRANSFORM,
            "traduce traduzca traducir corrige corrija corregir mejora mejore reescribe reformula acorta cambia \
             simplifica completa revisa clasifica ordena convierte adapta",
        ),
        (SUMMARY, "resume resuma resumir resumen resumirme sintetiza resúmeme"),
        (EXTRACT, "extrae extraiga extraer"),
        (COMPARE, "compara compare comparar comparación"),
        (ANALYSE, "analiza analice analizar análisis evalúa"),
        (ORDER, "busca encuentra ayúdame muestra lista juega empieza lee evita sé presenta elige"),
        (GIVE, "usa use utiliza incluye añade menciona da lista cita presenta nombra"),
        (CALCULATE, "calcula calcule convierte"),
        (RECOMMEND, "recomienda recomiéndame sugiere"),
        (EXPLAIN, "explica explique explicar explícame explicarme describe describir define"),
        (ANSWER, "responde responda contesta habla"),
        (QUESTION, "qué quién quiénes cuál cuáles cuándo dónde cómo cuánto cuánta cuántos cuántas"),
        (QUESTION | STOP, "es son puede debo hay tengo debe"),
        (POLITE, "puedes puede podrías podría pueden quieres"),
        (
            FILLER,
            "por favor y también luego ahora entonces hola además después primero segundo finalmente otra cosa me enfin porfa",
        ),
        (PLEASE, "favor porfa"),
        (ADDITIVE, "también además aparte"),
        (
            FORM,
            "lista listas tabla tablas viñeta viñetas json csv xml markdown columna columnas fila filas sección \
             secciones título títulos párrafo párrafos frase frases oración oraciones palabra palabras página \
             páginas carta correo formato plantilla breve brevemente corto corta puntos numerada pasos ejemplo \
             línea líneas solo nota ensayo",
        ),
        (MATERIAL, "texto artículo documento contrato correo carta borrador reseña notas datos"),
        (ANNOUNCE, "siguiente siguientes abajo este esta estos estas aquí mi mis"),
        (
            BACK | STOP,
            "él ella ellos ellas lo la los las le les su sus este esta esto eso ese esa allí mismo arriba",
        ),
        (PART, "primero luego después seguido seguida salvo parte primera segunda"),
        (SHARE, "cada por empieza"),
        (SECTION, "introducción conclusión título asunto sección"),
        (TROUBLE, "error ayuda no problema falla necesito quiero roto nunca nada imposible aunque"),
        (UNIT_WORD, "palabra palabras"),
        (UNIT_SENTENCE, "frase frases oración oraciones"),
        (
            TONGUE,
            "español inglés alemán francés italiano portugués neerlandés polaco ruso árabe japonés finés",
        ),
        (REPORT, "informe resumen análisis comparación panorama"),
        (SEVERAL, "todos todas principales información datos nombres fechas contacto"),
        (FIRST | STOP, "yo me mi mis nosotros nuestro nuestra nuestros"),
        (SECOND, "tú tu te usted ti ustedes"),
        (WISH, "necesito quiero quisiera gustaría"),
        (
            STOP,
            "el la los las un una unos unas de del y o a al en con sin por para que es son se su sus mi mis tu \
             no muy más también lo le como qué dame da escribe explica tiempo hace dice nombre",
        ),
        (DUTY, "debe deben tiene debería"),
        (DATA, "datos ventas encuesta resultados mercado competidores fortalezas cifras"),
        (GREETING, "buenos buenas estimado estimada hola asunto"),
        (CLOSING, "saludo saludos atentamente"),
        (STATE, "es son tiene tenía era"),
        (NEGATION, "sin no nunca ningún ninguna"),
        (NEUTRAL, "el la los las un una todos todas muchos muchas siempre"),
        (PREPOSITION, "en para por de del con a al si salvo"),
        (EXACTLY, "exactamente"),
        (IN, "en"),
        (ONLY, "solo únicamente"),
        (ARTICLE, ""),
        (CONDITION, "si salvo cliente clientes cuando traduce traducción"),
    ],
    phrases: &[
        (
            Tag::Vague,
            "hazlo mejor|hazlo bien|hazlo bonito|mejóralo un poco|haz lo que quieras|haz tu magia",
        ),
        (
            Tag::VagueIn,
            "como quieras|lo que sea|lo que te parezca|algo bonito|algo chulo|algo bueno|algo guay|algo interesante|algo lindo|algo original|algo especial|\
             según sea necesario|según corresponda|algunas cosas|alguna cosa bonita",
        ),
        (
            Tag::Padding,
            "etc|etcétera|y cosas así|y así sucesivamente|o algo así|o lo que sea|y tal|y todo eso|y cosas por el estilo",
        ),
        (Tag::AtMost, "como máximo|máximo|no más de|menos de|hasta|a lo sumo"),
        (Tag::AtLeast, "al menos|como mínimo|mínimo|no menos de|más de|por lo menos"),
        (
            Tag::NoList,
            "sin listas|sin lista|sin viñetas|no uses listas|no uses viñetas|nada de listas",
        ),
        (
            Tag::List,
            "en una lista|lista con viñetas|en una lista con viñetas|en forma de lista|lista numerada|en viñetas",
        ),
        (Tag::NoTable, "sin tabla|sin tablas|no uses tablas|nada de tablas"),
        (Tag::Table, "en una tabla|en forma de tabla|como tabla"),
        (
            Tag::OnlyJson,
            "solo con json|solo json|únicamente json|solo en json|únicamente en json|únicamente con json",
        ),
        (
            Tag::Outside,
            "después del json|debajo del json|fuera del json|antes del json|aparte del json",
        ),
        (Tag::Formal, "tono formal|muy formal|lenguaje formal|registro formal"),
        (Tag::Slang, "jerga|tono informal|coloquial|muy informal|lenguaje informal"),
        (
            Tag::Brief,
            "sé breve|sea breve|sé conciso|lo más breve posible|responde brevemente|lo más corto posible",
        ),
        (
            Tag::Detailed,
            "lo más detallado posible|lo más detallada posible|con todo detalle|muy detallado|muy detallada|con el mayor detalle",
        ),
        (Tag::FirstPerson, "en primera persona"),
        (Tag::ThirdPerson, "en tercera persona"),
        (Tag::Lower, "en minúsculas|solo minúsculas"),
        (Tag::Upper, "en mayúsculas|solo mayúsculas"),
        (
            Tag::OnlyThis,
            "solo la información|únicamente la información|solo el documento|solo el texto|únicamente el texto",
        ),
        (
            Tag::OwnKnowledge,
            "tus propios conocimientos|tu propio conocimiento|otras fuentes|conocimiento propio",
        ),
        (Tag::Familiar, "tutea|tutea al lector"),
        (Tag::Polite, "trata de usted|de usted"),
    ],
};
