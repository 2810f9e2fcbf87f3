"""The one sentence that leads: what is not exceeded; where that is nothing, how rare a loss is and how large."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import pytest

import sim
from sim.estimates.measures import EXPECTED_LOSS, EXPECTED_PLAIN_REVENUE
from sim.words.headline import chief_cause
from sim.words.labels import futures
from sim.words.numbers import sized, sized_between
from tests.report.conftest import EVEN

SPAN = "2025-01 … 2025-12"


def even(**law: Any) -> dict[str, Any]:
    """Another law for the one event, which costs 60 of a baseline of 480 if it arises."""
    return {**EVEN, "events": {"leaves": {**EVEN["events"]["leaves"], **law}}}


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (0.95, "19 of 20 futures"),
        (0.99, "99 of 100 futures"),
        (0.5, "1 of 2 futures"),
        (0.975, "39 of 40 futures"),
        ("0.999", "999 of 1,000 futures"),
        (0.123457, "12.3457 % of futures"),
    ],
)
def test_a_level_is_so_many_of_so_many_futures(level: Any, said: str) -> None:
    assert futures(level) == said


def test_what_is_not_exceeded_may_be_reached() -> None:
    """Half of all futures lose just 60: the loss is that at the level, and not below it; 60 of 480 are an eighth."""
    found = sim.run(EVEN, paths=2000)
    lost = float(found.loss.mean())
    assert found.headline == (
        f"In 19 of 20 futures the loss over {SPAN} does not exceed USD 60 million of the USD 480 million expected "
        f"without events (13 %). On average USD {lost:.0f} million is lost"
    )


def test_a_loss_that_is_rarer_than_the_level_is_told_by_its_chance_and_its_mean() -> None:
    """A chance of 2 % to lose 60: nothing is at risk at 95 %, and that is not the headline."""
    found = sim.run(even(probability=0.02), paths=50_000, sampling="plain")
    assert found.measures["revenue_at_risk"]["0.95"]["value"] == 0
    lossy = float((found.loss > 0).mean())
    assert found.headline == (
        f"In {100 * lossy:.2f} % of futures there is a loss over {SPAN}, of USD 60 million on average; in the others "
        f"none. On average USD {60 * lossy:.2f} million is lost"
    )
    assert "0.0 %" not in found.headline


def test_nothing_lost_is_said_of_what_was_simulated() -> None:
    said = f"In no future that was simulated is anything lost over {SPAN}, whose chance is below "
    # None in 100: a chance below 1 − 0.025^(1/100) = 3.62 %; none in 128: below 1 − 0.025^(1/128) = 2.84 %.
    assert sim.run(even(probability=0), paths=100, sampling="plain").headline == said + "3.62 %"
    assert sim.run(even(probability=0), paths=100).headline == said + "2.84 %"


def test_where_the_interval_is_wide_both_ends_are_told() -> None:
    """Twenty paths: the level's order statistics are the second largest and more than there are."""
    few = sim.run(EVEN, paths=20, set={"customers.one.volatility": 0.5})
    assert "so few paths do not tell how sure that is" in few.headline
    some = sim.run(EVEN, paths=200, set={"customers.one.volatility": 0.5})
    at_risk = some.measures["revenue_at_risk"]["0.95"]
    assert (at_risk["high"] - at_risk["low"]) / 2 > 0.1 * at_risk["value"]
    assert f"(it may be from USD {at_risk['low']:.0f} million to USD {at_risk['high']:.0f} million: " in some.headline


def test_the_plan_and_the_chief_cause_are_told() -> None:
    """Two events: one is as likely as not and costs 60, the other 1 in 10 and costs 5. The plan asks for 450 of 480."""
    data = even(probability=0.5)
    data["events"]["dips"] = {
        "name": "A dip",
        "hits": "one",
        "probability": 0.1,
        "timing": {"month": "2025-01"},
        "usage": {"to": 0.5},
        "lasts": {"fixed": 1},
    }
    found = sim.run({**data, "risk": {"target": 450}}, paths=40_000)
    # In a world without the exit, 0.1 of 5 is lost on average, of 30.5 with it. Of 1,024 quasi-random paths (64 of each
    # scrambling) 6 or 7 of 64 see the dip.
    assert found.chief is not None
    assert found.chief.event == "leaves"
    assert found.chief.left == pytest.approx(0.5 / 30.5, abs=0.1 * 0.5 / 30.5)
    # The dip alone is a matter of the dip: of 16 scramblings, means of 6/64 or 7/64 of 5.
    assert found.chief.half_width is not None
    loss = found.estimates.of(EXPECTED_LOSS)
    assert loss.half_width is not None
    rest = 1000 * found.chief.left * loss.value
    off = 1000 * math.hypot(found.chief.half_width * loss.value, found.chief.left * loss.half_width)
    assert 0 < off < 0.1 * rest
    expected = found.estimates.of(EXPECTED_PLAIN_REVENUE)
    # 480 less 60 in half of all futures, and less 5 in 1 of 10; five standard errors of a loss of 60 or nothing.
    assert expected.value == pytest.approx(480 - 30 - 0.5, abs=5 * 30 / 40_000**0.5)
    of_futures = f"{100 * missed(found):.0f} % of futures"
    assert found.headline.endswith(
        f"The plan of USD 450 million (expected: USD {expected.value:.0f} million) is missed in {of_futures}. Chief "
        f"cause: “{EVEN['events']['leaves']['name']}”; without it, "
        f"USD {rest - off:.0f} to {rest + off:.0f} thousand would be lost on average"
    )


