"""How often the 95 % intervals that ``doubt`` publishes hold the true value, over many seeds.

Run it from the project's folder: ``python benchmarks/doubt_coverage.py`` (some ten minutes of a core); ``--seeds 40``
is a quick look, ``--draws`` and ``--paths`` are those of an ensemble, ``--in-full 0`` leaves out the seeds that go
through ``sim.doubt``. It prints a table of ``docs/coverage.md`` on standard output.

Laws whose answers are formulas: all revenue of the last month under growth in doubt, with little and with much chance
beside it, and one loss with a probability in doubt. An ensemble is made of the streams that `doubt` draws, and of the
losses that the kernel gives at the file's numbers, times what the numbers in doubt change of them; that these are the
losses of all draws, to 1e-9, is tried with the first seed.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

import sim
from sim.chance import doubted
from sim.chance.sampling import Sampling
from sim.engines.valuation import WindowSums
from sim.estimates.bands import OfDraws, ends_of, too_few
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths
from sim.estimates.measures import EXPECTED_LOSS, MEASURES, Key
from sim.estimates.parts_of_variance import PartsOfVariance
from sim.estimates.predictive import Means, Mixture
from sim.simulation import common_draws
from sim.simulation.ensembles import measured_on

WANTED = (0.90, 0.99)
LEVEL = 0.95
ENDS = (0.05, 0.25, 0.5, 0.75, 0.95)
TOLD = {
    "expected_loss": "mean",
    "revenue_at_risk": "RaR95",
    "expected_shortfall": "ES95",
    "probability_of_loss": "P(loss)",
}
Z10 = float(ndtri(0.9))

Truths = dict[str, float]


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario with one number in doubt.

    Attributes
    ----------
    name, source, path
        What it is; the scenario; the number.
    losses
        Losses of all draws, by what was drawn and by the losses and the baseline at the file's numbers.
    truths
        What is known: by measure and quantile of the band, or ``together``, and parts of the variance.
    """

    name: str
    source: dict[str, Any]
    path: str
    losses: Callable[[np.ndarray, np.ndarray, Sampling], np.ndarray]
    truths: Truths


def lognormal(name: str, volatility: float, deviation: float) -> Case:
    """All revenue of the last of 25 months, 10 a month that grows by g: ln(1 + g) normal(ln 1.2, deviation)."""
    source = {
        "scenario": 1, "name": name, "start": "2025-01", "months": 25, "money": "USD million",
        "vendor": {"name": "The vendor"},
        "customers": {"one": {"name": "One", "revenue": 10, "growth": 0.2, "volatility": volatility}},
        "events": {"leaves": {"name": "It leaves", "hits": "one", "timing": {"month": "2027-01"}, "usage": {"to": 0}}},
        "risk": {"levels": [LEVEL]},
        "doubt": {"numbers": {"customers.one.growth": {
            "p10": 1.2 * math.exp(-Z10 * deviation) - 1, "p90": 1.2 * math.exp(Z10 * deviation) - 1,
        }}},
    }  # fmt: skip
    chance, doubt, z = 2 * volatility**2, (2 * deviation) ** 2, float(ndtri(LEVEL))

    def measures(variance: float, mean: float) -> dict[str, float]:
        sd = math.sqrt(variance)
        shortfall = mean * float(ndtr(sd - z)) / (1 - LEVEL)
        return {"expected_loss": mean, "revenue_at_risk": mean * math.exp(sd * z - variance / 2),
                "expected_shortfall": shortfall}  # fmt: skip

    truths: Truths = {}
    for measure, value in measures(chance, 14.4).items():
        for at in ENDS:
            truths[f"{measure} {at}"] = value * math.exp(math.sqrt(doubt) * float(ndtri(at)))
    both = measures(chance + doubt, 14.4 * math.exp(doubt / 2))
    truths |= {f"{measure} together": value for measure, value in both.items()}
    square = 14.4**2 * math.exp(doubt)
    truths["variance of doubt"] = square * (math.exp(doubt) - 1)
    truths["variance of chance"] = square * math.exp(doubt) * (math.exp(chance) - 1)
    truths["doubt's share"] = truths["variance of doubt"] / (truths["variance of doubt"] + truths["variance of chance"])

    def losses(drawn: np.ndarray, base: np.ndarray, sampled: Sampling) -> np.ndarray:
        found: np.ndarray = base * ((1 + drawn[:, np.newaxis]) / 1.2) ** 2
        return found

    return Case(name, source, "customers.one.growth", losses, truths)


