"""How often the 95 % intervals of ``drivers`` hold the true share, and how often idle doubts stay below the floor.

Run it from the project's folder: ``python benchmarks/driver_coverage.py`` (some four minutes of a core); ``--seeds 20``
is a quick look. It prints a table of ``docs/coverage.md`` on standard output.

The law has a formula: all revenue of the last month, under doubt about it (log-sd 0.15) and about two years of growth
(0.1 a year), so that revenue at risk is lognormal in both; beside them eight doubts that do nothing.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from sim.chance import doubted
from sim.estimates import first_order
from sim.estimates.bands import OfDraws
from sim.estimates.first_order import Binned, beyond
from sim.estimates.measures import REVENUE_AT_RISK
from sim.estimates.of_each_draw import OfEachDraw
from sim.estimates.predictive import Mixture
from sim.estimates.shapley_effects import Surfaces

TRUTH = {
    "first-order share": (0.35282, 0.63278),
    "Shapley effect": (0.36002, 0.63998),
    "share in the tail": (0.16177, 0.35514),
}
IDLE = 8


def scores(seed: int, draws: int) -> np.ndarray:
    """Of the two numbers that move the measure, and of those that do not."""
    return np.column_stack([doubted.scores(seed, f"number.{j}", draws) for j in range(2 + IDLE)])


def idle_below(seeds: int, draws: int) -> float:
    """How often all idle doubts stay below the floor, which is that of the measure's law by the first seed."""
    floor, below = 0.0, []
    for seed in range(seeds):
        z = scores(seed, draws)
        values = np.exp(0.15 * z[:, 0] + 0.2 * z[:, 1])
        floor = floor or first_order.floor(values, IDLE).value
        below.append((Binned(z[:, 2:]).shares(values[np.newaxis])[0] <= floor).all())
    return float(np.mean(below))


def of_seed(seed: int, draws: int, paths: int) -> dict[str, list[bool]]:
    """Which intervals hold the truth."""
    z = scores(seed, draws)
    walk = 0.3 * math.sqrt(2) * doubted.scores(seed, "walk", paths) - 0.09
    losses = np.exp(math.log(10) + 0.15 * z[:, :1] + 2 * (math.log(1.2) + 0.1 * z[:, 1:2]) + walk)
    rank = math.ceil(0.95 * paths) - 1
    at_risk = np.partition(losses, rank, axis=1)[:, rank]
    mixture = Mixture(losses, {}, {(REVENUE_AT_RISK.name, "0.95"): OfDraws(at_risk, at_risk, at_risk)})
    of = OfEachDraw.of(mixture, REVENUE_AT_RISK, 0.95)
    moving = z[:, :2]
    told = {
        "first-order share": of.told(lambda draws, values: Binned(moving[draws]).shares(values), 0.0, 1.0),
        "Shapley effect": of.told(lambda draws, values: Surfaces(moving[draws]).effects(values), 0.0, 1.0),
        "share in the tail": of.told(lambda draws, values: Binned(moving[draws]).shares(beyond(values, 0.9)), 0.0, 1.0),
    }
    return {
        name: [one.low <= true <= one.high for one, true in zip(found, TRUTH[name], strict=False)]
        for name, found in told.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=200)
    options.add_argument("--idle", type=int, default=1500, help="seeds of the idle doubts")
    options.add_argument("--draws", type=int, default=1024)
    options.add_argument("--paths", type=int, default=1024)
    asked = options.parse_args()
    held: dict[str, list[bool]] = {name: [] for name in TRUTH}
    for seed in range(asked.seeds):
        for name, found in of_seed(seed, asked.draws, asked.paths).items():
            held[name] += found
    print(f"{asked.seeds} seeds, {asked.draws:,} draws, {asked.paths:,} paths\n")
    print("| what | intervals | hold the truth |\n|---|---|---|")
    for name, found in held.items():
        print(f"| {name} | {len(found)} | {np.mean(found):.3f} |")
    print(f"| {IDLE} idle doubts all below the floor | {asked.idle} | {idle_below(asked.idle, asked.draws):.3f} |")


if __name__ == "__main__":
    main()
