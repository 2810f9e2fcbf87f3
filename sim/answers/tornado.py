"""What would change the answer: each assumption at its low and at its high on common draws, sorted by what it moves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.bars import Bar, Changes, End
from sim.answers.frames import frame_of
from sim.answers.ranges import Range, Refused, Side, ranges_of
from sim.chance.sampling import Sampling
from sim.errors import UsageError, inert
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import Pair, losses_alone
from sim.estimates.measures import MEASURES, REVENUE_AT_RISK, level_name, loss_measures
from sim.language import load
from sim.language.evidence import evidence
from sim.language.turning import bare
from sim.scenario.parts import Scenario
from sim.simulation import common_draws
from sim.simulation.pool import Progress, part_of
from sim.words import bases, card
from sim.words.labels import measure_caption, short, value_caption
from sim.words.numbers import Scale, decimals_for, number, scale_for, with_unit

if TYPE_CHECKING:
    import pandas as pd

SIDES: tuple[Side, Side] = ("low", "high")
MOST_PATHS = 16_384
"""Paths without being told: enough to rank assumptions, since what variants share cancels path by path."""

KEPT = 256 * 2**20
"""Bytes of losses, path by path, that are held at a time, beside those of the base."""

COMPILED = 50_000
"""What making a variant of the scenario takes, in months of streams valued: progress counts it."""

ROUNDING = 1e-12
"""Part of all revenue in play below which a change is rounding."""


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Tornado(Answer):
    """What each assumption's range does to what is at risk; frozen.

    Attributes
    ----------
    level, measure
        Level of revenue at risk and expected shortfall; the measure that ``bars`` are sorted by.
    base
        The measures in the base case.
    bars
        One for each assumption that has a range, the largest change first.
    refused
        Ends of ranges at which the scenario would contradict itself.
    without_range
        Dotted paths of the assumptions for which no range is given; they stay where they are.
    unsourced
        Dotted paths of the numbers of which nothing is said at all.
    """

    level: float
    measure: str
    base: Changes
    bars: tuple[Bar, ...]
    refused: tuple[Refused, ...]
    without_range: tuple[str, ...]
    unsourced: tuple[str, ...]

    def top(self, n: int, measure: str | None = None) -> tuple[Bar, ...]:
        """The n assumptions that move a measure most; None: the one that bars are sorted by.

        Raises
        ------
        UsageError
            For a measure that it does not have.
        """
        measure = self.measure if measure is None else _known(measure)
        return tuple(sorted(self.bars, key=lambda bar: -bar.reach(measure))[: max(0, n)])

    def telling(self, measure: str | None = None) -> tuple[Bar, ...]:
        """Assumptions whose change of a measure can be told from 0, the largest first."""
        measure = self.measure if measure is None else _known(measure)
        return tuple(bar for bar in self.top(len(self.bars), measure) if bar.tells(measure))

    def largest(self, measure: str) -> Bar | None:
        """The assumption that matters most: of those that tell, or of all where so few paths tell no error."""
        blind = self.base.of(_known(measure)).standard_error is None
        found = self.top(1, measure) if blind else self.telling(measure)[:1]
        return found[0] if found and found[0].reach(measure) > 0 else None

    def card(self) -> str:
        """A small card for a notebook: the ten that matter most."""
        rows = [
            (bar.caption, *(_said(end, self.measure, self.scale.factor) for end in (bar.low, bar.high)))
            for bar in self.top(10)
        ]
        made = f"± one standard error · {self.base_line()} · {self.scale.unit}"
        head = ("Assumption", "At its low", "At its high")
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=head)

    @property
    def headline(self) -> str:
        """What matters most, in a sentence; captions may hold text of the scenario."""
        return self.finding(self.measure)

    @property
    def scale(self) -> Scale:
        """The one unit of a table of changes, by the base case's amounts."""
        amounts = [self.base.of(measure.name).value for measure in loss_measures()]
        return scale_for(amounts, short(self.scenario.money))

    def base_line(self, *measures: str) -> str:
        """The base case that changes are against, with paths and sampling; of some measures, or of that of the bars."""
        told: list[bases.Measured] = [
            (MEASURES[name], level_name(self.level) if MEASURES[name].by_level else None, self.base.of(name))
            for name in measures or (self.measure,)
        ]
        return bases.base_line(self.scenario, self.sampled, told)

    def finding(self, measure: str, base: Estimate | None = None) -> str:
        """What matters most for a measure, in a sentence.

        Parameters
        ----------
        measure
            Which.
        base
            What changes are added to, where the base case is better known than from these paths.
        """
        caption = self.caption(measure)
        if not self.bars:
            return "No assumption has a range: there is nothing to vary"
        own, bar = self.base.of(measure), self.largest(measure)
        if bar is None and own.standard_error is None:
            return f"No assumption changes {caption}, as far as so few paths tell"
        if bar is None:
            return f"No assumption changes {caption} by more than its error"
        base = base or own
        amounts = {side: base.value + end.change.of(measure).value for side, end in bar.ends.items()}
        error = base.half_width if base.standard_error is None else base.standard_error
        scale = scale_for([*amounts.values(), base.value], short(self.scenario.money))
        in_unit = [scale.factor * amount for amount in (*amounts.values(), base.value)]
        said = alike(in_unit, None if error is None else scale.factor * error)
        unit = scale.unit
        if len(amounts) == 2:
            ends = f"Between {value_caption(bar.ends['low'].value)} and {value_caption(bar.ends['high'].value)}"
            way = f"moves from {with_unit(f'{said[0]} to {said[1]}', unit)}"
        else:
            ends = f"At {value_caption(next(iter(bar.ends.values())).value)}"
            way = f"is {with_unit(said[0], unit)}"
        known = "; too few paths to tell errors" if own.standard_error is None else ""
        return f"What matters most: {bar.caption}. {ends}, {caption} {way} (base {said[-1]}{known})"

    def caption(self, measure: str) -> str:
        """A measure's name within a sentence, with its level."""
        asked = MEASURES[measure]
        name = measure_caption(asked, level_name(self.level) if asked.by_level else None)
        return name[:1].lower() + name[1:]

    def to_frame(self) -> pd.DataFrame:
        """The table: a row for each end of each bar, in the order of ``bars``, changes with error and interval."""
        rows = []
        for rank, bar in enumerate(self.bars, 1):
            for side, end in bar.ends.items():
                row: list[Any] = [rank, bar.path, bar.caption, bar.base, side, end.value]
                for measure in loss_measures(at_risk_first=True):
                    change = end.change.of(measure.name)
                    row += [self.base.of(measure.name).value + change.value]
                    row += [change.value, change.standard_error, change.low, change.high]
                rows.append([*row, bar.reason, bar.file, bar.line])
        parts = ("", "_change", "_change_standard_error", "_change_low", "_change_high")
        measured = [f"{measure.name}{part}" for measure in loss_measures(at_risk_first=True) for part in parts]
        head = {"rank": int, "path": str, "assumption": str, "base": float, "end": str, "value": float}
        tail = {"reason": str, "file": str, "line": int}
        return frame_of(rows, {**head, **dict.fromkeys(measured, float), **tail})

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": self.run_record(),
            "level": self.level,
            "measure": self.measure,
            "base": self.base.to_dict(),
            "bars": [bar.to_dict() for bar in self.bars],
            "refused": [asdict(refused) for refused in self.refused],
            "without_range": list(self.without_range),
            "unsourced": list(self.unsourced),
        }

    def plot(self, ax: Any = None, most: int = 12, measure: str | None = None) -> Any:
        """Draw the bars on matplotlib's Axes, which it gives back (see :func:`sim.plots.draw_tornado`)."""
        chosen = self.measure if measure is None else _known(measure)
        return door.plots().draw_tornado(self, ax=ax, most=most, measure=chosen)

    def __repr__(self) -> str:
        found = self.largest(self.measure)
        if found is None:
            return f"<Tornado: {inert(self.headline)}>"
        amount = with_unit(with_error(found.swing.of(self.measure).times(self.scale.factor)), self.scale.unit)
        few = f"{len(self.bars)} assumption{'s' if len(self.bars) > 1 else ''}"
        return inert(f"<Tornado of {few}: {found.caption}, low to high: {self.caption(self.measure)} {amount}>")


