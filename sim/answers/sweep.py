"""Sweeping a scenario over a grid, and what that gives back: measures with errors in every cell, answers between them.

Strata of one event are simulated once, on common draws; each cell weighs them (``docs/results.md``).
"""

from __future__ import annotations

import difflib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.grid import flat, laid_out, nested, on_grid, plain
from sim.answers.plan import Plan, plan_of
from sim.answers.precision import sweep_until_precise
from sim.chance.draws import Shared
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.errors import UsageError
from sim.estimates.estimators import CellEstimates
from sim.estimates.measures import MEASURES, REVENUE_AT_RISK, ByLevel, Estimates, Key, Measure
from sim.estimates.mixtures import BATCHES, Mixtures
from sim.language import load
from sim.language.places import meant_by
from sim.language.turning import Value, bare, number_path, value_at
from sim.scenario.parts import Scenario
from sim.simulation.memory import refuse_too_large
from sim.simulation.pool import Progress, part_of
from sim.simulation.stratified import memory_of, of_strata, own_month_weights, stratify
from sim.words import bases, card, labels, numbers, stops

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import SweepPlots

Place = tuple[int, ...]
"""Places on the axes that are simulated value by value."""

KEPT = 512 * 2**20
"""Bytes of tables that a sweep keeps, so that it can be asked between its cells, and of draws that variants share."""


def sweep(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    axes: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    precision: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Measure what is at risk in every cell of a grid.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    axes
        Instead of the scenario's own ``sweep``: values (a list, or ``{from, to, count}``) by dotted path.
    paths
        Paths altogether; None: the scenario's. Quasi-random ones are rounded up to 16 times a power of two. With a
        precision, paths at most; None: as many as two minutes allow.
    seed
        Instead of the scenario's own.
    sampling
        ``sobol`` for scrambled quasi-random points, ``plain`` for independent paths.
    precision
        Standard error that every measure of every cell is to have, relative to its value or to 1 % of the expected
        baseline, whichever is larger (see :func:`sim.answers.precision.sweep_until_precise`).
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the number of paths done and of all, those of each simulated part.

    Returns
    -------
    Sweep

    Raises
    ------
    ScenarioError, UsageError
        The scenario, its axes or an argument is refused.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    changes = dict(set or {})
    if axes is not None:
        changes["sweep"] = dict(axes)
    scenario = load(source, set=changes or None, own_axes=axes is None)
    if not scenario.axes:
        raise UsageError("no axes to sweep", help=_how_to_name_axes(scenario))
    chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling)
    if precision is not None:
        return sweep_until_precise(
            lambda n: sweep(scenario, paths=n, seed=chosen.seed, sampling=sampling, workers=workers, progress=progress),
            precision,
            replications=SCRAMBLINGS if chosen.scrambled else BATCHES,
            highest_level=max(scenario.risk.levels),
            most=paths,
        )
    plan = plan_of(scenario)
    started = time.perf_counter()
    _refuse_too_large(plan, chosen, workers)
    variants = list(plan.variants())
    base = bare(scenario) if plan.outer else scenario
    shared: Shared | None = {} if len(variants) > 1 and can_share_draws(scenario, chosen.paths) else None
    held = 0
    mixtures: dict[tuple[int, ...], Mixtures] = {}
    strata_months: dict[tuple[int, ...], tuple[int, ...]] = {}
    found: dict[tuple[int, ...], Mapping[Key, CellEstimates]] = {}
    for done, (place, values) in enumerate(variants):
        variant = base.with_(values) if values else base
        months, weights = plan.weights(variant)
        event = None if plan.event is None else variant.events[variant.event_index[plan.event.id]]
        told = part_of(progress, done * chosen.paths, chosen.paths, len(variants) * chosen.paths)
        mixture = stratify(variant, event, months, chosen, workers=workers, shared=shared, progress=told).weighed(
            weights
        )
        strata_months[place] = months
        found[place] = mixture.measures(scenario.risk.levels)
        held += mixture.nbytes
        if held <= KEPT:
            mixtures[place] = mixture
    return Sweep(
        scenario=scenario,
        sampled=chosen,
        plan=plan,
        estimates=laid_out(plan, list(found.values())),
        mixtures=mixtures,
        months=strata_months,
        seconds=time.perf_counter() - started,
    )


