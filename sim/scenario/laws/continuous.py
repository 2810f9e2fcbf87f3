"""Laws with a density: exponential, lognormal, gamma, Weibull, uniform, triangular.

Formulas are the textbook ones (N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions*, 2nd ed.,
vol. 1, 1994, chapters 14, 17, 19, 21, and vol. 2, 1995, chapter 26). A law without spread (sigma or sd 0, equal ends)
is the atom that it tends to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from sim.scenario.laws.law import Captions, FloatArray, Law, Write, three_digits

_SQRT2 = math.sqrt(2.0)
_NORMAL_QUANTILE_90 = 1.2815515655446004  # the standard normal's quantile at 0.9
_GAMMA_SHAPES = (1e-300, 1e15)  # below, the shape underflows; above, the spread is under 3e-8 of the mean: an atom


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Exponential(Law):
    """A constant rate of 1/``mean``: what is left does not depend on how long one has waited.

    Parameters
    ----------
    mean : float
        In months, above 0. Kept as ``expected``, since ``mean()`` is what every law answers.
    """

    key: ClassVar[str] = "exponential"
    captions: ClassVar[Captions] = {"mean": ("Mean {0}, months", "Mean {0}")}
    location: ClassVar[str | None] = "mean"

    expected: float

    def __init__(self, mean: float) -> None:
        object.__setattr__(self, "expected", mean)

    def __repr__(self) -> str:
        return f"Exponential(mean={self.expected!r})"

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its mean."""
        return f"{amount(self.expected)} on average (exponential)"

    def survival(self, x: float) -> float:
        """P(X > x) = exp(-x/mean)."""
        return 1.0 if x <= 0.0 else math.exp(-x / self.expected)

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        return 0.0 if x <= 0.0 else -math.expm1(-x / self.expected)

    def mean(self) -> float:
        """E[X]."""
        return float(self.expected)

    @property
    def lowest(self) -> float:
        """0."""
        return 0.0

    @property
    def highest(self) -> float:
        """Infinity."""
        return math.inf

    def _quantile(self, u: FloatArray) -> FloatArray:
        return -self.expected * np.log1p(-u)


