"""One path valued a third time, straight from the equations of ``docs/model.md``.

Plain Python numbers, one loop for each index of a formula, nothing remembered from one month to the next and nothing
shared with the engines but the compiled scenario and its laws. It is slow on purpose: each line should be checkable
against the page with a finger on the equation.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

from sim.scenario.laws import Law
from sim.scenario.parts import AtMonth, Contract, Effect, Event, Scenario, Stream

FOREVER = 10**9
"""The end of an effect that has none."""


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
class Settled:
    """What became of one event within the horizon: a, b and c of section 3, and the discount of section 4."""

    arises: int
    begins: int
    over: int
    usage: Level | None
    price: Level | None
    voids: bool
    triggered: bool = False
    once: float = 0.0

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


@dataclass(frozen=True)
class Valuation:
    """One path's money: by stream and month, and over the window (sections 5 and 6)."""

    months: dict[str, int | None]
    revenue: list[list[float]]
    baseline: list[list[float]]
    loss: float
    window_revenue: float
    """Undiscounted, as the target is compared with it."""
    discounted_revenue: float
    discounted_baseline: float
    one_off: float
    """What is lost once in the window, discounted."""


def expected_demand(stream: Stream, months: int) -> list[float]:
    """Demand of a stream that does not fluctuate: revenue · Π (1+g)^(1/12) (section 2)."""
    demand = [stream.revenue]
    for m in range(1, months):
        demand.append(demand[-1] * (1 + stream.growth[m]) ** (1 / 12))
    return demand


def random_demand(stream: Stream, market: list[float], own: list[float]) -> list[float]:
    """Demand under the market's and the stream's own standard normal shocks, indexed by month (section 2)."""
    sigma, beta = stream.volatility, stream.market
    demand = [stream.revenue]
    for m in range(1, len(stream.growth)):
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
    months: dict[str, int | None] = {}
    triggered: dict[str, bool] = {}
    offers: list[Offer] = []
    for event in _parents_first(scenario):
        candidates = []
        own = chances.own[event.id]
        if own is not None:
            candidates.append(own)
        for parent in scenario.events:
            for trigger in parent.triggers:
                parent_month = months[parent.id] if trigger.target == event.id else None
                if parent_month is not None and chances.fires.get((parent.id, event.id), False):
                    candidates.append(parent_month + math.ceil(chances.delay.get((parent.id, event.id), 0)))
            for k, outcome in enumerate(parent.outcomes):
                source = months[parent.id] if outcome.target == event.id else None
                if source is not None and chances.outcome[parent.id] == k:
                    candidates.append(source)
        month = min(candidates, default=None)
        triggered[event.id] = month is not None and event.outcome_of is None and (own is None or month < own)
        for lever in scenario.levers:
            if lever.against == event.id and month is not None and chances.accepted.get(event.id, False):
                if month < scenario.months:
                    offers.append(Offer(event.hits[0], month, lever.months, lever.discount))
                month += lever.months
        # What lies beyond the horizon is the same as never: nothing that it could do comes earlier.
        months[event.id] = month if month is not None and month < scenario.months else None
    events = []
    for event in scenario.events:
        a = months[event.id]
        events.append(None if a is None else _take_effect(scenario, event, a, triggered[event.id], chances))
    return History(tuple(events), tuple(offers))


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
    if event.notice is not None:
        notice = math.ceil(_known(event.notice, chances.notice, event.outcome_of or event.id))
    elif event.choice:
        contract = scenario.streams[event.hits[0]].contract
        notice = 0 if contract is None else contract.notice
    else:
        notice = 0
    b = a + notice
    c = FOREVER
    if event.lasts is not None and not chances.permanent.get(event.id, False):
        c = b + max(1, math.ceil(chances.lasts[event.id]))
    usage = _level(event.usage, chances.usage_to, chances.usage_over, event.id)
    price = _level(event.price, chances.price_to, chances.price_over, event.id)
    voids = event.voids
    if voids is None:
        voids = usage is not None and usage.to < 1 and not event.choice
    once = 0.0 if event.once is None else _known(event.once, chances.once, event.id)
    return Settled(a, b, c, usage, price, voids, triggered, once)


