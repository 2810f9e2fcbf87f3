"""Strata: every path's loss given each own month of one event, on common draws (``docs/model.md``, section 8).

Given the event's own month the rest of a path depends on neither the event's probability nor its timing. So the losses
given every own month serve a whole sweep over both. Only what the event touches is valued again for a stratum; where
the loss is linear in the event's effect, all strata together are one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.chance.draws import Draws
from sim.engines.kernel import (
    book_of,
    changed,
    demand_of,
    dues_with,
    kept_floor,
    period_of,
    price_of,
    season_of,
    twin_of,
)
from sim.engines.matrix import product
from sim.engines.money import Book, brought, takings
from sim.engines.one_offs import one_offs
from sim.engines.settled import Settled, on_stream
from sim.engines.settling import settle
from sim.engines.short_cuts import are_known
from sim.scenario import rules
from sim.scenario.laws import NEVER, Fixed, Law
from sim.scenario.parts import Event, Scenario
from sim.scenario.terms import has_floor, owes_dues, terms_of


@dataclass(frozen=True, slots=True)
class StrataLosses:
    """Losses of a block of paths over the risk window.

    Attributes
    ----------
    loss
        Discounted, by own month and path, with what events cost once; shape (strata, paths).
    baseline
        Discounted, by path; shape (paths,).
    plain_revenue
        The window's undiscounted revenue; shape (strata, paths), None without a target, for which alone it is needed.
    one_off
        What events cost once, discounted; shape (strata, paths), None where none does.
    """

    loss: np.ndarray
    baseline: np.ndarray
    plain_revenue: np.ndarray | None
    one_off: np.ndarray | None = None

    @property
    def paths(self) -> int:
        """Paths of the block."""
        return len(self.baseline)

    @classmethod
    def joined(cls, parts: Sequence[StrataLosses]) -> StrataLosses:
        """Blocks of paths side by side."""
        if len(parts) == 1:
            return parts[0]
        plain = [part.plain_revenue for part in parts if part.plain_revenue is not None]
        once = [part.one_off for part in parts if part.one_off is not None]
        return cls(
            np.concatenate([part.loss for part in parts], axis=1),
            np.concatenate([part.baseline for part in parts]),
            np.concatenate(plain, axis=1) if plain else None,
            np.concatenate(once, axis=1) if once else None,
        )


def touched_events(scenario: Scenario, event: Event) -> set[str]:
    """Ids of the events whose months may depend on the event's own: itself and all that may come of it."""
    touched, waiting = {event.id}, [event]
    while waiting:
        for target in waiting.pop().leads_to:
            if target not in touched:
                touched.add(target)
                waiting.append(scenario.events[scenario.event_index[target]])
    return touched


def is_linear(scenario: Scenario, event: Event) -> bool:
    """Whether a path's loss is one matrix product for all own months of an event.

    It is where the event's effect is the same whatever month it begins in, and nothing else answers to it: no capacity,
    no commitment, no offer, no event set off, no draws of its own but its notice and a usage level.
    """
    effects = [effect for effect in (event.usage, event.price) if effect is not None]
    if any(isinstance(effect.over, Law) for effect in effects):
        return False
    if any(isinstance(effect.to, Law) for effect in effects) and (len(effects) > 1 or event.usage is None):
        return False
    if event.lasts is not None and (not isinstance(event.lasts, Fixed) or event.permanent > 0):
        return False
    contracts = [scenario.streams[i].contract for i in event.hits]
    return (
        scenario.capacity is None
        and not event.leads_to
        and not event.repeats
        and not scenario.months_differ(event)
        and event.id not in scenario.lever_against
        and all(contract is None or contract.commitment is None for contract in contracts)
    )


