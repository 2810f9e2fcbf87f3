"""What the picture of a tornado holds: bars where the figures say, ends with their values, names as mere text."""

from __future__ import annotations

import io
from typing import Any

import pytest
from matplotlib.figure import Figure

import sim
from sim.plots import save
from tests.answers.ranges import even, scenario, with_event


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def spans(ax: Any) -> list[tuple[float, float]]:
    """Left and right end of each bar, in the order drawn: low and high, the largest assumption first."""
    found = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
    return [(min(ends), max(ends)) for ends in found]


def test_bars_reach_from_the_base_case_to_both_ends() -> None:
    ax = sim.tornado(scenario(), paths=1600).plot()
    # 60 in the base case; 30 and 120 by the revenue of the customer, 30 by what stays, 60 by the rest's revenue.
    assert spans(ax) == [pytest.approx(ends) for ends in [(30, 60), (60, 120), (60, 60), (30, 60), (60, 60), (60, 60)]]
    names = [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]
    assert names[0] == "Revenue in the first month, USD million (“Customer One”)"
    assert names[1] == "Share of usage left in the end (“One leaves”)"
    assert words(ax)[:6] == ["5", "20", "0", "0.5", "20", "40"]
    assert " ".join(ax.get_xlabel().split()) == "Revenue at risk 95 %, USD million"
    assert "moves from USD 30 to 120 million" in " ".join(ax.get_title("left").split())
    assert ax.get_legend().get_texts()[-1].get_text() == "base case: 60"
    low, high = ax.patches[0], ax.patches[1]
    assert low.get_hatch()
    assert not high.get_hatch()
    assert low.get_facecolor() != high.get_facecolor()


def test_the_larger_is_on_top_and_a_value_stands_outside_of_its_whisker() -> None:
    found = sim.tornado(even(0.1, 0.9), paths=4096, measure="expected_loss")
    ax = found.plot()
    lower, upper = ax.get_ylim()
    assert lower > upper  # the first bar is on top
    (bar,) = found.bars
    whiskers = [line.get_segments()[0][:, 0] for line in ax.collections]
    for whisker, end in zip(whiskers, (bar.low, bar.high), strict=True):
        assert end is not None
        change, base = end.change.expected_loss, found.base.expected_loss.value
        assert whisker == pytest.approx([base + change.low, base + change.high])
    places = {text.get_text(): text.xy[0] for text in ax.texts}
    assert places["0.1"] == pytest.approx(whiskers[0].min())
    assert places["0.9"] == pytest.approx(whiskers[1].max())


def test_a_whisker_reaches_as_far_to_either_side_as_its_interval() -> None:
    """One leaves on an even chance; at 0.55 and at 0.45 the quantile at 0.5 is 60 and 0 beyond doubt of 4,096 paths.

    At 0.5 itself it may be either, so the change of the one end lies within 0 and 60, that of the other -60 and 0.
    """
    given = {**even(0.45, 0.55), "risk": {"levels": [0.5]}}
    found = sim.tornado(given, paths=4096, sampling="plain")
    ax = found.plot()
    (bar,) = found.bars
    assert bar.low is not None
    assert bar.high is not None
    changes = [end.change.revenue_at_risk for end in (bar.low, bar.high)]
    assert sorted(abs(change.value) for change in changes) == [0, 60]
    base = found.base.revenue_at_risk.value
    whiskers = [tuple(line.get_segments()[0][:, 0]) for line in ax.collections]
    assert whiskers == [pytest.approx((base + change.low, base + change.high)) for change in changes]
    for change in changes:
        assert change.low is not None
        assert change.high is not None
        assert change.value - change.low != pytest.approx(change.high - change.value)


def test_two_ends_on_one_side_do_not_hide_each_other() -> None:
    # Three months without 10 each fill a window of three; two of them do a month earlier, one does two months later.
    given = with_event(
        ranges="evidence:\n  events.leaves.timing.fixed: {assumption: open, low: 5, high: 8}\n",
        timing={"fixed": 6},
        lasts={"fixed": 3},
    )
    given["risk"] = {"window": {"first": "2025-07", "last": "2025-09"}}
    ax = sim.tornado(given, paths=1600).plot()
    (low_from, low_to), (high_from, high_to) = (
        (patch.get_y(), patch.get_y() + patch.get_height()) for patch in ax.patches
    )
    assert low_from < low_to <= high_from < high_to
    assert spans(ax) == [pytest.approx((20, 30)), pytest.approx((10, 30))]


def test_the_rest_is_counted() -> None:
    found = sim.tornado("tiktok", paths=256)
    ax = found.plot(most=5, measure="expected_loss")
    assert len(ax.patches) == 2 * 5
    # Of 26 assumptions of the reference case all but the date of a renewal have a range.
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == f"and {26 - 1 - 5} smaller ones"
    assert any(text.startswith("at most ") for text in words(ax))
    assert ax.get_xlabel().startswith("Expected loss")
    with pytest.raises(sim.UsageError, match="measure"):
        found.plot(measure="mean")


def test_without_bars_it_says_so() -> None:
    ax = sim.tornado(scenario(ranges=""), paths=16).plot()
    assert not ax.patches
    assert ax.get_title("left") == "No assumption has a range"
    assert "nothing to vary. 5 numbers stand without a range." in " ".join(words(ax)).replace("\n", " ")


def test_it_draws_where_it_is_told() -> None:
    ax = Figure().add_subplot()
    assert sim.tornado(scenario(), paths=16).plot(ax) is ax


def test_names_are_text_and_nothing_else_and_are_cut() -> None:
    given = scenario(money="$_{")
    given["events"]["leaves"]["name"] = "$\\frac{1}{0}$ {0} <b> " + "very " * 60 + "long"
    ax = sim.tornado(given, paths=16).plot()
    shown = [*(label.get_text() for label in ax.get_yticklabels()), ax.get_title("left"), ax.get_xlabel()]
    assert any("\\frac" in text for text in shown)
    assert all(label.get_text().count("\n") < 3 for label in ax.get_yticklabels())
    file = io.BytesIO()
    save(ax, file, "png")  # mathtext would fail here
    assert file.getvalue().startswith(b"\x89PNG")
