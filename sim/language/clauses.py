"""A contract in plain words, clause by clause, and what follows from it that its reader may not expect."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.language.figures import months_in_words, notice_in_words, percent, plain
from sim.scenario.laws import Law
from sim.scenario.parts import Commitment, Contract, Effect, Event, Scenario, Stream
from sim.scenario.terms import terms_of

MOSTLY = 0.5
"""Share of usage above which an event is one of a customer who stays."""

PER = {"month": "a month", "quarter": "a quarter", "year": "a year", "term": "for a term"}


def contract_in_words(stream: Stream, scenario: Scenario) -> str:
    """Say a stream's contract, as sentences that follow on what is said of the stream."""
    contract = stream.contract
    if contract is None:
        return " No contract."
    clauses = [*_renewals(contract, scenario)]
    if contract.commitment is not None:
        clauses.append(_commitment(contract.commitment, scenario))
    if not contract.auto_renews:
        clauses.append(notice_in_words(contract.notice) if contract.notice else "no notice")
    return " ".join([f" Contract: {', '.join(clauses)}.", *_what_follows(stream, contract, scenario)])


def _renewals(contract: Contract, scenario: Scenario) -> Iterator[str]:
    if contract.term is None:
        return
    every = f"{months_in_words(contract.term)} at a time"
    if contract.first is not None:
        begins = scenario.month_label(contract.first.begins)
        yield f"a first term of {months_in_words(contract.first.months)} from {begins}, then {every}"
    elif contract.renews is not None:
        yield f"{every}, renewed in {scenario.month_label(contract.renews)}"
    if contract.auto_renews:
        before = f"{months_in_words(contract.notice)} before" if contract.notice else "by then"
        yield f"renewed by itself unless notice is given {before}"


def _commitment(commitment: Commitment, scenario: Scenario) -> str:
    if commitment.share is not None:
        what = "volume" if commitment.of == "volume" else "bill"
        said = f"a commitment to pay for {percent(commitment.share)} of the {what} at the last renewal"
        if commitment.running is not None:
            said += f" (in the running term {plain(commitment.running)} a month)"
        if commitment.per != "month":
            said += f", held against use by the {commitment.per}"
    else:
        said = f"a commitment to {_amounts(commitment, scenario)} {PER[commitment.per]}"
        said += " in money" if commitment.of == "money" else " at list price"
    if commitment.rises:
        said += f", {'rising' if commitment.rises > 0 else 'falling'} by {percent(abs(commitment.rises))} a year"
    if commitment.carry:
        said += ", use above it counting towards the next of the term"
    if commitment.buyout is not None:
        said += f", a buyout at {percent(commitment.buyout)} of what is still committed for one who leaves"
    return said


def _amounts(commitment: Commitment, scenario: Scenario) -> str:
    if len(commitment.amount) == 1 and commitment.amount[0][0] < -scenario.start:
        return plain(commitment.amount[0][1])
    steps = [f"{plain(value)} from {scenario.month_label(month)}" for month, value in commitment.amount]
    more = f" and {len(steps) - 5} more steps" if len(steps) > 5 else ""
    return f"{', '.join(steps[:5])}{more}"


def _what_follows(stream: Stream, contract: Contract, scenario: Scenario) -> Iterator[str]:
    commitment = contract.commitment
    if commitment is None:
        if contract.term is not None and not contract.auto_renews:
            yield "A term without a commitment binds nothing."
        return
    terms = terms_of(stream, scenario.months)
    if commitment.per != "month":
        yield "What is short of it is billed in the last month of each period, counted from the renewal."
        period = terms[-1].periods[-1] if terms and terms[-1].periods else None
        if period is not None and period.is_cut:
            by = "The customer's last month" if stream.last(scenario.months) < scenario.months - 1 else "The horizon"
            yield f"{by} settles the last period early, by its months up to {scenario.month_label(period.last)}."


def life_in_words(stream: Stream, scenario: Scenario) -> Iterator[str]:
    """Say a stream's first and last month, and its season, as parts of a sentence."""
    if stream.starts > 0:
        yield f"from {scenario.month_label(stream.starts)} on"
    if stream.ends is not None:
        yield f"until {scenario.month_label(stream.ends)}"
    if stream.season is not None:
        factors = {(scenario.start + k) % 12 + 1: factor for k, factor in enumerate(stream.season) if factor != 1}
        said = ", ".join(f"{plain(factor)} in month {month}" for month, factor in sorted(factors.items()))
        mean = math.fsum(stream.season) / 12
        of_all = "" if abs(mean - 1) < 1e-9 else f", {plain(mean)} on average over a year"
        yield f"a season with factors of {said} of the calendar{of_all}"


def of_an_event(event: Event, customers: list[Stream]) -> str:
    """Say what becomes of a commitment, where there is one and usage can fall (``docs/model.md`` section 5)."""
    committed = [stream.contract for stream in customers if stream.contract is not None and stream.contract.commitment]
    falls = event.usage is not None and (isinstance(event.usage.to, Law) or event.usage.to < 1)
    if not committed:
        return ""
    voids = event.voids if event.voids is not None else falls and not event.choice
    if voids:
        if event.recommits:
            return " The commitment is void until the customer renews for what is left."
        why = "Not the customer's own choice, so" if event.voids is None else "Meanwhile"
        return f" {why} the commitment is void{'' if event.voids is not None else ' meanwhile'}."
    if not falls:
        return ""
    if event.recommits:
        return " The commitment stands, and is renewed for what is left."
    for_good = event.lasts is None or event.permanent == 1
    said = " The commitment stands until the next renewal, which then carries none."
    if (
        event.choice
        and for_good
        and all(contract.commitment and contract.commitment.buyout is not None for contract in committed)
    ):
        said = " The customer buys itself out of what is still committed."
    elif event.choice and any(contract.auto_renews for contract in committed):
        said = " The commitment stands until the first renewal for which notice is in time, which then carries none."
    if for_good and _stays(event.usage):
        said += " As it stands it never commits again; recommits: true would renew it for what is left."
    return said


def _stays(effect: Effect | None) -> bool:
    """Whether usage stays above a half."""
    if effect is None:
        return False
    return (effect.to.lowest if isinstance(effect.to, Law) else effect.to) > MOSTLY
