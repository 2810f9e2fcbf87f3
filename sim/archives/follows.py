"""What follows from the arrays of a folder of results without valuing a path: measures, errors, events, months."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.answers.run import QUANTILES, Result
from sim.archives.findings import TOLERANCE, Deviation, Told, told
from sim.archives.places import ARRAYS, MEASURES_FILE
from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import independent, replications
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import OfPaths, losses_alone
from sim.estimates.measures import (
    CHANCE_OF_LOSS,
    EXPECTED_BASELINE,
    EXPECTED_ONE_OFF,
    EXPECTED_REVENUE,
    MEASURES,
    Estimates,
    Measure,
    level_name,
    loss_measures,
    name_of,
)
from sim.scenario import rules

_Told = tuple[str, Told, Told, float]
"""What a number is, as it was kept, as it follows, and the unit in which it may be off by the tolerance."""


def of_arrays(result: Result) -> Iterator[Deviation]:
    """Measures, errors and months that do not follow from the losses and counts that were kept with them."""
    with np.errstate(all="ignore"):  # losses may be as large as a stranger likes
        told_by = [*_losses_tell(result), *_shares_tell(result), *_counts_tell(result)]
    for what, kept, found, unit in told_by:
        if not _is_near(kept, found, unit):
            yield Deviation(what, told(kept), told(found), file=MEASURES_FILE)
    scenario = result.scenario
    for name, quantiles in result.quantiles.items():
        for level in QUANTILES:
            again = result.quantile(name, level)
            off = np.flatnonzero(
                ~(np.abs(np.asarray(result.series[name][level_name(level)], dtype=float) - again) <= 0)
            )
            for month in off[:1].tolist():
                kept = float(result.series[name][level_name(level)][month])
                label = scenario.month_label(month)
                yield Deviation(
                    f"{name}.{level_name(level)}", kept, float(again[month]), month=label, file=MEASURES_FILE
                )
        for month in np.flatnonzero((np.diff(quantiles, axis=0) < 0).any(axis=0))[:1].tolist():
            label = scenario.month_label(month)
            yield Deviation(f"{name}: quantiles out of order", None, None, month=label, file=ARRAYS)


def _is_near(kept: Told, found: Told, unit: float) -> bool:
    if isinstance(kept, float | int) and isinstance(found, float | int):
        return bool(abs(kept - found) <= TOLERANCE * unit)
    return kept == found


def _losses_tell(result: Result) -> Iterator[_Told]:
    """What follows from the losses of the paths."""
    known, losses = result.estimates, _Losses(result)
    scale = abs(result.expected_baseline) or 1.0
    for measure in loss_measures():
        if not measure.by_level:
            yield from _told(measure, None, known, measure.of_run(losses), scale)
    between = result.expected_baseline - known.of(EXPECTED_REVENUE).value
    one_off = known.get_of(EXPECTED_ONE_OFF)
    lost = rules.lost(0.0, -between, 0.0 if one_off is None else one_off.value)
    yield f"{EXPECTED_BASELINE.name} less {EXPECTED_REVENUE.name}", lost, float(result.loss.mean()), scale
    for level in result.scenario.risk.levels:
        for measure in loss_measures():
            if measure.by_level:
                yield from _told(measure, level_name(level), known, measure.of_run(losses, level), scale)


def _told(measure: Measure, level: str | None, known: Estimates, again: Estimate, scale: float) -> Iterator[_Told]:
    kept, name = known.of(measure, level), name_of(measure, level)
    for part in measure.told(again):
        unit = 1.0 if part == "tail_paths" else scale
        words = name if part == "value" else f"{name}, {part.replace('_', ' ')}"
        yield words, getattr(kept, part), getattr(again, part), unit


class _Losses:
    """What measures of the loss ask of a run, from the losses that it kept."""

    def __init__(self, result: Result) -> None:
        self.loss, self.scenario = result.loss, result.scenario
        self.paths = result.paths
        self.is_scrambled = result.sampled.scrambled
        self._baseline = result.expected_baseline
        found = replications.tails_of(self.loss, self.scenario.risk.levels, scrambled=self.is_scrambled)
        self._tails = {tail.level: tail for tail in found}

    def _values(self, name: str) -> np.ndarray:
        asked = MEASURES[name].estimator
        assert isinstance(asked, OfPaths)
        return asked.values(losses_alone(self.loss), self.scenario)

    def moments(self, name: str) -> independent.Moments:
        if name == EXPECTED_BASELINE.name:
            # It follows from no loss; where all of a tail are one loss, the error is bounded by what there is to lose.
            return independent.Moments(self.paths, self._baseline, 0.0, 0.0)
        return independent.Moments.of(self._values(name))

    def hits(self, name: str) -> int:
        return int(self._values(name).sum())

    def by_scrambling(self, name: str) -> np.ndarray:
        sums: np.ndarray = self._values(name).reshape(-1, SCRAMBLINGS).sum(axis=0)
        return sums

    def tail(self, level: float) -> independent.Tail:
        return self._tails[level]


def _shares_tell(result: Result) -> Iterator[_Told]:
    """Shares of paths: each is of whole paths, and of independent ones its interval follows from their number."""
    for measure, level, kept in result.estimates.rows():
        if not measure.is_share:
            continue
        name, hits = name_of(measure, level), round(min(1.0, max(0.0, kept.value)) * result.paths)
        if measure is CHANCE_OF_LOSS:
            hits = min(hits, int((result.loss > 0).sum()))
        yield name, kept.value, hits / result.paths, 1.0
        if not result.sampled.scrambled:
            for end, found in zip(("low", "high"), independent.share_interval(hits, result.paths), strict=True):
                yield f"{name}, {end}", getattr(kept, end), found, 1.0


def _counts_tell(result: Result) -> Iterator[_Told]:
    """What follows from the counts of events' months."""
    scenario = result.scenario
    for event, months in zip(scenario.events, result.event_months, strict=True):
        kept, arisen = result.events[event.id], int(months[:-1].sum())
        yield f"paths of {event.id}, never included", float(months.sum()), float(result.paths), 1.0
        yield f"probability of {event.id}", kept["probability"], arisen / result.paths, 1.0
        if not result.sampled.scrambled and 0 <= arisen <= result.paths:
            for end, found in zip(("low", "high"), independent.share_interval(arisen, result.paths), strict=True):
                yield f"probability of {event.id}, {end}", kept[end], found, 1.0
        median = None
        if (months >= 0).all() and arisen > 0:
            place = int(np.searchsorted(np.cumsum(months[:-1]), independent.quantile_rank(arisen, 0.5)))
            median = scenario.month_label(min(place, scenario.months - 1))
        yield f"median month of {event.id}", kept["median_month"], median, 1.0
