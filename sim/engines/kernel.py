"""The kernel: all paths of a block at once, by month arithmetic on arrays (``docs/model.md``, sections 2 to 6).

Arrays in here have the axes months, paths: a month of all paths lies together in memory, and what runs along the months
runs on whole rows. Where a stream's numbers are the same on every path (no volatility, untouched by events) its arrays
have one column, and numpy's broadcasting does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sim.chance.draws import Draws
from sim.engines.dues import dues_of
from sim.engines.money import Book, takings
from sim.engines.one_offs import one_offs
from sim.engines.settled import Settled, on_stream
from sim.engines.settling import settle
from sim.engines.valuation import Valuation, within_horizon
from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Contract, Effect, Scenario, Stream
from sim.scenario.terms import Term, has_floor, owes_dues, terms_of


def value(scenario: Scenario, draws: Draws) -> Valuation:
    """Value a block of paths, with all events and without.

    Returns
    -------
    Valuation
        Of the paths that ``draws`` holds.
    """
    settled = settle(scenario, draws)
    shape = (scenario.months, draws.count)
    revenue, baseline, largest, squares = (np.zeros(shape) for _ in range(4))
    together: dict[str, np.ndarray] = {}
    both = accounts_of(scenario, draws, settled)
    for stream, (undisturbed, amount) in zip(scenario.streams, amounts_of(scenario, both), strict=True):
        revenue += amount
        baseline += undisturbed
        if stream.group is not None:
            together[stream.party] = together.get(stream.party, 0.0) + amount
        elif not stream.pool:
            np.maximum(largest, amount, out=largest)
            squares += amount * amount
    for amount in together.values():
        np.maximum(largest, amount, out=largest)
        squares += amount * amount

    months = np.array([within_horizon(event.earliest, scenario.months) for event in settled], dtype=np.int64)
    offered = np.array([event.offered for event in settled], dtype=np.int64)
    once = one_offs(scenario, draws, settled)
    times = [event.times(scenario.months) for event in settled if event.event.repeats]
    return Valuation(
        first=draws.first,
        arises=months.reshape(len(settled), draws.count),
        offered=offered.reshape(len(settled), draws.count),
        revenue=revenue.T,
        baseline=baseline.T,
        largest_share=rules.share(largest, revenue).T,
        hhi=rules.share(squares, revenue * revenue).T,
        one_off=None if once is None else once.T,
        times=np.array(times, dtype=np.int64) if times else None,
    )


def amounts_of(scenario: Scenario, both: Iterable[tuple[Book, Book]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What each stream brings without events and with them, from its accounts."""
    if scenario.capacity is not None:
        # Who is served depends on all.
        pairs = list(both)
        yield from zip(*(takings(scenario, [pair[k] for pair in pairs]) for k in range(2)), strict=True)
        return
    # Else no more than one stream's accounts are held at a time.
    for undisturbed, account in both:
        (of_twin,) = takings(scenario, [undisturbed])
        (amount,) = (of_twin,) if account is undisturbed else takings(scenario, [account])
        yield of_twin, amount


def accounts_of(scenario: Scenario, draws: Draws, settled: list[Settled]) -> Iterator[tuple[Book, Book]]:
    """Each stream's account without events and with them, the same one where no event that is at risk hits it."""
    at_risk = {i for event in scenario.at_risk for i in event.hits}
    hitting: dict[int, list[Settled]] = {}
    for event in settled:
        for i in event.event.hits:
            hitting.setdefault(i, []).append(event)
    for i in range(len(scenario.streams)):
        demand, events = demand_of(scenario, draws, i), hitting.get(i, [])
        undisturbed = twin_of(scenario, draws, i, demand, events)
        yield undisturbed, book_of(scenario, draws, i, demand, events) if i in at_risk else undisturbed
        for event in events:
            if event.by_stream or i == max(event.event.hits):  # nobody else asks for its factors
                event.on(i).factors.clear()


def book_of(scenario: Scenario, draws: Draws, stream: int, demand: np.ndarray, settled: list[Settled]) -> Book:
    """One stream's account with the events that hit it (sections 3 to 5)."""
    events = on_stream(settled, stream)
    level = changed(demand, events, "usage", draws)
    price = price_of(scenario, draws, events)
    return account_of(scenario, stream, level, price, events)


