"""Numbers in doubt: what else a number of a scenario may be, each told by a standard normal score.

A doubt is a quantile function put to a score: with the same score, another doubt on another number is as high within
its own range. Percentiles are met exactly by a Johnson quantile-parameterized distribution (J-QPD: Hadlock and Bickel
2017, Decision Analysis 14(1), 35-64), which exists for every three numbers in order and keeps within the range that the
number can have; ends make a uniform law, ends with a mode the PERT one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np

SYMMETRIC = 1e-9
"""Part of the way from pA to pB by which the median may lie off its middle and still count as lying there."""

_NORMAL = NormalDist()

SCRAMBLINGS = 16

Drawn = float | str | bool
"""A number, a month or word as text, or a truth value."""


def rounded_draws(draws: int) -> int:
    """Draws of a scenario's doubts: the scramblings times a power of two, at least as many as were asked for."""
    return SCRAMBLINGS << (math.ceil(draws / SCRAMBLINGS) - 1).bit_length()


def _below(z: Any) -> Any:
    """Standard normal distribution function; of one number it needs no scipy."""
    if np.ndim(z) == 0:
        return 0.5 * math.erfc(-float(z) / math.sqrt(2))
    from scipy.special import ndtr

    return ndtr(z)


@dataclass(frozen=True)
class Percentiles:
    """A law by its median and two percentiles that lie alike on either side, within a range or without ends.

    Attributes
    ----------
    percent
        Of the lower percentile, 1 to 49; the upper one is as far from 100.
    low, median, high
        The three, in order.
    least, most
        The range that the number can have, both ends beyond reach; None where there is no such end. One that has an
        end above has one below.
    """

    kind: ClassVar[str] = "percentiles"

    percent: int
    low: float
    median: float
    high: float
    least: float | None = None
    most: float | None = None

    @cached_property
    def _shape(self) -> tuple[float, float, float, float, float, float, int]:
        """The three percentiles on the scale on which the law is Johnson's; and c, δ, λ and the side of its skew."""
        c = _NORMAL.inv_cdf(1 - self.percent / 100)
        low, median, high = (self._scaled(x) for x in (self.low, self.median, self.high))
        lean, width = low + high - 2 * median, high - low
        skew = 0 if abs(lean) <= SYMMETRIC * width else 1 if lean > 0 else -1
        narrow = min(median - low, high - median)
        delta = math.acosh(max(1.0, width / (2 * narrow))) / c
        if skew and self.most is None and self.least is not None:
            delta = math.sinh(delta * c) / c
            return low, median, high, c, delta, narrow / (delta * c), skew
        return low, median, high, c, delta, width / math.sinh(2 * delta * c) if skew else math.nan, skew

    def _scaled(self, x: float) -> float:
        if self.least is None:
            return x
        if self.most is None:
            return math.log(x - self.least)
        share = (x - self.least) / (self.most - self.least)
        return _NORMAL.inv_cdf(min(max(share, 5e-324), 1 - 2.0**-53))

    @property
    def is_sound(self) -> bool:
        """Whether floating-point numbers can tell the law: its percentiles are apart, and 98 % of it is finite."""
        try:
            found = [float(self.at(_NORMAL.inv_cdf(p))) for p in (0.01, self.percent / 100, 0.5, 0.99)]
        except (ArithmeticError, ValueError):
            return False
        near = math.isclose(found[2], self.median, rel_tol=1e-6, abs_tol=1e-6 * (self.high - self.low))
        return all(map(math.isfinite, found)) and found == sorted(found) and near

    def given(self, p: float) -> float | None:
        """The number that was given for a probability, without a last digit's rounding; None where none was."""
        share = self.percent / 100
        known = ((share, self.low), (0.5, self.median), (1 - share, self.high))
        return next((value for at, value in known if abs(p - at) < 1e-12), None)

    def at(self, z: Any) -> Any:
        """The values at scores, a number or an array."""
        low, median, high, c, delta, scale, skew = self._shape
        with np.errstate(over="ignore"):  # what is beyond all numbers is refused where it is put to use
            straight = median + (high - low) * z / (2 * c)
            if self.least is not None and self.most is None:
                if not skew:
                    return self.least + np.exp(straight)
                start = (self.low if skew > 0 else self.high) - self.least
                bent = np.sinh(np.arcsinh(delta * z) + math.asinh(skew * c * delta))
                return self.least + start * np.exp(scale * bent)
            start = low if skew > 0 else high
            y = start + scale * np.sinh(delta * (z + skew * c)) if skew else straight
        if self.least is None or self.most is None:
            return y
        return self.least + (self.most - self.least) * _below(y)


@dataclass(frozen=True, slots=True)
class Pert:
    """The PERT law: a beta law by its utmost ends and its mode."""

    kind: ClassVar[str] = "pert"

    low: float
    mode: float
    high: float

    def at(self, z: Any) -> Any:
        """The values at scores, a number or an array."""
        from scipy.special import betaincinv

        width = self.high - self.low
        if width == 0:
            return self.low + 0.0 * z
        rising = 1 + 4 * (self.mode - self.low) / width
        return self.low + width * betaincinv(rising, 6 - rising, _below(z))


@dataclass(frozen=True, slots=True)
class Even:
    """The uniform law between two ends."""

    kind: ClassVar[str] = "uniform"

    low: float
    high: float

    def at(self, z: Any) -> Any:
        """The values at scores, a number or an array."""
        return self.low + (self.high - self.low) * _below(z)


