"""The score: gradient-boosted trees, one set for all tasks and one more for some categories, over
a base rate.

    logit(need) = base + familiar * trust[category] * slope * (trees(features) - mean)

`trust` = n / (n + TRUST) shrinks what the prompt shows where its category has few outcomes; `familiar`
(0 to 1, from the features) does the same for a text that is unlike the English outcomes. Values
are integers of 2^-16, so that sums are exact everywhere.

What is trained is what is shipped: features are put into buckets first, trees are complete and of
depth 3 at most, and leaves are rounded to small integers before anything is calibrated on them.
"""

import struct

import lightgbm
import numpy as np
from sklearn.linear_model import Ridge

CATEGORIES = [
    "tool_use", "code_writing", "code_reading", "word_problem", "mathematics", "knowledge",
    "writing", "extraction", "general",
]
# Which trees a category has beside those for all tasks: its own, or those of a kin with more
# outcomes. Trees of its own gave mathematics and code nothing on questions held back.
TREES_OF = dict(
    tool_use="tool_use", word_problem="word_problem", knowledge="knowledge", writing="knowledge",
    extraction="knowledge", general="knowledge", code_writing="", code_reading="", mathematics="",
)
SETS = ["all", "tool_use", "word_problem", "knowledge"]
NO_SET = 255
# Depth, trees, learning rate; chosen by cross-validation, with the number of thresholds.
SHAPE = {
    "all": (3, 160, 0.06), "tool_use": (3, 80, 0.06), "word_problem": (1, 75, 0.06),
    "knowledge": (3, 130, 0.08),
}
# Most thresholds of a feature, and the most that a leaf rounds to, save for one in two hundred.
THRESHOLDS, LEAF = 14, 31
LEFT = 255
QUANTILES = 33
TRUST = 200
# Trust in a category without outcomes: what holds for all tasks may hold there.
LEAST_TRUST = 0.1
FEWEST = 100
UNIT = 65536


def parameters(depth, rate):
    return dict(
        objective="cross_entropy", num_leaves=2**depth, max_depth=depth, learning_rate=rate,
        min_data_in_leaf=40, lambda_l2=20, feature_fraction=0.3, bagging_fraction=0.7, bagging_freq=1,
        boost_from_average=True, min_data_in_bin=1, seed=1, deterministic=True, force_row_wise=True,
        num_threads=1, verbose=-1,
    )


class Thresholds:
    """Where the buckets of each feature end: quantiles, rounded down to the upper half of an f32."""

    def __init__(self, values):
        self.of = []
        for column in values.T:
            distinct = np.unique(column)
            if len(distinct) <= THRESHOLDS + 1:
                ends = distinct[:-1]
            else:
                shares = np.arange(1, THRESHOLDS + 1) / (THRESHOLDS + 1)
                ends = np.unique(np.quantile(column, shares, method="lower"))
                # Where one value, mostly 0, fills many buckets, the others divide the rest.
                rest = column[column > ends[0]]
                if len(ends) < THRESHOLDS and len(rest):
                    more = np.quantile(rest, np.arange(THRESHOLDS) / THRESHOLDS, method="lower")
                    ends = np.unique(np.r_[ends[:1], more])[:THRESHOLDS]
            bits = np.ascontiguousarray(ends, np.float32).view(np.uint32)
            ends = np.unique((bits >> 16 << 16).view(np.float32))
            self.of.append(ends[ends < column.max()])

    def buckets(self, values):
        """The number of a feature's thresholds that a value is above."""
        out = np.zeros(values.shape, np.uint8)
        for j, ends in enumerate(self.of):
            out[:, j] = np.searchsorted(ends, values[:, j], side="left")
        return out


class Trees:
    """Complete trees: inner nodes and leaves in breadth-first order; leaves in whole units."""

    def __init__(self, booster, depth):
        self.depth, inner = depth, 2**depth - 1
        found = booster.dump_model()["tree_info"]
        self.feature = np.zeros((len(found), inner), np.uint8)
        self.bucket = np.full((len(found), inner), LEFT, np.uint8)
        leaves = np.zeros((len(found), inner + 1))
        for tree, info in enumerate(found):
            stack = [(info["tree_structure"], 0)]
            while stack:
                node, at = stack.pop()
                if at >= inner:
                    leaves[tree, at - inner] = node["leaf_value"]
                    continue
                # A leaf above the last level goes on as itself.
                left = right = node
                if "leaf_value" not in node:
                    self.feature[tree, at] = node["split_feature"]
                    self.bucket[tree, at] = int(np.floor(node["threshold"]))
                    left, right = node["left_child"], node["right_child"]
                stack += [(left, 2 * at + 1), (right, 2 * at + 2)]
        # Two sets of trees speak, half each.
        leaves = (leaves - leaves.mean(1, keepdims=True)) / 2
        largest = np.quantile(np.abs(leaves), 0.995) / LEAF
        self.exponent = int(np.ceil(np.log2(max(largest * UNIT, 1))))
        self.leaves = np.clip(np.round(leaves * UNIT / 2**self.exponent), -127, 127).astype(np.int64)

    def predict(self, buckets):
        total, rows = np.zeros(len(buckets), np.int64), np.arange(len(buckets))
        for feature, bucket, leaves in zip(self.feature, self.bucket, self.leaves):
            at = np.zeros(len(buckets), np.int64)
            for _ in range(self.depth):
                at = 2 * at + 1 + (buckets[rows, feature[at]] > bucket[at])
            total += leaves[at - len(feature)]
        return (total << self.exponent) / UNIT

    def roots(self):
        """What the trees' roots say together: the means of their children's means, rounded down."""
        level = self.leaves << self.exponent
        for _ in range(self.depth):
            level = (level[:, ::2] + level[:, 1::2]) >> 1
        return int(level.sum())


