"""Every place of an event where a law may stand, and numbers that may be laws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sim.language.document import Steps
from sim.language.law_parts import LawPart
from sim.language.schema import EventPart, OncePart, OutcomePart
from sim.scenario.laws import NEVER, Law


def whole_or_law(value: int | LawPart) -> int | Law:
    """Build whole months, no later than never, or a law."""
    return value.law() if isinstance(value, LawPart) else min(value, NEVER)


def level_or_law(value: float | LawPart) -> float | Law:
    """Build a level or a law of it."""
    return value.law() if isinstance(value, LawPart) else value


def amount_or_law(once: OncePart) -> float | Law:
    """Build an amount or a law of it."""
    return once.law() if once.amount is None else once.amount


@dataclass(frozen=True)
class LawPlace:
    """A law within an event: its path below the event, and what holds for it there."""

    path: Steps
    part: LawPart
    positive: bool = False
    is_level: bool = False
    is_amount: bool = False


def laws_in(event: EventPart) -> Iterator[LawPlace]:
    """List the laws of an event, and those of its outcomes."""
    yield from _own_laws(event)
    for id_, outcome in (event.outcomes or {}).items():
        for place in _consequences(outcome):
            yield replace(place, path=("outcomes", id_, *place.path))


def _own_laws(event: EventPart) -> Iterator[LawPlace]:
    if event.timing is not None and event.timing.month is None and event.timing.at_renewal is None:
        yield LawPlace(("timing",), event.timing, positive=True)
    if isinstance(event.notice, LawPart):
        yield LawPlace(("notice",), event.notice)
    yield from _consequences(event)


def _consequences(event: EventPart | OutcomePart) -> Iterator[LawPlace]:
    if event.lasts is not None:
        yield LawPlace(("lasts",), event.lasts)
    for name, effect in (("usage", event.usage), ("price", event.price)):
        if effect is not None and isinstance(effect.to, LawPart):
            yield LawPlace((name, "to"), effect.to, is_level=True)
        if effect is not None and isinstance(effect.over, LawPart):
            yield LawPlace((name, "over"), effect.over)
    if event.once is not None and event.once.amount is None:
        yield LawPlace(("once",), event.once, is_amount=True)
    for target, trigger in (event.triggers or {}).items():
        if trigger.after is not None:
            yield LawPlace(("triggers", target, "after"), trigger.after, positive=True)
