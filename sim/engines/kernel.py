"""The kernel: all paths of a block at once, by month arithmetic on arrays (``docs/model.md``, sections 2 to 6).

Arrays in here have the axes months, paths: a month of all paths lies together in memory, and what runs along the months
runs on whole rows. Where a stream's numbers are the same on every path (no volatility, untouched by events) its arrays
have one column, and numpy's broadcasting does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sim.chance.draws import Draws
from sim.engines.money import Book, brought, takings
from sim.engines.one_offs import one_offs
from sim.engines.valuation import Valuation, within_horizon
from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Effect, Event, Scenario


@dataclass(frozen=True, slots=True)
class Settled:
    """One event's months, a path each: it arises, takes effect, is over; ``offered`` is an accepted offer's month.

    ``usage_to`` is the usage level it leads to, None where the event leaves usage alone. ``factors`` keeps the event's
    factors for the streams that it hits after the first.
    """

    event: Event
    arises: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    offered: np.ndarray
    usage_to: float | np.ndarray | None
    factors: dict[str, np.ndarray] = field(default_factory=dict)


def value(scenario: Scenario, draws: Draws) -> Valuation:
    """Value a block of paths, with all events and without.

    Returns
    -------
    Valuation
        Of the paths that ``draws`` holds.
    """
    settled = settle(scenario, draws)
    demands = [demand_of(scenario, draws, i) for i in range(len(scenario.streams))]
    twin = [twin_of(scenario, draws, i, demand, settled) for i, demand in enumerate(demands)]
    hit = {i for event in scenario.at_risk for i in event.hits}
    actual = [
        book_of(scenario, draws, i, demand, settled) if i in hit else undisturbed
        for i, (demand, undisturbed) in enumerate(zip(demands, twin, strict=True))
    ]

    shape = (scenario.months, draws.count)
    revenue, largest, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for stream, amount in zip(scenario.streams, takings(scenario, actual), strict=True):
        revenue += amount
        if not stream.pool:
            np.maximum(largest, amount, out=largest)
            squares += amount * amount
    baseline = brought(scenario, twin, draws.count)

    months = np.array([within_horizon(event.arises, scenario.months) for event in settled], dtype=np.int64)
    offered = np.array([event.offered for event in settled], dtype=np.int64)
    once = one_offs(scenario, draws, settled)
    return Valuation(
        first=draws.first,
        arises=months.reshape(len(settled), draws.count),
        offered=offered.reshape(len(settled), draws.count),
        revenue=revenue.T,
        baseline=baseline.T,
        largest_share=rules.share(largest, revenue).T,
        hhi=rules.share(squares, revenue * revenue).T,
        one_off=None if once is None else once.T,
    )


def settle(scenario: Scenario, draws: Draws) -> list[Settled]:
    """Settle every event's months: own arising, then triggers, then retention, in dependency order (section 3).

    Returns
    -------
    list of Settled
        In the scenario's order of events.
    """
    triggered: dict[str, list[np.ndarray]] = {event.id: [] for event in scenario.events}
    settled: dict[int, Settled] = {}
    for e in scenario.settling_order:
        event = scenario.events[e]
        arises = draws.own_month(event)
        for candidate in triggered[event.id]:
            arises = np.minimum(arises, candidate)
        offered = np.full(draws.count, NEVER, dtype=np.int64)
        lever = scenario.lever_against.get(event.id)
        if lever is not None:
            accepted = draws.accepts(event) & (arises < scenario.months)
            offered = np.where(accepted, arises, NEVER)
            arises = np.where(accepted, rules.postponed(arises, lever.months), arises)
        for trigger in event.triggers:
            set_off = arises + draws.trigger_delay(event, trigger)
            triggered[trigger.target].append(np.where(draws.sets_off(event, trigger), set_off, NEVER))
        for k, outcome in enumerate(event.outcomes):
            triggered[outcome.target].append(np.where(draws.outcome(event) == k, arises, NEVER))
        begins = rules.taking_effect(arises, draws.notice(event))
        lasts = draws.lasts(event)
        ends = np.full(draws.count, NEVER, dtype=np.int64)
        if lasts is not None:
            ends = np.where(draws.permanent(event), NEVER, rules.ending(begins, lasts))
        usage_to = None if event.usage is None else draws.level(event, "usage", event.usage)
        settled[e] = Settled(event, arises, begins, ends, offered, usage_to)
    return [settled[e] for e in range(len(scenario.events))]


def book_of(scenario: Scenario, draws: Draws, stream: int, demand: np.ndarray, settled: list[Settled]) -> Book:
    """One stream's account with the events that hit it (sections 3 to 5)."""
    events = [event for event in settled if stream in event.event.hits]
    renewals, commitment = terms_of(scenario, stream)
    volume = changed(demand, events, "usage", draws)
    price = price_of(scenario, draws, events)
    floor = None
    if commitment > 0:
        floor = kept_floor(floor_of(commitment, volume, renewals), events, renewals)
    return Book(scenario.streams[stream], volume, price, floor)


