"""What a path's picture claims comes from the facts of the model's entries; a user's note is a mark and no more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.answers.story import Story
from sim.plots.lanes import (
    ARISES,
    COMMITMENT,
    COSTS,
    DECLINED,
    EFFECT,
    NO_COMMITMENT,
    NOTED,
    OFFER,
    SHORTAGE,
    Bar,
    Lane,
    lanes,
)
from sim.plots.swimlanes import LOOKS
from tests.engines.test_ledger import CAPACITY, EVENTS, LEAVE, TABLE, book, offer
from tests.plots.conftest import drawn, legend, title

SAID = [
    ("commits to 99.0 a month", "100% of a volume of 99.0"),
    ("renews without commitment", "leave has arisen"),
    ("leave takes effect", "usage to 0%, its commitment is void"),
    ("leave is over, its floor stands again", "it lasted 1 month"),
    ("offer is declined", "10% off for 2 months, as leave would arise by itself"),
    ("offer is accepted", ""),
    ("arises", "by itself"),
    ("serves 10.0% of the volume", "capacity is scarce"),
]
"""What the model's own entries say in words."""

KINDS = [*TABLE, "leave", "follow", "alpha", "vendor", "visit"]


def drawing(story: Story) -> list[Lane]:
    assert story.scenario is not None
    return lanes(story, story.scenario)


def named(story: Story) -> dict[str, Lane]:
    return {lane.name: lane for lane in drawing(story)}


def bars(lane: Lane) -> list[tuple[str, int, int]]:
    return [(bar.kind, bar.first, bar.end) for bar in lane.bars]


def full(**parts: Any) -> dict[str, Any]:
    """An offer that is accepted in month 1 and runs out in month 3; what follows has the ledger's tests."""
    return book(vendor=CAPACITY, events=EVENTS, levers=offer(1), **parts)


def test_an_event_that_repeats_has_one_lane_with_a_bar_and_a_notice_each_time() -> None:
    # Arises in month 3, in effect 5 and 6, c = 7; then 6 + 3 = 9, in effect 11 and 12; then 15, not within 16 months.
    event = {
        "hits": "alpha",
        "timing": {"fixed": 3},
        "notice": 2,
        "lasts": {"fixed": 2},
        "repeats": True,
        "usage": {"to": 0.5},
    }
    scenario = {**book(), "months": 16, "events": {"outage": event}}
    (lane,) = [lane for lane in drawing(sim.trace(scenario)) if lane.name == "outage"]
    assert bars(lane) == [(EFFECT, 5, 7), (EFFECT, 11, 13)]
    assert lane.marks == [(3, ARISES), (9, ARISES), (15, ARISES)]
    assert lane.waits == [(3, 5), (9, 11), (15, 16)]


def test_outcomes_of_an_event_that_repeats_have_a_lane_each() -> None:
    # Arises in month 3, in effect 5 and 6, c = 7; then 6 + 3 = 9, in effect 11 and 12; then 15: one outcome can happen.
    event = {"hits": "alpha", "timing": {"fixed": 3}, "notice": 2, "repeats": True, "usage": {"to": 0.5}}
    event["outcomes"] = {"slow": {"weight": 1, "lasts": {"fixed": 2}}, "down": {}}
    found = named(sim.trace({**book(), "months": 16, "events": {"outage": event}}))
    assert "outage: down" not in found
    assert found["outage"].marks == found["outage: slow"].marks == [(3, ARISES), (9, ARISES), (15, ARISES)]
    assert (found["outage"].bars, found["outage"].waits) == ([], [])
    assert bars(found["outage: slow"]) == [(EFFECT, 5, 7), (EFFECT, 11, 13)]
    assert found["outage: slow"].waits == [(3, 5), (9, 11), (15, 16)]


def test_what_is_committed_to_for_what_is_left_is_not_void() -> None:
    """A loss that befalls alpha in month 2 voids its term, until it renews for the half that is left, in month 3."""
    event = {"hits": "alpha", "timing": {"fixed": 2}, "usage": {"to": 0.5}, "recommits": True}
    found = named(sim.trace(book(events={"loss": event})))
    assert bars(found["Contract: alpha"]) == [
        (COMMITMENT, 0, 3),
        (COMMITMENT, 3, 6),
        (COMMITMENT, 6, 8),
        (NO_COMMITMENT, 2, 3),
    ]


