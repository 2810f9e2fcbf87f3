"""What runs keep of years and quarters: sums over the period of each path.

Quantiles of sums are no sums of quantiles, so that paths are added up over a period before they are ranked. They
are kept path by path as far as there is room.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import replications
from sim.estimates.independent import Moments, Tail, quantile_rank
from sim.estimates.measures import EXPECTED_BASELINE, EXPECTED_LOSS, EXPECTED_REVENUE
from sim.scenario import rules
from sim.scenario.earliest import first_effect
from sim.scenario.parts import Scenario
from sim.scenario.periods import QUARTER, YEAR, periods_of

MOST_LOSSES = 2**23
"""Losses by year that are kept in full, 64 MiB: a run of a million paths has no room for more."""

MOST_SUMS = 3 * 2**22
"""Sums by period of revenue, baseline and loss that are kept in single precision, to be sorted; 48 MiB."""

AMOUNTS = {"revenue": EXPECTED_REVENUE, "baseline": EXPECTED_BASELINE, "loss": EXPECTED_LOSS}
"""Amounts by name, each with the measure that its mean is."""


def losses_kept(scenario: Scenario, sampling: Sampling) -> int:
    """Paths whose losses by year are kept, the first so many; all of them as long as there is room."""
    return _with_room_for(sampling, MOST_LOSSES // len(periods_of(scenario, YEAR)))


def sums_kept(scenario: Scenario, sampling: Sampling) -> int:
    """Paths of which all sums by period are kept, from which quantiles are told; likewise."""
    periods = len(periods_of(scenario, YEAR)) + len(periods_of(scenario, QUARTER))
    return _with_room_for(sampling, MOST_SUMS // (len(AMOUNTS) * periods))


def _with_room_for(sampling: Sampling, most: int) -> int:
    if sampling.paths <= most or not sampling.scrambled:
        return min(sampling.paths, most)
    # Quasi-random points are evenly spread by powers of two.
    return SCRAMBLINGS << (most // SCRAMBLINGS).bit_length() - 1


def bytes_kept(scenario: Scenario, sampling: Sampling) -> float:
    """What is kept of paths by period takes so much."""
    years, quarters = len(periods_of(scenario, YEAR)), len(periods_of(scenario, QUARTER))
    sums = len(AMOUNTS) * (years + quarters) * sums_kept(scenario, sampling)
    return 8.0 * years * losses_kept(scenario, sampling) + 4.0 * sums


@dataclass(frozen=True, slots=True)
class ShardPeriods:
    """What one shard of paths adds.

    Attributes
    ----------
    sums
        By amount, of each year and after them each quarter; shape (periods, paths).
    means
        By amount, sums over paths of each quarter, shape (quarters,).
    moments
        By amount, of each year.
    scramblings
        By amount, sums by scrambling, shape (years, scramblings); None for independent paths.
    """

    sums: dict[str, np.ndarray]
    means: dict[str, np.ndarray]
    moments: dict[str, tuple[Moments, ...]]
    scramblings: dict[str, np.ndarray] | None


class Calendar:
    """Years and quarters of a scenario, and how months add up to them."""

    def __init__(self, scenario: Scenario) -> None:
        self.years, self.quarters = periods_of(scenario, YEAR), periods_of(scenario, QUARTER)
        firsts = [quarter.first for quarter in self.quarters]
        # A year is made up of quarters, or of what the horizon has of them.
        self._of_years = [firsts.index(year.first) for year in self.years]

    def added_up(self, months: np.ndarray) -> np.ndarray:
        """Add months, shape (months, paths), up to years and after them quarters; shape (periods, paths)."""
        found = np.empty((len(self.years) + len(self.quarters), months.shape[1]))
        years, quarters = found[: len(self.years)], found[len(self.years) :]
        # Several times as fast as reduceat along the first axis.
        for row, quarter in zip(quarters, self.quarters, strict=True):
            np.add.reduce(months[quarter.first : quarter.first + quarter.months], axis=0, out=row)
        for row, first, end in zip(years, self._of_years, [*self._of_years[1:], len(quarters)], strict=True):
            np.add.reduce(quarters[first:end], axis=0, out=row)
        return found

    def of_shard(
        self, monthly: Mapping[str, np.ndarray], one_off: np.ndarray | None, *, scrambled: bool
    ) -> ShardPeriods:
        """Add a shard's months up to periods.

        Parameters
        ----------
        monthly
            ``revenue`` and ``baseline``, undiscounted; shape (months, paths).
        one_off
            What events cost once, likewise; None where none does.
        scrambled
            Whether paths are quasi-random.
        """
        amounts = {name: self.added_up(monthly[name]) for name in ("revenue", "baseline")}
        once = 0.0 if one_off is None else self.added_up(one_off)
        amounts["loss"] = rules.lost(amounts["baseline"], amounts["revenue"], once)
        years = len(self.years)
        by_scrambling = {
            name: values[:years].reshape(years, -1, SCRAMBLINGS).sum(axis=1) for name, values in amounts.items()
        } if scrambled else None  # fmt: skip
        return ShardPeriods(
            sums=amounts,
            means={name: values[years:].sum(axis=1) for name, values in amounts.items()},
            moments={name: Moments.of_rows(values[:years]) for name, values in amounts.items()},
            scramblings=by_scrambling,
        )


@dataclass(frozen=True)
class YearTotals:
    """What is known of a year: what measures of a run ask for (:class:`sim.estimates.estimators.Totals`).

    Attributes
    ----------
    scenario, paths, is_scrambled
        Of the run.
    losses
        Of the paths that were kept, shape (paths,).
    found
        Moments by the name of a mean.
    scramblings
        Sums by the name of a mean, shape (scramblings,); None for independent paths.
    """

    scenario: Scenario
    paths: int
    is_scrambled: bool
    losses: np.ndarray
    found: Mapping[str, Moments]
    scramblings: Mapping[str, np.ndarray] | None

    def of_those_kept(self) -> YearTotals:
        """The same of the paths alone whose losses were kept."""
        return replace(self, paths=len(self.losses))

    def moments(self, name: str) -> Moments:
        """Moments of the year's revenue, baseline or loss."""
        return self.found[name]

    def hits(self, name: str) -> int:
        """Paths that a share counts: none is told of a year."""
        raise KeyError(name)

    def by_scrambling(self, name: str) -> np.ndarray:
        """Sums of the year's revenue, baseline or loss over each scrambling, shape (scramblings,)."""
        assert self.scramblings is not None, "only quasi-random paths have scramblings"
        return self.scramblings[name]

    @cached_property
    def _tails(self) -> dict[float, Tail]:
        found = replications.tails_of(self.losses, self.scenario.risk.levels, scrambled=self.is_scrambled)
        return {tail.level: tail for tail in found}

    def tail(self, level: float) -> Tail:
        """Quantile of the year's losses at one of the scenario's levels, and what lies beyond it."""
        return self._tails[level]


