#!/usr/bin/env python3
"""Holds counts to the tiktoken that OpenAI publishes on PyPI.

    cargo build --release --manifest-path tools/vocabulary/Cargo.toml
    mkdir -p RANKS && tools/vocabulary/target/release/vocabulary ranks RANKS
    TEXTS_TO=TEXTS tools/vocabulary/target/release/vocabulary compare 300000 FOLDER...
    pip install tiktoken==0.14.0
    scripts/compare_tiktoken.py RANKS TEXTS

TEXTS has one JSON array [text, cl100k_base, o200k_base] a line. Every sixteenth text is counted with
o200k_harmony, too. tiktoken itself checks the SHA-256 of the ranks. Exits with 1 if a count differs.
"""

import json
import os
import sys

import tiktoken
from tiktoken_ext import openai_public

NAMES = ("cl100k_base", "o200k_base")


def main() -> int:
    ranks, texts = sys.argv[1:]
    load = openai_public.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = lambda address, expected_hash: load(
        os.path.join(ranks, os.path.basename(address)), expected_hash
    )
    encodings = [tiktoken.get_encoding(name) for name in NAMES]
    harmony = tiktoken.get_encoding("o200k_harmony")
    count = wrong = 0
    with open(texts, encoding="utf-8") as lines:
        for line in lines:
            text, *counts = json.loads(line)
            found = [len(encoding.encode_ordinary(text)) for encoding in encodings]
            if count % 16 == 0 and len(harmony.encode_ordinary(text)) != counts[1]:
                found[1] = -1
            count += 1
            if found != counts:
                wrong += 1
                if wrong <= 20:
                    print(f"{counts}, wanted {found}: {text!r}")
    print(f"{count} texts, tiktoken {tiktoken.__version__}: {wrong} wrong")
    return int(wrong != 0)


if __name__ == "__main__":
    sys.exit(main())
