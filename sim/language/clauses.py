"""A contract in plain words, clause by clause, and what follows from it that its reader may not expect."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from sim.language.figures import MONTHS, months_in_words, notice_in_words, percent, plain
from sim.scenario import rules
from sim.scenario.laws import NEVER, Law
from sim.scenario.parts import Commitment, Contract, Effect, Event, Scenario, Stream
from sim.scenario.terms import Term, has_terms, not_renewed, renews_after_start, terms_of

MOSTLY = 0.5
"""Share of usage above which an event is one of a customer who stays."""

FEW = 3
"""Months that are told one by one."""

MOST = 5
"""Steps of a schedule that are told."""

PER = {"month": "a month", "quarter": "a quarter", "year": "a year", "term": "for a term"}


def contract_in_words(stream: Stream, scenario: Scenario) -> str:
    """Say a stream's contract, as sentences that follow on what is said of the stream."""
    contract = stream.contract
    if contract is None:
        return " No contract."
    terms = terms_of(stream, scenario.months)
    clauses = [*_terms(stream, contract, terms, scenario)]
    if contract.commitment is not None:
        clauses.append(_commitment(contract.commitment, terms, scenario))
    if not contract.auto_renews:
        clauses.append(notice_in_words(contract.notice) if contract.notice else "needs no notice")
    follows = [*_what_is_billed(stream, contract, terms, scenario), *what_comes_after(stream, terms, scenario)]
    return " ".join([f" Contract: {', '.join(clauses)}.", *follows])


def _terms(stream: Stream, contract: Contract, terms: Sequence[Term], scenario: Scenario) -> Iterator[str]:
    if contract.first is not None:
        begins, months = scenario.month_label(contract.first.begins), months_in_words(contract.first.months)
        if contract.term is None:
            yield f"one term of {months} from {begins}, which is not renewed"
        else:
            yield f"a first term of {months} from {begins}, then {months_in_words(contract.term)} at a time"
    elif contract.term is not None and contract.renews is not None:
        every, now = f"{months_in_words(contract.term)} at a time", terms[0]
        if now.renewal == now.fixed:
            yield f"{every} from {scenario.month_label(now.renewal)}"
        else:
            if contract.renews > now.renewal:
                every += f", renewed in {scenario.month_label(contract.renews)}"
            yield f"{every}, under way since {scenario.month_label(now.renewal)}"
    if contract.auto_renews:
        before = f"{months_in_words(contract.notice)} before" if contract.notice else "by then"
        yield f"renewed by itself unless notice is given {before}"


def _commitment(commitment: Commitment, terms: Sequence[Term], scenario: Scenario) -> str:
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
        said += _by_year(commitment, terms)
    if commitment.carry and commitment.per != "term":
        said += ", use above it counting towards all later ones of the term"
    return said


_EACH = {per: words.removeprefix("for ") for per, words in PER.items()}

_LEFT = {
    "month": "the month's and all later minima of the term",
    "quarter": "the quarter's and all later minima of the term",
    "year": "the year's and all later minima of the term",
    "term": "the term's minimum",
}


def _by_year(commitment: Commitment, terms: Sequence[Term]) -> str:
    """Amounts that rise, year after year of the first term that a customer has."""
    if commitment.share is not None or not terms:
        return ""
    term = terms[0]
    anniversaries = (term.last - term.renewal) // 12 - (term.fixed - term.renewal) // 12
    (_, amount) = commitment.amount[0]
    sums = [plain(amount * float(rules.risen(commitment.rises, year))) for year in range(anniversaries + 1)]
    if len(sums) < 2:
        return ""
    shown = sums if len(sums) <= MOST else [*sums[: MOST - 1], "…", sums[-1]]
    return f" ({', '.join(shown)})".replace(", …,", ", …")


def _amounts(commitment: Commitment, scenario: Scenario) -> str:
    if len(commitment.amount) == 1 and commitment.amount[0][0] < -scenario.start:
        return plain(commitment.amount[0][1])
    steps = [f"{plain(value)} from {scenario.month_label(month)}" for month, value in commitment.amount]
    more = f" and {len(steps) - MOST} more steps" if len(steps) > MOST else ""
    return f"{', '.join(steps[:MOST])}{more}"


def _what_is_billed(stream: Stream, contract: Contract, terms: Sequence[Term], scenario: Scenario) -> Iterator[str]:
    commitment = contract.commitment
    if commitment is None:
        return
    periods = [period for term in terms for period in term.periods]
    if commitment.per != "month":
        settled = [period.last for period in periods if not period.is_cut]
        if settled:
            yield f"What is short of it is billed {_in_months(settled, scenario)}."
        if periods and periods[-1].is_cut:
            by = "The customer's last month" if stream.last(scenario.months) < scenario.months - 1 else "The horizon"
            last = scenario.month_label(periods[-1].last)
            yield f"{by} settles {'the last' if settled else 'a'} period early, by its months up to {last}."
    if commitment.amount and not commitment.carry and any(len(term.periods) > 1 for term in terms):
        yield "What is above a minimum does not count towards later ones."
    if commitment.buyout is not None:
        yield (
            f"Who leaves for good by its own choice pays {percent(commitment.buyout)} of what is left of "
            f"{_LEFT[commitment.per]}, in the month in which that takes effect, and is bound no longer."
        )


