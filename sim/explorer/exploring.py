"""The explorer: a scenario, what of it is set otherwise, and what that does to the loss."""

from __future__ import annotations

import json
import os
import shlex
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.answers.run import Result, run
from sim.chance.sampling import Sampling
from sim.errors import UsageError, inert
from sim.estimates.estimate import Estimate
from sim.estimates.measures import MEASURES, REVENUE_AT_RISK
from sim.explorer.knobs import Knob, event_named, is_of_the_law, knobs_of
from sim.explorer.measured import Simulations
from sim.explorer.saving import save
from sim.language import load
from sim.language.document import nearest
from sim.language.places import meant_by
from sim.language.turning import Value, bare, number_path, value_at
from sim.language.values import MONTH
from sim.scenario.parts import Scenario
from sim.simulation.stratified import event_in_question
from sim.words import card, labels, numbers
from sim.words.headline import headline

if TYPE_CHECKING:
    import pandas as pd

    from sim.explorer.panel import Panel
    from sim.plots.explorer import LivePicture

PATHS = 4096
"""Quasi-random paths of an explorer, unless asked for otherwise: a second's work at most for a usual scenario."""


def explore(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    event: str | None = None,
    knobs: Iterable[str] = (),
    paths: int = PATHS,
    seed: int | None = None,
) -> Explorer:
    """Turn a scenario's knobs and see what is at risk: in a notebook with sliders, elsewhere by :meth:`Explorer.set`.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`; what comes out is the base that all else is compared with.
    event
        Id of the event whose probability and timing are moved; None: the first that the scenario's ``sweep`` is
        about, else the first that is a customer's choice, else the first. ``each`` events are passed over.
    knobs
        Dotted paths of further numbers to have sliders for.
    paths
        Quasi-random paths, rounded up to 16 times a power of two. They stay the same whatever is moved.
    seed
        Instead of the scenario's own.

    Returns
    -------
    Explorer

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused.
    TooLarge
        It would not fit into memory.
    """
    scenario = load(source, set=set)
    sampling = Sampling.of(scenario, paths=paths, seed=seed, method="sobol")
    if isinstance(knobs, str):
        knobs = (knobs,)
    moved = event_in_question(scenario) if event is None else event_named(scenario, event)
    return Explorer(scenario, knobs_of(scenario, moved, knobs), None if moved is None else moved.id, sampling)


