"""A customer's account as the month stands, for the SimPy model; its twin is the same with no event touching it.

Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sim.engines.agreement import Agreement, Due
from sim.scenario import rules
from sim.scenario.parts import Commitment, Stream
from sim.scenario.terms import owes_dues


@dataclass(slots=True)
class RunningEffect:
    """An effect on usage or price that has begun."""

    to: float
    over: int
    shape: str
    begun: int

    def factor(self, month: int) -> float:
        """Factor in a month (section 3)."""
        return float(rules.effect_factor(self.to, rules.progress(month - self.begun, self.over, self.shape)))


@dataclass(frozen=True, slots=True)
class Leaving:
    """An event that lowers usage and has arisen: it keeps a customer from committing.

    ``event`` is its id, whichever time it has come. ``in_time`` is the month by which notice of it was given, where the
    contract renews unless that is in time, else None; ``at_renewal``, whether it takes effect at renewals alone.
    """

    event: str
    in_time: int | None
    at_renewal: bool

    def refuses(self, month: int, renewal: int) -> bool:
        """Whether it does so in a month that stands for a renewal."""
        if self.in_time is None:
            return True
        return self.in_time <= (renewal if self.at_renewal else month)


@dataclass(slots=True)
class Customer:
    """A customer's account as the month stands; its twin is the same account with no event ever touching it."""

    stream: Stream
    demand: float
    volume: float = 0.0
    level: float = 0.0
    floor: float = 0.0
    fixed: int = 0
    agreement: Agreement | None = None
    leaves_now: bool = False
    usage: dict[str, RunningEffect] = field(default_factory=dict)
    price: dict[str, RunningEffect] = field(default_factory=dict)
    discounts: dict[str, float] = field(default_factory=dict)
    leaving: dict[str, Leaving] = field(default_factory=dict)
    voided_by: dict[str, int] = field(default_factory=dict)

    def use(self, demand: float, month: int) -> None:
        """Take the month's demand, as the effects on usage leave it and as the season has it (section 5)."""
        self.demand = demand
        here = self.stream.starts <= month and (self.stream.ends is None or month <= self.stream.ends)
        self.level = demand if here else 0.0
        for effect in self.usage.values():
            self.level *= effect.factor(month)
        self.volume = self.level if self.stream.season is None else self.level * self.stream.season[month % 12]

    def price_factor(self, month: int) -> float:
        """Product of all effects on the price and of running offers (sections 3 and 4)."""
        price = 1.0
        for effect in self.price.values():
            price *= effect.factor(month)
        for discount in self.discounts.values():
            price *= rules.offer_price(discount)
        return price

    @property
    def is_void(self) -> bool:
        """Whether something voids the commitment: all that was fixed before a month that it names (section 5)."""
        return any(self.fixed < before for before in self.voided_by.values())

    def standing_floor(self) -> float:
        """Floor of the last renewal, 0 while something voids it (section 5)."""
        return 0.0 if self.is_void else self.floor

    @property
    def committed(self) -> float:
        """Minimum of the month, or of the period under way."""
        return self.floor if self.agreement is None else self.agreement.minimum

    def commit(self, month: int, commitment: Commitment, commits: bool) -> None:
        """Fix what it is bound to from a month that stands for a renewal on, which is nothing unless it ``commits``."""
        self.fixed = month
        if self.agreement is not None:
            self.agreement.renew(month, self.level, self.price_factor(month), commits)
        else:
            assert commitment.share is not None
            floor = float(rules.committed_volume(commitment.share, self.level))
            self.floor = floor if commits else 0.0

    def refusing(self, month: int, renewal: int) -> list[str]:
        """Events that keep it from committing in a month that stands for a renewal (section 5)."""
        those = (leaving.event for leaving in self.leaving.values() if leaving.refuses(month, renewal))
        return list(dict.fromkeys(those))


def customer_of(stream: Stream, months: int) -> Customer:
    """A customer as the first month begins."""
    customer = Customer(stream, stream.revenue)
    contract = stream.contract
    if contract is not None and contract.commitment is not None and owes_dues(stream):
        customer.agreement = Agreement(contract.commitment, stream, months)
    return customer


def dues_of(customer: Customer, month: int, price: float) -> list[Due]:
    """What a customer owes in a month beside its use, in money."""
    if customer.agreement is None:
        return []
    agreement, leaves = customer.agreement, customer.leaves_now
    customer.leaves_now = False
    dues = agreement.pass_month(month, customer.volume, price, customer.is_void, leaves)
    return dues if agreement.of_money else [replace(due, amount=price * due.amount) for due in dues]


def revenue_of(customer: Customer, price: float, served: float) -> float:
    """What a customer is billed for a month's use and floor (section 5)."""
    unused = rules.shortfall(customer.standing_floor(), customer.volume)
    return float(rules.revenue(price, served, customer.volume, unused))


def level_facts(kind: str, effect: RunningEffect | None) -> dict[str, Any]:
    """Facts of an effect on usage or price; a step takes no time, however long it is said to take."""
    if effect is None:
        return {kind: None, f"{kind}_over": None}
    return {kind: float(effect.to), f"{kind}_over": 0 if effect.shape == "step" else int(effect.over)}
