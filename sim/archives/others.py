"""Some paths of a run valued again by the SimPy model, and what came of it held against what was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.answers.run import Result, engine_of
from sim.archives.findings import TOLERANCE, Deviation
from sim.archives.places import ARRAYS
from sim.chance.draws import words
from sim.engines.valuation import Valuation, WindowSums, window_sums
from sim.scenario.laws import UNIFORM_BITS
from sim.simulation.pool import Progress


@dataclass(frozen=True)
class Others:
    """What the SimPy model finds.

    Attributes
    ----------
    deviations
        Where that is not what was kept.
    different
        Numbers of the paths that differ.
    largest
        Largest difference of a loss, relative to its path's baseline.
    is_exact
        Whether every loss came out with the digits that were kept.
    """

    deviations: tuple[Deviation, ...]
    different: frozenset[int]
    largest: float
    is_exact: bool


def by_the_model(result: Result, chosen: Sequence[int], progress: Progress | None = None) -> Others:
    """Value some paths of a run by the SimPy model."""
    value = engine_of("model")
    found: list[Deviation] = []
    counts: Counter[tuple[int, int]] = Counter()
    largest, done, exact = 0.0, 0, True
    for first, count in _ranges(chosen):
        draws = result.sampled.draws(result.scenario, first, count)
        valuation = value(result.scenario, draws)
        for e, months in enumerate(np.minimum(valuation.arises, result.scenario.months)):
            counts.update((e, int(month)) for month in months)
        sums = _sums(result, valuation)
        kept = result.loss[first : first + count]
        exact = exact and bool((kept == sums.loss).all())
        with np.errstate(all="ignore"):  # where there is no baseline any difference is infinite
            gap, scale = np.abs(kept - sums.loss), np.abs(sums.baseline)
            largest = max(largest, float(np.where(gap > 0, gap / scale, 0.0).max(initial=0.0)))
        found += [
            Deviation("loss", float(kept[row]), float(sums.loss[row]), first + int(row), file=ARRAYS)
            for row in np.flatnonzero(~(gap <= TOLERANCE * scale))
        ]
        found += _of_months(result, valuation)
        done += count
        if progress is not None:
            progress(done, len(chosen))
    different = frozenset(deviation.path for deviation in found if deviation.path is not None)
    found += _of_counts(result, counts, len(chosen))
    return Others(tuple(found), different, largest, exact)


def _sums(result: Result, valuation: Valuation) -> WindowSums:
    """What the paths sum to, laid out in memory as in a run, since the order of a sum shows in its last digit."""
    revenue, baseline, one_off = (
        None if months is None else np.ascontiguousarray(months.T).T
        for months in (valuation.revenue, valuation.baseline, valuation.one_off)
    )
    assert revenue is not None
    assert baseline is not None
    return window_sums(result.scenario, revenue, baseline, one_off)


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


def _of_months(result: Result, valuation: Valuation) -> Iterator[Deviation]:
    """Where the months that were kept of the first paths are not as they are found."""
    for name, months in result.samples.items():
        here = months[valuation.first : valuation.first + len(valuation.revenue)]
        again = getattr(valuation, name)[: len(here)]
        allowed = TOLERANCE * np.abs(valuation.baseline[: len(here)])
        with np.errstate(over="ignore"):
            off = ~(np.abs(here - again) <= allowed)
        for row, month in np.argwhere(off).tolist():
            label, path = result.scenario.month_label(month), valuation.first + row
            yield Deviation(name, float(here[row, month]), float(again[row, month]), path, label, ARRAYS)


def _of_counts(result: Result, counts: Counter[tuple[int, int]], replayed: int) -> Iterator[Deviation]:
    """Events that arose on more of the replayed paths than the run has counted in all; on others, where all were."""
    for (e, event), months in zip(enumerate(result.scenario.events), result.event_months, strict=True):
        for month, kept in enumerate(months.tolist()):
            found = counts[e, month]
            if found > kept or (replayed == result.paths and found != kept):
                label = result.scenario.month_label(month) if month < result.scenario.months else "never"
                yield Deviation(f"paths on which {event.id} arises", float(kept), float(found), None, label, ARRAYS)
