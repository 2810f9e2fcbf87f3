"""Shapley effects: the variance of a measure over doubt, split among a few numbers in doubt, what they do together too.

The effect of a doubt is the Shapley value of the game whose worth of a set of doubts is the share of the variance that
these tell (Owen 2014; Song, Nelson and Staum 2016). The worth is an adjusted R²: of a surface of eight bins with lines
for each doubt's score, and products of low degree for each pair. Whatever doubts share, by dependence or by acting
together, is split evenly.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from sim.estimates.shapley import all_orders

MOST = 6
"""Doubts among whom the variance is split: of more, the surfaces would ask too much of the draws."""

BINS = 8
ROWS = 8
"""Rows of a table whose products are made together."""

SINGULAR = 1e-9
"""Part of a column's squares from which on it is one of its own, and no combination of others."""


class Surfaces:
    """Surfaces over the scores of some draws, one for each set of doubts.

    Parameters
    ----------
    scores
        Shape (draws, doubts), of at most :data:`MOST` doubts.
    """

    def __init__(self, scores: np.ndarray) -> None:
        self._draws, self.doubts = scores.shape
        self._blocks: dict[frozenset[int], np.ndarray] = {}
        columns = [np.empty((self._draws, 0))]
        for doubt, z in enumerate(scores.T):
            columns.append(_of_one(z))
            self._blocks[frozenset((doubt,))] = columns[-1]
        for pair in combinations(range(self.doubts), 2):
            columns.append(_of_pair(*scores[:, pair].T))
            self._blocks[frozenset(pair)] = columns[-1]
        table = np.hstack(columns)
        table -= table.mean(axis=0)
        sizes = np.sqrt(np.square(table).sum(axis=0))
        self._table = np.divide(table, sizes, out=np.zeros_like(table), where=sizes > 0)

    def worths(self, values: np.ndarray) -> np.ndarray:
        """Share of the variance that each set of doubts tells.

        Parameters
        ----------
        values
            Shape (values, draws).

        Returns
        -------
        ndarray
            Shape (values, sets), the sets as the bits of 1, 2, 3 and so on; NaN where nothing varies.
        """
        about = values - values.mean(axis=1, keepdims=True)
        whole = np.square(about).sum(axis=1)
        owners = [block for block, columns in self._blocks.items() for _ in range(columns.shape[1])]
        told = np.zeros((len(values), 1 << self.doubts))
        ranks = np.zeros(1 << self.doubts)
        # Set by set, each from the one without its last doubt: what that one's columns tell is swept out of all others.
        products = _products(self._table, np.hstack([self._table, about.T]))
        left = [(0, -1, np.arange(len(owners)), products)]
        while left:
            number, last, at, products = left.pop()
            for doubt in range(last + 1, self.doubts):
                grown = number | 1 << doubt
                members = {j for j in range(self.doubts) if grown >> j & 1}
                of = [owners[k] for k in at]
                mine = np.array([doubt in owner and owner <= members for owner in of])
                # Of what is left, sets that go on from here have what belongs to no doubt that they leave out.
                rest = np.array([max(owner) > doubt and _goes_on(owner, members, doubt) for owner in of], dtype=bool)
                known, rank = _independent(products[np.ix_(mine, np.flatnonzero(mine))])
                along = known.T @ products[mine]
                told[:, grown] = told[:, number] + np.square(along[:, len(at) :]).sum(axis=0)
                ranks[grown] = ranks[number] + rank
                if rest.any():
                    wide = np.concatenate([rest, np.ones(len(values), dtype=bool)])
                    swept = products[np.ix_(rest, wide)] - along[:, : len(at)][:, rest].T @ along[:, wide]
                    left.append((grown, doubt, at[rest], swept))
        with np.errstate(invalid="ignore", divide="ignore"):
            each = (whole / (self._draws - 1))[:, np.newaxis]
            worths: np.ndarray = 1 - (whole[:, np.newaxis] - told) / (self._draws - 1 - ranks) / each
        return worths[:, 1:]

    def effects(self, values: np.ndarray) -> np.ndarray:
        """Shapley effects, and last the share that all of them leave; shape (values, doubts + 1)."""
        if not self.doubts:
            return np.ones((len(values), 1))
        worths = self.worths(values)
        effects = worths @ all_orders(self.doubts).weights[0].T
        found: np.ndarray = np.hstack([effects, 1 - worths[:, -1:]])
        return found


def _of_one(z: np.ndarray) -> np.ndarray:
    """Means and slopes of bins of a score."""
    place = np.empty(len(z), dtype=int)
    place[np.argsort(z, kind="stable")] = np.arange(len(z)) * BINS // len(z)
    in_bin = (place[:, np.newaxis] == np.arange(BINS)).astype(float)
    middles = (in_bin * z[:, np.newaxis]).sum(axis=0) / in_bin.sum(axis=0)
    return np.hstack([in_bin[:, 1:], in_bin * (z[:, np.newaxis] - middles)])


def _of_pair(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products of Hermite polynomials of two scores, of degree two and three."""
    return np.column_stack([a * b, a * (b * b - 1), (a * a - 1) * b])


def _products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Products of columns, added up over a few rows at a time, so that no library starts threads that wait for more."""
    a, b = (
        np.vstack([table, np.zeros((-len(table) % ROWS, table.shape[1]))]).reshape(-1, ROWS, table.shape[1])
        for table in (one, other)
    )
    found: np.ndarray = np.zeros((one.shape[1], other.shape[1]))
    for first in range(0, len(a), ROWS):
        rows = slice(first, first + ROWS)
        found += np.matmul(a[rows].transpose(0, 2, 1), b[rows]).sum(axis=0)
    return found


def _goes_on(owner: frozenset[int], members: set[int], last: int) -> bool:
    """Whether columns may belong to a set that has some members and more doubts after the last of them."""
    return all(doubt in members or doubt > last for doubt in owner)


def _independent(products: np.ndarray) -> tuple[np.ndarray, int]:
    """Combinations of columns that are independent of each other and of size 1, by the columns' products; how many."""
    from scipy.linalg import lapack

    try:
        lower = np.linalg.cholesky(products)
    except np.linalg.LinAlgError:
        lower = np.zeros((1, 1))
    if np.square(np.diag(lower)).min(initial=1.0) > SINGULAR:
        inverse, _ = lapack.dtrtri(lower, lower=1)
        return inverse.T, len(products)
    sizes, vectors = np.linalg.eigh(products)
    known = sizes > SINGULAR
    return vectors[:, known] / np.sqrt(sizes[known]), int(known.sum())
