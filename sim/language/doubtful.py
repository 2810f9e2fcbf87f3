"""What is valid in a scenario and probably not meant: rates typed as per cent, ranges that hold nothing, past events.

A scenario with doubts means what it says and runs as it stands; whoever shows an answer shows them beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim.errors import Doubt
from sim.language.document import Document, Steps, written_last
from sim.language.figures import percent, plain
from sim.language.leaves import number_of
from sim.language.misdated import misdated
from sim.language.plausible import troubled
from sim.language.reader import Node, Scalar, Table
from sim.scenario.expectation import expected_revenue
from sim.scenario.laws import Law, Lognormal
from sim.scenario.parts import AtMonth, Delay, Effect, Event, Scenario

ANY = "*"

FEW, MANY = 0.5, 2.0
"""Shares of the revenue without events outside which a target does not fit its window."""

_OFTEN = 0.1  # chance from which on an unbounded law counts as reaching a level
_WIDE = 5.0  # sd of a logarithm: one value in ten is then some 600 times the median


@dataclass(frozen=True)
class _Rate:
    """Where a rate or a level stands (``*`` for any key), and from where on it was probably typed as per cent."""

    path: Steps
    most: float
    of: str
    inclusive: bool = True

    def stands_at(self, steps: Steps) -> bool:
        return len(steps) == len(self.path) and all(a in (ANY, b) for a, b in zip(self.path, steps, strict=True))

    def is_reached(self, value: float) -> bool:
        return value >= self.most if self.inclusive else value > self.most


_LEVEL = 3.0
_OF_USUAL = "of what it would be"
_RATES = (
    _Rate(("vendor", "discount_rate"), 1.0, "a year", inclusive=False),
    _Rate(("vendor", "capacity", "growth"), 2.0, "a year"),
    _Rate(("vendor", "capacity", "growth", ANY), 2.0, "a year"),
    _Rate(("customers", ANY, "growth"), 2.0, "a year"),
    _Rate(("customers", ANY, "growth", ANY), 2.0, "a year"),
    _Rate(("customers", ANY, "volatility"), 3.0, "a year", inclusive=False),
    _Rate(("events", ANY, "usage", "to"), _LEVEL, _OF_USUAL),
    _Rate(("events", ANY, "price", "to"), _LEVEL, _OF_USUAL),
    _Rate(("events", ANY, "outcomes", ANY, "usage", "to"), _LEVEL, _OF_USUAL),
    _Rate(("events", ANY, "outcomes", ANY, "price", "to"), _LEVEL, _OF_USUAL),
)


def doubts(scenario: Scenario) -> tuple[Doubt, ...]:
    """What is doubtful in a scenario, in the order in which it stands in its files.

    Returns
    -------
    tuple of Doubt
        Empty for a scenario that was built from parts, not loaded.
    """
    document = scenario.source
    if not isinstance(document, Document):
        return ()
    found = [
        *_rates(document),
        *_axes(scenario, document),
        *_dropped_axes(document),
        *_laws(scenario, document),
        *_past(scenario, document),
        *_target(scenario, document),
        *misdated(scenario, document, _originals(scenario)),
        *_ranges(document),
    ]
    return tuple(sorted(found, key=lambda doubt: (doubt.file, doubt.line or 0, doubt.column or 0)))


def about_evidence(scenario: Scenario) -> tuple[Doubt, ...]:
    """What is doubtful in a scenario's evidence alone, in the order of the file."""
    document = scenario.source
    return tuple(_ranges(document)) if isinstance(document, Document) else ()


def _ranges(document: Document) -> Iterator[Doubt]:
    """Plausible ranges that can't be meant as they stand; a tornado leaves them out."""
    for steps, why, allowed in troubled(document):
        entry = ".".join(steps)
        path = ("evidence", entry)
        ends = [document.mark((*path, end)) for end in ("low", "high")]
        help = f"give {allowed}" if allowed else "leave low and high out"
        yield _doubt(ends[written_last(ends)], path, why, f"{help}; a tornado leaves this range out")


def _doubt(mark: Node, path: Steps, message: str, help: str) -> Doubt:
    return Doubt(mark.source.name, mark.line, mark.column, ".".join(path), message, help)


def _as_percent(value: float, of: str, upto: str = "") -> tuple[str, str]:
    """What a rate says, beside what was probably meant; and what to do."""
    said = f"{percent(value)} {of}"
    meant = f"{value / 100:.12g}"
    return f"{upto}{said}; {meant} would be {percent(value / 100)}", f"write {meant} if {percent(value / 100)} is meant"


def _rates(document: Document) -> Iterator[Doubt]:
    for rate in _RATES:
        for steps, node in _standing(document.root, rate.path):
            value = number_of(node)
            if value is not None and rate.is_reached(value):
                message, help = _as_percent(value, rate.of)
                yield _doubt(node, steps, message, help)


def _standing(node: Node | None, pattern: Steps, above: Steps = ()) -> Iterator[tuple[Steps, Scalar]]:
    """Single values at a path of which some steps are any."""
    if not pattern:
        if isinstance(node, Scalar):
            yield above, node
    elif isinstance(node, Table):
        keys: Iterable[str] = node.entries if pattern[0] == ANY else [pattern[0]]
        for key in keys:
            yield from _standing(node.entries.get(key), pattern[1:], (*above, key))


