"""Chance and doubt together: measures of the mixture of all draws' distributions, each loss of each draw as likely.

A value has an error of draws, of which replication r has those with k modulo 16 = r, and one of paths, which are the
same for all draws. Their squares add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import hypot

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.bands import LEAST_BEYOND, OfDraws
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths, Quantile, Shortfall
from sim.estimates.independent import Moments, cautious, quantile_rank
from sim.estimates.measures import Measure, level_name

AT_A_TIME = 2**20
"""Losses that are looked at in one piece, so that what is made of them takes little memory."""


@dataclass(frozen=True, slots=True)
class Means:
    """Means of the numbers of a table of draws and paths, both ways.

    Attributes
    ----------
    by_draw
        Over the paths, shape (draws,).
    by_path
        Over the draws, shape (paths,).
    """

    by_draw: np.ndarray
    by_path: np.ndarray

    @property
    def mean(self) -> float:
        """Over all of them."""
        return float(self.by_draw.mean())

    def standard_error(self, *, at_least: bool = False) -> float:
        """Of the mean: what replications of draws, and of paths, leave.

        Parameters
        ----------
        at_least
            Whether a draw and a path more or less are granted in any case, as of shares: with evenly spread points the
            replications may agree better than they know (``docs/trust.md``).
        """
        return hypot(_error(self.by_draw, at_least), _error(self.by_path, at_least))

    def share(self, own: OfDraws) -> Estimate:
        """The mean as a share of hits with its interval; ``own`` are the draws' own shares."""
        value = self.mean
        if value in (0.0, 1.0):  # nothing was seen, or nothing else: each draw says what that is worth
            return Estimate(value, low=float(own.low.mean()), high=float(own.high.mean()))
        reach = replications.student(SCRAMBLINGS) * self.standard_error(at_least=True)
        return Estimate(value, low=max(0.0, value - reach), high=min(1.0, value + reach))


def _error(values: np.ndarray, at_least: bool) -> float:
    table = values.reshape(-1, SCRAMBLINGS)
    path = np.array([Moments.of(values).worth / len(table)])
    errors = replications.standard_errors(table.mean(axis=0)[:, np.newaxis], path, path if at_least else 0.0)
    return float(errors[0])


@dataclass(frozen=True, slots=True)
class Mixture:
    """The mixture of all draws' distributions.

    Attributes
    ----------
    losses
        Of each draw on each path, shape (draws, paths).
    means
        Of what measures ask of a path by itself, by name.
    measured
        Each measure of each draw, by name and level.
    sums
        Of what measures ask of a path by itself, by name: of each draw and scrambling, shape (draws, scramblings).
    """

    losses: np.ndarray
    means: Mapping[str, Means]
    measured: Mapping[tuple[str, str | None], OfDraws]
    sums: Mapping[str, np.ndarray] = field(default_factory=dict)

    def of(self, measure: Measure, level: float | None = None) -> Estimate:
        """A measure of the mixture, with its error."""
        if isinstance(measure.estimator, OfPaths):
            found, own = self.means[measure.name], self.measured[measure.name, None]
            return found.share(own) if measure.is_share else _estimate(found.mean, found.standard_error(), own)
        assert level is not None
        if isinstance(measure.estimator, Quantile):
            return self.quantile(level)
        assert isinstance(measure.estimator, Shortfall)
        return self._shortfall(measure.name, level)

    def quantile(self, level: float) -> Estimate:
        """The losses' quantile, at any level."""
        count = self.losses.size
        wanted = quantile_rank(count, level) - 1
        ordered = np.partition(self.losses, wanted, axis=None)
        value = float(ordered[wanted])
        ranks: list[int | None] = []
        for at, side in ((np.less, -1), (np.less_equal, 1)):
            part = self._share_of(at, value)
            reach = 0.0 if part.mean in (0.0, 1.0) else part.standard_error(at_least=True)
            moved = level + side * replications.student(SCRAMBLINGS) * reach
            ranks.append(quantile_rank(count, moved) - 1 if 0 < moved < 1 else None)
        ordered.partition([rank for rank in ranks if rank is not None])
        low, high = (None if rank is None else float(ordered[rank]) for rank in ranks)
        return Estimate(value, low=low, high=high)

    def _shortfall(self, name: str, level: float) -> Estimate:
        at_risk = self.quantile(level)
        ends = [end for end in (at_risk.value, at_risk.low, at_risk.high) if end is not None]
        excess = [self._asked(partial(_beyond, end)) for end in ends]
        value = at_risk.value + excess[0].mean / (1 - level)
        tail = self._share_of(np.greater_equal, at_risk.value)  # with the atom at the quantile, where there is one
        if min(_effective(tail.by_draw), _effective(tail.by_path)) < LEAST_BEYOND:
            return Estimate(value, note=f"fewer than {LEAST_BEYOND} draws or paths decide the tail")
        error = cautious([part.standard_error() / (1 - level) for part in excess])
        return _estimate(value, error, self.measured.get((name, level_name(level))))

    def _share_of(self, compare: np.ufunc, value: float) -> Means:
        """Shares of losses that are below, at most or above a value, by a comparison of numpy's."""
        return self._asked(lambda losses: compare(losses, value))

    def _asked(self, asked: Callable[[np.ndarray], np.ndarray]) -> Means:
        draws, paths = self.losses.shape
        by_draw, by_path = np.empty(draws), np.zeros(paths)
        for rows in pieces(draws, paths):
            found = asked(self.losses[rows])
            by_draw[rows] = found.mean(axis=1)
            by_path += found.sum(axis=0)
        return Means(by_draw, by_path / draws)


def pieces(draws: int, paths: int) -> Iterator[slice]:
    """Ranges of draws whose losses are looked at together."""
    rows = max(1, AT_A_TIME // paths)
    yield from (slice(first, first + rows) for first in range(0, draws, rows))


def _estimate(value: float, error: float, own: OfDraws | None) -> Estimate:
    """An estimate; where nothing differs, with the error that the draws themselves have for what was not seen."""
    if error > 0:
        return Estimate.of(value, error, SCRAMBLINGS)
    if own is None:
        return Estimate(value)
    reach = float((own.high - own.low).mean()) / 2
    return Estimate(value, low=value - reach, high=value + reach) if np.isfinite(reach) else Estimate(value)


def _beyond(end: float, losses: np.ndarray) -> np.ndarray:
    excess: np.ndarray = np.maximum(losses - end, 0.0)
    return excess


def _effective(parts: np.ndarray) -> float:
    """How many draws, or paths, decide what is said of a tail, by the parts of it that each makes up (Kish 1965)."""
    squares = float((parts * parts).sum())
    return float(parts.sum()) ** 2 / squares if squares > 0 else 0.0
