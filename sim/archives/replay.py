"""Results looked through again: whether files are as they were written, and whether the other engine finds the same.

A path is a function of scenario, seed and number. So any of them can be valued again by the engine that the run did not
use, and its loss held against the one that was kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.answers.run import QUANTILES, Result, engine_of
from sim.answers.verify import TOLERANCE
from sim.archives.manifest import Damage, Manifest, damages, read_manifest
from sim.archives.opening import open_folder
from sim.chance.draws import STREAM_VERSION, Draws, words
from sim.chance.sampling import whole_number
from sim.chance.sobol import SCRAMBLINGS
from sim.engines.valuation import Valuation, window_sums
from sim.errors import UsageError, inert
from sim.estimates import independent, replications
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths, losses_alone
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    EXPECTED_REVENUE,
    MEASURES,
    Estimates,
    Measure,
    level_name,
    loss_measures,
    name_of,
)
from sim.scenario.laws import UNIFORM_BITS
from sim.simulation.pool import Progress

PATHS = 200
"""Paths that are replayed unless more are asked for."""

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where what was kept is not what is found now; ``path`` and ``month`` where it is about one."""

    what: str
    kept: float | None
    found: float | None
    path: int | None = None
    month: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        place = {"path": self.path, "month": self.month}
        return {"what": self.what, **place, "kept": self.kept, "found": self.found}


@dataclass(frozen=True)
class Replay:
    """What came of looking through a folder of results.

    Attributes
    ----------
    folder, manifest
        What was looked through.
    damaged
        Files that are not as the manifest says; no path is replayed where there are any.
    result
        The result that the folder gives back; None where files are damaged.
    engine
        The engine that replayed, the one that the run did not use.
    paths
        How many paths it replayed.
    deviations
        The first places where they differ, at most ten.
    different_paths
        How many paths differ.
    largest
        Largest difference of a loss, relative to the path's baseline.
    """

    folder: str
    manifest: Manifest = field(repr=False)
    damaged: tuple[Damage, ...]
    result: Result | None = field(default=None, repr=False)
    engine: str | None = None
    paths: int = 0
    deviations: tuple[Deviation, ...] = ()
    different_paths: int = 0
    largest: float = 0.0

    @property
    def agree(self) -> bool:
        """Whether all files are whole and all that was replayed is as it was kept."""
        return not self.damaged and not self.deviations

    def __bool__(self) -> bool:
        """Whether it agrees."""
        return self.agree

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, ready for JSON."""
        return {
            "format": 1,
            "folder": self.folder,
            "scenario": {key: self.manifest.data["scenario"].get(key) for key in ("name", "file", "sha256")},
            "run": dict(self.manifest.data["run"]),
            "files": len(self.manifest.files),
            "damaged": [{"file": damage.file, "what": damage.what} for damage in self.damaged],
            "engine": self.engine,
            "paths": self.paths,
            "agree": self.agree,
            "different_paths": self.different_paths,
            "largest_relative_difference": self.largest,
            "tolerance": TOLERANCE,
            "differences": [deviation.to_dict() for deviation in self.deviations],
        }


def replay(folder: str | os.PathLike[str], *, paths: int = PATHS, progress: Progress | None = None) -> Replay:
    """Check the files of a folder of results, then value some of its paths again, by the other engine.

    Parameters
    ----------
    folder
        As ``Result.save`` or ``run --out`` wrote it.
    paths
        How many: the first and the last, those with the largest losses, others by chance.
    progress
        Called as paths are done.

    Returns
    -------
    Replay
        Losses are compared to 1e-9 of the path's baseline; so are the months of the paths that were kept with theirs.
        The counts of events' months, and the measures that follow from losses and counts, must fit too.

    Raises
    ------
    UsageError
        Where the folder holds no results, or those of a run that cannot be replayed: one with processes of the user's
        own, or on draws of another version.
    """
    whole_number("paths", paths, 1)
    shown = inert(os.fspath(folder), 200)
    manifest = read_manifest(folder)
    damaged = damages(folder, manifest)
    if damaged:
        return Replay(shown, manifest, damaged)
    result = open_folder(folder)
    if result.processes:
        raise UsageError(
            f"{shown}: the files are as they were written, but the run had {result.processes} processes of its "
            "user's own, without which its paths cannot be replayed"
        )
    if manifest.streams != STREAM_VERSION:
        raise UsageError(
            f"{shown}: the files are as they were written, but the run was made with draws of version "
            f"{manifest.streams}, this version draws by {STREAM_VERSION}",
            help=f"replay it with switchrisk {inert(str(manifest.data.get('versions', {}).get('switchrisk')), 20)}",
        )
    engine = "model" if result.engine == "kernel" else "kernel"
    value = engine_of(engine)
    chosen = chosen_paths(result, paths)
    found = list(_of_measures(result))
    counts: Counter[tuple[int, int]] = Counter()
    different, largest, done = 0, 0.0, 0
    for first, count in _ranges(chosen):
        draws = Draws(result.scenario, result.seed, first, count, result.sampling)
        valuation = value(result.scenario, draws)
        for e, months in enumerate(np.minimum(valuation.arises, result.scenario.months)):
            counts.update((e, int(month)) for month in months)
        deviations, size = _of_paths(result, valuation)
        different += len({deviation.path for deviation in deviations})
        found += deviations
        largest = max(largest, size)
        done += count
        if progress is not None:
            progress(done, len(chosen))
    found += _of_counts(result, counts, len(chosen))
    return Replay(shown, manifest, damaged, result, engine, len(chosen), tuple(found[:MOST_SHOWN]), different, largest)


def chosen_paths(result: Result, count: int) -> list[int]:
    """Numbers of the paths to replay, in order: the ends, those with months kept, large losses, others by chance."""
    if count >= result.paths:
        return list(range(result.paths))
    with_months = min(len(values) for values in result.samples.values())
    worst = min(max(1, count // 4), result.paths)
    largest = np.argpartition(result.loss, result.paths - worst)[result.paths - worst :]
    # The same ones each time, by a stream that no scenario can name.
    chance = words(result.seed, "*replay*", "paths", 1, 0, 4 * count)[:, 0].tolist()
    order = dict.fromkeys([0, result.paths - 1])
    order.update(dict.fromkeys(np.sort(largest).tolist()))
    order.update(dict.fromkeys(range(with_months)))
    order.update(dict.fromkeys(word * result.paths >> UNIFORM_BITS for word in chance))
    order.update(dict.fromkeys(range(min(result.paths, 2 * count))))
    return sorted(list(order)[:count])


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring numbers, as first and count; none longer than what an engine values at a time."""
    first = count = 0
    for number in numbers:
        if count and number == first + count and count < 256:
            count += 1
            continue
        if count:
            yield first, count
        first, count = number, 1
    if count:
        yield first, count


