#!/usr/bin/env python3
"""Writes `vocabularies/claude-3.bin` and `vocabularies/claude-4.7.bin`.

    python3.12 scripts/claude_vocabulary.py           # write both
    python3.12 scripts/claude_vocabulary.py --check   # regenerate and compare with what is there

Everything in the files is derived from the PyPI package `ctok` 1.3.0 (Sander Land, MIT licence),
which reconstructed Claude's token counts from measurements, from `regex` 2026.11.15 on which it
relies, and from Python 3.12's `unicodedata` (Unicode 15.0). Where these packages are not
installed, they are put into a temporary environment.

A file holds all that tells one family from another, so that the reader (`tokenizer/src/claude/`)
is small and the same for both:

1.  the least length of a word that is written with the marker for capitals (0: none is);
2.  what there is to know of every character: its class, its case, how it is normalised;
3.  lower-case forms, and canonical decompositions;
4.  the parts of characters that are one token;
5.  the pieces, as a trie of their bytes with a set of forms at each node.

All of it goes through one adaptive binary arithmetic coder that mixes the predictions of two
contexts. `Decoder` in `tokenizer/src/claude/decode.rs` is its mirror image: the integer arithmetic
must stay the same on both sides.
"""

import argparse
import hashlib
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unicodedata

PACKAGES = ["ctok==1.3.0", "regex==2026.11.15"]
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vocabularies"
FAMILIES = {"claude-3": "v3", "claude-4.7": "v4.7"}

# ---- the arithmetic coder ------------------------------------------------------------------------

KNOTS = [1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348,
         3607, 3785, 3901, 3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094]


def squash(x):
    """The logistic function in fixed point: 4096 / (1 + e^(-x / 256)), between 1 and 4095."""
    if x > 2047:
        return 4095
    if x < -2047:
        return 1
    low, part = (x >> 7) + 16, x & 127
    return (KNOTS[low] * (128 - part) + KNOTS[low + 1] * part + 64) >> 7


def inverse_of_squash():
    table, filled = [2047] * 4096, 0
    for x in range(-2047, 2048):
        value = squash(x)
        if value >= filled:
            table[filled:value + 1] = [x] * (value + 1 - filled)
            filled = value + 1
    return table


