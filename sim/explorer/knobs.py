"""What can be turned: numbers and months of a scenario, each with a range that makes sense to try."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sim.errors import UsageError, inert
from sim.language.document import nearest
from sim.language.turning import Turn, Value, number_path, turn_at, value_at
from sim.scenario.parts import Event, Scenario
from sim.scenario.terms import has_terms
from sim.words.labels import axis_caption, value_caption

_MOST_OF_A_SCHEDULE = 4


@dataclass(frozen=True, slots=True)
class Knob(Turn):
    """A number or month that can be turned, as a reader meets it.

    Attributes
    ----------
    path, base, low, high, step, kind
        As of a :class:`sim.language.turning.Turn`.
    caption
        What it is in words.
    group
        What it belongs to: ``event``, ``contract``, ``capacity``, ``offer`` or ``more``.
    only_weighs
        Whether the event's law alone depends on it, so that nothing need be simulated again.
    """

    caption: str
    group: str
    only_weighs: bool

    @property
    def label(self) -> str:
        """The caption without whose number it is, for a place that says so already."""
        return self.caption if self.group == "more" else self.caption.partition(" (“")[0]

    def shown(self, value: Value) -> str:
        """A value for a reader: with the decimals of a step, or as many as it needs."""
        if isinstance(value, str) or self.kind == "whole":
            return value_caption(value) if isinstance(value, str) else str(value)
        digits = max(0, len(f"{self.step:.10f}".rstrip("0").partition(".")[2]))
        text = f"{value:.{digits}f}"
        return (text if math.isclose(float(text), value, rel_tol=1e-9) else f"{value:.6g}").replace("-", "−")


def event_named(scenario: Scenario, id: str) -> Event:
    """The event of an id.

    Raises
    ------
    UsageError
        Where there is none, or it is one of several copies.
    """
    alone = {event.id: event for event in scenario.events if event.id == event.origin}
    if isinstance(id, str) and id in alone:
        if why := scenario.unweighable(alone[id]):
            raise UsageError(
                f"event: found {id}, whose months can't be weighed: {why}", help="move its numbers with set"
            )
        return alone[id]
    if any(event.origin == id for event in scenario.events):
        raise UsageError(f"event: {inert(id, 60)} is one event for each customer", help="move its numbers with set")
    near = nearest(str(id), alone)
    raise UsageError(
        f"event: found {inert(repr(id), 60)}, allowed are {', '.join(list(alone)[:30]) or 'none: there are no events'}",
        help=None if near is None else f"did you mean {near}?",
    )


def is_of_the_law(path: str, event: Event | None) -> bool:
    """Whether a path leads to an event's probability or timing."""
    if event is None:
        return False
    timing = f"events.{event.id}.timing"
    return path in (f"events.{event.id}.probability", timing) or path.startswith(f"{timing}.")


def knobs_of(scenario: Scenario, event: Event | None, more: Iterable[str] = ()) -> tuple[Knob, ...]:
    """Choose what can be turned: the event's law, the contract it breaks, the capacity, the offer against it.

    Parameters
    ----------
    scenario
        The scenario.
    event
        The event in question; None: capacity alone.
    more
        Paths of other numbers and months.

    Raises
    ------
    UsageError
        For a path of ``more`` where no number or month stands.
    """
    found = {}
    for group, path in _chosen(scenario, event):
        knob = _knob(scenario, event, group, path)
        if knob is not None:
            found[path] = knob
    for path in more:
        knob = _knob(scenario, event, "more", number_path(scenario, path)) if isinstance(path, str) else None
        if knob is None:
            raise UsageError(
                f"knobs: found {inert(str(path), 80)}, allowed is the path of a number or month that is there"
            )
        found.setdefault(knob.path, knob)
    return tuple(found.values())


def _chosen(scenario: Scenario, event: Event | None) -> Iterator[tuple[str, str]]:
    if event is not None:
        before = f"events.{event.id}"
        if event.timing is not None:  # one that only others set off has no chance of its own
            yield "event", f"{before}.probability"
        for path in _numbers(scenario, f"{before}.timing"):
            if ".table." not in path:  # one number of a table moves only together with another
                yield "event", path
        yield from (("contract", path) for path in _of_contract(scenario, event))
    for key in ("initial", "growth"):
        for path in _numbers(scenario, f"vendor.capacity.{key}"):
            yield "capacity", path
    lever = None if event is None else scenario.lever_against.get(event.id)
    if lever is not None:
        yield from (("offer", f"levers.{lever.id}.{key}") for key in ("discount", "months", "acceptance"))


def _of_contract(scenario: Scenario, event: Event) -> Iterator[str]:
    """Clauses that bind the customer who leaves: of several, the first that is no pool."""
    hit = next((scenario.streams[i] for i in event.hits if not scenario.streams[i].pool), None)
    if hit is not None and hit.contract is not None:
        before = f"customers.{hit.id}.contract"
        if has_terms(hit.contract):
            yield from _numbers(scenario, f"{before}.commitment")
            yield f"{before}.term" if hit.contract.term is not None else f"{before}.first.months"
        if event.choice and event.notice is None:
            yield f"{before}.notice"
    if isinstance(event.notice, int):
        yield f"events.{event.id}.notice"


def _numbers(scenario: Scenario, path: str) -> list[str]:
    """Paths of the numbers and months at a path or below it; of a schedule the first few."""
    value = value_at(scenario, path, default=True)
    if not isinstance(value, Mapping):
        return [] if value is None else [path]
    below = [found for key in value if "." not in key for found in _numbers(scenario, f"{path}.{key}")]
    return below[:_MOST_OF_A_SCHEDULE] if path.endswith((".growth", ".hazard", ".amount", ".at_renewal")) else below


def _knob(scenario: Scenario, event: Event | None, group: str, path: str) -> Knob | None:
    """Make a knob; None where no number or month stands at the path."""
    turn = turn_at(scenario, path)
    if turn is None:
        return None
    numbers = {name: getattr(turn, name) for name in Turn.__dataclass_fields__}
    return Knob(**numbers, caption=axis_caption(scenario, path), group=group, only_weighs=is_of_the_law(path, event))