def one_date() -> Case:
    """60 is lost with a probability that is uniform from 0.02 to 0.12."""
    source = {
        "scenario": 1, "name": "one date", "start": "2025-01", "months": 12, "money": "USD million",
        "vendor": {"name": "The vendor"},
        "customers": {name: {"name": name, "revenue": 10, "growth": 0} for name in ("one", "two")},
        "events": {"leaves": {"name": "It leaves", "hits": "one", "probability": 0.07, "timing": {"month": "2025-07"},
                              "usage": {"to": 0}}},
        "risk": {"levels": [LEVEL]},
        "doubt": {"numbers": {"events.leaves.probability": {"low": 0.02, "high": 0.12}}},
    }  # fmt: skip
    truths: Truths = {}
    for at in ENDS:
        truths[f"probability_of_loss {at}"] = 0.02 + 0.1 * at
        truths[f"expected_loss {at}"] = 60 * (0.02 + 0.1 * at)
    # P(p > 0.05) = 0.7; at the band's ends, 5 % and 25 %, the quantile is 0, at the others 60.
    truths |= {f"revenue_at_risk {at}": 0.0 if at < 0.3 else 60.0 for at in ENDS}
    truths |= {"probability_of_loss together": 0.07, "expected_loss together": 4.2, "revenue_at_risk together": 60.0,
               "expected_shortfall together": 60.0}  # fmt: skip
    truths |= {"variance of doubt": 3.0, "variance of chance": 3600 * (0.07 - 0.07**2 - 1 / 1200)}
    truths["doubt's share"] = 3 / (3 + truths["variance of chance"])

    def losses(drawn: np.ndarray, base: np.ndarray, sampled: Sampling) -> np.ndarray:
        # The event arises where its word is below the probability: the draws that come are told by many runs.
        scenario = sim.load(source)
        words = sampled.draws(scenario, 0, sampled.paths).words_again(scenario.events[0])
        found: np.ndarray = np.where(words < np.round(drawn * 2.0**53)[:, np.newaxis], 60.0, 0.0)
        return found

    return Case("one date", source, "events.leaves.probability", losses, truths)


CASES = (
    lognormal("growth in doubt", 0.3, 0.1),
    lognormal("growth in much doubt, little chance", 0.05, 0.2),
    lognormal("growth in little doubt, much chance", 0.5, 0.02),
    one_date(),
)


def measured(scenario: sim.Scenario, losses: np.ndarray) -> dict[Key, OfDraws]:
    """Each measure of each draw. Draws whose losses are multiples of each other are measured once."""
    baseline = scenario.streams[0].revenue * len(scenario.streams) * scenario.months
    once: dict[int, dict[Key, Estimate]] = {}
    each = []
    for row in losses:
        size, hits = float(row.max()) or 1.0, int((row > 0).sum())
        if hits not in once:
            unit, all_of_it = row / size, np.full(len(row), baseline / size)
            once[hits] = measured_on(scenario, WindowSums(unit, all_of_it - unit, all_of_it, all_of_it - unit))[1]
        each.append({key: one if MEASURES[key[0]].is_share else one.times(size) for key, one in once[hits].items()})
    return {key: OfDraws.gathered([one[key] for one in each]) for key in each[0]}