def can_share_draws(scenario: Scenario, paths: int) -> bool:
    """Whether all draws that variants of a scenario may leave each other fit into what is kept."""
    streams = len(scenario.streams) + 1
    return 8 * paths * (streams * scenario.months + 8 * len(scenario.events)) <= KEPT


def _refuse_too_large(plan: Plan, sampling: Sampling, workers: int | None) -> None:
    """Refuse a sweep whose tables would not fit into free memory.

    Raises
    ------
    TooLarge
    """
    strata = 1 if plan.event is None else plan.scenario.months + 1
    cells, inner = math.prod(plan.shape), math.prod(plan.shape[k] for k in plan.inner)
    variants = cells // inner
    beside = memory_of(strata, sampling) + cells * 20 * 8 + inner * strata * 8 * 6 + 2 * KEPT * (variants > 1)
    what = f"{cells:,} cell{'s' if cells > 1 else ''} on {sampling.paths:,} paths"
    refuse_too_large([plan.scenario], sampling.paths, workers, beside=beside, what=what)


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Sweep(Answer):
    """A sweep's result; frozen.

    Attributes
    ----------
    plan
        How the cells came about.
    estimates
        By measure and level, arrays of the grid's shape.
    precision
        Where one was asked for: ``asked``, ``reached``, whether it was ``met``, where the ``worst`` error stands, and a
        ``note`` on why it could not be met.
    """

    plan: Plan
    estimates: Mapping[Key, CellEstimates] = field(repr=False)
    mixtures: Mapping[Place, Mixtures] = field(repr=False)
    months: Mapping[Place, tuple[int, ...]] = field(repr=False)
    precision: Mapping[str, Any] | None = None

    @cached_property
    def cells(self) -> dict[str, Any]:
        """By measure an array of the grid's shape; for measures with levels a dict of such arrays by level."""
        return nested((key, found.value) for key, found in self.estimates.items())

    @cached_property
    def standard_error(self) -> dict[str, Any]:
        """The same for the standard errors of the measures that have them."""
        told = [(key, found.standard_error) for key, found in self.estimates.items() if not _by_interval(key)]
        return nested(sorted(told, key=lambda one: one[0][1] is not None))

    @cached_property
    def interval(self) -> dict[str, Any]:
        """The same for the ends (``low``, ``high``) of the 95 % intervals of all others."""
        told = [(key, found) for key, found in self.estimates.items() if _by_interval(key)]
        return nested((key, {"low": found.low, "high": found.high}) for key, found in told)

    @cached_property
    def tail_paths(self) -> dict[str, np.ndarray]:
        """By level, how many independent paths beyond the revenue at risk each cell's tail is as good as."""
        tails = [(level, found.tail_paths) for (_, level), found in self.estimates.items()]
        return ByLevel({str(level): paths for level, paths in tails if paths is not None})

    @property
    def bin_width(self) -> float:
        """Bound on what binning adds to the error of revenue at risk, in the scenario's unit: the widest bin of any."""
        widths = [found.bin_width for found in self.estimates.values() if found.bin_width is not None]
        return max(float(width.max()) for width in widths)

    @property
    def plot(self) -> SweepPlots:
        """Pictures of the surface: ``heatmap``, ``lines``, ``multiples``, ``tolerance``."""
        pictures: SweepPlots = door.plots().SweepPlots(self)
        return pictures

    @property
    def replications(self) -> int:
        """Independent replications that the errors come from."""
        return min(self.paths, SCRAMBLINGS if self.sampling == "sobol" else BATCHES)

    @cached_property
    def base(self) -> dict[str, Value | None]:
        """Where the scenario itself stands on each axis, by path; None where it gives no value there."""
        found: dict[str, Value | None] = {}
        for axis in self.plan.axes:
            value = value_at(self.scenario, number_path(self.scenario, axis.path))
            section, _, rest = axis.path.partition(".")
            if value is None and section == "events" and rest.endswith(".probability") and rest.count(".") == 1:
                value = 1.0
            same_kind = isinstance(value, str) == isinstance(axis.values[0], str)
            found[axis.path] = value if isinstance(value, str | int | float) and same_kind else None
        return found

    @property
    def headline(self) -> str:
        """The range of the revenue at risk over the cells, in a line of plain words."""
        level, at_risk = next(iter(self.cells[REVENUE_AT_RISK.name].items()))
        scale = numbers.scale_for([float(at_risk.min()), float(at_risk.max())], self.scenario.money)
        ends = " to ".join(scale.number(float(end)) for end in (at_risk.min(), at_risk.max()))
        caption = labels.measure_caption(REVENUE_AT_RISK, level)
        count = math.prod(self.plan.shape)
        over = f"{count:,} cells" if count > 1 else "the one cell"
        return f"{caption} over {over}: {numbers.with_unit(ends, scale.unit)}"

    def __repr__(self) -> str:
        """One line: the cells and the range of the first measure over them."""
        level, at_risk = next(iter(self.cells[REVENUE_AT_RISK.name].items()))
        axes = " × ".join(f"{len(axis.values)} {axis.path}" for axis in self.plan.axes)
        return (
            f"<Sweep of {self.scenario.name!r}: {axes}; revenue at risk {level} from {at_risk.min():,.4g} to "
            f"{at_risk.max():,.4g} {self.scenario.money} ({self.paths:,} {self.sampling} paths)>"
        )

    def card(self) -> str:
        """A small card for a notebook: the axes, the range of each measure over the cells."""
        rows = [
            (
                labels.axis_caption(self.scenario, axis.path),
                f"{len(axis.values)} values",
                " … ".join(self.stop(k, end) for end in (axis.values[0], axis.values[-1])),
            )
            for k, axis in enumerate(self.plan.axes)
        ]
        found = self.cells[REVENUE_AT_RISK.name]
        reach = [float(end) for values in found.values() for end in (values.min(), values.max())]
        scale = numbers.scale_for(reach, self.scenario.money)
        for level, values in found.items():
            rows.append(
                (
                    labels.measure_caption(REVENUE_AT_RISK, level),
                    "from, to",
                    " … ".join(scale.number(float(end)) for end in (values.min(), values.max())),
                )
            )
        made = f"{self.base_line()} · {scale.unit}"
        cells = f"{math.prod(self.plan.shape):,} cells, each with its error"
        return card.card(self.scenario.name, cells, rows, made)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All cells as a tidy table, one row a cell: the axes' values, the measures, their errors.

        Returns
        -------
        DataFrame
            Columns are the axes' paths, then ``expected_loss``, ``revenue_at_risk_0.95``, ...; errors end in
            ``_error``, ends of intervals in ``_low`` and ``_high``.
        """
        import pandas as pd

        grids = np.meshgrid(*(np.array(axis.values, dtype=object) for axis in self.plan.axes), indexing="ij")
        columns: dict[str, Any] = {}
        for axis, values in zip(self.plan.axes, grids, strict=True):
            column = values.ravel()
            columns[axis.path] = column if isinstance(axis.values[0], str) else column.astype(float)
        for name, values in flat(self.cells):
            columns[name] = values.ravel()
        for name, values in flat(self.standard_error):
            columns[f"{name}_error"] = values.ravel()
        for name, values in flat(self.interval):
            columns[name] = values.ravel()
        return pd.DataFrame(columns)

    def to_frame(self) -> pd.DataFrame:
        """All cells as a tidy table: ``frame``, for whoever asks all answers alike."""
        return self.frame

    def at(self, values: Mapping[str, float | str]) -> dict[str, Any]:
        """Measures at a point of the surface, on its grid or between: weights are analytic, nothing is interpolated.

        Parameters
        ----------
        values
            By axis, named by its path or by the last name of it where that is unique. Axes left out stand where the
            scenario does. Axes that were simulated value by value take one of their values only.

        Returns
        -------
        dict
            As the JSON's ``measures`` of a run.

        Raises
        ------
        UsageError
            For an axis that does not exist or a value that has not been simulated.
        """
        return self.estimates_at(values).to_dict()

    def estimates_at(self, values: Mapping[str, float | str]) -> Estimates:
        """The same, as estimates."""
        named = {self.axis(name): value for name, value in values.items()}
        place = []
        for k in self.plan.outer:
            axis = self.plan.axes[k]
            if axis.path not in named:
                raise UsageError(f"{axis.path}: no value; it was simulated at {list(axis.values)}")
            wanted = named.pop(axis.path)
            if wanted not in axis.values:
                raise UsageError(f"{axis.path}: found {wanted!r}; it was simulated at {list(axis.values)} only")
            place.append(axis.values.index(wanted))
        mixture = self._mixture(tuple(place))
        if self.plan.event is not None:
            scenario = self.scenario
            if self.plan.outer:
                chosen = {
                    self.plan.axes[k].path: self.plan.axes[k].values[i]
                    for k, i in zip(self.plan.outer, place, strict=True)
                }
                scenario = scenario.with_({"sweep": None, **chosen})
            event = scenario.events[scenario.event_index[self.plan.event.id]]
            for path, value in named.items():
                if path.endswith(".probability") and not (isinstance(value, int | float) and 0 <= value <= 1):
                    raise UsageError(f"{path}: found {value!r}, allowed is a number from 0 to 1")
            mixture = mixture.weighed(of_strata(own_month_weights(scenario, event, [named]), self.months[tuple(place)]))
        return Estimates.of_cell(mixture.measures(self.scenario.risk.levels))

    def at_base(self) -> dict[str, Any] | None:
        """Measures where the scenario itself stands, as in :meth:`at`; None where that was not simulated."""
        found = self.estimates_at_base()
        return None if found is None else found.to_dict()

    def estimates_at_base(self) -> Estimates | None:
        """The same, as estimates."""
        fixed = {self.plan.axes[k].path: self.base[self.plan.axes[k].path] for k in self.plan.outer}
        try:
            return self.estimates_at({path: value for path, value in fixed.items() if value is not None})
        except UsageError:
            return None

    def stop(self, k: int, value: Value) -> str:
        """A value on axis number k, for a reader, with what it comes to: the median month, no event at all."""
        return stops.stop_caption(self.scenario, self.plan.axes[k].path, value, [axis.path for axis in self.plan.axes])

    def base_line(self, measure: Measure = REVENUE_AT_RISK, level: str | None = None, of: str = "") -> str:
        """A measure in the base case, with paths and sampling; where that was not simulated, so much."""
        found = self.estimates_at_base()
        if found is None:
            return f"Base: none of the values that were simulated ({bases.sampled_in_words(self.sampled)})"
        if measure.by_level and level is None:
            level = next(iter(self.cells[measure.name]))
        return bases.base_line(self.scenario, self.sampled, [(measure, level, found.of(measure, level))], of)

    def axis(self, name: str) -> str:
        """Path of the axis that a name means: the whole path, or the end of it where that is unique."""
        paths = [axis.path for axis in self.plan.axes]
        if name in paths:
            return name
        found = meant_by(name, paths)
        if len(found) == 1:
            return found[0]
        near = difflib.get_close_matches(name, paths + [path.rsplit(".", 1)[1] for path in paths], 1)
        what = "more than one axis has this name" if found else "no axis has this name"
        raise UsageError(
            f"{name}: {what}; axes are {', '.join(paths)}", help=f"did you mean {near[0]}?" if near else None
        )

    def tolerance(self, probability: float = 0.05) -> np.ndarray:
        """Loss that is exceeded with a probability, in every cell; shape of the grid."""
        if not 0 < probability < 1:
            raise UsageError(f"probability: found {probability!r}, allowed is a number above 0 and below 1")
        return self.quantile(1 - probability)["value"]

    def quantile(self, level: float) -> dict[str, np.ndarray]:
        """Quantile of the loss at a level, asked for or not: ``value``, ``low`` and ``high``, each the grid's shape."""
        measured = [mixture.quantile_at(level) for mixture in self._all_mixtures()]
        return {
            name: on_grid(self.plan, [getattr(found, name) for found in measured]) for name in ("value", "low", "high")
        }

    def leap(self, level: float, within: float) -> np.ndarray:
        """How far the loss's quantile moves from a level less to a level plus a small probability; the grid's shape."""
        ends = [max(0.0, level - within), min(1.0, level + within)]
        low, high = (on_grid(self.plan, [mixture.quantile(end) for mixture in self._all_mixtures()]) for end in ends)
        moved: np.ndarray = high - low
        return moved

    def _mixture(self, place: Place) -> Mixtures:
        if place not in self.mixtures:
            outer = " and ".join(self.plan.axes[k].path for k in self.plan.outer)
            raise UsageError(
                "this sweep is too large for its strata to be kept", help=f"sweep over fewer values of {outer}"
            )
        return self.mixtures[place]

    def _all_mixtures(self) -> list[Mixtures]:
        return [self._mixture(place) for place, _ in self.plan.variants()]

    def explain(self) -> list[str]:
        """How the sweep was planned and why, in words."""
        return self.plan.explain()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, ready for JSON; None where something can't be estimated."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {
                **self.run_record(),
                "bin_width": self.bin_width,
                **({} if self.precision is None else {"precision": dict(self.precision)}),
            },
            "axes": [
                {"path": axis.path, "values": list(axis.values), "base": self.base[axis.path]}
                for axis in self.plan.axes
            ],
            "cells": plain(self.cells),
            "standard_error": plain(self.standard_error),
            "interval": plain(self.interval),
            "tail_paths": plain(self.tail_paths),
            "at_base": self.at_base(),
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The result as named arrays, ready for ``numpy.savez``.

        Returns
        -------
        dict
            ``axis.<path>`` holds an axis's values; ``expected_loss``, ``revenue_at_risk.0.95`` and so on the cells;
            their errors end in ``.error``, ends of intervals in ``.low`` and ``.high``; ``about`` is the JSON of
            scenario and run.
        """
        about = {key: value for key, value in self.to_dict().items() if key in ("format", "scenario", "run", "axes")}
        arrays = {"about": np.array(json.dumps(about, ensure_ascii=False))}
        arrays |= {f"axis.{axis.path}": np.array(axis.values) for axis in self.plan.axes}
        arrays |= dict(flat(self.cells, between="."))
        arrays |= {f"{name}.error": values for name, values in flat(self.standard_error, between=".")}
        return arrays | dict(flat(self.interval, between="."))


def _by_interval(key: Key) -> bool:
    return MEASURES[key[0]].told_by_interval


def _how_to_name_axes(scenario: Scenario) -> str:
    """What to do where there is nothing to sweep, by the example of an event."""
    origins = {event.origin: event for event in scenario.events if event.timing is not None}
    path = f"events.{next(iter(origins))}.probability" if origins else f"customers.{scenario.streams[0].id}.growth"
    return f"name one by --axis {path}=0:1:21 (in Python axes={{…}}), or add a `sweep` block: paths and their values"