@dataclass(frozen=True, slots=True)
class Lognormal(Law):
    """The logarithm is normal, with mean ln(``median``) and standard deviation ``sigma``.

    Parameters
    ----------
    median : float
        In months, above 0.
    sigma : float
        Standard deviation of the logarithm, at least 0.
    """

    key: ClassVar[str] = "lognormal"
    captions: ClassVar[Captions] = {
        "median": ("Median {0}, months", "Median {0}"),
        "p90": ("90th percentile of the {0}, months", "90th percentile of the {0}"),
        "sigma": ("Spread of the {0} (sd of its logarithm)", "Spread of the {0} (sd of its logarithm)"),
    }
    location: ClassVar[str | None] = "median"

    median: float
    sigma: float

    @classmethod
    def from_p90(cls, median: float, p90: float) -> Self:
        """The lognormal with this median that stays below ``p90`` with probability 0.9."""
        return cls(median, (math.log(p90) - math.log(median)) / _NORMAL_QUANTILE_90)

    def _score(self, x: float) -> float:
        """The normal score of x > 0, over the square root of 2: the argument that erfc takes."""
        ratio = x / self.median
        distance = math.log(ratio) if ratio > 0.0 else -math.inf
        if self.sigma == 0.0:
            return math.inf if distance >= 0.0 else -math.inf
        return distance / self.sigma / _SQRT2

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its median and the value that one time in ten is above."""
        tail = three_digits(self.median * math.exp(_NORMAL_QUANTILE_90 * self.sigma))
        return f"a median of {amount(self.median)}, one time in ten above {bare(tail)} (lognormal)"

    def survival(self, x: float) -> float:
        """P(X > x) = erfc(z/sqrt(2))/2 with z = ln(x/median)/sigma."""
        return 1.0 if x <= 0.0 else 0.5 * math.erfc(self._score(x))

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        return 0.0 if x <= 0.0 else 0.5 * math.erfc(-self._score(x))

    def mean(self) -> float:
        """E[X] = median * exp(sigma^2/2)."""
        half_variance = 0.5 * self.sigma * self.sigma
        return self.median * math.exp(half_variance) if half_variance < 700.0 else math.inf

    @property
    def lowest(self) -> float:
        """0; the median without spread."""
        return 0.0 if self.sigma > 0.0 else float(self.median)

    @property
    def highest(self) -> float:
        """Infinity; the median without spread."""
        return math.inf if self.sigma > 0.0 else float(self.median)

    def _quantile(self, u: FloatArray) -> FloatArray:
        from scipy.special import ndtri

        quantiles: FloatArray = self.median * np.exp(self.sigma * ndtri(u))
        return quantiles


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Gamma(Law):
    """Gamma by its mean and standard deviation: shape (mean/sd)^2, scale sd^2/mean.

    Parameters
    ----------
    mean : float
        In months, above 0. Kept as ``expected``, since ``mean()`` is what every law answers.
    sd : float
        In months, at least 0.
    """

    key: ClassVar[str] = "gamma"
    captions: ClassVar[Captions] = {
        "mean": ("Mean {0}, months", "Mean {0}"),
        "sd": ("Standard deviation of the {0}, months", "Standard deviation of the {0}"),
    }
    location: ClassVar[str | None] = "mean"

    expected: float
    sd: float

    def __init__(self, mean: float, sd: float) -> None:
        object.__setattr__(self, "expected", mean)
        object.__setattr__(self, "sd", sd)

    def __repr__(self) -> str:
        return f"Gamma(mean={self.expected!r}, sd={self.sd!r})"

    @property
    def _shape(self) -> float:
        """The shape; infinite where the spread is too small to matter."""
        ratio = self.expected / self.sd if self.sd > 0.0 else math.inf
        shape = ratio * ratio
        return max(shape, _GAMMA_SHAPES[0]) if shape < _GAMMA_SHAPES[1] else math.inf

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its mean and standard deviation."""
        return f"{amount(self.expected)} on average (gamma, standard deviation {bare(self.sd)})"

    def survival(self, x: float) -> float:
        """P(X > x), the regularised upper incomplete gamma function at (shape, x/scale)."""
        if x <= 0.0:
            return 1.0
        shape = self._shape
        if shape == math.inf:
            return 1.0 if x < self.expected else 0.0
        from scipy.special import gammaincc

        return min(float(gammaincc(shape, x / self.expected * shape)), 1.0)  # it overshoots by last bits

    def cdf(self, x: float) -> float:
        """P(X <= x), the regularised lower incomplete gamma function."""
        if x <= 0.0:
            return 0.0
        shape = self._shape
        if shape == math.inf:
            return 0.0 if x < self.expected else 1.0
        from scipy.special import gammainc

        return min(float(gammainc(shape, x / self.expected * shape)), 1.0)

    def mean(self) -> float:
        """E[X]."""
        return float(self.expected)

    @property
    def lowest(self) -> float:
        """0; the mean without spread."""
        return 0.0 if self._shape < math.inf else float(self.expected)

    @property
    def highest(self) -> float:
        """Infinity; the mean without spread."""
        return math.inf if self._shape < math.inf else float(self.expected)

    def _quantile(self, u: FloatArray) -> FloatArray:
        shape = self._shape
        if shape == math.inf:
            return np.full(u.shape, float(self.expected))
        from scipy.special import gammainccinv, gammaincinv

        # 1 - u is exact above one half, where the upper function keeps the tail's accuracy
        standard = np.where(
            u < 0.5, gammaincinv(shape, np.minimum(u, 0.5)), gammainccinv(shape, np.minimum(1.0 - u, 0.5))
        )
        quantiles: FloatArray = standard / shape * self.expected
        return quantiles


