"""Values on the axes of an event's law, with what they come to: the median month of a delay, no event at all."""

from __future__ import annotations

from collections.abc import Sequence

from sim.scenario.parts import Delay, Event, Scenario
from sim.words.labels import may_be_set_off, value_caption

LATEST = 1200
"""Months after what is known up to which a median month is looked for; later ones say nothing to a reader."""

IN_BRACKETS = "in brackets the median month"

Value = float | str


def stop_caption(scenario: Scenario, path: str, value: Value, beside: Sequence[str] = ()) -> str:
    """A value on an axis with what it comes to, where that can be told: ``18 (2025-03)``, ``0 (without the event)``.

    Parameters
    ----------
    scenario
        The scenario, which stands elsewhere on this axis perhaps.
    path
        Dotted path of the axis.
    value
        A value on it.
    beside
        Paths of other axes, along which the scenario moves too.
    """
    said, told = value_caption(value), stop_meaning(scenario, path, value, beside)
    return f"{said} ({told})" if told else said


def stop_meaning(scenario: Scenario, path: str, value: Value, beside: Sequence[str] = ()) -> str:
    """What a value on an axis comes to, without the value: ``2025-03``, ``without the event``; nothing for most."""
    return none_at_all(scenario, path, value) or resulting_month(scenario, path, value, beside)


def stops_note(scenario: Scenario, path: str, values: Sequence[Value], beside: Sequence[str] = ()) -> str:
    """What stands in brackets beside the values of an axis, for its legend; nothing where that needs no words."""
    return IN_BRACKETS if any(resulting_month(scenario, path, value, beside) for value in values) else ""


def none_at_all(scenario: Scenario, path: str, value: Value) -> str:
    """What a probability of nothing comes to; nothing for other values, and other axes."""
    section, _, rest = path.partition(".")
    id, _, key = rest.partition(".")
    if section != "events" or key != "probability" or isinstance(value, str) or value != 0:
        return ""
    return "only if set off" if may_be_set_off(scenario, id) else "without the event"


def resulting_month(scenario: Scenario, path: str, value: Value, beside: Sequence[str] = ()) -> str:
    """The median month of an event, if it ever arises by itself, where a number of its delay's law has a value.

    It is that of the law given that the event had not arisen by ``known``, within the horizon or beyond it.

    Returns
    -------
    str
        ``YYYY-MM``; nothing for an axis that is no number of a delay, for a value that is refused, where an axis beside
        it moves the median too, and where the median is more than a hundred years away.
    """
    before, key = timing_of_path(path)
    if not key or key == "from" or isinstance(value, str):
        return ""
    moved = f"events.{before}.timing."
    if any(other != path and (other.startswith(moved) or other in ("known", "start")) for other in beside):
        return ""
    event = next((event for event in scenario.events if event.origin == before), None)
    return "" if event is None else _median(scenario, event, path, float(value))


def timing_of_path(path: str) -> tuple[str, str]:
    """Id of the event, and what of its timing, that a path leads to; two empty texts for any other."""
    section, _, rest = path.partition(".")
    id, _, key = rest.partition(".")
    place, _, what = key.partition(".")
    return (id, what) if section == "events" and place == "timing" else ("", "")


def _median(scenario: Scenario, event: Event, path: str, value: float) -> str:
    from sim.errors import UsageError
    from sim.language.timing import timing_with

    try:
        timing = timing_with(scenario, event.origin, {path: value})
    except UsageError:
        return ""
    if not isinstance(timing, Delay):
        return ""
    law, start = timing.law, timing.counted_from
    half = law.survival(timing.known - start) / 2
    low, high = timing.known, timing.known + LATEST
    if law.survival(high - start) > half:
        return ""
    while high - low > 1:  # the survival falls: half of what was left is gone by the first month at which it is half
        middle = (low + high) // 2
        low, high = (low, middle) if law.survival(middle - start) <= half else (middle, high)
    return scenario.month_label(high)
