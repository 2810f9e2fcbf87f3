"""The values of an axis at which a breakeven looks for a crossing: all of a share, or some way about a number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.errors import ScenarioError, UsageError
from sim.language.turning import Turn, Value, as_number, turn_at, value_at
from sim.scenario.months import format_month
from sim.scenario.parts import Scenario

FACTOR = 10.0
"""A timing parameter is looked at from its value over this factor to its value times it."""

POINTS = 161
"""Values at which the measure is looked at for changes of side; between two of them the crossing is bracketed."""

SIMULATED = 13
"""The same, about, where each of them is simulated."""


_OF_THE_LAW = ("probability", "timing")


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of an axis become numbers in rising order, and numbers values: months count from year 0."""

    months: bool
    integers: bool = False

    @property
    def whole(self) -> bool:
        """Whether there is nothing between a number and the next."""
        return self.months or self.integers

    def value(self, x: float) -> Value:
        """The value on the axis of a number."""
        return format_month(round(x)) if self.months else round(x) if self.integers else float(x)

    def number(self, value: Value) -> float:
        """The number of a value on the axis."""
        return as_number(value)


def is_weighed(scenario: Scenario, axis: str) -> bool:
    """Whether one simulation serves all values: for the probability and the timing of one event."""
    steps = axis.split(".")
    return len(steps) > 2 and steps[0] == "events" and steps[1] in scenario.event_index and steps[2] in _OF_THE_LAW


def values_of(scenario: Scenario, axis: str, low: Value | None, high: Value | None) -> tuple[list[Value], Scale]:
    """Values of the axis that the measure is looked at, and how they are counted."""
    if is_weighed(scenario, axis):
        return _weighed(scenario, axis, low, high)
    turn = turn_at(scenario, axis)
    if turn is None:
        _refuse_no_place(scenario, axis)
        if low is None or high is None:
            raise UsageError(f"{axis}: the scenario gives no value there, so that the range is open: say from and to")
    if turn is not None and turn.kind == "month":
        return _months(low, high, turn.stops[0], turn.stops[-1], SIMULATED)
    ends = [_end(scenario, axis, turn, end, side) for end, side in ((low, "low"), (high, "high"))]
    if turn is None or turn.kind == "number":
        return list(_spread(axis, *ends, geometric=False, count=SIMULATED)), Scale(False)
    first, last = (_whole(axis, end) for end in ends)
    spread = _spread(axis, first, last, geometric=False, count=min(SIMULATED, last - first + 1))
    return sorted({round(value) for value in spread}), Scale(False, integers=True)


def _refuse_no_place(scenario: Scenario, axis: str) -> None:
    """Refuse a path that leads nowhere, or to neither a number nor a month, in the words of a sweep."""
    try:
        scenario.with_({"sweep": {axis: [0]}})
    except ScenarioError as error:
        if any(problem.path == f"sweep.{axis}" for problem in error.problems):
            raise


def _end(scenario: Scenario, axis: str, turn: Turn | None, given: Value | None, side: str) -> Value:
    """An end of the range: what is given, or the end of what makes sense, as far as the scenario is valid there."""
    if given is not None:
        return given
    assert turn is not None
    end = turn.low if side == "low" else turn.high
    if turn.kind == "whole":
        return round(end)
    return _valid(scenario, axis, as_number(turn.base), end, lambda a, b: (a + b) / 2)


def _whole(axis: str, value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != round(value):
        raise UsageError(f"from, to: found {value!r}, allowed is a whole number for {axis}")
    return round(value)


def _weighed(scenario: Scenario, axis: str, low: Value | None, high: Value | None) -> tuple[list[Value], Scale]:
    steps = axis.split(".")
    if steps[-1] in ("month", "from"):
        return _months(low, high, scenario.month_label(0), scenario.month_label(scenario.months - 1))
    if steps[2:] == ["probability"]:
        ends = 0.0 if low is None else low, 1.0 if high is None else high
        return list(_spread(axis, *ends, geometric=False)), Scale(False)
    value = value_at(scenario, axis)
    known = isinstance(value, int | float) and value > 0
    if not known and (low is None or high is None):
        raise UsageError(
            f"{axis}: the scenario gives no value above 0 there, so that the range is open: say from and to"
        )
    first = low if low is not None else _valid(scenario, axis, float(value), float(value) / FACTOR, _between)
    last = high if high is not None else _valid(scenario, axis, float(value), float(value) * FACTOR, _between)
    values = _spread(axis, first, last, geometric=True)
    if steps[-1] == "fixed":  # without spread, each month within the horizon has to be among the values
        months = [float(month) for month in range(scenario.months + 1) if values[0] < month < values[-1]]
        values = sorted({*values, *months})
    return list(values), Scale(False)


def _between(a: float, b: float) -> float:
    return math.sqrt(a * b)


def _months(
    low: Value | None, high: Value | None, first: Value, last: Value, most: int | None = None
) -> tuple[list[Value], Scale]:
    """Each month of a range, or so many of them, both ends among them; first and last where no end is given."""
    scale = Scale(months=True)
    for name, value in (("from", low), ("to", high)):
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{name}: found {value!r}, allowed is a month, YYYY-MM")
    low, high = first if low is None else low, last if high is None else high
    try:
        ends = int(scale.number(low)), int(scale.number(high))
    except ValueError:
        raise UsageError(f"from, to: found {low} and {high}, allowed are months, YYYY-MM") from None
    if ends[0] >= ends[1]:
        raise UsageError(f"from, to: found {low} and {high}, allowed is a month and a later one")
    count = ends[1] - ends[0] + 1
    chosen = np.linspace(*ends, count if most is None else min(count, most)).round()
    return [scale.value(month) for month in chosen], scale


def _spread(axis: str, low: Value, high: Value, *, geometric: bool, count: int = POINTS) -> list[float]:
    for name, value in (("from", low), ("to", high)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UsageError(f"{name}: found {value!r}, allowed is a number for {axis}")
    low, high = float(low), float(high)
    if not low < high:
        raise UsageError(f"from, to: found {low:g} and {high:g}, allowed is a number and a larger one")
    spread = np.geomspace(low, high, count) if geometric and low > 0 else np.linspace(low, high, count)
    return [low, *spread[1:-1].tolist(), high]


def _valid(scenario: Scenario, axis: str, value: float, end: float, between: Callable[[float, float], float]) -> float:
    """The end of a range, or the last value before it at which the scenario is still valid."""

    def is_valid(x: float) -> bool:
        try:
            scenario.with_({axis: x})
        except ScenarioError:
            return False
        return True

    if is_valid(end):
        return end
    for _ in range(12):
        middle = between(value, end)
        value, end = (middle, end) if is_valid(middle) else (value, middle)
    return value
