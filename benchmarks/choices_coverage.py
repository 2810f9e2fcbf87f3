"""How often the 95 % intervals that ``choose`` and ``worth`` publish hold the true value, over many seeds.

Run it from the project's folder: ``python benchmarks/choices_coverage.py`` (some minutes of a core); ``--seeds 40`` is
a quick look, ``--draws`` and ``--paths`` are those of an ensemble. It prints a table of ``docs/coverage.md`` on
standard output.

A customer of 10 a month for three years leaves after the first with a chance p, uniform from 0.2 to 0.8; an offer that
half take costs 20.4 and loses 189 p instead of 240 p. A second number in doubt moves both choices alike.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from typing import Any

import sim
from sim.estimates.estimate import Estimate

CASE: dict[str, Any] = {
    "scenario": 1,
    "name": "An offer",
    "start": "2025-01",
    "months": 36,
    "money": "USD million",
    "customers": {"one": {"revenue": 10}, "other": {"revenue": 5}},
    "events": {
        "leaves": {
            "hits": "one",
            "choice": True,
            "probability": 0.5,
            "timing": {"month": "2026-01"},
            "usage": {"to": 0},
        }
    },
    "levers": {"offer": {"against": "leaves", "discount": 0.15, "months": 12, "acceptance": 0}},
    "doubt": {
        "numbers": {
            "events.leaves.probability": {"low": 0.2, "high": 0.8},
            "customers.other.revenue": {"low": 4, "high": 6},
        }
    },
    "choices": {"as_it_is": {}, "offer": {"set": {"levers.offer.acceptance": 0.5}, "cost": 20.4}},
}
P5, P95 = 0.23, 0.77
TRUE = {
    "mean": 360 + 180 - 189 * 0.5 - 20.4,
    "gain": 5.1,
    "mean regret": 1.7,
    "95 % regret": 20.4 - 51 * P5,
    "largest regret": 10.2,
    "share best": 2 / 3,
    "EVPI": 1.7,
    "EVPPI": 1.7,
}


def told(seed: int, draws: int, paths: int) -> dict[str, Estimate]:
    """What the offer is said to be worth with a seed."""
    found = sim.worth(CASE, draws=draws, paths=paths, seed=seed)
    offer = [one.id for one in found.under.choices].index("offer")
    worths, known = found.worths, found.knowing
    return {
        "mean": worths.mean(offer),
        "gain": worths.gain(offer),
        "mean regret": worths.mean_regret(offer),
        "95 % regret": worths.far_regret(offer),
        "largest regret": worths.largest_regret(offer),
        "share best": worths.share_best(offer),
        "EVPI": known.everything,
        "EVPPI": known.each[0],
    }


def main() -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--draws", type=int, default=256)
    parser.add_argument("--paths", type=int, default=256)
    given = parser.parse_args()
    held: dict[str, int] = defaultdict(int)
    values: dict[str, list[float]] = defaultdict(list)
    widths: dict[str, list[float]] = defaultdict(list)
    for seed in range(1, given.seeds + 1):
        for name, one in told(seed, given.draws, given.paths).items():
            low, high = one.low, one.high
            assert low is not None, name
            assert high is not None, name
            held[name] += low <= TRUE[name] <= high
            values[name].append(one.value)
            widths[name].append((high - low) / 2)
    print("| of the offer | true | mean of the values | mean half-width | held |")
    print("|---|---|---|---|---|")
    for name, true in TRUE.items():
        mean, width = (sum(one) / given.seeds for one in (values[name], widths[name]))
        print(f"| {name} | {true:.4g} | {mean:.4g} | {width:.3g} | {held[name] / given.seeds:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
