"""The picture of when events arise: a row each, its months and its chance."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.patches import StepPatch

import sim
from sim.errors import UsageError
from sim.plots.arrivals import MOST_ROWS, TALLEST, distribution
from tests.plots.conftest import about, case, drawn, many, title


def rows(ax: object) -> list[StepPatch]:
    return [patch for patch in ax.patches if isinstance(patch, StepPatch)]  # type: ignore[attr-defined]


def test_a_row_is_the_distribution_of_the_month(noisy: sim.Result) -> None:
    ax = noisy.plot.event_months()
    (row,) = rows(ax)
    counts = noisy.event_months[0, :-1]
    values, edges, foot = row.get_data()
    np.testing.assert_allclose((values - foot) / TALLEST, counts / counts.max())
    np.testing.assert_array_equal(edges, np.arange(37) - 0.5)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["One leaves"]
    found = noisy.events["leaves"]
    words = {text.get_text() for text in ax.texts}
    assert f"{100 * found['probability']:.0f}\u00a0%" in words
    assert found["median_month"] in words
    (mark,) = [line for line in ax.lines if line.get_marker() == "^"]
    assert sim.load(case(36)).month_label(mark.get_xdata()[0]) == found["median_month"]
    chance = f"{100 * found['probability']:.0f} %"
    assert title(ax) == f"“One leaves” arises on {chance} of paths, on half of these by {found['median_month']}"
    assert "share of paths by month, each row to its own peak" in about(ax)


def test_what_is_planned_has_no_row() -> None:
    leaves = {"hits": "alpha", "timing": {"month": "2025-07"}, "usage": {"to": 0}}
    rise = {"hits": "beta", "timing": {"month": "2025-04"}, "price": {"to": 1.2}, "planned": True}
    customers = {"alpha": {"revenue": 100}, "beta": {"revenue": 50}}
    scenario = {"scenario": 1, "name": "a plan", "start": "2025-01", "months": 12, "money": "USD"}
    found = sim.run({**scenario, "customers": customers, "events": {"rise": rise, "leaves": leaves}}, paths=8)
    assert [label.get_text() for label in found.plot.event_months().get_yticklabels()] == ["leaves"]


def test_long_horizons_by_quarter_or_year() -> None:
    # From March on a first quarter has one month; two a month in all, so every rate is two.
    scenario = sim.load(case(360))
    edges, rates = distribution(np.full(360, 2), scenario, 3)
    assert list(edges[:3]) == [-0.5, 0.5, 3.5]
    assert edges[-1] == 359.5
    np.testing.assert_allclose(rates, 2)
    assert "by quarter" in about(sim.run(scenario, paths=64).plot.event_months())
    assert "by year" in about(sim.run(case(1200), paths=64).plot.event_months())


def test_twelve_events_have_a_row_each() -> None:
    ax = sim.run(many(), paths=200).plot.event_months()
    assert len(rows(ax)) == 12
    assert [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()][
        3
    ] == "Customer number 3 goes its own way"
    assert drawn(ax)


def test_of_many_events_the_likeliest() -> None:
    wide = case(24)
    certain = {"hits": "one", "timing": {"month": "2025-09"}, "usage": {"to": 0.9}}
    wide["events"] = {f"e{i}": {"name": f"Event {i}", "probability": float(i >= 4), **certain} for i in range(20)}
    ax = sim.run(wide, paths=16).plot.event_months()
    assert len(rows(ax)) == MOST_ROWS
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"Event {i}" for i in range(4, 20)]
    assert "likeliest 16 of 20 events" in about(ax)


def test_an_event_that_never_arises() -> None:
    ax = sim.run(case(1), paths=20).plot.event_months()
    assert title(ax) == "No event arises on any path"
    assert not rows(ax)
    assert {"0\u00a0%", "–"} <= {text.get_text() for text in ax.texts}


def test_a_scenario_without_events_is_refused() -> None:
    with pytest.raises(UsageError, match="no events"):
        sim.run(case(12, events={}), paths=20).plot.event_months()
