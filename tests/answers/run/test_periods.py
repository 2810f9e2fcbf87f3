"""Results by fiscal year and quarter: by hand, against sums of the kernel's own months, the same whatever the work."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import sim
from sim.engines import kernel
from sim.estimates.independent import quantile_interval_ranks, quantile_rank
from sim.scenario.periods import periods_of
from sim.simulation import periods as kept_periods

BY_HAND: dict[str, Any] = {
    "scenario": 1,
    "name": "by hand",
    "start": "2025-05",
    "months": 19,
    "money": "USD million",
    "customers": {"one": {"revenue": 10}, "rest": {"revenue": 30, "pool": True}},
    "events": {
        "outage": {"hits": "one", "timing": {"month": "2025-09"}, "usage": {"to": 0}, "lasts": {"fixed": 2}},
        "fine": {"hits": "one", "timing": {"month": "2026-08"}, "once": {"amount": 12}},
    },
    "risk": {"year_starts": 7, "levels": [0.95]},
}
"""May 2025 to November 2026, 40 a month. One's 10 fail in September and October 2025; a fine of 12 in August 2026."""

NOISY: dict[str, Any] = {
    "scenario": 1,
    "name": "noisy",
    "start": "2024-11",
    "months": 27,
    "money": "USD million",
    "customers": {
        "one": {"revenue": 10, "growth": 0.1, "volatility": 0.3},
        "rest": {"revenue": 30, "volatility": 0.2, "pool": True},
    },
    "events": {
        "leaves": {
            "hits": "one",
            "probability": 0.6,
            "timing": {"exponential": {"mean": 12}},
            "usage": {"to": 0.2, "over": 5},
            "once": {"uniform": {"low": 1, "high": 9}},
        },
        # Some paths gain.
        "more": {"hits": "one", "probability": 0.3, "timing": {"exponential": {"mean": 9}}, "usage": {"to": 1.5}},
    },
    "risk": {"year_starts": 4, "levels": [0.8, 0.95]},
}


def of(result: sim.Result, kind: str) -> list[dict[str, Any]]:
    return [record for record in result.periods if record["kind"] == kind]


def test_years_and_quarters_by_hand() -> None:
    result = sim.run(BY_HAND, paths=100)
    years = [
        ("FY2025", "2025-05", 2, False, 80, 80, 0),
        ("FY2026", "2025-07", 12, True, 460, 480, 20),
        ("FY2027", "2026-07", 5, False, 200, 200, 12),
    ]
    quarters = [
        ("FY2025 Q4", "2025-05", 2, False, 80, 80, 0),
        ("FY2026 Q1", "2025-07", 3, True, 110, 120, 10),
        ("FY2026 Q2", "2025-10", 3, True, 110, 120, 10),
        ("FY2026 Q3", "2026-01", 3, True, 120, 120, 0),
        ("FY2026 Q4", "2026-04", 3, True, 120, 120, 0),
        ("FY2027 Q1", "2026-07", 3, True, 120, 120, 12),
        ("FY2027 Q2", "2026-10", 2, False, 80, 80, 0),
    ]
    for kind, expected in (("year", years), ("quarter", quarters)):
        found = of(result, kind)
        assert len(found) == len(expected)
        for record, (name, first, months, complete, revenue, baseline, loss) in zip(found, expected, strict=True):
            head = (record["name"], record["first"], record["months"], record["complete"])
            assert head == (name, first, months, complete)
            for amount, value in (("revenue", revenue), ("baseline", baseline), ("loss", loss)):
                told = [record[amount][key] for key in ("mean", "0.05", "0.25", "0.5", "0.75", "0.95")]
                assert told == pytest.approx([value] * 6, abs=1e-9)
    for record, loss in zip(of(result, "year"), (0, 20, 12), strict=True):
        at_risk = record["loss"]["revenue_at_risk"][0.95]
        assert [at_risk[key] for key in ("value", "low", "high")] == pytest.approx([loss] * 3, abs=1e-9)
        assert record["loss"]["expected_shortfall"]["0.95"]["value"] == pytest.approx(loss, abs=1e-9)
        # Nothing is left to chance.
        assert record["loss"]["standard_error"] == record["revenue"]["standard_error"] == pytest.approx(0, abs=1e-9)
    assert all("revenue_at_risk" not in record["loss"] for record in of(result, "quarter"))


