"""What an assumption's range does to the measures: changes with their errors, an end each, a bar for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.answers.ranges import Side
from sim.estimates.estimate import Estimate
from sim.estimates.measures import MEASURES


@dataclass(frozen=True, slots=True)
class Changes:
    """The measures of the loss, or the changes of them, each with its error; also by attribute: ``expected_loss``."""

    by_measure: Mapping[str, Estimate]

    def of(self, measure: str) -> Estimate:
        """One of them by name."""
        return self.by_measure[measure]

    def __getattr__(self, name: str) -> Estimate:
        if name in MEASURES and name in self.by_measure:
            return self.by_measure[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {name: estimate.to_dict() for name, estimate in self.by_measure.items()}


@dataclass(frozen=True, slots=True)
class End:
    """One end of an assumption's range: the value there, and how far the measures move from the base case's."""

    value: float
    change: Changes


@dataclass(frozen=True, slots=True)
class Bar:
    """One assumption and what its range does.

    Attributes
    ----------
    path, caption
        Dotted path of the assumption (of a schedule, where one range stands on all of it), and what it is in words.
    numbers
        Dotted paths of the numbers that are set; more than one for a schedule.
    base
        Value in the scenario; None where the numbers of a schedule differ.
    low, high
        Its ends; None where the scenario would be refused there.
    swing
        The measures at the high less those at the low; an end that is missing counts as the base case.
    reason
        Why it is assumed.
    file, line
        Where the number stands.
    """

    path: str
    caption: str
    numbers: tuple[str, ...]
    base: float | None
    low: End | None
    high: End | None
    swing: Changes
    reason: str | None
    file: str
    line: int | None

    @property
    def ends(self) -> dict[Side, End]:
        """The ends that there are, the low before the high."""
        sides: dict[Side, End | None] = {"low": self.low, "high": self.high}
        return {side: end for side, end in sides.items() if end is not None}

    def reach(self, measure: str) -> float:
        """The larger of the changes at its two ends, without its sign: what bars are sorted by."""
        return max(abs(float(end.change.of(measure).value)) for end in self.ends.values())

    def tells(self, measure: str) -> bool:
        """Whether the change at one end at least can be told from 0: its 95 % interval does not hold it."""
        changes = [end.change.of(measure) for end in self.ends.values()]
        return any(c.low is not None and c.high is not None and (c.low > 0 or c.high < 0) for c in changes)

    def to_dict(self) -> dict[str, Any]:
        """The bar as plain data: ends and swing as nested dicts by measure."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        ends = {
            side: None if end is None else {"value": end.value, "change": end.change.to_dict()}
            for side, end in (("low", self.low), ("high", self.high))
        }
        return {**plain, **ends, "numbers": list(self.numbers), "swing": self.swing.to_dict()}
