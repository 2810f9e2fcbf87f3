"""Running a scenario, and what a run gives back: measures, losses by path, revenue by month (``docs/results.md``)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import by_period, door
from sim.answers.answer import FORMAT, Answer
from sim.answers.chief import Chief, chief_of
from sim.chance.draws import VERSIONS
from sim.chance.sampling import Sampling
from sim.errors import UsageError
from sim.estimates import independent
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import share, times_of
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    REVENUE_AT_RISK,
    ByLevel,
    Estimates,
    level_name,
    levels_of,
    measures_of,
)
from sim.language import load
from sim.simulation.memory import GROUP, refuse_too_large
from sim.simulation.periods import bytes_kept
from sim.simulation.pool import Progress
from sim.simulation.shards import BINNED, RunTotals, totals_of
from sim.version import __version__
from sim.words import card, labels, numbers
from sim.words.headline import headline

if TYPE_CHECKING:
    import pandas as pd

    from sim.engines.model import Process
    from sim.plots import ResultPlots
    from sim.scenario.parts import Event, Scenario

ENGINES = ("kernel", "model")

KEPT = 3
"""Numbers that a run keeps of each path: its loss, and what ordering the losses takes."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of revenue and baseline, by month."""

QUANTILE_STEPS = 200
"""Quantiles are kept at 1/200, 2/200, ..., so that the ends of every band of a whole per cent are among them."""


