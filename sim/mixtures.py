"""Mixtures of strata: from the losses of every stratum to the measures of every cell, each with its error.

A cell's distribution of loss is a weighted mixture of the strata's (``docs/model.md``, section 8). Losses are counted
in bins of equal width, once for all cells; a cell costs a few sums over the strata. Errors come from replications that
are independent of each other: the scramblings of a quasi-random run, or batches of plain paths.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim import rules
from sim.measures import CONFIDENCE
from sim.strata import StrataLosses

FINE = 8192
"""Bins of the pooled losses: what quantiles are read from."""

COARSE = 512
"""Bins of each replication's losses: what errors are read from."""

STEP = FINE // COARSE
"""Fine bins in a coarse one."""

ROUNDING = 1e-12
"""Probability that is taken for rounding of the weights."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of equal width from ``low`` to ``high``; what lies outside falls into the first and the last."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Width of a bin: the bound on the error that binning adds to a quantile."""
        return (self.high - self.low) / (FINE - 1)

    @classmethod
    def around(cls, lowest: float, highest: float, *, complete: bool) -> Bins:
        """Bins for losses of which the lowest and the highest are known; with room beyond where not all were seen."""
        room = 0.0 if complete else 0.25 * (highest - lowest)
        return cls(lowest - (room if lowest < 0 else 0.0), highest + room)

    def of(self, values: np.ndarray) -> np.ndarray:
        """Bin of each value, int64, shape as ``values``; the lowest value has the first bin to itself."""
        if self.width == 0:
            return np.zeros(values.shape, dtype=np.int64)
        places = (values - self.low) * (1 / self.width)
        np.ceil(places, out=places)
        return np.clip(places, 0, FINE - 1, out=places).astype(np.int64)


