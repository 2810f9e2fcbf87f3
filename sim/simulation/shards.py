"""Totals of many paths in bounded memory: shards of paths whose totals merge, in whatever order they are done.

A shard is a fixed range of path numbers and the unit of work. Within it paths are valued in blocks; sums run over the
whole shard in path order, so that no block size, number of workers or order of completion changes a digit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.chance.draws import Draws
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import Engine, Valuation, window_sums
from sim.estimates import replications
from sim.estimates.estimators import OfPaths, name_of_times
from sim.estimates.independent import Moments, Tail
from sim.estimates.measures import EXPECTED_LOSS, measures_of
from sim.estimates.monthly import MonthlyBins
from sim.machine import keep_freed_memory, threads
from sim.scenario.parts import Scenario
from sim.simulation.memory import GROUP, block_paths, shard_paths
from sim.simulation.periods import Calendar, PeriodTotals, ShardPeriods
from sim.simulation.pool import Meter, Progress, in_order

SAMPLES = 8
"""Paths of which a run keeps every month, to be shown."""

SERIES = ("revenue", "baseline", "largest_share", "hhi")
BINNED = ("revenue", "baseline")


@dataclass(frozen=True, slots=True)
class ShardTotals:
    """What one shard of paths adds to a run; arrays by month have the shape (months,).

    ``moments`` are those of what the means among the measures ask of each path, ``hits`` count what the shares ask;
    ``scramblings`` has the sums of both by scrambling, and on how many paths each event arises. ``kept`` holds what was
    to be kept of each path beside its loss, ``periods`` what is told by year and quarter, if that was asked for.
    """

    first: int
    loss: np.ndarray
    moments: dict[str, Moments]
    hits: dict[str, int]
    sums: dict[str, np.ndarray]
    bins: dict[str, MonthlyBins]
    event_months: np.ndarray
    scramblings: dict[str, np.ndarray] | None = None
    arisen: np.ndarray | None = None
    samples: dict[str, np.ndarray] | None = None
    kept: Mapping[str, np.ndarray] = field(default_factory=dict)
    periods: ShardPeriods | None = None


def total(
    scenario: Scenario,
    engine: Engine,
    sampling: Sampling,
    first: int,
    count: int,
    block: int | None = None,
    keep: Collection[str] = (),
    calendar: Calendar | None = None,
) -> ShardTotals:
    """Value the paths of one shard, block by block, and total them.

    Parameters
    ----------
    engine
        ``sim.engines.kernel.value``, or the SimPy model's.
    sampling
        How the run is sampled; where paths are quasi-random, sums are kept by scrambling too.
    first, count
        The shard's paths.
    block
        Paths at a time, rounded up to whole groups; None: as memory wants it.
    keep
        Names of the sums over the window (see :class:`WindowSums`) that are kept of each path beside its loss.
    calendar
        Years and quarters that are totalled too; None where they are not asked for.
    """
    block = block_paths(scenario) if block is None else -(-block // GROUP) * GROUP
    months = scenario.months
    valuations = [
        engine(scenario, sampling.draws(scenario, first + start, min(block, count - start)))
        for start in range(0, count, block)
    ]
    monthly = {name: _by_month([getattr(valuation, name) for valuation in valuations]) for name in SERIES}
    arises = np.concatenate([valuation.arises for valuation in valuations], axis=1)
    times = _side_by_side([valuation.times for valuation in valuations])
    once = [valuation.one_off for valuation in valuations if valuation.one_off is not None]
    del valuations
    one_off = _by_month(once).T if once else None
    sums = window_sums(scenario, monthly["revenue"].T, monthly["baseline"].T, one_off)
    asked: dict[str, np.ndarray] = {}
    moments: dict[str, Moments] = {}
    hits: dict[str, int] = {}
    for measure in measures_of(scenario):
        if not isinstance(measure.estimator, OfPaths):
            continue
        values = asked[measure.name] = measure.estimator.values(sums, scenario)
        if measure.is_share:
            hits[measure.name] = int(values.sum())
        else:
            moments[measure.name] = Moments.of(values)
    for event, comings in zip((event for event in scenario.events if event.repeats), times, strict=True):
        values = asked[name_of_times(event.id)] = comings.astype(float)
        moments[name_of_times(event.id)] = Moments.of(values)
    return ShardTotals(
        first=first,
        loss=sums.loss,
        moments=moments,
        hits=hits,
        sums={name: values.sum(axis=1) for name, values in monthly.items()},
        bins={name: MonthlyBins.of(monthly[name]) for name in BINNED},
        event_months=np.array(
            [np.bincount(np.minimum(e, months), minlength=months + 1) for e in arises], dtype=np.int64
        ).reshape(len(arises), months + 1),
        scramblings={name: _by_scrambling(values) for name, values in asked.items() if name != EXPECTED_LOSS.name}
        if sampling.scrambled
        else None,
        arisen=_by_scrambling(arises < months) if sampling.scrambled else None,
        samples=None if first > 0 else {name: monthly[name][:, :SAMPLES].T.copy() for name in BINNED},
        kept={name: getattr(sums, name) for name in keep},
        periods=None
        if calendar is None
        else calendar.of_shard(monthly, None if one_off is None else one_off.T, scrambled=sampling.scrambled),
    )


def _by_scrambling(values: np.ndarray) -> np.ndarray:
    """Sums over the paths of each scrambling; shape (..., paths) to (..., scramblings)."""
    sums: np.ndarray = values.reshape(*values.shape[:-1], values.shape[-1] // SCRAMBLINGS, SCRAMBLINGS).sum(axis=-2)
    return sums


def _side_by_side(blocks: list[np.ndarray | None]) -> np.ndarray:
    """Rows of blocks of paths side by side; no rows where there are none."""
    rows = [block for block in blocks if block is not None]
    return np.concatenate(rows, axis=1) if rows else np.empty((0, 0))


def _by_month(blocks: list[np.ndarray]) -> np.ndarray:
    """Blocks of paths side by side; contiguous, shape (months, paths), which the kernel's single block already is."""
    joined = blocks[0].T if len(blocks) == 1 else np.concatenate([block.T for block in blocks], axis=1)
    return np.ascontiguousarray(joined)


