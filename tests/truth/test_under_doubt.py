"""Answers under doubt that are known by formula: one probability in doubt, growth in doubt, two doubts."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import sim
from tests.answers.in_doubt import CHANCE, GROWTH, LAST_MONTH, in_doubt, likely, lognormal
from tests.report.conftest import EVEN


def certain_of(found: dict[str, Any], truth: float, reach: float) -> None:
    """Hold a value with its interval against the truth: it is in it, and the interval no wider than a part of it."""
    assert found["value"] == pytest.approx(truth, rel=reach)
    assert found["low"] <= truth <= found["high"]
    assert found["high"] - found["low"] <= 4 * reach * truth


@pytest.fixture(scope="module")
def chance() -> sim.Doubted:
    return sim.doubt(in_doubt({CHANCE: {"low": 0.02, "high": 0.12}}, likely(0.07)), draws=1024)


def test_the_band_of_the_mean_is_that_of_the_chance(chance: sim.Doubted) -> None:
    band = chance.to_dict()["measures"]["expected_loss"]["band"]
    for at, truth in (("0.05", 1.5), ("0.25", 2.7), ("0.5", 4.2), ("0.75", 5.7), ("0.95", 6.9)):
        assert band[at]["value"] == pytest.approx(truth, abs=0.4)
        assert band[at]["low"] < truth < band[at]["high"] < band[at]["low"] + 0.9


def test_together_it_counts_by_its_mean_alone(chance: sim.Doubted) -> None:
    measures = chance.to_dict()["measures"]
    certain_of(measures["probability_of_loss"]["predictive"], 0.07, 0.05)
    certain_of(measures["expected_loss"]["predictive"], 4.2, 0.05)
    assert measures["revenue_at_risk"]["0.95"]["predictive"]["value"] == pytest.approx(60)
    curve = chance.curves.query("of == 'predictive' and 0 < amount < 60")
    assert len(curve) > 10
    assert curve["value"].to_numpy() == pytest.approx(0.07, abs=0.003)


def test_the_revenue_at_risk_is_all_or_nothing(chance: sim.Doubted) -> None:
    at_risk = chance.by_draw["revenue_at_risk.0.95"].round(9)
    assert set(at_risk) == {0, 60}
    # p is above 0.05 in 70 % of draws. Their mean, 42, is no measure and nowhere.
    assert (at_risk == 60).mean() == pytest.approx(0.7, abs=0.03)
    assert not chance.to_frame()["value"].between(40, 44).any()


def test_its_parts_of_the_variance(chance: sim.Doubted) -> None:
    variance = chance.to_dict()["variance"]
    # Over p the variance of 60 p is 3600 / 1200, the mean of 3600 p (1 - p) is 231.36.
    assert variance["doubt"]["value"] == pytest.approx(3, rel=0.1)
    assert variance["doubt"]["low"] < 3 < variance["doubt"]["high"]
    assert variance["chance"]["low"] < 231.36 < variance["chance"]["high"]
    assert variance["share"]["value"] == pytest.approx(3 / 234.36, rel=0.1)


@pytest.fixture(scope="module")
def growth() -> sim.Doubted:
    return sim.doubt(in_doubt({GROWTH: lognormal(1.2, 0.1)}, LAST_MONTH), draws=1024)


def test_the_scenario_is_what_its_formula_says(growth: sim.Doubted) -> None:
    drawn = growth.by_draw[GROWTH].to_numpy()
    base = sim.run(LAST_MONTH, paths=1024).loss
    np.testing.assert_allclose(growth.losses, base * ((1 + drawn[:, np.newaxis]) / 1.2) ** 2, rtol=1e-9)


def test_bands(growth: sim.Doubted) -> None:
    measures = growth.to_dict()["measures"]
    at_risk, mean = measures["revenue_at_risk"]["0.95"]["band"], measures["expected_loss"]["band"]
    # Growth in doubt multiplies by exp(0.2 z).
    for at, z in (
        ("0.05", -1.6448536),
        ("0.25", -0.6744898),
        ("0.5", 0.0),
        ("0.75", 0.6744898),
        ("0.95", 1.6448536),
    ):
        certain_of(at_risk[at], 26.4454 * math.exp(0.2 * z), 0.08)
        certain_of(mean[at], 14.4 * math.exp(0.2 * z), 0.05)
    assert [26.4454 * math.exp(0.2 * z) for z in (-1.6448536, 1.6448536)] == pytest.approx([19.0318, 36.7468], rel=1e-5)


def test_together(growth: sim.Doubted) -> None:
    measures = growth.to_dict()["measures"]
    certain_of(measures["revenue_at_risk"]["0.95"]["predictive"], 28.4666, 0.06)
    certain_of(measures["expected_shortfall"]["0.95"]["predictive"], 35.2097, 0.06)
    certain_of(measures["expected_loss"]["predictive"], 14.6909, 0.03)


def test_parts_of_the_variance(growth: sim.Doubted) -> None:
    assert growth.variance.doubt.value == pytest.approx(8.8079, rel=0.1)
    assert growth.variance.chance.value == pytest.approx(44.301, rel=0.15)


def test_the_headline_says_both(growth: sim.Doubted) -> None:
    said = growth.headline
    assert said.startswith("At the file’s numbers the loss does not exceed USD 26")
    assert "Over what is plausible for one number that limit is between USD 19" in said
    assert said.endswith("of the loss’s variance")


def test_two_leavers_leave_together_by_the_product_of_their_chances() -> None:
    source = copy.deepcopy(EVEN)
    source["customers"]["two"] = {"name": "Two", "revenue": 5, "growth": 0}
    source["events"]["also"] = {**source["events"]["leaves"], "name": "Two leaves", "hits": "two"}
    every = {"low": 0, "high": 1}
    found = sim.doubt(in_doubt({CHANCE: every, "events.also.probability": every}, source), draws=1024)
    # 60 and 30 in half a year: beyond 60 both must leave.
    both = found.curves.query("of == 'predictive' and 60.5 < amount < 89.5")["value"]
    assert both.to_numpy() == pytest.approx(0.25, abs=0.02)


def test_two_doubts_make_a_box() -> None:
    # The loss is 60 (1 - to): beyond 48 it takes to < 0.2, 40 % of draws, and p > 0.05, 75 % of them.
    numbers = {CHANCE: {"low": 0, "high": 0.2}, "events.leaves.usage.to": {"low": 0, "high": 0.5}}
    draws = sim.doubt(in_doubt(numbers, likely(0.1)), draws=1024).by_draw
    far = draws["revenue_at_risk.0.95"] > 48
    assert far.mean() == pytest.approx(0.3, abs=0.03)
    box = (draws[CHANCE] > 0.05) & (draws["events.leaves.usage.to"] < 0.2)
    assert (far & box).sum() / far.sum() > 0.97
    assert (far & box).sum() / box.sum() > 0.97
