"""What holds for every picture: names are inert, no setting is left behind, axes that are given are used."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

import sim
from sim.plots import pictures
from tests.plots.conftest import NAMES, case, drawn, hostile, many, settings, texts

KINDS = ["fan", "exceedance", "event_months", "concentration", "story"]


def test_the_pictures_of_a_result(noisy: sim.Result) -> None:
    assert list(pictures(noisy)) == KINDS
    assert list(pictures(sim.run(case(12, events={}), paths=16))) == ["fan", "exceedance", "concentration", "story"]
    pools = case(12, events={})
    del pools["customers"]["one"]
    assert list(pictures(sim.run(pools, paths=16))) == ["fan", "exceedance", "story"]

    with_process = dataclasses.replace(noisy, processes=1)
    assert list(pictures(with_process)) == KINDS[:-1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_are_text_and_nothing_else(kind: str, name: str) -> None:
    result = sim.run(hostile(name), paths=40)
    ax = pictures(result)[kind]()
    # What was read as mathematics would fail here, and a warning is an error.
    assert b"<script" not in drawn(ax, "svg")
    assert not [text.get_text() for text in texts(ax) if text.get_parse_math()]
    assert max(len(line) for text in texts(ax) for line in text.get_text().split("\n")) < 110


@pytest.mark.filterwarnings("ignore:Glyph .* missing")  # they become boxes, which is known
@pytest.mark.parametrize("kind", KINDS)
def test_letters_as_wide_as_two_count_as_two(kind: str) -> None:
    name = "東京都の大きなお客様株式会社" * 5
    scenario = hostile(name)
    scenario["money"] = name
    ax = pictures(sim.run(scenario, paths=40))[kind]()
    figure = ax.get_figure(root=True)
    figure.draw_without_rendering()  # a warning that the axes have no room left would be an error
    assert ax.get_window_extent().width > figure.bbox.width / 3
    for text in texts(ax):
        extent = text.get_window_extent()
        # Boxes of letters that the font does not have are a little wider than two others.
        assert extent.x1 - figure.bbox.x0 < 1.1 * figure.bbox.width, text.get_text()


@pytest.mark.parametrize("kind", KINDS)
def test_it_draws_where_it_is_told_and_leaves_no_setting_behind(noisy: sim.Result, kind: str) -> None:
    before = settings()
    figure = Figure(figsize=(14, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    assert getattr(noisy.plot, kind)(ax=left) is left
    assert not right.has_data()
    assert drawn(left)
    assert settings() == before


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_gives_the_same_bytes(noisy: sim.Result, kind: str) -> None:
    assert drawn(pictures(noisy)[kind](), "svg") == drawn(pictures(noisy)[kind](), "svg")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("months", [1, 2, 360])
@pytest.mark.parametrize("paths", [1, 30])
def test_extremes(kind: str, months: int, paths: int) -> None:
    ax = pictures(sim.run(case(months), paths=paths))[kind]()
    picture = drawn(ax, "svg")
    assert len(picture) < 250_000
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("kind", KINDS)
def test_twelve_customers_stay_small(kind: str) -> None:
    assert len(drawn(pictures(sim.run(many(), paths=100))[kind](), "svg")) < 250_000


def test_axes_have_names(noisy: sim.Result) -> None:
    for kind, draw in pictures(noisy).items():
        axes = draw().get_figure(root=True).axes
        assert axes[-1].get_xlabel(), kind
        # Rows and lanes name themselves, each with its words.
        assert axes[-1].get_ylabel() or kind == "event_months"


def test_pyplot_is_not_loaded_nor_anything_for_a_plain_run() -> None:
    script = (
        "import io, sys, sim; from sim.plots import pictures, save\n"
        "r = sim.run('reference-work', paths=64); assert 'matplotlib' not in sys.modules\n"
        "for draw in pictures(r).values(): save(draw(), io.BytesIO(), 'svg')\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
