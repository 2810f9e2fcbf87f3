"""Small worlds whose contributions are known by hand, and the reference case's attribution."""

from __future__ import annotations

from functools import cache
from typing import Any

import sim

Data = dict[str, Any]

NOW = {"month": "2025-01"}


def world(events: Data, **more: Any) -> Data:
    """One month and one customer who spends 100; events take effect at once unless they say otherwise."""
    parts: Data = {
        "scenario": 1,
        "name": "One month",
        "start": "2025-01",
        "months": 1,
        "money": "USD million",
        "vendor": {"name": "vendor"},
        "customers": {"one": {"name": "Customer One", "revenue": 100, "growth": 0}},
        "risk": {"levels": [0.9]},
    }
    if events:
        parts["events"] = {id: {"hits": "one", "timing": NOW, **event} for id, event in events.items()}
    return {**parts, **more}


def values(found: sim.Attribution, measure: str = "expected_loss", level: str | None = None) -> dict[str, float]:
    """Contributions by event."""
    return {part.event: part.to(measure, level).value for part in found.contributions}


@cache
def reference_case() -> sim.Attribution:
    """The reference case on few paths."""
    return sim.attribute("tiktok-all-risks", paths=2048)
