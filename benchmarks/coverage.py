"""How often the published 95 % intervals of a sweep's cells hold the true value, over many seeds.

Run it from the project's folder: ``python benchmarks/coverage.py`` (ten minutes), ``--seeds 200`` for a quick look.
It prints the table of ``docs/coverage.md`` on standard output, details on standard error. True values are exact where a
formula or an enumeration gives them, otherwise those of a sweep with very many paths, whose own error is shown beside
those that are tested.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from laws import exponential, law_of, measures_of, scenario_of
from scipy.special import stdtrit

import sim

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
LONG_RUN = 2**18
LONG_SEED = 10**6
LEVELS = ("0.95", "0.99")
MEASURES = ("mean", *(f"RaR {level}" for level in LEVELS), *(f"ES {level}" for level in LEVELS), "P(loss)")
WANTED = (0.93, 0.97)
REPLICATIONS = {"sobol": 16, "plain": 64}
EXACT = 1e-9
"""Half-widths below this part of the expected baseline are no error at all, only rounding."""

Truth = dict[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A scenario on a small grid, its paths for a seed, and what is known exactly of its cells."""

    name: str
    source: Any
    axes: dict[str, list[float]]
    paths: int
    known: Callable[[], Truth]
    lattice: tuple[str, ...] = ()


