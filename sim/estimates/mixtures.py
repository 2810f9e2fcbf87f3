"""Mixtures of strata: from the losses of every stratum to the measures of every cell, each with its error.

A cell's distribution of loss is a weighted mixture of the strata's (``docs/model.md``, section 8). Losses are counted
in bins of equal width, once for all cells; a cell costs a few sums over the strata. Errors come from replications that
are independent of each other: the scramblings of a quasi-random run, or batches of plain paths.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from sim.engines.matrix import product
from sim.engines.strata import StrataLosses
from sim.engines.valuation import WindowSums
from sim.estimates.bins import COARSE, FINE, STEP, Bins
from sim.estimates.estimators import CellEstimates, OfPaths
from sim.estimates.independent import never_met
from sim.estimates.measures import EXPECTED_ONE_OFF, Key, cell_measures, level_name, levels_of, measures_of
from sim.estimates.replications import standard_errors, student
from sim.scenario import rules
from sim.scenario.parts import Scenario

BATCHES = 64
"""Batches of plain paths that serve as replications."""

SINGLE = 1e-6
"""Spread of a bin's losses, relative to their mean, up to which they are one value and its rounding."""

BINNED = 0.7
"""Part of a bin's width that a loss read from it may be off by, in quadrature with what it is off by chance.

Where a bin holds a dozen losses of a lattice, intervals with 0.5 of it miss too often (85 %); with all of it those of
smooth losses, which fill a bin evenly, are too wide (98 %): see ``docs/coverage.md``.
"""

ROUNDING = 1e-12
"""Probability that is taken for rounding of the weights."""


