"""The one sentence that leads: what is not exceeded; where that is nothing, how rare a loss is and how large."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.words.labels import futures
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
    """Half of all futures lose just 60: the loss is that at the level, and not below it."""
    found = sim.run(EVEN, paths=2000)
    assert (
        found.headline
        == f"In 19 of 20 futures the loss over {SPAN} does not exceed USD 60.00 million, 12.5 % of baseline revenue"
    )


def test_a_loss_that_is_rarer_than_the_level_is_told_by_its_chance_and_its_mean() -> None:
    """A chance of 2 % to lose 60: nothing is at risk at 95 %, and that is not the headline."""
    found = sim.run(even(probability=0.02), paths=50_000)
    assert found.measures["revenue_at_risk"]["0.95"]["value"] == 0
    lossy = float((found.loss > 0).mean())
    assert found.headline.startswith(f"In {100 * lossy:.2f} % of futures there is a loss over {SPAN}, of USD 60")
    assert found.headline.endswith("million on average; in the others none")
    assert "0.0 %" not in found.headline


def test_nothing_lost_is_said_of_what_was_simulated() -> None:
    found = sim.run(even(probability=0), paths=100)
    assert found.headline == f"In no future that was simulated is anything lost over {SPAN}"


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