def twin_of(scenario: Scenario, draws: Draws, stream: int, demand: np.ndarray, settled: list[Settled]) -> Book:
    """One stream's account without any event but what is planned; without that, all renewals commit (section 6)."""
    planned = [event for event in settled if event.event.planned]
    if any(stream in event.event.hits for event in planned):
        return book_of(scenario, draws, stream, demand, planned)
    return account_of(scenario, stream, demand, None, [])


def account_of(
    scenario: Scenario, stream: int, level: np.ndarray, price: np.ndarray | None, events: list[Settled]
) -> Book:
    """One stream's account, from its volume without the season and its price (section 5)."""
    customer = scenario.streams[stream]
    volume = level if customer.season is None else level * season_of(customer, len(level))
    floor = dues = None
    if has_floor(customer):
        assert customer.contract is not None
        assert customer.contract.commitment is not None
        terms = terms_of(customer, scenario.months)
        share = customer.contract.commitment.share
        floor = kept_floor(floor_of(share, level, terms), events, customer, terms)
    elif owes_dues(customer):
        dues = dues_with(customer, terms_of(customer, scenario.months), level, volume, price, events)
    return Book(customer, volume, price, floor, dues)


def season_of(customer: Stream, months: int, since: int = 0) -> np.ndarray:
    """Factors of the season from a month on; shape (months, 1)."""
    assert customer.season is not None
    return np.array([customer.season[m % 12] for m in range(since, since + months)])[:, np.newaxis]


def dues_with(
    customer: Stream,
    terms: Sequence[Term],
    level: np.ndarray,
    volume: np.ndarray,
    price: np.ndarray | None,
    events: list[Settled],
) -> np.ndarray:
    """What a stream is billed beside its use, with the events that hit it (section 5); shape (months, paths or 1)."""
    contract = customer.contract
    assert contract is not None
    assert contract.commitment is not None
    return dues_of(
        contract.commitment,
        terms,
        starts=customer.starts,
        level=level,
        volume=volume,
        price=price,
        commits=lambda term: commits(contract, term, events),
        voids=lambda term: voided(term, events),
        leaves=lambda term: leaving(term, events),
    )


def refused(contract: Contract, terms: Sequence[Term], settled: Settled) -> bool | np.ndarray:
    """Which renewals an event keeps from committing (section 5); shape (terms, paths), False where none can be."""
    refused = _refused_once(contract, terms, settled)
    later = False if settled.again is None else _refused_once(contract, terms, settled.again)
    if settled.again is None or isinstance(later, bool) or not later.any():
        return refused
    if isinstance(refused, bool):
        refused = np.zeros((len(terms), len(settled.arises)), dtype=bool)
    term, entry = np.nonzero(later)
    refused[term, settled.again.rows[entry]] = True
    return refused


def _refused_once(contract: Contract, terms: Sequence[Term], settled: Settled) -> bool | np.ndarray:
    """The same of one coming of an event, or of later ones; shape (terms, entries), False where none can be."""
    if settled.usage_to is None or settled.event.recommits:
        return False
    since, months = settled.arises, [term.fixed for term in terms]
    if contract.auto_renews and settled.event.choice:
        since = settled.in_time
        if settled.event.leaves == "at_renewal":
            # Who leaves at renewals alone gave notice in time for the renewal itself, or its term stands.
            months = [term.renewal for term in terms]
    lowers = rules.lowers_usage(settled.usage_to)
    refused: np.ndarray = rules.refuses_renewal(np.array(months)[:, np.newaxis], since, settled.ends, lowers)
    return refused


def commits(contract: Contract, term: Term, events: list[Settled]) -> bool | np.ndarray:
    """Whether a renewal commits (section 5); shape (paths,)."""
    stands: bool | np.ndarray = True
    for settled in events:
        not_it = refused(contract, [term], settled)
        if np.any(not_it):
            stands = stands & ~np.asarray(not_it)[0]
    return stands


def voided(term: Term, events: list[Settled]) -> np.ndarray | None:
    """Whether a term's commitment is void, in each of its months (section 5); None where it never is."""
    fixed = np.full(term.last + 1 - term.fixed, term.fixed)
    void: np.ndarray | None = None
    for settled in events:
        found = voided_by(settled, fixed, term.fixed)
        if found is not None:
            void = found if void is None else void | found
    return void


