"""The few ways in which a measure is estimated: a mean, a share, a quantile, what lies beyond a quantile.

Each knows how to be told from a run, as a difference between two runs on the same draws, and by cell from strata. All
that differs between two means, or two shares, is what they ask of a path.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, final

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import WindowSums
from sim.estimates import differences, independent, replications
from sim.estimates.estimate import Estimate
from sim.estimates.independent import Moments, Tail
from sim.scenario import rules
from sim.scenario.left_to_chance import left_to_chance
from sim.scenario.parts import Event, Scenario

OfPath = Callable[[WindowSums, Scenario], np.ndarray]
"""What is asked of a path: a number for each, from what it sums to over the window; element by element."""


class Totals(Protocol):
    """What a run keeps of its paths; measures go by their names."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""

    @property
    def paths(self) -> int:
        """How many."""

    @property
    def is_scrambled(self) -> bool:
        """Whether they are quasi-random, so that errors come from their scramblings."""

    def moments(self, name: str) -> Moments:
        """Moments of what a mean asks of each path."""

    def hits(self, name: str) -> int:
        """Paths that a share counts."""

    def by_scrambling(self, name: str) -> np.ndarray:
        """Sums of what a mean asks, counts of what a share counts; shape (scramblings,)."""

    def tail(self, level: float) -> Tail:
        """The losses' quantile and what lies beyond it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two scenarios on common draws: path i of one is path i of the other.

    Attributes
    ----------
    base, other
        What paths sum to over the window; arrays of shape (paths,). Where only losses were kept, the rest is empty.
    base_scenario, other_scenario
        The scenarios.
    scrambled
        Whether paths are quasi-random.
    certain
        Whether every path of either loses the same, so that none that hits can have been missed.
    """

    base: WindowSums
    other: WindowSums
    base_scenario: Scenario
    other_scenario: Scenario
    scrambled: bool
    certain: bool = False

    @property
    def between(self) -> WindowSums:
        """The other's sums less the base's: what the two share cancels before anything is made of them."""
        loss, baseline = self.other.loss - self.base.loss, self.other.baseline - self.base.baseline
        one_off = self.other.one_off - self.base.one_off
        revenue = rules.revenue_of(baseline, loss, one_off) if len(baseline) else baseline
        return WindowSums(loss, revenue, baseline, self.other.plain_revenue - self.base.plain_revenue, one_off)


@dataclass(frozen=True, slots=True)
class CellEstimates:
    """Estimates by cell: arrays of one shape, NaN where nothing can be told; as in :class:`Estimate`.

    ``tail_paths`` is how many independent paths a tail is as good as; ``bin_width`` what binning adds to the error.
    """

    value: np.ndarray
    standard_error: np.ndarray | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    tail_paths: np.ndarray | None = None
    bin_width: np.ndarray | None = None

    def of_cell(self, k: int = 0) -> Estimate:
        """The estimate of one cell, by its flat number."""

        def one(values: np.ndarray | None) -> float | None:
            number = None if values is None else float(values.flat[k])
            return None if number is None or np.isnan(number) else number

        value = one(self.value)
        return Estimate(np.nan if value is None else value, one(self.standard_error), one(self.low), one(self.high))


class Cells(Protocol):
    """The distributions of loss of some cells, from which measures are told; see :mod:`sim.estimates.mixtures`."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was simulated."""

    @property
    def averages(self) -> WindowSums:
        """What paths sum to on average, in each replication and cell; arrays of shape (replications, cells)."""

    def averaged(self, name: str) -> np.ndarray:
        """Averages of what a measure asks of each path, in each replication and cell."""

    def mean(self, replicated: np.ndarray, *, of_losses: bool = False) -> CellEstimates:
        """A mean from those of the replications, shape (replications, cells); whether a path adds its loss to it."""

    def share(self, name: str) -> CellEstimates:
        """The share of paths that a measure counts."""

    def quantile_at(self, level: float) -> CellEstimates:
        """The losses' quantile."""

    def shortfall_at(self, level: float) -> CellEstimates:
        """The mean of the losses beyond it."""

    def replicated_quantile(self, level: float) -> np.ndarray:
        """What each replication says of the quantile, shape (replications, cells)."""

    def replicated_shortfall(self, level: float) -> np.ndarray:
        """What each replication says of the mean beyond it, shape (replications, cells)."""


