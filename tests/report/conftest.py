"""Scenarios whose reports are known by hand, and the reference case's report."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sim.report import Report
from sim.report import make_report as report

PATHS = 4096

# Flat demand of 10 and 30 a month over 12 months: a baseline of 480. `one` leaves in 2025-07 with an even chance, at
# once and for good: 6 months of 10 are lost, 60, or nothing.
EVEN: dict[str, Any] = {
    "scenario": 1,
    "name": "An even chance",
    "start": "2025-01",
    "months": 12,
    "money": "USD million",
    "vendor": {"name": "The vendor"},
    "customers": {
        "one": {"name": "Customer One", "revenue": 10, "growth": 0},
        "rest": {"name": "The rest", "revenue": 30, "growth": 0, "pool": True},
    },
    "events": {
        "leaves": {
            "name": "One leaves",
            "hits": "one",
            "probability": 0.5,
            "timing": {"month": "2025-07"},
            "usage": {"to": 0},
        }
    },
    "run": {"paths": 1024, "seed": 1},
}


def changed(path: str = "", value: Any = None, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give a scenario with the value at a dotted path set; None takes it out."""
    data = copy.deepcopy(EVEN if base is None else base)
    *steps, last = path.split(".")
    place = data
    for step in steps:
        place = place[step]
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return data


def demanding() -> dict[str, Any]:
    """Give a scenario in which no shortcut is open: capacity, commitment, notice, an offer, two events, volatility."""
    data = changed("months", 24)
    data["customers"]["one"] |= {"growth": 0.3, "volatility": 0.3, "market": 0.5}
    data["customers"]["one"]["contract"] = {"term": 12, "renews": "2025-04", "notice": 2, "commitment": 0.6}
    data["customers"]["rest"] |= {"growth": 0.2, "volatility": 0.2, "market": 0.5}
    data["vendor"]["capacity"] = {"initial": 40, "growth": 0.15}
    data["vendor"]["discount_rate"] = 0.08
    data["events"]["leaves"] |= {
        "choice": True,
        "timing": {"lognormal": {"median": 10, "sigma": 0.5}},
        "usage": {"to": 0.1, "over": 4},
    }
    data["events"]["cut"] = {
        "name": "A price cut",
        "hits": "all",
        "probability": 0.3,
        "timing": {"exponential": {"mean": 12}},
        "price": {"to": 0.9},
    }
    data["levers"] = {"offer": {"against": "leaves", "discount": 0.1, "months": 6, "acceptance": 0.4}}
    data["risk"] = {"levels": [0.9, 0.99], "target": 900}
    data["evidence"] = {
        "customers.one.revenue": {"assumption": "made up", "low": 5, "high": 15},
        "events.leaves.probability": {"assumption": "made up", "low": 0.1, "high": 0.9},
    }
    return data


@pytest.fixture(scope="session")
def reference() -> Report:
    return report("tiktok", paths=PATHS)