def cells(axes: dict[str, list[float]]) -> list[dict[str, float]]:
    """Values by path of each cell, in the grid's order."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


# Smooth


def lognormal(month: int, median: float, sigma: float = 0.5) -> float:
    """P(X <= month)."""
    return 0.5 * math.erfc(-math.log(month / median) / sigma / math.sqrt(2)) if month > 0 else 0.0


SMOOTH = Case(
    "smooth: the reference work",
    SCENARIOS / "reference-work.yaml",
    {
        "events.in_house_llm.probability": [0.25, 0.5, 1.0],
        "events.in_house_llm.timing.lognormal.median": [9.0, 31.5, 60.0],
    },
    2_048,
    lambda: {"mean": smooth_means(), "P(loss)": smooth_shares()},
)


def smooth_means() -> np.ndarray:
    """E[L] = p sum over s of P(a = s) sum over m >= s of 20 exp(0.01 m) 0.9 min(m - s + 1, 6) / 6."""
    lost = [math.fsum(20 * math.exp(0.01 * m) * 0.9 * min(m - s + 1, 6) / 6 for m in range(s, 60)) for s in range(60)]
    return np.array(
        [
            p * math.fsum((lognormal(s, median) - lognormal(s - 1, median)) * lost[s] for s in range(1, 60))
            for p, median in (tuple(cell.values()) for cell in cells(SMOOTH.axes))
        ]
    )


def smooth_shares() -> np.ndarray:
    """Leaving within the horizon is a loss on every path."""
    return np.array([p * lognormal(59, median) for p, median in (tuple(cell.values()) for cell in cells(SMOOTH.axes))])


# Lattice

LATTICE_CUSTOMERS = {"a": (10, 0.3), "b": (10, 0.25), "c": (20, 0.2), "d": (5, 0.4), "e": (30, 0.08), "f": (10, 0.5)}
LATTICE_MONTHS = 12


def lattice_scenario() -> dict[str, Any]:
    """Customers of round numbers, each of whom may be gone from month 2 on; one of them sooner or later."""
    events = {
        f"{id_}_leaves": {
            "hits": id_,
            "probability": chance,
            "timing": {"fixed": 2},
            "usage": {"to": 0},
        }
        for id_, (_, chance) in LATTICE_CUSTOMERS.items()
    }
    events["f_leaves"]["timing"] = {"exponential": {"mean": 6}}
    return {
        "scenario": 1,
        "name": "lattice",
        "start": "2024-01",
        "months": LATTICE_MONTHS,
        "money": "unit",
        "vendor": {"name": "vendor"},
        "customers": {id_: {"revenue": size, "growth": 0} for id_, (size, _) in LATTICE_CUSTOMERS.items()},
        "events": events,
    }


def lattice_truth() -> Truth:
    """Losses of independent customers add: the atoms of the sum by convolution, cell by cell."""
    found: dict[str, list[float]] = {measure: [] for measure in MEASURES}
    for cell in cells(LATTICE.axes):
        p, mean = cell.values()
        law: dict[int, float] = {0: 1.0}
        for id_, (size, chance) in LATTICE_CUSTOMERS.items():
            options = {size * (LATTICE_MONTHS - 2): chance, 0: 1 - chance}
            if id_ == "f":
                options = {
                    size * (LATTICE_MONTHS - s): p * (math.exp(-(s - 1) / mean) - math.exp(-s / mean))
                    for s in range(1, LATTICE_MONTHS)
                }
                options[0] = 1 - math.fsum(options.values())
            total: dict[int, float] = {}
            for (x, a), (y, b) in itertools.product(law.items(), options.items()):
                total[x + y] = total.get(x + y, 0.0) + a * b
            law = total
        atoms = sorted(law.items())
        found["mean"].append(math.fsum(x * a for x, a in atoms))
        found["P(loss)"].append(1 - law[0])
        for level in LEVELS:
            alpha = float(level)
            k = next(k for k in range(len(atoms)) if math.fsum(a for _, a in atoms[: k + 1]) >= alpha - 1e-12)
            x, below = atoms[k][0], math.fsum(a for _, a in atoms[: k + 1])
            worst = math.fsum(y * b for y, b in atoms if y > x)
            found[f"RaR {level}"].append(x)
            found[f"ES {level}"].append((worst + (below - alpha) * x) / (1 - alpha))
    return {measure: np.array(values) for measure, values in found.items()}


LATTICE = Case(
    "lattice: fixed losses of six customers",
    lattice_scenario(),
    {"events.f_leaves.probability": [0.2, 0.5, 0.9], "events.f_leaves.timing.exponential.mean": [3.0, 6.0, 20.0]},
    2_048,
    lattice_truth,
    lattice=tuple(f"RaR {level}" for level in LEVELS),
)

# Rare

RARE_MONTHS = 24
RARE_AXES = {
    "events.large_leaves.probability": [0.01, 0.03, 0.06],
    "events.large_leaves.timing.exponential.mean": [6.0, 12.0, 40.0],
}


def rare_scenario(size: float, chance: float) -> dict[str, Any]:
    """Two customers who hardly ever leave; the second is not swept over: its leaving has to be met by chance."""
    customers = {
        "large": {"revenue": 20, "growth": 0, "volatility": 0.2},
        "other": {"revenue": size, "growth": 0, "volatility": 0.2},
    }
    events = {
        "large_leaves": {
            "hits": "large",
            "probability": 0.02,
            "timing": {"exponential": {"mean": 12}},
            "usage": {"to": 0.1},
        },
        "other_leaves": {
            "hits": "other",
            "probability": chance,
            "timing": {"uniform": {"low": 0, "high": 12}},
            "usage": {"to": 0},
        },
    }
    return {
        "scenario": 1,
        "name": "rare",
        "start": "2024-01",
        "months": RARE_MONTHS,
        "money": "unit",
        "vendor": {"name": "vendor"},
        "customers": customers,
        "events": events,
    }


def rare_truth(size: float, chance: float) -> Truth:
    """Means add; a loss is missed only where neither leaves. Demand keeps its mean, as nothing grows."""
    other = chance * math.fsum(size * (RARE_MONTHS - s) / 12 for s in range(1, 13))
    means, shares = [], []
    for cell in cells(RARE_AXES):
        p, mean = cell.values()
        months = {s: p * (math.exp(-(s - 1) / mean) - math.exp(-s / mean)) for s in range(1, RARE_MONTHS)}
        means.append(other + math.fsum(a * 0.9 * 20 * (RARE_MONTHS - s) for s, a in months.items()))
        shares.append(1 - (1 - chance) * (1 - math.fsum(months.values())))
    return {"mean": np.array(means), "P(loss)": np.array(shares)}


RARE = Case(
    "rare: two events of a few per cent",
    rare_scenario(40, 0.03),
    RARE_AXES,
    8_192,
    lambda: rare_truth(40, 0.03),
    # No loss at all is the quantile of most cells; the chance of a loss counts paths of one event, of which two
    # neighbouring numbers come up.
    lattice=("RaR 0.95", "P(loss)"),
)
THIN = Case(
    "thin: a tail of three or four paths",
    rare_scenario(10, 0.02),
    RARE_AXES,
    2_048,
    lambda: rare_truth(10, 0.02),
    lattice=MEASURES,
)
"""Not asked to be right but to err on the wide side: in some cells a path or none beyond the quantile decides it."""

# Everything at once


def everything_scenario() -> dict[str, Any]:
    """Capacity, a commitment, triggers, an offer, an ending, laws of levels: the language in eighteen months."""
    return {
        "scenario": 1,
        "name": "everything",
        "start": "2024-03",
        "months": 18,
        "money": "USD million",
        "vendor": {"name": "vendor", "discount_rate": 0.09, "capacity": {"initial": 82, "growth": 0.25}},
        "customers": {
            "tiktok": {
                "revenue": 20,
                "growth": 0.1,
                "volatility": 0.2,
                "market": 0.3,
                "contract": {"term": 6, "renews": "2024-07", "notice": 2, "commitment": 0.6},
            },
            "others": {"revenue": 60, "growth": 0.4, "volatility": 0.1, "market": 0.6, "pool": True},
        },
        "events": {
            "leave": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.6,
                "timing": {"lognormal": {"median": 9, "sigma": 0.5}},
                "usage": {"to": {"uniform": {"low": 0, "high": 0.3}}, "over": {"table": {2: 0.5, 5: 0.5}}},
                "triggers": {"cut": {"probability": 0.4, "after": {"uniform": {"low": 1, "high": 6}}}},
            },
            "suspension": {
                "hits": "tiktok",
                "probability": 0.3,
                "timing": {"exponential": {"mean": 15}},
                "usage": {"to": 0},
                "lasts": {"lognormal": {"median": 3, "p90": 9}},
                "permanent": 0.2,
                "triggers": {"leave": {"probability": 0.5, "after": {"gamma": {"mean": 6, "sd": 2}}}},
            },
            "cut": {
                "hits": "all",
                "probability": 0.3,
                "timing": {"exponential": {"mean": 12}},
                "price": {"to": 0.9, "over": 4},
            },
        },
        "levers": {"offer": {"against": "leave", "discount": 0.15, "months": 4, "acceptance": 0.4}},
    }


EVERYTHING = Case(
    "everything at once",
    everything_scenario(),
    {"events.leave.probability": [0.1, 0.5, 1.0], "events.leave.timing.lognormal.median": [4.0, 9.0, 20.0]},
    2_048,
    dict,
)

# Wide

WIDE_OTHERS = (exponential(0.137, 0.7, 9), exponential(0.0731, 0.5, 5), exponential(1000, 0.02, 6))
WIDE = Case(
    "wide: one customer a thousand times the others",
    scenario_of("wide", (exponential(1, 0.6, 6), *WIDE_OTHERS)),
    {"events.c0_leaves.probability": [0.3, 0.6, 0.9], "events.c0_leaves.timing.exponential.mean": [3.0, 6.0, 20.0]},
    2_048,
    lambda: wide_truth(),
    lattice=("RaR 0.99",),
)
"""A dozen losses share a bin where the quantile lies."""


def wide_truth() -> Truth:
    """Everything, by enumeration."""
    found = [measures_of(law_of((exponential(1, *cell.values()), *WIDE_OTHERS))) for cell in cells(WIDE.axes)]
    return {measure: np.array([one[measure] for one in found]) for measure in MEASURES}


CASES = (SMOOTH, LATTICE, RARE, EVERYTHING, WIDE, THIN)


# Measuring


@dataclass(frozen=True)
class Intervals:
    """Values and ends of the intervals of every measure; each of shape (seeds, cells)."""

    value: Truth
    low: Truth
    high: Truth


def intervals_of(sweep: sim.Sweep, sampling: str) -> Intervals:
    """Intervals as published; those of means from their standard errors and Student's t."""
    reach = float(stdtrit(REPLICATIONS[sampling] - 1, 0.975))
    value, low, high = {}, {}, {}

    def by_error(measure: str, values: np.ndarray, errors: np.ndarray) -> None:
        value[measure] = values.ravel()
        low[measure], high[measure] = (values - reach * errors).ravel(), (values + reach * errors).ravel()

    def by_ends(measure: str, values: np.ndarray, ends: Any) -> None:
        value[measure], low[measure], high[measure] = values.ravel(), ends["low"].ravel(), ends["high"].ravel()

    by_error("mean", sweep.cells["expected_loss"], sweep.standard_error["expected_loss"])
    by_ends("P(loss)", sweep.cells["probability_of_loss"], sweep.interval["probability_of_loss"])
    for level in LEVELS:
        by_ends(f"RaR {level}", sweep.cells["revenue_at_risk"][level], sweep.interval["revenue_at_risk"][level])
        by_error(
            f"ES {level}", sweep.cells["expected_shortfall"][level], sweep.standard_error["expected_shortfall"][level]
        )
    return Intervals(value, low, high)


