"""Prints what the router's score is worth, as the Markdown that stands in `docs/router.md`.

    .venv/bin/python trainer/report.py --shared ../shared [--litellm PYTHON] [--embeddings FILE] [--write]

Everything is measured on questions that the scored model was not trained on: five folds by
question, or one source left out with every question that it shares with another. ORN, AUCd and
their bootstrap intervals are those of `tools/router_eval.py` in the shared folder.
`--litellm` names a Python that has the PyPI package litellm; `--embeddings` the output of
`trainer/embed.py`.
"""

import argparse
import importlib.util
import json
import pathlib
import subprocess

import numpy as np
from sklearn.linear_model import LogisticRegression

from model import CATEGORIES, Model, linear, pooled, sigmoid
from outcomes import FOLDS, PAIRS, Outcomes
from train import FEATURES, ROOT

LITELLM = """
import json, sys
from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter
router = ComplexityRouter(model_name="m", litellm_router_instance=None)
for line in sys.stdin:
    print(json.dumps(router.classify(json.loads(line))[1]))
"""


def evaluator(shared):
    spec = importlib.util.spec_from_file_location("router_eval", shared + "/tools/router_eval.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Judge:
    def __init__(self, shared, data):
        self.module, self.data = evaluator(shared), data
        self.rows = {}
        for row in data.rows:
            self.rows.setdefault(row["source"], []).append(row)

    def __call__(self, score, boot=500):
        """Per source (ORN, its interval, AUCd, its interval); rows whose score is NaN are left out."""
        of = {row["id"]: float(value) for row, value in zip(self.data.rows, score)}
        known = {s: [r for r in rows if not np.isnan(of[r["id"]])] for s, rows in self.rows.items()}
        pairs = {source: [pair] for source, pair in PAIRS.items()}
        found = self.module.evaluate(known, lambda r, s, w: of[r["id"]], boot, pairs=pairs, pools={})
        return {r["source"]: r for r in found}


def embedding(data, path, train, test):
    """A rival: logistic regression on sentence embeddings, in the tier pair's outcomes."""
    stored = np.load(path)
    place = {name: index for index, name in enumerate(stored["ids"])}
    index = np.array([place.get(row["id"], -1) for row in data.rows])
    have = index >= 0
    vectors = stored["vectors"][np.maximum(index, 0)]
    rows = train & have & ~np.isnan(data.own_up)
    fitted = LogisticRegression(C=0.3, max_iter=1000)
    fitted.fit(vectors[rows], data.own_up[rows], sample_weight=data.weight[rows])
    out = np.full(len(data.rows), np.nan)
    asked = test & have
    out[asked] = fitted.decision_function(vectors[asked])
    return out[test]


def splits(data, kind):
    for part in range(FOLDS) if kind == "fold" else PAIRS:
        test = data.fold == part if kind == "fold" else data.source == part
        # A question of the part is not trained on in any source.
        yield part, ~np.isin(data.group, data.group[test]), test


def cell(r, key):
    low, high = r["ci"][key]
    return f"{r[key]:.3f} [{low:.3f}, {high:.3f}]"


def table(results, sources):
    lines = ["| source | questions | " + " | ".join(results) + " |", "| --- | ---: |" + " --- |" * len(results)]
    for source in sources:
        cells = []
        for found in results.values():
            r = found.get(source)
            cells.append(f"{cell(r, 'ORN')} · {r['AUCd']:.3f}" if r else "")
        lines.append(f"| {source} | {next(iter(results.values()))[source]['n']} | " + " | ".join(cells) + " |")
    means = []
    for found in results.values():
        orn = np.mean([found[s]["ORN"] for s in sources])
        auc = np.mean([found[s]["AUCd"] for s in sources])
        means.append(f"**{orn:.3f} · {auc:.3f}**")
    lines.append("| **macro** | | " + " | ".join(means) + " |")
    return lines


def reliability(data, need):
    lines = ["| predicted | questions | mean predicted | observed |", "| --- | ---: | ---: | ---: |"]
    own = ~np.isnan(data.own_up)
    p, y = need[own], data.own_up[own]
    edges = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1.01]
    error = 0.0
    for low, high in zip(edges, edges[1:]):
        rows = (p >= low) & (p < high)
        if rows.any():
            error += rows.mean() * abs(p[rows].mean() - y[rows].mean())
            lines.append(f"| {low:.2f} to {min(high, 1):.2f} | {rows.sum()} | {p[rows].mean():.3f} | {y[rows].mean():.3f} |")
    lines.append(f"\nExpected calibration error over all held-back questions: **{error:.4f}**.")
    lines.append("By source (one bin each: mean predicted, observed): " + "; ".join(
        f"{s} {p[data.source[own] == s].mean():.3f}, {y[data.source[own] == s].mean():.3f}" for s in PAIRS) + ".")
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", required=True)
    parser.add_argument("--features")
    parser.add_argument("--litellm")
    parser.add_argument("--embeddings")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    command = [arguments.features] if arguments.features else FEATURES
    data = Outcomes(arguments.shared + "/data/routing", command)
    judge = Judge(arguments.shared, data)
    n, sources, lines = len(data.rows), list(PAIRS), []
    fixed = {"length": np.array([len(row["prompt"]) for row in data.rows], float)}
    if arguments.litellm:
        prompts = "".join(json.dumps(row["prompt"]) + "\n" for row in data.rows)
        out = subprocess.run([arguments.litellm, "-c", LITELLM], input=prompts, capture_output=True, text=True, check=True)
        fixed["LiteLLM heuristic"] = np.array([float(line) for line in out.stdout.split()])
    fixed = {name: judge(score) for name, score in fixed.items()}
    for kind, title in (("fold", "Cross-validated (five folds by question)"), ("source", "Leave one source out")):
        router, rivals = np.full(n, np.nan), {}
        prior = np.full(n, np.nan)  # the category's rate in training, and nothing else
        if kind == "fold":
            rivals = {"one set of trees": np.zeros(n), "ridge regression": np.zeros(n)}
        if arguments.embeddings:
            rivals["sentence embedding"] = np.full(n, np.nan)
        for part, train, test in splits(data, kind):
            model = Model(data, train)
            router[test] = model.logit(data, test)[test]
            own = train & ~np.isnan(data.own_up)
            mean = data.own_up[own].mean()
            of = {c: data.own_up[own & (data.category == c)] for c in CATEGORIES}
            rate = {c: (seen.sum() + 10 * mean) / (len(seen) + 10) for c, seen in of.items()}
            prior[test] = [rate[c] for c in data.category[test]]
            if kind == "fold":
                rivals["one set of trees"][test] = pooled(data, train, test)
                rivals["ridge regression"][test] = linear(data, train, test)
            if arguments.embeddings:
                rivals["sentence embedding"][test] = embedding(data, arguments.embeddings, train, test)
        results = {"router": judge(router), "category alone": judge(prior)} | fixed
        results |= {name: judge(score) for name, score in rivals.items()}
        lines += [f"### {title}", "", "ORN [95 % interval] · AUCd", ""] + table(results, sources) + [""]
        lines += ["AUCd intervals of the router: " + "; ".join(f"{s} {cell(results['router'][s], 'AUCd')}" for s in sources) + ".", ""]
        if kind == "fold":
            lines += ["### Calibration, on the held-back folds", ""] + reliability(data, sigmoid(router)) + [""]
    lines += ["### The category, inferred", "", "| source | " + " | ".join(CATEGORIES) + " |", "| --- |" + " ---: |" * len(CATEGORIES)]
    for source in sources:
        seen = data.category[data.source == source]
        lines.append(f"| {source} | " + " | ".join(str(int((seen == c).sum())) for c in CATEGORIES) + " |")
    text = "\n".join(lines)
    print(text)
    if arguments.write:
        page = ROOT / "docs" / "router.md"
        before, rest = page.read_text().split("<!-- figures: trainer/report.py -->\n", 1)
        after = rest.split("<!-- end of figures -->", 1)[1]
        page.write_text(f"{before}<!-- figures: trainer/report.py -->\n{text}\n<!-- end of figures -->{after}")


if __name__ == "__main__":
    main()
