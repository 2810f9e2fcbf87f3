"""``--fail-if "revenue_at_risk.0.95 > 1000"``: a condition on a run under which a command's answer is no."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.answers.asked_measure import Condition, condition, names_of
from sim.errors import UsageError
from sim.estimates.measures import name_of
from sim.scenario.parts import Scenario

if TYPE_CHECKING:
    from sim.answers.run import Result


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition under which a run's answer is no."""

    condition: Condition

    @property
    def text(self) -> str:
        """As it was written."""
        return self.condition.text

    def found(self, result: Result) -> float:
        """Value of the measure in a result.

        Raises
        ------
        UsageError
            Where it cannot be estimated from the paths that were run.
        """
        value = dict(_values(result)).get(self.condition.name)
        if value is None or math.isnan(value):
            raise UsageError(
                f"--fail-if: {self.condition.name} cannot be estimated from these paths", help="ask for more --paths"
            )
        return value

    def holds(self, result: Result) -> bool:
        """Whether the condition is met, so that the answer is no."""
        return bool(self.condition.of(self.found(result)))


def threshold(text: str, scenario: Scenario) -> Threshold:
    """Read a condition and see that the scenario has its measure.

    Raises
    ------
    UsageError
        Where it is none; the nearest measure's name is given.
    """
    return Threshold(condition(text, measure_names(scenario), "--fail-if"))


def measure_names(scenario: Scenario) -> list[str]:
    """Names of the measures that a run of this scenario has."""
    return [*names_of(scenario), *(f"events.{event.id}.probability" for event in scenario.events)]


def _values(result: Result) -> Iterator[tuple[str, float | None]]:
    for measure, level, estimate in result.estimates.rows():
        yield name_of(measure, level), estimate.value
    for event, found in result.events.items():
        yield f"events.{event}.probability", found["probability"]
