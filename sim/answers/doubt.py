"""What doubt about a scenario's numbers does to its measures: at the file's numbers, over doubt, both together."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.ensemble import Ensemble
from sim.answers.frames import frame_of
from sim.answers.run import Result, run_sampled
from sim.answers.simulated import COMPILED, Simulated, simulated, sizes
from sim.chance.sampling import Sampling
from sim.errors import UsageError
from sim.estimates import exceeding
from sim.estimates.bands import QUANTILES, OfDraws, ends_of, too_few
from sim.estimates.estimate import Estimate
from sim.estimates.exceeding import Exceeding, amounts_of
from sim.estimates.independent import thin_tail
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    EXPECTED_PLAIN_REVENUE,
    REVENUE_AT_RISK,
    ByLevel,
    Key,
    level_name,
    levels_of,
    measures_of,
    name_of,
)
from sim.estimates.parts_of_variance import PartsOfVariance
from sim.language import load
from sim.language.turning import bare
from sim.simulation.common_draws import in_blocks
from sim.simulation.ensembles import measured_on
from sim.simulation.pool import Progress, part_of
from sim.words import bases, card, numbers
from sim.words.doubted import InDoubt, few_draws, headline
from sim.words.labels import measure_caption, unit_and_discounting
from sim.words.numbers import Scale, scale_for

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import DoubtPlots
    from sim.scenario.doubts import Doubt, LeftOut

RUN = 2
"""What a path of the run at the file's numbers takes, told by month and year too, in paths of a draw."""

HEAD: dict[str, type] = {"of": str, "quantile": float, "value": float, "low": float, "high": float}

BASE, SAME_PATHS, PREDICTIVE, BAND = "base", "base_same_paths", "predictive", "band"


