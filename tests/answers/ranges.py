"""Small scenarios with ranges, whose answers are known by hand."""

from __future__ import annotations

from typing import Any

import yaml

import sim
from tests.by_hand import CERTAIN, EVEN

# In CERTAIN one customer of 10 a month leaves for good at month 6 of 12, and a rest of 30 stays: 60 are lost.
RANGES = """\
evidence:
  customers.one.revenue: {assumption: from talks, low: 5, high: 20}
  customers.rest.revenue: {assumption: from the ledger, low: 20, high: 40}
  events.leaves.usage.to: {assumption: nothing stays, low: 0, high: 0.5}
  customers.one.growth: {assumption: flat}
"""


def scenario(text: str = CERTAIN, ranges: str = RANGES, **parts: Any) -> dict[str, Any]:
    """A scenario as a mapping; ``parts`` replace keys of it."""
    return {**yaml.safe_load(text + ranges), **parts}


def with_event(text: str = CERTAIN, ranges: str = "", **parts: Any) -> dict[str, Any]:
    """The same with keys of its event replaced."""
    found = scenario(text, ranges)
    found["events"]["leaves"] |= parts
    return found


def even(low: float, high: float) -> dict[str, Any]:
    """An even chance to lose 60, which may also be another."""
    chance = f"evidence:\n  events.leaves.probability: {{assumption: a guess, low: {low}, high: {high}}}\n"
    return scenario(EVEN, chance)


def bar(found: sim.Tornado, path: str) -> Any:
    """The bar of an assumption."""
    (only,) = [one for one in found.bars if one.path == path]
    return only
