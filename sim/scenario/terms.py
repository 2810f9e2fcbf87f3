"""A contract's calendar: its terms, the periods over which use is held against a minimum, when a customer can leave.

What follows from the contract alone is worked out here once, as numbers; both engines, the strata and the pictures read
it. Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Commitment, Contract, Stream

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Months over which use is held against a minimum; those that a customer and the horizon have of it.

    Attributes
    ----------
    first, last
        Its first and last month, both included; it is settled in the last.
    minima
        A month's minimum for each unit that the renewal commits to; with an amount, in the scenario's unit.
    is_cut
        Whether it is settled before its end, by the customer's last month or the horizon.
    """

    first: int
    last: int
    minima: tuple[float, ...]
    is_cut: bool = field(default=False, compare=False)

    @property
    def minimum(self) -> float:
        """The whole period's, for each unit that the renewal commits to."""
        return math.fsum(self.minima)


@dataclass(frozen=True, slots=True)
class Term:
    """From one renewal to the next.

    Attributes
    ----------
    renewal
        The renewal's month; may lie before the customer's first month, where the term was under way already.
    fixed
        Month in which its commitment is fixed: the renewal's, or the customer's first.
    last
        Its last month that the customer and the horizon have.
    periods
        Of its commitment; none where nothing is committed.
    """

    renewal: int
    fixed: int
    last: int
    periods: tuple[Period, ...]


def terms_of(stream: Stream, months: int) -> tuple[Term, ...]:
    """The terms of a stream's contract within the horizon, in order; none without any.

    Parameters
    ----------
    months
        The horizon.
    """
    if stream.contract is None:
        return ()
    return _terms(stream.contract, stream.starts, stream.last(months), stream.season)


def signed_term(stream: Stream, month: int) -> Term | None:
    """The term that is under way in a month, else the first one if it begins later; whole, beyond any horizon.

    What comes after it is not signed yet. None where nothing is committed, or the customer or its contract has ended by
    then.
    """
    contract = stream.contract
    if contract is None or contract.commitment is None or (stream.ends is not None and stream.ends < month):
        return None
    since = max(month, stream.starts)
    found = next(_renewals(contract, since, NEVER), None)
    if found is None:  # it was not renewed
        return None
    renewal, following = found
    fixed = max(renewal, stream.starts)
    last = following - 1 if stream.ends is None else min(following - 1, stream.ends)
    return Term(
        renewal,
        fixed,
        last,
        tuple(_periods(contract.commitment, renewal, following, fixed, last, stream.season)),
    )


@lru_cache(maxsize=4096)
def _terms(contract: Contract, first: int, last: int, season: tuple[float, ...] | None) -> tuple[Term, ...]:
    found = []
    for renewal, following in _renewals(contract, first, last):
        fixed = max(renewal, first)
        periods: tuple[Period, ...] = ()
        if contract.commitment is not None:
            periods = tuple(_periods(contract.commitment, renewal, following, fixed, last, season))
        found.append(Term(renewal, fixed, min(following - 1, last), periods))
    return tuple(found)