def doubt(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    draws: int | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Doubted:
    """Say what doubt about the numbers of a scenario does to each measure.

    Parameters
    ----------
    source
        A file, the name of a bundled scenario, a mapping in the scenario language, or a Scenario; with a block
        ``doubt``.
    set
        Overrides by dotted path. A number that is set is in doubt no more.
    draws
        Draws of the numbers in doubt; None: the scenario's own. They are rounded up to 16 times a power of two.
    paths
        Quasi-random paths of each draw, the same for all, rounded up likewise; None: 1,024.
    seed
        Instead of the scenario's own.
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the work done and all of it.

    Returns
    -------
    Doubted

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused; also where no number is in doubt.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    scenario = load(source, set=set)
    started = time.perf_counter()
    count, of_draws = sizes(scenario, draws, paths)
    by_itself = Sampling.of(scenario, seed=seed, method="sobol")
    of_draws_all, of_run = count * (COMPILED + of_draws), by_itself.paths * RUN
    drawing = part_of(progress, 0, of_draws_all, of_draws_all + of_run)
    running = part_of(progress, of_draws_all, of_run, of_draws_all + of_run)
    found = simulated(scenario, draws=count, paths=of_draws, seed=seed, workers=workers, progress=drawing)
    base = run_sampled(scenario, by_itself, workers=workers, progress=running)
    return doubted(base, found, time.perf_counter() - started)


def doubted(base: Result, found: Simulated, seconds: float) -> Doubted:
    """Tell what doubt does, of a run of the file's numbers and of the draws."""
    scenario, mixture, sampled = base.scenario, found.mixture, found.sampled
    same = next(iter(in_blocks([bare(scenario)], lambda _, sums: sums[0], sampled, workers=1)))
    _, of_same = measured_on(scenario, same)
    rows = []
    for measure in measures_of(scenario):
        for number in levels_of(measure, scenario.risk.levels):
            level = None if number is None else level_name(number)
            why = None if number is None else too_few(sampled.paths, number)
            rows.append(
                InDoubt(
                    measure,
                    level,
                    base.estimates.of(measure, level),
                    of_same[measure.name, level],
                    mixture.of(measure, number),
                    None if why else ByLevel(_by_name(mixture.measured[measure.name, level].band())),
                    why,
                )
            )
    baselines = mixture.means[EXPECTED_BASELINE.name].by_draw
    amounts = amounts_of(mixture.losses)
    curve = Exceeding.of(mixture.losses, baselines, amounts)
    return Doubted(
        scenario=scenario,
        rows=tuple(rows),
        variance=PartsOfVariance.of(mixture.losses),
        amounts=amounts,
        base_curve=tuple(exceeding.of_paths(base.loss, base.expected_baseline, amounts)),
        curve=curve,
        simulated=found,
        base=base,
        sampled=sampled,
        seconds=seconds,
    )


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Doubted(Answer):
    """What doubt does to each measure; frozen.

    Attributes
    ----------
    rows
        The measures, one a level: at the file's numbers, over doubt, and of chance and doubt together.
    variance
        What chance and what doubt make of the loss's variance.
    amounts
        Amounts of the exceedance curves, rising.
    base_curve, curve
        Share of paths that lose more than each amount: at the file's numbers; of each draw and of all.
    simulated
        The draws of the numbers in doubt, and what came of them.
    base
        The run of the file's numbers.
    """

    rows: tuple[InDoubt, ...]
    variance: PartsOfVariance
    amounts: np.ndarray = field(repr=False)
    base_curve: tuple[Estimate, ...] = field(repr=False)
    curve: Exceeding = field(repr=False)
    simulated: Simulated = field(repr=False)
    base: Result = field(repr=False)

    @property
    def draws(self) -> int:
        """Draws of the numbers in doubt."""
        return len(self.losses)

    @property
    def ensemble(self) -> Ensemble:
        """The draws of the numbers in doubt, with a scenario for each."""
        return self.simulated.ensemble

    @property
    def measured(self) -> Mapping[Key, OfDraws]:
        """Each measure of each draw, with the ends of its interval, by name and level."""
        return self.simulated.mixture.measured

    @property
    def losses(self) -> np.ndarray:
        """Loss over the window, discounted, of each draw on each path; shape (draws, paths), read-only."""
        return self.simulated.mixture.losses

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The numbers in doubt, each with the law of what else it may be."""
        return tuple(self.ensemble.doubts)

    @property
    def headline(self) -> str:
        """What doubt does, in plain words."""
        return headline(self.scenario, self.rows, self.variance.share, len(self.doubts), self.simulated.chief)

    def __repr__(self) -> str:
        """One line: the headline."""
        return f"<Doubted of {self.scenario.name!r}: {self.headline} ({self.draws:,} draws of {self.paths:,} paths)>"

    @property
    def plot(self) -> DoubtPlots:
        """Pictures: ``exceedance``, ``drivers``, ``boxes``."""
        pictures: DoubtPlots = door.plots().DoubtPlots(self)
        return pictures

    def save(self, folder: str | os.PathLike[str], *, pictures: bool = True) -> Path:
        """Write draws and answer to a folder, with the run of the file's numbers; whole or not at all.

        ``sim.open`` gives it back, and ``--from`` takes the draws from it.

        Parameters
        ----------
        folder
            Missing, empty, or with earlier results in it, which are replaced; the folder above it must be there.
        pictures
            Whether it gets the run's plots too, as SVG and PNG.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            Where it cannot be written; what was there stays.
        """
        saved: Path = door.archives().save_doubt(self, folder, pictures=pictures)
        return saved

    def row(self, measure: str, level: float | str | None = None) -> InDoubt:
        """A measure by its name; of one with levels at a level, None for the first.

        Raises
        ------
        UsageError
            Where it is not told.
        """
        wanted = level_name(float(level)) if level is not None else None
        for row in self.rows:
            if row.measure.name == measure and (wanted is None or row.level == wanted):
                return row
        known = ", ".join(name_of(row.measure, row.level) for row in self.rows)
        raise UsageError(f"measure: found {_named(measure, wanted)!r}, allowed are {known}")

    @property
    def shown(self) -> list[InDoubt]:
        """The measures that a table for readers has: what is not discounted only beside what is."""
        return [row for row in self.rows if row.measure is not EXPECTED_PLAIN_REVENUE or self.scenario.discount_rate]

    @property
    def scale(self) -> Scale:
        """The one unit of a table of amounts."""
        amounts = [one.value for row in self.rows if not row.measure.is_share for _, _, one in _told(row)]
        return scale_for(amounts, self.scenario.money)

    def base_line(self) -> str:
        """The base case, with paths and sampling."""
        told: list[bases.Measured] = [(row.measure, row.level, row.base) for row in self.rows if row.measure.is_loss]
        return bases.base_line(self.scenario, self.base.sampled, told[:2])

    def notes(self) -> list[str]:
        """What a reader of the numbers has to know, a sentence each: what is left out, few or refused."""
        said = []
        if few := few_draws(self.draws):
            said.append(few)
        for why, levels in _by_reason(self.rows).items():
            said.append(f"No band at {' and '.join(levels)}: {why}.")
        banded = [level for level in self.scenario.risk.levels if not too_few(self.paths, level)]
        if thin := thin_tail(self.paths, banded):
            said.append(thin.replace("Errors", "Errors of bands"))
        printed = [one for row in self.shown for of, _, one in _told(row) if of != SAME_PATHS]
        if any(isnan(end) for one in printed for end in ends_of(one)):
            said.append("±?: too few draws or paths to tell.")
        differ = [measure_caption(row.measure, row.level) for row in self.rows if row.differs]
        if differ:
            said.append(
                f"On the {self.paths:,} paths of the draws the file’s numbers give something else than a run of "
                f"{self.base.paths:,} paths, beyond the errors of both: {', '.join(differ)}. More paths would "
                "tell."
            )
        refused = self.ensemble.refused
        if refused.count:
            said.append(
                f"{refused.count:,} of the draws ({numbers.percent(refused.share)}) were refused at first and drawn "
                f"anew (the first: {refused.why}): the law of the numbers is the stated one, given that they go "
                "together."
            )
        return said

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Ranges of the evidence that can't be in doubt as they stand."""
        assert self.scenario.doubt is not None
        return self.scenario.doubt.left_out

    @property
    def dropped(self) -> tuple[LeftOut, ...]:
        """Doubts that were inherited and are none any more, since the number was set or is gone."""
        assert self.scenario.doubt is not None
        return self.scenario.doubt.dropped

    def card(self) -> str:
        """A small card for a notebook: the file's numbers, the band's ends and middle, chance and doubt together."""
        from sim.words.doubted import cells

        scale = self.scale
        rows = [
            (measure_caption(row.measure, row.level), *(" ".join(cell).strip() for cell in cells(row, scale)))
            for row in self.rows
            if row.measure.is_loss or row.measure.is_share
        ]
        made = (
            f"{self.draws:,} draws of {len(self.doubts):,} numbers on {self.paths:,} quasi-random paths · seed "
            f"{self.seed} · {unit_and_discounting(self.scenario, scale)} · {self.base_line()}"
        )
        head = ("Measure", "File", "5 %", "Median", "95 %", "With chance")
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=head)

    def to_frame(self) -> pd.DataFrame:
        """The measures as a tidy table: a row for each measure, level, kind of value and quantile of the band."""
        rows = [
            [row.measure.name, nan if row.level is None else float(row.level), of, at, *_numbers(one)]
            for row in self.rows
            for of, at, one in _told(row)
        ]
        return frame_of(rows, {"measure": str, "level": float, **HEAD})

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Loss exceedance as a tidy table: a row for each amount, kind of value and quantile of the band."""
        rows = [
            [amount, of, at, *_numbers(one)]
            for k, amount in enumerate(self.amounts)
            for of, at, one in (
                (BASE, nan, self.base_curve[k]),
                (PREDICTIVE, nan, self.curve.mixture[k]),
                *((BAND, at, one) for at, one in self.bands[k].items()),
            )
        ]
        return frame_of(rows, {"amount": float, **HEAD})

    @cached_property
    def bands(self) -> list[dict[float, Estimate]]:
        """Of each amount, the band of the share of paths that lose more."""
        return [of_draws.band() for of_draws in self.curve.draws]

    @cached_property
    def by_draw(self) -> pd.DataFrame:
        """The draws: a row each, with what was drawn for each number in doubt, and each measure of its paths.

        Returns
        -------
        DataFrame
            Index ``draw``; columns are dotted paths of the numbers in doubt, and measures by their names, with levels
            like ``revenue_at_risk.0.95``.
        """
        import pandas as pd

        frame = pd.concat([self.simulated.experiments(), pd.DataFrame(self.simulated.outcomes)], axis=1)
        return frame.rename_axis("draw")

    def to_salib(self, measure: str = REVENUE_AT_RISK.name) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
        """The draws as SALib's methods for given data take them: problem, X and Y; see :meth:`Simulated.to_salib`."""
        return self.simulated.to_salib(measure)

    def to_ema(self) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
        """The draws as the EMA Workbench takes them: experiments and outcomes; see :meth:`Simulated.to_ema`."""
        return self.simulated.to_ema()

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        measures: dict[str, Any] = {}
        for row in self.rows:
            record = {
                BASE: told(row.base),
                SAME_PATHS: told(row.base_same_paths),
                PREDICTIVE: told(row.predictive),
                BAND: None if row.band is None else ByLevel({at: told(one) for at, one in row.band.items()}),
                **({"why": row.why} if row.why else {}),
            }
            if row.level is None:
                measures[row.measure.name] = record
            else:
                measures.setdefault(row.measure.name, ByLevel())[row.level] = record
        run = self.run_record()
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {"draws": self.draws, **run, "base_paths": self.base.paths},
            "doubts": [_doubt(one) for one in self.doubts],
            "measures": measures,
            "variance": {
                "chance": told(self.variance.chance),
                "doubt": told(self.variance.doubt),
                "share": None if self.variance.share is None else told(self.variance.share),
            },
            "exceedance": {
                "amounts": self.amounts.tolist(),
                BASE: [told(one) for one in self.base_curve],
                PREDICTIVE: [told(one) for one in self.curve.mixture],
                BAND: ByLevel({level_name(at): [told(band[at]) for band in self.bands] for at in QUANTILES}),
            },
            "refused": {"share": self.ensemble.refused.share, "why": self.ensemble.refused.why},
            "left_out": [_left_out(one) for one in self.left_out],
            "dropped": [_left_out(one) for one in self.dropped],
        }


