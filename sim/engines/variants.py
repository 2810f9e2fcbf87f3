"""Variants of a scenario on the same draws: what each brings, without valuing again what it leaves as it is.

Two variants share a stream's account where the stream, the events that bear on it and the offers against these are the
same; and an event's months, with what it makes of usage and price, where the event and all that may set it off are.
What is the same is told by the compiled parts themselves, all their fields, so that a new field need not be known here.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from sim.chance.draws import Draws
from sim.engines.kernel import book_of, demand_of, twin_of
from sim.engines.money import Book, brought
from sim.engines.one_offs import one_offs
from sim.engines.settled import Settled
from sim.engines.settling import settle
from sim.engines.valuation import WindowSums, window_sums
from sim.scenario.parts import Event, Scenario

KEPT = 64 * 2**20
"""Bytes of accounts that are kept for the next variants, of each block of paths under way."""

_NO_MATTER = frozenset(
    {
        *("name", "about", "money", "vendor", "file", "sha256", "document", "source", "folder"),
        *("start", "known", "axes", "paths", "seed", "risk", "discount_rate", "doubt", "choices"),
        *("streams", "events", "levers", "capacity", "together"),
    }
)
"""Fields of a scenario that an account does not depend on, or that are looked at one by one."""

Kept = np.ndarray | Book | Settled

Made = TypeVar("Made", bound=Kept)


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
    settled
        Of each event.
    """

    scenario: Scenario
    demands: tuple[int, ...]
    twins: tuple[int, ...]
    books: tuple[int, ...]
    baseline: int
    settled: tuple[int, ...]

    @property
    def numbers(self) -> frozenset[int]:
        """All its numbers."""
        return frozenset((*self.demands, *self.twins, *self.books, *self.settled, self.baseline))


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
        bears = _Bears(scenario)
        demands, twins, books = [], [], []
        for i, stream in enumerate(scenario.streams):
            demand = replace(stream, name="", pool=False, contract=None)
            demands.append(self.of("demand", common, demand))
            planned = bears.on([event.id for event in scenario.events if i in event.hits and event.planned])
            twins.append(self.of("twin", common, stream, planned))
            bearing = bears.on([event.id for event in scenario.events if i in event.hits])
            books.append(self.of("book", common, stream, bearing) if bearing else twins[-1])
        baseline = self.of("baseline", common, scenario.streams, tuple(twins), scenario.capacity)
        settled = tuple(self.of("settled", common, event, bears.on([event.id])) for event in scenario.events)
        return Variant(scenario, tuple(demands), tuple(twins), tuple(books), baseline, settled)


