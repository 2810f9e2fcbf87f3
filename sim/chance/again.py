"""When an event that is over comes again: months decided on integers, from any month on (``docs/model.md``, section 3).

A delay is counted from the last month in which the event was in effect. By most laws it is the same from each; a
schedule goes by dates, so that each month has a table of its own, made when it is first asked for.
"""

from __future__ import annotations

import functools

import numpy as np

from sim.scenario.laws import NEVER, SCALE, Hazard, Law, counted_anew, first_month, month_thresholds
from sim.scenario.parts import Delay


def again_thresholds(timing: Delay, probability: float, since: int, months: int) -> np.ndarray:
    """Integers that decide whether and when an event comes again, by months after the one that it is counted from.

    Parameters
    ----------
    since
        The month that it is counted from: only a schedule, which goes by dates, depends on it.
    """
    return _thresholds(counted_anew(timing.law, since), probability, months)


@functools.lru_cache(maxsize=4096)
def _thresholds(law: Law, probability: float, months: int) -> np.ndarray:
    return month_thresholds(law, 0, 0, months, probability)


class ByDate:
    """A schedule's thresholds from each month on, in one ascending table: the months of all paths are one search.

    A row's words are moved up by as many times the scale as its month, so that they fall between its own thresholds.
    """

    def __init__(self, timing: Delay, probability: float, months: int) -> None:
        self._timing, self._probability, self._months = timing, probability, months
        moved = np.arange(months, dtype=np.uint64)[:, np.newaxis] * np.uint64(SCALE)
        self._table = np.repeat(moved, months, axis=1)
        self._made = np.zeros(months, dtype=bool)

    def first_months(self, since: np.ndarray, words: np.ndarray) -> np.ndarray:
        """By how many months after the one that it is counted from each word's event comes; NEVER for none."""
        for month in np.unique(since[~self._made[since]]).tolist():
            thresholds = again_thresholds(self._timing, self._probability, month, self._months)
            self._table[month] = thresholds.astype(np.uint64) + np.uint64(month * SCALE)
            self._made[month] = True
        moved = since.astype(np.uint64) * np.uint64(SCALE) + words.astype(np.uint64)
        found = np.searchsorted(self._table.reshape(-1), moved, side="right") - since * self._months
        return np.where(found < self._months, found, NEVER)


@functools.lru_cache(maxsize=8)
def _by_date(timing: Delay, probability: float, months: int) -> ByDate:
    return ByDate(timing, probability, months)


def first_months_again(
    timing: Delay, probability: float, months: int, since: np.ndarray, words: np.ndarray
) -> np.ndarray:
    """Months in which an event comes another time, NEVER where it does not within the horizon.

    Parameters
    ----------
    months
        The horizon.
    since
        Months within it that they are counted from, by path.
    words
        What decides, by path.
    """
    if isinstance(timing.law, Hazard):
        ahead = _by_date(timing, probability, months).first_months(since, words)
    else:
        ahead = first_month(again_thresholds(timing, probability, 0, months), words)
    found = since + ahead
    return np.where(found < months, found, NEVER)