def run(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    engine: str = "kernel",
    processes: Iterable[Process] = (),
    workers: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario and measure what is at risk.

    Parameters
    ----------
    source
        A file, the name of a bundled scenario, a mapping in the scenario language, or a Scenario.
    set
        Overrides by dotted path.
    paths, seed
        Instead of the scenario's own. Quasi-random paths are rounded up to 16 times a power of two.
    sampling
        ``sobol`` for scrambled quasi-random points, whose errors are smaller (``docs/trust.md``); ``plain`` for
        independent paths.
    engine
        ``kernel``, or ``model`` for the SimPy model, which is some hundred times slower.
    processes
        Processes of your own for the SimPy model (see :class:`sim.engines.model.World`).
    workers
        Threads; None: one a core. Results do not depend on it.
    block
        Paths valued at a time; None: as memory wants it. Results do not depend on it.
    progress
        Called as paths are done.

    Returns
    -------
    Result

    Raises
    ------
    ScenarioError
        The scenario is refused.
    UsageError
        An argument is.
    TooLarge
        The run would not fit into memory; nothing was allocated.
    """
    scenario = load(source, set=set)
    chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling)
    return run_sampled(
        scenario, chosen, engine=engine, processes=processes, workers=workers, block=block, progress=progress
    )


def run_sampled(
    scenario: Scenario,
    chosen: Sampling,
    *,
    engine: str = "kernel",
    processes: Iterable[Process] = (),
    workers: int | None = None,
    block: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario that is sampled so; else as :func:`run`."""
    processes = tuple(processes)
    _check_engine(engine, processes)
    refuse_too_large([scenario], chosen.paths, workers, kept=KEPT, beside=bytes_kept(scenario, chosen))
    started = time.perf_counter()
    value = engine_of(engine, processes)
    if block is None and engine == "model":
        block = GROUP  # slow, so that progress is told more often
    totals = totals_of(scenario, value, chosen, workers=workers, block=block, by_period=True, progress=progress)
    found = result_of(totals, engine=engine, sampling=chosen, seconds=time.perf_counter() - started)
    return replace(found, processes=len(processes)) if processes else found


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Result(Answer):
    """A run's result; frozen.

    Attributes
    ----------
    engine
        ``kernel``, or ``model`` for the SimPy model.
    estimates
        The measures, each with its error.
    events
        By event id: ``probability`` of arising within the horizon, its 95 % interval, ``median_month`` given that;
        of one that repeats ``expected_times`` too.
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
    periods
        Years and after them quarters of the whole horizon, a dict each, as in the JSON; empty in a result that an
        earlier version kept.
    processes
        How many processes of the user's own ran beside the SimPy model's.
    streams, version
        Versions of the draws and of the package that it was made with.
    """

    engine: str
    estimates: Estimates
    events: Mapping[str, Any]
    loss: np.ndarray = field(repr=False)
    series: Mapping[str, Any] = field(repr=False)
    event_months: np.ndarray = field(repr=False)
    quantiles: Mapping[str, np.ndarray] = field(repr=False)
    samples: Mapping[str, np.ndarray] = field(repr=False)
    periods: Sequence[dict[str, Any]] = field(repr=False)
    processes: int = 0
    streams: int
    version: str = __version__

    @cached_property
    def measures(self) -> dict[str, Any]:
        """The measures as in the JSON: nested dict by measure, then level, then ``value`` and its error."""
        return self.estimates.to_dict()

    @property
    def expected_baseline(self) -> float:
        """Mean baseline over the window, discounted like the loss."""
        return self.estimates.of(EXPECTED_BASELINE).value

    @property
    def plot(self) -> ResultPlots:
        """Pictures of the result: ``fan``, ``exceedance``, ``event_months``, ``concentration``, ``story``."""
        pictures: ResultPlots = door.plots().ResultPlots(self)
        return pictures

    @property
    def headline(self) -> str:
        """The result in one line of plain words, at the lowest level asked for."""
        return headline(self.scenario, self.estimates, self.chief)

    @cached_property
    def chief(self) -> Chief | None:
        """The event without which least would be lost on average; None where there is no such, or it is not known."""
        return None if self.processes else chief_of(self.scenario, self.paths, self.seed)

    def __repr__(self) -> str:
        """One line: the headline with its error."""
        at_risk = self.estimates.of(REVENUE_AT_RISK)
        low, high = (numbers.number(end, at_risk.half_width) for end in (at_risk.low, at_risk.high))
        return (
            f"<Result of {self.scenario.name!r}: {self.headline} (95 % interval {low} to {high}; {self.paths:,} paths)>"
        )

    def card(self) -> str:
        """A small card for a notebook."""
        kind = "quasi-random" if self.sampled.scrambled else "independent"
        count = f"{self.paths:,} {kind} path{'s' if self.paths > 1 else ''}"
        scale = labels.scale_of(self.scenario, self.estimates)
        unit = labels.unit_and_discounting(self.scenario, scale)
        made = f"{count} · seed {self.seed} · {self.engine} · {unit} · sha256 {self.scenario.sha256[:12]}"
        rows = labels.measure_rows(self.scenario, self.estimates, scale)
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=("Measure", "Value", "Error"))

    def chance_of(self, event: Event) -> tuple[str, str]:
        """How likely an event is to arise, and the ends of its interval, as texts; what is certain has no interval."""
        found, known = self.events[event.id], self.scenario.certain(event)
        # A process of the user's own may make otherwise of what the scenario says.
        is_certain = known is not None and found["probability"] == known and not self.processes
        chance = Estimate(found["probability"], low=found["low"], high=found["high"])
        return numbers.share_with_interval(chance, certain=is_certain)

    def times_of(self, event: Event) -> str:
        """How often an event that repeats is expected to come, with its error, as a text; a dash for another event."""
        if not event.repeats:
            return "–"
        found = self.events[event.id]["expected_times"]
        value, error = found["value"], found["standard_error"]
        return f"{numbers.number(value, error)}{f' ± {numbers.number(error, error)}' if error else ''}"

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

    @cached_property
    def by_period(self) -> pd.DataFrame:
        """Revenue, baseline and loss by year and quarter; undiscounted, over the whole horizon.

        Returns
        -------
        DataFrame
            Index ``kind`` and ``name``; columns ``first``, ``months``, ``complete``, ``("revenue", "mean")``,
            ``("revenue", "0.05")``, ... and, of years, ``("revenue_at_risk_0.95", "value")``, ... of the loss.
        """
        return by_period.frame(self.periods, self.scenario.risk.levels)

    def to_frame(self) -> pd.DataFrame:
        """Measures as a tidy table: one row a measure and level, columns value, standard_error, low, high."""
        return self.estimates.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, ready for JSON; no NaN, None where something can't be estimated."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": self.run_record(engine=self.engine, streams=self.streams, version=self.version),
            "measures": self.estimates.to_dict(),
            "events": dict(self.events),
            "monthly": dict(self.series),
            "periods": list(self.periods),
        }

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


