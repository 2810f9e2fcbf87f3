"""Sweeping until the errors are small enough: more paths, until every measure of every cell is as precise as asked."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import UsageError
from sim.estimates.measures import EXPECTED_LOSS, EXPECTED_REVENUE, MEASURES, REVENUE_AT_RISK, Measure
from sim.estimates.replications import student

if TYPE_CHECKING:
    from sim.answers.sweep import Sweep

FLOOR = 0.01
"""Errors are relative to a value, or to this part of the expected baseline (of certainty, for a probability)."""

TAIL = 10
"""Paths beyond the highest level that each replication needs at first: with fewer its spread says little."""

SURE = 1e-5
"""Probability up to which no affordable number of paths tells the share of losses below a value.

Where a quantile leaps between the level less this and the level plus this, as at the edge of an atom, its interval
does not narrow; such a cell is told, and not waited for.
"""

LEAP = 0.01
"""What counts as a leap, on the scale of errors: a smooth law moves by a hundredth of this."""

CLEAR = 0.6
"""Part of the precision asked up to which a round meets it beyond doubt; one that just meets it is confirmed.

Errors are estimated themselves, and a rule that stops at the first that is small enough stops at those that are small
by chance: intervals held the true value in 91 % of such cases. From sixteen replications an estimated error is below
0.6 of the true one with a chance of 1 % (chi-square with 15 degrees of freedom).
"""

CONFIRMING = 2
"""So many times the paths has the round that confirms."""

UNCONFIRMED = "met in the last round, which no further one confirmed"

MOST_PATHS = 2**24
SECONDS = 120.0
"""Limits that hold where no number of paths is given: paths of the last round, seconds that all rounds take."""


def sweep_until_precise(
    measure: Callable[[int], Sweep],
    precision: float,
    *,
    replications: int,
    highest_level: float,
    most: int | None = None,
    seconds: float = SECONDS,
) -> Sweep:
    """Sweep with more and more paths, until every measure of every cell has a standard error.

    Parameters
    ----------
    measure
        Sweeps with a number of paths.
    precision
        The standard error wanted, relative to a measure's value or to 1 % of the expected baseline, whichever is
        larger; of a probability, relative to its value or to 0.01. That of the revenue at risk is the half-width of
        its interval over Student's quantile.
    replications, highest_level
        Of the sweep; they say with how many paths the rule is honest.
    most
        Paths at most, however long that takes; None: as many as fit into the limits of this module.
    seconds
        That all rounds may take, where ``most`` is None.

    Returns
    -------
    Sweep
        The last one; its ``precision`` says what was reached.
    """
    if isinstance(precision, bool) or not isinstance(precision, int | float) or not 0 < precision < 1:
        raise UsageError(f"precision: found {precision!r}, allowed is a number above 0 and below 1, 0.005 for 0.5 %")
    limit = MOST_PATHS if most is None else most
    seconds = seconds if most is None else math.inf
    paths = min(limit, math.ceil(TAIL * replications / (1 - highest_level)))
    started = time.perf_counter()
    why, confirms = None, False
    while True:
        since = time.perf_counter()
        found = measure(paths)
        took = time.perf_counter() - since
        reached, where, leaps = worst(found, precision)
        if reached <= precision and (confirms or reached <= CLEAR * precision):
            break
        confirms = reached <= precision
        factor = min(CONFIRMING if confirms else _growth(reached / precision, found.sampling), limit // found.paths)
        left = seconds - (time.perf_counter() - started)
        while factor > 2 and took * factor > left:
            factor //= 2
        if factor < 2 and confirms:
            why = f"{UNCONFIRMED}: that would take more than {limit:,} paths"
            break
        if factor < 2:
            why = f"more than {limit:,} paths would be needed"
            break
        if took * factor > left and confirms:
            why = f"{UNCONFIRMED}: that would take more than {seconds:g} seconds"
            break
        if took * factor > left:
            why = f"it would take more than {seconds:g} seconds; a number of paths goes on up to that number"
            break
        paths = found.paths * factor
    if leaps:
        why = (
            f"in {leaps} cell{'s' if leaps > 1 else ''} the level stands at a leap of the losses, where no number of "
            "paths tells which side is the revenue at risk" + ("" if why is None else f"; besides, {why}")
        )
    largest = max(float(values.max()) for values in found.cells[REVENUE_AT_RISK.name].values())
    if why is None and found.bin_width > precision * largest:
        why = f"the revenue at risk is read from bins up to {found.bin_width:.3g} wide, which more paths do not narrow"
    return dataclasses.replace(
        found,
        seconds=time.perf_counter() - started,
        precision={
            "asked": float(precision),
            "reached": reached if math.isfinite(reached) else None,
            "met": reached <= precision and not leaps,
            "worst": where,
            "note": why,
        },
    )


def worst(sweep: Sweep, precision: float) -> tuple[float, dict[str, Any], int]:
    """Largest relative standard error of all measures and cells, and where it stands.

    Returns
    -------
    relative, where, leaps : float, dict, int
        Infinite where an error can't be estimated; ``where`` names ``measure``, ``level`` and ``cell``. ``leaps``
        counts the cells that are left out, since their revenue at risk stands at a leap and is not as precise as asked.
    """
    largest, place = -1.0, 0
    what: tuple[str, str | None] = ("", None)
    leaping = np.zeros(sweep.plan.shape, dtype=bool)
    for measure, level, relative in _relative_errors(sweep):
        if measure is REVENUE_AT_RISK and level is not None and (relative > precision).any():
            at_leap = _at_leap(sweep, level, precision)
            leaping |= at_leap & (relative > precision)
            relative = np.where(at_leap, 0.0, relative)
        flat = np.where(np.isnan(relative), np.inf, relative).ravel()
        k = int(flat.argmax())
        if flat[k] > largest:
            largest, place, what = float(flat[k]), k, (measure.name, level)
    cell = np.unravel_index(place, sweep.plan.shape)
    values = {axis.path: axis.values[int(k)] for axis, k in zip(sweep.plan.axes, cell, strict=True)}
    where = {"measure": what[0], **({"level": what[1]} if what[1] else {}), "cell": values}
    return largest, where, int(leaping.sum())


def _at_leap(sweep: Sweep, level: str, precision: float) -> np.ndarray:
    """Cells whose quantile leaps, by more than the precision, within a probability that no number of paths resolves."""
    try:
        moved = sweep.leap(float(level), SURE)
    except UsageError:  # too large a sweep for all strata to be kept
        return np.zeros(sweep.plan.shape, dtype=bool)
    return _relative(moved / 2, sweep.cells[REVENUE_AT_RISK.name][level], _floor(sweep)) > max(precision, LEAP)


def _floor(sweep: Sweep) -> np.ndarray:
    floor: np.ndarray = FLOOR * np.abs(sweep.cells[EXPECTED_LOSS.name] + sweep.cells[EXPECTED_REVENUE.name])
    return floor


def _relative_errors(sweep: Sweep) -> Iterator[tuple[Measure, str | None, np.ndarray]]:
    """Relative errors of all cells: means, then measures of the tail, then shares."""
    floor = _floor(sweep)
    times = student(sweep.replications)
    known = [(MEASURES[name], level, found) for (name, level), found in sweep.estimates.items()]
    for measure, level, found in sorted(known, key=lambda one: (one[0].is_share, one[0].by_level)):
        if found.low is None or found.high is None:
            assert found.standard_error is not None
            yield measure, level, _relative(found.standard_error, found.value, floor)
        elif measure.is_share:
            # Reach of the interval on the side on which neither 0 nor 1 cuts it.
            error = np.maximum(found.high - found.value, found.value - found.low) / times
            yield measure, level, _relative(error, found.value, np.full_like(floor, FLOOR))
        else:
            yield measure, level, _relative((found.high - found.low) / 2 / times, found.value, floor)


def _relative(error: np.ndarray, value: np.ndarray, floor: np.ndarray) -> np.ndarray:
    scale = np.maximum(np.abs(value), floor)
    # Where there is no baseline there is nothing to lose, and no error.
    relative: np.ndarray = np.where(
        error > 0, error / np.where(scale > 0, scale, 1.0), np.where(error == 0, 0.0, np.nan)
    )
    return relative


def _growth(ratio: float, sampling: str) -> int:
    """Factor to the number of paths, a power of two that surely will not be too much.

    Errors of plain paths fall with the root of their number; those of quasi-random ones at best with the number.
    """
    if not math.isfinite(ratio):
        return 2
    sure = ratio if sampling == "sobol" else ratio * ratio / 2
    return max(2, 1 << math.floor(math.log2(max(2.0, sure))))
