"""Where among the numbers in doubt a condition on a measure holds: a box, tried on draws that did not make it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.asked_measure import Condition, condition, measure_of, names_of
from sim.answers.doubt import told
from sim.answers.drivers import largest, ready_of
from sim.answers.frames import frame_of
from sim.answers.simulated import Simulated, are_months, as_numbers, simulated
from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import first_order, trees
from sim.estimates.estimate import Estimate
from sim.estimates.first_order import Binned
from sim.estimates.independent import share_interval
from sim.estimates.of_each_draw import OfEachDraw
from sim.estimates.peeling import Box, Column, Side, best_box, counted, inside
from sim.language import load
from sim.scenario.doubts import Doubt, Drawn, Weighted
from sim.scenario.months import format_month
from sim.simulation.pool import Progress
from sim.words import card
from sim.words.boxed import box_in_words, headline, side_in_words
from sim.words.driven import caption, drawn_by, per_cent

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import BoxPlots

LEAST_EVENTS = 20
"""Draws in which the condition holds, or in which it does not, below which there is no box."""

FOLDS = 4


def where(
    source: Any,
    asked: str,
    *,
    tree: bool = False,
    set: Mapping[str, Any] | None = None,
    draws: int | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Where:
    """Say where among a scenario's numbers in doubt a condition on a measure holds.

    Parameters
    ----------
    source
        A scenario, as for :func:`sim.doubt`; or what that gave back, whose draws are then used again.
    asked
        A measure by its name in JSON, one of > >= < <=, and a number: ``revenue_at_risk.0.95 > 1200``.
    tree
        Whether a tree of decisions of depth three is grown too, by scikit-learn.
    set, draws, paths, seed, workers, progress
        As for :func:`sim.doubt`; not of draws that are there.

    Returns
    -------
    Where

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused; also where no number is in doubt, or a draw does not have the measure.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    if tree:
        trees.check()
    options = {"set": set, "draws": draws, "paths": paths, "seed": seed, "workers": workers}
    ready = ready_of(source, options)
    scenario = ready.scenario if ready is not None else load(source, set=set)
    wanted = condition(asked, names_of(scenario), "condition")
    measure, level = measure_of(scenario, wanted.name, "condition")
    started = time.perf_counter()
    if ready is None:
        ready = simulated(scenario, draws=draws, paths=paths, seed=seed, workers=workers, progress=progress)
    of = ready.of_each_draw(measure, level)
    return _where(ready, wanted, of.holds(lambda values, _: wanted.of(values), 0.0), tree, started)


def _where(ready: Simulated, wanted: Condition, holds: OfEachDraw, tree: bool, started: float) -> Where:
    scenario, count = ready.scenario, int(holds.values.sum())
    (share,) = holds.told(lambda draws, values: values.mean(axis=1, keepdims=True), 0.0, 1.0)
    share = _at_least(share, count, ready.draws)
    outside = 2 * count > ready.draws
    event = OfEachDraw(1 - holds.values, 1 - holds.without) if outside else holds
    about: dict[str, Any] = {
        "scenario": scenario, "sampled": ready.sampled, "simulated": ready, "condition": wanted, "share": share,
        "outside": outside,
    }  # fmt: skip
    rare = min(count, ready.draws - count)
    if rare < LEAST_EVENTS:
        what = "does not hold" if outside else "holds"
        why = f"it {what} in {rare:,} of {ready.draws:,} draws, and a box needs {LEAST_EVENTS}"
        return Where(why=why, seconds=time.perf_counter() - started, **about)
    columns = tuple(_column(doubt, [row[j] for row in ready.ensemble.values]) for j, doubt in enumerate(ready.doubts))
    search = _Search(columns, ready.ensemble.scores, event)
    every = np.arange(ready.draws)
    chosen = search.chosen(every)
    names = {j: caption(scenario, ready.doubts[j]) for j in range(len(columns))}
    if not chosen:
        why = "no number in doubt goes with it by more than noise alone may do"
        return Where(why=why, seconds=time.perf_counter() - started, **about)
    box = search.box(every, chosen)
    found = Region(box, search.told(inside(columns, box)), search.told(search.held_out(search.box)))
    grown = None
    if tree:
        leaves = search.leaves(every, chosen)
        told_of = [Leaf(leaf, counted(columns, event.values > 0, leaf)) for leaf in leaves]
        dense = search.told(search.dense(every, leaves))
        grown = Tree(tuple(told_of), dense, search.told(search.held_out(search.dense_of)))
    return Where(
        why=None if box else "no box is better than all draws",
        region=found if box else None,
        tree=grown,
        columns=columns,
        names=names,
        event=event.values > 0,
        chosen=tuple(chosen),
        seconds=time.perf_counter() - started,
        **about,
    )


def _column(doubt: Doubt, drawn: Sequence[Drawn]) -> Column:
    """What was drawn of a number in doubt, as numbers in its order."""
    weighted = isinstance(doubt.form, Weighted)
    unordered = weighted and not doubt.numeric and not are_months(doubt)
    return Column(as_numbers(doubt, drawn), whole=doubt.whole or (weighted and not unordered), unordered=unordered)