def voided_by(settled: Settled, fixed: np.ndarray, since: int) -> np.ndarray | None:
    """Whether an event voids the commitment in force, in each month from one on (section 5).

    Parameters
    ----------
    fixed
        In which month the commitment in force was fixed; shape (months,).

    Returns
    -------
    ndarray of bool, shape (months, paths)
        None where it never does.
    """
    void: np.ndarray | None = None
    voids = voids_commitment(settled)
    if np.any(voids):
        months = np.arange(since, since + len(fixed))[:, np.newaxis]
        # Of what is never over no month need be asked whether it is.
        ends = settled.ends if (settled.ends < NEVER).any() else NEVER
        void = np.asarray(rules.is_in_effect(months, settled.begins, ends))
        if voids is not True:
            void &= voids
        if settled.event.recommits:
            void &= fixed[:, np.newaxis] < settled.begins
    again = settled.again
    if again is not None and np.any(voids := voids_commitment(again)):
        cells, entries = again.cells(since, since + len(fixed))
        here = np.broadcast_to(voids, again.begins.shape)[entries]
        if settled.event.recommits:
            here = here & (fixed[cells - since] < again.begins[entries])
        if here.any():
            void = np.zeros((len(fixed), len(settled.begins)), dtype=bool) if void is None else void
            void[cells[here] - since, again.rows[entries[here]]] = True
    return void if void is not None and void.any() else None


def leaving(term: Term, events: list[Settled]) -> np.ndarray | None:
    """First month of a term in which a choice that lowers usage for good takes effect (section 5); None for none."""
    first: np.ndarray | None = None
    for settled in events:
        for one in settled.comings:
            if one.usage_to is None or one.event.recommits or not one.event.choice:
                continue
            inside = (one.begins >= term.fixed) & (one.begins <= term.last) & (one.ends >= NEVER)
            inside &= np.asarray(rules.lowers_usage(one.usage_to))
            if inside.any():
                first = np.full(len(settled.begins), NEVER, dtype=np.int64) if first is None else first
                np.minimum.at(first, one.rows[inside], one.begins[inside])
    return first


def demand_of(scenario: Scenario, draws: Draws, stream: int) -> np.ndarray:
    """Demand of a stream without its season (section 2); one column where nothing is random.

    Returns
    -------
    ndarray, shape (months, paths or 1)
    """
    customer = scenario.streams[stream]
    market, own = draws.shocks(stream)
    first, after = customer.starts, customer.last(scenario.months) + 1
    if market is None and own is None:
        path = np.zeros((scenario.months, 1))
        path[first:after, 0] = rules.compounded(customer.revenue, customer.growth[first:after])
        return path
    if own is None:
        shock = rules.blended_shock(customer.market, market, 0.0)
    elif market is None:
        shock = own
    else:
        shock = rules.blended_shock(customer.market, market, own)
    growth = np.asarray(customer.growth[1:])[:, np.newaxis]
    exponents = rules.demand_exponent(growth, customer.volatility, shock.T)
    demand = np.empty((scenario.months, draws.count))
    demand[: first + 1] = 0.0
    # Row by row: several times as fast as np.cumsum.
    for month, exponent in enumerate(exponents[first:], first + 1):
        np.add(demand[month - 1], exponent, out=demand[month])
    np.exp(demand, out=demand)
    demand *= customer.revenue
    demand[:first] = demand[after:] = 0.0
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
    factor = _factors_of(events, kind, draws, since + len(amount), since, amount)
    return amount if factor is None else factor


def _factors_of(
    events: list[Settled], kind: str, draws: Draws, months: int, since: int, amount: np.ndarray | None = None
) -> np.ndarray | None:
    """Factors of all events that take effect before month ``months``, and ``amount``, multiplied; None: of no event."""
    result = amount
    own = False
    for settled in events:
        effect: Effect | None = getattr(settled.event, kind)
        if effect is None:
            continue
        if (settled.begins < months).any():
            factor = settled.factors.get(kind)
            if factor is None:
                factor = settled.factors[kind] = effect_of(settled, kind, effect, months, draws, since)
            if result is None:
                result = factor
            else:
                result, own = np.multiply(result, factor, out=result if own else None), True
        if settled.again is not None:
            cells, factors = _effects_of_later(settled.again, kind, effect, since, months)
            if not len(factors):
                continue
            if result is None or not own or result.shape[1] == 1:
                before = 1.0 if result is None else result
                result, own = np.array(np.broadcast_to(before, (months - since, len(settled.begins)))), True
            result[cells] *= factors
    return None if result is amount else result


