"""Where a measure crosses a threshold. `even` loses 60 with probability p, so its mean is 60 p."""

from __future__ import annotations

import pytest

import sim
from sim.errors import ScenarioError, UsageError
from sim.language import load_text
from tests.by_hand import CERTAIN, EVEN, LEAVES, MEDIAN, MONTH, PROBABILITY

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
        ({"axis": "customers.one.contract.notice"}, "the range is open: say from and to"),
        ({"axis": "customers.one.revenue", "low": 5, "high": 5}, "a larger one"),
        ({"axis": "customers.one.revenue", "low": "2025-01"}, "allowed is a number"),
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


# --- axes of which each value is simulated ----------------------------------------------------------------------------

# The customer chooses to leave in 2025-07, in the middle of a term that began in 2025-01: of the 10 a month for six
# months that would be lost, a commitment of c still pays 10 c.
COMMITTED = CERTAIN.replace("growth: 0}\n  rest", "growth: 0, contract: {term: 12, renews: 2025-01}}\n  rest").replace(
    "    hits: one\n", "    hits: one\n    choice: true\n"
)
COMMITMENT = "customers.one.contract.commitment"

# An offer that costs nothing and puts the exit off to after the last month: it is worth all of the loss.
OFFERED = "levers:\n  stay: {against: leaves, discount: 0, months: 12, acceptance: 0.3}\nrun:"
ACCEPTANCE = "levers.stay.acceptance"


def offered(text: str) -> sim.Scenario:
    return load_text(text.replace("    hits: one\n", "    hits: one\n    choice: true\n").replace("run:", OFFERED))


@pytest.mark.parametrize("measure", ["expected_loss", "revenue_at_risk.0.95", "expected_shortfall.0.99"])
def test_a_commitment_is_searched_on_common_draws(measure: str) -> None:
    """All paths lose 60 (1 - c): 24 at c = 0.6, without any error."""
    found = sim.breakeven(load_text(COMMITTED), axis=COMMITMENT, measure=measure, threshold=24, paths=64)
    (crossing,) = found.crossings
    # A crossing is found to a millionth of the range, its interval to a hundredth of a per cent.
    assert crossing.value == pytest.approx(0.6, abs=2e-6)
    assert crossing.low == pytest.approx(0.6, abs=2e-4)
    assert crossing.high == pytest.approx(0.6, abs=2e-4)
    assert not crossing.rising
    assert not crossing.jumps
    assert (crossing.before, crossing.after) == (pytest.approx(24, abs=2e-4), pytest.approx(24, abs=2e-4))


def test_a_commitment_in_full_is_searched_by_its_share() -> None:
    """Of 120 in the term 120 c is owed, of which 60 is used before the exit: 60 - (120 c - 60) is 24 at c = 0.8.

    The axis may lead to the commitment, as `--set` may: its range and the base are those of the share.
    """
    scenario = load_text(COMMITTED).with_({COMMITMENT: {"share": 0.75, "of": "money", "per": "term"}})
    for axis in (COMMITMENT, f"{COMMITMENT}.share"):
        found = sim.breakeven(scenario, axis=axis, measure="expected_loss", threshold=24, paths=64)
        assert found.value == pytest.approx(0.8, abs=2e-6)
        data = found.to_dict()
        assert (data["range"]["from"]["value"], data["range"]["to"]["value"]) == (pytest.approx(60), pytest.approx(0))
        assert (data["base"], data["at_base"]["value"]) == (0.75, pytest.approx(30))
        assert sim.sweep(scenario, axes={axis: [0.25, 0.75]}, paths=64).base == {axis: 0.75}


def test_an_acceptance_is_searched_and_its_error_told() -> None:
    """Certain to leave, unless it accepts: 60 (1 - a) is 24 at a = 0.6."""
    scenario = offered(CERTAIN)
    found = sim.breakeven(scenario, axis=ACCEPTANCE, measure="expected_loss", threshold=24, paths=1024)
    (crossing,) = found.crossings
    assert isinstance(crossing.low, float)
    assert isinstance(crossing.value, float)
    assert isinstance(crossing.high, float)
    # Plain paths would know it to the root of 0.6 * 0.4 / 1,024, 0.015; these are quasi-random.
    assert crossing.low <= 0.6 <= crossing.high
    assert crossing.low < crossing.value < crossing.high < crossing.low + 0.06
    assert "leaping" not in found.headline  # a path less that leaves is no leap of the expected loss
    # At the crossing and at the ends of its interval the measure, simulated anew, is what was said.
    for value, key in ((crossing.value, "value"), (crossing.low, "low"), (crossing.high, "high")):
        told = sim.sweep(scenario, axes={ACCEPTANCE: [value]}, paths=1024)
        error = told.standard_error["expected_loss"][0] * sim.estimates.replications.student(told.replications)
        reach = {"value": 0.0, "high": error, "low": -error}[key]
        # It falls, so its interval ends at 24 from above at the one end and from below at the other. A path more or
        # less that accepts is worth 60 in 1,024, and moves the error too.
        assert told.cells["expected_loss"][0] + reach == pytest.approx(24, abs=0.2)


