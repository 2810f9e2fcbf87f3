"""Totals of many paths in bounded memory: shards of paths whose totals merge, in whatever order they are done.

A shard is a fixed range of path numbers and the unit of work. Within it paths are valued in blocks; sums run over the
whole shard in path order, so that no block size, number of workers or order of completion changes a digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.chance.draws import Draws
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import Engine, Valuation, window_sums
from sim.estimates.independent import Moments
from sim.estimates.monthly import MonthlyBins
from sim.machine import keep_freed_memory, threads
from sim.scenario import rules
from sim.scenario.parts import Scenario
from sim.simulation.memory import GROUP, block_paths, shard_paths
from sim.simulation.pool import Meter, Progress, in_order

SAMPLES = 8
"""Paths of which a run keeps every month, to be shown."""

SERIES = ("revenue", "baseline", "largest_share", "hhi")
BINNED = ("revenue", "baseline")


@dataclass(frozen=True, slots=True)
class ShardTotals:
    """What one shard of paths adds to a run; arrays by month have the shape (months,)."""

    first: int
    loss: np.ndarray
    moments: dict[str, Moments]
    lossy: int
    below_target: int
    sums: dict[str, np.ndarray]
    bins: dict[str, MonthlyBins]
    event_months: np.ndarray
    scramblings: dict[str, np.ndarray] | None = None
    samples: dict[str, np.ndarray] | None = None


def total(
    scenario: Scenario, engine: Engine, sampling: Sampling, first: int, count: int, block: int | None = None
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
    """
    block = block_paths(scenario) if block is None else -(-block // GROUP) * GROUP
    months = scenario.months
    valuations = [
        engine(scenario, sampling.draws(scenario, first + start, min(block, count - start)))
        for start in range(0, count, block)
    ]
    monthly = {name: _by_month([getattr(valuation, name) for valuation in valuations]) for name in SERIES}
    arises = np.concatenate([valuation.arises for valuation in valuations], axis=1)
    del valuations
    sums = window_sums(scenario, monthly["revenue"].T, monthly["baseline"].T)
    target = scenario.risk.target
    lossy = rules.is_a_loss(sums.loss, sums.baseline)
    below_target = np.zeros(count, dtype=bool) if target is None else sums.plain_revenue < target
    return ShardTotals(
        first=first,
        loss=sums.loss,
        moments={
            "loss": Moments.of(sums.loss),
            "revenue": Moments.of(sums.revenue),
            "baseline": Moments.of(sums.baseline),
        },
        lossy=int(lossy.sum()),
        below_target=int(below_target.sum()),
        sums={name: values.sum(axis=1) for name, values in monthly.items()},
        bins={name: MonthlyBins.of(monthly[name]) for name in BINNED},
        event_months=np.array(
            [np.bincount(np.minimum(e, months), minlength=months + 1) for e in arises], dtype=np.int64
        ).reshape(len(arises), months + 1),
        scramblings=None
        if not sampling.scrambled
        else {
            "revenue": _by_scrambling(sums.revenue),
            "baseline": _by_scrambling(sums.baseline),
            "lossy": _by_scrambling(lossy),
            "below_target": _by_scrambling(below_target),
            "arisen": _by_scrambling(arises < months),
        },
        samples=None if first > 0 else {name: monthly[name][:, :SAMPLES].T.copy() for name in BINNED},
    )


def _by_scrambling(values: np.ndarray) -> np.ndarray:
    """Sums over the paths of each scrambling; shape (..., paths) to (..., scramblings)."""
    sums: np.ndarray = values.reshape(*values.shape[:-1], values.shape[-1] // SCRAMBLINGS, SCRAMBLINGS).sum(axis=-2)
    return sums


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
    """

    def __init__(self, scenario: Scenario, paths: int) -> None:
        self.scenario = scenario
        self.paths = paths
        # NaN, so that a path that no shard has valued can't pass for one that has.
        self.loss = np.full(paths, np.nan)
        self.lossy = 0
        self.below_target = 0
        self.event_months = np.zeros((len(scenario.events), scenario.months + 1), dtype=np.int64)
        self._moments: dict[int, dict[str, Moments]] = {}
        self._sums: dict[int, dict[str, np.ndarray]] = {}
        self._bins = {name: MonthlyBins.empty(scenario.months) for name in BINNED}
        self._scramblings: dict[int, dict[str, np.ndarray]] = {}
        self.samples: dict[str, np.ndarray] = {}

    def add(self, shard: ShardTotals) -> None:
        """Take in a shard; shards may come in any order."""
        self.loss[shard.first : shard.first + len(shard.loss)] = shard.loss
        self.lossy += shard.lossy
        self.below_target += shard.below_target
        self.event_months += shard.event_months
        self._moments[shard.first] = shard.moments
        self._sums[shard.first] = shard.sums
        if shard.samples is not None:
            self.samples = shard.samples
        if shard.scramblings is not None:
            self._scramblings[shard.first] = shard.scramblings
        for name, bins in shard.bins.items():
            self._bins[name].add(bins)

    def moments(self, name: str) -> Moments:
        """Moments over paths of ``loss``, ``revenue`` or ``baseline`` in the window."""
        return Moments.merged(self._moments[first][name] for first in sorted(self._moments))

    @property
    def is_scrambled(self) -> bool:
        """Whether paths are quasi-random, so that errors come from the scramblings."""
        return bool(self._scramblings)

    def by_scrambling(self, name: str) -> np.ndarray:
        """Sums over each scrambling of ``loss``, ``revenue``, ``baseline``; counts ``lossy``, ``below_target``.

        Returns
        -------
        ndarray, shape (scramblings,)
            For ``arisen``, counts by event: (events, scramblings).
        """
        if name == "loss":
            return _by_scrambling(self.loss)
        total: np.ndarray = np.sum([self._scramblings[first][name] for first in sorted(self._scramblings)], axis=0)
        return total

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
    progress: Progress | None = None,
) -> RunTotals:
    """Value all paths, shard by shard.

    Parameters
    ----------
    engine
        As for :func:`total`; called on several threads at a time.
    workers
        Threads; None: one a core. Totals do not depend on it, nor on ``block``.
    progress
        Called as paths are done.
    """
    keep_freed_memory()
    totals = RunTotals(scenario, sampling.paths)
    shards = sampling.shards(shard_paths(scenario))
    meter = Meter(progress, sampling.paths)

    def counted(scenario: Scenario, draws: Draws) -> Valuation:
        valuation = engine(scenario, draws)
        meter.add(draws.count)
        return valuation

    def totalled(part: tuple[int, int]) -> ShardTotals:
        return total(scenario, counted, sampling, *part, block)

    for shard in in_order(totalled, shards, threads(workers), meter):
        totals.add(shard)
    return totals
