"""Choices held against each other over doubt: what each is worth in every draw, and what is regretted of it.

All choices have the same draws and the same paths, so that what two of them differ by is what they do. The regret of a
choice in a draw is what the best one of that draw is worth more (Savage 1951).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, inf, sqrt

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.bands import OfDraws
from sim.estimates.estimate import Estimate

DIGITS = 40
"""Binary digits to which choices are told apart: what is left of a sum is not what a choice does."""

FAR = 0.95
"""Quantile of the regret beside its mean and its largest."""


@dataclass(frozen=True, slots=True)
class Worths:
    """What each choice is worth in each draw of the numbers in doubt; more is better.

    Attributes
    ----------
    values
        By all paths, shape (choices, draws).
    without
        By all paths but those of each scrambling, shape (scramblings, choices, draws).
    low, high
        Ends of the intervals of ``values``, as a run of the draw's paths tells them; shape (choices, draws).
    """

    values: np.ndarray
    without: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def told_apart(cls, values: np.ndarray, without: np.ndarray, low: np.ndarray, high: np.ndarray) -> Worths:
        """Worths as far as they can be told apart: what differs by rounding alone is made the same.

        Raises
        ------
        ValueError
            Where one is no finite number: what orders such numbers would go on in silence.
        """
        if not (np.isfinite(values).all() and np.isfinite(without).all()):
            raise ValueError("what a choice is worth in a draw is no finite number")
        largest = float(np.abs(values).max(initial=0.0))
        if largest > 0:
            unit = 2.0 ** (np.frexp(largest)[1] - DIGITS)
            values, without = (np.round(one / unit) * unit for one in (values, without))
        return cls(values, without, low, high)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.values[0])

    def quantile(self, choice: int, at: float) -> Estimate:
        """A quantile over doubt of what a choice is worth."""
        return OfDraws(self.values[choice], self.low[choice], self.high[choice]).quantile(at)

    def mean(self, choice: int) -> Estimate:
        """What a choice is worth on average over doubt."""
        return self._left_out(lambda worth: float(worth[choice].mean()))

    def gain(self, choice: int, other: int = 0) -> Estimate:
        """What a choice is worth more than another on average."""
        return self._left_out(lambda worth: float((worth[choice] - worth[other]).mean()))

    def mean_regret(self, choice: int) -> Estimate:
        """What is regretted of a choice on average."""
        return self._left_out(lambda worth: float(regret(worth)[choice].mean()), least=0.0)

    def largest_regret(self, choice: int) -> Estimate:
        """What is regretted of a choice in the draw in which that is most."""
        return self._left_out(lambda worth: float(regret(worth)[choice].max()), least=0.0)

    def far_regret(self, choice: int) -> Estimate:
        """The regret of a choice that one draw of twenty exceeds."""
        found = regret(self.values)[choice]
        without = np.stack([regret(one)[choice] for one in self.without])
        reach = replications.student(SCRAMBLINGS) * np.sqrt(_spread(without))
        of_draws = OfDraws(found, np.maximum(0.0, found - reach), found + reach)
        one = of_draws.quantile(FAR)
        most = inf if one.high is not None else None
        return Estimate(one.value, low=0.0 if one.low is None else one.low, high=one.high if most else None)

    def share_best(self, choice: int) -> Estimate:
        """Share of draws in which no other choice is worth more."""
        return self._share(lambda worth: worth[choice] == worth.max(axis=0))

    def share_not_worse(self, choice: int, other: int) -> Estimate:
        """Share of draws in which a choice is worth as much as another, or more."""
        return self._share(lambda worth: worth[choice] >= worth[other])

    def worth_of_certainty(self) -> Estimate:
        """Expected value of perfect information: what knowing each draw's numbers before choosing is worth."""
        return self._left_out(certainty, least=0.0)

    def _left_out(self, of: Callable[[np.ndarray], float], least: float = -inf) -> Estimate:
        by_draws = [of(self.values[:, rows]) for rows in without_each(self.draws)]
        by_paths = [of(one) for one in self.without]
        return jackknifed(of(self.values), by_draws, by_paths, least)

    def _share(self, of: Callable[[np.ndarray], np.ndarray]) -> Estimate:
        return share(of(self.values), np.stack([of(one) for one in self.without]))


def regret(worth: np.ndarray) -> np.ndarray:
    """What the best choice of each draw is worth more than each; of shape (choices, draws), as it comes."""
    found: np.ndarray = worth.max(axis=0) - worth
    return found


def certainty(worth: np.ndarray) -> float:
    """What choosing anew in each draw is worth more than one choice for all of them."""
    return float((worth.max(axis=0).mean() - worth.mean(axis=1)).min())


def without_each(draws: int) -> list[np.ndarray]:
    """Numbers of the draws without each replication of them."""
    of_draw = np.arange(draws) % SCRAMBLINGS
    return [np.flatnonzero(of_draw != r) for r in range(SCRAMBLINGS)]


def share(holds: np.ndarray, without: np.ndarray) -> Estimate:
    """A share of draws, in which at least a draw more or less is granted.

    Parameters
    ----------
    holds
        Whether it holds in each draw, by all paths.
    without
        The same by all paths but those of each scrambling, shape (scramblings, draws).
    """
    count, times = len(holds), replications.student(SCRAMBLINGS)
    table = holds.reshape(-1, SCRAMBLINGS)
    value, low, high = replications.share(table.sum(axis=0), count)
    if 0 < value < 1:
        draw = np.array([1 / len(table)])
        error = replications.standard_errors(table.mean(axis=0)[:, np.newaxis], draw, draw)[0]
        low, high = value - times * error, value + times * error
    of_paths = times * sqrt(float(_spread(without.mean(axis=1))))
    low, high = value - hypot(value - low, of_paths), value + hypot(high - value, of_paths)
    return Estimate(value, low=max(0.0, low), high=min(1.0, high))


def jackknifed(value: float, by_draws: list[float], by_paths: list[float], least: float = -inf) -> Estimate:
    """A value whose error is told by what it is without each replication of draws, and without each of paths."""
    error = sqrt(float(_spread(np.array(by_draws))) + float(_spread(np.array(by_paths))))
    reach = replications.student(SCRAMBLINGS) * error
    low, value, high = (max(least, end) for end in (value - reach, value, value + reach))
    return Estimate(value, error, low, high)


def _spread(without: np.ndarray) -> np.ndarray:
    """Variance of what is told of all replications, by what is told without each of them, along the first axis."""
    found: np.ndarray = (len(without) - 1) * without.var(axis=0)
    return found
