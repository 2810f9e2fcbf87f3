"""``--fail-if "revenue_at_risk.0.95 > 1000"``: one measure, one comparison, one number; nothing is evaluated."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sim.errors import UsageError
from sim.scenario.parts import Scenario
from sim.words.labels import BY_LEVEL

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
_ALONE = ("expected_loss", "probability_of_loss", "expected_revenue", "expected_baseline")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition under which a run's answer is no."""

    text: str
    measure: str
    sign: str
    limit: float

    def found(self, measures: Mapping[str, Any]) -> float:
        """Value of the measure in a result's ``measures``, with ``events`` beside them.

        Raises
        ------
        UsageError
            Where it cannot be estimated from the paths that were run.
        """
        value = dict(_values(measures)).get(self.measure)
        if value is None:
            raise UsageError(
                f"--fail-if: {self.measure} cannot be estimated from these paths", help="ask for more --paths"
            )
        return value

    def holds(self, measures: Mapping[str, Any]) -> bool:
        """Whether the condition is met, so that the answer is no."""
        return _COMPARISONS[self.sign](self.found(measures), self.limit)


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
    names = list(_ALONE)
    names[2:2] = [f"{name}.{level!r}" for name in BY_LEVEL for level in scenario.risk.levels]
    if scenario.risk.target is not None:
        names.append("probability_below_target")
    return [*names, *(f"events.{event.id}.probability" for event in scenario.events)]


def _with_plain_level(name: str) -> str:
    """Name with its level as results write it: ``0.950`` is ``0.95``."""
    head, _, level = name.partition(".")
    if head in BY_LEVEL and re.fullmatch(r"\.?[0-9]+(\.[0-9]*)?", level):
        return f"{head}.{float(level)!r}"
    return name


def _values(measures: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    for name, measure in measures.items():
        if name == "events":
            yield from ((f"events.{event}.probability", found["probability"]) for event, found in measure.items())
        elif name in BY_LEVEL:
            yield from ((f"{name}.{level}", found.get("value")) for level, found in measure.items())
        else:
            yield name, measure.get("value")
