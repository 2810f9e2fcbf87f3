"""What becomes of a path's events: own arising, triggers, offers, notice and ending (``docs/model.md`` 2 to 4).

The first part of the third valuation (see :mod:`tests.truth.oracle`): plain Python numbers, one loop for each index of
a formula, and nothing shared with the engines but the compiled scenario and its laws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sim.scenario.laws import Hazard, Law
from sim.scenario.parts import Delay, Effect, Event, Scenario, Stream
from tests.truth import calendar

FOREVER = 10**9
"""The month of what never is, and the end of an effect that has none."""


@dataclass(frozen=True)
class Chances:
    """Everything on one path that is left to chance.

    Delays, durations and levels are as the law gave them; rounding up to whole months is the valuation's business.
    Where a number is fixed by the scenario its entry may be left out, except ``own`` and ``demand``.

    Attributes
    ----------
    own
        By event id: the month in which it arises by itself, None for never (section 3).
    demand
        One list of months for each stream, in the order of ``Scenario.streams`` (section 2).
    fires
        By (event id, id of the triggered event): whether the trigger fires; absent, it does not.
    delay
        By the same pair: the trigger's delay; absent, none.
    notice, usage_to, usage_over, price_to, price_over, lasts, once
        By event id: the drawn value where the scenario gives a law.
    permanent
        By event id: whether a temporary event turns out permanent; absent, it does not.
    outcome
        By event id: which of its outcomes happens, by number.
    again
        By id of an event that repeats with the number of its coming (``outage#2``), from the month that it is counted
        from: the month in which it comes, None for never. All else that is drawn of it goes by that name too, and what
        is drawn of its outcomes that time by theirs (``outage.long#2``).
    accepted
        By id of the event that the lever is against; absent, the offer is declined.
    """

    own: Mapping[str, int | None]
    demand: list[list[float]]
    fires: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    delay: Mapping[tuple[str, str], float] = field(default_factory=dict)
    notice: Mapping[str, float] = field(default_factory=dict)
    usage_to: Mapping[str, float] = field(default_factory=dict)
    usage_over: Mapping[str, float] = field(default_factory=dict)
    price_to: Mapping[str, float] = field(default_factory=dict)
    price_over: Mapping[str, float] = field(default_factory=dict)
    lasts: Mapping[str, float] = field(default_factory=dict)
    once: Mapping[str, float] = field(default_factory=dict)
    permanent: Mapping[str, bool] = field(default_factory=dict)
    accepted: Mapping[str, bool] = field(default_factory=dict)
    outcome: Mapping[str, int] = field(default_factory=dict)
    again: Mapping[str, Callable[[int], int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """An effect with its numbers known: towards ``to`` over ``over`` months."""

    to: float
    over: int
    shape: str

    def factor(self, k: int) -> float:
        """Factor in month k of the effect, k = 0 the first (section 3, "Effect")."""
        n = self.over
        if n == 0 or self.shape == "step":
            progress = 1.0
        elif self.shape == "linear":
            progress = min(k + 1, n) / n
        elif self.shape == "s_curve":
            t = min(k + 1, n) / n
            progress = 3 * t**2 - 2 * t**3
        elif self.shape == "exponential":
            progress = 1 - math.exp(-3 * (k + 1) / n)
        else:
            raise ValueError(f"no such shape: {self.shape}")
        return 1 + (self.to - 1) * progress


@dataclass(frozen=True)
class Felt:
    """An event as one stream feels it: a + n_e, then b and c of section 3."""

    stream: int
    told: int
    begins: int
    over: int


@dataclass(frozen=True)
class Settled:
    """What became of one event within the horizon: a of section 3, its effects, and who feels them when."""

    arises: int
    felt: tuple[Felt, ...]
    usage: Level | None
    price: Level | None
    voids: bool
    choice: bool
    at_renewal: bool
    recommits: bool
    triggered: bool = False
    once: float = 0.0
    again: tuple[Settled, ...] = ()

    @property
    def begins(self) -> int:
        """The earliest month in which one of the streams feels it."""
        return min(felt.begins for felt in self.felt)

    @property
    def lowers_usage(self) -> bool:
        return self.usage is not None and self.usage.to < 1


@dataclass(frozen=True)
class Offer:
    """An accepted offer: from the month it was made, for so many months, at this discount (section 4)."""

    stream: int
    made: int
    months: int
    discount: float


@dataclass(frozen=True)
class History:
    """All settled events of a path, None where one does not arise within the horizon, and the accepted offers."""

    events: tuple[Settled | None, ...]
    offers: tuple[Offer, ...]


def expected_demand(stream: Stream, months: int) -> list[float]:
    """Demand of a stream that does not fluctuate: revenue · Π (1+g)^(1/12) from its first month on (section 2)."""
    demand: list[float] = []
    for m in range(months):
        if not calendar.exists(stream, m):
            demand.append(0.0)
        elif m == stream.starts:
            demand.append(stream.revenue)
        else:
            demand.append(demand[-1] * (1 + stream.growth[m]) ** (1 / 12))
    return demand


def random_demand(stream: Stream, market: list[float], own: list[float]) -> list[float]:
    """Demand under the market's and the stream's own standard normal shocks, indexed by month (section 2)."""
    sigma, beta = stream.volatility, stream.market
    demand: list[float] = []
    for m in range(len(stream.growth)):
        if not calendar.exists(stream, m):
            demand.append(0.0)
        elif m == stream.starts:
            demand.append(stream.revenue)
        else:
            shock = beta * market[m] + math.sqrt(1 - beta**2) * own[m]
            step = math.log(1 + stream.growth[m]) / 12 - sigma**2 / 24 + sigma / math.sqrt(12) * shock
            demand.append(demand[-1] * math.exp(step))
    return demand


def _known(value: float | Law, drawn: Mapping[str, float], event: str) -> float:
    return drawn[event] if isinstance(value, Law) else value


def _level(effect: Effect | None, to: Mapping[str, float], over: Mapping[str, float], event: str) -> Level | None:
    if effect is None:
        return None
    return Level(_known(effect.to, to, event), math.ceil(_known(effect.over, over, event)), effect.shape)


def settle(scenario: Scenario, chances: Chances) -> History:
    """Settle every event: own arising, then triggers, then retention; then notice and ending (sections 3 and 4)."""
    settled: dict[str, Settled | None] = {}
    comings: dict[str, list[tuple[str, int]]] = {}
    fates: dict[str, list[tuple[str, Settled]]] = {}
    offers: list[Offer] = []
    for event in _parents_first(scenario):
        if event.id in fates:
            # Outcomes of an event that repeats came to light with its comings.
            came = fates[event.id]
            comings[event.id] = [(name, one.arises) for name, one in came]
            settled[event.id] = replace(came[0][1], again=tuple(one for _, one in came[1:])) if came else None
            continue
        candidates = []
        own = chances.own[event.id]
        if own is not None:
            candidates.append(own)
        for parent in scenario.events:
            for trigger in parent.triggers:
                for name, came in comings[parent.id] if trigger.target == event.id else ():
                    if chances.fires.get((name, event.id), False):
                        candidates.append(came + math.ceil(chances.delay.get((name, event.id), 0)))
            for k, outcome in enumerate(parent.outcomes):
                for _, came in comings[parent.id] if outcome.target == event.id else ():
                    if chances.outcome[parent.id] == k:
                        candidates.append(came)
        month = min(candidates, default=None)
        triggered = month is not None and event.outcome_of is None and (own is None or month < own)
        for lever in scenario.levers:
            if lever.against == event.id and month is not None and chances.accepted.get(event.id, False):
                if month < scenario.months:
                    offers += [Offer(i, month, lever.months, lever.discount) for i in event.hits]
                month += lever.months
        # What lies beyond the horizon is the same as never: nothing that it could do comes earlier.
        comings[event.id] = []
        settled[event.id] = None
        if month is not None and month < scenario.months:
            first = _take_effect(scenario, event, month, triggered, chances)
            again, outcomes = _come_again(scenario, event, first, chances) if event.repeats else ([], [])
            settled[event.id] = replace(first, again=tuple(one for _, one in again))
            comings[event.id] = [(event.id, month), *((name, one.arises) for name, one in again)]
            for outcome in event.outcomes if event.repeats else ():
                fates[outcome.target] = [one for one in outcomes if one[0].partition("#")[0] == outcome.target]
    return History(tuple(settled[event.id] for event in scenario.events), tuple(offers))


Named = list[tuple[str, Settled]]
"""Comings with their names, in the order in which they come."""


def _come_again(scenario: Scenario, event: Event, first: Settled, chances: Chances) -> tuple[Named, Named]:
    """The later comings of an event that repeats, and what came of each, the first too, where it has outcomes.

    Each is counted from the last month c − 1 of what came of the one before.
    """
    found: Named = []
    outcomes: Named = []
    name, came = event.id, first
    while True:
        fate = came
        if event.outcomes:
            which = scenario.events[scenario.event_index[event.outcomes[chances.outcome[name]].target]]
            called = which.id + name.removeprefix(event.id)
            fate = _take_effect(scenario, replace(which, id=called, outcome_of=name), came.arises, False, chances)
            outcomes.append((called, fate))
        felt = [felt for felt in fate.felt if felt.begins < FOREVER]
        last = max((one.over for one in felt), default=FOREVER) - 1
        name = f"{event.id}#{len(found) + 2}"
        # What can't come within the horizon has no chance of its own: see `each_coming`.
        month = chances.again[name](last) if last < scenario.months and name in chances.again else None
        if month is None or month >= scenario.months:
            return found, outcomes
        came = _take_effect(scenario, replace(event, id=name), month, False, chances)
        found.append((name, came))


def each_coming(scenario: Scenario) -> Iterator[Event]:
    """Every event, and one that repeats each time that it may come: it lasts a month at least, and comes after it."""
    for event in scenario.events:
        yield event
        if not event.repeats or event.outcome_of is not None:
            continue
        assert isinstance(event.timing, Delay)
        outcomes = [scenario.events[scenario.event_index[outcome.target]] for outcome in event.outcomes]
        lasts = min(one.lasts.lowest for one in outcomes or [event] if one.lasts is not None)
        soonest = 1.0 if isinstance(event.timing.law, Hazard) else event.timing.law.lowest
        held, delay = (max(1, math.ceil(min(lowest, scenario.months))) for lowest in (lasts, soonest))
        for k in range(2, 2 + (scenario.months - 1) // (held + delay - 1)):
            yield replace(event, id=f"{event.id}#{k}")
            for outcome in outcomes:
                yield replace(outcome, id=f"{outcome.id}#{k}", outcome_of=f"{event.id}#{k}")


def _parents_first(scenario: Scenario) -> list[Event]:
    """Order the events so that each comes after all that may trigger it."""
    ordered: list[Event] = []
    while len(ordered) < len(scenario.events):
        for event in scenario.events:
            parents = [p.id for p in scenario.events if event.id in p.leads_to]
            done = [e.id for e in ordered]
            if event.id not in done and all(p in done for p in parents):
                ordered.append(event)
                break
        else:
            raise ValueError("the triggers form a cycle")
    return ordered


def _take_effect(scenario: Scenario, event: Event, a: int, triggered: bool, chances: Chances) -> Settled:
    usage = _level(event.usage, chances.usage_to, chances.usage_over, event.id)
    price = _level(event.price, chances.price_to, chances.price_over, event.id)
    voids = event.voids
    if voids is None:
        voids = usage is not None and usage.to < 1 and not event.choice
    felt = tuple(_felt(scenario, event, a, i, chances) for i in event.hits)
    leaves_at_renewal = event.leaves == "at_renewal"
    once = 0.0 if event.once is None else _known(event.once, chances.once, event.id)
    return Settled(a, felt, usage, price, voids, event.choice, leaves_at_renewal, event.recommits, triggered, once)


def _felt(scenario: Scenario, event: Event, a: int, i: int, chances: Chances) -> Felt:
    """When one stream feels an event: after its notice, or at the first occasion from then on; and until when."""
    contract = scenario.streams[i].contract
    if event.notice is not None:
        notice = math.ceil(_known(event.notice, chances.notice, event.outcome_of or event.id))
    elif event.choice:
        notice = 0 if contract is None else contract.notice
    else:
        notice = 0
    told = a + notice
    b = told
    if event.leaves == "at_renewal":
        occasion = calendar.first_occasion(scenario.streams[i], told)
        b = FOREVER if occasion is None else occasion
    c = FOREVER
    if event.lasts is not None and not chances.permanent.get(event.id, False) and b < FOREVER:
        c = b + max(1, math.ceil(chances.lasts[event.id]))
    return Felt(i, told, b, c)


def on_stream(history: History, i: int) -> list[tuple[Settled, Felt]]:
    """Events that a stream feels, and how."""
    came = [one for e in history.events if e is not None for one in (e, *e.again)]
    return [(e, felt) for e in came for felt in e.felt if felt.stream == i]


def kept(history: History, i: int, m: int) -> float:
    """K: the product of the usage factors of all events in effect (section 3)."""
    k = 1.0
    for e, felt in on_stream(history, i):
        if felt.begins <= m < felt.over and e.usage is not None:
            k *= e.usage.factor(m - felt.begins)
    return k


def price_factor(history: History, i: int, m: int) -> float:
    """P: the price factors of all events in effect and the discounts of accepted offers (sections 3 and 4)."""
    p = 1.0
    for e, felt in on_stream(history, i):
        if felt.begins <= m < felt.over and e.price is not None:
            p *= e.price.factor(m - felt.begins)
    for offer in history.offers:
        if offer.stream == i and offer.made <= m < offer.made + offer.months:
            p *= 1 - offer.discount
    return p
