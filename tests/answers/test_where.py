"""Where a condition holds: a known box, held out too; where it does not; months and words; what is too seldom."""

from __future__ import annotations

import json
from typing import Any

import pytest

import sim
from tests.answers.in_doubt import CHANCE, in_doubt, likely

TO = "events.leaves.usage.to"
# The loss is 60 (1 - to): beyond 48 it takes to < 0.2, and p > 0.05.
BOX = {CHANCE: {"low": 0, "high": 0.2}, TO: {"low": 0, "high": 0.5}}
ASKED = "revenue_at_risk.0.95 > 48"


@pytest.fixture(scope="module")
def found() -> sim.Where:
    return sim.where(in_doubt(BOX, likely(0.1)), ASKED, draws=1024)


def test_a_known_box(found: sim.Where) -> None:
    record = found.to_dict()
    assert record["share"]["value"] == pytest.approx(0.3, abs=0.015)
    chance, to = record["box"]
    assert (chance["path"], chance["high"]) == (CHANCE, None)
    assert (to["path"], to["low"]) == (TO, None)
    assert chance["low"] == pytest.approx(0.05, abs=0.003)
    assert to["high"] == pytest.approx(0.2, abs=0.01)
    for told in (record, record["held_out"]):
        for name in ("density", "coverage"):
            assert told[name]["value"] >= 0.95
            assert told[name]["low"] <= told[name]["value"] <= told[name]["high"] <= 1
        assert told["mass"]["value"] == pytest.approx(0.3, abs=0.02)
    assert not record["outside"]


def test_it_is_said_in_words(found: sim.Where) -> None:
    said = found.headline
    share = f"{100 * found.share.value:.0f} %"
    assert said.startswith(
        f"{ASKED} holds in {share} of draws. Where it holds: Probability that “One leaves” ever arises: 0.05"
    )
    assert " or more; and " in said
    assert "or less. Of the draws there " in said
    assert said.endswith("held out)")


def test_where_it_holds_mostly_it_is_told_where_it_does_not(found: sim.Where) -> None:
    other = sim.where(found.simulated, "revenue_at_risk.0.95 <= 48")
    assert other.outside
    assert other.share.value == pytest.approx(1 - found.share.value)
    assert other.to_dict()["box"] == found.to_dict()["box"]
    assert "Where it does not hold: " in other.headline


def test_a_tree_finds_it_too(found: sim.Where) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the extra `doubt`")
    tree = sim.where(found.simulated, ASKED, tree=True).to_dict()["tree"]
    first = tree["leaves"][0]
    assert first["density"] > 0.95
    assert {side["path"] for side in first["box"]} == {CHANCE, TO}
    assert sum(leaf["mass"] for leaf in tree["leaves"]) == pytest.approx(1)
    assert min(tree["density"]["value"], tree["held_out"]["density"]["value"]) > 0.95


def test_months_whole_numbers_and_words_stand_as_the_file_writes_them() -> None:
    numbers: dict[str, Any] = {
        "events.leaves.timing.month": {"values": {"2025-02": 1, "2025-03": 1, "2025-04": 1, "2025-05": 1}},
    }
    # 10 a month is lost from then on to December: more than 95 is lost where it is in February or March.
    told = sim.where(in_doubt(numbers, likely(0.9)), "revenue_at_risk.0.95 > 95", draws=256, paths=512)
    record = told.to_dict()
    assert record["share"]["value"] == pytest.approx(0.5, abs=0.05)
    (side,) = record["box"]
    first = {"path": "events.leaves.timing.month", "low": None, "high": "2025-03"}
    assert side in (first, {**first, "low": "2025-04", "high": None})
    assert record["density"]["value"] == record["coverage"]["value"] == 1
    # All were met, and it is allowed for what so many draws may have missed.
    assert 0.9 < record["density"]["low"] < 1
    assert "earlier" in told.headline or "later" in told.headline


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("expected_loss > 1e6", "it holds in 0 of 1,024 draws, and a box needs 20"),
        ("expected_loss >= 0", "it does not hold in 0 of 1,024 draws, and a box needs 20"),
    ],
)
def test_what_is_too_seldom_has_no_box(found: sim.Where, asked: str, said: str) -> None:
    told = sim.where(found.simulated, asked)
    record = told.to_dict()
    assert (record["why"], record["box"], record["density"], record["held_out"]["mass"]) == (said, [], None, None)
    assert record["share"]["high"] - record["share"]["low"] > 0
    assert "where can’t be told" in told.headline


def test_what_goes_with_no_number_has_no_box() -> None:
    idle = {"customers.one.growth": {"low": 0.0, "high": 0.0001}, CHANCE: {"low": 0.49, "high": 0.51}}
    told = sim.where(in_doubt(idle, likely(0.5)), "probability_of_loss > 0.499", draws=256, paths=256)
    assert told.region is not None or told.why in (
        "no number in doubt goes with it by more than noise alone may do", "no box is better than all draws",
        f"it does not hold in {round(256 * (1 - told.share.value))} of 256 draws, and a box needs 20",
        f"it holds in {round(256 * told.share.value)} of 256 draws, and a box needs 20",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("revenue_at_risk.0.95", "condition: found 'revenue_at_risk.0.95', which is no condition"),
        ("loss > 3", "condition: found the measure 'loss'; allowed are expected_loss"),
        ("events.leaves.probability > 0.5", "condition: found the measure 'events.leaves.probability'"),
        ("expected_loss > 1.2.3", "condition: found '1.2.3', which is no number"),
        ("revenue_at_risk.0.99 > 3", "10.2 of 1,024 paths lie beyond 99 %"),
    ],
)
def test_what_is_no_condition_is_refused(found: sim.Where, asked: str, said: str) -> None:
    with pytest.raises(sim.UsageError) as caught:
        sim.where(found.simulated, asked)
    assert said in str(caught.value)


def test_frame_and_card(found: sim.Where) -> None:
    frame = found.to_frame().set_index(["of", "share"])
    record = json.loads(found.to_json())
    assert frame.loc[("box", "density"), "value"] == record["density"]["value"]
    assert frame.loc[("box, held out", "coverage"), "low"] == record["held_out"]["coverage"]["low"]
    assert "held out" in found.card().lower()