class Estimator(ABC):
    """How a measure is estimated. The level is None where the measure has none."""

    by_level: ClassVar[bool] = False
    is_share: ClassVar[bool] = False
    told_by_interval: ClassVar[bool] = False
    """Whether its error is told by the ends of an interval; else by a standard error."""

    of_loss: bool
    """Whether it needs nothing of a path but its loss."""

    @abstractmethod
    def of_run(self, name: str, totals: Totals, level: float | None) -> Estimate:
        """Estimate it from a run."""

    @abstractmethod
    def difference(self, pair: Pair, level: float | None) -> Estimate:
        """By how much it is more for the other scenario than for the base, path against path."""

    @abstractmethod
    def of_cells(self, name: str, cells: Cells, level: float | None) -> CellEstimates:
        """Estimate it in every cell."""

    @abstractmethod
    def replicated(self, name: str, cells: Cells, level: float | None) -> np.ndarray:
        """What each replication says of each cell, shape (replications, cells).

        Between cells on common draws the differences of these are independent replications of the cells' difference.
        """

    @abstractmethod
    def terms(self, sums: WindowSums, scenario: Scenario, level: float | None) -> np.ndarray | None:
        """Values, one a path, whose mean it is, so that contributions to it add up; None where there are none."""


class OfPaths(Estimator):
    """A mean over paths of something asked of each by itself."""

    values: OfPath
    linear: bool


@final
@dataclass(frozen=True, slots=True)
class MeanOf(OfPaths):
    """The mean over paths of an amount.

    Attributes
    ----------
    values
        The amount.
    of_loss
        Whether it is made of the loss alone.
    linear
        Whether it is a sum of multiples of what is asked: the amount of a difference is then the difference of the
        amounts, and that of an average their average.
    of_events
        Whether events play a part in it.
    """

    values: OfPath
    of_loss: bool = False
    linear: bool = False
    of_events: bool = True

    def of_run(self, name: str, totals: Totals, level: float | None) -> Estimate:
        """The measure of a run, with its error."""
        error = error_of_mean(totals, name)
        if totals.moments(name).squares == 0 and self.of_events and error is not None:
            error = unseen(totals, 1.0)
        return Estimate(totals.moments(name).mean, error)

    def difference(self, pair: Pair, level: float | None) -> Estimate:
        """The paired difference, with its error."""
        if self.linear:
            more = self.values(pair.between, pair.base_scenario)
        else:
            more = self.values(pair.other, pair.other_scenario) - self.values(pair.base, pair.base_scenario)
        return differences.mean(more, scrambled=pair.scrambled)

    def of_cells(self, name: str, cells: Cells, level: float | None) -> CellEstimates:
        """The measure of every cell."""
        return cells.mean(self.replicated(name, cells, level), of_losses=self.linear)

    def replicated(self, name: str, cells: Cells, level: float | None) -> np.ndarray:
        """What each replication says of each cell."""
        return self.values(cells.averages, cells.scenario) if self.linear else cells.averaged(name)

    def terms(self, sums: WindowSums, scenario: Scenario, level: float | None) -> np.ndarray | None:
        """Values, one a path, whose mean it is; None where there are none."""
        return self.values(sums, scenario) if self.of_loss else None


