"""Where a measure crosses a threshold. `even` loses 60 with probability p, so its mean is 60 p."""

from __future__ import annotations

import pytest

import sim
from sim.errors import UsageError
from sim.language import load_text
from tests.by_hand import EVEN, LEAVES, MEDIAN, MONTH, PROBABILITY

# The reference work at p = 0.5; its mean is linear in p.
MEAN_AT_HALF = 327.655


@pytest.fixture
def even_chance() -> sim.Scenario:
    return load_text(EVEN)


def test_a_mean_without_noise_crosses_where_the_closed_form_says(even_chance: sim.Scenario) -> None:
    found = sim.breakeven(even_chance, axis=PROBABILITY, measure="expected_loss", threshold=24)
    (crossing,) = found.crossings
    # 60 p = 24.
    assert found.value == crossing.value == pytest.approx(0.4, rel=1e-9)
    assert crossing.low == pytest.approx(0.4, rel=1e-6)
    assert crossing.high == pytest.approx(0.4, rel=1e-6)
    assert crossing.rising
    assert not crossing.jumps


def test_a_mean_crosses_at_threshold_over_mean_if_certain() -> None:
    found = sim.breakeven("reference-work", axis=LEAVES, measure="expected_loss", threshold=400, paths=4096)
    (crossing,) = found.crossings
    certain = sim.sweep("reference-work", axes={LEAVES: [1.0]}, paths=4096).cells["expected_loss"][0]
    assert crossing.value == pytest.approx(400 / certain, rel=1e-9)
    # Against the exact mean: three times the interval's reach is six standard errors, a false alarm in 30,000 at
    # 15 degrees of freedom.
    truth = 400 / (2 * MEAN_AT_HALF)
    assert isinstance(crossing.low, float)
    assert isinstance(crossing.high, float)
    assert abs(crossing.value - truth) < 3 * (crossing.high - crossing.low) / 2 + 1e-6
    assert 0 < crossing.high - crossing.low < 0.001


@pytest.mark.parametrize(
    ("axis", "threshold", "measure"),
    [
        (LEAVES, 1000.0, "revenue_at_risk.0.95"),
        (MEDIAN, 1000.0, "revenue_at_risk.0.95"),
        (MEDIAN, 1300.0, "expected_shortfall.0.99"),
        (LEAVES, 0.3, "probability_of_loss"),
    ],
)
def test_the_crossing_is_where_the_sweep_says(axis: str, threshold: float, measure: str) -> None:
    found = sim.breakeven("reference-work", axis=axis, measure=measure, threshold=threshold, paths=2048)
    (crossing,) = found.crossings
    name, _, level = measure.partition(".")

    def at(value: object) -> dict[str, float]:
        measured = found.sweep.at({axis: value})[name]  # type: ignore[dict-item]
        return measured[level] if level else measured

    assert at(crossing.value)["value"] == pytest.approx(threshold, rel=1e-6)
    if name == "revenue_at_risk":
        # At the interval's ends the measure's own interval just holds the threshold.
        assert isinstance(crossing.low, float)
        assert isinstance(crossing.high, float)
        first, last = ("high", "low") if crossing.rising else ("low", "high")
        assert at(crossing.low)[first] == pytest.approx(threshold, rel=1e-5)
        assert at(crossing.high)[last] == pytest.approx(threshold, rel=1e-5)
        assert crossing.low < crossing.value < crossing.high


def test_a_quantile_of_an_atom_leaps_across(even_chance: sim.Scenario) -> None:
    found = sim.breakeven(even_chance, axis=PROBABILITY, measure="revenue_at_risk.0.95", threshold=30)
    (crossing,) = found.crossings
    # No loss on 1 - p of the paths: the quantile at 95 % is 0 up to p = 0.05 and 60 beyond.
    assert crossing.value == pytest.approx(0.05, rel=1e-6)
    assert (crossing.before, crossing.after) == (pytest.approx(0, abs=1e-9), pytest.approx(60))
    assert crossing.jumps