def _effects_of_later(
    again: Settled, kind: str, effect: Effect, since: int, until: int
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Rows and columns in which an event's later comings are in effect, and their factors there (section 3)."""
    kept = again.factors.get(kind)
    if kept is None:
        months, entries = again.cells(since, until)
        to = again.usage_to if kind == "usage" else again.drawn["price.to"]
        over = again.drawn[f"{kind}.over"]
        elapsed = months - again.begins[entries]
        if isinstance(over, np.ndarray):
            way = rules.progress(elapsed, over[entries], effect.shape)
        else:
            way = rules.progress(np.arange(until), over, effect.shape)[elapsed]
        factors = rules.effect_factor(to[entries] if isinstance(to, np.ndarray) else to, way)
        kept = again.factors[kind] = (months - since, again.rows[entries]), factors
    found: tuple[tuple[np.ndarray, np.ndarray], np.ndarray] = kept
    return found


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
        way = windows_of(ramp, begins, since)
    factor = way
    if isinstance(to, np.ndarray) or isinstance(over, np.ndarray):
        factor = rules.effect_factor(to, way)
    if event.lasts is not None:
        factor = np.where(np.arange(since, months)[:, np.newaxis] < settled.ends, factor, 1.0)
    return np.asarray(factor)


def windows_of(ramp: np.ndarray, begins: np.ndarray, since: int) -> np.ndarray:
    """A ramp by months since something begins, seen by each path from the month in which it begins for it.

    Parameters
    ----------
    ramp
        From as many months before as there are months to as many after; shape (2 * months,).
    begins
        Months, at most that of the horizon's end; shape (paths,).
    since
        First month that is told.

    Returns
    -------
    ndarray, shape (months - since, paths)
    """
    months = len(ramp) // 2
    # Taken from a table, so that a month of all paths lies together: a window of each path would lie path by path.
    table = np.ascontiguousarray(sliding_window_view(ramp, months + 1)[since:])
    return table.take(months - begins, axis=1)


def price_of(scenario: Scenario, draws: Draws, events: list[Settled], since: int = 0) -> np.ndarray | None:
    """Price factor of a stream from its events and accepted offers (sections 3 and 4); None where it is always 1."""
    months = scenario.months
    price = _factors_of(events, "price", draws, months, since)
    for settled in events:
        lever = scenario.lever_against.get(settled.event.id)
        if lever is None:
            continue
        running = rules.is_in_effect(np.arange(-months, months), 0, rules.postponed(0, lever.months))
        ramp = np.where(running, rules.offer_price(lever.discount), 1.0)
        factor = windows_of(ramp, np.minimum(settled.offered, months), since)
        price = factor if price is None else price * factor
    return price


def floor_of(share: float | None, level: np.ndarray, terms: Sequence[Term]) -> np.ndarray:
    """Floor by month where every renewal commits (section 5); same shape as ``level``."""
    fixed = [term.fixed for term in terms]
    at_renewals = rules.committed_volume(share, level[fixed])
    floor: np.ndarray = at_renewals[period_of(fixed, np.arange(len(level)))]
    return floor


def kept_floor(
    floor: np.ndarray, events: list[Settled], customer: Stream, terms: Sequence[Term], since: int = 0
) -> np.ndarray:
    """Floor without the renewals that carry no commitment and the months in which it is voided (section 5)."""
    assert customer.contract is not None
    fixed = np.array([term.fixed for term in terms])
    periods = period_of(fixed, np.arange(since, since + len(floor)))
    kept: np.ndarray | None = None
    for settled in events:
        not_committed = refused(customer.contract, terms, settled)
        void = voided_by(settled, fixed[periods], since)
        if void is None and not np.any(not_committed):
            continue
        if kept is None:
            kept = np.array(np.broadcast_to(floor, (len(floor), len(settled.begins))))
        # Multiplied: to choose value by value takes several times as long.
        if np.any(not_committed):
            for term in np.flatnonzero(np.any(not_committed, axis=1)):
                first, after = np.searchsorted(periods, [term, term + 1])
                kept[first:after] *= ~np.asarray(not_committed)[term]
        if void is not None:
            kept *= ~void
    return floor if kept is None else kept


def period_of(renewals: Sequence[int] | np.ndarray, months: np.ndarray) -> np.ndarray:
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
