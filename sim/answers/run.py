"""Running a scenario: shards of paths through an engine, on as many threads as there are cores, into one result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.answers.result import Result, result_of
from sim.chance.sampling import Sampling
from sim.engines.valuation import Engine
from sim.errors import UsageError
from sim.language import load
from sim.scenario.parts import Scenario
from sim.simulation.memory import GROUP, refuse_too_large
from sim.simulation.pool import Progress
from sim.simulation.shards import totals_of

if TYPE_CHECKING:
    from sim.engines.model import Process

ENGINES = ("kernel", "model")

KEPT = 3
"""Numbers that a run keeps of each path: its loss, and what ordering the losses takes."""


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
    chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling)
    _check_engine(engine, processes)
    found = simulate(
        scenario,
        engine_of(engine, processes),
        engine=engine,
        sampling=chosen,
        workers=workers,
        block=GROUP if block is None and engine == "model" else block,  # slow, so that progress is told more often
        progress=progress,
    )
    return replace(found, processes=len(processes)) if processes else found


def simulate(
    scenario: Scenario,
    value: Engine,
    *,
    engine: str,
    sampling: Sampling,
    workers: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a loaded scenario on an engine that is at hand.

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
    refuse_too_large([scenario], sampling.paths, workers, kept=KEPT)
    started = time.perf_counter()
    totals = totals_of(scenario, value, sampling, workers=workers, block=block, progress=progress)
    return result_of(totals, engine=engine, sampling=sampling, seconds=time.perf_counter() - started)


def engine_of(name: str, processes: Iterable[Process] = ()) -> Callable[..., Any]:
    """Look up the function that values a block of paths by its engine's name."""
    if name == "kernel":
        from sim.engines import kernel

        return kernel.value
    from sim.engines import model

    return lambda scenario, draws: model.value(scenario, draws, processes)


def _check_engine(engine: str, processes: tuple[Any, ...]) -> None:
    if engine not in ENGINES:
        raise UsageError(f"engine: found {engine!r}, allowed are {' and '.join(ENGINES)}")
    if processes and engine != "model":
        raise UsageError('processes of your own run in the SimPy model only: add engine="model"')
