"""The same process and folder as for the other commands, and scenarios whose losses are known by hand."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import certain, cli, even, inside

__all__ = ["certain", "cli", "even", "inside"]

PROBABILITY = "events.leaves.probability"
MONTH = "events.leaves.timing.month"
LEAVES = "events.in_house_llm.probability"
MEDIAN = "events.in_house_llm.timing.lognormal.median"


def months_of_2025() -> list[Any]:
    """All months of the horizon of the scenarios of :mod:`tests.cli.conftest`."""
    return [f"2025-{month:02d}" for month in range(1, 13)]
