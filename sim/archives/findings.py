"""What does not hold in a folder of results: one place each, with what was kept there and what follows."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.errors import inert

TOLERANCE = 1e-9
"""By how much a number may be off, in its unit: an amount's is the baseline, a share's is 1."""

MISSING = "missing"
MOST_KEPT = 1000
_LONGEST = 80

Told = float | str | None
"""A value as it is shown; None where nothing stands for a value that there is none of."""

Unit = Callable[[tuple[str, ...], float], float]
"""In what unit the number at a place, which is to be so, may be off by the tolerance."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where what was kept is not what is found now; ``path`` and ``month`` where it is about one.

    Attributes
    ----------
    what
        What stands there: a measure, a column, a key.
    kept, found
        What was kept, and what follows now.
    path
        Number of the path.
    month
        Label of the month, ``never`` for none.
    file
        The file in which it stands.
    """

    what: str
    kept: Told
    found: Told
    path: int | None = None
    month: str | None = None
    file: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        place = {"file": self.file, "path": self.path, "month": self.month}
        return {"what": self.what, **place, "kept": self.kept, "found": self.found}


class Findings:
    """Deviations in the order in which they were found, each place once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], Deviation] = {}

    def add(self, deviations: Iterable[Deviation]) -> None:
        """Take in more; of one place the first counts."""
        for deviation in deviations:
            place = (deviation.file, deviation.what, deviation.path, deviation.month)
            if place not in self._found and len(self._found) < MOST_KEPT:
                self._found[place] = deviation

    def without(self, excused: Callable[[Deviation], bool]) -> bool:
        """Take out what is excused; whether there was any."""
        kept = {place: one for place, one in self._found.items() if not excused(one)}
        there_was = len(kept) < len(self._found)
        self._found = kept
        return there_was

    def __iter__(self) -> Iterator[Deviation]:
        """One by one."""
        return iter(self._found.values())

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._found)

    def __len__(self) -> int:
        return len(self._found)


def told(value: Any) -> Told:
    """A value of a stranger's file as it is shown: finite numbers as they are, all else as inert text."""
    if value is None:
        return None
    if type(value) in (int, float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
        value = "a number out of range"
    return inert(value if isinstance(value, str) else json.dumps(value), _LONGEST)


def is_same(kept: Any, found: Any, unit: float = 0.0) -> bool:
    """Whether two values of plain data are the same; numbers may differ by the tolerance, in a unit."""
    if type(found) in (int, float) and type(kept) in (int, float):
        try:
            return bool(kept == found or abs(kept - found) <= TOLERANCE * unit)
        except OverflowError:
            return False
    return type(kept) is type(found) and bool(kept == found)


def differing(
    kept: Any, found: Any, unit: Unit = lambda place, number: 0.0, place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Places where two trees of plain data differ, with what stands there; ``MISSING`` where nothing does."""
    if isinstance(kept, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys((*found, *kept)):
            here = (*place, str(key))
            if key in kept and key in found:
                yield from differing(kept[key], found[key], unit, here)
            else:
                yield here, kept.get(key, MISSING), found.get(key, MISSING)
    elif isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        for i, (mine, other) in enumerate(zip(kept, found, strict=True)):
            yield from differing(mine, other, unit, (*place, str(i)))
    elif not is_same(kept, found, unit(place, found) if type(found) in (int, float) else 0.0):
        yield place, kept, found


def whole_json(text: bytes | str) -> Any:
    """Plain data of a JSON text in which each key stands once and each number is one.

    Raises
    ------
    ValueError, RecursionError
        Where it is no such text: of two values of one key every reader would take another.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice in a mapping")
        return found

    return json.loads(text, parse_constant=_no_number, object_pairs_hook=once)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
