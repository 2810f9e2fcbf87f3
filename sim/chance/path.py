"""One path's fate: what chance holds for it, as plain numbers, for the SimPy model.

Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.again import again_thresholds
from sim.chance.draws import Draws
from sim.scenario import rules
from sim.scenario.laws import NEVER, first_month
from sim.scenario.parts import Delay, Effect, Event, Trigger


@dataclass(frozen=True, slots=True)
class Fate:
    """What chance holds for one path: a row of :class:`sim.chance.draws.Draws`, as plain numbers."""

    draws: Draws
    row: int

    def _of(self, values: Any) -> Any:
        return values[self.row].item() if isinstance(values, np.ndarray) else values

    def own_month(self, event: Event) -> int:
        """Month in which the event arises by itself, NEVER where it does not."""
        return int(self._of(self.draws.own_month(event)))

    def month_again(self, event: Event, since: int) -> int:
        """Month in which the event comes this other time, counted from the last one in which it was in effect."""
        months = self.draws.scenario.months
        if since >= months:
            return NEVER
        assert isinstance(event.timing, Delay)
        thresholds = again_thresholds(event.timing, event.probability, since, months)
        month = since + int(first_month(thresholds, self.draws.words_again(event)[self.row]))
        return month if month < months else NEVER

    def is_moved_by_its_set(self, event: Event) -> bool:
        """Whether the event's own month is another one than it would be outside of its set."""
        return bool(self._of(self.draws.is_moved_by_its_set(event)))

    def sets_off(self, event: Event, trigger: Trigger) -> bool:
        """Whether the trigger works."""
        return bool(self._of(self.draws.sets_off(event, trigger)))

    def trigger_delay(self, event: Event, trigger: Trigger) -> int:
        """Months until the trigger works."""
        return int(self._of(self.draws.trigger_delay(event, trigger)))

    def notice(self, event: Event) -> int:
        """Months of notice."""
        return int(self._of(self.draws.notice(event)))

    def outcome(self, event: Event) -> int:
        """Number of the outcome that happens where the event does."""
        return int(self._of(self.draws.outcome(event)))

    def level(self, event: Event, kind: str, effect: Effect) -> float:
        """Level the effect leads to."""
        return float(self._of(self.draws.level(event, kind, effect)))

    def over(self, event: Event, kind: str, effect: Effect) -> int:
        """Months the effect takes."""
        return int(self._of(self.draws.over(event, kind, effect)))

    def lasts(self, event: Event) -> int | None:
        """Months the effect holds, None for good."""
        if event.lasts is None or self._of(self.draws.permanent(event)):
            return None
        return int(self._of(self.draws.lasts(event)))

    def once(self, event: Event) -> float:
        """What the event costs once."""
        return float(self._of(self.draws.once(event)))

    def accepts(self, event: Event) -> bool:
        """Whether the customer accepts the offer."""
        return bool(self._of(self.draws.accepts(event)))

    def demand_exponents(self, stream: int) -> list[float]:
        """Logarithm of the stream's monthly growth, by month; the first is not used (section 2)."""
        customer = self.draws.scenario.streams[stream]
        market, own = self.draws.shocks_once(stream)
        shock = rules.blended_shock(
            customer.market, 0.0 if market is None else market[self.row], 0.0 if own is None else own[self.row]
        )
        growth = np.asarray(customer.growth[1:])
        return [0.0, *(rules.demand_exponent(growth, customer.volatility, shock)).tolist()]
