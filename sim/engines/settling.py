"""When events arise, take effect and are over, on all paths of a block at once (``docs/model.md``, sections 3 and 4).

The first part of what the kernel does; what comes of it is settled months, of which accounts are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim.chance.draws import Draws
from sim.engines.settled import Settled
from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Event, Scenario
from sim.scenario.terms import occasions


def settle(scenario: Scenario, draws: Draws, known: Mapping[str, Settled] | None = None) -> list[Settled]:
    """Settle every event's months: own arising, then triggers, then retention, in dependency order (section 3).

    Parameters
    ----------
    known
        Events, by id, that are settled already, as where nothing that bears on them has changed.

    Returns
    -------
    list of Settled
        In the scenario's order of events.
    """
    triggered: dict[str, list[np.ndarray]] = {event.id: [] for event in scenario.events}
    settled: dict[str, Settled] = {}
    known = known or {}
    for e in scenario.settling_order:
        event = scenario.events[e]
        # What comes of an event that repeats decides when it comes again: the two are settled together.
        those = [event.id, *(outcome.target for outcome in event.outcomes if event.repeats)]
        if event.id not in settled and all(id in known for id in those):
            settled |= {id: known[id] for id in those}
        if event.id not in settled:
            arises, offered = _arising(scenario, draws, event, triggered[event.id])
            arisen = _arisen(scenario, draws, event, arises, offered)
            settled |= _coming_again(scenario, draws, arisen) if event.repeats else {event.id: arisen}
        for target, month in zip(event.leads_to, settled[event.id].sets_off, strict=True):
            triggered[target].append(month)
    return [settled[event.id] for event in scenario.events]


def _arising(
    scenario: Scenario, draws: Draws, event: Event, triggered: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Months in which an event arises, and in which an offer against it was accepted (sections 3 and 4)."""
    arises = draws.own_month(event)
    for candidate in triggered:
        arises = np.minimum(arises, candidate)
    offered = np.full(draws.count, NEVER, dtype=np.int64)
    lever = scenario.lever_against.get(event.id)
    if lever is not None:
        accepted = draws.accepts(event) & (arises < scenario.months)
        offered = np.where(accepted, arises, NEVER)
        arises = np.where(accepted, rules.postponed(arises, lever.months), arises)
    return arises, offered


def _arisen(
    scenario: Scenario,
    draws: Draws,
    event: Event,
    arises: np.ndarray,
    offered: np.ndarray,
    paths: np.ndarray | None = None,
) -> Settled:
    """Settle what comes of an event that arises: what it sets off, and when it takes effect (section 3).

    Parameters
    ----------
    draws
        Of the paths that are settled.
    paths
        Which of a block's paths those are, of a later coming; None: all.
    """
    usage_to = None if event.usage is None else draws.level(event, "usage", event.usage)
    sets_off = []
    for trigger in event.triggers:
        month = np.where(draws.sets_off(event, trigger), arises + draws.trigger_delay(event, trigger), NEVER)
        sets_off.append(month)
    sets_off += [np.where(draws.outcome(event) == k, arises, NEVER) for k in range(len(event.outcomes))]
    in_time = rules.taking_effect(arises, draws.notice(event))
    drawn = {} if paths is None else _drawn(draws, event)
    arisen = Settled(
        event, arises, in_time, in_time, offered, usage_to, in_time, tuple(sets_off), paths=paths, drawn=drawn
    )
    return _taking_effect(scenario, draws, arisen)


def _drawn(draws: Draws, event: Event) -> dict[str, Any]:
    """What is drawn of an event beside its months and its usage level, by purpose."""
    drawn: dict[str, Any] = {}
    if event.usage is not None:
        drawn["usage.over"] = draws.over(event, "usage", event.usage)
    if event.price is not None:
        drawn |= {"price.to": draws.level(event, "price", event.price)}
        drawn |= {"price.over": draws.over(event, "price", event.price)}
    if event.once is not None:
        drawn["once"] = draws.once(event)
    return drawn


def _coming_again(scenario: Scenario, draws: Draws, first: Settled) -> dict[str, Settled]:
    """Settle an event's later comings, and its outcomes with all theirs, by id (section 3).

    Each coming is counted from the last month of the one before, and is settled on the paths alone that have it.
    """
    event = first.event
    never = np.full(draws.count, NEVER, dtype=np.int64)
    outcomes = [scenario.events[scenario.event_index[outcome.target]] for outcome in event.outcomes]
    fates = [
        _arisen(scenario, draws, outcome, arises, never)
        for outcome, arises in zip(outcomes, first.sets_off if outcomes else (), strict=True)
    ]
    over = np.minimum.reduce([one.over for one in fates or [first]])
    found: dict[str, list[Settled]] = {one.id: [] for one in (event, *outcomes)}
    paths = np.arange(draws.count)
    coming = 1
    while True:
        coming += 1
        paths, since = _those(over < scenario.months, paths, rules.last_in_effect(over))
        if not len(paths):
            break
        one = event.again(coming)
        paths, arises = _those_that_come(draws, one, paths, since, scenario.months)
        if not len(paths):
            break
        here = draws.on(paths)
        settled = _arisen(scenario, here, one, arises, never[paths], paths)
        found[event.id].append(settled)
        over = settled.over
        for outcome, months in zip(outcomes, settled.sets_off if outcomes else (), strict=True):
            mine = months < NEVER
            where = paths[mine]
            if not len(where):
                continue
            fate = _arisen(scenario, draws.on(where), outcome.again(coming), arises[mine], never[where], where)
            found[outcome.id].append(fate)
            over[mine] = fate.over
    return {one.event.id: one.and_again(found[one.event.id]) for one in (first, *fates)}


def _those(chosen: np.ndarray, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Each array at the places that are chosen."""
    return tuple(array[chosen] for array in arrays)


def _those_that_come(
    draws: Draws, event: Event, paths: np.ndarray, since: np.ndarray, months: int
) -> tuple[np.ndarray, ...]:
    """Paths on which an event comes this other time within the horizon, and in which months."""
    arises = draws.on(paths).month_again(event, since)
    return _those(arises < months, paths, arises)


def _taking_effect(scenario: Scenario, draws: Draws, settled: Settled) -> Settled:
    """Settle when an event takes effect and is over: on each stream by itself, where contracts decide (section 5)."""
    event = settled.event

    def on(in_time: np.ndarray, begins: np.ndarray) -> Settled:
        lasts = draws.lasts(event)
        ends = np.full(draws.count, NEVER, dtype=np.int64)
        if lasts is not None:
            ends = np.where(draws.permanent(event), NEVER, rules.ending(begins, lasts))
        return replace(settled, in_time=in_time, begins=begins, ends=ends, factors={})

    if not scenario.months_differ(event):
        return on(settled.in_time, settled.in_time)
    by_stream = {}
    for i in event.hits:
        in_time = settled.in_time
        if event.notice is None:
            in_time = rules.taking_effect(settled.arises, scenario.notice(event, i))
        begins = in_time
        if event.leaves == "at_renewal":
            begins = rules.next_occasion(in_time, occasions(scenario.streams[i], scenario.months), NEVER)
        by_stream[i] = on(in_time, begins)
    begins = np.minimum.reduce([one.begins for one in by_stream.values()])
    return replace(on(settled.in_time, begins), by_stream=by_stream)
