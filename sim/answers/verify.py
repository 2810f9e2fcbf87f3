"""The engines and the strata held against each other, path by path: months exactly, money to one part in 10^9."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers.answer import FORMAT, Answer
from sim.answers.frames import frame_of
from sim.chance.draws import Draws
from sim.chance.sampling import Sampling
from sim.engines import kernel
from sim.engines.strata import losses_by_own_month
from sim.engines.valuation import Valuation, window_sums
from sim.errors import inert
from sim.language import load
from sim.scenario.laws import NEVER
from sim.scenario.parts import Event, Scenario
from sim.simulation.memory import refuse_too_large
from sim.simulation.pool import Progress
from sim.simulation.stratified import event_in_question
from sim.words import card

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-9
"""Relative difference of money that is allowed."""

NEXT_TO_NOTHING = 1e-12
"""Part of the month's baseline below which a difference is rounding, even where next to no revenue is left."""

PATHS_AT_ONCE = 256

RULES = {
    "floor": "a commitment was billed beyond use",
    "true up": "a period's use fell short of its commitment",
    "carried over": "use above a commitment counted in a later period",
    "buyout": "a customer that left bought itself out",
    "notice too late": "a contract renewed, as notice came too late",
    "leaves at renewal": "a choice took effect at a renewal",
    "capacity": "capacity was scarce",
    "offer": "an offer was accepted",
    "trigger": "an event set off another",
    "ending": "a temporary event ended",
    "refused renewal": "a renewal carried no commitment",
    "voided floor": "an event voided a commitment",
    "not renewed": "a contract was over and not renewed",
    "overlap": "several events on one customer",
    "severity law": "a level was drawn from a law",
    "notice law": "a notice was drawn from a law",
    "planned": "a planned event arose, in the baseline too",
    "together": "an event arose when it did because of its set",
    "outcome": "one of an event's outcomes happened",
    "another outcome": "an event that came again had another outcome than before",
    "one-off": "an event cost something once",
    "repeats": "an event came again",
}
"""Rules whose acting is counted, and what that means."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the engines differ, or the strata (in the kernel's place) and the SimPy model."""

    path: int
    what: str
    month: str
    kernel: float | None
    model: float | None


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Agreement(Answer):
    """What came of comparing the engines.

    Attributes
    ----------
    differences
        The first places where they differ, at most ten; empty where they agree.
    different_paths
        How many paths differ.
    largest
        Largest relative difference of money seen.
    acted
        By rule, on how many paths it acted.
    event
        Id of the event whose strata were valued too; None where no event is in question.
    strata
        Its own months that some path has, each a stratum.
    """

    differences: tuple[Difference, ...]
    different_paths: int
    largest: float
    acted: Mapping[str, int]
    event: str | None
    strata: int

    @property
    def agree(self) -> bool:
        """Whether the engines agree on every path."""
        return self.different_paths == 0

    def __bool__(self) -> bool:
        """Whether the engines agree."""
        return self.agree

    @property
    def headline(self) -> str:
        """Whether the engines agree, in plain words."""
        count = f"{self.paths:,} path{'s' if self.paths > 1 else ''}"
        if self.agree:
            return f"The SimPy model and the kernel agree on {count}"
        return f"The SimPy model and the kernel differ on {self.different_paths:,} of {count}"

    def __repr__(self) -> str:
        """One line: the headline."""
        return inert(f"<Agreement on {self.scenario.name!r}: {self.headline}>")

    def card(self) -> str:
        """A small card for a notebook: the verdict, and the rules of the model that acted."""
        rows = [(RULES.get(rule, rule), f"{n:,}", f"{100 * n / self.paths:.1f} %") for rule, n in self.acted.items()]
        head = ("A rule of the model that acted", "Paths", "Share")
        return card.card(self.scenario.name, f"{self.headline}.", rows, f"seed {self.seed}", head=head)

    def to_frame(self) -> pd.DataFrame:
        """The first places where the engines differ, as a table; without rows where they agree.

        Returns
        -------
        DataFrame
            Columns ``path``, ``what``, ``month``, ``kernel``, ``model``.
        """
        types = {"path": int, "what": str, "month": str, "kernel": float, "model": float}
        return frame_of((asdict(difference) for difference in self.differences), types)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "scenario": {"name": self.scenario.name, "file": self.scenario.file, "sha256": self.scenario.sha256},
            "paths": self.paths,
            "seed": self.seed,
            "agree": self.agree,
            "different_paths": self.different_paths,
            "largest_relative_difference": self.largest,
            "tolerance": TOLERANCE,
            "strata": {"event": self.event, "own_months": self.strata},
            "acted": dict(self.acted),
            "differences": [asdict(difference) for difference in self.differences],
        }


