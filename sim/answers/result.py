"""What a run gives back: measures with errors, losses by path, revenue by month (``docs/results.md``)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.answers import door
from sim.chance.draws import STREAM_VERSION
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.errors import UsageError
from sim.estimates import independent, replications
from sim.estimates.independent import Tail
from sim.scenario.parts import Scenario
from sim.simulation.shards import BINNED, RunTotals
from sim.version import __version__
from sim.words import card, labels, numbers

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import ResultPlots

FORMAT = 1
"""Version of the JSON that results are written as."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of revenue and baseline, by month."""

QUANTILE_STEPS = 200
"""Quantiles are kept at 1/200, 2/200, ..., so that the ends of every band of a whole per cent are among them."""

Measure = dict[str, Any]


def level_name(level: float) -> str:
    """Name of a level or quantile in results: ``0.95``."""
    return repr(float(level))


@dataclass(frozen=True)
class Result:
    """A run's result; frozen.

    Attributes
    ----------
    scenario
        The scenario that was run.
    engine
        ``kernel``, or ``model`` for the SimPy model.
    paths, seed, sampling
        How it was sampled.
    seconds
        Time it took.
    measures
        As in the JSON: nested dict by measure, then level, then ``value`` and its error.
    events
        By event id: ``probability`` of arising within the horizon, its 95 % interval, ``median_month`` given that.
    loss
        Loss over the window, discounted, by path; shape (paths,), read-only.
    series
        By name of a monthly series, lists of one value a month, as in the JSON under ``monthly``.
    event_months
        How many paths an event arises on in each month, the last entry for never; int64, shape (events, months + 1).
    quantiles
        Of ``revenue`` and ``baseline``: their quantiles at 1/200, 2/200, ..., 199/200 by month, undiscounted; arrays of
        shape (199, months).
    samples
        ``revenue`` and ``baseline`` of the first few paths by month, undiscounted; arrays of shape (paths, months).
    processes
        How many processes of the user's own ran beside the SimPy model's.
    streams, version
        Versions of the draws and of the package that it was made with.
    """

    scenario: Scenario
    engine: str
    paths: int
    seed: int
    sampling: str
    seconds: float
    measures: Mapping[str, Any]
    events: Mapping[str, Any]
    loss: np.ndarray = field(repr=False)
    series: Mapping[str, Any] = field(repr=False)
    event_months: np.ndarray = field(repr=False)
    quantiles: Mapping[str, np.ndarray] = field(repr=False)
    samples: Mapping[str, np.ndarray] = field(repr=False)
    processes: int = 0
    streams: int = STREAM_VERSION
    version: str = __version__

    @property
    def plot(self) -> ResultPlots:
        """Pictures of the result: ``fan``, ``exceedance``, ``event_months``, ``concentration``, ``story``."""
        pictures: ResultPlots = door.plots().ResultPlots(self)
        return pictures

    @property
    def headline(self) -> str:
        """The result in one line of plain words, at the lowest level asked for."""
        return labels.headline(self.scenario, self.measures)

    def __repr__(self) -> str:
        """One line: the headline with its error."""
        at_risk = next(iter(self.measures["revenue_at_risk"].values()))
        low, high = (numbers.number(at_risk[end], numbers.half_width(at_risk)) for end in ("low", "high"))
        return (
            f"<Result of {self.scenario.name!r}: {self.headline} (95 % interval {low} to {high}; {self.paths:,} paths)>"
        )

    def _repr_html_(self) -> str:
        """A small card for a notebook."""
        count = (
            f"{self.paths:,} {'quasi-random ' if self.sampling == 'sobol' else ''}path{'s' if self.paths > 1 else ''}"
        )
        made = (
            f"{count} · seed {self.seed} · {self.engine} · {self.scenario.money} · sha256 {self.scenario.sha256[:12]}"
        )
        rows = labels.measure_rows(self.measures)
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=("Measure", "Value", "Error"))

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Revenue and baseline (mean and quantiles), concentration, by month; undiscounted.

        Returns
        -------
        DataFrame
            Index ``month`` (``YYYY-MM``); columns ``("revenue", "mean")``, ``("revenue", "0.05")``, ...,
            ``("hhi", "mean")`` and ``("largest_share", "mean")``.
        """
        import pandas as pd

        columns: dict[tuple[str, str], Sequence[float]] = {}
        for name in ("revenue", "baseline"):
            for statistic, values in self.series[name].items():
                columns[name, statistic] = values
        for name in ("hhi", "largest_share"):
            columns[name, "mean"] = self.series[name]
        return pd.DataFrame(columns, index=pd.Index(self.series["month"], name="month"))

    def to_frame(self) -> pd.DataFrame:
        """Measures as a tidy table: one row a measure and level, columns value, standard_error, low, high."""
        import pandas as pd

        rows = []
        for name, measure in self.measures.items():
            by_level = measure if "value" not in measure else {None: measure}
            for level, found in by_level.items():
                rows.append({"measure": name, "level": None if level is None else float(level), **found})
        frame = pd.DataFrame(rows).set_index(["measure", "level"])
        return frame.reindex(columns=["value", "standard_error", "low", "high"]).astype(float)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, ready for JSON; no NaN, None where something can't be estimated."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": run_record(
                self.paths,
                self.seed,
                self.sampling,
                self.seconds,
                engine=self.engine,
                streams=self.streams,
                version=self.version,
            ),
            "measures": dict(self.measures),
            "events": dict(self.events),
            "monthly": dict(self.series),
        }

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def save(self, folder: str | os.PathLike[str], *, pictures: bool = True) -> Path:
        """Write the result to a folder, whole or not at all; ``sim.open`` gives it back.

        Parameters
        ----------
        folder
            Missing, empty, or with earlier results in it, which are replaced; the folder above it must be there.
        pictures
            Whether it gets the plots too, as SVG and PNG.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            Where it cannot be written; what was there stays.
        """
        saved: Path = door.archives().save(self, folder, pictures=pictures)
        return saved

    def exceedance(self, thresholds: Sequence[float] | np.ndarray) -> np.ndarray:
        """Loss exceedance: the share of paths whose loss is above each threshold (section 7)."""
        return independent.exceedance(self.loss, np.asarray(thresholds, dtype=float))

    def quantile(self, name: str, level: float) -> np.ndarray:
        """Quantile by month of ``revenue`` or ``baseline``, undiscounted; shape (months,).

        Raises
        ------
        UsageError
            For a series of another name, or a level that is no multiple of 1/200 within 0 and 1.
        """
        if name not in self.quantiles:
            raise UsageError(f"series: found {name!r}, allowed are {' and '.join(self.quantiles)}")
        steps = round(level * QUANTILE_STEPS)
        if not 0 < steps < QUANTILE_STEPS or abs(level * QUANTILE_STEPS - steps) > 1e-9:
            raise UsageError(
                f"level: found {level!r}, allowed are multiples of {1 / QUANTILE_STEPS} above 0 and below 1"
            )
        found: np.ndarray = self.quantiles[name][steps - 1]
        return found

    def path_at(self, level: float) -> int:
        """Number of the path whose loss is the given quantile of all losses; the first, where several are."""
        rank = independent.quantile_rank(self.paths, level)
        quantile = np.partition(self.loss, rank - 1)[rank - 1]
        return int(np.flatnonzero(self.loss == quantile)[0])


def run_record(
    paths: int,
    seed: int,
    sampling: str,
    seconds: float,
    *,
    engine: str = "kernel",
    streams: int = STREAM_VERSION,
    version: str = __version__,
) -> dict[str, Any]:
    """What every document says of how its numbers were made, as plain data."""
    return {
        "version": version,
        "engine": engine,
        "paths": paths,
        "seed": seed,
        "sampling": sampling,
        "streams": streams,
        "seconds": round(seconds, 3),
    }


def result_of(totals: RunTotals, *, engine: str, sampling: Sampling, seconds: float) -> Result:
    """Make a run's result from its totals; errors are those of independent paths, or of independent scramblings."""
    scenario, paths = totals.scenario, totals.paths
    found: dict[str, Any] = {
        "expected_loss": _mean(totals, "loss"),
        "probability_of_loss": _share(totals, "lossy", totals.lossy),
        "revenue_at_risk": {},
        "expected_shortfall": {},
        "expected_revenue": _mean(totals, "revenue"),
        "expected_baseline": _mean(totals, "baseline"),
    }
    levels = scenario.risk.levels
    if totals.is_scrambled:
        tails = replications.tails(totals.loss, levels, SCRAMBLINGS)
    else:
        tails = independent.tails(totals.loss, levels)
    for tail in tails:
        name = level_name(tail.level)
        found["revenue_at_risk"][name] = {"value": tail.revenue_at_risk, "low": tail.low, "high": tail.high}
        found["expected_shortfall"][name] = _shortfall(tail)
    if scenario.risk.target is not None:
        found["probability_below_target"] = _share(totals, "below_target", totals.below_target)
    totals.loss.flags.writeable = False
    quantiles = {name: _monthly_quantiles(totals, name) for name in BINNED}
    return Result(
        scenario=scenario,
        engine=engine,
        paths=paths,
        seed=sampling.seed,
        sampling=sampling.method,
        seconds=seconds,
        measures=found,
        events=_events(totals),
        loss=totals.loss,
        series=_series(totals, quantiles),
        event_months=totals.event_months,
        quantiles=quantiles,
        samples=totals.samples,
    )


