"""Which numbers in doubt move a measure, as readers are told it: shares in per cent, what is but noise left out."""

from __future__ import annotations

from typing import Any

from sim.estimates.bands import ends_of
from sim.estimates.estimate import Estimate
from sim.scenario.doubts import Doubt
from sim.scenario.parts import Scenario
from sim.words import numbers
from sim.words.labels import axis_caption

CELLS = ("Alone", "With others", "In the tail", "Direction")
NOTHING = "–"
FEW = 3
"""How many numbers a sentence names."""


def left_below(count: int, floor: float) -> str:
    """How many numbers can't be told from noise, as a sentence."""
    if count == 1:
        lies, they, numbers_ = "lies", "it", "a number that does nothing"
    else:
        lies, they, numbers_ = "lie", "they", "numbers that do nothing"
    said = (
        f"{count:,} more {lies} below the noise floor of {per_cent(floor)}: with these draws {they} can’t be told from"
    )
    return f"{said} {numbers_}."


def caption(scenario: Scenario, doubt: Doubt) -> str:
    """What a number in doubt is, in words."""
    words = axis_caption(scenario, doubt.path)
    return f"{words}, shifted" if doubt.shift else words


def headline(found: Any) -> str:
    """What a measure hangs on, in a sentence without its full stop."""
    measure, draws = _lower(found.measure_caption), _count(len(found.rows))
    if found.why:
        return f"Nothing moves {measure} over what is plausible for {draws}: {found.why}"
    leading = [row for row in found.leading if row.above][:FEW]
    if not leading:
        return (
            f"Of {draws} in doubt none can be told from one that does nothing to {measure}, as far as "
            f"{found.draws:,} draws tell"
        )
    named = [f"{row.caption} ({per_cent(row.first_order.value)})" for row in leading]
    first, rest = named[0], named[1:]
    beside = f"; then {' and '.join(rest)}" if rest else ""
    return f"What moves {measure} most over doubt, by the share of its variance that goes with each: {first}{beside}"


def _count(numbers: int) -> str:
    return f"{numbers:,} numbers" if numbers != 1 else "one number"


def cells(row: Any) -> list[tuple[str, str]]:
    """A number's shares for a table, each with half of its 95 % interval; what is below the floor is a dash."""
    return [
        share_with_error(row.first_order if row.above else None),
        share_with_error(row.shapley),
        share_with_error(row.tail if row.in_tail else None),
        _direction(row.direction),
    ]


def share_with_error(estimate: Estimate | None) -> tuple[str, str]:
    """A share as a cell, and half of its 95 % interval; a dash where there is none."""
    if estimate is None:
        return NOTHING, ""
    low, high = ends_of(estimate)
    reach = 100 * (high - low) / 2
    return per_cent(estimate.value), f"± {numbers.number(reach, reach) if reach > 0 else '0'}"


def _direction(estimate: Estimate | None) -> tuple[str, str]:
    if estimate is None:
        return NOTHING, ""
    low, high = ends_of(estimate)
    reach = (high - low) / 2
    sign = "+" if estimate.value > 0 else ""
    return f"{sign}{numbers.number(estimate.value, reach)}", f"± {numbers.number(reach, reach) if reach > 0 else '0'}"


def direction_in_words(row: Any, measure: str) -> str:
    """What more of a number does to a measure; that it can't be said, where its interval holds 0."""
    way = way_of(row.direction)
    if way == 0:
        return f"{row.caption}: {_lower(measure)} rises and falls with it"
    return f"{row.caption}: the more, the {'higher' if way > 0 else 'lower'} {_lower(measure)}"


def way_of(direction: Estimate | None) -> int:
    """1 where more makes more, −1 where more makes less, 0 where that can't be told."""
    if direction is None:
        return 0
    low, high = ends_of(direction)
    return 1 if low > 0 else -1 if high < 0 else 0


def per_cent(share: float) -> str:
    """A share in whole per cent, below ten with a digit more."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.1f} %"


def most_of_it(name: str, share: float) -> str:
    """What makes most of a variance, or its largest part, for the end of a sentence."""
    what = name[:1].lower() + name[1:] if name[1:2].islower() else name
    return f"most of it is {what}" if share > 0.5 else f"the largest part of it, {per_cent(share)}, is {what}"


def drawn_by(found: Any) -> str:
    """How it was found."""
    return (
        f"{found.draws:,} draws of {len(found.rows):,} number{'s' if len(found.rows) > 1 else ''} in doubt on "
        f"{found.paths:,} quasi-random paths each · seed {found.seed}"
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
