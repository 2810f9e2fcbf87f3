"""Variants of a scenario on the same draws: what each brings, without valuing again what it leaves as it is.

Two variants share a stream's account where the stream, the events that bear on it and the offers against these are the
same. What is the same is told by the compiled parts themselves, all their fields, so that a new field need not be known
here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from sim.chance.draws import Draws
from sim.engines.kernel import book_of, demand_of, settle, twin_of
from sim.engines.money import Book, brought
from sim.engines.one_offs import one_offs
from sim.engines.valuation import WindowSums, window_sums
from sim.scenario.parts import Event, Scenario

KEPT = 64 * 2**20
"""Bytes of accounts that are kept for the next variants, of each block of paths under way."""

_NO_MATTER = frozenset(
    {
        *("name", "about", "money", "vendor", "file", "sha256", "document", "source", "folder"),
        *("start", "known", "axes", "paths", "seed", "risk", "discount_rate"),
        *("streams", "events", "levers", "capacity", "together"),
    }
)
"""Fields of a scenario that an account does not depend on, or that are looked at one by one."""

Made = TypeVar("Made", bound="np.ndarray | Book")


@dataclass(frozen=True, slots=True)
class Variant:
    """A scenario with numbers for what it may share with others: equal numbers, equal accounts.

    Attributes
    ----------
    scenario
        The scenario.
    demands, twins, books
        Of each stream.
    baseline
        Of all streams without events.
    """

    scenario: Scenario
    demands: tuple[int, ...]
    twins: tuple[int, ...]
    books: tuple[int, ...]
    baseline: int


class Numbers:
    """Numbers for what variants may share: the same for what is the same."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def of(self, *what: Hashable) -> int:
        """The number of something."""
        return self._numbers.setdefault(what, len(self._numbers))

    def variant(self, scenario: Scenario) -> Variant:
        """Number a scenario's parts."""
        rest = tuple(getattr(scenario, field.name) for field in fields(scenario) if field.name not in _NO_MATTER)
        common = (scenario.months, tuple(stream.id for stream in scenario.streams), rest)
        demands, twins, books = [], [], []
        for i, stream in enumerate(scenario.streams):
            demand = replace(stream, name="", pool=False, contract=None)
            demands.append(self.of("demand", common, demand))
            planned, bearing = tuple(_bearing(scenario, i, planned=True)), tuple(_bearing(scenario, i))
            twins.append(self.of("twin", common, stream, planned))
            books.append(self.of("book", common, stream, bearing) if bearing else twins[-1])
        baseline = self.of("baseline", common, scenario.streams, tuple(twins), scenario.capacity)
        return Variant(scenario, tuple(demands), tuple(twins), tuple(books), baseline)


def _bearing(scenario: Scenario, stream: int, *, planned: bool = False) -> list[Hashable]:
    """What decides the months of the events that hit a stream: these, what they may come of, offers, notices, sets."""
    bears = {event.id for event in scenario.events if stream in event.hits and (event.planned or not planned)}
    waiting = list(bears)
    while waiting:
        target = waiting.pop()
        for event in scenario.events:
            if event.id not in bears and target in event.leads_to:
                bears.add(event.id)
                waiting.append(event.id)

    def alone(event: Event) -> Event:
        triggers = tuple(trigger for trigger in event.triggers if trigger.target in bears)
        return event if triggers == event.triggers else replace(event, triggers=triggers)

    def notice(event: Event) -> Hashable:
        return scenario.notice(event, stream if stream in event.hits else None)

    return [
        (alone(event), notice(event), scenario.lever_against.get(event.id), scenario.set_of(event))
        for event in scenario.events
        if event.id in bears
    ]


class Known:
    """Accounts of one block of paths, kept for the next variants as far as there is room; the latest used stay."""

    def __init__(self, most: int = KEPT) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[int, np.ndarray | Book] = OrderedDict()

    def get(self, number: int, make: Callable[[], Made]) -> Made:
        """What is kept under a number, or made now."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]  # type: ignore[return-value]
        made = make()
        self._kept[number] = made
        self._bytes += _size(made)
        while self._bytes > self._most and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= _size(gone)
        return made


def _size(made: np.ndarray | Book) -> int:
    parts = (made.volume, made.price, made.floor) if isinstance(made, Book) else (made,)
    return sum(part.nbytes for part in parts if part is not None)


def sums_of(variant: Variant, draws: Draws, known: Known) -> WindowSums:
    """What the paths of a block sum to over the window; to the digit what the kernel's valuation of them does.

    Parameters
    ----------
    draws
        Of the variant's scenario; those of all variants on one ``known`` are of the same paths, seed and sampling.
    """
    scenario = variant.scenario
    settled = settle(scenario, draws)

    def demand(i: int) -> np.ndarray:
        return known.get(variant.demands[i], lambda: demand_of(scenario, draws, i))

    def twin(i: int) -> Book:
        return known.get(variant.twins[i], lambda: twin_of(scenario, draws, i, demand(i), settled))

    def book(i: int) -> Book:
        if variant.books[i] == variant.twins[i]:
            return twin(i)
        return known.get(variant.books[i], lambda: book_of(scenario, draws, i, demand(i), settled))

    streams = range(len(scenario.streams))
    baseline = known.get(variant.baseline, lambda: brought(scenario, [twin(i) for i in streams], draws.count))
    revenue = brought(scenario, [book(i) for i in streams], draws.count)
    once = one_offs(scenario, draws, settled)
    return window_sums(scenario, revenue.T, baseline.T, None if once is None else once.T)