def _in_months(months: Sequence[int], scenario: Scenario) -> str:
    """When something happens, in order: by its months where they are few, by those of the calendar where they recur."""
    labels = [scenario.month_label(month) for month in months]
    if len(labels) <= FEW:
        return f"in {_listed(labels)}"
    often = Counter((scenario.start + month) % 12 for month in months)
    if len(often) <= 4 and max(often.values()) - min(often.values()) <= 1:
        return f"each {_listed([MONTHS[month] for month in sorted(often)])}, from {labels[0]} to {labels[-1]}"
    return f"in {', '.join(labels[:FEW])}, … and {labels[-1]}, the last month of each period"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def what_comes_after(stream: Stream, terms: Sequence[Term], scenario: Scenario) -> Iterator[str]:
    """Say what becomes of a contract where a term of it ends within the horizon."""
    contract, over = stream.contract, not_renewed(stream.contract)
    if contract is None or not has_terms(contract):
        return
    if contract.commitment is None:
        if not contract.auto_renews:
            yield "A term without a commitment binds nothing."
        return
    last = stream.last(scenario.months)
    if over is not None and over <= stream.starts:
        yield "It was over before the customer's first month: nothing is committed."
    elif over is not None and over <= last:
        yield f"From {scenario.month_label(over)} on nothing is committed, and use goes on by the month."
    elif over is not None and over < NEVER and stream.ends is None:
        yield f"It is over after {scenario.month_label(over - 1)}, which lies beyond the last month."
    if over is not None:
        return
    # What was under way, or what a first term begins with, is no renewal.
    later = [term for term in terms[1:] if term.renewal == term.fixed]
    if later:
        assert contract.term is not None
        month, length = later[0].renewal, months_in_words(contract.term)
        when = f"in {scenario.month_label(month)} for {length}"
        if len(later) > 1:
            when = f"in {scenario.month_label(month)} and every {length} from there"
        yield f"It renews {when}{_at_what(contract.commitment, month)}."
        if not contract.auto_renews:
            yield "A renewal is taken to be agreed unless an event keeps the customer from it."
    if _says_false(stream, scenario):
        yield "auto_renews: false does not let it lapse: a contract that ends has a `first` term and no `term`."


def _at_what(commitment: Commitment, month: int) -> str:
    """To what a renewal in a month commits, with the comma before it."""
    if commitment.share is not None:
        return f", for {percent(commitment.share)} of the {'volume' if commitment.of == 'volume' else 'bill'} then"
    since, amount = commitment.amount[-1]
    if len(commitment.amount) > 1:
        if since > month:
            return ", for what the schedule has then"
        return f", for the last amount of the schedule, {plain(amount)} {_EACH[commitment.per]}"
    anew = f", from which it {'rises' if commitment.rises > 0 else 'falls'} anew" if commitment.rises else ""
    return f", for {plain(amount)} {_EACH[commitment.per]} again{anew}"


def _says_false(stream: Stream, scenario: Scenario) -> bool:
    """Whether a contract is said not to renew by itself in so many words."""
    written = scenario.document.get("customers", {}).get(stream.id, {}).get("contract") or {}
    return written.get("auto_renews") is False


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
    bound = [stream for stream in customers if stream.contract is not None and stream.contract.commitment is not None]
    falls = event.usage is not None and (isinstance(event.usage.to, Law) or event.usage.to < 1)
    idle = _plays_no_part(event, customers) if falls else ""
    aside = f" It is no choice: {idle}." if idle else ""
    if not bound:
        return aside
    voids = event.voids if event.voids is not None else falls and not event.choice
    if voids and event.recommits:
        return f" The commitment is void until the customer renews for what is left.{aside}"
    if voids and event.voids is not None:
        return f" Meanwhile the commitment is void.{aside}"
    if voids:
        also = f", and {idle}" if idle else ""
        return f" Not the customer's own choice, so the commitment is void meanwhile{also}."
    if not falls:
        return ""
    if event.recommits:
        return f" The commitment stands, and is renewed for what is left.{aside}"
    return f"{_until_when(event, bound)}{aside}"


def _until_when(event: Event, bound: list[Stream]) -> str:
    """Until when a commitment stands that an event does not void."""
    contracts = [stream.contract for stream in bound if stream.contract is not None]
    for_good = event.lasts is None or event.permanent == 1
    renewing = [stream for stream in bound if renews_after_start(stream)]
    if event.choice and for_good and all(one.commitment and one.commitment.buyout is not None for one in contracts):
        said = " The customer buys itself out of what is still committed."
    elif not renewing:
        said = " The commitment stands until it ends."
    elif event.choice and any(contract.auto_renews for contract in contracts):
        said = " The commitment stands until the first renewal for which notice is in time, which then carries none."
    else:
        said = " The commitment stands until the next renewal, which then carries none."
    if renewing and len(renewing) < len(bound):
        said = f"{said[:-1]}; where none comes, until it ends."
    if for_good and renewing and _stays(event.usage):
        said += " As it stands it never commits again; recommits: true would renew it for what is left."
    return said


def _plays_no_part(event: Event, customers: list[Stream]) -> str:
    """What of a contract is about a choice alone, where an event is none."""
    if event.choice:
        return ""
    contracts = [stream.contract for stream in customers if stream.contract is not None]
    notice = event.notice is None and any(one.notice for one in contracts)
    buyout = any(one.commitment is not None and one.commitment.buyout is not None for one in contracts)
    what = " and ".join([*(["notice"] if notice else []), *(["a buyout"] if buyout else [])])
    return f"{what} play{'' if notice and buyout else 's'} no part" if what else ""


def _stays(effect: Effect | None) -> bool:
    """Whether usage stays above a half."""
    if effect is None:
        return False
    return (effect.to.lowest if isinstance(effect.to, Law) else effect.to) > MOSTLY
