"""What is committed and not used yet: by hand, beyond the horizon, and against a fact."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.errors import UsageError


def book(contract: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """One customer of 100 a month, flat, from 2025-01."""
    customer = {"revenue": 100, "contract": contract, **parts.pop("customer", {})}
    head = {"scenario": 1, "name": "a book", "start": "2025-01", "months": 24, "money": "USD million"}
    return {**head, "customers": {"one": customer}, **parts}


def committed(contract: dict[str, Any], **parts: Any) -> dict[str, float]:
    found = sim.backlog(book(contract, **parts))
    return {year: found.of("one", year) for year in found.years}


BY_THE_YEAR = {"term": 24, "renews": "2025-01", "commitment": {"share": 0.8, "per": "year"}}
CARRIED = {**BY_THE_YEAR, "commitment": {"share": 0.8, "per": "year", "carry": True}}
AMOUNT = {"term": 36, "renews": "2024-07", "commitment": {"amount": 1200, "of": "money", "per": "year"}}
LATER = {"term": 12, "first": {"begins": "2025-10", "months": 15}, "commitment": 1}


@pytest.mark.parametrize(
    ("contract", "parts", "by_year"),
    [
        # A minimum of 960 a year, of which 600 were used in the six months before July.
        (BY_THE_YEAR, {"known": "2025-07"}, {"2025": 360, "2026": 960}),
        (BY_THE_YEAR, {}, {"2025": 960, "2026": 960}),
        # 1,000 used of 960 by November: nothing is left of the year; the next one counts whole, but with carry.
        (BY_THE_YEAR, {"known": "2025-11"}, {"2026": 960}),
        (CARRIED, {"known": "2025-11"}, {"2026": 960 - 40}),
        # A floor of 50 in each of the six months that are left.
        ({"term": 24, "renews": "2025-01", "commitment": 0.5}, {"known": "2026-07"}, {"2026": 6 * 50}),
        # Of the year from July 2024 six months exist, with half of its minimum; the term ends beyond the horizon.
        (AMOUNT, {}, {"2025": 600 + 600, "2026": 1200, "2027": 600}),
        # Signed, and begins later.
        (LATER, {}, {"2025": 300, "2026": 1200}),
        (
            {"term": 12, "renews": "2025-04", "commitment": 1},
            {"customer": {"starts": "2025-04"}},
            {"2025": 900, "2026": 300},
        ),
        # Nothing is committed, the customer is gone, or its own end cuts the term.
        ({"term": 12, "renews": "2025-01"}, {}, {}),
        (BY_THE_YEAR, {"known": "2025-07", "customer": {"ends": "2025-06"}}, {}),
        (BY_THE_YEAR, {"customer": {"ends": "2026-03"}}, {"2025": 960, "2026": 240}),
    ],
)
def test_by_hand(contract: dict[str, Any], parts: dict[str, Any], by_year: dict[str, float]) -> None:
    assert committed(contract, **parts) == pytest.approx(by_year)


def test_years_are_those_that_the_scenario_tells_results_by() -> None:
    """80 a month for 24 months from January 2025: six months of them before July, then a fiscal year, then six."""
    contract = {"term": 24, "renews": "2025-01", "commitment": 0.8}
    assert committed(contract, risk={"year_starts": 7}) == pytest.approx({"FY2025": 480, "FY2026": 960, "FY2027": 480})
    # The years of the rest of a term beyond the horizon go on.
    found = committed({**contract, "renews": "2026-01"}, months=6, known="2025-01", risk={"year_starts": 7})
    assert found == pytest.approx({"FY2025": 480, "FY2026": 480})


def test_it_is_held_against_a_fact() -> None:
    found = sim.backlog(book(BY_THE_YEAR), against="microsoft-backlog-2024-03")
    assert found.part == pytest.approx(1.92 / 235)  # 1,920 million of 235 billion
    with pytest.raises(UsageError, match="microsoft-backlog-2024-02, which is no fact") as refused:
        sim.backlog(book(BY_THE_YEAR), against="microsoft-backlog-2024-02")
    assert "did you mean microsoft-backlog-2024-03?" in str(refused.value.help)
