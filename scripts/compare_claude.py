#!/usr/bin/env python3
"""Holds our Claude counts to those of the PyPI package `ctok` 1.3.0, text by text.

    cargo build --release --example count_claude
    python3.12 scripts/compare_claude.py [--texts 400000] [--seed 1]

The texts: every character of the Basic Multilingual Plane and every assigned one beyond, alone and
in contexts; message catalogues and locale data in hundreds of languages (the packages Babel,
Django, pycountry, Faker); code in hundreds of languages (the example files of Pygments' source
package) and the standard library of Python; composed characters and marks in any order; random
mixtures; and mutations of all of these. Packages that are missing are put into a temporary environment.

Each text is counted as a message of Claude 3, of Opus 4.7 and of Opus 4.8, and, where it does not
end with a newline (which `ctok` always merges with a frame), as a bare tiling. Prints the number
of texts and of mismatches by source, and the first mismatches; the exit code is 1 if there are any.
Another `--seed` draws other texts.

    python3.12 scripts/compare_claude.py --golden

writes `tests/golden/claude_counts.jsonl`: texts of our own and invented ones, with their counts.
"""

import argparse
import collections
import gettext
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile
import unicodedata

PACKAGES = ["ctok==1.3.0", "regex==2026.11.15", "Babel==2.17.0", "Django==5.2", "pycountry==24.6.1",
            "Faker==37.1.0"]
SOURCES = "Pygments==2.19.1"
ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNTER = ROOT / "target" / "release" / "examples" / "count_claude"


# ---- texts ---------------------------------------------------------------------------------------


def cut(text, rng, most=1500):
    """A long text as pieces of many lengths, at any place."""
    at = 0
    while at < len(text):
        length = min(most, int(2 ** rng.uniform(3, 11)))
        yield text[at:at + length]
        at += length


CONTEXTS = ["{}", "a{}b", "a {} b", "{0}{0}", " {0}{0} ", "1{}1", "中{}文", "A{0}A{0}", "'{}s", "{}'s a",
            "\u0301{}", "{}\u0301", "²{}.", "\n{}\n", "x.{}", "©{}\ufe0f", "ALPH{}", "Alph{}a", "٣{} ٣",
            "\0 {}", "\u0e4d{}\u0e32"]


def characters(rng):
    for point in range(0x110000):
        c = chr(point)
        if point >= 0x10000 and unicodedata.category(c) in ("Cn", "Co") and rng.random() > 0.005:
            continue
        if point < 0x10000 or rng.random() < 0.3:
            yield c
            for context in rng.sample(CONTEXTS[1:], 4):
                yield context.format(c)


def catalogues(rng):
    import importlib.resources
    for package in ("django", "pycountry", "babel"):
        folder = pathlib.Path(importlib.resources.files(package).__fspath__())
        for path in sorted(folder.rglob("*.mo")):
            try:
                with path.open("rb") as f:
                    catalogue = gettext.GNUTranslations(f)._catalog
            except Exception:
                continue
            messages = [m for m in catalogue.values() if isinstance(m, str) and m]
            for message in rng.sample(messages, min(len(messages), 60)):
                yield message
            yield from cut("\n".join(rng.sample(messages, min(len(messages), 40))), rng)


