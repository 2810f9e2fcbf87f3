"""What the picture of doubt holds: curves where the figures say, names as mere text, nothing on nothing."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import sim
from sim.plots.doubts import inside, line
from tests.answers.in_doubt import CHANCE, GROWTH, LAST_MONTH, in_doubt, likely, lognormal
from tests.plots.clashes import clashes
from tests.plots.conftest import NAMES, drawn, settings, texts
from tests.report.conftest import EVEN


@pytest.fixture(scope="module")
def grown() -> sim.Doubted:
    return sim.doubt(in_doubt({GROWTH: lognormal(1.2, 0.1)}, LAST_MONTH))


def edges(ax: Any, k: int, height: float) -> tuple[float, float]:
    """Where a shape crosses a height, left and right."""
    x, y = ax.patches[k].get_xy().T
    at = np.flatnonzero((y[:-1] - height) * (y[1:] - height) <= 0)
    return float(x[at].min()), float(x[at].max())


def test_the_curves_stand_where_the_figures_say(grown: sim.Doubted) -> None:
    ax = grown.plot.exceedance()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [label.split(":")[0] for label in labels] == [
        "at the file’s numbers", "revenue at risk 95 %", "chance and doubt together", "revenue at risk 95 % with doubt",
        "where nine in ten draws of the numbers in doubt lie", "where half of the draws lie",
    ]  # fmt: skip
    # At a height of 5 % the bands' edges are the band of the revenue at risk.
    band = grown.row("revenue_at_risk", 0.95).band
    assert band is not None
    for k, (low, high) in enumerate(((0.05, 0.95), (0.25, 0.75))):
        assert edges(ax, k, 0.05) == pytest.approx((band[low].value, band[high].value), rel=0.03)
    base, at_risk, together, with_doubt = (ax.lines[k] for k in (0, 2, 1, 3))
    assert (at_risk.get_xdata()[0], at_risk.get_ydata()[0]) == pytest.approx(
        (grown.row("revenue_at_risk", 0.95).base.value, 0.05)
    )
    assert with_doubt.get_xdata()[0] == grown.row("revenue_at_risk", 0.95).predictive.value
    for curve, amount in ((base, at_risk), (together, with_doubt)):
        x, y = curve.get_data()
        assert np.interp(amount.get_xdata()[0], x, y) == pytest.approx(0.05, rel=0.1)
    # Down to where 20 of the 1,024 paths of a draw lie.
    assert ax.get_ylim()[0] == pytest.approx(20 / 1024)
    assert ax.get_xlim()[1] >= np.interp(-0.02, -np.array(together.get_ydata()), together.get_xdata())


def test_the_title_says_what_doubt_does(grown: sim.Doubted) -> None:
    said = " ".join(grown.plot.exceedance().get_title(loc="left").split())
    assert said.startswith("The loss that 5 % of futures exceed: USD 26")
    assert "USD 19" in said
    assert said.endswith("in nine cases of ten over doubt")


def test_what_many_paths_lose_alike_falls_in_a_step() -> None:
    x, y = line(np.array([0.0, 30.0, 60.0]), [0.5, 0.5, 0.0], [0.4, 0.4, 0.0])
    assert x.tolist() == [0, 30, 60, 60]
    assert y.tolist() == [0.4, 0.4, 0.4, 0]
    # What falls little by little does not, whatever one draw's band does.
    x, _ = line(np.array([0.0, 30.0, 60.0]), [0.5, 0.45, 0.4], [0.4, 0.1, 0.0])
    assert x.tolist() == [0, 30, 60]


def test_a_curve_is_cut_where_the_axes_end() -> None:
    x, y = inside(np.array([-20.0, -10.0, 0.0, 10.0, 20.0]), np.array([1.0, 0.9, 0.5, 0.1, 0.0]), -15, 0.2)
    assert x.tolist() == [-15, -10, -10, 0, 10]
    assert y.tolist() == [1, 1, 0.9, 0.5, 0.2]
    # Before the least loss all paths lose more.
    x, y = inside(np.array([0.0, 10.0]), np.array([0.5, 0.3]), -5, 0.2)
    assert (x.tolist(), y.tolist()) == ([-5, 0, 0, 10], [1, 1, 0.5, 0.3])


NO_EVENTS = {key: value for key, value in EVEN.items() if key != "events"}
CASES: dict[str, Any] = {
    "one date": in_doubt({CHANCE: {"low": 0.02, "high": 0.12}}, likely(0.07)),
    "seldom": in_doubt({CHANCE: {"low": 0.001, "high": 0.012}}, likely(0.005)),
    "nothing at risk": in_doubt({"customers.one.revenue": {"low": 8, "high": 12}}, NO_EVENTS),
    "levels": in_doubt({CHANCE: {"low": 0.2, "high": 0.8}}, EVEN, risk={"levels": [0.8, 0.9, 0.95, 0.96]}),
    "gains": in_doubt({"events.leaves.usage.to": {"p10": 0.8, "p50": 1.2, "p90": 2}}, {
        **EVEN, "events": {"leaves": {**EVEN["events"]["leaves"], "usage": {"to": 1.2}}}
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("paths", [16, 1024])
def test_nothing_stands_on_anything(name: str, paths: int) -> None:
    ax = sim.doubt(CASES[name], paths=paths).plot.exceedance()
    assert clashes(ax) == []
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", NAMES[::3])
def test_names_are_text_and_nothing_else(name: str) -> None:
    source = copy.deepcopy(in_doubt({CHANCE: {"low": 0.2, "high": 0.8}}))
    source["name"] = source["money"] = name
    ax = sim.doubt(source, paths=16).plot.exceedance()
    assert b"<script" not in drawn(ax, "svg")
    assert not [text.get_text() for text in texts(ax) if text.get_parse_math()]


def test_it_draws_where_it_is_told_and_gives_the_same_bytes(grown: sim.Doubted) -> None:
    before = settings()
    left, right = Figure(figsize=(14, 5), layout="constrained").subplots(1, 2)
    assert grown.plot.exceedance(ax=left) is left
    assert not right.has_data()
    assert settings() == before
    pictures = [drawn(grown.plot.exceedance(), "svg") for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) < 250_000
