"""What a report's script is given: the stops of the dials with their weights, the losses and the fan by stratum."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.estimates.measures import REVENUE_AT_RISK, Estimates, level_name
from sim.estimates.mixtures import Mixtures
from sim.report.colors import AMOUNTS
from sim.report.dials import Dial, Dials
from sim.report.fans import Fan
from sim.report.losses import Losses
from sim.report.packing import packed
from sim.scenario.parts import Scenario
from sim.scenario.terms import turns_of
from sim.words import labels, numbers
from sim.words.stops import stop_meaning

FORMAT = 1

RARELY = 1e-3
"""Probability down to which the exceedance curve is drawn."""

MOST_RENEWALS = 8
"""Renewals that are marked in the fan, at most."""


def base_weights(dials: Dials) -> np.ndarray:
    """Weights of the strata where the scenario itself stands, shape (1, strata)."""
    return at(dials, *base_place(dials))


def base_place(dials: Dials) -> tuple[float, int]:
    """Probability, and the stop of the timing, where the scenario itself stands."""
    chance = 1.0 if dials.event is None else dials.event.probability
    return chance, 0 if dials.timing is None else dials.timing.base


def at(dials: Dials, probability: float, stop: int) -> np.ndarray:
    """Weights of the strata at a probability and a stop of the timing, shape (1, strata): linear in the probability."""
    weights: np.ndarray = probability * dials.weights[[stop]]
    weights[0, -1] += 1 - probability
    return weights


def payload(
    scenario: Scenario, dials: Dials, losses: Losses, fan: Fan, estimates: Estimates, chief: str = ""
) -> dict[str, Any]:
    """Everything that the page's script works on, as plain data for JSON.

    Parameters
    ----------
    estimates
        The measures where the scenario itself stands.
    chief
        The sentence on the chief cause there, which the script can't make anew elsewhere.
    """
    chance, stop = base_place(dials)
    unit, scale = labels.short(scenario.money), labels.scale_of(scenario, estimates)
    before, after = numbers.with_unit("\0", unit).split("\0")
    table_before, table_after = numbers.with_unit("\0", labels.short(scale.unit)).split("\0")
    name, size = numbers.scale_of(unit)
    target = scenario.risk.target
    return {
        "format": FORMAT,
        "start": scenario.start,
        "months": scenario.months,
        "period": labels.period(scenario),
        "eventful": bool(scenario.at_risk),
        "futures": [labels.futures(level) for level in scenario.risk.levels],
        "money": {
            "unit": unit,
            "before": before,
            "after": after,
            "name": name,
            "scale": size,
            "code": numbers.is_code(name),
            "scales": list(numbers.SCALES.items()),
            "writtenOut": numbers.WRITTEN_OUT,
            "inTable": scale.factor,
            "tableBefore": table_before,
            "tableAfter": table_after,
            "table": labels.short(scale.unit),
        },
        "discounted": bool(scenario.discount_rate),
        "plan": None if target is None else numbers.sized(target, unit),
        "chief": chief,
        "vendor": labels.short(scenario.vendor),
        "event": None if dials.event is None else labels.short(dials.event.name),
        "probability": _dial(scenario, dials.probability),
        "timing": _dial(scenario, dials.timing),
        "base": {"probability": chance, "stop": stop},
        "strata": [min(month, scenario.months) for month in dials.months],
        "weights": packed(dials.weights, "<f8"),
        "losses": losses.tables(scenario.risk.levels),
        "fan": {**fan.tables(), "top": fan.tallest(dials.months, dials.weights), "marks": renewals(scenario)},
        "threshold": threshold(estimates),
        "widest": widest(dials, losses.mixtures),
        "rarely": RARELY,
        "colors": list(AMOUNTS),
        "levels": [level_name(level) for level in scenario.risk.levels],
    }


def _dial(scenario: Scenario, dial: Dial | None) -> dict[str, Any] | None:
    if dial is None:
        return None
    return {
        "path": dial.path,
        "caption": dial.caption,
        "values": list(dial.values),
        "base": dial.base,
        "months": isinstance(dial.values[0], str),
        "said": [stop_meaning(scenario, dial.path, value) for value in dial.values],
    }


def renewals(scenario: Scenario) -> list[dict[str, Any]]:
    """Renewals of contracts with a commitment, and where these begin and end; none where there would be too many."""
    found = []
    for stream in scenario.streams:
        if stream.contract is None or stream.contract.commitment is None:
            continue
        name = labels.short(stream.name, 24)
        found += [
            {"month": month, "label": f"{name}{' ' if kind == 'renews' else ': contract '}{kind}"}
            for month, kind in turns_of(stream, scenario.months)
            if month > 0
        ]
    return sorted(found, key=lambda mark: mark["month"]) if len(found) <= MOST_RENEWALS else []


def threshold(estimates: Estimates) -> float:
    """A round loss about half of the first revenue at risk, whose chance to be exceeded the page tells at first."""
    at_risk = estimates.of(REVENUE_AT_RISK).value
    if not at_risk or at_risk <= 0:
        return 0.0
    size = 10.0 ** np.floor(np.log10(at_risk / 2))
    return float(max(size * times for times in (1, 2, 5) if size * times <= at_risk / 2))


def widest(dials: Dials, mixtures: Mixtures) -> float:
    """The largest loss that any stop exceeds with the least probability drawn: where the exceedance chart ends."""
    never = at(dials, 0.0, 0) if dials.event is not None else dials.weights
    stops = mixtures.weighed(np.concatenate([dials.weights, never]))
    return float(stops.quantile(1 - RARELY).max())


def estimates_at(mixtures: Mixtures, weights: np.ndarray, levels: tuple[float, ...]) -> Estimates:
    """Measures at some weights of the strata, shape (1, strata)."""
    return Estimates.of_cell(mixtures.weighed(weights).measures(levels))