def _mean(totals: RunTotals, name: str) -> Measure:
    moments = totals.moments(name)
    error = moments.standard_error
    if totals.is_scrambled:
        error = replications.standard_error(totals.by_scrambling(name) * (SCRAMBLINGS / totals.paths))
    return {"value": moments.mean, "standard_error": error}


def _share(totals: RunTotals, name: str, hits: int, event: int | None = None) -> Measure:
    """Share of paths; ``name`` is that of the counts by scrambling, ``event`` their row where they have several."""
    if totals.is_scrambled:
        counts = totals.by_scrambling(name)
        value, low, high = replications.share(counts if event is None else counts[event], totals.paths)
    else:
        value, (low, high) = hits / totals.paths, independent.share_interval(hits, totals.paths)
    return {"value": value, "low": low, "high": high}


def _shortfall(tail: Tail) -> Measure:
    found: Measure = {
        "value": tail.expected_shortfall,
        "standard_error": tail.standard_error,
        "tail_paths": tail.paths,
    }
    if tail.standard_error is None:
        found["note"] = f"no standard error from {tail.paths} paths in the tail; {independent.LEAST_TAIL} are needed"
    elif tail.approximate:
        found["note"] = f"the standard error is approximate below {independent.HONEST_TAIL} paths in the tail"
    return found


