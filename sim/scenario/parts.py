"""What a scenario is once it has been read: frozen parts with months as integers.

Both engines, the laws' tables and the measures read these parts and nothing else of a scenario. Months are whole
numbers counted from the scenario's ``start`` (month 0); money is in the scenario's own unit, a month; rates are a year.
Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from sim.errors import Doubt, UsageError, inert
from sim.scenario.axis import Axis
from sim.scenario.choices import Alternative
from sim.scenario.doubts import Doubtful
from sim.scenario.laws import Law
from sim.scenario.months import format_month
from sim.scenario.source import Source

Shape = Literal["step", "linear", "s_curve", "exponential"]
Leaves = Literal["after_notice", "at_renewal"]


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a customer commits to, in each term (section 5).

    Attributes
    ----------
    share
        Minimum of a month as a share of the volume, or of the bill, at the renewal; None where there is an amount.
    amount
        Minimum of a whole period in the scenario's unit: steps of a month number and what holds from it on.
    running
        With a share: minimum of a month in the term under way in the first month; None: the share of that month.
    of
        What is held against the minimum: ``volume`` at list price, or ``money``, which is what is billed.
    per
        Over which period: ``month``, ``quarter``, ``year`` or ``term``.
    rises
        Share by which the minimum grows on each anniversary of a renewal.
    carry
        Whether what was used above a minimum counts towards the next ones of the term.
    buyout
        Share of what is still committed that a customer who leaves pays at once; None: it stays bound.
    """

    share: float | None = None
    amount: tuple[tuple[int, float], ...] = ()
    running: float | None = None
    of: Literal["volume", "money"] = "volume"
    per: Literal["month", "quarter", "year", "term"] = "month"
    rises: float = 0.0
    carry: bool = False
    buyout: float | None = None

    @property
    def is_a_monthly_floor(self) -> bool:
        """Whether it is no more than a floor on each month's volume."""
        return self == Commitment(share=self.share)


@dataclass(frozen=True, slots=True)
class FirstTerm:
    """A contract's first term: the month in which it begins, and how many it has (section 5)."""

    begins: int
    months: int


