"""What is on the axes of the pictures, not how they look."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim
from sim.errors import UsageError
from sim.language import load_text
from sim.plots import format_of, save
from tests.by_hand import EVEN, LEAVES, MEDIAN, MONTH, PROBABILITY, months_of_2025

HOSTILE = {
    "name": r"$\frac{1}{0}$ <script>alert(1)</script> {x} %s 会社 " + "very long " * 30,
    "money": r"$k_{USD}$",
    "events.in_house_llm.name": r"$x^2$ \alpha {0} <b>no end</b> " + "and on " * 30,
}


@pytest.fixture(scope="module")
def surface() -> sim.Sweep:
    return sim.sweep("reference-work", paths=1024)


@pytest.fixture(scope="module")
def months() -> sim.Sweep:
    """Mean loss 10 p (13 - m) for the m-th month; the quantile is that with p = 1 wherever p > 0.05."""
    axes = {PROBABILITY: [0, 0.25, 0.5, 0.75, 1], MONTH: months_of_2025()}
    return sim.sweep(load_text(EVEN), axes=axes, paths=64)


def of_kind(ax: Any, kind: type) -> list[Any]:
    return [child for child in ax.get_children() if isinstance(child, kind)]


def one_line(text: str) -> str:
    return " ".join(text.split())


def drawn(ax: Any, format: str = "png") -> bytes:
    file = io.BytesIO()
    save(ax, file, format)
    return file.getvalue()


def test_a_heat_map_says_what_it_shows(surface: sim.Sweep) -> None:
    ax = surface.plot.heatmap()
    assert one_line(ax.get_xlabel()) == (
        "Median delay from 2024-03, months (“The large customer leaves”); in brackets the median month"
    )
    assert one_line(ax.get_ylabel()) == "Probability that “The large customer leaves” ever arises"
    title = one_line(ax.get_title(loc="left"))
    assert title.startswith("In 19 of 20 futures the loss does not exceed USD 1.1")
    assert " billion in the base case" in title  # as the headline of a run has it, though the unit is USD million
    assert title.endswith("over the grid")
    assert "in the base case, 0 to 1.7" in title
    (mesh,) = of_kind(ax, QuadMesh)
    np.testing.assert_array_equal(mesh.get_array(), surface.cells["revenue_at_risk"]["0.95"])
    assert mesh.get_cmap().name == "viridis"
    (contours,) = of_kind(ax, QuadContourSet)
    assert {1000.0, 1500.0} <= set(contours.levels)
    # The scenario stands at a median of 31.5 months and a probability of one half.
    (cross,) = [line for line in ax.lines if line.get_marker() == "x"]
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (31.5, 0.5)
    scale = ax.figure.axes[1]
    assert one_line(scale.get_ylabel()) == "Revenue at risk 95 %, USD million"


def test_another_measure_and_level(surface: sim.Sweep) -> None:
    ax = surface.plot.heatmap(measure="expected_shortfall", level=0.99)
    np.testing.assert_array_equal(of_kind(ax, QuadMesh)[0].get_array(), surface.cells["expected_shortfall"]["0.99"])
    shares = surface.plot.heatmap(measure="probability_of_loss")
    assert "Chance of a loss: 44." in shares.get_title(loc="left")
    labels = [label.get_text() for label in shares.figure.axes[1].get_yticklabels()]
    assert all(label.endswith("%") for label in labels)


def test_months_are_dates_and_unordered_values_find_their_place(months: sim.Sweep) -> None:
    ax = months.plot.heatmap()
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[0] == "2025-01"
    assert set(labels) <= set(months_of_2025())
    shuffled = sim.sweep(
        load_text(EVEN), axes={PROBABILITY: [1, 0.5], MONTH: ["2025-10", "2025-01", "2025-07"]}, paths=64
    )
    (mesh,) = of_kind(shuffled.plot.heatmap(measure="expected_loss"), QuadMesh)
    # Rising chances upwards, rising months to the right: 12, 6 and 3 months of 10, by half and for certain.
    np.testing.assert_allclose(mesh.get_array(), [[60, 30, 15], [120, 60, 30]], rtol=1e-12)


def test_no_cross_where_the_base_case_is_beyond_the_grid() -> None:
    beyond = sim.sweep("reference-work", axes={LEAVES: [0.8, 0.9], MEDIAN: [50, 60]}, paths=64)
    assert not beyond.plot.heatmap().lines


def test_large_errors_are_hatched_and_named() -> None:
    rough = sim.sweep("tiktok-all-risks", axes={LEAVES: [0, 0.5, 1], MEDIAN: [24, 36]}, paths=64)
    ends, value = rough.interval["revenue_at_risk"]["0.99"], rough.cells["revenue_at_risk"]["0.99"]
    large = (ends["high"] - ends["low"]) / 2 > 0.05 * value
    assert large.any()
    ax = rough.plot.heatmap(level=0.99)
    (hatching,) = [c for c in of_kind(ax, PolyCollection) if not isinstance(c, QuadMesh) and c.get_hatch()]
    # Neighbours in a row are one box.
    starts = large & ~np.concatenate([np.zeros((3, 1), dtype=bool), large[:, :-1]], axis=1)
    assert len(hatching.get_paths()) == starts.sum()
    assert any("hatched: 95 % interval beyond ±5 %" in one_line(text.get_text()) for text in of_kind(ax, Text))


def test_values_far_apart_stand_on_a_logarithmic_side() -> None:
    wide = sim.sweep("reference-work", axes={LEAVES: [0.2, 0.4], MEDIAN: [1, 4, 16, 64]}, paths=64)
    ax = wide.plot.heatmap()
    assert ax.get_xscale() == "log"
    assert ax.get_yscale() == "linear"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "4", "16", "64"]


@pytest.mark.parametrize("axes", [{LEAVES: [0.5], MEDIAN: [20]}, {LEAVES: [0.5, 0.9], MEDIAN: [20]}])
def test_one_cell_and_two(axes: dict[str, list[float]]) -> None:
    small = sim.sweep("reference-work", axes=axes, paths=64)
    assert drawn(small.plot.heatmap())
    assert drawn(small.plot.lines())


def test_a_surface_without_any_loss() -> None:
    nothing = sim.sweep("reference-work", axes={LEAVES: [0, 0.01], MEDIAN: [20, 30]}, paths=64)
    ax = nothing.plot.heatmap()
    assert one_line(ax.get_title(loc="left")).endswith("does not exceed USD 0 million in every cell")
    assert not of_kind(ax, QuadContourSet)
    assert list(ax.figure.axes[1].get_yticks()) == [0]
    assert drawn(ax)
    assert drawn(nothing.plot.lines())


def test_lines_with_bands() -> None:
    chances = [0, 0.25, 0.5, 0.75, 1]
    sweep = sim.sweep("tiktok-all-risks", axes={LEAVES: chances}, paths=256)
    ax = sweep.plot.lines(measure="expected_loss")
    line = ax.lines[0]
    np.testing.assert_array_equal(line.get_xdata(), chances)
    np.testing.assert_array_equal(line.get_ydata(), sweep.cells["expected_loss"])
    (band,) = [c for c in of_kind(ax, PolyCollection) if not c.get_hatch()]
    # Student's quantile of 15 degrees of freedom is 2.1314 (any table).
    reach = 2.1314 * sweep.standard_error["expected_loss"]
    y = band.get_paths()[0].vertices[:, 1]
    assert y.max() == pytest.approx((sweep.cells["expected_loss"] + reach).max(), rel=1e-4)
    assert y.min() == pytest.approx((sweep.cells["expected_loss"] - reach).min(), rel=1e-4)
    assert ax.get_legend() is None
    assert any(text.get_text() == "base case" for text in of_kind(ax, Text))


def test_of_a_long_second_axis_six_lines_are_drawn_with_the_base_case(surface: sim.Sweep) -> None:
    ax = surface.plot.lines()
    legend = ax.get_legend()
    assert legend is not None
    labels = [text.get_text().partition(" (")[0] for text in legend.get_texts()]
    assert len(labels) == 6
    assert {"3", "31.5", "60"} <= set(labels)
    styles = {
        (line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines if line.get_marker() != "None"
    }
    assert len(styles) == 6
    assert any("6 of 21 values" in one_line(text.get_text()) for text in of_kind(ax, Text))


def test_multiples_share_one_scale() -> None:
    axes = {LEAVES: [0.1, 0.5, 1], MEDIAN: [12, 24, 36], "customers.tiktok.revenue": [10, 20]}
    sweep = sim.sweep("reference-work", axes=axes, paths=64)
    panels = sweep.plot.multiples(measure="expected_loss")
    assert [panel.get_title(loc="left") for panel in panels] == ["10", "20"]
    for k, panel in enumerate(panels):
        (mesh,) = of_kind(panel, QuadMesh)
        np.testing.assert_array_equal(mesh.get_array(), sweep.cells["expected_loss"][:, :, k])
        whole = sweep.cells["expected_loss"]
        assert (mesh.norm.vmin, mesh.norm.vmax) == (whole.min(), whole.max())
    # A revenue of 20 is the scenario's own.
    assert [len(panel.lines) for panel in panels] == [0, 1]
    assert drawn(panels)


def test_the_tolerance_curve_is_the_quantile(months: sim.Sweep) -> None:
    # With a chance of 30 % more than this is lost: the month's whole loss where p > 0.3, else nothing.
    ax = months.plot.tolerance(probability=0.3)
    legend = ax.get_legend()
    assert legend is not None
    lines = dict(zip([text.get_text() for text in legend.get_texts()], ax.lines, strict=False))
    np.testing.assert_allclose(lines["2025-07"].get_ydata(), [0, 0, 60, 60, 60], atol=1e-9)
    assert "exceeded with a chance of 30 %" in one_line(ax.get_ylabel())
    np.testing.assert_allclose(months.tolerance(0.3)[:, 6], [0, 0, 60, 60, 60], atol=1e-9)


def test_it_draws_where_it_is_told_and_leaves_no_setting_behind(surface: sim.Sweep) -> None:
    before = dict(matplotlib.rcParams)
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert surface.plot.heatmap(left) is left
    assert surface.plot.lines(right) is right
    other = Figure()
    assert surface.plot.tolerance(other.add_subplot()).figure is other
    assert dict(matplotlib.rcParams) == before


@pytest.mark.filterwarnings("ignore::sim.errors.MissingGlyphs")  # as machines have fonts
def test_names_are_text_and_nothing_else() -> None:
    axes = {LEAVES: [0.2, 0.5], MEDIAN: [24, 36]}
    sweep = sim.sweep("reference-work", axes=axes, set=HOSTILE, paths=64)
    for ax in (sweep.plot.heatmap(), sweep.plot.lines(), sweep.plot.tolerance()):
        # Any text that was read as mathematics would fail here, and warnings are errors.
        for format in ("png", "svg"):
            picture = drawn(ax, format)
            assert b"<script" not in picture
        assert r"$k_{USD}$" in one_line(ax.get_title(loc="left"))
        longest = max(len(line) for text in of_kind(ax, Text) for line in text.get_text().split("\n"))
        assert longest < 110


def test_the_same_picture_gives_the_same_bytes(months: sim.Sweep) -> None:
    for format in ("svg", "png"):
        assert drawn(months.plot.heatmap(), format) == drawn(months.plot.heatmap(), format)


def test_what_cannot_be_drawn_is_refused(surface: sim.Sweep, months: sim.Sweep) -> None:
    one = sim.sweep("reference-work", axes={LEAVES: [0.2, 0.5]}, paths=64)
    with pytest.raises(UsageError, match="use lines"):
        one.plot.heatmap()
    with pytest.raises(UsageError, match="use heatmap"):
        surface.plot.multiples()
    with pytest.raises(UsageError, match="measure: found 'losses'"):
        surface.plot.heatmap(measure="losses")
    with pytest.raises(UsageError, match=r"level: found 0\.5"):
        surface.plot.heatmap(level=0.5)
    with pytest.raises(UsageError, match="probability: found 1"):
        months.plot.tolerance(probability=1)
    with pytest.raises(UsageError, match=r"\.svg or \.png"):
        format_of("surface.pdf")
    assert format_of(Path("A.SVG")) == "svg"


def test_neither_pyplot_nor_a_plain_sweep_is_loaded_for_nothing() -> None:
    script = (
        "import sim, sys; w = sim.sweep('reference-work', paths=64); assert 'matplotlib' not in sys.modules; "
        "w.plot.heatmap(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_values_of_a_delay_stand_with_their_median_months_and_nothing_with_what_it_means() -> None:
    """Exponential, counted from the start: half is gone in the first month that is no less than the mean times ln 2."""
    sweep = sim.sweep(
        "tiktok-all-risks",
        axes={"events.suspension.probability": [0, 0.5, 1], "events.suspension.timing.exponential.mean": [12, 24, 36]},
        paths=64,
    )
    ax = sweep.plot.heatmap()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 (without the event)", "0.5", "1"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["12", "24", "36"]
    # 9, 17 and 25 months after 2024-07.
    assert [label.get_text() for label in ax.get_xticklabels(minor=True)] == ["(2025-04)", "(2025-12)", "(2026-08)"]
