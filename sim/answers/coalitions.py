"""Coalitions of events, valued on as many paths as contributions need: few at first, more while errors are large."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.answers.contributions import Attributed
from sim.answers.precision import CLEAR, FLOOR, UNCONFIRMED
from sim.chance.sampling import Sampling
from sim.engines.valuation import WindowSums
from sim.errors import UsageError
from sim.estimates.independent import LEAST_TAIL, quantile_rank
from sim.estimates.measures import level_name
from sim.estimates.shapley import Weighing
from sim.scenario.parts import Scenario
from sim.simulation.common_draws import each_window, only, refuse_variants
from sim.simulation.pool import Progress, part_of

FIRST = 2_048
"""Paths of the first round."""

WORK = 2**21
"""Paths valued, those of all coalitions, that are spent so that errors of all tails are told, whatever the others say.

Up to seven events that is enough for the 16,384 paths that the shortfall at 99 % needs.
"""


SEEN = 100
"""Paths on which an event makes a difference that tell its error well enough to stop by.

Of a rare event both the contribution and its error are small where few paths have it: of one in a thousand, 2,048 paths
that seemed precise enough held the true value in 86 % of cases only.
"""


class Coalitions:
    """Losses of coalitions of events on common draws; more paths keep those that were valued before.

    Parameters
    ----------
    scenario
        With all events.
    players
        Ids of events as they stand in the file.
    weighing
        Says which coalitions there are.
    sampling
        How they are sampled, with as many paths as there may be.
    workers, progress
        As for :func:`sim.run`.

    Raises
    ------
    TooLarge
        Where the losses would not fit into memory; nothing was allocated.
    """

    def __init__(
        self,
        scenario: Scenario,
        players: Sequence[str],
        weighing: Weighing,
        sampling: Sampling,
        *,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.worlds = [
            only(scenario, {event for k, event in enumerate(players) if coalition >> k & 1})
            for coalition in weighing.coalitions
        ]
        refuse_variants(self.worlds, sampling.paths, workers)
        self._sampling, self._workers, self._progress = sampling, workers, progress
        self._losses = np.empty((len(self.worlds), sampling.paths))
        self._baseline = np.empty(sampling.paths)
        self._whole, self._one_off = weighing.whole, np.zeros(sampling.paths)
        self._valued = 0

    def on(self, paths: int) -> tuple[np.ndarray, np.ndarray]:
        """Losses by coalition and path, and baselines by path, of the first paths."""
        before, self._valued = self._valued, max(self._valued, paths)
        # NaN, so that a path that was not valued can't pass for one that was.
        self._losses[:, before:paths] = np.nan
        self._baseline[before:paths] = np.nan

        def take(k: int, where: slice, sums: WindowSums) -> None:
            self._losses[k, where] = sums.loss
            if k == 0:
                self._baseline[where] = sums.baseline
            if k == self._whole:
                self._one_off[where] = sums.one_off

        worlds, whole = len(self.worlds), len(self.worlds) * self._sampling.paths
        told = part_of(self._progress, worlds * before, worlds * (paths - before), whole)
        sampling = replace(self._sampling, paths=paths)
        each_window(self.worlds, take, sampling, first=before, workers=self._workers, progress=told)
        return self._losses[:, :paths], self._baseline[:paths]

    def one_off(self, paths: int) -> np.ndarray:
        """What all events together cost once, by path, of the first paths."""
        return self._one_off[:paths]

    def enough(self) -> None:
        """Tell the progress that no further paths will be valued."""
        if self._progress is not None and self._valued < self._sampling.paths:
            whole = len(self.worlds) * self._sampling.paths
            self._progress(whole, whole)


@dataclass(frozen=True)
class Reached:
    """The largest error that the paths leave in a contribution, as a part of the total, and where it stands."""

    error: float
    measure: str
    level: str | None
    event: str


Found = list[Attributed]
"""What is attributed of each measure and level."""


def until_precise(
    found_on: Callable[[int], Found],
    asked: float,
    *,
    players: Sequence[str],
    may_arise: Sequence[bool],
    coalitions: int,
    levels: Sequence[float],
    most: int,
    baseline: Callable[[], float],
) -> tuple[Found, int, dict[str, Any]]:
    """Attribute on more and more paths until those leave errors that are small enough.

    Parameters
    ----------
    found_on
        Attributes on a number of paths.
    asked
        The standard error that paths may leave in each contribution, as a part of the total or of 1 % of the baseline,
        whichever is larger. What sampled orders add is not counted: more paths do not lessen it.
    players, coalitions, levels
        Of the attribution.
    may_arise
        Of each player, whether it may arise at all.
    most
        Paths at most.
    baseline
        The expected baseline, once paths were valued.

    Returns
    -------
    found, paths, precision : list of Attributed, int, dict
        What was found last, on how many paths, and what of the precision was reached.

    Notes
    -----
    A round that just meets the precision is confirmed by one of twice the paths, as in
    :func:`sim.answers.precision.sweep_until_precise`. Where so many paths are affordable (:data:`WORK`), the first
    round has as many as the error of the highest level needs; else a tail that is too thin at the end is told without
    an error. While an event that may arise makes a difference on few paths (:data:`SEEN`) there are more of them.
    """
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 < asked < 1:
        raise UsageError(f"precision: found {asked!r}, allowed is a number above 0 and below 1, 0.01 for 1 %")
    paths = min(FIRST, most)
    while paths < most and _thin(levels, paths) and 2 * paths * coalitions <= WORK:
        paths = min(2 * paths, most)
    if _thin(levels, paths) and not _thin(levels, most):
        paths = min(FIRST, most)  # what tells the tails is not affordable: errors of the others decide
    confirms, why = False, None
    while True:
        found = found_on(paths)
        reached = _worst(found, players, baseline())
        rare = any(seen < SEEN for seen, arises in zip(found[0].seen, may_arise, strict=True) if arises)
        enough = reached is None or reached.error <= (asked if confirms else CLEAR * asked)
        if enough and not (rare and paths < most):
            break
        confirms = reached is None or reached.error <= asked
        if paths == most:
            needed = f"more than {most:,} paths"
            why = f"{UNCONFIRMED}: that would take {needed}" if confirms else f"{needed} would be needed"
            break
        paths = min(2 * paths, most)
    notes = [why] if why is not None else []
    thin = _thin(levels, paths)
    if thin and players:
        named = " and ".join(f"{100 * level:g} %" for level in thin)
        notes.append(f"too few paths are beyond {named} to tell an error there; ask for more paths")
    told: dict[str, Any] = {
        "asked": float(asked),
        "reached": None if reached is None else reached.error,
        "met": reached is not None and reached.error <= asked,
        "worst": None if reached is None else _where(reached),
        "note": "; ".join(notes) or None,
    }
    return found, paths, told


def _thin(levels: Sequence[float], paths: int) -> list[float]:
    """Levels beyond which too few of so many paths lie for an error."""
    return [level for level in levels if paths - quantile_rank(paths, level) < LEAST_TAIL]


def _worst(found: Found, players: Sequence[str], baseline: float) -> Reached | None:
    """Where the paths leave the largest error; None where none is told."""
    worst: Reached | None = None
    for one in found:
        scale = max(abs(one.total.value), FLOOR * abs(baseline))
        for event, error in zip(players, one.of_paths, strict=True):
            # Without a baseline there is nothing to lose, and no error.
            part = None if error is None else error / scale if scale else 0.0
            if part is not None and (worst is None or part > worst.error):
                level = None if one.level is None else level_name(one.level)
                worst = Reached(part, one.measure.name, level, event)
    return worst


def _where(reached: Reached) -> Mapping[str, Any]:
    said = {"measure": reached.measure, "level": reached.level, "event": reached.event}
    return {key: value for key, value in said.items() if value is not None}
