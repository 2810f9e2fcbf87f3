"""How a question is sampled: how many paths, from which seed, by which method. Made and checked here, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.draws import VERSIONS, Draws, Shared
from sim.chance.joint import Order
from sim.chance.sobol import SCRAMBLINGS, sobol_paths
from sim.errors import UsageError
from sim.scenario.parts import Scenario

METHODS = tuple(VERSIONS)


def whole_number(name: str, value: Any, least: int) -> int:
    """Check that an argument is a whole number from some number on; one of numpy is made Python's.

    Raises
    ------
    UsageError
    """
    plain = value.item() if isinstance(value, np.integer) or _is_whole_array(value) else value
    if isinstance(plain, bool) or not isinstance(plain, int) or plain < least:
        raise UsageError(f"{name}: found {plain!r}, allowed is a whole number from {least} on")
    return plain


def _is_whole_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu"


@dataclass(frozen=True, slots=True)
class Sampling:
    """Paths, seed and method of a simulation; :meth:`of` makes one of what was asked for.

    Attributes
    ----------
    paths
        How many.
    seed
        Not negative.
    method
        ``plain`` for independent paths, ``sobol`` for scrambled quasi-random points (see :mod:`sim.chance.sobol`).
    order
        Which quasi-random draws are points of the joint sequence, the same for all scenarios that a question is about,
        so that they share their points; None: as each scenario's own ids say.
    """

    paths: int
    seed: int
    method: str = "plain"
    order: Order | None = None

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        *,
        paths: int | None = None,
        seed: int | None = None,
        method: str = "plain",
        most: int | None = None,
        others: Sequence[Scenario] = (),
    ) -> Sampling:
        """What was asked for, else the scenario's own.

        Parameters
        ----------
        most
            Paths at most, where none are asked for.
        others
            Scenarios that are held against this one, and may have draws that it has not.

        Returns
        -------
        Sampling
            Quasi-random paths are rounded up to a number of points for each scrambling that is a power of two.

        Raises
        ------
        UsageError
        """
        if paths is None:
            paths = scenario.paths if most is None else min(scenario.paths, most)
        paths = whole_number("paths", paths, 1)
        seed = whole_number("seed", scenario.seed if seed is None else seed, 0)
        if method not in METHODS:
            raise UsageError(f"sampling: found {method!r}, allowed are {' and '.join(METHODS)}")
        if method == "plain":
            return cls(paths, seed)
        return cls(sobol_paths(paths), seed, method, Order.of(scenario, *others))

    @property
    def scrambled(self) -> bool:
        """Whether paths are quasi-random; path i then belongs to scrambling i modulo their number."""
        return self.method == "sobol"

    @property
    def replications(self) -> int | None:
        """Independent scramblings of quasi-random paths; None where every path is independent."""
        return min(self.paths, SCRAMBLINGS) if self.scrambled else None

    def draws(self, scenario: Scenario, first: int, count: int, shared: Shared | None = None) -> Draws:
        """What chance decides on the paths ``first`` to ``first + count - 1``; ``shared`` as for :class:`Draws`."""
        return Draws(scenario, self.seed, first, count, self.method, shared, self.order)

    def shards(self, size: int, since: int = 0) -> Iterator[tuple[int, int]]:
        """First path and number of paths of each shard of a size from a path on, in turn; the last may be smaller."""
        for first in range(since, self.paths, size):
            yield first, min(size, self.paths - first)
