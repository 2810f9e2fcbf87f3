"""A ledger as swim lanes: what is in force from which month to which, for each event, offer, contract and shortage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.scenario.rules import renewal_months
from sim.words.labels import short

if TYPE_CHECKING:
    from sim.answers.story import Story
    from sim.scenario.parts import Scenario, Stream

EFFECT, OFFER, COMMITMENT, NO_COMMITMENT, SHORTAGE = "effect", "offer", "commitment", "no commitment", "shortage"
ARISES, DECLINED, NOTED = "arises", "declined", "noted"
KNOWN = ("event", "offer", "effect", "ending", "renewal", "capacity", "bill", "month")
"""Kinds of lines that the model writes; others come from processes of a user's own."""

NAME_LENGTH = 54


@dataclass(frozen=True, slots=True)
class Bar:
    """Something in force from a month on, up to and without another; a kind decides its looks."""

    kind: str
    first: int
    end: int
    words: str = ""


@dataclass(slots=True)
class Lane:
    """Bars under one name; ``marks`` are kinds by month, ``waits`` the notices, from a month to another."""

    name: str
    bars: list[Bar] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    waits: list[tuple[int, int]] = field(default_factory=list)


def lanes(story: Story, scenario: Scenario) -> list[Lane]:
    """Lanes of a path: events and offers in the order in which they come, then contracts, then short capacity."""
    rows = [
        (_month(scenario, str(row.month)), str(row.kind), str(row.who), str(row.what), str(row.why))
        for row in story.itertuples()
        if row.kind not in ("bill", "month")
    ]
    found: dict[str, Lane] = {}
    names = {event.id: event.name for event in scenario.events}
    names |= {lever.id: f"Offer: {lever.name or lever.id}" for lever in scenario.levers}

    def lane(id: str) -> Lane:
        return found.setdefault(id, Lane(short(names.get(id, id), NAME_LENGTH)))

    for month, kind, who, what, why in rows:
        if kind == "event":
            lane(who).marks.append((month, ARISES))
        elif kind == "offer":
            _offer(lane, scenario, month, what)
        elif kind == "effect":
            id = what.removesuffix(" takes effect")
            end = _ending(rows, id, month, scenario.months)
            bar = Bar(EFFECT, month, end, why.replace(", its commitment is void", ""))
            if all((known.first, known.end) != (bar.first, bar.end) for known in lane(id).bars):
                lane(id).bars.append(bar)
        elif kind not in KNOWN:
            lane(kind).marks.append((month, NOTED))
    for one in found.values():
        arises = [month for month, kind in one.marks if kind == ARISES]
        if arises:
            begins = min((bar.first for bar in one.bars), default=scenario.months)
            one.waits += [(arises[0], begins)] if begins > arises[0] else []
    return [*found.values(), *_contracts(rows, scenario), *_shortages(rows)]


def _offer(lane: Any, scenario: Scenario, month: int, what: str) -> None:
    for lever in scenario.levers:
        if what == f"{lever.id} is declined":
            lane(lever.id).marks.append((month, DECLINED))
        elif what == f"{lever.id} is accepted":
            end = min(month + lever.months, scenario.months)
            lane(lever.id).bars.append(Bar(OFFER, month, end, f"{lever.discount:.0%} off"))


def _contracts(rows: list[tuple[int, str, str, str, str]], scenario: Scenario) -> Iterable[Lane]:
    """A lane for each contract with a term; those of customers whom something befalls come first."""
    hit = {who for _, kind, who, _, _ in rows if kind in ("effect", "offer")}
    with_term = [s for s in scenario.streams if s.contract is not None and s.contract.term is not None]
    for stream in sorted(with_term, key=lambda stream: stream.id not in hit):
        yield Lane(short(f"Contract: {stream.name}", NAME_LENGTH), _periods(rows, stream, scenario))


def _periods(rows: list[tuple[int, str, str, str, str]], stream: Stream, scenario: Scenario) -> list[Bar]:
    contract = stream.contract
    assert contract is not None
    said = {month: what for month, kind, who, what, _ in rows if kind == "renewal" and who == stream.id}
    months = renewal_months(contract.renews, contract.term, scenario.months)
    voids = [
        (month, _ending(rows, what.removesuffix(" takes effect"), month, scenario.months))
        for month, kind, who, what, why in rows
        if kind == "effect" and who == stream.id and "its commitment is void" in why
    ]
    bars = []
    for first, end in zip(months, (*months[1:], scenario.months), strict=True):
        what = said.get(first, "")
        committed = what.startswith("commits to ")
        kind = COMMITMENT if committed else NO_COMMITMENT
        bars.append(Bar(kind, first, end, what if committed else "no commitment"))
    for first, end in voids:
        bars.append(Bar(NO_COMMITMENT, first, end, "void"))
    return bars


def _shortages(rows: list[tuple[int, str, str, str, str]]) -> Iterable[Lane]:
    """Months in which capacity is short, neighbours as one bar."""
    short_months = [month for month, kind, _, _, _ in rows if kind == "capacity"]
    bars: list[Bar] = []
    for month in short_months:
        if bars and bars[-1].end == month:
            bars[-1] = Bar(SHORTAGE, bars[-1].first, month + 1)
        else:
            bars.append(Bar(SHORTAGE, month, month + 1))
    if bars:
        yield Lane("Capacity is short", bars)


def _ending(rows: list[tuple[int, str, str, str, str]], id: str, begun: int, months: int) -> int:
    ends = [m for m, kind, _, what, _ in rows if kind == "ending" and m > begun and what.startswith(f"{id} is over")]
    return min(ends, default=months)


def _month(scenario: Scenario, label: str) -> int:
    return int(label[:4]) * 12 + int(label[5:]) - 1 - scenario.start
