"""The picture of one path's story: lanes above, money below."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import sim
from sim.answers.story import Story
from sim.errors import UsageError
from sim.plots.lanes import ARISES, COMMITMENT, DECLINED, EFFECT, NO_COMMITMENT, OFFER, SHORTAGE, lanes
from tests.plots.conftest import about, case, drawn, legend, many, one_line, title

FULL = """\
scenario: 1
name: A full story
start: 2025-01
months: 24
money: kEUR
vendor: {name: V, capacity: {initial: 38, growth: 0}}
customers:
  one: {name: Customer One, revenue: 10, growth: 0, contract: {term: 6, renews: 2025-04, notice: 1, commitment: 0.5}}
  rest: {name: The rest, revenue: 30, growth: 0, pool: true}
events:
  leaves: {name: An own model, hits: one, choice: true, timing: {month: 2025-03}, usage: {to: 0}}
  outage: {name: An outage, hits: one, timing: {month: 2025-11}, usage: {to: 0.5}, lasts: {fixed: 4}}
levers:
  stay: {name: A discount, against: leaves, discount: 0.1, months: 12, acceptance: 1}
run: {paths: 20, seed: 1}
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("story") / "full.yaml"
    file.write_text(FULL)
    return sim.load(file)


def by_name(story: Story) -> dict[str, Any]:
    assert story.scenario is not None
    return {lane.name: lane for lane in lanes(story, story.scenario)}


def test_lanes_by_hand(full: Any) -> None:
    found = by_name(sim.trace(full))
    assert list(found) == [
        "Offer: A discount",
        "An outage",
        "An own model",
        "Contract: Customer One",
        "Capacity is short",
    ]

    def bars(name: str) -> list[tuple[str, int, int]]:
        return [(bar.kind, bar.first, bar.end) for bar in found[name].bars]

    # The own model would arise in 2025-03, month 2; the discount is accepted and keeps it away for twelve months. It
    # arises in month 14 and takes effect after a month's notice, for good.
    assert bars("Offer: A discount") == [(OFFER, 2, 14)]
    assert found["An own model"].marks == [(14, ARISES)]
    assert found["An own model"].waits == [(14, 15)]
    assert bars("An own model") == [(EFFECT, 15, 24)]
    # The outage lasts four months from month 10 on; the customer did not choose it, so it voids the commitment.
    assert bars("An outage") == [(EFFECT, 10, 14)]
    # Renewals in months 3, 9, 15 and 21; the last two come after the own model has arisen: nothing is committed.
    assert bars("Contract: Customer One") == [
        (COMMITMENT, 0, 3),
        (COMMITMENT, 3, 9),
        (COMMITMENT, 9, 15),
        (NO_COMMITMENT, 15, 21),
        (NO_COMMITMENT, 21, 24),
        (NO_COMMITMENT, 10, 14),
    ]
    # Demand is 40 of 38, until half of ten are gone in the outage and all from month 15 on.
    assert bars("Capacity is short") == [(SHORTAGE, 0, 10), (SHORTAGE, 14, 15)]


def test_a_declined_offer_is_a_mark(full: Any) -> None:
    found = by_name(sim.trace(full, set={"levers.stay.acceptance": 0}))
    assert found["Offer: A discount"].marks == [(2, DECLINED)]
    assert not found["Offer: A discount"].bars
    assert found["An own model"].marks == [(2, ARISES)]


def test_the_picture_has_lanes_above_and_money_below(full: Any) -> None:
    story = sim.trace(full)
    ax = story.plot()
    names = [one_line(label.get_text()) for label in ax.get_yticklabels()]
    assert names == list(by_name(story))
    bars = {(round(patch.get_x(), 6), round(patch.get_width(), 6)) for patch in ax.patches}
    assert {(1.5, 12), (14.5, 9), (9.5, 4)} <= bars
    assert {"arises", "notice", "in effect", "offer accepted", "commitment", "no commitment"} <= set(legend(ax))
    below = ax.get_figure(root=True).axes[1]
    money = story[story["kind"] == "month"]
    named = legend(below)
    np.testing.assert_array_equal(named["revenue"].get_ydata(), money["money"])
    np.testing.assert_array_equal(named["baseline without events"].get_ydata(), money["money"] + money["lost"])
    assert "lost" in named
    assert below.get_ylabel() == "Revenue a month, kEUR"
    assert title(ax) == f"Path 0 loses {story.attrs['loss']:.1f} kEUR over 2025-01 … 2026-12"
    assert about(ax) == "A full story · 2025-01 … 2026-12 · seed 1"


def test_it_draws_within_the_axes_that_it_is_given(full: Any) -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert sim.trace(full).plot(left) is left
    assert len(left.child_axes) == 2
    assert not right.child_axes
    assert drawn(left)


def test_a_story_of_a_result_is_that_path(noisy: sim.Result) -> None:
    ax = noisy.plot.story(path=3)
    told = sim.trace(noisy.scenario, path=3, sampling="plain")
    assert told.attrs["loss"] == pytest.approx(noisy.loss[3])
    assert title(ax).startswith("Path 3 ")
    less = np.mean(noisy.loss < noisy.loss[3])
    assert title(ax).endswith("no path loses less" if less == 0 else f"{100 * less:.3g} % of paths lose less")


