"""The losses that a live report carries: counted by stratum, with what their errors are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.sampling import Sampling
from sim.engines.strata import is_linear
from sim.engines.valuation import WindowSums
from sim.estimates.bins import FINE, STEP, Bins
from sim.estimates.estimators import OfPaths
from sim.estimates.measures import EXPECTED_ONE_OFF, EXPECTED_REVENUE, cell_measures
from sim.estimates.mixtures import BINNED, Mixtures, Strata
from sim.estimates.replications import MISSED, student
from sim.report.dials import Dials
from sim.report.packing import packed, packed_counts
from sim.scenario import rules
from sim.scenario.parts import Scenario
from sim.simulation.stratified import Stratified

MOST_PATHS = 2**15
"""Paths of a report where nothing else is said, at most."""

LEAST_PATHS = 2**11

WORK = MOST_PATHS * 64 * 64
"""Paths times strata times months that a report takes on where nothing else is said."""

COUNTS = 2**20
"""Fine bins of all strata that a page carries; with more strata, bins are merged."""


def sampling_for(scenario: Scenario, dials: Dials, paths: int | None, seed: int | None) -> Sampling:
    """How a report is sampled: by as many quasi-random paths as were asked for, else as do not take long.

    Raises
    ------
    UsageError
    """
    strata = 1 if dials.event is None or is_linear(scenario, dials.event) else max(1, len(dials.months))
    affordable = WORK // (strata * scenario.months)
    most = max(LEAST_PATHS, min(MOST_PATHS, 2 ** max(0, affordable.bit_length() - 1)))
    return Sampling.of(scenario, paths=paths, seed=seed, method="sobol", most=most)


@dataclass(frozen=True)
class Losses:
    """All losses by stratum: counts for the page, and the mixtures that they make.

    Attributes
    ----------
    counted
        The strata, as :func:`sim.simulation.stratified.stratify` counts them.
    mixtures
        At the scenario's own probability and timing.
    paths
        Of the simulation.
    """

    counted: Stratified
    mixtures: Mixtures
    paths: int

    @property
    def strata(self) -> Strata:
        """The counts."""
        return self.counted.strata

    @property
    def bins(self) -> Bins:
        """The bins in which losses are counted."""
        return self.counted.bins

    def tables(self, levels: tuple[float, ...]) -> dict[str, Any]:
        """What the page's script works on; see ``page.js`` for how."""
        strata = self.strata
        shown = self.merged
        count = strata.count.reshape(FINE // shown, shown, -1).sum(axis=1)
        held = np.maximum(count.sum(axis=1), 1)
        amount = strata.amount.reshape(FINE // shown, shown, -1).sum(axis=(1, 2))
        squares = strata.squares.reshape(FINE // shown, shown).sum(axis=1)
        return {
            "paths": self.paths,
            "replications": self.counted.replications,
            "student": student(self.counted.replications),
            "missed": MISSED,
            "binned": BINNED,
            "others": self.mixtures.others,
            "oneOffs": self.counted.scenario.largest_one_offs,
            "levels": list(levels),
            "bins": {
                "low": self.bins.low,
                "step": (self.bins.high - self.bins.low) / (FINE - 1),
                "merged": shown,
                "count": FINE // shown,
                "coarse": STEP // shown,
            },
            "count": packed_counts(count.T),
            "mean": packed(amount / held, "<f4"),
            "spread": packed(np.sqrt(np.maximum(squares / held - (amount / held) ** 2, 0.0)), "<f4"),
            "varies": packed(((strata.count > 0).sum(axis=0) > 1), "u1"),
            "coarse": packed_counts(strata.coarse_count.transpose(2, 1, 0)),
            "total": packed(strata.coarse_amount.sum(axis=0), "<f8"),
            **self._asked(),
            "baseline": packed(strata.baseline, "<f8"),
        }

    def _asked(self) -> dict[str, Any]:
        """What the script needs of the measures that ask something of each path: how much of the loss and the baseline
        is in a mean that is a sum of both, the sums of any other, the counts of a share; each by name. And
        those of the sums that hold the losses.
        """
        means, sums, shares = {}, {}, {}
        for measure in cell_measures(self.counted.scenario):
            asked = measure.estimator
            if not isinstance(asked, OfPaths):
                continue
            if measure.is_share:
                shares[measure.name] = packed(self.strata.asked[measure.name], "<u4")
            elif measure is EXPECTED_REVENUE and EXPECTED_ONE_OFF.name in self.strata.asked:
                sums[measure.name] = packed(self._revenue, "<f8")  # what is lost once is no revenue
            elif asked.linear:
                ones = [
                    WindowSums(np.array([loss]), np.array([baseline - loss]), np.array([baseline]), np.empty(0))
                    for loss, baseline in ((1.0, 0.0), (0.0, 1.0))
                ]
                means[measure.name] = [float(asked.values(one, self.counted.scenario)[0]) for one in ones]
            else:
                sums[measure.name] = packed(self.strata.asked[measure.name], "<f8")
        of_losses = [name for name in sums if name == EXPECTED_REVENUE.name]
        return {"means": means, "sums": sums, "shares": shares, "ofLosses": of_losses}

    @property
    def _revenue(self) -> np.ndarray:
        """Sums of the revenue by replication and stratum, where what is lost once is in the loss beside it."""
        one_off = self.strata.asked[EXPECTED_ONE_OFF.name]
        lost = self.strata.coarse_amount.sum(axis=0)
        revenue: np.ndarray = rules.revenue_of(self.strata.baseline[:, np.newaxis], lost, one_off)
        return revenue

    @property
    def merged(self) -> int:
        """Fine bins that one of the page's bins stands for; a power of two, a part of a coarse bin."""
        shown = 1
        while shown < STEP and self.strata.count.shape[1] * FINE // shown > COUNTS:
            shown *= 2
        return shown

    @property
    def expected_baseline(self) -> float:
        """Mean baseline over the window, discounted."""
        return float(self.strata.baseline.sum() / self.paths)
