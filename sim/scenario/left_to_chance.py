"""Which events chance decides on, told from a scenario alone."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.laws import Law
from sim.scenario.parts import Delay, Event, Scenario


def left_to_chance(scenario: Scenario) -> frozenset[str]:
    """Ids of the events of which chance says if or when they arise, what they set off, or if an offer holds."""
    may_arise = {event.id for event in scenario.events if event.probability > 0}
    found = set()
    for event in (scenario.events[e] for e in scenario.settling_order):
        if event.id not in may_arise:
            continue
        may_arise |= {trigger.target for trigger in event.triggers if trigger.probability > 0}
        may_arise |= {outcome.target for outcome in event.outcomes if outcome.weight > 0}
        found |= {outcome.target for outcome in event.outcomes if 0 < outcome.weight < 1}
        lever = scenario.lever_against.get(event.id)
        shares = [event.probability, *(trigger.probability for trigger in event.triggers)]
        shares += [] if lever is None else [lever.acceptance]
        laws = [t.after for t in event.triggers if t.after is not None and t.probability > 0]
        laws += [event.timing.law] if isinstance(event.timing, Delay) and event.probability > 0 else []
        if event.repeats:
            fates = list(_fates(scenario, event))
            # When it comes again depends on what came of it, and when that was over.
            laws += [law for one in fates for law in (one.lasts, scenario.notice(one)) if isinstance(law, Law)]
            if len({one.lasts for one in fates}) > 1:
                found.add(event.id)
        if any(0 < share < 1 for share in shares) or any(law.lowest < law.highest for law in laws):
            found.add(event.id)
    return frozenset(found)


def _fates(scenario: Scenario, event: Event) -> Iterator[Event]:
    """What may come of an event: itself, or any of its outcomes."""
    if not event.outcomes:
        yield event
    for outcome in event.outcomes:
        if outcome.weight > 0:
            yield scenario.events[scenario.event_index[outcome.target]]
