"""Differences between scenarios on common draws, each with its error: path i of one against path i of the other.

What two scenarios share cancels path by path, so that a difference is known far better than the values it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim import replications
from sim.measures import LEAST_TAIL, quantile_rank
from sim.points import SCRAMBLINGS

SECTIONS = 32
"""Sections of independent paths from which the error of a difference of quantiles is read."""

LEAST_OF_A_SECTION = 5
"""Paths beyond the quantile that each section must have on average."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error (None where it can't be estimated) and the ends of a 95 % interval."""

    value: float
    standard_error: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, value: float, standard_error: float | None, count: int) -> Estimate:
        """Make an estimate whose error came from so many independent replications (Student's quantile)."""
        if standard_error is None:
            return cls(value, None, None, None)
        reach = replications.student(count) * standard_error
        return cls(value, float(standard_error), float(value - reach), float(value + reach))

    def to_dict(self) -> dict[str, float | None]:
        """The same as plain data."""
        return {"value": self.value, "standard_error": self.standard_error, "low": self.low, "high": self.high}


def mean(values: np.ndarray, *, scrambled: bool) -> Estimate:
    """Mean of values, one a path.

    Parameters
    ----------
    values
        Shape (paths,).
    scrambled
        Whether paths are quasi-random: path i then belongs to scrambling i modulo their number.
    """
    value = float(values.mean())
    if scrambled:
        return Estimate.of(value, replications.standard_error(_table(values).mean(axis=0)), SCRAMBLINGS)
    if len(values) < 2:
        return Estimate.of(value, None, 1)
    return Estimate.of(value, float(values.std(ddof=1)) / np.sqrt(len(values)), len(values))


def shortfall_terms(losses: np.ndarray, level: float) -> np.ndarray:
    """Values, one a path, whose mean is the expected shortfall: the quantile and the excess over it, scaled.

    Parameters
    ----------
    losses
        Shape (paths,).

    Returns
    -------
    ndarray, shape (paths,)
        Since the expected shortfall is least in the quantile (Rockafellar and Uryasev 2000, theorem 1), the quantile's
        own error adds nothing to the first order: the spread of these values is the error.
    """
    at_risk = quantile(losses, level)
    terms: np.ndarray = at_risk + np.maximum(losses - at_risk, 0.0) / (1 - level)
    return terms


def quantile(losses: np.ndarray, level: float) -> float:
    """Quantile of losses, shape (paths,): the smallest value whose share of paths up to it reaches the level."""
    rank = quantile_rank(len(losses), level) - 1
    return float(np.partition(losses, rank)[rank])


def shortfall_difference(base: np.ndarray, other: np.ndarray, level: float, *, scrambled: bool) -> Estimate:
    """Expected shortfall of the other less that of the base, both of shape (paths,)."""
    found = mean(shortfall_terms(other, level) - shortfall_terms(base, level), scrambled=scrambled)
    beyond = len(base) - quantile_rank(len(base), level)
    return found if beyond >= LEAST_TAIL else Estimate.of(found.value, None, 1)


def quantile_difference(base: np.ndarray, other: np.ndarray, level: float, *, scrambled: bool) -> Estimate:
    """Quantile of the other less that of the base, both of shape (paths,).

    Notes
    -----
    The error is read by sectioning (Asmussen and Glynn 2007, section III.5a): how far the differences within sections
    of paths lie from the difference of all. Quasi-random paths have their scramblings as sections.
    """
    value = quantile(other, level) - quantile(base, level)
    sections = SCRAMBLINGS if scrambled else SECTIONS
    size = len(base) // sections
    if size * (1 - level) < LEAST_OF_A_SECTION:
        return Estimate.of(value, None, 1)
    rank = quantile_rank(size, level) - 1
    by_section = [
        np.partition(losses[: size * sections].reshape(size, sections), rank, axis=0)[rank] for losses in (base, other)
    ]
    off = by_section[1] - by_section[0] - value
    error = float(np.sqrt((off * off).sum() / (sections - 1) / sections))
    return Estimate.of(value, error, sections)


def _table(values: np.ndarray) -> np.ndarray:
    """Values by path of a scrambling and scrambling; shape (paths,) to (paths / scramblings, scramblings)."""
    return values.reshape(-1, SCRAMBLINGS)
