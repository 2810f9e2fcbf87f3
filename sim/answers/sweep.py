"""Running a sweep: strata of one event on common draws, counted once; each cell a weighing of them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from sim.answers.plan import Plan, plan_of
from sim.answers.precision import sweep_until_precise
from sim.answers.surface import Sweep
from sim.chance.draws import Draws, Shared
from sim.chance.sampling import sampled
from sim.chance.sobol import SCRAMBLINGS
from sim.engines.strata import StrataLosses, losses_by_own_month
from sim.errors import UsageError
from sim.estimates.mixtures import BATCHES, COARSE, FINE, Bins, CellMeasures, Mixtures, Strata
from sim.language import load
from sim.machine import keep_freed_memory, refuse_beyond_memory, threads
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress
from sim.simulation.shards import GROUP

FIRST_WAVE = 64 * 2**20
"""Bytes of losses that are kept until the bins are known."""


KEPT = 512 * 2**20
"""Bytes of tables that a sweep keeps, so that it can be asked between its cells, and of draws that variants share."""

SHARD = 2048
"""Paths that are valued at a time, at most."""

COUNTED = 4
"""Shards whose losses are counted at a time."""


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
        Called with the number of simulated parts done and of all.

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
    most = paths
    paths, seed = sampled(scenario, paths, seed, sampling)
    if precision is not None:
        return sweep_until_precise(
            lambda n: sweep(scenario, paths=n, seed=seed, sampling=sampling, workers=workers, progress=progress),
            precision,
            replications=SCRAMBLINGS if sampling == "sobol" else BATCHES,
            highest_level=max(scenario.risk.levels),
            most=most,
        )
    plan = plan_of(scenario)
    workers = threads(workers)
    started = time.perf_counter()
    keep_freed_memory()
    refuse_too_large(plan, math.prod(plan.shape[k] for k in plan.outer))
    variants = list(plan.variants())
    # Variants differ from each other in a few numbers: without the rest of the file they are soon compiled.
    spare = {key: None for key in ("sweep", "evidence") if key in scenario.document}
    bare = scenario.with_(spare) if plan.outer and spare else scenario
    shared: Shared | None = {} if len(variants) > 1 and _draws(scenario, paths) <= KEPT else None
    held = 0
    mixtures: dict[tuple[int, ...], Mixtures] = {}
    strata_months: dict[tuple[int, ...], tuple[int, ...]] = {}
    found: dict[tuple[int, ...], CellMeasures] = {}
    with ThreadPoolExecutor(workers) as pool:
        for done, (place, values) in enumerate(variants):
            variant = bare if not values else bare.with_(values)
            months, weights = plan.weights(variant)
            strata, bins = _counted(variant, plan, months, seed, paths, sampling, pool, shared)
            mixture = Mixtures(
                strata,
                bins,
                weights,
                has_target=scenario.risk.target is not None,
                others=any(e.probability > 0 for e in variant.events if plan.event is None or e.id != plan.event.id),
            )
            strata_months[place] = months
            found[place] = mixture.measures(scenario.risk.levels)
            held += mixture.nbytes
            if held <= KEPT:
                mixtures[place] = mixture
            if progress is not None:
                progress(done + 1, len(variants))
    return Sweep.of(
        plan,
        mixtures,
        found,
        strata_months,
        paths=paths,
        seed=seed,
        sampling=sampling,
        seconds=time.perf_counter() - started,
    )


def _draws(scenario: Scenario, paths: int) -> int:
    """Bytes of all draws that variants of a scenario may share."""
    streams = len(scenario.streams) + 1
    return 8 * paths * (streams * scenario.months + 8 * len(scenario.events))


def refuse_too_large(plan: Plan, variants: int) -> None:
    """Refuse a sweep whose tables would not fit into free memory.

    Raises
    ------
    TooLarge
    """
    strata = 1 if plan.event is None else plan.scenario.months + 1
    inner = math.prod(plan.shape[k] for k in plan.inner)
    tables = strata * (FINE + SCRAMBLINGS * COARSE) * 6 * 8
    measures = math.prod(plan.shape) * 20 * 8
    needed = tables + measures + inner * strata * 8 * 6 + FIRST_WAVE * 3 + 2 * KEPT * (variants > 1)
    refuse_beyond_memory(needed, f"{math.prod(plan.shape):,} cells")


def _counted(
    scenario: Scenario,
    plan: Plan,
    months: tuple[int, ...],
    seed: int,
    paths: int,
    sampling: str,
    pool: ThreadPoolExecutor,
    shared: Shared | None,
) -> tuple[Strata, Bins]:
    """Value all strata of a variant and count their losses."""
    replications = min(paths, SCRAMBLINGS if sampling == "sobol" else BATCHES)
    event = None if plan.event is None else scenario.events[scenario.event_index[plan.event.id]]
    size = max(GROUP, min(SHARD, 2**22 // scenario.months // GROUP * GROUP))
    shards = [(first, min(size, paths - first)) for first in range(0, paths, size)]
    # Losses are kept until the bins are known; those of a large run beyond the first wave are counted as they come.
    wave = max(1, FIRST_WAVE // (8 * max(1, len(months)) * size) // COUNTED) * COUNTED

    def valued(shard: tuple[int, int]) -> StrataLosses:
        return losses_by_own_month(scenario, Draws(scenario, seed, *shard, sampling, shared), event, months)

    def counted(part: list[tuple[int, int]], losses: list[StrataLosses]) -> Strata:
        first, last = part[0][0], sum(part[-1])
        return Strata.of(StrataLosses.joined(losses), np.arange(first, last) % replications, replications, bins)

    kept = list(pool.map(valued, shards[:wave]))
    bins = Bins.around(
        min(float(losses.loss.min()) for losses in kept),
        max(float(losses.loss.max()) for losses in kept),
        complete=len(shards) <= wave,
    )
    groups = [(shards[k : k + COUNTED], kept[k : k + COUNTED]) for k in range(0, len(kept), COUNTED)]
    total = Strata.merged(pool.map(lambda group: counted(*group), groups))
    del kept, groups
    for start in range(wave, len(shards), wave):
        parts = [shards[k : k + COUNTED] for k in range(start, min(start + wave, len(shards)), COUNTED)]
        total = Strata.merged([total, *pool.map(lambda part: counted(part, [valued(shard) for shard in part]), parts)])
    return total, bins