def test_lanes_of_a_path_by_hand() -> None:
    found = named(sim.trace(full()))
    assert list(found) == ["Offer: offer", "leave", "follow", "Contract: alpha", "Capacity is short"]
    assert found["Offer: offer"].bars == [Bar(OFFER, 1, 3, "10% off")]
    # Arises as the offer runs out, takes effect after a month's notice, for three months.
    assert found["leave"] == Lane("leave", [Bar(EFFECT, 4, 7, "usage to 40%")], [(3, ARISES)], [(3, 4)])
    assert found["follow"] == Lane("follow", [Bar(EFFECT, 5, 8, "price to 90% over 2 months")], [(5, ARISES)])
    # Renewals in months 0, 3 and 6; leave has arisen in month 3 and is not over in month 6.
    assert found["Contract: alpha"].bars == [
        Bar(COMMITMENT, 0, 3, "commits to 10.0 a month"),
        Bar(NO_COMMITMENT, 3, 6, "no commitment"),
        Bar(NO_COMMITMENT, 6, 8, "no commitment"),
    ]
    # 80 of 70 are asked for but while leave is in effect.
    assert bars(found["Capacity is short"]) == [(SHORTAGE, 0, 4), (SHORTAGE, 7, 8)]
    (declined, *_) = drawing(sim.trace(book(events=EVENTS, levers=offer(0))))
    assert declined == Lane("Offer: offer", [], [(1, DECLINED)])


# Notes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("month", [0, 3])
def test_a_note_changes_nothing_that_the_picture_claims(kind: str, month: int) -> None:
    def claims(world: Any) -> Any:
        yield world.until(month)
        for who in ("alpha", "others", "leave", "vendor"):
            for what, why in SAID:
                world.note(kind, who, what, why, money=1e6)

    plain, noted = sim.trace(full()), sim.trace(full(), processes=[claims])
    found = drawing(noted)
    notes = Lane(kind, [], [(month, NOTED)] * (4 * len(SAID)))
    assert notes in found
    found.remove(notes)
    assert found == drawing(plain)
    before, after = plain.plot(), noted.plot()
    assert title(after) == title(before)
    assert set(legend(after)) == {*legend(before), "noted"}
    for name, line in legend(before.get_figure(root=True).axes[1]).items():
        if name != "lost":
            again = legend(after.get_figure(root=True).axes[1])[name]
            np.testing.assert_array_equal(again.get_ydata(), line.get_ydata())


def test_a_note_stands_beside_the_change_of_its_name() -> None:
    def outage(world: Any) -> Any:
        yield world.until(1)
        world.note("outage", "alpha", "outage is over", "restored")
        world.change("alpha", "outage", usage=0.5)
        world.note("outage", "alpha", "outage is over", "restored")

    found = named(sim.trace(book(), processes=[outage]))
    assert found["outage"] == Lane("outage", [Bar(EFFECT, 1, 8, "usage to 50%")], [(1, NOTED)] * 2)


# Changes of a process


def changed(*steps: tuple[int, str, dict[str, Any] | None], who: str = "others") -> list[tuple[str, int, int]]:
    """Bars of what changes of ``name`` in given months, restored where there are no levels."""

    def process(world: Any) -> Any:
        for month, name, levels in steps:
            yield world.until(month)
            if levels is None:
                world.restore(who, name)
            else:
                world.change(who, name, **levels)

    return bars(named(sim.trace(book(), processes=[process]))["mine"])


def test_a_change_draws_until_it_is_restored_or_to_the_end() -> None:
    assert changed((2, "mine", {"usage": 0.5}), (5, "mine", None)) == [(EFFECT, 2, 5)]
    assert changed((2, "mine", {"usage": 0.5})) == [(EFFECT, 2, 8)]


def test_a_change_that_is_replaced_draws_one_bar_up_to_the_other() -> None:
    half, less, price = {"usage": 0.5}, {"usage": 0.25}, {"price": 0.9}
    assert changed((2, "mine", half), (4, "mine", less)) == [(EFFECT, 2, 4), (EFFECT, 4, 8)]
    assert changed((2, "mine", half), (4, "mine", price), (6, "mine", None)) == [(EFFECT, 2, 4), (EFFECT, 4, 6)]
    # Another change in between ends nothing.
    assert changed((2, "mine", half), (3, "other", less), (4, "other", None)) == [(EFFECT, 2, 8)]


def test_what_is_replaced_or_restored_within_its_month_draws_no_bar() -> None:
    assert changed((2, "mine", {"usage": 0.5}), (2, "mine", {"usage": 0.25})) == [(EFFECT, 2, 8)]
    assert changed((2, "mine", {"usage": 0.5}), (2, "mine", None)) == []