def result_of(totals: RunTotals, *, engine: str, sampling: Sampling, seconds: float) -> Result:
    """Make a run's result from its totals; errors are those of independent paths, or of independent scramblings."""
    scenario = totals.scenario
    estimates = Estimates.gathered(
        (measure, level, measure.of_run(totals, level))
        for measure in measures_of(scenario)
        for level in levels_of(measure, scenario.risk.levels)
    )
    totals.loss.flags.writeable = False
    quantiles = {name: _monthly_quantiles(totals, name) for name in BINNED}
    return Result(
        scenario=scenario,
        engine=engine,
        sampled=sampling,
        seconds=seconds,
        estimates=estimates,
        events=_events(totals),
        loss=totals.loss,
        series=_series(totals, quantiles),
        event_months=totals.event_months,
        quantiles=quantiles,
        samples=totals.samples,
        periods=[] if totals.periods is None else by_period.records(totals.periods),
        streams=VERSIONS[sampling.method],
    )


def _events(totals: RunTotals) -> dict[str, Any]:
    events, by_scrambling = {}, totals.arisen
    for e, (event, counts) in enumerate(zip(totals.scenario.events, totals.event_months, strict=True)):
        within = counts[:-1]
        arisen = int(within.sum())
        median = None
        if arisen:
            rank = independent.quantile_rank(arisen, 0.5)
            median = totals.scenario.month_label(int(np.searchsorted(np.cumsum(within), rank)))
        chance = share(arisen, totals.paths, None if by_scrambling is None else by_scrambling[e])
        events[event.id] = {
            "probability": chance.value,
            "low": chance.low,
            "high": chance.high,
            "median_month": median,
            **({"expected_times": _times(totals, event)} if event.repeats else {}),
        }
    return events


def _times(totals: RunTotals, event: Event) -> dict[str, float | None]:
    found = times_of(totals, event)
    return {"value": found.value, "standard_error": found.standard_error}


def _monthly_quantiles(totals: RunTotals, name: str) -> np.ndarray:
    levels = [step / QUANTILE_STEPS for step in range(1, QUANTILE_STEPS)]
    found = totals.monthly_quantiles(name, [independent.quantile_rank(totals.paths, level) for level in levels])
    found.flags.writeable = False
    return found


def _series(totals: RunTotals, quantiles: Mapping[str, np.ndarray]) -> dict[str, Any]:
    series: dict[str, Any] = {"month": [totals.scenario.month_label(m) for m in range(totals.scenario.months)]}
    for name in BINNED:
        series[name] = ByLevel({"mean": totals.monthly_mean(name).tolist()})
        for level in QUANTILES:
            series[name][level_name(level)] = quantiles[name][round(level * QUANTILE_STEPS) - 1].tolist()
    for name in ("hhi", "largest_share"):
        series[name] = totals.monthly_mean(name).tolist()
    return series


def engine_of(name: str, processes: Iterable[Process] = ()) -> Callable[..., Any]:
    """Look up the function that values a block of paths by its engine's name."""
    if name == "kernel":
        from sim.engines import kernel

        return kernel.value
    from sim.engines import model

    return lambda scenario, draws: model.value(scenario, draws, processes)


def _check_engine(engine: str, processes: tuple[Any, ...]) -> None:
    if engine not in ENGINES:
        raise UsageError(f"engine: found {engine!r}, allowed are {' and '.join(ENGINES)}")
    if processes and engine != "model":
        raise UsageError('processes of your own run in the SimPy model only: add engine="model"')