def test_a_quantile_leaps_on_a_simulated_axis_too() -> None:
    """Half of the paths would leave, so 0.5 (1 - a) of them do: less than one in twenty from a = 0.9 on."""
    found = sim.breakeven(offered(EVEN), axis=ACCEPTANCE, threshold=30, paths=4096)
    (crossing,) = found.crossings
    assert crossing.value == pytest.approx(0.9, abs=0.02)
    assert crossing.jumps
    assert (crossing.before, crossing.after) == (pytest.approx(60), pytest.approx(0, abs=1e-9))
    assert "leaping from USD 60.00 million to USD 0 million" in found.headline


def test_whole_numbers_are_searched_one_by_one() -> None:
    """With n months of notice 10 are lost in 6 - n months: 40 at 2, 30 at 3."""
    axis = "customers.one.contract.notice"
    found = sim.breakeven(load_text(COMMITTED), axis=axis, measure="expected_loss", threshold=35, paths=16)
    (crossing,) = found.crossings
    assert (crossing.value, crossing.rising) == (3, False)
    assert isinstance(crossing.value, int)
    assert (crossing.before, crossing.after) == (pytest.approx(40), pytest.approx(30))


def test_months_of_a_contract_are_searched() -> None:
    """Half of 10 stays committed until the renewal in month m after the exit in 7: 60 - 5 (m - 7) is 50 in month 9."""
    scenario = load_text(COMMITTED, set={COMMITMENT: 0.5})
    axis = "customers.one.contract.renews"
    found = sim.breakeven(
        scenario, axis=axis, measure="expected_loss", threshold=52, low="2025-07", high="2025-12", paths=16
    )
    (crossing,) = found.crossings
    assert (crossing.value, crossing.rising) == ("2025-09", False)
    assert (crossing.before, crossing.after) == (pytest.approx(55), pytest.approx(50))


def test_the_probability_of_copies_is_simulated() -> None:
    """Each customer leaves on its own with p: 60 p and 180 p are lost, 24 of both at p = 0.1."""
    scenario = load_text(EVEN.replace("    hits: one\n", "    hits: all\n    each: true\n"))
    (crossing,) = sim.breakeven(scenario, axis=PROBABILITY, measure="expected_loss", threshold=24, paths=1024).crossings
    assert isinstance(crossing.low, float)
    assert isinstance(crossing.high, float)
    assert crossing.low <= 0.1 <= crossing.high < crossing.low + 0.06


def test_where_nothing_was_found_it_says_where_it_looked() -> None:
    found = sim.breakeven(load_text(COMMITTED), axis=COMMITMENT, measure="expected_loss", threshold=61, paths=16)
    assert found.headline == (
        "Expected loss stays below USD 61.00 million at all 13 values that were simulated: no breakeven found"
    )


def test_a_measure_is_at_a_level_that_the_scenario_has() -> None:
    for levels, named in (([0.9], "0.9"), ([0.99, 0.95], "0.95"), ([0.99, 0.9], "0.99")):
        scenario = load_text(EVEN, set={"risk": {"levels": levels}})
        assert sim.breakeven(scenario, axis=PROBABILITY, threshold=30, paths=64).measure == f"revenue_at_risk.{named}"


@pytest.mark.parametrize("axis", ["customers.one.name", "customers.nobody.revenue", "customers.one", "vendor.size"])
def test_an_axis_that_is_no_number_is_refused(even_chance: sim.Scenario, axis: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sim.breakeven(even_chance, axis=axis, threshold=30)
    assert [problem.path for problem in caught.value.problems] == [f"sweep.{axis}"]


def test_progress_rises_and_ends_within_its_whole() -> None:
    told: list[tuple[int, int]] = []
    sim.breakeven(
        offered(CERTAIN), axis=ACCEPTANCE, measure="expected_loss", threshold=24, paths=64,
        progress=lambda done, whole: told.append((done, whole)),
    )  # fmt: skip
    shares = [done / whole for done, whole in told]
    assert shares == sorted(shares)
    assert shares[-1] <= 1
