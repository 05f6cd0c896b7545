"""Simulates a cascade (the weak model first, the strong one where a check speaks against the answer)
on recorded outcomes, beside all-weak, all-strong and routing by the prompt alone.

    .venv/bin/python trainer/cascade.py --shared ../shared [--features BINARY] [--write]

The data hold how right each model was and no answers, so the checks that read an answer (refusal,
hedging, truncation, a schema) cannot be run on them. Three checks can be stood in for:

- *perfect*: tells right from wrong. The most that any check can give; near to it where tests can be
  run or a person looks.
- *noisy*: speaks against 7 in 10 wrong answers and 1 in 10 right ones. An assumption, and a scale.
- *second opinion*: a second cheap model answers too, and where the two differ the strong one is asked.
  Two right answers are alike and a right one differs from a wrong one; two wrong answers may be alike or
  not, so there are two figures: as if they always were, and as if they never were.

Costs are list prices of the evaluator in the shared folder; what the strong model is told of the first
answer is 200 tokens. Prompt-only routing is the router's score, never on a question that it was trained
on, with as many calls of the strong model as the cascade's money pays for. Intervals: percentile
bootstrap over questions, 1,000 draws, 95 %.
"""

import argparse

import numpy as np

from model import Model
from outcomes import PAIRS, Outcomes
from report import evaluator, splits
from train import FEATURES, ROOT

CAUGHT, FALSE_ALARM = 0.7, 0.1
TOLD = 200
SECOND = {
    "zeroeval_gsm": "gpt-4o-mini-2024-07-18",
    "zeroeval_math_l5": "gpt-4o-mini-2024-07-18",
    "zeroeval_crux": "gpt-4o-mini-2024-07-18",
    "mmlu_pro": "llama-3.1-8b-instruct",
    "bfcl": "gpt-4o-mini-2024-07-18",
}
DRAWS = 1000


def cascade(weak, strong, cost_weak, cost_strong, told, right, wrong, extra=0.0):
    """Mean quality and cost, where the check speaks against a right answer with probability `right`
    and against a wrong one with probability `wrong`. A score between 0 and 1 is read as the
    probability of being right."""
    escalate = weak * right + (1 - weak) * wrong
    quality = weak * (1 - right) + escalate * strong
    return quality.mean(), (cost_weak + extra + escalate * (cost_strong + told)).mean()


def by_prompt(order, weak, strong, cost_weak, cost_strong, money):
    """Quality of the router's order at a mean cost of `money`; the last question in part."""
    gain = np.concatenate([[0.0], np.cumsum((strong - weak)[order])]) / len(order)
    cost = np.concatenate([[0.0], np.cumsum((cost_strong - cost_weak)[order])]) / len(order)
    return weak.mean() + np.interp(money - cost_weak.mean(), cost, gain)


def measure(of, index):
    """Everything for the questions `index`: name -> (quality, share of all-strong's cost)."""
    weak, strong, cw, cs, told, score = (of[name][index] for name in ("weak", "strong", "cw", "cs", "told", "score"))
    whole = cs.mean()
    out = {"all weak": (weak.mean(), cw.mean() / whole), "all strong": (strong.mean(), 1.0)}
    order = np.argsort(-score, kind="stable")
    ways = {"perfect": (0.0, 1.0, 0.0), "noisy": (FALSE_ALARM, CAUGHT, 0.0)}
    if "second" in of:
        second, c2 = of["second"][index], of["c2"][index]
        ways["second opinion, wrong ones alike"] = (1 - second, second, c2)
        ways["second opinion, wrong ones differ"] = (1 - second, 1.0, c2)
    for name, (right, wrong, extra) in ways.items():
        quality, cost = cascade(weak, strong, cw, cs, told, right, wrong, extra)
        out[name] = (quality, cost / whole)
        same = by_prompt(order, weak, strong, cw, cs, min(cost, whole))
        out[name + " - prompt"] = (quality - same, same)
    return out


def scores(data):
    router = np.full(len(data.rows), np.nan)
    for _, train, test in splits(data, "fold"):
        router[test] = Model(data, train).logit(data, test)[test]
    return router


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", required=True)
    parser.add_argument("--features")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    command = [arguments.features] if arguments.features else FEATURES
    data = Outcomes(arguments.shared + "/data/routing", command)
    module = evaluator(arguments.shared)
    router = scores(data)
    lines = [
        "| source (weak, strong) | questions | all weak | all strong | check | cascade | against prompt-only at the same cost | against all strong |",
        "| --- | ---: | --- | --- | --- | --- | ---: | ---: |",
    ]
    random = np.random.default_rng(0)
    for source, (strong, weak) in PAIRS.items():
        second = SECOND.get(source)
        rows = [
            (row, score) for row, score in zip(data.rows, router)
            if row["source"] == source and all(m in row["scores"] for m in (strong, weak, second) if m)
            and not np.isnan(score)
        ]
        value = lambda of: np.array([of(row) for row, _ in rows], float)
        of = {
            "weak": value(lambda r: r["scores"][weak]), "strong": value(lambda r: r["scores"][strong]),
            "cw": value(lambda r: module.price(r, weak)), "cs": value(lambda r: module.price(r, strong)),
            "told": value(lambda r: TOLD * module.PRICE[strong][0] / 1e6),
            "score": np.array([score for _, score in rows]),
        }
        if second:
            of["second"] = value(lambda r: r["scores"][second])
            of["c2"] = value(lambda r: module.price(r, second))
        n = len(rows)
        found = measure(of, np.arange(n))
        draws = [measure(of, random.integers(0, n, n)) for _ in range(DRAWS)]

        def interval(pick):
            low, high = np.percentile([pick(draw) for draw in draws], [2.5, 97.5])
            return f"{100 * pick(found):.1f} [{100 * low:.1f}, {100 * high:.1f}]"

        first = f"{source} ({weak}, {strong})"
        for name in [key for key in found if key + " - prompt" in found]:
            base = "all strong"
            cells = [
                first,
                str(n) if first else "",
                f"{interval(lambda d: d['all weak'][0])} at {100 * found['all weak'][1]:.1f} %" if first else "",
                interval(lambda d: d[base][0]) if first else "",
                name,
                f"{interval(lambda d: d[name][0])} at {100 * found[name][1]:.1f} %",
                interval(lambda d: d[name + " - prompt"][0]),
                interval(lambda d: d[name][0] - d[base][0]),
            ]
            lines.append("| " + " | ".join(cells) + " |")
            first = ""
    text = "\n".join(lines)
    print(text)
    if arguments.write:
        page = ROOT / "docs" / "workflows.md"
        before, rest = page.read_text().split("<!-- figures: trainer/cascade.py -->\n", 1)
        after = rest.split("<!-- end of figures -->", 1)[1]
        page.write_text(f"{before}<!-- figures: trainer/cascade.py -->\n{text}\n<!-- end of figures -->{after}")


if __name__ == "__main__":
    main()