@dataclass(frozen=True)
class Weighted:
    """A few values with weights: of a score it is the first whose cumulated weight reaches its share.

    Attributes
    ----------
    values
        Numbers and months ascending, words and truth values in the order in which they are written.
    weights
        Not negative, one of them above 0.
    """

    kind: ClassVar[str] = "values"

    values: tuple[Drawn, ...]
    weights: tuple[float, ...]

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """Probability of each value."""
        largest = max(self.weights)
        parts = [weight / largest for weight in self.weights]
        return tuple(part / math.fsum(parts) for part in parts)

    def at(self, z: Any) -> Any:
        """Places of the values at scores, a number or an array."""
        last = max(i for i, weight in enumerate(self.weights) if weight > 0)
        return np.minimum(np.searchsorted(np.cumsum(self.shares), _below(z)), last)


Form = Percentiles | Pert | Even | Weighted


@dataclass(frozen=True)
class Doubt:
    """A number, month, word or truth value of a scenario that may be another one.

    Attributes
    ----------
    path, steps
        Where it stands: dotted, and step by step.
    form
        The law of what it may be; of a shift, of what is added.
    base
        What it is in the scenario, by its file or by default; None where it is nothing there, or several numbers; 0 of
        a shift.
    whole
        Whether it is a whole number: ends reach half a step further, and the draw is rounded to the nearest.
    shift
        Whether what is drawn is added to what stands there.
    moved
        What moves with it: the number that a shift is added to, or the numbers of a schedule by their keys; None where
        what is drawn takes the place of a single number.
    entry
        Dotted path of the entry under ``evidence`` whose range it comes from; None where it is stated itself.
    file, line, column
        Where the doubt stands.
    """

    path: str
    steps: tuple[str, ...]
    form: Form
    base: Drawn | None
    whole: bool = False
    shift: bool = False
    moved: tuple[tuple[str, float], ...] | float | None = None
    entry: str | None = None
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)

    @property
    def numeric(self) -> bool:
        """Whether what is drawn is a number."""
        return not isinstance(self.form, Weighted) or all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in self.form.values
        )

    def drawn(self, z: Any) -> list[Drawn]:
        """What is drawn at some scores: numbers, months, words; of a shift what is added."""
        return self._tidy(self._at(np.asarray(z, dtype=float)))

    def quantile(self, p: float) -> Drawn:
        """What is drawn at a probability, above 0 and below 1; but for the PERT law without scipy."""
        if isinstance(self.form, Percentiles) and (given := self.form.given(p)) is not None:
            return math.floor(given + 0.5) if self.whole else given
        return self._tidy(np.atleast_1d(self._at(_NORMAL.inv_cdf(p))))[0]

    def placed(self, value: Any) -> Any:
        """What is to be put at the path for what was drawn: itself, the shifted number, or a schedule of numbers."""
        if self.moved is None:
            return value
        if isinstance(self.moved, tuple):
            return {key: number + value if self.shift else value for key, number in self.moved}
        return self.moved + value

    def of_scores(self, z: Any) -> list[Any]:
        """What is to be put at the path for some scores."""
        return [self.placed(value) for value in self.drawn(z)]

    def _at(self, z: Any) -> Any:
        """The law at scores, a number or an array; whole numbers not rounded yet."""
        form = self.form
        if self.whole and isinstance(form, Pert):
            form = Pert(form.low - 0.5, form.mode, form.high + 0.5)
        elif self.whole and isinstance(form, Even):
            form = Even(form.low - 0.5, form.high + 0.5)
        return form.at(z)

    def _tidy(self, found: np.ndarray) -> list[Drawn]:
        """Values as the scenario has them."""
        form = self.form
        if isinstance(form, Weighted):
            return [form.values[place] for place in found]
        if not self.whole:
            return [float(x) for x in found]
        with np.errstate(invalid="ignore"):
            nearest = np.floor(found + 0.5)
        if not isinstance(form, Percentiles):
            nearest = np.clip(nearest, form.low, form.high)
        return [int(x) if math.isfinite(x) else float(x) for x in nearest]


@dataclass(frozen=True)
class LeftOut:
    """A plausible range of the evidence that can't be in doubt as it stands, or a doubt that a later change took away.

    Attributes
    ----------
    path
        Dotted path of what it stands on.
    why
        In words.
    file, line, column
        Where it stands.
    """

    path: str
    why: str
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)

    @property
    def place(self) -> str:
        """``file:line:column``; the file alone where there is no text."""
        return self.file if self.line is None else f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Doubtful:
    """The block ``doubt`` of a scenario.

    Attributes
    ----------
    numbers
        What is in doubt: first what is stated itself, then what is by its plausible range, each as in the file.
    draws
        How many there are to be: the least power of two for each of 16 scramblings that is as many as asked for.
    ranges
        Which percentiles plausible ranges are taken for: ``p10-p90``, ``p5-p95``, ``utmost``; None: for none.
    left_out
        Plausible ranges that can't be in doubt.
    dropped
        Doubts that were inherited and are none any more, since the number was set or is gone.
    """

    numbers: tuple[Doubt, ...] = ()
    draws: int = 1024
    ranges: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    dropped: tuple[LeftOut, ...] = ()

    def of(self, path: str) -> Doubt | None:
        """The doubt about a number, by a path of its own or by that of the schedule that it moves in."""
        for doubt in self.numbers:
            below = path.removeprefix(f"{doubt.path}.")
            if path == doubt.path or (below != path and isinstance(doubt.moved, tuple) and below in dict(doubt.moved)):
                return doubt
        return None