def twin_of(scenario: Scenario, draws: Draws, stream: int, demand: np.ndarray, settled: list[Settled]) -> Book:
    """One stream's account without any event but what is planned; without that, all renewals commit (section 6)."""
    planned = [event for event in settled if event.event.planned]
    if any(stream in event.event.hits for event in planned):
        return book_of(scenario, draws, stream, demand, planned)
    renewals, commitment = terms_of(scenario, stream)
    floor = floor_of(commitment, demand, renewals) if commitment > 0 else None
    return Book(scenario.streams[stream], demand, None, floor)


def terms_of(scenario: Scenario, stream: int) -> tuple[tuple[int, ...], float]:
    """Renewals within the horizon and commitment of a stream's contract; without one, nothing is committed."""
    contract = scenario.streams[stream].contract
    if contract is None:
        return (0,), 0.0
    return rules.renewal_months(contract.renews, contract.term, scenario.months), contract.commitment


def demand_of(scenario: Scenario, draws: Draws, stream: int) -> np.ndarray:
    """Demand of a stream (section 2); one column where nothing is random.

    Returns
    -------
    ndarray, shape (months, paths or 1)
    """
    customer = scenario.streams[stream]
    market, own = draws.shocks(stream)
    if market is None and own is None:
        return rules.compounded(customer.revenue, customer.growth)[:, np.newaxis]
    if own is None:
        shock = rules.blended_shock(customer.market, market, 0.0)
    elif market is None:
        shock = own
    else:
        shock = rules.blended_shock(customer.market, market, own)
    growth = np.asarray(customer.growth[1:])[:, np.newaxis]
    exponents = rules.demand_exponent(growth, customer.volatility, shock.T)
    demand = np.empty((scenario.months, draws.count))
    demand[0] = 0.0
    # Row by row: several times as fast as np.cumsum.
    for month, exponent in enumerate(exponents, 1):
        np.add(demand[month - 1], exponent, out=demand[month])
    np.exp(demand, out=demand)
    demand *= customer.revenue
    return demand


def changed(amount: np.ndarray, events: list[Settled], kind: str, draws: Draws, since: int = 0) -> np.ndarray:
    """Amounts by month with the events' effects on ``usage`` or ``price`` multiplied in (section 3).

    Parameters
    ----------
    since
        Month of the first row of ``amount``; what comes before is of no interest. It is the same for all calls with the
        same settled events, which keep their factors.

    Returns
    -------
    ndarray, shape (months, paths or 1)
        ``amount`` itself where no event takes effect.
    """
    result = amount
    for settled in events:
        effect: Effect | None = getattr(settled.event, kind)
        if effect is None:
            continue
        if not (settled.begins < since + len(amount)).any():
            continue
        if kind not in settled.factors:
            settled.factors[kind] = effect_of(settled, kind, effect, since + len(amount), draws, since)
        factor = settled.factors[kind]
        result = result * factor if result is amount else np.multiply(result, factor, out=result)
    return result


