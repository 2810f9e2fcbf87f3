"""What a reader may turn: the probability of one event, and the number of its timing that says when."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.errors import UsageError
from sim.language.turning import Value, as_number, value_at
from sim.scenario.laws import LAWS, NEVER
from sim.scenario.parts import Event, Scenario, format_month
from sim.simulation.stratified import event_in_question, own_month_weights
from sim.words.labels import axis_caption

STOPS = 101
"""Stops of a dial over a number, at least."""

MOST_STOPS = 400
"""Stops of a dial, at most about: the page holds a weight for each of them and each own month."""

WIDE = 3.0
"""A number of a timing is looked at from its value over this factor to its value times it."""

_LEAST_SHIFT, _MOST_SHIFT = 24, 60  # months that `from` moves either way


@dataclass(frozen=True, slots=True)
class Dial:
    """One number or month of a scenario at many stops.

    Attributes
    ----------
    path
        Dotted path, as ``--set`` takes it.
    caption
        What it is, in words.
    values
        The stops in rising order; the scenario's own value is one of them.
    base
        Place of the scenario's own value.
    """

    path: str
    caption: str
    values: tuple[Value, ...]
    base: int


@dataclass(frozen=True)
class Dials:
    """The event that a report is live about, and its dials.

    Attributes
    ----------
    event
        None where no event can be turned; then there is a single stop.
    probability, timing
        None where there is nothing to turn.
    months
        Own months that have a probability at any stop, NEVER the last; empty without an event.
    weights
        Probability of each of these at each stop of the timing if the event is certain to arise; shape (stops, strata).
    """

    event: Event | None
    probability: Dial | None
    timing: Dial | None
    months: tuple[int, ...]
    weights: np.ndarray


def dials_of(scenario: Scenario) -> Dials:
    """Choose the event and the stops of its dials.

    The event is the one in question (:func:`sim.simulation.stratified.event_in_question`).
    """
    event = event_in_question(scenario)
    if event is None:
        return Dials(None, None, None, (), np.ones((1, 1)))
    chances = sorted({*(k / 100 for k in range(101)), event.probability})
    path = f"events.{event.id}.probability"
    probability = Dial(path, axis_caption(scenario, path), tuple(chances), chances.index(event.probability))
    for candidate in _timings(scenario, event):
        found = _dial(scenario, event, *candidate)
        if found is not None:
            timing, weights = found
            break
    else:
        timing, weights = None, own_month_weights(scenario, event, [{path: 1.0}])
    used = np.flatnonzero((weights[:, :-1] > 0).any(axis=0))
    return Dials(event, probability, timing, (*used.tolist(), NEVER), weights[:, [*used, scenario.months]])


def _timings(scenario: Scenario, event: Event) -> Iterable[tuple[str, Sequence[Value], Value]]:
    """Paths that may say when, best first: each with values to choose stops from, and the scenario's own."""
    before = f"events.{event.id}.timing."
    for axis in scenario.axes:
        if axis.path.startswith(before):
            own = value_at(scenario, axis.path)
            if own is None and axis.path == f"{before}from":
                own = scenario.month_label(0)
            if own is not None and isinstance(own, str) == isinstance(axis.values[0], str):
                yield axis.path, _between(min(axis.values, key=as_number), max(axis.values, key=as_number)), own
    timing = value_at(scenario, before.rstrip("."))
    law = next((key for key in timing if key != "from"), "") if isinstance(timing, Mapping) else ""
    if law == "month":
        yield f"{before}month", _months(scenario.start, scenario.start + scenario.months - 1), timing["month"]
    elif law == "fixed":
        yield f"{before}fixed", [float(k) for k in range(1, scenario.months + 1)], timing["fixed"]
    elif law == "hazard":
        if len(timing["hazard"]) == 1:
            ((date, rate),) = timing["hazard"].items()
            yield f"{before}hazard.{date}", [k / 100 for k in range(100)], rate
    else:
        location = LAWS[law].location if law in LAWS else None
        if location is not None:
            number = timing[law][location]
            yield f"{before}{law}.{location}", _between(number / WIDE, number * WIDE)[1:-1], number
        own = timing.get("from") or scenario.month_label(0)
        month = int(as_number(own))
        reach = min(_MOST_SHIFT, max(_LEAST_SHIFT, scenario.months))
        yield f"{before}from", _months(max(0, month - reach), month + reach), own


def _dial(
    scenario: Scenario, event: Event, path: str, values: Sequence[Value], own: Value
) -> tuple[Dial, np.ndarray] | None:
    """Make a dial of the values that are valid; None where no other than the scenario's own is."""
    if len(values) > MOST_STOPS:
        values = [*values[: -1 : -(-len(values) // MOST_STOPS)], values[-1]]
    found = _valid(scenario, event, path, [*values, own])
    if 2 <= len(found) < min(STOPS, len(values)) and not isinstance(own, str):
        # Part of the range is refused: as many stops within the rest.
        spread = _between(next(iter(found)), next(reversed(found)))
        found = _valid(scenario, event, path, [*spread, own])
    stops = tuple(found)
    if own not in stops or len(stops) < 2:
        return None
    return Dial(path, axis_caption(scenario, path), stops, stops.index(own)), np.array(list(found.values()))


def _valid(scenario: Scenario, event: Event, path: str, values: Iterable[Value]) -> dict[Value, np.ndarray]:
    """Those of some values at which the timing is valid, in rising order, with the weights of all own months there."""
    certain = f"events.{event.id}.probability"
    found = {}
    for value in sorted({*values}, key=as_number):
        # Otherwise nothing would be left of the law, or its numbers do not go together.
        with contextlib.suppress(UsageError):
            found[value] = own_month_weights(scenario, event, [{certain: 1.0, path: value}])[0]
    return found


def _months(first: int, last: int) -> list[Value]:
    return [format_month(month) for month in range(first, last + 1)]


def _between(low: Value, high: Value) -> list[Value]:
    """Values from one to another, both included: each month, or round numbers in even steps."""
    if isinstance(low, str) or isinstance(high, str):
        return _months(int(as_number(low)), int(as_number(high)))
    if low == high:
        return [low]
    widest = (high - low) / (STOPS - 1)
    size = 10.0 ** math.floor(math.log10(widest))
    step = max(size * times for times in (1.0, 2.0, 2.5, 5.0) if size * times <= widest * (1 + 1e-9))
    digits = max(0, 2 - math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [low, *(v for k in range(first, last + 1) if low < (v := round(k * step, digits)) < high), high]
