"""The losses that a live report carries: counted by stratum, with what their errors are made of."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.draws import Draws
from sim.chance.sobol import SCRAMBLINGS, sobol_paths
from sim.engines.strata import StrataLosses, is_linear, losses_by_own_month
from sim.estimates.mixtures import COARSE, FINE, STEP, Bins, Mixtures, Strata
from sim.estimates.replications import student
from sim.machine import refuse_beyond_memory
from sim.report.dials import Dials
from sim.report.packing import packed, packed_counts
from sim.scenario.parts import Scenario
from sim.simulation.shards import GROUP

MOST_PATHS = 2**15
"""Paths of a report where nothing else is said, at most."""

LEAST_PATHS = 2**11

WORK = MOST_PATHS * 64 * 64
"""Paths times strata times months that a report takes on where nothing else is said."""

SHARD = 2048
"""Paths that are valued at a time, at most."""

COUNTS = 2**20
"""Fine bins of all strata that a page carries; with more strata, bins are merged."""

Progress = Callable[[int, int], None]


def paths_for(scenario: Scenario, dials: Dials, paths: int | None) -> int:
    """Paths of a report: as many as were asked for, else the scenario's own unless that would take long."""
    if paths is None:
        strata = 1 if dials.event is None or is_linear(scenario, dials.event) else max(1, len(dials.months))
        affordable = WORK // (strata * scenario.months)
        most = max(LEAST_PATHS, min(MOST_PATHS, 2 ** max(0, affordable.bit_length() - 1)))
        paths = min(most, scenario.paths)
    return sobol_paths(paths)


@dataclass(frozen=True)
class Losses:
    """All losses by stratum: counts for the page, and the mixtures that they make.

    Attributes
    ----------
    strata, bins
        As :mod:`sim.estimates.mixtures` counts them.
    mixtures
        At the scenario's own probability and timing.
    """

    strata: Strata
    bins: Bins
    mixtures: Mixtures
    paths: int
    replications: int

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
            "replications": self.replications,
            "student": student(self.replications),
            "others": self.mixtures.others,
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
            "lossy": packed(strata.lossy, "<u4"),
            "missing": packed(strata.below_target, "<u4") if self.mixtures.has_target else None,
            "baseline": packed(strata.baseline, "<f8"),
        }

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


def simulate(
    scenario: Scenario,
    dials: Dials,
    weights: np.ndarray,
    *,
    paths: int,
    seed: int,
    workers: int,
    progress: Progress | None = None,
) -> Losses:
    """Value every path once for each own month, and count (``docs/model.md`` section 8).

    Parameters
    ----------
    weights
        Of the strata where the scenario itself stands, shape (1, strata).
    paths
        Sixteen times a power of two; all quasi-random.

    Raises
    ------
    TooLarge
        Where losses and tables would not fit into free memory.
    """
    strata = max(1, len(dials.months))
    replications = min(paths, SCRAMBLINGS)
    needed = 8 * strata * (2 * paths + 4 * FINE + 4 * COARSE * replications)
    refuse_beyond_memory(needed, f"{paths:,} paths in {strata} strata", "ask for fewer --paths")
    size = max(GROUP, min(SHARD, 2**22 // scenario.months // GROUP * GROUP))
    shards = [(first, min(size, paths - first)) for first in range(0, paths, size)]

    def valued(shard: tuple[int, int]) -> StrataLosses:
        return losses_by_own_month(scenario, Draws(scenario, seed, *shard, "sobol"), dials.event, dials.months)

    losses = []
    with ThreadPoolExecutor(workers) as pool:
        for found in pool.map(valued, shards):
            losses.append(found)
            if progress is not None:
                progress(len(losses), len(shards))
        bins = Bins.around(
            min(float(part.loss.min()) for part in losses),
            max(float(part.loss.max()) for part in losses),
            complete=True,
        )

        def counted(k: int) -> Strata:
            part = StrataLosses.joined(losses[k : k + 4])
            first = shards[k][0]
            member = np.arange(first, first + part.loss.shape[1]) % replications
            return Strata.of(part, member, replications, bins)

        strata_counts = Strata.merged(pool.map(counted, range(0, len(shards), 4)))
    others = any(e.probability > 0 for e in scenario.events if dials.event is None or e.id != dials.event.id)
    mixtures = Mixtures(strata_counts, bins, weights, has_target=scenario.risk.target is not None, others=others)
    return Losses(strata_counts, bins, mixtures, paths, replications)


__all__ = ["Losses", "Progress", "paths_for", "simulate"]
