"""The two engines held against each other, path by path: settled months exactly, money to one part in 10^9."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.chance.sampling import Sampling
from sim.engines import kernel
from sim.engines.valuation import Valuation
from sim.language import load
from sim.scenario.laws import NEVER
from sim.scenario.parts import Scenario
from sim.simulation.memory import refuse_too_large
from sim.simulation.pool import Progress

TOLERANCE = 1e-9
"""Relative difference of money that is allowed."""

NEXT_TO_NOTHING = 1e-12
"""Part of the month's baseline below which a difference is rounding, even where next to no revenue is left."""

PATHS_AT_ONCE = 256

RULES = (
    "floor",
    "capacity",
    "offer",
    "trigger",
    "ending",
    "refused renewal",
    "voided floor",
    "overlap",
    "severity law",
    "notice law",
)
"""Rules whose acting is counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the engines differ."""

    path: int
    what: str
    month: str
    kernel: float | None
    model: float | None


@dataclass(frozen=True)
class Agreement:
    """What came of comparing the engines.

    Attributes
    ----------
    paths, seed
        What was compared.
    differences
        The first places where they differ, at most ten; empty where they agree.
    different_paths
        How many paths differ.
    largest
        Largest relative difference of money seen.
    acted
        By rule, on how many paths it acted.
    """

    scenario: Scenario = field(repr=False)
    paths: int
    seed: int
    differences: tuple[Difference, ...]
    different_paths: int
    largest: float
    acted: Mapping[str, int]

    @property
    def agree(self) -> bool:
        """Whether the engines agree on every path."""
        return self.different_paths == 0

    def __bool__(self) -> bool:
        """Whether the engines agree."""
        return self.agree

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, ready for JSON."""
        return {
            "format": 1,
            "scenario": {"name": self.scenario.name, "file": self.scenario.file, "sha256": self.scenario.sha256},
            "paths": self.paths,
            "seed": self.seed,
            "agree": self.agree,
            "different_paths": self.different_paths,
            "largest_relative_difference": self.largest,
            "tolerance": TOLERANCE,
            "acted": dict(self.acted),
            "differences": [
                {"path": d.path, "what": d.what, "month": d.month, "kernel": d.kernel, "model": d.model}
                for d in self.differences
            ],
        }


def verify(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int = 1000,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Agreement:
    """Value the same paths by the SimPy model and by the kernel, and compare them path by path.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    paths
        How many paths, from path 0 on.
    seed
        Instead of the scenario's own.
    progress
        Called as paths are done.

    Returns
    -------
    Agreement
        Months of events and of accepted offers are compared exactly; revenue, baseline and shares of each month to
        1e-9 relative.
    """
    from sim.engines import model

    scenario = load(source, set=set)
    sampling = Sampling.of(scenario, paths=paths, seed=seed)
    refuse_too_large([scenario], sampling.paths, 1)
    acted: Counter[str] = Counter(dict.fromkeys(RULES, 0))
    differences: list[Difference] = []
    different: int = 0
    largest = 0.0
    for first, count in sampling.shards(PATHS_AT_ONCE):
        draws = sampling.draws(scenario, first, count)
        worlds = [world.play() for world in model.worlds(scenario, draws)]
        for world in worlds:
            acted.update(world.acted)
        fast, slow = kernel.value(scenario, draws), model.collect(scenario, first, worlds)
        found, where, size = compare(scenario, fast, slow)
        differences += found[: 10 - len(differences)]
        different += where
        largest = max(largest, size)
        if progress is not None:
            progress(first + count, sampling.paths)
    return Agreement(scenario, sampling.paths, sampling.seed, tuple(differences), different, largest, dict(acted))


def compare(scenario: Scenario, fast: Valuation, slow: Valuation) -> tuple[list[Difference], int, float]:
    """Compare two valuations of the same paths.

    Returns
    -------
    differences, different_paths, largest
        The first difference of each path and quantity, how many paths differ, and the largest relative difference of
        money.
    """
    differences: list[Difference] = []
    wrong = np.zeros(len(fast.revenue), dtype=bool)
    for what, fast_months, slow_months in (
        ("arises", fast.arises, slow.arises),
        ("offered", fast.offered, slow.offered),
    ):
        for event, a, b in zip(scenario.events, fast_months, slow_months, strict=True):
            for row in np.flatnonzero(a != b):
                wrong[row] = True
                label = scenario.month_label(int(min(a[row], b[row])))
                months = [None if month == NEVER else float(month) for month in (a[row], b[row])]
                differences.append(Difference(fast.first + int(row), f"{event.id} {what}", label, months[0], months[1]))
    largest = 0.0
    nothing = NEXT_TO_NOTHING * slow.baseline
    next_to_nothing = {
        "revenue": nothing,
        "baseline": nothing,
        "largest_share": NEXT_TO_NOTHING,
        "hhi": NEXT_TO_NOTHING * slow.largest_share,  # a sum of squares: its error is that of a share times a share
    }
    for what in next_to_nothing:
        a, b = getattr(fast, what), getattr(slow, what)
        size = np.maximum(np.abs(a), np.abs(b))
        with np.errstate(invalid="ignore"):  # what is no number counts as an infinite difference
            gap = np.maximum(np.abs(a - b) - next_to_nothing[what], 0.0)
            relative = gap / np.where(size > 0, size, 1.0)
        relative = np.where(np.isfinite(relative), relative, np.inf)
        largest = max(largest, float(relative.max(initial=0.0)))
        for row in np.flatnonzero((relative > TOLERANCE).any(axis=1)):
            wrong[row] = True
            month = int(np.argmax(relative[row] > TOLERANCE))
            label = scenario.month_label(month)
            differences.append(
                Difference(fast.first + int(row), what, label, float(a[row, month]), float(b[row, month]))
            )
    differences.sort(key=lambda difference: difference.path)
    return differences, int(wrong.sum()), largest
