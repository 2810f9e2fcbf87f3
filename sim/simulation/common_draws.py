"""Several scenarios on common draws: their losses path by path, each draw made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields, replace
from typing import TypeVar

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

SUMS_BYTES = 16 * 2**20
"""Memory that sums of all paths of a block of scenarios may take."""

MOST_AT_A_TIME = 32
"""Scenarios of a block, at most, so that every thread has some to the end."""

Made = TypeVar("Made")

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


def in_blocks(
    scenarios: Sequence[Scenario],
    work: Callable[[Sequence[int], Sequence[WindowSums]], Made],
    sampling: Sampling,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Made]:
    """Value every scenario on every path, and make something of blocks of scenarios, each with all of its paths.

    Parameters
    ----------
    scenarios, sampling, workers, progress
        As for :func:`losses`.
    work
        Called with the numbers of some scenarios, and what the paths of each sum to, on several threads at a time.

    Yields
    ------
    object
        What ``work`` made of each block, in an order that is a matter of the scenarios alone, as the blocks are.

    Notes
    -----
    For many scenarios on few paths: each thread takes a block of scenarios, so that there is work for all threads
    however few paths there are.
    """
    keep_freed_memory()
    numbers = Numbers()
    variants = [numbers.variant(scenario) for scenario in scenarios]
    order = alike_together(variants)
    size, at_a_time = variants_at_a_time(sampling.paths), _paths_at_a_time(scenarios)

    def value(block: list[int]) -> Made:
        parts: list[list[WindowSums]] = [[] for _ in block]
        for first, count in sampling.shards(at_a_time):
            shared: Shared = {}
            known = Known(uses=uses_of(variants[k] for k in block))
            for k, found in zip(block, parts, strict=True):
                draws = sampling.draws(variants[k].scenario, first, count, shared)
                found.append(sums_of(variants[k], draws, known))
                meter.add(count)
        return work(block, [_joined(found) for found in parts])

    meter = Meter(progress, sampling.paths * len(scenarios))
    blocks = (order[first : first + size] for first in range(0, len(order), size))
    yield from in_order(value, blocks, threads(workers), meter)


def variants_at_a_time(paths: int) -> int:
    """Scenarios that a thread values together, so that what their paths sum to keeps within its memory."""
    return max(1, min(MOST_AT_A_TIME, SUMS_BYTES // (8 * len(fields(WindowSums)) * paths)))


def _joined(parts: list[WindowSums]) -> WindowSums:
    """Sums of ranges of paths, side by side."""
    if len(parts) == 1:
        return parts[0]
    counts = [len(part.loss) for part in parts]

    def side_by_side(name: str) -> np.ndarray:
        pairs = zip(parts, counts, strict=True)
        return np.concatenate([np.broadcast_to(getattr(part, name), count) for part, count in pairs])

    return WindowSums(**{field.name: side_by_side(field.name) for field in fields(WindowSums)})


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