class _Bears:
    """What decides the months of events: these, all that they may come of, offers, sets, and what contracts say."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._before: dict[str, list[str]] = {event.id: [] for event in scenario.events}
        for event in scenario.events:
            for target in event.leads_to:
                self._before[target].append(event.id)
            if event.repeats:
                # What came of it decides when it comes again.
                self._before[event.id] += [outcome.target for outcome in event.outcomes]

    def on(self, events: Iterable[str]) -> tuple[Hashable, ...]:
        """What bears on some events, by their ids; nothing where there are none."""
        waiting = list(events)
        bears = set(waiting)
        while waiting:
            for event in self._before[waiting.pop()]:
                if event not in bears:
                    bears.add(event)
                    waiting.append(event)

        def alone(event: Event) -> Event:
            triggers = tuple(trigger for trigger in event.triggers if trigger.target in bears)
            return event if triggers == event.triggers else replace(event, triggers=triggers)

        scenario = self._scenario
        return tuple(
            (alone(event), self._contracts(event), scenario.lever_against.get(event.id), scenario.set_of(event))
            for event in scenario.events
            if event.id in bears
        )

    def _contracts(self, event: Event) -> Hashable:
        """What the contracts of those whom an event hits have to do with its months: notices, or all of them."""
        scenario = self._scenario
        if event.leaves == "at_renewal":
            streams = [scenario.streams[i] for i in event.hits]
            return tuple((stream.contract, stream.starts, stream.ends) for stream in streams)
        return tuple(scenario.notice(event, i) for i in event.hits)


def alike_together(variants: Sequence[Variant]) -> list[int]:
    """An order of the variants in which those that share accounts stand together, so that less has to be kept.

    Variants go by their accounts, those of a stream first that has the fewest different ones.
    """
    streams = range(max((len(variant.books) for variant in variants), default=0))
    if any(len(variant.books) != len(streams) for variant in variants):
        return list(range(len(variants)))
    different = [len({variant.books[i] for variant in variants}) for i in streams]
    order = sorted(streams, key=lambda i: different[i])
    return sorted(range(len(variants)), key=lambda k: [variants[k].books[i] for i in order])


class Known:
    """What one block of paths had made of it, kept for the next variants as far as there is room; the latest stay.

    Parameters
    ----------
    most
        Bytes that are kept.
    uses
        How many variants are to come that each number is of, where that is known; without it all may come again.
    """

    def __init__(self, most: int = KEPT, uses: Mapping[int, int] | None = None) -> None:
        self._most, self._bytes = most, 0
        self._left = None if uses is None else dict(uses)
        self._kept: OrderedDict[int, tuple[Kept, int]] = OrderedDict()

    def get(self, number: int, make: Callable[[], Made]) -> Made:
        """What is kept under a number, or made now."""
        found = self.find(number)
        if found is not None:
            return found  # type: ignore[return-value]
        made = make()
        self.keep(number, made)
        return made

    def find(self, number: int) -> Kept | None:
        """What is kept under a number."""
        if number not in self._kept:
            return None
        self._kept.move_to_end(number)
        return self._kept[number][0]

    def keep(self, number: int, made: Kept, more: int = 0) -> None:
        """Keep something for the next variants; ``more`` are the bytes that it will grow by."""
        self._kept[number] = made, _size(made) + more
        self._bytes += self._kept[number][1]
        while self._bytes > self._most and len(self._kept) > 1:
            _, (_, size) = self._kept.popitem(last=False)
            self._bytes -= size

    def release(self, variant: Variant) -> None:
        """Let go of what no variant is to come for: memory that is still in the processor's caches is used again."""
        if self._left is None:
            return
        for number in variant.numbers:
            self._left[number] -= 1
            if self._left[number] == 0 and number in self._kept:
                self._bytes -= self._kept.pop(number)[1]


def _size(made: Kept) -> int:
    if isinstance(made, Settled):
        return made.bytes
    parts = (made.volume, made.price, made.floor, made.dues) if isinstance(made, Book) else (made,)
    return sum(part.nbytes for part in parts if part is not None)


def sums_of(variant: Variant, draws: Draws, known: Known) -> WindowSums:
    """What the paths of a block sum to over the window; to the digit what the kernel's valuation of them does.

    Parameters
    ----------
    draws
        Of the variant's scenario; those of all variants on one ``known`` are of the same paths, seed and sampling.
    """
    scenario = variant.scenario
    settled = _settled(variant, draws, known)

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
    known.release(variant)
    once = one_offs(scenario, draws, settled)
    return window_sums(scenario, revenue.T, baseline.T, None if once is None else once.T)


def uses_of(variants: Iterable[Variant]) -> Mapping[int, int]:
    """How many of the variants each number is of."""
    return Counter(number for variant in variants for number in variant.numbers)


def _settled(variant: Variant, draws: Draws, known: Known) -> list[Settled]:
    """Settled months of all events, those that are known taken over with the factors that they keep."""
    before: dict[str, Settled] = {}
    for event, number in zip(variant.scenario.events, variant.settled, strict=True):
        found = known.find(number)
        if isinstance(found, Settled):
            before[event.id] = found
    settled = settle(variant.scenario, draws, before)
    for one, number in zip(settled, variant.settled, strict=True):
        if one.event.id not in before:
            effects = sum(effect is not None for effect in (one.event.usage, one.event.price))
            factors = 8 * effects * variant.scenario.months * draws.count * max(1, len(one.by_stream))
            known.keep(number, one, more=factors)
    return settled
