"""What every law of a delay, a duration or a share can tell: survival, cdf, quantile, mean and support."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, overload

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Captions = Mapping[str, tuple[str, str]]
Write = Callable[[float], str]


def three_digits(value: float) -> float:
    """A value that was worked out, as precise as words need it."""
    return float(f"{value:.3g}")


class Law(ABC):
    """The law of a random number X >= 0: a delay or duration in months, or a share (``docs/model.md`` section 3).

    Laws are frozen and hashable, and draw nothing: randomness comes in as uniforms or words. They take their
    numbers as they are; the scenario's checks see to it that these make sense. What readers are told of a law and of
    its numbers stands with its formulas.

    Attributes
    ----------
    key
        Its name in the scenario language.
    captions
        What each number is, by its key: of a duration, and of a share. ``{0}`` stands for what it is the law of
        (``delay``), ``{1}`` for the number's key. A law that is a single number has it under ``""``; one of any numbers
        has them all under ``*``.
    location
        Key of the number that moves the law in time, and that may be set alone; None where there is no such number.
    """

    __slots__ = ()

    key: ClassVar[str]
    captions: ClassVar[Captions]
    location: ClassVar[str | None] = None

    @abstractmethod
    def in_words(self, amount: Write, bare: Write) -> str:
        """Say what the law is.

        Parameters
        ----------
        amount, bare
            Write a value of it with its unit and without.
        """

    @abstractmethod
    def survival(self, x: float) -> float:
        """P(X > x), with its relative accuracy kept in the far tail; 1.0 below 0."""

    @abstractmethod
    def cdf(self, x: float) -> float:
        """P(X <= x), with its relative accuracy kept where it is small; 0.0 below 0."""

    @abstractmethod
    def mean(self) -> float:
        """E[X], in the unit of X; ``inf`` where it does not exist as a number."""

    @property
    @abstractmethod
    def lowest(self) -> float:
        """Lower end of the support, in the unit of X."""

    @property
    @abstractmethod
    def highest(self) -> float:
        """Upper end of the support, in the unit of X; may be ``inf``."""

    @abstractmethod
    def _quantile(self, u: FloatArray) -> FloatArray:
        """Quantiles of an array of levels in (0, 1)."""

    @property
    def positive(self) -> bool:
        """Whether X > 0 with certainty, as a timing or an ``after`` must be: no atom at 0, nothing below."""
        return self.lowest >= 0.0 and self.cdf(0.0) == 0.0

    @overload
    def quantile(self, u: float) -> float: ...
    @overload
    def quantile(self, u: FloatArray) -> FloatArray: ...
    def quantile(self, u: float | FloatArray) -> float | FloatArray:
        """Smallest x with ``cdf(x) >= u``.

        Parameters
        ----------
        u : float or ndarray
            Levels in the open interval (0, 1), of any shape.

        Returns
        -------
        float or ndarray
            In the unit and within the support of X, of the shape of ``u``; ``inf`` where the cdf never reaches ``u``.
        """
        levels = np.asarray(u, dtype=np.float64)
        with np.errstate(over="ignore", divide="ignore"):
            found = np.clip(self._quantile(np.atleast_1d(levels)), self.lowest, self.highest)
        return float(found[0]) if levels.ndim == 0 else found