class RunTotals:
    """Totals of a whole run, gathered from its shards as they are done.

    Parameters
    ----------
    scenario
        The scenario.
    paths
        Paths of the run.
    keep
        What is kept of each path beside its loss, as for :func:`total`.
    periods
        What years and quarters are gathered in; None where they are not asked for.
    """

    def __init__(
        self, scenario: Scenario, paths: int, keep: Collection[str] = (), periods: PeriodTotals | None = None
    ) -> None:
        self.scenario = scenario
        self.periods = periods
        self.paths = paths
        # NaN, so that a path that no shard has valued can't pass for one that has.
        self.loss = np.full(paths, np.nan)
        self.kept = {name: np.full(paths, np.nan) for name in keep}
        self.event_months = np.zeros((len(scenario.events), scenario.months + 1), dtype=np.int64)
        self._moments: dict[int, dict[str, Moments]] = {}
        self._sums: dict[int, dict[str, np.ndarray]] = {}
        self._bins = {name: MonthlyBins.empty(scenario.months) for name in BINNED}
        self._hits: Counter[str] = Counter()
        self._scramblings: dict[int, dict[str, np.ndarray]] = {}
        self._arisen: list[np.ndarray] = []
        self.samples: dict[str, np.ndarray] = {}

    def add(self, shard: ShardTotals) -> None:
        """Take in a shard; shards may come in any order."""
        self.loss[shard.first : shard.first + len(shard.loss)] = shard.loss
        self._hits.update(shard.hits)
        for name, values in shard.kept.items():
            self.kept[name][shard.first : shard.first + len(values)] = values
        self.event_months += shard.event_months
        self._moments[shard.first] = shard.moments
        self._sums[shard.first] = shard.sums
        if shard.samples is not None:
            self.samples = shard.samples
        if shard.scramblings is not None:
            self._scramblings[shard.first] = shard.scramblings
        if shard.arisen is not None:
            self._arisen.append(shard.arisen)
        for name, bins in shard.bins.items():
            self._bins[name].add(bins)
        if self.periods is not None and shard.periods is not None:
            self.periods.add(shard.first, shard.periods)

    def moments(self, name: str) -> Moments:
        """Moments over paths of what a mean among the measures asks of each."""
        return Moments.merged(self._moments[first][name] for first in sorted(self._moments))

    def hits(self, name: str) -> int:
        """Paths that a share among the measures counts."""
        return self._hits[name]

    @property
    def is_scrambled(self) -> bool:
        """Whether paths are quasi-random, so that errors come from the scramblings."""
        return bool(self._scramblings)

    def by_scrambling(self, name: str) -> np.ndarray:
        """Sums over each scrambling of what a measure asks of its paths, shape (scramblings,)."""
        if name == EXPECTED_LOSS.name:  # losses are kept, and summed as a whole
            return _by_scrambling(self.loss)
        total: np.ndarray = np.sum([self._scramblings[first][name] for first in sorted(self._scramblings)], axis=0)
        return total

    @property
    def arisen(self) -> np.ndarray | None:
        """Paths of each scrambling on which events arise, shape (events, scramblings); None for independent paths."""
        return np.sum(self._arisen, axis=0) if self.is_scrambled else None

    @cached_property
    def _tails(self) -> dict[float, Tail]:
        found = replications.tails_of(self.loss, self.scenario.risk.levels, scrambled=self.is_scrambled)
        return {tail.level: tail for tail in found}

    def tail(self, level: float) -> Tail:
        """Quantile of the losses at one of the scenario's levels, and what lies beyond it; all shards must be in."""
        return self._tails[level]

    def monthly_mean(self, name: str) -> np.ndarray:
        """Mean over paths by month of one of ``SERIES``, shape (months,)."""
        parts = np.array([self._sums[first][name] for first in sorted(self._sums)])
        return np.array([math.fsum(month) for month in parts.T]) / self.paths

    def monthly_quantiles(self, name: str, ranks: list[int]) -> np.ndarray:
        """Values of the given ranks by month of ``revenue`` or ``baseline``, shape (ranks, months)."""
        return self._bins[name].quantiles(ranks)