@dataclass(frozen=True, slots=True)
class Weibull(Law):
    """Survival exp(-(x/``scale``)^``shape``): the rate falls with time for a shape below 1, rises above.

    Parameters
    ----------
    shape : float
        Above 0.
    scale : float
        In months, above 0: by then it has happened with probability 1 - 1/e.
    """

    key: ClassVar[str] = "weibull"
    captions: ClassVar[Captions] = {
        "shape": ("Shape of the Weibull law of the {0}", "Shape of the Weibull law of the {0}"),
        "scale": ("Scale of the Weibull law of the {0}, months", "Scale of the Weibull law of the {0}"),
    }
    location: ClassVar[str | None] = "scale"

    shape: float
    scale: float

    def _cumulative_hazard(self, x: float) -> float:
        try:
            return float((x / self.scale) ** self.shape)
        except OverflowError:
            return math.inf

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its median and the value that one time in ten is above."""
        half, tail = (three_digits(self.scale * math.log(odds) ** (1 / self.shape)) for odds in (2, 10))
        return f"a median of {amount(half)}, one time in ten above {bare(tail)} (Weibull)"

    def survival(self, x: float) -> float:
        """P(X > x)."""
        return 1.0 if x <= 0.0 else math.exp(-self._cumulative_hazard(x))

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        return 0.0 if x <= 0.0 else -math.expm1(-self._cumulative_hazard(x))

    def mean(self) -> float:
        """E[X] = scale * Gamma(1 + 1/shape)."""
        try:
            return self.scale * math.gamma(1.0 + 1.0 / self.shape)
        except OverflowError:
            return math.inf

    @property
    def lowest(self) -> float:
        """0."""
        return 0.0

    @property
    def highest(self) -> float:
        """Infinity."""
        return math.inf

    def _quantile(self, u: FloatArray) -> FloatArray:
        quantiles: FloatArray = self.scale * (-np.log1p(-u)) ** (1.0 / self.shape)
        return quantiles


@dataclass(frozen=True, slots=True)
class Uniform(Law):
    """Evenly between ``low`` and ``high`` (0 <= low <= high), in months or as a share."""

    key: ClassVar[str] = "uniform"
    captions: ClassVar[Captions] = {
        "low": ("Shortest {0}, months", "Lowest {0}"),
        "high": ("Longest {0}, months", "Highest {0}"),
    }

    low: float
    high: float

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its ends."""
        return f"{bare(self.low)} to {amount(self.high)}, evenly"

    def survival(self, x: float) -> float:
        """P(X > x)."""
        if x < self.low:
            return 1.0
        return (self.high - x) / (self.high - self.low) if x < self.high else 0.0

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        if x < self.low:
            return 0.0
        return (x - self.low) / (self.high - self.low) if x < self.high else 1.0

    def mean(self) -> float:
        """E[X] = (low + high)/2."""
        return 0.5 * (self.low + self.high)

    @property
    def lowest(self) -> float:
        """``low``."""
        return float(self.low)

    @property
    def highest(self) -> float:
        """``high``."""
        return float(self.high)

    def _quantile(self, u: FloatArray) -> FloatArray:
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Triangular(Law):
    """Density rising from ``low`` to its peak at ``mode`` and falling to ``high`` (0 <= low <= mode <= high)."""

    key: ClassVar[str] = "triangular"
    captions: ClassVar[Captions] = {
        "low": ("Shortest {0}, months", "Lowest {0}"),
        "mode": ("Likeliest {0}, months", "Likeliest {0}"),
        "high": ("Longest {0}, months", "Highest {0}"),
    }

    low: float
    mode: float
    high: float

    def _beside_mode(self, t: float, near: float, far: float) -> float:
        """Probability of the wide side of a point at distance t from the mode: all of ``far``, and t of ``near``.

        It adds rather than take the rest from 1, so that it stays accurate where it is small.
        """
        width = near + far
        return min(far / width + t / width * (2.0 - t / near), 1.0)

    def in_words(self, amount: Write, bare: Write) -> str:
        """By its ends and its peak."""
        return f"{bare(self.low)} to {amount(self.high)}, most likely {bare(self.mode)}"

    def survival(self, x: float) -> float:
        """P(X > x)."""
        if x < self.low:
            return 1.0
        if x >= self.high:
            return 0.0
        if x < self.mode:
            return self._beside_mode(self.mode - x, self.mode - self.low, self.high - self.mode)
        return (self.high - x) / (self.high - self.low) * ((self.high - x) / (self.high - self.mode))

    def cdf(self, x: float) -> float:
        """P(X <= x)."""
        if x < self.low:
            return 0.0
        if x >= self.high:
            return 1.0
        if x >= self.mode:
            return self._beside_mode(x - self.mode, self.high - self.mode, self.mode - self.low)
        return (x - self.low) / (self.high - self.low) * ((x - self.low) / (self.mode - self.low))

    def mean(self) -> float:
        """E[X] = (low + mode + high)/3."""
        return (self.low + self.mode + self.high) / 3.0

    @property
    def lowest(self) -> float:
        """``low``."""
        return float(self.low)

    @property
    def highest(self) -> float:
        """``high``."""
        return float(self.high)

    def _quantile(self, u: FloatArray) -> FloatArray:
        width = self.high - self.low
        left, right = self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(u * width * left)
        falling = self.high - np.sqrt((1.0 - u) * width * right)
        return np.where(u * width <= left, rising, falling)
