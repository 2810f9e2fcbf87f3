"""Which rules made a difference on a path, and paths drawn for such counts, by the third valuation."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import Any

from sim.scenario.laws import Hazard, Law
from sim.scenario.parts import AtMonth, Delay, Event, Scenario
from tests.truth import agreements, settling
from tests.truth.agreements import Account
from tests.truth.oracle import accounts_of, served_share
from tests.truth.settling import Chances, random_demand, settle

RULES = (
    "floor paid",
    "true up",
    "carried over",
    "buyout",
    "rising minimum",
    "running minimum",
    "seasonal minimum",
    "minimum in money",
    "notice too late",
    "leaves at renewal",
    "renewed for what is left",
    "starts or ends",
    "capacity binding",
    "offer accepted",
    "trigger fired",
    "ending",
    "renewal without commitment",
    "voided floor",
    "not renewed",
    "overlapping events",
    "severity law",
    "notice law",
    "one-off",
    "outcome",
    "planned",
    "came again",
    "another outcome",
)
"""What :func:`acted` looks for."""

RARER = {"carried over", "buyout", "notice too late", "not renewed", "renewed for what is left", "another outcome"}
"""Rules that act where several things meet, on fewer paths than others."""


def acted(scenario: Scenario, chances: Chances) -> set[str]:
    """Name the rules that made a difference on a path.

    A floor is paid, or a longer period trued up, where there is a shortfall, and is voided where it would have been
    paid; capacity binds where the served share is below 1; a trigger acts where it sets an event's month; a renewal
    goes without commitment where there is one to lose; events overlap where two move the usage, or two the price, of
    one stream in one month; a law of severity or of notice acts where its event takes effect within the horizon (a
    notice of 0 delays nothing); of an event that comes again another outcome happens where it is that of a later coming
    first. A minimum rises, runs on, has a season or is of money where it is above 0 and does.
    """
    history = settle(scenario, chances)
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
        if e.again and event.outcome_of is None:
            found.add("came again")
        if event.outcome_of is not None and e.arises > _arises(scenario, history, event.outcome_of):
            found.add("another outcome")
        if e.once != 0 and e.begins < scenario.months:
            found.add("one-off")
        if e.triggered:
            found.add("trigger fired")
        if any(felt.over < scenario.months for felt in e.felt):
            found.add("ending")
        if e.at_renewal and any(felt.told < felt.begins < scenario.months for felt in e.felt):
            found.add("leaves at renewal")
        if any(felt.begins < scenario.months for felt in e.felt):
            effects = [effect for effect in (event.usage, event.price) if effect is not None]
            if any(isinstance(effect.to, Law) for effect in effects):
                found.add("severity law")
            if isinstance(event.notice, Law) and any(felt.told > e.arises for felt in e.felt):
                found.add("notice law")
    accounts = accounts_of(scenario, history, chances.demand)
    for m in range(scenario.months):
        if served_share(scenario, accounts, m) < 1:
            found.add("capacity binding")
        for account in accounts:
            if scenario.streams[account.stream].revenue > 0:
                found.update(_acted_on(account, m))
    return found


def _arises(scenario: Scenario, history: settling.History, id: str) -> int:
    settled = history.events[scenario.event_index[id]]
    assert settled is not None
    return settled.arises


def _acted_on(account: Account, m: int) -> Iterator[str]:
    stream = account.scenario.streams[account.stream]
    under_way = [(e, felt) for e, felt in account.events if felt.begins <= m < felt.over]
    usage = [e for e, felt in under_way if e.usage is not None and e.usage.factor(m - felt.begins) != 1]
    price = [e for e, felt in under_way if e.price is not None and e.price.factor(m - felt.begins) != 1]
    if len(usage) > 1 or len(price) > 1:
        yield "overlapping events"
    if m not in account.months:
        yield "starts or ends"
        return
    if stream.contract is None or stream.contract.commitment is None:
        return
    term = account.term(m)
    if term is None:
        before = account.term(m - 1) if m - 1 in account.months else None
        if before is not None and agreements.commits(account, before):
            yield "not renewed"
        return
    if agreements.buyout_of(account, m) > 0:
        yield "buyout"
    if agreements.shortfall(account, m) > 0:
        yield "floor paid" if account.commitment.per == "month" else "true up"
    period = account.period(m)
    if m == period[-1] and agreements.bought_out(account, m) is None:
        minimum, used = agreements.owing(account, period)
        if minimum > used and agreements.carried(account, m) > 0:
            yield "carried over"
        whole = sum(agreements.minimum_of(account, k) - agreements.counted(account, k) for k in period)
        if whole > 0 and any(agreements.is_voided(account, term, k) for k in period):
            yield "voided floor"
    if m == term.fixed:
        yield from _acted_at_renewal(account, m)
    if agreements.minimum_of(account, m) > 0:
        if agreements.growth_of_minimum(account, term, m) != 1:
            yield "rising minimum"
        if agreements.weight(account, term, m) != 1:
            yield "seasonal minimum"
        if account.commitment.of == "money" and price:
            yield "minimum in money"
        if account.commitment.running is not None and term.renewal <= account.months.start:
            yield "running minimum"


def _acted_at_renewal(account: Account, m: int) -> Iterator[str]:
    term = account.term(m)
    assert term is not None
    lowers = [(e, felt) for e, felt in account.events if e.lowers_usage and e.arises <= m < felt.over]
    if not agreements.commits(account, term):
        yield "renewal without commitment"
    elif any(not e.recommits for e, _ in lowers):
        yield "notice too late"
    elif lowers:
        yield "renewed for what is left"


def draw(scenario: Scenario, chance: random.Random) -> Chances:
    """Draw one path's chances from the scenario's laws (sections 2 to 4), for rates and not for published numbers."""
    own: dict[str, int | None] = {}
    values: dict[str, dict[str, Any]] = {
        name: {} for name in ("notice", "usage_to", "usage_over", "price_to", "price_over", "lasts", "once")
    }
    fires: dict[tuple[str, str], bool] = {}
    delay: dict[tuple[str, str], float] = {}
    permanent: dict[str, bool] = {}
    again = {}
    for event in settling.each_coming(scenario):
        if "#" not in event.id:
            own[event.id] = _own_month(event, chance)
        elif event.outcome_of is None:
            again[event.id] = _month_again(event, chance.random())
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
    outcome = {
        event.id: chance.choices(range(len(event.outcomes)), [one.weight for one in event.outcomes])[0]
        for event in settling.each_coming(scenario)
        if event.outcomes
    }
    accepted = {lever.against: chance.random() < lever.acceptance for lever in scenario.levers}
    values |= {"permanent": permanent, "accepted": accepted, "outcome": outcome, "again": again}
    return Chances(own, demand, fires, delay, **values)


def _value(law: Law, chance: random.Random) -> float:
    return float(law.quantile(min(max(chance.random(), 2**-53), 1 - 2**-53)))


def _own_months_of_sets(scenario: Scenario, chance: random.Random) -> dict[str, int | None]:
    """Own months of the events that tend to come together, from scores √ρ·z + √(1−ρ)·ε."""
    normal = NormalDist()
    found = {}
    for together in scenario.together:
        z = chance.gauss(0, 1)
        for event in scenario.events:
            if event.origin in together.events and event.outcome_of is None:
                rho = together.correlation
                score = math.sqrt(rho) * z + math.sqrt(1 - rho) * chance.gauss(0, 1)
                found[event.id] = _own_month(event, chance, normal.cdf(score))
    return found


def _month_again(event: Event, u: float) -> Callable[[int], int | None]:
    """When an event comes again, from the month that it is counted from: by a schedule, which goes by dates, or not."""
    assert isinstance(event.timing, Delay)
    law, p = event.timing.law, event.probability

    def month(since: int) -> int | None:
        if u >= p:
            return None
        past, start = (law.cdf(since), 0) if isinstance(law, Hazard) else (0.0, since)
        delay = float(law.quantile(min(max(past + u / p * (1 - past), 2**-53), 1 - 2**-53)))
        return None if math.isinf(delay) else max(since + 1, math.ceil(start + delay))

    return month


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
