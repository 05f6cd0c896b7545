"""The outcomes that the router's score is trained on: which model answered which question right.

Features come from the Rust code that runs in the browser (`examples/router_features.rs`); nothing
is computed twice. Questions are told apart by their text, so that one that stands in two sources
is one question: folds never split it.
"""

import collections
import glob
import gzip
import hashlib
import json
import os
import re
import subprocess

import numpy as np

# The tier pair of each source (strong, weak), the first pair of the evaluator.
PAIRS = {
    "routellm_mmlu": ("gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1"),
    "routellm_gsm8k": ("gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1"),
    "mtbench": ("gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1"),
    "zeroeval_gsm": ("claude-3-opus-20240229", "claude-3-haiku-20240307"),
    "zeroeval_math_l5": ("claude-3-opus-20240229", "claude-3-haiku-20240307"),
    "zeroeval_crux": ("claude-3-opus-20240229", "claude-3-haiku-20240307"),
    "mmlu_pro": ("gemini-1.5-pro-002", "gemini-1.5-flash-002"),
    "livecodebench": ("claude-3-opus", "claude-3-haiku"),
    "bfcl": ("claude-3-opus-20240229", "claude-3-haiku-20240307"),
}
# Pairs of models count by how near their accuracies are to those of the tier pair.
KERNEL = 0.05
# Share of the tier pair itself in the label; the rest is the kernel's mean over all pairs.
OWN = 0.5
# Weight of "only the weaker was right" beside "only the stronger was right": a call of the
# stronger that loses is a loss too. 0 would train for `need` alone.
LOSS = 0.5
# A source of n questions weighs n ** (1 - BALANCE).
BALANCE = 0.4
FOLDS = 5


def normal(text):
    return re.sub(r"\W+", " ", text.lower()).strip()


def question(prompt):
    """The text that makes a question the same in two sources: without its alternatives."""
    found = re.search(r"\n\(?A[.)] ", prompt)
    return normal(prompt[: found.start()] if found else prompt)


class Outcomes:
    """Rows of all sources with features, labels, groups and folds."""

    def __init__(self, folder, features_command):
        self.rows = [
            json.loads(line)
            for path in sorted(glob.glob(os.path.join(folder, "*.jsonl.gz")))
            for line in gzip.open(path, "rt", encoding="utf8")
        ]
        self.source = np.array([row["source"] for row in self.rows])
        asked = [question(row["prompt"]) for row in self.rows]
        names = {text: index for index, text in enumerate(sorted(set(asked)))}
        self.group = np.array([names[text] for text in asked])
        fold = {t: int(hashlib.sha256(t.encode()).hexdigest(), 16) % FOLDS for t in names}
        self.fold = np.array([fold[text] for text in asked])
        self._features(features_command)
        self._labels()
        size = collections.Counter(self.source)
        weight = np.array([size[source] ** -BALANCE for source in self.source])
        self.weight = weight / weight.mean()

    def _features(self, command):
        lines = "".join(
            json.dumps({key: row[key] for key in ("id", "prompt", "system") if row.get(key)}) + "\n"
            for row in self.rows
        )
        out = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        first, *rest = out.stdout.splitlines()
        self.names = json.loads(first)["names"]
        read = [json.loads(line) for line in rest]
        assert [r["id"] for r in read] == [row["id"] for row in self.rows]
        self.values = np.array([r["values"] for r in read], np.float32)
        self.category = np.array([r["category"] for r in read])
        self.familiar = np.array([r["familiar"] for r in read], float)
        self.need = np.array([r.get("need", np.nan) for r in read], float)

    def _labels(self):
        n = len(self.rows)
        self.own_up, self.own_down = np.full(n, np.nan), np.full(n, np.nan)
        near_up, near_down = np.full(n, np.nan), np.full(n, np.nan)
        for source, (strong, weak) in PAIRS.items():
            index = np.flatnonzero(self.source == source)
            models = sorted({model for i in index for model in self.rows[i]["scores"]})
            score = np.array([[self.rows[i]["scores"].get(m, np.nan) for m in models] for i in index])
            mean = np.nanmean(score, axis=0)
            s, w = models.index(strong), models.index(weak)
            both = ~np.isnan(score[:, s] + score[:, w])
            self.own_up[index[both]] = score[both, s] > score[both, w]
            self.own_down[index[both]] = score[both, s] < score[both, w]
            up, down, total = np.zeros((3, len(index)))
            for a in range(len(models)):
                for b in range(len(models)):
                    distance = (mean[a] - mean[s]) ** 2 + (mean[b] - mean[w]) ** 2
                    kernel = np.exp(-distance / (2 * KERNEL**2))
                    if mean[a] - mean[b] < 0.5 * (mean[s] - mean[w]) or kernel < 0.02:
                        continue
                    known = ~np.isnan(score[:, a] + score[:, b])
                    up += np.where(known, kernel * (score[:, a] > score[:, b]), 0)
                    down += np.where(known, kernel * (score[:, a] < score[:, b]), 0)
                    total += np.where(known, kernel, 0)
            some = total > 0
            near_up[index[some]] = up[some] / total[some]
            near_down[index[some]] = down[some] / total[some]
        own = ~np.isnan(self.own_up)
        mix = lambda mine, near: np.where(own, OWN * np.nan_to_num(mine) + (1 - OWN) * near, near)
        up, down = mix(self.own_up, near_up), mix(self.own_down, near_down)
        self.up = up
        target = (up + LOSS * (1 - down)) / (1 + LOSS)
        self.known = ~np.isnan(target)
        # Pairs differ from source to source, and so do their rates. What tells sources apart must
        # not be learnt: each source is centred, and only what differs within it is left.
        for source in PAIRS:
            rows = self.source == source
            target[rows] += 0.5 - np.nanmean(target[rows])
        self.target = np.clip(target, 0, 1)
