"""A measure by its name in JSON, and conditions on one: ``revenue_at_risk.0.95 > 1200``. Nothing is evaluated."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sim.errors import UsageError
from sim.estimates.measures import Measure, level_name, measures_of, name_of, named, with_levels
from sim.scenario.parts import Scenario

COMPARISONS: dict[str, Callable[[Any, float], Any]] = {
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
class Condition:
    """A measure, a comparison and a number.

    Attributes
    ----------
    text
        As it was written, without needless spaces.
    name
        The measure's name, with its level.
    sign, limit
        What it is compared with, and how.
    """

    text: str
    name: str
    sign: str
    limit: float

    def of(self, values: Any) -> Any:
        """Whether it holds, of a value or of an array of them."""
        return COMPARISONS[self.sign](values, self.limit)


def condition(text: str, names: Sequence[str], what: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    names
        Measures that it may be on.
    what
        The option or argument that it comes from.

    Raises
    ------
    UsageError
        Where it is none; the nearest measure's name is given.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        percent = "; write a share, 0.5 for 50 %" if "%" in text else ""
        raise UsageError(f"{what}: found {text!r}, which is no condition{percent}", help=_EXAMPLE)
    try:
        limit = float(match["limit"])
    except ValueError:
        raise UsageError(f"{what}: found {match['limit']!r}, which is no number", help=_EXAMPLE) from None
    measure = known(match["measure"], names, what, _EXAMPLE)
    return Condition(" ".join(text.split()), measure, match["sign"], limit)


def names_of(scenario: Scenario) -> list[str]:
    """Names of a scenario's measures, with their levels."""
    return [name_of(measure, level) for measure, level in with_levels(measures_of(scenario), scenario.risk.levels)]


def measure_of(scenario: Scenario, name: str, what: str) -> tuple[Measure, float | None]:
    """A measure of a scenario by its name, with its level; without one at the first.

    Raises
    ------
    UsageError
        Where the scenario has no such measure.
    """
    measure, level = named(name)
    if measure is not None and measure.by_level and level is None:
        name = name_of(measure, level_name(scenario.risk.levels[0]))
    measure, level = named(known(name, names_of(scenario), what, None))
    assert measure is not None
    return measure, None if level is None else float(level)


def known(name: str, names: Sequence[str], what: str, help: str | None) -> str:
    """A measure's name as results write it.

    Raises
    ------
    UsageError
        Where it is none of those that there are; the nearest is given.
    """
    measure = _with_plain_level(name)
    if measure not in names:
        near = get_close_matches(measure, names, n=3, cutoff=0.5)
        raise UsageError(
            f"{what}: found the measure {measure!r}; allowed are {', '.join(names)}",
            help=f"nearest: {', '.join(near)}" if near else help,
        )
    return measure


def _with_plain_level(name: str) -> str:
    """Name with its level as results write it: ``0.950`` is ``0.95``."""
    measure, level = named(name)
    if measure is not None and measure.by_level and re.fullmatch(r"\.?[0-9]+(\.[0-9]*)?", level or ""):
        return name_of(measure, level_name(float(level or 0)))
    return name
