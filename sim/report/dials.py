"""What a reader may turn: the probability of one event, and the number of its timing that says when."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.errors import UsageError
from sim.language.turning import STEPS, Value, as_number, between, turn_at, value_at
from sim.scenario.laws import LAWS, NEVER
from sim.scenario.parts import Event, Scenario
from sim.simulation.stratified import event_in_question, own_month_weights
from sim.words.labels import axis_caption

STOPS = STEPS + 1
"""Stops of a dial over a number, at least."""

MOST_STOPS = 400
"""Stops of a dial, at most about: the page holds a weight for each of them and each own month."""


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


def dials_of(scenario: Scenario, matters: str | None = None) -> Dials:
    """Choose the event and the stops of its dials.

    Parameters
    ----------
    matters
        Id of the event that matters most, where it is known: of the events in question it goes first, unless the
        scenario's own sweep is about another (:func:`sim.simulation.stratified.event_in_question`).
    """
    event = event_in_question(scenario, matters)
    if event is None:
        return Dials(None, None, None, (), np.ones((1, 1)))
    path = f"events.{event.id}.probability"
    chance = turn_at(scenario, path)
    assert chance is not None, "an event has a probability"
    chances = chance.stops
    probability = Dial(path, axis_caption(scenario, path), tuple(chances), chances.index(chance.base))
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
        own = value_at(scenario, axis.path, default=True) if axis.path.startswith(before) else None
        if own is not None and isinstance(own, str) == isinstance(axis.values[0], str):
            yield axis.path, between(min(axis.values, key=as_number), max(axis.values, key=as_number)), own
    for path in _saying_when(scenario, event):
        turn = turn_at(scenario, path)
        if turn is not None:
            yield path, turn.stops, turn.base


def _saying_when(scenario: Scenario, event: Event) -> Iterable[str]:
    """Paths of the number of an event's timing that says when, best first."""
    before = f"events.{event.id}.timing."
    timing = value_at(scenario, before.rstrip("."))
    law = next((key for key in timing if key != "from"), "") if isinstance(timing, Mapping) else ""
    if law in ("month", "fixed") or (law == "at_renewal" and not isinstance(timing[law], Mapping)):
        yield before + law
    elif law in ("hazard", "at_renewal"):
        if len(timing[law]) == 1:
            yield f"{before}{law}.{next(iter(timing[law]))}"
    else:
        location = LAWS[law].location if law in LAWS else None
        if location is not None:
            yield f"{before}{law}.{location}"
        yield f"{before}from"


def _dial(
    scenario: Scenario, event: Event, path: str, values: Sequence[Value], own: Value
) -> tuple[Dial, np.ndarray] | None:
    """Make a dial of the values that are valid; None where no other than the scenario's own is."""
    if len(values) > MOST_STOPS:
        values = [*values[: -1 : -(-len(values) // MOST_STOPS)], values[-1]]
    found = _valid(scenario, event, path, [*values, own])
    if 2 <= len(found) < min(STOPS, len(values)) and not isinstance(own, str):
        # Part of the range is refused: as many stops within the rest.
        spread = between(next(iter(found)), next(reversed(found)))
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