class Explorer:
    """A scenario to turn by hand; :func:`sim.explore` makes one.

    In a notebook it shows sliders. Everything else works without them: :meth:`set`, then ``headline``, ``measures``,
    ``changes``. Where only the probability or the timing of ``event`` moves, strata that were simulated once are
    weighed anew; any other move simulates on the same draws. So what changes changes because of what was set.

    Attributes
    ----------
    base
        The scenario that it began with.
    knobs
        What has a slider.
    event
        Id of the event in question; None where there is none.
    paths, seed
        How it is sampled: quasi-random paths.
    """

    def __init__(self, base: Scenario, knobs: tuple[Knob, ...], event: str | None, sampling: Sampling) -> None:
        self.base = base
        self.knobs = knobs
        self.event = event
        self.paths = sampling.paths
        self.seed = sampling.seed
        self._overrides: dict[str, Any] = {}
        self._simulations = Simulations(event, sampling)
        # What neither draws nor money depend on would only have to be checked again at each move.
        self._bare = bare(base)
        self._now = self._at_base = self._simulations.setting(self._bare, ())
        self._panel: Panel | None = None
        self._live: LivePicture | None = None

    # --- what is set ---------------------------------------------------------------------------------------------

    def set(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> Explorer:
        """Set values and measure again; what stood elsewhere stays as it was set.

        Parameters
        ----------
        values
            Values by dotted path, as for ``--set``; a knob also goes by the last name of its path where no other
            knob has the same, and the share of a commitment by ``commitment``. A value as in the base takes the
            override away.
        **named
            The same, for knobs by their last name: ``set(probability=0.8)``.

        Returns
        -------
        Explorer
            Itself.

        Raises
        ------
        ScenarioError, UsageError, TooLarge
            The changed scenario is refused; then nothing has changed.
        """
        overrides = self._merged({**(values or {}), **named})
        of_the_base = {path: value_at(self.base, path, default=True) for path in overrides}
        as_in_base = {path for path, value in overrides.items() if _is_same(value, of_the_base[path])}
        fewer = {path: value for path, value in overrides.items() if path not in as_in_base}
        scenario = self._changed(fewer)
        if any(not _is_same(overrides[path], value_at(scenario, path, default=True)) for path in as_in_base):
            # Another override stands in the way of the base's value, such as a law in the place of its law.
            fewer, scenario = overrides, self._changed(overrides)
        self._take(fewer, scenario)
        return self

    def reset(self) -> Explorer:
        """Go back to the base; returns itself."""
        self._take({}, self._bare)
        return self

    def takes_long(self, values: Mapping[str, Any]) -> bool:
        """Whether setting these takes a simulation, and not only other weights."""
        return not self._simulations.has(_key(self._others(self._merged(values))))

    def _merged(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The overrides with others, of which the later ones count."""
        overrides = dict(self._overrides)
        for name, value in values.items():
            path = self._path(name)
            if isinstance(path, str) and not isinstance(value, Mapping):
                path = number_path(self.base, path)
            for other in [other for other in overrides if other == path or other.startswith(f"{path}.")]:
                del overrides[other]
            overrides[path] = value.item() if isinstance(value, np.generic) else value
        return overrides

    def _changed(self, overrides: Mapping[str, Any]) -> Scenario:
        scenario = self._bare.with_(overrides) if overrides else self._bare
        if self.event is not None and self.event not in scenario.event_index:
            raise UsageError(f"{self.event}: an explorer cannot do without the event it is about")
        return scenario

    def _take(self, overrides: dict[str, Any], scenario: Scenario) -> None:
        self._now = self._simulations.setting(scenario, _key(self._others(overrides)))
        self._overrides = overrides
        if self._panel is not None:
            self._panel.show()

    def _others(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """Overrides of anything but the event's law."""
        event = None if self.event is None else self.base.events[self.base.event_index[self.event]]
        return {path: value for path, value in overrides.items() if not is_of_the_law(path, event)}

    def _path(self, name: str) -> str:
        """Path of a knob by its short name; any other path as it is."""
        paths = [knob.path for knob in self.knobs]
        if not isinstance(name, str) or "." in name or name in paths:
            return name
        found = meant_by(name, paths)
        if len(found) == 1:
            return found[0]
        if not found and name in self.base.document:
            return name
        near = nearest(name, [path.rsplit(".", 1)[1] for path in paths])
        what = f"is short for {' and '.join(found)}" if found else "no knob has this name"
        raise UsageError(
            f"{inert(name, 80)}: {what}",
            help=f"did you mean {near}?" if near is not None and near != name else "give the whole dotted path",
        )

    @property
    def values(self) -> dict[str, Value | None]:
        """Where each knob stands, by path; None where another law has taken its place."""
        found = {knob.path: value_at(self._now.scenario, knob.path, default=True) for knob in self.knobs}
        return {path: value if isinstance(value, int | float | str) else None for path, value in found.items()}

    @property
    def overrides(self) -> dict[str, Any]:
        """What differs from the base, by dotted path: what to give to ``set=``."""
        return dict(self._overrides)

    @property
    def options(self) -> str:
        """What differs from the base as options of the command line: ``--set path=value``."""
        words = [word for path, value in self._overrides.items() for word in ("--set", f"{path}={_in_yaml(value)}")]
        return shlex.join(words)

    # --- what comes of it ----------------------------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario:
        """The scenario as it is set, with its axes and evidence where it has any."""
        return self.base.with_(self._overrides) if self._overrides else self.base

    @property
    def measures(self) -> Mapping[str, Any]:
        """Measures with errors, in the shape of a run's; those of the strata, weighed."""
        return self._now.measures

    @property
    def changes(self) -> dict[str, Any]:
        """How far expected loss, revenue at risk and shortfall are from the base's, with errors of the difference."""
        moved = self._now.change_from(self._at_base)
        record: dict[str, Any] = {name: {} for name in moved}
        for measure, level, change in moved.rows():
            said = {"value": change.value, "standard_error": change.standard_error}
            if level is None:
                record[measure.name] = said
            else:
                record[measure.name][level] = said
        return record

    @property
    def headline(self) -> str:
        """What is at risk, in one line of plain words."""
        return headline(self._now.scenario, self._now.estimates)

    @property
    def interval(self) -> str:
        """The 95 % interval of the headline's number, in words."""
        at_risk = self._now.estimates.of(REVENUE_AT_RISK)
        scale = self.scale
        low, high = (
            "?" if end is None else scale.number(end, at_risk.half_width) for end in (at_risk.low, at_risk.high)
        )
        return f"95 % interval {low} to {numbers.with_unit(high, scale.unit)}"

    @property
    def scale(self) -> numbers.Scale:
        """The one unit of the table's amounts."""
        return labels.scale_of(self._now.scenario, self._now.estimates)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table: measure, value, its error, the change from the base with its error, as texts."""
        changes, rows, scale = self._now.change_from(self._at_base), [], self.scale
        # What a scenario need not have, and what is no loss, is left to the frame.
        told = [one for one in self._now.estimates.rows() if one[0].is_loss or not one[0].needs_target]
        for measure, level, estimate in sorted(told, key=lambda one: not one[0].is_loss):
            if measure.is_loss or measure.is_share:
                caption = labels.measure_caption(measure, level)
                # A level that the base lacks has nothing to compare.
                change = _change(changes.get_of(measure, level), 1.0 if measure.is_share else scale.factor)
                rows.append((caption, *labels.measure_texts(measure, estimate, scale), change))
        return rows

    def to_frame(self) -> pd.DataFrame:
        """The measures as a tidy table, and how far each is from the base's.

        Returns
        -------
        DataFrame
            Index measure and level; columns ``value``, ``standard_error``, ``low``, ``high``, and ``change`` with
            ``change_error``, the standard error of the difference.
        """
        import pandas as pd

        changes, rows = self._now.change_from(self._at_base), []
        for name, found in self.measures.items():
            measure = MEASURES[name]
            for level, one in (found if measure.by_level else {None: found}).items():
                moved = changes.get_of(measure, level)
                change, error = (moved.value, moved.standard_error) if moved else (None, None)
                rows.append({"measure": name, "level": None if level is None else float(level), **one,
                             "change": change, "change_error": error})  # fmt: skip
        frame = pd.DataFrame(rows).set_index(["measure", "level"])
        columns = ["value", "standard_error", "low", "high", "change", "change_error"]
        return frame.reindex(columns=columns).astype(float)

    def result(self, *, paths: int | None = None, sampling: str = "sobol") -> Result:
        """Run the scenario as it is set, path by path: a result to plot and to keep.

        Parameters
        ----------
        paths
            None: the explorer's.
        sampling
            As for :func:`sim.run`.
        """
        return run(self.scenario, paths=self.paths if paths is None else paths, seed=self.seed, sampling=sampling)

    def picture(self) -> bytes:
        """Loss exceedance, the base beside what is set; a PNG."""
        if self._live is None:
            from sim.plots.explorer import LivePicture

            self._live = LivePicture(self.base)
        curves = (self._at_base.exceedance(), self._now.exceedance())
        return self._live.png(*curves, self._at_base.estimates, self._now.estimates)

    def save(
        self,
        name: str,
        *,
        title: str | None = None,
        folder: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write what is set as a scenario file: whole or not at all, and only if it can be loaded.

        Parameters
        ----------
        name
            Name of the file, with ``.yaml`` or without.
        title
            The scenario's name, for readers; None: the base's with the file's name behind it.
        folder
            None: the base's own; of a bundled scenario, or one that is no file, the current folder. Where the base lies
            in it or below, the file extends the base and holds only what differs; else it holds the whole scenario.
        overwrite
            Whether a file of that name is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UsageError
            The name cannot be a file's, or there is such a file.
        ScenarioError
            It could not be loaded, as when its ``sweep`` no longer fits.
        OutputError
            It could not be written.
        """
        return save(self.base, self.scenario, name, title=title, folder=folder, overwrite=overwrite)

    # --- how it shows itself -------------------------------------------------------------------------------------

    @property
    def panel(self) -> Panel:
        """The sliders, the table and the picture; made when first asked for.

        Raises
        ------
        UsageError
            Where ipywidgets is not installed.
        """
        if self._panel is None:
            from sim.explorer.panel import Panel

            self._panel = Panel(self)
        return self._panel

    @property
    def widget(self) -> Any:
        """The panel as one widget, to be placed among others; raises as ``panel`` does."""
        return self.panel.whole

    def __repr__(self) -> str:
        """What is set, what is at risk, and how far that is from the base."""
        changes = self._now.change_from(self._at_base)
        level = next(iter(changes.levels(REVENUE_AT_RISK)), None)
        said = f"{self.headline} ({self.interval})"
        if self._overrides and level is not None:
            said += f"; {_change(changes.of(REVENUE_AT_RISK, level), self.scale.factor)} against the base"
        moved = ", ".join(f"{inert(path, 100)} = {inert(str(value), 40)}" for path, value in self._overrides.items())
        name = inert(self.base.name, 100)
        return f"<Explorer of {name!r}: {moved or 'as it stands'}; {said}; {self.paths:,} quasi-random paths>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The widget, where notebooks can show one; else a still picture with the numbers."""
        try:
            bundle: Any = self.widget._repr_mimebundle_(include=include, exclude=exclude)
        except UsageError as error:
            return {"text/plain": repr(self), "text/html": self._still(str(error))}
        return {**bundle, "text/plain": repr(self)}

    def _still(self, note: str) -> str:
        """Numbers and picture without anything to turn."""
        title = ("Measure", "Value", "Error", "Change")
        shown = card.card(self.base.name, f"{self.headline} ({self.interval}).", self.rows(), note, head=title)
        return f'{shown}<img alt="Loss exceedance" src="data:image/png;base64,{b64encode(self.picture()).decode()}">'


def _is_same(value: Any, other: Any) -> bool:
    return other is not None and not isinstance(value, bool) and bool(value == other)


def _in_yaml(value: Any) -> str:
    """A value as ``--set`` reads it."""
    if isinstance(value, str) and MONTH.fullmatch(value):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def _key(others: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((path, json.dumps(value, default=str)) for path, value in others.items())


def _change(change: Estimate | None, factor: float) -> str:
    """A difference from the base in the table's unit; nothing where there is none to tell."""
    if change is None:
        return ""
    change = change.times(factor)
    return numbers.signed(change.value, change.standard_error)
