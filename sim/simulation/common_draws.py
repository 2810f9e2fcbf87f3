"""Several scenarios on common draws: their losses path by path, each draw made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from sim.chance.draws import Draws, Shared
from sim.engines import kernel
from sim.engines.valuation import WindowSums, window_sums
from sim.machine import keep_freed_memory, refuse_beyond_memory, threads
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress
from sim.simulation.shards import block_paths, shard_paths

Take = Callable[[int, slice, WindowSums], None]
"""Called with the number of a scenario, a range of paths, and what these sum to over the window."""

LEAST_AT_A_TIME = 256
"""Paths valued at a time, at least: with fewer the calls take longer than the work."""


def only(scenario: Scenario, origins: Collection[str]) -> Scenario:
    """The scenario with some of its events, as if the others had never been written.

    Parameters
    ----------
    origins
        Ids of events as they stand in the file; all copies of an ``each`` event stay or go together.

    Returns
    -------
    Scenario
        Without the other events, the triggers to them and the levers against them; ``document`` is still the whole
        one. What stays sees the draws that it saw before, since these go by names.
    """
    kept = {event.id for event in scenario.events if event.origin in origins}
    events = tuple(
        replace(event, triggers=tuple(trigger for trigger in event.triggers if trigger.target in kept))
        for event in scenario.events
        if event.id in kept
    )
    return replace(scenario, events=events, levers=tuple(lever for lever in scenario.levers if lever.against in kept))


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
    refuse_too_large(scenarios, paths, workers)
    found = np.full((len(scenarios), paths), np.nan)

    def take(k: int, where: slice, sums: WindowSums) -> None:
        found[k, where] = sums.loss

    each_window(scenarios, take, paths=paths, seed=seed, sampling=sampling, workers=workers, progress=progress)
    return found


def each_window(
    scenarios: Sequence[Scenario],
    take: Take,
    *,
    paths: int,
    seed: int,
    sampling: str = "sobol",
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Value every scenario on every path, and hand over what each sums to over the window.

    Parameters
    ----------
    scenarios, paths, seed, sampling, workers, progress
        As for :func:`losses`.
    take
        Called once for each scenario and range of paths, on several threads at a time, in no certain order.
    """
    workers = threads(workers)
    keep_freed_memory()
    size = _paths_at_a_time(scenarios)
    shards = [(first, min(size, paths - first)) for first in range(0, paths, size)]
    done = 0

    def value(shard: tuple[int, int]) -> int:
        first, count = shard
        shared: Shared = {}
        for k, scenario in enumerate(scenarios):
            valuation = kernel.value(scenario, Draws(scenario, seed, first, count, sampling, shared))
            take(k, slice(first, first + count), window_sums(scenario, valuation.revenue, valuation.baseline))
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


def refuse_too_large(scenarios: Sequence[Scenario], paths: int, workers: int | None) -> None:
    """Refuse what would not fit into free memory: 8 bytes for each scenario and path, and the paths under way.

    Raises
    ------
    TooLarge
    """
    workers = threads(workers)
    widest = max((6 * len(scenario.streams) + 16) * scenario.months for scenario in scenarios)
    needed = 8 * len(scenarios) * paths + workers * 8 * _paths_at_a_time(scenarios) * widest
    refuse_beyond_memory(needed, f"{len(scenarios):,} variants on {paths:,} paths", "ask for fewer paths")


def _paths_at_a_time(scenarios: Sequence[Scenario]) -> int:
    """Paths that each scenario is valued on before the next, so that a thread's arrays keep within their memory."""
    return min(min(shard_paths(scenario), max(LEAST_AT_A_TIME, block_paths(scenario))) for scenario in scenarios)
