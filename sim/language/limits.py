"""What would need more memory than the machine has, told from the numbers alone, before any of it is taken."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim import machine

BYTES_PER_PATH = 8
"""At least one loss a path has to be kept or merged."""

BYTES_PER_CELL = 4096
"""Measures, errors and intervals of a cell of a sweep, beside its row of weights by month."""

BYTES_PER_EVENT = 65_536
"""Months and factors of one event in a block of paths; an ``each`` event counts once for each customer."""

LITTLE = 64 * 2**20
"""Bytes that fit wherever this package can be loaded: to ask the system would take longer than compiling."""


def estimate(*, months: int, paths: int = 0, events: int = 0, cells: int = 0) -> int:
    """Estimate the least memory that a scenario needs, in bytes.

    Parameters
    ----------
    months : int
        Horizon.
    paths, events, cells : int
        Paths of a run, events with each copy counted, cells of a sweep.
    """
    return (
        paths * BYTES_PER_PATH + events * (BYTES_PER_EVENT + 16 * months) + cells * (BYTES_PER_CELL + 8 * (months + 1))
    )


def cells_of(counts: Iterable[int]) -> int:
    """Count the cells of a grid from the number of values on each axis; 0 without an axis."""
    sizes = list(counts)
    return math.prod(sizes) if sizes else 0


def too_large(what: str, needed: int, *, memory: int | None = None) -> str | None:
    """Say, of what would need more memory than there is, how much that is; None where it fits.

    Parameters
    ----------
    what : str
        What needs it.
    needed : int
        Bytes, from :func:`estimate`.
    memory : int, optional
        Bytes that there are; the machine's by default.
    """
    if memory is None and needed <= LITTLE:
        return None
    there = machine.memory() if memory is None else memory
    if needed <= there:
        return None
    wanted, held = machine.in_bytes(needed), machine.in_bytes(there)
    return f"{what}, which would need about {wanted} of memory; this machine has {held}"