def value(scenario: Scenario, chances: Chances) -> Valuation:
    """Value one path and its twin without events but the planned (sections 3 to 6)."""
    return value_history(scenario, settle(scenario, chances), chances.demand)


def value_history(scenario: Scenario, history: History, demand: list[list[float]]) -> Valuation:
    """Value a path whose events are settled."""
    pairs = zip(scenario.events, history.events, strict=True)
    plan = History(tuple(settled if event.planned else None for event, settled in pairs), ())
    revenue = _revenue(scenario, history, demand)
    baseline = _revenue(scenario, plan, demand)
    loss = earned = earned_discounted = due_discounted = one_off = 0.0
    for m in range(scenario.risk.first, scenario.risk.last + 1):
        v = 1.0 if scenario.discount_rate is None else (1 + scenario.discount_rate) ** (-m / 12)
        a = sum(revenue[i][m] for i in range(len(scenario.streams)))
        b = sum(baseline[i][m] for i in range(len(scenario.streams)))
        once = sum(e.once for e in history.events if e is not None and e.begins == m)
        loss += v * (b - a) + v * once
        one_off += v * once
        earned += a
        earned_discounted += v * a
        due_discounted += v * b
    months = {
        event.id: None if settled is None else settled.arises
        for event, settled in zip(scenario.events, history.events, strict=True)
    }
    return Valuation(months, revenue, baseline, loss, earned, earned_discounted, due_discounted, one_off)


def _revenue(scenario: Scenario, history: History, demand: list[list[float]]) -> list[list[float]]:
    streams = range(len(scenario.streams))
    revenue: list[list[float]] = [[] for _ in streams]
    for m in range(scenario.months):
        share = served_share(scenario, history, demand, m)
        for i in streams:
            q = volume(scenario, history, demand, i, m)
            f = floor(scenario, history, demand, i, m)
            revenue[i].append(price_factor(scenario, history, i, m) * (share * q + max(0.0, f - q)))
    return revenue


def _on_stream(scenario: Scenario, history: History, i: int) -> list[Settled]:
    pairs = zip(scenario.events, history.events, strict=True)
    return [settled for event, settled in pairs if settled is not None and i in event.hits]


def volume(scenario: Scenario, history: History, demand: list[list[float]], i: int, m: int) -> float:
    """Q: demand times the usage factors of all events in effect (sections 3 and 5)."""
    q = demand[i][m]
    for e in _on_stream(scenario, history, i):
        if e.begins <= m < e.over and e.usage is not None:
            q *= e.usage.factor(m - e.begins)
    return q


def price_factor(scenario: Scenario, history: History, i: int, m: int) -> float:
    """P: the price factors of all events in effect and the discounts of accepted offers (sections 3 and 4)."""
    p = 1.0
    for e in _on_stream(scenario, history, i):
        if e.begins <= m < e.over and e.price is not None:
            p *= e.price.factor(m - e.begins)
    for offer in history.offers:
        if offer.stream == i and offer.made <= m < offer.made + offer.months:
            p *= 1 - offer.discount
    return p


def served_share(scenario: Scenario, history: History, demand: list[list[float]], m: int) -> float:
    """φ: the share of all volume that the vendor's capacity can serve (section 5)."""
    if scenario.capacity is None:
        return 1.0
    capacity = scenario.capacity.initial
    for k in range(1, m + 1):
        capacity *= (1 + scenario.capacity.growth[k]) ** (1 / 12)
    total = sum(volume(scenario, history, demand, j, m) for j in range(len(scenario.streams)))
    return 1.0 if total == 0 else min(1.0, capacity / total)


