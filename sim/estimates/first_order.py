"""How much of a measure's variance over doubt goes along with one number in doubt, and which way; with a noise floor.

The share is the first-order index of Sobol (1993) as far as its score alone tells it: the draws are put into 16 bins of
the doubt's score, with a line in each, and what these leave of the variance is told without bias. Lines make the most
of few draws: means of bins alone would leave the slope within each to chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt

import numpy as np

from sim.estimates.estimate import Estimate

BINS = 16
PARAMETERS = 2 * BINS
"""Of the bins' lines: a mean and a slope each."""

SHUFFLES = 4999
TOGETHER = 0.95
"""Chance that no doubt that does nothing comes out above the floor."""

_AT_A_TIME = 2**19
"""Values that are looked at in one piece."""

_SEED = 20260114


class Binned:
    """Draws put into bins of equal size by each of their scores.

    Parameters
    ----------
    scores
        Shape (draws, doubts); the number of draws is a multiple of that of the bins. Ties go by the draw's number.
    """

    def __init__(self, scores: np.ndarray) -> None:
        draws, doubts = scores.shape
        self._order = np.argsort(scores, axis=0, kind="stable").T
        z = np.take_along_axis(scores.T, self._order, axis=1).reshape(doubts, BINS, -1)
        z = z - z.mean(axis=2, keepdims=True)
        sizes = np.sqrt(np.square(z).sum(axis=2, keepdims=True))
        self._slopes = np.divide(z, sizes, out=np.zeros_like(z), where=sizes > 0)
        self._free = draws - PARAMETERS

    def shares(self, values: np.ndarray) -> np.ndarray:
        """First-order shares: of values of shape (values, draws) shape (values, doubts); NaN where nothing varies."""
        count, draws = values.shape
        about = values - values.mean(axis=1, keepdims=True)
        found = np.empty((count, len(self._order)))
        for j, (order, slopes) in enumerate(zip(self._order, self._slopes, strict=True)):
            found[:, j] = explained_by_lines(about[:, order].reshape(count, BINS, -1), slopes)
        whole = np.square(about).sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares: np.ndarray = 1 - (whole - found) / self._free / (whole / (draws - 1))
        return shares


def explained_by_lines(binned: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Squares that bins' means and lines make of values about their mean; of shape (values, bins, draws of a bin)."""
    size = binned.shape[2]
    of_means = np.square(binned.sum(axis=2)).sum(axis=1) / size
    of_slopes = np.square(np.einsum("vbi,bi->vb", binned, slopes)).sum(axis=1)
    found: np.ndarray = of_means + of_slopes
    return found


def beyond(values: np.ndarray, level: float) -> np.ndarray:
    """Whether each of some values lies beyond their quantile at a level, 1 where it does; shape (values, draws)."""
    rank = ceil(level * values.shape[1] - 1e-9)
    at = np.partition(values, rank - 1, axis=1)[:, rank - 1 : rank]
    found: np.ndarray = (values > at).astype(float)
    return found


def directions(scores: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each score with values of shape (values, draws); shape (values, doubts)."""
    from scipy.stats import rankdata

    found: np.ndarray = _standardized(rankdata(values, axis=1)) @ _standardized(rankdata(scores.T, axis=1)).T
    return found


def _standardized(ranks: np.ndarray) -> np.ndarray:
    about = ranks - ranks.mean(axis=1, keepdims=True)
    sizes = np.sqrt(np.square(about).sum(axis=1, keepdims=True))
    found: np.ndarray = np.divide(about, sizes, out=np.zeros_like(about), where=sizes > 0)
    return found


def floor(values: np.ndarray, doubts: int) -> Estimate:
    """The share below which a doubt can't be told from one that does nothing.

    Parameters
    ----------
    values
        A measure of each draw, shape (draws,).
    doubts
        How many numbers are in doubt, of which all stay below together with 95 % chance if none does anything.

    Returns
    -------
    Estimate
        A quantile of the share of shuffled values; its interval is that of as many shuffles.
    """
    return floor_of(shuffled_shares(values), doubts)


def floor_of(shuffled: np.ndarray, doubts: int) -> Estimate:
    """The floor by an index of shuffled values."""
    ordered, count = np.sort(shuffled), len(shuffled)
    at = TOGETHER ** (1 / doubts)
    reach = 1.96 * sqrt(at * (1 - at) / count)
    value, low, high = (float(ordered[min(count, max(1, ceil(p * count))) - 1]) for p in (at, at - reach, at + reach))
    return Estimate(value, low=low, high=high)


def shuffled_shares(values: np.ndarray) -> np.ndarray:
    """First-order shares of a score that has nothing to do with the values, in as many shuffles."""
    from scipy.special import ndtri

    even = Binned(ndtri((np.arange(len(values)) + 0.5) / len(values))[:, np.newaxis])
    return np.concatenate([even.shares(piece)[:, 0] for piece in shuffles(values)])


def shuffles(values: np.ndarray) -> Iterator[np.ndarray]:
    """The values in random orders, a row each, in pieces; the same orders each time."""
    generator = np.random.Generator(np.random.Philox(_SEED))
    rows = max(1, _AT_A_TIME // len(values))
    for first in range(0, SHUFFLES, rows):
        yield generator.permuted(np.tile(values, (min(rows, SHUFFLES - first), 1)), axis=1)
