"""The SimPy model: one path, event by event, as processes that read like the story they tell.

The reference engine. Each customer's contract, each event, each offer and the market's months are processes on one
clock of whole months. What happens within a month happens in the order of :class:`Phase`, never by accident. The model
knows what chance holds for its path (its fate) and works out all the rest itself; what it tells is kept in a ledger.
Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import Any

import simpy

from sim.chance.draws import Draws
from sim.chance.path import Fate
from sim.engines.clock import Cause, Moment, Phase
from sim.engines.collected import collect
from sim.engines.customer import Customer, Leaving, RunningEffect, customer_of, dues_of, level_facts, revenue_of
from sim.engines.ledger import VENDOR, Entry, Reason, note, reason
from sim.engines.valuation import Valuation
from sim.errors import UsageError
from sim.scenario import rules
from sim.scenario.laws import NEVER, Law
from sim.scenario.parts import Commitment, Effect, Event, Lever, Scenario, Shape, Trigger
from sim.scenario.terms import not_renewed, occasions, terms_of

Steps = Generator[simpy.Event, Any, None]
Process = Callable[["World"], Steps]


class World:
    """One path's world: the clock, the customers with their twins, the events, and the ledger of what happened.

    A process of your own is a generator function that takes the world, waits by yielding ``world.wait(months)`` or
    ``world.until("2025-03")``, and in between reads ``world.month`` and ``world.customers["id"]``, calls :meth:`change`
    and :meth:`restore`, makes events of the scenario arise with :meth:`cause`, and tells the ledger with :meth:`note`::

        def outage(world):
            yield world.until("2025-03")
            world.change("tiktok", "outage", usage=0.5)
            yield world.wait(2)
            world.restore("tiktok", "outage")

        sim.run("tiktok", engine="model", processes=[outage])

    It runs anew on each path, in a month that it waited for before demand is settled; the baseline knows nothing of it.
    What it leaves to chance should depend on ``world.path``, the path's number, so that the path can be told again.
    What it notes stays its own remark, whatever kind it names; the entries of :meth:`change`, :meth:`restore` and
    :meth:`cause` are the model's, with facts of which :mod:`sim.engines.ledger` has the list.

    Attributes
    ----------
    env
        The SimPy environment; ``env.now`` is the month number.
    customers, twins
        Accounts by customer id, with all that happens and with nothing but what is planned.
    arises, offered
        Settled months of events, and months of accepted offers, by event id.
    times
        How often events have come so far, by event id.
    revenue, baseline
        The vendor's revenue by month, so far.
    largest, squares
        By month, the largest named customer's bill and the sum of the squares of all named customers' bills.
    one_off
        By month, what events cost once beside revenue, so far; empty where none does.
    ledger
        Entries so far, where a story is kept.
    acted
        Names of the rules that acted on this path.
    """

    def __init__(self, scenario: Scenario, fate: Fate, processes: Iterable[Process] = (), story: bool = False) -> None:
        self.scenario = scenario
        self.fate = fate
        self.env = simpy.Environment()
        self.customers = {stream.id: customer_of(stream, scenario.months) for stream in scenario.streams}
        self.twins = {stream.id: customer_of(stream, scenario.months) for stream in scenario.streams}
        self.causes = {event.id: Cause(self.env) for event in scenario.events}
        self.arises: dict[str, int] = {}
        self.offered: dict[str, int] = {}
        self.times: Counter[str] = Counter()
        self.revenue: list[float] = []
        self.baseline: list[float] = []
        self.largest: list[float] = []
        self.squares: list[float] = []
        self.one_off = [0.0] * scenario.months if scenario.has_one_offs else []
        self.ledger: list[Entry] = []
        self.acted: set[str] = set()
        self._story = story
        self._capacity = (
            None
            if scenario.capacity is None
            else rules.compounded(scenario.capacity.initial, scenario.capacity.growth).tolist()
        )
        for event in scenario.events:
            self.env.process(self._own_arising(event))
            self.env.process(self._life_of(event))
        for customer in self.customers.values():
            contract = customer.stream.contract
            if contract is not None and contract.commitment is not None:
                self.env.process(self._renewals(customer, contract.commitment))
        self.env.process(self._months())
        for process in processes:
            self.env.process(process(self))

    def play(self) -> World:
        """Let the horizon pass."""
        self.env.run(until=self.scenario.months)
        return self

    @property
    def month(self) -> int:
        """The month it is."""
        return int(self.env.now)

    def wait(self, months: int, phase: Phase = Phase.EFFECT) -> Moment:
        """Some whole months from now, by default before the month's demand is settled."""
        return Moment(self.env, months, phase)

    @property
    def path(self) -> int:
        """The path's number."""
        return self.fate.draws.first + self.fate.row

    def until(self, month: int | str, phase: Phase = Phase.EFFECT) -> Moment:
        """A month that is not over, by number or as ``YYYY-MM``; another is refused with UsageError."""
        number = month
        if isinstance(number, str):
            if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", number):
                raise UsageError(f"found {month!r}, allowed is a month as YYYY-MM")
            number = int(number[:4]) * 12 + int(number[5:]) - 1 - self.scenario.start
        if number < self.month:
            raise UsageError(f"month {month} is over: it is {self.scenario.month_label(self.month)}")
        return Moment(self.env, number - self.month, phase)

    def cause(self, event: str, why: str) -> None:
        """Make an event of the scenario arise now, unless it has; UsageError where there is none of that id."""
        _known("event", event, [one.id for one in self.scenario.events if one.outcome_of is None])
        self.causes[event].happens(reason("process", said=why))

    def change(
        self,
        customer: str,
        name: str,
        *,
        usage: float | None = None,
        price: float | None = None,
        over: int = 0,
        shape: Shape = "linear",
        voids_commitment: bool = False,
    ) -> None:
        """Change a customer's usage, price or both from this month on; ``name`` tells it from other changes.

        Levels, months and shape as an event's in a scenario; it multiplies with events and other changes, and keeps
        nobody from renewing. A change of the same name is replaced.

        Raises
        ------
        UsageError
            No such customer, or the name is an event's id.
        """
        _known("customer", customer, self.customers)
        if name.partition("#")[0] in self.causes:
            raise UsageError(f"name: found {name!r}, which is an event's id; a change needs a name of its own")
        account = self.customers[customer]
        for to, effects in ((usage, account.usage), (price, account.price)):
            effects.pop(name, None)
            if to is not None:
                effects[name] = RunningEffect(to, over, shape, self.month)
        account.voided_by.pop(name, None)
        if voids_commitment:
            account.voided_by[name] = NEVER
        running = account.usage.get(name), account.price.get(name)
        self._tell_beginning(account, *running, bool(voids_commitment), event=None, change=name)

    def restore(self, customer: str, name: str) -> None:
        """End a change from this month on; UsageError where none of that name is in effect."""
        _known("customer", customer, self.customers)
        account = self.customers[customer]
        if name.partition("#")[0] in self.causes or name not in {**account.usage, **account.price, **account.voided_by}:
            raise UsageError(f"name: found {name!r}, which is no change of {customer} that is in effect")
        voided = name in account.voided_by
        for book in (account.usage, account.price, account.voided_by):
            book.pop(name, None)
        self._tell_ending(account, voided, event=None, change=name, lasted=None)

    def note(self, kind: str, who: str, what: str, why: str, money: float | None = None) -> None:
        """Write a remark of your own into the ledger, if one is kept: ``what`` and ``why`` are told as they are."""
        if self._story:
            self.ledger.append(note(self.month, kind, who, what, why, money))

    def _tell(self, kind: str, subject: str, money: float | None = None, **facts: Any) -> None:
        """Write an entry of the model's into the ledger, if one is kept, with the facts that its kind has."""
        if self._story:
            self.ledger.append(Entry(self.month, kind, subject, facts, money))

    # Events (section 3) and the retention offer (section 4)

    def _own_arising(self, event: Event) -> Steps:
        month = self.fate.own_month(event)
        if self.fate.is_moved_by_its_set(event):
            self.acted.add("together")
        if month < self.scenario.months:
            yield self.until(month, Phase.ARISE)
            self.causes[event.id].happens(reason("itself"))

    def _set_off(self, event: Event, trigger: Trigger) -> Steps:
        yield self.wait(self.fate.trigger_delay(event, trigger), Phase.ARISE)
        if not self.causes[trigger.target].triggered:
            self.acted.add("trigger")
        self.causes[trigger.target].happens(reason("trigger", by=event.first))

    def _life_of(self, event: Event) -> Steps:
        why = yield self.causes[event.id]
        lever = self.scenario.lever_against.get(event.id)
        if lever is not None:
            why = yield from self._offer(event, lever, why)
        self._comes(event, why)

    def _comes(self, event: Event, why: Reason) -> None:
        """Let an event arise, for the first time or for another one, and all take its course that comes of it."""
        self.arises.setdefault(event.first, self.month)
        self.times[event.first] += 1
        notice = self.fate.notice(event)
        told = min([notice, *(self._notice(event, i, notice) for i in event.hits)])
        self._tell("event", event.first, **why, notice=told)
        for trigger in event.triggers:
            if self.fate.sets_off(event, trigger):
                self.env.process(self._set_off(event, trigger))
        if event.outcomes:
            outcome = event.outcomes[self.fate.outcome(event)].target
            self.acted.add("outcome" if self.times[outcome] or event.coming == 1 else "another outcome")
            why = reason("outcome", by=event.first)
            if event.coming == 1:
                self.causes[outcome].happens(why)
            else:
                self._comes(self._coming(outcome, event.coming), why)
            return
        if event.planned:
            self.acted.add("planned")
        usage = self._running(event, "usage", event.usage)
        price = self._running(event, "price", event.price)
        in_time = [rules.taking_effect(self.month, self._notice(event, i, notice)) for i in event.hits]
        if usage and rules.lowers_usage(usage.to) and not event.recommits:
            for i, month in zip(event.hits, in_time, strict=True):
                contract = self.scenario.streams[i].contract
                by_notice = contract is not None and contract.auto_renews and event.choice
                leaving = Leaving(event.first, month if by_notice else None, event.leaves == "at_renewal")
                for account in self._accounts(event, [i]):
                    account.leaving[event.id] = leaving
        if isinstance(self.scenario.notice(event), Law):
            self.acted.add("notice law")
        together: dict[int, list[int]] = {}
        for i, month in zip(event.hits, in_time, strict=True):
            together.setdefault(self._takes_effect(event, i, month), []).append(i)
        for month, those in together.items():
            if month < NEVER:
                self.env.process(self._effect_of(event, those, month, usage, price))
        if event.once is not None and min(together) < NEVER:
            self.env.process(self._once(event, min(together)))
        if event.repeats:
            self.env.process(self._again(event, max((month for month in together if month < NEVER), default=NEVER)))

    def _coming(self, id: str, coming: int) -> Event:
        event = self.scenario.events[self.scenario.event_index[id]]
        return event if coming == 1 else event.again(coming)

    def _again(self, before: Event, begun: int) -> Steps:
        """Let an event that repeats come again, counted from the last month in which it, or its outcome, held."""
        if (lasts := self.fate.lasts(before)) is None:  # an outcome for good
            return
        event = self._coming(before.source, before.coming + 1)
        month = self.fate.month_again(event, int(rules.last_in_effect(rules.ending(begun, lasts))))
        if month < self.scenario.months:
            yield self.until(month, Phase.ARISE)
            self.acted.add("repeats")
            self._comes(event, reason("again"))

    def _once(self, event: Event, month: int) -> Steps:
        yield self.until(month, Phase.EFFECT)
        amount = self.fate.once(event)
        self.one_off[self.month] += amount
        self.acted.add("one-off")
        self._tell("one_off", VENDOR, amount, event=event.first)

    def _notice(self, event: Event, stream: int, drawn: int) -> int:
        """Notice on one of the streams that an event hits: of agreements of a group each has its own."""
        notice = self.scenario.notice(event, stream)
        return notice if isinstance(notice, int) else drawn

    def _takes_effect(self, event: Event, stream: int, in_time: int) -> int:
        if event.leaves == "after_notice":
            return in_time
        self.acted.add("leaves at renewal")
        return int(rules.next_occasion(in_time, occasions(self.scenario.streams[stream], self.scenario.months), NEVER))

    def _accounts(self, event: Event, streams: Iterable[int]) -> list[Customer]:
        """Accounts that an event touches on some streams: what is planned touches the twins too."""
        ids = [self.scenario.streams[i].id for i in streams]
        return [self.customers[id] for id in ids] + ([self.twins[id] for id in ids] if event.planned else [])

    def _effect_of(
        self, event: Event, streams: list[int], month: int, usage: RunningEffect | None, price: RunningEffect | None
    ) -> Steps:
        yield self.until(month, Phase.EFFECT)
        accounts = self._accounts(event, streams)
        customers = accounts[: len(streams)]
        # Customers whom it reaches in other months have effects of their own.
        usage, price = (None if running is None else replace(running) for running in (usage, price))
        voids = event.voids
        if voids is None:
            voids = usage is not None and bool(rules.voids_by_default(usage.to, event.choice))
        for account in accounts:
            for running, effect, active in ((usage, event.usage, account.usage), (price, event.price, account.price)):
                if running and effect:
                    running.begun = self.month
                    active[event.id] = running
                    if isinstance(effect.to, Law):
                        self.acted.add("severity law")
            if len(account.usage) > 1 or len(account.price) > 1:
                self.acted.add("overlap")
            if voids:
                # Who commits for what is left does so to what nothing voids.
                account.voided_by[event.id] = self.month if event.recommits else NEVER
            lowers = usage is not None and bool(rules.lowers_usage(usage.to))
            if event.choice and lowers and not event.recommits and self.fate.lasts(event) is None:
                account.leaves_now = True
        for customer in customers:
            if usage or price or voids or event.once is None:
                self._tell_beginning(customer, usage, price, bool(voids), event=event.first, change=None)
        if (lasts := self.fate.lasts(event)) is None:
            return
        yield self.wait(rules.ending(0, lasts), Phase.EFFECT)
        self.acted.add("ending")
        for account in accounts:
            for book in (account.usage, account.price, account.leaving, account.voided_by):
                book.pop(event.id, None)
        for customer in customers:
            self._tell_ending(customer, bool(voids), event=event.first, change=None, lasted=max(1, lasts))

    def _offer(self, event: Event, lever: Lever, why: Reason) -> Generator[simpy.Event, Any, Reason]:
        customers = [self.customers[self.scenario.streams[i].id] for i in event.hits]
        accepted = self.fate.accepts(event)
        terms = {"discount": lever.discount, "months": lever.months}
        self._tell(
            "offer", customers[0].stream.party, lever=lever.id, event=event.id, accepted=accepted, **terms, **why
        )
        if not accepted:
            return why
        self.acted.add("offer")
        self.offered[event.id] = self.month
        for customer in customers:
            customer.discounts[lever.id] = lever.discount
        yield self.wait(rules.postponed(0, lever.months), Phase.ARISE)
        for customer in customers:
            del customer.discounts[lever.id]
        return reason("offer", by=lever.id)

    def _running(self, event: Event, kind: str, effect: Effect | None) -> RunningEffect | None:
        if effect is None:
            return None
        return RunningEffect(self.fate.level(event, kind, effect), self.fate.over(event, kind, effect), effect.shape, 0)

    # Contracts (section 5)

    def _renewals(self, customer: Customer, commitment: Commitment) -> Steps:
        twin = self.twins[customer.stream.id]
        for term in terms_of(customer.stream, self.scenario.months):
            yield self.until(term.fixed, Phase.RENEW)
            refused_by = customer.refusing(term.fixed, term.renewal)
            twin.commit(self.month, commitment, commits=not twin.refusing(term.fixed, term.renewal))
            customer.commit(self.month, commitment, commits=not refused_by)
            if refused_by:
                self.acted.add("refused renewal")
            elif customer.leaving:
                self.acted.add("notice too late")
            if self._story:
                terms: dict[str, Any] = {"commitment": commitment.share, "per": commitment.per, "of": commitment.of}
                found: dict[str, Any] = {"commits": not refused_by, "refused_by": refused_by, "volume": customer.level}
                self._tell("renewal", customer.stream.id, floor=customer.committed, **terms, **found)
        over = not_renewed(customer.stream.contract)
        if over is not None and customer.stream.starts < over <= customer.stream.last(self.scenario.months):
            yield self.until(over, Phase.RENEW)
            self.acted.add("not renewed")
            self._tell("expiry", customer.stream.id, months=over - customer.fixed)

    # The market's months: demand (section 2), capacity and revenue (section 5)

    def _months(self) -> Steps:
        exponents = [self.fate.demand_exponents(i) for i in range(len(self.scenario.streams))]
        pairs = list(zip(self.customers.values(), self.twins.values(), exponents, strict=True))
        for month in range(self.scenario.months):
            yield self.until(month, Phase.DEMAND)
            for customer, twin, exponent in pairs:
                demand = twin.demand
                if month > customer.stream.starts:
                    demand *= math.exp(exponent[month])
                twin.use(demand, month)
                customer.use(demand, month)
            yield self.until(month, Phase.BILL)
            self._bill(month)

    def _served_share(self, month: int, customers: Iterable[Customer]) -> float:
        if self._capacity is None:
            return 1.0
        return float(rules.served_share(self._capacity[month], sum(customer.volume for customer in customers)))

    def _bill(self, month: int) -> None:
        served = self._served_share(month, self.customers.values())
        if served < 1:
            self.acted.add("capacity")
            self._tell("capacity", VENDOR, served=served)
        total = largest = squares = 0.0
        named: dict[str, float] = {}
        for customer in self.customers.values():
            amount = self._bill_for(customer, month, served)
            total += amount
            if not customer.stream.pool:
                party = customer.stream.party
                named[party] = named.get(party, 0.0) + amount
        for amount in named.values():
            largest = max(largest, amount)
            squares += amount * amount
        served = self._served_share(month, self.twins.values())
        self.revenue.append(total)
        baseline = 0.0
        for twin in self.twins.values():
            price = twin.price_factor(month)
            baseline += revenue_of(twin, price, served) + sum(due.amount for due in dues_of(twin, month, price))
        self.baseline.append(baseline)
        self.largest.append(largest)
        self.squares.append(squares)

    def _bill_for(self, customer: Customer, month: int, served: float) -> float:
        price = customer.price_factor(month)
        amount = revenue_of(customer, price, served)
        if customer.committed > 0 and customer.is_void:
            self.acted.add("voided floor")
        floor = customer.standing_floor()
        if floor > customer.volume:
            self.acted.add("floor")
        if self._story:
            unused = float(rules.shortfall(floor, customer.volume))
            self._tell("bill", customer.stream.id, amount, used=served * customer.volume, unused=unused, price=price)
        of = "volume" if customer.agreement is None else customer.agreement.commitment.of
        for due in dues_of(customer, month, price):
            amount += due.amount
            if due.amount > 0:
                self.acted.add(due.kind.replace("_", " "))
            if due.carried > 0:
                self.acted.add("carried over")
            if self._story and (due.amount > 0 or due.kind == "buyout"):
                books = {"minimum": due.minimum, "used": due.used, "carried": due.carried}
                self._tell(due.kind, customer.stream.id, due.amount, **books, of=of, price=price)
        return amount

    def _tell_beginning(
        self, customer: Customer, usage: RunningEffect | None, price: RunningEffect | None, voids: bool, **source: Any
    ) -> None:
        if self._story:
            levels = level_facts("usage", usage) | level_facts("price", price)
            self._tell("effect", customer.stream.id, **source, **levels, voids=voids, floor=customer.committed)

    def _tell_ending(self, customer: Customer, voided: bool, **source: Any) -> None:
        again = voided and not customer.is_void and customer.committed > 0
        self._tell("ending", customer.stream.id, **source, floor_stands_again=again)


def _known(what: str, id: str, those: Iterable[str]) -> None:
    if id not in those:
        raise UsageError(f"{what}: found {id!r}, there are {', '.join(those) or 'none'}")


def value(scenario: Scenario, draws: Draws, processes: Iterable[Process] = ()) -> Valuation:
    """Value the paths of ``draws`` one by one; the same answer as the kernel's, by another way.

    Returns
    -------
    Valuation
    """
    return collect(scenario, draws.first, [world.play() for world in worlds(scenario, draws, processes)])


def worlds(scenario: Scenario, draws: Draws, processes: Iterable[Process] = (), story: bool = False) -> Iterable[World]:
    """One world a path, not yet played."""
    processes = tuple(processes)
    for row in range(draws.count):
        yield World(scenario, Fate(draws, row), processes, story)
