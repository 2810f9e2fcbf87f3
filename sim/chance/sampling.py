"""What may be asked of a run: how many paths, from which seed, sampled how."""

from __future__ import annotations

from typing import Any

from sim.chance.sobol import sobol_paths
from sim.errors import UsageError
from sim.scenario.parts import Scenario

SAMPLINGS = ("plain", "sobol")


def whole_number(name: str, value: Any, least: int) -> int:
    """Check that an argument is a whole number from some number on.

    Raises
    ------
    UsageError
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name}: found {value!r}, allowed is a whole number from {least} on")
    return value


def sampling_named(sampling: str) -> str:
    """Check the name of a way of sampling.

    Raises
    ------
    UsageError
    """
    if sampling not in SAMPLINGS:
        raise UsageError(f"sampling: found {sampling!r}, allowed are {' and '.join(SAMPLINGS)}")
    return sampling


def sampled(
    scenario: Scenario, paths: int | None, seed: int | None, sampling: str, *, most: int | None = None
) -> tuple[int, int]:
    """How many paths and which seed: those asked for, else the scenario's own.

    Parameters
    ----------
    most
        Paths at most, where none are asked for.

    Returns
    -------
    paths, seed : int
        Quasi-random paths are rounded up to a number of points for each scrambling that is a power of two.

    Raises
    ------
    UsageError
    """
    if paths is None:
        paths = scenario.paths if most is None else min(scenario.paths, most)
    paths = whole_number("paths", paths, 1)
    seed = whole_number("seed", scenario.seed if seed is None else seed, 0)
    return (sobol_paths(paths) if sampling_named(sampling) == "sobol" else paths), seed
