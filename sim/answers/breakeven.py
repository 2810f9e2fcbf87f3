"""Where a measure crosses a threshold as one number varies: on weighed strata, or value by value on common draws."""

from __future__ import annotations

import difflib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers.answer import FORMAT, Answer
from sim.answers.frames import frame_of
from sim.answers.reading import EXPECTED, Condition, Reading, Simulated, Weighed, end_of
from sim.answers.search import is_weighed, values_of
from sim.answers.sweep import Sweep, sweep
from sim.errors import UsageError, inert
from sim.estimates.measures import REVENUE_AT_RISK, Measure, cell_measures, level_name, name_of, named, with_levels
from sim.language import load
from sim.language.turning import Value
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress, part_of
from sim.words import card, labels, numbers, stops

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 1e-12
"""Part of the threshold by which a value may miss it and still reach it."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One place where the measure crosses the threshold.

    Attributes
    ----------
    value
        Value on the axis (a month as ``YYYY-MM``: the first on the other side).
    low, high
        Ends of its 95 % interval: between them the measure's own interval holds the threshold; None where that reaches
        the end of the range.
    rising
        Whether the measure reaches the threshold there, or falls below it.
    before, after
        The measure on either side; they differ where it jumps.
    rests_from, rests_to
        The stretch of the axis, beside the crossing, on which the measure stands at the threshold; None where there is
        none.
    within_error
        Whether ``before`` and ``after`` differ by no more than the error of what is simulated value by value: by a path
        more or less.
    """

    value: Value
    low: Value | None
    high: Value | None
    rising: bool
    before: float
    after: float
    rests_from: Value | None = None
    rests_to: Value | None = None
    within_error: bool = False

    @property
    def jumps(self) -> bool:
        """Whether the measure passes the threshold in a leap, as where losses take few values."""
        leap = abs(self.after - self.before) > 1e-3 * max(abs(self.after), abs(self.before))
        return leap and not self.within_error

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS = tuple(name for name in Crossing.__dataclass_fields__ if name != "within_error")


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Breakeven(Answer):
    """What came of looking for a threshold; frozen.

    Attributes
    ----------
    axis, measure, threshold
        What was asked for.
    ends
        The measure at both ends of the range: dicts of ``at``, ``value``, ``low`` and ``high``.
    crossings
        All that were found, in the order of the axis; empty where the measure stays on one side.
    sweep
        The sweep over the axis that they were read from.
    """

    axis: str
    measure: str
    threshold: float
    ends: tuple[dict[str, Any], dict[str, Any]]
    crossings: tuple[Crossing, ...]
    sweep: Sweep

    @property
    def value(self) -> Value | None:
        """The first crossing; None where there is none."""
        return self.crossings[0].value if self.crossings else None

    @property
    def headline(self) -> str:
        """Where the measure crosses the threshold, or that it does not, in plain words with unit and interval."""
        return ". ".join(self.findings)

    @property
    def findings(self) -> tuple[str, ...]:
        """A sentence on each crossing; where there is none, one that says so."""
        if self.crossings:
            return tuple(self._finding(crossing) for crossing in self.crossings)
        first, _ = self.ends
        side = "at or above" if first["value"] is not None and first["value"] >= self.threshold else "below"
        stays = f"{self.caption} stays {side} {self.amount(self.threshold)}"
        if self.sweep.plan.event is not None:
            return (f"{stays} over the whole range: no breakeven",)
        return (f"{stays} at all {len(self.sweep.plan.axes[0].values)} values that were simulated: no breakeven found",)

    def _finding(self, crossing: Crossing) -> str:
        verb = "reaches" if crossing.rising else "falls below"
        low, high = crossing.low, crossing.high
        width = (high - low) / 2 if isinstance(low, float) and isinstance(high, float) else None
        ends = [
            f"the range’s {edge}" if end is None else _on_axis(end, width)
            for end, edge in ((low, "beginning"), (high, "end"))
        ]
        interval = "so few paths tell no error" if self.ends[0]["low"] is None else f"{ends[0]} … {ends[1]}"
        value = _on_axis(crossing.value, width)
        text = f"{self.caption} {verb} {self.amount(self.threshold)} at {value} ({interval})"
        if month := stops.resulting_month(self.scenario, self.axis, crossing.value):
            text += f", which puts the median month at {month}"
        if crossing.jumps and isinstance(crossing.value, float):
            text += f", leaping from {self.amount(crossing.before)} to {self.amount(crossing.after)}"
        if crossing.rests_from is not None and crossing.rests_to is not None:
            stretch = " to ".join(_on_axis(end, width) for end in (crossing.rests_from, crossing.rests_to))
            text += f"; it stands at just that from {stretch}"
        return text

    @property
    def caption(self) -> str:
        """The measure's name for readers, with its level."""
        return labels.measure_caption(*_known(self.measure))

    def amount(self, value: float | None, half_width: float | None = None) -> str:
        """An amount of the measure in words: money with its unit, a share in per cent."""
        if value is None:
            return "unknown"
        measure, _ = _known(self.measure)
        if measure.is_share:
            return numbers.percent(value)
        if value == 0:
            return numbers.with_unit("0", self.scenario.money)
        return numbers.money(value, self.scenario.money, half_width or None)

    @property
    def range_in_words(self) -> str:
        """What the measure is at both ends of the range, and where the scenario stands, in words."""
        said = []
        for end in self.ends:
            known = end["low"] is not None and end["high"] is not None
            width = (end["high"] - end["low"]) / 2 if known else None
            said.append(f"at {self._at(end['at'])} it is {self.amount(end['value'], width)}")
        base = self.sweep.base[self.axis]
        stands = "" if base is None else f"; the scenario stands at {self._at(base)}"
        return f"{', '.join(said)}{stands}"

    def base_line(self) -> str:
        """The measure where the scenario stands, with paths and sampling."""
        return self.sweep.base_line(*_known(self.measure))

    def __repr__(self) -> str:
        """One line: the headline."""
        return inert(f"<Breakeven of {self.scenario.name!r}: {self.headline} ({self.paths:,} paths)>")

    def card(self) -> str:
        """A small card for a notebook: the answer, and what the measure is at the ends of the range."""
        rows = [
            (self._at(end["at"]), *(self.amount(end[key]) for key in ("value", "low", "high"))) for end in self.ends
        ]
        head = (labels.axis_caption(self.scenario, self.axis), self.caption, "Low", "High")
        made = f"{self.base_line()} · {self.scenario.money}"
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=head)

    def _at(self, value: Value) -> str:
        return stops.stop_caption(self.scenario, self.axis, value)

    def _at_base(self) -> dict[str, Any] | None:
        measure, level = _known(self.measure)
        found = self.sweep.estimates_at_base()
        return None if found is None else measure.told(found.of(measure, level))

    def to_frame(self) -> pd.DataFrame:
        """The crossings as a table, in the order of the axis.

        Returns
        -------
        DataFrame
            A row a crossing; columns ``value``, ``low``, ``high``, ``rising``, ``before``, ``after``, ``rests_from``,
            ``rests_to``; what stands on the axis is a number, a whole one, or a month as text.
        """
        first = self.sweep.plan.axes[0].values[0]
        on_axis = str if isinstance(first, str) else int if isinstance(first, int) else float
        types = {**dict.fromkeys(_FIELDS, on_axis), "rising": bool, "before": float, "after": float}
        return frame_of((crossing.to_dict() for crossing in self.crossings), types)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": self.run_record(),
            "axis": self.axis,
            "measure": self.measure,
            "threshold": self.threshold,
            "range": {"from": self.ends[0], "to": self.ends[1]},
            "base": self.sweep.base[self.axis],
            "at_base": self._at_base(),
            "value": self.value,
            "crossings": [crossing.to_dict() for crossing in self.crossings],
        }


