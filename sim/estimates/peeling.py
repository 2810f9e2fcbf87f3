"""A box of a few numbers in doubt in which an event of the measures is dense: the patient rule induction method (PRIM).

Friedman and Fisher (1999), Statistics and Computing 9, 123-143. From all draws a twentieth of those left is peeled off,
on the number and side that raises the density of the event most for each draw that it costs, again and again; of the
boxes on the way the one is told that is best in density and coverage together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np

PEEL = 0.05
"""Part of the draws left that is peeled off at a time."""

LEAST_MASS = 0.05
"""Part of all draws below which no box is made."""

MOST_SIDES = 4
DIGITS = 3
"""Significant digits of a limit, at least."""

AT_MOST_MOVED = 0.01
"""Part of a number's middle nine tenths by which a limit may be moved where it is rounded."""


@dataclass(frozen=True, slots=True)
class Column:
    """What the draws have of a number in doubt.

    Attributes
    ----------
    values
        As numbers: months counted, words by their place among those that there are.
    whole
        Whether limits are values that occur: of whole numbers and months.
    unordered
        Whether it is words, which are peeled one by one.
    """

    values: np.ndarray
    whole: bool = False
    unordered: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a box.

    Attributes
    ----------
    column
        Number of the column.
    low, high
        From which value on, up to which, both belonging to it; None where it is open.
    without
        Words that are left out; of words alone.
    """

    column: int
    low: float | None = None
    high: float | None = None
    without: frozenset[float] = frozenset()

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Which of some values lie on this side."""
        inside = np.ones(len(values), dtype=bool)
        if self.low is not None:
            inside &= values >= self.low
        if self.high is not None:
            inside &= values <= self.high
        if self.without:
            inside &= ~np.isin(values, sorted(self.without))
        return inside


Box = tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many draws a box has.

    Attributes
    ----------
    inside, hits
        Draws in it, and those of them in which the event is.
    events, draws
        Of all draws.
    """

    inside: int
    hits: int
    events: int
    draws: int

    @property
    def density(self) -> float:
        """Share of the event in the box."""
        return self.hits / self.inside if self.inside else 0.0

    @property
    def coverage(self) -> float:
        """Share of the event's draws that the box has."""
        return self.hits / self.events if self.events else 0.0

    @property
    def mass(self) -> float:
        """Share of the draws that the box has."""
        return self.inside / self.draws if self.draws else 0.0

    @property
    def merit(self) -> float:
        """Density and coverage in one: their harmonic mean."""
        both = self.density + self.coverage
        return 2 * self.density * self.coverage / both if both else 0.0


def inside(columns: Sequence[Column], box: Box) -> np.ndarray:
    """Which draws lie in a box."""
    found = np.ones(len(columns[0].values), dtype=bool)
    for side in box:
        found &= side.holds(columns[side.column].values)
    return found


def counted(columns: Sequence[Column], event: np.ndarray, box: Box) -> Counted:
    """How many draws a box has, and of the event."""
    within = inside(columns, box)
    return Counted(int(within.sum()), int((within & event).sum()), int(event.sum()), len(event))


def best_box(columns: Sequence[Column], event: np.ndarray) -> Box:
    """The best of the boxes that peeling comes by, its limits rounded; empty where none is better than all draws.

    Parameters
    ----------
    columns
        Of the numbers in doubt that a box may have sides of.
    event
        Whether the event is, by draw.
    """
    found: Box = ()
    merit = counted(columns, event, ()).merit if columns else 0.0
    for box in boxes(columns, event) if columns else ():
        told: Box = ()
        for side in box:
            told = with_side(told, _rounded(side, columns[side.column].values))
        now = counted(columns, event, told)
        if now.merit > merit:
            found, merit = told, now.merit
    return found


def with_side(box: Box, side: Side) -> Box:
    """A box with a side more, a side for each column; of a column that it has a side of already both hold."""
    own = next((one for one in box if one.column == side.column), Side(side.column))
    lows = [end for end in (own.low, side.low) if end is not None]
    highs = [end for end in (own.high, side.high) if end is not None]
    both = Side(side.column, max(lows, default=None), min(highs, default=None), own.without | side.without)
    return tuple(sorted((*(one for one in box if one.column != side.column), both), key=lambda one: one.column))


def boxes(columns: Sequence[Column], event: np.ndarray) -> Iterator[Box]:
    """The boxes that peeling comes by, the largest first."""
    sides: dict[tuple[int, str], Side] = {}
    left = np.ones(len(event), dtype=bool)
    while True:
        count, hits = int(left.sum()), int(event[left].sum())
        if hits == count:
            return
        best: tuple[float, tuple[int, str], Side, np.ndarray] | None = None
        for key, side, off in _peels(columns, sides, left):
            lost = int(off.sum())
            if count - lost < LEAST_MASS * len(event):
                continue
            gain = (hits - int((event & off).sum())) / (count - lost) - hits / count
            if gain > 0 and (best is None or gain / lost > best[0]):
                best = gain / lost, key, side, off
        if best is None:
            return
        _, key, sides[key], off = best
        left = left & ~off
        yield tuple(sides.values())


def _peels(
    columns: Sequence[Column], sides: dict[tuple[int, str], Side], left: np.ndarray
) -> Iterator[tuple[tuple[int, str], Side, np.ndarray]]:
    """What may be peeled off next: on which side, what it is then, and which draws go."""
    number = max(1, floor(PEEL * int(left.sum())))
    for j, column in enumerate(columns):
        values = column.values
        there = values[left]
        for way in ("without",) if column.unordered else ("low", "high"):
            key = (j, way)
            if len(sides) >= MOST_SIDES and key not in sides:
                continue
            if way == "without":
                gone = sides[key].without if key in sides else frozenset()
                for word in np.unique(there):
                    yield key, Side(j, without=gone | {float(word)}), left & (values == word)
                continue
            ordered = np.sort(there)
            # The last value that goes goes whole, with all that have it.
            edge = ordered[number - 1] if way == "low" else ordered[-number]
            off = left & (values <= edge if way == "low" else values >= edge)
            rest = there[there > edge] if way == "low" else there[there < edge]
            if not len(rest):
                continue
            nearest = float(rest.min() if way == "low" else rest.max())
            limit = nearest if column.whole else (nearest + float(edge)) / 2
            yield key, Side(j, low=limit) if way == "low" else Side(j, high=limit), off


def _rounded(side: Side, values: np.ndarray) -> Side:
    """A side with its limits in few digits; of whole numbers and months they have few."""
    low, high = (None if end is None else rounded(end, values) for end in (side.low, side.high))
    return Side(side.column, low, high, side.without)


def rounded(limit: float, values: np.ndarray) -> float:
    """A limit in three significant digits, in more where these would move it far among the values."""
    spread = float(np.quantile(values, 0.95) - np.quantile(values, 0.05))
    if limit == 0 or not isfinite(limit) or limit == round(limit):
        return limit
    places = DIGITS - 1 - floor(log10(abs(limit)))
    for digits in range(places, places + 15):
        found = round(limit, digits)
        if abs(found - limit) <= AT_MOST_MOVED * spread:
            return found
    return limit