def sums_by_hand(scenario: sim.Scenario, valuation: Any, kind: str) -> dict[str, list[np.ndarray]]:
    """Of each period the sums of the months, path by path."""
    found: dict[str, list[np.ndarray]] = {"revenue": [], "baseline": [], "loss": []}
    for period in periods_of(scenario, kind):
        months = slice(period.first, period.first + period.months)
        revenue, baseline = (getattr(valuation, name)[:, months].sum(axis=1) for name in ("revenue", "baseline"))
        found["revenue"].append(revenue)
        found["baseline"].append(baseline)
        found["loss"].append(baseline - revenue + valuation.one_off[:, months].sum(axis=1))
    return found


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_quantiles_of_sums_path_by_path(sampling: str) -> None:
    result = sim.run(NOISY, paths=512, seed=4, sampling=sampling)
    scenario = result.scenario
    valuation = kernel.value(scenario, result.sampled.draws(scenario, 0, 512))
    for kind in ("year", "quarter"):
        sums = sums_by_hand(scenario, valuation, kind)
        assert min(loss.min() for loss in sums["loss"]) < 0
        for p, record in enumerate(of(result, kind)):
            for name, by_period in sums.items():
                ordered = np.sort(by_period[p])
                assert record[name]["mean"] == pytest.approx(ordered.mean(), rel=1e-12, abs=1e-10)
                for level in (0.05, 0.25, 0.5, 0.75, 0.95):
                    # To the digits of single precision.
                    expected = ordered[quantile_rank(512, level) - 1]
                    assert record[name][str(level)] == pytest.approx(expected, rel=2e-7, abs=1e-12)


def test_a_years_revenue_at_risk_is_an_order_statistic_of_its_losses() -> None:
    result = sim.run(NOISY, paths=512, seed=4, sampling="plain")
    valuation = kernel.value(result.scenario, result.sampled.draws(result.scenario, 0, 512))
    losses = sums_by_hand(result.scenario, valuation, "year")["loss"]
    for record, loss in zip(of(result, "year"), losses, strict=True):
        ordered = np.sort(loss)
        for level in (0.8, 0.95):
            rank, tail = quantile_rank(512, level), 512 * (1 - level)
            low, high = quantile_interval_ranks(512, level)
            assert low is not None
            assert high is not None
            told = record["loss"]["revenue_at_risk"][level]
            ends = [ordered[end - 1] for end in (rank, low, high)]
            assert [told[key] for key in ("value", "low", "high")] == pytest.approx(ends, rel=1e-12, abs=1e-10)
            shortfall = ends[0] + (ordered[rank:] - ends[0]).sum() / tail
            assert record["loss"]["expected_shortfall"][level]["value"] == pytest.approx(shortfall, rel=1e-12)
        assert record["loss"]["standard_error"] == pytest.approx(loss.std(ddof=1) / math.sqrt(512), rel=1e-9)
        # What stands twice is the same twice.
        assert record["loss"]["0.95"] == record["loss"]["revenue_at_risk"]["0.95"]["value"]


def test_errors_of_quasi_random_years_come_from_the_scramblings() -> None:
    result = sim.run(NOISY, paths=4096, seed=4, sampling="sobol")
    valuation = kernel.value(result.scenario, result.sampled.draws(result.scenario, 0, 4096))
    revenue = sums_by_hand(result.scenario, valuation, "year")["revenue"]
    for record, sums in zip(of(result, "year"), revenue, strict=True):
        means = sums.reshape(-1, 16).mean(axis=0)
        assert record["revenue"]["standard_error"] == pytest.approx(means.std(ddof=1) / 4, rel=1e-9)
        assert record["revenue"]["standard_error"] < sums.std() / 64


def test_years_and_quarters_add_up_to_the_whole() -> None:
    result = sim.run(NOISY, paths=300)
    whole = {
        "revenue": sum(result.series["revenue"]["mean"]),
        "baseline": sum(result.series["baseline"]["mean"]),
        "loss": result.measures["expected_loss"]["value"],
    }
    for kind in ("year", "quarter"):
        for name, expected in whole.items():
            assert sum(record[name]["mean"] for record in of(result, kind)) == pytest.approx(expected, rel=1e-12)


def test_they_are_of_the_whole_horizon_and_not_discounted() -> None:
    part = {"window": {"first": "2025-01", "last": "2025-02"}}
    narrow = {**NOISY, "vendor": {"discount_rate": 0.5}, "risk": {**NOISY["risk"], **part}}
    assert sim.run(narrow, paths=100).periods == sim.run(NOISY, paths=100).periods