def many(case: Case, sampling: str, seeds: int, workers: int) -> Intervals:
    """Sweep with each seed."""
    scenario = sim.load(case.source).with_({"sweep": None}) if isinstance(case.source, Path) else sim.load(case.source)
    scenario = scenario.with_({"sweep": case.axes})

    def one(seed: int) -> Intervals:
        return intervals_of(sim.sweep(scenario, paths=case.paths, seed=seed, sampling=sampling, workers=1), sampling)

    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(one, range(1, seeds + 1)))
    names = ("value", "low", "high")
    return Intervals(*({m: np.array([getattr(one, name)[m] for one in found]) for m in MEASURES} for name in names))


def truth_of(case: Case) -> tuple[Truth, Truth]:
    """True values and their standard errors, 0 where they are exact."""
    known = case.known()
    if all(measure in known for measure in MEASURES):
        return known, {measure: np.zeros(len(cells(case.axes))) for measure in MEASURES}
    sweep = sim.sweep(case.source, axes=case.axes, paths=LONG_RUN, seed=LONG_SEED)
    found = intervals_of(sweep, "sobol")
    reach = 2 * float(stdtrit(REPLICATIONS["sobol"] - 1, 0.975))
    error = {m: (found.high[m] - found.low[m]) / reach for m in MEASURES}
    for measure, values in known.items():
        # The formula and the long run must agree before either is believed; t beyond 7: 4e-6.
        if (np.abs(found.value[measure] - values) > 7 * error[measure] + 1e-9 * (1 + np.abs(values))).any():
            raise AssertionError(f"{case.name}: {measure} is {found.value[measure]} by simulation, {values} by formula")
        error[measure] = np.zeros_like(values)
    return {**found.value, **known}, error


