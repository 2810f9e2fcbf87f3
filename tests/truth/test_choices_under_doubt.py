"""Choices under doubt whose answers are known by formula, by the command."""

from __future__ import annotations

import copy
import json
import subprocess
from typing import Any

import pytest

import sim
from tests.answers.choosing import OFFER, SOON
from tests.command import command, environment


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What both commands say of the offer, as JSON."""
    folder = tmp_path_factory.mktemp("offer")
    (folder / "offer.yaml").write_text(json.dumps(OFFER), encoding="utf-8")
    found = {}
    for name in ("choose", "worth"):
        words = command(name, "offer.yaml", "--json")
        done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
        assert done.stderr == ""
        found[name] = json.loads(done.stdout)
    return found


def covers(told: dict[str, Any], truth: float, far: float) -> None:
    """The interval holds the truth, and is no wider than twice ``far``."""
    assert told["low"] <= truth <= told["high"], told
    assert told["high"] - told["low"] < 2 * far
    assert told["value"] == pytest.approx(truth, abs=far)


def test_the_offer_is_the_better_choice_in_two_thirds_of_draws(told: dict[str, dict[str, Any]]) -> None:
    assert told["choose"]["best_on_average"] == "offer"
    as_it_is, offer = (told["choose"]["choices"][name] for name in ("as_it_is", "offer"))
    # 51 p - 20.4 more, p uniform from 0.2 to 0.8.
    covers(offer["gain"], 5.1, 0.2)
    covers(as_it_is["mean"], 240, 1)
    covers(offer["mean"], 360 - 189 * 0.5 - 20.4, 1)
    covers(as_it_is["mean_regret"], 6.8, 0.2)
    covers(offer["mean_regret"], 1.7, 0.2)
    covers(as_it_is["largest_regret"], 20.4, 1.5)
    covers(offer["largest_regret"], 10.2, 1.5)
    covers(offer["share_best"], 2 / 3, 0.05)
    covers(as_it_is["share_best"], 1 / 3, 0.05)
    covers(offer["share_not_worse"]["as_it_is"], 2 / 3, 0.05)
    covers(as_it_is["p5"], 360 - 240 * 0.77, 5)
    covers(offer["p95"], 360 - 189 * 0.23 - 20.4, 5)
    assert offer["never_worse_than"] == as_it_is["never_worse_than"] == []


def test_knowing_the_chance_is_worth_as_much_as_knowing_all(told: dict[str, dict[str, Any]]) -> None:
    covers(told["worth"]["evpi"], 1.7, 0.2)
    (one,) = told["worth"]["evppi"]
    assert one["path"] == "events.leaves.probability"
    assert one["above_floor"]
    covers(one, 1.7, 0.2)
    regrets = [choice["mean_regret"]["value"] for choice in told["choose"]["choices"].values()]
    assert told["worth"]["evpi"]["value"] == pytest.approx(min(regrets), rel=1e-9)


@pytest.mark.parametrize(("cost", "best", "gain"), [(0, "offer", 25.5), (51, "as_it_is", -25.5), (-10, "offer", 35.5)])
def test_what_a_choice_costs_is_taken_off_in_each_draw(cost: float, best: str, gain: float) -> None:
    found = sim.choose(SOON, set={"choices.offer.cost": cost}, paths=256)
    assert found.best.choice.id == best
    row = found.row("offer")
    assert row.gain.value == pytest.approx(gain, abs=0.3)
    # From p = 0.2 on it is worth 51 p: at a cost of 0 or less always more, at 51 never.
    assert row.best.value == (0 if cost == 51 else 1)
    assert row.never_worse == (() if cost == 51 else ("as_it_is",))
    assert found.row("as_it_is").never_worse == (("offer",) if cost == 51 else ())
    assert sim.worth(SOON, set={"choices.offer.cost": cost}, paths=256).knowing.everything.value == 0


def test_a_loss_is_better_where_it_is_less() -> None:
    found = sim.choose(SOON, objective="expected_loss")
    row = found.row("offer")
    # 51 p less is lost, whatever the offer costs.
    assert row.gain.value == pytest.approx(25.5, abs=0.3)
    assert row.mean.value == pytest.approx(94.5, abs=0.5)
    assert row.p5.value == pytest.approx(189 * 0.23, abs=3)
    assert row.p95.value == pytest.approx(189 * 0.77, abs=3)
    assert row.never_worse == ("as_it_is",)
    other = found.row("as_it_is")
    assert other.mean_regret.value == pytest.approx(25.5, abs=0.3)
    assert other.largest_regret.value == pytest.approx(51 * 0.8, abs=0.7)


def test_the_revenue_at_risk_of_a_draw() -> None:
    # With p above 0.1 more than 5 % of paths lose all: 240 as it is and with the offer; with it in force for all, 138.
    source = copy.deepcopy(SOON)
    source["choices"]["all"] = {"set": {"levers.offer.acceptance": 1}}
    found = sim.choose(source, objective="revenue_at_risk.0.95", require=["revenue_at_risk.0.95 < 200"])
    assert [row.mean.value for row in found.rows] == pytest.approx([240, 240, 138], abs=1e-6)
    assert [row.gain.value for row in found.rows] == pytest.approx([0, 0, 102], abs=1e-6)
    assert found.row("offer").never_worse == ("as_it_is",)
    assert [row.required["revenue_at_risk.0.95 < 200"].value for row in found.rows] == [0, 0, 1]
    shortfall = sim.choose(source, objective="expected_shortfall.0.95")
    assert [row.mean.value for row in shortfall.rows] == pytest.approx([240, 240, 138], abs=1e-6)


def test_what_is_required_holds_in_a_share_of_draws() -> None:
    # The chance of a loss is p: below 0.5 in half of the draws, under either choice.
    found = sim.choose(SOON, require=["probability_of_loss < 0.5", "net_revenue >= 250"])
    for row in found.rows:
        one = row.required["probability_of_loss < 0.5"]
        assert one.value == pytest.approx(0.5, abs=0.02)
        assert one.low is not None
        assert one.high is not None
        assert one.low < 0.5 < one.high < one.low + 0.2
    # 360 - 240 p >= 250 up to p = 0.4583; 339.6 - 189 p up to p = 0.4741.
    shares = [row.required["net_revenue >= 250"].value for row in found.rows]
    assert shares == pytest.approx([(0.458333 - 0.2) / 0.6, (0.474074 - 0.2) / 0.6], abs=0.02)


def test_once_lost_is_taken_off_the_revenue() -> None:
    source = copy.deepcopy(SOON)
    source["events"]["fine"] = {"hits": "one", "timing": {"month": "2025-06"}, "once": {"amount": 7}}
    source["choices"]["no_fine"] = {"set": {"events.fine": None}}
    found = sim.choose(source, paths=256)
    assert found.row("no_fine").gain.value == pytest.approx(7)
    plain = sim.choose(SOON, paths=256)
    assert found.row("as_it_is").mean.value == pytest.approx(plain.row("as_it_is").mean.value - 7)


def test_a_choice_may_move_the_baseline() -> None:
    # A new customer of 2 a month adds 72, which no loss tells.
    source = copy.deepcopy(SOON)
    source["choices"]["more"] = {"set": {"customers": {"two": {"revenue": 2}}}, "cost": 30}
    found = sim.choose(source, paths=256)
    assert found.row("more").gain.value == pytest.approx(72 - 30)
    assert sim.choose(source, objective="expected_loss", paths=256).row("more").gain.value == pytest.approx(0)


def test_an_idle_number_is_worth_nothing_that_can_be_told() -> None:
    source = copy.deepcopy(OFFER)
    source["customers"]["other"] = {"revenue": 100}
    source["doubt"]["numbers"]["customers.other.revenue"] = {"p10": 80, "p90": 130}
    found = sim.worth(source)
    assert [one.path for one, _ in found.ranked] == ["events.leaves.probability"]
    assert [one.path for one in found.below] == ["customers.other.revenue"]
    assert found.knowing.everything.value == pytest.approx(1.7, abs=0.05)


def test_points_in_doubt_are_the_choices_on_the_same_paths() -> None:
    points = {"events.leaves.probability": {"low": 0.5, "high": 0.5}}
    found = sim.choose({**SOON, "doubt": {"numbers": points, "draws": 256}}, paths=1024)
    base = sim.run(OFFER, paths=1024, sampling="sobol")
    told = base.estimates["expected_revenue"].value
    row = found.row("as_it_is")
    assert row.mean.value == pytest.approx(told, rel=1e-11)
    assert row.p5.value == row.p95.value == pytest.approx(told, rel=1e-11)
    assert found.row("offer").gain.value == pytest.approx(25.5 - 20.4, abs=0.3)
    assert sim.worth({**SOON, "doubt": {"numbers": points, "draws": 256}}, paths=64).knowing.everything.value == 0
