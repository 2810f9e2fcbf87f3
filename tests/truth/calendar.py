"""A customer's months, renewals, terms and periods: the calendar of the third valuation (``docs/model.md`` section 5).

Found by looking at one month after the other; nothing is shared with the engines' calendar.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parts import Contract, Stream

PERIODS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Term:
    """From a renewal r to the next, r′; fixed in month r⁺, the first of its months that the stream has."""

    renewal: int
    until: int
    fixed: int


def exists(stream: Stream, m: int) -> bool:
    """Whether a month is one of s₀ … e₀; the horizon's end is the caller's business."""
    return stream.starts <= m and (stream.ends is None or m <= stream.ends)


def season(stream: Stream, m: int) -> float:
    """The factor of a month's calendar month; the twelve factors begin with month 0's."""
    return 1.0 if stream.season is None else stream.season[m % 12]


def is_renewal(contract: Contract, m: int) -> bool:
    """Whether the contract itself renews, or begins, in month m."""
    if contract.first is not None:
        end = contract.first.begins + contract.first.months
        later = contract.term is not None and m >= end and (m - end) % contract.term == 0
        return m == contract.first.begins or later
    return contract.term is not None and contract.renews is not None and (m - contract.renews) % contract.term == 0


def is_over(contract: Contract, m: int) -> bool:
    """Whether a contract that has a first term and no other is over in month m."""
    first = contract.first
    return contract.term is None and first is not None and m >= first.begins + first.months


def last_renewal(contract: Contract, m: int) -> int | None:
    """r(m): the last renewal no later than m; None before a first term begins, once it is over, without any terms."""
    if contract.first is None and contract.term is None:
        return None
    if (contract.first is not None and m < contract.first.begins) or is_over(contract, m):
        return None
    r = m
    while not is_renewal(contract, r):
        r -= 1
    return r


def next_renewal(contract: Contract, m: int) -> int:
    """The first renewal after m; in a term that is the only one, the month in which it is over."""
    r = m + 1
    while not (is_renewal(contract, r) or is_over(contract, r)):
        r += 1
    return r


def term_of(stream: Stream, m: int) -> Term | None:
    """The term that a month of the stream is in."""
    r = None if stream.contract is None else last_renewal(stream.contract, m)
    if stream.contract is None or r is None:
        return None
    return Term(r, next_renewal(stream.contract, r), max(r, stream.starts))


def first_occasion(stream: Stream, month: int) -> int | None:
    """The first occasion to leave no earlier than a month: a renewal after s₀ but for the first term's begin."""
    contract = stream.contract
    if contract is None or contract.term is None:
        return None
    r = next_renewal(contract, max(month - 1, stream.starts))
    if contract.first is not None and r == contract.first.begins:
        r = next_renewal(contract, r)
    return r


def period_length(contract: Contract, term: Term) -> int:
    """n: how many months a period has, the last of a term perhaps fewer."""
    assert contract.commitment is not None
    per = contract.commitment.per
    return term.until - term.renewal if per == "term" else PERIODS[per]


def period_of(contract: Contract, term: Term, m: int) -> range:
    """All months of the period that m is in, counted from the renewal itself, whether the stream has them or not."""
    n = period_length(contract, term)
    begins = term.renewal + (m - term.renewal) // n * n
    return range(begins, min(begins + n, term.until))
