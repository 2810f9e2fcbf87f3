"""The picture of concentration: largest share and HHI by month."""

from __future__ import annotations

import numpy as np

import sim
from tests.plots.conftest import case, legend, title


def test_concentration_is_two_lines(noisy: sim.Result) -> None:
    ax = noisy.plot.concentration()
    named = legend(ax)
    assert list(named) == ["share of the largest named customer", "HHI: sum of the named customers’ squared shares"]
    for line, name in zip(named.values(), ("largest_share", "hhi"), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), noisy.series[name])
    labels = {text.get_text() for text in ax.texts}
    assert set(ax.get_legend_handles_labels()[1]) <= labels
    assert len({(line.get_linestyle(), line.get_marker()) for line in named.values()}) == 2
    # Customer One brings 10 of 40: a share of 1/4, an index of 1/16.
    assert title(ax).startswith("The largest named customer brings 25 % of revenue in 2025-03, ")
    assert "HHI 0.062" in title(ax)
    assert ax.get_ylabel() == "Share of revenue, HHI: both from 0 to 1"


def test_labels_of_lines_that_meet_stay_apart() -> None:
    alone = case(12, events={})
    del alone["customers"]["rest"]
    ax = sim.run(alone, paths=20).plot.concentration()
    heights = [text.xyann[1] for text in ax.texts if text.get_fontweight() == "bold"]  # type: ignore[attr-defined]
    assert abs(heights[0] - heights[1]) > 0.15
    assert title(ax) == "The largest named customer brings 100 % of revenue in 2025-03, 100 % in 2026-02; HHI 1 and 1"


def test_pools_alone_are_not_concentrated() -> None:
    pools = case(12, events={})
    del pools["customers"]["one"]
    result = sim.run(pools, paths=20)
    assert title(result.plot.concentration()) == "No customer is named: nothing is concentrated"
