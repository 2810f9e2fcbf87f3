"""Quantiles by month of any number of paths in bounded memory: values counted in bins of equal relative width.

A value's bin is read off the leading bits of the number as the processor keeps it: its exponent and the first bits of
its fraction. Counts are whole numbers, so that bins merge exactly in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRACTION_BITS = 10
"""Bits of a value's fraction that its bin keeps: bins of a relative width of 2**-10, within 0.1 %."""

OCTAVES = 40
"""A month's values below 2**-40 of its largest count as zero."""

_SHIFT = 52 - FRACTION_BITS
_SPAN = OCTAVES << FRACTION_BITS
_SPARE = 1 << FRACTION_BITS - 2


@dataclass(slots=True)
class MonthlyBins:
    """How often the values of each month fell into each bin.

    Attributes
    ----------
    first
        Leading bits of each month's first bin; shape (months,).
    counts
        ``counts[m, 0]`` counts the values of month m that are zero or next to it, ``counts[m, 1 + k]`` those whose
        leading bits are ``first[m] + k``; shape (months, 1 + bins).
    low, high
        Smallest and largest value of each month; shape (months,).
    """

    first: np.ndarray
    counts: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def empty(cls, months: int) -> MonthlyBins:
        """Bins of no values, to add others to."""
        counts = np.zeros((months, 1), dtype=np.int64)
        return cls(np.ones(months, dtype=np.int64), counts, np.full(months, np.inf), np.zeros(months))

    @classmethod
    def of(cls, values: np.ndarray) -> MonthlyBins:
        """Bins of values, not negative, contiguous, shape (months, paths)."""
        low, high = values.min(axis=1), values.max(axis=1)
        bits, first, last = (_leading_bits(numbers) for numbers in (values, low, high))
        # Leading bits of 0 are those of zero and of numbers so small that nothing is left of their fraction.
        least = np.maximum(last - _SPAN, 1)
        some_are_zero = bool((first < least).any())
        if some_are_zero:
            counted = bits >= least[:, np.newaxis]
            first = np.where(counted, bits, np.maximum(last, 1)[:, np.newaxis]).min(axis=1)
        width = 1 + _bins_between(first, last)
        places = width * np.arange(len(values))
        if some_are_zero:
            np.maximum(bits, first[:, np.newaxis] - 1, out=bits)
        bits += (places - (first - 1))[:, np.newaxis]
        counts = np.bincount(bits.ravel(), minlength=width * len(values)).reshape(len(values), width)
        return cls(first, counts, low, high)

    def add(self, other: MonthlyBins) -> None:
        """Count the other's values too."""
        first = np.where(self._holds_any, self.first, other.first)
        first = np.where(other._holds_any, np.minimum(first, other.first), first)
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        bins = _bins_between(self.first, _leading_bits(high))
        if (first < self.first).any() or not self._holds_any.all() or bins >= self.counts.shape[1]:
            # With some bins to spare on either side, for the next paths seldom need more.
            first = np.maximum(first - _SPARE, 1)
            bins = _bins_between(first, _leading_bits(high)) + _SPARE
            grown = MonthlyBins(first, np.zeros((len(first), 1 + bins), dtype=np.int64), low, high)
            grown._count(self)
            self.first, self.counts = grown.first, grown.counts
        self._count(other)
        self.low, self.high = low, high

    @property
    def _holds_any(self) -> np.ndarray:
        """Whether a month holds any values but zeros."""
        return _leading_bits(self.high) >= 1

    def _count(self, other: MonthlyBins) -> None:
        self.counts[:, 0] += other.counts[:, 0]
        places = np.where(other._holds_any, other.first - self.first, 0).tolist()
        for mine, others, place in zip(self.counts[:, 1:], other.counts[:, 1:], places, strict=True):
            # What lies beyond the end are bins of other months: none of them is filled.
            mine[place : place + len(others)] += others[: max(0, len(mine) - place)]

    def quantiles(self, ranks: list[int]) -> np.ndarray:
        """Values of the given ranks (1 is the smallest) in each month, evenly spread within a bin.

        Returns
        -------
        ndarray, shape (ranks, months)
        """
        running = np.cumsum(self.counts, axis=1)
        # Row by row: the first bin up to which the count reaches each rank.
        k = np.array([np.searchsorted(row, ranks) for row in running]).T
        months = np.arange(len(running))
        count = self.counts[months, k]
        place = (np.array(ranks)[:, np.newaxis] - (running[months, k] - count) - 0.5) / count
        edge = np.maximum(self.first + k - 1, 0)
        lower, upper = (edge << _SHIFT).view(np.float64), (edge + 1 << _SHIFT).view(np.float64)
        found: np.ndarray = np.where(k == 0, 0.0, np.clip(lower + place * (upper - lower), self.low, self.high))
        return found


def _leading_bits(values: np.ndarray) -> np.ndarray:
    bits: np.ndarray = values.view(np.int64) >> _SHIFT
    return bits


def _bins_between(first: np.ndarray, last: np.ndarray) -> int:
    """Bins that the widest month needs."""
    return max(0, int((last - first).max()) + 1)
