"""A ledger as swim lanes: what is in force from which month to which, for each event, offer, contract and shortage.

It is made from the facts of the model's entries alone; what a user's own process notes is a mark and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.scenario.terms import has_terms, not_renewed, terms_of
from sim.words.labels import short
from sim.words.story import changes, told

if TYPE_CHECKING:
    from sim.answers.story import Story
    from sim.engines.ledger import Entry
    from sim.scenario.parts import Scenario, Stream

EFFECT, OFFER, COMMITMENT, NO_COMMITMENT, SHORTAGE = "effect", "offer", "commitment", "no commitment", "shortage"
ARISES, DECLINED, COSTS, NOTED = "arises", "declined", "costs once", "noted"
TRUE_UP, BUYOUT = "true up", "buyout"

NAME_LENGTH = 54

FEW = 2
"""Contracts that nothing befalls up to which each has a lane; more of them share one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Something in force from a month on, up to and without another; a kind decides its looks."""

    kind: str
    first: int
    end: int
    words: str = ""


@dataclass(slots=True)
class Lane:
    """Bars under one name; ``marks`` are kinds by month, ``waits`` the notices, from a month to another.

    ``note`` stands in place of bars where a lane is about several things.
    """

    name: str
    bars: list[Bar] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    waits: list[tuple[int, int]] = field(default_factory=list)
    note: str = ""


def lanes(story: Story, scenario: Scenario) -> list[Lane]:
    """Lanes of a path: events and offers in the order in which they come, then contracts, then short capacity."""
    entries = story.entries
    known = [entry for entry in entries if not entry.own]
    effects = _effects(known, scenario.months)
    ends = {id(entry): end for entry, end in effects}
    names = {("event", event.id): event.name for event in scenario.events}
    names |= {("lever", lever.id): f"Offer: {lever.name or lever.id}" for lever in scenario.levers}
    found: dict[tuple[str, str], Lane] = {}

    def lane(what: str, id: str) -> Lane:
        return found.setdefault((what, id), Lane(short(names.get((what, id), id), NAME_LENGTH)))

    for entry in entries:
        month, facts = entry.month, entry.facts
        if entry.own:
            # A note beside the changes of a user's own: they share a lane where they share a name.
            lane("own", entry.kind).marks.append((month, NOTED))
        elif entry.kind == "event":
            lane("event", entry.subject).marks.append((month, ARISES))
        elif entry.kind == "offer" and facts["accepted"]:
            end = min(month + facts["months"], scenario.months)
            lane("lever", facts["lever"]).bars.append(Bar(OFFER, month, end, f"{facts['discount']:.0%} off"))
        elif entry.kind == "offer":
            lane("lever", facts["lever"]).marks.append((month, DECLINED))
        elif entry.kind == "one_off":
            lane("event", facts["event"]).marks.append((month, COSTS))
        elif entry.kind == "effect":
            one = lane("event", facts["event"]) if facts["event"] is not None else lane("own", facts["change"])
            bar = Bar(EFFECT, month, ends[id(entry)], changes(facts) or told(entry)[1])
            # Customers whom an event hits alike share a bar.
            if bar.end > month and all((other.first, other.end) != (month, bar.end) for other in one.bars):
                one.bars.append(bar)
    # What an event with outcomes leads to, and after what notice, stands in the lane of the one that happens.
    indirect = {("event", event.id) for event in scenario.events if event.outcomes}
    for key, one in found.items():
        arises = [month for month, kind in one.marks if kind == ARISES]
        if arises and key not in indirect:
            effects_begin = [bar.first for bar in one.bars] + [month for month, kind in one.marks if kind == COSTS]
            for month in arises:
                begins = min((begins for begins in effects_begin if begins >= month), default=scenario.months)
                one.waits += [(month, begins)] if begins > month else []
    return [*found.values(), *_contracts(known, effects, scenario), *_shortages(known)]


def _effects(known: Sequence[Entry], months: int) -> list[tuple[Entry, int]]:
    """Effects, each with the month in which it ends: over, replaced by a change of the same name, or never."""
    effects: list[Entry] = []
    ends: list[int] = []
    running: dict[tuple[str, str | None, str | None], int] = {}
    for entry in known:
        if entry.kind in ("effect", "ending"):
            source = (entry.subject, entry.facts["event"], entry.facts["change"])
            if source in running:
                ends[running.pop(source)] = entry.month
            if entry.kind == "effect":
                running[source] = len(ends)
                effects.append(entry)
                ends.append(months)
    return list(zip(effects, ends, strict=True))


def _contracts(known: Sequence[Entry], effects: Sequence[tuple[Entry, int]], scenario: Scenario) -> Iterable[Lane]:
    """A lane for each contract with a term that something befalls, then the others, as one lane where they are many."""
    hit = {entry.subject for entry in known if entry.kind in ("effect", "offer")}
    hit |= {entry.subject for entry in known if entry.kind == "renewal" and not entry.facts["commits"]}
    hit |= {stream.id for stream in scenario.streams if stream.party in hit}
    with_term = [s for s in scenario.streams if has_terms(s.contract)]
    as_agreed = [stream for stream in with_term if stream.id not in hit]
    shown = [stream for stream in with_term if stream.id in hit]
    if len(as_agreed) <= FEW:
        shown += as_agreed
    for stream in shown:
        name = short(f"Contract: {stream.name}", NAME_LENGTH)
        yield Lane(name, _periods(known, effects, stream, scenario), _billed(known, stream))
    if len(as_agreed) > FEW:
        others = " other" if shown else ""
        yield Lane(f"{len(as_agreed)}{others} contracts", note="as agreed: nothing befalls them")


def _periods(
    known: Sequence[Entry], effects: Sequence[tuple[Entry, int]], stream: Stream, scenario: Scenario
) -> list[Bar]:
    renewals = {entry.month: entry for entry in known if entry.kind == "renewal" and entry.subject == stream.id}
    recommits = {event.id for event in scenario.events if event.recommits}
    bars = []
    for term in terms_of(stream, scenario.months):
        first, end = term.fixed, term.last + 1
        renewal = renewals.get(first)
        if renewal is not None and renewal.facts["commits"]:
            bars.append(Bar(COMMITMENT, first, end, told(renewal)[0]))
        else:
            bars.append(Bar(NO_COMMITMENT, first, end, "no commitment"))
    over, end = not_renewed(stream.contract), stream.last(scenario.months) + 1
    if over is not None and over < end:
        bars.append(Bar(NO_COMMITMENT, max(over, stream.starts), end, "contract is over"))
    for entry, end in effects:
        if entry.subject == stream.id and entry.facts["voids"]:
            if entry.facts["event"] in recommits:
                # What is committed to from then on stands, for what is left.
                end = min([end, *(bar.first for bar in bars if bar.first >= entry.month)])
            # Where nothing was committed as it began, it voids what is committed while it lasts.
            committed = [bar.first for bar in bars if bar.kind == COMMITMENT and entry.month <= bar.first < end]
            first = entry.month if entry.facts["floor"] > 0 else min(committed, default=end)
            if first < end:
                bars.append(Bar(NO_COMMITMENT, first, end, "void"))
    return bars


def _billed(known: Sequence[Entry], stream: Stream) -> list[tuple[int, str]]:
    """Months in which a customer is billed beside its use: a period is trued up, or it buys itself out."""
    kinds = {"true_up": TRUE_UP, "buyout": BUYOUT}
    return [(e.month, kinds[e.kind]) for e in known if e.kind in kinds and e.subject == stream.id and e.money]


def _shortages(known: Sequence[Entry]) -> Iterable[Lane]:
    """Months in which capacity is short, neighbours as one bar."""
    bars: list[Bar] = []
    for month in (entry.month for entry in known if entry.kind == "capacity"):
        if bars and bars[-1].end == month:
            bars[-1] = Bar(SHORTAGE, bars[-1].first, month + 1)
        else:
            bars.append(Bar(SHORTAGE, month, month + 1))
    if bars:
        yield Lane("Capacity is short", bars)