def totals_of(
    scenario: Scenario,
    engine: Engine,
    sampling: Sampling,
    *,
    workers: int | None = None,
    block: int | None = None,
    keep: Collection[str] = (),
    by_period: bool = False,
    progress: Progress | None = None,
) -> RunTotals:
    """Value all paths, shard by shard.

    Parameters
    ----------
    engine
        As for :func:`total`; called on several threads at a time.
    workers
        Threads; None: one a core. Totals do not depend on it, nor on ``block``.
    keep
        As for :func:`total`.
    by_period
        Whether years and quarters are totalled too.
    progress
        Called as paths are done.
    """
    keep_freed_memory()
    periods = PeriodTotals(scenario, sampling) if by_period else None
    calendar = None if periods is None else periods.calendar
    totals = RunTotals(scenario, sampling.paths, keep, periods)
    shards = sampling.shards(shard_paths(scenario))
    meter = Meter(progress, sampling.paths)

    def counted(scenario: Scenario, draws: Draws) -> Valuation:
        valuation = engine(scenario, draws)
        meter.add(draws.count)
        return valuation

    def totalled(part: tuple[int, int]) -> ShardTotals:
        return total(scenario, counted, sampling, *part, block, keep, calendar)

    for shard in in_order(totalled, shards, threads(workers), meter):
        totals.add(shard)
    return totals
