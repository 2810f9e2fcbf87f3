"""What a cell says of a tail that few paths, or none, have reached."""

from __future__ import annotations

from typing import Any

import pytest

import sim

BASE: dict[str, Any] = {
    "scenario": 1,
    "name": "thin",
    "start": "2024-01",
    "months": 24,
    "money": "USD",
    "vendor": {"name": "vendor"},
    "customers": {"alpha": {"revenue": 10, "growth": 0, "volatility": 0.3}},
    "events": {
        "leave": {
            "hits": "alpha",
            "probability": 0.5,
            "timing": {"lognormal": {"median": 12, "sigma": 0.5}},
            "usage": {"to": 0},
        },
        "freak": {"hits": "alpha", "probability": 1e-7, "timing": {"fixed": 3}, "usage": {"to": 0}},
    },
    "risk": {"levels": [0.95]},
}
PATHS = 2048


def test_tail_paths_of_a_simulated_cell_are_the_paths_beyond_its_quantile() -> None:
    # Nothing is conditioned on: all paths weigh the same, and 5 % of 2,048 are 102.4; a bin holds a few.
    sweep = sim.sweep(BASE, axes={"customers.alpha.revenue": [10, 20]}, paths=PATHS, sampling="plain")
    assert sweep.tail_paths["0.95"] == pytest.approx([102.4, 102.4], abs=8)
    assert sweep.to_dict()["tail_paths"]["0.95"] == sweep.tail_paths["0.95"].tolist()


def test_a_tail_of_weighed_strata_is_as_good_as_many_more_paths() -> None:
    # With probability 0.1 half of the mixture's tail would be 0.05 of all plain paths; strata have all their paths.
    sweep = sim.sweep(BASE, axes={"events.leave.probability": [0.1]}, paths=PATHS, sampling="plain")
    assert sweep.tail_paths["0.95"][0] > 5 * 102.4


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_a_loss_that_no_path_shows_may_still_happen(sampling: str) -> None:
    # The freak event has a chance of 1e-7: no path of 2,048 meets it. No path in n: 1 - 0.025^(1/n) is about 3.7 / n.
    sweep = sim.sweep(BASE, axes={"events.leave.probability": [0]}, paths=PATHS, sampling=sampling)
    interval = sweep.interval["probability_of_loss"]
    assert sweep.cells["probability_of_loss"][0] == 0
    assert interval["low"][0] == 0
    assert interval["high"][0] == pytest.approx(3.69 / PATHS, rel=0.01)


def test_where_nothing_else_may_happen_none_is_none() -> None:
    alone = {**BASE, "events": {"leave": BASE["events"]["leave"]}}
    sweep = sim.sweep(alone, axes={"events.leave.probability": [0]}, paths=PATHS)
    assert sweep.interval["probability_of_loss"]["high"][0] == 0


def test_an_interval_reaches_to_both_sides_and_shrinks_with_paths() -> None:
    """The reference work at a probability of 1/2: its losses have no atom at the 95 % quantile."""
    widths = []
    for paths in (1_024, 16_384):
        sweep = sim.sweep("reference-work", axes={"events.in_house_llm.probability": [0.5]}, paths=paths)
        value = sweep.cells["revenue_at_risk"]["0.95"][0]
        low, high = (sweep.interval["revenue_at_risk"]["0.95"][end][0] for end in ("low", "high"))
        assert low < value < high
        # The density hardly changes over so short a way: both sides are of about the same length.
        assert 0.5 < (value - low) / (high - value) < 2
        widths.append(high - low)
    # Sixteen times the paths: a quarter of the error under independent paths, less under quasi-random ones.
    assert widths[1] < widths[0] / 2
