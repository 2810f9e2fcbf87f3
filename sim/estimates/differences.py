"""Differences between scenarios on common draws, each with its error: path i of one against path i of the other.

What two scenarios share cancels path by path, so that a difference is known far better than the values it is made of.
"""

from __future__ import annotations

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.estimate import Estimate
from sim.estimates.independent import JUMP, LEAST_TAIL, Moments, quantile_interval_ranks, quantile_rank

SECTIONS = 32
"""Sections of independent paths from which the error of a difference of quantiles is read."""

LEAST_OF_A_SECTION = 5
"""Paths beyond the quantile that each section must have on average."""

ROUNDING = 1e-9
"""Part of the losses compared below which they differ by rounding alone."""


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
        return Estimate.of(value, replications.error_of_mean(_table(values)), SCRAMBLINGS)
    if len(values) < 2:
        return Estimate.of(value, None, 1)
    return Estimate.of(value, Moments.of(values).standard_error, len(values))


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
    return terms_beyond(losses, quantile(losses, level), level)


def terms_beyond(losses: np.ndarray, at_risk: float, level: float) -> np.ndarray:
    """The same with another value in place of the quantile."""
    terms: np.ndarray = at_risk + np.maximum(losses - at_risk, 0.0) / (1 - level)
    return terms


def quantile(losses: np.ndarray, level: float) -> float:
    """Quantile of losses, shape (paths,): the smallest value whose share of paths up to it reaches the level."""
    return _value_of_rank(losses, quantile_rank(len(losses), level))


def _value_of_rank(losses: np.ndarray, rank: int) -> float:
    return float(np.partition(losses, rank - 1)[rank - 1])


def shortfall_difference(base: np.ndarray, other: np.ndarray, level: float, *, scrambled: bool) -> Estimate:
    """Expected shortfall of the other less that of the base, both of shape (paths,)."""
    found = mean(shortfall_terms(other, level) - shortfall_terms(base, level), scrambled=scrambled)
    if len(base) - quantile_rank(len(base), level) < LEAST_TAIL:
        return Estimate.of(found.value, None, 1)
    # Beside an atom the quantiles may as well be others within their ranks, with which the difference and its error are
    # others: the interval takes these in. Elsewhere they hardly differ.
    others = []
    for rank in _ranks_within_reach(base, other, level, scrambled=scrambled):
        before, after = (terms_beyond(losses, _value_of_rank(losses, rank), level) for losses in (base, other))
        others.append(mean(after - before, scrambled=scrambled))
    ends = [(one.low, one.high) for one in (found, *others) if one.low is not None and one.high is not None]
    low, high = min(end for end, _ in ends), max(end for _, end in ends)
    return _widened(found, low, high, SCRAMBLINGS if scrambled else len(base))


def quantile_difference(base: np.ndarray, other: np.ndarray, level: float, *, scrambled: bool) -> Estimate:
    """Quantile of the other less that of the base, both of shape (paths,).

    Notes
    -----
    The error is read by sectioning (Asmussen and Glynn 2007, section III.5a): how far the differences within sections
    of paths lie from the difference of all. Quasi-random paths have their scramblings as sections.

    Sectioning takes the quantiles for smooth in the level. Beside an atom or on a lattice they jump: most sections then
    agree on one side, and would call that certain. So the interval also takes in the differences at all ranks that the
    quantile may have; where these range much further than sectioning says, every pair of values that the two quantiles
    may have by themselves. The error is what makes it that wide.
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
    found = Estimate.of(value, float(np.sqrt((off * off).sum() / (sections - 1) / sections)), sections)
    return _with_jumps(found, base, other, level, scrambled=scrambled)


def _with_jumps(found: Estimate, base: np.ndarray, other: np.ndarray, level: float, *, scrambled: bool) -> Estimate:
    """The difference of quantiles that sectioning found, with a wider interval where the quantiles may jump."""
    assert found.low is not None
    assert found.high is not None
    sections = SCRAMBLINGS if scrambled else SECTIONS
    first, stop = _ranks_within_reach(base, other, level, scrambled=scrambled)
    start = first - 1
    before, after = (np.sort(np.partition(losses, [start, stop - 1])[start:stop]) for losses in (base, other))
    rounding = ROUNDING * float(max(np.abs(before).max(), np.abs(after).max()))
    differences = after - before
    if float(np.ptp(differences)) <= JUMP * (found.high - found.low) + rounding:
        return _widened(found, float(differences.min()), float(differences.max()), sections)
    return _widened(found, float(after[0] - before[-1]), float(after[-1] - before[0]), sections)


def _widened(found: Estimate, low: float, high: float, count: int) -> Estimate:
    """The estimate with an interval that takes in another; its error is what makes it that wide."""
    assert found.low is not None
    assert found.high is not None
    low, high = min(found.low, low), max(found.high, high)
    error = max(found.value - low, high - found.value) / replications.student(count)
    return Estimate(found.value, error, low, high)


def _ranks_within_reach(base: np.ndarray, other: np.ndarray, level: float, *, scrambled: bool) -> tuple[int, int]:
    """Lowest and highest rank that the quantile may have with 95 % confidence; the ends where nothing bounds it."""
    count = len(base)
    if scrambled:
        reach = [replications.quantile_reach(_table(losses), quantile(losses, level)) for losses in (base, other)]
        below, beyond = (max(ends) for ends in zip(*reach, strict=True))
        first, last = (quantile_rank(count, end) if 0 < end < 1 else None for end in (level - below, level + beyond))
    else:
        first, last = quantile_interval_ranks(count, level)
    return 1 if first is None else first, count if last is None else last


def _table(values: np.ndarray) -> np.ndarray:
    """Values by path of a scrambling and scrambling; shape (paths,) to (paths / scramblings, scramblings)."""
    return values.reshape(-1, SCRAMBLINGS)
