"""What values on the axes of an event's law come to: the median month, worked out by hand, and no event at all."""

from __future__ import annotations

import math
from typing import Any

import pytest

import sim
from sim.words.stops import IN_BRACKETS, resulting_month, stop_caption, stops_note

MEDIAN = "events.in_house_llm.timing.lognormal.median"
MEAN = "events.suspension.timing.exponential.mean"


def later(month: str, by: int) -> str:
    """The month so many months later."""
    count = 12 * int(month[:4]) + int(month[5:]) - 1 + by
    return f"{count // 12}-{count % 12 + 1:02d}"


def test_of_a_lognormal_delay_that_is_cut() -> None:
    """Half of a median of 18 months from 2023-01 lies before 2024-08; the median of the rest is its upper quartile."""
    months = math.ceil(18 * math.exp(0.5 * 0.674490))
    assert months == 26
    assert (
        stop_caption(sim.load("tiktok-all-risks"), MEDIAN, 18) == f"18 ({later('2023-01', months)})" == "18 (2025-03)"
    )


@pytest.mark.parametrize("mean", [12, 18, 24, 30, 200])
def test_of_an_exponential_delay_which_forgets_what_is_known(mean: float) -> None:
    """The first whole month by which half is gone, counted anew from 2024-07; beyond the horizon too."""
    month = later("2024-07", math.ceil(mean * math.log(2)))
    assert resulting_month(sim.load("tiktok-all-risks"), MEAN, mean) == month


def test_the_median_is_that_of_the_law_and_not_of_the_scenario() -> None:
    """The first month with at least half of the weights of own months, where all of them lie within the horizon."""
    scenario = sim.load("tiktok-all-risks", set={"months": 120})
    event = next(event for event in scenario.events if event.id == "in_house_llm")
    from sim.simulation.stratified import own_month_weights

    for value in (18, 24, 30, 48.5):
        weights = own_month_weights(scenario, event, [{"events.in_house_llm.probability": 1.0, MEDIAN: value}])[0]
        month = int((weights.cumsum() >= 0.5).argmax())
        assert resulting_month(scenario, MEDIAN, value) == scenario.month_label(month)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("events.suspension.probability", 0, "0 (without the event)"),
        ("events.suspension.probability", 0.0, "0 (without the event)"),
        ("events.suspension.probability", 0.1, "0.1"),
        ("events.in_house_llm.probability", 0, "0 (only if set off)"),  # as the suspension may do
        ("events.suspension.permanent", 0, "0"),
        ("events.in_house_llm.timing.from", "2023-01", "2023-01"),
        ("events.divest_or_ban.timing.month", "2025-01", "2025-01"),
        ("events.suspension.lasts.lognormal.median", 3, "3"),
        ("vendor.discount_rate", 0, "0"),
        (MEDIAN, -1, "−1"),  # refused: it says nothing
    ],
)
def test_what_values_come_to(path: str, value: Any, words: str) -> None:
    assert stop_caption(sim.load("tiktok-all-risks"), path, value) == words


def test_nothing_is_said_where_another_axis_moves_the_median_too() -> None:
    scenario = sim.load("tiktok-all-risks")
    assert stop_caption(scenario, MEDIAN, 18, [MEDIAN, "events.in_house_llm.timing.lognormal.sigma"]) == "18"
    assert stop_caption(scenario, MEDIAN, 18, [MEDIAN, "known"]) == "18"
    assert stop_caption(scenario, MEDIAN, 18, [MEDIAN, MEAN]) == "18 (2025-03)"
    assert stops_note(scenario, MEDIAN, [18, 24], [MEDIAN]) == IN_BRACKETS
    assert stops_note(scenario, "events.suspension.probability", [0, 1]) == ""
