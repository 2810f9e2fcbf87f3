"""What the ranges of assumptions do: against figures by hand, against runs, and with errors that are right."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.answers import tornado
from tests.answers.ranges import bar, even, scenario, with_event
from tests.by_hand import EVEN

MEASURES = ("expected_loss", "revenue_at_risk", "expected_shortfall")


def changes(end: Any) -> list[float]:
    return [end.change.of(measure).value for measure in MEASURES]


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_what_is_certain_moves_by_what_is_certain(sampling: str) -> None:
    found = sim.tornado(scenario(), paths=1600, sampling=sampling)
    # The customer's revenue r loses 6 r: 30 at 5, 120 at 20, 60 in the base case.
    revenue = bar(found, "customers.one.revenue")
    assert (revenue.base, revenue.low.value, revenue.high.value) == (10, 5, 20)
    assert changes(revenue.low) == pytest.approx([-30] * 3)
    assert changes(revenue.high) == pytest.approx([60] * 3)
    assert revenue.swing.expected_loss.value == pytest.approx(90)
    assert revenue.high.change.expected_loss.standard_error == 0
    assert revenue.reason == "from talks"
    # 6 · 10 · (1 − to): 60 where nothing stays, as in the base case, 30 where half does.
    to = bar(found, "events.leaves.usage.to")
    assert changes(to.low) == [0] * 3
    assert changes(to.high) == pytest.approx([-30] * 3)
    # The rest stays whatever it is worth.
    rest = bar(found, "customers.rest.revenue")
    assert changes(rest.low) == changes(rest.high) == [0] * 3
    assert not rest.tells("revenue_at_risk")
    assert [one.path for one in found.bars] == [revenue.path, to.path, rest.path]
    assert [found.base.of(measure).value for measure in MEASURES] == pytest.approx([60] * 3)
    assert found.without_range == ("customers.one.growth",)
    assert found.unsourced == ("customers.rest.growth",)


def test_whole_numbers_take_the_ends_of_a_range_as_whole_numbers() -> None:
    ranges = "evidence:\n  events.leaves.usage.over: {assumption: quick, low: 0, high: 3}\n"
    found = sim.tornado(with_event(ranges=ranges, usage={"to": 0, "over": 1}), paths=16)
    # Over 1 month usage is 0 at once, as over none; over 3 months 1/3, 2/3, 1, 1, 1, 1 of 10 a month are lost: 50.
    (over,) = found.bars
    assert over.low.change.expected_loss.value == pytest.approx(0)
    assert over.high.change.expected_loss.value == pytest.approx(-10)


def test_a_range_on_a_schedule_moves_all_of_it() -> None:
    given = scenario(ranges="evidence:\n  customers.one.growth: {assumption: unknown, low: -0.5, high: 0.5}\n")
    given["customers"]["one"]["growth"] = {"2025-01": 0, "2025-06": 0.1}
    (growth,) = sim.tornado(given, paths=16).bars
    # Demand in month m is 10 · (1+g)^(m/12) with one g throughout; the base case has g = 0 up to month 4, 0.1 after it.
    base = sum(10 * 1.1 ** ((m - 4) / 12) for m in range(6, 12))
    assert growth.path == "customers.one.growth"
    assert growth.numbers == ("customers.one.growth.2025-01", "customers.one.growth.2025-06")
    assert growth.base is None
    for end, rate in ((growth.low, -0.5), (growth.high, 0.5)):
        lost = sum(10 * (1 + rate) ** (m / 12) for m in range(6, 12))
        assert end.change.expected_loss.value == pytest.approx(lost - base)


def test_a_chance_moves_the_expected_loss_within_its_error() -> None:
    """An even chance of 60 becomes 0.1 and 0.9: paths differ by 60 with probability 0.4, 24 on average.

    The spread is 60 √(0.4 · 0.6) = 29.4, so 0.459 at 4,096 paths; four of these are exceeded once in 16,000 times, for
    three values once in 5,000.
    """
    found = sim.tornado(even(0.1, 0.9), paths=4096, sampling="plain")
    (chance,) = found.bars
    error = 60 * math.sqrt(0.4 * 0.6 / 4096)
    assert chance.low.change.expected_loss.value == pytest.approx(-24, abs=4 * error)
    assert chance.high.change.expected_loss.value == pytest.approx(24, abs=4 * error)
    assert chance.high.change.expected_loss.standard_error == pytest.approx(error, rel=0.1)
    assert chance.swing.expected_loss.value == pytest.approx(48, abs=4 * 60 * math.sqrt(0.8 * 0.2 / 4096))
    # One path in ten or more loses 60: at 95 % the quantile is 60 throughout, and so is the mean beyond it.
    assert changes(chance.low)[1:] == changes(chance.high)[1:] == [0, 0]
    assert chance.tells("expected_loss")
    assert not chance.tells("revenue_at_risk")
    assert found.headline == "No assumption changes revenue at risk 95 % by more than its error"


def test_a_rare_loss_leaves_the_quantile_and_its_share_of_the_tail() -> None:
    """At 0.01 the 95 % quantile is 0, and a fifth of the worst 5 % lose 60: 12 in place of 60.

    The share that loses is off by √(0.01 · 0.99 / 4096) = 0.00155, the shortfall by 60 / 0.05 times that: 1.87. Four of
    these are exceeded once in 16,000 times; so many paths that the quantile is 60 never come.
    """
    (chance,) = sim.tornado(even(0.01, 0.5), paths=4096, sampling="plain").bars
    assert chance.low.change.revenue_at_risk.value == -60
    assert chance.low.change.expected_shortfall.value == pytest.approx(-48, abs=4 * 1.87)
    assert changes(chance.high) == [0, 0, 0]  # the base case stands there: nothing is simulated, nothing differs


def test_another_level_and_another_order() -> None:
    given = even(0.01, 0.5)
    given["evidence"]["customers.one.revenue"] = {"assumption": "about", "low": 8, "high": 11}
    # At 0.4 the base case's quantile is 0, whatever the customer is worth and however much less likely the loss is.
    assert [one.reach("revenue_at_risk") for one in sim.tornado(given, paths=4096, level=0.4).bars] == [0, 0]
    found = sim.tornado(given, paths=4096, level=0.995)
    # At 0.995 it is 60 in all cases but where 6 · 8 or 6 · 11 are at stake: −12 and +6.
    assert found.level == 0.995
    assert [one.path for one in found.bars] == ["customers.one.revenue", "events.leaves.probability"]
    assert found.bars[0].reach("revenue_at_risk") == pytest.approx(12)
    # The expected loss goes from 30 to 0.6 with the chance, to 24 and 33 with the revenue.
    assert [one.path for one in found.top(2, "expected_loss")] == ["events.leaves.probability", "customers.one.revenue"]
    again = sim.tornado(given, paths=4096, level=0.995, measure="expected_loss")
    assert again.bars == found.top(2, "expected_loss")
    assert found.top(0) == ()


def test_each_end_is_the_difference_of_two_runs() -> None:
    path, common = "events.price_cut.price.to", {"paths": 1024, "seed": 5, "sampling": "sobol"}
    found = sim.tornado("tiktok-all-risks", **common)
    moved = bar(found, path)
    runs = {value: sim.run("tiktok-all-risks", set={path: value}, **common) for value in (0.7, 0.9, 0.97)}
    for end in (moved.low, moved.high):
        run, base = runs[end.value].measures, runs[0.9].measures
        assert end.change.expected_loss.value == pytest.approx(
            run["expected_loss"]["value"] - base["expected_loss"]["value"]
        )
        for measure in ("revenue_at_risk", "expected_shortfall"):
            assert end.change.of(measure).value == pytest.approx(
                run[measure]["0.95"]["value"] - base[measure]["0.95"]["value"]
            )
    assert len(found.bars) == 46
    assert found.refused == ()
    assert len(found.without_range) == 2
    sizes = [one.reach("revenue_at_risk") for one in found.bars]
    assert sizes == sorted(sizes, reverse=True)


def test_an_end_that_contradicts_the_rest_is_told_and_the_other_end_is_kept() -> None:
    ranges = "evidence:\n  events.leaves.timing.uniform.low: {assumption: soon, low: 1, high: 20}\n"
    given = with_event(ranges=ranges, timing={"uniform": {"low": 3, "high": 9}})
    found = sim.tornado(given, paths=256)
    (only,) = found.bars
    assert only.high is None
    assert only.low.value == 1
    assert only.low.change.expected_loss.value > 0  # it comes sooner
    assert only.swing.expected_loss.value == -only.low.change.expected_loss.value
    (refused,) = found.refused
    assert (refused.path, refused.side, refused.value) == ("events.leaves.timing.uniform.low", "high", 20)
    assert "20" in refused.why
    assert "At 1, revenue at risk" in found.headline or found.headline.startswith("No assumption")


def test_ranges_that_can_not_be_meant_as_they_stand_are_told() -> None:
    given = scenario(
        ranges="""\