@dataclass(frozen=True)
class Line:
    """Coverage of one measure in one scenario, averaged over cells."""

    case: Case
    sampling: str
    measure: str
    coverage: float
    standard_error: float
    exact: bool
    honesty: float
    """Root mean square of the standard errors as stated, over that of the deviations that were made."""
    truth_error: float
    """Standard error of the true value over those that are tested, in the worst cell."""

    @property
    def verdict(self) -> str:
        """Whether it is as wanted; 2 standard errors are granted to the measurement."""
        if self.exact:
            return "exact"
        if self.coverage < WANTED[0] - 2 * self.standard_error:
            return "low"
        if self.coverage > WANTED[1] + 2 * self.standard_error:
            return "atoms" if self.measure in self.case.lattice else "high"
        return "as wanted"


def lines_of(case: Case, sampling: str, truth: Truth, error: Truth, found: Intervals) -> list[Line]:
    """Coverage of each measure; seeds are independent of each other, cells of a seed are not."""
    baseline = float(np.abs(truth["mean"]).max())
    reach = float(stdtrit(REPLICATIONS[sampling] - 1, 0.975))
    lines = []
    for measure in MEASURES:
        size = EXACT * (1.0 if measure == "P(loss)" else baseline)
        low, high, value, true = found.low[measure], found.high[measure], found.value[measure], truth[measure]
        holds = (low - size <= true) & (true <= high + size)
        by_seed = holds.mean(axis=1)
        width = (high - low) / 2 / reach
        deviation = np.sqrt(((value - true) ** 2).mean(axis=0))
        stated = np.sqrt((width**2).mean(axis=0))
        told = deviation > size
        lines.append(
            Line(
                case,
                sampling,
                measure,
                float(by_seed.mean()),
                float(by_seed.std(ddof=1) / math.sqrt(len(by_seed))),
                exact=bool((width <= size).all()),
                honesty=float((stated[told] / deviation[told]).mean()) if told.any() else math.nan,
                truth_error=float((error[measure] / np.maximum(stated, size)).max()),
            )
        )
    return lines


def printed(lines: list[Line], seeds: int) -> str:
    """The table, in Markdown."""
    head = ["scenario", "sampling", *MEASURES]
    rows = [head, ["---"] * len(head)]
    for case in CASES:
        for sampling in REPLICATIONS:
            chosen = {line.measure: line for line in lines if line.case is case and line.sampling == sampling}
            if not chosen:
                continue
            shown = []
            for measure in MEASURES:
                line = chosen[measure]
                if line.exact:
                    shown.append("exact" if line.coverage == 1 else f"WRONG {100 * line.coverage:.1f}")
                    continue
                mark = {"low": " ↓", "high": " ↑", "atoms": " ◆", "as wanted": "", "exact": ""}[line.verdict]
                shown.append(f"{100 * line.coverage:.1f} ± {100 * line.standard_error:.1f}{mark}")
            rows.append([case.name, f"{sampling}, {case.paths:,} paths", *shown])
    said = [f"Coverage in %, {seeds:,} seeds, averaged over 9 cells, ± its standard error.", ""]
    return "\n".join([*said, *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--only", help="part of a scenario's name")
    parser.add_argument("--sampling", choices=list(REPLICATIONS), help="one of them only")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    lines: list[Line] = []
    for case in CASES:
        if arguments.only and arguments.only not in case.name:
            continue
        truth, error = truth_of(case)
        for sampling in [arguments.sampling] if arguments.sampling else REPLICATIONS:
            started = time.perf_counter()
            found = many(case, sampling, arguments.seeds, arguments.workers)
            lines += lines_of(case, sampling, truth, error, found)
            print(f"{case.name}, {sampling}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
            for line in lines[-len(MEASURES) :]:
                print(
                    f"  {line.measure:9} {100 * line.coverage:5.1f} ± {100 * line.standard_error:.1f} {line.verdict:9} "
                    f"error stated / made {line.honesty:.2f}, of truth / stated {line.truth_error:.2f}",
                    file=sys.stderr,
                )
    print(printed(lines, arguments.seeds))


if __name__ == "__main__":
    main()