def tornado(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    level: float | None = None,
    measure: str = REVENUE_AT_RISK.name,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Tornado:
    """Value a scenario with each of its assumptions at the low and at the high of its plausible range.

    Ranges are the ``low`` and ``high`` of assumptions under ``evidence``; of a number in doubt, the 10 % and the 90 %
    point of its law. One number moves at a time, on common draws,
    so that a change has the error of a paired difference.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`. A number that is set here loses its range.
    paths
        Paths of the base case and of each end; None: the scenario's, at most 16,384. Quasi-random ones are rounded up
        to 16 times a power of two.
    seed
        Instead of the scenario's own.
    sampling
        ``sobol`` for scrambled quasi-random points, ``plain`` for independent paths.
    level
        Of revenue at risk and expected shortfall, in (0, 1); None: the first of the scenario's.
    measure
        What bars are sorted by, a measure of the loss in money: ``revenue_at_risk``, ``expected_loss`` or
        ``expected_shortfall`` (``docs/model.md``, section 7).
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the work done and all of it: paths, and variants of the scenario that are made.

    Returns
    -------
    Tornado

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    scenario = load(source, set=set)
    measure = _known(measure)
    level = scenario.risk.levels[0] if level is None else level
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise UsageError(f"level: found {level!r}, allowed is a number above 0 and below 1")
    chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling, most=MOST_PATHS)
    started = time.perf_counter()
    sources = evidence(scenario)
    ranges, refused = ranges_of(scenario, sources)
    moved = {number.path for one in ranges for number in one.numbers}
    unchanged = bare(scenario) if ranges else scenario
    varied: list[tuple[Range, Ends]] = []
    compiling = 2 * COMPILED // (scenario.months * (len(scenario.streams) + 2))
    simulating = chosen.paths * (1 + 2 * len(ranges))
    whole = compiling * len(ranges) + simulating
    for k, one in enumerate(ranges):
        if progress is not None and k:
            progress(compiling * k, whole)
        ends: Ends = {}
        for side in SIDES:
            variant = one.variant(unchanged, side)
            if isinstance(variant, Refused):
                refused.append(variant)
            else:
                ends[side] = variant
        if ends:
            varied.append((one, ends))
    told = part_of(progress, compiling * len(ranges), simulating, whole)
    done = _Done(told, chosen.paths * (1 + sum(len(_simulated(ends)) for _, ends in varied)))

    def losses(scenarios: Sequence[Scenario]) -> np.ndarray:
        return common_draws.losses(scenarios, chosen, workers=workers, progress=done.next())

    base = losses([unchanged])[0]
    ruler = _Ruler(scenario, base, float(level), chosen.scrambled, ROUNDING * _in_play(scenario))
    bars: list[Bar] = []
    at_a_time = max(1, KEPT // (2 * base.nbytes))
    for k in range(0, len(varied), at_a_time):
        part = varied[k : k + at_a_time]
        simulated = [variant for _, ends in part for variant in _simulated(ends)]
        rows = iter(losses(simulated) if simulated else ())
        bars += [
            _bar(one, {side: base if variant is None else next(rows) for side, variant in ends.items()}, ruler)
            for one, ends in part
        ]
    return Tornado(
        scenario=scenario,
        level=float(level),
        measure=measure,
        base=ruler.change(np.zeros(chosen.paths), base),
        bars=tuple(sorted(bars, key=lambda bar: -bar.reach(measure))),
        refused=tuple(refused),
        without_range=tuple(
            number.path for number in sources.of("assumption") if number.low is None and number.path not in moved
        ),
        unsourced=tuple(number.path for number in sources.of("unsourced")),
        sampled=chosen,
        seconds=time.perf_counter() - started,
    )


Ends = dict[Side, Scenario | None]
"""The variant at each end that can be set; None where the base case stands there."""


def _in_play(scenario: Scenario) -> float:
    """Revenue in play over the horizon, in round terms."""
    return sum(stream.revenue for stream in scenario.streams) * scenario.months


def _simulated(ends: Ends) -> list[Scenario]:
    return [variant for variant in ends.values() if variant is not None]


class _Done:
    """Progress over several simulations, each counted in paths of its scenarios."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._before = progress, total, 0

    def next(self) -> Progress | None:
        """What the next simulation is to call."""
        if self._progress is None:
            return None
        progress, before = self._progress, self._before

        def report(done: int, _: int) -> None:
            self._before = before + done
            progress(self._before, self._total)

        return report


@dataclass(frozen=True, slots=True)
class _Ruler:
    """How losses are compared: the base case's, shape (paths,), the level, and what counts as rounding."""

    scenario: Scenario
    base: np.ndarray
    level: float
    scrambled: bool
    rounding: float

    def change(self, before: np.ndarray, after: np.ndarray) -> Changes:
        """The measures of one array of losses less those of another, path against path."""
        pair = Pair(losses_alone(before), losses_alone(after), self.scenario, self.scenario, self.scrambled)
        return Changes(
            {
                measure.name: self._settled(measure.difference(pair, self.level if measure.by_level else None))
                for measure in loss_measures()
            }
        )

    def _settled(self, found: Estimate) -> Estimate:
        """The same, with nothing in place of what rounding leaves of nothing."""
        value = found.value if abs(found.value) > self.rounding else 0.0
        if found.standard_error is None:
            return Estimate(value)
        return found if found.standard_error > self.rounding else Estimate(value, 0.0, value, value)


def _bar(range: Range, losses: Mapping[Side, np.ndarray], ruler: _Ruler) -> Bar:
    ends = {side: End(range.end(side), ruler.change(ruler.base, losses[side])) for side in losses}
    return Bar(
        path=range.path,
        caption=range.caption,
        numbers=tuple(one.path for one in range.numbers),
        base=range.base,
        low=ends.get("low"),
        high=ends.get("high"),
        swing=ruler.change(losses.get("low", ruler.base), losses.get("high", ruler.base)),
        reason=range.first.reason,
        file=range.first.file,
        line=range.first.line,
    )


def with_error(change: Estimate) -> str:
    """A change with its sign and its standard error, for a reader: ``−422 ± 12``; no error where it is unknown."""
    value, error = change.value, change.standard_error
    sign = "+" if value > 0 else ""
    if error is None:
        return f"{sign}{alike([value], None)[0]}"
    return f"{sign}{alike([value], error)[0]} ± {number(error, error) if error > 0 else '0'}"


def _said(end: End | None, measure: str, factor: float) -> str:
    return "–" if end is None else f"{value_caption(end.value)}: {with_error(end.change.of(measure).times(factor))}"


def _known(measure: str) -> str:
    names = [measure.name for measure in loss_measures(at_risk_first=True)]
    if measure not in names:
        raise UsageError(f"measure: found {measure!r}, allowed are {', '.join(names)}")
    return measure


def alike(amounts: Sequence[float], error: float | None) -> list[str]:
    """Amounts with the same decimals: two digits of the error, four of the largest amount at most, none if whole."""
    largest = max(map(abs, amounts))
    digits = min(decimals_for(largest, None), decimals_for(largest, error or None))
    if all(round(amount, 9) == round(amount) for amount in amounts):
        digits = 0
    return [f"{round(amount, digits) or 0.0:,.{digits}f}".replace("-", "−") for amount in amounts]
