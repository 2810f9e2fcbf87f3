"""Assumptions with a plausible range, and the scenario at either end of it.

A range on a schedule, or on a mapping with a single number below, moves all that it covers together. One that can't be
meant as it stands (on a mapping of different numbers, a point, a range without its value) is refused. A number that is
in doubt has the 10 % and the 90 % point of its law in place of a plausible range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sim.errors import ScenarioError, UsageError, inert
from sim.language.evidence import Evidence, Sourced
from sim.language.plausible import trouble
from sim.scenario.doubts import Doubt, Doubtful
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
    doubt
        The doubt that they come of; None of a plausible range.
    """

    path: str
    caption: str
    numbers: tuple[Sourced, ...]
    low: float
    high: float
    doubt: Doubt | None = None

    @property
    def base(self) -> float | None:
        """Value in the scenario; None where the numbers of a schedule differ; 0 of a shift."""
        if self.doubt is not None:
            return None if self.doubt.base is None else float(self.doubt.base)
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
        if value == self.base if self.doubt is not None else all(one.value == value for one in self.numbers):
            return None
        try:
            return scenario.with_(self._set_to(value))
        except (ScenarioError, UsageError) as error:
            return self.refused(_why(error), side)

    def _set_to(self, value: float) -> dict[str, Any]:
        """What is set to take the numbers to a value."""
        if self.doubt is None:
            return {one.path: value for one in self.numbers}
        tree = self.doubt.placed(value)
        for step in reversed(self.doubt.steps):
            tree = {step: tree}
        found: dict[str, Any] = tree
        return found

    def refused(self, why: str, side: Side | None = None) -> Refused:
        """What is said of it where it can't be set."""
        value = None if side is None else self.end(side)
        return Refused(self.path, self.caption, side, value, why, self.first.file, self.first.line)


def ranges_of(scenario: Scenario, sources: Evidence) -> tuple[list[Range], list[Refused]]:
    """Find the ranges that numbers in doubt and assumptions have, and those that can't be meant as they stand."""
    doubt = scenario.doubt or Doubtful()
    in_doubt = [_of_doubt(scenario, one, sources) for one in doubt.numbers if one.numeric]
    by_entry: dict[str, list[Sourced]] = {}
    for one in sources.of("assumption"):
        if doubt.of(one.path) is None and one.low is not None and one.high is not None and one.entry is not None:
            by_entry.setdefault(one.entry, []).append(one)
    ranges, refused = [one for one in in_doubt if one.low < one.high], []
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


def _of_doubt(scenario: Scenario, doubt: Doubt, sources: Evidence) -> Range:
    """The range of a number in doubt: eight cases in ten."""
    below = [doubt.path] if not isinstance(doubt.moved, tuple) else [f"{doubt.path}.{key}" for key, _ in doubt.moved]
    found = tuple(one for one in sources.numbers if one.path in below)
    base = 0.0 if doubt.base is None else doubt.base
    assert not isinstance(base, str)
    numbers = found or (Sourced(doubt.path, base, "unsourced", file=doubt.file, line=doubt.line, column=doubt.column),)
    low, high = (float(doubt.quantile(p)) for p in (0.1, 0.9))
    caption = axis_caption(scenario, doubt.path)
    return Range(doubt.path, f"{caption}, shifted" if doubt.shift else caption, numbers, low, high, doubt)


def _why(error: ScenarioError | UsageError) -> str:
    if not error.problems:
        return inert(error.summary)
    problem = error.problems[0]
    allowed = f"; allowed: {problem.allowed}" if problem.allowed else ""
    return inert(f"{problem.found}{allowed}")