def published(case: Case, seed: int, draws: int, paths: int, *, tried: bool) -> dict[str, Estimate]:
    """All that ``doubt`` tells of a seed and that is known, by the names of the truths."""
    scenario = sim.load(case.source)
    bare = scenario.with_({"doubt": None})
    sampled = Sampling.of(bare, paths=paths, seed=seed, method="sobol")
    (number,) = scenario.doubt.numbers
    drawn = np.array(number.drawn(doubted.scores(seed, number.path, draws)))
    base = common_draws.losses([bare], sampled, workers=1)[0]
    losses = case.losses(drawn, base, sampled)
    own = measured(bare, losses)
    if tried:
        full = sim.doubt(case.source, draws=draws, paths=paths, seed=seed)
        np.testing.assert_allclose(full.losses, losses, rtol=1e-9)
        for key, one in own.items():
            if key[0] in TOLD:
                for end in ("values", "low", "high"):
                    np.testing.assert_allclose(getattr(one, end), getattr(full.measured[key], end), rtol=1e-6)
    hits = Means((losses > 0).mean(axis=1), (losses > 0).mean(axis=0))
    means = {EXPECTED_LOSS.name: Means(losses.mean(axis=1), losses.mean(axis=0)), "probability_of_loss": hits}
    mixture = Mixture(losses, means, own)
    found: dict[str, Estimate] = {}
    assert too_few(paths, LEVEL) is None
    for name in TOLD:
        measure = MEASURES[name]
        level = None if isinstance(measure.estimator, OfPaths) else LEVEL
        found |= {f"{name} {at}": one for at, one in own[name, None if level is None else str(level)].band().items()}
        found[f"{name} together"] = mixture.of(measure, level)
    parts = PartsOfVariance.of(losses)
    found |= {"variance of chance": parts.chance, "variance of doubt": parts.doubt}
    if parts.share is not None:
        found["doubt's share"] = parts.share
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--draws", type=int, default=1024)
    parser.add_argument("--paths", type=int, default=1024)
    parser.add_argument("--in-full", type=int, default=1, help="seeds that go through sim.doubt too")
    asked = parser.parse_args()
    rows = []
    for case in CASES:
        held: dict[str, list[bool]] = defaultdict(list)
        widths: dict[str, list[float]] = defaultdict(list)
        for seed in range(1, asked.seeds + 1):
            found = published(case, seed, asked.draws, asked.paths, tried=seed <= asked.in_full)
            for name, truth in case.truths.items():
                low, high = ends_of(found[name])
                rounding = 1e-9 * abs(truth)
                held[name].append(bool(low - rounding <= truth <= high + rounding))
                widths[name].append((high - low) / 2 / (abs(truth) or 60.0))
            if seed % 20 == 0:
                print(case.name, seed, file=sys.stderr)
        rows += lines(case, held, widths)
    print("| case | measure | band: 5 % | 25 % | 50 % | 75 % | 95 % | chance and doubt |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


def lines(case: Case, held: dict[str, list[bool]], widths: dict[str, list[float]]) -> list[str]:
    """A line a measure: how often each interval held, in per cent, and half of its usual width."""
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    for name in case.truths:
        share, width = float(np.mean(held[name])), float(np.median(widths[name]))
        seeds = len(held[name])
        error = math.sqrt(max(share * (1 - share), 0.5 / seeds) / seeds)
        mark = " ↓" if share + 2 * error < WANTED[0] else " ↑" if share - 2 * error > WANTED[1] else ""
        measure, _, at = name.partition(" ")
        row, column = (TOLD[measure], at) if measure in TOLD else (name, "together")
        cells[row][column] = f"{100 * share:.1f} ± {100 * error:.1f}{mark} ({100 * width:.2g} %)"
    columns = [*map(str, ENDS), "together"]
    return [
        f"| {case.name} | {row} | {' | '.join(found.get(column, '') for column in columns)} |"
        for row, found in cells.items()
    ]


if __name__ == "__main__":
    main()
