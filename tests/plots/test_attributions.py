"""What is on the axes of the waterfall, not how it looks."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

import sim
from sim.errors import UsageError
from sim.plots import save
from tests.answers.worlds import reference_case, values, world

HOSTILE = r"$\frac{1}{0}$ <script>alert(1)</script> {x} %s 会社" + " very long " * 30


def bars(ax: Any) -> list[Rectangle]:
    return [patch for container in ax.containers for patch in container]


def words(ax: Any) -> list[str]:
    return [text.get_text().replace("\u00a0", " ") for text in ax.texts if isinstance(text, Annotation)]


def names(ax: Any) -> list[str]:
    return [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]


def title(ax: Any) -> str:
    return " ".join(ax.get_title(loc="left").split())


def drawn(ax: Any) -> bytes:
    file = io.BytesIO()
    save(ax, file, "png")
    return file.getvalue()


@pytest.fixture(scope="module")
def two() -> sim.Attribution:
    """Contributions of 30 and 40 to a loss of 70 out of 100."""
    return sim.attribute(world({"a": {"usage": {"to": 0.6}}, "b": {"name": "Bee", "usage": {"to": 0.5}}}), paths=32)


def test_steps_lead_from_the_baseline_to_the_revenue(two: sim.Attribution) -> None:
    ax = two.plot.waterfall()
    assert names(ax) == ["Expected baseline", "Bee", "a", "Expected revenue"]
    found = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars(ax)]
    np.testing.assert_allclose(found, [(0, 100), (100, 60), (60, 30), (0, 30)], atol=1e-9)
    # What joins a bar to the next stands where the one ends and the other begins.
    joints = [line.get_xdata()[0] for line in ax.lines if line.get_transform() == ax.transData]
    np.testing.assert_allclose(joints, [100, 60, 30], atol=1e-9)
    assert {"100 ± 0", "40 ± 0 (57 %)", "30 ± 0 (43 %)", "30 ± 0"} <= set(words(ax))
    assert title(ax) == "Of the expected loss of USD 70 million, 40 (57 %) come from “Bee” and 30 (43 %) from “a”"
    assert ax.get_xlabel() == "Revenue, USD million"
    assert ax.get_xlim()[0] == 0
    assert not any("not at zero" in text for text in words(ax))
    assert all(bar.get_hatch() for bar in bars(ax)[1:3])
    assert ax.get_legend() is None


def test_steps_lead_from_zero_to_the_shortfall(two: sim.Attribution) -> None:
    ax = two.plot.waterfall(measure="expected_shortfall")
    assert names(ax) == ["Bee", "a", "Expected shortfall 90 %"]
    found = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars(ax)]
    np.testing.assert_allclose(found, [(0, 40), (40, 70), (0, 70)], atol=1e-9)
    assert "too few paths to tell an error" in " ".join(words(ax))
    assert " ".join(ax.get_xlabel().split()) == "Expected shortfall 90 %, USD million"


def test_short_steps_cut_the_scale_and_the_picture_says_so() -> None:
    reference = reference_case()
    ax = reference.plot.waterfall()
    start, end = ax.get_xlim()
    # The loss is 6 % of the baseline: the scale begins above zero, and the steps take more than a third of it.
    assert start > 9000
    total = reference.expected_loss.value
    assert total > (end - start) / 3
    assert f"the scale begins at {start:,.0f}, not at zero" in " ".join(words(ax))
    baseline, *steps, revenue = bars(ax)
    assert baseline.get_x() == revenue.get_x() == start
    assert start + baseline.get_width() == pytest.approx(reference.expected_baseline.value)
    assert start + revenue.get_width() == pytest.approx(reference.expected_revenue.value)
    widths = sorted(-bar.get_width() for bar in steps)
    np.testing.assert_allclose(widths, sorted(values(reference).values()))
    marks = [line for line in ax.lines if line.get_transform() != ax.transData]
    assert len(marks) == 4  # two strokes on each bar that is cut
    tail = reference.plot.waterfall(measure="expected_shortfall", level=0.99)
    assert tail.get_xlim()[0] == 0


def test_a_gain_is_a_step_back_and_has_a_look_of_its_own() -> None:
    found = sim.attribute(world({"grows": {"usage": {"to": 1.2}}, "leaves": {"usage": {"to": 0.5}}}), paths=32)
    ax = found.plot.waterfall()
    _, down, up, _ = bars(ax)
    assert (down.get_x(), down.get_width()) == pytest.approx((100, -55))
    assert (up.get_x(), up.get_width()) == pytest.approx((45, 15))
    assert down.get_hatch() != up.get_hatch()
    assert "−15 ± 0 (−38 %)" in words(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "makes the loss larger",
        "makes the loss smaller",
    ]


def test_no_events_one_event_and_more_than_have_room() -> None:
    none = sim.attribute(world({}), paths=32).plot.waterfall()
    assert title(none) == "The scenario has no events, so nothing is lost"
    assert [text.get_text() for text in none.texts if not isinstance(text, Annotation)] == ["no events"]
    assert bars(none) == []
    one = sim.attribute(world({"a": {"usage": {"to": 0}}}), paths=32).plot.waterfall()
    assert len(bars(one)) == 3
    idle = sim.attribute(world({"a": {"probability": 0, "usage": {"to": 0}}}), paths=32).plot.waterfall()
    assert title(idle) == "The events together come to an expected loss of USD 0 million"
    assert drawn(idle)
    many = sim.attribute(world({f"e{k}": {"usage": {"to": 0.99}} for k in range(33)}), paths=16)
    ax = many.plot.waterfall()
    # Thirty steps between the two ends: 29 events, and the other four in one.
    assert len(bars(ax)) == 32
    assert names(ax)[-2] == "the other 4 events"
    assert bars(ax)[-2].get_x() + bars(ax)[-2].get_width() == pytest.approx(many.expected_revenue.value)
    assert f"Shapley values, {many.orders} orders sampled" in " ".join(words(ax))


@pytest.mark.filterwarnings("ignore::sim.errors.MissingGlyphs")  # as machines have fonts
def test_on_axes_that_are_given_and_with_hostile_names() -> None:
    data = world({"a": {"name": HOSTILE, "usage": {"to": 0.5}}}, name=HOSTILE, money=r"$k_{USD}$")
    ax = Figure(figsize=(9, 4), layout="constrained").add_subplot()
    assert sim.attribute(data, paths=32).plot.waterfall(ax) is ax
    _, label, _ = ax.get_yticklabels()
    assert not label.get_parse_math()
    assert len(label.get_text().split("\n")) <= 2
    assert drawn(ax).startswith(b"\x89PNG")


def test_another_measure_is_refused(two: sim.Attribution) -> None:
    with pytest.raises(UsageError, match="measure: found 'revenue_at_risk'"):
        two.plot.waterfall(measure="revenue_at_risk")
    with pytest.raises(UsageError, match=r"level: found 0\.5"):
        two.plot.waterfall(measure="expected_shortfall", level=0.5)
