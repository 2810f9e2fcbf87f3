"""What may be turned: where a scenario stands at a path, values in rising order, a scenario ready to be varied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.language.places import find
from sim.language.values import month_number
from sim.scenario.parts import Scenario

Value = float | str
"""A number, or a month as ``YYYY-MM``."""


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
        holder = holder.get(step) if isinstance(holder, Mapping) else None
    value = holder.get(last) if isinstance(holder, Mapping) else None
    if value is not None or not default or holder is None:
        return value
    place = find(above)
    field = None if place is None else place.keys.get(last)
    return field.get_default() if field is not None and not field.is_required() else None


def bare(scenario: Scenario) -> Scenario:
    """The scenario without axes and evidence: variants of it differ in a few numbers, and are soon compiled."""
    spare = {key: None for key in ("sweep", "evidence") if key in scenario.document}
    return scenario.with_(spare) if spare else scenario
