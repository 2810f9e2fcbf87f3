"""Plausible ranges of assumptions, and why one can't be meant as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.language.document import Document, Steps
from sim.language.leaves import covering, entries, leaves, number_of, value_of
from sim.language.reader import Node, Scalar, Table
from sim.language.values import MONTH

Numbers = Sequence[tuple[str, float | str]]
"""What a range stands on: dotted paths, and the value at each."""


def trouble(entry: str, numbers: Numbers, low: float, high: float) -> tuple[str, str] | None:
    """Why a range can't be meant for what it stands on, and what may stand there; None where it can.

    Parameters
    ----------
    entry : str
        Dotted path under ``evidence``.
    numbers : sequence of (str, float or str)
        The values that it covers.
    low, high : float
        Its ends.
    """
    month = next((path for path, value in numbers if isinstance(value, str)), None)
    if month is not None:
        return f"a range of numbers, but {month} is a month", ""
    if len(numbers) > 1 and not _is_schedule(entry, numbers):
        return f"one range for {len(numbers)} different numbers", "a range for each number"
    if low == high:
        return f"a range that is a point: low and high are both {low:.12g}", "low below high"
    outside = next(((path, value) for path, value in numbers if not low <= float(value) <= high), None)
    if outside is None:
        return None
    path, value = outside
    where = "" if path == entry else f" of {path}"
    return f"a range from {low:.12g} to {high:.12g}, without the value {value:.12g}{where}", "low <= value <= high"


def _is_schedule(entry: str, numbers: Numbers) -> bool:
    """Whether what an entry covers are the values of one quantity by date."""
    below = f"{entry}."
    return all(path.startswith(below) and MONTH.fullmatch(path[len(below) :]) for path, _ in numbers)


def _holds(node: Node | None, low: float, high: float) -> bool:
    """Whether a range is plainly that of one number."""
    value = number_of(node) if isinstance(node, Scalar) else None
    return value is not None and low < high and low <= value <= high


def troubled(document: Document) -> Iterable[tuple[Steps, str, str]]:
    """Ranges that can't be meant as they stand: the steps of what each is about, why, and what may stand there."""
    ranges: dict[Steps, tuple[float, float]] = {}
    given = entries(document)
    for steps, node in given.items():
        if isinstance(node, Table):
            low, high = number_of(node.entries.get("low")), number_of(node.entries.get("high"))
            if low is not None and high is not None and not _holds(document.node(steps), low, high):
                ranges[steps] = (low, high)
    if not ranges:
        return
    covered: dict[Steps, list[tuple[str, float | str]]] = {}
    for path, leaf in leaves(document):
        entry = covering(path, given)
        if entry in ranges:
            covered.setdefault(entry, []).append((".".join(path), value_of(leaf)))
    for steps, numbers in covered.items():
        found = trouble(".".join(steps), numbers, *ranges[steps])
        if found is not None:
            yield steps, *found
