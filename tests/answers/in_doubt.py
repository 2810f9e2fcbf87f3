"""Scenarios with numbers in doubt, whose answers are known."""

from __future__ import annotations

import copy
import math
from typing import Any

from tests.report.conftest import EVEN

CHANCE = "events.leaves.probability"
GROWTH = "customers.one.growth"
Z10 = 1.2815515655446004


def in_doubt(numbers: dict[str, Any], source: dict[str, Any] = EVEN, **set: Any) -> dict[str, Any]:
    """A scenario with a block ``doubt``."""
    return {**source, **set, "doubt": {"numbers": numbers, "draws": 256}}


def lognormal(median: float, deviation: float) -> dict[str, float]:
    """A form of a growth rate that is lognormal once one is added: even percentiles on the scale of logarithms."""
    return {name: median * math.exp(deviation * z) - 1 for name, z in (("p10", -Z10), ("p50", 0.0), ("p90", Z10))}


# Revenue of 10 a month that grows by a fifth a year with volatility 0.3; the one customer certainly leaves in the 25th
# and last month, whose revenue is all that is lost: ln L is normal with mean ln 14.4 - 0.09 and variance 0.18.
LAST_MONTH: dict[str, Any] = {
    "scenario": 1,
    "name": "The last month",
    "start": "2025-01",
    "months": 25,
    "money": "USD million",
    "vendor": {"name": "The vendor"},
    "customers": {"one": {"name": "One", "revenue": 10, "growth": 0.2, "volatility": 0.3}},
    "events": {"leaves": {"name": "It leaves", "hits": "one", "timing": {"month": "2027-01"}, "usage": {"to": 0}}},
    "run": {"paths": 1024, "seed": 1},
}


def likely(probability: float) -> dict[str, Any]:
    """An even chance's scenario with another chance."""
    source = copy.deepcopy(EVEN)
    source["events"]["leaves"]["probability"] = probability
    return source
