"""Which event a reader will want to move."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.simulation.stratified import event_in_question

EVENT: dict[str, Any] = {"hits": "one", "timing": {"exponential": {"mean": 12}}, "usage": {"to": 0}}
EACH = {**EVENT, "hits": ["one", "two"], "each": True, "choice": True}
CHOICE = {**EVENT, "choice": True}


def scenario(events: dict[str, Any], **more: Any) -> sim.Scenario:
    head = {"scenario": 1, "name": "Several", "start": "2025-01", "months": 12, "money": "EUR", "vendor": {"name": "V"}}
    customers = {name: {"revenue": 10, "growth": 0} for name in ("one", "two")}
    return sim.load({**head, "customers": customers, "events": events, **more})


@pytest.mark.parametrize(
    ("events", "more", "asked"),
    [
        ({"a": EVENT, "b": CHOICE, "c": EVENT}, {"sweep": {"events.c.probability": [0, 1]}}, "c"),
        ({"a": EVENT, "b": CHOICE}, {"sweep": {"customers.one.growth": [0, 0.1]}}, "b"),
        ({"a": EVENT, "b": CHOICE}, {}, "b"),
        ({"a": EVENT, "b": EVENT}, {}, "a"),
        ({"copies": EACH, "b": EVENT}, {"sweep": {"events.copies.probability": [0, 1]}}, "b"),
        ({"copies": EACH}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_first_that_is_swept_else_the_first_choice_else_the_first(
    events: dict[str, Any], more: dict[str, Any], asked: str | None
) -> None:
    found = event_in_question(scenario(events, **more))
    assert (None if found is None else found.id) == asked
