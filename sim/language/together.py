"""Sets of events that tend to come together: which are refused, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import combinations
from typing import Any

from sim.language.schema import EventPart, ScenarioPart
from sim.scenario.laws import month_weights
from sim.scenario.parts import AtMonth, Event, Scenario, Together

TOLD = 3
"""Pairs of events of a set whose chance to both arise is told."""

Add = Callable[..., None]
"""Notes a problem: its path, what was found and what is allowed, and more by name."""


def refuse(part: ScenarioPart, ids: Collection[str], add: Add) -> None:
    """Refuse events that are not there, stand in two sets or have no month of their own, and sets of one event."""
    events = part.events or {}
    seen: dict[str, int] = {}
    for k, together in enumerate(part.together or ()):
        path = ("together", str(k), "events")
        for i, id_ in enumerate(together.events):
            where = (*path, str(i))
            if id_ not in ids:
                add(where, f"no event {id_}", f"an event's id ({', '.join(list(ids)[:12])})", misspelt=id_, known=ids)
            elif seen.get(id_) == k:
                add(where, f"{id_} twice", "each event once")
            elif id_ in seen:
                add(where, f"{id_}, which is in another set too", "an event in one set", help="make one set of the two")
            elif id_ in events and events[id_].timing is None:
                help = f"say when {id_} arises by itself, or take it out: what sets it off may be in the set"
                add(where, f"{id_}, which has no timing", "events that may arise by themselves", help=help)
            seen.setdefault(id_, k)
        if len(together.events) == 1 and not _is_several(events.get(together.events[0])):
            add(path, "a set of one event", "two events, or one with each: true for several customers")


def _is_several(event: EventPart | None) -> bool:
    """Whether an event stands for copies; one that was refused is not judged again."""
    return event is None or event.each


def in_words(scenario: Scenario, percent: Callable[[float], str]) -> Iterable[str]:
    """What is said of each set, with the chance that two of its events both come.

    Parameters
    ----------
    percent
        How a chance that was worked out is written.
    """
    for together in scenario.together:
        names = [*together.events[:-1], together.events[-1]]
        whom = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        who = f"The copies of {whom}" if len(names) == 1 else whom
        pairs = list(_pairs(scenario, together))
        more = f"; and {len(pairs) - TOLD} more pairs" if len(pairs) > TOLD else ""
        chances = "; ".join(_chance_of(scenario, together, pair, percent) for pair in pairs[:TOLD])
        yield (
            f"{who} tend to come together, with a correlation of {together.correlation:g} of what decides when each "
            f"arises by itself{f': {chances}{more}' if chances else ''}."
        )


def _pairs(scenario: Scenario, together: Together) -> Iterable[tuple[Event, Event]]:
    """Two events of each pair of the set's, and two copies of each that has them."""
    members = [event for event in scenario.events if scenario.set_of(event) is together]
    told: set[tuple[str, str]] = set()
    for one, other in combinations(members, 2):
        if (one.origin, other.origin) not in told:
            told.add((one.origin, other.origin))
            yield one, other


def _chance_of(scenario: Scenario, together: Together, pair: tuple[Event, Event], percent: Any) -> str:
    from sim.scenario.together import chance_of_all

    chances = [by_itself(event, scenario.months) for event in pair]
    both, apart = chance_of_all(chances, together.correlation), chances[0] * chances[1]
    one, other = (event.origin for event in pair)
    who = f"two of {one}" if one == other else f"{one} and {other}"
    return f"{who} both arise within the period with a chance of {percent(both)}; without it, of {percent(apart)}"


def by_itself(event: Event, months: int) -> float:
    """Chance that an event arises by itself within the horizon."""
    timing = event.timing
    if timing is None:
        return 0.0
    if isinstance(timing, AtMonth):
        return event.probability if timing.month < months else 0.0
    weights = month_weights(timing.law, timing.counted_from, timing.known, months, event.probability)
    return float(min(weights[:-1].sum(), 1.0))
