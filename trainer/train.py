"""Trains the router's score and writes `src/data/router.bin`. The same data give the same bytes.

    python3 -m venv .venv && .venv/bin/pip install -r trainer/requirements.txt
    .venv/bin/python trainer/train.py --shared ../shared [--check]

`--check` writes nothing and fails where the bytes would differ from those in the repository.
"""

import argparse
import pathlib
import sys

import numpy as np

from model import CATEGORIES, Model
from outcomes import Outcomes

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "src" / "data" / "router.bin"
FEATURES = ["cargo", "run", "--quiet", "--release", "--example", "router_features"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", required=True)
    parser.add_argument("--features", help="a built router_features, instead of cargo run")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    command = [arguments.features] if arguments.features else FEATURES
    data = Outcomes(arguments.shared + "/data/routing", command)
    everything = np.ones(len(data.rows), bool)
    model = Model(data, everything)
    packed = model.pack()
    for category in CATEGORIES:
        base = 1 / (1 + np.exp(-model.base[category]))
        print(f"{category:13} questions {model.count[category]:6d}  base {base:.3f}  trust {model.trust[category]:.2f}  slope {model.slope[category]:.2f}")
    print(len(packed), "bytes")
    if arguments.check:
        same = WEIGHTS.read_bytes() == packed
        print("the same bytes" if same else "other bytes")
        sys.exit(0 if same else 1)
    WEIGHTS.write_bytes(packed)
    # What the browser will say, beside what was trained: they differ by rounding alone.
    if arguments.features:
        return
    again = Outcomes(arguments.shared + "/data/routing", command)
    trained = 1 / (1 + np.exp(-model.logit(data, everything)))
    print("largest difference to the Rust score:", np.nanmax(np.abs(again.need - trained)))


if __name__ == "__main__":
    main()
