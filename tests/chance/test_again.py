"""Months in which what is over comes again, of all paths at once, and draws on some of the paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.chance.again import again_thresholds, first_months_again
from sim.chance.draws import Draws
from sim.scenario.laws import NEVER, SCALE, Exponential, Hazard, Law, first_month
from sim.scenario.parts import Delay

MONTHS = 30
LAWS = (Exponential(7.0), Hazard(((0, 0.2), (6, 0.999999), (20, 0.0))))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.key)
@pytest.mark.parametrize("probability", [1.0, 0.4])
def test_all_at_once_is_as_one_by_one(law: Law, probability: float) -> None:
    """Each word in the table of its own month, up to the words next to a threshold and the last one there is."""
    timing = Delay(law, 0, 0)
    since = np.repeat(np.arange(MONTHS), 40)
    words = np.random.default_rng(1).integers(0, SCALE, len(since))
    near = [again_thresholds(timing, probability, month, MONTHS)[5:25] for month in range(MONTHS)]
    words[: MONTHS * 20] = np.clip(np.concatenate(near) - np.arange(MONTHS * 20) % 2, 0, SCALE - 1)
    since[: MONTHS * 20] = np.repeat(np.arange(MONTHS), 20)
    words[-1] = SCALE - 1
    found = first_months_again(timing, probability, MONTHS, since, words)
    for month, word, one in zip(since.tolist(), words, found.tolist(), strict=True):
        alone = month + int(first_month(again_thresholds(timing, probability, month, MONTHS), word))
        assert one == (alone if alone < MONTHS else NEVER)
    assert (found < NEVER).any()
    assert (found == NEVER).any()
    assert (found > since).all()


def test_a_horizon_as_long_as_may_be_has_room_in_the_table() -> None:
    """In 1,200 months the last row's words are moved up beyond 2^63."""
    timing = Delay(Hazard(((0, 0.9),)), 0, 0)
    # A word of 0 comes in the first month there is; from the last month there is none.
    found = first_months_again(timing, 1.0, 1200, np.array([0, 1198, 1199]), np.array([0, 0, 0]))
    assert found.tolist() == [1, 1199, NEVER]


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_draws_on_some_paths_are_those_of_all(sampling: str) -> None:
    spread = {"uniform": {"low": 0, "high": 6}}
    event: dict[str, Any] = {
        "hits": "a",
        "timing": {"exponential": {"mean": 3}},
        "lasts": spread,
        "notice": spread,
        "repeats": True,
        "usage": {"to": {"uniform": {"low": 0, "high": 1}}, "over": spread},
        "once": spread,
        "triggers": {"other": {"probability": 0.5, "after": {"exponential": {"mean": 2}}}},
    }
    data = {"scenario": 1, "name": "draws", "start": "2025-01", "months": 24, "money": "USD"}
    data |= {"customers": {"a": {"revenue": 1}}, "events": {"law": event, "other": {"hits": "a", "usage": {"to": 0}}}}
    scenario = sim.load(data)
    one = scenario.events[0].again(3)
    assert one.usage is not None
    rows = np.array([1, 5, 6, 40, 63])
    draws = Draws(scenario, 3, 64, 64, sampling)
    some = draws.on(rows)
    assert some.count == 5
    since = np.arange(5)
    for of_all, of_some in (
        (draws.month_again(one, np.repeat(0, 64))[rows], some.month_again(one, np.repeat(0, 5))),
        (draws.notice(one), some.notice(one)),
        (draws.lasts(one), some.lasts(one)),
        (draws.level(one, "usage", one.usage), some.level(one, "usage", one.usage)),
        (draws.over(one, "usage", one.usage), some.over(one, "usage", one.usage)),
        (draws.once(one), some.once(one)),
        (draws.sets_off(one, one.triggers[0]), some.sets_off(one, one.triggers[0])),
        (draws.trigger_delay(one, one.triggers[0]), some.trigger_delay(one, one.triggers[0])),
    ):
        expected = np.asarray(of_all)
        np.testing.assert_array_equal(of_some, expected if len(expected) == 5 else expected[rows])
    assert (some.month_again(one, since) > since).all()
