"""What a customer owes beside its use: the commitments of ``docs/model.md`` section 5, for the third valuation.

Each function is one line of the page or one symbol of its formulas, computed anew wherever it is asked for; nothing is
remembered from one month to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sim.scenario.parts import Commitment, Contract, Scenario
from tests.truth import calendar, settling
from tests.truth.calendar import Term
from tests.truth.settling import FOREVER, Felt, History, Settled


@dataclass(frozen=True)
class Account:
    """One stream on one path, month by month: Q with season, Q° without, P; and the last month e₀."""

    scenario: Scenario
    history: History
    stream: int
    volume: list[float]
    plain: list[float]
    price: list[float]

    @cached_property
    def contract(self) -> Contract:
        contract = self.scenario.streams[self.stream].contract
        assert contract is not None
        return contract

    @cached_property
    def commitment(self) -> Commitment:
        assert self.contract.commitment is not None
        return self.contract.commitment

    @cached_property
    def months(self) -> range:
        """The stream's months s₀ … e₀ within the horizon."""
        stream = self.scenario.streams[self.stream]
        last = self.scenario.months - 1 if stream.ends is None else min(stream.ends, self.scenario.months - 1)
        return range(stream.starts, last + 1)

    @cached_property
    def events(self) -> list[tuple[Settled, Felt]]:
        return settling.on_stream(self.history, self.stream)

    @cached_property
    def terms(self) -> dict[int, Term | None]:
        """The term that each month is in: a contract's calendar, which is the same whatever happens."""
        return {m: calendar.term_of(self.scenario.streams[self.stream], m) for m in self.months}

    def term(self, m: int) -> Term | None:
        return self.terms[m]

    def period(self, m: int) -> list[int]:
        """The months that there are of the period that m is in."""
        term = self.term(m)
        assert term is not None
        return [k for k in calendar.period_of(self.contract, term, m) if k in self.months]


def account_of(scenario: Scenario, history: History, demand: list[list[float]], i: int) -> Account:
    """A stream's volumes and prices on a path."""
    months = range(scenario.months)
    plain = [demand[i][m] * settling.kept(history, i, m) for m in months]
    seasons = [calendar.season(scenario.streams[i], m) for m in months]
    price = [settling.price_factor(history, i, m) for m in months]
    return Account(scenario, history, i, [q * w for q, w in zip(plain, seasons, strict=True)], plain, price)


def in_time(account: Account, event: Settled, felt: Felt, term: Term) -> bool:
    """Whether an event came in time to keep a renewal from committing."""
    if not (account.contract.auto_renews and event.choice):
        return event.arises <= term.fixed
    # It renews unless notice was given in time; one who leaves only at renewals has given it all the same.
    return felt.told <= term.renewal if event.at_renewal else felt.begins <= term.fixed


def commits(account: Account, term: Term) -> bool:
    """Whether a renewal carries the commitment: no event that lowers usage has come in time and is not over."""
    return not any(
        e.lowers_usage and not e.recommits and in_time(account, e, felt, term) and term.fixed < felt.over
        for e, felt in account.events
    )


def is_voided(account: Account, term: Term, m: int) -> bool:
    """Whether an event that voids commitments is in effect; one that recommits voids what was fixed before it."""
    return any(
        e.voids and felt.begins <= m < felt.over and (not e.recommits or term.fixed < felt.begins)
        for e, felt in account.events
    )


def in_force(steps: tuple[tuple[int, float], ...], m: int) -> float:
    """What a schedule has in a month: 0 before its first entry."""
    found = 0.0
    for month, amount in steps:
        if month <= m:
            found = amount
    return found


def worth(account: Account, m: int) -> float:
    """V: the volume without season, for money at its price."""
    return account.plain[m] * (account.price[m] if account.commitment.of == "money" else 1.0)


def monthly_base(account: Account, term: Term, m: int) -> float:
    """share·V[r⁺], what is running in its place, or amount(s)/n."""
    commitment = account.commitment
    if commitment.share is None:
        s = account.period(m)[0]
        return in_force(commitment.amount, s) / calendar.period_length(account.contract, term)
    under_way = term.renewal <= account.months.start < term.until
    if commitment.running is not None and under_way:
        return commitment.running
    return commitment.share * worth(account, term.fixed)