STRETCH = inverse_of_squash()
RATES = [655360 // (10 * count + 16) for count in range(256)]
CONTEXTS = 2
MASK = 0xFFFFFFFF


class Model:
    """Adaptive probabilities of bits in two contexts, mixed by weights that learn."""

    def __init__(self, table_bits, selectors):
        self.shift = 32 - table_bits
        self.states = [1 << 31] * (1 << table_bits)  # 22 bits of probability, 10 of a count
        self.weights = [[39322] * CONTEXTS for _ in range(selectors)]


def context(slot, *values):
    """A hash of what is known; `slot` keeps contexts apart."""
    h = (slot * 0x9E3779B1) & MASK
    for value in values:
        h = ((h ^ value) * 0x85EBCA6B) & MASK
        h = (h >> 15 | h << 17) & MASK
    return h


class Encoder:
    def __init__(self):
        self.low, self.high, self.out = 0, MASK, bytearray()

    def bit(self, model, contexts, node, selector, bit):
        states, weights = model.states, model.weights[selector]
        at, inputs, dot = [], [], 0
        for base, weight in zip(contexts, weights):
            h = ((base ^ (node * 0x9E3779B1 & MASK)) * 0xC2B2AE35) & MASK
            index = (h ^ (h >> 15)) * 0x27D4EB2F & MASK
            index >>= model.shift
            state = states[index]
            # A context that was never seen says nothing.
            value = STRETCH[state >> 20] if state & 1023 else 0
            at.append(index)
            inputs.append(value)
            dot += value * weight
        p = squash(max(-2047, min(2047, dot >> 16)))
        middle = self.low + ((self.high - self.low) >> 12) * p
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while (self.low ^ self.high) & 0xFF000000 == 0:
            self.out.append(self.high >> 24)
            self.low = (self.low << 8) & MASK
            self.high = (self.high << 8) & MASK | 255
        error = ((bit << 12) - p) * 14
        for i in range(CONTEXTS):
            weights[i] += (inputs[i] * error + 8192) >> 14
            index = at[i]
            state = states[index]
            count, probability = state & 1023, state >> 10
            target = 4194303 if bit else 0
            probability += ((target - probability) * RATES[count]) >> 16
            states[index] = probability << 10 | min(count + 1, 255)

    def finish(self):
        # One byte inside the last interval is enough; what follows is read as zeros.
        for digits in range(1, 5):
            step = 1 << (32 - 8 * digits)
            value = (self.low + step - 1) // step * step
            if value <= self.high:
                return bytes(self.out) + value.to_bytes(4, "big")[:digits]
        raise AssertionError("an interval has four bytes")


class Writer:
    """Numbers, lists and tries as bits."""

    def __init__(self):
        self.coder = Encoder()
        self.numbers = Model(16, 32)
        self.history = {}

    def number(self, table, value):
        """A number in a table of its own; the two before it in the table are its context."""
        first, second = self.history.get(table, (0, 0))
        length = (value + 1).bit_length() - 1
        contexts = [context(1, table, first), context(2, table, first, second)]
        node = 1
        for shift in range(4, -1, -1):
            bit = length >> shift & 1
            self.coder.bit(self.numbers, contexts, node, table, bit)
            node = node * 2 + bit
        for shift in range(length - 1, -1, -1):
            bit = (value + 1) >> shift & 1
            self.coder.bit(self.numbers, contexts, node, table, bit)
            node = (node * 2 + bit) & MASK
        self.history[table] = (value, first)

    def signed(self, table, value):
        self.number(table, value * 2 if value >= 0 else -value * 2 - 1)

    def trie(self, root):
        self.labels, self.ends = Model(17, 256), Model(16, 64)
        self.forms = Model(16, 128)
        self.path = bytearray()
        self.node(root, 0, 0)

    def node(self, node, parent_forms, pending):
        path, depth = self.path, min(len(self.path), 15)
        c1, c2 = ([256] * 2 + list(path))[-1:-3:-1]
        forms = node.forms
        if pending == 0 and path:
            leaf = not node.children
            bits = self.ends
            self.coder.bit(bits, [context(1, c1, c2), context(2, parent_forms, depth)], 1, depth, leaf)
            contexts = [context(1, leaf, c1, c2), context(2, leaf, parent_forms, depth)]
            if not leaf:
                self.coder.bit(self.forms, contexts, 0, 112 + depth, forms != 0)
            if leaf or forms:
                known = 1
                for k in range(6):
                    bit = forms >> k & 1
                    self.coder.bit(self.forms, contexts, known, k * 16 + depth, bit)
                    known = known * 2 + bit
            if leaf:
                return
        previous = 0
        for number, (label, child) in enumerate(sorted(node.children.items())):
            place = min(number, 3)
            if number:
                self.more(previous, place, c1, forms, depth, 1)
            contexts = [context(1, c1, c2), context(2, c1, previous)]
            # Labels grow: while nothing tells this one from the one before, a bit cannot fall.
            known, tight = 1, number > 0
            for shift in range(7, -1, -1):
                bit = label >> shift & 1
                if tight and previous >> shift & 1:
                    known = known * 2 + 1
                    continue
                self.coder.bit(self.labels, contexts, known, known, bit)
                tight = tight and not bit
                known = known * 2 + bit
            previous = label
            path.append(label)
            self.node(child, forms, waiting(label, pending))
            path.pop()
        self.more(previous, min(len(node.children), 3), c1, forms, depth, 0)

    def more(self, previous, place, c1, forms, depth, bit):
        contexts = [context(3, previous, c1), context(4, forms, depth, place)]
        self.coder.bit(self.ends, contexts, 1, place * 16 + depth, bit)


def waiting(label, pending):
    """How many bytes the character of which `label` is a byte still wants."""
    if label < 0x80:
        return 0
    if label < 0xC0:
        return max(pending - 1, 0)
    return 1 if label < 0xE0 else 2 if label < 0xF0 else 3


# ---- what is written -----------------------------------------------------------------------------


class Node:
    def __init__(self):
        self.forms, self.children = 0, {}


# The forms of a piece: what it takes of the markers around its text.
INNER, END, BEGIN, WORD, SHIFTED, CAPITALS = (1 << k for k in range(6))
# The classes of characters, as `Class` in tokenizer/src/claude/character.rs.
LETTER, DECIMAL, NUMBER, SYMBOL, SELECTOR, DIGIT, FOREIGN_DIGIT, PUNCTUATION, SPACE, WORDY = range(10)
# What normalisation does to a character after NFC, as `Fold` there.
KEEP, DROP_EARLY, DROP, TO_SPACE, TO_APOSTROPHE, TO_QUOTE, SARA_AA = range(7)


def traits_of(family_model):
    """What there is to know of each character, as the number that the file holds."""
    import ctok.constants as k
    rules = sys.modules["ctok.normalize"]
    ordinary = {k.WORDY: WORDY, k.PUNCT: PUNCTUATION, k.SPACE: SPACE}
    second_halves = set()
    decompositions = {}
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point)).split()
        if parts and not parts[0].startswith("<"):
            decompositions[point] = [int(part, 16) for part in parts]
            if unicodedata.normalize("NFC", chr(point)) == chr(point):
                second_halves.add(decompositions[point][-1])
    second_halves.update(range(0x1161, 0x1176))  # Hangul vowels and finals compose by rule
    second_halves.update(range(0x11A8, 0x11C3))

    def traits(point):
        if 0xD800 <= point <= 0xDFFF:
            return 0  # no text in UTF-8 has them
        c = chr(point)
        kind = rules.classify(c)
        if kind == k.HARD:
            if rules._is_selector(c):
                value = SELECTOR
            elif rules._hard_kind(c) == "punct":
                value = SYMBOL
            elif rules._hard_kind(c) == "number":
                value = DECIMAL if unicodedata.category(c) == "Nd" else NUMBER
            else:
                value = LETTER
        elif kind == k.DIGIT:
            value = FOREIGN_DIGIT if rules._digit_border(c) else DIGIT
        else:
            value = ordinary[kind]
        if kind == k.WORDY:
            upper, lower = rules._is_upper(c), rules._is_lower(c)
            lowered = rules._lower(c)
            # A letter or mark that is no case of another: it keeps a word from being "capitals".
            plain = (c in rules._NEW_CASED or unicodedata.category(c)[0] in "LM") \
                and not lower and (not upper or lowered == c)
            if c == "İ":  # stays as it is in the middle of a word, and is no capital at its head
                upper, plain, lowered = False, True, c
            value |= rules._stray_mark(c) << 4 | upper << 5 | lower << 6 | plain << 7
            value |= (c == "ẞ") << 8 | rules._marks_like_punct(c) << 9 | (lowered != c) << 10
            assert len(lowered) == 1
        else:
            assert rules._lower(c) == c or point >= 0x10000
        # Normalisation: what becomes of the character alone tells which rule it falls under.
        if k.STRIP_CONTROL.fullmatch(c):
            fold = DROP_EARLY
        elif k.STRIP_PRIVATE.fullmatch(c):
            fold = DROP
        elif c == "\0" or k.FUNNY_SPACE.fullmatch(c):
            fold = TO_SPACE
        elif family_model.fold_quotes and c.translate(k.QUOTE_FOLD) != c:
            fold = {"'": TO_APOSTROPHE, '"': TO_QUOTE}[c.translate(k.QUOTE_FOLD)]
        else:
            fold = SARA_AA if point == 0x0E32 else KEEP
        value |= fold << 11 | unicodedata.combining(c) << 14
        if unicodedata.normalize("NFC", c) != c:
            value |= 1 << 22
        if point in second_halves:
            value |= 1 << 23
        if point in decompositions:
            value |= 1 << 24
        return value

    return [traits(point) for point in range(0x110000)], decompositions


