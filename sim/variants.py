"""Several scenarios on common draws: their losses path by path, each draw made once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim import kernel
from sim.draws import Draws, Shared
from sim.errors import TooLarge
from sim.runs import Progress, available_workers, free_memory, keep_freed_memory
from sim.scenario.parts import Scenario
from sim.totals import SHARD, shard_paths
from sim.valuation import window_sums


def losses(
    scenarios: Sequence[Scenario],
    *,
    paths: int,
    seed: int,
    sampling: str = "sobol",
    workers: int | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Losses over the window of every scenario on every path (``docs/model.md``, section 6).

    Parameters
    ----------
    scenarios
        Variants of each other: streams of the same id see the same draws.
    paths, seed, sampling
        As for :func:`sim.run`; quasi-random paths are a multiple of the number of scramblings.
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the number of paths done and of all.

    Returns
    -------
    ndarray, shape (scenarios, paths)
        Discounted, in the scenario's unit of money.

    Raises
    ------
    TooLarge
        Where it would not fit into free memory; nothing was allocated.
    """
    workers = available_workers() if workers is None else max(1, workers)
    refuse_too_large(scenarios, paths, workers)
    keep_freed_memory()
    size = min(SHARD, *(shard_paths(scenario) for scenario in scenarios))
    shards = [(first, min(size, paths - first)) for first in range(0, paths, size)]
    found = np.full((len(scenarios), paths), np.nan)
    done = 0

    def value(shard: tuple[int, int]) -> int:
        first, count = shard
        shared: Shared = {}
        for row, scenario in zip(found, scenarios, strict=True):
            valuation = kernel.value(scenario, Draws(scenario, seed, first, count, sampling, shared))
            row[first : first + count] = window_sums(scenario, valuation.revenue, valuation.baseline).loss
        return count

    with ThreadPoolExecutor(workers) as pool:
        try:
            for count in pool.map(value, shards):
                done += count
                if progress is not None:
                    progress(done, paths)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def refuse_too_large(scenarios: Sequence[Scenario], paths: int, workers: int) -> None:
    """Refuse what would not fit into free memory.

    Raises
    ------
    TooLarge
    """
    widest = max(len(scenario.streams) * scenario.months for scenario in scenarios)
    needed = 8 * len(scenarios) * paths + workers * 8 * SHARD * 6 * widest
    free = free_memory()
    if free is not None and needed > free:
        raise TooLarge(
            f"{len(scenarios):,} variants on {paths:,} paths would need about {needed / 2**30:,.1f} GiB; "
            f"{free / 2**30:,.1f} GiB are free",
            help="ask for fewer paths",
        )