def test_the_chief_cause_is_the_one_with_the_largest_shapley_value() -> None:
    for name in ("tiktok-all-risks", "five-customers", "fastly-2020-08"):
        chief = sim.run(name, paths=8192).chief
        largest = max(
            sim.attribute(name, paths=2048).contributions, key=lambda one: one.to("expected_loss", None).value
        )
        if name != "five-customers":  # there two are within a tenth of each other
            assert chief is not None
            assert chief.event == largest.event


def test_a_cause_that_is_alone_or_worth_little_is_not_named() -> None:
    assert sim.run(even(), paths=64).chief is None  # it would be the only one
    # Twelve that are alike are worth a twelfth each: less than a tenth, so none is.
    data = deepcopy(even(probability=0.5))
    one = data["events"]["leaves"]
    data["customers"] |= {f"c{k}": {"revenue": 1, "growth": 0} for k in range(12)}
    data["events"] = {f"e{k}": {**one, "hits": f"c{k}", "probability": 1} for k in range(12)}
    assert sim.run(data, paths=64).chief is None


def missed(found: sim.Result) -> float:
    return float(found.measures["probability_below_target"]["value"])


def test_amounts_are_told_by_their_size() -> None:
    assert sized(1827, "USD million", 10) == "USD 1.83 billion"
    assert sized(1827, "USD million", 100) == "USD 1.8 billion"  # no digit below its error
    assert sized(999.96, "USD million") == "USD 1 billion"
    assert sized(0.6, "USD million") == "USD 600 thousand"
    assert sized(354_849_875_250, "JPY", 18_478_840_301) == "JPY 355 billion"
    assert sized(5800, "EUR") == "EUR 5,800"
    assert sized(2_500_000, "credits") == "2.5 million credits"
    assert sized(12.345, "kEUR") == "12.3 kEUR"
    assert sized(0, "USD million") == "USD 0"
    assert sized_between(513.2, 533.4, "USD million", digits=2) == "USD 513 to 533 million"
    assert sized_between(0.91, 1.24, "EUR million", digits=2) == "EUR 0.9 to 1.2 million"
    assert sized_between(0, 0.0741, "EUR million", digits=2) == "EUR 0 to 74 thousand"
    assert sized_between(74.1, 74.3, "kEUR", digits=2) == "74 kEUR"
    assert sized_between(0, 0, "EUR million") == "EUR 0"
    assert sized(-30, "USD million") == "USD −30 million"


def test_a_scenario_without_events_is_not_called_safe() -> None:
    still = {key: value for key, value in EVEN.items() if key not in ("events", "sweep")}
    assert (
        sim.run(still, paths=100).headline == f"The scenario has no events, so that nothing could be lost over {SPAN}"
    )


def test_a_gain_is_told_as_what_it_is() -> None:
    """An event that raises usage by half is sure to come: 19 of 20 futures gain 30 at least."""
    found = sim.run(even(usage={"to": 1.5}, probability=1), paths=100)
    assert "does not exceed USD −30" in found.headline


@pytest.mark.parametrize("ask", [sim.run, sim.explore, sim.make_report])
@pytest.mark.parametrize("probability", [0, 0.02, 0.5])
def test_it_is_the_same_sentence_everywhere(ask: Any, probability: float) -> None:
    found = ask(even(probability=probability), paths=1024).headline
    start = {0: "In no future that", 0.02: "In ", 0.5: "In 19 of 20 futures the loss over"}[probability]
    assert found.startswith(start)
    assert ("there is a loss over" in found) == (probability == 0.02)


class Left:
    """A chief cause, without which a part of the loss is left that is known to so much."""

    name = "Exit"

    def __init__(self, left: float, half_width: float | None) -> None:
        self.left, self.half_width = left, half_width


@pytest.mark.parametrize(
    ("left", "half_width", "said"),
    [
        # Of 100 lost on average, to the digit.
        (0.5, 0.02, "USD 48 to 52 million"),
        (0.5, None, "USD 50 million"),
        (0.5, 0.001, "USD 50 million"),
        (0.01, 0.02, "at most USD 3 million"),
        (0, 0, "USD 0"),
    ],
)
def test_what_would_be_lost_without_the_cause_is_told_as_far_as_it_is_known(
    left: float, half_width: float | None, said: str
) -> None:
    found = sim.run(even(probability=1, timing={"month": "2025-01"}), paths=4, set={"customers.one.revenue": 100 / 12})
    loss = found.estimates.of(EXPECTED_LOSS)
    assert (loss.value, loss.half_width) == (pytest.approx(100), 0)
    text = chief_cause(found.scenario, found.estimates, Left(left, half_width))
    assert text == f"Chief cause: “Exit”; without it, {said} would be lost on average"
