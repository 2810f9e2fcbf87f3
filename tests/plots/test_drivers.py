"""Pictures of which numbers in doubt move a measure, and of a box: what stands where, names as text, no clashes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import sim
from tests.answers.in_doubt import CHANCE, GROWTH, in_doubt, likely
from tests.answers.test_drivers import two_doubts
from tests.answers.test_where import ASKED, BOX
from tests.plots.clashes import clashes
from tests.plots.conftest import NAMES, drawn, one_line, settings, texts


@pytest.fixture(scope="module")
def moved() -> sim.Drivers:
    return sim.drivers(two_doubts(), draws=256, paths=512)


@pytest.fixture(scope="module")
def region() -> sim.Where:
    return sim.where(in_doubt(BOX, likely(0.1)), ASKED, draws=256, paths=1024)


def test_bars_are_shares_alone_the_largest_on_top(moved: sim.Drivers) -> None:
    ax = moved.plot.drivers()
    bars = sorted((bar for bar in ax.patches if isinstance(bar, Rectangle) and 0 < bar.get_height() < 1),
                  key=lambda bar: bar.get_y())  # fmt: skip
    leading = moved.leading
    assert [bar.get_width() for bar in bars] == [row.first_order.value for row in leading if row.first_order]
    assert leading[0].path == GROWTH
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert [label.get_text().split("\n")[-1] for label in ax.get_yticklabels()] == ["▲ the more, the higher"] * 2
    marks = {
        (round(line.get_xdata()[0], 12), line.get_marker())
        for line in ax.lines
        if line.get_linestyle() == "None" and line.get_marker() in "Do"
    }
    told = {(round(row.shapley.value, 12), "D") for row in leading if row.shapley}
    told |= {(round(row.tail.value, 12), "o") for row in leading if row.tail and row.in_tail}
    assert marks == told
    assert ax.get_xlim()[1] <= 1.04


def test_the_title_says_what_moves_it_most(moved: sim.Drivers) -> None:
    said = " ".join(moved.plot.drivers().get_title(loc="left").split())
    assert said.startswith("Growth a year")
    assert "of what revenue at risk 95 % varies by over doubt; 2 numbers stand out" in said


def test_without_anything_that_stands_out_the_picture_says_so() -> None:
    told = sim.drivers(in_doubt({CHANCE: {"low": 0.5, "high": 0.9}}, likely(0.7)), draws=256, paths=512)
    ax = told.plot.drivers()
    assert any(one_line(text.get_text()).startswith("Nothing moves revenue at risk 95 %") for text in texts(ax))
    assert not ax.patches


def test_the_box_stands_where_its_sides_are(region: sim.Where) -> None:
    ax = region.plot.boxes()
    (box,) = [patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    assert region.region is not None
    sides = {region.rows[side.column].path: side for side in region.region.box}
    x, y = region.chosen[:2]
    low, high = sides[CHANCE].low, sides["events.leaves.usage.to"].high
    ends = {x: (box.get_x(), box.get_x() + box.get_width()), y: (box.get_y(), box.get_y() + box.get_height())}
    paths = [one.path for one in region.rows]
    assert ends[paths.index(CHANCE)][0] == pytest.approx(low)
    assert ends[paths.index("events.leaves.usage.to")][1] == pytest.approx(high)
    # Marks of both kinds, as many as there are draws.
    assert sum(len(one.get_offsets()) for one in ax.collections) == 256
    assert ax.get_title(loc="left").split()[:3] == ["In", "the", "box"]


def test_a_box_of_one_number_and_none_at_all_draw_too(region: sim.Where) -> None:
    months = {"events.leaves.timing.month": {"values": {"2025-02": 1, "2025-03": 1, "2025-04": 1, "2025-05": 1}}}
    told = sim.where(in_doubt(months, likely(0.9)), "revenue_at_risk.0.95 > 95", draws=256, paths=512)
    ax = told.plot.boxes()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2025-02", "2025-03", "2025-04", "2025-05"]
    none = sim.where(region.simulated, "expected_loss > 1e6").plot.boxes()
    assert any("where can’t be told" in one_line(text.get_text()) for text in texts(none))


@pytest.mark.parametrize("name", NAMES[::3])
def test_names_are_text_and_nothing_else(name: str) -> None:
    source = copy.deepcopy(likely(0.1))
    source["events"]["leaves"]["name"] = source["customers"]["one"]["name"] = source["name"] = name
    ready = sim.doubt(in_doubt(BOX, source), paths=512)
    for ax in (ready.plot.drivers(), ready.plot.boxes(ASKED)):
        assert drawn(ax, "svg")
        assert not any(text.get_parse_math() for text in texts(ax))


@pytest.mark.parametrize("size", [(6, 4), (9, 5), (14, 8)])
def test_nothing_lies_on_anything_else(moved: sim.Drivers, region: sim.Where, size: tuple[float, float]) -> None:
    source = copy.deepcopy(likely(0.1))
    source["events"]["leaves"]["name"] = "A name that is a good deal longer than most, and goes on for quite a while"
    long = sim.where(in_doubt(BOX, source), ASKED, draws=256, paths=512)
    for draw in (moved.plot.drivers, region.plot.boxes, long.plot.boxes):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        assert clashes(figure) == []


def test_drawing_leaves_no_setting_behind(moved: sim.Drivers, region: sim.Where) -> None:
    before = settings()
    moved.plot.drivers()
    region.plot.boxes()
    assert settings() == before


def test_doubt_has_the_same_pictures() -> None:
    ready: Any = sim.doubt(two_doubts(), draws=256, paths=512)
    assert ready.plot.drivers(measure="expected_loss").get_title(loc="left").split()[:2] == ["Growth", "a"]
    assert ready.plot.boxes("revenue_at_risk.0.95 > 30").get_title(loc="left").split()[:3] == ["In", "the", "box"]
