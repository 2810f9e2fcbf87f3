"""The SimPy model's clock: whole months, the phases within one, and what makes an event arise.

Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

import enum
from typing import Any, cast

import simpy

from sim.engines.ledger import Reason


class Phase(enum.IntEnum):
    """What comes first within a month. SimPy's own bookkeeping (priorities 0 and 1) comes before all of it."""

    ARISE = 10
    EFFECT = 20
    DEMAND = 30
    RENEW = 40
    BILL = 50


class Moment(simpy.Event):
    """A phase of a month to come, on the clock from the start; yield it to wait for it."""

    def __init__(self, env: simpy.Environment, months_ahead: int, phase: Phase) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=cast("Any", phase), delay=months_ahead)


class Cause(simpy.Event):
    """What makes an event arise; the first to come counts."""

    def happens(self, why: Reason) -> None:
        """Happen now, in the phase of arising, unless it already did."""
        if not self.triggered:
            self._ok = True
            self._value = why
            self.env.schedule(self, priority=cast("Any", Phase.ARISE))
