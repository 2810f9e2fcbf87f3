"""All paths of a run valued again by the kernel, and what came of it held against what was kept.

Where every loss comes out with the digits that were kept, the processor reckons as the run's did, and all else must be
the same too. Where it does not (another engine, processor or library), amounts may be off by rounding, and monthly
quantiles, which are read off bins, by the width of two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.answers import by_period
from sim.answers.run import KEPT, Result, result_of
from sim.archives.findings import TOLERANCE, Deviation, differing, told
from sim.archives.places import ARRAYS, MEASURES_FILE
from sim.engines import kernel
from sim.estimates.measures import CHANCE_OF_LOSS, CHANCE_TO_MISS, MEASURES, Estimates, level_name
from sim.estimates.monthly import FRACTION_BITS
from sim.scenario.rules import NO_LOSS
from sim.simulation.memory import refuse_too_large
from sim.simulation.periods import bytes_kept
from sim.simulation.pool import Progress
from sim.simulation.shards import BINNED, totals_of

TWO_BINS = 2.0 ** (1 - FRACTION_BITS)
"""By what part of itself a monthly quantile may move where values are off by rounding alone."""

_ROUNDING = 1e-4
"""What is left of a unit where all digits are to be the same: sums in another order, one part in 1e13."""

_SINGLE = 2.0**-23
"""By what part of itself a quantile of a period may move where it is kept in single precision."""

_QUANTILES = frozenset(map(level_name, by_period.QUANTILES))

_MOST = 100


@dataclass(frozen=True)
class Again:
    """A run made again.

    Attributes
    ----------
    result
        What it gives now, with the time, engine and version of what was kept.
    kept
        What was kept.
    baseline, plain_revenue
        Of each path over the window.
    """

    kept: Result
    result: Result
    baseline: np.ndarray
    plain_revenue: np.ndarray

    @property
    def is_exact(self) -> bool:
        """Whether every loss came out with the digits that were kept."""
        return bool((self.kept.loss == self.result.loss).all())

    @property
    def largest(self) -> float:
        """Largest difference of a loss, relative to its path's baseline."""
        with np.errstate(all="ignore"):  # where there is no baseline any difference is infinite
            gap = np.abs(self.kept.loss - self.result.loss)
            return float(np.where(gap > 0, gap / np.abs(self.baseline), 0.0).max(initial=0.0))

    @property
    def other_losses(self) -> np.ndarray:
        """Whether a path's loss is another than was kept, by path."""
        with np.errstate(over="ignore"):
            off: np.ndarray = ~(np.abs(self.kept.loss - self.result.loss) <= TOLERANCE * np.abs(self.baseline))
        return off

    def deviations(self, document: dict[str, Any]) -> Iterator[Deviation]:
        """Where what was kept is not what comes out: losses, months, counts, quantiles, and the document's leaves."""
        with np.errstate(all="ignore"):  # what was kept may be as large as a stranger likes
            yield from (*self._losses(), *self._samples(), *self._counts(), *self._quantiles())
        found = self.result.to_dict()
        for part in ("measures", "events", "monthly", "periods"):
            if part == "periods" and not self.kept.periods:
                continue  # an earlier version told none
            for place, kept, now in differing(document.get(part), found[part], self._unit, (part,)):
                what, month = worded(place, self.result)
                yield Deviation(what, told(kept), told(now), month=month, file=MEASURES_FILE)

    def _losses(self) -> Iterator[Deviation]:
        for path in np.flatnonzero(self.other_losses)[:_MOST].tolist():
            yield Deviation("loss", float(self.kept.loss[path]), float(self.result.loss[path]), path, file=ARRAYS)

    def _samples(self) -> Iterator[Deviation]:
        for name in BINNED:
            kept, found = self.kept.samples[name], self.result.samples[name]
            if kept.shape != found.shape:
                yield Deviation(
                    f"paths whose {name} is kept by month", float(len(kept)), float(len(found)), file=ARRAYS
                )
                continue
            allowed = TOLERANCE * np.abs(self.result.samples["baseline"])
            for path, month in np.argwhere(~(np.abs(kept - found) <= allowed))[:_MOST].tolist():
                label = self.result.scenario.month_label(month)
                yield Deviation(name, float(kept[path, month]), float(found[path, month]), path, label, ARRAYS)

    def _counts(self) -> Iterator[Deviation]:
        scenario, found = self.result.scenario, self.result.event_months
        for e, month in np.argwhere(self.kept.event_months != found)[:_MOST].tolist():
            label = scenario.month_label(month) if month < scenario.months else "never"
            what = f"paths on which {scenario.events[e].id} arises"
            yield Deviation(what, float(self.kept.event_months[e, month]), float(found[e, month]), None, label, ARRAYS)

    def _quantiles(self) -> Iterator[Deviation]:
        part = TOLERANCE if self.is_exact else TWO_BINS
        for name in BINNED:
            kept, found = self.kept.quantiles[name], self.result.quantiles[name]
            for step, month in np.argwhere(~(np.abs(kept - found) <= part * np.abs(found)))[:_MOST].tolist():
                label, level = self.result.scenario.month_label(month), (step + 1) / (len(found) + 1)
                what = f"{name}.{level_name(level)}, array"
                yield Deviation(what, float(kept[step, month]), float(found[step, month]), None, label, ARRAYS)

    def _unit(self, place: tuple[str, ...], found: float) -> float:
        """In what a number of the document may be off by the tolerance."""
        size = abs(found)
        if place[0] == "monthly" and len(place) == 4 and place[2] != "mean":
            return size if self.is_exact else size * TWO_BINS / TOLERANCE
        scale = 1.0
        if place[0] == "measures" and not MEASURES[place[1]].is_share and place[-1] != "tail_paths":
            scale = abs(self.result.expected_baseline)
        elif place[0] == "periods" and place[-1] not in ("months", "tail_paths", "paths"):
            record = self.result.periods[int(place[1])]
            scale = float(abs(record["baseline"]["mean"]))
            if not self.is_exact and place[-1] in _QUANTILES:
                return max(size, scale) * _SINGLE / TOLERANCE
        elif place[0] == "monthly" and place[1] in BINNED:
            scale = abs(self.result.series["baseline"]["mean"][int(place[3])])
        if self.is_exact:
            return max(size, _ROUNDING * scale)
        return max(size, scale) + 2 * self._on_the_edge(place) / TOLERANCE

    def _on_the_edge(self, place: tuple[str, ...]) -> float:
        """Share of the paths that rounding alone may take to the other side of what a share counts."""
        if place[:2] == ("measures", CHANCE_OF_LOSS.name):
            loss = self.result.loss
            return float(((loss > 0) & (loss <= 2 * NO_LOSS * np.abs(self.baseline))).mean())
        target = self.result.scenario.risk.target
        if place[:2] == ("measures", CHANCE_TO_MISS.name) and target is not None:
            return float((np.abs(self.plain_revenue - target) <= TOLERANCE * abs(target)).mean())
        return 0.0


