"""From laws to whole months: probabilities by month, and months decided on integers.

A word is an integer uniform on [0, 2**53). Months come out of comparing words with tables of integers, so that a last
bit in which two processors differ can move a table's entry by one word but never makes two engines disagree on it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.scenario.laws.law import FloatArray, Law
from sim.scenario.laws.stepwise import Fixed, Hazard, Table

IntArray = NDArray[np.int64]

UNIFORM_BITS = 53
SCALE = 2**UNIFORM_BITS
NEVER: int = 2**30
"""The month number of what never happens; far enough from 2**63 that durations can be added to it."""

_TABLE_END = 4096  # months: more than three times the longest horizon
_HALF_WORD = 0.5 / SCALE
_BELOW_ONE = 1.0 - 1.0 / SCALE


def is_exhausted(law: Law, counted_from: int, known: int) -> bool:
    """Whether nothing is left of a law, given that its event has not arisen by the month ``known``.

    Parameters
    ----------
    law : Law
        Of the delay, in months.
    counted_from, known : int
        Month numbers f and kappa of ``docs/model.md`` section 3.

    Returns
    -------
    bool
        True where P(f + X > kappa) is 0 in double precision. A law that can never happen is not exhausted.
    """
    return law.survival(known - counted_from) == 0.0


def _still_to_come(law: Law, counted_from: int, known: int, months: int) -> FloatArray:
    """P(not arisen by month s | not arisen by ``known``) for s = known .. months - 1; the first is 1."""
    given = law.survival(known - counted_from)
    if given == 0.0:
        raise ValueError(
            f"nothing is left of {law!r} from month {counted_from} on, given that it is later than {known}"
        )
    left = np.array([law.survival(s - counted_from) for s in range(known, months)]) / given
    # A library's erfc or incomplete gamma may rise by a last bit from one month to the next; a survival does not.
    return np.minimum.accumulate(left)


def month_weights(law: Law, counted_from: int, known: int, months: int, probability: float = 1.0) -> FloatArray:
    """Probabilities of an event's own month, from the law of its delay (``docs/model.md`` sections 3 and 8).

    Parameters
    ----------
    law : Law
        Of the delay X > 0, in months.
    counted_from : int
        The month number f from which X is counted; may be negative, or later than ``known``.
    known : int
        The month number kappa >= 0 by which the event is known not to have arisen.
    months : int
        The horizon T.
    probability : float
        That the event arises by itself at all, p.

    Returns
    -------
    ndarray of float64, shape (months + 1,)
        P(own month = s) for s = 0 .. T-1, p [S(s-1-f) - S(s-f)] / S(kappa-f) with S the survival and 0 up to kappa;
        the last entry is never, within the horizon. They sum to 1.

    Raises
    ------
    ValueError
        Where the law is exhausted by ``known``.
    """
    left = _still_to_come(law, counted_from, known, months)
    weights = np.zeros(months + 1)
    weights[known + 1 : months] = probability * (left[:-1] - left[1:])
    weights[months] = (1.0 - probability) + probability * (left[-1] if left.size else 1.0)
    return weights


def month_thresholds(law: Law, counted_from: int, known: int, months: int, probability: float) -> IntArray:
    """Integers that turn one word into an event's own month (``docs/model.md`` section 3).

    The event arises in the first month s with ``word < t[s]``. On the same word a larger probability, or a law that is
    stochastically earlier once conditioned, never gives a later month.

    Parameters
    ----------
    law, counted_from, known, months, probability
        As in :func:`month_weights`.

    Returns
    -------
    ndarray of int64, shape (months,)
        t[s] = P(own month <= s) * 2**53, rounded: non-decreasing from 0 (not by then) to at most 2**53 (for certain).

    Raises
    ------
    ValueError
        Where the law is exhausted by ``known``.
    """
    left = _still_to_come(law, counted_from, known, months)
    thresholds = np.zeros(months, dtype=np.int64)
    thresholds[known:] = np.rint(probability * (1.0 - left) * SCALE)
    return thresholds


def counted_anew(law: Law, since: int) -> Law:
    """A law of delays as it is counted from another month: a schedule keeps its dates, any other law is the same."""
    if not isinstance(law, Hazard):
        return law
    return Hazard(tuple((month - since, chance) for month, chance in law.steps))


def at_month_thresholds(month: int, months: int, probability: float) -> IntArray:
    """As :func:`month_thresholds`, for a month that is given: 0 before ``month``, the probability from it on."""
    chance = np.where(np.arange(months) >= month, probability, 0.0)
    thresholds: IntArray = np.rint(chance * SCALE).astype(np.int64)
    return thresholds


def first_month(thresholds: IntArray, words: ArrayLike) -> IntArray:
    """The month in which each word's event arises.

    Parameters
    ----------
    thresholds : ndarray of int64, shape (months,)
        From :func:`month_thresholds` or :func:`at_month_thresholds`.
    words : array_like of int
        Uniform on [0, 2**53), of any shape.

    Returns
    -------
    ndarray of int64
        Of the shape of ``words``: the first s with word < thresholds[s], ``NEVER`` where there is none.
    """
    found = np.searchsorted(thresholds, np.asarray(words, dtype=np.int64), side="right")
    return np.where(found < len(thresholds), found, NEVER).astype(np.int64)


class _MonthTable:
    """Thresholds of a law's whole months, worked out as far as words have asked for them."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._chances: list[float] = []
        self._growing = Lock()
        self._ends = isinstance(law, Table)
        if isinstance(law, Table):
            self.thresholds = np.rint(law.cumulative * SCALE).astype(np.int64)
            self.months = np.array([math.ceil(min(value, NEVER)) for value in law.values], dtype=np.int64)
        else:
            self.thresholds = self.months = np.zeros(0, dtype=np.int64)

    def up_to(self, word: int) -> tuple[IntArray, IntArray]:
        """Thresholds and the months below each of them, at least as far as a word; the last threshold is above it.

        From the last threshold on, where a word is not below it, the month is beyond the table.
        """
        with self._growing:
            if not self._ends and not (len(self.thresholds) and word < self.thresholds[-1]):
                self._grow(word)
            return self.thresholds, self.months

    def _grow(self, word: int) -> None:
        chances = self._chances
        for k in range(len(chances), _TABLE_END + 1):
            if self._law.survival(k) < _HALF_WORD:
                chances.append(1.0)
                self._ends = True
                break
            chances.append(max(self._law.cdf(k), chances[-1] if chances else 0.0))
            if word < round(chances[-1] * SCALE):
                break
        else:
            self._ends = True
        self.thresholds = np.rint(np.array(chances) * SCALE).astype(np.int64)
        self.months = np.arange(len(chances), dtype=np.int64)
        self.thresholds.flags.writeable = self.months.flags.writeable = False


