"""Amounts that would outgrow floating-point numbers are refused before anything is simulated."""

from __future__ import annotations

import math
from typing import Any

import pytest

import sim

BASE: dict[str, Any] = {
    "scenario": 1,
    "name": "large",
    "start": "2024-01",
    "months": 120,
    "money": "USD",
    "vendor": {"name": "vendor", "capacity": {"initial": 1e6, "growth": 0.1}, "discount_rate": 0.1},
    "customers": {"alpha": {"revenue": 1e6, "growth": 0.1, "volatility": 0.2}},
    "risk": {"target": 1e6},
}


@pytest.mark.parametrize(
    ("path", "value", "told_at"),
    [
        ("customers.alpha.revenue", 1e61, "customers.alpha"),
        # ln(1e6) + 10 ln(1 + g) reaches ln(1e60) at g = 1e5.4 - 1
        ("customers.alpha.growth", 10**5.4, "customers.alpha"),
        ("customers.alpha.growth", {"2024-01": 0.1, "2025-01": 1e30}, "customers.alpha"),
        # 10 standard deviations of 40 √10 are 1265 in the exponent
        ("customers.alpha.volatility", 40, "customers.alpha"),
        ("vendor.capacity.initial", 1e70, "vendor.capacity"),
        ("vendor.discount_rate", -1 + 1e-9, "vendor.discount_rate"),
        ("risk.target", 1e61, "risk.target"),
    ],
)
def test_amounts_beyond_all_measure_are_refused(path: str, value: object, told_at: str) -> None:
    with pytest.raises(sim.ScenarioError) as told:
        sim.load(BASE, set={path: value})
    assert [problem.path for problem in told.value.problems] == [told_at]
    assert "1e+60" in str(told.value)


def test_large_amounts_below_that_are_run_without_a_warning() -> None:
    # The largest growth that is allowed: 1e6 (1 + g)^10 = 1e60 e^(-10 · 0.2 · √10)
    growth = math.exp((54 * math.log(10) - 2 * math.sqrt(10)) / 10) - 1
    result = sim.run(BASE, set={"customers.alpha.growth": growth * 0.999}, paths=2000)
    assert all(math.isfinite(value) for value in result.series["revenue"]["mean"])
    assert all(0 <= value <= 1 + 1e-12 for value in result.series["hhi"])


@pytest.mark.parametrize("digit", ["²", "٣", "⑦"])
def test_a_digit_that_is_no_number_is_an_unknown_key(digit: str) -> None:
    # Python takes some of these for digits of which it can make no number.
    with pytest.raises(sim.ScenarioError):
        sim.load({**BASE, "customers": [{digit: None}]})
