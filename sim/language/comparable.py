"""Whether scenarios can be compared: their unit of money, their periods, their levels; and short names for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.errors import UsageError, inert
from sim.language.document import Document
from sim.scenario.parts import Scenario


def refuse_other_money(scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios whose amounts are in different units.

    Raises
    ------
    UsageError
    """
    first = scenarios[0]
    for scenario in scenarios[1:]:
        if scenario.money != first.money:
            here, there = (f"{inert(one.money, 48)!r} ({inert(one.name, 60)})" for one in (scenario, first))
            raise UsageError(
                f"amounts in {here} and in {there} cannot be compared",
                help="give all scenarios the same unit of money",
            )


def common_levels(scenarios: Sequence[Scenario]) -> list[float]:
    """Levels of revenue at risk that all scenarios have, in the order of the first."""
    return [level for level in scenarios[0].risk.levels if all(level in other.risk.levels for other in scenarios)]


def notes_on(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """What keeps scenarios from being comparable in full, a sentence each."""
    first, notes = scenarios[0], []

    def differ(what: Callable[[Scenario], Any]) -> bool:
        return any(what(scenario) != what(first) for scenario in scenarios)

    if differ(_window):
        spans = ", ".join(dict.fromkeys(map(_window, scenarios)))
        notes.append(f"The losses are of different periods: {spans}.")
    if differ(lambda scenario: scenario.start):
        notes.append("They start in different months, so a path's shocks fall on other months of the calendar.")
    elif differ(lambda scenario: scenario.months) and not differ(_window):
        notes.append("Their horizons differ; the months that the losses are of are the same.")
    if differ(lambda scenario: scenario.discount_rate or 0.0):
        notes.append("They discount at different rates: part of the difference is that.")
    if differ(lambda scenario: scenario.risk.levels):
        said = ", ".join(f"{100 * level:g} %" for level in common_levels(scenarios))
        notes.append(f"Their levels differ; {f'compared at {said}' if said else 'they have none in common'}.")
    if differ(lambda scenario: scenario.risk.target) and all(one.risk.target is not None for one in scenarios):
        notes.append("Their targets differ: so does what the chance to miss it means.")
    if not all(isinstance(scenario.source, Document) for scenario in scenarios):
        notes.append("Which numbers differ is not known of a scenario that was built from parts.")
    return tuple(notes)


def names_of(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """A short name for each scenario, no two alike.

    Returns
    -------
    tuple of str
        The name of its file without the ending, or its own where it has no file; with what was set over it, but not
        over all of the first one's file. Where the first scenario has the same file, what was set is name enough.
    """
    stems, changes = [], []
    for scenario in scenarios:
        has_file = scenario.file and not scenario.file.startswith("<")
        stems.append(Path(scenario.file).stem if has_file else scenario.name)
        changes.append(scenario.source.overrides if isinstance(scenario.source, Document) else ())
    alike = [over for stem, over in zip(stems, changes, strict=True) if stem == stems[0]]
    shared = [text for text in changes[0] if all(text in over for over in alike)]
    found: list[str] = []
    for k, (stem, over) in enumerate(zip(stems, changes, strict=True)):
        own = ", ".join(text for text in over if text not in shared)
        label = own if own and k and stem == stems[0] else f"{stem} with {own}" if own else stem
        unique, number = label, 1
        while unique in found:
            number += 1
            unique = f"{label} ({number})"
        found.append(unique)
    return tuple(found)


def _window(scenario: Scenario) -> str:
    """Months of the risk window, first and last."""
    first, last = (scenario.month_label(month) for month in (scenario.risk.first, scenario.risk.last))
    return first if first == last else f"{first} … {last}"
