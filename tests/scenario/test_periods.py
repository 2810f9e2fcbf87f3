"""Years and quarters of a horizon: their names, where they begin, and what of them is cut."""

from __future__ import annotations

import pytest

from sim.scenario.parts import Risk, Scenario, Stream
from sim.scenario.periods import periods_of


def horizon(start: str, months: int, year_starts: int) -> Scenario:
    year, month = map(int, start.split("-"))
    stream = Stream("a", "a", 1.0, (0.0,) * months)
    risk = Risk(last=months - 1, year_starts=year_starts)
    return Scenario("s", 12 * year + month - 1, months, "USD", "v", (stream,), risk=risk)


def told(scenario: Scenario, kind: str) -> list[tuple[str, str, int]]:
    return [(one.label, scenario.month_label(one.first), one.months) for one in periods_of(scenario, kind)]


def test_calendar_years_and_quarters() -> None:
    scenario = horizon("2025-02", 14, 1)
    assert told(scenario, "year") == [("2025 (11 months)", "2025-02", 11), ("2026 (3 months)", "2026-01", 3)]
    assert told(scenario, "quarter") == [
        ("2025 Q1 (2 months)", "2025-02", 2),
        ("2025 Q2", "2025-04", 3),
        ("2025 Q3", "2025-07", 3),
        ("2025 Q4", "2025-10", 3),
        ("2026 Q1", "2026-01", 3),
    ]


def test_a_fiscal_year_is_called_after_the_year_in_which_it_ends() -> None:
    """July 2024 to June 2025 is FY2025; its first quarter is July to September 2024."""
    scenario = horizon("2024-06", 13, 7)
    assert told(scenario, "year") == [("FY2024 (1 month)", "2024-06", 1), ("FY2025", "2024-07", 12)]
    assert [name for name, _, _ in told(scenario, "quarter")] == [
        "FY2024 Q4 (1 month)", "FY2025 Q1", "FY2025 Q2", "FY2025 Q3", "FY2025 Q4"
    ]  # fmt: skip


@pytest.mark.parametrize(("year_starts", "name", "quarter"), [(2, "FY2026", "Q4"), (12, "FY2026", "Q1")])
def test_years_from_february_and_from_december(year_starts: int, name: str, quarter: str) -> None:
    """January 2026 is the last month of a year from February 2025 on, and the second of one from December 2025 on."""
    scenario = horizon("2026-01", 1, year_starts)
    assert told(scenario, "year") == [(f"{name} (1 month)", "2026-01", 1)]
    assert told(scenario, "quarter") == [(f"{name} {quarter} (1 month)", "2026-01", 1)]


@pytest.mark.parametrize("year_starts", range(1, 13))
@pytest.mark.parametrize("start", ["0000-01", "2024-03", "2024-12"])
@pytest.mark.parametrize("months", [1, 2, 11, 12, 13, 40])
def test_every_month_lies_in_one_period_of_a_kind(start: str, months: int, year_starts: int) -> None:
    scenario = horizon(start, months, year_starts)
    for kind, length in (("year", 12), ("quarter", 3)):
        periods = periods_of(scenario, kind)
        assert [m for one in periods for m in range(one.first, one.first + one.months)] == list(range(months))
        assert len({one.name for one in periods}) == len(periods)
        for one in periods[1:]:
            assert (scenario.start + one.first - (year_starts - 1)) % length == 0
        assert all(one.months <= length and one.complete == (one.months == length) for one in periods)
        assert all(one.complete for one in periods[1:-1])