def is_renewal(contract: Contract, m: int) -> bool:
    """Whether the contract renews in month m; month 0 stands for all renewals before it (section 5)."""
    if contract.term is None or contract.renews is None:
        return False
    return m == 0 or (m - contract.renews) % contract.term == 0


def last_renewal(contract: Contract, m: int) -> int:
    """r(m), the last renewal no later than m (section 5)."""
    return max(r for r in range(m + 1) if is_renewal(contract, r))


def commits(scenario: Scenario, history: History, i: int, r: int) -> bool:
    """Whether the renewal of month r carries the commitment: no event that lowers usage is under way (section 5)."""
    return not any(e.lowers_usage and e.arises <= r < e.over for e in _on_stream(scenario, history, i))


def is_voided(scenario: Scenario, history: History, i: int, m: int) -> bool:
    """Whether an event that voids commitments is in effect in month m (section 5)."""
    return any(e.voids and e.begins <= m < e.over for e in _on_stream(scenario, history, i))


def standing_floor(scenario: Scenario, history: History, demand: list[list[float]], i: int, m: int) -> float:
    """The floor of the last renewal, before it is asked whether an event voids it (section 5)."""
    contract = scenario.streams[i].contract
    if contract is None or contract.term is None:
        return 0.0
    r = last_renewal(contract, m)
    return contract.commitment * volume(scenario, history, demand, i, r) if commits(scenario, history, i, r) else 0.0


def floor(scenario: Scenario, history: History, demand: list[list[float]], i: int, m: int) -> float:
    """F: what take-or-pay makes the customer pay for at least (section 5)."""
    if is_voided(scenario, history, i, m):
        return 0.0
    return standing_floor(scenario, history, demand, i, m)


RULES = (
    "floor paid",
    "capacity binding",
    "offer accepted",
    "trigger fired",
    "ending",
    "renewal without commitment",
    "voided floor",
    "overlapping events",
    "severity law",
    "notice law",
    "one-off",
    "outcome",
    "planned",
)
"""What :func:`acted` looks for."""


def acted(scenario: Scenario, chances: Chances) -> set[str]:
    """Name the rules that made a difference on a path.

    A floor is paid where it exceeds the volume, and is voided where it would have been paid; capacity binds where the
    served share is below 1; a trigger acts where it sets an event's month; a renewal goes without commitment where
    there is one to lose; events overlap where two move the usage, or two the price, of one stream in one month; a
    law of severity or of notice acts where its event takes effect within the horizon (a notice of 0 delays nothing).
    """
    history = settle(scenario, chances)
    demand = chances.demand
    found = set()
    if history.offers:
        found.add("offer accepted")
    for event, e in zip(scenario.events, history.events, strict=True):
        if e is None:
            continue
        if event.outcome_of is not None:
            found.add("outcome")
        if event.planned:
            found.add("planned")
        if e.triggered:
            found.add("trigger fired")
        if e.over < scenario.months:
            found.add("ending")
        if e.begins < scenario.months:
            effects = [effect for effect in (event.usage, event.price) if effect is not None]
            if any(isinstance(effect.to, Law) for effect in effects):
                found.add("severity law")
            if isinstance(event.notice, Law) and e.begins > e.arises:
                found.add("notice law")
            if e.once != 0:
                found.add("one-off")
    for m in range(scenario.months):
        if served_share(scenario, history, demand, m) < 1:
            found.add("capacity binding")
        for i, stream in enumerate(scenario.streams):
            found |= _acted_on(scenario, history, demand, i, stream, m)
    return found


