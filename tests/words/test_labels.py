"""Axes, measures and values in words, and names that keep to a width."""

from __future__ import annotations

import pytest

import sim
from sim.estimates.measures import EXPECTED_LOSS, REVENUE_AT_RISK
from sim.words.labels import axis_caption, measure_caption, places_of, short, value_caption


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("events.suspension.probability", "Probability that “TikTok's access is suspended” ever arises"),
        ("events.in_house_llm.probability", "Probability that “ByteDance's own model replaces OpenAI's” ever ar"),
        ("events.suspension.timing.exponential.mean", "Mean delay from 2024-06, months; not arisen by 2024-07 (“T"),
        ("events.in_house_llm.timing.lognormal.median", "Median delay from 2023-01, months; not arisen by 2024-07"),
        ("events.in_house_llm.timing.lognormal.sigma", "Spread of the delay from 2023-01 (sd of its logarithm); not"),
        ("events.in_house_llm.timing.from", "Month from which the delay counts; not arisen by 2024-07 (“ByteDance"),
        ("events.in_house_llm.timing.weibull.scale", "Scale of the Weibull law of the delay from 2023-01, months; not"),
        ("events.suspension.lasts.lognormal.p90", "90th percentile of the duration, months (“TikTok"),
        ("events.divest_or_ban.timing.month", "Month of the event (“TikTok is sold or banned in the United States”)"),
        ("events.divest_or_ban.usage.to", "Share of usage left in the end (“TikTok is sold or banned"),
        ("events.exclusivity_ends.timing.hazard.2024-03", "Probability to arise within a year, from 2024-03 on"),
        ("events.suspension.triggers.in_house_llm.probability", "Probability to set off “ByteDance's own model"),
        ("events.suspension.triggers.in_house_llm.after.gamma.mean", "Mean delay until “ByteDance's own model"),
        ("events.price_cut.usage.to.uniform.low", "Lowest share of usage left"),
        ("customers.tiktok.revenue", "Revenue in the first month, USD million ("),
        ("customers.others.growth.2025-03", "Growth a year from 2025-03 on ("),
        ("levers.retention_offer.acceptance", "Probability that the offer is accepted ("),
        ("vendor.capacity.initial", "Capacity in the first month, USD million a month"),
        ("vendor.unheard.of", "vendor.unheard.of"),
    ],
)  # fmt: skip
def test_axes(path: str, words: str) -> None:
    assert axis_caption(sim.load("tiktok-all-risks"), path).startswith(words)


def test_every_axis_of_the_bundled_scenarios_has_words() -> None:
    from sim.language import bundled_scenarios

    for name in bundled_scenarios():
        scenario = sim.load(name)
        for axis in scenario.axes:
            assert axis_caption(scenario, axis.path) != axis.path


def test_measures_and_values() -> None:
    assert measure_caption(REVENUE_AT_RISK, "0.995") == "Revenue at risk 99.5 %"
    assert measure_caption(EXPECTED_LOSS) == "Expected loss"
    assert [value_caption(value) for value in (0.30000000000000004, 12, "2025-01", -0.5)] == [
        "0.3",
        "12",
        "2025-01",
        "−0.5",
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 6, 7, 21, 1000])
@pytest.mark.parametrize("most", [3, 6, 12])
def test_places_are_few_and_have_both_ends_and_what_is_wanted(count: int, most: int) -> None:
    wanted = count // 2
    places = places_of(count, most, (wanted,))
    assert len(places) <= most or places == list(range(count))
    assert len(places) <= max(most, 1)
    assert places == sorted(set(places))
    assert {0, count - 1, wanted} <= set(places)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
        ("é" * 10, "é" * 10),
        ("é" * 11, "é" * 9 + "…"),
        ("客" * 5, "客" * 5),  # ten columns
        ("客" * 6, "客" * 4 + "…"),  # eight and the sign for the cut; a fifth letter would need two more
        ("ab客客客客客", "ab客客客…"),
    ],
)
def test_a_name_takes_ten_columns_at_most(name: str, shown: str) -> None:
    assert short(name, 10) == shown
