"""How often the published 95 % intervals of every answer but the sweep hold the true value, over many seeds.

Run it from the project's folder: ``python benchmarks/intervals.py`` (some twenty minutes of two cores); ``--seeds 60``
is a quick look, ``--only lattice`` one case. It prints the second table of ``docs/coverage.md`` on standard output.
Sweeps have a script of their own, ``benchmarks/coverage.py``.

Losses are sums of independent amounts, whose law is enumerated: true values are exact.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from laws import LEVELS, Customer, exponential, fixed, law_of, measures_of, scenario_of
from scipy.special import stdtrit

import sim
from sim.answers.precision import worst

FIRST = "events.c0_leaves.probability"
WANTED = (0.93, 0.97)
MORE_SEEDS = 5
"""So many times the seeds where the first look falls outside what is wanted."""


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario, the paths of each answer, and the measures that stand at an atom, whose intervals may be wide."""

    name: str
    paths: int
    customers: tuple[Customer, ...] = ()
    atoms: tuple[str, ...] = ()
    changed: tuple[float, float] = (0.0, 0.0)
    """Probability of the first event in the two variants that are compared with the case."""

    def scenario(self) -> dict[str, Any]:
        """As a user would write it; the first event's probability has a range."""
        ends = {"assumption": "for the test", "low": self.changed[0], "high": self.changed[1]}
        return {**scenario_of(self.name, self.customers), "evidence": {FIRST: ends}}

    def law(self, first: float | None = None) -> list[tuple[float, float]]:
        """Law of the loss, with another probability of the first event."""
        customer, *others = self.customers
        return law_of([customer if first is None else replace(customer, probability=first), *others])


RARE = Case("rare: one in a thousand, and a coin", 16_384, (fixed(10, 0.001), fixed(5, 0.3)),
            ("RaR 0.95", "RaR 0.99", "ES 0.95", "ES 0.99", "mean", "P(loss)"), (0.0005, 0.003))  # fmt: skip
ALONE = Case("alone: a single event of one in a thousand", 16_384, (fixed(10, 0.001),),
             ("RaR 0.95", "RaR 0.99", "mean", "P(loss)", "ES 0.95", "ES 0.99"), (0.0004, 0.004))  # fmt: skip
COINS = Case("coins: three events of 0.03, 0.3 and 0.7", 8_192, (fixed(10, 0.03), fixed(5, 0.3), fixed(2, 0.7)),
             ("RaR 0.95", "RaR 0.99", "mean", "P(loss)"), (0.02, 0.06))  # fmt: skip
ATOM = Case("beside an atom: a chance of 0.05", 8_192, (exponential(10, 0.052, 6), fixed(2, 0.4)),
            ("RaR 0.95", "RaR 0.99"), (0.045, 0.056))  # fmt: skip
LATTICE = Case(
    "lattice: six customers of round sizes",
    8_192,
    (exponential(10, 0.5, 6), fixed(10, 0.3), fixed(10, 0.25), fixed(20, 0.2), fixed(5, 0.4), fixed(30, 0.08)),
    ("RaR 0.95", "RaR 0.99"),
    (0.45, 0.6),
)
FINE = Case(
    "fine: five customers of odd sizes who leave at any time",
    8_192,
    tuple(exponential(size, chance, mean) for size, chance, mean in
          ((31.7, 0.3, 9), (17.3, 0.4, 5), (11.9, 0.5, 12), (7.1, 0.6, 20), (3.3, 0.5, 7))),
    (),
    (0.2, 0.45),
)  # fmt: skip
WIDE = Case(
    "wide: one customer a thousand times another",
    8_192,
    (exponential(1, 0.6, 6), exponential(1000, 0.02, 6)),
    ("RaR 0.95",),
    (0.3, 0.9),
)


CASES = (RARE, ALONE, COINS, ATOM, LATTICE, FINE, WIDE)

Found = dict[str, tuple[float, float, float]]
"""Value and ends of an interval by what is asked: ``run sobol · mean``."""


