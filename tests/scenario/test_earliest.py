"""The first month in which anything could be lost: by hand, and never later than a loss on generated scenarios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.chance.draws import Draws
from sim.engines import kernel
from sim.language import load
from sim.scenario.earliest import first_effect
from tests.scenarios import one_agreement, scenarios

LEAVE = {"hits": "one", "choice": True, "timing": {"month": "2025-07"}, "usage": {"to": 0}}
OFFER = {"against": "leave", "discount": 0.1, "months": 3, "acceptance": 0.5}
YEARLY = {"term": 12, "renews": "2025-01", "notice": 3}


def of(contract: dict[str, Any] | None = None, levers: dict[str, Any] | None = None, **events: Any) -> int:
    """Of a scenario of 24 months from 2025-01 on, in which one customer may have a contract."""
    customer = {"revenue": 10, **({} if contract is None else {"contract": contract})}
    head = {"scenario": 1, "name": "earliest", "start": "2025-01", "months": 24, "money": "m"}
    parts: dict[str, Any] = {"customers": {"one": customer, "two": {"revenue": 5}}, "events": events}
    return first_effect(load({**head, **parts, **({} if levers is None else {"levers": levers})}))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: of(), 24),
        (lambda: of(leave=LEAVE), 6),
        (lambda: of(leave={**LEAVE, "probability": 0}), 24),
        # A notice of three months; until then a commitment that renews as it is given is the first thing to go.
        (lambda: of(YEARLY, leave=LEAVE), 9),
        (lambda: of({**YEARLY, "renews": "2025-09", "commitment": 0.5}, leave=LEAVE), 8),
        (lambda: of({**YEARLY, "renews": "2025-12", "commitment": 0.5}, leave=LEAVE), 9),
        (lambda: of(YEARLY, leave={**LEAVE, "leaves": "at_renewal"}), 12),
        (lambda: of(YEARLY, leave={**LEAVE, "notice": {"uniform": {"low": 1.5, "high": 9}}}), 8),
        # A law has no month before its lowest, and none that is known to be past.
        (lambda: of(leave={**LEAVE, "timing": {"uniform": {"low": 4.5, "high": 9}}}), 5),
        (lambda: of(leave={**LEAVE, "timing": {"exponential": {"mean": 9}}}), 1),
        (lambda: of(leave={**LEAVE, "timing": {"hazard": {"2025-01": 0, "2026-01": 0.1}}}), 13),
        (lambda: of(YEARLY, leave={**LEAVE, "timing": {"at_renewal": {"2025-01": 0, "2026-06": 1}}}), 24),
        # An offer is made as the event would arise; what an event sets off comes after it.
        (lambda: of(YEARLY, {"stay": OFFER}, leave=LEAVE), 6),
        (
            lambda: of(
                trigger={"hits": "two", "timing": {"month": "2025-03"}, "triggers": {"fall": {"after": {"fixed": 2}}}},
                fall={"hits": "two", "usage": {"to": 0.5}},
            ),
            4,
        ),
        (
            lambda: of(
                fate={
                    "hits": "two",
                    "timing": {"month": "2025-06"},
                    "notice": 4,
                    "outcomes": {"good": {"weight": 0.5, "usage": {"to": 2}}, "bad": {"usage": {"to": 0}}},
                }
            ),
            9,
        ),
        (lambda: of(cost={"hits": "two", "timing": {"month": "2025-06"}, "once": {"amount": 3}, "notice": 1}), 6),
    ],
)  # fmt: skip
def test_the_first_month_by_hand(found: Any, expected: int) -> None:
    assert found() == expected


def test_nothing_is_lost_before_it() -> None:
    met = 0

    @settings(
        max_examples=150,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=scenarios() | one_agreement(), seed=st.integers(0, 2**32))
    def holds(data: dict[str, Any], seed: int) -> None:
        nonlocal met
        scenario = load(data)
        first = first_effect(scenario)
        found = kernel.value(scenario, Draws(scenario, seed, 0, 24))
        moved = ~np.isclose(found.revenue, found.baseline, rtol=1e-12, atol=1e-12)
        if found.one_off is not None:
            moved |= found.one_off != 0
        months = np.flatnonzero(moved.any(axis=0))
        assert first <= (months[0] if len(months) else scenario.months)
        met += bool(len(months)) and first == months[0]

    holds()
    # It is not merely early: on some scenarios a path moves money in that very month.
    assert met > 30