@final
@dataclass(frozen=True, slots=True)
class ShareOf(OfPaths):
    """The share of paths that hit.

    Attributes
    ----------
    values
        Whether a path does, True or False.
    """

    is_share: ClassVar[bool] = True
    told_by_interval: ClassVar[bool] = True

    values: OfPath
    of_loss: bool = False
    linear: bool = field(default=False, init=False)

    def of_run(self, name: str, totals: Totals, level: float | None) -> Estimate:
        """The measure of a run, with its error."""
        return share(totals.hits(name), totals.paths, totals.by_scrambling(name) if totals.is_scrambled else None)

    def difference(self, pair: Pair, level: float | None) -> Estimate:
        """The paired difference, with its error."""
        base = np.asarray(self.values(pair.base, pair.base_scenario), dtype=float)
        more = np.asarray(self.values(pair.other, pair.other_scenario), dtype=float) - base
        found = differences.mean(more, scrambled=pair.scrambled)
        if pair.certain or more.any() or len(more) < 2:
            return found
        # Where no path differs, one that does may have been missed.
        low, high = independent.share_interval(0, len(more))
        return Estimate(0.0, high / replications.student(len(more)), low - high, high)

    def of_cells(self, name: str, cells: Cells, level: float | None) -> CellEstimates:
        """The measure of every cell."""
        return cells.share(name)

    def replicated(self, name: str, cells: Cells, level: float | None) -> np.ndarray:
        """What each replication says of each cell."""
        return cells.averaged(name)

    def terms(self, sums: WindowSums, scenario: Scenario, level: float | None) -> np.ndarray | None:
        """Values, one a path, whose mean it is: none."""
        return None


@final
@dataclass(frozen=True, slots=True)
class Quantile(Estimator):
    """The quantile of the losses."""

    by_level: ClassVar[bool] = True
    told_by_interval: ClassVar[bool] = True
    of_loss: bool = field(default=True, init=False)

    def of_run(self, name: str, totals: Totals, level: float | None) -> Estimate:
        """The measure of a run, with its error."""
        tail = totals.tail(_given(level))
        return Estimate(tail.revenue_at_risk, low=tail.low, high=tail.high)

    def difference(self, pair: Pair, level: float | None) -> Estimate:
        """The paired difference, with its error."""
        return differences.quantile_difference(pair.base.loss, pair.other.loss, _given(level), scrambled=pair.scrambled)

    def of_cells(self, name: str, cells: Cells, level: float | None) -> CellEstimates:
        """The measure of every cell."""
        return cells.quantile_at(_given(level))

    def replicated(self, name: str, cells: Cells, level: float | None) -> np.ndarray:
        """What each replication says of each cell."""
        return cells.replicated_quantile(_given(level))

    def terms(self, sums: WindowSums, scenario: Scenario, level: float | None) -> np.ndarray | None:
        """Values, one a path, whose mean it is: none."""
        return None


@final
@dataclass(frozen=True, slots=True)
class Shortfall(Estimator):
    """The mean of the losses beyond their quantile."""

    by_level: ClassVar[bool] = True
    of_loss: bool = field(default=True, init=False)

    def of_run(self, name: str, totals: Totals, level: float | None) -> Estimate:
        """The measure of a run, with its error."""
        tail = totals.tail(_given(level))
        note, error = None, tail.standard_error
        if error == 0:
            error = unseen(totals, 1 / (1 - tail.level))
        if error is None:
            note = f"no standard error from {tail.paths} paths in the tail; {independent.LEAST_TAIL} are needed"
        elif tail.approximate:
            note = f"the standard error is approximate below {independent.HONEST_TAIL} paths in the tail"
        return Estimate(tail.expected_shortfall, error, note=note, tail_paths=tail.paths)

    def difference(self, pair: Pair, level: float | None) -> Estimate:
        """The paired difference, with its error."""
        return differences.shortfall_difference(
            pair.base.loss, pair.other.loss, _given(level), scrambled=pair.scrambled
        )

    def of_cells(self, name: str, cells: Cells, level: float | None) -> CellEstimates:
        """The measure of every cell."""
        return cells.shortfall_at(_given(level))

    def replicated(self, name: str, cells: Cells, level: float | None) -> np.ndarray:
        """What each replication says of each cell."""
        return cells.replicated_shortfall(_given(level))

    def terms(self, sums: WindowSums, scenario: Scenario, level: float | None) -> np.ndarray | None:
        """Values, one a path, whose mean it is; None where there are none."""
        return differences.shortfall_terms(sums.loss, _given(level))


