"""Laws given by numbers a month: a fixed one, a table of atoms, a schedule of yearly hazards, chances at renewals."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import ClassVar

import numpy as np

from sim.scenario.laws.law import Captions, FloatArray, Law, Write, three_digits


@dataclass(frozen=True, slots=True)
class Fixed(Law):
    """Always ``value``, in months or as a share."""

    key: ClassVar[str] = "fixed"
    captions: ClassVar[Captions] = {"": ("{0}, months", "{0}")}

    value: float

    def in_words(self, amount: Write, bare: Write) -> str:
        """Its value."""
        return amount(self.value)

    def survival(self, x: float) -> float:
        """P(X > x)."""
        return 1.0 if x < self.value else 0.0

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        return 0.0 if x < self.value else 1.0

    def mean(self) -> float:
        """E[X] = value."""
        return float(self.value)

    @property
    def lowest(self) -> float:
        """``value``."""
        return float(self.value)

    @property
    def highest(self) -> float:
        """``value``."""
        return float(self.value)

    def _quantile(self, u: FloatArray) -> FloatArray:
        return np.full(u.shape, float(self.value))


@dataclass(frozen=True, slots=True)
class Table(Law):
    """One of finitely many values, each with its probability.

    Parameters
    ----------
    values : tuple of float
        Ascending, without repeats, in months or as shares.
    weights : tuple of float
        Their probabilities. They are taken in proportion to their sum, which the scenario's checks hold to 1.
    """

    key: ClassVar[str] = "table"
    captions: ClassVar[Captions] = {"*": ("Probability of a {0} of {1} months", "Probability of a {0} of {1}")}

    values: tuple[float, ...]
    weights: tuple[float, ...]
    _up_to: tuple[float, ...] = field(init=False, repr=False, compare=False)  # P(X <= values[i])
    _beyond: tuple[float, ...] = field(init=False, repr=False, compare=False)  # P(X > values[i])

    def __post_init__(self) -> None:
        total = math.fsum(self.weights)
        # Summed from its own end, either tail keeps its small probabilities and ends at 0 exactly.
        from_above = list(accumulate(reversed(self.weights), initial=0.0))[-2::-1]
        beyond = tuple(min(weight / total, 1.0) for weight in from_above)
        from_below = accumulate(self.weights)
        up_to = (
            min(weight / total, 1.0) if left > 0.0 else 1.0 for weight, left in zip(from_below, beyond, strict=True)
        )
        object.__setattr__(self, "_beyond", beyond)
        object.__setattr__(self, "_up_to", tuple(up_to))

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its ends and its mean."""
        average = bare(three_digits(self.mean()))
        return f"{bare(self.lowest)} to {amount(self.highest)}, {average} on average (by a table)"

    def survival(self, x: float) -> float:
        """P(X > x)."""
        i = bisect_right(self.values, x) - 1
        return self._beyond[i] if i >= 0 else 1.0

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        i = bisect_right(self.values, x) - 1
        return self._up_to[i] if i >= 0 else 0.0

    def mean(self) -> float:
        """E[X]."""
        return math.fsum(v * w for v, w in zip(self.values, self.weights, strict=True)) / math.fsum(self.weights)

    @property
    def lowest(self) -> float:
        """The first value that has a probability above 0."""
        return float(next(v for v, w in zip(self.values, self.weights, strict=True) if w > 0.0))

    @property
    def highest(self) -> float:
        """The last value that has a probability above 0."""
        return float(next(v for v, w in zip(reversed(self.values), reversed(self.weights), strict=True) if w > 0.0))

    @property
    def cumulative(self) -> FloatArray:
        """P(X <= value) for each of ``values``; the last is 1 exactly."""
        return np.array(self._up_to)

    def _quantile(self, u: FloatArray) -> FloatArray:
        found: FloatArray = np.array(self.values, dtype=np.float64)[np.searchsorted(self.cumulative, u, side="left")]
        return found


