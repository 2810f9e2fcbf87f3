"""What can be turned: numbers and months of a scenario, each with a range that makes sense to try."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sim.errors import UsageError, inert
from sim.language.document import nearest
from sim.language.places import find
from sim.language.turning import Value, value_at
from sim.language.values import Month, Number, month_number
from sim.scenario.parts import Event, Scenario, format_month
from sim.words.labels import axis_caption, value_caption

STEPS = 100
"""Steps that a range has, at most about."""

MONTHS_EITHER_WAY = 24
"""A month moves from so much before its value in the scenario to so much after it, at least."""

_MOST_OF_A_SCHEDULE = 4


@dataclass(frozen=True, slots=True)
class Knob:
    """A number or month that can be turned.

    Attributes
    ----------
    path, caption
        Its dotted path, and what it is in words.
    group
        What it belongs to: ``event``, ``contract``, ``capacity``, ``offer`` or ``more``.
    base
        Its value in the scenario: what stands there, or what holds where nothing does.
    low, high, step
        The range to turn it in; of a month, counted from year 0. Other values may be set all the same.
    kind
        ``number``, ``whole`` or ``month``.
    only_weighs
        Whether the event's law alone depends on it, so that nothing need be simulated again.
    """

    path: str
    caption: str
    group: str
    base: Value
    low: float
    high: float
    step: float
    kind: str
    only_weighs: bool

    @property
    def label(self) -> str:
        """The caption without whose number it is, for a place that says so already."""
        return self.caption if self.group == "more" else self.caption.partition(" (“")[0]

    @property
    def stops(self) -> list[Value]:
        """Values of its range in even steps, and its base; rising."""
        if self.kind == "month":
            return [format_month(month) for month in range(int(self.low), int(self.high) + 1)]
        number = int if self.kind == "whole" else _tidy
        count = math.floor((self.high - self.low) / self.step + 1e-9)
        found: set[Value] = {number(self.low + k * self.step) for k in range(count + 1)}
        return sorted({*found, number(self.high), self.base})

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
        knob = _knob(scenario, event, "more", path) if isinstance(path, str) else None
        if knob is None:
            raise UsageError(
                f"knobs: found {inert(str(path), 80)}, allowed is the path of a number or month that is there"
            )
        found.setdefault(path, knob)
    return tuple(found.values())


def _chosen(scenario: Scenario, event: Event | None) -> Iterator[tuple[str, str]]:
    if event is not None:
        before = f"events.{event.id}"
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
        if hit.contract.term is not None:
            yield f"{before}.commitment"
            yield f"{before}.term"
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
    return below[:_MOST_OF_A_SCHEDULE] if path.endswith((".growth", ".hazard")) else below


def _knob(scenario: Scenario, event: Event | None, group: str, path: str) -> Knob | None:
    """Make a knob; None where no number or month stands at the path."""
    place, base = find(path.split(".")), value_at(scenario, path, default=True)
    leaf = None if place is None else place.leaf
    about = (path, axis_caption(scenario, path), group)
    weighs = is_of_the_law(path, event)
    if isinstance(leaf, Month) and isinstance(base, str):
        month = month_number(base)
        reach = max(MONTHS_EITHER_WAY, scenario.months if path.endswith(".month") else 0)
        first = max(0, month - reach, scenario.start if path.endswith(".timing.month") else 0)
        return Knob(*about, base, min(first, month), month + reach, 1, "month", weighs)
    if isinstance(leaf, Number) and isinstance(base, int | float):
        low, high, step = _range(leaf, float(base), _plausible(scenario, path))
        return Knob(*about, base, low, high, step, "whole" if leaf.whole else "number", weighs)
    return None


def _plausible(scenario: Scenario, path: str) -> tuple[float, float] | None:
    """Range that the evidence for a number gives, on it or on what it stands in."""
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
    if (leaf.ge, leaf.le) == (0, 1):
        return 0.0, 1.0, 0.01
    if plausible is not None:
        reach = (plausible[1] - plausible[0]) / 2
        low, high = min(base, plausible[0] - reach), max(base, plausible[1] + reach)
    elif leaf.gt == -1:
        low, high = base - 0.5, base + 0.5
    else:
        low, high = base / 4, max(3 * base, 24.0 if leaf.whole else 1.0)
    step = _round_step((high - low) / STEPS)
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
    return _tidy(low), _tidy(max(high, low + step)), _tidy(step)


def _round_step(wanted: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below what is wanted, for a range that is one."""
    if wanted <= 0:
        return 0.01
    size = 10.0 ** math.floor(math.log10(wanted))
    return next(size * times for times in (1, 2, 5, 10) if size * times >= wanted * (1 - 1e-9))


def _tidy(number: float) -> float:
    return float(f"{number:.10g}")