def logit(p):
    return np.log(p / (1 - p))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sets_of(category):
    return np.array([TREES_OF[c] for c in category])


def fit_trees(data, buckets, train):
    trees, kin = {}, sets_of(data.category)
    for name in SETS:
        mask = train if name == "all" else train & (kin == name)
        if mask.sum() < FEWEST:
            continue
        depth, rounds, rate = SHAPE[name]
        rows = lightgbm.Dataset(buckets[mask].astype(np.float32), data.target[mask], weight=data.weight[mask])
        trees[name] = Trees(lightgbm.train(parameters(depth, rate), rows, rounds), depth)
    return trees


def raw(trees, data, buckets, mask):
    """The sum of both sets of trees for the rows of `mask`; the first alone where there is no second."""
    kin, out = sets_of(data.category), np.full(len(data.rows), np.nan)
    out[mask] = trees["all"].predict(buckets[mask])
    for name, own in trees.items():
        rows = mask & (kin == name)
        if rows.any():
            out[rows] += own.predict(buckets[rows])
    return out


def platt(score, label, weight):
    """Slope of a logistic regression of `label` on `score`, drawn towards 1."""
    slope, offset = 1.0, 0.0
    for _ in range(50):
        p = sigmoid(offset + slope * score)
        v = weight * p * (1 - p)
        ridge = 2.0
        g = np.array([np.sum(weight * (label - p)), np.sum(weight * (label - p) * score) - ridge * (slope - 1)])
        h = np.array([[v.sum() + 1e-9, (v * score).sum()], [(v * score).sum(), (v * score * score).sum() + ridge]])
        step = np.linalg.solve(h, g)
        offset, slope = offset + step[0], slope + step[1]
        if np.abs(step).max() < 1e-9:
            break
    return float(min(max(slope, 0.0), 4.0))