def payload(family):
    import ctok.constants as k
    from ctok.main import _model
    rules = sys.modules["ctok.normalize"]
    model = _model(family)
    out = Writer()
    out.number(0, model.allcaps_min or 0)

    values, decompositions = traits_of(model)
    kinds, runs = [], []
    for value in values:
        if value not in kinds:
            kinds.append(value)
        kind = kinds.index(value)
        if runs and runs[-1][0] == kind:
            runs[-1][1] += 1
        else:
            runs.append([kind, 1])
    assert len(kinds) < 256, len(kinds)
    out.number(1, len(kinds))
    for value in kinds:
        out.number(2, value >> 14)
        out.number(3, value & 0x3FFF)
    for kind, length in runs:
        out.number(4, kind)
        out.number(5, length - 1)

    previous = 0
    for point in range(0x10000):
        if values[point] >> 10 & 1:
            delta = ord(rules._lower(chr(point))) - point
            out.signed(6, delta - previous)
            previous = delta
    first, second = 0, 0
    for point in range(0x110000):
        if values[point] >> 24 & 1:
            parts = decompositions[point]
            out.signed(7, parts[0] - first)
            first = parts[0]
            pair = parts[1] if len(parts) == 2 else 0
            out.signed(8, pair - second)
            second = pair

    # Parts of characters. A whole character is a piece and needs no entry.
    parts = sorted(bytes.fromhex(t) for t in model.bytes.tokens - {c.encode().hex() for c in model.unit_pieces})
    assert all(len(part) in (2, 3) for part in parts)
    out.number(9, len(parts))
    previous = 0
    for part in parts:
        value = int.from_bytes(part.ljust(3, b"\0"), "big")
        out.number(10, value - previous)
        previous = value

    root = Node()
    forms = {(b, e): form for b, e, form in [
        ("", "", INNER), ("", k.EOW_G, END), (k.BOW_G, "", BEGIN), (k.BOW_G, k.EOW_G, WORD),
        (k.SHIFT_G + k.BOW_G, k.EOW_G, SHIFTED), (k.CAPS_G + k.BOW_G, k.EOW_G, CAPITALS)]}
    markers = "".join(k.MARKER_GLYPHS)
    for piece in model.vocab:
        body = piece.strip(markers)
        if not body:
            # A marker that no piece takes in costs one token, whether it is listed or not.
            assert len(piece) == 1
            continue
        begin, end = piece.split(body)
        assert not set(body) & k.MARKER_GLYPHS
        check_body(body, values, forms[begin, end])
        node = root
        for byte in body.encode():
            node = node.children.setdefault(byte, Node())
        node.forms |= forms[begin, end]
    out.trie(root)
    return out.coder.finish()


