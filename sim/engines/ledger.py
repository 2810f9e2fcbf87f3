"""What the model's ledger holds: who or what each entry is about, and its facts as plain values.

Nothing here is a sentence: :mod:`sim.words.story` makes them, and pictures and commands read the facts. Volumes are a
month's at list price, shares are fractions; events, offers and customers go by their ids; None says that there is none.

======== ======== ================== =====================================================================
kind     subject  fact               what it says
======== ======== ================== =====================================================================
event    event    cause              itself, again, trigger, outcome, offer (an accepted one has run out) or process
                  by                 the event that it comes of, or the offer that has run out
                  said               what the process says of it
                  notice             months until it takes effect
offer    customer lever              which
                  event              the event that it is to keep away
                  accepted           whether it is accepted
                  discount           share off the price
                  months             for how long
                  cause              as of an event: why it would arise now
                  by                 as of an event
                  said               as of an event
effect   customer event              the event that takes effect
                  change             or the process's change that does, in place of one of the same name
                  usage              level that usage goes to
                  usage_over         months that this takes, 0 at once
                  price              level that the price goes to
                  price_over         months that this takes, 0 at once
                  voids              whether commitments are void while it lasts
                  floor              what is committed as it begins, a month or a period
ending   customer event              the event that is over
                  change             or the change
                  lasted             months that the event was in effect
                  floor_stands_again whether a commitment that it had voided holds again
one_off  vendor   event              the event that costs something once; ``money`` is what is lost, below 0 gained
renewal  customer commits            whether the contract renews with a commitment
                  floor              minimum of each of its periods from now on, the first one's, 0 without a commitment
                  commitment         share of usage, or of the bill, that the contract commits to; None: an amount
                  volume             usage as it renews, without its season
                  per                period over which use is held against it: month, quarter, year or term
                  of                 what counts: volume or money
                  refused_by         list of the events that keep the customer from committing
expiry   customer months             how many months the contract ran that is over and not renewed
true_up  customer minimum            of the period that is settled, its months that are not void
                  used               what was used in them, of what counts
                  carried            use above minima that is carried over into it
                  of                 what counts: volume or money
                  price              factor on the list price, for volume; ``money`` is what is billed
buyout   customer minimum            what the customer is still committed to
                  used               of the period under way, before
                  carried            as of a true_up
                  of                 what counts: volume or money
                  price              factor on the list price, for volume; ``money`` is what it pays to be free
capacity vendor   served             share of the volume that scarce capacity serves
bill     customer used               volume that is served
                  unused             committed volume that is paid for without being used
                  price              factor on the list price; ``money`` is the bill
month    vendor   baseline           revenue without any event; ``money`` is the revenue
======== ======== ================== =====================================================================

What a process of a user's own notes (``own``) is of whatever kind it names, with ``said`` and ``why`` in its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

VENDOR = "vendor"

Reason = dict[str, Any]
"""Why an event arises: the facts ``cause``, ``by`` and ``said``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger.

    Attributes
    ----------
    month
        Number of the month.
    kind
        The rule at work, or ``bill`` or ``month``; of a process's own note what the process called it.
    subject
        Id of the event or customer that it is about, or ``vendor``.
    facts
        What happened, as values that JSON can hold; the module says which a kind has.
    money
        An amount in the scenario's unit, None where none changes hands.
    own
        Whether a process of a user's own noted it: words of theirs, from which nobody concludes anything.
    """

    month: int
    kind: str
    subject: str
    facts: Mapping[str, Any]
    money: float | None = None
    own: bool = False


def reason(
    cause: Literal["itself", "again", "trigger", "outcome", "offer", "process"],
    by: str | None = None,
    said: str | None = None,
) -> Reason:
    """Why an event arises."""
    return {"cause": cause, "by": by, "said": said}


def note(month: int, kind: str, subject: str, said: str, why: str, money: float | None) -> Entry:
    """What a process of a user's own has to say."""
    return Entry(month, kind, subject, {"said": said, "why": why}, money, own=True)


def whole(entries: Iterable[Entry], revenue: Iterable[float], baseline: Iterable[float]) -> tuple[Entry, ...]:
    """Order a path's entries by month, each month closed by what the vendor takes in; order within a month is kept."""
    months = [
        Entry(month, "month", VENDOR, {"baseline": without}, with_events)
        for month, (with_events, without) in enumerate(zip(revenue, baseline, strict=True))
    ]
    return tuple(sorted([*entries, *months], key=lambda entry: entry.month))