def ends_of(estimate: Any, student: float) -> tuple[float, float, float]:
    """Value and interval of an estimate; those of a standard error by Student's t. NaN where none is told."""
    if estimate.low is not None and estimate.high is not None:
        return estimate.value, estimate.low, estimate.high
    if estimate.standard_error is None:
        return estimate.value, math.nan, math.nan
    reach = student * estimate.standard_error
    return estimate.value, estimate.value - reach, estimate.value + reach


def answers(case: Case, seed: int) -> Found:
    """All answers that are tested, for one seed."""
    scenario = sim.load(case.scenario()).with_({"risk.levels": [float(level) for level in LEVELS]})
    other = scenario.with_({FIRST: case.changed[1], "evidence": None})
    how: dict[str, Any] = {"paths": case.paths, "seed": seed, "workers": 1}
    found: Found = {}
    for sampling, count in (("sobol", 16), ("plain", case.paths)):
        student = float(stdtrit(count - 1, 0.975))

        def told(what: str, one: Any, sampling: str = sampling, student: float = student) -> None:
            found[f"{what} {sampling}"] = ends_of(one, student)

        compared = sim.compare(scenario, other, sampling=sampling, **how)
        for what, measures in (("run", compared.results[0].estimates), ("compare", compared.differences[0])):
            told(f"{what} · mean", measures["expected_loss"])
            told(f"{what} · P(loss)", measures["probability_of_loss"])
            for level in LEVELS:
                told(f"{what} · RaR {level}", measures["revenue_at_risk"][level])
                told(f"{what} · ES {level}", measures["expected_shortfall"][level])
    student = float(stdtrit(15, 0.975))
    bars = sim.tornado(scenario, **how)
    for measure, name in (("expected_loss", "mean"), ("revenue_at_risk", f"RaR {LEVELS[0]}"),
                          ("expected_shortfall", f"ES {LEVELS[0]}")):  # fmt: skip
        found[f"tornado · {name} sobol"] = ends_of(bars.bars[0].swing.of(measure), student)
    shares = sim.attribute(scenario, **how)
    for contribution in shares.contributions:
        k = list(case.scenario()["events"]).index(contribution.event)
        found[f"attribute · mean {k} sobol"] = ends_of(contribution.to("expected_loss", None), student)
    for name, (measure, threshold, _) in crossings(case).items():
        where = sim.breakeven(scenario, axis=FIRST, measure=measure, threshold=threshold, **how).crossings
        if where:
            low, high = (end if isinstance(end, float) else k for k, end in ((0.0, where[0].low), (1.0, where[0].high)))
            found[f"breakeven · {name} sobol"] = float(where[0].value), low, high
    asked = precision_of(case)
    swept = sim.sweep(scenario, axes={FIRST: [case.customers[0].probability]}, precision=asked, seed=seed, workers=1)
    reach = student * swept.standard_error["expected_loss"][0]
    mean = swept.cells["expected_loss"][0]
    found["precision · mean sobol"] = mean, mean - reach, mean + reach
    at_risk, ends = (part["revenue_at_risk"][LEVELS[0]] for part in (swept.cells, swept.interval))
    found[f"precision · RaR {LEVELS[0]} sobol"] = at_risk[0], ends["low"][0], ends["high"][0]
    return found


@cache
def precision_of(case: Case) -> float:
    """A precision that the first round of a sweep meets in half of all cases: there stopping by looking does harm."""
    scenario = sim.load(case.scenario())
    axes = {FIRST: [case.customers[0].probability]}
    found = [worst(sim.sweep(scenario, axes=axes, paths=16_384, seed=10**6 + k), 0.5)[0] for k in range(9)]
    return min(0.9, max(1e-5, float(np.median(found))))


