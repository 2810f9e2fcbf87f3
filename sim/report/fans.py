"""Monthly revenue given each own month of the event: what lets a report's fan move.

Before its own month a path goes as if the event never arose by itself, so a stratum needs only the months from its own
on. Over a long horizon the fan goes by quarter or by year, and the own months of each are taken as its middle one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.chance.sampling import Sampling
from sim.engines.strata import revenue_without_events, revenues_by_own_month
from sim.machine import threads
from sim.report.packing import packed, packed_counts
from sim.scenario.laws import NEVER
from sim.scenario.parts import Event, Scenario
from sim.simulation.pool import Meter, Progress, in_order

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Quantiles that are drawn: the ends of bands of 95, 80 and 50 %, and the median."""

LONGEST = {1: 120, 3: 480, 12: math.inf}
"""Months up to which the fan goes by month, and by quarter; above it goes by year. The page grows with the square."""

BINS = 128
EVEN = 24  # bins that hold as many values each; the others are as wide as each other
PATHS = 2048
BLOCK = 512


@dataclass(frozen=True)
class Fan:
    """Monthly revenue with events by stratum, counted, and without events.

    Attributes
    ----------
    firsts
        First month of each column: of each month, quarter or year.
    strata
        Column of the own month of each stratum but never's, rising.
    low, high
        Smallest and largest revenue in each bin; shape (columns, BINS).
    counts
        Paths by bin: those of never in all columns, then those of each stratum from its own column on.
    baseline
        Quantiles without events; shape (levels, columns).
    error
        Widest bin that a drawn quantile of any stratum lies in, in the scenario's unit.
    """

    firsts: tuple[int, ...]
    by: int
    strata: tuple[int, ...]
    low: np.ndarray
    high: np.ndarray
    counts: list[np.ndarray]
    baseline: np.ndarray
    error: float
    paths: int

    def tables(self) -> dict[str, Any]:
        """What the page's script works on."""
        return {
            "by": self.by,
            "columns": len(self.firsts),
            "bins": BINS,
            "paths": self.paths,
            "levels": list(LEVELS),
            "strata": list(self.strata),
            "low": packed(self.low, "<f4"),
            "high": packed(self.high, "<f4"),
            "counts": packed_counts(np.concatenate([part.ravel() for part in self.counts])),
            "baseline": packed(self.baseline, "<f4"),
            "error": self.error,
        }

    def tallest(self, months: Sequence[int], weights: np.ndarray) -> float:
        """Largest quantile that is drawn at any stop, whatever the probability.

        A quantile of a mixture lies between those of its parts: so it is enough to look where the event is certain,
        and where it never comes.

        Parameters
        ----------
        months
            Own months that are strata, NEVER the last; empty without an event.
        weights
            Of the strata at each stop if the event is certain; shape (stops, strata).
        """
        grouped = np.zeros((len(weights) + 1, len(self.strata)))
        for s, month in enumerate(months[:-1]):
            grouped[:-1, self.strata.index(month // self.by)] += weights[:, s]
        found = float(self.baseline.max())
        for c in range(len(self.firsts)):
            own = [k for k, first in enumerate(self.strata) if first <= c]
            never = 1 - grouped[:, own].sum(axis=1)
            count = never[:, np.newaxis] * self.counts[0][c]
            if own:
                count = count + grouped[:, own] @ np.array([self.counts[k + 1][c - self.strata[k]] for k in own])
            reached = np.cumsum(count, axis=1) >= LEVELS[-1] * self.paths * (1 - 1e-9)
            found = max(found, float(self.high[c][reached.argmax(axis=1)].max()))
        return found


def fan_of(
    scenario: Scenario,
    event: Event | None,
    months: Sequence[int],
    sampling: Sampling,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Fan:
    """Value some paths for each own month and count their monthly revenue.

    Parameters
    ----------
    event, months
        The event whose own month is given, and the own months that are strata, NEVER among them; None: every path as
        it is.
    sampling
        Of the report; no more than ``PATHS`` of its paths are taken.
    workers
        Threads; None: one a core.
    progress
        Called with the number of paths done and of all.
    """
    by = next(by for by, longest in LONGEST.items() if scenario.months <= longest)
    firsts = tuple(range(0, scenario.months, by))
    sampling = replace(sampling, paths=min(sampling.paths, PATHS))
    columns = sorted({month // by for month in months if month < scenario.months})
    given = [] if event is None else [NEVER, *(min(c * by + by // 2, scenario.months - 1) for c in columns)]
    since = [0] if event is None else [0, *columns]

    def valued(block: tuple[int, int]) -> tuple[list[np.ndarray], np.ndarray]:
        draws = sampling.draws(scenario, *block)
        found = revenues_by_own_month(scenario, draws, event, given)
        revenues = [_by_column(revenue, by)[start:] for revenue, start in zip(found, since, strict=True)]
        baseline = _by_column(revenue_without_events(scenario, draws), by)
        meter.add(block[1])
        return revenues, baseline

    meter = Meter(progress, sampling.paths)
    blocks = list(in_order(valued, sampling.shards(BLOCK), threads(workers), meter))
    revenues = [np.sort(np.concatenate([block[0][k] for block in blocks], axis=1), axis=1) for k in range(len(since))]
    baseline = np.concatenate([block[1] for block in blocks], axis=1)
    low, high, counts = _counted(revenues, since, len(firsts))
    quantiles = np.quantile(baseline, LEVELS, axis=1, method="inverted_cdf")
    strata = tuple(columns) if event is not None else ()
    return Fan(firsts, by, strata, low, high, counts, quantiles, _error(revenues, since, low, high), sampling.paths)


def _by_column(revenue: np.ndarray, by: int) -> np.ndarray:
    """Mean monthly revenue of each column, shape (columns, paths); single precision is plenty for a picture."""
    if by > 1:
        sizes = np.diff([*range(0, len(revenue), by), len(revenue)])
        revenue = np.add.reduceat(revenue, np.arange(0, len(revenue), by), axis=0) / sizes[:, np.newaxis]
    return revenue.astype(np.float32)


def _counted(
    revenues: list[np.ndarray], since: Sequence[int], columns: int
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Count sorted revenues, shape (columns from its own on, paths) by stratum, in bins of each column's own."""
    low, high = np.zeros((columns, BINS), np.float32), np.zeros((columns, BINS), np.float32)
    counts = [np.zeros((len(revenue), BINS), np.int64) for revenue in revenues]
    for c in range(columns):
        here = [(k, revenue[c - since[k]]) for k, revenue in enumerate(revenues) if c >= since[k]]
        pooled = np.sort(np.concatenate([values for _, values in here]))
        edges = _edges(pooled)
        # A bin holds what is above the edge before it, up to its own: a value that many share has a bin to itself.
        ends = np.searchsorted(pooled, edges, side="right")
        starts = np.concatenate([[0], ends[:-1]])
        low[c] = pooled[np.minimum(starts, len(pooled) - 1)]
        high[c] = pooled[np.maximum(ends - 1, 0)]
        for k, values in here:
            upto = np.searchsorted(values, edges, side="right")
            counts[k][c - since[k]] = np.diff(upto, prepend=0)
    return low, high, counts


def _edges(pooled: np.ndarray) -> np.ndarray:
    """Upper ends of bins of sorted values: some hold as many values each, the others are as wide as each other."""
    last = len(pooled) - 1
    even = pooled[np.linspace(0, last, EVEN).round().astype(int)]
    wide = np.linspace(pooled[0], pooled[-1], BINS - EVEN + 2)[1:-1].astype(np.float32)
    return np.sort(np.concatenate([even, wide]))


def _error(revenues: list[np.ndarray], since: Sequence[int], low: np.ndarray, high: np.ndarray) -> float:
    """Width of the widest bin that a drawn quantile of a stratum lies in."""
    error = 0.0
    for k, revenue in enumerate(revenues):
        ranks = [min(len(revenue[0]) - 1, int(level * len(revenue[0]))) for level in LEVELS]
        for c, values in enumerate(revenue, since[k]):
            drawn = values[ranks]
            place = np.minimum(np.searchsorted(high[c], drawn), BINS - 1)
            error = max(error, float((high[c][place] - low[c][place]).max()))
    return error
