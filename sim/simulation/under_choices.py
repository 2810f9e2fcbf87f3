"""Draws of the numbers in doubt under each choice, on the same paths: what is asked of each, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import WindowSums
from sim.estimates import replications
from sim.estimates.bands import LEAST_BEYOND, ends_of
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths, Shortfall
from sim.estimates.independent import quantile_rank
from sim.estimates.measures import Measure
from sim.estimates.of_paths import OfAllPaths
from sim.scenario.parts import Scenario
from sim.simulation.common_draws import in_blocks
from sim.simulation.memory import shard_paths
from sim.simulation.pool import Progress


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of each draw: a measure, at a level where it has levels; without one the net revenue.

    The net revenue is what comes in over the window less what is lost once, discounted.
    """

    measure: Measure | None = None
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What each draw says of what was asked, under each choice.

    Attributes
    ----------
    values
        By all paths, shape (choices, draws).
    without
        By all paths but those of each scrambling, shape (scramblings, choices, draws).
    low, high
        Ends of the interval of each value, infinite where one is not known; shape (choices, draws).
    """

    values: np.ndarray
    without: np.ndarray
    low: np.ndarray
    high: np.ndarray


def under_choices(
    choices: Sequence[Sequence[Scenario]],
    asked: Sequence[Asked],
    sampling: Sampling,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Told]:
    """Value the draws of a scenario under each choice, on the same paths.

    Parameters
    ----------
    choices
        Of each choice its draws, as many of each.
    asked
        What is asked of each.
    sampling
        The paths, quasi-random.
    workers, progress
        As for :func:`sim.simulation.common_draws.losses`.

    Returns
    -------
    list of Told
        One for each of ``asked``.
    """
    scenarios = [scenario for draws in choices for scenario in draws]
    found = np.full((len(asked), 3 + SCRAMBLINGS, len(scenarios)), np.nan)

    def work(block: Sequence[int], sums: Sequence[WindowSums]) -> None:
        for k, one in zip(block, sums, strict=True):
            totals = OfAllPaths(scenarios[k], one, shard_paths(scenarios[k]), LEAST_BEYOND)
            for n, what in enumerate(asked):
                found[n, :, k] = _told(what, totals, one)

    for _ in in_blocks(scenarios, work, sampling, workers=workers, progress=progress):
        pass
    shape = (len(choices), -1)
    return [
        Told(
            rows[0].reshape(shape),
            rows[3:].reshape(SCRAMBLINGS, *shape),
            np.where(np.isnan(rows[1]), -np.inf, rows[1]).reshape(shape),
            np.where(np.isnan(rows[2]), np.inf, rows[2]).reshape(shape),
        )
        for rows in found
    ]


def _told(what: Asked, totals: OfAllPaths, sums: WindowSums) -> list[float]:
    """Value, ends of its interval, and the value without each scrambling."""
    measure, level = what.measure, what.level
    if measure is None:
        net = sums.revenue - sums.one_off
        error = replications.error_of_mean(net.reshape(-1, SCRAMBLINGS))
        estimate = Estimate(float(net.mean()), error)
        without = means_without(net)
    else:
        estimate = measure.of_run(totals, level)
        if isinstance(measure.estimator, OfPaths):
            without = means_without(totals.values(measure.name))
        else:
            assert level is not None
            without = tails_without(sums.loss, level, shortfall=isinstance(measure.estimator, Shortfall))
    return [estimate.value, *ends_of(estimate), *without]


def means_without(values: np.ndarray) -> np.ndarray:
    """Means of paths' values without those of each scrambling; shape (scramblings,)."""
    sums = values.reshape(-1, SCRAMBLINGS).sum(axis=0, dtype=float)
    found: np.ndarray = (sums.sum() - sums) / (len(values) // SCRAMBLINGS * (SCRAMBLINGS - 1))
    return found


def tails_without(losses: np.ndarray, level: float, *, shortfall: bool) -> np.ndarray:
    """Revenue at risk, or expected shortfall, of paths without those of each scrambling; shape (scramblings,)."""
    table = losses.reshape(-1, SCRAMBLINGS)
    left = np.stack([np.delete(table, s, axis=1).ravel() for s in range(SCRAMBLINGS)])
    rank = quantile_rank(left.shape[1], level) - 1
    at_risk: np.ndarray = np.partition(left, rank, axis=1)[:, rank]
    if not shortfall:
        return at_risk
    excess: np.ndarray = np.maximum(left - at_risk[:, np.newaxis], 0.0).mean(axis=1)
    return at_risk + excess / (1 - level)