def told(estimate: Estimate) -> dict[str, Any]:
    """A value with the ends of its 95 % interval, as plain data; None where one is not known, and why."""
    value, low, high = (None if isnan(number) else number for number in _numbers(estimate))
    record: dict[str, Any] = {"value": value, "low": low, "high": high}
    if low is None or high is None:
        record["why"] = estimate.note or "so few draws or paths do not bound it"
    return record


def _left_out(one: LeftOut) -> dict[str, Any]:
    return {"path": one.path, "why": one.why, "file": one.file, "line": one.line, "column": one.column}


def _numbers(estimate: Estimate) -> tuple[float, float, float]:
    return (float(estimate.value), *ends_of(estimate))


def _told(row: InDoubt) -> Iterator[tuple[str, float, Estimate]]:
    """All values of a measure: of what kind, at which quantile, and what it is."""
    yield BASE, nan, row.base
    yield SAME_PATHS, nan, row.base_same_paths
    yield PREDICTIVE, nan, row.predictive
    for at, one in (row.band or {}).items():
        yield BAND, float(at), one


def _by_name(band: Mapping[float, Estimate]) -> dict[str, Estimate]:
    return {level_name(at): one for at, one in band.items()}


def _doubt(one: Doubt) -> dict[str, Any]:
    quantiles = {f"p{round(100 * at)}": one.quantile(at) for at in (0.05, 0.5, 0.95)}
    return {"path": one.path, "form": one.form.kind, "base": one.base, **quantiles}


def _named(measure: str, level: str | None) -> str:
    return measure if level is None else f"{measure}.{level}"


def _by_reason(rows: Sequence[InDoubt]) -> dict[str, list[str]]:
    """Levels at which there is no band, by the reason."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.why and row.level is not None:
            name = f"{100 * float(row.level):g} %"
            if name not in found.setdefault(row.why, []):
                found[row.why].append(name)
    return found
