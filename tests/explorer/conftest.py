"""A small scenario with something to turn at each place, and one that is certain but for one event."""

from __future__ import annotations

import copy
from typing import Any

import pytest

# Flat demand of 10 and 30 a month over 12 months, so a baseline of 480; `one` leaves in 2025-07 with an even chance, at
# once and for good: 6 months of 10 are lost then, 60 in all.
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
}

FULL: dict[str, Any] = {
    "scenario": 1,
    "name": "Something to turn",
    "start": "2025-01",
    "months": 24,
    "money": "USD million",
    "vendor": {"name": "The vendor", "capacity": {"initial": 42, "growth": {"2025-01": 0.1, "2026-01": 0.2}}},
    "customers": {
        "one": {
            "name": "Customer One",
            "revenue": 10,
            "growth": 0.3,
            "volatility": 0.3,
            "contract": {"term": 12, "renews": "2025-06", "notice": 2, "commitment": 0.5},
        },
        "rest": {"name": "The rest", "revenue": 30, "growth": 0.2, "volatility": 0.1, "pool": True},
    },
    "events": {
        "shock": {"hits": "rest", "probability": 0.3, "timing": {"exponential": {"mean": 20}}, "usage": {"to": 0.8}},
        "leaves": {
            "name": "One leaves",
            "hits": "one",
            "choice": True,
            "probability": 0.5,
            "timing": {"lognormal": {"median": 10, "p90": 20}},
            "usage": {"to": 0.1, "over": 3},
        },
    },
    "levers": {"offer": {"against": "leaves", "discount": 0.1, "months": 6, "acceptance": 0.3}},
    "evidence": {
        "events.leaves.timing.lognormal.median": {"assumption": "a guess", "low": 6, "high": 26},
        "events.leaves.probability": {"assumption": "another"},
    },
}


@pytest.fixture
def even() -> dict[str, Any]:
    return copy.deepcopy(EVEN)


@pytest.fixture
def full() -> dict[str, Any]:
    return copy.deepcopy(FULL)