def valued_again(kept: Result, progress: Progress | None = None) -> Again:
    """Value all paths of a run again, by the kernel.

    Raises
    ------
    TooLarge
        Where they would not fit into memory.
    """
    beside = bytes_kept(kept.scenario, kept.sampled)
    refuse_too_large([kept.scenario], kept.paths, None, kept=KEPT + 3, beside=beside)
    keep = ("baseline", "plain_revenue")
    totals = totals_of(kept.scenario, kernel.value, kept.sampled, keep=keep, by_period=True, progress=progress)
    result = result_of(totals, engine=kept.engine, sampling=kept.sampled, seconds=kept.seconds)
    # An earlier version did not know the measures that have come since.
    known = Estimates({name: found for name, found in result.estimates.items() if name in kept.estimates})
    if not kept.periods:
        result = replace(result, periods=[])
    result = replace(result, estimates=known, processes=kept.processes, streams=kept.streams, version=kept.version)
    return Again(kept, result, totals.kept["baseline"], totals.kept["plain_revenue"])


def worded(place: tuple[str, ...], result: Result) -> tuple[str, str | None]:
    """What stands at a place of the document of measures, in words, and the month that it is about."""
    part, *below = place
    if part == "measures" and len(below) > 1 and below[0] in MEASURES:
        names = below[: 2 if MEASURES[below[0]].by_level else 1]
        rest = [step.replace("_", " ") for step in below[len(names) :] if step != "value"]
        return ", ".join([".".join(names), *rest]), None
    if part == "events" and len(below) == 2:
        told_as = {"probability": f"probability of {below[0]}", "median_month": f"median month of {below[0]}"}
        return told_as.get(below[1], f"probability of {below[0]}, {below[1]}"), None
    if part == "events" and len(below) == 3:
        end = "" if below[2] == "value" else f", {below[2].replace('_', ' ')}"
        return f"{below[1].replace('_', ' ')} of {below[0]}{end}", None
    if part == "periods" and len(below) > 1 and below[0].isdecimal() and int(below[0]) < len(result.periods):
        told_of = ", ".join(step.replace("_", " ") for step in below[1:])
        return f"{result.periods[int(below[0])]['name']}: {told_of}", None
    if part == "monthly" and len(below) > 1 and below[-1].isdecimal() and int(below[-1]) < result.scenario.months:
        return ".".join(below[:-1]), result.scenario.month_label(int(below[-1]))
    return ".".join(place), None