def locales(rng):
    from babel.localedata import load, locale_identifiers

    def strings(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from strings(inner)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from strings(inner)

    for name in locale_identifiers():
        found = sorted(set(strings(load(name, merge_inherited=False))))
        for text in rng.sample(found, min(len(found), 40)):
            yield text
        yield from cut(", ".join(rng.sample(found, min(len(found), 60))), rng)


def invented(rng):
    import faker
    for name in faker.config.AVAILABLE_LOCALES:
        fake = faker.Faker(name)
        fake.seed_instance(rng.getrandbits(32))
        for _ in range(60):
            yield fake.text(rng.choice([50, 200, 800]))
            yield f"{fake.name()}, {fake.address()}\n{fake.sentence()}"


def code(rng, folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size < 200_000 and "examplefiles" in str(path):
            try:
                text = path.read_text(encoding="utf-8")
            except ValueError:
                continue
            parts = list(cut(text, rng))
            yield from rng.sample(parts, min(len(parts), 40))
    for path in sorted(pathlib.Path(os.__file__).parent.glob("*.py")):
        parts = list(cut(path.read_text(encoding="utf-8", errors="replace"), rng))
        yield from rng.sample(parts, min(len(parts), 20))


ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "aA", "etaoin ", "0123456789", " ", "\n", "\t",
    " \n\t", "'", "'st", "'s ", "’‘“”", "!?.,;:", "()[]{}<>", "=-*#_./~", "_-", "\"'`", "\u3000 ", "\xa0\u2003 ",
    "àéîõüßÀÉÎÕÜẞ", "İIıi", "Σσς", "ЖжЯяЁёЙй", "ابتثج ًٌَُ", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳", "कखगघािीुू्", "०१२३", "กขคงาิีึ\u0e4d\u0e32",
    "あいうえおがぎ\u3099\u309a", "アイウエオー", "漢字文中国", "한국어가각", "\u1100\u1161\u11a8\u1112\u1175\u11c2",
    "、。「」〄々〇", "（），！？", "😀🎉👍🏽👩\u200d💻🇩🇪", "\ufe0f\ufe0e\u200d\u200b", "⚖️©®™", "\u0300\u0301\u0308\u0323\u0345\u05b0",
    "½²³¹①", "²٣२", "Ⅷⅷ", "ⒶⓐⓏ", "─│└═█", "—–…•", "«»„", "\x00\x01\x7f\x80", "\ue000\uf8ff", "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5",
    "ǅǆǄ", "ªºʰ", "ϴϒℂℳ", "\u0730\u0711ܐܒ", "\u0cf3\u0c95", "\u0897\u1c89\u1c8a\ua7cb\u0264", "\u0958\u0344\u2126\uf900", "்க", "�",
]


def mixtures(rng):
    while True:
        alphabets = rng.sample(ALPHABETS, rng.randint(1, 5))
        parts = []
        for _ in range(rng.randint(1, 12)):
            alphabet = rng.choice(alphabets)
            shape = rng.random()
            if shape < 0.15:
                parts.append(rng.choice(alphabet) * rng.choice([1, 2, 3, 5, 15, 16, 17, 33, 64, 65, 130, 300]))
            else:
                parts.append("".join(rng.choices(alphabet, k=rng.randint(1, 8))))
            if shape > 0.85:
                parts.append(rng.choice(["'s", "'ll", "'", " ", "  ", "\n", ".", "'S", "'t "]))
        yield "".join(parts)


def mutations(rng, texts):
    while True:
        text = list(rng.choice(texts))
        for _ in range(rng.randint(1, 6)):
            at = rng.randint(0, len(text))
            kind = rng.random()
            if kind < 0.3:
                del text[at:at + rng.randint(1, 4)]
            elif kind < 0.6:
                text[at:at] = rng.choices(rng.choice(ALPHABETS), k=rng.randint(1, 4))
            elif kind < 0.8:
                other = rng.choice(texts)
                begin = rng.randint(0, len(other))
                text[at:at] = other[begin:begin + rng.randint(1, 30)]
            else:
                text[at:at + 10] = unicodedata.normalize(rng.choice(["NFD", "NFC", "NFKD"]), "".join(text[at:at + 10]))
        yield "".join(text)


def composed(rng):
    """Composed characters, what composes, and marks, in any order."""
    apart, marks = [], []
    for point in range(0x110000):
        c = chr(point)
        if unicodedata.decomposition(c)[:1] not in ("", "<"):
            apart.append(c)
        if unicodedata.combining(c):
            marks.append(c)
    second = sorted({unicodedata.normalize("NFD", c)[-1] for c in apart}) + list("\u1161\u11a8\u11ab")
    first = sorted({unicodedata.normalize("NFD", c)[0] for c in apart}) + list("\u1100가각")
    while True:
        sets = rng.choices([apart, second, marks, first, list("a 1.字\x01")], k=rng.randint(2, 6))
        yield "".join(rng.choice(s) for s in sets)


# ---- counts --------------------------------------------------------------------------------------

SURROGATES = {point: "\ufffd" for point in range(0xD800, 0xE000)}


def theirs(text):
    """What `ctok` counts: three contents, then two bare tilings."""
    from ctok.engine import tile
    from ctok.main import FAMILIES, TokenizerModel, _document, _model
    global BARE
    if BARE is None:
        document = _document(FAMILIES["v3"].pieces)
        meta = {**document["meta"], **dict(FAMILIES["v4.8"].meta)}
        BARE = TokenizerModel({**document, "meta": {**meta, "fold_quotes": True}})
    counts = [tile(text, _model(family))[0] for family in ("v3", "v4.7", "v4.8")]
    return counts + [tile(text, BARE)[0], counts[2]]


BARE = None


def compare(batch):
    """The mismatches of a batch of (source, text)."""
    lines = "".join(json.dumps(text.translate(SURROGATES)) + "\n" for _, text in batch)
    run = subprocess.run([COUNTER], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    ours = [[int(n) for n in line.split()] for line in run.stdout.decode().splitlines()]
    assert len(ours) == len(batch)
    wrong = []
    for (source, text), mine in zip(batch, ours):
        other = theirs(text)
        # Their normalisation may lay newlines bare at the end.
        if ctok_ends_with_newline(text):
            mine, other = mine[:3], other[:3]
        if mine != other:
            wrong.append((source, text, mine, other))
    return wrong


def ctok_ends_with_newline(text):
    import ctok
    return ctok.normalize(text).endswith("\n")


PASSAGES = [
    "The ferry leaves at half past seven; whoever's late can't board, and they'll wait till noon.",
    "Die Fähre läuft um halb acht aus. Wer zu spät kommt, wartet bis zum Nachmittag – „schade“!",
    "Le bac part à sept heures et demie : l’équipage n’attend personne, même les habitués.",
    "El transbordador sale a las siete y media. ¿Quién llega tarde? ¡Siempre el mismo!",
    "Паром отходит в половине восьмого, и опоздавшим приходится ждать до вечера.",
    "Το πλοίο φεύγει στις επτάμισι· όποιος αργήσει περιμένει ως το βράδυ. ΣΟΦΟΣ ΣΟΦΌΣ",
    "渡轮七点半出发，迟到的人只好等到傍晚。“没关系，”她说，“我带了书。”",
    "フェリーは七時半に出発し、遅れた人は夕方まで待たなければなりません。コーヒーはいかが？",
    "여객선은 일곱 시 반에 떠나고, 늦은 사람은 저녁까지 기다려야 합니다.",
    "تغادر العبّارة في السابعة والنصف، ومن يتأخر ينتظر حتى المساء. السعر ١٢٫٥٠",
    "המעבורת יוצאת בשבע וחצי, ומי שמאחר מחכה עד הערב. שָׁלוֹם",
    "नौका साढ़े सात बजे निकलती है, और जो देर से आता है उसे शाम तक रुकना पड़ता है। १२३",
    "படகு ஏழரை மணிக்குப் புறப்படும்; தாமதமாக வருபவர் மாலை வரை காத்திருக்க வேண்டும்.",
    "เรือออกเจ็ดโมงครึ่ง ใครมาสายต้องรอถึงเย็น น้ำใจ น\u0e4d\u0e32ใจ",
    "Phà rời bến lúc bảy giờ rưỡi; ai đến muộn phải chờ đến chiều. Nguye\u0302\u0303n",
    "Feribot yedi buçukta kalkar; İstanbul'da IŞIK yok, geç kalan akşamı bekler.",
    "fn main() {\n    let x = vec![1, 22, 333, 4444];\n    println!(\"{:?}\", x); // the end\n}\n",
    "SELECT id, COUNT(*) AS n FROM rides WHERE fare >= 12.50 GROUP BY id HAVING n > 3;\n\n",
    '{"id":10482,"name":"ferry","open":true,"at":[59.12,10.4],"note":null}',
    "| a | b |\n|---|:-:|\n| **x** | `y` |\n\n================================\n\n\n",
    "https://example.org/path?q=a%20b&c=1#top  user@example.org  ../../etc/passwd",
    "👩\u200d💻 fixed it 🎉🎉 ⚖️ © 2026 — 50 % off… ½ price, H₂O, x², №5, 20°C",
    "    indented\n\t\ttabs\n \n  \n\n\n     end   ",
    " one space before", "  two spaces before", "'quoted' 'tis", "5's 中's ©'s ²'s it's it'S", "\n\n\n", "", " ", "\n",
    "NASA LIKES Tokenizers iPhone McDonald HTTPServer GaN ẞ STRASSE \u01c5ungla",
]


def golden(seed):
    """Texts of our own, characters in contexts, and invented mixtures, with their counts."""
    rng = random.Random(seed)
    texts = list(PASSAGES)
    texts += [t for t in characters(random.Random(seed)) if rng.random() < 0.003 and t.isprintable()][:500]
    mixed = mixtures(rng)
    texts += [next(mixed) for _ in range(400)]
    path = ROOT / "tests" / "golden" / "claude_counts.jsonl"
    with path.open("w", encoding="ascii") as f:
        for text in texts:
            if len(text) < 400:
                text = text.translate(SURROGATES)
                counts = theirs(text)
                kept = 3 if ctok_ends_with_newline(text) else 5
                f.write(json.dumps([text, counts[:kept]], separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size:,} bytes written")


def ensure_packages():
    from importlib.metadata import PackageNotFoundError, version
    try:
        if all(version(p.split("==")[0]) == p.split("==")[1] for p in PACKAGES):
            return
    except PackageNotFoundError:
        pass
    if os.environ.get("PROMPTFARE_CTOK_ENVIRONMENT"):
        sys.exit(f"could not install {' '.join(PACKAGES)}")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = os.path.join(folder, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        environment = {**os.environ, "PROMPTFARE_CTOK_ENVIRONMENT": folder}
        sys.exit(subprocess.run([python, *sys.argv], env=environment).returncode)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=int, default=500_000, help="at least how many texts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--characters", type=float, default=1.0, help="share of the texts of single characters")
    parser.add_argument("--only", help="sources to compare, with commas between them")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--golden", action="store_true", help="write the golden counts instead")
    options = parser.parse_args()
    if options.golden:
        ensure_packages()
        golden(options.seed)
        return
    if not COUNTER.exists():
        sys.exit("first: cargo build --release --example count_claude")
    ensure_packages()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:",
                        "-d", folder, SOURCES], check=True)
        for archive in pathlib.Path(folder).glob("*.tar.gz"):
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        texts = [("characters", t) for t in characters(rng) if rng.random() < options.characters]
        real = [(source.__name__, t) for source in (catalogues, locales, invented) for t in source(rng)]
        real += [("code", t) for t in code(rng, pathlib.Path(folder))]
    texts += real
    left = max(options.texts - len(texts), 20_000)
    mixed, mutated = mixtures(rng), mutations(rng, [t for _, t in real])
    sequences = composed(rng)
    texts += [("composed", next(sequences)) for _ in range(left)]
    texts += [("mixtures", next(mixed)) for _ in range(left // 2)]
    texts += [("mutations", next(mutated)) for _ in range(left - left // 2)]
    if options.only:
        texts = [(source, t) for source, t in texts if source in options.only.split(",")]
    batches = [texts[at:at + 2000] for at in range(0, len(texts), 2000)]
    wrong = []
    with multiprocessing.Pool(options.processes) as pool:
        for found in pool.imap_unordered(compare, batches):
            wrong += found
    totals = collections.Counter(source for source, _ in texts)
    misses = collections.Counter(source for source, *_ in wrong)
    for source, count in totals.items():
        print(f"{source:12} {count:9,} texts  {misses[source]:6,} mismatches")
    print(f"{'all':12} {len(texts):9,} texts  {len(wrong):6,} mismatches")
    for source, text, mine, other in sorted(wrong, key=lambda w: len(w[1]))[:20]:
        print(f"{source}: {text!r}: ours {mine}, theirs {other}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
