"""How much of the loss's variance chance makes, and how much doubt: from the means of each draw on each scrambling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.estimate import Estimate
from sim.estimates.predictive import pieces


@dataclass(frozen=True, slots=True)
class PartsOfVariance:
    """The loss's variance by what makes it.

    Attributes
    ----------
    chance
        The mean over doubt of the variance over chance.
    doubt
        The variance over doubt of the mean over chance.
    share
        Doubt's part of both; None where nothing varies.
    """

    chance: Estimate
    doubt: Estimate
    share: Estimate | None

    @classmethod
    def of(cls, losses: np.ndarray) -> PartsOfVariance:
        """The parts, of losses of shape (draws, paths).

        Notes
        -----
        Two scramblings have independent paths, so the covariance of their means over the draws is that of the draws
        alone. Errors by leaving out each replication of draws, and each of paths, in turn.
        """
        draws, paths = losses.shape
        means, squares = np.empty((draws, SCRAMBLINGS)), np.empty((draws, SCRAMBLINGS))
        # About a common level, so that large losses that hardly differ keep their digits.
        level = losses[0].mean()
        for rows in pieces(draws, paths):
            table = (losses[rows] - level).reshape(-1, paths // SCRAMBLINGS, SCRAMBLINGS)
            means[rows], squares[rows] = table.mean(axis=1), np.square(table).mean(axis=1)
        found, without = _parts(means, squares), _left_out(means, squares)

        def told(of: Callable[[float, float], float], most: float = inf) -> Estimate:
            return _jackknifed(of(*found), [[of(*parts) for parts in way] for way in without], most)

        chance, doubt = told(lambda chance, doubt: chance), told(lambda chance, doubt: doubt)
        share = told(_share, 1.0) if sum(found) > 0 else None
        return cls(chance, doubt, share)


def _parts(means: np.ndarray, squares: np.ndarray) -> tuple[float, float]:
    """Variance that chance makes, and doubt; tables of shape (draws, scramblings).

    By chance of few draws and paths what hardly varies may come out below 0.
    """
    pairs = means.shape[1] * (means.shape[1] - 1)
    about = means - means[0]  # nothing, to the last digit, where no draw differs
    about -= about.mean(axis=0)
    doubt = (np.square(about.sum(axis=1)).sum() - np.square(about).sum()) / (pairs * max(1, len(means) - 1))
    products = (np.square(means.sum(axis=1)) - np.square(means).sum(axis=1)) / pairs
    return float((squares.mean(axis=1) - products).mean()), float(doubt)


def _share(chance: float, doubt: float) -> float:
    return doubt / (chance + doubt) if chance + doubt > 0 else 0.0


def _left_out(means: np.ndarray, squares: np.ndarray) -> list[list[tuple[float, float]]]:
    """The parts without each replication of draws, and without each of paths."""
    of_draw, of_path = np.arange(len(means)) % SCRAMBLINGS, np.arange(SCRAMBLINGS)
    by_draws = [_parts(means[of_draw != r], squares[of_draw != r]) for r in range(SCRAMBLINGS)]
    by_paths = [_parts(means[:, of_path != s], squares[:, of_path != s]) for s in range(SCRAMBLINGS)]
    return [by_draws, by_paths]


def _jackknifed(value: float, without: list[list[float]], most: float) -> Estimate:
    """A value whose error is told by what is left of it without each replication, one way and the other; from 0 on."""
    variance = sum((len(way) - 1) * float(np.var(way)) for way in without)
    reach = replications.student(SCRAMBLINGS) * sqrt(variance)
    low, value, high = (min(max(0.0, end), most) for end in (value - reach, value, value + reach))
    return Estimate(value, sqrt(variance), low, high)