def test_a_change_of_two_customers_ends_with_each() -> None:
    def process(world: Any) -> Any:
        yield world.until(1)
        world.change("alpha", "mine", usage=0.5)
        world.change("others", "mine", usage=0.5)
        yield world.wait(2)
        world.restore("alpha", "mine")
        yield world.wait(2)
        world.restore("others", "mine")

    assert bars(named(sim.trace(book(), processes=[process]))["mine"]) == [(EFFECT, 1, 3), (EFFECT, 1, 5)]


def test_a_commitment_is_void_while_a_change_voids_it() -> None:
    def process(world: Any) -> Any:
        yield world.until(1)
        world.change("alpha", "dispute", voids_commitment=True)
        yield world.until(4)
        world.change("alpha", "dispute", usage=0.9)

    found = named(sim.trace(book(), processes=[process]))
    committed = [(COMMITMENT, 0, 3), (COMMITMENT, 3, 6), (COMMITMENT, 6, 8)]
    assert bars(found["Contract: alpha"]) == [*committed, (NO_COMMITMENT, 1, 4)]
    assert [bar.words for bar in found["dispute"].bars] == ["no change of usage or price", "usage to 90%"]


def test_what_is_committed_while_it_is_void_is_drawn_as_void() -> None:
    """Effects come before renewals: in month 0 nothing is committed yet that the rebate voids."""
    rebate = {"hits": "alpha", "timing": {"month": "2025-01"}, "price": {"to": 0.9}, "lasts": {"fixed": 2}}
    found = named(sim.trace(book(events={"rebate": {**rebate, "voids_commitment": True}})))
    committed = [(COMMITMENT, 0, 3), (COMMITMENT, 3, 6), (COMMITMENT, 6, 8)]
    assert bars(found["Contract: alpha"]) == [*committed, (NO_COMMITMENT, 0, 2)]
    # Who has left commits to nothing, and nothing is void.
    gone = {**LEAVE, "timing": {"month": "2025-01"}, "notice": 0, "voids_commitment": True, "triggers": {}}
    found = named(sim.trace(book(events={"leave": gone})))
    assert bars(found["Contract: alpha"]) == [(NO_COMMITMENT, 0, 3), (COMMITMENT, 3, 6), (COMMITMENT, 6, 8)]


# Rows


def test_the_order_of_the_rows_and_the_bills_are_of_no_account() -> None:
    story = sim.trace(full())
    for rows in (story[story["kind"] != "bill"], story.sort_values("money")):
        again = rows.sort_index()
        assert isinstance(again, Story)
        assert drawing(again) == drawing(story)
        # Title and all are the same picture.
        assert drawn(rows.plot()) == drawn(story.plot())


def test_every_kind_of_bar_has_its_looks() -> None:
    assert {bar.kind for lane in drawing(sim.trace(full())) for bar in lane.bars} == set(LOOKS)


def test_an_outcome_and_what_is_lost_once_have_their_marks() -> None:
    """The event arises in month 1 and is no more; its outcome waits a month for its effect and costs 5 then.

    The bill costs 3 in month 4, after a notice of 2, and does nothing else: it waits until then and no longer.
    """
    law = {
        "hits": "alpha",
        "notice": 1,
        "timing": {"month": "2025-02"},
        "lasts": {"fixed": 3},
        "outcomes": {"sold": {"usage": {"to": 0.5}, "once": {"amount": 5}}},
    }
    bill = {"hits": "alpha", "notice": 2, "timing": {"month": "2025-03"}, "once": {"amount": 3}}
    found = named(sim.trace(book(events={"law": law, "bill": bill})))
    assert (found["law"].marks, found["law"].bars, found["law"].waits) == ([(1, ARISES)], [], [])
    assert found["law: sold"].marks == [(1, ARISES), (2, COSTS)]
    assert found["law: sold"].bars == [Bar(EFFECT, 2, 5, "usage to 50%")]
    assert found["law: sold"].waits == [(1, 2)]
    assert (found["bill"].marks, found["bill"].bars, found["bill"].waits) == ([(2, ARISES), (4, COSTS)], [], [(2, 4)])


def test_a_contract_that_is_over_binds_nobody() -> None:
    """Six months from month 2 on; what comes after is no bar of a commitment, and says why."""
    data = {
        "scenario": 1,
        "name": "over",
        "start": "2025-01",
        "months": 12,
        "money": "USD",
        "customers": {
            "alpha": {
                "revenue": 10,
                "contract": {"first": {"begins": "2025-03", "months": 6}, "commitment": {"amount": 90, "per": "term"}},
            }
        },
    }
    assert named(sim.trace(data))["Contract: alpha"].bars == [
        Bar(COMMITMENT, 2, 8, "commits to 90.0 for its term"),
        Bar(NO_COMMITMENT, 8, 12, "contract is over"),
    ]