def verify(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int = 1000,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Agreement:
    """Value the same paths by the SimPy model and by the kernel, and compare them path by path.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    paths
        How many paths, from path 0 on.
    seed
        Instead of the scenario's own.
    progress
        Called as paths are done.

    Returns
    -------
    Agreement
        Months of events and of accepted offers are compared exactly; revenue, baseline and shares of each month to
        1e-9 relative. So is the loss over the window by the strata of the event in question: each path's in the stratum
        of its own month, which sweeps, reports and the explorer weigh.
    """
    from sim.engines import model
    from sim.engines.collected import collect

    scenario = load(source, set=set)
    sampling = Sampling.of(scenario, paths=paths, seed=seed, method="plain")
    refuse_too_large([scenario], sampling.paths, 1)
    started = time.perf_counter()
    acted: Counter[str] = Counter(dict.fromkeys(RULES, 0))
    differences: list[Difference] = []
    different: int = 0
    largest = 0.0
    event = event_in_question(scenario)
    strata = np.zeros(scenario.months + 1, dtype=bool)
    for first, count in sampling.shards(PATHS_AT_ONCE):
        draws = sampling.draws(scenario, first, count)
        worlds = [world.play() for world in model.worlds(scenario, draws)]
        for world in worlds:
            acted.update(world.acted)
        fast, slow = kernel.value(scenario, draws), collect(scenario, first, worlds)
        found = compare(scenario, fast, slow)
        if event is not None:
            own = draws.own_month(event)
            strata[np.minimum(own, scenario.months)] = True
            found = found.and_also(compare_strata(scenario, draws, event, own, slow))
        differences += found.differences[: 10 - len(differences)]
        different += found.different_paths
        largest = max(largest, found.largest)
        if progress is not None:
            progress(first + count, sampling.paths)
    return Agreement(
        scenario=scenario,
        sampled=sampling,
        seconds=time.perf_counter() - started,
        differences=tuple(differences),
        different_paths=different,
        largest=largest,
        acted=dict(acted),
        event=None if event is None else event.id,
        strata=int(strata.sum()),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing some paths came to.

    Attributes
    ----------
    differences
        The first difference of each path and quantity.
    wrong
        Whether a path differs; shape (paths,).
    largest
        Largest relative difference of money.
    """

    differences: list[Difference]
    wrong: np.ndarray
    largest: float

    @property
    def different_paths(self) -> int:
        """How many paths differ."""
        return int(self.wrong.sum())

    def and_also(self, other: Compared) -> Compared:
        """With what another comparison of the same paths came to."""
        together = sorted([*self.differences, *other.differences], key=lambda difference: difference.path)
        return Compared(together, self.wrong | other.wrong, max(self.largest, other.largest))


def compare(scenario: Scenario, fast: Valuation, slow: Valuation) -> Compared:
    """Compare two valuations of the same paths."""
    differences: list[Difference] = []
    wrong = np.zeros(len(fast.revenue), dtype=bool)
    for what, fast_months, slow_months in (
        ("arises", fast.arises, slow.arises),
        ("offered", fast.offered, slow.offered),
    ):
        for event, a, b in zip(scenario.events, fast_months, slow_months, strict=True):
            for row in np.flatnonzero(a != b):
                wrong[row] = True
                label = scenario.month_label(int(min(a[row], b[row])))
                months = [None if month == NEVER else float(month) for month in (a[row], b[row])]
                differences.append(Difference(fast.first + int(row), f"{event.id} {what}", label, months[0], months[1]))
    if fast.times is not None and slow.times is not None:
        repeating = [event for event in scenario.events if event.repeats]
        for event, fast_times, slow_times in zip(repeating, fast.times, slow.times, strict=True):
            for row in np.flatnonzero(fast_times != slow_times):
                wrong[row] = True
                number, times = fast.first + int(row), (float(fast_times[row]), float(slow_times[row]))
                differences.append(Difference(number, f"{event.id} times", scenario.month_label(0), *times))
    largest = 0.0
    nothing = NEXT_TO_NOTHING * slow.baseline
    next_to_nothing: dict[str, np.ndarray | float] = {
        "revenue": nothing,
        "baseline": nothing,
        "largest_share": NEXT_TO_NOTHING,
        "hhi": NEXT_TO_NOTHING * slow.largest_share,  # a sum of squares: its error is that of a share times a share
    }
    if scenario.has_one_offs:
        next_to_nothing["one_off"] = NEXT_TO_NOTHING * scenario.largest_one_offs
    for what in next_to_nothing:
        a, b = getattr(fast, what), getattr(slow, what)
        relative = _relative(a, b, next_to_nothing[what])
        largest = max(largest, float(relative.max(initial=0.0)))
        for row in np.flatnonzero((relative > TOLERANCE).any(axis=1)):
            wrong[row] = True
            month = int(np.argmax(relative[row] > TOLERANCE))
            label = scenario.month_label(month)
            differences.append(
                Difference(fast.first + int(row), what, label, float(a[row, month]), float(b[row, month]))
            )
    differences.sort(key=lambda difference: difference.path)
    return Compared(differences, wrong, largest)


def compare_strata(scenario: Scenario, draws: Draws, event: Event, own: np.ndarray, slow: Valuation) -> Compared:
    """Compare the losses of strata with those of an engine, each path in the stratum of its own month.

    Parameters
    ----------
    draws
        The paths that ``slow`` holds.
    own
        Own month of the event by path, NEVER where none; shape (paths,).
    """
    months, stratum = np.unique(own, return_inverse=True)
    found = losses_by_own_month(scenario, draws, event, months.tolist())
    loss = found.loss[stratum, np.arange(draws.count)]
    money = window_sums(scenario, slow.revenue, slow.baseline, slow.one_off)
    nothing = NEXT_TO_NOTHING * (money.baseline + scenario.largest_one_offs)
    relative = _relative(loss, money.loss, nothing)
    differences = []
    wrong = relative > TOLERANCE
    for row in np.flatnonzero(wrong):
        month = scenario.month_label(int(own[row])) if own[row] < scenario.months else "never"
        what = f"loss in the stratum of {event.id}"
        differences.append(Difference(slow.first + int(row), what, month, float(loss[row]), float(money.loss[row])))
    return Compared(differences, wrong, float(relative.max(initial=0.0)))


def _relative(one: np.ndarray, other: np.ndarray, nothing: np.ndarray | float) -> np.ndarray:
    """Relative difference beyond what is next to nothing; infinite for what is no number."""
    size = np.maximum(np.abs(one), np.abs(other))
    with np.errstate(invalid="ignore"):
        gap = np.maximum(np.abs(one - other) - nothing, 0.0)
        relative = gap / np.where(size > 0, size, 1.0)
    found: np.ndarray = np.where(np.isfinite(relative), relative, np.inf)
    return found