def _renewals(contract: Contract, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Each renewal whose term has months between a first and a last one, with the one that follows it."""
    term, start = contract.term, contract.first
    if term is None:
        if start is not None and start.begins <= last and first < start.begins + start.months:
            yield start.begins, start.begins + start.months
        return
    if start is None:
        assert contract.renews is not None
        renewal = first - (first - contract.renews) % term
        following = renewal + term
    else:
        renewal, following = start.begins, start.begins + start.months
        if following <= first:
            renewal = first - (first - following) % term
            following = renewal + term
    while renewal <= last:
        yield renewal, following
        renewal, following = following, following + term


def _periods(
    commitment: Commitment, renewal: int, following: int, fixed: int, last: int, season: tuple[float, ...] | None
) -> Iterator[Period]:
    length = MONTHS_OF.get(commitment.per, following - renewal)
    begins = renewal + (fixed - renewal) // length * length
    while begins <= min(last, following - 1):
        over = min(begins + length, following)
        first, final = max(begins, fixed), min(over - 1, last)
        mean = 1.0 if season is None else _mean(season, begins, over)
        amount = 1.0 if commitment.share is not None else _in_force(commitment.amount, first) / length
        minima = []
        for month in range(first, final + 1):
            anniversaries = (month - renewal) // 12 - (fixed - renewal) // 12
            weight = 1.0 if season is None else season[month % 12] / mean
            minima.append(amount * weight * rules.risen(commitment.rises, anniversaries))
        yield Period(first, final, tuple(minima), final < over - 1)
        begins = over


def _mean(season: tuple[float, ...], first: int, over: int) -> float:
    """Mean season over the months from ``first`` to before ``over``."""
    years, rest = divmod(over - first, 12)
    return math.fsum([years * math.fsum(season), *(season[(first + k) % 12] for k in range(rest))]) / (over - first)


def _in_force(steps: tuple[tuple[int, float], ...], month: int) -> float:
    """What a schedule says in a month, 0 before its first step."""
    return next((value for since, value in reversed(steps) if since <= month), 0.0)


def has_terms(contract: Contract | None) -> bool:
    """Whether a contract has terms: ever new ones, or a first one alone."""
    return contract is not None and (contract.term is not None or contract.first is not None)


def not_renewed(contract: Contract | None) -> int | None:
    """The month from which a contract that has a first term alone is over; None where it renews, or has no term."""
    if contract is None or contract.first is None or contract.term is not None:
        return None
    return contract.first.begins + contract.first.months


def renews_after_start(stream: Stream) -> bool:
    """Whether a contract renews after the customer's first month and up to its last, be it beyond the horizon."""
    contract = stream.contract
    if contract is None or contract.term is None:
        return False
    if stream.ends is None:
        return True
    begins = None if contract.first is None else contract.first.begins
    renewals = (renewal for renewal, _ in _renewals(contract, stream.starts + 1, stream.ends))
    return any(renewal > stream.starts and renewal != begins for renewal in renewals)


Turn = Literal["begins", "renews", "ends"]


def turns_of(stream: Stream, months: int) -> tuple[tuple[int, Turn], ...]:
    """Months within the horizon in which a stream's contract begins, renews or ends by its dates, and which of these.

    A term that was under way in its first month begins before; ``ends`` is said of a contract that is not renewed.
    """
    contract, found = stream.contract, list[tuple[int, Turn]]()
    for term in terms_of(stream, months):
        if term.renewal == term.fixed:
            begins = contract is not None and contract.first is not None and contract.first.begins == term.renewal
            found.append((term.renewal, "begins" if begins else "renews"))
    over = not_renewed(contract)
    if over is not None and stream.starts < over <= stream.last(months):
        found.append((over, "ends"))
    return tuple(found)


def occasions(stream: Stream, months: int, notice: int = 0) -> tuple[int, ...]:
    """Months in which a customer can leave at a renewal, with notice of it due within the horizon (section 5).

    They are all renewals after its first month, but for that in which a first term begins: it is what the customer has
    signed. None comes after its last month, with which the contract ends; a contract of a first term alone has none.

    Parameters
    ----------
    months
        The horizon.
    notice
        How many months before it the customer says so: for a renewal beyond the horizon, perhaps within it.
    """
    contract = stream.contract
    if contract is None:
        return ()
    first, last = max(stream.starts + 1, notice), stream.last(months + notice)
    begins = None if contract.first is None else contract.first.begins
    found = (renewal for renewal, _ in _renewals(contract, first, last))
    return tuple(renewal for renewal in found if renewal >= first and renewal != begins)


def has_floor(stream: Stream) -> bool:
    """Whether a stream's commitment is no more than a floor on each month's volume, in all months of the horizon."""
    contract = stream.contract
    if contract is None or contract.commitment is None or not contract.commitment.is_a_monthly_floor:
        return False
    return stream.starts == 0 and stream.ends is None and contract.first is None


def owes_dues(stream: Stream) -> bool:
    """Whether a stream has a commitment that takes more than a floor to tell."""
    contract = stream.contract
    return contract is not None and contract.commitment is not None and not has_floor(stream)