@dataclass(frozen=True)
class Strata:
    """Losses of some paths by stratum, counted; parts of a run add up.

    Attributes
    ----------
    paths
        Paths by replication, shape (replications,).
    baseline
        Sum of the baseline over the window by replication, shape (replications,).
    lossy, below_target
        Count of paths with a loss, and of those that miss the target, by replication and stratum; shape
        (replications, strata).
    amount
        Sum of losses by stratum and fine bin; shape (strata, FINE). ``count`` counts the paths.
    coarse_count, coarse_amount
        The same by replication, stratum and coarse bin; shape (replications, strata, COARSE).
    """

    paths: np.ndarray
    baseline: np.ndarray
    lossy: np.ndarray
    below_target: np.ndarray
    count: np.ndarray
    amount: np.ndarray
    coarse_count: np.ndarray
    coarse_amount: np.ndarray

    @classmethod
    def of(cls, losses: StrataLosses, replication: np.ndarray, replications: int, bins: Bins) -> Strata:
        """Count the losses of a block of paths.

        Parameters
        ----------
        losses
            The losses.
        replication, replications
            Number of the replication that each path belongs to, shape (paths,), and how many there are.
        bins
            The bins to count in.
        """
        loss = losses.loss
        strata = len(loss)
        fine = bins.of(loss)
        row = np.arange(strata)[:, np.newaxis]
        flat = loss.ravel()
        place = (fine + row * FINE).ravel()
        count = np.bincount(place, minlength=strata * FINE).reshape(strata, FINE)
        amount = np.bincount(place, flat, minlength=strata * FINE).reshape(strata, FINE)
        place = (fine // STEP + (row + replication * strata) * COARSE).ravel()
        size = replications * strata * COARSE
        shape = (replications, strata, COARSE)
        member = np.broadcast_to(row + replication * strata, loss.shape)

        def by_member(chosen: np.ndarray) -> np.ndarray:
            return np.bincount(member[chosen], minlength=replications * strata).reshape(replications, strata)

        below = losses.below_target
        return cls(
            np.bincount(replication, minlength=replications),
            np.bincount(replication, losses.baseline, minlength=replications),
            by_member(rules.is_a_loss(loss, losses.baseline)),
            np.zeros((replications, strata), dtype=np.int64) if below is None else by_member(below),
            count,
            amount,
            np.bincount(place, minlength=size).reshape(shape),
            np.bincount(place, flat, minlength=size).reshape(shape),
        )

    @classmethod
    def merged(cls, parts: Iterable[Strata]) -> Strata:
        """All parts together."""
        parts = list(parts)
        names = cls.__dataclass_fields__
        return cls(**{name: np.sum([getattr(part, name) for part in parts], axis=0) for name in names})


@dataclass(frozen=True, slots=True)
class Shares:
    """Probabilities by cell with the ends of their 95 % intervals, each of shape (cells,)."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True)
class CellMeasures:
    """Measures of cells: arrays of shape (cells,), those by level (levels, cells).

    ``*_error`` are standard errors; ``low`` and ``high`` bound 95 % intervals of the revenue at risk. NaN stands for
    what a single path, or a single replication, cannot tell.
    """

    expected_loss: np.ndarray
    expected_loss_error: np.ndarray
    expected_revenue: np.ndarray
    expected_revenue_error: np.ndarray
    probability_of_loss: Shares
    below_target: Shares | None
    revenue_at_risk: np.ndarray
    low: np.ndarray
    high: np.ndarray
    expected_shortfall: np.ndarray
    expected_shortfall_error: np.ndarray


class Mixtures:
    """The distributions of loss of cells that are mixtures of the same strata.

    Parameters
    ----------
    strata
        All paths' losses, counted.
    bins
        The bins in which they were.
    weights
        Probability of each stratum in each cell, rows that sum to 1; shape (cells, strata).
    has_target
        Whether misses of a target were counted.
    """

    def __init__(self, strata: Strata, bins: Bins, weights: np.ndarray, *, has_target: bool = False) -> None:
        self.strata = strata
        self.bins = bins
        self.weights = weights
        self.has_target = has_target
        paths = strata.paths.sum()
        # Bins first, so that a cell's lookup of all strata in a bin reads memory in one go.
        self._below = np.cumsum(strata.count.T, axis=0) / paths
        self._amount = strata.amount.T / paths
        self._beyond = np.cumsum(self._amount[::-1], axis=0)[::-1]
        share = 1 / strata.paths[:, np.newaxis, np.newaxis]
        self._coarse_below = np.cumsum(strata.coarse_count, axis=2) * share
        self._coarse_beyond = np.cumsum(strata.coarse_amount[:, :, ::-1], axis=2)[:, :, ::-1] * share

    def weighed(self, weights: np.ndarray) -> Mixtures:
        """The same strata in other cells."""
        other = copy.copy(self)
        other.weights = weights
        return other

    def probability_at_most(self, place: np.ndarray) -> np.ndarray:
        """Probability of a loss in or below a fine bin, by cell; ``place`` and result have the shape (cells,)."""
        return _weighed(self.weights, self._below[place])

    def bin_of_quantile(self, level: np.ndarray | float) -> np.ndarray:
        """First fine bin up to which the probability reaches the level, by cell; shape (cells,)."""
        low = np.full(len(self.weights), -1)
        high = np.full(len(self.weights), FINE - 1)
        # Weights are rounded sums: a level that is met but for rounding is met.
        wanted = np.minimum(level, 1.0) - ROUNDING
        for _ in range(FINE.bit_length()):
            middle = (low + high) // 2
            reached = (self.probability_at_most(middle) >= wanted) | (middle < 0)
            high = np.where(reached & (middle > low), middle, high)
            low = np.where(reached, low, middle)
        return high

    def quantile(self, level: float) -> np.ndarray:
        """Quantile of the loss by cell, to a bin's width; shape (cells,)."""
        return self._value_in(self.bin_of_quantile(level))

    def _value_in(self, place: np.ndarray) -> np.ndarray:
        """Mean of the losses in a fine bin, by cell: the value itself where the bin holds a single one."""
        amount = _weighed(self.weights, self._amount[place])
        before = np.where((place > 0)[:, np.newaxis], self._below[np.maximum(place - 1, 0)], 0.0)
        share = _weighed(self.weights, self._below[place] - before)
        middle = self.bins.low + (place - 0.5) * self.bins.width
        return np.where(share > 0, amount / np.where(share > 0, share, 1.0), middle)

    def measures(self, levels: Sequence[float]) -> CellMeasures:
        """Measures of every cell with their errors."""
        means = self._by_replication(self.strata.coarse_amount.sum(axis=2))
        revenues = (self.strata.baseline / self.strata.paths)[:, np.newaxis] - means
        tails = np.array([self._tail(level) for level in levels])
        return CellMeasures(
            expected_loss=self._pooled(means),
            expected_loss_error=_error(means),
            expected_revenue=self._pooled(revenues),
            expected_revenue_error=_error(revenues),
            probability_of_loss=self._shares(self.strata.lossy),
            below_target=self._shares(self.strata.below_target) if self.has_target else None,
            revenue_at_risk=tails[:, 0],
            low=tails[:, 1],
            high=tails[:, 2],
            expected_shortfall=tails[:, 3],
            expected_shortfall_error=tails[:, 4],
        )

    def _by_replication(self, totals: np.ndarray) -> np.ndarray:
        """Means of each replication in each cell from its totals by stratum; shape (replications, cells)."""
        # Not a matrix product of the BLAS: on one so small its threads wait for each other longer than they work.
        means: np.ndarray = np.einsum("rs,cs->rc", totals / self.strata.paths[:, np.newaxis], self.weights)
        return means

    def _pooled(self, by_replication: np.ndarray) -> np.ndarray:
        """Mean over all paths from those of the replications, which may differ by a path in size."""
        share = self.strata.paths / self.strata.paths.sum()
        pooled: np.ndarray = share @ by_replication
        return pooled

    def _shares(self, counts: np.ndarray) -> Shares:
        replications = self._by_replication(counts)
        value = self._pooled(replications)
        reach = _student(len(counts)) * _error(replications)
        return Shares(value, np.maximum(value - reach, 0.0), np.minimum(value + reach, 1.0))

    def _tail(self, level: float) -> tuple[np.ndarray, ...]:
        place = self.bin_of_quantile(level)
        at_risk = self._value_in(place)
        beyond = 1 - self.probability_at_most(place)
        after = np.where((place + 1 < FINE)[:, np.newaxis], self._beyond[np.minimum(place + 1, FINE - 1)], 0.0)
        amount = _weighed(self.weights, after)
        shortfall = (amount + at_risk * np.maximum(1 - level - beyond, 0.0)) / (1 - level)

        # How far the replications' tails spread about the same loss, at the edge of its coarse bin.
        coarse = place // STEP
        below = self._replicated(self._coarse_below, coarse)
        reach = _student(len(below)) * _error(below)
        known = np.isfinite(reach)
        low = self._value_in(self.bin_of_quantile(np.where(known, level - reach, level)))
        high = self._value_in(self.bin_of_quantile(np.where(known, level + reach, level)))
        amounts = self._replicated(self._coarse_beyond, np.minimum(coarse + 1, COARSE - 1))
        amounts = np.where(coarse + 1 < COARSE, amounts, 0.0)
        excess = (amounts - at_risk * (1 - below)) / (1 - level)
        low = np.where(known, np.minimum(low, at_risk), np.nan)
        high = np.where(known, np.maximum(high, at_risk), np.nan)
        return at_risk, low, high, shortfall, _error(excess)

    def _replicated(self, table: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Weighted entries of a table (replications, strata, bins) at each cell's bin; shape (replications, cells)."""
        found: np.ndarray = np.einsum("cs,rsc->rc", self.weights, table[:, :, place])
        return found


def _weighed(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    weighed: np.ndarray = np.einsum("cs,cs->c", weights, values)
    return weighed


def _error(replications: np.ndarray) -> np.ndarray:
    """Standard error of the mean of independent replications, by cell; NaN for a single one."""
    if len(replications) < 2:
        return np.full(replications.shape[1:], np.nan)
    error: np.ndarray = replications.std(axis=0, ddof=1) / np.sqrt(len(replications))
    return error


def _student(replications: int) -> float:
    """Student's quantile for the published intervals."""
    from scipy.special import stdtrit

    return float(stdtrit(max(1, replications - 1), (1 + CONFIDENCE) / 2))
