"""Which numbers in doubt move a measure: alone, with others, in its tail, and which way; beside what noise does."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.asked_measure import measure_of
from sim.answers.doubt import Doubted, told
from sim.answers.frames import frame_of
from sim.answers.simulated import Simulated, simulated
from sim.errors import UsageError
from sim.estimates import first_order
from sim.estimates.estimate import Estimate
from sim.estimates.first_order import Binned, beyond, directions
from sim.estimates.measures import REVENUE_AT_RISK, Measure, level_name, name_of
from sim.estimates.of_each_draw import OfEachDraw
from sim.estimates.shapley_effects import MOST, Surfaces
from sim.language import load
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress
from sim.words import card
from sim.words.driven import (
    CELLS,
    caption,
    cells,
    direction_in_words,
    drawn_by,
    headline,
    left_below,
)
from sim.words.labels import measure_caption

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import DriverPlots
    from sim.scenario.doubts import Doubt

BEYOND = 0.9
"""Level beyond which draws are the tail, unless another is asked for."""

LEAST_BEYOND = 20
"""Draws that the tail has, and all others, at least."""

INDICES = ("first_order", "shapley", "tail", "direction")


def drivers(
    source: Any,
    *,
    measure: str | None = None,
    beyond: float = BEYOND,
    set: Mapping[str, Any] | None = None,
    draws: int | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Drivers:
    """Say which of a scenario's numbers in doubt move a measure.

    Parameters
    ----------
    source
        A scenario, as for :func:`sim.doubt`; or what that gave back, whose draws are then used again.
    measure
        By its name in JSON, ``revenue_at_risk.0.95``; None: revenue at risk at the scenario's first level.
    beyond
        Level of the measure over doubt beyond which draws are its tail, above 0 and below 1.
    set, draws, paths, seed, workers, progress
        As for :func:`sim.doubt`; not of draws that are there.

    Returns
    -------
    Drivers

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused; also where no number is in doubt, or a draw does not have the measure.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    asked = {"set": set, "draws": draws, "paths": paths, "seed": seed, "workers": workers}
    ready = ready_of(source, asked)
    scenario = ready.scenario if ready is not None else load(source, set=set)
    of, level = check_asked(scenario, measure, beyond)
    started = time.perf_counter()
    if ready is None:
        ready = simulated(scenario, draws=draws, paths=paths, seed=seed, workers=workers, progress=progress)
    few = min(beyond, 1 - beyond) * ready.draws
    if few < LEAST_BEYOND - 1e-9:
        raise UsageError(
            f"beyond: {few:.3g} of {ready.draws:,} draws lie on one side of {beyond:g}, and a tail needs "
            f"{LEAST_BEYOND}",
            help="ask for more --draws, or for a level nearer to the middle",
        )
    return _drivers(ready, of, level, float(beyond), started)


def ready_of(source: Any, asked: Mapping[str, Any]) -> Simulated | None:
    """Draws that are there already; None where there is but a scenario.

    Raises
    ------
    UsageError
        Where they are asked to be other ones.
    """
    if isinstance(source, Doubted):
        source = source.simulated
    if not isinstance(source, Simulated):
        return None
    given = [name for name, value in asked.items() if value is not None]
    if given:
        raise UsageError(f"{', '.join(given)}: draws that are there have their own", help="ask the scenario anew")
    return source


def check_asked(scenario: Scenario, measure: str | None, beyond: float) -> tuple[Measure, float | None]:
    """The measure that is asked about, with its level; before long work is begun.

    Raises
    ------
    UsageError
        Where the scenario does not have it, or the level of the tail is none.
    """
    if not isinstance(beyond, int | float) or isinstance(beyond, bool) or not 0 < beyond < 1:
        raise UsageError(f"beyond: found {beyond!r}, allowed is a share above 0 and below 1, 0.9 for the highest tenth")
    return measure_of(scenario, measure or REVENUE_AT_RISK.name, "measure")


