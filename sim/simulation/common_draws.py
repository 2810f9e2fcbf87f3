"""Several scenarios on common draws: their losses path by path, each draw made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np

from sim.chance.draws import Shared
from sim.chance.sampling import Sampling
from sim.engines.valuation import WindowSums
from sim.engines.variants import KEPT, Known, Numbers, alike_together, sums_of, uses_of
from sim.machine import keep_freed_memory, threads
from sim.scenario.parts import Scenario
from sim.simulation.memory import block_paths, refuse_too_large, shard_paths
from sim.simulation.pool import Meter, Progress, in_order

Take = Callable[[int, slice, WindowSums], None]
"""Called with the number of a scenario, a range of paths, and what these sum to over the window."""

LEAST_AT_A_TIME = 256
"""Paths valued at a time, at least: with fewer the calls take longer than the work."""


def only(scenario: Scenario, origins: Collection[str]) -> Scenario:
    """The scenario with some of its events, as if the others had never been written.

    Parameters
    ----------
    origins
        Ids of events as they stand in the file; all copies of an ``each`` event stay or go together, and what is
        planned stays in any case.

    Returns
    -------
    Scenario
        Without the other events, the triggers to them and the levers against them; ``document`` is still the whole
        one. What stays sees the draws that it saw before, since these go by names.
    """
    kept = {event.id for event in scenario.events if event.origin in origins or event.planned}
    events = tuple(
        replace(event, triggers=tuple(trigger for trigger in event.triggers if trigger.target in kept))
        for event in scenario.events
        if event.id in kept
    )
    return replace(scenario, events=events, levers=tuple(lever for lever in scenario.levers if lever.against in kept))


def losses(
    scenarios: Sequence[Scenario], sampling: Sampling, *, workers: int | None = None, progress: Progress | None = None
) -> np.ndarray:
    """Losses over the window of every scenario on every path (``docs/model.md``, section 6).

    Parameters
    ----------
    scenarios
        Variants of each other: streams of the same id see the same draws.
    sampling
        How they are sampled, all alike.
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the number of paths done and of all, each scenario's counted.

    Returns
    -------
    ndarray, shape (scenarios, paths)
        Discounted, in the scenario's unit of money.

    Raises
    ------
    TooLarge
        Where it would not fit into free memory; nothing was allocated.
    """
    refuse_variants(scenarios, sampling.paths, workers)
    found = np.full((len(scenarios), sampling.paths), np.nan)

    def take(k: int, where: slice, sums: WindowSums) -> None:
        found[k, where] = sums.loss

    each_window(scenarios, take, sampling, workers=workers, progress=progress)
    return found


def each_window(
    scenarios: Sequence[Scenario],
    take: Take,
    sampling: Sampling,
    *,
    first: int = 0,
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Value every scenario on every path, and hand over what each sums to over the window.

    Parameters
    ----------
    scenarios, sampling, workers, progress
        As for :func:`losses`.
    take
        Called once for each scenario and range of paths, on several threads at a time, in no certain order.
    first
        First path that is valued; those before are left out.
    """
    keep_freed_memory()
    numbers = Numbers()
    variants = [numbers.variant(scenario) for scenario in scenarios]
    order, uses = alike_together(variants), uses_of(variants)

    def value(shard: tuple[int, int]) -> int:
        first, count = shard
        shared: Shared = {}
        known = Known(uses=uses)
        for k in order:
            draws = sampling.draws(variants[k].scenario, first, count, shared)
            take(k, slice(first, first + count), sums_of(variants[k], draws, known))
            meter.add(count)
        return count

    meter = Meter(progress, (sampling.paths - first) * len(scenarios))
    for _ in in_order(value, sampling.shards(_paths_at_a_time(scenarios), first), threads(workers), meter):
        pass


def refuse_variants(scenarios: Sequence[Scenario], paths: int, workers: int | None) -> None:
    """Refuse what would not fit into free memory: a loss for each scenario and path.

    Raises
    ------
    TooLarge
    """
    what = f"{len(scenarios):,} variants on {paths:,} paths"
    beside = KEPT * threads(workers)
    help = "ask for fewer paths"
    refuse_too_large(scenarios, paths, workers, kept=len(scenarios), beside=beside, what=what, help=help)


def _paths_at_a_time(scenarios: Sequence[Scenario]) -> int:
    """Paths that each scenario is valued on before the next, so that a thread's arrays keep within their memory."""
    blocks = (max(LEAST_AT_A_TIME, block_paths(scenario, side_by_side=True)) for scenario in scenarios)
    return min(min(shard_paths(scenario), block) for scenario, block in zip(scenarios, blocks, strict=True))