@dataclass(frozen=True)
class Strata:
    """Losses of some paths by stratum, counted; parts of a run add up.

    Attributes
    ----------
    paths
        Paths by replication, shape (replications,).
    baseline
        Sum of the baseline over the window by replication, shape (replications,).
    asked
        By measure that asks something of each path the sum of it (for a share, how many hit) by replication and
        stratum; shape (replications, strata). Sums of multiples of loss and baseline need none of their own.
    count, amount
        Paths, and the sum of their losses, by fine bin and stratum; shape (FINE, strata).
    squares
        Sum of the squares of losses by fine bin, all strata together; shape (FINE,).
    coarse_count, coarse_amount
        ``count`` and ``amount`` by coarse bin, replication and stratum; shape (COARSE, replications, strata). Bins come
        first, so that a cell's look at all strata of a bin reads memory in one go.
    """

    paths: np.ndarray
    baseline: np.ndarray
    asked: Mapping[str, np.ndarray]
    count: np.ndarray
    amount: np.ndarray
    squares: np.ndarray
    coarse_count: np.ndarray
    coarse_amount: np.ndarray

    @classmethod
    def of(
        cls, scenario: Scenario, losses: StrataLosses, replication: np.ndarray, replications: int, bins: Bins
    ) -> Strata:
        """Count the losses of a block of paths.

        Parameters
        ----------
        scenario
            Says which measures there are.
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
        place = fine * strata
        place += row
        count = np.bincount(place.ravel(), minlength=strata * FINE).reshape(FINE, strata)
        amount = np.bincount(place.ravel(), flat, minlength=strata * FINE).reshape(FINE, strata)
        squares = np.bincount(fine.ravel(), flat * flat, minlength=FINE)
        member = row + replication * strata
        fine //= STEP
        np.multiply(fine, replications * strata, out=place)
        place += member
        place = place.ravel()
        size = replications * strata * COARSE
        shape = (COARSE, replications, strata)
        # Without a target nobody may ask for the plain revenue: an empty array makes that an error.
        plain = np.empty(0) if losses.plain_revenue is None else losses.plain_revenue
        one_off = 0.0 if losses.one_off is None else losses.one_off
        revenue = rules.revenue_of(losses.baseline, loss, one_off)
        sums = WindowSums(loss, revenue, losses.baseline, plain, one_off)

        def by_member(asked: OfPaths) -> np.ndarray:
            values = asked.values(sums, scenario)
            found = (
                np.bincount(member[values], minlength=replications * strata)
                if asked.is_share
                else np.bincount(member.ravel(), values.ravel(), minlength=replications * strata)
            )
            return found.reshape(replications, strata)

        return cls(
            np.bincount(replication, minlength=replications),
            np.bincount(replication, losses.baseline, minlength=replications),
            {
                measure.name: by_member(measure.estimator)
                for measure in measures_of(scenario)
                if measure.by_cell and isinstance(measure.estimator, OfPaths) and not measure.estimator.linear
            },
            count,
            amount,
            squares,
            np.bincount(place, minlength=size).reshape(shape),
            np.bincount(place, flat, minlength=size).reshape(shape),
        )

    @classmethod
    def merged(cls, parts: Iterable[Strata]) -> Strata:
        """All parts together, added one after the other."""
        names = cls.__dataclass_fields__

        def added(one: Any, other: Any) -> Any:
            return {key: one[key] + other[key] for key in one} if isinstance(one, Mapping) else one + other

        def joined(one: Strata, other: Strata) -> Strata:
            return cls(**{name: added(getattr(one, name), getattr(other, name)) for name in names})

        return reduce(joined, parts)


class _Tail(NamedTuple):
    """What lies at and beyond a level in each cell; arrays of shape (cells,).

    ``low`` and ``high`` bound a 95 % interval of the quantile, ``error`` is the shortfall's; ``below`` is the share of
    paths up to the edge of the quantile's coarse bin, and ``excess`` the mean loss beyond the quantile, scaled, each of
    shape (replications, cells). NaN stands for what a single path, or a single replication, cannot tell.
    """

    place: np.ndarray
    at_risk: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shortfall: np.ndarray
    error: np.ndarray
    below: np.ndarray
    excess: np.ndarray


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
    scenario
        The scenario that was simulated.
    others
        Whether events may arise that are not conditioned on, so that what no path shows may still happen.
    """

    def __init__(
        self, strata: Strata, bins: Bins, weights: np.ndarray, *, scenario: Scenario, others: bool = True
    ) -> None:
        self.paths = strata.paths
        self.scenario = scenario
        self._baseline, self._asked = strata.baseline, strata.asked
        self._total = strata.coarse_amount.sum(axis=0)
        self.bins = bins
        self.weights = weights
        self.others = others
        self._edges: np.ndarray | None = None
        self._tails: dict[float, _Tail] = {}
        share = 1 / strata.paths.sum()
        by_replication = 1 / strata.paths[:, np.newaxis]
        self._below = _running(strata.count, share)
        self._upto = _running(strata.amount, share)
        held = np.maximum(strata.count.sum(axis=1), 1)
        self._mean = strata.amount.sum(axis=1) / held
        spread = np.sqrt(np.maximum(strata.squares / held - self._mean**2, 0.0))
        self._single = spread <= SINGLE * np.abs(self._mean)
        self._coarse_below = _running(strata.coarse_count, by_replication)
        self._coarse_upto = _running(strata.coarse_amount, by_replication)
        # Of a stratum whose paths all lose the same, or have one and the same fate, no path could have told otherwise.
        self._varies = (strata.count > 0).sum(axis=0) > 1
        self._worth = _worth(strata)

    @property
    def nbytes(self) -> int:
        """Memory of the tables."""
        tables = (self._below, self._upto, self._coarse_below, self._coarse_upto, self._mean, self._single)
        return sum(table.nbytes for table in tables)

    def weighed(self, weights: np.ndarray) -> Mixtures:
        """The same strata in other cells."""
        other = copy.copy(self)
        other.weights = weights
        other._edges = None
        other._tails = {}
        return other

    def probability_at_most(self, place: np.ndarray) -> np.ndarray:
        """Probability of a loss in or below a fine bin, by cell; ``place`` and result have the shape (cells,)."""
        return _weighed(self.weights, self._below[place])

    def bin_of_quantile(self, level: np.ndarray | float) -> np.ndarray:
        """First fine bin up to which the probability reaches the level, by cell; shape (cells,)."""
        # Weights are rounded sums: a level that is met but for rounding is met.
        wanted = np.broadcast_to(np.minimum(level, 1.0) - ROUNDING, len(self.weights))
        # First the coarse bin, then the fine one within; at the last edge the probability is 1, whatever was wanted.
        low = STEP * (self._at_edges() >= wanted).argmax(axis=0) - 1
        high = low + STEP
        for _ in range((STEP - 1).bit_length()):
            middle = (low + high) // 2
            reached = self.probability_at_most(middle) >= wanted
            high = np.where(reached, middle, high)
            low = np.where(reached, low, middle)
        found: np.ndarray = high
        return found

    def _at_edges(self) -> np.ndarray:
        """Probability of a loss in or below each coarse bin, shape (COARSE, cells)."""
        if self._edges is None:
            self._edges = product(self._below[STEP - 1 :: STEP], self.weights.T)
        edges: np.ndarray = self._edges
        return edges

    def quantile(self, level: np.ndarray | float) -> np.ndarray:
        """Quantile of the loss by cell, to a bin's width; shape (cells,)."""
        return self._value_at(self.bin_of_quantile(level), level)

    def _value_at(self, place: np.ndarray, level: np.ndarray | float) -> np.ndarray:
        """Loss at which a cell reaches a level within a bin: the value itself where the bin holds a single one."""
        below, above = self.bins.ends(place)
        before = np.where(place > 0, self.probability_at_most(np.maximum(place - 1, 0)), 0.0)
        share = self.probability_at_most(place) - before
        way = np.clip((level - before) / np.where(share > ROUNDING, share, 1.0), 0.0, 1.0)
        found: np.ndarray = np.where(self._single[place], self._mean[place], below + way * (above - below))
        return found

    def _off(self, level: np.ndarray, at_risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far the quantile at another level is from the one at risk, and how far either may be off in its bin."""
        place = self.bin_of_quantile(level)
        return self._value_at(place, level) - at_risk, self._binned(place)

    def _binned(self, place: np.ndarray) -> np.ndarray:
        """How far a loss that is read from a bin may be off; 0 where the bin holds a single value."""
        below, above = self.bins.ends(place)
        return np.where(self._single[place], 0.0, BINNED * (above - below))

    def measures(self, levels: Sequence[float]) -> dict[Key, CellEstimates]:
        """Measures of every cell with their errors, arrays of shape (cells,)."""
        found = {
            (measure.name, None if level is None else level_name(level)): measure.of_cells(self, level)
            for measure in cell_measures(self.scenario)
            for level in levels_of(measure, levels)
        }
        self._tails = {}  # what a replication says is seldom asked for, and large
        return found

    @property
    def averages(self) -> WindowSums:
        """What paths sum to on average, in each replication and cell; arrays of shape (replications, cells)."""
        losses = self._by_replication(self._total)
        baseline = (self._baseline / self.paths)[:, np.newaxis]
        one_off = self.averaged(EXPECTED_ONE_OFF.name) if EXPECTED_ONE_OFF.name in self._asked else 0.0
        revenue = rules.revenue_of(baseline, losses, one_off)
        return WindowSums(losses, revenue, np.broadcast_to(baseline, losses.shape), np.empty(0), one_off)

    def averaged(self, name: str) -> np.ndarray:
        """Averages of what a measure asks of each path, in each replication and cell."""
        return self._by_replication(self._asked[name])

    def mean(self, replicated: np.ndarray, *, of_losses: bool = False) -> CellEstimates:
        """A mean from those of the replications, shape (replications, cells); whether a path adds its loss to it."""
        if not of_losses:
            return CellEstimates(self._pooled(replicated), _error(replicated))
        path = len(replicated) / self.paths.sum()
        error = standard_errors(replicated, (self.weights * self._worth).max(axis=1) * path)
        if self.others:
            # What no path shows may still happen, and cost as much as there is to lose.
            most = abs(self._baseline.sum() / self.paths.sum()) + self.scenario.largest_one_offs
            never = never_met(int(self.paths.sum())) * most
            error = np.where(error == 0, never / student(len(replicated)), error)
        return CellEstimates(self._pooled(replicated), error)

    def quantile_at(self, level: float) -> CellEstimates:
        """The losses' quantile with its interval, and the width of its bin."""
        tail = self._tail(level)
        below, above = self.bins.ends(tail.place)
        return CellEstimates(tail.at_risk, low=tail.low, high=tail.high, bin_width=above - below)

    def shortfall_at(self, level: float) -> CellEstimates:
        """The mean of the losses beyond their quantile, and how many independent paths the tail is as good as."""
        tail = self._tail(level)
        return CellEstimates(tail.shortfall, tail.error, tail_paths=self._paths_beyond(tail.place))

    def replicated_quantile(self, level: float) -> np.ndarray:
        """What each replication says of the quantile, shape (replications, cells).

        It is told from its share of paths up to the quantile of all: by the slope that the quantile has within its
        95 % interval, so that the spread gives that interval again.
        """
        _, at_risk, low, high, _, _, below, _ = self._tail(level)
        reach = student(len(below)) * self._cautious_error(below, self._varies)
        slope = np.divide(high - low, 2 * reach, out=np.zeros_like(at_risk), where=np.isfinite(reach) & (reach > 0))
        replicated: np.ndarray = at_risk - slope * (below - self._pooled(below))
        return replicated

    def replicated_shortfall(self, level: float) -> np.ndarray:
        """What each replication says of the shortfall, shape (replications, cells).

        It is its mean excess over the quantile of all, whose own error adds nothing to the first order.
        """
        tail = self._tail(level)
        replicated: np.ndarray = tail.at_risk + tail.excess
        return replicated

    def _excess(self, level: float, coarse: np.ndarray, at_risk: np.ndarray, below: np.ndarray) -> np.ndarray:
        """Mean loss beyond a cell's quantile, scaled, in each replication; shape (replications, cells)."""
        amounts = np.einsum("cs,rs->rc", self.weights, self._coarse_upto[-1])
        amounts -= self._replicated(self._coarse_upto, coarse)
        excess: np.ndarray = (amounts - at_risk * (1 - below)) / (1 - level)
        return excess

    def _by_replication(self, totals: np.ndarray) -> np.ndarray:
        """Means of each replication in each cell from its totals by stratum; shape (replications, cells)."""
        # Not a matrix product of the BLAS: on one so small its threads wait for each other longer than they work.
        means: np.ndarray = np.einsum("rs,cs->rc", totals / self.paths[:, np.newaxis], self.weights)
        return means

    def _pooled(self, by_replication: np.ndarray) -> np.ndarray:
        """Mean over all paths from those of the replications, which may differ by a path in size."""
        share = self.paths / self.paths.sum()
        pooled: np.ndarray = share @ by_replication
        return pooled

    def share(self, name: str) -> CellEstimates:
        """The share of paths that a measure counts, with its interval."""
        counts = self._asked[name]
        replications = self._by_replication(counts)
        value = self._pooled(replications)
        total = counts.sum(axis=0)
        reach = student(len(counts)) * self._cautious_error(replications, (total > 0) & (total < self.paths.sum()))
        high = value + reach
        if self.others:
            # No path in n says no more than that the chance is below 1 - 0.025^(1/n), unless it can't be otherwise.
            high = np.where(value == 0, np.maximum(high, never_met(int(self.paths.sum()))), high)
        return CellEstimates(value, low=np.maximum(value - reach, 0.0), high=np.minimum(high, 1.0))

    def _cautious_error(
        self, replications: np.ndarray, unsure: np.ndarray, worth: np.ndarray | float = 1.0
    ) -> np.ndarray:
        """Standard error of the mean of replications, by cell, with one path more or less always allowed for.

        Quasi-random points are spread so evenly that replications may all count the same, and none of them a path as
        rare as decides a far tail: their spread would then say that there is no error. So one replication is taken to
        have missed, or to have met by chance, one path of the likeliest stratum; where they agree, a path of all
        strata, which are the same paths (:func:`sim.estimates.replications.standard_errors`).

        Parameters
        ----------
        replications
            Shares of paths, or sums over them, shape (replications, cells).
        unsure
            The strata in which a path could have counted otherwise, shape (strata,).
        worth
            What such a path would add to a sum, shape (cells,); 1 for shares.
        """
        path = len(replications) / self.paths.sum() * worth
        granted = self.weights * unsure
        return standard_errors(replications, granted.sum(axis=1) * path, granted.max(axis=1) * path)

    def _tail(self, level: float) -> _Tail:
        if level not in self._tails:
            self._tails[level] = self._measured_tail(level)
        return self._tails[level]

    def _measured_tail(self, level: float) -> _Tail:
        place = self.bin_of_quantile(level)
        at_risk = self._value_at(place, level)
        beyond = 1 - self.probability_at_most(place)
        amount = _weighed(self.weights, self._upto[-1] - self._upto[place])
        shortfall = (amount + at_risk * np.maximum(1 - level - beyond, 0.0)) / (1 - level)

        # How far the replications' tails spread about the same loss, at the edge of its coarse bin.
        coarse = place // STEP
        below = self._replicated(self._coarse_below, coarse)
        reach = student(len(below)) * self._cautious_error(below, self._varies)
        known = np.isfinite(reach)
        low = at_risk - np.hypot(*self._off(np.where(known, level - reach, level), at_risk))
        high = at_risk + np.hypot(*self._off(np.where(known, level + reach, level), at_risk))
        excess = self._excess(level, coarse, at_risk, below)
        low = np.where(known, np.minimum(low, at_risk), np.nan)
        high = np.where(known, np.maximum(high, at_risk), np.nan)
        worth = (shortfall - at_risk) / (1 - level)
        error = self._cautious_error(excess, self._varies, worth)
        # Where in its bin the quantile lies is not known, nor what of the bin is beyond it.
        binned = self._binned(place) * np.clip(1 - level - beyond, 0.0, None) / (1 - level)
        error = np.hypot(error, binned / student(len(below)))
        return _Tail(place, at_risk, low, high, shortfall, error, below, excess)

    def _paths_beyond(self, place: np.ndarray) -> np.ndarray:
        """Paths beyond a bin that a cell's tail is as good as: the square of their weight over its variance."""
        beyond = self.paths.sum() * (1 - self._below[place])
        weight, variance = _weighed(self.weights, beyond), _weighed(self.weights**2, beyond)
        return weight**2 / np.where(variance > 0, variance, 1.0)

    def _replicated(self, table: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Weighted entries of a table (bins, replications, strata) at each cell's bin; shape (replications, cells)."""
        found: np.ndarray = np.einsum("cs,crs->rc", self.weights, table[place])
        return found


def _worth(strata: Strata) -> np.ndarray:
    """What one path more or less adds to the losses of each stratum, as coarse bins have them; shape (strata,).

    As :attr:`sim.estimates.independent.Moments.worth`.
    """
    count, amount = strata.coarse_count.sum(axis=1), strata.coarse_amount.sum(axis=1)
    paths = np.maximum(count.sum(axis=0), 1)
    value = np.divide(amount, count, out=np.zeros_like(amount), where=count > 0)
    off = value - amount.sum(axis=0) / paths
    second, third = (count * off**2).sum(axis=0), (count * off**3).sum(axis=0)
    skewed = np.divide(third, second, out=np.zeros_like(second), where=second > 0)
    worth: np.ndarray = np.hypot(skewed, 2 * np.sqrt(second / paths))
    return np.where((strata.count > 0).sum(axis=0) > 1, worth, 0.0)


def _running(table: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Running sums over the bins, as shares of the paths; shape as ``table``."""
    sums = np.cumsum(table, axis=0, dtype=float)
    sums *= share
    return sums


def _weighed(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    weighed: np.ndarray = np.einsum("cs,cs->c", weights, values)
    return weighed


def _error(replications: np.ndarray) -> np.ndarray:
    """Standard error of the mean of independent replications, by cell; NaN for a single one."""
    if len(replications) < 2:
        return np.full(replications.shape[1:], np.nan)
    error: np.ndarray = replications.std(axis=0, ddof=1) / np.sqrt(len(replications))
    return error
