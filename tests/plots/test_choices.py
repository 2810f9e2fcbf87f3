"""What the picture of choices holds: curves where the figures say, names as mere text, nothing on nothing."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import sim
from tests.answers.choosing import SOON
from tests.plots.clashes import clashes
from tests.plots.conftest import NAMES, drawn, settings, texts


@pytest.fixture(scope="module")
def offer() -> sim.Decision:
    return sim.choose(SOON)


def test_the_curve_is_the_gain_of_each_draw(offer: sim.Decision) -> None:
    ax = offer.plot.choices()
    curve = ax.lines[0]
    x, y = (np.asarray(one, dtype=float) for one in curve.get_data())
    # 51 p - 20.4 rises evenly with the share of draws: from -10.2 to 20.4, through nothing at a third.
    np.testing.assert_allclose(y, -10.2 + 30.6 * x / 100, atol=1.2)
    assert (np.diff(y) >= 0).all()
    assert np.interp(0.0, y, x) == pytest.approx(100 / 3, abs=3)
    assert (x[0], x[-1]) == (50 / 256, 100 - 50 / 256)
    (label,) = [text.get_text() for text in ax.get_legend().get_texts()]
    assert label.startswith("The offer: +5")
    assert "on average, the best one in 6" in label
    assert "largest regret 10" in label
    low, high = ax.get_ylim()
    assert low < -10.2
    assert high > 20.4


def test_the_title_says_which_is_better(offer: sim.Decision) -> None:
    said = " ".join(offer.plot.choices().get_title(loc="left").split())
    assert said.startswith("“The offer” has USD 5")
    assert "than “as_it_is” on average, and is no worse in 6" in said
    dear = sim.choose(SOON, set={"choices.offer.cost": 40}, paths=64)
    said = " ".join(dear.plot.choices().get_title(loc="left").split())
    assert said.startswith("No choice is better on average than “as_it_is”; “The offer” is no worse in")
    tie = sim.choose(SOON, set={"choices.offer.cost": 25.5}, paths=64)
    said = " ".join(tie.plot.choices().get_title(loc="left").split())
    assert "can’t be told apart on average" in said


@pytest.mark.parametrize(
    ("objective", "unit"),
    [("revenue_at_risk.0.95", "Less revenue at risk 95 %"), ("probability_of_loss", "Less chance of a loss")],
)
def test_what_is_told_of_a_measure(objective: str, unit: str) -> None:
    found = sim.choose(SOON, objective=objective, paths=512)
    ax = found.plot.choices()
    assert unit in " ".join(ax.yaxis.label.get_text().split())
    assert clashes(ax) == []


def many() -> dict[str, Any]:
    source = copy.deepcopy(SOON)
    for k in range(8):
        source["choices"][f"c{k}"] = {"set": {"levers.offer.acceptance": 0.1 * k}, "cost": k}
    return source


def test_of_many_choices_six_are_drawn_and_the_rest_counted() -> None:
    ax = sim.choose(many(), paths=16).plot.choices()
    assert len(ax.get_legend().get_texts()) == 6
    assert any("3 more choices are not drawn" in text.get_text().replace("\u00a0", " ") for text in texts(ax))
    assert clashes(ax) == []


def test_nothing_lies_on_nothing(offer: sim.Decision) -> None:
    assert clashes(offer.plot.choices()) == []


@pytest.mark.parametrize("name", NAMES[::3])
def test_names_are_text_and_nothing_else(name: str) -> None:
    source = copy.deepcopy(SOON)
    source["name"] = source["money"] = source["choices"]["offer"]["name"] = name
    source["choices"]["as_it_is"] = {"name": name}
    ax = sim.choose(source, paths=16).plot.choices()
    assert b"<script" not in drawn(ax, "svg")
    assert not [text.get_text() for text in texts(ax) if text.get_parse_math()]


def test_it_draws_where_it_is_told_and_gives_the_same_bytes(offer: sim.Decision) -> None:
    before = settings()
    left, right = Figure(figsize=(14, 5), layout="constrained").subplots(1, 2)
    assert offer.plot.choices(ax=left) is left
    assert not right.has_data()
    assert settings() == before
    assert drawn(offer.plot.choices(), "svg") == drawn(offer.plot.choices(), "svg")
