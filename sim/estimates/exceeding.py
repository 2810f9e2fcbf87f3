"""Loss exceedance under doubt: of chosen amounts, the share of paths that lose more, by draw and of all draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.bands import OfDraws
from sim.estimates.estimate import Estimate
from sim.estimates.predictive import Means, pieces
from sim.scenario import rules

POINTS = 96
"""Amounts of a curve, at most: half at even steps of the amount, half at even ratios of the share."""

LEAST_PATHS = 2
"""Paths of a draw that lose more at the curve's end; beyond, a curve is one path's."""


@dataclass(frozen=True, slots=True)
class Exceeding:
    """Shares of paths that lose more than each of some amounts.

    Attributes
    ----------
    amounts
        Rising, shape (amounts,).
    draws
        Of each draw, by amount.
    mixture
        Of all draws together, by amount.
    """

    amounts: np.ndarray
    draws: tuple[OfDraws, ...]
    mixture: tuple[Estimate, ...]

    @classmethod
    def of(cls, losses: np.ndarray, baselines: np.ndarray, amounts: np.ndarray) -> Exceeding:
        """The shares, of losses of shape (draws, paths).

        Parameters
        ----------
        baselines
            Mean baseline of each draw, shape (draws,): what is no more than rounding of it is no loss.
        amounts
            Rising, shape (amounts,).
        """
        draws, paths = losses.shape
        rounding = rules.NO_LOSS * np.abs(baselines)
        told = np.empty((3, draws, len(amounts)))
        by_path = np.zeros((paths, len(amounts)))
        for rows in pieces(draws, paths):
            settled = np.where(np.abs(losses[rows]) <= rounding[rows, np.newaxis], 0.0, losses[rows])
            for k, row in enumerate(settled, rows.start):
                told[:, k] = replications.shares(_hits(row, amounts), paths)
            for i, column in enumerate(settled.T):
                by_path[i] += len(column) - np.searchsorted(np.sort(column), amounts, side="right")
        by_path /= draws
        of_draws = [OfDraws(*told[:, :, m]) for m in range(len(amounts))]
        mixture = [Means(one.values, by_path[:, m]).share(one) for m, one in enumerate(of_draws)]
        return cls(amounts, tuple(of_draws), tuple(mixture))


def _hits(losses: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Of each scrambling, how many paths lose more than each amount; shape (scramblings, amounts)."""
    table = np.sort(losses.reshape(-1, SCRAMBLINGS), axis=0)
    return np.array([len(column) - np.searchsorted(column, amounts, side="right") for column in table.T])


def amounts_of(losses: np.ndarray) -> np.ndarray:
    """Amounts at which a curve of all draws together is told, rising; zero is among them."""
    ordered = np.sort(losses, axis=None)
    count, paths = len(ordered), losses.shape[1]
    half = POINTS // 2
    shares = np.geomspace(1.0, min(1.0, LEAST_PATHS / paths), half)
    ranks = np.clip(np.ceil(count * (1 - shares)).astype(int), 1, count) - 1
    by_share = ordered[ranks]
    even = np.linspace(min(0.0, ordered[0]), by_share[-1], half)
    found: np.ndarray = np.unique([0.0, *even, *by_share])
    return found


def of_paths(losses: np.ndarray, baseline: float, amounts: np.ndarray) -> list[Estimate]:
    """Shares of one scenario's quasi-random paths that lose more than each amount; see :class:`Exceeding`."""
    settled = np.where(np.abs(losses) <= rules.NO_LOSS * abs(baseline), 0.0, losses)
    found = replications.shares(_hits(settled, amounts), len(losses))
    return [Estimate(float(value), low=float(low), high=float(high)) for value, low, high in zip(*found, strict=True)]