def breakeven(
    source: Any,
    *,
    axis: str,
    threshold: float,
    measure: str | None = None,
    low: Value | None = None,
    high: Value | None = None,
    set: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Breakeven:
    """Find where a measure crosses a threshold as one number or month of a scenario varies.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    axis
        Dotted path of a number or month. The probability of one event and what its timing consists of need one
        simulation for all values; anything else (a ``commitment``, an ``acceptance``) one for each value that is looked
        at, all on the same draws: a coarse grid, then a secant within it.
    threshold
        In the scenario's unit; for a probability a number from 0 to 1.
    measure
        One that sweeps have: ``expected_loss``, ``expected_revenue``, ``probability_of_loss``,
        ``probability_below_target`` and so on, or ``revenue_at_risk.0.95`` and ``expected_shortfall.0.95`` at one of
        the scenario's levels. None: revenue at risk at 0.95, or at the scenario's first level where it has no such.
    low, high
        Range that is searched; None: from 0 to 1 for a share, the horizon for an event's month, a factor of ten about
        the scenario's value for a timing parameter, its plausible range or some way about it for any other number, as
        far as the scenario is valid there.
    paths, seed, sampling, workers, progress
        As for :func:`sim.sweep`.

    Returns
    -------
    Breakeven

    Raises
    ------
    ScenarioError, UsageError, TooLarge
        As :func:`sim.sweep`; UsageError too where a range is asked for or does not fit.
    """
    # Its own axes play no part here, and need not be valid together with what is set.
    scenario = load(source, set=set, own_axes=False)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        raise UsageError(f"threshold: found {threshold!r}, allowed is a number")
    asked, level = _measure(scenario, _default(scenario) if measure is None else measure)
    started = time.perf_counter()
    values, scale = values_of(scenario, axis, low, high)
    weighed, count = is_weighed(scenario, axis), len(values)
    told = progress if weighed else part_of(progress, 0, count * 1000, (count + EXPECTED) * 1000)
    swept = sweep(
        scenario, axes={axis: values}, paths=paths, seed=seed, sampling=sampling, workers=workers, progress=told
    )
    reading: Reading = (
        Weighed(swept, axis, asked, level, scale)
        if weighed
        else Simulated(swept, axis, asked, level, scale, workers=workers, progress=progress)
    )
    crossings = _crossings(reading, float(threshold))
    return Breakeven(
        scenario=swept.scenario,
        sampled=swept.sampled,
        axis=axis,
        measure=name_of(asked, level),
        threshold=float(threshold),
        ends=(end_of(reading, 0), end_of(reading, -1)),
        crossings=tuple(crossings),
        seconds=time.perf_counter() - started,
        sweep=swept,
    )


def _crossings(reading: Reading, threshold: float) -> list[Crossing]:
    slack = ROUNDING * abs(threshold)
    least = threshold - slack

    def doubt(x: float) -> float:
        _, low, high = reading.at(x)
        return min(least - low, high - least)

    def may_be_there(x: float) -> bool:
        _, low, high = reading.at(x)
        return low < least <= high

    reaches = Condition(lambda x: reading.at(x)[0] >= least, lambda x: reading.at(x)[0] - least)
    unsure_there = Condition(may_be_there, doubt)
    rests = Condition(lambda x: abs(reading.at(x)[0] - threshold) <= slack, lambda x: math.nan)
    whole = reading.scale.whole
    above = reading.values >= least
    # Where it is known to stand at the threshold, as on an atom, there is no doubt that it reaches it.
    unsure = (reading.low < least) & (least <= reading.high)
    found = []
    for k in np.flatnonzero(above[1:] != above[:-1]):
        before, after = reading.bracket(reaches, float(reading.x[k]), float(reading.x[k + 1]))
        value = after if whole else (before + after) / 2
        low = _edge(reading, unsure, unsure_there, range(int(k), -1, -1), before, value)
        high = _edge(reading, unsure, unsure_there, range(int(k) + 1, len(reading.x)), after, value)
        found.append(
            Crossing(
                value=reading.scale.value(value),
                low=None if low is None else reading.scale.value(min(low, value)),
                high=None if high is None else reading.scale.value(max(high, value)),
                rising=bool(above[k + 1]),
                before=reading.at(before)[0],
                after=reading.at(after)[0],
                within_error=reading.within_error(before, after),
                **_stretch(reading, rests, int(k), before, after, above[k + 1]),
            )
        )
    return found


def _stretch(reading: Reading, rests: Condition, k: int, before: float, after: float, rising: bool) -> dict[str, Value]:
    """Where the measure stands at the threshold, beyond a crossing where it rises and up to it where it falls."""
    start, way = (after, range(k + 1, len(reading.x))) if rising else (before, range(k, -1, -1))
    if not rests.holds(start):
        return {}
    end = start
    for place in way:
        x = float(reading.x[place])
        if not rests.holds(x):
            end = reading.bracket(rests, end, x, rough=True)[0]
            break
        end = x
    if abs(end - start) <= abs(reading.x[k + 1] - reading.x[k]) and not reading.scale.whole:
        return {}
    low, high = sorted((start, end))
    return {"rests_from": reading.scale.value(low), "rests_to": reading.scale.value(high)} if low < high else {}


def _edge(
    reading: Reading, unsure: np.ndarray, may_be_there: Condition, way: range, start: float, crossing: float
) -> float | None:
    """How far from a crossing the measure's interval still holds the threshold; None where to the end of the range."""
    if np.isnan(reading.low).any():
        return None
    inside = start
    if not may_be_there.holds(start):
        return crossing
    for k in way:
        x = float(reading.x[k])
        if not unsure[k]:
            return inside if x == inside else reading.bracket(may_be_there, inside, x, rough=True)[0]
        inside = x
    return None


def _default(scenario: Scenario) -> str:
    """Revenue at risk at 0.95, or at the scenario's first level where it has no such."""
    levels = scenario.risk.levels
    return name_of(REVENUE_AT_RISK, level_name(0.95 if 0.95 in levels else levels[0]))


def _known(name: str) -> tuple[Measure, str | None]:
    measure, level = named(name)
    assert measure is not None
    return measure, level


def _on_axis(value: Value, width: float | None) -> str:
    """A value on the axis in words, rounded by its error."""
    if isinstance(value, str):
        return value
    if not width or width <= 1e-6 * abs(value):
        return f"{value:.4g}".replace("-", "−")
    return numbers.number(value, width)


def _measure(scenario: Scenario, name: str) -> tuple[Measure, str | None]:
    """Measure and level of a name, of those that a sweep of this scenario has."""
    levels = scenario.risk.levels
    # Money before shares, and what has levels last.
    known = sorted(cell_measures(scenario), key=lambda measure: (measure.by_level, measure.is_share))
    names = {name_of(measure, level): (measure, level) for measure, level in with_levels(known, levels)}
    if name in names:
        return names[name]
    measure, level = named(name)
    if measure is not None and measure.by_level and level is None and len(levels) == 1:
        return with_levels([measure], levels)[0]
    help = None
    if measure is not None and measure.needs_target and name == measure.name:
        help = "give the scenario a target: --set risk.target=…"
    elif measure is not None and measure.by_level:
        help = "other levels: --set risk.levels=[0.9]"
    elif near := difflib.get_close_matches(name, names, 1):
        help = f"did you mean {near[0]}?"
    raise UsageError(f"measure: found {name!r}, allowed are {', '.join(names)}", help=help)
