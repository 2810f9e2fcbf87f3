"""An event's settled months, by path: what the kernel makes of it, and accounts are made of (``docs/model.md``, 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

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
    earliest. ``again`` has its later comings, each as an event of its own; what it ``sets_off`` is what any of them
    does.
    """

    event: Event
    arises: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    offered: np.ndarray
    usage_to: float | np.ndarray | None
    in_time: np.ndarray
    sets_off: tuple[np.ndarray, ...] = ()
    factors: dict[str, np.ndarray] = field(default_factory=dict)
    by_stream: dict[int, Settled] = field(default_factory=dict)
    again: tuple[Settled, ...] = ()

    def on(self, stream: int) -> Settled:
        """The event as it hits one stream: its months may depend on the contract."""
        return self.by_stream.get(stream, self)

    @property
    def comings(self) -> tuple[Settled, ...]:
        """Each time that it comes."""
        return (self, *self.again)

    @property
    def over(self) -> np.ndarray:
        """First month in which it is over on all streams that feel it, by path; NEVER or later where it never is."""
        those = self.by_stream.values() or (self,)
        ends = np.max([np.where(one.begins < NEVER, one.ends, 0) for one in those], axis=0)
        return np.where(ends > 0, ends, NEVER)

    def times(self, months: int) -> np.ndarray:
        """How often it comes within the horizon, by path."""
        times: np.ndarray = np.sum([one.arises < months for one in self.comings], axis=0)
        return times


def on_stream(settled: Iterable[Settled], stream: int) -> list[Settled]:
    """The events that hit a stream, each as it hits it each time that it comes."""
    return [one.on(stream) for event in settled if stream in event.event.hits for one in event.comings]
