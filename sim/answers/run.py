"""Running a scenario: shards of paths through an engine, on as many threads as there are cores, into one result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from sim.answers.result import Result, result_of
from sim.chance.sampling import sampled
from sim.errors import UsageError
from sim.language import load
from sim.machine import keep_freed_memory, refuse_beyond_memory, threads
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress
from sim.simulation.shards import GROUP, Engine, RunTotals, ShardTotals, block_paths, shard_paths, total

if TYPE_CHECKING:
    from sim.engines.model import Process

ENGINES = ("kernel", "model")


def run(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "plain",
    engine: str = "kernel",
    processes: Iterable[Process] = (),
    workers: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario and measure what is at risk.

    Parameters
    ----------
    source
        A file, the name of a bundled scenario, a mapping in the scenario language, or a Scenario.
    set
        Overrides by dotted path.
    paths, seed
        Instead of the scenario's own. Quasi-random paths are rounded up to 16 times a power of two.
    sampling
        ``plain`` for independent paths, ``sobol`` for scrambled quasi-random points.
    engine
        ``kernel``, or ``model`` for the SimPy model, which is some hundred times slower.
    processes
        Processes of your own for the SimPy model (see :class:`sim.engines.model.World`).
    workers
        Threads; None: one a core. Results do not depend on it.
    block
        Paths valued at a time; None: as memory wants it. Results do not depend on it.
    progress
        Called as paths are done.

    Returns
    -------
    Result

    Raises
    ------
    ScenarioError
        The scenario is refused.
    UsageError
        An argument is.
    TooLarge
        The run would not fit into memory; nothing was allocated.
    """
    scenario = load(source, set=set)
    processes = tuple(processes)
    paths, seed = sampled(scenario, paths, seed, sampling)
    _check_engine(engine, processes)
    found = simulate(
        scenario,
        engine_of(engine, processes),
        engine=engine,
        paths=paths,
        seed=seed,
        sampling=sampling,
        workers=workers,
        block=block,
        progress=progress,
    )
    return replace(found, processes=len(processes)) if processes else found


def simulate(
    scenario: Scenario,
    value: Engine,
    *,
    engine: str,
    paths: int,
    seed: int,
    sampling: str,
    workers: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a loaded scenario on an engine that is at hand; arguments as checked by :func:`run`.

    Parameters
    ----------
    value
        What values a block of paths; called on several threads at a time.
    engine
        Its name, for the result.

    Raises
    ------
    TooLarge
        The run would not fit into memory; nothing was allocated.
    """
    workers = threads(workers)
    refuse_too_large(scenario, paths, workers)
    started = time.perf_counter()
    keep_freed_memory()
    totals = RunTotals(scenario, paths)
    size = shard_paths(scenario)
    shards = [(first, min(size, paths - first)) for first in range(0, paths, size)]
    done = 0
    for shard in _in_parallel(
        shards, lambda first, n: total(scenario, value, seed, first, n, block, sampling), workers
    ):
        totals.add(shard)
        done += len(shard.loss)
        if progress is not None:
            progress(done, paths)
    return result_of(totals, engine=engine, seed=seed, seconds=time.perf_counter() - started)


def engine_of(name: str, processes: Iterable[Process] = ()) -> Callable[..., Any]:
    """Look up the function that values a block of paths by its engine's name."""
    if name == "kernel":
        from sim.engines import kernel

        return kernel.value
    from sim.engines import model

    return lambda scenario, draws: model.value(scenario, draws, processes)


def memory_needed(scenario: Scenario, paths: int, workers: int) -> int:
    """Estimate of the bytes that a run holds at most, beside the interpreter and its libraries."""
    by_path = 3 * 8 * paths
    shard = min(paths, shard_paths(scenario))
    arrays = 5 * len(scenario.streams) + 16
    block = min(shard, block_paths(scenario) if shard > GROUP else GROUP) * scenario.months * arrays * 8
    held = 6 * shard * scenario.months * 8
    return by_path + workers * (block + held)


def refuse_too_large(scenario: Scenario, paths: int, workers: int) -> None:
    """Refuse a run that would not fit into free memory, before anything is allocated.

    Raises
    ------
    TooLarge
    """
    what = f"{paths:,} paths of {scenario.months} months and {len(scenario.streams)} customers"
    refuse_beyond_memory(memory_needed(scenario, paths, workers), what)


def _check_engine(engine: str, processes: tuple[Any, ...]) -> None:
    if engine not in ENGINES:
        raise UsageError(f"engine: found {engine!r}, allowed are {' and '.join(ENGINES)}")
    if processes and engine != "model":
        raise UsageError('processes of your own run in the SimPy model only: add engine="model"')


def _in_parallel(
    shards: list[tuple[int, int]], work: Callable[[int, int], ShardTotals], workers: int
) -> Iterator[ShardTotals]:
    """Shards' totals as they are done, never more of them under way than workers, so that memory stays bounded."""
    if workers == 1 or len(shards) == 1:
        for shard in shards:
            yield work(*shard)
        return
    waiting = iter(shards)
    pool = ThreadPoolExecutor(workers)
    try:
        under_way = {pool.submit(work, *shard) for shard in islice(waiting, workers)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                for shard in islice(waiting, 1):
                    under_way.add(pool.submit(work, *shard))
                yield future.result()
    finally:
        # Whoever interrupts a run must not wait for the shards under way.
        pool.shutdown(wait=False, cancel_futures=True)
