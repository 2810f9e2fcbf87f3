"""What a report carries: dials whose stops hold the base, tables that add up, texts that are read back as written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.chance.sampling import Sampling
from sim.explorer.knobs import knobs_of
from sim.report import make_report as report
from sim.report.colors import AMOUNTS
from sim.report.dials import STOPS, dials_of
from sim.report.fans import BINS, fan_of
from sim.report.live import at, base_place, payload
from sim.report.losses import Losses, sampling_for
from sim.report.packing import packed, packed_counts, unpacked, unpacked_counts
from sim.simulation.stratified import stratify
from tests.report.conftest import EVEN, changed, demanding

LEAVES = "events.leaves.timing"


def losses_of(data: dict[str, Any], paths: int = 1024) -> tuple[sim.Scenario, Any, Losses]:
    scenario = sim.load(data)
    dials = dials_of(scenario)
    weights = at(dials, *base_place(dials))
    counted = stratify(scenario, dials.event, dials.months, Sampling(paths, 1, "sobol"), workers=2)
    return scenario, dials, Losses(counted, counted.weighed(weights), paths)


@pytest.mark.parametrize(
    "timing",
    [
        {"lognormal": {"median": 31.7, "sigma": 0.5}},
        {"exponential": {"mean": 3}, "from": "2025-02"},
        {"fixed": 7},
        {"month": "2025-06"},
        {"hazard": {"2025-01": 0.3}},
    ],
    ids=str,
)
def test_a_dial_of_the_report_stops_where_the_explorers_knob_does(timing: dict[str, Any]) -> None:
    scenario = sim.load(changed("events.leaves.timing", timing))
    dials = dials_of(scenario)
    event = dials.event
    assert dials.timing is not None and dials.probability is not None
    knobs = {knob.path: knob for knob in knobs_of(scenario, event)}
    for dial in (dials.probability, dials.timing):
        assert set(dial.values) <= set(knobs[dial.path].stops)  # less where the scenario would be refused
        assert len(dial.values) >= len(knobs[dial.path].stops) - 1
        assert dial.values[dial.base] == knobs[dial.path].base


@given(st.lists(st.one_of(st.just(0), st.integers(0, 300), st.integers(0, 2**34)), max_size=80))
def test_counts_are_read_back_as_written(counts: list[int]) -> None:
    assert unpacked_counts(packed_counts(np.array(counts, dtype=np.int64)), len(counts)).tolist() == counts


def test_zeros_take_next_to_nothing_and_small_counts_a_byte() -> None:
    # A zero, and 10,000 = 78 * 128 + 16 in two bytes: three bytes are four letters of base64.
    assert len(packed_counts(np.zeros(10_000, dtype=np.int64))) == 4
    assert len(packed_counts(np.full(300, 127))) == 400


def test_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="3 counts, not 4"):
        unpacked_counts(packed_counts(np.array([1, 2, 3])), 4)


def test_arrays_are_little_endian() -> None:
    assert unpacked(packed(np.array([[1.5, -2.0]]), "<f4"), "<f4").tolist() == [1.5, -2.0]
    # 258 = 1 * 256 + 2, the lower byte first: base64 of 02 01.
    assert packed(np.array([258]), "<u2") == "AgE="


@pytest.mark.parametrize(
    ("timing", "path", "base"),
    [
        ({"lognormal": {"median": 31.7, "sigma": 0.5}}, "lognormal.median", 31.7),
        ({"exponential": {"mean": 7}}, "exponential.mean", 7),
        ({"gamma": {"mean": 12, "sd": 5}}, "gamma.mean", 12),
        ({"weibull": {"shape": 2, "scale": 9}}, "weibull.scale", 9),
        ({"lognormal": {"median": 10, "p90": 20}}, "lognormal.median", 10),
        ({"hazard": {"2025-01": 0.305}}, "hazard.2025-01", 0.305),
        ({"month": "2025-07"}, "month", "2025-07"),
        ({"fixed": 5}, "fixed", 5),
        ({"uniform": {"low": 2, "high": 9}}, "from", "2025-01"),
        ({"triangular": {"low": 2, "mode": 3, "high": 9}, "from": "2024-12"}, "from", "2024-12"),
        ({"table": {3: 0.5, 7: 0.5}}, "from", "2025-01"),
    ],
)
def test_the_timing_is_turned_by_one_override(timing: dict[str, Any], path: str, base: float | str) -> None:
    scenario = sim.load(changed("events.leaves.timing", timing))
    dial = dials_of(scenario).timing
    assert dial is not None
    assert dial.path == f"{LEAVES}.{path}"
    assert dial.values[dial.base] == base
    assert list(dial.values) == sorted(set(dial.values))
    if path.count(".") and not path.startswith("hazard"):
        assert len(dial.values) >= STOPS
    for value in (dial.values[0], dial.values[-1]):
        scenario.with_({dial.path: value})


def test_a_range_that_is_partly_refused_is_filled_all_the_same() -> None:
    # A median above its 90th percentile is refused: the stops end there.
    dial = dials_of(sim.load(changed("events.leaves.timing", {"lognormal": {"median": 10, "p90": 20}}))).timing
    assert dial is not None
    assert dial.values[-1] == 20
    assert len(dial.values) >= STOPS


def test_a_schedule_of_hazards_leaves_the_probability_alone() -> None:
    dials = dials_of(sim.load(changed("events.leaves.timing", {"hazard": {"2025-01": 0.3, "2025-06": 0.1}})))
    assert dials.timing is None
    assert dials.probability is not None
    assert dials.weights.shape[0] == 1


def test_the_sweep_decides_event_and_range() -> None:
    data = demanding()
    data["sweep"] = {"events.cut.timing.exponential.mean": {"from": 6, "to": 30, "count": 5}}
    dials = dials_of(sim.load(data))
    assert dials.event is not None
    assert dials.event.id == "cut"
    assert dials.timing is not None
    assert (dials.timing.values[0], dials.timing.values[-1]) == (6, 30)
    assert dials.timing.values[dials.timing.base] == 12


def test_without_a_sweep_a_choice_goes_first_and_copies_are_passed_over() -> None:
    data = demanding()
    data["events"] = {"cut": data["events"]["cut"], "leaves": data["events"]["leaves"]}
    assert dials_of(sim.load(data)).event.id == "leaves"  # type: ignore[union-attr]
    data["events"]["leaves"]["choice"] = False
    del data["levers"]
    assert dials_of(sim.load(data)).event.id == "cut"  # type: ignore[union-attr]
    data["events"]["cut"]["each"] = True
    assert dials_of(sim.load(data)).event.id == "leaves"  # type: ignore[union-attr]
    assert dials_of(sim.load(changed("events.leaves.each", True))).event is None


def test_the_sliders_take_the_event_that_matters_most() -> None:
    """The first is a choice and costs 60 with 1 %; a cut of all prices by a third is sure to cost more on average."""
    data = changed("events.leaves.probability", 0.01)
    data["events"]["cut"] = {
        "hits": "all",
        "probability": 0.5,
        "timing": {"month": "2025-03"},
        "price": {"to": 0.67},
    }
    assert dials_of(sim.load(data)).event.id == "leaves"  # type: ignore[union-attr]
    found = report(data, paths=64)
    assert found.dials.event is not None
    assert found.dials.event.id == "cut"
    assert found.chief is not None
    assert found.chief.event == "cut"
    # What the scenario's own sweep is about goes before.
    swept = report({**data, "sweep": {"events.leaves.probability": [0.0, 0.5]}}, paths=64)
    assert swept.dials.event is not None
    assert swept.dials.event.id == "leaves"


def test_the_probability_has_its_base_among_the_hundredths() -> None:
    dial = dials_of(sim.load(changed("events.leaves.probability", 0.123))).probability
    assert dial is not None
    assert len(dial.values) == 102
    assert dial.values[dial.base] == 0.123


def test_weights_are_linear_in_the_probability() -> None:
    dials = dials_of(sim.load(EVEN))
    # Certain, it comes in 2025-07, month 6; with 0.3 never has 0.7.
    weights = at(dials, 0.3, dials.timing.base)[0]  # type: ignore[union-attr]
    assert weights[dials.months.index(6)] == pytest.approx(0.3)
    assert weights[-1] == pytest.approx(0.7)


def test_tables_add_up_to_the_paths() -> None:
    scenario, dials, losses = losses_of(demanding())
    tables = losses.tables(scenario.risk.levels)
    strata, bins = len(dials.months), tables["bins"]["count"]
    count = unpacked_counts(tables["count"], strata * bins).reshape(strata, bins)
    assert (count.sum(axis=1) == 1024).all()
    coarse = unpacked_counts(tables["coarse"], strata * 16 * 256).reshape(strata, 16, 256)
    assert (coarse.sum(axis=2) == 64).all()
    assert (coarse.sum(axis=1) == count.reshape(strata, 256, -1).sum(axis=2)).all()
    weights = unpacked(payload_of(scenario, dials, losses)["weights"], "<f8").reshape(-1, strata)
    assert weights.sum(axis=1) == pytest.approx(1)
    # The mean loss of all strata together, from the bins' means and from the totals.
    mean = unpacked(tables["mean"], "<f4")
    total = unpacked(tables["total"], "<f8").reshape(16, strata)
    assert (count * mean).sum() == pytest.approx(total.sum(), rel=1e-6)


def payload_of(scenario: sim.Scenario, dials: Any, losses: Losses) -> dict[str, Any]:
    from sim.report.live import estimates_at

    fan = fan_of(scenario, dials.event, dials.months, Sampling(256, 1, "sobol"), workers=1)
    weights = at(dials, *base_place(dials))
    return payload(scenario, dials, losses, fan, estimates_at(losses.mixtures, weights, scenario.risk.levels))


def test_bins_merge_where_there_are_many_strata() -> None:
    data = changed("months", 360)
    data["events"]["leaves"]["timing"] = {"lognormal": {"median": 60, "sigma": 0.6}}
    scenario, dials, losses = losses_of(data, paths=64)
    assert losses.merged == 4
    tables = losses.tables(scenario.risk.levels)
    strata = len(dials.months)
    assert unpacked_counts(tables["count"], strata * 2048).sum() == strata * 64


@pytest.mark.parametrize("months", [12, 24, 144])
def test_the_fan_counts_every_path_in_every_column(months: int) -> None:
    data = demanding()
    data["months"] = months
    scenario = sim.load(data)
    dials = dials_of(scenario)
    fan = fan_of(scenario, dials.event, dials.months, Sampling(256, 1, "sobol"), workers=2)
    assert fan.by == (3 if months > 120 else 1)
    assert len(fan.firsts) == months // fan.by
    assert all((part.sum(axis=1) == 256).all() for part in fan.counts)
    assert [len(part) for part in fan.counts] == [len(fan.firsts), *(len(fan.firsts) - c for c in fan.strata)]
    size = sum(part.size for part in fan.counts)
    assert unpacked_counts(fan.tables()["counts"], size).sum() == 256 * size // BINS


@pytest.mark.parametrize(("months", "by"), [(120, 1), (121, 3), (480, 3), (481, 12), (1200, 12)])
def test_a_long_fan_goes_by_quarter_and_a_longer_one_by_year(months: int, by: int) -> None:
    scenario = sim.load(changed("months", months))
    fan = fan_of(scenario, None, (), Sampling(16, 1, "sobol"), workers=1)
    assert fan.by == by
    assert len(fan.firsts) == -(-months // by)


def test_a_dial_over_a_hundred_years_has_no_stop_for_each_month() -> None:
    data = changed("months", 1200)
    data["events"]["leaves"]["timing"] = {"month": "2031-02"}
    dial = dials_of(sim.load(data)).timing
    assert dial is not None
    assert dial.values[0] == "2025-01" and dial.values[-1] == "2124-12" and dial.values[dial.base] == "2031-02"
    # Every third of 1,200 months, the last, and the scenario's own.
    assert len(dial.values) == 402


@pytest.mark.parametrize(("lasts", "top"), [(1, 40), (12, 55)])
def test_the_fan_ends_where_its_bands_do(lasts: int, top: float) -> None:
    # In each month at most 1/80 of the paths begin to buy 25 instead of 10: for a month, they are beyond all bands; for
    # the rest of the horizon, more and more, and up to 13 % in the end.
    data = changed()
    data["events"]["leaves"] |= {
        "timing": {"exponential": {"mean": 240}},
        "usage": {"to": 2.5},
        "lasts": {"fixed": lasts},
    }
    scenario = sim.load(data)
    dials = dials_of(scenario)
    fan = fan_of(scenario, dials.event, dials.months, Sampling(256, 1, "sobol"), workers=1)
    assert fan.tallest(dials.months, dials.weights) == pytest.approx(top)


def test_colours_are_those_of_cividis() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    table = matplotlib.colormaps["cividis"]
    last = len(AMOUNTS) - 1
    assert [matplotlib.colors.to_hex(table(k / last)) for k in range(last + 1)] == list(AMOUNTS)


def test_paths_keep_within_what_was_said() -> None:
    scenario = sim.load("tiktok")
    dials = dials_of(scenario)
    assert sampling_for(scenario, dials, None, None).paths == 2**15
    assert sampling_for(scenario, dials, 1000, None).paths == 1024
    assert sampling_for(sim.load(EVEN), dials_of(sim.load(EVEN)), None, None).paths == 1024


def test_measures_are_the_closed_form() -> None:
    # 60 with an even chance: the mean is 30, and 95 % lies at 60, as does every loss beyond.
    found = report(EVEN)
    assert found.measures["expected_loss"]["value"] == pytest.approx(30, rel=1e-12)
    assert found.measures["revenue_at_risk"]["0.95"]["value"] == pytest.approx(60, rel=1e-12)
    assert found.measures["expected_shortfall"]["0.95"]["value"] == pytest.approx(60, rel=1e-12)
    assert found.measures["probability_of_loss"]["value"] == pytest.approx(0.5, rel=1e-12)
    assert "does not exceed USD 60 million of the USD 480 million expected without events (13 %)" in found.headline
    assert found.headline.endswith(". On average USD 30 million is lost")


@pytest.mark.parametrize(("name", "value"), [("paths", 0), ("paths", 1.5), ("paths", True), ("seed", -1)])
def test_arguments_that_make_no_sense_are_refused(name: str, value: Any) -> None:
    with pytest.raises(sim.UsageError, match=name):
        report(EVEN, **{name: value})


def test_threads_change_nothing() -> None:
    first, second = (report(demanding(), paths=512, workers=workers) for workers in (1, 3))
    assert first.html == second.html


def cells(found: Any, selector: str) -> list[list[str]]:
    """The rows of a table of the page, each cell on one line."""
    import re
    from html import unescape

    (body,) = re.findall(rf'<table class="{selector}">.*?<tbody>(.*?)</tbody>', found.html, re.DOTALL)
    rows = re.findall(r"<tr.*?>(.*?)</tr>", body, re.DOTALL)
    return [[" ".join(unescape(cell).split()) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row)] for row in rows]


def test_how_likely_events_are() -> None:
    data = changed("events.leaves.probability", 1)
    data["events"]["cut"] = {
        "name": "A cut",
        "hits": "all",
        "probability": 0,
        "timing": {"month": "2025-03"},
        "price": {"to": 0.9},
    }
    # It comes in 2025-07 for certain; the other never does, so that it has no month.
    leaves, cut = cells(report(data, paths=256), "arrivals")
    assert (leaves[0], leaves[1], leaves[-1]) == ("One leaves", "100 %", "2025-07")
    assert (cut[0], cut[1], cut[-1]) == ("A cut", "0 %", "–")
    assert leaves[2] == cut[2] == "certain"
    assert len(leaves) == 4

    for first, last, chance in (("2025-01", "2025-06", "0 %"), ("2025-07", "2025-07", "100 %")):
        windowed = {**data, "risk": {"window": {"first": first, "last": last}}}
        leaves, _ = cells(report(windowed, paths=256), "arrivals")
        assert leaves[1] == "100 %"
        assert leaves[3] == chance


def test_without_events_there_is_no_table_of_them() -> None:
    assert "arrivals" not in report(changed("events"), paths=64).html.split("</style>")[1].split("<script")[0]


def test_a_table_by_year() -> None:
    """10 of 40 a month are gone from July 2025 on, which is when FY2026 begins; FY2025 has half a year."""
    data = {**changed("events.leaves.probability", 1), "risk": {"levels": [0.95], "year_starts": 7}}
    found = report(data, paths=256)
    before, after = cells(found, "bars years")
    assert before[0] == "FY2025 (6 months)"
    assert before[1:4] == ["240.0 ± 0", "240.0 ± 0", "0.0 ± 0"]
    assert after[0] == "FY2026 (6 months)"
    assert after[1:4] == ["180.0 ± 0", "240.0 ± 0", "60.00 ± 0"]
    assert after[4].startswith("60.00 ")
    section = found.html.split('id="years-title"')[1].split("</section>")[0]
    assert "By fiscal year" in section
    assert "does not follow the sliders" in section
    # One year alone is what the measures tell already.
    assert "years-title" not in report(changed("events.leaves.probability", 1), paths=64).html