def _axes(scenario: Scenario, document: Document) -> Iterator[Doubt]:
    for axis in scenario.axes:
        steps = tuple(axis.path.split("."))
        highest = max((value for value in axis.values if not isinstance(value, str)), default=0.0)
        for rate in _RATES:
            if rate.stands_at(steps) and rate.is_reached(highest):
                path = ("sweep", axis.path)
                message, help = _as_percent(highest, rate.of, "up to ")
                yield _doubt(document.latest(path), path, message, help)


def _dropped_axes(document: Document) -> Iterator[Doubt]:
    """Axes that are inherited and over what was removed: a sweep goes without them."""
    for written in document.dropped:
        axis = str(written.value)
        path = ("sweep", axis)
        if document.node(path) is None:
            message = "an axis that is inherited, over what was removed since; the sweep goes without it"
            yield _doubt(written, path, message, f"remove the axis too: sweep: {{{axis}: null}}")


def _originals(scenario: Scenario) -> Iterable[Event]:
    """Events as they stand in the file: one of an ``each`` event's copies."""
    return {event.origin: event for event in reversed(scenario.events)}.values()


def _laws(scenario: Scenario, document: Document) -> Iterator[Doubt]:
    for path, law in _all_laws(scenario, document).items():
        if path[-1] == "to" and (highest := _reaches(law)) is not None:
            message, help = _as_percent(highest, _OF_USUAL, "up to ")
            yield _doubt(document.latest(path), path, message, help)
        where = (*path, law.key, "sigma")
        sigma = document.node(where)
        if isinstance(law, Lognormal) and law.sigma > _WIDE and sigma is not None:
            message = (
                f"a standard deviation of the logarithm of {plain(law.sigma)}: one value in ten lies more than "
                f"e^{plain(round(1.28 * law.sigma, 1))} times above the median"
            )
            help = f"write {law.sigma / 100:.12g} if {percent(law.sigma / 100)} is meant, or give p90"
            yield _doubt(sigma, where, message, help)


def _all_laws(scenario: Scenario, document: Document) -> dict[Steps, Law]:
    """The laws of all events and of their outcomes, by their place; what an outcome has of its event stands there."""
    found: dict[Steps, Law] = {}
    for event in _originals(scenario):
        above = ("events", event.origin)
        for steps, law in _laws_of(event):
            found[(*above, *steps)] = law
        for outcome in event.outcomes:
            below = ("outcomes", outcome.target.removeprefix(f"{event.id}."))
            for steps, law in _laws_of(scenario.events[scenario.event_index[outcome.target]]):
                own = (*above, *below, *steps)
                found.setdefault(own if document.node(own) is not None else (*above, *steps), law)
    return found


def _laws_of(event: Event) -> Iterator[tuple[Steps, Law]]:
    """The laws of an event, each with its steps below the event."""
    if isinstance(event.timing, Delay):
        yield ("timing",), event.timing.law
    if isinstance(event.notice, Law):
        yield ("notice",), event.notice
    if event.lasts is not None:
        yield ("lasts",), event.lasts
    effects: tuple[tuple[str, Effect | None], ...] = (("usage", event.usage), ("price", event.price))
    for name, effect in effects:
        for key, value in (("to", effect.to), ("over", effect.over)) if effect is not None else ():
            if isinstance(value, Law):
                yield (name, key), value
    if isinstance(event.once, Law):
        yield ("once",), event.once
    for trigger in event.triggers:
        if trigger.after is not None:
            yield ("triggers", trigger.target, "after"), trigger.after


def _reaches(law: Law) -> float | None:
    """A level of 3 or more that a law reaches at its upper end; one without an end reaches what it often exceeds."""
    if law.highest < float("inf"):
        return law.highest if law.highest >= _LEVEL else None
    return _LEVEL if law.survival(_LEVEL) > _OFTEN else None


def _past(scenario: Scenario, document: Document) -> Iterator[Doubt]:
    """Events dated at or before a ``known`` that stands in the file: they happen all the same."""
    if document.node(("known",)) is None:
        return
    for event in _originals(scenario):
        if isinstance(event.timing, AtMonth) and event.timing.month <= scenario.known and event.probability > 0:
            date, known = scenario.month_label(event.timing.month), scenario.month_label(scenario.known)
            chance = "for certain" if event.probability == 1 else f"with a chance of {percent(event.probability)}"
            when = "the month" if date == known else "before the month"
            message = (
                f"{date}, {when} of `known` ({known}), by which nothing had happened; it happens all the same, {chance}"
            )
            path = ("events", event.origin, "timing", "month")
            help = "give it a later month, remove the event, or let `known` be an earlier month"
            yield _doubt(document.latest(path), path, message, help)


def _target(scenario: Scenario, document: Document) -> Iterator[Doubt]:
    """A target that is far from what the window brings without events, as one of another span would be."""
    target, risk = scenario.risk.target, scenario.risk
    if target is None:
        return
    expected = float(expected_revenue(scenario)[risk.first : risk.last + 1].sum())
    if FEW * expected <= target <= MANY * expected:
        return
    count = risk.last - risk.first + 1
    span = f"{scenario.month_label(risk.first)} … {scenario.month_label(risk.last)}"
    months = f"{count} month{'s' if count > 1 else ''}"
    message = (
        f"a target of {plain(target)} for a window that brings about {plain(expected)} without events "
        f"({span}, {months}, not discounted)"
    )
    help = "the target is the revenue of the whole window: let both be of the same months"
    path = ("risk", "target")
    yield _doubt(document.mark(path), path, message, help)
