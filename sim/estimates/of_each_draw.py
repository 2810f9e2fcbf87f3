"""A measure of each draw of the numbers in doubt, by all paths and by all but each replication of them.

What is told of draws has two errors, of the draws and of the paths. Both are seen by what is told without one of 16
replications in turn: of draws those with k modulo 16 = r, of paths those with i modulo 16 = s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths, Quantile
from sim.estimates.independent import quantile_rank
from sim.estimates.measures import Measure, level_name
from sim.estimates.predictive import Mixture, pieces

DIGITS = 40
"""Binary digits to which a measure is told apart among draws; what is left of a sum is not what doubt does."""

Asked = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Statistics, shape (values, statistics), of some draws by their numbers and of values of shape (values, draws)."""


@dataclass(frozen=True, slots=True)
class OfEachDraw:
    """A measure of each draw.

    Attributes
    ----------
    values
        By all paths, shape (draws,).
    without
        By all paths but those of each replication, shape (scramblings, draws).
    """

    values: np.ndarray
    without: np.ndarray

    @classmethod
    def of(cls, mixture: Mixture, measure: Measure, level: float | None = None) -> OfEachDraw:
        """A measure of the draws of an ensemble.

        Raises
        ------
        ValueError
            Where it can't be had of a draw. What sorts, shuffles or squares such numbers would go on in silence.
        """
        name = None if level is None else level_name(level)
        values = mixture.measured[measure.name, name].values
        if isinstance(measure.estimator, OfPaths):
            sums = mixture.sums[measure.name]
            each = mixture.losses.shape[1] // SCRAMBLINGS
            without = (sums.sum(axis=1, keepdims=True) - sums).T / (each * (SCRAMBLINGS - 1))
        else:
            assert level is not None
            shortfall = not isinstance(measure.estimator, Quantile)
            without = _without(mixture.losses, level, shortfall=shortfall)
        return cls.told_apart(values, without)

    @classmethod
    def told_apart(cls, values: np.ndarray, without: np.ndarray) -> OfEachDraw:
        """Values as far as they can be told apart: what differs by rounding alone is made the same.

        Raises
        ------
        ValueError
            Where one is not finite.
        """
        bad = np.flatnonzero(~(np.isfinite(values) & np.isfinite(without).all(axis=0)))
        if len(bad):
            raise ValueError(f"{len(bad):,} of {len(values):,} draws, number {bad[0]} first, have no such measure")
        largest = float(np.abs(values).max(initial=0.0))
        if largest > 0:
            unit = 2.0 ** (np.frexp(largest)[1] - DIGITS)
            values, without = (np.round(one / unit) * unit for one in (values, without))
        return cls(values, without)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.values)

    def holds(self, compare: Callable[[np.ndarray, float], np.ndarray], limit: float) -> OfEachDraw:
        """Whether the measure compares so with a limit, 1 where it does, else 0."""
        return OfEachDraw(*(compare(one, limit).astype(float) for one in (self.values, self.without)))

    def told(self, asked: Asked, least: float = 0.0, most: float = inf) -> list[Estimate]:
        """Statistics of the draws with their errors, by leaving out each replication of draws and of paths in turn.

        Parameters
        ----------
        asked
            What is asked of some draws: their numbers, and values of shape (values, draws).
        least, most
            Where a statistic can't lie beyond.
        """
        every = np.arange(self.draws)
        whole = asked(every, self.values[np.newaxis])[0]
        by_paths = asked(every, self.without)
        by_draws = np.array([asked(rows, self.values[np.newaxis, rows])[0] for rows in left_out(self.draws)])
        reach = replications.student(SCRAMBLINGS) * np.sqrt(_variance(by_draws) + _variance(by_paths))
        ends = np.clip(np.array([whole, whole - reach, whole + reach]), least, most).T
        return [Estimate(float(value), low=float(low), high=float(high)) for value, low, high in ends]


def left_out(draws: int) -> list[np.ndarray]:
    """The numbers of the draws without each replication."""
    of_draw = np.arange(draws) % SCRAMBLINGS
    return [np.flatnonzero(of_draw != r) for r in range(SCRAMBLINGS)]


def _variance(without: np.ndarray) -> np.ndarray:
    """Variance of statistics by what they are without each of some replications, shape (replications, statistics)."""
    found: np.ndarray = (len(without) - 1) * without.var(axis=0)
    return found


def _without(losses: np.ndarray, level: float, *, shortfall: bool) -> np.ndarray:
    """Quantile or shortfall of each draw without each replication of paths, shape (scramblings, draws)."""
    draws, paths = losses.shape
    kept = paths - paths // SCRAMBLINGS
    rank = quantile_rank(kept, level) - 1
    found = np.empty((SCRAMBLINGS, draws))
    for rows in pieces(draws, paths):
        table = losses[rows].reshape(-1, paths // SCRAMBLINGS, SCRAMBLINGS)
        for s in range(SCRAMBLINGS):
            left = np.delete(table, s, axis=2).reshape(-1, kept)
            left.partition(rank, axis=1)
            found[s, rows] = at_risk = left[:, rank]
            if shortfall:  # sorted so, all that is beyond stands behind
                beyond = left[:, rank:] - at_risk[:, np.newaxis]
                found[s, rows] += beyond.sum(axis=1) / (kept * (1 - level))
    return found
