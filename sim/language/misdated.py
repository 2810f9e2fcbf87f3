"""Dates and chances of contracts that count from elsewhere than they say: from a later renewal, period, or all at once.

What is told here is valid; :mod:`sim.language.doubtful` puts it among the rest that is probably not meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.errors import Doubt
from sim.language.document import Document, Steps
from sim.language.figures import percent, plain
from sim.language.reader import Table
from sim.language.values import MONTH, month_number
from sim.scenario.laws import AtRenewal
from sim.scenario.parts import Delay, Event, Scenario, Stream
from sim.scenario.terms import occasions, terms_of

SURE = 1 - 1e-9
"""From this chance on an event that may come at a renewal is sure to."""


def misdated(scenario: Scenario, document: Document, events: Iterable[Event]) -> Iterator[Doubt]:
    """What counts from another month than the one that is written.

    Parameters
    ----------
    events
        Those of the file, each once.
    """
    for stream in scenario.streams:
        yield from _amounts(stream, scenario, document)
    for event in events:
        if isinstance(event.timing, Delay) and isinstance(event.timing.law, AtRenewal):
            yield from _all_at_once(event, event.timing.law, scenario, document)
            yield from _at_renewals(event, scenario, document)


def _dates(path: Steps, scenario: Scenario, document: Document) -> Iterator[tuple[str, int, float]]:
    """Dates of a schedule, in order: as they are written, and as months; and the value from each on."""
    node = document.node(path)
    for date in sorted(node.entries) if isinstance(node, Table) else ():
        value = getattr(node.entries[date], "value", None) if isinstance(node, Table) else None
        if MONTH.fullmatch(date) and value is not None:
            yield date, month_number(date) - scenario.start, float(value)


def _amounts(stream: Stream, scenario: Scenario, document: Document) -> Iterator[Doubt]:
    """Months of a schedule of amounts in which no period begins."""
    if stream.contract is None or stream.contract.commitment is None:
        return
    path = ("customers", stream.id, "contract", "commitment", "amount")
    begins = [period.first for term in terms_of(stream, scenario.months) for period in term.periods]
    last = stream.last(scenario.months)
    for date, month, amount in _dates(path, scenario, document):
        # What is in force as the first one begins has come before it.
        if not begins or month <= begins[0] or month > last or month in begins:
            continue
        later = next((first for first in begins if first > month), None)
        if later is None:
            message = f"{date}, in which no period begins, nor later: {plain(amount)} counts for none"
        else:
            message = f"{date}, in which no period begins: {plain(amount)} counts from {scenario.month_label(later)} on"
        help = "a period has the amount that is in force as it begins: give it from that month on"
        yield _doubt((*path, date), document, message, help)


def _at_renewals(event: Event, scenario: Scenario, document: Document) -> Iterator[Doubt]:
    """Months of a schedule of chances at renewals that are none."""
    path = ("events", event.origin, "timing", "at_renewal")
    notice = scenario.notice(event)
    ahead = notice if isinstance(notice, int) else 0
    renewals = occasions(scenario.streams[event.hits[0]], scenario.months, ahead)
    for date, month, chance in _dates(path, scenario, document):
        if not renewals or month <= renewals[0] or month in renewals or month >= scenario.months + ahead:
            continue
        later = next((renewal for renewal in renewals if renewal > month), None)
        if later is None:
            message = f"{date}, which is no renewal, nor is there a later one: {percent(chance)} is the chance at none"
        else:
            at = scenario.month_label(later)
            message = f"{date}, which is no renewal: {percent(chance)} is the chance from the one in {at} on"
        shown = ", ".join(scenario.month_label(renewal) for renewal in renewals[:3])
        more = ", …" if len(renewals) > 3 else ""
        yield _doubt((*path, date), document, message, f"name a month in which it renews: {shown}{more}")


def _all_at_once(event: Event, law: AtRenewal, scenario: Scenario, document: Document) -> Iterator[Doubt]:
    """A probability of the whole beside renewals at the first of which it comes for sure."""
    first = next(((month, chance) for month, chance in law.chances if chance > 0), None)
    if event.probability == 1 or first is None or first[1] < SURE or len(law.chances) < 2:
        return
    notice = scenario.notice(event)
    at = scenario.month_label(first[0] + (notice if isinstance(notice, int) else 0))
    message = (
        f"a probability of {percent(event.probability)} beside a chance of 100 % at each renewal: "
        f"all of it falls at the first, {at}"
    )
    path = ("events", event.origin, "probability")
    even = 1 - (1 - event.probability) ** (1 / len(law.chances))
    help = (
        f"leave probability out and give the chance at each renewal: {plain(round(even, 4))} at each of "
        f"{len(law.chances)} makes {percent(event.probability)}"
    )
    yield _doubt(path, document, message, help)


def _doubt(path: Steps, document: Document, message: str, help: str) -> Doubt:
    mark = document.latest(path)
    return Doubt(mark.source.name, mark.line, mark.column, ".".join(path), message, help)