def share(hits: int, paths: int, by_scrambling: np.ndarray | None) -> Estimate:
    """A share of paths; counts by scrambling where these are quasi-random."""
    if by_scrambling is not None:
        value, low, high = replications.share(by_scrambling, paths)
    else:
        value, (low, high) = hits / paths, independent.share_interval(hits, paths)
    return Estimate(value, low=low, high=high)


def error_of_mean(totals: Totals, name: str) -> float | None:
    """Standard error of a mean over paths, as they differ from each other, or scramblings do."""
    moments = totals.moments(name)
    if not totals.is_scrambled:
        return moments.standard_error
    path = SCRAMBLINGS / totals.paths
    return replications.standard_error(totals.by_scrambling(name) * path, moments.worth * path)


def name_of_times(event: str) -> str:
    """What the number of times that an event arises goes by among what is asked of each path."""
    return f"times of {event}"


def times_of(totals: Totals, event: Event) -> Estimate:
    """How often an event that repeats arises within the horizon, on average."""
    name = name_of_times(event.id)
    error = error_of_mean(totals, name)
    if totals.moments(name).squares == 0 and error is not None:
        error = 0.0 if _is_settled(totals.scenario, event) else _never_met(totals) * totals.scenario.most_comings(event)
    return Estimate(totals.moments(name).mean, error)


def _is_settled(scenario: Scenario, event: Event) -> bool:
    """Whether chance has no say in when an event comes and comes again."""
    if event.id in left_to_chance(scenario) or scenario.certain(event) is None:
        return False
    if event.outcome_of is not None and scenario.certain(event):
        return _is_settled(scenario, scenario.events[scenario.event_index[event.outcome_of]])
    return not any(trigger.target == event.id for other in scenario.events for trigger in other.triggers)


def _never_met(totals: Totals) -> float:
    """Chance of what no path met, as an error that reaches as far as its interval."""
    count = SCRAMBLINGS if totals.is_scrambled else totals.paths
    return independent.never_met(totals.paths) / replications.student(count)


def unseen(totals: Totals, times: float) -> float:
    """Error of a mean that no path differs from: what has not been seen to happen may still happen, and cost all.

    Where nothing is left to chance there is none. Otherwise the chance of what no path met is bounded as a share is,
    and the amount by what there is to lose, the baseline and what
    events cost once: the interval reaches as far as both together.

    Parameters
    ----------
    times
        How much a path that loses counts in the mean.
    """
    if not left_to_chance(totals.scenario):
        return 0.0
    count = SCRAMBLINGS if totals.is_scrambled else totals.paths
    most = abs(totals.moments("expected_baseline").mean) + totals.scenario.largest_one_offs
    return independent.never_met(totals.paths) * most * times / replications.student(count)


def losses_alone(loss: np.ndarray) -> WindowSums:
    """Sums of which only the losses are known; shape (paths,)."""
    unknown = np.empty(0)
    return WindowSums(loss, unknown, unknown, unknown)


def loss_of(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """The loss."""
    return sums.loss


def revenue_of(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """The revenue, discounted."""
    return sums.revenue


def one_off_of(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """What events cost once, beside revenue, discounted; 0 where none does."""
    found: np.ndarray = np.broadcast_to(sums.one_off, sums.loss.shape)
    return found


def plain_revenue_of(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """The revenue as it is billed, not discounted."""
    return sums.plain_revenue


def baseline_of(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """The baseline, discounted."""
    return sums.baseline


def has_a_loss(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """Whether more is lost than rounding."""
    found: np.ndarray = np.asarray(rules.is_a_loss(sums.loss, sums.baseline))
    return found


def misses_the_target(sums: WindowSums, scenario: Scenario) -> np.ndarray:
    """Whether the revenue as it is billed stays below what the plan asks for."""
    assert scenario.risk.target is not None
    below: np.ndarray = sums.plain_revenue < scenario.risk.target
    return below


def _given(level: float | None) -> float:
    assert level is not None, "a measure of the tail is asked for at a level"
    return level
