"""Assumptions with a plausible range, and the scenario at either end of it.

A range on a schedule, or on a mapping with a single number below, moves all that it covers together. One that can't be
meant as it stands (on a mapping of different numbers, a point, a range without its value) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sim.errors import ScenarioError, UsageError, inert
from sim.language.evidence import Sourced
from sim.language.plausible import trouble
from sim.scenario.parts import Scenario
from sim.words.labels import axis_caption

Side = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Refused:
    """An end of a range, or a whole range (``side`` and ``value`` None), that can't be set alone, and why."""

    path: str
    caption: str
    side: Side | None
    value: float | None
    why: str
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Range:
    """What one range is about.

    Attributes
    ----------
    path, caption
        Dotted path of the number, or of the schedule that it stands on, and what that is in words.
    numbers
        The numbers that move, with their evidence.
    low, high
        The ends.
    """

    path: str
    caption: str
    numbers: tuple[Sourced, ...]
    low: float
    high: float

    @property
    def base(self) -> float | None:
        """Value in the scenario; None where the numbers of a schedule differ."""
        values = {one.value for one in self.numbers}
        value = values.pop()
        return float(value) if not values else None

    @property
    def first(self) -> Sourced:
        """The number that says where the range is."""
        return self.numbers[0]

    def end(self, side: Side) -> float:
        """One of its ends."""
        return self.low if side == "low" else self.high

    def variant(self, scenario: Scenario, side: Side) -> Scenario | Refused | None:
        """The scenario with the range's numbers at one end.

        Returns
        -------
        Scenario, Refused or None
            None where the scenario stands there already; Refused where that end contradicts the rest of it.
        """
        value = self.end(side)
        if all(one.value == value for one in self.numbers):
            return None
        try:
            return scenario.with_({one.path: value for one in self.numbers})
        except (ScenarioError, UsageError) as error:
            return self.refused(_why(error), side)

    def refused(self, why: str, side: Side | None = None) -> Refused:
        """What is said of it where it can't be set."""
        value = None if side is None else self.end(side)
        return Refused(self.path, self.caption, side, value, why, self.first.file, self.first.line)


def ranges_of(scenario: Scenario, assumptions: Iterable[Sourced]) -> tuple[list[Range], list[Refused]]:
    """Find the ranges that assumptions have, in the order of the file, and those that can't be meant as they stand."""
    by_entry: dict[str, list[Sourced]] = {}
    for one in assumptions:
        if one.low is not None and one.high is not None and one.entry is not None:
            by_entry.setdefault(one.entry, []).append(one)
    ranges, refused = [], []
    for entry, covered in by_entry.items():
        path, first = (covered[0].path if len(covered) == 1 else entry), covered[0]
        assert first.low is not None
        assert first.high is not None
        found = Range(path, axis_caption(scenario, path), tuple(covered), first.low, first.high)
        why = trouble(entry, [(one.path, one.value) for one in covered], found.low, found.high)
        if why is None:
            ranges.append(found)
        else:
            refused.append(found.refused("; allowed: ".join(filter(None, why))))
    return ranges, refused


def _why(error: ScenarioError | UsageError) -> str:
    if not error.problems:
        return inert(error.summary)
    problem = error.problems[0]
    allowed = f"; allowed: {problem.allowed}" if problem.allowed else ""
    return inert(f"{problem.found}{allowed}")