def test_an_atom_at_the_threshold_is_a_stretch_and_no_point(even_chance: sim.Scenario) -> None:
    """The loss is 60 with p: its 95 % quantile is 60 from p = 0.05 on, and stands at that threshold up to the end."""
    found = sim.breakeven(even_chance, axis=PROBABILITY, threshold=60)
    (crossing,) = found.crossings
    assert crossing.value == pytest.approx(0.05)
    # Beyond it nobody doubts that 60 is reached.
    assert (crossing.low, crossing.high) == (pytest.approx(0.05), pytest.approx(0.05))
    assert (crossing.rests_from, crossing.rests_to) == (pytest.approx(0.05), 1.0)
    assert found.headline.endswith("; it stands at just that from 0.05 to 1")
    (leap,) = sim.breakeven(even_chance, axis=PROBABILITY, threshold=30).crossings
    assert (leap.rests_from, leap.rests_to) == (None, None)


def test_months_are_searched_one_by_one(even_chance: sim.Scenario) -> None:
    found = sim.breakeven(even_chance, axis=MONTH, measure="expected_loss", threshold=30)
    (crossing,) = found.crossings
    # Half of 10 for each month left, 13 - m of them: 30 in month 7, 25 in month 8.
    assert crossing.value == "2025-08"
    assert not crossing.rising
    assert (crossing.before, crossing.after) == (pytest.approx(30), pytest.approx(25))
    later = sim.breakeven(even_chance, axis=MONTH, measure="expected_loss", threshold=30, low="2025-09", high="2025-11")
    assert later.crossings == ()
    assert [end["at"] for end in later.ends] == ["2025-09", "2025-11"]


def test_a_law_without_spread_leaps_from_month_to_month() -> None:
    scenario = load_text(EVEN.replace("{month: 2025-07}", "{fixed: 6}"))
    found = sim.breakeven(scenario, axis="events.leaves.timing.fixed", measure="expected_loss", threshold=27)
    # A delay of d months loses half of 10 * (12 - d): 30 at 6, 25 at 7; delays within a month are rounded up.
    assert found.value == pytest.approx(6, abs=1e-9)
    assert found.crossings[0].before == pytest.approx(30)
    assert found.crossings[0].after == pytest.approx(25)


def test_it_says_so_where_nothing_crosses(even_chance: sim.Scenario) -> None:
    found = sim.breakeven(even_chance, axis=PROBABILITY, measure="expected_loss", threshold=61)
    assert found.value is None
    assert found.crossings == ()
    assert [end["value"] for end in found.ends] == [pytest.approx(0, abs=1e-12), pytest.approx(60)]


def test_the_default_range_stops_where_the_scenario_stops_being_valid() -> None:
    scenario = sim.load(
        "reference-work",
        set={"events.in_house_llm.timing": {"lognormal": {"median": 20, "p90": 40}}, "sweep": None},
    )
    axis = "events.in_house_llm.timing.lognormal.p90"
    found = sim.breakeven(scenario, axis=axis, measure="expected_loss", threshold=400, paths=256)
    # The 90th percentile cannot be below the median; upwards ten times 40 is.
    assert found.ends[0]["at"] == pytest.approx(20, rel=1e-3)
    assert found.ends[1]["at"] == pytest.approx(400)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"axis": "customers.one.revenue"}, "allowed is the probability or a timing parameter"),
        ({"measure": "revenue_at_rsk.0.95"}, "revenue_at_risk.0.95"),
        ({"measure": "revenue_at_risk.0.9"}, "risk.levels"),
        ({"measure": "probability_below_target"}, "risk.target"),
        ({"threshold": float("nan")}, "allowed is a number"),
        ({"low": 0.5, "high": 0.2}, "a larger one"),
        ({"low": "2025-01"}, "allowed is a number"),
        ({"axis": MONTH, "low": 3}, "allowed is a month"),
    ],
)
def test_what_is_refused(even_chance: sim.Scenario, changes: dict[str, object], told: str) -> None:
    arguments = {"axis": PROBABILITY, "measure": "expected_loss", "threshold": 10, **changes}
    with pytest.raises(UsageError) as refusal:
        sim.breakeven(even_chance, **arguments)  # type: ignore[arg-type]
    assert told in str(refusal.value)
