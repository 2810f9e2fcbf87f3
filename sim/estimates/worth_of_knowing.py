"""What knowing one number in doubt is worth: expected value of perfect partial information, from the draws alone.

Strong, Oakley and Brennan (2014, Medical Decision Making 34(3), 311-326): what each choice is worth more than the first
is regressed on the number, and the fit is what would be known of it. Here the number stands by its rank among the
draws, in a natural cubic spline with seven knots.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from sim.estimates.estimate import Estimate
from sim.estimates.regrets import Worths, certainty, jackknifed, without_each

KNOTS = np.linspace(0.0, 1.0, 7)

SHUFFLES = 4999
MOST_RANKS = 128
"""Ranks at which a fit to shuffled draws is looked at."""

TOGETHER = 0.95
"""Chance that of the numbers in doubt, if none told anything, all would read below the floor."""

_AT_A_TIME = 2**18
"""Numbers that are looked at in one piece."""

_SEED = 20260131


@dataclass(frozen=True, slots=True)
class Knowing:
    """What knowing is worth.

    Attributes
    ----------
    everything
        Knowing all numbers in doubt.
    each
        Knowing one of them, in the order of the scores.
    floor
        What a number that tells nothing may read.
    """

    everything: Estimate
    each: tuple[Estimate, ...]
    floor: Estimate

    @classmethod
    def of(cls, worths: Worths, scores: np.ndarray) -> Knowing:
        """What knowing is worth, of choices whose draws have scores of shape (draws, doubts)."""
        everything = worths.worth_of_certainty()
        orders = np.argsort(scores, axis=0, kind="stable").T
        bases = {count: basis(count) for count in {worths.draws, worths.draws - worths.draws // 16}}
        left_out = without_each(worths.draws)
        parts = [(worths.values[:, rows], np.isin(np.arange(worths.draws), rows), rows) for rows in left_out]
        each = []
        for order in orders:
            value = partial(worths.values[:, order], bases[worths.draws])
            by_draws = []
            for _, stays, rows in parts:
                of_rows = order[stays[order]]
                by_draws.append(partial(worths.values[:, of_rows], bases[len(rows)]))
            by_paths = [partial(one[:, order], bases[worths.draws]) for one in worths.without]
            each.append(jackknifed(value, by_draws, by_paths, least=0.0))
        return cls(everything, tuple(each), floor(worths.values, len(orders)))


def basis(count: int) -> np.ndarray:
    """Orthonormal columns that span natural cubic splines in even ranks; shape (count, knots)."""
    x = (np.arange(count) + 0.5) / count

    def beyond(k: int) -> np.ndarray:
        cubes = np.maximum(x - KNOTS[k], 0.0) ** 3 - np.maximum(x - KNOTS[-1], 0.0) ** 3
        found: np.ndarray = cubes / (KNOTS[-1] - KNOTS[k])
        return found

    last = beyond(len(KNOTS) - 2)
    columns = [np.ones(count), x, *(beyond(k) - last for k in range(len(KNOTS) - 2))]
    found: np.ndarray = np.linalg.qr(np.column_stack(columns))[0]
    return found


def partial(worth: np.ndarray, splines: np.ndarray) -> float:
    """What knowing a number is worth, of worths of shape (choices, draws) in the order of that number's ranks."""
    return min(float(_fitted(worth[1:] - worth[0], splines, splines)), certainty(worth))


def _fitted(more: np.ndarray, splines: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The same of what choices are worth more than the first, fitted; shape (choices but the first, ..., draws).

    Parameters
    ----------
    at
        The splines where the fit is looked at: in all ranks, or in some that are evenly spread.
    """
    fitted = (more @ splines) @ at.T
    best = np.maximum(fitted.max(axis=0), 0.0).mean(axis=-1)
    for_all = np.maximum(fitted.mean(axis=-1).max(axis=0), 0.0)
    found: np.ndarray = np.maximum(best - for_all, 0.0)
    return found


def floor(worth: np.ndarray, doubts: int) -> Estimate:
    """What knowing a number may read to be worth that tells nothing.

    Parameters
    ----------
    worth
        Shape (choices, draws).
    doubts
        How many numbers are in doubt: all of them stay below together in 95 of 100 cases, if none tells anything.

    Returns
    -------
    Estimate
        A quantile over shuffles of the draws, the same each time; its interval is that of as many shuffles.
    """
    draws = worth.shape[1]
    more, splines, most = worth[1:] - worth[0], basis(draws), certainty(worth)
    # A fit is smooth, so that of many ranks some will do.
    at = (
        splines[np.arange(MOST_RANKS) * draws // MOST_RANKS + draws // (2 * MOST_RANKS)]
        if draws > MOST_RANKS
        else splines
    )
    generator = np.random.Generator(np.random.Philox(_SEED))
    rows = max(1, _AT_A_TIME // worth.size)
    found: list[np.ndarray] = []
    for first in range(0, SHUFFLES, rows):
        places = np.tile(np.arange(draws), (min(rows, SHUFFLES - first), 1))
        found.append(_fitted(more[:, generator.permuted(places, axis=1)], splines, at))
    ordered = np.minimum(np.sort(np.concatenate(found)), most)
    share = TOGETHER ** (1 / doubts)
    reach = 1.96 * sqrt(share * (1 - share) / SHUFFLES)
    value, low, high = (
        float(ordered[min(SHUFFLES, max(1, ceil(p * SHUFFLES))) - 1]) for p in (share, share - reach, share + reach)
    )
    return Estimate(value, low=low, high=high)
