"""The first month in which anything that happens could move money: before it nothing can be lost or gained."""

from __future__ import annotations

import math

import numpy as np

from sim.scenario import rules
from sim.scenario.laws import NEVER, Law, month_weights
from sim.scenario.parts import AtMonth, Event, Scenario
from sim.scenario.terms import occasions, terms_of


def first_effect(scenario: Scenario) -> int:
    """The first month in which an event, an offer against it or a renewal that it stops could move revenue.

    No later than the month in which that is possible; the horizon's end where it is in none.
    """
    arises = {event.id: _own(event, scenario) for event in scenario.events}
    found = scenario.months
    for e in scenario.settling_order:
        event = scenario.events[e]
        month = arises[event.id]
        if month >= scenario.months:
            continue
        for trigger in event.triggers:
            if trigger.probability > 0:
                after = 0 if trigger.after is None else math.ceil(min(trigger.after.lowest, NEVER))
                arises[trigger.target] = min(arises[trigger.target], month + after)
        for outcome in event.outcomes:
            arises[outcome.target] = min(arises[outcome.target], month)
        found = min(found, _moves_money(event, month, scenario))
    return found


def _own(event: Event, scenario: Scenario) -> int:
    """The first month in which an event could arise by itself; the horizon's end where it could not."""
    timing = event.timing
    if timing is None or event.probability == 0:
        return scenario.months
    if isinstance(timing, AtMonth):
        return min(timing.month, scenario.months)
    weights = month_weights(timing.law, timing.counted_from, timing.known, scenario.months, event.probability)[:-1]
    possible = np.flatnonzero(weights)
    return int(possible[0]) if len(possible) else scenario.months


def _moves_money(event: Event, arises: int, scenario: Scenario) -> int:
    """The first month in which an event that arises in a month, or later, could move money."""
    if event.id in scenario.lever_against:
        return arises  # the discount begins with the offer
    months = []
    for i in event.hits:
        stream, notice = scenario.streams[i], scenario.notice(event, i)
        if stream.contract is not None and stream.contract.commitment is not None:
            # Who is under notice does not commit anew.
            months += [term.fixed for term in terms_of(stream, scenario.months) if term.fixed >= arises][:1]
        if event.usage is None and event.price is None and event.once is None and event.voids is None:
            continue
        begins = rules.taking_effect(
            arises, math.ceil(min(notice.lowest if isinstance(notice, Law) else notice, NEVER))
        )
        if event.leaves == "at_renewal":
            begins = int(rules.next_occasion(begins, occasions(stream, scenario.months), NEVER))
        months.append(begins)
    return min([*months, scenario.months])