def _of_paths(result: Result, valuation: Valuation) -> tuple[list[Deviation], float]:
    """Where paths' losses and kept months are not as the other engine finds them, and the largest difference."""
    sums = window_sums(result.scenario, valuation.revenue, valuation.baseline)
    kept = result.loss[valuation.first : valuation.first + len(sums.loss)]
    gap, scale = np.abs(kept - sums.loss), np.abs(sums.baseline)
    with np.errstate(all="ignore"):  # where there is no baseline any difference is infinite
        relative = np.where(gap > 0, gap / scale, 0.0)
    found = [
        Deviation("loss", float(kept[row]), float(sums.loss[row]), valuation.first + int(row))
        for row in np.flatnonzero(~(gap <= TOLERANCE * scale))
    ]
    for name, months in result.samples.items():
        here = months[valuation.first : valuation.first + len(sums.loss)]
        again = getattr(valuation, name)[: len(here)]
        allowed = TOLERANCE * np.abs(valuation.baseline[: len(here)])
        for row, month in zip(*np.nonzero(~(np.abs(here - again) <= allowed)), strict=True):
            label = result.scenario.month_label(int(month))
            path = valuation.first + int(row)
            found.append(Deviation(name, float(here[row, month]), float(again[row, month]), path, label))
    return found, float(relative.max(initial=0.0))


def _of_counts(result: Result, counts: Counter[tuple[int, int]], replayed: int) -> Iterator[Deviation]:
    """Events that arose on more of the replayed paths than the run has counted in all; on others, where all were."""
    for (e, event), months in zip(enumerate(result.scenario.events), result.event_months, strict=True):
        for month, kept in enumerate(months.tolist()):
            found = counts[e, month]
            if found > kept or (replayed == result.paths and found != kept):
                label = result.scenario.month_label(month) if month < result.scenario.months else "never"
                yield Deviation(f"paths on which {event.id} arises", float(kept), float(found), month=label)