@dataclass(frozen=True, slots=True)
class Contract:
    """A customer's contract (section 5).

    Renewals are ``renews`` (a month number, may be negative or beyond the horizon) and all months whole terms from it,
    or, with a ``first`` term, its beginning, its end, and from there every ``term``. Without a ``term`` a ``first`` one
    is the only one and nothing renews; without either there is no ``commitment``.
    """

    notice: int = 0
    term: int | None = None
    renews: int | None = None
    commitment: Commitment | None = None
    first: FirstTerm | None = None
    auto_renews: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One customer with several agreements, each of which is a stream."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A revenue stream: a named customer, or a pool of many (section 2).

    ``growth[m]`` is the yearly growth in force in month m, one entry a month of the horizon. ``starts`` and ``ends``
    are its first and last month (None: the horizon's). ``season`` has twelve factors on its volume, the first of month
    0's calendar month; None where all are 1.
    """

    id: str
    name: str
    revenue: float
    growth: tuple[float, ...]
    volatility: float = 0.0
    market: float = 0.0
    pool: bool = False
    contract: Contract | None = None
    starts: int = 0
    ends: int | None = None
    season: tuple[float, ...] | None = None
    group: Group | None = None

    @property
    def party(self) -> str:
        """Who the customer is: the group's id, or its own."""
        return self.id if self.group is None else self.group.id

    def last(self, months: int) -> int:
        """Its last month within a horizon of so many."""
        return months - 1 if self.ends is None else min(self.ends, months - 1)


@dataclass(frozen=True, slots=True)
class Capacity:
    """The vendor's capacity at list price (section 5); ``growth`` as in :class:`Stream`."""

    initial: float
    growth: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AtMonth:
    """Timing by a given month (section 3): the event's own month, if it arises at all."""

    month: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Timing by a law of the delay after month ``counted_from`` (section 3), known not to have arisen by ``known``."""

    law: Law
    counted_from: int
    known: int


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on usage or on price, towards the level ``to`` over ``over`` months (section 3)."""

    to: float | Law
    over: int | Law = 0
    shape: Shape = "linear"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Where its event arises, it sets off event ``target`` with a probability, after a delay (None: at once)."""

    target: str
    probability: float
    after: Law | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may come of an event: the event ``target``, with a chance; exactly one of all that an event has happens."""

    target: str
    weight: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may happen to the streams ``hits`` (indices into ``Scenario.streams``) (section 3).

    A copy of an ``each`` event has the id ``<event>.<customer>`` and the file's id as ``origin``; otherwise the two
    are equal. ``notice`` None: the contract's for a choice, else 0 (``Scenario.notice`` settles it). ``voids`` None:
    the default, where usage falls and it is not the customer's choice. ``timing`` None: it arises only where another
    event sets it off, and its ``probability`` is 0. ``once``: what is lost, beside revenue, in the month in which
    it takes effect; below 0 it is a gain.

    An event with ``outcomes`` does nothing itself: where it arises, one of them does, in the same month. An outcome is
    an event too, ``outcome_of`` another and of the same origin, with the id ``<event>.<outcome>``. What is ``planned``
    is in the baseline as well.
    It happens once, unless it ``repeats``: then ``coming`` tells which time it is, and the second, which a scenario
    does not list, has the id ``<event>#2``, after which all is named that it draws. Its outcomes repeat too, one each
    time: what happens the second time is ``<event>.<outcome>#2``, the outcome of ``<event>#2``.
    """

    id: str
    origin: str
    name: str
    hits: tuple[int, ...]
    choice: bool
    probability: float
    timing: AtMonth | Delay | None
    notice: int | Law | None = None
    usage: Effect | None = None
    price: Effect | None = None
    lasts: Law | None = None
    permanent: float = 0.0
    voids: bool | None = None
    triggers: tuple[Trigger, ...] = ()
    leaves: Leaves = "after_notice"
    recommits: bool = False
    once: float | Law | None = None
    outcomes: tuple[Outcome, ...] = ()
    outcome_of: str | None = None
    planned: bool = False
    repeats: bool = False
    coming: int = 1

    def again(self, coming: int) -> Event:
        """The event as it comes for another time."""
        source = None if self.outcome_of is None else f"{self.outcome_of}#{coming}"
        return replace(self, id=f"{self.id}#{coming}", outcome_of=source, coming=coming)

    @property
    def first(self) -> str:
        """Id of its first coming: what it is called by, whichever time it is."""
        return self.id.removesuffix(f"#{self.coming}")

    @property
    def source(self) -> str:
        """Id of the first coming of what arises by itself: its own, or that of the event that it is an outcome of."""
        return (self.outcome_of or self.id).removesuffix(f"#{self.coming}")

    @property
    def leads_to(self) -> tuple[str, ...]:
        """Ids of the events that may come of it: those that it sets off, and its outcomes."""
        return (*(trigger.target for trigger in self.triggers), *(outcome.target for outcome in self.outcomes))


@dataclass(frozen=True, slots=True)
class Together:
    """Events that tend to come together (section 3): ids as in the file, of which copies are all meant."""

    events: tuple[str, ...]
    correlation: float


@dataclass(frozen=True, slots=True)
class Lever:
    """The retention offer against one event (section 4)."""

    id: str
    against: str
    discount: float
    months: int
    acceptance: float
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """What is measured (sections 6 and 7): levels in (0, 1), a window of months (both included), a target.

    ``year_starts`` is the calendar month in which years begin by which results are told.
    """

    levels: tuple[float, ...] = (0.95, 0.99)
    first: int = 0
    last: int = 0
    target: float | None = None
    year_starts: int = 1


@dataclass(frozen=True, repr=False)
class Scenario:
    """A scenario, checked and complete. Frozen; ``with_`` returns a changed copy.

    ``start`` counts months from year 0 (``year * 12 + month - 1``); every other month is relative to it. ``events``
    stand in the order of the file, copies of an ``each`` event in the order of its ``hits``. ``document`` is the
    merged file as plain data, ``source`` what the reader keeps to name file, line and column of any value. ``doubt`` is
    what may be otherwise and ``choices`` what can be done: all answers but those about doubt take it as it stands.
    """

    name: str
    start: int
    months: int
    money: str
    vendor: str
    streams: tuple[Stream, ...]
    events: tuple[Event, ...] = ()
    levers: tuple[Lever, ...] = ()
    risk: Risk = field(default_factory=Risk)
    known: int = 0
    discount_rate: float | None = None
    capacity: Capacity | None = None
    about: str = ""
    axes: tuple[Axis, ...] = ()
    together: tuple[Together, ...] = ()
    paths: int = 100_000
    seed: int = 1
    file: str = ""
    sha256: str = ""
    document: Mapping[str, Any] = field(default_factory=dict, compare=False)
    source: Any = field(default=None, compare=False)
    folder: Path | None = field(default=None, compare=False)
    doubt: Doubtful | None = None
    choices: tuple[Alternative, ...] = ()

    def __repr__(self) -> str:
        """One line: its name, what it is about in numbers, where it is from."""
        count, events = len(self.streams), len({event.origin for event in self.events})
        said = [
            f"{self.months} month{'s' if self.months != 1 else ''} from {self.month_label(0)}",
            f"{count} customer{'s' if count != 1 else ''}",
            f"{events} event{'s' if events != 1 else ''}",
            *([self.file] if self.file else []),
            *([f"sha256 {self.sha256[:12]}"] if self.sha256 else []),
        ]
        return inert(f"<Scenario {self.name!r}: {', '.join(said)}>")

    @cached_property
    def event_index(self) -> dict[str, int]:
        """Position in ``events`` by event id."""
        return {event.id: e for e, event in enumerate(self.events)}

    @cached_property
    def lever_against(self) -> dict[str, Lever]:
        """The lever against an event, by event id."""
        return {lever.against: lever for lever in self.levers}

    @cached_property
    def at_risk(self) -> tuple[Event, ...]:
        """Events that are in no plan: what a loss comes of."""
        return tuple(event for event in self.events if not event.planned)

    @cached_property
    def has_one_offs(self) -> bool:
        """Whether anything is lost or gained once, beside revenue."""
        return any(event.once is not None for event in self.events)

    @cached_property
    def largest_one_offs(self) -> float:
        """What all events together may cost once; of a law without an upper end, what one draw in 1,000 exceeds."""
        amounts = [(event.once, self.most_comings(event)) for event in self.events if event.once is not None]
        return math.fsum(n * (float(one.quantile(0.999)) if isinstance(one, Law) else abs(one)) for one, n in amounts)

    def most_comings(self, event: Event) -> int:
        """How often an event may come within the horizon: each time lasts a month, and the next comes after it."""
        return self.months if event.repeats else 1

    @cached_property
    def settling_order(self) -> tuple[int, ...]:
        """Indices of ``events``, each after all that it may come of; ties in the order of the file (section 3)."""
        waiting_for = [0] * len(self.events)
        for event in self.events:
            for id in event.leads_to:
                waiting_for[self.event_index[id]] += 1
        order: list[int] = []
        ready = [e for e, count in enumerate(waiting_for) if count == 0]
        while ready:
            e = ready.pop(0)
            order.append(e)
            for id in self.events[e].leads_to:
                target = self.event_index[id]
                waiting_for[target] -= 1
                if waiting_for[target] == 0:
                    ready.append(target)
        return tuple(order)

    @cached_property
    def _sets(self) -> dict[str, Together]:
        return {id: together for together in self.together for id in together.events}

    def set_of(self, event: Event) -> Together | None:
        """The set of events that an event tends to come together with; None where it is in none."""
        return self._sets.get(event.origin) if event.outcome_of is None else None

    def unweighable(self, event: Event) -> str:
        """Why a cell can't be told by weighing the event's own months (section 8); empty where it can."""
        if self.set_of(event) is not None:
            return f"{event.origin} comes together with others, whose months its own tells something of"
        if event.planned:
            return f"{event.origin} is planned, so that the baseline moves with it"
        if event.repeats:
            return f"{event.origin} comes again, by the same probability and timing"
        return ""

    def notice(self, event: Event, stream: int | None = None) -> int | Law:
        """The notice that holds for an event: its own, else its customer's for a choice, else none (section 3).

        Parameters
        ----------
        stream
            Of the streams that it hits, the one in question: agreements of a group may differ; None: the first.
        """
        return notice_of(event.notice, event.choice, self.streams[event.hits[0] if stream is None else stream])

    def months_differ(self, event: Event) -> bool:
        """Whether an event takes effect on its streams in months of their own: their contracts decide."""
        if event.leaves == "at_renewal":
            return True
        return event.choice and event.notice is None and len({self.notice(event, i) for i in event.hits}) > 1

    def certain(self, event: Event) -> bool | None:
        """Whether an event is sure to arise within the horizon, or sure not to; None where that is left to chance."""
        if event.outcome_of is not None:
            source = self.events[self.event_index[event.outcome_of]]
            (weight,) = (outcome.weight for outcome in source.outcomes if outcome.target == event.id)
            arises = self.certain(source)
            return False if weight == 0 or arises is False else arises if weight == 1 else None
        timing = event.timing
        if timing is None:  # only another sets it off
            latest = math.inf
        elif isinstance(timing, AtMonth):
            latest = float(timing.month)
        else:
            # A delay of x puts it into month ⌈x⌉ after the one that is counted from.
            latest = timing.law.highest if math.isinf(timing.law.highest) else math.ceil(timing.law.highest)
            latest += timing.counted_from
        lever = self.lever_against.get(event.id)
        if event.probability == 1 and latest < self.months and (lever is None or lever.acceptance == 0):
            return True
        out_of_sight = event.probability == 0 or (isinstance(timing, AtMonth) and timing.month >= self.months)
        set_off = any(t.target == event.id and t.probability > 0 for other in self.events for t in other.triggers)
        return False if out_of_sight and not set_off else None

    def with_(self, set: Mapping[str, Any] | Iterable[str]) -> Scenario:
        """Return a copy with some values changed.

        Parameters
        ----------
        set : mapping or iterable of str
            Python values by dotted path, or texts ``path=value`` with the value in YAML.

        Returns
        -------
        Scenario

        Raises
        ------
        ScenarioError
            Where a path does not exist or the changed scenario is refused.
        UsageError
            For a scenario that was built from parts, not loaded.
        """
        source: Source | None = self.source
        if source is None:
            raise UsageError("a scenario that was not loaded cannot be overridden", help="change its parts directly")
        return source.change(self, set)

    def doubts(self) -> tuple[Doubt, ...]:
        """Say what is valid in it and probably not meant; empty for a scenario that was built from parts."""
        source: Source | None = self.source
        return () if source is None else source.doubt(self)

    @property
    def record(self) -> dict[str, Any]:
        """What results and documents say of their scenario, as plain data."""
        head = {"name": self.name, "file": self.file, "sha256": self.sha256}
        record = {**head, "start": self.month_label(0), "months": self.months, "money": self.money}
        in_doubt = 0 if self.doubt is None else len(self.doubt.numbers)
        return {**record, "in_doubt": in_doubt} if in_doubt else record

    def month_label(self, month: int) -> str:
        """``YYYY-MM`` of a month number."""
        return format_month(self.start + month)


def notice_of(given: int | Law | None, choice: bool, stream: Stream | None) -> int | Law:
    """Notice that holds for an event on a stream: its own, else for a choice the contract's, else none (section 3)."""
    if given is not None:
        return given
    contract = stream.contract if choice and stream is not None else None
    return 0 if contract is None else contract.notice
