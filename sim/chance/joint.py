"""Which of a scenario's draws share one joint quasi-random sequence, and in which order they take its dimensions.

The first dimensions of a Sobol sequence are spread best, so the draws that decide most come first: the single ones,
event by event, then the walks of demand, level by level of their bridges, the coarse course of all before the finer one
of any. The order follows from the ids of a scenario, from which draws its file asks for and from whose demand varies;
from no other number, so that variants share their points. Later comings of events that repeat are many, and each
decides little: none is in it. A draw that is not in it, or beyond the dimensions that there
are, has a sequence of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.chance.sobol import DIMENSIONS
from sim.scenario.laws import Fixed, Law
from sim.scenario.parts import Effect, Event, Scenario

MARKET = "*market*"
"""Name of the market's shock among the entities; no id may contain an asterisk."""

DEMAND = "demand"
"""Purpose of the draws of a walk."""

Name = tuple[str, str]
"""Entity and purpose of a draw."""


@dataclass(frozen=True, slots=True)
class Group:
    """Draws that take dimensions one after the other: single ones, then each level of all walks.

    Attributes
    ----------
    singles
        Entity and purpose of each.
    walks
        Whose demand varies.
    levels
        Normals of a walk, one a month after the first.
    """

    singles: tuple[Name, ...]
    walks: tuple[str, ...]
    levels: int

    @property
    def dimensions(self) -> int:
        """How many all of them take."""
        return len(self.singles) + len(self.walks) * self.levels

    def to_dict(self) -> dict[str, Any]:
        """The group as plain data."""
        return {"singles": [list(name) for name in self.singles], "walks": list(self.walks), "levels": self.levels}

    @classmethod
    def from_dict(cls, data: Any) -> Group:
        """The group that :meth:`to_dict` has told.

        Raises
        ------
        ValueError
            It has not.
        """
        if not isinstance(data, dict) or data.keys() != {"singles", "walks", "levels"}:
            raise ValueError("a group of draws has singles, walks and levels")
        singles, walks, levels = data["singles"], data["walks"], data["levels"]
        lists = isinstance(singles, list) and isinstance(walks, list)
        if not lists or type(levels) is not int or not 0 <= levels <= DIMENSIONS:
            raise ValueError("a group of draws has lists of names, and levels up to the number of dimensions")
        pairs = all(isinstance(pair, list) and len(pair) == 2 for pair in singles)
        if not pairs or not all(isinstance(name, str) for name in (*walks, *(n for pair in singles for n in pair))):
            raise ValueError("a draw's name is an entity and a purpose, a walk's an entity")
        return cls(tuple((entity, purpose) for entity, purpose in singles), tuple(walks), levels)


@dataclass(frozen=True, slots=True)
class Order:
    """Which dimensions of the joint sequence belong to which draw.

    Attributes
    ----------
    groups
        Those of one scenario first, then what others have beside it. Without any, every draw has a sequence of its own.
    """

    groups: tuple[Group, ...] = ()
    _singles: dict[Name, int] = field(init=False, repr=False, compare=False)
    _walks: dict[str, tuple[int, int, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look up dimensions once for all draws."""
        singles: dict[Name, int] = {}
        walks: dict[str, tuple[int, int, int]] = {}
        first = 0
        for group in self.groups:
            for dimension, name in enumerate(group.singles, first):
                singles.setdefault(name, dimension)
            start, step = first + len(group.singles), len(group.walks)
            for k, entity in enumerate(group.walks):
                walks.setdefault(entity, (start + k, step, group.levels))
            first += group.dimensions
        object.__setattr__(self, "_singles", singles)
        object.__setattr__(self, "_walks", walks)

    @classmethod
    def of(cls, *scenarios: Scenario) -> Order:
        """The order of a scenario's draws; those that only others have come after all of its own, in their order."""
        order = cls()
        for scenario in scenarios:
            order = order.beside(scenario)
        return order

    def beside(self, scenario: Scenario) -> Order:
        """The same order, with what only another scenario draws after it."""
        room = max(0, DIMENSIONS - sum(group.dimensions for group in self.groups))
        singles = tuple(name for name in dict.fromkeys(_singles(scenario)) if name not in self._singles)[:room]
        walks = tuple(entity for entity in _walks(scenario) if entity not in self._walks)[: room - len(singles)]
        return Order((*self.groups, Group(singles, walks, scenario.months - 1))) if singles or walks else self

    def dimensions(self, entity: str, purpose: str, draws: int) -> tuple[int, ...]:
        """Dimensions of the first of a purpose's draws, at most as many as these are."""
        if purpose != DEMAND:
            single = self._singles.get((entity, purpose), DIMENSIONS)
            return (single,) if single < DIMENSIONS else ()
        first, step, levels = self._walks.get(entity, (0, 1, 0))
        return tuple(range(first, min(first + step * min(draws, levels), DIMENSIONS), step))

    def to_list(self) -> list[dict[str, Any]]:
        """The order as plain data."""
        return [group.to_dict() for group in self.groups]

    @classmethod
    def from_list(cls, data: Any) -> Order:
        """The order that :meth:`to_list` has told.

        Raises
        ------
        ValueError
            It has not.
        """
        if not isinstance(data, list):
            raise ValueError("an order of draws is a list of groups")
        return cls(tuple(Group.from_dict(group) for group in data))


def _walks(scenario: Scenario) -> Iterator[str]:
    """Whose walks are drawn, the market's first: it moves most customers at once."""
    varying = [stream for stream in scenario.streams if stream.volatility != 0]
    if any(stream.market != 0 for stream in varying):
        yield MARKET
    yield from (stream.id for stream in varying)


def _singles(scenario: Scenario) -> Iterator[Name]:
    """Draws of one number a path, event by event in the order of the file."""
    for event in scenario.events:
        together = scenario.set_of(event)
        if together is not None:
            yield together.events[0], "together"
        # One that only others set off has its place too: it may be written as one that arises with a chance of 0.
        if event.outcome_of is None:
            yield event.id, "arises"
        if len(event.outcomes) > 1:
            yield event.id, "outcome"
        lever = scenario.lever_against.get(event.id)
        if lever is not None:
            yield lever.id, "accepts"
        yield from _of_course(scenario, event)
        for trigger in event.triggers:
            entity = f"{event.id}>{trigger.target}"
            yield entity, "fires"
            if _is_random(trigger.after):
                yield entity, "after"


def _of_course(scenario: Scenario, event: Event) -> Iterator[Name]:
    """What is drawn once an event has arisen."""
    if _is_random(scenario.notice(event)):
        yield event.outcome_of or event.id, "notice"
    effects: dict[str, Effect | None] = {"usage": event.usage, "price": event.price}
    for kind, effect in effects.items():
        if effect is not None and isinstance(effect.to, Law):
            yield event.id, f"{kind}.to"
        if effect is not None and _is_random(effect.over):
            yield event.id, f"{kind}.over"
    if event.lasts is not None:
        if _is_random(event.lasts):
            yield event.id, "lasts"
        yield event.id, "permanent"
    if isinstance(event.once, Law):
        yield event.id, "once"


def _is_random(months: int | Law | None) -> bool:
    return isinstance(months, Law) and not isinstance(months, Fixed)
