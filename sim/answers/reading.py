"""A measure as a function of one number: read from weighed strata, or simulated value by value on common draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sim.answers.search import Scale
from sim.answers.sweep import Sweep, can_share_draws
from sim.chance.draws import Shared
from sim.estimates.measures import Estimates, Measure
from sim.estimates.replications import student
from sim.language.turning import bare
from sim.simulation.pool import Progress
from sim.simulation.stratified import stratify

STEPS = 40
"""Halvings of a bracket: to a part in a million million of it."""

FINE = 1e-6
"""Part of the range to which a crossing is found where each value is simulated."""

ROUGH = 1e-4
"""The same for the ends of its interval, which are no sharper than the interval's own ends are known."""

EXPECTED = 24
"""Simulations that a crossing and its interval take after those of the grid, about: what progress is told of."""

Point = tuple[float, float, float]
"""The measure and its interval's ends; the ends are not a number where they are unknown."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds at some values of the axis, and by how much: below 0 where it does not."""

    holds: Callable[[float], bool]
    margin: Callable[[float], float]


class Reading(Protocol):
    """The measure with its interval at the values of the axis, and between them."""

    scale: Scale
    x: np.ndarray
    values: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, x: float) -> Point:
        """The measure and its interval's ends."""

    def within_error(self, a: float, b: float) -> bool:
        """Whether the measure at two values next to each other differs by no more than draws explain."""

    def bracket(self, condition: Condition, a: float, b: float, *, rough: bool = False) -> tuple[float, float]:
        """Two values next to each other at which a condition differs, in the order of ``a`` and ``b``, where it does.

        Parameters
        ----------
        rough
            Whether an end of an interval is looked for, not the crossing itself.
        """


class _Read:
    """What both ways have in common: the values that the sweep has, with their intervals."""

    def __init__(self, swept: Sweep, axis: str, measure: Measure, level: str | None, scale: Scale) -> None:
        self.sweep, self.axis, self.measure, self.level, self.scale = swept, axis, measure, level, scale
        self.x = np.array([scale.number(value) for value in swept.plan.axes[0].values])
        self._times = student(swept.replications)
        found = swept.estimates[measure.name, level]
        self.values = found.value
        if found.low is not None and found.high is not None:
            self.low, self.high = found.low, found.high
        else:
            assert found.standard_error is not None
            reach = self._times * found.standard_error
            self.low, self.high = self.values - reach, self.values + reach

    def _point(self, estimates: Estimates) -> Point:
        found = estimates.of(self.measure, self.level)
        low, high = found.low, found.high
        if not self.measure.told_by_interval and found.standard_error is not None:
            reach = self._times * found.standard_error
            low, high = found.value - reach, found.value + reach
        return found.value, math.nan if low is None else float(low), math.nan if high is None else float(high)


class Weighed(_Read):
    """For the probability or the timing of one event: one simulation of its strata serves all values."""

    def at(self, x: float) -> Point:
        """The measure and its interval's ends."""
        return self._point(self.sweep.estimates_at({self.axis: self.scale.value(x)}))

    def within_error(self, a: float, b: float) -> bool:
        """Never: weights move the measure evenly, and what leaps is a leap of the model."""
        return False

    def bracket(self, condition: Condition, a: float, b: float, *, rough: bool = False) -> tuple[float, float]:
        """Halve until nothing is between."""
        return halved(condition.holds, a, b, whole=self.scale.whole)


class Simulated(_Read):
    """For any other number: each value is a simulation of its own, on the draws of all others.

    Parameters
    ----------
    workers, progress
        As for the sweep; progress goes on where that of the grid stopped.
    """

    def __init__(
        self,
        swept: Sweep,
        axis: str,
        measure: Measure,
        level: str | None,
        scale: Scale,
        *,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(swept, axis, measure, level, scale)
        self._workers, self._progress = workers, progress
        self._base = bare(swept.scenario)
        self._shared: Shared | None = {} if can_share_draws(swept.scenario, swept.paths) else None
        grid = zip(self.x, self.values, self.low, self.high, strict=True)
        self._known: dict[float, Point] = {float(x): (float(v), float(low), float(high)) for x, v, low, high in grid}

    def at(self, x: float) -> Point:
        """The measure and its interval's ends; simulated where it was not yet."""
        if x not in self._known:
            variant = self._base.with_({self.axis: self.scale.value(x)})
            found = stratify(variant, None, (), self.sweep.sampled, workers=self._workers, shared=self._shared)
            mixture = found.weighed(np.ones((1, 1)))
            self._known[x] = self._point(Estimates.of_cell(mixture.measures(self._base.risk.levels)))
            self._tell()
        return self._known[x]

    def _tell(self) -> None:
        """Say how far it is; how many simulations a crossing takes is known only once it is found."""
        if self._progress is not None:
            paths, most = self.sweep.paths, len(self.x) + EXPECTED
            self._progress(paths * min(len(self._known), most), paths * most)

    def within_error(self, a: float, b: float) -> bool:
        """Whether they lie within the wider of the two intervals' halves: a path more or less is no leap."""
        if self.scale.whole:
            return False
        (at_a, low_a, high_a), (at_b, low_b, high_b) = self.at(a), self.at(b)
        return bool(abs(at_b - at_a) <= max(high_a - low_a, high_b - low_b) / 2)

    def bracket(self, condition: Condition, a: float, b: float, *, rough: bool = False) -> tuple[float, float]:
        """Follow the secant (Brent's method): each value costs a simulation, and all are on the same draws."""
        if self.scale.whole:
            return halved(condition.holds, a, b, whole=True)
        from scipy.optimize import brentq

        def signed(x: float) -> float:
            size = abs(condition.margin(x))
            size = size if math.isfinite(size) and size > 0 else 1e-300  # the side counts where nothing else is known
            return size if condition.holds(x) else -size

        wanted = (ROUGH if rough else FINE) * float(self.x[-1] - self.x[0])
        tried: list[float] = []

        def noted(x: float) -> float:
            tried.append(float(x))
            return signed(float(x))

        brentq(noted, a, b, xtol=max(wanted, 4e-16 * max(abs(a), abs(b))), rtol=1e-12, maxiter=STEPS, disp=False)
        way = sorted({a, b, *tried}, reverse=a > b)
        sides = [condition.holds(x) for x in way]
        pairs = [(way[k], way[k + 1]) for k in range(len(way) - 1) if sides[k] != sides[k + 1]]
        return min(pairs, key=lambda pair: abs(pair[1] - pair[0]))


def halved(holds: Callable[[float], bool], a: float, b: float, *, whole: bool) -> tuple[float, float]:
    """Two values next to each other at which a condition differs, in the order of ``a`` and ``b``, where it does."""
    at_a = holds(a)
    for _ in range(STEPS):
        if abs(b - a) <= (1.0 if whole else 1e-12 * max(abs(a), abs(b))):
            break
        middle = float(round((a + b) / 2)) if whole else (a + b) / 2
        if holds(middle) == at_a:
            a = middle
        else:
            b = middle
    return a, b


def end_of(reading: Reading, k: int) -> dict[str, Any]:
    """The measure at one of the axis's values, as plain data."""
    found = {"value": reading.values[k], "low": reading.low[k], "high": reading.high[k]}
    known = {key: float(value) if math.isfinite(value) else None for key, value in found.items()}
    return {"at": reading.scale.value(reading.x[k]), **known}