def _drivers(ready: Simulated, measure: Measure, level: float | None, tail: float, started: float) -> Drivers:
    of, scores, doubts = ready.of_each_draw(measure, level), ready.ensemble.scores, ready.doubts
    rows = [Driver(doubt.path, caption(ready.scenario, doubt), doubt) for doubt in doubts]
    name = level_name(level) if level is not None else None
    about: dict[str, Any] = {
        "scenario": ready.scenario, "sampled": ready.sampled, "simulated": ready, "of_measure": measure,
        "level": name, "beyond": tail, "of_draws": of,
    }  # fmt: skip
    if of.values.min() == of.values.max():
        why = f"all draws have the same {name_of(measure, name)}"
        return Drivers(rows=tuple(rows), why=why, seconds=time.perf_counter() - started, **about)
    found = _indices(of, scores, tail)
    floor = first_order.floor(of.values, len(doubts))
    tail_floor, no_tail = None, None
    if found["tail"] is None:
        no_tail = f"no draw lies beyond the {100 * tail:g} % point: more than that share of them have the highest value"
    else:
        tail_floor = first_order.floor(beyond(of.values[np.newaxis], tail)[0], len(doubts))
    chosen = largest([one.value for one in found["first_order"]], floor)
    *effects, others = of.told(lambda draws, values: Surfaces(scores[draws][:, chosen]).effects(values), 0.0, 1.0)
    for j, row in enumerate(rows):
        rows[j] = Driver(
            row.path,
            row.caption,
            row.doubt,
            found["first_order"][j],
            effects[chosen.index(j)] if j in chosen else None,
            None if found["tail"] is None else found["tail"][j],
            found["direction"][j],
            above=found["first_order"][j].value > floor.value,
            in_tail=tail_floor is not None and found["tail"][j].value > tail_floor.value,
        )
    return Drivers(
        rows=tuple(rows), others=others, floor=floor, tail_floor=tail_floor, no_tail=no_tail,
        seconds=time.perf_counter() - started, **about,
    )  # fmt: skip


def _indices(of: OfEachDraw, scores: np.ndarray, level: float) -> dict[str, Any]:
    """Indices of each doubt that are told of its score alone."""
    binned: dict[int, Binned] = {}

    def bins(draws: np.ndarray) -> Binned:
        key = hash(draws.tobytes())
        if key not in binned:
            binned[key] = Binned(scores[draws])
        return binned[key]

    tail = beyond(of.values[np.newaxis], level)
    return {
        "first_order": of.told(lambda draws, values: bins(draws).shares(values), 0.0, 1.0),
        "tail": of.told(lambda draws, values: bins(draws).shares(beyond(values, level)), 0.0, 1.0)
        if 0 < tail.sum() < tail.size
        else None,
        "direction": of.told(lambda draws, values: directions(scores[draws], values), -1.0, 1.0),
    }


def largest(shares: Sequence[float], floor: Estimate) -> list[int]:
    """The doubts of largest first-order share above the floor, at most six, the largest first."""
    order = sorted(range(len(shares)), key=lambda j: -shares[j])
    return [j for j in order if shares[j] > floor.value][:MOST]