class PeriodTotals:
    """Totals of a whole run by year and quarter, gathered from its shards as they are done.

    Parameters
    ----------
    scenario, sampling
        What is run.
    """

    def __init__(self, scenario: Scenario, sampling: Sampling) -> None:
        self.scenario, self.sampling = scenario, sampling
        self.calendar = Calendar(scenario)
        years, quarters = len(self.calendar.years), len(self.calendar.quarters)
        # NaN, so that a path that no shard has valued can't pass for one that has.
        self.losses = np.full((years, losses_kept(scenario, sampling)), np.nan)
        kept = sums_kept(scenario, sampling)
        self.sums = {name: np.full((years + quarters, kept), np.nan, np.float32) for name in AMOUNTS}
        self._means: dict[int, dict[str, np.ndarray]] = {}
        self._moments: dict[int, dict[str, tuple[Moments, ...]]] = {}
        self._scramblings: dict[int, dict[str, np.ndarray]] = {}

    @cached_property
    def _first_effect(self) -> int:
        return first_effect(self.scenario)

    def add(self, first: int, shard: ShardPeriods) -> None:
        """Take in a shard by the number of its first path; shards may come in any order."""
        self._means[first], self._moments[first] = shard.means, shard.moments
        if shard.scramblings is not None:
            self._scramblings[first] = shard.scramblings
        _keep(self.losses, first, shard.sums["loss"][: len(self.losses)])
        for name, sums in shard.sums.items():
            _keep(self.sums[name], first, sums)

    def mean(self, name: str) -> list[float]:
        """Mean over paths of an amount in each quarter."""
        parts = np.array([self._means[first][name] for first in sorted(self._means)])
        return [math.fsum(quarter) / self.sampling.paths for quarter in parts.T]

    def quantiles(self, name: str, levels: list[float]) -> list[list[float]]:
        """Quantiles of an amount in each year and after them each quarter, a list a period.

        Order statistics, to the seven digits of single precision; of a year's losses, in full.
        """
        found = []
        for kept in (*self.losses, *self.sums[name][len(self.losses) :]) if name == "loss" else self.sums[name]:
            # Sorted, which takes less than parting them at so many places; a number is told in its shortest digits.
            chosen = np.sort(kept)[[quantile_rank(len(kept), level) - 1 for level in levels]]
            found.append([float(str(number)) for number in chosen])
        return found

    def year(self, y: int) -> YearTotals:
        """What is known of a year, by its place."""
        firsts = sorted(self._moments)
        found = {
            measure.name: Moments.merged(self._moments[first][name][y] for first in firsts)
            for name, measure in AMOUNTS.items()
        }
        sums = None
        if self._scramblings:
            sums = {
                AMOUNTS[name].name: np.sum([self._scramblings[first][name][y] for first in firsts], axis=0)
                for name in AMOUNTS
            }
        year, scenario = self.calendar.years[y], self.scenario
        if year.first + year.months <= self._first_effect:
            # Nothing that could have been missed: as far as that goes, the scenario is one without events.
            scenario = replace(scenario, events=(), levers=())
        return YearTotals(scenario, self.sampling.paths, self.sampling.scrambled, self.losses[y], found, sums)


def _keep(kept: np.ndarray, first: int, values: np.ndarray) -> None:
    """Put a shard's values, shape (rows, paths), where its paths stand among those that are kept, if they do."""
    room = kept[:, first : first + values.shape[1]]
    room[:] = values[:, : room.shape[1]]
