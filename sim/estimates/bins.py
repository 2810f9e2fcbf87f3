"""Bins that losses are counted in: fine ones for quantiles, coarse ones, of several fine ones each, for errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FINE = 8192
"""Bins of the pooled losses: what quantiles are read from."""

COARSE = 256
"""Bins of each replication's losses: what errors are read from."""

STEP = FINE // COARSE
"""Fine bins in a coarse one."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of losses, of equal width in the root of the loss (with its sign): finer where losses are small.

    ``low`` and ``high`` are roots; what lies outside falls into the first and the last bin.
    """

    low: float
    high: float

    @classmethod
    def around(cls, lowest: float, highest: float, *, complete: bool) -> Bins:
        """Bins for losses of which the lowest and the highest are known; with room beyond where not all were seen."""
        room = 0.0 if complete else 0.25 * (highest - lowest)
        return cls(_root(lowest - (room if lowest < 0 else 0.0)), _root(highest + room))

    @property
    def _step(self) -> float:
        return (self.high - self.low) / (FINE - 1)

    def of(self, losses: np.ndarray) -> np.ndarray:
        """Bin of each loss, int64, shape as ``losses``; the lowest loss has the first bin to itself."""
        if self._step == 0:
            return np.zeros(losses.shape, dtype=np.int64)
        if self.low < 0:
            places = np.abs(losses)
            np.sqrt(places, out=places)
            np.copysign(places, losses, out=places)
        else:  # none is below zero but for what falls into the first bin
            places = np.sqrt(np.maximum(losses, 0.0))
        places -= self.low
        places *= 1 / self._step
        np.ceil(places, out=places)
        np.clip(places, 0, FINE - 1, out=places)
        bins: np.ndarray = places.astype(np.int64)
        return bins

    def ends(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses between which bins lie, each of shape as ``place``."""
        below, above = self.low + (place - 1) * self._step, self.low + place * self._step
        return np.copysign(below * below, below), np.copysign(above * above, above)


def _root(loss: float) -> float:
    return math.copysign(math.sqrt(abs(loss)), loss)
