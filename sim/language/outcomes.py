"""What becomes of an event with outcomes: for each of them the event as it is if that one happens.

Which keys an outcome may hold is told by its part of the schema alone: each of them but its name and its weight takes
the place of the event's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.language.document import Steps
from sim.language.schema import EventPart, OutcomePart

CONSEQUENCES = tuple(name for name in OutcomePart.model_fields if name not in ("name", "weight"))
"""Keys of an event that an outcome may replace."""


def if_it_happens(event: EventPart, outcome: OutcomePart) -> EventPart:
    """The event as it is where an outcome happens: what stands in the outcome in place of the event's own."""
    own = {name: getattr(outcome, name) for name in CONSEQUENCES if name in outcome.model_fields_set}
    return event.model_copy(update={**own, "outcomes": None})


def bare(event: EventPart) -> EventPart:
    """The event without its consequences, which are its outcomes'."""
    return event.model_copy(update={name: EventPart.model_fields[name].get_default() for name in CONSEQUENCES})


def fates(event: EventPart) -> Iterator[tuple[Steps, EventPart]]:
    """What may become of an event, with the path below it: itself, or one for each outcome."""
    if not event.outcomes:
        yield (), event
    for id_, outcome in (event.outcomes or {}).items():
        yield ("outcomes", id_), if_it_happens(event, outcome)


def weights(event: EventPart) -> dict[str, float]:
    """The weight of each outcome by its id; the one without a weight has the rest, below 0 where there is none."""
    outcomes = event.outcomes or {}
    rest = 1 - math.fsum(outcome.weight or 0.0 for outcome in outcomes.values())
    return {id_: rest if outcome.weight is None else outcome.weight for id_, outcome in outcomes.items()}