@dataclass(frozen=True, slots=True)
class Driver:
    """A number in doubt, and what it does to a measure.

    Attributes
    ----------
    path, caption
        Its dotted path, and what it is in words.
    doubt
        What else it may be.
    first_order
        Share of the measure's variance over doubt that goes with it alone; None where nothing varies, as of the others.
    shapley
        Its Shapley effect; None where it is not among the six of largest first-order share above the floor.
    tail
        Share of the variance of whether the measure lies in its tail.
    direction
        Spearman's rank correlation with the measure: above 0 where more of it makes the measure more.
    above, in_tail
        Whether its share, and that of the tail, is above the noise floor.
    """

    path: str
    caption: str
    doubt: Doubt = field(repr=False)
    first_order: Estimate | None = None
    shapley: Estimate | None = None
    tail: Estimate | None = None
    direction: Estimate | None = None
    above: bool = False
    in_tail: bool = False


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Drivers(Answer):
    """Which numbers in doubt move a measure; frozen.

    Attributes
    ----------
    rows
        The numbers in doubt, as their scenario has them.
    others
        Share of the variance that the six with Shapley effects leave: of others, and of what no pair explains. None
        where nothing varies, as of the floors.
    floor, tail_floor
        Share below which a number can't be told from one that does nothing: of the first-order share, of the tail's.
    beyond
        Level from which on the tail begins.
    why, no_tail
        Why there are no shares, or none of the tail; None where there are.
    simulated, of_draws
        The draws, and the measure of each.
    """

    simulated: Simulated = field(repr=False)
    of_measure: Measure = field(repr=False)
    level: str | None
    beyond: float
    of_draws: OfEachDraw = field(repr=False)
    rows: tuple[Driver, ...]
    others: Estimate | None = None
    floor: Estimate | None = None
    tail_floor: Estimate | None = None
    why: str | None = None
    no_tail: str | None = None

    @property
    def draws(self) -> int:
        """Draws of the numbers in doubt."""
        return self.simulated.draws

    @property
    def measure(self) -> str:
        """The measure's name in JSON."""
        return name_of(self.of_measure, self.level)

    @property
    def measure_caption(self) -> str:
        """The measure in words."""
        return measure_caption(self.of_measure, self.level)

    @property
    def leading(self) -> list[Driver]:
        """The numbers that can be told from noise, the one of largest share first; then those that can in the tail."""
        told = [row for row in self.rows if row.above or row.in_tail]
        return sorted(told, key=lambda row: (not row.above, -_value(row.first_order if row.above else row.tail)))

    @property
    def headline(self) -> str:
        """What the measure hangs on, in plain words."""
        return headline(self)

    def __repr__(self) -> str:
        """One line: the headline."""
        return f"<Drivers of {self.scenario.name!r}: {self.headline} ({self.draws:,} draws of {self.paths:,} paths)>"

    @property
    def plot(self) -> DriverPlots:
        """Pictures: ``drivers``."""
        pictures: DriverPlots = door.plots().DriverPlots(self)
        return pictures

    def notes(self) -> list[str]:
        """What a reader of the shares has to know, a sentence each."""
        said = []
        if self.no_tail:
            said.append(f"No shares in the tail: {self.no_tail}.")
        left = [row.caption for row in self.rows if not (row.above or row.in_tail)]
        if left and self.floor is not None:
            said.append(left_below(len(left), self.floor.value))
        return said

    def card(self) -> str:
        """A small card for a notebook: the leading numbers and their shares."""
        rows = [(row.caption, *(value for value, _ in cells(row))) for row in self.leading]
        head = ("Number in doubt", *CELLS)
        return card.card(self.scenario.name, f"{self.headline}.", rows, drawn_by(self), head=head)

    def to_frame(self) -> pd.DataFrame:
        """The shares as a tidy table: a row for each number in doubt and index."""
        types: dict[str, type] = {
            "path": str, "caption": str, "index": str, "value": float, "low": float, "high": float, "above_floor": bool,
        }  # fmt: skip
        rows = [
            [
                row.path,
                row.caption,
                index,
                *_numbers(getattr(row, index)),
                row.in_tail if index == "tail" else row.above,
            ]
            for row in self.rows
            for index in INDICES
        ]
        return frame_of(rows, types)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {"draws": self.draws, **self.run_record()},
            "measure": self.measure,
            "beyond": self.beyond,
            "drivers": [
                {
                    "path": row.path,
                    "caption": row.caption,
                    **{index: _plain(getattr(row, index)) for index in INDICES},
                    "above_floor": row.above,
                    "in_tail": row.in_tail,
                }
                for row in self.rows
            ],
            "others": _plain(self.others),
            "floor": _plain(self.floor),
            "tail_floor": _plain(self.tail_floor),
            "why": self.why or self.no_tail,
        }

    def directions_in_words(self) -> list[str]:
        """Of each leading number, what more of it does."""
        return [direction_in_words(row, self.measure_caption) for row in self.leading]


def _plain(estimate: Estimate | None) -> dict[str, float | None] | None:
    return None if estimate is None else told(estimate)


def _value(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None else estimate.value


def _numbers(estimate: Estimate | None) -> tuple[float, float, float]:
    if estimate is None:
        return nan, nan, nan
    value, low, high = (nan if number is None else number for number in told(estimate).values())
    return value, low, high
