"""What every law of a delay, a duration or a share can tell: survival, cdf, quantile, mean and support."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import overload

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Law(ABC):
    """The law of a random number X >= 0: a delay or duration in months, or a share (``docs/model.md`` section 3).

    Laws are frozen and hashable, and draw nothing: randomness comes in as uniforms or words. They take their
    numbers as they are; the scenario's checks see to it that these make sense.
    """

    __slots__ = ()

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
