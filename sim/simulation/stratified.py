"""Strata of one event, simulated once on common draws and counted: what sweeps, reports and explorers weigh.

Given the event's own month a path's loss depends on neither the event's probability nor its timing
(``docs/model.md``, section 8). So the losses for each own month, counted, serve every probability and timing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from sim.chance.draws import Shared
from sim.chance.sampling import Sampling
from sim.engines.strata import StrataLosses, losses_by_own_month
from sim.errors import UsageError
from sim.estimates.bins import COARSE, FINE, Bins
from sim.estimates.mixtures import BATCHES, Mixtures, Strata
from sim.language.timing import timing_with
from sim.machine import keep_freed_memory, threads
from sim.scenario.laws import month_weights
from sim.scenario.left_to_chance import left_to_chance
from sim.scenario.parts import AtMonth, Event, Scenario
from sim.simulation.memory import GROUP, refuse_too_large
from sim.simulation.pool import Crew, Progress

FIRST_WAVE = 64 * 2**20
"""Bytes of losses that are kept until the bins are known."""

SHARD = 2048
"""Paths that are valued at a time, at most."""

COUNTED = 4
"""Shards whose losses are counted at a time."""


@dataclass(frozen=True, slots=True)
class Stratified:
    """Losses of all paths by own month of an event, counted.

    Attributes
    ----------
    scenario
        The scenario.
    event
        The event whose own month is given; None: a single stratum, every path as it is.
    months
        Own month of each stratum, NEVER the last; empty without an event.
    strata, bins
        As :mod:`sim.estimates.mixtures` counts them.
    """

    scenario: Scenario
    event: Event | None
    months: tuple[int, ...]
    strata: Strata
    bins: Bins

    @property
    def replications(self) -> int:
        """Independent replications that errors come from."""
        return len(self.strata.paths)

    def weighed(self, weights: np.ndarray) -> Mixtures:
        """Distributions of loss of cells.

        Parameters
        ----------
        weights
            Probability of each stratum in each cell; shape (cells, strata).
        """
        others = bool(left_to_chance(self.scenario) - {None if self.event is None else self.event.id})
        return Mixtures(self.strata, self.bins, weights, scenario=self.scenario, others=others)


def replications_of(sampling: Sampling) -> int:
    """Replications of a stratified simulation: scramblings of quasi-random paths, else batches of plain ones."""
    return sampling.replications or min(sampling.paths, BATCHES)


def memory_of(strata: int, sampling: Sampling) -> int:
    """Bytes of a stratified simulation beside what is under way: tables, and losses until they are counted."""
    return 8 * 6 * strata * (FINE + replications_of(sampling) * COARSE) + 3 * FIRST_WAVE


def stratify(
    scenario: Scenario,
    event: Event | None,
    months: tuple[int, ...],
    sampling: Sampling,
    *,
    workers: int | None = None,
    shared: Shared | None = None,
    progress: Progress | None = None,
) -> Stratified:
    """Value every path once for each own month of an event, and count the losses.

    Parameters
    ----------
    event, months
        The event, and its own months that are strata, NEVER the last; None and none: every path as it is.
    sampling
        How it is sampled.
    workers
        Threads; None: one a core. Results do not depend on it.
    shared
        Where variants of the scenario leave draws for each other.
    progress
        Called with the number of paths valued and of all.

    Raises
    ------
    TooLarge
        It would not fit into free memory; nothing was allocated.
    """
    refuse_too_large([scenario], sampling.paths, workers, beside=memory_of(max(1, len(months)), sampling))
    keep_freed_memory()
    replications = replications_of(sampling)
    size = max(GROUP, min(SHARD, 2**22 // scenario.months // GROUP * GROUP))
    # Losses are kept until the bins are known; those of a large run beyond the first wave are counted as they come.
    wave = max(1, FIRST_WAVE // (8 * max(1, len(months)) * size) // COUNTED) * COUNTED
    shards = sampling.shards(size)
    done = 0

    def report(paths: int) -> None:
        nonlocal done
        done += paths
        if progress is not None:
            progress(done, sampling.paths)

    def valued(shard: tuple[int, int]) -> StrataLosses:
        return losses_by_own_month(scenario, sampling.draws(scenario, *shard, shared), event, months)

    def counted(part: tuple[int, list[StrataLosses]]) -> Strata:
        first, losses = part[0], StrataLosses.joined(part[1])
        return Strata.of(scenario, losses, np.arange(first, first + losses.paths) % replications, replications, bins)

    def valued_and_counted(part: list[tuple[int, int]]) -> tuple[Strata, int]:
        return counted((part[0][0], [valued(shard) for shard in part])), sum(count for _, count in part)

    with Crew(threads(workers)) as crew:
        kept = []
        for losses in crew.in_order(valued, islice(shards, wave)):
            kept.append(losses)
            report(losses.paths)
        bins = Bins.around(
            min(float(losses.loss.min()) for losses in kept),
            max(float(losses.loss.max()) for losses in kept),
            complete=sampling.paths <= wave * size,
        )
        groups = ((k * size, kept[k : k + COUNTED]) for k in range(0, len(kept), COUNTED))
        total = Strata.merged(crew.in_order(counted, groups))
        kept.clear()
        for strata, paths in crew.in_order(valued_and_counted, _chunks(shards, COUNTED)):
            total = Strata.merged([total, strata])
            report(paths)
    return Stratified(scenario, event, months, total, bins)


def _chunks(shards: Iterator[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    while chunk := list(islice(shards, size)):
        yield chunk


def event_in_question(scenario: Scenario, matters: str | None = None) -> Event | None:
    """The event whose probability and timing a reader will want to move.

    The first that an axis of the scenario's ``sweep`` is about, else the one that matters most, where its id is known,
    else the first that is a customer's choice, else the first. Copies of an ``each`` event are passed over, for they
    share their numbers, events without timing, which have none to move, and those whose months can't be weighed; None
    where there is no other.
    """
    alone = {
        event.id: event
        for event in scenario.events
        if event.id == event.origin and event.timing is not None and not scenario.unweighable(event)
    }
    for axis in scenario.axes:
        section, _, rest = axis.path.partition(".")
        if section == "events" and (id := rest.partition(".")[0]) in alone:
            return alone[id]
    if matters in alone:
        return alone[matters]
    return next((event for event in alone.values() if event.choice), next(iter(alone.values()), None))


def of_strata(weights: np.ndarray, months: tuple[int, ...]) -> np.ndarray:
    """Weights of the strata out of those of all months; what no stratum stands for must have none.

    Raises
    ------
    UsageError
        Where a month has weight that is no stratum.
    """
    columns = [min(month, weights.shape[1] - 1) for month in months]
    if np.delete(weights, columns, axis=1).any():
        raise UsageError("the event may arise in months that none of the sweep's cells allows; sweep over these too")
    return weights[:, columns]


def own_month_weights(scenario: Scenario, event: Event, rows: list[dict[str, float | str]]) -> np.ndarray:
    """Probability of each own month, the last column for never, with the values of each row set (section 8).

    Parameters
    ----------
    rows
        Values by dotted path of the event's probability and timing.

    Returns
    -------
    ndarray, shape (rows, months + 1)
    """
    path = f"events.{event.origin}.probability"
    probability = np.array([[row.get(path, event.probability)] for row in rows], dtype=float)
    timings = [tuple((key, value) for key, value in row.items() if key != path) for row in rows]
    number = {timing: k for k, timing in enumerate(dict.fromkeys(timings))}
    certain = np.array([_certain(scenario, event, dict(timing)) for timing in number])
    weights: np.ndarray = probability * certain[[number[timing] for timing in timings]]
    weights[:, -1:] += 1 - probability
    return weights


def _certain(scenario: Scenario, event: Event, values: Mapping[str, float | str]) -> np.ndarray:
    """Weights of own months if the event were certain to arise at some time."""
    timing = timing_with(scenario, event.origin, values) if values else event.timing
    if timing is None:
        weights = np.zeros(scenario.months + 1)
        weights[-1] = 1.0
        return weights
    if isinstance(timing, AtMonth):
        weights = np.zeros(scenario.months + 1)
        weights[min(timing.month, scenario.months)] = 1.0
        return weights
    return month_weights(timing.law, timing.counted_from, timing.known, scenario.months)
