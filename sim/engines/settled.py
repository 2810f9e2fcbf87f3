"""An event's settled months, by path: what the kernel makes of it, and accounts are made of (``docs/model.md``, 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.scenario.laws import NEVER
from sim.scenario.parts import Event


@dataclass(frozen=True, slots=True)
class Settled:
    """One event's months, a path each: it arises, takes effect, is over; ``offered`` is an accepted offer's month.

    ``usage_to`` is the usage level it leads to, None where the event leaves usage alone. ``in_time`` is the month from
    which on notice of it was given, whenever it takes effect. ``sets_off`` has the months in which it makes others
    arise, in the order of what it leads to. ``factors`` keeps the event's factors for the streams that it hits after
    the first; ``by_stream`` has the streams on which its months are others, and of its own months these are then the
    earliest.

    ``again`` has all its later comings, None without any. Ever fewer paths have one: so theirs are arrays of as many
    entries as there are, each of the path in ``paths``, which is None where all paths have one entry. No two of an
    event's comings are in effect on a stream in one month. ``drawn`` has what else is drawn of them, by purpose. What
    the event ``sets_off`` is what any of its comings does.
    """

    event: Event
    arises: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    offered: np.ndarray
    usage_to: float | np.ndarray | None
    in_time: np.ndarray
    sets_off: tuple[np.ndarray, ...] = ()
    factors: dict[str, Any] = field(default_factory=dict)
    by_stream: dict[int, Settled] = field(default_factory=dict)
    again: Settled | None = None
    paths: np.ndarray | None = None
    drawn: Mapping[str, Any] = field(default_factory=dict)

    def on(self, stream: int) -> Settled:
        """The event as it hits one stream: its months may depend on the contract."""
        return self.by_stream.get(stream, self)

    def and_again(self, later: Sequence[Settled]) -> Settled:
        """The first coming with the later ones, each of which has its ``paths``."""
        if not later:
            return self
        again = _joined(later)
        by_stream = {i: replace(one, again=again.on(i)) for i, one in self.by_stream.items()}
        # What several comings set off arises in the earliest of their months.
        sets_off = [months.copy() for months in self.sets_off]
        for months, theirs in zip(sets_off, again.sets_off, strict=True):
            np.minimum.at(months, again.rows, theirs)
        return replace(self, again=again, by_stream=by_stream, sets_off=tuple(sets_off))

    @property
    def comings(self) -> tuple[Settled, ...]:
        """Its first coming, and all the later ones."""
        return (self,) if self.again is None else (self, self.again)

    @property
    def rows(self) -> np.ndarray:
        """Of which path each entry is."""
        return np.arange(len(self.arises)) if self.paths is None else self.paths

    @property
    def over(self) -> np.ndarray:
        """First month in which it is over on all streams that feel it, by path; NEVER or later where it never is."""
        those = self.by_stream.values() or (self,)
        ends = np.max([np.where(one.begins < NEVER, one.ends, 0) for one in those], axis=0)
        return np.where(ends > 0, ends, NEVER)

    @property
    def earliest(self) -> np.ndarray:
        """Month in which it arises for the first time, by path: an outcome may be that of a later coming alone."""
        if self.again is None:
            return self.arises
        months = self.arises.copy()
        np.minimum.at(months, self.again.rows, self.again.arises)
        return months

    def times(self, months: int) -> np.ndarray:
        """How often it comes within the horizon, by path."""
        count = len(self.arises)
        times: np.ndarray = np.sum(
            [np.bincount(one.rows[one.arises < months], minlength=count) for one in self.comings], axis=0
        )
        return times

    def cells(self, since: int, until: int) -> tuple[np.ndarray, np.ndarray]:
        """Months from one up to before another in which each of its entries is in effect.

        Returns
        -------
        months, entries : ndarray
            One pair for each month of each entry.
        """
        begins = np.clip(self.begins, since, until)
        lasts = np.maximum(np.minimum(self.ends, until) - begins, 0)
        before = np.cumsum(lasts) - lasts
        entries = np.repeat(np.arange(len(lasts)), lasts)
        return np.arange(len(entries)) + (begins - before)[entries], entries

    @property
    def bytes(self) -> int:
        """Bytes of its months."""
        own = (self.arises, self.begins, self.ends, self.in_time, self.offered, *self.sets_off)
        return sum(part.nbytes for part in own) + (0 if self.again is None else self.again.bytes)


def _joined(comings: Sequence[Settled]) -> Settled:
    """Later comings one after the other, as one."""
    first = comings[0]
    names = ("arises", "begins", "ends", "offered", "usage_to", "in_time", "paths")
    sides: dict[str, Any] = {name: _side_by_side([getattr(one, name) for one in comings]) for name in names}
    sets_off = tuple(np.concatenate(months) for months in zip(*(one.sets_off for one in comings), strict=True))
    drawn = {purpose: _side_by_side([one.drawn[purpose] for one in comings]) for purpose in first.drawn}
    by_stream = {i: _joined([one.by_stream[i] for one in comings]) for i in first.by_stream}
    return replace(first, **sides, sets_off=sets_off, drawn=drawn, by_stream=by_stream, factors={})


def _side_by_side(values: Sequence[Any]) -> Any:
    """Arrays side by side; a number, or nothing, is the same for all."""
    return np.concatenate(values) if isinstance(values[0], np.ndarray) else values[0]


def on_stream(settled: Iterable[Settled], stream: int) -> list[Settled]:
    """The events that hit a stream, each as it hits it."""
    return [event.on(stream) for event in settled if stream in event.event.hits]
