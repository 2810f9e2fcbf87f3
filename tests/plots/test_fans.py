"""The fan of revenue: bands at quantiles, paths, renewals and the window."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import sim
from sim.errors import UsageError
from tests.plots.conftest import about, case, corners, drawn, legend, many, title


def test_bands_end_at_quantiles_and_lines_are_quantiles(noisy: sim.Result) -> None:
    named = legend(noisy.plot.fan())
    for percent, low, high in ((50, 0.25, 0.75), (80, 0.1, 0.9), (95, 0.025, 0.975)):
        found = corners(named[f"{percent} % of paths"])
        np.testing.assert_allclose(found[0], noisy.quantile("revenue", low))
        np.testing.assert_allclose(found[1], noisy.quantile("revenue", high))
    np.testing.assert_array_equal(named["median"].get_ydata(), noisy.quantile("revenue", 0.5))
    np.testing.assert_array_equal(named["median"].get_xdata(), np.arange(36))
    np.testing.assert_array_equal(named["baseline without events, median"].get_ydata(), noisy.quantile("baseline", 0.5))


def test_single_paths_are_the_first(noisy: sim.Result) -> None:
    ax = noisy.plot.fan(samples=2)
    thin = [line for line in ax.lines if line.get_linewidth() < 1 and len(line.get_xdata()) == 36]
    np.testing.assert_array_equal([line.get_ydata() for line in thin], noisy.samples["revenue"][:2])
    assert "2 single paths" in legend(ax)
    assert not [name for name in legend(noisy.plot.fan(samples=0)) if "single" in name]


def test_one_hue_darkest_in_the_middle_also_in_grey(noisy: sim.Result) -> None:
    named = legend(noisy.plot.fan(levels=(95, 20, 60)))
    greys = [
        float(np.dot(to_rgb(named[f"{percent} % of paths"].get_facecolor()[0]), (0.299, 0.587, 0.114)))
        for percent in (20, 60, 95)
    ]
    assert greys == sorted(greys)
    assert min(np.diff(greys)) > 0.05
    assert named["median"].get_linestyle() != named["baseline without events, median"].get_linestyle()


def test_what_it_says(noisy: sim.Result) -> None:
    ax = noisy.plot.fan()
    low, high, baseline = (
        f"{float(noisy.quantile(name, level)[-1]):.1f}"
        for name, level in (("revenue", 0.1), ("revenue", 0.9), ("baseline", 0.5))
    )
    assert title(ax) == f"Revenue in 2028-02: USD {low} to {high} million in 80 % of paths; baseline median {baseline}"
    assert about(ax) == "A case · 2025-03 … 2028-02 · 500 paths · undiscounted"
    assert ax.get_ylabel() == "Revenue a month, USD million"
    assert ax.get_xlabel() == "Month"
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "2025-07", "2026-01", "2026-07", "2027-01", "2027-07", "2028-01"
    ]  # fmt: skip
    assert "in 95 % of paths" in title(noisy.plot.fan(levels=[50, 95]))
    assert ax.get_ylim()[0] == 0


def test_renewals_are_marked_and_named(noisy: sim.Result) -> None:
    ax = noisy.plot.fan()
    # The contract renews in September 2025, month 6 of the horizon, and every twelve months after it.
    marks = legend(ax)["a contract renews"].get_segments()
    assert sorted(segment[0][0] for segment in marks) == [6, 18, 30]
    assert [text.get_text() for text in ax.texts if "renews" in text.get_text()] == ["Customer One renews"]


def test_of_many_contracts_three_are_named() -> None:
    ax = sim.run(many(), paths=64).plot.fan()
    assert "a contract renews (3 largest of 13)" in legend(ax)
    names = sorted(text.get_text() for text in ax.texts if "renews" in text.get_text())
    assert names == [f"Customer number {i} renews" for i in (10, 11, 9)]


def test_a_window_is_marked() -> None:
    ax = sim.run(case(36, risk={"window": {"first": "2026-03", "last": "2027-02"}}), paths=64).plot.fan()
    mark = legend(ax)["risk window, 2026-03 … 2027-02"]
    assert list(mark.get_xdata()) == [11.5, 23.5]
    borders = [line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1]]
    assert borders == [11.5, 23.5]


def test_the_whole_horizon_is_no_window(noisy: sim.Result) -> None:
    assert not [name for name in legend(noisy.plot.fan()) if "window" in name]


def test_one_path_has_no_bands() -> None:
    ax = sim.run(case(36), paths=1, sampling="plain").plot.fan()
    assert list(legend(ax)) == ["the one path", "baseline without events", "a contract renews"]
    assert "million on the one path; baseline " in title(ax)


def test_one_month_reaches_over_its_width() -> None:
    ax = sim.run(case(1), paths=50).plot.fan()
    median = legend(ax)["median"]
    assert list(median.get_xdata()) == [-0.4, 0.4]
    # 10 and 30 a month, and nothing has grown yet; values are kept to a tenth of a per cent.
    np.testing.assert_allclose(median.get_ydata(), [40, 40], rtol=1e-3)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2025-03"]
    assert title(ax) == "Revenue in 2025-03: USD 40 million on 80 % of paths; baseline median 40"


@pytest.mark.parametrize("months", [2, 7, 13, 48, 119, 360, 1200])
def test_ticks_are_few_and_even_at_any_horizon(months: int) -> None:
    ax = sim.run(case(months), paths=16).plot.fan()
    places = ax.get_xticks()
    assert min(2, months) <= len(places) <= 13
    assert len({round(gap) for gap in np.diff(places)}) == 1
    first = ax.get_xticklabels()[0].get_text()
    label = sim.load(case(months)).month_label(int(places[0]))
    assert first == (label if len(first) == 7 else label[:4])
    assert drawn(ax)


@pytest.mark.parametrize("levels", [(), (0,), (100,), (33.3,), ("80",), (True,)])
def test_bands_that_are_none(noisy: sim.Result, levels: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="levels: found"):
        noisy.plot.fan(levels=levels)


@pytest.mark.parametrize("samples", [-1, 1.5, True])
def test_numbers_of_samples_that_are_none(noisy: sim.Result, samples: int) -> None:
    with pytest.raises(UsageError, match="samples: found"):
        noisy.plot.fan(samples=samples)
