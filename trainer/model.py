"""The score: gradient-boosted trees, one set for all tasks and one more for some categories, over
a base rate.

    logit(need) = base + familiar * trust[category] * slope * (trees(features) - mean)

`trust` = n / (n + TRUST) shrinks what the prompt shows where its category has few outcomes; `familiar`
(0 to 1, from the features) does the same for a text that is unlike the English outcomes. Values
are integers of 2^-16, so that sums are exact everywhere.
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
# Leaves, trees, learning rate; chosen by cross-validation among 2, 4 and 8 leaves.
SHAPE = {
    "all": (8, 250, 0.04), "tool_use": (8, 130, 0.04), "word_problem": (2, 150, 0.03),
    "knowledge": (8, 200, 0.05),
}
TRUST = 200
# Trust in a category without outcomes: what holds for all tasks may hold there.
LEAST_TRUST = 0.1
FEWEST = 100
UNIT = 65536


def parameters(leaves, rate):
    return dict(
        objective="cross_entropy", num_leaves=leaves, learning_rate=rate,
        min_data_in_leaf=40 if leaves == 8 else 30, lambda_l2=20 if leaves == 8 else 40,
        feature_fraction=0.3, bagging_fraction=0.7, bagging_freq=1, boost_from_average=True,
        seed=1, deterministic=True, force_row_wise=True, num_threads=1, verbose=-1,
    )


def logit(p):
    return np.log(p / (1 - p))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sets_of(category):
    return np.array([TREES_OF[c] for c in category])


def fit_trees(data, train):
    trees, kin = {}, sets_of(data.category)
    for name in SETS:
        mask = train if name == "all" else train & (kin == name)
        if mask.sum() < FEWEST:
            continue
        leaves, rounds, rate = SHAPE[name]
        rows = lightgbm.Dataset(data.values[mask], data.target[mask], weight=data.weight[mask])
        trees[name] = lightgbm.train(parameters(leaves, rate), rows, rounds)
    return trees


def raw(trees, data, mask):
    """Half the sum of both sets of trees, for the rows of `mask`; the first alone where there is
    no second."""
    kin, out = sets_of(data.category), np.full(len(data.rows), np.nan)
    out[mask] = trees["all"].predict(data.values[mask], raw_score=True) / 2
    for name, booster in trees.items():
        rows = mask & (kin == name)
        if rows.any():
            out[rows] += booster.predict(data.values[rows], raw_score=True) / 2
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
        for k in range(3):
            held_out = train & (folds == k)
            part = raw(fit_trees(data, train & (folds != k)), data, held_out)
            held[held_out] = part[held_out]
        self.trees = fit_trees(data, train)
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

    def logit(self, data, mask):
        value = raw(self.trees, data, mask)
        of = lambda known: np.array([known[c] for c in data.category])
        evidence = value - of(self.mean)
        return of(self.base) + data.familiar * of(self.trust) * of(self.slope) * evidence

    def pack(self):
        """The bytes of `src/data/router.bin`; the layout is told in `src/router/model.rs`."""
        packed = {
            name: [pack_tree(tree["tree_structure"]) for tree in self.trees[name].dump_model()["tree_info"]]
            for name in SETS
        }
        roots = {name: sum(root for _, root in trees) for name, trees in packed.items()}
        out = bytearray(b"PFR1") + struct.pack("<BB", len(CATEGORIES), len(SETS))
        for category in CATEGORIES:
            name = TREES_OF[category]
            # The trees' values are relative to their roots: what the roots say, less the mean.
            shift = roots["all"] + roots.get(name, 0) - round(self.mean[category] * UNIT)
            number = SETS.index(name) if name in SETS else NO_SET
            gain = round(self.trust[category] * self.slope[category] * 256)
            trust = round(self.trust[category] * 256)
            base = round(self.base[category] * UNIT)
            out += struct.pack("<iiHHBI", base, shift, gain, trust, number, self.count[category])
        for name in SETS:
            out += struct.pack("<H", len(packed[name]))
            for nodes, _ in packed[name]:
                out += struct.pack("<B", len(nodes))
                for feature, threshold, right, value in nodes:
                    out += struct.pack("<Bh", feature, value)
                    if feature != 255:
                        out += struct.pack("<fB", threshold, right)
        return bytes(out)


def pack_tree(root):
    """Nodes in preorder: (feature, threshold, index of the right child, value less the root's)."""
    nodes = []
    unit = lambda value: round(value / 2 * UNIT)
    first = unit(root.get("internal_value", root.get("leaf_value")))

    def walk(node):
        place = len(nodes)
        if "leaf_value" in node:
            nodes.append((255, 0.0, 0, unit(node["leaf_value"]) - first))
            return
        assert node["decision_type"] == "<="
        nodes.append(None)
        walk(node["left_child"])
        right = len(nodes)
        walk(node["right_child"])
        # Features are f32: the greatest f32 that is not above the threshold divides them alike.
        threshold = np.float32(node["threshold"])
        if float(threshold) > node["threshold"]:
            threshold = np.nextafter(threshold, np.float32(-np.inf))
        nodes[place] = (node["split_feature"], float(threshold), right, unit(node["internal_value"]) - first)

    walk(root)
    return nodes, first


def pooled(data, train, test):
    """A rival: one set of trees for all categories, the category among its features."""
    known = np.array([[c == k for k in CATEGORIES] for c in data.category], np.float32)
    values, train = np.hstack([data.values, known]), train & data.known
    rows = lightgbm.Dataset(values[train], data.target[train], weight=data.weight[train])
    return lightgbm.train(parameters(8, 0.03), rows, 300).predict(values[test], raw_score=True)


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