def check_body(body, values, form):
    """The reader cuts the text where no piece can cross; hold every piece to that."""
    import ctok.constants as k
    classes = {values[ord(c)] & 15 for c in body}
    if body[0] == "'" and body[1:] in k.CONTRACTION_SUFFIXES:
        return
    if LETTER in classes or SELECTOR in classes:
        assert len(body) == 1 and form == INNER, body
    elif classes & {DIGIT, FOREIGN_DIGIT}:
        assert classes <= {DIGIT, FOREIGN_DIGIT}, body
    elif SPACE in classes:
        assert len(set(body)) == 1 and classes == {SPACE} and form == INNER, body
    elif WORDY in classes:
        assert classes == {WORDY}, body
    else:
        assert classes <= {DECIMAL, NUMBER, SYMBOL, PUNCTUATION}, body


def file(name, content):
    """The outside of a vocabulary file, as `tokenizer/src/vocabulary.rs` reads it."""
    head = b"pfv\x01" + bytes([len(name)]) + name.encode() + struct.pack("<I", len(content))
    return head + hashlib.sha256(head + content).digest() + content


def ensure_packages():
    """Makes `ctok` importable, in a temporary environment if need be."""
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
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    check = arguments.parse_args().check
    if unicodedata.unidata_version != "15.0.0":
        sys.exit(f"wants Python 3.12 (Unicode 15.0.0), found Unicode {unicodedata.unidata_version}")
    ensure_packages()
    import ctok.normalize  # noqa: F401  (the package's own name hides the module)
    sys.setrecursionlimit(10_000)
    same = True
    for name, family in FAMILIES.items():
        content = file(name, payload(family))
        path = FOLDER / f"{name}.bin"
        if check:
            found = path.read_bytes() if path.exists() else b""
            same = same and found == content
            print(f"{path.name}: {'the same' if found == content else 'DIFFERS'}, {len(content):,} bytes")
        else:
            FOLDER.mkdir(exist_ok=True)
            path.write_bytes(content)
            print(f"{path.name}: {len(content):,} bytes written")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