class _Search:
    """What is done on some draws to find where an event is, and counted on others."""

    def __init__(self, columns: Sequence[Column], scores: np.ndarray, event: OfEachDraw) -> None:
        self.columns, self.scores, self.event = columns, scores, event
        self._chosen: dict[bytes, list[int]] = {}

    def chosen(self, draws: np.ndarray) -> list[int]:
        """The numbers in doubt with which the event goes by more than noise may, at most six."""
        key = draws.tobytes()
        if key not in self._chosen:
            values = self.event.values[draws]
            shares = Binned(self.scores[draws]).shares(values[np.newaxis])[0].tolist()
            vary = values.min() < values.max()
            self._chosen[key] = largest(shares, first_order.floor(values, len(self.columns))) if vary else []
        return self._chosen[key]

    def box(self, draws: np.ndarray, chosen: Sequence[int] | None = None) -> Box:
        chosen = sorted(self.chosen(draws) if chosen is None else chosen)
        box = best_box(self._of(draws, chosen), self.event.values[draws] > 0)
        return tuple(Side(chosen[side.column], side.low, side.high, side.without) for side in box)

    def leaves(self, draws: np.ndarray, chosen: Sequence[int]) -> list[Box]:
        found = trees.leaves(self._of(draws, chosen), self.event.values[draws] > 0)
        return [tuple(Side(chosen[s.column], s.low, s.high, s.without) for s in leaf) for leaf in found]

    def dense(self, draws: np.ndarray, leaves: Sequence[Box]) -> np.ndarray:
        """Which of all draws lie in leaves in over half of whose draws, of those given, the event is."""
        within = np.zeros(len(self.scores), dtype=bool)
        for leaf in leaves:
            here = inside(self.columns, leaf)
            if 2 * self.event.values[draws][here[draws]].sum() > here[draws].sum():
                within |= here
        return within

    def dense_of(self, draws: np.ndarray) -> np.ndarray:
        chosen = sorted(self.chosen(draws))
        return self.dense(draws, self.leaves(draws, chosen)) if chosen else np.zeros(len(self.scores), dtype=bool)

    def held_out(self, find: Callable[[np.ndarray], Box | np.ndarray]) -> np.ndarray:
        """Which draws lie where the event was found by draws of other replications."""
        of_draw = np.arange(len(self.scores)) % SCRAMBLINGS
        within: np.ndarray = np.zeros(len(self.scores), dtype=bool)
        for fold in range(FOLDS):
            out = of_draw // (SCRAMBLINGS // FOLDS) == fold
            found = find(np.flatnonzero(~out))
            if not isinstance(found, tuple):
                within[out] = found[out]
            elif found:  # where there is no box none of these draws lies in it
                within[out] = inside(self.columns, found)[out]
        return within

    def told(self, within: np.ndarray) -> Shares:
        """Density, coverage and mass of some draws, with errors of draws and paths."""

        def asked(draws: np.ndarray, values: np.ndarray) -> np.ndarray:
            here = within[draws]
            hits = values[:, here].sum(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                parts = [hits / here.sum(), hits / values.sum(axis=1), np.full(len(values), here.mean())]
            shares: np.ndarray = np.nan_to_num(np.array(parts).T)
            return shares

        density, coverage, mass = self.event.told(asked, 0.0, 1.0)
        events = int(self.event.values.sum())
        hits, count = int(self.event.values[within].sum()), int(within.sum())
        return Shares(
            _at_least(density, hits, count) if count else None,
            _at_least(coverage, hits, events),
            _at_least(mass, count, len(within)),
        )

    def _of(self, draws: np.ndarray, chosen: Sequence[int]) -> list[Column]:
        return [Column((c := self.columns[j]).values[draws], c.whole, c.unordered) for j in chosen]


def _at_least(estimate: Estimate, hits: int, count: int) -> Estimate:
    """A share whose interval allows, where none or all were met, for what so many draws may have missed."""
    if 0 < hits < count:
        return estimate
    low, high = share_interval(hits, count)
    assert estimate.low is not None
    assert estimate.high is not None
    return Estimate(estimate.value, low=min(low, estimate.low), high=max(high, estimate.high))


@dataclass(frozen=True, slots=True)
class Shares:
    """How good a region is.

    Attributes
    ----------
    density
        Share of the draws in it that are of the event; None where it has none.
    coverage
        Share of the event's draws that lie in it.
    mass
        Share of all draws that lie in it.
    """

    density: Estimate | None
    coverage: Estimate
    mass: Estimate

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            name: None if one is None else told(one)
            for name, one in (("density", self.density), ("coverage", self.coverage), ("mass", self.mass))
        }


