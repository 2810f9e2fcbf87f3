"""How often the published 95 % intervals of every answer but the sweep hold the true value, over many seeds.

Run it from the project's folder: ``python benchmarks/intervals.py`` (half an hour of two cores; five times the seeds of
the cases where the first look falls outside); ``--seeds 60 --more 1`` is a quick look, ``--only lattice`` one case. It
prints the second table of ``docs/coverage.md`` on standard output; sweeps have a script of their own,
``benchmarks/coverage.py``.

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
from sim.answers import coalitions
from sim.answers.precision import worst

FIRST = "events.c0_leaves.probability"
WANTED = (0.93, 0.97)
FEW = 0.1
"""Different values per seed below which what comes out is one of few values."""

LONG_RUN = 2**20
"""Paths of what stands for the truth where no formula does: its error is a quarter of those that are tested."""

MOST = 2**16
"""Paths at most of an attribution that stops by looking."""

MORE_SEEDS = 5
"""So many times the seeds where the first look falls outside what is wanted."""


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario, and the paths of each answer."""

    name: str
    paths: int
    customers: tuple[Customer, ...] = ()
    changed: tuple[float, float] = (0.0, 0.0)
    """Probability of the first event in the two variants that are compared with the case."""
    volatility: float = 0.0

    def scenario(self) -> dict[str, Any]:
        """As a user would write it; the first event's probability has a range."""
        ends = {"assumption": "for the test", "low": self.changed[0], "high": self.changed[1]}
        return {**scenario_of(self.name, self.customers, self.volatility), "evidence": {FIRST: ends}}

    def law(self, first: float | None = None) -> list[tuple[float, float]]:
        """Law of the loss, with another probability of the first event."""
        customer, *others = self.customers
        return law_of([customer if first is None else replace(customer, probability=first), *others])


RARE = Case("rare: one in a thousand, and a coin", 16_384, (fixed(10, 0.001), fixed(5, 0.3)), (0.0005, 0.003))
ALONE = Case("alone: a single event of one in a thousand", 16_384, (fixed(10, 0.001),), (0.0004, 0.004))
COINS = Case("coins: 0.03, 0.3 and 0.7", 8_192, (fixed(10, 0.03), fixed(5, 0.3), fixed(2, 0.7)), (0.02, 0.06))
ATOM = Case("beside an atom: a chance of 0.052", 8_192, (exponential(10, 0.052, 6), fixed(2, 0.4)), (0.045, 0.056))
LATTICE = Case(
    "lattice: six customers of round sizes",
    8_192,
    (exponential(10, 0.5, 6), fixed(10, 0.3), fixed(10, 0.25), fixed(20, 0.2), fixed(5, 0.4), fixed(30, 0.08)),
    (0.45, 0.6),
)
FINE = Case(
    "fine: five customers of odd sizes, any month",
    8_192,
    (
        *(exponential(31.7, 0.3, 9), exponential(17.3, 0.4, 5), exponential(11.9, 0.5, 12)),
        *(exponential(7.1, 0.6, 20), exponential(3.3, 0.5, 7)),
    ),
    (0.2, 0.45),
)
SMOOTH = Case("smooth: the same, demand varies by 20 % a year", 8_192, FINE.customers, (0.2, 0.45), volatility=0.2)
WIDE = Case(
    "wide: one a thousand times the other", 8_192, (exponential(1, 0.6, 6), exponential(1000, 0.02, 6)), (0.3, 0.9)
)

CASES = (SMOOTH, RARE, ALONE, COINS, ATOM, LATTICE, FINE, WIDE)

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
    found |= until_precise(case, seed)
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