evidence:
  customers.one.contract: {assumption: usual, low: 1, high: 12}
  events.leaves.lasts.lognormal.median: {assumption: about, low: 8, high: 9}
  events.leaves.timing.month: {assumption: the summer, low: 5, high: 9}
"""
    )
    given["customers"]["one"]["contract"] = {"term": 12, "renews": "2025-01", "notice": 1}
    given["events"]["leaves"]["lasts"] = {"lognormal": {"median": 3, "p90": 7}}
    found = sim.tornado(given, paths=16)
    assert found.bars == ()
    told = {(refused.path, refused.side) for refused in found.refused}
    assert told == {
        ("customers.one.contract", None),
        ("events.leaves.lasts.lognormal.median", None),
        ("events.leaves.timing.month", None),
    }
    assert {refused.why.split(":")[0] for refused in found.refused if refused.side is None} == {
        "a range of numbers, but customers.one.contract.renews is a month",
        "a range of numbers, but events.leaves.timing.month is a month",
        "a range from 8 to 9, without the value 3; allowed",
    }
    assert found.headline == "No assumption has a range: there is nothing to vary"


def test_one_range_for_different_numbers_is_told() -> None:
    given = scenario(ranges="evidence:\n  events.leaves: {assumption: guessed, low: 0, high: 1}\n")
    given["events"]["leaves"] |= {"probability": 0.5, "timing": {"exponential": {"mean": 6}}}
    (refused,) = sim.tornado(given, paths=16).refused
    # Probability, mean of the timing, level of usage.
    assert refused.why.startswith("one range for 3 different numbers")


def test_without_ranges_there_is_an_answer_too() -> None:
    found = sim.tornado(scenario(ranges=""), paths=16)
    assert found.bars == found.refused == found.without_range == ()
    assert set(found.unsourced) == {
        "customers.one.revenue",
        "customers.one.growth",
        "customers.rest.revenue",
        "customers.rest.growth",
        "events.leaves.usage.to",
    }
    assert found.base.expected_loss.value == pytest.approx(60)
    assert found.to_frame().empty
    assert json.loads(found.to_json())["bars"] == []


def test_a_number_that_is_set_loses_its_range() -> None:
    found = sim.tornado(scenario(), set={"customers.one.revenue": 12}, paths=16)
    assert {one.path for one in found.bars} == {"customers.rest.revenue", "events.leaves.usage.to"}
    assert "customers.one.revenue" in found.unsourced


def test_a_few_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    whole = sim.tornado("tiktok-all-risks", paths=256, progress=lambda *done: seen.append(done))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    monkeypatch.setattr(tornado, "KEPT", 3 * 2 * 256 * 8)  # three assumptions at a time
    parts = sim.tornado("tiktok-all-risks", paths=256, workers=1)
    assert parts.bars == whole.bars
    assert parts.base == whole.base


def test_too_few_paths_name_the_largest_and_say_so() -> None:
    found = sim.tornado("tiktok-all-risks", paths=16)
    assert found.base.revenue_at_risk.standard_error is None
    assert found.telling() == ()
    assert found.headline.startswith(f"What matters most: {found.bars[0].caption}.")
    assert found.headline.endswith("too few paths to tell errors)")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"measure": "mean"}, "measure: found 'mean', allowed are revenue_at_risk"),
        ({"level": 95}, "level: found 95"),
        ({"level": float("nan")}, "level: found nan"),
        ({"paths": 0}, "paths: found 0"),
        ({"seed": -1}, "seed: found -1"),
        ({"sampling": "halton"}, "sampling: found 'halton'"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(sim.UsageError, match=said):
        sim.tornado(scenario(), **wrong)


def test_as_data_as_a_table_and_in_a_line() -> None:
    found = sim.tornado(scenario(), paths=1600)
    data = json.loads(found.to_json())
    assert data["measure"] == "revenue_at_risk"
    assert data["level"] == 0.95
    assert data["run"]["paths"] == 2048  # 16 scramblings of 128
    assert data["bars"][0]["high"]["change"]["expected_loss"]["value"] == pytest.approx(60)
    assert data["bars"][0]["file"] == "<dict>"
    frame = found.to_frame()
    assert list(frame["rank"]) == [1, 1, 2, 2, 3, 3]
    assert list(frame["end"]) == ["low", "high"] * 3
    assert list(frame["expected_loss"]) == pytest.approx([30, 120, 60, 30, 60, 60])
    assert list(frame["revenue_at_risk_change"]) == pytest.approx([-30, 60, 0, -30, 0, 0])
    assert found.headline == (
        "What matters most: Revenue in the first month, USD million (“Customer One”). Between 5 and 20, revenue at "
        "risk 95 % moves from USD 30 to 120 million (base 60)"
    )
    assert repr(found) == (
        "<Tornado of 3 assumptions: Revenue in the first month, USD million (“Customer One”), low to high: revenue at "
        "risk 95 % USD +90 ± 0 million>"
    )
    with pytest.raises(AttributeError):
        found.level = 0.9  # type: ignore[misc]


def test_its_card_is_escaped() -> None:
    given = scenario(name="<script>alert(1)</script>")
    given["customers"]["one"]["name"] = "<img src=x>"
    card = sim.tornado(given, paths=16)._repr_html_()
    assert "<script" not in card
    assert "<img" not in card
    assert "&lt;img" in card


def test_names_in_its_document_and_its_table(tmp_path: Path) -> None:
    file = tmp_path / "even.yaml"
    file.write_text(EVEN + "evidence: {events.leaves.probability: {assumption: a guess, low: 0.25, high: 0.75}}\n")
    found = sim.tornado(file, paths=4096)
    document = found.to_dict()
    assert set(document) == {
        "format", "scenario", "run", "level", "measure", "base", "bars", "refused", "without_range", "unsourced",
    }  # fmt: skip
    # Of 10 and 30 a month, no growth, nothing but the chance has a source.
    assert set(document["unsourced"]) == {
        *(f"customers.{who}.{what}" for who in ("one", "rest") for what in ("revenue", "growth")),
        "events.leaves.usage.to",
    }
    # 60 are lost with a chance of 0.5; at 0.25 and 0.75 that is 15 less and 15 more.
    frame = found.to_frame()
    assert list(frame.columns[:6]) == ["rank", "path", "assumption", "base", "end", "value"]
    assert list(frame["end"]) == ["low", "high"]
    assert list(frame["expected_loss_change"].round()) == [-15, 15]
    assert list(frame.columns[-3:]) == ["reason", "file", "line"]
    assert set(frame["reason"]) == {"a guess"}
    assert set(frame["file"]) == {str(file)}


def test_an_end_of_a_schedule_is_left_out_only_where_all_of_it_stands_there(tmp_path: Path) -> None:
    """Growth of 10 % and then 20 % a year, both 10 % at the low: the first date stands there, the second does not."""
    file = tmp_path / "schedule.yaml"
    text = EVEN.replace(
        "one: {name: Customer One, revenue: 10, growth: 0}", "one: {revenue: 10, growth: {2025-01: 0.1, 2025-08: 0.2}}"
    )
    file.write_text(text + "evidence: {customers.one.growth: {assumption: a guess, low: 0.1, high: 0.2}}\n")
    (bar,) = sim.tornado(file, paths=256).bars
    low, high = bar.ends["low"].change, bar.ends["high"].change
    # What is lost from 2025-07 on is less where growth from 2025-08 on is less, and more where it began earlier.
    assert low.expected_loss.value < 0 < high.expected_loss.value
