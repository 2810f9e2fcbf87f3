"""Measures, concentration and the course of a run, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

import sim
from sim.estimates.independent import share_interval


def _data(months: int, customers: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "scenario": 1,
        "name": "by hand",
        "start": "2024-01",
        "months": months,
        "money": "USD million",
        "vendor": {"name": "vendor"},
        "customers": {id: {"growth": 0, **customer} for id, customer in customers.items()},
        **parts,
    }


ONE_EXIT = _data(
    10,
    {"alpha": {"revenue": 6}, "beta": {"revenue": 2}, "rest": {"revenue": 2, "pool": True}},
    events={"exit": {"hits": "alpha", "probability": 0.3, "timing": {"month": "2024-07"}, "usage": {"to": 0}}},
)


def test_measures_of_one_exit() -> None:
    """Months 6 to 9 without alpha's 6: a loss of 24 on k of the n paths, else nothing."""
    n = 4000
    result = sim.run({**ONE_EXIT, "risk": {"levels": [0.5, 0.95], "target": 100}}, paths=n, sampling="plain")
    k = int((result.loss > 0).sum())
    # 4.5 standard errors of 0.3: 0.0326.
    assert abs(k / n - 0.3) < 4.5 * math.sqrt(0.21 / n)
    measures = result.measures
    assert set(result.loss.tolist()) == {0.0, 24.0}
    assert measures["expected_loss"]["value"] == pytest.approx(24 * k / n)
    # Sample variance 24² · k/n · (1 − k/n) · n/(n − 1).
    error = 24 * math.sqrt(k / n * (1 - k / n) / (n - 1))
    assert measures["expected_loss"]["standard_error"] == pytest.approx(error, rel=1e-9)
    assert measures["expected_baseline"]["value"] == pytest.approx(100)
    assert measures["expected_baseline"]["standard_error"] == pytest.approx(0, abs=1e-9)
    assert measures["expected_revenue"]["value"] == pytest.approx(100 - 24 * k / n)
    assert measures["expected_revenue"]["standard_error"] == pytest.approx(error, rel=1e-9)
    assert measures["revenue_at_risk"]["0.5"]["value"] == 0
    assert measures["revenue_at_risk"]["0.95"] == {"value": 24, "low": 24, "high": 24}
    # The worst half: k losses of 24 and zeros.
    assert measures["expected_shortfall"]["0.5"]["value"] == pytest.approx(24 * k / (n / 2))
    assert measures["expected_shortfall"]["0.95"]["value"] == pytest.approx(24)
    assert measures["expected_shortfall"]["0.95"]["tail_paths"] == 200
    share = {"value": k / n, "low": share_interval(k, n)[0], "high": share_interval(k, n)[1]}
    assert measures["probability_of_loss"] == share
    # Revenue is 76 or 100, and 100 is not below a target of 100 (rounding apart: the sum of ten tens is exact).
    assert measures["probability_below_target"] == share
    assert {name: result.events["exit"][name] for name in ("probability", "median_month")} == {
        "probability": k / n,
        "median_month": "2024-07",
    }
    assert result.event_months.tolist() == [[0, 0, 0, 0, 0, 0, k, 0, 0, 0, n - k]]
    assert result.exceedance([0, 23.9, 24]).tolist() == pytest.approx([k / n, k / n, 0])


def test_concentration_by_hand() -> None:
    """Of 10 a month alpha pays 6 and beta 2; the pool's 2 counts in the whole only. Then alpha's gone: beta 2 of 4."""
    data = {**ONE_EXIT, "events": {"exit": {**ONE_EXIT["events"]["exit"], "probability": 1}}}
    series = sim.run(data, paths=5).series
    assert series["largest_share"] == pytest.approx([0.6] * 6 + [0.5] * 4)
    # 0.36 + 0.04, then 0.25.
    assert series["hhi"] == pytest.approx([0.4] * 6 + [0.25] * 4)
    assert series["revenue"]["mean"] == pytest.approx([10] * 6 + [4] * 4)
    assert series["revenue"]["0.05"] == pytest.approx([10] * 6 + [4] * 4, rel=1e-3)
    assert series["baseline"]["mean"] == pytest.approx([10] * 10)


def test_concentration_is_averaged_over_paths() -> None:
    n = 1000
    result = sim.run(ONE_EXIT, paths=n, sampling="plain")
    k = int((result.loss > 0).sum())
    assert 0 < k < n
    # The mean of shares, not the share of means.
    assert result.series["largest_share"][9] == pytest.approx((0.5 * k + 0.6 * (n - k)) / n)
    assert result.series["hhi"][9] == pytest.approx((0.25 * k + 0.4 * (n - k)) / n)


def test_no_revenue_has_no_shares() -> None:
    data = _data(
        3,
        {"alpha": {"revenue": 5}},
        events={"gone": {"hits": "alpha", "timing": {"month": "2024-02"}, "usage": {"to": 0}}},
    )
    series = sim.run(data, paths=2).series
    assert series["largest_share"] == [1, 0, 0]
    assert series["hhi"] == [1, 0, 0]


def test_window_discount_and_target_by_hand() -> None:
    """Two months of 10, lost from the second on; window months 1 and 2, at 21 % a year."""
    data = _data(
        4,
        {"alpha": {"revenue": 10}},
        events={"gone": {"hits": "alpha", "timing": {"month": "2024-03"}, "usage": {"to": 0}}},
        risk={"window": {"first": "2024-02", "last": "2024-03"}, "target": 10.5},
    )
    data["vendor"]["discount_rate"] = 0.21
    measures = sim.run(data, paths=3).measures
    # Month 1 brings 10, month 2 nothing; worth 1.21^(−1/12) and 1.21^(−2/12) each.
    assert measures["expected_loss"]["value"] == pytest.approx(10 * 1.21 ** (-2 / 12))
    assert measures["expected_revenue"]["value"] == pytest.approx(10 * 1.21 ** (-1 / 12))
    assert measures["expected_baseline"]["value"] == pytest.approx(10 * (1.21 ** (-1 / 12) + 1.21 ** (-2 / 12)))
    # The target is of undiscounted revenue: 10 is below 10.5; at 9.9 it is not, though 10 discounted is 9.84.
    assert measures["probability_below_target"]["value"] == 1
    data["risk"]["target"] = 9.9
    assert sim.run(data, paths=3).measures["probability_below_target"]["value"] == 0
    del data["risk"]["target"]
    assert "probability_below_target" not in sim.run(data, paths=3).measures


def test_rounding_is_no_loss() -> None:
    """A price cut by one part in 10¹⁰ is not counted as a loss, by one part in 10⁸ it is."""
    for to, probability in ((1 - 1e-10, 0), (1 - 1e-8, 1)):
        cut = {"cut": {"hits": "alpha", "timing": {"month": "2024-01"}, "price": {"to": to}}}
        result = sim.run(_data(3, {"alpha": {"revenue": 5}}, events=cut), paths=20)
        assert result.measures["probability_of_loss"]["value"] == probability


def test_one_path_has_no_errors() -> None:
    result = sim.run(ONE_EXIT, paths=1, sampling="plain")
    assert result.measures["expected_loss"]["standard_error"] is None
    at_risk = result.measures["revenue_at_risk"]["0.95"]
    assert (at_risk["low"], at_risk["high"]) == (None, None)
    assert result.measures["expected_shortfall"]["0.95"]["standard_error"] is None
    assert "note" in result.measures["expected_shortfall"]["0.95"]
    assert "NaN" not in result.to_json()
    assert "1 paths" in repr(result)