def until_precise(case: Case, seed: int) -> Found:
    """Contributions to the mean of an attribution that stops by looking, for one seed."""
    scenario = sim.load(case.scenario()).with_({"risk.levels": [float(LEVELS[0])]})
    shares = sim.attribute(scenario, precision=contributed_to(case), paths=MOST, seed=seed, workers=1)
    student = float(stdtrit(15, 0.975))
    events = list(case.scenario()["events"])
    return {
        f"attribute to a precision · mean {events.index(one.event)} sobol": ends_of(
            one.to("expected_loss", None), student
        )
        for one in shares.contributions
    }


@cache
def contributed_to(case: Case) -> float:
    """A precision that the first round of an attribution meets in half of all cases."""
    scenario = sim.load(case.scenario()).with_({"risk.levels": [float(LEVELS[0])]})
    reached = []
    for k in range(9):
        told = sim.attribute(scenario, precision=0.5, paths=coalitions.FIRST, seed=10**6 + k).precision
        assert told is not None
        reached.append(told["reached"])
    return min(0.9, max(1e-5, float(np.median(reached))))


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
    if above and not case.volatility:
        threshold = (quantile + above[0]) / 2
        upto = [math.fsum(p for x, p in law if x <= threshold) for law in (without, certain)]
        if upto[1] < level < upto[0]:
            crossing = (upto[0] - level) / (upto[0] - upto[1])
            found[f"RaR {LEVELS[0]}"] = f"revenue_at_risk.{LEVELS[0]}", threshold, crossing
    return found


def true_measures(case: Case, first: float | None) -> dict[str, float]:
    """Every measure, with a probability of the first event.

    Where demand varies it keeps its mean, as nothing grows, and what is lost by chance is lost for sure: means and
    chances are those of the law without. The tail is that of a long sweep, whose error is a quarter of those tested.
    """
    exact = measures_of(case.law(first))
    if not case.volatility:
        return exact
    scenario = sim.load(case.scenario()).with_({"risk.levels": [float(level) for level in LEVELS]})
    here = case.customers[0].probability if first is None else first
    cells = sim.sweep(scenario, axes={FIRST: [here]}, paths=LONG_RUN, seed=10**6).cells
    tails = {
        f"{name} {level}": float(cells[measure][level][0])
        for name, measure in (("RaR", "revenue_at_risk"), ("ES", "expected_shortfall"))
        for level in LEVELS
    }
    return {**exact, **tails}


def truths(case: Case) -> dict[str, float]:
    """What each answer should be."""
    base, low, high = (true_measures(case, first) for first in (None, *case.changed))
    found: dict[str, float] = {}
    for sampling in ("sobol", "plain"):
        for name in base:
            found[f"run · {name} {sampling}"] = base[name]
            found[f"compare · {name} {sampling}"] = high[name] - base[name]
    for name in ("mean", f"RaR {LEVELS[0]}", f"ES {LEVELS[0]}"):
        found[f"tornado · {name} sobol"] = high[name] - low[name]
    for k in range(len(case.customers)):
        for answer in ("attribute", "attribute to a precision"):
            found[f"{answer} · mean {k} sobol"] = measures_of(law_of([case.customers[k]]))["mean"]
    for name, (_, _, crossing) in crossings(case).items():
        found[f"breakeven · {name} sobol"] = crossing
    for name in ("mean", f"RaR {LEVELS[0]}"):
        found[f"precision · {name} sobol"] = base[name]
    return found


@dataclass(frozen=True)
class Line:
    """How often one interval held the true value.

    Attributes
    ----------
    asked
        What was asked for: the answer and the measure, and the sampling.
    held, error
        Share of the seeds that told an interval in which it held the true value, with its standard error.
    told
        Share of seeds that told one.
    values
        Different values that came out, over the number of seeds.
    """

    asked: str
    held: float
    error: float
    told: float
    values: float

    @property
    def at_atom(self) -> bool:
        """Whether what came out is one of few values, as of a count that is spread evenly or a quantile at an atom."""
        return self.values < FEW

    @property
    def verdict(self) -> str:
        """Whether it is as wanted, 2 standard errors granted."""
        if math.isnan(self.held):
            return "not told"
        if self.held < WANTED[0] - 2 * self.error:
            return "low"
        if self.held > WANTED[1] + 2 * self.error:
            return "atom" if self.at_atom else "high"
        return "as wanted"

    def __str__(self) -> str:
        if math.isnan(self.held):
            return "–"
        mark = {"low": " ↓", "high": " ↑", "atom": " ◆"}.get(self.verdict, "")
        return f"{100 * self.held:.1f} ± {100 * self.error:.1f}{mark}"