def _acted_on(
    scenario: Scenario, history: History, demand: list[list[float]], i: int, stream: Stream, m: int
) -> set[str]:
    found = set()
    if stream.revenue > 0:
        q = volume(scenario, history, demand, i, m)
        if floor(scenario, history, demand, i, m) > q:
            found.add("floor paid")
        elif is_voided(scenario, history, i, m) and standing_floor(scenario, history, demand, i, m) > q:
            found.add("voided floor")
        contract = stream.contract
        renews = contract is not None and contract.commitment > 0 and is_renewal(contract, m)
        if renews and not commits(scenario, history, i, m):
            found.add("renewal without commitment")
        under_way = [e for e in _on_stream(scenario, history, i) if e.begins <= m < e.over]
        usage = [e for e in under_way if e.usage is not None and e.usage.factor(m - e.begins) != 1]
        price = [e for e in under_way if e.price is not None and e.price.factor(m - e.begins) != 1]
        if len(usage) > 1 or len(price) > 1:
            found.add("overlapping events")
    return found


def draw(scenario: Scenario, chance: random.Random) -> Chances:
    """Draw one path's chances from the scenario's laws (sections 2 to 4), for rates and not for published numbers."""
    own: dict[str, int | None] = {}
    values: dict[str, dict[str, float]] = {
        name: {} for name in ("notice", "usage_to", "usage_over", "price_to", "price_over", "lasts", "once")
    }
    fires: dict[tuple[str, str], bool] = {}
    delay: dict[tuple[str, str], float] = {}
    permanent: dict[str, bool] = {}
    for event in scenario.events:
        own[event.id] = _own_month(event, chance)
        laws: dict[str, float | Law | None] = {"notice": event.notice, "lasts": event.lasts, "once": event.once}
        for name, effect in (("usage", event.usage), ("price", event.price)):
            if effect is not None:
                laws[f"{name}_to"], laws[f"{name}_over"] = effect.to, effect.over
        for name, law in laws.items():
            if isinstance(law, Law):
                values[name][event.id] = _value(law, chance)
        permanent[event.id] = chance.random() < event.permanent
        for trigger in event.triggers:
            fires[event.id, trigger.target] = chance.random() < trigger.probability
            if trigger.after is not None:
                delay[event.id, trigger.target] = _value(trigger.after, chance)
    market = [chance.gauss(0, 1) for _ in range(scenario.months)]
    demand = [
        random_demand(stream, market, [chance.gauss(0, 1) for _ in range(scenario.months)])
        for stream in scenario.streams
    ]
    own |= _own_months_of_sets(scenario, chance)
    outcome = {}
    for event in (one for one in scenario.events if one.outcomes):
        (outcome[event.id],) = chance.choices(range(len(event.outcomes)), [one.weight for one in event.outcomes])
    accepted = {lever.against: chance.random() < lever.acceptance for lever in scenario.levers}
    return Chances(own, demand, fires, delay, permanent=permanent, accepted=accepted, outcome=outcome, **values)


def _value(law: Law, chance: random.Random) -> float:
    return float(law.quantile(min(max(chance.random(), 2**-53), 1 - 2**-53)))


def _own_months_of_sets(scenario: Scenario, chance: random.Random) -> dict[str, int | None]:
    """Own months of the events that tend to come together, from scores √ρ·z + √(1−ρ)·ε."""
    found = {}
    for together in scenario.together:
        z, rho = chance.gauss(0, 1), together.correlation
        for event in (one for one in scenario.events if one.origin in together.events and one.outcome_of is None):
            score = math.sqrt(rho) * z + math.sqrt(1 - rho) * chance.gauss(0, 1)
            found[event.id] = _own_month(event, chance, NormalDist().cdf(score))
    return found


def _own_month(event: Event, chance: random.Random, u: float | None = None) -> int | None:
    timing = event.timing
    u = chance.random() if u is None else u
    if timing is None or u >= event.probability:
        return None
    if isinstance(timing, AtMonth):
        return timing.month
    past = timing.law.cdf(timing.known - timing.counted_from)
    u = past + u / event.probability * (1 - past)
    delay = float(timing.law.quantile(min(max(u, 2**-53), 1 - 2**-53)))
    return None if math.isinf(delay) else max(timing.known + 1, math.ceil(timing.counted_from + delay))
