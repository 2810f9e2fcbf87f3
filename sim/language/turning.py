"""What may be turned: where a scenario stands at a path, the range worth trying, a scenario ready to be varied."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.language.places import find
from sim.language.values import Month, Number, month_number
from sim.scenario.months import format_month
from sim.scenario.parts import Scenario

Value = float | str
"""A number, or a month as ``YYYY-MM``."""

STEPS = 100
"""Steps that a range has, at least."""

LEAST_MONTHS, MOST_MONTHS = 24, 60
"""A month moves by as many as the horizon has either way, but by no fewer and no more than these."""


def as_number(value: Value) -> float:
    """A value as a number, in the order of an axis: months counted from year 0."""
    return float(month_number(value)) if isinstance(value, str) else float(value)


def value_at(scenario: Scenario, path: str, *, default: bool = False) -> Any:
    """What stands at a dotted path of a scenario; None where nothing does.

    Parameters
    ----------
    default
        Whether what holds where nothing stands counts too.
    """
    *above, last = path.split(".")
    holder: Any = scenario.document
    for step in above:
        if isinstance(holder, list):
            holder = holder[int(step)] if step.isdecimal() and int(step) < len(holder) else None
        else:
            holder = holder.get(step) if isinstance(holder, Mapping) else None
    value = holder.get(last) if isinstance(holder, Mapping) else None
    if value is not None or not default or holder is None:
        return value
    if last == "from" and above[-1:] == ["timing"] and not {"month", "hazard", "at_renewal"} & holder.keys():
        return scenario.month_label(0)  # a law counts from the start where nothing else is said
    if last == "probability" and above[0] == "events" and len(above) == 2 and "timing" not in holder:
        return 0.0  # an event without timing does not arise by itself
    place = find(above)
    field = None if place is None else place.keys.get(last)
    return field.get_default() if field is not None and not field.is_required() else None


def number_path(scenario: Scenario, path: str) -> str:
    """Path of the number that a lone number at a path would set: of a commitment that is written in full its share."""
    place = find(path.split("."))
    key = "" if place is None or place.part is None else place.part.number_is
    holder = value_at(scenario, path) if key else None
    return f"{path}.{key}" if isinstance(holder, Mapping) and key in holder else path


def bare(scenario: Scenario) -> Scenario:
    """The scenario without axes, evidence, doubts and choices: its variants are soon compiled."""
    spare = {key: None for key in ("sweep", "evidence", "doubt", "choices") if key in scenario.document}
    return scenario.with_(spare) if spare else scenario


@dataclass(frozen=True, slots=True)
class Turn:
    """A number or month of a scenario that can be turned, and the range in which that makes sense.

    Attributes
    ----------
    path
        Its dotted path.
    base
        Its value in the scenario: what stands there, or what holds where nothing does.
    low, high, step
        The range to turn it in; of a month, counted from year 0. Other values may be set all the same.
    kind
        ``number``, ``whole`` or ``month``.
    """

    path: str
    base: Value
    low: float
    high: float
    step: float
    kind: str

    @property
    def stops(self) -> list[Value]:
        """Values of its range in even steps, and its base; rising."""
        if self.kind == "month":
            return sorted({*months_between(int(self.low), int(self.high)), self.base}, key=as_number)
        if self.kind == "whole":
            return sorted({*range(int(self.low), int(self.high) + 1, int(self.step)), int(self.high), self.base})
        return sorted({*between(self.low, self.high), self.base})


def turn_at(scenario: Scenario, path: str) -> Turn | None:
    """How what stands at a path can be turned; None where no number or month stands there."""
    path = number_path(scenario, path)
    place, base = find(path.split(".")), value_at(scenario, path, default=True)
    leaf = None if place is None else place.leaf
    if isinstance(leaf, Month) and isinstance(base, str):
        return Turn(path, base, *_months_of(scenario, path, month_number(base)), 1, "month")
    if isinstance(leaf, Number) and isinstance(base, int | float):
        whole = "whole" if leaf.whole else "number"
        if path.endswith(".timing.fixed"):  # months after which the event arises: any within the horizon
            return Turn(path, base, 1, max(scenario.months, 2), 1, "whole" if float(base).is_integer() else "number")
        return Turn(path, base, *_range(leaf, float(base), plausible_at(scenario, path)), whole)
    return None


def between(low: Value, high: Value) -> list[Value]:
    """Values from one to another, both included: each month, or round numbers in even steps."""
    if isinstance(low, str) or isinstance(high, str):
        return months_between(int(as_number(low)), int(as_number(high)))
    if low == high:
        return [low]
    step = step_between(low, high)
    digits = max(0, 2 - math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [low, *(v for k in range(first, last + 1) if low < (v := round(k * step, digits)) < high), high]


def step_between(low: float, high: float) -> float:
    """The largest round step that makes at least :data:`STEPS` of a range: 1, 2, 2.5 or 5 times a power of ten."""
    widest = (high - low) / STEPS
    size = 10.0 ** math.floor(math.log10(widest) + 1e-9)
    return float(max(size * times for times in (1.0, 2.0, 2.5, 5.0) if size * times <= widest * (1 + 1e-9)))


def months_between(first: int, last: int) -> list[Value]:
    """Each month from one to another, both included and counted from year 0."""
    return [format_month(month) for month in range(first, last + 1)]


def _months_of(scenario: Scenario, path: str, month: int) -> tuple[int, int]:
    """First and last month to turn a month to: within the horizon when an event arises in it, else about it."""
    if path.endswith(".timing.month"):
        return scenario.start, scenario.start + scenario.months - 1
    reach = min(MOST_MONTHS, max(LEAST_MONTHS, scenario.months))
    return max(0, month - reach), month + reach


def plausible_at(scenario: Scenario, path: str) -> tuple[float, float] | None:
    """Range that the evidence for a number gives, on it or on what it stands in; None where it gives none."""
    evidence = scenario.document.get("evidence") or {}
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        entry = evidence.get(".".join(steps[:length]))
        if entry is not None:
            given = isinstance(entry, Mapping) and "low" in entry
            return (float(entry["low"]), float(entry["high"])) if given else None
    return None


def _range(leaf: Number, base: float, plausible: tuple[float, float] | None) -> tuple[float, float, float]:
    """Lowest, highest and step: all of a share; what is plausible and half as much on either side; else about it."""
    if leaf.ge == 0 and (leaf.le == 1 or leaf.lt == 1):
        return 0.0, 1.0 if leaf.le == 1 else 0.99, 0.01
    if plausible is not None:
        reach = (plausible[1] - plausible[0]) / 2
        low, high = min(base, plausible[0] - reach), max(base, plausible[1] + reach)
    elif leaf.gt == -1:
        low, high = base - 0.5, base + 0.5
    else:
        low, high = min(base / 4, 3 * base), max(base / 4, 3 * base, 24.0 if leaf.whole else 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    step = step_between(low, high)
    if leaf.whole:
        step = max(1.0, round(step))
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    if leaf.ge is not None:
        low = max(low, leaf.ge)
    if leaf.gt is not None and low <= leaf.gt:
        low = leaf.gt + min(step, (base - leaf.gt) / 2)
    if leaf.le is not None:
        high = min(high, leaf.le)
    if leaf.lt is not None and high >= leaf.lt:
        high = leaf.lt - min(step, (leaf.lt - base) / 2)
    return tidy(low), tidy(max(high, low + step)), tidy(step)


def tidy(number: float) -> float:
    """A number without what binary arithmetic leaves behind its tenth digit."""
    return float(f"{number:.10g}")
