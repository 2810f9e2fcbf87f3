"""``revenue_at_risk.0.95 > 1000``: one measure, one comparison, one number; nothing is evaluated."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sim.errors import UsageError, inert
from sim.estimates.measures import level_name, name_of, named

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_GRAMMAR = re.compile(
    r"\s*(?P<measure>[A-Za-z_][\w.]*)\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>[-+]?[0-9.]+([eE][-+]?[0-9]+)?)\s*"
)
EXAMPLE = "write a measure, one of > >= < <=, and a number: revenue_at_risk.0.95 > 1000"


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a measure with a number.

    Attributes
    ----------
    text
        As it was written, on one line.
    measure, sign, limit
        The measure's name as results write it, ``>``, ``>=``, ``<`` or ``<=``, and the number.
    """

    text: str
    measure: str
    sign: str
    limit: float

    def of(self, value: Any) -> Any:
        """Whether it holds of a value, or of each of an array."""
        return COMPARISONS[self.sign](value, self.limit)


def condition(text: str, names: Sequence[str], asked_by: str) -> Condition:
    """Read a condition, and see that its measure is one of those that are known.

    Parameters
    ----------
    names
        Names of the measures, as results write them.
    asked_by
        The option or argument, as users know it.

    Raises
    ------
    UsageError
        Where it is none; the nearest measure's name is given.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        percent = "; write a share, 0.5 for 50 %" if "%" in text else ""
        raise UsageError(f"{asked_by}: found {inert(repr(text), 200)}, which is no condition{percent}", help=EXAMPLE)
    try:
        limit = float(match["limit"])
    except ValueError:
        raise UsageError(f"{asked_by}: found {match['limit']!r}, which is no number", help=EXAMPLE) from None
    return Condition(" ".join(text.split()), known(match["measure"], names, asked_by), match["sign"], limit)


def known(name: str, names: Sequence[str], asked_by: str) -> str:
    """A measure's name as results write it.

    Raises
    ------
    UsageError
        Where there is no such measure; the nearest is given.
    """
    measure = with_plain_level(name)
    if measure not in names:
        near = get_close_matches(measure, names, n=3, cutoff=0.5)
        raise UsageError(
            f"{asked_by}: found the measure {inert(repr(measure), 100)}; allowed are {', '.join(names)}",
            help=f"nearest: {', '.join(near)}" if near else EXAMPLE,
        )
    return measure


def with_plain_level(name: str) -> str:
    """Name with its level as results write it: ``0.950`` is ``0.95``."""
    measure, level = named(name)
    if measure is not None and measure.by_level and re.fullmatch(r"\.?[0-9]+(\.[0-9]*)?", level or ""):
        return name_of(measure, level_name(float(level or 0)))
    return name
