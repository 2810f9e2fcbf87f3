"""Running a sweep: strata of one event on common draws, counted once; each cell a weighing of them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from sim.draws import Draws
from sim.errors import TooLarge, UsageError
from sim.mixtures import COARSE, FINE, Bins, CellMeasures, Mixtures, Strata
from sim.plans import Plan, plan_of
from sim.points import SCRAMBLINGS
from sim.runs import Progress, available_workers, free_memory
from sim.scenario import Scenario, load
from sim.strata import StrataLosses, losses_by_own_month
from sim.surfaces import Sweep
from sim.totals import GROUP

SAMPLINGS = ("sobol", "plain")
BATCHES = 64
"""Batches of plain paths that serve as replications."""

FIRST_WAVE = 64 * 2**20
"""Bytes of losses that are kept until the bins are known."""


SHARD = 2048
"""Paths that are valued at a time, at most."""

COUNTED = 4
"""Shards whose losses are counted at a time."""


def sobol_paths(paths: int) -> int:
    """Paths of a quasi-random run: the scramblings times a power of two, at least as many as were asked for."""
    return SCRAMBLINGS << (math.ceil(paths / SCRAMBLINGS) - 1).bit_length()


def sweep(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    axes: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
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
        Paths altogether; None: the scenario's. Quasi-random ones are rounded up to 16 times a power of two.
    seed
        Instead of the scenario's own.
    sampling
        ``sobol`` for scrambled quasi-random points, ``plain`` for independent paths.
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
    scenario = load(source, set=changes or None)
    if not scenario.axes:
        raise UsageError("no axes to sweep", help="add a `sweep` block: dotted paths and the values they take")
    paths = scenario.paths if paths is None else paths
    seed = scenario.seed if seed is None else seed
    for name, value, least in (("paths", paths, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise UsageError(f"{name}: found {value!r}, allowed is a whole number from {least} on")
    if sampling not in SAMPLINGS:
        raise UsageError(f"sampling: found {sampling!r}, allowed are {' and '.join(SAMPLINGS)}")
    if sampling == "sobol":
        paths = sobol_paths(paths)
    plan = plan_of(scenario)
    workers = available_workers() if workers is None else max(1, workers)
    started = time.perf_counter()
    variants = list(plan.variants())
    refuse_too_large(plan, len(variants))
    mixtures: dict[tuple[int, ...], Mixtures] = {}
    strata_months: dict[tuple[int, ...], tuple[int, ...]] = {}
    found: dict[tuple[int, ...], CellMeasures] = {}
    with ThreadPoolExecutor(workers) as pool:
        for done, (place, values) in enumerate(variants):
            variant = scenario if not values else scenario.with_({"sweep": None, **values})
            months, weights = plan.weights(variant)
            strata, bins = _counted(variant, plan, months, seed, paths, sampling, pool)
            mixtures[place] = Mixtures(strata, bins, weights, has_target=scenario.risk.target is not None)
            strata_months[place] = months
            found[place] = mixtures[place].measures(scenario.risk.levels)
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


def refuse_too_large(plan: Plan, variants: int) -> None:
    """Refuse a sweep whose tables would not fit into free memory.

    Raises
    ------
    TooLarge
    """
    strata = 1 if plan.event is None else plan.scenario.months + 1
    inner = math.prod(plan.shape[k] for k in plan.inner)
    tables = variants * strata * (FINE * 4 + SCRAMBLINGS * COARSE * 4) * 8
    needed = tables + inner * strata * 8 * 6 + FIRST_WAVE * 3
    free = free_memory()
    if free is not None and needed > free:
        raise TooLarge(
            f"{math.prod(plan.shape):,} cells would need about {needed / 2**30:,.1f} GiB; "
            f"{free / 2**30:,.1f} GiB are free"
        )


def _counted(
    scenario: Scenario,
    plan: Plan,
    months: tuple[int, ...],
    seed: int,
    paths: int,
    sampling: str,
    pool: ThreadPoolExecutor,
) -> tuple[Strata, Bins]:
    """Value all strata of a variant and count their losses."""
    replications = min(paths, SCRAMBLINGS if sampling == "sobol" else BATCHES)
    event = None if plan.event is None else scenario.events[scenario.event_index[plan.event.id]]
    size = max(GROUP, min(SHARD, 2**22 // scenario.months // GROUP * GROUP))
    shards = [(first, min(size, paths - first)) for first in range(0, paths, size)]
    # Losses are kept until the bins are known; those of a large run beyond the first wave are counted as they come.
    wave = max(1, FIRST_WAVE // (8 * max(1, len(months)) * size))

    def valued(shard: tuple[int, int]) -> StrataLosses:
        return losses_by_own_month(scenario, Draws(scenario, seed, *shard, sampling), event, months)

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
