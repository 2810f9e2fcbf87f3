"""Many draws of the numbers in doubt, each valued on the same paths: their losses, and each measure of each draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import WindowSums
from sim.engines.variants import KEPT
from sim.errors import UsageError
from sim.estimates.bands import LEAST_BEYOND, OfDraws
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths
from sim.estimates.measures import Key, level_name, levels_of, measures_of
from sim.estimates.of_paths import OfAllPaths
from sim.estimates.predictive import Means, Mixture
from sim.machine import threads
from sim.scenario.parts import Scenario
from sim.simulation.common_draws import in_blocks
from sim.simulation.memory import refuse_too_large, shard_paths
from sim.simulation.pool import Progress

KEPT_OF_A_LOSS = 2
"""Numbers that are kept of each draw's path: its loss, and what ordering the losses takes."""

BYTES_OF_A_DRAW = 96 * 2**10
"""What a draw takes beside its losses: a scenario of its own, compiled, and its measures."""


@dataclass(frozen=True, slots=True)
class _Block:
    """What some draws add: their numbers, measures, and the sums over them of what is asked of each path."""

    draws: Sequence[int]
    measured: list[dict[Key, Estimate]]
    by_path: dict[str, np.ndarray]


def measured_on(scenario: Scenario, sums: WindowSums) -> tuple[OfAllPaths, dict[Key, Estimate]]:
    """All measures of a scenario's paths, as a run of these paths tells them, and what they were told from."""
    totals = OfAllPaths(scenario, sums, shard_paths(scenario), LEAST_BEYOND)
    found: dict[Key, Estimate] = {}
    for measure in measures_of(scenario):
        for level in levels_of(measure, scenario.risk.levels):
            one = measure.of_run(totals, level)
            if one.tail_paths is not None and one.tail_paths < LEAST_BEYOND:
                one = replace(one, note=f"{one.tail_paths} paths in the tail, and an error needs {LEAST_BEYOND}")
            found[measure.name, None if level is None else level_name(level)] = one
    return totals, found


def mixture_of(
    scenarios: Sequence[Scenario],
    sampling: Sampling,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Mixture:
    """Value the draws of a scenario on the same paths.

    Parameters
    ----------
    scenarios
        One a draw, variants of each other.
    sampling
        The paths, quasi-random.
    workers, progress
        As for :func:`sim.simulation.common_draws.losses`.

    Raises
    ------
    UsageError
        Where the losses of a draw are no finite numbers.
    """
    draws, paths = len(scenarios), sampling.paths
    losses = np.full((draws, paths), np.nan)
    names = [one.name for one in measures_of(scenarios[0]) if isinstance(one.estimator, OfPaths)]
    sums = {name: np.empty((draws, SCRAMBLINGS)) for name in names}

    def work(block: Sequence[int], found: Sequence[WindowSums]) -> _Block:
        by_path = {name: np.zeros(paths) for name in names}
        measured = []
        for k, of_window in zip(block, found, strict=True):
            losses[k] = of_window.loss
            totals, estimates = measured_on(scenarios[k], of_window)
            measured.append(estimates)
            for name, total in by_path.items():
                total += totals.values(name)
                sums[name][k] = totals.by_scrambling(name)
        return _Block(block, measured, by_path)

    by_path = {name: np.zeros(paths) for name in names}
    measured: list[dict[Key, Estimate]] = [{}] * draws
    for block in in_blocks(scenarios, work, sampling, workers=workers, progress=progress):
        for k, estimates in zip(block.draws, block.measured, strict=True):
            measured[k] = estimates
        for name, total in by_path.items():
            total += block.by_path[name]
    _refuse_infinite(losses)
    losses.flags.writeable = False
    of_draws = {key: OfDraws.gathered([one[key] for one in measured]) for key in measured[0]}
    means = {name: Means(of_draws[name, None].values, by_path[name] / draws) for name in names}
    return Mixture(losses, means, of_draws, sums)


def refuse_too_many(scenario: Scenario, draws: int, paths: int, workers: int | None) -> None:
    """Refuse an ensemble that would not fit into free memory, before any of it is drawn.

    Raises
    ------
    TooLarge
    """
    what, help = f"{draws:,} draws on {paths:,} paths", "ask for fewer --draws or --paths"
    beside = KEPT * threads(workers) + BYTES_OF_A_DRAW * draws
    kept = KEPT_OF_A_LOSS * draws
    refuse_too_large([scenario], paths, workers, kept=kept, beside=beside, what=what, help=help)


def _refuse_infinite(losses: np.ndarray) -> None:
    """Refuse draws of which no measure can be had; what orders or squares them would go on in silence."""
    bad = np.flatnonzero(~np.isfinite(losses).all(axis=1))
    if len(bad):
        part = f"{len(bad):,} of {len(losses):,} draws" if len(bad) > 1 else f"one of {len(losses):,} draws"
        raise UsageError(
            f"{part}, number {bad[0]} first, lose{'' if len(bad) > 1 else 's'} amounts that no number can hold",
            help="keep the numbers in doubt within what may happen: a form with `low` and `high` has ends",
        )
