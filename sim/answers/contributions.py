"""What each event contributes to a measure: from the losses of all coalitions to Shapley values with errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import differences, replications
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import losses_alone
from sim.estimates.independent import LEAST_TAIL, quantile_rank
from sim.estimates.measures import Measure
from sim.estimates.shapley import Weighing
from sim.scenario.parts import Scenario

ROUNDING = 1e-9
"""Part of the largest loss up to which a difference is one of rounding."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """A measure attributed to players.

    Attributes
    ----------
    measure, level
        What was attributed; the level is None for the expected loss.
    total
        The measure with all events.
    contributions
        What each player contributes to it.
    of_paths
        The standard error that the paths leave in each, without that of sampled orders; None where it is not told.
    seen
        On how many paths each player makes a difference to the measure.
    """

    measure: Measure
    level: float | None
    total: Estimate
    contributions: tuple[Estimate, ...]
    of_paths: tuple[float | None, ...]
    seen: tuple[int, ...]


def attributed(
    measure: Measure,
    level: float | None,
    scenario: Scenario,
    weighing: Weighing,
    losses: np.ndarray,
    *,
    scrambled: bool,
) -> Attributed:
    """Attribute a measure to the players.

    Parameters
    ----------
    losses
        By coalition and path.

    Returns
    -------
    Attributed
        Without errors where too few paths are beyond the quantile to tell one.
    """
    weights = weighing.weights.mean(axis=0)
    by_path = np.zeros((len(weights), losses.shape[1]))
    measured = np.zeros(len(losses))
    whole = None
    # Coalition by coalition, so that nothing but the losses has the size of them all.
    for k, row in enumerate(losses):
        terms = _terms(measure, scenario, level, row)
        measured[k] = terms.mean()
        for player in np.flatnonzero(weights[:, k]):
            by_path[player] += weights[player, k] * terms
        if k == weighing.whole:
            whole = differences.mean(terms, scrambled=scrambled)
    assert whole is not None
    by_sample = weighing.weights @ measured
    means = [differences.mean(values, scrambled=scrambled) for values in by_path]
    least = ROUNDING * float(np.abs(losses).max(initial=0.0))
    seen = tuple(int((np.abs(values) > least).sum()) for values in by_path)
    paths = losses.shape[1]
    if level is not None and paths - quantile_rank(paths, level) < LEAST_TAIL:
        untold = tuple(map(_untold, means))
        return Attributed(measure, level, _untold(whole), untold, (None,) * len(untold), seen)
    found = [_with_orders(mean, by_sample[:, k], scrambled, paths) for k, mean in enumerate(means)]
    return Attributed(measure, level, whole, tuple(found), tuple(mean.standard_error for mean in means), seen)


def _terms(measure: Measure, scenario: Scenario, level: float | None, losses: np.ndarray) -> np.ndarray:
    """Values, one a path, whose mean is the measure."""
    terms = measure.estimator.terms(losses_alone(losses), scenario, level)
    assert terms is not None
    return terms


def _with_orders(found: Estimate, samples: np.ndarray, scrambled: bool, paths: int) -> Estimate:
    """An estimate with the error of sampled orders added to that of the paths.

    What both have in common, that a path's answer depends on the order, is counted twice: the error is on the safe
    side. Degrees of freedom are those of Welch and Satterthwaite.
    """
    if len(samples) == 1 or found.standard_error is None:
        return found
    of_orders = replications.standard_error(samples) or 0.0
    pieces = [(SCRAMBLINGS if scrambled else paths, found.standard_error**2), (len(samples), of_orders**2)]
    variance = sum(piece for _, piece in pieces)
    if variance == 0:
        return found
    freedom = variance**2 / sum(piece**2 / (count - 1) for count, piece in pieces)
    return Estimate.of(found.value, math.sqrt(variance), max(2, math.floor(freedom) + 1))


def _untold(found: Estimate) -> Estimate:
    """An estimate without its error."""
    return Estimate.of(found.value, None, 1)
