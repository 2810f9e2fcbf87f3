"""How much smaller the errors of quasi-random paths are than those of as many independent ones, measured over seeds.

Run it from the project's folder: ``python benchmarks/points.py`` (forty minutes of a core), ``--seeds 40`` for a
quick look. It prints the tables of ``docs/benchmarks.md``. What it measures is how far values lie apart between seeds,
not the errors that runs publish: how often those hold is told by ``benchmarks/coverage.py``.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence

import numpy as np

import sim
from sim.chance.joint import Group, Order
from sim.chance.sampling import Sampling
from sim.estimates.independent import tails
from sim.scenario.parts import Scenario
from sim.simulation.common_draws import losses

SCENARIOS = ("reference-work", "tiktok", "five-customers", "fastly-2020-08")
MEASURES = ("mean", "RaR 0.95", "ES 0.95")
PLAIN_SEEDS = 10**6
"""Seeds of independent paths begin here, so that no run is counted twice."""

ORDERS = ("each draw a sequence of its own", "walk by walk", "walks before single draws", "as drawn")


def order_of(scenario: Scenario, name: str) -> Order:
    """One of the orders in which dimensions may go to draws; the last is the simulator's own."""
    own = Order.of(scenario)
    (group,) = own.groups
    if name == ORDERS[0]:
        return Order()
    if name == ORDERS[1]:
        walks = [Group((), (walk,), group.levels) for walk in group.walks]
        return Order((Group(group.singles, (), 0), *walks))
    if name == ORDERS[2]:
        return Order((Group((), group.walks, group.levels), Group(group.singles, (), 0)))
    return own


def values(scenario: Scenario, samplings: Sequence[Sampling]) -> tuple[np.ndarray, float]:
    """The measures by each sampling, shape (samplings, measures), and seconds of processor time for all of them."""
    found, started = [], time.process_time()
    for sampling in samplings:
        (loss,) = losses([scenario], sampling, workers=1)
        (tail,) = tails(loss, [0.95])
        found.append((loss.mean(), tail.revenue_at_risk, tail.expected_shortfall))
    return np.array(found), time.process_time() - started


def variances(scenario: Scenario, paths: int, seeds: int, order: Order | None) -> tuple[np.ndarray, np.ndarray]:
    """Means and variances over seeds; independent paths where there is no order."""
    method, first = ("plain", PLAIN_SEEDS) if order is None else ("sobol", 0)
    found, _ = values(scenario, [Sampling(paths, seed, method, order) for seed in range(first, first + seeds)])
    return found.mean(axis=0), found.var(axis=0, ddof=1)


def uncertain(ratio: float, seeds: int) -> str:
    """A ratio of variances with its standard error, that of the F law."""
    error = ratio * math.sqrt(4 / (seeds - 1))
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{ratio:,.{digits}f} ± {error:,.{digits}f}"


def orders(names: Sequence[str], paths: int, seeds: int) -> None:
    """Print by how much each order makes variances smaller than those of as many independent paths."""
    print(f"| scenario, {paths:,} paths | order | {' | '.join(MEASURES)} |\n|---|---|{'---|' * len(MEASURES)}")
    for name in names:
        scenario = sim.load(name)
        _, plain = variances(scenario, paths, seeds, None)
        for order in ORDERS:
            _, found = variances(scenario, paths, seeds, order_of(scenario, order))
            said = " | ".join(uncertain(ratio, seeds) for ratio in plain / found)
            print(f"| {name} | {order} | {said} |", flush=True)


def sizes(names: Sequence[str], at: Sequence[int], seeds: int, most: int) -> None:
    """Print the standard deviation over seeds of either sampling by the number of paths, in per cent of the value."""
    print("| scenario | paths | independent | quasi-random | ratio of variances |\n|---|---|---|---|---|")
    for name in names:
        scenario = sim.load(name)
        order = Order.of(scenario)
        for paths in at:
            count = max(20, min(seeds, most // paths))
            (centre, plain), (_, found) = (variances(scenario, paths, count, one) for one in (None, order))
            said = (
                " / ".join(f"{100 * error:.2g} %" for error in np.sqrt(variance) / centre)
                for variance in (plain, found)
            )
            ratios = " / ".join(uncertain(ratio, count) for ratio in plain / found)
            print(f"| {name} | {paths:,} | {' | '.join(said)} | {ratios} |", flush=True)


def costs(names: Sequence[str], paths: int, rounds: int = 5) -> None:
    """Print what a run takes of processor time by either sampling, taking turns."""
    print("| scenario | independent | quasi-random |\n|---|---|---|")
    for name in names:
        scenario = sim.load(name)
        took: dict[str, list[float]] = {"plain": [], "sobol": []}
        for _ in range(rounds + 1):
            for method, times in took.items():
                started = time.process_time()
                sim.run(scenario, paths=paths, sampling=method, workers=1)
                times.append(time.process_time() - started)
        said = " | ".join(f"{np.median(times[1:]):.2f} s" for times in took.values())
        print(f"| {name} | {said} |", flush=True)


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    asked.add_argument("--seeds", type=int, default=300, help="runs of either sampling for a ratio")
    asked.add_argument("--paths", type=int, default=16_384, help="of a run, where orders are compared")
    asked.add_argument("--at", type=int, nargs="*", default=[1_024, 4_096, 16_384, 131_072], help="numbers of paths")
    asked.add_argument("--most", type=int, default=8_000_000, help="paths of all runs for a ratio, at most")
    asked.add_argument("--only", choices=["orders", "sizes", "costs"], help="one of the tables")
    asked.add_argument("scenarios", nargs="*", default=SCENARIOS)
    given = asked.parse_args(arguments)
    if given.only in (None, "orders"):
        orders(given.scenarios, given.paths, given.seeds)
    if given.only in (None, "sizes"):
        sizes(given.scenarios, given.at, given.seeds, given.most)
    if given.only in (None, "costs"):
        costs(given.scenarios, 131_072)


if __name__ == "__main__":
    main(sys.argv[1:])