@dataclass(frozen=True, slots=True)
class Region:
    """A box, how good it is on the draws that made it, and what boxes made so are worth on draws that did not."""

    box: Box
    shares: Shares
    held_out: Shares


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of a tree, and the draws that it has."""

    box: Box
    counted: Any


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of decisions: its leaves, the densest first; and those together in which the event is in over half."""

    leaves: tuple[Leaf, ...]
    shares: Shares
    held_out: Shares


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Where(Answer):
    """Where among the numbers in doubt a condition holds; frozen.

    Attributes
    ----------
    condition
        What was asked.
    share
        Share of the draws in which it holds.
    outside
        Whether it holds in over half of the draws, so that what is told is where it does not.
    region
        The box; None where there is none.
    tree
        The tree; None where it was not asked for, or there is none.
    why
        Why there is no box; None where there is one.
    columns, names, event, chosen
        What was drawn of each number in doubt; what it is in words; whether the event is, by draw; the numbers that a
        box may have sides of.
    """

    simulated: Simulated = field(repr=False)
    condition: Condition
    share: Estimate
    outside: bool
    region: Region | None = None
    tree: Tree | None = None
    why: str | None = None
    columns: tuple[Column, ...] = field(default=(), repr=False)
    names: Mapping[int, str] = field(default_factory=dict, repr=False)
    event: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool), repr=False)
    chosen: tuple[int, ...] = ()

    @property
    def draws(self) -> int:
        """Draws of the numbers in doubt."""
        return self.simulated.draws

    @property
    def rows(self) -> tuple[Doubt, ...]:
        """The numbers in doubt."""
        return self.simulated.doubts

    @property
    def headline(self) -> str:
        """Where it holds, in plain words."""
        return headline(self)

    def __repr__(self) -> str:
        """One line: the headline."""
        return f"<Where of {self.scenario.name!r}: {self.headline} ({self.draws:,} draws of {self.paths:,} paths)>"

    @property
    def plot(self) -> BoxPlots:
        """Pictures: ``boxes``."""
        pictures: BoxPlots = door.plots().BoxPlots(self)
        return pictures

    def sides(self, box: Box) -> list[str]:
        """A box in words, a side each."""
        return [side_in_words(self.names[side.column], self.side(side)) for side in box]

    def box_in_words(self) -> str:
        """The box in words."""
        assert self.region is not None
        return box_in_words(self.sides(self.region.box))

    def side(self, side: Side) -> dict[str, Any]:
        """A side as plain data: limits as the scenario writes them, words that are left."""
        doubt, column = self.rows[side.column], self.columns[side.column]
        form = doubt.form
        record: dict[str, Any] = {"path": doubt.path, "low": None, "high": None}
        if column.unordered:
            assert isinstance(form, Weighted)
            left = [value for place, value in enumerate(form.values) if place not in side.without]
            return {**record, "values": left}
        months = are_months(doubt)
        for end in ("low", "high"):
            limit = getattr(side, end)
            if limit is not None:
                record[end] = (
                    format_month(int(limit))
                    if months
                    else int(limit)
                    if column.whole and limit == int(limit)
                    else limit
                )
        return record

    def card(self) -> str:
        """A small card for a notebook."""
        rows = []
        if self.region is not None:
            for name in ("density", "coverage", "mass"):
                cells = [getattr(one, name) for one in (self.region.shares, self.region.held_out)]
                rows.append((name, *("–" if one is None else per_cent(one.value) for one in cells)))
        head = ("Of the box", "These draws", "Held out")
        return card.card(self.scenario.name, f"{self.headline}.", rows, drawn_by(self), head=head)

    def to_frame(self) -> pd.DataFrame:
        """The shares as a tidy table: density, coverage and mass, on the draws that made the box and held out."""
        types: dict[str, type] = {"of": str, "share": str, "value": float, "low": float, "high": float}
        rows = []
        for kind, region in (("box", self.region), ("tree", self.tree)):
            if region is None:
                continue
            for on, shares in (("", region.shares), (", held out", region.held_out)):
                for name, one in shares.to_dict().items():
                    rows.append([f"{kind}{on}", name, *((one or {}).get(key, nan) for key in ("value", "low", "high"))])
        return frame_of(rows, types)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        region = self.region
        empty = {"density": None, "coverage": None, "mass": None}
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {"draws": self.draws, **self.run_record()},
            "condition": self.condition.text,
            "share": told(self.share),
            "outside": self.outside,
            "box": [] if region is None else [self.side(side) for side in region.box],
            **(empty if region is None else region.shares.to_dict()),
            "held_out": empty if region is None else region.held_out.to_dict(),
            "tree": None if self.tree is None else self._tree(self.tree),
            "why": self.why,
        }

    def _tree(self, tree: Tree) -> dict[str, Any]:
        leaves = [
            {"box": [self.side(side) for side in leaf.box], "mass": leaf.counted.mass, "density": leaf.counted.density}
            for leaf in tree.leaves
        ]
        return {"leaves": leaves, **tree.shares.to_dict(), "held_out": tree.held_out.to_dict()}
