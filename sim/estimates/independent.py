"""Risk measures of independent paths, each with its error (``docs/model.md``, section 7).

Pure functions of arrays of values, one a path. Ranks are found with the level as a decimal, so that no rounding of
binary numbers moves them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

CONFIDENCE = 0.95
"""Of every interval that is published."""

HONEST_TAIL = 1000
"""Paths in the tail from which on the standard error of an expected shortfall is honest."""

JUMP = 1.5
"""How much larger an error may be with the quantile elsewhere within its interval, before that is a jump."""

SELDOM = 0.1
"""Share of paths that decide a mean below which it is decided seldom; of an exponential law it is 1 in 8."""

FEW = 100
"""Paths that decide a mean, below which one more or less is allowed for in its error."""

LEAST_TAIL = 100
"""Paths in the tail below which no standard error of an expected shortfall is given."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of values; those of parts merge into those of the whole.

    Attributes
    ----------
    count, mean
        How many, and their mean.
    squares, cubes
        Sums of the second and third powers of their deviations from it.
    """

    count: int
    mean: float
    squares: float
    cubes: float

    @classmethod
    def of(cls, values: np.ndarray) -> Moments:
        """Moments of values, shape (n,)."""
        mean = float(values.mean())
        deviations = values - mean
        squares = deviations * deviations
        return cls(len(values), mean, float(squares.sum()), float((squares * deviations).sum()))

    @classmethod
    def of_rows(cls, values: np.ndarray) -> tuple[Moments, ...]:
        """Moments of each row of values, shape (rows, n)."""
        means = values.mean(axis=1)
        deviations = values - means[:, np.newaxis]
        powers = deviations * deviations
        squares = powers.sum(axis=1)
        powers *= deviations
        found = zip(means.tolist(), squares.tolist(), powers.sum(axis=1).tolist(), strict=True)
        return tuple(cls(values.shape[1], *row) for row in found)

    @classmethod
    def merged(cls, parts: Iterable[Moments]) -> Moments:
        """Moments of all parts together: powers of deviations about another mean, by the binomial theorem."""
        parts = list(parts)
        count = sum(part.count for part in parts)
        mean = math.fsum(part.count * part.mean for part in parts) / count
        squares, cubes = [], []
        for part in parts:
            n, off = part.count, part.mean - mean
            squares.append(part.squares + n * off**2)
            cubes.append(part.cubes + 3 * off * part.squares + n * off**3)
        return cls(count, mean, math.fsum(squares), math.fsum(cubes))

    @property
    def worth(self) -> float:
        """What one path more or less, of those that decide the spread, adds to a sum of the values.

        Of values that are 0 or L it is L, however seldom they are L: with the chance p of it, the third moment over the
        second is L (1 - 2 p) and the variance L² p (1 - p), so that L² is the square of the one and four times the
        other. Of a normal law it is two standard deviations.
        """
        if self.squares == 0:
            return 0.0
        return math.hypot(self.cubes / self.squares, 2 * math.sqrt(self.squares / self.count))

    @property
    def standard_error(self) -> float | None:
        """Standard error of the mean; None for a single value.

        Where the values are seldom anything but the same, and fewer than :data:`FEW` paths decide their spread, one
        more is granted: by chance it may not have been met.
        """
        if self.count < 2:
            return None
        deciding = self.squares / self.worth**2 if self.squares > 0 else 0.0
        few = deciding < min(FEW, SELDOM * self.count)
        return math.sqrt((self.squares + few * self.worth**2) / (self.count - 1) / self.count)


@dataclass(frozen=True, slots=True)
class Tail:
    """Revenue at risk and expected shortfall at a level, with their errors.

    ``low`` and ``high`` bound a 95 % interval of the revenue at risk, None where no order statistic does; ``paths`` is
    the number of paths beyond it; ``approximate`` says that they are too few for an honest standard error.
    """

    level: float
    revenue_at_risk: float
    low: float | None
    high: float | None
    expected_shortfall: float
    standard_error: float | None
    paths: int

    @property
    def approximate(self) -> bool:
        """Whether the tail is too thin for an honest standard error."""
        return self.paths < HONEST_TAIL


def quantile_rank(count: int, level: float) -> int:
    """Rank (1 is the smallest) of the smallest value whose cumulative weight reaches the level (section 7)."""
    return max(1, math.ceil(count * Fraction(repr(float(level)))))


def quantile_interval_ranks(count: int, level: float) -> tuple[int | None, int | None]:
    """Ranks whose values bound the quantile with 95 % confidence, from the binomial law of how many lie below it.

    Returns
    -------
    low, high
        None where even the smallest or the largest value does not bound it.

    Notes
    -----
    Distribution-free (David and Nagaraja, Order Statistics, 3rd ed., section 7.1); wider where the law has atoms.
    """
    from scipy.special import bdtr

    outside = (1 - CONFIDENCE) / 2

    def at_most(k: int) -> float:
        return float(bdtr(k, count, level)) if k >= 0 else 0.0

    # The value of rank l is above the quantile only if fewer than l values lie at or below it.
    low = _last_true(lambda rank: at_most(rank - 1) <= outside, 0, count)
    high = _last_true(lambda rank: at_most(rank - 1) < 1 - outside, 0, count + 1) + 1
    return (low or None), (high if high <= count else None)


def tails(values: np.ndarray, levels: Sequence[float]) -> list[Tail]:
    """Revenue at risk and expected shortfall at each level, exact order statistics of the values.

    Parameters
    ----------
    values
        Losses of independent paths, shape (paths,).
    levels
        Levels in (0, 1).

    Returns
    -------
    list of Tail

    Notes
    -----
    The shortfall counts the atom at the quantile with its excess share only (Acerbi and Tasche 2002, eq. 4.1); its
    standard error is that of the influence function, Var[(L - RaR)+ / (1 - level)] / paths. Beside an atom the quantile
    may as well be another value within its interval, with which the error would be quite another: then the largest.
    """
    count = len(values)
    ranks = {level: (quantile_rank(count, level), *quantile_interval_ranks(count, level)) for level in levels}
    wanted = sorted({rank - 1 for found in ranks.values() for rank in found if rank is not None})
    ordered = np.partition(values, wanted)
    result = []
    for level, (rank, low, high) in ranks.items():
        at_risk = float(ordered[rank - 1])
        excess = ordered[rank:] - at_risk
        tail = count * (1 - level)
        shortfall = at_risk + float(excess.sum()) / tail
        ends = [ordered[end:] - ordered[end - 1] for end in (low, high) if end is not None]
        result.append(
            Tail(
                level=level,
                revenue_at_risk=at_risk,
                low=None if low is None else float(ordered[low - 1]),
                high=None if high is None else float(ordered[high - 1]),
                expected_shortfall=shortfall,
                standard_error=cautious([_shortfall_error(part, count, level) for part in (excess, *ends)])
                if count - rank >= LEAST_TAIL
                else None,
                paths=count - rank,
            )
        )
    return result


def cautious(errors: Sequence[float]) -> float:
    """The first error, unless others that were as likely to be found are much larger."""
    return max(errors) if max(errors) > JUMP * errors[0] else errors[0]


def _shortfall_error(excess: np.ndarray, count: int, level: float) -> float:
    scaled = excess / (1 - level)
    mean = float(scaled.sum()) / count
    variance = float((scaled * scaled).sum()) / count - mean * mean
    return math.sqrt(max(0.0, variance) / count)


def thin_tail(paths: int, levels: Iterable[float]) -> str | None:
    """Say which levels have tails too thin for an honest error (``docs/trust.md``); None where none has."""
    beyond = {level: paths - quantile_rank(paths, level) for level in levels}
    thin = [f"{count:,} beyond {100 * level:g} %" for level, count in beyond.items() if count < HONEST_TAIL]
    if not thin:
        return None
    return f"Errors are approximate where fewer than {HONEST_TAIL:,} paths are in the tail: {', '.join(thin)}."


def share_interval(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a probability from ``hits`` in ``count`` independent paths (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    outside = (1 - CONFIDENCE) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, count - hits + 1, outside))
    high = 1.0 if hits == count else float(betaincinv(hits + 1, count - hits, 1 - outside))
    return low, high


def never_met(count: int) -> float:
    """Chance up to which nothing is said by its not being met on so many independent paths, with 95 % confidence."""
    return share_interval(0, count)[1]


def exceedance(values: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Loss exceedance: the share of paths whose loss is above each threshold, shape as ``thresholds``."""
    ordered = np.sort(values)
    above: np.ndarray = 1 - np.searchsorted(ordered, thresholds, side="right") / len(values)
    return above


def _last_true(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Largest number in [low, high) for which a condition holds that holds up to some number, low at least."""
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
