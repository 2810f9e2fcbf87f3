"""What is certain by construction: an event that arises on every path, or on none, whatever is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from sim.language import load_text
from tests.by_hand import CERTAIN

OFFER = "levers: {offer: {against: leaves, discount: 0.1, months: 4, acceptance: 0.5}}\n"
CAUSE = """\
  cause:
    name: A cause
    hits: one
    probability: 0.5
    timing: {month: 2025-02}
    price: {to: 0.9}
    triggers: {leaves: {probability: 0.5}}
"""


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({}, True),
        ({"probability": 0.999}, None),
        ({"probability": 0}, False),
        ({"timing": {"month": "2026-01"}}, False),  # the month after the last
        ({"timing": {"fixed": 11}}, True),  # month 11 is the last
        ({"timing": {"fixed": 11.5}}, None),
        ({"timing": {"uniform": {"low": 2, "high": 10}}}, True),
        ({"timing": {"uniform": {"low": 2, "high": 12}}}, None),
        ({"timing": {"exponential": {"mean": 1}}}, None),
    ],
)
def test_by_its_chance_and_its_month(change: dict[str, Any], known: bool | None) -> None:
    scenario = load_text(CERTAIN, set={f"events.leaves.{key}": value for key, value in change.items()})
    assert scenario.certain(scenario.events[0]) is known


def test_an_offer_and_what_sets_it_off_leave_it_to_chance() -> None:
    choice = CERTAIN.replace("    hits: one\n", "    hits: one\n    choice: true\n")
    offered = load_text(choice + OFFER)
    assert offered.certain(offered.events[0]) is None
    refused = offered.with_({"levers.offer.acceptance": 0})
    assert refused.certain(refused.events[0]) is True
    caused = load_text(CERTAIN.replace("run:", f"{CAUSE}run:"), set={"events.leaves.probability": 0})
    assert caused.certain(caused.events[0]) is None
