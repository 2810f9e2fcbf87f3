"""What a newcomer may leave out: growth, the vendor, the timing of an event that only another sets off."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError
from sim.explorer.knobs import knobs_of
from sim.language.describe import describe
from sim.scenario.left_to_chance import left_to_chance
from sim.words.story import subject

SHORT: dict[str, Any] = {
    "scenario": 1,
    "name": "Little is said",
    "start": "2025-01",
    "months": 12,
    "money": "USD million",
    "customers": {"one": {"revenue": 100, "volatility": 0.2}, "rest": {"revenue": 50}},
    "events": {
        "strike": {
            "hits": "rest",
            "probability": 0.5,
            "timing": {"uniform": {"low": 1, "high": 9}},
            "usage": {"to": 0.8},
            "triggers": {"exit": {"probability": 0.5, "after": {"uniform": {"low": 0, "high": 4}}}},
        },
        "exit": {"hits": "one", "choice": True, "usage": {"to": 0, "over": 3}},
    },
    "levers": {"offer": {"against": "exit", "discount": 0.1, "months": 3, "acceptance": 0.5}},
}


def spelt_out(**exit: Any) -> dict[str, Any]:
    """The same with all that ``SHORT`` leaves out."""
    data = copy.deepcopy(SHORT)
    data["vendor"] = {"name": "Someone"}
    for customer in data["customers"].values():
        customer["growth"] = 0
    data["events"]["exit"] |= exit
    return data


@pytest.mark.parametrize(
    "exit",
    [
        {"probability": 0},
        {"probability": 0, "timing": {"month": "2025-03"}},
        {"probability": 0, "timing": {"exponential": {"mean": 5}}},
    ],
)
def test_a_default_that_is_spelt_out_changes_no_number(exit: dict[str, Any]) -> None:
    short, long = (sim.run(data, paths=512) for data in (SHORT, spelt_out(**exit)))
    assert short.measures == long.measures
    assert np.array_equal(short.loss, long.loss)


def test_a_capacity_that_says_nothing_of_its_growth_does_not_grow() -> None:
    with_zero, without = (
        sim.run({**SHORT, "vendor": {"capacity": {"initial": 120, **growth}}}, paths=64)
        for growth in ({"growth": 0}, {})
    )
    assert np.array_equal(with_zero.loss, without.loss)


def test_the_engines_agree_on_an_event_without_timing() -> None:
    assert sim.verify(SHORT, paths=64).agree


def test_it_arises_as_often_as_it_is_set_off() -> None:
    """The strike is certain in the first month and sets the exit off with a chance of 1 in 4: 100 of 100 are lost."""
    data = {
        **SHORT,
        "months": 1,
        "customers": {"one": {"revenue": 100}},
        "events": {
            "strike": {"hits": "one", "timing": {"month": "2025-01"}, "triggers": {"exit": {"probability": 0.25}}},
            "exit": {"hits": "one", "usage": {"to": 0}},
        },
    }
    del data["levers"]
    loss = sim.run(data, paths=4096).measures["expected_loss"]
    # The error of 4,096 plain paths is 100 times the root of 0.25 * 0.75 / 4,096, two thirds: six of them are 4.
    assert loss["value"] == pytest.approx(25, abs=4)


def test_what_is_left_to_chance_is_known_through_events_that_only_others_set_off() -> None:
    """A certain event sets off a middle one for certain, which sets off the last by chance: no error may be nothing."""
    data = {
        **SHORT,
        "customers": {"one": {"revenue": 100}},
        "events": {
            "first": {"hits": "one", "timing": {"month": "2025-01"}, "triggers": {"middle": {}}},
            "middle": {"hits": "one", "triggers": {"last": {"probability": 1e-9}}},
            "last": {"hits": "one", "usage": {"to": 0}},
        },
    }
    del data["levers"]
    assert left_to_chance(sim.load(data)) == {"middle"}
    assert sim.run(data, paths=64).measures["expected_loss"]["standard_error"] > 0
    certain = copy.deepcopy(data)
    certain["events"]["middle"]["triggers"]["last"]["probability"] = 0
    assert left_to_chance(sim.load(certain)) == set()
    assert sim.run(certain, paths=64).measures["expected_loss"]["standard_error"] == 0


def test_an_offer_that_may_be_taken_is_left_to_chance() -> None:
    data = copy.deepcopy(SHORT)
    data["events"] = {"exit": {**SHORT["events"]["exit"], "timing": {"month": "2025-03"}}}
    assert left_to_chance(sim.load(data)) == {"exit"}
    data["levers"]["offer"]["acceptance"] = 1
    assert left_to_chance(sim.load(data)) == set()


def test_it_is_said_in_words() -> None:
    scenario = sim.load(SHORT)
    said = {paragraph.about: paragraph.lines for paragraph in describe(scenario)}
    assert said["Customers"] == (
        "2 customers, together 150 a month at list price in 2025-01.",
        "one: 100 (66.7 %), does not grow, varies by 20 % a year. No contract.",
        "rest: 50 (33.3 %), does not grow. No contract.",
    )
    assert said["Events"][1].startswith("exit: arises only where another event sets it off; the choice of one.")


def test_a_vendor_without_a_name_is_called_the_vendor() -> None:
    entries = sim.trace(SHORT, path=0).entries
    month = next(entry for entry in entries if entry.kind == "month")
    assert subject(month, sim.load(SHORT)) == "the vendor"
    assert subject(month, sim.load({**SHORT, "vendor": {"name": "Someone"}})) == "Someone"


def test_an_event_without_timing_has_no_chance_to_turn() -> None:
    scenario = sim.load(SHORT)
    exit = scenario.events[scenario.event_index["exit"]]
    assert "events.exit.probability" not in {knob.path for knob in knobs_of(scenario, exit)}


def test_what_an_event_that_was_removed_set_off_needs_a_timing() -> None:
    with pytest.raises(ScenarioError) as caught:
        sim.load(SHORT, set={"events.strike": None})
    (problem,) = caught.value.problems
    assert (problem.path, problem.found) == ("events.exit", "an event without timing that no event sets off")
    assert problem.allowed == "a timing, or a trigger"


@pytest.mark.parametrize(
    ("changes", "path", "found"),
    [
        (
            {"sweep": {"events.exit.timing.month": ["2025-02", "2025-03"]}},
            "sweep.events.exit.timing.month",
            "an axis over the timing of exit, which has none",
        ),
        (
            {"sweep": {"events.exit.probability": [0, 0.5]}},
            "sweep.events.exit.probability.1",
            "the cell events.exit.probability = 0.5, which is not valid by itself: the probability 0.5 without timing",
        ),
        (
            {
                "events": {**SHORT["events"], "exit": {**SHORT["events"]["exit"], "probability": 0}},
                "evidence": {"events.exit.probability": {"assumption": "a guess", "low": 0, "high": 0.5}},
            },
            "evidence.events.exit.probability.high",
            "a range of the chance of exit, which has no timing",
        ),
    ],
)
def test_what_is_not_there_is_neither_swept_nor_varied(changes: dict[str, Any], path: str, found: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sim.load({**SHORT, **changes})
    assert [(problem.path, problem.found) for problem in caught.value.problems] == [(path, found)]
