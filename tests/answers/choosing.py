"""Scenarios with choices under doubt, whose answers are known."""

from __future__ import annotations

from typing import Any

# 10 a month for three years; with a chance p the customer leaves after the first: 240 p are lost. An offer of 15 % for
# a year, which half take, puts the leaving off by a year: 0.5 p (240 + 18 + 120) = 189 p are lost.
OFFER: dict[str, Any] = {
    "scenario": 1,
    "name": "An offer",
    "start": "2025-01",
    "months": 36,
    "money": "USD million",
    "customers": {"one": {"name": "One", "revenue": 10}},
    "events": {
        "leaves": {
            "name": "It leaves", "hits": "one", "choice": True, "probability": 0.5,
            "timing": {"month": "2026-01"}, "usage": {"to": 0},
        }
    },
    "levers": {"offer": {"against": "leaves", "discount": 0.15, "months": 12, "acceptance": 0}},
    "doubt": {"numbers": {"events.leaves.probability": {"low": 0.2, "high": 0.8}}},
    "choices": {"as_it_is": {}, "offer": {"name": "The offer", "set": {"levers.offer.acceptance": 0.5}, "cost": 20.4}},
}  # fmt: skip

SOON = {**OFFER, "doubt": {**OFFER["doubt"], "draws": 256}}
"""The same with few draws."""
