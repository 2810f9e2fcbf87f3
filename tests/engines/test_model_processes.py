"""Processes of one's own in the SimPy model: what they do to a path is worked out by hand."""

from __future__ import annotations

import copy
from collections.abc import Generator
from typing import Any

import pytest

import sim
from sim.engines.clock import Phase
from sim.engines.model import World
from sim.errors import UsageError

Steps = Generator[Any, Any, None]

DATA: dict[str, Any] = {
    "scenario": 1,
    "name": "by hand",
    "start": "2025-01",
    "months": 12,
    "money": "USD million",
    "vendor": {"name": "vendor"},
    "customers": {
        "tiktok": {"revenue": 20, "growth": 0},
        "others": {"revenue": 60, "growth": 0, "pool": True},
    },
    "events": {
        "leave": {
            "hits": "tiktok",
            "choice": True,
            "notice": 2,
            "probability": 0,
            "timing": {"month": "2025-02"},
            "usage": {"to": 0.1},
        }
    },
}


def outage(world: World) -> Steps:
    """Two months at half the usage, from March 2025."""
    yield world.until("2025-03")
    world.change("tiktok", "outage", usage=0.5)
    yield world.wait(2)
    world.restore("tiktok", "outage")


def rebate(world: World) -> Steps:
    """A tenth off from April 2025 on."""
    yield world.until("2025-04")
    world.change("tiktok", "rebate", price=0.9)


def scandal(world: World) -> Steps:
    """Makes the customer leave in June 2025."""
    yield world.until("2025-06")
    world.cause("leave", "a scandal")


def _loss(*processes: Any, data: dict[str, Any] = DATA) -> float:
    return float(sim.trace(data, processes=processes).attrs["loss"])


def test_an_outage() -> None:
    # Half of 20 in two months.
    assert _loss() == 0
    assert _loss(outage) == pytest.approx(20)


def test_a_rebate() -> None:
    # A tenth of 20 in the nine months from April on.
    assert _loss(rebate) == pytest.approx(18)


def test_processes_compose() -> None:
    # Revenue of March 10, of April half at nine tenths, 9, from May to December 18 each: 10 + 11 + 8 · 2 lost.
    assert _loss(outage, rebate) == pytest.approx(37)
    assert _loss(rebate, outage) == pytest.approx(37)


def test_a_process_makes_an_event_arise() -> None:
    # Settled in June, in effect after two months' notice: 18 of 20 lost in the five months from August on.
    story = sim.trace(DATA, processes=[scandal])
    assert story.attrs["loss"] == pytest.approx(90)
    (event,) = story[story.kind == "event"].to_dict("records")
    assert (event["month"], event["who"], event["why"]) == (
        "2025-06",
        "leave",
        "a scandal; takes effect after 2 months' notice",
    )


def test_an_event_that_has_arisen_does_not_arise_again() -> None:
    data = copy.deepcopy(DATA)
    data["events"]["leave"]["probability"] = 1
    # By itself in February, in effect from April: nine months.
    assert _loss(scandal, data=data) == pytest.approx(9 * 18)


def test_an_event_made_to_arise_meets_the_offer_and_triggers() -> None:
    data = copy.deepcopy(DATA)
    data["events"]["leave"]["triggers"] = {"follow": {"probability": 1}}
    data["events"]["follow"] = {
        "hits": "others",
        "probability": 0,
        "timing": {"month": "2025-01"},
        "usage": {"to": 0.5},
    }
    data["levers"] = {"offer": {"against": "leave", "discount": 0.25, "months": 3, "acceptance": 1}}
    # Offered in June: 5 less in June, July and August. Settled in September, when the others follow: 30 a month for
    # four months. In effect after the notice, in November: 18 for two months. 15 + 120 + 36.
    assert _loss(scandal, data=data) == pytest.approx(171)


def test_the_baseline_knows_nothing_of_it() -> None:
    result = sim.run(DATA, paths=3, engine="model", processes=[outage])
    assert result.measures["expected_loss"]["value"] == pytest.approx(20)
    assert result.measures["expected_baseline"]["value"] == pytest.approx(12 * 80)
    revenue = [80, 80, 70, 70, *([80] * 8)]
    assert result.series["revenue"]["mean"] == pytest.approx(revenue)
    assert result.series["baseline"]["mean"] == pytest.approx([80] * 12)


def test_run_and_trace_tell_the_same() -> None:
    data = copy.deepcopy(DATA)
    data["customers"]["tiktok"]["volatility"] = 0.3
    data["events"]["leave"].update(probability=0.5, timing={"uniform": {"low": 1, "high": 9}})
    loss = sim.run(data, paths=20, engine="model", processes=[outage, rebate]).loss
    for path in (0, 7, 19):
        assert sim.trace(data, path=path, processes=[outage, rebate]).attrs["loss"] == loss[path]
    assert (loss != sim.run(data, paths=20, engine="model").loss).all()


def test_chance_by_the_path_number() -> None:
    def on_odd_paths(world: World) -> Steps:
        yield world.until("2025-03")
        if world.path % 2:
            world.change("tiktok", "odd", usage=0)

    loss = sim.run(DATA, paths=200, engine="model", processes=[on_odd_paths], workers=2, sampling="plain").loss
    assert loss.tolist() == pytest.approx([0, 200] * 100)
    assert sim.trace(DATA, path=151, processes=[on_odd_paths], sampling="plain").attrs["loss"] == pytest.approx(200)


def test_a_change_may_take_its_time() -> None:
    def fade(world: World) -> Steps:
        yield world.until("2025-10")
        world.change("tiktok", "fade", usage=0, over=4)

    # A quarter, a half, three quarters of 20 in the last three months.
    assert _loss(fade) == pytest.approx(5 + 10 + 15)