def lines_of(case: Case, found: list[Found]) -> Iterator[Line]:
    """Coverage of each interval."""
    truth = truths(case)
    scale = max(abs(value) for value in truth.values()) * 1e-9
    for asked, true in truth.items():
        rows = np.array([one[asked] for one in found if asked in one])
        if not len(rows) or np.isnan(rows[:, 1]).all():
            yield Line(asked, math.nan, math.nan, 0.0, 0.0)
            continue
        known = ~np.isnan(rows[:, 1])
        value, low, high = rows[known].T
        held = (low - scale <= true) & (true <= high + scale)
        share, count = float(held.mean()), len(held)
        # Where all hold it, what so many of them can tell: half of a path more or less.
        error = math.sqrt(max(share * (1 - share), 0.25 / count) / count)
        several = len(np.unique(np.round(value, 9))) / count
        yield Line(asked, share, error, float(known.mean()), several)


def printed(by_case: dict[Case, list[Line]], seeds: dict[Case, int]) -> Iterator[str]:
    """The table, in Markdown: what several events contribute is averaged."""
    measures = ("mean", *(f"RaR {level}" for level in LEVELS), *(f"ES {level}" for level in LEVELS), "P(loss)")
    yield f"| scenario | answer | {' | '.join(measures)} |"
    yield f"| {' | '.join(['---'] * (2 + len(measures)))} |"
    for case, lines in by_case.items():
        cells: dict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
        for line in lines:
            answer, rest = line.asked.split(" · ")
            *measure, sampling = rest.split()
            name = next(one for one in measures if " ".join(measure).startswith(one))
            cells[f"{answer}, {sampling}"][name].append(line)
        for answer, row in cells.items():
            texts = [" / ".join(map(str, row[name])) if name in row else "" for name in measures]
            yield f"| {case.name}, {seeds[case]:,} seeds | {answer} | {' | '.join(texts)} |"


def one_seed(job: tuple[int, int]) -> tuple[int, Found]:
    """Answers of a case, by its number, for a seed; in a process of its own."""
    return job[0], answers(CASES[job[0]], job[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument(
        "--more", type=int, default=MORE_SEEDS, help="times the seeds where the first look falls outside"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    found: dict[Case, list[Found]] = defaultdict(list)
    lines: dict[Case, list[Line]] = {}
    began = time.perf_counter()
    with ProcessPoolExecutor(options.workers) as pool:
        for seeds in (range(1, options.seeds + 1), range(options.seeds + 1, options.more * options.seeds + 1)):
            again = [
                k
                for k, case in enumerate(CASES)
                if options.only in case.name and any(one.verdict in ("low", "high") for one in lines.get(case, ()))
            ]
            numbers = again if lines else [k for k, case in enumerate(CASES) if options.only in case.name]
            for k, one in pool.map(one_seed, [(k, seed) for k in numbers for seed in seeds], chunksize=8):
                found[CASES[k]].append(one)
            for k in numbers:
                lines[CASES[k]] = list(lines_of(CASES[k], found[CASES[k]]))
    for line in printed(lines, {case: len(all_) for case, all_ in found.items()}):
        print(line)
    for case, several in lines.items():
        for one in several:
            if one.verdict in ("low", "high"):
                print(f"{case.name}: {one.asked}: {one} ({one.verdict}), told in {one.told:.0%}", file=sys.stderr)
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
