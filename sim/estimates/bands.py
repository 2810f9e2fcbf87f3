"""Bands over doubt: quantiles of a measure among draws of the numbers in doubt, each draw a distribution of its own.

What a draw's measure is told by is its own paths, so that both the draws and the paths leave an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, hypot, inf, isfinite, nan

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.estimate import Estimate
from sim.estimates.independent import quantile_rank

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""At which a band is told."""

LEAST_BEYOND = 20
"""Paths of a draw beyond a level, below which no band is told there: a handful of losses does not show where it is."""


@dataclass(frozen=True, slots=True)
class OfDraws:
    """A measure of each draw, with the ends of its interval as a run of the draw's paths tells them.

    Attributes
    ----------
    values, low, high
        Shape (draws,); infinite where an end is not known.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def gathered(cls, estimates: Sequence[Estimate]) -> OfDraws:
        """The estimates of all draws, one after the other."""
        rows = np.array([(one.value, *ends_of(one)) for one in estimates], dtype=float).reshape(-1, 3)
        values, low, high = rows.T
        return cls(values, np.where(np.isnan(low), -inf, low), np.where(np.isnan(high), inf, high))

    def band(self) -> dict[float, Estimate]:
        """Quantiles over the draws, each with an error; by quantile."""
        return {at: self.quantile(at) for at in QUANTILES}

    def quantile(self, at: float) -> Estimate:
        """A quantile over the draws.

        Notes
        -----
        The ends add two errors up in squares, as if they were independent: that of the draws, whose replications differ
        in the share that lies below; and that of the paths, for which the ends of all draws' intervals are ranked as
        their values are. That is cautious: all draws have the same paths.
        """
        value, *of_draws = replications.quantile(self.values, at, SCRAMBLINGS)
        rank = quantile_rank(len(self.values), at) - 1
        of_paths = [float(np.partition(ends, rank)[rank]) for ends in (self.low, self.high)]
        low, high = (
            None if end is None or not isfinite(other) else hypot(value - end, value - other)
            for end, other in zip(of_draws, of_paths, strict=True)
        )
        return Estimate(value, low=None if low is None else value - low, high=None if high is None else value + high)


def ends_of(estimate: Estimate) -> tuple[float, float]:
    """Ends of an estimate's 95 % interval, whichever way its error is told; NaN where one is not known."""
    low, high = estimate.low, estimate.high
    if low is None and high is None and estimate.standard_error is not None:
        reach = replications.student(SCRAMBLINGS) * estimate.standard_error
        low, high = estimate.value - reach, estimate.value + reach
    return nan if low is None else low, nan if high is None else high


def beyond(paths: int, level: float) -> float:
    """How many of some paths lie beyond a level, which is taken as the decimal that it was written as."""
    return float(paths * (1 - Fraction(repr(float(level)))))


def too_few(paths: int, level: float) -> str | None:
    """Why no band is told at a level; None where one is."""
    there = beyond(paths, level)
    if there >= LEAST_BEYOND:
        return None
    needed = ceil(LEAST_BEYOND / (1 - Fraction(repr(float(level)))))
    return (
        f"{there:.3g} of {paths:,} paths lie beyond {100 * level:g} %, and a band needs {LEAST_BEYOND}: "
        f"{needed:,} paths or more"
    )