class Model:
    """Trees with their calibration."""

    def __init__(self, data, train):
        train = train & data.known
        own = train & ~np.isnan(data.own_up)
        held = np.full(len(data.rows), np.nan)
        folds = (data.fold * 7 + data.group) % 3
        self.thresholds = Thresholds(data.values[train])
        buckets = self.thresholds.buckets(data.values)
        for k in range(3):
            held_out = train & (folds == k)
            part = raw(fit_trees(data, buckets, train & (folds != k)), data, buckets, held_out)
            held[held_out] = part[held_out]
        self.trees = fit_trees(data, buckets, train)
        kin, label = sets_of(data.category), np.nan_to_num(data.own_up)
        for name in SETS[1:]:
            if name in self.trees and (own & (kin == name) & ~np.isnan(held)).sum() < FEWEST:
                del self.trees[name]
        everywhere = label[own].mean()
        ones = lambda rows: np.ones(rows.sum())
        slope = platt(held[own] - held[own].mean(), label[own], ones(own))
        self.base, self.trust, self.slope, self.mean, self.count = {}, {}, {}, {}, {}
        for category in CATEGORIES:
            rows, alike = own & (data.category == category), own & (kin == TREES_OF[category])
            count = len(np.unique(data.group[rows]))
            self.count[category] = count
            self.trust[category] = round(256 * max(LEAST_TRUST, count / (count + TRUST))) / 256
            self.slope[category], self.mean[category] = slope, 0.0
            if TREES_OF[category] in self.trees:
                self.slope[category] = platt(held[alike] - held[alike].mean(), label[alike], ones(alike))
            if alike.any():
                self.mean[category] = float(held[alike].mean())
        # One base for all. Base rates of categories come from few sources, each with a pair of models
        # of its own, and did not carry over: on sources left out they ordered prompts worse than
        # chance, and with them the score fell significantly below it on MMLU-Pro.
        of = lambda known: np.array([known[c] for c in data.category[own]])
        gain = of(self.trust) * of(self.slope) * data.familiar[own]
        base = logit(everywhere)
        for _ in range(50):
            p = sigmoid(base + gain * (held[own] - of(self.mean)))
            base += (everywhere - p.mean()) / (p * (1 - p)).mean()
        self.base = {category: float(base) for category in CATEGORIES}
        self.weak_only = float(data.own_down[own].mean())
        # How `need` is spread where every source counts alike: what a dial goes by at first.
        need = sigmoid(self.logit(data, own)[own])
        size = {source: np.sum(data.source[own] == source) for source in set(data.source[own])}
        order, weight = np.argsort(need, kind="stable"), 1 / np.array([size[s] for s in data.source[own]])
        reached = np.cumsum(weight[order]) / weight.sum()
        places = np.searchsorted(reached, np.arange(QUANTILES) / (QUANTILES - 1) - 1e-12)
        self.quantiles = need[order][np.minimum(places, len(need) - 1)]

    def logit(self, data, mask):
        value = raw(self.trees, data, self.thresholds.buckets(data.values), mask)
        of = lambda known: np.array([known[c] for c in data.category])
        evidence = value - of(self.mean)
        return of(self.base) + data.familiar * of(self.trust) * of(self.slope) * evidence

    def pack(self):
        """The bytes of `src/data/router.bin`; the layout is told in `src/router/model.rs`."""
        roots = {name: trees.roots() for name, trees in self.trees.items()}
        share = lambda value: struct.pack("<H", round(value * UNIT))
        out = bytearray(b"PFR2") + struct.pack("<BB", len(CATEGORIES), len(SETS)) + share(self.weak_only)
        out += struct.pack("<B", QUANTILES) + b"".join(share(value) for value in self.quantiles)
        for category in CATEGORIES:
            name = TREES_OF[category]
            # The trees' values are relative to their roots: what the roots say, less the mean.
            shift = roots["all"] + roots.get(name, 0) - round(self.mean[category] * UNIT)
            number = SETS.index(name) if name in SETS else NO_SET
            gain = round(self.trust[category] * self.slope[category] * 256)
            trust = round(self.trust[category] * 256)
            base = round(self.base[category] * UNIT)
            out += struct.pack("<iiHHBI", base, shift, gain, trust, number, self.count[category])
        # Of the thresholds those that a tree asks for.
        asked = [set() for _ in self.thresholds.of]
        for trees in self.trees.values():
            for feature, bucket in zip(trees.feature.ravel(), trees.bucket.ravel()):
                if bucket != LEFT:
                    asked[feature].add(int(bucket))
        numbers = [{bucket: number for number, bucket in enumerate(sorted(own))} for own in asked]
        out += bytes(len(own) for own in asked)
        ends = np.concatenate([self.thresholds.of[j][sorted(own)] for j, own in enumerate(asked)])
        halves = np.ascontiguousarray(ends, np.float32).view(np.uint32) >> 16
        out += (halves & 255).astype(np.uint8).tobytes() + (halves >> 8).astype(np.uint8).tobytes()
        for name in SETS:
            trees = self.trees[name]
            out += struct.pack("<HBB", len(trees.leaves), trees.depth, trees.exponent)
            number = [
                [numbers[f].get(int(b), LEFT) for f, b in zip(*row)] for row in zip(trees.feature, trees.bucket)
            ]
            for columns in (trees.feature, np.array(number, np.uint8), trees.leaves.astype(np.int8)):
                out += np.ascontiguousarray(columns.T).tobytes()
        return bytes(out)


def pooled(data, train, test):
    """A rival: one set of trees for all categories, the category among its features."""
    known = np.array([[c == k for k in CATEGORIES] for c in data.category], np.float32)
    values, train = np.hstack([data.values, known]), train & data.known
    rows = lightgbm.Dataset(values[train], data.target[train], weight=data.weight[train])
    return lightgbm.train(parameters(3, 0.03), rows, 300).predict(values[test], raw_score=True)


def linear(data, train, test):
    """A rival: ridge regression on square roots, one per group of categories."""
    values = np.sqrt(np.minimum(data.values, np.percentile(data.values, 99.5, axis=0)))
    kin, out = sets_of(data.category), np.zeros(len(data.rows))
    for name in sorted(set(kin)):
        rows, asked = train & data.known & (kin == name), test & (kin == name)
        if rows.sum() < FEWEST or not asked.any():
            continue
        mean, spread = values[rows].mean(0), values[rows].std(0) + 1e-3
        ridge = Ridge(alpha=300 * data.weight[rows].mean())
        ridge.fit((values[rows] - mean) / spread, data.target[rows], sample_weight=data.weight[rows])
        out[asked] = ridge.predict((values[asked] - mean) / spread)
    return out[test]
