"""The ledger of one path, line by line, and the names of the rules that acted on it, by hand."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.chance.draws import Draws
from sim.chance.path import Fate
from sim.engines.model import World
from sim.language import load


def _one(**customer: Any) -> dict[str, Any]:
    return {
        "scenario": 1,
        "name": "one",
        "start": "2025-01",
        "months": customer.pop("months", 14),
        "money": "USD",
        "vendor": {"name": "vendor"},
        "customers": {"alpha": {"revenue": 20, "growth": 0.1, **customer}},
    }


def _contract(**parts: Any) -> dict[str, Any]:
    """Of alpha's 20 a month a half is committed in months 0, 3 and 6; it may leave with a month's notice."""
    data = _one(months=8, growth=0, contract={"term": 3, "renews": "2025-01", "notice": 1, "commitment": 0.5})
    data["customers"]["others"] = {"revenue": 60, "growth": 0, "pool": True}
    return {**data, **parts}


def _told(data: dict[str, Any], *hidden: str) -> list[list[str]]:
    story = sim.trace(data)
    shown = story[~story.kind.isin(["month", *hidden])]
    return shown[["month", "kind", "who", "what", "why"]].to_numpy().tolist()


def _acted(data: dict[str, Any]) -> set[str]:
    scenario = load(data)
    return World(scenario, Fate(Draws(scenario, 1, 0, 1), 0)).play().acted


LEAVE = {"hits": "alpha", "choice": True, "timing": {"month": "2025-02"}, "usage": {"to": 0.4}}
OFFER = {"against": "leave", "discount": 0.1, "months": 2}
COMMITS = ["renewal", "alpha", "commits to 10.0 a month", "50% of a volume of 20.0"]


def test_ledger_of_an_offer_declined() -> None:
    """Arises in month 1, holds from month 2 to 4; then 8 + 60 is below the capacity of 70, else 80 is above it."""
    data = _contract(
        vendor={"name": "vendor", "capacity": {"initial": 70, "growth": 0}},
        events={
            "leave": {
                **LEAVE,
                "lasts": {"fixed": 3},
                "triggers": {"follow": {"probability": 1, "after": {"fixed": 2}}},
            },
            "follow": {
                "hits": "others",
                "probability": 0,
                "timing": {"month": "2025-01"},
                "price": {"to": 0.9, "over": 2},
            },
        },
        levers={"offer": {**OFFER, "acceptance": 0}},
    )
    scarce = ["capacity", "vendor", "serves 87.5% of the volume", "capacity is scarce"]
    terms = "10% off for 2 months, as leave would arise by itself"
    assert _told(data, "bill") == [
        ["2025-01", *COMMITS],
        ["2025-01", *scarce],
        ["2025-02", "offer", "alpha", "offer is declined", terms],
        ["2025-02", "event", "leave", "arises", "by itself; takes effect after 1 month's notice"],
        ["2025-02", *scarce],
        ["2025-03", "effect", "alpha", "leave takes effect", "usage to 40%"],
        ["2025-04", "event", "follow", "arises", "set off by leave"],
        ["2025-04", "effect", "others", "follow takes effect", "price to 90% over 2 months"],
        ["2025-04", "renewal", "alpha", "renews without commitment", "leave has arisen"],
        ["2025-06", "ending", "alpha", "leave is over", "it lasted 3 months"],
        ["2025-06", *scarce],
        ["2025-07", *COMMITS],
        ["2025-07", *scarce],
        ["2025-08", *scarce],
    ]
    story = sim.trace(data)
    bills = story[(story.kind == "bill") & (story.who == "alpha")]
    assert bills.what.unique().tolist() == ["is billed"]
    # 0.875 · 20; in month 2 a volume of 8 under the floor of 10, which the renewal of month 3 takes away.
    assert bills.money.tolist() == pytest.approx([17.5, 17.5, 10, 8, 8, 17.5, 17.5, 17.5])
    assert bills.why.tolist() == [
        *["17.5 used"] * 2,
        "8.0 used and 2.0 of the commitment unused",
        *["8.0 used"] * 2,
        *["17.5 used"] * 3,
    ]
    others = story[(story.kind == "bill") & (story.who == "others")]
    # Half the way in month 3, then 0.9.
    assert others.why.tolist()[2:6] == [
        "60.0 used",
        "60.0 used at 95% of the list price",
        "60.0 used at 90% of the list price",
        "52.5 used at 90% of the list price",
    ]
    assert _acted(data) == {"capacity", "trigger", "refused renewal", "floor", "ending"}


def test_ledger_of_an_offer_accepted() -> None:
    """Offered in month 1, arises in month 3, takes effect in month 4; the floor of 10 ends in month 3."""
    blip = {"hits": "others", "timing": {"month": "2025-06"}, "usage": {"to": 0.5}, "lasts": {"fixed": 0}}
    data = _contract(events={"leave": LEAVE, "blip": blip}, levers={"offer": {**OFFER, "acceptance": 1}})
    terms = "10% off for 2 months, as leave would arise by itself"
    assert _told(data, "bill") == [
        ["2025-01", *COMMITS],
        ["2025-02", "offer", "alpha", "offer is accepted", terms],
        ["2025-04", "event", "leave", "arises", "once offer has run out; takes effect after 1 month's notice"],
        ["2025-04", "renewal", "alpha", "renews without commitment", "leave has arisen"],
        ["2025-05", "effect", "alpha", "leave takes effect", "usage to 40%"],
        ["2025-06", "event", "blip", "arises", "by itself"],
        ["2025-06", "effect", "others", "blip takes effect", "usage to 50%"],
        # What has an effect has it for a month at least.
        ["2025-07", "ending", "others", "blip is over", "it lasted 1 month"],
        ["2025-07", "renewal", "alpha", "renews without commitment", "leave has arisen"],
    ]
    assert _acted(data) == {"offer", "refused renewal", "ending"}


def test_ledger_of_a_voided_floor() -> None:
    """A ban in months 1 and 2, and from month 2 on another event: their effects on usage overlap in month 2."""
    data = _contract(
        events={
            "ban": {
                "hits": "alpha",
                "timing": {"month": "2025-02"},
                "usage": {"to": 0, "over": 4},
                "lasts": {"fixed": 2},
            },
            "boom": {
                "hits": "alpha",
                "timing": {"month": "2025-02"},
                "notice": {"table": {1: 1}},
                "usage": {"to": {"table": {1.5: 1}}, "over": 3, "shape": "step"},
                "lasts": {"table": {1.5: 1}},
            },
            "rumour": {"hits": "others", "timing": {"month": "2025-08"}, "triggers": {"boom": {"probability": 0}}},
        }
    )
    assert _told(data, "bill") == [
        ["2025-01", *COMMITS],
        ["2025-02", "event", "ban", "arises", "by itself"],
        ["2025-02", "event", "boom", "arises", "by itself; takes effect after 1 month's notice"],
        ["2025-02", "effect", "alpha", "ban takes effect", "usage to 0% over 4 months, its commitment is void"],
        ["2025-03", "effect", "alpha", "boom takes effect", "usage to 150%"],
        ["2025-04", "ending", "alpha", "ban is over, its floor stands again", "it lasted 2 months"],
        # 0.5 · 1.5 · 20.
        ["2025-04", "renewal", "alpha", "commits to 15.0 a month", "50% of a volume of 30.0"],
        ["2025-05", "ending", "alpha", "boom is over", "it lasted 2 months"],
        ["2025-07", *COMMITS],
        ["2025-08", "event", "rumour", "arises", "by itself"],
        ["2025-08", "effect", "others", "rumour takes effect", "it only sets off others"],
    ]
    assert _acted(data) == {"ending", "voided floor", "overlap", "notice law", "severity law"}


@pytest.mark.parametrize(("second", "acted"), [("alpha", {"overlap"}), ("others", set())])
def test_price_cuts_overlap_on_one_customer_only(second: str, acted: set[str]) -> None:
    cut = {"timing": {"month": "2025-03"}, "price": {"to": 0.9}}
    data = _contract(events={"first": {**cut, "hits": "alpha"}, "second": {**cut, "hits": second}})
    assert _acted(data) == acted


@pytest.mark.parametrize(("voids", "effect"), [(False, "usage to 0%"), (True, "usage to 0%, its commitment is void")])
def test_ledger_of_a_small_floor(voids: bool, effect: str) -> None:
    """Half of a revenue of 1 is committed, less than a unit of money."""
    leave = {"hits": "alpha", "timing": {"month": "2025-02"}, "usage": {"to": 0}, "voids_commitment": voids}
    contract = {"term": 12, "renews": "2025-01", "commitment": 0.5}
    data = {**_one(months=3, growth=0, revenue=1, contract=contract), "events": {"leave": leave}}
    told = _told(data)
    assert [effect] == [why for _, kind, _, _, why in told if kind == "effect"]
    bill = "0.0 used" if voids else "0.0 used and 0.5 of the commitment unused"
    assert [why for _, kind, _, _, why in told if kind == "bill"] == ["1.0 used", bill, bill]


def test_a_contract_without_commitment_has_no_renewals_to_tell() -> None:
    data = _one(months=8, growth=0, contract={"term": 3, "renews": "2025-01", "notice": 1, "commitment": 0})
    data["events"] = {"leave": {"hits": "alpha", "timing": {"month": "2025-02"}, "usage": {"to": 0.4}}}
    assert [line[1] for line in _told(data, "bill")] == ["event", "effect"]
    assert _acted(data) == set()


def test_no_floor_acts_on_a_customer_without_contract_who_is_gone() -> None:
    leave = {"hits": "alpha", "timing": {"month": "2025-02"}, "usage": {"to": 0}}
    assert _acted({**_one(months=4, growth=0), "events": {"leave": leave}}) == set()
