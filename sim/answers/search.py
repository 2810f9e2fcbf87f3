"""The values of an axis at which a breakeven looks for a crossing: the whole of a probability, or about a timing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.errors import ScenarioError, UsageError
from sim.language.turning import Value, as_number, value_at
from sim.scenario.parts import Scenario, format_month

FACTOR = 10.0
"""A timing parameter is looked at from its value over this factor to its value times it."""

POINTS = 161
"""Values at which the measure is looked at for changes of side; between two of them the crossing is bracketed."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of an axis become numbers in rising order, and numbers values: months count from year 0."""

    months: bool
    start: int = 0

    def value(self, x: float) -> Value:
        """The value on the axis of a number."""
        return format_month(round(x)) if self.months else float(x)

    def number(self, value: Value) -> float:
        """The number of a value on the axis."""
        return as_number(value)


def values_of(scenario: Scenario, axis: str, low: Value | None, high: Value | None) -> tuple[list[Value], Scale]:
    """Values of the axis that the measure is looked at, and how they are counted."""
    steps = axis.split(".")
    if len(steps) < 3 or steps[0] != "events" or steps[2] not in ("probability", "timing"):
        raise UsageError(
            f"axis: found {axis!r}, allowed is the probability or a timing parameter of one event",
            help="for example events.<id>.probability or events.<id>.timing.lognormal.median",
        )
    if steps[-1] in ("month", "from"):
        return _months(scenario, low, high)
    if steps[2:] == ["probability"]:
        ends = 0.0 if low is None else low, 1.0 if high is None else high
        return list(_spread(axis, *ends, geometric=False)), Scale(False)
    value = value_at(scenario, axis)
    known = isinstance(value, int | float) and value > 0
    if not known and (low is None or high is None):
        raise UsageError(
            f"{axis}: the scenario gives no value above 0 there, so that the range is open: say from and to"
        )
    first = low if low is not None else _valid(scenario, axis, float(value), float(value) / FACTOR)
    last = high if high is not None else _valid(scenario, axis, float(value), float(value) * FACTOR)
    values = _spread(axis, first, last, geometric=True)
    if steps[-1] == "fixed":  # without spread, each month within the horizon has to be among the values
        months = [float(month) for month in range(scenario.months + 1) if values[0] < month < values[-1]]
        values = sorted({*values, *months})
    return list(values), Scale(False)


def _months(scenario: Scenario, low: Value | None, high: Value | None) -> tuple[list[Value], Scale]:
    scale = Scale(months=True)
    for name, value in (("from", low), ("to", high)):
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{name}: found {value!r}, allowed is a month, YYYY-MM")
    first = scenario.month_label(0) if low is None else low
    last = scenario.month_label(scenario.months - 1) if high is None else high
    try:
        ends = int(scale.number(first)), int(scale.number(last))
    except ValueError:
        raise UsageError(f"from, to: found {first} and {last}, allowed are months, YYYY-MM") from None
    if ends[0] >= ends[1]:
        raise UsageError(f"from, to: found {first} and {last}, allowed is a month and a later one")
    return [scale.value(month) for month in range(ends[0], ends[1] + 1)], scale


def _spread(axis: str, low: Value, high: Value, *, geometric: bool) -> list[float]:
    for name, value in (("from", low), ("to", high)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UsageError(f"{name}: found {value!r}, allowed is a number for {axis}")
    low, high = float(low), float(high)
    if not low < high:
        raise UsageError(f"from, to: found {low:g} and {high:g}, allowed is a number and a larger one")
    spread = np.geomspace(low, high, POINTS) if geometric and low > 0 else np.linspace(low, high, POINTS)
    return [low, *spread[1:-1].tolist(), high]


def _valid(scenario: Scenario, axis: str, value: float, end: float) -> float:
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
        middle = math.sqrt(value * end)
        value, end = (middle, end) if is_valid(middle) else (value, middle)
    return value
