"""What doubt does to the answer, against what `run` tells; threads, pieces, refusals."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from html import unescape
from typing import Any

import numpy as np
import pytest

import sim
from sim.estimates.estimate import Estimate
from tests.answers.in_doubt import CHANCE, GROWTH, in_doubt
from tests.report.conftest import EVEN

RICH: dict[str, Any] = {
    **EVEN,
    "vendor": {"name": "The vendor", "discount_rate": 0.07},
    "customers": {
        "one": {"name": "One", "revenue": 10, "growth": 0.1, "volatility": 0.3},
        "rest": {"name": "The rest", "revenue": 30, "growth": 0.02, "volatility": 0.1, "pool": True},
    },
    "events": {"leaves": {**EVEN["events"]["leaves"], "once": {"amount": 4}}},
    "risk": {"target": 450, "levels": [0.9, 0.95]},
}


@pytest.mark.parametrize("paths", [1024, 4096])
def test_doubts_that_are_points_are_a_run_bit_for_bit(paths: int) -> None:
    points = {CHANCE: {"values": {0.5: 1}}, GROWTH: {"values": {0.1: 1}}}
    found = sim.doubt(in_doubt(points, RICH), paths=paths)
    ran = sim.run(RICH, paths=paths)
    assert (found.losses == ran.loss).all()
    told = ran.estimates
    for row in found.rows:
        run = told.of(row.measure, row.level)
        assert row.band is not None
        assert {one.value for one in row.band.values()} == {run.value}, row.measure.name
        # A run tells no error of a shortfall by 51 paths; a draw does, since its band takes it in.
        thin = (row.measure.name, row.level, paths) == ("expected_shortfall", "0.95", 1024)
        assert row.base_same_paths == run or thin
        assert row.predictive.value == pytest.approx(run.value, rel=1e-12)
    assert found.variance.doubt.value == 0
    assert {row.measure.name for row in found.rows} == set(told)


def test_a_point_elsewhere_is_the_run_of_that_point() -> None:
    found = sim.doubt(in_doubt({CHANCE: {"values": {0.25: 1}}}, RICH))
    ran = sim.run(RICH, set={CHANCE: 0.25}, paths=1024)
    assert found.row("expected_loss").band[0.5].value == ran.measures["expected_loss"]["value"]
    # The file's own number is told by a run of the file, on its own paths.
    own = sim.run(in_doubt({CHANCE: {"values": {0.25: 1}}}, RICH))
    assert found.row("expected_loss").base == own.estimates.of(found.row("expected_loss").measure)
    assert found.to_dict()["run"]["base_paths"] == own.paths


def without_time(found: sim.Doubted) -> dict[str, Any]:
    told = found.to_dict()
    del told["run"]["seconds"]
    return told


SEVERAL = {
    CHANCE: {"p10": 0.2, "p50": 0.5, "p90": 0.7},
    GROWTH: {"p10": -0.1, "p90": 0.4},
    "customers.rest.revenue": {"low": 20, "mode": 30, "high": 40},
    "risk.target": {"low": 400, "high": 500},
}


def test_threads_and_pieces_move_no_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    source = in_doubt(SEVERAL, RICH)
    one = without_time(sim.doubt(source, workers=1, paths=256))
    assert without_time(sim.doubt(source, workers=3, paths=256)) == one
    monkeypatch.setattr("sim.simulation.common_draws.LEAST_AT_A_TIME", 64)
    monkeypatch.setattr("sim.simulation.common_draws.block_paths", lambda scenario, *, side_by_side: 64)
    pieces = sim.doubt(source, workers=2, paths=256)
    assert without_time(pieces)["exceedance"] == one["exceedance"]


def test_more_draws_and_paths_keep_the_first() -> None:
    source = in_doubt(SEVERAL, RICH)
    few, more = sim.doubt(source, paths=64), sim.doubt(source, draws=512, paths=128)
    assert (few.losses == more.losses[:256, :64]).all()
    assert (few.by_draw[list(SEVERAL)] == more.by_draw[list(SEVERAL)][:256]).all(axis=None)


def test_another_seed_is_another_sample_of_both() -> None:
    source = in_doubt(SEVERAL, RICH)
    one, other = sim.doubt(source, paths=64), sim.doubt(source, paths=64, seed=2)
    assert not (one.by_draw[CHANCE] == other.by_draw[CHANCE]).any()
    assert other.to_dict()["run"]["seed"] == 2


def test_a_target_in_doubt_is_held_against_each_draws_own() -> None:
    found = sim.doubt(in_doubt({"risk.target": {"low": 400, "high": 500}}, RICH), paths=256)
    targets, missed = found.by_draw["risk.target"], found.by_draw["probability_below_target"]
    revenue = sim.run(RICH, paths=256)
    assert np.corrcoef(targets, missed)[0, 1] > 0.8
    assert (
        revenue.measures["probability_below_target"]["value"]
        == found.row("probability_below_target").base_same_paths.value
    )
    assert (missed[targets < 430].max(), missed[targets > 490].min()) == pytest.approx((0.5, 1), abs=0.3)
    # Revenue does not depend on it.
    assert found.row("expected_revenue").band[0.05] == found.row("expected_revenue").band[0.95]


def test_all_in_json_has_an_error_or_a_reason() -> None:
    found = sim.doubt(in_doubt(SEVERAL, RICH, risk={"levels": [0.9, 0.99], "target": 450}))
    told = json.loads(found.to_json())
    assert told["measures"]["revenue_at_risk"]["0.99"]["band"] is None
    assert "2,000 paths" in told["measures"]["revenue_at_risk"]["0.99"]["why"]
    assert "why" not in told["measures"]["revenue_at_risk"]["0.9"]

    def values(node: Any, place: str = "") -> list[tuple[str, dict[str, float | None]]]:
        if isinstance(node, dict) and {"value", "low", "high"} <= set(node):
            return [(place, node)]
        below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        return [one for key, part in below for one in values(part, f"{place}.{key}")]

    every = values(told)
    assert len(every) > 500
    for place, one in every:
        known = one["low"] is not None and one["high"] is not None
        assert known != ("why" in one), place
        assert known or "0.99" in place
        assert not known or one["low"] <= one["value"] <= one["high"], place
    # Ten of 1,024 paths lie beyond 99 %: neither a run's shortfall nor a draw's has an error there.
    same = told["measures"]["expected_shortfall"]["0.99"]["base_same_paths"]
    assert same["why"] == "10 paths in the tail, and an error needs 20"
    # Nor has the run's, of as many paths.
    assert any("±?" in note for note in found.notes())
    ample = sim.doubt(in_doubt(SEVERAL, RICH, risk={"levels": [0.9], "target": 450}), paths=256)
    assert not any("±?" in note for note in ample.notes())
    assert [one["path"] for one in told["doubts"]] == list(SEVERAL)
    assert {key: told["doubts"][0][key] for key in ("form", "base", "p50")} == {
        "form": "percentiles", "base": 0.5, "p50": pytest.approx(0.5)
    }  # fmt: skip


def test_what_few_draws_tell_is_called_so() -> None:
    source = in_doubt(SEVERAL, RICH)
    assert any("rest on few draws: 13 lie beyond each" in note for note in sim.doubt(source, paths=64).notes())
    more = sim.doubt(source, draws=512, paths=512).notes()
    assert not any("rest on few draws" in note for note in more)
    # So are tails of few paths: of 512 are 51 beyond 90 %, and 25 beyond 95 %.
    assert any("Errors of bands are approximate" in note and "51 beyond 90 %, 25 beyond 95 %" in note for note in more)


def test_paths_that_tell_another_base_case_are_told_of() -> None:
    found = sim.doubt(in_doubt({CHANCE: {"low": 0.4, "high": 0.6}}), paths=64)
    assert not any("something else" in note for note in found.notes())
    rows = list(found.rows)
    rows[0] = replace(rows[0], base=Estimate(10.0, 0.1), base_same_paths=Estimate(11.0, 0.2))
    assert any(
        "something else" in note and "Expected loss" in note for note in replace(found, rows=tuple(rows)).notes()
    )
    rows[0] = replace(rows[0], base_same_paths=Estimate(10.4, 0.2))
    assert not any("something else" in note for note in replace(found, rows=tuple(rows)).notes())


def test_draws_that_are_refused_are_told_of() -> None:
    # The median delay must be below the 90 % one, 12 months; a doubt up to 12.2 is refused in a fiftieth of draws.
    source = copy.deepcopy(EVEN)
    source["events"]["leaves"]["timing"] = {"from": "2025-01", "lognormal": {"median": 8, "p90": 12}}
    found = sim.doubt(in_doubt({"events.leaves.timing.lognormal.median": {"low": 2.2, "high": 12.2}}, source), paths=64)
    told = found.to_dict()["refused"]
    assert told["share"] == pytest.approx(0.02, abs=0.008)
    assert "median" in told["why"]
    count = round(told["share"] * 256)
    assert any(f"{count} of the draws" in note and told["why"] in note for note in found.notes())
    assert found.by_draw["events.leaves.timing.lognormal.median"].max() < 12
    assert sim.doubt(in_doubt(SEVERAL, RICH), paths=64).to_dict()["refused"] == {"share": 0, "why": None}


def test_what_is_not_in_doubt_is_refused() -> None:
    with pytest.raises(sim.UsageError, match="no number of it is in doubt"):
        sim.doubt(EVEN)
    with pytest.raises(sim.UsageError, match="no number of it is in doubt"):
        sim.doubt(in_doubt({CHANCE: {"low": 0, "high": 1}}), set={CHANCE: 0.3})


@pytest.mark.parametrize("arguments", [{"draws": 255}, {"draws": True}, {"paths": 0}, {"paths": 1.5}, {"seed": -1}])
def test_numbers_that_can_t_be_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(sim.UsageError, match=next(iter(arguments))):
        sim.doubt(in_doubt({CHANCE: {"low": 0, "high": 1}}), **arguments)


def test_what_would_not_fit_is_refused_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.answers.simulated.ensemble", lambda *_, **__: pytest.fail("drawn"))
    with pytest.raises(sim.TooLarge, match="1,048,576 draws on 1,048,576 paths"):
        sim.doubt(in_doubt({CHANCE: {"low": 0, "high": 1}}), draws=2**20, paths=2**20)


def test_a_draw_of_which_no_measure_can_be_had_is_refused_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    # The language refuses numbers that would end in no number; should an engine make one, nothing is told of it.
    from sim.engines import variants

    def spoilt(variant: variants.Variant, *rest: Any) -> Any:
        sums = variants.sums_of(variant, *rest)
        if variant.scenario.events[0].probability > 0.59:
            sums.loss[3] = np.nan
        return sums

    monkeypatch.setattr("sim.simulation.common_draws.sums_of", spoilt)
    source = in_doubt({CHANCE: {"low": 0.4, "high": 0.6}})
    with pytest.raises(sim.UsageError, match=r"of 256 draws, number .* that no number can hold"):
        sim.doubt(source, paths=64)


def test_without_events_nothing_can_be_lost() -> None:
    source = {key: value for key, value in EVEN.items() if key != "events"}
    found = sim.doubt(in_doubt({"customers.one.revenue": {"low": 8, "high": 12}}, source), paths=64)
    assert "no events" in found.headline
    assert found.variance.share is None
    assert found.to_dict()["variance"]["share"] is None
    assert found.row("expected_baseline").band[0.05].value == pytest.approx((8.2 + 30) * 12, abs=2)


def test_the_card_has_the_whole_answer_and_errors() -> None:
    found = sim.doubt(in_doubt(SEVERAL, RICH), paths=256)
    told = unescape(found.card()).replace("<span>", "").replace("</span>", "")
    assert f"{found.headline}." in told
    assert "The plan is missed in" in told
    # File, three quantiles, both together: each with its error, of six measures but where a band is not told.
    assert told.count(" ± ") > 25


def test_frames_are_tidy() -> None:
    found = sim.doubt(in_doubt(SEVERAL, RICH), paths=64)
    frame = found.to_frame()
    assert list(frame.columns) == ["measure", "level", "of", "quantile", "value", "low", "high"]
    assert not frame.duplicated(["measure", "level", "of", "quantile"]).any()
    assert set(frame["of"]) == {"base", "base_same_paths", "predictive", "band"}
    assert frame.query("of == 'band'")["quantile"].notna().all()
    assert list(found.curves.columns) == ["amount", "of", "quantile", "value", "low", "high"]
    assert len(found.by_draw) == 256
    assert found.by_draw.index.name == "draw"
    assert found.row("revenue_at_risk", 0.9).level == "0.9"
    with pytest.raises(sim.UsageError, match="allowed are expected_loss"):
        found.row("revenue")
