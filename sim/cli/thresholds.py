"""``--fail-if "revenue_at_risk.0.95 > 1000"``: one measure, one comparison, one number; nothing is evaluated."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.estimates.measures import level_name, measures_of, name_of, named, with_levels
from sim.scenario.parts import Scenario

if TYPE_CHECKING:
    from sim.answers.run import Result

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_GRAMMAR = re.compile(
    r"\s*(?P<measure>[A-Za-z_][\w.]*)\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>[-+]?[0-9.]+([eE][-+]?[0-9]+)?)\s*"
)
_EXAMPLE = "write a measure, one of > >= < <=, and a number: revenue_at_risk.0.95 > 1000"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition under which a run's answer is no."""

    text: str
    measure: str
    sign: str
    limit: float

    def found(self, result: Result) -> float:
        """Value of the measure in a result.

        Raises
        ------
        UsageError
            Where it cannot be estimated from the paths that were run.
        """
        value = dict(_values(result)).get(self.measure)
        if value is None or math.isnan(value):
            raise UsageError(
                f"--fail-if: {self.measure} cannot be estimated from these paths", help="ask for more --paths"
            )
        return value

    def holds(self, result: Result) -> bool:
        """Whether the condition is met, so that the answer is no."""
        return _COMPARISONS[self.sign](self.found(result), self.limit)


def threshold(text: str, scenario: Scenario) -> Threshold:
    """Read a condition and see that the scenario has its measure.

    Raises
    ------
    UsageError
        Where it is none; the nearest measure's name is given.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        percent = "; write a share, 0.5 for 50 %" if "%" in text else ""
        raise UsageError(f"--fail-if: found {text!r}, which is no condition{percent}", help=_EXAMPLE)
    try:
        limit = float(match["limit"])
    except ValueError:
        raise UsageError(f"--fail-if: found {match['limit']!r}, which is no number", help=_EXAMPLE) from None
    names = measure_names(scenario)
    measure = _with_plain_level(match["measure"])
    if measure not in names:
        near = get_close_matches(measure, names, n=3, cutoff=0.5)
        raise UsageError(
            f"--fail-if: found the measure {measure!r}; allowed are {', '.join(names)}",
            help=f"nearest: {', '.join(near)}" if near else _EXAMPLE,
        )
    return Threshold(" ".join(text.split()), measure, match["sign"], limit)


def measure_names(scenario: Scenario) -> list[str]:
    """Names of the measures that a run of this scenario has."""
    names = [name_of(measure, level) for measure, level in with_levels(measures_of(scenario), scenario.risk.levels)]
    return [*names, *(f"events.{event.id}.probability" for event in scenario.events)]


def _with_plain_level(name: str) -> str:
    """Name with its level as results write it: ``0.950`` is ``0.95``."""
    measure, level = named(name)
    if measure is not None and measure.by_level and re.fullmatch(r"\.?[0-9]+(\.[0-9]*)?", level or ""):
        return name_of(measure, level_name(float(level or 0)))
    return name


def _values(result: Result) -> Iterator[tuple[str, float | None]]:
    for measure, level, estimate in result.estimates.rows():
        yield name_of(measure, level), estimate.value
    for event, found in result.events.items():
        yield f"events.{event}.probability", found["probability"]