def _of_measures(result: Result) -> Iterator[Deviation]:
    """Measures, their errors, and months that do not follow from the losses and counts that were kept with them."""
    for what, kept, found, unit in (*_losses_tell(result), *_counts_tell(result)):
        same = kept is found if kept is None or found is None else abs(kept - found) <= TOLERANCE * unit
        if not same:
            yield Deviation(what, None if kept is None else float(kept), None if found is None else float(found))
    scenario = result.scenario
    for name, quantiles in result.quantiles.items():
        for level in QUANTILES:
            again = result.quantile(name, level)
            off = np.flatnonzero(~(np.abs(np.asarray(result.series[name][level_name(level)]) - again) <= 0))
            for month in off[:1].tolist():
                kept = float(result.series[name][level_name(level)][month])
                label = scenario.month_label(month)
                yield Deviation(f"{name}.{level_name(level)}", kept, float(again[month]), month=label)
        for month in np.flatnonzero((np.diff(quantiles, axis=0) < 0).any(axis=0))[:1].tolist():
            yield Deviation(f"{name}: quantiles out of order", None, None, month=scenario.month_label(month))


_Told = tuple[str, float | None, float | None, float]
"""What a number is, as it was kept, as it follows, and the unit in which it may be off by the tolerance."""


def _losses_tell(result: Result) -> Iterator[_Told]:
    """What follows from the losses of the paths."""
    known, losses = result.estimates, _Losses(result)
    scale = abs(result.expected_baseline) or 1.0
    for measure in loss_measures():
        if not measure.by_level:
            yield from _told(measure, None, known, measure.of_run(losses), scale)
    between = result.expected_baseline - known.of(EXPECTED_REVENUE).value
    yield f"{EXPECTED_BASELINE.name} less {EXPECTED_REVENUE.name}", between, float(result.loss.mean()), scale
    for level in result.scenario.risk.levels:
        for measure in loss_measures():
            if measure.by_level:
                yield from _told(measure, level_name(level), known, measure.of_run(losses, level), scale)


def _told(measure: Measure, level: str | None, known: Estimates, again: Estimate, scale: float) -> Iterator[_Told]:
    kept, name = known.of(measure, level), name_of(measure, level)
    for part in measure.told(again):
        if part == "note":
            continue
        unit = 1.0 if part == "tail_paths" else scale
        words = name if part == "value" else f"{name}, {part.replace('_', ' ')}"
        yield words, getattr(kept, part), getattr(again, part), unit


class _Losses:
    """What measures of the loss ask of a run, from the losses that it kept."""

    def __init__(self, result: Result) -> None:
        self.loss, self.scenario = result.loss, result.scenario
        self.paths = result.paths
        self.is_scrambled = result.sampling == "sobol"
        found = replications.tails_of(self.loss, self.scenario.risk.levels, scrambled=self.is_scrambled)
        self._tails = {tail.level: tail for tail in found}

    def _values(self, name: str) -> np.ndarray:
        asked = MEASURES[name].estimator
        assert isinstance(asked, OfPaths)
        return asked.values(losses_alone(self.loss), self.scenario)

    def moments(self, name: str) -> independent.Moments:
        return independent.Moments.of(self._values(name))

    def hits(self, name: str) -> int:
        return int(self._values(name).sum())

    def by_scrambling(self, name: str) -> np.ndarray:
        sums: np.ndarray = self._values(name).reshape(-1, SCRAMBLINGS).sum(axis=0)
        return sums

    def tail(self, level: float) -> independent.Tail:
        return self._tails[level]


def _counts_tell(result: Result) -> Iterator[_Told]:
    """What follows from the counts of events' months."""
    scenario = result.scenario
    for event, months in zip(scenario.events, result.event_months, strict=True):
        kept, arisen = result.events[event.id], int(months[:-1].sum())
        yield f"paths of {event.id}, never included", float(months.sum()), float(result.paths), 1.0
        yield f"probability of {event.id}", kept["probability"], arisen / result.paths, 1.0
        if result.sampling == "plain" and 0 <= arisen <= result.paths:
            for end, found in zip(("low", "high"), independent.share_interval(arisen, result.paths), strict=True):
                yield f"probability of {event.id}, {end}", kept[end], found, 1.0
        median = None
        if arisen > 0:
            median = int(np.searchsorted(np.cumsum(months[:-1]), independent.quantile_rank(arisen, 0.5)))
        labels = [scenario.month_label(month) for month in range(scenario.months)]
        told = kept["median_month"]
        # By the number of the month, -1 where it is none of the scenario's.
        place = None if told is None else labels.index(told) if told in labels else -1
        yield f"median month of {event.id}", place, median, 1.0
