"""What a run keeps of its paths, made of all of them at once: for the many small runs that a question may ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import WindowSums
from sim.estimates import replications
from sim.estimates.estimators import OfPaths
from sim.estimates.independent import Moments, Tail
from sim.estimates.measures import EXPECTED_LOSS, MEASURES
from sim.scenario.parts import Scenario

Made = TypeVar("Made")


class OfAllPaths:
    """Totals of quasi-random paths that are all at hand; to the digit what a run tells of the same paths.

    Parameters
    ----------
    scenario
        The scenario.
    sums
        What its paths sum to over the window; arrays of shape (paths,).
    shard
        Paths that a run totals at a time, since sums over more than these are added shard by shard.
    least
        Paths beyond a quantile below which the shortfall has no error.
    """

    is_scrambled = True

    def __init__(self, scenario: Scenario, sums: WindowSums, shard: int, least: int) -> None:
        self.scenario, self.paths = scenario, len(sums.loss)
        self._sums, self._shard, self._least = sums, shard, least
        self._asked: dict[str, np.ndarray] = {}
        self._moments: dict[str, Moments] = {}

    def values(self, name: str) -> np.ndarray:
        """What a measure of paths asks of each, shape (paths,)."""
        if name not in self._asked:
            estimator = MEASURES[name].estimator
            assert isinstance(estimator, OfPaths)
            self._asked[name] = estimator.values(self._sums, self.scenario)
        return self._asked[name]

    def moments(self, name: str) -> Moments:
        """Moments of what a mean asks of each path."""
        if name not in self._moments:
            self._moments[name] = Moments.merged(self._by_shard(name, Moments.of))
        return self._moments[name]

    def hits(self, name: str) -> int:
        """Paths that a share counts."""
        return int(self.values(name).sum())

    def by_scrambling(self, name: str) -> np.ndarray:
        """Sums of what a mean asks, counts of what a share counts; shape (scramblings,)."""
        if name == EXPECTED_LOSS.name:
            return _by_scrambling(self.values(name))
        total: np.ndarray = np.sum(self._by_shard(name, _by_scrambling), axis=0)
        return total

    @cached_property
    def _tails(self) -> dict[float, Tail]:
        levels = self.scenario.risk.levels
        found = replications.tails(self._sums.loss, levels, SCRAMBLINGS, least=self._least)
        return {tail.level: tail for tail in found}

    def tail(self, level: float) -> Tail:
        """The losses' quantile and what lies beyond it."""
        return self._tails[level]

    def _by_shard(self, name: str, of: Callable[[np.ndarray], Made]) -> list[Made]:
        values = self.values(name)
        return [of(values[first : first + self._shard]) for first in range(0, self.paths, self._shard)]


def _by_scrambling(values: np.ndarray) -> np.ndarray:
    sums: np.ndarray = values.reshape(-1, SCRAMBLINGS).sum(axis=0)
    return sums