def test_the_model_finds_the_same() -> None:
    one, two = (sim.run(NOISY, paths=60, engine=engine) for engine in ("kernel", "model"))
    for mine, other in zip(one.periods, two.periods, strict=True):
        for name in ("revenue", "baseline", "loss"):
            for key, value in mine[name].items():
                if isinstance(value, float):
                    assert other[name][key] == pytest.approx(value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_no_thread_and_no_block_changes_a_digit(sampling: str) -> None:
    paths = 8192
    first = sim.run(NOISY, paths=paths, sampling=sampling, workers=1).periods
    for workers, block in ((3, None), (1, 128)):
        assert sim.run(NOISY, paths=paths, sampling=sampling, workers=workers, block=block).periods == first


@pytest.mark.parametrize(("sampling", "of_years", "of_all"), [("plain", 300, 40), ("sobol", 256, 32)])
def test_of_more_paths_than_there_is_room_for_the_first_are_kept(
    sampling: str, of_years: int, of_all: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three years and ten quarters; means are of all paths, quantiles and tails of the first."""
    few = {kept: sim.run(NOISY, paths=kept, sampling=sampling) for kept in (of_years, of_all)}
    monkeypatch.setattr(kept_periods, "MOST_LOSSES", 3 * 300 + 2)
    monkeypatch.setattr(kept_periods, "MOST_SUMS", 3 * 13 * 40 + 38)
    whole = sim.run(NOISY, paths=4096, sampling=sampling)
    monkeypatch.undo()
    unbounded = sim.run(NOISY, paths=4096, sampling=sampling)
    assert all("paths" not in record[name] for record in unbounded.periods for name in ("revenue", "loss"))
    for p, record in enumerate(whole.periods):
        for name in ("revenue", "baseline", "loss"):
            is_a_years_loss = record["kind"] == "year" and name == "loss"
            kept = of_years if is_a_years_loss else of_all
            assert record[name]["paths"] == kept
            assert record[name]["mean"] == unbounded.periods[p][name]["mean"]
            assert record[name]["0.75"] == few[kept].periods[p][name]["0.75"]
            if is_a_years_loss:
                assert record[name]["revenue_at_risk"] == few[kept].periods[p][name]["revenue_at_risk"]


def test_what_cannot_have_happened_yet_is_known_and_what_was_not_met_is_not() -> None:
    """An event of one path in a million, from 2026-07 on: no path meets it, in 2025 none could."""
    rare = {
        **BY_HAND,
        "events": {"rare": {"hits": "one", "probability": 1e-6, "timing": {"month": "2026-08"}, "usage": {"to": 0}}},
    }
    before, until, after = of(sim.run(rare, paths=200), "year")
    assert before["loss"]["standard_error"] == until["loss"]["standard_error"] == 0
    assert after["loss"]["mean"] == 0
    assert after["loss"]["standard_error"] > 0


def test_a_notice_keeps_a_year_free_of_loss() -> None:
    """It may arise from 2025-12 on and takes effect eight months later, in the next fiscal year."""
    late = {
        "hits": "one",
        "probability": 1e-6,
        "notice": 8,
        "timing": {"uniform": {"low": 6, "high": 60}},
        "usage": {"to": 0},
    }
    before, until, after = of(sim.run({**BY_HAND, "events": {"late": late}}, paths=200), "year")
    assert before["loss"]["standard_error"] == until["loss"]["standard_error"] == 0
    assert until["loss"]["revenue_at_risk"]["0.95"]["high"] == 0
    assert after["loss"]["standard_error"] > 0


def test_tables_of_periods() -> None:
    result = sim.run(BY_HAND, paths=20)
    frame = result.by_period
    assert list(frame.index[:2]) == [("year", "FY2025"), ("year", "FY2026")]
    assert frame.loc[("year", "FY2026"), ("revenue", "mean")] == pytest.approx(460)
    assert frame.loc[("year", "FY2026"), ("revenue_at_risk_0.95", "value")] == pytest.approx(20)
    assert np.isnan(frame.loc[("quarter", "FY2026 Q1"), ("revenue_at_risk_0.95", "value")])
    assert not frame.loc[("quarter", "FY2027 Q2"), ("complete", "")]


def test_the_default_is_the_calendar_year() -> None:
    data = {**BY_HAND, "risk": {"levels": [0.95]}}
    assert [record["name"] for record in of(sim.run(data, paths=16), "year")] == ["2025", "2026"]
