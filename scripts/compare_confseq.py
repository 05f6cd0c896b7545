"""Values that tests/statistics.rs holds the inference of src/ledger/experiment/sequence.rs to.

From packages of others (PyPI), none of which the project ships:
  confseq 0.0.11 (Howard and Ramdas): the two-sided normal mixture boundary
  savvi 0.3.1: the Bayes factor of the sample ratio
  scipy: beta functions, for the confidence sequence of a share

    pip install confseq==0.0.11 savvi==0.3.1 matplotlib scipy    # confseq: Python 3.9 and Boost's headers
    python scripts/compare_confseq.py

What is not installed is said, and left out.
"""

from hashlib import sha256
from math import log

ALPHA = 0.05
TIGHTEST = 500  # as in sequence.rs


def radii():
    from confseq import boundaries

    logs = 2 * log(1 / ALPHA)
    rho = TIGHTEST / (logs + log(logs) + 1)
    # confseq derives rho from the time at which the boundary is tightest, by a rule a little different.
    best = rho * (2 * log(1 / ALPHA) + log(1 + 2 * log(1 / ALPHA)))
    for units in [10, 100, 1000, 100000]:
        bound = boundaries.normal_mixture_bound(units, ALPHA, best, ALPHA, False)
        print(f"radius of {units} units of variance 1: {bound / units:.9f}")


def ratios():
    import numpy
    from savvi.multinomial import Multinomial

    for weights, counts in [([0.5, 0.5], [520, 480]), ([0.5, 0.5], [620, 480]), ([0.1, 0.2, 0.7], [15, 60, 125])]:
        model = Multinomial(0.01, numpy.array(weights), k=100)
        model.update(numpy.array(counts))
        print(f"sample ratio {weights} {counts}: {model.odds:.9g}")


def shares():
    from scipy.optimize import brentq
    from scipy.special import betaln

    for total, units, alpha in [(0, 20, 0.05), (7, 20, 0.05), (7, 20, 0.025), (950, 1000, 0.025), (3.5, 10, 0.05)]:
        rest = units - total
        gain = betaln(total + 0.5, rest + 0.5) - betaln(0.5, 0.5)
        at = lambda share: gain - total * log(share) - rest * log(1 - share) + log(alpha)
        middle = min(max(total / units, 1e-9), 1 - 1e-9)
        low = brentq(at, 1e-12, middle, xtol=1e-14) if total > 0 else 0
        high = brentq(at, middle, 1 - 1e-12, xtol=1e-14) if rest > 0 else 1
        print(f"share {total} of {units}, alpha {alpha}: {low:.9f} {high:.9f}")


def assignments():
    """Of src/plan/experiment.rs: two arms of the same weight, salt "tone", units u0 to u15."""

    def even(*texts):
        digest = sha256(b"".join(text.encode() + b"\0" for text in texts)).digest()
        return ((int.from_bytes(digest[:8], "big") >> 11) + 0.5) / 2**53

    arms = [min("ab", key=lambda arm: -log(even("tone", arm, f"u{unit}"))) for unit in range(16)]
    print("assignments:", "".join(arms))


for part in [radii, ratios, shares, assignments]:
    try:
        part()
    except ImportError as missing:
        print(f"{part.__name__}: left out ({missing})")