_month_table = lru_cache(maxsize=256)(_MonthTable)


def whole_months(law: Law, words: ArrayLike) -> IntArray:
    """A delay or duration in whole months, rounded up, decided on integers (``docs/model.md`` section 3).

    Parameters
    ----------
    law : Law
        Of X, in months.
    words : array_like of int
        Uniform on [0, 2**53), of any shape.

    Returns
    -------
    ndarray of int64
        Of the shape of ``words``: the smallest whole k with word < P(X <= k) * 2**53 (rounded), at most ``NEVER``.
    """
    drawn = np.asarray(words, dtype=np.int64)
    if isinstance(law, Fixed):
        return np.full(drawn.shape, math.ceil(min(law.value, NEVER)), dtype=np.int64)
    thresholds, months = _month_table(law).up_to(int(drawn.max(initial=0)))
    found = np.asarray(np.searchsorted(thresholds, drawn, side="right"))
    inside = found < len(months)
    result = months[np.minimum(found, len(months) - 1)]
    if not inside.all():
        beyond = np.ceil(np.clip(values(law, drawn), _TABLE_END + 1, NEVER))
        result = np.where(inside, result, beyond)
    return result.astype(np.int64)


def values(law: Law, words: ArrayLike) -> FloatArray:
    """Real values of a law, as a share ``to`` takes them: the quantile in the middle of each word.

    Parameters
    ----------
    law : Law
        Of any unit.
    words : array_like of int
        Uniform on [0, 2**53), of any shape.

    Returns
    -------
    ndarray of float64
        quantile((word + 0.5) / 2**53), of the shape of ``words``.
    """
    # In the upper half the 0.5 is lost to rounding, which must not turn the last word into the level 1.
    levels = np.minimum((np.asarray(words, dtype=np.int64) + 0.5) / SCALE, _BELOW_ONE)
    return np.asarray(law.quantile(levels), dtype=np.float64)
