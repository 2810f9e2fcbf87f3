"""What is refused of a contract, and of how events and contracts meet, that takes more than one place to judge."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.language.customer_parts import CommitmentPart, ContractPart, CustomerPart
from sim.language.document import Steps
from sim.language.figures import months_in_words
from sim.language.law_parts import LawPart
from sim.language.schema import EventPart
from sim.language.values import month_number


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused, by its path below a customer or an event."""

    path: Steps
    found: str
    allowed: str
    help: str | None = None


def of_customer(customer: CustomerPart, start: str, end: str) -> Iterator[Refusal]:
    """What is refused of a customer's first and last month and of its contract.

    Parameters
    ----------
    start, end
        First and last month of the scenario.
    """
    starts, ends = customer.starts, customer.ends
    if starts is not None and not start <= starts <= end:
        found = f"{starts}, {'before the start' if starts < start else 'after the horizon'}"
        yield Refusal(("starts",), found, f"a month from {start} to {end}")
    elif ends is not None and ends < (starts or start):
        before = f"before the customer starts ({starts})" if starts is not None else "before the start"
        yield Refusal(("ends",), f"{ends}, {before}", f"a month from {starts or start} on")
    contract = customer.contract
    if contract is not None and contract.first is not None and contract.renews is not None:
        yield from _first_term(contract)


def _first_term(contract: ContractPart) -> Iterator[Refusal]:
    """A renewal that is none of those that follow from the first term."""
    first, term = contract.first, contract.term
    assert first is not None
    assert contract.renews is not None
    if term is None:
        return
    begins, renews = month_number(first.begins), month_number(contract.renews)
    ends = begins + first.months
    if renews == begins or (renews >= ends and (renews - ends) % term == 0):
        return
    following = f"{ends // 12:04d}-{ends % 12 + 1:02d}"
    found = (
        f"{contract.renews}, which is no renewal of a first term of {months_in_words(first.months)} from {first.begins}"
    )
    help = f"leave it out: it renews in {following} and every {months_in_words(term)} from there"
    yield Refusal(("contract", "renews"), found, f"{first.begins}, {following} or a month whole terms after it", help)


def of_event(
    event: EventPart, hit: Sequence[str], known: Sequence[str], customers: Mapping[str, CustomerPart]
) -> Iterator[Refusal]:
    """What is refused of an event that takes effect, or arises, at renewals.

    Parameters
    ----------
    hit
        Ids of the customers that it hits.
    known
        Those of them whose contracts are known.
    customers
        All customers by id.
    """
    if "leaves" in event.model_fields_set and not event.choice:
        help = "add choice: true, or leave `leaves` out"
        yield Refusal(("leaves",), "`leaves` of what is not the customer's choice", "a choice", help)
    at = ("timing", "at_renewal")
    # Of one that repeats it is refused whatever its customers have.
    by_renewal = event.timing is not None and event.timing.at_renewal is not None and not event.repeats
    for path, holds in ((("leaves",), event.choice and event.leaves == "at_renewal"), (at, by_renewal)):
        # Thousands of events may hit thousands of customers: they are gone through where it matters.
        without = next((id_ for id_ in known if not _renews(customers[id_])), None) if holds else None
        if without is not None:
            help = f"give customers.{without}.contract a term, with renews or first"
            contract = customers[without].contract
            if contract is not None and contract.first is not None:
                help = (
                    f"customers.{without}.contract has a first term and no other, and is not renewed: add term, the "
                    "months that it renews for, or leave it to a timing and a notice"
                )
            yield Refusal(
                path, f"a renewal of {without}, which has no contract that renews", "customers that renew", help
            )
    if by_renewal and len(hit) > 1 and not event.each:
        yield Refusal(at, f"the renewals of {len(hit)} customers", "those of one customer", "add each: true")
    if by_renewal and isinstance(event.notice, LawPart):
        help = "say it in months, or leave it to the contract"
        yield Refusal(at, "renewals with a notice that is a law", "a notice that is a number", help)


def _renews(customer: CustomerPart) -> bool:
    return customer.contract is not None and customer.contract.term is not None


def highest(customer: CustomerPart, years: float) -> float:
    """Logarithm of the factor by which season and a rising commitment may lift a customer's amounts, at least 0."""
    season = max([1.0, *(customer.season or {}).values()])
    commitment = customer.contract.commitment if customer.contract is not None else 0.0
    rises = commitment.rises if isinstance(commitment, CommitmentPart) else 0.0
    return math.log(season) + math.log1p(max(0.0, rises)) * (years + 1)
