"""Running a sweep: strata of one event on common draws, counted once; each cell a weighing of them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from sim.answers.plan import Plan, plan_of
from sim.answers.precision import sweep_until_precise
from sim.answers.surface import Sweep
from sim.chance.draws import Shared
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.errors import UsageError
from sim.estimates.mixtures import BATCHES, CellMeasures, Mixtures
from sim.language import load
from sim.scenario.parts import Scenario
from sim.simulation.memory import refuse_too_large
from sim.simulation.pool import Progress, part_of
from sim.simulation.stratified import memory_of, stratify

KEPT = 512 * 2**20
"""Bytes of tables that a sweep keeps, so that it can be asked between its cells, and of draws that variants share."""


def sweep(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    axes: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    precision: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Measure what is at risk in every cell of a grid.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    axes
        Instead of the scenario's own ``sweep``: values (a list, or ``{from, to, count}``) by dotted path.
    paths
        Paths altogether; None: the scenario's. Quasi-random ones are rounded up to 16 times a power of two. With a
        precision, paths at most; None: as many as two minutes allow.
    seed
        Instead of the scenario's own.
    sampling
        ``sobol`` for scrambled quasi-random points, ``plain`` for independent paths.
    precision
        Standard error that every measure of every cell is to have, relative to its value or to 1 % of the expected
        baseline, whichever is larger (see :func:`sim.answers.precision.sweep_until_precise`).
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the number of paths done and of all, those of each simulated part.

    Returns
    -------
    Sweep

    Raises
    ------
    ScenarioError, UsageError
        The scenario, its axes or an argument is refused.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    changes = dict(set or {})
    if axes is not None:
        changes["sweep"] = dict(axes)
    scenario = load(source, set=changes or None, own_axes=axes is None)
    if not scenario.axes:
        raise UsageError("no axes to sweep", help="add a `sweep` block: dotted paths and the values they take")
    chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling)
    if precision is not None:
        return sweep_until_precise(
            lambda n: sweep(scenario, paths=n, seed=chosen.seed, sampling=sampling, workers=workers, progress=progress),
            precision,
            replications=SCRAMBLINGS if chosen.scrambled else BATCHES,
            highest_level=max(scenario.risk.levels),
            most=paths,
        )
    plan = plan_of(scenario)
    started = time.perf_counter()
    _refuse_too_large(plan, chosen, workers)
    variants = list(plan.variants())
    # Variants differ from each other in a few numbers: without the rest of the file they are soon compiled.
    spare = {key: None for key in ("sweep", "evidence") if key in scenario.document}
    bare = scenario.with_(spare) if plan.outer and spare else scenario
    shared: Shared | None = {} if len(variants) > 1 and _draws(scenario, chosen.paths) <= KEPT else None
    held = 0
    mixtures: dict[tuple[int, ...], Mixtures] = {}
    strata_months: dict[tuple[int, ...], tuple[int, ...]] = {}
    found: dict[tuple[int, ...], CellMeasures] = {}
    for done, (place, values) in enumerate(variants):
        variant = bare if not values else bare.with_(values)
        months, weights = plan.weights(variant)
        event = None if plan.event is None else variant.events[variant.event_index[plan.event.id]]
        told = part_of(progress, done * chosen.paths, chosen.paths, len(variants) * chosen.paths)
        mixture = stratify(variant, event, months, chosen, workers=workers, shared=shared, progress=told).weighed(
            weights
        )
        strata_months[place] = months
        found[place] = mixture.measures(scenario.risk.levels)
        held += mixture.nbytes
        if held <= KEPT:
            mixtures[place] = mixture
    return Sweep.of(
        plan,
        mixtures,
        found,
        strata_months,
        paths=chosen.paths,
        seed=chosen.seed,
        sampling=chosen.method,
        seconds=time.perf_counter() - started,
    )


def _draws(scenario: Scenario, paths: int) -> int:
    """Bytes of all draws that variants of a scenario may share."""
    streams = len(scenario.streams) + 1
    return 8 * paths * (streams * scenario.months + 8 * len(scenario.events))


def _refuse_too_large(plan: Plan, sampling: Sampling, workers: int | None) -> None:
    """Refuse a sweep whose tables would not fit into free memory.

    Raises
    ------
    TooLarge
    """
    strata = 1 if plan.event is None else plan.scenario.months + 1
    cells, inner = math.prod(plan.shape), math.prod(plan.shape[k] for k in plan.inner)
    variants = cells // inner
    beside = memory_of(strata, sampling) + cells * 20 * 8 + inner * strata * 8 * 6 + 2 * KEPT * (variants > 1)
    what = f"{cells:,} cell{'s' if cells > 1 else ''} on {sampling.paths:,} paths"
    refuse_too_large([plan.scenario], sampling.paths, workers, beside=beside, what=what)