def crossings(case: Case) -> dict[str, tuple[str, float, float]]:
    """Measure, threshold, and the probability of the first event at which the one crosses the other.

    The mean and the chance of a loss are linear in that probability, and so is the chance of a loss up to a value.
    """
    without, certain = case.law(0.0), case.law(1.0)
    found = {}
    ends = [measures_of(law) for law in (without, certain)]
    here = case.customers[0].probability
    for name, measure in (("mean", "expected_loss"), ("P(loss)", "probability_of_loss")):
        first, last = (end[name] for end in ends)
        found[name] = measure, first + here * (last - first), here
    level = float(LEVELS[0])
    quantile = measures_of(case.law())[f"RaR {LEVELS[0]}"]
    values = [x for x, _ in case.law()]
    above = [x for x in values if x > quantile]
    if above:
        threshold = (quantile + above[0]) / 2
        upto = [math.fsum(p for x, p in law if x <= threshold) for law in (without, certain)]
        if upto[1] < level < upto[0]:
            crossing = (upto[0] - level) / (upto[0] - upto[1])
            found[f"RaR {LEVELS[0]}"] = f"revenue_at_risk.{LEVELS[0]}", threshold, crossing
    return found


def truths(case: Case) -> dict[str, float]:
    """What each answer should be."""
    base, low, high = (measures_of(case.law(first)) for first in (None, *case.changed))
    found: dict[str, float] = {}
    for sampling in ("sobol", "plain"):
        for name in base:
            found[f"run · {name} {sampling}"] = base[name]
            found[f"compare · {name} {sampling}"] = high[name] - base[name]
    for name in ("mean", f"RaR {LEVELS[0]}", f"ES {LEVELS[0]}"):
        found[f"tornado · {name} sobol"] = high[name] - low[name]
    for k in range(len(case.customers)):
        found[f"attribute · mean {k} sobol"] = measures_of(law_of([case.customers[k]]))["mean"]
    for name, (_, _, crossing) in crossings(case).items():
        found[f"breakeven · {name} sobol"] = crossing
    for name in ("mean", f"RaR {LEVELS[0]}"):
        found[f"precision · {name} sobol"] = base[name]
    return found


@dataclass(frozen=True)
class Line:
    """How often one interval held the true value."""

    case: Case
    asked: str
    held: float
    error: float
    """Standard error of that."""
    told: float
    """Share of seeds in which there was an interval."""
    empty: float
    """Share of intervals of no width that missed."""

    @property
    def verdict(self) -> str:
        """Whether it is as wanted, 2 standard errors granted."""
        if math.isnan(self.held):
            return "not told"
        measure = " ".join(self.asked.split(" · ")[1].split()[:-1])
        if self.held < WANTED[0] - 2 * self.error:
            return "LOW"
        if self.held > WANTED[1] + 2 * self.error:
            return "atoms" if measure.removesuffix(" 0").removesuffix(" 1") in self.case.atoms else "high"
        return "as wanted"


def lines_of(case: Case, found: list[Found]) -> Iterator[Line]:
    """Coverage of each interval."""
    truth = truths(case)
    scale = max(abs(value) for value in truth.values()) * 1e-9
    for asked, true in truth.items():
        rows = np.array([one[asked] for one in found if asked in one])
        known = ~np.isnan(rows[:, 1])
        _, low, high = rows[known].T if known.any() else np.empty((3, 0))
        held = (low - scale <= true) & (true <= high + scale)
        share = float(held.mean()) if known.any() else math.nan
        error = math.sqrt(max(share * (1 - share), 0.25 / max(1, len(held))) / max(1, len(held))) if known.any() else 0
        yield Line(case, asked, share, error, float(known.mean()), float(((high - low <= scale) & ~held).mean())
                   if known.any() else 0.0)  # fmt: skip


def one_seed(job: tuple[int, int]) -> tuple[int, Found]:
    """Answers of a case, by its number, for a seed; in a process of its own."""
    return job[0], answers(CASES[job[0]], job[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    numbers = [k for k, case in enumerate(CASES) if options.only in case.name]
    gathered: dict[int, list[Found]] = defaultdict(list)
    began = time.perf_counter()
    with ProcessPoolExecutor(options.workers) as pool:
        jobs = [(k, seed) for k in numbers for seed in range(1, options.seeds + 1)]
        for k, found in pool.map(one_seed, jobs, chunksize=8):
            gathered[k].append(found)
    for k in numbers:
        for line in lines_of(CASES[k], gathered[k]):
            print(
                f"{CASES[k].name[:24]:24} {line.asked:28} {100 * line.held:6.1f} ± {100 * line.error:.1f}  "
                f"told {line.told:.2f} empty {line.empty:.2f} {line.verdict}"
            )
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
