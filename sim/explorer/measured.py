"""Where a scenario stands with its knobs as they are: measures with errors, and how far they moved from the base.

The strata of one event are simulated once; while only its law moves they are weighed again, and every number is what
:func:`sim.sweep` gives at the same point (``docs/model.md``, section 8). Any other move simulates strata of its own on
the same draws.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.answers.result import level_name
from sim.answers.surface import cell_record
from sim.chance.sampling import Sampling
from sim.estimates import replications
from sim.estimates.mixtures import FINE, Mixtures
from sim.scenario.laws import NEVER
from sim.scenario.parts import Delay, Event, Scenario
from sim.simulation.stratified import of_strata, own_month_weights, stratify

KEPT = 256 * 2**20
"""Bytes of strata that are kept beside those of the base and those in use, to come back to."""

POINTS = 512
"""Points of a loss exceedance curve, at most."""

Key = tuple[Hashable, int]
"""What was set beside the event's law, and the first own month that is a stratum."""


@dataclass(frozen=True)
class Standing:
    """Measures at one setting of the knobs.

    Attributes
    ----------
    scenario
        The scenario as it is set.
    mixture
        Its distribution of loss, one cell.
    measures
        As a run's.
    """

    scenario: Scenario
    mixture: Mixtures
    measures: Mapping[str, Any]

    def exceedance(self) -> tuple[np.ndarray, np.ndarray]:
        """Losses, rising, and the probability to lose more than each; both of shape (points,)."""
        place = np.unique(np.linspace(0, FINE - 1, POINTS).round().astype(np.int64))
        cells = self.mixture.weighed(np.repeat(self.mixture.weights, len(place), axis=0))
        beyond = np.clip(1 - cells.probability_at_most(place), 0.0, 1.0)
        return self.mixture.bins.ends(place)[1], beyond

    def change_from(self, base: Standing) -> dict[str, Any]:
        """How far measures are from another standing's, each with the standard error of the difference.

        Replication by replication both saw the same draws, so that what they share cancels.

        Returns
        -------
        dict
            ``expected_loss``, and by level ``revenue_at_risk`` and ``expected_shortfall``: ``value`` and
            ``standard_error``, the latter None where a single replication can't tell.
        """
        found: dict[str, Any] = {"revenue_at_risk": {}, "expected_shortfall": {}}
        for level in self.scenario.risk.levels:
            here, there = self.mixture.replicated(level), base.mixture.replicated(level)
            name = level_name(level)
            for measure in ("revenue_at_risk", "expected_shortfall"):
                before = base.measures[measure].get(name)
                if before is not None:
                    moved = getattr(here, measure) - getattr(there, measure)
                    found[measure][name] = _moved(self.measures[measure][name], before, moved)
            moved = here.expected_loss - there.expected_loss
            found["expected_loss"] = _moved(self.measures["expected_loss"], base.measures["expected_loss"], moved)
        return found


def _moved(now: Mapping[str, Any], before: Mapping[str, Any], replicated: np.ndarray) -> dict[str, float | None]:
    error = replications.standard_error(replicated[:, 0])
    return {"value": now["value"] - before["value"], "standard_error": error}


class Simulations:
    """Strata by what was simulated for them, the latest kept.

    Parameters
    ----------
    event
        Id of the event whose months are the strata; None: a single stratum.
    sampling
        The draws, the same for all.
    """

    def __init__(self, event: str | None, sampling: Sampling) -> None:
        self.event = event
        self.sampling = sampling
        self._base: Key | None = None
        self._kept: OrderedDict[Key, tuple[Mixtures, tuple[int, ...]]] = OrderedDict()

    def has(self, others: Hashable) -> bool:
        """Whether there are strata for a setting of anything but the event's law."""
        return any(key[0] == others for key in self._kept)

    def standing(self, scenario: Scenario, others: Hashable) -> Standing:
        """Measure a scenario.

        Parameters
        ----------
        scenario
            As the knobs are set.
        others
            Tells settings apart in which anything but the event's law differs.

        Raises
        ------
        ScenarioError, UsageError, TooLarge
        """
        key = self._key(scenario, others)
        if key not in self._kept:
            self._kept[key] = self._simulated(scenario)
            self._base = self._base or key
        self._kept.move_to_end(key)
        self._forget()
        mixture, months = self._kept[key]
        event = self._event(scenario)
        if event is not None and months:
            mixture = mixture.weighed(of_strata(own_month_weights(scenario, event, [{}]), months))
        measures = cell_record(mixture.measures(scenario.risk.levels), scenario.risk.levels)
        revenue, loss = measures["expected_revenue"]["value"], measures["expected_loss"]["value"]
        return Standing(scenario, mixture, {**measures, "expected_baseline": {"value": revenue + loss}})

    def _event(self, scenario: Scenario) -> Event | None:
        return None if self.event is None else scenario.events[scenario.event_index[self.event]]

    def _key(self, scenario: Scenario, others: Hashable) -> Key:
        return others, self._first_month(scenario)

    def _first_month(self, scenario: Scenario) -> int:
        """First own month that is a stratum: what is known not to have happened needs none."""
        event = self._event(scenario)
        return event.timing.known + 1 if event is not None and isinstance(event.timing, Delay) else 0

    def _simulated(self, scenario: Scenario) -> tuple[Mixtures, tuple[int, ...]]:
        months = tuple(range(self._first_month(scenario), scenario.months))
        event = self._event(scenario) if months else None
        strata = () if event is None else (*months, NEVER)
        found = stratify(scenario, event, strata, self.sampling)
        return found.weighed(np.ones((1, max(1, len(strata))))), strata

    def _forget(self) -> None:
        """Let go of what was not used for longest; the first simulation is the base's and stays, as does the latest."""
        latest = next(reversed(self._kept))
        spare = [key for key in self._kept if key not in (self._base, latest)]
        held = sum(self._kept[key][0].nbytes for key in spare)
        for key in spare:
            if held > KEPT:
                held -= self._kept.pop(key)[0].nbytes
