"""What the strata's short cuts know of a scenario: whoever adds a field must not have to know of them.

For a stratum they value only what its event touches, and only from its own month on. Whether that is all of it is a
matter of every field that a scenario has. So a field that is not named here, and says something, is valued the long
way, whole path by whole path: slower, and right. Whoever has taught it to the strata names it here; ``sim.verify``,
which holds the strata against the engines, tells whether that was well done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from sim.scenario.parts import (
    AtMonth,
    Capacity,
    Commitment,
    Contract,
    Delay,
    Effect,
    Event,
    FirstTerm,
    Group,
    Lever,
    Outcome,
    Risk,
    Scenario,
    Stream,
    Together,
    Trigger,
)

KNOWN: Mapping[type, tuple[str, ...]] = {
    Scenario: (
        *("name", "start", "months", "money", "vendor", "streams", "events", "levers", "risk", "known"),
        *("discount_rate", "capacity", "about", "axes", "paths", "seed", "file", "sha256", "document", "source"),
        *("folder", "together", "doubt", "choices"),
    ),
    Stream: (
        *("id", "name", "revenue", "growth", "volatility", "market", "pool", "contract", "starts", "ends", "season"),
        "group",
    ),
    Contract: ("notice", "term", "renews", "commitment", "first", "auto_renews"),
    Commitment: ("share", "amount", "running", "of", "per", "rises", "carry", "buyout"),
    FirstTerm: ("begins", "months"),
    Group: ("id", "name"),
    Capacity: ("initial", "growth"),
    Event: (
        *("id", "origin", "name", "hits", "choice", "probability", "timing", "notice", "usage", "price", "lasts"),
        *("permanent", "voids", "triggers", "leaves", "recommits", "once", "outcomes", "outcome_of", "planned"),
        *("repeats", "coming"),
    ),
    AtMonth: ("month",),
    Delay: ("law", "counted_from", "known"),
    Effect: ("to", "over", "shape"),
    Outcome: ("target", "weight"),
    Together: ("events", "correlation"),
    Trigger: ("target", "probability", "after"),
    Lever: ("id", "against", "discount", "months", "acceptance", "name"),
    Risk: ("levels", "first", "last", "target", "year_starts"),
}
"""Fields by the part that has them."""


def are_known(scenario: Scenario) -> bool:
    """Whether the short cuts know all that a scenario says."""
    unknown = {kind: [one for one in fields(kind) if one.name not in names] for kind, names in KNOWN.items()}
    if not any(unknown.values()):
        return True
    return not any(_says(part, one) for part in _parts(scenario) for one in unknown[type(part)])


def _parts(scenario: Scenario) -> Iterator[Any]:
    yield scenario
    yield scenario.risk
    yield from (*scenario.levers, *scenario.together)
    if scenario.capacity is not None:
        yield scenario.capacity
    for stream in scenario.streams:
        yield stream
        if stream.group is not None:
            yield stream.group
        if stream.contract is not None:
            yield stream.contract
            yield from (part for part in (stream.contract.commitment, stream.contract.first) if part is not None)
    for event in scenario.events:
        yield from (event, *event.triggers, *event.outcomes)
        if event.timing is not None:
            yield event.timing
        yield from (effect for effect in (event.usage, event.price) if effect is not None)


def _says(part: Any, one: Field[Any]) -> bool:
    """Whether a part has another value in a field than the one that stands for nothing said."""
    nothing = one.default if one.default_factory is MISSING else one.default_factory()
    return bool(getattr(part, one.name) != nothing)