def _events(totals: RunTotals) -> dict[str, Any]:
    events = {}
    for e, (event, counts) in enumerate(zip(totals.scenario.events, totals.event_months, strict=True)):
        within = counts[:-1]
        arisen = int(within.sum())
        median = None
        if arisen:
            rank = independent.quantile_rank(arisen, 0.5)
            median = totals.scenario.month_label(int(np.searchsorted(np.cumsum(within), rank)))
        share = _share(totals, "arisen", arisen, e)
        events[event.id] = {"probability": share.pop("value"), **share, "median_month": median}
    return events


def _monthly_quantiles(totals: RunTotals, name: str) -> np.ndarray:
    levels = [step / QUANTILE_STEPS for step in range(1, QUANTILE_STEPS)]
    found = totals.monthly_quantiles(name, [independent.quantile_rank(totals.paths, level) for level in levels])
    found.flags.writeable = False
    return found


def _series(totals: RunTotals, quantiles: Mapping[str, np.ndarray]) -> dict[str, Any]:
    series: dict[str, Any] = {"month": [totals.scenario.month_label(m) for m in range(totals.scenario.months)]}
    for name in BINNED:
        series[name] = {"mean": totals.monthly_mean(name).tolist()}
        for level in QUANTILES:
            series[name][level_name(level)] = quantiles[name][round(level * QUANTILE_STEPS) - 1].tolist()
    for name in ("hhi", "largest_share"):
        series[name] = totals.monthly_mean(name).tolist()
    return series