def test_a_level_picks_the_path(noisy: sim.Result) -> None:
    assert title(noisy.plot.story(level=0.99)).startswith(f"Path {noisy.path_at(0.99)} loses ")
    assert title(noisy.plot.story()).startswith(f"Path {noisy.path_at(0.95)} loses ")


def test_paths_of_quasi_random_runs_are_told_as_they_were() -> None:
    result = sim.run(case(24), paths=256, sampling="sobol")
    path = result.path_at(0.9)
    told = sim.trace(result.scenario, path=path, sampling="sobol")
    assert told.attrs["loss"] == pytest.approx(result.loss[path], rel=1e-9)
    assert f"Path {path} loses USD {told.attrs['loss']:.0f} million" in title(result.plot.story(level=0.9))


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"path": 1, "level": 0.5}, "choose one"),
        ({"path": 500}, "from 0 to 499"),
        ({"path": -1}, "from 0 to 499"),
        ({"path": 1.0}, "path: found"),
        ({"path": True}, "path: found"),
        ({"level": 1}, "level: found 1"),
        ({"level": "0.5"}, "level: found"),
    ],
)
def test_paths_that_are_none(noisy: sim.Result, arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        noisy.plot.story(**arguments)


def test_a_process_of_ones_own_has_a_lane() -> None:
    def strike(world: Any) -> Any:
        yield world.until("2025-06")
        world.change("one", "strike", usage=0.5)
        world.note("rumour", "one", "there is talk", "of a strike")
        yield world.wait(2)
        world.restore("one", "strike")

    story = sim.trace(case(12, events={}), processes=[strike])
    found = by_name(story)
    assert [(bar.first, bar.end) for bar in found["strike"].bars] == [(3, 5)]
    assert found["rumour"].marks == [(3, "noted")]
    assert drawn(story.plot())
    result = sim.run(case(12, events={}), paths=16, engine="model", processes=[strike])
    with pytest.raises(UsageError, match="processes of your own"):
        result.plot.story(path=0)


def test_nothing_happens() -> None:
    quiet = case(12, events={})
    del quiet["customers"]["one"]["contract"]
    ax = sim.run(quiet, paths=16).plot.story()
    assert "nothing happens on this path" in {text.get_text() for text in ax.texts}
    assert title(ax).startswith("Path 0 loses nothing")
    below = ax.get_figure(root=True).axes[1]
    assert "lost" not in legend(below)


def test_of_many_lanes_the_first() -> None:
    certain = many()
    for event in certain["events"].values():
        event |= {"probability": 1, "timing": {"month": "2026-01"}}
    # Twelve events and the contracts of the twelve whom they hit; that of Customer One is a single one more.
    ax = sim.run(certain, paths=20).plot.story()
    assert len(ax.get_yticks()) == 14
    assert "14 of 25 lanes" in about(ax)
    assert drawn(ax)


def test_contracts_that_nothing_befalls_share_a_lane() -> None:
    scenario = many()
    scenario["events"] = {"e3": scenario["events"]["e3"] | {"probability": 1, "timing": {"month": "2026-01"}}}
    ax = sim.run(scenario, paths=20).plot.story()
    names = [one_line(label.get_text()) for label in ax.get_yticklabels()]
    # Thirteen contracts, of which one is hit.
    assert names == ["Customer number 3 goes its own way", "Contract: Customer number 3", "12 other contracts"]
    assert "as agreed: nothing befalls them" in [text.get_text() for text in ax.texts]

    quiet = sim.run({**scenario, "events": {}}, paths=20).plot.story()
    assert [label.get_text() for label in quiet.get_yticklabels()] == ["13 contracts"]
    two = {**scenario, "events": {}, "customers": {id: scenario["customers"][id] for id in ("one", "c1", "rest")}}
    shown = sim.run(two, paths=20).plot.story()
    assert [one_line(label.get_text()) for label in shown.get_yticklabels()] == [
        "Contract: Customer One", "Contract: Customer number 1",
    ]  # fmt: skip


def test_a_long_name_takes_two_lines_of_a_lane(full: Any) -> None:
    story = sim.trace(
        full, set={"events.leaves.name": "All of the work goes to a model of the customer's own making " * 3}
    )
    labels = [label.get_text() for label in story.plot().get_yticklabels()]
    assert max(label.count("\n") for label in labels) == 1
    assert any(label.startswith("All of the work") and label.endswith("…") for label in labels)


def test_a_story_is_a_table(full: Any) -> None:
    story = sim.trace(full)
    assert isinstance(story, pd.DataFrame)
    assert list(story.columns) == ["month", "kind", "who", "what", "why", "money", "lost"]
    part = story[story["kind"] == "event"]
    assert isinstance(part, Story)
    assert part.attrs["path"] == 0
    assert story.copy().plot() is not None
    again = pickle.loads(pickle.dumps(story))
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(story))
    assert title(again.plot()) == title(story.plot())
    for piece in (part, story[["month", "money"]], story.iloc[5:]):
        with pytest.raises(UsageError, match="a part of a story"):
            piece.plot()
    with pytest.raises(UsageError, match="sampling: found 'halton'"):
        sim.trace(full, sampling="halton")