def losses_by_own_month(scenario: Scenario, draws: Draws, event: Event | None, months: Sequence[int]) -> StrataLosses:
    """Value every path of a block once for each own month of an event.

    Parameters
    ----------
    event
        The event whose own month is given, none that is planned; None: every path is valued once, as it is.
    months
        Own months, NEVER among them if wanted; a stratum each.

    Returns
    -------
    StrataLosses
    """
    market = _Market.of(scenario, draws)
    if event is None:
        losses, lost = _split(np.array([market.losses(settle(scenario, draws))]))
    elif not are_known(scenario):
        each = [market.losses(settle(scenario, draws.given(event.id, month))) for month in months]
        losses, lost = _split(np.array(each))
    elif is_linear(scenario, event):
        losses, lost = _linear(market, event, months)
    else:
        losses, lost = _split(_revalued(market, event, months))
    worth, plain = market.worths
    has_target = scenario.risk.target is not None
    revenue = _worth(plain, market.baseline) - lost if has_target else None
    one_off = _one_offs(market, event, months)
    loss = losses if one_off is None else losses + one_off
    return StrataLosses(loss, _worth(worth, market.baseline), revenue, one_off)


def _split(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Discounted and plain losses of an array of shape (strata, 2, paths)."""
    return losses[:, 0], losses[:, 1]


def revenues_by_own_month(
    scenario: Scenario, draws: Draws, event: Event | None, months: Sequence[int]
) -> Iterator[np.ndarray]:
    """The vendor's revenue by month and path, once for each own month of an event.

    Parameters
    ----------
    event, months
        As for :func:`losses_by_own_month`.

    Yields
    ------
    ndarray, shape (months, paths)
        Undiscounted, a stratum at a time. What the event cannot touch is valued once.
    """
    demands = [demand_of(scenario, draws, i) for i in range(len(scenario.streams))]
    known = event is not None and are_known(scenario)
    touched = touched_events(scenario, event) if event is not None and known else {e.id for e in scenario.events}
    moved = {i for e in scenario.events if e.id in touched for i in e.hits} if known else set(range(len(demands)))
    books: dict[int, Book] = {}
    for chosen in [draws] if event is None else [draws.given(event.id, month) for month in months]:
        settled = settle(scenario, chosen)
        for i, demand in enumerate(demands):
            if i in moved or i not in books:
                books[i] = book_of(scenario, chosen, i, demand, settled)
        yield brought(scenario, [books[i] for i in range(len(demands))], draws.count)


def revenue_without_events(scenario: Scenario, draws: Draws) -> np.ndarray:
    """The vendor's revenue by month and path without any event but the planned, undiscounted; shape (months, paths)."""
    return _Market.of(scenario, draws).baseline


@dataclass(frozen=True, slots=True)
class _Market:
    """What all strata of a block of paths share: demand, the twins, the baseline.

    ``worths`` are what a unit of money counts for by month, 0 outside the window: discounted, and plain.
    """

    scenario: Scenario
    draws: Draws
    demands: list[np.ndarray]
    twins: list[Book]
    baseline: np.ndarray
    worths: np.ndarray

    @classmethod
    def of(cls, scenario: Scenario, draws: Draws) -> _Market:
        demands = [demand_of(scenario, draws, i) for i in range(len(scenario.streams))]
        # What is planned comes of nothing else, so that it is the same in all strata.
        planned = settle(scenario, draws) if len(scenario.at_risk) < len(scenario.events) else []
        twins = [twin_of(scenario, draws, i, demand, planned) for i, demand in enumerate(demands)]
        baseline = brought(scenario, twins, draws.count)
        months = np.arange(scenario.months)
        inside = (months >= scenario.risk.first) & (months <= scenario.risk.last)
        discounted = np.where(inside, rules.present_value(scenario.discount_rate, months), 0.0)
        return cls(scenario, draws, demands, twins, baseline, np.array([discounted, inside.astype(float)]))

    def book(self, stream: int, settled: list[Settled]) -> Book:
        return book_of(self.scenario, self.draws, stream, self.demands[stream], settled)

    def losses(self, settled: list[Settled]) -> np.ndarray:
        """Discounted and plain losses of every path with all events; shape (2, paths)."""
        books = [self.book(i, settled) for i in range(len(self.demands))]
        return self.worth(self.baseline - brought(self.scenario, books, self.draws.count))

    def worth(self, amounts: np.ndarray, since: int = 0) -> np.ndarray:
        """Discounted and plain sums over the window of amounts by month, from one on, and path; shape (2, paths)."""
        discounted, plain = self.worths[:, since : since + len(amounts)]
        total = _worth(discounted, amounts)
        return np.stack([total, _worth(plain, amounts) if _discounts(self.scenario) else total])


def _one_offs(market: _Market, event: Event | None, months: Sequence[int]) -> np.ndarray | None:
    """What events cost once, discounted, by own month of one of them and path; shape (strata, paths)."""
    scenario, draws = market.scenario, market.draws
    if not scenario.has_one_offs:
        return None
    touched = set() if event is None else touched_events(scenario, event)
    costs = {other.id for other in scenario.events if other.once is not None}

    def worth(chosen: Draws) -> np.ndarray:
        once = one_offs(scenario, chosen, settle(scenario, chosen))
        assert once is not None
        return _worth(market.worths[0], once)

    if event is None or (are_known(scenario) and not costs & touched):
        return np.broadcast_to(worth(draws), (max(1, len(months)), draws.count))
    return np.array([worth(draws.given(event.id, month)) for month in months])


def _linear(market: _Market, event: Event, months: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Losses as stake times effect: what is lost without the event, and what each month of its beginning adds to it.

    Returns
    -------
    discounted, plain : ndarray, shape (strata, paths)
        One and the same array where they are equal or nobody asks for the plain ones.
    """
    scenario, draws = market.scenario, market.draws
    settled = settle(scenario, draws.given(event.id, NEVER))
    others = [other for other in settled if other.event.id != event.id]
    without: np.ndarray | None = None
    stake: np.ndarray | None = None
    hit = [any(i in other.event.hits for other in others) for i in range(len(market.twins))]
    books = [market.book(i, others) if hit[i] else twin for i, twin in enumerate(market.twins)]
    both = zip(takings(scenario, books), takings(scenario, market.twins), strict=True)
    for i, (amount, undisturbed) in enumerate(both):
        if hit[i]:
            lost = undisturbed - amount
            without = lost if without is None else without + lost
        if i in event.hits:
            stake = amount if stake is None else stake + amount
    stake = np.ascontiguousarray(np.broadcast_to(0.0 if stake is None else stake, market.baseline.shape))

    # Set off by another event, it arises no later than that; its own month then matters only before.
    arises = np.minimum(np.array(months)[:, np.newaxis], settled[scenario.event_index[event.id]].arises)
    begins = np.minimum(rules.taking_effect(arises, draws.notice(event)), scenario.months)
    columns = begins[:, :1]
    common = bool((begins == columns).all())
    gone, severity = _gone(scenario, draws, event)
    losses = []
    for worth in market.worths if _discounts(scenario) else market.worths[:1]:
        added = product((gone * worth[:, np.newaxis]).T, stake)
        if severity is not None:
            added *= severity
        added = added[columns[:, 0]] if common else np.take_along_axis(added, begins, axis=0)
        if without is not None:
            added += _worth(worth, np.broadcast_to(without, market.baseline.shape))
        losses.append(added)
    return losses[0], losses[-1]


def _discounts(scenario: Scenario) -> bool:
    """Whether plain sums over the window differ from discounted ones and are asked for."""
    return bool(scenario.discount_rate) and scenario.risk.target is not None


def _worth(worth: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Sum over months of what amounts are worth; (months,), (months, paths) to (paths,)."""
    total: np.ndarray = np.einsum("m,mp->p", worth, amounts)
    return total


def _gone(scenario: Scenario, draws: Draws, event: Event) -> tuple[np.ndarray, np.ndarray | None]:
    """Share of a stake that is gone in each month (rows) for each month of beginning (columns, the last for never).

    The second is a factor for each path, where the usage level is a law.
    """
    horizon = scenario.months
    elapsed = np.arange(horizon)[:, np.newaxis] - np.arange(horizon + 1)
    running = (elapsed >= 0) & (np.arange(horizon + 1) < horizon)
    if event.lasts is not None:
        running &= elapsed < rules.ending(0, draws.lasts(event))
    kept: np.ndarray = np.ones(elapsed.shape)
    severity = None
    for kind, effect in (("usage", event.usage), ("price", event.price)):
        if effect is None:
            continue
        way = rules.progress(np.maximum(elapsed, 0), effect.over, effect.shape)
        to = draws.level(event, kind, effect)
        if isinstance(to, np.ndarray):
            severity, to = 1 - to, 0.0
        kept = kept * rules.effect_factor(to, way)
    return np.where(running, 1 - kept, 0.0), severity


def _revalued(market: _Market, event: Event, months: Sequence[int]) -> np.ndarray:
    """Losses by valuing, for each own month, the streams that the event may touch; the others once.

    Returns
    -------
    ndarray, shape (strata, 2, paths)
    """
    scenario, draws = market.scenario, market.draws
    touched = touched_events(scenario, event)
    streams = sorted({i for other in scenario.events if other.id in touched for i in other.hits})
    never = settle(scenario, draws.given(event.id, NEVER))
    untouched = [other for other in never if other.event.id not in touched]
    as_they_are = {other.event.id: other for other in untouched}
    rest = _Rest.of(market, [i for i in range(len(market.demands)) if i not in streams], untouched)
    accounts = [_Account.of(market, i, untouched, [s for s in never if s.event.id in touched]) for i in streams]

    def lost(since: int, settled: list[Settled]) -> np.ndarray:
        """What is lost by month from ``since`` on and path."""
        books = [account.book(settled, since) for account in accounts]
        amounts = takings(scenario, [rest.since(since), *books], since)
        amount: np.ndarray = market.baseline[since:] - next(amounts)
        for takes in amounts:
            amount -= takes
        return amount

    if_never = lost(0, [s for s in never if s.event.id in touched])
    losses = np.empty((len(months), 2, draws.count))
    for k, month in enumerate(months):
        if month >= scenario.months:
            losses[k] = market.worth(if_never)
            continue
        # Until its own month a path goes as if the event never arose by itself.
        again = settle(scenario, draws.given(event.id, month), as_they_are)
        amount = lost(month, [s for s in again if s.event.id in touched])
        losses[k] = market.worth(if_never[:month]) + market.worth(amount, month)
    return losses


@dataclass(frozen=True, slots=True)
class _Account:
    """A stream that the event may touch: what all strata share of its account.

    Attributes
    ----------
    level, price
        Volume without season, and price, by month and path, with the untouched events alone; price None where it is
        always 1.
    if_never, price_if_never
        The same where the event never arises by itself; the price only where dues depend on it.
    kept
        Where the untouched events let a floor stand, 1 or 0; None without a floor.
    untouched
        The untouched events that hit it.
    """

    market: _Market
    stream: int
    level: np.ndarray
    price: np.ndarray | None
    if_never: np.ndarray
    price_if_never: np.ndarray | None
    kept: np.ndarray | None
    untouched: list[Settled]

    @classmethod
    def of(cls, market: _Market, stream: int, untouched: list[Settled], touched: list[Settled]) -> _Account:
        scenario, draws = market.scenario, market.draws
        events, others = on_stream(untouched, stream), on_stream(touched, stream)
        level = changed(market.demands[stream], events, "usage", draws)
        if_never = changed(level, others, "usage", draws)
        price = price_of(scenario, draws, events)
        customer, kept, price_if_never = scenario.streams[stream], None, None
        if has_floor(customer):
            kept = kept_floor(np.ones((scenario.months, 1)), events, customer, terms_of(customer, scenario.months))
        elif owes_dues(customer):
            price_if_never = _times(price, price_of(scenario, draws, others))
        return cls(market, stream, level, price, if_never, price_if_never, kept, events)

    def book(self, touched: list[Settled], since: int) -> Book:
        """The account from a month on, with the touched events too."""
        scenario, draws = self.market.scenario, self.market.draws
        customer, events = scenario.streams[self.stream], on_stream(touched, self.stream)
        level = changed(self.level[since:], events, "usage", draws, since)
        volume = level if customer.season is None else level * season_of(customer, len(level), since)
        price = price_of(scenario, draws, events, since)
        price = _times(None if self.price is None else self.price[since:], price)
        floor = dues = None
        if self.kept is not None:
            floor = self._floor(events, level, since)
        elif owes_dues(customer):
            dues = self._dues(events, level, price, since)
        return Book(customer, volume, price, floor, dues)

    def _floor(self, events: list[Settled], level: np.ndarray, since: int) -> np.ndarray:
        scenario = self.market.scenario
        customer = scenario.streams[self.stream]
        assert customer.contract is not None
        assert customer.contract.commitment is not None
        assert self.kept is not None
        terms = terms_of(customer, scenario.months)
        fixed = [term.fixed for term in terms]
        period = period_of(fixed, np.arange(since, scenario.months))
        standing = [self.if_never[r] if r < since else level[r - since] for r in fixed[period[0] :]]
        at_renewals = np.array(np.broadcast_arrays(*standing))
        share = customer.contract.commitment.share
        floor = rules.committed_volume(share, at_renewals)[period - period[0]] * self.kept[since:]
        return kept_floor(floor, events, customer, terms, since)

    def _dues(self, events: list[Settled], level: np.ndarray, price: np.ndarray | None, since: int) -> np.ndarray:
        scenario = self.market.scenario
        customer = scenario.streams[self.stream]
        # A renewal leaves nothing of the terms before it: those that are over are as in the stratum never.
        terms = [term for term in terms_of(customer, scenario.months) if term.last >= since]
        if not terms:
            return np.zeros((len(level), 1))
        first = min(terms[0].fixed, since)
        level = _continued(self.if_never, level, first, since)
        volume = level if customer.season is None else level * season_of(customer, scenario.months)
        if price is not None or self.price_if_never is not None:
            ones = np.ones((scenario.months, 1))
            before = ones if self.price_if_never is None else self.price_if_never
            price = _continued(before, ones[since:] if price is None else price, first, since)
        return dues_with(customer, terms, level, volume, price, [*self.untouched, *events])[since:]


def _times(one: np.ndarray | None, other: np.ndarray | None) -> np.ndarray | None:
    """Product of two factors, None being 1."""
    if one is None or other is None:
        return other if one is None else one
    both: np.ndarray = one * other
    return both


def _continued(before: np.ndarray, after: np.ndarray, first: int, since: int) -> np.ndarray:
    """Rows of all months: up to ``since`` from one array, then the other's; those before ``first`` are 0."""
    paths = max(before.shape[1], after.shape[1])
    joined = np.zeros((since + len(after), paths))
    joined[first:since] = before[first:since]
    joined[since:] = after
    return joined


@dataclass(frozen=True, slots=True)
class _Rest:
    """The account that untouched streams have together: volume, what it brings if all is served, and if nothing is.

    ``unused`` is None where it is nothing.
    """

    volume: np.ndarray
    if_served: np.ndarray
    unused: np.ndarray | None

    @classmethod
    def of(cls, market: _Market, streams: list[int], settled: list[Settled]) -> _Rest:
        nothing = np.zeros((market.scenario.months, 1))
        volume, if_served, unused = nothing, nothing, nothing
        for i in streams:
            book = market.book(i, settled)
            idle = book.brings(nothing)
            volume = volume + book.volume
            unused = unused + idle
            if_served = if_served + (book.brings(1.0) - idle)
        return cls(volume, if_served, unused if unused.any() else None)

    def since(self, month: int) -> _Rest:
        """The account from a month on."""
        unused = None if self.unused is None else self.unused[month:]
        return _Rest(self.volume[month:], self.if_served[month:], unused)

    def brings(self, served: np.ndarray | float) -> np.ndarray:
        """Revenue by month and path at the served share: each of its streams' is linear in it."""
        amount: np.ndarray = self.if_served * served
        return amount if self.unused is None else self.unused + amount
