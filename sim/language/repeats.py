"""What an event that repeats can't have: it must be over before it comes again, after a delay of its own law."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.language.document import Steps
from sim.language.outcomes import fates
from sim.language.schema import EventPart, ScenarioPart

Add = Callable[..., None]
"""Notes a problem: its path, what was found and what is allowed, and more by name."""

ALLOWED = "an event that is over, and comes again after a delay by a law"

FOR_GOOD = "an outcome without lasts is for good, and the last"
"""How an end to the repeating is said."""


def refuse(part: ScenarioPart, add: Add) -> None:
    """Refuse what leaves no telling when an event that repeats comes again, and an offer against it."""
    repeating = {id_: event for id_, event in (part.events or {}).items() if event.repeats}
    for id_, event in repeating.items():
        for steps, found, help in _in_the_way(event):
            add(("events", id_, *steps), found, ALLOWED, help=help)
    for id_, lever in (part.levers or {}).items():
        if lever.against in repeating:
            found, allowed = f"{lever.against}, which repeats", "an event that comes once"
            help = f"an offer puts an event off, once: leave events.{lever.against}.repeats out, or the offer"
            add(("levers", id_, "against"), found, allowed, help=help)


def _in_the_way(event: EventPart) -> Iterator[tuple[Steps, str, str]]:
    outcomes = event.outcomes or {}
    lasting: list[Steps] = [("permanent",)] if event.permanent > 0 else []
    lasting += [("outcomes", id_, "permanent") for id_, outcome in outcomes.items() if outcome.permanent > 0]
    for path in lasting:
        yield path, "permanent of an event that repeats", f"leave permanent out, or repeats; {FOR_GOOD}"
    if outcomes and all(fate.lasts is None for _, fate in fates(event)):
        help = f"add lasts, to the event or to an outcome, or leave repeats out; {FOR_GOOD}"
        yield ("repeats",), "repeats without lasts", help
    if event.timing is None:
        help = "say when it arises by itself, which also says when it comes again, or leave repeats out"
        yield ("repeats",), "repeats of an event without timing", help
    elif event.timing.month is not None:
        help = "give it a delay: timing: {exponential: {mean: 12}}, or write an event for each month"
        yield ("timing", "month"), "a month of an event that repeats", help
    elif event.timing.at_renewal is not None:
        help = (
            "leave repeats out: it has a chance at each renewal until it comes, once; one that comes again has a delay "
            "in place of at_renewal: timing: {exponential: {mean: 12}}"
        )
        yield ("timing", "at_renewal"), "at_renewal of an event that repeats", help
