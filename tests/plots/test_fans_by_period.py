"""The fan by quarter and by year: boxes at quantiles of sums, part periods marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

import sim
from sim.errors import UsageError
from tests.plots.conftest import about, case, drawn, legend, many, title


@pytest.mark.parametrize("kind", ["quarter", "year"])
def test_boxes_end_at_quantiles_of_sums(noisy: sim.Result, kind: str) -> None:
    ax = noisy.plot.fan(by=kind)
    named, periods = legend(ax), [record for record in noisy.periods if record["kind"] == kind]
    for percent, low, high in ((50, "0.25", "0.75"), (90, "0.05", "0.95")):
        boxes = named[f"{percent} % of paths"].patches
        assert [box.get_y() for box in boxes] == pytest.approx([record["revenue"][low] for record in periods])
        tops = [box.get_y() + box.get_height() for box in boxes]
        assert tops == pytest.approx([record["revenue"][high] for record in periods])
    for words, name in (("median", "revenue"), ("baseline without events, median", "baseline")):
        heights = [segment[0][1] for segment in named[words].get_segments()]
        assert heights == pytest.approx([record[name]["0.5"] for record in periods])
    assert ax.get_ylabel() == f"Revenue a {kind}, USD million"


def test_periods_that_the_horizon_cuts_are_hatched(noisy: sim.Result) -> None:
    """From 2025-03 to 2028-02 the first quarter has one month and the last two."""
    ax = noisy.plot.fan(by="quarter")
    parts = legend(ax)["a part of a quarter: 2025 Q1 (1 month), 2028 Q1 (2 months)"].patches
    assert [part.get_x() + part.get_width() / 2 for part in parts] == [0, 12]
    assert all(part.get_hatch() for part in parts)
    whole = sim.run(case(12, start="2025-01"), paths=50).plot.fan(by="quarter")
    assert not [name for name in legend(whole) if "part" in name]


def test_the_title_tells_of_the_last_whole_period(noisy: sim.Result) -> None:
    ax = noisy.plot.fan(by="year")
    record = next(record for record in noisy.periods if record["name"] == "2027")
    low, high, baseline = record["revenue"]["0.05"], record["revenue"]["0.95"], record["baseline"]["0.5"]
    assert (
        title(ax)
        == f"Revenue in 2027: USD {low:.0f} to {high:.0f} million in 90 % of paths; baseline median {baseline:.0f}"
    )
    assert about(ax) == "A case · 2025-03 … 2028-02 · 500 paths · undiscounted"


def test_years_are_named_where_they_begin() -> None:
    ax = sim.run(case(36, risk={"year_starts": 7}), paths=50).plot.fan(by="quarter")
    names = dict(zip(ax.get_xticks().tolist(), (label.get_text() for label in ax.get_xticklabels()), strict=True))
    # 2025-03 lies in the third quarter of FY2025, two quarters before FY2026.
    assert names == {0: "FY2025", 2: "FY2026", 6: "FY2027", 10: "FY2028"}
    few = sim.run(case(6), paths=50).plot.fan(by="quarter")
    assert [label.get_text() for label in few.get_xticklabels()] == ["2025 Q1", "2025 Q2", "2025 Q3"]


@pytest.mark.parametrize("months", [1, 2, 40, 1200])
@pytest.mark.parametrize("kind", ["quarter", "year"])
def test_any_horizon_is_drawn(months: int, kind: str) -> None:
    ax = sim.run(case(months), paths=16).plot.fan(by=kind)
    assert 1 <= len(ax.get_xticks()) <= 13
    assert drawn(ax)


def test_one_path_and_many_contracts_have_boxes_of_no_height_or_none() -> None:
    assert "90 % of paths" not in legend(sim.run(case(24), paths=1, sampling="plain").plot.fan(by="quarter"))
    assert drawn(sim.run(many(), paths=16).plot.fan(by="year"))


def test_what_is_refused(noisy: sim.Result) -> None:
    with pytest.raises(UsageError, match="by: found 'week', allowed are month, quarter and year"):
        noisy.plot.fan(by="week")
    with pytest.raises(UsageError, match="levels: found 80, by quarter allowed are 50 and 90"):
        noisy.plot.fan(by="quarter", levels=[50, 80])
    with pytest.raises(UsageError, match="told no quarters"):
        replace(noisy, periods=[]).plot.fan(by="quarter")