def weight(account: Account, term: Term, m: int) -> float:
    """w: the month's season over the mean season of its whole period."""
    stream = account.scenario.streams[account.stream]
    whole = calendar.period_of(account.contract, term, m)
    return calendar.season(stream, m) / (sum(calendar.season(stream, k) for k in whole) / len(whole))


def growth_of_minimum(account: Account, term: Term, m: int) -> float:
    """(1+rises) to the anniversaries of r after r⁺."""
    anniversaries = (m - term.renewal) // 12 - (term.fixed - term.renewal) // 12
    return float((1 + account.commitment.rises) ** anniversaries)


def minimum_of(account: Account, m: int) -> float:
    """μ: the minimum of a month, void or not."""
    term = account.term(m)
    if term is None or not commits(account, term):
        return 0.0
    return monthly_base(account, term, m) * weight(account, term, m) * growth_of_minimum(account, term, m)


def counted(account: Account, m: int) -> float:
    """What a month's use counts for: volume at list price, or money."""
    return account.volume[m] * (account.price[m] if account.commitment.of == "money" else 1.0)


def owing(account: Account, months: list[int]) -> tuple[float, float]:
    """M and U over the months that are not void."""
    minimum = used = 0.0
    for m in months:
        term = account.term(m)
        if term is not None and not is_voided(account, term, m):
            minimum += minimum_of(account, m)
            used += counted(account, m)
    return minimum, used


def carried(account: Account, m: int) -> float:
    """H: what earlier periods of the term left over for the period that m is in."""
    term = account.term(m)
    assert term is not None
    if not account.commitment.carry:
        return 0.0
    before = account.period(m)[0] - 1
    if before < term.fixed:
        return 0.0
    minimum, used = owing(account, account.period(before))
    return max(0.0, used + carried(account, before) - minimum)


def leaves(account: Account, event: Settled, felt: Felt) -> bool:
    """Whether an event lowers usage for good, by choice, and leaves nothing to renew."""
    return event.choice and event.lowers_usage and felt.over == FOREVER and not event.recommits


def bought_out(account: Account, m: int) -> int | None:
    """The month, no later than m, in which the customer bought itself out of the term that m is in."""
    term = account.term(m)
    if account.commitment.buyout is None or term is None or not commits(account, term):
        return None
    months = [felt.begins for e, felt in account.events if leaves(account, e, felt) and term.fixed <= felt.begins <= m]
    return min(months, default=None)


def still_committed(account: Account, b: int) -> float:
    """R: what of the term's minima is left in month b."""
    term = account.term(b)
    assert term is not None
    known = [k for k in account.months if k >= b or not is_voided(account, term, k)]
    period = account.period(b)
    x = sum(minimum_of(account, k) for k in period if k in known)
    x -= sum(counted(account, k) for k in period if k in known and k < b) + carried(account, b)
    y = sum(minimum_of(account, k) for k in known if period[-1] < k < term.until)
    return max(0.0, x + y) if account.commitment.carry else max(0.0, x) + y


def buyout_of(account: Account, m: int) -> float:
    """β·R in the month in which the customer buys itself out, in units of volume or of money; else 0."""
    term = account.term(m)
    if term is None or bought_out(account, m) != m or is_voided(account, term, m):
        return 0.0
    assert account.commitment.buyout is not None
    return account.commitment.buyout * still_committed(account, m)


def shortfall(account: Account, m: int) -> float:
    """S, in the month in which a period is settled; else 0."""
    if account.term(m) is None or m != account.period(m)[-1] or bought_out(account, m) is not None:
        return 0.0
    minimum, used = owing(account, account.period(m))
    return max(0.0, minimum - used - carried(account, m))


def dues(account: Account, m: int) -> float:
    """What is billed in a month beside the use, in money."""
    if account.scenario.streams[account.stream].contract is None or account.contract.commitment is None:
        return 0.0
    if m not in account.months:
        return 0.0
    owed = shortfall(account, m) + buyout_of(account, m)
    return owed if account.commitment.of == "money" else account.price[m] * owed