def effect_of(settled: Settled, kind: str, effect: Effect, months: int, draws: Draws, since: int = 0) -> np.ndarray:
    """One event's factor from month ``since`` on, 1 before it begins and after it is over (section 3).

    Returns
    -------
    ndarray, shape (months - since, paths)
    """
    event = settled.event
    begins = np.minimum(settled.begins, months)
    to = settled.usage_to if kind == "usage" else draws.level(event, kind, effect)
    assert to is not None
    over = draws.over(event, kind, effect)
    if isinstance(over, np.ndarray):
        elapsed = np.arange(since, months)[:, np.newaxis] - begins
        way = rules.progress(np.maximum(elapsed, 0), over, effect.shape)
        way = np.where(elapsed >= 0, way, 0.0)
    else:
        # One ramp for all paths: a path's months are a window of it that starts where its effect begins.
        ramp = np.concatenate([np.zeros(months), rules.progress(np.arange(months), over, effect.shape)])
        if not isinstance(to, np.ndarray):
            ramp = rules.effect_factor(to, ramp)
        way = sliding_window_view(ramp, months + 1)[since:, months - begins]
    factor = way
    if isinstance(to, np.ndarray) or isinstance(over, np.ndarray):
        factor = rules.effect_factor(to, way)
    if event.lasts is not None:
        factor = np.where(np.arange(since, months)[:, np.newaxis] < settled.ends, factor, 1.0)
    return np.asarray(factor)


def price_of(scenario: Scenario, draws: Draws, events: list[Settled], since: int = 0) -> np.ndarray | None:
    """Price factor of a stream from its events and accepted offers (sections 3 and 4); None where it is always 1."""
    months = np.arange(since, scenario.months)[:, np.newaxis]
    price: np.ndarray | None = None
    if any(settled.event.price is not None for settled in events):
        price = changed(np.ones((len(months), 1)), events, "price", draws, since)
    for settled in events:
        lever = scenario.lever_against.get(settled.event.id)
        if lever is None:
            continue
        running = rules.is_in_effect(months, settled.offered, rules.postponed(settled.offered, lever.months))
        factor = np.where(running, rules.offer_price(lever.discount), 1.0)
        price = factor if price is None else price * factor
    return price


def floor_of(commitment: float, volume: np.ndarray, renewals: tuple[int, ...]) -> np.ndarray:
    """Floor by month where every renewal commits (section 5); same shape as ``volume``."""
    at_renewals = rules.committed_volume(commitment, volume[list(renewals)])
    floor: np.ndarray = at_renewals[period_of(renewals, np.arange(len(volume)))]
    return floor


def kept_floor(floor: np.ndarray, events: list[Settled], renewals: tuple[int, ...], since: int = 0) -> np.ndarray:
    """Floor without the renewals that carry no commitment and the months in which it is voided (section 5)."""
    months = np.arange(since, since + len(floor))[:, np.newaxis]
    for settled in events:
        if settled.usage_to is not None:
            lowers = rules.lowers_usage(settled.usage_to)
            refused = rules.refuses_renewal(np.array(renewals)[:, np.newaxis], settled.arises, settled.ends, lowers)
            if refused.any():
                floor = np.where(refused[period_of(renewals, months[:, 0])], 0.0, floor)
        voids = voids_commitment(settled)
        if np.any(voids):
            floor = np.where(rules.is_in_effect(months, settled.begins, settled.ends) & voids, 0.0, floor)
    return floor


def period_of(renewals: tuple[int, ...], months: np.ndarray) -> np.ndarray:
    """Number of the contract period that each month lies in, shape as ``months``."""
    return np.searchsorted(renewals, months, side="right") - 1


def voids_commitment(settled: Settled) -> bool | np.ndarray:
    """Whether the event voids commitments while in effect, said or by default (section 5)."""
    event = settled.event
    if event.voids is not None:
        return event.voids
    if settled.usage_to is None:
        return False
    voids: bool | np.ndarray = rules.voids_by_default(settled.usage_to, event.choice)
    return voids