@dataclass(frozen=True, slots=True)
class Hazard(Law):
    """A schedule of yearly probabilities to arise, given not before (``docs/model.md`` section 3).

    In continuous time the rate is -ln(1-h)/12 a month from the month of each date until the next, the last for good,
    and 0 before the first. X is counted from month 0, where X > 0 is known: of steps before it, the last one matters.

    Parameters
    ----------
    steps : tuple of (int, float)
        Month number and yearly probability h in [0, 1), ascending by month.
    """

    key: ClassVar[str] = "hazard"
    captions: ClassVar[Captions] = {
        "*": ("Probability to arise within a year, from {1} on", "Probability to arise within a year, from {1} on")
    }

    steps: tuple[tuple[int, float], ...]
    _starts: tuple[float, ...] = field(init=False, repr=False, compare=False)  # of pieces of constant rate, from 0
    _rates: tuple[float, ...] = field(init=False, repr=False, compare=False)  # a month, in each piece
    _before: tuple[float, ...] = field(init=False, repr=False, compare=False)  # cumulative hazard at each start

    def __post_init__(self) -> None:
        rate_from = {0.0: 0.0}
        for month, h in self.steps:
            rate_from[float(max(month, 0))] = -math.log1p(-h) / 12.0
        starts, rates = tuple(rate_from), tuple(rate_from.values())
        pieces = (rate * (end - start) for rate, start, end in zip(rates, starts, starts[1:], strict=False))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_rates", rates)
        object.__setattr__(self, "_before", tuple(accumulate(pieces, initial=0.0)))

    def _cumulative_hazard(self, x: float) -> float:
        """The integral of the rate from 0 to x >= 0."""
        i = bisect_right(self._starts, x) - 1
        return self._before[i] + self._rates[i] * (x - self._starts[i])

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its steps; their dates are the scenario's to tell."""
        return f"a yearly chance by date, in {len(self.steps)} step{'s' if len(self.steps) > 1 else ''} (hazard)"

    def survival(self, x: float) -> float:
        """P(X > x)."""
        return 1.0 if x <= 0.0 else math.exp(-self._cumulative_hazard(x))

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        return 0.0 if x <= 0.0 else -math.expm1(-self._cumulative_hazard(x))

    def mean(self) -> float:
        """E[X], the integral of the survival; ``inf`` where the last rate is 0."""
        if self._rates[-1] == 0.0:
            return math.inf
        parts = [math.exp(-self._before[-1]) / self._rates[-1]]
        for i, rate in enumerate(self._rates[:-1]):
            length = self._starts[i + 1] - self._starts[i]
            within = -math.expm1(-rate * length) / rate if rate > 0.0 else length
            parts.append(math.exp(-self._before[i]) * within)
        return math.fsum(parts)

    @property
    def lowest(self) -> float:
        """Where the rate is first above 0; ``inf`` where it never is."""
        return next((start for start, rate in zip(self._starts, self._rates, strict=True) if rate > 0.0), math.inf)

    @property
    def highest(self) -> float:
        """Infinity, also where the last rate is 0 and what has not happened by then never will."""
        return math.inf

    def _quantile(self, u: FloatArray) -> FloatArray:
        target = -np.log1p(-u)
        before, rates = np.array(self._before), np.array(self._rates)
        i = np.searchsorted(before[1:], target, side="left")
        # A piece without a rate is never found but as the last: what is still missing there never comes.
        found: FloatArray = np.array(self._starts)[i] + (target - before[i]) / rates[i]
        return found


@dataclass(frozen=True, slots=True)
class AtRenewal(Law):
    """A chance at each of some months, given not before: at those by which notice for a renewal is due (section 3).

    What has not happened by the last of them never will.

    Parameters
    ----------
    chances : tuple of (int, float)
        Month number, above 0, and the probability to arise in it, ascending by month.
    """

    key: ClassVar[str] = "at_renewal"
    captions: ClassVar[Captions] = {
        "": ("Probability to leave at a renewal", "Probability to leave at a renewal"),
        "*": ("Probability to leave at a renewal, from {1} on", "Probability to leave at a renewal, from {1} on"),
    }

    chances: tuple[tuple[int, float], ...]
    _left: tuple[float, ...] = field(init=False, repr=False, compare=False)  # P(X > month) after each

    def __post_init__(self) -> None:
        left = accumulate((1.0 - chance for _, chance in self.chances), lambda a, b: a * b)
        object.__setattr__(self, "_left", tuple(left))

    def in_words(self, amount: Write, bare: Write) -> str:
        """By how many renewals there are; the chances are the scenario's to tell."""
        return f"a chance at each of {len(self.chances)} renewals"

    def survival(self, x: float) -> float:
        """P(X > x)."""
        i = bisect_right(self.chances, x, key=lambda chance: chance[0]) - 1
        return self._left[i] if i >= 0 else 1.0

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        return 1.0 - self.survival(x)

    def mean(self) -> float:
        """E[X]; ``inf`` where it may never happen."""
        if not self.chances or self._left[-1] > 0.0:
            return math.inf
        before = (1.0, *self._left)
        return math.fsum(month * (before[i] - self._left[i]) for i, (month, _) in enumerate(self.chances))

    @property
    def lowest(self) -> float:
        """The first month with a chance above 0; ``inf`` where there is none."""
        return next((float(month) for month, chance in self.chances if chance > 0.0), math.inf)

    @property
    def highest(self) -> float:
        """Infinity, unless it surely happens at one of them."""
        certain = next((float(month) for month, chance in self.chances if chance == 1.0), math.inf)
        return certain

    def _quantile(self, u: FloatArray) -> FloatArray:
        months = np.array([*(float(month) for month, _ in self.chances), math.inf])
        found: FloatArray = months[np.searchsorted(1.0 - np.array(self._left), u, side="left")]
        return found