def test_a_change_of_the_same_name_is_replaced() -> None:
    def twice(world: World) -> Steps:
        yield world.until("2025-11")
        world.change("tiktok", "switch", usage=0.5)
        yield world.wait(1)
        world.change("tiktok", "switch", price=0.9)

    assert _loss(twice) == pytest.approx(10 + 2)


def test_at_once_from_the_first_month() -> None:
    def always(world: World) -> Steps:
        world.change("others", "always", price=0.5)
        yield world.wait(0)

    assert _loss(always) == pytest.approx(12 * 30)


@pytest.mark.parametrize(("voids", "loss"), [(False, 2 * 2.0), (True, 2 * 10.0)])
def test_a_commitment_holds_unless_the_change_voids_it(voids: bool, loss: float) -> None:
    """Of 20 a month 18 are committed: half the usage costs the vendor 2 a month, or 10 where the floor is void."""
    data = copy.deepcopy(DATA)
    data["customers"]["tiktok"]["contract"] = {"term": 12, "renews": "2025-01", "commitment": 0.9}

    def cut(world: World) -> Steps:
        yield world.until("2025-03")
        world.change("tiktok", "cut", usage=0.5, voids_commitment=voids)
        yield world.wait(2)
        world.restore("tiktok", "cut")

    assert _loss(cut, data=data) == pytest.approx(loss)


def test_what_a_process_frees_is_sold_to_those_who_wait() -> None:
    data = copy.deepcopy(DATA)
    data["vendor"]["capacity"] = {"initial": 70, "growth": 0}
    # Of 80 only 70 are served; at half of TikTok's 20 all of the 70 that are left are.
    assert _loss(outage, data=data) == pytest.approx(0, abs=1e-9)


def test_the_ledger_tells_what_a_process_did() -> None:
    def diary(world: World) -> Steps:
        yield world.until(5)
        world.note("visit", "tiktok", "complains", "prices", money=1.5)

    story = sim.trace(DATA, processes=[outage, diary])
    told = story[~story.kind.isin(["bill", "month"])][["month", "kind", "who", "what", "why"]]
    assert told.to_numpy().tolist() == [
        ["2025-03", "effect", "tiktok", "outage takes effect", "usage to 50%"],
        ["2025-05", "ending", "tiktok", "outage is over", "restored"],
        ["2025-06", "visit", "tiktok", "complains", "prices"],
    ]
    assert story[story.kind == "visit"].money.tolist() == [1.5]


def test_a_process_sees_the_world() -> None:
    seen: list[Any] = []

    def look(world: World) -> Steps:
        yield world.until(3, Phase.BILL)
        yield world.wait(0, Phase.BILL)
        seen.append((world.month, world.customers["tiktok"].volume, world.twins["tiktok"].volume, world.revenue[-1]))

    sim.trace(DATA, processes=[outage, look])
    assert seen == [(3, 10.0, 20.0, 70.0)]


# Refusals


def test_the_kernel_refuses_processes() -> None:
    with pytest.raises(UsageError, match='engine="model"'):
        sim.run(DATA, paths=2, processes=[outage])


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda world: world.until("2024-12"), "month 2024-12 is over: it is 2025-02"),
        (lambda world: world.until(0), "month 0 is over"),
        (lambda world: world.until("2025-13"), "'2025-13', allowed is a month as YYYY-MM"),
        (lambda world: world.cause("leaves", "a typo"), "event: found 'leaves', there are leave"),
        (lambda world: world.change("tictoc", "x", usage=0), "customer: found 'tictoc', there are tiktok, others"),
        (lambda world: world.change("tiktok", "leave", usage=0), "'leave', which is an event's id"),
        (lambda world: world.restore("tiktok", "outage"), "no change of tiktok that is in effect"),
        (lambda world: world.restore("tictoc", "outage"), "customer: found 'tictoc'"),
    ],
)
def test_mistakes_are_refused(mistake: Any, message: str) -> None:
    def wrong(world: World) -> Steps:
        yield world.wait(1)
        mistake(world)

    with pytest.raises(UsageError, match=message):
        sim.trace(DATA, processes=[wrong])


def test_an_event_is_not_restored_as_a_change() -> None:
    data = copy.deepcopy(DATA)
    data["events"]["leave"]["probability"] = 1

    def wrong(world: World) -> Steps:
        yield world.until("2025-08")
        assert "leave" in world.customers["tiktok"].usage
        world.restore("tiktok", "leave")

    with pytest.raises(UsageError, match="no change of tiktok"):
        sim.trace(data, processes=[wrong])


def test_a_process_is_told_its_path() -> None:
    seen: list[int] = []

    def look(world: World) -> Any:
        seen.append(world.path)
        yield world.wait(0)

    sim.run(DATA, paths=70, engine="model", workers=1, processes=[look], sampling="plain")
    assert sorted(seen) == list(range(70))


def test_a_change_leaves_the_commitment_alone_unless_told() -> None:
    def cut(world: World) -> Any:
        yield world.until("2025-05")
        world.change("tiktok", "cut", usage=0.4)

    data = {**copy.deepcopy(DATA), "months": 8}
    data["customers"]["tiktok"]["contract"] = {"term": 3, "renews": "2025-01", "notice": 1, "commitment": 0.5}
    # Committed are 10 until the renewal in month 6, 0.5 · 8 from then on: 10 lost in months 4 and 5, 12 in 6 and 7.
    assert sim.trace(data, processes=[cut]).attrs["loss"] == pytest.approx(2 * 10 + 2 * 12)
